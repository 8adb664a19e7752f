"""A letter's closed data -> PDF bytes: the same on the same machine every time, sealed from network and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.domain.letters import Letter


def render(letter: Letter) -> bytes:
    """The letter as PDF/A-3u, tagged, with its data attached as decision.json.

    Same letter, same programs and fonts (`renderer_versions`): same bytes. Refuses characters without a glyph and
    invisible ones (naming field and character), over-long texts, any attempt to fetch and any warning of WeasyPrint.
    """
    from screening.printing import renderer  # noqa: PLC0415  # preparing fonts must not need the engine

    return renderer.render(letter)


def renderer_versions() -> dict[str, str]:
    """What decides the bytes of a letter: programs and fonts, by name -> version or SHA-256."""
    from screening.printing import renderer  # noqa: PLC0415

    return renderer.renderer_versions()
