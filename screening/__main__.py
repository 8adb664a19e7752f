"""`python -m screening` and the installed command `screening`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line."""
    from screening.cli import commands  # noqa: PLC0415  # keeps `python -m screening` importable without click

    sys.exit(commands(prog_name="screening"))


if __name__ == "__main__":
    main()
