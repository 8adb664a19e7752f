"""Comprehensive energy consumption on both bases and the 50,000 tce line (law page §3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from screening.domain.classification.day import Day
from screening.domain.classification.exact import about, times, to_decimal
from screening.domain.classification.results import Basis, CarrierTotal, Energy, Hint
from screening.domain.quantity import fold, plain
from screening.domain.registry import EnergyUse, Project, Stage
from screening.domain.rules import Carrier, CarrierKind

KGCE_KJ = Fraction(293076, 10)
"""1 kgce = 29307.6 kJ (7000 kcal), by which a measured lower heating value becomes a coefficient."""

_MEASURES: dict[str, dict[str, str]] = {
    "kg": {"kg": "1", "千克": "1", "公斤": "1", "t": "1000", "吨": "1000", "万t": "10000000", "万吨": "10000000"},
    "t": {"kg": "0.001", "千克": "0.001", "t": "1", "吨": "1", "万t": "10000", "万吨": "10000"},
    "m3": {
        "m3": "1", "m³": "1", "立方米": "1", "标准立方米": "1", "nm3": "1", "方": "1",
        "万m3": "10000", "万m³": "10000", "万立方米": "10000", "万标准立方米": "10000", "万nm3": "10000",
        "亿立方米": "100000000", "亿m3": "100000000",
    },
    "kWh": {
        "kwh": "1", "千瓦时": "1", "度": "1", "kw·h": "1", "mwh": "1000", "兆瓦时": "1000",
        "万kwh": "10000", "万千瓦时": "10000", "万度": "10000", "亿千瓦时": "100000000", "亿kwh": "100000000",
        "gwh": "1000000",
    },
    "MJ": {
        "mj": "1", "兆焦": "1", "gj": "1000", "吉焦": "1000", "百万千焦": "1000", "kj": "0.001", "千焦": "0.001",
        "万gj": "10000000", "万吉焦": "10000000", "tj": "1000000", "太焦": "1000000",
    },
}  # fmt: skip
MEASURES = {per: {fold(s): Fraction(f) for s, f in spellings.items()} for per, spellings in _MEASURES.items()}


@dataclass(slots=True)
class Sum:
    """A total on its way: `fixed` on each basis in kgce, and net electricity in kWh that waits for its 等价值."""

    calorific: Fraction = Fraction(0)
    equivalent: Fraction = Fraction(0)
    electricity: Fraction = Fraction(0)
    parts: list[CarrierTotal] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    rests_on: dict[str, Basis] = field(default_factory=dict)
    """The coefficients used, by their address."""
    feedstock: Fraction = Fraction(0)
    renewable: Fraction = Fraction(0)

    def equivalent_at(self, coefficient: Decimal) -> Fraction:
        """The 等价值 total in tce with that coefficient of electricity."""
        return (self.equivalent + self.electricity * Fraction(coefficient)) / 1000


def _coefficient(use: EnergyUse, carrier: Carrier, day: Day) -> tuple[Fraction | None, str, tuple[Basis, ...]]:
    """The kgce per measure of the carrier, where it comes from, and the rule; a measured heating value comes first."""
    if use.heating_value is not None:
        if carrier.kind is not CarrierKind.FUEL:
            return None, f"“{carrier.name}”不适用实测低位发热量，请删去该值", ()
        if use.heating_value <= 0:
            return None, f"“{carrier.name}”的低位发热量{plain(use.heating_value)}不大于零，请核对", ()
        return Fraction(use.heating_value) / KGCE_KJ, f"实测低位发热量{plain(use.heating_value)} kJ÷29307.6", ()
    if carrier.coefficient is not None:
        basis = day.basis(carrier)
        return Fraction(carrier.coefficient), f"{basis.words}，{basis.evidence.words}", (basis,)
    mend = "请填写实测低位发热量" if carrier.kind is CarrierKind.FUEL else "请换算为热力（MJ、GJ）填报"
    if carrier.lowest is not None and carrier.highest is not None:
        span = f"{plain(carrier.lowest)}至{plain(carrier.highest)}"
        return None, f"“{carrier.name}”的折标系数为区间（{span} kgce/{carrier.per}），{mend}", ()
    return None, f"“{carrier.name}”的折标系数尚未收录，{mend}", ()


def _add(into: Sum, use: EnergyUse, day: Day) -> None:
    electricity = day.electricity
    carrier = day.rulebook.carriers_by_name.get(fold(use.carrier))
    if carrier is None:
        into.problems.append(f"能源品种“{use.carrier}”不在规则之内，请按规则的名称填写")
        return
    factor = MEASURES.get(carrier.per, {}).get(fold(use.measure))
    if factor is None:
        into.problems.append(f"“{carrier.name}”的单位“{use.measure}”不能换算为{carrier.per}")
        return
    coefficient, origin, bases = _coefficient(use, carrier, day)
    if coefficient is None:
        into.problems.append(origin)
        return
    into.rests_on.update({basis.ref: basis for basis in bases})
    sign = -1 if use.sold else 1
    amount = Fraction(use.amount) * factor
    thermal = amount * coefficient
    calorific: Fraction | None = thermal
    equivalent: Fraction | None = thermal
    shown_equivalent: Decimal | None = to_decimal(coefficient)
    if carrier.kind is CarrierKind.ELECTRICITY:
        into.electricity += sign * amount
        into.calorific += sign * thermal
        equivalent = None if electricity is None else amount * Fraction(electricity.coefficient)
        shown_equivalent = None if electricity is None else electricity.coefficient
        if electricity:
            basis = day.basis(electricity)
            into.rests_on[basis.ref] = basis
            origin = f"当量值：{origin}；等价值：{electricity.year}年，{basis.words}，{basis.evidence.words}"
    elif carrier.kind is CarrierKind.MEDIUM:
        # 耗能工质 count where they are bought in, on the 等价值 basis only.
        calorific = None
        into.equivalent += sign * thermal
    else:
        into.calorific += sign * thermal
        into.equivalent += sign * thermal
    if use.feedstock:
        into.feedstock += sign * thermal / 1000
    if use.renewable and carrier.kind is CarrierKind.ELECTRICITY and equivalent is not None:
        into.renewable += sign * equivalent / 1000
    into.parts.append(
        CarrierTotal(
            carrier=carrier.name, basis=use.basis, sold=use.sold, amount=use.amount, measure=use.measure,
            calorific_coefficient=None if calorific is None else to_decimal(coefficient),
            equivalent_coefficient=shown_equivalent,
            calorific_tce=None if calorific is None else to_decimal(sign * calorific / 1000),
            equivalent_tce=None if equivalent is None else to_decimal(sign * equivalent / 1000),
            source=origin, feedstock=use.feedstock, renewable=use.renewable,
        )
    )  # fmt: skip


def summed(project: Project, kind: str, day: Day) -> Sum | None:
    """The carriers of 设计 or of the latest year of 实际 added up; None where none are on file."""
    uses: Sequence[EnergyUse] = [u for u in project.uses if u.basis == kind]
    if not uses:
        return None
    years = {u.year for u in uses if u.year is not None}
    if years:
        latest = max(years)
        uses = [u for u in uses if u.year in (latest, None)]
    found = Sum()
    for use in uses:
        _add(found, use, day)
    return found


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One total that may decide the focus line: where it is from, how it came about, and its figures in tce.

    `equivalents` has one figure for each coefficient of electricity that must agree, the first being the shown one;
    empty where the total needs a coefficient and none is on file.
    """

    source: str
    basis: str
    equivalents: tuple[Decimal | Fraction, ...]
    calorific: Decimal | Fraction | None
    by_coefficient: bool = False


def _from_carriers(source: str, added: Sum, day: Day) -> _Candidate:
    if added.electricity == 0:
        return _Candidate(source, "computed", (added.equivalent / 1000,), added.calorific / 1000)
    figures = tuple(added.equivalent_at(c) for c in day.coefficients)
    return _Candidate(source, "computed", figures, added.calorific / 1000, by_coefficient=True)


def _from_electricity(project: Project, electricity: Decimal, day: Day) -> _Candidate:
    """Electricity alone (万kWh): tce at every coefficient."""
    source = "actual" if project.stage is Stage.EXISTING else "design"
    tens = times(electricity, Decimal(10))  # 万kWh x kgce/kWh = 10 tce
    calorific = day.calorific_of_electricity
    return _Candidate(
        source,
        "electricity_only",
        tuple(times(tens, c) for c in day.coefficients),
        None if calorific is None else times(tens, calorific),
        by_coefficient=True,
    )


def _chosen(project: Project, sums: dict[str, Sum], day: Day) -> _Candidate | None:
    """The total that decides: design, then approved, then actual; last, electricity alone."""
    if "设计" in sums:
        return _from_carriers("design", sums["设计"], day)
    if project.design_equivalent is not None:
        return _Candidate("design", "declared", (project.design_equivalent,), project.design_calorific)
    if project.approved_equivalent is not None:
        return _Candidate("approved", "declared", (project.approved_equivalent,), None)
    if "实际" in sums:
        return _from_carriers("actual", sums["实际"], day)
    if project.actual_equivalent is not None:
        return _Candidate("actual", "declared", (project.actual_equivalent,), None)
    if project.electricity is not None:
        return _from_electricity(project, project.electricity, day)
    return None


_SOURCE_WORDS = {"design": "设计", "approved": "批复", "actual": "实际"}
_BASIS_WORDS = {"computed": "按能源品种计算", "declared": "按填报总量", "electricity_only": "仅按年用电量"}


def _declared_hint(
    title: str, declared: Decimal | None, computed: Fraction, tolerance: Decimal | None
) -> Iterator[Hint]:
    """A declared total further from the computed one than the tolerance; `title` names the total and its basis."""
    if declared is None or tolerance is None:
        return
    difference = abs(Fraction(declared) - computed)
    if difference <= Fraction(tolerance) * abs(computed):
        return
    shown = to_decimal(computed)
    share = f"，相差{about(to_decimal(difference), abs(shown))}" if shown else ""
    yield Hint(
        "declared_total_differs",
        f"{title}填报{plain(declared)}吨标准煤，按能源品种计算为{plain(shown)}吨标准煤{share}，请核对。",
        {"declared": plain(declared), "computed": plain(shown)},
    )


def _net(kind: str, added: Sum, day: Day) -> Iterator[str]:
    """Raw-material use and renewable electricity: the gross total and what is left without them."""
    shares = [(n, a) for n, a in (("原料用能", added.feedstock), ("可再生能源电力", added.renewable)) if a]
    rule = day.electricity
    if not shares or (rule is None and added.electricity):
        return
    gross = added.equivalent_at(rule.coefficient if rule else Decimal(0))
    net = gross - sum(amount for _, amount in shares)
    listed = "、".join(f"{name}{plain(to_decimal(amount))}吨标准煤" for name, amount in shares)
    yield (
        f"{kind}年综合能耗（等价值）总量{plain(to_decimal(gross))}吨标准煤，其中{listed}，"
        f"扣除后{plain(to_decimal(net))}吨标准煤。仅在地区考核中扣除，5万吨标准煤界线和审查权限按未扣除的总量计。"
    )


def _shown(amount: Decimal | Fraction | None) -> Decimal | None:
    return to_decimal(amount) if isinstance(amount, Fraction) else amount


def _without_total(project: Project, line: Decimal | None, *, coal_power: bool) -> tuple[Energy, tuple[Hint, ...]]:
    """What can be said where no 等价值 total is on file: fuel or a 当量值 above the line decides, else a person."""
    calorific = project.design_calorific
    basis = None if calorific is None else "declared"
    if coal_power:
        reasons = ("燃煤发电项目按燃料纳入重点，不以5万吨标准煤界线为条件。",)
        return Energy(None, calorific, basis, True, "fuel", False, (), reasons), ()
    if calorific is not None and line is not None and calorific >= line:
        told = f"设计年综合能耗（当量值）{plain(calorific)}吨标准煤，等价值只会更高，已达到5万吨标准煤，属于重点项目。"
        return Energy(None, calorific, basis, True, "design", False, (), (told,)), ()
    told = "年综合能耗（等价值）和年用电量均未填写，不能判断是否达到5万吨标准煤（等价值）。"
    hint = Hint("energy_missing", "年综合能耗（等价值）未填写，是否属于5万吨标准煤以上重点项目由人工判断。")
    return Energy(None, calorific, basis, None, None, False, (), (told,)), (hint,)


def _with_total(found: _Candidate, day: Day, *, coal_power: bool) -> tuple[Energy, tuple[Hint, ...]]:
    line = day.parameter("focus_line")
    rule = day.electricity
    equivalent, calorific = _shown(found.equivalents[0] if found.equivalents else None), _shown(found.calorific)
    answers = set() if line is None or line.amount is None else {e >= line.amount for e in found.equivalents}
    in_focus = answers.pop() if len(answers) == 1 else None
    amount = "不能计算" if equivalent is None else f"{plain(equivalent)}吨标准煤"
    said = f"{_SOURCE_WORDS[found.source]}年综合能耗（等价值）{amount}（{_BASIS_WORDS[found.basis]}）"
    limit = "" if line is None or line.amount is None else f"{plain(line.amount)}吨标准煤（{day.basis(line).words}）"
    reasons: list[str] = []
    hints: tuple[Hint, ...] = ()
    if found.by_coefficient and rule:
        basis = day.basis(rule)
        reasons.append(
            f"电力等价值系数取{plain(rule.coefficient)} kgce/kWh"
            f"（{rule.year}年，{basis.words}，{basis.evidence.words}）。"
        )
    source, near = found.source, False
    if coal_power:
        reasons.append(f"{said}；燃煤发电项目按燃料纳入重点，不以5万吨标准煤界线为条件。")
        in_focus, source = True, "fuel"
    elif in_focus is None:
        near = True
        spread = "至".join(
            plain(c) for c in (min(day.coefficients, default=None), max(day.coefficients, default=None)) if c
        )
        reasons.append(f"{said}，电力等价值系数取{spread} kgce/kWh时是否达到{limit}结论不一，由人工判断。")
        hints = (
            Hint(
                "near_focus_line",
                "是否达到5万吨标准煤（等价值）取决于电力等价值系数，由人工判断。",
                {"equivalent_tce": plain(equivalent) if equivalent is not None else ""},
            ),
        )
    elif in_focus:
        reasons.append(f"{said}，达到{limit}，属于重点项目。")
    else:
        reasons.append(f"{said}，低于{limit}，在重点线以下，仍在台账内管理，不需自治区审核。")
    rests_on = day.bases(rule) if found.by_coefficient else ()
    return Energy(equivalent, calorific, found.basis, in_focus, source, near, (), tuple(reasons), rests_on), hints


def sums_of(project: Project, day: Day) -> dict[str, Sum]:
    """设计 and 实际 added up from the carriers, where carriers are on file."""
    if not project.uses:
        return {}
    return {kind: added for kind in ("设计", "实际") if (added := summed(project, kind, day)) is not None}


def weigh(project: Project, sums: dict[str, Sum], day: Day, *, coal_power: bool) -> tuple[Energy, tuple[Hint, ...]]:
    """Both totals of the project, whether it is in focus, and what calls for a look; `sums` from `sums_of`."""
    problems = dict.fromkeys(f"{kind}能源消费：{p}" for kind, added in sums.items() for p in added.problems)
    hints = [Hint("carrier_not_computable", f"{problem}，该项总量未能计算。") for problem in problems]
    reasons: list[str] = []
    parts: list[CarrierTotal] = []
    usable = {kind: added for kind, added in sums.items() if not added.problems}
    rule = day.electricity
    for kind, added in usable.items():
        parts.extend(added.parts)
        tolerance = day.amount("declared_tolerance")
        declared = project.design_equivalent if kind == "设计" else project.actual_equivalent
        if rule:
            computed = added.equivalent_at(rule.coefficient)
            hints.extend(_declared_hint(f"{kind}年综合能耗（等价值）", declared, computed, tolerance))
        if kind == "设计":
            computed = added.calorific / 1000
            hints.extend(_declared_hint("设计年综合能耗（当量值）", project.design_calorific, computed, tolerance))
        reasons.extend(_net(kind, added, day))
    found = _chosen(project, usable, day)
    if found is None:
        energy, more = _without_total(project, day.amount("focus_line"), coal_power=coal_power)
    else:
        energy, more = _with_total(found, day, coal_power=coal_power)
    if parts or reasons:
        chosen = usable.get({"design": "设计", "actual": "实际"}.get(found.source, "")) if found else None
        energy = replace(
            energy,
            carriers=tuple(parts),
            reasons=(*reasons, *energy.reasons),
            rests_on=tuple(chosen.rests_on.values()) if chosen and energy.basis == "computed" else energy.rests_on,
        )
    return energy, (*hints, *more)
