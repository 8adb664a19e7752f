"""Interleaved rounds: every way once, then every way again, so that a slow minute of the machine hits all alike."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.progress import track
from rich.table import Table

ON_SCREEN = Console(stderr=True)
PRINTED = Console()


def medians(ways: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, float]:
    """Median seconds of each way over interleaved rounds."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in track(range(rounds), description="rounds", console=ON_SCREEN, transient=True):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


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
