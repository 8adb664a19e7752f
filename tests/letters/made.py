"""Made-up data of letters, and how tests look at a PDF: characters in millimetres from the top left of the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import pymupdf
import pypdfium2
from PIL import ImageChops

from screening import rulebook
from screening.domain.letters import (
    Attachment,
    Letter,
    LetterFinding,
    LetterInputs,
    LetterKind,
    LetterUnit,
    Office,
    Provision,
    Remedies,
    Table,
    cited_by,
)
from screening.printing import render
from screening.wording import compose

DOCUMENT = "《工业重点领域能效标杆水平和基准水平（2023年版）》（发改产业〔2023〕723号）"
FURNACE_1 = LetterUnit(
    name="1号电石炉",
    product="电石",
    sec="951.2",
    sec_kind="2025年度实际值",
    unit="千克标准煤/吨",
    benchmark="805",
    baseline="940",
    class_id="BELOW_BASELINE",
    class_words="低于基准",
    document=DOCUMENT,
    ordered=True,
)
FURNACE_2 = LetterUnit(
    name="2号电石炉",
    product="电石",
    sec="880",
    sec_kind="2025年度实际值",
    unit="千克标准煤/吨",
    benchmark="805",
    baseline="940",
    class_id="BETWEEN",
    class_words="介于标杆和基准之间",
    document=DOCUMENT,
)
FINDING = LetterFinding(
    id="built_before_approval",
    words="未批先建",
    text="该项目于2024年3月1日开工建设，节能审查意见于2024年6月10日出具，开工时未依法取得节能审查意见",
)


REMEDIES = Remedies(
    government="内蒙古自治区人民政府",
    review_days=60,
    review_clause="《中华人民共和国行政复议法》第二十条",
    suit_months=6,
    suit_clause="《中华人民共和国行政诉讼法》第四十六条",
)


def inputs(kind: LetterKind = LetterKind.HALT, **changes: Any) -> LetterInputs:
    """A signed letter with everything that any kind needs; changed as told."""
    told: dict[str, Any] = {
        "kind": kind,
        "office": Office(
            code="150000",
            name="内蒙古自治区发展和改革委员会",
            mark="内发改",
            government="内蒙古自治区人民政府",
            contact="其其格",
            phone="0471-0000000",
        ),
        "number": "内发改两高停〔2026〕7号",
        "enterprise": "鄂尔多斯市堃喆能源化工有限公司",
        "credit_code": "91512081MA62K0260E",
        "project": "年产30万吨电石及配套石灰窑项目",
        "project_code": "2024-150621-04-01-123456",
        "place": "鄂尔多斯市达拉特旗三垧梁工业园区",
        "industry": "化工",
        "stage": "under_construction" if kind in {LetterKind.HALT, LetterKind.RECTIFY} else "existing",
        "as_of": date(2026, 11, 22),
        "edition": "2023",
        "rules_version": "0123456789ab",
        "units": (FURNACE_1, FURNACE_2),
        "findings": (FINDING,),
        "disposition": "叫停",
        "ground": {"RETROFIT": "gb_level3", "RECTIFY": "class_below", "ELIMINATE": "gb_level3"}.get(
            kind.value, "energy_review_missing"
        ),
        "instrument": "责令停止建设，限期整改",
        "organ": "管理节能工作的部门",
        "harmful": True,
        "basis": (
            Provision(clause="《中华人民共和国节约能源法》第十五条", text="不符合强制性节能标准的项目，不得开工建设"),
            Provision(clause="《固定资产投资项目节能审查办法》", text="擅自开工建设的，责令停止建设，限期整改"),
        ),
        "reasons": "事实清楚，证据充分",
        "due": date(2027, 5, 31),
        "months": 6,
        "outer_limit": date(2029, 11, 21),
        "national_target": date(2025, 12, 31),
        "remedies": REMEDIES,
        "cited": cited_by(rulebook.load(), kind, date(2026, 11, 22)),
        "signed_on": date(2026, 11, 22),
        "signatory": "苏和",
        "copies_to": ("鄂尔多斯市发展和改革委员会", "达拉特旗发展和改革委员会", "内蒙古自治区生态环境厅"),
        "recipient": "内蒙古自治区生态环境厅" if kind is LetterKind.REFER else None,
        "earlier": "《关于责令年产30万吨电石项目限期治理的决定》（内发改两高改〔2026〕3号）",
        "items": ("2025年度能源消费台账", "产量统计报表"),
        "reply_days": 5,
    }
    told.update(changes)
    return LetterInputs(**told)


HEAD = (
    "序号",
    "旗县",
    "企业名称",
    "项目名称",
    "项目代码",
    "装置",
    "主要产品及工艺",
    "单位产品能耗",
    "标杆水平",
    "基准水平",
    "对标结论",
)


def listed(count: int) -> Letter:
    """A letter with so many rows in a table of eleven columns, and a second attachment."""
    rows = tuple(
        (str(n), "达拉特旗", "鄂尔多斯市堃喆能源化工有限公司", "年产30万吨电石及配套石灰窑项目", "2024-150621-04-01-123456",
         f"{n}号电石炉", "电石（密闭炉）", f"{900 + n * 1.25:g}", "805", "940", "低于基准")
        for n in range(1, count + 1)
    )  # fmt: skip
    table = Table(HEAD, rows, (1,) * len(HEAD))
    letter = compose(inputs(LetterKind.RETROFIT))
    return replace(letter, attachments=(Attachment("“两高”项目能效对标情况一览表", table=table), Attachment("说明")))


@lru_cache(maxsize=64)
def pdf(made: LetterInputs) -> bytes:
    """The letter's PDF, made once per run."""
    return render(compose(made))


@dataclass(frozen=True)
class Mark:
    """A character on a page: em box in mm from the top left, baseline, size, font."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    baseline: float
    size: float
    font: str


MM = 25.4 / 72
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_PRESERVE_LIGATURES


def marks(data: bytes) -> list[list[Mark]]:
    """The characters of each page as a reader sees it, upright; the watermark is left out."""
    return [_marks(page) for page in pymupdf.open(stream=data, filetype="pdf")]


def _marks(page: Any) -> list[Mark]:
    found = []
    along = (0.0, -1.0) if page.rotation else (1.0, 0.0)
    for block in page.get_text("rawdict", flags=_FLAGS)["blocks"]:
        for line in block.get("lines", ()):
            if math.dist(line["dir"], along) > 1e-3:
                continue  # turned: the watermark, and the number of a page that lies across
            for span in line["spans"]:
                size = span["size"] * MM
                for c in span["chars"]:
                    box = pymupdf.Rect(c["bbox"]) * page.rotation_matrix
                    baseline = (pymupdf.Point(c["origin"]) * page.rotation_matrix).y * MM
                    found.append(
                        Mark(
                            c["c"], box.x0 * MM, box.x1 * MM, baseline - 0.88 * size, baseline + 0.12 * size,
                            baseline, size, span["font"],
                        )
                    )  # fmt: skip
    return found


def rules(data: bytes, page: int, *, red: bool = False) -> list[tuple[float, float, float]]:
    """The ruled lines of a page as printed at 600 dpi, from top to bottom: top, bottom and length in mm."""
    step = 25.4 / 600
    picture = pypdfium2.PdfDocument(data)[page].render(scale=600 / 72).to_pil().convert("RGB")
    reds, greens, _ = picture.split()
    ink = ImageChops.subtract(reds, greens) if red else ImageChops.invert(reds)
    rows = ink.point(lambda value: 255 if value > 120 else 0).tobytes()
    counts = [rows[y * picture.width : (y + 1) * picture.width].count(255) for y in range(picture.height)]
    found: list[tuple[float, float, float]] = []
    first = None
    for y, count in enumerate([*counts, 0]):
        long = count * step > 120
        if long and first is None:
            first = y
        elif not long and first is not None:
            found.append((first * step, y * step, max(counts[first:y]) * step))
            first = None
    return found


def lines(page: list[Mark], size: float = 156 / 28) -> list[list[Mark]]:
    """The body lines of a page (characters of that size), by baseline, from top to bottom."""
    by: dict[int, list[Mark]] = {}
    for mark in page:
        if abs(mark.size - size) < 0.02:
            by.setdefault(round(mark.baseline * 5), []).append(mark)
    return [sorted(by[key], key=lambda m: m.left) for key in sorted(by)]
