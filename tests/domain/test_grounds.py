"""The six situations: what is refused, what is said, the law of the day; worked in `tests/cases/grounds.toml`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.domain.calendar import PartialDate
from screening.domain.classification import FindingId, screen
from screening.domain.classification.day import day_of
from screening.domain.grounds import (
    COMMON,
    OWN,
    STATEMENT,
    Faults,
    Kind,
    asked_of,
    authority_of,
    demand,
    fields_of,
    known,
    labelled,
    law_of,
    narrative,
    read,
)
from tests.domain.worked import cases_of, project_of, rules
from tests.domain.worked import read as read_cases

FILE = read_cases("grounds.toml")
KEYS = {"id", "finding", "facts", "told", "faults", "says", "table", "law", "not_law", "gaps"}


def told_of(one: dict[str, Any]) -> dict[str, str]:
    return {**FILE["common"], **FILE["told"][one["finding"]], **one.get("told", {})}


@pytest.mark.parametrize("one", [pytest.param(one, id=one["id"]) for one in FILE["case"]])
def test_a_situation(one: dict[str, Any]) -> None:
    assert not set(one) - KEYS
    ground, project = FindingId(one["finding"]), project_of({**FILE["facts"], **one.get("facts", {})})
    typed, today = told_of(one), FILE["as_of"]
    faults: dict[str, str] = {}
    details: dict[str, str] = {}
    try:
        details = read(ground, typed, {})
        demand(ground, details, project, rules(), today)
    except Faults as wrong:
        faults = dict(wrong.each)
    wanted = one.get("faults", {})
    assert set(faults) == set(wanted), faults
    for field, piece in wanted.items():
        assert piece in faults[field], faults[field]
    if wanted:
        return
    said = narrative(ground, {**details, STATEMENT: typed[STATEMENT]}, {}, ["笔录"])
    for piece in one.get("says", ()):
        assert piece in said, said
    if "table" in one:
        answer = authority_of(details, project, day_of(rules(), today, None)).sentence
        for piece in one["table"]:
            assert piece in answer, answer
    law = law_of(ground, details, project, rules(), today)
    refs = {cited.ref.rsplit("/", 1)[-1] for cited in law.cited}
    assert set(one.get("law", ())) <= refs, refs
    assert not set(one.get("not_law", ())) & refs, refs
    if "gaps" in one:
        assert len(law.gaps) == len(one["gaps"]), law.gaps
        assert all(any(piece in gap for gap in law.gaps) for piece in one["gaps"]), law.gaps
    assert all(cited.words and cited.evidence for cited in law.cited)


def test_every_situation_is_worked() -> None:
    assert {one["finding"] for one in FILE["case"]} == {ground.value for ground in FindingId}
    named = {field for one in FILE["case"] for field in one.get("faults", {})}
    checked = {"found_on", "found_by", "inspected_on", "officers"} | {d.key for own in OWN.values() for d in own}
    assert not named - checked
    assert checked - named <= {"organ", "paper", "what", "basis"}, "a field that nothing tests"


DETECTED = [
    (f"{name}: {case.id}", finding, case)
    for name in ("findings_authority", "findings_building", "findings_deviation", "findings_energy", "findings_policy")
    for case in cases_of(f"{name}.toml")
    for finding in screen(case.project, rules(), as_of=case.as_of).findings
]


@pytest.mark.parametrize(("finding", "case"), [pytest.param(f, c, id=i) for i, f, c in DETECTED])
def test_what_is_detected_can_be_confirmed(finding: Any, case: Any) -> None:
    """Every detection answers fields of its situation, contradicts nothing, and may not be changed in the form."""
    ground, project = finding.id, case.project
    here = known(ground, project, case.as_of, finding)
    assert here.fixed or finding.facts.get("equipment_class"), finding
    typed = {
        "coefficient_year": "2020", "year": str(case.as_of.year - 1), "organ": "某机关", "document_number": "某号",
        "prohibition": "某规定", "level": "盟市", "clause": "某条", "product": project.units[0].product, "measure_unit": "吨/年",
    }  # fmt: skip
    fields = {**typed, **here.suggested, **here.fixed}
    details = read(ground, fields, here.fixed)
    demand(ground, details, project, rules(), case.as_of)
    said = narrative(ground, {**details, STATEMENT: finding.text}, here.fixed, ["笔录"])
    assert said.endswith("证据：笔录。")
    assert labelled(ground, details)
    for key, value in here.fixed.items():
        if not value:
            continue
        other = "某某" if {d.key: d.kind for d in fields_of(ground)}[key] is Kind.LINE else None
        if other is not None:
            with pytest.raises(Faults, match="此处不能改填"):
                read(ground, {**fields, key: other}, here.fixed)
    shown = {detail.key for detail in asked_of(ground, here.fixed)}
    assert {detail.key for detail in COMMON} <= shown
    assert not {key for key, value in here.fixed.items() if not value} & shown


def test_the_detections_are_of_all_kinds() -> None:
    assert {finding.id for _, finding, _ in DETECTED} == set(FindingId) - {FindingId.EXCESS_EMISSION}


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(10**9), places=4)


@given(approved=AMOUNTS, share=st.decimals(min_value=Decimal("0.5"), max_value=Decimal(2), places=6))
def test_exceeding_is_exact(approved: Decimal, share: Decimal) -> None:
    actual = approved * share
    told = {**FILE["common"], **FILE["told"]["exceeds_approved_energy"]}
    told |= {"approved_tce": f"{approved:f}", "actual_tce": f"{actual:f}"}
    project = project_of(FILE["facts"])
    details = read(FindingId.EXCEEDS_APPROVED_ENERGY, told, {})
    refused = False
    try:
        demand(FindingId.EXCEEDS_APPROVED_ENERGY, details, project, rules(), FILE["as_of"])
    except Faults:
        refused = True
    assert refused is (share < Decimal("1.1"))


DAYS = st.dates(min_value=date(2011, 1, 1), max_value=date(2026, 11, 22))


@st.composite
def partial(draw: st.DrawFn) -> PartialDate:
    day = draw(DAYS)
    return draw(st.sampled_from([PartialDate.of(day), PartialDate(day.year, day.month), PartialDate(day.year)]))


@given(start=partial(), given_on=partial())
def test_building_before_needs_every_day_to_say_so(start: PartialDate, given_on: PartialDate) -> None:
    told = {**FILE["common"], "found_on": "2026-11-22", "approval": "节能审查意见"}
    told |= {"construction_start": str(start), "approval_date": str(given_on)}
    details = read(FindingId.BUILT_BEFORE_APPROVAL, told, {})
    refused = False
    try:
        demand(FindingId.BUILT_BEFORE_APPROVAL, details, project_of(FILE["facts"]), rules(), FILE["as_of"])
    except Faults:
        refused = True
    assert refused is not (start.last < given_on.first)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2024-3-1", "2024-03-01"), ("2024/03/01", "2024-03-01"), ("2024.3", "2024-03"), ("2024年3月", "2024-03"),
        ("2024年3月1日", "2024-03-01"), ("2024", "2024"), ("2024年", "2024"),
    ],
)  # fmt: skip
def test_days_in_the_usual_spellings(typed: str, kept: str) -> None:
    told = {**FILE["common"], **FILE["told"]["built_before_approval"], "construction_start": typed}
    assert read(FindingId.BUILT_BEFORE_APPROVAL, told, {})["construction_start"] == kept


@pytest.mark.parametrize("typed", ["去年", "2024-13", "2024-00-01", "20240301x", "24-3-1", "2024年3月1", "０"])
def test_what_is_no_day(typed: str) -> None:
    told = {**FILE["common"], **FILE["told"]["built_before_approval"], "construction_start": typed}
    with pytest.raises(Faults) as wrong:
        read(FindingId.BUILT_BEFORE_APPROVAL, told, {})
    assert [field for field, _ in wrong.value.each] == ["construction_start"]


def test_a_clause_says_what_is_not_known_of_its_day() -> None:
    project = project_of(FILE["facts"])

    def notes(opinion_date: str) -> dict[str, str | None]:
        details = {"paper": "节能审查意见", "opinion_date": opinion_date}
        law = law_of(FindingId.UNLAWFUL_APPROVAL, details, project, rules(), FILE["as_of"])
        return {cited.ref.rsplit("/", 1)[-1]: cited.note for cited in law.cited}

    assert "已知有效至2025年12月31日" in (notes("2026-03")["plan_4_3"] or "")
    assert notes("2025-12-31")["plan_4_3"] is None
    assert "公布于2022年5月25日" in (notes("2021-03")["plan_4_3"] or "")
    assert notes("2024-03")["review_order_2023_authority"] is None
