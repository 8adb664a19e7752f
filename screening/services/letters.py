"""The letters: previewed as drafts, rendered from frozen inputs, printed, served, voided, verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from screening.domain.people import Person
from screening.domain.review import LetterState
from screening.services import Ledger
from screening.services.registry import ClockLine, LetterLine

SERVICE_METHODS = ("直接送达", "留置送达", "邮寄送达", "委托送达", "电子送达", "公告送达")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The letter that signing would make: PDF bytes (watermarked), and what is still missing, a sentence each."""

    kind: str
    kind_words: str
    pdf: bytes
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """A letter with its service: `inputs` is the frozen JSON text, `versions` the programs that rendered it."""

    line: LetterLine
    inputs: str
    versions: dict[str, str]
    rules_version: str
    served_method: str | None
    served_receiver: str | None
    void_reason: str | None
    clock: ClockLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whether a PDF is one of ours: `letter` where its bytes are exactly those that were issued."""

    ours: bool
    letter: LetterLine | None
    message: str


def list_letters(
    ledger: Ledger, *, by: Person, state: LetterState | None = None, kind: str | None = None, q: str = ""
) -> tuple[LetterLine, ...]:
    """The letters within the scope, newest first; `q` finds in number, project and enterprise."""
    raise NotImplementedError


def preview(ledger: Ledger, project: UUID, *, by: Person, at: datetime) -> Draft:
    """The draft of the letter that the open recommendation would become."""
    raise NotImplementedError


def show(ledger: Ledger, letter: UUID, *, by: Person, today: date) -> LetterView:
    """One letter with its service and clock."""
    raise NotImplementedError


def render(ledger: Ledger, letter: UUID, *, by: Person) -> bytes:
    """The PDF as it was issued: the stored bytes, checked against their SHA-256."""
    raise NotImplementedError


def render_again(ledger: Ledger, number: str, *, by: Person) -> tuple[bytes, bool]:
    """The PDF made anew from the frozen inputs, and whether it equals the issued one byte by byte."""
    raise NotImplementedError


def print_(ledger: Ledger, letter: UUID, *, by: Person, at: datetime) -> bytes:
    """The PDF for printing, with a record of who and when; again = a copy, logged as such."""
    raise NotImplementedError


def serve(
    ledger: Ledger,
    letter: UUID,
    *,
    served_on: date,
    method: str,
    receiver: str,
    seen: int,
    by: Person,
    at: datetime,
) -> ClockLine | None:
    """Records the service (not before signing, not in the future); starts the clock of a letter with a term."""
    raise NotImplementedError


def void(ledger: Ledger, letter: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Voids a signed letter that was not served; its number stays used and the case goes back to review."""
    raise NotImplementedError


def verify(ledger: Ledger, pdf: bytes, *, by: Person) -> Origin:
    """Says whether the bytes are a letter that this ledger issued, unchanged."""
    raise NotImplementedError
