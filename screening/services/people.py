"""People: sign-in with lock, sessions, passwords, and who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from screening.domain.people import Person, Role
from screening.services import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new session: `token` is the secret for the cookie (the database keeps only its hash)."""

    token: str
    person: Person
    must_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Who stands behind a request: `session` names the row, `must_change` allows only the password page."""

    person: Person
    session: UUID
    must_change: bool
    epoch: int


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


def sign_in(ledger: Ledger, login: str, password: str, *, address: str, at: datetime) -> SignedIn:
    """Opens a session. Refusal (the same words for unknown login and wrong password); locked for 15 minutes after 5."""
    raise NotImplementedError


def present(ledger: Ledger, token: str, *, at: datetime) -> Present | None:
    """Who the token belongs to; None where it is unknown, ended, 30 minutes idle or 10 hours old."""
    raise NotImplementedError


def sign_out(ledger: Ledger, token: str, *, at: datetime) -> None:
    """Ends the session; a token that is unknown is no error."""
    raise NotImplementedError


def check_password(ledger: Ledger, person: UUID, password: str, *, at: datetime) -> None:
    """Refusal unless it is the person's password (asked again before a signature); counts towards the lock."""
    raise NotImplementedError


def change_password(ledger: Ledger, person: UUID, *, old: str, new: str, at: datetime) -> None:
    """Changes the person's own password: at least 12 characters, not the old one; ends all sessions."""
    raise NotImplementedError


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
    raise NotImplementedError


def reset_password(ledger: Ledger, person: UUID, *, by: Person, at: datetime) -> str:
    """Gives a new one-use password, lifts the lock, ends all sessions."""
    raise NotImplementedError


def set_active(ledger: Ledger, person: UUID, *, active: bool, by: Person, at: datetime) -> None:
    """Lets a person in or keeps him out; keeping out ends all sessions at once."""
    raise NotImplementedError


def list_people(ledger: Ledger, *, by: Person, at: datetime) -> tuple[PersonLine, ...]:
    """Everybody, by login (permission ADMINISTER)."""
    raise NotImplementedError


def sessions(ledger: Ledger, person: UUID, *, at: datetime) -> tuple[SessionLine, ...]:
    """The person's open sessions."""
    raise NotImplementedError


def find(ledger: Ledger, login: str) -> Person:
    """The active person of that login; NotFound otherwise (for commands with `--by`)."""
    raise NotImplementedError
