"""淘汰退出 on the pages: listed, entered step by step, kept when refused."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from screening import clock
from screening.services import Ledger
from tests.conftest import PASSWORD
from tests.services.desks import Desks
from tests.services.test_exits import LATE, one
from tests.web.site import sign_in
from tests.web.test_pages import sound

__all__ = ["one"]


@pytest.fixture
def desks(sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desks:
    """An office of 包头市; the site's clock stands on the day of service."""
    monkeypatch.setattr(clock, "now", lambda: LATE)
    return Desks(sqlite_ledger, tmp_path)


def test_an_exit_is_listed_and_entered_step_by_step(site: Flask, desks: Desks, one: UUID) -> None:  # a fixture
    reviewer = sign_in(site, "reviewer", PASSWORD).go("/deadlines")
    assert reviewer.page.find("a", href="/exits")
    assert reviewer.go(f"/projects/{one}").page.find("a", href=f"/projects/{one}/exit")
    reviewer.go("/exits")
    sound(reviewer.answer.data, "exits")
    assert "待人民政府决定" in reviewer.text
    reviewer.go(f"/projects/{one}/exit")
    sound(reviewer.answer.data, "exit")
    assert "须退出的装置" in reviewer.text

    reviewer.send("/exit", step="carried_out", happened_on="2027-06-12", document="拆除记录第1号", note="现场核查。")
    assert reviewer.status == 422
    assert "拆除记录或者现场照片" in reviewer.text
    assert reviewer.page.find("textarea", {"name": "note"}).text.strip() == "现场核查。", "nothing typed is lost"
    reviewer.send("/exit", step="ordered", happened_on="2027-06-12", document="包府决〔2027〕3号")
    assert "人民政府责令停业整顿或者关闭" in reviewer.text
    reviewer.send("/exit/void", reason="")
    assert reviewer.status == 422
    reviewer.send("/exit/void", reason="录错")
    assert "已作废" in reviewer.text


def test_a_project_without_an_exit_says_so(site: Flask, desks: Desks) -> None:
    from tests.services.sheets import row

    desks.take_in([row(2)])
    office = sign_in(site, "office", PASSWORD)
    assert "还没有已送达的淘汰退出文书" in office.go("/exits").text
    assert "没有已送达的淘汰退出文书" in office.go(f"/projects/{desks.find('第2')}/exit").text
