"""A superior's own form filled in: its sheet is spliced part by part by a limited child, so that nothing of it is lost.

Run as `python -m screening.workbook.filling PATH`; a JSON line with the task comes in by stdin, by stdout goes out a
letter (k kept, r refused) and the answer. Every value goes out as a text, figure or day cell, never as a formula.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from screening.domain.errors import Refusal
from screening.domain.quantity import fold, plain
from screening.workbook import headers, parts, sealed
from screening.workbook.child import environment
from screening.workbook.headers import letters, place_of
from screening.workbook.rows import counts

_LOG = logging.getLogger(__name__)
SECONDS = 120
TEMPORARY = 300 * 1024 * 1024
SHOWN_ROWS, SHOWN_COLUMNS = 30, 80
LONGEST_SHOWN = 200
MOST_ROWS = 100_000
SURE = 15
"""Digits that a number cell gives back as they were."""
RESAVE = "请在表格软件中打开，另存为 .xlsx 后重新上传"

Value = str | list[str] | None
"""A text; ["n", figure], ["d", 2026-11-22]; nothing."""


@dataclass(frozen=True, slots=True)
class SheetLook:
    """The first rows of a sheet: `cells` from A1, `merges` as (top, left, bottom, right) from 0, what headers mean."""

    name: str
    cells: tuple[tuple[str, ...], ...]
    merges: tuple[tuple[int, int, int, int], ...]
    first: int
    """The row (from 1) below the header that was found, else below the first row."""
    guesses: Mapping[int, str]
    """Column from 0 -> key of the field that its header names."""

    @property
    def spans(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(row, column) from 0 -> how many rows and columns a merged cell covers; (0, 0) for what it hides."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        width = max(map(len, self.cells), default=0)
        for top, left, bottom, right in self.merges:
            end, side = min(bottom, len(self.cells) - 1), min(right, width - 1)
            found |= {(r, c): (0, 0) for r in range(top, end + 1) for c in range(left, side + 1)}
            found[top, left] = (end - top + 1, side - left + 1)
        return found


@dataclass(frozen=True, slots=True)
class Heading:
    """How the reader of imports understands a mapped column: its exact factor and the unit in its header."""

    text: str
    factor: Decimal
    unit: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What reading the form back would bring: columns read, required ones that lack, known ones left blank."""

    headings: Mapping[int, Heading]
    lacking: tuple[str, ...]
    """Empty where an import will take the filled form."""
    erased: tuple[str, ...]


def look(path: Path, aliases: Mapping[str, str] = MappingProxyType({})) -> tuple[SheetLook, ...]:
    """The sheets of a form; Refusal where the file cannot be used."""
    found = _ask(path, {"do": "look", "aliases": dict(aliases)})
    return tuple(
        SheetLook(
            str(s["name"]),
            tuple(tuple(map(str, row)) for row in s["cells"]),
            tuple(tuple(map(int, m)) for m in s["merges"]),  # type: ignore[misc]  # four each
            int(s["first"]),
            {int(k): str(v) for k, v in s["guesses"].items()},
        )
        for s in json.loads(found)
    )


def reach(
    path: Path, sheet: str, first: int, columns: Mapping[int, str], aliases: Mapping[str, str] = MappingProxyType({})
) -> Reach:
    """How an import would understand `sheet` once columns (from 0) hold the fields with these headers."""
    task = {"do": "reach", "sheet": sheet, "first": first, "columns": list(columns.items()), "aliases": dict(aliases)}
    found = json.loads(_ask(path, task))
    return Reach(
        {int(at): Heading(str(t), Decimal(f), None if u is None else str(u)) for at, t, f, u in found["headings"]},
        tuple(map(str, found["lacking"])),
        tuple(map(str, found["erased"])),
    )


def fill(
    path: Path, sheet: str, first: int, columns: Sequence[int], rows: Sequence[Sequence[Value]],
    cells: Mapping[str, Value], serial: int | None = None,
) -> bytes:  # fmt: skip
    """The form with `rows` from row `first` on in `columns` (from 0), and single `cells` such as B2; Refusal if unsafe.

    `serial` is the column of the row counter, whose figures may stand ready in the form.
    """
    if len(rows) > MOST_ROWS:
        raise Refusal(f"清单有 {len(rows)} 行，超过表样导出 {MOST_ROWS} 行的上限，请缩小筛选条件")
    task = {"do": "fill", "sheet": sheet, "first": first, "columns": list(columns), "rows": rows, "cells": dict(cells)}
    return _ask(path, {**task, "serial": serial})


def value_of(cell: Any) -> Value:
    """A cell of a list as a value of a form; a figure that binary cannot hold exactly is a text."""
    match cell:
        case None:
            return None
        case Decimal():
            return ["n", plain(cell)] if len(cell.as_tuple().digits) <= SURE else plain(cell)
        case int():
            return ["n", str(cell)]
        case dt.date():
            return ["d", cell.isoformat()]
        case _:
            return str(getattr(cell, "words", cell))


def _ask(path: Path, task: dict[str, Any]) -> bytes:
    kind = parts.kind_of(path)
    if kind != "xlsx":
        raise Refusal("表样应为 .xlsx 工作簿，请在表格软件中另存为 .xlsx 后再上传")
    parts.look(path, kind)
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter, our own module, a path as one argument
            [sys.executable, "-P", "-m", "screening.workbook.filling", str(path.resolve())],
            input=json.dumps(task, ensure_ascii=False).encode(),
            capture_output=True,
            env=environment(),
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Refusal("处理表样所需的时间超过上限，请删除其中多余的内容后重新上传") from late
    if done.stdout[:1] == b"r":
        raise Refusal(done.stdout[1:].decode())
    if done.returncode or done.stdout[:1] != b"k":
        _LOG.error("a form could not be handled: %s", done.stderr.decode(errors="replace")[-2000:])
        raise Refusal(f"这份表样无法处理。{RESAVE}。")
    return done.stdout[1:]


# -- what the child does --------------------------------------------------------------------------------------------


def looked(path: Path, aliases: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every sheet, as JSON data."""
    book = sealed.Book(path)
    found = []
    for name in book.names:
        rows, origin, merges = book.load(name)
        shown = [
            [""] * origin[1] + [_shown(v) for v in row] for row in rows[:SHOWN_ROWS]
        ]  # fmt: skip
        blank: list[list[str]] = [[]] * origin[0]
        cells = [row[:SHOWN_COLUMNS] for row in (blank + shown)[:SHOWN_ROWS]]
        spans = [
            (top + origin[0], left + origin[1], bottom + origin[0], right + origin[1])
            for (top, left), (bottom, right) in merges or ()
        ]
        guesses: dict[int, str] = {}
        first = 1
        if header := _header(rows, merges, aliases):
            under = [bottom for (top, _), (bottom, _) in merges or () if top <= header.last_row <= bottom]
            first = max(header.last_row, *under, 0) + origin[0] + 2
            first += first <= len(cells) and counts(cells[first - 1])
            guesses = {b.column + origin[1]: b.field.key for b in header.bound}
        found.append(
            {
                "name": name,
                "cells": cells,
                "merges": [s for s in spans if s[0] < SHOWN_ROWS and s[1] < SHOWN_COLUMNS],
                "first": first,
                "guesses": guesses,
            }
        )
    return found


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return (text[:-2] if isinstance(value, float) and text.endswith(".0") else text)[:LONGEST_SHOWN]


def _header(rows: Any, merges: Any, aliases: Mapping[str, str]) -> headers.Header | None:
    try:
        return headers.find(rows, headers.LEDGER, merges, 2, {fold(k): v for k, v in aliases.items()})
    except (headers.Doubled, headers.UnknownUnit):
        return None


def reached(
    path: Path, sheet: str, first: int, columns: Mapping[int, str], aliases: Mapping[str, str]
) -> dict[str, Any]:
    """How the header reads with every mapped column named as its field, as JSON data."""
    from screening.domain.registry import FIELDS  # noqa: PLC0415

    book = sealed.Book(path)
    if sheet not in book.names:
        raise Refusal(f"表样中没有工作表“{sheet}”")
    rows, origin, merges = book.load(sheet)
    above = rows[: max(0, first - 1 - origin[0])]
    required = [f for f in FIELDS if f.required]
    best: tuple[int, dict[int, str], headers.Header | None] = (-1, {}, None)
    for bottom in range(len(above) - 1, max(-1, len(above) - 5), -1):
        for height in (1, 2, 3):
            top = bottom - height + 1
            if top < 0:
                continue
            texts = {at - origin[1]: _whole(above, merges, top, bottom, at - origin[1]) for at in columns}
            named = {texts[at - origin[1]]: header for at, header in columns.items() if texts[at - origin[1]]}
            header = _header(above, merges, {**aliases, **named})
            bound = {b.column + origin[1]: b for b in header.bound} if header else {}
            good = sum(1 for at, wanted in columns.items() if at in bound and bound[at].field.header == wanted)
            if good > best[0]:
                best = (good, {at + origin[1]: text for at, text in texts.items()}, header)
    _, texts, header = best
    bound = {b.column + origin[1]: b for b in header.bound} if header else {}
    mine = {at: b for at, b in bound.items() if columns.get(at) == b.field.header}
    have = {b.field.key for b in mine.values()}
    lost = [columns[at] for at in columns if at not in mine]
    return {
        "headings": [(at, texts.get(at, ""), str(b.factor), b.unit) for at, b in mine.items()],
        "lacking": [f.header for f in required if f.key not in have] + [h for h in lost if h],
        "erased": [b.field.header for at, b in bound.items() if at not in columns],
    }


def _whole(rows: Any, merges: Any, top: int, bottom: int, column: int) -> str:
    """The header of a column as the reader joins it: groups above it, then its own cell."""
    found = []
    for at in range(top, bottom + 1):
        if not 0 <= column < len(rows[at]):
            continue
        text = rows[at][column]
        for (upper, left), (_, right) in merges or ():
            if upper == at and left <= column <= right and at < bottom:
                text = rows[at][left]
        found.append(text.strip() if isinstance(text, str) else "")
    return headers.whole_header(found)


_ROW = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_FORMULA = re.compile(r"<f\b([^>]*?)(?:/>|>(.*?)</f>)", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
_AREA = re.compile(r"(\$?[A-Z]{1,3})(\$?)(\d+)(?::(\$?[A-Z]{1,3})(\$?)(\d+))?")
_SUM = re.compile(r"SUM\(\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)\)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")
_LABEL_ENDS = ("：", ":")


@dataclass
class _Cell:
    column: int
    attributes: dict[str, str]
    inner: str


@dataclass
class _Row:
    number: int
    attributes: dict[str, str]
    cells: dict[int, _Cell]


@dataclass(frozen=True)
class _Gap:
    """Rows put in below row `first`: `more` of them; `alone`: the form has one data row, whose ranges grow."""

    sheet: str
    first: int
    more: int
    alone: bool

    def down(self, row: int) -> int:
        """Where a row of the form goes."""
        return row + self.more if row > self.first else row

    def area(self, text: str) -> str:
        """A range such as F6:F10 after the move; one that ends in the only data row grows with it."""
        found = _AREA.fullmatch(text)
        if found is None:
            return text
        left, fixed, top, right, fixed_too, bottom = found.groups()
        end = int(bottom or top)
        grown = self.down(end) + (self.more if self.alone and end == self.first else 0)
        start = f"{left}{fixed}{self.down(int(top))}"
        return f"{start}:{right or left}{fixed_too or fixed}{grown}" if bottom or grown != self.down(end) else start

    def areas(self, text: str) -> str:
        """Several ranges, apart by blanks."""
        return " ".join(map(self.area, text.split(" ")))

    def formula(self, text: str, of: str) -> str:
        """A formula (without =) that stands in sheet `of`; Refusal for what would no longer add up."""
        return _operands(text, lambda operand: self._operand(operand, of))

    def _operand(self, operand: str, of: str) -> str:
        place, mark, cells = operand.rpartition("!")
        if (unquoted(place) if mark else of) != self.sheet:
            return operand
        one = _AREA.fullmatch(cells)
        if self.alone and self.more and one and one[6] is None and int(one[3]) == self.first:
            raise Refusal(
                f"表样的公式只引用了数据区的一格（{operand}），行数增加后合计会漏算；"
                f"请把公式改为区域，如 SUM({cells}:{cells})，再重新上传"
            )
        if re.fullmatch(r"\$?\d+:\$?\d+", cells):
            cells = ":".join(
                ("$" if end.startswith("$") else "") + str(self.down(int(end.lstrip("$")))) for end in cells.split(":")
            )
        else:
            cells = self.area(cells)
        return f"{place}{mark}{cells}"


def unquoted(sheet: str) -> str:
    """A sheet's name as it stands in a formula."""
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _operands(formula: str, change: Callable[[str], str]) -> str:
    """The formula with its ranges changed; texts and names stay."""
    from openpyxl.formula.tokenizer import Token, Tokenizer  # noqa: PLC0415  # only the child needs it

    items = Tokenizer("=" + unescape(formula)).items
    return escape(
        "".join(change(t.value) if t.type == Token.OPERAND and t.subtype == Token.RANGE else t.value for t in items)
    )


def _moved(formula: str, origin: str, to: str) -> str:
    """A formula as it reads when it is filled from one cell into another."""
    from openpyxl.formula.translate import Translator  # noqa: PLC0415

    text = unescape(formula)
    return escape(Translator("=" + text, origin=origin).translate_formula(to)[1:])


class _Form:
    """A form taken apart: the parts of its file, the rows of the sheet that is filled."""

    def __init__(self, path: Path, sheet: str, first: int) -> None:
        with zipfile.ZipFile(path) as packed:
            self.parts = {e.filename: packed.read(e) for e in packed.infolist() if not e.is_dir()}
        places = sealed.parts_of_sheets(path)
        if sheet not in places:
            raise Refusal(f"表样中没有工作表“{sheet}”")
        self.sheet, self.first, self.part, self.places = sheet, first, places[sheet], places
        text = self.text(self.part)
        opened = re.search(r"<sheetData\s*/>|<sheetData\s*>", text)
        if opened is None or "<![CDATA[" in text or "<!--" in text:
            raise Refusal(f"工作表“{sheet}”的写法不常见，不能填入；{RESAVE}")
        self.head, rest = text[: opened.start()], text[opened.end() :]
        body, self.tail = ("", rest) if opened[0].endswith("/>") else rest.split("</sheetData>", 1)
        self.rows = self._rows(body)
        self.texts = self._shared()

    def text(self, part: str) -> str:
        """A part of the file as text."""
        raw = self.parts[part]
        try:
            return raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
        except UnicodeDecodeError as wrong:
            raise Refusal(f"表样的部件 {part} 编码不正确；{RESAVE}") from wrong

    def _rows(self, body: str) -> dict[int, _Row]:
        found: dict[int, _Row] = {}
        shared: dict[str, tuple[str, str]] = {}
        number = 0
        for row in _ROW.finditer(body):
            attributes = dict(_ATTRIBUTE.findall(row[1]))
            number = int(attributes.get("r", number + 1))
            cells: dict[int, _Cell] = {}
            column = -1
            for cell in _CELL.finditer(row[2] or ""):
                own = dict(_ATTRIBUTE.findall(cell[1]))
                column = place_of(own["r"])[1] if "r" in own else column + 1
                plain_formula = partial(self._plain, at=f"{letters(column)}{number}", shared=shared)
                inner = _FORMULA.sub(plain_formula, cell[2] or "")
                cells[column] = _Cell(column, own, inner)
            found[number] = _Row(number, attributes, cells)
        return found

    def _plain(self, formula: re.Match[str], at: str, shared: dict[str, tuple[str, str]]) -> str:
        """A formula on its own: one shared by several cells is written out in each."""
        attributes, text = dict(_ATTRIBUTE.findall(formula[1])), formula[2] or ""
        match attributes.get("t", "normal"):
            case "shared":
                if text:
                    shared[attributes["si"]] = (text, at)
                    return f"<f>{text}</f>"
                master, origin = shared[attributes["si"]]
                return f"<f>{_moved(master, origin, at)}</f>"
            case "normal":
                return f"<f>{text}</f>"
            case _:
                raise Refusal(
                    f"表样的 {self.sheet}!{at} 是数组公式，行数增加时不能可靠地移动；请改为普通公式后重新上传"
                )

    def _shared(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self.parts:
            return []
        from defusedxml import ElementTree  # noqa: PLC0415

        root = ElementTree.fromstring(self.parts["xl/sharedStrings.xml"])
        return [
            "".join(t.text or "" for t in one.iter() if t.tag.endswith("}t") and t is not None) for one in root
        ]  # fmt: skip

    def said(self, cell: _Cell) -> str:
        """The text of a cell; a formula's result as it was saved."""
        value = re.search(r"<v[^>]*>(.*?)</v>", cell.inner, re.DOTALL)
        if cell.attributes.get("t") == "s" and value:
            return self.texts[int(value[1])]
        if value:
            return unescape(value[1])
        return unescape("".join(re.findall(r"<t\b[^>]*>(.*?)</t>", cell.inner, re.DOTALL)))

    def room(self, serial: int | None) -> int:
        """How many rows stand ready for data from `first` on: blank ones, up to the first that says something."""
        ready = 0
        for number in range(self.first, max(self.rows, default=0) + 1):
            row = self.rows.get(number)
            told = [c for c in row.cells.values() if self._tells(c, serial)] if row else []
            sums = [c for c in row.cells.values() if "<f" in c.inner and self._totals(c)] if row else []
            if (told and number > self.first) or sums:
                break
            ready += 1
        else:
            ready = max(ready, 1)
        return max(ready, 1)

    def _tells(self, cell: _Cell, serial: int | None) -> bool:
        """Whether a cell says something that is no row number."""
        text = "" if "<f" in cell.inner else self.said(cell).strip()
        return bool(text) and not (cell.column == serial and text.isdigit())

    def _totals(self, cell: _Cell) -> bool:
        """Whether a formula looks above its own row, as totals do."""
        return bool(re.search(r"\b(SUM|SUBTOTAL|COUNTA?|AVERAGE|MAX|MIN)\w*\(", cell.inner, re.IGNORECASE)) and any(
            int(area[3]) < int(re.sub(r"\D", "", cell.attributes.get("r", "0")) or 0)
            for area in _AREA.finditer(cell.inner)
        )

    def day_styles(self) -> set[str]:
        """The numbers of the cell formats that show days."""
        if "xl/styles.xml" not in self.parts:
            return set()
        from defusedxml import ElementTree  # noqa: PLC0415

        root = ElementTree.fromstring(self.parts["xl/styles.xml"])
        days = {*map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))}
        for one in root.iter():
            if one.tag.endswith("}numFmt"):
                code = re.sub(r'"[^"]*"|\[[^\]]*\]', "", one.get("formatCode", "")).lower()
                if "y" in code or ("d" in code and "m" in code):
                    days.add(one.get("numFmtId", ""))
        formats = next((e for e in root if e.tag.endswith("}cellXfs")), ())
        return {str(at) for at, xf in enumerate(formats) if xf.get("numFmtId") in days}


def _with_control_signs(text: str) -> str:
    return _CONTROL.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text)


def _written(column: int, row: int, style: str | None, value: Value, days: set[str]) -> str:
    """A cell with its value, never a formula."""
    start = f'<c r="{letters(column)}{row}"' + (f' s="{style}"' if style else "")
    match value:
        case None | "":
            return f"{start}/>"
        case ["n", figure]:
            return f"{start}><v>{figure}</v></c>"
        case ["d", day] if style in days:
            since = (dt.date.fromisoformat(day) - dt.date(1899, 12, 31)).days
            return f"{start}><v>{since + (since > 59)}</v></c>"
        case ["d", text] | str(text):
            text = escape(_with_control_signs(text))
            return f'{start} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    raise TypeError(value)


def filled(
    path: Path, sheet: str, first: int, columns: Sequence[int], rows: Sequence[Sequence[Value]],
    cells: Mapping[str, Value], serial: int | None = None,
) -> bytes:  # fmt: skip
    """The form as bytes; see `fill`."""
    form = _Form(path, sheet, first)
    ready = form.room(serial)
    gap = _Gap(sheet, first, max(0, len(rows) - ready), ready == 1)
    tail = _tail(form, gap, ready)
    days = form.day_styles()
    pattern = form.rows.get(first, _Row(first, {}, {}))
    made: dict[int, str] = {}
    singles = {place_of(at): value for at, value in cells.items()}
    known = _known_totals(columns, rows, first, max(ready, len(rows)))
    if taken := next(
        (at for at, (row, _) in zip(cells, singles, strict=True) if first <= row + 1 < first + ready), None
    ):
        raise Refusal(f"单元格 {taken} 在数据区内，会被数据行覆盖，请改选其他单元格")
    for number, row in form.rows.items():
        if first <= number < first + max(ready, 1) and number < first + len(rows):
            continue
        made[gap.down(number)] = _kept(form, row, gap, singles, days, known)
    for (at_row, at_column), value in singles.items():
        if at_row + 1 not in form.rows or at_column not in form.rows[at_row + 1].cells:
            number = gap.down(at_row + 1)
            cell = _written(at_column, number, None, value, days)
            made[number] = _put(made.get(number) or f'<row r="{number}"></row>', at_column, cell)
    for offset, values in enumerate(rows):
        made[first + offset] = _data_row(pattern, first + offset, columns, values, days)
    body = "".join(made[number] for number in sorted(made))
    deepest = max(made, default=1)
    head = re.sub(
        r'(<dimension ref=")([A-Z]+\d+)(?::([A-Z]+)\d+)?"',
        lambda d: f'{d[1]}{d[2]}:{d[3] or "A"}{deepest}"', form.head,
    )  # fmt: skip
    form.parts[form.part] = f"{head}<sheetData>{body}</sheetData>{tail}".encode()
    if gap.more:
        _elsewhere(form, gap)
    _calculate_anew(form)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in form.parts.items():
            packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _known_totals(
    columns: Sequence[int], rows: Sequence[Sequence[Value]], first: int, ready: int
) -> Callable[[str], str | None]:
    """The exact result of a SUM over all rows of a column, so that totals show before anybody calculates."""
    sums = {
        letters(column): sum(
            (Decimal(v[1]) for row in rows if isinstance(v := row[at], list) and v[0] == "n"), Decimal(0)
        )
        for at, column in enumerate(columns)
    }

    def known(formula: str) -> str | None:
        total = _SUM.fullmatch(formula)
        if total is None or total[1] != total[3] or total[1] not in sums:
            return None
        whole = int(total[2]) == first and first + len(rows) - 1 <= int(total[4]) < first + ready
        return format(sums[total[1]], "f") if whole else None

    return known


def _kept(
    form: _Form, row: _Row, gap: _Gap, singles: Mapping[tuple[int, int], Value], days: set[str],
    known: Callable[[str], str | None],
) -> str:  # fmt: skip
    """A row of the form that stays, at its new place."""
    number = gap.down(row.number)
    cells = []
    for cell in sorted(row.cells.values(), key=lambda c: c.column):
        style = cell.attributes.get("s")
        if (row.number - 1, cell.column) in singles:
            value = singles[row.number - 1, cell.column]
            label = form.said(cell) if "<f" not in cell.inner else ""
            if label.strip().endswith(_LABEL_ENDS):
                value = label + (value if isinstance(value, str) else value[1] if value else "")
            cells.append(_written(cell.column, number, style, value, days))
            continue
        inner = cell.inner
        if formula := _FORMULA.search(inner):
            text = gap.formula(formula[2], gap.sheet)
            total = known(text)
            inner = f"<f>{text}</f>" + (f"<v>{total}</v>" if total is not None else "")
        attributes = {**cell.attributes, "r": f"{letters(cell.column)}{number}"}
        if "<f>" in inner:
            attributes.pop("t", None)
        said = "".join(f" {k}={quoteattr(unescape(v))}" for k, v in attributes.items())
        cells.append(f"<c{said}>{inner}</c>" if inner else f"<c{said}/>")
    said = "".join(
        f" {k}={quoteattr(unescape(v))}" for k, v in {**row.attributes, "r": str(number)}.items() if k != "spans"
    )
    return f"<row{said}>{''.join(cells)}</row>"


def _put(row: str, column: int, cell: str) -> str:
    """A row with one cell more, in order."""
    place = row.rindex("</row>")
    for there in _CELL.finditer(row):
        if place_of(dict(_ATTRIBUTE.findall(there[1]))["r"])[1] > column:
            place = there.start()
            break
    return row[:place] + cell + row[place:]


def _data_row(pattern: _Row, number: int, columns: Sequence[int], values: Sequence[Value], days: set[str]) -> str:
    """A row of data in the look of the form's first data row; its own formulas are filled down."""
    given = dict(zip(columns, values, strict=True))
    cells = []
    for column in sorted({*pattern.cells, *given}):
        own = pattern.cells.get(column)
        style = own.attributes.get("s") if own else pattern.attributes.get("s")
        if column not in given and own and (formula := _FORMULA.search(own.inner)):
            at = f"{letters(column)}{number}"
            text = _moved(formula[2], f"{letters(column)}{pattern.number}", at)
            cells.append(f'<c r="{at}"' + (f' s="{style}"' if style else "") + f"><f>{text}</f></c>")
        else:
            cells.append(_written(column, number, style, given.get(column), days))
    said = "".join(
        f" {k}={quoteattr(unescape(v))}" for k, v in {**pattern.attributes, "r": str(number)}.items() if k != "spans"
    )
    return f"<row{said}>{''.join(cells)}</row>"


def _tail(form: _Form, gap: _Gap, ready: int) -> str:
    """What follows the rows: merges, drop-downs, conditional formats, print settings, all at their new places."""
    tail = form.tail
    last = gap.first + ready - 1
    repeated: list[str] = []
    for merge in re.findall(r'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"', tail):
        top, bottom = int(merge[1]), int(merge[3])
        if bottom < gap.first or top > last:
            continue
        if top != bottom:
            raise Refusal(
                f"表样数据区内有跨行的合并单元格（{''.join(merge[:2])}:{''.join(merge[2:])}），不能逐行填入；"
                "请取消合并，或者改选数据的起始行"
            )
        if top == gap.first:
            repeated += [f'<mergeCell ref="{merge[0]}{n}:{merge[2]}{n}"/>' for n in range(top + 1, top + gap.more + 1)]
    if not gap.more:
        return tail
    if "<tableParts" in tail:
        raise Refusal(
            "表样的数据区是“表格”（套用了表格格式），行数增加时不能可靠地移动；请先在“表设计”中转换为区域后重新上传"
        )
    plain = _Gap(gap.sheet, gap.first, gap.more, False)
    tail = re.sub(r'(<mergeCell ref=")([^"]*)"', lambda m: f'{m[1]}{plain.area(m[2])}"', tail)
    if repeated:
        tail = tail.replace("</mergeCells>", "".join(repeated) + "</mergeCells>")
        count = len(re.findall("<mergeCell ", tail))
        tail = re.sub(r'(<mergeCells[^>]*count=")\d+"', rf'\g<1>{count}"', tail)
    tail = re.sub(
        r'(<(?:autoFilter|hyperlink|sortState|sortCondition|ignoredError)\b[^>]*?\bs?q?ref=")([^"]*)"',
        lambda m: f'{m[1]}{gap.areas(m[2])}"', tail,
    )  # fmt: skip
    tail = re.sub(
        r'(<(?:conditionalFormatting|dataValidation|protectedRange)\b[^>]*?\bsqref=")([^"]*)"',
        lambda m: f'{m[1]}{gap.areas(m[2])}"', tail,
    )  # fmt: skip
    tail = re.sub(r"(<xm:sqref>)([^<]*)(</xm:sqref>)", lambda m: m[1] + gap.areas(m[2]) + m[3], tail)
    tail = re.sub(
        r"(<(?:formula1|formula2|formula|xm:f)>)([^<]*)(</)",
        lambda m: m[1] + plain.formula(m[2], gap.sheet) + m[3],
        tail,
    )
    return re.sub(
        r"<rowBreaks.*?</rowBreaks>",
        lambda breaks: re.sub(
            r'(<brk\b[^>]*?\bid=")(\d+)"', lambda b: f'{b[1]}{gap.down(int(b[2]) + 1) - 1}"', breaks[0]
        ),
        tail,
        flags=re.DOTALL,
    )


def _elsewhere(form: _Form, gap: _Gap) -> None:
    """Names, formulas of other sheets, pictures and notes that point at rows which moved."""
    book = form.text("xl/workbook.xml")
    form.parts["xl/workbook.xml"] = re.sub(
        r"(<definedName\b[^>]*>)([^<]*)(</definedName>)", lambda m: m[1] + gap.formula(m[2], "") + m[3], book
    ).encode()
    for name, part in form.places.items():
        if name != gap.sheet and part in form.parts and b"<f" in form.parts[part]:
            text = form.text(part)
            form.parts[part] = re.sub(r"(<f\b[^>]*>)([^<]+)", partial(_of_sheet, gap, name), text).encode()
    folder, _, file = form.part.rpartition("/")
    links = form.parts.get(f"{folder}/_rels/{file}.rels", b"").decode()
    for target in re.findall(r'Target="([^"]+)"', links):
        part = target.lstrip("/") if target.startswith("/") else str(_joined(folder, target))
        if part not in form.parts:
            continue
        if "/drawings/" in part and part.endswith(".xml"):
            form.parts[part] = re.sub(
                r"(<(?:\w+:)?row>)(\d+)(</)",
                lambda m: f"{m[1]}{gap.down(int(m[2]) + 1) - 1}{m[3]}",
                form.text(part),
            ).encode()
        elif part.endswith(".vml"):
            form.parts[part] = _moved_notes(form.text(part), gap).encode()
        elif "comments" in part.lower():
            form.parts[part] = re.sub(
                r'(<(?:comment|threadedComment)\b[^>]*?\bref=")([^"]*)"',
                lambda m: f'{m[1]}{gap.area(m[2]) if int(re.sub("[A-Z]", "", m[2])) > gap.first else m[2]}"',
                form.text(part),
            ).encode()


def _of_sheet(gap: _Gap, sheet: str, found: re.Match[str]) -> str:
    """A formula of another sheet; one that is filled over several cells cannot follow rows that part."""
    moved = gap.formula(found[2], sheet)
    if "shared" in found[1] and moved != escape(unescape(found[2])):
        raise Refusal(
            f"表样的工作表“{sheet}”有成片填充的公式引用“{gap.sheet}”中会移动的行，行数增加时不能可靠地移动；"
            "请改为引用合计行，或删除后重新上传"
        )
    return found[1] + moved


def _moved_notes(text: str, gap: _Gap) -> str:
    def anchor(found: re.Match[str]) -> str:
        places = [p.strip() for p in found[2].split(",")]
        for at in (2, 6):
            places[at] = str(gap.down(int(places[at]) + 1) - 1)
        return found[1] + ", ".join(places) + found[3]

    text = re.sub(r"(<x:Anchor>)([^<]*)(</x:Anchor>)", anchor, text)
    return re.sub(r"(<x:Row>)(\d+)(</x:Row>)", lambda m: f"{m[1]}{gap.down(int(m[2]) + 1) - 1}{m[3]}", text)


def _joined(folder: str, target: str) -> str:
    places = folder.split("/")
    for step in target.split("/"):
        places = places[:-1] if step == ".." else [*places, step]
    return "/".join(places)


def _calculate_anew(form: _Form) -> None:
    """The chain of calculation names cells that moved: it goes, and the workbook is calculated when it is opened."""
    if form.parts.pop("xl/calcChain.xml", None) is not None:
        types, links = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
        form.parts[types] = re.sub(r"<Override[^>]*calcChain[^>]*/>", "", form.text(types)).encode()
        form.parts[links] = re.sub(r"<Relationship [^>]*calcChain[^>]*/>", "", form.text(links)).encode()
    book = form.text("xl/workbook.xml")
    if "<calcPr" in book:
        book = re.sub(r'\sfullCalcOnLoad="[^"]*"', "", book)
        book = book.replace("<calcPr", '<calcPr fullCalcOnLoad="1"', 1)
    form.parts["xl/workbook.xml"] = book.encode()


def main(path: Path) -> None:
    """The child."""
    sealed.limit(files=TEMPORARY)
    task = json.loads(sys.stdin.buffer.read())
    out = sys.stdout.buffer
    try:
        match task.pop("do"):
            case "look":
                done = json.dumps(looked(path, task["aliases"]), ensure_ascii=False).encode()
            case "reach":
                columns = dict(task.pop("columns"))
                done = json.dumps(reached(path, columns=columns, **task), ensure_ascii=False).encode()
            case _:
                done = filled(path, **task)
    except Refusal as refusal:
        out.write(b"r" + refusal.message.encode())
    else:
        out.write(b"k" + done)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
