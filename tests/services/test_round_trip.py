"""Export, then import: no change, whatever each project's source spoke of; and no text of a list becomes a formula."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import rulebook, workbook
from screening.domain.history import canonical
from screening.domain.lists import Column, Group, Listing, Look
from screening.domain.registry import FIELD, FIELDS, Project, from_facts, to_facts
from screening.services.changes import merged, orderly

SAMPLE = Path(__file__).parent.parent.parent / "ledgers" / "sample-ledger.xlsx"
BOOK = rulebook.load()
PROJECTS = workbook.read(SAMPLE, BOOK).projects
OPTIONAL = sorted(f.key for f in FIELDS if not f.required and f.key not in {"code", "unit_name"})
"""The code and the unit's name tell who is who: they are always stated here."""
SIGNS = ("=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", "'", "=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)")


def speaking_of(project: Project, number: int, unknown: set[str], remark: str | None) -> Project:
    """The project as a source tells it that lacks the columns `unknown`."""
    blank: dict[str, Any] = dict.fromkeys(unknown)
    of_project = {k: v for k, v in blank.items() if not FIELD[k].per_unit}
    of_unit = {k: v for k, v in blank.items() if FIELD[k].per_unit}
    known = frozenset(f.key for f in FIELDS if f.key not in unknown)
    if "remark" not in unknown:
        of_project["remark"] = remark
    return replace(
        project,
        code=f"2026-150204-26-03-{number:06d}",
        name=f"{project.name}{number}",
        units=tuple(replace(u, unit_name=f"{n}号", **of_unit) for n, u in enumerate(project.units, 1)),
        known=known,
        extra=(),
        uses=(),
        **of_project,
    )  # fmt: skip


@st.composite
def ledgers(draw: st.DrawFn) -> list[Project]:
    """Some projects, each from a source with columns of its own."""
    chosen = draw(st.lists(st.sampled_from(PROJECTS), min_size=2, max_size=25))
    return [
        speaking_of(
            project,
            number,
            draw(st.sets(st.sampled_from(OPTIONAL), max_size=len(OPTIONAL))),
            draw(st.sampled_from((None, "一般", *(f"{sign}备注" for sign in SIGNS if sign == sign.strip())))),
        )
        for number, project in enumerate(chosen)
    ]


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
@given(ledger=ledgers())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_reads_back_without_a_change(tmp_path: Path, suffix: str, ledger: list[Project]) -> None:
    path = tmp_path / f"out.{suffix}"
    stored = [from_facts(json.loads(canonical(orderly(to_facts(p))))) for p in ledger]
    workbook.write_projects(path, stored, BOOK)
    reading = workbook.read(path, BOOK)

    assert reading.rejected == ()
    for project, again in zip(stored, reading.projects, strict=True):
        old = json.loads(canonical(orderly(to_facts(project))))
        both = json.loads(canonical(merged(old, orderly(to_facts(again)))))
        differing = {k: (old[k], both[k]) for k in old if old[k] != both[k]}
        assert differing == {}, project.name


def listing() -> Listing:
    """A list whose every text looks like a formula."""
    columns = (Column("name", "=名称", 100), Column("sec", "能耗", 40, Look.FIGURE), Column("day", "日期", 40))
    rows = tuple((f"{sign}文", Decimal("-12.5"), date(2026, 1, 2)) for sign in SIGNS)
    return Listing(
        title="清单", office="=单位", day=date(2026, 11, 22), conditions=("@条件",), columns=columns,
        groups=(Group(None, rows),), notes=("+注",),
    )  # fmt: skip


def test_a_list_as_csv_holds_no_formula_and_figures_stay(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    workbook.write_listing(path, listing())
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert "-12.5" in cells
    for cell in cells:
        assert cell == "-12.5" or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), cell


def test_workbooks_of_every_kind_hold_no_formula(tmp_path: Path) -> None:
    workbook.write_listing(tmp_path / "list.xlsx", listing())
    odd = [speaking_of(PROJECTS[0], n, set(), f"{sign}文") for n, sign in enumerate(SIGNS)]
    odd = [replace(p, enterprise=f"{sign}企业", name=f"{sign}项目") for p, sign in zip(odd, SIGNS, strict=True)]
    odd = [replace(p, units=tuple(replace(u, actual_sec=Decimal("-12.5")) for u in p.units)) for p in odd]
    workbook.write_projects(tmp_path / "ledger.xlsx", odd, BOOK)
    for path in tmp_path.glob("*.xlsx"):
        with zipfile.ZipFile(path) as packed:
            sheets = [n for n in packed.namelist() if n.startswith("xl/worksheets/sheet")]
            assert [n for n in sheets if b"<f>" in packed.read(n) or b"<f " in packed.read(n)] == []
        cells = [c for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for c in row]
        assert not [c.value for c in cells if c.data_type == "f"]
        assert -12.5 in {c.value for c in cells}


def test_a_ledger_as_csv_guards_every_sign(tmp_path: Path) -> None:
    odd = [speaking_of(PROJECTS[0], n, set(), f"{sign}文") for n, sign in enumerate(SIGNS)]
    odd = [replace(p, units=tuple(replace(u, actual_sec=Decimal("-12.5")) for u in p.units)) for p in odd]
    workbook.write_projects(tmp_path / "ledger.csv", odd, BOOK)
    with (tmp_path / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    sec = next(at for at, text in enumerate(head) if text.startswith("实际单位产品能耗"))

    assert {row[sec] for row in rows} == {"-12.5"}
    for row in rows:
        for cell in row:
            assert cell == "-12.5" or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), (
                cell
            )
