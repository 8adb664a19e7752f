"""Single cells: what is accepted, what is refused and how it is told."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .conftest import Read
from .sheets import HEADERS, SHEET1, book, ledger, part, repacked, row, second, text


def accepted(tmp_path: Path, read: Read, header: str, value: Any) -> Any:
    """The project of a ledger whose one odd cell is `value`."""
    headers = HEADERS if header in HEADERS else (*HEADERS, header)
    found = read(ledger(tmp_path / "a.xlsx", row(headers, **{header: value}), headers=headers))
    assert found.rejected == ()
    return found.projects[0]


def refused(tmp_path: Path, read: Read, header: str, value: Any) -> Any:
    """The one rejection of a ledger whose one odd cell is `value`; its neighbour is read all the same."""
    headers = HEADERS if header in HEADERS else (*HEADERS, header)
    found = read(ledger(tmp_path / "a.xlsx", row(headers, **{header: value}), second(headers), headers=headers))
    assert [p.name for p in found.projects] == ["另一虚构项目"]
    assert found.rejected_projects == 1
    (rejection,) = found.rejected
    assert (rejection.sheet, rejection.column, rejection.project) == ("台账", header, "虚构电石项目")
    return rejection


def each(tmp_path: Path, read: Read, header: str, values: list[Any]) -> tuple[dict[int, Any], dict[int, Any], Any]:
    """One ledger with a project per value: the projects and the rejections by the value's place, and the reading."""
    headers = HEADERS if header in HEADERS else (*HEADERS, header)
    rows = [row(headers, 项目代码=f"P{n}", **{header: value}) for n, value in enumerate(values)]
    found = read(ledger(tmp_path / "a.xlsx", *rows, headers=headers))
    projects = {int(str(p.code)[1:]): p for p in found.projects}
    return projects, {int(r.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 2: r for r in found.rejected}, found


FIGURES = (
    (951.2, "951.2"),
    (951.25, "951.25"),
    (13350, "13350"),
    ("13350", "13350"),
    ("13,350.0", "13350"),
    ("１３，３５０．００", "13350"),
    ("13 350", "13350"),
    (" 13350 ", "13350"),
    ("13350.000001", "13350.000001"),
    ("0.30000000000000004", "0.30000000000000004"),
    (-12.5, "-12.5"),
    ("−12.5", "-12.5"),
    ("－12.5", "-12.5"),
    ("–12.5", "-12.5"),
    ("-1,234.5", "-1234.5"),
    (0, "0"),
    ("0", "0"),
    ("-0", "0"),
    ("1" * 15 + "." + "1" * 30, "1" * 15 + "." + "1" * 30),
    (0.00001, "0.00001"),
)


def test_figures(tmp_path: Path, read: Read) -> None:
    projects, rejected, _ = each(tmp_path, read, "实际单位产品能耗", [value for value, _ in FIGURES])
    assert rejected == {}
    assert [format(p.units[0].actual_sec, "f") for p in projects.values()] == [want for _, want in FIGURES]


EMPTY = ["—", "–", "-", "－", "/", "／", "无", " ", "　", "\\", "——", "N/A"]


@pytest.mark.parametrize(
    ("header", "of"),
    [
        ("实际单位产品能耗", lambda p: p.units[0].actual_sec),
        ("立项日期", lambda p: p.filing_date),
        ("园区", lambda p: p.park),
        ("统计年度", lambda p: p.units[0].year),
        ("国家规划布局", lambda p: p.national_plan),
        ("建设性质", lambda p: p.nature),
    ],
)
def test_signs_of_an_empty_cell(tmp_path: Path, read: Read, header: str, of: Any) -> None:
    projects, rejected, _ = each(tmp_path, read, header, EMPTY)
    assert rejected == {}
    assert [of(p) for p in projects.values()] == [None] * len(EMPTY)


NO_FIGURES = [
    "约900", "900左右", "900～950", "900-950", "1e3", "1E+3", "NaN", "inf", "Infinity", "951.2kgce/t", "9..5", "1,5", "12,34",
    "１０²", "٣", "+", "5%", "一百", "1_000", True, datetime(2024, 3, 1), time(3, 4), "9" * 16, "0." + "1" * 31,  # noqa: DTZ001
]  # fmt: skip


def test_what_is_no_figure(tmp_path: Path, read: Read) -> None:
    projects, rejected, _ = each(tmp_path, read, "实际单位产品能耗", NO_FIGURES)
    assert projects == {}
    assert [(r.cell, r.expected) for r in rejected.values()] == [
        (f"R{n + 2}", "decimal number") for n in range(len(NO_FIGURES))
    ]
    assert all(r.message for r in rejected.values())


def test_the_example_of_the_contract(tmp_path: Path, read: Read) -> None:
    rejection = refused(tmp_path, read, "设计单位产品能耗", "约900")
    assert (rejection.sheet, rejection.cell, rejection.column, rejection.value, rejection.expected) == (
        "台账", "Q2", "设计单位产品能耗", "约900", "decimal number")  # fmt: skip


@pytest.mark.parametrize("header", ["设计产能", "年用电量", "总投资", "设计年综合能耗（等价值）", "实际产量"])
def test_only_specific_consumption_may_be_negative(tmp_path: Path, read: Read, header: str) -> None:
    assert refused(tmp_path, read, header, -1).expected == "non-negative decimal number"


@pytest.mark.parametrize(
    ("stored", "want", "told"),
    [
        (b"0.30000000000000004", "0.3", True),
        (b"951.20000000000005", "951.2", False),
        (b"951.2000000000002", "951.2", True),
        (b"939.99999999999989", "940", True),
        (b"951.2345678901235", "951.2345678901235", False),
        (b"13350.0000000001", "13350.0000000001", False),
    ],
)
def test_the_tail_of_a_computed_figure_is_told(
    tmp_path: Path, read: Read, stored: bytes, want: str, told: bool
) -> None:
    plain = ledger(tmp_path / "plain.xlsx", row(实际单位产品能耗=77777))
    sheet = part(plain, SHEET1).replace(b"<v>77777</v>", b"<v>" + stored + b"</v>")
    found = read(repacked(plain, tmp_path / "a.xlsx", {SHEET1: sheet}))
    assert found.projects[0].units[0].actual_sec == Decimal(want)
    assert [w.cell for w in found.warnings] == (["R2"] if told else [])


DAYS = (
    (date(2024, 3, 1), "2024-03-01"),
    (datetime(2024, 3, 1, 8, 30), "2024-03-01"),  # noqa: DTZ001
    ("2024-03-01", "2024-03-01"),
    ("2024-3-1", "2024-03-01"),
    ("2024/3/1", "2024-03-01"),
    ("2024.3.1", "2024-03-01"),
    ("2024年3月1日", "2024-03-01"),
    ("2024 年 3 月 1 日", "2024-03-01"),
    ("20240301", "2024-03-01"),
    (20240301, "2024-03-01"),
    ("２０２４－０３－０１", "2024-03-01"),
    ("２０２４年３月１日", "2024-03-01"),
    ("2024-03-01 00:00:00", "2024-03-01"),
    ("2024-02-29", "2024-02-29"),
)


def test_dates(tmp_path: Path, read: Read) -> None:
    projects, rejected, found = each(tmp_path, read, "立项日期", [value for value, _ in DAYS])
    assert rejected == {}
    assert not [w for w in found.warnings if w.column == "立项日期"]
    assert [str(p.filing_date) for p in projects.values()] == [want for _, want in DAYS]


@pytest.mark.parametrize(
    ("value", "want"),
    [("2024年3月", "2024-03"), ("2024-03", "2024-03"), ("2024.3", "2024-03"), ("2024", "2024"), (2024, "2024"), ("2024年", "2024")],
)  # fmt: skip
def test_partial_dates_are_kept_with_a_warning(tmp_path: Path, read: Read, value: Any, want: str) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(立项日期=value)))
    assert str(found.projects[0].filing_date) == want
    assert [(w.cell, w.column, w.project) for w in found.warnings] == [("X2", "立项日期", "虚构电石项目")]


NO_DAYS = [
    "2023-02-29", "2024-13-01", "2024年2月30日", "20240230", "2024-3/1", "明年", "3月1日", 45352, 2024.3, "0024-03-01",
    date(1905, 7, 16), "2024-03-01至2025", True,
]  # fmt: skip


def test_what_is_no_date(tmp_path: Path, read: Read) -> None:
    projects, rejected, _ = each(tmp_path, read, "立项日期", NO_DAYS)
    assert projects == {}
    assert [r.expected for r in rejected.values()] == ["date"] * len(NO_DAYS)


def test_codes_stay_text(tmp_path: Path, read: Read) -> None:
    headers = (*HEADERS, "联系电话", "排污许可证编号")
    cells = row(headers, 联系电话="０４７１-1234567", 排污许可证编号="00123", 统一社会信用代码=" 91512081ma62k0260e ")
    project = read(ledger(tmp_path / "a.xlsx", cells, headers=headers)).projects[0]
    assert (project.phone, project.discharge_permit, project.credit_code) == (
        "0471-1234567", "00123", "91512081MA62K0260E")  # fmt: skip


def test_a_code_that_became_a_number_is_refused_with_the_cure(tmp_path: Path, read: Read) -> None:
    rejection = refused(tmp_path, read, "统一社会信用代码", 911502037012345678)
    assert rejection.expected == "text cell"
    assert "文本" in rejection.message
    assert refused(tmp_path, read, "统一社会信用代码", "9.11502E+17").expected == "text cell"


@pytest.mark.parametrize("value", ["91350100M000100Y4Z", "123", "9151208IMA62K0260E"])
def test_a_bad_credit_code_warns_only(tmp_path: Path, read: Read, value: str) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(统一社会信用代码=value)))
    assert found.projects[0].credit_code == value
    assert [(w.cell, w.value) for w in found.warnings] == [("D2", value)]


@pytest.mark.parametrize("value", ["2017-130000-01-01-00001", "2024-150204-26-03-000001", "2026-150204-04-01-00001x"])
def test_old_and_new_project_codes(tmp_path: Path, read: Read, value: str) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(项目代码=value)))
    assert (found.projects[0].code, found.warnings) == (value, ())


def test_a_bad_project_code_warns(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(项目代码="待赋码-1")))
    assert found.projects[0].code == "待赋码-1"
    assert [w.cell for w in found.warnings] == ["A2"]


@pytest.mark.parametrize("value", ["261", 610, "C2613", "化学"])
def test_industry_codes_have_four_digits(tmp_path: Path, read: Read, value: Any) -> None:
    assert refused(tmp_path, read, "行业代码", value).expected == "4 digits"


def test_an_industry_code_as_number(tmp_path: Path, read: Read) -> None:
    assert accepted(tmp_path, read, "行业代码", 2613).units[0].industry_code == "2613"


@pytest.mark.parametrize(("league", "banner"), [
    ("包头市", "青山区"), ("包头", "青山"), ("150200", "150204"), (150200, 150204), ("１５０２００", "青 山 区"),
    ("内蒙古包头市", "包头市青山区"),
])  # fmt: skip
def test_leagues_and_banners_by_name_and_code(tmp_path: Path, read: Read, league: Any, banner: Any) -> None:
    project = read(ledger(tmp_path / "a.xlsx", row(盟市=league, 旗县=banner))).projects[0]
    assert (project.league, project.banner) == ("150200", "150204")


@pytest.mark.parametrize(("banner", "said"), [
    ("稀土高新区", "不是内蒙古的旗县"), ("包头稀土高新技术产业开发区", "统计用的开发区"), ("150271", "统计用的开发区"),
    ("东胜区", "属于鄂尔多斯市"), ("150602", "属于鄂尔多斯市"), ("包头市", "不是内蒙古的旗县"), ("朝阳区", "不是内蒙古的旗县"),
])  # fmt: skip
def test_banners_that_do_not_fit(tmp_path: Path, read: Read, banner: str, said: str) -> None:
    rejection = refused(tmp_path, read, "旗县", banner)
    assert said in rejection.message
    assert rejection.expected.startswith("banner of the league")


@pytest.mark.parametrize("value", ["北京市", "150204", "蒙"])
def test_leagues_that_do_not_exist(tmp_path: Path, read: Read, value: str) -> None:
    assert refused(tmp_path, read, "盟市", value).expected.startswith("league of Inner Mongolia")


def test_every_division_of_the_rules_is_found(rules: Any) -> None:
    from screening.workbook import reading, regions

    known = regions.Regions(tuple(regions.Division(*d) for d in reading._names(rules)["regions"]))
    banners = [d for d in known.divisions if d.level == "banner"]
    assert (len([d for d in known.divisions if d.level == "league"]), len(banners)) == (12, 103)
    for d in banners:
        assert known.banner(d.parent, d.name) == d.code
        assert known.banner(None, d.code) == d.code


@pytest.mark.parametrize(("header", "value", "expected"), [
    ("所属行业", "造纸", "one of: 石化, 焦化, 化工, 煤化工, 建材, 钢铁, 有色, 煤电"),
    ("建设状态", "停工", "one of: 拟建, 在建, 存量"),
    ("建设性质", "迁建", "one of: 新建, 扩建, 改建, 技改"),
    ("国家规划布局", "也许", "one of: 是, 否"),
    ("统计年度", "去年", "year"),
    ("统计年度", 24, "year"),
])  # fmt: skip
def test_choices(tmp_path: Path, read: Read, header: str, value: Any, expected: str) -> None:
    assert refused(tmp_path, read, header, value).expected == expected


def test_spellings_of_choices(tmp_path: Path, read: Read) -> None:
    project = read(
        ledger(tmp_path / "a.xlsx", row(所属行业=" 钢 铁 ", 建设状态="在建 ", 国家规划布局=True, 统计年度="2025年度"))
    ).projects[0]
    assert (project.industry.words, project.stage.words, project.national_plan, project.units[0].year) == (
        "钢铁", "在建", True, 2025)  # fmt: skip


@pytest.mark.parametrize("header", ["项目名称", "建设单位", "盟市", "旗县", "所属行业", "建设状态", "主要产品"])
def test_required_cells(tmp_path: Path, read: Read, header: str) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(**{header: "无"}), second()))
    assert [(r.column, r.expected) for r in found.rejected] == [(header, "a value")]
    assert len(found.projects) == 1


@pytest.mark.parametrize("text_of_error", ["#REF!", "#DIV/0!", "#N/A", "#NAME?"])
@pytest.mark.parametrize("header", ["实际单位产品能耗", "备注", "立项日期", "项目名称"])
def test_error_cells(tmp_path: Path, read: Read, text_of_error: str, header: str) -> None:
    plain = ledger(tmp_path / "plain.xlsx", row(**{header: 77777}), second())
    sheet = part(plain, SHEET1)
    import re

    broken = re.sub(
        rb'<c r="([A-Z]+2)"([^>]*)><v>77777</v></c>',
        rb'<c r="\1" t="e"><f>A1/0</f><v>' + text_of_error.encode() + rb"</v></c>",
        sheet.replace(b' t="n"', b""),
    )
    assert broken.count(b't="e"') == 1
    found = read(repacked(plain, tmp_path / "a.xlsx", {SHEET1: broken}))
    assert [(r.column, r.value) for r in found.rejected] == [(header, text_of_error)]
    assert len(found.projects) == 1


def test_every_bad_cell_of_a_project_is_told(tmp_path: Path, read: Read) -> None:
    found = read(
        ledger(tmp_path / "a.xlsx", row(实际单位产品能耗="约900", 立项日期="2023-02-29", 旗县="东胜区"), second())
    )
    assert [r.cell for r in found.rejected] == ["F2", "R2", "X2"]
    assert (found.rejected_projects, len(found.projects)) == (1, 1)


def test_cells_of_a_text_file_are_told_alike(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text([["标题"], HEADERS, row(), second(实际单位产品能耗="约900")]))
    assert [(r.sheet, r.cell) for r in read(path).rejected] == [("台账", "R4")]


def test_text_keeps_what_is_typed(tmp_path: Path, read: Read) -> None:
    project = accepted(tmp_path, read, "备注", "  Ａ３＝1\n第二行 ")
    assert project.remark == "Ａ３＝1\n第二行"
    assert accepted(tmp_path, read, "备注", 12.5).remark == "12.5"
    assert accepted(tmp_path, read, "备注", date(2024, 3, 1)).remark == "2024-03-01"


def test_nothing_is_said_where_the_sheet_says_so(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(园区="未提供", 旗县="青山区"), second()))
    assert "park" not in found.projects[0].known
    assert "park" in found.projects[1].known
    assert book  # the plain builder stays imported for readers of this file


def test_formulas_saved_without_their_result(tmp_path: Path, read: Read) -> None:
    found = read(ledger(tmp_path / "a.xlsx", row(实际单位产品能耗="=900+51.2"), second()))
    assert [(r.cell, r.value, r.expected) for r in found.rejected] == [
        ("R2", "公式（未计算）", "a value, not a formula")
    ]
    plain = ledger(tmp_path / "plain.xlsx", row(备注="=A1", 实际单位产品能耗="=1"))
    sheet = part(plain, SHEET1)
    import re

    sheet = re.sub(
        rb'<c r="AA2"([^>]*)><f>A1</f><v\s*/?>(</v>)?</c>', rb'<c r="AA2" t="str"><f>A1</f><v></v></c>', sheet
    )
    sheet = re.sub(rb'(<c r="R2"[^>]*><f>1</f>)<v\s*/?>(</v>)?', rb"\1<v>951.2</v>", sheet)
    (project,) = read(repacked(plain, tmp_path / "b.xlsx", {SHEET1: sheet})).projects
    assert (project.remark, str(project.units[0].actual_sec)) == (None, "951.2")
