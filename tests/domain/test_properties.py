"""What holds for every project: no spelling, order or repetition changes an answer, and only people's findings count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from screening import rulebook
from screening.domain.calendar import PartialDate
from screening.domain.classification import Disposition, EfficiencyClass, FindingId, Screening, screen, to_document
from screening.domain.quantity import plain
from screening.domain.registry import Project, Stage, from_facts, to_facts
from screening.domain.rules import Standard
from screening.workbook.cells import read_signed
from tests.domain.made import KNOWN, STANDARDS, project_facts, projects, screening_days, secs
from tests.domain.worked import project_of, rules, sentences

TODAY = date(2026, 11, 22)
some_days = screening_days | some.just(TODAY)
often = settings(max_examples=40, deadline=None)
more_often = settings(max_examples=100, deadline=None)


def day_in(standard: Standard) -> date:
    edition = rules().edition_named(standard.edition)
    assert edition is not None
    return edition.in_force_from


def of_standard(standard: Standard, sec: str, **more: Any) -> Screening:
    assert standard.unit is not None
    facts = {"product": standard.product, "actual_sec": sec, "sec_unit": standard.unit.value}
    if standard.variant:
        facts["variant"] = standard.variant
    return screen(project_of(facts | more), rules(), as_of=day_in(standard))


def answer(result: Screening) -> dict[str, Any]:
    """What an answer decides: classes, figures, disposition, findings; not the words around them."""
    document = to_document(result)
    units = [{k: v for k, v in unit.items() if k not in {"row", "name"}} for unit in document["units"]]
    return {
        **{k: document[k] for k in ("class", "disposition", "disposition_if_confirmed", "energy")},
        "units": units,
        "findings": [(f["id"], f["source"]) for f in document["findings"]],
    }


def written(result: Screening) -> bytes:
    return json.dumps(to_document(result), ensure_ascii=False).encode()


# ---- the class ---------------------------------------------------------------------------------------------------


@more_often
@given(standard=some.sampled_from(KNOWN), one=secs, other=secs)
def test_a_lower_consumption_is_never_in_a_worse_class(standard: Standard, one: Decimal, other: Decimal) -> None:
    assert standard.baseline is not None
    better, worse = sorted((one, other))
    if better < 0 < standard.baseline:
        better = abs(better)
        better, worse = sorted((better, abs(worse)))
    order = [EfficiencyClass.AT_BENCHMARK, EfficiencyClass.BETWEEN, EfficiencyClass.BELOW_BASELINE]
    classes = [of_standard(standard, format(sec, "f")).efficiency_class for sec in (better, worse)]

    assert order.index(classes[0]) <= order.index(classes[1])


@often
@given(standard=some.sampled_from(KNOWN), digits=some.integers(1, 25), up=some.booleans())
def test_no_digit_is_lost_at_an_edge(standard: Standard, digits: int, up: bool) -> None:
    for level, at, above in (
        (standard.benchmark, "AT_BENCHMARK", "BETWEEN"),
        (standard.baseline, "BETWEEN", "BELOW_BASELINE"),
    ):
        assert level is not None
        whole, rest = divmod(Fraction(level) * 10**digits + (1 if up else -1), 10**digits)
        if whole < 0 and rest:  # -29.999…: the figure before the point is towards zero
            whole, rest = whole + 1, 10**digits - rest
        sign = "-" if level < 0 and whole == 0 else ""
        text = f"{sign}{whole}.{int(rest):0{digits}}"

        assert of_standard(standard, text).efficiency_class == (above if up else at)


@pytest.mark.parametrize(
    "typed",
    [
        "13350",
        "13,350",
        "13,350.0",
        "１３３５０",
        "１３，３５０．００",
        " 13350 ",
        "13350.000",
        13350,
        13350.0,
        "+13350",
    ],
)
def test_one_figure_typed_in_many_ways_has_one_answer(typed: object) -> None:
    """Read as the workbook reads it; 电解铝 has its baseline at 13,350 kWh/t."""
    text = read_signed(typed)
    facts = {"product": "电解铝", "variant": "铝液交流电耗", "industry": "nonferrous", "sec_unit": "kWh/t"}
    found = screen(project_of(facts | {"actual_sec": text}), rules(), as_of=TODAY)

    assert text == "13350"
    assert (found.efficiency_class, to_document(found)["units"][0]["sec"]) == ("BETWEEN", "13350")


@often
@given(standard=some.sampled_from(KNOWN), sec=some.decimals(-50, 14000, places=4), zeros=some.integers(0, 12))
def test_zeros_at_the_end_change_nothing(standard: Standard, sec: Decimal, zeros: int) -> None:
    text = format(sec, "f")

    assert written(of_standard(standard, text)) == written(of_standard(standard, text + "0" * zeros))


@often
@given(
    standard=some.sampled_from([s for s in KNOWN if s.unit == "kgce/t"]),
    sec=some.decimals(0, 3000, places=4),
    spelling=some.sampled_from(
        [("吨标准煤/吨", 3), ("kgce/kg", 3), ("tce/t", 3), ("千克标煤／吨", 0), ("克标准煤/吨", -3), ("tce/万t", -1)]
    ),
)
def test_another_unit_of_measure_changes_nothing(standard: Standard, sec: Decimal, spelling: tuple[str, int]) -> None:
    unit, places = spelling
    plainly = of_standard(standard, format(sec, "f"))
    converted = of_standard(standard, format(sec.scaleb(-places), "f"), sec_unit=unit)

    assert answer(plainly) == answer(converted)


# ---- names -------------------------------------------------------------------------------------------------------


def names_of(standard: Standard) -> Iterator[tuple[str, str | None]]:
    for product in (standard.product, *standard.product_synonyms):
        yield product, standard.variant
    for variant in standard.variant_synonyms:
        yield standard.product, variant


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda s: f"{s.edition}-{s.id}")
def test_a_synonym_has_the_answer_of_the_name(standard: Standard) -> None:
    facts: dict[str, Any] = {
        "stage": "under_construction",
        "nature": "新建",
        "filing_date": "2024-01-01",
        "design_sec": plain(standard.baseline or Decimal(100)),
        "sec_unit": (standard.unit or "kgce/t"),
        "approved_process": standard.variant or "无",
    }
    answers = []
    for product, variant in names_of(standard):
        own = facts | {"product": product} | ({"variant": variant} if variant else {})
        result = screen(project_of(own), rules(), as_of=day_in(standard))
        answers.append((answer(result), [h.id for h in result.hints], [m.ref for m in result.measures_if_confirmed]))

    assert answers[0][0]["units"][0]["rule"] == standard.id
    assert all(one == answers[0] for one in answers)


def wide(text: str) -> str:
    """The same name with full-width letters, figures and signs."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize("standard", KNOWN, ids=lambda s: f"{s.edition}-{s.id}")
def test_width_and_spaces_of_a_name_change_nothing(standard: Standard) -> None:
    assert standard.baseline is not None
    sec = plain(standard.baseline)
    plainly = answer(of_standard(standard, sec))
    spaced = {"product": " ".join(standard.product)}
    typed_wide = {"product": wide(standard.product), "sec_unit": wide(standard.unit or "")}
    if standard.variant:
        spaced["variant"] = "　".join(standard.variant)
        typed_wide["variant"] = wide(standard.variant)

    assert answer(of_standard(standard, sec, **spaced)) == plainly
    assert answer(of_standard(standard, sec, **typed_wide)) == plainly


# ---- order and repetition ----------------------------------------------------------------------------------------


@often
@given(facts=project_facts(), as_of=some_days, turn=some.integers(1, 2))
def test_the_order_of_units_changes_nothing(facts: dict[str, Any], as_of: date, turn: int) -> None:
    turned = facts | {"units": facts["units"][turn:] + facts["units"][:turn]}
    one, other = (screen(project_of(f), rules(), as_of=as_of) for f in (facts, turned))
    seen = [answer(r) for r in (one, other)]
    for a in seen:
        a["units"] = sorted(json.dumps(u, ensure_ascii=False, sort_keys=True) for u in a["units"])
        a["findings"] = sorted(a["findings"])

    assert seen[0] == seen[1]
    assert sorted(h.id for h in one.hints) == sorted(h.id for h in other.hints)


@often
@given(facts=project_facts(), as_of=some_days)
def test_the_order_of_energy_uses_changes_nothing(facts: dict[str, Any], as_of: date) -> None:
    turned = facts | {"uses": facts.get("uses", [])[::-1]}
    seen = []
    for own in (facts, turned):
        found = answer(screen(project_of(own), rules(), as_of=as_of))
        found["energy"] = {k: v for k, v in found["energy"].items() if k != "carriers"}
        seen.append(found)

    assert seen[0] == seen[1]


@often
@given(project=projects, as_of=some_days)
def test_screening_again_gives_the_same_bytes(project: Project, as_of: date) -> None:
    first = written(screen(project, rules(), as_of=as_of))

    assert written(screen(project, rules(), as_of=as_of)) == first
    assert written(screen(from_facts(json.loads(json.dumps(to_facts(project)))), rules(), as_of=as_of)) == first


def test_freshly_read_rules_give_the_same_bytes() -> None:
    fresh = rulebook.load(rulebook.FOLDER)
    project = project_of(
        {"product": "电石", "actual_sec": "951.2", "sec_unit": "kgce/t", "design_equivalent": "61234.5"}
    )

    assert fresh is not rules()
    assert fresh.version == rules().version
    assert written(screen(project, fresh, as_of=TODAY)) == written(screen(project, rules(), as_of=TODAY))


@often
@given(project=projects)
def test_facts_are_spelled_out_and_read_back_whole(project: Project) -> None:
    facts = to_facts(project)

    assert json.loads(json.dumps(facts)) == facts
    assert from_facts(facts) == project


# ---- the document ------------------------------------------------------------------------------------------------


def leaves(data: object, path: str = "") -> Iterator[tuple[str, object]]:
    match data:
        case dict():
            for key, value in data.items():
                assert isinstance(key, str), path
                yield from leaves(value, f"{path}.{key}")
        case list():
            for value in data:
                yield from leaves(value, f"{path}[]")
        case _:
            yield path, data


@more_often
@given(project=projects, as_of=some_days)
def test_a_document_is_plain_data_without_floats_or_holes(project: Project, as_of: date) -> None:
    result = screen(project, rules(), as_of=as_of)
    document = to_document(result)

    for path, value in leaves(document):
        assert value is None or isinstance(value, str | int), f"{path}: {value!r}"
        assert not isinstance(value, float)
        if isinstance(value, str):
            assert not any(hole in value for hole in ("None", "nan", "E+", "Decimal(", "{", "}")), f"{path}: {value!r}"
    assert json.loads(json.dumps(document)) == document


@more_often
@given(project=projects, as_of=some_days)
def test_everything_that_is_said_is_a_chinese_sentence(project: Project, as_of: date) -> None:
    result = screen(project, rules(), as_of=as_of)

    for line in sentences(result).split("\n"):
        assert line.endswith(("。", "）")), line
        assert any("一" <= sign <= "鿿" for sign in line)
        assert not any(odd in line for odd in ("None", "。。", "，，", "（）", "：：", "“”", "  ")), line
    assert len(result.reasons) >= len(result.units) + 2


@often
@given(project=projects, as_of=some_days)
def test_a_unit_s_reason_names_its_figures_edition_and_evidence(project: Project, as_of: date) -> None:
    result = screen(project, rules(), as_of=as_of)

    for unit in result.units:
        said = "\n".join(unit.reasons)
        if unit.efficiency_class in {"AT_BENCHMARK", "BETWEEN", "BELOW_BASELINE"}:
            assert unit.sec is not None
            assert unit.benchmark is not None
            assert unit.baseline is not None
            assert unit.evidence is not None
            for piece in (
                plain(unit.sec),
                plain(unit.benchmark),
                plain(unit.baseline),
                unit.unit,
                f"{unit.edition}年版",
                "发改产业〔",
                unit.evidence.words,
                unit.efficiency_class.words,
            ):
                assert piece is not None
                assert piece in said
        assert unit.ref is None or unit.ref in {b.ref for b in result.rests_on}


# ---- findings and dispositions -----------------------------------------------------------------------------------


@more_often
@given(
    project=projects, as_of=some_days, picked=some.sets(some.integers(0, 12)), set_aside=some.sets(some.integers(0, 12))
)
def test_only_confirmed_findings_decide(project: Project, as_of: date, picked: set[int], set_aside: set[int]) -> None:
    found = screen(project, rules(), as_of=as_of)
    confirmed = [f for i, f in enumerate(found.findings) if i in picked]
    dismissed = [f for i, f in enumerate(found.findings) if i in set_aside - picked]
    open_ones = [f for f in found.findings if f not in confirmed and f not in dismissed]
    result = screen(project, rules(), as_of=as_of, confirmed=confirmed, dismissed=dismissed)

    assert [f for f in result.findings if f not in confirmed] == open_ones
    assert set(map(str, dismissed)).isdisjoint(map(str, result.findings))
    assert all(f.text not in "\n".join(result.reasons) for f in dismissed)
    assert (result.efficiency_class, result.units, result.energy) == (found.efficiency_class, found.units, found.energy)
    bare = screen(project, rules(), as_of=as_of, dismissed=found.findings)
    assert bare.findings == ()
    assert bare.disposition is found.disposition
    assert bare.disposition_if_confirmed is None
    if confirmed:
        assert result.disposition is Disposition.HALT
        assert result.disposition_if_confirmed is None
    else:
        assert result.disposition is found.disposition
        expected = Disposition.HALT if open_ones else found.disposition
        assert result.disposition_if_confirmed == (None if expected is found.disposition else expected)


@more_often
@given(project=projects, as_of=some_days, overdue=some.booleans())
def test_the_proposal_is_that_of_the_decision_table(project: Project, as_of: date, overdue: bool) -> None:
    result = screen(project, rules(), as_of=as_of, overdue=overdue)
    new, existing = project.stage is not Stage.EXISTING, project.stage is Stage.EXISTING
    match result.efficiency_class:
        case "NOT_COVERED" | "UNDETERMINED":
            expected = "MANUAL"
        case "AT_BENCHMARK":
            expected = "PROCEED" if new else "KEEP"
        case "BETWEEN" if existing:
            expected = "UPGRADE"
        case "BELOW_BASELINE" if existing:
            expected = "ELIMINATE" if overdue else "RETROFIT"
        case _:
            expected = "HALT" if project.stage is Stage.PROPOSED else "RECTIFY"

    assert result.disposition == expected
    for measure in (*result.measures, *result.measures_if_confirmed):
        assert measure.basis
        assert all(0 <= i < len(result.units) for i in measure.units)
        assert measure.ref in {b.ref for b in measure.rests_on}
        if measure.ground.startswith(("class_", "gb_", "key_")):
            assert measure.units


@often
@given(project=projects, as_of=some_days)
def test_excess_emission_is_never_detected(project: Project, as_of: date) -> None:
    found = screen(project, rules(), as_of=as_of).findings

    assert FindingId.EXCESS_EMISSION not in {f.id for f in found}
    assert all(f.source == "detected" for f in found)


@often
@given(project=projects, as_of=some_days)
def test_a_finding_follows_from_columns_that_are_there(project: Project, as_of: date) -> None:
    needs = {
        FindingId.POLICY_NONCOMPLIANCE: {"nature", "equipment_class"},
        FindingId.UNLAWFUL_APPROVAL: {"review_date"},
        FindingId.BUILT_BEFORE_APPROVAL: {"review_date", "review_number", "eia_date", "eia_number"},
        FindingId.DEVIATES_FROM_APPROVAL: {"approved_capacity", "approved_process", "approved_site"},
        FindingId.EXCEEDS_APPROVED_ENERGY: {"approved_equivalent"},
    }
    for finding in screen(project, rules(), as_of=as_of).findings:
        assert needs[finding.id] & project.known
        assert finding.facts


parts = some.sampled_from(["2023", "2024", "2024-02", "2024-03", "2024-03-01", "2024-03-15", "2024-03-31", "2025-01"])


@more_often
@given(start=parts, opinion=parts, at=some.integers(0, 400), then=some.integers(0, 400))
def test_a_date_known_in_part_finds_only_what_every_day_gives(start: str, opinion: str, at: int, then: int) -> None:
    """Whole days drawn from the intervals never contradict what was found, or not found, of the intervals."""
    facts = {
        "product": "硅铁",
        "industry": "steel",
        "actual_sec": "1700",
        "sec_unit": "kgce/t",
        "design_equivalent": "61000",
    }

    def found(one: str, other: str) -> tuple[bool, bool]:
        result = screen(project_of(facts | {"start_date": one, "review_date": other}), rules(), as_of=TODAY)
        hints = {h.id for h in result.hints}
        return bool(result.findings), "opinion_date_order_unclear" in hints

    def day(text: str, offset: int) -> str:
        partial = PartialDate.read(text)
        return min(partial.first + timedelta(days=offset), partial.last).isoformat()

    finding, hint = found(start, opinion)
    on_days, unclear = found(day(start, at), day(opinion, then))

    assert not unclear
    assert not (finding and hint)
    if finding:
        assert on_days
    if on_days:
        assert finding or hint
