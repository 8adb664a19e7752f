"""Spreadsheets out: the blank template, projects in the template's columns, the result of a screening.

Every text goes out as text: no cell of ours is ever a formula, in .csv an apostrophe guards what looks like one.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import IO, Any, cast

import xlsxwriter

from screening.domain.calendar import PartialDate
from screening.domain.classification import Screening
from screening.domain.errors import Refusal
from screening.domain.quantity import plain
from screening.domain.registry import FIELDS, INDUSTRY_WORDS, EnergyUse, Field, Industry, Kind, Project, Stage, Unit
from screening.domain.rules import RegionLevel, Rulebook
from screening.workbook import columns, filling
from screening.workbook.cells import EXACT, UNSAID
from screening.workbook.headers import ENERGY_FIELDS, SEC_KEYS, letters
from screening.workbook.reading import Rejection
from screening.workbook.rows import ratio_of
from screening.workbook.streaming import LONGEST, Cell, QuickBook, StreamedSheet, Styles, fits

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "'")
ROOM = 5000
"""Rows below the header that get drop-downs."""
_AS_THEY_ARE = {Kind.TEXT, Kind.CODE, Kind.NUMBER, Kind.YEAR, Kind.CHOICE}
"""Kinds whose values stand in a cell as the domain holds them."""
_MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is written: a field, or a kept unknown column (`header`, its `nth` of that name)."""

    field: Field | None
    header: str
    nth: int = 0


def write_template(path: Path, rulebook: Rulebook) -> None:
    """The blank template: all columns with notes and drop-downs, 能源消费, 填表说明, 选项."""
    _write_book(Path(path), rulebook, (), [_Column(f, columns.title(f)) for f in FIELDS])


def write_projects(path: Path, projects: Iterable[Project], rulebook: Rulebook) -> tuple[str, ...]:
    """Writes projects as .xlsx or .csv in the template's columns; reading it back gives the same facts.

    Gives sentences about what the format could not hold (.csv has no sheet for energy by carrier).
    A column that no project speaks about is left out, because a blank column would say "not on file".
    """
    path = Path(path)
    written = tuple(projects)
    chosen = _columns(written)
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            rows = csv.writer(out)
            rows.writerow([guarded(c.header) for c in chosen])
            for cells in _rows(written, chosen, rulebook):
                rows.writerow([guarded(text_of(cell)) if isinstance(cell, str) else text_of(cell) for cell in cells])
        count = sum(1 for p in written if p.uses)
        return (f"CSV 不能保存“能源消费”明细，{count} 个项目的明细未写入；需要时请导出 .xlsx",) if count else ()
    if path.suffix.lower() != ".xlsx":
        raise Refusal("只能导出 .xlsx 或 .csv，请改用其中一种扩展名")
    _write_book(path, rulebook, written, chosen)
    return ()


def guarded(text: str) -> str:
    """A text for .csv that no spreadsheet takes for a formula; figures such as -12.5 stay as they are."""
    if not text.startswith(FORMULA_SIGNS):
        return text
    try:
        return text if Decimal(text).is_finite() and not text[:1].isspace() else f"'{text}"
    except ArithmeticError:
        return f"'{text}"


def _columns(projects: Sequence[Project]) -> list[_Column]:
    known = frozenset[str]().union(*(p.known for p in projects)) if projects else frozenset(f.key for f in FIELDS)
    chosen = [_Column(f, columns.title(f)) for f in FIELDS if f.required or f.key in known]
    most: dict[str, int] = {}
    for project in projects:
        counts: dict[str, int] = {}
        for header, _ in project.extra:
            counts[header] = counts.get(header, 0) + 1
            most[header] = max(most.get(header, 0), counts[header])
    return chosen + [_Column(None, header, nth) for header, count in most.items() for nth in range(count)]


class _Part:
    """The columns of projects among the chosen ones, or those of units: all values of one thing taken at once."""

    def __init__(self, chosen: Sequence[_Column], rulebook: Rulebook, *, per_unit: bool) -> None:
        found = [(at, c.field) for at, c in enumerate(chosen) if c.field is not None and c.field.per_unit is per_unit]
        self.places = [at for at, _ in found]
        self.fields = [f for _, f in found]
        self._take = attrgetter(*(f.key for f in self.fields), "__class__")  # at least two, so that it gives a tuple
        self._spoken = [(n, f) for n, f in enumerate(self.fields) if f.kind not in _AS_THEY_ARE]
        self._rulebook = rulebook
        self._silent: dict[frozenset[str], list[int]] = {}

    def cells(self, thing: object, known: frozenset[str]) -> list[Cell]:
        """The cells; 未提供 where the source said nothing."""
        values: list[Any] = list(self._take(thing))
        values.pop()
        for n, f in self._spoken:
            if values[n] is not None:
                values[n] = _cell(f, values[n], self._rulebook)
        silent = self._silent.get(known)
        if silent is None:
            silent = [n for n, f in enumerate(self.fields) if not f.required and f.key not in known]
            self._silent[known] = silent
        for n in silent:
            values[n] = UNSAID
        return values


def _rows(projects: Iterable[Project], chosen: Sequence[_Column], rulebook: Rulebook) -> Iterator[Sequence[Cell]]:
    """One row per unit; a project's own cells are repeated, so that sorting does no harm."""
    whole, parts = _Part(chosen, rulebook, per_unit=False), _Part(chosen, rulebook, per_unit=True)
    extras = [at for at, c in enumerate(chosen) if c.field is None]
    order = [*whole.places, *extras, *parts.places]
    arrange = itemgetter(*(order.index(at) for at in range(len(chosen))))
    for project in projects:
        own = whole.cells(project, project.known)
        if extras:
            texts = {(header, nth): text for header, nth, text in _numbered(project.extra)}
            own += [texts.get((chosen[at].header, chosen[at].nth)) for at in extras]
        for unit in project.units:
            yield arrange(own + parts.cells(unit, project.known))


def _numbered(extra: Iterable[tuple[str, str]]) -> Iterator[tuple[str, int, str]]:
    """(header, its how-manieth of that name, text) of each unknown column."""
    counts: dict[str, int] = {}
    for header, text in extra:
        yield header, counts.setdefault(header, 0), text
        counts[header] += 1


def _cell(f: Field, value: Any, rulebook: Rulebook) -> Cell:
    """A fact as it stands in a sheet: names instead of codes, dates as dates."""
    kind = type(value)  # the commonest first: an export asks this for every cell
    if kind is str:
        if f.kind is Kind.LEAGUE or f.kind is Kind.BANNER:
            region = rulebook.regions_by_code.get(value)
            return region.name if region else cast("Cell", value)
        return cast("Cell", value)
    if value is None or kind is Decimal or kind is int:
        return cast("Cell", value)
    match value:
        case bool():
            return "是" if value else "否"
        case Industry() | Stage():
            return value.words
        case PartialDate():
            return value.first if value.exact else str(value)
        case _:
            return cast("Cell", value)


def form_cell(
    f: Field, project: Project, unit: Unit, rulebook: Rulebook, stated: tuple[Decimal, str | None] | None, *,
    first: bool,
) -> filling.Value:  # fmt: skip
    """A fact as it stands in a superior's form, in the measure unit that its header states (factor, unit).

    The project's own figures are written in the `first` of its rows alone: a total must not count them twice.
    """
    if not f.required and f.key not in project.known:
        return UNSAID
    value = getattr(unit if f.per_unit else project, f.key)
    if isinstance(value, Decimal) and not f.per_unit and not first:
        return None
    if isinstance(value, Decimal) and stated is not None:
        factor, named = stated
        own = (unit.sec_unit if f.key in SEC_KEYS else unit.capacity_unit) or named
        try:
            factor = factor if named is None or own is None else ratio_of(f.key, named, own) or Decimal(0)
            value = EXACT.divide(value, factor)
        except ArithmeticError:  # not of that kind, or a figure without end: it keeps its own unit
            return f"{plain(value)} {own}"
    return filling.value_of(_cell(f, value, rulebook))


def text_of(cell: Cell) -> str:
    """A cell as text: figures plain and whole, days as 2026-11-22, nothing as nothing."""
    match cell:
        case None:
            return ""
        case Decimal():
            return plain(cell)
        case dt.date():
            return cell.isoformat()
        case _:
            return str(cell)


class Sheet:
    """A sheet that is being written from top to bottom."""

    def __init__(self, book: xlsxwriter.Workbook, name: str) -> None:
        self.page = book.add_worksheet(name, worksheet_class=StreamedSheet)
        self.plain = book.add_format({"valign": "vcenter"})
        self.text = book.add_format({"num_format": "@", "valign": "vcenter"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "vcenter"})

    def put(self, row: int, column: int, cell: Cell, style: Any = None) -> None:
        """One cell, of the type of its value; a figure that binary cannot hold exactly goes out as text."""
        match cell:
            case None | "":
                return
            case Decimal() if fits(cell):
                self.page.write_number(row, column, float(cell), style)
            case Decimal():
                self.page.write_string(row, column, plain(cell), style or self.text)
            case int():
                self.page.write_number(row, column, cell, style)
            case dt.date():
                self.page.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), style or self.day)
            case _:
                if len(cell) > LONGEST:
                    raise Refusal(f"第 {row + 1} 行有一格超过 {LONGEST} 个字，工作簿容纳不下，请缩短后再导出")
                self.page.write_string(row, column, cell, style)


def new_book(path: Path, title: str = "两高项目台账") -> xlsxwriter.Workbook:
    """A workbook written row by row, in which no text becomes a formula, a number or a link."""
    book = QuickBook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    book.set_properties({"created": _MADE, "title": title, "author": ""})
    return book


def _write_book(path: Path, rulebook: Rulebook, projects: Sequence[Project], chosen: Sequence[_Column]) -> None:
    book = new_book(path)
    try:
        lists = _Lists.of(rulebook)
        ledger = Sheet(book, "台账")
        _head(book, ledger, chosen)
        usual, code = Styles(day=ledger.day), Styles(ledger.text, ledger.text, ledger.text)
        ledger.page.columns([code if c.field and c.field.kind is Kind.CODE else usual for c in chosen])
        row = 2
        for cells in _rows(projects, chosen, rulebook):
            ledger.page.put_row(row, cells)
            row += 1
        _drop_downs(ledger, chosen, lists, max(row, 2) + ROOM)
        _energy_sheet(book, projects, lists)
        _instruction_sheet(book)
        lists.write(book)
    finally:
        book.close()


def _head(book: xlsxwriter.Workbook, sheet: Sheet, chosen: Sequence[_Column]) -> None:
    """Two header rows: groups above, columns below with their notes."""
    look = {
        "bold": True,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "border": 1,
        "border_color": "#9AA5B1",
    }
    group = book.add_format({**look, "bg_color": "#D9E2EC"})
    must = book.add_format({**look, "bg_color": "#FDE8C8"})
    may = book.add_format({**look, "bg_color": "#F0F4F8"})
    page = sheet.page
    page.set_row(0, 22)
    page.set_row(1, 44)
    for column, c in enumerate(chosen):
        width = columns.WIDTHS.get(c.field.key, 14) if c.field else 16
        page.set_column(column, column, width, sheet.text if c.field and c.field.kind is Kind.CODE else None)
    start = 0
    while start < len(chosen):
        name = chosen[start].field.group if chosen[start].field else "其他栏目"  # type: ignore[union-attr]
        end = start
        while end + 1 < len(chosen) and (f := chosen[end + 1].field, name) and (f.group if f else "其他栏目") == name:
            end += 1
        if end > start:
            page.merge_range(0, start, 0, end, name, group)
        else:
            page.write_string(0, start, name, group)
        start = end + 1
    for column, c in enumerate(chosen):
        page.write_string(1, column, c.header, must if c.field and c.field.required else may)
        if c.field:
            page.write_comment(1, column, columns.note(c.field), {"x_scale": 1.6, "y_scale": 1.2})
    page.freeze_panes(2, 3)


@dataclass(frozen=True)
class _Lists:
    """The drop-downs and where they stand on the sheet 选项."""

    products: tuple[tuple[str, str, str], ...]
    leagues: tuple[str, ...]
    banners: tuple[tuple[str, tuple[str, ...]], ...]
    carriers: tuple[str, ...]

    @classmethod
    def of(cls, rulebook: Rulebook) -> _Lists:
        """From the newest edition, the regions and the carriers of the rules."""
        standards = rulebook.editions[-1].standards if rulebook.editions else ()
        by_code = rulebook.regions_by_code
        leagues = [r for r in rulebook.regions if r.level is RegionLevel.LEAGUE]
        banners = [
            (
                league.name,
                tuple(r.name for r in rulebook.regions if r.parent == league.id and r.level is RegionLevel.BANNER),
            )
            for league in leagues
        ]
        del by_code
        return cls(
            tuple((s.product, s.variant or "", s.unit.value if s.unit else "") for s in standards),
            tuple(r.name for r in leagues),
            tuple(banners),
            tuple(c.name for c in rulebook.carriers),
        )

    def sources(self) -> dict[str, str]:
        """The formula of each drop-down."""
        names = tuple(dict.fromkeys(p for p, _, _ in self.products))
        return {
            "product": f"=选项!$A$2:$A${len(names) + 1}",
            "league": f"=选项!$F$2:$F${len(self.leagues) + 1}",
            "carrier": f"=选项!$G$2:$G${len(self.carriers) + 1}",
        }

    def write(self, book: xlsxwriter.Workbook) -> None:
        """The sheet 选项, with one named range per league for the dependent drop-down of banners."""
        sheet = Sheet(book, "选项")
        bold = book.add_format({"bold": True, "bg_color": "#D9E2EC"})
        names = tuple(dict.fromkeys(p for p, _, _ in self.products))
        heads = (
            "产品",
            "",
            "产品（对标）",
            "工艺规格",
            "能耗单位",
            "盟市名称",
            "能源名称",
            *(name for name, _ in self.banners),
        )
        for column, head in enumerate(heads):
            sheet.put(0, column, head, bold)
        sheet.page.set_column(0, 6, 20)
        lists: list[Sequence[str]] = [
            names, (), *zip(*self.products, strict=True), self.leagues, self.carriers, *(b for _, b in self.banners)
        ]  # fmt: skip
        for row in range(max(map(len, lists))):
            for column, content in enumerate(lists):
                if row < len(content):
                    sheet.put(row + 1, column, content[row])
        for place, (name, content) in enumerate(self.banners):
            at = letters(7 + place)
            book.define_name(name, f"=选项!${at}$2:${at}${len(content) + 1}")


def _drop_downs(sheet: Sheet, chosen: Sequence[_Column], lists: _Lists, last: int) -> None:
    sources: dict[str, Any] = dict(lists.sources())
    league = next((i for i, c in enumerate(chosen) if c.field and c.field.key == "league"), None)
    if league is not None:
        sources["banner"] = f"=INDIRECT(${letters(league)}3)"
    for column, c in enumerate(chosen):
        if c.field is None:
            continue
        f = c.field
        source: Any = sources.get(f.key) or _choices(f)
        if source:
            free = f.key in {"product", "league", "banner"}
            sheet.page.data_validation(2, column, last, column, _validation(f, source, free=free))


def _choices(f: Field) -> list[str]:
    match f.kind:
        case Kind.INDUSTRY:
            return list(INDUSTRY_WORDS.values())
        case Kind.STAGE:
            return [s.words for s in Stage]
        case Kind.YES_NO:
            return ["是", "否"]
        case _:
            return list(f.choices)


def _validation(f: Field, source: Any, *, free: bool) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_type": "information" if free else "warning",
        "error_title": f.header,
        "error_message": "此栏填：" + columns.forms(f)[:200],
        "ignore_blank": True,
    }


def _energy_sheet(book: xlsxwriter.Workbook, projects: Sequence[Project], lists: _Lists) -> None:
    sheet = Sheet(book, "能源消费")
    look = {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1}
    must = book.add_format({**look, "bg_color": "#FDE8C8"})
    may = book.add_format({**look, "bg_color": "#F0F4F8"})
    for column, f in enumerate(ENERGY_FIELDS):
        sheet.page.set_column(
            column, column, columns.WIDTHS.get(f.key, 14), sheet.text if f.kind is Kind.CODE else None
        )
        sheet.page.write_string(0, column, columns.title(f), must if f.required else may)
        sheet.page.write_comment(0, column, columns.note(f), {"x_scale": 1.6})
    sheet.page.freeze_panes(1, 1)
    usual, code = Styles(), Styles(sheet.text, sheet.text, sheet.text)
    sheet.page.columns([code if f.kind is Kind.CODE else usual for f in ENERGY_FIELDS])
    row = 1
    for project in projects:
        for use in project.uses:
            sheet.page.put_row(row, _use_cells(project, use))
            row += 1
    sources = {"carrier": lists.sources()["carrier"], "measure": ["t", "万t", "m3", "万m3", "kWh", "万kWh", "MJ", "GJ"]}
    for column, f in enumerate(ENERGY_FIELDS):
        if source := sources.get(f.key) or _choices(f):
            sheet.page.data_validation(1, column, row + ROOM, column, _validation(f, source, free=False))


def _use_cells(project: Project, use: EnergyUse) -> list[Cell]:
    return [
        project.code, project.name, project.enterprise, use.basis, use.year, "外供" if use.sold else "消费",
        use.carrier, use.amount, use.measure, use.heating_value,
        "是" if use.feedstock else "否", "是" if use.renewable else "否",
    ]  # fmt: skip


def _instruction_sheet(book: xlsxwriter.Workbook) -> None:
    sheet = Sheet(book, "填表说明")
    bold = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.page.set_column(0, 0, 12)
    sheet.page.set_column(1, 1, 34)
    sheet.page.set_column(2, 2, 8)
    sheet.page.set_column(3, 4, 60, wrap)
    row = 0
    for line in columns.GENERAL:
        sheet.put(row, 0, f"{row + 1}. {line}")
        row += 1
    row += 1
    for column, head in enumerate(("工作表", "栏目", "要求", "含义", "填写形式")):
        sheet.put(row, column, head, bold)
    for cells in columns.instructions():
        row += 1
        for column, cell in enumerate(cells):
            sheet.put(row, column, cell)


# -- the result of a screening --------------------------------------------------------------------------------------

RESULT_HEADERS = (
    "表格行号", "项目代码", "项目名称", "建设单位", "盟市代码", "旗县代码", "所属行业", "建设状态", "装置名称",
    "主要产品", "工艺规格", "单位产品能耗", "口径", "单位", "标杆水平", "基准水平", "装置能效分类", "临界",
    "项目能效分类", "规则", "版本", "依据", "综合能耗（等价值，吨标准煤）", "是否在重点线以上", "处置建议",
    "情形确认后的处置", "涉嫌情形（待确认）", "提示", "理由",
)  # fmt: skip
REJECTED_HEADERS = ("工作表", "单元格", "栏目", "内容", "应为", "项目", "如何改正")
CLASS_COLOURS = {
    "AT_BENCHMARK": "#D8F3DC", "BETWEEN": "#FFF3CD", "BELOW_BASELINE": "#F8D7DA", "NOT_COVERED": "#E2E8F0",
    "UNDETERMINED": "#E2E8F0",
}  # fmt: skip
_KINDS = {"design": "设计", "actual": "实际"}
_YES_NO = {True: "是", False: "否", None: "待人工判断"}


def write_results(path: Path | None, screenings: Iterable[Screening], rejected: Iterable[Rejection], form: str) -> None:
    """The result of a screening, one row per unit, rejected cells apart; `form` csv (None: standard output) or xlsx."""
    if form == "xlsx":
        if path is None:
            raise Refusal("输出 xlsx 须指定文件名")
        _result_book(Path(path), screenings, rejected)
        return
    with path.open("w", encoding="utf-8-sig", newline="") if path else nullcontext(sys.stdout) as out:
        _result_text(out, screenings, rejected)


def _result_text(out: IO[str], screenings: Iterable[Screening], rejected: Iterable[Rejection]) -> None:
    rows = csv.writer(out)
    rows.writerow(RESULT_HEADERS)
    for result in screenings:
        for cells in _result_rows(result):
            rows.writerow([guarded(text_of(c)) if isinstance(c, str) else text_of(c) for c in cells])
    faults = list(rejected)
    if faults:
        rows.writerow([])
        rows.writerow(["未能读取的单元格"])
        rows.writerow(REJECTED_HEADERS)
        rows.writerows([guarded(text_of(c)) for c in _rejected_cells(r)] for r in faults)


def _result_book(path: Path, screenings: Iterable[Screening], rejected: Iterable[Rejection]) -> None:
    book = new_book(path)
    try:
        bold = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#D9E2EC", "border": 1}
        )
        colours = {name: book.add_format({"bg_color": colour}) for name, colour in CLASS_COLOURS.items()}
        sheet = Sheet(book, "筛查结果")
        sheet.page.set_row(0, 32)
        sheet.page.set_column(0, len(RESULT_HEADERS) - 4, 13)
        sheet.page.set_column(2, 3, 26)
        sheet.page.set_column(len(RESULT_HEADERS) - 3, len(RESULT_HEADERS) - 1, 50)
        for column, head in enumerate(RESULT_HEADERS):
            sheet.put(0, column, head, bold)
        row = 0
        for result in screenings:
            for cells in _result_rows(result):
                row += 1
                for column, cell in enumerate(cells):
                    sheet.put(row, column, cell, _colour(column, result, cell, colours))
        sheet.page.freeze_panes(1, 3)
        sheet.page.autofilter(0, 0, max(row, 1), len(RESULT_HEADERS) - 1)
        _rejected_sheet(book, rejected, bold)
    finally:
        book.close()


def _colour(column: int, result: Screening, cell: Cell, colours: dict[str, Any]) -> Any:
    """The background of the two class columns."""
    if RESULT_HEADERS[column] == "项目能效分类":
        return colours[result.efficiency_class.value]
    if RESULT_HEADERS[column] == "装置能效分类":
        return next((colours[u.efficiency_class.value] for u in result.units if u.efficiency_class.words == cell), None)
    return None


def _rejected_sheet(book: xlsxwriter.Workbook, rejected: Iterable[Rejection], bold: Any) -> None:
    sheet = Sheet(book, "未能读取")
    sheet.page.set_column(0, 5, 18)
    sheet.page.set_column(6, 6, 80)
    for column, head in enumerate(REJECTED_HEADERS):
        sheet.put(0, column, head, bold)
    for row, one in enumerate(rejected, 1):
        for column, cell in enumerate(_rejected_cells(one)):
            sheet.put(row, column, cell)
    sheet.page.freeze_panes(1, 0)


def _rejected_cells(one: Rejection) -> tuple[str, ...]:
    return (one.sheet, one.cell, one.column, one.value, one.expected, one.project or "", one.message)


def _result_rows(result: Screening) -> Iterable[list[Cell]]:
    project, energy = result.project, result.energy
    head: list[Cell] = [
        project.code, project.name, project.enterprise, project.league, project.banner, project.industry.words,
        project.stage.words,
    ]  # fmt: skip
    confirmed = result.disposition_if_confirmed
    tail: list[Cell] = [
        energy.equivalent_tce,
        _YES_NO[energy.in_focus],
        result.disposition.words,
        confirmed.words if confirmed else None,
        "；".join(dict.fromkeys(f"{f.id.words}：{f.text}" for f in result.findings)),
        "；".join(h.text for h in result.hints),
        " ".join(result.reasons),
    ]
    for unit in result.units:
        kind = _KINDS.get(unit.sec_kind or "", unit.sec_kind)
        yield [
            unit.row, *head, unit.name, unit.product, unit.variant, unit.sec, kind, unit.unit, unit.benchmark,
            unit.baseline, unit.efficiency_class.words, "临界" if unit.near_line else None,
            result.efficiency_class.words, unit.rule, unit.edition, unit.evidence.words if unit.evidence else None,
            *tail,
        ]  # fmt: skip
