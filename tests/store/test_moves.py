"""The table of moves in the database itself: what it refuses, whoever writes, each with its sentence in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from screening.domain.classification import Disposition, EfficiencyClass
from screening.domain.errors import Refusal
from screening.domain.people import GRANTS, Level, Person, Role
from screening.domain.registry import Industry, Stage
from screening.domain.review import MOVES, Apart, CaseState, Move, Proof, Proofs, ReturnReason
from screening.services import Ledger, moves
from screening.store import registry as store
from screening.store import triggers
from screening.store.tables import CaseMoveRow, PersonRow, ProjectRow
from screening.store.violations import MESSAGES, explained, name_in
from tests.conftest import NOW, TODAY

SCOPES = {Level.BANNER: "150204", Level.LEAGUE: "150200", Level.REGION: "150000"}
GIVEN = Proofs(reason="理由", code=ReturnReason.OTHER, field="name", document="文", paper_date=date(2026, 11, 1))
TABLE = CaseMoveRow.__table__  # type: ignore[attr-defined]


@dataclass
class Cases:
    """Somebody of every role and level, and a project in every state that a stranger registered."""

    ledger: Ledger
    people: dict[tuple[Role, Level], Person] = field(default_factory=dict)
    projects: dict[CaseState, UUID] = field(default_factory=dict)
    registrant: UUID = field(default_factory=uuid4)
    recommender: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        with self.ledger.writer() as session:
            for key in (self.registrant, self.recommender):
                session.add(_person(key, f"p{key.hex}", Role.REGISTRAR, "150000"))
            for role, level in product(Role, Level):
                person = Person(uuid4(), f"{role}{level.value}", f"{role.words}{level.value}", role, SCOPES[level])
                self.people[role, level] = person
                session.add(_person(person.id, person.login, role, person.scope))
            session.flush()
            for state in CaseState:
                self.projects[state] = uuid4()
                session.add(self._project(state))

    def _project(self, state: CaseState) -> ProjectRow:
        who = dict.fromkeys(("registered_by", "changed_by", "saved_by"), self.registrant)
        when = dict.fromkeys(("registered_at", "changed_at", "saved_at", "state_since"), NOW)
        return ProjectRow(
            id=self.projects[state], identity=state, name=state.words, enterprise="e", league="150200", banner="150204",
            industry=Industry.CHEMICAL, stage=Stage.EXISTING, efficiency_class=EfficiencyClass.UNDETERMINED,
            class_order=0, disposition=Disposition.MANUAL, near_line=False, findings=0, units=1, case_state=state,
            void_reason="r" if state is CaseState.VOID else None, rules_version="v", as_of=TODAY, search="s",
            basis_refs="", facts="{}", screening="{}", **who, **when,
        )  # fmt: skip

    def move(self, before: CaseState, move: Move, after: CaseState | None = None, **changed: Any) -> dict[str, Any]:
        """A row of a move as the services write it, sound where the table has the move, with `changed` columns."""
        step = MOVES.get((before, move))
        role, level = Role.REVIEWER, Level.REGION
        if step is not None:
            role = next(r for r in Role if step.permission in GRANTS[r])
        after = after or (step.after if step else before)
        row = {
            "id": uuid4(), "project_id": self.projects[before], "version": 2, "before": before, "move": move,
            "after": after, "by": self.people[role, level].id, "for_whom": None, "role": role, "level": int(level),
            "registered_by": self.registrant, "changed_by": self.registrant, "recommended_by": self.recommender,
            "reason": "r", "code": ReturnReason.OTHER, "field": "name", "document": "d", "paper_date": TODAY, "at": NOW,
        }  # fmt: skip
        return {**row, **changed}


def _person(key: UUID, login: str, role: Role, scope: str) -> PersonRow:
    return PersonRow(
        id=key, login=login, login_folded=login, name=login, role=role, scope=scope, password_hash="x",
        must_change=False, active=True, added_at=NOW,
    )  # fmt: skip


@contextmanager
def tried(session: Session) -> Iterator[None]:
    """Undoes what was done in it, whether or not it was refused."""
    part = session.begin_nested()
    try:
        yield
    finally:
        part.rollback()
        session.expire_all()  # what was read in between


def refusal_of(session: Session, statement: Any, *rows: dict[str, Any]) -> str | None:
    """The name of what refuses the statement, undone either way; None where it passes."""
    try:
        with tried(session):
            session.execute(statement, *rows)
    except sa.exc.DBAPIError as error:
        return name_in(error)
    return None


@pytest.fixture
def office(ledger: Ledger) -> Cases:
    """A ledger with a project in every state."""
    return Cases(ledger)


def test_the_database_takes_the_moves_of_the_table_and_no_others(office: Cases) -> None:
    wrong = []
    with office.ledger.writer() as session:
        for before, move in product(CaseState, Move):
            step = MOVES.get((before, move))
            # Every end of a move that there is; of one that there is not, to stay and to be accepted.
            for after in CaseState if step else {before, CaseState.ACCEPTED}:
                refused = refusal_of(session, sa.insert(TABLE), office.move(before, move, after))
                if (refused is None) is not (step is not None and step.after is after):
                    wrong.append((before.value, move.value, after.value, refused))
    assert wrong == []


def test_the_database_asks_for_role_and_level(office: Cases) -> None:
    wrong = []
    with office.ledger.writer() as session:
        for (before, move), step in MOVES.items():
            for role, level in product(Role, Level):
                who = {"by": office.people[role, level].id, "role": role, "level": int(level)}
                refused = refusal_of(session, sa.insert(TABLE), office.move(before, move, **who))
                may = step.permission in GRANTS[role] and level >= step.least
                if (refused is None) is not may:
                    wrong.append((before.value, move.value, role.value, level.value, refused))
    assert wrong == []


def test_the_service_says_the_same_of_every_state_move_role_and_level(office: Cases) -> None:
    """The one way of a case: what the table has passes to the database, what it does not have is told before."""
    wrong, passed = [], 0
    with office.ledger.writer() as session:
        for before, move in product(CaseState, Move):
            step = MOVES.get((before, move))
            # What the table does not have is refused whoever asks (tests/domain): one of them is enough here.
            some = (
                office.people if step else {(Role.REVIEWER, Level.REGION): office.people[Role.REVIEWER, Level.REGION]}
            )
            for (role, level), by in some.items():
                row = store.get(session, office.projects[before], by=by)
                may = step is not None and step.permission in GRANTS[role] and level >= step.least
                extra = {"void_reason": "r"} if step and step.after is CaseState.VOID else {"void_reason": None}
                refused, after = None, None
                try:
                    with tried(session):
                        moves.make(
                            session, row, move, by=by, at=NOW, seen=1, given=GIVEN,
                            recommended_by=office.recommender, values=extra if may else None,
                        )  # fmt: skip
                        after = row.case_state
                except Refusal as refusal:
                    refused = refusal.message
                passed += may
                if (refused is None) is not may or (step and may and after is not step.after):
                    wrong.append((before.value, move.value, role.value, level.value, refused or after))
    assert wrong == []
    assert passed > len(MOVES)


FROM = {
    Proof.REASON: (CaseState.SUBMITTED, Move.WITHDRAW),
    Proof.CODE: (CaseState.SUBMITTED, Move.SEND_BACK),
    Proof.DOCUMENT: (CaseState.SERVED, Move.OBJECT),
    Proof.PAPER_DATE: (CaseState.RECOMMENDED, Move.SIGN),
}
ACCEPT, SIGN = (CaseState.SUBMITTED, Move.ACCEPT), (CaseState.RECOMMENDED, Move.SIGN)
BROKEN: dict[str, list[tuple[tuple[CaseState, Move], dict[str, Any]]]] = {
    "ck_case_move_move_is_in_the_table": [(ACCEPT, {"after": CaseState.SIGNED})],
    "ck_case_move_role_may_make_it": [(ACCEPT, {"role": Role.REGISTRAR}), (SIGN, {"role": Role.REVIEWER})],
    "ck_case_move_league_or_higher": [(ACCEPT, {"level": 1}), (SIGN, {"level": 1})],
    "ck_case_move_region_or_higher": [((CaseState.FORWARDED, Move.ACCEPT), {"level": 2})],
    "ck_case_move_move_has_reason": [(FROM[Proof.REASON], {"reason": text}) for text in (None, "")],
    "ck_case_move_return_has_code_and_field": [(FROM[Proof.CODE], {part: None}) for part in ("code", "field")],
    "ck_case_move_move_has_document": [(FROM[Proof.DOCUMENT], {"document": text}) for text in (None, "")],
    "ck_case_move_move_has_paper_date": [(FROM[Proof.PAPER_DATE], {"paper_date": None})],
    "ck_case_move_nobody_reviews_his_own": [
        (ACCEPT, {part: "registrant"}) for part in ("by", "for_whom")
    ],
    "ck_case_move_nobody_signs_his_own": [
        (SIGN, {"by": "recommender"}), (SIGN, {"for_whom": "recommender"}), (SIGN, {"recommended_by": None}),
    ],
    "move_hides_registrant": [(ACCEPT, {part: "recommender"}) for part in ("registered_by", "changed_by")],
    "uq_case_move_project_id": [(ACCEPT, {})],
}  # fmt: skip
"""What refuses a row -> sound moves, each with the one thing that breaks it."""


def test_every_constraint_of_a_move_is_tried() -> None:
    table = SQLModel.metadata.tables["case_move"]
    named = {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)}
    own = {name for name in named if not name.endswith("_is_known")} | {"uq_case_move_project_id"}
    watching = {name for name, (watched, _, _) in triggers.CONDITIONS.items() if watched == "case_move"}

    assert own | watching == set(BROKEN) | set(IN_HIS_NAME), "say in BROKEN how a row breaks it"
    assert {name for name, (watched, _, _) in triggers.CONDITIONS.items() if watched == "project"} == {
        "state_without_move"
    }


IN_HIS_NAME = {
    "reviews_in_his_name": ((CaseState.SUBMITTED, Move.CHANGE_FACTS), ACCEPT),
    "signs_in_his_name": ((CaseState.ACCEPTED, Move.RECOMMEND), SIGN),
}
"""What refuses -> what a deputy did before, and what the one whom he stood in for then may not do."""


@pytest.mark.parametrize("name", IN_HIS_NAME)
def test_what_a_deputy_did_is_his_principals_own_work(office: Cases, name: str) -> None:
    earlier, later = IN_HIS_NAME[name]
    with office.ledger.writer() as session:
        sound = office.move(*later, version=3)
        done = {**office.move(*earlier), "project_id": sound["project_id"], "for_whom": sound["by"]}
        assert refusal_of(session, sa.insert(TABLE), sound) is None
        session.execute(sa.insert(TABLE), done)
        assert refusal_of(session, sa.insert(TABLE), sound) == name


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_breaks_a_constraint_is_refused_with_its_sentence(office: Cases, name: str) -> None:
    kind, sentence, box = MESSAGES[name]
    with office.ledger.writer() as session:
        for (before, move), change in BROKEN[name]:
            given = {part: getattr(office, value) if isinstance(value, str) and value in ("registrant", "recommender")
                     else value for part, value in change.items()}  # fmt: skip
            sound = office.move(before, move)
            assert refusal_of(session, sa.insert(TABLE), sound) is None
            rows = [{**sound, "id": uuid4(), **given}]
            if name.startswith("uq_"):
                rows.append(sound)
            with pytest.raises(Refusal) as refused, explained(), tried(session):
                session.execute(sa.insert(TABLE), rows)
            assert (type(refused.value), refused.value.message, refused.value.field) == (kind, sentence, box)


@pytest.mark.parametrize("statement", ["UPDATE case_move SET reason = 'x'", "DELETE FROM case_move"])
def test_what_was_done_stands(office: Cases, statement: str) -> None:
    with office.ledger.writer() as session:
        session.execute(sa.insert(TABLE), office.move(*ACCEPT))
    with pytest.raises(Refusal, match="只能追加"), office.ledger.writer() as session:
        session.execute(sa.text(statement))


def _written(session: Session, rows: list[dict[str, Any]], change: Any) -> None:
    for row in rows:
        session.execute(sa.insert(TABLE), row)
    session.execute(change)


def test_no_state_changes_without_its_move(office: Cases) -> None:
    """Nor with a move of another version, of another project, or to another state."""
    sentence = MESSAGES["state_without_move"][1]
    key, other = office.projects[CaseState.SUBMITTED], office.projects[CaseState.CHECKED]
    change = sa.update(ProjectRow).where(ProjectRow.id == key)  # type: ignore[arg-type]
    wrong_ways = (
        (None, {"case_state": CaseState.ACCEPTED, "version": 2}),
        ({"version": 3}, {"case_state": CaseState.ACCEPTED, "version": 2}),
        ({"project_id": other}, {"case_state": CaseState.ACCEPTED, "version": 2}),
        ({}, {"case_state": CaseState.SIGNED, "version": 2}),
        ({}, {"case_state": CaseState.ACCEPTED}),
    )
    with office.ledger.writer() as session:
        for made, values in wrong_ways:
            with pytest.raises(Refusal) as refused, explained(), tried(session):
                _written(session, [] if made is None else [office.move(*ACCEPT, **made)], change.values(**values))
            assert refused.value.message == sentence, (made, values)
    with office.ledger.writer() as session:
        session.execute(sa.insert(TABLE), office.move(*ACCEPT))
        session.execute(change.values(case_state=CaseState.ACCEPTED, version=2))


@pytest.mark.parametrize(("before", "move"), [key for key, step in MOVES.items() if Apart.REGISTERED in step.apart])
def test_nobody_is_let_near_his_own_by_the_database(sqlite_ledger: Ledger, before: CaseState, move: Move) -> None:
    office = Cases(sqlite_ledger)
    with sqlite_ledger.writer() as session:
        for part in ("by", "for_whom"):
            own = {**office.move(before, move), part: office.registrant}
            assert refusal_of(session, sa.insert(TABLE), own) == "ck_case_move_nobody_reviews_his_own"
