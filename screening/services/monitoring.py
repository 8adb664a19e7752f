"""Chapter 6, the workbench: what waits for a person, and five figures that open their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from screening.clock import day_of
from screening.domain.classification import PROPOSABLE, EfficiencyClass
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.procedure import StepId
from screening.domain.review import CaseState, LetterState, PageState, waits_for
from screening.services import CONSOLE, Ledger, replies
from screening.services.renewal import renew
from screening.services.rules import overlay
from screening.store import cases, procedure, registry, trail
from screening.store import rules as store_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its words; `page` is one of those of `web.monitoring.PAGES`, `query` its filter."""

    id: str
    words: str
    count: int
    page: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """`waiting`: what this person's role has to do; `figures`: the state of the ledger; `by_class`: a bar each."""

    waiting: tuple[Figure, ...]
    figures: tuple[Figure, ...]
    by_class: tuple[Figure, ...]
    by_disposition: tuple[Figure, ...]
    projects: int


def workbench(ledger: Ledger, *, by: Person, today: date) -> Workbench:
    """The figures within the person's scope; each equals the total of the list that it opens."""
    with ledger.reader() as session:

        def count(**chosen: object) -> int:
            return registry.count(session, registry.conditions(chosen, by=by, today=today))

        tally = registry.tally(session, registry.conditions({}, by=by, today=today), {}, today=today)
        classes, dispositions, states = (tally.of(p) for p in ("efficiency_class", "disposition", "case_state"))
        projects = sum(classes.values())
        waiting = []
        if by.may(Permission.REGISTER):
            for name, words, stands in (
                ("to_correct", "退回补正的项目", CaseState.CORRECTION),
                ("to_submit", "没有提交审核的项目", CaseState.REGISTERED),
            ):
                waiting.append(_figure(name, words, states.get(stands, 0), "ledger", state=stands.value))
        if by.may(Permission.RECOMMEND):
            total = sum(states.get(s, 0) for s in waits_for(by))
            waiting.append(_figure("to_review", "待审核项目", total, "review"))
        if by.may(Permission.REVIEW_LEGALITY):
            total = procedure.count_waiting(session, StepId.LEGAL_REVIEW, by=by)
            waiting.append(_figure("to_review_legally", "待法制审核", total, "legal"))
        if by.may(Permission.SIGN):
            waiting.append(_figure("to_sign", "待签发建议", states.get(CaseState.RECOMMENDED, 0), "sign"))
        if by.may(Permission.SERVE):
            for state, words in ((LetterState.SIGNED, "待印制文书"), (LetterState.PRINTED, "待送达文书")):
                total = cases.count_letters(session, state, by=by)
                waiting.append(_figure(f"letters_{state.value}", words, total, "letters", state=state.value))
        if any(by.may(permission) for permission in replies.MAY):
            total = replies.overdue(ledger, session, by=by, today=today)
            overdue = replies.Standing.OVERDUE
            waiting.append(_figure("referrals_overdue", "逾期未回复的移送", total, "referrals", standing=overdue.value))
        if by.may(Permission.COUNTERSIGN_RULES):
            mine = {person.id for person in by.both}
            total = sum(page.confirmed_by not in mine for page in store_rules.pages(session, PageState.WAITING))
            waiting.append(_figure("to_countersign", "待复核规则页", total, "rules", state=PageState.WAITING.value))
        waiting.append(_figure("overdue", "逾期未完成", count(deadline="overdue"), "ledger", deadline="overdue"))
        figures = (
            _figure("projects", "在册项目", projects, "ledger"),
            _figure("in_focus", "重点项目（5万吨标准煤以上）", count(in_focus=True), "ledger", focus="yes"),
            _figure(
                "below_baseline",
                "低于基准水平",
                classes.get(EfficiencyClass.BELOW_BASELINE, 0),
                "ledger",
                **{"class": EfficiencyClass.BELOW_BASELINE.value},
            ),
            _figure("findings", "有检出或确认情形", count(findings=True), "ledger", findings="yes"),
            _figure("running", "期限计算中", count(deadline="running"), "ledger", deadline="running"),
        )
        return Workbench(
            waiting=tuple(waiting),
            figures=figures,
            by_class=tuple(
                _figure(c.value, c.words, classes.get(c, 0), "ledger", **{"class": c.value}) for c in EfficiencyClass
            ),
            by_disposition=tuple(
                _figure(d.value, d.words, dispositions.get(d, 0), "ledger", disposition=d.value) for d in PROPOSABLE
            ),
            projects=projects,
        )


def _figure(key: str, words: str, count: int, page: str, **query: str) -> Figure:
    return Figure(id=key, words=words, count=count, page=page, query=query)


def rescreen(ledger: Ledger, *, at: datetime) -> int:
    """Screens every project again whose stored result was made by other rules than those on file; gives how many."""
    with ledger.writer() as session:
        changed = renew(session, overlay(ledger, session), who=CONSOLE.login, at=at, today=day_of(at))
        if changed:
            trail.record(
                session,
                Event(
                    at=at,
                    who=CONSOLE.login,
                    kind=Happening.PROJECT_SCREENED_AGAIN,
                    subject="ledger",
                    why="规则有更新，按现行规则重新筛查。",
                    after={"projects": changed, "rules": ledger.rules.version},
                ),
            )
        return changed
