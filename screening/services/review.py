"""Chapter 3, the review: what waits, findings confirmed or dismissed, a disposition recommended."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.acceptance import ACCEPTING
from screening.domain.calendar import chinese
from screening.domain.classification import Disposition, Measure
from screening.domain.deadlines import default_due
from screening.domain.dispositions import Named, chosen, effect_of, lacks, refers
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import LetterKind, office_of, organ_referred_to
from screening.domain.people import Level, Permission, Person
from screening.domain.procedure import BY_PROGRAM, COUNTERSIGNED_BY_DEFAULT, StepId, steps_of
from screening.domain.registry import from_facts
from screening.domain.review import (
    APPROVALS,
    IN_REVIEW,
    CaseState,
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
from screening.services.dispositions import DUE_NEEDED, TIMED, applicable, frozen, outer, prepare
from screening.services.lines import line, recommendation_view, subject
from screening.services.numbering import drafted
from screening.services.plausibility import gather, unexplained, waiting
from screening.services.procedure import demand_not_heavier
from screening.services.rules import overlay
from screening.services.verdicts import Verdict, columns, judge, measures_of
from screening.services.views import ProjectLine, RecommendationView
from screening.store import cases, people, trail
from screening.store import registry as store
from screening.wording import compose

LONGEST_REASON = 4000
LONGEST_EFFECT = 300
LONGEST_NAMED = 300
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
    asked_for: dict[Disposition, tuple[str, ...]]
    """Refs of the measures that the grounds ask for: what is taken where nothing is ticked."""
    effects: dict[Disposition, str]
    """What each disposition would do, in one sentence."""
    countersigning: tuple[StepId, ...]
    """The departments that the form suggests to ask."""
    clauses: tuple[str, ...]
    """The clauses that the rules have, to choose from where a person names one."""
    recipients: dict[str, str]
    """By ref of a referral: the organ that it would go to."""
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
            send_back=Move.SEND_BACK in may,
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
    return judge(facts, book, as_of=as_of, said=said, due=store.retrofit_due(session, row.id, on=as_of)), book, said


def _offered(
    session: Session, row: store.ProjectRow, verdict: Verdict, book: Rulebook, today: date
) -> dict[Disposition, tuple[Measure, ...]]:
    """The dispositions that have a measure and a letter, the proposed one first where it has them."""
    ordered = sorted(DECIDABLE, key=lambda d: d is not verdict.screening.disposition)
    found = {d: applicable(session, row, verdict, d, book, today) for d in ordered}
    return {d: measures for d, measures in found.items() if measures}


def choices(ledger: Ledger, project: UUID, *, by: Person, today: date) -> Choices:
    """What can be recommended for the project."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        verdict, book, _ = _verdict(ledger, session, row, today)
        offered = _offered(session, row, verdict, book, today)
        limit = outer(session, row, verdict, book, today, Disposition.RETROFIT)
    office = office_of(book, by.scope)
    taken = {d: chosen(measures, ()) for d, measures in offered.items()}
    targets = [
        u.national_target
        for m in measures_of(verdict, Disposition.RETROFIT, book)
        for u in (verdict.screening.units[i] for i in m.units)
        if u.national_target
    ]
    national = min(targets) if targets else None
    due = default_due(today, national, book.deadline(today))
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
        asked_for={d: tuple(m.ref for m in measures) for d, measures in taken.items()},
        effects={d: _effect(d, measures, verdict, None) for d, measures in taken.items()},
        countersigning=COUNTERSIGNED_BY_DEFAULT.get(verdict.screening.project.industry, ()),
        clauses=tuple(c.source.words for c in book.clauses),
        recipients={
            m.ref: organ_referred_to(office, verdict.screening, m)
            for measures in offered.values()
            for m in measures
            if refers(m) and not m.chosen_by_person
        },
        needs_due=DUE_NEEDED,
        due=due,
        due_hint=hint,
    )


def _effect(disposition: Disposition, measures: Collection[Measure], verdict: Verdict, due: date | None) -> str:
    result = verdict.screening
    named = [
        result.units[i].name or f"{result.units[i].product}装置" for m in measures if not refers(m) for i in m.units
    ]
    return effect_of(disposition, tuple(measures), result.project.stage, named, due)


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
    effect: str | None = None,
    named: Mapping[str, Named] = MappingProxyType({}),
    countersigned_by: Collection[StepId] = (),
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> RecommendationView:
    """Recommends a disposition for signing.

    `reason` is required; `clause` too where the disposition differs from the one proposed; `measures` are refs of
    rows of the table of measures (empty: one for each ground, see `chosen`), each with a letter of its own. `named`
    says, by ref, what a person chose where the table leaves it open (instrument, organ, clause), and whom a referral
    goes to; `effect` is one sentence, the program's own unless given. `countersigned_by` are the departments that are
    asked to countersign; `due` is required where a letter sets a term and may not pass the outer limit. Open detected
    findings must be confirmed or dismissed first. Warnings of plausibility that nobody explained do not stand in the
    way, but `despite` must then say why. A case that is still under review is accepted with it, where the person's
    level may.
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
        if disposition is not proposed and clause is None and disposition not in ACCEPTING:
            raise Refusal(f"建议处置与程序提出的“{proposed.words}”不同，请写明所依据的条款。", field="clause")
        if row.halted_on and disposition in APPROVALS:
            raise Refusal(
                f"项目自{chinese(row.halted_on)}起叫停，解除之前不能作出“{disposition.words}”。"
                "整改经验收合格的，请先提出“解除叫停”。",
                field="disposition",
            )
        if disposition in APPROVALS and frozen(session, row, verdict):
            names = "、".join(dict.fromkeys(f.id.words for f in verdict.confirmed))
            raise Refusal(
                f"已确认{names}，本机关对该项目的审批事项一并停办，不能作出“{disposition.words}”。"
                "情形不成立的，请先改变核实结果。",
                field="disposition",
            )
        taken = _taken(session, row, verdict, book, today, disposition, measures)
        if clause is None and disposition in ACCEPTING:
            clause = taken[0].basis[0]  # nothing is overridden: the table never proposes an acceptance
        for measure in taken:
            _demand_named(measure, named.get(measure.ref))
        _demand_due(disposition, taken, due, outer(session, row, verdict, book, today, disposition), today)
        due = due if _may_have_term(disposition) else None
        effect = (effect or "").strip()
        if not effect or effect == _effect(disposition, taken, verdict, None):
            effect = _effect(disposition, taken, verdict, due)
        if len(effect) > LONGEST_EFFECT:
            raise Refusal(f"效力共{len(effect)}字，请用一句话写明，不超过{LONGEST_EFFECT}字。", field="effect")
        made = _drafted(
            project, disposition, proposed, taken, named, reason=reason, clause=clause, due=due, effect=effect,
            version=seen, key=key, by=by, at=at,
        )  # fmt: skip
        made.despite = despite
        ready = prepare(ledger, session, row, made, by=by, on=today)
        for letter in ready.letters:
            compose(letter.inputs)  # refuses what the letter lacks now, while the reviewer can still add it
        made.matter = ready.matter
        demand_not_heavier(session, project, made, verdict)
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
                    "effect": effect,
                    "measures": json.loads(made.measures),
                    "named": json.loads(made.named),
                    "countersigned_by": [step.value for step in countersigned_by],
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


def _taken(
    session: Session,
    row: store.ProjectRow,
    verdict: Verdict,
    book: Rulebook,
    today: date,
    disposition: Disposition,
    measures: Collection[str],
) -> tuple[Measure, ...]:
    """The measures that were ticked, or that the grounds ask for; Refusal where there are none."""
    offered = applicable(session, row, verdict, disposition, book, today)
    taken = chosen(offered, measures)
    if not taken or not {o.ref for o in offered}.issuperset(measures):
        raise Refusal(f"处置措施表中没有适用于本项目“{disposition.words}”的措施。请另选处置或措施。", field="measures")
    return taken


def _demand_named(measure: Measure, named: Named | None) -> None:
    missing = lacks(measure, named)
    if missing:
        raise Refusal(
            f"措施“{measure.instrument}”由人选定：请写明{'、'.join(missing)}。写明的内容将印入文书，并在项目页标明由人选定。",
            field=named_field(measure.ref, missing[0]),
        )
    if named and any(len(text) > LONGEST_NAMED for text in (named.instrument, named.organ, named.clause)):
        raise Refusal(f"选定的措施、机关和条款各不超过{LONGEST_NAMED}字。", field=named_field(measure.ref, "措施"))


NAMED_FIELDS = {"措施": "instrument", "机关": "organ", "条款": "clause"}


def named_field(ref: str, part: str) -> str:
    """The form field in which a person names a part of an act."""
    return f"{NAMED_FIELDS[part]}:{ref}"


def _drafted(
    project: UUID,
    disposition: Disposition,
    proposed: Disposition,
    taken: Collection[Measure],
    named: Mapping[str, Named],
    *,
    reason: str,
    clause: str | None,
    due: date | None,
    effect: str,
    version: int,
    key: str,
    by: Person,
    at: datetime,
) -> cases.RecommendationRow:
    """The row of a recommendation, still without its matter."""
    kept = {m.ref: asdict(n) for m in taken if (n := named.get(m.ref)) and (m.chosen_by_person or refers(m))}
    return cases.RecommendationRow(
        id=uuid4(),
        key=key,
        project_id=project,
        project_version=version,
        disposition=disposition,
        proposed=proposed,
        reason=reason,
        clause=clause,
        effect=effect,
        measures=canonical([measure.ref for measure in taken]),
        named=canonical(kept),
        due=due,
        matter="",
        state=RecommendationState.OPEN,
        by=by.id,
        at=at,
    )


def trial(
    ledger: Ledger,
    project: UUID,
    *,
    disposition: Disposition,
    reason: str = "",
    clause: str | None = None,
    measures: tuple[str, ...] = (),
    due: date | None = None,
    named: Mapping[str, Named] = MappingProxyType({}),
    by: Person,
    at: datetime,
) -> bytes:
    """The first letter that a recommendation would lead to, as the form stands, as a PDF; writes nothing.

    Refusal where what is there does not make a letter yet (a term, an act to be named).
    """
    today = day_of(at)
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        verdict, book, _ = _verdict(ledger, session, row, today)
        taken = _taken(session, row, verdict, book, today, disposition, measures)
        for measure in taken:
            _demand_named(measure, named.get(measure.ref))
        _demand_due(disposition, taken, due, outer(session, row, verdict, book, today, disposition), today)
        proposed = verdict.screening.disposition
        made = _drafted(
            project, disposition, proposed, taken, named, reason=reason.strip(), clause=clause,
            due=due if _may_have_term(disposition) else None, version=row.version,
            effect=_effect(disposition, taken, verdict, due), key="", by=by, at=at,
        )  # fmt: skip
        letter = drafted(session, book, prepare(ledger, session, row, made, by=by, on=today).letters[0].inputs, today)
    return printing.render(letter)


def _may_have_term(disposition: Disposition) -> bool:
    return disposition in DUE_NEEDED or disposition is Disposition.HALT


def _demand_due(
    disposition: Disposition, taken: Collection[Measure], due: date | None, limit: date, today: date
) -> None:
    if not _may_have_term(disposition):
        return
    if due is None:
        if disposition in DUE_NEEDED:
            raise Refusal(f"“{disposition.words}”须确定到期日。请按确有必要的最短期限填写。", field="due")
        if any(LetterKind(m.letter) in TIMED for m in taken):
            raise Refusal("所选措施责令限期改正，须确定到期日。请按确有必要的最短期限填写。", field="due")
        return
    if due <= today:
        raise Refusal(f"到期日{chinese(due)}不在今天之后。请填写以后的日期。", field="due")
    if due > limit:
        raise Refusal(
            f"到期日{chinese(due)}超过最长期限{chinese(limit)}（《内蒙古自治区“十四五”节能减排综合工作实施方案》"
            f"四（三）：淘汰时限不超过3年）。请填写不晚于{chinese(limit)}的日期。",
            field="due",
        )
