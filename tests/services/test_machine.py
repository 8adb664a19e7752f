"""A machine that does anything to a case, by anybody, and a model of the moves written by hand beside it.

The model is taken from the text of the issue and of the law page, not from `domain/review.py`: where the two disagree,
one of them is wrong. Each act is tried through the use case; each pair of state and move is tried in the domain and in
the database alone as well, and undone again. After every act the database says what the model says; what was refused
changed nothing.
"""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from screening import printing
from screening.domain.classification import Disposition, FindingId
from screening.domain.errors import Refusal
from screening.domain.objections import ObjectionKind, Outcome
from screening.domain.people import Person, Role
from screening.domain.procedure import StepId, StepState
from screening.domain.registry import from_facts
from screening.domain.review import CaseState, Move, Proofs, ReturnReason
from screening.services import (
    CONSOLE,
    casework,
    dispositions,
    findings,
    history,
    letters,
    moves,
    objections,
    procedure,
    registration,
    review,
)
from screening.store import cases
from screening.store import registry as store
from tests.conftest import NOW, TODAY
from tests.services.desks import PROVEN, Desks
from tests.services.sheets import row
from tests.services.test_decisions import UNLAWFUL

# --- the law, by hand -----------------------------------------------------------------------------------------------

REVIEWERS, FACTS = "reviewer", "registrar reviewer"
LAW = """
registered withdrawn correction             | submit       | submitted | FACTS     | banner |                 |
submitted                                   | withdraw     | withdrawn | FACTS     | banner | reason          |
submitted                                   | check        | checked   | reviewer  | banner |                 | registered
submitted checked                           | forward      | forwarded | reviewer  | league |                 | registered
submitted checked                           | accept       | accepted  | reviewer  | league |                 | registered
forwarded                                   | accept       | accepted  | reviewer  | region |                 | registered
submitted                                   | send_back    | correction | reviewer | banner | reason code     | registered
checked accepted returned reopened          | send_back    | correction | reviewer | league | reason code     | registered
forwarded                                   | send_back    | correction | reviewer | region | reason code     | registered
accepted returned reopened served closed    | recommend    | recommended | reviewer | league |                | registered
recommended                                 | recall       | accepted  | reviewer  | banner | reason          |
recommended                                 | return       | returned  | signatory | banner | reason          |
recommended                                 | sign         | signed    | signatory | league | day             | registered recommended
signed                                      | print        | printed   | office    | banner |                 |
printed served closed objected              | print        | =         | office    | banner |                 |
printed                                     | serve        | served    | office    | banner | day             |
signed printed                              | void         | returned  | signatory | banner | reason          |
served                                      | close        | closed    | reviewer  | league | reason          |
served closed                               | object       | objected  | reviewer  | banner | document day    |
objected                                    | uphold       | served    | reviewer  | banner | document day    |
served closed objected                      | revoke       | revoked   | signatory | league | reason document day |
revoked closed                              | reopen       | reopened  | reviewer  | league | reason          | registered
checked forwarded accepted correction       | change_facts | submitted | FACTS     | banner |                 |
recommended                                 | change_facts | returned  | FACTS     | banner |                 |
registered withdrawn submitted returned signed printed served closed objected revoked reopened | change_facts | = | FACTS | banner | |
registered withdrawn correction submitted checked forwarded accepted returned | strike_off | void | registrar | banner | reason |
void                                        | reinstate    | registered | registrar | banner | reason         |
"""  # a table
HALT_STEPS = {
    StepId.COMPETENCE, StepId.OFFICERS, StepId.EVIDENCE, StepId.ADVANCE_NOTICE, StepId.STATEMENT, StepId.LEGAL_REVIEW,
    StepId.DISCUSSION, StepId.ADDRESSEE,
}  # fmt: skip
"""Law page §5: what must be on file before a halt is signed (the hearing is for penalties and closure)."""
NEEDED = {"HALT": HALT_STEPS, "PROCEED": set(), "RELEASE": {StepId.COMPETENCE, StepId.OFFICERS, StepId.EVIDENCE}}
"""To lift a halt, the acceptance of the rectification must be on file."""
LEVELS = {"banner": 1, "league": 2, "region": 3}
PROOFS = {
    "reason": Proofs(reason="理由"), "code": Proofs(code=ReturnReason.MISSING, field="name"),
    "document": Proofs(document="文号"), "day": Proofs(paper_date=TODAY),
}  # fmt: skip
WHOLE = Proofs(reason="理由", code=ReturnReason.MISSING, field="name", document="文号", paper_date=TODAY)
LACKING = {
    "reason": replace(WHOLE, reason=None), "code": replace(WHOLE, code=None), "field": replace(WHOLE, field=None),
    "document": replace(WHOLE, document=None), "day": replace(WHOLE, paper_date=None),
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One line of the law: where a move leads, who may, from which level, on what, and whose work it may not be."""

    after: str
    roles: frozenset[str]
    least: int
    proofs: frozenset[str]
    apart: frozenset[str]


def read(law: str) -> dict[tuple[str, str], Way]:
    """The table by (state, move)."""
    found = {}
    for line in law.strip().splitlines():
        befores, move, after, roles, least, proofs, apart = (part.strip() for part in line.split("|"))
        asked = set(proofs.split()) | ({"field"} if "code" in proofs.split() else set())
        for before in befores.split():
            found[before, move] = Way(
                before if after == "=" else after,
                frozenset((FACTS if roles == "FACTS" else roles).split()),
                LEVELS[least],
                frozenset(asked),
                frozenset(apart.split()),
            )
    return found


WAYS = read(LAW)


def level(by: Person) -> int:
    """Of his division's code: banner, league or region."""
    return 3 if by.scope[2:] == "0000" else 2 if by.scope[4:] == "00" else 1


def sees(by: Person) -> bool:
    """Whether 青山区 (150204) lies in his division."""
    return by.scope in {"150000", "150200", "150204"}


def both(by: Person) -> set[UUID]:
    """Who acts, and whom he stands in for."""
    return {by.id} | ({by.stands_for.id} if by.stands_for else set())


@dataclass
class Made:
    """A decision, its letter, and what became of them."""

    disposition: str
    id: UUID
    letter: UUID
    state: str = "signed"
    fallen: bool = False


@dataclass
class Case:
    """What the model knows of a case."""

    project: UUID
    in_focus: bool
    registered_by: UUID
    state: str = "submitted"
    version: int = 2
    changed_by: UUID | None = None
    changed_for: UUID | None = None
    """In whose name a deputy stated the facts."""
    recommended: tuple[UUID, str, tuple] | None = None
    """Of the open recommendation: who, disposition, matter."""
    recommended_for: UUID | None = None
    heard: dict[tuple, dict[StepId, UUID]] = field(default_factory=dict)
    """Of each matter: the steps on file, and by whom."""
    changes: int = 0
    decisions: list[Made] = field(default_factory=list)
    made: list[tuple[str, str, str, UUID]] = field(default_factory=list)

    @property
    def registrants(self) -> set[UUID]:
        return {self.registered_by, self.changed_by or self.registered_by}

    @property
    def halted(self) -> bool:
        """Whether a halt stands: the last halt or release that was neither voided nor revoked is a halt."""
        standing = [d for d in self.decisions if d.state != "void" and not d.fallen and d.disposition != "PROCEED"]
        return bool(standing) and standing[-1].disposition == "HALT"

    @property
    def frozen(self) -> bool:
        """Whether approvals rest: the finding was confirmed at the start, and only a standing release settles it."""
        standing = [d for d in self.decisions if d.state != "void" and not d.fallen and d.disposition != "PROCEED"]
        return not standing or standing[-1].disposition != "RELEASE"

    def fits(self, what: str) -> bool:
        """Whether the disposition may be recommended as the case stands."""
        return {"HALT": True, "PROCEED": not self.frozen, "RELEASE": self.halted}[what]

    @property
    def round(self) -> int:
        return sum(made.state == "served" for made in self.decisions)

    def may(self, move: str, by: Person, *, lacking: str | None = None) -> bool:
        """Whether the law lets this person make the move now, with everything on paper but `lacking`."""
        way = WAYS.get((self.state, move))
        if way is None or by.role.value not in way.roles or level(by) < way.least or lacking in way.proofs:
            return False
        if "registered" in way.apart and both(by) & {*self.registrants, self.changed_for}:
            return False
        if "recommended" not in way.apart:
            return True
        return self.recommended is not None and not both(by) & {self.recommended[0], self.recommended_for}

    def go(self, move: str, by: Person, *, leads: bool = True) -> None:
        """Makes the move."""
        after = WAYS[self.state, move].after
        self.version += 1
        self.made.append((move, self.state, after, by.id))
        if leads:
            self.state = after


# --- the office ------------------------------------------------------------------------------------------------------


class Office:
    """People of every role and level, deputies among them, and cases for the machine to take up."""

    def __init__(self, desks: Desks) -> None:
        self.desks, self.ledger, self.numbers = desks, desks.ledger, itertools.count(1)
        hire = desks.hire
        self.importing = hire(Role.REVIEWER, "importing")
        self.strangers = [
            hire(Role.REVIEWER, "far_reviewer", "150100"), hire(Role.SIGNATORY, "far_signatory", "150302"),
            hire(Role.REGISTRAR, "near_registrar", "150203"), hire(Role.OFFICE, "far_office", "150100"),
        ]  # fmt: skip
        others = [
            self.importing, hire(Role.REGISTRAR, "banner_registrar", "150204"),
            hire(Role.REVIEWER, "banner_reviewer", "150204"), hire(Role.SIGNATORY, "banner_signatory", "150204"),
            hire(Role.SIGNATORY, "region_signatory", "150000"), hire(Role.OFFICE, "banner_office", "150204"),
            hire(Role.REGISTRAR, "region_registrar", "150000"),
        ]  # fmt: skip
        d = desks
        pairs = [
            (d.registrar, d.signatory), (d.office, d.reviewer), (d.reviewer, d.signatory), (d.legal, d.second_signatory),
            (self.strangers[0], d.reviewer), (d.auditor, self.strangers[1]), (self.importing, d.signatory),
            (d.auditor, d.registrar), (d.second_signatory, d.office), (d.rules_officer, d.regional),
        ]  # fmt: skip
        deputies = [replace(a, role=p.role, scope=p.scope, stands_for=p) for a, p in pairs]
        ours = [getattr(d, role.value) for role in Role]
        self.people = [*ours, d.second_signatory, d.regional, *others, *self.strangers, *deputies]
        self.walked: Counter[tuple[str, str]] = Counter()
        """How often each (state, move) was made."""
        self.pool: dict[tuple[bool, UUID], list[UUID]] = {}
        self._make_official()

    def _make_official(self) -> None:
        case = self.take(in_focus=True, by=self.desks.registrar)
        self.desks.make_official(case, Disposition.HALT)

    def take(self, *, in_focus: bool, by: Person) -> UUID:
        """A new project that was submitted and whose finding is confirmed."""
        pool = self.pool.setdefault((in_focus, by.id), [])
        if not pool:
            energy = {} if in_focus else {"设计年综合能耗（等价值）": "1234.5"}
            numbers = list(itertools.islice(self.numbers, 12))
            rows = [row(1000 + n, **UNLAWFUL, **energy) for n in numbers]
            self.desks.take_in(rows, by=by)
            with self.ledger.reader() as session:
                found = [p.id for p in cases.in_states(session, [CaseState.SUBMITTED], by=CONSOLE) if p.version == 1]
            for project in found:
                findings.confirm_finding(
                    self.ledger, project, FindingId.BUILT_BEFORE_APPROVAL, reason="属实。", told=PROVEN, seen=1,
                    by=self.desks.regional, at=NOW,
                )  # fmt: skip
            pool.extend(found)
        return pool.pop()


class Undone(Exception):
    """Ends a transaction that is only a trial."""


PLAIN = ("submit", "withdraw", "send_back", "recall", "close", "object", "uphold", "revoke", "reopen")
"""Moves that have few conditions of their own beside the table."""
MOVE = st.sampled_from([m.value for m in Move])
DISPOSITION = st.sampled_from(["HALT", "HALT", "PROCEED", "RELEASE"])
STALE = st.sampled_from([False] * 9 + [True])
LACK = st.sampled_from([None] * 6 + [*LACKING])


def machine(office: Office) -> type[RuleBasedStateMachine]:
    """The machine over this office's ledger."""
    ledger, desks = office.ledger, office.desks
    anybody = st.sampled_from(range(len(office.people)))

    class Anything(RuleBasedStateMachine):
        @initialize(in_focus=st.booleans(), importing=st.sampled_from([False, False, True]))
        def begin(self, in_focus: bool, importing: bool) -> None:
            by = office.importing if importing else desks.registrar
            self.case = Case(office.take(in_focus=in_focus, by=by), in_focus, by.id)
            self.case.made.append(("submit", "registered", "submitted", by.id))

        # -- what helps

        def seen(self, stale: bool) -> int:
            """The version before the eyes; a stale one is old enough to be no second press of the same button."""
            return self.case.version - 2 * stale

        def who(self, number: int, *moves: str) -> Person:
            """Somebody: half of them one of those whom the law lets make one of the moves now, where there are any."""
            able = [p for p in office.people if sees(p) and any(self.case.may(m, p) for m in moves)]
            return able[number // 2 % len(able)] if able and number % 2 else office.people[number]

        def picture(self) -> tuple:
            """Everything of the ledger that an act could change."""
            tables = ("case_move", "decision", "letter", "recommendation", "procedure_step", "print_record", "event")
            counts = ", ".join(f"(SELECT count(*) FROM {t})" for t in tables)
            with ledger.reader() as session:
                found = session.execute(
                    sa.text(
                        f"SELECT {counts}, (SELECT coalesce(sum(last), 0) FROM number_series), "
                        "(SELECT hash FROM event_head), version, case_state, halted_on, changed_by, facts, void_reason "
                        "FROM project WHERE id = :id"
                    ),
                    {"id": self.key(self.case.project)},
                ).one()
            return tuple(found)

        @staticmethod
        def key(of: UUID) -> str:
            return str(of) if ledger.engine.dialect.name == "postgresql" else of.hex

        @contextmanager
        def attempt(self, allowed: bool, by: Person):
            """An act that must succeed, or be refused without a trace."""
            if allowed:
                yield
                return
            before = self.picture()
            with pytest.raises(Refusal) as refused:
                yield
            assert sees(by) or "青山第" not in str(refused.value), "a refusal tells of what is not his"
            assert self.picture() == before, "a refusal changed something"

        def act(self, move: str, by: Person, *, seen: int, lacking: str | None) -> None:
            """A move by its use case, with everything on paper but `lacking`."""
            project, newest = self.case.project, self.case.decisions[-1] if self.case.decisions else None
            who = {"seen": seen, "by": by, "at": NOW}
            reason, paper = ("" if lacking == name else "文字" for name in ("reason", "document"))
            match move:
                case "submit":
                    casework.submit(ledger, project, **who)
                case "send_back":
                    code = None if lacking == "code" else ReturnReason.MISSING
                    where = None if lacking == "field" else "name"
                    casework.send_back(ledger, project, code=code, field=where, reason=reason, **who)
                case "withdraw" | "recall" | "close" | "reopen":
                    getattr(casework, move)(ledger, project, reason=reason, **who)
                case "object":
                    objections.record(
                        ledger, project, letter=newest.letter if newest else uuid4(), kind=ObjectionKind.REVIEW,
                        received_on=TODAY, objector="某公司", organ="某政府", request="请求撤销。", document=paper,
                        key=uuid4().hex, **who,
                    )  # fmt: skip
                case "uphold":
                    objections.conclude(
                        ledger, project, outcome=Outcome.UPHELD, outcome_on=TODAY, document=paper, **who
                    )
                case "revoke":
                    objections.revoke(
                        ledger, project, decision=newest.id if newest else uuid4(), effect=Outcome.REVOKED,
                        organ="某政府", document=paper, ordered_on=TODAY, reason=reason, key=uuid4().hex, **who,
                    )  # fmt: skip

        # -- the acts

        @rule(path=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 99), DISPOSITION), min_size=4, max_size=12))
        def onward(self, path: list[tuple[int, int, str]]) -> None:
            """Some moves that the table has here, by those who may: else the machine would hardly come to a letter."""
            for number, pick, what in path:
                self._onward(number, pick, what)
                self.as_the_model_says()

        def _onward(self, number: int, pick: int, what: str) -> None:
            state, number = self.case.state, 2 * number + 1
            ways = [m for s, m in WAYS if s == state]
            usual = [
                m for m in ways if m not in {"change_facts", "strike_off", "send_back", "recall", "return", "void"}
            ]
            move = usual[pick % len(usual)] if usual and pick % 3 else ways[pick % len(ways)]
            if move in {"check", "forward", "accept"}:
                self._accept(number, forward=move == "forward", stale=False)
            elif move == "recommend":
                self._recommend(number, what if self.case.fits(what) else "HALT", stale=False)
            elif move == "sign":
                self._take_steps(desks.regional, desks.legal, None)
                self._sign(number, stale=False)
            elif move == "return":
                self._hand_back(number, stale=False, lacking=None)
            elif move in {"print", "serve", "void"}:
                self._letter(number, move, stale=False)
            elif move in {"strike_off", "reinstate"}:
                self._strike_off(number, move, stale=False)
            elif move == "change_facts":
                self._change_facts(number, stale=False)
            else:
                self._plain(number, move, lacking=None, stale=False)

        @rule(number=anybody, forward=st.booleans(), stale=STALE)
        def accept(self, number: int, forward: bool, stale: bool) -> None:
            """Banner check, league review, regional review where the focus line asks for it."""
            self._accept(number, forward=forward, stale=stale)

        def _accept(self, number: int, *, forward: bool, stale: bool) -> None:
            case = self.case
            by = self.who(number, "check", "forward", "accept")
            move = "accept"
            if level(by) == 1 and case.state == "submitted":
                move = "check"
            elif level(by) == 2 and case.state != "forwarded" and (case.in_focus or forward):
                move = "forward"
            allowed = sees(by) and not stale and case.may(move, by)
            with self.attempt(allowed, by):
                review.accept(ledger, case.project, forward=forward, seen=self.seen(stale), by=by, at=NOW)
            if allowed:
                case.go(move, by)

        @rule(number=anybody, what=DISPOSITION, stale=STALE)
        def recommend(self, number: int, what: str, stale: bool) -> None:
            self._recommend(number, what, stale=stale)

        def _recommend(self, number: int, what: str, *, stale: bool) -> None:
            case = self.case
            by = self.who(number, "recommend", "accept")
            implied = case.state in {"submitted", "checked", "forwarded"}
            if implied:  # accepts with it, where this level may; what is in focus needs the region first
                allowed = case.may("accept", by) and (level(by) == 3 or not case.in_focus)
            else:
                allowed = case.may("recommend", by)
            allowed = allowed and case.fits(what) and sees(by) and not stale
            with self.attempt(allowed, by):
                review.recommend(
                    ledger, case.project, disposition=Disposition(what), reason="理由。", clause="第一条", despite="已核。",
                    seen=self.seen(stale), key=uuid4().hex, by=by, at=NOW,
                )  # fmt: skip
            if allowed:
                if implied:
                    case.go("accept", by)
                case.go("recommend", by)
                case.recommended_for = by.stands_for.id if by.stands_for else None
                case.recommended = (by.id, what, (what, case.round))

        @rule(number=anybody, lawyer=anybody, leave_out=st.sampled_from([None, None, None, *sorted(HALT_STEPS)]))
        def take_steps(self, number: int, lawyer: int, leave_out: StepId | None) -> None:
            """Each open step, a legal review by a lawyer of no other part, the others by a reviewer."""
            reviewers = [p for p in office.people if p.role is Role.REVIEWER and sees(p)]
            self._take_steps(
                office.people[number] if number % 4 == 0 else reviewers[number % len(reviewers)],
                office.people[lawyer] if lawyer % 4 == 0 else desks.legal,
                leave_out,
            )

        def _take_steps(self, reviewer: Person, lawyer: Person, leave_out: StepId | None) -> None:
            case = self.case
            asked = NEEDED[case.recommended[1]] if case.recommended else HALT_STEPS
            for step in sorted(asked - {leave_out}):
                by, role = (lawyer, Role.LEGAL) if step is StepId.LEGAL_REVIEW else (reviewer, Role.REVIEWER)
                heard = case.heard.get(case.recommended[2], {}) if case.recommended else {}
                allowed = case.state == "recommended" and by.role is role and sees(by) and step not in heard
                allowed = allowed and not both(by) & case.registrants
                if allowed and role is Role.LEGAL:  # apart: has no other part in the case
                    allowed = not both(by) & {case.recommended[0], *heard.values()}
                # What was halted is released on evidence that it was mended, never without.
                mended = case.recommended and case.recommended[1] == "RELEASE" and step is StepId.EVIDENCE
                given = {"rectified": "验收单"} if mended else {"reason": "已在卷。", "clause": "某法第一条"}
                with self.attempt(allowed, by):
                    procedure.take(
                        ledger, case.project, step, facts=given, happened=TODAY,
                        state=StepState.DONE if mended else StepState.NOT_REQUIRED, key=uuid4().hex, by=by, at=NOW,
                    )  # fmt: skip
                if not allowed:
                    return
                case.heard.setdefault(case.recommended[2], {})[step] = by.id

        @rule(number=anybody, stale=STALE)
        def sign(self, number: int, stale: bool) -> None:
            self._sign(number, stale=stale)

        def _sign(self, number: int, *, stale: bool) -> None:
            case = self.case
            by = self.who(number, "sign")
            allowed = sees(by) and not stale and case.may("sign", by)
            if allowed:
                _, what, about = case.recommended
                heard = case.heard.get(about, {})
                allowed = heard.keys() >= NEEDED[what] and not (what == "PROCEED" and case.frozen)
                allowed = allowed and heard.get(StepId.LEGAL_REVIEW) not in both(by)
            with self.attempt(allowed, by):
                done = dispositions.sign(ledger, case.project, seen=self.seen(stale), key=uuid4().hex, by=by, at=NOW)
            if allowed:
                case.go("sign", by)
                case.decisions.append(Made(case.recommended[1], done.decision, done.letter.id))
                case.recommended = None

        @rule(number=anybody, stale=STALE, lacking=st.sampled_from([None, None, None, "reason"]))
        def hand_back(self, number: int, stale: bool, lacking: str | None) -> None:
            self._hand_back(number, stale=stale, lacking=lacking)

        def _hand_back(self, number: int, *, stale: bool, lacking: str | None) -> None:
            case = self.case
            by = self.who(number, "return")
            allowed = sees(by) and not stale and case.may("return", by, lacking=lacking)
            with self.attempt(allowed, by):
                dispositions.return_(
                    ledger, case.project, reason="" if lacking else "请改。", seen=self.seen(stale), by=by, at=NOW
                )
            if allowed:
                case.go("return", by)
                case.recommended = None

        @rule(number=anybody, move=st.sampled_from(["print", "print", "serve", "serve", "void"]), stale=STALE)
        def letter(self, number: int, move: str, stale: bool) -> None:
            """The letter of the newest decision is printed, copied, served, voided, and the case follows it."""
            self._letter(number, move, stale=stale)

        def _letter(self, number: int, move: str, *, stale: bool) -> None:
            case = self.case
            if not case.decisions:
                return
            by = self.who(number, move)
            newest = case.decisions[-1]
            wanted = {"print": "office", "serve": "office", "void": "signatory"}[move]
            fits = {
                "print": newest.state != "void", "serve": newest.state == "printed", "void": newest.state in {"signed", "printed"},
            }[move]  # fmt: skip
            allowed = by.role.value == wanted and fits and sees(by) and not stale
            with ledger.reader() as session:
                seen = cases.letter(session, newest.letter, by=CONSOLE)[0].version - stale
            with self.attempt(allowed, by):
                if move == "print":
                    letters.print_(ledger, newest.letter, seen=seen, by=by, at=NOW)
                elif move == "serve":
                    letters.serve(
                        ledger,
                        newest.letter,
                        served_on=TODAY,
                        method="直接送达",
                        receiver="李四",
                        seen=seen,
                        by=by,
                        at=NOW,
                    )
                else:
                    letters.void(ledger, newest.letter, reason="有误。", seen=seen, by=by, at=NOW)
            if not allowed:
                return
            if move != "print" or newest.state == "signed":
                newest.state = {"print": "printed", "serve": "served", "void": "void"}[move]
                case.go(move, by)

        @rule(number=anybody, stale=STALE)
        def change_facts(self, number: int, stale: bool) -> None:
            """Other facts: who states them is their registrant from then on."""
            self._change_facts(number, stale=stale)

        def _change_facts(self, number: int, *, stale: bool) -> None:
            case = self.case
            by = self.who(number, "change_facts")
            allowed = sees(by) and not stale and case.may("change_facts", by)
            with self.attempt(allowed, by), ledger.writer() as session:
                found = store.get(session, case.project, by=by, seen=self.seen(stale))
                kept = from_facts(json.loads(found.facts))
                fresh = replace(kept, legal_representative=f"第{case.changes + 1}人")
                registration._change(ledger, session, found, kept, fresh, "更正。", by=by, at=NOW, today=TODAY)
            if allowed:
                case.changes += 1
                case.go("change_facts", by)
                case.changed_by, case.changed_for = by.id, by.stands_for.id if by.stands_for else None
                if case.state == "returned":
                    case.recommended = None

        @rule(number=anybody, move=st.sampled_from(["strike_off", "reinstate"]), stale=STALE)
        def strike_off(self, number: int, move: str, stale: bool) -> None:
            self._strike_off(number, move, stale=stale)

        def _strike_off(self, number: int, move: str, *, stale: bool) -> None:
            case = self.case
            by = self.who(number, move)
            standing = any(made.state != "void" for made in case.decisions)
            allowed = sees(by) and not stale and case.may(move, by) and not (move == "strike_off" and standing)
            with self.attempt(allowed, by):
                done = registration.strike_off if move == "strike_off" else registration.reinstate
                done(ledger, case.project, reason="误登记。", seen=self.seen(stale), by=by, at=NOW)
            if allowed:
                case.go(move, by)

        @rule(number=anybody, lacking=LACK, stale=STALE, move=st.sampled_from(PLAIN))
        def plain(self, number: int, move: str, lacking: str | None, stale: bool) -> None:
            """Submit, withdraw, send back, recall, close, object, uphold, revoke, reopen."""
            self._plain(number, move, lacking=lacking, stale=stale)

        def _plain(self, number: int, move: str, *, lacking: str | None, stale: bool) -> None:
            case = self.case
            by = self.who(number, move)
            lacking = lacking if lacking in {"reason", "document", "code", "field"} else None
            allowed = sees(by) and not stale and case.may(move, by, lacking=lacking)
            if allowed and move == "recall":  # its maker's alone, and only before somebody else acted on it
                maker, _, about = case.recommended
                allowed = maker in both(by) and not set(case.heard.get(about, {}).values()) - {maker}
            with self.attempt(allowed, by):
                self.act(move, by, seen=self.seen(stale), lacking=lacking)
            if not allowed:
                return
            case.go(move, by)
            if move == "recall":
                case.recommended = None
            if move == "revoke":
                case.decisions[-1].fallen = True

        @rule(number=anybody, move=MOVE, lacking=LACK, database=st.booleans())
        def try_any(self, number: int, move: str, lacking: str | None, database: bool) -> None:
            """Any move at all, by the domain or past it into the database alone: both know the law; then undone."""
            case = self.case
            ways = [m for s, m in WAYS if s == case.state]
            move = ways[number % len(ways)] if number % 2 else move
            by = self.who(number // 2, move)
            given = LACKING[lacking] if lacking else WHOLE
            told = case.recommended[0] if case.recommended else None
            allowed = case.may(move, by, lacking=lacking)
            values = {"strike_off": {"void_reason": "理由"}, "reinstate": {"void_reason": None}}.get(move, {})
            with self.attempt(allowed, CONSOLE), suppress(Undone), ledger.writer() as session:
                found = store.get(session, case.project, by=CONSOLE)
                if database:
                    way = WAYS.get((case.state, move))
                    after = CaseState(way.after if way else "accepted")
                    made = (case.project, case.version + 1, CaseState(case.state), Move(move), after)
                    moves.record(session, [made], by=by, at=NOW, given=given, recommended_by=told)
                    values = {**values, "case_state": after, "saved_by": by.id, "saved_at": NOW}
                    store.save(session, found, values, seen=case.version)
                else:
                    moves.make(
                        session, found, Move(move), by=by, at=NOW, seen=case.version, given=given, recommended_by=told,
                        values=values,
                    )  # fmt: skip
                raise Undone

        # -- what holds after every act

        @invariant()
        def as_the_model_says(self) -> None:
            if not hasattr(self, "case"):
                return
            case = self.case
            with ledger.reader() as session:
                found = store.get(session, case.project, by=CONSOLE)
                assert (found.case_state.value, found.version, found.halted_on is not None, found.changed_by) == (
                    case.state, case.version, case.halted, case.changed_by or case.registered_by,
                )  # fmt: skip
                newest = cases.newest_decision(session, case.project)
                assert (newest.disposition.value if newest else None) == (
                    case.decisions[-1].disposition if case.decisions else None
                )

        def teardown(self) -> None:
            if not hasattr(self, "case"):
                return
            case = self.case
            with ledger.reader() as session:
                made = cases.moves(session, case.project)
                decided = {
                    d.project_version: d
                    for d in session.execute(
                        sa.select(cases.DecisionRow).where(cases.DecisionRow.project_id == case.project)
                    ).scalars()
                }
            assert [(m.move.value, m.before.value, m.after.value, m.by) for m in made] == case.made
            office.walked.update((before, move) for move, before, _, _ in case.made)
            standing: list[Disposition] = []
            for move in made:
                own = {move.registered_by, move.changed_by} & {move.by, move.for_whom}
                way = WAYS[move.before.value, move.move.value]
                assert not ("registered" in way.apart and own), "somebody reviewed his own"
                if move.move is Move.SIGN:
                    decision = decided[move.version - 1]
                    assert decision.recommended_by not in {move.by, move.for_whom}, "somebody signed his own"
                    halts = [d for d in standing if d in {Disposition.HALT, Disposition.RELEASE}]
                    released = bool(halts) and halts[-1] is Disposition.RELEASE
                    assert released or decision.disposition is not Disposition.PROCEED, "approved on a confirmed ground"
                    standing.append(decision.disposition)
                if move.move in {Move.VOID, Move.REVOKE}:
                    standing.pop()

    return Anything


def test_anything_by_anybody(desks, monkeypatch) -> None:
    """The letters' bytes are left out: making each PDF would take a second and says nothing of the case."""
    monkeypatch.setattr(printing, "render", lambda letter: f"%PDF {letter.inputs.to_json()}".encode())
    office = Office(desks)
    quick = desks.ledger.engine.dialect.name == "sqlite"
    chosen = settings(
        max_examples=int(os.environ.get("MACHINE_EXAMPLES", "25" if quick else "8")),
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if "MACHINE_SHRINK" in os.environ else [Phase.generate],
    )
    run_state_machine_as_test(machine(office), settings=chosen)

    assert history.verify(desks.ledger).ok
    with desks.ledger.reader() as session:
        given: dict[tuple, list[int]] = {}
        for letter, _ in cases.letters(session, by=CONSOLE):
            given.setdefault(letter.series, []).append(letter.serial)
        for series, serials in given.items():
            assert sorted(serials) == list(range(1, len(serials) + 1)), series
            last = session.execute(sa.text("SELECT last FROM number_series WHERE series = :s"), {"s": series})
            assert last.scalar_one() == len(serials)
    assert given, "the machine never came as far as a signature"
    assert len(office.walked) >= (30 if quick else 20), "the machine hardly moved"
