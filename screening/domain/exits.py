"""Chapter 5, 淘汰退出: what happens after an exit was ordered or proposed, until it is carried out and proven."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

_WORDS: Final = {
    "refused": "人民政府不予批准",
    "ordered": "人民政府责令停业整顿或者关闭",
    "stopped": "装置停止使用",
    "dismantled": "装置拆除",
    "carried_out": "淘汰退出完成",
}


class ExitStep(StrEnum):
    """A step of an exit, in their order; each is told by its document."""

    REFUSED = "refused"
    ORDERED = "ordered"
    STOPPED = "stopped"
    DISMANTLED = "dismantled"
    CARRIED_OUT = "carried_out"

    @property
    def words(self) -> str:
        """As users read it."""
        return _WORDS[self.value]


NEEDS_FILE: Final = frozenset({ExitStep.DISMANTLED, ExitStep.CARRIED_OUT})
"""Steps that a person can see: the dismantling record or photographs are on file."""
GOVERNMENTS: Final = frozenset({ExitStep.REFUSED, ExitStep.ORDERED})
"""Answers to a proposal to the people's government: of no use where the office ordered the exit itself."""
