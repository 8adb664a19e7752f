"""The page of fifty generated letters of all kinds and lengths, measured in the PDF (letters.md section 8, 1-6)."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

import pymupdf
import pytest

from screening.domain.letters import Letter, LetterInputs, LetterKind, LetterUnit, Office, Style
from screening.printing import fonts, render
from screening.printing import pages as layout
from screening.printing.composer import CLOSING, OPENING, SQUEEZED
from screening.printing.pages import CHARACTER, ROW, TITLE
from screening.wording import compose
from tests.letters.made import FURNACE_1, FURNACE_2, MM, Mark, inputs, lines, listed, marks

COUNT = 50
LONGEST = 170
"""Sentences of the longest reasons: 11,000 characters, with a table of 45 units."""
KINDS = tuple(LetterKind)
NEVER_FIRST, NEVER_LAST = "，。、；：？！）》”", "（《“〔"
ENTERPRISES = (
    "鄂尔多斯市堃喆垚能源化工有限公司",
    "内蒙古𠮷㐂冶金科技股份有限公司",
    "达拉特旗晟泽电石有限责任公司",
    "ABB（Inner Mongolia）High-Carbon Ferrochrome Co., Ltd.",
    "乌海市珺翀玥瑄新材料集团有限公司第一分公司",
)
PROJECTS = (
    "年产30万吨电石及配套石灰窑项目",
    "2×33000kVA密闭电石炉节能技术改造及尾气综合利用项目",
    "年产20万吨锰硅合金项目",
    "年产10万吨BDO及20万吨PBAT可降解塑料一体化项目",
    "内蒙古某某能源化工有限责任公司年产一百二十万吨煤制烯烃及下游精细化工一体化示范项目",
    "堃垚园区年产50万吨水泥熟料项目",
)
OFFICES = (
    ("内蒙古自治区发展和改革委员会", "内发改", "内蒙古自治区人民政府"),
    ("莫力达瓦达斡尔族自治旗发展和改革委员会", "莫旗发改", "莫力达瓦达斡尔族自治旗人民政府"),
    ("乌海市发展和改革委员会", "乌海发改", "乌海市人民政府"),
)
CLAUSES = (
    "经核查，该项目2025年度能耗为951.2千克标准煤/吨，比基准水平高出11.2%——其中1号炉高出12.75%，",
    "依据GB 21343-2023、DB15/T 1234-2019和《高耗能行业重点领域能效标杆水平（2023年版）》，",
    "现场检查发现……设备（型号HX-2×33000kVA/2024-A）未按“节能审查意见”（内发改环资字〔2024〕118号）建设；",
    "投资12,345.678万元，占总投资的30%，堃喆、垚昇两家参建单位于2024年3月1日至2025年11月22日施工。",
    "企业称：“我们不知道！”但是其在2025年5月的申请中已经写明（见附表3-1、3-2），理由不能成立？——不能成立。",
    "联系邮箱energy-saving.office@example.gov.cn，网址https://example.gov.cn/energy/review/2026-0317，",
)


def _told(index: int) -> LetterInputs:
    """The data of one letter: its kind by turns, everything else by chance, from short to very long."""
    chance = Random(f"geometry:{index}")  # noqa: S311  # made-up data, no secret
    kind = KINDS[index % len(KINDS)]
    long = index // len(KINDS)
    name, mark, government = OFFICES[(index // 3) % len(OFFICES)]
    product = chance.choice(("电石", "锰硅合金", "水泥熟料"))
    units = tuple(
        _unit(chance, number, product)
        for number in range(1, (45 if index == COUNT - 1 else chance.choice((2, 3, 4, 9)[: 2 + long % 3])) + 1)
    )
    reasons = "".join(
        chance.choice(CLAUSES)
        for _ in range(
            (0, 6, 30, LONGEST if index == COUNT - 1 else 125 if index % 2 == 0 else 40)[long] + chance.randint(0, 4)
        )
    )
    return inputs(
        kind,
        office=Office(code="150000", name=name, mark=mark, government=government, contact="其其格", phone="0471-0000000"),
        number=f"{mark}两高〔2026〕{chance.randint(1, 1200)}号",
        enterprise=chance.choice(ENTERPRISES),
        project=chance.choice(PROJECTS),
        units=(*units[:-1], replace(units[-1], ordered=True)),
        reasons=(reasons.rstrip("，；") or "事实清楚，证据充分") + ("" if reasons.endswith(("。", "？", "！")) else "。"),
        ground={
            LetterKind.RETROFIT: ("gb_level3", "key_user", "class_below")[chance.randint(0, 2)],
            LetterKind.RECTIFY: "class_below",
            LetterKind.ELIMINATE: "gb_level3",
        }.get(kind, "energy_review_missing"),
        copies_to=tuple(f"第{n}抄送机关发展和改革委员会" for n in range(1, chance.choice((0, 1, 3, 12)) + 1)),
        items=tuple(f"2025年度第{n}类能源消费台账（GB/T 2589-2020）" for n in range(1, 3 + 12 * long)),
    )  # fmt: skip


def _unit(chance: Random, number: int, product: str) -> LetterUnit:
    """A furnace with figures of different lengths."""
    like = chance.choice((FURNACE_1, FURNACE_2))
    return replace(
        like, name=f"{number}号{product}装置", product=product, sec=f"{chance.randint(8000, 99999) / 100:g}", ordered=like.ordered
    )  # fmt: skip


@dataclass(frozen=True, repr=False)
class Made:
    """A letter with its PDF as measured once: characters of each page, and its ruled lines."""

    index: int
    letter: Letter
    data: bytes
    pages: list[list[Mark]]
    seal: tuple[int, layout.Seal] | None

    @property
    def name(self) -> str:
        return f"{self.index}:{self.letter.inputs.kind.value}"

    def body(self, page: int) -> list[list[Mark]]:
        """Lines of text size on the page; on the first one, those below the head."""
        found = lines(self.pages[page])
        return [line for line in found if page or line[0].top > self.head_end]

    @property
    def head_end(self) -> float:
        """Where the title ends on page 1."""
        return max(m.bottom for m in self.pages[0] if abs(m.size - TITLE) < 0.05 and "BiaoSong" in m.font)


@lru_cache(maxsize=1)
def _letters() -> tuple[Made, ...]:
    """All of them, rendered once for every test here."""
    setter = layout.Setter(fonts.load())
    found = []
    for index in range(COUNT):
        letter = compose(_told(index))
        data = render(letter)
        found.append(Made(index, letter, data, marks(data), layout.seal_of(setter.pages(letter))))
    return tuple(found)


def _rules(data: bytes, page: int, *, red: bool) -> list[tuple[float, float, float, float]]:
    """The horizontal rules on a page as drawn: top, bottom, left, right in mm, from top to bottom."""
    found = set()
    for path in pymupdf.open(stream=data, filetype="pdf")[page].get_drawings():
        fill = path["fill"]
        if fill is None or (fill[0] > 0.5) is not red:
            continue
        boxes = sorted((item[1] for item in path["items"] if item[0] == "re"), key=lambda r: r.height)
        for inner, outer in itertools.pairwise(boxes):
            for top, bottom in ((outer.y0, inner.y0), (inner.y1, outer.y1)):
                if bottom - top > 0.1 and outer.width * MM > 120:
                    found.add(tuple(round(v * MM, 3) for v in (top, bottom, outer.x0, outer.x1)))
    return sorted(found)


def _text(line: list[Mark]) -> str:
    return "".join(m.text for m in line)


def _bodies() -> Iterator[tuple[Made, int, list[list[Mark]]]]:
    for made in _letters():
        for page in range(len(made.pages)):
            yield made, page, made.body(page)


def test_the_letters_are_of_all_kinds_and_lengths() -> None:
    made = _letters()

    assert {m.letter.inputs.kind for m in made} == set(LetterKind)
    lengths = sorted(len(m.pages) for m in made)
    assert lengths[0] == 1
    assert lengths[-1] >= 18
    assert any("RareSong" in mark.font for m in made for page in m.pages for mark in page)


def test_every_line_stands_on_the_grid_within_the_text_area() -> None:
    for made, page, body in _bodies():
        assert len(body) <= 22, made.name
        for line in body:
            text = (made.name, page + 1, _text(line))
            for mark in line:
                rows = (mark.top - 37.0) / ROW
                assert abs(rows - round(rows)) * ROW < 0.05, (*text, mark)
            assert line[0].top > 36.9, text
            assert line[0].bottom < 262.1, text
            assert line[0].left > 27.9, text
            assert _right(line) < 184.3, text


def _right(line: list[Mark]) -> float:
    """Where the line ends; the PDF gives a mark set half as wide its whole width, the blank half lies outside."""
    end = line[-1]
    return end.right - (CHARACTER / 2 if end.right > 184.3 and end.text in SQUEEZED else 0.0)


def test_full_pages_have_22_lines() -> None:
    for made in _letters():
        last = max((n for n, _ in enumerate(made.pages) if made.seal is None or n < made.seal[0]), default=0)
        for page in range(1, last - 1):
            # a heading, and what goes with it, may move on: one row is lost
            assert len(made.body(page)) >= 21, (made.name, page + 1)


def test_lines_are_full_and_break_only_where_they_may() -> None:
    full = 0
    for made, page, body in _bodies():
        for line in body:
            text = _text(line)
            assert text[0] not in NEVER_FIRST and text[0] not in CLOSING, (made.name, page, text)  # noqa: PT018
            assert text[-1] not in NEVER_LAST and text[-1] not in OPENING, (made.name, page, text)  # noqa: PT018
        following = made.body(page + 1)[:1] if page + 1 < len(made.pages) else []
        for line, after in itertools.pairwise([*body, *following]):
            before, text = _text(line), _text(after)
            if after[0].left > 28.5 or line[0].left > 41 or "HeiTi" in after[0].font:
                continue  # a new paragraph, or a line that is set apart
            assert not (before[-1] in string.digits and re.match(r"[.,]?[0-9]", text)), (made.name, before, text)
            assert not (before[-1] in "0123456789." and text[0] in string.digits), (made.name, before, text)
            assert (before[-1], text[0]) not in {("—", "—"), ("…", "…")}, (made.name, before, text)
            if after[0].top - line[0].top < ROW + 0.1 and not before.startswith("附件"):
                assert _right(line) == pytest.approx(184.0, abs=0.3), (made.name, before)
                full += 1
    assert full > 1000


def test_a_number_a_dash_and_dots_stand_on_one_line() -> None:
    for made in _letters():
        shown = [_text(line) for page in range(len(made.pages)) for line in made.body(page)]
        for paragraph in made.letter.body:
            for whole in re.findall(r"[0-9][0-9,]*\.?[0-9]+|——|……", paragraph.lead + paragraph.text):
                assert any(whole in line for line in shown), (made.name, whole)


def test_titles_are_trapezia_or_lozenges_broken_between_words() -> None:
    words = (
        "限期整改", "限期治理", "停止建设", "有限公司", "电石", "锰硅合金", "水泥熟料", "一体化", "示范", "通知",
        "决定", "改造", "堃喆垚能源", "达拉特旗", "30万吨", "33000kVA", "BDO", "PBAT", "石灰窑", "能源化工",
    )  # fmt: skip
    several = 0
    for made in _letters():
        big = [m for m in made.pages[0] if abs(m.size - TITLE) < 0.05 and "FangSong" not in m.font]
        found = [sorted(group, key=lambda m: m.left) for group in _by_baseline(big)]
        assert "".join(map(_text, found)).replace(" ", "") == made.letter.name.replace(" ", ""), made.name
        for line, after in itertools.pairwise(found):
            for word in words:
                for cut in range(1, len(word)):
                    parted = _text(line).endswith(word[:cut]) and _text(after).startswith(word[cut:])
                    assert not parted, (made.name, word, list(map(_text, found)))
        widths = [line[-1].right - line[0].left for line in found]
        several += len(found) > 2
        top = widths.index(max(widths))
        slack = TITLE * 1.6
        assert all(a < b + slack for a, b in itertools.pairwise(widths[: top + 1])), list(map(_text, found))
        assert all(a > b - slack for a, b in itertools.pairwise(widths[top:])), list(map(_text, found))
        assert min(widths) > 3.5 * TITLE, list(map(_text, found))
        assert all(abs(line[0].left + line[-1].right - 212) < 0.4 for line in found), "centred"
    assert several > 10


def _by_baseline(found: list[Mark]) -> list[list[Mark]]:
    by: dict[int, list[Mark]] = {}
    for mark in found:
        by.setdefault(round(mark.baseline * 2), []).append(mark)
    return [by[key] for key in sorted(by)]


def test_the_head_of_a_document() -> None:
    for made in _letters():
        if made.letter.style is not Style.DOCUMENT:
            continue
        head = [m for m in made.pages[0] if m.top < made.head_end]
        number = next(m for m in head if m.text == "〔")
        ((top, bottom, left, right),) = _rules(made.data, 0, red=True)
        assert (left, right) == (pytest.approx(28.0, abs=0.1), pytest.approx(184.0, abs=0.1)), made.name
        assert top - number.bottom == pytest.approx(4.0, abs=0.3), made.name
        assert _ink_top(made.data, 60.0, 100.0) == pytest.approx(72.0, abs=0.5), made.name
        title = min(m.top for m in head if abs(m.size - TITLE) < 0.05 and "BiaoSong" in m.font and m.top > bottom)
        assert 1.4 * ROW < title - bottom < 3.2 * ROW, made.name


def _ink_top(data: bytes, top: float, bottom: float) -> float:
    """The first printed row between two heights of page 1, in mm."""
    page = pymupdf.open(stream=data, filetype="pdf")[0]
    clip = pymupdf.Rect(28 / MM, top / MM, 184 / MM, bottom / MM)
    picture = page.get_pixmap(dpi=300, clip=clip, colorspace=pymupdf.csGRAY)
    for row in range(picture.height):
        if min(picture.samples[row * picture.stride : row * picture.stride + picture.width]) < 180:
            return top + row * 25.4 / 300
    return 0.0


def test_a_letter_in_letter_format() -> None:
    seen = 0
    for made in _letters():
        if made.letter.style is not Style.LETTER:
            continue
        seen += 1
        found = _rules(made.data, 0, red=True)
        assert [(left, right) for _, _, left, right in found] == [
            (pytest.approx(20, abs=0.1), pytest.approx(190, abs=0.1))
        ] * 4
        thick = [bottom - top for top, bottom, _, _ in found]
        assert thick[0] > thick[1], "thick over thin"
        assert thick[2] < thick[3], "thin over thick"
        assert found[-1][1] == pytest.approx(277.0, abs=0.2), made.name
        assert _ink_top(made.data, 20.0, 40.0) == pytest.approx(30.0, abs=0.5), made.name
        head = [m for m in made.pages[0] if m.top < made.head_end]
        number = next(line for line in lines(head) if "〔" in _text(line))
        assert number[-1].right == pytest.approx(184.0, abs=0.3), made.name
        assert number[0].top - found[1][1] == pytest.approx(CHARACTER * 7 / 8, abs=0.3), made.name
        assert not [m for m in made.pages[0] if "SongTi" in m.font], "page 1 has no number"
        last = len(made.pages) - 1
        assert not _rules(made.data, last, red=False) or made.letter.attachments, "no rules in its 版记"
    assert seen > 10


def test_page_numbers() -> None:
    for made in _letters():
        for number, page in enumerate(made.pages, 1):
            signs = sorted((m for m in page if "SongTi" in m.font), key=lambda m: m.left)
            if number == 1 and made.letter.style is Style.LETTER:
                continue
            if not signs:  # a page that lies across carries its number turned
                assert made.letter.attachments, (made.name, number)
                continue
            assert _text(signs).replace(" ", "") == f"—{number}—", (made.name, number)
            outer = 184.0 - signs[-1].right if number % 2 else signs[0].left - 28.0
            assert outer == pytest.approx(14 * MM, abs=0.3), (made.name, number)
            assert signs[0].top > 264.0, (made.name, number)


def test_the_foot_stands_at_the_foot_of_the_last_page() -> None:
    alone = 0
    for made in _letters():
        last = len(made.pages) - 1
        small = [m for m in made.pages[last] if abs(m.size - 14 * MM) < 0.02 and "SongTi" not in m.font]
        if made.letter.style is Style.FORM or not (made.letter.copies_to or made.letter.style is Style.DOCUMENT):
            assert not small, made.name
            continue
        assert small, made.name
        text = _text(sorted(small, key=lambda m: (round(m.baseline), m.left)))
        for one, after in itertools.pairwise(sorted(small, key=lambda m: (round(m.baseline), m.left))):
            assert after.left < one.left or after.left - one.left > 0.7 * (one.right - one.left), (made.name, text)
        if made.letter.style is Style.DOCUMENT:
            found = _rules(made.data, last, red=False)[-3 if made.letter.copies_to else -2 :]
            assert found[-1][1] == pytest.approx(262.0, abs=0.2), made.name
            wanted = (0.35, 0.25, 0.35) if made.letter.copies_to else (0.35, 0.35)
            assert [b - t for t, b, _, _ in found] == [pytest.approx(w, abs=0.02) for w in wanted], made.name
            assert text.endswith("印发"), made.name
            above = found[0][0]
        else:
            assert max(m.bottom for m in small) < 262.1, made.name
            above = min(m.top for m in small)
        if made.letter.copies_to:
            assert text.startswith("抄送："), made.name
            assert text.count("抄送机关") == len(made.letter.copies_to), made.name
        body = made.body(last)
        alone += not body
        assert not body or body[-1][0].bottom < above - 1, made.name
        for page in made.pages[:last]:
            assert not [m for m in page if abs(m.size - 14 * MM) < 0.02 and "SongTi" not in m.font], made.name
    assert alone, "a 版记 on a page of its own is among them"


def test_signature_and_seal() -> None:
    for made in _letters():
        if made.letter.style is Style.FORM:
            assert made.seal is None
            continue
        assert made.seal is not None
        number, seal = made.seal
        found = made.body(number - 1)
        day = next(line for line in reversed(found) if _text(line) == "2026年11月22日")
        signed = [line for line in found if line[0].top < day[0].top and line[0].left > 80 and line[0].top > seal.top]
        assert "".join(map(_text, signed)) == made.letter.issuer, made.name
        assert 184.0 - day[-1].right == pytest.approx(4 * CHARACTER, abs=0.1), made.name
        middle = [(line[0].left + line[-1].right) / 2 for line in (*signed, day)]
        assert max(middle) - min(middle) < 0.3, made.name
        assert seal.left + seal.size / 2 == pytest.approx(middle[0], abs=0.3), made.name
        above = [line for line in found if line[0].top < signed[0][0].top]
        assert above, f"{made.name}: the page of the seal bears text"
        assert 0 <= seal.top - above[-1][0].bottom <= 10.45, made.name
        assert 0 < seal.left < 210 - seal.size, made.name
        assert seal.top + seal.size < 264.5, made.name
        assert seal.top < signed[0][0].top, made.name
        assert day[0].bottom < seal.top + seal.size, made.name
        under = (signed[0][0].top + day[0].bottom) / 2
        assert 0 < under - (seal.top + seal.size / 2) < 12, "both below its middle"


def test_attachments() -> None:
    seen = 0
    for made in _letters():
        for _ in made.letter.attachments:
            (page,) = (
                n for n in range(len(made.pages)) if made.body(n) and _text(made.body(n)[0]).startswith("附件") and n
            )
            seen += 1
            (heading, *_) = made.body(page)
            assert _text(heading) == "附件"
            assert all("HeiTi" in m.font for m in heading)
            assert heading[0].left == pytest.approx(28.0, abs=0.1)
            assert heading[0].top == pytest.approx(37.0, abs=0.1)
            title = [m for m in made.pages[page] if abs(m.size - TITLE) < 0.05]
            row = (min(m.baseline for m in title) - heading[0].baseline) / ROW
            assert row == pytest.approx(2, abs=0.005), "on line 3"
            for later, marked in enumerate(made.pages[page:]):
                small = [m for m in marked if abs(m.size - 12 * MM) < 0.02]
                assert not small or "标杆水平" in _text([m for m in small if "HeiTi" in m.font]), "the head is repeated"
                for m in small:
                    assert 28.0 < m.left < m.right < 184.5, (made.name, m)
                    assert (37.0 if later else 60.0) < m.top < m.bottom < 262.0, (made.name, m)
    assert seen >= 3


def test_a_wide_table_lies_across_and_repeats_its_head() -> None:
    letter = listed(25)
    data = render(letter)

    document = pymupdf.open(stream=data, filetype="pdf")
    across = [page for page in document if page.rotation == 90]
    assert len(across) > 2
    assert all(page.rect.width > page.rect.height for page in across)
    upright = []
    for page in across:
        page.set_rotation(0)
        found = [
            (_spelled(line), line["dir"]) for block in page.get_text("rawdict")["blocks"] for line in block.get("lines", ())
        ]  # fmt: skip
        assert {d for _, d in found if abs(d[0]) < 0.1} == {(0.0, -1.0)}, "its head at the left edge of the paper"
        assert any("序" in text for text, _ in found), "the head on each page"
        number = [text for text, direction in found if direction[0] > 0.9 and "—" in text]
        assert len(number) == 1, "the page number stays where it is on every page"
        upright += [text for text, direction in found if direction[0] < 0.1]
        for path in page.get_drawings():
            assert path["rect"].x0 * MM > 27.5
            assert path["rect"].x1 * MM < 184.5
            assert path["rect"].y0 * MM > 36.5
            assert path["rect"].y1 * MM < 262.5
    shown = "".join(upright)
    assert all(f"{n}号电石炉" in shown.replace("\n", "") for n in range(1, 26))
    assert document[-1].rotation == 0, "the 版记 stands upright"


def _spelled(line: dict[str, object]) -> str:
    return "".join(c["c"] for span in line["spans"] for c in span["chars"])  # type: ignore[attr-defined, index]


@pytest.mark.parametrize("rows", range(4))
def test_text_that_just_fills_the_page_keeps_the_foot_in_its_place(rows: int) -> None:
    """Text lengthened row by row: signature, seal and 版记 stay whole wherever the page ends."""
    setter = layout.Setter(fonts.load())
    for more in range(rows, 24, 4):
        letter = compose(inputs(LetterKind.HALT, reasons="国" * (28 * more + 20)))
        pages = setter.pages(letter)
        number, seal = layout.seal_of(pages) or (0, None)
        assert seal is not None
        assert all(page.used <= layout.ROWS for page in pages)
        assert pages[-1].foot is not None
        assert pages[-1].used + pages[-1].foot.rows <= layout.ROWS
        assert all(page.foot is None for page in pages[:-1])
        assert seal.top + seal.size < 264.5
        page = pages[number - 1]
        texts = [row for row in page.rows if isinstance(row, layout.Block)]
        assert sum(len(row.lines) for row in texts) >= 5, "two lines of text, issuer, date, remark"
        assert all(not (p.rows and isinstance(p.rows[-1], layout.Block) and p.rows[-1].tag == "h2") for p in pages)


def test_what_is_read_back_is_what_was_laid_out() -> None:
    setter = layout.Setter(fonts.load())
    for made in _letters():
        for page, found in zip(setter.pages(made.letter), made.pages, strict=True):
            shown = sorted("".join(m.text for m in found if "SongTi" not in m.font and m.size > 3).replace(" ", ""))
            told = sorted("".join(layout.texts_of(page)).replace(" ", ""))
            assert "".join(shown) == "".join(told), made.name


@pytest.mark.parametrize("longer", [1, 2])
def test_a_receipt_stays_on_its_page_however_long_its_names(longer: int) -> None:
    told = inputs(
        LetterKind.RECEIPT,
        enterprise="呼伦贝尔市陈巴尔虎旗额尔登苏布德牧业机械与矿冶综合利用有限责任公司第二热电分公司"[: 20 * longer],
        project=PROJECTS[4] * longer,
        earlier=f"《关于责令{PROJECTS[4] * longer}限期治理的决定》（内发改两高改〔2026〕3号）",
    )

    (page,) = layout.Setter(fonts.load()).pages(compose(told))

    rows = [row.rows for row in page.rows if isinstance(row, layout.Ruled)]
    assert len(rows) == 12
    assert rows[-1] >= (1.5 if longer == 1 else 1), "room to write"


@pytest.mark.parametrize("copies", [1, 12, 30])
def test_copies_of_a_letter_stay_with_its_signature_only_where_they_fit(copies: int) -> None:
    told = inputs(LetterKind.KEEP, copies_to=tuple(f"内蒙古自治区第{n}盟市发展和改革委员会" for n in range(copies)))

    pages = layout.Setter(fonts.load()).pages(compose(told))

    signed, _ = layout.seal_of(pages) or (0, None)
    assert pages[-1].foot is not None
    assert (signed == len(pages)) is (copies < 30)
    assert copies < 30 or pages[signed - 1].used > 12, "nothing moves on for what has a page of its own"


def test_a_very_long_word_takes_no_room_from_the_other_columns() -> None:
    setter = layout.Setter(fonts.load())
    odd = (
        replace(FURNACE_1, name="High-Carbon-Ferrochrome-Submerged-Arc-Furnace-No.1-33000kVA"),
        replace(FURNACE_1, name="X" * 60),
    )
    others = tuple(replace(FURNACE_2, name=f"{n}号炉", product="现代煤化工煤制烯烃（乙烯、丙烯）") for n in range(4))

    (attached,) = compose(inputs(LetterKind.RETROFIT, units=(*odd, *others))).attachments
    assert attached.table is not None
    widths = setter.columns(attached.table)

    assert sum(widths) == pytest.approx(156.0), "it stands upright"
    assert widths[1] < 60
    assert widths[2] > 20


def test_lines_of_a_cell_begin_below_each_other_in_its_middle() -> None:
    setter = layout.Setter(fonts.load())

    short, long = (
        setter.cell(text, 9000, head=False, figures=None, flush=False)
        for text in ("介于标杆和基准之间的装置", "达到标杆")
    )

    assert [line.text for line in short] == ["介于标杆和基准之间", "的装置"]
    assert {line.indent for line in short} == {0}
    assert [line.indent for line in long] == [2500]
