"""Chapter 5, plans: what an enterprise means to do by when, version by version, what it reported, and its pace."""

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
from screening.domain import plans as domain
from screening.domain.acceptance import position_of, reached
from screening.domain.calendar import chinese
from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterInputs, LetterKind, office_of
from screening.domain.lists import Column, Group, Listing, Look
from screening.domain.people import Permission, Person
from screening.domain.plans import STEPS, Pace, PlanStep
from screening.domain.quantity import plain
from screening.domain.registry import Project, from_facts
from screening.domain.rules import Rulebook
from screening.services import Ledger, voiding
from screening.services.attachments import ticked
from screening.services.lines import signature, subject
from screening.services.rules import overlay
from screening.store import cases, people, registry, trail
from screening.store import plans as store

TITLE: Final = "限期改造计划"
VOLUNTARY_TITLE: Final = "自愿升级改造计划"
LONGEST: Final = 2000
PLACES: Final = 6
MOST: Final = Decimal(10) ** 11
DIFFERENT: Final = {
    "measures": "改造措施", "investment": "投资（万元）", "expected_sec": "改造后单位产品能耗",
    "saving": "年节能量（tce）",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneView:
    """A milestone: planned and reached, who answers for it, what proves it."""

    step: PlanStep
    planned: date
    responsible: str
    reached_on: date | None
    files: tuple[tuple[UUID, str], ...]
    after_due: bool
    """Planned after the due date."""
    missed: bool
    """Its day passed, and it was not reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a version changed."""

    words: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version of a plan with what it changed of the one before."""

    number: int
    measures: str
    investment: Decimal
    expected_sec: Decimal
    sec_unit: str
    saving: Decimal
    reason: str | None
    files: tuple[tuple[UUID, str], ...]
    planned: Mapping[PlanStep, date]
    responsible: Mapping[PlanStep, str]
    changes: tuple[Change, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """What was reported on a day."""

    id: UUID
    version: int
    day: date
    said: str
    percent: int | None
    step: PlanStep | None
    reached_on: date | None
    sec: Decimal | None
    files: tuple[tuple[UUID, str], ...]
    by: str
    at: datetime
    void_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView:
    """What a plan hangs on, a retrofit clock or an upgrade letter, with all its versions (newest first) and reports."""

    id: UUID
    clock: UUID | None
    unit: str
    letter: UUID
    letter_number: str
    served_on: date
    due: date | None
    outer_limit: date | None
    accepted_on: date | None
    open: bool
    """Whether anything can be entered: its clock was not stopped."""
    sec: Decimal | None
    """As the ledger has it."""
    sec_unit: str
    reaches: EfficiencyClass | None
    """The class that the expected SEC would give today."""
    versions: tuple[VersionView, ...]
    milestones: tuple[MilestoneView, ...]
    reports: tuple[ReportView, ...]
    pace: Pace | None
    warnings: tuple[str, ...]

    @property
    def plan(self) -> VersionView | None:
        """The version that stands."""
        return self.versions[0] if self.versions else None

    @property
    def name(self) -> str:
        """How pages call it."""
        return self.unit or self.letter_number

    @property
    def open_steps(self) -> tuple[PlanStep, ...]:
        """What can be reported as reached; the acceptance of an ordered retrofit is said by its decision alone."""
        return tuple(
            one.step
            for one in self.milestones
            if one.reached_on is None and (self.clock is None or one.step is not PlanStep.ACCEPTANCE)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansView:
    """The plans of a project."""

    project: UUID
    project_name: str
    enterprise: str
    holders: tuple[HolderView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    """What a plan hangs on, before anything of it was read."""

    id: UUID
    clock: UUID | None
    unit: str
    letter: cases.LetterRow
    term: store.Term
    open: bool
    position: int | None
    """The place of its unit in the ledger today; None where it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One line on the page of a project: a unit, and the pace of its plan where there is one."""

    holder: UUID
    name: str
    voluntary: bool
    pace: Pace | None


def pace(session: Session, clock_ids: Collection[UUID], *, today: date) -> dict[UUID, Pace]:
    """At what pace the retrofits of these clocks go; a clock without a plan is left out."""
    return _paces(session, store.terms(session, clock_ids), today)


def paces(ledger: Ledger, clock_ids: Collection[UUID], *, today: date) -> dict[UUID, Pace]:
    """The same for a page that found its clocks within the scope."""
    with ledger.reader() as session:
        return pace(session, clock_ids, today=today)


def _paces(session: Session, terms: Mapping[UUID, store.Term], today: date) -> dict[UUID, Pace]:
    versions = store.versions(session, list(terms))
    reports = store.reports(session, list(versions))
    marks = store.milestones(session, [rows[-1].id for rows in versions.values()])
    return {
        holder: _pace(marks[rows[-1].id], reports.get(holder, []), terms[holder], today)
        for holder, rows in versions.items()
    }


def _pace(
    marks: Sequence[store.PlanMilestoneRow], reports: Sequence[store.PlanReportRow], term: store.Term, today: date
) -> Pace:
    counted = [row for row in reports if row.voided_at is None]
    return domain.pace(
        {PlanStep(mark.step): mark.planned for mark in marks},
        reached_days(counted, term),
        [(row.day, row.percent) for row in counted if row.percent is not None],
        start=term.served_on,
        today=today,
        due=term.due,
        outer_limit=term.outer_limit,
    )


def reached_days(reports: Sequence[store.PlanReportRow], term: store.Term) -> dict[PlanStep, date]:
    """The day on which each milestone was reached, by the first report that counts, or by the signed acceptance."""
    found = {PlanStep.ACCEPTANCE: term.accepted_on} if term.accepted_on else {}
    for row in reports:
        if row.step is not None and row.reached_on is not None and row.voided_at is None:
            found.setdefault(PlanStep(row.step), row.reached_on)
    return found


def _holders(session: Session, row: registry.ProjectRow, *, by: Person) -> list[_Holder]:
    """What plans of a project can hang on: its retrofit clocks, then its newest upgrade letter.

    A clock that was stopped stays in view while there is a plan on it.
    """
    facts = from_facts(json.loads(row.facts))
    clocks = [
        (clock, letter)
        for clock, letter, _ in cases.clocks(session, by=by, project=row.id, running=False)
        if letter.kind == LetterKind.RETROFIT.value
    ]
    terms = store.terms(session, [clock.id for clock, _ in clocks])
    planned = store.versions(session, list(terms))
    found = [
        _Holder(
            id=clock.id, clock=clock.id, unit=clock.unit, letter=letter, term=terms[clock.id],
            open=clock.stopped_on is None, position=position_of(facts, clock.unit, clock.position),
        )
        for clock, letter in clocks
        if clock.stopped_on is None or clock.id in planned
    ]  # fmt: skip
    for letter, service in store.upgrades(session, row.id)[:1]:
        units = LetterInputs.from_json(letter.inputs).units
        places = [place for place, unit in enumerate(units) if unit.ordered] or list(range(len(units)))
        names = "、".join(filter(None, (units[place].name for place in places)))
        found.append(
            _Holder(
                id=letter.id, clock=None, unit=names, letter=letter, term=store.Term(service.served_on), open=True,
                position=position_of(facts, units[places[0]].name or "", places[0]) if places else None,
            )
        )  # fmt: skip
    return found


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> PlansView:
    """The plans of a project; NotFound outside the scope."""
    with ledger.reader() as session:
        row = registry.get(session, project, by=by)
        facts, book = from_facts(json.loads(row.facts)), overlay(ledger, session)
        holders = _holders(session, row, by=by)
        keys = [one.id for one in holders]
        versions, reports = store.versions(session, keys), store.reports(session, keys)
        marks = store.milestones(session, [v.id for rows in versions.values() for v in rows])
        written = [(row.by, row.for_whom) for rows in versions.values() for row in rows]
        written += [(row.by, row.for_whom) for rows in reports.values() for row in rows]
        names = people.names(session, {who for pair in written for who in pair})
        return PlansView(
            project=row.id,
            project_name=row.name,
            enterprise=row.enterprise,
            holders=tuple(
                _view(one, facts, book, versions.get(one.id, []), marks, reports.get(one.id, []), names, today)
                for one in holders
            ),
        )


def beside(ledger: Ledger, project: UUID, *, by: Person, today: date) -> tuple[Beside, ...]:
    """What the page of a project says of its plans, a line for each unit."""
    with ledger.reader() as session:
        holders = [one for one in _holders(session, registry.get(session, project, by=by), by=by) if one.open]
        paces = _paces(session, {one.id: one.term for one in holders}, today)
        return tuple(
            Beside(
                holder=one.id, name=one.unit or one.letter.number, voluntary=one.clock is None, pace=paces.get(one.id)
            )
            for one in holders
        )


def _view(
    one: _Holder,
    facts: Project,
    book: Rulebook,
    versions: Sequence[store.PlanRow],
    marks: Mapping[UUID, Sequence[store.PlanMilestoneRow]],
    reports: Sequence[store.PlanReportRow],
    names: Mapping[UUID | None, people.PersonRow],
    today: date,
) -> HolderView:
    unit = facts.units[one.position] if one.position is not None else None
    shown: list[VersionView] = []
    for row in versions:
        shown.append(_version(row, marks[row.id], names, shown[-1] if shown else None))
    plan = shown[-1] if shown else None
    numbers = {row.id: row.number for row in versions}
    return HolderView(
        id=one.id,
        clock=one.clock,
        unit=one.unit,
        letter=one.letter.id,
        letter_number=one.letter.number,
        served_on=one.term.served_on,
        due=one.term.due,
        outer_limit=one.term.outer_limit,
        accepted_on=one.term.accepted_on,
        open=one.open,
        sec=unit.actual_sec if unit and unit.actual_sec is not None else unit.design_sec if unit else None,
        sec_unit=(unit.sec_unit if unit else None) or "",
        reaches=reached(facts, one.position, plan.expected_sec, book, last=today, as_of=today).efficiency_class
        if plan and one.position is not None
        else None,
        versions=tuple(reversed(shown)),
        milestones=_milestones(plan, reports, one.term, today) if plan else (),
        reports=tuple(_report(row, numbers[row.plan_id], names) for row in reversed(reports)),
        pace=_pace(marks[versions[-1].id], reports, one.term, today) if versions else None,
        warnings=domain.demand(plan.planned, due=one.term.due, outer_limit=None) if plan else (),
    )


def _files(written: str) -> tuple[tuple[UUID, str], ...]:
    return tuple((UUID(one["id"]), one["name"]) for one in json.loads(written))


def _version(
    row: store.PlanRow,
    marks: Sequence[store.PlanMilestoneRow],
    names: Mapping[UUID | None, people.PersonRow],
    before: VersionView | None,
) -> VersionView:
    made = VersionView(
        number=row.number,
        measures=row.measures,
        investment=row.investment,
        expected_sec=row.expected_sec,
        sec_unit=row.sec_unit,
        saving=row.saving,
        reason=row.reason,
        files=_files(row.attachments),
        planned={PlanStep(mark.step): mark.planned for mark in marks},
        responsible={PlanStep(mark.step): mark.responsible for mark in marks},
        changes=(),
        by=signature(names, row.by, row.for_whom),
        at=row.at,
    )
    return made if before is None else replace(made, changes=differences(before, made))


def differences(before: VersionView, after: VersionView) -> tuple[Change, ...]:
    """What a version changed, a line for each thing."""
    pairs = [
        (words, _told(getattr(before, name)), _told(getattr(after, name))) for name, words in DIFFERENT.items()
    ] + [
        pair
        for step in STEPS
        for pair in (
            (f"{step.words}（计划日期）", before.planned[step].isoformat(), after.planned[step].isoformat()),
            (f"{step.words}（责任人）", before.responsible[step], after.responsible[step]),
        )
    ]
    return tuple(Change(words=words, old=old, new=new) for words, old, new in pairs if old != new)


def _told(value: str | Decimal) -> str:
    return plain(value) if isinstance(value, Decimal) else value


def _milestones(
    plan: VersionView, reports: Sequence[store.PlanReportRow], term: store.Term, today: date
) -> tuple[MilestoneView, ...]:
    days = reached_days(reports, term)
    proofs = {PlanStep(r.step): _files(r.attachments) for r in reversed(reports) if r.step and r.voided_at is None}
    return tuple(
        MilestoneView(
            step=step,
            planned=plan.planned[step],
            responsible=plan.responsible[step],
            reached_on=days.get(step),
            files=proofs.get(step, ()),
            after_due=term.due is not None and plan.planned[step] > term.due,
            missed=step not in days and plan.planned[step] < today,
        )
        for step in STEPS
    )


def _report(row: store.PlanReportRow, version: int, names: Mapping[UUID | None, people.PersonRow]) -> ReportView:
    return ReportView(
        id=row.id,
        version=version,
        day=row.day,
        said=row.said,
        percent=row.percent,
        step=PlanStep(row.step) if row.step else None,
        reached_on=row.reached_on,
        sec=row.sec,
        files=_files(row.attachments),
        by=signature(names, row.by, row.for_whom),
        at=row.at,
        void_reason=row.void_reason,
    )


# -- what is entered -------------------------------------------------------------------------------------------------


def _may(by: Person) -> None:
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能登记改造计划和进度。请由审核员办理。")


def _text(text: str | None, words: str, field: str) -> str:
    text = (text or "").strip()
    if not text:
        raise Refusal(f"请填写{words}。", field=field)
    if len(text) > LONGEST:
        raise Refusal(f"{words}共{len(text)}字，请不超过{LONGEST}字。", field=field)
    return text


def _figure(value: Decimal, words: str, field: str, *, zero: bool = True) -> Decimal:
    """A figure as it is kept: exact, not negative, six places."""
    if value < 0 or (value == 0 and not zero):
        raise Refusal(f"{words}为{plain(value)}，{'不能为负数' if zero else '应大于0'}。", field=field)
    if value >= MOST:
        raise Refusal(f"{words}为{plain(value)}，超出可登记的范围。请核对单位。", field=field)
    if value != value.quantize(Decimal(1).scaleb(-PLACES)):
        raise Refusal(f"{words}为{plain(value)}，小数请不超过{PLACES}位。", field=field)
    return value


def _holder(session: Session, row: registry.ProjectRow, holder: UUID, *, by: Person) -> _Holder:
    found = next((one for one in _holders(session, row, by=by) if one.id == holder and one.open), None)
    if found is None:
        raise Refusal("这项限期改造已停止计算，或者不是本项目的，不能登记改造计划和进度。请刷新页面。")
    return found


def file(
    ledger: Ledger,
    project: UUID,
    holder: UUID,
    *,
    measures: str,
    investment: Decimal,
    expected_sec: Decimal,
    saving: Decimal,
    planned: Mapping[PlanStep, date],
    responsible: Mapping[PlanStep, str],
    reason: str | None = None,
    attachments: Collection[UUID] = (),
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> tuple[int, tuple[str, ...]]:
    """Puts a version of the plan on file; gives its number and what it warns of.

    `holder` is the retrofit clock, or the upgrade letter of a voluntary plan; `seen` is the number of the version that
    it replaces, 0 for the first. No milestone passes the outer limit.
    """
    _may(by)
    measures = _text(measures, "改造措施", "measures")
    investment = _figure(investment, "投资", "investment")
    expected_sec = _figure(expected_sec, "改造后单位产品能耗", "expected_sec", zero=False)
    saving = _figure(saving, "年节能量", "saving")
    who = {step: _text(responsible.get(step), f"“{step.words}”的责任人", f"{step.value}_by") for step in STEPS}
    with ledger.writer() as session:
        row = registry.get(session, project, by=by)
        again = store.plan_of_key(session, key)
        one = _holder(session, row, holder, by=by) if again is None or again.holder_id == holder else None
        if one is None or (again is not None and again.by != by.id):
            raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
        if again is not None:
            return again.number, ()
        before = store.versions(session, [holder]).get(holder, [])
        if len(before) != seen:
            raise Conflict("改造计划在您打开之后有了新版本。请刷新页面，核对后重新填写。")
        if before:
            reason = _text(reason, "变更理由", "reason")
        warnings = domain.demand(planned, due=one.term.due, outer_limit=one.term.outer_limit)
        facts = from_facts(json.loads(row.facts))
        measure = facts.units[one.position].sec_unit if one.position is not None else None
        if not measure:
            raise Refusal("台账没有填写该装置的单位产品能耗计量单位。请登记员先补充。", field="expected_sec")
        proofs = ticked(session, project, attachments, by=by)
        made = store.PlanRow(
            id=uuid4(), key=key, project_id=project, letter_id=one.letter.id, clock_id=one.clock, holder_id=holder,
            number=len(before) + 1, measures=measures, investment=investment, expected_sec=expected_sec,
            sec_unit=measure, saving=saving, reason=reason if before else None, attachments=canonical(proofs),
            by=by.id, for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add_all(
            store.PlanMilestoneRow(plan_id=made.id, step=step, planned=planned[step], responsible=who[step])
            for step in STEPS
        )
        session.flush()
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.PLAN_FILED, subject=subject(project), why=made.reason,
                after={
                    "plan": str(made.id), "letter": one.letter.number, "unit": one.unit, "number": made.number,
                    "measures": measures, "investment": plain(investment), "expected_sec": plain(expected_sec),
                    "sec_unit": measure, "saving": plain(saving), "attachments": proofs,
                    **{step.value: planned[step].isoformat() for step in STEPS},
                    **{f"{step.value}_by": who[step] for step in STEPS},
                },
            ),
        )  # fmt: skip
        return made.number, warnings


def report(
    ledger: Ledger,
    project: UUID,
    holder: UUID,
    *,
    day: date,
    said: str,
    percent: int | None = None,
    step: PlanStep | None = None,
    reached_on: date | None = None,
    sec: Decimal | None = None,
    attachments: Collection[UUID] = (),
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts a report on progress on file: words, a share of the works or a milestone reached, SEC so far; gives its id.

    A milestone that was reached asks for evidence.
    """
    _may(by)
    said = _text(said, "进度说明", "said")
    today = day_of(at)
    if day > today:
        raise Refusal(f"报告日期{chinese(day)}晚于今天。请核对。", field="day")
    if percent is not None and not 1 <= percent <= domain.WHOLE:
        raise Refusal(f"工程进度为{percent}%，应为1至100的整数。", field="percent")
    if sec is not None:
        sec = _figure(sec, "单位产品能耗", "sec", zero=False)
    if (step is None) != (reached_on is None):
        raise Refusal(
            "达到里程碑的，请选择里程碑并填写达到日期。", field="step" if step is None else "reached_on"
        )  # fmt: skip
    if reached_on is not None and reached_on > day:
        raise Refusal(f"达到日期{chinese(reached_on)}晚于报告日期{chinese(day)}。请核对。", field="reached_on")
    with ledger.writer() as session:
        row = registry.get(session, project, by=by)
        again = store.report_of_key(session, key)
        if again is not None:
            if (again.project_id, again.by) != (project, by.id):
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        one = _holder(session, row, holder, by=by)
        versions = store.versions(session, [holder]).get(holder, [])
        if not versions:
            raise Refusal("还没有登记改造计划，不能报告进度。请先登记计划。")
        reports = store.reports(session, [holder]).get(holder, [])
        if step is not None:
            if step is PlanStep.ACCEPTANCE and one.clock is not None:
                raise Refusal("限期改造的验收以签发的验收决定为准，请在验收页面办理。", field="step")
            if step in reached_days(reports, one.term):
                raise Refusal(f"“{step.words}”已登记达到。登记有误的，请先作废原报告。", field="step")
            if not attachments:
                raise Refusal(f"“{step.words}”达到须有证据。请先上传为附件，再勾选。", field="attachments")
        proofs = ticked(session, project, attachments, by=by)
        made = store.PlanReportRow(
            id=uuid4(), key=key, project_id=project, plan_id=versions[-1].id, day=day, said=said, percent=percent,
            step=step, reached_on=reached_on, sec=sec, attachments=canonical(proofs), by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.PROGRESS_REPORTED, subject=subject(project), why=said,
                after={
                    "report": str(made.id), "letter": one.letter.number, "unit": one.unit, "day": day.isoformat(),
                    "percent": percent, "step": step.words if step else None,
                    "reached_on": reached_on.isoformat() if reached_on else None,
                    "sec": plain(sec) if sec is not None else None, "attachments": proofs,
                },
            ),
        )  # fmt: skip
        return made.id


def void_report(ledger: Ledger, project: UUID, entry: UUID, *, reason: str, by: Person, at: datetime) -> None:
    """Voids a report that was wrong. The same twice voids once."""
    _may(by)
    reason = voiding.reason_of(reason)
    with ledger.writer() as session:
        registry.get(session, project, by=by)
        row = store.report(session, project, entry)
        if voiding.voided_so(row, reason, by=by, words="这条进度报告"):
            return
        voiding.void(row, reason, by=by, at=at)
        session.flush()
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.PROGRESS_VOIDED, subject=subject(project), why=reason,
                after={"report": str(row.id), "day": row.day.isoformat(), "said": row.said},
            ),
        )  # fmt: skip


# -- on paper --------------------------------------------------------------------------------------------------------

COLUMNS: Final = (
    Column("what", "事项", 90),
    Column("planned", "计划日期", 60, Look.SHORT),
    Column("actual", "实际（报告）日期", 60, Look.SHORT),
    Column("who", "责任人（登记人）", 70, Look.SHORT),
    Column("said", "说明", 150),
    Column("files", "证据", 120),
)


def listing(ledger: Ledger, project: UUID, holder: UUID, *, by: Person, today: date) -> Listing:
    """One plan as it is printed: its figures, milestones, pace and reports."""
    view = show(ledger, project, by=by, today=today)
    one = next((h for h in view.holders if h.id == holder and h.plan), None)
    if one is None or one.plan is None or one.pace is None:
        raise NotFound("没有这份改造计划。请返回项目查看。")
    plan = one.plan
    term = (
        f"到期日{chinese(one.due)}，最长期限{chinese(one.outer_limit)}"
        if one.due and one.outer_limit
        else f"自愿升级，目标日期{chinese(plan.planned[PlanStep.ACCEPTANCE])}"
    )
    marks = tuple(
        (
            m.step.words, m.planned, m.reached_on, m.responsible,
            "晚于到期日" if m.after_due else "计划日期已过，尚未达到" if m.missed else None, _names(m.files),
        )
        for m in one.milestones
    )  # fmt: skip
    reports = tuple(
        (
            "；".join(filter(None, (
                f"{r.step.words}（{r.reached_on}）" if r.step else "", f"工程进度{r.percent}%" if r.percent else "",
                f"单位产品能耗{plain(r.sec)}{plan.sec_unit}" if r.sec is not None else "",
            ))) or "进度",
            None, r.day, r.by, r.said, _names(r.files),
        )
        for r in reversed(one.reports)
        if r.void_reason is None
    )  # fmt: skip
    return Listing(
        title=TITLE if one.clock else VOLUNTARY_TITLE,
        office=office_of(ledger.rules, by.scope).name,
        day=today,
        conditions=(
            view.project_name, view.enterprise, one.name, f"{one.letter_number}（{chinese(one.served_on)}送达）", term,
            f"第{plan.number}版（{chinese(day_of(plan.at))}登记）",
        ),
        columns=COLUMNS,
        groups=(Group("里程碑", marks), *((Group("进度报告", reports),) if reports else ())),
        grouped_by="部分",
        counted="项",
        notes=(
            f"改造措施：{plan.measures}",
            f"投资{plain(plan.investment)}万元；改造后单位产品能耗{plain(plan.expected_sec)}{plan.sec_unit}。",
            f"年节能量{plain(plan.saving)}吨标准煤。",
            f"{one.pace.words}。{''.join(one.pace.why)}",
        ),
    )  # fmt: skip


def _names(files: tuple[tuple[UUID, str], ...]) -> str | None:
    return "；".join(name for _, name in files) or None
