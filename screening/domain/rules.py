"""The rules as the law knows them: dated, cited rows, read from `rules/` by `screening.rulebook`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from screening.domain.quantity import MeasureUnit, fold

SATURDAY = 5
_EVIDENCE_WORDS = {"official": "已核对官方文本", "secondary": "二手来源，未核对官方文本", "unverified": "未核实"}


class Evidence(StrEnum):
    """How well a rule is known (law page §7)."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"

    @property
    def words(self) -> str:
        """As users read it."""
        return _EVIDENCE_WORDS[self.value]


@dataclass(frozen=True, slots=True)
class Source:
    """The document that a rule stands in; `seen` says where a copy was read, never as the authority."""

    title: str
    number: str | None = None
    published: date | None = None
    clause: str | None = None
    seen: str | None = None

    @property
    def words(self) -> str:
        """《title》（number）clause; the program's own agreements are no published document and go without 《》."""
        title = self.title if self.title.startswith("本程序") else f"《{self.title}》"
        return title + (f"（{self.number}）" if self.number else "") + (self.clause or "")


@dataclass(frozen=True, slots=True)
class Rule:
    """What every row of the rules has: an address in the rule files, its source, its evidence, its period.

    `ref` is stable across re-readings (`levels/2023/calcium_carbide`) and is what a confirmation names.
    `known_until` is the last day for which the rule is known to be in force, where that is known.
    """

    ref: str
    id: str
    source: Source
    evidence: Evidence
    in_force_from: date | None
    in_force_to: date | None
    known_until: date | None
    note: str | None

    def holds(self, day: date) -> bool:
        """Whether the rule is in force on `day`; a rule without a first day is taken as always in force."""
        return (self.in_force_from is None or self.in_force_from <= day) and (
            self.in_force_to is None or day <= self.in_force_to
        )


@dataclass(frozen=True, slots=True)
class CapacityBand:
    """The capacities that a variant is made for; a bound that is None is open. Unit: `t/d`, `t` or `MW`."""

    unit: str
    low: Decimal | None
    low_included: bool
    high: Decimal | None
    high_included: bool

    def holds(self, amount: Decimal) -> bool:
        """Whether `amount` (in `unit`) falls into the band."""
        above = self.low is None or amount > self.low or (self.low_included and amount == self.low)
        below = self.high is None or amount < self.high or (self.high_included and amount == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class Standard(Rule):
    """Benchmark and baseline of one product variant in one edition; both None where the figure was not found (a gap).

    `id` is snake_case English, `product__variant`, the same in all editions.
    """

    edition: str
    industry_code: str | None
    field_name: str
    product: str
    variant: str | None
    product_synonyms: tuple[str, ...]
    variant_synonyms: tuple[str, ...]
    indicator: str
    unit: MeasureUnit | None
    benchmark: Decimal | None
    baseline: Decimal | None
    national_target: date | None
    reference_standard: str | None
    capacity: CapacityBand | None

    @property
    def known(self) -> bool:
        """Whether the figures are on file."""
        return self.benchmark is not None and self.baseline is not None and self.unit is not None


@dataclass(frozen=True)
class Edition:
    """One edition of the national levels, named by its year; figures never edited, followed by the next."""

    name: str
    in_force_from: date
    in_force_to: date | None
    source: Source
    standards: tuple[Standard, ...]

    @cached_property
    def by_product(self) -> dict[str, tuple[Standard, ...]]:
        """Folded product or synonym -> the standards of that product, one for each variant, in the table's order."""
        return _gather((fold(n), s) for s in self.standards for n in (s.product, *s.product_synonyms))

    @cached_property
    def by_id(self) -> dict[str, Standard]:
        """Standard id -> standard."""
        return {s.id: s for s in self.standards}


@dataclass(frozen=True, slots=True)
class GbLimit(Rule):
    """A mandatory limit standard (GB): level 3 for existing, level 2 for new, level 1 advanced; not assumed monotone.

    `applies_to` names the standards (ids) whose product, variant and indicator are the same;
    for coal power it is empty and `product` / `variant` with synonyms are matched instead.
    """

    standard: str
    product: str
    variant: str | None
    product_synonyms: tuple[str, ...]
    variant_synonyms: tuple[str, ...]
    indicator: str
    unit: MeasureUnit
    level1: Decimal | None
    level2: Decimal | None
    level3: Decimal | None
    applies_to: tuple[str, ...]
    capacity: CapacityBand | None
    """Where two rows of the limit standard share one standard, the capacity says which one holds."""


class CarrierKind(StrEnum):
    """How a carrier is measured and which basis its coefficient belongs to."""

    FUEL = "fuel"
    HEAT = "heat"
    ELECTRICITY = "electricity"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True)
class Carrier(Rule):
    """An energy carrier and its coefficient to kgce per `per` (kg, m3, kWh, MJ, t); None where not found or a range."""

    name: str
    synonyms: tuple[str, ...]
    kind: CarrierKind
    per: str
    coefficient: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    lhv: Decimal | None


@dataclass(frozen=True, slots=True)
class ElectricityEquivalent(Rule):
    """The 等价值 of electricity in kgce/kWh for a period, and the bounds of all coefficients seen in use."""

    coefficient: Decimal
    year: int
    lowest_seen: Decimal
    highest_seen: Decimal


@dataclass(frozen=True, slots=True)
class ElectricityFigure(Rule):
    """A figure of kgce/kWh that somebody uses as 等价值; never applied, shown to the office that has to confirm one."""

    name: str
    coefficient: Decimal | None
    year: int | None


class Control(StrEnum):
    """What the catalogue says of new capacity."""

    FORBIDDEN = "forbidden"
    NATIONAL_PLAN = "national_plan"
    STRICT = "strict"
    DRAFT = "draft"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CatalogueEntry(Rule):
    """A product of the two-high catalogue with its controls; `listed` says how well it is known that it is listed.

    `listed` is None where that is unknown: such a product goes to a person.
    """

    industry_code: str
    industry: str | None
    products: tuple[str, ...]
    synonyms: tuple[str, ...]
    variants: tuple[str, ...]
    """Variants (with synonyms) that the entry is limited to; empty = every variant."""
    listed: Evidence | None
    control: Control
    control_text: str | None
    control_evidence: Evidence | None
    control_from: date | None
    """The first day on which the control is known to hold; None where that is not known."""
    existing_text: str | None
    replacement_text: str | None
    equipment_text: str | None
    cap_text: str | None

    def covers(self, variant: str | None) -> bool:
        """Whether the entry speaks of a unit of that variant; of an unknown one only where it speaks of all."""
        return not self.variants or (variant is not None and fold(variant) in {fold(v) for v in self.variants})


class RegionLevel(StrEnum):
    """The three levels of offices, and the statistical zones that occur in project codes only."""

    REGION = "region"
    LEAGUE = "league"
    BANNER = "banner"
    ZONE = "zone"


@dataclass(frozen=True, slots=True)
class Region(Rule):
    """A division with its six-digit code; `office` is the commission's full name, `court_of_review` its government."""

    name: str
    level: RegionLevel
    parent: str | None
    intensity_target: Decimal | None
    intensity_incentive: Decimal | None
    key_air: str | None
    layout: str | None
    is_prefecture: bool
    """True for a 盟 (派出机关), whose government is an 行政公署."""


class Authority(StrEnum):
    """The levels of review organs, highest first."""

    NATION = "国家"
    REGION = "自治区"
    LEAGUE = "盟市"
    BANNER = "旗县"


@dataclass(frozen=True, slots=True)
class ReviewAuthority(Rule):
    """Who may give the energy review opinion in a period.

    `thresholds`: (basis `calorific_tce`, at least, level) in falling order; a project at or above `at least`
    needs `level` or higher. `excluded`: levels that may not review at all.
    A project below both `exempt_tce` (calorific, tce a year) and `exempt_gwh` needs no review.
    """

    thresholds: tuple[tuple[str, Decimal, Authority], ...]
    excluded: tuple[Authority, ...]
    exempt_tce: Decimal | None
    exempt_gwh: Decimal | None


@dataclass(frozen=True, slots=True)
class DispositionRow(Rule):
    """One row of the decision table (law page §5); the first row that fits decides.

    stages / classes empty = any. `findings`: `none`, `only_emission`, `other`. `overdue`: only with a passed due date.
    """

    stages: tuple[str, ...]
    classes: tuple[str, ...]
    findings: str
    overdue: bool
    disposition: str
    text: str


@dataclass(frozen=True, slots=True)
class MeasureRow(Rule):
    """How a disposition is carried out: ground x stage x level broken -> instrument, organ, basis, letter.

    grounds: finding ids, or `class_below`, `class_between`, `gb_level3`, `key_user`, `eliminated_equipment` ….
    `letter` is a letter kind of the contract (HALT, RECTIFY, RETROFIT, PROCEED, UPGRADE, KEEP, REFER, ELIMINATE).
    `needs`: what must be on file before signing. `chosen_by_person` where no rule of law is on file.
    """

    disposition: str
    grounds: tuple[str, ...]
    stages: tuple[str, ...]
    instrument: str
    organ: str
    basis: tuple[str, ...]
    letter: str
    harmful: bool
    needs: tuple[str, ...]
    chosen_by_person: bool
    filings: tuple[str, ...]
    """立项方式 (核准, 备案, 审批) that the measure is for; empty = any."""


@dataclass(frozen=True, slots=True)
class Step(Rule):
    """What must be on file before a harmful letter is signed; `name` is the word that measures use in `needs`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Office(Rule):
    """A commission: its full name, the mark that opens its document numbers, and who reviews its acts."""

    code: str
    name: str
    mark: str
    reviewing_government: str
    court: str


@dataclass(frozen=True, slots=True)
class DeadlineRule(Rule):
    """The retrofit clock: outer limit in years, least months a national date must lie ahead, reminders in days."""

    outer_limit_years: int
    national_months_ahead: int
    exit_months: int
    reminders_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Rule):
    """A single figure or day that a rule of detection uses (tolerances, the focus line, first days of duties)."""

    amount: Decimal | None
    day: date | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class WorkYear(Rule):
    """The working days of a year: Monday to Friday but `off`, and the Saturdays and Sundays `worked`."""

    year: int
    off: tuple[date, ...]
    worked: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Plausibility(Rule):
    """A range in which a figure or a ratio is believed: the program's own convention, never law.

    `low` and `high` belong to the range; `typical` is a figure that an estimate needs; `factors` are the powers of
    ten by which measure units are taken for each other; `text` says how to mend what lies outside.
    """

    low: Decimal | None
    high: Decimal | None
    typical: Decimal | None
    factors: tuple[int, ...]
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Tariff(Rule):
    """A surcharge row; `surcharge` None = amount not found, never zero."""

    scope: str
    industries: tuple[str, ...]
    class_name: str | None
    metric: str | None
    metric_unit: str | None
    above: Decimal | None
    up_to: Decimal | None
    step: Decimal | None
    surcharge: Decimal | None
    surcharge_unit: str | None


@dataclass(frozen=True, slots=True)
class Clause(Rule):
    """A provision that letters and reasons cite: its wording in short, and which of the six situations it founds.

    `founds`: finding ids, or `built_before_approval.energy_review` and the like for one kind of them.
    """

    text: str
    founds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Two people checked a rule against the official text."""

    ref: str
    document: str
    page: str
    day: date
    confirmed_by: str
    countersigned_by: str


@dataclass(frozen=True)
class Rulebook:
    """All rules on file, with the hash of their content as `version`.

    `confirmations` are those of the office (two people each); they lift a rule's evidence to official
    but are not part of the version.
    """

    version: str
    editions: tuple[Edition, ...]
    limits: tuple[GbLimit, ...]
    carriers: tuple[Carrier, ...]
    electricity: tuple[ElectricityEquivalent, ...]
    catalogue: tuple[CatalogueEntry, ...]
    regions: tuple[Region, ...]
    authorities: tuple[ReviewAuthority, ...]
    dispositions: tuple[DispositionRow, ...]
    measures: tuple[MeasureRow, ...]
    deadlines: tuple[DeadlineRule, ...]
    parameters: tuple[Parameter, ...]
    workyears: tuple[WorkYear, ...]
    plausibility: tuple[Plausibility, ...]
    tariffs: tuple[Tariff, ...]
    clauses: tuple[Clause, ...]
    outside: tuple[Standard, ...]
    """Levels of other documents that no edition's table holds (coal tables, data centres): shown, never applied."""
    electricity_seen: tuple[ElectricityFigure, ...]
    steps: tuple[Step, ...]
    offices: tuple[Office, ...]
    number_pattern: str
    """Of document numbers, with {mark}, {kind}, {year} and {number}."""
    kind_words: Mapping[str, str]
    """Letter kind -> the word that stands for it in document numbers."""
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)

    def edition_on(self, day: date) -> Edition | None:
        """The edition in force on `day`; None before the first."""
        held = [e for e in self.editions if e.in_force_from <= day and (e.in_force_to is None or day <= e.in_force_to)]
        return held[-1] if held else None

    def edition_named(self, name: str) -> Edition | None:
        """The edition of that name."""
        return next((e for e in self.editions if e.name == name), None)

    def parameter(self, name: str, day: date) -> Parameter | None:
        """The parameter `name` in force on `day`."""
        return next((p for p in self.parameters if p.id == name and p.holds(day)), None)

    def deadline(self, day: date) -> DeadlineRule:
        """The rule of the retrofit clock in force on `day`; the last one known where the day lies outside of all."""
        return next((r for r in self.deadlines if r.holds(day)), self.deadlines[-1])

    def working_day(self, start: date, days: int) -> date | None:
        """The `days`-th working day after `start`, which is not counted; None where the calendar does not reach it."""
        years = {row.year: row for row in self.workyears}
        day = start
        while days:
            day += timedelta(days=1)
            if day.year not in years:
                return None
            year = years[day.year]
            days -= day in year.worked or (day.weekday() < SATURDAY and day not in year.off)
        return day

    def clause(self, name: str) -> Clause:
        """The provision `name`; KeyError where the rules do not have it."""
        return self._clauses[name]

    @cached_property
    def _clauses(self) -> dict[str, Clause]:
        return {c.id: c for c in self.clauses}

    @cached_property
    def days(self) -> dict[tuple[date, str | None], object]:
        """Room for what the screening looks up once for a day and an edition."""
        return {}

    @cached_property
    def regions_by_code(self) -> dict[str, Region]:
        """Six-digit code -> division."""
        return {r.id: r for r in self.regions}

    @cached_property
    def regions_by_name(self) -> dict[str, tuple[Region, ...]]:
        """Folded name -> divisions of that name."""
        return _gather((fold(r.name), r) for r in self.regions)

    @cached_property
    def limits_by_rule(self) -> dict[str, tuple[GbLimit, ...]]:
        """Standard id -> the limits that apply to it; more than one where capacity decides between them."""
        return _gather((s, limit) for limit in self.limits for s in limit.applies_to)

    @cached_property
    def limits_by_product(self) -> dict[str, tuple[GbLimit, ...]]:
        """Folded product or synonym -> the limits of that product, every variant and indicator."""
        return _gather((fold(n), limit) for limit in self.limits for n in (limit.product, *limit.product_synonyms))

    @cached_property
    def catalogue_by_product(self) -> dict[str, tuple[CatalogueEntry, ...]]:
        """Folded product or synonym -> the catalogue entries that name it."""
        return _gather((fold(n), entry) for entry in self.catalogue for n in (*entry.products, *entry.synonyms))

    @cached_property
    def outside_by_product(self) -> dict[str, tuple[Standard, ...]]:
        """Folded product or synonym -> the rows outside the editions' tables."""
        return _gather((fold(n), s) for s in self.outside for n in (s.product, *s.product_synonyms))

    @cached_property
    def carriers_by_name(self) -> dict[str, Carrier]:
        """Folded name or synonym -> carrier."""
        return {fold(n): c for c in self.carriers for n in (c.name, *c.synonyms)}

    def every_rule(self) -> list[Rule]:
        """Every row of every kind."""
        rows: list[Rule] = [s for e in self.editions for s in e.standards]
        for group in (
            self.limits,
            self.carriers,
            self.electricity,
            self.catalogue,
            self.regions,
            self.authorities,
            self.dispositions,
            self.measures,
            self.deadlines,
            self.parameters,
            self.workyears,
            self.plausibility,
            self.tariffs,
            self.clauses,
            self.outside,
            self.electricity_seen,
            self.steps,
            self.offices,
        ):
            rows.extend(group)
        return rows

    @cached_property
    def rules_by_ref(self) -> dict[str, Rule]:
        """Every row by its address."""
        return {r.ref: r for r in self.every_rule()}

    def evidence_of(self, rule: Rule) -> Evidence:
        """The rule's evidence, official once two people of the office confirmed it."""
        return Evidence.OFFICIAL if rule.ref in self.confirmations else rule.evidence

    def confirmed(self, confirmations: Iterable[Confirmation]) -> Rulebook:
        """The same rules with the office's confirmations laid over them."""
        return replace(self, confirmations={c.ref: c for c in confirmations})


T = TypeVar("T")


def _gather(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        rows = found.setdefault(key, [])
        if value not in rows:
            rows.append(value)
    return {key: tuple(rows) for key, rows in found.items()}
