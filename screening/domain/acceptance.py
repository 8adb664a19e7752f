"""Chapter 5, acceptance 验收: a metered run at the baseline ends a retrofit, the first full year confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from screening.domain.calendar import chinese, months_later
from screening.domain.classification import Disposition, EfficiencyClass, UnitVerdict, screen
from screening.domain.errors import Refusal
from screening.domain.registry import Project
from screening.domain.rules import Rulebook

YEAR_MONTHS: Final = 12
ACCEPTING: Final = frozenset({Disposition.ACCEPTED, Disposition.NOT_ACCEPTED})
"""Decisions on a retrofit's acceptance."""
ENOUGH: Final = frozenset({EfficiencyClass.BETWEEN, EfficiencyClass.AT_BENCHMARK})
"""Classes that reach the baseline."""


class AcceptanceStage(StrEnum):
    """What an acceptance rests on: the metered test run (provisional), then the first full year (for good)."""

    TRIAL = "trial"
    YEAR = "year"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"trial": "试运行验收", "year": "首个完整年度确认"}[self.value]


class Standing(StrEnum):
    """How far the acceptance of a retrofit has come."""

    WAITING = "waiting"
    TRIED = "tried"
    """Accepted on the test run: the term is kept, the first full year is still to confirm it."""
    CONFIRMED = "confirmed"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "waiting": "尚未验收",
            "tried": "试运行验收通过，待首个完整年度确认",
            "confirmed": "首个完整年度已确认",
        }[self.value]


def latest_start(tried_on: date) -> date:
    """The last day on which the first full year can begin: the first of January after the test run's acceptance."""
    return date(tried_on.year + 1, 1, 1)


def first_year_ends(tried_on: date) -> tuple[date, date]:
    """The first and the last day on which the first full year can be over, so that it can be confirmed after it."""
    return months_later(tried_on, YEAR_MONTHS), months_later(latest_start(tried_on) - timedelta(days=1), YEAR_MONTHS)


def demand_period(
    stage: AcceptanceStage, first: date, last: date, *, served: date, tried_on: date | None, today: date
) -> None:
    """Refuses a metered period that cannot carry its stage.

    A test run lies after service. The full year counts twelve whole months, begins no earlier than the day after the
    test run was accepted and no later than the first of January that follows, so that it is the first one.
    """
    if last < first:
        raise Refusal(f"计量期的结束日{chinese(last)}早于开始日{chinese(first)}。请核对。", field="last_day")
    if last > today:
        raise Refusal(f"计量期的结束日{chinese(last)}晚于今天。请在计量结束后登记。", field="last_day")
    if stage is AcceptanceStage.TRIAL:
        if first <= served:
            raise Refusal(
                f"试运行开始日{chinese(first)}应晚于限期改造文书的送达日{chinese(served)}。请核对。", field="first_day"
            )
        return
    if tried_on is None:
        raise Refusal("还没有试运行验收，不能按首个完整年度确认。请先办理试运行验收。", field="stage")
    latest = latest_start(tried_on)
    if not tried_on < first <= latest:
        raise Refusal(
            f"首个完整年度应在试运行验收（{chinese(tried_on)}）之后、不晚于{chinese(latest)}开始，"
            f"填写的是{chinese(first)}。请核对计量期。",
            field="first_day",
        )
    end = months_later(first - timedelta(days=1), YEAR_MONTHS)
    if last < end:
        raise Refusal(
            f"首个完整年度应满12个月：自{chinese(first)}起至少计量到{chinese(end)}，填写的是{chinese(last)}。",
            field="last_day",
        )


def measured(project: Project, figures: Mapping[int, tuple[Decimal, date]]) -> Project:
    """The project with metered figures by position: SEC in the unit's own measure, and the last day."""
    units = list(project.units)
    for position, (sec, last) in figures.items():
        units[position] = replace(units[position], actual_sec=sec, year=last.year)
    return replace(project, units=tuple(units))


def reached(project: Project, position: int, sec: Decimal, rules: Rulebook, *, last: date, as_of: date) -> UnitVerdict:
    """The verdict on one unit with the metered SEC, by the rules of that day."""
    return screen(measured(project, {position: (sec, last)}), rules, as_of=as_of).units[position]


def position_of(project: Project, name: str, position: int) -> int | None:
    """Where the unit that a clock names stands in the ledger today; None where it cannot be told.

    A renamed unit is found by its place: a new name is no new unit.
    """
    names = [unit.unit_name or "" for unit in project.units]
    if name and names.count(name) == 1:
        return names.index(name)
    return position if position < len(names) else None
