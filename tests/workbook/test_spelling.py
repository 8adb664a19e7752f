"""The spelling of figures and the order of rows never change what is read."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.domain.quantity import plain
from screening.domain.registry import to_facts
from screening.workbook.cells import Bad, Doubtful, read_amount, read_date, read_signed

from .conftest import Read
from .sheets import ledger, row

WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
FIGURES = st.decimals(-(10**9), 10**9, places=6, allow_nan=False)


def spellings(figure: Decimal) -> list[str]:
    """Ways in which offices write one figure."""
    text = plain(figure)
    whole, _, rest = text.partition(".")
    grouped = f"{int(whole):,}" if whole not in {"-0", "-"} else whole
    if text.startswith("-") and not grouped.startswith("-"):
        grouped = "-" + grouped
    long = f"{text}{'' if rest else '.'}000"
    with_groups = grouped + (f".{rest}" if rest else "")
    return [
        text,
        long,
        with_groups,
        text.translate(WIDE),
        with_groups.translate(WIDE),
        f" {text}　",
        text.replace("-", "−"),
        f"0{text}" if text[0] != "-" else text,
    ]


@given(FIGURES)
def test_all_spellings_of_a_figure_are_one(figure: Decimal) -> None:
    assert {read_signed(s) for s in spellings(figure)} == {plain(figure)}
    if abs(figure) < 10**8:
        found = read_signed(float(figure))
        assert (found.value if isinstance(found, Doubtful) else found) == plain(figure)


@given(st.text(max_size=12))
def test_any_text_is_read_or_told(text: str) -> None:
    for read in (read_amount, read_date):
        found = read(text)
        assert found is None or isinstance(found, str | Doubtful | Bad)
        if isinstance(found, str) and read is read_amount:
            assert Decimal(found) >= 0


@given(st.floats())
def test_any_number_cell_is_read_or_told(value: float) -> None:
    found = read_signed(value)
    if isinstance(found, str):
        assert Decimal(found) == Decimal(repr(value))


@given(st.dates(min_value=__import__("datetime").date(1950, 1, 1), max_value=__import__("datetime").date(2099, 12, 31)))
def test_all_spellings_of_a_day_are_one(day: object) -> None:
    y, m, d = day.year, day.month, day.day  # type: ignore[attr-defined]
    forms = [f"{y}-{m}-{d}", f"{y}/{m:02d}/{d:02d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{y}{m:02d}{d:02d}", day]
    assert {read_date(f) for f in forms} == {f"{y:04d}-{m:02d}-{d:02d}"}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FIGURES, min_size=3, max_size=6), st.integers(0, 10**6))
def test_files_spelled_and_ordered_otherwise_give_equal_projects(
    tmp_path: Path, read: Read, figures: list[Decimal], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # made-up data
    one = [row(项目代码=f"P{n}", 实际单位产品能耗=plain(f)) for n, f in enumerate(figures)]
    two = [row(项目代码=f"P{n}", 实际单位产品能耗=chance.choice(spellings(f))) for n, f in enumerate(figures)]
    chance.shuffle(two)
    first = read(ledger(tmp_path / "a.xlsx", *one))
    then = read(ledger(tmp_path / "b.xlsx", *two))
    assert len(first.projects) == len(figures)
    by_code = {p.code: to_facts(p) for p in then.projects}
    assert {p.code: to_facts(p) for p in first.projects} == by_code
