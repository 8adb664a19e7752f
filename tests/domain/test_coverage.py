"""The worked cases leave nothing out: every rule of every edition, finding, hint, row of the decision table and measure."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest

from screening.domain.classification import PROPOSABLE, Disposition, EfficiencyClass, FindingId, Screening
from screening.domain.registry import Stage
from tests.domain.test_cases import FILES
from tests.domain.test_levels import STANDARDS
from tests.domain.worked import CASES, Case, answer, cases_of, measures_of, rules

CLASSIFICATION = CASES.parents[1] / "screening" / "domain" / "classification"
HINT = re.compile(r"""Hint\(\s*f?"([a-z_0-9{}.]+)",|yield Hint\(f"([a-z_{}.0-9]+)",""", re.VERBOSE)


@lru_cache(maxsize=1)
def answered() -> tuple[tuple[Case, Screening], ...]:
    return tuple((case, answer(case)) for name in FILES for case in cases_of(name))


def test_every_standard_of_every_edition_has_cases_on_both_sides_of_both_edges() -> None:
    for edition in rules().editions:
        for rule in edition.standards:
            (own,) = [s for s in STANDARDS if (s["edition"], s["rule"]) == (edition.name, rule.id)]
            if rule.known:
                assert len(own["AT_BENCHMARK"]) >= 3
                assert own["benchmark"] in own["AT_BENCHMARK"]
                assert own["baseline"] in own["BETWEEN"]
                assert len(own["BELOW_BASELINE"]) >= 2
            else:
                assert own["NOT_COVERED"]
            assert own["days"][0] == edition.in_force_from
            assert edition.in_force_to is None or own["days"][-1] == edition.in_force_to


@pytest.mark.parametrize("found", list(FindingId))
def test_every_finding_is_exercised(found: FindingId) -> None:
    there = [c.id for c, r in answered() if found in {f.id for f in r.findings}]
    absent = [c.id for c, r in answered() if found not in {f.id for f in r.findings}]

    assert len(there) >= 3
    assert absent


def test_every_class_disposition_and_stage_is_exercised() -> None:
    assert {r.efficiency_class for _, r in answered()} == set(EfficiencyClass)
    assert {r.disposition for _, r in answered()} == set(PROPOSABLE)
    assert {r.project.stage for _, r in answered()} == set(Stage)


def test_every_row_of_the_decision_table_decides_a_case() -> None:
    deciding = {b.ref for _, r in answered() for b in r.rests_on}

    assert [row.id for row in rules().dispositions if row.ref not in deciding] == []


def test_every_stage_and_class_meets_the_decision_table_without_and_with_findings() -> None:
    seen = {
        (r.project.stage, r.efficiency_class, bool({f.id for f in r.findings} & {*c.confirm, *c.enter}))
        for c, r in answered()
    }
    without = {(stage, found) for stage, found, confirmed in seen if not confirmed}
    with_one = {(stage, found) for stage, found, confirmed in seen if confirmed}

    assert {(stage, found) for stage in Stage for found in EfficiencyClass} - without == set()
    assert {found for _, found in with_one} == set(EfficiencyClass)
    assert {stage for stage, _ in with_one} == set(Stage)


def test_every_row_of_the_table_of_measures_carries_a_case_out() -> None:
    carried = {m.ref for c, r in answered() for m in (*measures_of(c, r), *r.measures, *r.measures_if_confirmed)}

    by_people = {row.id for row in rules().measures if Disposition(row.disposition) not in PROPOSABLE}
    assert {row.id for row in rules().measures if row.ref not in carried} == by_people


def test_every_order_on_reviews_founds_or_leaves_open_a_case() -> None:
    days = {r.project.review_date for _, r in answered() if r.project.review_level and r.project.review_date}

    assert [a.id for a in rules().authorities if not any(a.holds(d.first) for d in days)] == []


def test_every_control_of_the_catalogue_is_exercised() -> None:
    products = {u.product for _, r in answered() for u in r.project.units}
    met = {e.control for p in products for e in rules().catalogue_by_product.get(p, ())}

    assert met == {e.control for e in rules().catalogue}


def test_every_parameter_that_the_core_reads_is_on_file() -> None:
    read = {
        name
        for path in CLASSIFICATION.glob("*.py")
        for name in re.findall(r'\b(?:parameter|amount)\("([a-z_0-9]+)"\)', path.read_text("utf-8"))
    }

    assert read
    assert read - {p.id for p in rules().parameters} == set()


def test_every_hint_is_given_in_some_case_and_withheld_in_another() -> None:
    """The ids that the core can give stand in its text; a brace stands for one of several words."""
    written = {
        re.sub(r"\{[^}]*\}", "*", one or other)
        for path in CLASSIFICATION.glob("*.py")
        for one, other in HINT.findall(path.read_text("utf-8"))
    }
    named = {h for c, _ in answered() for h in c.expect.get("hints", ())}
    withheld = {h for c, _ in answered() for h in c.expect.get("no_hints", ())}
    given = {h.id for _, r in answered() for h in r.hints}  # they have own cases

    assert len(written) > 20
    for pattern in written:
        shape = re.compile(pattern.replace("*", "[a-z_]+"))
        assert any(shape.fullmatch(h) for h in named), f"no case expects the hint {pattern}"
    assert given - named == set(), "hints that are given and never expected"
    assert named & withheld
