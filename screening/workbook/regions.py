"""Leagues and banners by name, short name or code; a banner must lie in its league, statistical zones do not count."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from screening.domain.quantity import fold
from screening.workbook.cells import Bad, Raw, Read, narrow, read_text

_CODE = re.compile(r"\d{6}", re.ASCII)
_LEAGUE_ENDS = ("市", "盟")
_BANNER_ENDS = ("自治旗", "联合旗", "矿区", "旗", "县", "区", "市")


@dataclass(frozen=True, slots=True)
class Division:
    """A division as the rules give it; `level` is league, banner or zone."""

    code: str
    name: str
    level: str
    parent: str | None


@dataclass
class Regions:
    """The divisions on file, found by what people type."""

    divisions: tuple[Division, ...]
    by_code: dict[str, Division] = field(init=False)
    leagues: dict[str, str] = field(init=False)
    banners: dict[tuple[str, str], list[Division]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_code = {d.code: d for d in self.divisions}
        self.leagues = _unique((d.name, d.code, _LEAGUE_ENDS) for d in self.divisions if d.level == "league")
        self.banners = {}
        for d in self.divisions:
            if d.level in {"banner", "zone"} and d.parent:
                for name in {fold(d.name), _short(fold(d.name), _BANNER_ENDS)}:
                    self.banners.setdefault((d.parent, name), []).append(d)

    def league(self, raw: Raw) -> Read:
        """The league's code."""
        found = read_text(raw)
        if not isinstance(found, str):
            return found
        text = fold(narrow(found)).removeprefix("内蒙古自治区").removeprefix("内蒙古")
        code = text if _CODE.fullmatch(text) else self.leagues.get(text)
        if code in self.by_code and self.by_code[code].level == "league":
            return code
        return Bad(
            "league of Inner Mongolia (name or 6-digit code)",
            f"“{found}”不是内蒙古的盟市，请填 12 个盟市的名称（如 包头市）或 6 位代码（如 150200）",
        )

    def banner(self, league: str | None, raw: Raw) -> Read:
        """The banner's code, looked up inside `league` (its code; None where that cell is bad: any league will do)."""
        found = read_text(raw)
        if not isinstance(found, str):
            return found
        text = fold(narrow(found)).removeprefix("内蒙古自治区").removeprefix("内蒙古")
        for d in self.divisions:
            if d.level == "league" and d.code == league and len(text) > len(d.name):
                text = text.removeprefix(fold(d.name))
        if _CODE.fullmatch(text):
            hits = [self.by_code[text]] if text in self.by_code else []
        else:
            hits = self._named(league, text)
        return self._judge(league, found, hits)

    def _named(self, league: str | None, text: str) -> list[Division]:
        inside = self.banners.get((league, text), []) if league else []
        hits = inside or [d for (_, name), ds in self.banners.items() if name == text for d in ds]
        exact = [d for d in hits if fold(d.name) == text]
        return exact or hits

    def _judge(self, league: str | None, found: str, hits: list[Division]) -> Read:
        expected = "banner of the league (name or 6-digit code)"
        banners = [d for d in hits if d.level == "banner"]
        if not banners:
            if hits and hits[0].level == "zone":
                return Bad(
                    expected, f"“{found}”是统计用的开发区，不是旗县；请填其所在的旗县（市、区），园区填在“园区”栏"
                )
            return Bad(expected, f"“{found}”不是内蒙古的旗县（市、区），请填 103 个旗县的名称或 6 位代码")
        if league is None:
            return banners[0].code
        inside = [d for d in banners if d.parent == league]
        if len(inside) == 1:
            return inside[0].code
        if inside:
            return Bad(expected, f"“{found}”可指 {'、'.join(d.name for d in inside)}，请填全称或 6 位代码")
        owner = self.by_code[banners[0].parent or ""].name
        return Bad(expected, f"“{found}”属于{owner}，不属于{self.by_code[league].name}，请改正盟市或旗县")


def _short(name: str, ends: tuple[str, ...]) -> str:
    """包头 for 包头市; a name that would shrink to one character stays."""
    for end in ends:
        if name.endswith(end) and len(name) - len(end) >= 2:
            return name.removesuffix(end)
    return name


def _unique(names: object) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for name, code, ends in names:  # type: ignore[attr-defined]
        for spelling in {fold(name), _short(fold(name), ends)}:
            found.setdefault(spelling, set()).add(code)
    return {spelling: codes.pop() for spelling, codes in found.items() if len(codes) == 1}
