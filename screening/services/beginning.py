"""The first day of a ledger: its database, its first people, and a sample to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from screening.domain.history import Event, Happening
from screening.domain.people import Role
from screening.services import CONSOLE, Ledger, intake, monitoring, people
from screening.store import people as store
from screening.store import schema, trail

REGION = "150000"
FIRST = ("admin", "系统管理员", Role.ADMINISTRATOR)
DEMONSTRATORS = (
    ("registrar", "登记员", Role.REGISTRAR),
    ("reviewer", "审核员", Role.REVIEWER),
    ("signatory", "签发人", Role.SIGNATORY),
    ("office", "文书室", Role.OFFICE),
    ("legal", "法制审核员", Role.LEGAL),
    ("rules1", "规则员甲", Role.RULES_OFFICER),
    ("rules2", "规则员乙", Role.RULES_OFFICER),
    ("auditor", "审计员", Role.AUDITOR),
)
"""One person per role beside the administrator, and the second rules officer that a confirmation needs."""
SAMPLE = "sample-ledger.xlsx"
TEMPLATE = "template.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person made just now, with the password that works once and is told once."""

    login: str
    name: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What `initialise` did: whether the database was made or migrated, whom it added, how many results it renewed."""

    migrated: bool
    revision: str
    people: tuple[NewPerson, ...]
    rescreened: int
    sample: int
    """Projects taken in from the sample ledger."""


def sample_path() -> Path:
    """The sample ledger."""
    return _shipped(SAMPLE)


def template_path() -> Path:
    """The blank template."""
    return _shipped(TEMPLATE)


def _shipped(name: str) -> Path:
    """A workbook of the program's own, inside the wheel or in the source tree."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "ledgers_data" / name
    return inside if inside.exists() else package.parent / "ledgers" / name


def initialise(ledger: Ledger, *, at: datetime, demonstration: bool = False) -> Begun:
    """Makes or migrates the database; the first time adds the first administrator.

    With `demonstration` also one person per role and two rules officers (the first time), and the sample ledger
    where no project is on file. Doing it again changes nothing.
    """
    migrated = schema.upgrade(ledger)
    with ledger.writer() as session:
        empty = store.count(session) == 0
        if migrated:
            after = {"revision": schema.newest(), "rules": ledger.rules.version}
            trail.record(
                session,
                Event(at=at, who=CONSOLE.login, kind=Happening.LEDGER_INITIALISED, subject="ledger", after=after),
            )
    added = []
    for login, name, role in ((FIRST, *DEMONSTRATORS) if demonstration else (FIRST,)) if empty else ():
        _, password = people.add(ledger, login, name=name, role=role, scope=REGION, by=CONSOLE, at=at)
        added.append(NewPerson(login=login, name=name, role=role, password=password or ""))
    return Begun(
        migrated=migrated,
        revision=schema.newest(),
        people=tuple(added),
        rescreened=monitoring.rescreen(ledger, at=at),
        sample=_take_sample(ledger, at) if demonstration else 0,
    )


def _take_sample(ledger: Ledger, at: datetime) -> int:
    path = sample_path()
    with ledger.reader() as session:
        if not path.exists() or not intake.is_empty(session):
            return 0
    preview = intake.preview_import(ledger, path, file=path.name, by=CONSOLE, at=at)
    if preview.batch is None:
        return 0
    return intake.confirm_import(ledger, preview.batch, by=CONSOLE, at=at).new
