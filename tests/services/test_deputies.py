"""Deputies: who may be one and when, what they may do, and both names on record everywhere."""

from __future__ import annotations

import ast
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Happening
from screening.domain.people import Permission, Role
from screening.domain.review import CaseState
from screening.services import chronicle, deputies, dispositions, history, letters, people, rules
from screening.store import cases
from screening.store.deputies import DeputyRow
from tests.conftest import NOW, TODAY
from tests.services.sheets import row

DAYS = timedelta(days=1)


def name(desks, principal, deputy, first: int = 0, last: int = 7, **more):
    given = {
        "first_day": TODAY + first * DAYS, "last_day": TODAY + last * DAYS, "reason": "出差", "key": desks.key(),
        "by": principal, "at": NOW, **more,
    }  # fmt: skip
    return deputies.name(desks.ledger, principal=principal.id, deputy=deputy.id, **given)


def principals(desks, person, today: date):
    with desks.ledger.reader() as session:
        return deputies.principals(session, person.id, today)


def acting(desks, deputy, day: date = TODAY):
    (principal,) = principals(desks, deputy, today=day)
    return deputies.acting(deputy, principal)


def test_named_for_a_period_and_no_day_longer(desks) -> None:
    name(desks, desks.signatory, desks.second_signatory, 1, 3)
    days = {n: principals(desks, desks.second_signatory, today=TODAY + n * DAYS) for n in range(6)}

    assert {n: [p.login for p in found] for n, found in days.items()} == {
        0: [], 1: ["signatory"], 2: ["signatory"], 3: ["signatory"], 4: [], 5: [],
    }  # fmt: skip
    assert principals(desks, desks.signatory, today=TODAY + DAYS) == ()


def test_a_deputy_acts_with_the_role_and_division_of_the_principal_alone(desks) -> None:
    above = desks.hire(Role.REVIEWER, "above", scope="150000")
    name(desks, desks.signatory, above)
    deputy = acting(desks, above)

    assert (deputy.id, deputy.login, deputy.name) == (above.id, above.login, above.name)
    assert (deputy.role, deputy.scope) == (desks.signatory.role, desks.signatory.scope)
    assert deputy.may(Permission.SIGN)
    assert not deputy.may(Permission.RECOMMEND)
    assert deputy.signature == f"{above.name}（代{desks.signatory.name}）"


@pytest.mark.parametrize(
    ("role", "login", "scope"),
    [
        pytest.param(Role.SIGNATORY, "lower", "150204", id="a lower office"),
        pytest.param(Role.SIGNATORY, "other", "150300", id="another office of the same level"),
        pytest.param(Role.ADMINISTRATOR, "admin", "150200", id="an administrator"),
        pytest.param(Role.AUDITOR, "audit", "150000", id="an auditor"),
    ],
)
def test_who_may_not_be_a_deputy(desks, role: Role, login: str, scope: str) -> None:
    with pytest.raises(Refusal) as refused:
        name(desks, desks.signatory, desks.hire(role, login, scope=scope))
    assert refused.value.field == "deputy"


def test_not_oneself_nobody_kept_out_nobody_unknown(desks) -> None:
    people.set_active(desks.ledger, desks.second_signatory.id, active=False, by=desks.administrator, at=NOW)
    for deputy in (desks.signatory, desks.second_signatory):
        with pytest.raises(Refusal) as refused:
            name(desks, desks.signatory, deputy)
        assert refused.value.field == "deputy"
    with pytest.raises(Refusal, match="没有这个代理人"):
        deputies.name(
            desks.ledger, principal=desks.signatory.id, deputy=UUID(int=5), first_day=TODAY, last_day=TODAY,
            reason="出差", key="k", by=desks.signatory, at=NOW,
        )  # fmt: skip


def test_an_administrator_is_never_stood_in_for(desks) -> None:
    second = desks.hire(Role.ADMINISTRATOR, "admin2")
    for deputy in (second, desks.signatory):
        with pytest.raises(Refusal, match="系统管理员不能由他人代理"):
            name(desks, desks.administrator, deputy)


@pytest.mark.parametrize(("first", "last", "field"), [(-1, 3, "first_day"), (3, 2, "last_day")])
def test_no_period_in_the_past_or_backwards(desks, first: int, last: int, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        name(desks, desks.signatory, desks.second_signatory, first, last)
    assert refused.value.field == field
    with pytest.raises(Refusal) as refused:
        name(desks, desks.signatory, desks.second_signatory, reason=" ")
    assert refused.value.field == "reason"


def test_only_oneself_or_the_administrator_of_the_office_names(desks) -> None:
    for by in (desks.reviewer, desks.auditor, desks.hire(Role.ADMINISTRATOR, "far", scope="150300")):
        with pytest.raises(NotFound):
            name(desks, desks.signatory, desks.second_signatory, by=by)
    line = name(desks, desks.signatory, desks.second_signatory, by=desks.administrator)
    assert line.added_by == desks.administrator.name
    told = history.trail(desks.ledger, by=desks.auditor, kind=Happening.DEPUTY_NAMED).rows
    assert [(e.who, e.why, e.after["principal"], e.after["deputy"]) for e in told] == [
        ("administrator", "出差", "signatory", "signatory2")
    ]


def test_no_two_at_a_time_and_no_chain(desks) -> None:
    third = desks.hire(Role.SIGNATORY, "third")
    name(desks, desks.signatory, desks.second_signatory, 2, 5)

    for first, last in ((0, 2), (5, 9), (3, 4), (0, 9)):
        with pytest.raises(Refusal, match="期间不能重叠"):
            name(desks, desks.signatory, third, first, last)
        with pytest.raises(Refusal, match="不得转代理"):
            name(desks, desks.second_signatory, third, first, last)
        with pytest.raises(Refusal, match="不能再代理他人"):
            name(desks, third, desks.signatory, first, last)
    name(desks, desks.signatory, third, 6, 9)
    name(desks, desks.second_signatory, third, 6, 9)
    assert len(principals(desks, third, today=TODAY + 7 * DAYS)) == 2


def test_the_database_holds_it_too(desks) -> None:
    third = desks.hire(Role.SIGNATORY, "third")
    name(desks, desks.signatory, desks.second_signatory)

    def write(principal, deputy) -> None:
        with desks.ledger.writer() as session:
            session.add(
                DeputyRow(
                    key=desks.key(), principal_id=principal.id, deputy_id=deputy.id, first_day=TODAY, last_day=TODAY,
                    reason="r", added_by=principal.id, added_at=NOW,
                )
            )  # fmt: skip

    for principal, deputy in (
        (desks.signatory, third), (desks.second_signatory, third), (third, desks.signatory),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            write(principal, deputy)
    with pytest.raises(Refusal, match="两个人"):
        write(third, third)


def test_five_names_at_once_leave_one(desks) -> None:
    others = [desks.hire(Role.SIGNATORY, f"other{n}") for n in range(5)]
    start, done, refused = threading.Barrier(5), [], []

    def act(deputy) -> None:
        start.wait()
        try:
            done.append(name(desks, desks.signatory, deputy, key=deputy.login))
        except Refusal as refusal:
            refused.append(refusal.message)

    threads = [threading.Thread(target=act, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(refused)) == (1, 4)


def test_the_same_form_twice_names_once(desks) -> None:
    first = name(desks, desks.signatory, desks.second_signatory, key="once")
    assert name(desks, desks.signatory, desks.second_signatory, key="once") == first
    with pytest.raises(Conflict):
        name(desks, desks.second_signatory, desks.signatory, key="once")


def test_ended_early_by_the_principal_or_the_administrator_alone(desks) -> None:
    line = name(desks, desks.signatory, desks.second_signatory)
    for by in (desks.second_signatory, desks.reviewer, desks.hire(Role.ADMINISTRATOR, "far", scope="150300")):
        with pytest.raises(NotFound):
            deputies.end(desks.ledger, line.id, by=by, at=NOW)

    deputies.end(desks.ledger, line.id, by=desks.signatory, at=NOW)

    assert principals(desks, desks.second_signatory, today=TODAY) == ()
    (shown,) = deputies.show(desks.ledger, by=desks.signatory, today=TODAY).mine
    assert (shown.state, shown.ended_by, shown.open) == ("已提前结束", desks.signatory.name, False)
    with pytest.raises(Refusal, match="已经结束"):
        deputies.end(desks.ledger, line.id, by=desks.administrator, at=NOW)
    again = name(desks, desks.signatory, desks.second_signatory)
    deputies.end(desks.ledger, again.id, by=desks.administrator, at=NOW)


def test_a_principal_who_is_kept_out_is_not_stood_in_for(desks) -> None:
    name(desks, desks.signatory, desks.second_signatory)
    people.set_active(desks.ledger, desks.signatory.id, active=False, by=desks.administrator, at=NOW)
    assert principals(desks, desks.second_signatory, today=TODAY) == ()
    people.set_active(desks.ledger, desks.signatory.id, active=True, by=desks.administrator, at=NOW)
    assert len(principals(desks, desks.second_signatory, today=TODAY)) == 1


def test_a_deputy_names_and_ends_nobody(desks) -> None:
    line = name(desks, desks.signatory, desks.second_signatory)
    deputy = acting(desks, desks.second_signatory)
    with pytest.raises(Forbidden):
        name(desks, desks.signatory, desks.reviewer, 8, 9, by=deputy)
    with pytest.raises(Forbidden):
        deputies.end(desks.ledger, line.id, by=deputy, at=NOW)


def test_both_names_stand_on_everything_that_a_deputy_signs(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    name(desks, desks.signatory, desks.office)
    deputy = acting(desks, desks.office)

    decided = desks.sign(project, by=deputy)

    both = f"{desks.office.name}（代{desks.signatory.name}）"
    assert decided.letter.signed_by == both
    inputs = letters.show(desks.ledger, decided.letter.id, by=desks.auditor, today=TODAY).inputs
    assert both in inputs
    with desks.ledger.reader() as session:
        moved = cases.moves(session, project)[-1]
        found = session.execute(sa.text("SELECT signed_by, signed_for FROM decision")).one()
        letter = session.execute(sa.text("SELECT signed_by, signed_for FROM letter")).one()
    people_of = tuple(key.hex for key in (desks.office.id, desks.signatory.id))
    assert (moved.by.hex, moved.for_whom.hex) == people_of
    assert tuple(str(key).replace("-", "") for key in found) == people_of
    assert tuple(str(key).replace("-", "") for key in letter) == people_of
    event = next(e for e in history.trail(desks.ledger, by=desks.auditor).rows if e.kind is Happening.DECISION_SIGNED)
    assert (event.who, event.stood_in_for, event.who_name) == (desks.office.login, desks.signatory.login, both)
    story = chronicle.show(desks.ledger, project, by=desks.auditor)
    assert story.entries[0].event.who_name == both
    assert history.verify(desks.ledger).ok


def test_nobody_gets_round_his_own_part_by_a_deputy(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    desks.take_steps(project)
    name(desks, desks.signatory, desks.reviewer)
    name(desks, desks.second_signatory, desks.registrar)

    for deputy in (desks.reviewer, desks.registrar):
        with pytest.raises(Forbidden, match="由您本人"):
            desks.sign(project, by=acting(desks, deputy))
    assert desks.view(project).line.case_state is CaseState.RECOMMENDED


def test_a_principal_does_not_sign_what_was_recommended_in_his_name(desks) -> None:
    third = desks.hire(Role.REVIEWER, "third")
    desks.take_in([row(1)])
    project = desks.find("第1")
    line = name(desks, desks.reviewer, third)
    desks.recommend(project, by=acting(desks, third))
    desks.make_official(project)
    desks.take_steps(project)
    deputies.end(desks.ledger, line.id, by=desks.reviewer, at=NOW)
    name(desks, desks.signatory, desks.reviewer)

    with pytest.raises(Forbidden, match="代您"):
        desks.sign(project, by=acting(desks, desks.reviewer))
    desks.sign(project)


def test_rules_that_the_principal_confirmed_are_countersigned_by_another(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    refs = desks.missing(project)
    page = rules.confirm_page(
        desks.ledger, refs, document="文", page="1", day=date(2023, 6, 6), key="k", by=desks.rules_officer, at=NOW
    )
    name(desks, desks.rules_officer, desks.second_officer)
    with pytest.raises(Refusal, match="由您本人核对"):
        rules.countersign(desks.ledger, page.id, by=acting(desks, desks.second_officer), at=NOW)
    rules.countersign(desks.ledger, page.id, by=desks.second_officer, at=NOW)


def test_the_days_are_those_of_shanghai(desks) -> None:
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # half past midnight of the 24th there
    with pytest.raises(Refusal, match="已经过去"):
        name(desks, desks.signatory, desks.second_signatory, at=late)
    line = name(desks, desks.signatory, desks.second_signatory, 1, 1, at=late)
    assert line.state == "代理中"


def test_dispositions_are_returned_in_both_names(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    name(desks, desks.signatory, desks.second_signatory)
    deputy = acting(desks, desks.second_signatory)
    dispositions.return_(desks.ledger, project, reason="补材料", seen=desks.version(project), by=deputy, at=NOW)
    event = chronicle.show(desks.ledger, project, by=desks.auditor).entries[0].event
    assert (event.words, event.who_name) == ("退回处置建议", deputy.signature)


def test_no_event_is_told_a_bare_login_where_a_person_acts() -> None:
    """Else the one whom a deputy stood in for would be missing from the trail."""
    found = [
        f"{path.name}:{node.lineno}"
        for path in Path(deputies.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Event"
        for given in node.keywords
        if given.arg == "who" and ast.unparse(given.value) == "by.login"
    ]
    assert found == []
