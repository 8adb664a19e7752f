"""How long after the day on paper things were entered: the days of decisions and of services, office by office."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import DecisionRow, LetterRow, ProjectRow, ServiceRecordRow

Entered = list[tuple[str, date, datetime]]
"""Office, the day on paper, the moment of entry."""


def decisions(session: Session, *, by: Person) -> Entered:
    """The decisions within the scope, by the office that numbered their letters."""
    query = (
        sa.select(sa.func.min(col(LetterRow.office)), col(DecisionRow.signed_on), col(DecisionRow.signed_at))
        .join(LetterRow, col(LetterRow.decision_id) == col(DecisionRow.id))
        .join(ProjectRow, col(ProjectRow.id) == col(DecisionRow.project_id))
        .where(within(by))
        .group_by(col(DecisionRow.id), col(DecisionRow.signed_on), col(DecisionRow.signed_at))
    )
    return [(office, on, at) for office, on, at in session.execute(query)]


def papers(session: Session, *, by: Person) -> Entered:
    """The letters that were issued on paper and entered later, within the scope, by the office that numbered them."""
    query = (
        sa.select(col(LetterRow.office), col(LetterRow.signed_on), col(LetterRow.signed_at))
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(within(by), col(LetterRow.scan_id).is_not(None))
    )
    return [(office, on, at) for office, on, at in session.execute(query)]


def services(session: Session, *, by: Person) -> Entered:
    """The services of letters within the scope, by the office of the letter."""
    query = (
        sa.select(col(LetterRow.office), col(ServiceRecordRow.served_on), col(ServiceRecordRow.at))
        .join(LetterRow, col(LetterRow.id) == col(ServiceRecordRow.letter_id))
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(within(by))
    )
    return [(office, on, at) for office, on, at in session.execute(query)]
