"""Projects in the database: found by identity, filtered within a scope, written in bulk with their version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlmodel import col

from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Conflict, NotFound
from screening.domain.people import Person
from screening.domain.review import CaseState
from screening.store.tables import CaseMoveRow, ClockRow, FindingRow, PersonRow, ProjectRow

__all__ = ["FindingRow", "ProjectRow"]

CHUNK = 2000
SMALLEST = Decimal("0.000001")
LARGEST = Decimal(10) ** 12
DAYS = {"30": 30, "60": 60, "90": 90}


@dataclass(frozen=True, slots=True)
class Known:
    """What an import needs of a project that is already there."""

    id: UUID
    version: int
    facts: str
    banner: str
    state: CaseState
    code: str | None
    name: str
    enterprise: str


def sortable(amount: Decimal | None) -> Decimal | None:
    """A figure for a column that lists sort and sum by: six places; none where it is beyond all reason."""
    if amount is None or abs(amount) >= LARGEST:
        return None
    return amount.quantize(SMALLEST, ROUND_HALF_EVEN)


def within(by: Person) -> sa.ColumnElement[bool]:
    """The one scope filter: every query about projects, decisions, letters and clocks passes through it."""
    return col(ProjectRow.banner).startswith(by.scope_prefix, autoescape=True)


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def by_identity(session: Session, identities: Iterable[str]) -> dict[str, Known]:
    """The projects of these identities, whatever their scope (an import has to know that a code is taken)."""
    found: dict[str, Known] = {}
    for chunk in _chunks(identities):
        query = sa.select(
            col(ProjectRow.identity),
            col(ProjectRow.id),
            col(ProjectRow.version),
            col(ProjectRow.facts),
            col(ProjectRow.banner),
            col(ProjectRow.case_state),
            col(ProjectRow.code),
            col(ProjectRow.name),
            col(ProjectRow.enterprise),
        ).where(col(ProjectRow.identity).in_(chunk))
        found.update({row[0]: Known(*row[1:]) for row in session.execute(query)})
    return found


def names_within(session: Session, by: Person) -> Iterator[tuple[str, str | None, str, str, str]]:
    """(identity, code, name, enterprise, banner) of every project in the scope, to look for near duplicates."""
    query = sa.select(
        col(ProjectRow.identity),
        col(ProjectRow.code),
        col(ProjectRow.name),
        col(ProjectRow.enterprise),
        col(ProjectRow.banner),
    ).where(within(by))
    yield from session.execute(query)


def get(session: Session, project: UUID, *, by: Person, seen: int | None = None) -> ProjectRow:
    """The project within the scope; NotFound otherwise; Conflict where it was saved since version `seen`."""
    query = sa.select(ProjectRow).where(col(ProjectRow.id) == project, within(by))
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("没有这个项目，或者它不在您的管辖区域内。请返回台账查看。")
    if seen is not None and row.version != seen:
        raise overtaken(session, row)
    return row


def overtaken(session: Session, row: ProjectRow) -> Conflict:
    """The refusal that names who saved the project meanwhile, and when."""
    session.refresh(row, ["saved_by", "saved_at", "version"])
    person = session.get(PersonRow, row.saved_by)
    name = person.name if person else "他人"
    made = session.execute(
        sa.select(col(CaseMoveRow.move)).where(
            col(CaseMoveRow.project_id) == row.id, col(CaseMoveRow.version) == row.version
        )
    ).scalar_one_or_none()
    did = "修改" if made is None else f"办理“{made.words}”"
    # Asia/Shanghai has had no daylight saving since 1991: eight hours ahead of UTC.
    at = (row.saved_at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")
    return Conflict(
        f"“{row.name}”已由{name}于{at}{did}（第{row.version}版），您看到的不是最新内容，本次操作没有写入。"
        "请刷新页面，核对后重新办理。"
    )


def hold(session: Session, row: ProjectRow, *, seen: int) -> None:
    """Keeps the project for this transaction; Conflict where it is no longer at version `seen`."""
    query = sa.select(col(ProjectRow.version)).where(col(ProjectRow.id) == row.id).with_for_update()
    if session.execute(query).scalar_one() != seen:
        raise overtaken(session, row)


def save(session: Session, row: ProjectRow, values: Mapping[str, Any], *, seen: int) -> int:
    """Writes `values` onto the project if it still has version `seen`; gives the new version; Conflict otherwise."""
    query = (
        sa.update(ProjectRow)
        .where(col(ProjectRow.id) == row.id, col(ProjectRow.version) == seen)
        .values(**values, version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    if _count(session, query) != 1:
        session.expire(row)
        raise overtaken(session, row)
    session.expire(row)
    return seen + 1


def _count(session: Session, query: Any) -> int:
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]  # every DML result counts


def insert(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes new projects in bulk."""
    for chunk in _chunks(rows):
        session.execute(sa.insert(ProjectRow.__table__), chunk)  # type: ignore[attr-defined]


def update(session: Session, rows: Iterable[tuple[UUID, int, Mapping[str, Any]]]) -> None:
    """Writes changed projects in bulk: (id, version they must still have, values); Conflict where one moved on."""
    table = ProjectRow.__table__  # type: ignore[attr-defined]
    for chunk in _chunks(rows):
        names = list(chunk[0][2])
        query = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("_id"), table.c.version == sa.bindparam("_version"))
            .values({n: sa.bindparam(n) for n in names} | {"version": table.c.version + 1})
        )
        parameters = [{"_id": key, "_version": version, **values} for key, version, values in chunk]
        done = session.connection().execute(query, parameters)
        if done.rowcount not in (-1, len(chunk)):
            raise Conflict("预览之后，其中的项目已被他人修改。请重新上传文件，核对后再确认。")


def mark_since(session: Session, keys: Sequence[UUID], at: datetime) -> None:
    """Says since when the cases of these projects stand in their present state."""
    for chunk in _chunks(keys):
        session.execute(sa.update(ProjectRow).where(col(ProjectRow.id).in_(chunk)).values(state_since=at))


def rewrite(session: Session, rows: Iterable[tuple[UUID, int, Mapping[str, Any]]]) -> None:
    """Writes results that were computed again; facts and version stay, so nobody's form is overtaken by it."""
    table = ProjectRow.__table__  # type: ignore[attr-defined]
    for chunk in _chunks(rows):
        query = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("_id"), table.c.version == sa.bindparam("_version"))
            .values({n: sa.bindparam(n) for n in chunk[0][2]})
        )
        parameters = [{"_id": key, "_version": version, **values} for key, version, values in chunk]
        session.connection().execute(query, parameters)


def states(session: Session, keys: Collection[UUID]) -> dict[UUID, tuple[int, CaseState, str]]:
    """The present version, case state and facts of these projects."""
    found: dict[UUID, tuple[int, CaseState, str]] = {}
    for chunk in _chunks(keys):
        query = sa.select(
            col(ProjectRow.id), col(ProjectRow.version), col(ProjectRow.case_state), col(ProjectRow.facts)
        ).where(col(ProjectRow.id).in_(chunk))
        found.update({row[0]: (row[1], row[2], row[3]) for row in session.execute(query)})
    return found


def findings(session: Session, keys: Collection[UUID]) -> dict[UUID, list[FindingRow]]:
    """What people said of findings, by project."""
    found: dict[UUID, list[FindingRow]] = {}
    for chunk in _chunks(keys):
        query = sa.select(FindingRow).where(col(FindingRow.project_id).in_(chunk)).order_by(col(FindingRow.at))
        for row in session.execute(query).scalars():
            found.setdefault(row.project_id, []).append(row)
    return found


def all_findings(session: Session) -> dict[UUID, list[FindingRow]]:
    """What people said of findings, by project, of all projects."""
    found: dict[UUID, list[FindingRow]] = {}
    for row in session.execute(sa.select(FindingRow).order_by(col(FindingRow.at))).scalars():
        found.setdefault(row.project_id, []).append(row)
    return found


def running_due() -> sa.ScalarSelect[date]:
    """The due date of a project's running clock."""
    return (
        sa.select(sa.func.min(col(ClockRow.due)))
        .where(col(ClockRow.project_id) == col(ProjectRow.id), col(ClockRow.stopped_on).is_(None))
        .correlate(ProjectRow)
        .scalar_subquery()
    )


SORTED_BY: dict[str, Any] = {
    "name": col(ProjectRow.name),
    "code": col(ProjectRow.code),
    "enterprise": col(ProjectRow.enterprise),
    "league": col(ProjectRow.banner),
    "industry": col(ProjectRow.industry),
    "stage": col(ProjectRow.stage),
    "class": col(ProjectRow.class_order),
    "disposition": col(ProjectRow.disposition),
    "tce": col(ProjectRow.equivalent_tce),
    "state": col(ProjectRow.case_state),
    "changed": col(ProjectRow.changed_at),
}
CAN_BE_BLANK = {"code", "tce"}
"""Blank values stand last whichever way the list is sorted."""


def conditions(chosen: Mapping[str, Any], *, by: Person, today: date) -> dict[str, sa.ColumnElement[bool]]:
    """The conditions of a filter by the name of their part; `scope` is always there."""
    made: dict[str, sa.ColumnElement[bool]] = {"scope": within(by)}
    if chosen.get("case_state") is not CaseState.VOID:
        made["present"] = col(ProjectRow.case_state) != CaseState.VOID
    for part in ("league", "banner", "industry", "stage", "efficiency_class", "disposition", "case_state"):
        if chosen.get(part) is not None:
            made[part] = col(getattr(ProjectRow, part)) == chosen[part]
    for part in ("in_focus", "near_line"):
        if chosen.get(part) is not None:
            made[part] = col(getattr(ProjectRow, part)).is_(chosen[part])
    if chosen.get("findings") is not None:
        made["findings"] = col(ProjectRow.findings) > 0 if chosen["findings"] else col(ProjectRow.findings) == 0
    for position, word in enumerate(chosen.get("words", ())):
        made[f"q{position}"] = col(ProjectRow.search).contains(word, autoescape=True)
    if chosen.get("rests_on"):
        made["rests_on"] = resting_on([chosen["rests_on"]])
    deadline = chosen.get("deadline")
    if deadline == "running":
        made["deadline"] = running_due().is_not(None)
    elif deadline == "overdue":
        made["deadline"] = running_due() < today
    elif deadline:
        made["deadline"] = running_due().between(today, today + timedelta(days=DAYS[deadline]))
    return made


def resting_on(refs: Sequence[str]) -> sa.ColumnElement[bool]:
    """Projects whose result rests on any of these rules."""
    return sa.or_(*(col(ProjectRow.basis_refs).contains(f" {ref} ", autoescape=True) for ref in refs))


def count(session: Session, made: Mapping[str, sa.ColumnElement[bool]]) -> int:
    """How many projects there are under the conditions."""
    query = sa.select(sa.func.count()).select_from(ProjectRow).where(*made.values())
    return session.execute(query).scalar_one()


FACETS = ("banner", "industry", "stage", "efficiency_class", "disposition", "case_state")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many projects there are of each combination of the facets' values (in the order of FACETS)."""

    combinations: list[tuple[tuple[Any, ...], int]]
    chosen: Mapping[str, Any]
    """The values that the filter asks for, `league` among them."""

    def of(self, part: str) -> dict[Any, int]:
        """The number of projects by value of one facet (or `league`), under the other facets' chosen values."""
        found: dict[Any, int] = {}
        others = [(name, value) for name, value in self.chosen.items() if name != part]
        for values, number in self.combinations:
            if all(_value(values, name) == value for name, value in others):
                key = _value(values, part)
                found[key] = found.get(key, 0) + number
        return found

    def total(self) -> int:
        """The number of projects under all chosen values."""
        return sum(self.of("").values())


def _value(values: tuple[Any, ...], part: str) -> Any:
    if part == "league":
        return f"{values[0][:4]}00"
    return values[FACETS.index(part)] if part else None


def tally(session: Session, made: Mapping[str, sa.ColumnElement[bool]], chosen: Mapping[str, Any]) -> Tally:
    """Counts all facets in one pass over the projects that the rest of the filter leaves."""
    parts = (*FACETS, "league")
    columns = [col(getattr(ProjectRow, part)) for part in FACETS]
    rest = [condition for name, condition in made.items() if name not in parts]
    query = sa.select(*columns, sa.func.count()).where(*rest).group_by(*columns)
    combinations = [(tuple(row[:-1]), int(row[-1])) for row in session.execute(query)]
    return Tally(combinations, {part: chosen[part] for part in parts if chosen.get(part) is not None})


def page(
    session: Session,
    made: Mapping[str, sa.ColumnElement[bool]],
    *,
    sort: str,
    offset: int = 0,
    limit: int | None = None,
    whole: bool = False,
) -> Iterator[tuple[ProjectRow, date | None]]:
    """The projects with the due date of their running clock; `whole` reads facts and screening too."""
    key = sort.removeprefix("-")
    column = SORTED_BY[key]
    order = column.desc() if sort.startswith("-") else column.asc()
    if key in CAN_BE_BLANK:
        order = order.nulls_last()
    then = () if key == "name" else (col(ProjectRow.name),)
    query = (
        sa.select(ProjectRow, running_due())
        .where(*made.values())
        .order_by(order, *then, col(ProjectRow.id))
        .offset(offset)
    )
    if limit is not None:
        query = query.limit(limit)
    if not whole:
        heavy = (ProjectRow.facts, ProjectRow.screening, ProjectRow.search, ProjectRow.basis_refs)
        query = query.options(*(defer(column) for column in heavy))  # type: ignore[arg-type]
    found = session.execute(query.execution_options(yield_per=500))
    try:
        yield from found
    finally:
        found.close()


def class_order(efficiency: EfficiencyClass) -> int:
    """The place of a class from best to worst."""
    return list(EfficiencyClass).index(efficiency)


def due_of(session: Session, project: UUID) -> date | None:
    """The due date of the project's running clock."""
    query = sa.select(sa.func.min(col(ClockRow.due))).where(
        col(ClockRow.project_id) == project, col(ClockRow.stopped_on).is_(None)
    )
    return session.execute(query).scalar_one()


def dues(session: Session) -> dict[UUID, date]:
    """The due dates of all running clocks, by project."""
    query = (
        sa.select(col(ClockRow.project_id), sa.func.min(col(ClockRow.due)))
        .where(col(ClockRow.stopped_on).is_(None))
        .group_by(col(ClockRow.project_id))
    )
    return dict(session.execute(query).all())


def outdated(session: Session, *, version: str, refs: Sequence[str] = ()) -> Iterator[ProjectRow]:
    """Projects whose stored result was made by other rules, or rests on one of `refs`."""
    condition = col(ProjectRow.rules_version) != version
    if refs:
        condition = resting_on(refs)
    yield from session.execute(sa.select(ProjectRow).where(condition).order_by(col(ProjectRow.id))).scalars()
