"""The doors: what a reader cannot do, what a writer leaves behind, and what the connections promise."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from screening.domain.errors import Refusal
from screening.domain.numbering import Series
from screening.store import numbers
from screening.store.engine import make_engine, normal_url

HALTS = Series("内发改两高停", 2026)


def test_a_reader_cannot_write(ledger) -> None:
    with pytest.raises(sa.exc.DBAPIError), ledger.reader() as session:
        session.execute(sa.text("UPDATE event_head SET seq = 5"))


def test_a_writer_that_fails_leaves_nothing(ledger) -> None:
    with pytest.raises(RuntimeError), ledger.writer() as session:  # noqa: PT012  # the failure stands inside the transaction
        numbers.take(session, HALTS, office="150000")
        raise RuntimeError

    with ledger.reader() as session:
        assert numbers.last(session, HALTS) == 0


def test_a_reader_keeps_its_snapshot(ledger) -> None:
    with ledger.reader() as session:
        before = numbers.last(session, HALTS)
        with ledger.writer() as writing:
            numbers.take(writing, HALTS, office="150000")
        session.expire_all()
        assert numbers.last(session, HALTS) == before == 0


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
    """Two series by turns, and meanwhile numbers that stand on paper: the series goes on above them."""
    both = (Series("包发改两高改", 2026), Series("包发改两高停", 2026))
    start, given, papers, faults = threading.Barrier(21), {series: [] for series in both}, [], []

    def take(first: int) -> None:
        start.wait()
        for place in range(10):
            series = both[(first + place) % 2]
            try:
                with ledger.writer() as session:
                    given[series].append(numbers.take(session, series, office="150200"))
            except Exception as fault:  # noqa: BLE001  # told below
                faults.append(fault)

    def claim() -> None:
        start.wait()
        for _ in range(5):
            with ledger.writer() as session:
                coming = numbers.claim(session, both[0], 1, office="150200") + 3  # from here on nobody else numbers
                papers.append(numbers.claim(session, both[0], coming, office="150200"))

    with ledger.writer() as session:
        given[both[0]].append(numbers.take(session, both[0], office="150200"))
    threads = [threading.Thread(target=take, args=(place,)) for place in range(20)] + [threading.Thread(target=claim)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert sorted(given[both[1]]) == list(range(1, 101))
    mixed = sorted([*given[both[0]], *papers])
    assert len(mixed) == len(set(mixed)) == 106, "nothing twice"
    missing = set(range(1, mixed[-1] + 1)) - set(mixed)
    assert missing == {paper - back for paper in papers for back in (1, 2)}, "only what lies before a paper is missing"


def test_series_are_apart_by_their_text_and_belong_to_one_office(ledger) -> None:
    with ledger.writer() as session:
        series = [HALTS, Series("包发改两高停", 2026), Series("内发改两高保", 2026), Series("内发改两高停", 2027)]
        offices = ["150000", "150200", "150000", "150000"]
        first = [numbers.take(session, s, office=o) for s, o in zip(series, offices, strict=True)]
        second = [numbers.take(session, s, office=o) for s, o in zip(series, offices, strict=True)]
        with pytest.raises(Refusal, match="另一机关"):
            numbers.take(session, HALTS, office="150200")
        assert numbers.owner(session, "内发改两高停") == {"150000"}

    assert (first, second) == ([1] * 4, [2] * 4)
