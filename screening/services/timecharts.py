"""The numbers of two drawings of terms: a month as a calendar, and bars from start over due date to outer limit."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from screening.domain.calendar import chinese, months_later
from screening.services import Ledger
from screening.services.deadlines import Term
from screening.services.lines import stay_words
from screening.store import deadlines as store
from screening.store import plans

CELL_WIDTH: Final = 160
CELL_HEIGHT: Final = 72
HEAD: Final = 24
LINES: Final = 3
"""Entries that a day has room for."""
MARKS: Final = {"due": "◆", "limit": "■", "year": "◇"}
"""Due date, outer limit, last day on which the first full year ends."""
ROW: Final = 26
LEFT: Final = 300
WIDE: Final = 1180
TOP: Final = 40
_YEAR: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What falls on a day: one of MARKS, of which term."""

    kind: str
    sign: str
    words: str
    project: UUID
    title: str
    y: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A cell of the calendar at its place; `more` counts what finds no room."""

    day: date
    x: int
    y: int
    inside: bool
    today: bool
    marks: tuple[Mark, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month, Monday first; `count` is what falls into it."""

    first: date
    before: str
    after: str
    width: int
    height: int
    days: tuple[Day, ...]
    count: int
    listed: tuple[tuple[date, Mark], ...]
    """All that falls into it, in order, for those who cannot see the drawing."""


def marks(term: Term) -> Iterator[tuple[date, Mark]]:
    """The days of a term that matter: due date and outer limit while it runs, the end of the first full year after."""
    name = term.clock.project_name + (f"·{term.clock.unit}" if term.clock.unit else "")
    days: tuple[tuple[str, date | None, str], ...]
    if term.clock.accepted_on is None:
        days = (("due", term.clock.due, "改造到期"), ("limit", term.clock.outer_limit, "最长期限"))
    else:
        days = (("year", term.year_to, "首个完整年度期满"),)
    for kind, day, words in days:
        if day is not None:
            stayed = "（暂停执行）" if term.clock.stay else ""
            yield (
                day,
                Mark(
                    kind=kind,
                    sign=MARKS[kind],
                    words=name,
                    project=term.clock.project,
                    title=f"{words}{stayed}：{name}",
                ),
            )


def month(terms: Collection[Term], first: date, *, today: date) -> Month:
    """The month that begins on `first`, with what of these terms falls into it."""
    found: dict[date, list[Mark]] = {}
    for term in terms:
        for day, mark in marks(term):
            found.setdefault(day, []).append(mark)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    days = []
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            here = found.get(day, []) if day.month == first.month else []
            shown = here if len(here) <= LINES else here[: LINES - 1]
            x, y = column * CELL_WIDTH, HEAD + row * CELL_HEIGHT
            days.append(
                Day(
                    day=day, x=x, y=y, inside=day.month == first.month, today=day == today,
                    marks=tuple(_at(mark, y + 34 + 16 * place) for place, mark in enumerate(shown)),
                    more=len(here) - len(shown),
                )
            )  # fmt: skip
    listed = [(day, mark) for day in sorted(found) if (day.year, day.month) == (first.year, first.month)
              for mark in found[day]]  # fmt: skip
    return Month(
        first=first,
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{months_later(first, 1):%Y-%m}",
        width=7 * CELL_WIDTH,
        height=HEAD + len(weeks) * CELL_HEIGHT,
        days=tuple(days),
        count=len(listed),
        listed=tuple(listed),
    )


def _at(mark: Mark, y: int) -> Mark:
    return Mark(kind=mark.kind, sign=mark.sign, words=mark.words, project=mark.project, title=mark.title, y=y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stay as a bar of its own, with its order."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A term as drawn: from start to due date, on to the outer limit, with what stayed it."""

    term: Term
    y: int
    start: float
    due: float
    limit: float
    accepted: float | None
    holds: tuple[Hold, ...]
    milestones: tuple[tuple[float, str], ...]
    """Of the newest version of its plan: place and words."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gantt:
    """Bars over one axis of time; `ticks` are (place, words) of years or quarters, `now` the place of today."""

    width: int
    height: int
    left: int
    ticks: tuple[tuple[float, str], ...]
    now: float
    bars: tuple[Bar, ...]


def gantt(ledger: Ledger, rows: Sequence[Term], *, today: date) -> Gantt:
    """The terms, of which the caller knows that they lie in the scope, from the first start to the last outer limit."""
    with ledger.reader() as session:
        stays = store.stays(session, {term.decision for term in rows})
        newest = {key: made[-1].id for key, made in plans.versions(session, [t.clock.id for t in rows]).items()}
        planned = plans.milestones(session, list(newest.values()))
    lowest = min([*(t.clock.start for t in rows), today]).replace(day=1)
    highest = months_later(max([*(t.clock.outer_limit for t in rows), today]).replace(day=1), 1)
    whole = (highest - lowest).days

    def place(day: date) -> float:
        return round(LEFT + (WIDE - LEFT - 12) * (day - lowest).days / whole, 1)

    bars = []
    for number, term in enumerate(rows):
        line = term.clock
        end = max(line.outer_limit, today)
        holds = tuple(
            Hold(
                x=place(stay.first_day),
                width=max(2.0, round(place(min(stay.last_day or today, end)) - place(stay.first_day), 1)),
                words=stay_words(stay),
            )
            for stay in (stays.get(term.decision, ()) if term.decision else ())
        )
        steps = sorted(planned.get(newest[line.id], ()), key=lambda one: one.planned) if line.id in newest else []
        said = f"{line.project_name}{'·' + line.unit if line.unit else ''}：{chinese(line.start)}起算，"
        said += f"{chinese(line.due)}到期，最长期限{chinese(line.outer_limit)}"
        said += "".join(f"；{hold.words}" for hold in holds)
        said += "".join(f"；计划{one.step.words}{chinese(one.planned)}" for one in steps)
        bars.append(
            Bar(
                term=term, y=TOP + number * ROW, start=place(line.start), due=place(line.due),
                limit=place(line.outer_limit), accepted=place(line.accepted_on) if line.accepted_on else None,
                holds=holds, words=said,
                milestones=tuple((place(one.planned), f"{one.step.words} {one.planned}") for one in steps),
            )
        )  # fmt: skip
    return Gantt(
        width=WIDE,
        height=TOP + len(rows) * ROW + 8,
        left=LEFT,
        ticks=tuple((place(day), words) for day, words in _ticks(lowest, highest)),
        now=place(today),
        bars=tuple(bars),
    )


def _ticks(lowest: date, highest: date) -> Iterator[tuple[date, str]]:
    """Every quarter of a short axis, every year of a long one."""
    step = 3 if (highest - lowest).days < 5 * 366 else _YEAR
    day = date(lowest.year, 1, 1)
    while day < highest:
        if day >= lowest:
            yield day, f"{day.year}年" if day.month == 1 else f"{day.month}月"
        day = months_later(day, step)
