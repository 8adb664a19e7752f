"""The doors: what a reader cannot do, what a writer leaves behind, and what the connections promise."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from screening.domain.errors import Refusal
from screening.store import cases
from screening.store.engine import make_engine, normal_url


def test_a_reader_cannot_write(ledger) -> None:
    with pytest.raises(sa.exc.DBAPIError), ledger.reader() as session:
        session.execute(sa.text("UPDATE event_head SET seq = 5"))


def test_a_writer_that_fails_leaves_nothing(ledger) -> None:
    with pytest.raises(RuntimeError), ledger.writer() as session:  # noqa: PT012  # the failure stands inside the transaction
        cases.next_number(session, office="150000", kind="HALT", year=2026)
        raise RuntimeError

    with ledger.reader() as session:
        assert cases.last_number(session, office="150000", kind="HALT", year=2026) == 0


def test_a_reader_keeps_its_snapshot(ledger) -> None:
    with ledger.reader() as session:
        before = cases.last_number(session, office="150000", kind="HALT", year=2026)
        with ledger.writer() as writing:
            cases.next_number(writing, office="150000", kind="HALT", year=2026)
        session.expire_all()
        assert cases.last_number(session, office="150000", kind="HALT", year=2026) == before == 0


def test_sqlite_keeps_what_it_acknowledged(sqlite_ledger) -> None:
    with sqlite_ledger.engine.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
        }

    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "recursive_triggers": 1,
    }


@pytest.mark.parametrize("given", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_postgresql_means_psycopg(given: str) -> None:
    assert normal_url(given).drivername == "postgresql+psycopg"


def test_a_database_that_stays_busy_is_a_sentence(sqlite_ledger) -> None:
    engine = make_engine(str(sqlite_ledger.engine.url))
    with sqlite_ledger.writer() as session:
        session.execute(sa.text("SELECT 1"))
        with engine.connect() as impatient:
            impatient.exec_driver_sql("SELECT 1")
        quick = type(sqlite_ledger)(engine, sqlite_ledger.rules)
        sa.event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
        engine.dispose()
        with pytest.raises(Refusal, match="台账正忙"), quick.writer() as other:
            other.execute(sa.text("SELECT 1"))
    engine.dispose()


def test_200_concurrent_numbers_have_no_gap_and_no_double(ledger) -> None:
    start, numbers, faults = threading.Barrier(20), [], []

    def take() -> None:
        start.wait()
        for _ in range(10):
            try:
                with ledger.writer() as session:
                    numbers.append(cases.next_number(session, office="150200", kind="RETROFIT", year=2026))
            except Exception as fault:  # noqa: BLE001  # told below
                faults.append(fault)

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert sorted(numbers) == list(range(1, 201))


def test_series_are_apart_by_office_kind_and_year(ledger) -> None:
    with ledger.writer() as session:
        series = [
            ("150000", "HALT", 2026),
            ("150200", "HALT", 2026),
            ("150000", "KEEP", 2026),
            ("150000", "HALT", 2027),
        ]
        first = [cases.next_number(session, office=o, kind=k, year=y) for o, k, y in series]
        second = [cases.next_number(session, office=o, kind=k, year=y) for o, k, y in series]

    assert (first, second) == ([1] * 4, [2] * 4)
