"""Chapter 3, the review: the states of a case, the moves between them, and who may make them on what evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from screening.domain.classification import Disposition
from screening.domain.errors import Forbidden, Refusal
from screening.domain.people import Level, Permission, Person


class CaseState(StrEnum):
    """Where a project's case stands in the workflow."""

    REGISTERED = "registered"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    FORWARDED = "forwarded"
    ACCEPTED = "accepted"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    RECOMMENDED = "recommended"
    RETURNED = "returned"
    SIGNED = "signed"
    PRINTED = "printed"
    SERVED = "served"
    CLOSED = "closed"
    OBJECTED = "objected"
    REVOKED = "revoked"
    REOPENED = "reopened"
    VOID = "void"

    @property
    def words(self) -> str:
        """As users read it."""
        return _STATE_WORDS[self.value]

    @property
    def open_to_review(self) -> bool:
        """Whether a reviewer may judge findings and recommend, as far as the state goes."""
        return self in WITH_REVIEWER or self in {CaseState.SERVED, CaseState.CLOSED}


_STATE_WORDS = {
    "registered": "待提交",
    "submitted": "待旗县核对",
    "checked": "待盟市审核",
    "forwarded": "待自治区审核",
    "accepted": "待提处置建议",
    "correction": "退回补正",
    "withdrawn": "已撤回",
    "recommended": "待签发",
    "returned": "退回重审",
    "signed": "已签发",
    "printed": "待送达",
    "served": "已送达",
    "closed": "已结案",
    "objected": "复议诉讼中",
    "revoked": "决定已撤销",
    "reopened": "重新审核",
    "void": "项目已作废",
}

APPROVALS: Final = frozenset({Disposition.PROCEED, Disposition.KEEP, Disposition.UPGRADE})
"""Dispositions that approve: refused while a halt stands."""
IN_REVIEW: Final = (CaseState.SUBMITTED, CaseState.CHECKED, CaseState.FORWARDED)
"""Under review, by the level that comes next: banner, league, region."""
WITH_REGISTRAR: Final = (CaseState.REGISTERED, CaseState.WITHDRAWN, CaseState.CORRECTION)
"""The registrar has it: to be completed and submitted."""
WITH_REVIEWER: Final = (*IN_REVIEW, CaseState.ACCEPTED, CaseState.RETURNED, CaseState.REOPENED)
"""A reviewer has it: to be accepted, sent back, or recommended on."""


class Move(StrEnum):
    """What a person, or a change of the facts, does to a case."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    CHECK = "check"
    FORWARD = "forward"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    RECOMMEND = "recommend"
    RECALL = "recall"
    RETURN = "return"
    SIGN = "sign"
    PRINT = "print"
    SERVE = "serve"
    VOID = "void"
    CLOSE = "close"
    OBJECT = "object"
    UPHOLD = "uphold"
    REVOKE = "revoke"
    REOPEN = "reopen"
    CHANGE_FACTS = "change_facts"
    STRIKE_OFF = "strike_off"
    REINSTATE = "reinstate"

    @property
    def words(self) -> str:
        """As users read it."""
        return _MOVE_WORDS[self.value]


_MOVE_WORDS = {
    "submit": "提交审核",
    "withdraw": "撤回",
    "check": "旗县核对通过",
    "forward": "报送自治区审核",
    "accept": "审核通过",
    "send_back": "退回补正",
    "recommend": "提出处置建议",
    "recall": "收回处置建议",
    "return": "退回重审",
    "sign": "签发",
    "print": "印制",
    "serve": "登记送达",
    "void": "作废文书",
    "close": "结案",
    "object": "登记复议或者诉讼",
    "uphold": "登记维持原决定",
    "revoke": "撤销决定",
    "reopen": "重新审核",
    "change_facts": "变更台账数据",
    "strike_off": "作废项目",
    "reinstate": "恢复项目",
}


class Proof(StrEnum):
    """What a move leaves behind beside who made it and when."""

    REASON = "reason"
    """A written reason."""
    CODE = "code"
    """One of the coded reasons of a return, with the field that it speaks of."""
    DOCUMENT = "document"
    """The paper that it rests on: number and date of an order, a receipt, a reply."""
    PAPER_DATE = "paper_date"
    """The day on paper, which may lie before the day of entry."""

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "reason": "书面理由",
            "code": "退回原因代码和栏目",
            "document": "所依据的文书",
            "paper_date": "文书上的日期",
        }[self.value]


class Manner(StrEnum):
    """How a printed letter left the office."""

    POSTED = "posted"
    HANDED = "handed"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"posted": "寄出", "handed": "交接"}[self.value]


class ReturnReason(StrEnum):
    """Why a record goes back to its registrar; the reasons are counted."""

    MISSING = "missing"
    UNCLEAR_UNIT = "unclear_unit"
    IMPLAUSIBLE = "implausible"
    NO_PROOF = "no_proof"
    APPROVAL = "approval"
    WRONG_PRODUCT = "wrong_product"
    WRONG_PLACE = "wrong_place"
    DUPLICATE = "duplicate"
    OTHER = "other"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "missing": "数据缺失",
            "unclear_unit": "计量单位不清或者有误",
            "implausible": "数值不合理",
            "no_proof": "缺少证明材料",
            "approval": "审批手续与原件不符",
            "wrong_product": "产品或者工艺归类有误",
            "wrong_place": "盟市、旗县或者园区有误",
            "duplicate": "与其他项目重复",
            "other": "其他",
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
    RECALLED = "recalled"
    OUTDATED = "outdated"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "open": "待签发",
            "signed": "已签发",
            "returned": "已退回",
            "recalled": "已收回",
            "outdated": "因数据变更失效",
        }[self.value]


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


class Apart(StrEnum):
    """Whose own work a move may not be: nobody reviews, signs or countersigns what is his own."""

    REGISTERED = "registered"
    """Who registered the project or stated its facts last."""
    RECOMMENDED = "recommended"
    """Who recommended what is to be signed."""

    @property
    def words(self) -> str:
        """As users read it."""
        return {"registered": "登记、变更项目的人", "recommended": "提出建议的人"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move from one state: where it leads, who may make it, and what it must leave behind."""

    after: CaseState
    permission: Permission
    least: Level = Level.BANNER
    """The lowest level of office that may make it."""
    proofs: tuple[Proof, ...] = ()
    apart: tuple[Apart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What somebody gave with a move; which of it a move asks for stands in the table."""

    reason: str | None = None
    code: ReturnReason | None = None
    field: str | None = None
    """Key of the field that a return speaks of."""
    document: str | None = None
    paper_date: date | None = None


PROOF_FIELDS: Final = {
    Proof.REASON: ("reason",),
    Proof.CODE: ("code", "field"),
    Proof.DOCUMENT: ("document",),
    Proof.PAPER_DATE: ("paper_date",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBy:
    """Whose work a case is so far: who registered it or stated its facts, who recommended."""

    registered: tuple[UUID, ...]
    recommended: UUID | None = None


_REGISTER = {"permission": Permission.IMPORT}
_REVIEW = {"permission": Permission.RECOMMEND, "apart": (Apart.REGISTERED,)}
_SIGN = {"permission": Permission.SIGN, "least": Level.LEAGUE, "apart": (Apart.REGISTERED, Apart.RECOMMENDED)}


def _table() -> dict[tuple[CaseState, Move], Step]:
    s, m = CaseState, Move
    made: dict[tuple[CaseState, Move], Step] = {}

    def add(befores: Collection[CaseState], move: Move, after: CaseState | None, **more: object) -> None:
        """`after` None: the case stays where it is."""
        for before in befores:
            made[before, move] = Step(after=after or before, **more)  # type: ignore[arg-type]

    # The registrar submits, and may take back what nobody has accepted yet.
    add(WITH_REGISTRAR, m.SUBMIT, s.SUBMITTED, **_REGISTER)
    add((s.SUBMITTED,), m.WITHDRAW, s.WITHDRAWN, proofs=(Proof.REASON,), **_REGISTER)
    # Banner check, league review, and regional review where the focus line asks for it. A higher office may do the
    # lower one's part: not every banner has a reviewer.
    add((s.SUBMITTED,), m.CHECK, s.CHECKED, **_REVIEW)
    add((s.SUBMITTED, s.CHECKED), m.FORWARD, s.FORWARDED, least=Level.LEAGUE, **_REVIEW)
    add((s.SUBMITTED, s.CHECKED), m.ACCEPT, s.ACCEPTED, least=Level.LEAGUE, **_REVIEW)
    add((s.FORWARDED,), m.ACCEPT, s.ACCEPTED, least=Level.REGION, **_REVIEW)
    # Back to the registrar goes what is before one's own level.
    turns = dict.fromkeys(WITH_REVIEWER, Level.LEAGUE) | {s.SUBMITTED: Level.BANNER, s.FORWARDED: Level.REGION}
    for before, level in turns.items():
        add((before,), m.SEND_BACK, s.CORRECTION, least=level, proofs=(Proof.CODE, Proof.REASON), **_REVIEW)
    # The recommendation, and the decision by somebody else.
    add((s.ACCEPTED, s.RETURNED, s.REOPENED), m.RECOMMEND, s.RECOMMENDED, least=Level.LEAGUE, **_REVIEW)
    # A case that was served opens again when its facts change or a reviewer sees cause; the old letter stands.
    add((s.SERVED, s.CLOSED), m.RECOMMEND, s.RECOMMENDED, least=Level.LEAGUE, **_REVIEW)
    add((s.RECOMMENDED,), m.RECALL, s.ACCEPTED, proofs=(Proof.REASON,), permission=Permission.RECOMMEND)
    add((s.RECOMMENDED,), m.RETURN, s.RETURNED, proofs=(Proof.REASON,), permission=Permission.SIGN)
    add((s.RECOMMENDED,), m.SIGN, s.SIGNED, proofs=(Proof.PAPER_DATE,), **_SIGN)
    # The letters of the decision.
    add((s.SIGNED,), m.PRINT, s.PRINTED, permission=Permission.SERVE)
    add((s.PRINTED, s.SERVED, s.CLOSED, s.OBJECTED), m.PRINT, None, permission=Permission.SERVE)
    add((s.PRINTED,), m.SERVE, s.SERVED, proofs=(Proof.PAPER_DATE,), permission=Permission.SERVE)
    add((s.SIGNED, s.PRINTED), m.VOID, s.RETURNED, proofs=(Proof.REASON,), permission=Permission.SIGN)
    # What comes after: closed, contested, revoked, reopened. The first decision stays on file whatever becomes of it.
    add((s.SERVED,), m.CLOSE, s.CLOSED, proofs=(Proof.REASON,), permission=Permission.RECOMMEND, least=Level.LEAGUE)
    paper = (Proof.DOCUMENT, Proof.PAPER_DATE)
    add((s.SERVED, s.CLOSED), m.OBJECT, s.OBJECTED, proofs=paper, permission=Permission.RECOMMEND)
    add((s.OBJECTED,), m.UPHOLD, s.SERVED, proofs=paper, permission=Permission.RECOMMEND)
    add(
        (s.SERVED, s.CLOSED, s.OBJECTED), m.REVOKE, s.REVOKED,
        proofs=(Proof.REASON, *paper), permission=Permission.SIGN, least=Level.LEAGUE,
    )  # fmt: skip
    add((s.REVOKED, s.CLOSED), m.REOPEN, s.REOPENED, proofs=(Proof.REASON,), least=Level.LEAGUE, **_REVIEW)
    # Facts that change take the ground from under what was accepted or recommended: it must be looked at again.
    # What was sent back for correction comes back by itself once it is corrected.
    add((s.CHECKED, s.FORWARDED, s.ACCEPTED, s.CORRECTION), m.CHANGE_FACTS, s.SUBMITTED, **_REGISTER)
    add((s.RECOMMENDED,), m.CHANGE_FACTS, s.RETURNED, **_REGISTER)
    resting = (
        s.REGISTERED, s.WITHDRAWN, s.SUBMITTED, s.RETURNED, s.SIGNED, s.PRINTED, s.SERVED, s.CLOSED, s.OBJECTED,
        s.REVOKED, s.REOPENED,
    )  # fmt: skip
    add(resting, m.CHANGE_FACTS, None, **_REGISTER)
    # A project is never deleted: it is voided with a reason, and can come back. No letter may stand on it.
    struck = (*WITH_REGISTRAR, *IN_REVIEW, s.ACCEPTED, s.RETURNED)
    add(struck, m.STRIKE_OFF, s.VOID, proofs=(Proof.REASON,), permission=Permission.REGISTER)
    add((s.VOID,), m.REINSTATE, s.REGISTERED, proofs=(Proof.REASON,), permission=Permission.REGISTER)
    return made


MOVES: Final = _table()
"""All moves there are: (state, move) -> step. What is not here cannot happen."""


def move(state: CaseState, step: Move, *, by: Person) -> CaseState:
    """The state after the move; Refusal where the table has none, Forbidden where the person may not make it."""
    found = MOVES.get((state, step))
    if found is None:
        raise Refusal(f"案件现为“{state.words}”，不能{step.words}。请刷新页面查看最新状态。")
    if not by.may(found.permission):
        raise Forbidden(f"{by.role.words}不能{step.words}。请由有此权限的人员办理。")
    if by.level < found.least:
        raise Forbidden(f"{step.words}须由{found.least.words}办理，您所在的是{by.level.words}。")
    return found.after


def demand(state: CaseState, step: Move, *, by: Person, given: Proofs, made_by: MadeBy) -> CaseState:
    """The state after the move, with everything that the table asks of it there; Refusal or Forbidden otherwise."""
    after = move(state, step, by=by)
    found = MOVES[state, step]
    for proof in found.proofs:
        if not all(getattr(given, name) for name in PROOF_FIELDS[proof]):
            raise Refusal(f"{step.words}须写明{proof.words}。", field=PROOF_FIELDS[proof][0])
    own = own_part(
        by,
        recommended_by=made_by.recommended if Apart.RECOMMENDED in found.apart else None,
        registered_by=made_by.registered if Apart.REGISTERED in found.apart else (),
    )
    if own:
        raise Forbidden(own)
    return after


def open_moves(state: CaseState, *, by: Person) -> tuple[Move, ...]:
    """The moves that the person may make in this state, as far as role and level go."""
    return tuple(m for m in _possible(state, by) if by.may(MOVES[state, m].permission))


def waits_for(by: Person) -> tuple[CaseState, ...]:
    """The states in which a case waits for a reviewer of this person's level."""
    onward = {Move.CHECK, Move.FORWARD, Move.ACCEPT, Move.RECOMMEND}
    return tuple(state for state in WITH_REVIEWER if any(m in onward for m in _possible(state, by)))


def _possible(state: CaseState, by: Person) -> tuple[Move, ...]:
    return tuple(m for m in Move if (step := MOVES.get((state, m))) is not None and by.level >= step.least)


def acceptance(state: CaseState, *, by: Person, in_focus: bool | None, forward: bool = False) -> Move:
    """The move by which this person's level accepts a case under review.

    A banner's reviewer hands it to the league; the league's accepts it, or forwards it to the region where the focus
    line asks for regional review (`in_focus`) or the reviewer does (`forward`); the region's accepts it.
    """
    if state is CaseState.SUBMITTED and by.level is Level.BANNER:
        return Move.CHECK
    if by.level is Level.LEAGUE and state is not CaseState.FORWARDED and (in_focus is True or forward):
        return Move.FORWARD
    return Move.ACCEPT


def own_part(by: Person, *, recommended_by: UUID | None, registered_by: Collection[UUID]) -> str | None:
    """Why the person may not decide: nobody reviews or signs what is his own; None where he may.

    A deputy may not either where the one he stands in for had that part.
    """
    ids = {person.id for person in by.both}
    if recommended_by in ids:
        return "处置建议由您本人提出，不能由您签发。请由另一位签发人签发。"
    if ids & set(registered_by):
        return "项目由您本人登记或变更，不能由您审核或签发。请由另一位人员办理。"
    return None
