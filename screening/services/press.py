"""The thread that works off print runs, one after another: started by the first, ended with the site."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event, Lock, Thread

from screening import clock
from screening.printing import pool
from screening.services import Ledger, printruns


class Press:
    """Works on whatever is not finished when it is woken; `folder` takes the files."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.folder = folder
        self._ledger = ledger
        self._lock = Lock()
        self._thread: Thread | None = None
        self._woken = False
        self._stopped = Event()

    def wake(self) -> None:
        """Says that there may be something to do; a run that a crash left behind is gone on with."""
        with self._lock:
            self._woken = True
            if self._thread is None and not self._stopped.is_set():
                self._thread = Thread(target=self._work, name="press", daemon=True)
                self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until there is nothing more to do; False where it takes longer."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self._thread is None

    def close(self) -> None:
        """Stops between two letters; what is not finished is gone on with at the next start."""
        self._stopped.set()
        pool.close()
        self.wait(30)

    def _work(self) -> None:
        while self._more():
            try:
                for run in printruns.waiting(self._ledger):
                    if self._stopped.is_set():
                        break
                    printruns.work(self._ledger, run, folder=self.folder, now=clock.now, stopped=self._stopped.is_set)
            except Exception:
                if not self._stopped.is_set():
                    logging.getLogger(__name__).exception("a print run stopped")

    def _more(self) -> bool:
        with self._lock:
            if self._woken and not self._stopped.is_set():
                self._woken = False
                return True
            self._thread = None
            return False
