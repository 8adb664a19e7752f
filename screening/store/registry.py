"""Projects in the database: found by identity, filtered within a scope, written in bulk with their version."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Conflict, NotFound
from screening.domain.letters import LetterKind
from screening.domain.people import Person
from screening.domain.review import CaseState
from screening.store import search
from screening.store.tables import CaseMoveRow, ClockRow, FindingRow, LetterRow, PersonRow, ProjectRow, StayRow

__all__ = ["FindingRow", "ProjectRow"]

CHUNK = 2000
SQLITE = "sqlite"
SMALLEST = Decimal("0.000001")
LARGEST = Decimal(10) ** 12
DAYS = {"30": 30, "60": 60, "90": 90}
MANY = 10_000
"""Of more projects than these, a page is read along the order of the list until it is full; fewer are sorted."""


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
    halted_on: date | None


def sortable(amount: Decimal | None) -> Decimal | None:
    """A figure for a column that lists sort and sum by: six places; none where it is beyond all reason."""
    if amount is None or abs(amount) >= LARGEST:
        return None
    return amount.quantize(SMALLEST, ROUND_HALF_EVEN)


def within(by: Person) -> sa.ColumnElement[bool]:
    """The one scope filter: every query about projects, decisions, letters and clocks passes through it."""
    if len(by.scope_prefix) == len("15"):
        # Nearly everything: no way to find projects by, only to be sure of.
        return col(ProjectRow.banner).startswith(by.scope_prefix, autoescape=True)
    # Codes are six digits: a range of them is what begins with the prefix, and an index can be asked for it.
    return col(ProjectRow.banner).between(by.scope_prefix.ljust(6, "0"), by.scope_prefix.ljust(6, "9"))


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
            col(ProjectRow.halted_on),
        ).where(col(ProjectRow.identity).in_(chunk))
        found.update({row[0]: Known(*tuple(row)[1:]) for row in session.execute(query)})
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
    """The project within the scope; NotFound otherwise; Conflict where it was saved since version `seen`.

    Who writes and says what was seen keeps the project from here on: whoever comes second learns by whom he was
    overtaken, and not what the first one's work did to the case.
    """
    query = sa.select(ProjectRow).where(col(ProjectRow.id) == project, within(by))
    if seen is not None and session.connection().get_execution_options().get("writes"):
        query = query.with_for_update()
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


def standing(session: Session, keys: Collection[UUID], *, by: Person) -> dict[UUID, tuple[str, CaseState]]:
    """Name and case state of those of these projects that lie within the scope."""
    found: dict[UUID, tuple[str, CaseState]] = {}
    for chunk in _chunks(keys):
        query = sa.select(col(ProjectRow.id), col(ProjectRow.name), col(ProjectRow.case_state)).where(
            col(ProjectRow.id).in_(chunk), within(by)
        )
        found.update({row[0]: (row[1], row[2]) for row in session.execute(query)})
    return found


def states(session: Session, keys: Collection[UUID]) -> dict[UUID, tuple[int, CaseState, str]]:
    """The present version, case state and facts of these projects."""
    found: dict[UUID, tuple[int, CaseState, str]] = {}
    for chunk in _chunks(keys):
        query = sa.select(
            col(ProjectRow.id), col(ProjectRow.version), col(ProjectRow.case_state), col(ProjectRow.facts)
        ).where(col(ProjectRow.id).in_(chunk))
        found.update({row[0]: (row[1], row[2], row[3]) for row in session.execute(query)})
    return found


def halts(session: Session, keys: Collection[UUID]) -> dict[UUID, date]:
    """Those of these projects over which a halt stands, and since when."""
    found: dict[UUID, date] = {}
    for chunk in _chunks(keys):
        query = sa.select(col(ProjectRow.id), col(ProjectRow.halted_on)).where(
            col(ProjectRow.id).in_(chunk), col(ProjectRow.halted_on).is_not(None)
        )
        found.update({key: since for key, since in session.execute(query) if since})
    return found


def findings(session: Session, keys: Collection[UUID]) -> dict[UUID, list[FindingRow]]:
    """What people said of findings, by project."""
    found: dict[UUID, list[FindingRow]] = {}
    for chunk in _chunks(keys):
        query = sa.select(FindingRow).where(col(FindingRow.project_id).in_(chunk)).order_by(col(FindingRow.at))
        for row in session.execute(query).scalars():
            found.setdefault(row.project_id, []).append(row)
    return found


def screenings_with(session: Session, keys: Collection[UUID], mark: str) -> Iterator[tuple[UUID, str]]:
    """(id, result) of those of these projects whose stored result holds the mark."""
    for chunk in _chunks(keys):
        query = sa.select(col(ProjectRow.id), col(ProjectRow.screening)).where(
            col(ProjectRow.id).in_(chunk), col(ProjectRow.screening).contains(mark, autoescape=True)
        )
        yield from session.execute(query)


def all_findings(session: Session) -> dict[UUID, list[FindingRow]]:
    """What people said of findings, by project, of all projects."""
    found: dict[UUID, list[FindingRow]] = {}
    for row in session.execute(sa.select(FindingRow).order_by(col(FindingRow.at))).scalars():
        found.setdefault(row.project_id, []).append(row)
    return found


def runs() -> sa.ColumnElement[bool]:
    """Whether a clock runs: no other letter took its place, its decision stands, and nothing was accepted."""
    return sa.and_(col(ClockRow.stopped_on).is_(None), col(ClockRow.accepted_on).is_(None))


def running_due() -> sa.ScalarSelect[date]:
    """The due date of a project's running clock."""
    return (
        sa.select(sa.func.min(col(ClockRow.due)))
        .where(col(ClockRow.project_id) == col(ProjectRow.id), runs())
        .correlate(ProjectRow)
        .scalar_subquery()
    )


def stayed(day: date) -> sa.ColumnElement[bool]:
    """Whether the decision that set a clock is stayed on that day by a written order."""
    return sa.exists().where(
        col(LetterRow.id) == col(ClockRow.letter_id),
        col(StayRow.decision_id) == col(LetterRow.decision_id),
        col(StayRow.first_day) <= day,
        sa.or_(col(StayRow.last_day).is_(None), col(StayRow.last_day) >= day),
    )


def running_dues() -> sa.Select[UUID, date]:
    """The projects that have running clocks with their due dates."""
    return (
        sa.select(col(ClockRow.project_id), sa.func.min(col(ClockRow.due)).label("due"))
        .where(runs())
        .group_by(col(ClockRow.project_id))
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
LINED = (
    "id", "code", "name", "enterprise", "league", "banner", "industry", "stage", "efficiency_class", "disposition",
    "disposition_if_confirmed", "equivalent_tce", "in_focus", "near_line", "case_state", "halted_on", "findings",
    "units", "version", "changed_at",
)  # fmt: skip
"""What a line of the list shows of a project."""
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
    if words := chosen.get("words"):
        made["narrowed"] = search.narrowed(words)
        made["words"] = search.held(words)
    if chosen.get("picked") is not None:
        made["picked"] = col(ProjectRow.id).in_(chosen["picked"])
    if chosen.get("left_out"):
        made["left_out"] = col(ProjectRow.id).not_in(chosen["left_out"])
    if chosen.get("rests_on"):
        made["rests_on"] = resting_on([chosen["rests_on"]])
    if deadline := chosen.get("deadline"):
        running = running_dues().subquery()
        due = sa.select(running.c.project_id)
        if deadline == "overdue":
            due = _overdue(today)
        elif deadline in DAYS:
            due = due.where(running.c.due.between(today, today + timedelta(days=DAYS[deadline])))
        made["deadline"] = col(ProjectRow.id).in_(due)
    return made


def _overdue(today: date) -> sa.Select[UUID]:
    """The projects with a running clock whose due date passed and that is not stayed."""
    return sa.select(col(ClockRow.project_id)).where(runs(), col(ClockRow.due) < today, ~stayed(today))


def resting_on(refs: Sequence[str]) -> sa.ColumnElement[bool]:
    """Projects whose result rests on any of these rules."""
    return sa.or_(*(col(ProjectRow.basis_refs).contains(f" {ref} ", autoescape=True) for ref in refs))


def count(session: Session, made: Mapping[str, sa.ColumnElement[bool]]) -> int:
    """How many projects there are under the conditions."""
    query = sa.select(sa.func.count()).select_from(ProjectRow).where(*made.values())
    return session.execute(query).scalar_one()


def up_to(session: Session, most: int) -> int:
    """How many projects there are, counted up to `most`."""
    some = sa.select(sa.literal(1)).select_from(ProjectRow).limit(most).subquery()
    return session.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()


FACETS = ("league", "industry", "stage", "efficiency_class", "disposition", "case_state", "banner")
"""The last, of which there are many, is counted within a league only."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many projects there are of each combination of the values of `parts`."""

    parts: tuple[str, ...]
    combinations: list[tuple[tuple[Any, ...], int]]
    """Voided projects are among them; they count where they are asked for."""
    running: list[tuple[tuple[Any, ...], int]]
    """Of those whose clock runs, whatever deadline is chosen: each with how near the due date is as a last value."""
    chosen: Mapping[str, Any]
    """The values that the filter asks for."""

    def of(self, part: str) -> dict[Any, int]:
        """The number of projects by value of one facet, under the other facets' chosen values."""
        found: dict[Any, int] = {}
        place, counts = self.parts.index(part), self._counted(part)
        for values, number in self.combinations:
            if counts(values):
                found[values[place]] = found.get(values[place], 0) + number
        return found

    def deadlines(self) -> dict[str, int]:
        """The number of projects by how near the due date is, under all chosen values."""
        found: dict[str, int] = {}
        counts = self._counted("")
        for values, number in self.running:
            if counts(values):
                for name in NEARNESS[values[-1]]:
                    found[name] = found.get(name, 0) + number
        return found

    def total(self) -> int:
        """The number of projects under all chosen values."""
        counts = self._counted("")
        return sum(number for values, number in self.combinations if counts(values))

    def _counted(self, part: str) -> Callable[[tuple[Any, ...]], bool]:
        """Whether a combination has the values that are chosen, whatever that of `part`."""
        others = [(self.parts.index(name), value) for name, value in self.chosen.items() if name != part]
        state = self.parts.index("case_state")
        hidden = None if part == "case_state" or self.chosen.get("case_state") is CaseState.VOID else CaseState.VOID
        return lambda values: values[state] != hidden and all(values[place] == value for place, value in others)


NEARNESS = (
    ("overdue", "running"), ("30", "60", "90", "running"), ("60", "90", "running"), ("90", "running"), ("running",),
)  # fmt: skip
"""Overdue, due within 30, 60, 90 days, later -> the conditions on deadlines under which such a project is listed."""


def nearness(today: date) -> sa.Select[UUID, int]:
    """The projects whose clock runs, each with how near the due date is: its place in NEARNESS."""
    clocks = running_dues().add_columns(sa.func.min(sa.case((stayed(today), 1), else_=0)).label("stayed")).subquery()
    place = sa.case(
        (sa.and_(clocks.c.due < today, clocks.c.stayed == 0), 0),
        (clocks.c.due < today, len(NEARNESS) - 1),  # stayed: it runs, and is not overdue
        *((clocks.c.due <= today + timedelta(days=days), place) for place, days in enumerate(DAYS.values(), start=1)),
        else_=len(NEARNESS) - 1,
    )
    return sa.select(clocks.c.project_id, place.label("nearness"))


def facets_of(chosen: Mapping[str, Any]) -> tuple[str, ...]:
    """The facets that are counted under a filter."""
    return FACETS if chosen.get("league") or chosen.get("banner") else FACETS[:-1]


def tally(
    session: Session, made: Mapping[str, sa.ColumnElement[bool]], chosen: Mapping[str, Any], *, today: date
) -> Tally:
    """Counts all facets in one pass over the projects that the rest of the filter leaves, and one over the clocks."""
    parts = facets_of(chosen)
    rest = {name: condition for name, condition in made.items() if name not in (*FACETS, "present")}
    query = _combined(parts, *_looked_through(session, rest, chosen.get("words")))
    combinations = [(tuple(row[:-1]), int(row[-1])) for row in session.execute(query)]
    rest.pop("deadline", None)
    near, where = _looked_through(session, rest, chosen.get("words"))
    running_ones = nearness(today).subquery()
    columns = [*(near.c[part] for part in parts), running_ones.c.nearness]
    due = (
        sa.select(*columns, sa.func.count())
        .join_from(near, running_ones, running_ones.c.project_id == near.c.id)
        .where(*where)
        .group_by(*columns)
    )
    running = [(tuple(row[:-1]), int(row[-1])) for row in session.execute(due)]
    present = {part: chosen[part] for part in FACETS if chosen.get(part) is not None}
    return Tally(parts, combinations, running, present)


def _combined(parts: Sequence[str], near: sa.FromClause, where: Sequence[Any]) -> sa.Select[Any]:
    """The combinations of the parts' values with the number of projects of each."""
    if "combination" not in near.c:
        columns = [near.c[part] for part in parts]
        return sa.select(*columns, sa.func.count()).where(*where).group_by(*columns)
    # One number is grouped much faster than six texts.
    named, count = search.COMBINATIONS, sa.func.count().label("projects")
    keys = [near.c.combination, *(near.c[part] for part in parts if part not in search.COMBINED)]
    counted = sa.select(*keys, count).where(*where).group_by(*keys).subquery()
    columns = [(named if part in search.COMBINED else counted).c[part] for part in parts]
    return sa.select(*columns, counted.c.projects).join_from(counted, named, named.c.number == counted.c.combination)


def _looked_through(
    session: Session, made: Mapping[str, sa.ColumnElement[bool]], words: Sequence[str] | None
) -> tuple[sa.FromClause, list[Any]]:
    """The projects to look through, those that hold the words where there are any, and the rest of the conditions."""
    if not words:
        return ProjectRow.__table__, list(made.values())  # type: ignore[attr-defined]
    near, hold = search.holding(list(words), sqlite=session.get_bind().dialect.name == SQLITE)
    rest = [condition for name, condition in made.items() if name not in ("narrowed", "words")]
    return near, [*hold, *(search.among(near, condition) for condition in rest)]


def page(
    session: Session,
    made: Mapping[str, sa.ColumnElement[bool]],
    *,
    sort: str,
    offset: int = 0,
    limit: int | None = None,
    total: int = 0,
    words: Sequence[str] = (),
    whole: bool = False,
) -> Iterator[tuple[ProjectRow, date | None]]:
    """The projects, `whole` or as rows of the columns LINED, with the due date of their running clock.

    The `total` of projects under the conditions, if known, says how to find one page fast. The `words` are those that
    the conditions ask for.
    """
    key, falls = sort.removeprefix("-"), sort.startswith("-")
    columns = [SORTED_BY[key], *(() if key == "name" else (col(ProjectRow.name),)), col(ProjectRow.id)]
    order = [column.desc() if falls else column.asc() for column in columns]
    if key in CAN_BE_BLANK:
        order[0] = order[0].nulls_last()
    wanted = dict(made)
    lined = (ProjectRow.__table__.c[name] for name in LINED)  # type: ignore[attr-defined]
    query: sa.Select[Any] = sa.select(*((ProjectRow,) if whole else lined), running_due().label("due"))
    if limit is None:
        query = query.where(*wanted.values())
    else:
        # Which fifty is said by an index alone; only these are then read.
        if total > MANY or not words:
            wanted.pop("narrowed", None)
            if total > MANY and session.get_bind().dialect.name == SQLITE:
                wanted = {name: _only_checked(condition) for name, condition in wanted.items()}
            found_by = sa.select(col(ProjectRow.id)).where(*wanted.values()).order_by(*order)
        else:
            near, where = _looked_through(session, wanted, words)
            found_by = sa.select(near.c.id).where(*where).order_by(*(search.among(near, column) for column in order))
        query = query.where(col(ProjectRow.id).in_(found_by.offset(offset).limit(limit)))
    found = session.execute(query.order_by(*order).execution_options(yield_per=500 if limit is None else None))
    try:
        for row in found:
            shown: Any = row[0] if whole else row
            yield shown, row.due
    finally:
        found.close()


def these(session: Session, keys: Sequence[UUID], *, by: Person) -> list[tuple[Any, date | None]]:
    """Rows of the columns LINED of these projects in their order, as far as they lie in the scope, like a `page`."""
    found = {row.id: row for row in session.connection().execute(THESE.where(within(by)), {"these": keys})}
    return [(found[key], found[key].due) for key in keys if key in found]


THESE: sa.Select[Any] = sa.select(
    *(ProjectRow.__table__.c[name] for name in LINED),  # type: ignore[attr-defined]
    running_due().label("due"),
).where(col(ProjectRow.id).in_(sa.bindparam("these", expanding=True)))
"""Put together once."""


def _only_checked(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition as SQLite will not look it up in an index, so that it goes along the index that is in order."""
    return sa.type_coerce(condition, sa.Integer) == 1


def class_order(efficiency: EfficiencyClass) -> int:
    """The place of a class from best to worst."""
    return list(EfficiencyClass).index(efficiency)


def due_of(session: Session, project: UUID) -> date | None:
    """The due date of the project's running clock."""
    query = sa.select(sa.func.min(col(ClockRow.due))).where(col(ClockRow.project_id) == project, runs())
    return session.execute(query).scalar_one()


def _pressing(on: date) -> sa.Select[UUID, date]:
    """The running retrofit clocks that are not stayed on that day: when their due dates pass, exit is proposed."""
    return (
        sa.select(col(ClockRow.project_id), sa.func.min(col(ClockRow.due)).label("due"))
        .join(LetterRow, col(LetterRow.id) == col(ClockRow.letter_id))
        .where(runs(), col(LetterRow.kind) == LetterKind.RETROFIT.value, ~stayed(on))
        .group_by(col(ClockRow.project_id))
    )


def retrofit_due(session: Session, project: UUID, *, on: date) -> date | None:
    """The due date of the project's running retrofit clock; None while it is stayed on that day."""
    row = session.execute(_pressing(on).where(col(ClockRow.project_id) == project)).first()
    return row[1] if row else None


def retrofit_dues(session: Session, *, on: date) -> dict[UUID, date]:
    """The same of all projects that have one."""
    return dict(session.execute(_pressing(on)).all())


def outdated(session: Session, *, version: str, refs: Sequence[str] = ()) -> Iterator[ProjectRow]:
    """Projects whose stored result was made by other rules, or rests on one of `refs`."""
    condition = col(ProjectRow.rules_version) != version
    if refs:
        condition = resting_on(refs)
    yield from session.execute(sa.select(ProjectRow).where(condition).order_by(col(ProjectRow.id))).scalars()
