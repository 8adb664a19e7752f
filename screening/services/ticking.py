"""The clockwork: the sweep and the e-mails of a quarter of an hour, by command or by huey beside the site."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from screening import clock
from screening.config import Post
from screening.domain.errors import Refusal
from screening.services import Ledger, mailing, sweep


@dataclass(frozen=True, slots=True)
class Ticked:
    """What was done: the sweep, and how many messages were written and sent."""

    swept: sweep.Swept
    written: int = 0
    sent: int = 0


def tick(
    ledger: Ledger,
    post: Post | None,
    *,
    today: date,
    now: Callable[[], datetime] = clock.now,
    sure: bool = False,
) -> Ticked:
    """Sweeps, then writes and sends the e-mails where a mail server is configured. Safe to repeat, killed or not."""
    swept = sweep.sweep(ledger, today=today, at=now(), sure=sure)
    if post is None or swept.busy:
        return Ticked(swept)
    return Ticked(swept, mailing.compose(ledger, today=today, at=now()), mailing.send(ledger, post, now=now))


class _Quiet(Consumer):  # type: ignore[misc]  # huey ships no types
    """A consumer within another program, whose signals stay its own."""

    def _set_signal_handlers(self) -> None:
        """None."""


class Clockwork:
    """Ticks every quarter of an hour in threads of this process, and once at the start."""

    def __init__(self, ledger: Ledger, post: Post | None, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.huey = SqliteHuey("screening", filename=str(folder / "tasks.db"), results=False)

        def ticks() -> None:
            try:
                tick(ledger, post, today=clock.today())
            except Refusal as refusal:
                logging.getLogger(__name__).warning("%s", refusal.message)

        self.task = self.huey.periodic_task(crontab(minute="*/15"))(ticks)
        self.consumer = _Quiet(self.huey, workers=1, check_worker_health=False)

    def start(self) -> None:
        """Begins; what an earlier process left in the queue is dropped, as this tick does it all."""
        self.huey.flush()
        self.task()
        self.consumer.start()

    def stop(self) -> None:
        """Ends after the tick that is under way."""
        self.consumer.stop(graceful=True)
