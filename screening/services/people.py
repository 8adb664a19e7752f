"""People: sign-in with lock, sessions, passwords, and who they are."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from screening import printing
from screening.clock import day_of
from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person, Role
from screening.domain.rules import RegionLevel
from screening.services import CONSOLE, Ledger
from screening.services.deputies import principals
from screening.store import people as store
from screening.store import trail

FAILURES = 5
LOCKED = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
NOTED = timedelta(minutes=1)
"""How stale the moment of last use may get before a request writes it again."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
TOKEN_BYTES = 32
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""For one-use passwords: no signs that look alike on paper."""

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""argon2id, 19 MiB, two passes: the least that ASVS 5.0 (11.4.2) allows for t=2."""
NOBODY = HASHER.hash("nobody has this password")
"""What an unknown login is compared with, so that it takes as long as a known one."""
HASHING = BoundedSemaphore(2)
"""A flood of sign-ins is a flood of work: two at a time, outside of any transaction."""
REFUSED = "登录名或密码不正确。请重新输入；连续输错5次将锁定15分钟。"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new session: `token` is the secret for the cookie (the database keeps only its hash)."""

    token: str
    person: Person
    must_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Who stands behind a request: `session` names the row, `must_change` allows only the password page.

    `principals` are those whom the person may act for today.
    """

    person: Person
    principals: tuple[Person, ...]
    session: UUID
    must_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person in the list of people."""

    person: Person
    scope_name: str
    active: bool
    must_change: bool
    locked_until: datetime | None
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session that is open."""

    id: UUID
    since: datetime
    last_seen: datetime
    address: str


def folded(login: str) -> str:
    """A login as it is compared: width and case folded."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def _matches(password_hash: str, password: str) -> bool:
    with HASHING:
        try:
            return HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def _hashed(password: str) -> str:
    with HASHING:
        return HASHER.hash(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _subject(person: UUID) -> str:
    return f"person:{person}"


def _one_use() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def _demand_good(password: str, *, field: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refusal(
            f"密码为{len(password)}个字符，应为{SHORTEST_PASSWORD}至{LONGEST_PASSWORD}个字符。可以用一句话作密码。",
            field=field,
        )
    if len(set(password)) < SHORTEST_PASSWORD // 2:
        raise Refusal("密码中重复的字符太多。请换一个不易猜到的密码。", field=field)


def _tried(ledger: Ledger, login: str | None, person: UUID | None, password: str) -> tuple[str, bool]:
    """Compares a password before any transaction: (the hash compared with, whether it is the password's)."""
    with ledger.reader() as session:
        row = store.by_login(session, folded(login)) if login is not None else None
        if person is not None:
            row = store.get(session, person)
        kept = row.password_hash if row and row.password_hash else NOBODY
    return kept, _matches(kept, password)


def _counted(row: store.PersonRow | None, tried: tuple[str, bool], at: datetime) -> str | None:
    """Why the password is not taken, with the failure counted; None where it is right."""
    if row is None:
        return REFUSED
    if row.locked_until is not None and at < row.locked_until:
        minutes = int((row.locked_until - at).total_seconds() // 60) + 1
        return f"登录失败次数过多，账户已锁定，请在{minutes}分钟后再试，或请系统管理员重置密码。"
    kept, right = tried
    if not right or kept != row.password_hash:
        row.failures += 1
        if row.failures >= FAILURES:
            row.locked_until, row.failures = at + LOCKED, 0
            return "连续5次密码不正确，账户已锁定15分钟。请稍后再试，或请系统管理员重置密码。"
        return REFUSED
    if not row.active:
        return "账户已停用。请与系统管理员联系。"
    row.failures, row.locked_until = 0, None
    return None


def sign_in(ledger: Ledger, login: str, password: str, *, address: str, at: datetime) -> SignedIn:
    """Opens a session. Refusal (the same words for unknown login and wrong password); locked for 15 minutes after 5."""
    tried = _tried(ledger, login, None, password)
    with ledger.writer() as session:
        row = store.by_login(session, folded(login), lock=True)
        problem = _counted(row, tried, at)
        store.attempted(session, login=login[:200], address=address, at=at, succeeded=problem is None)
        if row is not None and problem is None:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            row.last_sign_in = at
            session.add(
                store.PersonSessionRow(
                    token_hash=_digest(token),
                    person_id=row.id,
                    epoch=row.epoch,
                    address=address,
                    started_at=at,
                    last_seen_at=at,
                )
            )
            trail.record(
                session,
                Event(
                    at=at, who=row.login, kind=Happening.SIGNED_IN, subject=_subject(row.id), after={"from": address}
                ),
            )
            return SignedIn(token=token, person=store.person(row), must_change=row.must_change)
        trail.record(
            session,
            Event(
                at=at,
                who=login[:200],
                kind=Happening.SIGN_IN_REFUSED,
                subject=_subject(row.id) if row else "person:unknown",
                why=problem,
                after={"from": address},
            ),
        )
    # The failure is counted and kept before it is told.
    raise Refusal(problem or REFUSED, field="password")


def present(ledger: Ledger, token: str, *, at: datetime) -> Present | None:
    """Who the token belongs to; None where it is unknown, ended, 30 minutes idle or 10 hours old."""
    with ledger.reader() as session:
        found = store.session_of(session, _digest(token))
        if found is None:
            return None
        opened, row = found
        if (
            opened.ended_at is not None
            or not row.active
            or opened.epoch != row.epoch
            or not opened.started_at <= at < opened.started_at + ABSOLUTE
            or at >= opened.last_seen_at + IDLE
        ):
            return None
        stale = at >= opened.last_seen_at + NOTED
        answer = Present(
            person=store.person(row),
            principals=principals(session, row.id, day_of(at)),
            session=opened.id,
            must_change=row.must_change,
        )
    if stale:
        with ledger.writer() as session:
            store.seen(session, answer.session, at)
    return answer


def sign_out(ledger: Ledger, token: str, *, at: datetime) -> None:
    """Ends the session; a token that is unknown is no error."""
    with ledger.writer() as session:
        found = store.session_of(session, _digest(token))
        if found is None or found[0].ended_at is not None:
            return
        opened, row = found
        opened.ended_at = at
        trail.record(session, Event(at=at, who=row.login, kind=Happening.SIGNED_OUT, subject=_subject(row.id)))


def check_password(ledger: Ledger, person: UUID, password: str, *, at: datetime) -> None:
    """Refusal unless it is the person's password (asked again before a signature); counts towards the lock."""
    tried = _tried(ledger, None, person, password)
    with ledger.writer() as session:
        row = store.get(session, person, lock=True)
        problem = _counted(row, tried, at)
        if problem is None:
            return
        store.attempted(session, login=row.login, address="", at=at, succeeded=False)
        trail.record(
            session,
            Event(at=at, who=row.login, kind=Happening.SIGN_IN_REFUSED, subject=_subject(row.id), why=problem),
        )
    raise Refusal(problem.replace("登录名或密码", "密码"), field="password")


def change_password(ledger: Ledger, person: UUID, *, old: str, new: str, at: datetime) -> None:
    """Changes the person's own password: at least 12 characters, not the old one; ends all sessions."""
    _demand_good(new, field="new")
    if new == old:
        raise Refusal("新密码与旧密码相同。请换一个新密码。", field="new")
    tried, changed = _tried(ledger, None, person, old), _hashed(new)
    with ledger.writer() as session:
        row = store.get(session, person, lock=True)
        problem = _counted(row, tried, at)
        if problem is None:
            if row.login_folded in new.casefold():
                raise Refusal("密码中不能含有登录名。请换一个密码。", field="new")
            row.password_hash = changed
            row.must_change = False
            row.epoch += 1
            store.end_sessions(session, row.id, at)
            trail.record(
                session, Event(at=at, who=row.login, kind=Happening.PASSWORD_CHANGED, subject=_subject(row.id))
            )
            return
    raise Refusal(problem.replace("登录名或密码", "旧密码"), field="old")


def _demand_administrator(by: Person) -> None:
    if by.id != CONSOLE.id and not by.may(Permission.ADMINISTER):
        raise Forbidden(f"{by.role.words}不能管理人员。请由系统管理员办理。")


def add(
    ledger: Ledger,
    login: str,
    *,
    name: str,
    role: Role,
    scope: str,
    password: str | None = None,
    by: Person,
    at: datetime,
) -> tuple[Person, str | None]:
    """Adds a person; without `password` a one-use password is made and given back once (to be changed at sign-in)."""
    _demand_administrator(by)
    login, name = login.strip(), printing.visible(name, "姓名", field="name")
    if not login or len(login) > 64 or any(c.isspace() for c in login):
        raise Refusal("登录名应为1至64个字符，不含空格。", field="login")
    if not name:
        raise Refusal("请填写姓名。", field="name")
    region = ledger.rules.regions_by_code.get(scope)
    if region is None or region.level is RegionLevel.ZONE:
        raise Refusal(
            f"管辖区域“{scope}”不在区划名单内。应为150000、盟市代码（如150200）或旗县代码（如150204）。", field="scope"
        )
    if not scope.startswith(by.scope_prefix):
        raise Refusal(f"{region.name}不在您的管辖区域内。请选择您管辖区域内的盟市或旗县。", field="scope")
    if password is not None:
        _demand_good(password, field="password")
    given = password or _one_use()
    key, kept = uuid4(), _hashed(given)
    with ledger.writer() as session:
        row = store.PersonRow(
            id=key,
            login=login,
            login_folded=folded(login),
            name=name,
            role=role,
            scope=scope,
            password_hash=kept,
            must_change=password is None,
            active=True,
            added_at=at,
        )
        session.add(row)
        after = {"login": login, "name": name, "role": role.value, "scope": scope}
        trail.record(session, Event(at=at, who=by, kind=Happening.PERSON_ADDED, subject=_subject(key), after=after))
    return Person(key, login, name, role, scope), None if password else given


def reset_password(ledger: Ledger, person: UUID, *, by: Person, at: datetime) -> str:
    """Gives a new one-use password, lifts the lock, ends all sessions."""
    _demand_administrator(by)
    given = _one_use()
    kept = _hashed(given)
    with ledger.writer() as session:
        row = store.get(session, person, by=by, lock=True)
        row.password_hash = kept
        row.must_change, row.failures, row.locked_until = True, 0, None
        row.epoch += 1
        store.end_sessions(session, row.id, at)
        trail.record(session, Event(at=at, who=by, kind=Happening.PASSWORD_RESET, subject=_subject(row.id)))
    return given


def set_active(ledger: Ledger, person: UUID, *, active: bool, by: Person, at: datetime) -> None:
    """Lets a person in or keeps him out; keeping out ends all sessions at once."""
    _demand_administrator(by)
    if person in (by.id, CONSOLE.id):
        raise Refusal("不能启用或停用自己的账户。请由另一位系统管理员办理。")
    with ledger.writer() as session:
        row = store.get(session, person, by=by, lock=True)
        if row.active is active:
            return
        row.active = active
        row.epoch += 1
        store.end_sessions(session, row.id, at)
        kind = Happening.PERSON_LET_IN if active else Happening.PERSON_KEPT_OUT
        trail.record(session, Event(at=at, who=by, kind=kind, subject=_subject(row.id)))


def list_people(ledger: Ledger, *, by: Person, at: datetime) -> tuple[PersonLine, ...]:
    """Everybody, by login (permission ADMINISTER)."""
    _demand_administrator(by)
    regions = ledger.rules.regions_by_code
    with ledger.reader() as session:
        return tuple(
            PersonLine(
                person=store.person(row),
                scope_name=regions[row.scope].name if row.scope in regions else row.scope,
                active=row.active,
                must_change=row.must_change,
                locked_until=row.locked_until if row.locked_until and at < row.locked_until else None,
                last_sign_in=row.last_sign_in,
            )
            for row in store.everybody(session, by=by)
        )


def sessions(ledger: Ledger, person: UUID, *, at: datetime) -> tuple[SessionLine, ...]:
    """The person's open sessions."""
    with ledger.reader() as session:
        return tuple(
            SessionLine(id=row.id, since=row.started_at, last_seen=row.last_seen_at, address=row.address)
            for row in store.open_sessions(session, person)
            if at < row.started_at + ABSOLUTE and at < row.last_seen_at + IDLE
        )


def find(ledger: Ledger, login: str) -> Person:
    """The active person of that login; NotFound otherwise (for commands with `--by`)."""
    with ledger.reader() as session:
        row = store.by_login(session, folded(login))
        if row is None or not row.active:
            raise NotFound(f"没有登录名为“{login}”的在用人员。请用 screening people add 添加。", field="by")
        return store.person(row)
