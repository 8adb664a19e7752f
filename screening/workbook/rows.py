"""From the rows of a sheet to projects: blank, note and totals rows, merged cells, grouping, contradictions.

Columns are converted as a whole (each distinct value once), because a ledger has few distinct values and many cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any

from screening.domain.quantity import fold, plain, read_unit
from screening.domain.registry import FIELDS, PROJECT_FIELDS, UNIT_FIELDS, Kind
from screening.workbook.cells import (
    EXACT,
    UNSAID,
    Bad,
    Doubtful,
    Flag,
    Reader,
    clean,
    plain_floats,
    plain_texts,
    read_amount,
    read_signed,
    read_text,
    reader_of,
    scaled,
    typed,
)
from screening.workbook.headers import SEC_KEYS, Bound, Header, Merge, capacity_unit, letters
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
_HEADER_UNITS = (("sec_unit", ("design_sec", "actual_sec")), ("capacity_unit", _CAPACITY_KEYS))
_SINGLE_WHEN_MERGED = frozenset({"design_capacity", "built_capacity", "output"})
"""A capacity merged over several units is their sum: it stays with the first, or it would count twice."""


def counts(cells: Iterable[str]) -> bool:
    """Whether a row does nothing but number the columns."""
    texts = [t for t in cells if t]
    return len(texts) > 3 and all(_COUNTING.fullmatch(t) for t in texts)


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


class Marker:
    """Stands for a cell that could not be read or of which the source says nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


FAULTY, SILENT = Marker("faulty"), Marker("silent")


class Converter:
    """One column's reader with what it has read so far: each distinct cell is read once."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.table: dict[Any, Any] = {}
        self.bad: dict[Any, Bad] = {}
        self.doubtful: dict[Any, str] = {}
        self.quick = plain_texts if read is read_text else plain_floats if read in {read_amount, read_signed} else None

    def convert(self, raw: list[Any]) -> list[Any]:
        """Canonical values; FAULTY for what `bad` explains, SILENT where the source says nothing.

        Yes/no cells in `raw` become `Flag`, because True and 1 are the same key.
        """
        distinct = set(raw)
        if True in distinct or False in distinct:
            raw[:] = [Flag(v) if v is True or v is False else v for v in raw]
            distinct = set(raw)
        distinct = distinct.difference(self.table)  # a dict as argument: looked up, not walked through
        if self.quick:
            read = self.quick(distinct)
            self.table |= read
            distinct = distinct.difference(read)
        for value in distinct:
            self.table[value] = self._judge(value)
        return list(map(self.table.__getitem__, raw))

    def _judge(self, value: Any) -> Any:
        if value == UNSAID:
            return SILENT
        found = self.read(value)
        if isinstance(found, Bad):
            self.bad[value] = found
            return FAULTY
        if isinstance(found, Doubtful):
            self.doubtful[value] = found.message
            return found.value
        return found


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
    """The ledger sheet: which rows count and which belong together; `chunks` converts the projects piece by piece."""

    def __init__(self, table: Table, regions: Regions) -> None:
        self.table = table
        self.first = table.header.last_row + 1
        self.bound = {b.field.key: b for b in table.header.bound}
        single = frozenset(b.column for key, b in self.bound.items() if key in _SINGLE_WHEN_MERGED)
        spread_merges(table, single)
        body = table.rows[self.first :]
        self.count = len(body)
        self.raw = [list(c) for c in zip(*body, strict=True)] or [[] for _ in table.rows[0]]
        self.regions = regions
        self.converters = {key: Converter(self._reader(b)) for key, b in self.bound.items()}
        self.keys = {k: self._key_column(k) for k in ("code", "name", "enterprise")}
        self.use = self._useful_rows()
        self.groups = self._group()
        self.known = {*self.bound, *(unit for unit, keys in _HEADER_UNITS if any(self._header_unit(k) for k in keys))}

    def _reader(self, b: Bound) -> Reader:
        if b.field.kind is Kind.LEAGUE:
            return self.regions.league
        if b.field.kind is Kind.BANNER:
            return lambda pair: self.regions.banner(*pair)  # type: ignore[misc]
        return scaled(reader_of(b.field), b.factor)

    def _header_unit(self, key: str) -> str | None:
        return self.bound[key].unit if key in self.bound else None

    def _key_column(self, key: str) -> list[Any]:
        if key not in self.bound:
            return [None] * self.count
        return self.converters[key].convert(self.raw[self.bound[key].column])

    # -- which rows count ---------------------------------------------------------------------------------------

    def _useful_rows(self) -> list[int]:
        name, enterprise = self.keys["name"], self.keys["enterprise"]
        useful: list[int] = []
        noted = False
        for i in range(self.count):
            if name[i] is None or enterprise[i] is None or name[i] in _TOTAL_WORDS:
                filled = self._filled(i)
                if not filled:
                    continue
                first = self._first_text(i)
                if _TOTALS.match(first) or (name[i] or "") in _TOTAL_WORDS:
                    continue
                if _NOTES.match(first) and enterprise[i] is None:
                    noted = True
                    continue
                if noted and filled <= 2:
                    continue
            if (not useful and self._counting_row(i)) or (name[i] is not None and self._header_again(i)):
                continue
            noted = False
            useful.append(i)
        return useful

    def _filled(self, i: int) -> int:
        """How many cells of known columns say something in the row."""
        row = self.table.rows[self.first + i]
        cells = (row[b.column] for b in self.table.header.bound)
        return sum(1 for v in cells if not isinstance(v, str) or clean(v) is not None)

    def _first_text(self, i: int) -> str:
        for v in self.table.rows[self.first + i]:
            if isinstance(v, str) and (text := clean(v)):
                return re.sub(r"[ \u3000\t]+", "", text)
        return ""

    def _counting_row(self, i: int) -> bool:
        """The row 1, 2, 3 … or 甲, 乙, 1, 2 … that statistical tables have under the header."""
        return counts(typed(v) for v in self.table.rows[self.first + i])

    def _header_again(self, i: int) -> bool:
        """A header repeated on each printed page."""
        b = self.bound.get("name")
        if b is None or typed(self.table.rows[self.first + i][b.column]) != b.header:
            return False
        texts = [fold(typed(v)) for v in self.table.rows[self.first + i] if v != ""]
        return sum(t in _HEADLINES for t in texts) * 2 > len(texts)

    # -- which rows belong together -----------------------------------------------------------------------------

    def _group(self) -> list[list[int]]:
        code, name, enterprise = self.keys["code"], self.keys["name"], self.keys["enterprise"]
        if all(isinstance(code[i], str) for i in self.use):
            return self._group_by_code(code)
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
                only = next(iter(codes)) if len(codes) == 1 else (n, e)
                found = last if last in codes else only
            elif last is not None and self._continues(groups[last][0], n, e, key):
                found = last
            else:
                found = ("row", i)
            groups.setdefault(found, []).append(i)
            last = found
        return list(groups.values())

    def _group_by_code(self, code: list[Any]) -> list[list[int]]:
        """The common case, every row with its code."""
        groups: dict[str, list[int]] = {}
        for i in self.use:
            groups.setdefault(fold(code[i]), []).append(i)
        return list(groups.values())

    def _continues(self, first: int, n: Any, e: Any, key: Any) -> bool:
        """Whether a row without code and without a full name belongs to the project above it."""
        name, enterprise = self.keys["name"][first], self.keys["enterprise"][first]
        return (n is None or n == key(name)) and (e is None or e == key(enterprise))

    # -- handing out --------------------------------------------------------------------------------------------

    def chunks(self, size: int = BATCH) -> Iterator[Chunk]:
        """The projects in the order of their first rows, `size` at a time, converted when asked for."""
        extras = self.extra_columns()
        for start in range(0, len(self.groups), size):
            yield Chunk(self, start, self.groups[start : start + size], extras)

    def extra_columns(self) -> list[tuple[int, str]]:
        """The unknown columns as (column, header); one without header counts where it holds something."""
        found: list[tuple[int, str]] = []
        for column, header in self.table.header.unknown:
            if header:
                found.append((column, header))
            elif any(self.raw[column][i] != "" for i in self.use):
                found.append((column, f"{letters(column + self.table.origin[1])}列"))
        return found


@dataclass
class Group:
    """One project inside its chunk: `rows` are positions in the chunk, one after the other."""

    rows: range
    title: str | None
    faults: list[Fault]
    extra: list[tuple[str, str]]
    silent: list[str]


class Chunk:
    """Some projects, converted: `columns` by key, `groups` in order."""

    def __init__(self, ledger: Ledger, start: int, groups: list[list[int]], extras: list[tuple[int, str]]) -> None:
        self.ledger, self.start = ledger, start
        self.table, self.bound = ledger.table, ledger.bound
        self.rows = [i for group in groups for i in group]
        self.spans = _spans(groups)
        take = itemgetter(*self.rows) if len(self.rows) > 1 else (lambda column: (column[self.rows[0]],))
        self.raw = {key: list(take(ledger.raw[b.column])) for key, b in self.bound.items()}
        self.columns = {key: ledger.converters[key].convert(raw) for key, raw in self.raw.items() if key != "banner"}
        self.faults: dict[int, list[Fault]] = {}
        if "banner" in self.bound:
            self._convert_banners()
        self._units_from_headers()
        self._collect_faults()
        silent = self._silence()
        self._merge_groups()
        self._require()
        codes, names = self._values("code"), self._values("name")
        texts = [(header, list(take(ledger.raw[column]))) for column, header in extras]
        self.groups = [
            Group(
                span,
                next((t for t in (names[span[0]], codes[span[0]]) if isinstance(t, str)), None),
                [f for i in span for f in self.faults.get(i, ())] if self.faults else [],
                _extra(texts, span) if texts else [],
                sorted({k for i in span for k in silent.get(i, ())}) if silent else [],
            )
            for span in self.spans
        ]

    def _values(self, key: str) -> list[Any]:
        return self.columns[key] if key in self.columns else [None] * len(self.rows)

    def _convert_banners(self) -> None:
        """Banners are looked up inside their project's league: a following row may leave the league blank."""
        leagues = list(self._values("league"))
        for span in self.spans:
            if len(span) > 1:
                for i in span[1:]:
                    leagues[i] = leagues[span[0]] if leagues[i] is None else leagues[i]
        leagues = [v if isinstance(v, str) else None for v in leagues]
        raw = self.raw["banner"]
        pairs = list(zip(leagues, raw, strict=True))
        values = self.ledger.converters["banner"].convert(pairs)
        if UNSAID in raw:
            values = [SILENT if r == UNSAID else v for v, r in zip(values, raw, strict=True)]
        self.raw["banner"], self.columns["banner"] = pairs, values

    def _units_from_headers(self) -> None:
        """A unit in the header of a figure is the unit of the rows that state none, or must agree with theirs."""
        for unit_key, keys in _HEADER_UNITS:
            stated = [self.bound[k] for k in keys if k in self.bound and self.bound[k].unit]
            if not stated:
                continue
            default = next((b.unit for b in stated if b.field.key != "output"), None)
            if unit_key not in self.columns:
                default = default or stated[0].unit
            units = [default if u is None else u for u in self._values(unit_key)]
            for b in stated:
                self._to_row_unit(b, units)
            if unit_key not in self.columns:
                figures = zip(*(self.columns[b.field.key] for b in stated), strict=True)
                units = [u if any(v is not None for v in vs) else None for u, vs in zip(units, figures, strict=True)]
            self.columns[unit_key] = units

    def _to_row_unit(self, b: Bound, units: list[Any]) -> None:
        """Brings the figures of a column from the unit in its header to the unit of each row."""
        column = self.columns[b.field.key]
        for unit in set(units):
            if not isinstance(unit, str):
                continue
            ratio = ratio_of(b.field.key, b.unit or unit, unit)
            if ratio == 1:
                continue
            for i, (value, own) in enumerate(zip(column, units, strict=True)):
                if own != unit or not isinstance(value, str):
                    continue
                if ratio is None:
                    message = f"表头写的单位是“{b.unit}”，本行的单位却是“{unit}”，无法换算，请改成一致"
                    self._fault(i, b, self.raw[b.field.key][i], f"figure in {b.unit}", message)
                    column[i] = FAULTY
                else:
                    column[i] = plain(EXACT.multiply(Decimal(value), ratio))

    # -- faults -------------------------------------------------------------------------------------------------

    def _row(self, i: int) -> int:
        """The row's offset in the used area."""
        return self.ledger.first + self.rows[i]

    def sheet_row(self, i: int) -> int:
        """The sheet's own row number, from 1."""
        return self._row(i) + self.table.origin[0] + 1

    def _fault(self, i: int, b: Bound, raw: Any, expected: str, message: str) -> None:
        cell = self.table.cell(self._row(i), b.column)
        value = typed(raw[1] if isinstance(raw, tuple) else raw)
        order = (0, self._row(i), b.column)
        self.faults.setdefault(i, []).append(Fault(order, self.table.sheet, cell, b.header, value, expected, message))

    def _collect_faults(self) -> None:
        for key, values in self.columns.items():
            if key in self.bound and self.ledger.converters[key].bad and FAULTY in values:
                bad = self.ledger.converters[key].bad
                for i, raw in enumerate(self.raw[key]):
                    if raw in bad:
                        self._fault(i, self.bound[key], raw, bad[raw].expected, bad[raw].message)

    def _silence(self) -> dict[int, set[str]]:
        """The fields of which a row says that the source says nothing."""
        silent: dict[int, set[str]] = {}
        for key, values in self.columns.items():
            if SILENT in values:
                for i, value in enumerate(values):
                    if value is SILENT:
                        silent.setdefault(i, set()).add(key)
                        values[i] = None
        return silent

    def _merge_groups(self) -> None:
        """Brings the project columns of a group together in its first row; contradictions become faults."""
        if all(len(span) == 1 for span in self.spans):
            return
        keys = [k for k in PROJECT_KEYS if k in self.columns]
        columns = [self.columns[k] for k in keys]
        rows = list(zip(*columns, strict=True))
        blank = (None,) * len(keys)
        for span in self.spans:
            for i in span[1:]:
                if rows[i] != blank and rows[i] != rows[span[0]]:
                    for key, values in zip(keys, columns, strict=True):
                        self._bring_together(key, values, span, i)

    def _bring_together(self, key: str, values: list[Any], span: range, i: int) -> None:
        value, kept = values[i], values[span[0]]
        if value is None or value is FAULTY or value == kept or kept is FAULTY:
            return
        if kept is None:
            values[span[0]] = value
            return
        b = self.bound[key]
        if b.field.kind in {Kind.TEXT, Kind.CODE} and fold(str(value)) == fold(str(kept)):
            return
        source = next(j for j in (*span[1:], span[0]) if values[j] == kept and self.raw[key][j] != "")
        if self.raw[key][span[0]] not in {"", None}:
            source = span[0]
        raw = self.raw[key][source]
        other = self.table.cell(self._row(source), b.column)
        self._fault(
            i,
            b,
            self.raw[key][i],
            f"the same value as {other}",
            f"与同一项目的 {self.table.sheet}!{other}（{typed(raw[1] if isinstance(raw, tuple) else raw)}）不一致；"
            "同一项目的各行此栏应相同，请核对后改成一致，或只在首行填写",
        )

    def _require(self) -> None:
        for f in FIELDS:
            if not f.required or f.key not in self.columns or None not in self.columns[f.key]:
                continue
            values = self.columns[f.key]
            for i in range(len(self.rows)) if f.per_unit else (span[0] for span in self.spans):
                if values[i] is None:
                    message = f"“{f.header}”为必填项，不能空白，请补填"
                    self._fault(i, self.bound[f.key], "", "a value", message)

    # -- handing out --------------------------------------------------------------------------------------------

    def doubts(self) -> dict[int, list[tuple[int, str, str, str, str]]]:
        """Position -> (column, cell, header, value, message) of its doubtful cells, from left to right."""
        found: dict[int, list[tuple[int, str, str, str, str]]] = {}
        for key, b in sorted(self.bound.items(), key=lambda kb: kb[1].column):
            doubtful = self.ledger.converters[key].doubtful
            if doubtful and not doubtful.keys().isdisjoint(self.raw[key]):
                for i, raw in enumerate(self.raw[key]):
                    if raw in doubtful:
                        cell = self.table.cell(self._row(i), b.column)
                        found.setdefault(i, []).append((b.column, cell, b.header, typed(raw), doubtful[raw]))
        return found

    def pick(self, keys: Sequence[str], at: list[int]) -> list[list[Any]]:
        """The named columns at the positions `at`; a column that the sheet does not have is None throughout."""
        if len(at) == len(self.rows):
            return [self.columns[k] if k in self.columns else [None] * len(at) for k in keys]
        if not at:
            return [[] for _ in keys]
        take = itemgetter(*at) if len(at) > 1 else (lambda column: (column[at[0]],))
        return [list(take(self.columns[k])) if k in self.columns else [None] * len(at) for k in keys]


def _spans(groups: list[list[int]]) -> list[range]:
    """The positions of each group where all groups lie one after the other."""
    spans: list[range] = []
    at = 0
    for group in groups:
        spans.append(range(at, at + len(group)))
        at += len(group)
    return spans


def _extra(texts: list[tuple[str, list[Any]]], span: range) -> list[tuple[str, str]]:
    """What the unknown columns say of a project: each text once."""
    found = []
    for header, column in texts:
        cells = (clean(typed(column[i])) for i in span)
        if said := list(dict.fromkeys(t for t in cells if t and t != UNSAID)):
            found.append((header, "；".join(said)))
    return found


def ratio_of(key: str, header_unit: str, unit: str) -> Decimal | None:
    """The exact factor from the unit in the header to the unit of the row; None where there is none."""
    if fold(header_unit) == fold(unit):
        return Decimal(1)
    if key in SEC_KEYS:
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
