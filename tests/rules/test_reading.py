"""The version is a hash of what the rules say, and nothing else; reading is quick; the commands print it."""

from __future__ import annotations

import json
import shutil
import time
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from screening import rulebook
from screening.cli import commands
from screening.domain.errors import NotFound

RULES = rulebook.load()
TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules."""
    return shutil.copytree(rulebook.FOLDER, tmp_path / "another place" / "规则")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def test_the_version_is_the_same_elsewhere(folder: Path) -> None:
    assert rulebook.load(folder).version == RULES.version
    assert len(RULES.version) == 64


def test_file_names_and_line_endings_do_not_count(folder: Path) -> None:
    for path in folder.rglob("*.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    (folder / "catalogue.toml").rename(folder / "zz.toml")
    (folder / "levels" / "2023-07-04.toml").rename(folder / "a.toml")

    assert rulebook.load(folder).version == RULES.version


def test_order_of_rows_spelling_of_figures_and_remarks_do_not_count(folder: Path) -> None:
    path = folder / "limits" / "gb.toml"
    top, *rows = path.read_text(encoding="utf-8").split("[[limit]]")
    path.write_text("[[limit]]".join([top + "# a remark\n", *reversed(rows)]), encoding="utf-8")
    change(folder / "levels" / "2023-07-04.toml", "baseline = 940", "baseline = 940.00")
    change(folder / "levels" / "2023-07-04.toml", 'unit = "kWh/t"', 'unit = "千瓦时/吨"')

    assert rulebook.load(folder).version == RULES.version


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("levels/2023-07-04.toml", "baseline = 940", "baseline = 940.0001"),
        ("names.toml", '"碳化钙"', '"碳化钙石"'),
        ("clauses.toml", "坚决予以淘汰", "坚决淘汰"),
        ("documents.toml", "国务院令第673号", "国务院令第674号"),
        ("offices.toml", 'RETROFIT = "改"', 'RETROFIT = "造"'),
        ("parameters.toml", "known_until = 2025-12-31", "known_until = 2026-12-31"),
    ],
)
def test_whatever_the_rules_say_counts(folder: Path, file: str, old: str, new: str) -> None:
    change(folder / file, old, new)

    assert rulebook.load(folder).version != RULES.version


def test_the_order_of_decisions_counts(folder: Path) -> None:
    path = folder / "dispositions.toml"
    top, first, second, *rest = path.read_text(encoding="utf-8").split("[[disposition]]")
    path.write_text("[[disposition]]".join([top, second, first, *rest]), encoding="utf-8")

    assert rulebook.load(folder).version != RULES.version


def test_the_shipped_rules_are_read_once() -> None:
    assert rulebook.load() is rulebook.load()


def test_reading_is_quick() -> None:
    taken = []
    for _ in range(3):
        start = time.process_time()
        rulebook.load(rulebook.FOLDER)
        taken.append(time.process_time() - start)

    assert min(taken) < 0.25


def test_show_a_product_by_its_synonym_with_its_limits() -> None:
    shown = rulebook.show(RULES, "碳化钙", as_of=TODAY)

    (row,) = shown["standards"]
    assert (row["id"], row["benchmark"], row["baseline"], row["gap"]) == ("calcium_carbide", "805", "940", False)
    assert [one["level3"] for one in row["limits"]] == ["940"]
    assert [one["indicator"] for one in shown["limits"]] == ["电炉电耗"]
    assert [entry["control"] for entry in shown["catalogue"]] == ["forbidden"]


def test_show_the_edition_of_the_day() -> None:
    before, after = (rulebook.show(RULES, "硅铁", as_of=day) for day in (date(2023, 7, 3), date(2023, 7, 4)))

    assert (before["edition"]["name"], before["standards"][0]["baseline"]) == ("2021", "1900")
    assert (after["edition"]["name"], after["standards"][0]["baseline"]) == ("2023", "1850")


def test_show_says_what_is_a_gap() -> None:
    (row,) = rulebook.show(RULES, "尿素", as_of=TODAY)["standards"]

    assert (row["gap"], row["benchmark"], row["baseline"]) == (True, None, None)


def test_show_everything_of_a_day() -> None:
    shown = rulebook.show(RULES, as_of=TODAY)

    assert len(shown["standards"]) == 74
    assert sum(len(s["limits"]) for s in shown["standards"]) + len(shown["limits"]) >= 125
    assert {"电力等价值", "节能审查权限", "改造期限"} <= {d["name"] for d in shown["dated"]}
    assert next(d for d in shown["dated"] if d["id"] == "focus_line")["past"] is True


def test_show_before_the_first_edition() -> None:
    shown = rulebook.show(RULES, as_of=date(2021, 12, 31))

    assert (shown["edition"], shown["standards"]) == (None, [])


def test_an_unknown_product_is_refused_with_near_ones() -> None:
    with pytest.raises(NotFound, match="水泥熟料"):
        rulebook.show(RULES, "水泥熟料粉", as_of=TODAY)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_command_checks(folder: Path) -> None:
    status, said = run("rules", "check")
    assert (status, RULES.version in said) == (0, True)

    change(folder / "levels" / "2023-07-04.toml", "baseline = 940", "baseline = inf")
    status, said = run("rules", "check", str(folder))
    assert status == 1
    assert "calcium_carbide" in said

    status, said = run("rules", "check", str(folder), "--format", "json")
    found = json.loads(said)
    assert (status, found["ok"], len(found["problems"])) == (1, False, 1)


def test_the_command_refuses_what_is_no_folder(tmp_path: Path) -> None:
    status, said = run("rules", "check", str(tmp_path / "none"))

    assert (status, "不是文件夹" in said) == (2, True)


def test_the_command_shows() -> None:
    status, said = run("rules", "show", "硅铁", "--as-of", "2023-07-03")
    assert status == 0
    for part in ("ferrosilicon", "1770", "1900", "GB 21341-2022", "1609号", "二手来源"):
        assert part in said, part

    status, said = run("rules", "show", "尿素", "--as-of", "2026-11-22")
    assert "数值未见" in said

    status, said = run("rules", "show", "--as-of", "2026-11-22", "--format", "json")
    assert json.loads(said)["edition"]["name"] == "2023"

    status, said = run("rules", "show", "没有的产品")
    assert (status, "没有产品" in said) == (2, True)
