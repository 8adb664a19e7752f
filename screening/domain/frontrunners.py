"""Chapter 5, 领跑者: applications of projects at the benchmark, by year, and what the region's call asks for."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from screening.domain.classification import EfficiencyClass

TOP_LEVEL: Final = 1
"""The GB level that the region's 2025 call asks for."""
MORE_THAN_TCE: Final = Decimal(10_000)
"""A year."""
KNOWN: Final = "自治区2025年能效领跑者遴选通知，未见原文"
"""Where the two conditions stand, and how well they are known."""


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
    efficiency: EfficiencyClass, gb_level: int | None, tce: Decimal | None
) -> tuple[tuple[str, bool | None], ...]:
    """What the call asks for, each with whether it is met; None where the figure is not known."""
    return (
        ("能效达到标杆水平", efficiency is EfficiencyClass.AT_BENCHMARK),
        (f"达到强制性能耗限额标准{TOP_LEVEL}级", None if gb_level is None else gb_level == TOP_LEVEL),
        (f"年综合能耗超过{MORE_THAN_TCE:,}吨标准煤", None if tce is None else tce > MORE_THAN_TCE),
    )
