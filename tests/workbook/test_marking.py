"""The workbook that comes back: marked where it is wrong, and otherwise the sender's own."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook

from screening import workbook
from screening.domain.errors import Refusal
from screening.workbook import Mark, marking
from tests.services.sheets import row, sheet


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """An office's own sheet: a title over the header, an unknown column, widths, formats, a formula, another sheet."""
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
    page["N4"].comment = Comment("去年的数", "某人")
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
    assert page["N4"].comment.text == "请只填数字\n——\n去年的数"
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
