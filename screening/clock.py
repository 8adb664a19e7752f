"""The only file that asks what time it is; every other function is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return datetime.now(SHANGHAI).date()


def day_of(at: datetime) -> date:
    """The calendar day in Asia/Shanghai of an aware moment."""
    return at.astimezone(SHANGHAI).date()
