"""Saved views of the ledger (a query, its order and its columns under a name) and the columns that a person chose.

A view holds no rows: whoever opens it sees what lies within his or her own scope. Views are kept per person; a shared
one is seen by the people of the same division and changed by its owner alone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold
from screening.services import Ledger
from screening.services.lists import words_of
from screening.services.registry import Filter
from screening.store import saved as store
from screening.store import trail

COLUMNS: Final = {
    "name": "项目名称",
    "enterprise": "建设单位",
    "league": "盟市 · 旗县",
    "industry": "行业",
    "stage": "状态",
    "tce": "年综合能耗",
    "class": "能效分类",
    "disposition": "拟处置",
    "state": "环节",
    "code": "项目代码",
    "units": "装置数",
    "findings": "待核实情形",
    "due": "到期日",
    "changed": "变更时间",
}
"""Every column that the ledger's page can show, by key; the name, which leads to the project, always stands first."""
USUAL: Final = ("name", "enterprise", "league", "industry", "stage", "tce", "class", "disposition", "state")
LONGEST_NAME: Final = 40
MOST: Final = 50
_PARTS: Final = {
    "league": "盟市", "banner": "旗县", "industry": "行业", "stage": "建设状态", "class": "能效分类",
    "disposition": "拟处置", "state": "办理环节", "focus": "能耗规模", "near": "近线", "findings": "六种情形",
    "deadline": "期限", "rule": "依据规则", "sort": "排序", "columns": "列",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view: `query` opens it (names and values of the ledger's address, without what no longer exists).

    `gone` says in words what it asked for and what no longer exists; `words` are its conditions.
    """

    id: UUID
    name: str
    owner: str
    mine: bool
    shared: bool
    default: bool
    version: int
    query: Mapping[str, str]
    columns: tuple[str, ...]
    words: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def address(self) -> dict[str, str]:
        """Query and columns together, as the ledger's address takes them."""
        return {"sort": "name", **self.query, "columns": ".".join(self.columns)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a person keeps: the views to open, the columns chosen (None: the usual), the view that opens first."""

    views: tuple[View, ...]
    columns: tuple[str, ...] | None
    default: View | None


def ordered(keys: Iterable[str]) -> tuple[str, ...]:
    """The known columns among `keys`, each once, the name first; the usual ones where none is known."""
    known = [key for key in dict.fromkeys(keys) if key in COLUMNS and key != "name"]
    return ("name", *known) if known else USUAL


def _demand(by: Person) -> None:
    if not by.may(Permission.READ):
        raise Forbidden(f"{by.role.words}不能查看台账，也不能保存台账的视图。")


def sifted(ledger: Ledger, query: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What of a saved query still exists, and in words what does not."""
    kept, gone = {}, []
    for name, value in query.items():
        try:
            understood = Filter.read({name: value}).query(page=1)
        except Refusal:
            understood = {}
        known: Container[str] | None = {
            "league": ledger.rules.regions_by_code,
            "banner": ledger.rules.regions_by_code,
            "rule": ledger.rules.rules_by_ref,
        }.get(name)  # type: ignore[assignment]  # maps of different things
        if name not in understood and (name, value) != ("sort", "name"):
            gone.append(f"{_PARTS.get(name, name)}“{value}”")
        elif known is not None and value not in known:
            gone.append(f"{_PARTS[name]}“{value}”")
        else:
            kept.update(understood)
    return kept, tuple(gone)


def _view(
    ledger: Ledger, row: store.SavedViewRow, owner: str, *, by: Person, default: UUID | None, whole: bool = True
) -> View:
    query = dict(parse_qsl(row.query))
    kept, gone = sifted(ledger, query) if whole else (query, ())
    keys = row.column_keys.split(".")
    lost = tuple(f"{_PARTS['columns']}“{key}”" for key in keys if key not in COLUMNS)
    return View(
        id=row.id,
        name=row.name,
        owner=owner,
        mine=row.owner_id == by.id,
        shared=row.shared,
        default=row.id == default,
        version=row.version,
        query=kept,
        columns=ordered(keys),
        words=words_of(ledger, Filter.read(kept)) if whole else (),
        gone=gone + lost,
    )


def desk(ledger: Ledger, *, by: Person, whole: bool = False) -> Desk:
    """The person's views and columns; `whole` also says in words what each view asks for."""
    _demand(by)
    with ledger.reader() as session:
        preferred, rows = store.kept(session, by=by)
        default = preferred.default_view_id if preferred else None
        found = tuple(_view(ledger, row, owner, by=by, default=default, whole=whole) for row, owner in rows)
        columns = ordered(preferred.column_keys.split(".")) if preferred and preferred.column_keys else None
    return Desk(views=found, columns=columns, default=next((view for view in found if view.default), None))


def show(ledger: Ledger, view: UUID, *, by: Person) -> View:
    """One view to be opened; NotFound where it is neither the person's own nor shared in the office."""
    _demand(by)
    with ledger.reader() as session:
        row, owner = store.get(session, view, by=by)
        preferred = store.preference(session, by=by)
        return _view(ledger, row, owner, by=by, default=preferred.default_view_id if preferred else None)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise Refusal("请填写视图的名称，例如：包头市低于基准。", field="name")
    if len(name) > LONGEST_NAME:
        raise Refusal(f"视图的名称共{len(name)}字，请不超过{LONGEST_NAME}字。", field="name")
    if not name.isprintable():
        raise Refusal("视图的名称中有不可见的字符。请重新输入。", field="name")
    return name


def _facts(row: store.SavedViewRow) -> dict[str, str | bool | int]:
    return {
        "name": row.name, "query": row.query, "columns": row.column_keys, "shared": row.shared, "version": row.version,
    }  # fmt: skip


def _record(
    session: Session, kind: Happening, row: store.SavedViewRow, before: Mapping[str, object] | None, *, by: Person,
    at: datetime, removed: bool = False,
) -> None:  # fmt: skip
    after = None if removed else _facts(row)
    event = Event(at=at, who=by, kind=kind, subject=f"view:{row.id}", before=before, after=after)
    trail.record(session, event)


def save(
    ledger: Ledger,
    *,
    name: str,
    filters: Filter,
    columns: Sequence[str],
    shared: bool,
    default: bool = False,
    replace: int | None = None,
    key: str,
    by: Person,
    at: datetime,
) -> View:
    """Keeps filter, order and columns under a name; `replace` is the seen version of the own view of that name.

    Conflict (field `name`) where there is such a view and it is not to be replaced. The same key again changes nothing.
    """
    _demand(by)
    name = _name(name)
    query = urlencode(filters.query(page=1))
    with ledger.writer() as session:
        row = store.of_key(session, key)
        if row is not None and row.owner_id != by.id:
            raise Conflict("这份表单已由他人提交。请刷新页面后重新办理。")
        if row is None:
            row = store.of_name(session, fold(name), by=by)
            if row is not None and replace is None:
                raise Conflict(f"您已有视图“{row.name}”。请换一个名称，或者勾选“替换同名视图”。", field="name")
            before = None
            if row is None:
                if store.count_own(session, by=by) >= MOST:
                    raise Refusal(f"您已保存{MOST}个视图。请先在“视图”页删除不用的。", field="name")
                row = store.SavedViewRow(
                    id=uuid4(), key=key, owner_id=by.id, office=by.scope, name=name, name_folded=fold(name),
                    query=query, column_keys=".".join(ordered(columns)), shared=shared, saved_at=at,
                )  # fmt: skip
                session.add(row)
            else:
                row = store.own(session, row.id, by=by, seen=replace or 0)
                before = _facts(row)
                row.query, row.column_keys, row.shared = query, ".".join(ordered(columns)), shared
                row.name, row.key, row.saved_at, row.version = name, key, at, row.version + 1
            session.flush()
            if default:
                store.prefer(session, by=by, at=at).default_view_id = row.id
            _record(session, Happening.VIEW_CHANGED if before else Happening.VIEW_SAVED, row, before, by=by, at=at)
        preferred = store.preference(session, by=by)
        return _view(ledger, row, by.name, by=by, default=preferred.default_view_id if preferred else None)


def change(ledger: Ledger, view: UUID, *, name: str, shared: bool, seen: int, by: Person, at: datetime) -> int:
    """Renames one's own view, shares it with the office or takes it back; gives its new version."""
    _demand(by)
    name = _name(name)
    with ledger.writer() as session:
        row = store.own(session, view, by=by, seen=seen)
        if (row.name, row.shared) == (name, shared):
            return row.version
        other = store.of_name(session, fold(name), by=by)
        if other is not None and other.id != row.id:
            raise Conflict(f"您已有视图“{other.name}”。请换一个名称。", field="name")
        before = _facts(row)
        if row.shared and not shared:
            store.forget_default(session, row.id, but=by.id)
        row.name, row.name_folded, row.shared = name, fold(name), shared
        row.saved_at, row.version = at, row.version + 1
        session.flush()
        _record(session, Happening.VIEW_CHANGED, row, before, by=by, at=at)
        return row.version


def remove(ledger: Ledger, view: UUID, *, seen: int, by: Person, at: datetime) -> str:
    """Removes one's own view, for the colleagues too; gives its name."""
    _demand(by)
    with ledger.writer() as session:
        row = store.own(session, view, by=by, seen=seen)
        name = row.name
        _record(session, Happening.VIEW_REMOVED, row, _facts(row), by=by, at=at, removed=True)
        store.remove(session, row)
        return name


def open_with(ledger: Ledger, view: UUID | None, *, by: Person, at: datetime) -> None:
    """The ledger opens with this view from now on (None: with all projects)."""
    _demand(by)
    with ledger.writer() as session:
        if view is not None:
            store.get(session, view, by=by)
        store.prefer(session, by=by, at=at).default_view_id = view


def choose_columns(ledger: Ledger, columns: Sequence[str] | None, *, by: Person, at: datetime) -> None:
    """The columns that the person's ledger shows, in this order (None: the usual ones)."""
    _demand(by)
    with ledger.writer() as session:
        row = store.prefer(session, by=by, at=at)
        row.column_keys = None if columns is None else ".".join(ordered(columns))


@dataclass(frozen=True, slots=True)
class Described:
    """What would be saved, in words."""

    words: tuple[str, ...]
    columns: tuple[str, ...]


def described(ledger: Ledger, filters: Filter, columns: Sequence[str]) -> Described:
    """A filter and columns as the page of a refused saving shows them."""
    return Described(words_of(ledger, filters), tuple(COLUMNS[key] for key in ordered(columns)))


def named(ledger: Ledger, name: str, *, by: Person) -> View | None:
    """The person's own view of that name."""
    with ledger.reader() as session:
        row = store.of_name(session, fold(" ".join(name.split())), by=by)
        return _view(ledger, row, by.name, by=by, default=None) if row else None
