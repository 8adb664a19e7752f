"""The values that templates of letters name, from the closed data of a letter; the README beside them lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from screening.domain.calendar import chinese
from screening.domain.dispositions import CLASS_GROUNDS, MANY_UNITS
from screening.domain.errors import Refusal
from screening.domain.letters.inputs import LABELS, LetterInputs, LetterKind, LetterUnit, Provision
from screening.domain.registry import Stage
from screening.wording.templates import Lacking, in_full

CLASS_PHRASES: Final = {
    "AT_BENCHMARK": "能效达到标杆水平",
    "BETWEEN": "能效介于标杆水平和基准水平之间",
    "BELOW_BASELINE": "能效低于基准水平",
    "NOT_COVERED": "未列入国家能效对标范围",
    "UNDETERMINED": "数据不足，尚不能判定能效水平",
}
GROUND_WORDS: Final = {
    "built_before_approval": "未批先建",
    "energy_review_missing": "未取得节能审查意见",
    "environmental_approval_missing": "未取得环评批复",
    "project_approval_missing": "未取得核准备案",
    "deviates_from_approval": "批建不符",
    "exceeds_approved_energy": "超批复用能",
    "unlawful_approval": "违规审批",
    "policy_noncompliance": "不符合政策要求",
    "excess_emission": "超标排放",
    "eliminated_equipment": "使用淘汰类设备",
    "gb_level3": "超过限额标准",
    "key_user": "重点用能单位低于基准水平",
    "class_below": "低于基准水平",
    "class_between": "介于标杆和基准之间",
    "class_at": "达到标杆水平",
    "by_hand": "由人认定",
}
_INDUSTRY: Final = {"有色": "有色金属"}
"""Industries that the plan names in short."""
_OTHER_EXITS: Final = frozenset({"energy_review_missing", "eliminated_equipment"})
"""Grounds of an exit that no retrofit went before."""
_OF_ORDERED: Final = frozenset({
    LetterKind.ADVANCE_NOTICE, LetterKind.HEARING, LetterKind.ELIMINATE, LetterKind.ACCEPTED, LetterKind.NOT_ACCEPTED,
})  # fmt: skip
"""Letters that tell the figures of the units that they order something of, and of no other."""
_ALWAYS: Final = ("enterprise", "project", "place", "disposition")


def short(unit: LetterUnit) -> str:
    """A unit in an order: its name, else its product."""
    return unit.name or f"{unit.product}装置"


def shown(inputs: LetterInputs) -> tuple[LetterUnit, ...]:
    """The units whose figures a letter tells, in the order of its table: those that it names in its order first."""
    ordered = tuple(u for u in inputs.units if u.ordered)
    if inputs.kind in _OF_ORDERED and ordered:
        return ordered
    if len(inputs.units) <= MANY_UNITS:
        return inputs.units
    return ordered + tuple(u for u in inputs.units if not u.ordered)


def _ordered_names(inputs: LetterInputs) -> str:
    """The units of an order by name; many by their place in the attached table, in a reminder by their number."""
    ordered = [short(u) for u in inputs.units if u.ordered]
    if len(ordered) <= MANY_UNITS:
        return "、".join(dict.fromkeys(ordered))
    if inputs.kind is LetterKind.REMINDER:
        return f"{ordered[0]}等{len(ordered)}个装置"
    if len(ordered) == len(shown(inputs)):
        return f"附件所列{len(ordered)}个装置"
    return f"附件序号1至{len(ordered)}的装置"


def _unit(unit: LetterUnit) -> dict[str, Any]:
    product = unit.product + (f"（{unit.variant}）" if unit.variant else "")
    return {
        "全称": f"{unit.name}（主要产品：{product}）" if unit.name else f"{product}装置",
        "名称": short(unit),
        "产品": product,
        "产能": unit.capacity,
        "单位产品能耗": unit.sec,
        "能耗类别": unit.sec_kind,
        "单位": unit.unit or "",
        "标杆水平": unit.benchmark,
        "基准水平": unit.baseline,
        "结论": CLASS_PHRASES.get(unit.class_id, unit.class_words),
        "限额标准对比": unit.limit,
        "能效水平文件": unit.document,
        "核对情况": unit.evidence,
    }


class _Clauses(Mapping[str, str]):
    """Clauses by their id in the rules; one that is missing, or not in force on the letter's day, stops the letter."""

    def __init__(self, inputs: LetterInputs, part: str) -> None:
        self.kind = inputs.kind.words
        self.part = part
        self.known = {p.rule: p for p in inputs.cited}

    def __getitem__(self, rule: str) -> str:
        found = self.known.get(rule)
        if found is None:
            raise Refusal(
                f"{self.kind}缺少条款“{rule}”，不能成文。请规则员在条款表（rules/clauses.toml）中补充。", field="basis"
            )
        _in_force(found, self.kind)
        said = str(getattr(found, self.part))
        return in_full(said) if self.part == "clause" else said

    def __iter__(self) -> Any:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def _in_force(provision: Provision, kind: str) -> None:
    if provision.fault:
        raise Refusal(
            f"{kind}不能引用{provision.clause}：{provision.fault}。请改用文书日期当日有效的条款。", field="basis"
        )


def values_of(inputs: LetterInputs) -> dict[str, Any]:
    """The values by the names that templates use; those that the letter does not have stop it where they are printed.

    Refuses where what every letter says is missing, or where a clause is not in force on the letter's day.
    """
    i = inputs
    for provision in i.basis:
        _in_force(provision, i.kind.words)
    for key in _ALWAYS:
        if not getattr(i, key):
            Lacking(LABELS[key], key, i.kind.words).stop()
    if not i.office.name:
        Lacking(LABELS["office"], "office", i.kind.words).stop()

    def given(key: str, value: Any = None) -> Any:
        found = getattr(i, key) if value is None else value
        return found if found or found == 0 else Lacking(LABELS.get(key, key), key, i.kind.words)

    def day(key: str) -> Any:
        found = getattr(i, key)
        return chinese(found) if found else given(key)

    units = [_unit(u) for u in i.units]
    told = [_unit(u) for u in shown(i)]
    ordered = [_unit(u) for u in i.units if u.ordered]
    remedies = i.remedies
    return {
        "称谓": "你单位",
        "效力名称": "处置决定的效力",
        "发文机关": i.office.name,
        "我机关": _we(i.office.name),
        "建设单位": i.enterprise,
        "统一社会信用代码": given("credit_code"),
        "项目名称": i.project,
        "项目代码": given("project_code"),
        "建设地点": i.place,
        "所属行业": given("industry", _INDUSTRY.get(i.industry)),
        "建设状态": Stage(i.stage).words,
        "筛查日期": chinese(i.as_of),
        "装置": given("units", units),
        "对标装置": told,
        "责令装置": given("units", ordered),
        "责令装置名称": given("units", _ordered_names(i)),
        "全部装置": not ordered or len(ordered) == len(units),
        "年综合能源消费量": given("energy_tce"),
        "认定情形": given("findings", [{"情形": f.words, "事实": f.text} for f in i.findings]),
        "处置": i.disposition,
        "处置事由": given("ground", GROUND_WORDS.get(i.ground, i.ground)),
        "措施": given("instrument"),
        "实施机关": given("organ", _we(i.office.name) if i.organ == i.office.name else None),
        "由人选定": i.by_person,
        "有强制效力": i.harmful and not (i.ground == "class_below" and i.stage == Stage.EXISTING),
        "按能效认定": i.ground in CLASS_GROUNDS,
        "先有改造文书": i.ground not in _OTHER_EXITS,
        "依据": given("basis", [{"条款": in_full(p.clause), "内容": p.text} for p in i.basis]),
        "条款": _Clauses(i, "clause"),
        "内容": _Clauses(i, "text"),
        "处置理由": given("reasons"),
        "决定的效力": given("effect"),
        "到期日": day("due"),
        "期限": given("months", f"{i.months}个月" if i.months else ""),
        "已逾期": i.due is not None and i.due < i.as_of,
        "剩余天数": given("due", (i.due - i.as_of).days if i.due else ""),
        "最长期限": day("outer_limit"),
        "首次列入清单日期": day("first_listed"),
        "国家目标日期": day("national_target"),
        "国家时限已过": i.national_target is not None and i.national_target < i.as_of,
        "救济途径": given(
            "remedies",
            {
                "复议机关": remedies.government,
                "复议天数": remedies.review_days,
                "复议条款": remedies.review_clause,
                "诉讼月数": remedies.suit_months,
                "诉讼条款": remedies.suit_clause,
                "法院": i.office.court,
            }
            if remedies
            else "",
        ),
        "受文机关": given("recipient"),
        "原文书": given("earlier"),
        "所需资料": given("items", list(i.items)),
        "答复期限": given("reply_days", f"{i.reply_days}个工作日" if i.reply_days else ""),
    }


def _we(name: str) -> str:
    return "我委" if name.endswith("委员会") else "我局" if name.endswith("局") else "我机关"
