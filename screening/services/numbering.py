"""文号: which series a letter belongs to on its day, and its number, given in the signing transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from screening.domain.letters import LetterKind, Office
from screening.domain.numbering import Pattern, Series, group_of, read_pattern
from screening.domain.rules import Rulebook
from screening.store import numbers


@dataclass(frozen=True, slots=True)
class Number:
    """A place in a series."""

    series: Series
    serial: int

    @property
    def text(self) -> str:
        """As the letter bears it."""
        return self.series.number(self.serial)


def pattern_of(session: Session, book: Rulebook, office: str, kind: LetterKind, day: date) -> Pattern:
    """The pattern that holds for a kind of letter on a day: the office's own, else that of the rules."""
    own = numbers.pattern(session, office, group_of(kind.words), day)
    return read_pattern(own.pattern if own else book.number_pattern)


def series_of(session: Session, book: Rulebook, office: Office, kind: LetterKind, day: date) -> Series:
    """The series in which a letter of that kind is numbered when its signed day is `day`."""
    pattern = pattern_of(session, book, office.code, kind, day)
    return pattern.series(office.mark, book.kind_words[kind.value], day.year)


class Expected:
    """The numbers that come next if nobody signs before: letters are rendered with them, then given for good."""

    def __init__(self) -> None:
        self._last: dict[Series, int] = {}

    def next(self, session: Session, book: Rulebook, office: Office, kind: LetterKind, day: date) -> Number:
        """The number that this letter gets after those that were asked for before."""
        series = series_of(session, book, office, kind, day)
        known = self._last.get(series)
        self._last[series] = (numbers.last(session, series) if known is None else known) + 1
        return Number(series, self._last[series])


def take(session: Session, book: Rulebook, office: Office, kind: LetterKind, day: date) -> Number:
    """The next number of the letter's series, in the caller's transaction: none is lost, none is given twice."""
    series = series_of(session, book, office, kind, day)
    return Number(series, numbers.take(session, series, office=office.code))
