"""Chapter 5, automatic notices: made once each, shown to those whom they concern until they are read or over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from screening.domain.calendar import chinese
from screening.domain.errors import Forbidden
from screening.domain.history import Event, Happening
from screening.domain.noticing import DORMANT, LAPSED, OVERDUE, STAYED, Due, NoticeKind
from screening.domain.people import Permission, Person
from screening.services import CONSOLE, Ledger
from screening.services.lines import region_name, stay_words, subject
from screening.store import noticing as store
from screening.store import objections, trail

SPACE = UUID("5b0d5c1e-6f0b-4a52-9d0e-74696e636b73")
"""Ids of notices and their e-mails are made in it: whoever makes one again makes the same."""
NOTIFIED = (Permission.RECOMMEND, Permission.SERVE)
"""Whom the notices on projects are for: the reviewers and the office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A notice as a person reads it on a day: `ids` are it and those of the same thing that it makes old."""

    ids: tuple[UUID, ...]
    kind: NoticeKind
    words: str
    text: str
    """As it was when it was made."""
    now: str
    """How it stands today; blank where it stands as it was."""
    day: date
    urgent: bool
    project: UUID | None = None
    project_name: str = ""
    enterprise: str = ""
    place: str = ""


def concerned(by: Person) -> bool:
    """Whether notices on projects are for this person."""
    return any(by.may(permission) for permission in NOTIFIED)


# --- making -----------------------------------------------------------------------------------------------------------

HAPPENINGS = {
    NoticeKind.DEADLINE: Happening.DEADLINE_NOTICED,
    NoticeKind.APPROVAL: Happening.APPROVAL_LAPSED,
    NoticeKind.ACCOUNT: Happening.ACCOUNT_DORMANT,
}


def make(
    session: Session,
    kind: NoticeKind,
    due: Due,
    text: str,
    *,
    project: UUID | None = None,
    clock: UUID | None = None,
    person: UUID | None = None,
    at: datetime,
) -> bool:
    """Makes a notice with its event unless it is there; whether it did.

    Another thing to be reminded of (a milestone of a plan) is another kind: its subject names it, its threshold says
    which of its notices this is, and both together are made once.
    """
    if store.there(session, due.subject, due.threshold):
        return False
    session.add(
        store.NoticeRow(
            id=uuid5(SPACE, f"{due.subject}|{due.threshold}"), kind=kind, subject=due.subject, threshold=due.threshold,
            day=due.day, text=text, project_id=project, clock_id=clock, person_id=person, made_at=at,
        )
    )  # fmt: skip
    about = subject(project) if project else f"person:{person}"
    after = {"text": text, "day": due.day.isoformat(), "threshold": due.threshold}
    trail.record(session, Event(at=at, who=CONSOLE.login, kind=HAPPENINGS[kind], subject=about, after=after))
    return True


def clock_words(due: Due, clock: store.ClockRow, stay: objections.StayRow | None) -> str:
    """What the notice of a clock says."""
    unit = f"{clock.unit}：" if clock.unit else ""
    ends = chinese(clock.due)
    if due.threshold == STAYED and stay is not None:
        return f"{unit}到期日{ends}已过，{stay_words(stay)}，停止执行期间不计为逾期。"
    if due.threshold == OVERDUE:
        return f"{unit}期限已于{ends}届满，截至{chinese(due.day)}逾期{(due.day - clock.due).days}日。"
    return f"{unit}距到期日{ends}还有{due.threshold}日。"


# --- showing ----------------------------------------------------------------------------------------------------------


def unread(ledger: Ledger, *, by: Person, today: date) -> tuple[NoticeLine, ...]:
    """What this person has not read, the most urgent first; nothing for whom the notices are not."""
    if not concerned(by):
        return ()
    with ledger.reader() as session:
        return lines(session, ledger, by=by, today=today)


def lines(session: Session, ledger: Ledger, *, by: Person, today: date) -> tuple[NoticeLine, ...]:
    """The same within a session: of each thing the newest notice alone."""
    rows = store.unread(session, by=by)
    stays = objections.running_stays(session, [letter.decision_id for _, _, letter, _ in rows if letter], today)
    ids: dict[str, list[UUID]] = {}
    newest: dict[str, tuple[store.NoticeRow, store.ClockRow | None, UUID | None, store.ProjectRow]] = {}
    for notice, clock, letter, project in rows:
        ids.setdefault(notice.subject, []).append(notice.id)
        newest.setdefault(notice.subject, (notice, clock, letter.decision_id if letter else None, project))
    found = [
        NoticeLine(
            ids=tuple(ids[notice.subject]),
            kind=NoticeKind(notice.kind),
            words=_heading(notice),
            text=notice.text,
            now=_now(clock, stays.get(decision) if decision else None, today) if clock and notice.day != today else "",
            day=notice.day,
            urgent=notice.threshold in {OVERDUE, LAPSED} or notice.threshold == "7",
            project=project.id,
            project_name=project.name,
            enterprise=project.enterprise,
            place=f"{region_name(ledger, project.league)}{region_name(ledger, project.banner)}",
        )
        for notice, clock, decision, project in newest.values()
    ]
    return tuple(sorted(found, key=lambda line: not line.urgent))


def _heading(notice: store.NoticeRow) -> str:
    named = {OVERDUE: "已逾期", STAYED: "暂停计算逾期", LAPSED: "意见可能失效", DORMANT: "长期未登录"}
    return named.get(notice.threshold) or f"{notice.threshold}日提醒"


def _now(clock: store.ClockRow, stay: objections.StayRow | None, today: date) -> str:
    left = (clock.due - today).days
    if left < 0 and stay is not None:
        return "到期日已过，暂停执行"
    if left == 0:
        return "今日到期"
    return f"已逾期{-left}日" if left < 0 else f"还剩{left}日"


def accounts(ledger: Ledger, *, by: Person, today: date) -> dict[UUID, str]:
    """Of the accounts that nobody used for long, what the administrator is told, by person."""
    if not by.may(Permission.ADMINISTER):
        raise Forbidden(f"{by.role.words}不能查看账户提醒。请由系统管理员办理。")
    with ledger.reader() as session:
        return {person.id: notice.text for notice, person in store.dormant(session, by=by) if notice.day <= today}


def read(ledger: Ledger, notices: Collection[UUID], *, by: Person, at: datetime) -> int:
    """Marks notices as read by this person; gives how many were unread. What is not his to read is no error."""
    if not concerned(by):
        raise Forbidden(f"{by.role.words}没有期限提醒。")
    with ledger.writer() as session:
        return store.read(session, by=by, notices=notices, at=at)


def plain(found: Sequence[NoticeLine]) -> str:
    """The notices as an e-mail says them, one after another."""
    said = []
    for number, line in enumerate(found, start=1):
        then = f"（现{line.now}）" if line.now else ""
        said.append(
            f"{number}. 【{line.words}】{line.project_name}（{line.place}，{line.enterprise}）\n   {line.text}{then}"
        )
    return "\n".join(said)
