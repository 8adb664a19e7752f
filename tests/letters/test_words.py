"""The words: every kind composes, names what it must, and stops where a value is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from screening import rulebook
from screening.domain.classification import Basis, Finding, FindingId, Measure
from screening.domain.errors import NotFound, Refusal
from screening.domain.letters import (
    HARMFUL,
    LONGEST_FREE,
    Countersigned,
    FreeParagraph,
    FreePlace,
    Letter,
    LetterInputs,
    LetterKind,
    Provision,
    Style,
    number_of,
    office_of,
    what_is_missing,
)
from screening.domain.letters.making import confirmed_words
from screening.domain.rules import Evidence
from screening.services.specimens import specimen_inputs
from screening.wording import compose
from tests.letters.made import FURNACE_2, inputs


def _text(letter: Letter) -> str:
    return "\n".join(p.lead + p.text for p in letter.body)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_composes_and_survives_the_round_trip(kind: LetterKind) -> None:
    for made in (inputs(kind), specimen_inputs(kind, 5)):
        again = LetterInputs.from_json(made.to_json())

        assert again == made
        assert again.to_json() == made.to_json()
        assert compose(again) == compose(made)
        assert made.kind.words


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        pytest.param("HALT", {"basis": ()}, "依据", id="an order without a legal basis"),
        pytest.param("HALT", {"remedies": None}, "救济途径", id="a decision without remedies"),
        pytest.param("HALT", {"findings": ()}, "认定情形", id="a halt without its finding"),
        pytest.param("RETROFIT", {"due": None}, "到期日", id="a retrofit without a due date"),
        pytest.param("RETROFIT", {"outer_limit": None}, "最长期限", id="a retrofit without the outer limit"),
        pytest.param("RETROFIT", {"units": (FURNACE_2,)}, "装置", id="a retrofit that names no unit"),
        pytest.param("RECTIFY", {"due": None}, "到期日", id="a rectification without a term"),
        pytest.param("ELIMINATE", {"earlier": None}, "原文书", id="an exit without the retrofit letter"),
        pytest.param("REFER", {"recipient": None}, "受文机关", id="a referral without its organ"),
        pytest.param("DATA_REQUEST", {"items": ()}, "所需资料", id="a request that asks for nothing"),
        pytest.param("PROCEED", {"place": ""}, "建设地点", id="a project without a place"),
    ],
)
def test_a_missing_value_stops_the_letter_and_is_named(kind: str, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Refusal) as refused:
        compose(inputs(LetterKind(kind), **changes))

    assert f"缺少“{named}”" in refused.value.message


def test_data_with_unknown_or_missing_names_are_refused() -> None:
    data = inputs().to_data()
    for wrong in ({**data, "fee": 1}, {k: v for k, v in data.items() if k != "project"}, {**data, "kind": "PARDON"}):
        with pytest.raises(Refusal, match="文书数据不完整"):
            LetterInputs.from_data(wrong)


def test_proceed_does_not_replace_the_energy_review_opinion() -> None:
    text = _text(compose(inputs(LetterKind.PROCEED)))

    assert "不替代节能审查意见" in text
    assert "未依法取得节能审查意见的，不得开工建设" in text


@pytest.mark.parametrize(
    ("ground", "title", "style"),
    [
        ("gb_level3", "限期治理的决定", Style.DOCUMENT),
        ("key_user", "限期整改的通知", Style.DOCUMENT),
        ("class_below", "实施节能降碳改造的函", Style.LETTER),
    ],
)
def test_the_three_kinds_of_retrofit(ground: str, title: str, style: Style) -> None:
    letter = compose(inputs(LetterKind.RETROFIT, ground=ground))
    text = _text(letter)

    assert letter.name.endswith(title)
    assert letter.style is style
    assert "1号电石炉" in text
    assert "送达之日起6个月内，且最迟不晚于2027年5月31日" in text
    assert "不超过3年，且最迟不晚于2029年11月21日" in text
    binding = ground != "class_below"
    assert ("申请行政复议" in text and "有权向我委陈述和申辩" in text) is binding
    assert ("不具有行政强制效力" in text) is not binding
    assert ("责令停业整顿或者关闭" in text) is (ground == "gb_level3"), "closure rests on the first kind only"


def test_the_retrofit_period_runs_from_an_earlier_listing() -> None:
    text = _text(compose(inputs(LetterKind.RETROFIT, first_listed=date(2025, 3, 1))))

    assert "自首次列入清单之日（2025年3月1日）起不超过3年" in text


@pytest.mark.parametrize("kind", sorted(HARMFUL))
def test_a_harmful_letter_says_how_it_can_be_contested(kind: LetterKind) -> None:
    text = _text(compose(inputs(kind)))

    assert "60日内，依照《中华人民共和国行政复议法》第二十条向内蒙古自治区人民政府申请行政复议" in text
    assert "6个月内，依照《中华人民共和国行政诉讼法》第四十六条" in text
    assert "有权向我委陈述和申辩" in text


@pytest.mark.parametrize(
    ("ground", "stage", "said"),
    [
        ("energy_review_missing", "under_construction", "立即停止年产30万吨电石及配套石灰窑项目的建设"),
        ("energy_review_missing", "existing", "立即停止年产30万吨电石及配套石灰窑项目的生产、使用"),
        ("environmental_approval_missing", "under_construction", "环境影响评价审批文件"),
        ("class_between", "proposed", "不予推进，退回优化设计"),
        ("deviates_from_approval", "existing", "内容不符部分的生产、使用"),
        ("exceeds_approved_energy", "existing", "停止超出批复的用能行为"),
        ("eliminated_equipment", "existing", "停止使用1号电石炉"),
        ("unlawful_approval", "proposed", "将就该项目审批问题依法向原审批机关"),
        ("policy_noncompliance", "proposed", "不得开工建设"),
    ],
)
def test_a_halt_orders_what_its_ground_and_stage_call_for(ground: str, stage: str, said: str) -> None:
    assert said in _text(compose(inputs(ground=ground, stage=stage)))


def test_a_draft_has_blanks_and_a_watermark() -> None:
    letter = compose(inputs(number=None, signed_on=None, signatory=None))

    assert letter.watermark == "草稿"
    assert letter.number is None
    assert letter.blank_number == "内发改〔　　〕　号"
    assert compose(inputs(missing=("缺少核对。",))).watermark == "草稿"
    assert compose(inputs()).watermark is None
    assert compose(inputs(sample=True)).watermark == "样张"


def test_a_confirmed_finding_is_no_suspicion_and_its_days_are_chinese() -> None:
    found = Finding(
        FindingId.BUILT_BEFORE_APPROVAL,
        "detected",
        {},
        "项目于2024-03-01开工，早于节能审查意见日期2024-06，代码2024-150621-04-01-123456，涉嫌未批先建。",
        (),
    )

    assert confirmed_words(found) == (
        "项目于2024年3月1日开工，早于节能审查意见日期2024年6月，代码2024-150621-04-01-123456。"
    )


def test_what_keeps_a_harmful_letter_a_draft() -> None:
    basis = (
        Basis("levels/2023/calcium_carbide", "电石能效水平", Evidence.UNVERIFIED),
        Basis("clauses/energy_law_16", "《中华人民共和国节约能源法》第十六条", Evidence.OFFICIAL),
    )
    measure = Measure("measures/a", "gb_level3", "限期治理", "管理节能工作的部门", (), "RETROFIT", True, (), False, Evidence.OFFICIAL, (0,), basis)  # fmt: skip

    (sentence,) = what_is_missing(measure)

    assert sentence.startswith("电石能效水平：未核实")
    assert what_is_missing(replace(measure, harmful=False)) == ()


def test_offices_and_numbers_by_the_rules() -> None:
    book = rulebook.load()

    region = office_of(book, "150000")
    prefecture = office_of(book, "152500")
    banner = office_of(book, "150621")

    assert region.government == "内蒙古自治区人民政府"
    assert prefecture.government == "锡林郭勒盟行政公署"
    assert banner.name == "达拉特旗发展和改革委员会"
    assert banner.government == "达拉特旗人民政府"
    numbers = {number_of(book, o, k, 2026, 7) for o in (region, prefecture, banner) for k in LetterKind}
    assert len(numbers) == 3 * len(LetterKind), "no two series share a number"
    with pytest.raises(NotFound):
        office_of(book, "110000")


def test_marks_of_all_offices_differ() -> None:
    book = rulebook.load()
    marks = [office_of(book, r.id).mark for r in book.regions if r.level.value in {"region", "league", "banner"}]

    assert len(set(marks)) == len(marks)


def test_what_one_clause_says_in_several_places_stands_together() -> None:
    made = specimen_inputs(LetterKind.RETROFIT, 2)

    clauses = [p.clause for p in made.basis]

    assert len(set(clauses)) == len(clauses)
    assert all(isinstance(p, Provision) and p.text for p in made.basis)


@pytest.mark.parametrize("kind", [k for k in LetterKind if k is not LetterKind.RECEIPT])
def test_the_drafters_own_paragraphs_stand_in_their_places(kind: LetterKind) -> None:
    own = (
        FreeParagraph(place=FreePlace.BEFORE_REMEDIES, text="请于每月5日前报告进展。"),
        FreeParagraph(place=FreePlace.AFTER_FACTS, text="现场核查时项目已停产。\n核查记录在卷。"),
    )
    plain = [p.text for p in compose(inputs(kind)).body]

    told = [p.text for p in compose(inputs(kind, free=own)).body]

    first, second, last = (
        told.index(t) for t in ("现场核查时项目已停产。", "核查记录在卷。", "请于每月5日前报告进展。")
    )
    assert second == first + 1
    assert first < last
    assert [t for t in told if t in plain] == plain
    rights = [at for at, text in enumerate(told) if text.endswith("、权利告知")]
    assert not rights or last == rights[0] - 1


def test_a_free_paragraph_is_named_where_it_cannot_stand() -> None:
    for text, said in ((" ", "自拟段落第1项没有文字"), ("字" * (LONGEST_FREE + 1), "自拟段落第1项共2001字")):
        with pytest.raises(Refusal, match=said):
            compose(inputs(free=(FreeParagraph(place=FreePlace.AFTER_FACTS, text=text),)))
    own = inputs(free=(FreeParagraph(place=FreePlace.AFTER_FACTS, text="隐\u200b字"),))
    assert ("自拟段落第1项·内容", "隐\u200b字") in list(own.texts())


def test_data_frozen_before_a_field_was_added_is_the_same_letter() -> None:
    old = inputs().to_data()
    assert not {"free", "countersigned", "effect"} & set(old)

    again = LetterInputs.from_data(old)

    assert again == inputs()
    full = inputs(
        free=(FreeParagraph(place=FreePlace.BEFORE_REMEDIES, text="另。"),),
        countersigned=(Countersigned(office="内蒙古自治区生态环境厅", name="李四", day=date(2026, 11, 20)),),
        effect="自送达之日起停止建设。",
    )
    assert LetterInputs.from_json(full.to_json()) == full


def test_closing_a_plant_is_proposed_to_the_government_and_ordered_of_nobody() -> None:
    told = inputs(
        LetterKind.ELIMINATE,
        recipient="内蒙古自治区人民政府",
        instrument="提出意见，报请本级人民政府责令停业整顿或者关闭",
    )
    letter = compose(told)
    text = _text(letter)

    assert letter.addressee == "内蒙古自治区人民政府"
    assert letter.name == "关于报请责令年产30万吨电石及配套石灰窑项目有关装置停业整顿或者关闭的意见"
    assert "建议责令鄂尔多斯市堃喆能源化工有限公司对1号电石炉停业整顿或者关闭。现报请内蒙古自治区人民政府" in text
    assert "你单位" not in text
    with pytest.raises(Refusal, match="原文书"):
        compose(replace(told, earlier=None))


@pytest.mark.parametrize("kind", [LetterKind.HALT, LetterKind.RECTIFY, LetterKind.REFER])
@pytest.mark.parametrize("ground", ["by_hand", "energy_review_missing", "unlawful_approval", "policy_noncompliance"])
def test_what_a_person_chose_is_said_in_his_own_words(kind: LetterKind, ground: str) -> None:
    told = inputs(
        kind, ground=ground, instrument="责令拆除三号炉并恢复原状", organ="包头市工业和信息化局", by_person=True
    )

    text = _text(compose(told))

    assert "责令拆除三号炉并恢复原状。" in text
    assert kind is LetterKind.REFER or "由包头市工业和信息化局实施" in text
