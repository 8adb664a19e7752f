"""The seal under the text: where it stands, that the issued bytes stay, and which pictures are refused."""

from __future__ import annotations

import io
import struct
import subprocess
import time
import zlib
from pathlib import Path

import pdfplumber
import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf.generic import ArrayObject, NameObject

from screening.domain.errors import Refusal
from screening.domain.letters import LetterKind
from screening.printing import sealing
from screening.printing.pages import Seal
from screening.wording import compose
from tests.letters.made import MM, inputs, pdf
from tests.letters.seals import drawn, png, seal

KINDS = (LetterKind.HALT, LetterKind.PROCEED)
DOTS = 200 / 25.4


def stamped(kind: LetterKind) -> tuple[bytes, bytes, int, Seal]:
    """A letter of that kind as issued and as sealed, and where."""
    letter = compose(inputs(kind))
    page, place = sealing.place_of(letter)
    plain = pdf(inputs(kind))
    return plain, sealing.stamp(plain, sealing.look(seal()), letter, page, place), page, place


def shown(data: bytes, page: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    return document[page - 1].render(scale=200 / 72).to_pil().convert("RGB")


@pytest.mark.parametrize("kind", KINDS)
def test_the_seal_stands_over_issuer_and_date_and_black_stays_black(kind: LetterKind) -> None:
    plain, sealed, page, place = stamped(kind)
    before, after = shown(plain, page), shown(sealed, page)
    changed = ImageChops.difference(before, after).convert("L").point(lambda value: 255 if value > 40 else 0)
    left, top, right, bottom = (edge / DOTS for edge in changed.getbbox() or (0, 0, 0, 0))

    assert (left, top) == pytest.approx((place.left, place.top), abs=0.3)
    assert (right - left, bottom - top) == pytest.approx((42, 42), abs=0.4)
    assert 0 < left < right < 210
    assert 0 < top < bottom < 297
    issuer, date = _two(plain, page, place)
    assert top < issuer < date < bottom
    assert (issuer + date) / 2 > top + 21  # both slightly below the centre
    black = before.convert("L").point(lambda value: 255 if value < 50 else 0)
    lighter = ImageChops.subtract(after.convert("L"), before.convert("L"), scale=1).point(
        lambda v: 255 if v > 30 else 0
    )
    assert ImageChops.multiply(black, lighter).getbbox() is None


def _two(data: bytes, page: int, place: Seal) -> tuple[float, float]:
    """The baselines of issuer and date, in mm."""
    with pdfplumber.open(io.BytesIO(data), pages=[page]) as document:
        (leaf,) = document.pages
        heights = {round((float(leaf.height) - c["matrix"][5]) * MM, 2) for c in leaf.chars if c["x0"] * MM > 110}
    issuer, date = sorted(each for each in heights if place.top + 10 < each < place.top + place.size)
    return issuer, date


def test_the_issued_bytes_stay_and_the_sealed_ones_are_always_the_same(tmp_path: Path) -> None:
    plain, sealed, _, _ = stamped(LetterKind.HALT)
    again = stamped(LetterKind.HALT)[1]

    assert sealed.startswith(plain)
    assert sealed == again
    assert sealing.differences(plain, sealed) is None
    assert [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(sealed)).pages] == [
        p.extract_text() for p in pypdf.PdfReader(io.BytesIO(plain)).pages
    ]
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed)
    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_form_has_no_place_for_a_seal() -> None:
    with pytest.raises(Refusal, match="不能用印"):
        sealing.place_of(compose(inputs(LetterKind.RECEIPT)))


def test_a_letter_that_another_program_laid_out_is_not_sealed_beside_its_date() -> None:
    letter = compose(inputs())
    page, place = sealing.place_of(letter)
    picture = sealing.look(seal())

    for elsewhere in (Seal(place.left, place.top - 60), Seal(place.left, place.top + 40), Seal(10, place.top)):
        with pytest.raises(Refusal, match="成文日期不在"):
            sealing.stamp(pdf(inputs()), picture, letter, page, elsewhere)
    with pytest.raises(Refusal, match="只有"):
        sealing.stamp(pdf(inputs()), picture, letter, 99, place)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _header(width: int, height: int) -> bytes:
    return sealing.PNG + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))


def _bomb() -> bytes:
    """800 by 800 says the head; what is packed is 400 MB."""
    size = 4 * 1024 * 1024
    packer = zlib.compressobj(9)
    head, again = (packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    # After a full flush the same zeros are packed alike: not packed anew; the end is an empty block and the Adler sum.
    packed = head + 99 * again + b"\x03\x00" + struct.pack(">HH", 100 * size % 65521, 1)
    return _header(800, 800) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


HOSTILE = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "不是 PNG"),
    "html": (b"<html><script>alert(1)</script></html>", "不是 PNG"),
    "gif": (b"GIF89a" + bytes(100), "不是 PNG"),
    "empty": (b"", "不是 PNG"),
    "head alone": (sealing.PNG, "打不开"),
    "huge": (_header(30000, 30000) + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND", b""), "边长30000"),
    "wide": (_header(30000, 1) + _chunk(b"IEND", b""), "不是正方形"),
    "nothing inside": (_header(800, 800) + _chunk(b"IEND", b""), "打不开"),
    "cut off": (seal()[:-200], "打不开"),
    "swells": (_bomb(), "全部是透明的"),
    "too many bytes": (seal() + bytes(sealing.LARGEST), "超过1 MB"),
    "not square": (png(drawn(height=420)), "不是正方形"),
    "small": (png(drawn(side=200)), "边长200"),
    "on white": (png(drawn(ground=255).convert("RGB")), "没有去掉"),
    "dim ground": (png(drawn(ground=40)), "没有去掉"),
    "black": (png(drawn(colour=(10, 10, 10))), "不是红色"),
    "small in much paper": (png(drawn(margin=40)), "没有撑满"),
    "moving": (
        png(drawn(), save_all=True, append_images=[drawn(colour=(255, 0, 0))]),
        "动画",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_of_a_seal_is_refused_with_a_way_out(name: str) -> None:
    content, why = HOSTILE[name]
    began = time.perf_counter()

    with pytest.raises(Refusal, match=why) as refused:
        sealing.look(content)

    assert "正方形" in refused.value.message
    assert refused.value.field == "file"
    assert time.perf_counter() - began < 2


def test_notes_in_a_picture_are_not_unpacked() -> None:
    note = _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50 * 1024 * 1024)))

    assert sealing.look(seal()[:33] + note + seal()[33:]) == sealing.look(seal())


def test_what_a_foreign_program_changed_is_named() -> None:
    plain = pdf(inputs(LetterKind.PROCEED))

    def changed(act: str) -> bytes:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(plain))
        if act == "page":
            writer.remove_page(0)
        elif act == "data":
            del writer.root_object["/Names"]
        elif act == "turned":
            writer.pages[0].rotate(90)
        elif act == "text":
            writer.pages[-1][NameObject("/Contents")] = ArrayObject()
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    assert sealing.differences(plain, changed("")) is None
    assert "页" in str(sealing.differences(plain, changed("page")))
    assert "文书数据" in str(sealing.differences(plain, changed("data")))
    assert "纸张" in str(sealing.differences(plain, changed("turned")))
    assert "文字" in str(sealing.differences(plain, changed("text")))
    assert "文字" in str(sealing.differences(plain, pdf(inputs(LetterKind.PROCEED, enterprise="另一家公司"))))
    assert "打不开" in str(sealing.differences(plain, b"%PDF-1.7\nrubbish"))
    assert "打不开" in str(sealing.differences(plain, b""))
