"""Ticked rows over all pages: what is carried, what became of them meanwhile, what a bulk move does and skips."""

from __future__ import annotations

from uuid import uuid4

import pytest

from screening.domain.errors import Forbidden, Refusal
from screening.domain.review import CaseState
from screening.services import CONSOLE, lists, registration, registry, selection
from screening.services.registry import Filter
from screening.services.selection import Selection
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE
from tests.services.sheets import row
from tests.services.test_decisions import UNLAWFUL


@pytest.fixture
def filled(desks):
    rows = [row(n) for n in range(1, 5)]
    desks.take_in([*rows, row(5, 盟市="呼和浩特市", 旗县="新城区", 园区="")], by=CONSOLE)
    return desks


def ids(desks, *numbers: int) -> tuple:
    return tuple(desks.find(f"第{n}电石") for n in numbers)


def look(desks, chosen, by=None, **query):
    return selection.look(desks.ledger, chosen, Filter.read(query), by=by or desks.reviewer, today=TODAY)


def test_a_form_says_what_is_ticked() -> None:
    one, two, three, four = (uuid4() for _ in range(4))
    assert Selection.read([one.hex, str(two), one.hex]).picked == (one, two)

    chosen = Selection.read([one.hex], all_of="70", skips=[three.hex, one.hex], rows=[one.hex, two.hex])
    assert (chosen.left_out, chosen.count) == ((three, two), 68)
    assert chosen.holds(one)
    assert chosen.holds(four)
    assert not chosen.holds(two)
    query = chosen.query()
    assert Selection.read([], all_of=query["all"][0], skips=query["skip"]) == chosen
    assert not Selection.read([])
    for wrong in ({"picks": ["x"]}, {"picks": [], "all_of": "1e3"}, {"picks": [], "all_of": "1", "skips": ["'"]}):
        with pytest.raises(Refusal):
            Selection.read(**wrong)
    with pytest.raises(Refusal, match="最多2000条"):
        Selection.read([uuid4().hex for _ in range(2001)])


def test_ticked_rows_are_a_filter_for_every_file(filled) -> None:
    picked = ids(filled, 1, 3)
    chosen = Selection(picked=picked).over(Filter.read({"q": "没有这样的", "sort": "-name"}))
    listing = lists.ledger_list(filled.ledger, chosen, by=filled.reviewer, today=TODAY, columns=("name",))
    assert [r[0] for _, r in listing.rows()] == ["青山第3电石项目", "青山第1电石项目"]
    assert "勾选的项目" in listing.conditions
    assert [p.name for p in registry.projects(filled.ledger, chosen, by=filled.reviewer, today=TODAY)] == [
        "青山第3电石项目", "青山第1电石项目",
    ]  # fmt: skip

    rest = Selection(all_of=4, left_out=picked).over(Filter.read({"league": "150200"}))
    listing = lists.ledger_list(filled.ledger, rest, by=filled.reviewer, today=TODAY, columns=("name",))
    assert [r[0] for _, r in listing.rows()] == ["青山第2电石项目", "青山第4电石项目"]


def test_nothing_outside_the_scope_is_reached_by_its_id(filled) -> None:
    foreign = filled.find("第5电石")
    looked = look(filled, Selection(picked=(*ids(filled, 1), foreign, uuid4())))
    assert (looked.ticked, looked.there) == (3, 1)
    assert [(s.name, s.project) for s in looked.skipped] == [(None, None), (None, None)]
    assert looked.skipped[0] == looked.skipped[1]  # foreign is like missing
    assert [r.name for r in looked.page.rows] == ["青山第1电石项目"]
    assert look(filled, Selection(all_of=5), by=filled.reviewer).there == 4


def test_what_changed_since_is_said(filled) -> None:
    chosen, everything = Selection(picked=ids(filled, 1, 2)), Selection(all_of=4, left_out=ids(filled, 4))
    assert look(filled, everything).since is None
    registration.strike_off(filled.ledger, ids(filled, 2)[0], reason="重复登记", seen=1, by=filled.registrar, at=NOW)

    looked = look(filled, chosen)
    assert (looked.ticked, looked.there) == (2, 1)
    assert [(s.name, s.why) for s in looked.skipped] == [("青山第2电石项目", "已作废")]
    assert "共3条，现在符合条件的有2条" in (look(filled, everything).since or "")
    assert look(filled, chosen, state="void").there == 1  # ticked in the list of voided ones


def bulk(desks, items, by=None, key="k", **more):
    given = {"reason": "经核对数据，同意系统建议。", "due": DUE, **more}
    return selection.recommend(desks.ledger, items, key=key, by=by or desks.reviewer, at=NOW, today=TODAY, **given)


def test_a_bulk_recommendation_does_what_it_can_and_names_the_rest(filled) -> None:
    filled.take_in([row(6, **UNLAWFUL), row(7, 主要产品="不在表内的产品")], by=CONSOLE)
    one, two, three, unlawful, manual = ids(filled, 1, 2, 3, 6, 7)
    foreign = filled.find("第5电石")
    filled.recommend(three)
    ready = selection.ready(
        filled.ledger, Selection(picked=(one, two, three, unlawful, manual)), Filter(), by=filled.reviewer, today=TODAY
    )
    assert {r.line.name[3]: bool(r.obstacle) for r in ready} == {
        "1": False,
        "2": False,
        "3": True,
        "6": True,
        "7": True,
    }

    for project in (one, two, unlawful, manual):
        filled.accept(project)
    items = [(one, 2), (two, 99), (three, filled.version(three)), (unlawful, 2), (manual, 2), (foreign, 1)]
    done = bulk(filled, items)
    assert done.ticked == 6
    assert [(p, name) for p, name, _ in done.done] == [(one, "青山第1电石项目")]
    whys = {s.name: s.why for s in done.skipped}
    assert "已由" in whys["青山第2电石项目"]  # somebody changed it meanwhile
    assert "待签发" in whys["青山第3电石项目"]
    assert "尚未认定" in whys["青山第6电石项目"]
    assert whys["青山第7电石项目"]
    assert whys[None] == selection.OUTSIDE
    assert filled.view(one).line.case_state is CaseState.RECOMMENDED
    assert filled.view(two).line.case_state is CaseState.ACCEPTED

    again = bulk(filled, items)  # sent twice
    assert again.done == done.done
    assert len(filled.view(one).history) == 3


def test_a_bulk_recommendation_needs_the_role_a_reason_and_a_measure_of_size(filled, monkeypatch) -> None:
    for project in ids(filled, 1, 2):
        filled.accept(project)
    items = [(key, 2) for key in ids(filled, 1, 2)]
    with pytest.raises(Forbidden):
        bulk(filled, items, by=filled.registrar)
    with pytest.raises(Refusal, match="理由"):
        bulk(filled, items, reason=" ")
    done = bulk(filled, items, due=None)
    assert done.done == ()  # the national date has passed: a person sets the term
    assert ["到期日" in s.why for s in done.skipped] == [True, True]
    monkeypatch.setattr(selection, "AT_ONCE", 1)
    with pytest.raises(Refusal, match="一次最多办理1个"):
        bulk(filled, items)
    chosen = Selection(picked=tuple(key for key, _ in items))
    with pytest.raises(Refusal, match="现勾选2个"):
        selection.ready(filled.ledger, chosen, Filter(), by=filled.reviewer, today=TODAY)
