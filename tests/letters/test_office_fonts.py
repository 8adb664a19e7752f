"""The office's own fonts: preferred where they are fit, ours where they are not, and both are told."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

from screening.printing import fonts, officefonts
from tests.letters.made import inputs, marks


def disguised(file: Path, family: str, *, without: str = "", embedding: int = 0) -> Path:
    """Our 楷体 under another name, which stands for a font of an office."""
    with TTFont(fonts.folder() / fonts.FILE["kai"], lazy=True, recalcBBoxes=False) as font:
        for table in font["cmap"].tables:
            table.cmap = {code: name for code, name in table.cmap.items() if chr(code) not in without}
        del font["GPOS"]
        for number in (1, 4, 16):
            font["name"].setName(family, number, 3, 1, 0x804)
        font["OS/2"].fsType = embedding
        font.save(file)
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("office")
    disguised(place / "simfang.ttf", "仿宋_GB2312", without="限鄂")
    disguised(place / "simhei.ttf", "黑体", embedding=2)
    disguised(place / "other.ttf", "某某手写体")
    (place / "broken.ttf").write_bytes(b"\0\1\0\0 no font")
    return place


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False,
        env={**os.environ, "SCREENING_OFFICE_FONTS": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def test_the_check_says_which_font_is_used_and_why(folder: Path) -> None:
    done = run(folder, "-m", "screening", "fonts", "check", "--format", "json")

    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    roles = {one["role"]: one for one in told["roles"]}
    fang = roles["fang"]
    assert (fang["family"], fang["office"], fang["gb2312"], fang["missing"]) == (
        "仿宋_GB2312",
        True,
        6761,
        ["鄂", "限"],
    )
    assert fang["sha256"] == hashlib.sha256((folder / "simfang.ttf").read_bytes()).hexdigest()
    assert roles["hei"]["family"] == "Letter HeiTi"
    assert (roles["biao"]["gbk"], roles["biao"]["gbk"] + roles["biao-rare"]["gbk"]) == (6763, 20902)
    said = "".join(told["notes"])
    assert "simhei.ttf（黑体）不能使用：字体声明不允许嵌入" in said
    assert "broken.ttf 打不开" in said
    assert told["ready"]


def test_letters_are_set_with_it_and_with_ours_where_it_lacks_a_character(folder: Path, tmp_path: Path) -> None:
    told = tmp_path / "inputs.json"
    told.write_text(inputs().to_json(), "utf-8")
    program = (
        "import sys, json; from pathlib import Path; from screening.domain.letters import LetterInputs;"
        "from screening.wording import compose; from screening.printing import render, renderer_versions;"
        "Path(sys.argv[2]).write_bytes(render(compose(LetterInputs.from_json(Path(sys.argv[1]).read_text('utf-8')))));"
        "print(json.dumps(renderer_versions()))"
    )
    done = [run(folder, "-c", program, str(told), str(tmp_path / name)) for name in ("a.pdf", "b.pdf")]

    assert done[0].returncode == 0, done[0].stderr
    data = (tmp_path / "a.pdf").read_bytes()
    assert data == (tmp_path / "b.pdf").read_bytes()
    versions = json.loads(done[0].stdout)
    wanted = hashlib.sha256((folder / "simfang.ttf").read_bytes()).hexdigest()
    assert versions["font:office:fang:仿宋_GB2312"] == wanted
    pages = marks(data)
    body = [m for m in pages[1] if abs(m.size - 156 / 28) < 0.02]
    by = {m.text: m.font.split("+")[-1] for m in body}
    assert "FangSong" in by["限"], by
    assert "FangSong" in by["，"], "its marks cannot be halved"
    assert len({by["内"], by["限"]}) == 2
    lines = sorted({round(m.baseline, 2) for m in body})
    assert all(
        abs((b - a) % 10.449) < 0.06 or abs((b - a) % 10.449 - 10.449) < 0.06 for a, b in itertools.pairwise(lines)
    )
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/ToUnicode" in font.get_object()
    assert not any("\0" in m.text for page in pages for m in page)


def test_what_is_not_there_or_not_fit_is_said(tmp_path: Path) -> None:
    taken, (said,) = officefonts.found_in(tmp_path / "nowhere")
    assert (taken, "不存在" in said) == ({}, True)
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "cid00007", "cid00009"])
    builder.setupCharacterMap({ord("国"): "cid00007", ord("一"): "cid00009"})
    pen = T2CharStringPen(1000, None)
    shape = pen.getCharString()
    builder.setupCFF("X", {}, dict.fromkeys([".notdef", "cid00007", "cid00009"], shape), {})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", "cid00007", "cid00009"], (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "SimFang", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.font["name"].setName("仿宋", 1, 3, 1, 0x804)
    builder.font["CFF "].cff.topDictIndex[0].ROS = ("Adobe", "GB1", 5)
    assert "CID 与字形序号不一致" in (officefonts._fault(builder.font) or "")
