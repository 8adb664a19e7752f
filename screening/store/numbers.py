"""Document numbers: the counters of the series, the patterns of the offices, and the register of what was given."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.errors import Refusal
from screening.domain.numbering import NumberGroup, Series
from screening.domain.people import Person
from screening.store.tables import AttachmentRow, LetterRow, NumberPatternRow, NumberSeriesRow, ProjectRow

__all__ = ["NumberPatternRow", "NumberSeriesRow"]


def take(session: Session, series: Series, *, office: str) -> int:
    """The next number of the series; the row stays locked until the transaction ends, so none is lost or doubled."""
    counter = NumberSeriesRow.__table__.c  # type: ignore[attr-defined]
    return _count(session, series, office, first=1, then=counter.last + 1)


def claim(session: Session, series: Series, serial: int, *, office: str) -> int:
    """Takes a number that stands on paper: the series goes on above it. The highest number is returned."""
    counter = NumberSeriesRow.__table__.c  # type: ignore[attr-defined]
    return _count(
        session, series, office, first=serial, then=sa.case((counter.last < serial, serial), else_=counter.last)
    )


def _count(session: Session, series: Series, office: str, *, first: int, then: sa.ColumnElement[int]) -> int:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    table = NumberSeriesRow.__table__  # type: ignore[attr-defined]
    query = (
        insert(table)
        .values(series=series.text, office=office, year=series.year, last=first)
        .on_conflict_do_update(index_elements=["series"], set_={"last": then}, where=table.c.office == office)
        .returning(table.c.last)
    )
    last = session.execute(query).scalar_one_or_none()
    if last is None:
        raise Refusal(f"“{series.text}”是另一机关的文号。请核对机关代字，或者在“文号规则”中改用本机关的代字。")
    return int(last)


def last(session: Session, series: Series) -> int:
    """The highest number of the series; 0 where none was given."""
    query = sa.select(col(NumberSeriesRow.last)).where(col(NumberSeriesRow.series) == series.text)
    return session.execute(query).scalar_one_or_none() or 0


def owner(session: Session, head: str) -> set[str]:
    """The offices that have numbered under these words in any year."""
    query = sa.select(col(NumberSeriesRow.office)).where(
        col(NumberSeriesRow.series).startswith(f"{head}〔", autoescape=True)
    )
    return set(session.execute(query).scalars())


def pattern(session: Session, office: str, group: NumberGroup, day: date) -> NumberPatternRow | None:
    """The pattern that holds on a day: of the newest day up to it, what was entered last. None: the rules' own."""
    query = (
        sa.select(NumberPatternRow)
        .where(
            col(NumberPatternRow.office) == office,
            col(NumberPatternRow.group) == group,
            col(NumberPatternRow.from_day) <= day,
        )
        .order_by(col(NumberPatternRow.from_day).desc(), col(NumberPatternRow.version).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def patterns(session: Session, office: str | None = None) -> list[NumberPatternRow]:
    """Every pattern ever entered, of one office or of all, the newest entry first."""
    query = sa.select(NumberPatternRow).order_by(col(NumberPatternRow.at).desc(), col(NumberPatternRow.version).desc())
    if office is not None:
        query = query.where(col(NumberPatternRow.office) == office)
    return list(session.execute(query).scalars())


def pattern_of_key(session: Session, key: str) -> NumberPatternRow | None:
    """The pattern that a form with this key entered before."""
    return session.execute(sa.select(NumberPatternRow).where(col(NumberPatternRow.key) == key)).scalar_one_or_none()


def numbered(session: Session, number: str) -> tuple[LetterRow, ProjectRow] | None:
    """The letter that bears a number, whatever its scope: nobody else may bear it."""
    query = (
        sa.select(LetterRow, ProjectRow)
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(col(LetterRow.number) == number)
        .where((col(LetterRow.state) != "void") | col(LetterRow.scan_id).is_(None))
        .options(defer(LetterRow.pdf))  # type: ignore[arg-type]
    )
    found = session.execute(query).first()
    return None if found is None else (found[0], found[1])


def of_office(by: Person) -> sa.ColumnElement[bool]:
    """The scope of the register: letters of the office and of those below it, wherever the project lies now."""
    return col(LetterRow.office).startswith(by.scope_prefix, autoescape=True)


def register(session: Session, *, by: Person, year: int | None = None) -> list[tuple[LetterRow, ProjectRow]]:
    """Every numbered letter of the person's office and of those below it, series by series, in order."""
    query = (
        sa.select(LetterRow, ProjectRow)
        .join(ProjectRow, col(ProjectRow.id) == col(LetterRow.project_id))
        .where(of_office(by))
        .order_by(col(LetterRow.office), col(LetterRow.year), col(LetterRow.series), col(LetterRow.serial))
        .order_by(col(LetterRow.signed_at), col(LetterRow.id))
        .options(defer(LetterRow.pdf), defer(ProjectRow.facts), defer(ProjectRow.screening))  # type: ignore[arg-type]
    )
    if year is not None:
        query = query.where(col(LetterRow.year) == year)
    return list(session.execute(query))


def years(session: Session, *, by: Person) -> list[int]:
    """The years in which they numbered, the newest first."""
    query = sa.select(col(LetterRow.year)).distinct().where(of_office(by)).order_by(col(LetterRow.year).desc())
    return list(session.execute(query).scalars())


def entered_by_form(session: Session, project: UUID, key: str) -> LetterRow | None:
    """The paper letter that a form with this key entered before: its scan bears the key."""
    query = (
        sa.select(LetterRow)
        .join(AttachmentRow, col(AttachmentRow.id) == col(LetterRow.scan_id))
        .where(col(AttachmentRow.key) == key, col(AttachmentRow.project_id) == project)
    )
    return session.execute(query).scalars().first()
