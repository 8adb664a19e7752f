"""Chapter 3, the ways of a case to and fro: submitted, withdrawn, sent back, recalled, closed, taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.errors import Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Person
from screening.domain.registry import FIELD, Project
from screening.domain.review import CaseState, Move, Proofs, RecommendationState, ReturnReason
from screening.services import Ledger, moves
from screening.services.acceptance import demand_all_confirmed
from screening.services.lines import subject
from screening.store import cases, people, trail
from screening.store import registry as store

LONGEST_REASON = 4000
USES = "uses"
USES_WORDS = "分品种能源消费"
HAPPENINGS = {
    Move.SUBMIT: Happening.CASE_SUBMITTED,
    Move.WITHDRAW: Happening.CASE_WITHDRAWN,
    Move.SEND_BACK: Happening.CASE_SENT_BACK,
    Move.RECALL: Happening.RECOMMENDATION_RECALLED,
    Move.CLOSE: Happening.CASE_CLOSED,
    Move.REOPEN: Happening.CASE_REOPENED,
}
"""The moves made here, and what the trail calls each."""


def submit(ledger: Ledger, project: UUID, *, seen: int, by: Person, at: datetime) -> CaseState:
    """The registrar hands the project to the reviewers; gives the state that the case then stands in."""
    return _move(ledger, project, Move.SUBMIT, Proofs(), seen=seen, by=by, at=at)


def withdraw(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> CaseState:
    """The registrar takes back what nobody has accepted yet."""
    return _move(ledger, project, Move.WITHDRAW, _because(reason), seen=seen, by=by, at=at)


def send_back(
    ledger: Ledger,
    project: UUID,
    *,
    code: ReturnReason | None,
    field: str | None,
    reason: str,
    seen: int,
    by: Person,
    at: datetime,
) -> CaseState:
    """The reviewer gives it back to be corrected: why (coded, and in words) and which field (`field_words` knows)."""
    if field and field_words(field) is None:
        raise Refusal(f"台账中没有“{field}”这一栏。请从列表中选择所涉栏目。", field="field")
    given = _because(reason, code=code, field=field or None)
    return _move(ledger, project, Move.SEND_BACK, given, seen=seen, by=by, at=at)


def recall(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> CaseState:
    """The maker takes a recommendation back, as long as nobody else has acted on it."""
    return _move(ledger, project, Move.RECALL, _because(reason), seen=seen, by=by, at=at)


def close(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> CaseState:
    """The case is done with: what the letter asked for has been done, or is asked for no more; its clocks stop.

    Refused while a retrofit is not accepted for good: nothing else ends it (law page §6), never a reviewer's word.
    """
    return _move(ledger, project, Move.CLOSE, _because(reason), seen=seen, by=by, at=at)


def reopen(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> CaseState:
    """A closed or revoked case is taken up again; the first decision stays on file."""
    return _move(ledger, project, Move.REOPEN, _because(reason), seen=seen, by=by, at=at)


def field_words(key: str) -> str | None:
    """How users call the field that a return speaks of; None where there is none.

    The key of a field of the ledger, `uses`, or the field of one unit as the form names its box: `units-1-actual_sec`.
    """
    if key == USES:
        return USES_WORDS
    part, _, rest = key.partition("-")
    place, _, of_unit = rest.partition("-")
    if part == "units" and place.isascii() and place.isdigit() and len(place) < 4:
        field = FIELD.get(of_unit)
        return f"装置{int(place) + 1}·{field.header}" if field and field.per_unit else None
    return FIELD[key].header if key in FIELD else None


def fields_of(project: Project) -> tuple[tuple[str, str], ...]:
    """(key, words) of all that a return of this project can speak of: unit by unit where it has several."""
    found = []
    for key, field in FIELD.items():
        if field.per_unit and len(project.units) > 1:
            names = [f"units-{place}-{key}" for place in range(len(project.units))]
        else:
            names = [key]
        found += [(name, field_words(name) or field.header) for name in names]
    return (*found, (USES, USES_WORDS)) if project.uses else tuple(found)


def _because(reason: str, **more: Any) -> Proofs:
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"理由共{len(reason)}字，请不超过{LONGEST_REASON}字。", field="reason")
    return Proofs(reason=reason or None, **more)


def _move(
    ledger: Ledger, project: UUID, step: Move, given: Proofs, *, seen: int, by: Person, at: datetime
) -> CaseState:
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        if repeated(session, row, {step}, given, seen=seen, by=by):
            return row.case_state
        before = row.case_state
        if step is Move.RECALL and before is CaseState.RECOMMENDED:
            _take_back(session, row, by=by)
        if step is Move.CLOSE:
            demand_all_confirmed(session, project)
        version = moves.make(session, row, step, by=by, at=at, seen=seen, given=given)
        if step is Move.CLOSE:
            cases.stop_clocks(session, project, day_of(at))
        after: Mapping[str, Any] = {"state": row.case_state.value, "version": version, "level": by.level.words}
        if given.code:
            after = {**after, "code": given.code.value, "field": given.field}
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=HAPPENINGS[step],
                subject=subject(project),
                why=given.reason,
                before={"state": before.value, "version": seen},
                after=after,
            ),
        )
        return row.case_state


def repeated(
    session: Session, row: store.ProjectRow, steps: set[Move], given: Proofs, *, seen: int, by: Person
) -> bool:
    """Whether the person has just made this very move on this very version: a form sent twice does the thing once."""
    made = cases.move_that_made(session, row.id, row.version) if row.version == seen + 1 else None
    return (
        made is not None
        and made.move in steps
        and made.by == by.id
        and (made.reason, made.code, made.field) == (given.reason, given.code, given.field)
    )


def _take_back(session: Session, row: store.ProjectRow, *, by: Person) -> None:
    """Closes the open recommendation, which only its maker may take back, and only before somebody acted on it."""
    made = cases.recommendation(session, row.id)
    if made is None or made.state is not RecommendationState.OPEN:
        return
    others = {step.by for step in cases.steps(session, row.id, made.matter).values() if step.at >= made.at} - {made.by}
    names = people.names(session, {made.by, *others})
    if made.by not in {person.id for person in by.both}:
        raise Forbidden(
            f"处置建议由{names[made.by].name}提出，只能由其本人收回。需要退回的，请由签发人办理“退回重审”。"
        )
    if others:
        acted = "、".join(sorted(names[who].name for who in others))
        raise Refusal(f"{acted}已按这份建议办理了后续程序，不能再收回。需要修改的，请由签发人办理“退回重审”。")
    made.state = RecommendationState.RECALLED
    session.flush()
