"""Headers as they come: titles above, groups, merged cells, units inside, spaces and stars."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from screening.domain.errors import Refusal

from .conftest import Read
from .sheets import GOOD, HEADERS, book, ledger, row

Renamed = Callable[[str, str], tuple[str, ...]]


def renamed(old: str, new: str) -> tuple[str, ...]:
    return tuple(new if h == old else h for h in HEADERS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("旗县", "旗县（市、区）"),
        ("旗县", "旗县(市、区) *"),
        ("旗县", "旗 县"),
        ("盟市", "盟  市*"),
        ("盟市", "盟市（必填）"),
        ("项目名称", "项 目\n名 称＊"),
        ("项目名称", "1. 项目名称"),
        ("项目名称", "项目名称（全称）"),
        ("设计年综合能耗（等价值）", "设计年综合能耗(等价值)"),
        ("设计年综合能耗（等价值）", "设计年综合能耗 （等价值，吨标准煤）"),
        ("设计年综合能耗（等价值）", "设计年综合能耗（等价值）\n（tce）"),
        ("设计年综合能耗（等价值）", "设计年综合能耗（等价值）（单位：吨标准煤）"),
        ("年用电量", "年用电量（万千瓦时）"),
        ("年用电量", "年用电量（万kW·h）"),
        ("总投资", "总投资／万元"),
        ("总投资", "总投资：万元"),
        ("立项日期", "立项日期（年月日）"),
        ("设计产能", "设计产能（万吨/年）"),
        ("设计单位产品能耗", "设计单位产品能耗（kgce/t）"),
    ],
)
def test_other_spellings_mean_the_same(tmp_path: Path, read: Read, old: str, new: str) -> None:
    plain = read(ledger(tmp_path / "a.xlsx", row()))
    found = read(book(tmp_path / "b.xlsx", [renamed(old, new), row()]))
    assert found.unknown_columns == ()
    assert found.projects == plain.projects


@pytest.mark.parametrize(
    ("old", "new", "key", "want"),
    [
        ("设计年综合能耗（等价值）", "设计年综合能耗（等价值）（万吨标准煤）", "design_equivalent", "61234.5"),
        ("设计年综合能耗（等价值）", "设计年综合能耗（等价值）（万tce）", "design_equivalent", "61234.5"),
        ("设计年综合能耗（等价值）", "设计年综合能耗（等价值）（kgce）", "design_equivalent", "0.00612345"),
        ("年用电量", "年用电量（亿千瓦时）", "electricity", "61234.5"),
        ("年用电量", "年用电量（千瓦时）", "electricity", "0.000612345"),
        ("总投资", "总投资（亿元）", "investment", "61234.5"),
        ("总投资", "总投资(元)", "investment", "0.000612345"),
    ],
)
def test_units_in_headers_multiply_exactly(tmp_path: Path, read: Read, old: str, new: str, key: str, want: str) -> None:
    cells = row()
    cells[HEADERS.index(old)] = "6.12345"
    (project,) = read(book(tmp_path / "a.xlsx", [renamed(old, new), cells])).projects
    assert getattr(project, key) == Decimal(want)


def test_a_figure_of_many_digits_is_scaled_without_rounding(tmp_path: Path, read: Read) -> None:
    cells = row()
    cells[HEADERS.index("总投资")] = "123456789.123456789012345678901234567"
    (project,) = read(book(tmp_path / "a.xlsx", [renamed("总投资", "总投资（亿元）"), cells])).projects
    assert str(project.investment) == "1234567891234.56789012345678901234567"


@pytest.mark.parametrize(
    ("old", "new", "cell"),
    [
        ("年用电量", "年用电量（马力）", "V1"),
        ("设计年综合能耗（等价值）", "设计年综合能耗（等价值）（吨标准油）", "U1"),
        ("总投资", "总投资（万美元）", "W1"),
        ("实际单位产品能耗", "实际单位产品能耗（大卡）", "R1"),
    ],
)
def test_an_unknown_unit_is_refused_with_its_cell(tmp_path: Path, read: Read, old: str, new: str, cell: str) -> None:
    with pytest.raises(Refusal, match=f"台账!{cell}.*不是认识的单位"):
        read(book(tmp_path / "a.xlsx", [renamed(old, new), row()]))


def test_a_total_without_basis_is_no_known_column(tmp_path: Path, read: Read) -> None:
    found = read(
        book(tmp_path / "a.xlsx", [renamed("设计年综合能耗（等价值）", "设计年综合能耗（万吨标准煤）"), row()])
    )
    assert found.unknown_columns == ("设计年综合能耗（万吨标准煤）",)
    assert "design_equivalent" not in found.projects[0].known


def test_titles_above_and_their_units_are_told(tmp_path: Path, read: Read) -> None:
    title = ["2026 年内蒙古两高项目台账（虚构）"]
    found = read(book(tmp_path / "a.xlsx", [title, [], ["填报单位：某局", "", "单位：万元"], HEADERS, row()]))
    assert found.projects[0].units[0].row == 5
    assert [(w.cell, "未按标题换算" in w.message) for w in found.warnings] == [("C3", True)]


def test_a_table_that_starts_elsewhere(tmp_path: Path, read: Read) -> None:
    rows = [[], [], ["", "", "", *HEADERS], ["", "", "", *row(实际单位产品能耗="约900")]]
    found = read(book(tmp_path / "a.xlsx", rows))
    assert [(r.cell, r.column) for r in found.rejected] == [("U4", "实际单位产品能耗")]


def grouped() -> tuple[list[str], list[str], list[str]]:
    """Two header rows with groups over their columns; (upper, lower, merges)."""
    upper, lower, merges = list(HEADERS), [""] * len(HEADERS), []
    for name, members in {
        "装置与能效": HEADERS[11:20],
        "综合能耗": HEADERS[20:22],
        "审批手续": HEADERS[23:26],
    }.items():
        first, last = HEADERS.index(members[0]), HEADERS.index(members[-1])
        for at in range(first, last + 1):
            lower[at], upper[at] = HEADERS[at], ""
        upper[first] = name
        merges.append((first, last))
    return upper, lower, merges  # type: ignore[return-value]


def _areas(merges: list[tuple[int, int]], top: int) -> list[str]:
    from openpyxl.utils import get_column_letter as letter

    return [f"{letter(a + 1)}{top}:{letter(b + 1)}{top}" for a, b in merges]


def test_two_rows_with_merged_groups(tmp_path: Path, read: Read) -> None:
    from openpyxl.utils import get_column_letter as letter

    upper, lower, merges = grouped()
    areas = _areas(merges, 2) + [f"{letter(c + 1)}2:{letter(c + 1)}3" for c in range(len(HEADERS)) if not lower[c]]
    plain = read(ledger(tmp_path / "a.xlsx", row())).projects[0]
    for name, joined in (("merged.xlsx", areas), ("bare.xlsx", [])):
        found = read(
            book(tmp_path / name, [["两高项目台账"], upper, lower, row()], merges=[*joined, "A1:F1"] if joined else [])
        )
        assert found.unknown_columns == ()
        assert found.projects[0].units[0].row == 4
        assert found.projects[0].known == plain.known
        assert found.projects[0].units[0].actual_sec == plain.units[0].actual_sec


def test_header_text_split_over_two_rows(tmp_path: Path, read: Read) -> None:
    headers = ["项目名称", "建设单位", "盟市", "旗县", "所属行业", "建设状态", "主要产品"]
    upper = [*headers, "设计年综合能耗", "", "节能审查", "", "设计单位产品能耗", "总投资"]
    lower = [""] * len(headers) + ["等价值（万吨标准煤）", "当量值（万吨标准煤）", "日期", "文号", "（kgce/t）", "亿元"]
    cells = [GOOD[h] for h in headers] + [6.5, 5, "2020-01-02", "虚审〔2020〕1号", 850, 3]
    for name, areas in (("a.xlsx", ["H1:I1", "J1:K1"]), ("b.xlsx", [])):
        found = read(book(tmp_path / name, [upper, lower, cells], merges=areas))
        (project,) = found.projects
        assert (project.design_equivalent, project.design_calorific) == (Decimal(65000), Decimal(50000))
        assert (str(project.review_date), project.review_number) == ("2020-01-02", "虚审〔2020〕1号")
        assert (project.units[0].sec_unit, project.units[0].design_sec) == ("kgce/t", Decimal(850))
        assert project.investment == Decimal(30000)


def test_a_unit_in_the_group_applies_to_its_columns(tmp_path: Path, read: Read) -> None:
    upper, lower, merges = grouped()
    upper[HEADERS.index("设计年综合能耗（等价值）")] = "综合能耗（万吨标准煤）"
    cells = row(**{"设计年综合能耗（等价值）": 6.5})
    (project,) = read(book(tmp_path / "a.xlsx", [upper, lower, cells], merges=_areas(merges, 1))).projects  # type: ignore[arg-type]
    assert project.design_equivalent == Decimal(65000)
    assert project.electricity == Decimal(130000)


def test_a_row_of_units_below_the_header(tmp_path: Path, read: Read) -> None:
    units = {"设计年综合能耗（等价值）": "万吨标准煤", "年用电量": "万千瓦时", "总投资": "亿元", "设计产能": "万吨/年"}
    found = read(book(tmp_path / "a.xlsx", [HEADERS, [units.get(h, "") for h in HEADERS], row()]))
    assert found.projects[0].investment == Decimal(900_000_000)
    assert found.projects[0].design_equivalent == Decimal(612_345_000)


def test_missing_columns_are_named(tmp_path: Path, read: Read) -> None:
    headers = tuple(h for h in HEADERS if h not in {"旗县", "主要产品"})
    with pytest.raises(Refusal, match="缺少必填栏目：旗县、主要产品"):
        read(ledger(tmp_path / "a.xlsx", row(headers), headers=headers))


def test_doubled_columns_are_named(tmp_path: Path, read: Read) -> None:
    with pytest.raises(Refusal, match="“总投资”出现了两次：台账!W1 和 台账!AB1"):
        read(ledger(tmp_path / "a.xlsx", [*row(), 1], headers=(*HEADERS, "总投资（亿元）")))


@pytest.mark.parametrize("rows", [[], [["什么都不是"]], [["一", "二", "三"], [1, 2, 3]]])
def test_a_file_without_a_ledger_header(tmp_path: Path, read: Read, rows: list[list[object]]) -> None:
    with pytest.raises(Refusal, match="没有找到台账的表头"):
        read(book(tmp_path / "a.xlsx", rows))


def test_a_ledger_without_rows(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx"))
    assert (found.projects, found.rejected) == ((), ())


def test_the_row_of_column_numbers_is_no_project(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", list(range(1, len(HEADERS) + 1)), row()))
    assert [p.name for p in found.projects] == ["虚构电石项目"]
    assert found.rejected == ()


def test_capacity_units_in_headers_meet_those_of_the_rows(tmp_path: Path, read: Read) -> None:
    headers = (*renamed("设计产能", "设计产能（吨/年）"), "实际产量（吨）")
    found = read(book(tmp_path / "a.xlsx", [headers, [*row(设计产能=400000), 380000]]))
    unit = found.projects[0].units[0]
    assert (unit.design_capacity, unit.output, unit.capacity_unit) == (Decimal(40), Decimal(38), "万吨/年")
    found = read(book(tmp_path / "b.xlsx", [headers, [*row(设计产能=4, 产能单位="万千瓦"), 1]]))
    assert {r.cell for r in found.rejected} == {"O2", "AB2"}


def test_sec_units_in_headers_are_converted_to_those_of_the_rows(tmp_path: Path, read: Read) -> None:
    headers = renamed("实际单位产品能耗", "实际单位产品能耗（tce/t）")
    found = read(book(tmp_path / "a.xlsx", [headers, row(实际单位产品能耗=0.9512)]))
    assert found.projects[0].units[0].actual_sec == Decimal("951.2")


def test_groups_that_end_the_name_of_their_columns(tmp_path: Path, read: Read) -> None:
    headers = ["项目名称", "建设单位", "盟市", "旗县", "所属行业", "建设状态", "主要产品"]
    upper = [*headers, "产能", "", "", "单位产品能耗", ""]
    lower = [""] * len(headers) + ["设计", "实际建成", "单位", "设计（kgce/t）", "实际"]
    cells = [GOOD[h] for h in headers] + [40, 41, "万吨/年", 850, 900]
    unit = read(book(tmp_path / "a.xlsx", [upper, lower, cells], merges=["H1:J1", "K1:L1"])).projects[0].units[0]
    assert (unit.design_capacity, unit.built_capacity, unit.capacity_unit) == (Decimal(40), Decimal(41), "万吨/年")
    assert (unit.design_sec, unit.actual_sec, unit.sec_unit) == (Decimal(850), Decimal(900), "kgce/t")
