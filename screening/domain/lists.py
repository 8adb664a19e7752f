"""Printed lists as closed data: a title, the office, what was filtered, columns, rows in groups; and how far to go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from screening.domain.classification import EfficiencyClass
from screening.domain.quantity import plain

Cell = str | Decimal | int | date | EfficiencyClass | None
_EXACT = Context(prec=400)
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


class Look(StrEnum):
    """How a column stands on paper."""

    TEXT = "text"
    SHORT = "short"
    """Centred: few characters, much alike."""
    FIGURE = "figure"
    """On the right, its unit in the head."""
    CODE = "code"
    """May break anywhere; text in a workbook, so that no zero is lost."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its width in tenths of a character, the unit of its figures, how many places are shown on paper.

    `places` shortens figures for reading only; workbook and CSV hold them whole.
    """

    key: str
    title: str
    width: int
    look: Look = Look.TEXT
    unit: str | None = None
    places: int | None = None

    @property
    def head(self) -> str:
        """Title and unit: 年综合能耗（tce）."""
        return f"{self.title}（{self.unit}）" if self.unit else self.title


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading of their own; the whole list is one group without heading where nothing divides it."""

    title: str | None
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list with all that is printed of it: the same listing gives the same bytes.

    `conditions` are the filters in words; `grouped_by` names what the groups' headings are (a column where rows stand
    alone, in workbook and CSV); `counted` is the measure word and noun of a row; `notes` stand below the list.
    """

    title: str
    office: str
    day: date
    conditions: tuple[str, ...]
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    grouped_by: str | None = None
    counted: str = "个项目"
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(len(group.rows) for group in self.groups)

    @property
    def scope(self) -> str:
        """What the list holds, in words."""
        return "；".join(self.conditions) or "全部"

    def rows(self) -> Iterator[tuple[str | None, tuple[Cell, ...]]]:
        """Every row with the heading of its group."""
        for group in self.groups:
            for row in group.rows:
                yield group.title, row


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a unit is from the next better level: the level, what is to be saved, and that as per cent of it.

    `percent` is rounded to two places and None for a level of zero.
    """

    level: str
    figure: Decimal
    amount: Decimal
    percent: Decimal | None


def distance(
    found: EfficiencyClass, sec: Decimal | None, benchmark: Decimal | None, baseline: Decimal | None
) -> Distance | None:
    """The distance to the baseline from below it, to the benchmark from between; None where no level is left."""
    name, level = {
        EfficiencyClass.BELOW_BASELINE: ("基准水平", baseline),
        EfficiencyClass.BETWEEN: ("标杆水平", benchmark),
    }.get(found, ("", None))
    if sec is None or level is None:
        return None
    amount = _EXACT.subtract(sec, level)
    percent = None
    if level:
        share = _EXACT.divide(_EXACT.multiply(amount, _HUNDRED), abs(level))
        percent = share.quantize(_CENT, rounding=ROUND_HALF_UP, context=_EXACT)
    return Distance(name, level, amount, percent)


def spelled(cell: Cell, places: int | None = None) -> str:
    """A cell as people read it: commas between thousands, the sign of a class before its words, blank for nothing."""
    match cell:
        case None:
            return ""
        case EfficiencyClass():
            return f"{cell.shape} {cell.words}"
        case Decimal() | int():
            return _grouped(Decimal(cell), places)
        case date():
            return cell.isoformat()
        case _:
            return cell


def _grouped(amount: Decimal, places: int | None) -> str:
    if places is not None:
        amount = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_EXACT)
    text = plain(amount) if places is None else f"{amount:f}"
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = text.partition(".")
    return f"{sign}{int(whole):,}{dot}{rest}"
