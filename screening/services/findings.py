"""Chapter 3, the six situations of a project: detected ones confirmed or dismissed, others entered, with evidence."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import PartialDate
from screening.domain.classification import Finding, FindingId
from screening.domain.classification.day import day_of as law_day
from screening.domain.errors import Forbidden, Refusal
from screening.domain.grounds import (
    STATEMENT,
    TABLE,
    Detail,
    Faults,
    asked_of,
    authority_of,
    demand,
    fields_of,
    known,
    labelled,
    law_of,
    narrative,
    read,
    read_approval,
    stated,
)
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.registry import Project, from_facts
from screening.domain.review import FindingSource, FindingState, own_part
from screening.domain.rules import Rulebook
from screening.services import Ledger
from screening.services.attachments import ticked
from screening.services.lines import subject
from screening.services.rules import overlay
from screening.services.verdicts import Verdict, columns, digest_of, judge, kept
from screening.services.views import EvidenceView, FindingView
from screening.store import attachments as files
from screening.store import people, trail
from screening.store import registry as store

LONGEST = 4000
LONGEST_REFERENCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the form of one finding asks: its fields, what was detected and stands, what the ledger suggests."""

    fields: tuple[Detail, ...]
    shown: tuple[str, ...]
    """Keys of the fields that are worth showing."""
    fixed: Mapping[str, str]
    suggested: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person fills in: the fields as typed, the files ticked, other evidence in words."""

    fields: Mapping[str, str]
    attachments: tuple[UUID, ...] = ()
    reference: str = ""


def asked(ledger: Ledger, project: UUID, finding: FindingId, which: str | None, *, by: Person, today: date) -> Asked:
    """The form of a finding before anything is typed; `which` names a detected one, None: to be entered."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        detected = None
        if which is not None:
            verdict, _, said = _verdict(ledger, session, row, row.as_of)
            detected = _named(verdict, said, finding, which)
        facts = from_facts(json.loads(row.facts))
    found = known(finding, facts, today, detected)
    suggested = dict(found.suggested)
    if detected is not None:
        suggested[STATEMENT] = stated(detected.text)
    shown = tuple(detail.key for detail in asked_of(finding, found.fixed))
    return Asked(fields=fields_of(finding), shown=shown, fixed=found.fixed, suggested=suggested)


def table_says(ledger: Ledger, project: UUID, fields: Mapping[str, str], *, by: Person, today: date) -> str:
    """What the tables of authority and of prohibitions say of an approval; Faults where a field for that is missing."""
    with ledger.reader() as session:
        facts = from_facts(json.loads(store.get(session, project, by=by).facts))
        day = law_day(overlay(ledger, session), today, None)
    return authority_of(read_approval(fields), facts, day).sentence


def views(
    session: Session,
    row: store.ProjectRow,
    verdict: Verdict,
    said: Collection[store.FindingRow],
    project: Project,
    rules: Rulebook,
    *,
    by: Person,
) -> tuple[FindingView, ...]:
    """All findings of a project as pages show them: what waits first, then confirmed, then dismissed ones."""
    spoken = {(r.finding, r.digest): r for r in said}
    names = people.names(session, {r.by for r in said})
    voided = {str(f.id) for f in files.of_project(session, row.id, by=by) if f.voided_at} if said else set()
    found = []
    for state, findings in (
        (FindingState.OPEN, verdict.open),
        (FindingState.CONFIRMED, verdict.confirmed),
        (FindingState.DISMISSED, verdict.dismissed),
    ):
        for finding in findings:
            which = digest_of(finding.facts)
            word = None if state is FindingState.OPEN else spoken[finding.id, which]
            details = dict(finding.details) or dict(known(finding.id, project, row.as_of, finding).fixed)
            found.append(
                FindingView(
                    finding=finding,
                    which=which,
                    state=state,
                    on_file=labelled(finding.id, finding.details),
                    evidence=_evidence_views(word, voided) if word else (),
                    law=law_of(finding.id, details, project, rules, row.as_of),
                    reason=word.reason if word else None,
                    by=names[word.by].name if word else None,
                    at=word.at if word else None,
                )
            )
    return tuple(found)


def _evidence_views(word: store.FindingRow, voided: Collection[str]) -> tuple[EvidenceView, ...]:
    ticked = [
        EvidenceView(words=one["name"], attachment=UUID(one["id"]), voided=one["id"] in voided)
        for one in json.loads(word.attachments)
    ]
    return (*ticked, *([EvidenceView(words=word.reference)] if word.reference else []))


def confirm_finding(
    ledger: Ledger,
    project: UUID,
    finding: FindingId,
    *,
    reason: str,
    told: Told,
    which: str | None = None,
    seen: int,
    by: Person,
    at: datetime,
) -> int:
    """Confirms a detected finding (the facts are true); re-screens the project; gives its new version.

    `which` is the digest of its facts (None: the one that waits longest of that situation). Refusal (Faults) where a
    field of the situation is missing or contradicts what was detected, or there is no evidence.
    """
    return _judge(ledger, project, finding, FindingState.CONFIRMED, reason, told, which=which, seen=seen, by=by, at=at)


def dismiss_finding(
    ledger: Ledger,
    project: UUID,
    finding: FindingId,
    *,
    reason: str,
    told: Told,
    which: str | None = None,
    seen: int,
    by: Person,
    at: datetime,
) -> int:
    """Says that a finding does not hold, with reason and evidence; gives the project's new version."""
    return _judge(ledger, project, finding, FindingState.DISMISSED, reason, told, which=which, seen=seen, by=by, at=at)


def enter_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, told: Told, seen: int, by: Person, at: datetime
) -> int:
    """Enters a finding that the program did not detect; it counts as confirmed; gives the project's new version."""
    words = told.fields.get(STATEMENT) or ""
    return _judge(ledger, project, finding, None, words, told, which=None, seen=seen, by=by, at=at)


HAPPENINGS = {
    FindingState.CONFIRMED: Happening.FINDING_CONFIRMED,
    FindingState.DISMISSED: Happening.FINDING_DISMISSED,
    None: Happening.FINDING_ENTERED,
}


def _verdict(
    ledger: Ledger, session: Session, row: store.ProjectRow, as_of: date
) -> tuple[Verdict, Rulebook, list[store.FindingRow]]:
    book = overlay(ledger, session)
    said = store.findings(session, [row.id]).get(row.id, [])
    due = store.retrofit_due(session, row.id, on=as_of)
    return judge(from_facts(json.loads(row.facts)), book, as_of=as_of, said=said, due=due), book, said


def _named(
    verdict: Verdict, said: Collection[store.FindingRow], finding: FindingId, which: str | None
) -> Finding | None:
    """The finding that is spoken of: by its digest, else the first of that situation that waits, else the first."""
    of_id = [f for f in (*verdict.open, *verdict.confirmed, *verdict.dismissed) if f.id is finding]
    if which is None:
        return of_id[0] if of_id else None
    found = next((f for f in of_id if digest_of(f.facts) == which), None)
    if found is not None:
        return found
    word = next((r for r in said if r.finding is finding and r.digest == which), None)
    return kept(word) if word is not None and word.source is FindingSource.ENTERED else None


def _demand_words(words: str, told: Told, *, entered: bool) -> list[tuple[str, str]]:
    """What is missing or too long of the words that every finding needs."""
    faults = []
    name, field = ("事实", STATEMENT) if entered else ("理由", "reason")
    if not words:
        faults.append((field, f"请写明{name}。"))
    elif len(words) > LONGEST:
        faults.append((field, f"{name}共{len(words)}字，请不超过{LONGEST}字。"))
    reference = told.reference.strip()
    if not told.attachments and not reference:
        faults.append(("reference", "请提供证据：勾选本项目的附件，或者写明证据的名称、编号和存放处，两者至少有一项。"))
    elif len(reference) > LONGEST_REFERENCE:
        faults.append(("reference", f"证据出处共{len(reference)}字，请不超过{LONGEST_REFERENCE}字。"))
    return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What is kept of a finding that holds."""

    facts: Mapping[str, str]
    text: str
    details: Mapping[str, str]


def _holds(
    finding: FindingId,
    told: Told,
    detected: Finding | None,
    project: Project,
    rules: Rulebook,
    evidence: Collection[str],
    faults: list[tuple[str, str]],
    today: date,
) -> _Word:
    """Reads and checks the fields; Faults lists all that is wrong, `faults` (found before) first."""
    fixed = known(finding, project, today, detected).fixed if detected else {}
    statement = (told.fields.get(STATEMENT) or "").strip()
    if detected is not None and not statement:
        statement = stated(detected.text)
    details: dict[str, str] = {}
    try:
        details = read(finding, told.fields, fixed)
        demand(finding, details, project, rules, today)
    except Faults as wrong:
        faults = [*faults, *wrong.each]
    if len(statement) > LONGEST:
        faults = [*faults, (STATEMENT, f"事实共{len(statement)}字，请不超过{LONGEST}字。")]
    if faults:
        raise Faults(list(dict.fromkeys(faults)))
    details[STATEMENT] = statement
    if finding is FindingId.UNLAWFUL_APPROVAL:
        details[TABLE] = authority_of(details, project, law_day(rules, today, None)).sentence
    return _Word(
        facts=detected.facts if detected else details,
        text=narrative(finding, details, fixed, tuple(evidence)),
        details=details,
    )


def _judge(
    ledger: Ledger,
    project: UUID,
    finding: FindingId,
    state: FindingState | None,
    words: str,
    told: Told,
    *,
    which: str | None,
    seen: int,
    by: Person,
    at: datetime,
) -> int:
    """Keeps a person's word on a finding (`state` None: entered) and screens the project again."""
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能认定情形。请由审核员办理。")
    words, today = words.strip(), day_of(at)
    faults = _demand_words(words, told, entered=state is None)
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        own = own_part(by, recommended_by=None, registered_by=(row.registered_by, row.changed_by))
        if own:
            raise Forbidden(own)
        if not row.case_state.open_to_review:
            raise Refusal(f"案件现为“{row.case_state.words}”，不能再认定情形。需要时请先由签发人退回。")
        verdict, book, said = _verdict(ledger, session, row, today)
        facts = from_facts(json.loads(row.facts))
        detected = None if state is None else _named(verdict, said, finding, which)
        if state is not None and detected is None:
            raise Refusal(
                f"现有数据没有检出“{finding.words}”，或者检出的内容已经改变。请刷新页面查看。", field="finding"
            )
        proofs = ticked(session, project, told.attachments, by=by)
        reference = told.reference.strip()
        evidence = [*(f"附件“{one['name']}”" for one in proofs), *([reference] if reference else [])]
        source = FindingSource(detected.source) if detected else FindingSource.ENTERED
        if state is FindingState.DISMISSED and detected is not None:
            if faults:
                raise Faults(faults)
            word = _Word(facts=detected.facts, text=detected.text, details=detected.details)
        elif source is FindingSource.ENTERED and detected is not None:
            raise Refusal(f"“{finding.words}”由人录入，录入即为认定。事实有变的，请排除后重新录入。", field="finding")
        else:
            word = _holds(finding, told, detected, facts, book, evidence, faults, today)
        digest = digest_of(word.facts)
        earlier = next((r for r in said if r.finding is finding and r.digest == digest), None)
        if state is None and earlier is not None and earlier.state is FindingState.CONFIRMED:
            raise Refusal(f"同样的“{finding.words}”已经录入，不必重复。", field="finding")
        if state is None:
            _demand_other(finding, word, verdict, facts, today)
        before = None if earlier is None else {"finding": finding.value, "state": earlier.state.value}
        written: dict[str, Any] = {
            "source": source,
            "state": state or FindingState.CONFIRMED,
            "facts": canonical(dict(word.facts)),
            "text": word.text,
            "details": canonical(dict(word.details)),
            "found_on": PartialDate.read(word.details["found_on"]).first if "found_on" in word.details else None,
            "attachments": canonical(proofs),
            "reference": reference,
            "reason": words,
            "by": by.id,
            "at": at,
        }
        if earlier is None:
            session.add(store.FindingRow(id=uuid4(), project_id=project, finding=finding, digest=digest, **written))
        else:
            for name, value in written.items():
                setattr(earlier, name, value)
        session.flush()
        renewed, _, _ = _verdict(ledger, session, row, today)
        version = store.save(session, row, {"saved_by": by.id, "saved_at": at, **columns(renewed.screening)}, seen=seen)
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=HAPPENINGS[state],
                subject=subject(project),
                why=words,
                before=before,
                after={
                    "finding": finding.value,
                    "state": written["state"].value,
                    "facts": dict(word.facts),
                    "details": dict(word.details),
                    "text": word.text,
                    "evidence": {"attachments": proofs, "reference": reference},
                    "disposition": renewed.screening.disposition.value,
                    "version": version,
                },
            ),
        )
        return version


def _demand_other(finding: FindingId, word: _Word, verdict: Verdict, project: Project, today: date) -> None:
    """Refuses to enter what the program detected already: that is confirmed or dismissed.

    Several policies may forbid one product, so there another clause is another finding.
    """
    if finding is FindingId.POLICY_NONCOMPLIANCE:
        return
    for other in (*verdict.open, *verdict.confirmed, *verdict.dismissed):
        if other.id is not finding or other.source != FindingSource.DETECTED.value:
            continue
        fixed = known(finding, project, today, other).fixed
        if all(word.details.get(key, "") == value for key, value in fixed.items()):
            raise Refusal(f"程序已检出同样的“{finding.words}”。请直接确认或排除检出的情形。", field="finding")
