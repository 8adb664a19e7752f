"""Chapter 3, the review: what waits, findings confirmed or dismissed, a disposition recommended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from screening.domain.classification import Disposition, FindingId, Measure
from screening.domain.people import Person
from screening.services import Ledger
from screening.services.registry import ProjectLine, RecommendationView


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A project that waits for a reviewer; `returned` is the signatory's reason where it came back."""

    line: ProjectLine
    waiting_since: datetime
    returned: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the form of a recommendation offers: `proposed` first; measures by disposition; the default due date."""

    proposed: Disposition
    dispositions: tuple[Disposition, ...]
    measures: dict[Disposition, tuple[Measure, ...]]
    needs_due: frozenset[Disposition]
    due: date | None
    due_hint: str | None


def queue(ledger: Ledger, *, by: Person) -> tuple[QueueLine, ...]:
    """The projects that wait for review within the scope, the oldest first."""
    raise NotImplementedError


def choices(ledger: Ledger, project: UUID, *, by: Person, today: date) -> Choices:
    """What can be recommended for the project."""
    raise NotImplementedError


def confirm_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, reason: str, seen: int, by: Person, at: datetime
) -> int:
    """Confirms a detected finding (the facts are true); re-screens the project; gives its new version."""
    raise NotImplementedError


def dismiss_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, reason: str, seen: int, by: Person, at: datetime
) -> int:
    """Says that a detected finding does not hold, with the reason; gives the project's new version."""
    raise NotImplementedError


def enter_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, facts: str, seen: int, by: Person, at: datetime
) -> int:
    """Enters a finding that the program cannot detect; it counts as confirmed; gives the project's new version."""
    raise NotImplementedError


def recommend(
    ledger: Ledger,
    project: UUID,
    *,
    disposition: Disposition,
    reason: str,
    clause: str | None = None,
    measures: tuple[str, ...] = (),
    due: date | None = None,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> RecommendationView:
    """Recommends a disposition for signing.

    `reason` is required; `clause` too where the disposition differs from the one proposed; `measures` are refs of
    rows of the table of measures (empty: the first that fits); `due` is required for RECTIFY and RETROFIT and may
    not pass the outer limit. Open detected findings must be confirmed or dismissed first.
    """
    raise NotImplementedError
