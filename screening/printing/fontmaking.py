"""Prepares the letter fonts from Debian's Fandol and Noto Serif CJK: subset, TrueType outlines, one set of metrics.

Outlines are converted because WeasyPrint writes glyph ids where CFF readers expect CIDs: with the original fonts
Ghostscript shows boxes and MuPDF blanks. The same sources give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import uharfbuzz
from fontTools.cu2qu import curve_to_quadratic
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.reorderGlyphs import reorderGlyphs
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from screening.domain.errors import Refusal
from screening.printing.fonts import ASCENT, BUILD, DESCENT, FACES, MANIFEST, Face, gb2312, hanzi, problems

TOLERANCE: Final = 2.0
"""Thousandths of the size that a converted curve may stray from the original."""
SLICE: Final = 1200
"""Glyphs converted in one go of a worker."""
EPOCH: Final = 3_786_912_000
"""2024-01-01 in the fonts' own count of seconds: a fixed time keeps the bytes the same."""


COMMON: Final = (
    "0年和2。改（），1：的委发日6有展、项革定7月公关自区4会员能目工实产内位单对治于号3要限-行规古"
    "不蒙《据》5依吨标期为人理高节市水照电我效业合〔〕述8到你准按万请置本；文作达件送平“”通施该十未四"
    "建一两知料其设五以并上耗资情综事杆第点排所求如出处法二量决方案证司用整收见基责部分国三报度减格.印正"
    "核值之品者联意投话系重提9旗计经政数造炉装过令办况主查下起或克成制态明停权存煤千/家告中代属予布管全"
    "材完个级认尔地确园民现进与向书冶领金条可式附状复抄申尚码加时交室际硅域函性由严审果结强在源间符府后止"
    "已利逾修化院栏版致引共铁生清华验续超批炼应及监碳将使前议开拟价务先石新陈低辩坚汰矿闭策热乌GB场相录"
    "互记楚呼入因淘铅退最放回讼诉艺泥执盟适当特介降除粗约熟面统等推伦林锰持程肃形得届律转取动县运备安也异"
    "保迟评控叫贝兰满费额顿巴订列类术技力听根六头机察选线继算晚钢违拿赤峰窑各勒郭另原固试至首服外辖鄂门好"
    "受容做锡励鼓名移估阶立梯距随色消表右多措浩且包差垚恒早擅获义没终辽环境升他连优无口斯拉翼蓝须接账变更"
    "台手配锌愿跑遴任称解索贵此视弃说组织晟泽恢沁盐喆彦淖左是影响阿签截否元青兴七纳型路岳瀚易企别罚惩抓紧"
    "示科堃岭北漠越珺仍即海朔长职需次河拒城哈参涉大模替支争指专贷信导究绿营研防稳步快从而何硫显污浓许测氧"
    "问题守遵举催束注章盖充种补判了真负序落具详论采调善宁都虎山扎样张卷每阅载答少径途鲁白什罕曼奈集霍锦杭"
    "局镶族还腾仑昆托赉苏尼茂履东就厅拐济牛翁临南云博商西春镇丰署牙喇喀湾勃卓仆寺太凉〉〈般划围护范体瓦莫"
    "斡温川武德库伊洛黄诺敖汉障荣土默阳健率泉松嘎宝胜突赛康磴九红屯珠穆洲里玉"
)
"""The characters of our letters, those of the most pages first: only an order, and no need to keep it up to date.

A letter carries two numbers for each glyph before the last one that it uses, and is written faster with few of them.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a face comes from: file, number inside a collection, its characters (without those of `but`), its grid.

    A text face on a grid of four units (a 45th of a millimetre in the text size, half a dot of a 1200-dpi printer)
    makes a letter a seventh smaller; the heading and the fallback, which also stands in it, are drawn finer.
    """

    file: str
    number: int
    wanted: Callable[[int], bool]
    grid: int = 4
    but: str | None = None


def _latin(code: int) -> bool:
    return 0x20 <= code <= 0x17F or 0x2010 <= code <= 0x203F


def _chinese(code: int) -> bool:
    return (
        0x20 <= code <= 0x24F
        or 0x370 <= code <= 0x451
        or 0x2000 <= code <= 0x27BF
        or 0x3000 <= code <= 0x30FF
        or 0x3200 <= code <= 0x9FFF
        or 0xFE30 <= code <= 0xFE4F
        or 0xFF01 <= code <= 0xFFEE
        or 0x20000 <= code <= 0x323AF
    )


def _common(code: int) -> bool:
    return _chinese(code) and (not hanzi(code) or code in gb2312())


SOURCES: Final = {
    "fang": Source("FandolFang-Regular.otf", 0, _chinese),
    "kai": Source("FandolKai-Regular.otf", 0, _chinese),
    "hei": Source("FandolHei-Regular.otf", 0, _chinese),
    "song": Source("FandolSong-Regular.otf", 0, _latin),
    "biao": Source("NotoSerifCJK-Bold.ttc", 2, _common, grid=2),
    "biao-rare": Source("NotoSerifCJK-Bold.ttc", 2, _chinese, grid=2, but="biao"),
    "rare": Source("NotoSerifCJK-Regular.ttc", 2, _chinese, grid=2, but="fang"),
}


def _find(source: Path, name: str) -> Path:
    found = sorted(source.rglob(name))
    if not found:
        raise Refusal(
            f"目录 {source} 中没有字体文件 {name}。"
            "请给出 texlive-lang-chinese 和 fonts-noto-cjk 两个软件包解开后的目录。"
        )
    return found[0]


def _codes(path: Path, number: int) -> set[int]:
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), number)
    return set(face.unicodes)


def _tags(*names: str) -> set[int]:
    return {int.from_bytes(name.encode("ascii"), "big") for name in names}


def _subset(path: Path, number: int, codes: Iterable[int]) -> bytes:
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), number)
    wish = uharfbuzz.SubsetInput()
    wish.sets(uharfbuzz.SubsetInputSets.UNICODE).set(set(codes))
    wish.sets(uharfbuzz.SubsetInputSets.LAYOUT_FEATURE_TAG).set(_tags("halt"))
    dropped = _tags("GSUB", "vhea", "vmtx", "VORG", "BASE", "GDEF", "DSIG")
    wish.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG).update(dropped)
    data: bytes = uharfbuzz.subset(face, wish).blob.data
    return data


class _Outline:
    """A pen that keeps contours as quadratic points: (x, y, on the curve)."""

    def __init__(self, grid: int) -> None:
        self.contours: list[list[tuple[int, int, bool]]] = []
        self.grid = grid

    def _on_grid(self, point: tuple[float, float], *, on: bool) -> tuple[int, int, bool]:
        return self.grid * round(point[0] / self.grid), self.grid * round(point[1] / self.grid), on

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802  # the pen protocol's names
        self.contours.append([self._on_grid(point, on=True)])
        self.at = point

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.contours[-1].append(self._on_grid(point, on=True))
        self.at = point

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        spline = curve_to_quadratic((self.at, *points), TOLERANCE)
        contour = self.contours[-1]
        contour.extend(self._on_grid(point, on=False) for point in spline[1:-1])
        contour.append(self._on_grid(spline[-1], on=True))
        self.at = points[-1]

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        raise NotImplementedError(points)  # the sources are cubic

    def closePath(self) -> None:  # noqa: N802
        contour = self.contours[-1]
        if len(contour) > 1 and contour[0][:2] == contour[-1][:2] and contour[-1][2]:
            contour.pop()


def _encode(contours: list[list[tuple[int, int, bool]]]) -> tuple[bytes, int, int]:
    """A simple glyph of the glyf table, padded to 4 bytes, with its numbers of points and contours."""
    kept = [list(reversed(c)) for c in contours if len(c) > 2]
    if not kept:
        return b"", 0, 0
    points = [p for c in kept for p in c]
    xs = [p[0] for p in points]
    ys = [p[1] for p in points]
    ends, count = [], -1
    for contour in kept:
        count += len(contour)
        ends.append(count)
    flags, across, down = bytearray(), bytearray(), bytearray()
    last_x = last_y = 0
    for x, y, on in points:
        flag = 1 if on else 0
        step, last_x = x - last_x, x
        if step == 0:
            flag |= 0x10
        elif -256 < step < 256:
            flag |= 0x02 | (0x10 if step > 0 else 0)
            across.append(abs(step))
        else:
            across += struct.pack(">h", step)
        step, last_y = y - last_y, y
        if step == 0:
            flag |= 0x20
        elif -256 < step < 256:
            flag |= 0x04 | (0x20 if step > 0 else 0)
            down.append(abs(step))
        else:
            down += struct.pack(">h", step)
        flags.append(flag)
    head = struct.pack(f">hhhhh{len(ends)}HH", len(kept), min(xs), min(ys), max(xs), max(ys), *ends, 0)
    data = head + _repeat(flags) + bytes(across) + bytes(down)
    return data + b"\0" * (-len(data) % 4), len(points), len(kept)


def _repeat(flags: bytearray) -> bytes:
    """Flags with runs of equal ones shortened, as the table's format allows."""
    packed, at = bytearray(), 0
    while at < len(flags):
        run = 1
        while run < 256 and at + run < len(flags) and flags[at + run] == flags[at]:
            run += 1
        if run > 2:
            packed += bytes((flags[at] | 8, run - 1))
        else:
            packed += flags[at : at + 1] * run
        at += run
    return bytes(packed)


_FONT: dict[str, Any] = {}


def _convert(job: tuple[str, int, int, int]) -> list[tuple[bytes, int, int]]:
    """Glyphs first..last of a subset file as TrueType outlines on a grid (in a worker)."""
    path, first, last, grid = job
    font = _FONT.get(path)
    if font is None:
        font = _FONT[path] = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path)))
    made = []
    for glyph in range(first, last):
        pen = _Outline(grid)
        font.draw_glyph_with_pen(glyph, pen)
        made.append(_encode(pen.contours))
    return made


def _assemble(face: Face, data: bytes, glyphs: list[tuple[bytes, int, int]]) -> bytes:
    font = TTFont(io.BytesIO(data), recalcTimestamp=False, recalcBBoxes=False)
    scale = font["head"].unitsPerEm
    if scale != 1000:
        raise Refusal(f"字体 {face.file} 的来源每字 {scale} 单位，应为 1000 单位。")
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    old = dict(zip(font.getGlyphOrder(), glyphs, strict=True))
    order = _order(font)
    reorderGlyphs(font, order)
    glyphs = [old[name] for name in order]
    widths = font["hmtx"].metrics
    boxes = [struct.unpack(">hhhh", g[2:10]) if g else (0, 0, 0, 0) for g, _, _ in glyphs]
    for name, box in zip(order, boxes, strict=True):
        widths[name] = (widths[name][0], box[0])
    outlines, starts = bytearray(), [0]
    for glyph, _, _ in glyphs:
        outlines += glyph
        starts.append(len(outlines))
    for tag, content in (("glyf", bytes(outlines)), ("loca", struct.pack(f">{len(starts)}I", *starts))):
        table = DefaultTable(tag)
        table.data = content
        font.tables[tag] = table
    font["maxp"] = profile = newTable("maxp")
    profile.tableVersion = 0x00010000
    profile.numGlyphs = len(glyphs)
    profile.maxPoints = max(points for _, points, _ in glyphs)
    profile.maxContours = max(contours for _, _, contours in glyphs)
    profile.maxCompositePoints = profile.maxCompositeContours = 0
    profile.maxZones = 1
    profile.maxTwilightPoints = profile.maxStorage = profile.maxFunctionDefs = profile.maxInstructionDefs = 0
    profile.maxStackElements = profile.maxSizeOfInstructions = profile.maxComponentElements = 0
    profile.maxComponentDepth = 0
    head = font["head"]
    head.indexToLocFormat, head.glyphDataFormat, head.macStyle = 1, 0, 0
    head.created = head.modified = EPOCH
    head.xMin, head.yMin = min(b[0] for b in boxes), min(b[1] for b in boxes)
    head.xMax, head.yMax = max(b[2] for b in boxes), max(b[3] for b in boxes)
    across = font["hhea"]
    across.ascent, across.descent, across.lineGap = ASCENT, DESCENT, 0
    style = font["OS/2"]
    style.usWeightClass, style.fsSelection = 400, 0x40
    style.sTypoAscender, style.sTypoDescender, style.sTypoLineGap = ASCENT, DESCENT, 0
    style.usWinAscent, style.usWinDescent = ASCENT, -DESCENT
    font["post"].formatType = 3.0
    _rename(font, face)
    font.sfntVersion = "\0\1\0\0"
    written = io.BytesIO()
    font.save(written, reorderTables=True)
    return written.getvalue()


def _order(font: TTFont) -> list[str]:
    """The names of the glyphs, the commonest first: of our letters, Latin and marks, hanzi of GB2312, the rest."""
    place = {ord(character): at for at, character in enumerate(COMMON)}

    def rank(code: int) -> tuple[int, bytes | int]:
        if code in place:
            return 0, place[code]
        if _latin(code) or 0x3000 <= code <= 0x303F or 0xFF01 <= code <= 0xFF5E:
            return 1, code
        return (2, chr(code).encode("gb2312")) if code in gb2312() else (3, code)

    drawn = font.getBestCmap()
    first = [".notdef", *(drawn[code] for code in sorted(drawn, key=rank))]
    return list(dict.fromkeys([*first, *font.getGlyphOrder()]))


def _rename(font: TTFont, face: Face) -> None:
    """Our family name; copyright and licence (0, 7-14) stay as they are."""
    names = font["name"]
    names.names = [n for n in names.names if n.nameID in {0, 7, 8, 9, 13, 14} and n.platformID == 3]
    plain = face.family.replace(" ", "")
    for number, text in ((1, face.family), (2, "Regular"), (3, f"{plain}-{BUILD}"), (4, face.family), (6, plain)):
        names.setName(text, number, 3, 1, 0x409)


def build(source: Path, target: Path, *, say: Callable[[str], None] = print) -> bool:
    """Makes the fonts in `target` from the unpacked packages under `source`; says each step.

    Where they are already there and in order nothing is done and False is returned.
    """
    if (target / MANIFEST).is_file() and not problems(target):
        say(f"字体已就绪：{target}")
        return False
    paths = {role: _find(source, wanted.file) for role, wanted in SOURCES.items()}
    target.mkdir(parents=True, exist_ok=True)
    parts = target / "parts"
    parts.mkdir(exist_ok=True)
    codes = {role: {c for c in _codes(paths[role], one.number) if one.wanted(c)} for role, one in SOURCES.items()}
    subsets: dict[str, bytes] = {}
    for role, wanted in SOURCES.items():
        subsets[role] = _subset(paths[role], wanted.number, codes[role] - codes.get(wanted.but or "", set()))
        (parts / f"{role}.otf").write_bytes(subsets[role])
    workers = max(1, min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))
    hashes = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {}
        for face in FACES:
            count = uharfbuzz.Face(subsets[face.role]).glyph_count
            path = str(parts / f"{face.role}.otf")
            grid = SOURCES[face.role].grid
            jobs = [(path, first, min(first + SLICE, count), grid) for first in range(0, count, SLICE)]
            waiting[face.role] = [pool.submit(_convert, job) for job in jobs]
        for face in FACES:
            glyphs = [glyph for part in waiting[face.role] for glyph in part.result()]
            data = _assemble(face, subsets[face.role], glyphs)
            (parts / face.file).write_bytes(data)
            hashes[face.file] = hashlib.sha256(data).hexdigest()
            say(f"字体 {face.family}：{len(glyphs)} 字形，{len(data) / 1e6:.1f} MB")
    (target / MANIFEST).unlink(missing_ok=True)
    for face in FACES:
        (parts / face.file).replace(target / face.file)
    for part in parts.iterdir():
        part.unlink()
    parts.rmdir()
    manifest = {"build": BUILD, "files": hashes}
    (target / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    wrong = problems(target)
    if wrong:
        raise Refusal("字体准备后检查未通过：" + "".join(wrong))
    return True
