"""补录间隔: for each office, how many days lie between the day on paper and the day of entry."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Final

from screening.clock import day_of
from screening.domain.letters import office_of
from screening.domain.lists import Cell, Column, Group, Listing, Look
from screening.domain.people import Person
from screening.services import Ledger
from screening.services.lines import region_name
from screening.store import gaps as store

TITLE: Final = "补录间隔统计"
COLUMNS: Final = (
    Column("office", "机关", 150),
    Column("decisions", "决定和补录", 40, Look.FIGURE, "件"),
    Column("decision_late", "隔日补录", 44, Look.FIGURE, "件"),
    Column("decision_median", "签发间隔中位数", 60, Look.FIGURE, "天", 1),
    Column("decision_most", "签发间隔最大", 54, Look.FIGURE, "天"),
    Column("services", "送达", 40, Look.FIGURE, "件"),
    Column("service_late", "隔日补录", 44, Look.FIGURE, "件"),
    Column("service_median", "送达间隔中位数", 60, Look.FIGURE, "天", 1),
    Column("service_most", "送达间隔最大", 54, Look.FIGURE, "天"),
)
NOTE: Final = (
    "间隔：决定和补录的纸质文书为纸质签发日期、送达为送达回证日期，到系统登记日期（北京时间）的天数，当天登记为0；按编文号的机关分列，"
    "作废的文书照计。"
)


def median(days: list[int]) -> Decimal:
    """The middle of some days; of an even number the mean of the two in the middle."""
    ordered = sorted(days)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Decimal(ordered[half])
    return Decimal(ordered[half - 1] + ordered[half]) / 2


def listing(ledger: Ledger, *, by: Person, today: date) -> Listing:
    """A row for every office with a decision or a service within the scope, in the order of the divisions."""
    with ledger.reader() as session:
        signed = [*store.decisions(session, by=by), *store.papers(session, by=by)]
        parts = [_days(signed), _days(store.services(session, by=by))]
    rows = tuple(
        (office_of(ledger.rules, office).name, *(cell for part in parts for cell in _cells(part.get(office, []))))
        for office in sorted({*parts[0], *parts[1]})
    )
    place = () if by.scope.endswith("0000") else (region_name(ledger, by.scope),)
    return Listing(
        title=TITLE,
        office=office_of(ledger.rules, by.scope).name,
        day=today,
        conditions=place,
        columns=COLUMNS,
        groups=(Group(None, rows),),
        counted="个机关",
        notes=(NOTE,),
    )


def _days(entered: store.Entered) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for office, on, at in entered:
        found[office].append((day_of(at) - on).days)
    return found


def _cells(days: list[int]) -> tuple[Cell, ...]:
    if not days:
        return (0, 0, None, None)
    return (len(days), sum(day > 0 for day in days), median(days), max(days))
