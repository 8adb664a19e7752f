"""Warnings of plausibility: edges, what must not matter, earlier years, and no false alarm on the sample ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from screening import workbook
from screening.domain.classification import doubtful, screen
from screening.domain.plausibility import CAPACITY_UNITS, NEEDS, PREFIX, Yardsticks, doubts, stated
from screening.domain.quantity import fold
from screening.domain.registry import Project
from tests.domain.made import projects
from tests.domain.worked import cases_of, project_of, rules

DAY = date(2026, 11, 22)
CARBIDE = {"product": "电石", "sec_unit": "kgce/t", "capacity_unit": "万吨/年", "year": "2025"}
SAMPLE = Path(__file__).parents[2] / "ledgers" / "sample-ledger.xlsx"
UNTESTED = {"full_load_hours", "oil_equivalent"}
"""Rows that only lend a figure to an estimate."""


def carbide(**facts: str) -> Project:
    return project_of({**CARBIDE, **facts})


def ids(project: Project, earlier: Project | None = None) -> list[str]:
    found = doubtful(project, rules(), as_of=DAY, earlier=earlier)
    return [hint.id.removeprefix(PREFIX) for hint in found]


# --- a project by itself ----------------------------------------------------------------------------------------------


@given(some.decimals(Decimal("0.0001"), 10_000, places=4))
def test_a_consumption_is_believed_from_half_the_benchmark_to_twice_the_baseline(sec: Decimal) -> None:
    found = ids(carbide(actual_sec=format(sec, "f")))

    assert bool(found) is not (Decimal("402.5") <= sec <= 1880)
    assert found in ([], ["sec_against_levels"], ["unit_mixup"])


@given(some.decimals(1, 10_000, places=3))
def test_the_spelling_of_a_measure_unit_does_not_matter(sec: Decimal) -> None:
    kilogrammes = ids(carbide(actual_sec=format(sec, "f")))
    tonnes = ids(carbide(actual_sec=format(sec.scaleb(-3), "f"), sec_unit="吨标准煤/吨"))

    assert kilogrammes == tonnes


@given(some.decimals(1, 300, places=2), some.decimals(0, 1000, places=2), some.decimals(1, 10**6, places=1))
def test_ten_thousand_tonnes_and_tonnes_say_the_same(capacity: Decimal, output: Decimal, total: Decimal) -> None:
    large = carbide(
        actual_sec="860", built_capacity=str(capacity), output=str(output), actual_equivalent=str(total),
        design_equivalent=str(total),
    )  # fmt: skip
    small = carbide(
        actual_sec="860", built_capacity=format(capacity * 10_000, "f"), output=format(output * 10_000, "f"),
        actual_equivalent=str(total), design_equivalent=str(total), capacity_unit="吨/年",
    )  # fmt: skip

    assert ids(large) == ids(small)


@given(some.lists(some.decimals(1, 10**6, places=1), min_size=2, max_size=8, unique=True))
def test_a_total_is_believed_in_one_stretch(totals: list[Decimal]) -> None:
    """Between two totals that are believed, every total is."""
    fits = [
        not ids(carbide(design_sec="860", design_capacity="10", design_equivalent=str(total)))
        for total in sorted(totals)
    ]

    assert "".join("x" if one else "." for one in fits).strip(".").count(".") == 0


@given(projects)
@settings(max_examples=60, deadline=None)
def test_what_is_said_does_not_depend_on_the_order_of_units(project: Project) -> None:
    turned = replace(project, units=tuple(reversed(project.units)))

    assert Counter(ids(project)) == Counter(ids(turned))


@given(projects)
@settings(max_examples=60, deadline=None)
def test_a_screening_gives_the_same_warnings_as_hints(project: Project) -> None:
    hints = [h for h in screen(project, rules(), as_of=DAY).hints if h.doubt]

    assert hints == list(doubtful(project, rules(), as_of=DAY))
    for hint in hints:
        assert hint.text.endswith("请说明原因。"), hint.text
        assert all(isinstance(value, str) for value in hint.facts.values())
        assert stated(hint.facts)


@given(projects)
@settings(max_examples=60, deadline=None)
def test_without_ranges_nothing_is_doubted(project: Project) -> None:
    assert doubts(project, [None] * len(project.units), Yardsticks((), as_of=DAY)) == []


def test_a_project_without_figures_is_not_doubted() -> None:
    assert ids(project_of({"product": "电石"})) == []


def test_one_wrong_figure_is_told_once() -> None:
    found = ids(carbide(actual_sec="0.86", output="9", built_capacity="10", actual_equivalent="77000"))

    assert found == ["unit_mixup"]


def test_the_guess_stands_among_the_expected_and_not_among_the_stated_facts() -> None:
    (hint,) = doubtful(carbide(actual_sec="0.86"), rules(), as_of=DAY)

    assert hint.facts["check"] == "sec_against_levels"
    assert hint.facts["expected_figure"] == "860"
    assert stated(hint.facts) == {
        "check": "sec_against_levels", "unit": "“电石”", "product": "电石", "actual_sec": "0.86", "sec_unit": "kgce/t",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spelling", "base", "factor", "time"),
    [
        ("万吨/年", "t", 10_000, "y"),
        ("吨/日", "t", 1, "d"),
        ("t/d", "t", 1, "d"),
        ("万 平方米/年", "m2", 10_000, "y"),
        ("万重量箱/年", "case", 10_000, "y"),
        ("万千瓦", "kW", 10_000, "y"),
        ("MW", "kW", 1000, "y"),
        ("亿千瓦时/年", "kWh", 100_000_000, "y"),
        ("亿立方米/年", "m3", 100_000_000, "y"),
    ],
)
def test_spellings_of_capacity(spelling: str, base: str, factor: int, time: str) -> None:
    assert CAPACITY_UNITS[fold(spelling)] == (base, factor, time)


# --- beside an earlier year -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        pytest.param({"actual_sec": "602"}, {"actual_sec": "860"}, [], id="seven tenths is believed"),
        pytest.param({"actual_sec": "601.9"}, {"actual_sec": "860"}, ["sec_year_on_year"], id="less is not"),
        pytest.param({"actual_sec": "1204"}, {"actual_sec": "860"}, [], id="1.4 times is believed"),
        pytest.param({"actual_sec": "1204.1"}, {"actual_sec": "860"}, ["sec_year_on_year"], id="more is not"),
        pytest.param({"output": "2.9"}, {"output": "10"}, ["output_year_on_year"], id="output fell"),
        pytest.param({"output": "90000"}, {"output": "9"}, ["unit_mixup"], id="output in tonnes"),
        pytest.param({"output": "9", "capacity_unit": "吨/年"}, {"output": "90000"}, [], id="another unit of capacity"),
        pytest.param({"actual_sec": "860"}, {"actual_sec": "860"}, [], id="one figure may be the same"),
        pytest.param(
            {"actual_sec": "860", "output": "9"}, {"actual_sec": "860", "output": "9"}, ["identical_over_years"],
            id="two are one too many",
        ),
        pytest.param(
            {"actual_sec": "860", "output": "9"}, {"actual_sec": "860", "output": "9", "year": "2025"}, [],
            id="a correction of the same year",
        ),
        pytest.param({"actual_sec": "200"}, {"actual_sec": "860", "year": "2026"}, [], id="a later year"),
        pytest.param({"actual_sec": "500"}, {"actual_sec": "860", "product": "硅铁"}, [], id="another product"),
        pytest.param(
            {"actual_equivalent": "300000"}, {"actual_equivalent": "60000"}, ["total_year_on_year"], id="total"
        ),
    ],
)  # fmt: skip
def test_beside_an_earlier_year(now: dict[str, str], then: dict[str, str], expected: list[str]) -> None:
    later, earlier = carbide(**now), carbide(**{"year": "2024", **then})
    own = ids(later)

    assert [one for one in ids(later, earlier) if one not in own] == expected


def test_units_are_the_same_by_their_names() -> None:
    one = {**CARBIDE, "unit_name": "1号炉", "actual_sec": "860"}
    two = {**CARBIDE, "unit_name": "2号炉", "actual_sec": "500"}
    earlier = project_of(
        {"units": [{**two, "year": "2024", "actual_sec": "510"}, {**one, "year": "2024", "actual_sec": "870"}]}
    )

    assert ids(project_of({"units": [one, two]}), earlier) == []


# --- the rows, the cases, the sample ----------------------------------------------------------------------------------


def test_the_rows_are_those_that_the_program_tests() -> None:
    assert {row.id for row in rules().plausibility} == set(NEEDS)
    for row in rules().plausibility:
        assert row.source.title.startswith("本程序"), row.id
        assert row.evidence == "unverified", row.id


def test_every_warning_is_given_in_a_case_and_withheld_in_another() -> None:
    cases = cases_of("plausibility.toml")
    of_years = {name for name in NEEDS if name.endswith("year_on_year")}
    wanted = {f"{PREFIX}{name}" for name in set(NEEDS) - UNTESTED - of_years}

    assert {h for c in cases for h in c.expect.get("hints", ()) if h.startswith(PREFIX)} == wanted
    assert {h for c in cases for h in c.expect.get("no_hints", ())} == wanted


def test_the_sample_ledger_gives_no_false_alarm() -> None:
    """Four mixed-up units are planted; three figures of sanitary ware lie far below a benchmark that spans widely."""
    found = Counter(
        hint.id.removeprefix(PREFIX)
        for project in workbook.read(SAMPLE, rules()).projects
        for hint in doubtful(project, rules(), as_of=DAY)
    )

    assert found == {"unit_mixup": 4, "sec_against_levels": 3}
