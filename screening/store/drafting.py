"""The drafts of letters in the database: their versions, what was said of them, and which version was signed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.drafting import CommentState
from screening.domain.errors import NotFound
from screening.store.tables import DraftCommentRow, DraftVersionRow, LetterRow

__all__ = ["DraftCommentRow", "DraftVersionRow"]


def newest(session: Session, recommendation: UUID) -> dict[str, DraftVersionRow]:
    """The newest version of each letter of a recommendation, by its part."""
    query = (
        sa.select(DraftVersionRow)
        .where(col(DraftVersionRow.recommendation_id) == recommendation)
        .order_by(col(DraftVersionRow.number))
    )
    return {row.part: row for row in session.execute(query).scalars()}


def versions(session: Session, project: UUID) -> list[DraftVersionRow]:
    """All versions of all drafts of a project, the newest first."""
    query = (
        sa.select(DraftVersionRow)
        .where(col(DraftVersionRow.project_id) == project)
        .order_by(col(DraftVersionRow.at).desc(), col(DraftVersionRow.number).desc(), col(DraftVersionRow.part))
    )
    return list(session.execute(query).scalars())


def version(session: Session, project: UUID, key: UUID) -> DraftVersionRow:
    """One version of a draft of the project; NotFound otherwise."""
    query = sa.select(DraftVersionRow).where(col(DraftVersionRow.id) == key, col(DraftVersionRow.project_id) == project)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这个草稿版本。请从版本列表中选择。")
    return row


def version_of_key(session: Session, key: str) -> DraftVersionRow | None:
    """The version that a form with this key saved before."""
    return session.execute(sa.select(DraftVersionRow).where(col(DraftVersionRow.key) == key)).scalar_one_or_none()


def authors(session: Session, recommendation: UUID) -> set[UUID]:
    """Who wrote any version of the drafts of a recommendation, and in whose name."""
    query = sa.select(col(DraftVersionRow.by), col(DraftVersionRow.for_whom)).where(
        col(DraftVersionRow.recommendation_id) == recommendation
    )
    return {who for pair in session.execute(query) for who in pair if who is not None}


def comments(session: Session, recommendation: UUID) -> list[DraftCommentRow]:
    """What was said of the drafts of a recommendation, in the order in which it was said."""
    query = (
        sa.select(DraftCommentRow)
        .where(col(DraftCommentRow.recommendation_id) == recommendation)
        .order_by(col(DraftCommentRow.at), col(DraftCommentRow.id))
    )
    return list(session.execute(query).scalars())


def unsettled(session: Session, recommendation: UUID) -> int:
    """How many comments on the drafts must be settled before anything is signed."""
    query = (
        sa.select(sa.func.count())
        .select_from(DraftCommentRow)
        .where(
            col(DraftCommentRow.recommendation_id) == recommendation,
            col(DraftCommentRow.must),
            col(DraftCommentRow.state) != CommentState.SETTLED,
        )
    )
    return session.execute(query).scalar_one()


def comment_of_key(session: Session, key: str) -> DraftCommentRow | None:
    """The comment that a form with this key made before."""
    return session.execute(sa.select(DraftCommentRow).where(col(DraftCommentRow.key) == key)).scalar_one_or_none()


def chosen(session: Session, recommendation: UUID, keys: Collection[UUID]) -> list[DraftCommentRow]:
    """These comments of the recommendation, kept for this transaction; NotFound where one is not there."""
    query = (
        sa.select(DraftCommentRow)
        .where(col(DraftCommentRow.recommendation_id) == recommendation, col(DraftCommentRow.id).in_(keys))
        .order_by(col(DraftCommentRow.at), col(DraftCommentRow.id))
        .with_for_update()
    )
    found = list(session.execute(query).scalars())
    if len(found) != len(set(keys)):
        raise NotFound("没有这条意见。请从文书草稿页重新勾选。")
    return found


def signed(session: Session, project: UUID) -> dict[UUID, list[LetterRow]]:
    """The letters of a project that were signed from a version of their draft, by that version."""
    query = (
        sa.select(LetterRow)
        .where(col(LetterRow.project_id) == project, col(LetterRow.draft_id).is_not(None))
        .order_by(col(LetterRow.signed_at))
        .options(sa.orm.defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    found: dict[UUID, list[LetterRow]] = {}
    for row in session.execute(query).scalars():
        if row.draft_id is not None:
            found.setdefault(row.draft_id, []).append(row)
    return found
