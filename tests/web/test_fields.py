"""Fields say what to type, keep what was typed, and let nothing through that is not a plain figure or day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from screening.web.fields import ChoiceField, DayField, ExactField, LineField, SheetForm, needed


class Trial(SheetForm):
    amount = ExactField("数量")
    day = DayField("日期")
    line = LineField("文字", [needed("请填写文字。")])
    pick = ChoiceField("选择", [("a", "甲"), ("b", "乙")])


def form_of(site: Flask, **typed: str) -> Trial:
    with site.test_request_context(method="POST", data={"line": "x", "pick": "a", **typed}):
        form = Trial(meta={"csrf": False})
        form.validate()
        str(form.amount())
        return form


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("117.5", Decimal("117.5")), ("-30", Decimal(-30)), (" １２ ", Decimal(12)), ("0", Decimal(0)), ("", None)],
)
def test_a_plain_figure_is_taken(site: Flask, typed: str, expected: Decimal | None) -> None:
    form = form_of(site, amount=typed)
    assert form.amount.data == expected
    assert not form.amount.errors


@pytest.mark.parametrize("typed", ["Infinity", "NaN", "sNaN", "1e5", "1_000", "1,000", "٣", "约900", "1.", "--1"])
def test_anything_else_is_refused_and_kept(site: Flask, typed: str) -> None:
    form = form_of(site, amount=typed)
    assert form.amount.errors
    assert "请填写" in str(form.amount.errors[0])
    with site.test_request_context():
        assert f'value="{typed}"' in str(form.amount())


@pytest.mark.parametrize(
    "typed", ["2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日", "20261122", "２０２６-11-22"]
)
def test_a_day_in_the_usual_spellings(site: Flask, typed: str) -> None:
    assert form_of(site, day=typed).day.data == date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["2026-02-30", "明天", "2026-11", "22-11-2026", "2026-13-01"])
def test_no_such_day(site: Flask, typed: str) -> None:
    form = form_of(site, day=typed)
    assert form.day.errors
    assert form.day.data is None


def test_a_choice_outside_the_list_is_refused(site: Flask) -> None:
    assert form_of(site, pick="z").pick.errors


def test_control_characters_are_refused(site: Flask) -> None:
    assert form_of(site, line="a\u0007b").line.errors


def test_problems_come_in_the_order_of_the_page(site: Flask) -> None:
    form = form_of(site, amount="x", day="y", line="")
    assert [anchor for anchor, _ in form.problems] == ["amount", "day", "line"]
    form.refuse("整体不行")
    assert form.problems[0] == (None, "整体不行")
