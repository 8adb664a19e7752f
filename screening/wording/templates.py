"""Reads what a template says: its head, headings, items and paragraphs, and what it stops at.

In a template a line is a paragraph. `# ` begins a heading and `## 小标题。｜` an item, both numbered here; 版式, 主送
and 标题 (its phrases parted by ｜) may stand on any line; 【自拟段落：…】 is where the drafter's own paragraphs go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Never

import jinja2

from screening.domain.errors import Refusal
from screening.domain.letters.inputs import FreePlace
from screening.domain.letters.letter import Level, Paragraph, Style

FOLDER: Final = Path(__file__).resolve().parents[1] / "templates" / "letters" / "texts"
NUMERALS: Final = "一二三四五六七八九十"
_BAR: Final = "｜"
_FREE: Final = {f"【自拟段落：{place.words}】": place for place in FreePlace}

# What a value holds is never a mark of the template: it begins with _VALUE, and its line ends and bars are hidden.
_VALUE: Final = "\x00"
_HIDDEN: Final = {"\n": "\x01", _BAR: "\x02"}


@dataclass(slots=True)
class Told:
    """A letter as its template says it; `body` holds the places of free paragraphs among the paragraphs."""

    title: tuple[str, ...] = ()
    addressee: str = ""
    style: Style = Style.DOCUMENT
    body: list[Paragraph | FreePlace] = field(default_factory=list)


class Lacking:
    """A value that the letter does not have: false in a condition and empty in a loop, but it cannot be printed."""

    def __init__(self, label: str, key: str, kind: str) -> None:
        self.label, self.key, self.kind = label, key, kind

    def stop(self) -> Never:
        """Refuses, naming the value."""
        raise Refusal(f"{self.kind}缺少“{self.label}”，不能成文。请补充“{self.label}”后再生成文书。", field=self.key)

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Never]:
        return iter(())

    def __contains__(self, _: object) -> bool:
        return False

    def __str__(self) -> str:
        return self.stop()

    def __getitem__(self, _: object) -> Never:
        self.stop()


def _hidden(value: object) -> str:
    text = str(value)
    for mark, sign in _HIDDEN.items():
        text = text.replace(mark, sign)
    return _VALUE + text


def _shown(text: str) -> str:
    text = text.replace(_VALUE, "")
    for mark, sign in _HIDDEN.items():
        text = text.replace(sign, mark)
    return text


_SENTENCE: Final = re.compile(r"[。！？…][”’）》]*$")
_HANGING: Final = re.compile(r"(?:[\s，、；：。！？,;:]|(?<=[^!-~])\.)+$")


def bare(text: object) -> str:
    """The text as one of a list, which has marks of its own: without those at its end."""
    said = str(text).strip()
    return _HANGING.sub("", said) or said


def ended(text: object) -> str:
    """The text as a sentence: what hangs at its end gives way to a full stop, unless it ends as a sentence does."""
    said = str(text).strip()
    return said if _SENTENCE.search(said) else f"{bare(said)}。"


def _distinct(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return list(dict.fromkeys(row[name] for row in rows if row[name]))


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for row in rows:
        found[row["结论"]] = found.get(row["结论"], 0) + 1
    return list(found.items())


_PLACE: Final = re.compile(r"(?<=[》）])([一二三四五六七八九十]+)（([一二三四五六七八九十]+)）$")
_CLAUSE: Final = re.compile(r"(《.+?》(?:（[^）]*）)?)(.*)")


def in_full(clause: str) -> str:
    """A clause as a letter names it: 《…方案》四（三） is 《…方案》第四部分第（三）项."""
    return _PLACE.sub(r"第\1部分第（\2）项", clause)


def joined(clauses: Sequence[str]) -> str:
    """Clauses in one phrase, a document that several stand in named once: 《…法》第五十三条、第五十四条."""
    found: list[str] = []
    before = None
    for clause in clauses:
        match = _CLAUSE.fullmatch(clause)
        title, place = match.groups() if match else (clause, "")
        found.append(place if title == before and place else clause)
        before = title
    return "、".join(found)


def _demand(*values: object) -> str:
    for value in values:
        if isinstance(value, Lacking):
            value.stop()
    return ""


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates of the words, read once a process."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        finalize=_hidden,
        autoescape=False,  # noqa: S701  # plain text; the renderer escapes every run
    )
    made.filters |= {"成句": ended, "去尾": bare, "各不相同": _distinct, "按结论计数": _counted, "并列": joined}
    made.globals["须有"] = _demand
    return made


def told(name: str, kind: str, values: Mapping[str, Any]) -> Told:
    """What the template `name` says with these values; refuses, naming it, where a value that it prints is missing."""
    try:
        text = environment().get_template(f"{name}.txt").render(values)
    except jinja2.TemplateError as fault:
        raise Refusal(f"{kind}的文稿模板{name}.txt有误：{fault}。请联系维护人员改正模板。", field="template") from fault
    return _read(text)


def _read(text: str) -> Told:
    found = Told()
    headings = items = 0
    for raw in text.split("\n"):
        line = raw.strip(" ")
        mark, _, rest = line.partition("：")
        if not line.replace(_VALUE, ""):
            continue
        if line in _FREE:
            found.body.append(_FREE[line])
        elif mark == "标题":
            found.title = tuple(_shown(phrase) for phrase in rest.split(_BAR))
        elif mark == "主送":
            found.addressee = _shown(rest)
        elif mark == "版式":
            found.style = Style(rest)
        elif line.startswith("## "):
            lead, _, rest = line[3:].partition(_BAR)
            found.body.append(Paragraph(_shown(rest), Level.SUBHEADING, f"（{NUMERALS[items]}）{_shown(lead)}"))
            items += 1
        elif line.startswith("# "):
            found.body.append(Paragraph(f"{NUMERALS[headings]}、{_shown(line[2:])}", Level.HEADING))
            headings += 1
            items = 0
        else:
            found.body.append(Paragraph(_shown(line)))
    return found
