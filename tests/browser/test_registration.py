"""登记 in a browser: results while typing, variants of the product chosen, a warning before text is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running import Site, arrive, chromium, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with an empty ledger."""
    with running(tmp_path_factory.mktemp("registration")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


def fill(page: Page, **boxes: str) -> None:
    for name, text in boxes.items():
        page.locator(f"#{name.replace('__', '-')}").fill(text)


def test_a_registrar_registers_while_the_program_looks_on(site: Site, browser: Browser) -> None:
    page = arrive(browser, site, "registrar")
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    results = page.locator("#results")

    page.get_by_role("link", name="登记", exact=True).click()
    page.get_by_label("建设状态").select_option("存量")
    fill(page, **{"units-0-product": "电石", "units-0-sec_unit": "kgce/t", "units-0-actual_sec": "约951"})
    expect(page.locator("#units-0-actual_sec-said")).to_contain_text("不是一个确定的数字")
    fill(page, **{"units-0-actual_sec": "951.2"})
    expect(results).to_contain_text("低于基准")
    expect(page.locator("#units-0-actual_sec-said")).to_be_empty()

    fill(page, **{"units-0-product": "聚氯乙烯"})
    expect(page.locator("#units-0-variant")).to_have_attribute("list", "units-0-variants")
    assert page.locator("#units-0-variants option").count() >= 2
    fill(page, **{"units-0-product": "电石"})

    page.get_by_role("button", name="添加能源品种").click()
    fill(page, **{"uses-0-carrier": "电力", "uses-0-amount": "1", "uses-0-measure": "亿千瓦时"})
    expect(results).to_contain_text("12,290")

    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="台账", exact=True).click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/register")
    expect(page.locator("#units-0-product")).to_have_value("电石")

    fill(page, name="青山第9电石项目", enterprise="包头市青山化工有限公司")
    page.get_by_label("盟市").select_option("包头市")
    page.get_by_label("旗县").select_option("青山区")
    page.get_by_label("所属行业").select_option("化工")
    page.get_by_role("button", name="核对后提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("核对后提交：青山第9电石项目")
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("青山第9电石项目")
    expect(page.get_by_text("已登记。")).to_be_visible()
    assert asked == ["beforeunload"], "sending the form asks nothing"

    page.get_by_role("link", name="上传和管理附件").click()
    page.get_by_label("种类").select_option("节能审查意见")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "意见.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj\n"}
    )
    page.get_by_role("button", name="上传").click()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="意见.pdf").click()
    assert fetched.value.suggested_filename == "意见.pdf"
    assert Path(fetched.value.path()).read_bytes().startswith(b"%PDF")
    assert faults == []
