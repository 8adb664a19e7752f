"""A listing -> PDF on A4 or A3 across: head, repeated table head, page x of y; the same bytes for the same listing."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from screening.domain.calendar import chinese
from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Refusal
from screening.domain.lists import Cell, Column, Listing, spelled
from screening.printing import fonts as prepared
from screening.printing import renderer
from screening.printing.fonts import FAMILY, Fonts

MOST_ROWS: Final = 3000
"""More would keep the letters waiting for minutes; a workbook holds them all."""
UNKNOWN: Final = "〓"
"""The printers' sign for a character that the fonts do not have."""
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


class Paper(StrEnum):
    """Paper, laid across."""

    A4 = "A4"
    A3 = "A3"


WIDTH: Final = {Paper.A4: 297 - 24, Paper.A3: 420 - 24}
"""Millimetres between the margins."""
SIZES: Final = (4.0, 3.6, 3.2, 2.9, 2.6)
"""Millimetres of a character of the body, the largest that the columns allow is taken."""
NUMBER_WIDTH: Final = 24
"""Tenths of a character that the column of running numbers is wide."""
PADDING: Final = 1.6
"""Millimetres left and right of a cell together."""


class Characters:
    """Texts as the fonts can show them; counts the characters that had to be replaced."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.replaced = 0

    def __call__(self, text: str) -> str:
        """NFC; line ends as spaces; what cannot be shown as 〓."""
        found = unicodedata.normalize("NFC", " ".join(text.split()))
        if all(self._drawn(c) for c in found):
            return found
        self.replaced += sum(not self._drawn(c) for c in found)
        return "".join(c if self._drawn(c) else UNKNOWN for c in found)

    def _drawn(self, character: str) -> bool:
        if character == " ":
            return True
        return unicodedata.category(character) not in _INVISIBLE and self.fonts.role_for("fang", character) is not None


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).resolve().parents[1] / "templates" / "printed"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _size(columns: tuple[Column, ...], paper: Paper) -> float:
    """The largest size at which every column has its width; the smallest where none does."""
    characters = (NUMBER_WIDTH + sum(c.width for c in columns)) / 10
    room = WIDTH[paper] - PADDING * (len(columns) + 1)
    return next((size for size in SIZES if characters * size <= room), SIZES[-1])


def render(listing: Listing, paper: Paper = Paper.A4) -> bytes:
    """The list as PDF/A. Refuses more than MOST_ROWS rows, any attempt to fetch and any warning of WeasyPrint.

    A character that the fonts do not have is printed as 〓 and counted at the end of the list.
    """
    if listing.count > MOST_ROWS:
        raise Refusal(
            f"清单有{listing.count}行，打印清单最多{MOST_ROWS}行。请先按盟市、行业等条件筛选后分别打印，或者导出为工作簿。"
        )
    characters = Characters(prepared.load())

    def shown(cell: Cell, column: Column) -> str:
        if isinstance(cell, EfficiencyClass):
            return f"{cell.shape} {cell.words}"
        return characters(spelled(cell, column.places))

    size = _size(listing.columns, paper)
    widths = [tenths * size / 10 + PADDING for tenths in (NUMBER_WIDTH, *(c.width for c in listing.columns))]
    total = sum(widths)
    groups = [
        (
            characters(group.title) if group.title else None,
            [[shown(cell, column) for cell, column in zip(row, listing.columns, strict=True)] for row in group.rows],
        )
        for group in listing.groups
    ]
    words = {
        "title": characters(listing.title),
        "office": characters(listing.office),
        "scope": characters(listing.scope),
        "day": chinese(listing.day),
        "counted": characters(f"共{listing.count}{listing.counted}"),
        "notes": [characters(note) for note in listing.notes],
    }
    if characters.replaced:
        words["notes"] = [
            *words["notes"],
            f"“{UNKNOWN}”处是字体中没有的字或者不能印出的字符，共{characters.replaced}处，请查看台账。",
        ]
    html = _templates().get_template("list.html").render(
        **words,
        columns=listing.columns,
        widths=widths,
        groups=groups,
    )  # fmt: skip
    style = _templates().get_template("list.css").render(
        family=FAMILY,
        paper=paper.value,
        size=f"{size:.2f}",
        line=f"{size * 1.35:.3f}",
        padding=f"{PADDING / 2:.2f}",
        widths=[100 * width / total for width in widths],
        foot=_quoted(f"{words['office']}　{words['title']}"),
    )  # fmt: skip
    return renderer.typeset(html, style)


def _quoted(text: str) -> Markup:
    """A text as a string of CSS."""
    inner = "".join(c if c not in '"\\<>&' else f"\\{ord(c):06x}" for c in text)
    return Markup(f'"{inner}"')  # noqa: S704  # every sign with a meaning is escaped
