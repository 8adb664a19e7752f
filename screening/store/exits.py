"""Queries about exits: the steps since a letter ordered or proposed one."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.store.tables import ExitRow

__all__ = ["ExitRow"]


def steps(session: Session, letters: Collection[UUID]) -> dict[UUID, list[ExitRow]]:
    """What followed these letters, voided entries included, in the order of the days."""
    query = (
        sa.select(ExitRow)
        .where(col(ExitRow.letter_id).in_(letters))
        .order_by(col(ExitRow.happened_on), col(ExitRow.at))
    )
    found: dict[UUID, list[ExitRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.letter_id, []).append(row)
    return found


def of_key(session: Session, key: str) -> ExitRow | None:
    """The entry that a form with this key made before."""
    return session.execute(sa.select(ExitRow).where(col(ExitRow.key) == key)).scalar_one_or_none()


def entry(session: Session, project: UUID, key: UUID) -> ExitRow:
    """One entry of a project, locked; NotFound where it has no such."""
    query = sa.select(ExitRow).where(col(ExitRow.id) == key, col(ExitRow.project_id) == project).with_for_update()
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这条退出记录。请刷新页面。")
    return row
