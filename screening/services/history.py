"""The append-only trail: reading it, verifying the chain, and its head."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from screening.domain.errors import Forbidden
from screening.domain.history import FOR, Event, Happening
from screening.domain.people import Permission, Person
from screening.services import Ledger
from screening.store import people, triggers
from screening.store import trail as store

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event of the trail: `kind` is a past-tense name, `words` its Chinese, before and after plain data."""

    seq: int
    at: datetime
    who: str
    who_name: str
    kind: Happening
    words: str
    subject: str
    why: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    stood_in_for: str | None = None
    """The login of the one whom a deputy stood in for; `who_name` then has both names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """A page of the whole trail, newest first."""

    rows: tuple[EventLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last link of the chain: number of rows and hash; kept elsewhere it proves that nothing before was touched."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The outcome of `verify`; `first_bad` is the seq of the first row that does not fit (or is missing)."""

    rows: int
    ok: bool
    first_bad: int | None
    problem: str | None = None


def verify(ledger: Ledger, *, head: Head | None = None) -> Verified:
    """Computes the whole chain again; with `head`, also that the chain still contains that head."""
    known = {head.rows: head.hash} if head and head.rows else {}
    with ledger.reader() as session:
        rows, last, flaw = store.examined(session, known=known)
        if flaw is None and store.head(session) != (rows, last):
            return Verified(
                rows=rows, ok=False, first_bad=rows + 1, problem="链尾与登记的链首不符：末尾记录被删去或添加"
            )
        lost = triggers.missing(session.connection())
    if flaw is None and lost:
        return Verified(rows=rows, ok=False, first_bad=None, problem=f"保护触发器缺失或被改动：{'、'.join(lost)}")
    if flaw is not None:
        return Verified(rows=rows, ok=False, first_bad=flaw.seq, problem=flaw.problem)
    return Verified(rows=rows, ok=True, first_bad=None)


def attempt_refused(
    ledger: Ledger, *, by: Person, method: str, address: str, status: int, why: str, sent_from: str, at: datetime
) -> bool:
    """Notes an attempt that was refused, in a transaction of its own; False where this minute has it already.

    One event for a person, an address and a minute, so that nobody floods the trail by asking again and again.
    """
    subject = f"address:{method} {address}"[:400]
    with ledger.writer() as session:
        if store.noted(session, who=by.login, subject=subject, since=at.replace(second=0, microsecond=0)):
            return False
        store.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.ATTEMPT_REFUSED,
                subject=subject,
                why=why,
                after={"status": status, "from": sent_from},
            ),
        )
    return True


def head(ledger: Ledger) -> Head:
    """The present head of the chain."""
    with ledger.reader() as session:
        rows, last = store.head(session)
    return Head(rows=rows, hash=last)


def trail(ledger: Ledger, *, by: Person, page: int = 1, kind: Happening | None = None, q: str = "") -> TrailPage:
    """The trail for the auditor (permission AUDIT); `q` finds in who, subject, why and content."""
    if not by.may(Permission.AUDIT):
        raise Forbidden(f"{by.role.words}不能查看审计记录。请由审计员办理。")
    page = max(page, 1)
    with ledger.reader() as session:
        rows, total = store.page(
            session,
            by=by,
            offset=(page - 1) * PER_PAGE,
            limit=PER_PAGE,
            kind=kind.value if kind else None,
            text=q.strip(),
        )
        lines = told(session, rows)
    return TrailPage(rows=lines, total=total, page=page, pages=max(1, -(-total // PER_PAGE)))


def told(session: Session, rows: Iterable[Any]) -> tuple[EventLine, ...]:
    """Rows of the trail as views."""
    events = list(rows)
    afters = [None if row.after is None else json.loads(row.after) for row in events]
    principals = [after.pop(FOR, None) if after else None for after in afters]
    names = people.names_of_logins(session, {row.who for row in events} | {login for login in principals if login})
    return tuple(
        EventLine(
            seq=row.seq,
            at=datetime.fromisoformat(row.at),
            who=row.who,
            who_name=names.get(row.who, row.who) + (f"（代{names.get(principal, principal)}）" if principal else ""),
            kind=Happening(row.kind),
            words=Happening(row.kind).words,
            subject=row.subject,
            why=row.why,
            before=None if row.before is None else json.loads(row.before),
            after=after,
            stood_in_for=principal,
        )
        for row, after, principal in zip(events, afters, principals, strict=True)
    )
