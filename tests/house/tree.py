"""The source tree as the house tests read it: the root, the tracked files, the parsed modules."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control, in order."""
    named = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(path for name in sorted(named.split("\0")) if name and (path := ROOT / name).is_file())


@cache
def modules(folder: str = "screening") -> dict[str, ast.Module]:
    """The parsed modules of a folder, by path from the root."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"), filename=str(path))
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


@cache
def project() -> dict:
    """pyproject.toml as read."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def readme() -> str:
    """The README's text."""
    return (ROOT / "README.md").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of the README, head and rule left out, backticks taken off."""
    lines = readme().split(f"\n{heading}\n", 1)[1].splitlines()
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")])
        elif rows or line.startswith("## "):
            break
    return rows[2:]
