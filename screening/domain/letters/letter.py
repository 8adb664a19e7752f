"""The letter as composed: issuer, number, title, addressee, paragraphs, signature; still without a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screening.domain.letters.inputs import LetterInputs


class Style(StrEnum):
    """The page sets: the two of GB/T 9704-2012 that are used, and a plain form."""

    DOCUMENT = "文件"
    LETTER = "信函"
    FORM = "表单"


class Level(StrEnum):
    """How a paragraph stands: first-level heading in 黑体, second-level in 楷体, text in 仿宋."""

    HEADING = "heading"
    SUBHEADING = "subheading"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph without its indent; `lead`, its first words, stands in the type of `level`, the rest in 仿宋."""

    text: str
    level: Level = Level.TEXT
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: a head row and body rows of plain text; `widths` are shares in characters (28 a line)."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    note: str | None = None
    roomy: frozenset[int] = frozenset()
    """Rows (from 0) with room for handwriting."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A sheet after the signature: its title and what stands on it."""

    title: str
    paragraphs: tuple[Paragraph, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A composed letter. `title` comes in phrases: lines break between them first.

    `issuer` signs; `mark` is the 发文机关标志. `number` and `day` are None in a draft. `watermark` is 草稿, 样张 or
    None; `missing` says why it is a draft. `note` is the 附注 (contact).
    """

    style: Style
    issuer: str
    mark: str
    number: str | None
    blank_number: str
    """What stands in the place of the number of a draft."""
    title: tuple[str, ...]
    addressee: str
    body: tuple[Paragraph, ...]
    table: Table | None
    attachments: tuple[Attachment, ...]
    day: date | None
    note: str | None
    copies_to: tuple[str, ...]
    watermark: str | None
    missing: tuple[str, ...]
    inputs: LetterInputs
    signatory: str | None = None
    """The 签发人 to print beside the number: of a letter that goes up (上行文) alone."""

    @property
    def name(self) -> str:
        """The title in one line."""
        return "".join(self.title)
