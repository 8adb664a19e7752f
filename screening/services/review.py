"""Chapter 3, the review: what waits, findings confirmed or dismissed, a disposition recommended."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, FindingId, Measure
from screening.domain.deadlines import default_due
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterKind, compose
from screening.domain.people import Level, Permission, Person
from screening.domain.procedure import BY_PROGRAM, StepId, steps_of
from screening.domain.registry import from_facts
from screening.domain.review import (
    APPROVALS,
    IN_REVIEW,
    CaseState,
    FindingSource,
    FindingState,
    Move,
    Proofs,
    RecommendationState,
    acceptance,
    move,
    open_moves,
    own_part,
    waits_for,
)
from screening.domain.rules import Rulebook
from screening.services import Ledger, moves
from screening.services.casework import repeated
from screening.services.dispositions import CLASS_GROUNDS, DUE_NEEDED, chosen, outer, prepare
from screening.services.lines import line, recommendation_view, subject
from screening.services.plausibility import gather, unexplained, waiting
from screening.services.rules import overlay
from screening.services.verdicts import Verdict, columns, judge, kept, measures_of
from screening.services.views import ProjectLine, RecommendationView
from screening.services.procedure import demand_not_heavier
from screening.store import cases, people, trail
from screening.store import registry as store

LONGEST_REASON = 4000
DECIDABLE = tuple(d for d in Disposition if d is not Disposition.MANUAL)
"""What can be decided with a letter: MANUAL is no decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A project that waits for a reviewer; `returned` is the signatory's reason where it came back.

    `doubts` counts warnings of plausibility that nobody explained.
    """

    line: ProjectLine
    waiting_since: datetime
    returned: str | None
    doubts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the form of a recommendation offers: `proposed` first; measures by disposition; the default due date."""

    proposed: Disposition
    dispositions: tuple[Disposition, ...]
    measures: dict[Disposition, tuple[Measure, ...]]
    needs_due: frozenset[Disposition]
    due: date | None
    due_hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a reviewer may do with a case besides recommending; `barred` says why nothing, where it is his own."""

    accept: Move | None
    forward: bool
    """Whether he may hand it to the region although nothing asks for that."""
    send_back: bool
    barred: str | None


def offered(ledger: Ledger, project: UUID, *, by: Person) -> Offered:
    """What this person may do with the case where it stands."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        barred = own_part(by, recommended_by=None, registered_by=(row.registered_by, row.changed_by))
        may = () if barred else open_moves(row.case_state, by=by)
        step = acceptance(row.case_state, by=by, in_focus=row.in_focus) if row.case_state in IN_REVIEW else None
        return Offered(
            accept=step if step in may else None,
            forward=step is Move.ACCEPT and Move.FORWARD in may and by.level is Level.LEAGUE,
            send_back=Move.SEND_BACK in may and row.case_state in waits_for(by),
            barred=barred if row.case_state in waits_for(by) else None,
        )


def queue(ledger: Ledger, *, by: Person) -> tuple[QueueLine, ...]:
    """The projects within the scope that wait for a reviewer of this person's level, the oldest first."""
    with ledger.reader() as session:
        rows = cases.in_states(session, waits_for(by), by=by, light=True)
        returned = cases.newest_recommendations(
            session, [row.id for row in rows if row.case_state is CaseState.RETURNED]
        )
        doubts = waiting(session, [row.id for row in rows])
        return tuple(
            QueueLine(
                line=line(row, None, ledger),
                waiting_since=row.state_since,
                returned=r.returned_reason if (r := returned.get(row.id)) else None,
                doubts=doubts[row.id],
            )
            for row in rows
        )


def following(
    ledger: Ledger, project: UUID, *, state: CaseState | None = None, doubtful: bool | None = None, by: Person
) -> UUID | None:
    """The project after this one in the person's queue, from its end on to its start; None where no other waits.

    Only those in `state`, and with (without) unexplained doubts, where that is asked for.
    """
    with ledger.reader() as session:
        states = [s for s in waits_for(by) if state in {None, s}]
        order = cases.waiting_order(session, states, by=by)
        if doubtful is not None:
            doubts = waiting(session, order)
            order = [key for key in order if key == project or (doubts[key] > 0) is doubtful]
    place = order.index(project) + 1 if project in order else 0
    return next((key for key in (*order[place:], *order[:place]) if key != project), None)


def _verdict(
    ledger: Ledger, session: Session, row: store.ProjectRow, as_of: date
) -> tuple[Verdict, Rulebook, list[store.FindingRow]]:
    book = overlay(ledger, session)
    said = store.findings(session, [row.id]).get(row.id, [])
    facts = from_facts(json.loads(row.facts))
    return judge(facts, book, as_of=as_of, said=said, due=store.due_of(session, row.id)), book, said


def _offered(
    verdict: Verdict, book: Rulebook, *, halted: bool, overdue: bool
) -> dict[Disposition, tuple[Measure, ...]]:
    """The dispositions that have a measure and a letter, the proposed one first where it has them."""
    proposed = verdict.screening.disposition
    found: dict[Disposition, tuple[Measure, ...]] = {}
    for disposition in sorted(DECIDABLE, key=lambda d: d is not proposed):
        if disposition in APPROVALS if halted else disposition is Disposition.RELEASE:
            continue  # a halt stands until it is released, and only then is there anything to release
        measures = tuple(m for m in measures_of(verdict, disposition, book) if m.letter in set(LetterKind))
        if disposition is Disposition.ELIMINATE and not overdue:  # never from a file alone (law page §5)
            measures = tuple(m for m in measures if m.ground not in CLASS_GROUNDS)
        if measures:
            found[disposition] = measures
    return found


def _standing(session: Session, row: store.ProjectRow, today: date) -> dict[str, bool]:
    """What stands over the project: a halt, a due date that passed."""
    due = store.due_of(session, row.id)
    return {"halted": row.halted_on is not None, "overdue": due is not None and due < today}


def choices(ledger: Ledger, project: UUID, *, by: Person, today: date) -> Choices:
    """What can be recommended for the project."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        verdict, book, _ = _verdict(ledger, session, row, today)
        offered = _offered(verdict, book, **_standing(session, row, today))
        limit = outer(session, row, verdict, today)
    targets = [
        u.national_target
        for m in measures_of(verdict, Disposition.RETROFIT, book)
        for u in (verdict.screening.units[i] for i in m.units)
        if u.national_target
    ]
    national = min(targets) if targets else None
    due = default_due(today, national)
    if due is not None and due > limit:
        due = None  # an earlier listing or letter started the clock: the national date is no term any more
    hint = f"最迟不得晚于{chinese(limit)}（起算日后三年）。"
    if national and due is None:
        hint = (
            f"国家目标日期{chinese(national)}已过、不足六个月或者超过最长期限，请按确有必要的最短期限确定，并写明理由。"
            + hint
        )
    return Choices(
        proposed=verdict.screening.disposition,
        dispositions=tuple(offered),
        measures=offered,
        needs_due=DUE_NEEDED,
        due=due,
        due_hint=hint,
    )


def accept(ledger: Ledger, project: UUID, *, forward: bool = False, seen: int, by: Person, at: datetime) -> CaseState:
    """Accepts a case under review at the person's level; gives the state that it then stands in.

    A banner hands it to the league; the league forwards it to the region where it reaches the focus line, or where
    `forward` asks for it; otherwise the review is done. The same form sent twice accepts once.
    """
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        if repeated(session, row, set(ACCEPTANCES), moves.NO_PROOFS, seen=seen, by=by):
            return CaseState(row.case_state)
        store.hold(session, row, seen=seen)
        step = acceptance(CaseState(row.case_state), by=by, in_focus=row.in_focus, forward=forward)
        accept_on(session, row, step, seen=seen, by=by, at=at)
        return CaseState(row.case_state)


def confirm_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, reason: str, seen: int, by: Person, at: datetime
) -> int:
    """Confirms a detected finding (the facts are true); re-screens the project; gives its new version."""
    return _judge(ledger, project, finding, FindingState.CONFIRMED, reason, seen=seen, by=by, at=at)


def dismiss_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, reason: str, seen: int, by: Person, at: datetime
) -> int:
    """Says that a detected finding does not hold, with the reason; gives the project's new version."""
    return _judge(ledger, project, finding, FindingState.DISMISSED, reason, seen=seen, by=by, at=at)


def enter_finding(
    ledger: Ledger, project: UUID, finding: FindingId, *, facts: str, seen: int, by: Person, at: datetime
) -> int:
    """Enters a finding that the program cannot detect; it counts as confirmed; gives the project's new version."""
    return _judge(ledger, project, finding, None, facts, seen=seen, by=by, at=at)


HAPPENINGS = {
    FindingState.CONFIRMED: Happening.FINDING_CONFIRMED,
    FindingState.DISMISSED: Happening.FINDING_DISMISSED,
    None: Happening.FINDING_ENTERED,
}


def _judge(
    ledger: Ledger,
    project: UUID,
    finding: FindingId,
    state: FindingState | None,
    words: str,
    *,
    seen: int,
    by: Person,
    at: datetime,
) -> int:
    """Keeps a person's word on a finding (`state` None: entered) and screens the project again."""
    if not by.may(Permission.RECOMMEND):
        raise Forbidden(f"{by.role.words}不能认定情形。请由审核员办理。")
    words = words.strip()
    if not words:
        name, field = ("事实", "facts") if state is None else ("理由", "reason")
        raise Refusal(f"请写明{name}和依据的材料。", field=field)
    if len(words) > LONGEST_REASON:
        raise Refusal(f"文字共{len(words)}字，请不超过{LONGEST_REASON}字。", field="reason")
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        own = own_part(by, recommended_by=None, registered_by=(row.registered_by, row.changed_by))
        if own:
            raise Forbidden(own)
        if not row.case_state.open_to_review:
            raise Refusal(f"案件现为“{row.case_state.words}”，不能再认定情形。需要时请先由签发人退回。")
        verdict, _, said = _verdict(ledger, session, row, day_of(at))
        same_id = [f for f in verdict.screening.findings + verdict.dismissed if f.id is finding]
        earlier = next((r for r in said if r.finding is finding), None)
        if state is None:
            if any(f.source == FindingSource.DETECTED.value for f in same_id):
                raise Refusal(f"程序已检出“{finding.words}”。请直接确认或排除检出的情形。", field="finding")
            source, facts, text = FindingSource.ENTERED, canonical({"entered": words}), words
        else:
            detected = next((f for f in same_id if f.source == FindingSource.DETECTED.value), None)
            if detected is None and earlier is not None and earlier.source is FindingSource.ENTERED:
                detected = kept(earlier)
            if detected is None:
                raise Refusal(f"现有数据没有检出“{finding.words}”。请刷新页面查看。", field="finding")
            source, facts, text = FindingSource(detected.source), canonical(dict(detected.facts)), detected.text
        written = earlier or store.FindingRow(
            id=uuid4(), project_id=project, finding=finding, source=source, state=FindingState.CONFIRMED,
            facts=facts, text=text, reason=words, by=by.id, at=at,
        )  # fmt: skip
        before = None if earlier is None else {"finding": finding.value, "state": earlier.state.value}
        written.source, written.facts, written.text = source, facts, text
        written.state = state or FindingState.CONFIRMED
        written.reason, written.by, written.at = words, by.id, at
        session.add(written)
        session.flush()
        renewed, _, _ = _verdict(ledger, session, row, day_of(at))
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
                    "state": written.state.value,
                    "facts": json.loads(facts),
                    "disposition": renewed.screening.disposition.value,
                    "version": version,
                },
            ),
        )
        return version


def recommend(
    ledger: Ledger,
    project: UUID,
    *,
    disposition: Disposition,
    reason: str,
    clause: str | None = None,
    measures: tuple[str, ...] = (),
    due: date | None = None,
    despite: str | None = None,
    countersigned_by: Collection[StepId] = (),
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> RecommendationView:
    """Recommends a disposition for signing.

    `reason` is required; `clause` too where the disposition differs from the one proposed; `measures` are refs of
    rows of the table of measures (empty: one for each ground, see `chosen`), each with a letter of its own;
    `countersigned_by` are the departments that are asked to countersign; `due` is required for RECTIFY and RETROFIT
    and may not pass the outer limit. Open detected findings must be confirmed or dismissed first. Warnings of
    plausibility that nobody explained do not stand in the way, but `despite` must then say why. A case that is still
    under review is accepted with it, where the person's level may.
    """
    reason, clause = reason.strip(), (clause or "").strip() or None
    if not reason:
        raise Refusal("请写明处置理由。", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"处置理由共{len(reason)}字，请不超过{LONGEST_REASON}字。", field="reason")
    today = day_of(at)
    with ledger.writer() as session:
        before = cases.recommendation_of_key(session, key)
        if before is not None:
            if before.project_id != project or before.by != by.id:
                raise Conflict("这份表单已用于另一项建议。请刷新页面后重新办理。")
            return recommendation_view(before, people.names(session, {before.by, before.returned_by}))
        row = store.get(session, project, by=by, seen=seen)
        seen = _accepted(session, row, seen=seen, by=by, at=at)
        move(row.case_state, Move.RECOMMEND, by=by)
        verdict, book, _ = _verdict(ledger, session, row, today)
        if verdict.open:
            names = "、".join(f.id.words for f in verdict.open)
            raise Refusal(f"有检出的情形尚未认定：{names}。请先逐项确认或排除。", field="findings")
        unclear = unexplained(gather(session, row, book, as_of=today, by=by))
        despite = ((despite or "").strip() or None) if unclear else None
        demand_not_heavier(session, project, made, verdict)
        if unclear and despite is None:
            raise Refusal(
                f"有{len(unclear)}条数据疑点尚未说明。请先由登记员或审核员说明；仍要提出建议的，请写明理由。",
                field="despite",
            )
        if despite is not None and len(despite) > LONGEST_REASON:
            raise Refusal(f"理由共{len(despite)}字，请不超过{LONGEST_REASON}字。", field="despite")
        proposed = verdict.screening.disposition
        if disposition is Disposition.MANUAL:
            raise Refusal("“人工认定”不是处置决定。请补充数据，或者选择一项处置并写明理由和条款。", field="disposition")
        if disposition is not proposed and clause is None:
            raise Refusal(f"建议处置与程序提出的“{proposed.words}”不同，请写明所依据的条款。", field="clause")
        if row.halted_on and disposition in APPROVALS:
            raise Refusal(
                f"项目自{chinese(row.halted_on)}起叫停，解除之前不能作出“{disposition.words}”。"
                "整改经验收合格的，请先提出“解除叫停”。",
                field="disposition",
            )
        offered = _offered(verdict, book, **_standing(session, row, today)).get(disposition, ())
        taken = chosen(offered, measures)
        unknown = [m for m in measures if m not in {o.ref for o in offered}]
        if not taken or unknown:
            raise Refusal(
                f"处置措施表中没有适用于本项目“{disposition.words}”的措施。请另选处置或措施。", field="measures"
            )
        _demand_due(disposition, due, outer(session, row, verdict, today), today)
        made = cases.RecommendationRow(
            id=uuid4(),
            key=key,
            project_id=project,
            project_version=seen,
            disposition=disposition,
            proposed=proposed,
            reason=reason,
            clause=clause,
            despite=despite,
            measures=canonical([measure.ref for measure in taken]),
            due=due if disposition in DUE_NEEDED else None,
            matter="",
            state=RecommendationState.OPEN,
            by=by.id,
            at=at,
        )
        ready = prepare(ledger, session, row, made, by=by, on=today)
        for letter in ready.letters:
            compose(letter.inputs)  # refuses what the letter lacks now, while the reviewer can still add it
        made.matter = ready.matter
        session.add(made)
        session.flush()
        needed = steps_of(taken, countersigned_by=countersigned_by)
        session.add_all(
            cases.NeedRow(recommendation_id=made.id, step=step) for step in needed if step not in BY_PROGRAM
        )
        version = moves.make(
            session, row, Move.RECOMMEND, by=by, at=at, seen=seen, given=Proofs(reason=reason),
            values=columns(verdict.screening),
        )  # fmt: skip
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.DISPOSITION_RECOMMENDED,
                subject=subject(project),
                why=reason,
                before={"version": seen},
                after={
                    "state": CaseState.RECOMMENDED.value,
                    "version": version,
                    "disposition": disposition.value,
                    "proposed": proposed.value,
                    "clause": clause,
                    "measures": json.loads(made.measures),
                    "due": due.isoformat() if due else None,
                    "despite": despite,
                    "unexplained": [doubt.text for doubt in unclear],
                },
            ),
        )
        return recommendation_view(made, people.names(session, {by.id}))


def _accepted(session: Session, row: store.ProjectRow, *, seen: int, by: Person, at: datetime) -> int:
    """Accepts a case that is still under review, as recommending it implies; gives the version that stands then."""
    before = CaseState(row.case_state)
    if before not in IN_REVIEW or not by.may(Permission.RECOMMEND):
        return seen
    step = acceptance(before, by=by, in_focus=row.in_focus)
    if step is Move.FORWARD:
        raise Refusal("该项目达到重点用能线，须先经自治区审核才能提出处置建议。请先报送自治区审核。")
    if step is Move.CHECK:
        raise Forbidden("处置建议须由盟市或者自治区提出。旗县请办理“核对通过”。")
    return accept_on(session, row, step, seen=seen, by=by, at=at)


def accept_on(session: Session, row: store.ProjectRow, step: Move, *, seen: int, by: Person, at: datetime) -> int:
    """Makes one of the moves of acceptance with its event; gives the project's new version."""
    before = CaseState(row.case_state)
    version = moves.make(session, row, step, by=by, at=at, seen=seen)
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=ACCEPTANCES[step],
            subject=subject(row.id),
            before={"state": before.value, "version": seen},
            after={"state": CaseState(row.case_state).value, "version": version, "level": by.level.words},
        ),
    )
    return version


ACCEPTANCES = {
    Move.CHECK: Happening.CASE_CHECKED,
    Move.FORWARD: Happening.CASE_FORWARDED,
    Move.ACCEPT: Happening.CASE_ACCEPTED,
}


def _demand_due(disposition: Disposition, due: date | None, limit: date, today: date) -> None:
    if disposition not in DUE_NEEDED:
        return
    if due is None:
        raise Refusal(f"“{disposition.words}”须确定到期日。请按确有必要的最短期限填写。", field="due")
    if due <= today:
        raise Refusal(f"到期日{chinese(due)}不在今天之后。请填写以后的日期。", field="due")
    if due > limit:
        raise Refusal(
            f"到期日{chinese(due)}超过最长期限{chinese(limit)}（《内蒙古自治区“十四五”节能减排综合工作实施方案》"
            f"四（三）：淘汰时限不超过3年）。请填写不晚于{chinese(limit)}的日期。",
            field="due",
        )
