"""Workbooks that were read and wait for confirmation, in the database."""

from __future__ import annotations

import json
import zlib
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.tables import ImportBatchRow

__all__ = ["ImportBatchRow"]


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


def drop_unconfirmed(session: Session, by: Person) -> None:
    """Forgets what the person previewed before and never confirmed."""
    query = sa.delete(ImportBatchRow).where(
        col(ImportBatchRow.uploaded_by) == by.id, col(ImportBatchRow.confirmed_at).is_(None)
    )
    session.execute(query)
