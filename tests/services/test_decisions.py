"""From recommendation to service: who may, on what evidence, once only, and never over somebody else's work."""

from __future__ import annotations

import hashlib
import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from screening.clock import day_of
from screening.domain.calendar import months_later
from screening.domain.classification import Disposition, FindingId
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.numbering import NumberGroup, Series, read_number
from screening.domain.people import Role
from screening.domain.review import CaseState, LetterState
from screening.services import (
    deadlines,
    dispositions,
    findings,
    history,
    letters,
    numbering,
    registry,
    review,
    rules,
    verification,
)
from screening.store import cases, numbers
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE, PROVEN, once
from tests.services.sheets import row

UNLAWFUL = {
    "建设状态": "在建",
    "设计单位产品能耗": "800",
    "实际单位产品能耗": "",
    "开工日期": "2024-03-01",
    "节能审查日期": "2024-06-10",
    "节能审查文号": "包发改审〔2024〕1号",
}
"""At benchmark by design, but built before the opinion."""


@pytest.fixture
@once
def project(desks):
    """A retrofit case on file."""
    desks.take_in([row(1)])
    return desks.find("第1")


@pytest.fixture
@once
def ready(desks, project):
    """A recommended retrofit that rests on nothing but official rules."""
    desks.recommend(project)
    desks.make_official(project)
    return project


# --- recommending ---------------------------------------------------------------------------------------------------


def test_a_recommendation_needs_its_reason(desks, project) -> None:
    with pytest.raises(Refusal) as refused:
        desks.recommend(project, reason="  ")
    assert refused.value.field == "reason"


def test_another_disposition_needs_its_clause(desks, project) -> None:
    with pytest.raises(Refusal) as refused:
        desks.recommend(project, Disposition.UPGRADE)
    assert refused.value.field in {"clause", "measures"}


def test_manual_is_no_decision(desks, project) -> None:
    with pytest.raises(Refusal) as refused:
        desks.recommend(project, Disposition.MANUAL, clause="某条")
    assert refused.value.field == "disposition"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        pytest.param(None, "须确定到期日", id="none"),
        pytest.param(TODAY, "不在今天之后", id="today"),
        pytest.param(months_later(TODAY, 36) + timedelta(days=1), "超过最长期限", id="a day past three years"),
    ],
)
def test_no_due_date_passes_the_outer_limit(desks, project, due: date | None, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        desks.recommend(project, due=due)
    assert refused.value.field == "due"


@pytest.mark.parametrize("disposition", [Disposition.REFER, Disposition.ELIMINATE, Disposition.RELEASE])
def test_what_has_no_ground_is_not_offered(desks, project, disposition: Disposition) -> None:
    offered = review.choices(desks.ledger, project, by=desks.reviewer, today=TODAY)
    assert disposition not in offered.dispositions
    assert set(offered.dispositions) == set(offered.measures)
    with pytest.raises(Refusal):
        desks.recommend(project, disposition, clause="某条")


def test_exactly_three_years_is_allowed(desks, project) -> None:
    assert desks.recommend(project, due=months_later(TODAY, 36)).due == months_later(TODAY, 36)


def test_an_earlier_listing_shortens_the_limit(desks) -> None:
    desks.take_in([row(1, 首次列入清单日期="2025-01-10")])
    with pytest.raises(Refusal, match="2028年1月10日"):
        desks.recommend(desks.find("第1"), due=date(2028, 1, 11))


def test_the_same_form_twice_is_one_recommendation(desks, project) -> None:
    desks.accept(project)
    first = desks.recommend(project, key="k", seen=2)
    second = desks.recommend(project, key="k", seen=2)

    assert first == second
    with pytest.raises(Conflict):
        desks.recommend(project, seen=2)


def test_a_conflict_names_who_and_when(desks, project) -> None:
    desks.recommend(project)
    with pytest.raises(Conflict, match="审核员reviewer于2026-11-23 09:00办理“提出处置建议”"):
        dispositions.return_(desks.ledger, project, reason="补正", seen=1, by=desks.signatory, at=NOW)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.REVIEWER])
def test_only_reviewers_recommend(sqlite_desks, role: Role) -> None:
    sqlite_desks.take_in([row(1)])
    with pytest.raises(Forbidden):
        sqlite_desks.recommend(sqlite_desks.find("第1"), by=getattr(sqlite_desks, role.value))


# --- findings -------------------------------------------------------------------------------------------------------


def test_a_detected_finding_waits_for_a_word(desks) -> None:
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    view = desks.view(project)
    assert [(f.finding.id, f.state) for f in view.findings] == [(FindingId.BUILT_BEFORE_APPROVAL, "open")]
    assert view.line.disposition is Disposition.PROCEED
    assert view.line.disposition_if_confirmed is Disposition.HALT
    with pytest.raises(Refusal, match="未批先建"):
        desks.recommend(project, Disposition.PROCEED)

    version = findings.confirm_finding(
        desks.ledger,
        project,
        FindingId.BUILT_BEFORE_APPROVAL,
        reason="现场照片为证。",
        told=PROVEN,
        seen=desks.version(project),
        by=desks.reviewer,
        at=NOW,
    )
    view = desks.view(project)
    assert (view.line.version, view.line.disposition, view.line.disposition_if_confirmed) == (
        version,
        Disposition.HALT,
        None,
    )
    assert [(f.state, f.reason, f.by) for f in view.findings] == [("confirmed", "现场照片为证。", "审核员reviewer")]


def test_a_dismissed_finding_no_longer_counts(desks) -> None:
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    findings.dismiss_finding(
        desks.ledger,
        project,
        FindingId.BUILT_BEFORE_APPROVAL,
        reason="开工日期录入有误。",
        told=PROVEN,
        seen=1,
        by=desks.reviewer,
        at=NOW,
    )

    view = desks.view(project)
    assert [f.state for f in view.findings] == ["dismissed"]
    assert view.line.disposition is Disposition.PROCEED
    assert view.line.disposition_if_confirmed is None
    assert desks.recommend(project, Disposition.PROCEED).due is None


def test_other_facts_need_another_word(desks) -> None:
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    findings.confirm_finding(
        desks.ledger, project, FindingId.BUILT_BEFORE_APPROVAL, reason="属实。", told=PROVEN, seen=1, by=desks.reviewer,
        at=NOW,
    )  # fmt: skip
    desks.take_in([row(1, **{**UNLAWFUL, "开工日期": "2024-04-01"})])

    view = desks.view(project)
    assert [f.state for f in view.findings] == ["open"]
    assert view.line.disposition is Disposition.PROCEED
    findings.confirm_finding(
        desks.ledger, project, FindingId.BUILT_BEFORE_APPROVAL, reason="仍属实。", told=PROVEN, seen=view.line.version,
        by=desks.reviewer, at=NOW,
    )  # fmt: skip
    assert desks.view(project).line.disposition is Disposition.HALT


def test_what_the_program_cannot_see_is_entered(desks, project) -> None:
    seen = desks.version(project)
    findings.enter_finding(
        desks.ledger,
        project,
        FindingId.DEVIATES_FROM_APPROVAL,
        told=findings.Told(
            fields={
                "what": "产能",
                "approved": "10",
                "built": "13",
                "measure_unit": "万吨/年",
                "found_on": "2026-11-20",
                "found_by": "现场检查",
                "inspected_on": "2026-11-20",
                "officers": "张三、李四",
                "statement": "现场多建一座炉。",
            },
            reference="现场检查笔录",
        ),
        seen=seen,
        by=desks.reviewer,
        at=NOW,
    )
    view = desks.view(project)
    assert view.line.disposition is Disposition.HALT
    assert view.findings[0].finding.source == "entered"
    assert view.findings[0].finding.text == (
        "现场多建一座炉。批复产能10万吨/年，实际建成13万吨/年，为批复的130%。"
        "以上由执法人员张三、李四于2026年11月20日现场检查发现。证据：现场检查笔录。"
    )
    findings.dismiss_finding(
        desks.ledger, project, FindingId.DEVIATES_FROM_APPROVAL, reason="复核有误。", told=PROVEN,
        seen=view.line.version, by=desks.reviewer, at=NOW,
    )  # fmt: skip
    assert desks.view(project).line.disposition is Disposition.RETROFIT


# --- signing --------------------------------------------------------------------------------------------------------


def test_unofficial_evidence_keeps_a_harmful_letter_a_draft(desks, project) -> None:
    desks.recommend(project)
    assert desks.missing(project)
    with pytest.raises(Refusal, match=r"不能签发.*依据未核对") as refused:
        desks.sign(project)
    assert "规则员" in refused.value.message
    line = dispositions.to_sign(desks.ledger, by=desks.signatory, at=NOW)[0]
    assert len(line.obstacles) == len(desks.missing(project))

    desks.make_official(project)
    assert dispositions.to_sign(desks.ledger, by=desks.signatory, at=NOW)[0].obstacles == ()
    assert desks.sign(project).letter.state is LetterState.SIGNED


def test_one_person_alone_makes_nothing_official(desks, project) -> None:
    desks.recommend(project)
    refs = desks.missing(project)
    page = rules.confirm_page(
        desks.ledger, refs, document="某文", page="1", day=TODAY, key="p", by=desks.rules_officer, at=NOW
    )
    with pytest.raises(Refusal, match="不能签发"):
        desks.sign(project)
    with pytest.raises(Refusal, match="本人核对"):
        rules.countersign(desks.ledger, page.id, by=desks.rules_officer, at=NOW)
    rules.countersign(desks.ledger, page.id, by=desks.second_signatory, at=NOW)
    assert desks.sign(project)


def test_a_friendly_letter_waits_for_no_evidence(desks) -> None:
    desks.take_in([row(1, 实际单位产品能耗="930")])
    project = desks.find("第1")
    desks.recommend(project, Disposition.UPGRADE, due=None)

    assert desks.sign(project).letter.kind == "UPGRADE"


def test_a_ground_without_figures_is_not_held_up_by_figures(desks) -> None:
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    findings.confirm_finding(
        desks.ledger, project, FindingId.BUILT_BEFORE_APPROVAL, reason="属实。", told=PROVEN, seen=1, by=desks.reviewer,
        at=NOW,
    )  # fmt: skip
    assert not [ref for ref in desks.missing(project, Disposition.HALT) if ref.startswith(("levels", "limits"))]


@pytest.mark.parametrize("part", ["recommended", "registered", "changed"])
def test_nobody_signs_his_own(desks, part: str) -> None:
    """A person whose role changed meanwhile is still the one who did it."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    column = {"recommended": None, "registered": "registered_by", "changed": "changed_by"}[part]
    key = str(desks.signatory.id) if desks.ledger.engine.dialect.name == "postgresql" else desks.signatory.id.hex
    with desks.ledger.writer() as session:
        statement = f"UPDATE project SET {column} = :key" if column else 'UPDATE recommendation SET "by" = :key'
        session.execute(sa.text(statement), {"key": key})

    with pytest.raises(Forbidden, match="本人"):
        desks.sign(project)
    assert desks.sign(project, by=desks.second_signatory)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.SIGNATORY])
def test_only_signatories_sign(sqlite_desks, role: Role) -> None:
    sqlite_desks.take_in([row(1)])
    project = sqlite_desks.find("第1")
    sqlite_desks.recommend(project)
    with pytest.raises(Forbidden):
        sqlite_desks.sign(project, by=getattr(sqlite_desks, role.value))


def test_two_signatories_at_once_exactly_one_wins(desks, ready) -> None:
    start, won, lost = threading.Barrier(2), [], []
    seen = desks.version(ready)

    def act(by, key: str) -> None:
        start.wait()
        try:
            won.append(desks.sign(ready, by=by, seen=seen, key=key))
        except Refusal as refused:
            lost.append(refused)

    pair = ((desks.signatory, "a"), (desks.second_signatory, "b"))
    threads = [threading.Thread(target=act, args=given) for given in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 1), lost
    assert won[0].letter.number.endswith("〔2026〕1号")
    with desks.ledger.reader() as session:
        assert session.execute(sa.text("SELECT count(*) FROM decision")).scalar() == 1
        assert numbers.last(session, Series("包发改两高改", 2026)) == 1


def test_six_signings_at_once_are_numbered_one_to_six(desks) -> None:
    desks.take_in([row(n) for n in range(6)])
    page = registry.list_projects(desks.ledger, registry.Filter(), by=desks.reviewer, today=TODAY)
    for line in page.rows:
        desks.recommend(line.id)
        desks.take_steps(line.id)
    desks.make_official(page.rows[0].id)
    start, decided, faults = threading.Barrier(6), [], []

    def act(project) -> None:
        start.wait()
        try:
            decided.append(desks.sign(project, seen=3, key=str(project)))
        except Exception as fault:  # noqa: BLE001  # told below
            faults.append(fault)

    threads = [threading.Thread(target=act, args=(line.id,)) for line in page.rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    serials = sorted(int(d.letter.number.split("〕")[1].removesuffix("号")) for d in decided)
    assert serials == list(range(1, 7))
    assert all(d.letter.sha256 for d in decided)
    for one in decided:
        assert letters.render_again(desks.ledger, one.letter.number, by=desks.office)[1], one.letter.number
    assert history.verify(desks.ledger).ok


def steps_as_of(desks, one, others) -> None:
    """Copies the steps of a project: by the use case they would take longer than the signatures that are tried."""
    with desks.ledger.writer() as session:
        made = cases.steps(session, one, cases.recommendation(session, one).matter).values()
        for project in others:
            matter = cases.recommendation(session, project).matter
            for step in made:
                own = {"id": uuid4(), "key": uuid4().hex, "project_id": project, "matter": matter}
                session.add(type(step)(**{**step.model_dump(), **own}))


def test_two_hundred_signings_at_once_leave_no_gap_and_no_double(desks) -> None:
    """The transaction of signing alone: making two hundred letters would take a minute and prove nothing more."""
    desks.take_in([row(n) for n in range(200)])
    with desks.ledger.reader() as session:
        projects = [row.id for row in cases.in_states(session, [CaseState.SUBMITTED], by=desks.reviewer)]
    for project in projects:
        desks.accept(project)
        desks.recommend(project, seen=2)
    desks.take_steps(projects[0])
    steps_as_of(desks, projects[0], projects[1:])
    desks.make_official(projects[0])
    drafts = {}
    with desks.ledger.reader() as session:
        for project in projects:
            drafts[project] = dispositions.draft_of(
                desks.ledger, session, project, seen=3, by=desks.signatory, day=TODAY, expected=numbering.Expected()
            )
    start, decided, faults = threading.Barrier(20), [], []

    def act(mine) -> None:
        start.wait()
        for project in mine:
            try:
                if project == projects[100]:  # in the middle, the office numbers by another pattern from today on
                    numbering.change(
                        desks.ledger, NumberGroup.DECISION, pattern="包发改环资〔{年}〕{序号}号", from_day=TODAY,
                        reason="办公室通知", seen=0, key="pattern", by=desks.office, at=NOW,
                    )  # fmt: skip
                with desks.ledger.writer() as session:
                    decided.append(
                        dispositions.decide(session, drafts[project], [], key=str(project), by=desks.signatory, at=NOW)
                    )
            except Exception as fault:  # noqa: BLE001  # told below
                faults.append(fault)

    threads = [threading.Thread(target=act, args=(projects[n::20],)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    numbers_of: dict[str, list[int]] = {}
    for one in decided:
        series, serial = read_number(one.letter.number)
        numbers_of.setdefault(series.head, []).append(serial)
    assert set(numbers_of) == {"包发改两高改", "包发改环资"}
    assert all(sorted(serials) == list(range(1, len(serials) + 1)) for serials in numbers_of.values())
    assert sum(map(len, numbers_of.values())) == 200
    assert history.verify(desks.ledger).ok


def test_the_same_form_twice_is_one_signature(desks, ready) -> None:
    seen = desks.version(ready)
    first = desks.sign(ready, seen=seen, key="once")
    assert desks.sign(ready, seen=seen, key="once") == first
    with pytest.raises(Conflict):
        desks.sign(ready, by=desks.second_signatory, seen=seen, key="once")


def test_the_year_is_that_of_the_signed_day_in_shanghai(desks, ready) -> None:
    eve = NOW.replace(month=12, day=31, hour=16, minute=0)
    assert day_of(eve) == date(2027, 1, 1)

    assert desks.sign(ready, at=eve).letter.number.endswith("〔2027〕1号")


def test_what_was_signed_stays_as_it_was(desks, ready) -> None:
    decided = desks.sign(ready)
    before = letters.show(desks.ledger, decided.letter.id, by=desks.office, today=TODAY)
    pdf = letters.render(desks.ledger, decided.letter.id, by=desks.office)
    desks.take_in([row(1, 实际单位产品能耗="700", 法定代表人="别人")])

    assert letters.render(desks.ledger, decided.letter.id, by=desks.office) == pdf
    after = letters.show(desks.ledger, decided.letter.id, by=desks.office, today=TODAY)
    assert after.inputs == before.inputs
    assert hashlib.sha256(pdf).hexdigest() == after.line.sha256
    assert '"sec": "951.2"' in after.inputs


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET disposition = 'KEEP'",
        "DELETE FROM decision",
        "UPDATE letter SET number = 'x'",
        "UPDATE letter SET inputs = '{}'",
        "UPDATE letter SET sha256 = NULL, pdf = NULL",
        "DELETE FROM letter",
        "UPDATE letter SET serial = 7",
    ],
)
def test_the_database_keeps_decisions_and_letters(desks, ready, statement: str) -> None:
    desks.sign(ready)
    with pytest.raises(Refusal, match="不能修改或删除"), desks.ledger.writer() as session:
        session.execute(sa.text(statement))


def test_a_returned_case_says_why_and_can_be_made_again(desks, project) -> None:
    desks.recommend(project)
    with pytest.raises(Refusal, match="理由"):
        dispositions.return_(desks.ledger, project, reason=" ", seen=3, by=desks.signatory, at=NOW)
    dispositions.return_(desks.ledger, project, reason="期限偏长。", seen=3, by=desks.signatory, at=NOW)

    line = review.queue(desks.ledger, by=desks.reviewer)[0]
    assert (line.line.id, line.returned, line.line.case_state) == (project, "期限偏长。", CaseState.RETURNED)
    with pytest.raises(Refusal):
        desks.sign(project)
    assert desks.recommend(project).state == "open"


# --- printing, service, clocks --------------------------------------------------------------------------------------


def served(desks, project, on: date = TODAY):
    """The letter of a signed case, printed and served on a day."""
    letter = desks.sign(project).letter
    letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)
    seen = letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).line.version
    clock = letters.serve(
        desks.ledger, letter.id, served_on=on, method="直接送达", receiver="李四", seen=seen, by=desks.office, at=NOW
    )
    return letter, clock


def test_a_clock_runs_from_service(desks, ready) -> None:
    _, clock = served(desks, ready)

    assert (clock.start, clock.due, clock.outer_limit) == (TODAY, DUE, months_later(TODAY, 36))
    view = desks.view(ready)
    assert view.line.due == DUE
    assert [e.kind for e in view.history[:3]] == ["clock_started", "letter_served", "letter_printed"]
    ids = {g: deadlines.group(c) for c in deadlines.running(desks.ledger, by=desks.office, today=DUE) for g in ["now"]}
    assert ids == {"now": "30"}


@pytest.mark.parametrize("on", [TODAY - timedelta(days=1), TODAY + timedelta(days=1)])
def test_service_lies_between_signing_and_today(desks, ready, on: date) -> None:
    with pytest.raises(Refusal) as refused:
        served(desks, ready, on)
    assert refused.value.field == "served_on"


def test_an_overdue_letter_proposes_exit(desks, ready) -> None:
    served(desks, ready)
    later = DUE + timedelta(days=1)

    assert deadlines.running(desks.ledger, by=desks.office, today=DUE)[0].overdue is False
    assert deadlines.running(desks.ledger, by=desks.office, today=later)[0].overdue is True
    offered = review.choices(desks.ledger, ready, by=desks.reviewer, today=later)
    assert offered.proposed is Disposition.ELIMINATE
    assert review.choices(desks.ledger, ready, by=desks.reviewer, today=DUE).proposed is Disposition.RETROFIT


def test_the_database_too_refuses_a_due_date_past_the_limit(desks, ready) -> None:
    served(desks, ready)
    with pytest.raises(Refusal, match="只能追加"), desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE deadline_clock SET due = '2035-01-01'"))
    with desks.ledger.reader() as session:
        clock = session.execute(sa.select(cases.ClockRow)).scalar_one().model_dump()
    with pytest.raises(Refusal, match="三年"), desks.ledger.writer() as session:
        session.add(cases.ClockRow(**{**clock, "id": uuid4(), "position": 7, "due": date(2035, 1, 1)}))


@pytest.mark.parametrize("since", ["", "2026-10-10"], ids=["taken out", "made later"])
def test_a_listing_changed_after_signing_gives_no_more_time(desks, since: str) -> None:
    listed = {"首次列入清单日期": "2025-01-10"}
    desks.take_in([row(1, **listed)])
    project = desks.find("第1")
    desks.recommend(project, due=date(2027, 6, 30))
    desks.make_official(project)
    letter = desks.sign(project).letter
    letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)
    desks.take_in([row(1, 首次列入清单日期=since)])

    clock = letters.serve(
        desks.ledger, letter.id, served_on=TODAY, method="直接送达", receiver="张三", seen=2, by=desks.office, at=NOW
    )
    assert (clock.start, clock.outer_limit) == (date(2025, 1, 10), date(2028, 1, 10))


def test_a_second_letter_does_not_reset_the_clock(desks, ready) -> None:
    served(desks, ready)
    later = NOW + timedelta(days=100)
    given = {"disposition": Disposition.RETROFIT, "reason": "再次。", "by": desks.reviewer, "at": later}
    seen = desks.version(ready)
    with pytest.raises(Refusal, match="超过最长期限2029年11月23日"):
        review.recommend(desks.ledger, ready, due=date(2029, 11, 24), seen=seen, key="late", **given)
    review.recommend(desks.ledger, ready, due=date(2029, 11, 23), seen=seen, key="in time", **given)
    letter = desks.sign(ready, at=later).letter
    letters.print_(desks.ledger, letter.id, by=desks.office, at=later)
    clock = letters.serve(
        desks.ledger,
        letter.id,
        served_on=day_of(later),
        method="邮寄送达",
        receiver="李四",
        seen=2,
        by=desks.office,
        at=later,
    )

    assert (clock.start, clock.due, clock.outer_limit) == (TODAY, date(2029, 11, 23), date(2029, 11, 23))
    assert [c.id for c in deadlines.running(desks.ledger, by=desks.office, today=TODAY)] == [clock.id]


def test_a_voided_letter_keeps_its_number(desks, ready) -> None:
    letter = desks.sign(ready).letter
    with pytest.raises(Refusal, match="理由"):
        letters.void(desks.ledger, letter.id, reason="", seen=1, by=desks.signatory, at=NOW)
    letters.void(desks.ledger, letter.id, reason="当事人名称有误。", seen=1, by=desks.signatory, at=NOW)

    assert desks.view(ready).line.case_state is CaseState.RETURNED
    with pytest.raises(Refusal, match="已作废"):
        letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)
    desks.recommend(ready)
    again = desks.sign(ready).letter
    assert again.number.endswith("〔2026〕2号")
    found = letters.list_letters(desks.ledger, by=desks.office)
    assert [(one.number, one.state) for one in found] == [(again.number, "signed"), (letter.number, "void")]


def test_a_letter_is_found_by_number_and_name(desks, ready) -> None:
    letter = desks.sign(ready).letter

    for words in (letter.number, "〔2026〕1号", "第1电石", "青山化工 1号"):
        assert [found.id for found in letters.list_letters(desks.ledger, by=desks.office, q=words)] == [letter.id], (
            words
        )
    assert letters.list_letters(desks.ledger, by=desks.office, q="没有") == ()
    assert letters.list_letters(desks.ledger, by=desks.office, state=LetterState.SERVED) == ()


# --- scope ----------------------------------------------------------------------------------------------------------


def test_what_lies_outside_the_scope_is_not_there(desks, ready) -> None:
    letter = desks.sign(ready).letter
    foreign = {role: desks.hire(role, f"foreign_{role}", "150100") for role in Role}
    neighbour = desks.hire(Role.SIGNATORY, "neighbour", "150202")
    for by in (*foreign.values(), neighbour):
        assert registry.list_projects(desks.ledger, registry.Filter(), by=by, today=TODAY).total == 0
        assert registry.documents(desks.ledger, registry.Filter(), by=by, today=TODAY) == []
        assert list(registry.projects(desks.ledger, registry.Filter(), by=by, today=TODAY)) == []
        assert letters.list_letters(desks.ledger, by=by) == ()
        assert deadlines.running(desks.ledger, by=by, today=TODAY) == ()
        assert dispositions.to_sign(desks.ledger, by=by, at=NOW) == ()
        for attempt in (
            lambda by=by: registry.show(desks.ledger, ready, by=by, today=TODAY),
            lambda by=by: registry.history(desks.ledger, ready, by=by),
            lambda by=by: letters.show(desks.ledger, letter.id, by=by, today=TODAY),
            lambda by=by: letters.render(desks.ledger, letter.id, by=by),
            lambda by=by: letters.render_again(desks.ledger, letter.number, by=by),
            lambda by=by: letters.preview(desks.ledger, ready, by=by, at=NOW),
        ):
            with pytest.raises(NotFound):
                attempt()
    pdf = letters.render(desks.ledger, letter.id, by=desks.office)
    assert not verification.examine(desks.ledger, pdf, by=neighbour).ours
    with pytest.raises(NotFound):
        desks.sign(ready, by=neighbour, seen=3, key="n")
    with pytest.raises(NotFound):
        desks.recommend(ready, by=foreign[Role.REVIEWER], seen=3)
    with pytest.raises(NotFound):
        letters.print_(desks.ledger, letter.id, by=foreign[Role.OFFICE], at=NOW)
    with pytest.raises(NotFound):
        letters.void(desks.ledger, letter.id, reason="x", seen=1, by=neighbour, at=NOW)


@pytest.mark.parametrize(("scope", "sees"), [("150000", True), ("150200", True), ("150204", True), ("150203", False)])
def test_a_scope_is_a_prefix(desks, project, scope: str, sees: bool) -> None:
    by = desks.hire(Role.AUDITOR, f"auditor{scope}", scope)
    assert registry.list_projects(desks.ledger, registry.Filter(), by=by, today=TODAY).total == int(sees)
