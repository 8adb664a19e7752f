"""Small ledgers as real files: rows of plain words written as CSV, with sensible values where nothing is said."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

USUAL = {
    "项目代码": "2026-150204-26-03-000001",
    "项目名称": "青山电石项目",
    "建设单位": "包头市青山化工有限公司",
    "盟市": "包头市",
    "旗县": "青山区",
    "园区": "青山装备园区",
    "所属行业": "化工",
    "建设状态": "存量",
    "装置名称": "1号电石炉",
    "主要产品": "电石",
    "设计产能": "10",
    "产能单位": "万吨/年",
    "设计单位产品能耗": "",
    "实际单位产品能耗": "951.2",
    "能耗单位": "kgce/t",
    "统计年度": "2025",
    "设计年综合能耗（等价值）": "61234.5",
    "法定代表人": "张三",
    "住所": "包头市青山区工业路1号",
}


def row(number: int = 1, **changed: str) -> dict[str, str]:
    """One project with one unit; `number` tells it from others."""
    code = f"2026-150204-26-03-{number:06d}"
    return {**USUAL, "项目代码": code, "项目名称": f"青山第{number}电石项目", **changed}


def sheet(folder: Path, rows: list[dict[str, str]], name: str = "台账.csv") -> Path:
    """The rows as a file."""
    path = folder / name
    headers: dict[str, Any] = {}
    for line in rows:
        headers.update(dict.fromkeys(line))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(headers), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path
