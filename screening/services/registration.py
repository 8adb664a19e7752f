"""Chapter 1, registering by form: checked while typing, kept as a draft, submitted once; voided, never deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.classification import Energy, Screening, UnitVerdict, screen
from screening.domain.dispositions import approval_refused, new_approvals
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold
from screening.domain.registry import FIELD, Industry, Project, Stage, from_facts, to_facts
from screening.domain.review import MOVES, CaseState, Move, Proofs, move
from screening.domain.rules import Rulebook, Standard
from screening.services import Ledger, moves
from screening.services.changes import Facts, FieldChange, changed_parts, differences, orderly, stated
from screening.services.entries import Difference, Filled, Typed, merge, read, typed_of
from screening.services.intake import identity, project_columns
from screening.services.lines import region_name, subject
from screening.services.rules import overlay
from screening.services.verdicts import columns, judge
from screening.store import cases, people, trail
from screening.store import registration as drafts_store
from screening.store import registry as store

FOUND_AT_MOST = 12
"""Products that one search offers."""
LONGEST_REASON = 4000
CLEARED_GROUPS = ("审批手续", "整改情况")
"""What a copy leaves blank: the papers of one project must never count for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChoice:
    """A row of the edition in force that a unit can be: figures in `unit`, None where they are not on file."""

    id: str
    product: str
    variant: str | None
    unit: str
    benchmark: str | None
    baseline: str | None
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a form comes to as it stands: `problems` and `doubts` by box, and the results that can be had already.

    `units` are (place in the form, verdict); `screening` is there once nothing is wrong; `waits_for` names what is
    needed before more can be said; `offers` are products of the rules for units that match none, by place.
    """

    problems: dict[str, str]
    doubts: dict[str, str]
    energy: Energy | None
    left_out: int
    """Rows of energy use that cannot be read and are not in the totals."""
    units: tuple[tuple[int, UnitVerdict], ...]
    screening: Screening | None
    waits_for: tuple[str, ...]
    offers: dict[int, tuple[ProductChoice, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form as it was left. `version` 0: never saved. `project` and `seen`: the project that it changes, as seen."""

    id: UUID
    typed: Typed
    opened: Typed
    project: UUID | None
    seen: int | None
    title: str
    version: int
    saved_at: datetime | None
    result: UUID | None = None
    """The project that it was submitted as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A draft before its submission: the project as it will stand, what changes, and what looks like it."""

    draft: Draft
    project: Project
    check: Check
    changes: tuple[FieldChange, ...]
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What a submission did."""

    project: UUID
    is_new: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """Two changes of one project: the draft with both laid together, and where they differ."""

    who: str
    when: datetime
    version: int
    draft: Draft
    theirs: tuple[Difference, ...]
    both: tuple[Difference, ...]


def _demand(by: Person) -> None:
    if not by.may(Permission.REGISTER):
        raise Forbidden(f"{by.role.words}不能登记或变更项目。请由登记员办理。")


# -- products ---------------------------------------------------------------------------------------------------------


def _standards(rules: Rulebook, day: date) -> tuple[Standard, ...]:
    edition = rules.edition_on(day) or rules.editions[-1]
    return edition.standards


def _choice(standard: Standard) -> ProductChoice:
    return ProductChoice(
        id=standard.id,
        product=standard.product,
        variant=standard.variant,
        unit=standard.unit.value if standard.unit else "",
        benchmark=None if standard.benchmark is None else str(standard.benchmark),
        baseline=None if standard.baseline is None else str(standard.baseline),
        synonyms=(*standard.product_synonyms, *standard.variant_synonyms),
    )


def products(ledger: Ledger, words: str, *, today: date, at_most: int = FOUND_AT_MOST) -> tuple[ProductChoice, ...]:
    """The rows of the edition in force whose product, synonym or variant holds every word; the closest first."""
    return _found(ledger.rules, words, today, at_most)


def _found(rules: Rulebook, words: str, day: date, at_most: int) -> tuple[ProductChoice, ...]:
    wanted = [fold(word) for word in words.split()]
    ranked = []
    for place, standard in enumerate(_standards(rules, day)):
        names = [fold(n) for n in (standard.product, *standard.product_synonyms)]
        more = [fold(n) for n in (standard.variant, *standard.variant_synonyms, standard.field_name) if n]
        if not all(any(word in name for name in (*names, *more)) for word in wanted):
            continue
        whole = fold(words)
        rank = 0 if whole in names else 1 if any(n.startswith(whole) for n in names) else 2
        ranked.append((rank, place, standard))
    return tuple(_choice(standard) for _, _, standard in sorted(ranked, key=lambda r: r[:2])[:at_most])


def _near(rules: Rulebook, product: str, variant: str | None, day: date) -> tuple[ProductChoice, ...]:
    """Products for a name that the rules do not have as it is typed: it, a part of it, or a name that is part of it."""
    known = _found(rules, product, day, FOUND_AT_MOST)
    if not known:
        folded = fold(product)
        known = tuple(
            _choice(s)
            for s in _standards(rules, day)
            if any(fold(n) in folded for n in (s.product, *s.product_synonyms))
        )[:FOUND_AT_MOST]
    return tuple(c for c in known if c.variant is None or c.variant != variant or c.product != product)


def product_names(ledger: Ledger, *, today: date) -> tuple[tuple[str, str], ...]:
    """(name as it may be typed, the product that it means) of every product and synonym in force."""
    found: dict[str, str] = {}
    for standard in _standards(ledger.rules, today):
        for name in (standard.product, *standard.product_synonyms):
            found.setdefault(name, standard.product)
    return tuple(found.items())


def variant_names(ledger: Ledger, *, today: date) -> tuple[tuple[str, str], ...]:
    """(variant, its product) of every variant in force."""
    return tuple(
        dict.fromkeys((s.variant, s.product) for s in _standards(ledger.rules, today) if s.variant is not None)
    )


def choice_of(ledger: Ledger, standard: str, *, today: date) -> ProductChoice | None:
    """The row of that id in the edition in force."""
    return next((_choice(s) for s in _standards(ledger.rules, today) if s.id == standard), None)


# -- checking ---------------------------------------------------------------------------------------------------------


def check(ledger: Ledger, typed: Typed, *, project: UUID | None = None, by: Person, today: date) -> Check:
    """What the form comes to as it stands; writes nothing. `project`: the one that it changes."""
    _demand(by)
    with ledger.reader() as session:
        kept = _project(session, project, by) if project else None
        filled = _read(session, typed, ledger.rules, project, kept, by)
        return _checked(filled, overlay(ledger, session), by, today)


def _project(session: Session, project: UUID, by: Person) -> Project:
    return from_facts(json.loads(store.get(session, project, by=by).facts))


def _read(
    session: Session, typed: Typed, rules: Rulebook, project: UUID | None, kept: Project | None, by: Person
) -> Filled:
    """What the form says; a halted project gets no new approval."""
    filled = read(typed, rules, kept=kept)
    halted_on = store.get(session, project, by=by).halted_on if project else None
    if halted_on is None or kept is None:
        return filled
    refused = {f.key: approval_refused(f, halted_on) for f in new_approvals(to_facts(kept), filled.facts)}
    return replace(filled, problems={**refused, **filled.problems})


def _scoped(filled: Filled, by: Person) -> dict[str, str]:
    problems = dict(filled.problems)
    banner = filled.facts.get("banner")
    if banner and not banner.startswith(by.scope_prefix):
        problems["banner"] = "该旗县不在您的管辖区域内，请选择本地区的旗县；确属其他地区的项目，请由当地登记"
    return problems


PLACEHOLDERS = {
    "name": "—",
    "enterprise": "—",
    "industry": Industry.CHEMICAL.value,
    "stage": Stage.EXISTING.value,
}
"""Stand for required fields that are still blank, in a preview that leaves out whatever would rest on them."""


def _checked(filled: Filled, book: Rulebook, by: Person, today: date) -> Check:
    problems = _scoped(filled, by)
    facts = dict(filled.facts)
    waits = [FIELD[k].header for k in ("stage", "industry", "league", "banner") if not facts.get(k)]
    facts |= {key: value for key, value in PLACEHOLDERS.items() if not facts.get(key)}
    home = next(r.id for r in book.regions if r.parent is None)
    facts |= {key: home for key in ("league", "banner") if not facts.get(key)}
    named = [(place, u) for place, u in zip(filled.units, facts["units"], strict=True) if u["product"]]
    facts["units"] = [u for _, u in named] or [{"product": PLACEHOLDERS["name"]}]
    result = screen(from_facts(facts), book, as_of=today)
    verdicts = [(place, verdict) for (place, _), verdict in zip(named, result.units, strict=False)]
    unread = {tuple(box.split("-")[:2]) for box in problems if "-" in box}
    return Check(
        problems=problems,
        doubts=filled.doubts,
        energy=result.energy if result.energy.basis is not None else None,
        left_out=sum(1 for part, _ in unread if part == "uses"),
        units=tuple((p, v) for p, v in verdicts if filled.facts.get("stage") and ("units", str(p)) not in unread),
        screening=None if problems else result,
        waits_for=tuple(waits),
        offers={
            place: near
            for place, verdict in verdicts
            if verdict.ref is None and (near := _near(book, verdict.product, verdict.variant, today))
        },
    )


# -- opening ----------------------------------------------------------------------------------------------------------


def blank(*, by: Person, ledger: Ledger) -> Draft:
    """An empty form; the league of a league's own registrar stands there already."""
    _demand(by)
    fields = {}
    if not by.scope.endswith("0000"):
        fields["league"] = f"{by.scope[:4]}00"
    if not by.scope.endswith("00"):
        fields["banner"] = by.scope
    fields = {key: region_name(ledger, code) for key, code in fields.items()}
    typed = Typed(fields, ({},), ())
    return Draft(
        id=uuid4(), typed=typed, opened=typed, project=None, seen=None, title="登记项目", version=0, saved_at=None
    )


def copied(ledger: Ledger, project: UUID, *, by: Person) -> Draft:
    """A form for a new project filled in from another one; its code, papers and orders are left blank."""
    _demand(by)
    with ledger.reader() as session:
        source = _project(session, project, by)
    typed = _shown(ledger, source)
    fields = {k: v for k, v in typed.fields.items() if k != "code" and FIELD[k].group not in CLEARED_GROUPS}
    typed = Typed(fields, typed.units, typed.uses)
    return Draft(
        id=uuid4(),
        typed=typed,
        opened=typed,
        project=None,
        seen=None,
        title=f"登记项目（复制自“{source.name}”）",
        version=0,
        saved_at=None,
    )


def _shown(ledger: Ledger, project: Project) -> Typed:
    """The project in the boxes, its divisions by name."""
    typed = typed_of(project)
    named = {key: region_name(ledger, typed.fields[key]) for key in ("league", "banner")}
    return Typed({**typed.fields, **named}, typed.units, typed.uses)


def opened(ledger: Ledger, project: UUID, *, by: Person) -> Draft:
    """The form of a project as it stands."""
    _demand(by)
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        move(CaseState(row.case_state), Move.CHANGE_FACTS, by=by)
        facts = from_facts(json.loads(row.facts))
        version = row.version
    typed = _shown(ledger, facts)
    return Draft(
        id=uuid4(),
        typed=typed,
        opened=typed,
        project=project,
        seen=version,
        title=facts.name,
        version=0,
        saved_at=None,
    )


# -- drafts -----------------------------------------------------------------------------------------------------------


def _draft(row: drafts_store.RegistrationDraftRow) -> Draft:
    content = json.loads(row.content)
    return Draft(
        id=row.id,
        typed=Typed.from_data(content["typed"]),
        opened=Typed.from_data(content["opened"]),
        project=row.project_id,
        seen=row.seen,
        title=row.title,
        version=row.version,
        saved_at=row.saved_at,
        result=row.result_id,
    )


def drafts(ledger: Ledger, *, by: Person) -> tuple[Draft, ...]:
    """The person's own drafts that wait to be submitted, the newest first."""
    with ledger.reader() as session:
        return tuple(_draft(row) for row in drafts_store.waiting(session, by=by))


def draft(ledger: Ledger, key: UUID, *, by: Person) -> Draft:
    """The person's own draft; NotFound otherwise."""
    with ledger.reader() as session:
        return _draft(drafts_store.get(session, key, by=by))


def save_draft(ledger: Ledger, left: Draft, *, by: Person, at: datetime) -> Draft:
    """Keeps a form as it was left; the same form sent twice is kept once.

    Conflict where the draft was saved from another window since `left.version`, unless it says the same.
    """
    _demand(by)
    content = canonical({"typed": left.typed.to_data(), "opened": left.opened.to_data()})
    with ledger.writer() as session:
        row = drafts_store.find(session, left.id, by=by, lock=True)
        if row is None:
            if left.project is not None:
                store.get(session, left.project, by=by)
            row = drafts_store.RegistrationDraftRow(
                id=left.id,
                person_id=by.id,
                project_id=left.project,
                seen=left.seen,
                title=left.typed.title,
                content=content,
                started_at=at,
                saved_at=at,
            )
            session.add(row)
        elif row.submitted_at is None and (row.content, row.seen) != (content, left.seen):
            if row.version != left.version:
                raise Conflict(
                    "这份草稿刚在另一个窗口保存过，与本页不同。您填写的内容仍在页面上，没有覆盖另一份；"
                    "再次保存将以本页为准。"
                )
            row.content, row.seen, row.title = content, left.seen, left.typed.title
            row.saved_at, row.version = at, row.version + 1
        session.flush()
        return _draft(row)


def discard(ledger: Ledger, key: UUID, *, by: Person) -> None:
    """Forgets a draft that was never submitted; one that is gone already is no trouble."""
    with ledger.writer() as session:
        row = drafts_store.find(session, key, by=by, lock=True)
        if row is not None and row.submitted_at is None:
            session.delete(row)


# -- submitting -------------------------------------------------------------------------------------------------------


def answers(ledger: Ledger, key: UUID, *, by: Person, today: date) -> Answers:
    """What submitting the draft would do; Refusal where something in it cannot be read."""
    _demand(by)
    with ledger.reader() as session:
        found = _draft(drafts_store.get(session, key, by=by))
        kept = _project(session, found.project, by) if found.project else None
        filled = _read(session, found.typed, ledger.rules, found.project, kept, by)
        checked = _checked(filled, overlay(ledger, session), by, today)
        project = filled.project
        if project is None or checked.problems:
            raise Refusal("草稿中还有需要改正的内容，请先改正。", field=next(iter(checked.problems), None))
        names = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
        changes = differences(_facts(kept), _facts(project), names) if kept else ()
        alike = tuple(_alike(session, project, by, but=kept))
    return Answers(draft=found, project=project, check=checked, changes=changes, alike=alike)


def _facts(project: Project) -> Facts:
    return orderly(to_facts(project))


ALIKE_AT_MOST = 5


def _alike(session: Session, project: Project, by: Person, *, but: Project | None) -> Iterator[str]:
    """The projects that may be the same one: like name in the banner, or of the same enterprise."""

    def bare(name: str) -> str:
        return fold(name).removesuffix("项目").removesuffix("工程")

    own = identity(but) if but else None
    told = 0
    for key, code, name, enterprise, banner in store.names_within(session, by):
        if key == own or bare(name) != bare(project.name):
            continue
        if banner == project.banner or fold(enterprise) == fold(project.enterprise):
            yield f"{name}（{enterprise}{'，' + code if code else ''}）"
            told += 1
            if told == ALIKE_AT_MOST:
                return


def submit(ledger: Ledger, key: UUID, *, why: str = "", for_review: bool = True, by: Person, at: datetime) -> Submitted:
    """Registers the draft's project, or changes the one that it is about; a second call gives the first result.

    `for_review`: a new project is submitted at once; otherwise it waits with the registrar. A change needs `why`.
    Conflict where the project was saved since the draft was opened: see `overtaken`.
    """
    _demand(by)
    why = why.strip()
    if len(why) > LONGEST_REASON:
        raise Refusal(f"文字共{len(why)}字，请不超过{LONGEST_REASON}字。", field="why")
    today = day_of(at)
    with ledger.writer() as session:
        row = drafts_store.get(session, key, by=by, lock=True)
        found = _draft(row)
        if found.result is not None:
            return Submitted(project=found.result, is_new=found.project is None, changed=True)
        target = store.get(session, found.project, by=by, seen=found.seen) if found.project else None
        kept = from_facts(json.loads(target.facts)) if target else None
        filled = _read(session, found.typed, ledger.rules, found.project, kept, by)
        problems = _scoped(filled, by)
        project = filled.project
        if project is None or problems:
            raise Refusal("草稿中还有需要改正的内容，请先改正。", field=next(iter(problems), None))
        _demand_unused(session, project, kept, by)
        if target is None or kept is None:
            result = _register(ledger, session, project, for_review=for_review, by=by, at=at, today=today)
            changed = True
        else:
            result = target.id
            changed = _change(ledger, session, target, kept, project, why, by=by, at=at, today=today)
        session.flush()
        row.submitted_at, row.result_id = at, result
    return Submitted(project=result, is_new=target is None, changed=changed)


def _demand_unused(session: Session, project: Project, kept: Project | None, by: Person) -> None:
    """Refuses a project that is there already under another record."""
    wanted = identity(project)
    if kept is not None and identity(kept) == wanted:
        return
    there = store.by_identity(session, [wanted]).get(wanted)
    if there is None:
        return
    what = "这个项目代码" if project.code else "同名、同建设单位的项目"
    field = "code" if project.code else "name"
    if not there.banner.startswith(by.scope_prefix):
        raise Refusal(f"{what}已登记在其他地区的台账中，请与该地区核实后由上级办理。", field=field)
    if there.state is CaseState.VOID:
        raise Refusal(
            f"{what}已登记过，后来作废（{there.name}）。确需恢复的，请在该项目页办理“恢复项目”。", field=field
        )
    raise Refusal(f"{what}已在台账中：{there.name}（{there.enterprise}）。请变更该项目，不要重复登记。", field=field)


def _values(project: Project, by: Person, at: datetime) -> dict[str, Any]:
    return {
        **project_columns(project, _facts(project)),
        "changed_by": by.id,
        "changed_at": at,
        "saved_by": by.id,
        "saved_at": at,
    }


def _register(
    ledger: Ledger, session: Session, project: Project, *, for_review: bool, by: Person, at: datetime, today: date
) -> UUID:
    key = uuid4()
    verdict = judge(project, overlay(ledger, session), as_of=today)
    store.insert(
        session,
        [
            {
                **_values(project, by, at),
                **columns(verdict.screening),
                "id": key,
                "case_state": CaseState.SUBMITTED if for_review else CaseState.REGISTERED,
                "state_since": at,
                "registered_by": by.id,
                "registered_at": at,
                "version": 1,
            }
        ],
    )
    if for_review:
        moves.record(session, [(key, 1, CaseState.REGISTERED, Move.SUBMIT, CaseState.SUBMITTED)], by=by, at=at)
    after = stated(_facts(project))
    trail.record(
        session,
        Event(at=at, who=by, kind=Happening.PROJECT_REGISTERED, subject=subject(key), why="表单登记", after=after),
    )
    return key


def _change(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    kept: Project,
    project: Project,
    why: str,
    *,
    by: Person,
    at: datetime,
    today: date,
) -> bool:
    """Whether anything changed; then it is written with its event."""
    before, after = _facts(kept), _facts(project)
    if before == after:
        return False
    if not why:
        raise Refusal("请写明变更的原因和依据，如“企业更正年报，附件为盖章说明”。", field="why")
    state = CaseState(row.case_state)
    verdict = judge(
        project,
        overlay(ledger, session),
        as_of=today,
        said=store.findings(session, [row.id]).get(row.id, ()),
        due=store.retrofit_due(session, row.id, on=today),
    )
    values = {**_values(project, by, at), **columns(verdict.screening)}
    moves.make(session, row, Move.CHANGE_FACTS, by=by, at=at, seen=row.version, given=Proofs(reason=why), values=values)
    old, new = changed_parts(before, after)
    about = subject(row.id)
    trail.record(
        session,
        Event(at=at, who=by, kind=Happening.PROJECT_CHANGED, subject=about, why=why, before=old, after=new),
    )
    if state is CaseState.RECOMMENDED:
        cases.outdate(session, [row.id])
        words = "台账数据变更，处置建议须重新提出。"
        trail.record(
            session,
            Event(at=at, who=by, kind=Happening.RECOMMENDATION_OUTDATED, subject=about, why=words),
        )
    return True


def overtaken(ledger: Ledger, left: Draft, *, by: Person) -> Overtaken:
    """Lays what was typed together with what was saved meanwhile, on the present version; writes nothing."""
    if left.project is None:
        raise Refusal("新登记的项目没有更早的版本。请返回草稿继续填写。")
    now = opened(ledger, left.project, by=by)
    with ledger.reader() as session:
        row = store.get(session, left.project, by=by)
        who, when, version = people.names(session, {row.saved_by})[row.saved_by].name, row.saved_at, row.version
    merged = merge(left.opened, now.typed, left.typed)
    fresh = Draft(
        id=left.id,
        typed=merged.typed,
        opened=now.typed,
        project=left.project,
        seen=now.seen,
        title=now.title,
        version=left.version,
        saved_at=left.saved_at,
    )
    return Overtaken(who=who, when=when, version=version, draft=fresh, theirs=merged.theirs, both=merged.both)


# -- voiding ----------------------------------------------------------------------------------------------------------


def strike_off(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Voids a project with a reason; it leaves lists and figures and keeps everything else. Not while letters stand."""
    _step(ledger, project, Move.STRIKE_OFF, reason=reason, seen=seen, by=by, at=at)


def reinstate(ledger: Ledger, project: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Takes a voided project back into the ledger, to be reviewed."""
    _step(ledger, project, Move.REINSTATE, reason=reason, seen=seen, by=by, at=at)


def _step(ledger: Ledger, project: UUID, step: Move, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    _demand(by)
    reason = reason.strip()
    if not reason:
        raise Refusal(f"请写明{step.words}的理由和依据。", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"文字共{len(reason)}字，请不超过{LONGEST_REASON}字。", field="reason")
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        state = CaseState(row.case_state)
        if step is Move.STRIKE_OFF and drafts_store.has_letters(session, project):
            raise Refusal("该项目已有签发的文书，不能作废。文书有误的，请先由签发人作废文书。")
        voided = step is Move.STRIKE_OFF
        moves.make(
            session,
            row,
            step,
            by=by,
            at=at,
            seen=seen,
            given=Proofs(reason=reason),
            values={
                "void_reason": reason if voided else None,
                # The undoing of an import lets go of the identity; whoever comes back takes it up again.
                "identity": row.identity if voided else identity(from_facts(json.loads(row.facts))),
            },
        )
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.PROJECT_VOIDED if voided else Happening.PROJECT_REINSTATED,
                subject=subject(project),
                why=reason,
                before={"state": state.value, "version": seen},
                after={"state": MOVES[state, step].after.value, "version": seen + 1},
            ),
        )
