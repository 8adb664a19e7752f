"""Closed data of a letter or a list -> PDF: the same bytes on one machine, sealed from network and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.domain.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from screening.domain.letters import Letter
    from screening.domain.lists import Listing
    from screening.printing.casefile import Dossier, Enclosed


def render(letter: Letter) -> bytes:
    """The letter as PDF/A-3u, tagged, with its data attached as decision.json.

    Same letter, same programs and fonts (`renderer_versions`): same bytes. Refuses characters without a glyph and
    invisible ones (naming field and character), over-long texts, any attempt to fetch and any warning of WeasyPrint.
    """
    from screening.printing import renderer  # noqa: PLC0415  # preparing fonts must not need the engine

    return renderer.render(letter)


def demand_printable(texts: Iterable[tuple[str, str]]) -> None:
    """Refuses the first character that no letter can show (no glyph, invisible), naming its text and itself.

    `texts` are pairs of a name and a text.
    """
    from screening.printing import composer, fonts  # noqa: PLC0415

    ready = fonts.load()
    for where, text in texts:
        composer.covered(ready, "fang", composer.clean(text, where), where)


def visible(text: str, where: str, *, field: str) -> str:
    """The text of a form's field as letters set it; refuses what cannot be seen, naming `where` and the character.

    Needs no fonts.
    """
    from screening.printing import composer  # noqa: PLC0415

    try:
        return composer.clean(text, where)
    except Refusal as refused:
        raise Refusal(refused.message, field=field) from refused


def unprintable(texts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What keeps these texts (pairs of a name and a text) from being printed, a sentence each; empty where nothing."""
    found = []
    for told in texts:
        try:
            demand_printable([told])
        except Refusal as refused:
            found.append(refused.message)
    return tuple(dict.fromkeys(found))


def renderer_versions() -> dict[str, str]:
    """What decides the bytes of a letter: programs and fonts, by name -> version or SHA-256."""
    from screening.printing import renderer  # noqa: PLC0415

    return renderer.renderer_versions()


def render_list(listing: Listing, paper: str = "A4") -> bytes:
    """The list as PDF/A across A4 or A3; the same listing gives the same bytes. Refuses more than 3000 rows."""
    from screening.printing import lists  # noqa: PLC0415  # preparing fonts must not need the engine

    if paper not in set(lists.Paper):
        raise Refusal(f"纸张为“{paper}”，应为{'或'.join(lists.Paper)}。", field="paper")
    return lists.render(listing, lists.Paper(paper))


def render_casefile(dossier: Dossier, letters: Sequence[Enclosed]) -> bytes:
    """The case file as PDF with the issued letters behind it; the same input gives the same bytes."""
    from screening.printing import casefile  # noqa: PLC0415  # preparing fonts must not need the engine

    return casefile.render(dossier, letters)
