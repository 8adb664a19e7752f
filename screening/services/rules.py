"""The rules with their evidence: a page confirmed by one person, countersigned by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from screening.domain.people import Person
from screening.domain.review import PageState
from screening.domain.rules import Evidence, Rule, Rulebook
from screening.services import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule with its figures in words and how well it is known now.

    `shipped` is the evidence in the rule files, `evidence` with the office's confirmations laid over;
    `waiting` names the confirmation that waits for its countersignature.
    """

    ref: str
    rule: Rule
    group: str
    title: str
    figures: str
    source: str
    shipped: Evidence
    evidence: Evidence
    waiting: UUID | None
    confirmed: str | None
    """Document, page, day and both names, where two people confirmed it."""
    projects: int
    """How many projects rest on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """The rules of one kind or edition: `id` is what `evidence(group=…)` takes."""

    id: str
    words: str
    total: int
    official: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """The rules of one group, and the groups."""

    groups: tuple[RuleGroup, ...]
    group: str
    rows: tuple[RuleLine, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageConfirmation:
    """A page of an official document with the rules that a person ticked on it."""

    id: UUID
    document: str
    page: str
    day: date
    refs: tuple[str, ...]
    titles: tuple[str, ...]
    confirmed_by: str
    confirmed_by_login: str
    confirmed_at: datetime
    countersigned_by: str | None
    countersigned_at: datetime | None
    refused_reason: str | None
    state: PageState


def in_force(ledger: Ledger) -> Rulebook:
    """The rules on file with the office's confirmations (two people each) laid over."""
    raise NotImplementedError


def evidence(ledger: Ledger, *, group: str | None = None, q: str = "", only_open: bool = False) -> RulesPage:
    """The rules of a group (default: the newest edition of the levels) with their evidence."""
    raise NotImplementedError


def line(ledger: Ledger, ref: str) -> RuleLine:
    """One rule; NotFound where no rule has this address."""
    raise NotImplementedError


def confirm_page(
    ledger: Ledger,
    refs: Sequence[str],
    *,
    document: str,
    page: str,
    day: date,
    key: str,
    by: Person,
    at: datetime,
) -> PageConfirmation:
    """Says that the ticked rules agree with that page of the official text (`day` = its publication date)."""
    raise NotImplementedError


def confirmations(ledger: Ledger, *, state: PageState | None = None) -> tuple[PageConfirmation, ...]:
    """The pages confirmed so far, newest first."""
    raise NotImplementedError


def countersign(ledger: Ledger, confirmation: UUID, *, by: Person, at: datetime) -> PageConfirmation:
    """Another person agrees: the rules count as official from now on, and the results that rest on them are renewed."""
    raise NotImplementedError


def refuse(ledger: Ledger, confirmation: UUID, *, reason: str, by: Person, at: datetime) -> PageConfirmation:
    """Another person disagrees: the confirmation is closed without effect."""
    raise NotImplementedError
