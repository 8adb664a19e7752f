"""A project's history field by field: who, when, old → new, why and from where; two moments compared; what is new."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from screening import clock
from screening.domain.errors import NotFound, Refusal
from screening.domain.history import Happening, moment
from screening.domain.people import Person
from screening.domain.quantity import plain
from screening.domain.registry import PROJECT_FIELDS, UNIT_FIELDS, from_facts
from screening.services import Ledger
from screening.services.changes import USES, Facts, FieldChange, differences
from screening.services.history import EventLine, told
from screening.services.lines import line, subject
from screening.services.rules import overlay
from screening.services.verdicts import judge
from screening.services.views import ProjectLine
from screening.store import registry as store
from screening.store import trail

FACTS = {Happening.PROJECT_REGISTERED, Happening.PROJECT_CHANGED}
"""Events that state facts."""
NOTHING: Facts = {
    **{field.key: None for field in PROJECT_FIELDS}, "units": [], USES: [], "known": [], "extra": [],
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event with the fields that it changed (none for an event of another kind)."""

    event: EventLine
    changes: tuple[FieldChange, ...]
    source: str
    """Where it came from: the form, or the file of an import."""
    new: bool
    """Whether it happened after the person last marked the history as seen, by somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment that can be compared: an event after which the facts stood otherwise than before."""

    seq: int
    at: datetime
    words: str
    who_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two moments side by side, the earlier first: the facts that differ, and the results that those facts give."""

    earlier: Moment
    later: Moment
    facts: tuple[FieldChange, ...]
    results: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What others made of a field since the person last looked: `old` as it was seen, `new` as it stands."""

    words: str
    old: str | None
    new: str | None
    who_name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A project that others did something to since the person last looked at its history: `count` records."""

    project: UUID
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """The history of a project, newest first; `fields` are those that ever changed, (key, words)."""

    line: ProjectLine
    entries: tuple[Entry, ...]
    fields: tuple[tuple[str, str], ...]
    field: str | None
    moments: tuple[Moment, ...]
    compared: Compared | None
    last_seq: int
    """The newest event: what the person has seen once this page is read."""
    seen_at: datetime | None
    seen_seq: int
    new: int
    fresh: Mapping[str, Fresh]
    """By the words of the field."""


def news(ledger: Ledger, *, by: Person, projects: Iterable[UUID] | None = None) -> tuple[News, ...]:
    """The projects (of these, or of all within the scope) with news for the person, those with the newest first.

    A project whose history the person never looked at has none.
    """
    with ledger.reader() as session:
        return tuple(News(project=key, name=name, count=n) for key, name, n in trail.news(session, projects, by=by))


def show(
    ledger: Ledger, project: UUID, *, by: Person, field: str | None = None, between: tuple[int, int] | None = None
) -> Chronicle:
    """The history; NotFound outside the scope; with `field` only what changed it; `between` are two events' seqs."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        events = told(session, reversed(list(trail.of_subject(session, subject(project)))))
        mark = trail.last_seen(session, person=by.id, project=project)
        files = _files(session, events)
        regions = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
        entries: list[Entry] = []
        stood: dict[int, Facts] = {}
        for event, before, after in _states(events):
            if after is not before:
                stood[event.seq] = after
            entries.append(
                Entry(
                    event=event,
                    changes=_changes(before, after, regions) if after is not before else (),
                    source=_source(event, files),
                    new=mark is not None and event.seq > mark[0] and event.who != by.login,
                )
            )
        moments = tuple(_moment(entry.event) for entry in entries if entry.event.seq in stood)
        compared = _compare(ledger, session, moments, stood, between, regions) if between else None
        fields = sorted({(c.key, _header(c)) for entry in entries for c in entry.changes}, key=lambda pair: pair[1])
        return Chronicle(
            line=line(row, store.due_of(session, row.id), ledger),
            entries=tuple(_of_field(entry, field) for entry in reversed(entries) if _told_of(entry, field)),
            fields=tuple(dict(fields).items()),
            field=field,
            moments=tuple(reversed(moments)),
            compared=compared,
            last_seq=events[-1].seq if events else 0,
            seen_at=mark[1] if mark else None,
            seen_seq=mark[0] if mark else 0,
            new=sum(entry.new for entry in entries),
            fresh=_fresh(entries),
        )


def _fresh(entries: list[Entry]) -> dict[str, Fresh]:
    """The fields of the new entries: what each was before the first of them, and what it is after the last."""
    found: dict[str, Fresh] = {}
    for entry in entries:
        for change in entry.changes if entry.new else ():
            old = found[change.words].old if change.words in found else change.old
            found[change.words] = Fresh(
                words=change.words, old=old, new=change.new, who_name=entry.event.who_name, at=entry.event.at
            )
    return {words: fresh for words, fresh in found.items() if fresh.old != fresh.new}


def mark_seen(ledger: Ledger, project: UUID, *, seq: int, by: Person, at: datetime) -> None:
    """Remembers that the person has seen the history up to `seq`; going back is ignored. It is no act on the project.

    The trail does not record it: what somebody looked at is his own bookmark and changes nothing for anybody else.
    """
    with ledger.writer() as session:
        store.get(session, project, by=by)
        newest = max((row.seq for row in trail.of_subject(session, subject(project))), default=0)
        trail.keep_last_seen(session, person=by.id, project=project, seq=min(seq, newest), at=at)


def _states(events: tuple[EventLine, ...]) -> Iterator[tuple[EventLine, Facts, Facts]]:
    """Every event with the facts before and after it, rebuilt from what the trail keeps; the same object if equal."""
    facts = NOTHING
    for event in events:
        before = facts
        if event.kind in FACTS and event.after is not None:
            facts = {**before, **event.after}
            facts["units"] = [{**{f.key: None for f in UNIT_FIELDS}, **unit} for unit in facts["units"]]
        yield event, before, facts


def _changes(before: Facts, after: Facts, regions: Mapping[str, str]) -> tuple[FieldChange, ...]:
    return tuple(change for change in differences(before, after, regions) if change.key != "known")


def _header(change: FieldChange) -> str:
    """The field's own name: a unit's field without the unit."""
    return change.words.rsplit("·", 1)[-1]


def _told_of(entry: Entry, field: str | None) -> bool:
    return field is None or any(change.key == field for change in entry.changes)


def _of_field(entry: Entry, field: str | None) -> Entry:
    if field is None:
        return entry
    chosen = tuple(change for change in entry.changes if change.key == field)
    return Entry(event=entry.event, changes=chosen, source=entry.source, new=entry.new)


def _files(session: Session, events: tuple[EventLine, ...]) -> dict[tuple[str, str], str]:
    """The imports that wrote such events: (moment, login) -> file; an import and its changes are one transaction."""
    found = trail.imports_at(session, [event.at for event in events if event.kind in FACTS])
    return {(at, who): str(json.loads(after).get("file", "")) for at, who, after in found if after}


def _source(event: EventLine, files: Mapping[tuple[str, str], str]) -> str:
    if event.kind not in FACTS:
        return ""
    file = files.get((moment(event.at), event.who))
    return f"导入：{file}" if file else "表单"


def _moment(event: EventLine) -> Moment:
    return Moment(seq=event.seq, at=event.at, words=event.words, who_name=event.who_name)


def _compare(  # what a comparison is made of
    ledger: Ledger,
    session: Session,
    moments: tuple[Moment, ...],
    stood: Mapping[int, Facts],
    between: tuple[int, int],
    regions: Mapping[str, str],
) -> Compared:
    known = {moment.seq: moment for moment in moments}
    one, other = sorted(between)
    if one not in known or other not in known:
        raise NotFound("没有这个时点的记录。")
    if one == other:
        raise Refusal("请选择两个不同的时点。", field="to")
    book = overlay(ledger, session)

    def result(seq: int) -> dict[str, str | None]:
        day = known[seq].at.astimezone(clock.SHANGHAI).date()
        found = judge(from_facts(stood[seq]), book, as_of=day).screening
        energy = found.energy.equivalent_tce
        return {
            "能效分类": found.efficiency_class.words,
            "拟处置": found.disposition.words,
            "查出情形": "、".join(finding.id.words for finding in found.findings) or None,
            "年综合能耗（等价值，tce）": None if energy is None else plain(energy),
        }

    before, after = result(one), result(other)
    return Compared(
        earlier=known[one],
        later=known[other],
        facts=_changes(stood[one], stood[other], regions),
        results=tuple(FieldChange(key=name, words=name, old=before[name], new=after[name]) for name in before),
    )
