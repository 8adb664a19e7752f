"""Chapter 3, the review: the states of a case, the moves between them, and who may make them."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from screening.domain.errors import Forbidden, Refusal
from screening.domain.people import Permission, Person


class CaseState(StrEnum):
    """Where a project's case stands in the workflow."""

    REGISTERED = "registered"
    RECOMMENDED = "recommended"
    RETURNED = "returned"
    SIGNED = "signed"
    PRINTED = "printed"
    SERVED = "served"
    VOID = "void"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "registered": "待审核",
            "recommended": "待签发",
            "returned": "退回重审",
            "signed": "已签发",
            "printed": "待送达",
            "served": "已送达",
            "void": "项目已作废",
        }[self.value]


class Move(StrEnum):
    """What a person, or a change of the facts, does to a case."""

    RECOMMEND = "recommend"
    RETURN = "return"
    SIGN = "sign"
    PRINT = "print"
    SERVE = "serve"
    VOID = "void"
    CHANGE_FACTS = "change_facts"
    STRIKE_OFF = "strike_off"
    REINSTATE = "reinstate"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "recommend": "提出处置建议",
            "return": "退回",
            "sign": "签发",
            "print": "印制",
            "serve": "登记送达",
            "void": "作废文书",
            "change_facts": "变更台账数据",
            "strike_off": "作废项目",
            "reinstate": "恢复项目",
        }[self.value]


class FindingState(StrEnum):
    """What a person said of a finding; `open` is never stored: nobody has said anything yet."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"open": "待确认", "confirmed": "已确认", "dismissed": "已排除"}[self.value]


class FindingSource(StrEnum):
    """Who saw the finding first: the program, or a person."""

    DETECTED = "detected"
    ENTERED = "entered"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"detected": "程序检出", "entered": "人工录入"}[self.value]


class RecommendationState(StrEnum):
    """What became of a recommendation; outdated: the facts changed before it was signed."""

    OPEN = "open"
    SIGNED = "signed"
    RETURNED = "returned"
    OUTDATED = "outdated"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"open": "待签发", "signed": "已签发", "returned": "已退回", "outdated": "因数据变更失效"}[self.value]


class LetterState(StrEnum):
    """Where a letter is on its way."""

    SIGNED = "signed"
    PRINTED = "printed"
    SERVED = "served"
    VOID = "void"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"signed": "待印制", "printed": "待送达", "served": "已送达", "void": "已作废"}[self.value]


class PageState(StrEnum):
    """What became of a page of rules that one person confirmed."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"waiting": "待复核", "done": "已复核", "refused": "不予复核"}[self.value]


MOVES: dict[tuple[CaseState, Move], tuple[CaseState, Permission]] = {
    (CaseState.REGISTERED, Move.RECOMMEND): (CaseState.RECOMMENDED, Permission.RECOMMEND),
    (CaseState.RETURNED, Move.RECOMMEND): (CaseState.RECOMMENDED, Permission.RECOMMEND),
    (CaseState.RECOMMENDED, Move.RETURN): (CaseState.RETURNED, Permission.SIGN),
    (CaseState.RECOMMENDED, Move.SIGN): (CaseState.SIGNED, Permission.SIGN),
    (CaseState.SIGNED, Move.PRINT): (CaseState.PRINTED, Permission.SERVE),
    (CaseState.PRINTED, Move.PRINT): (CaseState.PRINTED, Permission.SERVE),
    (CaseState.SERVED, Move.PRINT): (CaseState.SERVED, Permission.SERVE),
    (CaseState.PRINTED, Move.SERVE): (CaseState.SERVED, Permission.SERVE),
    (CaseState.SIGNED, Move.VOID): (CaseState.RETURNED, Permission.SIGN),
    (CaseState.PRINTED, Move.VOID): (CaseState.RETURNED, Permission.SIGN),
    # A case that was served opens again when its facts change or a reviewer sees cause; the old letter stands.
    (CaseState.SERVED, Move.RECOMMEND): (CaseState.RECOMMENDED, Permission.RECOMMEND),
    # Facts that change take the ground from under an open recommendation: it must be made again.
    (CaseState.REGISTERED, Move.CHANGE_FACTS): (CaseState.REGISTERED, Permission.IMPORT),
    (CaseState.RETURNED, Move.CHANGE_FACTS): (CaseState.RETURNED, Permission.IMPORT),
    (CaseState.RECOMMENDED, Move.CHANGE_FACTS): (CaseState.RETURNED, Permission.IMPORT),
    (CaseState.SIGNED, Move.CHANGE_FACTS): (CaseState.SIGNED, Permission.IMPORT),
    (CaseState.PRINTED, Move.CHANGE_FACTS): (CaseState.PRINTED, Permission.IMPORT),
    (CaseState.SERVED, Move.CHANGE_FACTS): (CaseState.SERVED, Permission.IMPORT),
    # A project is never deleted: it is voided with a reason, and can come back. No letter may stand on it.
    (CaseState.REGISTERED, Move.STRIKE_OFF): (CaseState.VOID, Permission.REGISTER),
    (CaseState.RETURNED, Move.STRIKE_OFF): (CaseState.VOID, Permission.REGISTER),
    (CaseState.VOID, Move.REINSTATE): (CaseState.REGISTERED, Permission.REGISTER),
}
"""All moves there are: (state, move) -> (next state, permission). What is not here cannot happen."""


def move(state: CaseState, step: Move, *, by: Person) -> CaseState:
    """The state after the move; Refusal where the table has none, Forbidden where the person may not make it."""
    if (state, step) not in MOVES:
        raise Refusal(f"案件现为“{state.words}”，不能{step.words}。请刷新页面查看最新状态。")
    after, permission = MOVES[state, step]
    if not by.may(permission):
        raise Forbidden(f"{by.role.words}不能{step.words}。请由有此权限的人员办理。")
    return after


def open_moves(state: CaseState, *, by: Person) -> tuple[Move, ...]:
    """The moves that the person may make in this state."""
    return tuple(m for m in Move if (state, m) in MOVES and by.may(MOVES[state, m][1]))


def own_part(by: Person, *, recommended_by: UUID, registered_by: Collection[UUID]) -> str | None:
    """Why the person may not sign: nobody signs what he himself recommended or registered; None where he may."""
    if by.id == recommended_by:
        return "处置建议由您本人提出，不能由您签发。请由另一位签发人签发。"
    if by.id in registered_by:
        return "项目由您本人登记或变更，不能由您签发。请由另一位签发人签发。"
    return None
