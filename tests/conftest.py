"""What tests share: a real ledger on SQLite and on PostgreSQL, the rules on file, people, a fixed moment."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher

from screening import rulebook
from screening.domain.people import Person, Role
from screening.domain.rules import Rulebook
from screening.services import CONSOLE, Ledger, people
from screening.store import schema
from tests import compiled

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSWORD = "一句别人不容易猜到的长密码"
MEMORY = Path("/dev/shm")  # noqa: S108 - folders of random names are made there, as in /tmp
ROOM = 3 * 2**30
"""Bytes that must be free in memory before the tests work there: a run takes less than one GiB."""


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    """Each test of pages makes a site of its own, and would compile it."""
    compiled.remember()


def pytest_configure() -> None:
    """Databases and files of tests are kept in memory where there is room: PostgreSQL clones a ledger ten times as fast.

    Nothing else differs: the programs and their settings are the same, `fsync` with them.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    folder = os.statvfs(MEMORY)
    if folder.f_flag & os.ST_NOEXEC or min(folder.f_bavail * folder.f_frsize, available()) < ROOM:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # asks again


def available() -> int:
    """Bytes of memory that programs can still take."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of our own: socket folder, port, and the names of databases made so far."""

    socket: Path
    port: int

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{name}?host={self.socket}&port={self.port}"

    def run(self, statement: str) -> None:
        """Runs one statement on the server, outside of any transaction."""
        with psycopg.connect(
            dbname="postgres", user="postgres", host=str(self.socket), port=self.port, autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def programs() -> Path:
    """Debian's folder of PostgreSQL programs, the newest version."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name.split(".")[0])
    )
    if not found:
        pytest.fail(
            "PostgreSQL is missing: install Debian's package `postgresql` (`make test` does it when run as root)",
            pytrace=False,
        )
    return found[-1].parent


def as_postgres(*words: str | Path) -> None:
    """Runs a program as user postgres where we are root, which PostgreSQL refuses to be."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, words)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/",
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"{words[0]} failed:\n{done.stdout}", pytrace=False)


@contextmanager
def running_cluster(*, buffers: str = "64MB") -> Iterator[Cluster]:
    """A PostgreSQL cluster in a temporary folder, reached by its socket only; gone with the block."""
    binaries = programs()
    room = Path(tempfile.mkdtemp(prefix="screening-pg-"))
    if os.getuid() == 0:
        shutil.chown(room, "postgres", "postgres")
    port = 54000 + os.getpid() % 5000
    data = room / "data"
    as_postgres(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories={room} -c port={port} -c fsync=off "
        f"-c synchronous_commit=off -c full_page_writes=off -c max_connections=150 -c shared_buffers={buffers} "
        "-c max_wal_size=96MB -c min_wal_size=32MB -c dynamic_shared_memory_type=mmap"
    )
    as_postgres(binaries / "pg_ctl", "-D", data, "-w", "-l", room / "log", "-o", settings, "start")
    try:
        yield Cluster(room, port)
    finally:
        as_postgres(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(room, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of this session."""
    with running_cluster() as started:
        yield started


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    """The rules on file."""
    return rulebook.load()


@pytest.fixture(scope="session")
def postgresql_template(cluster: Cluster, rules: Rulebook) -> str:
    """A migrated database that each test's own is cloned from."""
    cluster.run("CREATE DATABASE template_ledger")
    with Ledger.open(cluster.url("template_ledger"), rules) as ledger:
        schema.upgrade(ledger)
    return "template_ledger"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, rules: Rulebook) -> Path:
    """A migrated file that each test's own is copied from."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    with Ledger.open(f"sqlite:///{path}", rules) as ledger:
        schema.upgrade(ledger)
        with ledger.engine.connect().execution_options(writes=True) as connection:
            connection.exec_driver_sql("SELECT 1")
    assert not path.with_name("ledger.db-wal").exists()
    return path


NUMBERS = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty ledger, once on each database."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"ledger_{next(NUMBERS)}"
    cluster.run(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgresql_template')} STRATEGY FILE_COPY")
    yield cluster.url(name)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ledger(database_url: str, rules: Rulebook) -> Iterator[Ledger]:
    """A migrated, empty ledger on each database."""
    with compiled.opened(database_url, rules) as ledger:
        yield ledger


@pytest.fixture
def sqlite_ledger(sqlite_template: Path, tmp_path: Path, rules: Rulebook) -> Iterator[Ledger]:
    """A migrated, empty ledger on SQLite, for tests that are not about the database."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(sqlite_template, path)
    with compiled.opened(f"sqlite:///{path}", rules) as ledger:
        yield ledger


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost little, where passwords are not what is tested; what the real ones cost says `test_people`."""
    monkeypatch.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def person(ledger: Ledger) -> Callable[..., Person]:
    """Adds a person to the ledger: person(Role.REVIEWER, scope="150200", login="wang")."""
    numbers = itertools.count(1)

    def added(role: Role, scope: str = "150000", login: str | None = None) -> Person:
        login = login or f"{role.value}{next(numbers)}"
        return people.add(
            ledger, login, name=f"{role.words}{login}", role=role, scope=scope, password=PASSWORD, by=CONSOLE, at=NOW
        )[0]

    return added
