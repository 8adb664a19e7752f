"""How a file's statement of a project joins what the ledger knows: merged, then told field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screening.domain.registry import FIELD, PROJECT_FIELDS, UNIT_FIELDS, Field, Industry, Kind, Stage

Facts = dict[str, Any]
USES = "uses"
UNITS = "装置"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One figure or text that differs: `words` as users read the field, old and new as the ledger spells them."""

    key: str
    words: str
    old: str | None
    new: str | None


def merged(old: Facts, new: Facts) -> Facts:
    """The ledger's facts with everything that the file speaks about; a column the file lacks leaves what was there."""
    known = set(new["known"])
    joined = {f.key: new[f.key] if f.key in known or new[f.key] is not None else old.get(f.key) for f in PROJECT_FIELDS}
    joined["units"] = [
        _unit(unit, _earlier(unit, position, old["units"], new["units"]), known)
        for position, unit in enumerate(new["units"])
    ]
    joined[USES] = new[USES] if new[USES] or USES in known else old[USES]
    joined["known"] = sorted(set(old["known"]) | known)
    joined["extra"] = _joined(old["extra"], new["extra"])
    return joined


Extra = list[list[str]]


def orderly(facts: Facts) -> Facts:
    """The facts with unknown columns of one name side by side, so that the same columns always read the same."""
    return {**facts, "extra": _joined([], facts["extra"])}


def _by_header(extra: Extra) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for header, text in extra:
        found.setdefault(header, []).append(text)
    return found


def _joined(old: Extra, new: Extra) -> Extra:
    columns = {**_by_header(old), **_by_header(new)}
    return [[header, text] for header, texts in columns.items() for text in texts]


def _earlier(unit: Facts, position: int, old: Sequence[Facts], new: Sequence[Facts]) -> Facts | None:
    """The unit of the ledger that a unit of the file is: by its name, else by its place and product."""
    name = unit["unit_name"]
    if name is not None:
        same = [u for u in old if u["unit_name"] == name]
        if len(same) == 1 and sum(u["unit_name"] == name for u in new) == 1:
            return same[0]
    if position < len(old) and old[position]["product"] == unit["product"]:
        return old[position]
    return None


def _unit(unit: Facts, earlier: Facts | None, known: set[str]) -> Facts:
    if earlier is None:
        return unit
    return {
        f.key: unit[f.key] if f.key in known or unit[f.key] is not None else earlier.get(f.key) for f in UNIT_FIELDS
    }


def differences(old: Facts, new: Facts, regions: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """Every field that differs, project first, then unit by unit; `regions` names the divisions."""
    return tuple(_differences(old, new, regions))


def _differences(old: Facts, new: Facts, regions: Mapping[str, str]) -> Iterator[FieldChange]:
    for f in PROJECT_FIELDS:
        if old.get(f.key) != new.get(f.key):
            yield _change(f, f.header, old.get(f.key), new.get(f.key), regions)
    if len(old["units"]) != len(new["units"]):
        yield FieldChange(key="units", words="装置数", old=str(len(old["units"])), new=str(len(new["units"])))
    for position, unit in enumerate(new["units"]):
        earlier = old["units"][position] if position < len(old["units"]) else {}
        title = unit["unit_name"] or f"{UNITS}{position + 1}（{unit['product']}）"
        for f in UNIT_FIELDS:
            if earlier.get(f.key) != unit.get(f.key):
                yield _change(f, f"{title}·{f.header}", earlier.get(f.key), unit.get(f.key), regions)
    for unit in old["units"][len(new["units"]) :]:
        yield FieldChange(key="units", words=UNITS, old=unit["unit_name"] or unit["product"], new=None)
    if old[USES] != new[USES]:
        yield FieldChange(key=USES, words="能源消费", old=_uses(old[USES]), new=_uses(new[USES]))
    before, after = _by_header(old["extra"]), _by_header(new["extra"])
    for header in dict.fromkeys([*before, *after]):
        if before.get(header) != after.get(header):
            yield FieldChange(
                key="extra",
                words=header,
                old="；".join(before[header]) if header in before else None,
                new="；".join(after[header]) if header in after else None,
            )
    added = [FIELD[k].header for k in new["known"] if k not in old["known"] and k in FIELD]
    if added:
        yield FieldChange(key="known", words="新填报的栏目", old=None, new="、".join(added))


def _change(f: Field, words: str, old: str | None, new: str | None, regions: Mapping[str, str]) -> FieldChange:
    return FieldChange(key=f.key, words=words, old=spoken(f, old, regions), new=spoken(f, new, regions))


def spoken(f: Field, text: str | None, regions: Mapping[str, str]) -> str | None:
    """A stored value as users read it."""
    if text is None:
        return None
    match f.kind:
        case Kind.INDUSTRY:
            return Industry(text).words
        case Kind.STAGE:
            return Stage(text).words
        case Kind.LEAGUE | Kind.BANNER:
            return regions.get(text, text)
        case _:
            return text


def _uses(uses: Sequence[Facts]) -> str | None:
    if not uses:
        return None
    return "；".join(
        f"{u['basis']}{u['year'] or ''}{'外供' if u['sold'] else ''}{u['carrier']} {u['amount']} {u['measure']}"
        for u in uses
    )


def changed_parts(old: Facts, new: Facts) -> tuple[Facts, Facts]:
    """What the trail keeps of a change: the parts that differ, before and after."""
    keys = [k for k in new if old.get(k) != new.get(k)]
    return {k: old.get(k) for k in keys}, {k: new[k] for k in keys}


def stated(facts: Facts) -> Facts:
    """What the trail keeps of a new project: everything that is not blank."""
    kept = {k: v for k, v in facts.items() if v not in (None, [])}
    kept["units"] = [{k: v for k, v in u.items() if v is not None} for u in facts["units"]]
    return kept
