"""Chapter 3, the six situations: what must be told of each, what contradicts it, and the law of the day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from screening.domain.calendar import PartialDate, chinese
from screening.domain.classification import Finding, FindingId
from screening.domain.classification.day import Day, day_of
from screening.domain.classification.exact import about, percent, times
from screening.domain.classification.findings import DETECTED, Competence, catalogue_of, competence_on
from screening.domain.classification.screening import case_of
from screening.domain.errors import Refusal
from screening.domain.quantity import fold, plain
from screening.domain.registry import REVIEW_LEVELS, Project
from screening.domain.rules import Authority, Clause, Control, Evidence, Rulebook


class Kind(StrEnum):
    """How the text of a field is read."""

    LINE = "line"
    CHOICE = "choice"
    DAY = "day"
    """A whole day."""
    DATE = "date"
    """A day, or only its month or year where no more is known (law page §4)."""
    YEAR = "year"
    AMOUNT = "amount"
    """An exact decimal, zero or more."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A field of a situation."""

    key: str
    label: str
    kind: Kind = Kind.LINE
    required: bool = True
    choices: tuple[str, ...] = ()
    hint: str = ""


class Faults(Refusal):
    """Everything that is wrong with what was told, each with its field."""

    def __init__(self, each: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            "；".join(dict.fromkeys(sentence.rstrip("。") for _, sentence in each)) + "。", field=each[0][0]
        )
        self.each = tuple(each)


INSPECTION, LEDGER = "现场检查", "台账数据比对"
FOUND_BY: Final = (INSPECTION, LEDGER, "材料核查", "在线监测", "投诉举报", "其他机关移送")
ENERGY_REVIEW, ENVIRONMENTAL_REVIEW, APPROVAL, FILING = "节能审查意见", "环评批复", "项目核准", "项目备案"
PAPERS: Final = (ENERGY_REVIEW, ENVIRONMENTAL_REVIEW, APPROVAL, FILING)
CAPACITY, PRODUCT, PROCESS, SITE = "产能", "产品", "工艺", "建设地点"
NO_AUTHORITY, AGAINST_PROHIBITION = "当日没有审批权限", "违反当日的禁止性规定"
EQUIVALENT, CALORIFIC = "等价值", "当量值"
UNKNOWN_AUTHORITY: Final = "当日的审批权限未查到，须由人核对"
STATEMENT: Final = "statement"
START: Final = "construction_start"
TABLE: Final = "table"
"""What the table of authority said when the finding was entered; kept with what the person told."""

_PARTIAL = "查不到日的，可以只填年月或者年份。"
OWN: Final[Mapping[FindingId, tuple[Detail, ...]]] = {
    FindingId.POLICY_NONCOMPLIANCE: (
        Detail("clause", "所违反的政策条款", hint="写明文件名称、文号和条款。"),
        Detail("product", "产品", hint="本项目登记的产品之一。"),
    ),
    FindingId.UNLAWFUL_APPROVAL: (
        Detail("paper", "审批文件", Kind.CHOICE, choices=PAPERS),
        Detail("organ", "审批机关"),
        Detail("level", "机关级别", Kind.CHOICE, choices=REVIEW_LEVELS),
        Detail("document_number", "文号"),
        Detail("opinion_date", "审批日期", Kind.DATE, hint=_PARTIAL),
        Detail("why", "违规之处", Kind.CHOICE, choices=(NO_AUTHORITY, AGAINST_PROHIBITION)),
        Detail(
            "prohibition", "所违反的禁止性规定", required=False, hint="违反禁止性规定的必填：文件名称、文号和条款。"
        ),
        Detail("checked", "人工核对", required=False, hint="权限表未查到时必填：由谁对照哪份文件核对，结论如何。"),
    ),
    FindingId.BUILT_BEFORE_APPROVAL: (
        Detail("approval", "开工时没有的手续", Kind.CHOICE, choices=PAPERS),
        Detail("construction_start", "开工日期", Kind.DATE, hint=_PARTIAL),
        Detail("approval_date", "后来取得的日期", Kind.DATE, required=False, hint="至今没有取得的留空。"),
    ),
    FindingId.DEVIATES_FROM_APPROVAL: (
        Detail("what", "不符的内容", Kind.CHOICE, choices=(CAPACITY, PRODUCT, PROCESS, SITE)),
        Detail("approved", "批复", hint="产能填数字；其他照批复文件写。"),
        Detail("built", "实际建设", hint="产能填数字；其他照现场写。"),
        Detail("measure_unit", "计量单位", required=False, hint="产能必填，如 万吨/年；批复和实际用同一单位。"),
        Detail("document_number", "批复文号", required=False),
    ),
    FindingId.EXCEEDS_APPROVED_ENERGY: (
        Detail("year", "年度", Kind.YEAR, hint="已经结束的一个完整年度。"),
        Detail("approved_tce", "批复年综合能耗（吨标准煤）", Kind.AMOUNT),
        Detail("actual_tce", "实际年综合能耗（吨标准煤）", Kind.AMOUNT),
        Detail("basis", "口径", Kind.CHOICE, choices=(EQUIVALENT, CALORIFIC), hint="批复和实际须为同一口径。"),
        Detail("coefficient_year", "折标系数年份", Kind.YEAR, hint="批复和实际须按同一年份的系数折算。"),
    ),
    FindingId.EXCESS_EMISSION: (
        Detail("pollutant", "污染物"),
        Detail("measured_on", "监测日期", Kind.DAY),
        Detail("measured_value", "监测值", Kind.AMOUNT),
        Detail("limit_value", "限值", Kind.AMOUNT),
        Detail("measure_unit", "计量单位", hint="监测值和限值用同一单位，如 mg/m³。"),
        Detail("limit_standard", "排放标准", hint="限值所在的标准或者排污许可证。"),
        Detail("source_document", "来源文件", hint="监测报告、移送函等，写明名称和编号。"),
    ),
}
"""The fields of each of the six situations."""
COMMON: Final = (
    Detail("found_on", "发现日期", Kind.DAY),
    Detail("found_by", "发现方式", Kind.CHOICE, choices=FOUND_BY),
    Detail("inspected_on", "检查日期", Kind.DAY, required=False, hint="现场检查的必填。"),
    Detail("officers", "执法人员", required=False, hint="现场检查的必填：不少于二人，用顿号隔开，可附执法证号。"),
)
"""The fields that all of them have."""
LABELS: Final = {TABLE: "权限表"}


def fields_of(ground: FindingId) -> tuple[Detail, ...]:
    """The fields of a situation, its own first."""
    return (*OWN[ground], *COMMON)


# --- reading what was typed -----------------------------------------------------------------------------------------

_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?|年(?:(\d{1,2})月(?:(\d{1,2})日)?)?)?", re.ASCII)
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_YEAR = re.compile(r"((?:19|20)\d{2})年?", re.ASCII)
LONGEST = 500


def _read_date(text: str) -> str:
    found = _DATE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise ValueError(f"“{text}”不是日期。请按 2026-11-22 的格式填写；查不到日的可以写 2026-11 或 2026。")
    year, month, day, other_month, other_day = found.groups()
    parts = [int(part) for part in (year, month or other_month, day or other_day) if part]
    try:
        return str(PartialDate(*parts))
    except ValueError as error:
        raise ValueError(f"“{text}”这一天不存在。请核对年、月、日。") from error


def _read_day(text: str) -> str:
    found = _read_date(text)
    if not PartialDate.read(found).exact:
        raise ValueError(f"“{text}”没有写到日。请按 2026-11-22 的格式填写年、月、日。")
    return found


def _read_year(text: str) -> str:
    found = _YEAR.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}”不是年份。请填写四位年份，如 2025。")
    return found[1]


def _read_amount(text: str) -> str:
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"“{text}”不是可用的数字。请填写如 61234.5 的数字，不带千位分隔符、单位和正负号。")
    return plain(Decimal(text))


def _read_line(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"文字共{len(text)}字，请不超过{LONGEST}字。")
    return text


_READERS: Final[Mapping[Kind, Callable[[str], str]]] = {
    Kind.LINE: _read_line,
    Kind.DAY: _read_day,
    Kind.DATE: _read_date,
    Kind.YEAR: _read_year,
    Kind.AMOUNT: _read_amount,
}


def _read_one(detail: Detail, text: str) -> str:
    if detail.kind is Kind.CHOICE:
        if text not in detail.choices:
            raise ValueError(f"“{text}”不在可选范围内。请从{'、'.join(detail.choices)}中选择一项。")
        return text
    return _READERS[detail.kind](text)


def read(ground: FindingId, typed: Mapping[str, str], fixed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, in the spelling that is kept; blanks are left out.

    `fixed` is what the program detected and nobody may contradict here. Faults lists all that cannot be read, is
    missing, or differs from what was detected.
    """
    faults: list[tuple[str, str]] = []
    found: dict[str, str] = {}
    for detail in fields_of(ground):
        text = typed.get(detail.key, fixed.get(detail.key, "")).strip()
        try:
            value = _read_one(detail, text) if text else ""
        except ValueError as error:
            faults.append((detail.key, f"{detail.label}：{error}"))
            continue
        if detail.key in fixed and value != fixed[detail.key]:
            told = words(ground, detail.key, fixed[detail.key]) or "没有"
            faults.append(
                (
                    detail.key,
                    (
                        f"程序检出的{detail.label}为“{told}”，此处不能改填。台账有误的，请先由登记员更正，"
                        "项目会重新筛查；情形不成立的，请排除。"
                    ),
                )
            )
        if value:
            found[detail.key] = value
        elif detail.required and detail.key not in fixed and not (detail.key == START and missing_start(fixed)):
            faults.append((detail.key, f"请填写{detail.label}。{detail.hint}"))
    if faults:
        raise Faults(faults)
    return found


LOOKED_UP: Final = ("paper", "level", "opinion_date", "why")


def read_approval(typed: Mapping[str, str]) -> dict[str, str]:
    """What the tables need to know of an approval; Faults where that is missing or cannot be read."""
    faults: list[tuple[str, str]] = []
    found: dict[str, str] = {}
    for detail in OWN[FindingId.UNLAWFUL_APPROVAL]:
        if detail.key not in LOOKED_UP:
            continue
        text = (typed.get(detail.key) or "").strip() or (NO_AUTHORITY if detail.key == "why" else "")
        try:
            if not text:
                faults.append((detail.key, f"请填写{detail.label}，才能查当日的权限。"))
            else:
                found[detail.key] = _read_one(detail, text)
        except ValueError as error:
            faults.append((detail.key, f"{detail.label}：{error}"))
    if faults:
        raise Faults(faults)
    return found


def words(ground: FindingId, key: str, value: str) -> str:
    """A kept value as people read it."""
    kinds = {detail.key: detail.kind for detail in fields_of(ground)}
    if value and kinds.get(key) in (Kind.DAY, Kind.DATE):
        return PartialDate.read(value).words
    if value and kinds.get(key) is Kind.YEAR:
        return f"{value}年"
    return value


def labelled(ground: FindingId, details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What is on file about a finding, in the order of its fields: (label, words)."""
    labels = {**{detail.key: detail.label for detail in fields_of(ground)}, **LABELS}
    return tuple((label, words(ground, key, details[key])) for key, label in labels.items() if details.get(key))


# --- what the program knows already ---------------------------------------------------------------------------------

_NOT_ON_FILE = "未登记"


@dataclass(frozen=True, slots=True)
class Known:
    """What the boxes hold at first: `fixed` was detected and stands, `suggested` comes from the ledger."""

    fixed: Mapping[str, str]
    suggested: Mapping[str, str]


def _spelled(**values: object) -> dict[str, str]:
    return {
        key: plain(value) if isinstance(value, Decimal) else str(value)
        for key, value in values.items()
        if value is not None
    }


def _year_on_file(project: Project) -> int | None:
    years = {unit.year for unit in project.units if unit.year is not None}
    return next(iter(years)) if len(years) == 1 else None


def known(ground: FindingId, project: Project, today: date, detected: Finding | None = None) -> Known:
    """What is known of a finding before anybody typed a word; `detected` where the program saw it.

    Of an entered one nothing is asked again.
    """
    if detected is not None and detected.source != DETECTED:
        return Known({}, {})
    fixed = {} if detected is None else _FIXED[ground](detected.facts)
    suggested = _spelled(found_on=PartialDate.of(today), found_by=LEDGER) if detected else {}
    match ground:
        case FindingId.POLICY_NONCOMPLIANCE:
            products = dict.fromkeys(unit.product for unit in project.units)
            suggested |= _spelled(product=next(iter(products)) if detected or len(products) == 1 else None)
            if detected and detected.basis:
                suggested["clause"] = f"{detected.basis[0].words}：{detected.facts.get('control', '淘汰类设备')}"
        case FindingId.UNLAWFUL_APPROVAL:
            suggested |= _spelled(
                organ=project.review_organ, level=project.review_level, document_number=project.review_number,
                opinion_date=project.review_date, paper=ENERGY_REVIEW if project.review_date else None,
            )  # fmt: skip
            if detected and detected.basis and "control" in detected.facts:
                suggested["prohibition"] = f"{detected.basis[0].words}：{detected.facts['control']}"
        case FindingId.BUILT_BEFORE_APPROVAL:
            suggested |= _spelled(construction_start=project.start_date)
        case FindingId.DEVIATES_FROM_APPROVAL:
            suggested |= _spelled(document_number=project.review_number)
        case FindingId.EXCEEDS_APPROVED_ENERGY:
            suggested |= _spelled(
                year=_year_on_file(project), approved_tce=project.approved_equivalent,
                actual_tce=project.actual_equivalent,
                basis=EQUIVALENT if project.approved_equivalent is not None else None,
            )  # fmt: skip
        case FindingId.EXCESS_EMISSION:
            pass
    return Known(fixed, {key: value for key, value in suggested.items() if key not in fixed})


def _fixed_policy(facts: Mapping[str, str]) -> dict[str, str]:
    return {"product": facts["product"]} if "product" in facts else {}


def _fixed_unlawful(facts: Mapping[str, str]) -> dict[str, str]:
    fixed = {"paper": ENERGY_REVIEW, "opinion_date": facts["opinion_date"]}
    if "review_level" in facts:
        return {**fixed, "level": facts["review_level"], "why": NO_AUTHORITY}
    return {**fixed, "why": AGAINST_PROHIBITION}


def _fixed_built_before(facts: Mapping[str, str]) -> dict[str, str]:
    paper, key = (ENVIRONMENTAL_REVIEW, "eia_date") if "eia_date" in facts else (ENERGY_REVIEW, "opinion_date")
    fixed = {"approval": paper, "approval_date": "" if facts[key] == _NOT_ON_FILE else facts[key]}
    if facts["construction_start"][:1].isdigit():
        fixed["construction_start"] = facts["construction_start"]
    return fixed


def _fixed_deviates(facts: Mapping[str, str]) -> dict[str, str]:
    if "approved_process" in facts:
        return {"what": PROCESS, "approved": facts["approved_process"], "built": facts["built_process"]}
    if "approved_site" in facts:
        return {"what": SITE, "approved": facts["approved_site"], "built": facts["built_site"]}
    fixed = {"what": CAPACITY, "approved": facts["approved_capacity"], "built": facts["built_capacity"]}
    return {**fixed, "measure_unit": facts["unit"]} if facts.get("unit") else fixed


def _fixed_exceeds(facts: Mapping[str, str]) -> dict[str, str]:
    return {"approved_tce": facts["approved_tce"], "actual_tce": facts["actual_tce"], "basis": EQUIVALENT}


_FIXED: Final[Mapping[FindingId, Callable[[Mapping[str, str]], dict[str, str]]]] = {
    FindingId.POLICY_NONCOMPLIANCE: _fixed_policy,
    FindingId.UNLAWFUL_APPROVAL: _fixed_unlawful,
    FindingId.BUILT_BEFORE_APPROVAL: _fixed_built_before,
    FindingId.DEVIATES_FROM_APPROVAL: _fixed_deviates,
    FindingId.EXCEEDS_APPROVED_ENERGY: _fixed_exceeds,
    FindingId.EXCESS_EMISSION: lambda _: {},
}
"""The fields that the facts of a detection answer."""


def asked_of(ground: FindingId, fixed: Mapping[str, str]) -> tuple[Detail, ...]:
    """The fields that are worth showing: those that what was detected leaves open, or answers with something."""
    needless = {key for key, value in fixed.items() if not value}
    if fixed.get("what", CAPACITY) != CAPACITY:
        needless.add("measure_unit")
    if fixed.get("why"):
        needless |= {"checked"} if fixed["why"] == AGAINST_PROHIBITION else {"checked", "prohibition"}
    return tuple(detail for detail in fields_of(ground) if detail.key not in needless)


def missing_start(fixed: Mapping[str, str]) -> bool:
    """Whether the program saw that construction has begun without knowing the day: then nobody has to know it."""
    return "approval" in fixed and START not in fixed


# --- contradictions -------------------------------------------------------------------------------------------------

Fault = tuple[str, str]


def _day(details: Mapping[str, str], key: str) -> PartialDate | None:
    return PartialDate.read(details[key]) if details.get(key) else None


def _apart(one: PartialDate, other: PartialDate) -> bool:
    """Whether two dates cannot mean the same day."""
    return one.last < other.first or other.last < one.first


_MEND = "请核对；台账有误的，先由登记员更正。"


def _against_ledger(key: str, label: str, told: PartialDate | None, on_file: PartialDate | None) -> Iterator[Fault]:
    if told and on_file and _apart(told, on_file):
        yield key, f"{label}填写为{told.words}，台账登记为{on_file.words}，不一致。{_MEND}"


def _found(details: Mapping[str, str], today: date) -> Iterator[Fault]:
    on = _day(details, "found_on")
    if on and on.last > today:
        yield "found_on", f"发现日期{on.words}在今天之后。请核对。"
    inspected = _day(details, "inspected_on")
    if inspected and inspected.last > today:
        yield "inspected_on", f"检查日期{inspected.words}在今天之后。请核对。"
    officers = {one for one in re.split(r"[、，,；;\s]+", details.get("officers", "")) if one}
    if details.get("found_by") == INSPECTION:
        if inspected is None:
            yield "inspected_on", "现场检查发现的，请填写检查日期。"
        elif on and inspected.first > on.last:
            yield (
                "inspected_on",
                f"检查日期{inspected.words}晚于发现日期{on.words}。现场检查发现的，检查不会在发现之后。",
            )
    if (details.get("found_by") == INSPECTION or inspected or officers) and len(
        officers
    ) < 2:  # two officers (law page §5)
        yield "officers", "现场检查须有不少于二名执法人员。请写全姓名，用顿号隔开。"


def _built_before(details: Mapping[str, str], project: Project, day: Day) -> Iterator[Fault]:
    paper = details["approval"]
    start, given = _day(details, "construction_start"), _day(details, "approval_date")
    on_file, number = {
        ENERGY_REVIEW: (project.review_date, project.review_number),
        ENVIRONMENTAL_REVIEW: (project.eia_date, project.eia_number),
    }.get(paper, (project.filing_date, project.filing_number))
    expected = next((kind for kind, one in _FILED.items() if one == paper), None)
    if expected and project.filing_kind and project.filing_kind != expected:
        yield "approval", f"台账登记的立项方式为{project.filing_kind}，不是{expected}。{_MEND}"
    elif given is None and (on_file or number):
        told = "，".join(part for part in (number, on_file.words if on_file else None) if part)
        yield (
            "approval_date",
            f"台账登记有{paper}（{told}），与“至今没有取得”不一致。请填写取得的日期；台账有误的，先由登记员更正。",
        )
    yield from _against_ledger("approval_date", f"{paper}的日期", given, on_file)
    yield from _against_ledger("construction_start", "开工日期", start, project.start_date)
    if start is None:
        return
    if start.first > day.as_of:
        yield "construction_start", f"开工日期{start.words}在今天之后，还没有开工，不构成未批先建。"
    found = _day(details, "found_on")
    if found and found.last < start.first:
        yield "found_on", f"发现日期{found.words}早于开工日期{start.words}。请核对。"
    if given is None or start.last < given.first:
        return
    if start.first >= given.last:
        yield (
            "construction_start",
            f"开工日期{start.words}不早于{paper}日期{given.words}，开工在批准之后，不构成未批先建。",
        )
    else:
        yield (
            "construction_start",
            f"开工日期{start.words}与{paper}日期{given.words}先后不能确定。请查明到日；查不明的只能作为提示。",
        )


def _deviates(details: Mapping[str, str], project: Project, day: Day) -> Iterator[Fault]:
    approved, built = details["approved"], details["built"]
    if details["what"] != CAPACITY:
        if fold(approved) == fold(built):
            yield "built", f"批复和实际的{details['what']}相同（{built}），不构成批建不符。"
        return
    unreadable = False
    for key, text in (("approved", approved), ("built", built)):
        if not _AMOUNT.fullmatch(text):
            unreadable = True
            yield key, f"“{text}”不是可用的数字。产能请填写如 30 或 12.5 的数字，单位另填。"
    if not details.get("measure_unit"):
        yield "measure_unit", "请填写产能的计量单位，如 万吨/年。"
    if unreadable:
        return
    ought, stands = Decimal(approved), Decimal(built)
    unit = details.get("measure_unit", "")
    units = {fold(one.capacity_unit) for one in project.units if one.capacity_unit}
    if project.approved_capacity is not None and units == {fold(unit)} and project.approved_capacity != ought:
        yield (
            "approved",
            f"批复产能填写为{plain(ought)}{unit}，台账登记为{plain(project.approved_capacity)}{unit}，不一致。{_MEND}",
        )
    if ought <= 0:
        yield "approved", "批复产能应大于零。"
    elif stands <= ought:
        yield (
            "built",
            f"实际建成产能{plain(stands)}{unit}没有超过批复产能{plain(ought)}{unit}，不构成产能上的批建不符。",
        )
    elif (
        (tolerance := day.parameter("capacity_tolerance"))
        and tolerance.amount is not None
        and stands <= times(ought, 1 + tolerance.amount)
    ):
        basis = day.basis(tolerance)
        yield (
            "built",
            (
                f"实际建成产能为批复的{about(stands, ought)}，没有超过允许偏差{percent(tolerance.amount, Decimal(1))}"
                f"（{basis.words}，{basis.evidence.words}），只作提示，不作情形认定。"
            ),
        )


def _exceeds(details: Mapping[str, str], project: Project, day: Day) -> Iterator[Fault]:
    year, approved, actual = int(details["year"]), Decimal(details["approved_tce"]), Decimal(details["actual_tce"])
    if year >= day.as_of.year:
        yield "year", f"{year}年尚未结束，没有完整年度的实际综合能耗。请填写已经结束的年度。"
    if int(details["coefficient_year"]) > day.as_of.year:
        yield "coefficient_year", f"折标系数年份{details['coefficient_year']}年还没有到。请核对。"
    if project.review_date and project.review_date.first.year > year:
        yield "year", f"台账登记的节能审查日期为{project.review_date.words}，{year}年时还没有批复，不能超过批复。"
    if details["basis"] == EQUIVALENT:
        if project.approved_equivalent is not None and project.approved_equivalent != approved:
            yield (
                "approved_tce",
                (
                    f"批复值填写为{plain(approved)}，台账登记的批复年综合能耗（等价值）为"
                    f"{plain(project.approved_equivalent)}，不一致。{_MEND}"
                ),
            )
        if project.actual_equivalent not in (None, actual) and _year_on_file(project) == year:
            yield (
                "actual_tce",
                (
                    f"实际值填写为{plain(actual)}，台账登记的{year}年实际年综合能耗（等价值）为"
                    f"{plain(project.actual_equivalent or Decimal(0))}，不一致。{_MEND}"
                ),
            )
    if approved <= 0:
        yield "approved_tce", "批复年综合能耗应大于零。"
    elif actual <= approved:
        yield "actual_tce", f"实际{plain(actual)}吨标准煤没有超过批复{plain(approved)}吨标准煤，不构成超批复用能。"
    elif (
        (ratio := day.parameter("energy_ratio")) and ratio.amount is not None and actual < times(approved, ratio.amount)
    ):
        basis = day.basis(ratio)
        yield (
            "actual_tce",
            (
                f"实际为批复的{about(actual, approved)}，没有达到判定界线{percent(ratio.amount, Decimal(1))}"
                f"（{basis.words}，{basis.evidence.words}），只作提示，不作情形认定。"
            ),
        )


def _emission(details: Mapping[str, str], project: Project, day: Day) -> Iterator[Fault]:  # noqa: ARG001  # one signature for all six
    measured = _day(details, "measured_on")
    found = _day(details, "found_on")
    if measured and measured.last > day.as_of:
        yield "measured_on", f"监测日期{measured.words}在今天之后。请核对。"
    if measured and found and found.last < measured.first:
        yield "found_on", f"发现日期{found.words}早于监测日期{measured.words}。请核对。"
    value, limit, unit = Decimal(details["measured_value"]), Decimal(details["limit_value"]), details["measure_unit"]
    if value <= limit:
        yield "measured_value", f"监测值{plain(value)}{unit}没有超过限值{plain(limit)}{unit}，不构成超标排放。"


def _policy(details: Mapping[str, str], project: Project, day: Day) -> Iterator[Fault]:  # noqa: ARG001  # one signature for all six
    products = dict.fromkeys(unit.product for unit in project.units)
    if fold(details["product"]) not in {fold(one) for one in products}:
        yield "product", f"本项目没有登记产品“{details['product']}”，登记的是：{'、'.join(products)}。{_MEND}"


def _unlawful(details: Mapping[str, str], project: Project, day: Day) -> Iterator[Fault]:
    given = PartialDate.read(details["opinion_date"])
    if given.first > day.as_of:
        yield "opinion_date", f"审批日期{given.words}在今天之后。请核对。"
    found = _day(details, "found_on")
    if found and found.last < given.first:
        yield "found_on", f"发现日期{found.words}早于审批日期{given.words}。请核对。"
    if details["paper"] == ENERGY_REVIEW:
        yield from _against_ledger("opinion_date", "节能审查日期", given, project.review_date)
        if project.review_level and project.review_level != details["level"]:
            yield "level", f"机关级别填写为{details['level']}，台账登记为{project.review_level}，不一致。{_MEND}"
        if project.review_number and fold(project.review_number) != fold(details["document_number"]):
            yield (
                "document_number",
                f"文号填写为{details['document_number']}，台账登记为{project.review_number}，不一致。{_MEND}",
            )
    if details["why"] == AGAINST_PROHIBITION:
        if not details.get("prohibition"):
            yield "prohibition", "请写明所违反的禁止性规定：文件名称、文号和条款。"
        return
    answer = authority_of(details, project, day)
    if answer.lawful is True:
        yield "why", f"{answer.sentence}与“{NO_AUTHORITY}”不一致。请核对机关级别和审批日期，或者改选违规之处。"
    elif answer.lawful is None and not details.get("checked"):
        yield "checked", f"{answer.sentence}请写明由谁对照哪份文件核对，结论如何。"


_CONTRADICTIONS: Final[Mapping[FindingId, Callable[[Mapping[str, str], Project, Day], Iterator[Fault]]]] = {
    FindingId.POLICY_NONCOMPLIANCE: _policy,
    FindingId.UNLAWFUL_APPROVAL: _unlawful,
    FindingId.BUILT_BEFORE_APPROVAL: _built_before,
    FindingId.DEVIATES_FROM_APPROVAL: _deviates,
    FindingId.EXCEEDS_APPROVED_ENERGY: _exceeds,
    FindingId.EXCESS_EMISSION: _emission,
}


def demand(ground: FindingId, details: Mapping[str, str], project: Project, rules: Rulebook, today: date) -> None:
    """Refuses (Faults) what contradicts itself, the ledger or the rules."""
    day = day_of(rules, today, None)
    faults = [*_CONTRADICTIONS[ground](details, project, day), *_found(details, today)]
    if faults:
        raise Faults(list(dict.fromkeys(faults)))


# --- the table of authority -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """What the rules say of an approval on its day: lawful None where they do not know."""

    lawful: bool | None
    sentence: str


def authority_of(details: Mapping[str, str], project: Project, day: Day) -> TableAnswer:
    """What the tables say of the approval on its day: of the organ's level, or of a prohibition."""
    given = PartialDate.read(details["opinion_date"])
    if details["why"] == AGAINST_PROHIBITION:
        return _prohibition_on(given, project, day)
    if details["paper"] != ENERGY_REVIEW:
        return TableAnswer(None, f"{UNKNOWN_AUTHORITY}：权限表只收录节能审查的权限，没有{details['paper']}的。")
    answer: Competence = competence_on(case_of(project, day)[0], Authority(details["level"]), given)
    told = "；".join(
        dict.fromkeys(f"{basis.words}，{basis.evidence.words}" for basis in day.bases(*dict.fromkeys(answer.rules)))
    )
    if answer.lawful is None:
        return TableAnswer(None, f"{UNKNOWN_AUTHORITY}：{answer.why}{f'（{told}）' if told else ''}。")
    has = "有审查权限" if answer.lawful else f"没有审查权限（{answer.why}）"
    return TableAnswer(answer.lawful, f"权限表：{details['level']}于{given.words}{has}（{told}）。")


def _prohibition_on(given: PartialDate, project: Project, day: Day) -> TableAnswer:
    for unit in project.units:
        for entry in catalogue_of(unit, day.rulebook):
            since = entry.control_from
            if entry.control is not Control.FORBIDDEN or since is None or not entry.covers(unit.variant):
                continue
            basis = day.basis(entry)
            told = (
                f"“{unit.product}”自{chinese(since)}起“{entry.control_text}”（{basis.words}，{basis.evidence.words}）"
            )
            if since <= given.first:
                return TableAnswer(False, f"管控目录：{told}，审批时已经执行。")
            return TableAnswer(None, f"管控目录：{told}，审批日期{given.words}不在其后，当日的禁止性规定须由人核对。")
    return TableAnswer(None, "当日的禁止性规定未查到，须由人核对：管控目录没有收录本项目产品在当日有效的禁止。")


# --- what it says in the decision and the letter --------------------------------------------------------------------

_SUSPECTED: Final = re.compile(r"，?涉嫌[^，。；]*")


def stated(text: str) -> str:
    """A detected finding's sentence once a person confirmed it: no longer a suspicion."""
    return _SUSPECTED.sub("", text)


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"


def told_in_short(ground: FindingId, details: Mapping[str, str]) -> str:
    """The situation in one sentence, from its own fields."""
    d = {detail.key: words(ground, detail.key, details.get(detail.key, "")) for detail in OWN[ground]}
    match ground:
        case FindingId.POLICY_NONCOMPLIANCE:
            return f"产品“{d['product']}”不符合{d['clause'].rstrip('。')}。"
        case FindingId.UNLAWFUL_APPROVAL:
            against = f"（{d['prohibition'].rstrip('。')}）" if d["prohibition"] else ""
            return (
                f"{d['organ']}（{d['level']}级）于{d['opinion_date']}以{d['document_number']}"
                f"出具{d['paper']}，{d['why']}{against}。"
            )
        case FindingId.BUILT_BEFORE_APPROVAL:
            later = f"于{d['approval_date']}才取得" if d["approval_date"] else "至今没有取得"
            return f"项目于{d['construction_start']}开工建设，{d['approval']}{later}。"
        case FindingId.DEVIATES_FROM_APPROVAL:
            number = f"（{d['document_number']}）" if d["document_number"] else ""
            if d["what"] == CAPACITY:
                share = about(Decimal(d["built"]), Decimal(d["approved"]))
                unit = d["measure_unit"]
                return f"批复产能{d['approved']}{unit}{number}，实际建成{d['built']}{unit}，为批复的{share}。"
            return f"批复{d['what']}为“{d['approved']}”{number}，实际为“{d['built']}”。"
        case FindingId.EXCEEDS_APPROVED_ENERGY:
            share = about(Decimal(d["actual_tce"]), Decimal(d["approved_tce"]))
            return (
                f"{d['year']}实际综合能耗{d['actual_tce']}吨标准煤，批复{d['approved_tce']}吨标准煤"
                f"（均为{d['basis']}，按{d['coefficient_year']}系数折算），为批复的{share}。"
            )
        case FindingId.EXCESS_EMISSION:
            limit = Decimal(d["limit_value"])
            share = f"，为限值的{about(Decimal(d['measured_value']), limit)}" if limit else ""
            return (
                f"{d['measured_on']}监测，{d['pollutant']}排放{d['measured_value']}{d['measure_unit']}，"
                f"限值{d['limit_value']}{d['measure_unit']}（{d['limit_standard']}）{share}，见{d['source_document']}。"
            )


def narrative(ground: FindingId, details: Mapping[str, str], fixed: Mapping[str, str], evidence: Sequence[str]) -> str:
    """A finding as the decision and its letter state it: the facts, how they were found, and what proves them.

    What the program detected stands in its own sentence already; of the fields only the others are added then.
    """
    parts = [_ended(details[STATEMENT])]
    if fixed:
        own = {key: value for key, value in details.items() if key not in fixed}
        more = [
            f"{detail.label}：{words(ground, detail.key, own[detail.key])}"
            for detail in OWN[ground]
            if own.get(detail.key)
        ]
        parts += [f"另查明{'；'.join(more)}。"] if more else []
    else:
        parts.append(told_in_short(ground, details))
    found = words(ground, "found_on", details["found_on"])
    if details["found_by"] == INSPECTION:
        when = words(ground, "inspected_on", details["inspected_on"])
        parts.append(f"以上由执法人员{details['officers']}于{when}现场检查发现。")
    else:
        checked = (
            f"，并经执法人员{details['officers']}于{words(ground, 'inspected_on', details['inspected_on'])}现场核实"
            if details.get("inspected_on") and details.get("officers")
            else ""
        )
        parts.append(f"以上于{found}经{details['found_by']}发现{checked}。")
    parts.append(f"证据：{'；'.join(one.rstrip('。') for one in evidence)}。")
    return "".join(parts)


# --- the law of the day that matters --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cited:
    """A provision or a row of the rules in force on the day, and how well it is known."""

    ref: str
    words: str
    text: str
    evidence: Evidence
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """The law of a finding: the day that matters in words, what was in force then, and what is not known."""

    day: str
    cited: tuple[Cited, ...]
    gaps: tuple[str, ...]


_PARTS: Final = {
    ENERGY_REVIEW: "energy_review",
    ENVIRONMENTAL_REVIEW: "environmental_review",
    APPROVAL: "approval",
    FILING: "filing",
}
_FILED: Final = {"核准": APPROVAL, "备案": FILING}
FOUNDED: Final = (
    *(found.value for found in FindingId),
    *(
        f"{found.value}.{part}"
        for found in (
            FindingId.BUILT_BEFORE_APPROVAL,
            FindingId.UNLAWFUL_APPROVAL,
            FindingId.DEVIATES_FROM_APPROVAL,
        )
        for part in _PARTS.values()
    ),
)
"""What a clause can found: a situation, or one kind of it."""
_MATTERS: Final = {
    FindingId.BUILT_BEFORE_APPROVAL: ("construction_start", "开工"),
    FindingId.UNLAWFUL_APPROVAL: ("opinion_date", "审批"),
    FindingId.EXCEEDS_APPROVED_ENERGY: ("year", "年度末"),
    FindingId.EXCESS_EMISSION: ("measured_on", "监测"),
}
"""The field whose day decides which law holds; else the day on which it was found."""


def _day_that_matters(ground: FindingId, details: Mapping[str, str], as_of: date) -> tuple[PartialDate, str]:
    key, name = _MATTERS.get(ground, ("found_on", "发现"))
    if not details.get(key):
        key, name = "found_on", "发现"
    if not details.get(key):
        return PartialDate.of(as_of), "筛查"
    told = PartialDate.read(details[key])
    return (PartialDate(told.year, 12, 31) if key == "year" else told), name


def law_of(ground: FindingId, details: Mapping[str, str], project: Project, rules: Rulebook, as_of: date) -> Law:
    """The clauses and rows in force on the day that matters; a month or a year counts from its first day to its last.

    What the rules do not have for that day is said, never guessed.
    """
    when, name = _day_that_matters(ground, details, as_of)
    part = _PARTS.get(details.get("approval") or details.get("paper") or "")
    parts = [part] if part else []
    if ground is FindingId.DEVIATES_FROM_APPROVAL:
        parts = [_PARTS[paper] for kind, paper in _FILED.items() if project.filing_kind in (None, kind)]
    wanted = {ground.value, *(f"{ground.value}.{one}" for one in parts)}
    founding = [clause for clause in rules.clauses if wanted & set(clause.founds)]
    general = [clause for clause in founding if len(clause.founds) >= len(FindingId)]
    special = [clause for clause in founding if clause not in general]

    def held(rule_from: date | None, rule_to: date | None) -> bool:
        return (rule_from is None or rule_from <= when.last) and (rule_to is None or when.first <= rule_to)

    cited: list[Cited] = []
    gaps: list[str] = []
    for clause in (*special, *general):
        if held(clause.in_force_from, clause.in_force_to):
            cited.append(
                Cited(clause.ref, clause.source.words, clause.text, rules.evidence_of(clause), _note(clause, when))
            )
    dated = [clause for clause in special if clause.in_force_from is not None]
    if not special:
        gaps.append(f"规则没有收录“{ground.words}”的专门条文，须由人核对所依据的法律。")
    elif dated and not any(held(c.in_force_from, c.in_force_to) for c in dated):
        about_what = details.get("approval") or details.get("paper") or ground.words
        gaps.append(f"{when.words}适用于“{about_what}”的规定没有收录，须由人核对。")
    if ground is FindingId.UNLAWFUL_APPROVAL and part == "energy_review":
        rows = [row for row in rules.authorities if held(row.in_force_from, row.in_force_to)]
        for row in rows:
            cited.append(
                Cited(row.ref, row.source.words, f"审批权限表：{row.note or '分级权限'}", rules.evidence_of(row))
            )
        if not rows:
            gaps.append(f"{UNKNOWN_AUTHORITY}：{when.words}的节能审查权限规则没有收录。")
    if ground in (FindingId.POLICY_NONCOMPLIANCE, FindingId.UNLAWFUL_APPROVAL):
        cited += _controls(project, rules, held)
    if (
        not when.exact
        and len({(c.in_force_from, c.in_force_to) for c in dated if held(c.in_force_from, c.in_force_to)}) > 1
    ):
        gaps.append(f"{when.words}没有写到日，其间规定有更替，两者并列，须查明到日。")
    return Law(f"{when.words}（{name}）", tuple(cited), tuple(dict.fromkeys(gaps)))


def _note(clause: Clause, when: PartialDate) -> str | None:
    """What is not known of a clause on the day: whether it holds still, or held already."""
    if clause.known_until and clause.known_until < when.last:
        return f"已知有效至{chinese(clause.known_until)}，{when.words}是否仍然执行须核对"
    if clause.in_force_from is not None:
        return None
    published = clause.source.published
    if published is None:
        return "施行日期没有收录，当日的文本须核对"
    return f"收录的文本公布于{chinese(published)}，当日的文本须核对" if when.first < published else None


def _controls(project: Project, rules: Rulebook, held: Callable[[date | None, date | None], bool]) -> Iterator[Cited]:
    told = set()
    for unit in project.units:
        for entry in catalogue_of(unit, rules):
            if (
                entry.control in (Control.FORBIDDEN, Control.NATIONAL_PLAN, Control.STRICT)
                and entry.covers(unit.variant)
                and held(entry.control_from or entry.in_force_from, entry.in_force_to)
                and entry.ref not in told
            ):
                told.add(entry.ref)
                since = f"，自{chinese(entry.control_from)}起" if entry.control_from else "，起始日期没有收录"
                yield Cited(
                    entry.ref, entry.source.words, f"管控目录“{unit.product}”：{entry.control_text}{since}",
                    rules.evidence_of(entry),
                )  # fmt: skip
