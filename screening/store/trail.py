"""The trail in the database: events gathered during a use case are chained and written as its last act."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.history import (
    BETWEEN_FIELDS,
    BETWEEN_RECORDS,
    FORM,
    NOTHING_BEFORE,
    Event,
    Flaw,
    Happening,
    Link,
    chained,
    cut,
    differs,
    examine,
    follow,
    moment,
    plain,
)
from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import EventHeadRow, EventRow, LastSeenRow, PersonRow, ProjectRow

BATCH = 1000
REGION_PREFIX = "15"
TOGETHER = 500
"""Records that the database strings together for one look; more do not fit the processor's cache."""


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


def examined(session: Session, *, known: Mapping[int, str] | None = None) -> tuple[int, str, Flaw | None]:
    """The whole chain recomputed: (rows, last hash, the first flaw); `known` are heads kept elsewhere.

    The database strings many records into one text, so that an honest chain is checked without a value of its own for
    every field; where that text does not hold, the slow walk finds out what is wrong and where.
    """
    table = EventRow.__table__  # type: ignore[attr-defined]
    rows, first, last = session.execute(
        sa.select(sa.func.count(), sa.func.min(table.c.seq), sa.func.max(table.c.seq)).select_from(table)
    ).one()
    previous = _followed(session, rows) if rows == 0 or (first, last) == (1, rows) else None
    if previous is None:
        with closing(links(session)) as whole:
            return examine(whole, known=known)
    for seq, kept in sorted((known or {}).items()):
        if seq > rows:
            return rows, previous, cut(rows, max(known or {}))
        if session.execute(sa.select(table.c.hash).where(table.c.seq == seq)).scalar_one() != kept:
            return seq, previous, differs(seq)
    return rows, previous, None


def _followed(session: Session, rows: int) -> str | None:
    """The last hash of the records 1 to `rows`; None where one of them does not hold."""
    query = _strung(session)
    previous: str | None = NOTHING_BEFORE
    for begin in range(1, rows + 1, TOGETHER):
        end = min(begin + TOGETHER - 1, rows)
        records, count = session.execute(query, {"begin": begin, "end": end}).one()
        if previous is None or records is None or count != end - begin + 1:
            return None
        previous = follow(bytes(records), count, previous)
    return previous


def _strung(session: Session) -> sa.Select[Any, int]:
    """The records `begin` to `end` as `domain.history.follow` reads them, and how many there are."""
    c = EventRow.__table__.c  # type: ignore[attr-defined]
    # Constants stand in the statement: as parameters they cost a quarter of the time.
    between: sa.ColumnClause[str] = sa.literal_column(f"'{BETWEEN_FIELDS}'")
    record = c.hash.concat(sa.literal_column(f"'{BETWEEN_FIELDS}{FORM}{BETWEEN_FIELDS}'")).concat(c.previous)
    for field in (sa.cast(c.seq, sa.Text), c.at, c.who, c.kind, c.subject):
        record = record.concat(between).concat(field)
    for field in (c.why, c.before, c.after):
        marked = sa.literal_column("'='").concat(field)
        record = record.concat(between).concat(sa.func.coalesce(marked, sa.literal_column("'-'")))
    wanted = [c.seq.between(sa.bindparam("begin"), sa.bindparam("end"))]
    if session.get_bind().dialect.name == "sqlite":
        # SQLite keeps bytes in a column of text if told so; every text is less than the empty bytes.
        no_bytes: sa.ColumnClause[str] = sa.literal_column("x''")
        wanted += [field < no_bytes for field in (c.at, c.who, c.kind, c.subject, c.previous, c.hash)]
        wanted += [sa.func.coalesce(field, sa.literal_column("''")) < no_bytes for field in (c.why, c.before, c.after)]
        # Ordered in a query of its own: an aggregate over it keeps that order.
        part = sa.select(record.label("record")).where(*wanted).order_by(c.seq).subquery()
        strung = sa.cast(sa.func.group_concat(part.c.record, BETWEEN_RECORDS), sa.LargeBinary)
        return sa.select(strung, sa.func.count()).select_from(part)
    joined = sa.func.string_agg(record, aggregate_order_by(sa.literal(BETWEEN_RECORDS), c.seq))
    return sa.select(sa.func.convert_to(joined, "UTF8"), sa.func.count()).where(*wanted)


def noted(session: Session, *, who: str, subject: str, since: datetime) -> bool:
    """Whether the person has an event of the subject since then."""
    query = sa.select(col(EventRow.seq)).where(
        col(EventRow.subject) == plain(subject), col(EventRow.who) == who, col(EventRow.at) >= moment(since)
    )
    return session.execute(query.limit(1)).first() is not None


def imports_at(session: Session, moments: Iterable[datetime]) -> list[tuple[str, str, str | None]]:
    """(moment, login, content) of the imports that were written at these moments."""
    query = sa.select(col(EventRow.at), col(EventRow.who), col(EventRow.after)).where(
        col(EventRow.subject) >= "import:",
        col(EventRow.subject) < "import;",  # the sign that follows the colon: the index serves a range
        col(EventRow.at).in_({moment(at) for at in moments}),
        col(EventRow.kind) == Happening.LEDGER_IMPORTED.value,
    )
    return [(at, who, after) for at, who, after in session.execute(query)]


def last_seen(session: Session, *, person: UUID, project: UUID) -> tuple[int, datetime] | None:
    """Up to which event, and when, the person marked the project's history as seen."""
    row = session.get(LastSeenRow, (person, project))
    return (row.seq, row.at) if row else None


def keep_last_seen(session: Session, *, person: UUID, project: UUID, seq: int, at: datetime) -> None:
    """Moves the bookmark forward, never back."""
    row = session.get(LastSeenRow, (person, project))
    if row is None:
        session.add(LastSeenRow(person_id=person, project_id=project, seq=seq, at=at))
    elif seq > row.seq:
        row.seq, row.at = seq, at


def of_subject(session: Session, subject: str) -> Iterable[EventRow]:
    """The events of one subject, newest first."""
    query = sa.select(EventRow).where(col(EventRow.subject) == subject).order_by(col(EventRow.seq).desc())
    return session.execute(query).scalars()


def shown_to(by: Person) -> list[sa.ColumnElement[bool]]:
    """What an auditor may read: all for the region; else of the own projects, and what the own people did besides."""
    if by.scope_prefix == REGION_PREFIX:
        return []
    subject = col(EventRow.subject)
    # SQLite keeps an id without its hyphens.
    own = sa.select(sa.literal("project:") + sa.func.replace(sa.cast(col(ProjectRow.id), sa.Text), "-", ""))
    people = sa.select(col(PersonRow.login)).where(col(PersonRow.scope).startswith(by.scope_prefix, autoescape=True))
    return [
        sa.or_(
            sa.func.replace(subject, "-", "").in_(own.where(within(by))),
            sa.not_(subject.startswith("project:")) & col(EventRow.who).in_(people),
        )
    ]


def page(
    session: Session, *, by: Person, offset: int, limit: int, kind: str | None, text: str
) -> tuple[list[EventRow], int]:
    """A page of the trail that `by` may read, newest first, and how many rows there are under the filter."""
    conditions = shown_to(by)
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
