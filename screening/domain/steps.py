"""What each step before signing must say: its fields by name, and the checks that its evidence has to pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from screening.domain.calendar import chinese
from screening.domain.classification import Disposition
from screening.domain.errors import Refusal
from screening.domain.grounds import Faults
from screening.domain.procedure import BY_PROGRAM, COUNTERSIGNING, StepId, StepState

Facts = Mapping[str, str]
"""What was filled in, by field; days as 2026-11-23, ticks as "yes", several attachments by blanks."""


class Kind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    CHOICE = "choice"
    TICK = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepField:
    """A field of a step. `when` (field, value): it counts only where that choice was made."""

    name: str
    words: str
    kind: Kind = Kind.LINE
    hint: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = True
    when: tuple[str, str] | None = None

    def counts(self, facts: Facts) -> bool:
        """Whether the field is asked for, given what was chosen."""
        return self.when is None or facts.get(self.when[0]) == self.when[1]


@dataclass(frozen=True, slots=True)
class Point:
    """A fact that must have its own evidence: a confirmed finding, or a unit's figure."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a step is measured against, as of `today`.

    `served_on` is the day on which the notice that opens the step was served, None where none was (or need not be);
    `closes_on` the last day of the term that runs from it, None where the calendar of working days does not reach it.
    `term_days` are the days of the limit for penalties.
    """

    today: date
    enterprise: str
    credit_code: str | None
    points: tuple[Point, ...] = ()
    served_on: date | None = None
    closes_on: date | None = None
    term_days: int = 90


AGREED: Final = (("agree", "同意"), ("disagree", "不同意"))
NO_CALENDAR = (
    StepField(
        name="closes_on", words="期限的最后一天（人工核定）", kind=Kind.DAY, needed=False,
        hint="工作日历没有当年的安排时填写，由人按国务院办公厅的节假日安排核定。",
    ),
    StepField(name="closes_basis", words="核定依据", needed=False, hint="节假日安排通知的名称和文号。"),
)  # fmt: skip
DEPARTMENT = (
    StepField(name="asked_on", words="征求意见日期", kind=Kind.DAY),
    StepField(
        name="opinion", words="意见", kind=Kind.CHOICE,
        choices=(("agree", "同意"), ("remarks", "同意，附意见"), ("disagree", "不同意")),
    ),
    StepField(name="replied_on", words="会签日期", kind=Kind.DAY),
    StepField(name="by_whom", words="会签部门和会签人"),
    StepField(name="number", words="会签函的名称和文号"),
    StepField(name="text", words="会签意见", kind=Kind.TEXT, needed=False, hint="附意见或者不同意的必填。"),
)  # fmt: skip
FIELDS: Final[Mapping[StepId, tuple[StepField, ...]]] = {
    StepId.COMPETENCE: (
        StepField(name="organ", words="主管机关"),
        StepField(name="basis", words="权限依据", kind=Kind.TEXT, hint="写明法律、法规或者“三定”规定的条款。"),
    ),
    StepId.OFFICERS: (
        StepField(name="inspected_on", words="检查日期", kind=Kind.DAY),
        StepField(name="officer1", words="执法人员一"),
        StepField(name="number1", words="执法人员一证件号"),
        StepField(name="officer2", words="执法人员二"),
        StepField(name="number2", words="执法人员二证件号"),
        StepField(name="record", words="检查笔录", hint="笔录的编号或者存放位置。"),
    ),
    StepId.EVIDENCE: (),
    StepId.ADVANCE_NOTICE: (),
    StepId.STATEMENT: (
        StepField(
            name="outcome", words="陈述申辩情况", kind=Kind.CHOICE,
            choices=(("received", "已提出"), ("waived", "书面放弃"), ("none", "期限内未提出")),
        ),
        StepField(name="received_on", words="收到日期", kind=Kind.DAY, when=("outcome", "received")),
        StepField(name="by_whom", words="陈述申辩人", when=("outcome", "received")),
        StepField(name="content", words="陈述申辩的内容", kind=Kind.TEXT, when=("outcome", "received")),
        StepField(
            name="became", words="处理结果", kind=Kind.CHOICE, when=("outcome", "received"),
            choices=(("accepted", "采纳"), ("partly", "部分采纳"), ("refused", "不采纳")),
        ),
        StepField(
            name="answer", words="答复和理由", kind=Kind.TEXT, when=("outcome", "received"),
            hint="对每项事实、理由和证据复核后的意见。",
        ),
        StepField(name="not_heavier", words="没有因陈述申辩加重处理", kind=Kind.TICK, when=("outcome", "received")),
        StepField(name="waived_on", words="放弃日期", kind=Kind.DAY, when=("outcome", "waived")),
        StepField(name="waived_by", words="放弃人", when=("outcome", "waived")),
        StepField(name="paper", words="书面放弃材料", when=("outcome", "waived"), hint="声明的存放位置。"),
        *NO_CALENDAR,
    ),
    StepId.HEARING: (
        StepField(
            name="asked", words="是否要求听证", kind=Kind.CHOICE,
            choices=(("no", "期限内未要求"), ("yes", "要求听证，已举行")),
        ),
        StepField(name="asked_on", words="要求听证日期", kind=Kind.DAY, when=("asked", "yes")),
        StepField(name="held_on", words="听证日期", kind=Kind.DAY, when=("asked", "yes")),
        StepField(name="chair", words="听证主持人", when=("asked", "yes"), hint="由非本案调查人员主持。"),
        StepField(name="record", words="听证笔录", when=("asked", "yes"), hint="笔录的编号或者存放位置。"),
        StepField(name="conclusion", words="听证意见", kind=Kind.TEXT, when=("asked", "yes")),
        *NO_CALENDAR,
    ),
    StepId.LEGAL_REVIEW: (
        StepField(name="opinion", words="审核意见", kind=Kind.CHOICE, choices=AGREED),
        StepField(name="reviewed_on", words="审核日期", kind=Kind.DAY),
        StepField(
            name="text", words="意见内容", kind=Kind.TEXT,
            hint="主体权限、事实证据、法律适用、程序、措施是否适当；不同意的写明如何改正。",
        ),
    ),
    StepId.DISCUSSION: (
        StepField(name="held_on", words="讨论日期", kind=Kind.DAY),
        StepField(name="participants", words="参加人员", hint="用顿号分开，至少二人。"),
        StepField(name="conclusion", words="讨论结论", kind=Kind.TEXT),
        StepField(name="record", words="讨论记录", needed=False, hint="会议纪要的编号或者存放位置。"),
    ),
    StepId.TERM: (
        StepField(name="filed_on", words="立案日期", kind=Kind.DAY),
        StepField(
            name="late_reason", words="超过期限的理由和批准", kind=Kind.TEXT, needed=False,
            hint="签发日超过立案之日起九十日的，写明法定理由和批准延长的文书。",
        ),
    ),
    StepId.ADDRESSEE: (
        StepField(name="checked_on", words="核对日期", kind=Kind.DAY),
        StepField(name="name", words="营业执照上的名称"),
        StepField(name="credit_code", words="营业执照上的统一社会信用代码"),
        StepField(
            name="difference", words="与台账不一致的说明", kind=Kind.TEXT, needed=False,
            hint="名称或者代码与台账不一致（或者台账没有）的，写明原因和向谁送达。",
        ),
    ),
    **dict.fromkeys(sorted(COUNTERSIGNING), DEPARTMENT),
}  # fmt: skip
"""The fields of each step; 事实证据 has one for each fact, 告知书 none: its service is its evidence."""
NOT_REQUIRED: Final = (
    StepField(name="reason", words="不需要的理由", kind=Kind.TEXT),
    StepField(name="clause", words="法律依据", hint="例如：《中华人民共和国行政处罚法》第五十七条。"),
)
SERVED: Final = (
    StepField(name="letter", words="告知书"),
    StepField(name="served_on", words="送达日期", kind=Kind.DAY),
    StepField(name="receiver", words="签收人"),
)
"""What the service of a notice leaves on file."""
BY_LAW_ONLY: Final = frozenset({StepId.ADVANCE_NOTICE, StepId.STATEMENT, StepId.HEARING, StepId.LEGAL_REVIEW})
"""Left out only where a law says so: the reason names its clause."""
FILES: Final = "files"
LONGEST: Final = 4000
CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
DAYS: Final = ("inspected_on", "received_on", "waived_on", "held_on", "reviewed_on", "replied_on", "checked_on")
"""Which field tells the day on which the step happened; the others happened when they were entered."""
WEIGHTS: Final = {
    Disposition.RECTIFY: 1, Disposition.RETROFIT: 2, Disposition.HALT: 3, Disposition.ELIMINATE: 4,
}  # fmt: skip
"""How hard a disposition falls on its addressee; the others take nothing."""


def fields_of(step: StepId, about: About) -> tuple[StepField, ...]:
    """The fields of a step as they stand for a case."""
    if step is not StepId.EVIDENCE:
        return FIELDS[step]
    return tuple(
        StepField(name=point.key, words=point.words, needed=False, hint="证据的名称、编号和出处。")
        for point in about.points
    )


def check(step: StepId, facts: Facts, about: About, *, state: StepState = StepState.DONE) -> dict[str, str]:
    """The facts that count, without blanks; Refusal, naming the field, where the step does not stand on them."""
    told = {name: text.strip() for name, text in facts.items() if text.strip()}
    if any(len(text) > LONGEST for text in told.values()):
        raise Refusal(f"每一栏的文字请不超过{LONGEST}字。")
    if state is StepState.NOT_REQUIRED:
        return _not_required(step, told)
    if step is StepId.ADVANCE_NOTICE:
        raise Refusal("事先告知书以送达登记为准，不能手工登记。请签发、印制并送达告知书。")
    asked = [field for field in fields_of(step, about) if field.counts(told)]
    kept = {field.name: told[field.name] for field in asked if field.name in told}
    faults = [(f.name, said) for f in asked if (said := _fault(f, kept.get(f.name), about.today))]
    if faults:
        raise Faults(faults)
    if step in CHECKS:
        CHECKS[step](kept, about)
    for point in about.points if step is StepId.EVIDENCE else ():
        files = told.get(f"{FILES}_{point.key}")
        if files:
            kept[f"{FILES}_{point.key}"] = files
    if FILES in told:
        kept[FILES] = told[FILES]
    if step is StepId.EVIDENCE:
        _evidence(kept, about)
    return kept


def state_of(facts: Facts) -> StepState:
    """Whether the step was passed: an opinion against it does not open the way."""
    return StepState.REFUSED if facts.get("opinion") == "disagree" else StepState.DONE


def happened_on(facts: Facts, today: date) -> date:
    """The day on paper."""
    return next((date.fromisoformat(facts[name]) for name in DAYS if name in facts), today)


def precedes(step: StepId, state: StepState, facts: Facts) -> bool:
    """Whether the decision must bear no earlier day than the step: its day is told, or somebody was being heard.

    What only stands on file (the competence, the evidence) may be entered after a decision on paper.
    """
    heard = {StepId.ADVANCE_NOTICE, StepId.STATEMENT, StepId.HEARING}
    return state is not StepState.NOT_REQUIRED and (step in heard or any(name in facts for name in DAYS))


def in_words(step: StepId, facts: Facts, about: About | None = None) -> tuple[tuple[str, str], ...]:
    """What was filled in, by the words of its fields; evidence by the facts it proves where `about` has them."""
    named = {point.key: point.words for point in about.points} if about else {}
    known = {field.name: field for field in (*FIELDS[step], *SERVED, *NOT_REQUIRED)} if step not in BY_PROGRAM else {}
    said = [
        (field.words, "是" if field.kind is Kind.TICK else dict(field.choices).get(facts[name], facts[name]))
        for name, field in known.items()
        if name in facts
    ]
    if step is StepId.EVIDENCE:
        said += [
            (named.get(name, "证据"), text)
            for name, text in facts.items()
            if name not in known and not name.startswith(FILES)
        ]
    return tuple(said)


def late(facts: Facts, day: date, term_days: int) -> str | None:
    """Why a decision on that day is too late, by what the step on the 90-day limit says; None where it is not."""
    if "filed_on" not in facts or "late_reason" in facts:
        return None
    last = date.fromisoformat(facts["filed_on"]) + timedelta(days=term_days)
    if day <= last:
        return None
    return f"立案之日起{term_days}日的办案期限已于{chinese(last)}届满，须写明法定理由和批准延长的文书。"


def heavier(
    disposition: Disposition, due: date | None, measures: Collection[str],
    than: Disposition, than_due: date | None, than_measures: Collection[str],
) -> bool:  # fmt: skip
    """Whether one result falls harder than another: a harder disposition, an earlier day, or a measure more."""
    weight, other = WEIGHTS.get(disposition, 0), WEIGHTS.get(than, 0)
    if weight != other or weight == 0:
        return weight > other
    return (due is not None and than_due is not None and due < than_due) or set(measures) > set(than_measures)


def _fault(field: StepField, text: str | None, today: date) -> str | None:
    """What is wrong with a field by itself."""
    if text is None:
        verb = {Kind.CHOICE: "请选择", Kind.TICK: "请确认"}.get(field.kind, "请填写")
        return f"{verb}“{field.words}”。" if field.needed else None
    if field.kind is Kind.CHOICE and text not in dict(field.choices):
        return f"“{field.words}”请从列表中选择。"
    if field.kind is Kind.DAY:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return f"{field.words}“{text}”不是日期。请按 2026-11-22 的格式填写。"
        if day > today:
            return f"{field.words}{chinese(day)}晚于今天。请在办理后登记。"
    return None


def _not_required(step: StepId, told: dict[str, str]) -> dict[str, str]:
    kept = {field.name: told[field.name] for field in NOT_REQUIRED if field.name in told}
    if "reason" not in kept:
        raise Refusal(f"不需要“{step.words}”的，请写明理由。", field="reason")
    if step in BY_LAW_ONLY and "clause" not in kept:
        raise Refusal(f"不需要“{step.words}”的，须有法律依据。请写明法律名称和条款。", field="clause")
    return kept


def _officers(facts: Facts, _about: About) -> None:
    if facts["officer1"] == facts["officer2"]:
        raise Refusal("执法人员须为两个人。请填写另一名执法人员。", field="officer2")
    if facts["number1"] == facts["number2"]:
        raise Refusal("两名执法人员的证件号相同。请核对证件。", field="number2")


def _evidence(facts: Facts, about: About) -> None:
    faults = [
        (point.key, f"“{point.words}”还没有证据。请勾选附件，或者写明证据的名称和出处。")
        for point in about.points
        if point.key not in facts and f"{FILES}_{point.key}" not in facts
    ]
    if faults:
        raise Faults(faults)
    if not about.points and not facts:
        raise Refusal("请勾选作为证据的附件。", field=FILES)


def _end_of_term(facts: Facts, about: About) -> date:
    """The last day of the term that runs from service, by the calendar or as a person fixed it."""
    if about.closes_on is not None:
        return about.closes_on
    if "closes_on" not in facts:
        raise Refusal(
            "工作日历没有这一期限所在年份的安排，程序不能计算最后一天。请按节假日安排通知人工核定并写明依据，"
            "或者请规则员补充 rules/workdays.toml。",
            field="closes_on",
        )
    if "closes_basis" not in facts:
        raise Refusal("请写明人工核定最后一天的依据。", field="closes_basis")
    return date.fromisoformat(facts["closes_on"])


def _after_service(facts: Facts, about: About, name: str, words: str) -> None:
    if about.served_on is not None and date.fromisoformat(facts[name]) < about.served_on:
        raise Refusal(f"{words}{facts[name]}早于告知书的送达日期{chinese(about.served_on)}。请核对。", field=name)


def _statement(facts: Facts, about: About) -> None:
    match facts["outcome"]:
        case "received":
            _after_service(facts, about, "received_on", "收到日期")
        case "waived":
            _after_service(facts, about, "waived_on", "放弃日期")
        case _ if about.served_on is not None:
            last = _end_of_term(facts, about)
            if last >= about.today or last <= about.served_on:
                raise Refusal(f"陈述申辩的期限到{chinese(last)}届满，期满之前不能登记“期限内未提出”。", field="outcome")


def _hearing(facts: Facts, about: About) -> None:
    if facts["asked"] == "yes":
        _after_service(facts, about, "asked_on", "要求听证日期")
        if facts["held_on"] < facts["asked_on"]:
            raise Refusal("听证日期早于要求听证的日期。请核对。", field="held_on")
    elif about.served_on is not None:
        last = _end_of_term(facts, about)
        if last >= about.today or last <= about.served_on:
            raise Refusal(f"要求听证的期限到{chinese(last)}届满，期满之前不能登记“期限内未要求”。", field="asked")


def _discussion(facts: Facts, _about: About) -> None:
    names = {name for name in re.split(r"[、，,；;\s]+", facts["participants"]) if name}
    if len(names) < 2:  # nobody discusses alone
        raise Refusal("集体讨论至少应有二人参加。请用顿号分开填写姓名。", field="participants")


def _department(facts: Facts, _about: About) -> None:
    if facts["replied_on"] < facts["asked_on"]:
        raise Refusal("会签日期早于征求意见日期。请核对。", field="replied_on")
    if facts["opinion"] != "agree" and "text" not in facts:
        raise Refusal("附意见或者不同意的，请写明会签意见。", field="text")


def _term(facts: Facts, about: About) -> None:
    problem = late(facts, about.today, about.term_days)
    if problem:
        raise Refusal(problem, field="late_reason")


def _addressee(facts: Facts, about: About) -> None:
    code = facts["credit_code"].upper()
    if not CREDIT_CODE.fullmatch(code):
        raise Refusal(
            f"“{facts['credit_code']}”不是统一社会信用代码。应为18位数字和大写字母，请照营业执照填写。",
            field="credit_code",
        )
    differs = [
        f"{words}（台账：{ours or '未填'}）"
        for words, ours, theirs in (
            ("名称", about.enterprise, facts["name"]),
            ("统一社会信用代码", about.credit_code, code),
        )
        if ours != theirs
    ]
    if differs and "difference" not in facts:
        raise Refusal(f"营业执照与台账不一致：{'、'.join(differs)}。请先更正台账，或者写明原因。", field="difference")


CHECKS: Final[Mapping[StepId, Callable[[Facts, About], None]]] = {
    StepId.OFFICERS: _officers,
    StepId.STATEMENT: _statement,
    StepId.HEARING: _hearing,
    StepId.DISCUSSION: _discussion,
    StepId.TERM: _term,
    StepId.ADDRESSEE: _addressee,
    **dict.fromkeys(sorted(COUNTERSIGNING), _department),
}
