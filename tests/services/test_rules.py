"""Rules and their evidence: a page confirmed by one, countersigned by another, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from screening.domain.classification import Disposition
from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.people import Permission, Role
from screening.domain.rules import Evidence
from screening.services import Ledger, registry, rules
from screening.services.rules import content_hash
from tests.conftest import NOW, TODAY
from tests.services.sheets import row

REF = "levels/2023/calcium_carbide"


def confirm(desks, refs=(REF,), key="k", by=None, **more):
    given = {"document": "发改产业〔2023〕723号", "page": "附件第3页", "day": date(2023, 6, 6), **more}
    return rules.confirm_page(desks.ledger, refs, key=key, by=by or desks.rules_officer, at=NOW, **given)


def test_two_people_make_a_rule_official(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    before = rules.line(desks.ledger, REF)
    assert before.evidence is before.shipped is not Evidence.OFFICIAL
    assert before.projects == 1
    page = confirm(desks)
    assert rules.line(desks.ledger, REF).waiting == page.id
    assert rules.line(desks.ledger, REF).evidence is not Evidence.OFFICIAL

    done = rules.countersign(desks.ledger, page.id, by=desks.second_officer, at=NOW)
    assert (done.state, done.countersigned_by) == ("done", "规则员rules_officer2")
    after = rules.line(desks.ledger, REF)
    assert (after.evidence, after.shipped, after.waiting) == (Evidence.OFFICIAL, before.shipped, None)
    assert "附件第3页" in after.confirmed
    view = desks.view(project)
    assert view.screening.units[0].evidence is Evidence.OFFICIAL
    assert view.document["units"][0]["evidence"] == "official"
    assert view.line.version == 1, "nobody's form is overtaken by better evidence"
    assert rules.in_force(desks.ledger).version == desks.ledger.rules.version


def test_a_page_is_ticked_once_for_many_rules(desks) -> None:
    refs = [r for r in desks.ledger.rules.rules_by_ref if r.startswith("levels/2023/")][:20]
    page = confirm(desks, [*refs, refs[0]])
    assert list(page.refs) == sorted(refs)
    assert all(page.titles)
    rules.countersign(desks.ledger, page.id, by=desks.signatory, at=NOW)
    group = rules.evidence(desks.ledger, group="levels/2023")

    assert sum(r.confirmed is not None for r in group.rows) == 20
    assert next(g for g in group.groups if g.id == "levels/2023").official >= 20
    assert not [r for r in rules.evidence(desks.ledger, group="levels/2023", only_open=True).rows if r.confirmed]


def test_the_same_form_twice_is_one_confirmation(desks) -> None:
    assert confirm(desks) == confirm(desks)
    assert len(rules.confirmations(desks.ledger)) == 1


def test_a_refused_page_changes_nothing(desks) -> None:
    page = confirm(desks)
    with pytest.raises(Refusal, match="理由"):
        rules.refuse(desks.ledger, page.id, reason=" ", by=desks.second_officer, at=NOW)
    done = rules.refuse(desks.ledger, page.id, reason="页码不对。", by=desks.second_officer, at=NOW)

    assert (done.state, done.refused_reason) == ("refused", "页码不对。")
    assert rules.line(desks.ledger, REF).evidence is not Evidence.OFFICIAL
    with pytest.raises(Refusal, match="不需要再办理"):
        rules.countersign(desks.ledger, page.id, by=desks.signatory, at=NOW)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_confirm_and_who_may_countersign(sqlite_desks, role: Role) -> None:
    by = sqlite_desks.hire(role, "somebody")
    if not by.may(Permission.CONFIRM_RULES):
        with pytest.raises(Forbidden):
            confirm(sqlite_desks, by=by)
    page = confirm(sqlite_desks)
    if by.may(Permission.COUNTERSIGN_RULES):
        assert rules.countersign(sqlite_desks.ledger, page.id, by=by, at=NOW).state == "done"
    else:
        with pytest.raises(Forbidden):
            rules.countersign(sqlite_desks.ledger, page.id, by=by, at=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"document": " "}, "document"), ({"page": ""}, "page"), ({"refs": ()}, "refs"), ({"refs": ("nothing",)}, "refs")],
)
def test_a_confirmation_says_what_it_rests_on(sqlite_desks, given: dict, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        confirm(sqlite_desks, **given)
    assert refused.value.field == field


def test_a_confirmation_holds_only_for_what_the_rule_said_then(desks) -> None:
    page = confirm(desks)
    rules.countersign(desks.ledger, page.id, by=desks.second_officer, at=NOW)
    book = desks.ledger.rules

    def reprinted(**changes):
        editions = tuple(
            replace(e, standards=tuple(replace(s, **changes) if s.ref == REF else s for s in e.standards))
            for e in book.editions
        )
        return Ledger(desks.ledger.engine, replace(book, editions=editions))

    same = reprinted(note="另注", product_synonyms=("别名",))
    assert rules.line(same, REF).evidence is Evidence.OFFICIAL
    other = reprinted(baseline=book.rules_by_ref[REF].baseline + 1)
    assert rules.line(other, REF).evidence is not Evidence.OFFICIAL
    assert content_hash(other.rules.rules_by_ref[REF]) != content_hash(book.rules_by_ref[REF])


def test_every_rule_can_be_shown_and_found(sqlite_desks) -> None:
    ledger = sqlite_desks.ledger
    page = rules.evidence(ledger)
    assert page.group.startswith("levels/2023")
    assert sum(g.total for g in page.groups) == len(ledger.rules.rules_by_ref)
    shown = {r.ref for g in page.groups for r in rules.evidence(ledger, group=g.id).rows}
    assert shown == set(ledger.rules.rules_by_ref)
    for ref in shown:
        line = rules.line(ledger, ref)
        assert line.title, ref
        assert line.source, ref
    assert REF in {r.ref for r in rules.evidence(ledger, q="电石 标杆").rows}
    with pytest.raises(NotFound):
        rules.evidence(ledger, group="没有")
    with pytest.raises(NotFound):
        rules.line(ledger, "没有")


def test_the_projects_of_a_rule_are_a_list(desks) -> None:
    desks.take_in([row(1), row(2, 主要产品="水泥熟料", 所属行业="建材")])
    count = rules.line(desks.ledger, REF).projects

    page = registry.list_projects(
        desks.ledger, registry.Filter.read({"rule": REF}), by=desks.rules_officer, today=TODAY
    )
    assert page.total == count == 1


def test_confirming_a_clause_counts_for_measures_too(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)

    assert desks.missing(project, Disposition.RETROFIT) == []
