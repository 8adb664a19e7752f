"""Chapter 1, the ledger: projects listed, filtered, shown, and their history."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from screening import workbook
from screening.domain.classification import PROPOSABLE, Disposition, EfficiencyClass, to_document
from screening.domain.errors import Refusal
from screening.domain.people import Person
from screening.domain.registry import Industry, Project, Stage, from_facts
from screening.domain.review import CaseState, open_moves
from screening.services import Ledger
from screening.services.acceptance import furthest_behind
from screening.services.counting import counted
from screening.services.dispositions import obstacles
from screening.services.findings import views as finding_views
from screening.services.history import EventLine, told
from screening.services.intake import (
    compare,
    confirm_import,
    correct_import,
    marked_workbook,
    past_imports,
    preview_import,
    show_import,
)
from screening.services.lines import clock_lines, letter_lines, line, recommendation_view, region_name, subject
from screening.services.mirroring import mirrored
from screening.services.plausibility import gather
from screening.services.rules import overlay
from screening.services.verdicts import judge
from screening.services.views import (
    ClockLine,
    FindingView,
    Imported,
    ImportLine,
    LetterLine,
    PastImport,
    Preview,
    ProjectLine,
    ProjectView,
    RecommendationView,
    RejectedCell,
)
from screening.services.withdrawal import undo_import
from screening.store import cases, people, trail
from screening.store import registry as store
from screening.store.mirror import Asked
from screening.store.search import LONGEST, words_of

__all__ = [
    "SORTS",
    "ClockLine",
    "FacetValue",
    "Filter",
    "FindingView",
    "ImportLine",
    "Imported",
    "LedgerPage",
    "LetterLine",
    "PastImport",
    "Preview",
    "ProjectLine",
    "ProjectView",
    "RecommendationView",
    "RejectedCell",
    "compare",
    "confirm_import",
    "contract",
    "correct_import",
    "documents",
    "export",
    "history",
    "list_projects",
    "marked_workbook",
    "past_imports",
    "preview_import",
    "projects",
    "show",
    "show_import",
    "undo_import",
]

PER_PAGE = 50
BY_NAME = ("name", "-name")
LAST_PAGE = 1_000_000
YES_NO = {"yes": True, "no": False}


class Deadline(StrEnum):
    """How near the due date of a running clock is."""

    OVERDUE = "overdue"
    DAYS_30 = "30"
    DAYS_60 = "60"
    DAYS_90 = "90"
    RUNNING = "running"

    @property
    def words(self) -> str:
        """As users read it."""
        return DEADLINE_WORDS[self]


DEADLINE_WORDS = {
    Deadline.OVERDUE: "已逾期",
    Deadline.DAYS_30: "30日内到期",
    Deadline.DAYS_60: "60日内到期",
    Deadline.DAYS_90: "90日内到期",
    Deadline.RUNNING: "期限计算中",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the ledger page shows: the query string of its address, read; every part can be left out."""

    q: str = ""
    league: str | None = None
    banner: str | None = None
    industry: Industry | None = None
    stage: Stage | None = None
    efficiency_class: EfficiencyClass | None = None
    disposition: Disposition | None = None
    case_state: CaseState | None = None
    in_focus: bool | None = None
    near_line: bool | None = None
    findings: bool | None = None
    """Only projects with (without) detected or confirmed findings."""
    deadline: Deadline | None = None
    rule: str | None = None
    """The address of a rule that the result rests on."""
    sort: str = "name"
    """One of SORTS; with a leading - in falling order."""
    page: int = 1
    picked: tuple[UUID, ...] | None = None
    """Only these projects; no part of the query string, like the next: see `selection`."""
    left_out: tuple[UUID, ...] = ()
    """None of these projects."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """From the names and values of a query string.

        Names: q league banner industry stage class disposition state focus near findings deadline rule sort page; a
        value that is not one of the field's own is refused (Refusal with `field`), a blank one is left out.
        """
        given = {name: value.strip() for name, value in query.items() if value.strip()}
        page = given.get("page", "1")
        sort = given.get("sort", "name")
        if not (page.isascii() and page.isdigit() and 1 <= int(page) <= LAST_PAGE):
            raise Refusal(f"页码为“{page}”，应为从1开始的整数。", field="page")
        if sort.removeprefix("-") not in SORTS:
            raise Refusal(f"不能按“{sort}”排序。可用的排序：{'、'.join(SORTS)}。", field="sort")
        if len(given.get("q", "")) > LONGEST:
            raise Refusal(f"查找的文字共{len(given['q'])}字，请不超过{LONGEST}字。", field="q")
        for name in ("league", "banner"):
            if name in given and not (given[name].isascii() and given[name].isdigit() and len(given[name]) == 6):
                raise Refusal(f"区划代码为“{given[name]}”，应为六位数字。", field=name)
        return cls(
            q=given.get("q", ""),
            league=given.get("league"),
            banner=given.get("banner"),
            industry=_one_of(Industry, given, "industry"),
            stage=_one_of(Stage, given, "stage"),
            efficiency_class=_one_of(EfficiencyClass, given, "class"),
            disposition=_one_of(Disposition, given, "disposition"),
            case_state=_one_of(CaseState, given, "state"),
            in_focus=_yes_no(given, "focus"),
            near_line=_yes_no(given, "near"),
            findings=_yes_no(given, "findings"),
            deadline=_one_of(Deadline, given, "deadline"),
            rule=given.get("rule"),
            sort=sort,
            page=int(page),
        )

    def query(self, **changes: object) -> dict[str, str]:
        """Back to the names and values of a query string (blank ones left out), with `changes` to attributes made."""
        chosen = replace(self, **changes)  # type: ignore[arg-type]  # the caller names attributes
        found: dict[str, str] = {}
        for attribute, name in QUERY_NAMES.items():
            value = getattr(chosen, attribute)
            if value is None or value == "" or (name, value) in (("sort", "name"), ("page", 1)):
                continue
            found[name] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return found


QUERY_NAMES = {
    "q": "q",
    "league": "league",
    "banner": "banner",
    "industry": "industry",
    "stage": "stage",
    "efficiency_class": "class",
    "disposition": "disposition",
    "case_state": "state",
    "in_focus": "focus",
    "near_line": "near",
    "findings": "findings",
    "deadline": "deadline",
    "rule": "rule",
    "sort": "sort",
    "page": "page",
}
"""Attribute of Filter -> its name in a query string."""


E = TypeVar("E", bound=StrEnum)


def _one_of(kind: type[E], given: Mapping[str, str], name: str) -> E | None:
    if name not in given:
        return None
    try:
        return kind(given[name])
    except ValueError:
        known = "、".join(kind)
        raise Refusal(f"条件 {name} 的值“{given[name]}”不在名单内，应为：{known}。", field=name) from None


def _yes_no(given: Mapping[str, str], name: str) -> bool | None:
    if name not in given:
        return None
    if given[name] not in YES_NO:
        raise Refusal(f"条件 {name} 的值为“{given[name]}”，应为 yes 或 no。", field=name)
    return YES_NO[given[name]]


SORTS = ("name", "code", "enterprise", "league", "industry", "stage", "class", "disposition", "tce", "state", "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet with its number of projects under the other filters; `query` selects it."""

    value: str
    words: str
    count: int
    chosen: bool
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """One page of the ledger: PER_PAGE rows, the total of the filter, and the facets by query-string name."""

    filter: Filter
    rows: tuple[ProjectLine, ...]
    total: int
    page: int
    pages: int
    facets: Mapping[str, tuple[FacetValue, ...]]


def criteria_of(filters: Filter) -> dict[str, Any]:
    """The filter as the store's queries take it."""
    return {
        "league": filters.league,
        "banner": filters.banner,
        "industry": filters.industry,
        "stage": filters.stage,
        "efficiency_class": filters.efficiency_class,
        "disposition": filters.disposition,
        "case_state": filters.case_state,
        "in_focus": filters.in_focus,
        "near_line": filters.near_line,
        "findings": filters.findings,
        "deadline": filters.deadline,
        "rests_on": filters.rule,
        "picked": filters.picked,
        "left_out": filters.left_out,
        "words": words_of(filters.q),
    }


def list_projects(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> LedgerPage:
    """One page of the projects within the person's scope; a page past the last one shows the last one."""
    with ledger.reader() as session:
        criteria = criteria_of(filters)
        mirror = mirrored(ledger, session, today)
        asked = mirror.asked(criteria, by=by) if mirror else None
        made = {} if asked and filters.sort in BY_NAME else store.conditions(criteria, by=by, today=today)
        if asked:
            counts = _counts(asked)
        else:
            key = (by.scope_prefix, today, replace(filters, sort="name", page=1))
            counts = counted(ledger, session, key, lambda: _counts(store.tally(session, made, criteria, today=today)))
        total = counts.total
        pages = max(1, -(-total // PER_PAGE))
        page = min(filters.page, pages)
        falls, offset = filters.sort == "-name", (page - 1) * PER_PAGE
        if asked and filters.sort in BY_NAME:
            found = iter(store.these(session, asked.page(falls=falls, offset=offset, limit=PER_PAGE), by=by))
        else:
            found = store.page(
                session,
                made,
                sort=filters.sort,
                offset=offset,
                limit=PER_PAGE,
                total=total,
                words=criteria["words"],
            )
        rows = tuple(line(row, due, ledger) for row, due in found)
    facets = {QUERY_NAMES[part]: _facet(filters, part, found, ledger) for part, found in counts.facets.items()}
    return LedgerPage(filter=filters, rows=rows, total=total, page=page, pages=pages, facets=facets)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the ledger page counts: the total, and for each facet its values' numbers under the other conditions."""

    total: int
    facets: Mapping[str, Mapping[Any, int]]


def _counts(tally: store.Tally | Asked) -> _Counts:
    facets: dict[str, Mapping[Any, int]] = {part: tally.of(part) for part in FACETS if part in tally.parts}
    return _Counts(tally.total(), {**facets, "deadline": tally.deadlines()})


ANY = "*"
"""Stands for the value of a facet until it is known."""
FACETS: dict[str, type[StrEnum] | None] = {
    "league": None,
    "banner": None,
    "industry": Industry,
    "stage": Stage,
    "efficiency_class": EfficiencyClass,
    "disposition": Disposition,
    "case_state": CaseState,
    "deadline": Deadline,
}


def _facet(filters: Filter, part: str, counts: Mapping[Any, int], ledger: Ledger) -> tuple[FacetValue, ...]:
    kind = FACETS.get(part)
    chosen = getattr(filters, part)
    values = list(PROPOSABLE if kind is Disposition else kind) if kind else sorted(counts)
    if part == "efficiency_class":
        values.reverse()
    changes: dict[str, object] = {part: ANY, "page": 1}
    if part == "league":
        changes["banner"] = None
    query = filters.query(**changes)
    found = [
        FacetValue(
            value=str(value),
            words=_words(ledger, value),
            count=counts.get(value, 0),
            chosen=value == chosen,
            query={**query, QUERY_NAMES[part]: str(value)},
        )
        for value in values
        if counts.get(value, 0) or value == chosen
    ]
    return tuple(found)


def _words(ledger: Ledger, value: object) -> str:
    return getattr(value, "words", None) or region_name(ledger, str(value))


def documents(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> list[dict[str, Any]]:
    """All projects of a filter as the contract's objects (ledger-format §2), in the order of the filter."""
    with ledger.reader() as session:
        made = store.conditions(criteria_of(filters), by=by, today=today)
        rows = [row for row, _ in store.page(session, made, sort=filters.sort, whole=True)]
        return _with_halts(rows, [json.loads(row.screening) for row in rows])


def _with_halts(rows: list[store.ProjectRow], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects, each with the day since when its project is halted, or null."""
    for row, one in zip(rows, found, strict=True):
        one["halted_on"] = row.halted_on.isoformat() if row.halted_on else None
    return found


def contract(ledger: Ledger, filters: Filter, *, by: Person, today: date, as_of: date | None = None) -> dict[str, Any]:
    """The whole object of the contract (ledger-format §2) over the projects of a filter.

    With `as_of` every project is screened anew as of that day; without, the stored results are given.
    """
    with ledger.reader() as session:
        book = overlay(ledger, session)
        made = store.conditions(criteria_of(filters), by=by, today=today)
        rows = [row for row, _ in store.page(session, made, sort=filters.sort, whole=True)]
        if as_of is None:
            found = [json.loads(row.screening) for row in rows]
        else:
            said = store.findings(session, [row.id for row in rows])
            dues = store.retrofit_dues(session, on=as_of)
            found = [
                to_document(
                    judge(
                        from_facts(json.loads(row.facts)),
                        book,
                        as_of=as_of,
                        said=said.get(row.id, ()),
                        due=dues.get(row.id),
                    ).screening
                )
                for row in rows
            ]
        _with_halts(rows, found)
    day = as_of or today
    edition = book.edition_on(day)
    classes = Counter(one["class"] for one in found)
    dispositions = Counter(one["disposition"] for one in found)
    return {
        "as_of": day.isoformat(),
        "rules": {"edition": edition.name if edition else None, "version": book.version},
        "summary": {
            "projects": len(found),
            "units": sum(len(one["units"]) for one in found),
            "rejected": 0,
            "by_class": {c.value: classes[c.value] for c in EfficiencyClass},
            "by_disposition": {d.value: dispositions[d.value] for d in PROPOSABLE},
        },
        "projects": found,
        "rejected": [],
    }


def export(ledger: Ledger, path: Path, filters: Filter, *, by: Person, today: date) -> int:
    """Writes the projects of a filter into the template's columns (.xlsx or .csv); gives how many."""
    found = list(projects(ledger, filters, by=by, today=today))
    workbook.write_projects(path, found, ledger.rules)
    return len(found)


def projects(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> Iterator[Project]:
    """All projects of a filter as domain objects, for export into the template."""
    with ledger.reader() as session:
        made = store.conditions(criteria_of(filters), by=by, today=today)
        for row, _ in store.page(session, made, sort=filters.sort, whole=True):
            yield from_facts(json.loads(row.facts))


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> ProjectView:
    """One project with everything the page shows; NotFound outside the scope."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        book = overlay(ledger, session)
        said = store.findings(session, [row.id]).get(row.id, [])
        facts = from_facts(json.loads(row.facts))
        due = store.retrofit_due(session, row.id, on=row.as_of)
        verdict = judge(facts, book, as_of=row.as_of, said=said, due=due)
        newest = cases.recommendation(session, row.id)
        people_of = people.names(
            session,
            {row.registered_by, row.changed_by, *(f.by for f in said)}
            | ({newest.by, newest.returned_by} if newest else set()),
        )
        state = CaseState(row.case_state)
        clocks = clock_lines(session, cases.clocks(session, by=by, project=row.id), ledger, today)
        return ProjectView(
            line=line(row, store.due_of(session, row.id), ledger),
            project=facts,
            screening=verdict.screening,
            document=_with_halts([row], [json.loads(row.screening)])[0],
            stale=row.rules_version != book.version,
            findings=finding_views(session, row, verdict, said, facts, book, by=by),
            recommendation=recommendation_view(newest, people_of) if newest else None,
            letters=letter_lines(session, cases.letters(session, by=by, project=row.id)),
            clock=clocks[0] if clocks else None,
            acceptance=furthest_behind(session, row.id),
            moves=open_moves(state, by=by),
            obstacles=(
                obstacles(ledger, session, row, newest, by=by, today=today)
                if newest and state is CaseState.RECOMMENDED
                else ()
            ),
            registered_by=people_of[row.registered_by].name,
            registered_at=row.registered_at,
            changed_by=people_of[row.changed_by].name,
            history=told(session, trail.of_subject(session, subject(row.id))),
            doubts=gather(session, row, book, as_of=row.as_of, by=by),
        )


def history(ledger: Ledger, project: UUID, *, by: Person) -> tuple[EventLine, ...]:
    """All events of the project, its letters and clocks, newest first."""
    with ledger.reader() as session:
        store.get(session, project, by=by)
        return told(session, trail.of_subject(session, subject(project)))
