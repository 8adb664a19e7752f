"""What becomes of a project in the database: recommendations, decisions, numbered letters, service, clocks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.classification import Disposition
from screening.domain.errors import NotFound
from screening.domain.letters import LetterKind
from screening.domain.people import Person
from screening.domain.procedure import StepId
from screening.domain.review import CaseState, LetterState, Move, RecommendationState, ReturnReason
from screening.store.registry import runs, stayed, within
from screening.store.tables import (
    AcceptanceRow,
    CaseMoveRow,
    ClockRow,
    DecisionRow,
    LetterRow,
    MeteringRow,
    NeedRow,
    PersonRow,
    PrintRecordRow,
    ProcedureStepRow,
    ProjectRow,
    RecommendationRow,
    RevocationRow,
    ServiceRecordRow,
)

__all__ = [
    "AcceptanceRow",
    "CaseMoveRow",
    "ClockRow",
    "DecisionRow",
    "LetterRow",
    "MeteringRow",
    "NeedRow",
    "PrintRecordRow",
    "ProcedureStepRow",
    "RecommendationRow",
    "ServiceRecordRow",
]

MOST_AT_ONCE = 500
Full = tuple[LetterRow, ProjectRow]


LONGEST_WAITING = (col(ProjectRow.state_since), col(ProjectRow.name), col(ProjectRow.id))


def in_states(session: Session, states: Collection[CaseState], *, by: Person, light: bool = False) -> list[ProjectRow]:
    """The projects within the scope whose case stands in one of the states, longest waiting first.

    `light` leaves the long texts of the facts and results where they are.
    """
    query = sa.select(ProjectRow).where(within(by), col(ProjectRow.case_state).in_(states)).order_by(*LONGEST_WAITING)
    if light:
        heavy = (ProjectRow.facts, ProjectRow.screening, ProjectRow.search, ProjectRow.basis_refs)
        query = query.options(*(defer(column) for column in heavy))  # type: ignore[arg-type]
    return list(session.execute(query).scalars())


def waiting_order(session: Session, states: Collection[CaseState], *, by: Person) -> list[UUID]:
    """The same, only which."""
    query = (
        sa.select(col(ProjectRow.id))
        .where(within(by), col(ProjectRow.case_state).in_(states))
        .order_by(*LONGEST_WAITING)
    )
    return list(session.execute(query).scalars())


def recommendation(session: Session, project: UUID) -> RecommendationRow | None:
    """The newest recommendation of a project."""
    query = (
        sa.select(RecommendationRow)
        .where(col(RecommendationRow.project_id) == project)
        .order_by(col(RecommendationRow.project_version).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def newest_recommendations(session: Session, projects: Collection[UUID]) -> dict[UUID, RecommendationRow]:
    """The newest recommendation of each project."""
    query = (
        sa.select(RecommendationRow)
        .where(col(RecommendationRow.project_id).in_(projects))
        .order_by(col(RecommendationRow.project_version))
    )
    return {row.project_id: row for row in session.execute(query).scalars()}


def recommendation_of_key(session: Session, key: str) -> RecommendationRow | None:
    """The recommendation that a form with this key made before."""
    query = sa.select(RecommendationRow).where(col(RecommendationRow.key) == key)
    return session.execute(query).scalar_one_or_none()


def outdate(session: Session, projects: Collection[UUID]) -> None:
    """Closes open recommendations whose facts changed."""
    query = (
        sa.update(RecommendationRow)
        .where(
            col(RecommendationRow.project_id).in_(projects),
            col(RecommendationRow.state) == RecommendationState.OPEN,
        )
        .values(state=RecommendationState.OUTDATED)
    )
    session.execute(query)


def newest_decision(session: Session, project: UUID) -> DecisionRow | None:
    """The project's newest decision."""
    query = (
        sa.select(DecisionRow)
        .where(col(DecisionRow.project_id) == project)
        .order_by(col(DecisionRow.project_version).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def decision(session: Session, key: UUID) -> DecisionRow:
    """One decision, by a letter of it that was found within the scope."""
    return session.get_one(DecisionRow, key)


def decisions(session: Session, project: UUID) -> list[tuple[DecisionRow, RecommendationRow]]:
    """The decisions on a project with what they decided upon, the newest first."""
    query = (
        sa.select(DecisionRow, RecommendationRow)
        .join(RecommendationRow, col(RecommendationRow.id) == col(DecisionRow.recommendation_id))
        .where(col(DecisionRow.project_id) == project)
        .order_by(col(DecisionRow.project_version).desc())
    )
    return list(session.execute(query))


def halt_or_release(session: Session, project: UUID) -> DecisionRow | None:
    """The newest halt or release that stands: its letters are not void, and it was not revoked."""
    stands = sa.exists().where(
        col(LetterRow.decision_id) == col(DecisionRow.id), col(LetterRow.state) != LetterState.VOID
    )
    query = (
        sa.select(DecisionRow)
        .where(
            col(DecisionRow.project_id) == project,
            col(DecisionRow.disposition).in_([Disposition.HALT, Disposition.RELEASE]),
            stands,
            ~fell(col(DecisionRow.id)),
        )
        .order_by(col(DecisionRow.project_version).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def halted_since(session: Session, project: UUID) -> date | None:
    """The day of the halt that stands."""
    row = halt_or_release(session, project)
    return row.signed_on if row is not None and row.disposition is Disposition.HALT else None


def fell(decision: Any) -> sa.ColumnElement[bool]:
    """Whether the decision was revoked or changed."""
    return sa.exists().where(col(RevocationRow.decision_id) == decision)


def newest_served(session: Session, project: UUID, disposition: Disposition) -> list[LetterRow]:
    """The served letters of the newest standing decision of that disposition that reached somebody, in their order."""
    query = (
        sa.select(LetterRow)
        .join(DecisionRow, col(DecisionRow.id) == col(LetterRow.decision_id))
        .where(
            col(LetterRow.project_id) == project,
            col(LetterRow.state) == LetterState.SERVED,
            col(DecisionRow.disposition) == disposition,
            ~fell(col(DecisionRow.id)),
        )
        .order_by(col(DecisionRow.project_version).desc(), col(LetterRow.place))
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    rows = list(session.execute(query).scalars())
    return [row for row in rows if row.decision_id == rows[0].decision_id]


def lapsed_retrofits(session: Session, project: UUID, on: date) -> list[LetterRow]:
    """The served retrofit letters whose term had passed before that day without acceptance, and that are not stayed."""
    query = (
        sa.select(LetterRow)
        .join(ClockRow, col(ClockRow.letter_id) == col(LetterRow.id))
        .where(
            col(LetterRow.project_id) == project,
            col(LetterRow.kind) == LetterKind.RETROFIT.value,
            runs(),
            col(ClockRow.due) < on,
            ~stayed(on),
        )
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    return list(session.execute(query).scalars())


def decisions_served(session: Session, project: UUID) -> int:
    """How many decisions on the project have reached somebody; each opens a new round of notice and hearing."""
    query = sa.select(sa.func.count(sa.distinct(col(LetterRow.decision_id)))).where(
        col(LetterRow.project_id) == project, col(LetterRow.state) == LetterState.SERVED
    )
    return session.execute(query).scalar_one()


def record_moves(session: Session, moves: Sequence[Mapping[str, Any]], *, by: Person, at: datetime) -> None:
    """Puts moves on record: `project_id`, `version`, `move`, `before`, `after` and proofs of each."""
    for start in range(0, len(moves), MOST_AT_ONCE):
        chunk = moves[start : start + MOST_AT_ONCE]
        query = sa.select(col(ProjectRow.id), col(ProjectRow.registered_by), col(ProjectRow.changed_by)).where(
            col(ProjectRow.id).in_([made["project_id"] for made in chunk])
        )
        whose = {row[0]: {"registered_by": row[1], "changed_by": row[2]} for row in session.execute(query)}
        blank = dict.fromkeys(("recommended_by", "reason", "code", "field", "document", "paper_date"))
        principal = by.stands_for.id if by.stands_for else None
        who = {"by": by.id, "for_whom": principal, "role": by.role, "level": int(by.level), "at": at}
        session.execute(
            sa.insert(CaseMoveRow.__table__),  # type: ignore[attr-defined]
            [{"id": uuid4(), **blank, **who, **whose[made["project_id"]], **made} for made in chunk],
        )


def moves(session: Session, project: UUID) -> list[CaseMoveRow]:
    """The moves of a case, in order."""
    query = sa.select(CaseMoveRow).where(col(CaseMoveRow.project_id) == project).order_by(col(CaseMoveRow.version))
    return list(session.execute(query).scalars())


def in_whose_name(session: Session, project: UUID) -> tuple[set[UUID], UUID | None]:
    """Whom deputies stood in for: who registered the project and who stated its facts last; who recommended last."""
    made = col(CaseMoveRow.project_id) == project
    newest = [
        sa.select(col(CaseMoveRow.for_whom))
        .where(made, col(CaseMoveRow.move) == move)
        .order_by(col(CaseMoveRow.version).desc())
        .limit(1)
        for move in (Move.CHANGE_FACTS, Move.RECOMMEND)
    ]
    first = sa.select(col(CaseMoveRow.for_whom)).where(made, col(CaseMoveRow.version) == 1)
    registered, changed, recommended = (session.execute(query).scalar_one_or_none() for query in (first, *newest))
    return {who for who in (registered, changed) if who}, recommended


def move_that_made(session: Session, project: UUID, version: int) -> CaseMoveRow | None:
    """The move that made this version of a project; None where something else did."""
    query = sa.select(CaseMoveRow).where(col(CaseMoveRow.project_id) == project, col(CaseMoveRow.version) == version)
    return session.execute(query).scalar_one_or_none()


def sent_back(session: Session, project: UUID) -> CaseMoveRow | None:
    """The newest return of a project to its registrar."""
    query = (
        sa.select(CaseMoveRow)
        .where(col(CaseMoveRow.project_id) == project, col(CaseMoveRow.move) == Move.SEND_BACK)
        .order_by(col(CaseMoveRow.version).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def returns(
    session: Session, *, by: Person, since: datetime, until: datetime
) -> list[tuple[CaseMoveRow, ProjectRow, PersonRow]]:
    """The returns of a period within the scope, newest first, each with its project and whose facts went back."""
    query = (
        sa.select(CaseMoveRow, ProjectRow, PersonRow)
        .join(ProjectRow, col(ProjectRow.id) == col(CaseMoveRow.project_id))
        .join(PersonRow, col(PersonRow.id) == col(CaseMoveRow.changed_by))
        .where(within(by), col(CaseMoveRow.move) == Move.SEND_BACK)
        .where(col(CaseMoveRow.at) >= since, col(CaseMoveRow.at) < until)
        .order_by(col(CaseMoveRow.at).desc(), col(CaseMoveRow.id))
        .options(defer(ProjectRow.facts), defer(ProjectRow.screening), defer(ProjectRow.search))  # type: ignore[arg-type]
    )
    return list(session.execute(query))


def often_returned(session: Session, *, by: Person, since: datetime) -> list[tuple[str, ReturnReason, int]]:
    """(field, code, number) of the returns since then within the scope."""
    columns = (col(CaseMoveRow.field), col(CaseMoveRow.code))
    query = (
        sa.select(*columns, sa.func.count())
        .join(ProjectRow, col(ProjectRow.id) == col(CaseMoveRow.project_id))
        .where(within(by), col(CaseMoveRow.move) == Move.SEND_BACK, col(CaseMoveRow.at) >= since)
        .group_by(*columns)
    )
    return [(field, code, int(number)) for field, code, number in session.execute(query) if field and code]


def steps(session: Session, project: UUID, matter: str) -> dict[StepId, ProcedureStepRow]:
    """The steps that stand for a matter."""
    query = sa.select(ProcedureStepRow).where(
        col(ProcedureStepRow.project_id) == project,
        col(ProcedureStepRow.matter) == matter,
        col(ProcedureStepRow.voided_at).is_(None),
    )
    return {StepId(row.step): row for row in session.execute(query).scalars()}


def step_of_key(session: Session, key: str) -> ProcedureStepRow | None:
    """The step that a form with this key put on file before."""
    return session.execute(sa.select(ProcedureStepRow).where(col(ProcedureStepRow.key) == key)).scalar_one_or_none()


def needs(session: Session, recommendation: UUID) -> tuple[StepId, ...]:
    """The steps that a recommendation needs, in the order of the checklist."""
    query = sa.select(col(NeedRow.step)).where(col(NeedRow.recommendation_id) == recommendation)
    found = set(session.execute(query).scalars())
    return tuple(step for step in StepId if step in found)


def decision_of_key(session: Session, key: str) -> DecisionRow | None:
    """The decision that a form with this key made before."""
    return session.execute(sa.select(DecisionRow).where(col(DecisionRow.key) == key)).scalar_one_or_none()


def _letters(by: Person) -> sa.Select[LetterRow, ProjectRow]:
    return (
        sa.select(LetterRow, ProjectRow)
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(within(by))
    )


def letters(
    session: Session,
    *,
    by: Person,
    state: LetterState | None = None,
    kind: str | None = None,
    words: Collection[tuple[str, str]] = (),
    project: UUID | None = None,
) -> list[Full]:
    """The letters within the scope, newest first, without their bytes; `words` as typed and folded."""
    query = _letters(by)
    if state is not None:
        query = query.where(col(LetterRow.state) == state)
    if kind:
        query = query.where(col(LetterRow.kind) == kind)
    if project is not None:
        query = query.where(col(LetterRow.project_id) == project)
    for typed, folded in words:
        query = query.where(
            col(LetterRow.number).contains(typed, autoescape=True)
            | col(ProjectRow.search).contains(folded, autoescape=True)
        )
    query = query.order_by(
        col(LetterRow.signed_at).desc(), col(LetterRow.year).desc(), col(LetterRow.serial).desc(), col(LetterRow.id)
    ).options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    return list(session.execute(query))


def letters_among(session: Session, keys: Collection[UUID], *, by: Person) -> list[Full]:
    """Those of these letters that lie within the scope, without their bytes."""
    query = _letters(by).where(col(LetterRow.id).in_(keys)).options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    return list(session.execute(query))


def letter(session: Session, key: UUID, *, by: Person) -> Full:
    """One letter within the scope; NotFound otherwise."""
    return _one(session, _letters(by).where(col(LetterRow.id) == key))


def letter_numbered(session: Session, number: str, *, by: Person) -> Full:
    """The letter of that number within the scope; NotFound otherwise."""
    return _one(session, _letters(by).where(col(LetterRow.number) == number))


def letters_of_decision(session: Session, decision: UUID, *, by: Person) -> list[Full]:
    """The letters of a decision within the scope, in the order in which its measures were chosen."""
    query = _letters(by).where(col(LetterRow.decision_id) == decision).order_by(col(LetterRow.place))
    return list(session.execute(query))


def letter_hashed(session: Session, sha256: str, *, by: Person) -> Full | None:
    """The letter whose bytes have this hash."""
    return session.execute(_letters(by).where(col(LetterRow.sha256) == sha256)).first()


def _one(session: Session, query: sa.Select[LetterRow, ProjectRow]) -> Full:
    found = session.execute(query).first()
    if found is None:
        raise NotFound("没有这份文书，或者它不在您的管辖区域内。请返回文书列表查看。")
    return found


def keep_bytes(session: Session, key: UUID, *, pdf: bytes, sha256: str, versions: str) -> bool:
    """Stores a letter's PDF unless it has one already; True where it was stored now."""
    query = (
        sa.update(LetterRow)
        .where(col(LetterRow.id) == key, col(LetterRow.sha256).is_(None))
        .values(pdf=pdf, sha256=sha256, versions=versions)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(query).rowcount)  # type: ignore[attr-defined]


def step(session: Session, row: LetterRow, *, seen: int, values: dict[str, Any]) -> bool:
    """Writes `values` onto a letter that still has version `seen`; False where somebody was faster."""
    query = (
        sa.update(LetterRow)
        .where(col(LetterRow.id) == row.id, col(LetterRow.version) == seen)
        .values(**values, version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    done = bool(session.execute(query).rowcount)  # type: ignore[attr-defined]
    session.expire(row)
    return done


def prints(session: Session, keys: Collection[UUID]) -> dict[UUID, list[PrintRecordRow]]:
    """The prints of these letters, in order."""
    query = (
        sa.select(PrintRecordRow)
        .where(col(PrintRecordRow.letter_id).in_(keys))
        .order_by(col(PrintRecordRow.at), col(PrintRecordRow.copy_number))
    )
    found: dict[UUID, list[PrintRecordRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.letter_id, []).append(row)
    return found


def services(session: Session, keys: Collection[UUID]) -> dict[UUID, ServiceRecordRow]:
    """The service of these letters."""
    query = sa.select(ServiceRecordRow).where(col(ServiceRecordRow.letter_id).in_(keys))
    return {row.letter_id: row for row in session.execute(query).scalars()}


def clocks(
    session: Session, *, by: Person, project: UUID | None = None, running: bool = True
) -> list[tuple[ClockRow, LetterRow, ProjectRow]]:
    """The clocks within the scope, the nearest due date first."""
    query = (
        sa.select(ClockRow, LetterRow, ProjectRow)
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .join(ProjectRow, col(ProjectRow.id) == col(ClockRow.project_id))
        .where(within(by))
        .order_by(col(ClockRow.due), col(ProjectRow.name))
        .options(defer(LetterRow.pdf), defer(LetterRow.inputs))  # type: ignore[arg-type]
    )
    if running:
        query = query.where(runs())
    if project is not None:
        query = query.where(col(ClockRow.project_id) == project)
    return list(session.execute(query))


def earliest_start(session: Session, project: UUID, kind: str) -> date | None:
    """The day on which the project's first clock of letters of that kind started; later letters never reset it."""
    query = (
        sa.select(sa.func.min(col(ClockRow.start)))
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .where(col(ClockRow.project_id) == project, col(LetterRow.kind) == kind)
    )
    return session.execute(query).scalar_one()


def retrofits(session: Session, project: UUID) -> list[tuple[ClockRow, LetterRow, ServiceRecordRow]]:
    """The retrofit clocks of a project that no other letter and no fall of their decision has stopped."""
    query = (
        sa.select(ClockRow, LetterRow, ServiceRecordRow)
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .join(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(LetterRow.id))
        .where(
            col(ClockRow.project_id) == project,
            col(ClockRow.stopped_on).is_(None),
            col(LetterRow.kind) == LetterKind.RETROFIT.value,
        )
        .order_by(col(LetterRow.number), col(ClockRow.position))
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    return [(clock, letter, service) for clock, letter, service in session.execute(query)]


def meterings(session: Session, project: UUID) -> list[MeteringRow]:
    """What was metered on a project, voided rows included, in the order of entry."""
    query = sa.select(MeteringRow).where(col(MeteringRow.project_id) == project).order_by(col(MeteringRow.at))
    return list(session.execute(query).scalars())


def metering_of_key(session: Session, key: str) -> MeteringRow | None:
    """The entry that a form with this key made before."""
    return session.execute(sa.select(MeteringRow).where(col(MeteringRow.key) == key)).scalar_one_or_none()


def metering(session: Session, project: UUID, key: UUID) -> MeteringRow:
    """One entry of a project, locked; NotFound where it has no such."""
    query = (
        sa.select(MeteringRow)
        .where(col(MeteringRow.id) == key, col(MeteringRow.project_id) == project)
        .with_for_update()
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这条计量记录。请刷新页面。")
    return row


def acceptances(session: Session, project: UUID) -> dict[UUID, AcceptanceRow]:
    """What was last said of each clock of the project by a decision that stands."""
    void = sa.exists().where(
        col(LetterRow.decision_id) == col(AcceptanceRow.decision_id), col(LetterRow.state) == LetterState.VOID
    )
    query = (
        sa.select(AcceptanceRow)
        .join(DecisionRow, col(DecisionRow.id) == col(AcceptanceRow.decision_id))
        .where(col(AcceptanceRow.project_id) == project, ~void, ~fell(col(AcceptanceRow.decision_id)))
        .order_by(col(DecisionRow.project_version))
    )
    return {row.clock_id: row for row in session.execute(query).scalars()}


def settle_acceptances(session: Session, project: UUID) -> None:
    """Lets each retrofit clock say what the standing decisions say of it: accepted on a day, or running on as before.

    To be called whenever a decision on acceptance is signed, voided or falls: a failure goes back to the old clock.
    """
    said = acceptances(session, project)
    for clock, _, _ in retrofits(session, project):
        row = said.get(clock.id)
        clock.accepted_on = row.on if row is not None and row.passed else None
    session.flush()


def stop_clocks(
    session: Session,
    project: UUID,
    on: date,
    *,
    units: Sequence[tuple[int, str]] = (),
    known: Collection[str] = (),
    instead: LetterRow | None = None,
) -> None:
    """Stops the running clocks of a project; with `instead`, those of earlier letters of its kind, accepted ones too.

    `units` are the (place, name) of those concerned, all where there are none: what is said of one unit ends nothing
    for another. A unit that goes by another name today (its old one is not among `known`) is found by its place. A
    clock gives way to one of its own kind only: an order to rectify ends no retrofit.
    """
    query = (
        sa.select(ClockRow)
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .where(col(ClockRow.project_id) == project, col(ClockRow.stopped_on).is_(None))
    )
    if instead is None:
        query = query.where(runs())
    else:
        query = query.where(
            col(LetterRow.decision_id).is_distinct_from(instead.decision_id),
            col(LetterRow.kind) == instead.kind,
        )
    places, names = {place for place, _ in units}, {name for _, name in units if name}
    for clock in list(session.execute(query).scalars()):
        renamed = clock.unit not in known and clock.position in places
        if not units or not clock.unit or clock.unit in names or renamed:
            clock.stopped_on = on
    session.flush()


def resume_clocks(session: Session, project: UUID, on: date) -> None:
    """Lets the retrofit clocks of a project run on that an exit stopped on that day, which was no exit after all."""
    letters = sa.select(col(LetterRow.id)).where(
        col(LetterRow.project_id) == project, col(LetterRow.kind) == LetterKind.RETROFIT.value
    )
    query = (
        sa.update(ClockRow)
        .where(col(ClockRow.letter_id).in_(letters), col(ClockRow.stopped_on) == on)
        .values(stopped_on=None)
    )
    session.execute(query)


def count_letters(session: Session, state: LetterState, *, by: Person) -> int:
    """How many letters within the scope stand in a state."""
    query = (
        sa.select(sa.func.count())
        .select_from(LetterRow)
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(within(by), col(LetterRow.state) == state)
    )
    return session.execute(query).scalar_one()
