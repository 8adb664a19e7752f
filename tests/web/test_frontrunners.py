"""领跑者 on the pages: applied for, moved on, listed by year, kept when refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from screening import clock
from screening.services import Ledger
from tests.conftest import NOW, PASSWORD
from tests.services.desks import Desks
from tests.services.test_frontrunners import best_one
from tests.web.site import sign_in
from tests.web.test_pages import sound


@pytest.fixture
def desks(sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desks:
    """An office of 包头市."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Desks(sqlite_ledger, tmp_path)


def test_an_application_is_entered_moved_on_and_listed(site: Flask, desks: Desks) -> None:
    project = best_one(desks)
    reviewer = sign_in(site, "reviewer", PASSWORD).go("/frontrunners")
    sound(reviewer.answer.data, "frontrunners")
    assert "还没有登记申报" in reviewer.text
    assert f"/projects/{project}/frontrunner" in str(reviewer.go(f"/projects/{project}").page)
    reviewer.go(f"/projects/{project}/frontrunner")
    sound(reviewer.answer.data, "frontrunner")

    given = {"product": "电石", "happened_on": "2026-11-20", "document": "包工信〔2026〕9号"}
    reviewer.send("/frontrunner", **{**given, "year": "今年"})
    assert reviewer.status == 422
    assert reviewer.page.find("input", {"name": "document"})["value"] == given["document"], "nothing typed is lost"
    reviewer.send("/frontrunner", year="2026", **given)
    sound(reviewer.answer.data, "frontrunner")
    link = reviewer.page.find("a", string="登记结果")["href"]
    reviewer.go(link).send("/step", state="recommended", happened_on="2026-11-01", document="推荐函")
    assert reviewer.status == 422
    assert "早于“已申报”" in reviewer.text
    reviewer.send("/step", happened_on="2026-11-22")
    sound(reviewer.answer.data, "frontrunner")
    assert "已推荐" in reviewer.text

    sound(reviewer.go("/frontrunners?year=2026").answer.data, "frontrunners")
    assert "已推荐" in reviewer.text
    assert "已推荐" in reviewer.go("/frontrunners.csv?year=2026").answer.data.decode("utf-8-sig")
    assert reviewer.go("/frontrunners.pdf").answer.data.startswith(b"%PDF")
    reviewer.go(f"/projects/{project}/frontrunner").send("/frontrunner/void", reason="录错")
    assert "已作废" in reviewer.text
