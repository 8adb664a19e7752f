"""Spreadsheets out: what is written reads back the same, and nothing of ours is ever a formula."""

from __future__ import annotations

import csv
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import workbook
from screening.domain.calendar import PartialDate
from screening.domain.classification import screen
from screening.domain.errors import Refusal
from screening.domain.registry import FIELD, FIELDS, EnergyUse, Industry, Project, Stage, Unit, to_facts
from screening.domain.rules import Rulebook
from screening.workbook.writing import guarded

from .conftest import Read
from .sheets import ledger, row, second

KNOWN = frozenset(FIELD)


def project(**changes: object) -> Project:
    """A full project."""
    facts: dict[str, object] = {
        "code": "2024-150204-26-03-000001", "name": "虚构电石项目", "enterprise": "虚构化工有限公司",
        "league": "150200", "banner": "150204", "industry": Industry.CHEMICAL, "stage": Stage.EXISTING,
        "units": (Unit(product="电石", actual_sec=Decimal("951.2"), sec_unit="kgce/t", year=2025),), "known": KNOWN, **changes,
    }  # fmt: skip
    return Project(**facts)  # type: ignore[arg-type]


def round_trip(tmp_path: Path, read: Read, rules: Rulebook, *projects: Project, name: str = "a.xlsx") -> list[object]:
    path = tmp_path / name
    workbook.write_projects(path, projects, rules)
    found = read(path)
    assert found.rejected == ()
    return [to_facts(p) for p in found.projects]


FULL = project(
    credit_code="91512081MA62K0260E", park=None, nature="新建", operation="正常", approved_capacity=Decimal(40),
    design_equivalent=Decimal("61234.5"), investment=Decimal("0.1"), electricity=Decimal("12345678901234.123456789"),
    filing_date=PartialDate(2020, 5), review_date=PartialDate(2020, 7, 8), eia_date=PartialDate(2021), national_plan=False,
    phone="0471-0000000", problems="=cmd|' /C calc'!A0", remark="+1\n第二行", opinion="@SUM(A1)", responsible="-5.0x",
    extra=(("分管领导", "张某"), ("=HYPERLINK(1)", "-12.5"), ("附注", "'=1")),
    units=(
        Unit(unit_name="1#", industry_code="2613", product="电石", design_capacity=Decimal("40.50"), capacity_unit="万吨/年",
             design_sec=Decimal("850.123456789012345678"), actual_sec=Decimal("-9.5"), sec_unit="kgce/t", year=2025),
        Unit(unit_name="2#", industry_code="0610", product="石灰"),
    ),
)  # fmt: skip
USES = (
    EnergyUse(
        basis="设计", year=2025, carrier="原煤", amount=Decimal("12000.5"), measure="t", heating_value=Decimal(20934)
    ),
    EnergyUse(
        basis="实际", sold=True, carrier="天然气", amount=Decimal(3), measure="万m3", feedstock=True, renewable=True
    ),
)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_what_is_written_reads_back_the_same(tmp_path: Path, read: Read, rules: Rulebook, name: str) -> None:
    other = project(code=None, name="另一项目", stage=Stage.PROPOSED, industry=Industry.COAL_POWER)
    assert round_trip(tmp_path, read, rules, FULL, other, name=name) == [to_facts(FULL), to_facts(other)]


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_projects_with_different_columns_meet_in_one_sheet(
    tmp_path: Path, read: Read, rules: Rulebook, name: str
) -> None:
    few = project(code="B", known=frozenset({"name", "enterprise", "league", "banner", "industry", "stage", "product"}) | {"code"},
                  units=(Unit(product="电石"),))  # fmt: skip
    assert round_trip(tmp_path, read, rules, FULL, few, name=name) == [to_facts(FULL), to_facts(few)]


def test_columns_that_nobody_speaks_about_are_left_out(tmp_path: Path, read: Read, rules: Rulebook) -> None:
    known = frozenset({"name", "enterprise", "league", "banner", "industry", "stage", "product", "remark"})
    only = project(code=None, known=known, units=(Unit(product="电石"),))
    assert round_trip(tmp_path, read, rules, only) == [to_facts(only)]


def test_energy_by_carrier(tmp_path: Path, read: Read, rules: Rulebook) -> None:
    with_code, without = project(uses=USES), project(code=None, name="另一项目", uses=USES[:1])
    want = [to_facts(with_code), to_facts(without)]
    assert round_trip(tmp_path, read, rules, with_code, without) == want
    notes = workbook.write_projects(tmp_path / "a.csv", [with_code, FULL], rules)
    assert notes == ("CSV 不能保存“能源消费”明细，1 个项目的明细未写入；需要时请导出 .xlsx",)


def test_a_read_ledger_written_and_read_again_is_unchanged(tmp_path: Path, read: Read, rules: Rulebook) -> None:
    first = read(
        ledger(tmp_path / "in.xlsx", row(), row(装置名称="2#炉"), second(立项日期="2024年3月", 总投资="1,000"))
    )
    want = [to_facts(p) for p in first.projects]
    for name in ("a.xlsx", "a.csv"):
        assert round_trip(tmp_path, read, rules, *first.projects, name=name) == want


def test_no_cell_of_an_export_is_a_formula(tmp_path: Path, rules: Rulebook) -> None:
    path = tmp_path / "a.xlsx"
    workbook.write_projects(path, [FULL], rules)
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in packed.read(name)
    workbook.write_projects(tmp_path / "a.csv", [FULL], rules)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as lines:
        for cells in csv.reader(lines):
            for cell in cells:
                assert not cell.startswith(("=", "+", "@", "\t")), cell
                assert not cell.startswith("-") or Decimal(cell) < 0


@pytest.mark.parametrize(
    ("text", "want"),
    [("-12.5", "-12.5"), ("+5", "+5"), ("=1", "'=1"), ("-", "'-"), ("@a", "'@a"), ("＝1", "'＝1"), ("'=1", "''=1"), ("甲", "甲"),
     ("-inf", "'-inf"), ("\t1", "'\t1")],
)  # fmt: skip
def test_guards(text: str, want: str) -> None:
    assert guarded(text) == want


def test_only_known_formats(tmp_path: Path, rules: Rulebook) -> None:
    with pytest.raises(Refusal, match="只能导出"):
        workbook.write_projects(tmp_path / "a.ods", [FULL], rules)


NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Cf")), min_size=1, max_size=20
).filter(lambda t: any(c.isalpha() for c in t) and t not in {"未提供", "无", "NA", "NULL", "null"})
FIGURES = st.decimals(0, 10**12, places=6, allow_nan=False)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    remark=NAMES, problems=NAMES, investment=FIGURES, secs=st.lists(st.decimals(-100, 10**6, places=9), min_size=1, max_size=3),
    day=st.dates(date(1950, 1, 1), date(2099, 12, 31)), xlsx=st.booleans(),
)  # fmt: skip
def test_any_facts_survive(
    tmp_path: Path, read: Read, rules: Rulebook,
    remark: str, problems: str, investment: Decimal, secs: list[Decimal], day: date, xlsx: bool,
) -> None:  # fmt: skip
    made = project(
        remark=f"甲{remark}", problems=problems, investment=investment, filing_date=PartialDate.of(day),
        units=tuple(Unit(product="电石", actual_sec=s) for s in secs),
    )  # fmt: skip
    assert round_trip(tmp_path, read, rules, made, name="a.xlsx" if xlsx else "a.csv") == [to_facts(made)]


def test_the_template(tmp_path: Path, read: Read, rules: Rulebook) -> None:
    path = tmp_path / "template.xlsx"
    workbook.write_template(path, rules)
    assert (read(path).projects, read(path).unknown_columns) == ((), ())
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == ["台账", "能源消费", "填表说明", "选项"]
    page = made["台账"]
    assert page.freeze_panes == "D3"
    heads = {str(cell.value).rstrip("*").split("（吨标准煤")[0]: cell for cell in page[2]}
    assert {f.header for f in FIELDS} <= {h.removesuffix("（万元）").removesuffix("（万千瓦时）") for h in heads}
    assert all(cell.comment and "填写：" in cell.comment.text for cell in page[2])
    rules_of = [str(v.sqref) for v in page.data_validations.dataValidation]
    assert len(rules_of) >= 10
    assert "包头市" in made.defined_names


def test_the_template_filled_in_reads(tmp_path: Path, read: Read, rules: Rulebook) -> None:
    path = tmp_path / "template.xlsx"
    workbook.write_template(path, rules)
    made = openpyxl.load_workbook(path)
    page = made["台账"]
    for column, f in enumerate(FIELDS, 1):
        value = {"name": "项目", "enterprise": "单位", "league": "包头市", "banner": "青山区", "industry": "化工", "stage": "存量",
                 "product": "电石"}.get(f.key)  # fmt: skip
        if value:
            page.cell(3, column, value)
    made.save(path)
    (found,) = read(path).projects
    assert (found.name, found.units[0].row, found.known) == ("项目", 3, KNOWN)


def test_results(tmp_path: Path, rules: Rulebook) -> None:
    results = [screen(p, rules, as_of=date(2026, 11, 22)) for p in (FULL, project(code="B"))]
    rejected = [workbook.Rejection("台账", "H37", "设计单位产品能耗", "约900", "decimal number", "=项目", "请改正")]
    workbook.write_results(tmp_path / "a.csv", results, rejected, "csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert [r[2] for r in rows[1:4]] == ["虚构电石项目"] * 3
    assert rows[5] == ["未能读取的单元格"]
    assert rows[7][:6] == ["台账", "H37", "设计单位产品能耗", "约900", "decimal number", "'=项目"]
    workbook.write_results(tmp_path / "a.xlsx", results, rejected, "xlsx")
    made = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert made.sheetnames == ["筛查结果", "未能读取"]
    assert made["筛查结果"].max_row == 4
    assert made["未能读取"]["B2"].value == "H37"


def test_results_to_standard_output(rules: Rulebook, capsys: pytest.CaptureFixture[str]) -> None:
    workbook.write_results(None, [screen(FULL, rules, as_of=date(2026, 11, 22))], [], "csv")
    assert "虚构电石项目" in capsys.readouterr().out
