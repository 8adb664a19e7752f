"""Letters found by what stands on the paper: outside any scope, for the caller tells no more than the paper does."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.letters import LetterKind
from screening.domain.review import LetterState
from screening.store.cases import Full
from screening.store.tables import ClockRow, DecisionRow, LetterEditionRow, LetterRow, ProjectRow, ServiceRecordRow

_FULL = (
    sa.select(LetterRow, ProjectRow)
    .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
    .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
)


def numbered(session: Session, number: str) -> list[Full]:
    """The letters of that number; a void one may stand beside that which took its number."""
    return list(session.execute(_FULL.where(col(LetterRow.number) == number)))


def hashed(session: Session, hashes: Collection[str]) -> list[Full]:
    """The letters whose bytes, as rendered or as sealed and signed later, have one of these hashes."""
    sealed = sa.select(col(LetterEditionRow.letter_id)).where(col(LetterEditionRow.sha256).in_(hashes))
    return list(session.execute(_FULL.where(col(LetterRow.sha256).in_(hashes) | col(LetterRow.id).in_(sealed))))


def editions(session: Session, letter: UUID) -> list[LetterEditionRow]:
    """How a letter was sealed and signed, in order, without the bytes."""
    query = sa.select(LetterEditionRow).where(col(LetterEditionRow.letter_id) == letter)
    query = query.order_by(col(LetterEditionRow.place)).options(defer(LetterEditionRow.pdf))  # type: ignore[arg-type]
    return list(session.execute(query).scalars())


def next_after(session: Session, row: LetterRow) -> LetterRow | None:
    """The letter that stands in the place of one that was voided, or whose decision was followed by another.

    An advisory letter gives way to the next decision on its project that was served; an order with a term to that which
    stopped its clocks by its service.
    """
    later = sa.select(LetterRow).where(
        col(LetterRow.project_id) == row.project_id,
        col(LetterRow.state) != LetterState.VOID,
        col(LetterRow.id) != row.id,
    )
    order = (col(LetterRow.signed_at), col(LetterRow.place))
    if row.decision_id is not None:
        following = sa.select(col(DecisionRow.id)).where(col(DecisionRow.follows) == row.decision_id)
        query = later.where(col(LetterRow.decision_id).in_(following)).order_by(*order).limit(1)
        found = session.execute(query).scalar_one_or_none()
        if found is not None:
            return found
    later = later.where(col(LetterRow.signed_at) > row.signed_at)
    if row.state is LetterState.VOID:
        query = later.where(col(LetterRow.kind) == row.kind)
        return session.execute(query.order_by(*order).limit(1)).scalar_one_or_none()
    later = later.where(
        col(LetterRow.state) == LetterState.SERVED, col(LetterRow.decision_id).is_distinct_from(row.decision_id)
    )
    if LetterKind(row.kind).advisory:
        query = later.where(col(LetterRow.decision_id).is_not(None))
        return session.execute(query.order_by(*order).limit(1)).scalar_one_or_none()
    return _of_term(session, row, later.where(col(LetterRow.kind) == row.kind).order_by(*order))


def _of_term(session: Session, row: LetterRow, later: sa.Select[LetterRow]) -> LetterRow | None:
    """The last of the later letters whose service stopped the clocks of this one; None where one of them runs on."""
    stopped = session.execute(sa.select(col(ClockRow.stopped_on)).where(col(ClockRow.letter_id) == row.id)).scalars()
    days = set(stopped)
    if not days or None in days:
        return None
    query = later.join(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(LetterRow.id))
    served = query.with_only_columns(LetterRow, col(ServiceRecordRow.served_on))
    found = [(letter, day) for letter, day in session.execute(served.where(col(ServiceRecordRow.served_on).in_(days)))]
    return found[-1][0] if {day for _, day in found} == days else None


def release_of(session: Session, row: LetterRow) -> LetterRow | None:
    """The letter that released a halt."""
    if row.kind != LetterKind.HALT.value:
        return None
    query = sa.select(LetterRow).where(
        col(LetterRow.project_id) == row.project_id,
        col(LetterRow.kind) == LetterKind.RELEASE.value,
        col(LetterRow.state) != LetterState.VOID,
        col(LetterRow.signed_at) > row.signed_at,
    )
    return session.execute(query.order_by(col(LetterRow.signed_at)).limit(1)).scalar_one_or_none()
