"""The boxes of the form of a project: what each shows and offers, made from the fields of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from screening.domain.registry import PROJECT_FIELDS, UNIT_FIELDS, Field, Industry, Kind, Stage
from screening.services.entries import MOST_ROWS, USE_FIELDS, USUAL_USE, Typed

LONG = {"problems", "opinion", "remark", "approved_process"}
"""Fields of which several lines are usual."""
LISTS = {"product": "products", "variant": "variants", "carrier": "carriers", "measure": "measures"}
"""Boxes that suggest from a list: key -> id of the list."""
HINTS = {
    "code": "如 2024-150204-26-03-000001",
    "sec_unit": "如 kgce/t",
    "capacity_unit": "如 万吨/年",
    "heating_value": "实测，kJ/kg 或 kJ/m³",
    "year": "如 2025",
}
OFFERED = {
    Kind.INDUSTRY: tuple(i.words for i in Industry),
    Kind.STAGE: tuple(s.words for s in Stage),
    Kind.YES_NO: ("是", "否"),
}
UNSAID = "未提供"

Options = Sequence[tuple[str, Sequence[str]]]
"""Groups of options: (title or "", values)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: its name on the form, what stands in it, and what is said about it."""

    name: str
    label: str
    value: str
    required: bool
    form: str
    """line, text, choice or place."""
    suffix: str
    hint: str
    list: str
    options: Options
    error: str
    doubt: str
    asked: str
    """What a reviewer sent it back for."""
    often: str
    """How often and why it went back lately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of boxes, by the box or (`often`) by the field."""

    errors: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    often: Mapping[str, str] = field(default_factory=dict)


def box_of(key: str) -> str:
    """The box of the field that a return speaks of: that of a unit's field is the first unit's."""
    return f"units-0-{key}" if key in {f.key for f in UNIT_FIELDS} else key


def typed_from(form: MultiDict[str, str]) -> Typed:
    """The boxes as they were sent."""
    rows: dict[str, dict[int, dict[str, str]]] = {"units": {}, "uses": {}}
    allowed = {"units": {f.key for f in UNIT_FIELDS}, "uses": {f.key for f in USE_FIELDS}}
    for name, value in form.items():
        part, _, rest = name.partition("-")
        place, _, key = rest.partition("-")
        if part in rows and place.isascii() and place.isdigit() and len(place) < 4 and key in allowed[part]:
            rows[part].setdefault(int(place), {})[key] = _plain(value)
    units, uses = (tuple(found for _, found in sorted(rows[part].items()))[:MOST_ROWS] for part in ("units", "uses"))
    return Typed({f.key: _plain(form.get(f.key, "")) for f in PROJECT_FIELDS}, units or ({},), uses)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _box(f: Field, name: str, value: str, places: Options, said: Said) -> Box:
    options: Options = ()
    form = "text" if f.key in LONG else "line"
    if f.kind in {Kind.LEAGUE, Kind.BANNER}:
        form = "choice"
        options = (("", [title for title, _ in places]),) if f.kind is Kind.LEAGUE else places
    elif f.kind is Kind.CHOICE or f.kind in OFFERED:
        form = "choice"
        options = (("", f.choices or OFFERED[f.kind]),)
        if not f.required and f in PROJECT_FIELDS:
            options = (*options, ("", (UNSAID,)))
    if form == "choice" and value and not any(value in values for _, values in options):
        options = (*options, ("", (value,)))
    return Box(
        name=name,
        label=f.header,
        value=value,
        required=f.required,
        form=form,
        suffix=f.measure or "",
        hint=HINTS.get(f.key, ""),
        list=LISTS.get(f.key, ""),
        options=options,
        error=said.errors.get(name, ""),
        doubt=said.doubts.get(name, ""),
        asked=said.asked.get(name, ""),
        often=said.often.get(f.key, ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All boxes of a form: by group of the ledger, by unit and by energy use."""

    groups: Mapping[str, Sequence[Box]]
    units: Sequence[Sequence[Box]]
    uses: Sequence[Sequence[Box]]


def sheet_of(typed: Typed, places: Options, said: Said | None = None) -> Sheet:
    """The boxes with what stands in them and what is said of them."""
    said = said or Said()
    groups: dict[str, list[Box]] = {}
    for f in PROJECT_FIELDS:
        groups.setdefault(f.group, []).append(_box(f, f.key, typed.fields.get(f.key, ""), places, said))
    units = [
        [_box(f, f"units-{i}-{f.key}", row.get(f.key, ""), (), said) for f in UNIT_FIELDS]
        for i, row in enumerate(typed.units or ({},))
    ]
    uses = [
        [_box(f, f"uses-{i}-{f.key}", row.get(f.key, USUAL_USE.get(f.key, "")), (), said) for f in USE_FIELDS]
        for i, row in enumerate(typed.uses)
    ]
    return Sheet(groups=groups, units=units, uses=uses)
