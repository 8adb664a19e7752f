"""A real site over a real ledger on SQLite, with a person for every role."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from screening import clock
from screening.app import create_app
from screening.config import Config
from screening.domain.people import Role
from screening.services import CONSOLE, Ledger, people
from screening.store import people as store
from tests.services.begun import begun
from tests.web.site import PASSWORD, Visitor, enter, sheet


@pytest.fixture(autouse=True)
def _quick_passwords(quick_passwords: None) -> None:
    """Everybody comes in by the door here, several in a test: their hashes cost little."""


@pytest.fixture
def site(sqlite_ledger: Ledger, tmp_path: Path) -> Flask:
    """The application; its errors are not hidden behind pages of their own making."""
    config = Config(
        database_url="unused", host="127.0.0.1", port=0, var=tmp_path, secret="s" * 40, secure_cookies=False
    )
    return create_app(config, ledger=sqlite_ledger)


@pytest.fixture
def visit(site: Flask, sqlite_ledger: Ledger) -> Callable[..., Visitor]:
    """visit(Role.REVIEWER, "150200"): a signed-in visitor of that role; each login is made once."""

    def visitor(role: Role, scope: str = "150000", login: str | None = None) -> Visitor:
        login = login or f"{role.value}.{scope}"
        with sqlite_ledger.reader() as session:
            known = store.by_login(session, people.folded(login))
        if known is None:
            people.add(
                sqlite_ledger, login, name=f"{role.words}甲", role=role, scope=scope, password=PASSWORD, by=CONSOLE,
                at=clock.now(),
            )  # fmt: skip
        return enter(site, login)

    return visitor


@pytest.fixture
def filled_site(visit: Callable[..., Visitor], sqlite_ledger: Ledger, tmp_path: Path) -> Visitor:
    """The ledger with the three projects of `site.ROWS`; gives the registrar who brought them in."""

    def fill() -> str:
        registrar = visit(Role.REGISTRAR, login="registrar")
        registrar.go("/import").send("/import", file=(io.BytesIO(sheet()), "台账.csv"))
        assert "现在还没有写入" in registrar.text, registrar.text
        address = next(f["action"] for f in registrar.page.find_all("form") if "/import/" in str(f.get("action")))
        registrar.send(str(address))
        assert registrar.status == 200, registrar.text
        assert registrar.answer is not None
        return registrar.answer.request.path

    written = begun(sqlite_ledger, tmp_path, "filled site", fill)
    return visit(Role.REGISTRAR, login="registrar").go(written)
