"""Queries about deadlines: every clock of a scope with how far its acceptance has come, what was said, feeds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.domain.review import LetterState
from screening.store.cases import fell
from screening.store.registry import runs, within
from screening.store.tables import (
    AcceptanceRow,
    CalendarFeedRow,
    ChaseRow,
    ClockRow,
    DecisionRow,
    LetterRow,
    MeteringRow,
    PersonRow,
    ProjectRow,
    ServiceRecordRow,
    StayRow,
)

__all__ = ["AcceptanceRow", "CalendarFeedRow", "ChaseRow", "StayRow"]

Timed = tuple[ClockRow, LetterRow, ProjectRow]
_CHUNK = 5000
_LETTER = (LetterRow.id, LetterRow.decision_id, LetterRow.number, LetterRow.kind, LetterRow.version)
_PROJECT = (
    ProjectRow.id, ProjectRow.name, ProjectRow.enterprise, ProjectRow.league, ProjectRow.banner, ProjectRow.industry,
    ProjectRow.equivalent_tce,
)  # fmt: skip


def clocks(session: Session, *, by: Person, running: bool = False, most: int | None = None) -> list[Timed]:
    """The clocks within the scope that nothing stopped, accepted ones too unless `running`; nearest due date first.

    Letters and projects come with what a line shows of them, no more.
    """
    query = (
        sa.select(ClockRow, LetterRow, ProjectRow)
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .join(ProjectRow, col(ProjectRow.id) == col(ClockRow.project_id))
        .where(within(by), runs() if running else col(ClockRow.stopped_on).is_(None))
        .order_by(col(ClockRow.due), col(ProjectRow.name), col(ClockRow.position), col(ClockRow.id))
        .options(load_only(*_LETTER), load_only(*_PROJECT))  # type: ignore[arg-type]
    )
    return list(session.execute(query.limit(most)))


def ticked(session: Session, keys: Collection[UUID], *, by: Person) -> list[Timed]:
    """Those of these clocks that lie within the scope, stopped ones too, the nearest due date first."""
    query = (
        sa.select(ClockRow, LetterRow, ProjectRow)
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .join(ProjectRow, col(ProjectRow.id) == col(ClockRow.project_id))
        .where(col(ClockRow.id).in_(keys), within(by))
        .order_by(col(ClockRow.due), col(ClockRow.position))
        .options(load_only(*_LETTER), load_only(*_PROJECT))  # type: ignore[arg-type]
    )
    return list(session.execute(query))


def accepted(session: Session, clocks_: Collection[UUID]) -> dict[UUID, AcceptanceRow]:
    """What was last said of each of these clocks by a decision that stands."""
    void = sa.exists().where(
        col(LetterRow.decision_id) == col(AcceptanceRow.decision_id), col(LetterRow.state) == LetterState.VOID
    )
    query = (
        sa.select(AcceptanceRow)
        .join(DecisionRow, col(DecisionRow.id) == col(AcceptanceRow.decision_id))
        .where(~void, ~fell(col(AcceptanceRow.decision_id)))
        .order_by(col(DecisionRow.project_version))
    )
    return {
        row.clock_id: row
        for keys in _chunks(clocks_)
        for row in session.execute(query.where(col(AcceptanceRow.clock_id).in_(keys))).scalars()
    }


def meterings(session: Session, clocks_: Collection[UUID]) -> list[MeteringRow]:
    """What was metered on these clocks, void entries apart, in the order of entry."""
    query = sa.select(MeteringRow).where(col(MeteringRow.voided_at).is_(None)).order_by(col(MeteringRow.at))
    return [
        row
        for keys in _chunks(clocks_)
        for row in session.execute(query.where(col(MeteringRow.clock_id).in_(keys))).scalars()
    ]


def served(session: Session, letters: Collection[UUID]) -> dict[UUID, date]:
    """The day of service of these letters."""
    query = sa.select(col(ServiceRecordRow.letter_id), col(ServiceRecordRow.served_on))
    return _pairs(session, query, col(ServiceRecordRow.letter_id), letters)


def letters_data(session: Session, letters: Collection[UUID]) -> dict[UUID, str]:
    """The closed data of these letters, of which the caller knows that they lie in the scope."""
    return _pairs(session, sa.select(col(LetterRow.id), col(LetterRow.inputs)), col(LetterRow.id), letters)


def facts(session: Session, projects: Collection[UUID]) -> dict[UUID, str]:
    """The facts of these projects, of which the caller knows that they lie in the scope."""
    return _pairs(session, sa.select(col(ProjectRow.id), col(ProjectRow.facts)), col(ProjectRow.id), projects)


def _chunks(keys: Collection[UUID]) -> Iterator[list[UUID]]:
    source = iter(keys)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


def _pairs(session: Session, query: sa.Select[Any, Any], key: Any, keys: Collection[UUID]) -> dict[UUID, Any]:
    return {one: value for chunk in _chunks(keys) for one, value in session.execute(query.where(key.in_(chunk)))}


def stays(session: Session, decisions: Collection[UUID | None]) -> dict[UUID, list[StayRow]]:
    """All orders that stayed these decisions, past ones too, in their order."""
    query = (
        sa.select(StayRow)
        .where(col(StayRow.decision_id).in_({key for key in decisions if key}))
        .order_by(col(StayRow.first_day), col(StayRow.at))
    )
    found: dict[UUID, list[StayRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.decision_id, []).append(row)
    return found


# -- chasing ---------------------------------------------------------------------------------------------------------


def chases(session: Session, clocks_: Collection[UUID]) -> dict[UUID, list[ChaseRow]]:
    """What was said about these clocks, voided entries included, the newest first."""
    query = (
        sa.select(ChaseRow)
        .where(col(ChaseRow.clock_id).in_(clocks_))
        .order_by(col(ChaseRow.day).desc(), col(ChaseRow.at).desc(), col(ChaseRow.id))
    )
    found: dict[UUID, list[ChaseRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.clock_id, []).append(row)
    return found


def chases_of(session: Session, project: UUID) -> list[ChaseRow]:
    """What was said about the clocks of a project, voided entries included, the newest first."""
    query = sa.select(ChaseRow).where(col(ChaseRow.project_id) == project)
    order = (col(ChaseRow.day).desc(), col(ChaseRow.at).desc(), col(ChaseRow.id))
    return list(session.execute(query.order_by(*order)).scalars())


def first_chases(session: Session, clocks_: Collection[UUID]) -> dict[UUID, date]:
    """The day on which each of these clocks was first spoken of."""
    query = (
        sa.select(col(ChaseRow.clock_id), sa.func.min(col(ChaseRow.day)))
        .where(col(ChaseRow.voided_at).is_(None))
        .group_by(col(ChaseRow.clock_id))
    )
    return _pairs(session, query, col(ChaseRow.clock_id), clocks_)


def last_reminders(session: Session, clocks_: Collection[UUID]) -> dict[UUID, ChaseRow]:
    """The newest reminder by letter of each of these clocks; a voided letter reminds nobody."""
    query = (
        sa.select(ChaseRow)
        .join(LetterRow, col(LetterRow.id) == col(ChaseRow.letter_id))
        .where(
            col(ChaseRow.clock_id).in_(clocks_),
            col(ChaseRow.voided_at).is_(None),
            col(LetterRow.state) != LetterState.VOID,
        )
        .order_by(col(ChaseRow.day), col(ChaseRow.at))
    )
    return {row.clock_id: row for row in session.execute(query).scalars()}


def number(session: Session, letter: UUID) -> str:
    """The number of a letter that was just signed."""
    return session.execute(sa.select(col(LetterRow.number)).where(col(LetterRow.id) == letter)).scalar_one()


def chase_of_key(session: Session, key: str) -> ChaseRow | None:
    """The entry that a form with this key made before."""
    return session.execute(sa.select(ChaseRow).where(col(ChaseRow.key) == key)).scalar_one_or_none()


def chase(session: Session, project: UUID, key: UUID) -> ChaseRow:
    """One entry of a project, locked; NotFound where there is none."""
    query = sa.select(ChaseRow).where(col(ChaseRow.id) == key, col(ChaseRow.project_id) == project).with_for_update()
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这条催办记录。请刷新页面。")
    return row


# -- feeds -----------------------------------------------------------------------------------------------------------


def feeds(session: Session, person: UUID) -> list[CalendarFeedRow]:
    """The calendar addresses of a person, the newest first; who writes keeps the person for the transaction."""
    if session.connection().get_execution_options().get("writes"):
        session.execute(sa.select(col(PersonRow.id)).where(col(PersonRow.id) == person).with_for_update())
    query = sa.select(CalendarFeedRow).where(col(CalendarFeedRow.person_id) == person)
    return list(session.execute(query.order_by(col(CalendarFeedRow.made_at).desc())).scalars())


def fed(session: Session, token_hash: str) -> tuple[CalendarFeedRow, PersonRow] | None:
    """The feed of an address's hash that nobody revoked, and whose it is."""
    query = (
        sa.select(CalendarFeedRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(CalendarFeedRow.person_id))
        .where(col(CalendarFeedRow.token_hash) == token_hash, col(CalendarFeedRow.revoked_at).is_(None))
    )
    return session.execute(query).one_or_none()


def revoke(row: CalendarFeedRow, at: datetime) -> None:
    """From now on nobody fetches anything under this address."""
    row.revoked_at = at
