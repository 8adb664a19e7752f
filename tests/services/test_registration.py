"""Registering by form: read as the workbook reads, kept as drafts, submitted once, two changes merged, voided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from screening import workbook
from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Happening
from screening.domain.people import Role
from screening.domain.registry import FIELD, FIELDS, to_facts
from screening.domain.review import CaseState
from screening.services import entries, history, registration, registry
from screening.services.entries import Typed
from tests.conftest import NOW, TODAY
from tests.services.sheets import row, sheet

FIELDS_TYPED = {
    "code": "2026-150204-26-03-000009",
    "name": "青山第9电石项目",
    "enterprise": "包头市青山化工有限公司",
    "league": "包头市",
    "banner": "青山区",
    "industry": "化工",
    "stage": "存量",
}
UNIT = {"product": "电石", "actual_sec": "951.2", "sec_unit": "kgce/t", "year": "2025"}
COAL = {"basis": "实际", "carrier": "原煤", "amount": "1.2", "measure": "万吨", "heating_value": "20000"}


def typed(units=(UNIT,), uses=(), **fields) -> Typed:
    return Typed({**FIELDS_TYPED, **fields}, tuple(units), tuple(uses))


def register(desks, filled: Typed | None = None, by=None):
    by = by or desks.registrar
    left = replace(registration.blank(by=by, ledger=desks.ledger), typed=filled or typed())
    kept = registration.save_draft(desks.ledger, left, by=by, at=NOW)
    return registration.submit(desks.ledger, kept.id, by=by, at=NOW)


def change(desks, project, by=None, **fields) -> registration.Draft:
    """A draft that changes a project, opened now and saved."""
    by = by or desks.registrar
    left = registration.opened(desks.ledger, project, by=by)
    left = replace(left, typed=replace(left.typed, fields={**left.typed.fields, **fields}))
    return registration.save_draft(desks.ledger, left, by=by, at=NOW)


# -- one reading ------------------------------------------------------------------------------------------------------

SPELLINGS = {
    "actual_sec": (
        "951.2",
        "９５１．２",
        " 1,234.50 ",
        "-12.3",
        "约951",
        "9.5e2",
        "900~950",
        "951kgce",
        "无",
        "未提供",
    ),
    "design_capacity": ("10", "-1", "1,23", "123456789012345678", "0.1", "１０"),
    "year": ("2025年", "25", "2025", "二〇二五"),
    "start_date": ("2024-03-01", "2024年3月", "2024/13/1", "20240301", "去年", "2024.3.1", "未提供", ""),
    "credit_code": ("91150204MA0N0000X1", "9115 0204", "无"),
    "national_plan": ("是", "否", "好像是", ""),
    "banner": ("青山区", "150204", "海勃湾区", "包头市青山区", "没有的旗"),
}


def test_boxes_are_read_like_cells(rules, tmp_path) -> None:
    """Every spelling as a project of a sheet and as a form: the same facts, the same sentences."""
    blank = {FIELD[key].header: "" for key in SPELLINGS if key != "banner"}
    cases = [(key, text) for key, texts in SPELLINGS.items() for text in texts]
    rows = [row(i, **{**blank, "产能单位": "", FIELD[key].header: text}) for i, (key, text) in enumerate(cases)]
    reading = workbook.read(sheet(tmp_path, rows), rules)
    taken = {p.name: to_facts(p) for p in reading.projects}
    refused = {r.project: r.message for r in reading.rejected}

    for i, (key, text) in enumerate(cases):
        per_unit = FIELD[key].per_unit
        form = typed(units=[{"product": "电石", key: text}]) if per_unit else typed(**{key: text})
        found = entries.read(form, rules)
        name = f"青山第{i}电石项目"
        box = f"units-0-{key}" if per_unit else key
        if name in refused:
            assert found.problems == {box: refused[name]}, (key, text)
        else:
            theirs, ours = (facts["units"][0] if per_unit else facts for facts in (taken[name], found.facts))
            assert found.problems == {}, (key, text)
            assert ours[key] == theirs[key], (key, text)
            assert (key in found.facts["known"]) == (key in taken[name]["known"]), (key, text)
    said = {message for message in [w.message for w in reading.warnings] if "项目代码" not in message}
    doubts = {
        message
        for key, text in cases
        for message in entries.read(
            typed(units=[{"product": "电石", key: text}]) if FIELD[key].per_unit else typed(**{key: text}), rules
        ).doubts.values()
    }
    assert doubts == said
    assert len(refused) > 12


def test_what_is_shown_of_a_project_reads_back_the_same(rules) -> None:
    sample = next(iter(sorted((Path(__file__).parents[2] / "ledgers").glob("*sample*.xlsx"))))
    projects = workbook.read(sample, rules).projects

    different = [
        p.name for p in projects if to_facts(entries.read(entries.typed_of(p), rules, kept=p).project) != to_facts(p)
    ]

    assert len(projects) > 200
    assert different == []


def test_every_field_of_the_ledger_has_a_box(rules) -> None:
    boxes = {*typed().fields, *UNIT}
    assert {f.key for f in FIELDS} >= boxes
    project = entries.read(typed(), rules).project
    shown = entries.typed_of(project)
    assert {*shown.fields, *shown.units[0]} == {f.key for f in FIELDS}


def test_energy_is_brought_to_the_ledgers_units(rules) -> None:
    found = entries.read(
        typed(uses=[{**COAL, "amount": "1,200", "measure": "公斤"}, {"basis": "设计", "sold": "消费"}]), rules
    )

    assert found.problems == {}
    assert [(u["amount"], u["measure"], u["heating_value"]) for u in found.facts["uses"]] == [("1.2", "t", "20000")]


# -- checking ---------------------------------------------------------------------------------------------------------


def test_an_empty_form_says_what_it_needs(sqlite_desks) -> None:
    left = registration.blank(by=sqlite_desks.registrar, ledger=sqlite_desks.ledger)

    found = registration.check(sqlite_desks.ledger, left.typed, by=sqlite_desks.registrar, today=TODAY)

    assert left.typed.fields == {"league": "包头市"}
    assert set(found.problems) == {"name", "enterprise", "banner", "industry", "stage", "units-0-product"}
    assert (found.energy, found.units, found.screening) == (None, (), None)


def test_a_half_filled_form_shows_what_can_be_said_already(sqlite_desks) -> None:
    half = Typed({"stage": "存量"}, (UNIT,), ({**COAL, "basis": "设计"}, {**COAL, "amount": "约3"}))

    found = registration.check(sqlite_desks.ledger, half, by=sqlite_desks.registrar, today=TODAY)

    assert [(place, u.efficiency_class) for place, u in found.units] == [(0, EfficiencyClass.BELOW_BASELINE)]
    assert found.units[0][1].reasons
    assert found.energy is not None
    assert str(found.energy.equivalent_tce) == "8189.0022"
    assert found.left_out == 1
    assert found.screening is None


def test_both_bases_are_shown(sqlite_desks) -> None:
    power = {"basis": "设计", "carrier": "电力", "amount": "10000", "measure": "万千瓦时"}

    found = registration.check(sqlite_desks.ledger, typed(uses=[power]), by=sqlite_desks.registrar, today=TODAY)

    assert found.energy is not None
    assert found.energy.calorific_tce is not None
    assert found.energy.equivalent_tce > found.energy.calorific_tce > 0
    assert found.screening is not None


def test_a_figure_that_cannot_be_read_gives_no_class(sqlite_desks) -> None:
    wrong = typed(units=[{**UNIT, "actual_sec": "约951"}, UNIT])

    found = registration.check(sqlite_desks.ledger, wrong, by=sqlite_desks.registrar, today=TODAY)

    assert [place for place, _ in found.units] == [1]


def test_the_form_and_the_ledger_say_the_same(desks) -> None:
    found = registration.check(desks.ledger, typed(uses=[COAL]), by=desks.registrar, today=TODAY)
    view = desks.view(register(desks, typed(uses=[COAL])).project)

    assert found.screening is not None
    assert view.screening.efficiency_class is found.screening.efficiency_class
    assert view.screening.disposition is found.screening.disposition
    assert view.screening.reasons == found.screening.reasons


@pytest.mark.parametrize(("words", "product"), [("电石", "电石"), ("FeSi75", "硅铁"), ("pvc 电石法", "聚氯乙烯")])
def test_products_are_found_by_name_synonym_and_variant(sqlite_desks, words, product) -> None:
    found = registration.products(sqlite_desks.ledger, words, today=TODAY)

    assert found, words
    assert found[0].product == product


def test_a_name_that_no_rule_has_brings_offers(sqlite_desks) -> None:
    found = registration.check(
        sqlite_desks.ledger, typed(units=[{**UNIT, "product": "聚氯乙烯"}]), by=sqlite_desks.registrar, today=TODAY
    )

    assert {c.product for c in found.offers[0]} == {"聚氯乙烯"}
    assert all(c.variant for c in found.offers[0])


# -- submitting -------------------------------------------------------------------------------------------------------


def test_a_project_is_registered_once_with_its_event(desks) -> None:
    left = replace(registration.blank(by=desks.registrar, ledger=desks.ledger), typed=typed())
    kept = registration.save_draft(desks.ledger, left, by=desks.registrar, at=NOW)
    assert registration.save_draft(desks.ledger, left, by=desks.registrar, at=NOW) == kept
    assert [d.id for d in registration.drafts(desks.ledger, by=desks.registrar)] == [kept.id]

    first = registration.submit(desks.ledger, kept.id, by=desks.registrar, at=NOW)
    again = registration.submit(desks.ledger, kept.id, by=desks.registrar, at=NOW)

    assert first.project == again.project
    assert registration.drafts(desks.ledger, by=desks.registrar) == ()
    view = desks.view(first.project)
    assert view.line.case_state is CaseState.SUBMITTED
    events = registry.history(desks.ledger, first.project, by=desks.registrar)
    assert [e.kind for e in events] == [Happening.PROJECT_REGISTERED]
    assert history.verify(desks.ledger).ok


def test_a_form_and_a_sheet_give_the_same_project(desks) -> None:
    desks.take_in([row(9)])
    sheets = desks.view(desks.find("青山第9")).project
    shown = entries.typed_of(sheets)
    desks.take_in([row(8)])

    filled = replace(shown, fields={**shown.fields, "code": "2026-150204-26-03-000010", "name": "另一项目"})
    forms = desks.view(register(desks, filled).project).project

    assert to_facts(replace(forms, code=sheets.code, name=sheets.name)) == to_facts(sheets)


def test_what_is_there_already_is_not_registered_twice(desks) -> None:
    register(desks)

    with pytest.raises(Refusal, match="已在台账中") as refused:
        register(desks)

    assert refused.value.field == "code"


def test_projects_alike_are_named_before_submission(sqlite_desks) -> None:
    register(sqlite_desks)
    left = replace(
        registration.blank(by=sqlite_desks.registrar, ledger=sqlite_desks.ledger),
        typed=typed(code="2026-150204-26-03-000010", name="青山第9电石"),
    )
    kept = registration.save_draft(sqlite_desks.ledger, left, by=sqlite_desks.registrar, at=NOW)

    found = registration.answers(sqlite_desks.ledger, kept.id, by=sqlite_desks.registrar, today=TODAY)

    assert found.alike == ("青山第9电石项目（包头市青山化工有限公司，2026-150204-26-03-000009）",)


def test_a_draft_with_faults_cannot_be_submitted(sqlite_desks) -> None:
    with pytest.raises(Refusal, match="需要改正"):
        register(sqlite_desks, typed(units=[{**UNIT, "actual_sec": "约951"}]))


def test_a_banner_of_others_is_refused(sqlite_desks) -> None:
    elsewhere = typed(league="乌海市", banner="海勃湾区")
    found = registration.check(sqlite_desks.ledger, elsewhere, by=sqlite_desks.registrar, today=TODAY)

    assert "管辖区域" in found.problems["banner"]
    with pytest.raises(Refusal):
        register(sqlite_desks, elsewhere)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.REGISTRAR])
def test_only_registrars_register(sqlite_desks, role) -> None:
    other = sqlite_desks.hire(role, "somebody")
    with pytest.raises(Forbidden):
        registration.blank(by=other, ledger=sqlite_desks.ledger)
    with pytest.raises(Forbidden):
        registration.check(sqlite_desks.ledger, typed(), by=other, today=TODAY)


def test_a_draft_is_seen_by_its_owner_alone(desks) -> None:
    left = replace(registration.blank(by=desks.registrar, ledger=desks.ledger), typed=typed())
    kept = registration.save_draft(desks.ledger, left, by=desks.registrar, at=NOW)
    colleague = desks.hire(Role.REGISTRAR, "colleague")

    for look in (
        lambda: registration.draft(desks.ledger, kept.id, by=colleague),
        lambda: registration.save_draft(desks.ledger, left, by=colleague, at=NOW),
        lambda: registration.submit(desks.ledger, kept.id, by=colleague, at=NOW),
        lambda: registration.answers(desks.ledger, kept.id, by=colleague, today=TODAY),
        lambda: registration.discard(desks.ledger, kept.id, by=colleague),
    ):
        with pytest.raises(NotFound):
            look()
    assert registration.drafts(desks.ledger, by=colleague) == ()
    registration.discard(desks.ledger, kept.id, by=desks.registrar)
    registration.discard(desks.ledger, kept.id, by=desks.registrar)
    assert registration.drafts(desks.ledger, by=desks.registrar) == ()


def test_two_windows_do_not_overwrite_one_draft(desks) -> None:
    left = replace(registration.blank(by=desks.registrar, ledger=desks.ledger), typed=typed())
    kept = registration.save_draft(desks.ledger, left, by=desks.registrar, at=NOW)
    registration.save_draft(desks.ledger, replace(kept, typed=typed(remark="甲窗口")), by=desks.registrar, at=NOW)

    with pytest.raises(Conflict, match="另一个窗口"):
        registration.save_draft(desks.ledger, replace(kept, typed=typed(remark="乙窗口")), by=desks.registrar, at=NOW)

    assert registration.draft(desks.ledger, kept.id, by=desks.registrar).typed.fields["remark"] == "甲窗口"


# -- changing ---------------------------------------------------------------------------------------------------------


def test_a_change_needs_its_reason_and_is_told(desks) -> None:
    project = register(desks).project
    kept = change(desks, project, remark="更正")
    with pytest.raises(Refusal, match="原因") as refused:
        registration.submit(desks.ledger, kept.id, by=desks.registrar, at=NOW)
    assert refused.value.field == "why"

    done = registration.submit(desks.ledger, kept.id, why="企业说明", by=desks.registrar, at=NOW)

    assert (done.project, done.changed) == (project, True)
    event = registry.history(desks.ledger, project, by=desks.registrar)[0]
    assert (event.kind, event.why, event.before, event.after) == (
        Happening.PROJECT_CHANGED,
        "企业说明",
        {"remark": None},
        {"remark": "更正"},
    )
    assert desks.version(project) == 2


def test_a_change_of_nothing_writes_nothing(desks) -> None:
    project = register(desks).project
    before = history.head(desks.ledger)

    done = registration.submit(desks.ledger, change(desks, project).id, by=desks.registrar, at=NOW)

    assert done.changed is False
    assert history.head(desks.ledger) == before
    assert desks.version(project) == 1


def test_a_change_takes_the_ground_from_a_recommendation(desks) -> None:
    project = register(desks, typed(legal_representative="张三", domicile="工业路1号", park="青山装备园区")).project
    desks.recommend(project)
    kept = change(desks, project, remark="更正")

    registration.submit(desks.ledger, kept.id, why="企业说明", by=desks.registrar, at=NOW)

    view = desks.view(project)
    assert view.line.case_state is CaseState.RETURNED
    assert view.recommendation is not None
    assert view.recommendation.state == "outdated"


def test_two_changes_are_laid_together_and_nothing_is_lost(desks) -> None:
    project = register(desks).project
    theirs, mine = (
        change(desks, project, remark="甲", park="园区甲"),
        change(desks, project, remark="乙", phone="0472-1"),
    )
    registration.submit(desks.ledger, theirs.id, why="甲的原因", by=desks.registrar, at=NOW)
    with pytest.raises(Conflict, match="第2版"):
        registration.submit(desks.ledger, mine.id, why="乙的原因", by=desks.registrar, at=NOW)

    found = registration.overtaken(desks.ledger, mine, by=desks.registrar)

    assert [(d.words, d.theirs, d.mine) for d in found.both] == [("备注", "甲", "乙")]
    assert [(d.words, d.theirs) for d in found.theirs] == [("园区", "园区甲")]
    fields = found.draft.typed.fields
    assert (fields["remark"], fields["park"], fields["phone"], found.draft.seen) == ("乙", "园区甲", "0472-1", 2)
    kept = registration.save_draft(desks.ledger, found.draft, by=desks.registrar, at=NOW)
    registration.submit(desks.ledger, kept.id, why="乙的原因", by=desks.registrar, at=NOW)
    facts = desks.view(project).project
    assert (facts.remark, facts.park, facts.phone) == ("乙", "园区甲", "0472-1")


def test_units_changed_by_both_keep_what_was_typed(rules) -> None:
    first = typed()
    theirs = replace(first, units=({**UNIT, "actual_sec": "940"}, {"product": "硅铁"}))
    mine = replace(first, units=({**UNIT, "actual_sec": "930"},))

    found = entries.merge(first, theirs, mine)

    assert found.typed.units == ({**UNIT, "actual_sec": "930"},)
    assert [d.words for d in found.both] == ["装置"]


def test_a_copy_leaves_code_and_papers_behind(desks) -> None:
    project = register(
        desks, typed(review_number="内发改环资字〔2024〕9号", problems="无组织排放", remark="备")
    ).project

    copy = registration.copied(desks.ledger, project, by=desks.registrar)

    assert copy.project is None
    assert {k: v for k, v in copy.typed.fields.items() if v} == {
        k: v for k, v in {**FIELDS_TYPED, "remark": "备"}.items() if k != "code"
    }
    assert copy.typed.units[0]["actual_sec"] == "951.2"


# -- voiding ----------------------------------------------------------------------------------------------------------


def test_a_void_project_leaves_lists_and_comes_back(desks) -> None:
    project = register(desks).project
    with pytest.raises(Refusal, match="理由"):
        registration.strike_off(desks.ledger, project, reason=" ", seen=1, by=desks.registrar, at=NOW)
    with pytest.raises(Conflict):
        registration.strike_off(desks.ledger, project, reason="重复", seen=9, by=desks.registrar, at=NOW)

    registration.strike_off(desks.ledger, project, reason="重复登记", seen=1, by=desks.registrar, at=NOW)

    def total(**query: str) -> int:
        filters = registry.Filter.read(query)
        return registry.list_projects(desks.ledger, filters, by=desks.registrar, today=TODAY).total

    assert (total(), total(state="void")) == (0, 1)
    assert not list(registry.projects(desks.ledger, registry.Filter(), by=desks.registrar, today=TODAY))
    assert desks.view(project).line.case_state is CaseState.VOID
    with pytest.raises(Refusal, match="已作废"):
        registration.opened(desks.ledger, project, by=desks.registrar)
    with pytest.raises(Refusal, match="后来作废"):
        register(desks)
    with pytest.raises(Refusal, match="已作废"):
        desks.recommend(project)

    registration.reinstate(desks.ledger, project, reason="误作废", seen=2, by=desks.registrar, at=NOW)

    assert (total(), desks.view(project).line.case_state) == (1, CaseState.REGISTERED)
    kinds = [e.kind for e in registry.history(desks.ledger, project, by=desks.registrar)]
    assert kinds[:2] == [Happening.PROJECT_REINSTATED, Happening.PROJECT_VOIDED]


def test_a_void_project_is_not_changed_by_a_file(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("青山第1")
    registration.strike_off(desks.ledger, project, reason="重复登记", seen=1, by=desks.registrar, at=NOW)

    preview = desks.preview([row(1, 备注="又来")])

    assert (len(preview.new), len(preview.changed), preview.rejected) == (0, 0, 1)
    assert "已作废" in preview.rejections[0].message


def test_a_project_with_a_signed_letter_cannot_be_voided(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("青山第1")
    desks.recommend(project)
    desks.make_official(project)
    desks.sign(project)

    with pytest.raises(Refusal, match="签发的文书"):
        registration.strike_off(
            desks.ledger, project, reason="重复", seen=desks.version(project), by=desks.registrar, at=NOW
        )

    assert desks.view(project).line.case_state is CaseState.SIGNED
