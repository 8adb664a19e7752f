"""Chapter 5, the deadlines: the clocks that run since service, grouped by how near they are, with what is at risk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening.domain.acceptance import AcceptanceStage, Standing, first_year_ends
from screening.domain.chasing import ChaseKind, is_broken
from screening.domain.errors import Refusal
from screening.domain.people import Person
from screening.domain.registry import Industry
from screening.services import Ledger
from screening.services.acceptance import standing_of
from screening.services.lines import clock_lines, region_name
from screening.services.views import ClockLine
from screening.store import deadlines as store

GROUPS: Final = {
    "overdue": "已逾期", "30": "30日内到期", "60": "60日内到期", "90": "90日内到期", "180": "180日内到期",
    "later": "180日以后到期", "stayed": "暂停执行", "tried": "待首个完整年度确认",
}  # fmt: skip
"""The parts of the morning page, the most pressing first; a clock stands in one of them, or is done with."""
OUTCOMES: Final = {
    "on_time": "按期验收",
    "late": "逾期验收",
    "open": "未到期",
    "overdue": "已逾期",
    "stayed": "暂停执行",
}
"""The parts of the figures: every retrofit that nothing stopped stands in one of them."""
ALL: Final = "all"
"""Whatever the outcome."""
KINDS: Final = {"retrofit": "限期改造", "rectify": "限期整改"}
SORTS: Final = {"tce": "年综合能耗", "due": "到期日", "league": "盟市"}
_DAYS: Final = ("30", "60", "90", "180")
_DONE: Final = "done"


def group(clock: ClockLine) -> str:
    """The group of GROUPS that a running clock stands in."""
    if clock.stay:
        return "stayed"
    if clock.overdue:
        return "overdue"
    return next((g for g in _DAYS if clock.days_left <= int(g)), "later")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A clock as the morning page shows it; `group` is one of GROUPS, or `done` once the first full year confirmed."""

    clock: ClockLine
    decision: UUID | None
    league: str
    industry: Industry
    standing: Standing
    group: str
    outcome: str
    """One of OUTCOMES."""
    tried_on: date | None = None
    year_from: date | None = None
    year_to: date | None = None
    """The first and the last day on which the first full year can be over."""

    @property
    def unit_words(self) -> str:
        """The unit, or the project where the letter names none."""
        return self.clock.unit or "整个项目"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """The newest word on a term: `broken` once a promised day has passed and the term still runs."""

    kind: ChaseKind
    day: date
    with_whom: str
    said: str
    promised: date | None
    broken: bool
    count: int


@dataclass(frozen=True, slots=True)
class Sum:
    """How many clocks, and the energy use of their projects, each project once; `blank` counts those without figure."""

    count: int
    tce: Decimal
    blank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of the terms is asked for; None: all of it. `group` without value means the groups of the page."""

    group: str | None = None
    outcome: str | None = None
    league: str | None = None
    industry: Industry | None = None
    kind: str | None = None
    sort: str = "tce"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        """From an address; refuses what it does not know."""
        chosen = query.get("group") or query.get("deadline") or None
        for value, known, words, field in (
            (chosen, GROUPS, "没有这一组期限。请从上方的页签中选择。", "group"),
            (query.get("outcome") or None, {*OUTCOMES, ALL}, "没有这种期限结果。请从期限统计中选择。", "outcome"),
            (query.get("kind") or None, KINDS, "没有这种期限。请从列表中选择。", "kind"),
            (query.get("industry") or None, set(Industry), "没有这个行业。请从列表中选择。", "industry"),
            (query.get("sort") or None, SORTS, "不能按这一栏排序。请从列表中选择。", "sort"),
        ):
            if value is not None and value not in known:
                raise Refusal(words, field=field)
        industry = query.get("industry")
        return cls(
            group=chosen,
            outcome=query.get("outcome") or None,
            league=query.get("league") or None,
            industry=Industry(industry) if industry else None,
            kind=query.get("kind") or None,
            sort=query.get("sort") or "tce",
        )

    def query(self, **changes: str | None) -> dict[str, str]:
        """Names and values for an address."""
        own = {
            "group": self.group, "outcome": self.outcome, "league": self.league,
            "industry": self.industry.value if self.industry else None, "kind": self.kind,
            "sort": self.sort if self.sort != "tce" else None,
        }  # fmt: skip
        return {name: value for name, value in {**own, **changes}.items() if value}

    def words(self, ledger: Ledger) -> tuple[str, ...]:
        """What is asked for, a part each."""
        found = [GROUPS[self.group]] if self.group and not self.outcome else []
        found += [OUTCOMES[self.outcome]] if self.outcome in OUTCOMES else []
        found += [f"盟市：{region_name(ledger, self.league)}"] if self.league else []
        found += [f"行业：{self.industry.words}"] if self.industry else []
        found += [KINDS[self.kind]] if self.kind else []
        return tuple(found)

    def holds(self, term: Term, *, grouped: bool = True) -> bool:
        """Whether the term is asked for; not `grouped`: whatever group it stands in."""
        if self.league not in {None, term.league} or self.industry not in {None, term.industry}:
            return False
        if self.kind is not None and term.clock.ends_by_acceptance != (self.kind == "retrofit"):
            return False
        if self.outcome is not None:
            if self.outcome == ALL:
                return True
            return term.outcome == self.outcome
        if not grouped or self.group is None:
            return term.group != _DONE
        return term.group == self.group


def running(ledger: Ledger, *, by: Person, today: date, most: int | None = None) -> tuple[ClockLine, ...]:
    """The running clocks within the scope, the nearest due date first; no more than `most` of them."""
    with ledger.reader() as session:
        return clock_lines(session, store.clocks(session, by=by, running=True, most=most), ledger, today)


def terms(ledger: Ledger, *, by: Person, today: date) -> tuple[Term, ...]:
    """Every clock within the scope that nothing stopped, accepted ones too, the nearest due date first."""
    with ledger.reader() as session:
        return read(ledger, session, by=by, today=today)


def read(ledger: Ledger, session: Session, *, by: Person, today: date) -> tuple[Term, ...]:
    """The same in a session that is open."""
    rows = store.clocks(session, by=by)
    said = store.accepted(session, [clock.id for clock, _, _ in rows if clock.accepted_on])
    return tuple(
        _term(line, row, said.get(line.id))
        for line, row in zip(clock_lines(session, rows, ledger, today), rows, strict=True)
    )


def _term(line: ClockLine, row: store.Timed, said: store.AcceptanceRow | None) -> Term:
    _, letter, project = row
    standing = standing_of(said)
    tried = said.on if said is not None and said.passed and said.stage is AcceptanceStage.TRIAL else None
    ends = first_year_ends(tried) if tried else (None, None)
    if line.accepted_on is not None:
        where = "tried" if standing is Standing.TRIED else _DONE
        outcome = "on_time" if line.accepted_on <= line.due else "late"
    else:
        where = group(line)
        outcome = where if where in OUTCOMES else "open"
    return Term(
        clock=line, decision=letter.decision_id, league=project.league, industry=Industry(project.industry),
        standing=standing, group=where, outcome=outcome, tried_on=tried, year_from=ends[0], year_to=ends[1],
    )  # fmt: skip


def sum_of(found: Iterable[Term]) -> Sum:
    """How many, and what is at risk: several clocks of one project put its energy use at risk once."""
    count, projects = 0, dict[UUID, Decimal | None]()
    for term in found:
        count += 1
        projects[term.clock.project] = term.clock.equivalent_tce
    amounts = [tce for tce in projects.values() if tce is not None]
    return Sum(count, sum(amounts, Decimal(0)), len(projects) - len(amounts))


def in_order(found: Iterable[Term], sort: str) -> list[Term]:
    """By group and, within it, by what is at risk; or by due date, or by league and due date."""
    places = {key: place for place, key in enumerate((*GROUPS, _DONE))}
    orders: dict[str, Callable[[Term], tuple[object, ...]]] = {
        "tce": lambda t: (
            places[t.group], t.clock.equivalent_tce is None, -(t.clock.equivalent_tce or 0), t.clock.due,
            t.clock.project_name, t.clock.unit,
        ),
        "due": lambda t: (t.clock.due, t.clock.project_name, t.clock.unit),
        "league": lambda t: (t.league, t.clock.due, t.clock.project_name, t.clock.unit),
    }  # fmt: skip
    return sorted(found, key=orders[sort])


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A group with its sum; `key` is None for all of the page."""

    key: str | None
    words: str
    sum: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class LeagueLine:
    """A league's sums, group by group in the order of GROUPS, and over all."""

    code: str
    name: str
    sums: tuple[tuple[str, Sum], ...]
    whole: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """The page: the parts with their sums within the other filters, the leagues, the rows asked for in their order."""

    asked: Asked
    parts: tuple[Part, ...]
    leagues: tuple[LeagueLine, ...]
    rows: tuple[Term, ...]
    shown: Sum


def morning(ledger: Ledger, asked: Asked, *, by: Person, today: date) -> Morning:
    """What the morning page shows of the terms within the scope."""
    everything = terms(ledger, by=by, today=today)
    within = [term for term in everything if replace(asked, outcome=None).holds(term, grouped=False)]
    rows = in_order((term for term in everything if asked.holds(term)), asked.sort)
    of_all_leagues = [t for t in everything if replace(asked, outcome=None, league=None).holds(t, grouped=False)]
    return Morning(
        asked=asked,
        parts=(
            Part(key=None, words="全部", sum=sum_of(within)),
            *(Part(key=k, words=words, sum=sum_of(t for t in within if t.group == k)) for k, words in GROUPS.items()),
        ),
        leagues=tuple(_leagues(of_all_leagues)),
        rows=tuple(rows),
        shown=sum_of(rows),
    )


def _leagues(found: Sequence[Term]) -> Iterable[LeagueLine]:
    for code in sorted({term.league for term in found}):
        here = [term for term in found if term.league == code]
        yield LeagueLine(
            code=code,
            name=here[0].clock.league_name,
            sums=tuple((key, sum_of(t for t in here if t.group == key)) for key in GROUPS),
            whole=sum_of(here),
        )


def last_words(ledger: Ledger, shown: Collection[Term], *, today: date) -> dict[UUID, Chase]:
    """The newest entry about each of these terms, of which the caller knows that they lie in the scope."""
    with ledger.reader() as session:
        found = store.chases(session, [term.clock.id for term in shown])
    told = {}
    for term in shown:
        rows = [row for row in found.get(term.clock.id, ()) if row.voided_at is None]
        if rows:
            newest = rows[0]
            promise = next((row.promised for row in rows if row.promised), None)
            told[term.clock.id] = Chase(
                kind=newest.kind, day=newest.day, with_whom=newest.with_whom, said=newest.said, promised=promise,
                broken=is_broken(promise, today, kept=term.clock.accepted_on is not None), count=len(rows),
            )  # fmt: skip
    return told
