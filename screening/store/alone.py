"""Only one sweep at a time, whatever process it runs in: a lock that falls with its holder, however that ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import sqlalchemy as sa

from screening.store.engine import SQLITE, Ledger

NAME = 0x74_69_63_6B
"""The lock's number within its PostgreSQL database ("tick")."""


@contextmanager
def alone(ledger: Ledger) -> Iterator[bool]:
    """Whether this is the only one within the block; False where another holds the lock, which is not waited for.

    Both locks are the operating system's or the server's own: a process that is killed holds nothing any more.
    """
    if ledger.engine.dialect.name == SQLITE:
        with _file(f"{ledger.engine.url.database}-tick") as held:
            yield held
        return
    with ledger.engine.connect() as connection:
        held = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(NAME))).scalar_one())
        connection.commit()  # the lock is the connection's, not the transaction's
        try:
            yield held
        finally:
            if held:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(NAME)))


@contextmanager
def _file(path: str) -> Iterator[bool]:
    """A database of its own beside the ledger, with nothing in it: its lock works on every system that SQLite knows."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
            return
        yield True
