"""A letter as the product renders it, beside WeasyPrint used plainly: style parsed and fonts set up for every letter."""

from __future__ import annotations

from html import escape

from screening.domain.letters import LetterKind
from screening.printing import render
from screening.services.specimens import specimen
from tests.bench.rounds import medians, show

LETTERS = 4
KINDS = (LetterKind.RETROFIT, LetterKind.HALT, LetterKind.RECTIFY, LetterKind.KEEP)
STYLE = """
@page { size: A4; margin: 37mm 26mm 35mm 28mm; @bottom-center { content: counter(page) } }
body { font: 16pt/28pt "Letter FangSong", "Letter RareSong"; text-align: justify }
h1 { font: 22pt/36pt "Letter BiaoSong"; text-align: center }
"""


def plain(letters) -> None:
    """The same words as one paragraph after another: no grid, no line breaking of ours, no archive format, no data attached."""
    import weasyprint  # after the product set its fonts
    from weasyprint.text.fonts import FontConfiguration

    for letter in letters:
        fonts = FontConfiguration()
        words = "".join(f"<p>{escape(paragraph.text)}</p>" for paragraph in letter.body)
        html = f'<html lang="zh-CN"><style>{STYLE}</style><h1>{escape(letter.name)}</h1>{words}</html>'
        weasyprint.HTML(string=html).write_pdf(font_config=fonts)


def measure() -> None:
    """Prints seconds a letter, warm; the product's letters carry the grid, PDF/A-3u, tags and the attached data too."""
    letters = [specimen(KINDS[seed % len(KINDS)], seed)[0] for seed in range(LETTERS)]
    ways = {
        "plain WeasyPrint": lambda: plain(letters),
        "the product": lambda: [render(letter) for letter in letters],
    }
    found = medians(ways, rounds=5)
    show(
        "Letters, seconds each",
        {name: seconds / LETTERS for name, seconds in found.items()},
        base="plain WeasyPrint",
        digits=3,
    )
