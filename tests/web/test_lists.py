"""The lists in the browser: pages that say what they hold, files that hold the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import openpyxl
import pytest

from screening.domain.people import Role
from tests.web.site import Visitor

FILES = [
    ("/projects", "打印清单 A4", "application/pdf"), ("/projects", "打印清单 A3", "application/pdf"),
    ("/projects", "台账模板（csv）", "text/csv"), ("/projects", "项目清单（csv）", "text/csv"),
    ("/projects", "项目清单（xlsx）", "spreadsheetml"),
    *((page, words, kind) for page in ("/deadlines", "/letters") for words, kind in (
        ("打印", "application/pdf"), ("CSV", "text/csv"),
    )),
    *((page, words, kind) for page in ("/lists/efficiency", "/lists/plan") for words, kind in (
        ("打印 A4", "application/pdf"), ("打印 A3", "application/pdf"), ("工作簿", "spreadsheetml"), ("CSV", "text/csv"),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("page", "words", "kind"), FILES)
def test_every_list_leaves_as_a_file(filled_site: Visitor, page: str, words: str, kind: str) -> None:
    answer = filled_site.client.get(filled_site.go(page).link(words))

    assert answer.status_code == 200
    assert kind in answer.content_type
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert answer.data[:4] in {b"%PDF", b"PK\x03\x04"} or answer.data.startswith(b"\xef\xbb\xbf")


def test_the_files_hold_what_the_filter_of_the_page_holds(filled_site: Visitor) -> None:
    answer = filled_site.client.get(filled_site.go("/projects?q=硅铁").link("项目清单（csv）"))
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))

    assert [row[head.index("项目名称")] for row in rows] == ["青山区硅铁炉项目"]

    book = filled_site.client.get(filled_site.go("/lists/efficiency?q=硅铁").link("工作簿"))
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    assert sheet["A4"].value == "包头青山冶金有限公司"
    assert "含“硅铁”" in sheet["A2"].value


def test_the_columns_chosen_on_the_ledger_page_are_printed(filled_site: Visitor) -> None:
    filled_site.go("/projects/columns").send("/projects/columns", order=["due", "units"], column=["units", "due"])
    answer = filled_site.client.get(filled_site.go("/projects").link("项目清单（csv）"))
    assert next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))) == ["项目名称", "到期日", "装置（套）"]

    answer = filled_site.client.get(filled_site.go("/projects?columns=league.code").link("项目清单（csv）"))
    assert next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))) == ["项目名称", "盟市", "旗县", "项目代码"]


def test_the_pages_of_the_lists(filled_site: Visitor) -> None:
    filled_site.go("/lists/efficiency")
    assert filled_site.title == "企业能效清单"
    assert "11.2" in filled_site.text
    assert "1.19" in filled_site.text

    filled_site.go(filled_site.link("年度改造淘汰计划"))
    assert filled_site.title == "年度改造淘汰计划"
    assert "尚未确定期限" in filled_site.text
    filled_site.go(filled_site.link("青山区电石炉项目"))
    assert filled_site.title.startswith("青山区电石炉项目")


def test_an_empty_list_says_what_to_do(filled_site: Visitor) -> None:
    assert "没有符合这些条件的项目" in filled_site.go("/lists/efficiency?q=没有").text
    assert "没有列入计划的项目" in filled_site.go("/lists/plan?q=没有").text
    assert filled_site.client.get("/projects.pdf?q=没有").status_code == 200
    assert filled_site.client.get("/projects.pdf?paper=A5").status_code in {400, 422}


def test_the_lists_stay_within_the_scope(filled_site: Visitor, visit: Callable[..., Visitor]) -> None:
    other = visit(Role.REVIEWER, "150300")

    for address in ("/lists/efficiency", "/lists/plan"):
        assert "青山" not in other.go(address).text
    for address in (
        "/projects.csv",
        "/projects/list.csv",
        "/lists/efficiency.csv",
        "/lists/plan.csv",
        "/deadlines.csv",
        "/letters/list.csv",
    ):
        assert "青山" not in other.client.get(address).get_data(as_text=True)
