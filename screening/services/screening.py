"""Screens a workbook without any database: reads it, classifies every project, and counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from screening import workbook
from screening.domain.classification import Disposition, EfficiencyClass, Screening, screen, to_document
from screening.domain.errors import Refusal
from screening.domain.rules import Rulebook
from screening.workbook import CellWarning, Rejection

Progress = Callable[[int, int], None]
"""Called with how many projects are done and how many there are."""


@dataclass(frozen=True, slots=True)
class ScreenedFile:
    """All projects of a workbook screened as of one day, and what could not be read."""

    as_of: date
    edition: str | None
    rules_version: str
    results: tuple[Screening, ...]
    rejected: tuple[Rejection, ...]
    rejected_projects: int
    warnings: tuple[CellWarning, ...]
    unknown_columns: tuple[str, ...]


def screen_file(
    path: Path, rulebook: Rulebook, *, as_of: date, edition: str | None = None, progress: Progress | None = None
) -> ScreenedFile:
    """Reads and screens a workbook; Refusal where the file, or the edition's name, cannot be used at all."""
    if edition is not None and rulebook.edition_named(edition) is None:
        known = "、".join(e.name for e in rulebook.editions)
        raise Refusal(f"没有名为“{edition}”的能效水平版本。已收录的版本：{known}。", field="edition")
    reading = workbook.read(path, rulebook)
    count = len(reading.projects)
    results = []
    for done, project in enumerate(reading.projects, start=1):
        results.append(screen(project, rulebook, as_of=as_of, edition=edition))
        if progress and (done % 200 == 0 or done == count):
            progress(done, count)
    held = edition if edition is not None else (e.name if (e := rulebook.edition_on(as_of)) else None)
    return ScreenedFile(
        as_of,
        held,
        rulebook.version,
        tuple(results),
        reading.rejected,
        reading.rejected_projects,
        reading.warnings,
        reading.unknown_columns,
    )


def summary(found: ScreenedFile) -> dict[str, Any]:
    """The counts of the contract: projects, units, rejected projects, by class and by disposition."""
    classes = Counter(r.efficiency_class for r in found.results)
    dispositions = Counter(r.disposition for r in found.results)
    return {
        "projects": len(found.results),
        "units": sum(len(r.units) for r in found.results),
        "rejected": found.rejected_projects,
        "by_class": {c.value: classes[c] for c in EfficiencyClass},
        "by_disposition": {d.value: dispositions[d] for d in Disposition},
    }


def to_contract(found: ScreenedFile) -> dict[str, Any]:
    """The whole answer as the contract's object (ledger-format §2)."""
    return {
        "as_of": found.as_of.isoformat(),
        "rules": {"edition": found.edition, "version": found.rules_version},
        "summary": summary(found),
        "projects": [to_document(r) for r in found.results],
        "rejected": [
            {
                "sheet": r.sheet,
                "cell": r.cell,
                "column": r.column,
                "value": r.value,
                "expected": r.expected,
                "project": r.project,
                "message": r.message,
            }
            for r in found.rejected
        ],
        "warnings": [
            {"sheet": w.sheet, "cell": w.cell, "column": w.column, "value": w.value, "text": w.text}
            for w in found.warnings
        ],
        "unknown_columns": list(found.unknown_columns),
    }


def to_json(found: ScreenedFile) -> str:
    """The contract's object as text, one project a line: json's own indenting costs six times as much."""
    lines = [
        _text(name) + ": [\n" + ",\n".join(map(_text, value)) + "\n]" if name in {"projects", "rejected"} and value
        else f"{_text(name)}: {_text(value)}"
        for name, value in to_contract(found).items()
    ]  # fmt: skip
    return "{" + ",\n".join(lines) + "}"


_text = json.JSONEncoder(ensure_ascii=False).encode
