"""What every module keeps to: an opening sentence, honest names, no clock and no floats where they do not belong."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.tree import ROOT, modules

EVERY = modules("screening") | modules("tests")
ASKS_THE_TIME = {"now", "today", "utcnow", "time", "time_ns", "localtime", "gmtime"}
CLOCKS = {"datetime", "date", "time"}
VAGUE = re.compile(r"(Service|Manager|Helper|Util|Enum)s?$|^(Manager|Helper|Util)s?(?=[A-Z])")


@pytest.mark.parametrize("path", sorted(EVERY))
def test_a_module_opens_with_a_sentence(path: str) -> None:
    words = ast.get_docstring(EVERY[path])

    assert words, f"{path} opens with no docstring"
    first = words.split("\n\n")[0].strip()
    assert first[-1] in ".:;。", f"{path}: the first paragraph is no sentence: {first!r}"


def test_no_class_has_a_vague_name() -> None:
    names = [
        (path, node.name) for path, tree in EVERY.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]

    assert [(path, name) for path, name in names if VAGUE.search(name)] == []


def test_no_folder_or_file_is_a_lumber_room() -> None:
    rooms = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert [path for path in EVERY if rooms & set(re.split(r"[/.]", path))] == []


def asked(tree: ast.Module) -> list[int]:
    """The lines on which a module asks what time it is."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ASKS_THE_TIME
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) in CLOCKS
    ]


def test_only_the_clock_asks_the_time() -> None:
    found = {path: lines for path, tree in modules().items() if (lines := asked(tree))}

    assert set(found) == {"screening/clock.py"}, found


def floats(tree: ast.Module) -> list[int]:
    """The lines that name or write a float; matching one in order to refuse it does not count."""
    refused = {id(node.cls) for node in ast.walk(tree) if isinstance(node, ast.MatchClass)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float" and id(node) not in refused)
    ]


def test_no_float_in_the_domain() -> None:
    found = {path: lines for path, tree in modules("screening/domain").items() if (lines := floats(tree))}

    assert found == {}


@pytest.mark.parametrize("path", sorted((ROOT / "screening/templates").rglob("*.html")), ids=lambda path: path.name)
def test_a_template_has_no_inline_script_or_style(path) -> None:
    text = path.read_text("utf-8")
    if "letters" in path.relative_to(ROOT / "screening/templates").parts:
        return  # printed, never sent to a browser

    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "a script without src"
    assert not re.search(r"<style\b|\sstyle\s*=", text), "an inline style"
    assert not re.search(r"\son[a-z]+\s*=", text), "an inline handler"
    assert "javascript:" not in text
