"""Chapter 3, a project beside itself: what changed since it was last accepted, and the figures of the year before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from screening.domain.history import Happening
from screening.domain.people import Person
from screening.domain.plausibility import PREFIX, beside_earlier
from screening.domain.quantity import plain
from screening.domain.registry import EnergyUse, Project, from_facts
from screening.domain.review import CaseState
from screening.domain.rules import Plausibility
from screening.services import Ledger
from screening.services.changes import Facts, FieldChange, differences
from screening.services.history import told
from screening.services.lines import subject
from screening.services.plausibility import earlier_of
from screening.services.views import DoubtView
from screening.store import registry as store
from screening.store import trail

ACCEPTING = (Happening.CASE_ACCEPTED, Happening.CASE_FORWARDED, Happening.DECISION_SIGNED)
ACTUAL = "实际"
ENERGY_RANGE = "total_year_on_year"
SHOWN = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceAccepted:
    """What the facts say otherwise than when somebody accepted them last: by whom, when, and by which act."""

    words: str
    by: str
    at: datetime
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPair:
    """A figure in two years; `change` in per cent with its sign; `outlier` is the warning where it is not believed."""

    words: str
    measured: str
    earlier_year: int
    then: Decimal
    year: int
    now: Decimal
    change: str
    outlier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A project beside its own past; `accepted` None: nobody ever accepted it; no `years`: one year alone is there."""

    accepted: SinceAccepted | None
    years: tuple[YearPair, ...]


def beside(ledger: Ledger, project: UUID, doubts: Iterable[DoubtView], *, by: Person, today: date) -> Beside:
    """The project's facts beside those last accepted, and its actual figures beside those of the year before.

    `doubts` are the project's warnings as of `today`, which say which figures are out of all proportion.
    """
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        facts: Facts = json.loads(row.facts)
        regions = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
        accepted = _since_accepted(session, row, facts, regions)
        earlier = earlier_of(session, row.id, facts)
    stated = from_facts(facts)
    wrong = {doubt.facts["what"]: doubt.text for doubt in doubts if "earlier_year" in doubt.facts}
    same = next((doubt.text for doubt in doubts if doubt.id == f"{PREFIX}identical_over_years"), None)
    pairs = [
        YearPair(
            words=pair.words,
            measured=pair.measured,
            earlier_year=pair.earlier_year,
            then=pair.then,
            year=pair.year,
            now=pair.now,
            change=_change(pair.then, pair.now),
            outlier=wrong.get(pair.words) or (same if pair.then == pair.now else None),
        )
        for pair in (beside_earlier(stated, earlier) if earlier else ())
    ]
    believed = next((row for row in ledger.rules.plausibility if row.id == ENERGY_RANGE and row.holds(today)), None)
    return Beside(accepted=accepted, years=(*pairs, *carriers_beside(stated, believed)))


def _since_accepted(
    session: Session, row: store.ProjectRow, facts: Facts, regions: dict[str, str]
) -> SinceAccepted | None:
    """Goes back through the trail, undoing one change of the facts after another, to the last acceptance.

    A case that waits for the region was forwarded as it stands: it is laid beside what was accepted before that.
    """
    former, onward = facts, row.case_state is CaseState.FORWARDED
    for event in trail.of_subject(session, subject(row.id)):
        if event.kind == Happening.PROJECT_CHANGED.value and event.before is not None:
            former = {**former, **json.loads(event.before)}
        elif event.kind in ACCEPTING:
            if onward and event.kind == Happening.CASE_FORWARDED.value:
                onward = False
                continue
            line = told(session, [event])[0]
            changes = tuple(c for c in differences(former, facts, regions) if c.key != "known")
            return SinceAccepted(words=line.words, by=line.who_name, at=line.at, changes=changes)
    return None


def carriers_beside(project: Project, believed: Plausibility | None) -> Iterable[YearPair]:
    """The carriers that the project states actual amounts of for the latest year and for one before."""
    amounts: dict[str, dict[int, Decimal]] = {}
    measures: dict[str, str] = {}
    for use in project.uses:
        if use.basis == ACTUAL and use.year is not None:
            words = _use_words(use)
            of_years = amounts.setdefault(f"{words}（{use.measure}）", {})
            of_years[use.year] = of_years.get(use.year, Decimal(0)) + use.amount
            measures[f"{words}（{use.measure}）"] = use.measure
    for key, of_years in amounts.items():
        if len(of_years) > 1:
            then, now = sorted(of_years)[-2:]
            yield YearPair(
                words=key.removesuffix(f"（{measures[key]}）"),
                measured=measures[key],
                earlier_year=then,
                then=of_years[then],
                year=now,
                now=of_years[now],
                change=_change(of_years[then], of_years[now]),
                outlier=_beyond(of_years[then], of_years[now], believed),
            )


def _beyond(then: Decimal, now: Decimal, believed: Plausibility | None) -> str | None:
    """The warning where energy use grew or fell beyond what is believed of the total."""
    if believed is None or believed.low is None or believed.high is None or then <= 0:
        return None
    if then * believed.low <= now <= then * believed.high:
        return None
    return f"变化超出合理范围（上一年的{plain(believed.low * 100)}%至{plain(believed.high * 100)}%）：{believed.text}"


def _use_words(use: EnergyUse) -> str:
    return use.carrier + ("（外供）" if use.sold else "") + ("（原料）" if use.feedstock else "")


def _change(then: Decimal, now: Decimal) -> str:
    """How much more, in per cent with its sign; a dash beside nothing."""
    if then == 0:
        return "—"
    share = ((now - then) / abs(then) * 100).quantize(SHOWN)
    return "0%" if share == 0 else f"{'+' if share > 0 else ''}{plain(share)}%"
