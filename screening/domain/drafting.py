"""The draft of a letter that people work on: the few texts that may be edited, and how two versions differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from screening.domain.errors import Refusal
from screening.domain.letters import LONGEST_FREE, FreeParagraph, FreePlace, LetterInputs

MOST_PARAGRAPHS: Final = 20
"""Paragraphs of a drafter's own in one place."""
LONGEST_LINE: Final = 100
"""Characters of a text that stands in a line."""
MOST_COPIES: Final = 20


class DraftPart(StrEnum):
    """What of a letter may be edited; everything else comes from the facts and the rules."""

    ATTENTION = "attention"
    REASONS = "reasons"
    AFTER_FACTS = "after_facts"
    BEFORE_REMEDIES = "before_remedies"
    CONTACT = "contact"
    PHONE = "phone"
    REMARK = "remark"
    COPIES_TO = "copies_to"

    @property
    def words(self) -> str:
        """As users read it."""
        return PART_WORDS[self]


PART_WORDS: Final = {
    DraftPart.ATTENTION: "收件部门或者联系人",
    DraftPart.REASONS: "处置理由",
    DraftPart.AFTER_FACTS: "事实之后的段落",
    DraftPart.BEFORE_REMEDIES: "权利告知之前的段落",
    DraftPart.CONTACT: "本机关联系人",
    DraftPart.PHONE: "联系电话",
    DraftPart.REMARK: "附注",
    DraftPart.COPIES_TO: "抄送",
}
SUBSTANCE: Final = frozenset({DraftPart.REASONS, DraftPart.AFTER_FACTS, DraftPart.BEFORE_REMEDIES, DraftPart.REMARK})
"""Free wording: the program cannot tell whether it changes facts, basis or measure, so a lawyer reads it again."""
LISTS: Final = frozenset({DraftPart.AFTER_FACTS, DraftPart.BEFORE_REMEDIES, DraftPart.COPIES_TO})
"""Several texts, a line each; the others are one text."""
LINES: Final = frozenset(
    {DraftPart.ATTENTION, DraftPart.CONTACT, DraftPart.PHONE, DraftPart.REMARK, DraftPart.COPIES_TO}
)
"""Texts that stand in a line of the letter."""


class CommentState(StrEnum):
    """How far a comment on a draft has come."""

    OPEN = "open"
    ANSWERED = "answered"
    SETTLED = "settled"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"open": "待答复", "answered": "已答复", "settled": "已了结"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The edited texts of one letter, all of them, by `DraftPart`; a place that a letter does not have stays empty."""

    attention: str = ""
    reasons: str = ""
    after_facts: tuple[str, ...] = ()
    before_remedies: tuple[str, ...] = ()
    contact: str = ""
    phone: str = ""
    remark: str = ""
    copies_to: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The text that is stored; the same for the same texts."""
        return json.dumps({f.name: getattr(self, f.name) for f in fields(self)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Texts:
        """From the text that `to_json` gave."""
        kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(text).items()}
        return cls(**kept)

    @classmethod
    def read(cls, typed: Mapping[str, str | None]) -> Texts:
        """From the boxes of a form: a line of a list is a text, blank lines and blanks at the ends do not count."""
        read: dict[str, Any] = {}
        for part in DraftPart:
            lines = [line.strip() for line in (typed.get(part.value) or "").splitlines()]
            kept = tuple(line for line in lines if line)
            read[part.value] = kept if part in LISTS else "".join(kept) if part in LINES else "\n".join(kept)
        return cls(**read)

    def typed(self, part: DraftPart) -> str:
        """A part as its box shows it."""
        value = getattr(self, part.value)
        return "\n".join(value) if isinstance(value, tuple) else value

    def pieces(self) -> Iterator[tuple[str, DraftPart, str]]:
        """Every paragraph and line with what it is called: 事实之后的段落第2段."""
        for part in DraftPart:
            texts = self.typed(part).splitlines()
            for order, text in enumerate(texts, 1):
                many = part in LISTS or len(texts) > 1
                yield (
                    (f"{part.words}第{order}{'项' if part is DraftPart.COPIES_TO else '段'}" if many else part.words),
                    part,
                    text,
                )


def begun(inputs: LetterInputs) -> Texts:
    """The texts of a letter that nobody has edited yet."""
    return Texts(
        attention=inputs.attention or "",
        reasons=inputs.reasons or "",
        after_facts=_own(inputs, FreePlace.AFTER_FACTS),
        before_remedies=_own(inputs, FreePlace.BEFORE_REMEDIES),
        contact=inputs.office.contact or "",
        phone=inputs.office.phone or "",
        remark=inputs.remark or "",
        copies_to=inputs.copies_to,
    )


def _own(inputs: LetterInputs, place: FreePlace) -> tuple[str, ...]:
    return tuple(line for own in inputs.free if own.place is place for line in own.text.splitlines() if line.strip())


def laid_over(inputs: LetterInputs, texts: Texts) -> LetterInputs:
    """The letter with the edited texts; nothing else of it changes."""
    places = ((FreePlace.AFTER_FACTS, texts.after_facts), (FreePlace.BEFORE_REMEDIES, texts.before_remedies))
    return replace(
        inputs,
        office=replace(inputs.office, contact=texts.contact or None, phone=texts.phone or None),
        attention=texts.attention or None,
        reasons=texts.reasons or None,
        free=tuple(FreeParagraph(place=place, text=text) for place, lines in places for text in lines),
        remark=texts.remark or None,
        copies_to=texts.copies_to,
    )


def demand_fitting(texts: Texts, *, reasons_needed: bool) -> None:
    """Refuses what is too long or too much, naming the paragraph."""
    if reasons_needed and not texts.reasons:
        raise Refusal("处置理由不能为空：决定须说明理由。请填写，或者恢复原来的文字。", field="reasons")
    for part in LISTS:
        most = MOST_COPIES if part is DraftPart.COPIES_TO else MOST_PARAGRAPHS
        number = len(getattr(texts, part.value))
        if number > most:
            raise Refusal(f"“{part.words}”共{number}行，最多{most}行。请合并或者删减。", field=part.value)
    for name, part, text in texts.pieces():
        longest = LONGEST_LINE if part in LINES else LONGEST_FREE
        if len(text) > longest:
            raise Refusal(f"“{name}”共{len(text)}字，最多{longest}字。请缩短或者分段。", field=part.value)


def changed(before: Texts, after: Texts) -> tuple[DraftPart, ...]:
    """The parts that differ."""
    return tuple(part for part in DraftPart if getattr(before, part.value) != getattr(after, part.value))


# --- how two versions differ -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: `kind` is same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class PartDifference:
    """A part whose text differs: its paragraphs, each as the stretches of both texts in reading order."""

    part: DraftPart
    paragraphs: tuple[tuple[Piece, ...], ...]


_WORD: Final = re.compile(r"《[^》]{1,60}》|〔\d+〕\d+号|[0-9A-Za-z.%℃＋+-]+|——|……|\s+|.", re.DOTALL)
"""A title of a document, a number or a Latin word changes as a whole; a Chinese character by itself."""
_CLAUSE: Final = re.compile(r"[^，。；：！？]*[，。；：！？]|[^，。；：！？]+")
TOO_MANY: Final = 500_000
"""Pairs of characters beyond which clauses are compared instead: hundreds of scattered changes tell nobody anything."""
ALIKE: Final = 50
"""Percent of characters in common from which a paragraph is another one changed."""
SHORT: Final = 2
"""Common characters that stand alone between changes belong to the change: nobody reads single ones."""


def differences(old: Texts, new: Texts) -> tuple[PartDifference, ...]:
    """Where two versions differ, part by part, paragraph by paragraph, word by word."""
    return tuple(
        PartDifference(part, tuple(_paragraphs(old.typed(part).splitlines(), new.typed(part).splitlines())))
        for part in changed(old, new)
    )


def _paragraphs(old: list[str], new: list[str]) -> Iterator[tuple[Piece, ...]]:
    """Paragraphs side by side: the two most alike belong together, then what stands before and after them."""
    alike = [
        (SequenceMatcher(None, before, after, autojunk=False).quick_ratio(), -i, -j)
        for i, before in enumerate(old)
        for j, after in enumerate(new)
    ]
    ratio, i, j = max(alike, default=(0, 0, 0))
    if 100 * ratio < ALIKE:
        yield from ((Piece("gone", text),) for text in old)
        yield from ((Piece("new", text),) for text in new)
        return
    yield from _paragraphs(old[:-i], new[:-j])
    yield words(old[-i], new[-j])
    yield from _paragraphs(old[1 - i :], new[1 - j :])


def words(old: str, new: str) -> tuple[Piece, ...]:
    """Two texts as stretches that are the same, gone or new; what is gone stands before what is new."""
    unit = _CLAUSE if len(old) * len(new) > TOO_MANY else _WORD
    a, b = unit.findall(old), unit.findall(new)
    found: list[tuple[str, str]] = []  # what is gone and what is new; the same text twice where nothing changed
    for act, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        gone, come = "".join(a[i:j]), "".join(b[k:m])
        islet = act == "equal" and len(gone) < SHORT and found and m < len(b) and j < len(a)
        joins = found and found[-1][0] != found[-1][1] and (act != "equal" or islet)
        if joins:
            found[-1] = (found[-1][0] + gone, found[-1][1] + come)
        else:
            found.append((gone, come))
    pieces = []
    for gone, come in found:
        stretches = [("same", gone)] if gone == come else [("gone", gone), ("new", come)]
        pieces += [Piece(kind, text) for kind, text in stretches if text]
    return tuple(pieces)
