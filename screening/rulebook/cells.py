"""One table of a rules file read strictly: every key asked for by name and kind, what is left over is a problem."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)

PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
ADDRESS = re.compile(r"://|www\.|\.(com|cn|org|net)\b", re.IGNORECASE)


class Unread(str):
    """The raw text of a number that is no plain decimal: inf, nan, an exponent, an underscore."""

    __slots__ = ()


def number_of(text: str) -> Decimal | Unread:
    """What `tomllib` calls for every float literal: the exact decimal, or the text where it is not plain."""
    return Decimal(text) if PLAIN.fullmatch(text) else Unread(text)


@dataclass(slots=True)
class Table:
    """A TOML table with its place; problems are collected, never raised, so that all of them can be told at once."""

    file: str
    name: str
    cells: Mapping[str, Any]
    problems: list[str]
    asked: set[str] = field(default_factory=set)

    def say(self, key: str | None, found: str) -> None:
        """Notes a problem: file, row, key, what was found and what is expected."""
        place = f"{self.file}：{self.name}"
        self.problems.append(f"{place} 的“{key}”{found}" if key else f"{place} {found}")

    def _get(self, key: str, kind: type | tuple[type, ...], wanted: str, *, required: bool) -> Any:
        self.asked.add(key)
        if key not in self.cells:
            if required:
                self.say(key, f"缺失，应填写{wanted}。")
            return None
        value = self.cells[key]
        if isinstance(value, Unread):
            self.say(key, f"写作{value}，数值应写成普通小数（如 13350 或 9.5），不用指数、inf、nan 和下划线。")
            return None
        if isinstance(value, bool) is not (kind is bool) or not isinstance(value, kind):
            self.say(key, f"写作{_shown(value)}，应为{wanted}。")
            return None
        return value

    def text(self, key: str) -> str:
        """A text that must be there and not be blank; blank where it is missing (and said so)."""
        return self.maybe_text(key, required=True) or ""

    def maybe_text(self, key: str, *, required: bool = False) -> str | None:
        """A text or nothing; an address of a site is refused: the document is the authority."""
        value: str | None = self._get(key, str, "文字", required=required)
        if value is not None and not value.strip():
            self.say(key, "为空白，应填写文字或者删去该项。")
            return None
        if value is not None and ADDRESS.search(value):
            self.say(key, "含有网址，规则只引文件名称、文号和条款，请删去网址。")
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts, empty where it is missing."""
        values = self._get(key, list, "文字列表", required=required)
        if values is None:
            return ()
        if not all(isinstance(v, str) and not isinstance(v, Unread) and v.strip() for v in values):
            self.say(key, f"写作{_shown(values)}，应为文字列表。")
            return ()
        if len(set(values)) != len(values):
            self.say(key, "有重复的内容，请删去重复项。")
        return tuple(values)

    def number(self, key: str, *, required: bool = False) -> Decimal | None:
        """An exact decimal or nothing."""
        value = self._get(key, (int, Decimal), "数值", required=required)
        return None if value is None else Decimal(value)

    def needed_number(self, key: str) -> Decimal:
        """An exact decimal that must be there."""
        return self.number(key, required=True) or Decimal(0)

    def whole(self, key: str, *, required: bool = False) -> int | None:
        """A whole number or nothing."""
        value: int | None = self._get(key, int, "整数", required=required)
        return value

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers that must be there."""
        values = self._get(key, list, "整数列表", required=True) or []
        if not all(isinstance(v, int) and not isinstance(v, bool) for v in values):
            self.say(key, f"写作{_shown(values)}，应为整数列表。")
            return ()
        return tuple(values)

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A calendar day or nothing."""
        value: date | None = self._get(key, date, "日期（如 2023-07-04）", required=required)
        if isinstance(value, datetime):
            self.say(key, f"写作{value}，应为日期（如 2023-07-04），不带时刻。")
            return None
        return value

    def days(self, key: str) -> tuple[date, ...]:
        """A list of calendar days."""
        value = self._get(key, list, "日期的列表", required=True)
        found = tuple(value or ())
        if not all(type(day) is date for day in found):
            self.say(key, "含有不是日期的内容，应为日期的列表（如 [2026-01-01]）。")
            return ()
        return found

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """A yes or no; must be there unless it has a default."""
        value = self._get(key, bool, "true 或 false", required=default is None)
        return bool(default if value is None else value)

    def choice(self, key: str, kind: type[E], *, required: bool = True) -> E | None:
        """One of the words of an enumeration."""
        value = self.maybe_text(key, required=required)
        if value is None:
            return None
        if value not in {m.value for m in kind}:
            self.say(key, f"写作“{value}”，应为{'、'.join(m.value for m in kind)}之一。")
            return None
        return kind(value)

    def word(self, key: str, words: Collection[str]) -> str:
        """One of some words; must be there."""
        value = self.text(key)
        if value and value not in words:
            self.say(key, f"写作“{value}”，应为{'、'.join(words)}之一。")
        return value

    def words(self, key: str, words: Collection[str]) -> tuple[str, ...]:
        """A list of such words, empty where it is missing."""
        values = self.texts(key)
        for value in values:
            if value not in words:
                self.say(key, f"含有“{value}”，应为{'、'.join(words)}之一。")
        return values

    def table(self, key: str) -> Table | None:
        """A table inside this one, or nothing."""
        cells = self._get(key, dict, "表（{ … }）", required=False)
        return None if cells is None else Table(self.file, f"{self.name} 的 {key}", cells, self.problems)

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables inside this one, empty where it is missing."""
        values = self._get(key, list, "表的列表", required=False) or []
        if not all(isinstance(v, dict) for v in values):
            self.say(key, f"写作{_shown(values)}，应为表的列表。")
            return ()
        return tuple(
            Table(self.file, f"{self.name} 的 {key} 第{i}项", v, self.problems) for i, v in enumerate(values, 1)
        )

    def done(self) -> None:
        """Says which keys nobody asked for."""
        for key in self.cells:
            if key not in self.asked:
                self.say(key, "不是本程序认识的项，请改正拼写或者删去。")


def _shown(value: object) -> str:
    """A value as TOML spells it, cut short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value[:40]}”"
    return str(value)[:60]
