"""Entries that were wrong are voided with their reason, never deleted: once, and the same words again do nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from screening.domain.errors import Conflict, Refusal
from screening.domain.people import Person

LONGEST: Final = 2000
"""Characters of a reason."""


class Voidable(Protocol):
    """A row that can be voided."""

    void_reason: str | None
    voided_by: UUID | None
    voided_at: datetime | None


def reason_of(text: str) -> str:
    """Why an entry is voided; refuses silence, and more than is read."""
    said = text.strip()
    if not said:
        raise Refusal("请写明作废的理由。", field="reason")
    if len(said) > LONGEST:
        raise Refusal(f"作废的理由共{len(said)}字，请不超过{LONGEST}字。", field="reason")
    return said


def voided_so(row: Voidable, reason: str, *, by: Person, words: str) -> bool:
    """Whether that person voided it for that reason before; Conflict where it was voided otherwise."""
    if row.voided_at is None:
        return False
    if row.voided_by == by.id and row.void_reason == reason:
        return True
    raise Conflict(f"{words}已作废。请刷新页面。")


def void(row: Voidable, reason: str, *, by: Person, at: datetime) -> None:
    """Voids it."""
    row.void_reason, row.voided_by, row.voided_at = reason, by.id, at
