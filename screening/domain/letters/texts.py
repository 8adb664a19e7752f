"""The words of each letter, composed from its closed data alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from screening.domain.calendar import chinese
from screening.domain.errors import Refusal
from screening.domain.letters.inputs import LABELS, LONGEST_FREE, FreePlace, LetterInputs, LetterKind, LetterUnit
from screening.domain.letters.letter import Attachment, Letter, Level, Paragraph, Style, Table
from screening.domain.registry import Stage

PLAN: Final = "《内蒙古自治区“十四五”节能减排综合工作实施方案》"
NUMERALS: Final = "一二三四五六七八九十"
MANY_UNITS: Final = 4
"""With more units than this the figures go to an attached table."""

CLASS_PHRASES: Final = {
    "AT_BENCHMARK": "能效达到标杆水平",
    "BETWEEN": "能效介于标杆水平和基准水平之间",
    "BELOW_BASELINE": "能效低于基准水平",
    "NOT_COVERED": "未列入国家能效对标范围",
    "UNDETERMINED": "数据不足，尚不能判定能效水平",
}
BINDING_RETROFITS: Final = frozenset({"gb_level3", "key_user"})
"""The grounds on which a retrofit can be ordered; on any other the letter is one of policy."""

Value = TypeVar("Value")


@dataclass(slots=True)
class _Writing:
    """The letter while it is being written: numbers its headings and items."""

    inputs: LetterInputs
    word: str
    """本决定, 本通知, 本函: what the letter calls itself."""
    body: list[Paragraph] = field(default_factory=list)
    headings: int = 0
    items: int = 0

    def head(self, text: str) -> None:
        self.body.append(Paragraph(f"{NUMERALS[self.headings]}、{text}", Level.HEADING))
        self.headings += 1
        self.items = 0

    def item(self, lead: str, text: str) -> None:
        self.body.append(Paragraph(text, Level.SUBHEADING, f"（{NUMERALS[self.items]}）{lead}"))
        self.items += 1

    def say(self, text: str) -> None:
        self.body.append(Paragraph(text))

    def count(self, texts: Sequence[str]) -> None:
        for order, text in enumerate(texts, 1):
            self.body.append(Paragraph(f"{order}.{text}"))

    def need(self, key: str, value: Value | None) -> Value:
        """The value, or the refusal that names what the letter lacks."""
        if value is None or value in ("", ()):
            name = LABELS.get(key, key)
            raise Refusal(f"{self.inputs.kind.words}缺少“{name}”，不能成文。请补充“{name}”后再生成文书。", field=key)
        return value

    @property
    def we(self) -> str:
        name = self.inputs.office.name
        return "我委" if name.endswith("委员会") else "我局" if name.endswith("局") else "我机关"

    @property
    def project(self) -> str:
        return self.inputs.project

    @property
    def stage(self) -> Stage:
        return Stage(self.inputs.stage)


# --- parts that several letters share -------------------------------------------------------------------------------


def _ended(text: str) -> str:
    """The text as a sentence."""
    text = text.strip()
    return text if text.endswith(("。", "！", "？", "；", "”", "）")) else f"{text}。"


def _label(unit: LetterUnit) -> str:
    product = unit.product + (f"（{unit.variant}）" if unit.variant else "")
    return f"{unit.name}（主要产品：{product}）" if unit.name else f"{product}装置"


def _short(unit: LetterUnit) -> str:
    return unit.name or f"{unit.product}装置"


def _verdict(unit: LetterUnit) -> str:
    """One unit's figures as a clause without its end mark."""
    phrase = CLASS_PHRASES.get(unit.class_id, unit.class_words)
    if unit.sec is None:
        return phrase
    measure = unit.unit or ""
    told = f"单位产品能耗为{unit.sec}{measure}" + (f"（{unit.sec_kind}）" if unit.sec_kind else "")
    levels = [
        f"{name}为{figure}{measure}"
        for name, figure in (("标杆水平", unit.benchmark), ("基准水平", unit.baseline))
        if figure
    ]
    return "，".join([told, *levels, phrase]) + (f"；{unit.limit}" if unit.limit else "")


def _subject(w: _Writing, who: str = "你单位") -> None:
    """Who and what: the first paragraph of the facts."""
    i = w.inputs
    who = f"{who}（统一社会信用代码：{i.credit_code}）" if i.credit_code else who
    code = f"（项目代码：{i.project_code}）" if i.project_code else ""
    w.say(f"{who}投资建设的{i.project}{code}，建设地点为{i.place}，所属行业为{i.industry}，建设状态为{w.stage.words}。")


def _units(w: _Writing, *, only_ordered: bool = False) -> None:
    """The units with their figures, and where the levels stand."""
    i = w.inputs
    units = [u for u in i.units if u.ordered or not only_ordered] or list(i.units)
    if not units:
        return
    day = chinese(i.as_of)
    if len(units) > MANY_UNITS:
        counts: dict[str, int] = {}
        for u in units:
            counts[u.class_id] = counts.get(u.class_id, 0) + 1
        told = "，".join(f"{CLASS_PHRASES[c]}的{n}个" for c, n in counts.items())
        w.say(f"按照{day}有效的能效水平规定对标，该项目{len(units)}个装置中，{told}，详见附件。")
    elif len(units) == 1:
        w.say(f"按照{day}有效的能效水平规定对标，该项目{_label(units[0])}{_verdict(units[0])}。")
    else:
        w.say(f"按照{day}有效的能效水平规定对标，该项目各装置情况如下：")
        ends = ["；"] * (len(units) - 1) + ["。"]
        for order, (unit, end) in enumerate(zip(units, ends, strict=True), 1):
            w.say(f"（{order}）{_label(unit)}：{_verdict(unit)}{end}")
    documents = list(dict.fromkeys(u.document for u in units if u.document))
    if documents:
        told = f"上述标杆水平和基准水平依据{'、'.join(documents)}确定。"
        unchecked = list(dict.fromkeys(u.evidence for u in units if u.evidence))
        if unchecked:
            told += f"所引数值的核对情况：{'；'.join(unchecked)}，以正式公布的文本为准。"
        w.say(told)


def _named(w: _Writing) -> str:
    """The units that the order names, in one phrase: 1号电石炉、2号电石炉."""
    named = [_short(u) for u in w.inputs.units if u.ordered]
    return "、".join(dict.fromkeys(named))


def _findings(w: _Writing) -> None:
    found = w.inputs.findings
    if len(found) == 1:
        w.say(f"经查，该项目存在{found[0].words}情形。{_ended(found[0].text)}")
    elif found:
        w.say(f"经查，该项目存在{'、'.join(f.words for f in found)}情形：")
        for finding in found:
            w.item(f"{finding.words}。", _ended(finding.text))


def _basis(w: _Writing, *, required: bool) -> None:
    i = w.inputs
    if required:
        w.need("basis", i.basis or None)
    if len(i.basis) == 1:
        (only,) = i.basis
        w.say(f"{only.clause}规定：{_ended(only.text)}" if only.text else f"处置依据为{only.clause}。")
    elif i.basis:
        w.count([f"{p.clause}规定：{_ended(p.text)}" if p.text else f"{p.clause}。" for p in i.basis])
    if i.reasons:
        w.say(f"综合上述事实和依据，处置理由如下：{_ended(i.reasons)}")


def _until(w: _Writing) -> str:
    """自本决定送达之日起24个月内，且最迟不晚于2028年11月21日."""
    due = chinese(w.need("due", w.inputs.due))
    months = f"{w.inputs.months}个月内" if w.inputs.months else ""
    return f"自{w.word}送达之日起{months}，且最迟不晚于{due}"


def _defence(w: _Writing) -> None:
    w.say(
        f"你单位对{w.word}认定的事实、适用的依据或者提出的要求有异议的，有权向{w.we}陈述和申辩，"
        f"并可以提交有关证明材料；{w.we}不因陈述、申辩加重处置。"
    )


def _remedies(w: _Writing) -> None:
    r = w.need("remedies", w.inputs.remedies)
    w.say(
        f"如不服{w.word}，可以自收到{w.word}之日起{r.review_days}日内，依照{r.review_clause}向{r.government}申请行政复议；"
        f"也可以自收到{w.word}之日起{r.suit_months}个月内，依照{r.suit_clause}依法向{w.inputs.office.court}提起行政诉讼。"
        f"复议、诉讼期间，除法律另有规定外，不停止{w.word}的执行。"
    )


def _contact(w: _Writing) -> None:
    w.say(f"对标数据与实际情况不符的，可以随时向{w.we}提出，并提交计量、统计等证明材料。")


Written = tuple[tuple[str, ...], Style, str]
"""Title in phrases, page set, addressee."""


# --- the letters that carry a disposition ------------------------------------------------------------------------


def _proceed(w: _Writing) -> Written:
    w.head("项目情况和对标结果")
    _subject(w)
    _units(w)
    w.head("处置意见")
    w.say(
        f"该项目设计能效达到国家能效标杆水平，符合{PLAN}四（三）关于新建项目全部按照国家能效标杆水平设计建设的要求，"
        f"{w.we}将其列入“两高”项目管理台账，按照“{w.inputs.disposition}”实施分类管理。"
    )
    if w.inputs.reasons:
        w.say(_ended(w.inputs.reasons))
    w.head("有关要求")
    w.item(
        "依法办理手续。",
        "本函是“两高”项目分类处置意见，不替代节能审查意见，也不替代项目核准（备案）、环境影响评价等其他法定手续。"
        "未依法取得节能审查意见的，不得开工建设；已经建成的，不得投入生产、使用。",
    )
    w.item(
        "按标杆水平建设。",
        "请严格按照确定的工艺、规模和设计能效水平建设；建设内容、规模、工艺或者用能情况发生重大变化的，"
        "应当依法办理变更手续，并及时告知" + w.we + "。",
    )
    w.item("接受动态监控。", "请如实报送建设进度、能源消费和单位产品能耗数据，配合做好全过程监管。")
    return (("关于", w.project, "准予推进的函"), Style.LETTER, w.inputs.enterprise)


def _keep(w: _Writing) -> Written:
    w.head("项目情况和对标结果")
    _subject(w)
    _units(w)
    w.head("处置意见")
    w.say(
        f"该项目能效达到国家能效标杆水平。按照{PLAN}四（三）关于清单管理、分类处置、动态监控的要求，"
        f"{w.we}对其按照“{w.inputs.disposition}”实施管理。"
    )
    if w.inputs.reasons:
        w.say(_ended(w.inputs.reasons))
    w.head("有关事项")
    w.item("保持能效水平。", "请加强能源计量和运行管理，保持装置能效稳定达到标杆水平，防止能效退步。")
    w.item("按时报送数据。", "请按照有关规定如实报送能源利用状况和单位产品能耗数据，配合做好动态监控。")
    w.item("自愿申报“领跑者”。", "符合当年遴选条件的，可以按照自治区能效“领跑者”遴选通知自愿申报。")
    _contact(w)
    return (("关于", w.project, "保持能效水平", "并实行动态监控的函"), Style.LETTER, w.inputs.enterprise)


def _upgrade(w: _Writing) -> Written:
    w.head("项目情况和对标结果")
    _subject(w)
    _units(w)
    w.head("有关意见")
    w.say(
        f"{PLAN}四（三）提出，对于能效介于标杆水平和基准水平之间的项目，鼓励参照国家标杆水平实施改造升级，"
        "争取进入行业能效“领跑者”名单。"
    )
    if w.inputs.reasons:
        w.say(_ended(w.inputs.reasons))
    named = _named(w)
    w.say(
        f"{w.we}鼓励你单位参照国家标杆水平，对{named or '上述装置'}实施节能降碳改造升级。"
        "请结合生产经营实际研究制定改造方案，明确改造内容、节能效果、投资和进度安排。"
    )
    if w.inputs.due:
        w.say(f"建议于{chinese(w.inputs.due)}前完成改造升级。")
    w.head("有关事项")
    w.say(
        "改造升级符合条件的，可以按照有关规定申请节能减碳专项资金、绿色信贷等政策支持；"
        "改造后达到遴选条件的，可以自愿申报能效“领跑者”。"
    )
    w.say("本函属于鼓励和指导性意见，不设定强制性义务。")
    _contact(w)
    return (("关于鼓励", w.project, "实施节能降碳", "改造升级的函"), Style.LETTER, w.inputs.enterprise)


def _rectify(w: _Writing) -> Written:
    i = w.inputs
    w.need("ground", i.ground)
    by_class = i.ground in {"class_below", "class_between"}
    w.head("认定的事实")
    _subject(w)
    _findings(w)
    _units(w)
    w.head("依据和理由")
    _basis(w, required=True)
    w.head("整改要求")
    if by_class:
        named = _named(w) or w.project
        w.say(f"现责令你单位对{named}进行整改，优化设计和设备选型，使其设计能效达到国家能效标杆水平。")
        w.say(f"整改期限为：{_until(w)}。请在期限内完成整改，并将整改报告和设计能效证明材料报送{w.we}核实。")
    else:
        w.say(f"现对你单位作出如下处理：{_ended(w.need('instrument', i.instrument))}")
        if i.by_person:
            w.say(f"上述措施由{i.organ}实施。")
        if i.due:
            w.say(f"改正期限为：{_until(w)}。请在期限内改正，并将改正情况和证明材料报送{w.we}核实。")
        else:
            w.say(f"请自收到{w.word}之日起立即改正，并将改正情况和证明材料报送{w.we}核实。")
    w.head("逾期后果")
    if by_class:
        w.say(
            f"逾期未完成整改或者整改后仍未达到标杆水平的，依法处理，并按照{PLAN}四（五）关于高耗能行业阶梯电价的规定，"
            "根据能效水平差距向有关部门提出执行阶梯电价的建议。"
        )
    else:
        w.say("逾期不改正或者改正后仍不符合要求的，依法追究责任。")
    w.head("权利告知")
    _defence(w)
    _remedies(w)
    return (("关于责令", w.project, "限期整改的通知"), Style.DOCUMENT, i.enterprise)


def _retrofit(w: _Writing) -> Written:
    i = w.inputs
    binding = i.ground in BINDING_RETROFITS
    policy = not binding
    w.need("units", tuple(u for u in i.units if u.ordered) or None)
    w.head("认定的事实" if binding else "项目情况和对标结果")
    _subject(w)
    _findings(w)
    _units(w)
    w.head("依据和理由")
    _basis(w, required=binding)
    if policy and not i.basis:
        w.say(
            f"{PLAN}四（三）提出，对于低于行业能效基准水平的存量项目，要通过技术改造全部达到国家基准水平；"
            "对于不能按期完成改造的项目坚决予以淘汰，淘汰时限不超过3年。"
        )
    named = _named(w)
    w.head("改造要求" if binding else "改造意见")
    order = {
        "gb_level3": (
            f"责令你单位对{named}限期治理，通过技术改造使其单位产品能耗符合强制性能耗限额标准，并达到国家能效基准水平。"
        ),
        "key_user": f"现向你单位提出书面整改要求：对{named}限期整改，通过技术改造使其能效达到国家能效基准水平。",
    }.get(i.ground, f"请你单位对{named}实施节能降碳技术改造，使其能效达到国家能效基准水平。")
    w.say(order)
    who = "你单位应当" if binding else "请"
    w.item("时间要求。", f"{who}{_until(w)}，完成改造并通过验收。{_national(w)}")
    w.item(
        "改造方案。",
        f"请抓紧制定改造方案，明确改造内容、技术路线、投资、责任人和进度安排，报送{w.we}，并按节点报告进展。",
    )
    w.item(
        "验收。",
        "改造完成后，请提交连续计量的试运行能耗数据和验收申请。试运行数据达到基准水平的，先予验收，"
        "并以改造后首个完整年度的实际能耗最终确认。",
    )
    limit = chinese(w.need("outer_limit", i.outer_limit))
    start = f"首次列入清单之日（{chinese(i.first_listed)}）" if i.first_listed else f"{w.word}送达之日"
    w.head("最长期限和逾期后果" if binding else "最长期限和有关后果")
    w.say(
        f"按照{PLAN}四（三）的规定，改造以及改造不成时的淘汰退出，期限合计自{start}起不超过3年，且最迟不晚于{limit}。"
        "该期限不因重新行文、变更单位或者装置名称、产权转移以及能效水平修订而重新计算。"
    )
    w.say(
        {
            "gb_level3": f"逾期不治理或者没有达到治理要求的，{w.we}将依法提出意见，报请本级人民政府按照国务院规定的权限"
            "责令停业整顿或者关闭。",
            "key_user": "无正当理由拒不落实整改要求或者整改没有达到要求的，依法处理。",
        }.get(
            i.ground,
            f"逾期未完成改造的，{w.we}将按照{PLAN}四（三）、四（五）的规定，向有关部门提出限制用能、执行阶梯电价等建议，"
            "并依法依规推动淘汰退出。",
        )
    )
    if policy:
        w.head("其他事项")
        w.say(
            "本函依据节能减排政策提出改造意见，不具有行政强制效力。需要采取强制措施的，"
            "由有权机关依照法律规定另行作出决定，并依法保障你单位陈述、申辩、申请复议和提起诉讼的权利。"
        )
        _contact(w)
        return (("关于", w.project, "实施节能降碳改造的函"), Style.LETTER, i.enterprise)
    w.head("权利告知")
    _defence(w)
    _remedies(w)
    end = "限期治理的决定" if i.ground == "gb_level3" else "限期整改的通知"
    return (("关于责令", w.project, end), Style.DOCUMENT, i.enterprise)


def _national(w: _Writing) -> str:
    target = w.inputs.national_target
    if target is None:
        return ""
    if target < w.inputs.as_of:
        return f"上述装置所属领域国家确定的完成时限为{chinese(target)}，现已届满，应当从严从快推进改造。"
    return f"上述装置所属领域国家确定的完成时限为{chinese(target)}。"


_REVIEW: Final = frozenset({"built_before_approval", "energy_review_missing", "environmental_approval_missing"})


def _measure(i: LetterInputs) -> str:
    """The instrument in the words of the table, or in those of the person who chose it, with the organ named."""
    if not i.instrument:
        return ""
    return f"具体措施为：{_ended(i.instrument)}" + (f"由{i.organ}实施。" if i.by_person else "")


def _halt_order(w: _Writing) -> tuple[tuple[str, ...], str]:
    """Title phrases and what is ordered, by ground and stage."""
    i, p = w.inputs, w.project
    at_once = f"自收到{w.word}之日起立即"
    # What a person chose is said in his own words, whatever the ground is.
    ground = "" if i.by_person else i.ground
    stop = {
        Stage.PROPOSED: "停止该项目的前期工作，不得开工建设",
        Stage.UNDER_CONSTRUCTION: f"停止{p}的建设",
        Stage.EXISTING: f"停止{p}的生产、使用",
    }[w.stage]
    stopped = {
        Stage.PROPOSED: "停止推进",
        Stage.UNDER_CONSTRUCTION: "停止建设",
        Stage.EXISTING: "停止生产、使用",
    }[w.stage]
    if ground in _REVIEW:
        paper = {
            "energy_review_missing": "节能审查意见",
            "environmental_approval_missing": "环境影响评价审批文件",
        }.get(ground, "有关审批文件")
        again = "不得恢复生产、使用" if w.stage is Stage.EXISTING else "不得恢复建设"
        return (
            ("关于责令", p, f"{stopped}", "并限期整改的决定"),
            (
                f"责令你单位{at_once}{stop}，并就未依法取得{paper}即开工建设的行为进行整改。"
                f"整改完成并依法取得{paper}或者有权机关出具的整改认可文件前，{again}。"
            ),
        )
    if ground in {"class_below", "class_between"}:
        return (
            ("关于不予推进", p, "并退回优化设计的决定"),
            (
                f"{p}设计能效未达到国家能效标杆水平，不符合新建项目全部按照国家能效标杆水平设计建设的要求，"
                f"决定不予推进，退回优化设计。请你单位优化工艺路线和设备选型，设计能效达到标杆水平后重新申报；"
                "重新申报并依法取得节能审查意见前，不得开工建设。"
            ),
        )
    if ground == "eliminated_equipment":
        named = _named(w) or "淘汰类用能设备、生产工艺"
        return (
            ("关于责令停止使用", p, "淘汰类设备的决定"),
            f"责令你单位{at_once}停止使用{named}，不得转让他人使用。",
        )
    if ground == "deviates_from_approval":
        what = "生产、使用" if w.stage is Stage.EXISTING else "建设"
        return (
            ("关于责令", p, f"{stopped}", "并改正的决定"),
            (
                f"责令你单位{at_once}停止与批复（核准、备案）内容不符部分的{what}，"
                "并按照批复内容改正；确需变更的，应当依法向原审批机关申请办理变更手续。"
            ),
        )
    if ground == "exceeds_approved_energy":
        return (
            ("关于责令", p, "停止超批复用能", "并限期改正的决定"),
            (
                f"责令你单位{at_once}停止超出批复的用能行为，将年综合能源消费量控制在节能审查意见批复的范围内，"
                "并向原节能审查机关申请办理变更手续。"
            ),
        )
    if ground == "unlawful_approval":
        return (
            ("关于暂停推进", p, "的决定"),
            (
                f"{at_once}{stop}。{w.we}将就该项目审批问题依法向原审批机关或者其上级机关提出处理建议，"
                "在有权机关作出处理前，该项目暂停推进；你单位因信赖原审批产生的合法权益，由有权机关依法处理。"
            ),
        )
    return (
        ("关于叫停", p, "的决定"),
        f"对{p}予以叫停：{at_once}{stop}。" + _measure(i),
    )


def _halt(w: _Writing) -> Written:
    i = w.inputs
    by_class = i.ground in {"class_below", "class_between"}
    if not by_class:
        w.need("findings", i.findings or None)
    w.head("认定的事实")
    _subject(w)
    _findings(w)
    if by_class:
        _units(w)
    w.head("依据和理由")
    _basis(w, required=True)
    w.head("决定")
    title, order = _halt_order(w)
    w.say(f"{w.we}决定：{order}" if not order.startswith("对") else f"{w.we}决定{order}")
    if i.due:
        w.say(f"整改期限为：{_until(w)}。")
    if i.findings:
        w.say(f"在上述问题整改完成并经核实前，{w.we}暂停办理该项目节能审查、核准（备案）等有关事项。")
    if "罚款" in i.instrument:
        w.say("上述行为依法应当给予行政处罚的，另行依照法定程序处理。")
    w.say(f"请在收到{w.word}后将执行情况书面报告{w.we}。拒不执行的，依法依规严肃查处。")
    w.head("权利告知")
    _defence(w)
    _remedies(w)
    return (title, Style.DOCUMENT, i.enterprise)


# --- the letters that go before, beside and after -----------------------------------------------------------------


def _refer(w: _Writing) -> Written:
    i = w.inputs
    to = w.need("recipient", i.recipient)
    w.need("findings", i.findings or None)
    code = f"（项目代码：{i.project_code}）" if i.project_code else ""
    w.say(
        f"{w.we}在“两高”项目管理工作中发现，{i.enterprise}{i.project}{code}，建设地点为{i.place}，"
        f"存在{'、'.join(f.words for f in i.findings)}情形。{''.join(_ended(f.text) for f in i.findings)}"
    )
    _basis(w, required=False)
    if i.ground == "unlawful_approval" and not i.by_person:
        w.say(
            "上述审批由贵单位作出或者属于贵单位监督范围。建议贵单位依法对该项审批作出处理，"
            f"充分衡量项目单位的信赖利益，并将处理结果函告{w.we}。"
        )
    elif i.by_person:
        w.say(
            f"现将有关线索和材料移送贵单位，建议依法采取以下措施：{_ended(w.need('instrument', i.instrument))}"
            f"请将处理结果函告{w.we}。"
        )
    else:
        w.say(f"上述情形的查处属于贵单位职责，现将有关线索和材料移送贵单位，请依法处理，并将处理结果函告{w.we}。")
    kinds = "、".join(f.words for f in i.findings)
    return (("关于移送", i.project, f"{kinds}线索的函"), Style.LETTER, to)


_OTHER_EXITS: Final = frozenset({"energy_review_missing", "eliminated_equipment"})
"""Grounds of an exit that no retrofit went before."""


def _propose_closure(w: _Writing) -> Written:
    """The office's opinion to the government, which alone decides on closure; it orders the enterprise nothing."""
    i = w.inputs
    to = w.need("recipient", i.recipient)
    overdue = i.ground not in _OTHER_EXITS
    named = w.need("units", _named(w) or None) if overdue else _named(w) or "该项目"
    act = "停业整顿或者关闭" if "停业整顿" in i.instrument else "关闭"
    w.head("认定的事实")
    _subject(w, i.enterprise)
    if overdue:
        earlier, due = w.need("earlier", i.earlier), chinese(w.need("due", i.due))
        w.say(
            f"{w.we}此前向该单位送达{earlier}，要求{named}于{due}前完成改造并通过验收。"
            f"截至{chinese(i.as_of)}，期限已经届满，上述装置未通过改造验收。"
        )
    _findings(w)
    _units(w, only_ordered=True)
    w.head("依据和理由")
    _basis(w, required=True)
    w.head("意见")
    w.say(
        f"根据上述事实和规定，{w.we}提出意见：建议责令{i.enterprise}对{named}{act}。现报请{to}按照国务院规定的权限决定。"
    )
    w.say("本意见不对该单位设定义务，是否采纳以及实施的期限、方式由贵政府决定。")
    w.head("当事人权利")
    w.say(
        f"{w.we}办理中告知当事人以及陈述、申辩和答复的材料已经存卷，可以随时调阅。贵政府作出决定的，请依法告知当事人"
        "陈述、申辩和要求听证的权利，并在决定中载明申请行政复议、提起行政诉讼的途径和期限。"
    )
    w.say("以上意见，请予审定。")
    return (("关于报请责令", i.project, f"有关装置{act}的意见"), Style.DOCUMENT, to)


def _eliminate(w: _Writing) -> Written:
    i = w.inputs
    if i.recipient:
        return _propose_closure(w)
    overdue = i.ground not in _OTHER_EXITS
    named = w.need("units", _named(w) or None) if overdue else _named(w) or w.project
    limit = chinese(w.need("outer_limit", i.outer_limit))
    w.head("认定的事实")
    _subject(w)
    if overdue:
        earlier, due = w.need("earlier", i.earlier), chinese(w.need("due", i.due))
        w.say(
            f"{w.we}此前送达{earlier}，要求{named}于{due}前完成改造并通过验收。现期限已经届满，上述装置未通过改造验收。"
        )
    _findings(w)
    _units(w, only_ordered=True)
    w.head("依据和理由")
    _basis(w, required=True)
    w.head("淘汰退出要求")
    w.say(
        f"现将{named}列入淘汰退出范围。请于{limit}前停止使用并完成退出，制定职工安置、安全处置和环境保护方案，报送{w.we}。"
    )
    if i.by_person:
        w.say(_measure(i))
    w.say(f"需要责令停业整顿或者关闭的，由{w.we}依法提出意见，报请本级人民政府按照国务院规定的权限决定。")
    w.head("权利告知")
    _defence(w)
    _remedies(w)
    return (("关于将", i.project, "有关装置", "列入淘汰退出的通知"), Style.DOCUMENT, i.enterprise)


def _release(w: _Writing) -> Written:
    i = w.inputs
    earlier = w.need("earlier", i.earlier)
    w.say(f"{w.we}对你单位{i.project}作出的{earlier}，所列问题已经整改完成并核实。")
    _basis(w, required=False)
    w.say(f"现决定自{w.word}送达之日起解除上述文书对该项目的限制措施，恢复办理有关事项。")
    w.say("请继续严格遵守节能法律法规和批复要求，接受动态监控。")
    return (("关于解除", i.project, "有关限制措施的通知"), Style.DOCUMENT, i.enterprise)


def _advance_notice(w: _Writing) -> Written:
    i = w.inputs
    days = w.need("reply_days", i.reply_days)
    w.head("拟认定的事实")
    _subject(w)
    _findings(w)
    _units(w, only_ordered=True)
    w.head("拟适用的依据")
    _basis(w, required=True)
    w.head("拟作出的处理")
    w.say(f"{w.we}拟对你单位{i.project}作出如下处理：{_ended(w.need('instrument', i.instrument))}")
    w.head("陈述和申辩")
    w.say(
        f"你单位可以自收到{w.word}之日起{days}个工作日内，向{w.we}进行书面或者口头陈述和申辩，并提交有关证据；"
        f"逾期未陈述、申辩的，视为放弃该项权利。{w.we}不因陈述、申辩加重处理。"
    )
    return (("关于", i.project, "拟作处理的", "事先告知书"), Style.DOCUMENT, i.enterprise)


def _hearing(w: _Writing) -> Written:
    i = w.inputs
    days = w.need("reply_days", i.reply_days)
    w.say(f"{w.we}拟对你单位{i.project}作出如下处理：{_ended(w.need('instrument', i.instrument))}")
    _basis(w, required=True)
    w.say(
        f"你单位有权要求举行听证。要求听证的，应当自收到{w.word}之日起{days}个工作日内向{w.we}提出；逾期未提出的，视为放弃听证权利。"
        "听证不收取费用。"
    )
    return (("关于", i.project, "拟作处理的", "听证告知书"), Style.DOCUMENT, i.enterprise)


def _reminder(w: _Writing) -> Written:
    i = w.inputs
    earlier, due = w.need("earlier", i.earlier), w.need("due", i.due)
    passed = due < i.as_of
    named = _named(w)
    units = f"（{named}）" if named else ""
    w.say(f"{w.we}此前送达{earlier}，要求你单位{i.project}{units}于{chinese(due)}前完成改造并通过验收。")
    if passed:
        w.say(
            f"截至{chinese(i.as_of)}，上述期限已经届满，{w.we}尚未收到验收申请或者验收未通过。请立即书面说明情况并提交证明材料。"
        )
    else:
        w.say(f"截至{chinese(i.as_of)}，距期限届满还有{(due - i.as_of).days}日。请抓紧推进改造，并书面报告进展情况。")
    if i.outer_limit:
        w.say(f"改造以及改造不成时的淘汰退出，最迟不晚于{chinese(i.outer_limit)}。")
    return (("关于", i.project, "改造期限的提示函"), Style.LETTER, i.enterprise)


def _accepted(w: _Writing) -> Written:
    i = w.inputs
    w.say(f"你单位依据{w.need('earlier', i.earlier)}实施的{i.project}改造，经组织验收，意见如下。")
    w.head("验收结果")
    _units(w)
    w.say("试运行计量数据达到国家能效基准水平，改造验收通过。")
    w.head("有关要求")
    w.say("本次验收以改造后首个完整年度的实际能耗最终确认。届时未达到基准水平的，恢复原改造期限管理，期限不重新计算。")
    return (("关于", i.project, "节能降碳改造", "验收通过的通知"), Style.DOCUMENT, i.enterprise)


def _not_accepted(w: _Writing) -> Written:
    i = w.inputs
    w.say(f"你单位依据{w.need('earlier', i.earlier)}实施的{i.project}改造，经组织验收，意见如下。")
    w.head("验收结果")
    _units(w)
    w.say(f"改造后能效未达到国家能效基准水平，验收不通过。{_ended(i.reasons) if i.reasons else ''}")
    w.head("有关要求")
    w.say(f"请继续实施改造，最迟于{chinese(w.need('due', i.due))}前重新申请验收。原改造期限继续计算。")
    return (("关于", i.project, "节能降碳改造", "验收不通过的通知"), Style.DOCUMENT, i.enterprise)


def _data_request(w: _Writing) -> Written:
    i = w.inputs
    items = w.need("items", i.items or None)
    w.say(
        f"为做好“两高”项目清单管理和能效对标工作，{w.we}对你单位{i.project}进行了核查。因下列资料不全，尚不能作出判定："
    )
    ends = ["；"] * (len(items) - 1) + ["。"]
    for order, (item, end) in enumerate(zip(items, ends, strict=True), 1):
        w.say(f"（{order}）{item}{end}")
    until = f"自收到{w.word}之日起{i.reply_days}个工作日内" if i.reply_days else "抓紧"
    w.say(f"请{until}将上述资料书面报送{w.we}，并对资料的真实性、完整性负责。")
    return (("关于请补充", i.project, "有关资料的通知"), Style.DOCUMENT, i.enterprise)


def _receipt(w: _Writing) -> Written:
    w.need("earlier", w.inputs.earlier)
    return (("送达回证",), Style.FORM, "")


def _receipt_table(inputs: LetterInputs) -> Table:
    filled = {
        "案由": inputs.project,
        "文书名称及文号": inputs.earlier or "",
        "受送达人": inputs.enterprise,
        "送达地点": inputs.place,
    }
    names = (
        "案由", "文书名称及文号", "受送达人", "送达地点", "送达方式", "收到日期", "受送达人签名或者盖章",
        "代收人签名及代收理由", "送达人签名", "见证人签名", "备注",
    )  # fmt: skip
    written = frozenset(i for i, name in enumerate(names) if "签名" in name or name == "备注")
    return Table((), tuple((name, filled.get(name, "")) for name in names), (9, 19), roomy=written)


WRITERS: Final[dict[LetterKind, tuple[Callable[[_Writing], Written], str]]] = {
    LetterKind.PROCEED: (_proceed, "本函"),
    LetterKind.UPGRADE: (_upgrade, "本函"),
    LetterKind.KEEP: (_keep, "本函"),
    LetterKind.RECTIFY: (_rectify, "本通知"),
    LetterKind.RETROFIT: (_retrofit, "本函"),
    LetterKind.HALT: (_halt, "本决定"),
    LetterKind.REFER: (_refer, "本函"),
    LetterKind.ELIMINATE: (_eliminate, "本通知"),
    LetterKind.RELEASE: (_release, "本通知"),
    LetterKind.ADVANCE_NOTICE: (_advance_notice, "本告知书"),
    LetterKind.HEARING: (_hearing, "本告知书"),
    LetterKind.REMINDER: (_reminder, "本函"),
    LetterKind.ACCEPTED: (_accepted, "本通知"),
    LetterKind.NOT_ACCEPTED: (_not_accepted, "本通知"),
    LetterKind.RECEIPT: (_receipt, "本回证"),
    LetterKind.DATA_REQUEST: (_data_request, "本通知"),
}


def _word(inputs: LetterInputs) -> str:
    if inputs.kind is LetterKind.ELIMINATE and inputs.recipient:
        return "本意见"
    if inputs.kind is LetterKind.RETROFIT:
        return {"gb_level3": "本决定", "key_user": "本通知"}.get(inputs.ground, "本函")
    return WRITERS[inputs.kind][1]


def _unit_table(units: tuple[LetterUnit, ...]) -> Table:
    measures = list(dict.fromkeys(u.unit for u in units if u.unit))
    one = measures[0] if len(measures) == 1 else None

    def figure(value: str | None, unit: LetterUnit) -> str:
        return "—" if value is None else value if one else f"{value}{unit.unit or ''}"

    return Table(
        ("装置", "主要产品及工艺", "单位产品能耗", "标杆水平", "基准水平", "对标结论"),
        tuple(
            (
                _short(u),
                u.product + (f"（{u.variant}）" if u.variant else ""),
                figure(u.sec, u),
                figure(u.benchmark, u),
                figure(u.baseline, u),
                u.class_words,
            )
            for u in units
        ),
        (4, 5, 5, 4, 4, 6),
        f"单位：{one}" if one else None,
    )


def _with_free(w: _Writing) -> tuple[Paragraph, ...]:
    """The body with the drafter's own paragraphs in their places."""
    for order, own in enumerate(w.inputs.free, 1):
        if not own.text.strip():
            raise Refusal(f"自拟段落第{order}项没有文字。请填写，或者删去这一段。", field="free")
        if len(own.text) > LONGEST_FREE:
            raise Refusal(
                f"自拟段落第{order}项共{len(own.text)}字，超过{LONGEST_FREE}字的上限。请缩短，或者分成几段。",
                field="free",
            )

    def told(place: FreePlace) -> list[Paragraph]:
        lines = (line.strip() for own in w.inputs.free if own.place is place for line in own.text.splitlines())
        return [Paragraph(line) for line in lines if line]

    heads = [at for at, p in enumerate(w.body) if p.level is Level.HEADING]
    rights = [at for at in heads if w.body[at].text.endswith(("、权利告知", "、当事人权利", "、陈述和申辩"))]
    facts = heads[1] if len(heads) > 1 else len(w.body)
    end = rights[0] if rights else len(w.body)
    after, before = told(FreePlace.AFTER_FACTS), told(FreePlace.BEFORE_REMEDIES)
    return (*w.body[:facts], *after, *w.body[facts:end], *before, *w.body[end:])


def compose(inputs: LetterInputs) -> Letter:
    """The letter that `inputs` calls for; refuses, naming the value, where one is missing.

    Pure: the same data give the same letter. A draft (no number, no day, no signatory, or `missing` sentences) is
    composed too, with blanks for number and day and the watermark 草稿.
    """
    w = _Writing(inputs, _word(inputs))
    for key in ("enterprise", "project", "place", "disposition"):
        w.need(key, getattr(inputs, key))
    w.need("office", inputs.office.name)
    write, _ = WRITERS[inputs.kind]
    title, style, addressee = write(w)
    attachments: tuple[Attachment, ...] = ()
    if len(inputs.units) > MANY_UNITS and any("详见附件" in p.text for p in w.body):
        attachments = (Attachment(f"{inputs.project}能效对标情况表", table=_unit_table(inputs.units)),)
    office = inputs.office
    notes = [
        part
        for part in (
            (inputs.remark or "").rstrip("。"),
            f"联系人：{office.contact}" if office.contact else "",
            f"联系电话：{office.phone}" if office.phone else "",
        )
        if part
    ]
    return Letter(
        style=style,
        issuer=office.name,
        mark=office.name + ("文件" if style is Style.DOCUMENT else ""),
        number=inputs.number,
        blank_number=f"{office.mark}〔　　〕　号",
        title=title,
        addressee=f"{addressee}（{inputs.attention}）" if addressee and inputs.attention else addressee,
        body=_with_free(w),
        table=_receipt_table(inputs) if inputs.kind is LetterKind.RECEIPT else None,
        attachments=attachments,
        day=inputs.signed_on,
        note=f"（{'，'.join(notes)}）" if notes and style is not Style.FORM else None,
        copies_to=inputs.copies_to,
        watermark="草稿" if inputs.draft else "样张" if inputs.sample else None,
        missing=inputs.missing,
        inputs=inputs,
        signatory=inputs.signatory if inputs.kind is LetterKind.ELIMINATE and inputs.recipient else None,
    )
