"""The rules as they stand on one day, each looked up once however many projects are screened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from screening.domain.calendar import chinese
from screening.domain.classification.results import PERIOD_PAST, Basis, Hint
from screening.domain.errors import Refusal
from screening.domain.plausibility import Yardsticks
from screening.domain.quantity import plain
from screening.domain.rules import (
    CarrierKind,
    Clause,
    DispositionRow,
    Edition,
    ElectricityEquivalent,
    Evidence,
    GbLimit,
    MeasureRow,
    Parameter,
    ReviewAuthority,
    Rule,
    Rulebook,
    Standard,
)

T = TypeVar("T")
MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class StandardWords:
    """What the reasons say of a standard: its two figures with the unit, and where they come from."""

    levels: str
    origin: str
    evidence: Evidence


class Day:
    """The law of one day: `edition` is the one in force or the one that was asked for; None before the first."""

    def __init__(self, rulebook: Rulebook, as_of: date, edition: Edition | None) -> None:
        self.rulebook = rulebook
        self.as_of = as_of
        self.edition = edition
        self._bases: dict[str, Basis] = {}
        self._orders: dict[date, ReviewAuthority | None] = {}
        self._words: dict[str, StandardWords] = {}
        self._past: dict[str, Hint | None] = {}
        self.kept: dict[tuple[object, ...], object] = {}
        """What the chapters worked out once for this day, by a key that begins with what it is."""
        self.near_share = self.amount("near_line_share")

    def keep(self, key: tuple[object, ...], value: T) -> T:
        """Keeps a value; forgets all when strange names filled the room (a server lives long)."""
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        self.kept[key] = value
        return value

    @cached_property
    def _parameters(self) -> dict[str, Parameter]:
        return {p.id: p for p in self.rulebook.parameters if p.holds(self.as_of)}

    def parameter(self, name: str) -> Parameter | None:
        """The parameter in force."""
        return self._parameters.get(name)

    def amount(self, name: str) -> Decimal | None:
        """The figure of the parameter in force."""
        found = self._parameters.get(name)
        return found.amount if found else None

    def basis(self, rule: Rule) -> Basis:
        """The rule as something that a result rests on."""
        found = self._bases.get(rule.ref)
        if found is None:
            words = rule.source.words
            if isinstance(rule, GbLimit):
                # A standard has many rows: which one is meant must be read off the sentence.
                words += f"“{rule.product}{f'（{rule.variant}）' if rule.variant else ''}”{rule.indicator}"
            found = self._bases[rule.ref] = Basis(rule.ref, words, self.rulebook.evidence_of(rule))
        return found

    def bases(self, *rules: Rule | None) -> tuple[Basis, ...]:
        """The rules as bases, without the missing ones."""
        return tuple(self.basis(r) for r in rules if r is not None)

    def order_on(self, day: date) -> ReviewAuthority | None:
        """The order on energy reviews that was in force on another day."""
        if day not in self._orders:
            self._orders[day] = next((a for a in self.rulebook.authorities if a.holds(day)), None)
        return self._orders[day]

    @cached_property
    def electricity(self) -> ElectricityEquivalent | None:
        """The 等价值 of electricity in force."""
        return next((r for r in self.rulebook.electricity if r.holds(self.as_of)), None)

    @cached_property
    def coefficients(self) -> tuple[Decimal, ...]:
        """The 等价值 figures that must agree: only the office's own once confirmed, else all seen in use."""
        rule = self.electricity
        if rule is None:
            return ()
        if self.rulebook.evidence_of(rule) is Evidence.OFFICIAL:
            return (rule.coefficient,)
        return (rule.coefficient, rule.lowest_seen, rule.highest_seen)

    @cached_property
    def calorific_of_electricity(self) -> Decimal | None:
        """The 当量值 of electricity in kgce/kWh."""
        return next((c.coefficient for c in self.rulebook.carriers if c.kind is CarrierKind.ELECTRICITY), None)

    @cached_property
    def yardsticks(self) -> Yardsticks:
        """The ranges in which figures are believed."""
        return Yardsticks(
            self.rulebook.plausibility,
            as_of=self.as_of,
            kwh=self.electricity.coefficient if self.electricity else None,
            thermal=self.calorific_of_electricity,
            case_kg=self.amount("weight_case_kg"),
        )

    @cached_property
    def dispositions(self) -> tuple[DispositionRow, ...]:
        """The rows of the decision table in force, in their order."""
        return tuple(r for r in self.rulebook.dispositions if r.holds(self.as_of))

    @cached_property
    def measures(self) -> dict[str, tuple[MeasureRow, ...]]:
        """The rows of the table of measures in force, by disposition."""
        found: dict[str, list[MeasureRow]] = {}
        for row in self.rulebook.measures:
            if row.holds(self.as_of):
                found.setdefault(row.disposition, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def _clauses(self) -> dict[str, Clause]:
        return {c.id: c for c in self.rulebook.clauses}

    def cited(self, name: str) -> str:
        """A clause in words with how well it is known; empty where the rules do not have it."""
        clause = self._clauses.get(name)
        if clause is None:
            return ""
        return f"{clause.source.words}：{clause.text.rstrip('。')}（{self.rulebook.evidence_of(clause).words}）"

    def period_past(self, ref: str) -> Hint | None:
        """The warning that a rule is not known to be in force any more on the day."""
        if ref not in self._past:
            rule = self.rulebook.rules_by_ref.get(ref)
            hint = None
            if rule and rule.known_until and rule.known_until < self.as_of:
                hint = Hint(
                    PERIOD_PAST,
                    f"《{rule.source.title}》已知有效至{chinese(rule.known_until)}，此后是否继续执行请核对。",
                    {"known_until": rule.known_until.isoformat()},
                )
            self._past[ref] = hint
        return self._past[ref]

    @cached_property
    def periods_past(self) -> tuple[str, ...]:
        """The warnings of all rules, each once."""
        found = (self.period_past(ref) for ref in self.rulebook.rules_by_ref)
        return tuple(dict.fromkeys(hint.text for hint in found if hint))

    def words(self, standard: Standard) -> StandardWords:
        """What the reasons say of a standard."""
        found = self._words.get(standard.ref)
        if found is None:
            evidence = self.rulebook.evidence_of(standard)
            figures = (
                f"标杆水平{plain(standard.benchmark)}、基准水平{plain(standard.baseline)} {standard.unit}"
                if standard.benchmark is not None and standard.baseline is not None
                else "数值尚未收录"
            )
            origin = (
                f"依据：{standard.edition}年版{standard.source.words}，{standard.indicator}，"
                f"依据核实程度：{evidence.words}"
            )
            found = self._words[standard.ref] = StandardWords(figures, origin, evidence)
        return found


def day_of(rulebook: Rulebook, as_of: date, edition: str | None) -> Day:
    """The law of the day, kept with the rulebook; Refusal where no edition has that name."""
    key = (as_of, edition)
    kept = rulebook.days
    if key not in kept:
        held = rulebook.edition_on(as_of) if edition is None else rulebook.edition_named(edition)
        if edition is not None and held is None:
            known = "、".join(e.name for e in rulebook.editions)
            raise Refusal(f"没有名为“{edition}”的能效水平版本。已收录的版本：{known}。", field="edition")
        kept[key] = Day(rulebook, as_of, held)
    found = kept[key]
    assert isinstance(found, Day)  # noqa: S101  # only this function fills the room
    return found
