"""Puts the parts of a screening together and spells the answer out as the contract's document."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from screening.domain.calendar import chinese
from screening.domain.classification import energy as energies
from screening.domain.classification import proposal
from screening.domain.classification.day import Day, day_of
from screening.domain.classification.findings import Case, detect, is_coal_power
from screening.domain.classification.levels import capacity_of, judge, match, outside_band
from screening.domain.classification.results import (
    Basis,
    CarrierTotal,
    EfficiencyClass,
    Finding,
    Hint,
    Screening,
    UnitVerdict,
)
from screening.domain.plausibility import Doubt, against_earlier, doubts
from screening.domain.quantity import plain
from screening.domain.registry import Project, Stage
from screening.domain.rules import DispositionRow, Rulebook, Standard


def _limit_hints(title: str, unit: UnitVerdict, stage: Stage, day: Day) -> Iterator[Hint]:
    """What the mandatory limits say beside the class: level 3 for existing units, levels 2 and 1 for new ones."""
    for limit in unit.limits:
        if limit.reached is None:
            continue
        words = f"{title}的单位产品能耗{plain(unit.sec) if unit.sec is not None else ''} {unit.unit or ''}"
        facts = {"standard": limit.standard, "product": unit.product}
        if stage is Stage.EXISTING:
            if 3 in limit.broken and limit.level3 is not None:
                yield Hint(
                    "breaks_gb_level3",
                    f"{words}超过{limit.standard}的3级限定值{plain(limit.level3)} {limit.unit}（强制性标准，"
                    f"{limit.evidence.words}，另行核对）。",
                    facts,
                )
            continue
        entry, level = (limit.level2, 2) if limit.level2 is not None else (limit.level3, 3)
        if entry is not None and level in limit.broken:
            peak = day.cited("carbon_peak_entry") if stage is Stage.UNDER_CONSTRUCTION else ""
            yield Hint(
                "below_gb_entry",
                f"{words}未达到{limit.standard}的{level}级{'准入值' if level == 2 else '限定值'}{plain(entry)} "
                f"{limit.unit}（强制性标准，{limit.evidence.words}，另行核对）。"
                + (f"{peak}，请审核时研判。" if peak else ""),
                facts,
            )
        if limit.level1 is not None:
            reached = 1 not in limit.broken
            yield Hint(
                "reaches_gb_level1" if reached else "misses_gb_level1",
                f"{words}{'已' if reached else '未'}达到{limit.standard}的先进值（1级）{plain(limit.level1)} "
                f"{limit.unit}（{limit.evidence.words}）。{day.cited('negative_list_2022')}。"
                "建议处置以能效标杆水平为准，审核时可按该条另行提出。",
                facts,
            )


def _level_hints(project: Project, units: tuple[UnitVerdict, ...], day: Day) -> Iterator[Hint]:
    for own, unit in zip(project.units, units, strict=True):
        title = unit.name or unit.product
        yield from _limit_hints(title, unit, project.stage, day)
        target = unit.national_target
        if (
            unit.efficiency_class is EfficiencyClass.BELOW_BASELINE
            and project.stage is Stage.EXISTING
            and target
            and target < day.as_of
        ):
            yield Hint(
                "national_target_passed", f"{title}所在领域的国家目标日期{chinese(target)}已过，仍低于基准水平。",
                {"national_target": target.isoformat()},
            )  # fmt: skip
        if unit.near_line:
            yield Hint("near_line", f"{title}的单位产品能耗临近标杆或基准界线，请核对计量。", {"product": unit.product})
        if project.stage is Stage.EXISTING and unit.efficiency_class is EfficiencyClass.AT_BENCHMARK:
            yield from _leader(title, project, unit, day)
        standard = day.edition.by_id.get(unit.rule) if day.edition and unit.rule else None
        if standard and standard.capacity and own.variant and outside_band(own, standard.capacity):
            capacity = capacity_of(own)
            yield Hint(
                "variant_against_capacity",
                f"{title}的工艺规格“{own.variant}”与产能{_text(capacity)}{own.capacity_unit}不符，"
                "已按工艺规格判定，请核对。",
                {"variant": own.variant},
            )


def _leader(title: str, project: Project, unit: UnitVerdict, day: Day) -> Iterator[Hint]:
    """What the region's call for 领跑者 asks beside the benchmark: level 1 of the limit and enough energy a year."""
    least = day.parameter("leader_tce")
    if least is None or least.amount is None:
        return
    compared = [limit for limit in unit.limits if limit.reached is not None and limit.level1 is not None]
    level = "未作比较" if not compared else "已达到" if all(1 not in c.broken for c in compared) else "未达到"
    used = project.actual_equivalent
    energy = "实际总量未登记" if used is None else "已达到" if used > least.amount else "未达到"
    basis = day.basis(least)
    yield Hint(
        "leader_conditions",
        f"{title}达到标杆水平，可申请能效“领跑者”；另须达到限额标准1级（{level}）且年综合能耗大于"
        f"{plain(least.amount)}吨标准煤（{energy}）（{basis.words}，{basis.evidence.words}）。",
        {"product": unit.product},
    )


def _doubt_hints(found: list[Doubt]) -> tuple[Hint, ...]:
    return tuple(Hint(one.id, one.text, one.facts) for one in found)


def doubtful(project: Project, rulebook: Rulebook, *, as_of: date, earlier: Project | None = None) -> tuple[Hint, ...]:
    """The warnings of plausibility alone, as `screen` gives them among its hints, without screening the project.

    With `earlier` (the same project as it stood for an earlier year) also what looks wrong beside that year, which
    `screen` does not know.
    """
    day = day_of(rulebook, as_of, None)
    found = doubts(project, [match(unit, day).standard for unit in project.units], day.yardsticks)
    if earlier is not None:
        found += against_earlier(project, earlier, day.yardsticks)
    return _once(_doubt_hints(found))


def _period_hints(rests_on: tuple[Basis, ...], day: Day) -> Iterator[Hint]:
    """One warning for each document that is not known to be in force any more."""
    told = {hint.text: hint for basis in rests_on if (hint := day.period_past(basis.ref))}
    return iter(told.values())


def case_of(project: Project, day: Day) -> tuple[Case, tuple[Hint, ...]]:
    """What the tests of the six situations look at, and the hints of its energy."""
    sums = energies.sums_of(project, day)
    energy, hints = energies.weigh(project, sums, day, coal_power=is_coal_power(project, day.rulebook))
    actual = sums.get("实际")
    return Case(project, energy, actual if actual and not actual.problems else None, day), tuple(hints)


def screen(
    project: Project,
    rulebook: Rulebook,
    *,
    as_of: date,
    edition: str | None = None,
    confirmed: Collection[Finding] = (),
    dismissed: Collection[Finding] = (),
    overdue: bool = False,
) -> Screening:
    """Screens one project as of a day.

    `edition` names the edition of the levels to use instead of the one in force; `confirmed` are the findings that
    people confirmed or entered (only they decide the disposition), `dismissed` the detected ones that people set
    aside; both are recognised by id and facts. `overdue` says that the due date of a served
    retrofit letter passed without acceptance. Pure: same arguments, same answer. Refusal where no edition has that
    name.
    """
    day = day_of(rulebook, as_of, edition)
    held = day.edition
    count = len(project.units)
    units = tuple(judge(u, i, count, project.stage, day) for i, u in enumerate(project.units))
    case, hints = case_of(project, day)
    energy = case.energy
    findings, more = detect(case)
    efficiency = proposal.worst(units)
    kept = tuple(next((f for f in findings if _same(f, c)), c) for c in confirmed)
    settled = (*kept, *dismissed)
    disposition, row = proposal.decide(project.stage, efficiency, kept, day, overdue=overdue)
    grounds = proposal.class_grounds(project, units, day)
    measures = proposal.measures_for(disposition, row, project, (*proposal.finding_grounds(kept, count), *grounds), day)
    open_ones = [f for f in findings if not any(_same(f, o) for o in settled)] if settled else findings
    expected = (*kept, *open_ones)
    then, measures_then = disposition, measures
    if len(expected) > len(kept):
        then, then_row = proposal.decide(project.stage, efficiency, expected, day, overdue=overdue)
        all_grounds = (*proposal.finding_grounds(expected, count), *grounds)
        measures_then = proposal.measures_for(then, then_row, project, all_grounds, day)
    bases = [
        *(b for u in units for b in u.rests_on),
        *day.bases(day.parameter("focus_line")),
        *energy.rests_on,
        *(b for f in expected for b in f.basis),
        *day.bases(row),
    ]
    rests_on = tuple({b.ref: b for b in bases}.values())
    reasons = [r for u in units for r in u.reasons]
    if count > 1:
        reasons.append(f"项目按最差装置归类：{efficiency.words}。")
    reasons.extend(energy.reasons)
    for finding in expected:
        settled_words = "已确认" if finding in kept else "检出，待人工确认"
        founded = "；".join(f"{b.words}（{b.evidence.words}）" for b in finding.basis)
        told = f"{finding.text}依据：{founded}。" if founded else finding.text
        reasons.append(f"{finding.id.words}（{settled_words}）：{told}")
    if kept:
        reasons.append("有经确认的情形，在处理完毕前，本机关对该项目的审批事项一并暂停办理。")
    reasons.append(f"建议处置：{disposition.words}。" + (_row_words(row, day) if row else ""))
    if then is not disposition:
        reasons.append(f"检出的情形经确认后，建议处置为：{then.words}。")
    levels: dict[str, Standard] = held.by_id if held else {}
    all_hints = (
        *hints,
        *more,
        *_level_hints(project, units, day),
        *_doubt_hints(doubts(project, [levels.get(u.rule) if u.rule else None for u in units], day.yardsticks)),
        *_period_hints(rests_on, day),
    )
    return Screening(
        project=project, as_of=as_of, edition=held.name if held else None, rules_version=rulebook.version,
        efficiency_class=efficiency, energy=energy, units=units, findings=expected, hints=_once(all_hints),
        disposition=disposition, disposition_if_confirmed=None if then is disposition else then, measures=measures,
        measures_if_confirmed=measures_then, reasons=tuple(reasons), rests_on=rests_on,
    )  # fmt: skip


def _row_words(row: DispositionRow, day: Day) -> str:
    basis = day.basis(row)
    return f"{row.text}依据：{basis.words}（{basis.evidence.words}）。"


def _same(one: Finding, other: Finding) -> bool:
    return one.id is other.id and one.facts == other.facts


def _once(hints: tuple[Hint, ...]) -> tuple[Hint, ...]:
    return tuple({(hint.id, hint.text): hint for hint in hints}.values())


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _unit(verdict: UnitVerdict) -> dict[str, Any]:
    return {
        "row": verdict.row,
        "name": verdict.name,
        "product": verdict.product,
        "variant": verdict.variant,
        "sec": _text(verdict.sec),
        "sec_kind": verdict.sec_kind,
        "unit": verdict.unit,
        "benchmark": _text(verdict.benchmark),
        "baseline": _text(verdict.baseline),
        "class": verdict.efficiency_class,
        "rule": verdict.rule,
        "edition": verdict.edition,
        "evidence": verdict.evidence,
        "near_line": verdict.near_line,
        "national_target": None if verdict.national_target is None else verdict.national_target.isoformat(),
        "limits": [
            {
                "standard": limit.standard, "indicator": limit.indicator, "unit": limit.unit,
                "level1": _text(limit.level1), "level2": _text(limit.level2), "level3": _text(limit.level3),
                "reached": limit.reached, "broken": list(limit.broken), "evidence": limit.evidence,
            }
            for limit in verdict.limits
        ],
    }  # fmt: skip


def _carrier(part: CarrierTotal) -> dict[str, Any]:
    return {
        "carrier": part.carrier,
        "basis": part.basis,
        "sold": part.sold,
        "amount": plain(part.amount),
        "measure": part.measure,
        "calorific_coefficient": _text(part.calorific_coefficient),
        "equivalent_coefficient": _text(part.equivalent_coefficient),
        "calorific_tce": _text(part.calorific_tce),
        "equivalent_tce": _text(part.equivalent_tce),
        "source": part.source,
        "feedstock": part.feedstock,
        "renewable": part.renewable,
    }


def to_document(result: Screening) -> dict[str, Any]:
    """One entry of `projects` in the contract (ledger-format §2): JSON data, exact decimals as strings."""
    project, energy = result.project, result.energy
    then = result.disposition_if_confirmed
    return {
        "project_code": project.code,
        "name": project.name,
        "enterprise": project.enterprise,
        "league": project.league,
        "banner": project.banner,
        "industry": project.industry,
        "stage": project.stage,
        "energy": {
            "equivalent_tce": _text(energy.equivalent_tce),
            "calorific_tce": _text(energy.calorific_tce),
            "basis": energy.basis,
            "in_focus": energy.in_focus,
            "basis_of_focus": energy.basis_of_focus,
            "carriers": [_carrier(c) for c in energy.carriers],
        },
        "class": result.efficiency_class,
        "disposition": result.disposition,
        "units": [_unit(u) for u in result.units],
        "findings": [
            {"id": f.id, "source": f.source, "facts": dict(f.facts), "text": f.text} for f in result.findings
        ],
        "hints": [{"id": h.id, "text": h.text, "facts": dict(h.facts)} for h in result.hints],
        "disposition_if_confirmed": then,
        "measures": [
            {
                "instrument": m.instrument, "organ": m.organ, "basis": list(m.basis), "letter": m.letter,
                "ground": m.ground, "harmful": m.harmful, "evidence": m.evidence,
                "chosen_by_person": m.chosen_by_person,
            }
            for m in (result.measures_if_confirmed if then else result.measures)
        ],
        "rests_on": [{"ref": b.ref, "words": b.words, "evidence": b.evidence} for b in result.rests_on],
        "reasons": list(result.reasons),
    }  # fmt: skip
