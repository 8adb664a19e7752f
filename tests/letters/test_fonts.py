"""The fonts: checked before anything is printed, and alone with fontconfig."""

from __future__ import annotations

import ctypes.util
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from screening.printing import fonts
from screening.printing import renderer as engine


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    place = tmp_path / "fonts"
    place.mkdir()
    for file in (*(f.file for f in fonts.FACES), fonts.MANIFEST):
        shutil.copy(fonts.folder() / file, place / file)
    return place


def test_the_prepared_fonts_are_in_order() -> None:
    assert fonts.problems() == ()


def test_every_font_has_true_type_outlines_and_the_same_metrics() -> None:
    for face in fonts.FACES:
        with TTFont(fonts.folder() / face.file, lazy=True) as font:
            assert "glyf" in font
            assert "CFF " not in font
            assert font["name"].getDebugName(1) == face.family
            assert (font["hhea"].ascent, font["hhea"].descent) == (fonts.ASCENT, fonts.DESCENT)


def test_digits_of_the_text_font_are_half_as_wide() -> None:
    advances = fonts.load().metrics["fang"].advances
    assert {advances[ord(c)] for c in "0123456789"} == {500}
    assert {advances[ord(c)] for c in "国，。“”—…〔〕"} == {1000}


def test_a_missing_font_is_named(copied: Path) -> None:
    (copied / "LetterKaiTi.ttf").unlink()
    assert any("缺少字体文件 LetterKaiTi.ttf" in p for p in fonts.problems(copied))


def test_a_changed_font_is_named(copied: Path) -> None:
    file = copied / "LetterSongTi.ttf"
    file.write_bytes(file.read_bytes() + b"\0")
    assert any("LetterSongTi.ttf 与清单不符" in p for p in fonts.problems(copied))


def test_a_stranger_in_the_folder_is_named(copied: Path) -> None:
    shutil.copy(copied / "LetterSongTi.ttf", copied / "FandolSong-Bold.otf")
    assert any("多余的字体 FandolSong-Bold.otf" in p for p in fonts.problems(copied))


def test_fonts_of_an_older_build_are_made_anew(copied: Path) -> None:
    manifest = copied / fonts.MANIFEST
    told = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**told, "build": fonts.BUILD - 1}), "utf-8")
    assert any("旧版程序" in p for p in fonts.problems(copied))


def test_a_font_that_other_readers_show_blank_is_named(copied: Path) -> None:
    file = copied / "LetterSongTi.ttf"
    with TTFont(file) as font:
        del font["glyf"]
        del font["loca"]
        font["maxp"].tableVersion = 0x00005000
        font.save(file)
    manifest = copied / fonts.MANIFEST
    told = json.loads(manifest.read_text("utf-8"))
    told["files"]["LetterSongTi.ttf"] = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(told), "utf-8")

    assert any("LetterSongTi.ttf 不是 TrueType" in p for p in fonts.problems(copied))


def test_without_the_subset_library_no_letter_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    find = ctypes.util.find_library
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None if name == "harfbuzz-subset" else find(name))

    assert any("缺少系统库 libharfbuzz-subset" in p for p in fonts.problems())


def test_no_fonts_at_all_tells_what_to_do(tmp_path: Path) -> None:
    assert any("make setup" in p for p in fonts.problems(tmp_path))


def test_fontconfig_sees_our_fonts_and_no_others() -> None:
    ready = fonts.load()
    engine._engine(ready)

    seen = subprocess.run(
        ["fc-list", ":", "family"], capture_output=True, text=True, check=True,
        env={**os.environ, "FONTCONFIG_FILE": str(ready.folder / "fonts.conf")},
    )  # fmt: skip

    assert set(seen.stdout.split("\n")) - {""} == {face.family for face in fonts.FACES}


def test_the_folder_can_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCREENING_FONTS", str(tmp_path))
    assert fonts.folder() == tmp_path
