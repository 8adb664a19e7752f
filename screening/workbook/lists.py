"""Lists to hand on, as .xlsx laid out for paper or as .csv: figures whole, every text a text and never a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from screening.domain.calendar import chinese
from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Refusal
from screening.domain.lists import Cell, Column, Listing, Look
from screening.workbook.writing import CLASS_COLOURS, Sheet, guarded, new_book, text_of

_HEAD_ROW = 2
_WIDER = 0.19
"""Columns of a workbook are counted in half characters."""


def write_listing(path: Path, listing: Listing) -> None:
    """Writes the list; a heading of groups becomes a first column, so that rows can be sorted."""
    path = Path(path)
    match path.suffix.lower():
        case ".csv":
            _write_text(path, listing)
        case ".xlsx":
            _write_book(path, listing)
        case _:
            raise Refusal("只能导出 .xlsx 或 .csv，请改用其中一种扩展名")


def _columns(listing: Listing) -> Sequence[Column]:
    by = listing.grouped_by
    return [*([Column("group", by, 50, Look.SHORT)] if by else []), *listing.columns]


def _rows(listing: Listing) -> Any:
    for heading, row in listing.rows():
        yield (heading, *row) if listing.grouped_by else row


def _write_text(path: Path, listing: Listing) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow([guarded(column.head) for column in _columns(listing)])
        for row in _rows(listing):
            rows.writerow([_text(cell) for cell in row])


def _text(cell: Cell) -> str:
    if isinstance(cell, EfficiencyClass):
        return cell.words
    return guarded(cell) if isinstance(cell, str) else text_of(cell)


def _write_book(path: Path, listing: Listing) -> None:
    book = new_book(path, listing.title)
    try:
        sheet = Sheet(book, listing.title)
        page, columns = sheet.page, _columns(listing)
        last = len(columns) - 1
        edge = {"border": 1, "border_color": "#9AA5B1", "valign": "vcenter"}
        head = book.add_format({**edge, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#D9E2EC"})
        looks = {
            Look.TEXT: book.add_format({**edge, "text_wrap": True}),
            Look.SHORT: book.add_format({**edge, "align": "center", "text_wrap": True}),
            Look.CODE: book.add_format({**edge, "num_format": "@", "text_wrap": True}),
            Look.FIGURE: book.add_format({**edge, "num_format": "#,##0.##########"}),
        }
        whole = book.add_format({**edge, "num_format": "#,##0"})
        day = book.add_format({**edge, "num_format": "yyyy-mm-dd", "align": "center"})
        classes = {name: book.add_format({**edge, "bg_color": colour}) for name, colour in CLASS_COLOURS.items()}
        title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        under = book.add_format({"align": "left", "valign": "vcenter", "text_wrap": True})
        for place, column in enumerate(columns):
            page.set_column(place, place, max(column.width * _WIDER, 7))
        page.set_row(0, 28)
        page.merge_range(0, 0, 0, last, listing.title, title)
        page.set_row(1, 20)
        page.merge_range(1, 0, 1, last, "", under)
        total = f"{chinese(listing.day)}　共{listing.count}{listing.counted}"
        page.write_string(1, 0, f"编制单位：{listing.office}　　范围：{listing.scope}　　{total}", under)
        page.set_row(_HEAD_ROW, 34)
        for place, column in enumerate(columns):
            page.write_string(_HEAD_ROW, place, column.head, head)
        row = _HEAD_ROW
        for cells in _rows(listing):
            row += 1
            for place, (cell, column) in enumerate(zip(cells, columns, strict=True)):
                look = looks[column.look]
                if isinstance(cell, EfficiencyClass):
                    sheet.put(row, place, cell.words, classes[cell.value])
                elif cell is None or cell == "":
                    page.write_blank(row, place, None, look)
                elif isinstance(cell, str):
                    sheet.put(row, place, cell, look if column.look is not Look.FIGURE else looks[Look.TEXT])
                elif isinstance(cell, (Decimal, int)):
                    sheet.put(row, place, cell, whole if cell == int(cell) else look)
                else:
                    sheet.put(row, place, cell, day)
        for order, note in enumerate(listing.notes):
            page.write_string(row + 1 + order, 0, ("注：" if order == 0 else "") + note)
        page.freeze_panes(_HEAD_ROW + 1, 0)
        page.autofilter(_HEAD_ROW, 0, max(row, _HEAD_ROW + 1), last)
        page.set_landscape()
        page.set_paper(9 if sum(c.width for c in columns) < 900 else 8)
        page.fit_to_pages(1, 0)
        page.repeat_rows(_HEAD_ROW)
        page.set_footer("&L" + listing.office.replace("&", "&&") + "&R第 &P 页　共 &N 页")
        page.set_margins(0.5, 0.5, 0.6, 0.7)
    finally:
        book.close()
