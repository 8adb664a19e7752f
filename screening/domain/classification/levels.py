"""The efficiency class of a unit against benchmark and baseline (law page §2), and the GB limits beside it (§8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from screening.domain.classification.exact import times
from screening.domain.classification.results import Basis, EfficiencyClass, GbVerdict, UnitVerdict
from screening.domain.quantity import MeasureUnit, Quantity, fold, plain, read_unit
from screening.domain.registry import Stage, Unit
from screening.domain.rules import Edition, GbLimit, Rule, Rulebook, Standard

_CAPACITY_UNITS = {
    "t/d": ("t/d", "吨/日", "吨/天", "t/天", "t/日", "吨每日", "日吨"),
    "t": ("t", "吨", "吨/炉", "t/炉"),
    "MW": ("mw", "兆瓦"),
}
CAPACITY_UNIT = {fold(spelling): unit for unit, spellings in _CAPACITY_UNITS.items() for spelling in spellings}


def basis_of(rule: Rule, rulebook: Rulebook) -> Basis:
    """The rule as something that a result rests on."""
    return Basis(rule.ref, rule.source.words, rulebook.evidence_of(rule))


@dataclass(frozen=True, slots=True)
class _Match:
    """The standard that fits a unit, or the class and the reason why none does."""

    standard: Standard | None
    without: EfficiencyClass | None = None
    reason: str = ""


def capacity_of(unit: Unit) -> Decimal | None:
    """The capacity that counts: built where known, else design; in the unit's own capacity unit."""
    return unit.built_capacity if unit.built_capacity is not None else unit.design_capacity


def _names(standard: Standard) -> tuple[str, ...]:
    return (standard.variant or "", *standard.variant_synonyms)


def _by_capacity(unit: Unit, candidates: Sequence[Standard]) -> _Match:
    capacity = capacity_of(unit)
    listed = "、".join(s.variant or "" for s in candidates)
    wanted = candidates[0].capacity.unit if candidates[0].capacity else ""
    if capacity is None or unit.capacity_unit is None:
        return _Match(
            None,
            EfficiencyClass.UNDETERMINED,
            f"“{unit.product}”按能力分档（{listed}），工艺规格和产能（{wanted}）均未填写。请填写其中一项。",
        )
    if CAPACITY_UNIT.get(fold(unit.capacity_unit)) != wanted:
        return _Match(
            None,
            EfficiencyClass.UNDETERMINED,
            f"“{unit.product}”按能力分档（{listed}），产能单位“{unit.capacity_unit}”不能换算为{wanted}。"
            f"请填写工艺规格，或以{wanted}填写产能。",
        )
    for standard in candidates:
        if standard.capacity and standard.capacity.holds(capacity):
            return _Match(standard)
    return _Match(
        None,
        EfficiencyClass.NOT_COVERED,
        f"产能{plain(capacity)}{unit.capacity_unit}不在“{unit.product}”的任何一档（{listed}）之内，未列入对标范围。",
    )


def match(unit: Unit, edition: Edition | None, outside: Sequence[Standard], as_of: date) -> _Match:
    """The standard of the edition for the unit's product and variant, never guessed; `outside` are other documents'."""
    if edition is None:
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"{as_of.isoformat()}没有生效的能效标杆水平和基准水平，未列入对标范围。",
        )
    candidates = edition.by_product.get(fold(unit.product), ())
    if not candidates and outside:
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"“{unit.product}”不在{edition.name}年版《{edition.source.title}》之内；"
            f"另见{outside[0].source.words}，其数值尚未收录，未列入对标范围。",
        )
    if not candidates:
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"产品“{unit.product}”不在{edition.name}年版《{edition.source.title}》的已收录产品之内，未列入对标范围。",
        )
    if unit.variant is not None:
        wanted = fold(unit.variant)
        for standard in candidates:
            if any(wanted == fold(name) for name in _names(standard) if name):
                return _Match(standard)
        known = "、".join(s.variant for s in candidates if s.variant)
        told = f"已收录的规格为：{known}" if known else "该产品不分规格，如确属该产品请将工艺规格留空"
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"“{unit.product}”的工艺规格“{unit.variant}”无法对应规则，未列入对标范围（{told}）。",
        )
    if len(candidates) == 1:
        return _Match(candidates[0])
    if not any(s.known for s in candidates):
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"“{unit.product}”列入{edition.name}年版《{edition.source.title}》，但其数值尚未收录，未列入对标范围。",
        )
    if all(s.capacity for s in candidates):
        return _by_capacity(unit, candidates)
    listed = "、".join(s.variant or "" for s in candidates)
    return _Match(
        None,
        EfficiencyClass.UNDETERMINED,
        f"“{unit.product}”分为多个工艺规格（{listed}），工艺规格未填写。请从中选填。",
    )


@dataclass(frozen=True, slots=True)
class _Consumption:
    """The SEC that counts, as it stands on file and in the rule's unit."""

    amount: Decimal | None
    kind: str | None
    reason: str = ""


def consumption(unit: Unit, stage: Stage) -> _Consumption:
    """Design SEC of a new unit; actual SEC of an existing one, its design SEC only where no actual is on file."""
    if stage is Stage.EXISTING:
        if unit.actual_sec is not None:
            return _Consumption(unit.actual_sec, "actual")
        if unit.design_sec is not None:
            return _Consumption(unit.design_sec, "design", "实际单位产品能耗未填写，按设计单位产品能耗判定。")
        return _Consumption(None, None, "实际单位产品能耗和设计单位产品能耗均未填写，数据不足。请补充。")
    if unit.design_sec is not None:
        return _Consumption(unit.design_sec, "design")
    return _Consumption(None, None, f"{stage.words}项目按设计单位产品能耗判定，该项未填写，数据不足。请补充。")


def convert(amount: Decimal, typed: str, wanted: MeasureUnit, rulebook: Rulebook, as_of: date) -> Decimal | None:
    """The amount in the wanted unit, where the factor is exact and on file; else None."""
    read = read_unit(typed)
    if read is None:
        return None
    unit, factor = read
    if unit is wanted:
        return times(amount, factor) if factor != 1 else amount
    weight_case = rulebook.parameter("weight_case_kg", as_of)
    if weight_case and weight_case.amount:
        per_tonne = times(weight_case.amount, Decimal("0.001"))
        if unit is MeasureUnit.KGCE_PER_T and wanted is MeasureUnit.KGCE_PER_CASE:
            return times(times(amount, factor), per_tonne)
    return None


def classify(value: Quantity, benchmark: Quantity, baseline: Quantity) -> EfficiencyClass:
    """Reaching a level includes equality; lower is better."""
    if value <= benchmark:
        return EfficiencyClass.AT_BENCHMARK
    return EfficiencyClass.BETWEEN if value <= baseline else EfficiencyClass.BELOW_BASELINE


def _near(value: Decimal, levels: tuple[Decimal, ...], share: Decimal | None) -> bool:
    return share is not None and any(abs(value - level) <= times(abs(level), share) for level in levels)


def _limit_words(unit: Unit, limits: Sequence[GbLimit]) -> tuple[GbLimit, ...]:
    """Of the limits of a product without national levels, those of the unit's variant, or all where it is blank."""
    if unit.variant is None:
        return tuple(limits)
    wanted = fold(unit.variant)
    return tuple(
        one
        for one in limits
        if one.variant is None or wanted in {fold(n) for n in (one.variant, *one.variant_synonyms)}
    )


def _reached(value: Decimal | None, limit: GbLimit) -> int | None:
    if value is None:
        return None
    for level, figure in ((1, limit.level1), (2, limit.level2), (3, limit.level3)):
        if figure is not None and value <= figure:
            return level
    return 0 if limit.level3 is not None else None


def against_limits(
    unit: Unit, standard: Standard | None, sec: _Consumption, rulebook: Rulebook, as_of: date
) -> tuple[GbVerdict, ...]:
    """The separate test against the mandatory limit standards; levels may be out of order and are not merged."""
    if standard is not None and standard.id in rulebook.limits_by_rule:
        limits: Sequence[GbLimit] = rulebook.limits_by_rule[standard.id]
    else:
        limits = _limit_words(unit, rulebook.limits_by_product.get(fold(unit.product), ()))
    capacity = capacity_of(unit)
    compared: list[tuple[GbLimit, int | None]] = []
    for limit in limits:
        if not limit.holds(as_of):
            continue
        if limit.capacity and capacity is not None and unit.capacity_unit:
            typed = CAPACITY_UNIT.get(fold(unit.capacity_unit))
            if typed == limit.capacity.unit and not limit.capacity.holds(capacity):
                continue
        value = None
        if sec.amount is not None and unit.sec_unit is not None:
            value = convert(sec.amount, unit.sec_unit, limit.unit, rulebook, as_of)
        compared.append((limit, _reached(value, limit)))
    found = []
    for limit, reached in compared:
        # Several rows of one indicator stay (the ledger does not tell water absorption, or the drive of a compressor):
        # only what all of them say is said.
        answers = {r for other, r in compared if other.indicator == limit.indicator}
        found.append(
            GbVerdict(
                limit.standard,
                limit.indicator,
                limit.unit.value,
                limit.level1,
                limit.level2,
                limit.level3,
                reached if len(answers) == 1 else None,
                limit.ref,
                rulebook.evidence_of(limit),
            )
        )
    return tuple(found)


def title_of(unit: Unit, position: int, count: int) -> str:
    """How a reason names the unit: by its name, else by its order among several."""
    if unit.unit_name:
        return f"{unit.unit_name}（{unit.product}）"
    return f"第{position + 1}套装置（{unit.product}）" if count > 1 else f"{unit.product}装置"


def _limit_reason(title: str, verdict: GbVerdict) -> str:
    levels = "、".join(
        f"{name}{plain(figure)}"
        for name, figure in (("1级", verdict.level1), ("2级", verdict.level2), ("3级", verdict.level3))
        if figure is not None
    )
    told = {0: "超过3级限定值", 1: "达到1级", 2: "达到2级", 3: "达到3级", None: "未作比较"}[verdict.reached]
    return (
        f"{title}：强制性能耗限额标准{verdict.standard}（{verdict.indicator}，{verdict.unit}：{levels}）{told}；"
        f"该标准为另一套要求，不并入能效分类（{verdict.evidence.words}）。"
    )


def judge(
    unit: Unit, position: int, count: int, stage: Stage, edition: Edition | None, rulebook: Rulebook, as_of: date
) -> UnitVerdict:
    """The class of one unit with its reasons; position counts from 0 among `count` units."""
    title = title_of(unit, position, count)
    found = match(unit, edition, rulebook.outside_by_product.get(fold(unit.product), ()), as_of)
    standard = found.standard
    sec = consumption(unit, stage)
    limits = against_limits(unit, standard, sec, rulebook, as_of)
    reasons: list[str] = []
    benchmark = baseline = None
    evidence = None
    near = False
    value, shown_unit = sec.amount, unit.sec_unit
    product, variant = unit.product, unit.variant
    if standard is None or edition is None:
        efficiency = found.without or EfficiencyClass.NOT_COVERED
        reasons.append(f"{title}：{found.reason}")
    else:
        product, variant = standard.product, standard.variant
        evidence = rulebook.evidence_of(standard)
        origin = (
            f"依据：{edition.name}年版{standard.source.words}，{standard.indicator}，依据核实程度：{evidence.words}"
        )
        if standard.benchmark is None or standard.baseline is None or standard.unit is None:
            efficiency = EfficiencyClass.NOT_COVERED
            reasons.append(
                f"{title}：列入{edition.name}年版《{edition.source.title}》，但其标杆水平和基准水平数值尚未收录，"
                "未列入对标范围。"
            )
        else:
            benchmark, baseline = standard.benchmark, standard.baseline
            levels = f"标杆水平{plain(benchmark)}、基准水平{plain(baseline)} {standard.unit}"
            efficiency = EfficiencyClass.UNDETERMINED
            if sec.amount is None:
                reasons.append(f"{title}：{sec.reason}（{levels}；{origin}）")
            elif unit.sec_unit is None:
                reasons.append(
                    f"{title}：能耗单位未填写，数据不足。请按规则的单位{standard.unit}填写（{levels}；{origin}）。"
                )
            else:
                converted = convert(sec.amount, unit.sec_unit, standard.unit, rulebook, as_of)
                kind = "实际" if sec.kind == "actual" else "设计"
                year = f"（{unit.year}年）" if unit.year and sec.kind == "actual" else ""
                if converted is None:
                    reasons.append(
                        f"{title}：能耗单位“{unit.sec_unit}”不能确切换算为规则的单位{standard.unit}，数据不足。"
                        f"请以{standard.unit}填写（{levels}；{origin}）。"
                    )
                elif converted < 0 < baseline:
                    value, shown_unit = converted, standard.unit.value
                    reasons.append(
                        f"{title}：单位产品能耗{plain(converted)} {standard.unit}为负值，与正的基准水平不符，"
                        f"数据不可信。请核对（{levels}；{origin}）。"
                    )
                else:
                    value, shown_unit = converted, standard.unit.value
                    efficiency = classify(
                        Quantity(converted, standard.unit),
                        Quantity(benchmark, standard.unit),
                        Quantity(baseline, standard.unit),
                    )
                    share = rulebook.parameter("near_line_share", as_of)
                    near = _near(converted, (benchmark, baseline), share.amount if share else None)
                    compared = {
                        EfficiencyClass.AT_BENCHMARK: "不高于标杆水平，达到标杆",
                        EfficiencyClass.BETWEEN: "高于标杆水平、不高于基准水平，介于标杆和基准之间",
                        EfficiencyClass.BELOW_BASELINE: "高于基准水平，能效低于基准",
                    }[efficiency]
                    reasons.append(
                        f"{title}：{kind}单位产品能耗{plain(converted)} {standard.unit}{year}，{levels}，{compared}。"
                        f"{origin}。" + ("临近界线，请核对计量。" if near else "")
                    )
                    if sec.reason:
                        reasons.append(f"{title}：{sec.reason}")
    reasons.extend(_limit_reason(title, verdict) for verdict in limits)
    return UnitVerdict(
        row=unit.row,
        name=unit.unit_name,
        product=product,
        variant=variant,
        sec=value,
        sec_kind=sec.kind,
        unit=shown_unit,
        benchmark=benchmark,
        baseline=baseline,
        efficiency_class=efficiency,
        rule=standard.id if standard else None,
        edition=edition.name if edition and standard else None,
        evidence=evidence,
        ref=standard.ref if standard else None,
        national_target=standard.national_target if standard else None,
        near_line=near,
        limits=limits,
        reasons=tuple(reasons),
    )
