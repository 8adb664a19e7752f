"""Deputies: who stands in for whom and when; a deputy acts in his own name and in that of the one he stands in for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person, Role
from screening.services import CONSOLE, Ledger
from screening.store import deputies as store
from screening.store import people, trail

SWITCH_BACK = "您正在代理他人。请先在页面右上角切换回本人，再办理代理事项。"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyLine:
    """A period in which `deputy` stands in for `principal`; `state` in words; `open` until it is over or ended."""

    id: UUID
    principal: Person
    deputy: Person
    first_day: date
    last_day: date
    reason: str
    added_by: str
    added_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    state: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputies:
    """What concerns a person: who stands in for him, whom he stands in for, and for an administrator the office's."""

    mine: tuple[DeputyLine, ...]
    others: tuple[DeputyLine, ...]
    office: tuple[DeputyLine, ...]


def roles_for(principal: Role) -> tuple[Role, ...]:
    """Who may stand in for somebody of that role: administration, audit and the work on cases stay apart."""
    if principal is Role.ADMINISTRATOR:
        return ()
    if principal is Role.AUDITOR:
        return (Role.AUDITOR,)
    return tuple(role for role in Role if role not in {Role.ADMINISTRATOR, Role.AUDITOR})


def principals(session: Session, person: UUID, day: date) -> tuple[Person, ...]:
    """Whom the person may act for on that day."""
    return tuple(people.person(row) for row in store.principals(session, person, day))


def acting(person: Person, principal: Person) -> Person:
    """The person as he acts for another: his own id, login and name, the other's role and division."""
    return replace(person, role=principal.role, scope=principal.scope, stands_for=principal)


def show(ledger: Ledger, *, by: Person, today: date) -> Deputies:
    """The deputyships that concern the person, the latest first."""
    with ledger.reader() as session:
        own = _lines(session, store.of_person(session, by.id), today)
        office = store.administered(session, by=by) if by.may(Permission.ADMINISTER) else []
        return Deputies(
            mine=tuple(line for line in own if line.principal.id == by.id),
            others=tuple(line for line in own if line.deputy.id == by.id),
            office=_lines(session, office, today),
        )


def choices(ledger: Ledger, *, by: Person) -> tuple[tuple[Person, tuple[Person, ...]], ...]:
    """For whom this person may name a deputy, and whom."""
    with ledger.reader() as session:
        if by.may(Permission.ADMINISTER):
            rows = [row for row in people.everybody(session, by=by) if row.active and roles_for(Role(row.role))]
        else:
            rows = [people.get(session, by.id)]
        return tuple(
            (
                people.person(row),
                tuple(people.person(found) for found in store.candidates(session, row, roles_for(Role(row.role)))),
            )
            for row in rows
        )


def name(
    ledger: Ledger,
    *,
    principal: UUID,
    deputy: UUID,
    first_day: date,
    last_day: date,
    reason: str,
    key: str,
    by: Person,
    at: datetime,
) -> DeputyLine:
    """Names a deputy for a period: for oneself, or as the administrator of the principal's office.

    The deputy is active, of the same office or one above it, has no deputy himself meanwhile, and is the only one.
    """
    if by.stands_for is not None:
        raise Forbidden(SWITCH_BACK)
    if not reason.strip():
        raise Refusal("请写明代理的事由，例如出差、休假。", field="reason")
    today = day_of(at)
    if last_day < first_day:
        raise Refusal(f"结束日期{chinese(last_day)}早于开始日期{chinese(first_day)}。请核对。", field="last_day")
    if first_day < today:
        raise Refusal(
            f"开始日期{chinese(first_day)}已经过去，代理不能补登记。请从今天或以后的日期开始。", field="first_day"
        )
    with ledger.writer() as session:
        again = store.of_key(session, key)
        if again is not None:
            if (again.principal_id, again.deputy_id, again.added_by) != (principal, deputy, by.id):
                raise Conflict("这份表单已用于另一项代理。请刷新页面后重新办理。")
            return _lines(session, [again], today)[0]
        absent = _principal(session, principal, by)
        # Both are held, in one order for everybody, so that two who name at once cannot pass each other.
        for held in sorted({principal, deputy}):
            try:
                people.get(session, held, lock=True)
            except NotFound:
                raise Refusal("没有这个代理人。请从列表中选择。", field="deputy") from None
        allowed = store.candidates(session, absent, roles_for(Role(absent.role)))
        chosen = next((row for row in allowed if row.id == deputy), None)
        if chosen is None:
            raise Refusal(
                "代理人应为同一机关或其上级机关的在用人员，不能是本人；系统管理员不代理他人，审计员只能由审计员代理。"
                "请从列表中选择。",
                field="deputy",
            )
        _demand_free(session, absent, chosen, first_day, last_day)
        row = store.DeputyRow(
            id=uuid4(), key=key, principal_id=principal, deputy_id=deputy, first_day=first_day, last_day=last_day,
            reason=reason.strip(), added_by=by.id, added_at=at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        after = {
            "principal": absent.login,
            "deputy": chosen.login,
            "first_day": first_day.isoformat(),
            "last_day": last_day.isoformat(),
        }
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.DEPUTY_NAMED,
                subject=f"person:{principal}",
                why=reason.strip(),
                after=after,
            ),
        )
        return _lines(session, [row], today)[0]


def _principal(session: Session, principal: UUID, by: Person) -> people.PersonRow:
    """Who is to be stood in for; NotFound where it is not this person's to say."""
    if principal != by.id and not by.may(Permission.ADMINISTER):
        raise NotFound("没有这个人员。请返回代理页面查看。")
    row = people.get(session, principal, by=None if principal == by.id else by)
    if not roles_for(Role(row.role)) or row.id == CONSOLE.id:
        raise Refusal("系统管理员不能由他人代理，也不代理他人。请由另一位系统管理员办理。", field="principal")
    if not row.active:
        raise Refusal(f"{row.name}的账户已停用，不能指定代理人。", field="principal")
    return row


def _demand_free(
    session: Session, principal: people.PersonRow, deputy: people.PersonRow, first_day: date, last_day: date
) -> None:
    for row in store.between(session, {principal.id, deputy.id}, first_day, last_day):
        names = people.names(session, {row.principal_id, row.deputy_id})
        period = f"{chinese(row.first_day)}至{chinese(row.last_day)}"
        one, other = names[row.principal_id].name, names[row.deputy_id].name
        if row.principal_id == principal.id:
            raise Refusal(
                f"{period}已由{other}代理{one}，期间不能重叠。请先结束该项代理，或另选日期。", field="first_day"
            )
        if row.principal_id == deputy.id:
            raise Refusal(f"{one}{period}由{other}代理，不能再代理他人。请另选代理人或日期。", field="deputy")
        if row.deputy_id == principal.id:
            raise Refusal(
                f"{other}{period}代理{one}，期间不能再由他人代理（不得转代理）。请先结束该项代理，或另选日期。",
                field="first_day",
            )


def end(ledger: Ledger, deputyship: UUID, *, by: Person, at: datetime) -> None:
    """Ends a deputyship at once, before its last day; by the principal or the administrator of his office."""
    if by.stands_for is not None:
        raise Forbidden(SWITCH_BACK)
    with ledger.writer() as session:
        row = store.get(session, deputyship)
        _of_principal(session, row.principal_id, by)
        if row.ended_at is not None or row.last_day < day_of(at):
            raise Refusal("这项代理已经结束。请刷新页面。")
        row.ended_at, row.ended_by = at, by.id
        names = people.names(session, {row.principal_id, row.deputy_id})
        after = {"principal": names[row.principal_id].login, "deputy": names[row.deputy_id].login}
        trail.record(
            session,
            Event(at=at, who=by, kind=Happening.DEPUTY_ENDED, subject=f"person:{row.principal_id}", after=after),
        )


def _of_principal(session: Session, principal: UUID, by: Person) -> None:
    """NotFound unless the deputyship is the person's own to end, or that of one whom he administers."""
    missing = NotFound("没有这项代理。请返回代理页面查看。")
    if principal == by.id:
        return
    if not by.may(Permission.ADMINISTER):
        raise missing
    try:
        people.get(session, principal, by=by)
    except NotFound:
        raise missing from None


def _lines(session: Session, rows: list[store.DeputyRow], today: date) -> tuple[DeputyLine, ...]:
    names = people.names(
        session, {who for row in rows for who in (row.principal_id, row.deputy_id, row.added_by, row.ended_by)}
    )
    found = []
    for row in rows:
        ended = names[row.ended_by] if row.ended_by else None
        state, open_ = _state(row, today, active=names[row.principal_id].active)
        found.append(
            DeputyLine(
                id=row.id,
                principal=people.person(names[row.principal_id]),
                deputy=people.person(names[row.deputy_id]),
                first_day=row.first_day,
                last_day=row.last_day,
                reason=row.reason,
                added_by=names[row.added_by].name,
                added_at=row.added_at,
                ended_by=ended.name if ended else None,
                ended_at=row.ended_at,
                state=state,
                open=open_,
            )
        )
    return tuple(found)


def _state(row: store.DeputyRow, today: date, *, active: bool) -> tuple[str, bool]:
    """In words, and whether there is anything left to end."""
    if row.ended_at is not None:
        return "已提前结束", False
    if row.last_day < today:
        return "已到期", False
    if row.first_day > today:
        return "尚未开始", True
    return ("代理中" if active else "中止：被代理人已停用"), True
