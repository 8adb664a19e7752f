"""Files that would do harm, or are not what they say: refused quickly, with a sentence, and the process lives on."""

from __future__ import annotations

import io
import os
import resource
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from screening.domain.errors import Refusal
from screening.workbook import parts

from .conftest import Read
from .sheets import HEADERS, SHEET1, ledger, ods, part, repacked, row, text

QUICK = 2.0
"""Seconds of processor time, of this process and its child together: how busy the machine is does not matter."""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def refused(read: Read, path: Path, says: str) -> None:
    """The file is refused with a Chinese sentence, soon, and this process has not grown by it."""
    began = spent()
    with pytest.raises(Refusal, match=says):
        read(path)
    assert spent() - began < QUICK


def spent() -> float:
    """Processor seconds of this process and of its children that ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return ledger(tmp_path / "plain.xlsx", row())


def sheet(cells: str) -> bytes:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def test_a_zip_bomb(tmp_path: Path, read: Read, plain: Path) -> None:
    bomb = sheet("<row/>" * 10 + " " * (160 * 1024 * 1024))
    path = repacked(plain, tmp_path / "a.xlsx", {SHEET1: bomb})
    assert path.stat().st_size < 2_000_000
    refused(read, path, "压缩")


def test_many_parts_that_are_large_together(tmp_path: Path, read: Read, plain: Path) -> None:
    noise = (os.urandom(20_000) + bytes(380_000)) * 20
    path = repacked(plain, tmp_path / "a.xlsx", {f"xl/media/{n}.bin": noise for n in range(40)})
    assert path.stat().st_size < parts.MAX_FILE
    refused(read, path, "超过 300 MB|压缩比")


def test_a_bomb_whose_header_lies(tmp_path: Path, read: Read, plain: Path) -> None:
    """The directory claims one kilobyte with a fitting checksum; what unpacks is far more."""
    path = repacked(plain, tmp_path / "a.xlsx", {"xl/extra.xml": b"<a>" + b" " * 20_000_000 + b"</a>"})
    raw = bytearray(path.read_bytes())
    claimed = b"<a>" + b" " * 1021
    with zipfile.ZipFile(path) as packed:
        entry = packed.getinfo("xl/extra.xml")
    sizes = struct.pack("<III", zlib.crc32(claimed), entry.compress_size, len(claimed))
    true = struct.pack("<III", entry.CRC, entry.compress_size, entry.file_size)
    assert raw.count(true) == 2
    path.write_bytes(bytes(raw).replace(true, sizes))
    refused(read, path, "大小与目录所记不符")


def test_too_many_parts(tmp_path: Path, read: Read, plain: Path) -> None:
    refused(read, repacked(plain, tmp_path / "a.xlsx", {f"xl/x{n}.xml": b"<a/>" for n in range(600)}), "个部件")


def test_doubled_part_names(tmp_path: Path, read: Read, plain: Path) -> None:
    path = repacked(plain, tmp_path / "a.xlsx", {"XL/worksheets/SHEET1.xml": sheet("")})
    refused(read, path, "重名的部件")


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1000000"><c r="A1000000"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="300000"><c r="GR300000"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="&#88;FD1048576"><v>1</v></c></row>',
    ],
)
def test_sparse_sheets(tmp_path: Path, read: Read, plain: Path, cells: str) -> None:
    path = repacked(plain, tmp_path / "a.xlsx", {SHEET1: sheet(cells)})
    refused(read, path, "上限|已损坏")


def test_too_many_rows_without_addresses(tmp_path: Path, read: Read, plain: Path) -> None:
    path = repacked(plain, tmp_path / "a.xlsx", {SHEET1: sheet("<row><c><v>1</v></c></row>" * 250_000)})
    refused(read, path, "上限")


ONE = '<table:table-cell office:value-type="float" office:value="1"/>'
FAR_FLUNG = (
    f'<table:table-row table:number-rows-repeated="1048000">{ONE * 200}</table:table-row>',
    f'<table:table-row table:number-rows-repeated="4000000000">{ONE}</table:table-row>',
    f'<table:table-row table:number-rows-repeated="1048000"/><table:table-row>{ONE}</table:table-row>',
    f'<table:table-row><table:table-cell table:number-columns-repeated="16000"/>{ONE}</table:table-row>',
)


@pytest.mark.parametrize("tail", FAR_FLUNG)
def test_far_flung_ods(tmp_path: Path, read: Read, tail: str) -> None:
    refused(read, ods(tmp_path / "a.ods", [HEADERS, row()], tail=tail), "上限|已损坏")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("Basic/Standard/Module1.xml", b"<a/>", "含有宏"),
        ("Scripts/python/a.py", b"x", "含有宏"),
        ("styles.xml", b"<!DOCTYPE a><a/>", "DOCTYPE"),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>", "打开密码"),
        ("content.xml", b"<a><table:dde-link/></a>", "DDE"),
    ],
)
def test_unwanted_ods(tmp_path: Path, read: Read, name: str, content: bytes, says: str) -> None:
    plain_ods = ods(tmp_path / "plain.ods", [HEADERS, row()])
    refused(read, repacked(plain_ods, tmp_path / "a.ods", {name: content}), says)


def test_too_many_columns(tmp_path: Path, read: Read) -> None:
    path = ledger(tmp_path / "a.xlsx", [*row(), *range(300)], headers=(*HEADERS, *(f"列{n}" for n in range(300))))
    refused(read, path, "200 列的上限")
    wide = tmp_path / "a.csv"
    wide.write_bytes(text([[*HEADERS, *(f"列{n}" for n in range(300))], row()]))
    refused(read, wide, "200 列的上限")


def test_too_many_rows_of_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text([HEADERS]) + b"a,b\r\n" * 200_001)
    refused(read, path, "200000 行的上限")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", [SHEET1, "xl/workbook.xml", "xl/styles.xml", "docProps/custom.xml"])
def test_a_doctype_in_any_part(tmp_path: Path, read: Read, plain: Path, name: str, encoding: str) -> None:
    xml = f"<?xml version='1.0' encoding='{encoding[:6]}'?>{' ' * 700_000}<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"
    refused(read, repacked(plain, tmp_path / "a.xlsx", {name: xml.encode(encoding)}), "DOCTYPE")


def test_billion_laughs(tmp_path: Path, read: Read, plain: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<!DOCTYPE l [<!ENTITY l0 "lol">{laughs}]><worksheet xmlns="{MAIN}"><sheetData>&l9;</sheetData></worksheet>'
    refused(read, repacked(plain, tmp_path / "a.xlsx", {SHEET1: xml.encode()}), "DOCTYPE")


def test_an_odd_encoding(tmp_path: Path, read: Read, plain: Path) -> None:
    refused(read, repacked(plain, tmp_path / "a.xlsx", {SHEET1: b'<?xml version="1.0" encoding="UTF-7"?><a/>'}), "编码")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("xl/vbaProject.bin", "含有宏"),
        ("xl/externalLinks/externalLink1.xml", "外部链接"),
        ("xl/embeddings/oleObject1.bin", "嵌入的对象"),
        ("xl/activeX/activeX1.xml", "嵌入的对象或控件"),
        ("xl/macrosheets/sheet1.xml", "宏表"),
        ("xl/ddeLink1.xml", "DDE"),
    ],
)
def test_parts_that_are_not_wanted(tmp_path: Path, read: Read, plain: Path, name: str, says: str) -> None:
    refused(read, repacked(plain, tmp_path / "a.xlsx", {name: b"<a/>"}), says)


def test_a_dde_link_in_a_part_of_another_name(tmp_path: Path, read: Read, plain: Path) -> None:
    refused(read, repacked(plain, tmp_path / "a.xlsx", {"xl/x.xml": b"<a><ddeLink ddeService='cmd'/></a>"}), "DDE")


def test_a_macro_workbook_under_another_name(tmp_path: Path, read: Read, plain: Path) -> None:
    types = part(plain, "[Content_Types].xml").replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
    refused(read, repacked(plain, tmp_path / "a.xlsx", {"[Content_Types].xml": types}), "启用了宏")
    refused(read, repacked(plain, tmp_path / "b.xlsx", {"xl/workbook.bin": b"x"}), "xlsb")


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.xls", "旧版 .xls"), ("a.xlsm", "启用宏"), ("a.xlsb", "二进制工作簿"), ("a.pdf", "不认识"), ("a", "不认识")],
)
def test_formats_that_are_not_read(tmp_path: Path, read: Read, plain: Path, name: str, says: str) -> None:
    (tmp_path / name).write_bytes(plain.read_bytes())
    refused(read, tmp_path / name, says)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", b"", "空的"),
        ("a.csv", b"", "空的"),
        ("a.xlsx", b"plain text", "内容却不是工作簿"),
        ("a.ods", b"plain text", "内容却不是工作簿"),
        ("a.xlsx", OLE + b"\0" * 600, "旧版 .xls"),
        ("a.csv", OLE + b"\0" * 600, "旧版 .xls"),
        ("a.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        ("a.csv", b"a,b\0c\r\n1,2", "二进制"),
        ("a.csv", bytes(range(1, 256)) * 4, "编码"),
        ("a.csv", "项目名称,建设单位".encode("utf-16"), "UTF-16"),
        ("a.xlsx", b"PK\x03\x04 broken", "已损坏"),
        ("a.csv", b"PK\x03\x04 zip", "压缩包"),
        ("a.csv", "只有一行字".encode(), "没有找到台账的表头"),
        ("a.csv", b'"' + b"a" * 200_000, "无法分列"),
    ],
)
def test_contents_that_are_not_what_the_name_says(
    tmp_path: Path, read: Read, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    refused(read, tmp_path / name, says)


def test_a_missing_file(tmp_path: Path, read: Read) -> None:
    refused(read, tmp_path / "none.xlsx", "找不到文件")


def test_other_zips(tmp_path: Path, read: Read) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a.txt", "a")
    for name, says in (("a.xlsx", "别的压缩包"), ("a.ods", "不是 ODS")):
        (tmp_path / name).write_bytes(made.getvalue())
        refused(read, tmp_path / name, says)


def test_a_locked_part(tmp_path: Path, read: Read, plain: Path) -> None:
    raw = bytearray(plain.read_bytes())
    at = raw.find(b"PK\x01\x02")
    raw[at + 8] |= 1
    (tmp_path / "a.xlsx").write_bytes(bytes(raw))
    refused(read, tmp_path / "a.xlsx", "打开密码")


def test_a_file_that_is_too_large(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as out:
        out.truncate(parts.MAX_FILE + 1)
    refused(read, path, "30 MB")


@pytest.mark.parametrize("name", ["xl/workbook.xml", SHEET1, "xl/_rels/workbook.xml.rels", "[Content_Types].xml"])
@pytest.mark.parametrize("content", [b"", b"<", b"<a>" * 100_000, b"\xff" * 100, b"<worksheet/>"])
def test_broken_parts(tmp_path: Path, read: Read, plain: Path, name: str, content: bytes) -> None:
    path = repacked(plain, tmp_path / "a.xlsx", {name: content})
    try:
        found = read(path)
    except Refusal as refusal:
        assert refusal.message  # noqa: PT017  # some broken parts are harmless, and the file is read
        return
    assert len(found.projects) <= 1


@pytest.mark.parametrize("cut", [30, 500, 3000])
def test_cut_off_files(tmp_path: Path, read: Read, plain: Path, cut: int) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(plain.read_bytes()[:cut])
    refused(read, path, "已损坏")


def test_the_child_is_limited(tmp_path: Path, read: Read, plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the look at the parts to miss something, the child's limits still hold, and this process goes on."""
    monkeypatch.setattr(parts, "look", lambda *_: parts.Parts())
    path = repacked(
        plain, tmp_path / "a.xlsx",
        {SHEET1: sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')},
    )  # fmt: skip
    refused(read, path, "第 1048576 行")
    assert read(plain).projects


def test_honest_files_of_alike_rows_pass(tmp_path: Path, read: Read, plain: Path) -> None:
    header, body = part(plain, SHEET1).split(b'<row r="2"')
    one, rest = body.split(b"</row>", 1)
    rows = b"".join(b'<row r="%d"' % n + one.replace(b'2" t=', b'%d" t=' % n) + b"</row>" for n in range(2, 20_002))
    path = repacked(plain, tmp_path / "a.xlsx", {SHEET1: header + rows + rest})
    assert len(rows) > 10 * path.stat().st_size
    found = read(path)
    assert [len(p.units) for p in found.projects] == [20_000]
