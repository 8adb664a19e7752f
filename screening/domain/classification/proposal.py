"""The proposed disposition by the decision table, and the measures that would carry it out (law page §5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from screening.domain.classification.day import Day
from screening.domain.classification.energy import sums_of
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
from screening.domain.rules import DispositionRow, MeasureRow


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a measure: its id in the table of measures, the units it concerns, the rules it rests on."""

    id: str
    units: tuple[int, ...]
    rests_on: tuple[Basis, ...]
    also: tuple[str, ...] = ()
    """The other grounds that a measure answers together with it."""


_ORDER = {efficiency: place for place, efficiency in enumerate(EfficiencyClass)}


def worst(units: Sequence[UnitVerdict]) -> EfficiencyClass:
    """The project's class: the worst of its units."""
    return max((u.efficiency_class for u in units), key=_ORDER.__getitem__)


def _category(findings: Collection[Finding]) -> str:
    if not findings:
        return "none"
    return "only_emission" if all(f.id is FindingId.EXCESS_EMISSION for f in findings) else "other"


def decide(
    stage: Stage, efficiency: EfficiencyClass, findings: Collection[Finding], day: Day, *, overdue: bool
) -> tuple[Disposition, DispositionRow | None]:
    """The first row of the decision table that fits; MANUAL where none does."""
    category = _category(findings)
    key = ("disposition", stage, efficiency, category, overdue)
    kept = day.kept.get(key)
    if kept is None:
        kept = day.keep(key, _first_row(stage, efficiency, category, day, overdue=overdue))
    return cast("tuple[Disposition, DispositionRow | None]", kept)


def _first_row(
    stage: Stage, efficiency: EfficiencyClass, category: str, day: Day, *, overdue: bool
) -> tuple[Disposition, DispositionRow | None]:
    for row in day.dispositions:
        if (
            (not row.stages or stage.value in row.stages)
            and (not row.classes or efficiency.value in row.classes)
            and row.findings in {"any", category}
            and (not row.overdue or overdue)
        ):
            return Disposition(row.disposition), row
    return Disposition.MANUAL, None


def _distinct(bases: Sequence[Basis]) -> tuple[Basis, ...]:
    """Each rule once, in order; told apart by address."""
    return tuple({b.ref: b for b in bases}.values())


BELOW_ONLY = "class_below"

_CLASS_GROUNDS = {
    EfficiencyClass.AT_BENCHMARK: "class_at",
    EfficiencyClass.BETWEEN: "class_between",
    EfficiencyClass.BELOW_BASELINE: "class_below",
}


def _levels(units: Sequence[UnitVerdict], positions: tuple[int, ...]) -> tuple[Basis, ...]:
    if len(positions) == 1:
        return units[positions[0]].rests_on
    return _distinct([b for i in positions for b in units[i].rests_on])


def _uses(project: Project, least: Decimal, day: Day) -> bool:
    """Whether the actual energy of a year reaches a figure: as declared, else by carriers at every coefficient."""
    if project.actual_equivalent is not None:
        return project.actual_equivalent >= least
    added = sums_of(project, day).get("实际")
    if added is None or added.problems:
        return False
    figures = [added.equivalent_at(c) for c in day.coefficients]
    return bool(figures) and all(figure >= least for figure in figures)


def class_grounds(project: Project, units: Sequence[UnitVerdict], day: Day) -> tuple[Ground, ...]:
    """The grounds that the classes of the units give; a broken mandatory limit and a key user first."""
    found: list[Ground] = []
    by_class: dict[EfficiencyClass, tuple[int, ...]] = {}
    for position, unit in enumerate(units):
        by_class[unit.efficiency_class] = (*by_class.get(unit.efficiency_class, ()), position)
    below = by_class.get(EfficiencyClass.BELOW_BASELINE, ())
    if project.stage is Stage.EXISTING:
        # Whatever the class is: a limit that is broken is stated as such and is never merged with the class.
        broken = tuple(i for i, unit in enumerate(units) if any(3 in limit.broken for limit in unit.limits))
        if broken:
            bases = [
                day.basis(day.rulebook.rules_by_ref[limit.ref])
                for i in broken
                for limit in units[i].limits
                if 3 in limit.broken
            ]
            found.append(Ground("gb_level3", broken, _distinct((*bases, *_levels(units, broken)))))
    if below and project.stage is Stage.EXISTING:
        threshold = day.parameter("key_user_tce")
        if threshold and threshold.amount is not None and _uses(project, threshold.amount, day):
            found.append(Ground("key_user", below, (day.basis(threshold), *_levels(units, below))))
    for efficiency, name in _CLASS_GROUNDS.items():
        positions = by_class.get(efficiency)
        if positions:
            found.append(Ground(name, positions, _levels(units, positions)))
    return tuple(found)


_MISSING = {
    "环评批复": "environmental_approval_missing",
    "项目核准": "project_approval_missing",
    "项目备案": "project_approval_missing",
}
"""The approval that was not there at the start -> the ground of the table of measures; else the energy review."""


def finding_grounds(findings: Collection[Finding], count: int) -> tuple[Ground, ...]:
    """The grounds that findings give, on all of the project's units."""
    found: list[Ground] = []
    everything = tuple(range(count))
    for finding in findings:
        found.append(Ground(finding.id.value, everything, finding.basis))
        if finding.id is FindingId.BUILT_BEFORE_APPROVAL:
            paper = "环评批复" if "eia_date" in finding.facts else finding.facts.get("approval")
            found.append(Ground(_MISSING.get(paper or "", "energy_review_missing"), everything, finding.basis))
        if finding.facts.get("equipment_class") == "淘汰":
            found.append(Ground("eliminated_equipment", everything, finding.basis))
    return tuple(found)


def _measure(measure: MeasureRow, row: DispositionRow | None, ground: Ground | None, day: Day) -> Measure:
    """The measure on its ground, kept for all projects of the day that share the ground's rules and units."""
    units = ground.units if ground else ()
    rests_on = ground.rests_on if ground else ()
    key = (
        "measure",
        measure.ref,
        row.ref if row else "",
        ground.id if ground else "",
        ground.also if ground else (),
        units,
        tuple(b.ref for b in rests_on),
    )
    found = day.kept.get(key)
    if not isinstance(found, Measure):
        clauses = [day.rulebook.clause(c) for c in measure.basis]
        bases = (*rests_on, *day.bases(*clauses, measure, row))
        found = Measure(
            ref=measure.ref,
            ground=ground.id if ground else "",
            instrument=measure.instrument,
            organ=measure.organ,
            basis=tuple(c.source.words for c in clauses),
            letter=measure.letter,
            harmful=measure.harmful,
            needs=measure.needs,
            chosen_by_person=measure.chosen_by_person,
            evidence=day.rulebook.evidence_of(measure),
            units=units,
            rests_on=_distinct(bases),
            grounds=(ground.id, *ground.also) if ground else (),
        )
        day.keep(key, found)
    return found


def measures_for(
    disposition: Disposition, row: DispositionRow | None, project: Project, grounds: Sequence[Ground], day: Day
) -> tuple[Measure, ...]:
    """The measures of the table that carry the disposition out, one for each row whose grounds are given.

    A measure names the units of all its grounds. What rests on a level alone (retrofit C) is for the existing units
    that no stricter measure names: the table says "below baseline only".
    """
    found: list[Measure] = []
    named: set[int] = set()
    for measure in day.measures.get(disposition.value, ()):
        if measure.stages and project.stage.value not in measure.stages:
            continue
        if measure.filings and project.filing_kind not in measure.filings:
            continue
        fit = [g for g in grounds if g.id in measure.grounds]
        if not fit and measure.grounds:
            continue
        ground = _together(fit) if fit else None
        if ground and measure.grounds == (BELOW_ONLY,) and project.stage is Stage.EXISTING:
            left = tuple(i for i in ground.units if i not in named)
            if not left:
                continue
            ground = Ground(ground.id, left, ground.rests_on)
        elif ground and project.stage is Stage.EXISTING:
            named.update(ground.units)
        found.append(_measure(measure, row, ground, day))
    return tuple(found)


def _together(grounds: Sequence[Ground]) -> Ground:
    """Several grounds of one measure as one, by the name of the first, with the units and rules of all."""
    if len(grounds) == 1:
        return grounds[0]
    units = tuple(sorted({i for g in grounds for i in g.units}))
    also = tuple(g.id for g in grounds[1:])
    return Ground(grounds[0].id, units, _distinct([b for g in grounds for b in g.rests_on]), also)
