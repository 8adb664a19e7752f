"""Chapter 3, what goes back to its registrar and why: counted by office, reason and field, and told where it helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from screening.clock import SHANGHAI, day_of
from screening.domain.errors import Refusal
from screening.domain.people import Person
from screening.domain.review import CaseState, ReturnReason
from screening.services import Ledger
from screening.services.casework import field_words
from screening.services.lines import region_name, signature
from screening.store import cases, people
from screening.store import registry as store

PERIOD = timedelta(days=90)
FREQUENT = 2
"""Returns of a field for one reason from which on the form says so."""
TOLD_AT_MOST = 8
"""Fields of the form that say so, the most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A project that went back: `office` is the division of whoever stated the facts; `field` a key, without unit."""

    project: UUID
    project_name: str
    office: str
    office_name: str
    code: ReturnReason
    field: str
    field_words: str
    """With the unit, as it was said to the registrar."""
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How often a field of an office's projects went back for a reason."""

    office: str
    office_name: str
    code: ReturnReason
    field: str
    field_words: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the registrar has to correct: `field` names the box of the form."""

    code: ReturnReason
    field: str
    field_words: str
    reason: str
    by: str
    at: datetime


def plain_field(key: str) -> str:
    """The key of the ledger's field, whichever unit the return spoke of."""
    return key.rsplit("-", 1)[-1]


def returns(ledger: Ledger, *, by: Person, first: date, last: date) -> tuple[Return, ...]:
    """Every return within the scope from the first to the last day, newest first."""
    if last < first:
        raise Refusal("结束日期早于开始日期。请重新填写起止日期。", field="to")
    with ledger.reader() as session:
        found = cases.returns(session, by=by, since=_start_of(first), until=_start_of(last + timedelta(days=1)))
        names = people.names(session, {who for move, _, _ in found for who in (move.by, move.for_whom)})
        return tuple(
            Return(
                project=project.id,
                project_name=project.name,
                office=registrant.scope,
                office_name=region_name(ledger, registrant.scope),
                code=move.code,
                field=plain_field(move.field),
                field_words=field_words(move.field) or move.field,
                reason=move.reason or "",
                by=signature(names, move.by, move.for_whom),
                at=move.at,
            )
            for move, project, registrant in found
            if move.code is not None and move.field is not None
        )


def counted(found: tuple[Return, ...]) -> tuple[Counted, ...]:
    """The returns by office, reason and field, the most frequent first."""
    counts = Counter((one.office, one.code, one.field) for one in found)
    offices = {one.office: one.office_name for one in found}
    return tuple(
        Counted(
            office=office,
            office_name=offices[office],
            code=code,
            field=field,
            field_words=field_words(field) or field,
            count=count,
        )
        for (office, code, field), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def often(ledger: Ledger, *, by: Person, today: date) -> Mapping[str, str]:
    """Key of a field -> how often and why it went back lately within the scope, for the boxes that did most often."""
    with ledger.reader() as session:
        found = cases.often_returned(session, by=by, since=_start_of(today - PERIOD + timedelta(days=1)))
    counts: dict[str, Counter[ReturnReason]] = {}
    for key, code, number in found:
        counts.setdefault(plain_field(key), Counter())[code] += number
    ranked = sorted(((codes.total(), field) for field, codes in counts.items()), key=lambda pair: (-pair[0], pair[1]))
    return {
        field: f"近{PERIOD.days}天此栏被退回{total}次：{_named(counts[field])}"
        for total, field in ranked[:TOLD_AT_MOST]
        if total >= FREQUENT
    }


def _named(codes: Counter[ReturnReason]) -> str:
    """The reasons, the most frequent first; how often each, where there are several."""
    ranked = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    return "、".join(code.words + (f"{number}次" if len(ranked) > 1 else "") for code, number in ranked)


def to_correct(ledger: Ledger, project: UUID, *, by: Person) -> Returned | None:
    """What the project went back for, while it waits to be corrected."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        move = cases.sent_back(session, project) if row.case_state is CaseState.CORRECTION else None
        if move is None or move.code is None or move.field is None:
            return None
        names = people.names(session, {move.by, move.for_whom})
        return Returned(
            code=move.code,
            field=move.field,
            field_words=field_words(move.field) or move.field,
            reason=move.reason or "",
            by=signature(names, move.by, move.for_whom),
            at=move.at,
        )


def usual_period(now: datetime) -> tuple[date, date]:
    """The first and the last day of the period that is shown where none is asked for."""
    today = day_of(now)
    return today - PERIOD + timedelta(days=1), today


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
