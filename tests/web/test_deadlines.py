"""期限 on the pages: groups, calendar, bars and figures are sound; a call in two clicks; reminders; the feed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from screening import clock
from screening.services import Ledger
from tests.conftest import PASSWORD
from tests.services.desks import Desks, once
from tests.services.sheets import row
from tests.services.test_objections import later, serve
from tests.web.site import sign_in
from tests.web.test_pages import sound

NOW = later(200)


@pytest.fixture
def desks(sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desks:
    """An office of the region; the site's clock stands 200 days after the service."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Desks(sqlite_ledger, tmp_path, scope="150000")


@pytest.fixture
@once
def project(desks: Desks) -> UUID:
    """A project whose retrofit was due ten days ago."""
    desks.take_in([row(1)])
    found = desks.find("第1")
    desks.recommend(found, due=NOW.date() - timedelta(days=10))
    desks.make_official(found)
    serve(desks, found)
    return found


def test_the_morning_page(site: Flask, desks: Desks, project: UUID) -> None:
    signatory = sign_in(site, "signatory", PASSWORD)
    due = f"{NOW.date() - timedelta(days=10):%Y-%m}"
    for address in (
        "/deadlines", "/deadlines?group=overdue&league=150200", "/deadlines?sort=due", "/deadlines?sort=league",
        "/deadlines?kind=retrofit&outcome=all&industry=chemical", "/deadlines?group=tried", "/deadlines/gantt",
        "/deadlines/gantt?group=later", f"/deadlines/calendar?month={due}", "/deadlines/calendar", "/deadlines/figures",
        "/account/calendar", f"/projects/{project}/chases", "/deadlines/remind",
    ):  # fmt: skip
        signatory.go(address)
        assert signatory.status == 200, address
        sound(signatory.answer.data, address)
    assert (
        signatory.go("/deadlines?group=overdue").page.select_one("#clocks tbody tr td.number").text.strip()[:4]
        == "▲ 逾期"
    )
    assert "起算日" in signatory.page.select_one("details.how").text
    month = signatory.go(f"/deadlines/calendar?month={due}").page
    assert "改造到期" in month.find("desc").text
    assert month.select_one("svg text.mark.due")
    bars = signatory.go("/deadlines/gantt").page
    assert "最长期限" in bars.find("desc").text
    assert bars.select_one("svg rect.over")
    for address in ("/deadlines/calendar?month=2026-13", "/deadlines/calendar?month=x", "/deadlines?outcome=x"):
        assert signatory.go(address).status == 422
    for address in ("/deadlines.csv", "/deadlines/figures.csv"):
        assert "青山第1电石项目" in signatory.go(address).answer.text or "合计" in signatory.answer.text

    number = signatory.go("/deadlines/figures").page.select_one("table.sheet tbody tr.sum td:nth-of-type(4) a")
    assert number.text == "1"
    assert len(signatory.go(number["href"]).page.select("#clocks .c-name")) == 1


def test_a_call_is_kept_when_refused_logged_and_shown_on_the_row(site: Flask, desks: Desks, project: UUID) -> None:
    reviewer = sign_in(site, "reviewer", PASSWORD).go("/deadlines")
    reviewer.go(reviewer.page.select_one("#clocks .c-said a")["href"])
    reviewer.send("/chases", with_whom="王厂长", said="设备下月到货。", promised="2026-13-01")
    assert reviewer.status == 422
    sound(reviewer.answer.data, "chases")
    assert reviewer.page.find("input", {"name": "with_whom"})["value"] == "王厂长"
    reviewer.send("/chases", promised=NOW.date().isoformat())
    assert "已登记催办" in reviewer.text
    assert f"承诺 {NOW.date()}" in reviewer.page.select_one("#clocks .c-said").text
    reviewer.go(f"/projects/{project}/chases").send("/void", reason="记错了")
    assert "已作废" in reviewer.text
    assert "登记催办" in reviewer.go(f"/projects/{project}/timeline").text
    auditor = sign_in(site, "auditor", PASSWORD).go(f"/projects/{project}/chases")
    assert not auditor.page.select_one("#log")


def test_the_feed_opens_by_its_secret_alone(site: Flask, desks: Desks, project: UUID) -> None:
    reviewer = sign_in(site, "reviewer", PASSWORD).go("/account/calendar")
    reviewer.send("/account/calendar")
    sound(reviewer.answer.data, "feed")
    address = reviewer.page.select_one("#address")["value"].replace("http://localhost", "")
    stranger = site.test_client()
    answer = stranger.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.data.count(b"BEGIN:VEVENT") == 2
    assert "Set-Cookie" not in answer.headers
    assert address.rsplit("/", 1)[1] not in reviewer.go("/account/calendar").answer.text
    reviewer.send("/account/calendar/revoke")
    gone, never = stranger.get(address), stranger.get("/calendar/none.ics")
    assert gone.status_code == never.status_code == 404
    assert gone.data == never.data
