"""Chapter 4, before the decision: the steps that must be on file before signing, each with its own evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterKind
from screening.domain.people import Permission, Person
from screening.domain.procedure import BY_PROGRAM, StepId, StepState, facts_told
from screening.domain.registry import Project, from_facts
from screening.domain.review import CaseState, LetterState, RecommendationState, own_part
from screening.domain.rules import Rulebook
from screening.domain.steps import (
    FILES,
    About,
    Point,
    StepField,
    check,
    fields_of,
    happened_on,
    heavier,
    in_words,
    state_of,
)
from screening.services import Ledger, voiding
from screening.services.acceptance import metered_fact
from screening.services.dispositions import Prepared, prepare
from screening.services.lines import line, signature, subject
from screening.services.rules import overlay
from screening.services.verdicts import Verdict, kept, same
from screening.services.views import ProjectLine
from screening.store import attachments, cases, people, trail
from screening.store import procedure as steps
from screening.store import registry as store

TOLD = "facts_told"
"""A statement remembers the facts on which it was heard."""
AFTER_NOTICE = (StepId.STATEMENT, StepId.HEARING)
CHANGED = "事实、依据或者措施已变，须重新告知。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A step as somebody took it: what was filled in, in words; `void_*` where it was taken in error."""

    id: UUID
    state: StepState
    happened_on: date
    facts: tuple[tuple[str, str], ...]
    files: tuple[tuple[UUID, str], ...]
    letter: UUID | None
    by: str
    role: str
    at: datetime
    void_reason: str | None
    voided_by: str | None
    voided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step of the checklist: its record where it stands, what is said of it, and whether this person may take it."""

    step: StepId
    text: str
    """What the rules ask."""
    record: Record | None
    voided: tuple[Record, ...]
    passed: bool
    waits: bool
    """Whether something else must come first; it can only be marked as not required."""
    note: str | None
    may: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A notice of the open matter: its letter where it was signed."""

    kind: LetterKind
    letter: UUID | None
    number: str | None
    state: LetterState | None
    served_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The steps before signing of the newest recommendation, in order; `open` while they can be taken."""

    project: UUID
    version: int
    open: bool
    disposition: Disposition
    lines: tuple[StepLine, ...]
    notices: tuple[NoticeLine, ...]
    changed: str | None
    """Says that another matter was told before."""

    @property
    def done(self) -> int:
        """How many of the steps are passed."""
        return sum(row.passed for row in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSheet:
    """What the page of one step shows: its fields, what can be ticked as evidence, and what stands on file."""

    line: ProjectLine
    version: int
    step: StepId
    row: StepLine
    fields: tuple[StepField, ...]
    about: About
    given: Mapping[str, str | list[str]]
    """What the form begins with."""
    attachments: tuple[tuple[UUID, str], ...]
    reason: str
    """Why the disposition was recommended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLine:
    """A case that waits for its legal review: how many of its other steps are still open."""

    line: ProjectLine
    disposition: Disposition
    recommended_by: str
    recommended_at: datetime
    others_open: int
    refused: bool
    mine: str | None
    """Why this person may not review it."""


@dataclass(frozen=True)
class Opened:
    """An open recommendation with everything that its steps are measured against."""

    row: store.ProjectRow
    recommended: cases.RecommendationRow
    needs: tuple[StepId, ...]
    taken: Mapping[StepId, steps.ProcedureStepRow]

    @cached_property
    def project(self) -> Project:
        """What the ledger says of the project."""
        return from_facts(json.loads(self.row.facts))


def permission_of(step: StepId) -> Permission:
    """Who takes it: the legal review is for the legal reviewer, the others for the reviewers."""
    return Permission.REVIEW_LEGALITY if step is StepId.LEGAL_REVIEW else Permission.RECOMMEND


Notices = Mapping[LetterKind, tuple[cases.LetterRow, cases.ServiceRecordRow | None]]
"""Notices by kind, each with its service."""
Points = tuple[Point, ...]


def notices_of(session: Session, project: UUID, matter: str) -> Notices:
    """The notices of a matter that tell it still."""
    fallen = steps.withdrawn_letters(session, project)
    found: dict[LetterKind, tuple[cases.LetterRow, cases.ServiceRecordRow | None]] = {}
    for letter, service in steps.notices(session, project):
        if letter.matter == matter and letter.id not in fallen:
            found.setdefault(LetterKind(letter.kind), (letter, service))
    return found


def opened_of(session: Session, row: store.ProjectRow) -> Opened:
    """The open recommendation of a case; Refusal where none is open."""
    recommended = cases.recommendation(session, row.id)
    if row.case_state is not CaseState.RECOMMENDED or recommended is None:
        raise Refusal(f"案件现为“{row.case_state.words}”，不能办理签发前的程序。")
    if recommended.state is not RecommendationState.OPEN:
        raise Refusal("该项目没有待签发的处置建议。请刷新页面。")
    return Opened(
        row,
        recommended,
        cases.needs(session, recommended.id),
        cases.steps(session, row.id, recommended.matter),
    )


def _demand_step(opened: Opened, step: StepId) -> None:
    if step in BY_PROGRAM:
        raise Refusal(f"“{step.words}”由程序在签发当日核对，不需要登记。")
    if step not in opened.needs:
        raise Refusal(f"这项处置建议不需要“{step.words}”。请刷新页面查看程序清单。")


def _part(opened: Opened, step: StepId, by: Person) -> str | None:
    """Why the person may not take the step: it would be his own work."""
    legal = step is StepId.LEGAL_REVIEW
    ids = {one.id for one in by.both}
    if legal and ids & {row.by for name, row in opened.taken.items() if name is not StepId.LEGAL_REVIEW}:
        return "本案的其他程序由您本人办理，不能由您进行法制审核。请由另一位法制审核员办理。"
    own = own_part(
        by,
        recommended_by=opened.recommended.by if legal else None,
        registered_by=(opened.row.registered_by, opened.row.changed_by),
    )
    return own and "您参与了本案的登记或者建议，不能由您办理这一步。请由另一位人员办理。"


def points_of(ready: Prepared) -> Points:
    """The facts that need evidence: each confirmed finding, and the figure of each unit that a measure names.

    A release rests on one fact: that what was ordered has been mended.
    """
    verdict = ready.verdict
    if ready.disposition is Disposition.RELEASE:
        return (Point("rectified", "叫停所列问题已整改，经二名以上人员现场核查合格"),)
    if ready.told:
        return tuple(
            Point(f"metered_{one.metering.id.hex}", metered_fact(one)) for found in ready.told.values() for one in found
        )
    named = {position for letter in ready.letters for position in letter.measure.units}
    units = verdict.screening.units
    figures = [
        Point(
            f"unit_{position}",
            f"{units[position].name or f'装置{position + 1}'}（{units[position].product}）单位产品能耗"
            f"{units[position].sec or '未填'}{units[position].unit or ''}",
        )
        for position in sorted(named)
    ]
    return (*(Point(f"finding_{n}", f"{f.id.words}：{f.text}") for n, f in enumerate(verdict.confirmed)), *figures)


def _about(opened: Opened, step: StepId, book: Rulebook, told: Notices, *, today: date, points: Points = ()) -> About:
    """What a step is measured against; `told` are the notices of the matter, `points` what evidence must prove."""
    made = opened.taken.get(StepId.ADVANCE_NOTICE)
    kind = LetterKind.HEARING if step is StepId.HEARING else LetterKind.ADVANCE_NOTICE
    _, service = told.get(kind, (None, None))
    served = service.served_on if service and made is not None and made.state is StepState.DONE else None
    days = days_of(book, "hearing_window_days" if step is StepId.HEARING else "statement_days", today)
    project = opened.project
    return About(
        today=today,
        enterprise=project.enterprise,
        credit_code=project.credit_code,
        points=points,
        served_on=served,
        closes_on=book.working_day(served, days) if served else None,
        term_days=days_of(book, "penalty_days", today),
    )


def days_of(book: Rulebook, name: str, day: date) -> int:
    """A number of days that the rules set."""
    parameter = book.parameter(name, day)
    if parameter is None or parameter.amount is None:
        raise Refusal(f"规则中没有{chinese(day)}有效的“{name}”，不能计算期限。请规则员补充 rules/parameters.toml。")
    return int(parameter.amount)


def _not_yet(opened: Opened, step: StepId, about: About) -> str | None:
    """Why the step cannot be taken yet; None where it can."""
    if step is StepId.ADVANCE_NOTICE:
        return "告知书由签发人签发，文书室印制、送达后自动登记。"
    if step not in AFTER_NOTICE or StepId.ADVANCE_NOTICE not in opened.needs:
        return None
    told = opened.taken.get(StepId.ADVANCE_NOTICE)
    if told is None:
        return "告知书送达之后才能登记。"
    if step is StepId.HEARING and told.state is StepState.DONE and about.served_on is None:
        return "听证告知书送达之后才能登记。"
    return None


def take(
    ledger: Ledger,
    project: UUID,
    step: StepId,
    *,
    facts: Mapping[str, str],
    happened: date | None = None,
    state: StepState = StepState.DONE,
    seen: int | None = None,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts a step on file for the open recommendation's matter; gives the id of its record.

    `facts` are the evidence by the fields of the step (`domain.steps`), attachments by their ids; a step that is not
    required needs `reason` there, and `clause` where only a law can spare it. An opinion against it puts it on file
    as refused. The legal review is for the legal reviewer, who has no other part in the case. `happened` is the day
    on paper, told by the fields unless given.
    """
    if not by.may(permission_of(step)):
        raise Forbidden(f"{by.role.words}不能办理“{step.words}”。请由有此权限的人员办理。")
    today = day_of(at)
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        again = cases.step_of_key(session, key)
        if again is not None:
            if again.project_id != project or again.by != by.id:
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        opened = opened_of(session, row)
        _demand_step(opened, step)
        own = _part(opened, step, by)
        if own:
            raise Forbidden(own)
        if step in opened.taken:
            raise Conflict(f"“{step.words}”已有办理记录。请刷新页面查看；有误的，先作废再重新办理。")
        # The decision is worked out for the two steps that rest on its facts alone: that takes longer than all else.
        ready = (
            prepare(ledger, session, row, opened.recommended, by=by, on=today)
            if step in {StepId.EVIDENCE, StepId.STATEMENT}
            else None
        )
        notices = notices_of(session, row.id, opened.recommended.matter) if step in AFTER_NOTICE else {}
        points = points_of(ready) if ready and step is StepId.EVIDENCE else ()
        about = _about(opened, step, overlay(ledger, session), notices, today=today, points=points)
        if state is not StepState.NOT_REQUIRED:
            wait = _not_yet(opened, step, about)
            if wait:
                raise Refusal(f"现在还不能办理“{step.words}”：{wait}")
        told = check(step, facts, about, state=state)
        _demand_files(session, project, told, by=by)
        if state is not StepState.NOT_REQUIRED:
            state = state_of(told)
        if ready and step is StepId.STATEMENT:
            told[TOLD] = facts_told(ready.verdict.confirmed, ready.verdict.screening.units)
        return _put(
            session, row.id, opened.recommended.matter, step, told, state=state,
            happened=happened or happened_on(told, today), key=key, by=by, at=at,
        )  # fmt: skip


def _put(
    session: Session,
    project: UUID,
    matter: str,
    step: StepId,
    told: Mapping[str, str],
    *,
    state: StepState,
    happened: date,
    key: str,
    by: Person,
    at: datetime,
    letter: UUID | None = None,
) -> UUID:
    made = steps.ProcedureStepRow(
        id=uuid4(), key=key, project_id=project, matter=matter, step=step, state=state, happened_on=happened,
        facts=canonical(dict(told)), letter_id=letter, by=by.id, for_whom=by.stands_for.id if by.stands_for else None,
        role=by.role, at=at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=Happening.STEP_TAKEN,
            subject=subject(project),
            why=told.get("reason"),
            after={
                "step": step.value,
                "state": state.value,
                "happened_on": happened.isoformat(),
                "facts": dict(told),
                "matter": matter,
            },
        ),
    )
    return made.id


def _demand_files(session: Session, project: UUID, told: Mapping[str, str], *, by: Person) -> None:
    """Every attachment that is named as evidence is a valid one of this project."""
    if not any(name.startswith(FILES) for name in told):
        return
    valid = {str(file.id) for file in attachments.of_project(session, project, by=by) if file.void_reason is None}
    for name, text in told.items():
        if name.startswith(FILES) and not set(text.split()) <= valid:
            raise Refusal("勾选的附件不在本项目的有效附件中。请刷新页面后重新勾选。", field=name)


def notice_served(
    session: Session, letter: cases.LetterRow, service: cases.ServiceRecordRow, *, by: Person, at: datetime
) -> None:
    """Puts the advance notice on file: its service is the evidence. Anything else changes nothing."""
    if letter.kind != LetterKind.ADVANCE_NOTICE.value or letter.matter is None:
        return
    if StepId.ADVANCE_NOTICE in cases.steps(session, letter.project_id, letter.matter):
        return
    _put(
        session, letter.project_id, letter.matter, StepId.ADVANCE_NOTICE,
        {"letter": letter.number, "served_on": service.served_on.isoformat(), "receiver": service.receiver},
        state=StepState.DONE, happened=service.served_on, key=f"notice {letter.id}", by=by, at=at, letter=letter.id,
    )  # fmt: skip


def void(ledger: Ledger, project: UUID, record: UUID, *, reason: str, by: Person, at: datetime) -> None:
    """Voids a step that was taken in error, with a reason; it can then be taken again.

    A notice is voided after what was put on file because of it.
    """
    reason = voiding.reason_of(reason)
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        store.hold(session, row, seen=row.version)
        made = steps.standing(session, project, record)
        step = StepId(made.step)
        if not by.may(permission_of(step)):
            raise Forbidden(f"{by.role.words}不能作废“{step.words}”。请由有此权限的人员办理。")
        opened = opened_of(session, row)
        if made.matter != opened.recommended.matter:
            raise Refusal("这条记录不属于现在的处置建议，不需要作废。")
        own = _part(opened, step, by)
        if own:
            raise Forbidden(own)
        resting = [s.words for s in AFTER_NOTICE if step is StepId.ADVANCE_NOTICE and s in opened.taken]
        if resting:
            raise Refusal(f"“{'、'.join(resting)}”是依据这次告知办理的。请先作废，再作废告知。")
        undo(session, made, reason, by=by, at=at)


def undo(session: Session, made: steps.ProcedureStepRow, reason: str, *, by: Person, at: datetime) -> None:
    """Voids what was taken, in the caller's transaction."""
    voiding.void(made, reason, by=by, at=at)
    session.flush()
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=Happening.STEP_VOIDED,
            subject=subject(made.project_id),
            why=reason,
            before={"state": made.state.value, "facts": json.loads(made.facts)},
            after={"step": StepId(made.step).value},
        ),
    )


def demand_not_heavier(session: Session, project: UUID, recommended: cases.RecommendationRow, verdict: Verdict) -> None:
    """Nobody fares worse for having spoken: a heavier result than the one answered needs other facts, told anew."""
    now = facts_told(verdict.confirmed, verdict.screening.units)
    for earlier, made in steps.statements(session, project):
        told = json.loads(made.facts)
        if told.get("outcome") != "received" or told.get(TOLD) != now or earlier.matter == recommended.matter:
            continue
        if heavier(
            Disposition(recommended.disposition), recommended.due, json.loads(recommended.measures),
            Disposition(earlier.disposition), earlier.due, json.loads(earlier.measures),
        ):  # fmt: skip
            raise Refusal(
                f"当事人已就“{Disposition(earlier.disposition).words}”陈述申辩，事实没有变化，不得因此加重处理"
                "（《中华人民共和国行政处罚法》第四十五条）。有新的事实的，先登记，再提出建议并重新告知。",
                field="disposition",
            )


def checklist(ledger: Ledger, project: UUID, *, by: Person, today: date) -> Checklist | None:
    """The steps of the newest recommendation; None where it needs none or does not stand any more."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        return _checklist(ledger, session, row, by=by, today=today)


def _checklist(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    *,
    by: Person,
    today: date,
    ready: Prepared | None = None,
) -> Checklist | None:
    recommended = cases.recommendation(session, row.id)
    if recommended is None or recommended.state not in {RecommendationState.OPEN, RecommendationState.SIGNED}:
        return None
    needs = cases.needs(session, recommended.id)
    if not needs:
        return None
    opened = Opened(row, recommended, needs, cases.steps(session, row.id, recommended.matter))
    live = row.case_state is CaseState.RECOMMENDED and recommended.state is RecommendationState.OPEN
    ready = ready or prepare(ledger, session, row, recommended, by=by, on=today)
    texts = {step.name: step.text for step in ledger.rules.steps}
    records = _records(session, opened, ready, by=by)
    told = notices_of(session, row.id, recommended.matter)
    rows = []
    for step in StepId:
        if step in needs:
            standing = next((r for r in records.get(step, ()) if r.void_reason is None), None)
            about = _about(opened, step, ready.book, told, today=today)
            wait = None if standing else _not_yet(opened, step, about)
            may = live and by.may(permission_of(step)) and _part(opened, step, by) is None
            rows.append(
                StepLine(
                    step=step,
                    text=texts.get(step.words, "须由该部门会签。"),
                    record=standing,
                    voided=tuple(r for r in records.get(step, ()) if r.void_reason is not None),
                    passed=standing is not None and standing.state is not StepState.REFUSED,
                    waits=wait is not None,
                    note=wait or (_window(step, about) if standing is None else None),
                    may=may,
                )
            )
        elif step in BY_PROGRAM and live:
            rows.append(_by_program(step, ready, recommended, texts.get(step.words, "")))
    return Checklist(
        project=row.id,
        version=row.version,
        open=live,
        disposition=Disposition(recommended.disposition),
        lines=tuple(rows),
        notices=tuple(_notice(kind, told.get(kind)) for kind in kinds_of(opened)),
        changed=_changed(session, row, recommended, ready) if live else None,
    )


def kinds_of(opened: Opened) -> tuple[LetterKind, ...]:
    """The notices that the matter needs."""
    spared = {step for step, made in opened.taken.items() if made.state is StepState.NOT_REQUIRED}
    pairs = ((StepId.ADVANCE_NOTICE, LetterKind.ADVANCE_NOTICE), (StepId.HEARING, LetterKind.HEARING))
    return tuple(kind for step, kind in pairs if step in opened.needs and step not in spared)


def _notice(kind: LetterKind, found: tuple[cases.LetterRow, cases.ServiceRecordRow | None] | None) -> NoticeLine:
    letter, service = found or (None, None)
    return NoticeLine(
        kind=kind,
        letter=letter.id if letter else None,
        number=letter.number if letter else None,
        state=letter.state if letter else None,
        served_on=service.served_on if service else None,
    )


def _changed(
    session: Session, row: store.ProjectRow, recommended: cases.RecommendationRow, ready: Prepared
) -> str | None:
    """Whether what was told before is another matter than what stands now."""
    if ready.matter != recommended.matter:
        return CHANGED + "请由签发人退回，重新提出建议。"
    every = steps.notices(session, row.id)
    if any(letter.matter == recommended.matter for letter, _ in every):
        return None
    decided = cases.newest_decision(session, row.id)
    before = [letter.number for letter, _ in every if decided is None or letter.signed_at > decided.signed_at]
    return f"此前的告知书（{before[0]}）告知的是另一事项：{CHANGED}" if before else None


def _by_program(step: StepId, ready: Prepared, recommended: cases.RecommendationRow, text: str) -> StepLine:
    if step is StepId.BASIS:
        passed = not ready.missing
        note = "所依据的规则均已核对官方文本。" if passed else f"还有{len(ready.missing)}条规则未核对官方文本。"
    else:
        passed = bool(ready.letters) and ready.matter == recommended.matter
        note = (
            f"措施和依据在{chinese(ready.verdict.screening.as_of)}有效，规则版本 {ready.book.version[:8]}。"
            if passed
            else "按今天有效的规则，事实、依据或者措施与建议时不同。"
        )
    return StepLine(step=step, text=text, record=None, voided=(), passed=passed, waits=False, note=note, may=False)


def _window(step: StepId, about: About) -> str | None:
    """Until when the addressee can still speak."""
    if step not in AFTER_NOTICE or about.served_on is None:
        return None
    if about.closes_on is None:
        return "工作日历没有这一期限所在年份的安排，最后一天由人核定。"
    return f"{chinese(about.served_on)}送达，期限到{chinese(about.closes_on)}。"


def _records(session: Session, opened: Opened, ready: Prepared, *, by: Person) -> dict[StepId, list[Record]]:
    rows = steps.every(session, opened.row.id, opened.recommended.matter)
    names = people.names(session, {who for row in rows for who in (row.by, row.for_whom, row.voided_by)})
    files = {str(f.id): (f.id, f.name) for f in attachments.of_project(session, opened.row.id, by=by)} if rows else {}
    points = points_of(ready)
    about = About(today=ready.verdict.screening.as_of, enterprise="", credit_code=None, points=points)
    found: dict[StepId, list[Record]] = {}
    for row in rows:
        step = StepId(row.step)
        facts = json.loads(row.facts)
        ticked = {part for name, text in facts.items() if name.startswith(FILES) for part in text.split()}
        found.setdefault(step, []).append(
            Record(
                id=row.id,
                state=row.state,
                happened_on=row.happened_on,
                facts=in_words(step, facts, about),
                files=tuple(files[part] for part in sorted(ticked) if part in files),
                letter=row.letter_id,
                by=signature(names, row.by, row.for_whom),
                role=row.role.words,
                at=row.at,
                void_reason=row.void_reason,
                voided_by=names[row.voided_by].name if row.voided_by else None,
                voided_at=row.voided_at,
            )
        )
    return found


def sheet(ledger: Ledger, project: UUID, step: StepId, *, by: Person, today: date) -> StepSheet:
    """The page of one step of the open recommendation."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        opened = opened_of(session, row)
        _demand_step(opened, step)
        ready = prepare(ledger, session, row, opened.recommended, by=by, on=today)
        told = notices_of(session, row.id, opened.recommended.matter)
        points = points_of(ready) if step is StepId.EVIDENCE else ()
        about = _about(opened, step, ready.book, told, today=today, points=points)
        found = _checklist(ledger, session, row, by=by, today=today, ready=ready)
        if found is None:
            raise TypeError("an open recommendation that needs a step has a checklist")
        return StepSheet(
            line=line(row, None, ledger),
            version=row.version,
            step=step,
            row=next(r for r in found.lines if r.step is step),
            fields=fields_of(step, about),
            about=about,
            given=_given(session, row.id, step, ready),
            attachments=tuple(
                (file.id, f"{file.name}（{file.about}）")
                for file in attachments.of_project(session, project, by=by)
                if file.void_reason is None
            ),
            reason=opened.recommended.reason,
        )


def _given(session: Session, project: UUID, step: StepId, ready: Prepared) -> dict[str, str | list[str]]:
    """What a form can begin with: what is known already."""
    if step is StepId.COMPETENCE:
        organs = dict.fromkeys(letter.measure.organ for letter in ready.letters)
        basis = dict.fromkeys(words for letter in ready.letters for words in letter.measure.basis)
        return {"organ": "；".join(organs)[:200], "basis": "；".join(basis)}
    found: dict[str, str | list[str]] = {}
    said = store.findings(session, [project]).get(project, []) if step is StepId.EVIDENCE else []
    for number, finding in enumerate(ready.verdict.confirmed):
        for word in said:
            if same(kept(word), finding):
                found[f"finding_{number}"] = word.reference
                found[f"{FILES}_finding_{number}"] = [file["id"] for file in json.loads(word.attachments)]
    return found  # the licence is read, never copied from the ledger


def to_review_legally(ledger: Ledger, *, by: Person) -> tuple[LegalLine, ...]:
    """The cases within the scope that wait for their legal review, the longest waiting first."""
    with ledger.reader() as session:
        rows = steps.waiting(session, StepId.LEGAL_REVIEW, by=by)
        newest = cases.newest_recommendations(session, [row.id for row in rows])
        names = people.names(session, {r.by for r in newest.values()})
        found = []
        for row in rows:
            recommended = newest[row.id]
            opened = Opened(
                row, recommended, cases.needs(session, recommended.id),
                cases.steps(session, row.id, recommended.matter),
            )  # fmt: skip
            passed = {step for step, made in opened.taken.items() if made.state is not StepState.REFUSED}
            found.append(
                LegalLine(
                    line=line(row, None, ledger),
                    disposition=Disposition(recommended.disposition),
                    recommended_by=names[recommended.by].name,
                    recommended_at=recommended.at,
                    others_open=len(set(opened.needs) - passed - {StepId.LEGAL_REVIEW}),
                    refused=StepId.LEGAL_REVIEW in opened.taken,
                    mine=_part(opened, StepId.LEGAL_REVIEW, by),
                )
            )
        return tuple(found)
