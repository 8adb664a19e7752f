"""Screens stored projects again when what they rest on changed: rules, confirmations, findings, the day."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.history import Event, Happening
from screening.domain.people import Person
from screening.domain.registry import from_facts
from screening.domain.rules import Rulebook
from screening.services import verdicts
from screening.services.lines import subject
from screening.store import registry as store
from screening.store import trail

TOLD = ("efficiency_class", "disposition", "disposition_if_confirmed", "in_focus")
"""What the trail tells of a result that came out otherwise than before."""


def renew(
    session: Session,
    book: Rulebook,
    *,
    who: Person | str,
    at: datetime,
    refs: Sequence[str] = (),
    today: date | None = None,
) -> int:
    """Renews the results that rest on `refs`, or (without) those made by other rules; gives how many changed.

    Each keeps its as-of day unless `today` is given. The version that people saw stays: the facts are the same.
    A result that came out otherwise is an event of its project.
    """
    rows = list(store.outdated(session, version=book.version, refs=refs))
    return rewrite(session, book, rows, who=who, at=at, today=today, why=f"规则版本{book.version[:12]}")


def rewrite(
    session: Session,
    book: Rulebook,
    rows: Collection[store.ProjectRow],
    *,
    who: Person | str,
    at: datetime,
    today: date | None,
    why: str,
) -> int:
    """Renews the results of these projects as `renew` does; `why` is what the trail says of those that changed."""
    changed: list[tuple[UUID, int, dict[str, Any]]] = []
    for row, values in _results(session, book, rows, today=today, at=at):
        if any(getattr(row, name) != value for name, value in values.items()):
            changed.append((row.id, row.version, values))
            before = {name: getattr(row, name) for name in TOLD}
            after = {name: values[name] for name in TOLD}
            if before != after:
                trail.record(
                    session,
                    Event(
                        at=at,
                        who=who,
                        kind=Happening.PROJECT_SCREENED_AGAIN,
                        subject=subject(row.id),
                        why=why,
                        before=before,
                        after=after,
                    ),
                )
    store.rewrite(session, changed)
    session.expire_all()
    return len(changed)


def differing(session: Session, book: Rulebook, rows: Collection[store.ProjectRow], *, today: date) -> list[UUID]:
    """Those of these projects whose result of `today` says anything else than the stored one, the day itself apart."""
    return [
        row.id
        for row, values in _results(session, book, rows, today=today)
        if _but_for_the_day(values["screening"]) != _but_for_the_day(row.screening)
    ]


def _but_for_the_day(document: str) -> dict[str, Any]:
    return {name: value for name, value in json.loads(document).items() if name != "as_of"}


def _results(
    session: Session,
    book: Rulebook,
    rows: Collection[store.ProjectRow],
    *,
    today: date | None,
    at: datetime | None = None,
) -> Iterator[tuple[store.ProjectRow, dict[str, Any]]]:
    if not rows:
        return
    said = store.findings(session, [row.id for row in rows])
    on = today or (day_of(at) if at else None)
    dues = store.retrofit_dues(session, on=on) if on else {}
    for row in rows:
        verdict = verdicts.judge(
            from_facts(json.loads(row.facts)),
            book,
            as_of=today or row.as_of,
            said=said.get(row.id, ()),
            due=dues.get(row.id),
        )
        yield row, verdicts.columns(verdict.screening)
