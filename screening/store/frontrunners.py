"""Queries about the applications for 领跑者 and their steps."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import ApplicationRow, ApplicationStepRow, ProjectRow

__all__ = ["ApplicationRow", "ApplicationStepRow"]


def applications(
    session: Session, *, by: Person, project: UUID | None = None
) -> list[tuple[ApplicationRow, ProjectRow]]:
    """The applications within the scope, the newest year first."""
    query = (
        sa.select(ApplicationRow, ProjectRow)
        .join(ProjectRow, col(ProjectRow.id) == col(ApplicationRow.project_id))
        .where(within(by))
        .order_by(col(ApplicationRow.year).desc(), col(ProjectRow.banner), col(ProjectRow.name), col(ApplicationRow.at))
    )
    if project is not None:
        query = query.where(col(ApplicationRow.project_id) == project)
    return [(row, of) for row, of in session.execute(query)]


def steps(session: Session, applications: Collection[UUID]) -> dict[UUID, list[ApplicationStepRow]]:
    """The steps of applications, voided entries included, in the order of entry."""
    query = (
        sa.select(ApplicationStepRow)
        .where(col(ApplicationStepRow.application_id).in_(applications))
        .order_by(col(ApplicationStepRow.at), col(ApplicationStepRow.happened_on))
    )
    found: dict[UUID, list[ApplicationStepRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.application_id, []).append(row)
    return found


def step_of_key(session: Session, key: str) -> ApplicationStepRow | None:
    """The step that a form with this key made before."""
    query = sa.select(ApplicationStepRow).where(col(ApplicationStepRow.key) == key)
    return session.execute(query).scalar_one_or_none()


def hold(session: Session, project: UUID, key: UUID) -> ApplicationRow:
    """One application of a project, locked; NotFound where it has no such."""
    query = (
        sa.select(ApplicationRow)
        .where(col(ApplicationRow.id) == key, col(ApplicationRow.project_id) == project)
        .with_for_update()
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这项申报。请刷新页面。")
    return row
