"""People, their sessions and their attempts to sign in, in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person, Role
from screening.store.schema import CONSOLE_ID
from screening.store.tables import PersonRow, PersonSessionRow, SignInAttemptRow

__all__ = ["PersonRow", "PersonSessionRow"]


def person(row: PersonRow) -> Person:
    """The row as the domain knows it."""
    return Person(row.id, row.login, row.name, Role(row.role), row.scope)


def by_login(session: Session, folded: str, *, lock: bool = False) -> PersonRow | None:
    """The person of a folded login; `lock` lets nobody else count failures meanwhile."""
    query = sa.select(PersonRow).where(col(PersonRow.login_folded) == folded, col(PersonRow.id) != CONSOLE_ID)
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def under(by: Person) -> sa.ColumnElement[bool]:
    """The people whose division lies within that of `by`: those whom an administrator answers for."""
    return col(PersonRow.scope).startswith(by.scope_prefix, autoescape=True)


def get(session: Session, key: UUID, *, by: Person | None = None, lock: bool = False) -> PersonRow:
    """The person of that id, within the scope of `by` where one is given; NotFound otherwise."""
    query = sa.select(PersonRow).where(col(PersonRow.id) == key)
    if by is not None:
        query = query.where(under(by))
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这个人员。请返回人员列表查看。")
    return row


def everybody(session: Session, *, by: Person) -> list[PersonRow]:
    """All people within the scope of `by` but the console, by login."""
    query = sa.select(PersonRow).where(col(PersonRow.id) != CONSOLE_ID, under(by)).order_by(col(PersonRow.login_folded))
    return list(session.execute(query).scalars())


def names(session: Session, keys: Collection[UUID | None]) -> Mapping[UUID | None, PersonRow]:
    """The people of these ids."""
    wanted = {k for k in keys if k is not None}
    if not wanted:
        return {}
    query = sa.select(PersonRow).where(col(PersonRow.id).in_(wanted))
    return {row.id: row for row in session.execute(query).scalars()}


def names_of_logins(session: Session, logins: Collection[str]) -> Mapping[str, str]:
    """Login -> name."""
    query = sa.select(col(PersonRow.login), col(PersonRow.name)).where(col(PersonRow.login).in_(set(logins)))
    return dict(session.execute(query).all())


def count(session: Session) -> int:
    """How many people there are, the console apart."""
    query = sa.select(sa.func.count()).select_from(PersonRow).where(col(PersonRow.id) != CONSOLE_ID)
    return session.execute(query).scalar_one()


def attempted(session: Session, *, login: str, address: str, at: datetime, succeeded: bool) -> None:
    """Keeps an attempt to sign in."""
    session.add(SignInAttemptRow(login=login, address=address, at=at, succeeded=succeeded))


def session_of(session: Session, token_hash: str) -> tuple[PersonSessionRow, PersonRow] | None:
    """The session of a token's hash with its person."""
    query = (
        sa.select(PersonSessionRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(PersonSessionRow.person_id))
        .where(col(PersonSessionRow.token_hash) == token_hash)
    )
    return session.execute(query).one_or_none()


def seen(session: Session, key: UUID, at: datetime) -> None:
    """Notes that the session was used."""
    query = sa.update(PersonSessionRow).where(col(PersonSessionRow.id) == key).values(last_seen_at=at)
    session.execute(query)


def end_sessions(session: Session, person_id: UUID, at: datetime) -> None:
    """Ends all of a person's sessions."""
    query = (
        sa.update(PersonSessionRow)
        .where(col(PersonSessionRow.person_id) == person_id, col(PersonSessionRow.ended_at).is_(None))
        .values(ended_at=at)
    )
    session.execute(query)


def open_sessions(session: Session, person_id: UUID) -> list[PersonSessionRow]:
    """A person's sessions that nobody ended."""
    query = (
        sa.select(PersonSessionRow)
        .where(col(PersonSessionRow.person_id) == person_id, col(PersonSessionRow.ended_at).is_(None))
        .order_by(col(PersonSessionRow.last_seen_at).desc())
    )
    return list(session.execute(query).scalars())
