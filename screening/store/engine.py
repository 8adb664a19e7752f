"""The doors to the database: readers that cannot write, and writers that are one transaction each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screening.domain.errors import Conflict, Refusal
from screening.domain.rules import Rulebook
from screening.store import search, trail
from screening.store.violations import STAYS_BUSY, explained

if TYPE_CHECKING:
    from screening.store.mirror import Mirror

SQLITE = "sqlite"
POSTGRESQL = "postgresql+psycopg"
PATIENCE = 30
"""Seconds that a writer waits for its turn among the threads of this process."""
NOT_AN_ADDRESS = "数据库地址写法不对。应为 sqlite:///文件 或 postgresql://用户@主机/数据库。"


def normal_url(url: str) -> sa.URL:
    """The URL with the driver that we ship: postgres:// and postgresql:// mean psycopg 3; Refusal for any other."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as fault:
        raise Refusal(NOT_AN_ADDRESS) from fault
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername=POSTGRESQL)
    if parsed.drivername not in {SQLITE, POSTGRESQL}:
        raise Refusal(NOT_AN_ADDRESS)
    return parsed


def make_engine(url: str | sa.URL) -> sa.Engine:
    """An engine whose connections keep what they acknowledged and begin the way they are told."""
    parsed = normal_url(str(url)) if isinstance(url, str) else url
    if parsed.get_backend_name() == SQLITE:
        engine = sa.create_engine(parsed, connect_args={"timeout": 5.0, "check_same_thread": False})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=24)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own implicit BEGIN loses updates silently (findings §2): every BEGIN is ours.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "recursive_triggers=ON",
        "secure_delete=ON",
        # KiB: SQLite's own 2 MB do not hold what a search looks at among very many projects.
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")
    search.prepare(connection)


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


FIRST_MIRROR = 60.0
"""Seconds of a process before it thinks of mirroring: its first requests are for the database alone."""


class Ledger:
    """The ledger: its database, and the rules on file that its projects are screened by.

    Made once for a process; safe to use from many threads.
    """

    def __init__(self, engine: sa.Engine, rules: Rulebook, verify_at: str | None = None) -> None:
        self.engine = engine
        self.rules = rules
        self.verify_at = verify_at
        """Address of the page that verifies letters, as new letters say it."""
        self._turn = Lock() if engine.dialect.name == SQLITE else None
        """SQLite lets whoever asks at the right moment write next: among our threads each gets its turn."""
        self.counted: dict[Any, tuple[int, Any]] = {}
        """Counts of this process with the event up to which they hold; see `counting`."""
        self.mirror: Mirror | None = None
        """What this process last mirrored of the projects; see `mirroring`."""
        self.mirroring: Thread | None = None
        """Who makes it."""
        self.next_mirror = monotonic() + FIRST_MIRROR
        """Before this second of the machine's running clock no other is made."""
        self.laid_over: tuple[object, Rulebook] | None = None
        """The rules with the confirmations last seen laid over, under what tells them apart."""

    @classmethod
    def open(cls, url: str, rules: Rulebook, verify_at: str | None = None) -> Ledger:
        """The ledger in the database at `url` (sqlite:///… or postgresql://…)."""
        return cls(make_engine(url), rules, verify_at)

    @contextmanager
    def reader(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot write."""
        with self.engine.connect() as connection, Session(connection, autoflush=False) as session:
            yield session

    @contextmanager
    def writer(self) -> Iterator[Session]:
        """A session that is one transaction: committed at the end, with its events, or not at all."""
        with (
            self._in_turn(),
            self.engine.connect().execution_options(writes=True) as connection,
            Session(connection, expire_on_commit=False) as session,
            explained(),
        ):
            yield session
            session.flush()
            trail.write(session)
            session.commit()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=PATIENCE):
            raise Conflict(STAYS_BUSY)
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Lets all connections go."""
        if self.mirroring:
            self.mirroring.join()
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
