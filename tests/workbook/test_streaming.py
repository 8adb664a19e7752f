"""Rows written at once: the same cells as XlsxWriter's own way, texts as texts whatever stands in them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.domain.errors import Refusal
from screening.workbook.streaming import Cell, Styles, fits
from screening.workbook.writing import Sheet, new_book

TEXTS = (
    "电石", "", "=1+1", "+1", "a&b<c>\"d'", " 前", "后 ", "两\n行", "_x0041_", "a\x01b", "\ufffe", "𠮷",
    "true", "1e5", "#REF!", "http://a.b", "{=1}", "\t=1",
)  # fmt: skip
FIGURES = (
    Decimal(0), Decimal("-12.5"), Decimal("951.20"), Decimal("1E+3"), Decimal("0.1"), Decimal(123456789012345),
    Decimal("-0.000000012345"), 0, -3, 20_000_000,
)  # fmt: skip
DAYS = (date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(2026, 11, 22), date(9999, 12, 31))


def ours(path: Path, rows: list[list[Cell]]) -> list[list[tuple[object, str]]]:
    book = new_book(path)
    sheet = Sheet(book, "台账")
    sheet.put(0, 0, "表头")
    sheet.page.columns([Styles(day=sheet.day)] * len(rows[0]))
    try:
        for number, cells in enumerate(rows, 1):
            sheet.page.put_row(number, cells)
    finally:
        book.close()
    return read(path)


def theirs(path: Path, rows: list[list[Cell]]) -> list[list[tuple[object, str]]]:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page = book.add_worksheet("台账")
        page.write_string(0, 0, "表头")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell, day)
                elif isinstance(cell, str) and cell:
                    page.write_string(number, column, cell)
                elif cell not in {None, ""}:
                    page.write_number(number, column, cell)
    return read(path)


def read(path: Path) -> list[list[tuple[object, str]]]:
    return [[(c.value, c.data_type) for c in row] for row in openpyxl.load_workbook(path).active.iter_rows()]


def test_the_cells_are_those_of_xlsxwriter(tmp_path) -> None:
    rows: list[list[Cell]] = [
        [text, figure, day, None]
        for text, figure, day in zip(TEXTS, (FIGURES * 2)[: len(TEXTS)], (DAYS * 4)[: len(TEXTS)], strict=True)
    ]

    assert ours(tmp_path / "a.xlsx", rows) == theirs(tmp_path / "b.xlsx", rows)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12),
            st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2),
            st.dates(min_value=date(1900, 1, 1)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_cells_are_those_of_xlsxwriter(tmp_path_factory, rows) -> None:
    room = tmp_path_factory.mktemp("rows")
    cells = [list(row) for row in rows]

    assert ours(room / "a.xlsx", cells) == theirs(room / "b.xlsx", cells)


def test_mark_up_is_text_whichever_way_it_is_written(tmp_path) -> None:
    evil = "<r><t>x</t></r>"
    book = new_book(tmp_path / "a.xlsx")
    sheet = Sheet(book, "台账")
    sheet.put(0, 0, evil)
    sheet.put(0, 1, "<r>&</r>")
    sheet.page.columns([Styles()])
    sheet.page.put_row(1, [evil])
    book.close()

    assert [[value for value, _ in row] for row in read(tmp_path / "a.xlsx")] == [[evil, "<r>&</r>"], [evil, None]]


def test_a_figure_that_binary_cannot_hold_is_text(tmp_path) -> None:
    long = Decimal("1234567890.1234567")

    assert not fits(long)
    assert ours(tmp_path / "a.xlsx", [[long]])[1] == [("1234567890.1234567", "s")]


def test_too_long_a_text_is_refused(tmp_path) -> None:
    with pytest.raises(Refusal, match="第 2 行有一格超过 32767 个字"):
        ours(tmp_path / "a.xlsx", [["长" * 32_768]])


def test_the_same_rows_give_the_same_file(tmp_path) -> None:
    rows: list[list[Cell]] = [["甲", Decimal(1), date(2026, 1, 2)]] * 5

    ours(tmp_path / "a.xlsx", rows)
    ours(tmp_path / "b.xlsx", rows)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
