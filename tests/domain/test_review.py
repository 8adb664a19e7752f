"""The table of moves: what can happen to a case, by whom, and what cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID

import pytest

from screening.domain.errors import Forbidden, Refusal
from screening.domain.people import GRANTS, Permission, Person, Role
from screening.domain.review import (
    MOVES,
    PROOF_FIELDS,
    WITH_REVIEWER,
    Apart,
    CaseState,
    FindingSource,
    FindingState,
    LetterState,
    MadeBy,
    Move,
    PageState,
    Proofs,
    RecommendationState,
    ReturnReason,
    acceptance,
    demand,
    move,
    open_moves,
    own_part,
    waits_for,
)


def person(role: Role, number: int = 1, scope: str = "150000") -> Person:
    return Person(UUID(int=number), f"p{number}", "某人", role, scope)


@pytest.mark.parametrize(("state", "step"), list(product(CaseState, Move)))
def test_only_moves_in_the_table_happen(state: CaseState, step: Move) -> None:
    for role, scope in product(Role, ("150000", "150200", "150204")):
        by = person(role, scope=scope)
        found = MOVES.get((state, step))
        if found is None:
            with pytest.raises(Refusal):
                move(state, step, by=by)
            assert step not in open_moves(state, by=by)
        elif found.permission in GRANTS[role] and by.level >= found.least:
            assert move(state, step, by=by) is found.after
            assert step in open_moves(state, by=by)
        else:
            assert step not in open_moves(state, by=by)
            with pytest.raises(Forbidden):
                move(state, step, by=by)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {CaseState.REGISTERED}
    for _ in CaseState:
        reached |= {step.after for (before, _), step in MOVES.items() if before in reached}

    assert reached == set(CaseState)
    assert {before for (before, _), step in MOVES.items() if step.after is not before} == set(CaseState)


@pytest.mark.parametrize(("state", "step"), [k for k, found in MOVES.items() if found.proofs])
def test_a_move_leaves_its_proof_behind(state: CaseState, step: Move) -> None:
    found = MOVES[state, step]
    by = person(next(r for r in Role if found.permission in GRANTS[r]))
    whole = Proofs(reason="理由", code=ReturnReason.MISSING, field="name", document="文", paper_date=date(2026, 1, 1))
    made_by = MadeBy(registered=(UUID(int=7),), recommended=UUID(int=8))

    assert demand(state, step, by=by, given=whole, made_by=made_by) is found.after
    for proof in found.proofs:
        for name in PROOF_FIELDS[proof]:
            with pytest.raises(Refusal):
                demand(state, step, by=by, given=replace(whole, **{name: None}), made_by=made_by)


@pytest.mark.parametrize(("state", "step"), [k for k, found in MOVES.items() if found.apart])
def test_nobody_moves_his_own(state: CaseState, step: Move) -> None:
    found = MOVES[state, step]
    by = person(next(r for r in Role if found.permission in GRANTS[r]))
    deputy = replace(by, id=UUID(int=2), stands_for=by)
    whole = Proofs(reason="理由", code=ReturnReason.MISSING, field="name", document="文", paper_date=date(2026, 1, 1))
    for who in (by, deputy):
        with pytest.raises(Forbidden):
            demand(state, step, by=who, given=whole, made_by=MadeBy(registered=(by.id,), recommended=UUID(int=8)))
        if Apart.RECOMMENDED in found.apart:
            with pytest.raises(Forbidden):
                demand(state, step, by=who, given=whole, made_by=MadeBy(registered=(), recommended=by.id))


@pytest.mark.parametrize(
    ("scope", "in_focus", "forward", "expected"),
    [
        ("150204", False, False, Move.CHECK),
        ("150204", True, False, Move.CHECK),
        ("150200", False, False, Move.ACCEPT),
        ("150200", None, False, Move.ACCEPT),
        ("150200", False, True, Move.FORWARD),
        ("150200", True, False, Move.FORWARD),
        ("150000", True, False, Move.ACCEPT),
    ],
)
def test_the_focus_line_asks_for_regional_review(scope: str, in_focus, forward: bool, expected: Move) -> None:
    by = person(Role.REVIEWER, scope=scope)

    assert acceptance(CaseState.SUBMITTED, by=by, in_focus=in_focus, forward=forward) is expected


def test_what_waits_for_a_level() -> None:
    banner, league, region = (person(Role.REVIEWER, scope=s) for s in ("150204", "150200", "150000"))

    assert waits_for(banner) == (CaseState.SUBMITTED,)
    assert CaseState.FORWARDED not in waits_for(league)
    assert set(waits_for(league)) | {CaseState.FORWARDED} == set(waits_for(region)) == set(WITH_REVIEWER)


def test_no_role_both_recommends_and_signs() -> None:
    assert [r for r in Role if {Permission.RECOMMEND, Permission.SIGN} <= GRANTS[r]] == []


def test_nobody_signs_his_own() -> None:
    by = person(Role.SIGNATORY)
    other, third = UUID(int=2), UUID(int=3)

    assert own_part(by, recommended_by=other, registered_by=(third,)) is None
    assert "建议" in (own_part(by, recommended_by=by.id, registered_by=(third,)) or "")
    assert "登记" in (own_part(by, recommended_by=other, registered_by=(third, by.id)) or "")


@pytest.mark.parametrize(
    "kind",
    [CaseState, Move, FindingState, FindingSource, RecommendationState, LetterState, PageState, ReturnReason],
)
def test_every_state_has_words(kind: type) -> None:
    words = [member.words for member in kind]

    assert all(words)
    assert len(set(words)) == len(words)
