"""Workbooks that were read and wait for confirmation, in the database."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.tables import (
    AttachmentRow,
    DecisionRow,
    ExplanationRow,
    FindingRow,
    ImportBatchRow,
    ImportColumnRow,
    ImportFileRow,
    RecommendationRow,
)

__all__ = ["ImportBatchRow", "ImportColumnRow", "ImportFileRow"]

CHUNK = 500


def packed(data: object) -> bytes:
    """JSON data, compressed."""
    return zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def unpacked(content: bytes) -> Any:
    """The JSON data again."""
    return json.loads(zlib.decompress(content))


def get(session: Session, batch: UUID, *, by: Person, lock: bool = False) -> ImportBatchRow:
    """The batch of the person who uploaded it; NotFound otherwise."""
    query = sa.select(ImportBatchRow).where(col(ImportBatchRow.id) == batch, col(ImportBatchRow.uploaded_by) == by.id)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这次导入的预览。请重新上传文件。")
    return row


def file_of(session: Session, batch: UUID, *, by: Person) -> ImportFileRow:
    """The uploaded file of the person's batch; NotFound where a later upload has taken its place."""
    get(session, batch, by=by)
    row = session.get(ImportFileRow, batch)
    if row is None:
        raise NotFound("这次导入的原文件已不再保存（只保存最近一次上传的文件）。请重新上传文件。")
    return row


def has_file(session: Session, batch: UUID) -> str | None:
    """The suffix of the kept file, None where there is none."""
    return session.execute(
        sa.select(col(ImportFileRow.suffix)).where(col(ImportFileRow.batch_id) == batch)
    ).scalar_one_or_none()


def drop_unconfirmed(session: Session, by: Person) -> None:
    """Forgets what the person previewed before and never confirmed, and the files of all former uploads."""
    own = sa.select(col(ImportBatchRow.id)).where(col(ImportBatchRow.uploaded_by) == by.id)
    session.execute(sa.delete(ImportFileRow).where(col(ImportFileRow.batch_id).in_(own)))
    query = sa.delete(ImportBatchRow).where(
        col(ImportBatchRow.uploaded_by) == by.id, col(ImportBatchRow.confirmed_at).is_(None)
    )
    session.execute(query)


def confirmed(session: Session, by: Person, at_most: int) -> list[ImportBatchRow]:
    """The person's imports, the latest first, without what they held."""
    query = (
        sa.select(ImportBatchRow)
        .options(defer(ImportBatchRow.content, raiseload=True))  # type: ignore[arg-type]  # a mapped attribute
        .where(col(ImportBatchRow.uploaded_by) == by.id, col(ImportBatchRow.confirmed_at).is_not(None))
        .order_by(col(ImportBatchRow.confirmed_at).desc())
        .limit(at_most)
    )
    return list(session.execute(query).scalars())


def built_since(session: Session, projects: Collection[UUID], since: datetime) -> dict[UUID, str]:
    """What somebody built on these projects after the moment `since`: project -> the weightiest, as users read it."""
    found: dict[UUID, str] = {}
    sources = (
        (DecisionRow, DecisionRow.signed_at, "已签发处置决定"),
        (RecommendationRow, RecommendationRow.at, "已提出处置建议"),
        (FindingRow, FindingRow.at, "已对情形作出认定"),
        (ExplanationRow, ExplanationRow.at, "已说明数据疑点"),
        (AttachmentRow, AttachmentRow.added_at, "已上传附件"),
    )
    keys = list(projects)
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        for table, moment, words in sources:
            query = sa.select(col(table.project_id)).where(
                col(table.project_id).in_(chunk),
                col(moment) > since,
            )
            for key in session.execute(query).scalars():
                found.setdefault(key, words)
    return found


def columns_of(session: Session, office: str) -> dict[str, str]:
    """What the office calls the columns: header -> key of the field, by header."""
    query = (
        sa.select(col(ImportColumnRow.header), col(ImportColumnRow.field_key))
        .where(col(ImportColumnRow.office) == office)
        .order_by(col(ImportColumnRow.header))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def name_columns(session: Session, chosen: Mapping[str, str | None], *, by: Person, at: datetime) -> None:
    """Remembers (None: forgets) what the person's office calls columns."""
    session.execute(
        sa.delete(ImportColumnRow).where(
            col(ImportColumnRow.office) == by.scope, col(ImportColumnRow.header).in_(list(chosen))
        )
    )
    for header, key in chosen.items():
        if key is not None:
            session.add(ImportColumnRow(office=by.scope, header=header, field_key=key, saved_by=by.id, saved_at=at))
