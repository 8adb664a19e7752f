"""The daily sweep: what the calendar brings about, missed days, wrong clocks, and being killed at any step."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from screening.domain.classification import Disposition
from screening.domain.errors import Refusal
from screening.domain.noticing import OVERDUE, STAYED, of_clock
from screening.domain.people import Role
from screening.services import Ledger, history, people, reminding, sweep
from screening.store.alone import alone
from tests.conftest import NOW, PASSWORD, TODAY
from tests.services.desks import Desks, once
from tests.services.sheets import row
from tests.services.test_acceptance import decide, meter
from tests.services.test_objections import later, object_, serve, stay

DAYS = (365, 180, 90, 30, 7)
NEAR = TODAY + timedelta(days=100)
"""A term near enough that its days are soon swept; what is further ahead is the property test's."""


def after(due: date, days: int) -> date:
    return due + timedelta(days=days)


def moment(day: date) -> datetime:
    return NOW + (day - TODAY)


def swept(ledger: Ledger, day: date, **more) -> sweep.Swept:
    return sweep.sweep(ledger, today=day, at=moment(day), sure=True, **more)


def notices(ledger: Ledger) -> list[tuple[str, date]]:
    with ledger.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT threshold, day FROM notice WHERE kind = 'deadline' ORDER BY day"))
        return [(r[0], r[1] if isinstance(r[1], date) else date.fromisoformat(r[1])) for r in rows]


@once
def case(desks: Desks, number: int = 1, due: date = NEAR):
    desks.take_in([row(number)])
    project = desks.find(f"第{number}电")
    desks.recommend(project, due=due)
    desks.make_official(project)
    return project, serve(desks, project)


@given(
    due=st.dates(date(2027, 1, 1), date(2031, 12, 31)), known=st.integers(1, 1100), first=st.integers(-1500, 400),
    today=st.integers(-1500, 400), stayed=st.booleans(),
)  # fmt: skip
def test_a_notice_is_due_from_its_day_on_and_never_for_what_was_past(due, known, first, today, stayed) -> None:
    known, first, today = due - timedelta(days=known), after(due, first), after(due, today)

    found = list(of_clock("c", due, known=known, first=first, today=today, days=DAYS, stayed=stayed))

    ahead = {int(n.threshold): n.day for n in found if n.threshold.isdigit()}
    assert all(
        day == due - timedelta(days=left) and known < day <= today and day >= first for left, day in ahead.items()
    )
    assert {left for left in DAYS if max(first, after(known, 1)) <= due - timedelta(days=left) <= today} == set(ahead)
    late = [n for n in found if not n.threshold.isdigit()]
    assert [n.threshold for n in late] == ([STAYED if stayed else OVERDUE] if today > due else [])


def test_each_notice_once_on_its_day_and_exit_is_proposed_the_day_after(desks: Desks) -> None:
    project, _ = case(desks)
    first = NEAR - timedelta(days=31)
    assert swept(desks.ledger, first).days == (first,)
    whole = [(str(n), NEAR - timedelta(days=n)) for n in (30, 7)]

    done = swept(desks.ledger, NEAR)

    assert notices(desks.ledger) == whole, "the missed days are made up for, each with its own day"
    assert (done.days[0], done.days[-1], done.notices) == (after(first, 1), NEAR, 2 + dormant(desks))
    assert desks.view(project).line.disposition is Disposition.RETROFIT
    swept(desks.ledger, after(NEAR, 1))
    assert notices(desks.ledger) == [*whole, (OVERDUE, after(NEAR, 1))]
    assert desks.view(project).line.disposition is Disposition.ELIMINATE
    assert desks.view(project).screening.as_of == after(NEAR, 1)
    for _ in range(2):
        assert swept(desks.ledger, after(NEAR, 1)).notices == 0
    assert swept(desks.ledger, after(NEAR, 5)).notices == 0, "overdue is told once"
    assert history.verify(desks.ledger).ok


def dormant(desks: Desks) -> int:
    """Everybody of the office, who never signed in."""
    with desks.ledger.engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM notice WHERE kind = 'account'")).scalar_one()


def test_a_clock_that_starts_late_gets_what_is_still_ahead(sqlite_desks: Desks) -> None:
    case(sqlite_desks, due=after(TODAY, 40))
    swept(sqlite_desks.ledger, TODAY)
    swept(sqlite_desks.ledger, after(TODAY, 40))

    assert [n for n, _ in notices(sqlite_desks.ledger)] == ["30", "7"]


def test_the_first_run_looks_at_its_own_day_alone(sqlite_desks: Desks) -> None:
    case(sqlite_desks)
    swept(sqlite_desks.ledger, NEAR - timedelta(days=30))

    assert [n for n, _ in notices(sqlite_desks.ledger)] == ["30"]


def test_a_stay_pauses_what_is_overdue_and_its_end_brings_it(sqlite_desks: Desks) -> None:
    desks = sqlite_desks
    project, letter = case(desks)
    object_(desks, project, letter, at=later(10))
    stay(desks, project, later(20), last_day=after(NEAR, 10))
    swept(desks.ledger, after(NEAR, 1))
    shown = reminding.unread(desks.ledger, by=desks.reviewer, today=after(NEAR, 1))

    assert [n for n, _ in notices(desks.ledger)] == [STAYED]
    assert "停止执行期间不计为逾期" in shown[0].text
    assert desks.view(project).line.disposition is Disposition.RETROFIT
    swept(desks.ledger, after(NEAR, 11))
    assert notices(desks.ledger)[1:] == [(OVERDUE, after(NEAR, 11))]
    assert desks.view(project).line.disposition is Disposition.ELIMINATE


def test_an_accepted_retrofit_gets_none(sqlite_desks: Desks) -> None:
    project, _ = case(sqlite_desks)
    swept(sqlite_desks.ledger, NEAR - timedelta(days=30))
    assert len(reminding.unread(sqlite_desks.ledger, by=sqlite_desks.office, today=TODAY)) == 1
    meter(sqlite_desks, project, days=75)
    decide(sqlite_desks, project, Disposition.ACCEPTED, 75)
    swept(sqlite_desks.ledger, after(NEAR, 1))

    assert [n for n, _ in notices(sqlite_desks.ledger)] == ["30"]
    assert reminding.unread(sqlite_desks.ledger, by=sqlite_desks.office, today=NEAR) == (), "its clock has ended"


def test_a_wrong_clock_does_nothing_and_says_so(sqlite_desks: Desks) -> None:
    ledger = sqlite_desks.ledger
    swept(ledger, TODAY)

    with pytest.raises(Refusal, match="没有做任何事"):
        swept(ledger, TODAY - timedelta(days=1))
    with pytest.raises(Refusal, match="超过一年"):
        sweep.sweep(ledger, today=after(TODAY, 400), at=NOW)
    with alone(ledger) as held:
        assert held
        assert swept(ledger, after(TODAY, 1)).busy
    assert swept(ledger, after(TODAY, 1)).days == (after(TODAY, 1),)


def test_a_term_entered_while_the_clock_ran_ahead_is_made_up_for(sqlite_desks: Desks) -> None:
    swept(sqlite_desks.ledger, after(TODAY, 50))
    case(sqlite_desks, due=after(TODAY, 100))
    with pytest.raises(Refusal):
        swept(sqlite_desks.ledger, after(TODAY, 20))
    swept(sqlite_desks.ledger, after(TODAY, 71))

    assert notices(sqlite_desks.ledger) == [("30", after(TODAY, 70))]


def test_an_opinion_lapses_after_its_term_and_says_how_well_that_is_known(sqlite_desks: Desks) -> None:
    sqlite_desks.take_in([
        row(1, 建设状态="拟建", 节能审查文号="内发改环资〔2025〕1号", 节能审查日期="2025-01-10", 实际单位产品能耗="",
            设计单位产品能耗="800"),
    ])  # fmt: skip
    swept(sqlite_desks.ledger, TODAY)
    swept(sqlite_desks.ledger, date(2027, 1, 10))
    assert reminding.unread(sqlite_desks.ledger, by=sqlite_desks.reviewer, today=TODAY) == ()
    swept(sqlite_desks.ledger, date(2027, 1, 20))

    (line,) = reminding.unread(sqlite_desks.ledger, by=sqlite_desks.reviewer, today=TODAY)
    assert (line.day, line.urgent) == (date(2027, 1, 11), True)
    assert "未核实" in line.text
    assert "2027年1月10日" in line.text
    assert reminding.unread(sqlite_desks.ledger, by=sqlite_desks.signatory, today=TODAY) == ()


def test_accounts_that_nobody_uses_are_told_to_the_administrator(sqlite_desks: Desks) -> None:
    desks = sqlite_desks
    swept(desks.ledger, after(TODAY, 89))
    assert reminding.accounts(desks.ledger, by=desks.administrator, today=after(TODAY, 89)) == {}
    people.sign_in(desks.ledger, "reviewer", PASSWORD, address="", at=later(80))
    swept(desks.ledger, after(TODAY, 90))

    found = reminding.accounts(desks.ledger, by=desks.administrator, today=after(TODAY, 90))
    assert desks.reviewer.id not in found
    assert desks.regional.id not in found, "of another office"
    assert "90日没有登录" in found[desks.office.id]
    people.sign_in(desks.ledger, "office", PASSWORD, address="", at=later(91))
    assert desks.office.id not in reminding.accounts(desks.ledger, by=desks.administrator, today=after(TODAY, 92))
    with desks.ledger.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM person WHERE NOT active")).scalar_one() == 1, "no other"


def test_what_is_read_is_gone_for_its_reader_alone(sqlite_desks: Desks) -> None:
    desks = sqlite_desks
    case(desks)
    swept(desks.ledger, NEAR - timedelta(days=31))
    swept(desks.ledger, NEAR - timedelta(days=7))
    (line,) = reminding.unread(desks.ledger, by=desks.reviewer, today=NEAR)
    assert (line.words, line.now, len(line.ids)) == ("7日提醒", "今日到期", 2)
    far = desks.hire(Role.REVIEWER, "far", scope="150100")

    assert reminding.read(desks.ledger, line.ids, by=far, at=NOW) == 0
    assert reminding.read(desks.ledger, line.ids, by=desks.reviewer, at=NOW) == 2
    assert reminding.read(desks.ledger, line.ids, by=desks.reviewer, at=NOW) == 0
    assert reminding.unread(desks.ledger, by=desks.reviewer, today=NEAR) == ()
    assert len(reminding.unread(desks.ledger, by=desks.office, today=NEAR)) == 1
    swept(desks.ledger, after(NEAR, 1))
    (line,) = reminding.unread(desks.ledger, by=desks.reviewer, today=after(NEAR, 1))
    assert line.words == "已逾期"


# --- killed ----------------------------------------------------------------------------------------------------------


def world(desks: Desks) -> date:
    """Three terms, a stay, an opinion and idle accounts, swept once; gives the day up to which to sweep."""
    _, letter = case(desks, 1, due=after(TODAY, 60))
    case(desks, 2, due=after(TODAY, 40))
    case(desks, 3, due=after(TODAY, 95))
    project = desks.find("第1电")
    object_(desks, project, letter, at=later(1))
    stay(desks, project, later(2), last_day=after(TODAY, 70))
    desks.take_in([
        row(4, 建设状态="拟建", 节能审查文号="内发改环资〔2024〕1号", 节能审查日期="2024-12-20", 实际单位产品能耗="",
            设计单位产品能耗="800"),
    ])  # fmt: skip
    swept(desks.ledger, TODAY)
    return after(TODAY, 100)


class Stopped(BaseException):
    """What a kill looks like from within."""


def _stop() -> None:
    raise Stopped


@contextmanager
def ending(steps: int, end, *, before: bool) -> Iterator[None]:
    """Ends at that transaction, just before or just after it is committed."""
    real, left = Ledger.writer, [steps]

    @contextmanager
    def writer(self: Ledger):
        left[0] -= 1
        with real(self) as session:
            yield session
            session.flush()
            if left[0] == 0 and before:
                end()
        if left[0] == 0:
            end()

    Ledger.writer = writer
    try:
        yield
    finally:
        Ledger.writer = real


def _unsynchronised(connection, _record) -> None:
    """Processes are killed here, not the machine: what was written is there without waiting for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def everything(ledger: Ledger) -> dict[str, list[str]]:
    """Every row of every table, the trail's too."""
    with ledger.engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(sa.text(f"SELECT * FROM {name}")).all()))
            for name in sa.inspect(ledger.engine).get_table_names()
        }


def stopped(ledger: Ledger, day: date, steps: int, *, before: bool, run=None) -> bool:
    """Sweeps up to a step and is stopped there by an exception; whether it was."""
    with ending(steps, _stop, before=before):
        try:
            swept(ledger, day) if run is None else run()
        except Stopped:
            return True
    return False


def killed(ledger: Ledger, day: date, steps: int, *, before: bool) -> bool:
    """The same by SIGKILL, in a child; the ledger keeps no connection meanwhile."""
    ledger.engine.dispose()
    child = os.fork()
    if child == 0:
        with ending(steps, lambda: os.kill(os.getpid(), signal.SIGKILL), before=before):
            swept(ledger, day)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_two_hundred_times_it_ends_as_if_nothing_had_been(sqlite_desks: Desks, rules, tmp_path: Path) -> None:
    end = world(sqlite_desks)
    sqlite_desks.ledger.close()
    plain, other = tmp_path / "plain.db", tmp_path / "killed.db"
    shutil.copyfile(tmp_path / "ledger.db", plain)
    shutil.copyfile(tmp_path / "ledger.db", other)
    with Ledger.open(f"sqlite:///{plain}", rules) as ledger:
        swept(ledger, end)
        expected = everything(ledger)
    chance = random.Random(6)  # noqa: S311  # which step, not a secret
    with Ledger.open(f"sqlite:///{other}", rules) as ledger:
        sa.event.listen(ledger.engine, "connect", _unsynchronised)
        # Mostly the very next transaction, so that two hundred ends lie within the hundred days. A fork is slow here.
        ends = [
            (killed if n % 8 == 0 else stopped)(
                ledger, end, chance.choice((1, 1, 2, 2, 2, 3)), before=chance.random() < 0.6
            )
            for n in range(200)
        ]
        swept(ledger, end)
        assert everything(ledger) == expected
        assert history.verify(ledger).ok
    assert all(ends)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_stopped_thirty_times_on_the_other_database(desks: Desks) -> None:
    world(desks)
    end = after(TODAY, 45)
    assert all(stopped(desks.ledger, end, step % 5 + 1, before=step % 2 == 0) for step in range(30))
    swept(desks.ledger, end)

    assert [(n, (day - TODAY).days) for n, day in notices(desks.ledger)] == [
        ("90", 5), ("30", 10), ("30", 30), ("7", 33), (OVERDUE, 41),
    ]  # fmt: skip
    with desks.ledger.engine.connect() as connection:
        days = connection.execute(sa.text("SELECT count(*), count(ended_at) FROM sweep")).one()
        told = connection.execute(sa.text("SELECT count(*) FROM event WHERE kind = 'day_swept'")).scalar_one()
    assert (*days, told) == (46, 46, 46)
