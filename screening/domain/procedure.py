"""What must be on file before a harmful letter is signed (law page §5): the steps, and the matter that they serve."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from screening.domain.classification import Disposition, Finding, Measure, UnitVerdict
from screening.domain.history import canonical
from screening.domain.quantity import plain
from screening.domain.registry import Industry


class StepId(StrEnum):
    """One step before signing, by its id in `rules/measures.toml`; countersigning is asked for by a person."""

    COMPETENCE = "competent_organ"
    OFFICERS = "two_officers"
    EVIDENCE = "fact_evidence"
    ADVANCE_NOTICE = "advance_notice"
    STATEMENT = "statement_and_defence"
    HEARING = "hearing_window"
    LEGAL_REVIEW = "legal_review"
    DISCUSSION = "collective_discussion"
    TERM = "ninety_days"
    ADDRESSEE = "addressee_checked"
    LAW_OF_DAY = "law_of_the_day"
    BASIS = "official_evidence"
    INDUSTRY_DEPARTMENT = "industry_department"
    ECOLOGY_DEPARTMENT = "ecology_department"
    ENERGY_DEPARTMENT = "energy_department"

    @property
    def words(self) -> str:
        """As users, and the table of measures, name it."""
        return STEP_WORDS[self]


STEP_WORDS: Final = {
    StepId.COMPETENCE: "主管机关权限",
    StepId.OFFICERS: "二名以上执法人员",
    StepId.EVIDENCE: "事实证据",
    StepId.ADVANCE_NOTICE: "事先告知书",
    StepId.STATEMENT: "陈述申辩及答复",
    StepId.HEARING: "听证期满",
    StepId.LEGAL_REVIEW: "法制审核",
    StepId.DISCUSSION: "集体讨论",
    StepId.TERM: "九十日办案期限",
    StepId.ADDRESSEE: "送达对象核对",
    StepId.LAW_OF_DAY: "当日有效的法律",
    StepId.BASIS: "依据核实",
    StepId.INDUSTRY_DEPARTMENT: "工业和信息化部门会签",
    StepId.ECOLOGY_DEPARTMENT: "生态环境部门会签",
    StepId.ENERGY_DEPARTMENT: "能源主管部门会签",
}
STEP_OF: Final = {words: step for step, words in STEP_WORDS.items()}
BY_PROGRAM: Final = frozenset({StepId.LAW_OF_DAY, StepId.BASIS})
"""Shown on the checklist, judged by the program on the day of signing; nobody ticks them."""
COUNTERSIGNING: Final = frozenset({StepId.INDUSTRY_DEPARTMENT, StepId.ECOLOGY_DEPARTMENT, StepId.ENERGY_DEPARTMENT})
"""会签: asked by the reviewer, answered by the other department."""


COUNTERSIGNED_BY_DEFAULT: Final = {Industry.COAL_POWER: (StepId.ENERGY_DEPARTMENT,)}
"""Whom the form suggests to ask: coal power is the energy department's own field."""


class StepState(StrEnum):
    """What is recorded of a step."""

    DONE = "done"
    NOT_REQUIRED = "not_required"
    REFUSED = "refused"
    """Taken, with an opinion against it: it does not open the way to signing."""

    @property
    def words(self) -> str:
        """As users read it."""
        return {"done": "已办理", "not_required": "不需要", "refused": "不同意"}[self.value]


def steps_of(measures: Iterable[Measure], *, countersigned_by: Collection[StepId] = ()) -> tuple[StepId, ...]:
    """The steps that the measures ask for, each once, in the order of the checklist."""
    asked = {STEP_OF[need] for measure in measures for need in measure.needs} | set(countersigned_by)
    return tuple(step for step in StepId if step in asked)


def matter(
    disposition: Disposition,
    measures: Iterable[Measure],
    findings: Iterable[Finding],
    units: Iterable[UnitVerdict],
    *,
    due: date | None,
    clause: str | None = None,
    round_: int,
) -> str:
    """SHA-256 (hex) of the facts, the basis and the measure that a notice tells; another one needs another notice.

    `units` are the units that the measures name, `clause` the one that a person added; `round_` counts the decisions
    already served, so that what was heard before one decision does not serve for the next.
    """
    told = {
        "disposition": disposition.value,
        "measures": sorted([m.ref, m.instrument, m.organ, *m.basis] for m in measures),
        "findings": sorted([f.id.value, canonical(dict(f.facts)), f.text] for f in findings),
        "units": [
            [u.name, u.product, u.variant, u.efficiency_class.value, *map(_figure, (u.sec, u.benchmark, u.baseline))]
            for u in units
        ],
        "due": due.isoformat() if due else None,
        "clause": clause,
        "round": round_,
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def facts_told(findings: Iterable[Finding], units: Iterable[UnitVerdict]) -> str:
    """SHA-256 (hex) of the facts alone, of all units: what was heard was heard on these."""
    told = [
        sorted([f.id.value, canonical(dict(f.facts)), f.text] for f in findings),
        [[u.name, u.product, u.variant, u.efficiency_class.value, _figure(u.sec)] for u in units],
    ]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def _figure(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
