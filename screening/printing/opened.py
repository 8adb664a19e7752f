"""What a PDF from outside carries: its attached decision.json, read in a limited child process.

Run as `python -m screening.printing.opened`; the PDF comes in by stdin, one JSON object goes out by stdout.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

NAME: Final = "decision.json"
MEMORY: Final = 1024**3
SECONDS: Final = 10
LONGEST: Final = 1_000_000
"""Characters of an attachment: fifty times the longest letter."""
LOCKED: Final = "文件设有密码，读不出内容。"
BROKEN: Final = "文件已损坏，或者不是本程序所能读出的 PDF。"
HEAVY: Final = "读取文件所需的时间或者内存超过上限，不予读取。"
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Carried:
    """`text` of the attached data, None where there is none; `fault` says why nothing could be read."""

    text: str | None = None
    fault: str | None = None


def carried(pdf: bytes) -> Carried:
    """What the file carries; nothing that it does reaches this process."""
    surroundings = {name: os.environ[name] for name in _KEPT if name in os.environ}
    surroundings |= {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(  # our own interpreter and module, nothing from outside
            [sys.executable, "-P", "-m", "screening.printing.opened"],
            input=pdf, capture_output=True, env=surroundings, timeout=SECONDS + 5, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Carried(fault=HEAVY)
    if done.returncode or len(done.stdout) > 8 * LONGEST:
        return Carried(fault=HEAVY)
    try:
        told = json.loads(done.stdout)
        return Carried(told["text"], told["fault"])
    except (ValueError, KeyError, TypeError):
        return Carried(fault=BROKEN)


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415  # not on every system
    except ImportError:  # pragma: no cover
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def _read(stream: Any) -> Carried:
    import logging  # noqa: PLC0415  # only the child needs what follows

    import pypdf  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(stream)
        if reader.is_encrypted:
            return Carried(fault=LOCKED)
        found = [each.content for each in reader.attachment_list if each.name == NAME]
        if len(found) != 1 or len(found[0]) > 4 * LONGEST:
            return Carried()
        return Carried(found[0].decode("utf-8")[:LONGEST])
    except MemoryError:
        return Carried(fault=HEAVY)
    except Exception:  # noqa: BLE001  # bytes from anywhere
        return Carried(fault=BROKEN)


def _main() -> None:
    _limit()
    found = _read(io.BytesIO(sys.stdin.buffer.read()))
    json.dump({"text": found.text, "fault": found.fault}, sys.stdout)


if __name__ == "__main__":
    _main()
