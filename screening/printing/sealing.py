"""The picture of a seal: looked at before it is kept, and painted under the text of an issued letter.

It is painted by an incremental update: the issued bytes stay what they are, as the beginning of the sealed ones.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pypdf
from PIL import Image, ImageStat
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
)

from screening.domain.calendar import chinese
from screening.domain.errors import Refusal
from screening.domain.letters import Letter
from screening.printing import fonts as prepared
from screening.printing.pages import Seal, Setter, seal_of

LARGEST: Final = 1024 * 1024
"""Bytes of a picture."""
SMALLEST_SIDE: Final = 400
LARGEST_SIDE: Final = 1200
"""Pixels; 42 mm at about 240 and 720 dots an inch."""
LEAST_CLEAR: Final = 0.35
"""Share of the picture that lets the paper through: a seal is lines, not a disc."""
LEAST_FILLED: Final = 0.95
"""Share of the side that the seal spans: the picture is printed 42 mm wide, with whatever lies around the seal."""
LEAST_RED: Final = 60
"""By how much red exceeds green and blue, of 255, on the average of what is inked."""
FAINT: Final = 48
"""Of 255: what is fainter than that is given the mean colour, which packs better and cannot be told apart."""
DRAWING: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
"""Parts of a PNG that its picture is made of; notes and colour profiles are not unpacked."""
PNG: Final = b"\x89PNG\r\n\x1a\n"
POINTS: Final = 72 / 25.4
OTHERWISE: Final = "请提供 PNG 图片：正方形，边长400至1200像素，红色印模，底色透明，四周不留空白。"
ALIEN: Final = "文书文件的结构与本程序印制的不同，不能用印。请联系维护人员。"


@dataclass(frozen=True, slots=True)
class Picture:
    """A seal that was looked at: `side` in pixels, the colours (3 bytes a pixel) and how dense they are (1 byte)."""

    side: int
    colours: bytes
    density: bytes


def _wrong(text: str) -> Refusal:
    return Refusal(f"{text}{OTHERWISE}", field="file")


def look(content: bytes) -> Picture:
    """The picture; refused where it is no square PNG of a red seal on nothing, or too large to be unpacked."""
    if len(content) > LARGEST:
        raise _wrong(f"印模图片有{len(content) / 1024 / 1024:.1f} MB，超过1 MB。")
    if not content.startswith(PNG):
        raise _wrong("按内容判断，这不是 PNG 图片（SVG、JPEG 等其他格式不能用作印模）。")
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 25 or chunks[-1][0] != b"IEND":
        raise _wrong("PNG 图片已损坏，打不开。")
    if any(kind == b"acTL" for kind, _ in chunks):
        raise _wrong("这是动画图片。")
    width, height = struct.unpack(">II", content[16:24])
    if width != height:
        raise _wrong(f"印模图片宽{width}像素、高{height}像素，不是正方形。")
    if not SMALLEST_SIDE <= width <= LARGEST_SIDE:
        raise _wrong(f"印模图片边长{width}像素，应为{SMALLEST_SIDE}至{LARGEST_SIDE}像素。")
    bare = PNG + b"".join(raw for kind, raw in chunks if kind in DRAWING)
    try:
        with Image.open(io.BytesIO(bare), formats=("PNG",)) as opened:
            image = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, struct.error, zlib.error, MemoryError) as broken:
        raise _wrong("PNG 图片已损坏，打不开。") from broken
    return _judged(image)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a PNG, whole and unspoilt ones: kind and bytes. Other programs in this process let Pillow guess."""
    place = len(PNG)
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        raw = content[place : place + 12 + length]
        if len(raw) < 12 + length or zlib.crc32(raw[4:-4]) != int.from_bytes(raw[-4:], "big"):
            return
        yield raw[4:8], raw
        place += len(raw)


def _judged(image: Image.Image) -> Picture:
    side = image.width
    density = image.getchannel("A")
    clear = sum(density.histogram()[:16]) / side**2
    inked = density.point(lambda value: 255 if value >= 128 else 0)
    box = inked.getbbox()
    if box is None:
        raise _wrong("图片中没有印模，全部是透明的。")
    if clear < LEAST_CLEAR:
        raise _wrong(f"图片只有{clear:.0%}透明，底色没有去掉，会盖住正文。")
    if min(box[2] - box[0], box[3] - box[1]) < LEAST_FILLED * side:
        raise _wrong("印模没有撑满图片，印出来会小于42毫米。请裁去四周空白。")
    red, green, blue = ImageStat.Stat(image.convert("RGB"), mask=inked).mean
    if red - max(green, blue) < LEAST_RED:
        raise _wrong("印模不是红色。")
    colours = Image.new("RGB", image.size, (round(red), round(green), round(blue)))
    colours.paste(image.convert("RGB"), mask=density.point(lambda value: 255 if value >= FAINT else 0))
    return Picture(side, colours.tobytes(), density.tobytes())


def place_of(letter: Letter) -> tuple[int, Seal]:
    """The page (from 1) and the place of the seal; Refusal for a letter without one."""
    found = seal_of(Setter(prepared.load()).pages(letter))
    if found is None or letter.day is None:
        raise Refusal("这种文书没有用印的位置，不能用印。送达回证等表单由送达人和受送达人签字。")
    page, seal = found
    return place_in(told(page, seal))


def told(page: int, seal: Seal) -> dict[str, str]:
    """A place as it is kept: page, and left, top and size in mm to a thousandth."""
    return {"page": str(page), "left": f"{seal.left:.3f}", "top": f"{seal.top:.3f}", "size": f"{seal.size:.3f}"}


def place_in(kept: Mapping[str, str]) -> tuple[int, Seal]:
    """A place as it was kept."""
    return int(kept["page"]), Seal(float(kept["left"]), float(kept["top"]), float(kept["size"]))


def _reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def _demand_date(page: pypdf.PageObject, letter: Letter, seal: Seal) -> None:
    """Refuses where the issued page does not have its date in the place of the seal: another program laid it out."""
    height = float(page.mediabox.height)
    wanted = chinese(letter.day) if letter.day else ""
    found: list[tuple[float, float]] = []

    def seen(text: str, cm: list[float], tm: list[float], _font: Any, _size: Any) -> None:
        if wanted in text.replace("\n", ""):
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((x / POINTS, (height - y) / POINTS))

    page.extract_text(visitor_text=seen)
    within = seal.size / 4
    if not any(
        seal.left - seal.size < x < seal.left + seal.size and seal.top + within < y < seal.top + seal.size
        for x, y in found
    ):
        raise Refusal("这份文书的成文日期不在印章应盖的位置：签发后排版程序已经更换。请打印后加盖实物印章。")


def stamp(pdf: bytes, picture: Picture, letter: Letter, page: int, seal: Seal) -> bytes:
    """The letter with the picture painted under the text of a page (from 1); begins with `pdf`, byte for byte.

    Same letter, picture and place: same bytes.
    """
    reader = _reader(pdf)
    if page > len(reader.pages):
        raise Refusal(f"文书只有{len(reader.pages)}页，印章却应盖在第{page}页，不能用印。请联系维护人员。")
    leaf = reader.pages[page - 1]
    _demand_date(leaf, letter, seal)
    grown = _Grown(pdf, reader)
    mask = grown.add(_image(picture.side, "/DeviceGray"), picture.density)
    image = _image(picture.side, "/DeviceRGB")
    image[NameObject("/SMask")] = mask
    drawn = grown.add(image, picture.colours)
    side = seal.size * POINTS
    left = seal.left * POINTS
    foot = float(leaf.mediabox.height) - seal.top * POINTS - side
    # An artifact: screen readers read issuer and date, which are text.
    painted = grown.add(
        DictionaryObject(),
        f"/Artifact BMC\nq\n{side:.4f} 0 0 {side:.4f} {left:.4f} {foot:.4f} cm\n/Seal Do\nQ\nEMC\n".encode(),
    )
    page_now = DictionaryObject(leaf)
    resources = DictionaryObject(_dictionary(leaf["/Resources"]))
    objects = DictionaryObject(_dictionary(resources.get("/XObject", DictionaryObject())))
    objects[NameObject("/Seal")] = drawn
    resources[NameObject("/XObject")] = objects
    contents = leaf.raw_get("/Contents")
    there = contents.get_object()
    page_now[NameObject("/Resources")] = grown.add(resources)
    page_now[NameObject("/Contents")] = ArrayObject(
        [painted, *(there if isinstance(there, ArrayObject) else [contents])]
    )
    grown.change(leaf.indirect_reference, page_now)
    return grown.written()


def _dictionary(found: Any) -> DictionaryObject:
    there = found.get_object()
    if not isinstance(there, DictionaryObject):
        raise Refusal(ALIEN)
    return there


def _image(side: int, colours: str) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(side),
            NameObject("/Height"): NumberObject(side),
            NameObject("/ColorSpace"): NameObject(colours),
            NameObject("/BitsPerComponent"): NumberObject(8),
        }
    )


class _Grown:
    """A PDF and what is written behind it: new objects, changed ones, and the table that finds them."""

    def __init__(self, pdf: bytes, reader: pypdf.PdfReader) -> None:
        self.reader = reader
        self.out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
        self.before = hashlib.sha256(pdf).digest()
        self.next = int(str(reader.trailer["/Size"]))
        self.places: dict[int, int] = {}
        self.start = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
        if pdf[self.start :].startswith(b"xref"):
            raise Refusal(ALIEN)

    def add(self, found: DictionaryObject, stream: bytes | None = None) -> IndirectObject:
        """A new object; with bytes, a stream."""
        number, self.next = self.next, self.next + 1
        self._put(number, found, stream)
        return IndirectObject(number, 0, self.reader)

    def change(self, reference: IndirectObject | None, found: DictionaryObject) -> None:
        """Another value of an object that is there."""
        if reference is None or reference.generation:
            raise Refusal(ALIEN)
        self._put(reference.idnum, found, None)

    def _put(self, number: int, found: DictionaryObject, stream: bytes | None) -> None:
        self.places[number] = len(self.out)
        self.out += f"{number} 0 obj\n".encode()
        self._write(found, stream)
        self.out += b"\nendobj\n"

    def _write(self, found: DictionaryObject, stream: bytes | None) -> None:
        packed = None if stream is None else zlib.compress(stream, 9)
        if packed is not None:
            found[NameObject("/Filter")] = NameObject("/FlateDecode")
            found[NameObject("/Length")] = NumberObject(len(packed))
        plain = io.BytesIO()
        found.write_to_stream(plain)
        self.out += plain.getvalue()
        if packed is not None:
            self.out += b"\nstream\n" + packed + b"\nendstream"

    def written(self) -> bytes:
        """The whole, closed by its cross-reference stream."""
        number, place = self.next, len(self.out)
        self.places[number] = place
        index = [n for each in sorted(self.places) for n in (each, 1)]
        table = b"".join(struct.pack(">BIB", 1, self.places[each], 0) for each in sorted(self.places))
        trailer: Any = self.reader.trailer
        fresh = hashlib.sha256(self.before + bytes(self.out)).digest()[:16]
        found = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/XRef"),
                NameObject("/Index"): ArrayObject([NumberObject(n) for n in index]),
                NameObject("/W"): ArrayObject([NumberObject(n) for n in (1, 4, 1)]),
                NameObject("/Size"): NumberObject(number + 1),
                NameObject("/Prev"): NumberObject(self.start),
                NameObject("/Root"): trailer.raw_get("/Root"),
                NameObject("/Info"): trailer.raw_get("/Info"),
                NameObject("/ID"): ArrayObject([trailer["/ID"][0], ByteStringObject(fresh)]),
            }
        )
        self.out += f"{number} 0 obj\n".encode()
        self._write(found, table)
        self.out += f"\nendobj\nstartxref\n{place}\n%%EOF\n".encode()
        return bytes(self.out)


def differences(before: bytes, after: bytes) -> str | None:
    """What a foreign program changed of a letter beside sealing it; None where text, pages and data are the same."""
    try:
        old, new = _reader(before), _reader(after)
        if new.is_encrypted:
            return "文件被加密"
        if len(old.pages) != len(new.pages):
            return f"原有{len(old.pages)}页，现有{len(new.pages)}页"
        for number, (one, other) in enumerate(zip(old.pages, new.pages, strict=True), 1):
            if one.extract_text() != other.extract_text():
                return f"第{number}页的文字与原文书不同"
            if list(one.mediabox) != list(other.mediabox) or one.rotation != other.rotation:
                return f"第{number}页的纸张与原文书不同"
        if dict(old.attachments) != dict(new.attachments):
            return "所附的文书数据与原文书不同"
    except Exception as broken:  # noqa: BLE001  # whatever a foreign program wrote, it is no letter of ours
        return f"返回的文件打不开（{type(broken).__name__}）"
    return None
