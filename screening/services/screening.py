"""Screens a workbook without any database: reads it, classifies every project, and answers as the contract says.

The answer is made batch by batch while the reading child prepares the next one; on a machine with several processors
and a large file the batches are screened by processes of their own.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import orjson

from screening.domain.classification import PROPOSABLE, EfficiencyClass, Screening, screen, to_document
from screening.domain.classification.day import day_of
from screening.domain.rules import Rulebook
from screening.workbook.reading import CellWarning, Opened, Packed, Rejection, unpack

Progress = Callable[[int, int], None]
"""Called with how many projects are done and how many there are."""
LARGE_FILE = 400_000
"""Bytes of a workbook (some 1,500 rows) from which processes of their own save more time than they take to start."""


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


@dataclass(frozen=True, slots=True)
class _Part:
    """One batch, answered: its projects as JSON text (UTF-8) without brackets, and what they add to the counts."""

    text: bytes
    projects: int
    units: int
    classes: Counter[str]
    dispositions: Counter[str]
    rejected: tuple[Rejection, ...]
    rejected_projects: int
    warnings: tuple[CellWarning, ...]
    unknown_columns: tuple[str, ...]
    done: int
    total: int


def screen_file(
    opened: Opened, rulebook: Rulebook, *, as_of: date, edition: str | None = None, progress: Progress | None = None
) -> ScreenedFile:
    """Reads and screens a workbook; Refusal where the file, or the edition's name, cannot be used at all."""
    held = day_of(rulebook, as_of, edition).edition
    results: list[Screening] = []
    rejected: list[Rejection] = []
    warnings: list[CellWarning] = []
    unknown: tuple[str, ...] = ()
    count = 0
    with _without_collector():
        for packed in opened.packed(rulebook):
            batch = unpack(packed)
            results += (screen(p, rulebook, as_of=as_of, edition=edition) for p in batch.projects)
            rejected += batch.rejected
            warnings += batch.warnings
            unknown = batch.unknown_columns
            count += batch.rejected_projects
            if progress:
                progress(batch.done, batch.total)
    return ScreenedFile(
        as_of=as_of,
        edition=held.name if held else None,
        rules_version=rulebook.version,
        results=tuple(results),
        rejected=tuple(rejected),
        rejected_projects=count,
        warnings=tuple(warnings),
        unknown_columns=unknown,
    )


def screen_to_json(
    opened: Opened, rulebook: Rulebook, *, as_of: date, edition: str | None = None, progress: Progress | None = None
) -> tuple[Iterator[bytes], bool]:
    """The contract's object (ledger-format §2) as pieces of JSON text (UTF-8), and whether anything was rejected."""
    held = day_of(rulebook, as_of, edition).edition
    parts: list[_Part] = []
    for part in _answers(opened, rulebook, as_of, edition):
        parts.append(part)
        if progress:
            progress(part.done, part.total)
    rejected = [r for part in parts for r in part.rejected]
    count = sum(part.rejected_projects for part in parts)
    head = {
        "as_of": as_of.isoformat(),
        "rules": {"edition": held.name if held else None, "version": rulebook.version},
        "summary": _summary(
            sum(part.projects for part in parts),
            sum(part.units for part in parts),
            count,
            sum((part.classes for part in parts), Counter()),
            sum((part.dispositions for part in parts), Counter()),
        ),
    }
    tail = {
        "rejected": [_rejection(r) for r in rejected],
        "warnings": [_warning(w) for part in parts for w in part.warnings],
        "unknown_columns": list(parts[-1].unknown_columns) if parts else [],
    }
    return _pieces(head, [part.text for part in parts if part.text], tail), bool(rejected or count)


def summary(found: ScreenedFile) -> dict[str, Any]:
    """The counts of the contract: projects, units, rejected projects, by class and by disposition."""
    return _summary(
        len(found.results),
        sum(len(r.units) for r in found.results),
        found.rejected_projects,
        Counter(r.efficiency_class.value for r in found.results),
        Counter(r.disposition.value for r in found.results),
    )


def _summary(
    projects: int, units: int, rejected: int, classes: Counter[str], dispositions: Counter[str]
) -> dict[str, Any]:
    return {
        "projects": projects,
        "units": units,
        "rejected": rejected,
        "by_class": {c.value: classes[c.value] for c in EfficiencyClass},
        "by_disposition": {d.value: dispositions[d.value] for d in PROPOSABLE},
    }


def _rejection(one: Rejection) -> dict[str, Any]:
    return {
        "sheet": one.sheet,
        "cell": one.cell,
        "column": one.column,
        "value": one.value,
        "expected": one.expected,
        "project": one.project,
        "message": one.message,
    }


def _warning(one: CellWarning) -> dict[str, Any]:
    return {
        "sheet": one.sheet,
        "cell": one.cell,
        "column": one.column,
        "value": one.value,
        "project": one.project,
        "message": one.message,
    }


def _pieces(head: dict[str, Any], projects: list[bytes], tail: dict[str, Any]) -> Iterator[bytes]:
    yield orjson.dumps(head)[:-1]
    yield b', "projects": [\n'
    for place, text in enumerate(projects):
        if place:
            yield b",\n"
        yield text
    yield b"\n], " + orjson.dumps(tail)[1:] + b"\n"


def _answers(opened: Opened, rulebook: Rulebook, as_of: date, edition: str | None) -> Iterator[_Part]:
    """Every batch answered, in the order of the sheet."""
    answer = partial(_answer, rulebook, as_of, edition)
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 8)
    large = opened.path.stat().st_size >= LARGE_FILE
    if not large or workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        with _without_collector():
            yield from map(answer, opened.packed(rulebook))
        return
    # Forked before the reading starts: the workers share the rules that are already in memory.
    gc.freeze()
    sys.stdout.flush()
    with multiprocessing.get_context("fork").Pool(workers, _begin, (answer,)) as pool:
        yield from pool.imap(_work, opened.packed(rulebook))


_given: list[Callable[[Packed], _Part]] = []


def _begin(answer: Callable[[Packed], _Part]) -> None:
    """Tells a worker process once how to answer; batches follow. It lives briefly and collects no garbage."""
    gc.disable()
    _given[:] = [answer]


def _work(packed: Packed) -> _Part:
    return _given[0](packed)


def _answer(rulebook: Rulebook, as_of: date, edition: str | None, packed: Packed) -> _Part:
    batch = unpack(packed)
    texts: list[bytes] = []
    units = 0
    classes: Counter[str] = Counter()
    dispositions: Counter[str] = Counter()
    for project in batch.projects:
        result = screen(project, rulebook, as_of=as_of, edition=edition)
        classes[result.efficiency_class.value] += 1
        dispositions[result.disposition.value] += 1
        units += len(result.units)
        texts.append(orjson.dumps(to_document(result)))
    return _Part(
        text=b",\n".join(texts),
        projects=len(texts),
        units=units,
        classes=classes,
        dispositions=dispositions,
        rejected=batch.rejected,
        rejected_projects=batch.rejected_projects,
        warnings=batch.warnings,
        unknown_columns=batch.unknown_columns,
        done=batch.done,
        total=batch.total,
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """No cycles are made here, and walking a growing heap for them took a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
