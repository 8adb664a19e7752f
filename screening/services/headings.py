"""What an office calls the columns of the template: said once when a file is not understood, known from then on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from screening.domain.errors import Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold
from screening.domain.registry import FIELD, FIELDS
from screening.services import Ledger
from screening.store import imports, trail

LONGEST_HEADER = 200
MOST = 200


def _demand(by: Person) -> None:
    if not by.may(Permission.IMPORT):
        raise Forbidden(f"{by.role.words}不能设定列名对应。请由登记员或审核员办理。")


def choices() -> tuple[tuple[str, str], ...]:
    """(key, header of the template) of every column, required ones first."""
    return tuple((f.key, f.header) for f in sorted(FIELDS, key=lambda f: not f.required))


def aliases(session: Session, by: Person) -> dict[str, str]:
    """Header of the person's office -> header of the template."""
    return {header: FIELD[key].header for header, key in imports.columns_of(session, by.scope).items() if key in FIELD}


def named_columns(ledger: Ledger, *, by: Person) -> dict[str, str]:
    """The same, to be shown."""
    _demand(by)
    with ledger.reader() as session:
        return aliases(session, by)


def name_columns(ledger: Ledger, chosen: Mapping[str, str | None], *, by: Person, at: datetime) -> int:
    """Remembers for the person's office which field a header names (None: forgets it); gives how many it wrote."""
    _demand(by)
    given = {header.strip()[:LONGEST_HEADER]: key for header, key in chosen.items() if header.strip()}
    if not given or len(given) > MOST:
        raise Refusal("请至少为一列选择它对应的栏目。")
    known = {fold(f.header) for f in FIELDS}
    taken: dict[str, str] = {}
    for header, key in given.items():
        if key is None:
            continue
        if key not in FIELD:
            raise Refusal(f"“{header}”选择的栏目不在模板中。请从列表中选择。")
        if fold(header) in known:
            raise Refusal(f"“{header}”就是模板中的栏目名称，不能改作别的栏目。")
        if key in taken:
            raise Refusal(f"“{taken[key]}”和“{header}”都选择了“{FIELD[key].header}”。一个栏目只能对应一列。")
        taken[key] = header
    with ledger.writer() as session:
        remember(session, given, by=by, at=at)
    return len(given)


def remember(session: Session, given: Mapping[str, str | None], *, by: Person, at: datetime) -> None:
    """Writes what headers mean and says so in the trail; nothing where the office said the same before."""
    before = imports.columns_of(session, by.scope)
    new = {header: key for header, key in given.items() if before.get(header) != key}
    if not new:
        return
    imports.name_columns(session, new, by=by, at=at)
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=Happening.COLUMNS_MAPPED,
            subject=f"office:{by.scope}",
            before={header: before.get(header) for header in new},
            after=dict(new),
        ),
    )
