"""Chapter 5, chasing: what was said to whom about a running term, and what was promised."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

AGAIN_DAYS: Final = 7
"""A term is not reminded of by letter twice within so many days without a reason."""


class ChaseKind(StrEnum):
    """How the enterprise was spoken to."""

    CALL = "call"
    LETTER = "letter"
    VISIT = "visit"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"call": "电话", "letter": "发函", "visit": "上门"}[self.value]


def is_broken(promised: date | None, today: date, *, kept: bool) -> bool:
    """Whether what was promised for a day was not kept: the day has passed and the term still runs."""
    return promised is not None and today > promised and not kept


def is_soon_again(last: date, today: date) -> bool:
    """Whether a reminder now would follow the last one too soon to need no reason."""
    return today < last + timedelta(days=AGAIN_DAYS)
