"""Journey 2 in Chromium: a reviewer goes through what came in, at most two keys a clean record, return and next too."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import arrive, bring_in, chromium, running
from tests.browser.test_main_journey import listen
from tests.services.sheets import row

CLEAN = {"设计产能": "5", "设计年综合能耗（等价值）": "47000"}
RECORDS = 6
BUDGET = 2
"""Keys a clean record."""


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count += 1


def _ledger(folder: Path, **changed: str) -> Path:
    rows = [row(number, **{**CLEAN, **changed}) for number in range(1, RECORDS + 1)]
    path = folder / "台账.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.browser
def test_a_clean_record_takes_two_keys(tmp_path: Path) -> None:
    complaints: list[str] = []
    with running(tmp_path) as site, chromium() as browser:
        registrar, reviewer = arrive(browser, site, "registrar"), arrive(browser, site, "reviewer")
        listen(reviewer, complaints)
        bring_in(registrar, _ledger(tmp_path))
        registrar.get_by_role("button", name="确认导入").click()
        expect(registrar.get_by_role("status").first).to_contain_text("导入完成")

        reviewer.goto("/review?state=submitted&doubts=none")
        names = [link.get_attribute("title") or "" for link in reviewer.locator("#queue tbody th a").all()]
        assert len(names) == RECORDS
        keys = Keys(reviewer)
        heading = reviewer.get_by_role("heading", level=1)
        keys.press("j")
        keys.press("Enter")
        for place, name in enumerate(names[:4]):
            expect(heading).to_have_text(f"审核：{name}")
            expect(heading).to_be_focused()  # where a screen reader begins, after every act
            expect(reviewer.get_by_text("此前没有审核通过过，没有可比的内容。")).to_be_visible()
            if place == 2:
                _send_back(reviewer, keys)
            else:
                keys.press("a")
            expect(reviewer.get_by_role("status").first).to_contain_text(f"“{name}”已")
        assert keys.count <= BUDGET * 4 + RETURN_KEYS, keys.count
        for key, name in (("n", names[4]), ("a", names[5]), ("a", names[4])):  # round to what was passed over
            expect(heading).to_have_text(f"审核：{name}")
            expect(heading).to_be_focused()
            keys.press(key)
        expect(heading).to_have_text("审核")
        expect(reviewer.get_by_text("没有“待旗县核对”的项目")).to_be_visible()

        _corrected(registrar, names[2])
        bring_in(registrar, _ledger(tmp_path, 实际单位产品能耗="400", 统计年度="2026"))
        registrar.get_by_role("button", name="确认导入").click()
        expect(registrar.get_by_role("status").first).to_contain_text("变更 6 个")
        reviewer.goto("/review")
        reviewer.get_by_role("link", name=names[0]).click()
        beside = reviewer.locator("#beside")
        expect(beside).to_contain_text("951.2")
        expect(beside.locator("tr.outlier")).to_contain_text("-57.9%")
        expect(beside.locator("tr.outlier")).to_contain_text("异常")
    assert complaints == [], "\n".join(complaints)


RETURN_KEYS = 6
"""Beyond the two: reason, field, and to the button."""


def _send_back(page: Page, keys: Keys) -> None:
    """By keys alone: the boxes are reached by tabs, the choices by their first sign."""
    keys.press("r")
    expect(page.get_by_label("退回原因")).to_be_focused()
    page.keyboard.type("计量")  # as every list of choices in a browser finds what is typed
    page.get_by_label("退回原因").select_option(label="计量单位不清或者有误")
    keys.press("Tab")
    expect(page.get_by_label("所涉栏目")).to_be_focused()
    page.get_by_label("所涉栏目").select_option(label="能耗单位")
    keys.press("Tab")
    page.keyboard.type("请写明是 kgce/t。an")  # single keys stay letters while somebody types
    keys.press("Tab")
    keys.press("Enter")


def _corrected(page: Page, name: str) -> None:
    """The registrar sees at the box what is asked."""
    page.goto("/projects?state=correction")
    page.get_by_role("link", name=name).click()
    expect(page.locator("#next")).to_contain_text("计量单位不清或者有误（能耗单位）")
    page.locator("#next").get_by_role("link", name="改正").click()
    expect(page.locator("[data-entry=units-0-sec_unit] .asked")).to_contain_text("请写明是 kgce/t。")
