"""Chapter 4, before the decision: the steps that must be on file before signing, each with its own evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.procedure import BY_PROGRAM, StepId, StepState
from screening.domain.review import CaseState, RecommendationState, own_part
from screening.services import Ledger
from screening.services.lines import subject
from screening.store import cases, trail
from screening.store import registry as store


def take(
    ledger: Ledger,
    project: UUID,
    step: StepId,
    *,
    facts: Mapping[str, str],
    happened_on: date,
    state: StepState = StepState.DONE,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts a step on file for the open recommendation's matter; gives the id of its record.

    `facts` are the evidence by field; a step that is not required needs `reason` there. A legal review is for the
    legal reviewer, who has no other part in the case; the other steps are for reviewers.
    """
    may = Permission.REVIEW_LEGALITY if step is StepId.LEGAL_REVIEW else Permission.RECOMMEND
    if not by.may(may):
        raise Forbidden(f"{by.role.words}不能办理“{step.words}”。请由有此权限的人员办理。")
    if step in BY_PROGRAM:
        raise Refusal(f"“{step.words}”由程序在签发当日核对，不需要登记。")
    told = {name: text.strip() for name, text in facts.items() if text.strip()}
    if not told:
        raise Refusal("请填写这一步的证据。", field="facts")
    if state is StepState.NOT_REQUIRED and "reason" not in told:
        raise Refusal(f"不需要“{step.words}”的，请写明理由。", field="reason")
    if happened_on > day_of(at):
        raise Refusal(f"办理日期{chinese(happened_on)}晚于今天。请在办理后登记。", field="happened_on")
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        again = cases.step_of_key(session, key)
        if again is not None:
            if again.project_id != project or again.by != by.id:
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        recommended = cases.recommendation(session, row.id)
        if row.case_state is not CaseState.RECOMMENDED or recommended is None:
            raise Refusal(f"案件现为“{row.case_state.words}”，不能办理签发前的程序。")
        if recommended.state is not RecommendationState.OPEN or step not in cases.needs(session, recommended.id):
            raise Refusal(f"这项处置建议不需要“{step.words}”。请刷新页面查看程序清单。")
        own = own_part(
            by,
            recommended_by=recommended.by if step is StepId.LEGAL_REVIEW else None,
            registered_by=(row.registered_by, row.changed_by),
        )
        if own:
            raise Forbidden(own)
        if step in cases.steps(session, project, recommended.matter):
            raise Conflict(f"“{step.words}”已由他人登记。请刷新页面查看。")
        made = cases.ProcedureStepRow(
            id=uuid4(), key=key, project_id=project, matter=recommended.matter, step=step, state=state,
            happened_on=happened_on, facts=canonical(told), by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, role=by.role, at=at,
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
                    "happened_on": happened_on.isoformat(),
                    "facts": told,
                    "matter": recommended.matter,
                },
            ),
        )
        return made.id
