"""What a spreadsheet file is made of, looked at before anybody trusts it: size, parts, macros, links, far-off cells."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from screening.domain.errors import Refusal
from screening.workbook.cells import UNCALCULATED

MEGABYTE = 1024 * 1024
MAX_FILE = 30 * MEGABYTE
MAX_PARTS = 500
MAX_UNPACKED = 300 * MEGABYTE
MAX_RATIO = 100
RATIO_FROM = 100 * MEGABYTE
"""Honest ledgers of alike rows pack about 20:1; below this size even a dense part is harmless."""
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_DIRECTORY = 4 * MEGABYTE
CHUNK = MEGABYTE // 2
OVERLAP = 4096
NEAR = 256
SMALL = CHUNK // 2
SPARSE = 8 * MEGABYTE
"""A sheet that is small and yet far-flung is the attack: it is looked for here, before memory is taken for it."""

ACCEPTED = "可用的格式：.xlsx、.ods、.csv（UTF-8 或 GB 18030 编码）"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNWANTED = (
    (
        re.compile(r"vbaproject\.bin|(^|/)basic/|(^|/)scripts/", re.IGNORECASE),
        "含有宏",
        "请另存为不含宏的 .xlsx 后再提交",
    ),
    (
        re.compile(r"(^|/)externallinks?/", re.IGNORECASE),
        "含有指向其他工作簿的外部链接",
        "请在“数据→编辑链接”中断开链接，或把公式粘贴为数值，保存后再提交",
    ),
    (
        re.compile(r"(^|/)(embeddings|activex|ctrlprops)/|oleobject", re.IGNORECASE),
        "含有嵌入的对象或控件",
        "请删除嵌入的文件、控件后再提交",
    ),
    (re.compile(r"ddelink", re.IGNORECASE), "含有 DDE 链接", "请删除 DDE 链接后再提交"),
    (re.compile(r"(^|/)xl/(macrosheets|dialogsheets)/", re.IGNORECASE), "含有宏表", "请删除宏表后再提交"),
)
NO_CELLS = ("xl/theme/", "xl/drawings/", "xl/charts/", "xl/media/", "xl/styles", "xl/sharedStrings", "docProps/")
OTHER_OFFICE = {"word/": " Word 文档", "ppt/": "演示文稿"}
DOCTYPES = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
FAR_CELL = re.compile(rb' r="((?:[A-Z]{3,}|[H-Z][A-Z]|G[S-Z])\d+|[A-Z]*(?:2(?!00000")\d{5}|[3-9]\d{5}|[1-9]\d{6,}))"')
REPEATED_ROWS = re.compile(rb'number-rows-repeated="0*(?:2(?!00000")\d{5}|[3-9]\d{5}|[1-9]\d{6,})"')
REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3}\d{1,7})["']""")
ERROR_MARKS = (b' t="e"', b" t='e'")
FORMULA_ENDS = (b"</f></c>", b"</f><v></v></c>", b"</f><v/></c>", b"</f><v /></c>")
MAX_ERRORS = 100_000
ERROR_TEXT = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})<")


@dataclass
class Parts:
    """What the look at a zipped workbook brought; `errors`: part -> cell -> text of an error cell (#REF! and so on)."""

    errors: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, part: str, cell: str, text: str) -> None:
        """Writes an error cell down."""
        cells = self.errors.setdefault(part, {})
        cells[cell] = text
        if len(cells) > MAX_ERRORS:
            raise Refusal(f"工作表中的错误单元格（#REF! 等）超过 {MAX_ERRORS} 个，不予读取；请改正公式后再提交")


def kind_of(path: Path) -> str:
    """`xlsx`, `ods` or `csv`, by name and content; Refusal where they disagree or the format is switched off."""
    if not path.is_file():
        raise Refusal(f"找不到文件：{path.name}")
    size = path.stat().st_size
    if size == 0:
        raise Refusal(f"文件 {path.name} 是空的（0 字节），请检查后重新提交")
    if size > MAX_FILE:
        raise Refusal(f"文件 {path.name} 有 {size / MEGABYTE:.1f} MB，超过 30 MB 的上限，请分成几个文件提交")
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(8)
    if suffix == ".xls":
        raise Refusal("旧版 .xls 文件未开放读取，请在表格软件中另存为 .xlsx 后再提交")
    if suffix in {".xlsm", ".xltm", ".xlam"}:
        raise Refusal("启用宏的工作簿（.xlsm）不能提交，请另存为 .xlsx 后再提交")
    if suffix == ".xlsb":
        raise Refusal("二进制工作簿（.xlsb）不能提交，请另存为 .xlsx 后再提交")
    if suffix not in {".xlsx", ".ods", ".csv"}:
        raise Refusal(f"不认识文件 {path.name} 的格式；{ACCEPTED}")
    if head == OLE:
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise Refusal("工作簿设有打开密码，无法读取，请取消密码后再提交")
        raise Refusal(f"文件 {path.name} 的内容是旧版 .xls（或其他 OLE 文件），请在表格软件中另存为 .xlsx 后再提交")
    zipped = head.startswith(b"PK\x03\x04")
    if suffix == ".csv":
        if zipped:
            raise Refusal(f"文件 {path.name} 的扩展名是 .csv，内容却是压缩包或工作簿，请用正确的扩展名保存后再提交")
        return "csv"
    if not zipped:
        raise Refusal(f"文件 {path.name} 的扩展名是 {suffix}，内容却不是工作簿，请在表格软件中另存为 .xlsx 后再提交")
    return suffix[1:]


def look(path: Path, kind: str) -> Parts:
    """Unpacks every part once, in small pieces, and raises Refusal for anything that could do harm."""
    try:
        with zipfile.ZipFile(_sound(path)) as packed:
            return _look(packed, kind)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError, ValueError) as broken:
        raise Refusal(f"文件 {path.name} 已损坏，不能作为工作簿打开，请重新保存后再提交") from broken


def far_off(path: Path) -> Refusal | None:
    """Why a workbook needed more than it may: a cell beyond the limits, looked for only once the child has failed."""
    try:
        with zipfile.ZipFile(path) as packed:
            for entry in packed.infolist():
                before = b""
                for piece in _pieces(cast("BinaryIO", packed.fp), entry):
                    _check_extent(before[-OVERLAP:] + piece, entry.filename)
                    before = piece
    except Refusal as found:
        return found
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError):
        return None
    return None


def _check_extent(window: bytes, name: str) -> None:
    if name.startswith(NO_CELLS) or not (far := FAR_CELL.search(window)):
        return
    at = far[1].decode()
    raise Refusal(
        f"工作表在很远的{f'第 {at} 行' if at.isdigit() else f'单元格 {at}'}有内容（部件 {name}），"
        f"超过 {MAX_ROWS} 行、{MAX_COLUMNS} 列的上限，不予读取；请删除表格以外的空行、空列后重新保存"
    )


def _sound(path: Path) -> Path:
    """The path, once its table of contents is known to be small: the table itself may be the attack."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise zipfile.BadZipFile
    _, _, _, _, count, length, _, _ = struct.unpack("<IHHHHIIH", tail[at : at + 22])
    if count > MAX_PARTS or (length > MAX_DIRECTORY and count != 0xFFFF):
        raise Refusal(f"工作簿内含 {count} 个部件，超过 {MAX_PARTS} 个的上限，不予读取")
    return path


def _look(packed: zipfile.ZipFile, kind: str) -> Parts:
    entries = [e for e in packed.infolist() if not e.is_dir()]
    names = [e.filename for e in entries]
    if len(entries) > MAX_PARTS:
        raise Refusal(f"工作簿内含 {len(entries)} 个部件，超过 {MAX_PARTS} 个的上限，不予读取")
    if len({n.lower() for n in names}) != len(names):
        raise Refusal("工作簿内有重名的部件，可能被改动过，不予读取")
    for name in names:
        for pattern, what, mend in UNWANTED:
            if pattern.search(name):
                raise Refusal(f"工作簿{what}（{name}），不予读取；{mend}")
    _check_kind(names, kind)
    _check_sizes(entries)
    found = Parts()
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Refusal("工作簿设有打开密码，无法读取，请取消密码后再提交")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Refusal("工作簿用了不常见的压缩方式，不予读取，请在表格软件中重新保存后再提交")
        _look_inside(packed, entry, found)
    return found


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    """What the directory tells of sizes; that it tells the truth is seen when the parts are read."""
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED:
        raise Refusal("工作簿解压后超过 300 MB，疑似压缩炸弹，不予读取")
    for entry in entries:
        if total > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Refusal(f"工作簿的部件 {entry.filename} 压缩比超过 {MAX_RATIO} 倍，疑似压缩炸弹，不予读取")


def _check_kind(names: list[str], kind: str) -> None:
    if "xl/workbook.bin" in names:
        raise Refusal("内容是二进制工作簿（.xlsb），请另存为 .xlsx 后再提交")
    if kind == "xlsx" and "[Content_Types].xml" not in names:
        what = "ODS 表格，请改用扩展名 .ods" if "content.xml" in names else "别的压缩包，请在表格软件中另存为 .xlsx"
        raise Refusal(f"文件扩展名是 .xlsx，内容却是{what}后再提交")
    other = next((words for folder, words in OTHER_OFFICE.items() if any(n.startswith(folder) for n in names)), None)
    if kind == "xlsx" and other:
        raise Refusal(f"文件扩展名是 .xlsx，内容却是{other}。请选择台账工作簿，或把其中的表格复制到空白模板后再提交")
    if kind == "ods" and "content.xml" not in names:
        raise Refusal("文件扩展名是 .ods，内容却不是 ODS 表格，请在表格软件中另存为 .xlsx 或 .ods 后再提交")


def _look_inside(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, found: Parts) -> None:
    """Reads one part, as long as it keeps to the size that the directory tells."""
    size, before, whole = 0, b"", bytearray()
    for piece in _pieces(cast("BinaryIO", packed.fp), entry):
        size += len(piece)
        if size > entry.file_size:
            break
        if entry.filename == "content.xml" and entry.file_size < SPARSE:
            whole += piece
        if not before:
            _check_encoding(piece, entry.filename)
        window = before[-OVERLAP:] + piece
        _check_window(window, entry.filename, found)
        if entry.file_size < SPARSE:
            _check_extent(window, entry.filename)
        before = window
    if size != entry.file_size:
        raise Refusal(f"工作簿的部件 {entry.filename} 大小与目录所记不符，可能被改动过，不予读取")
    _check_repetitions(bytes(whole))


def _check_repetitions(content: bytes) -> None:
    """An .ods skips rows by repeating one: a value below (or in) more of them than a ledger may have is far off."""
    at = 0
    while many := REPEATED_ROWS.search(content, at):
        at = content.find(b"</table:table>", many.end())
        if at < 0:
            at = len(content)
        if content.find(b"office:value-type", many.end(), at) >= 0:
            raise Refusal(
                f"工作表在第 {MAX_ROWS} 行以下还有内容，超过 {MAX_ROWS} 行的上限，不予读取；"
                "请删除表格以外的空行后重新保存"
            )


def _pieces(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked bytes of a part as they really are: `zipfile` would stop at the size that the header claims."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile
    file.seek(sum(struct.unpack("<HH", header[26:30])), 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
        return
    inflate = zlib.decompressobj(-15)
    while not inflate.eof:
        packed = inflate.unconsumed_tail
        if not packed:
            packed = file.read(min(CHUNK // 4, left))
            left -= len(packed)
            if not packed:
                break
        if piece := inflate.decompress(packed, CHUNK):
            yield piece


def _note_errors(window: bytes, mark: bytes, name: str, found: Parts) -> None:
    """Writes down the error cells (#REF! and so on); each is looked at in a few bytes around its mark."""
    at = window.find(mark)
    while at >= 0:
        head = window[window.rfind(b"<", max(0, at - NEAR), at) : window.find(b">", at, at + NEAR) + 1]
        if reference := REFERENCE.search(head):
            text = ERROR_TEXT.search(window, at, at + 2 * NEAR)
            found.note(name, reference[1].decode(), text[1].decode("ascii", "replace") if text else "#REF!")
        at = window.find(mark, at + len(mark))


def _note_uncalculated(window: bytes, mark: bytes, name: str, found: Parts) -> None:
    """Writes down formulas saved without their result, as scripts leave them: calamine gives them as blank."""
    at = window.find(mark)
    while at >= 0:
        start = window.rfind(b"<c ", max(0, at - OVERLAP), at)
        head = window[start : window.find(b">", start, start + NEAR) + 1] if start >= 0 else b""
        if b't="str"' not in head and (reference := REFERENCE.search(head)):
            found.note(name, reference[1].decode(), UNCALCULATED)
        at = window.find(mark, at + len(mark))


def _check_encoding(start: bytes, name: str) -> None:
    declared = ENCODING.match(start.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii", b"utf-16"}:
        raise Refusal(f"工作簿的部件 {name} 声明了不常见的编码，不予读取，请在表格软件中重新保存后再提交")


def _check_window(window: bytes, name: str, found: Parts) -> None:
    for doctype in DOCTYPES:
        if doctype in window:
            raise Refusal(f"工作簿的部件 {name} 含有 DOCTYPE 声明，可能是攻击文件，不予读取")
    if name == "content.xml" and b"dde-link" in window:
        raise Refusal("工作簿含有 DDE 链接，不予读取；请删除 DDE 链接后再提交")
    for mark in ERROR_MARKS:
        _note_errors(window, mark, name, found)
    if b"</f>" in window:
        for mark in FORMULA_ENDS:
            _note_uncalculated(window, mark, name, found)
    if len(window) > SMALL:
        return
    if b"<ddeLink" in window:
        raise Refusal("工作簿含有 DDE 链接，不予读取；请删除 DDE 链接后再提交")
    if b"manifest:encryption-data" in window:
        raise Refusal("工作簿设有打开密码，无法读取，请取消密码后再提交")
    if b"macroEnabled" in window and name == "[Content_Types].xml":
        raise Refusal("工作簿启用了宏，不予读取；请另存为不含宏的 .xlsx 后再提交")
