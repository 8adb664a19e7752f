"""Builders of ledger files: a good row, a workbook of rows, hand-made zip parts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

HEADERS = (
    "项目代码", "项目名称", "建设单位", "统一社会信用代码", "盟市", "旗县", "园区", "所属行业", "行业代码", "建设状态",
    "建设性质", "装置名称", "主要产品", "工艺规格", "设计产能", "产能单位", "设计单位产品能耗", "实际单位产品能耗",
    "能耗单位", "统计年度", "设计年综合能耗（等价值）", "年用电量", "总投资", "立项日期", "节能审查日期", "国家规划布局", "备注",
)  # fmt: skip
GOOD: dict[str, Any] = {
    "项目代码": "2024-150204-26-03-000001",
    "项目名称": "虚构电石项目",
    "建设单位": "虚构化工有限公司",
    "统一社会信用代码": "91512081MA62K0260E",
    "盟市": "包头市",
    "旗县": "青山区",
    "园区": "虚构园区",
    "所属行业": "化工",
    "行业代码": "2613",
    "建设状态": "存量",
    "建设性质": "新建",
    "装置名称": "1#炉",
    "主要产品": "电石",
    "设计产能": 40,
    "产能单位": "万吨/年",
    "设计单位产品能耗": 850,
    "实际单位产品能耗": 951.2,
    "能耗单位": "kgce/t",
    "统计年度": 2025,
    "设计年综合能耗（等价值）": 61234.5,
    "年用电量": 130000,
    "总投资": 90000,
    "立项日期": "2020-05-06",
    "节能审查日期": "2020-07-08",
    "国家规划布局": "否",
}


def row(headers: Sequence[str] = HEADERS, **changes: Any) -> list[Any]:
    """A good row with some cells changed (by header)."""
    cells = {**GOOD, **changes}
    return [cells.get(h, "") for h in headers]


def second(headers: Sequence[str] = HEADERS, **changes: Any) -> list[Any]:
    """A good row of another project."""
    other = {"项目代码": "2024-150204-26-03-000002", "项目名称": "另一虚构项目", "建设单位": "另一虚构有限公司"}
    return row(headers, **{**other, **changes})


def book(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    merges: Sequence[str] = (),
    sheet: str = "台账",
    more: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> Path:
    """An .xlsx of `rows` from A1 on; None and "" stay blank."""
    made = openpyxl.Workbook()
    first = made.active
    assert first is not None
    first.title = sheet
    pages = [(first, rows), *((made.create_sheet(name), content) for name, content in (more or {}).items())]
    for page, content in pages:
        for r, cells in enumerate(content, 1):
            for c, value in enumerate(cells, 1):
                if value not in {None, ""} or isinstance(value, bool):
                    page.cell(r, c, value)
    for area in merges:
        first.merge_cells(area)
    made.save(path)
    return path


def ledger(path: Path, *rows: Sequence[Any], headers: Sequence[str] = HEADERS, **more: Any) -> Path:
    """An .xlsx with a plain header in row 1."""
    return book(path, [headers, *rows], **more)


def ods(path: Path, rows: Sequence[Sequence[Any]], *, sheet: str = "台账", tail: str = "") -> Path:
    """A minimal .ods, as LibreOffice writes it: typed cells, empty cells and trailing rows as repetitions."""
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    declared = " ".join(f'xmlns:{k}="{v}"' for k, v in names.items())
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, r))}</table:table-row>" for r in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {declared}><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}">{body}{tail}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", kind, zipfile.ZIP_STORED)
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        packed.writestr("content.xml", content)
    return path


def _ods_cell(value: Any) -> str:
    match value:
        case None | "":
            return "<table:table-cell/>"
        case bool():
            shown = str(value).lower()
            return f'<table:table-cell office:value-type="boolean" office:boolean-value="{shown}"/>'
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        case date():
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        case _:
            return (
                f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
            )


def text(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    """A .csv of rows."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def repacked(path: Path, target: Path, changes: Mapping[str, bytes | None], *, stored: bool = False) -> Path:
    """The zip at `path` with parts added, replaced, or taken out (None)."""
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", method) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return target


def part(path: Path, name: str) -> bytes:
    """One part of a zip."""
    with zipfile.ZipFile(path) as packed:
        return packed.read(name)


SHEET1 = "xl/worksheets/sheet1.xml"
