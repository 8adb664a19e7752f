"""Every single change of the trail is found, whoever makes it; and without the trail nothing is done."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from screening.domain.history import BETWEEN_FIELDS, BETWEEN_RECORDS, Event, Happening, canonical
from screening.domain.people import Role
from screening.services import CONSOLE, Ledger, history, people
from screening.store import trail, triggers
from screening.store.tables import EventRow
from tests.conftest import NOW, PASSWORD

ROWS = 1203
"""More than two lots that are read together, and not a round number."""
PLACES = (1, 2, 500, 501, 777, 1000, 1001, 1202, 1203)
COLUMNS = [column.name for column in EventRow.__table__.columns]


@pytest.fixture(scope="module")
def long_trail(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, rules) -> Path:
    """A ledger file with ROWS events, some with blanks, one with signs that no text should hold."""
    path = tmp_path_factory.mktemp("trail") / "ledger.db"
    shutil.copyfile(sqlite_template, path)
    with Ledger.open(f"sqlite:///{path}", rules) as ledger, ledger.writer() as session:
        for number in range(ROWS):
            trail.record(
                session,
                Event(
                    at=NOW + timedelta(seconds=number), who=f"li{number % 7}", kind=Happening.PROJECT_CHANGED,
                    subject=f"project:{number % 40}", why="核对\n第二行" if number % 3 else None,
                    before={"q": "1"} if number % 2 else None, after={"q": "2", "n": number},
                ),
            )  # fmt: skip
        trail.record(
            session, Event(at=NOW, who="a\x1fb\x1e\0", kind=Happening.SIGN_IN_REFUSED, subject="person:unknown")
        )
    return path


class Forger:
    """Somebody who owns the file: works on a copy with the triggers out of the way, and puts them back."""

    def __init__(self, path: Path, rules) -> None:
        self.path, self.rules = path, rules

    def does(self, *statements: str | tuple[str, tuple[object, ...]]) -> history.Verified:
        """What `audit verify` says after the statements."""
        with sqlite3.connect(self.path, isolation_level=None) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            kept = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
            ).fetchall()
            for name, _ in kept:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("BEGIN")
            for statement in statements:
                connection.execute(*(statement if isinstance(statement, tuple) else (statement,)))
        with Ledger.open(f"sqlite:///{self.path}", self.rules) as ledger:
            with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
                for _, sql in kept:
                    connection.exec_driver_sql(sql)
            return history.verify(ledger)


@pytest.fixture
def forger(long_trail: Path, tmp_path: Path, rules) -> Forger:
    path = tmp_path / "ledger.db"
    shutil.copyfile(long_trail, path)
    return Forger(path, rules)


def test_an_untouched_trail_holds(forger: Forger) -> None:
    found = forger.does("SELECT 1")

    assert (found.ok, found.rows) == (True, ROWS + 1), found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_at_any_place_is_found(forger: Forger, column: str, place: int) -> None:
    value = f"{column} + 5000" if column == "seq" else f"coalesce({column}, '') || 'x'"
    found = forger.does(
        f'UPDATE event SET "{column}" = {value.replace(column, chr(34) + column + chr(34))} WHERE seq = {place}'
    )

    assert not found.ok
    assert found.first_bad in {place, place + 1}


@pytest.mark.parametrize("column", COLUMNS[1:])
def test_a_change_that_keeps_the_letters_is_found(forger: Forger, column: str) -> None:
    found = forger.does(f'UPDATE event SET "{column}" = CAST("{column}" AS BLOB) WHERE seq = 602')

    assert (found.ok, found.first_bad) == (False, 602)


@pytest.mark.parametrize("column", COLUMNS[1:])
def test_a_tail_behind_a_nul_is_found(forger: Forger, column: str) -> None:
    """SQLite's own functions read a text up to its first NUL; what stands behind it is shown to people all the same."""
    found = forger.does(f"UPDATE event SET \"{column}\" = coalesce(\"{column}\", '') || char(0) || 'x' WHERE seq = 602")

    assert (found.ok, found.first_bad) == (False, 602)


def test_every_change_of_a_row_is_found_on_postgresql(ledger) -> None:
    if ledger.engine.dialect.name == "sqlite":
        pytest.skip("said of SQLite above, place by place")
    with ledger.writer() as session:
        for number in range(3):
            after = {"n": number}
            trail.record(
                session, Event(at=NOW, who="li", kind=Happening.SIGNED_IN, subject="person:1", why="a", before=after)
            )
    assert history.verify(ledger).ok
    statements = [
        *(f"UPDATE event SET \"{column}\" = overlay(coalesce(\"{column}\", '-') placing 'x' from 1)" for column in COLUMNS[1:]),
        *(f"UPDATE event SET \"{column}\" = CASE WHEN \"{column}\" IS NULL THEN '' END" for column in ("why", "before", "after")),
        "UPDATE event SET seq = seq + 70", "DELETE FROM event",
    ]  # fmt: skip
    for statement in statements:
        with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER USER")
            connection.exec_driver_sql("CREATE TEMPORARY TABLE kept AS SELECT * FROM event WHERE seq = 2")
            connection.exec_driver_sql(f"{statement} WHERE seq = 2")
            connection.exec_driver_sql("ALTER TABLE event ENABLE TRIGGER USER")
        found = history.verify(ledger)
        assert (found.ok, found.first_bad) == (False, 2), statement
        with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER USER")
            connection.exec_driver_sql("DELETE FROM event WHERE seq IN (2, 72)")
            connection.exec_driver_sql("INSERT INTO event SELECT * FROM kept")
            connection.exec_driver_sql("DROP TABLE kept")
            connection.exec_driver_sql("ALTER TABLE event ENABLE TRIGGER USER")
        assert history.verify(ledger).ok


@pytest.mark.parametrize("column", ["why", "before", "after"])
def test_a_blank_is_not_an_empty_text(forger: Forger, column: str) -> None:
    found = forger.does(f'UPDATE event SET "{column}" = CASE WHEN "{column}" IS NULL THEN \'\' END WHERE seq = 601')

    assert (found.ok, found.first_bad) == (False, 601)


@pytest.mark.parametrize("place", PLACES)
def test_a_row_left_out_or_added_is_found(forger: Forger, place: int) -> None:
    added = (
        "INSERT INTO event SELECT 5000, at, who, kind, subject, why, before, after, previous, hash "
        f"FROM event WHERE seq = {place}"
    )
    assert not forger.does(added).ok
    assert not forger.does("DELETE FROM event WHERE seq = 5000", f"DELETE FROM event WHERE seq = {place}").ok


@pytest.mark.parametrize("shift", [-1, -5000])
def test_a_row_before_the_first_is_found(forger: Forger, shift: int) -> None:
    found = forger.does(
        f"INSERT INTO event SELECT {shift}, at, who, kind, subject, why, before, after, previous, hash FROM event WHERE seq = 1"
    )

    assert not found.ok


@pytest.mark.parametrize("left", [0, 1, 500, 1000, ROWS])
def test_a_cut_tail_is_found(forger: Forger, left: int) -> None:
    found = forger.does(f"DELETE FROM event WHERE seq > {left}")

    assert (found.ok, found.first_bad) == (False, left + 1)


def test_a_cut_tail_with_its_head_is_found_by_a_head_kept_elsewhere(forger: Forger, rules) -> None:
    with Ledger.open(f"sqlite:///{forger.path}", rules) as ledger:
        kept = history.head(ledger)
        found = forger.does(
            "DELETE FROM event WHERE seq > 900",
            "UPDATE event_head SET seq = 900, hash = (SELECT hash FROM event WHERE seq = 900)",
        )
        assert found.ok, "the chain alone cannot know"
        assert history.verify(ledger, head=kept).first_bad == 901
        assert history.verify(ledger, head=history.Head(rows=700, hash="0" * 64)).first_bad == 700


def test_two_rows_exchanged_are_found(forger: Forger) -> None:
    found = forger.does(
        "UPDATE event SET seq = 9000 WHERE seq = 40", "UPDATE event SET seq = 40 WHERE seq = 41",
        "UPDATE event SET seq = 41 WHERE seq = 9000",
    )  # fmt: skip

    assert (found.ok, found.first_bad) == (False, 40)


def test_a_row_hidden_in_its_neighbour_is_found(forger: Forger) -> None:
    """The text strung from the rows stays the same: only their number tells."""
    with sqlite3.connect(forger.path) as connection:
        row = dict(zip(COLUMNS, connection.execute("SELECT * FROM event WHERE seq = 1204").fetchone(), strict=True))
    hidden = BETWEEN_FIELDS.join(
        [row["hash"], "screening-event-2", row["previous"], "1204", row["at"], row["who"], row["kind"], row["subject"],
         *("-" if row[name] is None else "=" + row[name] for name in ("why", "before", "after"))]
    )  # fmt: skip
    found = forger.does(
        ("UPDATE event SET after = after || ? WHERE seq = 1203", (BETWEEN_RECORDS + hidden,)),
        "DELETE FROM event WHERE seq = 1204",
    )

    assert (found.ok, found.first_bad) == (False, 1203)


def test_a_border_between_columns_moved_is_found(forger: Forger) -> None:
    """`kind` and `subject` written into `kind` alone, with the sign between them."""
    found = forger.does(
        ("UPDATE event SET who = who || ? || kind, kind = subject, subject = '' WHERE seq = 5", (BETWEEN_FIELDS,))
    )

    assert (found.ok, found.first_bad) == (False, 5)


@pytest.mark.parametrize("name", sorted(triggers.SQLITE))
def test_a_trigger_that_is_gone_or_toothless_is_named(forger: Forger, name: str, rules) -> None:
    with sqlite3.connect(forger.path) as connection:
        connection.execute(f"DROP TRIGGER {name}")
    with Ledger.open(f"sqlite:///{forger.path}", rules) as ledger:
        assert name in (history.verify(ledger).problem or "")
    with sqlite3.connect(forger.path) as connection:
        connection.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON person BEGIN SELECT 1; END")
    with Ledger.open(f"sqlite:///{forger.path}", rules) as ledger:
        found = history.verify(ledger)
    assert not found.ok
    assert name in (found.problem or "")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE OR REPLACE FUNCTION refuse_unless_next() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "ALTER TABLE event DISABLE TRIGGER event_no_update",
        "DROP TRIGGER event_no_truncate ON event",
        (
            "DROP TRIGGER event_no_update ON event; CREATE TRIGGER event_no_update BEFORE UPDATE ON person "
            "FOR EACH ROW EXECUTE FUNCTION refuse('event_is_append_only')"
        ),
        (
            "DROP TRIGGER letter_bytes_stand ON letter; CREATE TRIGGER letter_bytes_stand BEFORE UPDATE OF pdf, sha256, "
            "versions ON letter FOR EACH ROW WHEN (OLD.sha256 IS NULL) EXECUTE FUNCTION refuse('letter_is_frozen')"
        ),
    ],
)
def test_a_toothless_trigger_is_named_on_postgresql(ledger, statement: str) -> None:
    if ledger.engine.dialect.name == "sqlite":
        pytest.skip("said of SQLite above")
    assert history.verify(ledger).ok
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(statement)

    found = history.verify(ledger)
    assert not found.ok
    assert "触发器" in (found.problem or "")


@pytest.mark.parametrize("how", ["the table refuses", "the table is gone", "the head is gone"])
def test_without_the_trail_nothing_is_done(ledger, how: str) -> None:
    """Fail closed: an act whose event cannot be written leaves nothing behind."""
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if how == "the head is gone":
            connection.exec_driver_sql("DELETE FROM event_head")
        elif how == "the table is gone":
            connection.exec_driver_sql("ALTER TABLE event RENAME TO elsewhere")
        elif ledger.engine.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        else:
            connection.exec_driver_sql("ALTER TABLE event ADD CONSTRAINT full_disk CHECK (seq < 0)")

    with pytest.raises(sa.exc.SQLAlchemyError):
        people.add(
            ledger, "wang", name="王五", role=Role.REVIEWER, scope="150200", password=PASSWORD, by=CONSOLE, at=NOW
        )

    with ledger.reader() as session:
        assert session.execute(sa.text("SELECT count(*) FROM person WHERE login = 'wang'")).scalar() == 0


def test_the_signs_between_fields_never_come_from_a_text(long_trail: Path) -> None:
    with sqlite3.connect(long_trail) as connection:
        who = connection.execute("SELECT who FROM event WHERE seq = ?", (ROWS + 1,)).fetchone()[0]
    assert who == "a�b��"
    assert BETWEEN_FIELDS not in canonical({"a": BETWEEN_FIELDS + BETWEEN_RECORDS})
