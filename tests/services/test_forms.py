"""A superior's form is marked once, filled with any list, keeps all that it is, and reads back with no change."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.services import forms, headings, history, registry
from screening.services.registry import Filter
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.services.superior import FIELDS, FIRST, READY, superior_form

MARKS = forms.Marks(
    sheet="附件1", first=FIRST, columns=dict(enumerate(FIELDS)), cells={"office": "A2", "day": "L2", "person": "A10"}
)


def fill_ledger(desks: Desks) -> None:
    """Seven projects: one of two units, a text that looks like a formula, facts that the source never spoke of."""
    rows = [
        row(n, 建设单位=f"=cmd|'/c calc'!A{n}", 开工日期=f"2019-0{n}-01", **{"设计年综合能耗（等价值）": f"{n}2345.5"})
        for n in range(1, 7)
    ]
    rows += [row(2, 装置名称="2号电石炉", 实际单位产品能耗="-12.5", 建设单位="=cmd|'/c calc'!A2", 开工日期="2019-02-01",
                 **{"设计年综合能耗（等价值）": "22345.5"})]  # fmt: skip
    desks.take_in(rows)
    silent = {k: v for k, v in row(7).items() if not k.startswith("设计年") and k != "实际单位产品能耗"}
    desks.take_in([{**silent, "设计单位产品能耗": "801"}])


def added(desks: Desks, path: Path | None = None, name: str = "自治区季度报表", **given: object):
    path = path or superior_form(desks.folder / "季报.xlsx")
    by = given.get("by") or desks.registrar
    return forms.add_form(desks.ledger, path, file="季报.xlsx", name=name, key=desks.key(), by=by, at=NOW)


def filled(desks: Desks, form, query: dict[str, str] | None = None):
    _, data = forms.fill_form(desks.ledger, form, Filter.read(query or {}), by=desks.reviewer, today=TODAY)
    return data, openpyxl.load_workbook(io.BytesIO(data))


def test_the_quarterly_return_reads_back_without_a_change(desks) -> None:
    fill_ledger(desks)
    form = added(desks)
    done = forms.map_form(desks.ledger, form, MARKS, seen=1, by=desks.registrar, at=NOW)
    assert (done.lacking, done.erased) == ((), ())
    data, _ = filled(desks, form)
    path = desks.folder / "报出.xlsx"
    path.write_bytes(data)

    again = registry.compare(desks.ledger, path, file=path.name, by=desks.reviewer, at=NOW)
    assert (len(again.new), len(again.changed), again.same, again.rejected) == (0, 0, 7, 0)
    assert headings.named_columns(desks.ledger, by=desks.reviewer)["项目情况项目全称"] == "项目名称"
    assert history.verify(desks.ledger).ok


def test_the_sums_of_the_form_are_those_of_the_ledger(desks) -> None:
    fill_ledger(desks)
    form = added(desks)
    forms.map_form(desks.ledger, form, MARKS, seen=1, by=desks.registrar, at=NOW)
    data, book = filled(desks, form)
    results = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["附件1"]
    sheet = book["附件1"]
    total = FIRST + 8

    assert sheet.cell(total, 11).value == f"=SUM(K{FIRST}:K{total - 1})"
    expected = sum(Decimal(f"{n}2345.5") for n in range(1, 7)) / 10000
    assert Decimal(str(results.cell(total, 11).value)) == expected
    figures = [results.cell(at, 11).value for at in range(FIRST, total)]
    assert sum(Decimal(str(f)) for f in figures if isinstance(f, float)) == expected, "a project counts once"
    assert book["汇总"]["B1"].value == f"=附件1!K{total}"


def test_everything_of_the_form_stays(desks) -> None:
    fill_ledger(desks)
    form = added(desks)
    forms.map_form(desks.ledger, form, MARKS, seen=1, by=desks.registrar, at=NOW)
    _, book = filled(desks, form)
    sheet, more = book["附件1"], 8 - READY
    original = openpyxl.load_workbook(superior_form(desks.folder / "原样.xlsx"))["附件1"]

    assert sheet["A2"].value == "填报单位：包头市发展和改革委员会"
    assert sheet["L2"].value == f"填报日期：{TODAY}"
    for at in range(FIRST, FIRST + 8):
        assert sheet.row_dimensions[at].height == 31
        for column in range(1, 15):
            here, there = sheet.cell(at, column), original.cell(FIRST, column)
            assert (here.font.name, here.border.left.style, here.fill.start_color.rgb, here.number_format) == (
                there.font.name, there.border.left.style, there.fill.start_color.rgb, there.number_format
            )  # fmt: skip
            assert here.data_type != "f"
    assert [sheet.cell(at, 1).value for at in range(FIRST, FIRST + 8)] == list(range(1, 9))
    assert sheet.cell(FIRST, 4).value == "=cmd|'/c calc'!A1"
    assert isinstance(sheet.cell(FIRST, 14).value, datetime)
    assert -12.5 in {sheet.cell(at, 12).value for at in range(FIRST, FIRST + 8)}
    below = FIRST + READY
    assert sheet.cell(below + more, 1).value == "合计"
    assert sheet.cell(below + more + 1, 1).value == f"填表人：{desks.reviewer.name}"
    assert sheet.cell(below + more + 2, 1).comment.text == original.cell(below + 2, 1).comment.text
    ranges = {str(r) for r in sheet.merged_cells.ranges}
    assert {"A1:N1", "C3:J3", "A3:A4", f"A{below + more + 2}:N{below + more + 2}"} <= ranges
    assert str(sheet.data_validations.dataValidation[0].sqref) == f"H{FIRST}:H{FIRST + 7}"
    assert sheet.column_dimensions["C"].width == original.column_dimensions["C"].width
    assert sheet.print_area == f"'附件1'!$A$1:$N${below + more + 2}"
    assert sheet.print_title_rows == "$1:$5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)


def test_a_filter_fills_fewer_rows_and_the_blank_ones_stay(desks) -> None:
    fill_ledger(desks)
    form = added(desks)
    forms.map_form(desks.ledger, form, MARKS, seen=1, by=desks.registrar, at=NOW)
    data, book = filled(desks, form, {"q": "青山第3电石"})
    sheet = book["附件1"]

    assert [sheet.cell(at, 3).value for at in range(FIRST, FIRST + 3)] == ["青山第3电石项目", None, None]
    assert sheet.cell(FIRST + READY, 11).value == f"=SUM(K{FIRST}:K{FIRST + READY - 1})"
    assert openpyxl.load_workbook(io.BytesIO(data), data_only=True)["附件1"].cell(FIRST + READY, 11).value == 3.23455


def test_headers_and_labels_are_guessed(sqlite_desks) -> None:
    form = added(sqlite_desks)
    view = forms.show_form(sqlite_desks.ledger, form, by=sqlite_desks.reviewer)

    assert (view.marks.sheet, view.marks.first) == ("附件1", FIRST)
    assert {view.marks.columns[at] for at in (0, 4, 5, 9, 11, 12, 13)} == {
        FIELDS[at] for at in (0, 4, 5, 9, 11, 12, 13)
    }
    assert view.marks.cells["office"] == "A2"
    assert view.marks.cells["day"] == "L2"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": {}}, "至少为一列"),
        ({"columns": {1: "name", 2: "name"}}, "B列和C列都选择了“项目名称”"),
        ({"columns": {1: "nothing"}}, "不在列表中"),
        ({"first": 1}, "从哪一行开始"),
        ({"sheet": "没有"}, "没有所选的工作表"),
        ({"cells": {"office": "second"}}, "不是单元格地址"),
        ({"cells": {"office": "B1"}}, "合并在 A1"),
        ({"cells": {"office": "B7"}}, "数据区内"),
        ({"cells": {"office": "A2", "day": "A2"}}, "同一个单元格"),
    ],
)
def test_marks_that_cannot_be_are_refused(sqlite_desks, change, words) -> None:
    form = added(sqlite_desks)
    said = {"sheet": MARKS.sheet, "first": MARKS.first, "columns": MARKS.columns, "cells": MARKS.cells}
    with pytest.raises(Refusal, match=words):
        forms.map_form(
            sqlite_desks.ledger, form, forms.Marks(**{**said, **change}), seen=1, by=sqlite_desks.registrar, at=NOW
        )


def test_a_form_without_the_required_columns_says_that_it_goes_one_way(sqlite_desks) -> None:
    fill_ledger(sqlite_desks)
    form = added(sqlite_desks)
    marks = forms.Marks(sheet="附件1", first=FIRST, columns={0: "serial", 2: "name", 10: "list.tce"}, cells={})
    done = forms.map_form(sqlite_desks.ledger, form, marks, seen=1, by=sqlite_desks.registrar, at=NOW)

    assert {"建设单位", "盟市", "主要产品"} <= set(done.lacking)
    assert {"盟市", "旗县", "能耗单位"} <= set(done.erased)
    assert headings.named_columns(sqlite_desks.ledger, by=sqlite_desks.registrar) == {}, "nothing for imports to learn"
    _, book = filled(sqlite_desks, form)
    assert book["附件1"].cell(FIRST + 7, 3).value is None, "one row per project"


def test_forms_belong_to_one_office_and_are_versioned(desks) -> None:
    form = added(desks)
    with pytest.raises(Refusal, match="还没有标定"):
        filled(desks, form)
    again = forms.add_form(
        desks.ledger, superior_form(desks.folder / "b.xlsx"), file="b.xlsx", name="另一名称", key="key1", by=desks.registrar,
        at=NOW,
    )  # fmt: skip
    assert again == form, "sent twice, made once"
    with pytest.raises(Refusal, match="同名"):
        added(desks)
    forms.map_form(desks.ledger, form, MARKS, seen=1, by=desks.registrar, at=NOW)
    with pytest.raises(Conflict, match="重新标定"):
        forms.map_form(desks.ledger, form, MARKS, seen=1, by=desks.reviewer, at=NOW)
    for scope in ("150000", "150204", "150300"):
        stranger = desks.hire(Role.REGISTRAR, f"r{scope}", scope=scope)
        assert forms.all_forms(desks.ledger, by=stranger) == ()
        with pytest.raises(NotFound):
            forms.show_form(desks.ledger, form, by=stranger)
        with pytest.raises(NotFound):
            forms.fill_form(desks.ledger, form, Filter(), by=stranger, today=TODAY)
        with pytest.raises(NotFound):
            forms.remove_form(desks.ledger, form, seen=2, by=stranger, at=NOW)
    with pytest.raises(Forbidden):
        forms.map_form(desks.ledger, form, MARKS, seen=2, by=desks.signatory, at=NOW)
    assert forms.remove_form(desks.ledger, form, seen=2, by=desks.reviewer, at=NOW) == "自治区季度报表"
    assert forms.all_forms(desks.ledger, by=desks.registrar) == ()
    assert history.verify(desks.ledger).ok


def test_files_that_are_no_forms_are_refused(sqlite_desks) -> None:
    room = sqlite_desks.folder
    for name, content, words in (
        ("a.xlsx", b"not a workbook", "不是工作簿"),
        ("b.csv", "表,头".encode(), "应为 .xlsx"),
        ("c.xlsx", b"", "空的"),
    ):
        (room / name).write_bytes(content)
        with pytest.raises(Refusal, match=words):
            added(sqlite_desks, room / name)
    openpyxl.Workbook().save(room / "d.xlsx")
    with pytest.raises(Refusal, match="空白"):
        added(sqlite_desks, room / "d.xlsx")
