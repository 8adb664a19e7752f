"""The sheet 能源消费."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.domain.errors import Refusal
from screening.workbook import Reading

from .conftest import Read
from .sheets import GOOD, HEADERS, book, row, second

ENERGY = ("项目代码", "年度类型", "年度", "方向", "能源品种", "数量", "单位", "低位发热量", "用作原料", "可再生")
CODE = GOOD["项目代码"]


def energy(tmp_path: Path, read: Read, *rows: Sequence[Any], headers: Sequence[str] = ENERGY) -> Reading:
    return read(
        book(tmp_path / "a.xlsx", [HEADERS, row(), second()], more={"能源消费": [["能源消费明细"], headers, *rows]})
    )


def test_quantities_belong_to_their_project(tmp_path: Path, read: Read) -> None:
    found = energy(
        tmp_path, read,
        [CODE, "设计", 2025, "消费", "原煤", "12,000", "吨", 20934, "否", ""],
        ["", "实际", "2025年", "", "天然气", 3.5, "万立方米", "", "是", "否"],
        [CODE.lower(), "实际", 2025, "外供", "焦炭", 5, "万t", "—", "", "是"],
        ["合计", "", "", "", "", "", ""],
    )  # fmt: skip
    assert found.rejected == ()
    first, other = found.projects
    assert other.uses == ()
    coal, gas, coke = first.uses
    assert (coal.basis, coal.year, coal.sold, coal.amount, coal.measure) == ("设计", 2025, False, Decimal(12000), "t")
    assert (coal.heating_value, coal.feedstock, coal.renewable) == (Decimal(20934), False, False)
    assert (gas.measure, gas.feedstock, gas.sold) == ("万m3", True, False)
    assert (coke.sold, coke.measure, coke.renewable, coke.heating_value) == (True, "万t", True, None)


@pytest.mark.parametrize(("measure", "want", "factor"), [
    ("t", "t", 1), ("万吨", "万t", 1), ("m³", "m3", 1), ("Nm3", "m3", 1), ("万立方米", "万m3", 1), ("kW·h", "kWh", 1),
    ("千瓦时", "kWh", 1), ("万千瓦时", "万kWh", 1), ("万度", "万kWh", 1), ("兆焦", "MJ", 1), ("GJ", "GJ", 1), ("亿千瓦时", "万kWh", 10000),
])  # fmt: skip
def test_measures(tmp_path: Path, read: Read, measure: str, want: str, factor: int) -> None:
    (use,) = energy(tmp_path, read, [CODE, "设计", 2025, "", "原煤", "1.5", measure]).projects[0].uses
    assert (use.measure, use.amount) == (want, Decimal("1.5") * factor)


@pytest.mark.parametrize(("changes", "column"), [
    ({"能源品种": "柴禾"}, "能源品种"), ({"单位": "桶"}, "单位"), ({"数量": "约5"}, "数量"), ({"数量": -1}, "数量"),
    ({"年度类型": "预计"}, "年度类型"), ({"年度类型": ""}, "年度类型"), ({"年度": "去年"}, "年度"), ({"方向": "买入"}, "方向"),
    ({"用作原料": "部分"}, "用作原料"), ({"数量": ""}, "数量"), ({"低位发热量": "5000大卡"}, "低位发热量"),
])  # fmt: skip
def test_a_bad_cell_rejects_the_project(tmp_path: Path, read: Read, changes: dict[str, Any], column: str) -> None:
    cells = {"项目代码": CODE, "年度类型": "设计", "年度": 2025, "能源品种": "原煤", "数量": 5, "单位": "t", **changes}
    found = energy(tmp_path, read, [cells.get(h, "") for h in ENERGY])
    assert [(r.sheet, r.column, r.project) for r in found.rejected] == [("能源消费", column, "虚构电石项目")]
    assert found.rejected[0].cell.endswith("3")
    assert [p.name for p in found.projects] == ["另一虚构项目"]


def test_rows_of_no_known_project(tmp_path: Path, read: Read) -> None:
    found = energy(tmp_path, read, ["2024-150204-26-03-999999", "设计", 2025, "", "原煤", 5, "t"])
    assert [(r.sheet, r.cell, r.project, r.value) for r in found.rejected] == [
        ("能源消费", "A3", None, "2024-150204-26-03-999999")]  # fmt: skip
    assert (found.rejected_projects, len(found.projects)) == (0, 2)


def test_projects_without_code_by_name(tmp_path: Path, read: Read) -> None:
    headers = ("项目名称", "建设单位", *ENERGY[1:])
    found = energy(
        tmp_path, read, [GOOD["项目名称"], GOOD["建设单位"], "设计", 2025, "", "原煤", 5, "t"], headers=headers
    )
    assert len(found.projects[0].uses) == 1


def test_a_unit_in_the_header(tmp_path: Path, read: Read) -> None:
    headers = tuple("数量（万吨）" if h == "数量" else h for h in ENERGY if h != "单位")
    (use,) = energy(tmp_path, read, [CODE, "设计", 2025, "", "原煤", 5], headers=headers).projects[0].uses
    assert use.measure == "万t"


def test_a_sheet_without_the_needed_columns(tmp_path: Path, read: Read) -> None:
    with pytest.raises(Refusal, match="“能源消费”缺少栏目：年度类型"):
        energy(tmp_path, read, [CODE, 2025, "", "原煤", 5, "t"], headers=tuple(h for h in ENERGY if h != "年度类型"))


def test_an_empty_sheet(tmp_path: Path, read: Read) -> None:
    assert energy(tmp_path, read).projects[0].uses == ()
