"""The table of moves: what can happen to a case, by whom, and what cannot."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest

from screening.domain.errors import Forbidden, Refusal
from screening.domain.people import GRANTS, Permission, Person, Role
from screening.domain.review import (
    MOVES,
    CaseState,
    FindingSource,
    FindingState,
    LetterState,
    Move,
    PageState,
    RecommendationState,
    move,
    open_moves,
    own_part,
)


def person(role: Role, number: int = 1) -> Person:
    return Person(UUID(int=number), f"p{number}", "某人", role, "150000")


@pytest.mark.parametrize(("state", "step"), list(product(CaseState, Move)))
def test_only_moves_in_the_table_happen(state: CaseState, step: Move) -> None:
    for role in Role:
        by = person(role)
        if (state, step) not in MOVES:
            with pytest.raises(Refusal):
                move(state, step, by=by)
            assert step not in open_moves(state, by=by)
        elif MOVES[state, step][1] in GRANTS[role]:
            assert move(state, step, by=by) is MOVES[state, step][0]
            assert step in open_moves(state, by=by)
        else:
            with pytest.raises(Forbidden):
                move(state, step, by=by)


def test_every_state_can_be_reached() -> None:
    reached = {CaseState.REGISTERED}
    for _ in CaseState:
        reached |= {after for (before, _), (after, _) in MOVES.items() if before in reached}

    assert reached == set(CaseState)


def test_no_role_both_recommends_and_signs() -> None:
    assert [r for r in Role if {Permission.RECOMMEND, Permission.SIGN} <= GRANTS[r]] == []


def test_nobody_signs_his_own() -> None:
    by = person(Role.SIGNATORY)
    other, third = UUID(int=2), UUID(int=3)

    assert own_part(by, recommended_by=other, registered_by=(third,)) is None
    assert "建议" in (own_part(by, recommended_by=by.id, registered_by=(third,)) or "")
    assert "登记" in (own_part(by, recommended_by=other, registered_by=(third, by.id)) or "")


@pytest.mark.parametrize(
    "kind", [CaseState, Move, FindingState, FindingSource, RecommendationState, LetterState, PageState]
)
def test_every_state_has_words(kind: type) -> None:
    words = [member.words for member in kind]

    assert all(words)
    assert len(set(words)) == len(words)
