"""Many signatures with one password: each told apart, truthfully, once; or all or none, numbers without a gap."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Happening
from screening.domain.people import Role
from screening.domain.review import CaseState
from screening.services import bulk, dispositions, history, letters
from screening.services.bulk import Hindrance, Way
from screening.store import cases
from tests.conftest import NOW, TODAY
from tests.services.desks import once
from tests.services.sheets import row


@once
def ready(desks, numbers, *, steps: bool = True):
    """Recommended retrofits that can be signed but for what is left out, in order."""
    desks.take_in([row(n) for n in numbers])
    made = []
    for n in numbers:
        project = desks.find(f"第{n}电石")
        desks.recommend(project)
        if steps:
            desks.take_steps(project)
        made.append(project)
    desks.make_official(made[0])
    return made


def items(desks, projects):
    return [(project, desks.version(project)) for project in projects]


def sign(desks, what, **more):
    given = {"way": Way.EACH, "key": desks.key(), "by": desks.signatory, "at": NOW, **more}
    return bulk.sign_ticked(desks.ledger, what, **given)


def numbers(done) -> list[int]:
    return [int(letter.number.split("〕")[1].removesuffix("号")) for one in done.signed for letter in one.letters]


def test_what_was_ticked_is_told_apart(desks) -> None:
    able = ready(desks, [1, 2, 3])
    bare = ready(desks, [4], steps=False)
    desks.sign(able[2])
    stranger = desks.hire(Role.SIGNATORY, "stranger", scope="150300")

    looked = bulk.look(desks.ledger, [*able, *bare], by=desks.signatory, at=NOW)

    assert looked.words == "勾选4：2可签发，1缺证据，1已不在待签发环节"
    assert [row.line.id for row in looked.able] == able[:2]
    (held,) = looked.held
    assert (held.line.id, held.hindrance) == (bare[0], Hindrance.EVIDENCE)
    assert "签发前的程序尚未办理" in held.why[0]
    assert [(gone.project, gone.why) for gone in looked.gone] == [(able[2], "现为“已签发”，不在待签发环节")]

    foreign = bulk.look(desks.ledger, able, by=stranger, at=NOW)
    assert foreign.words == "勾选3：0可签发，3已不在待签发环节"
    assert all(gone.name is None and gone.project is None for gone in foreign.gone)


def test_each_is_signed_for_itself_and_the_rest_is_named(desks) -> None:
    able = ready(desks, [1, 2, 3])
    bare = ready(desks, [4], steps=False)
    what = items(desks, [able[0], bare[0], able[1], able[2]])
    what[3] = (able[2], what[3][1] - 1)

    done = sign(desks, what)

    assert [one.project for one in done.signed] == able[:2]
    assert numbers(done) == [1, 2]
    assert done.ticked == 4
    assert [skipped.project for skipped in done.skipped] == [bare[0], able[2]]
    assert "签发前的程序尚未办理" in done.skipped[0].why
    assert desks.view(able[2]).line.case_state is CaseState.RECOMMENDED
    assert all(letter.sha256 for one in done.signed for letter in one.letters)
    assert history.verify(desks.ledger).ok


def test_the_same_form_again_gives_the_same_result_and_signs_nothing(desks) -> None:
    able = ready(desks, [1, 2])
    bare = ready(desks, [3], steps=False)
    what = items(desks, [*able, *bare])
    first = sign(desks, what, key="once")
    desks.take_steps(bare[0])

    assert sign(desks, what, key="once") == first
    assert desks.view(bare[0]).line.case_state is CaseState.RECOMMENDED
    with pytest.raises(Conflict):
        sign(desks, what, key="once", by=desks.second_signatory)
    told = history.trail(desks.ledger, by=desks.auditor, kind=Happening.SIGNED_TOGETHER)
    assert [event.why for event in told.rows] == ["勾选3：签发2，跳过1"]


def test_one_press_sent_five_times_at_once_signs_once(desks) -> None:
    what = items(desks, ready(desks, [1, 2, 3]))
    start, done, faults = threading.Barrier(5), [], []

    def press() -> None:
        start.wait()
        try:
            done.append(sign(desks, what, key="once"))
        except Exception as fault:  # noqa: BLE001  # told below
            faults.append(fault)

    threads = [threading.Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert [(sorted(numbers(one)), one.skipped) for one in done] == [([1, 2, 3], ())] * 5
    assert len(letters.list_letters(desks.ledger, by=desks.office)) == 3


def test_all_or_none(desks) -> None:
    able = ready(desks, [1, 2, 3])
    bare = ready(desks, [4], steps=False)

    with pytest.raises(Refusal) as refused:
        sign(desks, items(desks, [*able, *bare]), way=Way.ALL)
    assert "有1项不能签发，因此一项也没有签发。青山第4电石项目" in refused.value.message
    stale = [(able[0], desks.version(able[0]) - 1), *items(desks, able[1:])]
    with pytest.raises(Refusal, match="青山第1电石项目"):
        sign(desks, stale, way=Way.ALL)
    assert letters.list_letters(desks.ledger, by=desks.office) == ()

    done = sign(desks, items(desks, able), way=Way.ALL, key="all")

    assert numbers(done) == [1, 2, 3]
    assert done.skipped == ()
    assert sign(desks, items(desks, able), way=Way.ALL, key="all") == done
    for one in done.signed:
        for letter in one.letters:
            assert letters.render_again(desks.ledger, letter.number, by=desks.office)[1], letter.number
    assert history.verify(desks.ledger).ok


def test_a_number_taken_in_between_leaves_no_gap(desks, monkeypatch) -> None:
    able = ready(desks, [1, 2, 3])
    what = items(desks, able[1:])
    rendered = dispositions.DraftDecision.rendered
    first = []

    def overtaken(draft):
        if not first:
            first.append(draft)
            desks.sign(able[0])
        return rendered(draft)

    monkeypatch.setattr(dispositions.DraftDecision, "rendered", overtaken)
    done = sign(desks, what, way=Way.ALL)

    assert numbers(done) == [2, 3]
    assert all(letter.sha256 for one in done.signed for letter in one.letters)


def test_all_or_none_when_one_is_lost_after_the_look(desks, monkeypatch) -> None:
    able = ready(desks, [1, 2, 3])
    what = items(desks, able)
    rendered = dispositions.DraftDecision.rendered

    def overtaken(draft):
        if draft.project == able[2] and desks.view(able[0]).line.case_state is CaseState.RECOMMENDED:
            dispositions.return_(
                desks.ledger, able[0], reason="退回", seen=desks.version(able[0]), by=desks.second_signatory, at=NOW
            )
        return rendered(draft)

    monkeypatch.setattr(dispositions.DraftDecision, "rendered", overtaken)
    with pytest.raises(Conflict, match=r"青山第1电石项目.*一项也没有签发"):
        sign(desks, what, way=Way.ALL)
    assert letters.list_letters(desks.ledger, by=desks.office) == ()
    assert desks.view(able[1]).line.case_state is CaseState.RECOMMENDED


def test_two_who_sign_the_same_at_once(desks) -> None:
    """Opposite orders, all or none: one of them gets all, nobody waits for ever."""
    able = ready(desks, range(1, 7))
    what = items(desks, able)
    start, done, refused = threading.Barrier(2), [], []

    def act(by, mine) -> None:
        start.wait()
        try:
            done.append(sign(desks, mine, way=Way.ALL, key=by.login, by=by))
        except Refusal as refusal:
            refused.append(refusal.message)

    threads = [
        threading.Thread(target=act, args=(desks.signatory, what)),
        threading.Thread(target=act, args=(desks.second_signatory, what[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == 1, refused
    assert len(refused) == 1
    assert sorted(numbers(done[0])) == list(range(1, 7))


def test_who_may_not_and_what_is_too_much(desks) -> None:
    able = ready(desks, [1])
    with pytest.raises(Forbidden):
        sign(desks, items(desks, able), by=desks.reviewer)
    with pytest.raises(Refusal, match="还没有勾选"):
        sign(desks, [])
    with pytest.raises(Refusal, match="一次最多签发100个"):
        sign(desks, [(able[0].__class__(int=n), 1) for n in range(101)])
    with pytest.raises(Refusal, match="晚于今天"):
        sign(desks, items(desks, able), paper_date=TODAY + timedelta(days=1))


def test_the_day_on_paper_stands_on_every_letter(desks) -> None:
    able = ready(desks, [1, 2])
    later = NOW + timedelta(days=3)
    done = sign(desks, items(desks, able), at=later, paper_date=TODAY + timedelta(days=1))

    assert {letter.signed_on for one in done.signed for letter in one.letters} == {TODAY + timedelta(days=1)}
    with desks.ledger.reader() as session:
        moved = [move for project in able for move in cases.moves(session, project) if move.move.value == "sign"]
    assert {(move.paper_date, move.at.date()) for move in moved} == {(TODAY + timedelta(days=1), later.date())}


def test_ones_own_is_skipped_and_said(desks) -> None:
    able = ready(desks, [1])
    mine = ready(desks, [2], steps=False)[0]
    acting = replace(
        desks.signatory, id=desks.reviewer.id, login=desks.reviewer.login, name=desks.reviewer.name,
        stands_for=desks.signatory,
    )  # fmt: skip
    looked = bulk.look(desks.ledger, [able[0], mine], by=acting, at=NOW)
    assert looked.words == "勾选2：0可签发，2为本人所办"
