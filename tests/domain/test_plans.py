"""The pace of a retrofit: on plan is on time, later is never earlier, and nothing reported says nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.domain.calendar import months_later
from screening.domain.errors import Refusal
from screening.domain.plans import STEPS, PlanStep, demand, months_between, pace

START = date(2026, 1, 10)
DAYS = st.lists(st.integers(1, 900), min_size=5, max_size=5).map(sorted)
PLAN = DAYS.map(lambda days: {step: START + timedelta(days=d) for step, d in zip(STEPS, days, strict=True)})
REAL = tuple(step for step in STEPS if step not in {PlanStep.FILED, PlanStep.ACCEPTANCE})


def run(planned, reached, shares=(), *, today=START, late=0):
    due = planned[PlanStep.ACCEPTANCE] + timedelta(days=late)
    return pace(planned, reached, shares, start=START, today=today, due=due)


@given(PLAN, st.integers(1, 5))
def test_on_plan_is_not_late(planned, many) -> None:
    reached = {step: planned[step] for step in STEPS[:many]}
    found = run(planned, reached, today=max(reached.values()))

    assert found.months_late == 0
    assert found.enough == (many > 1)


@given(PLAN, st.sampled_from(REAL), st.integers(0, 800), st.integers(0, 300), st.integers(0, 1000))
def test_later_is_never_earlier(planned, step, days, more, passed) -> None:
    on = START + timedelta(days=days)
    today = on + timedelta(days=passed + more)
    sooner = run(planned, {step: on}, today=today)
    later = run(planned, {step: on + timedelta(days=more)}, today=today)
    tomorrow = run(planned, {step: on}, today=today + timedelta(days=1))

    assert sooner.arrives <= later.arrives
    assert sooner.months_late <= later.months_late
    assert sooner.arrives <= tomorrow.arrives


@given(PLAN, st.sampled_from(REAL), st.integers(0, 800))
def test_being_early_promises_nothing(planned, step, days) -> None:
    found = run(planned, {step: START + timedelta(days=days)}, today=START + timedelta(days=days))

    assert found.arrives >= planned[PlanStep.ACCEPTANCE]
    assert found.months_late >= 0


@given(PLAN, st.integers(0, 3000))
def test_nothing_reported_says_nothing(planned, days) -> None:
    today = START + timedelta(days=days)

    assert not run(planned, {}, today=today).enough
    assert not run(planned, {PlanStep.FILED: START}, today=today).enough


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 2000))
def test_months_are_begun_ones(target, days) -> None:
    arrives = target + timedelta(days=days)
    months = months_between(target, arrives)

    assert (months == 0) == (days == 0)
    assert months_later(target, months) >= arrives
    assert months == 0 or months_later(target, months - 1) < arrives


YEAR = {
    PlanStep.FILED: date(2026, 2, 1), PlanStep.CONTRACT: START + timedelta(days=100),
    PlanStep.START: START + timedelta(days=200), PlanStep.FINISH: START + timedelta(days=300),
    PlanStep.ACCEPTANCE: START + timedelta(days=400),
}  # fmt: skip


def test_time_used_over_time_planned_stretches_the_whole() -> None:
    """100 days were planned, 150 were used: 400 days become 600."""
    found = run(YEAR, {PlanStep.CONTRACT: START + timedelta(days=150)}, today=START + timedelta(days=150))

    assert found.arrives == START + timedelta(days=600)
    assert found.months_late == 7
    assert "原定400天约需600天" in found.why[0]
    assert found.words == "照此进度晚7个月（约2027年9月2日）"


def test_a_share_of_the_works_counts_between_start_and_finish() -> None:
    """Half of the works stands for day 250; it was reached on day 300: 400 days become 480."""
    found = run(YEAR, {}, [(START + timedelta(days=300), 50)], today=START + timedelta(days=300))

    assert found.arrives == START + timedelta(days=480)


def test_what_is_overdue_is_reached_today_at_the_earliest() -> None:
    reached = {PlanStep.CONTRACT: START + timedelta(days=100)}

    assert run(YEAR, reached, today=START + timedelta(days=200)).months_late == 0
    assert run(YEAR, reached, today=START + timedelta(days=250)).arrives == START + timedelta(days=500)


def test_the_outer_limit_is_passed() -> None:
    found = pace(
        YEAR, {PlanStep.CONTRACT: START + timedelta(days=150)}, start=START, today=START + timedelta(days=150),
        due=YEAR[PlanStep.ACCEPTANCE], outer_limit=START + timedelta(days=599),
    )  # fmt: skip

    assert found.past_limit
    assert found.words.endswith("超过最长期限")


def test_accepted_is_told_as_it_was() -> None:
    on = YEAR[PlanStep.ACCEPTANCE] + timedelta(days=1)
    found = run(YEAR, {PlanStep.ACCEPTANCE: on}, today=on)

    assert (found.done, found.arrives, found.months_late) == (True, on, 1)


def test_milestones_keep_their_order_and_the_outer_limit() -> None:
    due, limit = YEAR[PlanStep.FINISH], YEAR[PlanStep.ACCEPTANCE]

    (warning,) = demand(YEAR, due=due, outer_limit=limit)
    assert "“验收”" in warning
    assert "晚于到期日" in warning
    assert demand(YEAR, due=None, outer_limit=None) == ()
    with pytest.raises(Refusal, match="超过最长期限") as refused:
        demand(YEAR, due=due, outer_limit=limit - timedelta(days=1))
    assert refused.value.field == "acceptance"
    with pytest.raises(Refusal, match="早于“方案报送”"):
        demand({**YEAR, PlanStep.CONTRACT: date(2026, 1, 31)}, due=due, outer_limit=limit)
    with pytest.raises(Refusal, match="请填写“开工”"):
        demand({k: v for k, v in YEAR.items() if k is not PlanStep.START}, due=due, outer_limit=limit)
