"""Chapter 4, the wording: drafts of letters edited in versions, compared, restored, commented on before signing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import SHANGHAI, day_of
from screening.domain.calendar import chinese
from screening.domain.drafting import (
    SUBSTANCE,
    CommentState,
    PartDifference,
    Texts,
    begun,
    changed,
    demand_fitting,
    differences,
    laid_over,
)
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.grounds import Faults
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs, LetterKind, Level
from screening.domain.people import Level as OfficeLevel
from screening.domain.people import Permission, Person, Role
from screening.domain.procedure import COUNTERSIGNING, StepId, StepState
from screening.domain.review import CaseState, LetterState, RecommendationState, own_part
from screening.services import Ledger
from screening.services.dispositions import prepare
from screening.services.lines import line, signature, subject
from screening.services.notices import TERMS, notice_of
from screening.services.procedure import Opened, days_of, kinds_of, notices_of, opened_of, undo
from screening.services.views import ProjectLine
from screening.store import cases, people, trail
from screening.store import drafting as drafts
from screening.store import registry as store
from screening.wording import compose

COMMENTERS: Final = (Permission.RECOMMEND, Permission.REVIEW_LEGALITY, Permission.SIGN)
"""Who may say something of a draft: reviewer, legal reviewer, signatory."""
LONGEST_COMMENT: Final = 1000
EXCERPT: Final = 60
"""Characters of a paragraph by which a comment names it."""
GENERATED: Final = "由处置建议生成的文字"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a draft. `present`: of the recommendation that is the newest; `signed` are its letters' numbers."""

    id: UUID
    number: int
    present: bool
    texts: Texts
    why: str
    taken_from: int | None
    by: str
    at: datetime
    signed: tuple[tuple[UUID, str, LetterState], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said of a draft, and what became of it; `mine`: whether this person may settle it."""

    id: UUID
    part: str
    letter: str
    number: int
    about: str | None
    text: str
    must: bool
    by: str
    role: str
    at: datetime
    state: CommentState
    answer: str | None
    answered_by: str | None
    settled_by: str | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A letter of the open recommendation: `part` is its key, `number` its newest version (0: not edited yet)."""

    part: str
    words: str
    number: int
    open_comments: int
    place: int | None
    """Among the letters of the decision; None for a notice."""
    kind: LetterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A draft as it is worked on. `why_not` says why this person may not edit it; `fixed` is what nobody may."""

    line: ProjectLine
    tabs: tuple[Tab, ...]
    tab: Tab
    title: str
    addressee: str
    issuer: str
    paragraphs: tuple[tuple[bool, str], ...]
    """(whether a heading, text) of the body as it stands."""
    fixed: tuple[tuple[str, str], ...]
    texts: Texts
    generated: Texts
    versions: int
    offered: Version | None
    """The newest texts of the same letter in an earlier recommendation, while this one has none of its own."""
    comments: tuple[Comment, ...]
    countersigning: tuple[tuple[str, str], ...]
    reviewed: tuple[str, ...]
    """The legal review and the departments' answers, in words, that an edit of free wording undoes."""
    notified: bool
    """Whether a notice on this matter is signed."""
    why_not: str | None
    may_comment: bool
    may_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The versions of one letter's draft, newest first, and two of them word by word."""

    line: ProjectLine
    part: str
    words: str
    versions: tuple[Version, ...]
    old: Version | None
    new: Version | None
    differences: tuple[PartDifference, ...]
    editable: bool
    number: int
    """The newest version of the open recommendation; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter of the open recommendation before anybody edits it, and its newest version."""

    tab: Tab
    inputs: LetterInputs
    version: drafts.DraftVersionRow | None

    @property
    def generated(self) -> Texts:
        return begun(self.inputs)

    @property
    def texts(self) -> Texts:
        return Texts.from_json(self.version.texts) if self.version else self.generated


class Overtaken(Conflict):
    """Somebody saved another version meanwhile: `theirs` are its texts, `base` those that both began with."""

    def __init__(self, message: str, *, theirs: Texts, base: Texts, number: int) -> None:
        super().__init__(message)
        self.theirs = theirs
        self.base = base
        self.number = number

    def merged(self, mine: Texts) -> Texts:
        """What was typed, and where nothing was typed the new version: only what both changed needs a choice."""
        own = changed(self.base, mine)
        return replace(self.theirs, **{part.value: getattr(mine, part.value) for part in own})


def _letters(ledger: Ledger, session: Session, opened: Opened, *, by: Person, today: date) -> tuple[_Letter, ...]:
    """The letters of the open recommendation: those of the decision, then the notices that are not signed yet."""
    ready = prepare(ledger, session, opened.row, opened.recommended, by=by, on=today)
    kept = drafts.newest(session, opened.recommended.id)
    said = drafts.comments(session, opened.recommended.id)
    told = notices_of(session, opened.row.id, opened.recommended.matter)
    waiting = [kind for kind in kinds_of(opened) if kind not in told] if ready.letters else []
    found: list[tuple[str, int | None, LetterInputs]] = [
        (letter.measure.ref, place, letter.begun or letter.inputs) for place, letter in enumerate(ready.letters)
    ]
    found += [(kind.value, None, notice_of(kind, ready, days_of(ready.book, TERMS[kind], today))) for kind in waiting]
    kinds = [inputs.kind for _, _, inputs in found]
    return tuple(
        _Letter(
            Tab(
                part=part,
                words=inputs.kind.words + (f"（{inputs.organ}）" if kinds.count(inputs.kind) > 1 else ""),
                number=kept[part].number if part in kept else 0,
                open_comments=sum(c.part == part and c.state is not CommentState.SETTLED for c in said),
                place=place,
                kind=inputs.kind,
            ),
            inputs,
            kept.get(part),
        )
        for part, place, inputs in found
    )


def _one(letters: Iterable[_Letter], part: str | None) -> _Letter:
    found = tuple(letters)
    if not found:
        raise Refusal("处置措施表中已没有适用于这项建议的措施，没有文书可以修改。请退回审核，重新提出建议。")
    chosen = next((each for each in found if each.tab.part == (part or found[0].tab.part)), None)
    if chosen is None:
        raise NotFound("没有这份文书草稿，或者它已经签发。请从文书草稿页的页签中选择。")
    return chosen


def _barred(opened: Opened, by: Person) -> str | None:
    """Why the person may not edit; None where he may."""
    if not by.may(Permission.RECOMMEND):
        return f"文书草稿由审核员修改，{by.role.words}可以提出意见。"
    if by.level < OfficeLevel.LEAGUE:
        return "文书草稿由盟市或者自治区的审核员修改。"
    own = own_part(by, recommended_by=None, registered_by=(opened.row.registered_by, opened.row.changed_by))
    return own and "项目由您本人登记或变更，文书草稿须由另一位审核员修改。"


def sheet(ledger: Ledger, project: UUID, part: str | None = None, *, by: Person, at: datetime) -> Sheet:
    """The draft of one letter of the open recommendation, the first unless `part` names another."""
    today = day_of(at)
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        if row.case_state is not CaseState.RECOMMENDED:
            raise Refusal(f"案件现为“{row.case_state.words}”，没有待签发的文书草稿。已签发的，请在“文书”中查看。")
        opened = opened_of(session, row)
        letters = _letters(ledger, session, opened, by=by, today=today)
        letter = _one(letters, part)
        inputs = laid_over(letter.inputs, letter.texts)
        composed = compose(inputs)
        said = [c for c in drafts.comments(session, opened.recommended.id) if c.part == letter.tab.part]
        every = [v for v in drafts.versions(session, row.id) if v.part == letter.tab.part]
        earlier = [v for v in every if v.recommendation_id != opened.recommended.id]
        offered = _versions(session, opened.recommended.id, earlier[:1]) if not letter.tab.number else ()
        decision = letter.tab.place is not None
        return Sheet(
            line=line(row, None, ledger),
            tabs=tuple(each.tab for each in letters),
            tab=letter.tab,
            title=composed.name,
            addressee=composed.addressee,
            issuer=composed.issuer,
            paragraphs=tuple((p.level is Level.HEADING, p.lead + p.text) for p in composed.body),
            fixed=_fixed(inputs),
            texts=letter.texts,
            generated=letter.generated,
            versions=len(every),
            offered=next((v for v in offered if v.texts != letter.generated), None),
            comments=_comments(session, said, {letter.tab.part: letter.tab.words}, by=by),
            countersigning=_countersigning(opened),
            reviewed=tuple(
                step.words for step in (StepId.LEGAL_REVIEW, *_answered(opened)) if decision and step in opened.taken
            ),
            notified=decision and bool(notices_of(session, row.id, opened.recommended.matter)),
            why_not=_barred(opened, by),
            may_comment=any(by.may(permission) for permission in COMMENTERS),
            may_answer=_barred(opened, by) is None,
        )


def _fixed(inputs: LetterInputs) -> tuple[tuple[str, str], ...]:
    """What of the letter comes from facts and rules alone."""
    days = (("到期日", inputs.due), ("最长期限", inputs.outer_limit))
    return (
        ("事实", "；".join([f"{f.words}：{f.text}" for f in inputs.findings] + [_unit(u) for u in inputs.units])),
        ("依据", "；".join(p.clause for p in inputs.basis) or "无"),
        ("措施和机关", f"{inputs.instrument or inputs.disposition}（{inputs.organ}）"),
        *((words, chinese(day)) for words, day in days if day),
    )


def _unit(unit: object) -> str:
    named = [getattr(unit, name) for name in ("name", "product", "class_words")]
    return " ".join(text for text in named if text)


def _countersigning(opened: Opened) -> tuple[tuple[str, str], ...]:
    """The departments that are asked to agree, and what they said."""
    return tuple(
        (
            step.words,
            f"{made.state.words}，{chinese(made.happened_on)}" if (made := opened.taken.get(step)) else "待会签",
        )
        for step in opened.needs
        if step in COUNTERSIGNING
    )


def _versions(session: Session, present: UUID | None, rows: Iterable[drafts.DraftVersionRow]) -> tuple[Version, ...]:
    rows = list(rows)
    if not rows:
        return ()
    names = people.names(session, {who for row in rows for who in (row.by, row.for_whom)})
    letters = drafts.signed(session, rows[0].project_id)
    numbers: Mapping[UUID, int] = {v.id: v.number for v in drafts.versions(session, rows[0].project_id)}
    return tuple(
        Version(
            id=row.id,
            number=row.number,
            present=row.recommendation_id == present,
            texts=Texts.from_json(row.texts),
            why=row.why,
            taken_from=numbers[row.taken_from] if row.taken_from else None,
            by=signature(names, row.by, row.for_whom),
            at=row.at,
            signed=tuple((one.id, one.number, one.state) for one in letters.get(row.id, ())),
        )
        for row in rows
    )


def _comments(
    session: Session, rows: Collection[drafts.DraftCommentRow], letters: Mapping[str, str], *, by: Person
) -> tuple[Comment, ...]:
    """Those that wait first, then in the order in which they were made."""
    asked = {who for row in rows for who in (row.by, row.for_whom, row.answered_by, row.settled_by)}
    names = people.names(session, asked)
    return tuple(
        Comment(
            id=row.id,
            part=row.part,
            letter=letters.get(row.part, ""),
            number=row.number,
            about=row.about,
            text=row.text,
            must=row.must,
            by=signature(names, row.by, row.for_whom),
            role=Role(row.role).words,
            at=row.at,
            state=CommentState(row.state),
            answer=row.answer,
            answered_by=names[row.answered_by].name if row.answered_by else None,
            settled_by=names[row.settled_by].name if row.settled_by else None,
            mine=row.state is not CommentState.SETTLED and by.role is row.role,
        )
        for row in sorted(rows, key=lambda row: (row.state is CommentState.SETTLED, not row.must, row.at))
    )


def waiting(ledger: Ledger, project: UUID, *, by: Person, at: datetime) -> tuple[Comment, ...]:
    """The comments of the open recommendation that are not settled; empty where none is open."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        recommended = cases.recommendation(session, row.id)
        if recommended is None or recommended.state is not RecommendationState.OPEN:
            return ()
        rows = [c for c in drafts.comments(session, recommended.id) if c.state is not CommentState.SETTLED]
        if not rows:
            return ()
        letters = _letters(ledger, session, opened_of(session, row), by=by, today=day_of(at))
        return _comments(session, rows, {each.tab.part: each.tab.words for each in letters}, by=by)


def save(
    ledger: Ledger,
    project: UUID,
    part: str,
    texts: Texts,
    *,
    why: str,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> int:
    """Saves the texts as the next version; gives its number. `seen` is the version that was edited (0: none yet).

    The first time the generated texts are kept as version 1. Refused for what cannot be printed (every paragraph with
    the sign that has no glyph), Overtaken where another version came meanwhile. The case gets a new version with it:
    whoever had the older letter before him signs nothing, and a legal review of other wording is void.
    """
    return _saved(ledger, project, part, texts, why=why, seen=seen, key=key, by=by, at=at)


def restore(
    ledger: Ledger, project: UUID, part: str, version: UUID, *, why: str, seen: int, key: str, by: Person, at: datetime
) -> int:
    """Saves the texts of an older version, of this recommendation or an earlier one, as the next version."""
    with ledger.reader() as session:
        store.get(session, project, by=by)
        older = drafts.version(session, project, version)
        if older.part != part:
            raise NotFound("没有这个草稿版本。请从版本列表中选择。")
        texts, number = Texts.from_json(older.texts), older.number
    why = why.strip() or f"恢复第{number}版"
    return _saved(ledger, project, part, texts, why=why, seen=seen, key=key, by=by, at=at, taken_from=version)


def _saved(
    ledger: Ledger,
    project: UUID,
    part: str,
    texts: Texts,
    *,
    why: str,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
    taken_from: UUID | None = None,
) -> int:
    why = why.strip()
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        again = drafts.version_of_key(session, key)
        if again is not None:
            if again.project_id != project or again.part != part or again.by != by.id:
                raise Conflict("这份表单已用于另一份草稿。请刷新页面后重新办理。")
            return again.number
        store.hold(session, row, seen=row.version)
        opened = opened_of(session, row)
        barred = _barred(opened, by)
        if barred:
            raise Forbidden(barred)
        letter = _one(_letters(ledger, session, opened, by=by, today=day_of(at)), part)
        if letter.tab.number != seen:
            raise _overtaken(session, letter, seen)
        if not why:
            raise Refusal("请写明修改说明：改了什么，为什么。", field="why")
        parts = changed(letter.texts, texts)
        if not parts:
            raise Refusal("文字没有改动，没有保存新的版本。")
        _demand_sound(letter.inputs, texts)
        if letter.version is None:
            _add(session, opened, letter, letter.generated, number=1, key=f"{key} 1", why=GENERATED, by=by, at=at)
        substance = letter.tab.place is not None and not SUBSTANCE.isdisjoint(parts)
        number = max(letter.tab.number, 1) + 1
        _add(
            session, opened, letter, texts, number=number, key=key, why=why, by=by, at=at, taken_from=taken_from,
            substance=substance,
        )  # fmt: skip
        if substance:
            _undo_review(session, opened, letter, number, by=by, at=at)
        store.save(session, row, {"saved_by": by.id, "saved_at": at}, seen=row.version)
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.DRAFT_REVISED,
                subject=subject(project),
                why=why,
                before={name.value: letter.texts.typed(name) for name in parts},
                after={
                    "letter": letter.tab.words,
                    "number": number,
                    "parts": "、".join(name.words for name in parts),
                    "texts": {name.value: texts.typed(name) for name in parts},
                    "taken_from": str(taken_from) if taken_from else None,
                },
            ),
        )
        return number


def _overtaken(session: Session, letter: _Letter, seen: int) -> Refusal:
    version = letter.version
    if version is None:
        return Conflict("这份草稿还没有保存过的版本，您看到的不是最新内容。请刷新页面。")
    names = people.names(session, {version.by, version.for_whom})
    known = drafts.versions(session, version.project_id)
    same = [v for v in known if (v.recommendation_id, v.part) == (version.recommendation_id, version.part)]
    base = next((Texts.from_json(v.texts) for v in same if v.number == seen), letter.generated)
    moment = version.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return Overtaken(
        f"草稿已由{signature(names, version.by, version.for_whom)}于{moment}保存为第{version.number}版"
        f"（{version.why}），您的修改没有写入。请对照下方两份文字，核对后再保存。",
        theirs=letter.texts,
        base=base,
        number=version.number,
    )


def _add(
    session: Session,
    opened: Opened,
    letter: _Letter,
    texts: Texts,
    *,
    number: int,
    key: str,
    why: str,
    by: Person,
    at: datetime,
    taken_from: UUID | None = None,
    substance: bool = False,
) -> None:
    session.add(
        drafts.DraftVersionRow(
            id=uuid4(), key=key, project_id=opened.row.id, recommendation_id=opened.recommended.id,
            part=letter.tab.part, kind=letter.inputs.kind.value, number=number, texts=texts.to_json(), why=why,
            taken_from=taken_from, substance=substance, by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None, at=at,
        )
    )  # fmt: skip
    session.flush()


def _undo_review(session: Session, opened: Opened, letter: _Letter, number: int, *, by: Person, at: datetime) -> None:
    """Free wording may change facts, basis or measure, and no program can tell: who agreed to it reads it again."""
    for step in (StepId.LEGAL_REVIEW, *_answered(opened)):
        taken = opened.taken.get(step)
        if taken is None:
            continue
        undo(session, taken, f"{letter.tab.words}草稿的文字已改（第{number}版），须重新{step.words}", by=by, at=at)


def _answered(opened: Opened) -> tuple[StepId, ...]:
    """The departments that answered, agreeing or not; one that is not asked any more has read nothing."""
    return tuple(
        step
        for step in opened.needs
        if step in COUNTERSIGNING
        and (taken := opened.taken.get(step)) is not None
        and StepState(taken.state) is not StepState.NOT_REQUIRED
    )


def _demand_sound(inputs: LetterInputs, texts: Texts) -> None:
    """Refuses texts that no letter can bear: too long, empty where something must stand, without a glyph."""
    demand_fitting(texts, reasons_needed=bool(inputs.reasons) and inputs.kind.harmful)
    faults: list[tuple[str, str]] = []
    for name, part, text in texts.pieces():
        try:
            printing.demand_printable([(name, text)])
        except Refusal as refusal:
            faults.append((part.value, refusal.message))
    if faults:
        raise Faults(faults)
    compose(laid_over(inputs, texts))


def compare(
    ledger: Ledger,
    project: UUID,
    part: str | None = None,
    *,
    old: UUID | None = None,
    new: UUID | None = None,
    by: Person,
) -> Compared:
    """All versions of a letter's draft, and the differences of two: the newest and the one before it unless given.

    The letter that was edited last, unless `part` names one.
    """
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        recommended = cases.recommendation(session, row.id)
        every = drafts.versions(session, row.id)
        rows = [v for v in every if v.part == (part or every[0].part)]
        if not rows:
            raise Refusal("这份文书草稿没有修改过，没有可以比较的版本。请返回文书草稿页。")
        present = recommended.id if recommended else None
        found = _versions(session, present, rows)
        known = {version.id: version for version in found}
        later = _chosen(known, new) or found[0]
        earlier = _chosen(known, old) or next(iter(found[found.index(later) + 1 :]), None)
        opened = present is not None and row.case_state is CaseState.RECOMMENDED
        return Compared(
            line=line(row, None, ledger),
            part=rows[0].part,
            words=LetterKind(rows[0].kind).words,
            versions=found,
            old=earlier,
            new=later,
            differences=differences(earlier.texts, later.texts) if earlier else (),
            editable=opened and _barred(opened_of(session, row), by) is None,
            number=max((v.number for v in found if v.present), default=0),
        )


def _chosen(known: Mapping[UUID, Version], key: UUID | None) -> Version | None:
    if key is None:
        return None
    if key not in known:
        raise NotFound("没有这个草稿版本。请从版本列表中选择。")
    return known[key]


def comment(
    ledger: Ledger,
    project: UUID,
    part: str,
    *,
    about: str | None,
    text: str,
    must: bool,
    seen: int,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Says something of the draft as it stands at version `seen`, of a paragraph (as it begins) or of the whole.

    With `must`, nothing is signed before it is settled.
    """
    _demand_commenter(by)
    text = text.strip()
    if not text:
        raise Refusal("请填写意见。", field="text")
    if len(text) > LONGEST_COMMENT:
        raise Refusal(f"意见共{len(text)}字，最多{LONGEST_COMMENT}字。请分成几条。", field="text")
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        again = drafts.comment_of_key(session, key)
        if again is not None:
            if again.project_id != project or again.by != by.id:
                raise Conflict("这份表单已用于另一条意见。请刷新页面后重新办理。")
            return again.id
        store.hold(session, row, seen=row.version)
        opened = opened_of(session, row)
        letter = _one(_letters(ledger, session, opened, by=by, today=day_of(at)), part)
        if letter.tab.number != seen:
            raise Conflict(
                f"草稿在您查看之后有新的版本，意见还没有写入。现在显示的是第{letter.tab.number}版，请核对后再提出。"
            )
        body = compose(laid_over(letter.inputs, letter.texts)).body
        if about is not None and about not in {excerpt(p.lead + p.text) for p in body}:
            raise Refusal("所选的段落已不在草稿中。请刷新页面后重新选择。", field="about")
        made = drafts.DraftCommentRow(
            id=uuid4(), key=key, project_id=row.id, recommendation_id=opened.recommended.id, part=part, number=seen,
            about=about, text=text, must=must, by=by.id, for_whom=by.stands_for.id if by.stands_for else None,
            role=by.role, at=at, state=CommentState.OPEN,
        )  # fmt: skip
        session.add(made)
        session.flush()
        _record(
            session, row.id, Happening.DRAFT_COMMENTED, text, by=by, at=at,
            after={"letter": letter.tab.words, "about": about, "must": "须先处理" if must else None, "number": seen},
        )  # fmt: skip
        return made.id


def excerpt(text: str) -> str:
    """A paragraph by its beginning."""
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


def answer(ledger: Ledger, project: UUID, comments: Collection[UUID], *, text: str, by: Person, at: datetime) -> int:
    """Answers the chosen comments, all with the same words; the drafter does. Gives how many."""
    text = text.strip()
    if not text:
        raise Refusal("请填写答复：采纳的说明改在哪里，不采纳的说明理由。", field="text")
    if len(text) > LONGEST_COMMENT:
        raise Refusal(f"答复共{len(text)}字，最多{LONGEST_COMMENT}字。请缩短。", field="text")
    with ledger.writer() as session:
        opened, rows = _held(session, project, comments, by=by)
        barred = _barred(opened, by)
        if barred:
            raise Forbidden(barred)
        for row in rows:
            if row.state is not CommentState.OPEN:
                raise _settled_before(session, row)
            row.state, row.answer, row.answered_by, row.answered_at = CommentState.ANSWERED, text, by.id, at
            session.flush()
            _record(
                session, project, Happening.COMMENT_ANSWERED, text, by=by, at=at, after={"comment": excerpt(row.text)}
            )
        return len(rows)


def settle(ledger: Ledger, project: UUID, comments: Collection[UUID], *, by: Person, at: datetime) -> int:
    """Settles the chosen comments: whoever made one does, or a colleague of the same role. Gives how many."""
    _demand_commenter(by)
    with ledger.writer() as session:
        _, rows = _held(session, project, comments, by=by)
        for row in rows:
            if row.state is CommentState.SETTLED:
                raise _settled_before(session, row)
            if row.role is not by.role:
                raise Forbidden(
                    f"“{excerpt(row.text)}”由{Role(row.role).words}提出，须由提出人或者同一角色的人员了结。请审核员先答复。"
                )
            row.state, row.settled_by, row.settled_at = CommentState.SETTLED, by.id, at
            session.flush()
            _record(
                session, project, Happening.COMMENT_SETTLED, None, by=by, at=at, after={"comment": excerpt(row.text)}
            )
        return len(rows)


def _demand_commenter(by: Person) -> None:
    if not any(by.may(permission) for permission in COMMENTERS):
        raise Forbidden(f"{by.role.words}不能对文书草稿提出意见。请由审核员、法制审核员或者签发人办理。")


def _held(
    session: Session, project: UUID, comments: Collection[UUID], *, by: Person
) -> tuple[Opened, list[drafts.DraftCommentRow]]:
    if not comments:
        raise Refusal("请勾选要办理的意见。")
    row = store.get(session, project, by=by)
    store.hold(session, row, seen=row.version)
    opened = opened_of(session, row)
    return opened, drafts.chosen(session, opened.recommended.id, comments)


def _settled_before(session: Session, row: drafts.DraftCommentRow) -> Conflict:
    who = people.names(session, {row.settled_by, row.answered_by})
    last = who[row.settled_by or row.answered_by].name
    return Conflict(f"意见“{excerpt(row.text)}”{CommentState(row.state).words}（{last}），没有重复办理。请刷新页面。")


def _record(
    session: Session,
    project: UUID,
    kind: Happening,
    why: str | None,
    *,
    after: Mapping[str, str | int | None],
    by: Person,
    at: datetime,
) -> None:
    trail.record(session, Event(at=at, who=by, kind=kind, subject=subject(project), why=why, after=after))
