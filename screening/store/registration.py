"""Drafts of the form of a project in the database: each is seen by the person who typed it and by nobody else."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.domain.review import LetterState
from screening.store.tables import LetterRow, RegistrationDraftRow

__all__ = ["RegistrationDraftRow"]

GONE = "没有这份草稿：可能已经提交或删除。请从工作台或台账重新打开。"


def find(session: Session, draft: UUID, *, by: Person, lock: bool = False) -> RegistrationDraftRow | None:
    """The person's draft, submitted or not; None where it was never saved; NotFound where it is another person's."""
    query = sa.select(RegistrationDraftRow).where(col(RegistrationDraftRow.id) == draft)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is not None and row.person_id != by.id:
        raise NotFound(GONE)
    return row


def get(session: Session, draft: UUID, *, by: Person, lock: bool = False) -> RegistrationDraftRow:
    """The person's draft; NotFound otherwise."""
    row = find(session, draft, by=by, lock=lock)
    if row is None:
        raise NotFound(GONE)
    return row


def waiting(session: Session, *, by: Person) -> list[RegistrationDraftRow]:
    """The person's drafts that were not submitted, the newest first."""
    query = (
        sa.select(RegistrationDraftRow)
        .where(col(RegistrationDraftRow.person_id) == by.id, col(RegistrationDraftRow.submitted_at).is_(None))
        .order_by(col(RegistrationDraftRow.saved_at).desc(), col(RegistrationDraftRow.id))
    )
    return list(session.execute(query).scalars())


def has_letters(session: Session, project: UUID) -> bool:
    """Whether a signed letter stands on the project: one that was not voided."""
    query = sa.select(col(LetterRow.id)).where(
        col(LetterRow.project_id) == project, col(LetterRow.state) != LetterState.VOID
    )
    return session.execute(query.limit(1)).first() is not None
