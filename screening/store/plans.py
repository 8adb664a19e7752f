"""Queries about the plans of retrofits and upgrades, their milestones and what was reported on the way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.letters import LetterKind
from screening.domain.review import LetterState
from screening.store.tables import (
    ClockRow,
    LetterRow,
    PlanMilestoneRow,
    PlanReportRow,
    PlanRow,
    RevocationRow,
    ServiceRecordRow,
)

__all__ = ["PlanMilestoneRow", "PlanReportRow", "PlanRow"]


def versions(session: Session, holders: Collection[UUID]) -> dict[UUID, list[PlanRow]]:
    """The versions of the plans that hang on these clocks and letters, the oldest first."""
    query = sa.select(PlanRow).where(col(PlanRow.holder_id).in_(holders)).order_by(col(PlanRow.number))
    found: dict[UUID, list[PlanRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.holder_id, []).append(row)
    return found


def milestones(session: Session, plans: Collection[UUID]) -> dict[UUID, list[PlanMilestoneRow]]:
    """The milestones of versions of plans."""
    query = sa.select(PlanMilestoneRow).where(col(PlanMilestoneRow.plan_id).in_(plans))
    found: dict[UUID, list[PlanMilestoneRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.plan_id, []).append(row)
    return found


def reports(session: Session, holders: Collection[UUID]) -> dict[UUID, list[PlanReportRow]]:
    """What was reported under any version of the plans of these holders, voided rows included, in order of the days."""
    query = (
        sa.select(PlanReportRow, col(PlanRow.holder_id))
        .join(PlanRow, col(PlanRow.id) == col(PlanReportRow.plan_id))
        .where(col(PlanRow.holder_id).in_(holders))
        .order_by(col(PlanReportRow.day), col(PlanReportRow.at))
    )
    found: dict[UUID, list[PlanReportRow]] = {}
    for row, holder in session.execute(query):
        found.setdefault(holder, []).append(row)
    return found


def plan_of_key(session: Session, key: str) -> PlanRow | None:
    """The version that a form with this key made before."""
    return session.execute(sa.select(PlanRow).where(col(PlanRow.key) == key)).scalar_one_or_none()


def report_of_key(session: Session, key: str) -> PlanReportRow | None:
    """The report that a form with this key made before."""
    return session.execute(sa.select(PlanReportRow).where(col(PlanReportRow.key) == key)).scalar_one_or_none()


def report(session: Session, project: UUID, key: UUID) -> PlanReportRow:
    """One report of a project, locked; NotFound where it has no such."""
    query = (
        sa.select(PlanReportRow)
        .where(col(PlanReportRow.id) == key, col(PlanReportRow.project_id) == project)
        .with_for_update()
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这条进度报告。请刷新页面。")
    return row


@dataclass(frozen=True, slots=True)
class Term:
    """What a plan has to keep to: a voluntary one has neither due date nor outer limit."""

    served_on: date
    due: date | None = None
    outer_limit: date | None = None
    accepted_on: date | None = None


def terms(session: Session, clocks: Collection[UUID]) -> dict[UUID, Term]:
    """The terms of these clocks."""
    query = (
        sa.select(
            col(ClockRow.id),
            col(ServiceRecordRow.served_on),
            col(ClockRow.due),
            col(ClockRow.outer_limit),
            col(ClockRow.accepted_on),
        )
        .join(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(ClockRow.letter_id))
        .where(col(ClockRow.id).in_(clocks))
    )
    return {key: Term(served, due, limit, accepted) for key, served, due, limit, accepted in session.execute(query)}


def upgrades(session: Session, project: UUID) -> list[tuple[LetterRow, ServiceRecordRow]]:
    """The served letters of a project that encourage an upgrade, of decisions that stand, the newest first."""
    fell = sa.exists().where(col(RevocationRow.decision_id) == col(LetterRow.decision_id))
    query = (
        sa.select(LetterRow, ServiceRecordRow)
        .join(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(LetterRow.id))
        .where(
            col(LetterRow.project_id) == project,
            col(LetterRow.kind) == LetterKind.UPGRADE.value,
            col(LetterRow.state) == LetterState.SERVED,
            ~fell,
        )
        .order_by(col(ServiceRecordRow.served_on).desc(), col(LetterRow.number))
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    return [(letter, service) for letter, service in session.execute(query)]
