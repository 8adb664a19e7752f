"""In Chromium: a page with unsaved text asks before it is left; a history that was on the screen counts as seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from screening import clock
from screening.domain.people import Role
from screening.services import CONSOLE, registry
from tests.browser.running import Site, arrive, chromium, running
from tests.services.sheets import row, sheet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two projects."""
    folder = tmp_path_factory.mktemp("leaving")
    with running(folder) as started:
        _take_in(started, folder)
        yield started


def _take_in(site: Site, folder: Path, **changed: str) -> None:
    path = sheet(folder, [row(1, **changed), row(2)], "台账.csv")
    preview = registry.preview_import(site.ledger, path, file="台账.csv", by=CONSOLE, at=clock.now())
    registry.confirm_import(site.ledger, preview.batch, by=CONSOLE, at=clock.now())


def _project(site: Site) -> str:
    found = registry.list_projects(
        site.ledger, registry.Filter.read({"q": "第1"}), by=CONSOLE, today=clock.day_of(clock.now())
    )
    return str(found.rows[0].id)


def _left(page: Page) -> list[str]:
    """Tries to go elsewhere and stays when asked: what was asked."""
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(".menu").get_by_role("link", name="台账", exact=True).click()
    page.wait_for_timeout(300)
    return asked


def test_unsaved_text_of_any_form_is_not_lost_by_leaving(site: Site, browser: Browser) -> None:
    page = arrive(browser, site, Role.REVIEWER.value)
    address = f"/review/{_project(site)}"
    unfold = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
    page.goto(address)
    page.evaluate(unfold)
    reasons = page.locator('form[method="post"] textarea:visible')
    for place in range(reasons.count()):
        page.goto(address)
        page.evaluate(unfold)
        reasons.nth(place).fill("写了一半的理由")
        assert _left(page) == ["beforeunload"], reasons.nth(place).get_attribute("name")
        assert reasons.nth(place).input_value() == "写了一半的理由"
    assert place >= 1, "more than one form"
    page.goto(address)
    page.locator("#recommend").get_by_role("button", name="提交建议").click()
    expect(page.locator(".summary")).to_be_visible()  # refused: sending itself asked nothing
    page.once("dialog", lambda dialog: dialog.accept())  # what was sent and refused is still unsaved
    page.goto(address)
    assert _left(page) == []
    expect(page).to_have_url(f"{site.address}/projects")


def test_what_was_on_the_screen_is_seen(site: Site, browser: Browser, tmp_path: Path) -> None:
    page = arrive(browser, site, Role.LEGAL.value)
    address = f"/projects/{_project(site)}"
    with page.expect_response("**/history/seen", timeout=15_000):
        page.goto(address)
    _take_in(site, tmp_path, 园区="新的园区")
    page.goto(address)
    expect(page.locator("#news")).to_contain_text("他人有 1 项新记录")
    assert page.locator("mark").all_inner_texts() == ["新的园区", "新的园区"]
    page.locator("#news").get_by_role("button", name="记为已阅").click()
    expect(page.locator("#news")).to_have_count(0)
