"""The child process that renders: WeasyPrint stays warm, one request after another comes in by stdin.

Run as `python -m screening.printing.worker`. A frame is eight bytes of length and as many bytes; a request is JSON, an
answer one sign (`=` done, `!` refused) and the PDF or the words. It ends when its parent does: stdin is closed then.
"""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import sys
from typing import IO, Any

from screening.domain.errors import Refusal

DONE, REFUSED = b"=", b"!"


def send(pipe: IO[bytes], frame: bytes) -> None:
    """Writes a frame."""
    pipe.write(len(frame).to_bytes(8, "big"))
    pipe.write(frame)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """The next frame; None where the other side has ended."""
    size = pipe.read(8)
    if len(size) < 8:
        return None
    length = int.from_bytes(size, "big")
    frame = pipe.read(length)
    return frame if len(frame) == length else None


def _answer(request: dict[str, Any]) -> bytes:
    from screening import printing  # noqa: PLC0415  # the engine takes a second: only for a parent that is there
    from screening.domain.letters import LetterInputs  # noqa: PLC0415
    from screening.printing import renderer  # noqa: PLC0415
    from screening.wording import compose  # noqa: PLC0415

    task = request["task"]
    if task == "letter":
        return printing.render(compose(LetterInputs.from_json(request["inputs"])))
    if task == "typeset":
        return renderer.typeset(request["html"], request["style"])
    raise ValueError(task)


def main() -> None:
    """Answers until the parent has nothing more to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which lets this one go
    requests, answers = sys.stdin.buffer, io.FileIO(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    warm = False
    with answers:
        while (frame := receive(requests)) is not None:
            try:
                answer = DONE + _answer(json.loads(frame))
            except Refusal as refusal:
                answer = REFUSED + json.dumps([refusal.message, refusal.field]).encode()
            send(answers, answer)
            if not warm:
                gc.collect()
                gc.freeze()  # modules, fonts and templates stay: no collection need look at them again
                warm = True


if __name__ == "__main__":
    main()
