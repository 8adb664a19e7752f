"""The letters of the procedure that no recommendation needs: receipts, requests for data (补正), reminders (催告)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs, LetterKind, office_of, receipt_of, reminder_of, request_of
from screening.domain.people import Permission, Person
from screening.domain.registry import from_facts
from screening.domain.review import CaseState, LetterState
from screening.services import Ledger, chasing, printruns
from screening.services.casework import field_words
from screening.services.dispositions import finish, letter_row
from screening.services.letters import Draft
from screening.services.lines import clock_lines, letter_lines, subject
from screening.services.numbering import drafted, take
from screening.services.procedure import days_of
from screening.services.rules import overlay
from screening.services.verdicts import judge
from screening.services.views import ClockLine, LetterLine
from screening.store import cases, deadlines, trail
from screening.store import registry as store
from screening.wording import compose

MOST_REMINDED = 100
"""Terms of one bulk reminder."""
REQUEST_DAYS = "request_days"
"""The parameter of the rules that says how many working days a request for data gives."""


def receipt(ledger: Ledger, letter: UUID, *, by: Person) -> tuple[str, bytes]:
    """The 送达回证 that goes with a letter, and the letter's number; made of its frozen inputs, never stored."""
    with ledger.reader() as session:
        row, _ = cases.letter(session, letter, by=by)
        if row.state is LetterState.VOID:
            raise Refusal(f"文书{row.number}已作废，不再送达。")
        inputs = receipt_of(compose(LetterInputs.from_json(row.inputs)))
    return row.number, printing.render(compose(inputs))


def request_draft(ledger: Ledger, project: UUID, *, by: Person, at: datetime) -> Draft:
    """The request for data that signing would make of a case that went back to be corrected, with a watermark."""
    with ledger.reader() as session:
        inputs = _request(ledger, session, store.get(session, project, by=by), by=by, at=at)
        return _draft(ledger, session, inputs, at)


def request(ledger: Ledger, project: UUID, *, seen: int, by: Person, at: datetime) -> LetterLine:
    """Signs and numbers the request for data: one for each return of the case."""
    _demand_signatory(by)
    request_draft(ledger, project, by=by, at=at)  # a letter that cannot be printed is never numbered
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        store.hold(session, row, seen=seen)
        inputs = _request(ledger, session, row, by=by, at=at)
        back = cases.sent_back(session, project)
        for told in _standing(session, project, LetterKind.DATA_REQUEST, by=by):
            if back is not None and told.signed_at >= back.at:
                raise Conflict(f"补充资料通知{told.number}已为这次退回签发，不需要再签发。请打开该文书办理。")
        key = _issued(ledger, session, row, inputs, by=by, at=at)
    return _finished(ledger, key, by=by)


def reminder_draft(ledger: Ledger, letter: UUID, *, by: Person, at: datetime) -> Draft:
    """The reminder that signing would make of a served letter whose term runs, with a watermark."""
    with ledger.reader() as session:
        full = cases.letter(session, letter, by=by)
        lines = _running(ledger, session, full, by=by, today=day_of(at))
        inputs = _reminder(ledger, session, full, lines, by=by, at=at)
        return _draft(ledger, session, inputs, at)


def remind(ledger: Ledger, letter: UUID, *, seen: int, by: Person, at: datetime, reason: str = "") -> LetterLine:
    """Signs and numbers a reminder of a served letter (`seen` is its version), or the call to perform after its term.

    One a day, and within a week only with a reason; it starts no clock and stops none. It is logged as a chase of
    every term that it reminds of.
    """
    _demand_signatory(by)
    reminder_draft(ledger, letter, by=by, at=at)
    with ledger.writer() as session:
        full = cases.letter(session, letter, by=by)
        served, project = full
        if served.version != seen:
            raise Conflict(f"文书{served.number}在您打开之后有变动。请刷新页面后重新办理。")
        row = store.get(session, project.id, by=by)
        store.hold(session, row, seen=row.version)
        lines = _running(ledger, session, full, by=by, today=day_of(at))
        inputs = _reminder(ledger, session, full, lines, by=by, at=at)
        for told in _standing(session, project.id, LetterKind.REMINDER, by=by):
            if told.signed_on == day_of(at) and LetterInputs.from_json(told.inputs).earlier == inputs.earlier:
                raise Conflict(f"提示函{told.number}今天已经签发，不需要再签发。请打开该文书办理。")
        chasing.demand_time(session, lines, reason, today=day_of(at))
        key = _issued(ledger, session, row, inputs, by=by, at=at)
        chasing.log_reminder(session, lines, key, inputs, reason=reason, by=by, at=at)
    return _finished(ledger, key, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A served letter whose terms would be reminded of together; `clocks` are those that were ticked.

    `soon` is the day of a reminder so recent that another one needs a reason, `obstacle` why none can be signed.
    """

    letter: UUID
    number: str
    version: int
    project: UUID
    project_name: str
    enterprise: str
    due: date
    overdue: bool
    clocks: tuple[UUID, ...]
    soon: date | None
    obstacle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """The reminders that were signed, the letters for which none was and why, and the run that prints them."""

    done: tuple[LetterLine, ...]
    failed: tuple[tuple[Due, str], ...]
    run: UUID | None


def due_letters(ledger: Ledger, clocks: Sequence[UUID], *, by: Person, today: date) -> tuple[Due, ...]:
    """The letters of the ticked terms, one reminder each, in the order of their due dates; foreign ones are left out.

    A few statements, however many are ticked.
    """
    if not clocks:
        raise Refusal("还没有勾选期限。请勾选左边的方框后再办理。", field="pick")
    if len(set(clocks)) > MOST_REMINDED:
        raise Refusal(f"一次最多催告{MOST_REMINDED}个期限，现勾选{len(set(clocks))}个。请分批办理。", field="pick")
    with ledger.reader() as session:
        rows = deadlines.ticked(session, clocks, by=by)
        lines = {line.id: line for line in clock_lines(session, rows, ledger, today)}
        soon = chasing.recent(session, lines, today=today)
        grouped: dict[UUID, list[deadlines.Timed]] = {}
        for row in rows:
            grouped.setdefault(row[1].id, []).append(row)
        found = []
        for letter, members in grouped.items():
            mine = [lines[clock.id] for clock, _, _ in members]
            open_ = [line for line in mine if not line.stay and line.stopped_on is None and line.accepted_on is None]
            _, served, project = members[0]
            days = [soon[line.id].day for line in mine if line.id in soon]
            found.append(
                Due(
                    letter=letter,
                    number=served.number,
                    version=served.version,
                    project=project.id,
                    project_name=project.name,
                    enterprise=project.enterprise,
                    due=min(line.due for line in mine),
                    overdue=any(line.overdue for line in mine),
                    clocks=tuple(line.id for line in mine),
                    soon=max(days) if days else None,
                    obstacle=None if open_ else "暂停执行" if any(line.stay for line in mine) else "期限已不再计算",
                )
            )
    return tuple(sorted(found, key=lambda one: (one.due, one.number)))


def remind_ticked(
    ledger: Ledger, clocks: Sequence[UUID], *, reason: str, key: str, by: Person, at: datetime
) -> Reminded:
    """Signs a reminder for each letter of the ticked terms and begins one print run of them all.

    Each is its own transaction: what cannot be signed is named and hinders none of the others. Sending the same form
    again signs nothing twice, as nobody is reminded twice a day.
    """
    _demand_signatory(by)
    wanted = due_letters(ledger, clocks, by=by, today=day_of(at))
    if not wanted:
        raise NotFound("勾选的期限不在您的管辖区域内。请返回期限页。")
    run = printruns.begun(ledger, key, by=by)
    if run is not None:
        return Reminded(done=(), failed=(), run=run)
    if any(one.soon and not one.obstacle for one in wanted) and not reason.strip():
        raise Refusal("其中有近日已催告的期限。再次催告请写明理由。", field="reason")
    done, failed = list[LetterLine](), list[tuple[Due, str]]()
    for one in wanted:
        if one.obstacle:
            failed.append((one, f"{one.obstacle}，没有催告。"))
            continue
        try:
            done.append(remind(ledger, one.letter, seen=one.version, reason=reason, by=by, at=at))
        except Refusal as refusal:
            failed.append((one, refusal.message))
    run = None
    if done:
        run = printruns.start(
            ledger, [line.id for line in done], duplex=True, copies=1, receipts=True, reason="", key=key, by=by, at=at,
            own=True,
        )  # fmt: skip
    return Reminded(done=tuple(done), failed=tuple(failed), run=run)


def _demand_signatory(by: Person) -> None:
    if not by.may(Permission.SIGN):
        raise Forbidden(f"{by.role.words}不能签发文书。请由签发人办理。")


def _standing(session: Session, project: UUID, kind: LetterKind, *, by: Person) -> list[cases.LetterRow]:
    found = cases.letters(session, by=by, kind=kind.value, project=project)
    return [row for row, _ in found if row.state is not LetterState.VOID]


def _request(ledger: Ledger, session: Session, row: store.ProjectRow, *, by: Person, at: datetime) -> LetterInputs:
    """What is missing: what the case went back for, and what keeps its units from being judged."""
    back = cases.sent_back(session, row.id) if row.case_state is CaseState.CORRECTION else None
    if back is None or back.field is None:
        raise Refusal(f"项目现为“{row.case_state.words}”，没有退回补正，不需要补充资料通知。")
    day, book = day_of(at), overlay(ledger, session)
    result = judge(from_facts(json.loads(row.facts)), book, as_of=day).screening
    items = [f"{field_words(back.field) or back.field}：{(back.reason or '').strip().rstrip('。')}"]
    items += [
        f"{unit.name or unit.product}的能耗资料：{unit.reasons[-1].rstrip('。')}"
        for unit in result.units
        if unit.efficiency_class is EfficiencyClass.UNDETERMINED and unit.reasons
    ]
    days = days_of(book, REQUEST_DAYS, day)
    return request_of(result, book, office_of(book, by.scope), items=dict.fromkeys(items), reply_days=days)


def _running(ledger: Ledger, session: Session, full: cases.Full, *, by: Person, today: date) -> tuple[ClockLine, ...]:
    """The terms of a letter that run still and are not stayed; refused where there is none."""
    row, project = full
    running = [c for c in cases.clocks(session, by=by, project=project.id) if c[0].letter_id == row.id]
    lines = tuple(line for line in clock_lines(session, running, ledger, today) if not line.stay)
    if not lines:
        raise Refusal(f"文书{row.number}没有正在计算的期限（未送达、已验收、已停止执行或者已被代替），不需要提示。")
    return lines


def _reminder(
    ledger: Ledger, session: Session, full: cases.Full, lines: Sequence[ClockLine], *, by: Person, at: datetime
) -> LetterInputs:
    """The reminder of the terms of a letter that run still."""
    row, _ = full
    day, book = day_of(at), overlay(ledger, session)
    served = compose(LetterInputs.from_json(row.inputs))
    made = reminder_of(
        served, book, as_of=day, due=min(c.due for c in lines), outer_limit=min(c.outer_limit for c in lines)
    )
    return replace(made, office=office_of(book, by.scope), rules_version=book.version)


def _draft(ledger: Ledger, session: Session, inputs: LetterInputs, at: datetime) -> Draft:
    letter = drafted(session, ledger.rules, inputs, day_of(at))
    return Draft(kind=inputs.kind.value, kind_words=inputs.kind.words, pdf=printing.render(letter), missing=())


def _issued(
    ledger: Ledger, session: Session, row: store.ProjectRow, inputs: LetterInputs, *, by: Person, at: datetime
) -> UUID:
    """The letter with its number, in the caller's transaction; its words were set before, but for who signs it."""
    printing.demand_printable([("签发人", by.signature)])
    day, book = day_of(at), overlay(ledger, session)
    number = take(session, book, inputs.office, inputs.kind, day)
    signed = replace(inputs, number=number.text, signed_on=day, signatory=by.signature, verify_at=ledger.verify_at)
    made = letter_row(signed, number, None, project=row.id, rules_version=book.version, by=by, at=at)
    session.add(made)
    session.flush()
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=Happening.LETTER_ISSUED,
            subject=subject(row.id),
            why=f"{inputs.kind.words}，{chinese(day)}签发",
            after={
                "letter": made.number,
                "kind": made.kind,
                "inputs_sha256": hashlib.sha256(made.inputs.encode()).hexdigest(),
            },
        ),
    )
    return made.id


def _finished(ledger: Ledger, key: UUID, *, by: Person) -> LetterLine:
    finish(ledger, key, by=by)
    with ledger.reader() as session:
        return letter_lines(session, [cases.letter(session, key, by=by)])[0]
