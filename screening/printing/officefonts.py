"""The office's own fonts: found by name, taken where letters can be set with them, else ours serve and it is said."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTCollection, TTFont, TTLibError

STACKS: Final = {
    "biao": ("方正小标宋简体", "方正小标宋_GBK", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05"),
    "fang": ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "STFangsong", "华文仿宋"),
    "kai": ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "华文楷体"),
    "hei": ("黑体", "SimHei", "STHeiti", "华文黑体"),
    "song": ("宋体", "SimSun", "STSong", "华文宋体"),
}
"""By role, the names under which offices have the fonts that the standard asks for, the best one first."""
MOST_FILES: Final = 200
RESTRICTED, NO_SUBSETTING, BITMAP_ONLY = 0x0002, 0x0100, 0x0200
_FAMILY_NAMES: Final = (1, 16)


@dataclass(frozen=True, eq=False)
class OfficeFont:
    """A font of the office that takes a role: family as fontconfig knows it, and its advances in thousandths.

    `baseline` lies so far below the top of a line as high as the characters, in parts of their size.
    """

    role: str
    family: str
    file: Path
    number: int
    sha256: str
    advances: dict[int, int]
    halves: bool
    """Whether it can set marks half as wide."""
    baseline: float


def _faces(file: Path) -> list[TTFont]:
    if file.suffix.lower() == ".ttc":
        return list(TTCollection(file, lazy=True).fonts)
    return [TTFont(file, lazy=True)]


def _families(font: Any) -> set[str]:
    return {str(name) for name in font["name"].names if name.nameID in _FAMILY_NAMES}


def _fault(font: Any) -> str | None:
    """Why letters cannot be set with it."""
    allowed = font["OS/2"].fsType
    if allowed & 0x000F == RESTRICTED or allowed & (NO_SUBSETTING | BITMAP_ONLY):
        return f"字体声明不允许嵌入文件（fsType {allowed}），请向字体厂商取得可嵌入的版本"
    if "glyf" not in font:
        if "CFF " not in font:
            return "既没有 TrueType 轮廓，也没有 CFF 轮廓"
        top = font["CFF "].cff.topDictIndex[0]
        order = font.getGlyphOrder()
        if hasattr(top, "ROS") and any(name != f"cid{at:05d}" for at, name in enumerate(order) if at):
            return "是 CID 与字形序号不一致的 CFF 字体，部分阅读软件会显示空白，请换用 TrueType 版本"
    cmap, size = font.getBestCmap() or {}, font["head"].unitsPerEm
    if ord("国") not in cmap or ord("一") not in cmap:
        return "没有汉字"
    if font["hmtx"].metrics[cmap[ord("国")]][0] != size:
        return "汉字宽度不是一个字"
    return None


def _taken(role: str, family: str, file: Path, number: int, font: Any) -> OfficeFont:
    size, across = font["head"].unitsPerEm, font["hhea"]
    widths = font["hmtx"].metrics
    above, below = across.ascent / size, -across.descent / size
    features = font["GPOS"].table.FeatureList if "GPOS" in font else None
    return OfficeFont(
        role=role,
        family=family,
        file=file,
        number=number,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        advances={code: round(widths[name][0] * 1000 / size) for code, name in font.getBestCmap().items()},
        halves=features is not None and any(one.FeatureTag == "halt" for one in features.FeatureRecord),
        baseline=(1 - above - below) / 2 + above,
    )


def found_in(folder: Path) -> tuple[dict[str, OfficeFont], tuple[str, ...]]:
    """By role, the fonts of the folder that letters are set with; and a sentence for each that cannot be used."""
    if not folder.is_dir():
        return {}, (f"单位字体目录 {folder} 不存在，改用本程序的字体。请核对设置 SCREENING_OFFICE_FONTS。",)
    faces: list[tuple[Path, int, Any]] = []
    notes = []
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in {".ttf", ".otf", ".ttc"})
    for file in files[:MOST_FILES]:
        try:
            for number, font in enumerate(_faces(file)):
                _families(font)
                faces.append((file, number, font))
        except (TTLibError, OSError, KeyError, ValueError, AssertionError) as broken:
            notes.append(f"字体文件 {file.name} 打不开，不是字体或者已损坏（{type(broken).__name__}）。")
    taken: dict[str, OfficeFont] = {}
    for role, names in STACKS.items():
        for name in names:
            for file, number, font in faces:
                if role in taken or name not in _families(font):
                    continue
                try:
                    fault = _fault(font)
                    if fault is None:
                        taken[role] = _taken(role, name, file, number, font)
                except Exception as broken:  # noqa: BLE001  # a font file from anywhere
                    fault = f"已损坏（{type(broken).__name__}）"
                if fault is not None:
                    notes.append(f"字体文件 {file.name}（{name}）不能使用：{fault}。")
    return taken, tuple(dict.fromkeys(notes))
