"""What the file of a case holds, read in its order; the caller has made sure that the project lies in the scope."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.store.tables import ClockRow, DecisionRow, LetterRow, ProcedureStepRow, RecommendationRow


def decision(session: Session, key: UUID) -> DecisionRow | None:
    """A decision."""
    return session.get(DecisionRow, key)


def decisions(session: Session, project: UUID) -> list[DecisionRow]:
    """The decisions on a project, the first one first."""
    query = sa.select(DecisionRow).where(col(DecisionRow.project_id) == project)
    return list(session.execute(query.order_by(col(DecisionRow.project_version))).scalars())


def recommendations(session: Session, project: UUID) -> list[RecommendationRow]:
    """What was recommended, the first one first."""
    query = sa.select(RecommendationRow).where(col(RecommendationRow.project_id) == project)
    return list(session.execute(query.order_by(col(RecommendationRow.project_version))).scalars())


def steps(session: Session, project: UUID) -> list[ProcedureStepRow]:
    """The steps put on file, voided ones too, as they came."""
    query = sa.select(ProcedureStepRow).where(col(ProcedureStepRow.project_id) == project)
    order = (col(ProcedureStepRow.at), col(ProcedureStepRow.matter), col(ProcedureStepRow.step))
    return list(session.execute(query.order_by(*order)).scalars())


def letter_coded(session: Session, code: str) -> UUID | None:
    """The one letter whose SHA-256 begins with these signs; None where there is none, or more than one."""
    query = sa.select(col(LetterRow.id)).where(col(LetterRow.sha256).startswith(code, autoescape=True)).limit(2)
    found = list(session.execute(query).scalars())
    return found[0] if len(found) == 1 else None


def due_then(session: Session, project: UUID, *, kind: str, on: date, before: datetime) -> date | None:
    """The due date of the clock that a letter of this kind, signed before that moment, ran on the project that day."""
    query = (
        sa.select(sa.func.min(col(ClockRow.due)))
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .where(
            col(ClockRow.project_id) == project,
            col(LetterRow.kind) == kind,
            col(LetterRow.signed_at) < before,
            col(ClockRow.stopped_on).is_(None) | (col(ClockRow.stopped_on) > on),
            col(ClockRow.accepted_on).is_(None) | (col(ClockRow.accepted_on) > on),
        )
    )
    return session.execute(query).scalar_one()
