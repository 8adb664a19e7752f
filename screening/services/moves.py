"""A move of a case: checked against the table of moves, put on record, and written, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from screening.domain.errors import Forbidden
from screening.domain.people import Person
from screening.domain.review import MOVES, Apart, CaseState, MadeBy, Move, Proofs, demand
from screening.store import cases
from screening.store import registry as store

NO_PROOFS = Proofs()


def make(
    session: Session,
    row: store.ProjectRow,
    step: Move,
    *,
    by: Person,
    at: datetime,
    seen: int,
    given: Proofs = NO_PROOFS,
    recommended_by: UUID | None = None,
    values: Mapping[str, Any] | None = None,
) -> int:
    """Makes the move on the version `seen` of the project and writes `values` with it; gives the new version.

    Refusal where the table does not have the move or a proof is missing, Forbidden where the person may not make it,
    Conflict (who, when, what) where somebody was faster.
    """
    store.hold(session, row, seen=seen)
    before = CaseState(row.case_state)
    after = demand(
        before,
        step,
        by=by,
        given=given,
        made_by=MadeBy(registered=(row.registered_by, row.changed_by), recommended=recommended_by),
    )
    told = in_his_name(session, row.id, by, apart=MOVES[before, step].apart)
    if told:
        raise Forbidden(told)
    record(session, [(row.id, seen + 1, before, step, after)], by=by, at=at, given=given, recommended_by=recommended_by)
    changes = {**(values or {}), "case_state": after, "saved_by": by.id, "saved_at": at}
    if after is not before:
        changes["state_since"] = at
    return store.save(session, row, changes, seen=seen)


def in_his_name(session: Session, project: UUID, by: Person, *, apart: Collection[Apart]) -> str | None:
    """Why the person may not: a deputy had that part in his name (or in the name of the one he stands in for)."""
    ids = {person.id for person in by.both}
    registered, recommended = cases.in_whose_name(session, project) if apart else (set(), None)
    if Apart.RECOMMENDED in apart and recommended in ids:
        return "处置建议由他人代您（或代您所代理的人）提出，不能由您签发。请由另一位签发人签发。"
    if Apart.REGISTERED in apart and registered & ids:
        return "项目由他人代您（或代您所代理的人）登记或变更，不能由您审核或签发。请由另一位人员办理。"
    return None


def record(
    session: Session,
    made: Iterable[tuple[UUID, int, CaseState, Move, CaseState]],
    *,
    by: Person,
    at: datetime,
    given: Proofs = NO_PROOFS,
    recommended_by: UUID | None = None,
) -> None:
    """Puts moves (project, its new version, before, move, after) on record; who writes many projects moves them too."""
    proofs = {name: getattr(given, name) for name in ("reason", "code", "field", "document", "paper_date")}
    cases.record_moves(
        session,
        [
            {
                "project_id": project, "version": version, "before": before, "move": step, "after": after,
                "recommended_by": recommended_by, **proofs,
            }
            for project, version, before, step, after in made
        ],
        by=by,
        at=at,
    )  # fmt: skip
