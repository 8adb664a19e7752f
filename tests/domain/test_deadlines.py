"""The retrofit clock against `tests/cases/deadlines.toml`, and what holds for every clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from screening.domain import deadlines
from screening.domain.calendar import PartialDate, months_later
from screening.domain.errors import Refusal
from tests.domain.worked import read, rules

LISTED = read("deadlines.toml")
RULE = rules().deadline(date(2026, 11, 22))
DAYS = some.dates(date(2000, 1, 1), date(2100, 12, 31))


def run(case: dict[str, Any]) -> deadlines.Clock:
    more = {key: case.get(key) for key in ("first_listed", "national")}
    if "due" in case and "months" not in case:
        return deadlines.run(case["served"], case["due"], RULE, **more)
    return deadlines.run_months(case["served"], case["months"], RULE, **more)


@pytest.mark.parametrize("case", LISTED["clock"], ids=lambda c: c["id"])
def test_a_clock(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(Refusal) as refused:
            run(case)
        for piece in case["refused"]:
            assert piece in refused.value.message
        return

    clock = run(case)

    assert (clock.start, clock.due, clock.outer_limit) == (case["start"], case["due"], case["outer_limit"])
    assert len(clock.hints) == len(case["hints"]), clock.hints
    for piece, hint in zip(case["hints"], clock.hints, strict=True):
        assert piece in hint
    for piece in case.get("steps", ()):
        assert piece in "\n".join(clock.steps)


@pytest.mark.parametrize("case", LISTED["default"], ids=lambda c: c["id"])
def test_the_due_date_that_is_offered(case: dict[str, Any]) -> None:
    offered = deadlines.default_due(case["served"], case.get("national"), RULE, first_listed=case.get("first_listed"))

    assert offered == case.get("due")


@given(served=DAYS, months=some.integers(1, 36), listed=some.none() | DAYS)
def test_no_clock_passes_the_outer_limit(served: date, months: int, listed: date | None) -> None:
    if listed is not None and months_later(served, months) > months_later(min(served, listed), 36):
        with pytest.raises(Refusal, match="首次列入清单"):
            deadlines.run_months(served, months, RULE, first_listed=listed)
        return

    clock = deadlines.run_months(served, months, RULE, first_listed=listed)

    assert clock.start <= served < clock.due <= clock.outer_limit
    assert clock.outer_limit == months_later(clock.start, 36)
    assert clock.outer_limit.year == clock.start.year + 3
    assert not deadlines.is_overdue(clock.due, clock.due, accepted=False)


@given(served=DAYS, months=some.integers(37, 10_000))
def test_nobody_is_given_more_than_three_years(served: date, months: int) -> None:
    with pytest.raises(Refusal, match="四（三）"):
        deadlines.run_months(served, months, RULE)


@given(start=DAYS, months=some.integers(0, 600))
def test_the_corresponding_day_or_the_last_of_its_month(start: date, months: int) -> None:
    end = months_later(start, months)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("today", "accepted", "on_hold", "overdue"),
    [
        pytest.param(date(2027, 11, 21), False, False, False, id="the day before"),
        pytest.param(date(2027, 11, 22), False, False, False, id="the due date itself"),
        pytest.param(date(2027, 11, 23), False, False, True, id="the day after"),
        pytest.param(date(2027, 11, 23), True, False, False, id="accepted"),
        pytest.param(date(2027, 11, 23), False, True, False, id="stayed by a court"),
    ],
)
def test_overdue_begins_on_the_day_after(today: date, accepted: bool, on_hold: bool, overdue: bool) -> None:
    assert deadlines.is_overdue(date(2027, 11, 22), today, accepted=accepted, on_hold=on_hold) is overdue


def test_the_clock_runs_by_the_rule_of_its_day() -> None:
    assert (RULE.outer_limit_years, RULE.national_months_ahead, RULE.exit_months) == (3, 6, 6)
    assert RULE.reminders_days == (365, 180, 90, 30, 7)
    stricter = replace(RULE, outer_limit_years=2, exit_months=9)

    clock = deadlines.run_months(date(2026, 3, 1), 18, stricter)

    assert clock.outer_limit == date(2028, 3, 1)
    assert "起算日后第二年的对应日2028年3月1日" in "".join(clock.steps)
    assert "不足9个月" in "".join(clock.hints)
    with pytest.raises(Refusal, match="超过最长期限2年（24个月）"):
        deadlines.run_months(date(2026, 3, 1), 25, stricter)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-03-01", date(2024, 3, 1), date(2024, 3, 1)),
    ],
)
def test_a_date_known_in_part_is_an_interval(text: str, first: date, last: date) -> None:
    partial = PartialDate.read(text)

    assert (partial.first, partial.last) == (first, last)
    assert str(partial) == text
    assert partial.exact is (first == last)


@pytest.mark.parametrize("text", ["2023-02-29", "2024-13", "2024-00", "0-1-1", "2024-04-31"])
def test_a_day_that_does_not_exist_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PartialDate.read(text)


def test_a_day_needs_its_month() -> None:
    with pytest.raises(ValueError, match="月份"):
        PartialDate(2024, None, 5)
