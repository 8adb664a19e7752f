"""What services hand out, frozen: rows of lists, pages, letters and clocks, safe to give to a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from screening.clock import day_of
from screening.domain.acceptance import Standing
from screening.domain.classification import Disposition, EfficiencyClass, Finding, Screening, overrides
from screening.domain.grounds import Law
from screening.domain.registry import Industry, Project, Stage
from screening.domain.review import CaseState, FindingState, LetterState, Move, RecommendationState
from screening.services.changes import FieldChange
from screening.services.history import EventLine

ONE_CELL = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A project that one of the file may be: in the ledger (`project`), or further up in the file."""

    target: str
    """Names it for `confirm_import`: choosing it makes the two one project."""
    why: str
    code: str | None
    name: str
    enterprise: str
    project: UUID | None
    changes: tuple[FieldChange, ...]
    """What the file says otherwise than the ledger (for one of the file: than the row further up)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """A project of the file: `changes` is empty for a new one; `warnings` are near duplicates and the like."""

    key: str
    """Names the line in its preview, also after the file was read again with corrections."""
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
    doubts: tuple[str, ...] = ()
    """Figures that look wrong: no error, but somebody will have to mend or explain them."""
    alike: tuple[Alike, ...] = ()


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

    @property
    def has_box(self) -> bool:
        """Whether it is one cell, which can be corrected on the page."""
        return ONE_CELL.fullmatch(self.cell) is not None


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
    corrected: int = 0
    """Cells that were corrected on the page."""
    declined: frozenset[str] = frozenset()
    """Keys of changed lines that the person will not have."""
    merges: Mapping[str, str] = field(default_factory=dict)
    """Key of a new line -> the project that it is, as chosen so far."""
    revision: int = 1
    marked_as: str | None = None
    """What the workbook comes back as, None where its file is no longer kept or cannot be marked."""
    confirmed_at: datetime | None = None
    undone_at: datetime | None = None

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
    declined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastImport:
    """An import of the person's own that was confirmed."""

    batch: UUID
    file: str
    confirmed_at: datetime
    done: Imported
    undone_at: datetime | None


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
    halted_on: date | None
    """Since when a halt stands over the project."""
    findings: int
    units: int
    due: date | None
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """What proves a finding: a file of the project, which may have been voided since, or words alone."""

    words: str
    attachment: UUID | None = None
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding on a project and what people said of it; `finding.source` is detected or entered.

    `which` tells it from others of the same situation; `on_file` is what a person told of it, (label, words);
    `law` is that of the day that matters.
    """

    finding: Finding
    which: str
    state: FindingState
    on_file: tuple[tuple[str, str], ...]
    evidence: tuple[EvidenceView, ...]
    law: Law
    reason: str | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationView:
    """What a person said of a warning: `sentence` is the warning as it stood then."""

    sentence: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtView:
    """A warning of plausibility; `digest` names it and its figures, so that an explanation lapses with them.

    `lapsed` are explanations of the same warning for figures that stand no more, the newest first.
    """

    id: str
    digest: str
    text: str
    facts: Mapping[str, str]
    explanation: ExplanationView | None
    lapsed: tuple[ExplanationView, ...] = ()


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
    despite: str | None = None
    """Why it was made while warnings of plausibility stood unexplained."""
    effect: str = ""
    """What it does, in one sentence."""
    named: tuple[str, ...] = ()
    """The acts that a person chose, a phrase each."""

    @property
    def overrides(self) -> bool:
        """Whether it was recommended in the place of what the program proposed."""
        return overrides(self.disposition, self.proposed)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A letter in a list; `sha256` is empty until its PDF was made, `copies` counts prints after the first."""

    id: UUID
    decision: UUID | None
    """The decision that it carries out, with the other letters of it."""
    number: str
    kind: str
    kind_words: str
    project: UUID
    project_name: str
    enterprise: str
    state: LetterState
    signed_on: date
    """The day on paper; `signed_at` is the moment of entry, as `served_at` is that of the service."""
    signed_at: datetime
    signed_by: str
    printed_at: datetime | None
    copies: int
    served_on: date | None
    served_at: datetime | None
    sha256: str
    version: int
    scan: UUID | None = None
    """The scan of a letter that was issued on paper and entered later; `signed_by` is then the signatory on paper."""
    entered_by: str = ""
    fell: str = ""
    """That its decision no longer stands, as users read it; the letter stays as it is."""

    @property
    def signed_late(self) -> int:
        """Days from the day on paper to that of entry."""
        return (day_of(self.signed_at) - self.signed_on).days

    @property
    def served_late(self) -> int:
        """The same of the service; 0 where there is none."""
        return (day_of(self.served_at) - self.served_on).days if self.served_on and self.served_at else 0


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
    """Past its day without acceptance, and not stayed."""
    left_to_limit: int
    """Days until the outer limit; negative once it has passed."""
    ends_by_acceptance: bool
    """A retrofit: nothing but its acceptance ends it."""
    equivalent_tce: Decimal | None
    stopped_on: date | None = None
    """The day on which a later letter, or the fall of its decision, stopped it."""
    hints: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """How it was computed, a sentence each."""
    unit: str = ""
    """The unit that the letter orders; blank where it names none."""
    position: int = 0
    """Its place in the letter."""
    accepted_on: date | None = None
    stay: str = ""
    """The written order by which its decision is stayed on that day, as users read it; blank where there is none."""


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
    """The running one that is due first."""
    acceptance: Standing | None
    """How far the retrofit has come that is furthest behind; None where there is none."""
    moves: tuple[Move, ...]
    """What this person may do with the case now."""
    obstacles: tuple[str, ...]
    """What stands in the way of signing the open recommendation, a sentence each."""
    registered_by: str
    registered_at: datetime
    changed_by: str
    history: tuple[EventLine, ...] = field(default=())
    doubts: tuple[DoubtView, ...] = ()
    """The warnings of plausibility, those that nobody explained first."""
