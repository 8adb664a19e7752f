"""Signing in, being locked out, sessions that end, and passwords that work once."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.services import CONSOLE, people
from tests.conftest import NOW, PASSWORD

ADDRESS = "127.0.0.1"


def enter(ledger, login, password=PASSWORD, at=NOW):
    return people.sign_in(ledger, login, password, address=ADDRESS, at=at)


def test_who_signs_in_is_recognised(ledger, person) -> None:
    added = person(Role.REVIEWER, "150200", login="Wang")
    entered = enter(ledger, " ＷＡＮＧ ")

    present = people.present(ledger, entered.token, at=NOW + timedelta(minutes=5))
    assert present is not None
    assert present.person == added == entered.person
    assert len(people.sessions(ledger, added.id, at=NOW)) == 1


def test_the_database_never_holds_the_token_or_the_password(sqlite_ledger) -> None:
    people.add(sqlite_ledger, "li", name="李", role=Role.OFFICE, scope="150000", password=PASSWORD, by=CONSOLE, at=NOW)
    token = enter(sqlite_ledger, "li").token
    sqlite_ledger.close()
    path = Path(sqlite_ledger.engine.url.database)
    beside = sqlite3.connect(path)
    kept = [words for (words,) in beside.execute("SELECT password_hash FROM person WHERE login = 'li'")]
    # What still stands in the write-ahead log comes into the file, so that its bytes are all there is.
    beside.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    beside.close()
    raw = b"".join(found.read_bytes() for found in sorted(path.parent.glob(path.name + "*")))
    assert token.encode() not in raw
    assert PASSWORD.encode() not in raw
    assert len(kept) == 1
    assert kept[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_unknown_login_and_wrong_password_sound_the_same(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    words = []
    for login in ("wang", "nobody"):
        with pytest.raises(Refusal) as refused:
            enter(ledger, login, "wrong")
        words.append(refused.value.message)

    assert words[0] == words[1]


def test_five_failures_lock_for_fifteen_minutes(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    for _ in range(5):
        with pytest.raises(Refusal):
            enter(ledger, "wang", "wrong")
    with pytest.raises(Refusal, match="锁定"):
        enter(ledger, "wang")
    with pytest.raises(Refusal, match="锁定"):
        enter(ledger, "wang", at=NOW + timedelta(minutes=14, seconds=59))

    assert enter(ledger, "wang", at=NOW + timedelta(minutes=15)).person.login == "wang"


def test_a_right_password_forgets_the_failures(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refusal):
                enter(ledger, "wang", "wrong")
        enter(ledger, "wang")


def test_twenty_failures_at_once_count_as_twenty(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    start = threading.Barrier(20)

    def fail() -> None:
        start.wait()
        with pytest.raises(Refusal):
            enter(ledger, "wang", "wrong")

    threads = [threading.Thread(target=fail) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with ledger.reader() as session:
        count = "SELECT count(*) FROM sign_in_attempt WHERE login = 'wang'"
        assert session.execute(sa.text(count)).scalar() == 20
        assert session.execute(sa.text("SELECT locked_until FROM person WHERE login = 'wang'")).scalar()
    with pytest.raises(Refusal, match="锁定"):
        enter(ledger, "wang")


def test_a_session_ends_idle_or_old(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    token = enter(ledger, "wang").token
    assert people.present(ledger, token, at=NOW + timedelta(minutes=30)) is None
    at = NOW
    while at < NOW + timedelta(hours=9, minutes=40):
        at += timedelta(minutes=20)
        assert people.present(ledger, token, at=at), at
    assert people.present(ledger, token, at=NOW + timedelta(hours=10)) is None
    assert people.present(ledger, token, at=NOW - timedelta(days=365)) is None


def test_signing_out_ends_the_session(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    first, second = enter(ledger, "wang").token, enter(ledger, "wang").token
    assert first != second
    people.sign_out(ledger, first, at=NOW)
    people.sign_out(ledger, "nonsense", at=NOW)

    assert people.present(ledger, first, at=NOW) is None
    assert people.present(ledger, second, at=NOW)


def test_a_one_use_password_must_be_changed(ledger) -> None:
    added, given = people.add(ledger, "li", name="李", role=Role.OFFICE, scope="150000", by=CONSOLE, at=NOW)
    assert given
    entered = enter(ledger, "li", given)
    assert entered.must_change
    with pytest.raises(Refusal, match="不正确"):
        people.change_password(ledger, added.id, old="wrong wrong wrong", new=PASSWORD, at=NOW)
    with pytest.raises(Refusal, match="12"):
        people.change_password(ledger, added.id, old=given, new="short", at=NOW)
    with pytest.raises(Refusal, match="相同"):
        people.change_password(ledger, added.id, old=given, new=given, at=NOW)
    people.change_password(ledger, added.id, old=given, new=PASSWORD, at=NOW)

    assert people.present(ledger, entered.token, at=NOW) is None
    assert not enter(ledger, "li").must_change
    with pytest.raises(Refusal):
        enter(ledger, "li", given)


def test_keeping_out_ends_everything_at_once(ledger, person) -> None:
    administrator, wang = person(Role.ADMINISTRATOR), person(Role.REVIEWER, login="wang")
    token = enter(ledger, "wang").token
    people.set_active(ledger, wang.id, active=False, by=administrator, at=NOW)

    assert people.present(ledger, token, at=NOW) is None
    with pytest.raises(Refusal, match="停用"):
        enter(ledger, "wang")
    with pytest.raises(NotFound):
        people.find(ledger, "wang")
    people.set_active(ledger, wang.id, active=True, by=administrator, at=NOW)
    assert enter(ledger, "wang")
    with pytest.raises(Refusal, match="自己"):
        people.set_active(ledger, administrator.id, active=False, by=administrator, at=NOW)


def test_a_reset_lifts_the_lock(ledger, person) -> None:
    administrator, wang = person(Role.ADMINISTRATOR), person(Role.REVIEWER, login="wang")
    for _ in range(5):
        with pytest.raises(Refusal):
            enter(ledger, "wang", "wrong")
    given = people.reset_password(ledger, wang.id, by=administrator, at=NOW)

    assert enter(ledger, "wang", given).must_change


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ADMINISTRATOR])
def test_only_administrators_manage_people(sqlite_ledger, role: Role) -> None:
    by = people.add(sqlite_ledger, "x", name="某", role=role, scope="150000", password=PASSWORD, by=CONSOLE, at=NOW)[0]
    with pytest.raises(Forbidden):
        people.add(sqlite_ledger, "y", name="某", role=role, scope="150000", by=by, at=NOW)
    with pytest.raises(Forbidden):
        people.list_people(sqlite_ledger, by=by, at=NOW)
    with pytest.raises(Forbidden):
        people.reset_password(sqlite_ledger, by.id, by=by, at=NOW)


def test_logins_are_unique_whatever_their_spelling(ledger, person) -> None:
    person(Role.REVIEWER, login="wang")
    with pytest.raises(Refusal, match="登录名已有人使用") as refused:
        person(Role.REVIEWER, login="ＷANG")

    assert refused.value.field == "login"


@pytest.mark.parametrize("scope", ["150001", "15", "", "999999"])
def test_a_scope_is_a_division_on_file(sqlite_ledger, scope: str) -> None:
    with pytest.raises(Refusal, match="管辖区域"):
        people.add(sqlite_ledger, "y", name="某", role=Role.OFFICE, scope=scope, by=CONSOLE, at=NOW)


def test_the_console_cannot_sign_in(ledger) -> None:
    with pytest.raises(Refusal):
        enter(ledger, "console", "")


def test_a_name_that_no_letter_could_show_is_refused(sqlite_ledger) -> None:
    with pytest.raises(Refusal, match=r"“姓名”中有不能印出的字符（U\+200B") as refused:
        people.add(sqlite_ledger, "b", name="张\u200b三", role=Role.REVIEWER, scope="150200", by=CONSOLE, at=NOW)
    assert refused.value.field == "name"
