"""The workbook that comes back: the sender's own file with faulty cells coloured and noted, by a limited child process.

Run as `python -m screening.workbook.marking PATH`; a JSON line with the marks comes in by stdin, the workbook goes out
by stdout. Only the marked cells are touched: unknown columns, widths, formats and formulas stay.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.domain.errors import Refusal
from screening.workbook import sealed
from screening.workbook.child import environment
from screening.workbook.patching import PLAIN, Touch, Unusual, patched

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

SECONDS = 120
TEMPORARY = 300 * 1024 * 1024
"""Bytes that the child may write to one temporary file."""
FAULTY, CORRECTED = "FFF4C7C3", "FFD3EBD3"
AUTHOR = "两高项目台账"
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A cell to mark: `note` says what is wrong (None: nothing is), `text` is what was typed in its place."""

    sheet: str
    cell: str
    note: str | None = None
    text: str | None = None
    was: str = ""


def mark(path: Path, marks: Iterable[Mark]) -> bytes:
    """The .xlsx (or the .csv as one) with its cells marked; Refusal where that cannot be done."""
    message = json.dumps([asdict(m) for m in marks], ensure_ascii=False).encode()
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter, our own module, a path as one argument
            [sys.executable, "-P", "-m", "screening.workbook.marking", str(path.resolve())],
            input=message,
            capture_output=True,
            env=environment(),
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Refusal("文件过大，标注所需的时间超过上限。请按页面上的清单在原文件中改正。") from late
    if done.returncode or not done.stdout:
        raise Refusal("这份文件无法标注。请按页面上的清单在原文件中改正，或在表格软件中另存为 .xlsx 后重新上传。")
    return done.stdout


def _opened(path: Path) -> Workbook:
    import openpyxl  # noqa: PLC0415  # heavy, and only the child needs it

    if path.suffix == ".xlsx":
        return openpyxl.load_workbook(path, rich_text=True)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = sealed.LEDGER_SHEET
    for at, row in enumerate(sealed.Text(path).rows, 1):
        for column, text in enumerate(row, 1):
            if text:
                cell = sheet.cell(at, column)
                cell.value, cell.data_type, cell.number_format = text, "s", "@"
    sheet.freeze_panes = "A2"
    return book


def marked(path: Path, marks: Iterable[Mark]) -> bytes:
    """What the child does, without the limits around it: in place where the file is of the usual kind."""
    touches: dict[str, list[Touch]] = {}
    for one in marks:
        corrected = None if one.text is None else f"已在导入页面改正，原值：{one.was or '（空）'}"
        touches.setdefault(one.sheet, []).append(
            Touch(
                cell=one.cell,
                colour=FAULTY if one.note else CORRECTED,
                note="\n".join(filter(None, (one.note, corrected)))[:LONGEST_NOTE],
                value=one.text,
            )
        )
    if path.suffix == ".xlsx":
        try:
            return patched(path, touches, AUTHOR)
        except Unusual:
            pass
    return _rewritten(path, touches)


def _rewritten(path: Path, touches: dict[str, list[Touch]]) -> bytes:
    """The workbook taken apart and written anew: slower, and charts and the like may be lost."""
    from openpyxl.cell.cell import MergedCell  # noqa: PLC0415
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    book = _opened(path)
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    fills = {colour: PatternFill("solid", start_color=colour, end_color=colour) for colour in (FAULTY, CORRECTED)}
    for sheet, touch in ((sheet, touch) for sheet, cells in touches.items() for touch in cells):
        cell: Any = sheets[sheet][touch.cell]
        if isinstance(cell, MergedCell):
            continue  # the first cell of the range carries the mark
        if touch.value is not None:
            _write(cell, touch.value)
        earlier = f"\n——\n{cell.comment.text}" if cell.comment else ""
        cell.fill = fills[touch.colour]
        cell.comment = Comment((touch.note + earlier)[:LONGEST_NOTE], AUTHOR, height=110, width=280)
    book.calculation.fullCalcOnLoad = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Any, text: str) -> None:
    """A plain figure becomes a number where the cell is not a text cell; nothing becomes a formula."""
    if PLAIN.fullmatch(text) and cell.number_format != "@":
        cell.value = float(text) if "." in text else int(text)
    elif text:
        cell.value, cell.data_type = text, "s"
    else:
        cell.value = None


def main(path: Path) -> None:
    """The child."""
    sealed.limit(files=TEMPORARY)
    marks = [Mark(**one) for one in json.loads(sys.stdin.buffer.read())]
    sys.stdout.buffer.write(marked(path, marks))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
