"""Chapter 1, what stands in the ledger: projects, their units, their energy, and the fields of the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from screening.domain.calendar import PartialDate
from screening.domain.quantity import plain


class Industry(StrEnum):
    """The eight industries of the plan."""

    PETROCHEMICAL = "petrochemical"
    COKING = "coking"
    CHEMICAL = "chemical"
    COAL_CHEMICAL = "coal_chemical"
    BUILDING_MATERIALS = "building_materials"
    STEEL = "steel"
    NONFERROUS = "nonferrous"
    COAL_POWER = "coal_power"

    @property
    def words(self) -> str:
        """As users read it."""
        return INDUSTRY_WORDS[self]


INDUSTRY_WORDS = {
    Industry.PETROCHEMICAL: "石化",
    Industry.COKING: "焦化",
    Industry.CHEMICAL: "化工",
    Industry.COAL_CHEMICAL: "煤化工",
    Industry.BUILDING_MATERIALS: "建材",
    Industry.STEEL: "钢铁",
    Industry.NONFERROUS: "有色",
    Industry.COAL_POWER: "煤电",
}


class Stage(StrEnum):
    """Where the project stands in its life."""

    PROPOSED = "proposed"
    UNDER_CONSTRUCTION = "under_construction"
    EXISTING = "existing"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"proposed": "拟建", "under_construction": "在建", "existing": "存量"}[self.value]


class Kind(StrEnum):
    """How the text of a field is read."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    YEAR = "year"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    LEAGUE = "league"
    BANNER = "banner"
    INDUSTRY = "industry"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the workbook and an attribute of Project or Unit, with the words that forms and letters use."""

    key: str
    header: str
    kind: Kind = Kind.TEXT
    per_unit: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    measure: str | None = None
    """tce, 万千瓦时, 万元: the unit of the stored figure."""
    group: str = "基本信息"


NATURES = ("新建", "扩建", "改建", "技改")
OPERATIONS = ("正常", "停建", "停产", "已退出")
FILINGS = ("核准", "备案", "审批")
REVIEW_LEVELS = ("国家", "自治区", "盟市", "旗县")
EQUIPMENT_CLASSES = ("鼓励", "允许", "限制", "淘汰")

BASIC, UNITS, ENERGY, PAPERS, ORDERS, CONTACT = (
    "基本信息",
    "装置与能效",
    "综合能耗",
    "审批手续",
    "整改情况",
    "联系与送达",
)

FIELDS: tuple[Field, ...] = (
    Field("code", "项目代码", Kind.CODE),
    Field("name", "项目名称", required=True),
    Field("enterprise", "建设单位", required=True),
    Field("credit_code", "统一社会信用代码", Kind.CODE),
    Field("league", "盟市", Kind.LEAGUE, required=True),
    Field("banner", "旗县", Kind.BANNER, required=True),
    Field("park", "园区"),
    Field("industry", "所属行业", Kind.INDUSTRY, required=True),
    Field("industry_code", "行业代码", Kind.CODE, per_unit=True),
    Field("stage", "建设状态", Kind.STAGE, required=True),
    Field("nature", "建设性质", Kind.CHOICE, choices=NATURES),
    Field("operation", "运行状态", Kind.CHOICE, choices=OPERATIONS),
    Field("unit_name", "装置名称", per_unit=True, group=UNITS),
    Field("product", "主要产品", per_unit=True, required=True, group=UNITS),
    Field("variant", "工艺规格", per_unit=True, group=UNITS),
    Field("design_capacity", "设计产能", Kind.NUMBER, per_unit=True, group=UNITS),
    Field("approved_capacity", "批复产能", Kind.NUMBER, group=UNITS),
    Field("built_capacity", "实际建成产能", Kind.NUMBER, per_unit=True, group=UNITS),
    Field("capacity_unit", "产能单位", per_unit=True, group=UNITS),
    Field("design_sec", "设计单位产品能耗", Kind.NUMBER, per_unit=True, group=UNITS),
    Field("actual_sec", "实际单位产品能耗", Kind.NUMBER, per_unit=True, group=UNITS),
    Field("sec_unit", "能耗单位", per_unit=True, group=UNITS),
    Field("output", "实际产量", Kind.NUMBER, per_unit=True, group=UNITS),
    Field("year", "统计年度", Kind.YEAR, per_unit=True, group=UNITS),
    Field("design_equivalent", "设计年综合能耗（等价值）", Kind.NUMBER, measure="tce", group=ENERGY),
    Field("design_calorific", "设计年综合能耗（当量值）", Kind.NUMBER, measure="tce", group=ENERGY),
    Field("actual_equivalent", "实际年综合能耗（等价值）", Kind.NUMBER, measure="tce", group=ENERGY),
    Field("electricity", "年用电量", Kind.NUMBER, measure="万千瓦时", group=ENERGY),
    Field("investment", "总投资", Kind.NUMBER, measure="万元", group=ENERGY),
    Field("value_added", "工业增加值", Kind.NUMBER, measure="万元", group=ENERGY),
    Field("filing_kind", "立项方式", Kind.CHOICE, choices=FILINGS, group=PAPERS),
    Field("filing_organ", "立项机关", group=PAPERS),
    Field("filing_number", "立项文号", group=PAPERS),
    Field("filing_date", "立项日期", Kind.DATE, group=PAPERS),
    Field("review_level", "节能审查机关级别", Kind.CHOICE, choices=REVIEW_LEVELS, group=PAPERS),
    Field("review_organ", "节能审查机关", group=PAPERS),
    Field("review_number", "节能审查文号", group=PAPERS),
    Field("review_date", "节能审查日期", Kind.DATE, group=PAPERS),
    Field("approved_equivalent", "批复年综合能耗（等价值）", Kind.NUMBER, measure="tce", group=PAPERS),
    Field("approved_process", "批复工艺", group=PAPERS),
    Field("approved_site", "批复建设地点", group=PAPERS),
    Field("acceptance_date", "节能验收日期", Kind.DATE, group=PAPERS),
    Field("eia_number", "环评文号", group=PAPERS),
    Field("eia_date", "环评日期", Kind.DATE, group=PAPERS),
    Field("discharge_permit", "排污许可证编号", group=PAPERS),
    Field("national_plan", "国家规划布局", Kind.YES_NO, group=PAPERS),
    Field("replacement_number", "产能置换文号", group=PAPERS),
    Field("equipment_class", "设备类别", Kind.CHOICE, choices=EQUIPMENT_CLASSES, group=PAPERS),
    Field("start_date", "开工日期", Kind.DATE, group=PAPERS),
    Field("commissioning_date", "投产日期", Kind.DATE, group=PAPERS),
    Field("first_listed", "首次列入清单日期", Kind.DATE, group=ORDERS),
    Field("earlier_order", "原整改文号", group=ORDERS),
    Field("earlier_limit", "原整改时限", Kind.DATE, group=ORDERS),
    Field("problems", "存在问题", group=ORDERS),
    Field("opinion", "处置意见", group=ORDERS),
    Field("responsible", "整改责任人", group=ORDERS),
    Field("closed_date", "销号日期", Kind.DATE, group=ORDERS),
    Field("legal_representative", "法定代表人", group=CONTACT),
    Field("domicile", "住所", group=CONTACT),
    Field("service_address", "送达地址", group=CONTACT),
    Field("contact", "联系人", group=CONTACT),
    Field("phone", "联系电话", Kind.CODE, group=CONTACT),
    Field("remark", "备注", group=CONTACT),
)
FIELD = {f.key: f for f in FIELDS}
PROJECT_FIELDS = tuple(f for f in FIELDS if not f.per_unit)
UNIT_FIELDS = tuple(f for f in FIELDS if f.per_unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One production unit: one product, one variant, one indicator. Capacities in `capacity_unit`."""

    row: int | None = None
    """Row of the sheet, from 1, where the unit was read from a workbook."""
    unit_name: str | None = None
    industry_code: str | None = None
    product: str
    variant: str | None = None
    design_capacity: Decimal | None = None
    built_capacity: Decimal | None = None
    capacity_unit: str | None = None
    design_sec: Decimal | None = None
    actual_sec: Decimal | None = None
    sec_unit: str | None = None
    output: Decimal | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyUse:
    """A physical quantity of one carrier in one year (sheet 能源消费); lower heating value in kJ/kg or kJ/m³."""

    basis: str
    """设计 or 实际."""
    year: int | None = None
    sold: bool = False
    carrier: str
    amount: Decimal
    measure: str
    heating_value: Decimal | None = None
    feedstock: bool = False
    renewable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A high-energy, high-emission investment project as its source states it.

    `known` holds the keys of the fields that the source speaks about at all: a field outside it says nothing,
    a field inside it that is None is "not on file". League and banner are six-digit codes. Energy in tce.
    """

    code: str | None = None
    name: str
    enterprise: str
    credit_code: str | None = None
    league: str
    banner: str
    park: str | None = None
    industry: Industry
    stage: Stage
    nature: str | None = None
    operation: str | None = None
    approved_capacity: Decimal | None = None
    design_equivalent: Decimal | None = None
    design_calorific: Decimal | None = None
    actual_equivalent: Decimal | None = None
    electricity: Decimal | None = None
    investment: Decimal | None = None
    value_added: Decimal | None = None
    filing_kind: str | None = None
    filing_organ: str | None = None
    filing_number: str | None = None
    filing_date: PartialDate | None = None
    review_level: str | None = None
    review_organ: str | None = None
    review_number: str | None = None
    review_date: PartialDate | None = None
    approved_equivalent: Decimal | None = None
    approved_process: str | None = None
    approved_site: str | None = None
    acceptance_date: PartialDate | None = None
    eia_number: str | None = None
    eia_date: PartialDate | None = None
    discharge_permit: str | None = None
    national_plan: bool | None = None
    replacement_number: str | None = None
    equipment_class: str | None = None
    start_date: PartialDate | None = None
    commissioning_date: PartialDate | None = None
    first_listed: PartialDate | None = None
    earlier_order: str | None = None
    earlier_limit: PartialDate | None = None
    problems: str | None = None
    opinion: str | None = None
    responsible: str | None = None
    closed_date: PartialDate | None = None
    legal_representative: str | None = None
    domicile: str | None = None
    service_address: str | None = None
    contact: str | None = None
    phone: str | None = None
    remark: str | None = None
    units: tuple[Unit, ...]
    uses: tuple[EnergyUse, ...] = ()
    known: frozenset[str] = field(default_factory=frozenset)
    extra: tuple[tuple[str, str], ...] = ()
    """Unknown columns of the sheet, kept as they are: (header, text)."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes two rows one project: the code, or name and enterprise where there is none."""
        return (self.code.casefold(),) if self.code else (self.name, self.enterprise)


def spell(value: object) -> str | None:
    """A value as the ledger keeps and compares it: exact text; None for blank."""
    match value:
        case None:
            return None
        case bool():
            return "是" if value else "否"
        case Decimal():
            return plain(value)
        case StrEnum():
            return value.value
        case _:
            return str(value)


def to_facts(project: Project) -> dict[str, Any]:
    """The project as plain JSON data, every figure a string; the inverse of `from_facts`, sheet rows left out."""
    facts: dict[str, Any] = {f.key: spell(getattr(project, f.key)) for f in PROJECT_FIELDS}
    facts["units"] = [{f.key: spell(getattr(u, f.key)) for f in UNIT_FIELDS} for u in project.units]
    facts["uses"] = [
        {
            "basis": u.basis,
            "year": spell(u.year),
            "sold": u.sold,
            "carrier": u.carrier,
            "amount": plain(u.amount),
            "measure": u.measure,
            "heating_value": spell(u.heating_value),
            "feedstock": u.feedstock,
            "renewable": u.renewable,
        }
        for u in project.uses
    ]
    facts["known"] = sorted(project.known)
    facts["extra"] = [list(pair) for pair in project.extra]
    return facts


@lru_cache(maxsize=65536)
def _day(text: str) -> PartialDate:
    """Days recur: a ledger holds a few thousand of them, some fields of each project."""
    return PartialDate.read(text)


_PARSERS: dict[Kind, Callable[[str], Any]] = {
    Kind.NUMBER: Decimal, Kind.YEAR: int, Kind.DATE: _day, Kind.YES_NO: "是".__eq__, Kind.INDUSTRY: Industry,
    Kind.STAGE: Stage,
}  # fmt: skip
"""How a stored text becomes a value; of other kinds it is the value."""
_PROJECT_PARSERS = tuple((f.key, _PARSERS.get(f.kind)) for f in PROJECT_FIELDS)
_UNIT_PARSERS = tuple((f.key, _PARSERS.get(f.kind)) for f in UNIT_FIELDS)


def _parsed(facts: Mapping[str, Any], parsers: Iterable[tuple[str, Callable[[str], Any] | None]]) -> dict[str, Any]:
    return {
        key: value if parse is None or value is None else parse(value)
        for key, parse in parsers
        for value in (facts.get(key),)
    }


def from_facts(facts: Mapping[str, Any]) -> Project:
    """The project that `to_facts` spelled out; keys that are missing count as blank."""
    return Project(
        **_parsed(facts, _PROJECT_PARSERS),
        units=tuple(Unit(**_parsed(u, _UNIT_PARSERS)) for u in facts["units"]),
        uses=tuple(
            EnergyUse(
                basis=u["basis"],
                year=None if u["year"] is None else int(u["year"]),
                sold=u["sold"],
                carrier=u["carrier"],
                amount=Decimal(u["amount"]),
                measure=u["measure"],
                heating_value=None if u["heating_value"] is None else Decimal(u["heating_value"]),
                feedstock=u["feedstock"],
                renewable=u["renewable"],
            )
            for u in facts["uses"]
        ),
        known=frozenset(facts["known"]),
        extra=tuple((h, t) for h, t in facts["extra"]),
    )
