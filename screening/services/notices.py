"""Chapter 4, being heard: the notices that go out before a harmful decision, drafted from its frozen matter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs, LetterKind, notice_from
from screening.domain.people import Permission, Person
from screening.domain.review import Move, move
from screening.services import Ledger
from screening.services.dispositions import Prepared, edited, finish, letter_row, own, prepare
from screening.services.letters import Draft
from screening.services.lines import letter_lines, subject
from screening.services.numbering import Expected, Number, drafted, take
from screening.services.procedure import CHANGED, days_of, kinds_of, notices_of, opened_of
from screening.services.views import LetterLine
from screening.store import cases, people, trail
from screening.store import drafting as drafts
from screening.store import registry as store
from screening.wording import compose

TERMS = {LetterKind.ADVANCE_NOTICE: "statement_days", LetterKind.HEARING: "hearing_window_days"}


@dataclass(frozen=True, slots=True)
class _Ready:
    """The notices of a matter that are not signed yet, and those that are."""

    row: store.ProjectRow
    prepared: Prepared
    matter: str
    inputs: tuple[LetterInputs, ...]
    signed: tuple[cases.LetterRow, ...]
    kept: Mapping[str, drafts.DraftVersionRow]
    """The newest version of each draft that was edited."""


def notice_of(kind: LetterKind, ready: Prepared, days: int) -> LetterInputs:
    """What a notice says: the facts, the basis and every harmful measure of the matter, nothing else."""
    ready = ready.as_begun  # a notice has a draft of its own
    letters = [each.inputs for each in ready.letters if each.measure.harmful or each.inputs.kind.harmful]
    if not ready.letters:
        raise Refusal("处置措施表中已没有适用于这项建议的措施。请退回审核，重新提出建议。")
    return notice_from(kind, letters or [each.inputs for each in ready.letters], days)


def draft(ledger: Ledger, project: UUID, kind: LetterKind, *, by: Person, at: datetime) -> Draft:
    """The notice that signing would make, with a watermark."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        opened = opened_of(session, row)
        if kind not in kinds_of(opened):
            raise Refusal(f"这项处置建议不需要{kind.words}。请返回程序清单查看。")
        ready = prepare(ledger, session, row, opened.recommended, by=by, on=day_of(at))
        begun = notice_of(kind, ready, days_of(ready.book, TERMS[kind], day_of(at)))
        inputs = edited(begun, drafts.newest(session, opened.recommended.id).get(kind.value))
        letter = drafted(session, ready.book, inputs, day_of(at))
    return Draft(kind=kind.value, kind_words=kind.words, pdf=printing.render(letter), missing=inputs.missing)


def obstacles(ledger: Ledger, project: UUID, *, by: Person, at: datetime) -> tuple[str, ...]:
    """What stands in the way of this person's signing the notices, a sentence each."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        opened = opened_of(session, row)
        ready = prepare(ledger, session, row, opened.recommended, by=by, on=day_of(at))
        return _obstacles(row, opened.recommended, ready, by=by, today=day_of(at))


def _obstacles(
    row: store.ProjectRow, recommended: cases.RecommendationRow, ready: Prepared, *, by: Person, today: date
) -> tuple[str, ...]:
    found = []
    part = own(row, recommended, by)
    if part:
        found.append(part)
    if ready.verdict.open:
        names = "、".join(f.id.words for f in ready.verdict.open)
        found.append(f"有检出的情形待审核员确认或排除：{names}。请退回审核。")
    if ready.matter != recommended.matter or not ready.letters:
        found.append(f"{CHANGED}请退回审核，重新提出建议。")
    if recommended.due and recommended.due <= today:
        found.append(f"整改到期日{chinese(recommended.due)}不在今天之后。请退回审核，重新确定期限。")
    found.extend(f"依据未核对：{sentence}" for sentence in ready.missing)
    for letter in ready.letters:
        found.extend(text for text in printing.unprintable(letter.inputs.texts()) if text not in found)
    return tuple(found)


def sign(ledger: Ledger, project: UUID, *, seen: int, by: Person, at: datetime) -> tuple[LetterLine, ...]:
    """Signs and numbers every notice that the open recommendation needs and that was not signed yet, all in one go.

    The same person signing again gets the same letters; another one is told by whom they were signed. A harmful
    notice, like the letter that follows it, rests on official rules only.
    """
    if not by.may(Permission.SIGN):
        raise Forbidden(f"{by.role.words}不能签发告知书。请由签发人办理。")
    day = day_of(at)
    with ledger.reader() as session:
        ready = _ready(ledger, session, project, seen=seen, by=by, day=day)
        if not ready.inputs:
            return _signed_before(session, ready, by=by)
        coming = Expected()
        expected = [
            coming.next(session, ready.prepared.book, inputs.office, inputs.kind, day) for inputs in ready.inputs
        ]
    pdfs = [printing.render(compose(inputs)) for inputs in _numbered(ready, expected, by=by, day=day)]
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        store.hold(session, row, seen=seen)
        ready = _ready(ledger, session, project, seen=seen, by=by, day=day)
        if not ready.inputs:
            return _signed_before(session, ready, by=by)
        numbers = [take(session, ready.prepared.book, inputs.office, inputs.kind, day) for inputs in ready.inputs]
        made = [
            letter_row(
                inputs, number, pdf if number == hoped else None, project=project,
                rules_version=ready.prepared.book.version, by=by, at=at, matter=ready.matter,
                draft_id=version.id if (version := ready.kept.get(inputs.kind.value)) else None,
            )
            for inputs, number, hoped, pdf in zip(
                _numbered(ready, numbers, by=by, day=day), numbers, expected, pdfs, strict=True
            )
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.NOTICE_SIGNED,
                subject=subject(project),
                after={
                    "matter": ready.matter,
                    "letters": [
                        {
                            "letter": letter.number,
                            "kind": letter.kind,
                            "inputs_sha256": hashlib.sha256(letter.inputs.encode()).hexdigest(),
                            "pdf_sha256": letter.sha256,
                        }
                        for letter in made
                    ],
                },
            ),
        )
        keys = [letter.id for letter in made]
    for key in keys:
        finish(ledger, key, by=by)
    with ledger.reader() as session:
        return letter_lines(session, [cases.letter(session, key, by=by) for key in keys])


def _ready(ledger: Ledger, session: Session, project: UUID, *, seen: int, by: Person, day: date) -> _Ready:
    row = store.get(session, project, by=by, seen=seen)
    opened = opened_of(session, row)
    move(row.case_state, Move.SIGN, by=by)
    prepared = prepare(ledger, session, row, opened.recommended, by=by, on=day)
    told = notices_of(session, row.id, opened.recommended.matter)
    kinds = kinds_of(opened)
    if not kinds:
        raise Refusal("这项处置建议不需要告知书。请返回程序清单查看。")
    open_kinds = [kind for kind in kinds if kind not in told]
    if open_kinds:
        refusals = _obstacles(row, opened.recommended, prepared, by=by, today=day)
        if refusals:
            kind = Forbidden if own(row, opened.recommended, by) else Refusal
            raise kind("不能签发告知书。" + " ".join(refusals))
    kept = drafts.newest(session, opened.recommended.id)
    return _Ready(
        row,
        prepared,
        opened.recommended.matter,
        tuple(
            edited(notice_of(kind, prepared, days_of(prepared.book, TERMS[kind], day)), kept.get(kind.value))
            for kind in open_kinds
        ),
        tuple(letter for letter, _ in told.values()),
        kept,
    )


def _numbered(ready: _Ready, numbers: Sequence[Number], *, by: Person, day: date) -> list[LetterInputs]:
    return [
        replace(
            inputs,
            number=number.text,
            signed_on=day,
            signatory=by.signature,
            missing=(),
        )
        for inputs, number in zip(ready.inputs, numbers, strict=True)
    ]


def _signed_before(session: Session, ready: _Ready, *, by: Person) -> tuple[LetterLine, ...]:
    for letter in ready.signed:
        if letter.signed_by != by.id:
            name = people.get(session, letter.signed_by).name
            raise Conflict(f"告知书{letter.number}已由{name}签发，不需要再签发。请返回程序清单查看。")
    return letter_lines(session, [cases.letter(session, letter.id, by=by) for letter in ready.signed])
