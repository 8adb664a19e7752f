"""The proposed disposition by the decision table, and the measures that would carry it out (law page §5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from screening.domain.classification.levels import basis_of
from screening.domain.classification.results import (
    Basis,
    Disposition,
    EfficiencyClass,
    Finding,
    FindingId,
    Measure,
    UnitVerdict,
)
from screening.domain.registry import Project, Stage
from screening.domain.rules import DispositionRow, MeasureRow, Rulebook

KEY_USER_TCE = Decimal(10000)
"""重点用能单位: 10,000 tce a year and more; the rules' parameter `key_user_tce` where it is on file."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a measure: its id in the table of measures, the units it concerns, the rules it rests on."""

    id: str
    units: tuple[int, ...]
    rests_on: tuple[Basis, ...]


def worst(units: Sequence[UnitVerdict]) -> EfficiencyClass:
    """The project's class: the worst of its units."""
    order = list(EfficiencyClass)
    return max((u.efficiency_class for u in units), key=order.index)


def _category(findings: Collection[Finding]) -> str:
    if not findings:
        return "none"
    return "only_emission" if all(f.id is FindingId.EXCESS_EMISSION for f in findings) else "other"


def decide(
    stage: Stage,
    efficiency: EfficiencyClass,
    findings: Collection[Finding],
    *,
    overdue: bool,
    rulebook: Rulebook,
    as_of: date,
) -> tuple[Disposition, DispositionRow | None]:
    """The first row of the decision table that fits; MANUAL where none does."""
    category = _category(findings)
    for row in rulebook.dispositions:
        if (
            row.holds(as_of)
            and (not row.stages or stage.value in row.stages)
            and (not row.classes or efficiency.value in row.classes)
            and row.findings in ("any", category)
            and (not row.overdue or overdue)
        ):
            return Disposition(row.disposition), row
    return Disposition.MANUAL, None


def _of_class(units: Sequence[UnitVerdict], efficiency: EfficiencyClass) -> tuple[int, ...]:
    return tuple(i for i, u in enumerate(units) if u.efficiency_class is efficiency)


def grounds_of(
    project: Project, units: Sequence[UnitVerdict], findings: Collection[Finding], rulebook: Rulebook, as_of: date
) -> tuple[Ground, ...]:
    """Every ground that the facts give, findings first."""
    found: list[Ground] = []
    everything = tuple(range(len(units)))
    for finding in findings:
        found.append(Ground(finding.id.value, everything, finding.basis))
        if finding.id is FindingId.BUILT_BEFORE_APPROVAL:
            missing = "environmental_approval_missing" if "eia_date" in finding.facts else "energy_review_missing"
            found.append(Ground(missing, everything, finding.basis))
        if finding.facts.get("equipment_class") == "淘汰":
            found.append(Ground("eliminated_equipment", everything, finding.basis))

    def levels(positions: tuple[int, ...]) -> tuple[Basis, ...]:
        rows = rulebook.rules_by_ref
        refs = dict.fromkeys(ref for i in positions if (ref := units[i].ref))
        return tuple(basis_of(rows[ref], rulebook) for ref in refs)

    names = {
        EfficiencyClass.AT_BENCHMARK: "class_at",
        EfficiencyClass.BETWEEN: "class_between",
        EfficiencyClass.BELOW_BASELINE: "class_below",
    }
    below = _of_class(units, EfficiencyClass.BELOW_BASELINE)
    if below and project.stage is Stage.EXISTING:
        broken = tuple(i for i in below if any(limit.reached == 0 for limit in units[i].limits))
        if broken:
            bases = tuple(
                Basis(limit.ref, limit.standard, limit.evidence)
                for i in broken
                for limit in units[i].limits
                if limit.reached == 0
            )
            found.append(Ground("gb_level3", broken, (*bases, *levels(broken))))
        threshold = rulebook.parameter("key_user_tce", as_of)
        actual = project.actual_equivalent
        if actual is not None and actual >= (threshold.amount if threshold and threshold.amount else KEY_USER_TCE):
            bases = (basis_of(threshold, rulebook),) if threshold else ()
            found.append(Ground("key_user", below, (*bases, *levels(below))))
    for efficiency, name in names.items():
        positions = _of_class(units, efficiency)
        if positions:
            found.append(Ground(name, positions, levels(positions)))
    return tuple(found)


def _fits(row: MeasureRow, project: Project, disposition: Disposition, as_of: date) -> bool:
    return (
        row.holds(as_of)
        and row.disposition == disposition.value
        and (not row.stages or project.stage.value in row.stages)
        and (not row.filings or project.filing_kind in row.filings)
    )


def measures_for(
    disposition: Disposition,
    row: DispositionRow | None,
    project: Project,
    grounds: Sequence[Ground],
    rulebook: Rulebook,
    as_of: date,
) -> tuple[Measure, ...]:
    """The measures of the table that carry the disposition out, one for each row and ground that fit."""
    found: list[Measure] = []
    for measure in rulebook.measures:
        if not _fits(measure, project, disposition, as_of):
            continue
        ground = next((g for g in grounds if g.id in measure.grounds), None)
        if ground is None and measure.grounds:
            continue
        clauses = [rulebook.clause(c) for c in measure.basis]
        rules = [*clauses, measure, *([row] if row else [])]
        bases = dict.fromkeys((*(ground.rests_on if ground else ()), *(basis_of(r, rulebook) for r in rules)))
        found.append(
            Measure(
                ref=measure.ref, ground=ground.id if ground else "", instrument=measure.instrument, organ=measure.organ,
                basis=tuple(c.source.words for c in clauses), letter=measure.letter, harmful=measure.harmful,
                needs=measure.needs, chosen_by_person=measure.chosen_by_person,
                evidence=rulebook.evidence_of(measure), units=ground.units if ground else (), rests_on=tuple(bases),
            )
        )  # fmt: skip
    return tuple(found)
