"""Dates as offices write them: whole days, or only a month or a year, compared as intervals."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A day, a month or a year of the Gregorian calendar (Asia/Shanghai)."""

    year: int
    month: int | None = None
    day: int | None = None

    first: date = field(init=False, repr=False, compare=False)
    """The earliest day that is meant."""
    last: date = field(init=False, repr=False, compare=False)
    """The latest day that is meant."""

    def __post_init__(self) -> None:
        """Refuses a date that does not exist (ValueError)."""
        if self.month is None and self.day is not None:
            raise ValueError("日期缺少月份。")
        first = date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)
        month = 12 if self.month is None else self.month
        last = first if self.day is not None else date(self.year, month, monthrange(self.year, month)[1])
        # Worked out once: a screening compares the same dates many times.
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "last", last)

    @property
    def exact(self) -> bool:
        """Whether a single day is meant."""
        return self.day is not None

    def __str__(self) -> str:
        if self.month is None:
            return f"{self.year:04d}"
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    @property
    def words(self) -> str:
        """2024年, 2024年3月 or 2024年3月1日, as sentences say it."""
        month = "" if self.month is None else f"{self.month}月"
        return f"{self.year}年{month}" + ("" if self.day is None else f"{self.day}日")

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """The whole day."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def read(cls, text: str) -> PartialDate:
        """From the form that `str` gives: 2024, 2024-03 or 2024-03-01."""
        return cls(*(int(part) for part in text.split("-")))


def months_later(start: date, months: int) -> date:
    """The corresponding day `months` months on, or that month's last day where there is none."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def chinese(day: date) -> str:
    """2026年11月22日, without leading zeros, as letters print it."""
    return f"{day.year}年{day.month}月{day.day}日"
