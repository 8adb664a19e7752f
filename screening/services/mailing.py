"""Notices by e-mail, where a mail server is configured: one message for a person and a day, sent once."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from uuid import UUID, uuid5

from screening.config import Post
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden
from screening.domain.history import Event, Happening
from screening.domain.noticing import MailState, address, wait_after
from screening.domain.people import Permission, Person
from screening.services import CONSOLE, Ledger
from screening.services.reminding import SPACE, concerned, lines, plain
from screening.store import noticing as store
from screening.store import people, trail

PATIENCE = 30
"""Seconds that the mail server has for each answer."""
IN_HAND = timedelta(minutes=10)
"""For so long a message that was taken out may still be under way."""
LONGEST_ANSWER = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """An e-mail that is not known to have arrived, for the administrator."""

    id: UUID
    name: str
    login: str
    address: str
    day: date
    state: MailState
    tries: int
    last: datetime | None
    next: datetime | None
    """When it is tried again; None where a person has to say so."""
    answer: str
    may_release: bool


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of an attempt; `away`: the server itself cannot be used, whoever the message is for."""

    state: MailState
    answer: str
    away: bool = False


# --- a person's address ----------------------------------------------------------------------------------------------


def address_of(ledger: Ledger, who: Person) -> str:
    """Where the person gets his notices; blank: nowhere."""
    with ledger.reader() as session:
        return people.get(session, who.id).email or ""


def set_address(ledger: Ledger, text: str, *, by: Person, at: datetime) -> None:
    """Sets or (blank) removes the person's own address; the trail says that it changed, not what it is."""
    wanted = address(text) if text.strip() else None
    with ledger.writer() as session:
        row = people.get(session, by.id, lock=True)
        if row.email == wanted:
            return
        row.email = wanted
        after = {"email": "set" if wanted else "removed"}
        trail.record(
            session, Event(at=at, who=by, kind=Happening.EMAIL_CHANGED, subject=f"person:{row.id}", after=after)
        )


# --- writing and sending ----------------------------------------------------------------------------------------------


def compose(ledger: Ledger, *, today: date, at: datetime) -> int:
    """Writes today's message to everybody who has an address and notices that none has told of; gives how many."""
    with ledger.reader() as session:
        waiting = [row.id for row in store.let_in(session) if row.email and concerned(people.person(row))]
    written = 0
    for key in waiting:
        with ledger.writer() as session:
            row = people.get(session, key, lock=True)
            if row.email is None or store.mail_of(session, key, today) is not None:
                continue
            known = store.told(session, key)
            found = [
                line
                for line in lines(session, ledger, by=people.person(row), today=today)
                if not known.issuperset(line.ids)
            ]
            if not found:
                continue
            mail = store.MailRow(
                id=uuid5(SPACE, f"{key}|{today.isoformat()}"), person_id=key, day=today, address=row.email,
                title=f"两高项目台账提醒（{chinese(today)}，{len(found)}项）",
                body=f"{row.name}：\n\n以下{len(found)}项期限或者手续请您留意（截至{chinese(today)}）：\n\n{plain(found)}\n\n"
                "请登录两高项目台账办理；办结或者在工作台标为已阅后不再显示。\n本邮件由程序自动发送，请勿回复。\n",
                state=MailState.WAITING, made_at=at, next_at=at,
            )  # fmt: skip
            store.write(session, mail, [i for line in found for i in line.ids if i not in known])
            written += 1
    return written


def send(ledger: Ledger, post: Post, *, now: Callable[[], datetime]) -> int:
    """Sends what waits and is due, each message once; gives how many went.

    A message is taken out in a transaction of its own before it is sent: whoever is killed in between leaves it taken
    out, and only a person sends it again. Stops where the server itself cannot be used.
    """
    sent = 0
    while True:
        with ledger.writer() as session:
            mail = store.next_mail(session, now())
            if mail is None:
                return sent
            mail.state, mail.claimed_at, mail.answer = MailState.CLAIMED, now(), None
            mail.tries += 1
        outcome = _deliver(post, mail)
        _settle(ledger, mail.id, outcome, now())
        sent += outcome.state is MailState.SENT
        if outcome.away:
            return sent


def _settle(ledger: Ledger, key: UUID, outcome: _Outcome, at: datetime) -> None:
    with ledger.writer() as session:
        mail = store.mail(session, key)
        if mail.state is not MailState.CLAIMED:
            return
        mail.answer = outcome.answer[:LONGEST_ANSWER]
        mail.state = outcome.state
        if outcome.state is MailState.WAITING:
            wait = wait_after(mail.tries)
            if wait is None:
                mail.state, mail.answer = MailState.REFUSED, f"多次没有发出：{mail.answer}"[:LONGEST_ANSWER]
            else:
                mail.next_at = at + wait
        kind = {MailState.SENT: Happening.MAIL_SENT, MailState.REFUSED: Happening.MAIL_REFUSED}.get(mail.state)
        if kind:
            after = {"day": mail.day.isoformat(), "tries": mail.tries, "answer": mail.answer}
            about = f"person:{mail.person_id}"
            trail.record(session, Event(at=at, who=CONSOLE.login, kind=kind, subject=about, after=after))


def message(mail: store.MailRow, post: Post) -> EmailMessage:
    """The message as it travels, the same whenever it is sent: its Message-ID is made of the person and the day."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = Address("两高项目台账", addr_spec=post.sender)
    made["To"] = Address(addr_spec=mail.address)
    made["Subject"] = mail.title
    made["Date"] = mail.made_at
    made["Message-ID"] = f"<{mail.id.hex}@{post.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.body, charset="utf-8", cte="base64")
    return made


def _deliver(post: Post, mail: store.MailRow) -> _Outcome:
    """Hands the message to the server.

    What goes wrong before its text is out may be tried again; what goes wrong after that leaves open whether it
    arrived, and is not.
    """
    text = re.sub(rb"(?m)^\.", b"..", message(mail, post).as_bytes())
    out = False
    try:
        with _server(post) as server:
            code, answer = server.mail(post.sender)
            if code != 250:
                return _Outcome(MailState.WAITING, _said("发件人", code, answer), away=True)
            code, answer = server.rcpt(mail.address)
            if code not in {250, 251}:
                return _Outcome(_of(code), _said("收件人", code, answer))
            code, answer = server.docmd("DATA")
            if code != 354:
                return _Outcome(_of(code), _said("正文", code, answer))
            out = True
            server.send(text + b".\r\n")
            code, answer = server.getreply()
            out = False
            return _Outcome(MailState.SENT if code == 250 else _of(code), _said("邮件", code, answer))
    except smtplib.SMTPResponseException as refused:
        return _Outcome(MailState.WAITING, _said("登录", refused.smtp_code, refused.smtp_error), away=True)
    except (OSError, smtplib.SMTPException) as fault:
        logging.getLogger(__name__).warning("mail %s: %r", mail.id.hex, fault)
        if out:
            return _Outcome(MailState.CLAIMED, "正文发出后连接中断，不知道对方是否收下。", away=True)
        return _Outcome(MailState.WAITING, f"连接邮件服务器没有成功：{fault}", away=True)


class _server:  # noqa: N801  # reads as a word in `with _server(post) as server`
    """A connection to the mail server, greeted, encrypted and signed in as configured."""

    def __init__(self, post: Post) -> None:
        self.post = post

    def __enter__(self) -> smtplib.SMTP:
        post, own = self.post, self.post.sender.rpartition("@")[2]
        if post.security == "ssl":
            context = ssl.create_default_context()
            self.client: smtplib.SMTP = smtplib.SMTP_SSL(
                post.host, post.port, local_hostname=own, timeout=PATIENCE, context=context
            )
        else:
            self.client = smtplib.SMTP(post.host, post.port, local_hostname=own, timeout=PATIENCE)
        try:
            if post.security == "starttls":
                self.client.starttls(context=ssl.create_default_context())
            self.client.ehlo_or_helo_if_needed()
            if post.user:
                self.client.login(post.user, post.password)
        except BaseException:
            self.client.close()
            raise
        return self.client

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self.client.quit()
        self.client.close()


def _of(code: int) -> MailState:
    """What an answer means for a message: no for good, or not now."""
    return MailState.REFUSED if 500 <= code < 600 else MailState.WAITING


def _said(about: str, code: int, answer: bytes | str) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{about}：{code} {' '.join(words.split())}"


# --- for the administrator --------------------------------------------------------------------------------------------


def unsettled(ledger: Ledger, *, by: Person, at: datetime) -> tuple[MailLine, ...]:
    """The messages to his people that were put off, refused, or of which nobody knows."""
    _demand_administrator(by)
    with ledger.reader() as session:
        return tuple(
            MailLine(
                id=mail.id, name=row.name, login=row.login, address=mail.address, day=mail.day,
                state=MailState(mail.state), tries=mail.tries, last=mail.claimed_at,
                next=mail.next_at if mail.state is MailState.WAITING else None,
                answer=mail.answer or ("没有留下结果，可能在发送途中中断。" if mail.state is MailState.CLAIMED else ""),
                may_release=_releasable(mail, at),
            )
            for mail, row in store.unsettled(session, by=by)
        )  # fmt: skip


def _releasable(mail: store.MailRow, at: datetime) -> bool:
    if mail.state is MailState.CLAIMED:
        return mail.answer is not None or mail.claimed_at is None or at >= mail.claimed_at + IN_HAND
    return mail.state is MailState.REFUSED


def release(ledger: Ledger, key: UUID, *, by: Person, at: datetime) -> None:
    """Has a message sent again under the same Message-ID, to the person's present address."""
    _demand_administrator(by)
    with ledger.writer() as session:
        mail = store.mail(session, key, by=by)
        if not _releasable(mail, at):
            raise Conflict("这封邮件正在发送或者已经办结，没有重新发送。请刷新页面查看。")
        row = people.get(session, mail.person_id)
        if row.email is None:
            raise Conflict(f"{row.name}已取消电子邮箱，不能重新发送。")
        mail.state, mail.tries, mail.next_at, mail.address = MailState.WAITING, 0, at, row.email
        after = {"day": mail.day.isoformat()}
        about = f"person:{row.id}"
        trail.record(session, Event(at=at, who=by, kind=Happening.MAIL_RELEASED, subject=about, after=after))


def _demand_administrator(by: Person) -> None:
    if not by.may(Permission.ADMINISTER):
        raise Forbidden(f"{by.role.words}不能管理提醒邮件。请由系统管理员办理。")
