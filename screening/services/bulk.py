"""Chapter 4 for many: ticked recommendations signed together with one password, and what became of each told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.review import MOVES, CaseState, Move
from screening.services import Ledger
from screening.services.dispositions import (
    Decided,
    before,
    completed,
    decide,
    draft_of,
    obstacles,
    own,
    paper_day,
    prepare,
    sign,
)
from screening.services.lines import letter_lines, line
from screening.services.moves import in_his_name
from screening.services.numbering import Expected
from screening.services.selection import AT_ONCE, OUTSIDE, Skipped
from screening.services.views import LetterLine, ProjectLine
from screening.store import cases, trail
from screening.store import registry as store

NOTHING: Final = "还没有勾选项目。请在签发队列勾选后再办理。"


class Way(StrEnum):
    """How many decisions are made."""

    EACH = "each"
    """What can be signed is signed, each in a transaction of its own."""
    ALL = "all"
    """All in one transaction: nothing is signed where one is refused."""

    @property
    def words(self) -> str:
        """As users read it."""
        return {"each": "可签发的逐件签发", "all": "全部成功才签发"}[self.value]


class Hindrance(StrEnum):
    """Why a ticked recommendation cannot be signed by this person, in one word."""

    OWN = "own"
    EVIDENCE = "evidence"
    OTHER = "other"
    GONE = "gone"

    @property
    def words(self) -> str:
        """As users read it, after a number."""
        return {"own": "为本人所办", "evidence": "缺证据", "other": "有其他障碍", "gone": "已不在待签发环节"}[
            self.value
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """A ticked recommendation before it is signed; `why` are sentences, empty where it can be signed."""

    line: ProjectLine
    disposition: Disposition
    harmful: bool
    hindrance: Hindrance | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """All that was ticked: what waits for a signature, and what does not (any more)."""

    rows: tuple[Ticked, ...]
    gone: tuple[Skipped, ...]

    @property
    def ticked(self) -> int:
        """How many were ticked."""
        return len(self.rows) + len(self.gone)

    @property
    def able(self) -> tuple[Ticked, ...]:
        """Those that can be signed."""
        return tuple(row for row in self.rows if row.hindrance is None)

    @property
    def held(self) -> tuple[Ticked, ...]:
        """Those that cannot."""
        return tuple(row for row in self.rows if row.hindrance is not None)

    @property
    def words(self) -> str:
        """The count in one line: 勾选25：22可签发，2为本人所办，1缺证据."""
        counts = {kind: sum(row.hindrance is kind for row in self.rows) for kind in Hindrance}
        counts[Hindrance.GONE] = len(self.gone)
        told = [f"{len(self.able)}可签发", *(f"{n}{kind.words}" for kind, n in counts.items() if n)]
        return f"勾选{self.ticked}：{'，'.join(told)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOne:
    """A project whose decision was signed, with its letters."""

    project: UUID
    name: str
    letters: tuple[LetterLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a bulk signature did: of `ticked`, these; and these not, each with the reason."""

    ticked: int
    way: Way
    signed: tuple[SignedOne, ...]
    skipped: tuple[Skipped, ...]


def look(ledger: Ledger, picked: Sequence[UUID], *, by: Person, at: datetime) -> Looked:
    """The ticked recommendations as they are now, the longest waiting first, each with what stands in its way."""
    _demand_few(picked)
    today = day_of(at)
    with ledger.reader() as session:
        wanted = set(picked)
        rows = [row for row in cases.in_states(session, [CaseState.RECOMMENDED], by=by) if row.id in wanted]
        newest = cases.newest_recommendations(session, [row.id for row in rows])
        found = tuple(_ticked(ledger, session, row, newest[row.id], by=by, today=today) for row in rows)
        there = {row.id for row in rows}
        gone = _gone(session, [key for key in dict.fromkeys(picked) if key not in there], by=by)
    return Looked(rows=found, gone=gone)


def _ticked(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    recommended: cases.RecommendationRow,
    *,
    by: Person,
    today: date,
) -> Ticked:
    ready = prepare(ledger, session, row, recommended, by=by, on=today)
    why = obstacles(ledger, session, row, recommended, by=by, today=today, ready=ready)
    named = in_his_name(session, row.id, by, apart=MOVES[CaseState.RECOMMENDED, Move.SIGN].apart)
    why = (*why, named) if named else why
    hindrance = None
    if why:
        done = cases.steps(session, row.id, recommended.matter)
        lacks = ready.missing or any(step not in done for step in cases.needs(session, recommended.id))
        hindrance = Hindrance.EVIDENCE if lacks else Hindrance.OTHER
        hindrance = Hindrance.OWN if own(row, recommended, by) or named else hindrance
    return Ticked(
        line=line(row, None, ledger),
        disposition=ready.disposition,
        harmful=any(letter.inputs.kind.harmful for letter in ready.letters),
        hindrance=hindrance,
        why=why,
    )


def _gone(session: Session, keys: Iterable[UUID], *, by: Person) -> tuple[Skipped, ...]:
    wanted = list(keys)
    known = store.standing(session, wanted, by=by)
    return tuple(
        Skipped(name=known[key][0], why=f"现为“{known[key][1].words}”，不在待签发环节", project=key)
        if key in known
        else Skipped(name=None, why=OUTSIDE)
        for key in wanted
    )


def _demand_few(picked: Sequence[object]) -> None:
    if not picked:
        raise Refusal(NOTHING, field="pick")
    if len(picked) > AT_ONCE:
        raise Refusal(f"一次最多签发{AT_ONCE}个项目，现勾选{len(picked)}个。请分批办理。", field="pick")


def sign_ticked(
    ledger: Ledger,
    items: Sequence[tuple[UUID, int]],
    *,
    way: Way,
    key: str,
    by: Person,
    at: datetime,
    paper_date: date | None = None,
) -> Signed:
    """Signs the recommendations of these projects, each at the version that was seen, in this order.

    The outcome is kept in the trail under the key of the form: the same form again gives it again and signs nothing.
    With `Way.ALL`, a Refusal names every project that cannot be signed, and nothing is signed.
    """
    if not by.may(Permission.SIGN):
        raise Forbidden(f"{by.role.words}不能签发。请由签发人办理。")
    items = list(dict(items).items())
    _demand_few(items)
    day = paper_day(paper_date, day_of(at))
    with ledger.reader() as session:
        told = _told(session, key, by)
    if told is not None:
        return told
    if way is Way.ALL:
        return _all(ledger, items, key=key, by=by, at=at, day=day)
    made, skipped = _each(ledger, items, key=key, by=by, at=at, day=day)
    with ledger.writer() as session:
        told = _told(session, key, by)
        if told is not None:
            return told
        _tell(session, made, skipped, way=way, key=key, by=by, at=at, day=day)
    with ledger.reader() as session:
        return _outcome(session, made, skipped, way=way, by=by)


def _each(
    ledger: Ledger, items: Sequence[tuple[UUID, int]], *, key: str, by: Person, at: datetime, day: date
) -> tuple[list[Decided], list[tuple[UUID, str]]]:
    made, skipped = [], []
    for project, seen in items:
        try:
            made.append(sign(ledger, project, seen=seen, key=_key(key, project), by=by, at=at, paper_date=day))
        except Refusal as refusal:
            # The same form sent twice at once: what the other sending signed is signed.
            with ledger.reader() as session:
                again = before(session, _key(key, project), project, by)
            if again is None:
                skipped.append((project, refusal.message))
            else:
                made.append(again)
    return made, skipped


def _all(ledger: Ledger, items: Sequence[tuple[UUID, int]], *, key: str, by: Person, at: datetime, day: date) -> Signed:
    with ledger.reader() as session:
        known = store.standing(session, [project for project, _ in items], by=by)
        names = {project: known[project][0] if project in known else "一个项目" for project, _ in items}
        expected = Expected()
        drafts, refused = [], []
        for project, seen in items:
            try:
                drafts.append(draft_of(ledger, session, project, seen=seen, by=by, day=day, expected=expected))
            except Refusal as refusal:
                refused.append(f"{names[project]}：{refusal.message if project in known else OUTSIDE}")
    if refused:
        raise Refusal(f"有{len(refused)}项不能签发，因此一项也没有签发。{' '.join(refused)}")
    pdfs = [draft.rendered() for draft in drafts]
    with ledger.writer() as session:
        told = _told(session, key, by)
        if told is not None:
            return told
        # Everybody who signs several holds them in the same order, so that nobody waits for the other in a circle.
        for draft in sorted(drafts, key=lambda draft: draft.project):
            with _named(names[draft.project]):
                store.hold(session, store.get(session, draft.project, by=by, seen=draft.seen), seen=draft.seen)
        made = []
        for draft, bytes_ in zip(drafts, pdfs, strict=True):
            with _named(names[draft.project]):
                made.append(decide(session, draft, bytes_, key=_key(key, draft.project), by=by, at=at))
        _tell(session, made, (), way=Way.ALL, key=key, by=by, at=at, day=day)
    for decided in made:
        completed(ledger, decided, by=by)
    with ledger.reader() as session:
        return _outcome(session, made, (), way=Way.ALL, by=by)


class _named:  # noqa: N801  # read as a word: with _named(project)
    """Says of a refusal which project it speaks of, and that nothing was signed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        if isinstance(fault, Refusal):
            kind = Conflict if isinstance(fault, Conflict) else Refusal
            raise kind(f"{self.name}：{fault.message} 因此一项也没有签发。") from fault


def _key(key: str, project: UUID) -> str:
    return f"{key}:{project}"


def _subject(key: str) -> str:
    return f"signing:{hashlib.sha256(key.encode()).hexdigest()}"


def _tell(
    session: Session,
    made: Sequence[Decided],
    skipped: Sequence[tuple[UUID, str]],
    *,
    way: Way,
    key: str,
    by: Person,
    at: datetime,
    day: date,
) -> None:
    after = {
        "way": way.value,
        "signed_on": day.isoformat(),
        "signed": [
            {
                "project": str(one.project),
                "decision": str(one.decision),
                "letters": [letter.number for letter in one.letters],
            }
            for one in made
        ],
        "skipped": [{"project": str(project), "why": why} for project, why in skipped],
    }
    words = f"勾选{len(made) + len(skipped)}：签发{len(made)}，跳过{len(skipped)}"
    trail.record(
        session,
        Event(at=at, who=by, kind=Happening.SIGNED_TOGETHER, subject=_subject(key), why=words, after=after),
    )


def _told(session: Session, key: str, by: Person) -> Signed | None:
    """What the same form did before."""
    events = list(trail.of_subject(session, _subject(key)))
    if not events:
        return None
    event = events[-1]
    if event.who != by.login:
        raise Conflict("这份表单已由他人用于签发。请刷新页面后重新办理。")
    after: dict[str, Any] = json.loads(event.after or "{}")
    made = [(UUID(one["project"]), UUID(one["decision"])) for one in after["signed"]]
    skipped = [(UUID(one["project"]), str(one["why"])) for one in after["skipped"]]
    return _found(session, made, skipped, way=Way(after["way"]), by=by)


def _outcome(
    session: Session, made: Sequence[Decided], skipped: Sequence[tuple[UUID, str]], *, way: Way, by: Person
) -> Signed:
    return _found(session, [(one.project, one.decision) for one in made], skipped, way=way, by=by)


def _found(
    session: Session,
    made: Sequence[tuple[UUID, UUID]],
    skipped: Sequence[tuple[UUID, str]],
    *,
    way: Way,
    by: Person,
) -> Signed:
    known = store.standing(session, [project for project, _ in (*made, *skipped)], by=by)
    signed = []
    for project, decision in made:
        letters = letter_lines(session, cases.letters_of_decision(session, decision, by=by))
        signed.append(SignedOne(project=project, name=known[project][0] if project in known else "", letters=letters))
    return Signed(
        ticked=len(made) + len(skipped),
        way=way,
        signed=tuple(signed),
        skipped=tuple(
            Skipped(name=known[project][0], why=why, project=project)
            if project in known
            else Skipped(name=None, why=OUTSIDE)
            for project, why in skipped
        ),
    )
