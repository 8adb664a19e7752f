"""Importing 20,000 rows with 500 faulty cells, step by step, beside python-calamine alone reading the same file."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import python_calamine

from screening import rulebook
from screening.domain.registry import FIELDS
from screening.services import CONSOLE, Ledger, registry
from screening.store import schema
from tests.bench import screen
from tests.bench.rounds import ON_SCREEN, show

FAULTS = 500
FAULTY = {
    "建设状态": "快建成了",
    "旗县": "没有这个旗",
    "批复年综合能耗（等价值）": "约三万吨",
    "节能审查日期": "前年",
    "所属行业": "商业",
}
"""Column -> what a clerk may write there and nobody can read."""
CORRECTED = 20
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def faults(rows: int, count: int) -> dict[tuple[int, str], str]:
    """(row from 1 below the header, column) -> what stands there instead; spread over the sheet, a project each."""
    columns = list(FAULTY)
    step = rows // count
    return {(1 + place * step, column := columns[place % len(columns)]): FAULTY[column] for place in range(count)}


def measure() -> None:
    """Prints seconds of each step and the memory of the largest process."""
    rules = rulebook.load()
    steps: dict[str, float] = {}

    def timed(name: str, step: Callable[[], object]) -> object:
        with ON_SCREEN.status(name):
            began = time.perf_counter()
            found = step()
            steps[name] = time.perf_counter() - began
        return found

    with tempfile.TemporaryDirectory() as room:
        book = Path(room, "ledger.xlsx")
        with ON_SCREEN.status(f"writing {screen.ROWS} rows × {len(FIELDS)} columns"):
            screen.write(book, rules, faults=faults(screen.ROWS, FAULTS))
        url = f"sqlite:///{room}/ledger.db"
        with Ledger.open(url, rules) as ledger:
            schema.upgrade(ledger)
            timed(
                "python-calamine alone",
                lambda: python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python(),
            )
            preview = timed(
                "preview", lambda: registry.preview_import(ledger, book, file=book.name, by=CONSOLE, at=NOW)
            )
            assert isinstance(preview, registry.Preview)
            assert preview.batch is not None
            batch = preview.batch
            if len(preview.rejections) != FAULTS:
                raise SystemExit(f"{len(preview.rejections)} faulty cells found, not {FAULTS}")
            typed = {place: "在建" for place, cell in enumerate(preview.rejections) if cell.value == FAULTY["建设状态"]}
            typed = dict(list(typed.items())[:CORRECTED])
            again = timed(
                f"{CORRECTED} corrections",
                lambda: registry.correct_import(ledger, batch, typed, seen=1, by=CONSOLE, at=NOW),
            )
            assert isinstance(again, registry.Preview)
            if len(again.rejections) != FAULTS - CORRECTED:
                raise SystemExit(f"{len(again.rejections)} faulty cells left")
            timed("marked workbook", lambda: registry.marked_workbook(ledger, batch, by=CONSOLE))
            timed("confirm", lambda: registry.confirm_import(ledger, batch, seen=2, by=CONSOLE, at=NOW))
            timed(
                "undo",
                lambda: registry.undo_import(ledger, batch, reason="测速", by=CONSOLE, at=NOW + timedelta(minutes=1)),
            )
    show(
        f"Importing {screen.ROWS} rows × {len(FIELDS)} columns with {FAULTS} faulty cells, on SQLite",
        steps,
        base="python-calamine alone",
    )
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"largest process: {most / (1 if sys.platform == 'darwin' else 1024):.0f} MB")
