"""A few processes that render letters, each with WeasyPrint warm: one letter a task, and none outlives the program."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

from screening.domain.errors import Refusal
from screening.printing.worker import REFUSED, receive, send

WORKERS: Final = 2
SECONDS: Final = 120
"""That one letter, or a cover list of a long run, may take; a worker that takes longer is ended."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class _Gone(Exception):
    """The worker ended in the middle of its task."""


class _Worker:
    """A child process, started when it is first asked and again after it ended."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes) -> bytes:
        child = self._child
        if child is None or child.poll() is not None:
            self.end()
            child = self._child = _start()
        late = threading.Timer(SECONDS, child.kill)
        late.daemon = True
        late.start()
        try:
            with contextlib.suppress(OSError):
                send(cast("Any", child.stdin), request)
            answer = receive(cast("Any", child.stdout))
        except (OSError, ValueError):  # the pool was closed meanwhile
            answer = None
        finally:
            late.cancel()
        if not answer:
            self.end()
            raise _Gone
        return answer

    def end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    @property
    def process(self) -> int | None:
        child = self._child
        return child.pid if child is not None and child.poll() is None else None


def _start() -> subprocess.Popen[bytes]:
    """The child, with the same packages and fonts; it needs no secret and no database."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name
        in {"PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "SCREENING_FONTS", "XDG_DATA_HOME", "SYSTEMROOT", "TMPDIR"}
    }
    kept["PYTHONPATH"] = os.pathsep.join(place for place in sys.path if place)
    kept["PYTHONUTF8"] = "1"
    return subprocess.Popen(  # our own interpreter, our own module
        [sys.executable, "-P", "-m", "screening.printing.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept,
    )


class Pool:
    """Workers that are lent out one task at a time; safe to ask from many threads."""

    def __init__(self, workers: int = WORKERS) -> None:
        self.size = workers
        self._workers = [_Worker() for _ in range(workers)]
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._closed = threading.Event()
        for worker in reversed(self._workers):
            self._free.put(worker)  # the last one that worked works next: one letter now and then keeps one warm

    def letter(self, inputs: str) -> bytes:
        """The PDF of a letter's frozen inputs: the very bytes that `printing.render` gives."""
        return self._ask({"task": "letter", "inputs": inputs})

    def typeset(self, html: str, style: str) -> bytes:
        """The PDF of any other HTML of ours."""
        return self._ask({"task": "typeset", "html": html, "style": style})

    def processes(self) -> list[int]:
        """The ids of the running workers."""
        return [found for worker in self._workers if (found := worker.process)]

    def spread(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """What `work` makes of each, in order, as many at a time as there are workers."""
        with ThreadPoolExecutor(self.size, thread_name_prefix="printing") as threads:
            try:
                yield from threads.map(work, items)
            finally:
                threads.shutdown(wait=True, cancel_futures=True)

    def _ask(self, request: dict[str, str]) -> bytes:
        frame = json.dumps(request, ensure_ascii=False).encode()
        worker = self._free.get()
        try:
            for _ in range(2):
                if self._closed.is_set():
                    raise Refusal("程序正在停止，文书没有生成。重新启动后会接着办理。")
                try:
                    answer = worker.ask(frame)
                except _Gone:
                    continue
                return _read(answer)
        finally:
            self._free.put(worker)
        raise Refusal("排版进程两次意外结束，文书没有生成。请稍后重试；仍不成功的，请联系维护人员。")

    def close(self) -> None:
        """Ends the workers; whoever still waits for one is refused."""
        self._closed.set()
        for worker in self._workers:
            worker.end()


def _read(answer: bytes) -> bytes:
    if answer[:1] == REFUSED:
        message, field = json.loads(answer[1:])
        raise Refusal(message, field=field)
    return answer[1:]


_shared: Pool | None = None
_LOCK: Final = threading.Lock()


def shared() -> Pool:
    """The pool of this process; its workers start with the first task."""
    global _shared  # noqa: PLW0603  # one a process
    with _LOCK:
        if _shared is None:
            _shared = Pool()
            atexit.register(_shared.close)
        return _shared


def close() -> None:
    """Ends the shared pool's workers; the next task would start new ones."""
    global _shared
    with _LOCK:
        pool, _shared = _shared, None
    if pool is not None:
        atexit.unregister(pool.close)
        pool.close()
