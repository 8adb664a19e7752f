"""The bytes: the same every time, archived as PDF/A-3u with their data inside, read alike by four renderers, sealed."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pymupdf
import pypdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from screening.domain.errors import Refusal
from screening.domain.letters import Letter, LetterInputs, LetterKind, Paragraph
from screening.domain.letters.inputs import LABELS
from screening.printing import fonts, render, renderer_versions, unprintable
from screening.printing import renderer as engine
from screening.wording import compose
from tests.letters.made import FURNACE_1, inputs, listed, marks, pdf

RETROFIT = inputs(LetterKind.RETROFIT, enterprise="鄂尔多斯市堃喆垚能源化工有限公司")
DPI = 96


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    every = [RETROFIT, *(inputs(kind) for kind in LetterKind)]
    told = tmp_path / "inputs.json"
    told.write_text(json.dumps([one.to_json() for one in every]), "utf-8")
    program = (
        "import sys, json, hashlib; from pathlib import Path; from screening.domain.letters import LetterInputs;"
        "from screening.wording import compose;"
        "from screening.printing import render;"
        "[print(hashlib.sha256(render(compose(LetterInputs.from_json(one)))).hexdigest())"
        " for one in json.loads(Path(sys.argv[1]).read_text('utf-8'))]"
    )

    other = subprocess.run([sys.executable, "-c", program, str(told)], capture_output=True, text=True, check=True)

    assert other.stdout.split() == [hashlib.sha256(pdf(one)).hexdigest() for one in every]
    assert hashlib.sha256(render(compose(RETROFIT))).hexdigest() == other.stdout.split()[0]


def test_the_data_travel_with_the_letter() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf(RETROFIT)))

    (attached,) = reader.attachments["decision.json"]

    assert LetterInputs.from_data(json.loads(attached)) == RETROFIT


@pytest.mark.parametrize("kind", list(LetterKind))
def test_the_file_is_written_as_pdf_a_3u_tagged_in_chinese(kind: LetterKind) -> None:
    told = inputs(kind)
    data = pdf(told)
    reader = pypdf.PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]

    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp or 'pdfaid:part="3"' in xmp
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in xmp or 'pdfaid:conformance="U"' in xmp
    assert len(root["/OutputIntents"]) == 1
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert reader.metadata.title == compose(told).name
    seen = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/ToUnicode" in font.get_object()
            (inner,) = font.get_object()["/DescendantFonts"]
            seen[inner.idnum] = inner.get_object()
    for inner in seen.values():
        described = inner["/FontDescriptor"].get_object()
        with TTFont(io.BytesIO(described["/FontFile2"].get_object().get_data())) as embedded:
            advances = [advance for advance, _ in (embedded["hmtx"][name] for name in embedded.getGlyphOrder())]
            size = embedded["head"].unitsPerEm
        stated = dict(_widths(inner["/W"]))
        assert stated
        assert 0 not in stated, "no .notdef"
        assert {cid: round(advances[cid] * 1000 / size) for cid in stated} == stated, described["/FontName"]
    for number, page in enumerate(marks(data)):
        assert all("\x00" not in m.text and "(cid:" not in m.text for m in page), number


def _widths(stated: list[Any]) -> Iterator[tuple[int, int]]:
    """CID and width of a /W array: `first [w w w]` or `first last w`."""
    at = 0
    while at < len(stated):
        first, second = stated[at], stated[at + 1]
        if isinstance(second, list):
            yield from ((int(first) + place, round(width)) for place, width in enumerate(second))
            at += 2
        else:
            yield from ((cid, round(stated[at + 2])) for cid in range(int(first), int(second) + 1))
            at += 3


def test_the_text_reads_in_order() -> None:
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(RETROFIT))).pages)
    joined = "".join(text.split())

    places = [joined.index("".join(p.text.split())[:12]) for p in compose(RETROFIT).body]

    assert places == sorted(places)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_qpdf_finds_nothing_wrong(kind: LetterKind, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf(inputs(kind)))

    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("kind", list(LetterKind))
def test_letters_stay_small(kind: LetterKind) -> None:
    assert len(pdf(inputs(kind))) < 190_000


def _pictures(data: bytes, folder: Path) -> dict[str, list[Image.Image]]:
    """Every page as four renderers draw it, grey, at the same resolution."""
    file = folder / "letter.pdf"
    file.write_bytes(data)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", str(file), str(folder / "poppler")], check=True)
    subprocess.run(
        ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=pnggray", f"-r{DPI}", "-dTextAlphaBits=4",
         f"-sOutputFile={folder / 'gs'}-%02d.png", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    mu = pymupdf.open(stream=data, filetype="pdf")
    return {
        "pdfium": [p.render(scale=DPI / 72).to_pil().convert("L") for p in pypdfium2.PdfDocument(data)],
        "poppler": [Image.open(f).convert("L") for f in sorted(folder.glob("poppler*.pgm"))],
        "ghostscript": [Image.open(f).convert("L") for f in sorted(folder.glob("gs*.png"))],
        "mupdf": [
            Image.open(io.BytesIO(p.get_pixmap(dpi=DPI).tobytes("png"))).convert("L") for p in mu
        ],
    }  # fmt: skip


RARE = replace(RETROFIT, place="鄂尔多斯市𠮷林㐂工业园区", reasons="价格￥5元、比例3‰、面积6㎡、“引号”——破折号……")
POLICY = inputs(LetterKind.PROCEED, enterprise="内蒙古𠮷㐂冶金科技有限公司", project="堃垚园区年产20万吨锰硅合金项目")


@pytest.mark.parametrize(
    "letter", [compose(RARE), compose(POLICY), listed(2)], ids=["document", "letter", "wide table"]
)
def test_four_renderers_draw_the_same_glyphs(tmp_path: Path, letter: Letter) -> None:
    data = render(letter)
    pictures = _pictures(data, tmp_path)

    looked = 0
    for number, page in enumerate(marks(data)):
        shown = {name: pages[number] for name, pages in pictures.items()}
        assert len({picture.width > picture.height for picture in shown.values()}) == 1, "turned alike"
        for mark in page:
            if not mark.text.strip() or mark.size < 3.5:
                continue
            box = tuple(round(v / 25.4 * DPI) for v in (mark.left, mark.top, mark.right, mark.bottom))
            ink = {}
            for name, picture in shown.items():
                cell = picture.crop(box).point(lambda v: 255 - v)
                ink[name] = sum(i * n for i, n in enumerate(cell.histogram())) / 255 / max(1, cell.width * cell.height)
            low, high = min(ink.values()), max(ink.values())
            assert low > 0.004, (number, mark.text, ink)
            assert high - low < 0.12, (number, mark.text, ink)
            looked += 1
    assert looked > 600


@pytest.mark.parametrize(
    ("field", "value", "named", "character"),
    [
        ("enterprise", "内蒙古😀能源有限公司", "建设单位", "U+1F600"),
        ("project", "年产30万吨\ue000项目", "项目名称", "U+E000"),
        ("place", "达拉特旗\u200b工业园区", "建设地点", "U+200B"),
        ("reasons", "理由\x1b[0m", "处置理由", "U+001B"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_field_and_character(
    field: str, value: str, named: str, character: str
) -> None:
    with pytest.raises(Refusal) as refused:
        render(compose(inputs(**{field: value})))

    assert named in refused.value.message
    assert character in refused.value.message


def _poisoned(value: Any, sign: str) -> Iterator[tuple[str, Any]]:
    """The data with the sign put into one text at a time, each with the name of the field."""
    for field in fields(value):
        held = getattr(value, field.name)
        if isinstance(held, StrEnum):
            continue
        if isinstance(held, str):
            yield LABELS[field.name], replace(value, **{field.name: held[:1] + sign + held[1:]})
        elif is_dataclass(held):
            yield from ((name, replace(value, **{field.name: part})) for name, part in _poisoned(held, sign))
        elif isinstance(held, tuple) and held and isinstance(held[0], str):
            yield LABELS[field.name], replace(value, **{field.name: (held[0] + sign, *held[1:])})
        elif isinstance(held, tuple) and held and is_dataclass(held[0]):
            parts = _poisoned(held[0], sign)
            yield from ((name, replace(value, **{field.name: (part, *held[1:])})) for name, part in parts)


@pytest.mark.parametrize("sign", ["\u200b", "\u2060", "\ufeff", "\u202e", "\x00", "\ue000", "\U0001f600", "\u1805"])
def test_every_text_of_a_letter_is_looked_at_before_it_is_set(sign: str) -> None:
    tried = 0
    for name, made in _poisoned(replace(RETROFIT, findings=(replace(RETROFIT.findings[0], text="事实"),)), sign):
        found = unprintable(made.texts())
        assert any(name in text and f"U+{ord(sign):04X}" in text for text in found), name
        tried += 1
    assert tried > 40


def test_mark_up_in_a_text_is_text_and_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", "utf-8")
    typed = f'<img src="file://{secret}"><link rel=attachment href="file://{secret}">'

    reader = pypdf.PdfReader(io.BytesIO(render(compose(inputs(reasons=typed)))))

    assert list(reader.attachments) == ["decision.json"]
    shown = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert "<imgsrc=" in shown


@pytest.mark.parametrize("scheme", ["file:///etc/hostname", "http://127.0.0.1:9/x", "data:text/plain,x"])
@pytest.mark.parametrize(
    "mark_up",
    ['<img src="{0}"/>', '<link rel="attachment" href="{0}"/>', '<link rel="stylesheet" href="{0}"/>', '<p style="background:url({0})">x</p>'],
)  # fmt: skip
@pytest.mark.parametrize("read", [lambda sealed: sealed.html, lambda sealed: sealed.WellFormed], ids=["list", "letter"])
def test_the_engine_itself_fetches_nothing(scheme: str, mark_up: str, read: Callable[..., Any]) -> None:
    sealed, font_config, _ = engine._engine(fonts.load())

    with pytest.raises(Refusal, match=r"读取外部资源|排版程序报告问题"), sealed.strict():
        read(sealed)(mark_up.format(scheme)).write_pdf(font_config=font_config)


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(Refusal, match="超过20000字的上限"):
        render(compose(inputs(reasons="国" * 20_001)))
    long = inputs(reasons="国" * 15_000, units=tuple(replace(FURNACE_1, name=f"{n}号炉") for n in range(45)))
    engine._checked(compose(long), fonts.load())  # what is said twice, or of every unit alike, counts once


def test_a_line_that_is_not_drawn_stops_the_letter() -> None:
    letter = compose(inputs())
    pages = engine.layout.Setter(fonts.load()).pages(letter)
    sealed, font_config, style = engine._engine(fonts.load())
    other: Letter = replace(letter, body=(*letter.body[:-1], Paragraph("别的话")))
    html = engine._templates().get_template("letter.html").render(
        letter=other, pages=engine.layout.Setter(fonts.load()).pages(other), check=None, layout=engine.layout
    )  # fmt: skip
    document = sealed.WellFormed(html).render(font_config=font_config, stylesheets=[style])

    with pytest.raises(Refusal, match=r"缺少文字|排版得到"):
        engine._complete(document, pages)


def test_the_versions_name_programs_and_fonts() -> None:
    found = renderer_versions()

    assert {"weasyprint", "pydyf", "harfbuzz", "pango", "template"} <= set(found)
    assert sum(name.startswith("font:") for name in found) == len(fonts.FACES)


def test_what_is_done_once_gives_the_bytes_of_doing_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = compose(inputs(LetterKind.RETROFIT))
    quick = render(letter)
    alone, _, _ = engine._engine(fonts.load())

    monkeypatch.setattr(alone, "quickly", nullcontext)
    monkeypatch.setattr(alone, "write_once", lambda _: None)

    assert render(letter) == quick
