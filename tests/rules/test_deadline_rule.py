"""The clock's figures stand in the rules and in the domain; here they are held together."""

from screening import rulebook
from screening.domain import deadlines


def test_the_clock_runs_by_the_figures_that_the_rules_show() -> None:
    (rule,) = rulebook.load().deadlines

    assert rule.outer_limit_years * 12 == deadlines.OUTER_LIMIT_MONTHS
    assert rule.national_months_ahead == deadlines.NATIONAL_MONTHS_AHEAD
    assert rule.exit_months == deadlines.EXIT_MONTHS
