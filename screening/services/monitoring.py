"""Chapter 6, the workbench: what waits for a person, and five figures that open their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from screening.domain.people import Person
from screening.services import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its words; `page` is ledger, review, sign, letters, deadlines or rules, `query` its filter."""

    id: str
    words: str
    count: int
    page: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """`waiting`: what this person's role has to do; `figures`: the state of the ledger; `by_class`: a bar each."""

    waiting: tuple[Figure, ...]
    figures: tuple[Figure, ...]
    by_class: tuple[Figure, ...]
    by_disposition: tuple[Figure, ...]
    projects: int


def workbench(ledger: Ledger, *, by: Person, today: date) -> Workbench:
    """The figures within the person's scope; each equals the total of the list that it opens."""
    raise NotImplementedError


def rescreen(ledger: Ledger, *, today: date, at: datetime) -> int:
    """Screens every project again whose stored result rests on other rules than those on file; gives how many."""
    raise NotImplementedError
