"""The append-only trail: reading it, verifying the chain, and its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from screening.domain.history import Happening
from screening.domain.people import Person
from screening.services import Ledger


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
    raise NotImplementedError


def head(ledger: Ledger) -> Head:
    """The present head of the chain."""
    raise NotImplementedError


def trail(ledger: Ledger, *, by: Person, page: int = 1, kind: Happening | None = None, q: str = "") -> TrailPage:
    """The trail for the auditor (permission AUDIT); `q` finds in who, subject and why."""
    raise NotImplementedError
