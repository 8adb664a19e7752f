"""The words: every kind composes, names what it must, and stops where a value is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from jinja2 import meta, nodes

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
    LetterUnit,
    Provision,
    Style,
    cited_by,
    notice_from,
    number_of,
    office_of,
    provisions,
    receipt_of,
    remedies_of,
    reminder_of,
    what_is_missing,
)
from screening.domain.letters.making import CITED, confirmed_words
from screening.domain.rules import Evidence
from screening.services.specimens import specimen_inputs
from screening.wording import compose
from screening.wording.templates import FOLDER, bare, ended, environment, in_full
from screening.wording.values import values_of
from tests.letters.made import FURNACE_1, FURNACE_2, inputs


def _text(letter: Letter) -> str:
    return "\n".join(p.lead + p.text for p in letter.body)


NOTICES = (LetterKind.ADVANCE_NOTICE, LetterKind.HEARING)
FOLLOWING = (
    LetterKind.ELIMINATE, LetterKind.RELEASE, LetterKind.REMINDER, LetterKind.ACCEPTED, LetterKind.NOT_ACCEPTED,
    LetterKind.RECEIPT,
)  # fmt: skip
PAST = date(2026, 10, 1)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_composes_and_survives_the_round_trip(kind: LetterKind) -> None:
    for made in (inputs(kind), specimen_inputs(kind, 5)):
        again = LetterInputs.from_json(made.to_json())

        assert again == made
        assert again.to_json() == made.to_json()
        assert compose(again) == compose(made)
        assert made.kind.words


LIMIT = {"ground": "gb_level3"}
KEY_USER = {"ground": "key_user"}
POLICY = {"ground": "class_below"}
TO_GOVERNMENT = {"recipient": "内蒙古自治区人民政府", "instrument": "提出意见，报请责令停业整顿或者关闭"}
NO_ORDER = {"units": (FURNACE_2,)}


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        *((kind, {"place": ""}, "建设地点") for kind in LetterKind),
        *((kind, {"enterprise": ""}, "建设单位") for kind in LetterKind),
        *((kind, {"project": ""}, "项目名称") for kind in LetterKind),
        *((kind, {"basis": ()}, "依据") for kind in (*sorted(HARMFUL), *NOTICES)),
        *((kind, {"remedies": None}, "救济途径") for kind in sorted(HARMFUL)),
        *((kind, {"industry": ""}, "所属行业") for kind in (*sorted(HARMFUL), *NOTICES)),
        *((kind, {"earlier": None}, "原文书") for kind in FOLLOWING),
        ("HALT", {"findings": ()}, "认定情形"),
        ("REFER", {"findings": ()}, "认定情形"),
        ("REFER", {"recipient": None}, "受文机关"),
        ("REFER", {"by_person": True, "instrument": ""}, "措施"),
        ("HALT", {"by_person": True, "instrument": ""}, "措施"),
        ("HALT", {"by_person": True, "organ": ""}, "实施机关"),
        ("RECTIFY", {"due": None}, "到期日"),
        ("RECTIFY", {"ground": ""}, "处置事由"),
        ("RECTIFY", {"ground": "deviates_from_approval", "instrument": ""}, "措施"),
        *(("RETROFIT", {**ground, "due": None}, "到期日") for ground in (LIMIT, KEY_USER, POLICY)),
        *(("RETROFIT", {**ground, "outer_limit": None}, "最长期限") for ground in (LIMIT, KEY_USER, POLICY)),
        *(("RETROFIT", {**ground, **NO_ORDER}, "装置") for ground in (LIMIT, KEY_USER, POLICY)),
        ("RETROFIT", {**POLICY, "basis": ()}, "依据"),
        ("ELIMINATE", {"outer_limit": None}, "最长期限"),
        ("ELIMINATE", {"due": None}, "到期日"),
        ("ELIMINATE", NO_ORDER, "装置"),
        ("ELIMINATE", {**TO_GOVERNMENT, "earlier": None}, "原文书"),
        ("ELIMINATE", {**TO_GOVERNMENT, "basis": ()}, "依据"),
        ("ELIMINATE", {**TO_GOVERNMENT, "due": None}, "到期日"),
        *((kind, {"reply_days": None}, "答复期限（工作日）") for kind in NOTICES),
        *((kind, {"instrument": ""}, "措施") for kind in NOTICES),
        ("REMINDER", {"due": None}, "到期日"),
        ("NOT_ACCEPTED", {"due": None}, "到期日"),
        ("DATA_REQUEST", {"items": ()}, "所需资料"),
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


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("PROCEED", {"reasons": None}, "事实清楚，证据充分。"),
        ("PROCEED", {"credit_code": None}, "（统一社会信用代码："),
        ("PROCEED", {"project_code": None}, "（项目代码："),
        ("UPGRADE", {"due": None}, "建议于2027年5月31日前完成改造升级。"),
        ("HALT", {"effect": None}, "处置决定的效力：自送达之日起停止建设。"),
        ("HALT", {"due": None}, "整改期限为：自本决定送达之日起6个月内，且最迟不晚于2027年5月31日。"),
        ("HALT", {"reasons": None}, "综合上述事实和依据，处置理由如下：事实清楚，证据充分。"),
        ("HALT", {"instrument": "责令停止建设"}, "另行依照法定程序处理"),
        ("RECTIFY", {"ground": "class_between", "effect": None}, "处置决定的效力：自送达之日起停止建设。"),
        (
            "RECTIFY",
            {"ground": "deviates_from_approval", "due": None},
            "改正期限为：自本通知送达之日起6个月内，且最迟不晚于",
        ),
        ("RETROFIT", {"effect": None}, "处置决定的效力：自送达之日起停止建设。"),
        ("RETROFIT", {"national_target": None}, "国家确定的完成时限为2025年12月31日，现已届满"),
        ("RETROFIT", {"national_target": date(2027, 12, 31)}, "现已届满"),
        ("RETROFIT", {"months": None}, "自本决定送达之日起6个月内，且最迟不晚于"),
        ("RETROFIT", {"findings": ()}, "经查，该项目存在未批先建情形"),
        ("ELIMINATE", {"effect": None}, "处置决定的效力：自送达之日起停止建设。"),
        ("ELIMINATE", {"ground": "eliminated_equipment"}, "此前送达《关于责令年产30万吨电石项目限期治理的决定》"),
        ("RELEASE", {"basis": ()}, "依照《中华人民共和国节约能源法》第十五条"),
        ("REMINDER", {"disposition": "限期整改"}, "最迟不晚于2029年11月21日"),
        ("REMINDER", {"outer_limit": None}, "改造以及改造不成时的淘汰退出"),
        ("REMINDER", {"due": PAST}, "距期限届满还有190日"),
        ("NOT_ACCEPTED", {"due": PAST}, "最迟于2027年5月31日前重新申请验收"),
        ("NOT_ACCEPTED", {"reasons": None}, "事实清楚，证据充分。"),
        ("ACCEPTED", {"instrument": "首个完整年度确认通过"}, "本次验收以改造后首个完整年度的实际能耗最终确认"),
        ("DATA_REQUEST", {"reply_days": None}, "自收到本通知之日起5个工作日内"),
    ],
)
def test_an_optional_passage_stands_by_its_condition(kind: str, changes: dict[str, Any], said: str) -> None:
    full = {
        "effect": "自送达之日起停止建设。", "credit_code": "91150000MA0N000000",
        "instrument": "责令停止建设，处以罚款",
    }  # fmt: skip
    ground = {k: v for k, v in changes.items() if k == "ground" and len(changes) > 1}

    there = _text(compose(inputs(LetterKind(kind), **full | ground)))
    gone = _text(compose(inputs(LetterKind(kind), **full | changes)))

    assert said in there
    assert said not in gone
    assert not re.search(r"[，。；：、]{2}|。，|（）|“”|None|｜", gone), "no doubled marks, nothing left over"


@pytest.mark.parametrize("kind", list(LetterKind))
@pytest.mark.parametrize("seed", range(1, 7))
def test_a_letter_reads_without_doubled_marks_or_leftovers(kind: LetterKind, seed: int) -> None:
    letter = compose(specimen_inputs(kind, seed))
    text = _text(letter)

    assert not re.search(r"[，。；：、]{2}|。，|（）|“”|None|[｜【】{}#]", letter.name + text)
    assert not re.search(r"(.{6,})\1", text), "no words twice in a row"
    assert kind is LetterKind.RECEIPT or letter.addressee
    assert letter.issuer == letter.inputs.office.name


def _furnaces(count: int, **changed: Any) -> tuple[LetterUnit, ...]:
    return tuple(replace(FURNACE_1, name=f"{n}号电石炉", **changed) for n in range(1, count + 1))


def test_a_proposal_lists_what_has_to_leave_and_the_effect_on_energy() -> None:
    told = {**TO_GOVERNMENT, "energy_tce": "90000"}
    leaving = _furnaces(2, capacity="10万吨/年")

    every = _text(compose(inputs(LetterKind.ELIMINATE, **told, units=leaving)))
    some = _text(compose(inputs(LetterKind.ELIMINATE, **told, units=(*leaving[:1], FURNACE_2))))
    unknown = _text(compose(inputs(LetterKind.ELIMINATE, **TO_GOVERNMENT, units=_furnaces(1))))

    assert (
        "需要退出的装置共2个：\n（1）1号电石炉：主要产品为电石，产能为10万吨/年，单位产品能耗为951.2千克标准煤/吨，基准水平为940千克标准煤/吨，能效低于基准水平；"
        in every
    )
    assert "该项目每年减少综合能源消费量（等价值）90000吨标准煤。" in every
    assert "需要退出的装置为1号电石炉，主要产品为电石，产能为10万吨/年" in some
    assert "至多90000吨标准煤" in some
    assert "2号电石炉" not in some
    assert "产能未提供" in unknown
    assert "该项目未提供年综合能源消费量（等价值）" in unknown


def test_many_units_of_a_proposal_stand_in_an_attached_table() -> None:
    units = (FURNACE_2, *_furnaces(7, capacity="10万吨/年"))
    letter = compose(inputs(LetterKind.ELIMINATE, **TO_GOVERNMENT, units=units))

    (attached,) = letter.attachments
    assert "需要退出的装置共7个" in _text(letter)
    assert attached.title.endswith("需要退出的装置情况表")
    assert attached.table is not None
    assert "产能" in attached.table.head
    assert [row[0] for row in attached.table.rows] == list("1234567")
    assert all("10万吨/年" in row for row in attached.table.rows), "those alone that leave"


def test_what_came_later_stands_in_frozen_data_only_where_it_is_filled() -> None:
    old, new = inputs(LetterKind.HALT).to_json(), inputs(LetterKind.ELIMINATE, energy_tce="90000").to_json()

    assert not re.search("capacity|energy_tce", old)
    assert LetterInputs.from_json(new).energy_tce == "90000"


@pytest.mark.parametrize(
    ("kind", "ground", "order"),
    [
        ("RETROFIT", "gb_level3", "责令你单位对{}限期治理"),
        ("RETROFIT", "key_user", "对{}限期整改"),
        ("RETROFIT", "class_below", "请你单位对{}实施节能降碳技术改造"),
        ("RECTIFY", "class_below", "现责令你单位对{}进行整改"),
        ("HALT", "eliminated_equipment", "立即停止使用{}，不得转让"),
        ("ELIMINATE", "gb_level3", "现将{}列入淘汰退出范围"),
    ],
)
def test_an_order_of_many_units_refers_to_the_attached_table(kind: str, ground: str, order: str) -> None:
    units = _furnaces(6)
    named, every, some = (
        compose(inputs(LetterKind(kind), ground=ground, units=found))
        for found in (units[:4], units, (FURNACE_2, *units[:5]))
    )

    assert order.format("1号电石炉、2号电石炉、3号电石炉、4号电石炉") in _text(named)
    assert not named.attachments
    assert order.format("附件所列6个装置") in _text(every)
    assert every.attachments
    place = "附件所列5个装置" if kind == "ELIMINATE" else "附件序号1至5的装置"
    assert order.format(place) in _text(some)
    assert some.attachments[0].table is not None
    assert [row[1] for row in some.attachments[0].table.rows][:5] == [u.name for u in units[:5]], "the ordered first"


def test_a_reminder_of_many_units_counts_them() -> None:
    letter = compose(inputs(LetterKind.REMINDER, units=_furnaces(6)))

    assert "（1号电石炉等6个装置）" in _text(letter)
    assert not letter.attachments


@pytest.mark.parametrize("kind", [LetterKind.ACCEPTED, LetterKind.NOT_ACCEPTED])
@pytest.mark.parametrize("measure", ["试运行验收", "首个完整年度确认"])
def test_an_acceptance_speaks_of_its_units_alone(kind: LetterKind, measure: str) -> None:
    one = _text(compose(inputs(kind, instrument=measure)))
    both = _text(compose(inputs(kind, instrument=measure, units=_furnaces(2))))

    assert "实施的年产30万吨电石及配套石灰窑项目（1号电石炉）改造" in one
    assert "2号电石炉" not in one
    assert "本次验收不涉及该项目的其他装置。" in one
    assert "不涉及" not in both
    assert ("首个完整年度的实际能耗" if "年度" in measure else "试运行计量数据") in one.split("有关要求")[0]


def test_a_harmful_letter_says_the_term_from_service_and_the_last_day() -> None:
    project_day = re.compile(r"自(本决定|本通知|本函)送达之日起\d+个月内，且最迟不晚于\d{4}年\d{1,2}月\d{1,2}日")
    for kind in (LetterKind.RETROFIT, LetterKind.RECTIFY):
        for seed in range(1, 9):
            assert project_day.search(_text(compose(specimen_inputs(kind, seed))))


def test_every_clause_in_a_letter_is_one_of_the_rules_in_force_on_its_day() -> None:
    """Clauses come from rules/clauses.toml by the letter's day; where none is in force, the letter stops and names it."""
    book = rulebook.load()
    known = {in_full(c.source.words) for c in book.clauses}
    office = office_of(book, "150000")
    for kind in LetterKind:
        for seed in range(1, 5):
            text = _text(compose(specimen_inputs(kind, seed)))
            cited = re.findall(r"《[^》]*》(?:（[^）〔]*(?:修正|修订|号)）)?第[一二三四五六七八九十百]+条", text)
            cited += re.findall(r"《内蒙古自治区“十四五”[^》]*》第四部分第（.）项", text)
            assert set(cited) <= known, kind
            assert "方案》四（" not in text, "a clause is named in full"
    new, old = (remedies_of(book, office, day) for day in (date(2024, 1, 1), date(2023, 12, 31)))
    assert new is not None
    assert old is not None
    assert new.review_clause == "《中华人民共和国行政复议法》（2023年修订）第二十条"
    assert old.review_clause == "《中华人民共和国行政复议法》（2017年修正）第九条"
    assert (new.review_days, new.suit_months) == (60, 6)


@pytest.mark.parametrize(
    "kind",
    [k for k in LetterKind if k in {LetterKind.PROCEED, LetterKind.KEEP, LetterKind.UPGRADE, LetterKind.RETROFIT}],
)
def test_a_letter_dated_before_its_clause_stops_and_names_it(kind: LetterKind) -> None:
    book = rulebook.load()
    before, after = date(2022, 5, 24), date(2022, 5, 25)

    assert compose(inputs(kind, cited=cited_by(book, kind, after)))
    with pytest.raises(Refusal) as refused:
        compose(inputs(kind, cited=cited_by(book, kind, before)))

    assert "《内蒙古自治区“十四五”节能减排综合工作实施方案》四（" in refused.value.message
    assert "自2022年5月25日起施行，文书日期为2022年5月24日" in refused.value.message
    with pytest.raises(Refusal, match="缺少条款“plan_4_3_"):
        compose(inputs(kind, cited=()))


def test_a_basis_that_is_not_in_force_stops_the_letter() -> None:
    book = rulebook.load()
    clause = book.clause("review_order_2023_unreviewed")
    measure = Measure("measures/a", "energy_review_missing", "停止建设", "部门", (clause.source.words,), "HALT", True, (), False, Evidence.OFFICIAL, (), (Basis(clause.ref, clause.source.words, Evidence.OFFICIAL),))  # fmt: skip

    assert provisions(book, measure, date(2025, 8, 31))[0].fault is None
    told = provisions(book, measure, date(2025, 9, 1))

    with pytest.raises(Refusal, match="2025年8月31日以后不再施行，文书日期为2025年9月1日"):
        compose(inputs(basis=told))


def test_each_template_tells_the_jurist_its_values() -> None:
    """The opening comment says what the letter is for and names every value that the template uses."""
    env = environment()

    def used(name: str) -> tuple[set[str], set[str]]:
        tree = env.parse((FOLDER / name).read_text("utf-8"))
        names = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "load"}
        clauses = {
            n.attr
            for n in tree.find_all(nodes.Getattr)
            if isinstance(n.node, nodes.Name) and n.node.name in {"条款", "内容"}
        }
        for part in meta.find_referenced_templates(tree):
            more, cited = used(str(part))
            names, clauses = names | more, clauses | cited
        return names & set(values_of(inputs())), clauses

    for file in sorted(FOLDER.glob("*.txt")):
        head = file.read_text("utf-8").split("#}")[0]
        names, clauses = used(file.name)
        told = set(re.findall(r"[^、。：\n]+", head))
        assert names - {"条款", "内容", "称谓", "效力名称"} <= told | {"对标装置"}, file.name
        assert all(clause in head for clause in clauses), file.name
        (kind,) = [k for k in LetterKind if file.stem == k or file.stem.startswith(f"{k}_")]
        assert clauses <= set(CITED.get(kind, ())), "what a template cites is looked up for its kind"


@pytest.mark.parametrize("kind", [LetterKind.RETROFIT, LetterKind.RECTIFY])
def test_letters_that_follow_a_served_one_are_made_from_it(kind: LetterKind) -> None:
    book = rulebook.load()
    served = compose(inputs(kind, free=(FreeParagraph(place=FreePlace.AFTER_FACTS, text="另。"),)))
    today = date(2027, 6, 10)

    reminder = compose(reminder_of(served, book, as_of=today, due=date(2027, 5, 31), outer_limit=date(2029, 11, 21)))
    receipt = compose(receipt_of(served))

    assert reminder.number is None
    assert reminder.addressee == served.addressee
    assert f"《{served.name}》（{served.number}）" in _text(reminder)
    assert "自收到本函之日起十日内履行" in _text(reminder)
    assert ("完成整改并经核实" in _text(reminder)) is (kind is LetterKind.RECTIFY)
    assert "另。" not in _text(reminder)
    assert receipt.table is not None
    rows = dict(receipt.table.rows)
    assert (rows["送达机关"], rows["受送达人"]) == (served.issuer, served.addressee)
    assert not any(rows[told] for told in ("送达地点", "送达方式", "收到日期")), "written by whoever serves it"
    assert rows["文书名称及文号"] == f"《{served.name}》（{served.number}）"
    assert receipt.number == served.number


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
    assert {"莫力达瓦发改", "鄂伦春发改", "鄂温克发改", "达拉特发改"} <= set(marks)
    assert all(len(mark) < 10 for mark in marks)


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
    assert "建议依法对鄂尔多斯市堃喆能源化工有限公司的1号电石炉责令停业整顿或者关闭。现报请内蒙古自治区人民政府" in text
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


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("RETROFIT", {}, "项目（1号电石炉）作出如下处理：责令停止建设，限期整改，改造期限至2027年5月31日。"),
        ("RECTIFY", {}, "项目（1号电石炉）作出如下处理：责令停止建设，限期整改，整改期限至2027年5月31日。"),
        ("HALT", {"due": None}, "项目作出如下处理：责令停止建设，限期整改。"),
        (
            "HALT",
            {"due": None, "instrument": "责令停止建设或者责令停产，处项目总投资额1‰以上5‰以下罚款"},
            "：责令停止建设或者责令停产（依法应当给予罚款的，另行告知）。",
        ),
        ("HALT", {"due": None, "instrument": "停产，处5万元罚款", "by_person": True}, "：停产，处5万元罚款。"),
        (
            "ELIMINATE",
            {"due": PAST, "instrument": "限制用能"},
            "（1号电石炉）作出如下处理：限制用能，于2029年11月21日前停止使用并完成退出。",
        ),
        ("ELIMINATE", {"due": PAST, **TO_GOVERNMENT}, "：提出意见，报请责令停业整顿或者关闭。"),
    ],
)
def test_a_notice_tells_the_measure_its_units_and_its_term(
    notice: LetterKind, kind: str, changes: dict[str, Any], told: str
) -> None:
    made = notice_from(notice, [inputs(LetterKind(kind), **changes)], 5)

    assert told in _text(compose(made))


@pytest.mark.parametrize(
    ("typed", "sentence", "listed"),
    [
        ("事实清楚", "事实清楚。", "事实清楚"),
        ("事实清楚（见笔录）", "事实清楚（见笔录）。", "事实清楚（见笔录）"),
        ("争取成为“领跑者”", "争取成为“领跑者”。", "争取成为“领跑者”"),
        ("企业说：“不改。”", "企业说：“不改。”", "企业说：“不改。”"),
        ("事实清楚；", "事实清楚。", "事实清楚"),
        ("事实清楚. ", "事实清楚。", "事实清楚"),
        ("理由不能成立！", "理由不能成立！", "理由不能成立"),
        ("理由一、二……", "理由一、二……", "理由一、二……"),
        ("供方为ABB Co., Ltd.", "供方为ABB Co., Ltd.。", "供方为ABB Co., Ltd."),
    ],
)
def test_typed_text_ends_as_its_place_asks(typed: str, sentence: str, listed: str) -> None:
    assert ended(typed) == sentence
    assert bare(typed) == listed


def test_papers_asked_for_are_a_list_however_they_were_typed() -> None:
    text = _text(compose(inputs(LetterKind.DATA_REQUEST, items=("能源台账。", "产量报表；", "计算说明！"))))

    assert "（1）能源台账；\n（2）产量报表；\n（3）计算说明。" in text


def test_what_goes_up_to_the_government_is_not_copied_downwards() -> None:
    for seed in range(1, 9):
        made = specimen_inputs(LetterKind.ELIMINATE, seed)
        assert bool(made.copies_to) is (made.recipient is None), seed


def test_figures_not_yet_checked_are_told_in_the_words_of_letters() -> None:
    text = _text(compose(inputs(LetterKind.KEEP, units=(replace(FURNACE_2, evidence="二手来源，未核对官方文本"),))))

    assert "所引数值尚未与正式公布的文本核对，有不一致的，以正式公布的文本为准。" in text
    assert "二手来源" not in text


def test_a_policy_letter_is_followed_up_as_the_request_it_was() -> None:
    for kind in (LetterKind.REMINDER, LetterKind.ELIMINATE):
        asked, ordered = (_text(compose(inputs(kind, ground=ground))) for ground in ("class_below", "gb_level3"))
        assert "，请你单位" in asked
        assert "，要求你单位" in ordered


def test_a_measure_by_hand_and_its_organ_are_two_sentences() -> None:
    for kind in (LetterKind.HALT, LetterKind.ELIMINATE):
        told = {"by_person": True, "ground": "by_hand", "instrument": "限制用能"}
        other = _text(compose(inputs(kind, **told, organ="包头市工业和信息化局")))
        own = _text(compose(inputs(kind, **told, organ="内蒙古自治区发展和改革委员会")))

        assert "具体措施为：限制用能。上述措施由包头市工业和信息化局实施。" in other
        assert "上述措施由我委实施。" in own
