"""上级表样: a superior's own workbook, marked once per office, into which any list of projects is filled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import office_of
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold
from screening.domain.registry import FIELD, FIELDS, Project, from_facts
from screening.services import Ledger
from screening.services.headings import aliases, remember
from screening.services.lines import line
from screening.services.lists import EFFICIENCY_COLUMNS, LEDGER_COLUMNS, efficiency_rows, ledger_cell
from screening.services.registry import Filter, criteria_of
from screening.store import forms, trail
from screening.store import registry as store
from screening.workbook import filling
from screening.workbook.headers import letters, place_of
from screening.workbook.writing import form_cell

LARGEST: Final = 5 * 1024 * 1024
LONGEST_NAME: Final = 60
MOST: Final = 30
SERIAL: Final = "serial"
_OF_PROJECT: Final = ("tce", "class", "near", "findings", "disposition", "state", "due", "units")
_OF_UNIT: Final = ("place", "sec", "kind", "unit", "benchmark", "baseline", "class", "next", "gap", "percent")
_UNIT_WORDS: Final = {"class": "装置能效分类", "sec": "对标的单位产品能耗", "unit": "对标的能耗单位"}
CHOICES: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    ("行号", ((SERIAL, "序号"),)),
    ("台账栏目", tuple((f.key, f.header) for f in FIELDS)),
    (
        "筛查结果（项目）",
        tuple((f"list.{k}", LEDGER_COLUMNS[k].head) for k in _OF_PROJECT),
    ),
    (
        "筛查结果（装置）",
        tuple((f"unit.{c.key}", _UNIT_WORDS.get(c.key, c.head)) for c in EFFICIENCY_COLUMNS if c.key in _OF_UNIT),
    ),
)
"""What a column can hold: groups of (key, words)."""
WORDS: Final = {key: words for _, group in CHOICES for key, words in group}
CELLS: Final = {
    "office": ("编制单位", re.compile(r"(填报|编制|填表|报送|上报|制表)单位")),
    "day": ("日期", re.compile(r"(填报|编制|填表|报送|上报|制表)(日期|时间)")),
    "person": ("经办人", re.compile(r"(填报|填表|制表|经办)人")),
    "count": ("项目数", re.compile(r"项目(总数|个数|数量|数)")),
}
"""What a single cell can hold: words, and how a label before it reads."""
_CELL: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form in the list of an office."""

    id: UUID
    name: str
    file: str
    mapped: bool
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a person marked: `columns` from 0 -> key of CHOICES, `cells` kind of CELLS -> address such as B2."""

    sheet: str
    first: int
    columns: Mapping[int, str]
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """A form to be marked; `marks` are those that were saved, else a guess from its headers."""

    id: UUID
    name: str
    file: str
    version: int
    mapped: bool
    sheets: tuple[filling.SheetLook, ...]
    marks: Marks
    lacking: tuple[str, ...]
    """What an import of the filled form would miss; empty where it reads back."""
    erased: tuple[str, ...]


def _demand(by: Person) -> None:
    if not by.may(Permission.IMPORT):
        raise Forbidden(f"{by.role.words}不能设定上级表样。请由登记员或审核员办理。")


def all_forms(ledger: Ledger, *, by: Person) -> tuple[FormLine, ...]:
    """The forms of the person's office, by name."""
    with ledger.reader() as session:
        rows = forms.of_office(session, by)
        return tuple(FormLine(r.id, r.name, r.file, r.mapping is not None, r.saved_at) for r in rows)


def add_form(ledger: Ledger, path: Path, *, file: str, name: str, key: str, by: Person, at: datetime) -> UUID:
    """Takes a form in, to be marked next; Refusal where the file cannot be used."""
    _demand(by)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refusal(f"请给表样起一个名称，不超过 {LONGEST_NAME} 个字。", field="name")
    if path.stat().st_size > LARGEST:
        raise Refusal(f"表样不能超过 {LARGEST // 1024 // 1024} MB。请删去其中的数据，只保留空表。", field="file")
    with ledger.reader() as session:
        if again := forms.by_key(session, key, by=by):
            return again.id
        known = aliases(session, by)
    shown = filling.look(path, known)
    if not any(any(row) for sheet in shown for row in sheet.cells):
        raise Refusal("表样是空白的。请上传带有表头的表样。", field="file")
    with ledger.writer() as session:
        if len(forms.of_office(session, by)) >= MOST:
            raise Refusal(f"本单位已有 {MOST} 份表样。请先删除不再使用的。")
        row = forms.SuperiorFormRow(
            key=key,
            office=by.scope,
            name=name,
            file=file[-200:],
            content=path.read_bytes(),
            shown=json.dumps([asdict(s) for s in shown], ensure_ascii=False),
            saved_by=by.id,
            saved_at=at,
        )
        session.add(row)
        session.flush()
        _record(session, Happening.FORM_ADDED, row, by=by, at=at, after={"name": name, "file": row.file})
        return row.id


def _record(
    session: Session, kind: Happening, row: forms.SuperiorFormRow, *, by: Person, at: datetime, **said: Any
) -> None:
    trail.record(session, Event(at=at, who=by, kind=kind, subject=f"form:{row.id}", **said))


def show_form(ledger: Ledger, form: UUID, *, by: Person) -> FormView:
    """A form of the person's office; NotFound elsewhere."""
    _demand(by)
    with ledger.reader() as session:
        return _view(forms.get(session, form, by=by))


def _view(row: forms.SuperiorFormRow) -> FormView:
    sheets = tuple(
        filling.SheetLook(
            s["name"],
            tuple(map(tuple, s["cells"])),
            tuple(map(tuple, s["merges"])),
            s["first"],
            {int(k): v for k, v in s["guesses"].items()},
        )
        for s in json.loads(row.shown)
    )
    said = json.loads(row.mapping) if row.mapping else None
    return FormView(
        id=row.id,
        name=row.name,
        file=row.file,
        version=row.version,
        mapped=said is not None,
        sheets=sheets,
        marks=_marks(said) if said else guess(max(sheets, key=lambda s: len(s.guesses))),
        lacking=tuple(said["lacking"]) if said else (),
        erased=tuple(said["erased"]) if said else (),
    )


def _marks(said: Mapping[str, Any]) -> Marks:
    columns = {int(at): key for at, key in said["columns"].items()}
    return Marks(sheet=said["sheet"], first=said["first"], columns=columns, cells=said["cells"])


def guess(sheet: filling.SheetLook) -> Marks:
    """What the headers and labels of a sheet suggest."""
    columns: dict[int, str] = dict(sheet.guesses)
    cells: dict[str, str] = {}
    for at, row in enumerate(sheet.cells):
        for column, text in enumerate(row):
            if at < sheet.first - 1 and fold(text) in {"序号", "no", "no."}:
                columns[column] = SERIAL
            label = re.sub(r"\s", "", text)
            for kind, (_, pattern) in CELLS.items():
                if kind not in cells and label.endswith(("：", ":")) and pattern.fullmatch(label[:-1]):
                    cells[kind] = f"{letters(column)}{at + 1}"
    return Marks(sheet=sheet.name, first=sheet.first, columns=columns, cells=cells)


def _checked(marks: Marks, view: FormView) -> Marks:
    sheet = next((s for s in view.sheets if s.name == marks.sheet), None)
    if sheet is None:
        raise Refusal("表样中没有所选的工作表。请重新选择。")
    if not 2 <= marks.first <= filling.SHOWN_ROWS + 1:
        raise Refusal("请标出数据从哪一行开始，应在表头之下。", field="first")
    columns = {at: key for at, key in marks.columns.items() if key}
    if not columns:
        raise Refusal("请至少为一列选择填入的栏目。", field="columns")
    taken: dict[str, int] = {}
    for at, key in sorted(columns.items()):
        if key not in WORDS or not 0 <= at < filling.SHOWN_COLUMNS:
            raise Refusal(f"{letters(at)}列选择的栏目不在列表中。请重新选择。", field="columns")
        if key in taken:
            raise Refusal(
                f"{letters(taken[key])}列和{letters(at)}列都选择了“{WORDS[key]}”。一个栏目只能填入一列。",
                field="columns",
            )
        taken[key] = at
    cells = {}
    for kind, typed in marks.cells.items():
        if not (text := typed.strip().upper().replace("$", "")):
            continue
        found = _CELL.fullmatch(text)
        words = CELLS[kind][0]
        if found is None:
            raise Refusal(f"“{words}”填入的单元格“{typed}”不是单元格地址。请写成 B2 这样的列号加行号。", field=kind)
        hidden = _hidden(sheet, text)
        if hidden:
            raise Refusal(f"“{words}”的单元格 {text} 被合并在 {hidden} 中。请改为 {hidden}。", field=kind)
        cells[kind] = text
    if len(set(cells.values())) < len(cells):
        raise Refusal("两项内容选择了同一个单元格。请分别选择。", field="office")
    return Marks(sheet=marks.sheet, first=marks.first, columns=columns, cells=cells)


def _hidden(sheet: filling.SheetLook, cell: str) -> str | None:
    """The first cell of the merged range that hides a cell."""
    row, column = place_of(cell)
    for top, left, bottom, right in sheet.merges:
        if top <= row <= bottom and left <= column <= right and (row, column) != (top, left):
            return f"{letters(left)}{top + 1}"
    return None


def map_form(ledger: Ledger, form: UUID, marks: Marks, *, seen: int, by: Person, at: datetime) -> FormView:
    """Keeps what was marked; the headers are known to the office's imports from then on where the form reads back."""
    _demand(by)
    with ledger.reader() as session:
        row = forms.get(session, form, by=by)
        view, content = _view(row), row.content
        known = aliases(session, by)
    marks = _checked(marks, view)
    titles = {at: FIELD[key].header for at, key in marks.columns.items() if key in FIELD}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        path.write_bytes(content)
        reach = filling.reach(path, marks.sheet, marks.first, titles, known)
        filling.fill(path, marks.sheet, marks.first, sorted(marks.columns), [], dict.fromkeys(marks.cells.values()))
    native = {fold(f.header) for f in FIELDS}
    sheet = next(s for s in view.sheets if s.name == marks.sheet)
    own = {at: key for at, key in marks.columns.items() if at in reach.headings and sheet.guesses.get(at) != key}
    foreign = {reach.headings[at].text: key for at, key in own.items()}
    taken = [FIELD[key].header for text, key in foreign.items() if not text or fold(text) in native]
    lacking = (*reach.lacking, *taken)
    said = {
        "sheet": marks.sheet,
        "first": marks.first,
        "columns": {str(at): key for at, key in marks.columns.items()},
        "cells": dict(marks.cells),
        "units": {str(at): [str(h.factor), h.unit] for at, h in reach.headings.items()},
        "lacking": list(dict.fromkeys(lacking)),
        "erased": list(reach.erased),
    }
    with ledger.writer() as session:
        row = forms.get(session, form, by=by, lock=True)
        _demand_seen(row, seen)
        before = json.loads(row.mapping) if row.mapping else None
        row.mapping = json.dumps(said, ensure_ascii=False)
        row.version, row.saved_by, row.saved_at = seen + 1, by.id, at
        if not lacking and foreign:
            remember(session, foreign, by=by, at=at)
        _record(session, Happening.FORM_MAPPED, row, by=by, at=at, before=before, after={"name": row.name, **said})
        return _view(row)


def _demand_seen(row: forms.SuperiorFormRow, seen: int) -> None:
    if row.version != seen:
        raise Conflict("这份表样刚由他人重新标定，您看到的不是最新的内容，本次没有保存。请核对下面的内容后再办理。")


def remove_form(ledger: Ledger, form: UUID, *, seen: int, by: Person, at: datetime) -> str:
    """Deletes a form; gives its name."""
    _demand(by)
    with ledger.writer() as session:
        row = forms.get(session, form, by=by, lock=True)
        _demand_seen(row, seen)
        before = {"name": row.name, "file": row.file, "mapping": json.loads(row.mapping) if row.mapping else None}
        _record(session, Happening.FORM_REMOVED, row, by=by, at=at, before=before)
        session.delete(row)
        return row.name


def fill_form(ledger: Ledger, form: UUID, filters: Filter, *, by: Person, today: date) -> tuple[str, bytes]:
    """(name, .xlsx) of the form with the projects of a filter, one row per unit where a column tells of units."""
    with ledger.reader() as session:
        row = forms.get(session, form, by=by)
        if row.mapping is None:
            raise Refusal(f"表样“{row.name}”还没有标定各列填什么。请先打开表样，标定后再导出。")
        said, content, name = json.loads(row.mapping), row.content, row.name
        marks = _marks(said)
        units = {int(at): (Decimal(factor), unit) for at, (factor, unit) in said["units"].items()}
        order = sorted(marks.columns)
        per_unit = any(k.startswith("unit.") or (k in FIELD and FIELD[k].per_unit) for k in marks.columns.values())
        made = store.conditions(criteria_of(filters), by=by, today=today)
        rows: list[list[filling.Value]] = []
        count = 0
        for found, due in store.page(session, made, sort=filters.sort, whole=True):
            count += 1
            for cells in _cells(ledger, found, due, marks.columns, units, per_unit=per_unit):
                rows.append([["n", str(len(rows) + 1)] if marks.columns[at] == SERIAL else cells[at] for at in order])
    values: dict[str, filling.Value] = {
        "office": office_of(ledger.rules, by.scope).name,
        "day": ["d", today.isoformat()],
        "person": by.name,
        "count": ["n", str(count)],
    }
    serial = next((at for at, key in marks.columns.items() if key == SERIAL), None)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        path.write_bytes(content)
        singles = {address: values[kind] for kind, address in marks.cells.items()}
        return name, filling.fill(path, marks.sheet, marks.first, order, rows, singles, serial)


Units = Mapping[int, tuple[Decimal, str | None]]


def _cells(
    ledger: Ledger, row: store.ProjectRow, due: date | None, columns: Mapping[int, str], units: Units, *, per_unit: bool
) -> Iterator[dict[int, filling.Value]]:
    """The rows of a project; its own figures stand in the first alone, so that the totals of the form are right."""
    project: Project = from_facts(json.loads(row.facts))
    wanted = set(columns.values())
    shown = line(row, due, ledger) if any(k.startswith("list.") for k in wanted) else None
    results = list(efficiency_rows(ledger, row)) if any(k.startswith("unit.") for k in wanted) else []
    places = {c.key: at for at, c in enumerate(EFFICIENCY_COLUMNS)}
    for number, unit in enumerate(project.units if per_unit else project.units[:1]):
        cells: dict[int, filling.Value] = {}
        for at, key in columns.items():
            if key in FIELD:
                cells[at] = form_cell(FIELD[key], project, unit, ledger.rules, units.get(at), first=number == 0)
            elif key.startswith("list.") and shown is not None:
                value = ledger_cell(shown, key[5:])
                figure = isinstance(value, Decimal | int)
                cells[at] = None if number and figure else filling.value_of(value)
            elif key.startswith("unit."):
                cells[at] = filling.value_of(results[number][places[key[5:]]])
        yield cells
