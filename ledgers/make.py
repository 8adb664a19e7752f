# ruff: noqa: INP001  # a script beside the files it makes, no package
"""Makes the blank template and the sample ledger: about 300 made-up projects of made-up enterprises.

Run as `python ledgers/make.py`. The same rules give the same files. No name, code, number or figure in the sample is
that of a real enterprise or project; figures are drawn around the levels of the rules so that every class, every
finding that the program detects and the usual untidiness of real ledgers occur.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

import xlsxwriter  # noqa: E402  # after the path is set, so that the script runs without installation

from screening import rulebook, workbook  # noqa: E402
from screening.domain.registry import FIELDS, PROJECT_FIELDS  # noqa: E402
from screening.domain.rules import Region, RegionLevel, Rulebook, Standard  # noqa: E402
from screening.workbook.columns import title  # noqa: E402

SEED = 20221122
PER_LEAGUE = 25
TEMPLATE, SAMPLE = "template.xlsx", "sample-ledger.xlsx"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WORDS = (
    "青穹", "白驼", "云泽", "沙棘", "拓源", "苍岩", "朔野", "玄麓", "长垣", "碧滩",
    "金柳", "赤岭", "寒泉", "远戍", "飞鸿", "星砾", "松漠", "雁栖", "石泉", "浩瀚",
    "晨原", "北辰", "天牧", "乌金", "锦程", "沃野", "雪鹄", "银滩", "红柳", "驼铃",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A kind of plant: what it makes, how big it is, and how much of its energy is electricity (等价值)."""

    industry: str
    product: str
    variants: tuple[str | None, ...]
    capacity: tuple[float, float]
    capacity_unit: str
    sec_unit: str
    plant: str
    electric: float
    energy_per: float = 10.0
    """tce of energy per unit of capacity and unit of SEC: 10 for 万吨 and kgce/t, 50 for 万千瓦 of 5,000 hours."""
    shown: str | None = None
    """A synonym under which the ledger names the product."""


LINES = (
    Line("石化", "炼油", (None,), (300, 800), "万吨/年", "kgoe/(t·能量因数)", "炼油", 0.25, 120.0),
    Line("石化", "乙烯", ("石脑烃类",), (60, 120), "万吨/年", "kgoe/t", "乙烯", 0.2, 14.3),
    Line("石化", "对二甲苯", (None,), (60, 100), "万吨/年", "kgoe/t", "芳烃", 0.2, 14.3),
    Line("焦化", "煤制焦炭", ("顶装焦炉", "捣固焦炉"), (60, 260), "万吨/年", "kgce/t", "焦化", 0.2, 10.0, "焦炭"),
    Line("化工", "电石", (None,), (15, 60), "万吨/年", "kgce/t", "电石", 0.6),
    Line("化工", "烧碱", ("离子膜法液碱≥30%", "离子膜法固碱≥98%"), (10, 40), "万吨/年", "kgce/t", "氯碱", 0.75),
    Line("化工", "合成氨", ("非优质无烟块煤、型煤", "粉煤(包括无烟粉煤、烟煤)"), (18, 60), "万吨/年", "kgce/t",
         "化肥", 0.2),
    Line("化工", "纯碱", ("联碱法(轻质)", "氨碱法(重质)"), (30, 100), "万吨/年", "kgce/t", "纯碱", 0.25),
    Line("化工", "黄磷", (None,), (1, 5), "万吨/年", "kgce/t", "磷化工", 0.7),
    Line("煤化工", "煤制甲醇", ("褐煤", "烟煤"), (30, 180), "万吨/年", "kgce/t", "煤制甲醇", 0.2, 10.0, "甲醇"),
    Line("煤化工", "煤制烯烃", ("乙烯和丙烯(MTO)",), (50, 70), "万吨/年", "kgce/t", "煤制烯烃", 0.2),
    Line("煤化工", "煤制乙二醇", ("合成气法",), (20, 60), "万吨/年", "kgce/t", "煤制乙二醇", 0.3),
    Line("建材", "水泥熟料", (None,), (60, 180), "万吨/年", "kgce/t", "水泥", 0.18, 10.0, "熟料"),
    Line("建材", "平板玻璃", (None,), (550, 1100), "吨/日", "kgce/重量箱", "玻璃", 0.15, 7.3),
    Line("建材", "陶瓷砖", ("吸水率≤0.5%", "吸水率>10%"), (800, 2400), "万平方米/年", "kgce/m²", "陶瓷", 0.3),
    Line("建材", "卫生陶瓷", (None,), (3, 8), "万吨/年", "kgce/t", "卫生陶瓷", 0.3),
    Line("钢铁", "高炉工序", (None,), (120, 400), "万吨/年", "kgce/t", "炼铁", 0.1, 10.0, "炼铁"),
    Line("钢铁", "转炉工序", (None,), (120, 400), "万吨/年", "kgce/t", "炼钢", 0.5, -6.0, "转炉炼钢"),
    Line("钢铁", "硅铁", (None,), (3, 25), "万吨/年", "kgce/t", "硅铁", 0.75, 10.0, "75硅铁"),
    Line("钢铁", "锰硅合金", (None,), (5, 30), "万吨/年", "kgce/t", "锰硅合金", 0.7, 10.0, "硅锰合金"),
    Line("钢铁", "高碳铬铁", (None,), (5, 40), "万吨/年", "kgce/t", "铬铁", 0.7),
    Line("有色", "电解铝", ("铝液交流电耗",), (20, 80), "万吨/年", "kWh/t", "铝业", 0.98, 3.05),
    Line("有色", "铜冶炼工艺", ("铜精矿-阴极铜",), (10, 40), "万吨/年", "kgce/t", "铜业", 0.5),
    Line("有色", "铅冶炼工艺", (None,), (8, 20), "万吨/年", "kgce/t", "铅业", 0.4),
    Line("有色", "湿法炼锌工艺", ("电锌锌锭(有浸出渣火法处理)(精矿-电锌锌锭)",), (8, 22), "万吨/年", "kgce/t",
         "锌业", 0.7),
)  # fmt: skip
UNCOVERED = (
    Line("煤电", "燃煤发电", ("超超临界 1000MW",), (200, 200), "万千瓦", "gce/(kW·h)", "发电", 0.02, 50.0),
    Line("煤电", "燃煤发电", ("亚临界 300MW",), (60, 60), "万千瓦", "gce/(kW·h)", "热电", 0.02, 50.0),
    Line("焦化", "兰炭", (None,), (60, 120), "万吨/年", "kgce/t", "兰炭", 0.2),
    Line("有色", "工业硅", ("主还原剂煤",), (5, 15), "万吨/年", "kgce/t", "硅业", 0.75),
    Line("有色", "氧化铝", ("拜耳法",), (50, 100), "万吨/年", "kgce/t", "氧化铝", 0.2),
    Line("化工", "聚氯乙烯", ("电石法 通用型",), (20, 40), "万吨/年", "kgce/t", "聚氯乙烯", 0.5),
    Line("化工", "尿素", (None,), (30, 80), "万吨/年", "kgce/t", "尿素", 0.3),
    Line("建材", "石灰", (None,), (20, 60), "万吨/年", "kgce/t", "石灰", 0.1),
)
UNCOVERED_SEC = {
    "燃煤发电": (275, 330), "兰炭": (160, 215), "工业硅": (2500, 3200), "氧化铝": (340, 470), "聚氯乙烯": (160, 260),
    "尿素": (115, 180), "石灰": (110, 140),
}  # fmt: skip
FREE = {"烧碱", "纯碱", "合成氨", "黄磷", "陶瓷砖", "卫生陶瓷", "铜冶炼工艺", "铅冶炼工艺", "湿法炼锌工艺", "煤制烯烃"}
"""Products whose new capacity the rules do not forbid outright: proposed projects without a finding are of these."""
CLASSES = ("AT_BENCHMARK", "BETWEEN", "BELOW_BASELINE")
FINDINGS = ("policy", "unlawful", "early", "capacity", "site", "process", "energy")


@dataclass
class Made:
    """A made-up project: `cells` by field key (project), `units` by field key, `uses` rows of 能源消费."""

    cells: dict[str, Any]
    units: list[dict[str, Any]] = field(default_factory=list)
    uses: list[tuple[Any, ...]] = field(default_factory=list)
    style: str = "repeated"


class Maker:
    """Draws projects; one source of chance, so that the order of the code is the order of the draws."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules
        self.chance = random.Random(SEED)  # noqa: S311  # made-up data, no secret
        self.number = 0
        self.standards: dict[tuple[str, str | None], Standard] = {}
        for edition in rules.editions:
            for one in edition.standards:
                self.standards[one.product, one.variant] = one

    # -- names and codes ------------------------------------------------------------------------------------------

    def credit_code(self, banner: str) -> str:
        """A code with a right check digit, of a number range that starts with 0 and belongs to nobody."""
        stem = f"91{banner}0" + "".join(self.chance.choice(ALPHABET) for _ in range(8))
        total = sum(ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(stem))
        return stem + ALPHABET[-total % 31]

    def day(self, first: int, last: int) -> dt.date:
        """Some day from the beginning of `first` to the end of `last`."""
        start = dt.date(first, 1, 4)
        return start + dt.timedelta(days=self.chance.randrange((last - first + 1) * 365 - 20))

    def between(self, low: float, high: float, digits: int = 0) -> float:
        """A rounded figure; whole ones as such."""
        found = round(self.chance.uniform(low, high), digits)
        return int(found) if digits == 0 else found

    # -- a unit -------------------------------------------------------------------------------------------------------

    def sec(self, line: Line, variant: str | None, wanted: str, capacity: float) -> Any:
        """A specific consumption that falls into the wanted class."""
        if line.product in UNCOVERED_SEC:
            return self.between(*UNCOVERED_SEC[line.product], 1)
        standard = self._standard(line, variant, capacity)
        benchmark, baseline = float(standard.benchmark or 0), float(standard.baseline or 0)
        span = baseline - benchmark
        digits = 2 if span < 20 else 1 if span < 200 else 0
        low, high = {
            "AT_BENCHMARK": (benchmark - span * 0.6, benchmark),
            "BETWEEN": (benchmark + span * 0.1, baseline),
            "BELOW_BASELINE": (baseline + span * 0.1, baseline + span * 0.9),
        }[wanted]
        drawn = self.chance.random()
        if drawn < 0.04:
            return {"AT_BENCHMARK": standard.benchmark, "BETWEEN": standard.baseline}.get(wanted) or round(
                baseline + max(span, 1) * 0.002, 3
            )
        return self.between(low, high, digits)

    def _standard(self, line: Line, variant: str | None, capacity: float) -> Standard:
        if (line.product, variant) in self.standards:
            return self.standards[line.product, variant]
        for (product, _), one in self.standards.items():
            if product == line.product and one.capacity and one.capacity.holds(Decimal(str(capacity))):
                return one
        raise KeyError(line.product)

    def unit(self, line: Line, wanted: str, stage: str, number: int, of: int) -> dict[str, Any]:
        """A unit of the line with a figure of the wanted class."""
        capacity = self.between(*line.capacity, 1 if line.capacity[1] < 10 else 0) / 1
        variant = self.chance.choice(line.variants)
        sec = self.sec(line, variant, wanted, capacity)
        found: dict[str, Any] = {
            "unit_name": f"{number}#{'机组' if line.industry == '煤电' else '装置'}" if of > 1 else None,
            "industry_code": self._code(line),
            "product": line.shown if line.shown and self.chance.random() < 0.4 else line.product,
            "variant": variant,
            "design_capacity": capacity,
            "capacity_unit": line.capacity_unit,
            "sec_unit": line.sec_unit if self.chance.random() < 0.85 else _chinese(line.sec_unit),
        }
        if stage == "存量":
            found |= {
                "actual_sec": sec,
                "design_sec": _close(sec, self.chance.uniform(0.94, 1.0)) if self.chance.random() < 0.7 else None,
                "built_capacity": capacity,
                "output": round(
                    capacity * (330 if line.capacity_unit == "吨/日" else 1) * self.chance.uniform(0.7, 0.98), 1
                ),
                "year": 2025,
            }
        else:
            found["design_sec"] = sec
        found["tce"] = max(abs(capacity * float(sec) * line.energy_per), 900.0)
        return found

    def _code(self, line: Line) -> str | None:
        codes = {one.industry_code for (product, _), one in self.standards.items() if product == line.product}
        codes |= {e.industry_code for e in self.rules.catalogue if line.product in e.products}
        return min((c for c in codes if c), default=None)

    # -- a project ------------------------------------------------------------------------------------------------

    def project(self, league: Region, banner: Region, line: Line, wanted: str, stage: str, finding: str | None) -> Made:
        """A project with the wanted class and stage, clean but for the one wanted finding."""
        self.number += 1
        word = WORDS[(self.number * 7) % len(WORDS)]
        short = league.name.removesuffix("市").removesuffix("盟")
        nature = (
            "新建" if stage != "存量" or self.chance.random() < 0.6 else self.chance.choice(("扩建", "改建", "技改"))
        )
        if stage != "存量" and finding != "policy" and line.product not in FREE:
            nature = self.chance.choice(("改建", "技改"))
        filed = (
            self.day(2012, 2016)
            if stage == "存量"
            else self.day(2023, 2024)
            if stage == "在建"
            else self.day(2025, 2025)
        )
        reviewed = filed + dt.timedelta(days=self.chance.randrange(40, 160))
        eia = reviewed + dt.timedelta(days=self.chance.randrange(10, 90))
        started = eia + dt.timedelta(days=self.chance.randrange(15, 200))
        units = [self.unit(line, wanted, stage, n + 1, c) for c in [self._count()] for n in range(c)]
        tce = round(sum(u.pop("tce") for u in units), 1)
        cells: dict[str, Any] = {
            "code": f"{filed.year}-{banner.id}-{self.chance.randrange(1, 49):02d}-{self.chance.randrange(1, 6):02d}-"
            f"{self.number + 900000:06d}",
            "name": f"样例{word}{line.plant}{'项目' if nature == '新建' else nature + '项目'}（虚构{self.number:03d}）",
            "enterprise": f"{short}样例{word}{line.plant}有限公司",
            "credit_code": self.credit_code(banner.id),
            "league": league.name,
            "banner": banner.name,
            "park": f"{banner.name}样例工业园区" if self.chance.random() < 0.85 else None,
            "industry": line.industry,
            "stage": stage,
            "nature": nature,
            "operation": "正常" if stage == "存量" else None,
            "approved_capacity": round(sum(u["design_capacity"] for u in units), 1),
            "filing_kind": self.chance.choice(("核准", "备案", "备案")),
            "filing_organ": f"{league.name}样例审批部门",
            "filing_number": f"样发改备字〔{filed.year}〕{self.number:03d}号",
            "filing_date": filed,
            "review_level": "自治区" if tce < 500_000 or filed.year < 2025 else "国家",
            "review_organ": "样例节能审查机关",
            "review_number": f"样节审〔{reviewed.year}〕{self.number:03d}号",
            "review_date": reviewed,
            "approved_process": units[0]["variant"],
            "approved_site": f"{league.name}{banner.name}",
            "eia_number": f"样环审〔{eia.year}〕{self.number:03d}号",
            "eia_date": eia,
            "national_plan": "是"
            if line.industry == "石化" or (stage != "存量" and nature == "新建" and line.product not in FREE)
            else "否",
            "equipment_class": "允许" if stage == "存量" else "鼓励",
            "start_date": None if stage == "拟建" else started,
            "legal_representative": f"样某{self.chance.choice('甲乙丙丁戊己庚辛')}",
            "domicile": f"内蒙古自治区{league.name}{banner.name}样例路{self.number}号",
            "contact": f"样某{self.chance.choice('子丑寅卯辰巳午未')}",
            "phone": f"0470-0000{self.number:03d}",
        }
        if stage == "存量":
            cells["commissioning_date"] = started + dt.timedelta(days=self.chance.randrange(400, 900))
            cells["acceptance_date"] = cells["commissioning_date"] + dt.timedelta(days=200)
            cells["discharge_permit"] = f"{cells['credit_code']}001P"
        made = Made(cells, units)
        self._energy(made, line, tce)
        self._spoil(made, line, league, finding, reviewed)
        return made

    def _count(self) -> int:
        return self.chance.choices((1, 2, 3), (78, 16, 6))[0]

    def _energy(self, made: Made, line: Line, tce: float) -> None:
        """Totals of the whole project, and for some the quantities that they come from."""
        cells, existing = made.cells, made.cells["stage"] == "存量"
        electric = tce * line.electric
        kwh = round(electric / 0.305 / 10, 1)
        calorific = round(tce - electric + kwh * 10 * 0.1229, 1)
        cells |= {
            "design_equivalent": tce,
            "design_calorific": calorific,
            "approved_equivalent": round(tce * 1.01, 1),
            "electricity": kwh,
            "investment": round(tce * self.chance.uniform(0.6, 1.6) / 10) * 10,
            "value_added": round(tce * self.chance.uniform(0.2, 0.6)),
        }
        if existing:
            cells["actual_equivalent"] = round(tce * self.chance.uniform(0.82, 0.99), 1)
        if self.chance.random() < 0.07 and line.energy_per > 0:
            coal = round((tce - electric) / 0.7143, 1)
            made.uses = [
                (cells["code"], "设计", 2025, "消费", "原煤", coal, "吨", None, "否", "否"),
                (cells["code"], "设计", 2025, "消费", "电力", kwh, "万千瓦时", None, "否", "否"),
            ]
            if existing:
                share = self.chance.uniform(0.85, 0.98)
                made.uses += [
                    (cells["code"], "实际", 2025, "", "原煤", round(coal * share, 1), "t", 20934, "否", "否"),
                    (cells["code"], "实际", 2025, "", "电力", round(kwh * share, 1), "万kWh", None, "否", "否"),
                ]

    def _spoil(self, made: Made, line: Line, league: Region, finding: str | None, reviewed: dt.date) -> None:
        """Puts the wanted finding in."""
        cells = made.cells
        match finding:
            case "policy":
                if cells["stage"] == "存量":
                    cells |= {"equipment_class": "淘汰", "problems": "主体设备属淘汰类"}
                else:
                    cells |= {"nature": "新建", "national_plan": "否", "problems": "新增产能与管控要求不符"}
            case "unlawful":
                day = self.day(2018, 2021)
                cells |= {
                    "review_level": self.chance.choice(("盟市", "旗县")), "review_date": day,
                    "filing_date": day - dt.timedelta(days=90), "eia_date": day + dt.timedelta(days=20),
                    "start_date": day + dt.timedelta(days=100), "nature": "改建",
                    "commissioning_date": day + dt.timedelta(days=700), "acceptance_date": None,
                }  # fmt: skip
            case "early":
                if cells["stage"] == "在建" and self.chance.random() < 0.5:
                    cells |= dict.fromkeys(("review_level", "review_organ", "review_number", "review_date"))
                else:
                    cells["start_date"] = reviewed - dt.timedelta(days=self.chance.randrange(20, 120))
                cells["problems"] = "节能审查滞后于开工"
            case "capacity":
                cells["approved_capacity"] = round(cells["approved_capacity"] / self.chance.uniform(1.15, 1.4), 1)
                cells["problems"] = "实际规模大于批复"
            case "site":
                other = [r for r in self.rules.regions if r.level is RegionLevel.BANNER and r.parent != league.id]
                there = self.chance.choice(other)
                cells["approved_site"] = self.rules.regions_by_code[there.parent or ""].name + there.name
            case "process":
                others = [v for v in line.variants if v and v != made.units[0]["variant"]]
                for unit in made.units:
                    unit["variant"] = made.units[0]["variant"]
                cells["approved_process"] = others[0] if others else "另一工艺"
            case "energy":
                cells["actual_equivalent"] = round(cells["approved_equivalent"] * self.chance.uniform(1.12, 1.4), 1)
                cells["problems"] = "年综合能耗超过批复"


def _close(figure: Any, share: float) -> float:
    """A figure near another, better by the share, also where it is negative."""
    value = float(figure)
    return round(value - abs(value) * (1 - share), 1)


def _chinese(unit: str) -> str:
    return {
        "kgce/t": "千克标准煤/吨",
        "kWh/t": "千瓦时/吨",
        "kgce/m²": "千克标准煤/平方米",
        "kgce/重量箱": "千克标准煤/重量箱",
    }.get(unit, unit)


def projects(rules: Rulebook) -> Iterator[Made]:
    """All made-up projects, league by league."""
    maker = Maker(rules)
    leagues = [r for r in rules.regions if r.level is RegionLevel.LEAGUE]
    stages = ("存量", "存量", "存量", "在建", "拟建")
    for place, league in enumerate(leagues):
        banners = [r for r in rules.regions if r.parent == league.id and r.level is RegionLevel.BANNER]
        for n in range(PER_LEAGUE):
            at = place * PER_LEAGUE + n
            stage = stages[n % len(stages)]
            wanted = CLASSES[(at + n // 5) % 3]
            line = UNCOVERED[at % len(UNCOVERED)] if n % 8 == 7 else LINES[(at * 3 + place) % len(LINES)]
            finding = FINDINGS[(at // 5) % len(FINDINGS)] if n % 5 == (place + n // 5) % 5 else None
            finding = _possible(finding, stage, line)
            made = maker.project(league, banners[n % len(banners)], line, wanted, stage, finding)
            _vary(made, at, maker)
            yield made


def _possible(finding: str | None, stage: str, line: Line) -> str | None:
    """The finding where such a project can have it, else one that it can have."""
    if finding in {"unlawful", "energy", "early"} and stage == "拟建":
        return "policy" if line.product in {"电石", "硅铁", "水泥熟料", "高碳铬铁", "锰硅合金", "平板玻璃"} else "site"
    if finding in {"unlawful", "energy"} and stage == "在建":
        return "early"
    if finding == "capacity" and stage == "拟建":
        return "site"
    if finding == "process" and len(line.variants) < 2:
        return "capacity" if stage != "拟建" else "site"
    return finding


def _vary(made: Made, at: int, maker: Maker) -> None:
    """The unevenness of real ledgers: missing figures, vague dates, forms of writing, earlier orders."""
    cells, chance = made.cells, maker.chance
    made.style = ("repeated", "merged", "blank")[at % 3]
    if at % 29 == 3:
        for unit in made.units:
            unit["actual_sec"] = unit["design_sec"] = None
    if at % 41 == 5:
        made.units[0]["sec_unit"] = "kWh/t" if made.units[0]["sec_unit"] != "kWh/t" else "kgce/t"
    if at % 37 == 6:
        made.units[0]["variant"] = None
    if at % 23 == 4 and cells.get("commissioning_date"):
        cells["commissioning_date"] = cells["commissioning_date"].strftime("%Y年%-m月")
    if at % 31 == 9:
        cells["filing_date"] = str(cells["filing_date"].year)
    if at % 13 == 2:
        cells["filing_date"] = str(cells["filing_date"]).replace("-", "/")
    if at % 17 == 8:
        cells["design_equivalent"] = f"{cells['design_equivalent']:,.1f}"
    if at % 19 == 7:
        cells["investment"] = str(cells["investment"]).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for key in ("acceptance_date", "discharge_permit", "value_added"):
        if chance.random() < 0.2:
            cells[key] = chance.choice(("—", "/", "无", None))
    if at % 47 == 11:
        cells["code"] = None
    if at % 97 == 20:
        cells["credit_code"] = cells["credit_code"][:-1] + ("0" if cells["credit_code"][-1] != "0" else "1")
    if cells["stage"] == "存量" and at % 11 == 1:
        cells |= {
            "first_listed": dt.date(2024, 3, 15) + dt.timedelta(days=at),
            "earlier_order": f"样整改〔2024〕{at:03d}号",
            "opinion": "限期改造",
            "responsible": "样某整改负责人",
        }
    if cells["stage"] == "存量" and at % 101 == 51:  # tonnes where the capacity stands in 万吨
        made.units[0]["output"] = round(made.units[0]["output"] * 10_000)
    if cells["stage"] == "存量" and at % 103 == 60:  # 万吨标准煤 where 吨标准煤 is asked for
        cells["actual_equivalent"] = round(cells["actual_equivalent"] / 10_000, 4)
    if cells["stage"] == "存量" and at % 43 == 9:
        cells["operation"] = "停产"


def faulty(all_made: Sequence[Made]) -> None:
    """Six cells that cannot be read, each in a project of its own."""
    single = [m for m in all_made if len(m.units) == 1 and m.cells["stage"] == "存量"]
    several = next(m for m in all_made if len(m.units) == 2 and m.style == "repeated")
    single[8].units[0]["actual_sec"] = "约900"
    single[31].cells["review_date"] = "2015-02-29"
    single[57].cells["banner"] = "呼和浩特经济技术开发区"
    single[83].units[0]["design_capacity"] = ErrorCell("#DIV/0!")
    single[109].cells["industry"] = "造纸"
    several.cells["investment"] = Contradiction(several.cells["investment"])


@dataclass(frozen=True)
class ErrorCell:
    """A formula that ends in an error."""

    text: str


@dataclass(frozen=True)
class Contradiction:
    """A project's figure that its second row states otherwise."""

    figure: Any


HEADERS = {"banner": "旗县（市、区）*", "league": "盟 市*"}


class Sheet:
    """The ledger sheet while it is written."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.page = book.add_worksheet("台账")
        base = {"valign": "vcenter", "border": 1, "border_color": "#C5CED8", "font_size": 10}
        self.formats = {
            "plain": book.add_format(base),
            "wrap": book.add_format({**base, "text_wrap": True}),
            "text": book.add_format({**base, "num_format": "@"}),
            "day": book.add_format({**base, "num_format": "yyyy-mm-dd"}),
            "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
            "group": book.add_format({**base, "bold": True, "align": "center", "bg_color": "#D9E2EC"}),
            "head": book.add_format(
                {**base, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#F0F4F8"}
            ),
            "sum": book.add_format({**base, "bold": True, "bg_color": "#F7F7F2"}),
        }
        self.row = 0

    def put(self, column: int, value: Any, style: str = "plain", row: int | None = None) -> None:
        """One cell of the current row, of the type of its value."""
        at, look = self.row if row is None else row, self.formats[style]
        match value:
            case None | "":
                self.page.write_blank(at, column, None, look)
            case ErrorCell():
                self.page.write_formula(at, column, "=1/0", look, value.text)
            case dt.date():
                self.page.write_datetime(at, column, dt.datetime.combine(value, dt.time()), self.formats["day"])
            case int() | float() | Decimal():
                self.page.write_number(at, column, float(value), look)
            case _:
                self.page.write_string(at, column, str(value), look)

    def header(self) -> None:
        """Two title rows, then groups over columns; columns without a group name of their own are merged downwards."""
        last = len(FIELDS) - 1
        self.page.set_row(0, 30)
        self.page.merge_range(0, 0, 0, last, "内蒙古自治区两高项目台账（样例，全部内容为虚构）", self.formats["title"])
        self.page.merge_range(
            1, 0, 1, 11, "填报单位：样例发展和改革部门　　　　填报日期：2026年11月", self.formats["wrap"]
        )
        start = 0
        while start <= last:
            group = FIELDS[start].group
            end = start
            while end < last and FIELDS[end + 1].group == group:
                end += 1
            self.page.merge_range(2, start, 2, end, group, self.formats["group"])
            start = end + 1
        self.page.set_row(3, 44)
        for column, f in enumerate(FIELDS):
            self.put(column, HEADERS.get(f.key, title(f)), "head", row=3)
            self.page.set_column(
                column, column, {"name": 34, "enterprise": 28, "code": 27, "credit_code": 21}.get(f.key, 13)
            )
        self.page.freeze_panes(4, 3)
        self.row = 4

    def project(self, made: Made) -> None:
        """Its units; project cells repeated, merged or left blank below the first."""
        first = self.row
        for n, unit in enumerate(made.units):
            for column, f in enumerate(FIELDS):
                value = unit.get(f.key) if f.per_unit else made.cells.get(f.key)
                if isinstance(value, Contradiction):
                    value = value.figure if n == 0 else value.figure * 2
                if not f.per_unit and n and made.style != "repeated":
                    value = None
                self.put(column, value, "text" if f.kind.value == "code" else "plain")
            self.row += 1
        if made.style == "merged" and len(made.units) > 1:
            for f in PROJECT_FIELDS:
                column = FIELDS.index(f)
                value = made.cells.get(f.key)
                if isinstance(value, str) and f.key in {
                    "code",
                    "name",
                    "enterprise",
                    "league",
                    "banner",
                    "industry",
                    "stage",
                }:
                    self.page.merge_range(first, column, self.row - 1, column, value, self.formats["wrap"])

    def total(self, words: str, made: Sequence[Made]) -> None:
        """A row of subtotals or totals."""
        for column, f in enumerate(FIELDS):
            self.put(column, None, "sum")
            if f.key in {"investment", "design_equivalent"}:
                figures = [m.cells.get(f.key) for m in made]
                self.put(column, sum(v for v in figures if isinstance(v, int | float)), "sum")
        self.put(0, words, "sum")
        self.put(2, f"{len(made)} 个项目", "sum")
        self.row += 1


def write_sample(path: Path, rules: Rulebook) -> None:
    """The sample ledger."""
    made = list(projects(rules))
    faulty(made)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
    book.set_properties({"created": dt.datetime(2026, 11, 22), "title": "两高项目台账（虚构样例）"})  # noqa: DTZ001
    sheet = Sheet(book)
    sheet.header()
    by_league: dict[str, list[Made]] = {}
    for one in made:
        by_league.setdefault(one.cells["league"], []).append(one)
    for league, some in by_league.items():
        for one in some:
            sheet.project(one)
        sheet.total(f"{league}小计", some)
    sheet.total("合　计", made)
    sheet.row += 1
    for note in (
        "注：1. 本表所列企业、项目、代码、文号、数据均为虚构，仅供试用，与任何实际单位无关。",
        "2. 能耗为等价值，电力按 0.305 千克标准煤/千瓦时折算。",
        "填表人：样某甲　　审核人：样某乙　　填表日期：2026年11月20日",
    ):
        sheet.page.write_string(sheet.row, 0, note)
        sheet.row += 1
    sheet.page.autofilter(3, 0, sheet.row, len(FIELDS) - 1)
    _write_uses(book, made)
    book.close()


def _write_uses(book: xlsxwriter.Workbook, made: Sequence[Made]) -> None:
    page = book.add_worksheet("能源消费")
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#F0F4F8"})
    heads = (
        "项目代码*",
        "年度类型*",
        "年度",
        "方向",
        "能源品种*",
        "数量*",
        "单位*",
        "低位发热量（kJ/kg）",
        "用作原料",
        "可再生",
    )
    for column, head in enumerate(heads):
        page.write_string(0, column, head, bold)
        page.set_column(column, column, 28 if column == 0 else 12)
    rows = [use for one in made if one.cells["code"] for use in one.uses]
    for row, use in enumerate(rows, 1):
        for column, value in enumerate(use):
            if isinstance(value, str) and value:
                page.write_string(row, column, value)
            elif isinstance(value, int | float):
                page.write_number(row, column, value)


def main() -> None:
    """Both files, beside this script."""
    rules = rulebook.load()
    workbook.write_template(HERE / TEMPLATE, rules)
    write_sample(HERE / SAMPLE, rules)
    for name in (TEMPLATE, SAMPLE):
        print(f"{name}：{(HERE / name).stat().st_size // 1024} KB")  # noqa: T201  # a script tells what it did


if __name__ == "__main__":
    main()
