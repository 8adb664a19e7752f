"""Counts that are made once and hold until something happens to a project: the trail proves them fresh."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from sqlalchemy.orm import Session

from screening.domain.history import Happening
from screening.services import Ledger
from screening.store import trail

MOST = 256
"""Counts kept at a time; the one that was not asked for longest goes first."""
BESIDE_THE_LEDGER = (
    Happening.SIGNED_IN,
    Happening.SIGNED_OUT,
    Happening.SIGN_IN_REFUSED,
    Happening.ATTEMPT_REFUSED,
    Happening.PASSWORD_CHANGED,
    Happening.PASSWORD_RESET,
    Happening.PERSON_ADDED,
    Happening.PERSON_LET_IN,
    Happening.PERSON_KEPT_OUT,
    Happening.DEADLINE_NOTICED,
    Happening.ACCOUNT_DORMANT,
    Happening.DAY_SWEPT,
    Happening.MAIL_SENT,
    Happening.MAIL_REFUSED,
    Happening.MAIL_RELEASED,
    Happening.EMAIL_CHANGED,
    Happening.VIEW_SAVED,
    Happening.VIEW_CHANGED,
    Happening.VIEW_REMOVED,
    Happening.ATTACHMENT_ADDED,
    Happening.ATTACHMENT_VOIDED,
)
"""What happens all the time and changes no project."""
Counts = TypeVar("Counts")


def counted(ledger: Ledger, session: Session, key: Hashable, count: Callable[[], Counts]) -> Counts:
    """What `count` gives in this session, or gave under the same key before anything happened to a project.

    Every write leaves an event in its own transaction, and the session sees one state of the database: what was
    counted before that state's last event, and nothing since that matters, is what would be counted now. The key has
    to say whose scope, which filter and which day.
    """
    since, found = ledger.counted.get(key, (-1, None))
    seq, still = trail.unmoved(session, since=since if since >= 0 else LAST, but_for=BESIDE_THE_LEDGER)
    # A session that began earlier than the count knows nothing of it.
    if since < 0 or not still or seq < since:
        found = count()
    ledger.counted.pop(key, None)
    ledger.counted[key] = (seq, found)
    while len(ledger.counted) > MOST:
        ledger.counted.pop(next(iter(ledger.counted)), None)
    return found  # type: ignore[no-any-return]  # what stands under a key is what its count gave


LAST = 2**62
"""After every event: nothing to look through."""
