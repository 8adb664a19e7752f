"""Projects that look like one another: one owner and name under another code, or names that are nearly the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from screening.domain.quantity import fold

NEAR = 0.84
"""Names at least this much alike, of one owner and with the same numbers, are near: one sign in seven may differ."""
COMPARED_AT_MOST = 50
"""Names of one owner with the same numbers that are compared with a new one; more are a series, not duplicates."""
_ENDINGS = ("项目", "工程")
_NUMBERS = re.compile(r"\d+|[一二三四五六七八九十百甲乙丙丁戊东西南北]|[ivx]+(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Card:
    """What likeness is judged by."""

    identity: str
    code: str | None
    name: str
    enterprise: str
    banner: str


def bare(name: str) -> str:
    """A name without what says nothing: case, width, spaces, the word project."""
    text = fold(name)
    for ending in _ENDINGS:
        text = text.removesuffix(ending)
    return text


def alike(known: Iterable[Card], new: Iterable[Card]) -> Iterator[tuple[Card, Card, str]]:
    """(a new project, one that it looks like, why), each pair once; also new ones that look like an earlier new one."""
    same: dict[tuple[str, str], list[Card]] = {}
    series: dict[tuple[str, tuple[str, ...]], list[tuple[str, Card]]] = {}

    def put(card: Card) -> tuple[str, str, tuple[str, tuple[str, ...]]]:
        name, owner = bare(card.name), fold(card.enterprise)
        for mark in ((name, owner), (name, card.banner)):
            same.setdefault(mark, []).append(card)
        signs = (owner, tuple(_NUMBERS.findall(name)))
        series.setdefault(signs, []).append((name, card))
        return name, owner, signs

    for card in known:
        put(card)
    for card in new:
        name, owner, signs = bare(card.name), fold(card.enterprise), None
        told = {card.identity}
        for mark, why in (((name, owner), "建设单位和项目名称相同"), ((name, card.banner), "同一旗县，项目名称相同")):
            for other in same.get(mark, ()):
                if other.identity not in told:
                    told.add(other.identity)
                    yield card, other, why
        signs = (owner, tuple(_NUMBERS.findall(name)))
        for other_name, other in series.get(signs, ())[:COMPARED_AT_MOST]:
            if other.identity not in told and _near(name, other_name):
                told.add(other.identity)
                yield card, other, "同一建设单位，项目名称相近"
        put(card)


def _near(one: str, other: str) -> bool:
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.real_quick_ratio() >= NEAR and match.quick_ratio() >= NEAR and match.ratio() >= NEAR
