"""The mirror of a large ledger: used while it shows what the session sees, made anew beside the requests otherwise."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from threading import Lock, Thread
from time import monotonic, thread_time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screening.services import Ledger
from screening.services.counting import BESIDE_THE_LEDGER, LAST
from screening.store import mirror, registry, trail

LEAST = 10_000
"""Of fewer projects the database itself counts fast enough."""
MOST = 300_000
"""Of more the mirror would take more than a fifth of a gigabyte."""
SHARE = 20
"""Making a mirror may take this part of the time: where projects change all the while, the database counts."""
PAUSE = 60.0
"""Seconds until a ledger that was too small or too large is looked at again."""
_BEGINNING = Lock()
"""Whether to make one is decided by one at a time."""
LOG = logging.getLogger(__name__)


def mirrored(ledger: Ledger, session: Session, today: date) -> mirror.Mirror | None:
    """The mirror, if it shows exactly what this session sees; None, and another one on its way, if not."""
    held = ledger.mirror
    if held and held.today == today:
        seq, still = trail.unmoved(session, since=held.seq, but_for=BESIDE_THE_LEDGER)
        # A session that began earlier than the mirror knows nothing of it.
        if still and seq >= held.seq:
            if seq > held.seq:
                ledger.mirror = replace(held, seq=seq)
            return held
    if _BEGINNING.acquire(blocking=False):
        try:
            _begin(ledger, session, today)
        finally:
            _BEGINNING.release()
    return None


def _begin(ledger: Ledger, session: Session, today: date) -> None:
    if (ledger.mirroring and ledger.mirroring.is_alive()) or monotonic() < ledger.next_mirror:
        return
    ledger.next_mirror = monotonic() + PAUSE
    if LEAST <= registry.up_to(session, MOST + 1) <= MOST:
        ledger.mirroring = Thread(target=make, args=(ledger, today), name="mirror", daemon=True)
        ledger.mirroring.start()


def make(ledger: Ledger, today: date) -> None:
    """Mirrors the ledger as it is now."""
    began = thread_time()
    try:
        with ledger.reader() as session:
            seq, _ = trail.unmoved(session, since=LAST, but_for=())
            reading = mirror.read(session, today=today)
        ledger.mirror = mirror.made_of(reading, seq=seq, today=today, last=ledger.mirror)
    except sa.exc.SQLAlchemyError:
        # Nobody waits for it: a later request that finds none tries again.
        LOG.warning("the ledger could not be mirrored; the database counts on", exc_info=True)
    finally:
        ledger.next_mirror = monotonic() + SHARE * (thread_time() - began)
