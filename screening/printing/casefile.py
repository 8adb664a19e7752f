"""A case file as one PDF: cover, contents, what is on record, and every issued letter's own pages behind it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import pypdf

from screening.printing import fonts as prepared
from screening.printing import renderer
from screening.printing.fonts import FAMILY
from screening.printing.lists import Characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event on the time line of a case; `name` is that of its template in `templates/timeline/`.

    `day` is the day on paper where there is one; `before` and `after` are what the event says, in words for people.
    """

    seq: int
    name: str
    words: str
    at: str
    """Moment of entry, in the time of Asia/Shanghai."""
    entered: str
    """Its day."""
    who: str
    """With the principal, where a deputy acted."""
    day: str | None = None
    moved: tuple[str, str] | None = None
    """From which state to which, in words."""
    why: str | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[tuple[str, str, str], ...] = ()
    """Fields that changed: name, old, new."""
    letters: tuple[str, ...] = ()
    """Numbers of the letters that it speaks of."""
    files: tuple[str, ...] = ()
    """Names of the project's files that it speaks of."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values beside each other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` in per cent."""

    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A heading or a paragraph."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """The time line."""

    steps: tuple[Step, ...]


Block = Pairs | Table | Said | Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the file with a heading of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """An issued letter: its name in the contents and its bytes."""

    title: str
    number: str
    pdf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything that the file says; the same dossier gives the same bytes."""

    office: str
    name: str
    cover: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).resolve().parents[1] / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(dossier: Dossier, letters: Sequence[Enclosed] = ()) -> bytes:
    """The case file; each letter's pages follow as they were issued, and its own file lies inside, byte for byte."""
    shown = _drawable(dossier, Characters(prepared.load()))
    style = _templates().get_template("printed/casefile.css").render(family=FAMILY)
    enclosed = [(letter, pypdf.PdfReader(io.BytesIO(letter.pdf))) for letter in letters]

    def laid(first: int) -> bytes:
        """The own pages, with the letters' pages counted from `first` on."""
        contents, page = [], first
        for letter, reader in enclosed:
            contents.append((letter.title, page))
            page += len(reader.pages)
        html = _templates().get_template("printed/casefile.html").render(
            dossier=shown, letters=contents, enclosed=page - first, kinds=_KINDS
        )  # fmt: skip
        return renderer.typeset(html, style)

    own = pypdf.PdfReader(io.BytesIO(laid(100)))  # as many digits as most files need: the same lines, the same pages
    for _ in range(3):
        count = len(own.pages)
        own = pypdf.PdfReader(io.BytesIO(laid(count + 1)))
        if len(own.pages) == count:
            break
    writer = pypdf.PdfWriter()
    writer.append(own)
    for letter, reader in enclosed:
        writer.append(reader, outline_item=letter.title, import_outline=False)
        writer.add_attachment(f"{letter.number}.pdf", letter.pdf)
    writer.add_metadata({"/Title": f"案卷：{dossier.name}", "/Author": dossier.office, "/Producer": "screening"})
    kept = io.BytesIO()
    writer.write(kept)
    return kept.getvalue()


_KINDS = {Pairs: "pairs", Table: "table", Said: "said", Walk: "walk"}


def _drawable(found: Any, characters: Characters) -> Any:
    """The same with every text as the fonts can show it."""
    if isinstance(found, str):
        return characters(found)
    if isinstance(found, tuple | list):
        return tuple(_drawable(one, characters) for one in found)
    if isinstance(found, Mapping):
        return {key: _drawable(one, characters) for key, one in found.items()}
    if is_dataclass(found) and not isinstance(found, type):
        own = {"name"} if isinstance(found, Step) else set()  # that of a template
        changed = {f.name: _drawable(getattr(found, f.name), characters) for f in fields(found) if f.name not in own}
        return replace(found, **changed)
    return found
