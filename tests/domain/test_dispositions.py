"""Which acts carry a decision out, whatever grounds come together; what a person names; what approvals are."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.domain.classification import Disposition, Finding, FindingId, Measure, screen
from screening.domain.dispositions import (
    ANSWERED_BY,
    Named,
    as_named,
    by_class,
    by_hand,
    chosen,
    effect_of,
    findings_of,
    lacks,
    new_approvals,
    proposes,
    refers,
)
from screening.domain.registry import Project, Stage
from tests.conftest import TODAY
from tests.domain.worked import project_of, rules

RULES = rules()
ENERGY = Finding(FindingId.BUILT_BEFORE_APPROVAL, "detected", {"opinion_date": "未登记"}, "未登记节能审查意见", ())
ENVIRONMENT = Finding(FindingId.BUILT_BEFORE_APPROVAL, "detected", {"eia_date": "未登记"}, "未登记环评批复", ())
EMISSION = Finding(FindingId.EXCESS_EMISSION, "entered", {"pollutant": "二氧化硫"}, "排放超标", ())
DEVIATES = Finding(FindingId.DEVIATES_FROM_APPROVAL, "entered", {"what": "产能"}, "产能超出批复", ())
EXCEEDS = Finding(FindingId.EXCEEDS_APPROVED_ENERGY, "entered", {"year": "2025"}, "用能超出批复", ())
UNLAWFUL = Finding(FindingId.UNLAWFUL_APPROVAL, "entered", {"paper": "节能审查意见"}, "越权审批", ())
POLICY = Finding(FindingId.POLICY_NONCOMPLIANCE, "entered", {"clause": "某条"}, "政策禁止", ())
EQUIPMENT = Finding(FindingId.POLICY_NONCOMPLIANCE, "detected", {"equipment_class": "淘汰"}, "淘汰类设备", ())
ALL = (ENERGY, ENVIRONMENT, EMISSION, DEVIATES, EXCEEDS, UNLAWFUL, POLICY, EQUIPMENT)


def plant(stage: Stage, filing: str) -> Project:
    """At benchmark: what is decided rests on the findings alone."""
    given = {"stage": stage.value, "filing_kind": filing, "industry": "chemical"}
    return project_of(
        {**given, "units": [{"product": "电石", "design_sec": "800", "actual_sec": "800", "sec_unit": "kgce/t"}]}
    )


def acts(
    *confirmed: Finding, stage: Stage = Stage.EXISTING, filing: str = "核准", refs: tuple[str, ...] = ()
) -> list[Measure]:
    facts = plant(stage, filing)
    return list(chosen(screen(facts, RULES, as_of=TODAY, confirmed=confirmed).measures, refs))


def names(measures: list[Measure]) -> list[str]:
    return [m.ref.removeprefix("measures/") for m in measures]


def test_each_ground_has_its_own_act_and_letter() -> None:
    found = acts(ENERGY, ENVIRONMENT, EMISSION)

    assert names(found) == ["stop_production_unreviewed_2025", "refer_environment"]
    assert [m.letter for m in found] == ["HALT", "REFER"]
    assert [[f.text for f in findings_of(m, (ENERGY, ENVIRONMENT, EMISSION))] for m in found] == [
        [ENERGY.text],
        [ENVIRONMENT.text, EMISSION.text],
    ], "nobody is told of what is another organ's business"


def test_a_second_ground_of_a_shared_act_is_not_lost() -> None:
    assert names(acts(DEVIATES, EXCEEDS)) == ["stop_approved_project", "change_review_2025"]
    assert names(acts(DEVIATES)) == ["stop_approved_project"]
    assert names(acts(EXCEEDS)) == ["change_review_2025"]


def test_what_the_table_names_comes_before_what_a_person_must_name() -> None:
    assert names(acts(EQUIPMENT)) == ["stop_eliminated_equipment"]
    assert names(acts(UNLAWFUL)) == ["withdraw_opinion"]
    assert names(acts(POLICY)) == ["stop_forbidden_project"]
    assert lacks(acts(POLICY)[0], None) == ("措施", "机关", "条款")


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("filing", ["核准", "备案", "审批"])
def test_no_mixture_leaves_a_ground_without_its_act(stage: Stage, filing: str) -> None:
    for size in (1, 2, 3, 4):
        for mixture in combinations(ALL, size):
            offered = screen(
                plant(stage, filing),
                RULES, as_of=TODAY, confirmed=mixture,
            ).measures  # fmt: skip
            taken = chosen(offered, ())
            told = {g for m in taken for g in m.grounds}
            for measure in offered:
                for ground in measure.grounds:
                    assert ground in told or told & ANSWERED_BY.get(ground, set()), (mixture, measure.ref)
            assert len({m.ref for m in taken}) == len(taken)
            assert chosen(offered, [m.ref for m in taken]) == taken, "what was ticked is what was proposed"


def retrofits(*secs: str, product: tuple[str, ...], **facts: str) -> list[Measure]:
    units = [{"product": p, "actual_sec": sec, "sec_unit": "kgce/t"} for p, sec in zip(product, secs, strict=True)]
    made = project_of({"stage": "existing", "industry": "steel", "units": units, **facts})
    return list(chosen(screen(made, RULES, as_of=TODAY).measures, ()))


def test_different_units_get_their_own_retrofit() -> None:
    found = retrofits("1900", "301", product=("硅铁", "粗铅工艺"))
    assert [(n, m.units) for n, m in zip(names(found), found, strict=True)] == [
        ("retrofit_a", (0,)),
        ("retrofit_c", (1,)),
    ]
    found = retrofits("1900", "301", product=("硅铁", "粗铅工艺"), actual_equivalent="61000")
    assert [(n, m.units) for n, m in zip(names(found), found, strict=True)] == [
        ("retrofit_a", (0,)),
        ("retrofit_b", (1,)),
    ]
    found = retrofits("1900", product=("硅铁",), actual_equivalent="61000")
    assert names(found) == ["retrofit_a"], "one order for one unit: the strictest"


@given(st.lists(st.sampled_from(["1700", "1900"]), min_size=1, max_size=6))
def test_no_unit_is_ordered_twice(secs: list[str]) -> None:
    found = retrofits(*secs, product=("硅铁",) * len(secs), actual_equivalent="61000")
    named = [u for m in found if by_class(m) for u in m.units]
    assert len(named) == len(set(named))


def test_a_person_names_what_the_table_does_not_know() -> None:
    open_ = by_hand(Disposition.HALT)
    named = Named(instrument="责令拆除", organ="工业和信息化局", clause="某法第九条")

    assert lacks(open_, Named(instrument="责令拆除")) == ("机关", "条款")
    assert lacks(open_, named) == ()
    assert as_named(open_, named).basis == ("某法第九条",)
    assert open_.harmful
    assert "听证期满" in open_.needs
    assert not by_hand(Disposition.REFER).harmful


def test_the_table_is_not_overwritten_where_it_knows() -> None:
    known, referral = acts(ENERGY, EMISSION)
    assert as_named(known, Named(instrument="罚款", organ="我", clause="某条")) == known
    changed = as_named(referral, Named(instrument="罚款", organ="鄂尔多斯市生态环境局", clause="某条"))
    assert (changed.organ, changed.instrument, changed.basis) == (
        "鄂尔多斯市生态环境局",
        referral.instrument,
        referral.basis,
    )


def test_closing_is_the_governments_to_decide() -> None:
    made = project_of(
        {"stage": "existing", "industry": "steel", "product": "硅铁", "actual_sec": "1900", "sec_unit": "kgce/t"}
    )
    (closure,) = chosen(screen(made, RULES, as_of=TODAY, overdue=True).measures, ())
    assert proposes(closure)
    assert not refers(closure)
    assert "由人民政府决定" in effect_of(Disposition.ELIMINATE, [closure], Stage.EXISTING, ["1号炉"], None)
    many = [f"{n}号炉" for n in range(1, 7)]
    assert "责令1号炉等6个装置停业" in effect_of(Disposition.ELIMINATE, [closure], Stage.EXISTING, many, None)


@pytest.mark.parametrize("disposition", [d for d in Disposition if d is not Disposition.MANUAL])
@pytest.mark.parametrize("stage", list(Stage))
def test_every_disposition_says_what_it_does_in_one_sentence(disposition: Disposition, stage: Stage) -> None:
    told = effect_of(disposition, acts(ENERGY, stage=stage), stage, ["1号炉"], TODAY)
    assert told.endswith("。")
    assert told.count("。") == 1


def test_only_what_is_recorded_anew_is_an_approval() -> None:
    old = {"review_number": "〔2024〕1号", "eia_date": None, "name": "甲"}
    assert [f.key for f in new_approvals(old, {**old, "review_number": "〔2024〕2号"})] == ["review_number"]
    assert [f.key for f in new_approvals(old, {**old, "eia_date": "2026-01-01"})] == ["eia_date"]
    assert new_approvals(old, {**old, "name": "乙", "review_number": None}) == ()
