"""What a child process of ours gets of this one's surroundings."""

from __future__ import annotations

import os
import sys

_KEPT = frozenset({"PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR"})


def environment() -> dict[str, str]:
    """The same packages and nothing else that this process knows: no secret, no address of a database."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    kept["PYTHONPATH"] = os.pathsep.join(place for place in sys.path if place)
    kept["PYTHONUTF8"] = "1"
    return kept
