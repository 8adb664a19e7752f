"""Chapter 1, the ledger: workbooks previewed and taken in, projects listed, shown, and their history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from screening.domain.classification import Disposition, EfficiencyClass, Finding, Screening
from screening.domain.people import Person
from screening.domain.registry import Industry, Project, Stage
from screening.domain.review import CaseState, FindingState, LetterState, Move, RecommendationState
from screening.services import Ledger
from screening.services.history import EventLine

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One figure or text that differs: `words` as users read the field, old and new as the ledger spells them."""

    key: str
    words: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """A project of the file: `changes` is empty for a new one; `warnings` are near duplicates and the like."""

    code: str | None
    name: str
    enterprise: str
    league: str
    banner: str
    units: int
    project: UUID | None
    """The project in the ledger that it changes."""
    changes: tuple[FieldChange, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCell:
    """A cell that could not be taken: where, what was found, what is expected (contract §2 `rejected`)."""

    sheet: str
    cell: str
    column: str
    value: str
    expected: str
    project: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would do; nothing is written into the ledger. Counts are projects."""

    batch: UUID | None
    """Names the preview for `confirm_import`; None where it was only compared."""
    file: str
    sheet: str
    uploaded_at: datetime
    new: tuple[ImportLine, ...]
    changed: tuple[ImportLine, ...]
    same: int
    rejected: int
    rejections: tuple[RejectedCell, ...]
    warnings: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    confirmed_at: datetime | None = None

    @property
    def nothing_to_do(self) -> bool:
        """Whether confirming would change nothing."""
        return not self.new and not self.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a confirmed import did; counts are projects."""

    batch: UUID
    new: int
    changed: int
    same: int
    rejected: int


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
    deadline: str | None = None
    """overdue, 30, 60, 90: days until the due date of a running clock; running: any running clock."""
    sort: str = "name"
    """One of SORTS; with a leading - in falling order."""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """From the names and values of a query string.

        Names: q league banner industry stage class disposition state focus near findings deadline sort page; a value
        that is not one of the field's own is refused (Refusal with `field`), a blank one is left out.
        """
        raise NotImplementedError

    def query(self, **changes: object) -> dict[str, str]:
        """Back to the names and values of a query string (blank ones left out), with `changes` to attributes made."""
        raise NotImplementedError


SORTS = ("name", "code", "enterprise", "league", "industry", "stage", "class", "disposition", "tce", "state", "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLine:
    """A row of the ledger page. Energy in tce a year (等价值); `detected` counts findings nobody judged yet."""

    id: UUID
    code: str | None
    name: str
    enterprise: str
    league: str
    league_name: str
    banner: str
    banner_name: str
    industry: Industry
    stage: Stage
    efficiency_class: EfficiencyClass
    disposition: Disposition
    disposition_if_confirmed: Disposition | None
    equivalent_tce: Decimal | None
    in_focus: bool | None
    near_line: bool
    case_state: CaseState
    findings: int
    units: int
    due: date | None
    version: int
    changed_at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding on a project and what people said of it; `finding.source` is detected or entered."""

    finding: Finding
    state: FindingState
    reason: str | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationView:
    """What a reviewer proposed, and what became of it."""

    id: UUID
    disposition: Disposition
    proposed: Disposition
    """What the program proposed at that moment."""
    reason: str
    clause: str | None
    measures: tuple[str, ...]
    """Refs of the measures chosen."""
    due: date | None
    by: str
    by_login: str
    at: datetime
    state: RecommendationState
    returned_reason: str | None = None
    returned_by: str | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A letter in a list; `sha256` is empty until its PDF was made, `copies` counts prints after the first."""

    id: UUID
    number: str
    kind: str
    kind_words: str
    project: UUID
    project_name: str
    enterprise: str
    disposition: Disposition
    state: LetterState
    signed_on: date
    signed_by: str
    printed_at: datetime | None
    copies: int
    served_on: date | None
    sha256: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """A retrofit clock that runs since service; `days_left` is negative once overdue."""

    id: UUID
    project: UUID
    project_name: str
    enterprise: str
    league_name: str
    banner_name: str
    letter: UUID
    letter_number: str
    start: date
    due: date
    outer_limit: date
    days_left: int
    overdue: bool
    equivalent_tce: Decimal | None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """Everything that the project page shows.

    `screening` is computed from the facts with the stored as-of day and the confirmations of today, so it equals the
    row in the list; `stale` says that the rules changed since the row was computed.
    """

    line: ProjectLine
    project: Project
    screening: Screening
    document: Mapping[str, Any]
    stale: bool
    findings: tuple[FindingView, ...]
    recommendation: RecommendationView | None
    """The newest one."""
    letters: tuple[LetterLine, ...]
    clock: ClockLine | None
    moves: tuple[Move, ...]
    """What this person may do with the case now."""
    obstacles: tuple[str, ...]
    """What stands in the way of signing the open recommendation, a sentence each."""
    registered_by: str
    registered_at: datetime
    changed_by: str
    history: tuple[EventLine, ...] = field(default=())


def compare(ledger: Ledger, path: Path, *, file: str, by: Person, at: datetime) -> Preview:
    """What importing the workbook at `path` would do (`file` is its name as the person knows it); writes nothing."""
    raise NotImplementedError


def preview_import(ledger: Ledger, path: Path, *, file: str, by: Person, at: datetime) -> Preview:
    """Like `compare`, and keeps what was read so that `confirm_import` can take it in; the ledger stays as it is."""
    raise NotImplementedError


def show_import(ledger: Ledger, batch: UUID, *, by: Person) -> Preview:
    """The preview again (only for the person who made it)."""
    raise NotImplementedError


def confirm_import(ledger: Ledger, batch: UUID, *, by: Person, at: datetime) -> Imported:
    """Takes the previewed projects in, in one transaction; screens each one as of the day of `at`.

    A second call for the same batch gives the first result. Conflict where one of its projects changed since.
    """
    raise NotImplementedError


def list_projects(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> LedgerPage:
    """One page of the projects within the person's scope."""
    raise NotImplementedError


def documents(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> list[dict[str, Any]]:
    """All projects of a filter as the contract's objects (ledger-format §2), in the order of the filter."""
    raise NotImplementedError


def projects(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> Iterator[Project]:
    """All projects of a filter as domain objects, for export into the template."""
    raise NotImplementedError


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> ProjectView:
    """One project with everything the page shows; NotFound outside the scope."""
    raise NotImplementedError


def history(ledger: Ledger, project: UUID, *, by: Person) -> tuple[EventLine, ...]:
    """All events of the project, its letters and clocks, newest first."""
    raise NotImplementedError
