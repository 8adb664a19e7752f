"""Chapter 5, 淘汰退出: served exits tracked until they are carried out, with their evidence and what they save."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.exits import GOVERNMENTS, NEEDS_FILE, ExitStep
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterInputs, LetterKind
from screening.domain.people import Permission, Person
from screening.domain.quantity import plain
from screening.domain.registry import Project, Unit, from_facts
from screening.domain.review import LetterState
from screening.services import Ledger, voiding
from screening.services.attachments import ticked
from screening.services.lines import line, region_name, signature, subject
from screening.services.views import ProjectLine
from screening.store import cases, objections, people, registry, trail
from screening.store import exits as store

LONGEST = 400
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step on file: when it happened, the document that tells it, the files, who entered it."""

    id: UUID
    step: ExitStep
    happened_on: date
    document: str
    note: str | None
    files: tuple[tuple[UUID, str], ...]
    by: str
    at: datetime
    void_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A unit that has to leave: its capacity in `capacity_unit` a year, as the ledger states it."""

    name: str
    product: str
    capacity: Decimal | None
    capacity_unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitView:
    """A served exit: who decides it, what has to leave, the steps since, the newest first.

    `proposed_to` is the people's government where the office only proposed it. `tce` is the whole project's
    equivalent energy use a year: what its exit saves where all its units leave (`all_units`), else at most.
    """

    letter: UUID
    number: str
    project: UUID
    project_name: str
    enterprise: str
    league_name: str
    banner_name: str
    proposed_to: str | None
    served_on: date
    outer_limit: date | None
    days: int
    """Since service."""
    equipment: tuple[Equipment, ...]
    all_units: bool
    tce: Decimal | None
    steps: tuple[StepView, ...]

    @property
    def state(self) -> ExitStep | None:
        """The newest step that counts; None where nothing happened yet."""
        return next((s.step for s in self.steps if s.void_reason is None), None)

    @property
    def done(self) -> bool:
        """Whether it was carried out."""
        return any(s.step is ExitStep.CARRIED_OUT and s.void_reason is None for s in self.steps)

    @property
    def late(self) -> bool:
        """Whether the outer limit of three years passed before it was carried out."""
        return not self.done and self.outer_limit is not None and self.days > (self.outer_limit - self.served_on).days

    @property
    def open_steps(self) -> tuple[ExitStep, ...]:
        """What can be entered next: the government answers only where it was asked, and what is done is done."""
        if self.done:
            return ()
        there = {s.step for s in self.steps if s.void_reason is None}
        return tuple(s for s in ExitStep if s not in there and (self.proposed_to or s not in GOVERNMENTS))


def listing(ledger: Ledger, *, by: Person, today: date) -> tuple[ExitView, ...]:
    """The served exits within the scope: those that are not carried out first, the longest served first."""
    with ledger.reader() as session:
        found = _views(ledger, session, _served(session, by=by), today)
    return tuple(sorted(found, key=lambda one: (one.done, one.served_on, one.number)))


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> tuple[ExitView, ...]:
    """The served exits of a project; NotFound outside the scope."""
    with ledger.reader() as session:
        registry.get(session, project, by=by)
        return _views(ledger, session, _served(session, by=by, project=project), today)


def line_of(ledger: Ledger, project: UUID, *, by: Person) -> ProjectLine:
    """The project as a line of the ledger; NotFound outside the scope."""
    with ledger.reader() as session:
        return line(registry.get(session, project, by=by), None, ledger)


def _served(session: Session, *, by: Person, project: UUID | None = None) -> list[cases.Full]:
    """The served letters of standing exit decisions within the scope."""
    rows = cases.letters(session, by=by, state=LetterState.SERVED, kind=LetterKind.ELIMINATE.value, project=project)
    fallen = objections.revocations(session, [letter.decision_id for letter, _ in rows])
    return [(letter, row) for letter, row in rows if letter.decision_id not in fallen]


def _views(ledger: Ledger, session: Session, rows: Sequence[cases.Full], today: date) -> tuple[ExitView, ...]:
    steps = store.steps(session, [letter.id for letter, _ in rows])
    names = people.names(session, {w for found in steps.values() for row in found for w in (row.by, row.for_whom)})
    made = []
    services = cases.services(session, [letter.id for letter, _ in rows])
    for letter, row in rows:
        service = services[letter.id]
        inputs, project = LetterInputs.from_json(letter.inputs), from_facts(json.loads(row.facts))
        ordered = [place for place, unit in enumerate(inputs.units) if unit.ordered]
        made.append(
            ExitView(
                letter=letter.id,
                number=letter.number,
                project=row.id,
                project_name=row.name,
                enterprise=row.enterprise,
                league_name=region_name(ledger, row.league),
                banner_name=region_name(ledger, row.banner),
                proposed_to=inputs.recipient,
                served_on=service.served_on,
                outer_limit=inputs.outer_limit,
                days=(today - service.served_on).days,
                equipment=tuple(_equipment(inputs, project, place) for place in ordered or range(len(inputs.units))),
                all_units=not ordered or len(ordered) == len(inputs.units),
                tce=row.equivalent_tce,
                steps=tuple(_step(one, names) for one in reversed(steps.get(letter.id, []))),
            )
        )
    return tuple(made)


def _equipment(inputs: LetterInputs, project: Project, place: int) -> Equipment:
    told = inputs.units[place]
    unit: Unit | None = project.units[place] if place < len(project.units) else None
    return Equipment(
        name=told.name or f"装置{place + 1}",
        product=told.product,
        capacity=(unit.built_capacity or unit.design_capacity) if unit else None,
        capacity_unit=unit.capacity_unit if unit else None,
    )


def _step(row: store.ExitRow, names: Mapping[UUID | None, people.PersonRow]) -> StepView:
    return StepView(
        id=row.id,
        step=ExitStep(row.step),
        happened_on=row.happened_on,
        document=row.document,
        note=row.note,
        files=tuple((UUID(one["id"]), one["name"]) for one in json.loads(row.attachments)),
        by=signature(names, row.by, row.for_whom),
        at=row.at,
        void_reason=row.void_reason,
    )


def _may(by: Person) -> None:
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能登记淘汰退出。请由审核员办理。")


def record(
    ledger: Ledger,
    project: UUID,
    letter: UUID,
    step: ExitStep,
    *,
    happened_on: date,
    document: str,
    note: str | None = None,
    attachments: Collection[UUID] = (),
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts a step of a served exit on file; gives its id. What can be seen asks for a file: record or photographs.

    Once it is carried out the clocks of the units that left stop, as there is nothing left to retrofit.
    """
    _may(by)
    document, note = document.strip(), (note or "").strip() or None
    if not document:
        raise Refusal("请填写文书或者记录的名称和文号。", field="document")
    if len(document) > LONGEST:
        raise Refusal(f"名称和文号共{len(document)}字，请不超过{LONGEST}字。", field="document")
    if note is not None and len(note) > LONGEST_NOTE:
        raise Refusal(f"说明共{len(note)}字，请不超过{LONGEST_NOTE}字。", field="note")
    if happened_on > day_of(at):
        raise Refusal(f"日期{chinese(happened_on)}晚于今天。请在发生之后登记。", field="happened_on")
    if step in NEEDS_FILE and not attachments:
        raise Refusal(f"“{step.words}”须有拆除记录或者现场照片。请先上传为附件，再勾选。", field="attachments")
    with ledger.writer() as session:
        registry.get(session, project, by=by)
        again = store.of_key(session, key)
        if again is not None:
            if (again.letter_id, again.by) != (letter, by.id):
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        found = [one for one in _served(session, by=by, project=project) if one[0].id == letter]
        if not found:
            raise Refusal("淘汰退出的文书还没有送达，没有退出可以登记。")
        (view,) = _views(ledger, session, found, day_of(at))
        if step not in view.open_steps:
            raise Refusal(f"“{step.words}”已登记或者不适用。请刷新页面。", field="step")
        if happened_on < view.served_on:
            raise Refusal(
                f"日期{chinese(happened_on)}早于文书送达日{chinese(view.served_on)}。请核对。", field="happened_on"
            )
        proofs = ticked(session, project, attachments, by=by)
        made = store.ExitRow(
            id=uuid4(), key=key, project_id=project, letter_id=letter, step=step, happened_on=happened_on,
            document=document, note=note, attachments=canonical(proofs), by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        if step is ExitStep.CARRIED_OUT:
            units = LetterInputs.from_json(found[0][0].inputs).units
            ordered = [(place, unit.name or "") for place, unit in enumerate(units) if unit.ordered]
            known = {unit.name or "" for unit in units}
            cases.stop_clocks(session, project, happened_on, units=ordered, known=known)
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.EXIT_RECORDED, subject=subject(project), why=note,
                after={
                    "letter": view.number, "step": step.value, "happened_on": happened_on.isoformat(),
                    "document": document, "attachments": proofs,
                    "tce": plain(view.tce) if step is ExitStep.CARRIED_OUT and view.tce is not None else None,
                },
            ),
        )  # fmt: skip
        return made.id


def void(ledger: Ledger, project: UUID, entry: UUID, *, reason: str, by: Person, at: datetime) -> None:
    """Voids an entry that was wrong; the retrofit clocks that it stopped run on. The same twice voids once."""
    _may(by)
    reason = voiding.reason_of(reason)
    with ledger.writer() as session:
        registry.get(session, project, by=by)
        row = store.entry(session, project, entry)
        if voiding.voided_so(row, reason, by=by, words="这条退出记录"):
            return
        voiding.void(row, reason, by=by, at=at)
        session.flush()
        if row.step is ExitStep.CARRIED_OUT:
            cases.resume_clocks(session, project, row.happened_on)
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.EXIT_VOIDED, subject=subject(project), why=reason,
                after={"step": row.step.value, "document": row.document},
            ),
        )  # fmt: skip
