"""The number line of a unit: where its figure stands between benchmark and baseline, as plain geometry.

The two levels always stand at the same places, so that lines under each other can be compared at a glance;
the figure moves. Figures far outside stand behind a break in the axis. Lower is better, so better is to the left.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from screening.domain.classification import EfficiencyClass
from screening.domain.quantity import plain

WIDTH = 260
HEIGHT = 44
LEFT = 6
RIGHT = 254
BENCHMARK_X = 92
BASELINE_X = 168
MIDDLE_X = 130
EQUAL_LEVELS_SHARE = Decimal("0.1")
"""Where both levels are the same figure, one level's width stands for a tenth of it."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A tinted stretch of the axis; `kind` is a style name."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A level: its place, its words and on which side of the place they stand."""

    x: int
    words: str
    anchor: str
    text_x: int


@dataclass(frozen=True, slots=True)
class NumberLine:
    """All that a template needs to draw one line; lengths in pixels of a 260 x 44 picture."""

    zones: tuple[Zone, ...]
    ticks: tuple[Tick, ...]
    marker_x: str | None
    marker_kind: str
    marker_words: str
    marker_anchor: str
    marker_text_x: str
    broken_x: int | None
    better_on_left: bool
    words: str
    """The same in one sentence, for screen readers and print."""


def _place(sec: Decimal, benchmark: Decimal, baseline: Decimal) -> Decimal:
    """Where the figure falls on the endless axis, in pixels."""
    span = baseline - benchmark
    if span == 0:
        span = abs(benchmark) * EQUAL_LEVELS_SHARE or Decimal(1)
        return MIDDLE_X + (sec - benchmark) / span * (BASELINE_X - MIDDLE_X)
    return BENCHMARK_X + (sec - benchmark) / span * (BASELINE_X - BENCHMARK_X)


def _pixels(x: Decimal) -> str:
    return plain(x.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN))


def number_line(
    sec: Decimal | None,
    benchmark: Decimal | None,
    baseline: Decimal | None,
    efficiency_class: EfficiencyClass,
    unit: str | None = None,
) -> NumberLine | None:
    """The line for a figure (None: only the levels are drawn); None where the levels are not on file."""
    if benchmark is None or baseline is None:
        return None
    suffix = f" {unit}" if unit else ""
    if benchmark == baseline:
        zones: tuple[Zone, ...] = (Zone("at", LEFT, MIDDLE_X - LEFT), Zone("below", MIDDLE_X, RIGHT - MIDDLE_X))
        ticks: tuple[Tick, ...] = (Tick(MIDDLE_X, f"标杆＝基准 {plain(benchmark)}", "middle", MIDDLE_X),)
        levels = f"标杆与基准均为 {plain(benchmark)}{suffix}"
    else:
        zones = (
            Zone("at", LEFT, BENCHMARK_X - LEFT),
            Zone("between", BENCHMARK_X, BASELINE_X - BENCHMARK_X),
            Zone("below", BASELINE_X, RIGHT - BASELINE_X),
        )
        ticks = (
            Tick(BENCHMARK_X, f"标杆 {plain(benchmark)}", "end", BENCHMARK_X + 3),
            Tick(BASELINE_X, f"基准 {plain(baseline)}", "start", BASELINE_X - 3),
        )
        levels = f"标杆 {plain(benchmark)}{suffix}，基准 {plain(baseline)}{suffix}"
    if sec is None:
        return NumberLine(zones, ticks, None, "none", "", "middle", "0", None, True, f"单位产品能耗未填；{levels}")
    x = _place(sec, benchmark, baseline)
    low, high = Decimal(LEFT + 8), Decimal(RIGHT - 8)
    broken = None
    if x < low:
        x, broken = low, LEFT + 20
    elif x > high:
        x, broken = high, RIGHT - 20
    on_left = x < MIDDLE_X
    kinds = {
        EfficiencyClass.AT_BENCHMARK: "at",
        EfficiencyClass.BETWEEN: "between",
        EfficiencyClass.BELOW_BASELINE: "below",
    }
    return NumberLine(
        zones,
        ticks,
        _pixels(x),
        kinds.get(efficiency_class, "none"),
        plain(sec),
        "start" if on_left else "end",
        _pixels(x + (8 if on_left else -8)),
        broken,
        not on_left,
        f"单位产品能耗 {plain(sec)}{suffix}，{levels}：{efficiency_class.words}（数值越低越优）",
    )
