"""The trail: nothing in it can be changed by a statement, and whoever gets around that is caught."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from screening.domain.errors import Refusal
from screening.domain.history import Event, Happening
from screening.services import history
from screening.store import trail
from screening.store.tables import EventRow
from tests.conftest import NOW


@pytest.fixture
def told(ledger):
    """A ledger whose trail has five events."""
    for number in range(5):
        with ledger.writer() as session:
            trail.record(
                session,
                Event(
                    at=NOW + timedelta(minutes=number), who=f"li{number}", kind=Happening.PROJECT_CHANGED,
                    subject=f"project:{number}", why="核对", before={"q": "1"}, after={"q": "2", "n": number},
                ),
            )  # fmt: skip
    return ledger


STATEMENTS = (
    "UPDATE event SET why = 'x' WHERE seq = 3",
    "DELETE FROM event WHERE seq = 5",
    "DELETE FROM event",
    "INSERT INTO event SELECT 9, at, who, kind, subject, why, before, after, previous, hash FROM event WHERE seq = 5",
    "INSERT INTO event SELECT 3, at, who, kind, subject, why, before, after, previous, hash FROM event WHERE seq = 5",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_rewrites_the_trail(told, statement: str) -> None:
    with pytest.raises(Refusal), told.writer() as session:
        session.execute(sa.text(statement))
    assert history.verify(told).ok


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_replace_does_not_walk_past(told, recursive: str) -> None:
    if told.engine.dialect.name != "sqlite":
        with pytest.raises(Refusal), told.writer() as session:
            session.execute(sa.text("TRUNCATE event"))
        return
    statement = (
        "INSERT OR REPLACE INTO event SELECT 3, at, 'somebody', kind, subject, why, before, after, previous, hash "
        "FROM event WHERE seq = 3"
    )
    with told.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
    with pytest.raises(Refusal), told.writer() as session:  # noqa: PT012  # the failure stands inside the transaction
        session.connection().exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
        session.execute(sa.text(statement))
    assert history.verify(told).ok


def around_the_triggers(ledger, statement: str) -> None:
    """What somebody does who owns the database."""
    postgresql = ledger.engine.dialect.name == "postgresql"
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if postgresql:
            connection.execute(sa.text("ALTER TABLE event DISABLE TRIGGER USER"))
            connection.execute(sa.text(statement))
            connection.execute(sa.text("ALTER TABLE event ENABLE TRIGGER USER"))
        else:
            kept = connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'")
            ).all()
            for name, _ in kept:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.execute(sa.text(statement))
            for _, sql in kept:
                connection.exec_driver_sql(sql)


@pytest.mark.parametrize("column", [c.name for c in EventRow.__table__.columns])
def test_a_change_of_any_column_is_found(told, column: str) -> None:
    value = "77" if column == "seq" else "'2020-01-01'"
    around_the_triggers(told, f'UPDATE event SET "{column}" = {value} WHERE seq = 3')

    found = history.verify(told)
    assert not found.ok
    assert found.first_bad in (3, 4)


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        pytest.param("DELETE FROM event WHERE seq = 2", 2, id="one in the middle"),
        pytest.param("DELETE FROM event WHERE seq = 5", 5, id="the last"),
        pytest.param("DELETE FROM event", 1, id="all"),
        pytest.param("UPDATE event SET before = NULL WHERE seq = 4", 4, id="a value made blank"),
        pytest.param("UPDATE event SET seq = 6 - seq WHERE seq IN (2, 4) AND 0 = 1", None, id="nothing"),
    ],
)
def test_a_missing_row_is_found(told, statement: str, first_bad: int | None) -> None:
    around_the_triggers(told, statement)

    found = history.verify(told)
    assert (found.ok, found.first_bad) == (first_bad is None, first_bad)


def test_a_head_kept_elsewhere_finds_a_cut_tail(told) -> None:
    kept = history.head(told)
    with told.reader() as session:
        fourth = next(link for link in trail.links(session) if link.seq == 4)
    around_the_triggers(told, "DELETE FROM event WHERE seq = 5")
    with told.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text("UPDATE event_head SET seq = 4, hash = :hash"), {"hash": fourth.hash})

    assert history.verify(told).ok, "the chain alone cannot know"
    found = history.verify(told, head=kept)
    assert (found.ok, found.first_bad) == (False, 5)


def test_an_act_without_its_event_does_not_happen(told) -> None:
    with pytest.raises(TypeError), told.writer() as session:  # noqa: PT012  # the failure stands inside the transaction
        session.execute(sa.text("UPDATE person SET name = 'x'"))
        trail.record(
            session,
            Event(at=NOW, who="li", kind=Happening.PERSON_ADDED, subject="person:1", after={"figure": 1.5}),
        )

    with told.reader() as session:
        assert session.execute(sa.text("SELECT count(*) FROM person WHERE name = 'x'")).scalar() == 0
