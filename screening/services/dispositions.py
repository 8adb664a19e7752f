"""Chapter 4, the decision: another person signs what a reviewer recommended, or returns it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.acceptance import ACCEPTING
from screening.domain.calendar import chinese
from screening.domain.classification import Basis, Disposition, Measure, Screening, overrides, screen, to_document
from screening.domain.deadlines import outer_limit, start_of
from screening.domain.dispositions import (
    BY_HAND,
    NAMED_BY_HAND,
    Named,
    as_named,
    by_class,
    by_hand,
    chosen,
    findings_of,
    proposes,
    read_named,
)
from screening.domain.drafting import Texts, laid_over
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import (
    Countersigned,
    LetterInputs,
    LetterKind,
    Office,
    inputs_from,
    office_of,
    what_is_missing,
)
from screening.domain.people import Permission, Person
from screening.domain.procedure import COUNTERSIGNING, StepId, StepState, matter
from screening.domain.quantity import fold
from screening.domain.registry import from_facts
from screening.domain.review import (
    APPROVALS,
    CaseState,
    LetterState,
    Move,
    Proofs,
    RecommendationState,
    move,
    own_part,
)
from screening.domain.rules import Evidence, Rulebook
from screening.domain.steps import late, precedes
from screening.printing import pool
from screening.services import Ledger, acceptance, moves
from screening.services.lines import chosen_acts, letter_lines, line, recommendation_view, signature, subject
from screening.services.numbering import Expected, Number, take
from screening.services.rules import overlay
from screening.services.verdicts import Verdict, columns, judge, measures_of
from screening.services.views import LetterLine, ProjectLine, RecommendationView
from screening.store import cases, objections, people, seals, trail
from screening.store import drafting as drafts
from screening.store import registry as store
from screening.wording import compose

DUE_NEEDED = frozenset({Disposition.RECTIFY, Disposition.RETROFIT})
"""Dispositions that set a term."""
TIMED = frozenset({LetterKind.RETROFIT, LetterKind.RECTIFY})
"""Letters that set a term, whose service starts a clock."""
SHA_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLine:
    """A recommendation that waits for a signatory; `obstacles` are sentences, empty where it can be signed."""

    line: ProjectLine
    recommendation: RecommendationView
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One thing that a decision must contain: what it says of it, and what is missing (a sentence, or None)."""

    words: str
    says: tuple[str, ...]
    missing: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPreview:
    """A letter that signing would make: its place, its kind and title in words, for whom, and the act with its choice.

    `by_person` where a person named the instrument, the organ and the clause.
    """

    place: int
    kind_words: str
    title: str
    addressee: str
    instrument: str
    organ: str
    basis: tuple[str, ...]
    by_person: bool
    harmful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeSigning:
    """The open recommendation before its signatory: what the decision contains, its letters, what stands in its way."""

    contents: tuple[Content, ...]
    letters: tuple[LetterPreview, ...]
    obstacles: tuple[str, ...]
    open_rules: tuple[Basis, ...]
    """The rules that harmful letters rest on and that nobody checked against the official text yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A signed decision as it stays on file: what was proposed, recommended and signed, by whom, and its letters.

    `overrides` where another disposition than the proposed one was decided: that stays visible with its reason and
    clause; what answers an earlier decision (a release, an acceptance) overrides nothing. `named` says what a person
    chose, a sentence each. `stands` is false once its letters are void.
    """

    id: UUID
    disposition: Disposition
    proposed: Disposition
    reason: str
    clause: str | None
    effect: str
    named: tuple[str, ...]
    due: date | None
    recommended_by: str
    signed_by: str
    signed_on: date
    signed_at: datetime
    letters: tuple[LetterLine, ...]
    follows: str | None = None
    """A letter of the decision that this one takes the place of, and of the one that took its place."""
    followed_by: str | None = None

    @property
    def overrides(self) -> bool:
        return overrides(self.disposition, self.proposed)

    @property
    def stands(self) -> bool:
        return any(letter.state is not LetterState.VOID for letter in self.letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A signed decision and its letters, one for each measure."""

    decision: UUID
    project: UUID
    letters: tuple[LetterLine, ...]

    @property
    def letter(self) -> LetterLine:
        """The letter of the first measure."""
        return self.letters[0]


@dataclass(frozen=True, slots=True)
class PreparedLetter:
    """A measure and what its letter says: as `begun`, with the edited texts of the version `draft`, if there is one."""

    measure: Measure
    inputs: LetterInputs
    begun: LetterInputs | None = None
    draft: UUID | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recommendation worked out as of a day: the verdict, its matter, and a letter for each measure."""

    verdict: Verdict
    book: Rulebook
    disposition: Disposition
    letters: tuple[PreparedLetter, ...]
    matter: str
    told: Mapping[str, tuple[acceptance.Candidate, ...]]
    """By measure, the retrofits whose acceptance the decision speaks of."""

    @property
    def as_begun(self) -> Prepared:
        """The same with its letters as nobody edited them."""
        return replace(self, letters=tuple(replace(one, inputs=one.begun or one.inputs) for one in self.letters))

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps the letters drafts, each sentence once."""
        return tuple(dict.fromkeys(text for letter in self.letters for text in letter.inputs.missing))


def outer(
    session: Session, row: store.ProjectRow, verdict: Verdict, book: Rulebook, served: date, disposition: Disposition
) -> date:
    """The last day that a term of this project may end on, were its letter served on that day."""
    kind = Disposition.RECTIFY if disposition is Disposition.RECTIFY else Disposition.RETROFIT
    listed = verdict.screening.project.first_listed
    # A listing known to a month counts from its first day: no reading of it passes the three years.
    known = [d for d in (cases.earliest_start(session, row.id, kind.value), listed.first if listed else None) if d]
    return outer_limit(start_of(served, min(known) if known else None), book.deadline(served))


def prepare(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    recommended: cases.RecommendationRow,
    *,
    by: Person,
    on: date,
) -> Prepared:
    """What signing on that day would decide: the law of that day, the facts of now."""
    book = overlay(ledger, session)
    said = store.findings(session, [row.id]).get(row.id, [])
    due = store.retrofit_due(session, row.id, on=on)
    verdict = judge(from_facts(json.loads(row.facts)), book, as_of=on, said=said, due=due)
    disposition = Disposition(recommended.disposition)
    named = read_named(json.loads(recommended.named))
    fitting = applicable(session, row, verdict, disposition, book, on)
    measures = tuple(
        _resting_on_named(as_named(m, named.get(m.ref)), named.get(m.ref), book)
        for m in chosen(fitting, json.loads(recommended.measures))
    )
    told = _told(session, row, disposition, measures, book, on)
    shown = _metered(verdict, [one for found in told.values() for one in found], book, on)
    office = office_of(book, by.scope)
    limit = None
    if disposition in {*DUE_NEEDED, Disposition.ELIMINATE}:
        limit = outer(session, row, verdict, book, on, disposition)
    letters = tuple(
        PreparedLetter(
            measure,
            replace(
                made := inputs_from(
                    shown,
                    book,
                    office,
                    measure,
                    reasons=recommended.reason,
                    clause=None if recommended.clause in measure.basis else recommended.clause,
                    instrument=measure.instrument,
                    recipient=_recipient(measure, office, named.get(measure.ref)),
                    findings=findings_of(measure, verdict.confirmed),
                    due=_due(disposition, due, told.get(measure.ref, ()), recommended),
                    outer_limit=limit,
                    missing=missing_of(measure),
                    effect=recommended.effect,
                    earlier=_earlier(session, row.id, disposition),
                ),
                disposition=disposition.words,
                units=acceptance.units_told(made.units, told.get(measure.ref, ())),
                verify_at=ledger.verify_at,
            ),
        )
        for measure in measures
    )
    units = sorted({position for measure in measures for position in measure.units})
    about = matter(
        disposition,
        measures,
        verdict.confirmed,
        [shown.units[position] for position in units],
        due=recommended.due,
        clause=recommended.clause,
        round_=cases.decisions_served(session, row.id),
    )
    return Prepared(verdict, book, disposition, _as_edited(session, recommended, letters), about, told)


def _told(
    session: Session,
    row: store.ProjectRow,
    disposition: Disposition,
    measures: Sequence[Measure],
    book: Rulebook,
    on: date,
) -> dict[str, tuple[acceptance.Candidate, ...]]:
    """What each measure says of which retrofit; empty for all that is no acceptance."""
    if disposition not in ACCEPTING:
        return {}
    found = acceptance.candidates(session, row, book, on)
    return {m.ref: acceptance.spoken_of(disposition, m.ref, found) for m in measures}


def _metered(verdict: Verdict, told: Sequence[acceptance.Candidate], book: Rulebook, on: date) -> Screening:
    """The screening that a letter prints: with what was metered in the place of the ledger's figures."""
    if not told:
        return verdict.screening
    return screen(acceptance.as_metered(verdict.screening.project, told), book, as_of=on)


def _due(
    disposition: Disposition,
    lapsed: date | None,
    told: Sequence[acceptance.Candidate],
    recommended: cases.RecommendationRow,
) -> date | None:
    """The day that a letter names: the one that passed, the one of the clocks it speaks of, or the one it sets."""
    if disposition is Disposition.ELIMINATE:
        return lapsed
    if disposition is Disposition.NOT_ACCEPTED:
        return min((one.clock.due for one in told), default=None)
    return recommended.due


def _as_edited(
    session: Session, recommended: cases.RecommendationRow, letters: Sequence[PreparedLetter]
) -> tuple[PreparedLetter, ...]:
    """The letters with the newest texts of their drafts, and with the departments that agreed to them."""
    kept = drafts.newest(session, recommended.id)
    taken = cases.steps(session, recommended.project_id, recommended.matter)
    agreed = tuple(
        Countersigned(
            office=step.words.removesuffix("会签"), name=json.loads(made.facts).get("by_whom", ""), day=made.happened_on
        )
        for step in sorted(COUNTERSIGNING)
        if (made := taken.get(step)) and made.state is StepState.DONE
    )
    return tuple(
        replace(
            letter,
            inputs=edited(begun := replace(letter.inputs, countersigned=agreed), kept.get(letter.measure.ref)),
            begun=begun,
            draft=kept[letter.measure.ref].id if letter.measure.ref in kept else None,
        )
        for letter in letters
    )


def edited(inputs: LetterInputs, version: drafts.DraftVersionRow | None) -> LetterInputs:
    """A letter with the texts of that version of its draft; as it was begun where there is none."""
    return laid_over(inputs, Texts.from_json(version.texts)) if version else inputs


def _resting_on_named(measure: Measure, named: Named | None, book: Rulebook) -> Measure:
    """The measure resting on the clause, too, that a person named: a harmful letter waits for its official text.

    A clause that the rules do not have cannot be confirmed by two people, and so keeps the letter a draft.
    """
    if named is None or not named.clause or not measure.chosen_by_person:
        return measure
    wanted = _unamended(named.clause)
    clause = next((c for c in book.clauses if _unamended(c.source.words) == wanted), None)
    basis = (
        Basis(clause.ref, named.clause, book.evidence_of(clause))
        if clause
        else Basis("", f"{named.clause}（规则库没有收录，请改用已收录的条款，或者先收录）", Evidence.UNVERIFIED)
    )
    return replace(measure, rests_on=(*measure.rests_on, basis))


def _unamended(clause: str) -> str:
    """A clause as letters cite it: without the year of the amendment, which the rules write into the title."""
    return re.sub(r"\(\d{4}年修[正订]\)", "", fold(clause))


def _recipient(measure: Measure, office: Office, named: Named | None) -> str | None:
    """Who else than the enterprise the letter is for: the government that decides, or the organ that a person named."""
    if proposes(measure):
        return office.government
    return named.organ or None if named is not None and measure.letter == LetterKind.REFER.value else None


def applicable(
    session: Session, row: store.ProjectRow, verdict: Verdict, disposition: Disposition, book: Rulebook, on: date
) -> tuple[Measure, ...]:
    """The acts that may carry a disposition out on that day: the table's rows, else one of a person's own choice.

    A halt stands until it is released, and only then is there anything to release. Closure and exit of what is below
    its baseline follow a served retrofit letter whose term has passed without acceptance, never a file alone; closure
    over a broken limit follows the order that rests on that limit, closure of what was never reviewed a served halt.
    """
    halted = row.halted_on is not None
    if disposition in APPROVALS and frozen(session, row, verdict):
        return ()
    if disposition is Disposition.RELEASE and not halted:
        return ()
    measures = tuple(m for m in measures_of(verdict, disposition, book) if m.letter in set(LetterKind))
    if disposition in ACCEPTING:
        return _of_acceptance(session, row, disposition, measures, book, on)
    if disposition is Disposition.ELIMINATE:
        measures = tuple(m for m in measures if _follows(session, row.id, m, on))
    if not measures and disposition in NAMED_BY_HAND and (verdict.confirmed or disposition is Disposition.RECTIFY):
        return (by_hand(disposition),)
    return measures


def _of_acceptance(
    session: Session,
    row: store.ProjectRow,
    disposition: Disposition,
    measures: Sequence[Measure],
    book: Rulebook,
    on: date,
) -> tuple[Measure, ...]:
    """The rows that something metered calls for, each with the units of which it speaks."""
    found = acceptance.candidates(session, row, book, on)
    spoken = ((m, acceptance.spoken_of(disposition, m.ref, found)) for m in measures)
    return tuple(replace(m, units=tuple(one.position for one in of)) for m, of in spoken if of)


def frozen(session: Session, row: store.ProjectRow, verdict: Verdict) -> bool:
    """Whether the commission's own approvals rest: a halt stands, or a ground was confirmed (law page §5).

    A release settles what was confirmed before it: the facts stay true, and were mended.
    """
    if row.halted_on is not None or not verdict.confirmed:
        return row.halted_on is not None
    newest = cases.halt_or_release(session, row.id)
    if newest is None or newest.disposition is not Disposition.RELEASE:
        return True
    counted = {f.text for f in verdict.confirmed}
    said = store.findings(session, [row.id]).get(row.id, ())
    return any(each.at > newest.signed_at for each in said if each.text in counted)


def _follows(session: Session, project: UUID, measure: Measure, on: date) -> bool:
    """Whether the order that an exit must follow was served and not kept."""
    if by_class(measure):
        lapsed = {letter.measure for letter in cases.lapsed_retrofits(session, project, on)}
        return LIMIT_ORDER in lapsed if measure.ground == "gb_level3" else bool(lapsed)
    if "energy_review_missing" in measure.grounds:  # closure is for what could not be mended after it was ordered
        return bool(cases.newest_served(session, project, Disposition.HALT))
    return True


LIMIT_ORDER = "measures/retrofit_a"
"""The order to keep the mandatory limit, the only one on which closure can later rest."""


def _earlier(session: Session, project: UUID, disposition: Disposition) -> str | None:
    """The served letters that a decision follows up, as it names them; None where there are none."""
    follows = {
        Disposition.RELEASE: Disposition.HALT,
        **dict.fromkeys((Disposition.RETROFIT, Disposition.ELIMINATE, *ACCEPTING), Disposition.RETROFIT),
    }.get(disposition)
    rows = cases.newest_served(session, project, follows) if follows else ()
    named = [
        f"《{compose(LetterInputs.from_json(row.inputs)).name}》（{row.number}）"
        for row in rows
        if row.kind != LetterKind.REFER.value
    ]
    return "、".join(named) or None


def missing_of(measure: Measure) -> tuple[str, ...]:
    """What a letter on this measure still lacks; the kind of the letter makes it harmful, whatever the row says."""
    harmful = measure.harmful or LetterKind(measure.letter).harmful
    return what_is_missing(replace(measure, harmful=harmful))


def contents(
    session: Session, row: store.ProjectRow, recommended: cases.RecommendationRow, ready: Prepared
) -> tuple[Content, ...]:
    """What a decision must contain: facts, evidence, basis, effect, time limit, rights; and what of it is missing."""
    told = [letter.inputs for letter in ready.letters]
    result = ready.verdict.screening
    facts = [f"{f.id.words}：{f.text}" for f in ready.verdict.confirmed]
    facts += [
        f"{unit.name or unit.product}：{unit.efficiency_class.words}"
        for place, unit in enumerate(result.units)
        if any(_rests_on(letter.measure, place) for letter in ready.letters)
    ]
    facts += [f"此前送达{inputs.earlier}" for inputs in told if inputs.earlier]
    told_of = {f.text: f for f in store.findings(session, [row.id]).get(row.id, ())}
    evidence = [
        f"{f.id.words}：{'；'.join(proofs)}"
        for f in ready.verdict.confirmed
        if (kept := told_of.get(f.text))
        and (
            proofs := [
                *(p["name"] for p in json.loads(kept.attachments)),
                *([kept.reference] if kept.reference else []),
            ]
        )
    ]
    step = cases.steps(session, row.id, recommended.matter).get(StepId.EVIDENCE)
    needed = StepId.EVIDENCE in cases.needs(session, recommended.id)
    if step is not None:
        evidence.append(f"{StepId.EVIDENCE.words}：{step.state.words}，{chinese(step.happened_on)}")
    elif not needed and not evidence:
        evidence.append("台账登记数据和筛查结果")
    clauses = list(dict.fromkeys(p.clause for inputs in told for p in inputs.basis))
    bare = [inputs.kind.words for inputs in told if not inputs.basis]
    termless = [inputs.kind.words for inputs in told if inputs.kind in TIMED and inputs.due is None]
    rights = [
        f"{inputs.kind.words}：陈述申辩；{r.review_days}日内向{r.government}申请行政复议；{r.suit_months}个月内提起行政诉讼"
        for inputs in told
        if (r := inputs.remedies)
    ]
    rights += [
        f"{inputs.kind.words}：报请{inputs.recipient}决定，由其在决定中告知"
        for inputs in told
        if inputs.kind.harmful and inputs.recipient
    ]
    unsaid = [i.kind.words for i in told if i.kind.harmful and not i.remedies and not i.recipient]
    due = (
        f"{chinese(recommended.due)}前"
        if recommended.due
        else _AT_ONCE
        if any(i.kind.harmful for i in told)
        else "不设期限"
    )
    return (
        Content(words="事实", says=tuple(facts), missing=None if facts else "没有认定的事实"),
        Content(
            words="证据",
            says=tuple(evidence),
            missing="事实证据还没有登记" if needed and step is None else None if evidence else "没有证据",
        ),
        Content(words="依据", says=tuple(clauses), missing=f"{'、'.join(bare)}没有依据" if bare or not told else None),
        Content(
            words="效力", says=(recommended.effect,), missing=None if recommended.effect.strip() else "没有写明效力"
        ),
        Content(
            words="期限",
            says=() if termless else (due,),
            missing=f"{'、'.join(termless)}没有期限" if termless else None,
        ),
        Content(
            words="权利告知",
            says=tuple(rights) or ("不增加义务，不需要告知",),
            missing=f"{'、'.join(unsaid)}没有告知权利" if unsaid else None,
        ),
    )  # fmt: skip


_AT_ONCE = "自送达之日起执行，没有另设期限"


def _rests_on(measure: Measure, place: int) -> bool:
    """Whether the class of that unit is a fact of the act; one of a person's own choice rests on all of them."""
    return BY_HAND in measure.grounds or (by_class(measure) and place in measure.units)


def before_signing(ledger: Ledger, project: UUID, *, by: Person, at: datetime) -> BeforeSigning | None:
    """The open recommendation as its signatory sees it; None where there is none."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        recommended = cases.recommendation(session, row.id)
        if recommended is None or recommended.state is not RecommendationState.OPEN:
            return None
        ready = prepare(ledger, session, row, recommended, by=by, on=day_of(at))
        return BeforeSigning(
            contents=contents(session, row, recommended, ready),
            letters=tuple(
                LetterPreview(
                    place=place,
                    kind_words=letter.inputs.kind.words,
                    title=(composed := compose(letter.inputs)).name,
                    addressee=composed.addressee,
                    instrument=letter.measure.instrument,
                    organ=letter.measure.organ,
                    basis=letter.measure.basis,
                    by_person=letter.inputs.by_person,
                    harmful=letter.inputs.kind.harmful,
                )
                for place, letter in enumerate(ready.letters)
            ),
            obstacles=obstacles(ledger, session, row, recommended, by=by, today=day_of(at), ready=ready),
            open_rules=tuple(
                {
                    b.ref: b
                    for letter in ready.letters
                    if letter.measure.harmful or letter.inputs.kind.harmful
                    for b in letter.measure.rests_on
                    if b.evidence is not Evidence.OFFICIAL
                }.values()
            ),
        )


def decisions(ledger: Ledger, project: UUID, *, by: Person) -> tuple[DecisionView, ...]:
    """The signed decisions on a project, the newest first."""
    with ledger.reader() as session:
        store.get(session, project, by=by)
        rows = cases.decisions(session, project)
        who = {p for d, r in rows for p in (d.signed_by, d.signed_for, r.by)}
        people_of = people.names(session, who)
        held = {d.id: letter_lines(session, cases.letters_of_decision(session, d.id, by=by)) for d, _ in rows}
        after = {d.follows: held[d.id][0] for d, _ in reversed(rows) if d.follows}
        return tuple(
            DecisionView(
                id=decision.id,
                disposition=Disposition(decision.disposition),
                proposed=Disposition(row.proposed),
                reason=row.reason,
                clause=row.clause,
                effect=row.effect,
                named=chosen_acts(row.named),
                due=row.due,
                recommended_by=people_of[row.by].name,
                signed_by=signature(people_of, decision.signed_by, decision.signed_for),
                signed_on=decision.signed_on,
                signed_at=decision.signed_at,
                letters=held[decision.id],
                follows=held[decision.follows][0].number if decision.follows else None,
                followed_by=after[decision.id].number if decision.id in after else None,
            )
            for decision, row in rows
        )


def obstacles(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    recommended: cases.RecommendationRow,
    *,
    by: Person,
    today: date,
    ready: Prepared | None = None,
) -> tuple[str, ...]:
    """What stands in the way of this person's signature, a sentence each."""
    ready = ready or prepare(ledger, session, row, recommended, by=by, on=today)
    found = []
    if not by.may(Permission.SIGN):
        found.append(f"{by.role.words}不能签发。请由签发人办理。")
    part = own(row, recommended, by)
    if part:
        found.append(part)
    if ready.verdict.open:
        names = "、".join(f.id.words for f in ready.verdict.open)
        found.append(f"有检出的情形待审核员确认或排除：{names}。请退回审核。")
    if not ready.letters:
        found.append(f"处置措施表中已没有适用于“{ready.disposition.words}”的所选措施。请退回审核，重新提出建议。")
    elif ready.matter != recommended.matter:
        found.append("事实、依据或者措施已变，须重新建议，并重新告知当事人。请退回审核。")
    absent = [c.missing for c in contents(session, row, recommended, ready) if c.missing and c.words != "证据"]
    if ready.letters and absent:
        found.append(f"决定的内容不完整：{'；'.join(absent)}。请退回审核，补充后重新建议。")
    done = cases.steps(session, row.id, recommended.matter)
    passed = {step for step, made in done.items() if made.state is not StepState.REFUSED}
    lacking = [step.words for step in cases.needs(session, recommended.id) if step not in passed]
    if lacking:
        found.append(f"签发前的程序尚未办理：{'、'.join(lacking)}。请在程序清单逐项办理。")
    # `today` is the day on paper: nobody is heard, or agrees, after the decision.
    later = [
        step.words
        for step in StepId
        if (made := done.get(step))
        and made.happened_on > today
        and precedes(step, StepState(made.state), json.loads(made.facts))
    ]
    if later:
        found.append(f"签发日期{chinese(today)}早于下列程序的办理日期：{'、'.join(later)}。请填写不早于它们的日期。")
    proof = done.get(StepId.EVIDENCE)
    if ready.disposition in {Disposition.RELEASE, *ACCEPTING} and proof and proof.state is StepState.NOT_REQUIRED:
        found.append(f"{ready.disposition.words}须有验收的证据，“事实证据”不能标为不需要。请在程序清单作废后重新办理。")
    if StepId.TERM in done and (days := ready.book.parameter("penalty_days", today)) and days.amount:
        passed_term = late(json.loads(done[StepId.TERM].facts), today, int(days.amount))
        if passed_term:
            found.append(f"{passed_term}请在程序清单作废“{StepId.TERM.words}”后重新办理。")
    if StepId.LEGAL_REVIEW in done and done[StepId.LEGAL_REVIEW].by in {one.id for one in by.both}:
        found.append("您是本案的法制审核人，不能签发。请由另一位签发人签发。")
    if drafts.authors(session, recommended.id) & {one.id for one in by.both}:
        found.append("您修改过本案的文书草稿，不能签发。请由另一位签发人签发。")
    unsettled = drafts.unsettled(session, recommended.id)
    if unsettled:
        found.append(f"文书草稿有{unsettled}条须先处理的意见没有了结。请审核员答复，由提出意见的人了结。")
    if row.halted_on and ready.disposition in APPROVALS:
        found.append(f"项目自{chinese(row.halted_on)}起叫停，解除之前不能{ready.disposition.words}。")
    found.extend(f"依据未核对：{sentence}" for sentence in ready.missing)
    for letter in ready.letters:
        found.extend(text for text in printing.unprintable(letter.inputs.texts()) if text not in found)
    if recommended.due and recommended.due <= today:
        found.append(f"整改到期日{chinese(recommended.due)}不在签发日之后。请退回审核，重新确定期限。")
    return tuple(found)


def to_sign(ledger: Ledger, *, by: Person, at: datetime) -> tuple[SignLine, ...]:
    """The open recommendations within the scope, the oldest first, each with what stands in its way."""
    today = day_of(at)
    with ledger.reader() as session:
        rows = cases.in_states(session, [CaseState.RECOMMENDED], by=by)
        newest = cases.newest_recommendations(session, [row.id for row in rows])
        names = people.names(session, {r.by for r in newest.values()})
        return tuple(
            SignLine(
                line=line(row, None, ledger),
                recommendation=recommendation_view(newest[row.id], names),
                obstacles=obstacles(ledger, session, row, newest[row.id], by=by, today=today),
            )
            for row in rows
        )


def sign(
    ledger: Ledger,
    project: UUID,
    *,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
    paper_date: date | None = None,
) -> Decided:
    """Signs the recommendation that the signatory saw at version `seen`: decision, numbers and letters in one go.

    Refused for what he himself recommended or registered, while a step before signing is open, and for a harmful
    letter that rests on anything not official (the sentence lists what is missing). `paper_date` is the day on which
    the paper was signed (today unless given): the law, the number's year and the letter follow it. The PDFs are made
    of the numbers that come next before anything is written, so that a letter that cannot be printed is never
    numbered; where another signature takes such a number first, the letter keeps its frozen inputs and is made right
    after.
    """
    day = paper_day(paper_date, day_of(at))
    with ledger.reader() as session:
        again = before(session, key, project, by)
        if again is not None:
            return again
        draft = draft_of(ledger, session, project, seen=seen, by=by, day=day, expected=Expected())
    pdfs = draft.rendered()
    with ledger.writer() as session:
        decided = decide(session, draft, pdfs, key=key, by=by, at=at)
    return completed(ledger, decided, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDecision:
    """A decision that nothing stands in the way of, and the numbers that its letters get if nobody signs before."""

    project: UUID
    seen: int
    ready: Prepared
    numbers: tuple[Number, ...]
    inputs: tuple[LetterInputs, ...]
    day: date

    def rendered(self) -> list[bytes]:
        """The PDFs of its letters."""
        return [printing.render(compose(inputs)) for inputs in self.inputs]


def draft_of(
    ledger: Ledger, session: Session, project: UUID, *, seen: int, by: Person, day: date, expected: Expected
) -> DraftDecision:
    """What signing on that day would decide; Refusal or Forbidden where something stands in the way.

    `expected` knows the numbers of the drafts made before this one; it grows.
    """
    row = store.get(session, project, by=by, seen=seen)
    move(row.case_state, Move.SIGN, by=by)
    recommended = _open(session, row)
    if day < day_of(recommended.at):
        raise Refusal(
            f"纸质签发日期{chinese(day)}早于处置建议的日期{chinese(day_of(recommended.at))}。请核对。",
            field="paper_date",
        )
    ready = prepare(ledger, session, row, recommended, by=by, on=day)
    refusals = obstacles(ledger, session, row, recommended, by=by, today=day, ready=ready)
    if refusals:
        kind = Forbidden if own(row, recommended, by) else Refusal
        raise kind("不能签发。" + " ".join(refusals))
    hoped = [expected.next(session, ready.book, one.inputs.office, one.inputs.kind, day) for one in ready.letters]
    return DraftDecision(
        project=project,
        seen=seen,
        ready=ready,
        numbers=tuple(hoped),
        inputs=tuple(_signed(ready, hoped, by=by, day=day)),
        day=day,
    )


def completed(ledger: Ledger, decided: Decided, *, by: Person) -> Decided:
    """The decision with the bytes of all its letters: those that got other numbers than expected are made now."""
    if all(letter.sha256 for letter in decided.letters):
        return decided
    for letter in decided.letters:
        finish(ledger, letter.id, by=by)
    with ledger.reader() as session:
        full = cases.letters_of_decision(session, decided.decision, by=by)
        return replace(decided, letters=letter_lines(session, full))


def paper_day(paper_date: date | None, today: date) -> date:
    """The day on paper, today where none is given; Refusal for one that has not come."""
    if paper_date is not None and paper_date > today:
        raise Refusal(f"纸质签发日期{chinese(paper_date)}晚于今天。请在签发后登记。", field="paper_date")
    return paper_date or today


def own(row: store.ProjectRow, recommended: cases.RecommendationRow, by: Person) -> str | None:
    """Why the person may not sign: it is his own work, or that of the one whom he stands in for."""
    return own_part(by, recommended_by=recommended.by, registered_by=(row.registered_by, row.changed_by))


def before(session: Session, key: str, project: UUID, by: Person) -> Decided | None:
    """What the same form decided before."""
    row = cases.decision_of_key(session, key)
    if row is None:
        return None
    if row.project_id != project or row.signed_by != by.id:
        raise Conflict("这份表单已用于另一项签发。请刷新页面后重新办理。")
    return Decided(
        decision=row.id,
        project=project,
        letters=letter_lines(session, cases.letters_of_decision(session, row.id, by=by)),
    )


def _open(session: Session, row: store.ProjectRow) -> cases.RecommendationRow:
    found = cases.recommendation(session, row.id)
    if found is None or found.state is not RecommendationState.OPEN:
        raise Refusal("该项目没有待签发的处置建议。请刷新页面。")
    return found


def _signed(ready: Prepared, numbers: Sequence[Number], *, by: Person, day: date) -> list[LetterInputs]:
    return [
        replace(
            letter.inputs,
            number=number.text,
            signed_on=day,
            signatory=by.signature,
            missing=(),
        )
        for letter, number in zip(ready.letters, numbers, strict=True)
    ]


def decide(
    session: Session, draft: DraftDecision, pdfs: Sequence[bytes], *, key: str, by: Person, at: datetime
) -> Decided:
    """Signs in the caller's transaction: move, decision, numbers, letters, events. `pdfs` bear the expected numbers."""
    project, seen, ready, day = draft.project, draft.seen, draft.ready, draft.day
    again = before(session, key, project, by)
    if again is not None:
        return again
    row = store.get(session, project, by=by, seen=seen)
    recommended = _open(session, row)
    decision = cases.DecisionRow(
        id=uuid4(),
        key=key,
        project_id=project,
        project_version=seen,
        recommendation_id=recommended.id,
        disposition=ready.disposition,
        facts=row.facts,
        screening=canonical(to_document(ready.verdict.screening)),
        grounds=canonical(_grounds(ready)),
        rules_version=ready.book.version,
        as_of=day,
        recommended_by=recommended.by,
        signed_by=by.id,
        signed_for=by.stands_for.id if by.stands_for else None,
        signed_at=at,
        signed_on=day,
        follows=objections.followed(session, project),
    )
    values = columns(ready.verdict.screening)
    if ready.disposition in {Disposition.HALT, Disposition.RELEASE}:
        values["halted_on"] = day if ready.disposition is Disposition.HALT else None
    version = moves.make(
        session, row, Move.SIGN, by=by, at=at, seen=seen, given=Proofs(paper_date=day),
        recommended_by=recommended.by, values=values,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    accepted = acceptance.settle(session, project, decision.id, ready.disposition, ready.told, on=day)
    letters = _letters(session, ready, decision, draft.numbers, pdfs, by=by, at=at)
    recommended.state = RecommendationState.SIGNED
    session.flush()
    trail.record(
        session,
        Event(
            at=at,
            who=by,
            kind=Happening.DECISION_SIGNED,
            subject=subject(project),
            why=recommended.reason,
            before={"state": CaseState.RECOMMENDED.value, "version": seen},
            after={
                "state": CaseState.SIGNED.value,
                "version": version,
                "disposition": ready.disposition.value,
                "follows": str(decision.follows) if decision.follows else None,
                "signed_on": day.isoformat(),
                "signed_for": by.stands_for.login if by.stands_for else None,
                **({"acceptance": accepted} if accepted else {}),
                "screening_sha256": hashlib.sha256(decision.screening.encode()).hexdigest(),
                "letters": [
                    {
                        "letter": letter.number,
                        "measure": letter.measure,
                        "inputs_sha256": hashlib.sha256(letter.inputs.encode()).hexdigest(),
                        "pdf_sha256": letter.sha256,
                    }
                    for letter in letters
                ],
            },
        ),
    )
    full = cases.letters_of_decision(session, decision.id, by=by)
    return Decided(decision=decision.id, project=project, letters=letter_lines(session, full))


def _letters(
    session: Session,
    ready: Prepared,
    decision: cases.DecisionRow,
    expected: Sequence[Number],
    pdfs: Sequence[bytes],
    *,
    by: Person,
    at: datetime,
) -> list[cases.LetterRow]:
    """The numbered letters of a decision."""
    day = decision.signed_on
    numbers = [take(session, ready.book, one.inputs.office, one.inputs.kind, day) for one in ready.letters]
    made = []
    for place, (letter, signed) in enumerate(zip(ready.letters, _signed(ready, numbers, by=by, day=day), strict=True)):
        pdf = pdfs[place] if pdfs and numbers[place] == expected[place] else None
        made.append(
            letter_row(
                signed, numbers[place], pdf, project=decision.project_id, rules_version=ready.book.version, by=by,
                at=at, decision_id=decision.id, measure=letter.measure.ref, place=place, draft_id=letter.draft,
            )
        )  # fmt: skip
    session.add_all(made)
    return made


def letter_row(
    signed: LetterInputs,
    number: Number,
    pdf: bytes | None,
    *,
    project: UUID,
    rules_version: str,
    by: Person,
    at: datetime,
    **more: Any,
) -> cases.LetterRow:
    """The row of a letter with a number; `pdf` None where it is made later from the frozen inputs."""
    day = signed.signed_on
    if day is None or signed.number is None:
        raise TypeError("a letter gets its row once it is signed and numbered")
    return cases.LetterRow(
        id=uuid4(),
        project_id=project,
        office=by.scope,
        kind=signed.kind.value,
        series=number.series.text,
        year=number.series.year,
        serial=number.serial,
        number=signed.number,
        inputs=signed.to_json(),
        pdf=pdf,
        sha256=None if pdf is None else hashlib.sha256(pdf).hexdigest(),
        versions=None if pdf is None else canonical(printing.renderer_versions()),
        state=LetterState.SIGNED,
        rules_version=rules_version,
        signed_by=by.id,
        signed_for=by.stands_for.id if by.stands_for else None,
        signed_at=at,
        signed_on=day,
        saved_by=by.id,
        saved_at=at,
        **more,
    )


def _grounds(ready: Prepared) -> dict[str, Any]:
    confirmations = ready.book.confirmations
    return {
        "findings": [
            {
                "id": f.id.value,
                "source": f.source,
                "facts": dict(f.facts),
                "text": f.text,
                "details": dict(f.details),
                "evidence": list(f.evidence),
            }
            for f in ready.verdict.confirmed
        ],
        "measures": [
            {
                "ref": measure.ref,
                "ground": measure.ground,
                "instrument": measure.instrument,
                "organ": measure.organ,
                "basis": list(measure.basis),
                "by_person": measure.chosen_by_person,
            }
            for measure in (letter.measure for letter in ready.letters)
        ],
        "rests_on": [
            {
                "ref": b.ref,
                "words": b.words,
                "evidence": b.evidence.value,
                "confirmed": (
                    {
                        "document": c.document,
                        "page": c.page,
                        "day": c.day.isoformat(),
                        "by": c.confirmed_by,
                        "countersigned_by": c.countersigned_by,
                    }
                    if (c := confirmations.get(b.ref))
                    else None
                ),
            }
            for b in {b.ref: b for letter in ready.letters for b in letter.measure.rests_on}.values()
        ],
    }


def finish(ledger: Ledger, letter: UUID, *, by: Person) -> bytes:
    """The bytes of a signed letter; made from its frozen inputs where that was not done yet, then kept for good."""
    with ledger.reader() as session:
        row, _ = cases.letter(session, letter, by=by)
        if row.pdf is not None:
            return issued(session, row)
        if row.scan_id is not None:
            raise Refusal(f"文书{row.number}是补录的纸质文书，原件见扫描件，不能由程序印制。")
        inputs = row.inputs
    pdf = pool.shared().letter(inputs)
    versions = canonical(printing.renderer_versions())
    with ledger.writer() as session:
        cases.keep_bytes(session, letter, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), versions=versions)
    with ledger.reader() as session:
        return issued(session, cases.letter(session, letter, by=by)[0])


def checked(row: cases.LetterRow) -> bytes:
    """The stored bytes, refused where they no longer have the hash that was stored with them."""
    pdf = row.pdf or b""
    if hashlib.sha256(pdf).hexdigest() != row.sha256:
        raise Refusal(
            f"文书{row.number}的文件与登记的校验值不符，可能被改动。请运行 screening audit verify 并报告审计员。"
        )
    return pdf


def issued(session: Session, row: cases.LetterRow) -> bytes:
    """The bytes that are given out: the letter's own, or those of its sealed edition; refused unless both are sound."""
    pdf, edition = checked(row), seals.issued(session, row.id)
    if edition is None:
        return pdf
    if hashlib.sha256(edition.pdf).hexdigest() != edition.sha256:
        raise Refusal(f"文书{row.number}用印后的文件与登记的校验值不符，可能被改动。请报告审计员。")
    return edition.pdf


def return_(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Sends the recommendation back to review with a reason."""
    if not reason.strip():
        raise Refusal("请写明退回的理由，以便审核员修改。", field="reason")
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        recommended = _open(session, row)
        version = moves.make(session, row, Move.RETURN, by=by, at=at, seen=seen, given=Proofs(reason=reason.strip()))
        recommended.state = RecommendationState.RETURNED
        recommended.returned_reason, recommended.returned_by, recommended.returned_at = reason.strip(), by.id, at
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.RECOMMENDATION_RETURNED,
                subject=subject(project),
                why=reason.strip(),
                before={"state": CaseState.RECOMMENDED.value, "version": seen},
                after={"state": CaseState.RETURNED.value, "version": version},
            ),
        )
