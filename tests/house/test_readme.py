"""The README tells the truth: glossary, moves, commands, settings and dependencies equal what the code holds."""

from __future__ import annotations

import importlib
import pkgutil
import re
from enum import Enum

import click

import screening.domain
from screening import config
from screening.cli import commands
from screening.domain.review import MOVES
from tests.house.tree import ROOT, project, readme, table


def spoken() -> dict[str, dict[str, str]]:
    """Every enum of the domain that has words for users: its identifiers and their Chinese words."""
    found: dict[str, dict[str, str]] = {}
    for module in pkgutil.walk_packages(screening.domain.__path__, "screening.domain."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, type) and issubclass(value, Enum) and hasattr(value, "words"):
                found[name] = {str(member.value): member.words for member in value}
    return found


def test_the_glossary_equals_the_enums() -> None:
    written = {
        name: dict(pair.strip().split(" ", 1) for pair in pairs.split("·"))
        for name, _, pairs in table("### Identifiers")
    }
    expected = spoken()

    assert written == expected, "the rows should be:\n" + "\n".join(
        f"| `{name}` | | {' · '.join(f'`{word}` {words}' for word, words in pairs.items())} |"
        for name, pairs in expected.items()
    )


def test_the_moves_equal_the_table() -> None:
    written = [tuple(row) for row in table("## Moves of a case")]
    expected = [
        (
            before.value,
            move.value,
            step.permission.value,
            step.least.words,
            "、".join(proof.words for proof in step.proofs) or "–",
            "、".join(apart.value for apart in step.apart) or "–",
            step.after.value,
        )
        for (before, move), step in MOVES.items()
    ]

    assert written == expected, "the rows should be:\n" + "\n".join("| " + " | ".join(row) + " |" for row in expected)


def leaves(group: click.Group, before: str = "") -> list[str]:
    """The commands, as typed after `screening`."""
    named = []
    for name, command in sorted(group.commands.items()):
        named += leaves(command, f"{before}{name} ") if isinstance(command, click.Group) else [before + name]
    return named


def test_every_command_is_described() -> None:
    written = [re.split(r" (?=[A-Z\[-])", row[0], maxsplit=1)[0] for row in table("## Commands")]

    assert sorted(written) == sorted(f"screening {name}" for name in leaves(commands))


def test_every_make_target_is_described() -> None:
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert [row[0] for row in table("## Make")] == [f"make {target}" for target in targets]


def test_every_setting_is_described() -> None:
    assert {row[0] for row in table("## Settings")} == config.NAMES | {"DATABASE_URL", "PORT"}


def test_every_dependency_has_its_reason() -> None:
    declared = project()["project"]
    named = declared["dependencies"] + declared["optional-dependencies"]["dev"]
    expected = [re.split(r"[<>=~ ]", entry, maxsplit=1)[0] for entry in named]
    rows = table("## Dependencies")

    assert [row[0] for row in rows] == expected
    assert all(len(row[1]) > 15 for row in rows)


def test_every_debian_package_has_its_reason() -> None:
    groups = re.findall(r'^ +\[\w+\]="([^"]+)"', (ROOT / ".ci/packages.sh").read_text("utf-8"), re.MULTILINE)
    expected = {name for group in groups for name in group.split()}

    assert {name for row in table("### Debian packages") for name in row[0].split(", ")} == expected


def test_every_folder_of_the_layout_exists() -> None:
    layout = readme().split("\n## Layout\n", 1)[1].split("```")[1]
    named = re.findall(r"^([a-z.]+/|[A-Za-z.]+\.(?:toml|md|lock))\s", layout, re.MULTILINE)

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_links_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", readme())

    assert [target for target in targets if not (ROOT / target).exists()] == []
