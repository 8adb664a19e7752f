"""A plain ledger: every kind of column, in .xlsx, .ods and .csv."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from screening.domain.calendar import PartialDate
from screening.domain.registry import Industry, Stage, to_facts

from .conftest import Read
from .sheets import HEADERS, book, ledger, ods, row, second, text


def test_every_kind_of_column(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(立项日期=date(2020, 5, 6), 备注=" 两 高 ")))

    assert (found.sheet, found.rejected, found.warnings, found.unknown_columns) == ("台账", (), (), ())
    (project,) = found.projects
    assert (project.code, project.name, project.enterprise) == (
        "2024-150204-26-03-000001", "虚构电石项目", "虚构化工有限公司")  # fmt: skip
    assert (project.league, project.banner, project.industry, project.stage) == (
        "150200", "150204", Industry.CHEMICAL, Stage.EXISTING)  # fmt: skip
    assert project.design_equivalent == Decimal("61234.5")
    assert project.filing_date == PartialDate(2020, 5, 6)
    assert project.national_plan is False
    assert project.remark == "两 高"
    (unit,) = project.units
    assert (unit.row, unit.product, unit.variant, unit.industry_code) == (2, "电石", None, "2613")
    assert str(unit.actual_sec) == "951.2"
    assert unit.year == 2025
    assert {"park", "sec_unit", "variant"} <= project.known
    assert "built_capacity" not in project.known


def test_the_same_from_ods_and_csv(tmp_path: Path, read: Read) -> None:
    rows = [HEADERS, row(), second(总投资="1,234,567.80", 园区="")]
    want = [to_facts(p) for p in read(book(tmp_path / "a.xlsx", rows)).projects]
    assert [to_facts(p) for p in read(ods(tmp_path / "a.ods", rows)).projects] == want
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text(rows, encoding))
        assert [to_facts(p) for p in read(path).projects] == want
    for sign in ("\t", ";"):
        path = tmp_path / "sign.csv"
        plain = [["" if v is None else str(v) for v in r] for r in rows]
        path.write_text("\n".join(sign.join(r) for r in plain), encoding="utf-8")
        assert [to_facts(p) for p in read(path).projects] == want


def test_the_ledger_sheet_is_preferred_and_others_are_named(tmp_path: Path, read: Read) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [HEADERS, row(项目名称="别的")],
        sheet="汇总",
        more={"台账": [HEADERS, row()], "说明": [["随便"]]},
    )
    found = read(path)
    assert found.sheet == "台账"
    assert [p.name for p in found.projects] == ["虚构电石项目"]
    assert [(w.sheet, w.message) for w in found.warnings] == [
        ("汇总", "工作表“汇总”也像台账，但只读取了“台账”；需要时请另行提交")
    ]


def test_a_ledger_on_another_sheet_is_found(tmp_path: Path, read: Read) -> None:
    path = book(tmp_path / "a.xlsx", [["封面"], ["2026 年"]], sheet="封面", more={"清单": [HEADERS, row()]})
    assert read(path).sheet == "清单"


def test_columns_in_any_order(tmp_path: Path, read: Read) -> None:
    plain = read(ledger(tmp_path / "a.xlsx", row())).projects
    turned = tuple(reversed(HEADERS))
    assert read(ledger(tmp_path / "b.xlsx", row(turned), headers=turned)).projects == plain


def test_unknown_columns_are_kept_and_named(tmp_path: Path, read: Read) -> None:
    headers = ("序号", *HEADERS, "分管领导", "")
    rows = [[1, *row(), "张某", "旁注"], [2, *second(), "", ""]]
    found = read(book(tmp_path / "a.xlsx", [headers, *rows]))
    assert found.unknown_columns == ("分管领导", "AD列")
    assert [p.extra for p in found.projects] == [(("分管领导", "张某"), ("AD列", "旁注")), ()]


def test_dates_of_the_1904_system(tmp_path: Path, read: Read) -> None:
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    page = made.active
    assert page is not None
    page.title = "台账"
    page.append(HEADERS)
    page.append([v or None for v in row(立项日期=datetime(2020, 5, 6))])  # noqa: DTZ001
    made.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx").projects[0].filing_date == PartialDate(2020, 5, 6)


def test_progress_and_batches(tmp_path: Path, rules: object, read: Read) -> None:
    from screening import workbook

    path = ledger(tmp_path / "a.xlsx", *(row(项目代码=f"2024-150204-26-03-{n:06d}") for n in range(2300)))
    told: list[tuple[int, int]] = []
    found = workbook.read(path, rules, progress=lambda done, total: told.append((done, total)))  # type: ignore[arg-type]
    assert len(found.projects) == 2300
    assert told[0] == (0, 2300)
    assert told[-1] == (2300, 2300)
    assert [p.units[0].row for p in found.projects] == list(range(2, 2302))
    del read


@pytest.mark.parametrize("name", ["a.xlsx", "b.csv"])
def test_reading_twice_gives_the_same(tmp_path: Path, read: Read, name: str) -> None:
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_bytes(text([HEADERS, row(), second()]))
    else:
        ledger(path, row(), second())
    assert read(path) == read(path)


def test_ods_with_dates_errors_and_a_long_empty_tail(tmp_path: Path, read: Read) -> None:
    tail = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    rows = [
        HEADERS,
        row(立项日期=date(2020, 5, 6), 国家规划布局=True),
        second(备注="#DIV/0!"),
        second(项目代码="c", 总投资="Err:502"),
    ]
    found = read(ods(tmp_path / "a.ods", rows, tail=tail))
    assert [(str(p.filing_date), p.national_plan) for p in found.projects] == [("2020-05-06", True)]
    assert [(r.cell, r.value) for r in found.rejected] == [("AA3", "#DIV/0!"), ("W4", "Err:502")]
