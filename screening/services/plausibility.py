"""Chapter 2, warnings of plausibility: gathered for a project, explained by people, lapsing with their figures."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.classification import Hint, doubtful
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.plausibility import PREFIX, stated
from screening.domain.registry import Project, from_facts
from screening.domain.review import CaseState
from screening.domain.rules import Rulebook
from screening.services import Ledger
from screening.services.changes import Facts
from screening.services.lines import subject
from screening.services.rules import overlay
from screening.services.views import DoubtView, ExplanationView
from screening.store import explanations, people, trail
from screening.store import registry as store

__all__ = ["DoubtView", "ExplanationView", "doubts", "earlier_of", "explain", "unexplained"]

LONGEST = 4000
MARK = f'"id":"{PREFIX}'


def digest_of(hint: Hint) -> str:
    """What names a warning together with the figures that it speaks of."""
    return hashlib.sha256(canonical([hint.id, stated(hint.facts)]).encode()).hexdigest()


def year_of(facts: Facts) -> int | None:
    """The latest year that the units of a project state figures for."""
    years = [int(unit["year"]) for unit in facts["units"] if unit.get("year")]
    return max(years, default=None)


def earlier_of(session: Session, project: UUID, facts: Facts) -> Project | None:
    """The project as it last stood for an earlier year than it states now; None where the trail has none.

    Goes back through the changes of the project, undoing one after another.
    """
    now = year_of(facts)
    if now is None:
        return None
    for event in trail.of_subject(session, subject(project)):
        if event.kind == Happening.PROJECT_CHANGED.value and event.before is not None:
            facts = {**facts, **json.loads(event.before)}
            then = year_of(facts)
            if then is not None and then < now:
                return from_facts(facts)
    return None


def gather(
    session: Session, row: store.ProjectRow, book: Rulebook, *, as_of: date, by: Person
) -> tuple[DoubtView, ...]:
    """The warnings of a project with what people said of them, those that nobody explained first."""
    facts = json.loads(row.facts)
    hints = doubtful(from_facts(facts), book, as_of=as_of, earlier=earlier_of(session, row.id, facts))
    said = explanations.of_project(session, row.id, by=by)
    names = people.names(session, {one.by for one in said})
    views = {
        one.digest: ExplanationView(sentence=one.sentence, text=one.text, by=names[one.by].name, at=one.at)
        for one in said
    }
    current = {digest_of(hint) for hint in hints}
    found = [
        DoubtView(
            id=hint.id,
            digest=digest_of(hint),
            text=hint.text,
            facts=hint.facts,
            explanation=views.get(digest_of(hint)),
            lapsed=tuple(views[o.digest] for o in said if o.warning == hint.id and o.digest not in current),
        )
        for hint in hints
    ]
    return tuple(sorted(found, key=lambda doubt: doubt.explanation is not None))


def unexplained(doubts: tuple[DoubtView, ...]) -> tuple[DoubtView, ...]:
    """Those that nobody has explained as the figures stand."""
    return tuple(doubt for doubt in doubts if doubt.explanation is None)


def waiting(session: Session, projects: Collection[UUID]) -> Counter[UUID]:
    """How many warnings of each project nobody explained, as the stored screenings have them.

    Beside an earlier year a project is laid only on its own page: that takes its whole history.
    """
    found = {
        (project, digest_of(hint))
        for project, screening in store.screenings_with(session, projects, MARK)  # most have none
        for hint in (Hint(**one) for one in json.loads(screening)["hints"])
        if hint.doubt
    }
    said = explanations.digests(session, {project for project, _ in found})
    return Counter(project for project, _ in found - said)


def doubts(ledger: Ledger, project: UUID, *, by: Person, today: date) -> tuple[DoubtView, ...]:
    """The warnings of a project as of a day; NotFound outside the scope."""
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        return gather(session, row, overlay(ledger, session), as_of=today, by=by)


def explain(ledger: Ledger, project: UUID, said: Mapping[str, str], *, seen: int, by: Person, at: datetime) -> int:
    """Keeps explanations, by the digest of their warning; gives the project's new version.

    Refused (field `text-<digest>`) where a text is too long, and where none is given; Conflict where a warning is not
    there any more because its figures changed.
    """
    if not by.may(Permission.IMPORT):
        raise Forbidden(f"{by.role.words}不能说明数据疑点。请由登记员或审核员办理。")
    texts = {digest: text.strip() for digest, text in said.items() if text.strip()}
    if not texts:
        raise Refusal("没有填写任何说明。请写明数据属实的原因和依据的材料。")
    for digest, text in texts.items():
        if len(text) > LONGEST:
            raise Refusal(f"说明共{len(text)}字，请不超过{LONGEST}字。", field=f"text-{digest}")
    with ledger.writer() as session:
        row = store.get(session, project, by=by, seen=seen)
        if row.case_state is CaseState.VOID:
            raise Refusal("该项目已作废，不再接收说明。")
        there = {one.digest: one for one in gather(session, row, overlay(ledger, session), as_of=day_of(at), by=by)}
        gone = [digest for digest in texts if digest not in there]
        if gone:
            raise Conflict("所说明的疑点已不存在或者数据已变更。请刷新页面，核对后重新填写。")
        kept = {one.digest: one for one in explanations.of_project(session, project, by=by)}
        version = store.save(session, row, {"saved_by": by.id, "saved_at": at}, seen=seen)
        for digest, text in texts.items():
            doubt, earlier = there[digest], kept.get(digest)
            if earlier is not None and earlier.text == text:
                continue
            facts = stated(doubt.facts)
            before = None if earlier is None else {"explanation": earlier.text}
            written = earlier or explanations.ExplanationRow(
                id=uuid4(),
                project_id=project,
                warning=doubt.id,
                digest=digest,
                facts=canonical(facts),
                sentence=doubt.text,
                text=text,
                by=by.id,
                at=at,
            )
            written.text, written.sentence, written.by, written.at = text, doubt.text, by.id, at
            session.add(written)
            after = {"warning": doubt.id, "sentence": doubt.text, "facts": facts, "version": version}
            trail.record(
                session,
                Event(
                    at=at,
                    who=by,
                    kind=Happening.WARNING_EXPLAINED,
                    subject=subject(project),
                    why=text,
                    before=before,
                    after=after,
                ),
            )
        return version
