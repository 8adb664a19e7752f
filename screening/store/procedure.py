"""The steps before signing in the database: who waits for which, what was voided, what was told and heard."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import Conflict
from screening.domain.letters import LetterKind
from screening.domain.people import Person
from screening.domain.procedure import StepId, StepState
from screening.domain.review import CaseState, LetterState, RecommendationState
from screening.store.registry import within
from screening.store.tables import (
    DecisionRow,
    LetterRow,
    NeedRow,
    ProcedureStepRow,
    ProjectRow,
    RecommendationRow,
    ServiceRecordRow,
)

__all__ = ["ProcedureStepRow"]

NOTICES = (LetterKind.ADVANCE_NOTICE.value, LetterKind.HEARING.value)


def _waiting(step: StepId, by: Person) -> sa.ColumnElement[bool]:
    """The projects within the scope whose open recommendation waits for a step."""
    taken = sa.exists().where(
        col(ProcedureStepRow.project_id) == col(RecommendationRow.project_id),
        col(ProcedureStepRow.matter) == col(RecommendationRow.matter),
        col(ProcedureStepRow.step) == step,
        col(ProcedureStepRow.voided_at).is_(None),
        col(ProcedureStepRow.state) != StepState.REFUSED,
    )
    needed = sa.exists().where(
        col(RecommendationRow.project_id) == col(ProjectRow.id),
        col(RecommendationRow.state) == RecommendationState.OPEN,
        col(NeedRow.recommendation_id) == col(RecommendationRow.id),
        col(NeedRow.step) == step,
        ~taken,
    )
    return sa.and_(within(by), col(ProjectRow.case_state) == CaseState.RECOMMENDED, needed)


def waiting(session: Session, step: StepId, *, by: Person) -> list[ProjectRow]:
    """The projects within the scope whose open recommendation waits for a step, the longest waiting first."""
    query = (
        sa.select(ProjectRow)
        .where(_waiting(step, by))
        .order_by(col(ProjectRow.state_since), col(ProjectRow.name), col(ProjectRow.id))
    )
    return list(session.execute(query).scalars())


def count_waiting(session: Session, step: StepId, *, by: Person) -> int:
    """How many they are."""
    query = sa.select(sa.func.count()).select_from(ProjectRow).where(_waiting(step, by))
    return session.execute(query).scalar_one()


def every(session: Session, project: UUID, matter: str) -> list[ProcedureStepRow]:
    """All steps ever taken on a matter, voided ones too, in the order in which they were entered."""
    query = (
        sa.select(ProcedureStepRow)
        .where(col(ProcedureStepRow.project_id) == project, col(ProcedureStepRow.matter) == matter)
        .order_by(col(ProcedureStepRow.at), col(ProcedureStepRow.id))
    )
    return list(session.execute(query).scalars())


def standing(session: Session, project: UUID, record: UUID) -> ProcedureStepRow:
    """A step of the project that was not voided, kept for this transaction; Conflict otherwise."""
    query = (
        sa.select(ProcedureStepRow)
        .where(
            col(ProcedureStepRow.id) == record,
            col(ProcedureStepRow.project_id) == project,
            col(ProcedureStepRow.voided_at).is_(None),
        )
        .with_for_update()
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise Conflict("没有这条办理记录，或者它已经作废。请从程序清单重新打开。")
    return row


def notices(session: Session, project: UUID) -> list[tuple[LetterRow, ServiceRecordRow | None]]:
    """The notices of a project that are not void, the newest first, each with its service."""
    query = (
        sa.select(LetterRow, ServiceRecordRow)
        .outerjoin(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(LetterRow.id))
        .where(
            col(LetterRow.project_id) == project,
            col(LetterRow.kind).in_(NOTICES),
            col(LetterRow.state) != LetterState.VOID,
        )
        .order_by(col(LetterRow.signed_at).desc(), col(LetterRow.kind))
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    return list(session.execute(query))


def withdrawn_letters(session: Session, project: UUID) -> set[UUID]:
    """The letters on which a voided step rested: they told nothing."""
    query = sa.select(col(ProcedureStepRow.letter_id)).where(
        col(ProcedureStepRow.project_id) == project,
        col(ProcedureStepRow.voided_at).is_not(None),
        col(ProcedureStepRow.letter_id).is_not(None),
    )
    return {letter for letter in session.execute(query).scalars() if letter is not None}


def statements(session: Session, project: UUID) -> list[tuple[RecommendationRow, ProcedureStepRow]]:
    """The statements that stand on recommendations that no decision followed since, with those recommendations."""
    decided = sa.select(sa.func.max(col(DecisionRow.project_version))).where(col(DecisionRow.project_id) == project)
    last: int | None = session.execute(decided).scalar_one()
    query = (
        sa.select(RecommendationRow, ProcedureStepRow)
        .join(
            ProcedureStepRow,
            sa.and_(
                col(ProcedureStepRow.project_id) == col(RecommendationRow.project_id),
                col(ProcedureStepRow.matter) == col(RecommendationRow.matter),
            ),
        )
        .where(
            col(RecommendationRow.project_id) == project,
            col(RecommendationRow.state) != RecommendationState.SIGNED,
            col(ProcedureStepRow.step) == StepId.STATEMENT,
            col(ProcedureStepRow.voided_at).is_(None),
        )
        .order_by(col(RecommendationRow.project_version))
    )
    if last is not None:
        query = query.where(col(RecommendationRow.project_version) > last)
    return list(session.execute(query))
