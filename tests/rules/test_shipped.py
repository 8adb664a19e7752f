"""The shipped rules hold what the research found: counts, figures of both editions, evidence, names, lookups."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from screening import rulebook
from screening.domain.errors import NotFound
from screening.domain.letters import LetterKind, number_of, office_of
from screening.domain.quantity import fold
from screening.domain.rules import Authority, Control, Evidence, RegionLevel, Standard
from screening.rulebook.rows import LETTERS

RULES = rulebook.load()
BY_EDITION = {e.name: e.by_id for e in RULES.editions}


def standard(edition: str, name: str) -> Standard:
    return BY_EDITION[edition][name]


def test_counts() -> None:
    assert [(e.name, len(e.standards)) for e in RULES.editions] == [("2021", 56), ("2023", 74)]
    assert sum(not s.known for s in RULES.editions[1].standards) == 18
    assert all(s.known for s in RULES.editions[0].standards)
    assert len(RULES.outside) == 11
    assert len(RULES.limits) == 125
    assert len(RULES.carriers) == 43
    assert len(RULES.electricity_seen) == 9
    assert len(RULES.catalogue) == 36  # 34 of the research; PVC in three rows, by route
    assert len(RULES.tariffs) == 35
    assert Counter(r.level for r in RULES.regions) == {
        RegionLevel.REGION: 1,
        RegionLevel.LEAGUE: 12,
        RegionLevel.BANNER: 103,
        RegionLevel.ZONE: 5,
    }


def test_evidence_of_the_levels_follows_the_research() -> None:
    counted = {e.name: Counter(s.evidence for s in e.standards) for e in RULES.editions}
    assert counted["2021"] == {Evidence.SECONDARY: 13, Evidence.UNVERIFIED: 43}
    assert counted["2023"] == {Evidence.SECONDARY: 3, Evidence.UNVERIFIED: 71}


@pytest.mark.parametrize(
    ("edition", "name", "benchmark", "baseline", "unit"),
    [
        ("2021", "ferrosilicon", "1770", "1900", "kgce/t"),
        ("2023", "ferrosilicon", "1770", "1850", "kgce/t"),
        ("2021", "calcium_carbide", "805", "940", "kgce/t"),
        ("2023", "converter", "-30", "-10", "kgce/t"),
        ("2023", "electrolytic_aluminium", "13000", "13350", "kWh/t"),
        ("2023", "oil_refining", "7.5", "8.5", "kgoe/(t·能量因数)"),
        ("2021", "flat_glass__500_to_800", "9.5", "13.5", "kgce/重量箱"),
        ("2023", "ceramic_tile__0_5_to_10", "3.7", "4.6", "kgce/m²"),
        ("2021", "ethylene__naphtha", "590", "640", "kgoe/t"),
        ("2023", "cement_clinker", "100", "117", "kgce/t"),
        ("2021", "hydro_zinc__with_residue_treatment", "1100", "1280", "kgce/t"),
    ],
)
def test_figures(edition: str, name: str, benchmark: str, baseline: str, unit: str) -> None:
    found = standard(edition, name)
    assert (found.benchmark, found.baseline, found.unit) == (Decimal(benchmark), Decimal(baseline), unit)


def test_new_fields_have_the_later_target() -> None:
    assert {s.national_target for s in RULES.editions[1].standards if not s.known} == {date(2026, 12, 31)}
    assert {s.national_target for s in RULES.editions[1].standards if s.known} == {date(2025, 12, 31)}


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2021, 12, 31), None),
        (date(2022, 1, 1), "2021"),
        (date(2023, 7, 3), "2021"),
        (date(2023, 7, 4), "2023"),
        (date(2099, 1, 1), "2023"),
    ],
)
def test_the_edition_of_a_day(day: date, name: str | None) -> None:
    edition = RULES.edition_on(day)
    assert (edition.name if edition else None) == name


def test_ids_of_the_earlier_edition_live_on() -> None:
    assert set(BY_EDITION["2021"]) < set(BY_EDITION["2023"])


@pytest.mark.parametrize(
    ("typed", "product"),
    [
        ("75硅铁", "硅铁"),
        ("ＦｅＳｉ７５", "硅铁"),
        ("碳化钙", "电石"),
        ("硅锰", "锰硅合金"),
        ("熟料", "水泥熟料"),
        ("焦炭", "煤制焦炭"),
        ("对二甲苯(PX)", "对二甲苯"),
        ("生铁", "高炉工序"),
    ],
)
def test_synonyms(typed: str, product: str) -> None:
    assert {s.product for s in RULES.editions[1].by_product[fold(typed)]} == {product}


@pytest.mark.parametrize("typed", ["水泥", "阴极铜", "锌锭", "粗钢", "光伏压延玻璃", "低碳锰硅合金", "铬铁"])
def test_what_is_wider_or_other_is_no_synonym(typed: str) -> None:
    assert fold(typed) not in RULES.editions[1].by_product


def test_every_product_of_the_levels_outside_the_light_industries_is_in_the_catalogue() -> None:
    light = {
        "钛白粉", "子午线轮胎", "卫生纸原纸、纸巾原纸", "棉、化纤及混纺机织物", "针织物、纱线", "黏胶短纤维",
    }  # fmt: skip
    for edition in RULES.editions:
        for s in edition.standards:
            for name in (s.product, *s.product_synonyms):
                assert (fold(name) in RULES.catalogue_by_product) is (s.product not in light), name


def test_coal_power_is_in_the_catalogue_and_has_limits_under_every_name() -> None:
    for name in ("燃煤发电", "煤电", "火力发电", "燃煤热电联产", "自备煤电"):
        assert {e.industry for e in RULES.catalogue_by_product[fold(name)]} == {"coal_power"}
        assert len(RULES.limits_by_product[fold(name)]) == 9
    assert not any(one.applies_to for one in RULES.limits_by_product[fold("燃煤发电")])


def test_limits_apply_where_product_variant_and_indicator_agree() -> None:
    assert [one.id for one in RULES.limits_by_rule["calcium_carbide"]] == ["gb_21343__calcium_carbide"]
    assert [one.id for one in RULES.limits_by_rule["coal_olefins__mto"]] == [
        "gb_30180__coal_olefins__mto_with_feedstock"
    ]
    assert [one.indicator for one in RULES.limits_by_rule["electrolytic_aluminium"]] == ["铝液交流电耗"]
    for name in ("ceramic_tile__up_to_0_5", "sanitary_ceramics", "urea", "copper_smelting"):
        assert name not in RULES.limits_by_rule
    for name, rows in RULES.limits_by_rule.items():
        assert len(rows) == 1 or all(one.capacity for one in rows), name


def test_limits_need_not_be_monotone() -> None:
    found = next(one for one in RULES.limits if one.id == "gb_21258__coal_power__sc_600")
    assert (found.level1, found.level2, found.level3) == (286, 285, 299)


def test_the_equivalent_of_electricity_is_a_default_until_confirmed() -> None:
    (found,) = [r for r in RULES.electricity if r.holds(date(2026, 11, 22))]
    assert found.coefficient == Decimal("0.305")
    assert found.evidence is Evidence.UNVERIFIED
    assert (found.lowest_seen, found.highest_seen) == (Decimal("0.2689"), Decimal("0.404"))


def test_steam_has_no_coefficient_because_sources_conflict() -> None:
    found = RULES.carriers_by_name[fold("低压蒸汽")]
    assert found.coefficient is None
    assert found.evidence is Evidence.UNVERIFIED


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2010, 10, 31), None),
        (date(2016, 12, 31), "order_2010_6"),
        (date(2023, 5, 31), "order_2016_44"),
        (date(2023, 6, 1), "order_2023_2"),
        (date(2025, 8, 31), "order_2023_2"),
        (date(2025, 9, 1), "order_2025_31"),
    ],
)
def test_the_review_order_of_a_day(day: date, name: str | None) -> None:
    assert [a.id for a in RULES.authorities if a.holds(day)] == ([name] if name else [])


def test_no_review_by_banners_since_the_latest_order() -> None:
    found = RULES.authorities[-1]
    assert found.excluded == (Authority.BANNER,)
    assert found.thresholds == (("tce", Decimal(500000), Authority.NATION),)


def test_controls_of_drafts_never_forbid() -> None:
    for entry in RULES.catalogue:
        if entry.control is Control.DRAFT:
            assert entry.control_evidence is Evidence.UNVERIFIED, entry.id
        if entry.control is Control.FORBIDDEN:
            assert entry.control_from is not None, entry.id
            assert entry.control_evidence is Evidence.SECONDARY, entry.id


def test_new_pvc_is_forbidden_by_the_carbide_route_only() -> None:
    def controls(product: str, variant: str | None) -> set[Control]:
        return {e.control for e in RULES.catalogue_by_product[fold(product)] if e.covers(variant)}

    assert controls("PVC", "电石法通用型") == {Control.DRAFT, Control.FORBIDDEN}
    assert controls("聚氯乙烯", "乙烯法 通用型") == {Control.DRAFT}
    assert controls("聚氯乙烯", None) == {Control.DRAFT}
    assert controls("电石法PVC", None) == {Control.FORBIDDEN}


def test_the_plan_is_quoted_word_for_word() -> None:
    assert RULES.clause("plan_4_3_exit").text == "对于不能按期完成改造的项目坚决予以淘汰，淘汰时限不超过3年。"
    assert RULES.clause("plan_4_3").evidence is Evidence.OFFICIAL
    assert {c.known_until for c in RULES.clauses if c.id.startswith("plan_")} == {date(2025, 12, 31)}


def test_a_harmful_measure_names_its_steps_and_a_basis() -> None:
    for row in RULES.measures:
        assert row.basis, row.id
        assert bool(row.needs) or not row.harmful, row.id
        for name in row.basis:
            assert RULES.clause(name)


def test_only_the_measure_of_the_limit_standard_can_found_a_closure() -> None:
    closing = {g for row in RULES.measures if "关闭" in row.instrument for g in row.grounds}
    assert closing == {"gb_level3", "eliminated_equipment", "energy_review_missing"}


def test_sources_are_documents_never_sites() -> None:
    for rule in RULES.every_rule():
        assert rule.source.title
        said = f"{rule.source} {rule.note}"
        assert "http" not in said, rule.ref
        assert ".com" not in said, rule.ref


def test_every_figure_of_a_gap_is_absent() -> None:
    for edition in RULES.editions:
        for s in edition.standards:
            if s.benchmark is None or s.baseline is None:
                assert (s.benchmark, s.baseline, s.evidence) == (None, None, Evidence.UNVERIFIED)


def test_offices_of_all_levels() -> None:
    region, city, league, banner = (office_of(RULES, code) for code in ("150000", "150200", "152200", "150204"))
    assert (region.name, region.government) == ("内蒙古自治区发展和改革委员会", "内蒙古自治区人民政府")
    assert (city.name, city.mark, city.government) == ("包头市发展和改革委员会", "包发改", "包头市人民政府")
    assert league.government == "兴安盟行政公署"
    assert (banner.name, banner.government) == ("青山区发展和改革委员会", "青山区人民政府")
    with pytest.raises(NotFound):
        office_of(RULES, "150271")


def test_document_numbers_never_collide() -> None:
    offices = [office_of(RULES, r.id) for r in RULES.regions if r.level is not RegionLevel.ZONE]
    numbers = {number_of(RULES, office, kind, 2026, 12) for office in offices for kind in LetterKind}
    assert len(numbers) == len(offices) * len(LetterKind)
    assert number_of(RULES, office_of(RULES, "150200"), LetterKind.RETROFIT, 2026, 12) == "包发改两高改〔2026〕12号"


def test_every_kind_of_letter_is_known_to_the_rules() -> None:
    assert {kind.value for kind in LetterKind} == set(LETTERS) == set(RULES.kind_words)


def test_tariffs_without_an_amount_have_none() -> None:
    missing = {t.id for t in RULES.tariffs if t.surcharge is None}
    assert {"im_unified_gap", "im_punitive", "nat_cement_ladder"} <= missing
    zero = {t.id for t in RULES.tariffs if t.surcharge == 0}
    assert zero == {"im_unified_stock", "im_unified_new", "nat_al_2014a"}


@pytest.mark.parametrize(
    ("name", "amount"),
    [("focus_line", "50000"), ("energy_ratio", "1.1"), ("declared_tolerance", "0.01"), ("weight_case_kg", "50")],
)
def test_parameters(name: str, amount: str) -> None:
    found = RULES.parameter(name, date(2026, 11, 22))
    assert found is not None
    assert found.amount == Decimal(amount)


def test_refs_are_unique_and_lead_to_their_rules() -> None:
    rules = RULES.every_rule()
    assert len(RULES.rules_by_ref) == len(rules)
    assert RULES.rules_by_ref["levels/2023/ferrosilicon"] is standard("2023", "ferrosilicon")


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        pytest.param(date(2026, 11, 23), 5, date(2026, 11, 30), id="an ordinary week"),
        pytest.param(date(2026, 11, 20), 5, date(2026, 11, 27), id="from a Friday"),
        pytest.param(date(2026, 9, 28), 5, date(2026, 10, 10), id="over the national holidays to a worked Saturday"),
        pytest.param(date(2026, 2, 13), 1, date(2026, 2, 14), id="a Saturday before the Spring Festival is worked"),
        pytest.param(date(2025, 12, 29), 5, date(2026, 1, 6), id="from one year into the next"),
        pytest.param(date(2026, 12, 28), 3, date(2026, 12, 31), id="to the last day that is known"),
        pytest.param(date(2026, 12, 28), 4, None, id="a year that is not on file"),
    ],
)
def test_working_days_are_counted_by_the_calendar_or_not_at_all(start: date, days: int, last: date | None) -> None:
    assert RULES.working_day(start, days) == last
