"""The deadlines as an iCalendar feed (RFC 5545) under a secret address of one person, and the addresses themselves."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.errors import Forbidden, NotFound
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person, Role
from screening.services import Ledger
from screening.services.deadlines import Term, read
from screening.store import deadlines as store
from screening.store import people, trail

LINE: Final = 75
"""Octets of a line, its end apart."""
_ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """The address that lives, without its secret; `dead` says why it gives nothing any more."""

    made_at: datetime
    dead: bool


def show(ledger: Ledger, *, by: Person) -> FeedView | None:
    """The person's own address; None where there is none."""
    with ledger.reader() as session:
        row = next((row for row in store.feeds(session, by.id) if row.revoked_at is None), None)
        if row is None:
            return None
        whose = people.get(session, by.id)
        return FeedView(made_at=row.made_at, dead=(row.role, row.scope) != (whose.role, whose.scope))


def renew(ledger: Ledger, *, by: Person, at: datetime) -> str:
    """Makes a new address for the person and ends the old one; gives its secret, which is never shown again."""
    _demand(by)
    token = secrets.token_urlsafe(32)
    with ledger.writer() as session:
        _end(session, by, at)
        session.add(
            store.CalendarFeedRow(
                person_id=by.id, token_hash=_digest(token), role=by.role, scope=by.scope, made_at=at
            )
        )  # fmt: skip
        trail.record(session, Event(at=at, who=by, kind=Happening.FEED_MADE, subject=f"person:{by.id}"))
    return token


def revoke(ledger: Ledger, *, by: Person, at: datetime) -> None:
    """Ends the person's address; where there is none, nothing changes."""
    _demand(by)
    with ledger.writer() as session:
        if _end(session, by, at):
            trail.record(session, Event(at=at, who=by, kind=Happening.FEED_REVOKED, subject=f"person:{by.id}"))


def _demand(by: Person) -> None:
    if by.stands_for is not None:
        raise Forbidden("日历地址属于本人。请切换回本人身份后办理。")
    if not by.may(Permission.READ):
        raise Forbidden(f"{by.role.words}不能查看期限。")


def _end(session: Session, by: Person, at: datetime) -> bool:
    live = [row for row in store.feeds(session, by.id) if row.revoked_at is None]
    for row in live:
        row.revoked_at = at
    return bool(live)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def fetch(ledger: Ledger, token: str, *, at: datetime) -> bytes:
    """The calendar behind an address; NotFound for an unknown, ended or outlived one, all alike."""
    with ledger.reader() as session:
        found = store.fed(session, _digest(token))
        if found is None:
            raise NotFound("没有这个日历。请在期限页重新生成订阅地址。")
        row, whose = found
        by = people.person(whose)
        if not whose.active or (row.role, row.scope) != (Role(whose.role), whose.scope) or not by.may(Permission.READ):
            raise NotFound("没有这个日历。请在期限页重新生成订阅地址。")
        terms = read(ledger, session, by=by, today=day_of(at))
    return calendar(terms, at=at)


# -- RFC 5545 --------------------------------------------------------------------------------------------------------


def calendar(terms: Iterable[Term], *, at: datetime) -> bytes:
    """The days that matter of these terms as one iCalendar object: all-day events, the same UIDs every time."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//screening//deadlines//ZH", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", "X-WR-CALNAME:两高项目期限", "X-WR-TIMEZONE:Asia/Shanghai"]
    stamp = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for term in terms:
        for kind, day, words in _days(term):
            lines += _event(term, kind, day, words, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _days(term: Term) -> Iterator[tuple[str, date, str]]:
    if term.clock.accepted_on is None:
        yield "due", term.clock.due, "改造到期" if term.clock.ends_by_acceptance else "整改到期"
        yield "limit", term.clock.outer_limit, "最长期限"
    elif term.year_to is not None:
        yield "year", term.year_to, "首个完整年度期满，待确认"


def _event(term: Term, kind: str, day: date, words: str, stamp: str) -> list[str]:
    line = term.clock
    stayed = "（暂停执行）" if line.stay else ""
    name = line.project_name + (f"·{line.unit}" if line.unit else "")
    about = "\n".join(
        [f"{line.enterprise}，{line.league_name}{line.banner_name}", f"文书：{line.letter_number}", *line.steps]
        + ([line.stay] if line.stay else [])
    )
    return [
        "BEGIN:VEVENT",
        f"UID:{line.id}-{kind}@screening",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(f'{words}{stayed}：{name}')}",
        f"DESCRIPTION:{escaped(about)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A text as the value of a property: backslash, semicolon, comma and line ends; no other control characters."""
    return "".join(sign for sign in text.translate(_ESCAPES) if sign >= " " and sign != "\x7f")


def folded(line: str) -> bytes:
    """A content line with CRLF, folded so that no piece is longer than LINE octets and no character is cut."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
