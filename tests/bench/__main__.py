"""`python -m tests.bench [screen] [letters] [pages] [trail]`: runs the measurements and prints a table of each."""

from __future__ import annotations

import sys

from tests.bench import letters, pages, screen, trail

PARTS = {"screen": screen.measure, "letters": letters.measure, "pages": pages.measure, "trail": trail.measure}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
