"""A superior's form as one comes by mail: merged head, title, unit line, totals, signatures, a second sheet."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

HEADS = (
    "序号", "备案编码", "项目全称", "业主单位", "盟市", "旗县（市、区）", "所属行业", "建设状态", "装置名称", "主要产品",
    "设计年综合能耗（万吨标准煤）", "实际单位产品能耗", "能耗单位", "开工日期",
)  # fmt: skip
FIELDS = (
    "serial", "code", "name", "enterprise", "league", "banner", "industry", "stage", "unit_name", "product",
    "design_equivalent", "actual_sec", "sec_unit", "start_date",
)  # fmt: skip
FIRST = 6
READY = 3
"""Data rows that stand ready."""


def superior_form(path: Path, ready: int = READY) -> Path:
    """The form; the data begin in row FIRST, totals follow after `ready` rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "附件1"
    thin = Side(style="thin")
    sheet["A1"], sheet["A2"], sheet["L2"] = "自治区“两高”项目季度报表", "填报单位：", "填报日期："
    sheet.merge_cells("A1:N1")
    sheet["C3"] = "项目情况"
    sheet.merge_cells("C3:J3")
    for column, head in enumerate(HEADS, 1):
        grouped = 3 <= column <= 10
        sheet.cell(4 if grouped else 3, column, head).font = Font(name="黑体", bold=True)
        if not grouped:
            sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
        sheet.cell(5, column, column)
    last = FIRST + ready - 1
    for row in range(FIRST, last + 1):
        for column in range(1, len(HEADS) + 1):
            cell = sheet.cell(row, column)
            cell.border, cell.font = Border(thin, thin, thin, thin), Font(name="仿宋", size=11)
        sheet.cell(row, 11).number_format = "0.0000"
        sheet.cell(row, 14).number_format = "yyyy-mm-dd"
    sheet.cell(FIRST, 3).fill = PatternFill("solid", start_color="FFFFF2CC", end_color="FFFFF2CC")
    sheet.row_dimensions[FIRST].height = 31
    sheet.column_dimensions["C"].width = 33
    sheet.cell(last + 1, 1, "合计")
    sheet.cell(last + 1, 11, f"=SUM(K{FIRST}:K{last})")
    sheet.cell(last + 2, 1, "填表人：")
    sheet.cell(last + 2, 9, "审核人：")
    sheet.merge_cells(start_row=last + 3, end_row=last + 3, start_column=1, end_column=14)
    sheet.cell(last + 3, 1, "注：综合能耗按等价值填报。").comment = Comment("不得改动", "上级")
    choice = DataValidation("list", formula1='"拟建,在建,存量"')
    choice.add(f"H{FIRST}:H{last}")
    sheet.add_data_validation(choice)
    sheet.print_area = f"A1:N{last + 3}"
    sheet.print_title_rows = "1:5"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    other = book.create_sheet("汇总")
    other["A1"], other["B1"] = "综合能耗合计（万吨标准煤）", f"=附件1!K{last + 1}"
    book.save(path)
    return path
