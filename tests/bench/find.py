"""The ledger page and the search over 100,000 projects on both databases, beside a page of one word."""

from __future__ import annotations

import os
import secrets
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import render_template_string
from rich.progress import track
from rich.table import Table

from screening import clock, rulebook
from screening.app import create_app
from screening.config import Config
from screening.domain.people import Person, Role
from screening.services import CONSOLE, Ledger, mirroring, people
from screening.services.registry import Filter, list_projects
from screening.store import schema
from screening.store.search import words_of
from screening.store.tables import ProjectRow
from tests.bench import plenty
from tests.bench.rounds import ON_SCREEN, PRINTED, medians, show
from tests.conftest import running_cluster
from tests.store.test_search import found, liked, queries

ROWS = 100_000
QUERIES = 1000
EACH = 10
AIM = 0.005
"""Seconds of a search."""
Times = tuple[float, float, float]
"""Seconds of one search: that passed, that this process computed, that it waited for the database."""
PASSWORD = secrets.token_urlsafe(16)


def measure() -> None:
    """Prints cost of pages (aim: 30 times the page of one word on SQLite, 45 on PostgreSQL) and of searches (5 ms)."""
    with tempfile.TemporaryDirectory() as room:
        _measure_on(f"sqlite:///{room}/ledger.db", Path(room), "SQLite", "≤ 30")
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        PRINTED.print("PostgreSQL: not installed")
        return
    with tempfile.TemporaryDirectory() as room, running_cluster(buffers="256MB") as cluster:
        _measure_on(cluster.url("postgres"), Path(room), "PostgreSQL", "≤ 45")


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
        _mirrored(ledger)
        _pages(ledger, var, url, name, aim)
        _searches(ledger, reader, banner, name)


def _mirrored(ledger: Ledger) -> None:
    """Makes the mirror, as a server does beside its first requests."""
    began = time.thread_time()
    mirroring.make(ledger, clock.today())
    first, began = time.thread_time() - began, time.thread_time()
    mirroring.make(ledger, clock.today())
    again = time.thread_time() - began
    PRINTED.print(f"the mirror: made in {first:.1f} s of computing, {again:.1f} s where no text changed")


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
            held = ledger.mirror
            for _ in range(EACH):
                if cold:
                    ledger.counted.clear()
                    ledger.mirror, ledger.next_mirror = None, float("inf")
                answer = client.get(address)  # type: ignore[attr-defined]
                if answer.status_code != 200:
                    raise SystemExit(f"{address}: {answer.status_code}\n{answer.get_data(as_text=True)}")
            ledger.mirror = held

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
    made: list[str] = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *given: made.append(given[2]))
    most = 0
    for way in ways.values():
        way()  # makes ready what the first page makes
        made.clear()
        way()
        most = max(most, sum(not one.startswith(("SET", "PRAGMA", "BEGIN")) for one in made) // EACH)
    PRINTED.print(f"statements a page: at most {most} (aim 8)")
    found = {way: seconds / EACH for way, seconds in medians(ways, rounds=5).items()}
    title = f"The ledger page over {ROWS} projects on {name}, seconds a page"
    show(title, found, base="hello", goals={"/projects": aim}, digits=4)


def _searches(ledger: Ledger, region: Person, banner: Person, name: str) -> None:
    """Each search as the ledger page asks for it: its rows in order and the counts of all facets."""
    taken: defaultdict[str, list[Times]] = defaultdict(list)
    asking = _timed(ledger.engine)
    seed = secrets.randbits(32)
    with ledger.reader() as session:
        some = sa.select(ProjectRow.search).order_by(ProjectRow.credit_code).limit(2000)
        texts = list(session.execute(some).scalars())
        asked = list(queries(texts, QUERIES, Random(seed)))  # noqa: S311  # printed below
        columns = (ProjectRow.identity, ProjectRow.search, ProjectRow.banner)
        everything = list(session.execute(sa.select(*columns).where(ProjectRow.case_state != "void")))  # type: ignore[call-overload]
        for place, text in enumerate(track(asked, description="searches", console=ON_SCREEN, transient=True)):
            by = banner if place % 5 == 0 else region
            left = everything
            for word in words_of(text):
                left = [row for row in left if word in row[1]]
            prefix = by.scope_prefix
            alike = {key for key, _, banner_of in left if banner_of.startswith(prefix)}
            if (place % 7 == 0 and found(session, text, by) != alike) or (
                place % 50 == 0 and liked(session, text, by) != alike
            ):
                raise SystemExit(f"{name}: {text!r} finds other projects than LIKE")
            if ledger.mirror is None:
                raise SystemExit("no mirror")
            if place % EACH == 0:
                made, ledger.mirror, ledger.next_mirror = ledger.mirror, None, float("inf")
                ledger.counted.clear()
                for way in ("just after a change", "the same again"):
                    _ask(ledger, text, by, way, len(alike), taken, asking)
                ledger.mirror = made
            ledger.mirror.words.forget()
            for way in ("the first time", "again"):
                _ask(ledger, text, by, way, len(alike), taken, asking)
    table = Table(
        title=f"{QUERIES} searches on {name}, milliseconds（{os.cpu_count()} 核，负载 {os.getloadavg()[0]:.1f}）",
        title_justify="left",
    )
    table.add_column("")
    for head in ("median", "p95", "worst", f"≤ {AIM * 1000:.0f} ms", "computing", "database"):
        table.add_column(head, justify="right")
    for way, times in taken.items():
        passed, computing, waiting = zip(*times, strict=True)
        high, within = (
            statistics.quantiles(passed, n=20, method="inclusive")[-1],
            sum(one <= AIM for one in passed) / len(passed),
        )
        table.add_row(
            way, *(f"{seconds * 1000:.1f}" for seconds in (statistics.median(passed), high, max(passed))), f"{within:.0%}",
            *(f"{statistics.median(of) * 1000:.1f}" for of in (computing, waiting)),
        )  # fmt: skip
    PRINTED.print(table)
    PRINTED.print(
        f"Aim: ≤ {AIM * 1000:.0f} ms. All count what LIKE finds, every 7th is compared project by project (seed {seed}).",
        soft_wrap=True,
    )


def _ask(
    ledger: Ledger, text: str, by: Person, way: str, alike: int, taken: dict[str, list[Times]], asking: list[float]
) -> None:
    asking.clear()
    computed, began = time.process_time(), time.perf_counter()
    page = list_projects(ledger, Filter(q=text), by=by, today=clock.today())
    # What this process computed counts on a machine that others use as well.
    taken[way].append((time.perf_counter() - began, time.process_time() - computed, sum(asking)))
    if page.total != alike:
        raise SystemExit(f"{text!r} counts other projects than LIKE")


def _timed(engine: sa.Engine) -> list[float]:
    """Grows by the seconds that each statement takes in the database."""
    taken: list[float] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def begin(*given: Any) -> None:
        given[4].began = time.perf_counter()

    @sa.event.listens_for(engine, "after_cursor_execute")
    def end(*given: Any) -> None:
        taken.append(time.perf_counter() - given[4].began)

    return taken


if __name__ == "__main__":
    measure()
