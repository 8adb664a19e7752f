"""The trail in the database: events gathered during a use case are chained and written as its last act."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from functools import reduce
from itertools import cycle, islice
from operator import add
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
TOGETHER = 1000
"""Records that the database strings together for one look; more do not fit the processor's cache."""
AHEAD = 4
"""Such lots that the database makes ready while an earlier one is hashed."""


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


def unmoved(session: Session, *, since: int, but_for: Iterable[Happening]) -> tuple[int, bool]:
    """The last event, and whether since that other one nothing has happened but for what is of these kinds."""
    given = {"since": since, "kinds": [kind.value for kind in but_for]}
    seq, still = session.connection().execute(UNMOVED, given).one()
    return int(seq), bool(still)


_OTHER = sa.select(col(EventRow.seq)).where(
    col(EventRow.seq) > sa.bindparam("since"), col(EventRow.kind).not_in(sa.bindparam("kinds", expanding=True))
)
UNMOVED = sa.select(col(EventHeadRow.seq), ~_OTHER.exists()).where(col(EventHeadRow.id) == 1)
"""Put together once: every list asks it."""


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
    # Asked apart, both are looked up; that none is missing between them shows while they are followed.
    ends = (sa.select(end(table.c.seq)).scalar_subquery() for end in (sa.func.min, sa.func.max))
    first, rows = (end or 0 for end in session.execute(sa.select(*ends)).one())
    previous = _followed(session, rows) if first == min(1, rows) else None
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
    """The last hash of the records 1 to `rows`; None where one of them does not hold.

    The database strings the next records together, on two connections and in a thread for each, while these are hashed.
    The second may see a later state: as a trail only grows, these records stand in it, too.
    """
    query = _strung(session).compile(session.get_bind().engine)
    sql, names = str(query), query.positiontup or ()

    def strung(connection: sa.Connection, begin: int) -> sa.Row[Any] | None:
        lot = {"begin": begin, "end": min(begin + TOGETHER - 1, rows)}
        asked = tuple(lot[name] for name in names) if names else lot
        return connection.exec_driver_sql(sql, asked).one_or_none()

    previous: str | None = NOTHING_BEFORE
    with (
        session.get_bind().engine.connect() as beside,
        ThreadPoolExecutor(1) as one,
        ThreadPoolExecutor(1) as other,
    ):
        in_turn = cycle(((one, session.connection()), (other, beside)))
        lots = (
            thread.submit(strung, connection, begin)
            for (thread, connection), begin in zip(in_turn, range(1, rows + 1, TOGETHER), strict=False)
        )
        coming = deque(islice(lots, AHEAD))
        done = 0
        while coming and previous is not None:
            found = coming.popleft().result()
            coming.extend(islice(lots, 1))
            expected = min(TOGETHER, rows - done)
            if found is None or found.number != expected:
                return None
            previous = follow(bytes(found.records), found.hashes, found.befores, expected, previous)
            done += expected
    return previous


def _strung(session: Session) -> sa.Select[Any]:
    """The records `begin` to `end` as `domain.history.follow` reads them, and how many there are."""
    c = EventRow.__table__.c  # type: ignore[attr-defined]
    always, blanks = (c.previous, c.seq, c.at, c.who, c.kind, c.subject), (c.why, c.before, c.after)
    lot = c.seq.between(sa.bindparam("begin"), sa.bindparam("end"))
    mark = _as_is(f"'{BETWEEN_RECORDS}'")
    if session.get_bind().dialect.name != "sqlite":
        shown = [*always, *(sa.func.coalesce(_as_is("'='").concat(field), _as_is("'-'")) for field in blanks)]
        record = sa.func.concat_ws(_as_is(f"'{BETWEEN_FIELDS}'"), _as_is(f"'{FORM}'"), *shown)
        texts = [sa.func.string_agg(text, aggregate_order_by(mark, c.seq)) for text in (record, c.hash, c.previous)]
        return _lot(sa.func.convert_to(texts[0], _as_is("'UTF8'")), *texts[1:]).where(lot)
    # One printf is much faster than joining piece by piece. It reads a text up to its first NUL: so the bytes of the
    # columns are counted, too. SQLite also keeps bytes in a column of text if told so; text is less than any bytes.
    # In which order it strings the rows is its own affair: an order other than the chain's does not hold, no more.
    shown = [*always, *(part for field in blanks for part in (_marked(field), field))]
    form = BETWEEN_FIELDS.join([FORM, *["%s"] * len(always), *["%s%s"] * len(blanks)])
    record = sa.func.printf(_as_is(f"'{form}'"), *shown)
    texts = [sa.func.group_concat(text, mark) for text in (record, c.hash, c.previous)]
    are_texts = [field < _as_is("x''") for field in (c.hash, *always) if field is not c.seq]
    are_texts += [(field < _as_is("x''")).is_not(sa.false()) for field in blanks]
    octets = [sa.func.length(c.seq), *(sa.func.length(sa.cast(field, sa.LargeBinary)) for field in always[2:])]
    octets += [sa.func.coalesce(sa.func.length(sa.cast(field, sa.LargeBinary)), _as_is("0")) for field in blanks]
    besides = len(FORM) + len(NOTHING_BEFORE) + len(always) + 2 * len(blanks) + len(BETWEEN_RECORDS)
    whole = sa.cast(texts[0], sa.LargeBinary)
    counted = sa.func.length(whole) == sa.func.sum(reduce(add, octets, _as_is(str(besides)))) - _as_is("1")
    return _lot(whole, *texts[1:]).where(lot, *are_texts).having(counted)


def _marked(field: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """What stands before the text of a field, which is nothing where it is blank."""
    return sa.func.iif(field.is_(None), _as_is("'-'"), _as_is("'='"))


def _lot(*texts: sa.ColumnElement[Any]) -> sa.Select[Any]:
    named = [text.label(name) for text, name in zip(texts, ("records", "hashes", "befores"), strict=True)]
    return sa.select(*named, sa.func.count().label("number"))


def _as_is(sql: str) -> sa.ColumnClause[Any]:
    """A constant that stands in the statement: as a parameter it costs much of the time."""
    return sa.literal_column(sql)


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


def news(session: Session, projects: Iterable[UUID] | None, *, by: Person) -> list[tuple[UUID, str, int]]:
    """(id, name, events of others since the person's bookmark), the newest first; of these projects, or of all."""
    seen, project, event = LastSeenRow, ProjectRow, EventRow
    key: sa.ColumnElement[str] = sa.cast(col(seen.project_id), sa.Text)
    if session.get_bind().dialect.name == "sqlite":  # which keeps an id without its hyphens
        parts = (sa.func.substr(key, *part) for part in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12)))
        key = sa.func.printf("%s-%s-%s-%s-%s", *parts)
    query = (
        sa.select(col(project.id), col(project.name), sa.func.count())
        .join(seen, col(seen.project_id) == col(project.id))
        .join(event, (col(event.subject) == sa.literal("project:") + key) & (col(event.seq) > col(seen.seq)))
        .where(col(seen.person_id) == by.id, col(event.who) != by.login, within(by))
        .group_by(col(project.id), col(project.name))
        .order_by(sa.func.max(col(event.seq)).desc())
    )
    if projects is not None:
        query = query.where(col(seen.project_id).in_(list(projects)))
    return [(found, name, count) for found, name, count in session.execute(query)]


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
