"""Every standard of both editions, each side of each edge, against figures that stand in `tests/cases/levels.toml`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from screening.domain.classification import EfficiencyClass, screen, to_document
from tests.domain.worked import project_of, read, rules

STANDARDS: list[dict[str, Any]] = read("levels.toml")["standard"]
CLASSES = tuple(c.value for c in EfficiencyClass if c is not EfficiencyClass.UNDETERMINED)


def title(standard: dict[str, Any]) -> str:
    return f"{standard['edition']}-{standard['product']}-{standard.get('variant', '')}".rstrip("-")


def unit_on(standard: dict[str, Any], sec: str, as_of: date) -> tuple[dict[str, Any], str]:
    """The verdict of a single existing unit and what is said of it."""
    facts = {"product": standard["product"], "actual_sec": sec, "sec_unit": standard["unit"], "year": "2021"}
    if "variant" in standard:
        facts["variant"] = standard["variant"]
    document = to_document(screen(project_of(facts), rules(), as_of=as_of))
    return document["units"][0], "\n".join(document["reasons"])


@pytest.mark.parametrize("standard", STANDARDS, ids=title)
def test_each_side_of_each_edge(standard: dict[str, Any]) -> None:
    for day in standard["days"]:
        seen = {
            (wanted, sec): unit_on(standard, sec, day)[0]["class"]
            for wanted in CLASSES
            for sec in standard.get(wanted, ())
        }

        assert len(seen) >= 3
        assert {key: found for key, found in seen.items() if found != key[0]} == {}


@pytest.mark.parametrize("standard", STANDARDS, ids=title)
def test_a_verdict_names_rule_edition_figures_evidence_and_document(standard: dict[str, Any]) -> None:
    sec = next(standard[c][0] for c in CLASSES if c in standard)
    unit, said = unit_on(standard, sec, standard["days"][0])

    assert unit["rule"] == standard["rule"]
    assert unit["edition"] == standard["edition"]
    assert unit["benchmark"] == standard.get("benchmark")
    assert unit["baseline"] == standard.get("baseline")
    assert unit["national_target"] == standard["target"].isoformat()
    assert f"{standard['edition']}年版" in said
    assert "能效标杆水平和基准水平" in said
    if "benchmark" in standard:
        assert unit["evidence"] == standard["evidence"]
        assert unit["sec"] is not None
        words = {"secondary": "二手来源，未核对官方文本", "unverified": "未核实"}[standard["evidence"]]
        assert words in said
        for piece in (unit["sec"], unit["benchmark"], unit["baseline"], unit["unit"]):
            assert piece in said
        assert "发改产业〔20" in said
    else:
        assert unit["class"] == "NOT_COVERED"
        assert "尚未收录" in said


@pytest.mark.parametrize("stage", ["proposed", "under_construction", "existing"])
def test_the_class_does_not_hang_on_the_stage(stage: str) -> None:
    """One figure as design value, or as actual one, has one class."""
    for standard in STANDARDS:
        for wanted in CLASSES:
            for sec in standard.get(wanted, ())[:1]:
                facts = {
                    "product": standard["product"],
                    "stage": stage,
                    "sec_unit": standard["unit"],
                    ("actual_sec" if stage == "existing" else "design_sec"): sec,
                }
                if "variant" in standard:
                    facts["variant"] = standard["variant"]
                found = screen(project_of(facts), rules(), as_of=standard["days"][0])

                assert found.efficiency_class == wanted, title(standard)


def test_the_cases_hold_every_standard_of_the_rules_and_no_other() -> None:
    listed = {(s["edition"], s["rule"]) for s in STANDARDS}
    known = {(e.name, s.id) for e in rules().editions for s in e.standards}

    assert known == listed
    assert len(STANDARDS) == len(listed)


def test_the_figures_of_the_rules_are_those_of_the_cases() -> None:
    for standard in STANDARDS:
        edition = rules().edition_named(standard["edition"])
        assert edition is not None
        rule = edition.by_id[standard["rule"]]
        figures = [None if f is None else str(f) for f in (rule.benchmark, rule.baseline)]

        assert figures == [standard.get("benchmark"), standard.get("baseline")], title(standard)
        if rule.benchmark is not None and rule.baseline is not None:
            assert rule.benchmark <= rule.baseline
