"""Removing the scope filter from any one query is noticed: each is tried without it, and none may be left untried."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from screening import clock
from screening.domain.classification import EfficiencyClass
from screening.domain.errors import NotFound
from screening.domain.frontrunners import ApplicationState
from screening.domain.people import Person, Role
from screening.domain.procedure import StepId
from screening.domain.review import CaseState, LetterState, Move, ReturnReason
from screening.store import (
    attachments,
    cases,
    deadlines,
    deputies,
    explanations,
    frontrunners,
    gaps,
    noticing,
    numbers,
    objections,
    people,
    printruns,
    procedure,
    registry,
    saved,
    seals,
    trail,
    triggers,
)
from screening.store.frontrunners import ApplicationRow, ApplicationStepRow
from screening.store.tables import ClockRow, ExplanationRow, LetterRow, SealRow
from tests.scope.world import BANNERS, World

STORE = Path(registry.__file__).parent
FOREIGN = "150302"


def _today() -> Any:
    return clock.now().astimezone(clock.SHANGHAI).date()


PROBES: dict[str, Callable[[Session, Person, World], object]] = {
    "registry.names_within": lambda s, by, w: list(registry.names_within(s, by)),
    "registry.get": lambda s, by, w: registry.get(s, w.things[FOREIGN].project, by=by).name,
    "registry.these": lambda s, by, w: [row.name for row, _ in registry.these(s, [w.things[FOREIGN].project], by=by)],
    "registry.standing": lambda s, by, w: [
        name for name, _ in registry.standing(s, [w.things[FOREIGN].project], by=by).values()
    ],
    "registry.conditions": lambda s, by, w: [
        row.name for row, _ in registry.page(s, registry.conditions({}, by=by, today=_today()), sort="name")
    ],
    "frontrunners.applications": lambda s, by, w: [project.name for _, project in frontrunners.applications(s, by=by)],
    "cases.in_states": lambda s, by, w: [row.name for row in cases.in_states(s, list(CaseState), by=by)],
    "cases.waiting_order": lambda s, by, w: [
        registry.get(s, key, by=w.one(Role.AUDITOR, "150000").person).name
        for key in cases.waiting_order(s, list(CaseState), by=by)
    ],
    "cases.returns": lambda s, by, w: [
        project.name
        for _, project, _ in cases.returns(s, by=by, since=datetime.min.replace(tzinfo=UTC), until=clock.now())
    ],
    "cases.often_returned": lambda s, by, w: (
        BANNERS[FOREIGN][2] if cases.often_returned(s, by=by, since=datetime.min.replace(tzinfo=UTC)) else ""
    ),
    "cases._letters": lambda s, by, w: [project.name for _, project in cases.letters(s, by=by)],
    "cases.clocks": lambda s, by, w: [project.name for _, _, project in cases.clocks(s, by=by)],
    "deadlines.clocks": lambda s, by, w: [project.name for _, _, project in deadlines.clocks(s, by=by)],
    "deadlines.ticked": lambda s, by, w: [
        project.name
        for _, _, project in deadlines.ticked(s, [c.id for c in s.execute(sa.select(ClockRow)).scalars()], by=by)
    ],
    "cases.count_letters": lambda s, by, w: (
        BANNERS[FOREIGN][2] if cases.count_letters(s, LetterState.SERVED, by=by) > 1 else ""
    ),
    "objections.referrals": lambda s, by, w: [project.name for _, project, _ in objections.referrals(s, by=by)],
    "procedure._waiting": lambda s, by, w: [row.name for row in procedure.waiting(s, StepId.LEGAL_REVIEW, by=by)],
    "attachments.of_project": lambda s, by, w: attachments.of_project(s, w.things[FOREIGN].project, by=by),
    "attachments.get": lambda s, by, w: attachments.get(s, w.things[FOREIGN].attachment, by=by).name,
    "explanations.of_project": lambda s, by, w: explanations.of_project(s, w.things[FOREIGN].project, by=by),
    "trail.shown_to": lambda s, by, w: [
        f"{row.subject} {row.why} {row.after}"
        for row in trail.page(s, by=by, offset=0, limit=500, kind=None, text=BANNERS[FOREIGN][2])[0]
    ],
    "printruns._runs": lambda s, by, w: [row.reason for row in printruns.recent(s, by=by, most=50)],
    "printruns.listed": lambda s, by, w: [
        project.name for _, _, project in printruns.listed(s, w.things[FOREIGN].run, by=by)
    ],
    "trail.news": lambda s, by, w: [name for _, name, _ in trail.news(s, None, by=by)],
    "seals.held": lambda s, by, w: [row.name for row in seals.held(s, by=by)],
    "seals.get": lambda s, by, w: seals.get(s, seals.of_key(s, "foreign").id, by=by).name,  # type: ignore[union-attr]
    "saved.kept": lambda s, by, w: [row.name for row, _ in saved.kept(s, by=by)[1]],
    "saved.get": lambda s, by, w: saved.get(s, w.things[FOREIGN].view, by=by)[0].name,
    "gaps.decisions": lambda s, by, w: gaps.decisions(s, by=by),
    "gaps.papers": lambda s, by, w: gaps.papers(s, by=by),
    "numbers.register": lambda s, by, w: [project.name for _, project in numbers.register(s, by=by)],
    "numbers.years": lambda s, by, w: numbers.years(s, by=by),
    "gaps.services": lambda s, by, w: gaps.services(s, by=by),
    "deputies.administered": lambda s, by, w: [row.reason for row in deputies.administered(s, by=by)],
    "noticing.unread": lambda s, by, w: [project.name for *_, project in noticing.unread(s, by=by)],
    "noticing.dormant": lambda s, by, w: [notice.text for notice, _ in noticing.dormant(s, by=by)],
    "noticing.mail": lambda s, by, w: noticing.mail(s, w.things[FOREIGN].mail, by=by).body,
    "noticing.unsettled": lambda s, by, w: [mail.body for mail, _ in noticing.unsettled(s, by=by)],
    "people.everybody": lambda s, by, w: [row.login for row in people.everybody(s, by=by)],
    "people.get": lambda s, by, w: people.get(s, w.things[FOREIGN].who, by=by).login,
}


SIGNS = {
    "attachments.of_project": 1,
    "explanations.of_project": 1,
    "gaps.decisions": 3,
    "gaps.papers": 1,
    "numbers.years": 1,
    "gaps.services": 2,
}
"""Probes that tell by how many rows come back; all others by the canary in what comes back."""
FILTERS = {"within", "under", "visible", "of_office"}


def _calls() -> Iterator[tuple[str, str]]:
    """Every function of the store that uses a scope filter: (module.function, filter)."""
    for path in sorted(STORE.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name not in FILTERS:
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FILTERS:
                        yield f"{path.stem}.{function.name}", node.func.id


USES = sorted(set(_calls()))


@contextmanager
def without(use: str, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The filter lets everything pass where this one function asks for it."""
    module = importlib.import_module(f"screening.store.{use.split('.', 1)[0]}")
    real, function = getattr(module, name), use.split(".", 1)[1]

    def leaky(by: Person) -> sa.ColumnElement[bool]:
        return sa.true() if sys._getframe(1).f_code.co_name == function else real(by)  # who asks?

    with monkeypatch.context() as patched:
        patched.setattr(module, name, leaky)
        yield


def leaks(world: World, use: str) -> bool:
    """Whether what the function gives a person of 包头市 tells of 海勃湾区, of another league."""
    by = world.one(Role.AUDITOR, "150200").person
    assert by is not None
    with world.ledger.reader() as session:
        try:
            found = PROBES[use](session, by, world)
        except NotFound:
            return False
    if use in SIGNS:
        return len(found) >= SIGNS[use]  # type: ignore[arg-type]
    return BANNERS[FOREIGN][2] in str(found)


@pytest.fixture(scope="module")
def said(world: World) -> World:
    """An explanation on the foreign project; what it says does not matter here. And somebody's bookmark, from before."""
    project, person = world.things[FOREIGN].project, world.one(Role.REGISTRAR, "150000").person
    stranger = world.one(Role.AUDITOR, "150200").person
    assert person is not None
    assert stranger is not None
    with world.ledger.writer() as session:
        session.connection().exec_driver_sql("DROP TRIGGER letter_stands")
        letter = session.get(LetterRow, world.things[FOREIGN].letter)
        assert letter is not None
        letter.kind = "REFER"  # a served referral; what it says does not matter here
        session.flush()
        seal = SealRow(
            key="foreign", office="150300", name=BANNERS[FOREIGN][2], picture=b"", sha256="0" * 64, side=400,
            first_day=_today(), last_day=_today(), added_by=person.id, added_at=clock.now(),
        )  # fmt: skip
        session.add(seal)
        session.flush()
        triggers.install(session.connection())
        session.add(
            applied := ApplicationRow(
                key="foreign", project_id=project, year=2026, product="电石",
                efficiency_class=EfficiencyClass.AT_BENCHMARK, sec_unit="", by=person.id, at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        session.add(
            ApplicationStepRow(
                key="foreign", project_id=project, application_id=applied.id, state=ApplicationState.APPLIED,
                happened_on=_today(), document="申请", attachments="[]", by=person.id, at=clock.now(),
            )
        )  # fmt: skip
        trail.keep_last_seen(session, person=stranger.id, project=project, seq=0, at=clock.now())
        session.add(
            ExplanationRow(
                project_id=project,
                warning="w",
                digest="0" * 64,
                facts="{}",
                sentence="s",
                text="t",
                by=person.id,
                at=clock.now(),
            )
        )
        row = registry.get(session, project, by=person)
        gone_back = {"before": CaseState.SUBMITTED, "move": Move.SEND_BACK, "after": CaseState.CORRECTION}
        proofs = {"code": ReturnReason.OTHER, "field": "name", "reason": "r"}
        reviewer = world.one(Role.REVIEWER, "150000").person
        assert reviewer is not None
        cases.record_moves(
            session, [{"project_id": row.id, "version": 999, **gone_back, **proofs}], by=reviewer, at=clock.now()
        )
    return world


def test_every_use_of_a_filter_has_a_probe() -> None:
    assert {use for use, _ in USES} == set(PROBES), "say here how each query would tell of another's project"


@pytest.mark.parametrize(("use", "name"), USES, ids=lambda value: value)
def test_a_query_without_its_filter_is_noticed(
    said: World, use: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not leaks(said, use), f"{use} tells of what is foreign"
    with without(use, name, monkeypatch):
        assert leaks(said, use), f"{use} without its filter is not noticed"
