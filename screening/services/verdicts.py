"""What a screening becomes in the ledger: computed with what people said of findings, kept as columns and JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from screening.domain.classification import Disposition, Finding, FindingId, Measure, Screening, screen, to_document
from screening.domain.classification.day import day_of
from screening.domain.classification.proposal import class_grounds, finding_grounds, measures_for
from screening.domain.history import canonical
from screening.domain.quantity import fold
from screening.domain.registry import Project
from screening.domain.review import FindingSource, FindingState
from screening.domain.rules import Rulebook
from screening.store.registry import FindingRow, class_order, sortable

__all__ = ["Verdict", "columns", "judge", "measures_of", "search_text"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A screening with the findings that count in it, and those that a person set aside."""

    screening: Screening
    confirmed: tuple[Finding, ...]
    dismissed: tuple[Finding, ...]

    @property
    def open(self) -> tuple[Finding, ...]:
        """Detected findings that wait for a person's word."""
        return tuple(f for f in self.screening.findings if not any(same(f, c) for c in self.confirmed))


def same(one: Finding, other: Finding) -> bool:
    """Whether two findings state the same facts."""
    return one.id is other.id and dict(one.facts) == dict(other.facts)


def judge(
    project: Project, rules: Rulebook, *, as_of: date, said: Sequence[FindingRow] = (), due: date | None = None
) -> Verdict:
    """Screens a project with what people said of its findings.

    A word about a detected finding holds as long as the program detects it with the same facts; other facts need
    another word. `due` is the due date of the running clock.
    """
    overdue = due is not None and due < as_of
    if not said:
        return Verdict(screen(project, rules, as_of=as_of, overdue=overdue), (), ())
    bare = screen(project, rules, as_of=as_of, overdue=overdue)
    confirmed: list[Finding] = []
    dismissed: list[Finding] = []
    for row in said:
        finding = kept(row)
        detected = next((f for f in bare.findings if same(f, finding)), None)
        if row.source is FindingSource.DETECTED and detected is None:
            continue
        if row.state is FindingState.DISMISSED:
            dismissed.append(detected or finding)
        else:
            confirmed.append(replace(finding, basis=detected.basis) if detected else finding)
    result = screen(project, rules, as_of=as_of, confirmed=confirmed, dismissed=dismissed, overdue=overdue)
    return Verdict(result, tuple(confirmed), tuple(dismissed))


def kept(row: FindingRow) -> Finding:
    """A stored finding as the domain knows it."""

    files = tuple(f"附件“{one['name']}”" for one in json.loads(row.attachments))
    return Finding(
        FindingId(row.finding), row.source.value, json.loads(row.facts), row.text, (),
        details=json.loads(row.details), evidence=(*files, *([row.reference] if row.reference else [])),
    )  # fmt: skip


def digest_of(facts: Mapping[str, str]) -> str:
    """SHA-256 (hex) of the facts of a finding, which tells it from others of the same situation."""
    return hashlib.sha256(canonical(dict(facts)).encode()).hexdigest()


def measures_of(verdict: Verdict, disposition: Disposition, rules: Rulebook) -> tuple[Measure, ...]:
    """The measures that carry a disposition out, whether or not it is the one proposed."""
    result = verdict.screening
    if disposition is result.disposition:
        return result.measures
    day = day_of(rules, result.as_of, None)
    grounds = (
        *finding_grounds(verdict.confirmed, len(result.units)),
        *class_grounds(result.project, result.units, day),
    )
    return measures_for(disposition, None, result.project, grounds, day)


def refs(result: Screening) -> list[str]:
    """Every rule that the result, or a measure on it, rests on."""
    found = [b.ref for b in result.rests_on]
    found += [u.ref for u in result.units if u.ref]
    found += [limit.ref for u in result.units for limit in u.limits]
    found += [b.ref for m in (*result.measures, *result.measures_if_confirmed) for b in m.rests_on]
    return list(dict.fromkeys(found))


def columns(result: Screening) -> dict[str, Any]:
    """The columns of a project that a screening fills."""
    return {
        "efficiency_class": result.efficiency_class,
        "class_order": class_order(result.efficiency_class),
        "disposition": result.disposition,
        "disposition_if_confirmed": result.disposition_if_confirmed,
        "equivalent_tce": sortable(result.energy.equivalent_tce),
        "in_focus": result.energy.in_focus,
        "near_line": result.energy.near_line or any(u.near_line for u in result.units),
        "findings": len(result.findings),
        "screening": canonical(to_document(result)),
        "basis_refs": f" {' '.join(refs(result))} ",
        "rules_version": result.rules_version,
        "as_of": result.as_of,
    }


def search_text(project: Project) -> str:
    """What the search looks through: name, code, enterprise, credit code, products, folded."""
    parts = [project.name, project.code, project.enterprise, project.credit_code, project.park]
    parts += [p for u in project.units for p in (u.product, u.unit_name)]
    return "\n".join(dict.fromkeys(fold(p) for p in parts if p))
