"""The ledger page and the search over 100,000 projects on both databases, beside a page of one word."""

from __future__ import annotations

import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import sqlalchemy as sa
from flask import render_template_string

from screening import clock, rulebook
from screening.app import create_app
from screening.config import Config
from screening.domain.people import Person, Role
from screening.services import CONSOLE, Ledger, people
from screening.services.registry import Filter, list_projects
from screening.store import schema
from screening.store.search import words_of
from screening.store.tables import ProjectRow
from tests.bench import plenty
from tests.bench.rounds import ON_SCREEN, PRINTED, medians, show
from tests.conftest import as_postgres, programs
from tests.store.test_search import found, liked, queries

ROWS = 100_000
QUERIES = 1000
EACH = 10
PASSWORD = secrets.token_urlsafe(16)


def measure() -> None:
    """Prints cost of pages (aim: 30 times the page of one word on SQLite, 45 on PostgreSQL) and of searches (5 ms)."""
    with tempfile.TemporaryDirectory() as room:
        _measure_on(f"sqlite:///{room}/ledger.db", Path(room), "SQLite", "≤ 30")
    room = tempfile.mkdtemp(prefix="screening-bench-")
    shutil.chown(room, "postgres", "postgres")
    binaries, data = programs(), f"{room}/data"
    as_postgres(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories={room} -c port=54321 -c shared_buffers=256MB -c fsync=off"
    )
    as_postgres(binaries / "pg_ctl", "-D", data, "-w", "-l", f"{room}/log", "-o", settings, "start")
    try:
        with tempfile.TemporaryDirectory() as var:
            _measure_on(f"postgresql://postgres@/postgres?host={room}&port=54321", Path(var), "PostgreSQL", "≤ 45")
    finally:
        as_postgres(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(room, ignore_errors=True)


def _measure_on(url: str, var: Path, name: str, aim: str) -> None:
    with Ledger.open(url, rulebook.load()) as ledger:
        began = time.perf_counter()
        with ON_SCREEN.status(f"filling {ROWS} projects into {name}"):
            schema.upgrade(ledger)
            plenty.fill(ledger, ROWS)
            with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if name == "PostgreSQL":
                    connection.exec_driver_sql("VACUUM ANALYZE")  # what its autovacuum does in the minutes after
        PRINTED.print(f"{ROWS} projects into {name}: {time.perf_counter() - began:.0f} s")
        at = clock.now()
        reader, banner = (
            people.add(
                ledger, login, name="测速", role=Role.REVIEWER, scope=scope, password=PASSWORD, by=CONSOLE, at=at
            )[0]
            for login, scope in (("region", "150000"), ("banner", "150204"))
        )
        _pages(ledger, var, url, name, aim)
        _searches(ledger, reader, banner, name)


def _pages(ledger: Ledger, var: Path, url: str, name: str, aim: str) -> None:
    config = Config(
        database_url=url, host="127.0.0.1", port=0, var=var, secret=secrets.token_urlsafe(32), secure_cookies=False
    )
    app = create_app(config, ledger=ledger)
    app.add_url_rule("/hello", "hello", lambda: render_template_string("<!doctype html><title>x</title>hello"))
    ways: dict[str, Callable[[], object]] = {}
    for login in ("region", "banner"):
        client = app.test_client()
        token = client.get("/sign-in").get_data(as_text=True).split('name="csrf_token"', 1)[1].split('value="', 1)[1]
        client.post("/sign-in", data={"login": login, "password": PASSWORD, "csrf_token": token.split('"', 1)[0]})

        def fetch(address: str, client: object = client, *, cold: bool = False) -> None:
            for _ in range(EACH):
                if cold:
                    ledger.counted.clear()
                answer = client.get(address)  # type: ignore[attr-defined]
                if answer.status_code != 200:
                    raise SystemExit(f"{address}: {answer.status_code}\n{answer.get_data(as_text=True)}")

        if login == "region":
            ways["hello"] = lambda fetch=fetch: fetch("/hello")
            for address in (
                "/projects", "/projects?stage=existing&class=BELOW_BASELINE", "/projects?q=电石", "/projects?sort=-tce",
                "/projects?sort=stage", "/projects?page=1900",
            ):  # fmt: skip
                ways[address] = lambda address=address, fetch=fetch: fetch(address)
            ways["/projects, counting anew"] = lambda fetch=fetch: fetch("/projects", cold=True)
        else:
            ways["/projects of a banner"] = lambda fetch=fetch: fetch("/projects")
    for way in ways.values():
        way()
    found = {way: seconds / EACH for way, seconds in medians(ways, rounds=5).items()}
    title = f"The ledger page over {ROWS} projects on {name}, seconds a page"
    show(title, found, base="hello", goals={"/projects": aim}, digits=4)


def _searches(ledger: Ledger, region: Person, banner: Person, name: str) -> None:
    """Each search as the ledger page asks for it: its rows in order and all counts, nothing remembered."""
    seed = secrets.randbits(32)
    with ledger.reader() as session:
        some = sa.select(ProjectRow.search).order_by(ProjectRow.credit_code).limit(2000)
        texts = list(session.execute(some).scalars())
        asked = list(queries(texts, QUERIES, Random(seed)))  # noqa: S311  # printed below
        columns = (ProjectRow.identity, ProjectRow.search, ProjectRow.banner)
        everything = session.execute(sa.select(*columns).where(ProjectRow.case_state != "void")).all()  # type: ignore[call-overload]
        rows: list[float] = []
        whole: list[float] = []
        for place, text in enumerate(asked):
            by = banner if place % 5 == 0 else region
            words = words_of(text)
            alike = {
                key
                for key, held, banner_of in everything
                if banner_of.startswith(by.scope_prefix) and all(word in held for word in words)
            }
            if found(session, text, by) != alike or (place % 50 == 0 and liked(session, text, by) != alike):
                raise SystemExit(f"{name}: {text!r} finds other projects than LIKE")
            list_projects(ledger, Filter(q=text), by=by, today=clock.today())
            began = time.perf_counter()
            list_projects(ledger, Filter(q=text), by=by, today=clock.today())
            rows.append(time.perf_counter() - began)
            ledger.counted.clear()
            began = time.perf_counter()
            list_projects(ledger, Filter(q=text), by=by, today=clock.today())
            whole.append(time.perf_counter() - began)
    PRINTED.print(f"{QUERIES} searches on {name}, seed {seed}: all equal to LIKE (every 50th by LIKE itself)")
    for words, taken in (("the page's rows, counts known", rows), ("the first time, all counts made", whole)):
        high = statistics.quantiles(taken, n=20)[-1]
        PRINTED.print(f"  {words}: median {statistics.median(taken) * 1000:.1f} ms (aim 5), p95 {high * 1000:.1f} ms")


if __name__ == "__main__":
    measure()
