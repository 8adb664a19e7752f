"""Breaks Chinese text into lines of full width: no mark where none may stand, nothing split that belongs together.

Widths are in thousandths of the character size. WeasyPrint cannot justify Chinese, so that every line leaves here
with the spacing that fills it; the renderer only places lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from screening.domain.errors import Refusal
from screening.printing.fonts import MARKS, Fonts

EM: Final = 1000
CLOSING: Final = frozenset("，。、；：？！）》”’〉】〕」』］｝…—–～％‰℃·/)]},.;:?!%")
"""Never first on a line."""
OPENING: Final = frozenset("（《“‘〈【〔「『［｛([{")
"""Never last on a line."""
SQUEEZED: Final = MARKS
"""Marks that can be set half as wide."""
MOST_SQUEEZED: Final = 3
LOOSE: Final = 2 * EM
"""More slack than this on a line opens a long Latin word at its hyphens."""
WIDE: Final = 8 * EM
"""A word at least as wide can be opened; telephone numbers and numbers of standards are narrower."""
_ATOM: Final = re.compile(
    r"——|……|(?:GB|DB[0-9]*|[A-Z]{2})(?:/[TZ])? [0-9.]+-[0-9]{4}"
    r"|[−±≤≥≈￥¥]?[!-~]+(?:[×·—–−²³‰][!-~]+)*[²³]?[万亿]?(?:[年月日号条款项个台座吨页级期倍元％‰℃㎡㎥]/?)?|\s|.",
    re.DOTALL,
)
FEW: Final = 8
"""Up to so many words on a line they are long ones, as of an address."""
APART: Final = 10.0
"""From this spacing on (thousandths) numbers, words and dashes are kept solid: only what is between them widens."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one font on a line; `halved`: marks set half as wide; `solid`: without the line's spacing."""

    role: str
    text: str
    halved: bool = False
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A composed line, in thousandths: runs, `indent` before them, `spacing` after each character that is not solid."""

    runs: tuple[Run, ...]
    indent: int
    spacing: float
    width: int
    """Without indent and spacing."""

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(run.text for run in self.runs)

    @property
    def reach(self) -> float:
        """Where its last character ends, in thousandths from the left."""
        return self.indent + self.width + self.spacing * (sum(len(r.text) for r in self.runs if not r.solid) - 1)


@dataclass(frozen=True, slots=True)
class _Atom:
    """What may not be split."""

    text: str
    role: str
    width: int

    @property
    def first(self) -> str:
        return self.text[0]

    @property
    def last(self) -> str:
        return self.text[-1]


_ENDS: Final = " \t\r\n\u3000"
_TURN: Final = re.compile(f"[{_ENDS}]*[\r\n\t]+[{_ENDS}]*")
_BLANK: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_EMPTY: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are blank."""


@cache
def _unseen(character: str) -> bool:
    """Whether it cannot be seen, or stands on the character before it."""
    kind = unicodedata.category(character)
    return kind[0] in "CM" or kind in {"Zl", "Zp"} or character in _EMPTY


def clean(text: str, where: str) -> str:
    """The text as it is set: NFC, every blank a space, line ends only where words meet, between Chinese nothing.

    Refuses what cannot be seen or stands on another character, naming field and character.
    """

    def turn(found: re.Match[str]) -> str:
        sides = text[found.start() - 1], text[found.end()]
        return " " if all("!" <= side <= "~" for side in sides) else ""

    text = unicodedata.normalize("NFC", text).strip(_ENDS)
    text = _BLANK.sub(" ", _TURN.sub(turn, text))
    for character in text:
        if _unseen(character):
            raise Refusal(
                f"“{where}”中有不能印出的字符（U+{ord(character):04X}，控制符、零宽字符、组合符或者自造字）："
                f"“{_around(text, character)}”。请删去该字符后重新录入。",
                field=where,
            )
    return text


def _around(text: str, character: str) -> str:
    at = text.index(character)
    near = text[max(0, at - 6) : at + 7]
    return "".join("□" if _unseen(c) else c for c in near)


def covered(fonts: Fonts, role: str, text: str, where: str) -> None:
    """Refuses a character that neither the font of `role` nor the fallback draws, naming field and character."""
    for character in dict.fromkeys(text):
        if character != " " and fonts.role_for(role, character) is None:
            raise Refusal(
                f"“{where}”中的字符“{character}”（U+{ord(character):04X}）在文书字体中没有字形，印出来会是空白或方框。"
                "请核对该字，改用通用规范汉字或者去掉该字符。",
                field=where,
            )


class Composer:
    """Sets paragraphs with the prepared fonts."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts

    def advance(self, role: str, character: str) -> int:
        """The width of a character in thousandths."""
        found = self.fonts.metrics[self.fonts.role_for(role, character) or role].advances.get(ord(character))
        return EM if found is None else found

    def width(self, role: str, text: str) -> int:
        """The width of a text set solid."""
        return sum(self.advance(role, c) for c in text)

    def _atoms(self, pieces: Iterable[tuple[str, str]]) -> list[_Atom]:
        return [
            _Atom(part, role, self.width(role, part)) for role, text in pieces for part in _ATOM.findall(text) if part
        ]

    def lines(
        self,
        pieces: Sequence[tuple[str, str]],
        *,
        measure: int = 28 * EM,
        first: int = 2 * EM,
        rest: int = 0,
    ) -> list[Line]:
        """Lines of a paragraph of (role, text) pieces, all but the last full.

        `measure` is the width with the indent; the first line is indented `first`, the others `rest`.
        """
        waiting = self._atoms(pieces)
        made: list[Line] = []
        while waiting:
            indent = first if not made else rest
            while waiting and waiting[0].text == " ":
                waiting.pop(0)
            if not waiting:
                break
            room = measure - indent
            count, opened = self._fit(waiting, room)
            if opened is not None:
                waiting[count : count + 1] = opened
                count += 1
            if _lonely(waiting[count:]) and count > 2 and _may_break(waiting[count - 2], waiting[count - 1]):
                count -= 1
            taken, waiting = waiting[:count], waiting[count:]
            made.append(self._line(taken, indent, room, last=not waiting))
        return made

    def _fit(self, atoms: list[_Atom], room: int) -> tuple[int, list[_Atom] | None]:
        """How many atoms stand on the line, and the pieces of the next one where it has to be opened."""
        total, count = 0, 0
        while count < len(atoms) and total + atoms[count].width <= room:
            total += atoms[count].width
            count += 1
        if count == len(atoms):
            return count, None
        # closing marks that would begin the next line are drawn in where squeezing marks makes room
        reach, wide = count, total
        while reach < len(atoms) and atoms[reach].first in CLOSING and atoms[reach].text not in {"——", "……"}:
            wide += atoms[reach].width
            reach += 1
        if reach > count and wide - room <= self._give(atoms[:reach]):
            return reach, None
        at = count
        while at > 0 and not _may_break(atoms[at - 1], atoms[at]):
            at -= 1
        if at == 0 or room - sum(a.width for a in atoms[:at]) > LOOSE:
            # the word that is too wide, or one that the mark behind it would take along
            for place in range(count, at - 1, -1):
                opened = self._open(atoms[place], room - total, whole_line=place == 0)
                if opened:
                    return place, opened
                total -= atoms[place - 1].width
        return at or max(count, 1), None

    def _give(self, atoms: Sequence[_Atom]) -> int:
        return EM // 2 * min(MOST_SQUEEZED, sum(a.text in SQUEEZED and a.width == EM for a in atoms))

    def _open(self, atom: _Atom, room: int, *, whole_line: bool) -> list[_Atom] | None:
        """A long word in two: after a sign, a code after its digits, one wider than a line anywhere."""
        if atom.width < WIDE and not whole_line:
            return None
        best = joint = seam = 0
        for at in range(1, len(atom.text)):
            if self.width(atom.role, atom.text[:at]) > room:
                break
            before, after = atom.text[at - 1], atom.text[at]
            best = at
            if before in "-/_.@?&=" and at > 1 and not (before == "." and after.isdigit()):
                joint = at
            if before.isdigit() and after.isalpha():
                seam = at
        best = joint or (seam if room > 2 * LOOSE else 0) or (best if whole_line else 0)
        if not best:
            return None
        return [_Atom(t, atom.role, self.width(atom.role, t)) for t in (atom.text[:best], atom.text[best:])]

    def _line(self, atoms: list[_Atom], indent: int, room: int, *, last: bool) -> Line:
        while atoms and atoms[-1].text == " ":
            atoms = atoms[:-1]
        total = sum(a.width for a in atoms)
        halved: set[int] = set()
        marks = [i for i, a in enumerate(atoms) if a.text in SQUEEZED and a.width == EM]
        while total > room and marks:
            halved.add(marks.pop())
            total -= EM // 2
        slack = room - total
        gaps = sum(len(a.text) for a in atoms) - 1
        # between few long words so much space would gape: then every character takes its share
        few = len(atoms) <= FEW and slack > 0.42 * EM * (len(atoms) - 1)
        solid = not last and len(atoms) > 1 and slack / gaps >= APART and not few
        if solid:
            gaps = len(atoms) - 1
        fill = 0.0 if gaps < 1 else min(0.0, slack / gaps) if last else slack / gaps
        runs: list[Run] = []
        for i, atom in enumerate(atoms):
            for at, character in enumerate(atom.text, 1):
                role = self.fonts.role_for(atom.role, character) or atom.role
                kind = (role, i in halved, solid and at < len(atom.text))
                if runs and (runs[-1].role, runs[-1].halved, runs[-1].solid) == kind:
                    runs[-1] = Run(role, runs[-1].text + character, *kind[1:])
                else:
                    runs.append(Run(role, character, *kind[1:]))
        return Line(tuple(runs), indent, fill, total)


def _lonely(atoms: Sequence[_Atom]) -> bool:
    """Whether one character, and marks, would stand alone on the last line of a paragraph."""
    return 0 < len(atoms) < 4 and sum(len(a.text) for a in atoms if a.first not in CLOSING) <= 1


def _may_break(before: _Atom, after: _Atom) -> bool:
    return after.first not in CLOSING and before.last not in OPENING and not before.text.endswith("〔")
