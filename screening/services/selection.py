"""Rows ticked over all pages of the ledger: one by one, or all of a filter but a few; and what became of them since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from screening.domain.errors import Forbidden, Refusal
from screening.domain.people import Permission, Person
from screening.domain.review import CaseState, waits_for
from screening.services import Ledger, review
from screening.services.dispositions import DUE_NEEDED
from screening.services.registry import PER_PAGE, Filter, LedgerPage, list_projects
from screening.services.review import DECIDABLE
from screening.services.views import ProjectLine
from screening.store import registry as store

MOST: Final = 2000
"""Rows ticked, or left out of all, one by one; an address holds no more."""
AT_ONCE: Final = 100
"""Projects of one bulk move."""
OUTSIDE: Final = "已不在您管辖的台账中"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is ticked: `picked` one by one; or, with `all_of` (how many there were then), all but `left_out`."""

    picked: tuple[UUID, ...] = ()
    all_of: int | None = None
    left_out: tuple[UUID, ...] = ()

    @classmethod
    def read(
        cls, picks: Iterable[str], *, all_of: str | None = None, skips: Iterable[str] = (), rows: Iterable[str] = ()
    ) -> Selection:
        """From a form: with `all_of`, a row of `rows` (those shown) that is not among `picks` was unticked."""
        if not all_of:
            return cls(picked=_ids(picks))
        if not (all_of.isascii() and all_of.isdigit() and len(all_of) < 10):
            raise Refusal(f"选中全部的条数为“{all_of}”，应为数字。请回到台账重新勾选。", field="all")
        ticked = set(_ids(picks))
        shown = _ids(rows)
        unticked = [row for row in shown if row not in ticked]
        kept = [key for key in _ids(skips) if key not in ticked and key not in shown]
        return cls(all_of=int(all_of), left_out=_limited((*kept, *unticked)))

    @property
    def count(self) -> int:
        """How many rows the person ticked."""
        return len(self.picked) if self.all_of is None else max(0, self.all_of - len(self.left_out))

    def __bool__(self) -> bool:
        """Whether anything is ticked."""
        return self.count > 0

    def holds(self, project: UUID) -> bool:
        """Whether the row is ticked."""
        return project in self.picked if self.all_of is None else project not in self.left_out

    def over(self, filters: Filter) -> Filter:
        """The ticked rows as a filter; rows ticked one by one stay so whatever became of the filter's other parts."""
        if self.all_of is not None:
            return replace(filters, left_out=self.left_out)
        void = filters.case_state if filters.case_state is CaseState.VOID else None
        return Filter(sort=filters.sort, page=filters.page, case_state=void, picked=self.picked)

    def query(self) -> dict[str, list[str]]:
        """Names and values for an address."""
        if self.all_of is not None:
            return {"all": [str(self.all_of)], "skip": [key.hex for key in self.left_out]}
        return {"pick": [key.hex for key in self.picked]}


def _ids(texts: Iterable[str]) -> tuple[UUID, ...]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            raise Refusal("勾选的内容有误。请回到台账重新勾选。", field="pick") from None
    return _limited(found)


def _limited(ids: Sequence[UUID]) -> tuple[UUID, ...]:
    found = tuple(dict.fromkeys(ids))
    if len(found) > MOST:
        raise Refusal(f"逐条勾选最多{MOST}条。请先用条件筛选，再选中全部。", field="pick")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A ticked row that nothing is done with, and why; no name where it lies outside the scope."""

    name: str | None
    why: str
    project: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is there of a selection now: `there` of `ticked`, a page of them, and those that are gone."""

    ticked: int
    there: int
    page: LedgerPage
    skipped: tuple[Skipped, ...]
    since: str | None
    """How the rows of the filter changed since all of them were ticked."""


def look(ledger: Ledger, chosen: Selection, filters: Filter, *, by: Person, today: date) -> Looked:
    """What became of the ticked rows: counted again within the scope, missing ones named."""
    page = list_projects(ledger, chosen.over(filters), by=by, today=today)
    skipped: list[Skipped] = []
    since = None
    if chosen.all_of is None:
        with ledger.reader() as session:
            known = store.standing(session, chosen.picked, by=by)
        for key in chosen.picked:
            name, state = known.get(key, (None, None))
            if name is None:
                skipped.append(Skipped(name=None, why=OUTSIDE))
            elif state is CaseState.VOID and filters.case_state is not CaseState.VOID:
                skipped.append(Skipped(name=name, why="已作废", project=key))
    elif page.total != chosen.count:
        since = f"选中全部时共{chosen.count}条，现在符合条件的有{page.total}条：台账在此期间有变化，以现在的为准。"
    return Looked(ticked=chosen.count, there=page.total, page=page, skipped=tuple(skipped), since=since)


# -- what is done with them ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A ticked project before a bulk recommendation; `obstacle` says why it will be passed over."""

    line: ProjectLine
    obstacle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a bulk move did: of `ticked`, these; and these not, each with the reason."""

    ticked: int
    done: tuple[tuple[UUID, str, str], ...]
    """Project, name, disposition in words."""
    skipped: tuple[Skipped, ...]


def ready(ledger: Ledger, chosen: Selection, filters: Filter, *, by: Person, today: date) -> tuple[Ready, ...]:
    """The ticked projects for a bulk recommendation; Refusal where they are more than AT_ONCE."""
    found: list[ProjectLine] = []
    wanted = replace(chosen.over(filters), page=1)
    while True:
        page = list_projects(ledger, replace(wanted, page=len(found) // PER_PAGE + 1), by=by, today=today)
        if page.total > AT_ONCE:
            raise Refusal(f"一次最多办理{AT_ONCE}个项目，现勾选{page.total}个。请分批办理。", field="pick")
        found.extend(page.rows)
        if len(found) >= page.total or not page.rows:
            return tuple(Ready(line=line, obstacle=_obstacle(line, by)) for line in found)


def _obstacle(line: ProjectLine, by: Person) -> str | None:
    if line.case_state not in waits_for(by):
        return f"现为“{line.case_state.words}”，不在待审核环节"
    if line.disposition not in DECIDABLE:
        return f"系统建议“{line.disposition.words}”，不能由此批量提出"
    if line.disposition_if_confirmed:
        return "有检出的情形尚未认定"
    return None


def recommend(
    ledger: Ledger,
    items: Sequence[tuple[UUID, int]],
    *,
    reason: str,
    due: date | None,
    key: str,
    by: Person,
    at: datetime,
    today: date,
) -> Done:
    """Recommends for each project (with the version that was seen) what the program proposes, for the same reason.

    Each project is a transaction of its own: what is refused is passed over with the reason, the rest is done. The
    same key again gives the same result and writes nothing twice.
    """
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能提出处置建议。请由审核员办理。")
    if not reason.strip():
        raise Refusal("请写明理由。", field="reason")
    if len(items) > AT_ONCE:
        raise Refusal(f"一次最多办理{AT_ONCE}个项目，现勾选{len(items)}个。请分批办理。", field="pick")
    with ledger.reader() as session:
        known = store.standing(session, [project for project, _ in items], by=by)
    done, skipped = [], []
    for project, seen in items:
        name = known[project][0] if project in known else None
        try:
            offered = review.choices(ledger, project, by=by, today=today)
            made = review.recommend(
                ledger,
                project,
                disposition=offered.proposed,
                reason=reason,
                due=(due or offered.due) if offered.proposed in DUE_NEEDED else None,
                seen=seen,
                key=f"{key}:{project}",
                by=by,
                at=at,
            )
            done.append((project, name or "", made.disposition.words))
        except Refusal as refusal:
            skipped.append(
                Skipped(name=name, why=refusal.message if name else OUTSIDE, project=project if name else None)
            )
    return Done(ticked=len(items), done=tuple(done), skipped=tuple(skipped))
