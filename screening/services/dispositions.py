"""Chapter 4, the decision: another person signs what a reviewer recommended, or returns it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, Measure, to_document
from screening.domain.deadlines import outer_limit, start_of
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import (
    LetterInputs,
    LetterKind,
    compose,
    inputs_from,
    number_of,
    office_of,
    what_is_missing,
)
from screening.domain.people import Permission, Person
from screening.domain.registry import from_facts
from screening.domain.review import CaseState, LetterState, Move, RecommendationState, move, own_part
from screening.domain.rules import Rulebook
from screening.services import Ledger
from screening.services.lines import letter_lines, line, recommendation_view, subject
from screening.services.rules import overlay
from screening.services.verdicts import Verdict, columns, judge, measures_of
from screening.services.views import LetterLine, ProjectLine, RecommendationView
from screening.store import cases, people, trail
from screening.store import registry as store

DUE_NEEDED = frozenset({Disposition.RECTIFY, Disposition.RETROFIT})
"""Dispositions that set a term."""
SHA_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLine:
    """A recommendation that waits for a signatory; `obstacles` are sentences, empty where it can be signed."""

    line: ProjectLine
    recommendation: RecommendationView
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A signed decision and its letter."""

    decision: UUID
    project: UUID
    letter: LetterLine


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recommendation worked out as of a day: the verdict, the measure, and what keeps the letter a draft."""

    verdict: Verdict
    book: Rulebook
    disposition: Disposition
    measure: Measure | None
    missing: tuple[str, ...]
    inputs: LetterInputs | None


def outer(session: Session, row: store.ProjectRow, verdict: Verdict, served: date) -> date:
    """The last day that any term of this project may end on, were the letter served on that day."""
    listed = verdict.screening.project.first_listed
    # A listing known to a month counts from its first day: no reading of it passes the three years.
    known = [d for d in (cases.earliest_start(session, row.id), listed.first if listed else None) if d]
    return outer_limit(start_of(served, min(known) if known else None))


def chosen(measures: tuple[Measure, ...], refs: tuple[str, ...]) -> Measure | None:
    """The first measure among those that were recommended; the first of all where none was named."""
    return next((m for m in measures if not refs or m.ref in refs), None)


def prepare(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    recommended: cases.RecommendationRow,
    *,
    by: Person,
    on: date,
) -> Prepared:
    """What signing on that day would decide: the law of that day, the facts of now."""
    book = overlay(ledger, session)
    said = store.findings(session, [row.id]).get(row.id, [])
    due = store.due_of(session, row.id)
    verdict = judge(from_facts(json.loads(row.facts)), book, as_of=on, said=said, due=due)
    disposition = Disposition(recommended.disposition)
    measure = chosen(measures_of(verdict, disposition, book), tuple(json.loads(recommended.measures)))
    if measure is None:
        return Prepared(verdict, book, disposition, None, (), None)
    missing = missing_of(measure)
    inputs = inputs_from(
        verdict.screening,
        book,
        office_of(book, by.scope),
        measure,
        reasons=recommended.reason,
        findings=verdict.confirmed,
        due=recommended.due,
        outer_limit=outer(session, row, verdict, on) if disposition in DUE_NEEDED else None,
        missing=missing,
    )
    return Prepared(verdict, book, disposition, measure, missing, replace(inputs, disposition=disposition.words))


def missing_of(measure: Measure) -> tuple[str, ...]:
    """What a letter on this measure still lacks; the kind of the letter makes it harmful, whatever the row says."""
    harmful = measure.harmful or LetterKind(measure.letter).harmful
    return what_is_missing(replace(measure, harmful=harmful))


def obstacles(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    recommended: cases.RecommendationRow,
    *,
    by: Person,
    today: date,
    ready: Prepared | None = None,
) -> tuple[str, ...]:
    """What stands in the way of this person's signature, a sentence each."""
    ready = ready or prepare(ledger, session, row, recommended, by=by, on=today)
    found = []
    if not by.may(Permission.SIGN):
        found.append(f"{by.role.words}不能签发。请由签发人办理。")
    own = own_part(by, recommended_by=recommended.by, registered_by=(row.registered_by, row.changed_by))
    if own:
        found.append(own)
    if ready.verdict.open:
        names = "、".join(f.id.words for f in ready.verdict.open)
        found.append(f"有检出的情形待审核员确认或排除：{names}。请退回审核。")
    if ready.measure is None:
        found.append(f"处置措施表中已没有适用于“{ready.disposition.words}”的所选措施。请退回审核，重新提出建议。")
    found.extend(f"依据未核对：{sentence}" for sentence in ready.missing)
    if recommended.due and recommended.due <= today:
        found.append(f"整改到期日{chinese(recommended.due)}不在签发日之后。请退回审核，重新确定期限。")
    return tuple(found)


def to_sign(ledger: Ledger, *, by: Person, at: datetime) -> tuple[SignLine, ...]:
    """The open recommendations within the scope, the oldest first, each with what stands in its way."""
    today = day_of(at)
    with ledger.reader() as session:
        rows = cases.in_states(session, [CaseState.RECOMMENDED], by=by)
        newest = cases.newest_recommendations(session, [row.id for row in rows])
        names = people.names(session, {r.by for r in newest.values()})
        return tuple(
            SignLine(
                line=line(row, None, ledger),
                recommendation=recommendation_view(newest[row.id], names),
                obstacles=obstacles(ledger, session, row, newest[row.id], by=by, today=today),
            )
            for row in rows
        )


def sign(ledger: Ledger, project: UUID, *, seen: int, key: str, by: Person, at: datetime) -> Decided:
    """Signs the recommendation that the signatory saw at version `seen`: decision, number and letter in one go.

    Refused for what he himself recommended or registered, and for a harmful letter that rests on anything not
    official (the sentence lists what is missing). The PDF is made of the number that comes next before anything is
    written, so that a letter that cannot be printed is never numbered; where another signature takes that number
    first, the letter keeps its frozen inputs and is made right after.
    """
    day = day_of(at)
    with ledger.reader() as session:
        again = _before(session, key, project, by)
        if again is not None:
            return again
        row = store.get(session, project, by=by, seen=seen)
        move(row.case_state, Move.SIGN, by=by)
        recommended = _open(session, row)
        ready = prepare(ledger, session, row, recommended, by=by, on=day)
        refusals = obstacles(ledger, session, row, recommended, by=by, today=day, ready=ready)
        if refusals or ready.inputs is None or ready.measure is None:
            kind = (
                Forbidden
                if own_part(by, recommended_by=recommended.by, registered_by=(row.registered_by, row.changed_by))
                else Refusal
            )
            raise kind("不能签发。" + " ".join(refusals))
        expected = cases.last_number(session, office=by.scope, kind=ready.measure.letter, year=day.year) + 1
    signed = _signed(ready, ready.inputs, expected, by=by, day=day)
    pdf = printing.render(compose(signed))
    decided = _decide(ledger, project, ready, expected, pdf, seen=seen, key=key, by=by, at=at)
    if not decided.letter.sha256:
        finish(ledger, decided.letter.id, by=by)
        with ledger.reader() as session:
            return replace(decided, letter=letter_lines(session, [cases.letter(session, decided.letter.id, by=by)])[0])
    return decided


def _before(session: Session, key: str, project: UUID, by: Person) -> Decided | None:
    """What the same form decided before."""
    row = cases.decision_of_key(session, key)
    if row is None:
        return None
    if row.project_id != project or row.signed_by != by.id:
        raise Conflict("这份表单已用于另一项签发。请刷新页面后重新办理。")
    full = cases.letter_of_decision(session, row.id, by=by)
    return Decided(decision=row.id, project=project, letter=letter_lines(session, [full])[0])


def _open(session: Session, row: store.ProjectRow) -> cases.RecommendationRow:
    found = cases.recommendation(session, row.id)
    if found is None or found.state is not RecommendationState.OPEN:
        raise Refusal("该项目没有待签发的处置建议。请刷新页面。")
    return found


def _signed(ready: Prepared, inputs: LetterInputs, serial: int, *, by: Person, day: date) -> LetterInputs:
    number = number_of(ready.book, inputs.office, inputs.kind, day.year, serial)
    return replace(inputs, number=number, signed_on=day, signatory=by.name, missing=())


def _decide(
    ledger: Ledger,
    project: UUID,
    ready: Prepared,
    expected: int,
    pdf: bytes | None,
    *,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> Decided:
    """The transaction of signing: version, number, decision, letter, events. `pdf` was made for number `expected`."""
    day = day_of(at)
    inputs, measure = ready.inputs, ready.measure
    if inputs is None or measure is None:
        raise Refusal("该处置没有适用的措施，不能签发。")
    with ledger.writer() as session:
        again = _before(session, key, project, by)
        if again is not None:
            return again
        row = store.get(session, project, by=by, seen=seen)
        after = move(row.case_state, Move.SIGN, by=by)
        recommended = _open(session, row)
        version = store.save(
            session,
            row,
            {
                "case_state": after,
                "state_since": at,
                "saved_by": by.id,
                "saved_at": at,
                **columns(ready.verdict.screening),
            },
            seen=seen,
        )
        serial = cases.next_number(session, office=by.scope, kind=inputs.kind.value, year=day.year)
        signed = _signed(ready, inputs, serial, by=by, day=day)
        if serial != expected:
            pdf = None
        decision = cases.DecisionRow(
            id=uuid4(),
            key=key,
            project_id=project,
            project_version=seen,
            recommendation_id=recommended.id,
            disposition=ready.disposition,
            facts=row.facts,
            screening=canonical(to_document(ready.verdict.screening)),
            grounds=canonical(_grounds(ready, measure)),
            rules_version=ready.book.version,
            as_of=day,
            recommended_by=recommended.by,
            signed_by=by.id,
            signed_at=at,
            signed_on=day,
        )
        session.add(decision)
        session.flush()
        letter = cases.LetterRow(
            id=uuid4(),
            decision_id=decision.id,
            project_id=project,
            office=by.scope,
            kind=inputs.kind.value,
            year=day.year,
            serial=serial,
            number=str(signed.number),
            inputs=signed.to_json(),
            pdf=pdf,
            sha256=None if pdf is None else hashlib.sha256(pdf).hexdigest(),
            versions=None if pdf is None else canonical(printing.renderer_versions()),
            state=LetterState.SIGNED,
            signed_on=day,
            saved_by=by.id,
            saved_at=at,
        )
        session.add(letter)
        recommended.state = RecommendationState.SIGNED
        session.flush()
        trail.record(
            session,
            Event(
                at=at,
                who=by.login,
                kind=Happening.DECISION_SIGNED,
                subject=subject(project),
                why=recommended.reason,
                before={"state": CaseState.RECOMMENDED.value, "version": seen},
                after={
                    "state": after.value,
                    "version": version,
                    "disposition": ready.disposition.value,
                    "measure": measure.ref,
                    "letter": letter.number,
                    "inputs_sha256": hashlib.sha256(letter.inputs.encode()).hexdigest(),
                    "screening_sha256": hashlib.sha256(decision.screening.encode()).hexdigest(),
                    "pdf_sha256": letter.sha256,
                },
            ),
        )
        full = cases.letter(session, letter.id, by=by)
        return Decided(decision=decision.id, project=project, letter=letter_lines(session, [full])[0])


def _grounds(ready: Prepared, measure: Measure) -> dict[str, Any]:
    confirmations = ready.book.confirmations
    return {
        "findings": [
            {"id": f.id.value, "source": f.source, "facts": dict(f.facts), "text": f.text}
            for f in ready.verdict.confirmed
        ],
        "measure": {
            "ref": measure.ref,
            "ground": measure.ground,
            "instrument": measure.instrument,
            "organ": measure.organ,
            "basis": list(measure.basis),
        },
        "rests_on": [
            {
                "ref": b.ref,
                "words": b.words,
                "evidence": b.evidence.value,
                "confirmed": (
                    {
                        "document": c.document,
                        "page": c.page,
                        "day": c.day.isoformat(),
                        "by": c.confirmed_by,
                        "countersigned_by": c.countersigned_by,
                    }
                    if (c := confirmations.get(b.ref))
                    else None
                ),
            }
            for b in measure.rests_on
        ],
    }


def finish(ledger: Ledger, letter: UUID, *, by: Person) -> bytes:
    """The bytes of a signed letter; made from its frozen inputs where that was not done yet, then kept for good."""
    with ledger.reader() as session:
        row, _, _ = cases.letter(session, letter, by=by)
        if row.pdf is not None:
            return checked(row)
        inputs = row.inputs
    pdf = printing.render(compose(LetterInputs.from_json(inputs)))
    versions = canonical(printing.renderer_versions())
    with ledger.writer() as session:
        cases.keep_bytes(session, letter, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), versions=versions)
    with ledger.reader() as session:
        return checked(cases.letter(session, letter, by=by)[0])


def checked(row: cases.LetterRow) -> bytes:
    """The stored bytes, refused where they no longer have the hash that was stored with them."""
    pdf = row.pdf or b""
    if hashlib.sha256(pdf).hexdigest() != row.sha256:
        raise Refusal(
            f"文书{row.number}的文件与登记的校验值不符，可能被改动。请运行 screening audit verify 并报告审计员。"
        )
    return pdf


def return_(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Sends the recommendation back to review with a reason."""
    if not reason.strip():
        raise Refusal("请写明退回的理由，以便审核员修改。", field="reason")
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        after = move(row.case_state, Move.RETURN, by=by)
        recommended = _open(session, row)
        version = store.save(
            session,
            row,
            {"case_state": after, "state_since": at, "saved_by": by.id, "saved_at": at},
            seen=seen,
        )
        recommended.state = RecommendationState.RETURNED
        recommended.returned_reason, recommended.returned_by, recommended.returned_at = reason.strip(), by.id, at
        trail.record(
            session,
            Event(
                at=at,
                who=by.login,
                kind=Happening.RECOMMENDATION_RETURNED,
                subject=subject(project),
                why=reason.strip(),
                before={"state": CaseState.RECOMMENDED.value, "version": seen},
                after={"state": after.value, "version": version},
            ),
        )
