"""Pages of rules that people confirmed, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.review import PageState
from screening.store.tables import ProjectRow, RuleConfirmationRow, RulePageRow

__all__ = ["RuleConfirmationRow", "RulePageRow"]


def get(session: Session, page: UUID, *, lock: bool = False) -> RulePageRow:
    """The confirmed page; NotFound otherwise."""
    query = sa.select(RulePageRow).where(col(RulePageRow.id) == page)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这份核对记录。请返回规则页面查看。")
    return row


def of_key(session: Session, key: str) -> RulePageRow | None:
    """The page that a form with this key confirmed before."""
    return session.execute(sa.select(RulePageRow).where(col(RulePageRow.key) == key)).scalar_one_or_none()


def pages(session: Session, state: PageState | None = None) -> list[RulePageRow]:
    """All pages, newest first."""
    query = sa.select(RulePageRow).order_by(col(RulePageRow.confirmed_at).desc(), col(RulePageRow.id))
    if state is not None:
        query = query.where(col(RulePageRow.state) == state)
    return list(session.execute(query).scalars())


def ticked(session: Session, states: Sequence[PageState]) -> list[tuple[RuleConfirmationRow, RulePageRow]]:
    """The rules ticked on pages in one of the states, in the order of confirmation."""
    query = (
        sa.select(RuleConfirmationRow, RulePageRow)
        .join(RulePageRow, col(RulePageRow.id) == col(RuleConfirmationRow.page_id))
        .where(col(RulePageRow.state).in_(states))
        .order_by(col(RulePageRow.confirmed_at), col(RuleConfirmationRow.ref))
    )
    return list(session.execute(query))


def refs(session: Session, page: UUID) -> list[str]:
    """The rules ticked on a page."""
    query = sa.select(col(RuleConfirmationRow.ref)).where(col(RuleConfirmationRow.page_id) == page)
    return sorted(session.execute(query).scalars())


def resting(session: Session) -> list[str]:
    """The rules that each project rests on, as one text a project."""
    return list(session.execute(sa.select(col(ProjectRow.basis_refs))).scalars())
