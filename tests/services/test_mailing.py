"""Notices by e-mail against a real mail server: once each, refused, put off, left in the middle, killed in between."""

from __future__ import annotations

import copy
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from screening import config
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.noticing import RETRIES, MailState, address
from screening.domain.people import Role
from screening.services import Ledger, history, mailing, people, ticking
from tests.conftest import NOW
from tests.services.desks import Desks
from tests.services.post import SENDER, PostOffice
from tests.services.test_sweep import NEAR, after, case, moment, stopped, swept

DAY = NEAR - timedelta(days=7)
ON_DAY = moment(DAY)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server."""
    opened = PostOffice()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def made(sqlite_template: Path, rules, tmp_path_factory) -> tuple[Path, Desks]:
    """An office whose reviewer gets e-mails and has a notice of seven days, to be copied."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copyfile(sqlite_template, folder / "ledger.db")
    with pytest.MonkeyPatch.context() as patched, Ledger.open(f"sqlite:///{folder / 'ledger.db'}", rules) as ledger:
        patched.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        desks = Desks(ledger, folder)
        case(desks)
        swept(ledger, DAY)
        mailing.set_address(ledger, "wang@example.gov.cn", by=desks.reviewer, at=NOW)
    return folder / "ledger.db", desks


@pytest.fixture
def told(made: tuple[Path, Desks], rules, tmp_path, quick_passwords) -> Iterator[Desks]:
    """The office's own copy."""
    shutil.copyfile(made[0], tmp_path / "ledger.db")
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", rules) as ledger:
        desks = copy.copy(made[1])
        desks.ledger, desks.folder = ledger, tmp_path
        yield desks


def tick(desks: Desks, office: PostOffice, at: datetime = ON_DAY) -> ticking.Ticked:
    return ticking.tick(desks.ledger, office.post, today=at.date(), now=lambda: at)


def states(desks: Desks) -> list[str]:
    with desks.ledger.engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT state FROM mail ORDER BY day")).scalars())


def listed(desks: Desks, at: datetime = ON_DAY) -> mailing.MailLine:
    (line,) = mailing.unsettled(desks.ledger, by=desks.administrator, at=at)
    return line


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_message_a_day_with_all_that_is_new_and_never_again(desks: Desks, office: PostOffice) -> None:
    case(desks)
    case(desks, 2, due=after(NEAR, 23))
    mailing.set_address(desks.ledger, "wang@example.gov.cn", by=desks.reviewer, at=NOW)
    mailing.set_address(desks.ledger, "zhao@example.gov.cn", by=desks.signatory, at=NOW)
    swept(desks.ledger, DAY - timedelta(days=1))

    first = tick(desks, office)
    again = [tick(desks, office, ON_DAY + timedelta(minutes=15 * n)).sent for n in range(4)]

    assert (first.written, first.sent, again) == (1, 1, [0, 0, 0, 0])
    (letter,) = office.letters
    assert letter["To"] == "wang@example.gov.cn"
    assert SENDER in letter["From"]
    assert letter["Subject"] == f"两高项目台账提醒（{DAY.year}年{DAY.month}月{DAY.day}日，2项）"
    body = letter.get_content()
    assert "【7日提醒】青山第1电石项目" in body
    assert "【30日提醒】青山第2电石项目" in body
    assert tick(desks, office, moment(after(DAY, 1))).written == 0, "nothing is new"
    assert tick(desks, office, moment(after(NEAR, 1))).sent == 1
    assert "逾期1日" in office.letters[1].get_content()
    assert "第2电石" not in office.letters[1].get_content()
    assert office.letters[0]["Message-ID"] != office.letters[1]["Message-ID"]
    assert history.verify(desks.ledger).ok


def test_what_is_read_or_without_address_or_server_is_not_sent(told: Desks, office: PostOffice) -> None:
    assert ticking.tick(told.ledger, None, today=DAY, now=lambda: ON_DAY).written == 0
    mailing.set_address(told.ledger, " ", by=told.reviewer, at=NOW)
    assert tick(told, office).written == 0
    assert mailing.address_of(told.ledger, told.reviewer) == ""


def send(desks: Desks, office: PostOffice, at: datetime = ON_DAY) -> int:
    return mailing.send(desks.ledger, office.post, now=lambda: at)


def test_refused_for_good_is_shown_and_sent_again_by_a_person_alone(told: Desks, office: PostOffice) -> None:
    far = told.hire(Role.ADMINISTRATOR, "far", scope="150100")
    office.answers = {"MAIL": "451 later"}
    tick(told, office)
    for verb in ("RCPT", "DATA", "TAKEN"):
        office.answers = {verb: "550 no such user here"}
        send(told, office, moment(after(DAY, 1)))
        send(told, office, moment(after(DAY, 3)))

        line = listed(told)
        assert (line.state, line.may_release) == (MailState.REFUSED, True)
        assert "550 no such user here" in line.answer
        assert mailing.unsettled(told.ledger, by=far, at=NOW) == ()
        with pytest.raises(NotFound):
            mailing.release(told.ledger, line.id, by=far, at=NOW)
        with pytest.raises(Forbidden):
            mailing.release(told.ledger, line.id, by=told.reviewer, at=NOW)
        mailing.release(told.ledger, line.id, by=told.administrator, at=ON_DAY)
        with pytest.raises(Conflict):
            mailing.release(told.ledger, line.id, by=told.administrator, at=ON_DAY)
    assert office.heard.count("DATA") == 2, "each refusal was one attempt"
    office.answers.clear()
    office.taken.clear()
    assert send(told, office) == 1
    assert len(office.taken) == 1
    assert mailing.unsettled(told.ledger, by=told.administrator, at=NOW) == ()


def test_put_off_is_tried_again_later_and_in_the_end_given_up(told: Desks, office: PostOffice) -> None:
    at = ON_DAY
    for tries, (verb, wait) in enumerate(
        zip(("HELLO", "MAIL", "RCPT", "DATA", "TAKEN"), RETRIES, strict=True), start=1
    ):
        office.answers = {verb: "451 try later"}
        tick(told, office, at)
        line = listed(told, at)
        assert (line.state, line.tries, line.next) == (MailState.WAITING, tries, at + wait)
        send(told, office, at + wait - timedelta(seconds=1))
        assert listed(told, at).tries == tries, "not before its time"
        at += wait
    send(told, office, at)
    assert listed(told, at).state is MailState.REFUSED
    assert "多次没有发出" in listed(told, at).answer


def test_a_server_that_leaves_early_or_is_not_there_is_tried_again(told: Desks, office: PostOffice) -> None:
    at = ON_DAY
    for verb, wait in zip(("HELLO", "EHLO", "MAIL", "RCPT", "DATA"), RETRIES, strict=True):
        office.answers = {verb: None, "HELO": None}
        assert tick(told, office, at).sent == 0
        assert states(told) == ["waiting"]
        at += wait
    office.answers.clear()
    assert send(told, office, at) == 1
    assert len(office.taken) == 1


def test_no_server_or_a_silent_one_stops_the_round(told: Desks, office: PostOffice, monkeypatch) -> None:
    mailing.set_address(told.ledger, "chen@example.gov.cn", by=told.office, at=NOW)
    office.close()
    assert tick(told, office).sent == 0

    def tries() -> list[int]:
        with told.ledger.engine.connect() as connection:
            return sorted(connection.execute(sa.text("SELECT tries FROM mail")).scalars())

    assert tries() == [0, 1]
    monkeypatch.setattr(mailing, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", office.port)):
        assert send(told, office) == 0
    assert tries() == [1, 1]
    assert states(told) == ["waiting", "waiting"]


def test_one_that_leaves_after_the_text_is_not_sent_again_by_itself(told: Desks, office: PostOffice) -> None:
    office.answers["TAKEN"] = None
    tick(told, office)
    for days in range(1, 4):
        tick(told, office, moment(after(DAY, days)))

    assert len(office.taken) == 1
    line = listed(told)
    assert (line.state, line.may_release) == (MailState.CLAIMED, True)
    office.answers.clear()
    mailing.release(told.ledger, line.id, by=told.administrator, at=ON_DAY)
    assert send(told, office) == 1
    first, second = office.letters
    assert first["Message-ID"] == second["Message-ID"], "so that the receiver knows it as the same"


def kill_while_sending(ledger: Ledger, office: PostOffice, step: str) -> None:
    """Ticks in a child that is killed before or after the message goes out."""
    ledger.engine.dispose()
    child = os.fork()
    if child == 0:
        real = mailing._deliver

        def deliver(post, mail):
            outcome = real(post, mail) if step == "after" else None
            os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        mailing._deliver = deliver
        ticking.tick(ledger, office.post, today=DAY, now=lambda: ON_DAY)
        os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_killed_between_taking_out_and_recording_it_goes_at_most_once(told: Desks, office: PostOffice) -> None:
    for step in ("before", "after"):
        kill_while_sending(told.ledger, office, step)
        for minutes in (1, 30, 600):
            tick(told, office, ON_DAY + timedelta(minutes=minutes))

        assert len(office.taken) == (step == "after")
        early, late = listed(told, ON_DAY), listed(told, ON_DAY + mailing.IN_HAND)
        assert (early.may_release, late.may_release) == (False, True)
        assert "没有留下结果" in late.answer
        with pytest.raises(Conflict, match="正在发送"):
            mailing.release(told.ledger, late.id, by=told.administrator, at=ON_DAY)
        mailing.release(told.ledger, late.id, by=told.administrator, at=ON_DAY + mailing.IN_HAND)
        if step == "before":
            with told.ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
                connection.execute(sa.text("UPDATE mail SET next_at = made_at"))


def test_an_address_is_one_address() -> None:
    assert address(" wang.li+ledger@mail.example.gov.cn ") == "wang.li+ledger@mail.example.gov.cn"
    for wrong in (
        "", "wang", "wang@", "@example.cn", "wang@example", "a@b.cn,c@d.cn", "王@example.cn", "wang@例子.cn", "a b@c.cn",
        "wang@example.cn\nBcc: all@example.cn", "wang@example.cn\r\nDATA", "wang@example.cn\n", "<wang@example.cn>",
        "wang@-a.cn", "a..b@c.cn", ".a@c.cn", "wang@example.cn\0", "x" * 65 + "@example.cn", "a@" + "b." * 130 + "cn",
        '"wang"@example.cn', "wang@example.cn ;x",
    ):  # fmt: skip
        with pytest.raises(Refusal):
            address(wrong)


def test_settings_of_the_mail_server() -> None:
    given = {"SCREENING_SECRET": "s" * 40, "DATABASE_URL": "sqlite:///x.db"}
    mail = {"SCREENING_SMTP_HOST": "mail.example.gov.cn", "SCREENING_SMTP_SENDER": SENDER}
    assert config.read(given).post is None
    found = config.read({**given, **mail, "SCREENING_SMTP_USER": "u", "SCREENING_SMTP_PASSWORD": "geheim"}).post
    assert (found.port, found.security) == (587, "starttls")
    assert "geheim" not in repr(found)
    for wrong in (
        {"SCREENING_SMTP_SENDER": "a@b.cn\nBcc: c@d.cn"}, {"SCREENING_SMTP_SECURITY": "tls"}, {"SCREENING_SMTP_PORT": "0"},
        {"SCREENING_SMTP_USER": "u"}, {"SCREENING_SMTP_HOST": ""}, {"SCREENING_SMTP_HOST": "a b"},
        {"SCREENING_SMTP_USER": "u", "SCREENING_SMTP_PASSWORD": "p", "SCREENING_SMTP_SECURITY": "none"},
    ):  # fmt: skip
        with pytest.raises(Refusal):
            config.read({**given, **mail, **wrong})


def test_stopped_at_each_step_everything_goes_once(told: Desks, office: PostOffice) -> None:
    """Of messages that wait and are written, whatever transaction is the last: each goes once, or waits for a person."""
    mailing.set_address(told.ledger, "chen@example.gov.cn", by=told.office, at=NOW)
    for step in range(1, 9):
        stopped(told.ledger, DAY, step, before=step % 2 == 0, run=lambda: tick(told, office))
    tick(told, office)

    assert sorted(letter["To"] for letter in office.letters) == sorted({letter["To"] for letter in office.letters})
    lost = states(told).count("claimed")
    assert len(office.letters) + lost >= 2


def test_huey_ticks_beside_the_site(sqlite_ledger: Ledger, tmp_path) -> None:
    clockwork = ticking.Clockwork(sqlite_ledger, None, tmp_path / "var")
    clockwork.start()
    try:
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            with sqlite_ledger.engine.connect() as connection:
                if connection.execute(sa.text("SELECT count(ended_at) FROM sweep")).scalar_one():
                    break
            time.sleep(0.05)
        else:
            pytest.fail("nothing was swept")
    finally:
        clockwork.stop()
    assert (tmp_path / "var" / "tasks.db").exists()
