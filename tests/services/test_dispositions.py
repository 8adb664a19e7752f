"""Decisions carried out by the table or by a person's choice, and halts that hold everywhere until they are released."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from screening.clock import day_of
from screening.domain.classification import Disposition, FindingId
from screening.domain.dispositions import Named, by_hand
from screening.domain.errors import Refusal
from screening.domain.letters import LetterInputs
from screening.domain.procedure import StepId, StepState
from screening.domain.review import CaseState, LetterState
from screening.services import (
    dispositions,
    findings,
    letters,
    procedure,
    registration,
    registry,
    review,
    rules,
    withdrawal,
)
from screening.services.lists import ledger_cell
from screening.store import cases
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE, PROVEN, once
from tests.services.sheets import row
from tests.services.test_replies import EMISSION

BUILT_EARLY = {
    "建设状态": "在建",
    "设计单位产品能耗": "800",
    "实际单位产品能耗": "",
    "开工日期": "2024-03-01",
    "节能审查日期": "2024-06-10",
    "节能审查文号": "包发改审〔2024〕1号",
}


def official(desks, project: UUID, at=NOW) -> None:
    """Makes everything official that the open recommendation rests on."""
    shown = dispositions.before_signing(desks.ledger, project, by=desks.signatory, at=at)
    if shown.open_rules:
        page = rules.confirm_page(
            desks.ledger, [b.ref for b in shown.open_rules], document="正式文本", page="第3页", day=TODAY, key=desks.key(),
            by=desks.rules_officer, at=NOW,
        )  # fmt: skip
        rules.countersign(desks.ledger, page.id, by=desks.second_officer, at=NOW)


def decide(desks, project: UUID, disposition: Disposition, at=NOW, **more) -> dispositions.Decided:
    """Recommends, takes the steps and signs."""
    desks.accept(project)
    given = {"reason": "事实清楚。", "due": None, "seen": desks.version(project), "key": desks.key(), **more}
    review.recommend(desks.ledger, project, disposition=disposition, by=desks.reviewer, at=at, **given)
    official(desks, project, at)
    return desks.sign(project, at=at)


def serve(desks, decided: dispositions.Decided, at=NOW) -> None:
    for letter in decided.letters:
        serve_one(desks, letter.id, at)


def serve_one(desks, letter: UUID, at=NOW) -> None:
    letters.print_(desks.ledger, letter, by=desks.office, at=at)
    seen = letters.show(desks.ledger, letter, by=desks.office, today=day_of(at)).line.version
    letters.serve(
        desks.ledger,
        letter,
        served_on=day_of(at),
        method="直接送达",
        receiver="李四",
        seen=seen,
        by=desks.office,
        at=at,
    )


def inputs(desks, letter: UUID) -> LetterInputs:
    return LetterInputs.from_json(letters.show(desks.ledger, letter, by=desks.office, today=TODAY).inputs)


def confirm(desks, project: UUID) -> None:
    findings.confirm_finding(
        desks.ledger, project, FindingId.BUILT_BEFORE_APPROVAL, reason="现场照片为证。", told=PROVEN,
        seen=desks.version(project), by=desks.reviewer, at=NOW,
    )  # fmt: skip


def emits(desks, project: UUID) -> None:
    findings.enter_finding(
        desks.ledger, project, FindingId.EXCESS_EMISSION, told=EMISSION, seen=desks.version(project), by=desks.reviewer,
        at=NOW,
    )  # fmt: skip


@pytest.fixture
@once
def early(desks):
    """Built before its opinion, as a person confirmed."""
    desks.take_in([row(1, **BUILT_EARLY), row(2)])
    project = desks.find("第1")
    confirm(desks, project)
    return project


@pytest.fixture
@once
def halted(desks, early):
    """Halted, by a letter that was served."""
    serve(desks, decide(desks, early, Disposition.HALT))
    return early


# --- the table, and what it does not know ------------------------------------------------------------------------------


def test_each_ground_has_its_own_letter_and_the_case_is_served_with_the_last(desks, early) -> None:
    emits(desks, early)
    decided = decide(desks, early, Disposition.HALT)
    halt, referral = decided.letters

    assert [letter.kind for letter in decided.letters] == ["HALT", "REFER"]
    assert [f.words for f in inputs(desks, halt.id).findings] == ["未批先建"]
    assert [f.words for f in inputs(desks, referral.id).findings] == ["超标排放"]
    assert inputs(desks, referral.id).recipient == "包头市生态环境局"
    serve_one(desks, halt.id)
    assert desks.view(early).line.case_state is CaseState.PRINTED
    serve_one(desks, referral.id)
    assert desks.view(early).line.case_state is CaseState.SERVED


def test_voiding_one_letter_voids_its_decision(desks, early) -> None:
    emits(desks, early)
    halt, referral = decide(desks, early, Disposition.HALT).letters
    assert desks.view(early).line.halted_on == TODAY
    letters.void(desks.ledger, halt.id, reason="当事人名称有误。", seen=1, by=desks.signatory, at=NOW)

    view = desks.view(early)
    assert {letter.state for letter in view.letters} == {LetterState.VOID}
    assert (view.line.case_state, view.line.halted_on) == (CaseState.RETURNED, None)
    assert not dispositions.decisions(desks.ledger, early, by=desks.reviewer)[0].stands
    with pytest.raises(Refusal, match="已作废"):
        letters.print_(desks.ledger, referral.id, by=desks.office, at=NOW)


def test_what_was_served_is_not_voided_by_its_sibling(desks, early) -> None:
    emits(desks, early)
    halt, referral = decide(desks, early, Disposition.HALT).letters
    serve_one(desks, halt.id)
    with pytest.raises(Refusal, match="已送达，不能作废"):
        letters.void(desks.ledger, referral.id, reason="有误。", seen=1, by=desks.signatory, at=NOW)
    assert desks.view(early).line.halted_on == TODAY


def test_a_person_names_what_the_table_has_no_row_for(desks, early) -> None:
    """An existing project at benchmark: RECTIFY has no row."""
    project = desks.find("第2")
    offered = review.choices(desks.ledger, project, by=desks.reviewer, today=TODAY)
    (act,) = offered.measures[Disposition.RECTIFY]
    assert act.chosen_by_person
    desks.accept(project)
    given = {"disposition": Disposition.RECTIFY, "due": DUE, "clause": "某条"}
    with pytest.raises(Refusal, match="请写明措施、机关、条款") as refused:
        desks.recommend(project, **given)
    assert refused.value.field == f"instrument:{act.ref}"
    named = Named(
        instrument="责令更换计量仪表", organ="包头市工业和信息化局", clause="《中华人民共和国节约能源法》第五十四条"
    )
    decided = decide(desks, project, Disposition.RECTIFY, due=DUE, clause="某条", named={act.ref: named})

    told = inputs(desks, decided.letter.id)
    assert (told.instrument, told.organ, told.by_person) == (named.instrument, named.organ, True)
    assert named.clause in [p.clause for p in told.basis]
    assert dispositions.decisions(desks.ledger, project, by=desks.reviewer)[0].named == (
        "责令更换计量仪表（包头市工业和信息化局，依据《中华人民共和国节约能源法》第五十四条）",
    )


@pytest.mark.parametrize("disposition", [Disposition.PROCEED, Disposition.KEEP, Disposition.UPGRADE])
def test_a_confirmed_ground_freezes_approvals_before_any_halt(desks, early, disposition: Disposition) -> None:
    offered = review.choices(desks.ledger, early, by=desks.reviewer, today=TODAY)
    assert desks.view(early).line.halted_on is None
    assert disposition not in offered.dispositions
    with pytest.raises(Refusal, match="审批事项一并停办") as refused:
        desks.recommend(early, disposition, due=None, clause="某条")
    assert refused.value.field == "disposition"


def test_a_clause_that_the_rules_do_not_have_keeps_the_letter_a_draft(desks, early) -> None:
    project = desks.find("第2")
    act = by_hand(Disposition.RECTIFY)
    named = Named(instrument="责令更换计量仪表", organ="包头市工业和信息化局", clause="《能源计量监督管理办法》第九条")
    desks.recommend(project, Disposition.RECTIFY, due=DUE, clause="某条", named={act.ref: named})
    with pytest.raises(Refusal, match="《能源计量监督管理办法》第九条（规则库没有收录"):
        desks.sign(project)


def test_a_referral_goes_to_whom_the_reviewer_named(desks, early) -> None:
    project = desks.find("第2")
    emits(desks, project)
    offered = review.choices(desks.ledger, project, by=desks.reviewer, today=TODAY)
    assert offered.proposed is Disposition.REFER
    assert offered.recipients["measures/refer_emission"] == "包头市生态环境局"
    named = {"measures/refer_emission": Named(organ="包头市生态环境局青山区分局")}
    decided = decide(desks, project, Disposition.REFER, named=named)

    assert inputs(desks, decided.letter.id).recipient == "包头市生态环境局青山区分局"
    serve(desks, decided)
    assert desks.view(project).line.case_state is CaseState.SERVED


def test_exit_follows_a_served_retrofit_whose_term_has_passed(desks) -> None:
    desks.take_in([row(1, 主要产品="硅铁", 所属行业="钢铁", 实际单位产品能耗="1950", 统计年度="2025")])
    project = desks.find("第1")
    for disposition in (Disposition.ELIMINATE,):
        with pytest.raises(Refusal):
            decide(desks, project, disposition, clause="某条")
    served = decide(desks, project, Disposition.RETROFIT, due=TODAY + timedelta(days=200))
    assert [letter.kind for letter in served.letters] == ["RETROFIT"]
    serve(desks, served)
    on_time, late = NOW + timedelta(days=200), NOW + timedelta(days=201)
    assert (
        Disposition.ELIMINATE
        not in review.choices(desks.ledger, project, by=desks.reviewer, today=day_of(on_time)).measures
    )
    offered = review.choices(desks.ledger, project, by=desks.reviewer, today=day_of(late))
    assert offered.proposed is Disposition.ELIMINATE
    assert [m.ref for m in offered.measures[Disposition.ELIMINATE]] == ["measures/propose_closure"]
    decided = decide(desks, project, Disposition.ELIMINATE, at=late)

    told = inputs(desks, decided.letter.id)
    assert told.recipient == "包头市人民政府"
    assert served.letter.number in (told.earlier or "")
    assert told.due == TODAY + timedelta(days=200)
    assert told.remedies is None, "nothing is decided yet"


def test_closure_of_what_was_never_reviewed_follows_the_order_to_mend_it(desks, early) -> None:
    def offered() -> list[str]:
        measures = review.choices(desks.ledger, early, by=desks.reviewer, today=TODAY).measures
        return [m.ref for m in measures.get(Disposition.ELIMINATE, ())]

    assert offered() == []
    serve(desks, decide(desks, early, Disposition.HALT))
    assert offered() == ["measures/propose_closure_unreviewed_2025"]


def test_two_retrofits_of_one_decision_keep_their_clocks(desks) -> None:
    desks.take_in([
        row(1, 主要产品="硅铁", 所属行业="钢铁", 装置名称="1号炉", 实际单位产品能耗="1950"),
        row(1, 主要产品="粗铅工艺", 所属行业="钢铁", 装置名称="2号炉", 实际单位产品能耗="301", 行业代码=""),
    ])  # fmt: skip
    project = desks.find("第1")
    decided = decide(desks, project, Disposition.RETROFIT, due=DUE, despite="已核对年报。")
    assert [
        [u.name for u in inputs(desks, letter.id).units if u.ordered] for letter in decided.letters
    ] == [["1号炉"], ["2号炉"]]  # fmt: skip
    serve(desks, decided)
    with desks.ledger.reader() as session:
        running = cases.clocks(session, by=desks.reviewer, project=project)
    assert len(running) == 2


# --- another disposition than proposed ----------------------------------------------------------------------------------


def test_a_release_answers_the_halt_and_overrides_no_proposal(desks, halted) -> None:
    decide(desks, halted, Disposition.RELEASE, clause="整改验收单第3号")
    release, halt = dispositions.decisions(desks.ledger, halted, by=desks.auditor)

    assert (release.overrides, release.proposed, release.clause) == (False, Disposition.HALT, "整改验收单第3号")
    assert not halt.overrides
    signed = next(e for e in desks.view(halted).history if e.kind == "decision_signed")
    assert signed is not None


def test_the_database_wants_the_clause_of_an_override(desks, early) -> None:
    desks.recommend(early, Disposition.HALT, due=None)
    with pytest.raises(Refusal, match="条款"), desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE recommendation SET proposed = 'PROCEED'"))
    with pytest.raises(Refusal, match="效力"), desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE recommendation SET effect = ''"))


# --- what a decision must contain ----------------------------------------------------------------------------------------


def test_what_a_decision_contains_is_listed_and_checked(desks, early) -> None:
    desks.recommend(early, Disposition.HALT, due=None, effect="该项目即日起停工。")
    shown = dispositions.before_signing(desks.ledger, early, by=desks.signatory, at=NOW)
    said = {content.words: content for content in shown.contents}

    assert list(said) == ["事实", "证据", "依据", "效力", "期限", "权利告知"]
    assert said["效力"].says == ("该项目即日起停工。",)
    assert "未批先建" in said["事实"].says[0]
    assert said["证据"].missing
    assert "包头市人民政府" in said["权利告知"].says[0]
    assert [(p.kind_words, p.addressee) for p in shown.letters] == [("叫停决定", "包头市青山化工有限公司")]
    desks.take_steps(early)
    shown = dispositions.before_signing(desks.ledger, early, by=desks.signatory, at=NOW)
    assert [c.words for c in shown.contents if c.missing] == []


def test_the_program_says_the_effect_where_nobody_else_does(desks, early) -> None:
    made = desks.recommend(early, Disposition.HALT, due=None)
    assert made.effect.startswith("自送达之日起，该项目停止建设")


# --- a halt takes effect everywhere ---------------------------------------------------------------------------------------


def test_a_halt_shows_everywhere_at_once(desks, early) -> None:
    decide(desks, early, Disposition.HALT)
    page = registry.list_projects(desks.ledger, registry.Filter(), by=desks.auditor, today=TODAY)
    assert {line.name: line.halted_on for line in page.rows} == {"青山第1电石项目": TODAY, "青山第2电石项目": None}
    cells = [ledger_cell(line, "disposition") for line in page.rows]
    assert [str(cell).startswith(f"已叫停（自{TODAY.isoformat()}）") for cell in cells] == [True, False]
    documents = registry.documents(desks.ledger, registry.Filter(), by=desks.auditor, today=TODAY)
    assert [one["halted_on"] for one in documents] == [TODAY.isoformat(), None]


@pytest.mark.parametrize("disposition", [Disposition.PROCEED, Disposition.KEEP, Disposition.UPGRADE])
def test_nothing_approves_a_halted_project(desks, halted, disposition: Disposition) -> None:
    assert disposition not in review.choices(desks.ledger, halted, by=desks.reviewer, today=TODAY).measures
    with pytest.raises(Refusal, match="起叫停"):
        desks.recommend(halted, disposition, clause="某条")
    with pytest.raises(Refusal):
        review.trial(desks.ledger, halted, disposition=disposition, by=desks.reviewer, at=NOW)


def test_the_database_too_approves_no_halted_project(desks, halted) -> None:
    with desks.ledger.reader() as session:
        decision = session.execute(sa.text("SELECT * FROM decision")).mappings().one()
    copied = {**decision, "id": uuid4().hex, "key": "another", "disposition": "PROCEED"}
    names = ", ".join(copied)
    values = ", ".join(f":{name}" for name in copied)
    with pytest.raises(Refusal), desks.ledger.writer() as session:
        session.execute(sa.text("DELETE FROM recommendation_need"))
    with pytest.raises(Refusal, match="已被叫停"), desks.ledger.writer() as session:
        session.execute(sa.text(f"INSERT INTO decision ({names}) VALUES ({values})"), copied)


NEW_PAPERS = {
    "节能审查文号": "包发改审〔2026〕9号", "环评文号": "包环审〔2026〕1号", "环评日期": "2026-11-01", "立项文号": "包发改核〔2026〕2号",
}  # fmt: skip


@pytest.mark.parametrize("column", NEW_PAPERS)
def test_an_import_records_no_approval_of_a_halted_project(desks, halted, column: str) -> None:
    papers = {**BUILT_EARLY, column: NEW_PAPERS[column]}
    before = desks.view(halted).project
    preview = desks.preview([row(1, **papers), row(2, **{column: NEW_PAPERS[column]})])

    (refused,) = preview.rejections
    assert (refused.column, refused.value, refused.project) == (column, NEW_PAPERS[column], before.name)
    assert refused.cell == "第2行"
    assert "起叫停，解除之前不能登记新的" in refused.message
    assert (len(preview.changed), preview.rejected) == (1, 1), "the other project is not halted"
    registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)
    assert desks.view(halted).project == before


def test_other_facts_of_a_halted_project_are_still_taken_in(desks, halted) -> None:
    done = desks.take_in([row(1, **{**BUILT_EARLY, "联系人": "王五"})])
    assert (done.changed, done.rejected) == (1, 0)
    desks.take_in([row(1, **{**BUILT_EARLY, "节能审查文号": "", "节能审查日期": ""})])
    assert desks.view(halted).project.review_number is None, "what was never given is struck out"


def test_a_halt_between_preview_and_confirmation_is_seen(desks, early) -> None:
    preview = desks.preview([row(1, **{**BUILT_EARLY, "节能审查文号": "包发改审〔2026〕9号"})])
    decide(desks, early, Disposition.HALT)
    with pytest.raises(Refusal):
        registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)


def test_the_form_refuses_the_approval_at_its_field(desks, halted) -> None:
    draft = registration.opened(desks.ledger, halted, by=desks.registrar)
    fields = {**draft.typed.fields, "review_number": "包发改审〔2026〕9号", "contact": "王五"}
    typed = replace(draft.typed, fields=fields)
    checked = registration.check(desks.ledger, typed, project=halted, by=desks.registrar, today=TODAY)
    assert list(checked.problems) == ["review_number"]
    left = registration.save_draft(desks.ledger, replace(draft, typed=typed), by=desks.registrar, at=NOW)
    with pytest.raises(Refusal) as refused:
        registration.submit(desks.ledger, left.id, why="更正。", by=desks.registrar, at=NOW)
    assert refused.value.field == "review_number"


def test_undoing_an_import_puts_back_what_a_halted_project_had(desks, halted) -> None:
    had = desks.view(halted).project.review_number
    done = desks.take_in([row(1, **{**BUILT_EARLY, "节能审查文号": "", "节能审查日期": ""})])
    assert desks.view(halted).project.review_number is None
    withdrawal.undo_import(desks.ledger, done.batch, reason="导错了文件。", by=desks.registrar, at=NOW)
    assert desks.view(halted).project.review_number == had


# --- the release ------------------------------------------------------------------------------------------------------------


def test_a_release_rests_on_the_accepted_rectification(desks, halted) -> None:
    desks.recommend(halted, Disposition.RELEASE, due=None, clause="整改验收单第3号")
    official(desks, halted)
    with desks.ledger.reader() as session:
        needed = cases.needs(session, cases.recommendation(session, halted).id)
    assert StepId.EVIDENCE in needed
    for step in needed:
        procedure.take(
            desks.ledger, halted, step, facts={"reason": "已在卷。", "clause": "某法第一条"}, happened=TODAY,
            state=StepState.NOT_REQUIRED, key=uuid4().hex, by=desks.regional, at=NOW,
        )  # fmt: skip
    with pytest.raises(Refusal, match="须有验收的证据"):
        desks.sign(halted)
    assert desks.view(halted).line.halted_on == TODAY


def test_released_means_that_approvals_are_possible_again(desks, halted) -> None:
    halt = dispositions.decisions(desks.ledger, halted, by=desks.reviewer)[0].letters[0]
    decided = decide(desks, halted, Disposition.RELEASE, clause="整改验收单第3号")

    assert desks.view(halted).line.halted_on is None
    assert halt.number in (inputs(desks, decided.letter.id).earlier or "")
    serve(desks, decided)
    assert Disposition.RELEASE not in review.choices(desks.ledger, halted, by=desks.reviewer, today=TODAY).measures
    done = desks.take_in([row(1, **{**BUILT_EARLY, "节能审查文号": "包发改审〔2026〕9号"})])
    assert (done.changed, done.rejected) == (1, 0)


def test_voiding_the_release_restores_the_halt(desks, halted) -> None:
    release = decide(desks, halted, Disposition.RELEASE, clause="整改验收单第3号").letter
    letters.void(desks.ledger, release.id, reason="验收有误。", seen=1, by=desks.signatory, at=NOW)
    assert desks.view(halted).line.halted_on == TODAY
