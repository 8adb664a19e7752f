"""The cover list of a print run: what lies below it, in order, with room for the signature of whoever takes it over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import jinja2

from screening.printing import fonts as prepared
from screening.printing.fonts import FAMILY
from screening.printing.lists import Characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A letter of the run; `pages` of one copy, `sheets` of all copies with the receipt."""

    number: str
    kind: str
    addressee: str
    pages: int
    sheets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """All that the list says; the same cover gives the same bytes."""

    office: str
    run: str
    day: str
    who: str
    how: str
    """Sides, copies, receipts, in words."""
    reason: str
    entries: tuple[Entry, ...]
    left_out: tuple[tuple[str, str], ...]
    """Number and why."""


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).resolve().parents[1] / "templates" / "printed"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def cover(told: Cover) -> tuple[str, str]:
    """The list as HTML and its style, for `typeset`; what the fonts do not have is shown as 〓."""
    drawn = Characters(prepared.load())
    shown = replace(
        told,
        office=drawn(told.office),
        who=drawn(told.who),
        reason=drawn(told.reason),
        entries=tuple(replace(e, number=drawn(e.number), addressee=drawn(e.addressee)) for e in told.entries),
        left_out=tuple((drawn(number), drawn(why)) for number, why in told.left_out),
    )
    html = _templates().get_template("printrun.html").render(cover=shown)
    return html, _templates().get_template("printrun.css").render(family=FAMILY)
