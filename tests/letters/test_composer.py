"""The composer: full lines, no forbidden mark at either end, nothing lost, nothing split that belongs together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.domain.errors import Refusal
from screening.printing import fonts
from screening.printing.composer import CLOSING, EM, OPENING, Composer, clean, covered
from screening.printing.titles import title_lines

WORDS = st.sampled_from(
    ["能", "效", "项目", "，", "。", "、", "；", "（", "）", "《", "》", "“", "”", "——", "……", "2026", "年", "11月", "951.2", "GB 21343-2023", "堃", "𠮷", "kgce/t"]
)  # fmt: skip


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(fonts.load())


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=120))
def test_any_text_is_set_whole_and_within_the_measure(words: list[str]) -> None:
    composer = Composer(fonts.load())
    text = "".join(words)

    made = composer.lines([("fang", text)])

    assert "".join(line.text for line in made).replace(" ", "") == text.replace(" ", "")
    for number, line in enumerate(made):
        assert line.indent == (2 * EM if number == 0 else 0)
        assert line.reach <= 28 * EM + 1
        if number < len(made) - 1:
            assert line.reach == pytest.approx(28 * EM, abs=1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("能效水平项目改造建设", min_size=1, max_size=9), min_size=8, max_size=40), st.data())
def test_marks_stand_where_they_may(parts: list[str], data: st.DataObject) -> None:
    composer = Composer(fonts.load())
    text = parts[0]
    for part in parts[1:]:
        text += data.draw(st.sampled_from(["，", "。", "、", "；", "）", "”", ""])) + part
        text += data.draw(st.sampled_from(["", "", "（" + part + "）", "《" + part + "》"]))

    for line in composer.lines([("fang", text)]):
        assert line.text[0] not in CLOSING
        assert line.text[-1] not in OPENING


def test_numbers_dashes_and_dots_stay_whole(composer: Composer) -> None:
    for filling in range(20, 30):
        text = "能" * filling + "12345.678" + "效" * 15 + "——" + "水" * filling + "……" + "平" * 10
        made = [line.text for line in composer.lines([("fang", text)])]
        for whole in ("12345.678", "——", "……"):
            assert any(whole in line for line in made), (filling, whole)


def test_a_word_longer_than_a_line_is_opened(composer: Composer) -> None:
    made = composer.lines([("fang", "X" * 200)])

    assert "".join(line.text for line in made) == "X" * 200
    assert all(line.width <= 28 * EM for line in made)


def test_a_title_breaks_between_its_phrases(composer: Composer) -> None:
    def width(text: str) -> int:
        return composer.width("biao", text)

    made = title_lines(("关于责令", "年产30万吨电石及配套石灰窑项目", "停止建设", "并限期整改的决定"), width, 20 * EM)

    assert made == ["关于责令年产30万吨电石及配套石灰窑项目", "停止建设并限期整改的决定"]
    long = title_lines(("关于", "内蒙古某某能源化工有限责任公司年产一百二十万吨煤制烯烃及下游精细化工一体化示范项目", "准予推进的函"), width, 20 * EM)  # fmt: skip
    assert all(width(line) <= 20 * EM for line in long)
    assert min(len(line) for line in long) >= 6
    assert any(line.endswith("公司") for line in long), long


@pytest.mark.parametrize("character", ["\u200b", "\ue000", "\u202e", "\x07", "\ufeff", "\U000f0000"])
def test_invisible_and_private_characters_are_refused_by_name(character: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean(f"内蒙古{character}能源", "建设单位")

    assert "建设单位" in refused.value.message
    assert f"U+{ord(character):04X}" in refused.value.message


def test_a_character_without_a_glyph_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match=r"“项目名称”中的字符“😀”（U\+1F600）"):
        covered(fonts.load(), "fang", "能源😀", "项目名称")


@pytest.mark.parametrize("character", list("堃喆垚𠮷㐂龘瑄珺𬭚é①㎡‰·²³≥℃"))
def test_rare_names_and_common_signs_have_a_glyph(character: str) -> None:
    covered(fonts.load(), "fang", clean(character, "建设单位"), "建设单位")
    covered(fonts.load(), "biao", clean(character, "标题"), "标题")
