"""The number line stands for the figures: order, sides, breaks, negative figures, equal levels."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.domain.classification import EfficiencyClass
from screening.web.numberline import BASELINE_X, BENCHMARK_X, LEFT, MIDDLE_X, RIGHT, NumberLine, number_line

FIGURES = st.decimals(min_value=-20000, max_value=20000, places=3)


def drawn(sec: str | Decimal, benchmark: str | Decimal, baseline: str | Decimal) -> NumberLine:
    v, low, high = Decimal(sec), Decimal(benchmark), Decimal(baseline)
    found = (
        EfficiencyClass.AT_BENCHMARK if v <= low
        else EfficiencyClass.BETWEEN if v <= high
        else EfficiencyClass.BELOW_BASELINE
    )  # fmt: skip
    line = number_line(v, low, high, found, "kgce/t")
    assert line is not None
    return line


@pytest.mark.parametrize(
    ("sec", "benchmark", "baseline", "x"),
    [
        pytest.param("1770", "1770", "1850", str(BENCHMARK_X), id="exactly the benchmark"),
        pytest.param("1850", "1770", "1850", str(BASELINE_X), id="exactly the baseline"),
        pytest.param("-30", "-30", "-25", str(BENCHMARK_X), id="a negative benchmark"),
        pytest.param("-27.5", "-30", "-25", "130", id="between negative levels"),
        pytest.param("13350", "13350", "13350", str(MIDDLE_X), id="equal levels"),
        pytest.param("1", "0", "0", str(BASELINE_X), id="equal levels at nothing"),
    ],
)
def test_a_figure_stands_at_its_place(sec: str, benchmark: str, baseline: str, x: str) -> None:
    assert drawn(sec, benchmark, baseline).marker_x == x


def test_a_figure_far_outside_stands_behind_a_break() -> None:
    assert drawn("9000", "1770", "1850").broken_x == RIGHT - 20
    assert drawn("-9000", "1770", "1850").broken_x == LEFT + 20
    assert drawn("1800", "1770", "1850").broken_x is None


def test_no_line_without_levels() -> None:
    assert number_line(Decimal(1), None, None, EfficiencyClass.NOT_COVERED) is None


def test_levels_alone_are_drawn_where_the_figure_is_missing() -> None:
    line = number_line(None, Decimal(1), Decimal(2), EfficiencyClass.UNDETERMINED)
    assert line is not None
    assert line.marker_x is None


@given(FIGURES, FIGURES, FIGURES)
def test_the_marker_stands_in_the_zone_of_its_class(sec: Decimal, one: Decimal, other: Decimal) -> None:
    line = drawn(sec, min(one, other), max(one, other))
    assert line.marker_x is not None
    x = Decimal(line.marker_x)
    zone = {z.kind: z for z in line.zones}[
        line.marker_kind if line.marker_kind in {z.kind for z in line.zones} else "at"
    ]
    assert zone.x <= x <= zone.x + zone.width
    assert LEFT <= x <= RIGHT


@given(FIGURES)
def test_the_words_carry_the_exact_figures(sec: Decimal) -> None:
    line = drawn(sec, "-5", "100")
    assert line.marker_words in line.words
    assert "标杆 -5" in line.words
    assert "基准 100" in line.words
