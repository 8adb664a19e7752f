"""期限统计: how retrofits end, by league and industry; median days by step; what accepted ones save."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening.domain.acceptance import AcceptanceStage, position_of
from screening.domain.letters import LetterInputs
from screening.domain.people import Person
from screening.domain.registry import from_facts
from screening.domain.savings import Sec, saved_tce
from screening.services import Ledger
from screening.services.deadlines import OUTCOMES, Term, read
from screening.store import deadlines as store

STEPS: Final = (
    ("service_to_metering", "送达 → 试运行计量结束"),
    ("metering_to_acceptance", "试运行计量结束 → 试运行验收"),
    ("service_to_acceptance", "送达 → 试运行验收"),
    ("service_to_first_chase", "送达 → 首次催办"),
)
"""The steps whose days are counted, with their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The retrofits of a league or an industry by outcome; `saved` of those accepted, in tce a year."""

    key: str
    name: str
    counts: tuple[tuple[str, int], ...]
    whole: int
    saved: Decimal
    computed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How many days a step takes: the median of `count` cases; None where there is none."""

    key: str
    words: str
    median: Decimal | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The retrofits within the scope that nothing stopped; `unknown` accepted ones have no figure for what they save.

    `by_capacity` of those computed rest on the capacity, as no output is on file.
    """

    leagues: tuple[Line, ...]
    industries: tuple[Line, ...]
    total: Line
    steps: tuple[Step, ...]
    unknown: int
    by_capacity: int


@dataclass(frozen=True, slots=True)
class _Saved:
    tce: Decimal
    by_capacity: bool


def figures(ledger: Ledger, *, by: Person, today: date) -> Figures:
    """The figures of the day; each count equals the rows of the list that its link opens."""
    with ledger.reader() as session:
        found = [term for term in read(ledger, session, by=by, today=today) if term.clock.ends_by_acceptance]
        accepted = [term for term in found if term.clock.accepted_on is not None]
        saved = _savings(session, accepted)
        steps = _steps(session, found)
    return Figures(
        leagues=tuple(_lines(found, saved, lambda t: (t.league, t.clock.league_name))),
        industries=tuple(_lines(found, saved, lambda t: (t.industry.value, t.industry.words))),
        total=_line("", "合计", found, saved),
        steps=steps,
        unknown=len(accepted) - len(saved),
        by_capacity=sum(one.by_capacity for one in saved.values()),
    )


def _lines(
    found: Sequence[Term], saved: Mapping[UUID, _Saved], name: Callable[[Term], tuple[str, str]]
) -> Iterable[Line]:
    parts: dict[tuple[str, str], list[Term]] = {}
    for term in found:
        parts.setdefault(name(term), []).append(term)
    return (_line(key, words, parts[key, words], saved) for key, words in sorted(parts))


def _line(key: str, name: str, found: Sequence[Term], saved: Mapping[UUID, _Saved]) -> Line:
    mine = [saved[term.clock.id].tce for term in found if term.clock.id in saved]
    return Line(
        key=key,
        name=name,
        counts=tuple((outcome, sum(term.outcome == outcome for term in found)) for outcome in OUTCOMES),
        whole=len(found),
        saved=sum(mine, Decimal(0)),
        computed=len(mine),
    )


def _steps(session: Session, found: Sequence[Term]) -> tuple[Step, ...]:
    clocks = [term.clock.id for term in found]
    served = store.served(session, {term.clock.letter for term in found})
    trials: dict[UUID, date] = {}
    for row in store.meterings(session, clocks):
        if row.stage is AcceptanceStage.TRIAL:
            trials[row.clock_id] = row.last_day  # the last one is what acceptance rests on
    chased = store.first_chases(session, clocks)
    days: dict[str, list[int]] = {key: [] for key, _ in STEPS}
    for term in found:
        line = term.clock
        service, trial, tried = served.get(line.letter), trials.get(line.id), line.accepted_on
        for key, first, last in (
            ("service_to_metering", service, trial),
            ("metering_to_acceptance", trial, tried),
            ("service_to_acceptance", service, tried),
            ("service_to_first_chase", service, chased.get(line.id)),
        ):
            if first is not None and last is not None:
                days[key].append((last - first).days)
    return tuple(Step(key=key, words=words, median=_median(days[key]), count=len(days[key])) for key, words in STEPS)


def _median(days: list[int]) -> Decimal | None:
    if not days:
        return None
    days.sort()
    return Decimal(days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2


def _savings(session: Session, accepted: Sequence[Term]) -> dict[UUID, _Saved]:
    """What each accepted retrofit saves a year: SEC decided on, less the metered one, times output or capacity."""
    used = {row.clock_id: row.metering_id for row in store.accepted(session, [t.clock.id for t in accepted]).values()}
    metered = {row.id: row for row in store.meterings(session, list(used))}
    letters = store.letters_data(session, {term.clock.letter for term in accepted})
    facts = store.facts(session, {term.clock.project for term in accepted})
    found = {}
    for term in accepted:
        row = metered.get(used[term.clock.id]) if term.clock.id in used else None
        told = LetterInputs.from_json(letters[term.clock.letter]).units
        project = from_facts(json.loads(facts[term.clock.project]))
        place = term.clock.position
        now = position_of(project, term.clock.unit, place)
        if now is None:
            continue
        unit = project.units[now]
        amount = unit.output if unit.output is not None else unit.design_capacity
        if row is None or place >= len(told) or amount is None or unit.capacity_unit is None:
            continue
        old, measure = told[place].sec, told[place].unit
        if old is None or measure is None:
            continue
        tce = saved_tce(Sec(Decimal(old), measure), Sec(row.sec, row.unit), amount, unit.capacity_unit)
        if tce is not None:
            found[term.clock.id] = _Saved(tce, unit.output is None)
    return found
