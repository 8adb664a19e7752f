"""Journey 1 in Chromium: 300 projects from a workbook in four clicks and the file, a fault corrected on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.running import arrive, chromium, running
from tests.services.sheets import row, sheet

BUDGET = 4


@pytest.mark.browser
def test_three_hundred_projects_in_four_clicks(tmp_path: Path) -> None:
    first = [row(n) for n in range(300)]
    second = [
        *first[:6],
        *(row(n, 法定代表人="李四") for n in range(6, 26)),
        *(row(n) for n in range(1000, 1268)),
        *(row(n, 实际单位产品能耗="约900") for n in range(2000, 2006)),
    ]
    with running(tmp_path) as site, chromium() as browser:
        page = arrive(browser, site, "registrar")
        clicks = 0

        def click(role: str, name: str) -> None:
            nonlocal clicks
            page.get_by_role(role, name=name, exact=True).first.click()
            clicks += 1

        for rows, name in ((first, "一.csv"), (second, "二.csv")):
            clicks = 0
            click("link", "导入")
            page.get_by_label("台账文件").set_input_files(sheet(tmp_path, rows, name))
            click("button", "读取并比对")
            expect(page.get_by_text("现在还没有写入。")).to_be_visible()
            if name == "二.csv":
                told = [page.locator(".figures strong").nth(n).inner_text() for n in range(4)]
                assert told == ["268", "20", "6", "6"]
                page.locator("input.fix").first.fill("900")
                page.locator("input.fix").first.press("Enter")  # reads again, confirms nothing
                expect(page.get_by_role("status").first).to_contain_text("还有 5 个单元格有问题")
                page.locator("input[name=take]").first.uncheck()
                clicks += 1
            click("button", "确认导入")
            assert clicks <= BUDGET
        expect(page.get_by_role("status").first).to_contain_text("新增 269 个项目，变更 19 个，相同 6 个，未导入 5 个")
