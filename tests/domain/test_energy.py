"""The parts of an energy total: amount, coefficients with source and year, tce on both bases; and confirmed coefficients."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from screening.domain.classification import screen, to_document
from screening.domain.rules import Confirmation, Evidence
from tests.domain.worked import project_of, rules

TODAY = date(2026, 11, 22)
USES = [
    {"carrier": "原煤", "amount": "50000", "measure": "t"},
    {"carrier": "外购电力", "amount": "10000", "measure": "万kWh", "renewable": True},
    {"carrier": "新水", "amount": "10000", "measure": "t"},
    {"carrier": "焦炭", "amount": "1000.5", "measure": "t", "sold": True, "feedstock": True},
    {"carrier": "洗中煤", "amount": "100", "measure": "t", "heating_value": "14653.8"},
]


def project(**more: Any):
    return project_of({"product": "硅铁", "industry": "steel", "actual_sec": "1700", "sec_unit": "kgce/t", **more})


def test_each_carrier_shows_its_coefficients_and_both_totals() -> None:
    energy = to_document(screen(project(uses=USES), rules(), as_of=TODAY))["energy"]
    coal, power, water, coke, middlings = energy["carriers"]

    assert {k: coal[k] for k in ("carrier", "basis", "sold", "amount", "measure", "feedstock", "renewable")} == {
        "carrier": "原煤", "basis": "设计", "sold": False, "amount": "50000", "measure": "t", "feedstock": False,
        "renewable": False,
    }  # fmt: skip
    assert (coal["calorific_coefficient"], coal["equivalent_coefficient"]) == ("0.7143", "0.7143")
    assert (coal["calorific_tce"], coal["equivalent_tce"]) == ("35715", "35715")
    assert "二手来源" in coal["source"]
    assert "2589" in coal["source"]
    assert (power["calorific_coefficient"], power["equivalent_coefficient"]) == ("0.1229", "0.305")
    assert (power["calorific_tce"], power["equivalent_tce"]) == ("12290", "30500")
    assert power["renewable"] is True
    assert "2025年" in power["source"]
    assert (water["calorific_coefficient"], water["equivalent_coefficient"]) == (None, "0.2571")
    assert (water["calorific_tce"], water["equivalent_tce"]) == (None, "2.571")
    assert (coke["sold"], coke["feedstock"]) == (True, True)
    assert (coke["calorific_tce"], coke["equivalent_tce"]) == ("-971.8857", "-971.8857")
    assert (middlings["calorific_coefficient"], middlings["calorific_tce"]) == ("0.5", "50")
    assert "实测低位发热量14653.8" in middlings["source"]
    assert energy["calorific_tce"] == "47083.1143"
    assert energy["equivalent_tce"] == "65295.6853"


def test_the_result_rests_on_the_coefficients_it_used_and_on_no_other() -> None:
    refs = {b.ref for b in screen(project(uses=USES), rules(), as_of=TODAY).rests_on}
    used = {c.ref for c in rules().carriers if c.name in {"原煤", "电力（当量值）", "新水", "焦炭（干全焦）"}}

    assert {c.ref for c in rules().carriers} & refs == used
    assert {e.ref for e in rules().electricity} <= refs
    declared = {b.ref for b in screen(project(design_equivalent="60000"), rules(), as_of=TODAY).rests_on}
    assert not declared & ({c.ref for c in rules().carriers} | {e.ref for e in rules().electricity})


def confirmed_rules(*refs: str):
    papers = [
        Confirmation(ref, "官方文本", "第3页", date(2026, 11, 1), confirmed_by="甲", countersigned_by="乙")
        for ref in refs
    ]
    return rules().confirmed(papers)


def test_a_confirmed_coefficient_of_electricity_decides_alone() -> None:
    """16,390 万kWh are 49,989.5 tce at 0.305: near the line until an office confirms the coefficient."""
    (rule,) = [e for e in rules().electricity if e.holds(TODAY)]
    near = project(electricity="16390")

    assert screen(near, rules(), as_of=TODAY).energy.in_focus is None
    settled = screen(near, confirmed_rules(rule.ref), as_of=TODAY)
    assert settled.energy.in_focus is False
    assert settled.energy.near_line is False
    assert screen(project(electricity="16394"), confirmed_rules(rule.ref), as_of=TODAY).energy.in_focus is True
    assert "已核对官方文本" in "\n".join(settled.energy.reasons)


def test_a_confirmation_is_shown_on_everything_that_rests_on_the_rule() -> None:
    (standard,) = [s for e in rules().editions if e.name == "2023" for s in e.standards if s.id == "ferrosilicon"]
    coal = next(c for c in rules().carriers if c.name == "原煤")
    uses = [{"carrier": "原煤", "amount": "70000", "measure": "t"}]
    result = screen(project(uses=uses), confirmed_rules(standard.ref, coal.ref), as_of=TODAY)
    document = to_document(result)

    assert document["units"][0]["evidence"] == Evidence.OFFICIAL
    assert "已核对官方文本" in result.units[0].reasons[0]
    assert "已核对官方文本" in document["energy"]["carriers"][0]["source"]
    assert {b["evidence"] for b in document["rests_on"] if b["ref"] in (standard.ref, coal.ref)} == {"official"}
    assert to_document(screen(project(uses=uses), rules(), as_of=TODAY))["units"][0]["evidence"] == "secondary"


def test_without_a_coefficient_of_electricity_nothing_is_decided() -> None:
    bare = replace(rules(), electricity=())
    result = screen(project(uses=USES[:2]), bare, as_of=TODAY)

    assert (result.energy.equivalent_tce, result.energy.in_focus) == (None, None)
    assert to_document(result)["energy"]["carriers"][1]["equivalent_tce"] is None
    assert screen(project(electricity="99999"), bare, as_of=TODAY).energy.in_focus is None
    assert screen(project(design_equivalent="60000"), bare, as_of=TODAY).energy.in_focus is True
    assert "None" not in "\n".join(result.reasons)
