"""`python -m tests.bench [screen] [export] [letters] [pages] [trail] [imports] [find]`: measures and prints a table of each."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench import export, find, imports, letters, pages, screen, trail
from tests.bench.rounds import ON_SCREEN

PARTS = {
    "screen": screen.measure, "export": export.measure, "letters": letters.measure, "pages": pages.measure,
    "trail": trail.measure, "imports": imports.measure, "find": find.measure,
}  # fmt: skip

if __name__ == "__main__":
    match sys.argv[1:] or list(PARTS):
        case [name]:
            began = time.perf_counter()
            PARTS[name]()
            ON_SCREEN.print(f"{name}: {time.perf_counter() - began:.0f} s\n")
        case names:  # a process each: what one part holds in memory is no other's
            for name in names:
                subprocess.run([sys.executable, "-m", "tests.bench", name], check=True)
