"""Seals and sealed editions of letters, in the database."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.tables import LetterEditionRow, LetterRow, SealRow

__all__ = ["LetterEditionRow", "SealRow"]


def of_office(by: Person) -> sa.ColumnElement[bool]:
    """The seals of the person's own office: neither those of an office above it nor of one below."""
    return col(SealRow.office) == by.scope


def held(session: Session, *, by: Person) -> list[SealRow]:
    """The office's seals, revoked ones too, the newest first, without their pictures."""
    query = (
        sa.select(SealRow)
        .where(of_office(by))
        .order_by(col(SealRow.added_at).desc(), col(SealRow.id))
        .options(defer(SealRow.picture))  # type: ignore[arg-type]
    )
    return list(session.execute(query).scalars())


def get(session: Session, seal: UUID, *, by: Person, lock: bool = False) -> SealRow:
    """A seal of the person's own office; NotFound otherwise."""
    query = sa.select(SealRow).where(col(SealRow.id) == seal, of_office(by))
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这枚印章，或者它不属于您所在的机关。请从印章页面或者文书页面重新选择。")
    return row


def of_key(session: Session, key: str) -> SealRow | None:
    """The seal that a form with this key added before."""
    return session.execute(sa.select(SealRow).where(col(SealRow.key) == key)).scalar_one_or_none()


def picture_of(session: Session, edition: LetterEditionRow) -> bytes:
    """The picture that an edition of a letter within the scope was sealed with."""
    query = sa.select(col(SealRow.picture)).where(col(SealRow.id) == edition.seal_id)
    return session.execute(query).scalar_one()


def uses(session: Session, seals: Collection[UUID]) -> dict[UUID, list[tuple[LetterEditionRow, str]]]:
    """Which letters (by number) bear these seals, the newest first."""
    query = (
        sa.select(LetterEditionRow, col(LetterRow.number))
        .join(LetterRow, col(LetterRow.id) == col(LetterEditionRow.letter_id))
        .where(col(LetterEditionRow.seal_id).in_(seals))
        .order_by(col(LetterEditionRow.at).desc(), col(LetterRow.number))
        .options(defer(LetterEditionRow.pdf))  # type: ignore[arg-type]
    )
    found: dict[UUID, list[tuple[LetterEditionRow, str]]] = {}
    for row, number in session.execute(query):
        if row.seal_id is not None:
            found.setdefault(row.seal_id, []).append((row, number))
    return found


def editions(session: Session, letter: UUID) -> list[LetterEditionRow]:
    """The sealed and signed editions of a letter that was found within the scope, in order, without their bytes."""
    query = (
        sa.select(LetterEditionRow)
        .where(col(LetterEditionRow.letter_id) == letter)
        .order_by(col(LetterEditionRow.place))
        .options(defer(LetterEditionRow.pdf))  # type: ignore[arg-type]
    )
    return list(session.execute(query).scalars())


def issued(session: Session, letter: UUID) -> LetterEditionRow | None:
    """The newest edition, which is what is issued; None where the letter was never sealed."""
    query = (
        sa.select(LetterEditionRow)
        .where(col(LetterEditionRow.letter_id) == letter)
        .order_by(col(LetterEditionRow.place).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()
