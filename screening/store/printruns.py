"""Print runs, what left the office and scanned receipts, in the database; a run's file lies in the data folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import NotFound
from screening.domain.people import Person
from screening.store.registry import within
from screening.store.tables import (
    AttachmentRow,
    DispatchRecordRow,
    LetterRow,
    LetterScanRow,
    PrintRecordRow,
    PrintRunLetterRow,
    PrintRunRow,
    ProjectRow,
)

__all__ = ["DispatchRecordRow", "LetterScanRow", "PrintRecordRow", "PrintRunLetterRow", "PrintRunRow"]

Listed = tuple[PrintRunLetterRow, LetterRow, ProjectRow]


def visible(by: Person) -> sa.ColumnElement[bool]:
    """The runs of the person's division and of those below it."""
    return col(PrintRunRow.office).startswith(by.scope_prefix, autoescape=True)


def _runs(by: Person) -> sa.Select[PrintRunRow]:
    return sa.select(PrintRunRow).where(visible(by))


def recent(session: Session, *, by: Person, most: int) -> list[PrintRunRow]:
    """The newest runs within the scope."""
    query = _runs(by).order_by(col(PrintRunRow.at).desc(), col(PrintRunRow.id)).limit(most)
    return list(session.execute(query).scalars())


def get(session: Session, run: UUID, *, by: Person) -> PrintRunRow:
    """One run within the scope; NotFound otherwise."""
    row = session.execute(_runs(by).where(col(PrintRunRow.id) == run)).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这一批印制，或者它不在您的管辖区域内。请从文书列表重新打开。")
    return row


def of_id(session: Session, run: UUID) -> PrintRunRow:
    """One run, for the press that works for whoever started it."""
    return session.get_one(PrintRunRow, run)


def held(session: Session, run: UUID) -> PrintRunRow:
    """The run, which nobody else changes until the transaction ends."""
    return session.execute(sa.select(PrintRunRow).where(col(PrintRunRow.id) == run).with_for_update()).scalar_one()


def of_key(session: Session, key: str) -> PrintRunRow | None:
    """The run that a form with this key started before."""
    return session.execute(sa.select(PrintRunRow).where(col(PrintRunRow.key) == key)).scalar_one_or_none()


def unfinished(session: Session) -> list[UUID]:
    """The runs that somebody must go on with, the oldest first; those that stand still wait for a person."""
    query = (
        sa.select(col(PrintRunRow.id))
        .where(col(PrintRunRow.done_at).is_(None), col(PrintRunRow.fault).is_(None))
        .order_by(col(PrintRunRow.at), col(PrintRunRow.id))
    )
    return list(session.execute(query).scalars())


def listed(session: Session, run: UUID, *, by: Person) -> list[Listed]:
    """The letters of a run within the scope, in their order, without their bytes."""
    query = (
        sa.select(PrintRunLetterRow, LetterRow, ProjectRow)
        .join(LetterRow, col(LetterRow.id) == col(PrintRunLetterRow.letter_id))
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(col(PrintRunLetterRow.run_id) == run, within(by))
        .order_by(col(PrintRunLetterRow.place))
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    return list(session.execute(query))


def progress(session: Session, runs: Collection[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Letters of each run: how many, how many with their pages ready, how many left out."""
    query = (
        sa.select(
            col(PrintRunLetterRow.run_id),
            sa.func.count(),
            sa.func.count(col(PrintRunLetterRow.pages)),
            sa.func.count(col(PrintRunLetterRow.left_out)),
        )
        .where(col(PrintRunLetterRow.run_id).in_(runs))
        .group_by(col(PrintRunLetterRow.run_id))
    )
    return {run: (total, ready, out) for run, total, ready, out in session.execute(query)}


def settle(session: Session, run: UUID, letter: UUID, **values: Any) -> None:
    """Notes the pages of a letter of the run, or why it is left out."""
    query = (
        sa.update(PrintRunLetterRow)
        .where(col(PrintRunLetterRow.run_id) == run, col(PrintRunLetterRow.letter_id) == letter)
        .values(**values)
    )
    session.execute(query)


def reprints(session: Session, run: UUID) -> list[PrintRecordRow]:
    """All prints of the run, the oldest first."""
    query = sa.select(PrintRecordRow).where(col(PrintRecordRow.run_id) == run).order_by(col(PrintRecordRow.at))
    return list(session.execute(query).scalars())


def runs_of(session: Session, letter: UUID, *, by: Person) -> list[PrintRunRow]:
    """The runs within the scope that hold the letter, the newest first."""
    query = (
        _runs(by)
        .join(PrintRunLetterRow, col(PrintRunLetterRow.run_id) == col(PrintRunRow.id))
        .where(col(PrintRunLetterRow.letter_id) == letter, col(PrintRunLetterRow.left_out).is_(None))
        .order_by(col(PrintRunRow.at).desc())
    )
    return list(session.execute(query).scalars())


# -- what left the office --------------------------------------------------------------------------------------------


def dispatches(session: Session, letters: Collection[UUID]) -> dict[UUID, list[DispatchRecordRow]]:
    """How these letters left, the oldest first."""
    query = (
        sa.select(DispatchRecordRow)
        .where(col(DispatchRecordRow.letter_id).in_(letters))
        .order_by(col(DispatchRecordRow.sent_on), col(DispatchRecordRow.at))
    )
    found: dict[UUID, list[DispatchRecordRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.letter_id, []).append(row)
    return found


def dispatched_by(session: Session, key: str) -> list[DispatchRecordRow]:
    """What a form with this key recorded before."""
    return list(session.execute(sa.select(DispatchRecordRow).where(col(DispatchRecordRow.key) == key)).scalars())


def scans(session: Session, letters: Collection[UUID]) -> dict[UUID, list[tuple[LetterScanRow, AttachmentRow]]]:
    """The scanned receipts of these letters that were not voided."""
    query = (
        sa.select(LetterScanRow, AttachmentRow)
        .join(AttachmentRow, col(AttachmentRow.id) == col(LetterScanRow.attachment_id))
        .where(col(LetterScanRow.letter_id).in_(letters), col(AttachmentRow.voided_at).is_(None))
        .order_by(col(AttachmentRow.added_at))
    )
    found: dict[UUID, list[tuple[LetterScanRow, AttachmentRow]]] = {}
    for scan, file in session.execute(query):
        found.setdefault(scan.letter_id, []).append((scan, file))
    return found


# -- files -----------------------------------------------------------------------------------------------------------


def place(folder: Path, sha256: str) -> Path:
    """Where the file of a run lies."""
    return folder / f"{sha256}.pdf"


def digest(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(folder: Path) -> Iterator[tuple[IO[bytes], list[str]]]:
    """A file in the making; after the block it lies, safely on disk, in the place of its SHA-256, added to the list."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    kept: list[str] = []
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, kept
            file.flush()
            os.fsync(file.fileno())
        kept.append(digest(Path(name)))
        Path(name).replace(place(folder, kept[0]))
    finally:
        Path(name).unlink(missing_ok=True)
