"""Chapter 4, the decision: another person signs what a reviewer recommended, or returns it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from screening.domain.people import Person
from screening.services import Ledger
from screening.services.registry import LetterLine, ProjectLine, RecommendationView


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLine:
    """A recommendation that waits for a signatory; `obstacles` are sentences, empty where it can be signed."""

    line: ProjectLine
    recommendation: RecommendationView
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A signed decision and its letter."""

    decision: UUID
    project: UUID
    letter: LetterLine


def to_sign(ledger: Ledger, *, by: Person, at: datetime) -> tuple[SignLine, ...]:
    """The open recommendations within the scope, the oldest first, each with what stands in its way."""
    raise NotImplementedError


def sign(ledger: Ledger, project: UUID, *, seen: int, key: str, by: Person, at: datetime) -> Decided:
    """Signs the recommendation that the signatory saw at version `seen`: decision, number and letter in one go.

    Refused for what he himself recommended or registered, and for a harmful letter that rests on anything not
    official (the sentence lists what is missing).
    """
    raise NotImplementedError


def return_(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Sends the recommendation back to review with a reason."""
    raise NotImplementedError
