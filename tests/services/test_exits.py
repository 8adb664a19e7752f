"""淘汰退出: proposed the day after, tracked until carried out with its evidence; then the case can be closed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from screening.clock import day_of
from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.exits import ExitStep
from screening.domain.letters import LetterInputs
from screening.domain.people import Role
from screening.domain.quantity import plain
from screening.domain.review import CaseState
from screening.services import attachments, casework, deadlines, exits, letters
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks, once
from tests.services.sheets import row
from tests.services.test_dispositions import decide, serve

LATE = NOW + timedelta(days=201)
SCAN = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
@once
def one(desks: Desks) -> UUID:
    """A project whose closure was proposed to the government after its term had passed."""
    desks.take_in([row(1, 主要产品="硅铁", 所属行业="钢铁", 实际单位产品能耗="1950", 统计年度="2025")])
    project = desks.find("第1")
    serve(desks, decide(desks, project, Disposition.RETROFIT, due=TODAY + timedelta(days=200)))
    serve(desks, decide(desks, project, Disposition.ELIMINATE, at=LATE), at=LATE)
    return project


def shown(desks: Desks, project: UUID, days: int = 0) -> exits.ExitView:
    (found,) = exits.show(desks.ledger, project, by=desks.reviewer, today=day_of(LATE) + timedelta(days=days))
    return found


def photo(desks: Desks, project: UUID) -> UUID:
    return attachments.add(
        desks.ledger, project, SCAN, folder=desks.folder, name="拆除.png", about="其他", key=uuid4().hex,
        by=desks.registrar, at=LATE,
    ).id  # fmt: skip


def record(desks: Desks, project: UUID, step: ExitStep, **changed: object) -> UUID:
    given = {
        "happened_on": day_of(LATE), "document": "包府批（2027）3号", "key": uuid4().hex, "by": desks.reviewer, "at": LATE,
        **changed,
    }  # fmt: skip
    return exits.record(desks.ledger, project, shown(desks, project).letter, step, **given)


def running(desks: Desks) -> int:
    return len(deadlines.running(desks.ledger, by=desks.reviewer, today=day_of(LATE)))


def test_an_exit_is_tracked_until_it_is_carried_out(desks: Desks, one: UUID) -> None:
    found = shown(desks, one)
    assert (found.proposed_to, found.state, found.done) == ("包头市人民政府", None, False)
    assert [(e.name, e.product, e.capacity) for e in found.equipment] == [("1号电石炉", "硅铁", 10)]
    assert found.tce is not None
    frozen = LetterInputs.from_json(letters.show(desks.ledger, found.letter, by=desks.office, today=TODAY).inputs)
    assert frozen.energy_tce == plain(found.tce)
    assert [u.capacity for u in frozen.units] == ["10万吨/年"]
    assert ExitStep.ORDERED in found.open_steps
    with pytest.raises(Refusal, match="还没有验收"):
        casework.close(desks.ledger, one, reason="已退出。", seen=desks.version(one), by=desks.reviewer, at=LATE)

    record(desks, one, ExitStep.ORDERED)
    record(desks, one, ExitStep.STOPPED)
    with pytest.raises(Refusal, match="拆除记录或者现场照片"):
        record(desks, one, ExitStep.CARRIED_OUT)
    assert running(desks) == 1
    record(desks, one, ExitStep.CARRIED_OUT, attachments=(photo(desks, one),))

    found = shown(desks, one)
    assert (found.state, found.done, found.open_steps) == (ExitStep.CARRIED_OUT, True, ())
    assert running(desks) == 0
    state = casework.close(desks.ledger, one, reason="已退出。", seen=desks.version(one), by=desks.reviewer, at=LATE)
    assert state is CaseState.CLOSED


def test_a_wrong_entry_is_voided_and_the_clock_runs_on(desks: Desks, one: UUID) -> None:
    entry = record(desks, one, ExitStep.CARRIED_OUT, attachments=(photo(desks, one),))
    assert running(desks) == 0
    exits.void(desks.ledger, one, entry, reason="另一台炉", by=desks.reviewer, at=LATE)
    exits.void(desks.ledger, one, entry, reason="另一台炉", by=desks.reviewer, at=LATE)
    assert running(desks) == 1
    assert not shown(desks, one).done
    assert shown(desks, one).steps[0].void_reason == "另一台炉"
    with pytest.raises(Conflict):
        exits.void(desks.ledger, one, entry, reason="别的", by=desks.reviewer, at=LATE)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"document": " "}, "名称和文号"),
        ({"happened_on": TODAY}, "早于文书送达日"),
        ({"happened_on": date(2030, 1, 1)}, "晚于今天"),
        ({"attachments": (uuid4(),)}, "不属于本项目"),
    ],
)
def test_what_cannot_have_happened_is_refused(desks: Desks, one: UUID, changed, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        record(desks, one, ExitStep.STOPPED, **changed)
    assert shown(desks, one).steps == ()


def test_who_may_enter_and_see_it_and_once(desks: Desks, one: UUID) -> None:
    with pytest.raises(Forbidden):
        record(desks, one, ExitStep.STOPPED, by=desks.registrar)
    stranger = desks.hire(Role.REVIEWER, "stranger", scope="150300")
    with pytest.raises(NotFound):
        record(desks, one, ExitStep.STOPPED, by=stranger)
    assert exits.listing(desks.ledger, by=stranger, today=TODAY) == ()
    first = record(desks, one, ExitStep.STOPPED, key="same")
    assert record(desks, one, ExitStep.STOPPED, key="same") == first
    with pytest.raises(Refusal, match="已登记"):
        record(desks, one, ExitStep.STOPPED)
    (listed,) = exits.listing(desks.ledger, by=desks.reviewer, today=day_of(LATE))
    assert listed.state is ExitStep.STOPPED


def test_the_outer_limit_is_watched(desks: Desks, one: UUID) -> None:
    assert not shown(desks, one).late
    assert shown(desks, one, days=3 * 366).late


def test_the_exit_of_one_unit_stops_no_term_of_another(desks: Desks) -> None:
    both = {**row(1), "主要产品": "硅铁", "所属行业": "钢铁", "统计年度": "2025"}
    desks.take_in([{**both, "装置名称": name, "实际单位产品能耗": "1950"} for name in ("1号炉", "2号炉")])
    project = desks.find("第1")
    serve(desks, decide(desks, project, Disposition.RETROFIT, due=TODAY + timedelta(days=200), despite="已核对。"))
    desks.take_in([
        {**both, "统计年度": "2026", "装置名称": name, "实际单位产品能耗": sec}
        for name, sec in (("1号炉", "1770"), ("2号炉", "1950"))
    ])  # fmt: skip
    serve(desks, decide(desks, project, Disposition.ELIMINATE, at=LATE, despite="已核对。"), at=LATE)
    assert [e.name for e in shown(desks, project).equipment] == ["2号炉"]

    record(desks, project, ExitStep.ORDERED)
    record(desks, project, ExitStep.STOPPED)
    record(desks, project, ExitStep.CARRIED_OUT, attachments=(photo(desks, project),))

    left = deadlines.running(desks.ledger, by=desks.reviewer, today=day_of(LATE))
    assert [clock.unit for clock in left] == ["1号炉"]
