"""The check mark at the foot of a numbered letter: its check code, and a QR code that leads to the page /verify."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

import segno

from screening.domain.letters import Letter, LetterKind
from screening.printing.pages import HALF_LEADING, Page

TOP: Final = 263.4
"""From the top of the page in mm: below the foot of the text, and in a 信函 above the second double rule."""
SIDE: Final = 13.0
NARROW: Final = 10.8
"""On the first page of a 信函, where the rule stands 20 mm above the edge."""


@dataclass(frozen=True, slots=True)
class CheckMark:
    """What is drawn, in mm from the top of the rows; `path`, stroked one unit wide, draws the modules.

    `page` counts from 0. The mark stands on the other side than the page's number.
    """

    page: int
    left: bool
    top: float
    side: float
    modules: int
    path: str
    lines: tuple[str, str, str]


def content(number: str, code: str, address: str | None) -> str:
    """What the QR code says: the page with number and code, short enough for a small square; else the two alone."""
    if address is None:
        return f"{number} {code}"
    packed = base64.urlsafe_b64encode(number.encode()).rstrip(b"=").decode()
    return f"{address}?k={packed}.{code}"


def mark_of(letter: Letter, pages: list[Page]) -> CheckMark | None:
    """The mark of a numbered letter, on its last page; None for a draft, and for a receipt, which is no letter."""
    inputs = letter.inputs
    if inputs.draft or inputs.number is None or inputs.kind is LetterKind.RECEIPT:
        return None
    page = max(at for at, one in enumerate(pages) if one.kind != "apart")
    code = inputs.code
    drawn = segno.make(content(inputs.number, code, inputs.verify_at), error="l", micro=False)
    runs = []
    for row, bits in enumerate(drawn.matrix):
        column = 0
        while column < len(bits):
            width = 1
            while column + width < len(bits) and bits[column + width] == bits[column]:
                width += 1
            if bits[column]:
                runs.append(f"M{column} {row}.5h{width}")
            column += width
    return CheckMark(
        page=page,
        left=page % 2 == 0,
        top=TOP - 37 + HALF_LEADING,
        side=NARROW if pages[page].kind == "first_letter" else SIDE,
        modules=len(drawn.matrix),
        path="".join(runs),
        lines=(inputs.number, f"查验码 {code[:4]} {code[4:8]} {code[8:]}", "核对真伪：扫码，或者输入文号和查验码"),
    )
