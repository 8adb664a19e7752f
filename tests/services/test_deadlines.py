"""The morning page's numbers, chasing, reminders, figures and the calendar feed, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from screening.domain.chasing import ChaseKind
from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.domain.savings import Sec, saved_tce
from screening.services import (
    CONSOLE,
    Ledger,
    chasing,
    deadlinefigures,
    deadlines,
    feeds,
    followups,
    letters,
    people,
    printruns,
    timecharts,
)
from screening.services.deadlines import Asked
from tests.conftest import TODAY
from tests.services.desks import DUE, Desks, once
from tests.services.sheets import row
from tests.services.test_acceptance import decide, meter
from tests.services.test_objections import later, object_, serve, stay

LATER = later(200)
NOON = LATER.date()


@pytest.fixture
def desks(ledger: Ledger, tmp_path: Path) -> Desks:
    return Desks(ledger, tmp_path, scope="150000")


@pytest.fixture
@once
def four(desks: Desks) -> list[UUID]:
    """Four served retrofits: overdue with two units, due soon in another league, stayed, accepted on its test run."""
    desks.take_in(
        [
            row(1, 实际产量="8"), row(1, 装置名称="2号电石炉", 实际单位产品能耗="970", 实际产量="9"),
            row(2, 盟市="乌海市", 旗县="海勃湾区", 项目代码="2026-150302-26-03-000002", **{"设计年综合能耗（等价值）": "99999"}),
            row(3), row(4, 实际产量="9"),
        ]
    )  # fmt: skip
    found = [desks.find(f"第{n}") for n in (1, 2, 3, 4)]
    dues = (NOON - timedelta(days=10), NOON + timedelta(days=30), NOON - timedelta(days=5), DUE)
    for n, (project, due) in enumerate(zip(found, dues, strict=True)):
        desks.recommend(project, due=due, despite="疑点已核对。")
        if n == 0:
            desks.make_official(project)
        letter = serve(desks, project)
        if n == 2:
            object_(desks, project, letter, later(10))
            stay(desks, project, later(20))
    meter(desks, found[3])
    decide(desks, found[3], Disposition.ACCEPTED, 100)
    return found


def morning(desks: Desks, by=None, **asked: str) -> deadlines.Morning:
    return deadlines.morning(desks.ledger, Asked.read(asked), by=by or desks.reviewer, today=NOON)


def counts(view: deadlines.Morning) -> dict[str | None, int]:
    return {part.key: part.sum.count for part in view.parts if part.sum.count}


def lines(desks: Desks, project: UUID):
    return chasing.show(desks.ledger, project, by=desks.reviewer, today=NOON).clocks


def log(desks: Desks, project: UUID, **changed):
    given = {
        "kind": ChaseKind.CALL, "day": NOON, "with_whom": "王厂长", "said": "设备下月到货。", "key": uuid4().hex,
        "by": desks.reviewer, "at": LATER, **changed,
    }  # fmt: skip
    return chasing.log(desks.ledger, project, given.pop("clock", None) or lines(desks, project)[0].id, **given)


def groups_sums_scope_and_order(desks: Desks, four: list[UUID]) -> None:
    view = morning(desks)
    assert counts(view) == {None: 5, "overdue": 2, "30": 1, "stayed": 1, "tried": 1}
    tce = {part.key: part.sum.tce for part in view.parts}
    rows = {term.clock.project: term.clock.equivalent_tce for term in view.rows}
    assert tce["overdue"] == rows[four[0]], "two clocks of one project put its energy at risk once"
    assert tce[None] == sum(rows.values())
    assert sum(line.whole.count for line in view.leagues) == view.parts[0].sum.count
    assert sum(line.whole.tce for line in view.leagues) == tce[None]
    assert [term.group for term in view.rows] == ["overdue", "overdue", "30", "stayed", "tried"]

    assert [t.clock.project for t in morning(desks, league="150300").rows] == [four[1]]
    by_due = [t.clock.due for t in morning(desks, sort="due").rows]
    assert by_due == sorted(by_due)
    (tried,) = morning(desks, group="tried").rows
    assert (tried.tried_on, tried.year_from, tried.year_to) == (
        later(100).date(), later(100).date().replace(year=later(100).year + 1), date(later(100).year + 1, 12, 31),
    )  # fmt: skip
    (held,) = morning(desks, group="stayed").rows
    assert held.clock.stay
    assert held.clock.due == NOON - timedelta(days=5), "a stay moves no day"

    wuhai = desks.hire(Role.REVIEWER, "wuhai", scope="150300")
    assert counts(morning(desks, by=wuhai)) == {None: 1, "30": 1}
    for asked in ({"group": "x"}, {"sort": "x"}, {"outcome": "x"}, {"industry": "x"}, {"kind": "x"}):
        with pytest.raises(Refusal):
            Asked.read(asked)


def a_page_of_many_clocks_takes_few_statements(desks: Desks, four: list[UUID]) -> None:
    said: list[str] = []

    def note(*given: object) -> None:
        said.append(str(given[2]))

    sa.event.listen(desks.ledger.engine, "before_cursor_execute", note)
    view = morning(desks)
    deadlines.last_words(desks.ledger, view.rows, today=NOON)
    timecharts.gantt(desks.ledger, view.rows, today=NOON)
    assert len([text for text in said if text.lstrip().upper().startswith("SELECT")]) <= 8, said
    said.clear()
    deadlinefigures.figures(desks.ledger, by=desks.reviewer, today=NOON)
    sa.event.remove(desks.ledger.engine, "before_cursor_execute", note)
    assert len([text for text in said if text.lstrip().upper().startswith("SELECT")]) <= 12, said


def the_figures_equal_the_lists_behind_them(desks: Desks, four: list[UUID]) -> None:
    found = deadlinefigures.figures(desks.ledger, by=desks.reviewer, today=NOON)
    assert dict(found.total.counts) == {"on_time": 1, "late": 0, "open": 1, "overdue": 2, "stayed": 1}
    assert found.total.whole == 5
    for name, rows in (("league", found.leagues), ("industry", found.industries), ("", [found.total])):
        assert sum(line.whole for line in rows) == found.total.whole
        for line in rows:
            for outcome, count in (*line.counts, ("all", line.whole)):
                asked = {"kind": "retrofit", "outcome": outcome, **({name: line.key} if name else {})}
                assert len(morning(desks, **asked).rows) == count, asked
    assert found.total.saved == Decimal(9108), "(951.2 - 850) kgce/t of 90,000 t"
    assert (found.total.computed, found.unknown, found.by_capacity) == (1, 0, 0)
    medians = {step.key: (step.median, step.count) for step in found.steps}
    assert medians["service_to_acceptance"] == (Decimal(100), 1)
    assert medians["service_to_metering"] == (Decimal(98), 1)
    assert medians["service_to_first_chase"] == (None, 0)


@pytest.mark.parametrize(
    ("before", "after", "output", "unit", "saved"),
    [
        (("951.2", "千克标准煤/吨"), ("850", "kgce/t"), "90000", "吨/年", "9108"),
        (("310", "gce/kWh"), ("300", "gce/(kW·h)"), "500", "万千瓦时/年", "50"),
        (("1", "kgce/t"), ("2", "kgce/t"), "1", "t/a", "-0.001"),
        (("1", "kWh/t"), ("0.5", "kWh/t"), "1", "吨/年", None),
        (("1", "kgce/t"), ("0.5", "gce/kWh"), "1", "吨/年", None),
        (("1", "kgce/t"), ("0.5", "kgce/t"), "1", "千瓦时", None),
        (("1", "筐"), ("0.5", "kgce/t"), "1", "吨/年", None),
    ],
)
def test_what_is_saved_is_exact_or_not_said(before, after, output, unit, saved) -> None:
    found = saved_tce(Sec(Decimal(before[0]), before[1]), Sec(Decimal(after[0]), after[1]), Decimal(output), unit)
    assert found == (None if saved is None else Decimal(saved))


def a_call_is_logged_once_shown_and_voided(desks: Desks, four: list[UUID]) -> None:
    overdue = four[0]
    given = {"key": "call", "promised": NOON + timedelta(days=3)}
    entry = log(desks, overdue, **given)
    assert log(desks, overdue, **given) == entry
    with pytest.raises(Conflict):
        log(desks, four[1], **given)
    told = deadlines.last_words(desks.ledger, morning(desks).rows, today=NOON + timedelta(days=4))
    clock = lines(desks, overdue)[0].id
    assert (told[clock].kind, told[clock].broken, told[clock].count) == (ChaseKind.CALL, True, 1)
    assert not deadlines.last_words(desks.ledger, morning(desks).rows, today=NOON)[clock].broken

    for changed in (
        {"day": NOON + timedelta(days=1)}, {"promised": NOON - timedelta(days=1)}, {"with_whom": " "}, {"said": ""},
        {"day": TODAY - timedelta(days=1)}, {"said": "长" * 2001},
    ):  # fmt: skip
        with pytest.raises(Refusal):
            log(desks, overdue, **changed)
    with pytest.raises(Forbidden):
        log(desks, overdue, by=desks.auditor)
    with pytest.raises(NotFound):
        log(desks, overdue, by=desks.hire(Role.REVIEWER, "wuhai2", scope="150300"), clock=clock)
    with pytest.raises(NotFound):
        log(desks, four[1], clock=clock)

    void = {"reason": "记错了", "by": desks.reviewer, "at": LATER}
    chasing.void(desks.ledger, overdue, entry, **void)
    chasing.void(desks.ledger, overdue, entry, **void)
    with pytest.raises(Conflict):
        chasing.void(desks.ledger, overdue, entry, **{**void, "reason": "又一个"})
    (kept,) = chasing.show(desks.ledger, overdue, by=desks.reviewer, today=NOON).entries
    assert kept.void_reason == "记错了"
    assert deadlines.last_words(desks.ledger, morning(desks).rows, today=NOON) == {}
    with pytest.raises((Refusal, Conflict)), desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE chase SET said = '别的'"))


def ticked_terms_are_reminded_of_as_one_run(desks: Desks, four: list[UUID]) -> None:
    clocks = [line.id for project in four[:3] for line in lines(desks, project)]
    with pytest.raises(Forbidden):
        followups.remind_ticked(desks.ledger, clocks, reason="", key="run", by=desks.office, at=LATER)

    done = followups.remind_ticked(desks.ledger, clocks, reason="", key="run", by=desks.signatory, at=LATER)

    assert [line.project for line in done.done] == [four[0], four[1]]
    assert [one.project for one, _ in done.failed] == [four[2]], "what is stayed is not called upon"
    run = printruns.show(desks.ledger, done.run, by=desks.office)
    assert {printed.line.id for printed in run.rows} == {line.id for line in done.done}
    assert run.line.receipts
    entries = [e for e in chasing.show(desks.ledger, four[0], by=desks.reviewer, today=NOON).entries if e.letter]
    assert {(e.kind, e.letter, e.said) for e in entries} == {(ChaseKind.LETTER, done.done[0].id, "催告履行。")}
    assert len(entries) == 2, "one of each unit"
    with pytest.raises(Refusal, match="自动登记"):
        chasing.void(desks.ledger, four[0], entries[0].id, reason="不要", by=desks.reviewer, at=LATER)

    again = followups.remind_ticked(desks.ledger, clocks, reason="", key="run", by=desks.signatory, at=LATER)
    assert (again.run, again.done) == (done.run, ()), "the same form again signs nothing"
    soon = later(206)
    with pytest.raises(Refusal, match="再次催告请写明理由"):
        followups.remind_ticked(desks.ledger, clocks, reason=" ", key="other", by=desks.signatory, at=soon)
    told = followups.remind_ticked(
        desks.ledger, clocks[:2], reason="没有回音。", key="other", by=desks.signatory, at=soon
    )
    assert len(told.done) == 1
    seen = letters.show(desks.ledger, told.done[0].id, by=desks.office, today=NOON).line.version
    letters.void(desks.ledger, told.done[0].id, reason="收件人有误", seen=seen, by=desks.signatory, at=soon)
    week = later(207)
    due = followups.due_letters(desks.ledger, clocks[:2], by=desks.signatory, today=week.date())
    assert due[0].soon is None, "a voided letter reminded nobody, and the first is a week old"
    with pytest.raises(NotFound):
        followups.remind_ticked(
            desks.ledger, clocks[:2], reason="", key="foreign", at=week,
            by=desks.hire(Role.SIGNATORY, "wuhai.sign", scope="150300"),
        )  # fmt: skip


def unfolded(data: bytes) -> list[str]:
    assert data.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    return data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def events(data: bytes) -> dict[str, dict[str, str]]:
    """The events of a calendar by UID, read as RFC 5545 says."""
    found: dict[str, dict[str, str]] = {}
    stack: list[str] = []
    for line in unfolded(data):
        name, _, value = line.partition(":")
        if name == "BEGIN":
            stack.append(value)
            event: dict[str, str] = {}
        elif name == "END":
            assert stack.pop() == value
            if value == "VEVENT":
                assert event["UID"] not in found
                found[event["UID"]] = event
        elif stack[-1] == "VEVENT":
            assert name not in event
            event[name] = value
    assert stack == []
    return found


def a_feed_is_its_persons_and_dies_with_the_scope(desks: Desks, four: list[UUID]) -> None:
    wuhai = desks.hire(Role.REVIEWER, "wuhai3", scope="150300")
    token = feeds.renew(desks.ledger, by=wuhai, at=LATER)
    found = events(feeds.fetch(desks.ledger, token, at=LATER))
    (clock,) = lines(desks, four[1])
    assert {uid.split("@")[0] for uid in found} == {f"{clock.id}-due", f"{clock.id}-limit"}
    due = found[f"{clock.id}-due@screening"]
    assert due["DTSTART;VALUE=DATE"] == f"{clock.due:%Y%m%d}"
    assert due["DTEND;VALUE=DATE"] == f"{clock.due + timedelta(days=1):%Y%m%d}"
    assert due["DTSTAMP"] == f"{LATER:%Y%m%dT%H%M%SZ}"
    assert clock.project_name in due["SUMMARY"]
    assert feeds.fetch(desks.ledger, token, at=LATER) == feeds.fetch(desks.ledger, token, at=LATER)
    whole = events(feeds.fetch(desks.ledger, feeds.renew(desks.ledger, by=desks.reviewer, at=LATER), at=LATER))
    assert len(whole) == 9, "two for each running clock, one for the year to come"
    assert sum("暂停执行" in event["SUMMARY"] for event in whole.values()) == 2
    with desks.ledger.reader() as session:
        assert token not in str(session.execute(sa.text("SELECT * FROM calendar_feed")).all())

    newer = feeds.renew(desks.ledger, by=wuhai, at=LATER)
    for dead in (token, "", "x" * 43):
        with pytest.raises(NotFound, match="没有这个日历"):
            feeds.fetch(desks.ledger, dead, at=LATER)
    with desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE person SET scope = '150200' WHERE login = 'wuhai3'"))
    with pytest.raises(NotFound):
        feeds.fetch(desks.ledger, newer, at=LATER)
    with desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE person SET scope = '150300' WHERE login = 'wuhai3'"))
    assert feeds.fetch(desks.ledger, newer, at=LATER)
    people.set_active(desks.ledger, wuhai.id, active=False, by=CONSOLE, at=LATER)
    with pytest.raises(NotFound):
        feeds.fetch(desks.ledger, newer, at=LATER)
    last = feeds.renew(desks.ledger, by=desks.reviewer, at=LATER)
    feeds.revoke(desks.ledger, by=desks.reviewer, at=LATER)
    with pytest.raises(NotFound):
        feeds.fetch(desks.ledger, last, at=LATER)
    assert feeds.show(desks.ledger, by=desks.reviewer) is None


def test_lines_are_folded_by_octets_and_texts_escaped() -> None:
    line = "SUMMARY:" + feeds.escaped("甲，a;b,c\\d\n第二行\x07" + "草" * 60)
    assert "a\\;b\\,c\\\\d\\n第二行草" in line
    assert unfolded(feeds.folded(line)) == [line]


def a_month_and_the_bars(desks: Desks, four: list[UUID]) -> None:
    rows = morning(desks).rows
    month = timecharts.month(rows, NOON.replace(day=1), today=NOON)
    assert month.count == sum(
        (day.year, day.month) == (NOON.year, NOON.month) for term in rows for day, _ in timecharts.marks(term)
    )
    assert sum(len(day.marks) + day.more for day in month.days) == month.count
    assert all(len(day.marks) <= timecharts.LINES for day in month.days)
    chart = timecharts.gantt(desks.ledger, rows, today=NOON)
    for bar in chart.bars:
        assert chart.left <= bar.start < bar.due <= bar.limit <= chart.width
    (held,) = [bar for bar in chart.bars if bar.holds]
    assert held.holds[0].words.startswith("暂停执行")
    assert held.limit == chart.bars[0].limit, "a hold lengthens nothing"


def test_the_morning_page_from_groups_to_feeds(desks: Desks, four: list[UUID]) -> None:
    """One ledger for all: what only looks comes first."""
    groups_sums_scope_and_order(desks, four)
    a_page_of_many_clocks_takes_few_statements(desks, four)
    the_figures_equal_the_lists_behind_them(desks, four)
    a_month_and_the_bars(desks, four)
    a_call_is_logged_once_shown_and_voided(desks, four)
    ticked_terms_are_reminded_of_as_one_run(desks, four)
    a_feed_is_its_persons_and_dies_with_the_scope(desks, four)
