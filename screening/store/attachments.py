"""Files that belong to projects: their rows in the database, and their bytes in the data folder under their hash."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import AttachmentRow, ProjectRow

__all__ = ["AttachmentRow"]


def of_project(session: Session, project: UUID, *, by: Person) -> list[AttachmentRow]:
    """The files of a project within the scope, voided ones too, the newest first."""
    query = (
        sa.select(AttachmentRow)
        .join(ProjectRow, col(ProjectRow.id) == col(AttachmentRow.project_id))
        .where(col(AttachmentRow.project_id) == project, within(by))
        .order_by(col(AttachmentRow.added_at).desc(), col(AttachmentRow.id))
    )
    return list(session.execute(query).scalars())


def get(session: Session, attachment: UUID, *, by: Person, lock: bool = False) -> AttachmentRow:
    """The file within the scope; NotFound otherwise."""
    query = (
        sa.select(AttachmentRow)
        .join(ProjectRow, col(ProjectRow.id) == col(AttachmentRow.project_id))
        .where(col(AttachmentRow.id) == attachment, within(by))
    )
    row = session.execute(query.with_for_update(of=AttachmentRow) if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这个附件，或者它不在您的管辖区域内。请从项目页重新打开。")
    return row


def of_key(session: Session, key: str) -> AttachmentRow | None:
    """The file that a form with this key added before."""
    return session.execute(sa.select(AttachmentRow).where(col(AttachmentRow.key) == key)).scalar_one_or_none()


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


def keep(folder: Path, content: bytes) -> str:
    """Writes the bytes under their SHA-256, safely on disk before it returns; the same bytes are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    place = _place(folder, digest)
    if place.exists() and hashlib.sha256(place.read_bytes()).hexdigest() == digest:
        return digest
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest


def fetch(folder: Path, digest: str) -> bytes | None:
    """The bytes of that hash; None where the file is gone or no longer has it."""
    place = _place(folder, digest)
    if not place.is_file():
        return None
    content = place.read_bytes()
    return content if hashlib.sha256(content).hexdigest() == digest else None
