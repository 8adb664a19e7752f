"""`python -m tests.bench.rivals NAME`: the process of one way of making letters."""

from __future__ import annotations

import sys

from tests.bench.rivals import answer

if __name__ == "__main__":
    answer(sys.argv[1])
