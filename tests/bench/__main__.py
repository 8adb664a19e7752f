"""`python -m tests.bench [screen] [export] [letters] [pages] [trail] [imports] [find]`: measures and prints a table of each."""

from __future__ import annotations

import sys
import time

from tests.bench import export, find, imports, letters, pages, screen, trail
from tests.bench.rounds import ON_SCREEN

PARTS = {
    "screen": screen.measure, "export": export.measure, "letters": letters.measure, "pages": pages.measure,
    "trail": trail.measure, "imports": imports.measure, "find": find.measure,
}  # fmt: skip

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        began = time.perf_counter()
        PARTS[name]()
        ON_SCREEN.print(f"{name}: {time.perf_counter() - began:.0f} s\n")
