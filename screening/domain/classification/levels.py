"""The efficiency class of a unit against benchmark and baseline (law page §2), and the GB limits beside it (§8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from screening.domain.classification.day import Day
from screening.domain.classification.exact import times
from screening.domain.classification.results import Basis, EfficiencyClass, GbVerdict, UnitVerdict
from screening.domain.quantity import MeasureUnit, Quantity, fold, plain, read_unit
from screening.domain.registry import Stage, Unit
from screening.domain.rules import CapacityBand, GbLimit, Parameter, Standard

_CAPACITY_UNITS = {
    "t/d": ("t/d", "吨/日", "吨/天", "t/天", "t/日", "吨每日", "日吨"),
    "t": ("t", "吨", "吨/炉", "t/炉"),
    "MW": ("mw", "兆瓦"),
}
CAPACITY_UNIT = {fold(spelling): unit for unit, spellings in _CAPACITY_UNITS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class _Match:
    """The standard that fits a unit, or the class and the reason why none does."""

    standard: Standard | None
    without: EfficiencyClass | None = None
    reason: str = ""


def capacity_of(unit: Unit) -> Decimal | None:
    """The capacity that counts: built where known, else design; in the unit's own capacity unit."""
    return unit.built_capacity if unit.built_capacity is not None else unit.design_capacity


def outside_band(unit: Unit, band: CapacityBand) -> bool:
    """Whether the unit's capacity is on file in the band's own unit and lies outside the band."""
    capacity = capacity_of(unit)
    measured = unit.capacity_unit is not None and CAPACITY_UNIT.get(fold(unit.capacity_unit)) == band.unit
    return capacity is not None and measured and not band.holds(capacity)


def _names(standard: Standard) -> tuple[str, ...]:
    return (standard.variant or "", *standard.variant_synonyms)


def _by_capacity(unit: Unit, candidates: Sequence[Standard]) -> _Match:
    capacity = capacity_of(unit)
    listed = "、".join(s.variant or "" for s in candidates)
    wanted = candidates[0].capacity.unit if candidates[0].capacity else ""
    if capacity is None:
        return _Match(
            None,
            EfficiencyClass.UNDETERMINED,
            f"“{unit.product}”按能力分档（{listed}），工艺规格和产能（{wanted}）均未填写。请填写其中一项。",
        )
    if unit.capacity_unit is None:
        return _Match(
            None,
            EfficiencyClass.UNDETERMINED,
            f"“{unit.product}”按能力分档（{listed}），工艺规格和产能单位均未填写，产能{plain(capacity)}不能归档。"
            f"请填写工艺规格，或以{wanted}填写产能及其单位。",
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


def _by_name(unit: Unit, day: Day) -> _Match | tuple[Standard, ...]:
    """The standard of the edition for the unit's product and variant, never guessed."""
    edition = day.edition
    outside = [s for s in day.rulebook.outside_by_product.get(fold(unit.product), ()) if s.holds(day.as_of)]
    if edition is None:
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"{day.as_of.isoformat()}没有生效的能效标杆水平和基准水平，未列入对标范围。",
        )
    candidates = edition.by_product.get(fold(unit.product), ())
    if not candidates and outside:
        return _Match(
            None,
            EfficiencyClass.NOT_COVERED,
            f"“{unit.product}”不在{edition.name}年版《{edition.source.title}》之内；"
            f"另见{outside[-1].source.words}，其数值尚未收录，未列入对标范围。",
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
        return candidates
    listed = "、".join(s.variant or "" for s in candidates)
    return _Match(
        None,
        EfficiencyClass.UNDETERMINED,
        f"“{unit.product}”分为多个工艺规格（{listed}），工艺规格未填写。请从中选填。",
    )


def match(unit: Unit, day: Day) -> _Match:
    """The standard for the unit; what names decide is looked up once a day, what capacity decides each time."""
    key = ("match", unit.product, unit.variant)
    found = day.kept.get(key)
    if found is None:
        found = day.keep(key, _by_name(unit, day))
    return found if isinstance(found, _Match) else _by_capacity(unit, cast("tuple[Standard, ...]", found))


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


@dataclass(frozen=True, slots=True)
class _Converted:
    """An amount in the wanted unit; `rule` where more than a power of ten was needed."""

    amount: Decimal
    typed: bool
    """Whether the unit is the one that was typed."""
    rule: Parameter | None = None


def convert(amount: Decimal, typed: str, wanted: MeasureUnit, day: Day) -> _Converted | None:
    """The amount in the wanted unit, where the factor is exact and on file; else None."""
    read = read_unit(typed)
    if read is None:
        return None
    unit, factor = read
    if unit is wanted:
        return _Converted(amount, typed=True) if factor == 1 else _Converted(times(amount, factor), typed=False)
    weight_case = day.parameter("weight_case_kg")
    if weight_case and weight_case.amount:
        per_tonne = times(weight_case.amount, Decimal("0.001"))
        if unit is MeasureUnit.KGCE_PER_T and wanted is MeasureUnit.KGCE_PER_CASE:
            return _Converted(times(times(amount, factor), per_tonne), typed=False, rule=weight_case)
    return None


def _conversion_words(sec: Decimal, typed: str, found: _Converted, wanted: MeasureUnit, day: Day) -> str:
    """How the typed figure became the compared one; nothing where it was typed in the unit of the rule."""
    if found.typed:
        return ""
    by = ""
    if found.rule and found.rule.amount is not None:
        evidence = day.rulebook.evidence_of(found.rule).words
        by = f"，1重量箱按{plain(found.rule.amount)} kg折算（{found.rule.source.words}，{evidence}）"
    return f"填报{plain(sec)} {typed}，折合{plain(found.amount)} {wanted}{by}。"


def classify(value: Quantity, benchmark: Quantity, baseline: Quantity) -> EfficiencyClass:
    """Reaching a level includes equality; lower is better."""
    if value <= benchmark:
        return EfficiencyClass.AT_BENCHMARK
    return EfficiencyClass.BETWEEN if value <= baseline else EfficiencyClass.BELOW_BASELINE


def _near(value: Decimal, levels: tuple[Decimal, ...], share: Decimal | None) -> bool:
    return share is not None and any(abs(value - level) <= times(abs(level), share) for level in levels)


def _of_variant(unit: Unit, limits: Sequence[GbLimit]) -> tuple[GbLimit, ...]:
    """Of the limits of a product without national levels, those of the unit's variant, or all where it is blank."""
    if unit.variant is None:
        return tuple(limits)
    wanted = fold(unit.variant)
    return tuple(
        one
        for one in limits
        if one.variant is None or wanted in {fold(n) for n in (one.variant, *one.variant_synonyms)}
    )


def _reached(value: Decimal, limit: GbLimit) -> tuple[int | None, tuple[int, ...]]:
    """The best level that is met (0 where level 3 is broken and none is met) and all levels that are broken."""
    figures = [(n, f) for n, f in ((1, limit.level1), (2, limit.level2), (3, limit.level3)) if f is not None]
    broken = tuple(n for n, figure in figures if value > figure)
    met = [n for n, _ in figures if n not in broken]
    return (met[0] if met else 0 if limit.level3 is not None else None), broken


_LimitRow = tuple[GbLimit, tuple[GbLimit, ...]]
"""A limit and all rows, itself among them, that state the same indicator in the same unit."""


def _limit_rows(unit: Unit, standard: Standard | None, day: Day) -> tuple[_LimitRow, ...]:
    """The limits that speak of the unit's standard, or else of its product and variant."""
    key = ("limits", standard.id if standard else None, unit.product, unit.variant)
    kept = day.kept.get(key)
    if kept is not None:
        return cast("tuple[_LimitRow, ...]", kept)
    if standard is not None and standard.id in day.rulebook.limits_by_rule:
        limits = day.rulebook.limits_by_rule[standard.id]
    else:
        limits = _of_variant(unit, day.rulebook.limits_by_product.get(fold(unit.product), ()))
    held = [limit for limit in limits if limit.holds(day.as_of)]
    rows = tuple((one, tuple(o for o in held if o.indicator == one.indicator and o.unit is one.unit)) for one in held)
    return day.keep(key, rows)


def against_limits(unit: Unit, standard: Standard | None, sec: _Consumption, day: Day) -> tuple[GbVerdict, ...]:
    """The separate test against the mandatory limit standards; levels may be out of order and are not merged.

    A row is compared only where it is the one that holds: rows that share a product or a standard and are not told
    apart by the unit's variant or capacity are shown without a comparison, unless every one of them is broken.
    """
    rows = _limit_rows(unit, standard, day)
    if not rows:
        return ()
    capacity = capacity_of(unit)
    typed = CAPACITY_UNIT.get(fold(unit.capacity_unit)) if unit.capacity_unit else None
    found = []
    for limit, rivals in rows:
        measurable = limit.capacity is not None and capacity is not None and typed == limit.capacity.unit
        if measurable and limit.capacity and capacity is not None and not limit.capacity.holds(capacity):
            continue
        reached: int | None = None
        broken: tuple[int, ...] = ()
        if sec.amount is not None and unit.sec_unit is not None:
            value = convert(sec.amount, unit.sec_unit, limit.unit, day)
            if value is not None and not value.amount < 0 < (limit.level3 or 0):
                settled = measurable or all(3 in _reached(value.amount, rival)[1] for rival in rivals)
                if settled or len(rivals) == 1:
                    reached, broken = _reached(value.amount, limit)
        found.append(
            GbVerdict(
                limit.standard,
                limit.indicator,
                limit.unit.value,
                limit.level1,
                limit.level2,
                limit.level3,
                reached,
                limit.ref,
                day.rulebook.evidence_of(limit),
                broken,
            )
        )
    return tuple(found)


def title_of(unit: Unit, position: int, count: int) -> str:
    """How a reason names the unit: by its name, else by its order among several."""
    if unit.unit_name:
        return f"{unit.unit_name}（{unit.product}）"
    return f"第{position + 1}套装置（{unit.product}）" if count > 1 else f"{unit.product}装置"


_REACHED = {0: "超过3级限定值", 1: "达到1级", 2: "达到2级", 3: "达到3级", None: "未作比较"}


def _limit_reason(title: str, verdict: GbVerdict, day: Day) -> str:
    key = ("limit words", verdict.ref)
    kept = day.kept.get(key)
    if kept is None:
        levels = "、".join(
            f"{name}{plain(figure)}"
            for name, figure in (("1级", verdict.level1), ("2级", verdict.level2), ("3级", verdict.level3))
            if figure is not None
        )
        kept = day.keep(
            key,
            (
                f"强制性能耗限额标准{verdict.standard}（{verdict.indicator}，{verdict.unit}：{levels}）",
                f"该标准为另一套要求，不并入能效分类（{verdict.evidence.words}）。",
            ),
        )
    told = _REACHED[verdict.reached]
    odd = [level for level in verdict.broken if verdict.reached and level > verdict.reached]
    if odd:
        told += f"，但未达到{'、'.join(f'{level}级' for level in odd)}（该标准各级数值不依次放宽）"
    begin, end = cast("tuple[str, str]", kept)
    return f"{title}：{begin}{told}；{end}"


def _limit_reasons(title: str, limits: tuple[GbVerdict, ...], day: Day) -> Iterator[str]:
    """A sentence for each row that was compared; rows of one indicator that could not be told apart share one."""
    apart: dict[tuple[str, str, str], list[GbVerdict]] = {}
    for verdict in limits:
        if verdict.reached is None:
            apart.setdefault((verdict.standard, verdict.indicator, verdict.unit), []).append(verdict)
        else:
            yield _limit_reason(title, verdict, day)
    for (standard, indicator, unit), rows in apart.items():
        if len(rows) == 1:
            yield _limit_reason(title, rows[0], day)
            continue
        listed = "；".join(f"{_row_words(row, day)} {_figures(row)}" for row in rows)
        yield (
            f"{title}：强制性能耗限额标准{standard}（{indicator}，{unit}，1/2/3级）按档规定：{listed}。"
            f"填报内容不能确定属于哪一档，未作比较；该标准为另一套要求，不并入能效分类（{rows[0].evidence.words}）。"
        )


def _row_words(verdict: GbVerdict, day: Day) -> str:
    rule = day.rulebook.rules_by_ref[verdict.ref]
    return (rule.variant or rule.product) if isinstance(rule, GbLimit) else verdict.standard


def _figures(verdict: GbVerdict) -> str:
    return "/".join("—" if f is None else plain(f) for f in (verdict.level1, verdict.level2, verdict.level3))


def judge(unit: Unit, position: int, count: int, stage: Stage, day: Day) -> UnitVerdict:
    """The class of one unit with its reasons; position counts from 0 among `count` units."""
    edition = day.edition
    title = title_of(unit, position, count)
    found = match(unit, day)
    standard = found.standard
    sec = consumption(unit, stage)
    limits = against_limits(unit, standard, sec, day)
    reasons: list[str] = []
    benchmark = baseline = None
    evidence = None
    near = False
    rests_on: tuple[Basis, ...] = (day.basis(standard),) if standard else ()
    value, shown_unit = sec.amount, unit.sec_unit
    product, variant = unit.product, unit.variant
    if standard is None or edition is None:
        efficiency = found.without or EfficiencyClass.NOT_COVERED
        reasons.append(f"{title}：{found.reason}")
    else:
        product, variant = standard.product, standard.variant
        words = day.words(standard)
        evidence, levels, origin = words.evidence, words.levels, words.origin
        if standard.benchmark is None or standard.baseline is None or standard.unit is None:
            efficiency = EfficiencyClass.NOT_COVERED
            reasons.append(
                f"{title}：列入{edition.name}年版《{edition.source.title}》，但其标杆水平和基准水平数值尚未收录，"
                "未列入对标范围。"
            )
        else:
            benchmark, baseline = standard.benchmark, standard.baseline
            efficiency = EfficiencyClass.UNDETERMINED
            if sec.amount is None:
                reasons.append(f"{title}：{sec.reason}（{levels}；{origin}）")
            elif unit.sec_unit is None:
                reasons.append(
                    f"{title}：能耗单位未填写，数据不足。请按规则的单位{standard.unit}填写（{levels}；{origin}）。"
                )
            else:
                found_as = convert(sec.amount, unit.sec_unit, standard.unit, day)
                kind = "实际" if sec.kind == "actual" else "设计"
                year = f"（{unit.year}年）" if unit.year and sec.kind == "actual" else ""
                if found_as is None:
                    reasons.append(
                        f"{title}：能耗单位“{unit.sec_unit}”不能确切换算为规则的单位{standard.unit}，数据不足。"
                        f"请以{standard.unit}填写（{levels}；{origin}）。"
                    )
                elif found_as.amount < 0 < baseline:
                    value, shown_unit = found_as.amount, standard.unit.value
                    reasons.append(
                        f"{title}：单位产品能耗{plain(found_as.amount)} {standard.unit}为负值，与正的基准水平不符，"
                        f"数据不可信。请核对（{levels}；{origin}）。"
                    )
                else:
                    converted = found_as.amount
                    value, shown_unit = converted, standard.unit.value
                    if found_as.rule:
                        rests_on = (*rests_on, day.basis(found_as.rule))
                    told = _conversion_words(sec.amount, unit.sec_unit, found_as, standard.unit, day)
                    if told:
                        reasons.append(f"{title}：{told}")
                    efficiency = classify(
                        Quantity(converted, standard.unit),
                        Quantity(benchmark, standard.unit),
                        Quantity(baseline, standard.unit),
                    )
                    near = _near(converted, (benchmark, baseline), day.near_share)
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
    reasons.extend(_limit_reasons(title, limits, day))
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
        rests_on=rests_on,
    )
