"""Journey 12 in Chromium: the superior's form is uploaded, marked by clicks, filled from the ledger, read back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.browser.running import SAMPLE, arrive, bring_in, chromium, running
from tests.services.superior import FIELDS, FIRST, superior_form

pytestmark = pytest.mark.browser


def test_a_form_is_marked_by_clicks_and_filled(tmp_path: Path) -> None:
    assert SAMPLE is not None

    with running(tmp_path) as site, chromium() as browser:
        page = arrive(browser, site, "registrar")
        bring_in(page, SAMPLE)
        page.get_by_role("button", name="确认导入").click()
        page.goto("/projects?league=150200")
        page.locator("#export summary").click()
        page.get_by_role("link", name="填入上级表样").click()
        page.get_by_label("名称").fill("自治区季度报表")
        page.get_by_label("表样文件").set_input_files(superior_form(tmp_path / "季报.xlsx"))
        page.get_by_role("button", name="上传，下一步标定").click()
        for column, key in enumerate(FIELDS):
            page.locator(f"select[name=column-{column}]").select_option(key)
        assert page.get_by_role("radio", name=str(FIRST), exact=True).is_checked(), "below the row of numbers"
        page.get_by_label("经办人").click()
        page.locator("td[data-cell=A10]").click()
        assert page.get_by_label("经办人").input_value() == "A10"
        assert page.get_by_label("编制单位").input_value() == "A2", "guessed"
        page.get_by_role("button", name="保存标定").click()
        assert "可以再导入" in page.locator("#content").inner_text()
        page.goto("/forms?league=150200")
        with page.expect_download() as sent:
            page.get_by_role("link", name="填出").click()
        sent.value.save_as(tmp_path / "报出.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "报出.xlsx")["附件1"]
        assert sheet["E6"].value == "包头市"
        assert str(sheet["A10"].value or "") != "填表人：", "moved down"
        bring_in(page, tmp_path / "报出.xlsx")
        assert "没有需要写入的变化" in page.locator("#content").inner_text()
