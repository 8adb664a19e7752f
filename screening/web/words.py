"""The filters with which templates speak: figures, days, moments and the words of every enum."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode

from flask import Flask, request
from werkzeug.datastructures import MultiDict

from screening import clock
from screening.domain.calendar import PartialDate, chinese
from screening.domain.classification import Disposition, EfficiencyClass, FindingId
from screening.domain.people import Permission, Role
from screening.domain.quantity import plain
from screening.domain.registry import FIELDS, Industry, Kind, Stage, spell
from screening.domain.rules import Evidence
from screening.web import doors
from screening.web.numberline import HEIGHT, WIDTH, number_line

DISPOSITION_SHAPES = {
    Disposition.PROCEED: "→",
    Disposition.HALT: "✖",
    Disposition.RECTIFY: "!",
    Disposition.REFER: "⇢",
    Disposition.KEEP: "=",
    Disposition.UPGRADE: "↑",
    Disposition.RETROFIT: "◆",
    Disposition.ELIMINATE: "▼",
    Disposition.RELEASE: "○",
    Disposition.ACCEPTED: "✓",
    Disposition.NOT_ACCEPTED: "✗",
    Disposition.MANUAL: "?",
}
CLASS_STYLES = {
    EfficiencyClass.AT_BENCHMARK: "at",
    EfficiencyClass.BETWEEN: "between",
    EfficiencyClass.BELOW_BASELINE: "below",
    EfficiencyClass.NOT_COVERED: "uncovered",
    EfficiencyClass.UNDETERMINED: "unknown",
}
BLANK = "—"


def figure(amount: Decimal | int | None, digits: int | None = None) -> str:
    """An exact figure with commas between thousands; `digits` shortens it for reading only (never for deciding)."""
    if amount is None:
        return BLANK
    text = plain(Decimal(amount) if digits is None else round(Decimal(amount), digits))
    sign, whole = ("-", text[1:]) if text.startswith("-") else ("", text)
    head, dot, tail = whole.partition(".")
    grouped = f"{int(head):,}"
    return sign + grouped + dot + tail


def exact(amount: Decimal | None) -> str:
    """An exact figure as it is compared, without separators."""
    return BLANK if amount is None else plain(amount)


def day(value: date | PartialDate | None) -> str:
    """2026-11-22, or only 2026-11 or 2026 where no more is known."""
    return BLANK if value is None else str(value)


def long_day(value: date | None) -> str:
    """2026年11月22日."""
    return BLANK if value is None else chinese(value)


def moment(value: datetime | None) -> str:
    """2026-11-22 14:03, in the time of Asia/Shanghai."""
    return BLANK if value is None else value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


def words(value: object) -> str:
    """The Chinese words of an enum's member; other values as they are, blank as a dash."""
    if value is None or value == "":
        return BLANK
    return str(getattr(value, "words", value))


def evidence_words(value: Evidence | str | None) -> str:
    """How well a rule is known."""
    return BLANK if value is None else Evidence(value).words


def spelled(value: object) -> str:
    """A field of the ledger as it is kept."""
    if isinstance(value, StrEnum):
        return words(value)
    if isinstance(value, Decimal):
        return figure(value)
    return spell(value) or BLANK


SAME_ROWS = {"page", "sort", "columns", "pick", "all", "skip"}
"""Names of a query that change how rows are shown, or which are ticked, never which rows there are."""


def address_with(**changes: object) -> str:
    """The address of this page with some of its query changed; None or "" takes a word out, and paging starts over.

    All of a filter is no longer all of it when the filter changes; what was ticked one by one stays ticked.
    """
    query: MultiDict[str, str] = MultiDict(request.args)
    if changes.keys() - SAME_ROWS:
        query.poplist("all")
        query.poplist("skip")
    if "page" not in changes:
        query.poplist("page")
    for name, value in changes.items():
        query.poplist(name)
        if value is not None and value != "":
            query.setlist(name, [str(value)] if not isinstance(value, (list, tuple)) else [str(v) for v in value])
    text = urlencode([(name, value) for name, value in query.items(multi=True) if value != ""])
    return f"{request.path}?{text}" if text else request.path


def pages_around(current: int, last: int) -> list[int | None]:
    """The page numbers that the pager shows; None stands for a gap."""
    shown = sorted({1, last, *range(max(1, current - 2), min(last, current + 2) + 1)})
    found: list[int | None] = []
    for number in shown:
        if found and isinstance(found[-1], int) and number - found[-1] > 1:
            found.append(None)
        found.append(number)
    return found


def may(*permissions: Permission) -> bool:
    """Whether the person of this request has one of them."""
    return doors.allows(permissions)


EXPECTED = {
    Kind.NUMBER: "一个数字",
    Kind.YEAR: "四位年份",
    Kind.DATE: "日期，如 2024-03-01",
    Kind.YES_NO: "是 或 否",
    Kind.LEAGUE: "盟市的名称或代码",
    Kind.BANNER: "该盟市旗县的名称或代码",
    Kind.INDUSTRY: "、".join(i.words for i in Industry),
    Kind.STAGE: "、".join(s.words for s in Stage),
}
"""What a column takes, for people; the workbook's own `expected` is for scripts."""
_BY_HEADER = {f.header: f for f in FIELDS}


def expected_words(header: str) -> str:
    """What is expected in the column of that heading."""
    field = _BY_HEADER.get(header)
    if field is None:
        return "见“怎样改”"
    if field.kind is Kind.CHOICE:
        return "、".join(field.choices)
    return EXPECTED.get(field.kind, "不能为空" if field.required else "一致的文字")


def short_league(name: str) -> str:
    """包头市 -> 包头, 锡林郭勒盟 -> 锡林郭勒: for narrow columns."""
    return name[:-1] if len(name) > 2 and name[-1] in "市盟" else name


def class_style(found: EfficiencyClass | str) -> str:
    """The style name of a class."""
    return CLASS_STYLES[EfficiencyClass(found)]


def facts_line(facts: Mapping[str, str]) -> str:
    """The facts of a finding on one line."""
    return "；".join(f"{name}：{value}" for name, value in facts.items())


def install(app: Flask) -> None:
    """Gives every template the filters and names."""
    for filter_ in (
        figure, exact, day, long_day, moment, words, evidence_words, spelled, facts_line, class_style, expected_words,
        short_league,
    ):  # fmt: skip
        app.add_template_filter(filter_, filter_.__name__)
    app.jinja_env.globals.update(
        address_with=address_with,
        pages_around=pages_around,
        number_line=number_line,
        NUMBER_LINE=(WIDTH, HEIGHT),
        may=may,
        Permission=Permission,
        Role=Role,
        Industry=Industry,
        Stage=Stage,
        EfficiencyClass=EfficiencyClass,
        Disposition=Disposition,
        FindingId=FindingId,
        CLASS_STYLES=CLASS_STYLES,
        DISPOSITION_SHAPES=DISPOSITION_SHAPES,
    )
