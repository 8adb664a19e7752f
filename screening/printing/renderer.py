"""Lets WeasyPrint place what `pages` laid out, and writes it as PDF/A-3u with the letter's data attached."""

from __future__ import annotations

import atexit
import hashlib
import importlib.metadata
import math
import os
import shutil
import tempfile
import threading
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from xml.sax import saxutils  # writes only

import jinja2
import uharfbuzz
from markupsafe import Markup, escape

from screening.domain.errors import Refusal
from screening.domain.letters import Letter
from screening.domain.letters.inputs import LONGEST
from screening.printing import fonts as prepared
from screening.printing import pages as layout
from screening.printing.checkmark import mark_of
from screening.printing.composer import EM, Line, clean, covered
from screening.printing.fonts import Fonts

_LOCK: Final = threading.Lock()
"""WeasyPrint's log and fontconfig belong to the whole process: one letter at a time."""
SPARE: Final = 1.5
"""Millimetres of the foot margin left to the rows, so that no rounding turns a full page."""
LIFT: Final = 0.38
"""How far the baseline lies below the middle of a line, in parts of the size: larger letters keep the same baseline."""
CLASSES: Final = 100
"""Up to this spacing, in thousandths of a character, lines find theirs in the style sheet."""
INDENT: Final = 2 * EM
"""Of a paragraph's first line, which has a class too."""
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""A fixed time for the attachment of a draft without a day."""


def renderer_versions() -> dict[str, str]:
    """See `screening.printing.renderer_versions`."""
    ready = prepared.load()
    found = {name: importlib.metadata.version(name) for name in ("weasyprint", "pydyf", "fonttools", "uharfbuzz")}
    found["harfbuzz"] = uharfbuzz.version_string()
    _engine(ready)
    import weasyprint.text.ffi as native  # noqa: PLC0415  # after the fonts are set

    major, rest = divmod(native.pango.pango_version(), 10_000)
    found["pango"] = f"{major}.{rest // 100}.{rest % 100}"
    found |= {f"font:{name}": sha for name, sha in sorted(ready.hashes.items())}
    sources = (Path(_templates().get_template(name).filename or "") for name in ("letter.html", "check.html"))
    written = "".join((_style(ready), *(source.read_text("utf-8") for source in sources)))
    found["template"] = hashlib.sha256(written.encode()).hexdigest()
    return found


def line(told: Line) -> Markup:
    """The mark-up of a line.

    WeasyPrint works a style out for every `style` and for every parent of another style, but once for all lines and
    runs of the same classes: most spacings are classes, and where figures stay solid the others bear it, not the line.
    """
    # a PDF tells it in whole thousandths: half of one between two characters, a thirteenth of a millimetre in a line
    apiece = round(told.spacing) if told.spacing > 0 else math.floor(told.spacing)
    named = f" s{apiece}" if 0 < apiece <= CLASSES else ""
    style = "" if told.indent in (0, INDENT) else f"padding-left:{told.indent / 1000:.3f}em;"
    if apiece and not named:
        style += f"letter-spacing:{spacing(apiece)}em"
    apart = bool(named) and any(run.solid for run in told.runs)
    runs = []
    for run in told.runs:
        kind = (run.role if run.role != "fang" else "") + (" half" if run.halved else "")
        if apart:
            kind += "" if run.solid else named
        elif run.solid:
            kind += " solid"
        runs.append(Markup('<span class="{}">{}</span>').format(kind.strip(), run.text) if kind else escape(run.text))
    kind = "l" + (" i" if told.indent == INDENT else "") + ("" if apart else named)
    styled = Markup(' style="{}"').format(style) if style else ""
    return Markup('<span class="{}"{}>{}</span>').format(kind, styled, Markup("").join(runs))


def spacing(thousandths: int) -> str:
    """What letter-spacing makes WeasyPrint write so many whole thousandths: it drops what is less than one."""
    return f"{(thousandths + math.copysign(0.5, thousandths)) / 1000:.4f}"


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).resolve().parents[1] / "templates" / "letters"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"line": line, "spacing": spacing}
    return found


def _style(ready: Fonts) -> str:
    """The style sheet with the measures of the grid."""
    half = layout.HALF_LEADING
    dash = ready.middle("song", "—")
    return _templates().get_template("letter.css").render(
        family={role: _stack(ready, role) for role in ready.families},
        character=f"{layout.CHARACTER:.5f}",
        row=f"{layout.ROW:.5f}",
        height=f"{layout.ROW * layout.ROWS:.4f}",
        top=f"{37 - half:.4f}",
        bottom=f"{35 - half - SPARE:.4f}",
        half=f"{half:.4f}",
        title=f"{layout.TITLE:.4f}",
        title_row=f"{layout.TITLE_ROW:.4f}",
        small=f"{layout.SMALL:.5f}",
        small_row=f"{layout.SMALL_ROW:.4f}",
        table=f"{layout.TABLE_SIZE:.5f}",
        table_row=f"{layout.TABLE_ROW:.4f}",
        wide=f"{layout.WIDE_SIZE:.5f}",
        wide_row=f"{layout.WIDE_ROW:.4f}",
        large_row=f"{layout.ROW - 2 * LIFT * (layout.TITLE - layout.CHARACTER):.5f}",
        classes=CLASSES,
        indent=INDENT / 1000,
        number_top=f"{7 - half - SPARE - layout.SMALL * dash:.4f}",
    )  # fmt: skip


def _stack(ready: Fonts, role: str) -> Markup:
    """The families of a role in CSS: the office's before ours, so that no other font ever steps in."""
    names = [ready.families[one] for one in ready.chain(role)]
    return Markup(", ".join(f'"{name}"' for name in dict.fromkeys(names)))  # noqa: S704  # names of fonts that we chose


def _configuration(ready: Fonts) -> Path:
    """The fontconfig file that knows the fonts in use alone: beside ours, or in a private place."""
    folder = ready.folder

    def wanted(*caches: Path, more: Path | None = None) -> str:
        places = "".join(f"<dir>{saxutils.escape(str(place))}</dir>\n" for place in (folder, more) if place)
        kept = "".join(f"<cachedir>{saxutils.escape(str(cache))}</cachedir>\n" for cache in caches)
        return (
            '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
            f"{places}{kept}</fontconfig>\n"
        )

    file, text = folder / "fonts.conf", wanted(folder / "cache")
    try:
        if not ready.office:
            if not file.is_file() or file.read_text("utf-8") != text:
                fresh = folder / f"fonts.conf.{os.getpid()}"
                fresh.write_text(text, "utf-8")
                fresh.replace(file)
            return file
    except OSError:
        pass  # a closed folder
    place = Path(tempfile.mkdtemp(prefix="screening-fonts-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    chosen = place / "office"
    chosen.mkdir()
    for one in ready.office.values():  # nothing else of the office's folder is seen
        link = chosen / f"{one.sha256[:16]}{one.file.suffix}"
        if not link.exists():
            link.symlink_to(one.file.resolve())
    file = place / "fonts.conf"
    file.write_text(wanted(folder / "cache", place / "cache", more=chosen), "utf-8")
    return file


@lru_cache(maxsize=1)
def _engine(ready: Fonts) -> tuple[Any, Any, Any]:
    """WeasyPrint with our fonts and nobody else's: (`engine`, font configuration, style sheet), once a process."""
    os.environ["FONTCONFIG_FILE"] = str(_configuration(ready))
    from screening.printing import engine  # noqa: PLC0415  # reads fontconfig's settings when it is imported

    found = engine.font_configuration()
    return engine, found, engine.style_sheet(_style(ready), found)


def _checked(letter: Letter, ready: Fonts) -> None:
    """Refuses too long a letter, and characters that cannot be shown, naming the field they were typed into."""
    texts = tuple(letter.inputs.texts())
    for where, text in texts:
        covered(ready, "fang", clean(text, where), where)
    # what is told of every unit alike, and what the letter says of it again, counts once
    printed = sum(len(p.lead) + len(p.text) for p in letter.body)
    total = max(printed, sum(map(len, {text for _, text in texts})))
    if total > LONGEST:
        raise Refusal(
            f"文书文字共{total}字，超过{LONGEST}字的上限。请缩短处置理由等文字后再生成文书。", field="reasons"
        )


def _complete(document: Any, pages: list[layout.Page]) -> None:
    """Refuses a document in which a line is missing or stands on another page than it was laid out for."""
    if len(document.pages) != len(pages):
        raise Refusal(f"排版得到{len(document.pages)}页，应为{len(pages)}页，文书未生成。请联系维护人员。")
    for number, (made, page) in enumerate(zip(document.pages, pages, strict=True), 1):
        shown = "".join(b.text for b in made._page_box.descendants(placeholders=True) if hasattr(b, "text"))  # noqa: SLF001  # no public way
        for text in layout.texts_of(page):
            if text not in shown:
                raise Refusal(f"第{number}页缺少文字“{text}”，文书未生成。请联系维护人员。")


def _turn(pdf: Any, pages: list[layout.Page]) -> None:
    """Shows the pages that lie across upright on a screen; printed, they stay in place among the others."""
    made = [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page"]
    for page, told in zip(made, pages, strict=True):
        if told.wide:
            page["Rotate"] = 90


def render(letter: Letter) -> bytes:
    """See `screening.printing.render`."""
    ready = prepared.load()
    _checked(letter, ready)
    pages = layout.Setter(ready).pages(letter)
    check = mark_of(letter, pages)
    html = _templates().get_template("letter.html").render(letter=letter, pages=pages, check=check, layout=layout)
    day = letter.day
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else _EPOCH
    with _LOCK:
        engine, font_config, style = _engine(ready)

        def finish(_document: Any, pdf: Any) -> None:
            _turn(pdf, pages)
            engine.write_once(pdf)

        with engine.strict(), engine.quickly():
            document = engine.WellFormed(html).render(font_config=font_config, stylesheets=[style])
            _complete(document, pages)
            data: bytes = document.write_pdf(
                finisher=finish,
                pdf_variant="pdf/a-3u",
                pdf_tags=True,
                attachments=[
                    engine.Attachment(
                        string=letter.inputs.to_json(), name="decision.json", description="文书数据",
                        relationship="Source", created=at, modified=at, url_fetcher=engine.SEALED,
                    )
                ],
            )  # fmt: skip
    return data


def typeset(html: str, style: str) -> bytes:
    """Any other HTML of ours as PDF/A-2u with the letters' fonts, sealed like a letter; same input, same bytes."""
    ready = prepared.load()
    with _LOCK:
        engine, font_config, _ = _engine(ready)
        with engine.strict():
            sheet = engine.style_sheet(style, font_config)
            data: bytes = (
                engine.html(html)
                .render(font_config=font_config, stylesheets=[sheet])
                .write_pdf(pdf_variant="pdf/a-2u", finisher=lambda _, pdf: engine.write_once(pdf))
            )
    return data
