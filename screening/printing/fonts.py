"""The fonts of the letters: where they lie, what they hold, and whether all is in order."""

from __future__ import annotations

import ctypes.util
import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import uharfbuzz
from fontTools.ttLib import TTFont

from screening.domain.errors import Refusal
from screening.printing.officefonts import OfficeFont, found_in

BUILD: Final = 5
"""Raised whenever fonts are made differently, so that older ones are made anew."""
MANIFEST: Final = "fonts.json"
HINT: Final = "请运行 make setup，或者运行 screening fonts build 字体来源目录。"


@dataclass(frozen=True, slots=True)
class Face:
    """One of our fonts: its role in CSS and the composer, its family name and its file."""

    role: str
    family: str
    file: str


FACES: Final = (
    Face("fang", "Letter FangSong", "LetterFangSong.ttf"),
    Face("kai", "Letter KaiTi", "LetterKaiTi.ttf"),
    Face("hei", "Letter HeiTi", "LetterHeiTi.ttf"),
    Face("song", "Letter SongTi", "LetterSongTi.ttf"),
    Face("biao", "Letter BiaoSong", "LetterBiaoSong.ttf"),
    Face("biao-rare", "Letter BiaoSong Rare", "LetterBiaoSongRare.ttf"),
    Face("rare", "Letter RareSong", "LetterRareSong.ttf"),
)
FILE: Final = {face.role: face.file for face in FACES}
ASCENT, DESCENT = 880, -120
"""The same for all fonts, so that a fallback character never moves a line."""
FAMILY: Final = {face.role: face.family for face in FACES}
OWN: Final = "own-"
"""Before a role: our font, where the office's takes the role."""
SPARE: Final = "-rare"
"""After a role: our font of its rare characters, apart because a letter takes longer with every glyph of a font."""
MARKS: Final = frozenset("，。、；：？！）》”’〉】〕」』（《“‘〈【〔「『")
"""Marks that can be set half as wide."""


def folder() -> Path:
    """Where the prepared fonts lie: SCREENING_FONTS, else var/fonts of the source tree, else the person's data."""
    if told := os.environ.get("SCREENING_FONTS"):
        return Path(told)
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file():
        return root / "var" / "fonts"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "screening" / "fonts"


@dataclass(frozen=True, eq=False)
class Metrics:
    """What the composer needs of a font: the advance of each character, in thousandths of its size."""

    advances: dict[int, int]

    def has(self, character: str) -> bool:
        """Whether the font draws it."""
        return ord(character) in self.advances


@dataclass(frozen=True, eq=False)
class Fonts:
    """The fonts that letters are set with: ours, checked against their manifest, and in front of them the office's.

    Where the office has a font for a role, ours of that role is `own-` and draws what the office's cannot. `families`
    are the names in CSS, `hashes` what decides the bytes, `notes` why fonts of the office are not used.
    """

    folder: Path
    metrics: dict[str, Metrics]
    hashes: dict[str, str]
    office: dict[str, OfficeFont]
    notes: tuple[str, ...]
    _roles: dict[tuple[str, str], str | None] = field(default_factory=dict, init=False)
    """What `role_for` has found: a letter asks for the same thousand characters a hundred times."""

    @property
    def families(self) -> dict[str, str]:
        """By role, the family in CSS."""
        own = {(f"{OWN}{role}" if role in self.office else role): name for role, name in FAMILY.items()}
        return {role: one.family for role, one in self.office.items()} | own

    def _drawn(self, role: str) -> tuple[uharfbuzz.Font, float]:
        """The font of a role, and its baseline below the top of the characters in parts of their size."""
        office = self.office.get(role)
        file, number = (office.file, office.number) if office else (self.folder / FILE[role], 0)
        font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file)), number))
        return font, office.baseline if office else ASCENT / 1000

    def ink_gap(self, role: str, text: str) -> float:
        """How far the ink of `text` begins below the top of the characters, in parts of their size."""
        font, baseline = self._drawn(role)
        tops = [
            extents.y_bearing / font.face.upem
            for c in text
            if (glyph := font.get_nominal_glyph(ord(c))) and (extents := font.get_glyph_extents(glyph))
        ]
        return float(baseline - max(tops, default=baseline))

    def middle(self, role: str, character: str) -> float:
        """How far the middle of a character's ink lies below the top of the characters, in parts of their size."""
        font, baseline = self._drawn(role)
        extents = font.get_glyph_extents(font.get_nominal_glyph(ord(character)))
        return float(baseline - (extents.y_bearing + extents.height / 2) / font.face.upem)

    def chain(self, role: str) -> tuple[str, ...]:
        """The roles that draw what `role` is asked for, in order: itself, ours, its rare characters, the fallback."""
        return tuple(one for one in (role, f"{OWN}{role}", f"{role}{SPARE}", "rare") if one in self.metrics)

    def role_for(self, role: str, character: str) -> str | None:
        """The role that draws `character` where `role` is asked for; None for none."""
        asked = (role, character)
        if asked not in self._roles:
            self._roles[asked] = next((one for one in self.chain(role) if self.metrics[one].has(character)), None)
        return self._roles[asked]


def problems(where: Path | None = None) -> tuple[str, ...]:
    """What keeps letters from being printed here, as sentences; empty where all is in order."""
    where = where or folder()
    found = []
    for library in ("pango-1.0", "pangoft2-1.0", "harfbuzz", "fontconfig"):
        if ctypes.util.find_library(library) is None:
            found.append(f"缺少系统库 lib{library}（WeasyPrint 需要），请运行 make setup 安装。")
    if ctypes.util.find_library("harfbuzz-subset") is None:
        found.append("缺少系统库 libharfbuzz-subset：没有它，每份文书要十几秒。请运行 make setup 安装。")
    manifest = where / MANIFEST
    if not manifest.is_file():
        return (*found, f"字体目录 {where} 中没有准备好的字体。{HINT}")
    try:
        told = json.loads(manifest.read_text("utf-8"))
        hashes = dict(told["files"])
    except (ValueError, KeyError, TypeError):
        return (*found, f"字体清单 {manifest} 无法读取。{HINT}")
    if told.get("build") != BUILD:
        return (*found, f"字体目录 {where} 中的字体由旧版程序准备，需要重新准备。{HINT}")
    for face in FACES:
        file = where / face.file
        if not file.is_file():
            found.append(f"缺少字体文件 {face.file}。{HINT}")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != hashes.get(face.file):
            found.append(f"字体文件 {face.file} 与清单不符，可能已损坏。{HINT}")
        else:
            found.extend(_form(file))
    strangers = {f.name for f in where.iterdir() if f.suffix.lower() in {".ttf", ".otf", ".ttc", ".pfb", ".woff"}}
    for name in sorted(strangers - {face.file for face in FACES}):
        found.append(f"字体目录中有多余的字体 {name}，可能遮盖文书字体，请移走。")
    return tuple(found)


def _form(file: Path) -> list[str]:
    with TTFont(file, lazy=True) as font:
        if "glyf" not in font:
            return [f"字体文件 {file.name} 不是 TrueType 轮廓，部分阅读软件会显示空白。{HINT}"]
    return []


def _metrics(file: Path) -> Metrics:
    # Not by fontTools: its tables of names take a third of a second and 35 MB that a process never gives back.
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file)))
    font = uharfbuzz.Font(face)
    widths = ((code, font.get_glyph_h_advance(font.get_nominal_glyph(code) or 0)) for code in face.unicodes)
    return Metrics({code: width * 1000 // face.upem for code, width in widths})


@lru_cache(maxsize=4)
def _load(where: Path, office: Path | None) -> Fonts:
    found = problems(where)
    if found:
        raise Refusal("文书字体不可用：" + "".join(found), field="fonts")
    hashes = dict(json.loads((where / MANIFEST).read_text("utf-8"))["files"])
    metrics = {face.role: _metrics(where / face.file) for face in FACES}
    taken, notes = found_in(office) if office else ({}, ())
    for role, one in taken.items():
        metrics[f"{OWN}{role}"] = metrics[role]
        # Marks are set half as wide through the font's own table: where it has none, ours draws them.
        metrics[role] = Metrics({c: w for c, w in one.advances.items() if one.halves or chr(c) not in MARKS})
        hashes[f"office:{role}:{one.family}"] = one.sha256
    return Fonts(where, metrics, hashes, taken, notes)


def load() -> Fonts:
    """The fonts of the configured folders, checked once per process; refuses where something is wrong with ours."""
    return _load(folder(), office_folder())


def office_folder() -> Path | None:
    """Where the office keeps its own fonts: SCREENING_OFFICE_FONTS."""
    told = os.environ.get("SCREENING_OFFICE_FONTS")
    return Path(told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCheck:
    """Which font a role is set with, and how many hanzi it draws: of GB2312 (6763), of GBK (20902), beyond them."""

    role: str
    words: str
    family: str
    file: str
    sha256: str
    office: bool
    gb2312: int
    gbk: int
    beyond: int
    missing: tuple[str, ...]
    """The first hanzi of GB2312 that it lacks, where it should have all."""


TEXT: Final = frozenset({"fang", "kai", "hei", "biao"})
ROLE_WORDS: Final = {
    "biao": "小标宋（发文机关标志、标题）", "fang": "仿宋（正文）", "kai": "楷体（二级标题）",
    "hei": "黑体（一级标题）", "song": "宋体（页码）", "rare": "后备（人名、地名用字）",
    "biao-rare": "小标宋后备（标题中的人名、地名用字）",
}  # fmt: skip


def checks(ready: Fonts) -> tuple[RoleCheck, ...]:
    """Every role with its font."""
    found = []
    for face in FACES:
        office = ready.office.get(face.role)
        codes = office.advances if office else ready.metrics[face.role].advances
        drawn = [c for c in codes if hanzi(c)]
        gbk = {c for c in drawn if 0x4E00 <= c <= 0x9FA5}
        simple = gb2312()
        found.append(
            RoleCheck(
                role=face.role,
                words=ROLE_WORDS[face.role],
                family=office.family if office else face.family,
                file=str(office.file if office else ready.folder / face.file),
                sha256=office.sha256 if office else ready.hashes[face.file],
                office=office is not None,
                gb2312=len(simple & gbk),
                gbk=len(gbk),
                beyond=len(drawn) - len(gbk),
                missing=tuple(chr(c) for c in sorted(simple - gbk)[:20]) if face.role in TEXT else (),
            )
        )
    return tuple(found)


def hanzi(code: int) -> bool:
    """Whether it is a Chinese character, of any plane."""
    return 0x3400 <= code <= 0x9FFF or code >= 0x20000


@lru_cache(maxsize=1)
def gb2312() -> frozenset[int]:
    """The 6763 hanzi of GB2312."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return frozenset(ord(c) for pair in rows if (c := pair.decode("gb2312", "ignore")))
