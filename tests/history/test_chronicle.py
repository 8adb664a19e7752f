"""A project's history: each field with who, when, why and from where; two moments compared; what is new to a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screening.domain.errors import NotFound
from screening.domain.people import Role
from screening.services import chronicle, registry, review
from tests.conftest import NOW
from tests.services.desks import Desks, once
from tests.services.sheets import row, sheet

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def desks(ledger, tmp_path, quick_passwords) -> Desks:
    return Desks(ledger, tmp_path)


@pytest.fixture
@once
def project(desks):
    """Registered from one file, changed by another three hours later."""
    desks.take_in([row(1)])
    path = sheet(desks.folder, [row(1, 实际单位产品能耗="805", 园区="新园区")], "更正.csv")
    preview = registry.preview_import(desks.ledger, path, file="更正.csv", by=desks.regional, at=LATER)
    registry.confirm_import(desks.ledger, preview.batch, by=desks.regional, at=LATER)
    return desks.find("第1")


def test_every_change_says_who_when_what_and_from_where(desks, project) -> None:
    shown = chronicle.show(desks.ledger, project, by=desks.reviewer)

    newest = shown.entries[0]
    assert (newest.event.at, newest.event.who, newest.source) == (LATER, "regional", "导入：更正.csv")
    assert {(c.words, c.old, c.new) for c in newest.changes} >= {
        ("园区", "青山装备园区", "新园区"),
        ("1号电石炉·实际单位产品能耗", "951.2", "805"),
    }
    assert shown.entries[-1].source == "导入：台账.csv"
    assert ("项目名称", None, "青山第1电石项目") in {(c.words, c.old, c.new) for c in shown.entries[-1].changes}


def test_one_field_alone(desks, project) -> None:
    key = next(key for key, words in chronicle.show(desks.ledger, project, by=desks.reviewer).fields if words == "园区")
    shown = chronicle.show(desks.ledger, project, by=desks.reviewer, field=key)

    assert [(c.old, c.new) for e in shown.entries for c in e.changes] == [
        ("青山装备园区", "新园区"),
        (None, "青山装备园区"),
    ]


def test_two_moments_are_compared_with_their_results(desks, project) -> None:
    moments = chronicle.show(desks.ledger, project, by=desks.reviewer).moments
    shown = chronicle.show(desks.ledger, project, by=desks.reviewer, between=(moments[0].seq, moments[-1].seq)).compared

    assert shown is not None
    assert shown.earlier.at == NOW
    assert ("园区", "青山装备园区", "新园区") in {(c.words, c.old, c.new) for c in shown.facts}
    classes = next(c for c in shown.results if c.words == "能效分类")
    assert (classes.old, classes.new) == ("低于基准", "达到标杆")
    with pytest.raises(NotFound):
        chronicle.show(desks.ledger, project, by=desks.reviewer, between=(moments[0].seq, 10_000))


def test_the_rebuilt_facts_equal_those_on_file(desks, project) -> None:
    """What the trail keeps is the whole story: nothing on the row is missing from it."""
    with desks.ledger.reader() as session:
        facts = registry.store.get(session, project, by=desks.reviewer).facts
    events = registry.history(desks.ledger, project, by=desks.reviewer)
    *_, (_, _, rebuilt) = chronicle._states(tuple(reversed(events)))  # the rebuilding itself

    assert registry.from_facts(rebuilt) == registry.from_facts(registry.json.loads(facts))


def test_what_others_did_since_is_new(desks, project) -> None:
    def new(by):
        return chronicle.show(desks.ledger, project, by=by).new

    assert new(desks.office) == 0, "never looked: nothing is told from anything"
    seen = chronicle.show(desks.ledger, project, by=desks.office).last_seq
    chronicle.mark_seen(desks.ledger, project, seq=seen, by=desks.office, at=LATER)
    chronicle.mark_seen(desks.ledger, project, seq=10**9, by=desks.reviewer, at=LATER)
    assert new(desks.office) == 0

    other = desks.hire(Role.REVIEWER, "regional2", scope="150000")
    review.accept(desks.ledger, project, seen=desks.version(project), by=other, at=LATER)
    chronicle.mark_seen(desks.ledger, project, seq=10**9, by=desks.office, at=LATER)
    chronicle.mark_seen(desks.ledger, project, seq=10**9, by=desks.reviewer, at=LATER)
    desks.recommend(project, disposition=desks.view(project).screening.disposition, due=None)

    assert (new(desks.office), new(desks.reviewer)) == (1, 0), "one's own acts are no news"
    chronicle.mark_seen(desks.ledger, project, seq=0, by=desks.office, at=LATER)
    assert new(desks.office) == 1, "a bookmark never goes back"


def test_outside_the_scope_there_is_no_history(desks, project) -> None:
    stranger = desks.hire(Role.REVIEWER, "stranger", "150300")

    with pytest.raises(NotFound):
        chronicle.show(desks.ledger, project, by=stranger)
    with pytest.raises(NotFound):
        chronicle.mark_seen(desks.ledger, project, seq=1, by=stranger, at=NOW)
