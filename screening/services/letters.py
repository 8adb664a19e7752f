"""The letters: previewed as drafts, rendered from frozen inputs, printed, served, voided, verified."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.deadlines import run
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterInputs, code_of
from screening.domain.numbering import spelled
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold
from screening.domain.registry import from_facts
from screening.domain.review import CaseState, LetterState, Move, Proofs
from screening.services import Ledger, moves, seals
from screening.services.dispositions import TIMED, finish, prepare
from screening.services.lines import clock_lines, letter_lines, subject
from screening.services.numbering import drafted
from screening.services.procedure import notice_served
from screening.services.views import ClockLine, LetterLine
from screening.store import cases, people, trail
from screening.store import drafting as drafts
from screening.store import registry as store
from screening.store import seals as sealing
from screening.wording import compose

SERVICE_METHODS = ("直接送达", "留置送达", "邮寄送达", "委托送达", "电子送达", "公告送达")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The letter that signing would make: PDF bytes (watermarked), and what is still missing, a sentence each."""

    kind: str
    kind_words: str
    pdf: bytes
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """A letter with its service: `inputs` is the frozen JSON text, `versions` the programs that rendered it."""

    line: LetterLine
    inputs: str
    versions: dict[str, str]
    code: str
    """The check code that stands on it."""
    rules_version: str
    served_method: str | None
    served_receiver: str | None
    void_reason: str | None
    clock: ClockLine | None
    draft: tuple[str, int] | None
    """Which draft it was signed from, and which version of it; None where nobody had edited it."""


def list_letters(
    ledger: Ledger, *, by: Person, state: LetterState | None = None, kind: str | None = None, q: str = ""
) -> tuple[LetterLine, ...]:
    """The letters within the scope, newest first, those of one decision together; `q` finds in number and names."""
    words = [(spelled(word), fold(word)) for word in q.split()]
    with ledger.reader() as session:
        together: dict[UUID, list[cases.Full]] = {}
        for full in cases.letters(session, by=by, state=state, kind=kind, words=words):
            together.setdefault(full[0].decision_id or full[0].id, []).append(full)
        rows = [full for group in together.values() for full in sorted(group, key=lambda one: one[0].place)]
        return letter_lines(session, rows)


def preview(ledger: Ledger, project: UUID, *, place: int = 0, by: Person, at: datetime) -> Draft:
    """The draft of the letter that the open recommendation would become; `place` counts its measures from 0."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        recommended = cases.recommendation(session, row.id)
        if recommended is None:
            raise Refusal("该项目还没有处置建议，没有文书可以预览。请先提出处置建议。")
        ready = prepare(ledger, session, row, recommended, by=by, on=day_of(at))
        if place >= len(ready.letters):
            raise Refusal(
                f"处置措施表中没有适用于“{ready.disposition.words}”的措施，没有文书可以预览。请重新提出建议。"
            )
        inputs = ready.letters[place].inputs
        letter = drafted(session, ready.book, inputs, day_of(at))
    return Draft(
        kind=inputs.kind.value,
        kind_words=inputs.kind.words,
        pdf=printing.render(letter),
        missing=inputs.missing,
    )


def show(ledger: Ledger, letter: UUID, *, by: Person, today: date) -> LetterView:
    """One letter with its service and clock."""
    with ledger.reader() as session:
        full = cases.letter(session, letter, by=by)
        row, project = full
        service = cases.services(session, [row.id]).get(row.id)
        clocks = cases.clocks(session, by=by, project=project.id, running=False)
        version = drafts.version(session, project.id, row.draft_id) if row.draft_id else None
        return LetterView(
            line=letter_lines(session, [full])[0],
            inputs=row.inputs,
            versions=json.loads(row.versions) if row.versions else {},
            code=code_of(row.inputs),
            rules_version=row.rules_version,
            served_method=service.method if service else None,
            served_receiver=service.receiver if service else None,
            void_reason=row.void_reason,
            draft=(version.part, version.number) if version else None,
            clock=next(
                iter(clock_lines(session, [c for c in clocks if c[0].letter_id == row.id], ledger, today)), None
            ),
        )


def render(ledger: Ledger, letter: UUID, *, by: Person) -> bytes:
    """The PDF as it was issued: the stored bytes, checked against their SHA-256."""
    return finish(ledger, letter, by=by)


def render_again(ledger: Ledger, number: str, *, by: Person) -> tuple[bytes, bool]:
    """The PDF made anew from the frozen inputs and sealed as it was, and whether it equals the issued one byte by byte.

    An electronic signature is not made again.
    """
    with ledger.reader() as session:
        row, _ = cases.letter_numbered(session, spelled(number), by=by)
        if row.scan_id is not None:
            raise Refusal(f"文书{row.number}是补录的纸质文书，原件见扫描件，不能由程序生成。")
        letter, inputs, sha256 = row.id, row.inputs, row.sha256
    pdf = printing.render(compose(LetterInputs.from_json(inputs)))
    sealed, equal = seals.again(ledger, letter, pdf, by=by)
    return sealed, equal and (sha256 is None or hashlib.sha256(pdf).hexdigest() == sha256)


def versions_changed(ledger: Ledger, number: str, *, by: Person) -> tuple[tuple[str, str, str], ...]:
    """What decides a letter's bytes and is another here than when it was made: name, then, now."""
    with ledger.reader() as session:
        row, _ = cases.letter_numbered(session, spelled(number), by=by)
        then: dict[str, str] = json.loads(row.versions) if row.versions else {}
    now = printing.renderer_versions() if then else {}
    names = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return tuple((name, then.get(name, "没有"), now.get(name, "没有")) for name in names)


def _demand_office(by: Person, step: str) -> None:
    if not by.may(Permission.SERVE):
        raise Forbidden(f"{by.role.words}不能{step}。请由文书室办理。")


def _step(
    session: Session,
    full: cases.Full,
    state: LetterState,
    step: Move,
    *,
    seen: int,
    by: Person,
    at: datetime,
    given: Proofs = moves.NO_PROOFS,
) -> None:
    """Moves the letter, and its case with it.

    The case follows the letters of its newest decision: it is printed with the first of them and served with the
    last; voiding one voids the decision, and with it the others.
    """
    row, project = full
    if row.version != seen:
        raise _overtaken(session, row)
    values = {"state": state, "saved_by": by.id, "saved_at": at}
    if state is LetterState.VOID:
        values["void_reason"] = given.reason
    if not cases.step(session, row, seen=seen, values=values):
        raise _overtaken(session, row)
    newest = cases.newest_decision(session, project.id)
    if newest is None or newest.id != row.decision_id:
        return
    siblings = [letter for letter, _ in cases.letters_of_decision(session, newest.id, by=by)]
    changes: dict[str, Any] = {}
    if step is Move.VOID:
        for other in siblings:
            if other.state is LetterState.SERVED:
                raise Refusal(f"同一决定的文书{other.number}已送达，不能作废。决定有误的，请办理撤销。")
            if other.state is not LetterState.VOID:
                cases.step(session, other, seen=other.version, values=values)
        changes["halted_on"] = cases.halted_since(session, project.id)
        cases.settle_acceptances(session, project.id)
    waits = step is Move.SERVE and any(other.state is not LetterState.SERVED for other in siblings)
    again = step is Move.PRINT and project.case_state is not CaseState.SIGNED
    if waits or again:
        return
    moves.make(session, project, step, by=by, at=at, seen=project.version, given=given, values=changes)


def _overtaken(session: Session, row: cases.LetterRow) -> Conflict:
    name = people.get(session, row.saved_by).name
    return Conflict(f"文书{row.number}已由{name}于{day_of(row.saved_at)}办理，您看到的不是最新状态。请核对后重新办理。")


def print_(ledger: Ledger, letter: UUID, *, by: Person, at: datetime, seen: int | None = None) -> bytes:
    """The PDF for printing, with a record of who and when; again = a copy, logged as such.

    With `seen`, what was printed since is a Conflict: one press of a button records one print.
    """
    _demand_office(by, "印制文书")
    pdf = finish(ledger, letter, by=by)
    with ledger.writer() as session:
        full = cases.letter(session, letter, by=by)
        row, _ = full
        if row.state is LetterState.VOID:
            raise Refusal(f"文书{row.number}已作废，不能印制。")
        record_print(session, full, seen=row.version if seen is None else seen, by=by, at=at)
    return pdf


def record_print(
    session: Session,
    full: cases.Full,
    *,
    by: Person,
    at: datetime,
    seen: int | None = None,
    run: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Puts a print of a letter on record, the first or a copy, in a run or alone."""
    row, project = full
    sealed = sealing.editions(session, row.id)
    key, number, sha256 = row.id, row.number, sealed[-1].sha256 if sealed else row.sha256
    seen = row.version if seen is None else seen
    copy = len(cases.prints(session, [key]).get(key, ()))
    if row.state is LetterState.SIGNED:
        _step(session, full, LetterState.PRINTED, Move.PRINT, seen=seen, by=by, at=at)
    elif not cases.step(session, row, seen=seen, values={"saved_by": by.id, "saved_at": at}):
        raise _overtaken(session, row)
    why = reason if copy else None
    session.add(
        cases.PrintRecordRow(id=uuid4(), letter_id=key, copy_number=copy, run_id=run, reason=why, by=by.id, at=at)
    )
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=Happening.LETTER_PRINTED,
            subject=subject(project.id),
            why=why,
            after={"letter": number, "copy": copy, "pdf_sha256": sha256, **({"run": str(run)} if run else {})},
        ),
    )


def serve(
    ledger: Ledger,
    letter: UUID,
    *,
    served_on: date,
    method: str,
    receiver: str,
    seen: int,
    by: Person,
    at: datetime,
) -> ClockLine | None:
    """Records the service (not before signing, not in the future); starts the clock of a letter with a term."""
    _demand_office(by, "登记送达")
    if method not in SERVICE_METHODS:
        raise Refusal(f"送达方式为“{method}”，应为{'、'.join(SERVICE_METHODS)}之一。", field="method")
    if not receiver.strip():
        raise Refusal("请填写签收人或者见证人。", field="receiver")
    today = day_of(at)
    with ledger.writer() as session:
        full = cases.letter(session, letter, by=by)
        row, project = full
        if row.state is not LetterState.PRINTED:
            raise Refusal(f"文书{row.number}现为“{row.state.words}”，不能登记送达。已印制的文书才能送达。")
        if served_on < row.signed_on:
            raise Refusal(
                f"送达日期{chinese(served_on)}早于签发日期{chinese(row.signed_on)}。请核对送达回证。", field="served_on"
            )
        if served_on > today:
            raise Refusal(f"送达日期{chinese(served_on)}晚于今天。请在送达后登记。", field="served_on")
        inputs = LetterInputs.from_json(row.inputs)
        clock = None
        if inputs.due is not None and inputs.kind in TIMED:
            # Both the facts that were decided on and those of today: a listing that somebody took out since, or put
            # in, never gives more time than the other reading.
            stated = [project.facts, *([cases.decision(session, row.decision_id).facts] if row.decision_id else [])]
            listings = [listed.first for facts in stated if (listed := from_facts(json.loads(facts)).first_listed)]
            earliest = [d for d in (cases.earliest_start(session, project.id, row.kind), *listings) if d]
            clock = run(
                served_on,
                inputs.due,
                ledger.rules.deadline(served_on),
                first_listed=min(earliest) if earliest else None,
                national=inputs.national_target,
            )
        service = cases.ServiceRecordRow(
            id=uuid4(),
            letter_id=row.id,
            served_on=served_on,
            method=method,
            receiver=receiver.strip(),
            by=by.id,
            at=at,
        )
        session.add(service)
        session.flush()
        notice_served(session, row, service, by=by, at=at)
        number = row.number
        given = Proofs(paper_date=served_on, document=f"送达回证（{number}）")
        _step(session, full, LetterState.SERVED, Move.SERVE, seen=seen, by=by, at=at, given=given)
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.LETTER_SERVED,
                subject=subject(project.id),
                after={
                    "letter": number,
                    "served_on": served_on.isoformat(),
                    "method": method,
                    "receiver": receiver.strip(),
                },
            ),
        )
        if clock is None:
            return None
        # Each unit that the letter orders has its own clock, and is accepted by itself.
        ordered = [(place, unit.name or "") for place, unit in enumerate(inputs.units) if unit.ordered]
        session.add_all(
            cases.ClockRow(
                id=uuid4(),
                project_id=project.id,
                letter_id=letter,
                start=clock.start,
                due=clock.due,
                outer_limit=clock.outer_limit,
                hints=canonical(list(clock.hints)),
                steps=canonical(list(clock.steps)),
                unit=name,
                position=place,
            )
            for place, name in ordered or [(0, "")]
        )
        session.flush()
        known = {unit.name or "" for unit in inputs.units}
        cases.stop_clocks(session, project.id, served_on, units=ordered, known=known, instead=row)
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.CLOCK_STARTED,
                subject=subject(project.id),
                why="".join(f"{step.rstrip('。')}。" for step in clock.steps),
                after={
                    "letter": number,
                    "start": clock.start.isoformat(),
                    "due": clock.due.isoformat(),
                    "outer_limit": clock.outer_limit.isoformat(),
                    "units": [name for _, name in ordered if name],
                },
            ),
        )
        found = cases.clocks(session, by=by, project=project.id)
        return clock_lines(session, found, ledger, today)[0]


def void(ledger: Ledger, letter: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Voids a signed letter that was not served; its number stays used, and the case of a decision goes back to review.

    A notice is signed anew where the case still needs it.
    """
    if not reason.strip():
        raise Refusal("请写明作废的理由。", field="reason")
    if not by.may(Permission.SIGN):
        raise Forbidden(f"{by.role.words}不能作废文书。请由签发人办理。")
    with ledger.writer() as session:
        full = cases.letter(session, letter, by=by)
        row, project = full
        if row.state not in (LetterState.SIGNED, LetterState.PRINTED):
            raise Refusal(f"文书{row.number}现为“{row.state.words}”，不能作废。")
        number = row.number
        _step(session, full, LetterState.VOID, Move.VOID, seen=seen, by=by, at=at, given=Proofs(reason=reason.strip()))
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.LETTER_VOIDED,
                subject=subject(project.id),
                why=reason.strip(),
                after={"letter": number, **({"state": CaseState.RETURNED.value} if row.decision_id else {})},
            ),
        )
