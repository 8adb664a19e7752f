"""Several people at the same moment: one succeeds, the others are told by whom and what; numbers without gap."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Refusal
from screening.domain.numbering import Series
from screening.domain.people import Role
from screening.domain.review import CaseState, Move
from screening.services import dispositions, history, moves, numbering, registration, review
from screening.store import cases, numbers
from screening.store import registry as store
from tests.conftest import NOW, TODAY
from tests.services.sheets import row

EIGHT = 8


def at_once(acts: list[Callable[[], object]]) -> tuple[list[int], list[tuple[int, Exception]]]:
    """Runs the acts at the same moment: who succeeded, and with what the others were refused."""
    start, won, lost = threading.Barrier(len(acts)), [], []

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            won.append(place)
        except Exception as fault:  # noqa: BLE001  # told below
            lost.append((place, fault))

    threads = [threading.Thread(target=run, args=given) for given in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost


def counts(desks, project: UUID) -> dict[str, int]:
    """Moves, decisions and events of the project."""
    about = {"project": str(project) if desks.ledger.engine.dialect.name == "postgresql" else project.hex}
    with desks.ledger.reader() as session:
        found = {
            table: session.execute(
                sa.text(f"SELECT count(*) FROM {table} WHERE project_id = :project"), about  # our names
            ).scalar_one()
            for table in ("case_move", "decision", "recommendation", "letter")
        }  # fmt: skip
        events = sa.text("SELECT count(*) FROM event WHERE subject = :subject")
        return {**found, "event": session.execute(events, {"subject": f"project:{project}"}).scalar_one()}


def test_eight_people_accept_the_same_case_and_one_does(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    people = [desks.hire(Role.REVIEWER, f"reviewer{n}", "150000") for n in range(EIGHT)]
    before = counts(desks, project)

    won, lost = at_once([
        lambda by=by: review.accept(desks.ledger, project, seen=1, by=by, at=NOW) for by in people
    ])  # fmt: skip

    assert len(won) == 1
    assert len(lost) == EIGHT - 1
    winner = people[won[0]].name
    for _, refused in lost:
        assert isinstance(refused, Conflict), refused
        assert winner in str(refused), (winner, str(refused))
        assert "审核通过" in str(refused)
    assert desks.view(project).line.case_state is CaseState.ACCEPTED
    after = counts(desks, project)
    assert {k: after[k] - before[k] for k in after} == {
        "case_move": 1, "decision": 0, "recommendation": 0, "letter": 0, "event": 1,
    }  # fmt: skip
    assert history.verify(desks.ledger).ok


def test_eight_people_do_eight_different_things_and_one_succeeds(desks) -> None:
    """Sign, return, recommend again, change facts, confirm, accept, strike off: whoever is first, the others see it."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.take_steps(project)
    desks.make_official(project)
    d, seen = desks, desks.version(project)
    second = d.hire(Role.SIGNATORY, "third_signatory")
    other = d.hire(Role.REVIEWER, "other_reviewer")
    changing = d.hire(Role.REGISTRAR, "changing")

    def change() -> None:
        with d.ledger.writer() as session:
            found = store.get(session, project, by=changing, seen=seen)
            kept = registration.from_facts(registration.json.loads(found.facts))
            fresh = replace(kept, legal_representative="李四")
            registration._change(d.ledger, session, found, kept, fresh, "更正。", by=changing, at=NOW, today=TODAY)

    def sign(by, key: str) -> dispositions.Decided:
        return dispositions.sign(d.ledger, project, seen=seen, key=key, by=by, at=NOW)

    people = [d.signatory, d.second_signatory, second, d.signatory, d.second_signatory, changing, other, d.registrar]
    acts = [
        lambda: sign(d.signatory, "a"),
        lambda: sign(d.second_signatory, "b"),
        lambda: dispositions.return_(d.ledger, project, reason="期限偏长。", seen=seen, by=second, at=NOW),
        lambda: dispositions.return_(d.ledger, project, reason="改。", seen=seen, by=d.signatory, at=NOW),
        lambda: dispositions.return_(d.ledger, project, reason="请改。", seen=seen, by=d.second_signatory, at=NOW),
        change,
        lambda: d.recommend(project, by=other, seen=seen),
        lambda: registration.strike_off(d.ledger, project, reason="误登记。", seen=seen, by=d.registrar, at=NOW),
    ]
    won, lost = at_once(acts)

    assert len(won) == 1, (won, lost)
    winner = people[won[0]].name
    state = desks.view(project).line.case_state
    assert state is (CaseState.SIGNED if won[0] < 2 else CaseState.RETURNED)
    told = 0
    for place, refused in lost:
        assert isinstance(refused, Refusal), refused
        if isinstance(refused, Conflict):
            assert winner in str(refused), (place, str(refused))
            told += 1
        else:  # came before the winner, and the state alone forbade it
            assert place in {6, 7}, (place, refused)
    assert told >= 5
    assert counts(desks, project)["decision"] == (1 if won[0] < 2 else 0)
    assert history.verify(desks.ledger).ok


def test_three_hundred_projects_and_two_signatories_make_three_hundred_decisions(desks, monkeypatch) -> None:
    """Each signs all, both at once in many threads; the PDFs are left out, as they prove nothing of the numbers."""
    energy = {"实际单位产品能耗": "700"}  # at benchmark: nothing harmful, no steps
    desks.take_in([row(n, **energy) for n in range(300)])
    with desks.ledger.reader() as session:
        found = cases.in_states(session, [CaseState.SUBMITTED], by=desks.reviewer)
        projects = [p.id for p in found]
    desks.recommend(projects[0], Disposition.KEEP)
    desks.make_official(projects[0], Disposition.KEEP)
    with desks.ledger.writer() as session:  # the others alike, in one go: the use case would take half a minute
        first = cases.recommendation(session, projects[0]).model_dump(exclude={"id", "key", "project_id"})
        for project in projects[1:]:
            line = store.get(session, project, by=desks.reviewer)
            moves.make(session, line, Move.ACCEPT, by=desks.regional, at=NOW, seen=1)
            session.add(cases.RecommendationRow(**first, key=str(project), project_id=project))
            moves.make(session, line, Move.RECOMMEND, by=desks.reviewer, at=NOW, seen=2)
    both = (desks.signatory, desks.second_signatory)
    with desks.ledger.reader() as session:
        drafts = {
            project: dispositions.draft_of(
                desks.ledger, session, project, seen=3, by=both[0], day=TODAY, expected=numbering.Expected()
            )
            for project in projects
        }
    decided, refused = [], []

    def sign(which: int, mine: list[UUID]) -> None:
        for project in mine:
            try:
                with desks.ledger.writer() as session:
                    given = {"key": f"{which}-{project}", "by": both[which], "at": NOW}
                    done = dispositions.decide(session, drafts[project], [], **given)
            except Conflict as conflict:
                refused.append((which, project, str(conflict)))
            else:
                decided.append(done)

    won, lost = at_once([
        lambda which=which, part=part: sign(which, projects[part::6]) for part in range(6) for which in (0, 1)
    ])  # fmt: skip
    assert (len(won), lost) == (12, [])

    assert len(decided) == len(refused) == 300
    assert {one.project for one in decided} == set(projects)
    serials = sorted(int(re.search(r"〕(\d+)号", one.letter.number)[1]) for one in decided)
    assert serials == list(range(1, 301))
    signed_by = {one.project: one.letter.signed_by for one in decided}
    for which, project, words in refused:
        assert signed_by[project] == both[1 - which].name
        assert both[1 - which].name in words
        assert "签发" in words
    with desks.ledger.reader() as session:
        assert session.execute(sa.text("SELECT count(*), count(DISTINCT project_id) FROM decision")).one() == (300, 300)
        assert numbers.last(session, Series("包发改两高保", 2026)) == 300
    assert history.verify(desks.ledger).ok
