"""Days swept, notices, who read them, and the e-mails about them, in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.letters import LetterKind
from screening.domain.noticing import MailState, NoticeKind
from screening.domain.people import Person
from screening.domain.registry import Stage
from screening.domain.review import CaseState
from screening.store.people import under
from screening.store.registry import runs, within
from screening.store.schema import CONSOLE_ID
from screening.store.tables import (
    ClockRow,
    LetterRow,
    MailNoticeRow,
    MailRow,
    NoticeReadRow,
    NoticeRow,
    PersonRow,
    ProjectRow,
    ServiceRecordRow,
    SweepRow,
)

__all__ = ["ClockRow", "MailRow", "NoticeRow", "PersonRow", "ProjectRow"]


# --- days -------------------------------------------------------------------------------------------------------------


def swept(session: Session) -> tuple[date | None, date | None, date | None]:
    """The first day that a sweep took up, the last one that it finished, and the first that it did not."""
    row = session.execute(
        sa.select(
            sa.func.min(col(SweepRow.day)),
            sa.func.max(sa.case((col(SweepRow.ended_at).is_not(None), col(SweepRow.day)))),
            sa.func.min(sa.case((col(SweepRow.ended_at).is_(None), col(SweepRow.day)))),
        )
    ).one()
    return row[0], row[1], row[2]


def day(session: Session, key: date) -> SweepRow | None:
    """What is known of a day."""
    return session.get(SweepRow, key)


def begin(session: Session, key: date, at: datetime) -> None:
    """Takes a day up."""
    if session.get(SweepRow, key) is None:
        session.add(SweepRow(day=key, begun_at=at))


# --- what a day finds -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """A running clock: its project and decision, and the day on which the ledger learnt of it."""

    clock: ClockRow
    project: UUID
    decision: UUID | None
    kind: str
    served_on: date | None
    entered_at: datetime | None


def running(session: Session, *, until: date, clock: UUID | None = None) -> list[Running]:
    """The running clocks that are due by `until`, or one of them, in an order that never changes."""
    query = (
        sa.select(
            ClockRow, col(LetterRow.decision_id), col(LetterRow.kind), col(ServiceRecordRow.served_on),
            col(ServiceRecordRow.at),
        )
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .outerjoin(ServiceRecordRow, col(ServiceRecordRow.letter_id) == col(LetterRow.id))
        .where(runs(), col(ClockRow.due) <= until)
        .order_by(col(ClockRow.due), col(ClockRow.id))
    )  # fmt: skip
    if clock is not None:
        query = query.where(col(ClockRow.id) == clock)
    return [Running(row[0], row[0].project_id, *row[1:]) for row in session.execute(query)]


def made(session: Session, kind: NoticeKind) -> set[tuple[str, str]]:
    """Subject and threshold of all notices of a kind."""
    query = sa.select(col(NoticeRow.subject), col(NoticeRow.threshold)).where(col(NoticeRow.kind) == kind)
    return {(row[0], row[1]) for row in session.execute(query)}


def there(session: Session, subject: str, threshold: str) -> bool:
    """Whether the notice was made."""
    query = sa.select(col(NoticeRow.id)).where(col(NoticeRow.subject) == subject, col(NoticeRow.threshold) == threshold)
    return session.execute(query).first() is not None


def past_due(session: Session, day: date) -> list[ProjectRow]:
    """The projects whose running retrofit term passed before that day, stayed or not."""
    past = (
        sa.select(col(ClockRow.project_id))
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .where(runs(), col(LetterRow.kind) == LetterKind.RETROFIT.value, col(ClockRow.due) < day)
    )
    query = sa.select(ProjectRow).where(col(ProjectRow.id).in_(past)).order_by(col(ProjectRow.id))
    return list(session.execute(query).scalars())


def stale(session: Session, *, version: str, since: date, most: int) -> list[ProjectRow]:
    """Projects screened by other rules, or before a day on which the rules in force changed; the first `most`."""
    older = sa.or_(col(ProjectRow.rules_version) != version, col(ProjectRow.as_of) < since)
    return list(session.execute(sa.select(ProjectRow).where(older).order_by(col(ProjectRow.id)).limit(most)).scalars())


def proposed(session: Session) -> list[ProjectRow]:
    """The projects that are not built yet."""
    query = (
        sa.select(ProjectRow)
        .where(col(ProjectRow.stage) == Stage.PROPOSED, col(ProjectRow.case_state) != CaseState.VOID)
        .order_by(col(ProjectRow.id))
    )
    return list(session.execute(query).scalars())


def let_in(session: Session) -> list[PersonRow]:
    """Everybody who may sign in."""
    query = (
        sa.select(PersonRow)
        .where(col(PersonRow.active).is_(True), col(PersonRow.id) != CONSOLE_ID)
        .order_by(col(PersonRow.login_folded))
    )
    return list(session.execute(query).scalars())


# --- notices ----------------------------------------------------------------------------------------------------------


def unread(session: Session, *, by: Person) -> list[tuple[NoticeRow, ClockRow | None, LetterRow | None, ProjectRow]]:
    """The notices on projects within the scope that this person has not read and that still hold, the newest first.

    A notice of a clock holds while that runs, one of an opinion while the project's result says so.
    """
    read = sa.select(col(NoticeReadRow.notice_id)).where(col(NoticeReadRow.person_id) == by.id)
    query = (
        sa.select(NoticeRow, ClockRow, LetterRow, ProjectRow)
        .join(ProjectRow, col(ProjectRow.id) == col(NoticeRow.project_id))
        .outerjoin(ClockRow, col(ClockRow.id) == col(NoticeRow.clock_id))
        .outerjoin(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .where(within(by), col(NoticeRow.id).not_in(read))
        .where(
            sa.or_(
                sa.and_(col(NoticeRow.kind) == NoticeKind.DEADLINE, runs()),
                sa.and_(
                    col(NoticeRow.kind) == NoticeKind.APPROVAL, col(ProjectRow.screening).contains('"opinion_lapsed"')
                ),
            )
        )
        .order_by(col(NoticeRow.day).desc(), col(ClockRow.due), col(NoticeRow.id))
        .options(
            defer(LetterRow.pdf), defer(LetterRow.inputs), defer(ProjectRow.screening), defer(ProjectRow.facts)  # type: ignore[arg-type]
        )
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def dormant(session: Session, *, by: Person) -> list[tuple[NoticeRow, PersonRow]]:
    """The notices of accounts within the scope of an administrator that nobody has signed in to since."""
    query = (
        sa.select(NoticeRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(NoticeRow.person_id))
        .where(under(by), col(PersonRow.active).is_(True))
        .where(sa.or_(col(PersonRow.last_sign_in).is_(None), col(PersonRow.last_sign_in) < col(NoticeRow.made_at)))
        .order_by(col(NoticeRow.day).desc(), col(PersonRow.login_folded))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def read(session: Session, *, by: Person, notices: Collection[UUID], at: datetime) -> int:
    """Notes that the person has read these of his notices; gives how many of them were unread."""
    mine = [row[0].id for row in unread(session, by=by) if row[0].id in notices]
    session.add_all(NoticeReadRow(person_id=by.id, notice_id=key, at=at) for key in mine)
    return len(mine)


# --- e-mail -----------------------------------------------------------------------------------------------------------


def told(session: Session, person: UUID) -> set[UUID]:
    """The notices that e-mails tell this person of."""
    query = sa.select(col(MailNoticeRow.notice_id)).where(col(MailNoticeRow.person_id) == person)
    return set(session.execute(query).scalars())


def mail_of(session: Session, person: UUID, day: date) -> MailRow | None:
    """The person's e-mail of that day."""
    query = sa.select(MailRow).where(col(MailRow.person_id) == person, col(MailRow.day) == day)
    return session.execute(query).scalar_one_or_none()


def write(session: Session, mail: MailRow, notices: Sequence[UUID]) -> None:
    """Keeps an e-mail that is to be sent, with the notices that it tells of."""
    session.add(mail)
    session.flush()
    session.add_all(MailNoticeRow(person_id=mail.person_id, notice_id=key, mail_id=mail.id) for key in notices)


def next_mail(session: Session, at: datetime) -> MailRow | None:
    """The e-mail that is to be sent next, kept for this transaction."""
    query = (
        sa.select(MailRow)
        .where(col(MailRow.state) == MailState.WAITING, col(MailRow.next_at) <= at)
        .order_by(col(MailRow.next_at), col(MailRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.execute(query).scalar_one_or_none()


def mail(session: Session, key: UUID, *, by: Person | None = None) -> MailRow:
    """The e-mail, of somebody within the scope of `by` where one is given; kept for this transaction if it writes."""
    query = sa.select(MailRow).join(PersonRow, col(PersonRow.id) == col(MailRow.person_id))
    query = query.where(col(MailRow.id) == key)
    if by is not None:
        query = query.where(under(by))
    if session.connection().get_execution_options().get("writes"):
        query = query.with_for_update(of=MailRow)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这封提醒邮件。请返回列表查看。")
    return row


def unsettled(session: Session, *, by: Person) -> list[tuple[MailRow, PersonRow]]:
    """The e-mails to people within the scope that were not sent, or of which nobody knows; the newest first."""
    query = (
        sa.select(MailRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(MailRow.person_id))
        .where(under(by), col(MailRow.state) != MailState.SENT, col(MailRow.tries) > 0)
        .order_by(col(MailRow.day).desc(), col(PersonRow.login_folded))
        .limit(200)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
