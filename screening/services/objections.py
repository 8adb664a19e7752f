"""Chapter 5, objections: recorded against a served decision, stayed by written order, concluded; decisions revoked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import office_of
from screening.domain.objections import ObjectionKind, Outcome, Term, term
from screening.domain.people import Permission, Person
from screening.domain.registry import from_facts
from screening.domain.review import CaseState, LetterState, Move, Proofs, move, open_moves
from screening.services import Ledger, moves
from screening.services.lines import line, signature, subject
from screening.services.rules import overlay
from screening.services.verdicts import columns, judge
from screening.services.views import ProjectLine
from screening.store import cases, people, registry, trail
from screening.store import objections as store

LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class StayView:
    """A stay: `running` on the day it was asked for; `lift_document` where a later order ended it."""

    organ: str
    order_number: str
    ordered_on: date
    first_day: date
    last_day: date | None
    running: bool
    by: str
    at: datetime
    lift_document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionView:
    """An objection and what became of it; `late` after `last_day`, for the reason given."""

    kind: ObjectionKind
    letter: UUID
    letter_number: str
    objector: str
    agent: str | None
    organ: str
    case_number: str | None
    request: str
    document: str
    received_on: date
    last_day: date
    late_reason: str | None
    by: str
    at: datetime
    stays: tuple[StayView, ...]
    outcome: Outcome | None
    outcome_on: date | None
    outcome_document: str | None
    outcome_note: str | None
    ended_by: str | None

    @property
    def late(self) -> bool:
        """Whether it came after the last day."""
        return self.received_on > self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class FallView:
    """How a decision fell."""

    effect: Outcome
    organ: str
    document: str
    ordered_on: date
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLetter:
    """A letter of a decision, and until when it may be contested where it was served."""

    id: UUID
    number: str
    state: LetterState
    served_on: date | None
    terms: Mapping[ObjectionKind, Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision in the chain of decisions on a project: `follows` and `followed_by` name letters of the others."""

    id: UUID
    disposition: Disposition
    signed_on: date
    signed_by: str
    letters: tuple[HeldLetter, ...]
    fall: FallView | None
    follows: str | None
    followed_by: str | None

    @property
    def served(self) -> bool:
        """Whether it has reached somebody and still stands."""
        return self.fall is None and any(letter.served_on for letter in self.letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """Everything about objections to a project's decisions; `moves` are what this person may do now."""

    line: ProjectLine
    decisions: tuple[DecisionView, ...]
    objections: tuple[ObjectionView, ...]
    moves: tuple[Move, ...]
    government: str
    """The organ that reviews this office's decisions."""
    court: str
    office: str
    papers: tuple[str, ...]
    """The files attached to the project, to be named as documents."""

    @property
    def open(self) -> ObjectionView | None:
        """The objection without an outcome."""
        return next((o for o in self.objections if o.outcome is None), None)

    @property
    def stay(self) -> StayView | None:
        """The stay that runs, or is yet to run."""
        stays = self.open.stays if self.open else ()
        return next((s for s in stays if s.lift_document is None and (s.running or s.last_day is None)), None)


def show(ledger: Ledger, project: UUID, *, by: Person, today: date, papers: tuple[str, ...] = ()) -> Contested:
    """The decisions on a project, the objections to them and their stays; NotFound outside the scope."""
    with ledger.reader() as session:
        row = registry.get(session, project, by=by)
        made = store.decisions(session, project)
        rows, stays = store.of_project(session, project), store.stays(session, project)
        falls = store.revocations(session, [decision.id for decision, _ in made])
        served = cases.services(session, [letter.id for _, letters in made for letter in letters])
        who: set[UUID | None] = {o.by for o in rows} | {o.for_whom for o in rows} | {o.ended_by for o in rows}
        who |= {w for s in stays for w in (s.by, s.for_whom)} | {w for f in falls.values() for w in (f.by, f.for_whom)}
        who |= {w for decision, _ in made for w in (decision.signed_by, decision.signed_for)}
        names = people.names(session, who)
        numbers = {letter.id: letter.number for _, letters in made for letter in letters}
        first = {decision.id: letters[0].number for decision, letters in made}
        after = {decision.follows: first[decision.id] for decision, _ in reversed(made) if decision.follows}
        reviewed = {o.decision_id: o.outcome_on for o in rows if o.kind is ObjectionKind.REVIEW and o.outcome_on}

        def terms(letter: cases.LetterRow) -> dict[ObjectionKind, Term]:
            record = served.get(letter.id)
            if record is None:
                return {}
            past = reviewed.get(letter.decision_id) if letter.decision_id else None
            return {kind: term(kind, record.served_on, ledger.rules, reviewed_on=past) for kind in ObjectionKind}

        office = office_of(ledger.rules, made[0][1][0].office if made else by.scope)
        return Contested(
            line=line(row, registry.due_of(session, row.id), ledger),
            decisions=tuple(
                DecisionView(
                    id=decision.id,
                    disposition=Disposition(decision.disposition),
                    signed_on=decision.signed_on,
                    signed_by=signature(names, decision.signed_by, decision.signed_for),
                    letters=tuple(
                        HeldLetter(
                            id=letter.id,
                            number=letter.number,
                            state=LetterState(letter.state),
                            served_on=served[letter.id].served_on if letter.id in served else None,
                            terms=terms(letter),
                        )
                        for letter in letters
                    ),
                    fall=_fall(falls[decision.id], names) if decision.id in falls else None,
                    follows=first.get(decision.follows) if decision.follows else None,
                    followed_by=after.get(decision.id),
                )
                for decision, letters in made
            ),
            objections=tuple(_objection(o, stays, numbers, names, today) for o in rows),
            moves=open_moves(CaseState(row.case_state), by=by),
            government=office.government,
            court=office.court,
            office=office.name,
            papers=papers,
        )


Names = Mapping[UUID | None, people.PersonRow]


def _fall(row: store.RevocationRow, names: Names) -> FallView:
    return FallView(
        effect=Outcome(row.effect), organ=row.organ, document=row.document, ordered_on=row.ordered_on,
        reason=row.reason, by=signature(names, row.by, row.for_whom), at=row.at,
    )  # fmt: skip


def _objection(
    row: store.ObjectionRow, stays: list[store.StayRow], numbers: Mapping[UUID, str], names: Names, today: date
) -> ObjectionView:
    return ObjectionView(
        kind=ObjectionKind(row.kind),
        letter=row.letter_id,
        letter_number=numbers.get(row.letter_id, ""),
        objector=row.objector,
        agent=row.agent,
        organ=row.organ,
        case_number=row.case_number,
        request=row.request,
        document=row.document,
        received_on=row.received_on,
        last_day=row.last_day,
        late_reason=row.late_reason,
        by=signature(names, row.by, row.for_whom),
        at=row.at,
        stays=tuple(
            StayView(
                organ=s.organ, order_number=s.order_number, ordered_on=s.ordered_on, first_day=s.first_day,
                last_day=s.last_day, running=s.first_day <= today and (s.last_day is None or today <= s.last_day),
                by=signature(names, s.by, s.for_whom), at=s.at, lift_document=s.lift_document,
            )
            for s in stays
            if s.objection_id == row.id
        ),
        outcome=Outcome(row.outcome) if row.outcome else None,
        outcome_on=row.outcome_on,
        outcome_document=row.outcome_document,
        outcome_note=row.outcome_note,
        ended_by=names[row.ended_by].name if row.ended_by else None,
    )  # fmt: skip


def record(
    ledger: Ledger,
    project: UUID,
    *,
    letter: UUID,
    kind: ObjectionKind,
    received_on: date,
    objector: str,
    organ: str,
    request: str,
    document: str,
    agent: str | None = None,
    case_number: str | None = None,
    late_reason: str | None = None,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts an objection to a served letter of a standing decision on file; gives its id.

    One that came after the term needs the reason why it is taken all the same. The clock runs on: only a written
    order (`stay`) suspends it.
    """
    said = _said(objector=objector, organ=organ, request=request, document=document)
    _not_after_today(received_on, "received_on", at)
    with ledger.writer() as session:
        row = registry.get(session, project, by=by)
        again = _before(store.of_key(session, store.ObjectionRow, key), project, by)
        if again is not None:
            return again
        registry.hold(session, row, seen=seen)
        move(CaseState(row.case_state), Move.OBJECT, by=by)
        made, held = _standing(session, project, letter)
        served = cases.services(session, [held.id])[held.id].served_on
        if received_on < served:
            raise Refusal(
                f"收到日期{chinese(received_on)}早于文书送达日期{chinese(served)}。请核对。", field="received_on"
            )
        past = [
            o.outcome_on
            for o in store.of_project(session, project)
            if o.decision_id == made.id and o.kind is ObjectionKind.REVIEW and o.outcome_on
        ]
        limit = term(kind, served, ledger.rules, reviewed_on=max(past) if past else None)
        late_reason = ((late_reason or "").strip() or None) if limit.late(received_on) else None
        if limit.late(received_on) and late_reason is None:
            raise Refusal(
                f"法定期限至{chinese(limit.last_day)}（{limit.words}），收到日期{chinese(received_on)}已超过期限。"
                "受理机关仍予受理的，请写明理由（如末日为法定节假日、不可抗力或者其他正当理由）。",
                field="late_reason",
            )
        objection = store.ObjectionRow(
            id=uuid4(), key=key, project_id=project, decision_id=made.id, letter_id=held.id, kind=kind,
            objector=said["objector"], organ=said["organ"], request=said["request"], document=said["document"],
            agent=_text(agent, "agent"), case_number=_text(case_number, "case_number"), received_on=received_on,
            last_day=limit.last_day, late_reason=late_reason, by=by.id, for_whom=_principal(by), at=at,
        )  # fmt: skip
        session.add(objection)
        session.flush()
        given = Proofs(document=said["document"], paper_date=received_on)
        version = moves.make(session, row, Move.OBJECT, by=by, at=at, seen=seen, given=given)
        _tell(
            session, Happening.OBJECTION_RECEIVED, project, said["request"], by=by, at=at, version=version,
            way=kind.value, letter=held.number, objector=said["objector"], agent=objection.agent,
            organ=said["organ"], case_number=objection.case_number, document=said["document"],
            received_on=received_on.isoformat(), last_day=limit.last_day.isoformat(), late_reason=late_reason,
        )  # fmt: skip
        return objection.id


def stay(
    ledger: Ledger,
    project: UUID,
    *,
    organ: str,
    order_number: str,
    ordered_on: date,
    first_day: date,
    last_day: date | None = None,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Records a written order that stays the contested decision; gives its id.

    While it runs, the decision's term is not overdue and no exit is proposed; due date and outer limit stay as they
    are.
    """
    said = _said(organ=organ, order_number=order_number)
    _not_after_today(ordered_on, "ordered_on", at)
    if first_day < ordered_on:
        raise Refusal(
            f"停止执行的开始日期{chinese(first_day)}早于文书日期{chinese(ordered_on)}。请核对。", field="first_day"
        )
    if last_day is not None and last_day < first_day:
        raise Refusal(f"截止日期{chinese(last_day)}早于开始日期{chinese(first_day)}。请核对。", field="last_day")
    _demand(by, "登记停止执行")
    with ledger.writer() as session:
        row = registry.get(session, project, by=by)
        again = _before(store.of_key(session, store.StayRow, key), project, by)
        if again is not None:
            return again
        registry.hold(session, row, seen=seen)
        objection = _open(session, project)
        for other in store.stays(session, project):
            if (other.last_day is None or other.last_day >= first_day) and (
                last_day is None or other.first_day <= last_day
            ):
                raise Refusal(
                    f"与已登记的停止执行（{other.organ}，{other.order_number}）时间重叠。请先登记恢复执行，或者核对日期。",
                    field="first_day",
                )
        made = store.StayRow(
            id=uuid4(), key=key, project_id=project, objection_id=objection.id, decision_id=objection.decision_id,
            organ=said["organ"], order_number=said["order_number"], ordered_on=ordered_on, first_day=first_day,
            last_day=last_day, by=by.id, for_whom=_principal(by), at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        version = _looked_at_again(ledger, session, row, seen=seen, by=by, at=at)
        _tell(
            session, Happening.STAY_ORDERED, project, None, by=by, at=at, version=version, **said,
            ordered_on=ordered_on.isoformat(), first_day=first_day.isoformat(),
            last_day=last_day.isoformat() if last_day else None,
        )  # fmt: skip
        return made.id


def lift(ledger: Ledger, project: UUID, *, last_day: date, document: str, seen: int, by: Person, at: datetime) -> None:
    """Records the order that ends the stay (which has no end yet, or a later one); `last_day` is its last."""
    said = _said(document=document)
    _demand(by, "登记恢复执行")
    with ledger.writer() as session:
        row = registry.get(session, project, by=by, seen=seen)
        registry.hold(session, row, seen=seen)
        _open(session, project)
        found = next((s for s in store.stays(session, project) if s.lifted_at is None), None)
        if found is None:
            raise Refusal("没有可以恢复执行的停止执行记录。请刷新页面。")
        if last_day < found.first_day or (found.last_day is not None and last_day > found.last_day):
            until = f"至{chinese(found.last_day)}" if found.last_day else "之后"
            raise Refusal(
                f"停止执行的最后一日应在{chinese(found.first_day)}{until}。延长须另有文书，请另行登记。",
                field="last_day",
            )
        found.last_day, found.lift_document = last_day, said["document"]
        found.lifted_by, found.lifted_at = by.id, at
        session.flush()
        version = _looked_at_again(ledger, session, row, seen=seen, by=by, at=at)
        _tell(
            session, Happening.STAY_LIFTED, project, None, by=by, at=at, version=version, document=said["document"],
            order_number=found.order_number, last_day=last_day.isoformat(),
        )  # fmt: skip


def conclude(
    ledger: Ledger,
    project: UUID,
    *,
    outcome: Outcome,
    outcome_on: date,
    document: str,
    note: str | None = None,
    seen: int,
    by: Person,
    at: datetime,
) -> None:
    """Records an outcome that leaves the decision as it stands: upheld, withdrawn by the objector, settled.

    The decision takes effect again on that day, on its old term; a revocation or change is for a signatory (`revoke`).
    """
    if not outcome.decision_stands:
        raise Refusal(f"“{outcome.words}”须由签发人依据文书办理。请选择其他结果，或者转签发人。", field="outcome")
    said = _said(document=document)
    _not_after_today(outcome_on, "outcome_on", at)
    with ledger.writer() as session:
        row = registry.get(session, project, by=by, seen=seen)
        registry.hold(session, row, seen=seen)
        move(CaseState(row.case_state), Move.UPHOLD, by=by)
        objection = _open(session, project)
        told = _end(session, objection, outcome, outcome_on, said["document"], _text(note, "note"), by=by, at=at)
        values = _screened(ledger, session, row, day_of(at))
        given = Proofs(document=said["document"], paper_date=outcome_on, reason=_text(note, "note"))
        version = moves.make(session, row, Move.UPHOLD, by=by, at=at, seen=seen, given=given, values=values)
        kind = Happening.DECISION_UPHELD if outcome is Outcome.UPHELD else Happening.OBJECTION_ENDED
        _tell(session, kind, project, _text(note, "note"), by=by, at=at, version=version, **told)


def revoke(
    ledger: Ledger,
    project: UUID,
    *,
    decision: UUID | None = None,
    effect: Outcome,
    organ: str,
    document: str,
    ordered_on: date,
    reason: str,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """A signatory takes a decision out of force, on an order or of the office's own accord; gives the record's id.

    The contested decision where an objection is open (and the objection ends with it), else the one named. The
    decision and its letters stay on file, marked. A term that it set stops on the day of the order, where it started
    stays on record; a halt that it made ends, a halt that it released stands again.
    """
    if effect.decision_stands:
        raise Refusal("请选择撤销或者变更。", field="effect")
    said = _said(organ=organ, document=document, reason=reason)
    _not_after_today(ordered_on, "ordered_on", at)
    with ledger.writer() as session:
        row = registry.get(session, project, by=by)
        again = _before(store.of_key(session, store.RevocationRow, key), project, by)
        if again is not None:
            return again
        registry.hold(session, row, seen=seen)
        move(CaseState(row.case_state), Move.REVOKE, by=by)
        objection = store.open_one(session, project)
        made = _falling(session, project, objection.decision_id if objection else decision)
        if ordered_on < made.signed_on:
            raise Refusal(
                f"文书日期{chinese(ordered_on)}早于原决定的签发日期{chinese(made.signed_on)}。请核对。",
                field="ordered_on",
            )
        fall = store.RevocationRow(
            id=uuid4(), key=key, decision_id=made.id, project_id=project,
            objection_id=objection.id if objection else None, effect=effect, **said, ordered_on=ordered_on, by=by.id,
            for_whom=_principal(by), at=at,
        )  # fmt: skip
        session.add(fall)
        session.flush()
        told: dict[str, Any] = {}
        if objection is not None:
            told = _end(session, objection, effect, ordered_on, said["document"], said["reason"], by=by, at=at)
        halted = row.halted_on
        stopped = store.stop_clocks_of(session, made.id, ordered_on)
        cases.settle_acceptances(session, project)
        values = {
            **_screened(ledger, session, row, day_of(at)), "halted_on": cases.halted_since(session, project)
        }  # fmt: skip
        given = Proofs(reason=said["reason"], document=said["document"], paper_date=ordered_on)
        version = moves.make(session, row, Move.REVOKE, by=by, at=at, seen=seen, given=given, values=values)
        _tell(
            session, Happening.DECISION_REVOKED, project, said["reason"], by=by, at=at, version=version,
            **{
                **told, "effect": effect.value, "organ": said["organ"], "document": said["document"],
                "ordered_on": ordered_on.isoformat(), "disposition": Disposition(made.disposition).value,
                "letters": [letter.number for letter, _ in cases.letters_of_decision(session, made.id, by=by)],
                "clocks_stopped": len(stopped), "halted_before": halted.isoformat() if halted else None,
                "halted_on": values["halted_on"].isoformat() if values["halted_on"] else None,
            },
        )  # fmt: skip
        return fall.id


# --- what several of them need ---------------------------------------------------------------------------------------


def _said(**texts: str) -> dict[str, str]:
    """The texts that must be there, without blanks around them."""
    said = {name: _text(text, name) for name, text in texts.items()}
    for name, text in said.items():
        if not text:
            raise Refusal(f"请填写{WORDS[name]}。", field=name)
    return said  # type: ignore[return-value]  # none is None by now


WORDS = {
    "objector": "申请人（原告）",
    "organ": "机关名称",
    "request": "请求事项和理由",
    "document": "所依据的文书",
    "order_number": "文号",
    "reason": "理由",
    "note": "说明",
    "agent": "代理人",
    "case_number": "案号",
}


def _text(text: str | None, name: str) -> str | None:
    text = (text or "").strip() or None
    if text is not None and len(text) > LONGEST_TEXT:
        raise Refusal(f"{WORDS[name]}共{len(text)}字，请不超过{LONGEST_TEXT}字。", field=name)
    return text


def _not_after_today(day: date, field: str, at: datetime) -> None:
    if day > day_of(at):
        raise Refusal(f"日期{chinese(day)}晚于今天。请在收到文书之后登记。", field=field)


def _principal(by: Person) -> UUID | None:
    return by.stands_for.id if by.stands_for else None


def _demand(by: Person, what: str) -> None:
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能{what}。请由审核员办理。")


def _before(
    row: store.ObjectionRow | store.StayRow | store.RevocationRow | None, project: UUID, by: Person
) -> UUID | None:
    """What the same form did before."""
    if row is None:
        return None
    if row.project_id != project or row.by != by.id:
        raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
    return row.id


def _open(session: Session, project: UUID) -> store.ObjectionRow:
    found = store.open_one(session, project)
    if found is None:
        raise Refusal("该项目没有尚未办结的复议或者诉讼。请先登记，或者刷新页面。")
    return found


def _standing(session: Session, project: UUID, letter: UUID) -> tuple[cases.DecisionRow, cases.LetterRow]:
    """The letter, and its decision: served, and not fallen."""
    for decision, letters in store.decisions(session, project):
        held = next((one for one in letters if one.id == letter), None)
        if held is None:
            continue
        if held.state is not LetterState.SERVED:
            raise Refusal(f"文书{held.number}尚未送达，不能登记复议或者诉讼。", field="letter")
        if store.revocations(session, [decision.id]):
            raise Refusal(f"文书{held.number}所依的决定已被撤销或者变更。", field="letter")
        return decision, held
    raise NotFound("没有这份文书，或者它不在您的管辖区域内。请返回文书列表查看。")


def _falling(session: Session, project: UUID, decision: UUID | None) -> cases.DecisionRow:
    """The decision that is to fall: the one named, or the only one that stands."""
    made = [
        d for d, letters in store.decisions(session, project) if any(x.state is LetterState.SERVED for x in letters)
    ]
    fallen = store.revocations(session, [d.id for d in made])
    standing = [d for d in made if d.id not in fallen]
    found = [d for d in standing if d.id == decision] if decision else standing
    if len(found) != 1:
        raise Refusal("请选择要撤销或者变更的决定。", field="decision")
    return found[0]


def _end(
    session: Session,
    objection: store.ObjectionRow,
    outcome: Outcome,
    on: date,
    document: str,
    note: str | None,
    *,
    by: Person,
    at: datetime,
) -> dict[str, Any]:
    """Puts the outcome on the objection, ends its stays, and gives what the trail tells of it."""
    if on < objection.received_on:
        raise Refusal(
            f"结果日期{chinese(on)}早于收到复议、诉讼的日期{chinese(objection.received_on)}。请核对。",
            field="outcome_on" if outcome.decision_stands else "ordered_on",
        )
    ended = store.end_stays(session, objection.id, on=on, document=document, by=by.id, at=at)
    objection.outcome, objection.outcome_on, objection.outcome_document = outcome, on, document
    objection.outcome_note, objection.ended_by, objection.ended_at = note, by.id, at
    session.flush()
    return {
        "way": ObjectionKind(objection.kind).value,
        "outcome": outcome.value,
        "outcome_on": on.isoformat(),
        "document": document,
        "objector": objection.objector,
        "stays_ended": [row.order_number for row in ended],
    }


def _screened(ledger: Ledger, session: Session, row: registry.ProjectRow, today: date) -> dict[str, Any]:
    """The columns of a screening of today: what is overdue may have changed."""
    said = registry.findings(session, [row.id]).get(row.id, [])
    due = registry.retrofit_due(session, row.id, on=today)
    verdict = judge(from_facts(json.loads(row.facts)), overlay(ledger, session), as_of=today, said=said, due=due)
    return columns(verdict.screening)


def _looked_at_again(
    ledger: Ledger, session: Session, row: registry.ProjectRow, *, seen: int, by: Person, at: datetime
) -> int:
    values = {**_screened(ledger, session, row, day_of(at)), "saved_by": by.id, "saved_at": at}
    return registry.save(session, row, values, seen=seen)


def _tell(
    session: Session,
    kind: Happening,
    project: UUID,
    why: str | None,
    *,
    by: Person,
    at: datetime,
    **after: Any,
) -> None:
    trail.record(session, Event(at=at, who=by, kind=kind, subject=subject(project), why=why, after=after))
