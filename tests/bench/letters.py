"""Letters by the two workers of the product, beside plain WeasyPrint, Chromium and others in one run."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.table import Table

from screening.domain.letters import Letter, LetterInputs, LetterKind
from screening.printing import fonts, pool, render, renderer
from screening.printing import pages as layout
from screening.printing.checkmark import mark_of
from screening.services.specimens import specimen_inputs
from screening.wording import compose
from tests.bench.rounds import ON_SCREEN, PRINTED, medians

MANY = 200
FEW = 6
ROUNDS = 3
KINDS = (LetterKind.RETROFIT, LetterKind.HALT, LetterKind.RECTIFY, LetterKind.KEEP)
GOALS = {"s": 0.12, "worker": 200, "letter": 160}
"""Seconds a letter with two workers, MB a worker, KB of the median letter (letters.md §8 number 8)."""
CHROMIUM = "/usr/bin/chromium"
PRODUCT, WORKERS = "the product, one process", "the product, two workers"
PLAIN, BROWSER, OFFICE, TYPST = "plain WeasyPrint", "Chromium, warm", "LibreOffice mail merge", "typst"
NOTES = {
    PLAIN: "the same page, whole fonts, set up for each letter",
    BROWSER: "the same page; no archive format, no data",
    OFFICE: "the same page as its own HTML import has it",
    TYPST: "the words only: no grid, no archive format, no data",
}


def html_of(letter: Letter) -> str:
    """The product's own page with its style inside and the fonts of the system, as one would hand it to any program."""
    ready = fonts.load()
    pages = layout.Setter(ready).pages(letter)
    inside = sum(page.kind != "apart" for page in pages)
    template = renderer._templates().get_template("letter.html")
    html = template.render(letter=letter, pages=pages, check=mark_of(letter, pages), numbered=inside, layout=layout)
    style = renderer._style(ready)
    for family in fonts.FAMILY.values():
        style = style.replace(family, "Noto Serif CJK SC")
    return html.replace("</head>", f"<style>{style}</style></head>")


def plainly() -> None:
    """Child: WeasyPrint as its front page shows it, with the fonts of the system; one HTML a line comes in."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    for line in sys.stdin:
        data = weasyprint.HTML(string=json.loads(line)).write_pdf(
            font_config=FontConfiguration(), pdf_variant="pdf/a-3u", pdf_tags=True
        )
        print(len(data), flush=True)


@contextmanager
def plain(pages: Sequence[str]) -> Iterator[Callable[[], list[int]]]:
    """A warm process of `plainly`."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.letters", "plainly"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, env={name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"},
    )  # fmt: skip
    assert child.stdin
    assert child.stdout

    def run() -> list[int]:
        sizes = []
        for page in pages:
            child.stdin.write(json.dumps(page) + "\n")
            child.stdin.flush()
            sizes.append(int(child.stdout.readline()))
        return sizes

    try:
        yield run
    finally:
        child.stdin.close()
        child.wait()


@contextmanager
def chromium(pages: Sequence[str]) -> Iterator[Callable[[], list[int]]]:
    """One browser, one page, page.pdf() over CDP for each letter."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()

        def run() -> list[int]:
            sizes = []
            for html in pages:
                page.set_content(html)
                sizes.append(len(page.pdf(prefer_css_page_size=True)))
            return sizes

        yield run
        browser.close()


@contextmanager
def office(pages: Sequence[str]) -> Iterator[Callable[[], list[int]]]:
    """One start of LibreOffice that converts all letters, as a mail merge to files does."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        for place, html in enumerate(pages):
            (there / f"{place}.html").write_text(html, "utf-8")

        def run() -> list[int]:
            names = [str(there / f"{place}.html") for place in range(len(pages))]
            subprocess.run(
                ["soffice", "--headless", f"-env:UserInstallation=file://{there}/profile", "--convert-to",
                 "pdf:writer_web_pdf_Export", "--outdir", folder, *names],
                check=True, capture_output=True,
            )  # fmt: skip
            return [(there / f"{place}.pdf").stat().st_size for place in range(len(pages))]

        yield run


@contextmanager
def typst(letters: Sequence[Letter]) -> Iterator[Callable[[], list[int]]]:
    """One compiler, the words as its inputs."""
    import typst as engine  # type: ignore[import-not-found]  # only where somebody installed it

    source = """#set page(paper: "a4", margin: (top: 37mm, right: 26mm, bottom: 35mm, left: 28mm), numbering: "1")
#set text(font: ("Letter FangSong", "Letter RareSong"), size: 16pt, lang: "zh")
#set par(justify: true, leading: 12pt)
#let told = json(bytes(sys.inputs.told))
#align(center, text(size: 22pt, told.first()))
#for words in told.slice(1) { par(words) }
"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "letter.typ"
        file.write_text(source, "utf-8")
        compiler = engine.Compiler(str(file), font_paths=[str(fonts.folder())], ignore_system_fonts=True)
        turn = 0

        def run() -> list[int]:
            nonlocal turn
            turn += 1  # it remembers inputs that it has seen
            told = [[f"{one.name}{turn}", *(p.text for p in one.body)] for one in letters]
            return [
                len(compiler.compile(format="pdf", sys_inputs={"told": json.dumps(words, ensure_ascii=False)}))
                for words in told
            ]

        yield run


def many() -> None:
    """The product's own figures: all letters different, two workers."""
    frozen = [specimen_inputs(KINDS[seed % len(KINDS)], seed).to_json() for seed in range(MANY)]
    workers = pool.Pool()
    list(workers.spread(workers.letter, frozen[: 2 * workers.size]))  # both are warm
    spent = sum(seconds for _, seconds in workers.used())
    began = time.perf_counter()
    sizes = [len(pdf) for pdf in workers.spread(workers.letter, frozen)]
    taken = (time.perf_counter() - began) / MANY
    peak = max(bytes_ for bytes_, _ in workers.used()) / 1e6
    spent = (sum(seconds for _, seconds in workers.used()) - spent) / MANY
    workers.close()
    table = Table(
        title=f"{MANY} letters of {len(KINDS)} kinds, {workers.size} workers（{os.cpu_count()} 核）",
        title_justify="left",
    )
    for head in ("", "measured", "aim"):
        table.add_column(head, justify="right" if head else "left")
    middle = statistics.median(sizes) / 1000
    table.add_row("seconds a letter", f"{taken:.3f}", f"≤ {GOALS['s']}")
    table.add_row("processor seconds a letter", f"{spent:.3f}", "")
    table.add_row("peak MB a worker", f"{peak:.0f}", f"≤ {GOALS['worker']}")
    table.add_row("KB a letter, median", f"{middle:.0f}", f"≤ {GOALS['letter']}")
    table.add_row("KB a letter, largest", f"{max(sizes) / 1000:.0f}", "")
    PRINTED.print(table)


def beside() -> None:
    """Interleaved rounds of all ways that are there, on the same few letters."""
    inputs = [specimen_inputs(KINDS[seed % len(KINDS)], seed) for seed in range(FEW)]
    letters = [compose(one) for one in inputs]
    pages = [html_of(letter) for letter in letters]
    frozen = [one.to_json() for one in inputs]
    others = {
        PLAIN: lambda: plain(pages),
        BROWSER: (lambda: chromium(pages)) if Path(CHROMIUM).exists() else None,
        OFFICE: (lambda: office(pages)) if shutil.which("soffice") else None,
        TYPST: (lambda: typst(letters)) if importlib.util.find_spec("typst") else None,
    }
    workers = pool.Pool()
    sizes: dict[str, list[int]] = {}
    with ExitStack() as stack:
        ways: dict[str, Callable[[], list[int]]] = {
            PRODUCT: lambda: [len(render(compose(LetterInputs.from_json(one)))) for one in frozen],
            WORKERS: lambda: [len(pdf) for pdf in workers.spread(workers.letter, frozen)],
        }
        ways |= {name: stack.enter_context(way()) for name, way in others.items() if way is not None}
        for name, way in ways.items():
            sizes[name] = way()  # warm
        found = medians(ways, rounds=ROUNDS)
    workers.close()
    table = Table(title=f"{FEW} letters, interleaved medians of {ROUNDS} rounds", title_justify="left")
    for head in ("way", "s a letter", f"× {PRODUCT}", "KB a letter", "note"):
        table.add_column(head, justify="left" if head in {"way", "note"} else "right")
    for name, seconds in found.items():
        ratio = seconds / found[PRODUCT]
        note = NOTES.get(name, "")
        kept = f"{statistics.median(sizes[name]) / 1000:.0f}"
        table.add_row(name, f"{seconds / FEW:.3f}", f"{ratio:.2f}", kept, note)
    for name in others:
        if name not in found:
            table.add_row(name, "", "", "", "not installed")
    PRINTED.print(table)


def measure() -> None:
    """Prints both tables."""
    ON_SCREEN.print(f"{MANY} letters …")
    many()
    beside()


if __name__ == "__main__":
    plainly() if sys.argv[1:] == ["plainly"] else measure()
