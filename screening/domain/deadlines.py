"""Chapter 5, the retrofit clock: its start, the due date, the outer limit of three years, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from screening.domain.calendar import chinese, months_later
from screening.domain.errors import Refusal
from screening.domain.rules import DeadlineRule

YEAR: Final = 12
"""Months."""
NUMERALS: Final = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Clock:
    """A running retrofit period: calendar days in Asia/Shanghai, with the arithmetic in words."""

    start: date
    due: date
    outer_limit: date
    steps: tuple[str, ...]
    hints: tuple[str, ...]


def start_of(served: date, first_listed: date | None) -> date:
    """The day the clock runs from: service of the first letter, or the first listing where that is earlier."""
    return min(served, first_listed) if first_listed else served


def outer_limit(start: date, rule: DeadlineRule) -> date:
    """The last day for retrofit and, failing that, exit: the corresponding day as many years on as the rule gives."""
    return months_later(start, rule.outer_limit_years * YEAR)


def default_due(
    served: date, national: date | None, rule: DeadlineRule, *, first_listed: date | None = None
) -> date | None:
    """The national target date where it lies far enough ahead (six months) and within the outer limit.

    None where there is no such date: then a person sets the shortest period shown necessary, with reasons.
    """
    limit = outer_limit(start_of(served, first_listed), rule)
    if national and months_later(served, rule.national_months_ahead) <= national <= limit:
        return national
    return None


def run(
    served: date, due: date, rule: DeadlineRule, *, first_listed: date | None = None, national: date | None = None
) -> Clock:
    """The clock of a letter served on a day with a due date; refuses a due date past the outer limit."""
    if served.year > date.max.year - 10:
        raise Refusal(f"送达日期{chinese(served)}超出可计算的范围，请核对。", field="served")
    start = start_of(served, first_listed)
    limit = outer_limit(start, rule)
    years = NUMERALS[rule.outer_limit_years]
    steps = [
        f"起算日：{chinese(start)}" + ("（首次列入清单日期早于送达日期）" if start < served else "（送达之日）"),
        f"开始当日不计入，期间自{chinese(start + timedelta(days=1))}起算。",
        f"最长期限（改造和退出合计）：起算日后第{years}年的对应日{chinese(limit)}"
        + ("（该年无对应日，以当月最后一日为准）" if limit.day != start.day else "")
        + "。",
        f"改造到期日：{chinese(due)}。",
    ]
    hints = []
    if due <= served:
        raise Refusal(f"改造到期日{chinese(due)}不在送达日{chinese(served)}之后。请填写送达日之后的日期。", field="due")
    if due > limit:
        counted = f"自首次列入清单日期{chinese(start)}起算" if start < served else f"自送达日{chinese(start)}起算"
        mend = (
            f"请填写不晚于{chinese(limit)}的日期。"
            if limit > served
            else "送达时最长期限已满，不能再给改造期限；请按淘汰退出办理，或者核对首次列入清单日期。"
        )
        raise Refusal(
            f"改造到期日{chinese(due)}超过最长期限{chinese(limit)}（{counted}）。{rule.source.words}。{mend}",
            field="due",
        )
    if national:
        if national < served:
            hints.append(f"国家目标日期{chinese(national)}已过，须从严把握改造期限。")
        elif due > national:
            hints.append(f"改造到期日晚于国家目标日期{chinese(national)}。")
        steps.append(f"国家目标日期：{chinese(national)}。")
    if months_later(due, rule.exit_months) > limit:
        hints.append(f"改造到期日距最长期限{chinese(limit)}不足{rule.exit_months}个月，逾期后退出时间不足。")
    return Clock(start, due, limit, tuple(steps), tuple(hints))


def run_months(
    served: date, months: int, rule: DeadlineRule, *, first_listed: date | None = None, national: date | None = None
) -> Clock:
    """The clock of a period of whole months from service; refuses none, and more than the outer limit allows."""
    most = rule.outer_limit_years * YEAR
    if months < 1:
        raise Refusal(f"期限为{months}个月，应为1至{most}个月的整数。", field="months")
    if months > most:
        raise Refusal(
            f"期限为{months}个月，超过最长期限{rule.outer_limit_years}年（{most}个月）。{rule.source.words}。",
            field="months",
        )
    if served.year > date.max.year - 10:
        raise Refusal(f"送达日期{chinese(served)}超出可计算的范围，请核对。", field="served")
    return run(served, months_later(served, months), rule, first_listed=first_listed, national=national)


def is_overdue(due: date, today: date, *, accepted: bool, on_hold: bool = False) -> bool:
    """Whether the due date passed without acceptance; a stay by court or review organ suspends it."""
    return today > due and not accepted and not on_hold
