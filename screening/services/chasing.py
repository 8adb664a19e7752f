"""Chapter 5, chasing: calls, letters and visits about a running term, logged, never changed, voided with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.chasing import AGAIN_DAYS, ChaseKind, is_broken, is_soon_again
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs
from screening.domain.people import Permission, Person
from screening.services import Ledger, voiding
from screening.services.lines import clock_lines, signature, subject
from screening.services.views import ClockLine
from screening.store import cases, people, registry, trail
from screening.store import deadlines as store

MAY: Final = (Permission.RECOMMEND, Permission.SIGN, Permission.SERVE)
"""Who speaks with enterprises: reviewers, signatories, the office."""
LONGEST: Final = 2000
LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something said about a term; `letter` is the reminder that was signed, `broken` a promise not kept."""

    id: UUID
    clock: UUID
    unit: str
    kind: ChaseKind
    day: date
    with_whom: str
    said: str
    promised: date | None
    broken: bool
    letter: UUID | None
    by: str
    at: datetime
    void_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """The terms of a project that nothing stopped, and all that was said about its terms, the newest first."""

    project: UUID
    project_name: str
    enterprise: str
    clocks: tuple[ClockLine, ...]
    entries: tuple[Entry, ...]


def _may(by: Person) -> None:
    if not any(by.may(permission) for permission in MAY):
        raise Forbidden(f"{by.role.words}不能登记催办。请由审核员、签发人或者文书室办理。")


def show(ledger: Ledger, project: UUID, *, by: Person, today: date) -> Chased:
    """What was said about the terms of a project; NotFound outside the scope."""
    with ledger.reader() as session:
        row = registry.get(session, project, by=by)
        lines = {
            line.id: line
            for line in clock_lines(
                session, cases.clocks(session, by=by, project=project, running=False), ledger, today
            )
        }
        return Chased(
            project=row.id,
            project_name=row.name,
            enterprise=row.enterprise,
            clocks=tuple(line for line in lines.values() if line.stopped_on is None),
            entries=_entries(session, store.chases_of(session, project), lines, today),
        )


def _entries(
    session: Session, rows: Sequence[store.ChaseRow], lines: Mapping[UUID, ClockLine], today: date
) -> tuple[Entry, ...]:
    names = people.names(session, {who for row in rows for who in (row.by, row.for_whom)})
    newest = {  # a promise is overtaken by the next one
        row.clock_id: row.id for row in reversed(rows) if row.voided_at is None and row.promised is not None
    }
    return tuple(
        Entry(
            id=row.id, clock=row.clock_id, unit=lines[row.clock_id].unit, kind=row.kind, day=row.day,
            with_whom=row.with_whom, said=row.said, promised=row.promised,
            broken=newest.get(row.clock_id) == row.id and is_broken(
                row.promised, today, kept=_ended(lines[row.clock_id])
            ),
            letter=row.letter_id, by=signature(names, row.by, row.for_whom), at=row.at, void_reason=row.void_reason,
        )
        for row in rows
    )  # fmt: skip


def _ended(line: ClockLine) -> bool:
    return line.accepted_on is not None or line.stopped_on is not None


def log(
    ledger: Ledger,
    project: UUID,
    clock: UUID,
    *,
    kind: ChaseKind,
    day: date,
    with_whom: str,
    said: str,
    promised: date | None = None,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts a call, letter or visit about a running term on file; gives its id. The same form again changes nothing."""
    _may(by)
    with_whom, said, today = with_whom.strip(), said.strip(), day_of(at)
    for text, words, field, most in (
        (with_whom, "联系人", "with_whom", LONGEST_NAME), (said, "所说的内容", "said", LONGEST),
    ):  # fmt: skip
        if not text:
            raise Refusal(f"请填写{words}。", field=field)
        if len(text) > most:
            raise Refusal(f"{words}共{len(text)}字，请不超过{most}字。", field=field)
    if day > today:
        raise Refusal(f"联系日期{chinese(day)}晚于今天。请在联系之后登记。", field="day")
    if promised is not None and promised < day:
        raise Refusal(f"承诺日期{chinese(promised)}早于联系日期{chinese(day)}。请核对。", field="promised")
    with ledger.writer() as session:
        held = _clock(session, project, clock, by=by)
        again = store.chase_of_key(session, key)
        if again is not None:
            if (again.clock_id, again.by) != (clock, by.id):
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        if held.stopped_on is not None:
            raise Refusal("这个期限已停止计算，不需要催办。请返回期限页。")
        if day < held.start:
            raise Refusal(f"联系日期{chinese(day)}早于起算日{chinese(held.start)}。请核对。", field="day")
        made = store.ChaseRow(
            id=uuid4(), key=key, project_id=project, clock_id=clock, kind=kind, day=day, with_whom=with_whom,
            said=said, promised=promised, by=by.id, for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        _record(session, made, held.unit, by=by, at=at)
        return made.id


def _clock(session: Session, project: UUID, clock: UUID, *, by: Person) -> cases.ClockRow:
    """The clock of a project within the scope; NotFound otherwise."""
    registry.get(session, project, by=by)
    for row, _, of in store.ticked(session, [clock], by=by):
        if of.id == project:
            return row
    raise NotFound("没有这个期限。请返回期限页查看。")


def _record(session: Session, made: store.ChaseRow, unit: str, *, by: Person, at: datetime, **more: str | None) -> None:
    session.add(made)
    session.flush()
    trail.record(
        session,
        Event(
            at=at, who=by, kind=Happening.CHASE_LOGGED, subject=subject(made.project_id),
            after={
                "chase": str(made.id), "unit": unit, "how": made.kind.words, "day": made.day.isoformat(),
                "with_whom": made.with_whom, "said": made.said,
                "promised": made.promised.isoformat() if made.promised else None, **more,
            },
        ),
    )  # fmt: skip


def void(ledger: Ledger, project: UUID, entry: UUID, *, reason: str, by: Person, at: datetime) -> None:
    """Voids an entry that was wrong, not one of a signed reminder. The same twice voids once."""
    _may(by)
    reason = voiding.reason_of(reason)
    with ledger.writer() as session:
        registry.get(session, project, by=by)
        row = store.chase(session, project, entry)
        if voiding.voided_so(row, reason, by=by, words="这条催办记录"):
            return
        if row.letter_id is not None:
            raise Refusal("这条记录由签发的提示函自动登记，不能单独作废。文书有误的，请作废文书。")
        voiding.void(row, reason, by=by, at=at)
        trail.record(
            session,
            Event(
                at=at, who=by, kind=Happening.CHASE_VOIDED, subject=subject(project), why=reason,
                after={
                    "chase": str(row.id), "how": row.kind.words, "day": row.day.isoformat(),
                    "with_whom": row.with_whom,
                },
            ),
        )  # fmt: skip


# -- reminders -------------------------------------------------------------------------------------------------------


def recent(session: Session, clocks: Iterable[UUID], *, today: date) -> dict[UUID, store.ChaseRow]:
    """The reminders signed so lately that another one needs a reason, by clock."""
    found = store.last_reminders(session, list(clocks))
    return {clock: row for clock, row in found.items() if is_soon_again(row.day, today)}


def demand_time(session: Session, lines: Sequence[ClockLine], reason: str, *, today: date) -> None:
    """Refuses a second reminder of a term within a week that no reason is given for."""
    soon = recent(session, [line.id for line in lines], today=today)
    if soon and not reason.strip():
        line = next(line for line in lines if line.id in soon)
        raise Refusal(
            f"“{line.project_name}”{chinese(soon[line.id].day)}已催告，不满{AGAIN_DAYS}日。再次催告请写明理由（在期限页勾选后办理）。",
            field="reason",
        )


def log_reminder(
    session: Session, lines: Sequence[ClockLine], letter: UUID, made: LetterInputs, *, reason: str, by: Person,
    at: datetime,
) -> None:  # fmt: skip
    """Puts a signed reminder on file as a chase of every term that it reminds of, in the caller's transaction."""
    for line in lines:
        row = store.ChaseRow(
            id=uuid4(), key=f"{letter.hex}:{line.id.hex}", project_id=line.project, clock_id=line.id,
            kind=ChaseKind.LETTER, day=day_of(at), with_whom=(made.recipient or made.enterprise)[:LONGEST_NAME],
            said="催告履行。" if line.overdue else "提示期限将到。", letter_id=letter, by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        _record(
            session, row, line.unit, by=by, at=at, reminder=store.number(session, letter),
            reason=reason.strip() or None,
        )  # fmt: skip
