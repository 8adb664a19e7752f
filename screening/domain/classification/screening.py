"""Puts the parts of a screening together and spells the answer out as the contract's document."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from screening.domain.calendar import chinese
from screening.domain.classification import energy as energies
from screening.domain.classification import proposal
from screening.domain.classification.findings import Case, detect, is_coal_power
from screening.domain.classification.levels import basis_of, judge
from screening.domain.classification.results import (
    Basis,
    EfficiencyClass,
    Finding,
    Hint,
    Screening,
    UnitVerdict,
)
from screening.domain.errors import Refusal
from screening.domain.quantity import plain
from screening.domain.registry import Project, Stage
from screening.domain.rules import Edition, Rulebook


def _edition(rulebook: Rulebook, as_of: date, name: str | None) -> Edition | None:
    if name is None:
        return rulebook.edition_on(as_of)
    found = rulebook.edition_named(name)
    if found is None:
        known = "、".join(e.name for e in rulebook.editions)
        raise Refusal(f"没有名为“{name}”的能效水平版本。已收录的版本：{known}。", field="edition")
    return found


def _level_hints(stage: Stage, units: tuple[UnitVerdict, ...], as_of: date) -> Iterator[Hint]:
    for unit in units:
        title = unit.name or unit.product
        for limit in unit.limits:
            if limit.reached is None:
                continue
            words = f"{title}的单位产品能耗{plain(unit.sec) if unit.sec is not None else ''}"
            facts = {"standard": limit.standard, "product": unit.product}
            if stage is Stage.EXISTING and limit.reached == 0:
                yield Hint(
                    "breaks_gb_level3", f"{words}超过{limit.standard}的3级限定值（强制性标准，另行核对）。", facts
                )
            elif stage is not Stage.EXISTING and limit.reached in (0, 3) and limit.level2 is not None:
                yield Hint(
                    "below_gb_entry", f"{words}未达到{limit.standard}的2级准入值（强制性标准，另行核对）。", facts
                )
            elif stage is not Stage.EXISTING and limit.reached == 1:
                yield Hint(
                    "reaches_gb_level1",
                    f"{words}达到{limit.standard}的1级。自治区投资负面清单（2022年版）要求达到标杆水平或限额标准先进值（1级）。",
                    facts,
                )
        target = unit.national_target
        if (
            unit.efficiency_class is EfficiencyClass.BELOW_BASELINE
            and stage is Stage.EXISTING
            and target
            and target < as_of
        ):
            yield Hint(
                "national_target_passed", f"{title}所在领域的国家目标日期{chinese(target)}已过，仍低于基准水平。",
                {"national_target": target.isoformat()},
            )  # fmt: skip
        if unit.near_line:
            yield Hint("near_line", f"{title}的单位产品能耗临近标杆或基准界线，请核对计量。", {"product": unit.product})


def _period_hints(rests_on: tuple[Basis, ...], rulebook: Rulebook, as_of: date) -> Iterator[Hint]:
    told: set[str] = set()
    for basis in rests_on:
        rule = rulebook.rules_by_ref.get(basis.ref)
        if rule and rule.known_until and rule.known_until < as_of and rule.source.title not in told:
            told.add(rule.source.title)
            yield Hint(
                "rule_period_past",
                f"《{rule.source.title}》已知有效至{chinese(rule.known_until)}，此后是否继续执行请核对。",
                {"known_until": rule.known_until.isoformat()},
            )


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
    held = _edition(rulebook, as_of, edition)
    count = len(project.units)
    units = tuple(judge(u, i, count, project.stage, held, rulebook, as_of) for i, u in enumerate(project.units))
    coal = is_coal_power(project, rulebook)
    energy, hints = energies.weigh(project, rulebook, as_of, coal_power=coal)
    rule = energies.electricity_rule(rulebook, as_of)
    actual = energies.summed(project, "实际", rulebook, as_of)
    case = Case(
        project, energy, actual.equivalent_at if actual and not actual.problems else None,
        energies.bounds(rule, rulebook), rulebook, as_of,
    )  # fmt: skip
    findings, more = detect(case)
    efficiency = proposal.worst(units)
    kept = tuple(next((f for f in findings if _same(f, c)), c) for c in confirmed)
    disposition, row = proposal.decide(project.stage, efficiency, kept, overdue=overdue, rulebook=rulebook, as_of=as_of)
    expected = (*kept, *(f for f in findings if not any(_same(f, o) for o in (*kept, *dismissed))))
    then, then_row = proposal.decide(
        project.stage, efficiency, expected, overdue=overdue, rulebook=rulebook, as_of=as_of
    )
    measures = proposal.measures_for(
        disposition, row, project, proposal.grounds_of(project, units, kept, rulebook, as_of), rulebook, as_of
    )
    measures_then = (
        measures
        if expected == kept
        else proposal.measures_for(
            then, then_row, project, proposal.grounds_of(project, units, expected, rulebook, as_of), rulebook, as_of
        )
    )
    rows = rulebook.rules_by_ref
    refs = dict.fromkeys(u.ref for u in units if u.ref)
    focus = rulebook.parameter("focus_line", as_of)
    rests_on = tuple(
        dict.fromkeys(
            (
                *(basis_of(rows[ref], rulebook) for ref in refs if ref),
                *((basis_of(focus, rulebook),) if focus else ()),
                *((basis_of(rule, rulebook),) if rule and energy.basis in {"computed", "electricity_only"} else ()),
                *(b for f in expected for b in f.basis),
                *((basis_of(row, rulebook),) if row else ()),
            )
        )
    )
    reasons = [r for u in units for r in u.reasons]
    if count > 1:
        reasons.append(f"项目按最差装置归类：{efficiency.words}。")
    reasons.extend(energy.reasons)
    reasons.extend(f"{f.id.words}（{'检出，待人工确认' if f not in kept else '已确认'}）：{f.text}" for f in expected)
    reasons.append(f"建议处置：{disposition.words}。" + (f"{row.text}（{row.source.words}）" if row else ""))
    if then is not disposition:
        reasons.append(f"检出的情形经确认后，建议处置为：{then.words}。")
    all_hints = (*hints, *more, *_level_hints(project.stage, units, as_of), *_period_hints(rests_on, rulebook, as_of))
    return Screening(
        project=project, as_of=as_of, edition=held.name if held else None, rules_version=rulebook.version,
        efficiency_class=efficiency, energy=energy, units=units, findings=expected, hints=_once(all_hints),
        disposition=disposition, disposition_if_confirmed=None if then is disposition else then, measures=measures,
        measures_if_confirmed=measures_then, reasons=tuple(reasons), rests_on=rests_on,
    )  # fmt: skip


def _same(one: Finding, other: Finding) -> bool:
    return one.id is other.id and dict(one.facts) == dict(other.facts)


def _once(hints: tuple[Hint, ...]) -> tuple[Hint, ...]:
    kept: list[Hint] = []
    for hint in hints:
        if hint not in kept:
            kept.append(hint)
    return tuple(kept)


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
        "class": verdict.efficiency_class.value,
        "rule": verdict.rule,
        "edition": verdict.edition,
        "evidence": None if verdict.evidence is None else verdict.evidence.value,
        "near_line": verdict.near_line,
        "national_target": None if verdict.national_target is None else verdict.national_target.isoformat(),
        "limits": [
            {
                "standard": limit.standard, "indicator": limit.indicator, "unit": limit.unit,
                "level1": _text(limit.level1), "level2": _text(limit.level2), "level3": _text(limit.level3),
                "reached": limit.reached, "evidence": limit.evidence.value,
            }
            for limit in verdict.limits
        ],
        "reasons": list(verdict.reasons),
    }  # fmt: skip


def to_document(result: Screening) -> dict[str, Any]:
    """One entry of `projects` in the contract (ledger-format §2): plain JSON data, exact decimals as strings."""
    project, energy = result.project, result.energy
    then = result.disposition_if_confirmed
    return {
        "project_code": project.code,
        "name": project.name,
        "enterprise": project.enterprise,
        "league": project.league,
        "banner": project.banner,
        "industry": project.industry.value,
        "stage": project.stage.value,
        "energy": {
            "equivalent_tce": _text(energy.equivalent_tce),
            "calorific_tce": _text(energy.calorific_tce),
            "basis": energy.basis,
            "in_focus": energy.in_focus,
            "basis_of_focus": energy.basis_of_focus,
        },
        "class": result.efficiency_class.value,
        "disposition": result.disposition.value,
        "units": [_unit(u) for u in result.units],
        "findings": [
            {"id": f.id.value, "source": f.source, "facts": dict(f.facts), "text": f.text} for f in result.findings
        ],
        "hints": [{"id": h.id, "text": h.text, "facts": dict(h.facts)} for h in result.hints],
        "disposition_if_confirmed": None if then is None else then.value,
        "measures": [
            {
                "instrument": m.instrument, "organ": m.organ, "basis": list(m.basis), "letter": m.letter,
                "ground": m.ground, "harmful": m.harmful, "evidence": m.evidence.value,
                "chosen_by_person": m.chosen_by_person,
            }
            for m in (result.measures_if_confirmed if then else result.measures)
        ],
        "rests_on": [{"ref": b.ref, "words": b.words, "evidence": b.evidence.value} for b in result.rests_on],
        "reasons": list(result.reasons),
    }  # fmt: skip
