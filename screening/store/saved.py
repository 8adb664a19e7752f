"""Saved views of the ledger and each person's columns in the database; a view is seen by its owner or the office."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from screening.domain.errors import Conflict, NotFound
from screening.domain.people import Person
from screening.store.tables import LedgerPreferenceRow, PersonRow, SavedViewRow

__all__ = ["LedgerPreferenceRow", "SavedViewRow"]

GONE = "没有这个视图：可能已被删除，或者不再共享。请从台账重新打开。"


def visible(by: Person) -> sa.ColumnElement[bool]:
    """The own views, and those that somebody of the same office shares."""
    same_office = col(SavedViewRow.office) == by.scope
    return sa.or_(col(SavedViewRow.owner_id) == by.id, sa.and_(col(SavedViewRow.shared).is_(True), same_office))


def kept(session: Session, *, by: Person) -> tuple[LedgerPreferenceRow | None, list[tuple[SavedViewRow, str]]]:
    """The person's columns and default view; and the views that the person sees with their owners' names, own first.

    One statement, as every page of the ledger asks for it.
    """
    me, owner = aliased(PersonRow), aliased(PersonRow)
    query = (
        sa.select(LedgerPreferenceRow, SavedViewRow, col(owner.name))
        .select_from(me)
        .outerjoin(LedgerPreferenceRow, col(LedgerPreferenceRow.person_id) == col(me.id))
        .outerjoin(SavedViewRow, visible(by))
        .outerjoin(owner, col(owner.id) == col(SavedViewRow.owner_id))
        .where(col(me.id) == by.id)
        .order_by(col(SavedViewRow.owner_id) != by.id, col(SavedViewRow.name), col(SavedViewRow.id))
    )
    rows = session.execute(query).all()
    return (rows[0][0] if rows else None), [(view, name) for _, view, name in rows if view is not None]


def get(session: Session, view: UUID, *, by: Person) -> tuple[SavedViewRow, str]:
    """The view that the person sees with its owner's name; NotFound otherwise."""
    query = (
        sa.select(SavedViewRow, col(PersonRow.name))
        .join(PersonRow, col(PersonRow.id) == col(SavedViewRow.owner_id))
        .where(col(SavedViewRow.id) == view, visible(by))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found[0], found[1]


def own(session: Session, view: UUID, *, by: Person, seen: int) -> SavedViewRow:
    """The person's own view, locked; Conflict where it was changed since version `seen`."""
    query = sa.select(SavedViewRow).where(col(SavedViewRow.id) == view, col(SavedViewRow.owner_id) == by.id)
    row = session.execute(query.with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound(GONE)
    if row.version != seen:
        raise Conflict(f"视图“{row.name}”已在另一个窗口修改，本次操作没有写入。请刷新页面，核对后重新办理。")
    return row


def of_key(session: Session, key: str) -> SavedViewRow | None:
    """The view that this showing of the form saved already."""
    return session.execute(sa.select(SavedViewRow).where(col(SavedViewRow.key) == key)).scalar_one_or_none()


def of_name(session: Session, name_folded: str, *, by: Person) -> SavedViewRow | None:
    """The person's own view of that name."""
    query = sa.select(SavedViewRow).where(
        col(SavedViewRow.owner_id) == by.id, col(SavedViewRow.name_folded) == name_folded
    )
    return session.execute(query).scalar_one_or_none()


def count_own(session: Session, *, by: Person) -> int:
    """How many views the person keeps."""
    query = sa.select(sa.func.count()).select_from(SavedViewRow).where(col(SavedViewRow.owner_id) == by.id)
    return session.execute(query).scalar_one()


def remove(session: Session, row: SavedViewRow) -> None:
    """Removes the view; nobody's ledger opens with it any more."""
    forget_default(session, row.id)
    session.delete(row)
    session.flush()


def forget_default(session: Session, view: UUID, *, but: UUID | None = None) -> None:
    """The ledger no longer opens with this view, for anybody or anybody `but` one person."""
    query = sa.update(LedgerPreferenceRow).where(col(LedgerPreferenceRow.default_view_id) == view)
    if but is not None:
        query = query.where(col(LedgerPreferenceRow.person_id) != but)
    session.execute(query.values(default_view_id=None))


def preference(session: Session, *, by: Person) -> LedgerPreferenceRow | None:
    """The person's columns and default view."""
    return session.get(LedgerPreferenceRow, by.id)


def prefer(session: Session, *, by: Person, at: datetime) -> LedgerPreferenceRow:
    """The same to be changed; made where there is none."""
    row = session.get(LedgerPreferenceRow, by.id, with_for_update=True)
    if row is None:
        row = LedgerPreferenceRow(person_id=by.id, saved_at=at)
        session.add(row)
    row.saved_at = at
    return row
