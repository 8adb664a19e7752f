"""Explanations of warnings in the database: one for each warning and its figures."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import ExplanationRow, ProjectRow

__all__ = ["ExplanationRow"]


def of_project(session: Session, project: UUID, *, by: Person) -> list[ExplanationRow]:
    """The explanations of a project within the scope, the newest first."""
    query = (
        sa.select(ExplanationRow)
        .join(ProjectRow, col(ProjectRow.id) == col(ExplanationRow.project_id))
        .where(within(by), col(ExplanationRow.project_id) == project)
        .order_by(col(ExplanationRow.at).desc(), col(ExplanationRow.id))
    )
    return list(session.execute(query).scalars())
