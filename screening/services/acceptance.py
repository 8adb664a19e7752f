"""Chapter 5, acceptance 验收: what was metered after a retrofit, and what a decision on it can say of which unit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.acceptance import (
    ENOUGH,
    AcceptanceStage,
    Standing,
    demand_period,
    measured,
    position_of,
    reached,
)
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, EfficiencyClass, UnitVerdict, screen
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterUnit
from screening.domain.people import Permission, Person
from screening.domain.quantity import plain
from screening.domain.registry import Project, Unit, from_facts
from screening.domain.rules import Rulebook
from screening.services import Ledger, voiding
from screening.services.attachments import ticked
from screening.services.lines import signature, subject
from screening.services.rules import overlay
from screening.store import cases, people, trail
from screening.store import registry as store

MEASURES: Final = {
    (Disposition.ACCEPTED, AcceptanceStage.TRIAL): "measures/accept_trial",
    (Disposition.ACCEPTED, AcceptanceStage.YEAR): "measures/accept_year",
    (Disposition.NOT_ACCEPTED, AcceptanceStage.TRIAL): "measures/refuse_trial",
    (Disposition.NOT_ACCEPTED, AcceptanceStage.YEAR): "measures/refuse_year",
}
"""The row of the table of measures that says a result of a stage."""
LONGEST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringView:
    """What was metered: SEC in `unit`, the class that it gave, by whom it was metered, who entered it."""

    id: UUID
    stage: AcceptanceStage
    first_day: date
    last_day: date
    sec: Decimal
    unit: str
    baseline: Decimal | None
    reached: EfficiencyClass
    metered_by: str
    document: str
    files: tuple[tuple[UUID, str], ...]
    by: str
    at: datetime
    void_reason: str | None
    used: bool
    """Whether a decision that stands rests on it."""

    @property
    def enough(self) -> bool:
        """Whether it reaches the baseline."""
        return self.reached in ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrofitView:
    """A retrofit that waits for its acceptance, or has it: the clock of one unit and what was metered on it.

    `stage` is what can be metered and decided next; None once the first full year has confirmed it.
    """

    clock: UUID
    unit: str
    letter: UUID
    letter_number: str
    start: date
    due: date
    outer_limit: date
    served_on: date
    standing: Standing
    accepted_on: date | None
    late: bool
    """Accepted after its due date."""
    stage: AcceptanceStage | None
    sec_unit: str
    baseline: Decimal | None
    baseline_unit: str
    meterings: tuple[MeteringView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceView:
    """The retrofits of a project; `version` is what a form sends back, `open` whether something can be entered."""

    project: UUID
    project_name: str
    enterprise: str
    version: int
    retrofits: tuple[RetrofitView, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrofit that a decision can speak of: its clock, what was metered last, the place of its unit today."""

    clock: cases.ClockRow
    letter: cases.LetterRow
    metering: cases.MeteringRow
    stage: AcceptanceStage
    position: int
    verdict: UnitVerdict

    @property
    def enough(self) -> bool:
        """Whether the metered SEC reaches the baseline by the rules of the day of decision."""
        return self.verdict.efficiency_class in ENOUGH


def standing_of(row: cases.AcceptanceRow | None) -> Standing:
    """How far the acceptance of a clock has come, by what was last said of it."""
    if row is None or not row.passed:
        return Standing.WAITING
    return Standing.CONFIRMED if row.stage is AcceptanceStage.YEAR else Standing.TRIED


_NEXT: Final = {Standing.WAITING: AcceptanceStage.TRIAL, Standing.TRIED: AcceptanceStage.YEAR}


def candidates(session: Session, row: store.ProjectRow, book: Rulebook, on: date) -> tuple[Candidate, ...]:
    """The retrofits of a project on which something was metered that no decision has used yet, in their order."""
    said = cases.acceptances(session, row.id)
    used = {one.metering_id for one in said.values()}
    newest: dict[tuple[UUID, AcceptanceStage], cases.MeteringRow] = {
        (m.clock_id, AcceptanceStage(m.stage)): m
        for m in cases.meterings(session, row.id)
        if m.voided_at is None and m.id not in used
    }
    project = from_facts(json.loads(row.facts))
    found = []
    for clock, letter, _ in cases.retrofits(session, row.id):
        stage = _NEXT.get(standing_of(said.get(clock.id)))
        metering = newest.get((clock.id, stage)) if stage else None
        position = position_of(project, clock.unit, clock.position)
        if stage is None or metering is None or position is None:
            continue
        verdict = reached(project, position, metering.sec, book, last=metering.last_day, as_of=on)
        found.append(Candidate(clock, letter, metering, stage, position, verdict))
    return tuple(found)


def spoken_of(disposition: Disposition, ref: str, found: Collection[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that a measure speaks of: accepted are only those that reach the baseline."""
    return tuple(
        one
        for one in found
        if MEASURES.get((disposition, one.stage)) == ref and (disposition is not Disposition.ACCEPTED or one.enough)
    )


def as_metered(project: Project, found: Sequence[Candidate]) -> Project:
    """The project with what was metered in the place of the ledger's figures."""
    return measured(project, {one.position: (one.metering.sec, one.metering.last_day) for one in found})


def metered_fact(one: Candidate) -> str:
    """What was metered as a fact that needs evidence."""
    m = one.metering
    return (
        f"{one.clock.unit or '该项目'}{metered_words(m)}：单位产品能耗{plain(m.sec)}{m.unit}，"
        f"{one.verdict.efficiency_class.words}（{m.metered_by}，{m.document}）"
    )


def metered_words(metering: cases.MeteringRow) -> str:
    """How a letter calls the figure: 试运行计量值（2027年3月1日至2027年3月3日）."""
    kind = "试运行计量值" if metering.stage is AcceptanceStage.TRIAL else "首个完整年度实际值"
    return f"{kind}（{chinese(metering.first_day)}至{chinese(metering.last_day)}）"


def units_told(units: tuple[LetterUnit, ...], found: Sequence[Candidate]) -> tuple[LetterUnit, ...]:
    """The units of a letter, each metered figure with the run that it comes from."""
    kinds = {one.position: metered_words(one.metering) for one in found}
    return tuple(replace(unit, sec_kind=kinds.get(place, unit.sec_kind)) for place, unit in enumerate(units))


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> AcceptanceView:
    """The retrofits of a project with what was metered; NotFound outside the scope."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        book = overlay(ledger, session)
        facts = from_facts(json.loads(row.facts))
        said = cases.acceptances(session, row.id)
        used = {one.metering_id for one in said.values()}
        rows = cases.meterings(session, row.id)
        names = people.names(session, {w for m in rows for w in (m.by, m.for_whom)})
        found = []
        for clock, letter, service in cases.retrofits(session, row.id):
            standing = standing_of(said.get(clock.id))
            unit, verdict = _unit(facts, clock, book, today)
            found.append(
                RetrofitView(
                    clock=clock.id,
                    unit=clock.unit,
                    letter=letter.id,
                    letter_number=letter.number,
                    start=clock.start,
                    due=clock.due,
                    outer_limit=clock.outer_limit,
                    served_on=service.served_on,
                    standing=standing,
                    accepted_on=clock.accepted_on,
                    late=clock.accepted_on is not None and clock.accepted_on > clock.due,
                    stage=_NEXT.get(standing),
                    sec_unit=(unit.sec_unit if unit else None) or "",
                    baseline_unit=(verdict.unit if verdict else None) or "",
                    baseline=verdict.baseline if verdict else None,
                    meterings=tuple(_view(m, names, used=m.id in used) for m in rows if m.clock_id == clock.id),
                )
            )
        return AcceptanceView(
            project=row.id,
            project_name=row.name,
            enterprise=row.enterprise,
            version=row.version,
            retrofits=tuple(found),
        )


def _unit(project: Project, clock: cases.ClockRow, book: Rulebook, on: date) -> tuple[Unit | None, UnitVerdict | None]:
    """The unit of a clock as the ledger has it, with its verdict; None where it cannot be found."""
    position = position_of(project, clock.unit, clock.position)
    if position is None:
        return None, None
    return project.units[position], screen(project, book, as_of=on).units[position]


def _view(row: cases.MeteringRow, names: Mapping[UUID | None, people.PersonRow], *, used: bool) -> MeteringView:
    return MeteringView(
        id=row.id,
        stage=AcceptanceStage(row.stage),
        first_day=row.first_day,
        last_day=row.last_day,
        sec=row.sec,
        unit=row.unit,
        baseline=row.baseline,
        reached=EfficiencyClass(row.reached),
        metered_by=row.metered_by,
        document=row.document,
        files=tuple((UUID(one["id"]), one["name"]) for one in json.loads(row.attachments)),
        by=signature(names, row.by, row.for_whom),
        at=row.at,
        void_reason=row.void_reason,
        used=used,
    )


def _may(by: Person) -> None:
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能登记验收计量。请由审核员办理。")


def meter(
    ledger: Ledger,
    project: UUID,
    clock: UUID,
    *,
    first_day: date,
    last_day: date,
    sec: Decimal,
    metered_by: str,
    document: str,
    attachments: Collection[UUID] = (),
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts on file what was metered on a retrofitted unit, SEC in the unit's own measure; gives its id.

    It serves the stage that comes next: the test run, or after it the first full year. It decides nothing: the
    reviewer recommends, and a signatory decides on it.
    """
    _may(by)
    metered_by, document = metered_by.strip(), document.strip()
    for text, words, field in ((metered_by, "计量单位", "metered_by"), (document, "计量报告的名称和文号", "document")):
        if not text:
            raise Refusal(f"请填写{words}。", field=field)
        if len(text) > LONGEST:
            raise Refusal(f"{words}共{len(text)}字，请不超过{LONGEST}字。", field=field)
    if sec <= 0:
        raise Refusal(f"单位产品能耗为{plain(sec)}，应大于0。请核对计量报告。", field="sec")
    today = day_of(at)
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        again = cases.metering_of_key(session, key)
        if again is not None:
            if (again.project_id, again.clock_id, again.by) != (project, clock, by.id):
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        of_clock = next((found for found in cases.retrofits(session, project) if found[0].id == clock), None)
        if of_clock is None:
            raise Refusal("这项限期改造已不在计算期限，不能登记计量。请刷新页面。")
        held, letter, service = of_clock
        said = cases.acceptances(session, project).get(clock)
        stage = _NEXT.get(standing_of(said))
        if stage is None:
            raise Refusal("首个完整年度已确认，不需要再登记计量。")
        demand_period(
            stage, first_day, last_day, served=service.served_on, tried_on=said.on if said and said.passed else None,
            today=today,
        )  # fmt: skip
        book = overlay(ledger, session)
        facts = from_facts(json.loads(row.facts))
        position = position_of(facts, held.unit, held.position)
        if position is None:
            raise Refusal(f"台账中找不到限期改造所指的装置“{held.unit}”。请先核对项目的装置。")
        measure = facts.units[position].sec_unit
        if not measure:
            raise Refusal("台账没有填写该装置的单位产品能耗计量单位，无法与基准比较。请登记员先补充。", field="sec")
        verdict = reached(facts, position, sec, book, last=last_day, as_of=today)
        proofs = ticked(session, project, attachments, by=by)
        made = cases.MeteringRow(
            id=uuid4(), key=key, project_id=project, clock_id=clock, stage=stage, first_day=first_day,
            last_day=last_day, sec=sec, unit=measure, baseline=verdict.baseline,
            reached=verdict.efficiency_class, metered_by=metered_by, document=document,
            attachments=canonical(proofs), rules_version=book.version, by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.METERING_ENTERED, subject=subject(project),
                after={
                    "metering": str(made.id), "letter": letter.number, "unit": held.unit, "stage": stage.value,
                    "first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "sec": plain(sec),
                    "measure": made.unit, "baseline": plain(made.baseline) if made.baseline is not None else None,
                    "reached": made.reached.value, "metered_by": metered_by, "document": document,
                    "attachments": proofs,
                },
            ),
        )  # fmt: skip
        return made.id


def void_metering(ledger: Ledger, project: UUID, metering: UUID, *, reason: str, by: Person, at: datetime) -> None:
    """Voids an entry that was wrong; refused once a decision that stands rests on it. The same twice voids once."""
    _may(by)
    reason = voiding.reason_of(reason)
    with ledger.writer() as session:
        store.get(session, project, by=by)
        row = cases.metering(session, project, metering)
        if voiding.voided_so(row, reason, by=by, words="这条计量记录"):
            return
        if any(one.metering_id == row.id for one in cases.acceptances(session, project).values()):
            raise Refusal("已签发的验收决定以这条计量记录为依据，不能作废。决定有误的，请办理撤销。")
        voiding.void(row, reason, by=by, at=at)
        session.flush()
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.METERING_VOIDED, subject=subject(project), why=reason,
                after={"metering": str(row.id), "document": row.document},
            ),
        )  # fmt: skip


def settle(
    session: Session, project: UUID, decision: UUID, disposition: Disposition, told: Mapping[str, Sequence[Candidate]],
    *, on: date,
) -> list[dict[str, str]]:  # fmt: skip
    """Writes what a signed decision says of each clock, and lets the clocks say it; gives what the trail tells."""
    rows = [
        cases.AcceptanceRow(
            id=uuid4(),
            project_id=project,
            clock_id=one.clock.id,
            decision_id=decision,
            metering_id=one.metering.id,
            stage=one.stage,
            passed=disposition is Disposition.ACCEPTED,
            on=on,
        )
        for found in told.values()
        for one in found
    ]
    session.add_all(rows)
    session.flush()
    cases.settle_acceptances(session, project)
    return [
        {"unit": one.clock.unit, "letter": one.letter.number, "stage": one.stage.value}
        for found in told.values()
        for one in found
    ]


def furthest_behind(session: Session, project: UUID) -> Standing | None:
    """How far the retrofit of the project has come that is furthest behind; None where there is none."""
    said = cases.acceptances(session, project)
    order = list(Standing)
    return min(
        (standing_of(said.get(clock.id)) for clock, _, _ in cases.retrofits(session, project)),
        key=order.index,
        default=None,
    )


def demand_all_confirmed(session: Session, project: UUID) -> None:
    """Refuses to call a retrofit done that was not accepted for good: only acceptance ends it (law page §6)."""
    said = cases.acceptances(session, project)
    for clock, letter, _ in cases.retrofits(session, project):
        match standing_of(said.get(clock.id)):
            case Standing.WAITING:
                raise Refusal(
                    f"限期改造（{letter.number}，{chinese(clock.due)}到期）还没有验收，不能结案：只有验收通过才能结束改造期限。"
                )
            case Standing.TRIED:
                raise Refusal(f"限期改造（{letter.number}）仅经试运行验收，须以首个完整年度的实际能耗确认后才能结案。")
            case _:
                pass
