"""Objections to served decisions: recorded in time or late, stayed by written order only, concluded, revoked, followed."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from screening.domain.classification import Disposition, FindingId
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.objections import ObjectionKind, Outcome
from screening.domain.people import Role
from screening.domain.review import CaseState
from screening.services import casework, deadlines, dispositions, findings, letters, objections, registry, review
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE, PROVEN, Desks, once
from tests.services.sheets import row
from tests.services.test_decisions import UNLAWFUL

REVIEW = {
    "kind": ObjectionKind.REVIEW, "objector": "第1化工有限公司", "organ": "包头市人民政府", "request": "请求撤销原决定。",
    "document": "行政复议申请受理通知书",
}  # fmt: skip
ORDER = {"organ": "包头市人民政府", "order_number": "包府复停〔2026〕3号"}
FALL = {
    "organ": "包头市人民政府", "document": "包府复决〔2027〕5号", "reason": "认定事实不清。", "effect": Outcome.REVOKED,
}  # fmt: skip


def later(days: int) -> datetime:
    return NOW + timedelta(days=days)


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def serve(desks: Desks, project: UUID, at: datetime = NOW, on: date = TODAY):
    """Signs, prints and serves the open recommendation; gives the letter."""
    letter = desks.sign(project, at=at).letter
    letters.print_(desks.ledger, letter.id, by=desks.office, at=at)
    seen = letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).line.version
    letters.serve(
        desks.ledger, letter.id, served_on=on, method="直接送达", receiver="李四", seen=seen, by=desks.office, at=at
    )
    return letter


@pytest.fixture
@once
def served(desks):
    """A project whose retrofit letter was served today, and the letter."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    return project, serve(desks, project)


def object_(desks: Desks, project: UUID, letter, at: datetime = NOW, by=None, **more):
    given = {
        **REVIEW, "letter": letter.id, "received_on": at.date(), "seen": desks.version(project), "key": desks.key(),
        "by": by or desks.reviewer, "at": at, **more,
    }  # fmt: skip
    return objections.record(desks.ledger, project, **given)


def stay(desks: Desks, project: UUID, at: datetime, **more):
    given = {
        **ORDER, "ordered_on": at.date(), "first_day": at.date(), "seen": desks.version(project), "key": desks.key(),
        "by": desks.reviewer, "at": at, **more,
    }  # fmt: skip
    return objections.stay(desks.ledger, project, **given)


def revoke(desks: Desks, project: UUID, at: datetime, by=None, **more):
    given = {
        **FALL, "ordered_on": at.date(), "seen": desks.version(project), "key": desks.key(),
        "by": by or desks.signatory, "at": at, **more,
    }  # fmt: skip
    return objections.revoke(desks.ledger, project, **given)


def conclude(desks: Desks, project: UUID, at: datetime, outcome=Outcome.UPHELD, **more):
    given = {
        "outcome": outcome, "outcome_on": at.date(), "document": "包府复决〔2027〕4号", "seen": desks.version(project),
        "by": desks.reviewer, "at": at, **more,
    }  # fmt: skip
    objections.conclude(desks.ledger, project, **given)


def shown(desks: Desks, project: UUID, on: date = TODAY) -> objections.Contested:
    return objections.show(desks.ledger, project, by=desks.reviewer, today=on)


def overdue(desks: Desks, on: date) -> tuple[bool, bool, int]:
    """Whether the clock is overdue, whether the ledger lists it so, and how many the facet counts."""
    (clock,) = deadlines.running(desks.ledger, by=desks.reviewer, today=on)
    page = registry.list_projects(
        desks.ledger, registry.Filter.read({"deadline": "overdue"}), by=desks.reviewer, today=on
    )
    whole = registry.list_projects(desks.ledger, registry.Filter.read({}), by=desks.reviewer, today=on)
    return clock.overdue, page.total == 1, {o.value: o.count for o in whole.facets["deadline"]}.get("overdue", 0)


# --- recording ------------------------------------------------------------------------------------------------------


def test_an_objection_is_on_file_and_the_clock_runs_on(desks, served) -> None:
    project, letter = served
    (before,) = deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY)
    object_(desks, project, letter, later(10), agent="王律师", case_number="包府复〔2026〕8号")

    view = desks.view(project)
    assert view.line.case_state is CaseState.OBJECTED
    assert view.history[0].kind == "objection_received"
    found = shown(desks, project).open
    assert found is not None
    assert (found.kind, found.objector, found.agent, found.case_number, found.letter_number, found.late) == (
        ObjectionKind.REVIEW, REVIEW["objector"], "王律师", "包府复〔2026〕8号", letter.number, False,
    )  # fmt: skip
    assert found.last_day == day(60)
    assert deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY) == (before,)
    assert overdue(desks, DUE + timedelta(days=1))[0]


@pytest.mark.parametrize(
    ("kind", "received", "late"),
    [
        pytest.param(ObjectionKind.REVIEW, 60, False, id="the sixtieth day"),
        pytest.param(ObjectionKind.REVIEW, 61, True, id="the sixty-first"),
        pytest.param(ObjectionKind.SUIT, 181, False, id="six months: 2027-05-23"),
        pytest.param(ObjectionKind.SUIT, 182, True, id="a day later"),
    ],
)
def test_a_late_one_says_why(desks, served, kind, received: int, late: bool) -> None:
    project, letter = served
    assert date(2026, 11, 23) == TODAY
    if late:
        with pytest.raises(Refusal, match="已超过期限") as refused:
            object_(desks, project, letter, later(received), kind=kind)
        assert refused.value.field == "late_reason"
    object_(desks, project, letter, later(received), kind=kind, late_reason="末日为法定节假日。")
    found = shown(desks, project).open
    assert (found.late, found.late_reason is not None) == (late, late)


def test_a_suit_after_a_review_has_fifteen_days(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    conclude(desks, project, later(100))
    with pytest.raises(Refusal, match=r"15日.*已超过期限"):
        object_(desks, project, letter, later(116), kind=ObjectionKind.SUIT)
    object_(desks, project, letter, later(115), kind=ObjectionKind.SUIT)
    assert shown(desks, project).open.last_day == day(115)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"objector": " "}, "objector"), ({"organ": ""}, "organ"), ({"request": ""}, "request"),
        ({"document": ""}, "document"), ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
        ({"received_on": TODAY - timedelta(days=1)}, "received_on"), ({"request": "长" * 4001}, "request"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(sqlite_desks, changed, field) -> None:
    desks = sqlite_desks
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = serve(desks, project)
    with pytest.raises(Refusal) as refused:
        object_(desks, project, letter, **changed)
    assert refused.value.field == field
    assert desks.view(project).line.case_state is CaseState.SERVED


def test_only_once_and_one_at_a_time(desks, served) -> None:
    project, letter = served
    seen = desks.version(project)
    first = object_(desks, project, letter, seen=seen, key="k")
    assert object_(desks, project, letter, seen=seen, key="k") == first
    with pytest.raises(Conflict, match="登记复议或者诉讼"):
        object_(desks, project, letter, seen=seen)
    with pytest.raises(Refusal, match="复议诉讼中"):
        object_(desks, project, letter)
    with pytest.raises(NotFound):
        object_(desks, uuid4(), letter, seen=1)


def test_of_four_at_once_one_succeeds(desks, served) -> None:
    project, letter = served
    seen = desks.version(project)
    people = [desks.reviewer, desks.regional, desks.reviewer, desks.regional]
    told: list[str] = []
    barrier = threading.Barrier(len(people))

    def act(place: int) -> None:
        barrier.wait()
        try:
            object_(desks, project, letter, by=people[place], seen=seen, key=f"race{place}")
            told.append("done")
        except Conflict as conflict:
            told.append(conflict.message)

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text == "done" for text in told) == [False, False, False, True]
    assert all("登记复议或者诉讼" in text for text in told if text != "done"), told
    assert len(shown(desks, project).objections) == 1


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.SIGNATORY, Role.OFFICE, Role.LEGAL, Role.AUDITOR])
def test_only_reviewers_record(desks, served, role) -> None:
    project, letter = served
    with pytest.raises(Forbidden):
        object_(desks, project, letter, by=getattr(desks, role.value))


def test_nothing_is_contested_before_service(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    with pytest.raises(Refusal, match="已签发"):
        object_(desks, project, letter)


# --- stays ----------------------------------------------------------------------------------------------------------


def test_a_stay_suspends_overdue_and_moves_no_date(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    past = DUE + timedelta(days=5)
    stay(desks, project, later(20))

    assert overdue(desks, past) == (False, False, 0)
    (clock,) = deadlines.running(desks.ledger, by=desks.reviewer, today=past)
    assert (clock.due, clock.days_left, deadlines.group(clock)) == (DUE, -5, "stayed")
    assert "暂停执行，依据包头市人民政府包府复停〔2026〕3号" in clock.stay
    assert deadlines.running(desks.ledger, by=desks.reviewer, today=day(19))[0].stay == ""
    offered = review.choices(desks.ledger, project, by=desks.reviewer, today=past)
    assert Disposition.ELIMINATE not in offered.dispositions
    assert offered.proposed is Disposition.RETROFIT

    at = NOW + (past - TODAY)
    objections.lift(
        desks.ledger, project, last_day=past, document="包府复恢〔2028〕1号", seen=desks.version(project),
        by=desks.reviewer, at=at,
    )  # fmt: skip
    assert overdue(desks, past)[0] is False
    assert overdue(desks, past + timedelta(days=1)) == (True, True, 1)
    (after,) = deadlines.running(desks.ledger, by=desks.reviewer, today=past)
    assert (after.start, after.due, after.outer_limit) == (clock.start, clock.due, clock.outer_limit)
    assert review.choices(
        desks.ledger, project, by=desks.reviewer, today=past + timedelta(days=1)
    ).proposed is Disposition.ELIMINATE  # fmt: skip
    assert [e.kind for e in desks.view(project).history[:2]] == ["stay_lifted", "stay_ordered"]


def test_a_stay_with_an_end_ends_by_itself(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    stay(desks, project, later(20), last_day=DUE + timedelta(days=30))

    assert overdue(desks, DUE + timedelta(days=30)) == (False, False, 0)
    assert overdue(desks, DUE + timedelta(days=31)) == (True, True, 1)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"organ": ""}, "organ"), ({"order_number": " "}, "order_number"), ({"ordered_on": day(21)}, "ordered_on"),
        ({"first_day": day(19)}, "first_day"), ({"last_day": day(19)}, "last_day"),
    ],
)  # fmt: skip
def test_a_stay_rests_on_a_written_order(desks, served, changed, field) -> None:
    project, letter = served
    with pytest.raises(Refusal, match="没有尚未办结的复议或者诉讼"):
        stay(desks, project, later(20))
    object_(desks, project, letter, later(10))
    with pytest.raises(Refusal) as refused:
        stay(desks, project, later(20), **changed)
    assert refused.value.field == field
    assert shown(desks, project).open.stays == ()


def test_stays_do_not_overlap(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    stay(desks, project, later(20), last_day=day(40))
    with pytest.raises(Refusal, match="时间重叠"):
        stay(desks, project, later(30))
    stay(desks, project, later(41))
    assert len(shown(desks, project).open.stays) == 2


def test_the_outcome_ends_the_stay(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    stay(desks, project, later(20))
    conclude(desks, project, later(90))
    (found,) = shown(desks, project).objections
    assert (found.stays[0].last_day, found.stays[0].lift_document) == (day(90), "包府复决〔2027〕4号")
    assert overdue(desks, DUE + timedelta(days=1)) == (True, True, 1)


# --- outcomes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.UPHELD, "decision_upheld"), (Outcome.WITHDRAWN, "objection_ended"), (Outcome.SETTLED, "objection_ended"),
    ],
)  # fmt: skip
def test_the_decision_stands(desks, served, outcome, kind) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    conclude(desks, project, later(90), outcome, note="双方签字。")

    view = desks.view(project)
    assert view.line.case_state is CaseState.SERVED
    assert view.history[0].kind == kind
    found = shown(desks, project)
    assert found.open is None
    assert (found.objections[0].outcome, found.objections[0].outcome_on) == (outcome, day(90))
    assert [d.fall for d in found.decisions] == [None]
    assert view.line.due == DUE


def test_reviewers_do_not_revoke(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    with pytest.raises(Refusal, match="签发人"):
        conclude(desks, project, later(90), Outcome.REVOKED)
    with pytest.raises(Forbidden):
        revoke(desks, project, later(90), by=desks.reviewer)
    with pytest.raises(Refusal, match="早于收到"):
        conclude(desks, project, later(90), outcome_on=day(9))
    assert desks.view(project).line.case_state is CaseState.OBJECTED


@pytest.mark.parametrize("effect", [Outcome.REVOKED, Outcome.CHANGED])
def test_a_revoked_retrofit_is_followed_by_another(desks, served, effect) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    stay(desks, project, later(20))
    revoke(desks, project, later(90), effect=effect)

    view = desks.view(project)
    assert view.line.case_state is CaseState.REVOKED
    assert view.line.due is None
    assert view.letters[0].fell == f"已于2027年2月21日{effect.words[:2]}"
    assert view.letters[0].state == "served"
    (clock,) = [c for c in _clocks(desks) if c[0] == letter.number]
    assert clock[1:] == (TODAY, day(90))
    with pytest.raises(Refusal):
        object_(desks, project, letter, later(91))

    at = later(100)
    casework.reopen(
        desks.ledger, project, reason="依复议决定重新办理。", seen=desks.version(project), by=desks.reviewer, at=at
    )
    review.recommend(
        desks.ledger, project, disposition=Disposition.RETROFIT, reason="补充认定后仍须改造。", due=date(2029, 11, 23),
        seen=desks.version(project), key=desks.key(), by=desks.reviewer, at=at,
    )  # fmt: skip
    with pytest.raises(Refusal, match="超过最长期限"):
        _recommend_too_long(desks, project, at)
    second = serve(desks, project, at, at.date())

    found = shown(desks, project)
    new, old = found.decisions
    assert (new.follows, old.followed_by, new.followed_by, old.follows) == (letter.number, second.number, None, None)
    assert (old.fall.effect, old.fall.document, old.served, new.served) == (effect, FALL["document"], False, True)
    assert found.objections[0].outcome is effect
    (running,) = deadlines.running(desks.ledger, by=desks.reviewer, today=at.date())
    assert (running.start, running.outer_limit) == (TODAY, date(2029, 11, 23)), "the three years run from the first"
    first_told, now_told = reversed(dispositions.decisions(desks.ledger, project, by=desks.reviewer))
    assert (first_told.followed_by, now_told.follows) == (second.number, letter.number)
    told = next(e for e in desks.view(project).history if e.kind == "decision_signed")
    assert told.after["follows"] == str(old.id)


def _recommend_too_long(desks: Desks, project: UUID, at: datetime) -> None:
    casework.recall(desks.ledger, project, reason="更正期限。", seen=desks.version(project), by=desks.reviewer, at=at)
    given = {"disposition": Disposition.RETROFIT, "reason": "补充认定后仍须改造。", "by": desks.reviewer, "at": at}
    try:
        review.recommend(
            desks.ledger, project, due=date(2029, 11, 24), seen=desks.version(project), key=desks.key(), **given
        )
    finally:
        review.recommend(
            desks.ledger, project, due=date(2029, 11, 23), seen=desks.version(project), key=desks.key(), **given
        )


def _clocks(desks: Desks) -> list[tuple]:
    with desks.ledger.reader() as session:
        return list(
            session.execute(
                sa.text(
                    "SELECT number, start, stopped_on FROM deadline_clock c JOIN letter l ON l.id = c.letter_id"
                ).columns(start=sa.Date, stopped_on=sa.Date)
            )
        )


def test_the_office_itself_revokes(desks, served) -> None:
    project, _letter = served
    seen, key = desks.version(project), desks.key()
    given = {"organ": "包头市发展和改革委员会", "seen": seen, "key": key}
    first = revoke(desks, project, later(5), **given)
    assert revoke(desks, project, later(5), **given) == first
    with pytest.raises(Conflict):
        revoke(desks, project, later(5), seen=seen)
    found = shown(desks, project)
    assert (found.decisions[0].fall.organ, found.objections) == ("包头市发展和改革委员会", ())
    assert desks.view(project).line.case_state is CaseState.REVOKED


@pytest.fixture
@once
def halted(desks):
    """A project that a served letter halts."""
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    findings.confirm_finding(
        desks.ledger, project, FindingId.BUILT_BEFORE_APPROVAL, reason="属实。", told=PROVEN, seen=1, by=desks.reviewer,
        at=NOW,
    )  # fmt: skip
    desks.recommend(project, Disposition.HALT, due=None)
    desks.make_official(project, Disposition.HALT)
    decided = desks.sign(project)
    for letter in decided.letters:
        letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)
        letters.serve(
            desks.ledger,
            letter.id,
            served_on=TODAY,
            method="直接送达",
            receiver="李四",
            seen=2,
            by=desks.office,
            at=NOW,
        )
    return project, decided.letter


def halted_on(desks: Desks, project: UUID) -> date | None:
    with desks.ledger.reader() as session:
        return session.execute(
            sa.text("SELECT halted_on FROM project WHERE id = :id")
            .bindparams(sa.bindparam("id", project, sa.Uuid))
            .columns(halted_on=sa.Date)
        ).scalar_one()


def test_revoking_a_halt_ends_it(desks, halted) -> None:
    project, letter = halted
    assert halted_on(desks, project) == TODAY
    object_(desks, project, letter, later(3))
    assert halted_on(desks, project) == TODAY, "an objection alone ends nothing"
    revoke(desks, project, later(9))
    assert halted_on(desks, project) is None


def test_revoking_a_release_restores_the_halt(desks, halted) -> None:
    project, _ = halted
    desks.recommend(project, Disposition.RELEASE, due=None, clause="叫停文书所载条件")
    desks.make_official(project, Disposition.RELEASE)
    serve(desks, project)
    assert halted_on(desks, project) is None
    release = shown(desks, project).decisions[0]
    with pytest.raises(Refusal, match="请选择要撤销"):
        revoke(desks, project, later(9))
    revoke(desks, project, later(9), decision=release.id)
    assert halted_on(desks, project) == TODAY


# --- the database says the same -------------------------------------------------------------------------------------


def test_the_database_guards_what_was_recorded(desks, served) -> None:
    project, letter = served
    object_(desks, project, letter, later(10))
    stay(desks, project, later(20))
    revoke(desks, project, later(90))
    for statement in (
        "UPDATE objection SET request = '别的'",
        "UPDATE objection SET outcome = 'upheld'",
        "UPDATE stay SET first_day = '2026-11-24'",
        "UPDATE revocation SET effect = 'changed'",
        "DELETE FROM objection",
        "DELETE FROM stay",
        "DELETE FROM revocation",
    ):
        with pytest.raises(Refusal, match=r"只能追加|不能再修改"), desks.ledger.writer() as session:
            session.execute(sa.text(statement))


def test_the_database_takes_no_decision_that_hides_the_first(desks, served, monkeypatch) -> None:
    project, _ = served
    revoke(desks, project, later(5))
    casework.reopen(
        desks.ledger, project, reason="重新办理。", seen=desks.version(project), by=desks.reviewer, at=later(6)
    )
    review.recommend(
        desks.ledger, project, disposition=Disposition.RETROFIT, reason="仍须改造。", due=DUE,
        seen=desks.version(project), key=desks.key(), by=desks.reviewer, at=later(6),
    )  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(dispositions.objections, "followed", lambda *_: None)
        with pytest.raises(Refusal, match="承接"):
            desks.sign(project, at=later(6))
    assert shown(desks, project).decisions[0].follows is None
