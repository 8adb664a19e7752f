"""Journey 1 on the pages: faults corrected in boxes, changes unticked, likely duplicates merged, the import undone."""

from __future__ import annotations

import io

import openpyxl
import pytest

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
