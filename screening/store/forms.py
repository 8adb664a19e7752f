"""The superiors' forms of an office, in the database."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.tables import SuperiorFormRow

__all__ = ["SuperiorFormRow"]


def of_office(session: Session, by: Person) -> list[SuperiorFormRow]:
    """The forms of the person's office by name, without their files."""
    query = (
        sa.select(SuperiorFormRow)
        .options(defer(SuperiorFormRow.content, raiseload=True))  # type: ignore[arg-type]  # a mapped attribute
        .where(col(SuperiorFormRow.office) == by.scope)
        .order_by(col(SuperiorFormRow.name))
    )
    return list(session.execute(query).scalars())


def get(session: Session, form: UUID, *, by: Person, lock: bool = False) -> SuperiorFormRow:
    """A form of the person's office; NotFound otherwise."""
    query = sa.select(SuperiorFormRow).where(col(SuperiorFormRow.id) == form, col(SuperiorFormRow.office) == by.scope)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这份表样，可能已被删除。请从表样列表中重新选择。")
    return row


def by_key(session: Session, key: str, *, by: Person) -> SuperiorFormRow | None:
    """The form that this key has made already."""
    query = sa.select(SuperiorFormRow).where(col(SuperiorFormRow.key) == key, col(SuperiorFormRow.office) == by.scope)
    return session.execute(query).scalar_one_or_none()
