"""Chapter 5, 领跑者: applications of projects at the benchmark, by year, and what the region's call asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from screening.domain.classification import EfficiencyClass
from screening.domain.quantity import plain
from screening.domain.rules import Parameter, Rulebook


@dataclass(frozen=True, slots=True)
class Call:
    """What the region's call asks for beside the benchmark: a GB level, and more than so many tce a year."""

    level: Parameter
    tce: Parameter

    @property
    def words(self) -> str:
        """As users read it, with the document that it stands in."""
        return (
            f"达到标杆水平，强制性能耗限额{plain(self.level.amount or 0)}级，年综合能耗超过{self.tce.amount:,}吨标准煤"
            f"（{self.tce.source.words}）"
        )


def call_of(rules: Rulebook, day: date) -> Call | None:
    """The call in force on a day; None where the rules know of none."""
    level, tce = rules.parameter("leader_level", day), rules.parameter("leader_tce", day)
    return Call(level, tce) if level and tce and level.amount and tce.amount else None


class ApplicationState(StrEnum):
    """How far an application has come."""

    APPLIED = "applied"
    RECOMMENDED = "recommended"
    LISTED = "listed"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"applied": "已申报", "recommended": "已推荐", "listed": "已列入名单", "refused": "未列入"}[self.value]

    @property
    def next_ones(self) -> tuple[ApplicationState, ...]:
        """What can follow."""
        return {
            ApplicationState.APPLIED: (ApplicationState.RECOMMENDED, ApplicationState.REFUSED),
            ApplicationState.RECOMMENDED: (ApplicationState.LISTED, ApplicationState.REFUSED),
        }.get(self, ())


def conditions(
    efficiency: EfficiencyClass, gb_level: int | None, tce: Decimal | None, call: Call | None
) -> tuple[tuple[str, bool | None], ...]:
    """What is asked for, each with whether it is met; None where the figure is not known."""
    found: list[tuple[str, bool | None]] = [("能效达到标杆水平", efficiency is EfficiencyClass.AT_BENCHMARK)]
    if call is not None:
        level, least = call.level.amount or Decimal(0), call.tce.amount or Decimal(0)
        found += [
            (f"达到强制性能耗限额标准{plain(level)}级", None if gb_level is None else gb_level <= level),
            (f"年综合能耗超过{least:,}吨标准煤", None if tce is None else tce > least),
        ]
    return tuple(found)
