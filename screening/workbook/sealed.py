"""The child process that opens spreadsheets: limited memory and time, reads, converts, sends plain lists back.

Run as `python -m screening.workbook.sealed PATH KIND`; two JSON lines come in by stdin (the names of the rules, then
the result of the look at the file's parts), length-prefixed pickles of plain lists go out by stdout.
"""

from __future__ import annotations

import csv
import gc
import io
import json
import pickle
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from screening.domain.errors import Refusal
from screening.domain.quantity import fold
from screening.domain.registry import FIELDS
from screening.workbook import headers
from screening.workbook.cells import Broken
from screening.workbook.energy import SHEET as ENERGY_SHEET
from screening.workbook.energy import EnergySheet, Uses
from screening.workbook.headers import ENERGY_FIELDS, Doubled, UnknownUnit, place_of
from screening.workbook.parts import MAX_COLUMNS, MAX_ROWS
from screening.workbook.regions import Division, Regions
from screening.workbook.rows import PROJECT_KEYS, UNIT_KEYS, Fault, Group, Ledger, Table

MEMORY = 2 * 1024**3
SECONDS = 60
LEDGER_SHEET = "台账"
_ASIDE = ("填表说明", "选项", "填报说明", "说明")
_AT_LEAST = 3


def limit(files: int = 0) -> None:
    """Takes from this process what it must not use: memory, time, core dumps, files longer than `files` bytes."""
    try:
        import resource  # noqa: PLC0415  # not on every system
    except ImportError:  # pragma: no cover
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, files),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


class Sheets:
    """The sheets of the file, each loaded when it is asked for."""

    names: list[str]
    corrections: Sequence[Sequence[str]] = ()
    """(sheet, cell, text) that the person typed instead of what the file holds."""
    aliases: dict[str, str] = MappingProxyType({})  # type: ignore[assignment]  # never written to
    """Folded header of an office -> the template's."""

    def table(self, name: str, index: Any, at_least: int) -> Table | None:
        """The sheet as a table, or None where no header fits; Refusal for a header that cannot be used."""
        rows, origin, merges = self.load(name)
        if not rows:
            return None
        if len(rows) + origin[0] > MAX_ROWS or len(rows[0]) + origin[1] > MAX_COLUMNS:
            raise Refusal(
                f"工作表“{name}”有 {len(rows) + origin[0]} 行、{len(rows[0]) + origin[1]} 列，"
                f"超过 {MAX_ROWS} 行、{MAX_COLUMNS} 列的上限，请删除表格以外的空行、空列，或分成几个文件"
            )
        for sheet, cell, text in self.corrections:
            row, column = place_of(cell)
            at = (row - origin[0], column - origin[1])
            if sheet == name and 0 <= at[0] < len(rows) and 0 <= at[1] < len(rows[0]):
                rows[at[0]][at[1]] = text
        aliases = self.aliases if index is headers.LEDGER else {}
        try:
            header = headers.find(rows, index, merges, at_least, aliases)
        except (Doubled, UnknownUnit) as trouble:
            raise headers.refuse(name, origin, trouble) from trouble
        return None if header is None else Table(name, origin, header, rows, merges)

    def load(self, name: str) -> tuple[list[list[Any]], tuple[int, int], Any]:
        """Rows of the used area, its first cell, its merged ranges (None where the format does not tell)."""
        raise NotImplementedError


class Book(Sheets):
    """An .xlsx or .ods file through calamine."""

    def __init__(self, path: Path) -> None:
        import python_calamine as calamine  # noqa: PLC0415  # csv needs none of it

        try:
            self.book = calamine.load_workbook(str(path))
        except calamine.PasswordError as locked:
            raise Refusal("工作簿设有打开密码，无法读取，请取消密码后再提交") from locked
        except (calamine.CalamineError, OSError, ValueError) as broken:
            raise Refusal("文件已损坏，不能作为工作簿打开，请在表格软件中重新保存后再提交") from broken
        self.path = path
        self.names = list(self.book.sheet_names)
        self.loaded: dict[str, Any] = {}
        self.errors: dict[str, dict[str, str]] = {}
        self.failures = (calamine.CalamineError, ValueError, OSError)

    def fetch(self, name: str) -> None:
        """Loads a sheet ahead of its use."""
        if name not in self.loaded:
            try:
                sheet = self.book.get_sheet_by_name(name)
                if sheet.start is None or sheet.height * sheet.width > MAX_ROWS * MAX_COLUMNS:
                    rows: list[list[Any]] = []
                else:
                    rows = sheet.to_python()
            except self.failures as broken:
                raise Refusal(f"工作表“{name}”已损坏，无法读取，请在表格软件中重新保存后再提交") from broken
            if sheet.start is not None and not rows:
                raise Refusal(f"工作表“{name}”有 {sheet.total_height} 行、{sheet.total_width} 列，超过上限，不予读取")
            self.loaded[name] = (rows, sheet.start or (0, 0), sheet.merged_cell_ranges)

    def load(self, name: str) -> tuple[list[list[Any]], tuple[int, int], Any]:
        self.fetch(name)
        rows, origin, merges = self.loaded[name]
        if merges is not None:
            merges = [
                ((top - origin[0], left - origin[1]), (bottom - origin[0], right - origin[1]))
                for (top, left), (bottom, right) in merges
                if top >= origin[0] and left >= origin[1]
            ]
        for (row, column), text in self._broken(name).items():
            at = (row - origin[0], column - origin[1])
            if 0 <= at[0] < len(rows) and 0 <= at[1] < len(rows[0]):
                rows[at[0]][at[1]] = Broken(text)
        return rows, origin, merges

    def _broken(self, name: str) -> dict[tuple[int, int], str]:
        """The error cells of a sheet: calamine gives them as blank, which they are not."""
        if not self.errors:
            return {}
        part = parts_of_sheets(self.path).get(name)
        return {place_of(cell): text for cell, text in self.errors.get(part or "", {}).items()}


def parts_of_sheets(path: Path) -> dict[str, str]:
    """Sheet name -> the part it is kept in; the parts hold no DOCTYPE (the look at the parts refused those)."""
    import zipfile  # noqa: PLC0415  # only for files with error cells

    from defusedxml import ElementTree  # noqa: PLC0415

    with zipfile.ZipFile(path) as packed:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    target = {r.get("Id"): r.get("Target", "") for r in links}
    found = {}
    for element in book.iter():
        if element.tag.endswith("}sheet"):
            key = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
            where = target.get(key, "")
            found[element.get("name", "")] = where.lstrip("/") if where.startswith("/") else f"xl/{where}"
    return found


class Text(Sheets):
    """A .csv file: strict UTF-8 (with or without BOM), else GB 18030."""

    def __init__(self, path: Path) -> None:
        self.names = [LEDGER_SHEET]
        raw = path.read_bytes()
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Refusal("CSV 文件是 UTF-16 编码，请另存为 UTF-8 编码的 CSV（“CSV UTF-8（逗号分隔）”）后再提交")
        if b"\0" in raw:
            raise Refusal("文件扩展名是 .csv，内容却是二进制数据，请用正确的扩展名保存后再提交")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            try:
                text = raw.decode("gb18030")
            except UnicodeDecodeError as broken:
                raise Refusal(
                    "CSV 文件既不是 UTF-8 也不是 GB 18030 编码，请另存为 UTF-8 编码的 CSV 后再提交"
                ) from broken
        self.rows = self._split(text)

    @staticmethod
    def _split(text: str) -> list[list[Any]]:
        head = text[:20_000]
        delimiter = max(",\t;", key=head.count)
        rows: list[list[Any]] = []
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                rows.append([v[1:] if v[:1] == "'" and v[1:2] and v[1:2] in "=+-@\t\r\n＝＋－＠'" else v for v in row])
                if len(rows) > MAX_ROWS:
                    raise Refusal(f"CSV 文件超过 {MAX_ROWS} 行的上限，请分成几个文件")
        except csv.Error as broken:
            raise Refusal(
                f"CSV 文件第 {len(rows) + 1} 行无法分列（{broken}），请在表格软件中重新保存后再提交"
            ) from broken
        width = max((len(r) for r in rows), default=0)
        if width > MAX_COLUMNS:
            raise Refusal(f"CSV 文件有 {width} 列，超过 {MAX_COLUMNS} 列的上限")
        return [r + [""] * (width - len(r)) for r in rows]

    def load(self, name: str) -> tuple[list[list[Any]], tuple[int, int], Any]:
        del name
        return self.rows, (0, 0), None


def order(names: list[str]) -> list[str]:
    """The sheets in the order in which the ledger is looked for."""
    wanted = [n for n in names if n.strip() == LEDGER_SHEET]
    alike = [n for n in names if LEDGER_SHEET in n and n not in wanted]
    rest = [n for n in names if n not in wanted and n not in alike and n.strip() not in {ENERGY_SHEET, *_ASIDE}]
    return wanted + alike + rest


class Sender:
    """Writes frames: eight bytes of length, one that says the kind, then a pickle of plain lists."""

    def __init__(self) -> None:
        self.out = sys.stdout.buffer

    def send(self, kind: str, content: Any) -> None:
        """One frame, at once."""
        frame = pickle.dumps(content, protocol=5)
        self.out.write(len(frame).to_bytes(8, "big"))
        self.out.write(kind[:1].encode())
        self.out.write(frame)
        self.out.flush()


def read(sheets: Sheets, setup: dict[str, Any], sender: Sender) -> None:
    """Finds the ledger sheet, converts it and sends it in batches."""
    table, closest = None, None
    others: list[str] = []
    for name in order(sheets.names):
        if table is not None:
            if _looks_like_ledger(sheets, name):
                others.append(name)
            continue
        found = sheets.table(name, headers.LEDGER, _AT_LEAST)
        if found is None:
            continue
        lacking = headers.missing(found.header, FIELDS)
        if not lacking:
            table = found
        elif closest is None or len(lacking) < len(closest[1]):
            closest = (found, lacking)
    if table is None:
        sender.send("missing", _unknown(sheets, closest))
        raise _no_ledger(sheets, closest)
    regions = Regions(tuple(Division(*d) for d in setup["regions"]))
    ledger = Ledger(table, regions)
    uses = _energy(sheets, ledger, setup["carriers"])
    _send(ledger, uses, others, sender)


def _looks_like_ledger(sheets: Sheets, name: str) -> bool:
    """Whether a further sheet would do as a ledger too: its rows are not read, and the person must know."""
    try:
        found = sheets.table(name, headers.LEDGER, _AT_LEAST)
    except Refusal:
        return False
    return found is not None and not headers.missing(found.header, FIELDS)


def _unknown(sheets: Sheets, closest: tuple[Table, list[str]] | None) -> dict[str, Any]:
    """The headers that a person may say the meaning of: of the closest sheet, else of the first row that has some."""
    if closest is not None:
        table, lacking = closest
        found = [text for _, text in table.header.unknown if text]
        return {"sheet": table.sheet, "headers": list(dict.fromkeys(found)), "lacking": lacking}
    required = [f.header for f in FIELDS if f.required]
    for name in order(sheets.names):
        for cells in sheets.load(name)[0][: headers.SEARCHED_ROWS]:
            texts = list(dict.fromkeys(t for v in cells if isinstance(v, str) and (t := v.strip())))
            if len(texts) >= _AT_LEAST:
                return {"sheet": name, "headers": texts, "lacking": required}
    return {"sheet": "", "headers": [], "lacking": required}


def _no_ledger(sheets: Sheets, closest: tuple[Table, list[str]] | None) -> Refusal:
    if closest is None:
        return Refusal(
            "没有找到台账的表头：没有一张工作表含有“项目名称、建设单位、盟市、旗县、所属行业、建设状态、主要产品”等栏目；"
            f"文件中的工作表：{'、'.join(sheets.names[:10])}。请使用空白模板填报"
        )
    table, lacking = closest
    row = table.header.last_row + table.origin[0] + 1
    return Refusal(
        f"工作表“{table.sheet}”（表头在第 {row} 行）缺少必填栏目：{'、'.join(lacking)}；请补上这些列后重新提交"
    )


def _energy(sheets: Sheets, ledger: Ledger, carriers: dict[str, str]) -> Uses:
    name = next((n for n in sheets.names if n.strip() == ENERGY_SHEET), None)
    if name is None or name == ledger.table.sheet:
        return Uses()
    table = sheets.table(name, headers.ENERGY, _AT_LEAST)
    if table is None:
        if len(sheets.load(name)[0]) > 1:
            raise Refusal(f"工作表“{name}”没有可识别的表头，应有：{'、'.join(f.header for f in ENERGY_FIELDS)}")
        return Uses()
    lacking = headers.missing(table.header, ENERGY_FIELDS)
    bound = {b.field.key: b for b in table.header.bound}
    if "amount" in bound and bound["amount"].unit:
        lacking = [w for w in lacking if w != "单位"]
    if "code" not in bound and not {"name", "enterprise"} <= bound.keys():
        lacking.append("项目代码")
    if lacking:
        raise Refusal(f"工作表“{name}”缺少栏目：{'、'.join(lacking)}；请补上后重新提交")
    codes: dict[Any, int] = {}
    names: dict[tuple[str, str], int] = {}
    for number, group in enumerate(ledger.groups):
        code, project, enterprise = (ledger.keys[k][group[0]] for k in ("code", "name", "enterprise"))
        if isinstance(code, str):
            codes[fold(code)] = number
        if isinstance(project, str) and isinstance(enterprise, str):
            names.setdefault((fold(project), fold(enterprise)), number)
    return EnergySheet(table, carriers).uses(codes, names)


def _send(ledger: Ledger, uses: Uses, others: list[str], sender: Sender) -> None:
    table = ledger.table
    notes = [(table.sheet, table.cell(n.row, n.column), "", n.text, None, n.message) for n in table.header.notes] + [
        (o, "A1", "", o, None, f"工作表“{o}”也像台账，但只读取了“{table.sheet}”；需要时请另行提交") for o in others
    ]
    sender.send(
        "head",
        {
            "sheet": table.sheet,
            "known": sorted(ledger.known),
            "unknown": [header for _, header in ledger.extra_columns()],
            "total": len(ledger.groups),
            "warnings": notes,
            "strangers": [_fault_row(f, None) for f in uses.strangers],
        },
    )
    for chunk in ledger.chunks():
        good: list[Group] = []
        rejected: list[list[tuple[Any, ...]]] = []
        warnings: list[tuple[Any, ...]] = []
        batch_uses: dict[int, Any] = {}
        doubts = chunk.doubts()
        for number, group in enumerate(chunk.groups, chunk.start):
            if faults := group.faults + uses.faults.get(number, []):
                rejected.append([_fault_row(f, group.title) for f in sorted(faults, key=lambda f: f.order)])
                continue
            if doubts:
                warnings += [(table.sheet, *d[1:4], group.title, d[4]) for i in group.rows for d in doubts.get(i, ())]
            if number in uses.rows:
                batch_uses[len(good)] = uses.rows[number]
            good.append(group)
        units = [i for group in good for i in group.rows]
        sender.send(
            "batch",
            {
                "projects": chunk.pick(PROJECT_KEYS, [group.rows[0] for group in good]),
                "units": chunk.pick(UNIT_KEYS, units),
                "counts": [len(group.rows) for group in good],
                "rows": [chunk.sheet_row(i) for i in units],
                "extra": [group.extra for group in good],
                "uses": batch_uses,
                "silent": {n: group.silent for n, group in enumerate(good) if group.silent},
                "rejected": rejected,
                "warnings": warnings,
                "done": chunk.start + len(chunk.groups),
            },
        )


def _fault_row(f: Fault, project: str | None) -> tuple[Any, ...]:
    return (f.sheet, f.cell, f.header, f.value, f.expected, project, f.message)


def main(path: Path, kind: str) -> None:
    """Reads one file; what cannot be used comes out as a frame `refusal` with its sentence."""
    limit()
    gc.disable()
    sender = Sender()
    try:
        sheets: Sheets = Text(path) if kind == "csv" else Book(path)
        if isinstance(sheets, Book) and (likely := order(sheets.names)):
            sheets.fetch(likely[0])
        # Opened before the parent says anything: it gets ready in the meantime.
        if not (told := sys.stdin.buffer.readline()):
            return
        setup = json.loads(told)
        if isinstance(sheets, Book):
            if not (looked := sys.stdin.buffer.readline()):
                return
            sheets.errors = json.loads(looked)["errors"]
        sheets.corrections = setup.get("corrections", ())
        sheets.aliases = {fold(foreign): header for foreign, header in setup.get("aliases", ())}
        read(sheets, setup, sender)
        sender.send("end", None)
    except Refusal as refusal:
        sender.send("refusal", refusal.message)
    except MemoryError:
        sender.send("refusal", "读取所需内存超过 2 GB 的上限，不予读取；请减少内容或分成几个文件")
    except Exception:  # noqa: BLE001  # the parent logs it and tells the person one sentence
        sender.send("crash", traceback.format_exc())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
