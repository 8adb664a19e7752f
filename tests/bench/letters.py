"""Letters by the two workers of the product, and beside them, in one run, by other programs from the same words."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import pypdfium2
from rich.table import Table

from screening.domain.letters import LetterInputs, LetterKind
from screening.printing import pool
from screening.services.specimens import specimen_inputs
from screening.wording import compose
from tests.bench.rivals import OFFICE, OURS, RIVALS, running
from tests.bench.rounds import ON_SCREEN, PRINTED, computing, costs

MANY = 200
FEW = 24
ROUNDS = 3
KINDS = (LetterKind.RETROFIT, LetterKind.HALT, LetterKind.RECTIFY, LetterKind.KEEP)
GOALS = {"s": 0.12, "worker": 200, "letter": 160}
"""Seconds a letter with two workers, MB a worker, KB of the median letter."""
WORKERS = "product, 2 workers"
FIRST, BEYOND = "LibreOffice, the first letter", "… beyond its start"
AHEAD = {"naive WeasyPrint": "≥ 1.4", "Chromium, warm": "> 1", OFFICE: "> 1", BEYOND: "> 1"}
"""How many times the product's processor time each should take; typst's is told."""
Way = Callable[[list[str]], list[bytes]]


def frozen(first: int, number: int) -> list[str]:
    """That many letters as the ledger keeps them once they are signed, every one different."""
    seeds = range(first, first + number)
    return [replace(specimen_inputs(KINDS[seed % len(KINDS)], seed), sample=False).to_json() for seed in seeds]


def most_held(process: int) -> int:
    """The most bytes of memory that a process has held since its program began, as Linux counts them."""
    told = Path(f"/proc/{process}/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) * 1024


def many() -> None:
    """The product's own figures: all letters different, two workers."""
    letters = frozen(0, MANY)
    workers = pool.Pool()
    list(workers.spread(workers.letter, letters[: 2 * workers.size]))  # both are warm
    computed, began = computing(), time.perf_counter()
    sizes = [len(pdf) for pdf in workers.spread(workers.letter, letters)]
    taken = (time.perf_counter() - began) / MANY
    spent = (computing() - computed) / MANY
    peak = max(map(most_held, workers.processes())) / 1e6
    workers.close()
    table = Table(
        title=f"{MANY} letters of {len(KINDS)} kinds, {workers.size} workers（{os.cpu_count()} 核）",
        title_justify="left",
    )
    for head in ("", "measured", "aim"):
        table.add_column(head, justify="right" if head else "left")
    middle = statistics.median(sizes) / 1000
    table.add_row("seconds a letter", f"{taken:.3f}", f"≤ {GOALS['s']}")
    table.add_row("processor seconds a letter", f"{spent:.3f}", "")
    table.add_row("peak MB a worker", f"{peak:.0f}", f"≤ {GOALS['worker']}")
    table.add_row("KB a letter, median", f"{middle:.0f}", f"≤ {GOALS['letter']}")
    table.add_row("KB a letter, largest", f"{max(sizes) / 1000:.0f}", "")
    PRINTED.print(table)


def looked_at(name: str, letters: list[str], made: list[bytes]) -> int:
    """The pages of some letters; stops where the words of one are not in its PDF."""
    pages = 0
    for inputs, pdf in zip(letters, made, strict=True):
        letter = compose(LetterInputs.from_json(inputs))
        with pypdfium2.PdfDocument(pdf) as document:
            pages += len(document)
            text = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
        words = (letter.name, letter.addressee, letter.issuer, *(paragraph.text[:9] for paragraph in letter.body))
        for one in words:
            if "".join(one.split()) not in text:
                raise SystemExit(f"{name}: “{one}” is not in the letter {letter.number}")
    return pages


def beside() -> None:
    """Interleaved rounds of all ways that are there: in each round all of them make the same letters, new to all."""
    here = [name for name, rival in RIVALS.items() if rival.there()]
    with ON_SCREEN.status("making letters"):
        batches = [frozen(turn * FEW, FEW) for turn in range(ROUNDS + 1)]
    workers = pool.Pool()
    found: dict[str, tuple[int, int]] = {}
    with ExitStack() as stack:
        stack.callback(workers.close)
        ways: dict[str, Way] = {name: stack.enter_context(running(name)) for name in (OURS, *here)}
        ways[WORKERS] = lambda letters: list(workers.spread(workers.letter, letters))
        for name, way in ways.items():
            with ON_SCREEN.status(name):
                made = way(batches[0])  # warm
                found[name] = looked_at(name, batches[0], made), sum(map(len, made))
        if OFFICE in ways:
            ways[FIRST] = lambda letters, way=ways[OFFICE]: way(letters[:1])
        turns = {name: count(1) for name in ways}
        spent = costs(
            {name: lambda name=name, way=way: way(batches[next(turns[name])]) for name, way in ways.items()},
            rounds=ROUNDS,
        )
    table = Table(
        title=f"{FEW} letters a round, medians of {ROUNDS} interleaved rounds（{os.cpu_count()} 核）",
        title_justify="left",
    )
    table.add_column("a letter", no_wrap=True)
    for head in ("s", "×", "processor s", "×", "aim", "KB", "pages"):
        table.add_column(head, justify="right")
    each = {name: (passed / FEW, computed / FEW) for name, (passed, computed) in spent.items() if name != FIRST}
    if FIRST in spent:  # what a letter costs where one start serves very many
        more = zip(spent[OFFICE], spent[FIRST], strict=True)
        each[BEYOND], found[BEYOND] = tuple((all_ - first) / (FEW - 1) for all_, first in more), found[OFFICE]
    base = each[OURS]
    for name in (OURS, WORKERS, *RIVALS, BEYOND):
        if name in each:
            (passed, computed), (pages, size) = each[name], found[name]
            table.add_row(
                name, f"{passed:.3f}", f"{passed / base[0]:.2f}", f"{computed:.3f}", f"{computed / base[1]:.2f}",
                AHEAD.get(name, ""), f"{size / FEW / 1000:.0f}", f"{pages / FEW:.1f}",
            )  # fmt: skip
    PRINTED.print(table)
    told = {name: rival.note if name in here else "not installed" for name, rival in RIVALS.items()}
    told = {"×": "to the product in one process; whatever a program starts is counted, all draw the check code"} | told
    for name, words in told.items():
        PRINTED.print(f"{name}: {words}", soft_wrap=True)


def measure() -> None:
    """Prints both tables."""
    ON_SCREEN.print(f"{MANY} letters …")
    many()
    beside()


if __name__ == "__main__":
    measure()
