"""文号: the series of a letter, its number given in the signing transaction, the offices' patterns, the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import Letter, LetterInputs, LetterKind, Office, office_of
from screening.domain.lists import Cell, Column, Group, Listing, Look
from screening.domain.numbering import KIND, MARK, NumberGroup, Pattern, Series, group_of, read_pattern
from screening.domain.people import Permission, Person
from screening.domain.review import LetterState
from screening.domain.rules import RegionLevel, Rulebook
from screening.services import Ledger
from screening.services.lines import region_name, signature
from screening.store import cases, numbers, people, trail
from screening.store import registry as store
from screening.wording import compose

NUMBERED: Final = tuple(kind for kind in LetterKind if kind is not LetterKind.RECEIPT)
"""The kinds that have numbers of their own: a receipt stands under that of its letter."""


@dataclass(frozen=True, slots=True)
class Number:
    """A place in a series."""

    series: Series
    serial: int

    @property
    def text(self) -> str:
        """As the letter bears it."""
        return self.series.number(self.serial)


def pattern_of(session: Session, book: Rulebook, office: str, kind: LetterKind, day: date) -> Pattern:
    """The pattern that holds for a kind of letter on a day: the office's own, else that of the rules."""
    own = numbers.pattern(session, office, group_of(kind.words), day)
    return read_pattern(own.pattern if own else book.number_pattern)


def series_of(session: Session, book: Rulebook, office: Office, kind: LetterKind, day: date) -> Series:
    """The series in which a letter of that kind is numbered when its signed day is `day`."""
    pattern = pattern_of(session, book, office.code, kind, day)
    return pattern.series(office.mark, book.kind_words[kind.value], day.year)


def drafted(session: Session, book: Rulebook, inputs: LetterInputs, day: date) -> Letter:
    """A letter before it has its number: year and serial are blank behind the words of its own series."""
    series = series_of(session, book, inputs.office, inputs.kind, day)
    return replace(compose(inputs), blank_number=f"{series.head}〔　　〕　号")


class Expected:
    """The numbers that come next if nobody signs before: letters are rendered with them, then given for good."""

    def __init__(self) -> None:
        self._last: dict[Series, int] = {}

    def next(self, session: Session, book: Rulebook, office: Office, kind: LetterKind, day: date) -> Number:
        """The number that this letter gets after those that were asked for before."""
        series = series_of(session, book, office, kind, day)
        known = self._last.get(series)
        self._last[series] = (numbers.last(session, series) if known is None else known) + 1
        return Number(series, self._last[series])


def take(session: Session, book: Rulebook, office: Office, kind: LetterKind, day: date) -> Number:
    """The next number of the letter's series, in the caller's transaction: none is lost, none is given twice."""
    series = series_of(session, book, office, kind, day)
    return Number(series, numbers.take(session, series, office=office.code))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """How a group of letters is numbered today, by whose pattern, what its kinds get next, and what is planned.

    `version` counts the patterns that were entered for any group; `history` is all of this one, the newest first.
    """

    group: NumberGroup
    pattern: str
    by_rules: bool
    since: date | None
    kinds: tuple[tuple[str, str], ...]
    version: int
    history: tuple[PatternLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternLine:
    """A pattern as it was entered; `state` says whether it holds, comes, or held."""

    pattern: str
    from_day: date
    reason: str
    by: str
    at: datetime
    state: str


def rules_of(ledger: Ledger, *, by: Person, today: date) -> tuple[GroupRule, ...]:
    """The patterns of the person's own office, group by group."""
    with ledger.reader() as session:
        office = office_of(ledger.rules, by.scope)
        rows = numbers.patterns(session, by.scope)
        names = people.names(session, {who for row in rows for who in (row.by, row.for_whom)})
        found = []
        for group in NumberGroup:
            own = [row for row in rows if NumberGroup(row.group) is group]
            holds = numbers.pattern(session, by.scope, group, today)
            kinds = tuple(
                (kind.words, Expected().next(session, ledger.rules, office, kind, today).text)
                for kind in NUMBERED
                if group_of(kind.words) is group
            )
            history = tuple(
                PatternLine(
                    pattern=row.pattern,
                    from_day=row.from_day,
                    reason=row.reason,
                    by=signature(names, row.by, row.for_whom),
                    at=row.at,
                    state="现行" if row is holds else "待施行" if row.from_day > today else "已停用",
                )
                for row in own
            )
            found.append(
                GroupRule(
                    group=group,
                    pattern=holds.pattern if holds else ledger.rules.number_pattern,
                    by_rules=holds is None,
                    since=holds.from_day if holds else None,
                    kinds=kinds,
                    version=len(rows),
                    history=history,
                )
            )
    return tuple(found)


def change(
    ledger: Ledger,
    group: NumberGroup,
    *,
    pattern: str,
    from_day: date,
    reason: str,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> Pattern:
    """Numbers a group of the own office's letters by another pattern from a day on; no number given before changes.

    Refused for a day that is past, for what GB/T 9704 or the fonts do not have, and for another office's words.
    """
    if not by.may(Permission.SERVE):
        raise Forbidden(f"{by.role.words}不能变更文号规则。请由本机关文书室办理。")
    read, today = read_pattern(pattern), day_of(at)
    if from_day < today:
        raise Refusal(f"施行日期{chinese(from_day)}已过。已编的文号不变，请填写今天或者以后的日期。", field="from_day")
    if not reason.strip():
        raise Refusal("请写明变更文号规则的依据。", field="reason")
    printing.demand_printable([("文号规则", read.head.replace(MARK, "").replace(KIND, ""))])
    with ledger.writer() as session:
        before = numbers.pattern_of_key(session, key)
        if before is not None:
            if (before.office, before.by, before.pattern) != (by.scope, by.id, read.text):
                raise Conflict("这份表单已用于另一项变更。请刷新页面后重新办理。")
            return read
        office = office_of(ledger.rules, by.scope)
        for kind in LetterKind:
            if group_of(kind.words) is group:
                head = read.series(office.mark, ledger.rules.kind_words[kind.value], today.year).head
                demand_own(session, ledger.rules, head, office.code, field="pattern")
        if len(numbers.patterns(session, by.scope)) != seen:
            raise Conflict("本机关的文号规则刚由他人变更。请刷新页面查看。")
        holds = numbers.pattern(session, by.scope, group, from_day)
        if read.text == (holds.pattern if holds else ledger.rules.number_pattern):
            raise Refusal(f"{chinese(from_day)}有效的规则就是“{read.text}”，不需要变更。", field="pattern")
        session.add(
            numbers.NumberPatternRow(
                id=uuid4(), key=key, office=by.scope, group=group, pattern=read.text, from_day=from_day,
                version=seen + 1, reason=reason.strip(), by=by.id,
                for_whom=by.stands_for.id if by.stands_for else None, at=at,
            )
        )  # fmt: skip
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.NUMBER_RULE_CHANGED,
                subject=f"office:{by.scope}",
                why=reason.strip(),
                before={"pattern": holds.pattern if holds else ledger.rules.number_pattern},
                after={"group": group.value, "pattern": read.text, "from_day": from_day.isoformat()},
            ),
        )
    return read


def demand_own(session: Session, book: Rulebook, head: str, office: str, *, field: str) -> None:
    """Refuses words before the year under which another office numbers, has numbered, or may number by its pattern."""
    others = numbers.owner(session, head) - {office}
    if not others:
        entered = [row for row in numbers.patterns(session) if row.office != office]
        codes = {row.code for row in book.offices} | {
            code for code, region in book.regions_by_code.items() if region.level is RegionLevel.BANNER
        }
        for code in sorted(codes - {office}):
            mark = office_of(book, code).mark
            patterns = {book.number_pattern, *(row.pattern for row in entered if row.office == code)}
            if any(
                read_pattern(text).series(mark, word, 2000).head == head
                for text in patterns
                for word in book.kind_words.values()
            ):
                others = {code}
                break
    if others:
        name = office_of(book, min(others)).name
        raise Refusal(f"“{head}”是{name}的文号。请改用本机关的机关代字。", field=field)


# -- the register -----------------------------------------------------------------------------------------------------

TITLE: Final = "文号登记簿"
COLUMNS: Final = (
    Column("number", "文号", 96),
    Column("kind", "文书种类", 70),
    Column("to", "收文单位", 110),
    Column("name", "项目名称", 110),
    Column("signed_on", "签发日期", 54, Look.SHORT),
    Column("state", "状态", 40, Look.SHORT),
    Column("by", "编号人", 48, Look.SHORT),
    Column("day", "编号日期", 54, Look.SHORT),
    Column("note", "备注", 90),
)
NOTE: Final = (
    "每一机关、每一系列（机关代字和年份）从1号起，自动编号连续；作废、重发的文号各自保留，不再使用。"
    "补录的纸质文书占用其文号，以后的自动编号从其后开始，其间没有登记的序号列为“空号”。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The register of a year: `ids` are the letters of its rows, None where a row names a gap."""

    listing: Listing
    ids: tuple[tuple[UUID | None, ...], ...]
    years: tuple[int, ...]
    year: int | None
    gaps: int


def register(ledger: Ledger, *, by: Person, today: date, year: int | None = None) -> Registered:
    """Every number that the person's office and those below it gave or took, void and late ones too; gaps are named."""
    with ledger.reader() as session:
        rows = numbers.register(session, by=by, year=year)
        names = people.names(session, {who for row, _ in rows for who in (row.signed_by, row.signed_for)})
        years = numbers.years(session, by=by)
    groups, ids, gaps = [], [], 0
    for (office, series), part in groupby(rows, key=lambda full: (full[0].office, full[0].series)):
        cells: list[tuple[Cell, ...]] = []
        keys: list[UUID | None] = []
        coming = 1
        for row, project in part:
            if row.serial > coming:
                gaps += row.serial - coming
                cells.append(_gap(series, coming, row.serial - 1))
                keys.append(None)
            coming = max(coming, row.serial + 1)
            cells.append(_cells(row, project, names))
            keys.append(row.id)
        groups.append(Group(f"{office_of(ledger.rules, office).name}　{series}", tuple(cells)))
        ids.append(tuple(keys))
    place = () if by.scope.endswith("0000") else (region_name(ledger, by.scope),)
    return Registered(
        listing=Listing(
            title=TITLE,
            office=office_of(ledger.rules, by.scope).name,
            day=today,
            conditions=(*place, *([f"{year}年"] if year else [])),
            columns=COLUMNS,
            groups=tuple(groups),
            grouped_by="机关和系列",
            counted="行",
            notes=(NOTE,),
        ),
        ids=tuple(ids),
        years=tuple(years),
        year=year,
        gaps=gaps,
    )


def _gap(series: str, first: int, last: int) -> tuple[Cell, ...]:
    span = f"{first}号" if first == last else f"{first}—{last}号"
    words = f"没有登记，共{last - first + 1}个序号；有纸质文书的请补录"
    return (f"{series}{span}", None, None, None, None, "空号", None, None, words)


def _cells(
    row: cases.LetterRow, project: store.ProjectRow, names: Mapping[UUID | None, people.PersonRow]
) -> tuple[Cell, ...]:
    inputs, entered = LetterInputs.from_json(row.inputs), day_of(row.signed_at)
    said = []
    if row.scan_id is not None:
        late = (entered - row.signed_on).days
        said.append(f"纸质补录，晚{late}天" if late else "纸质补录")
    if row.void_reason:
        said.append(f"作废：{row.void_reason}")
    return (
        row.number,
        inputs.kind.words,
        inputs.recipient or inputs.enterprise,
        project.name,
        row.signed_on,
        LetterState(row.state).words,
        signature(names, row.signed_by, row.signed_for),
        entered,
        "；".join(said) or None,
    )
