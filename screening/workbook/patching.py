"""Cells marked in the parts of an .xlsx itself: a few rows, formats and notes change, every other byte stays."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from screening.workbook import sealed
from screening.workbook.headers import letters, place_of


class Unusual(Exception):  # no error: the file is then taken apart as a whole
    """The parts are written in a way that this does not know, or carry notes already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A cell with its new colour (ARGB) and note; `value` replaces what it holds, "" by nothing."""

    cell: str
    colour: str
    note: str
    value: str | None = None


_ROW = re.compile(r"<row\b([^>]*?)(/?)>")
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
_XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_MERGED = re.compile(r'<mergeCell\s+ref="([A-Z]+\d+):([A-Z]+\d+)"')
_AFTER_NOTES = re.compile(r"<(?:legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts)\b")
PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?", re.ASCII)
"""A figure that a number cell holds as it is written."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TYPES, _STYLES, _BOOK = "[Content_Types].xml", "xl/styles.xml", "xl/workbook.xml"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXT_FORMAT = "49"
"""The number of the format @."""
LIGHTEST = 1
"""Of the compressions: the parts are large, and the file is read once more at most."""


def patched(path: Path, touches: Mapping[str, Sequence[Touch]], author: str) -> bytes:
    """The workbook with the cells of its sheets touched; Unusual where that cannot be done in place."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = {e.filename: packed.read(e) for e in packed.infolist() if not e.is_dir()}
        places = sealed.parts_of_sheets(path)
        formats = _Formats(_text(parts, _STYLES))
        for number, (sheet, cells) in enumerate(touches.items(), 1):
            _touch(parts, places[sheet], cells, formats, author, number)
        parts[_STYLES] = formats.text().encode()
        book = re.sub(r'\sfullCalcOnLoad="[^"]*"', "", _text(parts, _BOOK))
        parts[_BOOK] = book.replace("<calcPr", '<calcPr fullCalcOnLoad="1"', 1).encode()
    except (KeyError, ValueError, IndexError, UnicodeDecodeError) as strange:
        raise Unusual(str(strange)) from strange
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LIGHTEST) as packed:
        for name, content in parts.items():
            packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, LIGHTEST)
    return out.getvalue()


def _text(parts: dict[str, bytes], name: str) -> str:
    return parts[name].decode("utf-8-sig")


class _Formats:
    """The cell formats of a workbook, to which coloured ones are added."""

    def __init__(self, styles: str) -> None:
        found = re.search(r"(<fills\b[^>]*>)(.*?)(</fills>)", styles, re.DOTALL)
        formats = re.search(r"(<cellXfs\b[^>]*>)(.*?)(</cellXfs>)", styles, re.DOTALL)
        if not found or not formats or found.end() > formats.start():
            raise Unusual(_STYLES)
        self.styles, self.found, self.formats = styles, found, formats
        self.fills: list[str] = re.findall(r"<fill>.*?</fill>|<fill\s*/>", found[2], re.DOTALL)
        self.kinds: list[str] = _XF.findall(formats[2])
        self.made: dict[tuple[int, str], int] = {}
        self.colours: dict[str, int] = {}

    def coloured(self, style: int, colour: str) -> int:
        """The format `style` in another colour."""
        if (style, colour) not in self.made:
            if colour not in self.colours:
                self.colours[colour] = len(self.fills)
                self.fills.append(
                    f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor rgb="{colour}"/>'
                    "</patternFill></fill>"
                )
            plain = re.sub(r'\s(?:fillId|applyFill)="[^"]*"', "", self.kinds[style])
            self.made[style, colour] = len(self.kinds)
            self.kinds.append(plain.replace("<xf", f'<xf fillId="{self.colours[colour]}" applyFill="1"', 1))
        return self.made[style, colour]

    def is_text(self, style: int) -> bool:
        """Whether cells of the format hold text whatever is typed."""
        return f'numFmtId="{TEXT_FORMAT}"' in self.kinds[style]

    def text(self) -> str:
        """The part of the formats as it stands now."""
        fills = f'<fills count="{len(self.fills)}">{"".join(self.fills)}</fills>'
        kinds = f'<cellXfs count="{len(self.kinds)}">{"".join(self.kinds)}</cellXfs>'
        between = self.styles[self.found.end() : self.formats.start()]
        return f"{self.styles[: self.found.start()]}{fills}{between}{kinds}{self.styles[self.formats.end() :]}"


def _touch(
    parts: dict[str, bytes], part: str, touches: Sequence[Touch], formats: _Formats, author: str, number: int
) -> None:
    """Changes one sheet and gives it its notes."""
    text = _text(parts, part)
    head, opened, rest = text.partition("<sheetData>")
    body, closed, tail = rest.partition("</sheetData>")
    if not opened or not closed or "<legacyDrawing " in tail or "<![CDATA[" in text or "<!--" in text:
        raise Unusual(part)
    merged = [(place_of(first), place_of(last)) for first, last in _MERGED.findall(tail)]

    def hidden(row: int, column: int) -> bool:
        """Whether a merged range hides the cell: its first cell carries the mark."""
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for (top, left), (bottom, right) in merged
        )

    wanted: dict[int, dict[int, Touch]] = {}
    for one in touches:
        row, column = place_of(one.cell)
        if not hidden(row, column):
            wanted.setdefault(row + 1, {})[column] = one
    pieces, done, last = [], 0, 0
    for found in _ROW.finditer(body):
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        last = int(attributes.get("r", last + 1))
        cells = wanted.pop(last, None)
        if cells:
            end = found.end() if found[2] else body.index("</row>", found.end())
            inner = "" if found[2] else body[found.end() : end]
            pieces += [body[done : found.start()], f"<row{found[1]}>", _row(inner, last, attributes, cells, formats)]
            pieces.append("</row>" if found[2] else "")
            done = end
    if wanted:
        raise Unusual("rows that are not there")
    place = _place_of_notes(tail)
    tail = f'{tail[:place]}<legacyDrawing xmlns:r="{_LINKS}" r:id="marked2"/>{tail[place:]}'
    parts[part] = "".join((head, opened, *pieces, body[done:], closed, tail)).encode()
    _note(parts, part, [one for one in touches if not hidden(*place_of(one.cell))], author, number)


def _place_of_notes(tail: str) -> int:
    """Where among the parts after the rows the link to the notes belongs: their order is fixed."""
    follows = _AFTER_NOTES.search(tail)
    end = tail.rindex("</worksheet>")
    if follows:
        return follows.start()
    if not tail[:end].rstrip().endswith("</extLst>"):
        return end
    # Rules of colour have extensions of their own; the sheet's follow all of them.
    return tail.index("<extLst", max(tail.rfind("</conditionalFormatting>"), 0))


def _row(inner: str, number: int, attributes: dict[str, str], touches: dict[int, Touch], formats: _Formats) -> str:
    """The cells of a row, some of them touched."""
    cells: dict[int, str] = {}
    column = -1
    for found in _CELL.finditer(inner):
        own = dict(_ATTRIBUTE.findall(found[1]))
        column = place_of(own["r"])[1] if "r" in own else column + 1
        cells[column] = found[0]
        if column in touches:
            cells[column] = _cell(number, column, own, found[2] or "", touches[column], formats)
    for column in touches.keys() - cells.keys():
        style = {"s": attributes["s"]} if "s" in attributes else {}
        cells[column] = _cell(number, column, style, "", touches[column], formats)
    return "".join(cells[column] for column in sorted(cells))


def _cell(number: int, column: int, own: dict[str, str], inner: str, touch: Touch, formats: _Formats) -> str:
    style = int(own.get("s", "0"))
    start = f'<c r="{letters(column)}{number}" s="{formats.coloured(style, touch.colour)}"'
    value = touch.value
    if value is None:
        kept = "".join(f' {name}="{said}"' for name, said in own.items() if name not in {"r", "s"})
        return f"{start}{kept}>{inner}</c>" if inner else f"{start}{kept}/>"
    if "<f" in inner:
        raise Unusual("other cells may share the formula, and the order of calculation names it")
    if value == "":
        return f"{start}/>"
    if PLAIN.fullmatch(value) and not formats.is_text(style):
        return f"{start}><v>{value}</v></c>"
    said = escape(_CONTROL.sub(" ", value))
    return f'{start} t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def _note(parts: dict[str, bytes], part: str, touches: Iterable[Touch], author: str, number: int) -> None:
    """The notes of a sheet: their texts, the boxes that show them, and the links to both."""
    notes, shapes = [], []
    for one in touches:
        row, column = place_of(one.cell)
        said = escape(_CONTROL.sub(" ", one.note))
        notes.append(
            f'<comment ref="{one.cell}" authorId="0"><text><r><t xml:space="preserve">{said}</t></r></text></comment>'
        )
        shapes.append(
            f'<v:shape id="marked{number}_{row}_{column}" type="#note" fillcolor="#ffffe1" '
            'style="position:absolute;width:210pt;height:83pt;z-index:1;visibility:hidden">'
            '<v:fill color2="#ffffe1"/><v:textbox/><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
            f"<x:SizeWithCells/><x:Anchor>{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {row + 4}, 4"
            f"</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
            "</x:ClientData></v:shape>"
        )
    texts, boxes = f"xl/commentsMarked{number}.xml", f"xl/drawings/vmlDrawingMarked{number}.vml"
    parts[texts] = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors><author>'
        f"{escape(author)}</author></authors><commentList>{''.join(notes)}</commentList></comments>"
    ).encode()
    parts[boxes] = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="note" coordsize="21600,21600" o:spt="202" '
        'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" '
        f'o:connecttype="rect"/></v:shapetype>{"".join(shapes)}</xml>'
    ).encode()
    folder, _, name = part.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    spoken = _text(parts, links) if links in parts else (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    )  # fmt: skip
    spoken = re.sub(r"(<Relationships\b[^>]*?)\s*/>", r"\1></Relationships>", spoken)
    added = (
        f'<Relationship Id="marked1" Type="{_LINKS}/comments" Target="/{texts}"/>'
        f'<Relationship Id="marked2" Type="{_LINKS}/vmlDrawing" Target="/{boxes}"/>'
    )
    parts[links] = _before(spoken, "</Relationships>", added).encode()
    types = _text(parts, _TYPES)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
    types = _before(types, "</Types>", f'<Override PartName="/{texts}" ContentType="{kind}"/>')
    if 'extension="vml"' not in types.lower():
        drawing = "application/vnd.openxmlformats-officedocument.vmlDrawing"
        types = re.sub(r"(<Types\b[^>]*>)", rf'\1<Default Extension="vml" ContentType="{drawing}"/>', types, count=1)
    parts[_TYPES] = types.encode()


def _before(text: str, end: str, added: str) -> str:
    place = text.rindex(end)
    return text[:place] + added + text[place:]
