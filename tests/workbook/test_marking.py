"""The workbook that comes back: marked where it is wrong, and otherwise the sender's own."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from defusedxml import ElementTree
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook

from screening import workbook
from screening.domain.errors import Refusal
from screening.workbook import Mark, marking
from tests.services.sheets import row, sheet


@pytest.fixture(params=["", "去年的数"], ids=["in place", "with an earlier note"])
def theirs(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An office's own sheet: a title over the header, an unknown column, widths, formats, a formula, another sheet.

    Where it carries a note already it is taken apart and written anew, else its parts are changed in place.
    """
    book = Workbook()
    page = book.active
    page.title = "台账"
    rows = [row(1, 备用编号="甲-7"), row(2, 实际单位产品能耗="约900", 备用编号="乙-8")]
    page["A1"] = "某市两高项目台账"
    page.merge_cells("A1:F1")
    for column, header in enumerate(rows[0], 1):
        page.cell(2, column, header)
        for at, line in enumerate(rows, 3):
            page.cell(at, column, line[header])
    page["N3"].number_format = "0.00"
    page["N3"] = 951.2
    page["B3"].font = Font(bold=True, color="FF0000FF")
    page["B4"].fill = PatternFill("solid", start_color="FFFFFF00")
    if request.param:
        page["N4"].comment = Comment(request.param, "某人")
    page.column_dimensions["B"].width = 42
    page.freeze_panes = "C3"
    notes = book.create_sheet("附注")
    notes["A1"] = "=1+1"
    path = tmp_path / "台账.xlsx"
    book.save(path)
    return path


def opened(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_only_the_marked_cells_change(theirs: Path) -> None:
    before = openpyxl.load_workbook(theirs)
    after = opened(workbook.mark(theirs, [Mark(sheet="台账", cell="N4", note="请只填数字")]))

    assert after.sheetnames == before.sheetnames
    for name in before.sheetnames:
        for cells in before[name].iter_rows():
            for cell in cells:
                other = after[name][cell.coordinate]
                assert other.value == cell.value, cell.coordinate
                assert other.number_format == cell.number_format
                assert repr(other.font) == repr(cell.font)
                if cell.coordinate != "N4":
                    assert repr(other.fill) == repr(cell.fill)
                    assert other.comment is None
    page = after["台账"]
    assert page.column_dimensions["B"].width == 42
    assert page.freeze_panes == "C3"
    assert [str(r) for r in page.merged_cells.ranges] == ["A1:F1"]
    assert page["N4"].fill.start_color.rgb == marking.FAULTY
    earlier = before["台账"]["N4"].comment
    assert page["N4"].comment.text == ("请只填数字\n——\n去年的数" if earlier else "请只填数字")
    assert after["附注"]["A1"].value == "=1+1"


def test_what_was_corrected_is_filled_in(theirs: Path, rules) -> None:
    reading = workbook.read(theirs, rules)
    fault = reading.rejected[0]
    assert (fault.cell, len(reading.projects)) == ("N4", 1)
    content = workbook.mark(theirs, [Mark(sheet="台账", cell="N4", text="900", was=fault.value)])
    theirs.write_bytes(content)
    page = opened(content)["台账"]

    assert page["N4"].value == 900
    assert page["N4"].fill.start_color.rgb == marking.CORRECTED
    assert "原值：约900" in page["N4"].comment.text
    again = workbook.read(theirs, rules)
    assert (len(again.projects), again.rejected) == (2, ())
    assert again.projects[0] == reading.projects[0]
    assert again.projects[1].extra == (("备用编号", "乙-8"),)


def test_a_correction_goes_through_the_same_readers(theirs: Path, rules) -> None:
    right = workbook.read(theirs, rules, corrections={("台账", "N4"): " ９００．５0 "})
    assert str(right.projects[1].units[0].actual_sec) == "900.5"
    wrong = workbook.read(theirs, rules, corrections={("台账", "N4"): "九百"})
    assert [(r.cell, r.value) for r in wrong.rejected] == [("N4", "九百")]
    blank = workbook.read(theirs, rules, corrections={("台账", "B3"): "", ("别的", "N4"): "1", ("台账", "ZZ9999"): "1"})
    assert {r.cell for r in blank.rejected} == {"B3", "N4"}


def test_nothing_typed_becomes_a_formula(theirs: Path) -> None:
    content = workbook.mark(theirs, [Mark(sheet="台账", cell="N4", text="=1+1", note="不是数字", was="约900")])
    cell = opened(content)["台账"]["N4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s") or cell.quotePrefix
    assert b"<f>1+1</f>" not in _part(content, "xl/worksheets/sheet1.xml")


def _part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(name)


def test_a_csv_comes_back_as_a_workbook(tmp_path: Path, rules) -> None:
    path = sheet(tmp_path, [row(1, 备注="=1+1", 项目代码="0012"), row(2, 实际单位产品能耗="约900")])
    content = workbook.mark(path, [Mark(sheet="台账", cell="N3", note="请只填数字")])
    back = tmp_path / "回.xlsx"
    back.write_bytes(content)
    was, now = workbook.read(path, rules), workbook.read(back, rules)

    assert opened(content)["台账"]["A2"].value == "0012"
    assert now.projects == was.projects
    assert [r.cell for r in now.rejected] == ["N3"]


def test_a_file_that_cannot_be_marked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(Refusal, match="无法标注"):
        workbook.mark(path, [Mark(sheet="台账", cell="A1", note="x")])


@pytest.mark.filterwarnings(
    "ignore:.* extension is not supported"
)  # openpyxl, which reads the result here, would drop it
def test_in_place_every_other_part_stays_byte_by_byte(tmp_path: Path) -> None:
    """Charts, drop-downs, coloured rules, tables and pictures are the sender's and come back."""
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("台账")
        rows = [row(1), row(2, 实际单位产品能耗="约900")]
        for at, line in enumerate([{header: header for header in rows[0]}, *rows]):
            page.write_row(at, 0, [line[h] for h in rows[0]])
        page.conditional_format("N2:N9", {"type": "data_bar", "data_bar_2010": True})
        page.data_validation("H2:H9", {"validate": "list", "source": ["存量", "在建"]})
        page.merge_range("A6:C7", "合计")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=台账!$K$2:$K$3"})
        page.insert_chart("E8", chart)
        page.write_formula("K7", "=SUM(K2:K3)")
    marks = [
        Mark(sheet="台账", cell="N3", note="请只填数字 <a&b>"),
        Mark(sheet="台账", cell="K2", text="12.50", was="10"),
        Mark(sheet="台账", cell="ZZ2", note="远处"),
        Mark(sheet="台账", cell="B6", note="合并区内"),
    ]
    content = marking.marked(path, marks)
    with zipfile.ZipFile(path) as was, zipfile.ZipFile(io.BytesIO(content)) as now:
        changed = {n for n in was.namelist() if was.read(n) != now.read(n)}
        added = set(now.namelist()) - set(was.namelist())
        assert now.testzip() is None
        for name in now.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                ElementTree.fromstring(now.read(name))
        body = now.read("xl/worksheets/sheet1.xml").decode()
    assert changed == {
        "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
    }  # fmt: skip
    assert len(added) == 2
    assert body.index("<drawing ") < body.index("<legacyDrawing ") < body.rindex("<extLst")
    page = opened(content)["台账"]
    assert page["N3"].comment.text == "请只填数字 <a&b>"
    assert (page["N3"].value, page["N3"].fill.start_color.rgb) == ("约900", marking.FAULTY)
    assert (page["K2"].value, page["K2"].fill.start_color.rgb) == (12.5, marking.CORRECTED)
    assert page["ZZ2"].comment.text == "远处"
    assert page["B6"].comment is None
    assert page["K7"].value == "=SUM(K2:K3)"
