"""Writing 20,000 rows × 40 columns: our rows against XlsxWriter in constant memory, cell by cell, and against csv."""

from __future__ import annotations

import csv
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from screening.workbook.streaming import Cell, Styles
from screening.workbook.writing import Sheet, new_book
from tests.bench.rounds import ON_SCREEN, medians, show

ROWS, COLUMNS = 20_000, 40
DAY = date(2020, 1, 1)
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}  # fmt: skip


def rows() -> list[list[Cell]]:
    """A ledger's mixture: names and codes that differ, words that recur, figures, days."""

    def cell(row: int, column: int) -> Cell:
        match column % 8:
            case 0:
                return f"内蒙古测试企业{row}有限公司{column}"
            case 1:
                return f"2026-150204-26-03-{row:06d}"
            case 2 | 3:
                return ("化工", "钢铁", "建材", "存量", "包头市", "青山区")[(row + column) % 6]
            case 4 | 5 | 6:
                return Decimal(row * 7919 % 900_000 + column) / 10
            case _:
                return DAY + timedelta(days=(row + column) % 2000)

    return [[cell(row, column) for column in range(COLUMNS)] for row in range(ROWS)]


def as_csv(path: Path, made: list[list[Cell]]) -> None:
    """The floor: the standard library's csv."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(made)


def as_xlsxwriter(path: Path, made: list[list[Cell]]) -> None:
    """XlsxWriter as its manual tells to write large files."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        page = book.add_worksheet()
        for number, cells in enumerate(made):
            for column, cell in enumerate(cells):
                page.write(number, column, cell)


def as_ours(path: Path, made: list[list[Cell]]) -> None:
    """As the exports write."""
    book = new_book(path)
    sheet = Sheet(book, "台账")
    sheet.page.columns([Styles(day=sheet.day)] * COLUMNS)
    for number, cells in enumerate(made):
        sheet.page.put_row(number, cells)
    book.close()


def measure() -> None:
    """Prints the ratios; the aim is a fifth of XlsxWriter's time or 1.5 times that of csv."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        with ON_SCREEN.status(f"making {ROWS} rows × {COLUMNS} columns"):
            made = rows()
        ways = {
            "XlsxWriter, constant memory": lambda: as_xlsxwriter(room / "theirs.xlsx", made),
            "csv": lambda: as_csv(room / "rows.csv", made),
            "ours": lambda: as_ours(room / "ours.xlsx", made),
        }
        found = medians(ways, rounds=3)
    show(
        f"Writing {ROWS} rows × {COLUMNS} columns",
        found,
        base="XlsxWriter, constant memory",
        goals={"ours": "≤ 0.2"},
    )
