"""What every view needs at hand: the ledger, the person, the moment, and the person's place in the region."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from flask import current_app, g, request

from screening import clock
from screening.domain.people import Person
from screening.services import Ledger, rules


def ledger() -> Ledger:
    """The ledger that `create_app` opened."""
    found: Ledger = current_app.extensions["ledger"]
    return found


def person() -> Person:
    """Who is signed in; the doors have made sure that somebody is."""
    found: Person = g.person
    return found


def now() -> datetime:
    """The moment of the request, the same throughout it."""
    if "now" not in g:
        g.now = clock.now()
    found: datetime = g.now
    return found


def today() -> date:
    """The calendar day of the request in Asia/Shanghai."""
    return now().astimezone(clock.SHANGHAI).date()


def periods_past() -> tuple[str, ...]:
    """Until when rules are known to be in force, where that is past: lists say it once for all their rows."""
    return rules.periods_past(ledger(), today=today())


def new_key() -> str:
    """An idempotency key for one showing of a form: sending it twice does the thing once."""
    return secrets.token_urlsafe(18)


def asks_for_review() -> bool:
    """Whether new projects are to be submitted: yes, unless the tick of the form was there and was taken off."""
    return "for_review" in request.form or "for_review_shown" not in request.form


PER_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """One page of a list: its rows, its number from 1, how many pages there are, and the total of rows."""

    rows: Sequence[Row]
    page: int
    pages: int
    total: int


def leaf(rows: Sequence[Row]) -> Leaf[Row]:
    """The page of the list that the address asks for; a number that is none, or past the end, shows the nearest."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
    pages = max(1, -(-len(rows) // PER_PAGE))
    number = min(max(1, number), pages)
    return Leaf(rows[(number - 1) * PER_PAGE : number * PER_PAGE], number, pages, len(rows))
