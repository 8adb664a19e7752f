"""Who stands in for whom, in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person, Role
from screening.store.people import under
from screening.store.schema import CONSOLE_ID
from screening.store.tables import DeputyRow, PersonRow

__all__ = ["DeputyRow"]


def get(session: Session, key: UUID) -> DeputyRow:
    """One deputyship, kept for this transaction; NotFound where there is none."""
    row = session.execute(sa.select(DeputyRow).where(col(DeputyRow.id) == key).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这项代理。请返回代理页面查看。")
    return row


def of_key(session: Session, key: str) -> DeputyRow | None:
    """The deputyship that a form with this key made before."""
    return session.execute(sa.select(DeputyRow).where(col(DeputyRow.key) == key)).scalar_one_or_none()


def of_person(session: Session, person: UUID) -> list[DeputyRow]:
    """Those in which the person is stood in for or stands in, the latest first."""
    return _listed(session, (col(DeputyRow.principal_id) == person) | (col(DeputyRow.deputy_id) == person))


def administered(session: Session, *, by: Person) -> list[DeputyRow]:
    """Those of the people whom an administrator answers for, the latest first."""
    return _listed(session, col(DeputyRow.principal_id).in_(sa.select(col(PersonRow.id)).where(under(by))))


def _listed(session: Session, condition: sa.ColumnElement[bool]) -> list[DeputyRow]:
    order = col(DeputyRow.first_day).desc(), col(DeputyRow.added_at).desc(), col(DeputyRow.id)
    return list(session.execute(sa.select(DeputyRow).where(condition).order_by(*order)).scalars())


def principals(session: Session, deputy: UUID, day: date) -> list[PersonRow]:
    """The active people whom this one stands in for on a day, by name."""
    query = (
        sa.select(PersonRow)
        .join(DeputyRow, col(DeputyRow.principal_id) == col(PersonRow.id))
        .where(
            col(DeputyRow.deputy_id) == deputy,
            col(DeputyRow.ended_at).is_(None),
            col(DeputyRow.first_day) <= day,
            col(DeputyRow.last_day) >= day,
            col(PersonRow.active),
        )
        .order_by(col(PersonRow.name), col(PersonRow.id))
    )
    return list(session.execute(query).scalars())


def between(session: Session, people: Collection[UUID], first: date, last: date) -> list[DeputyRow]:
    """The deputyships not ended in which one of these people has a part, on a day of that period."""
    query = sa.select(DeputyRow).where(
        col(DeputyRow.principal_id).in_(people) | col(DeputyRow.deputy_id).in_(people),
        col(DeputyRow.ended_at).is_(None),
        col(DeputyRow.first_day) <= last,
        col(DeputyRow.last_day) >= first,
    )
    return list(session.execute(query).scalars())


def candidates(session: Session, principal: PersonRow, roles: Collection[Role]) -> list[PersonRow]:
    """The active people of the principal's office, and of those above it, in these roles."""
    own = principal.scope
    offices = {own, f"{own[:4]}00", f"{own[:2]}0000"}
    query = (
        sa.select(PersonRow)
        .where(
            col(PersonRow.scope).in_(offices),
            col(PersonRow.role).in_(roles),
            col(PersonRow.active),
            col(PersonRow.id).not_in({principal.id, CONSOLE_ID}),
        )
        .order_by(col(PersonRow.scope).desc(), col(PersonRow.name), col(PersonRow.id))
    )
    return list(session.execute(query).scalars())
