"""`screening screen` on 20,000 rows × 63 columns, beside python-calamine alone reading the same file; each a process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

import xlsxwriter

from screening import rulebook
from screening.domain.registry import FIELDS, Industry, Kind, Stage
from screening.domain.rules import RegionLevel, Rulebook
from tests.bench.rounds import ON_SCREEN, medians, show

ROWS = 20_000
CALAMINE = (
    "import sys, python_calamine; "
    "book = python_calamine.CalamineWorkbook.from_path(sys.argv[1]); "
    "print(sum(len(row) for row in book.get_sheet_by_index(0).to_python()))"
)
ORDER = {"立项日期": 0, "环评日期": 3, "节能审查日期": 6, "开工日期": 8, "节能验收日期": 26, "投产日期": 28}
"""Months after the start of the project's first year."""
INDUSTRY = {
    "25": Industry.PETROCHEMICAL, "30": Industry.BUILDING_MATERIALS, "31": Industry.STEEL, "32": Industry.NONFERROUS,
}  # fmt: skip
SELDOM = {
    "存在问题",
    "处置意见",
    "整改责任人",
    "销号日期",
    "首次列入清单日期",
    "原整改文号",
    "原整改时限",
    "产能置换文号",
    "备注",
}


LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(number: int) -> str:
    """A made-up credit code with a right check letter (GB 32100)."""
    body = f"91150100MA0{number:06d}"
    total = sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + LETTERS[-total % 31]


def write(
    path: Path, rules: Rulebook, *, rows: int = ROWS, faults: Mapping[tuple[int, str], str] = MappingProxyType({})
) -> None:
    """A full ledger of made-up projects, one unit each but for every tenth, which has two; the same bytes every time.

    `faults`: (row from 1, header) -> what stands there instead.
    """
    banners = [region for region in rules.regions if region.level is RegionLevel.BANNER]
    names = {region.id: region.name for region in rules.regions}
    standards = [s for s in rules.editions[-1].standards if s.known]
    stages = [s.words for s in Stage]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [field.header for field in FIELDS])
        for row in range(1, rows + 1):
            number = row - 1 if row % 10 == 0 else row  # two rows of one project
            banner = banners[number % len(banners)]
            standard = standards[row % len(standards)]
            figure = standard.baseline * (70 + row % 40) / 100
            year = 2018 + number % 8
            fixed = {
                "项目代码": f"{year}-{banner.id}-{26 + number % 20}-01-{number:06d}",
                "项目名称": f"测试{standards[number % len(standards)].product}项目{number}",
                "建设单位": f"内蒙古测试企业{number}有限公司",
                "统一社会信用代码": credit_code(number),
                "行业代码": standard.industry_code or "2613",
                "盟市": names[banner.id[:4] + "00"],
                "旗县": banner.name,
                "所属行业": INDUSTRY.get(
                    (standards[number % len(standards)].industry_code or "")[:2], Industry.CHEMICAL
                ).words,
                "建设状态": stages[number % 3],
                "主要产品": standard.product,
                "工艺规格": standard.variant,
                "能耗单位": standard.unit.value,
                "设计单位产品能耗": float(figure),
                "实际单位产品能耗": f"{figure:,.2f}" if row % 7 == 0 else float(figure),
                "产能单位": "万吨/年",
                "统计年度": 2025,
            }
            tonnes = 3000 + number * 7919 % 90_000
            own = standards[number % len(standards)].baseline * (70 + number % 40) / 100
            capacity = round(float(tonnes / max(abs(own), 1) / 10), 4)  # 万吨: most figures fit each other, as they do
            out_of_order = number % 12 == 0  # such a project was built before its papers
            fixed |= {
                "节能审查机关级别": "自治区",
                "设备类别": "允许",
                "批复工艺": standards[number % len(standards)].variant,
                "运行状态": "停产" if number % 20 == 0 else "正常",
                "批复建设地点": f"{banner.name}工业园区",
                "设计年综合能耗（等价值）": tonnes,
                "设计年综合能耗（当量值）": tonnes * 0.8,
                "实际年综合能耗（等价值）": tonnes * (1.2 if number % 15 == 0 else 0.97),
                "批复年综合能耗（等价值）": tonnes,
                "设计产能": capacity,
                "实际建成产能": capacity,
                "批复产能": capacity,
                "实际产量": round(capacity * 0.9, 5),
                "年用电量": tonnes // 5,
            }
            for column, field in enumerate(FIELDS):
                if (row, field.header) in faults:
                    sheet.write_string(row, column, faults[row, field.header])
                elif field.header in fixed:
                    sheet.write(row, column, fixed[field.header])
                elif field.header in SELDOM:
                    continue
                elif field.kind is Kind.DATE:
                    months = -30 if out_of_order and field.header == "开工日期" else ORDER[field.header]
                    sheet.write_datetime(row, column, date(year + months // 12, 1 + months % 12, 1 + number % 28), day)
                elif field.kind is Kind.NUMBER:
                    spread = row if field.per_unit and "产能" not in field.header else number
                    sheet.write_number(row, column, 100 + spread * 7919 % 90_000 / 10)
                elif field.choices:
                    sheet.write_string(row, column, field.choices[number % len(field.choices)])
                elif field.kind is Kind.YES_NO:
                    sheet.write_string(row, column, "是")
                else:
                    sheet.write_string(row, column, f"{field.header}{row if field.per_unit else number}")


def measure() -> None:
    """Prints the ratio; the aim is at most 4, the goal 2.5."""
    with tempfile.TemporaryDirectory() as room:
        book, result = Path(room, "ledger.xlsx"), Path(room, "result.json")
        with ON_SCREEN.status(f"writing {ROWS} rows × {len(FIELDS)} columns"):
            write(book, rulebook.load())

        def run(*words: str) -> None:
            done = subprocess.run([sys.executable, *words], check=False, capture_output=True, text=True)
            if done.returncode not in {0, 1}:
                raise SystemExit(done.stdout + done.stderr)

        screening = ("-m", "screening", "screen", str(book), "--as-of", "2026-11-22", "--format", "json")
        ways = {
            "python-calamine alone": lambda: run("-c", CALAMINE, str(book)),
            "screening screen": lambda: run(*screening, "--output", str(result)),
        }
        found = medians(ways, rounds=5)
        size = book.stat().st_size / 1e6
        show(
            f"Screening {ROWS} rows × {len(FIELDS)} columns ({size:.1f} MB)",
            found,
            base="python-calamine alone",
            goals={"screening screen": "≤ 4, goal 2.5"},
        )
