"""The fonts of the letters: where they lie, what they hold, and whether all is in order."""

from __future__ import annotations

import ctypes.util
import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import uharfbuzz
from fontTools.ttLib import TTFont

from screening.domain.errors import Refusal

BUILD: Final = 2
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
    Face("rare", "Letter RareSong", "LetterRareSong.ttf"),
)
FILE: Final = {face.role: face.file for face in FACES}
ASCENT, DESCENT = 880, -120
"""The same for all fonts, so that a fallback character never moves a line."""
FAMILY: Final = {face.role: face.family for face in FACES}


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
    """The prepared fonts of one folder, checked against their manifest."""

    folder: Path
    metrics: dict[str, Metrics]
    hashes: dict[str, str]

    def ink_gap(self, role: str, text: str) -> float:
        """How far the ink of `text` begins below the top of the characters, in parts of their size."""
        font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(self.folder / FILE[role]))))
        tops = [
            extents.y_bearing
            for c in text
            if (glyph := font.get_nominal_glyph(ord(c))) and (extents := font.get_glyph_extents(glyph))
        ]
        return (ASCENT - max(tops, default=ASCENT)) / 1000

    def role_for(self, role: str, character: str) -> str | None:
        """The role that draws `character` where `role` is asked for: itself, else the fallback; None for neither."""
        if self.metrics[role].has(character):
            return role
        return "rare" if self.metrics["rare"].has(character) else None


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
def _load(where: Path) -> Fonts:
    found = problems(where)
    if found:
        raise Refusal("文书字体不可用：" + "".join(found), field="fonts")
    hashes = json.loads((where / MANIFEST).read_text("utf-8"))["files"]
    return Fonts(where, {face.role: _metrics(where / face.file) for face in FACES}, hashes)


def load() -> Fonts:
    """The fonts of the configured folder, checked once per process; refuses where something is wrong."""
    return _load(folder())
