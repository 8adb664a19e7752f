"""The ledger's list in Chromium: keys, ticks over pages by script and without, a view kept and opened again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running import PASSWORD, SAMPLE, SCREEN, Site, arrive, bring_in, chromium, enter, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the sample ledger."""
    with running(tmp_path_factory.mktemp("list")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


def counted(page: Page) -> int:
    return int(page.locator("[data-count]").inner_text())


def test_the_list_by_keys_ticks_and_views(site: Site, browser: Browser) -> None:
    page = arrive(browser, site, "reviewer")
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    assert SAMPLE is not None
    bring_in(page, SAMPLE)
    page.get_by_role("button", name="确认").first.click()
    page.goto("/projects?sort=enterprise")
    names = page.locator("#ledger tbody th a.clip")

    page.keyboard.press("j")
    expect(names.first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("x")
    assert counted(page) == 1
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("jx?/")
    expect(page.locator("#seek")).to_have_value("jx?/")
    assert counted(page) == 1
    page.locator("#seek").fill("")

    page.get_by_role("link", name="下一页").click()
    expect(page.locator("#selection")).to_contain_text("其中 1 条不在本页")
    page.locator("#ledger [data-all]").check()
    here = page.locator("#ledger input[data-tick]").count()
    assert counted(page) == here + 1
    page.get_by_role("link", name="按建设单位排序（当前）").click()
    expect(page.locator("[data-count]")).to_have_text(str(here + 1))
    page.get_by_role("link", name="选中全部").click()
    whole = counted(page)
    page.locator("#ledger input[data-tick]").first.uncheck()
    assert counted(page) == whole - 1
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("[data-count]")).to_have_text(str(whole - 1))
    page.get_by_role("button", name="办理所选").click()
    expect(page.locator(".note")).to_contain_text(f"勾选 {whole - 1} 个：可办理 {whole - 1} 个。")
    page.get_by_role("link", name="回到台账").click()
    expect(page.locator("[data-count]")).to_have_text(str(whole - 1))

    page.goto("/projects?class=BELOW_BASELINE&sort=-tce")
    page.get_by_text("存为视图").click()
    page.locator("#view-name").fill("低于基准，大的在前")
    page.locator("#save-view").get_by_role("button", name="保存").click()
    first = names.first.inner_text()
    page.goto("/projects")
    page.get_by_role("link", name="低于基准，大的在前").click()
    page.wait_for_url("**/projects?*columns=*")
    expect(names.first).to_have_text(first)
    page.keyboard.press("j")
    expect(names.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(first)
    assert faults == []


def test_ticks_without_script(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=SCREEN, base_url=site.address)
    context.set_default_timeout(15_000)
    page = context.new_page()
    enter(page, "reviewer", PASSWORD)
    page.goto("/projects?sort=name")
    page.locator("#ledger input[data-tick]").nth(2).check()
    page.get_by_role("button", name="下一页").click()
    expect(page.locator("#selection")).to_contain_text("其中 1 条不在本页")
    page.locator("#ledger input[data-tick]").nth(0).check()
    page.get_by_role("button", name="办理所选").click()
    expect(page.locator(".note")).to_contain_text("勾选 2 个：可办理 2 个。")
