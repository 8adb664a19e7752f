"""Chapter 4, the decision: which acts carry it out, what a person names where the table is silent, what it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, Finding, Measure
from screening.domain.classification.proposal import finding_grounds
from screening.domain.registry import FIELD, Field, Stage
from screening.domain.rules import Evidence

CLASS_GROUNDS: Final = frozenset({"", "gb_level3", "key_user", "class_at", "class_between", "class_below"})
"""Grounds that the classes of units give; all others come from confirmed findings."""
ANSWERED_BY: Final = {
    "built_before_approval": {"energy_review_missing", "environmental_approval_missing", "project_approval_missing"},
    "policy_noncompliance": {"eliminated_equipment"},
}
"""Ground -> the narrower grounds whose acts answer it too."""
BY_HAND: Final = "by_hand"
"""Ground of an act that the table has no row for."""
NAMED_BY_HAND: Final = (Disposition.HALT, Disposition.RECTIFY, Disposition.REFER)
"""Dispositions whose letter says the instrument in words: a person can name one that the table does not know."""
MANY_UNITS: Final = 4
"""Where an act is for more units than this, they are not told one by one in a sentence."""
GOVERNMENT: Final = "本级人民政府"
"""The organ of a measure that is the government's to decide: the office only proposes it."""
_LEAST: Final = ("主管机关权限", "二名以上执法人员", "事实证据")
_HARMFUL: Final = (
    *_LEAST, "事先告知书", "陈述申辩及答复", "听证期满", "法制审核", "集体讨论", "九十日办案期限", "当日有效的法律",
    "送达对象核对",
)  # fmt: skip
"""What an act that the table does not know must have on file: everything, as nobody knows what it may leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a person named for an act: its instrument, organ and clause; blank where the table's own words stand."""

    instrument: str = ""
    organ: str = ""
    clause: str = ""


def refers(measure: Measure) -> bool:
    """Whether it hands the matter to another organ, and orders nothing."""
    return measure.letter == Disposition.REFER.value


def proposes(measure: Measure) -> bool:
    """Whether it is for the people's government to decide, on the office's proposal."""
    return measure.organ.startswith(GOVERNMENT)


def by_class(measure: Measure) -> bool:
    """Whether it rests on the class of units alone."""
    return CLASS_GROUNDS.issuperset(measure.grounds)


def chosen(measures: Sequence[Measure], refs: Collection[str]) -> tuple[Measure, ...]:
    """The measures that were picked by `refs`; where none was, those that the grounds ask for, in the table's order.

    Each confirmed ground has its own act, named by the table where it can, left to a person only where it cannot. Of
    the acts that rest on a unit's class alone, the first that names a unit is enough: the table puts the strictest
    first, and a unit that two of them would name is ordered by the stricter one.
    """
    picked = [m for m in measures if m.ref in refs] if refs else _asked_for(measures)
    found: list[Measure] = []
    told: set[int] = set()
    for measure in picked:
        if by_class(measure) and measure.units:
            left = tuple(unit for unit in measure.units if unit not in told)
            told.update(measure.units)
            found.append(replace(measure, units=left) if left else measure)
        else:
            found.append(measure)
    return tuple(found)


def _asked_for(measures: Sequence[Measure]) -> list[Measure]:
    taken: set[str] = set()
    answered: set[str] = set()

    def open_(ground: str) -> bool:
        return ground not in answered and not answered & ANSWERED_BY.get(ground, set())

    for by_person in (False, True):
        for measure in measures:
            if measure.chosen_by_person is by_person and not by_class(measure) and any(map(open_, measure.grounds)):
                taken.add(measure.ref)
                answered.update(measure.grounds)
    ordered = {u for m in measures if m.ref in taken and not refers(m) for u in m.units}
    for measure in measures:
        if by_class(measure) and (not taken if not measure.units else not ordered.issuperset(measure.units)):
            taken.add(measure.ref)
            ordered.update(measure.units)
    return [m for m in measures if m.ref in taken]


def by_hand(disposition: Disposition, units: Collection[int] = ()) -> Measure:
    """An act that the table has no row for: a person names instrument, organ and clause."""
    harmful = disposition is not Disposition.REFER
    return Measure(
        ref=f"{BY_HAND}/{disposition.value}",
        ground=BY_HAND,
        instrument="处置措施表没有收录的措施，由人选定",
        organ="由人选定",
        basis=(),
        letter=disposition.value,
        harmful=harmful,
        needs=_HARMFUL if harmful else (*_LEAST, "送达对象核对"),
        chosen_by_person=True,
        evidence=Evidence.UNVERIFIED,
        units=tuple(units),
        rests_on=(),
        grounds=(BY_HAND,),
    )


def as_named(measure: Measure, named: Named | None) -> Measure:
    """The measure with what a person named in the place of what the table leaves open."""
    if named is None:
        return measure
    if refers(measure) and not measure.chosen_by_person:
        return replace(measure, organ=named.organ or measure.organ)
    if not measure.chosen_by_person:
        return measure
    basis = measure.basis if named.clause in measure.basis else (*measure.basis, named.clause)
    return replace(measure, instrument=named.instrument, organ=named.organ, basis=basis)


def lacks(measure: Measure, named: Named | None) -> tuple[str, ...]:
    """What a person must still name for the act, in words."""
    if not measure.chosen_by_person:
        return ()
    given = named or Named()
    parts = (("措施", given.instrument), ("机关", given.organ), ("条款", given.clause))
    return tuple(words for words, text in parts if not text)


def findings_of(measure: Measure, confirmed: Sequence[Finding]) -> tuple[Finding, ...]:
    """The confirmed findings that an act answers; an act of a person's own choice answers all of them."""
    if BY_HAND in measure.grounds:
        return tuple(confirmed)
    return tuple(f for f in confirmed if {g.id for g in finding_grounds([f], 0)} & set(measure.grounds))


def effect_of(
    disposition: Disposition, measures: Sequence[Measure], stage: Stage, units: Sequence[str], due: date | None
) -> str:
    """What the decision does, in one sentence; `units` are the names of those that it orders."""
    names = tuple(dict.fromkeys(units))
    named = f"{names[0]}等{len(names)}个装置" if len(names) > MANY_UNITS else "、".join(names) or "该项目"
    until = f"于{chinese(due)}前" if due else "在规定的期限内"
    match disposition:
        case Disposition.HALT:
            letters = {m.letter for m in measures}
            stop = {
                Stage.PROPOSED: "停止推进，不得开工建设",
                Stage.UNDER_CONSTRUCTION: "停止建设",
                Stage.EXISTING: "停止生产、使用",
            }[stage]
            does = [f"该项目{stop}"] if Disposition.HALT.value in letters else []
            does += ["限期改正"] if Disposition.RECTIFY.value in letters else []
            does += ["有关线索移送有权机关处理"] if Disposition.REFER.value in letters else []
            frozen = "不办理该项目的各项审批手续，不作出准予推进、保持或者鼓励升级的处理"
            return f"自送达之日起，{'，'.join(does)}；解除叫停之前，{frozen}。"
        case Disposition.RECTIFY:
            return f"{named}须{until}完成整改并经核实。"
        case Disposition.RETROFIT if all(m.grounds == ("class_below",) for m in measures):
            return f"请{named}{until}完成改造、达到基准水平并通过验收，不设定强制性义务；逾期的，建议限制其用能。"
        case Disposition.RETROFIT:
            return f"{named}须{until}完成改造、达到国家能效基准水平并通过验收，逾期依法处理。"
        case Disposition.ELIMINATE if any(map(proposes, measures)):
            return f"报请人民政府依法责令{named}停业整顿或者关闭，由人民政府决定。"
        case Disposition.ELIMINATE:
            return f"{named}列入淘汰退出范围，须在最长期限内停止使用并完成退出。"
        case Disposition.REFER:
            return "有关线索和材料移送有权机关处理，本机关跟踪回复；项目现有手续不变。"
        case Disposition.RELEASE:
            return "自送达之日起解除叫停，恢复办理该项目的有关事项。"
        case Disposition.ACCEPTED:
            return f"{named}改造验收通过，改造期限不再计算；以首个完整年度的实际能耗最终确认，未达到的恢复原期限。"
        case Disposition.NOT_ACCEPTED:
            return f"{named}改造验收不通过，原改造期限继续计算，不重新起算。"
        case Disposition.PROCEED:
            return "该项目可以继续推进；本意见不替代节能审查意见和其他法定手续。"
        case Disposition.UPGRADE:
            return f"鼓励对{named}实施升级改造，不设定强制性义务。"
        case _:
            return "该项目保持现有能效水平，纳入动态监控，不设定新的义务。"


def read_named(data: Mapping[str, Mapping[str, str]]) -> dict[str, Named]:
    """What was named for acts, by ref, from plain JSON data."""
    return {ref: Named(**parts) for ref, parts in data.items()}


APPROVAL_FIELDS: Final = tuple(
    FIELD[key]
    for key in (
        "filing_kind", "filing_organ", "filing_number", "filing_date", "review_level", "review_organ",
        "review_number", "review_date", "approved_equivalent", "approved_capacity", "approved_process",
        "approved_site", "acceptance_date", "eia_number", "eia_date",
    )
)  # fmt: skip
"""Facts that record an approval: filing, energy review opinion, its acceptance, environmental approval."""


def new_approvals(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Field, ...]:
    """The approvals that a change of facts would record, or record otherwise; what is only struck out is none."""
    return tuple(f for f in APPROVAL_FIELDS if new.get(f.key) not in (None, old.get(f.key)))


def approval_refused(field: Field, halted_on: date) -> str:
    """Why a halted project gets no new approval, in a sentence."""
    return (
        f"项目自{chinese(halted_on)}起叫停，解除之前不能登记新的或者变更后的“{field.header}”。"
        "整改经验收合格的，请先办理“解除叫停”。"
    )
