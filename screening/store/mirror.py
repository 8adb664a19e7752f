"""A mirror of what lists look at: a bit for every project and value, so that any search is counted in a moment.

The databases find a word fast and count slowly: of a word that stands nearly everywhere they look at every project.
Here a set of projects is one long number, a bit for each project in the order of the names: `&` joins two sets and
`bit_count` counts one, each in microseconds. Whether a mirror still shows the ledger is said by services/mirroring.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, reduce
from itertools import compress, islice
from operator import add, and_, or_
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screening.domain.people import Person
from screening.domain.review import CaseState
from screening.store import registry
from screening.store.tables import ProjectRow

SAMPLE = 500
"""Projects that say which words are common."""
COMMON = 0.03
"""A word is common where more than this share of the sample holds it: its set is made beforehand."""
LONGEST = 18
"""Signs of the longest common word; a longer one is sought among the projects that hold all its parts."""
REMEMBERED = 256
"""Words whose sets are kept when they were sought."""
SPARSE = 32
"""Of a pair of signs that fewer than one in so many projects hold, the places take less room than the set."""
ONE = ord("1")
TRUTH = bytes(49) + b"\x01" + bytes(206)
"""A binary digit -> its truth."""
NOWHERE = array("I")
OTHERS = ("in_focus", "near_line", "findings")
"""What lists are filtered by and do not count."""


class Words:
    """The folded texts of projects, and the sets of those that hold a word."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            for piece in {*text, *map(add, text, text[1:])}:
                places[piece].append(place)
        self._sets: dict[str, int] = {}
        self._places: dict[str, array[int]] = {}
        """Of every sign and pair of signs: the set of its projects, or their places where they are few."""
        for piece, found in places.items():
            if len(found) * SPARSE > len(texts):
                self._sets[piece] = _set(found, len(texts))
            else:
                self._places[piece] = array("I", found)
        for word in self._common():
            self._sets[word] = self._sought(word)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._sought)

    def _common(self) -> list[str]:
        """The words of three signs and more that many projects hold, the short ones first."""
        found: Counter[str] = Counter()
        sample = self.texts[:: max(1, len(self.texts) // SAMPLE)]
        for text in sample:
            lengths = range(3, LONGEST + 1)
            found.update({text[at : at + signs] for signs in lengths for at in range(len(text) - signs + 1)})
        least = max(1, len(sample) * COMMON)
        return sorted((word for word, number in found.items() if number > least and "\n" not in word), key=len)

    def holding(self, word: str) -> int:
        """The set of the projects whose text holds the word."""
        found = self._sets.get(word)
        return self._remembered(word) if found is None else found

    def forget(self) -> None:
        """Forgets the words sought lately, to measure how long the first search takes."""
        self._remembered.cache_clear()

    def _sought(self, word: str) -> int:
        pieces = set(map(add, word, word[1:])) or {word}
        few = [self._places.get(piece, NOWHERE) for piece in pieces if piece not in self._sets]
        if few:
            fewest = min(few, key=len)
            near: Iterable[int] = fewest
        else:
            # Wherever one can begin, the longest part whose set is known: together they leave little to look through.
            ends = range(min(len(word), LONGEST), 1, -1)
            known = [
                next(self._sets[part] for end in ends if (part := word[at : at + end]) in self._sets)
                for at in range(max(1, len(word) - 1))
            ]
            near = compress(range(len(self.texts)), _marks(reduce(and_, known)))
        texts = self.texts
        return _set([place for place in near if word in texts[place]], len(texts))


def _set(places: Iterable[int], number: int) -> int:
    """The set of these places out of so many."""
    marks = bytearray(b"0") * number
    for place in places:
        marks[place] = ONE
    return int(marks[::-1], 2)


def _marks(bits: int) -> bytes:
    """A set as truths by place, up to its last."""
    return f"{bits:b}".encode()[::-1].translate(TRUTH)


def _by_value(column: Sequence[Any]) -> dict[Any, int]:
    """The set of every value of a column."""
    places: defaultdict[Any, list[int]] = defaultdict(list)
    for place, value in enumerate(column):
        places[value].append(place)
    return {value: _set(found, len(column)) for value, found in places.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a filter leaves of the mirrored projects: the same counts as `registry.Tally`, and the projects in order."""

    mirror: Mirror
    rest: int
    """The set under all conditions but the facets' own."""
    chosen: Mapping[str, Any]

    def _under(self, part: str) -> int:
        """The set under the chosen values of all facets but one."""
        sets, found = self.mirror.sets, self.rest
        for name, value in self.chosen.items():
            if name != part:
                found &= sets[name].get(value, 0)
        if part != "case_state" and self.chosen.get("case_state") is not CaseState.VOID:
            found &= ~sets["case_state"].get(CaseState.VOID, 0)
        return found

    @property
    def parts(self) -> tuple[str, ...]:
        """The facets that are counted."""
        return registry.facets_of(self.chosen)

    def of(self, part: str) -> dict[Any, int]:
        """The number of projects by value of one facet, under the other facets' chosen values."""
        under = self._under(part)
        counts = {value: (under & bits).bit_count() for value, bits in self.mirror.sets[part].items()}
        return {value: count for value, count in counts.items() if count}

    def deadlines(self) -> dict[str, int]:
        """The number of projects by how near the due date is, under all chosen values."""
        under, found = self._under(""), Counter[str]()
        for names, bits in zip(registry.NEARNESS, self.mirror.near, strict=True):
            number = (under & bits).bit_count()
            found.update(dict.fromkeys(names, number))
        return {name: number for name, number in found.items() if number}

    def total(self) -> int:
        """The number of projects under all chosen values."""
        return self._under("").bit_count()

    def page(self, *, falls: bool, offset: int, limit: int) -> list[UUID]:
        """The projects of one page, in the order of their names."""
        marks, keys = _marks(self._under("")), self.mirror.keys
        places = compress(range(len(marks)), marks)
        if falls:
            places = compress(range(len(marks) - 1, -1, -1), marks[::-1])
        return [UUID(bytes=keys[16 * place : 16 * place + 16]) for place in islice(places, offset, offset + limit)]


@dataclass(frozen=True, slots=True)
class Mirror:
    """All projects as one state of the ledger had them, seen on one day."""

    seq: int
    """The last event of that state."""
    today: date
    keys: bytes
    """The projects in the order of their names, sixteen bytes each."""
    sets: Mapping[str, Mapping[Any, int]]
    """Column -> value -> set."""
    near: Sequence[int]
    """How near the due date is, as in `registry.NEARNESS` -> set."""
    words: Words
    scopes: dict[str, int] = field(default_factory=dict)
    """The sets of whole scopes, once somebody asked within one."""

    def asked(self, chosen: Mapping[str, Any], *, by: Person) -> Asked | None:
        """What a filter leaves, within the person's scope; None where only the database can tell."""
        if any(chosen.get(name) for name in ("deadline", "rests_on", "left_out")) or chosen.get("picked") is not None:
            return None
        rest = self._within(by.scope_prefix)
        for name in OTHERS:
            if chosen.get(name) is not None:
                rest &= _any(b for v, b in self.sets[name].items() if v is not None and bool(v) == chosen[name])
        for word in chosen["words"]:
            rest &= self.words.holding(word)
        return Asked(self, rest, {name: chosen[name] for name in registry.FACETS if chosen.get(name) is not None})

    def _within(self, prefix: str) -> int:
        """The one scope filter of the mirror, as `registry.within` is that of the queries."""
        if prefix not in self.scopes:
            self.scopes[prefix] = _any(b for code, b in self.sets["banner"].items() if code.startswith(prefix))
        return self.scopes[prefix]


def _any(sets: Iterator[int]) -> int:
    return reduce(or_, sets, 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mirror is made of, as one session saw it."""

    keys: tuple[UUID, ...]
    texts: tuple[str, ...]
    columns: Mapping[str, tuple[Any, ...]]
    near: Sequence[tuple[UUID, int]]


def read(session: Session, *, today: date) -> Reading:
    """All projects in the order of their names, and how near the due dates of their clocks are; never of none."""
    table = ProjectRow.__table__  # type: ignore[attr-defined]
    # As they lie in the database: no enumerations are made of a million values.
    plain = [sa.type_coerce(table.c[name], sa.Text) for name in registry.FACETS]
    others = [sa.type_coerce(table.c[name], sa.Integer) for name in OTHERS]
    query = sa.select(table.c.id, table.c.search, *plain, *others).order_by(table.c.name, table.c.id)
    keys, texts, *columns = zip(*session.execute(query), strict=True)
    near = [(row[0], row[1]) for row in session.execute(registry.nearness(today))]
    return Reading(keys, texts, dict(zip((*registry.FACETS, *OTHERS), columns, strict=True)), near)


def made_of(reading: Reading, *, seq: int, today: date, last: Mirror | None) -> Mirror:
    """The mirror of the projects after event `seq`; the words of the `last` one serve on if no text changed."""
    places = {key: place for place, key in enumerate(reading.keys)}
    near: list[list[int]] = [[] for _ in registry.NEARNESS]
    for key, nearness in reading.near:
        near[nearness].append(places[key])
    return Mirror(
        seq=seq,
        today=today,
        keys=b"".join(key.bytes for key in reading.keys),
        sets={name: _by_value(column) for name, column in reading.columns.items()},
        near=[_set(found, len(places)) for found in near],
        words=last.words if last and last.words.texts == reading.texts else Words(reading.texts),
    )
