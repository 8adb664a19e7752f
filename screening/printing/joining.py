"""Many PDFs as one, written to a file page by page: only the places of its objects stay in memory."""

from __future__ import annotations

import io
from typing import IO, Any, Final

import pypdf
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    RectangleObject,
    StreamObject,
    TextStringObject,
)

A4: Final = "[0 0 595.2756 841.8898]"
_CATALOG, _ROOT, _INFO, _OUTLINES = 1, 2, 3, 4
_KEPT: Final = ("/Resources", "/MediaBox", "/CropBox", "/Contents", "/Rotate", "/Group")
"""What makes a page look as it does; its place in the tree, its tags and its signature fields stay behind."""


class Joined:
    """A PDF that grows: the same documents in the same order give the same bytes."""

    def __init__(self, file: IO[bytes], title: str) -> None:
        self._file = file
        self._places: dict[int, int] = {}
        self._last = _OUTLINES
        self._nodes: list[tuple[int, int]] = []
        self._marks: list[tuple[str, int]] = []
        self.pages = 0
        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._put(_INFO, _written(DictionaryObject({
            NameObject("/Title"): TextStringObject(title), NameObject("/Producer"): TextStringObject("screening"),
        }), {}))  # fmt: skip

    def add(self, pdf: bytes, *, copies: int = 1, whole_sheets: bool = True, mark: str | None = None) -> int:
        """Appends a document `copies` times, and says how many pages it has.

        With `whole_sheets` a blank page follows an odd number of pages, so that the next document starts on a new
        sheet when both sides are printed. `mark` is its name in the list of contents.
        """
        reader = pypdf.PdfReader(io.BytesIO(pdf))
        copied = _Copied(self, reader)
        shown = [copied.page(page) for page in reader.pages]
        if whole_sheets and len(shown) % 2:
            shown.append(self._empty())
        node = self._number()
        kids = []
        for _ in range(copies):
            for page in shown:
                number = self._number()
                self._put(number, b"<< /Type /Page /Parent %d 0 R %b >>" % (node, page))
                kids.append(number)
        copied.rest()
        self._put(
            node,
            b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%b] >>"
            % (_ROOT, len(kids), b" ".join(b"%d 0 R" % kid for kid in kids)),
        )
        self._nodes.append((node, len(kids)))
        if mark is not None:
            self._marks.append((mark, kids[0]))
        self.pages += len(kids)
        return len(reader.pages)

    def close(self) -> None:
        """Writes what holds the pages together."""
        kids = b" ".join(b"%d 0 R" % node for node, _ in self._nodes)
        self._put(_ROOT, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (self.pages, kids))
        numbers = [self._number() for _ in self._marks]
        for place, (name, page) in enumerate(self._marks):
            before = b"/Prev %d 0 R " % numbers[place - 1] if place else b""
            after = b"/Next %d 0 R " % numbers[place + 1] if place + 1 < len(numbers) else b""
            words = _written(TextStringObject(name), {})
            self._put(
                numbers[place],
                b"<< /Title %b /Parent %d 0 R %b%b/Dest [%d 0 R /Fit] >>" % (words, _OUTLINES, before, after, page),
            )
        ends = b" /First %d 0 R /Last %d 0 R" % (numbers[0], numbers[-1]) if numbers else b""
        self._put(_OUTLINES, b"<< /Type /Outlines /Count %d%b >>" % (len(numbers), ends))
        self._put(
            _CATALOG,
            b"<< /Type /Catalog /Pages %d 0 R /Outlines %d 0 R /PageMode /UseOutlines >>" % (_ROOT, _OUTLINES),
        )
        start = self._file.tell()
        self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (self._last + 1))
        for number in range(1, self._last + 1):
            self._file.write(b"%010d 00000 n \n" % self._places[number])
        self._file.write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (self._last + 1, _CATALOG, _INFO, start)
        )

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _put(self, number: int, content: bytes) -> None:
        self._places[number] = self._file.tell()
        self._file.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    def _empty(self) -> bytes:
        return b"/MediaBox %b /Resources << >>" % A4.encode()


class _Copied:
    """The objects of one document that its pages need, each under a new number."""

    def __init__(self, joined: Joined, reader: pypdf.PdfReader) -> None:
        self._joined, self._reader = joined, reader
        self._numbers: dict[int, int] = {}
        self._waiting: list[tuple[int, IndirectObject]] = []

    def page(self, page: Any) -> bytes:
        """What a page consists of, without its place in the tree."""
        kept = DictionaryObject({NameObject(key): page.raw_get(key) for key in _KEPT if key in page})
        kept[NameObject("/MediaBox")] = RectangleObject(page.mediabox)
        shown = ArrayObject(found for one in page.get("/Annots", ()) if (found := _stamped(one.get_object())))
        if shown:
            kept[NameObject("/Annots")] = shown
        return _written(kept, self).removeprefix(b"<<").removesuffix(b">>").strip()

    def __getitem__(self, found: IndirectObject) -> int:
        if found.idnum not in self._numbers:
            self._numbers[found.idnum] = self._joined._number()  # noqa: SLF001  # two halves of one thing
            self._waiting.append((self._numbers[found.idnum], found))
        return self._numbers[found.idnum]

    def rest(self) -> None:
        """Writes everything that was referred to."""
        while self._waiting:
            number, found = self._waiting.pop()
            self._joined._put(number, _written(found.get_object(), self))  # noqa: SLF001


def _stamped(mark: Any) -> DictionaryObject | None:
    """What a page shows on top of its text (the seal of a signature) as a picture: it signs nothing in this file."""
    if "/AP" not in mark or int(mark.get("/F", 4)) & 2:
        return None
    kept = {NameObject(key): mark.raw_get(key) for key in ("/Rect", "/AP", "/AS") if key in mark}
    return DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Stamp"),
        NameObject("/F"): pypdf.generic.NumberObject(4), **kept,
    })  # fmt: skip


def _written(value: Any, numbers: Any) -> bytes:
    """A value as a PDF spells it; what it refers to gets its new number."""
    if isinstance(value, IndirectObject):
        return b"%d 0 R" % numbers[value]
    if isinstance(value, ArrayObject):
        return b"[" + b" ".join(_written(one, numbers) for one in value) + b"]"
    if isinstance(value, DictionaryObject):
        stream = value._data if isinstance(value, StreamObject) else None  # noqa: SLF001  # as it is, compressed
        if isinstance(stream, str):
            stream = stream.encode("latin-1")
        pairs = [
            _written(NameObject(key), numbers) + b" " + _written(value.raw_get(key), numbers)
            for key in value
            if stream is None or key != "/Length"
        ]
        if stream is None:
            return b"<< " + b" ".join(pairs) + b" >>"
        return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (b" ".join(pairs), len(stream), stream)
    if value is None:
        return b"null"
    kept = io.BytesIO()
    value.write_to_stream(kept)
    return kept.getvalue()
