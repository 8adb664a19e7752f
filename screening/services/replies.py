"""Chapter 5, referrals: served 移送函, what the other organ replied, and those that wait for a reply too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs, LetterKind
from screening.domain.objections import ReplyResult, reply_days
from screening.domain.people import Permission, Person
from screening.services import Ledger
from screening.services.lines import letter_lines, signature, subject
from screening.services.views import LetterLine
from screening.store import cases, people, trail
from screening.store import objections as store

LONGEST_TEXT = 2000
MAY = (Permission.SERVE, Permission.RECOMMEND)
"""Who records a reply: whoever the mail reaches."""


class Standing(StrEnum):
    """How a referral stands."""

    OVERDUE = "overdue"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    SETTLED = "settled"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"overdue": "逾期未回复", "waiting": "待回复"}.get(self.value) or ReplyResult(self.value).words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """A reply as it was recorded."""

    received_on: date
    organ: str
    document: str
    result: ReplyResult
    summary: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A served referral: to whom, until when a reply is expected, and the replies, the newest first."""

    line: LetterLine
    recipient: str
    served_on: date
    expected_by: date
    standing: Standing
    replies: tuple[ReplyView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrals:
    """The served referrals within the scope; `term` says after how many days one is called overdue, and why."""

    rows: tuple[Referral, ...]
    term: str

    def counted(self, standing: Standing) -> int:
        """How many stand so."""
        return sum(row.standing is standing for row in self.rows)


def referrals(ledger: Ledger, *, by: Person, today: date) -> Referrals:
    """All of them, the longest served first."""
    with ledger.reader() as session:
        return Referrals(rows=_views(ledger, session, store.referrals(session, by=by), today), term=term(ledger, today))


def overdue(ledger: Ledger, session: Session, *, by: Person, today: date) -> int:
    """How many within the scope wait for a reply too long."""
    return sum(v.standing is Standing.OVERDUE for v in _views(ledger, session, store.referrals(session, by=by), today))


def term(ledger: Ledger, today: date) -> str:
    """After how many days a referral without a reply is called overdue, where that stands, and how well it is known."""
    row = reply_days(ledger.rules, today)
    return f"送达后{row.amount}日（{row.source.words}；{row.evidence.words}）"


def show(ledger: Ledger, letter: UUID, *, by: Person, today: date) -> Referral:
    """One of them; NotFound outside the scope, Refusal where the letter is no served referral."""
    with ledger.reader() as session:
        row, _ = cases.letter(session, letter, by=by)
        found = [one for one in store.referrals(session, by=by) if one[0].id == letter]
        if not found:
            raise Refusal(f"文书{row.number}不是已送达的移送函，没有回复可以登记。")
        return _views(ledger, session, found, today)[0]


def _views(ledger: Ledger, session: Session, rows: list[store.Referral], today: date) -> tuple[Referral, ...]:
    replies = store.replies(session, [letter.id for letter, _, _ in rows])
    names = people.names(
        session, {w for found in replies.values() for reply in found for w in (reply.by, reply.for_whom)}
    )
    lines = letter_lines(session, [(letter, project) for letter, project, _ in rows])
    made = []
    for line, (letter, _, service) in zip(lines, rows, strict=True):
        found = replies.get(letter.id, [])
        expected = service.served_on + timedelta(days=int(reply_days(ledger.rules, service.served_on).amount or 0))
        waiting = Standing.OVERDUE if today > expected else Standing.WAITING
        inputs = LetterInputs.from_json(letter.inputs)
        made.append(
            Referral(
                line=line,
                recipient=inputs.recipient or inputs.organ,
                served_on=service.served_on,
                expected_by=expected,
                standing=Standing(found[0].result.value) if found else waiting,
                replies=tuple(
                    ReplyView(
                        received_on=reply.received_on,
                        organ=reply.organ,
                        document=reply.document,
                        result=ReplyResult(reply.result),
                        summary=reply.summary,
                        by=signature(names, reply.by, reply.for_whom),
                        at=reply.at,
                    )
                    for reply in found
                ),
            )
        )
    return tuple(made)


def record(
    ledger: Ledger,
    letter: UUID,
    *,
    received_on: date,
    organ: str,
    document: str,
    result: ReplyResult,
    summary: str | None = None,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Puts a reply to a served referral on file; gives its id. Later replies stand beside earlier ones."""
    if not any(by.may(permission) for permission in MAY):
        raise Forbidden(f"{by.role.words}不能登记移送回复。请由文书室或者审核员办理。")
    organ, document, summary = organ.strip(), document.strip(), (summary or "").strip() or None
    for text, words, field in ((organ, "回复机关", "organ"), (document, "回复文书的名称和文号", "document")):
        if not text:
            raise Refusal(f"请填写{words}。", field=field)
    if result is ReplyResult.NOT_ACCEPTED and summary is None:
        raise Refusal("不予受理的，请写明对方的理由。", field="summary")
    if summary is not None and len(summary) > LONGEST_TEXT:
        raise Refusal(f"回复内容共{len(summary)}字，请不超过{LONGEST_TEXT}字。", field="summary")
    if received_on > day_of(at):
        raise Refusal(f"收到日期{chinese(received_on)}晚于今天。请在收到之后登记。", field="received_on")
    with ledger.writer() as session:
        row, project = cases.letter(session, letter, by=by)
        again = store.of_key(session, store.ReferralReplyRow, key)
        if again is not None:
            if again.letter_id != letter or again.by != by.id:
                raise Conflict("这份表单已用于另一项登记。请刷新页面后重新办理。")
            return again.id
        service = cases.services(session, [letter]).get(letter)
        if row.kind != LetterKind.REFER or service is None:
            raise Refusal(f"文书{row.number}不是已送达的移送函，没有回复可以登记。")
        if received_on < service.served_on:
            raise Refusal(
                f"收到日期{chinese(received_on)}早于移送函送达日期{chinese(service.served_on)}。请核对。",
                field="received_on",
            )
        made = store.ReferralReplyRow(
            id=uuid4(), key=key, letter_id=letter, project_id=project.id, received_on=received_on, organ=organ,
            document=document, result=result, summary=summary, by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.REPLY_RECEIVED,
                subject=subject(project.id),
                why=summary,
                after={
                    "letter": row.number, "received_on": received_on.isoformat(), "organ": organ,
                    "document": document, "result": result.value,
                },
            ),
        )  # fmt: skip
        return made.id
