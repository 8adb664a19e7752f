"""Explanations of warnings in the database: one for each warning and its figures."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import ExplanationRow, ProjectRow

__all__ = ["ExplanationRow"]

CHUNK = 500


def of_project(session: Session, project: UUID, *, by: Person) -> list[ExplanationRow]:
    """The explanations of a project within the scope, the newest first."""
    query = (
        sa.select(ExplanationRow)
        .join(ProjectRow, col(ProjectRow.id) == col(ExplanationRow.project_id))
        .where(within(by), col(ExplanationRow.project_id) == project)
        .order_by(col(ExplanationRow.at).desc(), col(ExplanationRow.id))
    )
    return list(session.execute(query).scalars())


def digests(session: Session, projects: Collection[UUID]) -> set[tuple[UUID, str]]:
    """Which warnings of these projects were explained: (project, digest)."""
    keys, found = list(projects), set()
    for start in range(0, len(keys), CHUNK):
        query = sa.select(col(ExplanationRow.project_id), col(ExplanationRow.digest)).where(
            col(ExplanationRow.project_id).in_(keys[start : start + CHUNK])
        )
        found |= {(project, digest) for project, digest in session.execute(query)}
    return found
