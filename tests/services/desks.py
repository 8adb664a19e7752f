"""A small office at work: its people, and the steps of a case up to any point, each by the one who may make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from screening.clock import day_of
from screening.domain.acceptance import ACCEPTING
from screening.domain.classification import Disposition
from screening.domain.people import Person, Role
from screening.domain.procedure import StepId, StepState
from screening.domain.review import IN_REVIEW, CaseState
from screening.domain.rules import Evidence
from screening.services import CONSOLE, Ledger, dispositions, findings, people, procedure, registry, review, rules
from screening.store import cases
from screening.store import registry as store
from tests.conftest import NOW, PASSWORD, TODAY
from tests.services.begun import begun
from tests.services.sheets import sheet

DUE = date(2028, 6, 30)
PROVEN = findings.Told(
    fields={"found_on": TODAY.isoformat(), "found_by": "台账数据比对"}, reference="节能监察现场笔录（2026）第12号"
)
"""What a person adds to a detected finding, with its evidence."""


@dataclass
class Desks:
    """One person for each role, all of one division, and the ledger they work on."""

    ledger: Ledger
    folder: Path
    scope: str = "150200"

    def __post_init__(self) -> None:
        self.keys = 0
        self.__dict__.update(begun(self.ledger, self.folder, f"office of {self.scope}", self._people))

    def _people(self) -> dict[str, Person]:
        return {
            **{role.value: self.hire(role, role.value) for role in Role},
            "second_officer": self.hire(Role.RULES_OFFICER, "rules_officer2"),
            "second_signatory": self.hire(Role.SIGNATORY, "signatory2"),
            "regional": self.hire(Role.REVIEWER, "regional", scope="150000"),
        }

    def begun(self, name: str, work: Callable[[], Any]) -> Any:
        """What the work gives: done by this office, or copied from one that did it before."""
        given, self.keys = begun(self.ledger, self.folder, name, lambda: (work(), self.keys))
        return given

    registrar: Person = None
    reviewer: Person = None
    signatory: Person = None
    office: Person = None
    rules_officer: Person = None
    administrator: Person = None
    auditor: Person = None
    legal: Person = None
    second_officer: Person = None
    second_signatory: Person = None
    regional: Person = None

    def hire(self, role: Role, login: str, scope: str | None = None) -> Person:
        return people.add(
            self.ledger, login, name=f"{role.words}{login}", role=role, scope=scope or self.scope, password=PASSWORD,
            by=CONSOLE, at=NOW,
        )[0]  # fmt: skip

    def key(self) -> str:
        self.keys += 1
        return f"key{self.keys}"

    def preview(self, rows, by: Person | None = None, name: str = "台账.csv") -> registry.Preview:
        path = sheet(self.folder, rows, name)
        return registry.preview_import(self.ledger, path, file=name, by=by or self.registrar, at=NOW)

    def take_in(self, rows, by: Person | None = None) -> registry.Imported:
        by = by or self.registrar
        return registry.confirm_import(self.ledger, self.preview(rows, by).batch, by=by, at=NOW)

    def find(self, words: str, by: Person | None = None) -> UUID:
        page = registry.list_projects(self.ledger, registry.Filter.read({"q": words}), by=by or CONSOLE, today=TODAY)
        assert page.total == 1, page
        return page.rows[0].id

    def view(self, project: UUID, by: Person | None = None) -> registry.ProjectView:
        return registry.show(self.ledger, project, by=by or CONSOLE, today=TODAY)

    def row(self, project: UUID) -> store.ProjectRow:
        with self.ledger.reader() as session:
            return store.get(session, project, by=CONSOLE)

    def version(self, project: UUID) -> int:
        return self.row(project).version

    def accept(self, project: UUID) -> None:
        """The region accepts what is still under review, so that the league may recommend."""
        if (row := self.row(project)).case_state in IN_REVIEW:
            review.accept(self.ledger, project, seen=row.version, by=self.regional, at=NOW)

    def recommend(self, project: UUID, disposition=Disposition.RETROFIT, by: Person | None = None, **more):
        self.accept(project)
        given = {"reason": "对照标准，须予处置。", "due": DUE, "seen": self.version(project), "key": self.key(), **more}
        return review.recommend(self.ledger, project, disposition=disposition, by=by or self.reviewer, at=NOW, **given)

    def missing(self, project: UUID, disposition=Disposition.RETROFIT) -> list[str]:
        offered = review.choices(self.ledger, project, by=self.reviewer, today=TODAY).measures[disposition]
        return [b.ref for b in offered[0].rests_on if b.evidence is not Evidence.OFFICIAL]

    def make_official(self, project: UUID, disposition=Disposition.RETROFIT) -> None:
        """Makes the rules official on which the recommendation rests."""
        refs = self.missing(project, disposition)
        if refs:
            page = rules.confirm_page(
                self.ledger, refs, document="发改产业〔2023〕723号", page="附件第3页", day=date(2023, 6, 6), key=self.key(),
                by=self.rules_officer, at=NOW,
            )  # fmt: skip
            rules.countersign(self.ledger, page.id, by=self.second_officer, at=NOW)

    def take_steps(self, project: UUID, *, without: tuple[StepId, ...] = ()) -> None:
        """Puts every step that the open recommendation needs on file."""
        take_steps(self.ledger, project, reviewer=self.regional, legal=self.legal, without=without)

    def sign(self, project: UUID, by: Person | None = None, **more) -> dispositions.Decided:
        if self.row(project).case_state is CaseState.RECOMMENDED:
            self.take_steps(project)
        given = {"seen": self.version(project), "key": self.key(), "at": NOW, **more}
        return dispositions.sign(self.ledger, project, by=by or self.signatory, **given)


def once(work: Callable[..., Any]) -> Callable[..., Any]:
    """For a fixture, or any function that lets desks do some work: it is done once, then copied."""

    @wraps(work)
    def given(*those: Any, **asked: Any) -> Any:
        desks = next(one for one in (*those, *asked.values()) if isinstance(one, Desks))
        others = [
            *(one for one in those if one is not desks),
            *(item for item in asked.items() if item[1] is not desks),
        ]
        return desks.begun(f"{work.__module__}.{work.__qualname__} {others}", lambda: work(*those, **asked))

    return given


def take_steps(
    ledger: Ledger, project: UUID, *, reviewer: Person, legal: Person, without: tuple[StepId, ...] = (), at=NOW
) -> None:
    """Puts every step that the open recommendation needs on file, as not required, each with its reason."""
    with ledger.reader() as session:
        recommended = cases.recommendation(session, project)
        done = cases.steps(session, project, recommended.matter)
        needed = [s for s in cases.needs(session, recommended.id) if s not in done and s not in without]
        metered = [f"metered_{row.id.hex}" for row in cases.meterings(session, project) if row.voided_at is None]
    if recommended.disposition in {Disposition.RELEASE, *ACCEPTING} and StepId.EVIDENCE in needed:
        needed.remove(StepId.EVIDENCE)
        points = ["rectified"] if recommended.disposition is Disposition.RELEASE else metered
        procedure.take(
            ledger, project, StepId.EVIDENCE, facts=dict.fromkeys(points, "验收单（2026）第3号"), key=uuid4().hex,
            by=reviewer, at=at,
        )  # fmt: skip
    for step in needed:
        procedure.take(
            ledger, project, step, facts={"reason": f"{step.words}已在卷。", "clause": "某法第一条"}, happened=day_of(at),
            state=StepState.NOT_REQUIRED, key=uuid4().hex, by=legal if step is StepId.LEGAL_REVIEW else reviewer, at=at,
        )  # fmt: skip
