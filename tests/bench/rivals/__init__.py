"""The same letters from their words by other programs, each set up as its own manual has it, in a process of its own."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import segno

from screening.domain.calendar import chinese
from screening.domain.letters import Letter, LetterInputs
from screening.printing.checkmark import content
from screening.printing.worker import receive, send
from screening.wording import compose

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
SERIF = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
Batches = Iterable[list[Letter]]
Made = Iterator[list[bytes]]
"""The PDFs of each batch."""


def _around(letter: Letter) -> dict[str, Any]:
    """What every template needs beside the letter: its day, size of its mark in mm, check code and QR code."""
    inputs = letter.inputs
    assert inputs.number
    assert letter.day
    square = segno.make(content(inputs.number, inputs.code, inputs.verify_at), error="l", micro=False)
    return {
        "day": chinese(letter.day),
        "mark_mm": min(17 if letter.style.name == "DOCUMENT" else 12, 150 / len(letter.mark)),
        "code": inputs.code,
        "square": square,
    }


@cache
def _template(name: str) -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    ).get_template(name)


def html_of(letter: Letter) -> str:
    """A page as one writes it by hand: paragraphs, indents and justification by CSS."""
    told = _around(letter)
    return _template("letter.html").render(
        told | {"letter": letter, "square": told["square"].svg_inline(border=0, omitsize=True)}
    )


def fodt_of(letter: Letter) -> str:
    """The template of a text document, filled in."""
    told = _around(letter)
    picture = io.BytesIO()
    told["square"].save(picture, kind="png", border=0, scale=8)
    return _template("letter.fodt").render(
        told | {"letter": letter, "picture": base64.b64encode(picture.getvalue()).decode()}
    )


def words_of(letter: Letter) -> str:
    """The words as JSON, for a template that is a program."""
    told = _around(letter)
    assert letter.day
    return json.dumps(
        {
            "style": letter.style.name,
            "mark": letter.mark,
            "mark_mm": told["mark_mm"],
            "number": letter.number,
            "signatory": letter.signatory,
            "title": letter.title,
            "addressee": letter.addressee,
            "body": [(one.level.name, one.lead, one.text) for one in letter.body],
            "issuer": letter.issuer,
            "dated": told["day"],
            "year": letter.day.year,
            "month": letter.day.month,
            "day": letter.day.day,
            "note": letter.note,
            "annexes": [
                {"title": one.title}
                | (
                    {"head": one.table.head, "rows": one.table.rows, "widths": one.table.widths}
                    if one.table
                    else {"head": [], "rows": [], "widths": []}
                )
                for one in letter.attachments
            ],
            "copies": "，".join(letter.copies_to),
            "code": told["code"],
            "square": told["square"].svg_inline(border=0, omitsize=True),
            "data": letter.inputs.to_json(),
        },
        ensure_ascii=False,
    )


def product(batches: Batches) -> Made:
    """The product's own renderer, as its workers call it."""
    from screening.printing import render

    for letters in batches:
        yield [render(letter) for letter in letters]


def weasyprint(batches: Batches, *, archive: bool = True) -> Made:
    """WeasyPrint as its front page shows it, the style within the page and the whole fonts of the system."""
    import weasyprint as engine
    from weasyprint.text.fonts import FontConfiguration

    for letters in batches:
        made = []
        for letter in letters:
            options: dict[str, Any] = {}
            if archive:
                data = engine.Attachment(
                    string=letter.inputs.to_json(), name="decision.json", description="文书数据", relationship="Source"
                )
                options = {"pdf_variant": "pdf/a-3u", "pdf_tags": True, "attachments": [data]}
            made.append(engine.HTML(string=html_of(letter)).write_pdf(font_config=FontConfiguration(), **options))
        yield made


def weasyprint_alone(batches: Batches) -> Made:
    """The same without archive format, tags and data."""
    return weasyprint(batches, archive=False)


def chromium(batches: Batches) -> Made:
    """One browser and one page that stay open, `page.pdf()` for each letter."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for letters in batches:
            made = []
            for letter in letters:
                page.set_content(html_of(letter))
                made.append(page.pdf(prefer_css_page_size=True))
            yield made
        browser.close()


def libreoffice(batches: Batches) -> Made:
    """A filled template for each letter, and one start of LibreOffice that writes all of them as PDF/A-3."""
    options = {"SelectPdfVersion": {"type": "long", "value": "3"}, "UseTaggedPDF": {"type": "boolean", "value": "true"}}
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        for letters in batches:
            files = [room / f"{place}.fodt" for place in range(len(letters))]
            for file, letter in zip(files, letters, strict=True):
                file.write_text(fodt_of(letter), "utf-8")
            subprocess.run(
                ["soffice", "--headless", f"-env:UserInstallation=file://{room}/profile", "--convert-to",
                 f"pdf:writer_pdf_Export:{json.dumps(options)}", "--outdir", folder, *map(str, files)],
                check=True, capture_output=True,
            )  # fmt: skip
            yield [file.with_suffix(".pdf").read_bytes() for file in files]


def typst(batches: Batches) -> Made:
    """One compiler that stays, the words as its inputs."""
    import typst as engine

    compiler = engine.Compiler(str(HERE / "letter.typ"))
    for letters in batches:
        yield [
            compiler.compile(format="pdf", pdf_standards=["a-3u"], sys_inputs={"told": words_of(letter)})
            for letter in letters
        ]


@dataclass(frozen=True)
class Rival:
    """A program: how it makes letters, whether it is there, what its letters are not."""

    make: Callable[[Batches], Made]
    there: Callable[[], bool]
    note: str
    """What it does not do, and what is counted."""


OFFICE = "LibreOffice"
RIVALS = {
    "naive WeasyPrint": Rival(weasyprint, SERIF.exists, "PDF/A-3u, tags and data, but no grid of 22 lines by 28 characters"),
    "… without PDF/A": Rival(weasyprint_alone, SERIF.exists, "no grid, no archive format, no tags, no data"),
    "Chromium, warm": Rival(
        chromium, lambda: SERIF.exists() and Path(CHROMIUM).exists(),
        "no grid, no archive format, no tags, no data; Playwright's driver is counted with the browser",
    ),
    "typst": Rival(
        typst, lambda: SERIF.exists() and importlib.util.find_spec("typst") is not None,
        "PDF/A-3u, tags and data, but no grid",
    ),
    OFFICE: Rival(
        libreoffice, lambda: SERIF.exists() and shutil.which("soffice") is not None,
        "PDF/A-3 and tags, but no grid, no data; one start for all letters of a round",
    ),
}  # fmt: skip
OURS = "product, 1 process"
WAYS = {OURS: product} | {name: rival.make for name, rival in RIVALS.items()}


@contextmanager
def running(name: str) -> Iterator[Callable[[list[str]], list[bytes]]]:
    """A process of that way, which stays warm: from frozen letters to PDFs, as the product's workers are asked."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.rivals", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={key: value for key, value in os.environ.items() if key != "FONTCONFIG_FILE"},
    )  # fmt: skip
    assert child.stdin
    assert child.stdout

    def make(frozen: list[str]) -> list[bytes]:
        send(child.stdin, json.dumps(frozen, ensure_ascii=False).encode())
        made = [receive(child.stdout) for _ in frozen]
        if None in made:
            raise SystemExit(f"{name}: ended in the middle of its letters, status {child.wait()}")
        return made

    try:
        yield make
    finally:
        child.stdin.close()
        child.wait()


def answer(name: str) -> None:
    """Child: makes letters of what comes in by stdin until it is closed."""
    answers = io.FileIO(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer

    def asked() -> Iterator[list[Letter]]:
        while (frame := receive(sys.stdin.buffer)) is not None:
            yield [compose(LetterInputs.from_json(one)) for one in json.loads(frame)]

    for made in WAYS[name](asked()):
        for pdf in made:
            send(answers, pdf)
