"""领跑者: applied for by the best, recommended, listed or refused; each step with its document, voidable."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.frontrunners import ApplicationState, call_of, conditions
from screening.domain.people import Role
from screening.domain.rules import Rulebook
from screening.services import Ledger, frontrunners
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks, once
from tests.services.sheets import row


@pytest.fixture
def desks(ledger: Ledger, tmp_path: Path) -> Desks:
    """An office of 包头市."""
    return Desks(ledger, tmp_path)


@pytest.fixture
@once
def best(desks: Desks) -> UUID:
    """A project at the benchmark."""
    return best_one(desks)


def best_one(desks: Desks) -> UUID:
    desks.take_in([row(1, 实际单位产品能耗="700")])
    return desks.find("第1")


def apply(desks: Desks, project: UUID, **changed: object) -> UUID:
    given = {
        "year": 2026, "product": "电石", "happened_on": TODAY, "document": "包工信〔2026〕9号", "key": uuid4().hex,
        "by": desks.reviewer, "at": NOW, **changed,
    }  # fmt: skip
    return frontrunners.apply(desks.ledger, project, **given)


def move(desks: Desks, project: UUID, application: UUID, state: ApplicationState, **changed: object) -> UUID:
    given = {
        "happened_on": TODAY, "document": "公示名单", "key": uuid4().hex, "by": desks.reviewer, "at": NOW, **changed
    }  # fmt: skip
    return frontrunners.move(desks.ledger, project, application, state, **given)


def only(desks: Desks) -> frontrunners.ApplicationView:
    ((found,), _) = frontrunners.listing(desks.ledger, by=desks.reviewer)
    return found


def test_an_application_keeps_what_was_known_and_goes_its_way(desks: Desks, best: UUID) -> None:
    key = apply(desks, best, key="a")
    assert apply(desks, best, key="a") == key, "sent twice, made once"
    with pytest.raises(Refusal, match="已登记2026年度"):
        apply(desks, best)
    found = only(desks)
    assert (found.efficiency_class, found.sec, found.tce) == (
        EfficiencyClass.AT_BENCHMARK, Decimal(700), Decimal("61234.5"),
    )  # fmt: skip
    assert dict(found.conditions)["年综合能耗超过10,000吨标准煤"] is True
    with pytest.raises(Refusal, match="不能登记“已列入名单”"):
        move(desks, best, key, ApplicationState.LISTED)
    move(desks, best, key, ApplicationState.RECOMMENDED)
    move(desks, best, key, ApplicationState.LISTED)
    assert only(desks).state is ApplicationState.LISTED

    frontrunners.void(desks.ledger, best, key, reason="录错", by=desks.reviewer, at=NOW)
    assert only(desks).state is ApplicationState.RECOMMENDED
    for _ in range(2):
        frontrunners.void(desks.ledger, best, key, reason="录错", by=desks.reviewer, at=NOW)
    assert frontrunners.listing(desks.ledger, by=desks.reviewer) == ((), {})
    with pytest.raises(Conflict, match="已作废"):
        frontrunners.void(desks.ledger, best, key, reason="录错", by=desks.reviewer, at=NOW)
    assert apply(desks, best) != key, "applied for anew"


def test_the_list_has_years_and_a_paper(desks: Desks, best: UUID) -> None:
    apply(desks, best)
    apply(desks, best, year=2025)
    found, years = frontrunners.listing(desks.ledger, by=desks.reviewer, year=2025)
    assert ([one.year for one in found], years) == ([2025], {2026: 1, 2025: 1})
    paper = frontrunners.paper(desks.ledger, by=desks.reviewer, today=TODAY, year=2025)
    assert paper.count == 1
    assert "2025年度" in paper.conditions
    other = desks.hire(Role.REVIEWER, "chifeng", "150400")
    assert frontrunners.listing(desks.ledger, by=other) == ((), {})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"document": " "}, "请填写申报文件"),
        ({"happened_on": TODAY + timedelta(days=1)}, "晚于今天"),
        ({"year": 2030}, "应在2000至2027之间"),
        ({"product": "水泥"}, "没有这个产品"),
    ],
)
def test_what_cannot_be_is_refused(desks: Desks, best: UUID, changed, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        apply(desks, best, **changed)


def test_only_the_best_apply_and_only_reviewers_enter_it(desks: Desks, best: UUID) -> None:
    desks.take_in([row(2)])
    with pytest.raises(Refusal, match="达到标杆水平的才能申报"):
        apply(desks, desks.find("第2"))
    with pytest.raises(Forbidden):
        apply(desks, best, by=desks.office)
    with pytest.raises(NotFound):
        apply(desks, best, by=desks.hire(Role.REVIEWER, "chifeng", "150400"))


def test_conditions_are_met_not_met_or_to_be_looked_at(rules: Rulebook) -> None:
    best, call = EfficiencyClass.AT_BENCHMARK, call_of(rules, TODAY)
    assert call is not None
    assert (call.level.amount, call.tce.amount) == (1, 10_000)
    assert [met for _, met in conditions(best, 1, Decimal("10000.01"), call)] == [True, True, True]
    assert [met for _, met in conditions(best, 2, Decimal(10_000), call)] == [True, False, False]
    assert [met for _, met in conditions(EfficiencyClass.BETWEEN, None, None, call)] == [False, None, None]
    assert [met for _, met in conditions(best, 1, None, None)] == [True], "no call is known on that day"
