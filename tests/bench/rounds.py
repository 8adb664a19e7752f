"""Interleaved rounds: every way once, then every way again, so that a slow minute of the machine hits all alike."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

ON_SCREEN = Console(stderr=True)
PRINTED = Console()


def medians(ways: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, float]:
    """Median seconds of each way over interleaved rounds."""
    return {name: seconds for name, (seconds, _) in costs(ways, rounds=rounds).items()}


def costs(ways: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, tuple[float, float]]:
    """Median seconds of each way over interleaved rounds: those that passed, and those of processor time."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in track(range(rounds), description="rounds", console=ON_SCREEN, transient=True):
        for name, way in ways.items():
            computed, began = computing(), time.perf_counter()
            way()
            taken[name].append((time.perf_counter() - began, computing() - computed))
    return {name: tuple(statistics.median(of) for of in zip(*each, strict=True)) for name, each in taken.items()}


def computing() -> float:
    """Processor seconds so far of this process and all that it started, ended ones included, as Linux counts them."""
    started: defaultdict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = file.read_text().rpartition(")")[2].split()  # the name before it may hold anything
        except OSError:  # ended meanwhile
            continue
        process = int(file.parent.name)
        started[int(told[1])].append(process)
        ticks[process] = sum(map(int, told[11:15]))  # its own, and of its children that ended; user and system
    spent, left = 0, [os.getpid()]
    while left:
        process = left.pop()
        spent += ticks.get(process, 0)
        left += started[process]
    return spent / os.sysconf("SC_CLK_TCK")


def show(
    title: str, found: Mapping[str, float], *, base: str, goals: Mapping[str, str] | None = None, digits: int = 2
) -> None:
    """Prints a table: way, median seconds, ratio to the base, what is aimed at."""
    table = Table(title=f"{title}（{os.cpu_count()} 核）", title_justify="left")
    table.add_column("way")
    table.add_column("median s", justify="right")
    table.add_column(f"× {base}", justify="right")
    table.add_column("aim")
    for name, seconds in found.items():
        table.add_row(name, f"{seconds:.{digits}f}", f"{seconds / found[base]:.2f}", (goals or {}).get(name, ""))
    PRINTED.print(table)
