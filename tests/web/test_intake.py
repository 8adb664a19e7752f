"""Journey 1 on the pages: faults corrected in boxes, changes unticked, likely duplicates merged, the import undone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from screening.domain.people import Role
from tests.web.site import ROWS, Visitor, filled, sheet

FAULTY = {**ROWS[0], "实际单位产品能耗": "约951"}


def upload(visitor: Visitor, *rows: dict[str, str]) -> str:
    """Uploads the rows; gives the address of the preview."""
    visitor.go("/import").send("/import", file=(io.BytesIO(sheet(*rows)), "台账.csv"))
    form = visitor.page.find("form", id="import")
    assert form, visitor.text
    return str(form["action"])


@pytest.fixture
def registrar(filled_site: Visitor) -> Visitor:
    return filled_site


def test_a_fault_is_corrected_beside_it(registrar: Visitor) -> None:
    new = {**FAULTY, "项目代码": "2015-150204-26-03-000009", "项目名称": "青山区九号炉项目", "建设单位": "青山九号公司"}
    address = upload(registrar, new)
    box = registrar.page.find("input", class_="fix")
    assert (box["name"], box["value"]) == ("fix-0", "约951")
    registrar.send(address, **{"fix-0": "仍约951"})
    assert "还有 1 个单元格有问题" in registrar.text
    assert registrar.page.find("input", class_="fix")["value"] == "仍约951", "what was typed stays"
    registrar.send(address, **{"fix-0": "951"})
    assert "没有有问题的单元格了" in registrar.text
    assert "请核对后再点“确认导入”" in registrar.text
    registrar.send(address)
    assert "新增 1 个项目" in registrar.text


def test_the_enter_key_reads_again_and_never_confirms(registrar: Visitor) -> None:
    upload(registrar, {**ROWS[0], "法定代表人": "李四"})
    first = registrar.page.find("form", id="import").find("button")
    assert (first["name"], first["value"]) == ("do", "reread")


def test_the_marked_workbook_is_handed_out(registrar: Visitor) -> None:
    upload(registrar, FAULTY)
    registrar.go(registrar.link("下载标注好的原文件"))
    assert registrar.status == 200
    book = openpyxl.load_workbook(io.BytesIO(registrar.answer.data))
    comments = [c.comment.text for cells in book["台账"].iter_rows() for c in cells if c.comment]
    assert len(comments) == 1
    assert "约951" in comments[0]


def test_changes_are_unticked_one_by_one(registrar: Visitor) -> None:
    address = upload(registrar, *({**line, "法定代表人": "李四"} for line in ROWS))
    ticks = [box["value"] for box in registrar.page.find_all("input", {"name": "take"}) if box.has_attr("checked")]
    assert len(ticks) == 3
    registrar.go(f"{address}?ticks=none")
    assert "take" not in filled(registrar.page.find("form", id="import"))
    registrar.send(address, take=ticks[:1])
    assert "变更 1 个" in registrar.text
    assert "未勾选的变更 2 个" in registrar.text


def test_a_likely_duplicate_is_merged(registrar: Visitor) -> None:
    address = upload(registrar, {**ROWS[0], "项目代码": "2015-150204-26-03-999999"})
    section = registrar.page.find(id="alike")
    assert "建设单位和项目名称相同" in section.get_text()
    choices = section.find_all("input", type="radio")
    assert [c.has_attr("checked") for c in choices] == [True, False]
    registrar.send(address, **{choices[1]["name"]: choices[1]["value"]})
    assert "新增 0 个项目，变更 1 个" in registrar.text


def test_an_import_is_undone_with_a_reason(registrar: Visitor) -> None:
    registrar.go("/import")
    registrar.go(registrar.link("台账.csv"))
    registrar.send("/undo", reason="")
    assert registrar.status == 422
    assert "请写明撤销这次导入的理由" in registrar.text
    registrar.send("/undo", reason="选错了文件")
    assert "作废新增的 3 个项目" in registrar.text
    assert "已撤销" in registrar.go("/import").text


def test_a_stale_window_confirms_nothing(registrar: Visitor) -> None:
    address = upload(registrar, {**ROWS[0], "法定代表人": "李四"})
    stale = filled(registrar.page.find("form", id="import"))
    registrar.send(address, button=("do", "reread"))
    assert "没有有问题的单元格了" in registrar.text
    answer = registrar.client.post(address, data=stale)
    assert answer.status_code == 409
    assert "另一个窗口" in answer.get_data(as_text=True)


def test_foreign_headers_are_mapped_once_and_remembered(registrar: Visitor) -> None:
    foreign = sheet({**ROWS[0], "法定代表人": "李四"}).replace("建设单位".encode(), "业主".encode(), 1)
    foreign = foreign.replace("所属行业".encode(), "门类".encode(), 1)
    registrar.go("/import").send("/import", file=(io.BytesIO(foreign), "他省.csv"))
    assert registrar.title == "列名对应"
    assert "建设单位、所属行业" in registrar.text
    headers = [box["value"] for box in registrar.page.find_all("input", {"name": "header"})]
    assert headers == ["业主", "门类"]
    registrar.send("/import/columns", field=["enterprise", "enterprise"], header=headers)
    assert registrar.status == 422
    assert "一个栏目只能对应一列" in registrar.text
    registrar.send("/import/columns", field=["enterprise", "industry"], header=headers, lacking=["建设单位"])
    assert "已记住 2 个列名" in registrar.text
    registrar.send("/import", file=(io.BytesIO(foreign), "他省.csv"))
    assert registrar.page.find(id="changed").find("h2").get_text().startswith("变更（1）")
    registrar.go("/import").send("/import/columns", button=("forget", "门类"))
    registrar.send("/import", file=(io.BytesIO(foreign), "他省.csv"))
    assert "缺少必填栏目：所属行业" in registrar.text


def test_a_file_without_any_known_header_can_be_mapped_too(registrar: Visitor) -> None:
    registrar.go("/import").send("/import", file=(io.BytesIO("甲项,乙项,丙项\n1,2,3".encode()), "他省.csv"))
    assert [box["value"] for box in registrar.page.find_all("input", {"name": "header"})] == ["甲项", "乙项", "丙项"]


HEADER = ",".join(ROWS[0])
FOREIGN = {**ROWS[0], "盟市": "乌海市", "旗县": "海勃湾区", "项目代码": "2026-150302-26-03-000009"}


def zipped(*names: str) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return room.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("只有表头.csv", HEADER.encode(), 200, "表头下面没有项目"),
        ("别的盟市.csv", sheet(FOREIGN), 200, "没有可以写入的项目：1 个项目都有问题"),
        ("序号.csv", sheet({**ROWS[0], "节能审查日期": "45000"}), 200, "日期"),
        ("空的.xlsx", b"", 422, "“空的.xlsx” 是空的"),
        ("报告.xlsx", zipped("[Content_Types].xml", "word/document.xml"), 422, "内容却是 Word 文档"),
        ("讲稿.xlsx", zipped("[Content_Types].xml", "ppt/presentation.xml"), 422, "内容却是演示文稿"),
        ("旧表.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, 422, "“旧表.xlsx” 的内容是旧版 .xls"),
        ("另一编码.csv", HEADER.encode("utf-16"), 422, "UTF-16"),
        ("国标.csv", sheet(ROWS[0]).decode().encode("gb18030"), 200, "新增 1 个"),
        ("分号.csv", sheet(ROWS[0]).replace(b",", b";"), 200, "新增 1 个"),
        ("二进制.csv", bytes(range(256)) * 9, 422, "二进制"),
    ],
)  # fmt: skip
def test_whatever_a_tired_clerk_sends_ends_in_a_page_that_says_what_to_do(
    visit: Callable[..., Visitor], name: str, content: bytes, status: int, words: str
) -> None:
    registrar = visit(Role.REGISTRAR, "150200")
    registrar.go("/import").send("/import", file=(io.BytesIO(content), name))
    assert registrar.status == status
    assert words in registrar.text
    assert "upload." not in registrar.text
    assert registrar.go("/import/template.xlsx").answer.data.startswith(b"PK")


def test_a_project_that_is_refused_as_a_whole_is_marked_in_its_first_cell(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR, "150200")
    registrar.go("/import").send("/import", file=(io.BytesIO(sheet(FOREIGN)), "台账.csv"))
    assert "海勃湾区" in registrar.text
    back = registrar.go(registrar.link("下载标注好的原文件")).answer.data
    cell = openpyxl.load_workbook(io.BytesIO(back)).active["A2"]
    assert "管辖区域" in cell.comment.text
