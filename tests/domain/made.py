"""Makes projects of every kind for the property tests: products, figures, dates and papers drawn at will."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as some

from screening.domain.registry import (
    EQUIPMENT_CLASSES,
    FILINGS,
    NATURES,
    OPERATIONS,
    REVIEW_LEVELS,
    Industry,
    Project,
    Stage,
)
from screening.domain.rules import RegionLevel
from tests.domain.worked import project_of, rules

STANDARDS = [s for e in rules().editions for s in e.standards]
KNOWN = [s for s in STANDARDS if s.known]
BANNERS = [r for r in rules().regions if r.level is RegionLevel.BANNER]
PRODUCTS = sorted(
    {n for s in STANDARDS for n in (s.product, *s.product_synonyms)} | {"燃煤发电", "镁", "兰炭", "某种新材料"}
)
VARIANTS = sorted({s.variant for s in STANDARDS if s.variant} | {"超临界 600MW", "自创工艺"})
UNITS = ("kgce/t", "千克标准煤/吨", "tce/t", "kWh/t", "gce/kWh", "kgce/重量箱", "kgce/m²", "kgoe/t", "吨标煤/吨", "台")
CAPACITY_UNITS = ("万吨/年", "吨/年", "t/d", "t", "万千瓦", "吨/日")

days = some.dates(date(2003, 1, 1), date(2030, 1, 1))


def figures(most: int, places: int = 6) -> some.SearchStrategy[str]:
    """A figure as text, with up to `places` decimals."""
    return some.decimals(0, most, places=places).map(lambda d: format(d, "f"))


dates = some.one_of(
    days.map(lambda d: d.isoformat()),
    days.map(lambda d: d.isoformat()[:7]),
    days.map(lambda d: d.isoformat()[:4]),
)


def maybe(one: some.SearchStrategy[Any]) -> some.SearchStrategy[Any]:
    """The value, a blank cell, or no such column."""
    return some.one_of(some.just("ABSENT"), some.none(), one)


@some.composite
def unit_facts(draw: Callable[..., Any]) -> dict[str, Any]:
    """A unit of any product: half of them fit a standard, with figures around its levels."""
    if draw(some.booleans()):
        standard = draw(some.sampled_from(KNOWN))
        near = draw(some.sampled_from([standard.benchmark, standard.baseline]))
        away = draw(some.decimals(-3, 3, places=6))
        chosen = {"product": standard.product, "variant": standard.variant, "sec_unit": standard.unit.value}
        chosen |= {key: format(near + away, "f") for key in ("design_sec", "actual_sec") if draw(some.booleans())}
    else:
        chosen = {
            "product": draw(some.sampled_from(PRODUCTS)),
            "variant": draw(some.none() | some.sampled_from(VARIANTS)),
            "sec_unit": draw(some.none() | some.sampled_from(UNITS)),
            "design_sec": draw(some.none() | figures(20000)),
            "actual_sec": draw(some.none() | figures(20000)),
        }
    more = {
        "unit_name": draw(some.none() | some.sampled_from(["1号线", "2#炉", "三期"])),
        "design_capacity": draw(some.none() | figures(1200, 1)),
        "built_capacity": draw(some.none() | figures(1200, 1)),
        "capacity_unit": draw(some.none() | some.sampled_from(CAPACITY_UNITS)),
        "year": draw(some.none() | some.integers(2018, 2027).map(str)),
    }
    return {key: value for key, value in (chosen | more).items() if value is not None}


uses = some.builds(
    lambda basis, carrier, amount, measure, sold, feedstock, renewable, year: {
        "basis": basis,
        "carrier": carrier,
        "amount": amount,
        "measure": measure,
        "sold": sold,
        "feedstock": feedstock,
        "renewable": renewable,
        "year": year,
    },
    some.sampled_from(["设计", "实际"]),
    some.sampled_from(["原煤", "电力", "热力", "天然气", "洗精煤", "新水", "转炉煤气", "黑液"]),
    figures(100000, 2),
    some.sampled_from(["t", "万kWh", "GJ", "万m3", "万t"]),
    some.booleans(),
    some.booleans(),
    some.booleans(),
    some.none() | some.sampled_from(["2024", "2025"]),
)

PROJECT = {
    "nature": some.sampled_from(NATURES),
    "operation": some.sampled_from(OPERATIONS),
    "park": some.sampled_from(["装备园区", "化工园区"]),
    "approved_capacity": figures(1200, 1),
    "design_equivalent": figures(100000, 4),
    "design_calorific": figures(100000, 4),
    "actual_equivalent": figures(100000, 4),
    "approved_equivalent": figures(100000, 4),
    "electricity": figures(40000, 4),
    "filing_kind": some.sampled_from(FILINGS),
    "filing_date": dates,
    "review_level": some.sampled_from(REVIEW_LEVELS),
    "review_number": some.just("内发改审〔2020〕1号"),
    "review_date": dates,
    "approved_process": some.sampled_from(VARIANTS),
    "approved_site": some.sampled_from([r.name for r in BANNERS] + ["某工业区"]),
    "eia_number": some.just("内环审〔2020〕1号"),
    "eia_date": dates,
    "national_plan": some.sampled_from(["是", "否"]),
    "replacement_number": some.just("内工信置换〔2023〕5号"),
    "equipment_class": some.sampled_from(EQUIPMENT_CLASSES),
    "start_date": dates,
    "commissioning_date": dates,
}


@some.composite
def project_facts(draw: Callable[..., Any]) -> dict[str, Any]:
    """The compact facts of a project (see `tests/cases/README.md`)."""
    banner = draw(some.sampled_from(BANNERS))
    facts: dict[str, Any] = {
        "stage": draw(some.sampled_from([s.value for s in Stage])),
        "industry": draw(some.sampled_from([i.value for i in Industry])),
        "league": banner.parent,
        "banner": banner.id,
        "units": draw(some.lists(unit_facts(), min_size=1, max_size=3)),
    }
    blank = []
    for key, values in PROJECT.items():
        value = draw(maybe(values))
        if value is None:
            blank.append(key)
        elif value != "ABSENT":
            facts[key] = value
    if draw(some.booleans()):
        facts["uses"] = draw(some.lists(uses, max_size=4))
    return facts | {"blank": blank}


projects: some.SearchStrategy[Project] = project_facts().map(project_of)
screening_days = some.dates(date(2021, 1, 1), date(2028, 1, 1))
secs = some.decimals(Decimal(-100), Decimal(20000), places=9)
