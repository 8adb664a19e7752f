"""Reads the worked cases of `tests/cases/` and compares a screening with what they expect."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from screening import rulebook
from screening.domain.classification import (
    Disposition,
    Finding,
    FindingId,
    Measure,
    Screening,
    screen,
    to_document,
)
from screening.domain.classification.day import day_of
from screening.domain.classification.proposal import class_grounds, finding_grounds, measures_for
from screening.domain.registry import PROJECT_FIELDS, UNIT_FIELDS, Project, from_facts
from screening.domain.rules import Rulebook

CASES = Path(__file__).parents[1] / "cases"
STAND_INS = {
    "name": "示例项目",
    "enterprise": "示例企业有限公司",
    "league": "150200",
    "banner": "150204",
    "industry": "chemical",
    "stage": "existing",
}
PROJECT_KEYS = {f.key for f in PROJECT_FIELDS}
UNIT_KEYS = {f.key for f in UNIT_FIELDS}
USE = {
    "basis": "设计",
    "year": None,
    "sold": False,
    "measure": None,
    "heating_value": None,
    "feedstock": False,
    "renewable": False,
}


def read(name: str) -> dict[str, Any]:
    """A file of cases as plain data; figures written without quotes stay exact."""
    return tomllib.loads((CASES / name).read_text("utf-8"), parse_float=Decimal)


@lru_cache(maxsize=1)
def rules() -> Rulebook:
    """The rules that ship with the program."""
    return rulebook.load()


def project_of(facts: Mapping[str, Any]) -> Project:
    """The project that the compact facts of a case describe (see `tests/cases/README.md`)."""
    own = {**STAND_INS, **facts}
    blank = set(own.pop("blank", ()))
    own = {key: value for key, value in own.items() if key not in blank}
    uses = [{**USE, **use} for use in own.pop("uses", ())]
    units = own.pop("units", None) or [{k: own.pop(k) for k in list(own) if k in UNIT_KEYS}]
    strange = (set(own) | blank) - PROJECT_KEYS - UNIT_KEYS | {k for u in units for k in u if k not in UNIT_KEYS}
    assert not strange, f"no such field: {sorted(strange)}"
    known = set(own) | blank | {k for unit in units for k in unit}
    spelled = {key: value.isoformat() if isinstance(value, date) else value for key, value in own.items()}
    return from_facts({**spelled, "units": units, "uses": uses, "known": sorted(known), "extra": []})


@dataclass(frozen=True)
class Case:
    """One worked case: what is on file, the day, what people did, and the answer that the law gives."""

    id: str
    as_of: date
    edition: str | None
    project: Project
    confirm: tuple[str, ...] = ()
    dismiss: tuple[str, ...] = ()
    enter: tuple[str, ...] = ()
    overdue: bool = False
    decide: str | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)


def cases_of(name: str) -> list[Case]:
    """The cases of a file; ids are unique within it."""
    whole = read(name)
    found = []
    for one in whole["case"]:
        strange = set(one) - {
            "id",
            "as_of",
            "edition",
            "facts",
            "confirm",
            "dismiss",
            "enter",
            "overdue",
            "decide",
            "expect",
        }
        assert not strange, f"{name}: {one['id']}: {sorted(strange)}"
        found.append(
            Case(
                id=one["id"],
                as_of=one.get("as_of") or whole["as_of"],
                edition=one.get("edition"),
                project=project_of({**whole.get("facts", {}), **one.get("facts", {})}),
                confirm=tuple(one.get("confirm", ())),
                dismiss=tuple(one.get("dismiss", ())),
                enter=tuple(one.get("enter", ())),
                overdue=one.get("overdue", False),
                decide=one.get("decide"),
                expect=one["expect"],
            )
        )
    assert len({c.id for c in found}) == len(found), f"{name}: two cases of one id"
    return found


def answer(case: Case) -> Screening:
    """Screens the case, with the findings that people confirmed, set aside or entered."""
    plain = screen(case.project, rules(), as_of=case.as_of, edition=case.edition)
    entered = [Finding(FindingId(i), "entered", {"note": "现场检查"}, "现场检查认定。", ()) for i in case.enter]
    missing = {*case.confirm, *case.dismiss} - {f.id.value for f in plain.findings}
    assert not missing, f"not detected, so nobody can confirm or dismiss it: {missing}"
    return screen(
        case.project,
        rules(),
        as_of=case.as_of,
        edition=case.edition,
        confirmed=[*(f for f in plain.findings if f.id.value in case.confirm), *entered],
        dismissed=[f for f in plain.findings if f.id.value in case.dismiss],
        overdue=case.overdue,
    )


def measures_of(case: Case, result: Screening) -> tuple[Measure, ...]:
    """The measures of the disposition that a person decides in the case, else of the one that would follow."""
    if case.decide is None:
        return result.measures_if_confirmed if result.disposition_if_confirmed else result.measures
    day = day_of(rules(), case.as_of, case.edition)
    counted = [f for f in result.findings if f.id.value in {*case.confirm, *case.enter}]
    grounds = (*finding_grounds(counted, len(result.units)), *class_grounds(case.project, result.units, day))
    return measures_for(Disposition(case.decide), None, case.project, grounds, day)


def _null(value: object) -> object:
    return "null" if value is None else value


def sentences(result: Screening) -> str:
    """Everything that the screening says to a person, a sentence a line."""
    return "\n".join(
        [*result.reasons, *(f.text for f in result.findings), *(h.text for h in result.hints)],
    )


def differences(case: Case) -> list[str]:
    """What the answer has otherwise than the case expects; empty where it agrees."""
    result, expect = answer(case), case.expect
    document = to_document(result)
    measures = measures_of(case, result)
    seen = {
        "class": document["class"],
        "edition": result.edition,
        "disposition": document["disposition"],
        "if_confirmed": document["disposition_if_confirmed"],
        **document["energy"],
        "findings": [f["id"] for f in document["findings"]],
        "letters": sorted({m.letter for m in measures}),
        "measures": sorted(m.ref.rsplit("/", 1)[-1] for m in measures),
        "measure_units": {m.ref.rsplit("/", 1)[-1]: list(m.units) for m in measures},
    }
    hints = [h["id"] for h in document["hints"]]
    said = sentences(result)
    found = []
    for key, wanted in {"findings": [], **expect}.items():
        match key:
            case "hints":
                found += [f"hint {h} is missing among {hints}" for h in wanted if h not in hints]
            case "no_hints":
                found += [f"hint {h} should not be there" for h in wanted if h in hints]
            case "says":
                found += [f"{piece!r} is not said in\n{said}" for piece in wanted if piece not in said]
            case "says_not":
                found += [f"{piece!r} is said in\n{said}" for piece in wanted if piece in said]
            case "facts":
                facts = document["findings"][0]["facts"] if document["findings"] else {}
                found += [f"fact {k}: {facts.get(k)!r}, not {v!r}" for k, v in wanted.items() if facts.get(k) != v]
            case "limits":
                seen_limits = [
                    [{k: _null(v) for k, v in limit.items()} for limit in u["limits"]] for u in document["units"]
                ]
                for own, listed in zip(seen_limits, wanted, strict=True):
                    shown = [{k: one[k] for k in ("standard", "reached", "broken")} for one in own]
                    found += [] if shown == listed else [f"limits: {shown}, not {listed}"]
            case "units":
                assert len(wanted) == len(document["units"]), "the case lists another number of units"
                for position, unit in enumerate(wanted):
                    own = document["units"][position]
                    found += [
                        f"unit {position} {k}: {own[k]!r}, not {v!r}" for k, v in unit.items() if _null(own[k]) != v
                    ]
            case _:
                value = _null(seen[key])
                if value != wanted:
                    found.append(f"{key}: {value!r}, not {wanted!r}")
    return found
