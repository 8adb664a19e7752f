"""The case file: the time line of a case, its dossier as one PDF, and a decision found again and computed anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening import clock, printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, EfficiencyClass, Finding, FindingId, screen, to_document
from screening.domain.errors import NotFound, Refusal
from screening.domain.history import Happening, canonical
from screening.domain.letters import LetterKind, office_of
from screening.domain.numbering import spelled
from screening.domain.objections import ObjectionKind, Outcome, ReplyResult
from screening.domain.people import Person
from screening.domain.procedure import StepId, StepState
from screening.domain.quantity import plain
from screening.domain.registry import FIELD, PROJECT_FIELDS, Stage, from_facts
from screening.domain.review import (
    CaseState,
    FindingState,
    LetterState,
    Move,
    RecommendationState,
    ReturnReason,
)
from screening.domain.rules import Evidence
from screening.domain.steps import in_words
from screening.printing.casefile import Block, Dossier, Enclosed, Pairs, Said, Section, Step, Table, Walk
from screening.services import Ledger, attachments, chronicle
from screening.services.dispositions import finish
from screening.services.lines import letter_lines, line, signature
from screening.services.rules import overlay_then
from screening.services.verdicts import kept, same
from screening.services.views import LetterLine, ProjectLine
from screening.store import casefile, cases, people
from screening.store import registry as store

MOVED: Final = {
    Happening.CASE_SUBMITTED: Move.SUBMIT,
    Happening.CASE_WITHDRAWN: Move.WITHDRAW,
    Happening.CASE_CHECKED: Move.CHECK,
    Happening.CASE_FORWARDED: Move.FORWARD,
    Happening.CASE_ACCEPTED: Move.ACCEPT,
    Happening.CASE_SENT_BACK: Move.SEND_BACK,
    Happening.DISPOSITION_RECOMMENDED: Move.RECOMMEND,
    Happening.RECOMMENDATION_RECALLED: Move.RECALL,
    Happening.RECOMMENDATION_RETURNED: Move.RETURN,
    Happening.DECISION_SIGNED: Move.SIGN,
    Happening.LETTER_PRINTED: Move.PRINT,
    Happening.LETTER_SERVED: Move.SERVE,
    Happening.LETTER_VOIDED: Move.VOID,
    Happening.CASE_CLOSED: Move.CLOSE,
    Happening.OBJECTION_RECEIVED: Move.OBJECT,
    Happening.OBJECTION_ENDED: Move.UPHOLD,
    Happening.DECISION_UPHELD: Move.UPHOLD,
    Happening.DECISION_REVOKED: Move.REVOKE,
    Happening.CASE_REOPENED: Move.REOPEN,
    Happening.PROJECT_CHANGED: Move.CHANGE_FACTS,
    Happening.PROJECT_REGISTERED: Move.SUBMIT,
    Happening.PROJECT_VOIDED: Move.STRIKE_OFF,
    Happening.PROJECT_REINSTATED: Move.REINSTATE,
}
"""Which move of the case an event tells of; an import registers and submits in one."""
PAPER_DAYS: Final = ("signed_on", "served_on", "happened_on", "received_on", "ordered_on", "decided_on", "ended_on")
"""What events call the day on paper."""
SHORTEST_CODE: Final = 12
"""Signs of a check code that are enough to name a letter."""
_ID: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}")
"""A hash or an id, which tells people nothing."""
_WORDS: Final[Mapping[str, tuple[type[StrEnum], ...]]] = {
    "disposition": (Disposition,), "proposed": (Disposition,), "class": (EfficiencyClass,), "finding": (FindingId,),
    "way": (ObjectionKind,), "outcome": (Outcome,), "effect": (Outcome,), "result": (ReplyResult,),
    "step": (StepId,), "code": (ReturnReason,), "state": (CaseState, FindingState, StepState, LetterState),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The time line, the oldest first; `letters` and `files` by the names that its steps use."""

    line: ProjectLine
    steps: tuple[Step, ...]
    letters: Mapping[str, LetterLine]
    files: Mapping[str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A decision with what it rested on when it was signed: `inputs` and `result` in words, (name, value)."""

    id: UUID
    disposition: Disposition
    signed_by: str
    recommended_by: str
    signed_on: date
    signed_at: datetime
    as_of: date
    rules_version: str
    inputs: tuple[tuple[str, str], ...]
    result: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, ...], ...]
    grounds: tuple[str, ...]
    bases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an auditor's question finds: the letter, the decision behind it, and the time line of its case."""

    letter: LetterLine
    decision: Frozen | None
    timeline: Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A decision's screening made anew from its frozen facts: what differs, (where, then, now); none: the same."""

    differences: tuple[tuple[str, str, str], ...]
    rules_then: str
    rules_now: str

    @property
    def same(self) -> bool:
        """Whether the result is the same."""
        return not self.differences

    @property
    def other_rules(self) -> bool:
        """Whether the rules on file are others than those of the decision."""
        return self.rules_then != self.rules_now


# -- the time line ----------------------------------------------------------------------------------------------------


def timeline(ledger: Ledger, project: UUID, *, by: Person, story: chronicle.Chronicle | None = None) -> Timeline:
    """What happened in the case; NotFound outside the scope. `story` is the history where it was read already."""
    story = story or chronicle.show(ledger, project, by=by)
    files = {f"{file.name}（{file.sha256[:8]}）": file for file in attachments.of_project(ledger, project, by=by)}
    with ledger.reader() as session:
        waiting = cases.moves(session, project)
        letters = {one.number: one for one in letter_lines(session, cases.letters(session, by=by, project=project))}
    steps = []
    for entry in reversed(story.entries):
        event = entry.event
        made = next((m for m in waiting if MOVED.get(event.kind) is m.move and m.at == event.at), None)
        if made is not None:
            waiting.remove(made)
        after = dict(event.after or {}) if event.kind not in chronicle.FACTS else {}
        texts = set(_texts(after))
        if event.kind is Happening.STEP_TAKEN:  # its reason is told as the event's own
            after["facts"] = {name: text for name, text in after.get("facts", {}).items() if text != event.why}
        steps.append(
            Step(
                seq=event.seq,
                name=event.kind.value,
                words=event.words,
                at=event.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                entered=day_of(event.at).isoformat(),
                who=event.who_name,
                day=_paper_day(after, made),
                moved=(made.before.words, made.after.words) if made and made.before is not made.after else None,
                why=event.why,
                after={
                    key: _step_words(after["step"], value)
                    if key == "facts" and "step" in after
                    else _spelled(key, value)
                    for key, value in after.items()
                },
                changes=tuple((c.words, c.old or "—", c.new or "—") for c in entry.changes),
                letters=tuple(number for number in letters if number in texts),
                files=tuple(name for name, f in files.items() if texts & {str(f.id), f.sha256}),
            )
        )
    return Timeline(line=story.line, steps=tuple(steps), letters=letters, files={n: f.id for n, f in files.items()})


def _texts(found: Any) -> Iterable[str]:
    """Every text within."""
    if isinstance(found, str):
        yield from (found, *found.split())
    elif isinstance(found, Mapping):
        for one in found.values():
            yield from _texts(one)
    elif isinstance(found, list | tuple):
        for one in found:
            yield from _texts(one)


def _paper_day(after: Mapping[str, Any], made: cases.CaseMoveRow | None) -> str | None:
    if made is not None and made.paper_date is not None:
        return made.paper_date.isoformat()
    return next((str(after[name]) for name in PAPER_DAYS if after.get(name)), None)


def _spelled(key: str, value: Any) -> str | None:
    """What an event says under a name, in words for people."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if key in _WORDS:
        return next((kind(value).words for kind in _WORDS[key] if value in set(kind)), str(value))  # type: ignore[attr-defined]
    if key == "field":
        found = FIELD.get(str(value).rsplit("-", 1)[-1])
        return found.header if found else str(value)
    if isinstance(value, Mapping):
        texts = [str(one) for one in value.values() if one not in (None, "", "yes")]
        return "；".join(text for text in texts if not _ID.fullmatch(text))
    if isinstance(value, list | tuple):
        return "、".join(str(one.get("letter", "")) if isinstance(one, Mapping) else str(one) for one in value)
    return str(value)


def _step_words(step: str, facts: Mapping[str, str]) -> str:
    """What a step before signing has on file."""
    return "；".join(f"{words}：{text}" for words, text in in_words(StepId(step), facts))


# -- a decision found again -------------------------------------------------------------------------------------------


def find(ledger: Ledger, code: str, *, by: Person) -> Answered:
    """The letter of that number or check code (the first signs of its SHA-256), with the whole of its case."""
    wanted = code.strip()
    if not wanted:
        raise Refusal("请输入文号，如“内发改两高停〔2026〕1号”，或者文书的校验值。", field="code")
    with ledger.reader() as session:
        full = _letter_of(session, wanted, by=by)
        letter, project = full
        answered = letter_lines(session, [full])[0]
        decision = None
        if letter.decision_id is not None:
            decision = _frozen(ledger, session, _decision(session, letter.decision_id, by=by))
        key = project.id
    return Answered(letter=answered, decision=decision, timeline=timeline(ledger, key, by=by))


def _letter_of(session: Session, wanted: str, *, by: Person) -> cases.Full:
    if re.fullmatch(rf"[0-9a-fA-F]{{{SHORTEST_CODE},64}}", wanted):
        found = casefile.letter_coded(session, wanted.lower())
        if found is None:
            raise NotFound(
                "没有校验值以此开头的文书，或者它不在您的管辖区域内。"
                "文书末页二维码旁的查验码，请在“核对文书”中同文号一起输入。"
            )
        return cases.letter(session, found, by=by)
    number = spelled(wanted)
    return cases.letter_numbered(session, number, by=by)


def _decision(session: Session, key: UUID, *, by: Person) -> cases.DecisionRow:
    row = casefile.decision(session, key)
    if row is None:
        raise NotFound("没有这个决定，或者它不在您的管辖区域内。请从文书页重新打开。")
    store.get(session, row.project_id, by=by)
    return row


def recompute(ledger: Ledger, decision: UUID, *, by: Person) -> Recomputed:
    """Screens the frozen facts once more, as of the same day, with what was said and confirmed by the signing."""
    with ledger.reader() as session:
        row = _decision(session, decision, by=by)
        stored = json.loads(row.screening)
        said = [
            kept(f) for f in store.findings(session, [row.project_id]).get(row.project_id, ()) if f.at <= row.signed_at
        ]
        book = overlay_then(ledger, session, row.signed_at)
        due = casefile.due_then(
            session, row.project_id, kind=LetterKind.RETROFIT.value, on=row.as_of, before=row.signed_at
        )
    project, overdue = from_facts(json.loads(row.facts)), due is not None and due < row.as_of
    bare = screen(project, book, as_of=row.as_of, overdue=overdue)
    counted = [(f["id"], f["facts"]) for f in json.loads(row.grounds)["findings"]]
    confirmed: list[Finding] = []
    dismissed: list[Finding] = []
    for finding in said:
        detected = next((f for f in bare.findings if same(f, finding)), None)
        if finding.source == "detected" and detected is None:
            continue
        (confirmed if (finding.id.value, dict(finding.facts)) in counted else dismissed).append(detected or finding)
    again = screen(project, book, as_of=row.as_of, confirmed=confirmed, dismissed=dismissed, overdue=overdue)
    now = json.loads(canonical(to_document(again)))
    return Recomputed(
        differences=tuple(_differences(stored, now)), rules_then=row.rules_version, rules_now=ledger.rules.version
    )


_PLACES: Final = {
    "energy": "综合能耗", "class": "能效分类", "disposition": "拟处置", "units": "装置", "findings": "情形",
    "hints": "提示", "disposition_if_confirmed": "确认情形后的处置", "measures": "措施", "rests_on": "依据",
    "reasons": "理由",
    "equivalent_tce": "等价值", "calorific_tce": "当量值", "sec": "单位产品能耗", "benchmark": "标杆水平",
    "baseline": "基准水平", "evidence": "核实程度", "text": "文字", "words": "文字", "instrument": "措施名称",
    "organ": "机关", "basis": "依据", "letter": "文书", "facts": "事实",
}  # fmt: skip


def _differences(then: Any, now: Any, where: str = "") -> Iterable[tuple[str, str, str]]:
    """Where two documents differ: (place, then, now)."""
    if then == now:
        return
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            yield from _differences(then.get(key), now.get(key), f"{where}·{_PLACES.get(key, key)}".strip("·"))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (one, other) in enumerate(zip(then, now, strict=True), 1):
            yield from _differences(one, other, f"{where}{place}")
    else:
        yield where, _short(then), _short(now)


def _short(value: Any) -> str:
    if value is None or value == []:
        return "无"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "……"


def _frozen(ledger: Ledger, session: Session, row: cases.DecisionRow) -> Frozen:
    names = people.names(session, {row.signed_by, row.signed_for, row.recommended_by})
    found, grounds = json.loads(row.screening), json.loads(row.grounds)
    project = from_facts(json.loads(row.facts))
    regions = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
    inputs = [
        (field.header, _fact(getattr(project, field.key), regions))
        for field in PROJECT_FIELDS
        if getattr(project, field.key) is not None
    ]
    energy = found["energy"]
    units = [
        (
            unit.get("name") or f"装置{place}", unit.get("product") or "", unit.get("variant") or "",
            " ".join(str(unit[key]) for key in ("sec", "unit") if unit.get(key)),
            str(unit.get("benchmark") or "—"), str(unit.get("baseline") or "—"),
            EfficiencyClass(unit["class"]).words,
        )
        for place, unit in enumerate(found["units"], 1)
    ]  # fmt: skip
    then = found.get("disposition_if_confirmed")
    return Frozen(
        id=row.id,
        disposition=Disposition(row.disposition),
        signed_by=signature(names, row.signed_by, row.signed_for),
        recommended_by=names[row.recommended_by].name,
        signed_on=row.signed_on,
        signed_at=row.signed_at,
        as_of=row.as_of,
        rules_version=row.rules_version,
        inputs=tuple(inputs),
        result=(
            ("能效分类", EfficiencyClass(found["class"]).words),
            (
                "程序提出的处置",
                Disposition(found["disposition"]).words + (f"；确认情形后{Disposition(then).words}" if then else ""),
            ),
            ("年综合能耗（等价值）", f"{energy['equivalent_tce']} tce" if energy["equivalent_tce"] else "无数据"),
            ("年综合能耗（当量值）", f"{energy['calorific_tce']} tce" if energy["calorific_tce"] else "无数据"),
            ("理由", "\n".join(found["reasons"])),
        ),
        units=tuple(units),
        grounds=tuple(f"{FindingId(f['id']).words}：{f['text']}" for f in grounds["findings"]),
        bases=tuple(
            (
                b["words"],
                Evidence(b["evidence"]).words
                + (
                    f"（{c['document']}{c['page']}，{c['by']}核对、{c['countersigned_by']}复核）"
                    if (c := b.get("confirmed"))
                    else ""
                ),
            )
            for b in grounds["rests_on"]
        ),
    )


def _fact(value: Any, regions: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, StrEnum | Stage):
        return str(getattr(value, "words", value))
    if hasattr(value, "as_tuple"):
        return plain(value)
    return regions.get(str(value), str(value))


# -- the dossier ------------------------------------------------------------------------------------------------------


def dossier(ledger: Ledger, project: UUID, *, by: Person) -> bytes:
    """The case file as PDF; for the same state of the ledger the same bytes."""
    walked = timeline(ledger, project, by=by)
    files = attachments.of_project(ledger, project, by=by)
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        shown = line(row, store.due_of(session, row.id), ledger)
        decisions = [_frozen(ledger, session, d) for d in casefile.decisions(session, project)]
        letters = sorted(walked.letters.values(), key=lambda one: (one.signed_on, one.number))
        sections = [
            _facts_section(ledger, row, decisions),
            *(_result_section(place, d, len(decisions)) for place, d in enumerate(decisions, 1)),
            _findings_section(session, project),
            _recommended_section(session, project),
            _steps_section(session, project),
            Section(title="办理经过", blocks=(Walk(walked.steps),)),
            _letters_section(letters),
            _files_section(files),
        ]
        office = office_of(ledger.rules, by.scope if by.scope.endswith("0000") else row.league)
    last = walked.steps[-1] if walked.steps else None
    cover = (
        ("项目名称", shown.name),
        ("项目代码", shown.code or "无"),
        ("建设单位", shown.enterprise),
        ("所在地", f"{shown.league_name}{shown.banner_name}"),
        ("行业、状态", f"{shown.industry.words}　{shown.stage.words}"),
        ("案件状态", shown.case_state.words + (f"（自{chinese(row.halted_on)}起叫停）" if row.halted_on else "")),
        ("处置决定", "；".join(f"{d.disposition.words}（{chinese(d.signed_on)}）" for d in decisions) or "尚未作出"),
        ("文书和附件", f"文书{len(letters)}件，附件{len(files)}件"),
        ("记录截至", f"{last.at}（第{last.seq}条记录）" if last else "无记录"),
    )
    numbered = tuple(
        Section(title=f"{_NUMERALS[place]}、{section.title}", blocks=section.blocks or (Said("无。"),))
        for place, section in enumerate(sections)
    )
    enclosed = [
        Enclosed(
            title=f"{letter.number}　{letter.kind_words}" + ("（已作废）" if letter.state is LetterState.VOID else ""),
            number=letter.number,
            pdf=finish(ledger, letter.id, by=by),
        )
        for letter in letters
        if letter.scan is None
    ]
    made = Dossier(office=office.name, name=shown.name, cover=cover, sections=numbered)
    return printing.render_casefile(made, enclosed)


_DIGITS: Final = "一二三四五六七八九"
_NUMERALS: Final = [*_DIGITS, *(f"{ten}十{digit}" for ten in ("", *_DIGITS[1:]) for digit in ("", *_DIGITS))]


def _facts_section(ledger: Ledger, row: store.ProjectRow, decisions: Sequence[Frozen]) -> Section:
    if decisions:
        newest = decisions[-1]
        told = Said(f"以下为{chinese(newest.signed_on)}签发“{newest.disposition.words}”决定时冻结的登记信息。")
        return Section(title="登记信息", blocks=(told, Pairs(newest.inputs)))
    project = from_facts(json.loads(row.facts))
    regions = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
    pairs = tuple(
        (field.header, _fact(getattr(project, field.key), regions))
        for field in PROJECT_FIELDS
        if getattr(project, field.key) is not None
    )
    return Section(title="登记信息", blocks=(Said("尚未作出决定，以下为现在的登记信息。"), Pairs(pairs)))


def _result_section(place: int, found: Frozen, count: int) -> Section:
    which = "" if count == 1 else f"（第{place}次决定）"
    head = ("装置", "产品", "工艺规格", "单位产品能耗", "标杆", "基准", "能效分类")
    told: list[Block] = [
        Pairs(
            (
                ("处置决定", found.disposition.words),
                ("签发", f"{found.signed_by}　纸质日期{chinese(found.signed_on)}　录入{_moment(found.signed_at)}"),
                ("提出建议", found.recommended_by),
                ("筛查基准日", chinese(found.as_of)),
                ("规则版本", found.rules_version),
                *((name, text.replace("\n", "；")) for name, text in found.result),
            )
        ),
        Table(head, (16, 12, 16, 20, 10, 10, 16), found.units),
    ]
    if found.grounds:
        told += [Said("经确认的情形", heading=True), *(Said(text) for text in found.grounds)]
    if found.bases:
        told += [Said("所依据的规则", heading=True), Table(("规则", "核实程度"), (62, 38), found.bases)]
    return Section(title=f"决定及其依据{which}", blocks=tuple(told))


def _findings_section(session: Session, project: UUID) -> Section:
    rows = sorted(store.findings(session, [project]).get(project, ()), key=lambda r: (r.at, r.finding))
    names = people.names(session, {r.by for r in rows})
    table = tuple(
        (
            f"{FindingId(r.finding).words}（{r.source.words}）",
            r.state.words,
            "；".join(
                text for text in (r.text, *(f"证据：{e}" for e in kept(r).evidence), f"理由：{r.reason}") if text
            ),
            f"{names[r.by].name} {_moment(r.at)}",
        )
        for r in rows
    )
    if not table:
        return Section(title="六种情形的认定", blocks=(Said("没有认定任何情形。"),))
    return Section(
        title="六种情形的认定", blocks=(Table(("情形", "认定", "事实、证据和理由", "认定人"), (20, 12, 48, 20), table),)
    )


def _recommended_section(session: Session, project: UUID) -> Section:
    rows = casefile.recommendations(session, project)
    names = people.names(session, {k for r in rows for k in (r.by, r.returned_by)})
    table = tuple(
        (
            Disposition(r.disposition).words + (f"\n到期{r.due.isoformat()}" if r.due else ""),
            Disposition(r.proposed).words,
            r.reason + (f"（{r.clause}）" if r.clause else ""),
            f"{names[r.by].name} {_moment(r.at)}",
            RecommendationState(r.state).words
            + (f"：{names[r.returned_by].name} {r.returned_reason}" if r.returned_by and r.returned_reason else ""),
        )
        for r in rows
    )
    if not table:
        return Section(title="处置建议", blocks=(Said("尚未提出处置建议。"),))
    head = ("建议", "程序提出", "理由和条款", "提出人", "结果")
    return Section(title="处置建议", blocks=(Table(head, (14, 14, 36, 20, 16), table),))


def _steps_section(session: Session, project: UUID) -> Section:
    newest = cases.recommendation(session, project)
    needed = cases.needs(session, newest.id) if newest else ()
    rows = casefile.steps(session, project)
    names = people.names(session, {k for r in rows for k in (r.by, r.for_whom)})
    table = [
        (
            StepId(r.step).words,
            StepState(r.state).words + (f"（已作废：{r.void_reason}）" if r.voided_at else ""),
            r.happened_on.isoformat(),
            _step_words(r.step, json.loads(r.facts)),
            f"{signature(names, r.by, r.for_whom)} {_moment(r.at)}",
        )
        for r in rows
    ]
    done = {r.step for r in rows if r.voided_at is None and newest and r.matter == newest.matter}
    table += [(step.words, "未办理", "—", "—", "—") for step in needed if step not in done]
    if not table:
        return Section(title="签发前程序", blocks=(Said("没有需要办理的程序。"),))
    head = ("步骤", "结果", "办理日期", "内容和证据", "办理人")
    return Section(title="签发前程序", blocks=(Table(head, (19, 13, 13, 35, 20), tuple(table)),))


def _letters_section(letters: Sequence[LetterLine]) -> Section:
    if not letters:
        return Section(title="文书目录", blocks=(Said("没有签发文书。"),))
    rows = tuple(
        (
            f"{one.number}\n{one.kind_words}",
            one.state.words,
            f"{one.signed_by} {one.signed_on.isoformat()}",
            one.served_on.isoformat() if one.served_on else "—",
            one.sha256 or ("纸质补录，见附件" if one.scan else "未生成"),
        )
        for one in letters
    )
    return Section(
        title="文书目录", blocks=(Table(("文号和种类", "状态", "签发", "送达", "SHA-256"), (27, 10, 20, 13, 30), rows),)
    )


def _files_section(files: Sequence[attachments.Attachment]) -> Section:
    if not files:
        return Section(title="附件和证据目录", blocks=(Said("没有附件。"),))
    rows = tuple(
        (
            one.name + (f"（已作废：{one.void_reason}）" if one.void_reason else ""),
            one.about,
            f"{one.added_by} {_moment(one.added_at)}",
            one.sha256,
        )
        for one in sorted(files, key=lambda f: (f.added_at, f.name))
    )
    return Section(title="附件和证据目录", blocks=(Table(("文件", "说明", "上传", "SHA-256"), (26, 20, 22, 32), rows),))


def _moment(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
