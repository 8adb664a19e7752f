"""The trail in the database: events gathered during a use case are chained and written as its last act."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.history import NOTHING_BEFORE, Event, Link, chained
from screening.store.tables import EventHeadRow, EventRow

BATCH = 1000


def record(session: Session, *events: Event) -> None:
    """Remembers events; they are written with the transaction or not at all."""
    session.info.setdefault("events", []).extend(events)


def write(session: Session) -> None:
    """Chains the remembered events to the end of the trail.

    The head row is locked last of all rows, so that two writers wait for each other here and nowhere cross.
    """
    events: list[Event] = session.info.pop("events", [])
    if not events:
        return
    head = EventHeadRow.__table__  # type: ignore[attr-defined]
    after_seq, previous = session.execute(
        sa.update(head).where(head.c.id == 1).values(seq=head.c.seq).returning(head.c.seq, head.c.hash)
    ).one()
    links = [asdict(link) for link in chained(events, after_seq=after_seq, previous=previous)]
    for start in range(0, len(links), BATCH):
        session.execute(sa.insert(EventRow.__table__), links[start : start + BATCH])  # type: ignore[attr-defined]
    session.execute(sa.update(head).where(head.c.id == 1).values(seq=links[-1]["seq"], hash=links[-1]["hash"]))


def head(session: Session) -> tuple[int, str]:
    """Rows and last hash as the head row has them."""
    row = session.get(EventHeadRow, 1)
    return (row.seq, row.hash) if row else (0, NOTHING_BEFORE)


def links(session: Session) -> Generator[Link, None, None]:
    """The whole chain from its start; close it where it is not read to its end."""
    table = EventRow.__table__  # type: ignore[attr-defined]
    names = Link.__slots__
    query = sa.select(*(table.c[name] for name in names)).order_by(table.c.seq)
    found = session.execute(query.execution_options(yield_per=BATCH))
    try:
        for row in found:
            yield Link(**dict(zip(names, row, strict=True)))
    finally:
        found.close()


def of_subject(session: Session, subject: str) -> Iterable[EventRow]:
    """The events of one subject, newest first."""
    query = sa.select(EventRow).where(col(EventRow.subject) == subject).order_by(col(EventRow.seq).desc())
    return session.execute(query).scalars()


def page(session: Session, *, offset: int, limit: int, kind: str | None, text: str) -> tuple[list[EventRow], int]:
    """A page of the trail, newest first, and how many rows there are under the filter."""
    conditions = []
    if kind:
        conditions.append(col(EventRow.kind) == kind)
    if text:
        conditions.append(
            col(EventRow.who).contains(text, autoescape=True)
            | col(EventRow.subject).contains(text, autoescape=True)
            | col(EventRow.why).contains(text, autoescape=True)
            | col(EventRow.after).contains(text, autoescape=True)
        )
    total = session.execute(sa.select(sa.func.count()).select_from(EventRow).where(*conditions)).scalar_one()
    query = sa.select(EventRow).where(*conditions).order_by(col(EventRow.seq).desc()).offset(offset).limit(limit)
    return list(session.execute(query).scalars()), total
