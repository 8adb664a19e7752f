"""What is typed into the form of a project: read by the workbook's own readers, and a project spelled back into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from screening.domain.registry import (
    FIELD,
    PROJECT_FIELDS,
    UNIT_FIELDS,
    Field,
    Industry,
    Kind,
    Project,
    Stage,
    from_facts,
    spell,
)
from screening.domain.rules import RegionLevel, Rulebook
from screening.workbook.cells import UNSAID, Bad, Doubtful, Reader, clean, reader_of
from screening.workbook.energy import carrier_reader, read_measure, use_of
from screening.workbook.headers import ENERGY_FIELDS
from screening.workbook.regions import Division, Regions

USE_FIELDS = tuple(f for f in ENERGY_FIELDS if f.key not in {"code", "name", "enterprise"})
"""The columns of the sheet of energy use that say something of the use itself."""
USUAL_USE = {"basis": "设计", "sold": "消费"}
LONGEST = 4000
MOST_ROWS = 100
_LEVELS = {RegionLevel.LEAGUE: "league", RegionLevel.BANNER: "banner", RegionLevel.ZONE: "zone"}

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """The boxes of the form as they stand: key -> text for the project, for each unit and for each energy use."""

    fields: Texts
    units: tuple[Texts, ...]
    uses: tuple[Texts, ...]

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data, blank boxes left out."""
        return {
            "fields": _filled(self.fields),
            "units": [*map(_filled, self.units)],
            "uses": [*map(_filled, self.uses)],
        }

    @classmethod
    def from_data(cls, data: Any) -> Typed:
        """The inverse of `to_data`; anything else than texts under known keys is left out."""
        given = data if isinstance(data, dict) else {}
        return cls(
            fields=_known(given.get("fields"), PROJECT_FIELDS),
            units=tuple(_known(u, UNIT_FIELDS) for u in _rows(given.get("units"))),
            uses=tuple(_known(u, USE_FIELDS) for u in _rows(given.get("uses"))),
        )

    @property
    def title(self) -> str:
        """What a list calls it."""
        return (self.fields.get("name") or self.fields.get("code") or "").strip()[:200] or "（未填项目名称）"


def _filled(texts: Texts) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text.strip()}


def _rows(value: Any) -> list[Any]:
    return value[:MOST_ROWS] if isinstance(value, list) else []


def _known(value: Any, fields: Sequence[Field]) -> dict[str, str]:
    given = value if isinstance(value, dict) else {}
    return {f.key: given[f.key] for f in fields if isinstance(given.get(f.key), str)}


@dataclass(frozen=True, slots=True)
class Filled:
    """What the readers made of a form.

    `facts` are the project's, as far as they can be read; `problems` and `doubts` are by box (`name`,
    `units-0-product`, `uses-1-amount`). `units` are the places of the units that count: blank ones do not.
    """

    facts: dict[str, Any]
    problems: dict[str, str]
    doubts: dict[str, str]
    units: tuple[int, ...]

    @property
    def project(self) -> Project | None:
        """The project; None while anything cannot be read."""
        return None if self.problems else from_facts(self.facts)


@dataclass
class _Reading:
    """One form being read."""

    problems: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    unsaid: set[str] = field(default_factory=set)

    def cell(self, box: str, f: Field, read: Reader, text: str) -> str | None:
        """The canonical text of a box, as the workbook would read it from a cell."""
        if text.strip() == UNSAID and not f.required:
            self.unsaid.add(f.key)
            return None
        if len(text) > LONGEST:
            self.problems[box] = f"“{f.header}”有 {len(text)} 字，请不超过 {LONGEST} 字"
            return None
        found = read(text)
        if isinstance(found, Bad):
            self.problems[box] = found.message
            return None
        if isinstance(found, Doubtful):
            self.doubts[box] = found.message
            found = found.value
        if found is None and f.required:
            self.problems[box] = f"“{f.header}”为必填项，不能空白，请补填"
        return None if found is None else str(found)


def regions_of(rules: Rulebook) -> Regions:
    """The divisions by what people type."""
    return Regions(
        tuple(Division(r.id, r.name, _LEVELS[r.level], r.parent) for r in rules.regions if r.level in _LEVELS)
    )


def is_blank(texts: Texts, usual: Texts | None = None) -> bool:
    """Whether nothing is typed in a row beside what stands there from the beginning."""
    return all(clean(text) is None or text == (usual or {}).get(key) for key, text in texts.items())


def read(typed: Typed, rules: Rulebook, *, kept: Project | None = None) -> Filled:
    """Reads the boxes exactly as the workbook reads cells; `kept`: the project as it stands, for what no box shows."""
    reading = _Reading()
    regions = regions_of(rules)
    facts: dict[str, Any] = {}
    for f in PROJECT_FIELDS:
        text = typed.fields.get(f.key, "")
        if f.kind is Kind.LEAGUE:
            facts[f.key] = reading.cell(f.key, f, regions.league, text)
        elif f.kind is Kind.BANNER:
            facts[f.key] = reading.cell(f.key, f, partial(regions.banner, facts.get("league")), text)
        else:
            facts[f.key] = reading.cell(f.key, f, reader_of(f), text)
    places = tuple(i for i, unit in enumerate(typed.units) if not is_blank(unit))
    facts["units"] = [
        {f.key: reading.cell(f"units-{i}-{f.key}", f, reader_of(f), typed.units[i].get(f.key, "")) for f in UNIT_FIELDS}
        for i in places
    ]
    if not places:
        reading.problems["units-0-product"] = "“主要产品”为必填项，不能空白，请补填"
    facts["uses"] = list(_uses(typed, rules, reading))
    known = set(FIELD) - reading.unsaid
    facts["known"] = sorted(known | {k for k in (kept.known if kept else ()) if k not in FIELD})
    facts["extra"] = [list(pair) for pair in kept.extra] if kept else []
    return Filled(facts, reading.problems, reading.doubts, places)


def _uses(typed: Typed, rules: Rulebook, reading: _Reading) -> Iterator[dict[str, Any]]:
    names = {word: carrier.name for word, carrier in rules.carriers_by_name.items()}
    special: dict[str, Reader] = {"carrier": carrier_reader(names), "measure": read_measure}
    unsaid = set(reading.unsaid)
    for i, row in enumerate(typed.uses):
        if is_blank(row, USUAL_USE):
            continue
        before = len(reading.problems)
        cells = {
            f.key: reading.cell(f"uses-{i}-{f.key}", f, special.get(f.key) or reader_of(f), row.get(f.key, ""))
            for f in USE_FIELDS
        }
        if len(reading.problems) == before:
            yield use_of(cells, cells["measure"] or "")
    reading.unsaid = unsaid  # the sheet of energy use has no columns that are silent


def typed_of(project: Project) -> Typed:
    """The project as the boxes show it: reading this back gives the same facts."""

    def shown(f: Field, value: Any) -> str:
        if value is None:
            return "" if f.key in project.known or f.required else UNSAID
        return _text(value)

    return Typed(
        fields={f.key: shown(f, getattr(project, f.key)) for f in PROJECT_FIELDS},
        units=tuple({f.key: shown(f, getattr(u, f.key)) for f in UNIT_FIELDS} for u in project.units),
        uses=tuple(
            {
                "basis": u.basis,
                "year": _text(u.year),
                "sold": "外供" if u.sold else "消费",
                "carrier": u.carrier,
                "amount": _text(u.amount),
                "measure": u.measure,
                "heating_value": _text(u.heating_value),
                "feedstock": "是" if u.feedstock else "",
                "renewable": "是" if u.renewable else "",
            }
            for u in project.uses
        ),
    )


def _text(value: Any) -> str:
    return value.words if isinstance(value, Industry | Stage) else spell(value) or ""


def header_of(box: str) -> str:
    """What users call a box."""
    part, _, rest = box.partition("-")
    place, _, key = rest.partition("-")
    if part == "units" and place.isdigit():
        return f"装置{int(place) + 1}·{FIELD[key].header}"
    if part == "uses" and place.isdigit():
        return f"能源{int(place) + 1}·{next(f.header for f in USE_FIELDS if f.key == key)}"
    return FIELD[part].header


@dataclass(frozen=True, slots=True)
class Merge:
    """Two changes of one record laid together: what stands in the boxes now, and where they differ.

    `theirs` were taken over because only the others changed them; `both` differ and keep what was typed.
    """

    typed: Typed
    theirs: tuple[Difference, ...]
    both: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field with what stood there first, what others saved, and what the person typed."""

    words: str
    opened: str
    theirs: str
    mine: str


def merge(opened: Typed, theirs: Typed, mine: Typed) -> Merge:
    """Three versions of the boxes into one: nothing typed is lost, nothing saved meanwhile is silently undone."""
    taken: list[Difference] = []
    both: list[Difference] = []

    def settle(words: str, first: str, other: str, own: str) -> bool:
        """Whether the others' value is taken."""
        if other in {own, first}:
            return False
        (taken if own == first else both).append(Difference(words, first, other, own))
        return own == first

    fields = {}
    for f in PROJECT_FIELDS:
        first, other, own = (t.fields.get(f.key, "").strip() for t in (opened, theirs, mine))
        fields[f.key] = other if settle(f.header, first, other, own) else own
    rows: dict[str, tuple[Texts, ...]] = {}
    for part, words in (("units", "装置"), ("uses", "能源消费")):
        first_rows, other_rows, own_rows = (_solid(getattr(t, part), part) for t in (opened, theirs, mine))
        rows[part] = own_rows
        if len(first_rows) == len(other_rows) == len(own_rows):
            merged = []
            for i, (first_row, other_row, own_row) in enumerate(zip(first_rows, other_rows, own_rows, strict=True)):
                known = UNIT_FIELDS if part == "units" else USE_FIELDS
                row = {}
                for f in known:
                    first, other, own = (r.get(f.key, "") for r in (first_row, other_row, own_row))
                    row[f.key] = other if settle(header_of(f"{part}-{i}-{f.key}"), first, other, own) else own
                merged.append(row)
            rows[part] = tuple(merged)
        elif settle(words, _said(first_rows), _said(other_rows), _said(own_rows)):
            rows[part] = other_rows
    return Merge(Typed(fields, rows["units"], rows["uses"]), tuple(taken), tuple(both))


def _solid(rows: Sequence[Texts], part: str) -> tuple[Texts, ...]:
    usual = USUAL_USE if part == "uses" else None
    return tuple({k: v.strip() for k, v in row.items()} for row in rows if not is_blank(row, usual))


def _said(rows: Sequence[Texts]) -> str:
    return "；".join(" ".join(v for v in row.values() if v) for row in rows)
