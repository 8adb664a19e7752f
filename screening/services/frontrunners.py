"""Chapter 5, 领跑者: the applications by year, what they rested on, and how far they have come."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import EfficiencyClass, Screening
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.frontrunners import ApplicationState, Call, call_of, conditions
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import office_of
from screening.domain.lists import Cell, Column, Group, Listing, Look
from screening.domain.people import Permission, Person
from screening.domain.quantity import plain
from screening.domain.registry import from_facts
from screening.services import Ledger
from screening.services.attachments import ticked
from screening.services.lines import region_name, signature, subject
from screening.services.rules import overlay
from screening.services.verdicts import judge
from screening.store import frontrunners as store
from screening.store import people, registry, trail

TITLE: Final = "能效领跑者申报清单"
LONGEST: Final = 400
MET: Final = {True: "符合", False: "不符合", None: "待核"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of an application."""

    id: UUID
    state: ApplicationState
    happened_on: date
    document: str
    files: tuple[tuple[UUID, str], ...]
    by: str
    at: datetime
    void_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """An application with what was known when it was entered; `state` is None where all its steps were voided."""

    id: UUID
    project: UUID
    project_name: str
    enterprise: str
    league_name: str
    banner_name: str
    year: int
    product: str
    efficiency_class: EfficiencyClass
    sec: Decimal | None
    sec_unit: str
    gb_level: int | None
    tce: Decimal | None
    applied_on: date
    state: ApplicationState | None
    steps: tuple[StepView, ...]
    conditions: tuple[tuple[str, bool | None], ...]

    @property
    def newest(self) -> StepView | None:
        """The last step that counts: the only one that can be voided."""
        return next((s for s in reversed(self.steps) if s.void_reason is None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What can be applied with: a product of the project as the ledger and the rules have it today."""

    product: str
    efficiency_class: EfficiencyClass
    sec: Decimal | None
    sec_unit: str
    gb_level: int | None
    tce: Decimal | None
    conditions: tuple[tuple[str, bool | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """The applications of a project, and its products that may apply."""

    project: UUID
    project_name: str
    enterprise: str
    applications: tuple[ApplicationView, ...]
    entries: tuple[Entry, ...]


def listing(
    ledger: Ledger, *, by: Person, year: int | None = None
) -> tuple[tuple[ApplicationView, ...], dict[int, int]]:
    """The applications within the scope, of a year where one is given, and how many there are of each year."""
    with ledger.reader() as session:
        found = _views(ledger, session, by=by)
    counted = [one for one in found if one.state is not None]
    years: dict[int, int] = {}
    for one in counted:
        years[one.year] = years.get(one.year, 0) + 1
    return tuple(one for one in counted if year is None or one.year == year), years


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> ProjectView:
    """The applications of a project; NotFound outside the scope."""
    with ledger.reader() as session:
        row = registry.get(session, project, by=by)
        return ProjectView(
            project=row.id,
            project_name=row.name,
            enterprise=row.enterprise,
            applications=_views(ledger, session, by=by, project=project),
            entries=_entries(
                row,
                judge(from_facts(json.loads(row.facts)), overlay(ledger, session), as_of=today).screening,
                call_of(ledger.rules, today),
            ),
        )


def _entries(row: registry.ProjectRow, found: Screening, call: Call | None) -> tuple[Entry, ...]:
    """One for each product: that of its worst unit, as the call speaks of the whole production line."""
    made: dict[str, Entry] = {}
    order = list(EfficiencyClass)
    for unit in found.units:
        levels = {limit.reached for limit in unit.limits} or {None}
        level = None if levels & {None, 0} else max(filter(None, levels))
        one = Entry(
            product=unit.product, efficiency_class=unit.efficiency_class, sec=unit.sec, sec_unit=unit.unit or "",
            gb_level=level, tce=row.equivalent_tce,
            conditions=conditions(unit.efficiency_class, level, row.equivalent_tce, call),
        )  # fmt: skip
        before = made.get(unit.product)
        if before is None or order.index(one.efficiency_class) > order.index(before.efficiency_class):
            made[unit.product] = one
    return tuple(made.values())


def _views(ledger: Ledger, session: Session, *, by: Person, project: UUID | None = None) -> tuple[ApplicationView, ...]:
    rows = store.applications(session, by=by, project=project)
    steps = store.steps(session, [row.id for row, _ in rows])
    names = people.names(session, {w for told in steps.values() for s in told for w in (s.by, s.for_whom)})
    return tuple(_view(ledger, row, of, steps.get(row.id, []), names) for row, of in rows)


def _view(
    ledger: Ledger,
    row: store.ApplicationRow,
    of: registry.ProjectRow,
    steps: Sequence[store.ApplicationStepRow],
    names: Mapping[UUID | None, people.PersonRow],
) -> ApplicationView:
    counted = [s for s in steps if s.voided_at is None]
    efficiency = EfficiencyClass(row.efficiency_class)
    return ApplicationView(
        id=row.id,
        project=of.id,
        project_name=of.name,
        enterprise=of.enterprise,
        league_name=region_name(ledger, of.league),
        banner_name=region_name(ledger, of.banner),
        year=row.year,
        product=row.product,
        efficiency_class=efficiency,
        sec=row.sec,
        sec_unit=row.sec_unit,
        gb_level=row.gb_level,
        tce=row.tce,
        applied_on=steps[0].happened_on,
        state=ApplicationState(counted[-1].state) if counted else None,
        steps=tuple(
            StepView(
                id=s.id,
                state=ApplicationState(s.state),
                happened_on=s.happened_on,
                document=s.document,
                files=tuple((UUID(one["id"]), one["name"]) for one in json.loads(s.attachments)),
                by=signature(names, s.by, s.for_whom),
                at=s.at,
                void_reason=s.void_reason,
            )
            for s in steps
        ),
        conditions=conditions(efficiency, row.gb_level, row.tce, call_of(ledger.rules, day_of(row.at))),
    )


# -- what is entered -------------------------------------------------------------------------------------------------


def _may(by: Person) -> None:
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能登记领跑者申报。请由审核员办理。")


def _said(text: str, words: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal(f"请填写{words}。", field=field)
    if len(text) > LONGEST:
        raise Refusal(f"{words}共{len(text)}字，请不超过{LONGEST}字。", field=field)
    return text


def _demand_day(day: date, at: datetime) -> None:
    if day > day_of(at):
        raise Refusal(f"日期{chinese(day)}晚于今天。请在发生之后登记。", field="happened_on")


def _again(session: Session, key: str, project: UUID, by: Person) -> store.ApplicationStepRow | None:
    row = store.step_of_key(session, key)
    if row is not None and (row.project_id, row.by) != (project, by.id):
        raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
    return row


def apply(
    ledger: Ledger,
    project: UUID,
    *,
    year: int,
    product: str,
    happened_on: date,
    document: str,
    attachments: Collection[UUID] = (),
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts an application on file with the class, SEC, GB level and energy of that day; gives its id.

    Only a product at the benchmark may apply. The region's own conditions are shown and decide nothing here.
    """
    _may(by)
    document = _said(document, "申报文件的名称和文号", "document")
    _demand_day(happened_on, at)
    if not 2000 <= year <= day_of(at).year + 1:
        raise Refusal(f"申报年度为{year}，应在2000至{day_of(at).year + 1}之间。", field="year")
    with ledger.writer() as session:
        row = registry.get(session, project, by=by)
        again = _again(session, key, project, by)
        if again is not None:
            return again.application_id
        registry.hold(session, row, seen=row.version)
        facts, book = from_facts(json.loads(row.facts)), overlay(ledger, session)
        found = _entries(row, judge(facts, book, as_of=day_of(at)).screening, call_of(book, day_of(at)))
        one = next((e for e in found if e.product == product), None)
        if one is None:
            raise Refusal("该项目没有这个产品。请从列表中选择。", field="product")
        if one.efficiency_class is not EfficiencyClass.AT_BENCHMARK:
            raise Refusal(
                f"{product}现为“{one.efficiency_class.words}”，达到标杆水平的才能申报领跑者。", field="product"
            )
        if any(
            (a.year, a.product) == (year, product) and a.state is not None
            for a in _views(ledger, session, by=by, project=project)
        ):
            raise Refusal(f"{product}已登记{year}年度的申报。请在原申报上登记结果。", field="year")
        made = store.ApplicationRow(
            id=uuid4(), key=key, project_id=project, year=year, product=product,
            efficiency_class=one.efficiency_class, sec=registry.sortable(one.sec), sec_unit=one.sec_unit,
            gb_level=one.gb_level, tce=one.tce, by=by.id, for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        told = {
            "class": one.efficiency_class.value, "sec": plain(one.sec) if one.sec is not None else None,
            "sec_unit": one.sec_unit, "gb_level": one.gb_level, "tce": plain(one.tce) if one.tce is not None else None,
        }  # fmt: skip
        _step(
            session, made, ApplicationState.APPLIED, happened_on, document, attachments, told,
            kind=Happening.FRONTRUNNER_APPLIED, key=key, by=by, at=at,
        )  # fmt: skip
        return made.id


def move(
    ledger: Ledger,
    project: UUID,
    application: UUID,
    state: ApplicationState,
    *,
    happened_on: date,
    document: str,
    attachments: Collection[UUID] = (),
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts the next step of an application on file: recommended, listed or refused; gives the step's id."""
    _may(by)
    document = _said(document, "文件的名称和文号", "document")
    _demand_day(happened_on, at)
    with ledger.writer() as session:
        registry.get(session, project, by=by)
        again = _again(session, key, project, by)
        if again is not None:
            return again.id
        row = store.hold(session, project, application)
        steps = [s for s in store.steps(session, [row.id]).get(row.id, []) if s.voided_at is None]
        now = ApplicationState(steps[-1].state) if steps else None
        if now is None or state not in now.next_ones:
            raise Refusal(
                f"申报现为“{now.words if now else '已作废'}”，不能登记“{state.words}”。请刷新页面。", field="state"
            )
        if happened_on < steps[-1].happened_on:
            raise Refusal(
                f"日期{chinese(happened_on)}早于“{steps[-1].state.words}”的{chinese(steps[-1].happened_on)}。请核对。",
                field="happened_on",
            )
        return _step(
            session, row, state, happened_on, document, attachments, {}, kind=Happening.FRONTRUNNER_MOVED, key=key,
            by=by, at=at,
        )  # fmt: skip


def _step(
    session: Session,
    row: store.ApplicationRow,
    state: ApplicationState,
    happened_on: date,
    document: str,
    attachments: Collection[UUID],
    told: Mapping[str, object],
    *,
    kind: Happening,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    proofs = ticked(session, row.project_id, attachments, by=by)
    made = store.ApplicationStepRow(
        id=uuid4(), key=key, project_id=row.project_id, application_id=row.id, state=state, happened_on=happened_on,
        document=document, attachments=canonical(proofs), by=by.id,
        for_whom=by.stands_for.id if by.stands_for else None, at=at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    trail.record(
        session,
        Event(
            at=at, who=by, kind=kind, subject=subject(row.project_id),
            after={
                "application": str(row.id), "year": row.year, "product": row.product, "state": state.words,
                "happened_on": happened_on.isoformat(), "document": document, "attachments": proofs, **told,
            },
        ),
    )  # fmt: skip
    return made.id


def void(ledger: Ledger, project: UUID, application: UUID, *, reason: str, by: Person, at: datetime) -> None:
    """Voids the newest step of an application: the one before stands again; without any the application is void."""
    _may(by)
    reason = _said(reason, "作废的理由", "reason")
    with ledger.writer() as session:
        registry.get(session, project, by=by)
        row = store.hold(session, project, application)
        steps = store.steps(session, [row.id]).get(row.id, [])
        counted = [s for s in steps if s.voided_at is None]
        if not counted:
            raise Conflict("这项申报已作废。请刷新页面。")
        newest = counted[-1]
        newest.void_reason, newest.voided_by, newest.voided_at = reason, by.id, at
        session.flush()
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.FRONTRUNNER_VOIDED, subject=subject(project), why=reason,
                after={"year": row.year, "state": ApplicationState(newest.state).words, "document": newest.document},
            ),
        )  # fmt: skip


# -- on paper --------------------------------------------------------------------------------------------------------

COLUMNS: Final = (
    Column("year", "年度", 26, Look.SHORT),
    Column("name", "项目名称", 110),
    Column("enterprise", "建设单位", 100),
    Column("place", "所在地", 60),
    Column("product", "产品", 50),
    Column("class", "申报时能效", 56),
    Column("sec", "单位产品能耗", 46, Look.FIGURE),
    Column("unit", "能耗单位", 44, Look.SHORT),
    Column("level", "限额等级", 30, Look.SHORT),
    Column("tce", "年综合能耗", 54, Look.FIGURE, "tce", 2),
    Column("applied", "申报日期", 50, Look.SHORT),
    Column("document", "申报文件", 80),
    Column("state", "状态", 44, Look.SHORT),
)


OF_THE_DAY: Final = "能效、能耗为申报登记时的数据。"


def paper(ledger: Ledger, *, by: Person, today: date, year: int | None = None) -> Listing:
    """The list as it is printed and handed on."""
    found, _ = listing(ledger, by=by, year=year)
    call = call_of(ledger.rules, today)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            str(one.year), one.project_name, one.enterprise, f"{one.league_name} {one.banner_name}", one.product,
            one.efficiency_class, one.sec, one.sec_unit, f"{one.gb_level}级" if one.gb_level else None, one.tce,
            one.applied_on, one.steps[0].document, one.state.words if one.state else None,
        )
        for one in found
    )  # fmt: skip
    place = () if by.scope.endswith("0000") else (region_name(ledger, by.scope),)
    return Listing(
        title=TITLE,
        office=office_of(ledger.rules, by.scope).name,
        day=today,
        conditions=(*place, *((f"{year}年度",) if year else ())),
        columns=COLUMNS,
        groups=(Group(None, rows),),
        counted="项申报",
        notes=(*((f"自治区条件：{call.words}，{call.tce.evidence.words}。",) if call else ()), OF_THE_DAY),
    )
