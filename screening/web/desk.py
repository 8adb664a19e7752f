"""What every view needs at hand: the ledger, the person, the moment, and the person's place in the region."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from flask import current_app, g

from screening import clock
from screening.domain.people import Person
from screening.services import Ledger


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


def new_key() -> str:
    """An idempotency key for one showing of a form: sending it twice does the thing once."""
    return secrets.token_urlsafe(18)
