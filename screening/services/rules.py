"""The rules with their evidence: a page confirmed by one person, countersigned by another."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.domain.classification.day import day_of
from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold, plain
from screening.domain.review import PageState
from screening.domain.rules import (
    Carrier,
    CatalogueEntry,
    Confirmation,
    Evidence,
    GbLimit,
    Rule,
    Rulebook,
    Standard,
)
from screening.services import Ledger
from screening.services.renewal import renew
from screening.store import people as store_people
from screening.store import rules as store
from screening.store import trail


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule with its figures in words and how well it is known now.

    `shipped` is the evidence in the rule files, `evidence` with the office's confirmations laid over;
    `waiting` names the confirmation that waits for its countersignature.
    """

    ref: str
    rule: Rule
    group: str
    title: str
    figures: str
    source: str
    shipped: Evidence
    evidence: Evidence
    waiting: UUID | None
    confirmed: str | None
    """Document, page, day and both names, where two people confirmed it."""
    projects: int
    """How many projects rest on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """The rules of one kind or edition: `id` is what `evidence(group=…)` takes."""

    id: str
    words: str
    total: int
    official: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """The rules of one group, and the groups."""

    groups: tuple[RuleGroup, ...]
    group: str
    rows: tuple[RuleLine, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageConfirmation:
    """A page of an official document with the rules that a person ticked on it."""

    id: UUID
    document: str
    page: str
    day: date
    refs: tuple[str, ...]
    titles: tuple[str, ...]
    confirmed_by: str
    confirmed_by_login: str
    confirmed_at: datetime
    countersigned_by: str | None
    countersigned_at: datetime | None
    refused_reason: str | None
    state: PageState


GROUP_WORDS = {
    "levels": "能效标杆和基准水平",
    "limits": "单位产品能耗限额标准",
    "energy": "能源折标系数",
    "catalogue": "两高项目目录",
    "authorities": "节能审查权限",
    "dispositions": "处置决策表",
    "measures": "处置措施表",
    "deadlines": "改造期限规则",
    "parameters": "判定参数",
    "workdays": "工作日",
    "plausibility": "合理性范围（本程序约定）",
    "tariffs": "阶梯电价",
    "clauses": "法律条款",
    "steps": "签发前程序",
    "offices": "发文机关",
    "regions": "行政区划",
    "outside": "其他文件的能效水平（仅供参考）",
}
NOT_CONFIRMED = {"evidence", "note", "product_synonyms", "variant_synonyms", "synonyms", "ref", "known_until", "seen"}
"""What may change in a rule without the official text being looked at again."""


def content_hash(rule: Rule) -> str:
    """The hash of what a confirmation confirms: figures, period and source, not our notes and synonyms."""
    data = json.dumps(_said(rule), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


def _said(value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return plain(value)
        case StrEnum():
            return value.value
        case date():
            return value.isoformat()
        case str():
            return value
        case Mapping():
            return {str(k): _said(v) for k, v in value.items()}
        case tuple() | list():
            return [_said(v) for v in value]
        case _ if is_dataclass(value):
            return {f.name: _said(getattr(value, f.name)) for f in fields(value) if f.name not in NOT_CONFIRMED}
        case _:
            return str(value)


def overlay(ledger: Ledger, session: Session) -> Rulebook:
    """The rules with the confirmations that this session sees laid over; the same object while nothing changes.

    A confirmation holds only for what the rule said when it was confirmed.
    """
    if "rules" not in session.info:
        session.info["rules"] = _laid_over(ledger, session)
    book: Rulebook = session.info["rules"]
    return book


def _laid_over(ledger: Ledger, session: Session) -> Rulebook:
    ticked = store.ticked(session, [PageState.DONE])
    key = tuple((tick.ref, tick.content, page.id) for tick, page in ticked)
    if not key:
        return ledger.rules
    if ledger.laid_over is None or ledger.laid_over[0] != key:
        ledger.laid_over = (key, _confirmed(ledger, session, ticked))
    return ledger.laid_over[1]


def overlay_then(ledger: Ledger, session: Session, moment: datetime) -> Rulebook:
    """The rules on file with the confirmations that stood at a moment of the past laid over."""
    ticked = store.ticked(session, [PageState.DONE])
    return _confirmed(
        ledger, session, [(t, p) for t, p in ticked if p.countersigned_at and p.countersigned_at <= moment]
    )


def _confirmed(
    ledger: Ledger, session: Session, ticked: Sequence[tuple[store.RuleConfirmationRow, store.RulePageRow]]
) -> Rulebook:
    people = store_people.names(session, {k for _, page in ticked for k in (page.confirmed_by, page.countersigned_by)})
    rows = ledger.rules.rules_by_ref
    return ledger.rules.confirmed(
        [
            Confirmation(
                ref=tick.ref,
                document=page.document,
                page=page.page,
                day=page.day,
                confirmed_by=people[page.confirmed_by].name,
                countersigned_by=people[page.countersigned_by].name,
            )
            for tick, page in ticked
            if tick.ref in rows and content_hash(rows[tick.ref]) == tick.content
        ]
    )


def in_force(ledger: Ledger) -> Rulebook:
    """The rules on file with the office's confirmations (two people each) laid over."""
    with ledger.reader() as session:
        return overlay(ledger, session)


def periods_past(ledger: Ledger, *, today: date) -> tuple[str, ...]:
    """Sentences on rules that are not known to be in force any more, each once."""
    return day_of(ledger.rules, today, None).periods_past


def group_of(ref: str) -> str:
    """The group of a rule's address: levels/2023, limits, clauses …"""
    parts = ref.split("/")
    return "/".join(parts[:2]) if parts[0] == "levels" and len(parts) > 2 else parts[0]


def group_words(group: str) -> str:
    """A group as users read it."""
    first, _, edition = group.partition("/")
    words = GROUP_WORDS.get(first, first)
    return f"{words}（{edition}年版）" if edition else words


def title(rule: Rule) -> str:
    """What a rule is about, in a few words."""
    match rule:
        case Standard() | GbLimit():
            variant = f"（{rule.variant}）" if rule.variant else ""
            number = f"{rule.standard} " if isinstance(rule, GbLimit) else ""
            return f"{number}{rule.product}{variant}"
        case Carrier():
            return rule.name
        case CatalogueEntry():
            return "、".join(rule.products) or rule.id
        case _:
            for name in ("name", "text", "instrument"):
                words = getattr(rule, name, None)
                if words:
                    return f"{words}"
            return rule.source.words


def figures(rule: Rule) -> str:
    """The figures of a rule in words, or its text."""
    match rule:
        case Standard():
            if not rule.known:
                return "未查到数值"
            return (
                f"标杆 {_amount(rule.benchmark)}，基准 {_amount(rule.baseline)} {rule.unit or ''}（{rule.indicator}）"
            )
        case GbLimit():
            levels = ((rule.level1, "1级"), (rule.level2, "2级"), (rule.level3, "3级"))
            told = "，".join(f"{words} {_amount(level)}" for level, words in levels if level is not None)
            return f"{told} {rule.unit}（{rule.indicator}）"
        case Carrier():
            return f"{_amount(rule.coefficient)} kgce/{rule.per}" if rule.coefficient is not None else "未查到数值"
        case CatalogueEntry():
            return (
                "；".join(t for t in (rule.control_text, rule.existing_text, rule.replacement_text) if t)
                or "无管控要求"
            )
        case _:
            return _told(rule)


HIDDEN = {"ref", "id", "source", "evidence", "in_force_from", "in_force_to", "known_until", "note", "name"}


def _told(rule: Rule) -> str:
    parts = []
    for f in fields(rule):
        value = getattr(rule, f.name)
        if f.name in HIDDEN or value in (None, (), "", False):
            continue
        parts.append("、".join(map(_word, value)) if isinstance(value, tuple) else _word(value))
    return "；".join(dict.fromkeys(parts))


def _word(value: object) -> str:
    match value:
        case Decimal():
            return plain(value)
        case StrEnum():
            return value.value
        case True:
            return "是"
        case tuple():
            return " ".join(map(_word, value))
        case _:
            return str(value)


def _amount(amount: Decimal | None) -> str:
    return "—" if amount is None else plain(amount)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is needed to tell of many rules: confirmations, waiting pages, and how many projects rest on each."""

    book: Rulebook
    waiting: Mapping[str, UUID]
    projects: Mapping[str, int]


def _known(ledger: Ledger, session: Session) -> _Known:
    waiting = {tick.ref: page.id for tick, page in store.ticked(session, [PageState.WAITING])}
    counts: Counter[str] = Counter()
    for refs in store.resting(session):
        counts.update(refs.split())
    return _Known(overlay(ledger, session), waiting, counts)


def _line(rule: Rule, known: _Known) -> RuleLine:
    confirmation = known.book.confirmations.get(rule.ref)
    return RuleLine(
        ref=rule.ref,
        rule=rule,
        group=group_of(rule.ref),
        title=title(rule),
        figures=figures(rule),
        source=rule.source.words,
        shipped=rule.evidence,
        evidence=known.book.evidence_of(rule),
        waiting=known.waiting.get(rule.ref),
        confirmed=(
            f"《{confirmation.document}》{confirmation.page}（{confirmation.day.isoformat()}），"
            f"{confirmation.confirmed_by}核对，{confirmation.countersigned_by}复核"
            if confirmation
            else None
        ),
        projects=known.projects.get(rule.ref, 0),
    )


def _groups(book: Rulebook) -> tuple[RuleGroup, ...]:
    totals: Counter[str] = Counter()
    official: Counter[str] = Counter()
    for rule in book.rules_by_ref.values():
        group = group_of(rule.ref)
        totals[group] += 1
        official[group] += book.evidence_of(rule) is Evidence.OFFICIAL
    order = list(GROUP_WORDS)
    names = sorted(
        totals,
        key=lambda g: (order.index(g.split("/")[0]) if g.split("/")[0] in order else len(order), _falling(g)),
    )
    return tuple(RuleGroup(id=g, words=group_words(g), total=totals[g], official=official[g]) for g in names)


def _falling(group: str) -> tuple[int, ...]:
    return tuple(-ord(c) for c in group)


def evidence(ledger: Ledger, *, group: str | None = None, q: str = "", only_open: bool = False) -> RulesPage:
    """The rules of a group (default: the newest edition of the levels) with their evidence; `q` searches all groups."""
    with ledger.reader() as session:
        known = _known(ledger, session)
    groups = _groups(known.book)
    chosen = group or groups[0].id
    if chosen not in {g.id for g in groups}:
        raise NotFound(f"没有名为“{chosen}”的规则分组。请从列表中选择。")
    words = [fold(w) for w in q.split()]
    rows = []
    for rule in known.book.rules_by_ref.values():
        if not words and group_of(rule.ref) != chosen:
            continue
        found = _line(rule, known)
        if words and not all(w in fold(f"{found.title} {found.figures} {found.source} {rule.ref}") for w in words):
            continue
        if only_open and found.evidence is Evidence.OFFICIAL:
            continue
        rows.append(found)
    return RulesPage(groups=groups, group=chosen, rows=tuple(rows), version=known.book.version)


def line(ledger: Ledger, ref: str) -> RuleLine:
    """One rule; NotFound where no rule has this address."""
    with ledger.reader() as session:
        known = _known(ledger, session)
    if ref not in known.book.rules_by_ref:
        raise NotFound(f"没有地址为“{ref}”的规则。")
    return _line(known.book.rules_by_ref[ref], known)


def confirm_page(
    ledger: Ledger,
    refs: Sequence[str],
    *,
    document: str,
    page: str,
    day: date,
    key: str,
    by: Person,
    at: datetime,
) -> PageConfirmation:
    """Says that the ticked rules agree with that page of the official text (`day` = its publication date)."""
    if not by.may(Permission.CONFIRM_RULES):
        raise Forbidden(f"{by.role.words}不能核对规则。请由规则员办理。")
    if not document.strip():
        raise Refusal("请填写官方文件的名称和文号。", field="document")
    if not page.strip():
        raise Refusal("请填写页码或附件、表格的位置，如“附件第3页”。", field="page")
    ticked = list(dict.fromkeys(refs))
    if not ticked:
        raise Refusal("请至少勾选一条规则。", field="refs")
    rows = ledger.rules.rules_by_ref
    unknown = [r for r in ticked if r not in rows]
    if unknown:
        raise Refusal(f"没有这些规则：{'、'.join(unknown)}。请刷新页面后重新勾选。", field="refs")
    with ledger.writer() as session:
        before = store.of_key(session, key)
        if before is not None:
            return _page(ledger, session, [before])[0]
        row = store.RulePageRow(
            id=uuid4(), key=key, document=document.strip(), page=page.strip(), day=day, state=PageState.WAITING,
            confirmed_by=by.id, confirmed_at=at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add_all(
            store.RuleConfirmationRow(page_id=row.id, ref=ref, content=content_hash(rows[ref])) for ref in ticked
        )
        after = {"document": row.document, "page": row.page, "day": day.isoformat(), "refs": ticked}
        trail.record(
            session,
            Event(at=at, who=by, kind=Happening.RULES_CONFIRMED, subject=f"rule_page:{row.id}", after=after),
        )
        session.flush()
        return _page(ledger, session, [row])[0]


def confirmations(ledger: Ledger, *, state: PageState | None = None) -> tuple[PageConfirmation, ...]:
    """The pages confirmed so far, newest first."""
    with ledger.reader() as session:
        return _page(ledger, session, store.pages(session, state))


def _page(ledger: Ledger, session: Session, rows: Iterable[store.RulePageRow]) -> tuple[PageConfirmation, ...]:
    pages = list(rows)
    people = store_people.names(session, {k for row in pages for k in (row.confirmed_by, row.countersigned_by)})
    known = ledger.rules.rules_by_ref
    found = []
    for row in pages:
        refs = store.refs(session, row.id)
        found.append(
            PageConfirmation(
                id=row.id,
                document=row.document,
                page=row.page,
                day=row.day,
                refs=tuple(refs),
                titles=tuple(title(known[r]) if r in known else r for r in refs),
                confirmed_by=people[row.confirmed_by].name,
                confirmed_by_login=people[row.confirmed_by].login,
                confirmed_at=row.confirmed_at,
                countersigned_by=people[row.countersigned_by].name if row.countersigned_by else None,
                countersigned_at=row.countersigned_at,
                refused_reason=row.refused_reason,
                state=PageState(row.state),
            )
        )
    return tuple(found)


def _settle(session: Session, confirmation: UUID, *, by: Person, at: datetime, state: PageState) -> store.RulePageRow:
    if not by.may(Permission.COUNTERSIGN_RULES):
        raise Forbidden(f"{by.role.words}不能复核规则。请由另一位规则员或签发人办理。")
    row = store.get(session, confirmation, lock=True)
    if row.confirmed_by in {person.id for person in by.both}:
        raise Refusal("这一页由您本人核对，不能由您复核。请由另一位规则员或签发人复核。")
    if row.state is not PageState.WAITING:
        raise Refusal(f"这一页{row.state.words}，不需要再办理。请刷新页面。")
    row.state, row.countersigned_by, row.countersigned_at = state, by.id, at
    return row


def countersign(ledger: Ledger, confirmation: UUID, *, by: Person, at: datetime) -> PageConfirmation:
    """Another person agrees: the rules count as official from now on, and the results that rest on them are renewed."""
    with ledger.writer() as session:
        row = _settle(session, confirmation, by=by, at=at, state=PageState.DONE)
        session.flush()
        session.info.pop("rules", None)
        refs = store.refs(session, row.id)
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.RULES_COUNTERSIGNED,
                subject=f"rule_page:{row.id}",
                after={"document": row.document, "page": row.page, "refs": refs},
            ),
        )
        renew(session, overlay(ledger, session), who=by, at=at, refs=refs)
        return _page(ledger, session, [row])[0]


def refuse(ledger: Ledger, confirmation: UUID, *, reason: str, by: Person, at: datetime) -> PageConfirmation:
    """Another person disagrees: the confirmation is closed without effect."""
    if not reason.strip():
        raise Refusal("请写明不予复核的理由。", field="reason")
    with ledger.writer() as session:
        row = _settle(session, confirmation, by=by, at=at, state=PageState.REFUSED)
        row.refused_reason = reason.strip()
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.CONFIRMATION_REFUSED,
                subject=f"rule_page:{row.id}",
                why=row.refused_reason,
            ),
        )
        session.flush()
        return _page(ledger, session, [row])[0]
