"""Chapter 5, the deadlines: the clocks that run since service."""

from __future__ import annotations

from datetime import date

from screening.domain.people import Person
from screening.services import Ledger
from screening.services.lines import clock_lines
from screening.services.views import ClockLine
from screening.store import cases

GROUPS = {
    "overdue": "已逾期", "30": "30日内到期", "60": "60日内到期", "90": "90日内到期", "later": "90日以后到期",
    "stayed": "暂停执行",
}  # fmt: skip


def group(clock: ClockLine) -> str:
    """The group of GROUPS that the clock stands in."""
    if clock.stay:
        return "stayed"
    if clock.overdue:
        return "overdue"
    return next((g for g in ("30", "60", "90") if clock.days_left <= int(g)), "later")


def running(ledger: Ledger, *, by: Person, today: date) -> tuple[ClockLine, ...]:
    """The running clocks within the scope, the nearest due date first."""
    with ledger.reader() as session:
        return clock_lines(session, cases.clocks(session, by=by), ledger, today)
