"""What a screening answers: classes, energy, findings, hints, disposition and measures, each with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from screening.domain.plausibility import PREFIX
from screening.domain.registry import Project
from screening.domain.rules import Evidence

_CLASS_WORDS = {
    "AT_BENCHMARK": "达到标杆",
    "BETWEEN": "介于标杆和基准之间",
    "NOT_COVERED": "未列入对标范围",
    "UNDETERMINED": "数据不足",
    "BELOW_BASELINE": "低于基准",
}
_DISPOSITION_WORDS = {
    "PROCEED": "准予推进",
    "HALT": "叫停",
    "RECTIFY": "限期整改",
    "REFER": "移送",
    "KEEP": "保持并动态监控",
    "UPGRADE": "鼓励升级改造",
    "RETROFIT": "限期改造",
    "ELIMINATE": "淘汰退出",
    "RELEASE": "解除叫停",
    "ACCEPTED": "改造验收通过",
    "NOT_ACCEPTED": "改造验收不通过",
    "MANUAL": "人工认定",
}
_FINDING_WORDS = {
    "policy_noncompliance": "不符合政策要求",
    "unlawful_approval": "违规审批",
    "built_before_approval": "未批先建",
    "deviates_from_approval": "批建不符",
    "exceeds_approved_energy": "超批复用能",
    "excess_emission": "超标排放",
}
_CLASS_SHAPES = {"AT_BENCHMARK": "●", "BETWEEN": "■", "NOT_COVERED": "◇", "UNDETERMINED": "?", "BELOW_BASELINE": "▲"}


class EfficiencyClass(StrEnum):
    """The class of a unit; the order of members is the order from best to worst."""

    AT_BENCHMARK = "AT_BENCHMARK"
    BETWEEN = "BETWEEN"
    NOT_COVERED = "NOT_COVERED"
    UNDETERMINED = "UNDETERMINED"
    BELOW_BASELINE = "BELOW_BASELINE"

    @property
    def words(self) -> str:
        """As users read it."""
        return _CLASS_WORDS[self.value]

    @property
    def shape(self) -> str:
        """The sign that goes with the word, so that colour never stands alone."""
        return _CLASS_SHAPES[self.value]


class Disposition(StrEnum):
    """The policy's answer to a project."""

    PROCEED = "PROCEED"
    HALT = "HALT"
    RECTIFY = "RECTIFY"
    REFER = "REFER"
    KEEP = "KEEP"
    UPGRADE = "UPGRADE"
    RETROFIT = "RETROFIT"
    ELIMINATE = "ELIMINATE"
    RELEASE = "RELEASE"
    """Never proposed by the table: a halt is lifted only on a rectification that was accepted by a person."""
    ACCEPTED = "ACCEPTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    """Never proposed either: a retrofit is accepted, or not, on what was metered."""
    MANUAL = "MANUAL"

    @property
    def words(self) -> str:
        """As users read it."""
        return _DISPOSITION_WORDS[self.value]


PROPOSABLE: Final = tuple(
    d for d in Disposition if d not in {Disposition.RELEASE, Disposition.ACCEPTED, Disposition.NOT_ACCEPTED}
)
"""What the decision table can propose, in its order; the others answer an earlier decision."""


def overrides(disposition: Disposition, proposed: Disposition) -> bool:
    """Whether a disposition was chosen in the place of the proposed one; what answers a decision overrides nothing."""
    return disposition in PROPOSABLE and disposition is not proposed


class FindingId(StrEnum):
    """The six situations of the plan."""

    POLICY_NONCOMPLIANCE = "policy_noncompliance"
    UNLAWFUL_APPROVAL = "unlawful_approval"
    BUILT_BEFORE_APPROVAL = "built_before_approval"
    DEVIATES_FROM_APPROVAL = "deviates_from_approval"
    EXCEEDS_APPROVED_ENERGY = "exceeds_approved_energy"
    EXCESS_EMISSION = "excess_emission"

    @property
    def words(self) -> str:
        """As users read it."""
        return _FINDING_WORDS[self.value]


@dataclass(frozen=True, slots=True)
class Basis:
    """A rule that a result rests on: its address, its words and how well it is known."""

    ref: str
    words: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class GbVerdict:
    """The second, separate test against a mandatory limit standard; levels in `unit`, None where there is none."""

    standard: str
    indicator: str
    unit: str
    level1: Decimal | None
    level2: Decimal | None
    level3: Decimal | None
    reached: int | None
    """1, 2 or 3: the best level whose figure the SEC does not exceed; 0 = breaks level 3; None = not comparable."""
    ref: str
    evidence: Evidence
    broken: tuple[int, ...] = ()
    """The levels whose figure the SEC exceeds; in a standard that is not monotone a better level may be met beside."""


@dataclass(frozen=True, slots=True)
class UnitVerdict:
    """A unit's class with all that it rests on. `sec` is in `unit` (that of the rule where one matched)."""

    row: int | None
    name: str | None
    product: str
    variant: str | None
    sec: Decimal | None
    sec_kind: str | None
    unit: str | None
    benchmark: Decimal | None
    baseline: Decimal | None
    efficiency_class: EfficiencyClass
    rule: str | None
    edition: str | None
    evidence: Evidence | None
    ref: str | None
    national_target: date | None
    near_line: bool
    limits: tuple[GbVerdict, ...]
    reasons: tuple[str, ...]
    rests_on: tuple[Basis, ...] = ()
    """The rules that the class rests on: the standard, and the rule of a conversion where one was needed."""


@dataclass(frozen=True, slots=True)
class CarrierTotal:
    """One carrier's part in a total: physical amount, coefficients with source, tce on both bases (negative if sold).

    `basis` says which total: 设计 or 实际.
    """

    carrier: str
    basis: str
    sold: bool
    amount: Decimal
    measure: str
    calorific_coefficient: Decimal | None
    equivalent_coefficient: Decimal | None
    calorific_tce: Decimal | None
    equivalent_tce: Decimal | None
    source: str
    feedstock: bool
    renewable: bool


@dataclass(frozen=True, slots=True)
class Energy:
    """Comprehensive energy consumption of a project, tce a year (design, else as `basis_of_focus` says)."""

    equivalent_tce: Decimal | None
    calorific_tce: Decimal | None
    basis: str | None
    """computed, declared, electricity_only, or None where nothing is on file."""
    in_focus: bool | None
    basis_of_focus: str | None
    """design, approved, actual, or None; `fuel` for coal power, which is in whatever its total."""
    near_line: bool
    carriers: tuple[CarrierTotal, ...]
    reasons: tuple[str, ...]
    rests_on: tuple[Basis, ...] = ()
    """The coefficients that the totals rest on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One of the six situations; `source` detected (a person must confirm) or entered."""

    id: FindingId
    source: str
    facts: Mapping[str, str]
    text: str
    basis: tuple[Basis, ...]
    details: Mapping[str, str] = field(default_factory=dict)
    """What a person put on file about it, by the fields of `domain/grounds.py`."""
    evidence: tuple[str, ...] = ()
    """What proves it, in words."""


PERIOD_PAST = "rule_period_past"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that calls for a look and is not a finding."""

    id: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def period(self) -> bool:
        """Whether it only says that a rule is not known to hold any more, which pages say once for everything."""
        return self.id == PERIOD_PAST

    @property
    def doubt(self) -> bool:
        """Whether it is a warning of plausibility, which a person has to mend or to explain."""
        return self.id.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class Measure:
    """A legal act that carries a disposition out (one row of the table of measures that fits)."""

    ref: str
    ground: str
    instrument: str
    organ: str
    basis: tuple[str, ...]
    letter: str
    harmful: bool
    needs: tuple[str, ...]
    chosen_by_person: bool
    evidence: Evidence
    units: tuple[int, ...]
    """Positions (from 0) in `Screening.units` of the units that an order must name."""
    rests_on: tuple[Basis, ...]
    """All rules that this measure rests on: a harmful letter waits until each of them is official (law page §7)."""
    grounds: tuple[str, ...] = ()
    """All grounds that it answers, `ground` first; empty where it needs none."""


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer for one project on one day, whole: shown, stored and computed again from the same inputs."""

    project: Project
    as_of: date
    edition: str | None
    rules_version: str
    efficiency_class: EfficiencyClass
    energy: Energy
    units: tuple[UnitVerdict, ...]
    findings: tuple[Finding, ...]
    hints: tuple[Hint, ...]
    disposition: Disposition
    disposition_if_confirmed: Disposition | None
    measures: tuple[Measure, ...]
    measures_if_confirmed: tuple[Measure, ...]
    reasons: tuple[str, ...]
    rests_on: tuple[Basis, ...]
