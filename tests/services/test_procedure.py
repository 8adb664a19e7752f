"""The steps before a harmful letter: each asks for its own evidence, and no decision passes over an open one."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from screening.clock import day_of
from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.letters import LetterKind
from screening.domain.numbering import Series
from screening.domain.people import Role
from screening.domain.procedure import StepId, StepState
from screening.domain.review import CaseState, LetterState
from screening.services import dispositions, letters, notices, procedure
from screening.store import cases, numbers
from screening.store.tables import DecisionRow, LetterRow, ProcedureStepRow
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE, once
from tests.services.sheets import row

STATED = {
    "outcome": "received", "received_on": TODAY.isoformat(), "by_whom": "张三", "content": "产量数据有误。",
    "became": "refused", "answer": "经复核，产量以年报为准。", "not_heavier": "yes",
}  # fmt: skip
OFFICERS = {
    "inspected_on": TODAY.isoformat(), "officer1": "甲", "number1": "蒙1", "officer2": "乙", "number2": "蒙2", "record": "笔录1号",
}  # fmt: skip
LICENCE = {"checked_on": TODAY.isoformat(), "credit_code": "91150200MA0N3Q1X2Y"}
LEGAL = {"opinion": "agree", "reviewed_on": TODAY.isoformat(), "text": "程序合法，适用依据正确。"}


@pytest.fixture
@once
def project(desks):
    """A retrofit recommended on official rules; nothing else is on file."""
    desks.take_in([row(1)])
    found = desks.find("第1")
    desks.recommend(found)
    desks.make_official(found)
    return found


def later(days: int) -> datetime:
    return NOW + timedelta(days=days)


def take(desks, project, step: StepId, by=None, at=NOW, **facts):
    state = StepState.NOT_REQUIRED if set(facts) <= {"reason", "clause"} and facts else StepState.DONE
    by = by or (desks.legal if step is StepId.LEGAL_REVIEW else desks.regional)
    return procedure.take(desks.ledger, project, step, facts=facts, state=state, key=uuid4().hex, by=by, at=at)


def notify(desks, project, at=NOW, kinds=("ADVANCE_NOTICE",)) -> list:
    """Signs, prints and serves the notices."""
    signed = notices.sign(desks.ledger, project, seen=desks.version(project), by=desks.signatory, at=at)
    for letter in signed:
        if letter.kind in kinds:
            serve(desks, letter.id, at)
    return list(signed)


def serve(desks, letter, at=NOW):
    letters.print_(desks.ledger, letter, by=desks.office, at=at)
    seen = letters.show(desks.ledger, letter, by=desks.office, today=day_of(at)).line.version
    return letters.serve(
        desks.ledger,
        letter,
        served_on=day_of(at),
        method="直接送达",
        receiver="李四",
        seen=seen,
        by=desks.office,
        at=at,
    )


def listed(desks, project, by=None, at=NOW):
    found = procedure.checklist(desks.ledger, project, by=by or desks.regional, today=day_of(at))
    assert found is not None
    return found


def standing(desks, project, step: StepId, at=NOW):
    return next(line for line in listed(desks, project, at=at).lines if line.step is step)


# --- what each step asks for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "facts", "field"),
    [
        pytest.param(StepId.COMPETENCE, {"organ": "包头市发展和改革委员会"}, "basis", id="competence without its basis"),
        pytest.param(StepId.OFFICERS, {**OFFICERS, "officer2": "甲"}, "officer2", id="one officer twice"),
        pytest.param(StepId.OFFICERS, {**OFFICERS, "number2": "蒙1"}, "number2", id="one certificate twice"),
        pytest.param(
            StepId.OFFICERS, {**OFFICERS, "inspected_on": "2026-11-24"}, "inspected_on", id="an inspection tomorrow"
        ),
        pytest.param(StepId.OFFICERS, {**OFFICERS, "inspected_on": "昨天"}, "inspected_on", id="a day that is none"),
        pytest.param(StepId.EVIDENCE, {}, "unit_0", id="no evidence for a unit's figure"),
        pytest.param(StepId.LEGAL_REVIEW, {**LEGAL, "text": ""}, "text", id="an opinion without words"),
        pytest.param(StepId.LEGAL_REVIEW, {**LEGAL, "opinion": "perhaps"}, "opinion", id="an unknown opinion"),
        pytest.param(
            StepId.DISCUSSION, {"held_on": "2026-11-23", "participants": "甲", "conclusion": "同意"}, "participants",
            id="one person's discussion",
        ),
        pytest.param(StepId.ADDRESSEE, {**LICENCE, "name": "别的公司"}, "difference", id="another name on the licence"),
        pytest.param(StepId.ADDRESSEE, {**LICENCE, "name": "x", "credit_code": "123"}, "credit_code", id="no such code"),
        pytest.param(StepId.ADVANCE_NOTICE, {"number": "某号"}, None, id="a notice typed by hand"),
        pytest.param(StepId.STATEMENT, STATED, None, id="a statement before the notice"),
        pytest.param(StepId.BASIS, {"reason": "有"}, None, id="what the program judges"),
        pytest.param(StepId.OFFICERS, {"reason": " "}, "reason", id="not required without a reason"),
        pytest.param(StepId.ADVANCE_NOTICE, {"reason": "不必"}, "clause", id="no notice without a law that spares it"),
        pytest.param(StepId.LEGAL_REVIEW, {"reason": "不必"}, "clause", id="no legal review without such a law"),
    ],
)  # fmt: skip
def test_a_step_without_its_evidence_is_refused(sqlite_desks, step: StepId, facts, field) -> None:
    desks = sqlite_desks
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    before = len(listed(desks, project).lines)
    with pytest.raises(Refusal) as refused:
        take(desks, project, step, **facts)
    assert refused.value.field == field, refused.value.message
    assert listed(desks, project).done <= before - 9


def test_the_licence_agrees_or_the_difference_is_told(desks, project) -> None:
    enterprise = desks.view(project).project.enterprise
    with pytest.raises(Refusal, match="与台账不一致：统一社会信用代码（台账：未填）"):
        take(desks, project, StepId.ADDRESSEE, **LICENCE, name=enterprise)
    take(desks, project, StepId.ADDRESSEE, **LICENCE, name=enterprise, difference="台账未填，已告登记员补填。")
    assert standing(desks, project, StepId.ADDRESSEE).passed


def test_evidence_is_named_for_every_fact_and_attachments_are_the_projects_own(desks, project) -> None:
    with pytest.raises(Refusal, match="不在本项目的有效附件中"):
        take(desks, project, StepId.EVIDENCE, unit_0="年报", files_unit_0=str(uuid4()))
    take(desks, project, StepId.EVIDENCE, unit_0="2025年度能源利用状况报告第3页")
    record = standing(desks, project, StepId.EVIDENCE).record
    assert record is not None
    assert record.facts[0][1] == "2025年度能源利用状况报告第3页"
    assert "951.2" in record.facts[0][0]


def test_nobody_takes_what_is_his_own_or_anothers_to_take(desks, project) -> None:
    with pytest.raises(Forbidden, match="不能办理“法制审核”"):
        take(desks, project, StepId.LEGAL_REVIEW, by=desks.regional, **LEGAL)
    for other in (desks.registrar, desks.signatory, desks.office, desks.auditor, desks.legal):
        with pytest.raises(Forbidden):
            take(desks, project, StepId.OFFICERS, by=other, **OFFICERS)
    column = '"by"'
    key = str(desks.legal.id) if desks.ledger.engine.dialect.name == "postgresql" else desks.legal.id.hex
    with desks.ledger.writer() as session:
        session.execute(sa.text(f"UPDATE recommendation SET {column} = :key"), {"key": key})  # his role changed since
    with pytest.raises(Forbidden, match="参与了本案"):
        take(desks, project, StepId.LEGAL_REVIEW, **LEGAL)
    with desks.ledger.reader() as session:
        matter = cases.recommendation(session, project).matter
    raw = ProcedureStepRow(
        key="raw", project_id=project, matter=matter, step=StepId.LEGAL_REVIEW, state=StepState.DONE,
        happened_on=TODAY, facts='{"opinion":"agree"}', by=desks.legal.id, role=Role.LEGAL, at=NOW,
    )  # fmt: skip
    with pytest.raises(Refusal, match="没有参与本案"), desks.ledger.writer() as session:
        session.add(raw)


def test_an_opinion_against_it_keeps_the_case_from_being_signed(desks, project) -> None:
    desks.take_steps(project, without=(StepId.LEGAL_REVIEW,))
    record = take(desks, project, StepId.LEGAL_REVIEW, **{**LEGAL, "opinion": "disagree"})
    line = standing(desks, project, StepId.LEGAL_REVIEW)
    assert (line.record.state, line.passed) == (StepState.REFUSED, False)
    with pytest.raises(Refusal, match="签发前的程序尚未办理：法制审核"):
        dispositions.sign(desks.ledger, project, seen=desks.version(project), key="k", by=desks.signatory, at=NOW)
    assert [case.refused for case in procedure.to_review_legally(desks.ledger, by=desks.legal)] == [True]
    with pytest.raises(Forbidden):
        procedure.void(desks.ledger, project, record, reason="已改正", by=desks.regional, at=NOW)
    procedure.void(desks.ledger, project, record, reason="已改正，重新审核。", by=desks.legal, at=NOW)
    take(desks, project, StepId.LEGAL_REVIEW, **LEGAL)
    assert procedure.to_review_legally(desks.ledger, by=desks.legal) == ()
    assert (
        dispositions.sign(
            desks.ledger, project, seen=desks.version(project), key="k", by=desks.signatory, at=NOW
        ).letter.state
        is LetterState.SIGNED
    )


def test_a_step_taken_in_error_is_voided_with_a_reason_and_taken_again(desks, project) -> None:
    record = take(desks, project, StepId.OFFICERS, **OFFICERS)
    with pytest.raises(Conflict, match="已有办理记录"):
        take(desks, project, StepId.OFFICERS, **OFFICERS)
    with pytest.raises(Refusal, match="作废的理由"):
        procedure.void(desks.ledger, project, record, reason=" ", by=desks.regional, at=NOW)
    procedure.void(desks.ledger, project, record, reason="证件号抄错。", by=desks.regional, at=NOW)
    with pytest.raises(Refusal, match="已经作废"):
        procedure.void(desks.ledger, project, record, reason="再次", by=desks.regional, at=NOW)
    with pytest.raises(Refusal, match="不能再改动"), desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE procedure_step SET voided_at = NULL, void_reason = NULL, voided_by = NULL"))
    take(desks, project, StepId.OFFICERS, **{**OFFICERS, "number1": "蒙9"})
    line = standing(desks, project, StepId.OFFICERS)
    assert line.passed
    assert [old.void_reason for old in line.voided] == ["证件号抄错。"]
    kinds = [event.kind for event in desks.view(project).history]
    assert kinds[:3] == ["step_taken", "step_voided", "step_taken"]


def test_the_same_form_twice_is_one_step_and_two_people_at_once_take_it_once(desks, project) -> None:
    given = {"facts": OFFICERS, "key": "once", "by": desks.regional, "at": NOW}
    first = procedure.take(desks.ledger, project, StepId.OFFICERS, **given)
    assert procedure.take(desks.ledger, project, StepId.OFFICERS, **given) == first
    start, won, lost = threading.Barrier(6), [], []

    def act(number: int) -> None:
        start.wait()
        try:
            won.append(
                procedure.take(
                    desks.ledger,
                    project,
                    StepId.COMPETENCE,
                    facts={"organ": "委", "basis": "法"},
                    key=f"k{number}",
                    by=desks.regional,
                    at=NOW,
                )
            )
        except Refusal as refused:
            lost.append(refused)

    threads = [threading.Thread(target=act, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), {type(r) for r in lost}) == (1, {Conflict}), lost


# --- the notice -----------------------------------------------------------------------------------------------------


def test_a_notice_is_a_numbered_letter_and_its_service_is_the_step(desks, project) -> None:
    with pytest.raises(Forbidden):
        notices.sign(desks.ledger, project, seen=desks.version(project), by=desks.reviewer, at=NOW)
    draft = notices.draft(desks.ledger, project, LetterKind.ADVANCE_NOTICE, by=desks.reviewer, at=NOW)
    assert draft.pdf.startswith(b"%PDF")
    signed = notify(desks, project, kinds=())
    assert [letter.number for letter in signed] == ["包发改两高告〔2026〕1号"]
    assert signed[0].sha256
    assert notices.sign(desks.ledger, project, seen=desks.version(project), by=desks.signatory, at=NOW) == tuple(signed)
    with pytest.raises(Conflict, match="已由签发人signatory签发"):
        notices.sign(desks.ledger, project, seen=desks.version(project), by=desks.second_signatory, at=NOW)
    assert not standing(desks, project, StepId.ADVANCE_NOTICE).passed

    serve(desks, signed[0].id)
    line = standing(desks, project, StepId.ADVANCE_NOTICE)
    assert line.passed
    assert line.record.letter == signed[0].id
    assert line.record.happened_on == TODAY
    assert desks.view(project).line.case_state is CaseState.RECOMMENDED
    assert letters.render_again(desks.ledger, signed[0].number, by=desks.office)[1]


def test_a_notice_says_the_facts_the_basis_the_measure_and_its_term(desks, project) -> None:
    signed = notify(desks, project)
    with desks.ledger.reader() as session:
        told = json.loads(cases.letter(session, signed[0].id, by=desks.office)[0].inputs)
        found = cases.recommendation(session, project)
    assert told["kind"] == "ADVANCE_NOTICE"
    assert f"期限至{DUE.year}年{DUE.month}月{DUE.day}日" in told["instrument"]
    assert [unit["sec"] for unit in told["units"] if unit["ordered"]] == ["951.2"]
    assert told["basis"]
    assert not told["missing"]
    desks.take_steps(project)
    decided = desks.sign(project)
    with desks.ledger.reader() as session:
        letter = cases.letter(session, decided.letter.id, by=desks.office)[0]
        done = json.loads(letter.inputs)
        notice = cases.letter(session, signed[0].id, by=desks.office)[0]
    assert notice.matter == found.matter
    assert [done[name] for name in ("basis", "findings")] == [told[name] for name in ("basis", "findings")]
    assert [unit["sec"] for unit in done["units"]] == [unit["sec"] for unit in told["units"]]


def test_a_notice_rests_on_official_rules_and_is_not_signed_by_those_whose_work_it_is(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    with pytest.raises(Refusal, match="依据未核对"):
        notices.sign(desks.ledger, project, seen=desks.version(project), by=desks.signatory, at=NOW)
    desks.make_official(project)
    key = str(desks.signatory.id) if desks.ledger.engine.dialect.name == "postgresql" else desks.signatory.id.hex
    with desks.ledger.writer() as session:
        session.execute(sa.text('UPDATE recommendation SET "by" = :key'), {"key": key})
    with pytest.raises(Forbidden, match="本人"):
        notices.sign(desks.ledger, project, seen=desks.version(project), by=desks.signatory, at=NOW)


def test_two_signatories_at_once_sign_one_notice(desks, project) -> None:
    start, won, lost, seen = threading.Barrier(2), [], [], desks.version(project)

    def act(by) -> None:
        start.wait()
        try:
            won.append(notices.sign(desks.ledger, project, seen=seen, by=by, at=NOW))
        except Refusal as refused:
            lost.append(refused)

    threads = [threading.Thread(target=act, args=(by,)) for by in (desks.signatory, desks.second_signatory)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 1), lost
    with desks.ledger.reader() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(LetterRow)).scalar() == 1
        assert numbers.last(session, Series("包发改两高告", 2026)) == 1


def test_a_notice_that_was_voided_before_service_is_signed_again_under_the_next_number(desks, project) -> None:
    first = notify(desks, project, kinds=())[0]
    letters.void(desks.ledger, first.id, reason="收件人有误。", seen=first.version, by=desks.signatory, at=NOW)
    assert desks.view(project).line.case_state is CaseState.RECOMMENDED
    assert notify(desks, project)[0].number == "包发改两高告〔2026〕2号"


def test_a_notice_served_in_error_is_voided_after_what_rests_on_it_and_told_anew(desks, project) -> None:
    notify(desks, project)
    heard = take(desks, project, StepId.STATEMENT, **STATED)
    told = standing(desks, project, StepId.ADVANCE_NOTICE).record.id
    with pytest.raises(Refusal, match="请先作废"):
        procedure.void(desks.ledger, project, told, reason="送错", by=desks.regional, at=NOW)
    procedure.void(desks.ledger, project, heard, reason="送错", by=desks.regional, at=NOW)
    procedure.void(desks.ledger, project, told, reason="送错", by=desks.regional, at=NOW)
    assert notify(desks, project)[0].number == "包发改两高告〔2026〕2号"
    assert standing(desks, project, StepId.ADVANCE_NOTICE).passed


# --- statement and hearing ------------------------------------------------------------------------------------------


def test_silence_counts_only_after_the_term(desks, project) -> None:
    notify(desks, project)
    assert "2026年11月30日" in (standing(desks, project, StepId.STATEMENT).note or "")
    with pytest.raises(Refusal, match="期限到2026年11月30日届满"):
        take(desks, project, StepId.STATEMENT, at=later(7), outcome="none")
    take(desks, project, StepId.STATEMENT, at=later(8), outcome="none")


@pytest.mark.parametrize("lacking", ["by_whom", "content", "became", "answer", "not_heavier"])
def test_a_statement_is_told_and_answered(sqlite_desks, lacking: str) -> None:
    desks = sqlite_desks
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    notify(desks, project)
    with pytest.raises(Refusal) as refused:
        take(desks, project, StepId.STATEMENT, **{k: v for k, v in STATED.items() if k != lacking})
    assert refused.value.field == lacking
    with pytest.raises(Refusal, match="早于告知书的送达日期"):
        take(desks, project, StepId.STATEMENT, **{**STATED, "received_on": "2026-11-20"})


def test_a_year_without_a_calendar_asks_a_person(desks) -> None:
    at = datetime.fromisoformat("2026-12-29T02:00:00+00:00")
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    notify(desks, project, at=at)
    after = at + timedelta(days=20)
    with pytest.raises(Refusal, match="工作日历没有") as refused:
        take(desks, project, StepId.STATEMENT, at=after, outcome="none")
    assert refused.value.field == "closes_on"
    with pytest.raises(Refusal, match="依据"):
        take(desks, project, StepId.STATEMENT, at=after, outcome="none", closes_on="2027-01-06")
    take(
        desks, project, StepId.STATEMENT, at=after, outcome="none", closes_on="2027-01-06",
        closes_basis="国务院办公厅关于2027年部分节假日安排的通知",
    )  # fmt: skip


@pytest.fixture
def heard(desks, project):
    """The same where a hearing applies and the ninety days run, as the table asks for a stop of production."""
    with desks.ledger.writer() as session:
        found = cases.recommendation(session, project)
        session.add_all(cases.NeedRow(recommendation_id=found.id, step=step) for step in (StepId.HEARING, StepId.TERM))
    return project


ASKED = {
    "asked": "yes",
    "asked_on": "2026-11-25",
    "held_on": "2026-11-30",
    "chair": "丙",
    "record": "1号",
    "conclusion": "维持",
}


def test_a_hearing_is_told_by_its_own_letter_and_its_window_closes(desks, heard) -> None:
    signed = notify(desks, heard)
    assert [(letter.kind, letter.number) for letter in signed] == [
        ("ADVANCE_NOTICE", "包发改两高告〔2026〕1号"), ("HEARING", "包发改两高听〔2026〕1号"),
    ]  # fmt: skip
    with pytest.raises(Refusal, match="听证告知书送达之后"):
        take(desks, heard, StepId.HEARING, at=later(30), asked="no")
    serve(desks, signed[1].id, later(1))
    assert "2026年12月1日" in (standing(desks, heard, StepId.HEARING, later(2)).note or "")
    with pytest.raises(Refusal, match="期限到2026年12月1日届满"):
        take(desks, heard, StepId.HEARING, at=later(8), asked="no")
    take(desks, heard, StepId.HEARING, at=later(9), asked="no")


def test_a_hearing_that_was_asked_for_is_held_and_told(desks, heard) -> None:
    for letter in notify(desks, heard)[1:]:
        serve(desks, letter.id)
    with pytest.raises(Refusal) as refused:
        take(desks, heard, StepId.HEARING, at=later(9), **{**ASKED, "conclusion": ""})
    assert refused.value.field == "conclusion"
    with pytest.raises(Refusal, match="早于要求听证"):
        take(desks, heard, StepId.HEARING, at=later(9), **{**ASKED, "held_on": "2026-11-24"})
    take(desks, heard, StepId.HEARING, at=later(9), **ASKED)


def test_ninety_days_from_filing_are_kept_or_the_extension_is_named(desks, heard) -> None:
    with pytest.raises(Refusal, match="90日的办案期限已于2026年11月22日届满") as refused:
        take(desks, heard, StepId.TERM, filed_on="2026-08-24")
    assert refused.value.field == "late_reason"
    record = take(desks, heard, StepId.TERM, filed_on="2026-08-25")
    desks.take_steps(heard)
    given = {"seen": desks.version(heard), "key": "k", "by": desks.signatory}
    with pytest.raises(Refusal, match="办案期限已于2026年11月23日届满"):
        dispositions.sign(desks.ledger, heard, at=later(1), **given)
    procedure.void(desks.ledger, heard, record, reason="已批准延长。", by=desks.regional, at=later(1))
    take(desks, heard, StepId.TERM, at=later(1), filed_on="2026-08-25", late_reason="包政〔2026〕8号批准延长三十日")
    assert dispositions.sign(desks.ledger, heard, at=later(1), **given)


# --- another matter -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["facts", "due", "clause"])
def test_another_matter_is_told_anew(desks, project, change: str) -> None:
    notify(desks, project)
    desks.take_steps(project)
    told = listed(desks, project).done
    assert told == len(listed(desks, project).lines)
    if change == "facts":
        desks.take_in([row(1, 实际单位产品能耗="960")])
        desks.recommend(project)
    else:
        dispositions.return_(
            desks.ledger, project, reason="改", seen=desks.version(project), by=desks.signatory, at=NOW
        )
        if change == "due":
            desks.recommend(project, due=date(2028, 5, 31))
        else:
            desks.recommend(project, clause="《实施方案》四（五）")
    found = listed(desks, project)
    assert found.changed is not None
    assert "事实、依据或者措施已变，须重新告知" in found.changed
    assert not standing(desks, project, StepId.ADVANCE_NOTICE).passed
    with pytest.raises(Refusal, match="事先告知书"):
        dispositions.sign(desks.ledger, project, seen=desks.version(project), key="x", by=desks.signatory, at=NOW)
    assert notify(desks, project)[0].number == "包发改两高告〔2026〕2号"
    assert listed(desks, project).changed is None


def test_nobody_fares_worse_for_having_spoken(desks, project) -> None:
    notify(desks, project)
    take(desks, project, StepId.STATEMENT, **STATED)
    dispositions.return_(desks.ledger, project, reason="改", seen=desks.version(project), by=desks.signatory, at=NOW)
    with pytest.raises(Refusal, match="不得因此加重") as refused:
        desks.recommend(project, due=date(2028, 1, 31))
    assert refused.value.field == "disposition"
    assert desks.recommend(project, due=date(2028, 7, 31)).due == date(2028, 7, 31)  # longer is lighter


def test_new_facts_may_lead_to_a_heavier_result_after_a_new_notice(desks, project) -> None:
    notify(desks, project)
    take(desks, project, StepId.STATEMENT, **STATED)
    desks.take_in([row(1, 实际单位产品能耗="990")])
    desks.recommend(project, due=date(2028, 1, 31))
    assert "须重新告知" in (listed(desks, project).changed or "")


# --- the database itself --------------------------------------------------------------------------------------------


def raw_decision(desks, project) -> DecisionRow:
    with desks.ledger.reader() as session:
        recommended = cases.recommendation(session, project)
    return DecisionRow(
        key=uuid4().hex, project_id=project, project_version=desks.version(project),
        recommendation_id=recommended.id, disposition=Disposition.RETROFIT, facts="{}", screening="{}", grounds="{}",
        rules_version="v", as_of=TODAY, recommended_by=desks.reviewer.id, signed_by=desks.signatory.id, signed_at=NOW,
        signed_on=TODAY,
    )  # fmt: skip


@pytest.mark.parametrize("lacking", [StepId.OFFICERS, StepId.ADVANCE_NOTICE, StepId.STATEMENT, StepId.LEGAL_REVIEW])
def test_the_database_refuses_a_decision_without_a_step(desks, project, lacking: StepId) -> None:
    desks.take_steps(project, without=(lacking,))
    with pytest.raises(Refusal, match="签发前应办的程序还没有办完"), desks.ledger.writer() as session:
        session.add(raw_decision(desks, project))


def test_the_database_refuses_a_decision_after_a_refused_or_a_voided_step(desks, project) -> None:
    desks.take_steps(project, without=(StepId.LEGAL_REVIEW, StepId.OFFICERS))
    record = take(desks, project, StepId.OFFICERS, **OFFICERS)
    take(desks, project, StepId.LEGAL_REVIEW, **{**LEGAL, "opinion": "disagree"})
    with pytest.raises(Refusal, match="还没有办完"), desks.ledger.writer() as session:
        session.add(raw_decision(desks, project))
    procedure.void(desks.ledger, project, record, reason="有误", by=desks.regional, at=NOW)
    with pytest.raises(Refusal, match="还没有办完"), desks.ledger.writer() as session:
        session.add(raw_decision(desks, project))


def test_the_database_refuses_a_harmful_decision_that_claims_to_need_nothing(desks, project) -> None:
    desks.take_steps(project)
    unguarded = {
        "sqlite": "DROP TRIGGER recommendation_need_no_delete",
        "postgresql": "ALTER TABLE recommendation_need DISABLE TRIGGER USER",
    }
    with desks.ledger.writer() as session:
        session.execute(sa.text(unguarded[desks.ledger.engine.dialect.name]))
        session.execute(sa.text("DELETE FROM recommendation_need"))
    with pytest.raises(Refusal, match="还没有办完"), desks.ledger.writer() as session:
        session.add(raw_decision(desks, project))


def test_the_database_refuses_a_notice_that_was_not_served(desks, project) -> None:
    letter = notify(desks, project, kinds=())[0]
    with desks.ledger.reader() as session:
        matter = cases.recommendation(session, project).matter
    for told, words in ((None, "不能手工登记"), (letter.id, "还没有就同一事项送达")):
        with pytest.raises(Refusal, match=f"{words}|还没有就同一事项送达"), desks.ledger.writer() as session:
            session.add(
                ProcedureStepRow(
                    key=uuid4().hex, project_id=project, matter=matter, step=StepId.ADVANCE_NOTICE,
                    state=StepState.DONE, happened_on=TODAY, facts='{"letter":"x"}', letter_id=told,
                    by=desks.office.id, role=Role.OFFICE, at=NOW,
                )
            )  # fmt: skip


def test_the_database_refuses_a_signature_of_the_lawyer(desks, project) -> None:
    desks.take_steps(project)
    row = raw_decision(desks, project)
    row.signed_by = desks.legal.id
    with pytest.raises(Refusal, match="法制审核人"), desks.ledger.writer() as session:
        session.add(row)


def test_the_database_refuses_a_heavier_decision_after_a_defence_that_nobody_was_told_of(desks, project) -> None:
    notify(desks, project)
    take(desks, project, StepId.STATEMENT, **STATED)
    dispositions.return_(desks.ledger, project, reason="改", seen=desks.version(project), by=desks.signatory, at=NOW)
    desks.recommend(project, due=date(2028, 7, 31))
    desks.take_steps(project)
    row = raw_decision(desks, project)
    with desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE recommendation SET disposition = 'HALT', clause = '某条' WHERE state = 'open'"))
    row.disposition = Disposition.HALT
    with pytest.raises(Refusal, match="不得因陈述申辩加重"), desks.ledger.writer() as session:
        session.add(row)


# --- who waits ------------------------------------------------------------------------------------------------------


def test_the_queue_of_the_legal_reviewer_keeps_to_the_division(desks, project) -> None:
    assert [case.line.id for case in procedure.to_review_legally(desks.ledger, by=desks.legal)] == [project]
    stranger = desks.hire(Role.LEGAL, "elsewhere", scope="150300")
    assert procedure.to_review_legally(desks.ledger, by=stranger) == ()
    with pytest.raises(Refusal, match="没有这个项目"):
        take(desks, project, StepId.LEGAL_REVIEW, by=stranger, **LEGAL)


def test_no_decision_bears_a_day_on_which_nobody_had_been_heard(desks, project) -> None:
    notify(desks, project, at=later(2))
    take(desks, project, StepId.STATEMENT, at=later(3), **{**STATED, "received_on": later(3).date().isoformat()})
    take(desks, project, StepId.LEGAL_REVIEW, at=later(3), **{**LEGAL, "reviewed_on": later(3).date().isoformat()})
    desks.take_steps(project)  # what else stands on file is entered as of the first day
    given = {"seen": desks.version(project), "at": later(5)}
    for early in (TODAY, TODAY + timedelta(days=2)):
        with pytest.raises(Refusal, match=r"早于下列程序的办理日期：.*陈述申辩及答复.*法制审核"):
            desks.sign(project, paper_date=early, **given)
    assert desks.sign(project, paper_date=TODAY + timedelta(days=3), **given).letter.signed_on == TODAY + timedelta(
        days=3
    )
