"""What a test begins with: brought about once in a process by the use cases themselves, then copied."""

from __future__ import annotations

import atexit
import copy
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from screening.services import Ledger
from screening.store import trail


@dataclass(frozen=True)
class Outcome:
    """What some work gave, and where the ledger (a file or a database) and the files stand that it left."""

    gave: Any
    ledger: str
    files: Path


OUTCOMES: dict[tuple[object, ...], Outcome] = {}
"""By the name of the work, the ledger that it began with by its trail, and what letters say of its address."""
ROOM: list[Path] = []
CLONED = "STRATEGY FILE_COPY"


def begun(ledger: Ledger, folder: Path, name: str, work: Callable[[], Any]) -> Any:
    """What `work()` gives, having done in the ledger and in the folder what it does there.

    Where the same work was done on a ledger of the same trail before, what it left is copied: every test still
    changes a ledger of its own.
    """
    with ledger.reader() as session:
        key = (name, ledger.engine.dialect.name, ledger.verify_at, *trail.head(session))
    found = OUTCOMES.get(key)
    if found is None:
        before = _files(folder)
        gave = work()
        OUTCOMES[key] = _kept(ledger, folder, _files(folder) - before, gave)
        return gave
    ledger.engine.dispose()
    ledger.counted.clear()
    if ledger.engine.dialect.name == "sqlite":
        shutil.copyfile(found.ledger, str(ledger.engine.url.database))
    else:
        own = ledger.engine.url.database
        _run(ledger, f"DROP DATABASE {own} WITH (FORCE)", f"CREATE DATABASE {own} TEMPLATE {found.ledger} {CLONED}")
    shutil.copytree(found.files, folder, dirs_exist_ok=True)
    return copy.deepcopy(found.gave)


def _kept(ledger: Ledger, folder: Path, files: set[Path], gave: Any) -> Outcome:
    if not ROOM:
        ROOM.append(Path(tempfile.mkdtemp(prefix="screening-begun-")))
        atexit.register(shutil.rmtree, ROOM[0], ignore_errors=True)
    place = ROOM[0] / str(len(OUTCOMES))
    place.mkdir()
    for file in files:
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file, place / file)
    ledger.engine.dispose()  # the last connection of a file takes its journal in
    if ledger.engine.dialect.name == "sqlite":
        kept = f"{place}.db"
        shutil.copyfile(str(ledger.engine.url.database), kept)
    else:
        kept = f"begun_{len(OUTCOMES)}"
        _run(ledger, f"CREATE DATABASE {kept} TEMPLATE {ledger.engine.url.database} {CLONED}")
    return Outcome(copy.deepcopy(gave), kept, place)


def _files(folder: Path) -> set[Path]:
    """What lies in a folder but for ledgers."""
    return {
        file.relative_to(folder)
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith("ledger.db")
    }


def _run(ledger: Ledger, *statements: str) -> None:
    """On the server of a ledger, outside of any transaction."""
    server = ledger.engine.url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
