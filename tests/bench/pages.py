"""The ledger page with 300 projects, its filters and facets, beside a page of one word through the same application."""

from __future__ import annotations

import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from flask import render_template_string

from screening import rulebook
from screening.app import create_app
from screening.config import Config
from screening.domain.people import Role
from screening.services import CONSOLE, Ledger, people, registry
from screening.store import schema
from tests.bench import screen
from tests.bench.rounds import ON_SCREEN, medians, show

ROWS = 330
EACH = 10
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PASSWORD = secrets.token_urlsafe(16)


def measure() -> None:
    """Prints seconds per page; the ledger page shows 50 of 300 projects."""
    rules = rulebook.load()
    with tempfile.TemporaryDirectory() as room:
        var = Path(room)
        book = var / "ledger.xlsx"
        screen.write(book, rules, rows=ROWS)
        url = f"sqlite:///{var / 'ledger.db'}"
        config = Config(
            database_url=url, host="127.0.0.1", port=0, var=var, secret=secrets.token_urlsafe(32), secure_cookies=False
        )
        with Ledger.open(url, rules) as ledger, ON_SCREEN.status("filling a ledger"):
            schema.upgrade(ledger)
            people.add(
                ledger, "reader", name="测速", role=Role.REVIEWER, scope="150000", password=PASSWORD, by=CONSOLE, at=NOW
            )
            preview = registry.preview_import(ledger, book, file=book.name, by=CONSOLE, at=NOW)
            registry.confirm_import(ledger, preview.batch, by=CONSOLE, at=NOW)
            app = create_app(config, ledger=ledger)
            app.add_url_rule("/hello", "hello", lambda: render_template_string("<!doctype html><title>x</title>hello"))
            client = app.test_client()
            page = client.get("/sign-in").get_data(as_text=True)
            token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
            client.post("/sign-in", data={"login": "reader", "password": PASSWORD, "csrf_token": token})

            def fetch(path: str) -> None:
                for _ in range(EACH):
                    answer = client.get(path)
                    if answer.status_code != 200:
                        raise SystemExit(f"{path}: {answer.status_code}\n{answer.get_data(as_text=True)}")

            ways = {
                "hello": lambda: fetch("/hello"),
                "ledger page": lambda: fetch("/projects"),
                "ledger page, filtered": lambda: fetch("/projects?class=BELOW_BASELINE&stage=existing"),
            }
            found = medians(ways, rounds=5)
        show(
            f"Pages over {ROWS} rows on SQLite, seconds a page",
            {name: seconds / EACH for name, seconds in found.items()},
            base="hello",
            digits=4,
        )
