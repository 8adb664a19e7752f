"""Lists: what stands in them, that they equal the ledger's filter, and what leaves the house as file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from screening.domain.classification import Disposition, EfficiencyClass
from screening.domain.errors import Refusal
from screening.domain.lists import Column, Group, Listing, Look, distance, spelled
from screening.domain.people import Role
from screening.services import CONSOLE, deadlines, letters, lists, registry
from tests.conftest import TODAY
from tests.services.desks import DUE
from tests.services.sheets import row
from tests.services.test_registry import ROWS

EVIL = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1", "\t=1")


@pytest.fixture
def filled(sqlite_desks):
    sqlite_desks.take_in(ROWS, by=CONSOLE)
    return sqlite_desks


def made(desks, what, by=CONSOLE, **query) -> Listing:
    return what(desks.ledger, registry.Filter.read(query), by=by, today=TODAY)


def column(listing: Listing, key: str) -> list:
    place = [c.key for c in listing.columns].index(key)
    return [cells[place] for _, cells in listing.rows()]


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


@pytest.mark.parametrize("query", [{}, {"class": "BELOW_BASELINE"}, {"q": "水泥 青山"}, {"sort": "-tce"}])
def test_the_list_is_the_filter(filled, query) -> None:
    page = registry.list_projects(filled.ledger, registry.Filter.read(query), by=CONSOLE, today=TODAY)

    assert column(made(filled, lists.ledger_list, **query), "name") == [r.name for r in page.rows]


def test_the_head_says_office_day_and_filter(filled) -> None:
    listing = made(filled, lists.ledger_list, filled.reviewer, q="电石", league="150200", **{"class": "BELOW_BASELINE"})

    assert listing.office == "包头市发展和改革委员会"
    assert listing.conditions == ("名称、代码、单位含“电石”", "盟市：包头市", "能效分类：低于基准")


def test_a_list_stays_within_the_scope(filled) -> None:
    reviewer = filled.hire(Role.REVIEWER, "elsewhere", "150300")

    for what in (lists.ledger_list, lists.efficiency_list, lists.plan_list):
        listing = made(filled, what, reviewer)
        assert listing.count == 0
        assert "乌海市" in listing.scope
        assert made(filled, what, filled.hire(Role.REVIEWER, what.__name__, "150100")).count == 1


def test_the_efficiency_list_says_how_far_to_go(filled) -> None:
    listing = made(filled, lists.efficiency_list, q="青山第1电石")

    (cells,) = (dict(zip([c.key for c in listing.columns], cells, strict=True)) for _, cells in listing.rows())
    assert (cells["sec"], cells["benchmark"], cells["baseline"]) == (Decimal("951.2"), Decimal(805), Decimal(940))
    assert (cells["next"], cells["gap"], cells["percent"]) == ("基准", Decimal("11.2"), Decimal("1.19"))
    assert cells["class"] is EfficiencyClass.BELOW_BASELINE


@pytest.mark.parametrize(
    ("found", "sec", "benchmark", "baseline", "expected"),
    [
        ("BETWEEN", "930", "805", "940", ("标杆水平", "125", "15.53")),
        ("AT_BENCHMARK", "800", "805", "940", None),
        ("UNDETERMINED", None, "805", "940", None),
        ("NOT_COVERED", "5", None, None, None),
        ("BELOW_BASELINE", "-80", "-120", "-100", ("基准水平", "20", "20.00")),
        ("BETWEEN", "3", "0", "5", ("标杆水平", "3", None)),
    ],
)
def test_distance(found, sec, benchmark, baseline, expected) -> None:
    figures = [None if text is None else Decimal(text) for text in (sec, benchmark, baseline)]

    got = distance(EfficiencyClass(found), *figures)

    assert (got and (got.level, str(got.amount), None if got.percent is None else str(got.percent))) == expected


def test_a_page_of_the_efficiency_list_is_part_of_it(filled) -> None:
    whole = made(filled, lists.efficiency_list)
    page = lists.efficiency_page(filled.ledger, registry.Filter.read({"page": "9"}), by=CONSOLE, today=TODAY)

    assert list(page.listing.rows()) == list(whole.rows())
    assert (page.total, page.page, len(page.ids)) == (8, 1, whole.count)


def test_the_plan_stands_by_year_and_the_undated_apart(filled) -> None:
    project = filled.find("青山第1电石")
    filled.recommend(project, Disposition.RETROFIT, due=DUE)

    listing = made(filled, lists.plan_list)

    assert [group.title for group in listing.groups] == ["2028年", lists.UNDATED]
    (cells,) = (dict(zip([c.key for c in listing.columns], r, strict=True)) for r in listing.groups[0].rows)
    assert (cells["name"], cells["due"], cells["basis"]) == ("青山第1电石项目", DUE, "建议，待签发")
    assert cells["measure"].startswith("限期改造：")
    assert cells["by"] == filled.reviewer.name
    below = registry.Filter.read({"class": "BELOW_BASELINE", "stage": "existing"})
    assert listing.count == registry.list_projects(filled.ledger, below, by=CONSOLE, today=TODAY).total


def test_clocks_and_letters_leave_as_lists(filled) -> None:
    project = filled.find("青山第1电石")
    filled.recommend(project, Disposition.RETROFIT, due=DUE)
    filled.make_official(project)
    filled.sign(project)

    found = letters.list_letters(filled.ledger, by=filled.reviewer)
    listing = lists.letter_list(filled.ledger, found, ["待印制"], by=filled.reviewer, today=TODAY)

    assert listing.conditions[-1] == "待印制"
    assert column(listing, "number") == [found[0].number]
    assert column(listing, "name") == ["青山第1电石项目"]
    nothing = deadlines.morning(filled.ledger, deadlines.Asked(), by=filled.reviewer, today=TODAY)
    empty = lists.deadline_list(filled.ledger, nothing, by=filled.reviewer, today=TODAY)
    assert (empty.count, empty.title) == (0, "改造期限清单")


def test_no_text_becomes_a_formula(filled, tmp_path) -> None:
    columns = (Column("a", "名称", 100), Column("b", "数", 50, Look.FIGURE, "tce"))
    rows = tuple((text, Decimal("-12.5")) for text in EVIL)
    listing = Listing(
        title="两高项目清单", office="某机关", day=TODAY, conditions=("=条件",), columns=columns, groups=(Group("=1", rows),),
        grouped_by="年度",
    )  # fmt: skip

    lists.write(listing, tmp_path / "a.csv")
    lists.write(listing, tmp_path / "a.xlsx")

    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *lines = csv.reader(file)
    assert head == ["年度", "名称", "数（tce）"]
    assert lines == [["'=1", f"'{text}", "-12.5"] for text in EVIL]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [sheet.cell(4 + i, 2).value for i in range(len(EVIL))] == list(EVIL)
    assert sheet["C4"].value == -12.5


def test_a_workbook_holds_the_figures_whole(filled, tmp_path) -> None:
    listing = made(filled, lists.efficiency_list)

    lists.write(listing, tmp_path / "a.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    heads = [cell.value for cell in sheet[3]]
    sec = heads.index("单位产品能耗") + 1
    written = [sheet.cell(4 + i, sec).value for i in range(listing.count)]
    assert [None if v is None else Decimal(str(v)) for v in written] == column(listing, "sec")
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.page_setup.orientation == "landscape"


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_a_printed_list_is_whole_and_the_same_every_time(filled, paper) -> None:
    listing = made(filled, lists.ledger_list)

    pdf = lists.pdf(listing, paper)

    reader = pypdf.PdfReader(io.BytesIO(pdf))
    width, height = (float(side) / 72 * 25.4 for side in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == {"A4": (297, 210), "A3": (420, 297)}[paper]
    text = text_of(pdf)
    assert "内蒙古自治区发展和改革委员会" in text
    assert "2026年11月23日" in text
    assert "▲ 低于基准" in text
    assert "第 1 页" in text
    assert f"共 {len(reader.pages)} 页" in text
    assert lists.pdf(listing, paper) == pdf


def test_the_head_of_the_table_stands_on_every_page(filled) -> None:
    listing = made(filled, lists.efficiency_list)
    long = replace(listing, groups=(Group(None, listing.groups[0].rows * 8),))

    pages = pypdf.PdfReader(io.BytesIO(lists.pdf(long))).pages

    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        text = page.extract_text().replace("\n", "")
        assert "工艺规格" in text
        assert f"第 {number} 页" in text
        assert f"共 {len(pages)} 页" in text


def test_what_cannot_be_printed_is_marked_and_counted() -> None:
    columns = (Column("name", "名称", 100),)
    listing = Listing(
        title="清单", office="某机关", day=date(2026, 1, 2), conditions=(), columns=columns,
        groups=(Group(None, (("甲\u200b乙\ue000<b>&",),)),),
    )  # fmt: skip

    text = text_of(lists.pdf(listing))

    assert "甲〓乙〓<b>&" in text
    assert "共2处" in text


def test_too_long_a_list_and_other_paper_are_refused() -> None:
    rows = (("甲",),) * 3001
    listing = Listing(
        title="清单", office="某机关", day=TODAY, conditions=(), columns=(Column("name", "名称", 100),),
        groups=(Group(None, rows),),
    )  # fmt: skip

    with pytest.raises(Refusal, match="最多3000行"):
        lists.pdf(listing)
    with pytest.raises(Refusal, match="应为A4或A3"):
        lists.pdf(listing, "A5")


@pytest.mark.parametrize(
    ("cell", "places", "text"),
    [
        (Decimal("1234567.50"), None, "1,234,567.5"), (Decimal("-1234.5"), 0, "-1,235"), (Decimal(0), 2, "0.00"),
        (date(2026, 1, 2), None, "2026-01-02"), (None, None, ""), (EfficiencyClass.BETWEEN, None, "■ 介于标杆和基准之间"),
        (3000, None, "3,000"),
    ],
)  # fmt: skip
def test_cells_are_spelled_for_reading(cell, places, text) -> None:
    assert spelled(cell, places) == text


def test_a_voided_project_is_in_no_list(filled) -> None:
    assert made(filled, lists.ledger_list, state="void").count == 0
    assert row(1)["项目名称"] in column(made(filled, lists.ledger_list), "name")
