"""Ranges of plausibility are read as strictly as other rows, and nothing pretends to be law."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from screening import rulebook
from tests.rules.test_refusals import add, folder, problems, spoil  # noqa: F401  # `folder` is a fixture

FILE = "plausibility.toml"
FIRST = 'id = "sec_against_levels"\nlow = 0.5\nhigh = 2\n'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            FIRST, FIRST.replace("low = 0.5\n", ""), ["sec_against_levels", "“low”缺失"], id="a bound missing"
        ),
        pytest.param(FIRST, FIRST.replace("0.5", "2"), ["“high”为2", "不大于下限"], id="an empty range"),
        pytest.param(FIRST, FIRST.replace("0.5", "0"), ["“low”为0", "应大于零"], id="a bound of zero"),
        pytest.param(FIRST, FIRST + "typical = 1\n", ["“typical”不应填写"], id="a figure that nothing uses"),
        pytest.param(FIRST, FIRST + "hgih = 3\n", ["“hgih”", "不是本程序认识的项"], id="an unknown key"),
        pytest.param(FIRST, FIRST.replace("= 2", "= 2e0"), ["普通小数"], id="an exponent"),
        pytest.param('"sec_against_levels"', '"sec_against_stars"', ["“sec_against_stars”"], id="an unknown test"),
        pytest.param("[1000, 10000]", "[1, 10000]", ["“factors”", "大于1"], id="a factor that changes nothing"),
        pytest.param('evidence = "unverified"', 'evidence = "official"', ["不是官方文本"], id="no convention is law"),
        pytest.param('evidence = "unverified"\n', "", ["“evidence”缺失"], id="no evidence"),
        pytest.param('source = "program"', "", ["“source”缺失"], id="no source"),
        pytest.param('text = "仅用于估算数量级"\n', "", ["“text”缺失"], id="no words"),
    ],
)
def test_a_faulty_range_is_refused(folder: Path, old: str, new: str, said: list[str]) -> None:  # noqa: F811
    spoil(folder, FILE, old, new)

    found = problems(folder)
    assert any(all(piece in problem for piece in said) for problem in found), found


def test_two_ranges_of_one_test_may_not_overlap(folder: Path) -> None:  # noqa: F811
    add(
        folder,
        FILE,
        f'[[plausibility]]\n{FIRST}unit = "1"\ntext = "x"\nevidence = "unverified"\nin_force_from = 2027-01-01\n',
    )

    assert any("sec_against_levels" in problem and "重叠" in problem for problem in problems(folder))


def test_a_range_that_is_left_out_is_not_tested(folder: Path) -> None:  # noqa: F811
    (folder / FILE).unlink()

    assert rulebook.load(folder).plausibility == ()


def test_ranges_are_counted_and_shown() -> None:
    book = rulebook.load()
    shown = {row["name"]: row["says"] for row in rulebook.show(book, as_of=date(2026, 11, 22))["dated"]}

    assert rulebook.counts(book)["合理性范围"] == 15
    assert shown["合理性 sec_against_levels"] == "不低于0.5，不高于2"
    assert shown["合理性 unit_mixup"] == "倍数1000、10000"
    assert shown["合理性 full_load_hours"] == "按5000 h"
