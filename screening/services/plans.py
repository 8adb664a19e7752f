"""Chapter 5, plans: what an enterprise means to do by when, version by version, what it reported, and its pace."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain import plans as domain
from screening.domain.acceptance import position_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.plans import STEPS, Pace, PlanStep
from screening.domain.quantity import plain
from screening.domain.registry import Project, from_facts
from screening.services import Ledger
from screening.services.attachments import ticked
from screening.services.lines import region_name, signature, subject
from screening.store import cases, people, registry, trail
from screening.store import plans as store

LONGEST: Final = 2000
PLACES: Final = 6
MOST: Final = Decimal(10) ** 11
DIFFERENT: Final = {
    "measures": "改造措施", "investment": "投资（万元）", "expected_sec": "改造后单位产品能耗",
    "saving": "年节能量（tce）",
}  # fmt: skip


def pace(session: Session, clock_ids: Collection[UUID], *, today: date) -> dict[UUID, Pace]:
    """At what pace the retrofits of these clocks go; a clock without a plan is left out."""
    terms = store.terms(session, clock_ids)
    versions = store.versions(session, list(terms))
    reports = store.reports(session, list(terms))
    marks = store.milestones(session, [rows[-1].id for rows in versions.values()])
    return {
        clock: _pace(marks[rows[-1].id], reports.get(clock, []), *terms[clock], today=today)
        for clock, rows in versions.items()
    }


def _pace(
    marks: Sequence[store.PlanMilestoneRow],
    reports: Sequence[store.PlanReportRow],
    served: date,
    due: date | None,
    outer_limit: date | None,
    *,
    today: date,
) -> Pace:
    counted = [row for row in reports if row.voided_at is None]
    return domain.pace(
        {PlanStep(mark.step): mark.planned for mark in marks},
        reached_days(counted),
        [(row.day, row.percent) for row in counted if row.percent is not None],
        start=served,
        today=today,
        due=due,
        outer_limit=outer_limit,
    )


def reached_days(reports: Sequence[store.PlanReportRow]) -> dict[PlanStep, date]:
    """The day on which each milestone was reached, by the first report that says so."""
    found: dict[PlanStep, date] = {}
    for row in reports:
        if row.step is not None and row.reached_on is not None:
            found.setdefault(PlanStep(row.step), row.reached_on)
    return found
