"""The composer: full lines, no forbidden mark at either end, nothing lost, nothing split that belongs together."""

from __future__ import annotations

import itertools
import re

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


@pytest.mark.parametrize(
    "character",
    [
        "\u200b", "\ue000", "\u202e", "\x07", "\ufeff", "\U000f0000", "\x00", "\x1f", "\x85", "\u2028", "\ud800",
        "\ufe0f", "\U000e0100", "\u0301", "\u20dd", "\u3099", "\u034f", "\u3164", "\uffa0", "\u2800", "\u00ad", "\u2067",
    ],
)  # fmt: skip
def test_invisible_and_private_characters_are_refused_by_name(character: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean(f"内蒙古{character}能源", "建设单位")

    assert "建设单位" in refused.value.message
    assert f"U+{ord(character):04X}" in refused.value.message


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("事实清楚。\r\n  证据充分。", "事实清楚。证据充分。"),
        ("High\nCarbon", "High Carbon"),
        ("ABB\u00a0Ltd.\u2003呼市", "ABB Ltd. 呼市"),
        ("\u3000内蒙古\t能源\n", "内蒙古能源"),
        ("cafe\u0301", "café"),
        ("丽\ufa10", "丽塚"),
    ],
)
def test_blanks_and_line_ends_do_not_tear_a_text(typed: str, printed: str) -> None:
    assert clean(typed, "处置理由") == printed


def test_a_character_without_a_glyph_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match=r"“项目名称”中的字符“😀”（U\+1F600）"):
        covered(fonts.load(), "fang", "能源😀", "项目名称")


@pytest.mark.parametrize("character", list("堃喆垚𠮷㐂龘瑄珺𬭚é①㎡‰·²³≥℃"))
def test_rare_names_and_common_signs_have_a_glyph(character: str) -> None:
    covered(fonts.load(), "fang", clean(character, "建设单位"), "建设单位")
    covered(fonts.load(), "biao", clean(character, "标题"), "标题")


WHOLE = (
    "−32.5℃", "≤0.8%", "12.5km²", "12,800㎡", "0.2829元/(kW·h)", "3—5页", "1—11月", "0471-6944123", "GB/T 21343-2023",
    "3‰~5‰",
)  # fmt: skip
ADDRESS = "https://fgw.example.gov.cn/jnjc/2026/11/22/t20261122_1234567890.html?from=list&page=12#top"
CODED = (
    "91512081MA62K0260E",
    "IMG_20260917_083015.jpg",
    "2024-150621-04-01-123456",
    "energy.dept+2026@nmg-fgw.example.gov.cn",
)
MAIL = CODED[-1]


@pytest.mark.parametrize("whole", WHOLE)
def test_a_figure_with_its_sign_and_measure_stays_whole_wherever_the_line_ends(composer: Composer, whole: str) -> None:
    for filling in range(14, 27):
        made = composer.lines([("fang", "能" * filling + whole + "，" + "效" * 30)])

        parts = ("0.2829", "(kW·h)") if "元" in whole else (whole,)
        assert all(any(part in line.text for line in made) for part in parts), (filling, [x.text for x in made])
        assert all(line.reach == pytest.approx(28 * EM, abs=30) for line in made[:-1])


def test_a_figure_is_never_spaced_out(composer: Composer) -> None:
    text = "气温−32.5℃，硫分≤0.8%，比例3‰~5‰，电价0.2829元/(kW·h)，" * 6
    for filling in range(28):
        for line in composer.lines([("fang", "能" * filling + text)])[:-1]:
            spaced = "|".join(run.text for run in line.runs if not run.solid)
            assert line.spacing < 100 or not re.search(r"[0-9.][0-9]", spaced), line


@pytest.mark.parametrize("word", [ADDRESS, ADDRESS + "；" + MAIL, *CODED])
def test_addresses_and_codes_leave_no_line_short_or_gaping(composer: Composer, word: str) -> None:
    for filling in range(1, 28):
        made = composer.lines([("fang", "能" * filling + "（" + word + "），" + "效" * 30)])

        assert "".join(line.text for line in made).replace(" ", "") == (
            "能" * filling + "（" + word + "），" + "效" * 30
        )
        for line, after in itertools.pairwise(made):
            assert line.reach == pytest.approx(28 * EM, abs=30), (filling, line.text)
            assert line.spacing < 0.43 * EM, (filling, line.text, line.spacing)
            assert not (line.text[-1].isdigit() and after.text[0].isdigit()), (line.text, after.text)


@pytest.mark.parametrize(
    ("project", "whole"),
    [
        ("达茂旗稀土钢循环产业园区镍铁合金、不锈钢及配套石灰窑、余热发电、铁路专用线、固废填埋场建设项目", ("产业园区", "镍铁合金", "不锈钢")),
        ("年产100万吨/年甲醇联产20万吨LNG项目（二期、三期）", ("（二期、三期）", "20万吨", "联产")),
        ("4×75t/h循环流化床锅炉+2×25MW背压机组热电联产超低排放改造项目", ("2×25MW", "4×75t/h", "热电联产", "超低排放")),
        ("乌拉特中旗甘其毛都口岸加工园区年产200万吨焦化及配套化产品深加工、干熄焦余热发电项目", ("加工园区", "干熄焦")),
        ("内蒙古大唐国际锡林浩特矿业有限公司胜利东二号露天煤矿配套褐煤提质及煤制天然气工程（二期）（变更）", ("内蒙古大唐国际",)),
        ("西乌珠穆沁旗白音华煤电铝一体化循环经济示范园区年产四十万吨电解铝绿色低碳改造工程（一期）", ("工程（一期）", "示范园区")),
        ("年处理200万吨煤矸石综合利用制砖及水泥熟料生产线节能降碳改造升级项目", ("节能降碳改造升级", "水泥熟料", "200万吨")),
    ],
)  # fmt: skip
def test_a_title_keeps_words_names_figures_and_brackets_whole(
    composer: Composer, project: str, whole: tuple[str, ...]
) -> None:
    def width(text: str) -> int:
        return composer.width("biao", text)

    for head, tail in (
        ("关于", "准予推进的函"),
        ("关于责令", "限期治理的决定"),
        ("关于报请责令", "有关装置关闭的意见"),
    ):
        made = title_lines((head, project, tail), width, int(20.36 * EM))
        assert all(any(word in line for line in made) for word in whole), made


def test_a_long_title_is_no_hourglass(composer: Composer) -> None:
    def width(text: str) -> int:
        return composer.width("biao", text)

    project = "内蒙古自治区锡林郭勒盟西乌珠穆沁旗白音华煤电铝一体化循环经济示范园区年产四十万吨电解铝技术改造及绿色低碳节能改造升级工程（一期）"
    for tail in (
        "改造期限的提示函",
        "保持能效水平并实行动态监控的函",
        "节能降碳改造验收不通过的通知",
        "拟作处理的听证告知书",
    ):
        lines = title_lines(("关于", project, tail), width, int(20.36 * EM))
        wide = [width(line) for line in lines]
        top = wide.index(max(wide))
        assert all(a < b + 1.6 * EM for a, b in itertools.pairwise(wide[: top + 1])), lines
        assert all(a > b - 1.6 * EM for a, b in itertools.pairwise(wide[top:])), lines
