"""Comprehensive energy consumption on both bases and the 50,000 tce line (law page §3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from screening.domain.classification.exact import percent, to_decimal
from screening.domain.classification.results import CarrierTotal, Energy, Hint
from screening.domain.quantity import fold, plain
from screening.domain.registry import EnergyUse, Project, Stage
from screening.domain.rules import Carrier, CarrierKind, ElectricityEquivalent, Rulebook

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
class _Sum:
    """A total on its way: `fixed` on each basis in kgce, and net electricity in kWh that waits for its 等价值."""

    calorific: Fraction = Fraction(0)
    equivalent: Fraction = Fraction(0)
    electricity: Fraction = Fraction(0)
    parts: list[CarrierTotal] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    feedstock: Fraction = Fraction(0)
    renewable: Fraction = Fraction(0)

    def equivalent_at(self, coefficient: Decimal) -> Fraction:
        """The 等价值 total in tce with that coefficient of electricity."""
        return (self.equivalent + self.electricity * Fraction(coefficient)) / 1000


def electricity_rule(rulebook: Rulebook, day: date) -> ElectricityEquivalent | None:
    """The 等价值 of electricity in force on a day."""
    return next((r for r in rulebook.electricity if r.holds(day)), None)


def _coefficient(use: EnergyUse, carrier: Carrier) -> tuple[Fraction | None, str]:
    """The kgce per measure of the carrier, and where it comes from; a measured heating value comes first."""
    if use.heating_value is not None:
        return Fraction(use.heating_value) / KGCE_KJ, f"实测低位发热量{plain(use.heating_value)} kJ÷29307.6"
    if carrier.coefficient is not None:
        return Fraction(carrier.coefficient), f"{carrier.source.words}，{carrier.evidence.words}"
    if carrier.lowest is not None and carrier.highest is not None:
        span = f"{plain(carrier.lowest)}至{plain(carrier.highest)}"
        return None, f"“{carrier.name}”的折标系数为区间（{span} kgce/{carrier.per}），请填写实测低位发热量"
    return None, f"“{carrier.name}”的折标系数尚未收录，请填写实测低位发热量"


def _add(into: _Sum, use: EnergyUse, rulebook: Rulebook, electricity: ElectricityEquivalent | None) -> None:
    carrier = rulebook.carriers_by_name.get(fold(use.carrier))
    if carrier is None:
        into.problems.append(f"能源品种“{use.carrier}”不在规则之内，请按规则的名称填写")
        return
    factor = MEASURES.get(carrier.per, {}).get(fold(use.measure))
    if factor is None:
        into.problems.append(f"“{carrier.name}”的单位“{use.measure}”不能换算为{carrier.per}")
        return
    coefficient, origin = _coefficient(use, carrier)
    if coefficient is None:
        into.problems.append(origin)
        return
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
    elif carrier.kind is CarrierKind.MEDIUM:
        # 耗能工质 count where they are bought in, on the 等价值 basis only.
        calorific = None
        into.equivalent += sign * thermal
    else:
        into.calorific += sign * thermal
        into.equivalent += sign * thermal
    if use.feedstock:
        into.feedstock += sign * thermal / 1000
    if use.renewable and equivalent is not None:
        into.renewable += sign * equivalent / 1000
    into.parts.append(
        CarrierTotal(
            carrier=carrier.name, sold=use.sold, amount=use.amount, measure=use.measure,
            calorific_coefficient=None if calorific is None else to_decimal(coefficient),
            equivalent_coefficient=shown_equivalent,
            calorific_tce=None if calorific is None else to_decimal(sign * calorific / 1000),
            equivalent_tce=None if equivalent is None else to_decimal(sign * equivalent / 1000),
            source=origin, feedstock=use.feedstock, renewable=use.renewable,
        )
    )  # fmt: skip


def summed(project: Project, kind: str, rulebook: Rulebook, as_of: date) -> _Sum | None:
    """The carriers of 设计 or of the latest year of 实际 added up; None where none are on file."""
    uses: Sequence[EnergyUse] = [u for u in project.uses if u.basis == kind]
    if not uses:
        return None
    years = {u.year for u in uses if u.year is not None}
    if years:
        latest = max(years)
        uses = [u for u in uses if u.year in (latest, None)]
    found = _Sum()
    electricity = electricity_rule(rulebook, as_of)
    for use in uses:
        _add(found, use, rulebook, electricity)
    return found


def bounds(rule: ElectricityEquivalent | None, rulebook: Rulebook) -> tuple[Decimal, ...]:
    """The coefficients that must agree: only the office's own once confirmed, else all seen in use."""
    if rule is None:
        return ()
    if rulebook.evidence_of(rule).value == "official":
        return (rule.coefficient,)
    return (rule.coefficient, rule.lowest_seen, rule.highest_seen)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One total that may decide the focus line: its name, its value at a coefficient, and how it came about."""

    source: str
    basis: str
    at: Callable[[Decimal | None], Fraction]
    calorific: Fraction | None
    rests_on_electricity: bool


def _candidates(project: Project, rulebook: Rulebook, as_of: date, problems: list[str]) -> list[_Candidate]:
    """Design, then approved, then actual; last, electricity alone."""
    found: list[_Candidate] = []

    def of(kind: str, source: str, declared: Decimal | None, calorific: Decimal | None) -> None:
        added = summed(project, kind, rulebook, as_of)
        if added is not None and added.problems:
            problems.extend(f"{kind}能源消费：{p}" for p in added.problems)
        elif added is not None:
            whole = added
            found.append(
                _Candidate(
                    source, "computed",
                    lambda c, w=whole: w.equivalent_at(c if c is not None else Decimal(0)),  # type: ignore[misc]
                    whole.calorific / 1000, whole.electricity != 0,
                )
            )  # fmt: skip
            return
        if declared is not None:
            figure = Fraction(declared)
            found.append(
                _Candidate(
                    source, "declared", lambda _, f=figure: f,  # type: ignore[misc]
                    None if calorific is None else Fraction(calorific), False,
                )
            )  # fmt: skip

    of("设计", "design", project.design_equivalent, project.design_calorific)
    if project.approved_equivalent is not None:
        approved = Fraction(project.approved_equivalent)
        found.append(_Candidate("approved", "declared", lambda _: approved, None, False))
    of("实际", "actual", project.actual_equivalent, None)
    if not found and project.electricity is not None:
        kwh = Fraction(project.electricity) * 10000
        coefficient = _electricity_calorific(rulebook)
        found.append(
            _Candidate(
                "actual" if project.stage is Stage.EXISTING else "design", "electricity_only",
                lambda c: kwh * Fraction(c or 0) / 1000,
                None if coefficient is None else kwh * coefficient / 1000, True,
            )
        )  # fmt: skip
    return found


def _electricity_calorific(rulebook: Rulebook) -> Fraction | None:
    carrier = next((c for c in rulebook.carriers if c.kind is CarrierKind.ELECTRICITY), None)
    return None if carrier is None or carrier.coefficient is None else Fraction(carrier.coefficient)


_SOURCE_WORDS = {"design": "设计", "approved": "批复", "actual": "实际"}
_BASIS_WORDS = {"computed": "按能源品种计算", "declared": "按填报总量", "electricity_only": "仅按年用电量"}


def _declared_hint(kind: str, declared: Decimal | None, computed: Fraction, tolerance: Decimal | None) -> Hint | None:
    if declared is None or tolerance is None or computed == 0:
        return None
    share = abs(Fraction(declared) - computed) / abs(computed)
    if share <= Fraction(tolerance):
        return None
    return Hint(
        "declared_total_differs",
        f"{kind}年综合能耗（等价值）填报{plain(declared)}吨标准煤，按能源品种计算为{plain(to_decimal(computed))}吨标准煤，"
        f"相差{percent(share)}，请核对。",
        {"declared": plain(declared), "computed": plain(to_decimal(computed))},
    )


def weigh(project: Project, rulebook: Rulebook, as_of: date, *, coal_power: bool) -> tuple[Energy, tuple[Hint, ...]]:
    """Both totals of the project, whether it is in focus, and what calls for a look."""
    rule = electricity_rule(rulebook, as_of)
    line = rulebook.parameter("focus_line", as_of)
    problems: list[str] = []
    candidates = _candidates(project, rulebook, as_of, problems)
    hints = [Hint("carrier_not_computable", f"{problem}，该项总量未能计算。") for problem in dict.fromkeys(problems)]
    reasons: list[str] = []
    parts: list[CarrierTotal] = []
    tolerance = rulebook.parameter("declared_tolerance", as_of)
    for kind, declared in (("设计", project.design_equivalent), ("实际", project.actual_equivalent)):
        added = summed(project, kind, rulebook, as_of)
        if added is None or added.problems:
            continue
        parts.extend(added.parts)
        if rule:
            hint = _declared_hint(
                kind, declared, added.equivalent_at(rule.coefficient), tolerance.amount if tolerance else None
            )
            if hint:
                hints.append(hint)
        for name, amount in (("原料用能", added.feedstock), ("可再生能源电力", added.renewable)):
            if amount:
                reasons.append(
                    f"{kind}综合能耗中{name}{plain(to_decimal(amount))}吨标准煤，仅在地区考核中扣除，"
                    "5万吨标准煤界线和审查权限按未扣除的总量计。"
                )
    if not candidates or line is None or line.amount is None:
        calorific = project.design_calorific
        reached = calorific is not None and line is not None and line.amount is not None and calorific >= line.amount
        if reached and calorific is not None:
            reasons.append(
                f"设计年综合能耗（当量值）{plain(calorific)}吨标准煤，等价值只会更高，已达到5万吨标准煤，属于重点项目。"
            )
        elif coal_power:
            reasons.append("燃煤发电项目按燃料纳入重点，不以5万吨标准煤界线为条件。")
        else:
            reasons.append("年综合能耗（等价值）和年用电量均未填写，不能判断是否达到5万吨标准煤（等价值）。")
            hints.append(
                Hint("energy_missing", "年综合能耗（等价值）未填写，是否属于5万吨标准煤以上重点项目由人工判断。")
            )
        return (
            Energy(
                None, calorific, None if calorific is None else "declared", True if reached or coal_power else None,
                "fuel" if coal_power else "design" if reached else None, False, tuple(parts), tuple(reasons),
            ),
            tuple(hints),
        )  # fmt: skip
    chosen = candidates[0]
    threshold = Fraction(line.amount)
    tried = bounds(rule, rulebook) if chosen.rests_on_electricity else (Decimal(0),)
    answers = {chosen.at(c) >= threshold for c in tried}
    in_focus: bool | None = answers.pop() if len(answers) == 1 else None
    value = chosen.at(rule.coefficient if rule else None)
    if chosen.rests_on_electricity and rule is None:
        in_focus = None
    near = in_focus is None
    equivalent = None if chosen.rests_on_electricity and rule is None else to_decimal(value)
    said = f"{_SOURCE_WORDS[chosen.source]}年综合能耗（等价值）" + (
        f"{plain(equivalent)}吨标准煤" if equivalent is not None else "不能计算"
    )
    said += f"（{_BASIS_WORDS[chosen.basis]}）"
    limit = f"{plain(line.amount)}吨标准煤（{line.source.words}）"
    if chosen.rests_on_electricity and rule:
        reasons.append(
            f"电力等价值系数取{plain(rule.coefficient)} kgce/kWh（{rule.year}年，{rule.source.words}，"
            f"{rulebook.evidence_of(rule).words}）。"
        )
    if coal_power:
        reasons.append(f"{said}；燃煤发电项目按燃料纳入重点，不以5万吨标准煤界线为条件。")
        in_focus, near, source = True, False, "fuel"
    else:
        source = chosen.source
        if in_focus is None:
            spread = "至".join(plain(c) for c in sorted(tried)[:: max(len(tried) - 1, 1)])
            reasons.append(f"{said}，电力等价值系数取{spread} kgce/kWh时是否达到{limit}结论不一，由人工判断。")
            hints.append(
                Hint(
                    "near_focus_line", "是否达到5万吨标准煤（等价值）取决于电力等价值系数，由人工判断。",
                    {"equivalent_tce": plain(equivalent) if equivalent is not None else ""},
                )
            )  # fmt: skip
        elif in_focus:
            reasons.append(f"{said}，达到{limit}，属于重点项目。")
        else:
            reasons.append(f"{said}，低于{limit}，在重点线以下，仍在台账内管理，不需自治区审核。")
    return (
        Energy(
            equivalent, None if chosen.calorific is None else to_decimal(chosen.calorific), chosen.basis, in_focus,
            source, near, tuple(parts), tuple(reasons),
        ),
        tuple(hints),
    )  # fmt: skip
