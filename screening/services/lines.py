"""Rows of the database as the views that services hand out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, EfficiencyClass
from screening.domain.deadlines import is_overdue
from screening.domain.dispositions import read_named
from screening.domain.letters import LetterInputs, LetterKind
from screening.domain.objections import Outcome
from screening.domain.registry import Industry, Stage
from screening.domain.review import CaseState, LetterState, RecommendationState
from screening.services import Ledger
from screening.services.views import ClockLine, LetterLine, ProjectLine, RecommendationView
from screening.store import cases, objections, people, registry


def subject(project: UUID) -> str:
    """How the trail names a project."""
    return f"project:{project}"


def region_name(ledger: Ledger, code: str) -> str:
    """The name of a division, or its code where the rules do not have it."""
    region = ledger.rules.regions_by_code.get(code)
    return region.name if region else code


def line(row: registry.ProjectRow, due: date | None, ledger: Ledger) -> ProjectLine:
    """A row of the database as a row of the page."""
    return ProjectLine(
        id=row.id,
        code=row.code,
        name=row.name,
        enterprise=row.enterprise,
        league=row.league,
        league_name=region_name(ledger, row.league),
        banner=row.banner,
        banner_name=region_name(ledger, row.banner),
        industry=Industry(row.industry),
        stage=Stage(row.stage),
        efficiency_class=EfficiencyClass(row.efficiency_class),
        disposition=Disposition(row.disposition),
        disposition_if_confirmed=Disposition(row.disposition_if_confirmed) if row.disposition_if_confirmed else None,
        equivalent_tce=row.equivalent_tce,
        in_focus=row.in_focus,
        near_line=row.near_line,
        case_state=CaseState(row.case_state),
        halted_on=row.halted_on,
        findings=row.findings,
        units=row.units,
        due=due,
        version=row.version,
        changed_at=row.changed_at,
    )


def recommendation_view(
    row: cases.RecommendationRow, people_of: Mapping[UUID | None, people.PersonRow]
) -> RecommendationView:
    """A recommendation with the names of those who made and returned it."""
    by = people_of[row.by]
    returned = people_of.get(row.returned_by)
    return RecommendationView(
        id=row.id,
        disposition=Disposition(row.disposition),
        proposed=Disposition(row.proposed),
        reason=row.reason,
        clause=row.clause,
        measures=tuple(json.loads(row.measures)),
        due=row.due,
        by=by.name,
        by_login=by.login,
        at=row.at,
        state=RecommendationState(row.state),
        returned_reason=row.returned_reason,
        returned_by=returned.name if returned else None,
        returned_at=row.returned_at,
        despite=row.despite,
        effect=row.effect,
        named=chosen_acts(row.named),
    )


def chosen_acts(named: str) -> tuple[str, ...]:
    """What a person named for acts that the table leaves open, a phrase each."""
    return tuple(
        f"{act.instrument}（{act.organ}，依据{act.clause}）" if act.instrument else f"移送{act.organ}"
        for act in read_named(json.loads(named)).values()
    )


def signature(people_of: Mapping[UUID | None, people.PersonRow], who: UUID, for_whom: UUID | None) -> str:
    """The name of who acted and, for a deputy, of who was stood in for."""
    name = people_of[who].name
    return name if for_whom is None else f"{name}（代{people_of[for_whom].name}）"


def letter_lines(session: Session, rows: Collection[cases.Full]) -> tuple[LetterLine, ...]:
    """Letters with their prints and service."""
    keys = [letter.id for letter, _ in rows]
    prints, services = cases.prints(session, keys), cases.services(session, keys)
    people_of = people.names(session, {who for letter, _ in rows for who in (letter.signed_by, letter.signed_for)})
    fallen = objections.revocations(session, [letter.decision_id for letter, _ in rows])
    found = []
    for letter, project in rows:
        printed = prints.get(letter.id, [])
        served = services.get(letter.id)
        fall = fallen.get(letter.decision_id) if letter.decision_id else None
        found.append(
            LetterLine(
                id=letter.id,
                decision=letter.decision_id,
                number=letter.number,
                kind=letter.kind,
                kind_words=LetterKind(letter.kind).words,
                project=project.id,
                project_name=project.name,
                enterprise=project.enterprise,
                state=LetterState(letter.state),
                signed_on=letter.signed_on,
                signed_at=letter.signed_at,
                signed_by=LetterInputs.from_json(letter.inputs).signatory or ""
                if letter.scan_id
                else signature(people_of, letter.signed_by, letter.signed_for),
                entered_by=signature(people_of, letter.signed_by, letter.signed_for),
                scan=letter.scan_id,
                printed_at=printed[0].at if printed else None,
                copies=max(len(printed) - 1, 0),
                served_on=served.served_on if served else None,
                served_at=served.at if served else None,
                sha256=letter.sha256 or "",
                version=letter.version,
                fell=f"已于{chinese(fall.ordered_on)}{Outcome(fall.effect).words.removesuffix('原决定')}"
                if fall
                else "",
            )
        )
    return tuple(found)


def clock_lines(
    session: Session,
    rows: Sequence[tuple[cases.ClockRow, cases.LetterRow, registry.ProjectRow]],
    ledger: Ledger,
    today: date,
) -> tuple[ClockLine, ...]:
    """Clocks with the days that are left on a day, and the orders that stay them."""
    stays = objections.running_stays(session, [letter.decision_id for _, letter, _ in rows], today)
    return tuple(
        ClockLine(
            id=clock.id,
            project=project.id,
            project_name=project.name,
            enterprise=project.enterprise,
            league_name=region_name(ledger, project.league),
            banner_name=region_name(ledger, project.banner),
            letter=letter.id,
            letter_number=letter.number,
            start=clock.start,
            due=clock.due,
            outer_limit=clock.outer_limit,
            days_left=(clock.due - today).days,
            left_to_limit=(clock.outer_limit - today).days,
            ends_by_acceptance=letter.kind == LetterKind.RETROFIT.value,
            overdue=is_overdue(
                clock.due,
                today,
                accepted=clock.stopped_on is not None or clock.accepted_on is not None,
                on_hold=letter.decision_id in stays,
            ),
            equivalent_tce=project.equivalent_tce,
            stopped_on=clock.stopped_on,
            hints=tuple(json.loads(clock.hints)),
            steps=tuple(json.loads(clock.steps)),
            unit=clock.unit,
            position=clock.position,
            accepted_on=clock.accepted_on,
            stay=stay_words(stays[letter.decision_id]) if letter.decision_id in stays else "",
        )
        for clock, letter, project in rows
    )


def stay_words(row: objections.StayRow) -> str:
    """What stays a decision, and until when."""
    end = f"至{chinese(row.last_day)}" if row.last_day else "，未定截止日期"
    return f"暂停执行，依据{row.organ}{row.order_number}（{chinese(row.first_day)}起{end}）"
