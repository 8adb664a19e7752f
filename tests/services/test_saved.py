"""Saved views: kept, shared within one office, never more than a query; columns with the person."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.services import CONSOLE, history, registry, saved
from screening.services.registry import Filter
from screening.store.tables import SavedViewRow
from tests.conftest import NOW, TODAY
from tests.services.sheets import row

QUERY = {"class": "BELOW_BASELINE", "league": "150200", "sort": "-tce"}


def keep(desks, by=None, name="包头低于基准", shared=False, query=None, **more) -> saved.View:
    given = {"columns": ("code", "tce"), "key": desks.key(), **more}
    return saved.save(
        desks.ledger, name=name, filters=Filter.read(QUERY if query is None else query), shared=shared,
        by=by or desks.reviewer, at=NOW, **given,
    )  # fmt: skip


def seen_by(desks, by) -> list[str]:
    return [view.name for view in saved.desk(desks.ledger, by=by).views]


def kinds(desks, view) -> list[str]:
    trail = history.trail(desks.ledger, by=replace(desks.auditor, scope="150000"), q=f"view:{view.id}")
    return [event.kind.value for event in trail.rows]


def test_a_view_is_query_order_and_columns(desks) -> None:
    view = keep(desks, query={**QUERY, "page": "3"})

    found = saved.show(desks.ledger, view.id, by=desks.reviewer)
    assert found.address == {**QUERY, "columns": "name.code.tce"}
    assert found.words == ("盟市：包头市", "能效分类：低于基准")
    assert found.gone == ()
    assert seen_by(desks, desks.registrar) == []
    with pytest.raises(NotFound):
        saved.show(desks.ledger, view.id, by=desks.registrar)
    assert kinds(desks, view) == ["view_saved"]


def test_sending_the_form_twice_saves_once(desks) -> None:
    first = keep(desks, key="once")
    assert keep(desks, key="once").id == first.id
    assert len(seen_by(desks, desks.reviewer)) == 1
    assert kinds(desks, first) == ["view_saved"]
    with pytest.raises(Conflict, match="他人"):
        keep(desks, by=desks.registrar, key="once")


def test_the_same_name_is_asked_about(desks) -> None:
    view = keep(desks, name="Ａ 级")
    with pytest.raises(Conflict, match="替换同名视图") as refused:
        keep(desks, name="A级", query={})
    assert refused.value.field == "name"
    assert saved.named(desks.ledger, "a 级", by=desks.reviewer) == replace(view, default=False)
    with pytest.raises(Conflict, match="另一个窗口"):
        keep(desks, name="A级", query={}, replace=view.version + 1)
    changed = keep(desks, name="A级", query={}, replace=view.version)
    assert (changed.id, changed.version, changed.query) == (view.id, 2, {})
    assert kinds(desks, view) == ["view_changed", "view_saved"]
    keep(desks, by=desks.registrar, name="A级")  # another person's name is free


@pytest.mark.parametrize(
    ("name", "said"),
    [("  ", "请填写"), ("长" * 41, "不超过40字"), ("a\u200bb", "不可见")],
    ids=["blank", "long", "unseen"],
)
def test_a_name_that_cannot_be(desks, name, said) -> None:
    with pytest.raises(Refusal, match=said):
        keep(desks, name=name)


def test_a_shared_view_is_seen_in_the_office_and_changed_by_its_owner(desks) -> None:
    above = desks.hire(Role.REVIEWER, "above", "150000")
    below = desks.hire(Role.REVIEWER, "below", "150204")
    beside = desks.hire(Role.REVIEWER, "beside", "150300")
    view = keep(desks, shared=True)

    assert seen_by(desks, desks.registrar) == ["包头低于基准"]
    theirs = saved.show(desks.ledger, view.id, by=desks.registrar)
    assert (theirs.mine, theirs.owner) == (False, desks.reviewer.name)
    for person in (above, below, beside):
        assert seen_by(desks, person) == []
        with pytest.raises(NotFound):
            saved.show(desks.ledger, view.id, by=person)
        with pytest.raises(NotFound):
            saved.open_with(desks.ledger, view.id, by=person, at=NOW)
    for act in (
        lambda by: saved.change(desks.ledger, view.id, name="x", shared=False, seen=1, by=by, at=NOW),
        lambda by: saved.remove(desks.ledger, view.id, seen=1, by=by, at=NOW),
    ):
        for person in (desks.registrar, above):
            with pytest.raises(NotFound):
                act(person)
    with pytest.raises(Forbidden):
        saved.desk(desks.ledger, by=desks.administrator)
    with pytest.raises(Forbidden):
        keep(desks, by=desks.administrator)


def test_a_view_shows_nothing_outside_the_scope_of_who_opens_it(desks) -> None:
    desks.take_in([row(1), row(2, 盟市="呼和浩特市", 旗县="新城区", 园区="")], by=CONSOLE)
    view = keep(desks, shared=True, query={"league": "150100"})

    asked = Filter.read(saved.show(desks.ledger, view.id, by=desks.registrar).query)
    assert registry.list_projects(desks.ledger, asked, by=desks.registrar, today=TODAY).total == 0
    assert registry.list_projects(desks.ledger, asked, by=CONSOLE, today=TODAY).total == 1


def test_rename_share_take_back_remove(desks) -> None:
    view = keep(desks)
    keep(desks, name="另一个")
    version = saved.change(desks.ledger, view.id, name="新名", shared=True, seen=1, by=desks.reviewer, at=NOW)
    assert version == 2
    with pytest.raises(Conflict, match="另一个窗口"):
        saved.change(desks.ledger, view.id, name="x", shared=True, seen=1, by=desks.reviewer, at=NOW)
    with pytest.raises(Conflict, match="已有视图“另一个”"):
        saved.change(desks.ledger, view.id, name="另一个", shared=True, seen=2, by=desks.reviewer, at=NOW)
    saved.change(desks.ledger, view.id, name="新名", shared=True, seen=2, by=desks.reviewer, at=NOW)  # nothing to write

    saved.open_with(desks.ledger, view.id, by=desks.registrar, at=NOW)
    saved.open_with(desks.ledger, view.id, by=desks.reviewer, at=NOW)
    saved.change(desks.ledger, view.id, name="新名", shared=False, seen=2, by=desks.reviewer, at=NOW)
    assert saved.desk(desks.ledger, by=desks.registrar).default is None
    assert saved.desk(desks.ledger, by=desks.reviewer).default.name == "新名"

    with pytest.raises(Conflict):
        saved.remove(desks.ledger, view.id, seen=2, by=desks.reviewer, at=NOW)
    assert saved.remove(desks.ledger, view.id, seen=3, by=desks.reviewer, at=NOW) == "新名"
    assert saved.desk(desks.ledger, by=desks.reviewer).default is None
    assert kinds(desks, view) == ["view_removed", "view_changed", "view_changed", "view_saved"]


def test_what_no_longer_exists_is_said_and_left_out(desks) -> None:
    view = keep(desks)
    with desks.ledger.writer() as session:
        session.execute(
            sa.update(SavedViewRow).values(
                query="class=WORSE&league=159900&rule=nothing%3A1&sort=-tce&colour=red", column_keys="name.tce.weight"
            )
        )

    found = saved.show(desks.ledger, view.id, by=desks.reviewer)
    assert found.query == {"sort": "-tce"}
    assert found.columns == ("name", "tce")
    assert found.gone == ("能效分类“WORSE”", "盟市“159900”", "依据规则“nothing:1”", "colour“red”", "列“weight”")


def test_columns_are_kept_with_the_person(desks) -> None:
    assert saved.desk(desks.ledger, by=desks.reviewer).columns is None
    saved.choose_columns(desks.ledger, ["due", "code", "due", "nonsense"], by=desks.reviewer, at=NOW)
    assert saved.desk(desks.ledger, by=desks.reviewer).columns == ("name", "due", "code")
    assert saved.desk(desks.ledger, by=desks.registrar).columns is None
    saved.choose_columns(desks.ledger, None, by=desks.reviewer, at=NOW)
    assert saved.desk(desks.ledger, by=desks.reviewer).columns is None


def test_nobody_keeps_views_without_end(desks, monkeypatch) -> None:
    monkeypatch.setattr(saved, "MOST", 2)
    keep(desks, name="一")
    keep(desks, name="二")
    with pytest.raises(Refusal, match="已保存2个视图"):
        keep(desks, name="三")
