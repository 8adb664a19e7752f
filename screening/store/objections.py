"""Queries about what follows a served decision: objections, stays, revocations, and replies to referrals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.letters import LetterKind
from screening.domain.people import Person
from screening.domain.review import CaseState, LetterState, Move
from screening.store.registry import within
from screening.store.tables import (
    CaseMoveRow,
    ClockRow,
    DecisionRow,
    LetterRow,
    ObjectionRow,
    ProjectRow,
    ReferralReplyRow,
    RevocationRow,
    ServiceRecordRow,
    StayRow,
)

__all__ = ["ObjectionRow", "ReferralReplyRow", "RevocationRow", "StayRow"]

Row = TypeVar("Row", ObjectionRow, StayRow, RevocationRow, ReferralReplyRow)


def of_key(session: Session, kind: type[Row], key: str) -> Row | None:
    """The row that a form with this key made before."""
    return session.execute(sa.select(kind).where(col(kind.key) == key)).scalar_one_or_none()


def of_project(session: Session, project: UUID) -> list[ObjectionRow]:
    """The objections on a project, the newest first."""
    return _of(session, ObjectionRow, project)


def open_one(session: Session, project: UUID) -> ObjectionRow | None:
    """The objection that has no outcome yet; there is at most one."""
    return next((row for row in of_project(session, project) if row.outcome is None), None)


def stays(session: Session, project: UUID) -> list[StayRow]:
    """The stays on a project, the newest first."""
    return _of(session, StayRow, project)


def _of(session: Session, kind: type[Row], project: UUID) -> list[Row]:
    query = sa.select(kind).where(col(kind.project_id) == project).order_by(col(kind.at).desc(), col(kind.id))
    return list(session.execute(query).scalars())


def running_stays(session: Session, decisions: Collection[UUID | None], day: date) -> dict[UUID, StayRow]:
    """The stay that runs on a day, for each of the decisions that has one."""
    query = sa.select(StayRow).where(
        col(StayRow.decision_id).in_([key for key in decisions if key]),
        col(StayRow.first_day) <= day,
        sa.or_(col(StayRow.last_day).is_(None), col(StayRow.last_day) >= day),
    )
    return {row.decision_id: row for row in session.execute(query).scalars()}


def revocations(session: Session, decisions: Collection[UUID | None]) -> dict[UUID, RevocationRow]:
    """How each of the decisions fell, of those that did."""
    query = sa.select(RevocationRow).where(col(RevocationRow.decision_id).in_([key for key in decisions if key]))
    return {row.decision_id: row for row in session.execute(query).scalars()}


def decisions(session: Session, project: UUID) -> list[tuple[DecisionRow, list[LetterRow]]]:
    """The decisions on a project with their letters, the newest first; those whose letters were voided are left out."""
    query = (
        sa.select(DecisionRow, LetterRow)
        .join(LetterRow, col(LetterRow.decision_id) == col(DecisionRow.id))
        .where(col(DecisionRow.project_id) == project, col(LetterRow.state) != LetterState.VOID)
        .order_by(col(DecisionRow.project_version).desc(), col(LetterRow.place))
        .options(defer(LetterRow.pdf), defer(DecisionRow.facts), defer(DecisionRow.screening))  # type: ignore[arg-type]
    )
    found: dict[UUID, tuple[DecisionRow, list[LetterRow]]] = {}
    for decision, letter in session.execute(query):
        found.setdefault(decision.id, (decision, []))[1].append(letter)
    return list(found.values())


def followed(session: Session, project: UUID) -> UUID | None:
    """The decision that a new one follows: the one that fell, or that the case was reopened after; None otherwise."""
    reopened = session.execute(
        sa.select(CaseMoveRow)
        .where(col(CaseMoveRow.project_id) == project, col(CaseMoveRow.move) == Move.REOPEN)
        .order_by(col(CaseMoveRow.version).desc())
        .limit(1)
    ).scalar_one_or_none()
    made = [decision for decision, _ in decisions(session, project)]
    if reopened is None or any(decision.project_version > reopened.version for decision in made):
        return None
    if reopened.before is CaseState.REVOKED:
        followed_up = {decision.follows for decision in made}  # two that fell at one moment tell nothing by their time
        fell = [revocation.decision_id for revocation in _of(session, RevocationRow, project)]
        return next((decision for decision in fell if decision not in followed_up), fell[0])
    return made[0].id if made else None


def stop_clocks_of(session: Session, decision: UUID, on: date) -> list[UUID]:
    """Stops the running clocks of a decision that fell; gives them. Where they started stays on record."""
    letters = sa.select(col(LetterRow.id)).where(col(LetterRow.decision_id) == decision)
    query = (
        sa.update(ClockRow)
        .where(col(ClockRow.letter_id).in_(letters), col(ClockRow.stopped_on).is_(None))
        .values(stopped_on=on)
        .returning(col(ClockRow.id))
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(query).scalars())


def end_stays(session: Session, objection: UUID, *, on: date, document: str, by: UUID, at: datetime) -> list[StayRow]:
    """Ends the stays that would run on past the day; gives them. One that has not begun lasts for its first day."""
    query = sa.select(StayRow).where(
        col(StayRow.objection_id) == objection,
        sa.or_(col(StayRow.last_day).is_(None), col(StayRow.last_day) > on),
        col(StayRow.lifted_at).is_(None),
    )
    found = list(session.execute(query).scalars())
    for row in found:
        row.last_day, row.lift_document = max(on, row.first_day), document
        row.lifted_by, row.lifted_at = by, at
    return found


Referral = tuple[LetterRow, ProjectRow, ServiceRecordRow]


def referrals(session: Session, *, by: Person) -> list[Referral]:
    """The served referrals within the scope, the longest served first."""
    query = (
        sa.select(LetterRow, ProjectRow, ServiceRecordRow)
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .join(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(LetterRow.id))
        .where(within(by), col(LetterRow.kind) == LetterKind.REFER.value, col(LetterRow.state) == LetterState.SERVED)
        .order_by(col(ServiceRecordRow.served_on), col(LetterRow.number))
        .options(defer(LetterRow.pdf), defer(ProjectRow.facts), defer(ProjectRow.screening))  # type: ignore[arg-type]
    )
    return list(session.execute(query))


def replies(session: Session, letters: Sequence[UUID]) -> dict[UUID, list[ReferralReplyRow]]:
    """The replies to these letters, the newest first."""
    query = (
        sa.select(ReferralReplyRow)
        .where(col(ReferralReplyRow.letter_id).in_(letters))
        .order_by(col(ReferralReplyRow.received_on).desc(), col(ReferralReplyRow.at).desc())
    )
    found: dict[UUID, list[ReferralReplyRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.letter_id, []).append(row)
    return found
