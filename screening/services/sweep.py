"""The daily sweep: what the calendar alone brings about, day by day, in small transactions that are safe to repeat."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from screening.clock import day_of
from screening.domain.calendar import chinese, months_later
from screening.domain.errors import Refusal
from screening.domain.history import Event, Happening
from screening.domain.noticing import DORMANT, LAPSED, Due, NoticeKind, of_clock
from screening.domain.registry import from_facts
from screening.domain.rules import Rulebook
from screening.services import CONSOLE, Ledger
from screening.services.reminding import clock_words, make
from screening.services.renewal import differing, rewrite
from screening.services.rules import overlay
from screening.store import noticing as store
from screening.store import objections, registry, trail
from screening.store.alone import alone

TOGETHER = 100
"""Projects that one transaction screens again when the rules in force changed."""
LEAP = 366
"""Days: whoever finds more than these to make up for is asked whether the clock is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did: the days that it finished, how many projects it screened again and notices it made."""

    days: tuple[date, ...] = ()
    screened: int = 0
    notices: int = 0
    busy: bool = False
    """Another one was at work: nothing was done."""


def sweep(ledger: Ledger, *, today: date, at: datetime, sure: bool = False) -> Swept:
    """Sweeps every day since the last one swept, up to `today`; the first time, that day alone.

    Each day is looked at as it was then, and every finding, notice and event names it. Everything is found by what is
    missing and done in a transaction of its own: whoever is killed is gone on with by the next, and a day swept
    again changes nothing. Refusal where `today` lies before the last day swept, or (unless `sure`) over a year after.
    """
    with alone(ledger) as held:
        if not held:
            return Swept(busy=True)
        days = _days(ledger, today, sure=sure)
        screened = notices = 0
        changes = sorted(_changes(ledger.rules))
        for day in days:
            one = _Day(ledger, day, at, since=changes[bisect_right(changes, day) - 1])
            one.run()
            screened += one.screened
            notices += one.notices
        return Swept(days=days, screened=screened, notices=notices)


def _days(ledger: Ledger, today: date, *, sure: bool) -> tuple[date, ...]:
    with ledger.reader() as session:
        _, last, left = store.swept(session)
    if last is not None and today < last:
        raise Refusal(
            f"上次巡查已到{chinese(last)}，今天却是{chinese(today)}，没有做任何事。请核对系统日期；日期无误的，"
            f"到{chinese(last)}自动恢复巡查。"
        )
    start = left or (today if last is None or last == today else last + timedelta(days=1))
    if start > today:
        raise Refusal(f"{chinese(start)}的巡查没有做完，今天却是{chinese(today)}，没有做任何事。请核对系统日期。")
    if (today - start).days > LEAP and not sure:
        raise Refusal(
            f"上次巡查到{chinese(start - timedelta(days=1))}，距{chinese(today)}超过一年，没有做任何事。"
            f"请核对系统日期；确属长期停用的，运行 screening tick --today {today.isoformat()} 补办。"
        )
    return tuple(start + timedelta(days=n) for n in range((today - start).days + 1))


class _Day:
    """The sweep of one day."""

    def __init__(self, ledger: Ledger, day: date, at: datetime, *, since: date) -> None:
        self.ledger, self.day, self.at, self.since = ledger, day, at, since
        self.screened = self.notices = 0

    def run(self) -> None:
        """Everything that the day brings, and the mark that it is done with."""
        with self.ledger.writer() as session:
            store.begin(session, self.day, self.at)
        self._rules()
        self._terms()
        self._opinions()
        self._clocks()
        self._accounts()
        with self.ledger.writer() as session:
            row = store.day(session, self.day)
            if row is not None and row.ended_at is None:
                row.ended_at = max(self.at, row.begun_at)
                after = {"day": self.day.isoformat()}
                event = Event(at=self.at, who=CONSOLE.login, kind=Happening.DAY_SWEPT, subject="ledger", after=after)
                trail.record(session, event)

    def _rules(self) -> None:
        """Projects that were screened by rules which are not those of this day any more."""
        version = self.ledger.rules.version
        with self.ledger.reader() as session:
            left = bool(store.stale(session, version=version, since=self.since, most=1))
        while left:
            with self.ledger.writer() as session:
                book = overlay(self.ledger, session)
                rows = store.stale(session, version=version, since=self.since, most=TOGETHER)
                left = len(rows) == TOGETHER
                why = f"按{chinese(self.day)}有效的规则（版本{book.version[:12]}）重新筛查"
                self.screened += rewrite(session, book, rows, who=CONSOLE.login, at=self.at, today=self.day, why=why)

    def _terms(self) -> None:
        """Projects whose retrofit term passed, or whose stay began or ended since: exit is proposed, or no longer."""
        with self.ledger.reader() as session:
            stale = differing(session, overlay(self.ledger, session), store.past_due(session, self.day), today=self.day)
        for key in stale:
            self._screen(key, "改造期限届满或者停止执行情况有变化")

    def _opinions(self) -> None:
        """Energy review opinions on which nothing was begun in time: whether they lapsed is the rules' affair."""
        with self.ledger.reader() as session:
            book = overlay(self.ledger, session)
            rule = book.parameter("opinion_validity_months", self.day)
            if rule is None or rule.amount is None:
                return
            told = store.made(session, NoticeKind.APPROVAL)
            waiting = []
            for row in store.proposed(session):
                given = from_facts(json.loads(row.facts)).review_date
                if given is None or months_later(given.last, int(rule.amount)) >= self.day:
                    continue
                name = f"approval:{row.id.hex}:{given.last.isoformat()}"
                if (name, LAPSED) not in told:
                    waiting.append((row, name))
            stale = set(differing(session, book, [row for row, _ in waiting], today=self.day))
            keys = [(row.id, name) for row, name in waiting]
        for key, name in keys:
            self._screen(key, "节能审查意见有效期届满", due=Due(name, LAPSED, self.day), again=key in stale)

    def _screen(self, key: UUID, why: str, *, due: Due | None = None, again: bool = True) -> None:
        """Screens a project as of this day, and makes the notice `due` where the result says that it is."""
        with self.ledger.writer() as session:
            row = registry.get(session, key, by=CONSOLE)
            registry.hold(session, row, seen=row.version)
            if again:
                why = f"{why}，按{chinese(self.day)}重新筛查"
                book = overlay(self.ledger, session)
                self.screened += rewrite(session, book, [row], who=CONSOLE.login, at=self.at, today=self.day, why=why)
                row = registry.get(session, key, by=CONSOLE)
            if due is not None:
                hints = json.loads(row.screening)["hints"]
                said = next((hint["text"] for hint in hints if hint["id"] == "opinion_lapsed"), None)
                if said is not None:
                    self.notices += make(session, NoticeKind.APPROVAL, due, said, project=key, at=self.at)

    def _clocks(self) -> None:
        """Notices of running clocks."""
        days = self.ledger.rules.deadline(self.day).reminders_days
        until = self.day + timedelta(days=max(days, default=0))
        with self.ledger.reader() as session:
            first, _, _ = store.swept(session)
            told = store.made(session, NoticeKind.DEADLINE)
            found = store.running(session, until=until)
            stays = objections.running_stays(session, [one.decision for one in found], self.day)
            waiting = [
                one.clock.id
                for one in found
                if any((d.subject, d.threshold) not in told for d in self._due(one, days, stays, first or self.day))
            ]
        for key in waiting:
            with self.ledger.writer() as session:
                # Meanwhile it may have been accepted, or stayed.
                for one in store.running(session, until=until, clock=key):
                    stays = objections.running_stays(session, [one.decision], self.day)
                    for due in self._due(one, days, stays, first or self.day):
                        stay = stays.get(one.decision) if one.decision else None
                        text = clock_words(due, one.clock, stay)
                        self.notices += make(
                            session, NoticeKind.DEADLINE, due, text, project=one.project, clock=key, at=self.at
                        )

    def _due(
        self, one: store.Running, days: Collection[int], stays: dict[UUID, objections.StayRow], first: date
    ) -> tuple[Due, ...]:
        known = max(
            (d for d in (one.served_on, one.entered_at and day_of(one.entered_at)) if d), default=one.clock.start
        )
        stayed = one.decision in stays
        return tuple(
            of_clock(
                f"clock:{one.clock.id.hex}", one.clock.due, known=known, first=first, today=self.day, days=days,
                stayed=stayed,
            )
        )  # fmt: skip

    def _accounts(self) -> None:
        """Accounts that nobody signed in to for as long as the rules say: reported, never closed by themselves."""
        rule = self.ledger.rules.parameter("dormant_days", self.day)
        if rule is None or rule.amount is None:
            return
        with self.ledger.reader() as session:
            told = store.made(session, NoticeKind.ACCOUNT)
            waiting = []
            for row in store.let_in(session):
                last = day_of(row.last_sign_in or row.added_at)
                name = f"account:{row.id.hex}:{last.isoformat()}"
                if (self.day - last).days >= rule.amount and (name, DORMANT) not in told:
                    never = "" if row.last_sign_in else "（添加之日，从未登录）"
                    said = f"自{chinese(last)}{never}起{(self.day - last).days}日没有登录。"
                    waiting.append((row.id, Due(name, DORMANT, self.day), said))
        for key, due, said in waiting:
            with self.ledger.writer() as session:
                self.notices += make(session, NoticeKind.ACCOUNT, due, said, person=key, at=self.at)


def _changes(book: Rulebook) -> set[date]:
    """The days on which the rules in force, or what is known of them, changed; the first of all days is one of them."""
    rules = book.every_rule()
    first = [r.in_force_from for r in rules] + [e.in_force_from for e in book.editions]
    last = [r.in_force_to for r in rules] + [r.known_until for r in rules] + [e.in_force_to for e in book.editions]
    return (
        {date.min} | {day for day in first if day} | {day + timedelta(days=1) for day in last if day and day < date.max}
    )
