"""Rows: units of one project, merged cells, contradictions, totals and notes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter as letter

from screening.domain.registry import to_facts

from .conftest import Read
from .sheets import GOOD, HEADERS, book, ledger, row, second, text

UNIT_ONLY = (
    "装置名称",
    "主要产品",
    "工艺规格",
    "设计产能",
    "产能单位",
    "设计单位产品能耗",
    "实际单位产品能耗",
    "能耗单位",
    "统计年度",
    "行业代码",
)


def follower(**changes: object) -> list[object]:
    """A row that states its unit only."""
    cells = {**{h: GOOD.get(h, "") for h in UNIT_ONLY}, "装置名称": "2#炉", **changes}
    return [cells.get(h, "") for h in HEADERS]


def at(header: str, number: int) -> str:
    """The address of a column in a row."""
    return f"{letter(HEADERS.index(header) + 1)}{number}"


@pytest.mark.parametrize(
    "next_row",
    [
        pytest.param(follower(), id="project columns blank"),
        pytest.param(row(装置名称="2#炉"), id="repeated"),
        pytest.param(
            row(装置名称="2#炉", 盟市="150200", 总投资="90,000.00", 立项日期="2020年5月6日"), id="spelled otherwise"
        ),
        pytest.param(follower(项目名称=GOOD["项目名称"]), id="name repeated"),
        pytest.param(follower(项目代码=GOOD["项目代码"]), id="code repeated"),
        pytest.param(follower(项目名称=GOOD["项目名称"], 建设单位=GOOD["建设单位"]), id="name and enterprise repeated"),
    ],
)
def test_units_of_one_project(tmp_path: Path, read: Read, next_row: list[object]) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(), next_row, second()))
    assert found.rejected == ()
    first, other = found.projects
    assert [(u.row, u.unit_name) for u in first.units] == [(2, "1#炉"), (3, "2#炉")]
    assert first.design_equivalent == Decimal("61234.5")
    assert [u.row for u in other.units] == [4]


def test_projects_without_code_go_by_name_and_enterprise(tmp_path: Path, read: Read) -> None:
    rows = [
        row(项目代码=""),
        second(项目代码="无"),
        row(项目代码="—", 装置名称="2#炉"),
        second(项目代码="", 建设单位="又一家"),
    ]
    found = read(ledger(tmp_path / "a.xlsx", *rows))
    assert [(p.name, p.enterprise, len(p.units)) for p in found.projects] == [
        ("虚构电石项目", "虚构化工有限公司", 2), ("另一虚构项目", "另一虚构有限公司", 1), ("另一虚构项目", "又一家", 1)]  # fmt: skip


def test_rows_of_a_project_need_not_be_neighbours(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(), second(), row(项目代码=GOOD["项目代码"].upper(), 装置名称="2#炉")))
    assert [[u.row for u in p.units] for p in found.projects] == [[2, 4], [3]]


def test_identical_rows_are_two_units(tmp_path: Path, read: Read) -> None:
    assert [len(p.units) for p in read(ledger(tmp_path / "a.xlsx", row(), row())).projects] == [2]


def test_industry_codes_may_differ(tmp_path: Path, read: Read) -> None:
    (project,) = read(ledger(tmp_path / "a.xlsx", row(), row(行业代码="2614"))).projects
    assert [u.industry_code for u in project.units] == ["2613", "2614"]


def test_a_contradiction_names_both_cells(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(), row(总投资=1, 建设状态="在建"), second()))
    assert [p.name for p in found.projects] == ["另一虚构项目"]
    assert [(r.cell, r.expected) for r in found.rejected] == [
        (at("建设状态", 3), f"the same value as {at('建设状态', 2)}"), (at("总投资", 3), f"the same value as {at('总投资', 2)}")]  # fmt: skip
    assert f"台账!{at('总投资', 2)}（90000）" in found.rejected[1].message


def test_a_contradiction_with_a_later_row(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(总投资=""), row(总投资=5), row(总投资=6)))
    assert [(r.cell, r.expected) for r in found.rejected] == [(at("总投资", 4), f"the same value as {at('总投资', 3)}")]


def test_a_value_in_a_later_row_counts(tmp_path: Path, read: Read) -> None:
    (project,) = read(ledger(tmp_path / "a.xlsx", row(总投资=""), row(总投资=5))).projects
    assert project.investment == Decimal(5)


def test_merged_project_cells(tmp_path: Path, read: Read) -> None:
    merges = [f"{letter(c)}2:{letter(c)}3" for c, h in enumerate(HEADERS, 1) if h not in UNIT_ONLY]
    found = read(book(tmp_path / "a.xlsx", [HEADERS, row(), follower(), second()], merges=merges))
    assert [len(p.units) for p in found.projects] == [2, 1]


def test_cells_merged_over_several_projects(tmp_path: Path, read: Read) -> None:
    rows = [HEADERS, row(), second(盟市="", 旗县="", 主要产品="")]
    areas = [
        f"{at('盟市', 2)}:{at('盟市', 3)}",
        f"{at('旗县', 2)}:{at('旗县', 3)}",
        f"{at('主要产品', 2)}:{at('主要产品', 3)}",
    ]
    found = read(book(tmp_path / "a.xlsx", rows, merges=areas))
    assert [(p.league, p.banner, p.units[0].product) for p in found.projects] == [("150200", "150204", "电石")] * 2


def test_a_capacity_merged_over_units_counts_once(tmp_path: Path, read: Read) -> None:
    area = f"{at('设计产能', 2)}:{at('设计产能', 3)}"
    (project,) = read(book(tmp_path / "a.xlsx", [HEADERS, row(), follower(设计产能="")], merges=[area])).projects
    assert [u.design_capacity for u in project.units] == [Decimal(40), None]


@pytest.mark.parametrize(
    "below",
    [
        ["合计"], ["合　计", "", 12], ["", "总计", "", "", "", ""], ["包头市小计"], ["共计：12 个"], ["合计（12个）"],
        ["注：能耗为等价值"], ["注1：见附件"], ["备注：1. 数据为 2025 年"], ["填表人：张某", "", "", "审核人：李某"],
        ["填报日期：2026年1月1日"], ["说明"], ["填报单位（盖章）："],
    ],
)  # fmt: skip
def test_totals_and_notes_below_are_no_projects(tmp_path: Path, read: Read, below: list[object]) -> None:
    cells = [*below, *[""] * (len(HEADERS) - len(below))]
    for header, value in (("总投资", 180000), ("设计年综合能耗（等价值）", 99999.5)):
        if "计" in str(below[0]) and "注" not in str(below[0]):
            cells[HEADERS.index(header)] = value
    for name in ("a.xlsx", "a.csv"):
        path = tmp_path / name
        rows = [HEADERS, row(), [], second(), cells, [], ["2．第二条说明"] if "注" in str(below[0]) else []]
        if name.endswith("csv"):
            path.write_bytes(text(rows))
        else:
            book(path, rows)
        found = read(path)
        assert found.rejected == ()
        assert [len(p.units) for p in found.projects] == [1, 1]


def test_a_subtotal_between_projects(tmp_path: Path, read: Read) -> None:
    subtotal = ["", "小计", *[""] * (len(HEADERS) - 2)]
    found = read(ledger(tmp_path / "a.xlsx", row(), subtotal, second(), subtotal))
    assert [p.units[0].row for p in found.projects] == [2, 4]


def test_blank_numbered_rows_and_repeated_headers(tmp_path: Path, read: Read) -> None:
    headers = ("序号", *HEADERS)
    found = read(book(tmp_path / "a.xlsx", [headers, [1, *row()], [2], [], headers, [3, *second()], [4, "—", "/"]]))
    assert found.rejected == ()
    assert [p.units[0].row for p in found.projects] == [2, 6]


def test_a_row_that_belongs_to_nothing(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", follower(), second()))
    assert {r.column for r in found.rejected} >= {"项目名称", "建设单位"}
    assert [p.name for p in found.projects] == ["另一虚构项目"]


def test_a_project_whose_second_row_is_bad_is_rejected_whole(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(), follower(实际单位产品能耗="约900"), second()))
    assert [(r.cell, r.project) for r in found.rejected] == [(at("实际单位产品能耗", 3), "虚构电石项目")]
    assert [p.name for p in found.projects] == ["另一虚构项目"]


def test_the_order_of_projects_does_not_matter(tmp_path: Path, read: Read) -> None:
    rows = [row(), second(), row(项目代码="2024-150204-26-03-000003", 项目名称="第三虚构项目")]
    one = read(ledger(tmp_path / "a.xlsx", *rows)).projects
    two = read(ledger(tmp_path / "b.xlsx", *reversed(rows))).projects
    assert sorted(map(repr, map(to_facts, one))) == sorted(map(repr, map(to_facts, two)))
