"""Writing 20,000 rows: our rows against XlsxWriter in constant memory, cell by cell, and csv; then the whole export."""

from __future__ import annotations

import csv
import itertools
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from screening import rulebook, workbook
from screening.domain.history import canonical
from screening.domain.registry import from_facts, to_facts
from screening.workbook import writing
from screening.workbook.streaming import Cell, Styles
from screening.workbook.writing import Sheet, new_book
from tests.bench.rounds import ON_SCREEN, medians, show

ROWS, COLUMNS = 20_000, 40
SAMPLE = Path(__file__).parent.parent.parent / "ledgers" / "sample-ledger.xlsx"
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


def as_xlsxwriter(path: Path, made: Sequence[Sequence[Cell]]) -> None:
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


def kept() -> tuple[list[str], list[Sequence[Cell]]]:
    """The sample's projects over and over, as the ledger keeps them, and the 20,000 rows that they make."""
    book, facts, count = rulebook.load(), [], 0
    sample = workbook.read(SAMPLE, book).projects
    for number, project in enumerate(itertools.cycle(sample)):
        if count >= ROWS:
            break
        count += len(project.units)
        code = f"2026-150204-26-03-{number:06d}"
        facts.append(canonical(to_facts(replace(project, code=code, name=f"{project.name}{number}"))))
    projects = [from_facts(json.loads(text)) for text in facts]
    return facts, list(writing._rows(projects, writing._columns(projects), book))


def as_export(path: Path, facts: list[str]) -> None:
    """From what the ledger keeps to the file in the template: all of `screening export` but the query."""
    workbook.write_projects(path, (from_facts(json.loads(text)) for text in facts), rulebook.load())


def measure() -> None:
    """Prints the ratios; the aim is a fifth of XlsxWriter's time or 1.5 times that of csv."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        theirs = "XlsxWriter, constant memory"
        with ON_SCREEN.status(f"making {ROWS} rows × {COLUMNS} columns"):
            made = rows()
        ways = {
            theirs: lambda: as_xlsxwriter(room / "theirs.xlsx", made),
            "csv": lambda: as_csv(room / "rows.csv", made),
            "ours": lambda: as_ours(room / "ours.xlsx", made),
        }
        title = f"Writing {ROWS} rows × {COLUMNS} columns"
        show(title, medians(ways, rounds=3), base=theirs, goals={"ours": "≤ 0.2"})
        with ON_SCREEN.status("making a ledger"):
            facts, cells = kept()
        ways = {
            theirs: lambda: as_xlsxwriter(room / "theirs.xlsx", cells),
            "whole export": lambda: as_export(room / "ours.xlsx", facts),
        }
        title = f"From the ledger's facts to the template, {len(cells)} rows × {len(cells[0])} columns"
        show(title, medians(ways, rounds=3), base=theirs)
