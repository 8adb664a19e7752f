"""From the rows of a sheet to projects: blank, note and totals rows, merged cells, grouping, contradictions.

Columns are converted as a whole (each distinct value once), because a ledger has few distinct values and many cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from operator import itemgetter
from typing import Any

from screening.domain.quantity import fold, plain, read_unit
from screening.domain.registry import FIELDS, PROJECT_FIELDS, UNIT_FIELDS, Field, Kind
from screening.workbook.cells import (
    EXACT,
    UNSAID,
    Bad,
    Doubtful,
    Flag,
    Raw,
    Read,
    Reader,
    clean,
    reader_of,
    scaled,
    typed,
)
from screening.workbook.headers import Bound, Header, Merge, capacity_unit, letters
from screening.workbook.regions import Regions

PROJECT_KEYS = tuple(f.key for f in PROJECT_FIELDS)
UNIT_KEYS = tuple(f.key for f in UNIT_FIELDS)
BATCH = 1000

_TOTALS = re.compile(r"^.{0,12}(?:合计|小计|总计|共计|累计|总和)(?:[:：(（（\d].*)?$")
_TOTAL_WORDS = frozenset({"合计", "小计", "总计", "共计", "累计"})
_NOTES = re.compile(
    r"^(?:注|注释|备注|附注|说明|填表说明|填报说明|填写说明|填表人|填报人|填报单位|填表单位|制表|制表人|制表单位|审核|审核人|"
    r"复核人|负责人|单位负责人|分管领导|联系人|联系电话|填表日期|填报日期|填报时间|日期|单位\(?盖章\)?|盖章)\d{0,2}(?:[:：.、,\s(（].*)?$",
    re.DOTALL,
)
_HEADLINES = {fold(f.header) for f in FIELDS}
_COUNTING = re.compile(r"[((]?\d{1,3}[))]?|[甲乙丙丁戊己庚辛壬癸]|\d+=.*|[A-Z]{1,2}")
_CAPACITY_KEYS = ("design_capacity", "approved_capacity", "built_capacity", "output")
_SINGLE_WHEN_MERGED = frozenset({"design_capacity", "built_capacity", "output"})
"""A capacity merged over several units is their sum: it stays with the first, or it would count twice."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that rejects its project; `order` sorts the faults of one project (sheet, row, column)."""

    order: tuple[int, int, int]
    sheet: str
    cell: str
    header: str
    value: str
    expected: str
    message: str


@dataclass
class Table:
    """A sheet's body under its header, as calamine gave it; `origin` is its first cell in the sheet (row, column)."""

    sheet: str
    origin: tuple[int, int]
    header: Header
    rows: list[list[Any]]
    merges: Sequence[Merge] | None = None

    def cell(self, row: int, column: int) -> str:
        """The address inside the sheet, such as H37."""
        return f"{letters(column + self.origin[1])}{row + self.origin[0] + 1}"


@dataclass
class Column:
    """A converted column: canonical values, and what was wrong by raw value."""

    values: list[Any]
    raw: list[Any]
    bad: dict[Any, Bad] = field(default_factory=dict)
    doubtful: dict[Any, str] = field(default_factory=dict)
    unsaid: bool = False


class Marker:
    """Stands for a cell that could not be read or of which the source says nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


FAULTY, SILENT = Marker("faulty"), Marker("silent")


def convert(raw: list[Any], read: Reader) -> Column:
    """A whole column through one reader, each distinct cell once."""
    distinct = set(raw)
    if True in distinct or False in distinct:
        raw = [Flag(v) if v is True or v is False else v for v in raw]
        distinct = set(raw)
    column = Column([], raw)
    table: dict[Any, Any] = {}
    for value in distinct:
        if value == UNSAID:
            table[value], column.unsaid = SILENT, True
            continue
        found = read(value)
        if isinstance(found, Bad):
            column.bad[value] = found
            table[value] = FAULTY
        elif isinstance(found, Doubtful):
            column.doubtful[value] = found.message
            table[value] = found.value
        else:
            table[value] = found
    column.values = list(map(table.__getitem__, raw))
    return column


def spread_merges(table: Table, single: frozenset[int]) -> None:
    """Writes the value of vertically merged cells into the rows below, as the reader of the sheet sees it."""
    first = table.header.last_row + 1
    for (top, left), (bottom, right) in table.merges or ():
        if bottom == top or left in single or right - left > 3 or top < first or left >= len(table.rows[0]):
            continue
        value = table.rows[top][left]
        if value == "":
            continue
        for row in range(top + 1, min(bottom + 1, len(table.rows))):
            if table.rows[row][left] == "":
                table.rows[row][left] = value


class Ledger:
    """The ledger sheet, converted and grouped; `batches` hands the projects out piece by piece."""

    def __init__(self, table: Table, regions: Regions) -> None:
        self.table = table
        self.first = table.header.last_row + 1
        self.bound = {b.field.key: b for b in table.header.bound}
        single = frozenset(b.column for key, b in self.bound.items() if key in _SINGLE_WHEN_MERGED)
        spread_merges(table, single)
        body = table.rows[self.first :]
        self.count = len(body)
        self.by_column = [list(c) for c in zip(*body, strict=True)] if body else []
        self.columns: dict[str, Column] = {}
        self.faults: dict[int, list[Fault]] = {}
        self.silent: dict[int, set[str]] = {}
        self.known = set(self.bound)
        self._convert(regions)
        self.use = self._useful_rows()
        self.groups = self._group()
        self._collect_faults()
        self._merge_groups()
        self._require()

    # -- converting ---------------------------------------------------------------------------------------------

    def _convert(self, regions: Regions) -> None:
        for key, b in self.bound.items():
            raw = self.by_column[b.column] if self.by_column else []
            if b.field.kind is Kind.LEAGUE:
                self.columns[key] = convert(raw, regions.league)
            elif b.field.kind is not Kind.BANNER:
                self.columns[key] = convert(raw, scaled(reader_of(b.field), b.factor))
        if "banner" in self.bound:
            self._convert_banners(regions)
        self._units_from_headers()

    def _convert_banners(self, regions: Regions) -> None:
        """Banners are looked up inside their row's league; a following row without a league takes the one above."""
        raw = self.by_column[self.bound["banner"].column] if self.by_column else []
        leagues: list[Any] = []
        if "league" in self.columns:
            last = None
            for value in self.columns["league"].values:
                last = last if value is None else value if isinstance(value, str) else None
                leagues.append(last)
        else:
            leagues = [None] * len(raw)
        pairs = list(zip(leagues, raw, strict=True))
        column = convert(pairs, lambda pair: regions.banner(*pair))  # type: ignore[misc]
        column.values = [SILENT if r == UNSAID else v for v, r in zip(column.values, raw, strict=True)]
        self.columns["banner"] = column

    def _units_from_headers(self) -> None:
        """A unit in the header of a figure is the unit of the rows that state none, or must agree with theirs."""
        for unit_key, keys in (("sec_unit", ("design_sec", "actual_sec")), ("capacity_unit", _CAPACITY_KEYS)):
            stated = [self.bound[k] for k in keys if k in self.bound and self.bound[k].unit]
            if not stated:
                continue
            default = next((b.unit for b in stated if b.field.key != "output"), None)
            own = self.columns.get(unit_key)
            if default is None and own is None:
                default = stated[0].unit
            units = own.values if own else [None] * self.count
            filled = [default if u is None else u for u in units]
            for b in stated:
                self._to_row_unit(b, filled)
            if own:
                own.values = filled
            else:
                figures = [self.columns[b.field.key].values for b in stated]
                some = [any(v is not None for v in vs) for vs in zip(*figures, strict=True)] if figures else []
                self.columns[unit_key] = Column(
                    [u if s else None for u, s in zip(filled, some, strict=True)], [""] * self.count
                )
                self.known.add(unit_key)

    def _to_row_unit(self, b: Bound, units: list[Any]) -> None:
        """Brings the figures of a column from the unit in its header to the unit of each row."""
        column = self.columns[b.field.key]
        for unit in set(units):
            if not isinstance(unit, str):
                continue
            ratio = _ratio(b, unit)
            if ratio == 1:
                continue
            for i, (value, own) in enumerate(zip(column.values, units, strict=True)):
                if own != unit or not isinstance(value, str):
                    continue
                if ratio is None:
                    message = f"表头写的单位是“{b.unit}”，本行的单位却是“{unit}”，无法换算，请改成一致"
                    self._fault(i, b.column, b.header, column.raw[i], f"figure in {b.unit}", message)
                    column.values[i] = FAULTY
                else:
                    column.values[i] = plain(EXACT.multiply(Decimal(value), ratio))

    # -- which rows count ---------------------------------------------------------------------------------------

    def _useful_rows(self) -> list[int]:
        columns = [c.values for c in self.columns.values()]
        name = self._values("name")
        enterprise = self._values("enterprise")
        blank = (None,) * len(columns)
        useful: list[int] = []
        noted = False
        for i, row in enumerate(zip(*columns, strict=True)):
            if row == blank:
                continue
            if name[i] is None or enterprise[i] is None or name[i] in _TOTAL_WORDS:
                first = self._first_text(i)
                if _TOTALS.match(first) or (name[i] or "") in _TOTAL_WORDS:
                    continue
                if _NOTES.match(first):
                    noted = True
                    continue
                if noted and len(row) - row.count(None) <= 2:
                    continue
                if not useful and self._counting_row(i):
                    continue
            elif (fold(str(name[i])) in _HEADLINES and self._header_again(i)) or (not useful and self._counting_row(i)):
                continue
            noted = False
            useful.append(i)
        return useful

    def _values(self, key: str) -> list[Any]:
        return self.columns[key].values if key in self.columns else [None] * self.count

    def _first_text(self, i: int) -> str:
        for v in self.table.rows[self.first + i]:
            if isinstance(v, str) and (text := clean(v)):
                return re.sub(r"[ \u3000\t]+", "", text)
        return ""

    def _counting_row(self, i: int) -> bool:
        """The row 1, 2, 3 … or 甲, 乙, 1, 2 … that statistical tables have under the header."""
        texts = [typed(v) for v in self.table.rows[self.first + i]]
        texts = [t for t in texts if t]
        return len(texts) > 3 and all(_COUNTING.fullmatch(t) for t in texts)

    def _header_again(self, i: int) -> bool:
        texts = [fold(typed(v)) for v in self.table.rows[self.first + i] if v != ""]
        return sum(t in _HEADLINES for t in texts) * 2 > len(texts)

    # -- grouping -----------------------------------------------------------------------------------------------

    def _group(self) -> list[list[int]]:
        code, name, enterprise = (self._values(k) for k in ("code", "name", "enterprise"))
        folded: dict[Any, Any] = {None: None, FAULTY: None, SILENT: None}

        def key(value: Any) -> Any:
            if value not in folded:
                folded[value] = fold(value)
            return folded[value]

        named: dict[tuple[str, str], set[str]] = {}
        for i in self.use:
            c, n, e = key(code[i]), key(name[i]), key(enterprise[i])
            if c and n and e:
                named.setdefault((n, e), set()).add(c)
        groups: dict[Any, list[int]] = {}
        last: Any = None
        for i in self.use:
            c, n, e = key(code[i]), key(name[i]), key(enterprise[i])
            if c:
                found: Any = c
            elif n and e:
                codes = named.get((n, e), set())
                if not codes:
                    found = (n, e)
                elif last in codes or len(codes) == 1:
                    found = last if last in codes else next(iter(codes))
                else:
                    found = (n, e)
            elif last is not None and self._continues(groups[last][0], n, e, name, enterprise, key):
                found = last
            else:
                found = ("row", i)
            groups.setdefault(found, []).append(i)
            last = found
        return list(groups.values())

    @staticmethod
    def _continues(first: int, n: Any, e: Any, name: list[Any], enterprise: list[Any], key: Any) -> bool:
        """Whether a row without code and without a full name belongs to the project above it."""
        return (n is None or n == key(name[first])) and (e is None or e == key(enterprise[first]))

    # -- faults -------------------------------------------------------------------------------------------------

    def _fault(self, i: int, column: int, header: str, raw: Any, expected: str, message: str) -> None:
        value = typed(raw[1] if isinstance(raw, tuple) else raw)
        cell = self.table.cell(self.first + i, column)
        order = (0, self.first + i, column)
        self.faults.setdefault(i, []).append(Fault(order, self.table.sheet, cell, header, value, expected, message))

    def _collect_faults(self) -> None:
        useful = set(self.use)
        for key, column in self.columns.items():
            b = self.bound.get(key)
            if b is None:
                continue
            if column.bad:
                for i, raw in enumerate(column.raw):
                    if raw in column.bad and i in useful:
                        bad = column.bad[raw]
                        self._fault(i, b.column, b.header, raw, bad.expected, bad.message)
            if column.unsaid or key == "banner":
                for i, value in enumerate(column.values):
                    if value is SILENT:
                        self.silent.setdefault(i, set()).add(key)
                        column.values[i] = None

    def _merge_groups(self) -> None:
        """Brings the project columns of a group together in its first row; contradictions become faults."""
        several = [g for g in self.groups if len(g) > 1]
        if not several:
            return
        keys = [k for k in PROJECT_KEYS if k in self.columns]
        columns = [self.columns[k].values for k in keys]
        rows = list(zip(*columns, strict=True))
        blank = (None,) * len(keys)
        for group in several:
            first = group[0]
            for i in group[1:]:
                if rows[i] == blank or rows[i] == rows[first]:
                    continue
                for key, values in zip(keys, columns, strict=True):
                    self._bring_together(key, values, group, i)

    def _bring_together(self, key: str, values: list[Any], group: list[int], i: int) -> None:
        value, kept = values[i], values[group[0]]
        if value is None or value is FAULTY or value == kept or kept is FAULTY:
            return
        if kept is None:
            values[group[0]] = value
            return
        f = self.bound[key].field
        if f.kind in {Kind.TEXT, Kind.CODE} and fold(str(value)) == fold(str(kept)):
            return
        source = next(j for j in group if values[j] == kept)
        b = self.bound[key]
        raw = self.columns[key].raw[source]
        other = self.table.cell(self.first + source, b.column)
        self._fault(
            i,
            b.column,
            b.header,
            self.columns[key].raw[i],
            f"the same value as {other}",
            f"与同一项目的 {self.table.sheet}!{other}（{typed(raw[1] if isinstance(raw, tuple) else raw)}）不一致；"
            "同一项目的各行此栏应相同，请核对后改成一致，或只在首行填写",
        )

    def _require(self) -> None:
        required = [f for f in FIELDS if f.required and f.key in self.columns]
        for f in required:
            values = self.columns[f.key].values
            if None not in values:
                continue
            rows = self.use if f.per_unit else [g[0] for g in self.groups]
            b = self.bound[f.key]
            for i in rows:
                if values[i] is None:
                    self._fault(i, b.column, b.header, "", "a value", f"“{f.header}”为必填项，不能空白，请补填")

    # -- handing out --------------------------------------------------------------------------------------------

    def doubts(self) -> Iterator[tuple[int, int, str, str, str]]:
        """(row offset in the body, column, header, value, message) of every doubtful cell of a useful row."""
        useful = set(self.use)
        for key, column in self.columns.items():
            if column.doubtful:
                b = self.bound[key]
                for i, raw in enumerate(column.raw):
                    if raw in column.doubtful and i in useful:
                        yield i, b.column, b.header, typed(raw), column.doubtful[raw]

    def extras(self) -> list[tuple[str, list[Any]]]:
        """The unknown columns as (header, texts)."""
        found: list[tuple[str, list[Any]]] = []
        for column, header in self.table.header.unknown:
            raw = self.by_column[column] if self.by_column else []
            texts = [None if (t := clean(typed(v))) is None else t for v in raw]
            if header:
                found.append((header, texts))
            elif any(texts[i] for i in self.use):
                found.append((f"{letters(column + self.table.origin[1])}列", texts))
        return found

    def pick(self, keys: Sequence[str], rows: list[int]) -> list[Any]:
        """The named columns at `rows`; a column that the sheet does not have is None throughout."""
        if not rows:
            return [[] for _ in keys]
        take = itemgetter(*rows) if len(rows) > 1 else (lambda values: (values[rows[0]],))
        return [
            list(take(self.columns[k].values)) if k in self.columns else list(repeat(None, len(rows))) for k in keys
        ]


def _ratio(b: Bound, unit: str) -> Decimal | None:
    """The exact factor from the unit in the header to the unit of the row; None where there is none."""
    header_unit = b.unit or unit
    if fold(header_unit) == fold(unit):
        return Decimal(1)
    if b.field.key in {"design_sec", "actual_sec"}:
        mine, theirs = read_unit(header_unit), read_unit(unit)
        if mine is None or theirs is None or mine[0] is not theirs[0]:
            return None
        return EXACT.divide(mine[1], theirs[1])
    ours, its = capacity_unit(header_unit), capacity_unit(unit)
    if ours is None or its is None or ours[0] != its[0]:
        return None
    if ours[1] and its[1] and ours[1] != its[1]:
        return None
    return EXACT.divide(ours[2], its[2])


def reader_for(f: Field, factor: Decimal) -> Reader:
    """The reader of a field under a header's factor."""
    return scaled(reader_of(f), factor)


__all__ = [
    "BATCH",
    "FAULTY",
    "PROJECT_KEYS",
    "UNIT_KEYS",
    "Column",
    "Fault",
    "Ledger",
    "Raw",
    "Read",
    "Table",
    "convert",
]
