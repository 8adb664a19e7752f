"""`screening audit verify` over a trail of 1,000,000 events, beside hashing the same texts alone."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from screening import rulebook
from screening.domain.history import FORM, NOTHING_BEFORE, Event, Happening, written
from screening.services import Ledger, history
from screening.store import schema, trail
from tests.bench.rounds import ON_SCREEN, medians, show

ROWS = 1_000_000
SAMPLE = 100_000
AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def events(number: int) -> Iterator[Event]:
    """Made-up changes of projects, about 320 bytes each."""
    for place in range(number):
        yield Event(
            at=AT + timedelta(seconds=place),
            who=f"registrar{place % 40}",
            kind=Happening.PROJECT_CHANGED,
            subject=f"project:{UUID(int=place % 4000)}",
            why="按企业填报更正",
            before={"annual_output": str(place), "name": "电石炉项目"},
            after={"annual_output": str(place + 1), "name": "电石炉节能改造项目"},
        )


def measure() -> None:
    """Prints the ratios; the aim is at most 3 times hashing alone.

    Hashing alone is the bare chain: SHA-256 of one canonical text after another, all ready in memory. What it takes
    to write those texts first, of rows that are in memory already, is printed beside it.
    """
    with tempfile.TemporaryDirectory() as room, Ledger.open(f"sqlite:///{room}/ledger.db", rulebook.load()) as ledger:
        with ON_SCREEN.status(f"writing {ROWS} events"):
            schema.upgrade(ledger)
            with ledger.writer() as session:
                trail.record(session, *events(ROWS))
        with ledger.reader() as session, closing(trail.links(session)) as chain:
            links = list(islice(chain, SAMPLE))
        texts = [written(link).encode() for link in links]
        begin, end = len(FORM) + 1, len(FORM) + 1 + len(NOTHING_BEFORE)
        parts = [(text[:begin], text[end:]) for text in texts]
        times = ROWS // SAMPLE

        def hash_ready() -> None:
            for _ in range(times):
                previous = NOTHING_BEFORE.encode()
                for head, tail in parts:
                    previous = hashlib.sha256(head + previous + tail).hexdigest().encode()

        def write_and_hash() -> None:
            for _ in range(times):
                for link in links:
                    hashlib.sha256(written(link).encode()).hexdigest()

        def verify() -> None:
            found = history.verify(ledger)
            if not found.ok or found.rows != ROWS:
                raise SystemExit(f"{found}")

        ways = {
            "hashing alone": hash_ready,
            "writing the texts and hashing": write_and_hash,
            "audit verify": verify,
        }
        size = Path(room, "ledger.db").stat().st_size / ROWS
        found = medians(ways, rounds=5)
        show(
            f"Verifying {ROWS} events ({size:.0f} bytes each)",
            found,
            base="hashing alone",
            goals={"audit verify": "≤ 3"},
        )
        besides = found["audit verify"] / found["writing the texts and hashing"]
        ON_SCREEN.print(f"audit verify is {besides:.2f} × writing the texts and hashing them.")
