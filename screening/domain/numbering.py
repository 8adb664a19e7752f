"""文号: the pattern by which an office numbers a group of its letters, and what a number on paper says."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from screening.domain.errors import Refusal

MARK: Final = "{代字}"
KIND: Final = "{类}"
YEAR: Final = "{年}"
SERIAL: Final = "{序号}"
TAIL: Final = f"〔{YEAR}〕{SERIAL}号"
LONGEST: Final = 20
"""Characters before the year."""
LARGEST: Final = 999_999
FIRST_YEAR: Final = 1949
_BRACKETS: Final = str.maketrans("[]【】［］()（）〈〉", "〔〕〔〕〔〕〔〕〔〕〔〕")
_NUMBER: Final = re.compile(r"([^〔〕\d]+)〔(\d+)〕(\d+)号", re.ASCII)


class NumberGroup(StrEnum):
    """The letters that share a pattern."""

    DECISION = "decision"
    NOTICE = "notice"
    LETTER = "letter"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"decision": "决定和通知", "notice": "告知书", "letter": "函"}[self.value]


def group_of(kind_words: str) -> NumberGroup:
    """The group of a kind of letter: its name says its form, 事先告知书, 移送函, else a decision or notification."""
    if kind_words.endswith("告知书"):
        return NumberGroup.NOTICE
    return NumberGroup.LETTER if kind_words.endswith("函") else NumberGroup.DECISION


@dataclass(frozen=True, slots=True)
class Series:
    """What stands before the year, and the year: 内发改两高停, 2026. Numbers count from 1 within it."""

    head: str
    year: int

    @property
    def text(self) -> str:
        """内发改两高停〔2026〕: the name under which the counter stands; no two series have the same."""
        return f"{self.head}〔{self.year}〕"

    def number(self, serial: int) -> str:
        """内发改两高停〔2026〕7号."""
        return f"{self.text}{serial}号"


@dataclass(frozen=True, slots=True)
class Pattern:
    """{代字}两高{类}〔{年}〕{序号}号, or with an office's own words: 内发改环资〔{年}〕{序号}号."""

    text: str

    @property
    def head(self) -> str:
        """What stands before the year, with its places."""
        return self.text.removesuffix(TAIL)

    def series(self, mark: str, kind_word: str, year: int) -> Series:
        """The series of an office's mark, a kind's word and a year."""
        return Series(self.head.replace(MARK, mark).replace(KIND, kind_word), year)


def read_pattern(typed: str, *, field: str = "pattern") -> Pattern:
    """The pattern as typed (any brackets stand for 〔〕); Refusal says what GB/T 9704 wants instead."""

    def wrong(why: str) -> Refusal:
        return Refusal(f"文号规则“{text}”{why}请按“内发改环资{TAIL}”的样式填写。", field=field)

    text = unicodedata.normalize("NFC", typed).strip().translate(_BRACKETS)
    if any(unicodedata.category(sign)[0] in "ZC" for sign in text):
        raise wrong("中有空格或者不可见字符。")
    for place, words in ((YEAR, "年份"), (SERIAL, "序号")):
        if text.count(place) != 1:
            raise wrong(f"应当有且只有一处{words}{place}，现有{text.count(place)}处。")
    if not text.endswith("号"):
        raise wrong("应以“号”结尾。")
    if f"〔{YEAR}〕" not in text:
        raise wrong(f"的年份应写全四位，用六角括号括起，写作〔{YEAR}〕。")
    if "第" in text:
        raise wrong("中有“第”字。序号前不加“第”。")
    if not text.endswith(TAIL):
        raise wrong(f"的年份之后应紧接序号，写作“{TAIL}”，不编虚位（如001）。")
    head = text.removesuffix(TAIL)
    if any(head.count(place) > 1 for place in (MARK, KIND)):
        raise wrong(f"中{MARK}、{KIND}各最多一处。")
    plain = head.replace(MARK, "").replace(KIND, "")
    strange = next((sign for sign in plain if not _is_word(sign)), None)
    if strange:
        raise wrong(f"中有“{strange}”。年份之前只用汉字（可用{MARK}表示机关代字、{KIND}表示文种用字）。")
    if not head or len(plain) > LONGEST:
        raise wrong(f"的机关代字应为1至{LONGEST}个字。")
    return Pattern(text)


def _is_word(sign: str) -> bool:
    """Whether it is a Chinese character that may stand before the year."""
    return unicodedata.name(sign, "").startswith("CJK UNIFIED IDEOGRAPH") and sign not in "第号"


def spelled(typed: str) -> str:
    """A number, or a piece of one, as letters bear it, however it was typed: any brackets, wide digits, blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed)).translate(_BRACKETS)


def read_number(typed: str, *, field: str = "number") -> tuple[Series, int]:
    """Series and serial of a number on paper, in any brackets and wide digits; Refusal says how to write it."""
    text = spelled(typed)

    def wrong(why: str) -> Refusal:
        return Refusal(f"文号“{text}”{why}请写作“内发改环资〔2026〕12号”。", field=field)

    if "第" in text:
        raise wrong("中有“第”字，登记时略去。")
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise wrong("应由机关代字、六角括号中的年份、序号和“号”字组成。")
    head, year, serial = found.groups()
    strange = next((sign for sign in head if not _is_word(sign)), None)
    if strange or len(head) > 2 * LONGEST:
        raise wrong(f"的机关代字中有“{strange}”，应为汉字。" if strange else "的机关代字过长。")
    if len(year) != len("2026") or int(year) < FIRST_YEAR:
        raise wrong("的年份应写全四位。")
    if serial.startswith("0"):
        raise wrong("的序号不编虚位，不以0开头。")
    if len(serial) > len(str(LARGEST)):
        raise wrong(f"的序号超过{LARGEST}，请核对。")
    return Series(head, int(year)), int(serial)
