"""A small office at work: its people, and the steps of a case up to any point, each by the one who may make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from screening.domain.classification import Disposition
from screening.domain.people import Person, Role
from screening.domain.rules import Evidence
from screening.services import CONSOLE, Ledger, dispositions, people, registry, review, rules
from tests.conftest import NOW, PASSWORD, TODAY
from tests.services.sheets import sheet

DUE = date(2028, 6, 30)


@dataclass
class Desks:
    """One person for each role, all of one division, and the ledger they work on."""

    ledger: Ledger
    folder: Path
    scope: str = "150200"

    def __post_init__(self) -> None:
        self.keys = 0
        for role in Role:
            setattr(self, role.value, self.hire(role, role.value))
        self.second_officer = self.hire(Role.RULES_OFFICER, "rules_officer2")
        self.second_signatory = self.hire(Role.SIGNATORY, "signatory2")

    registrar: Person = None
    reviewer: Person = None
    signatory: Person = None
    office: Person = None
    rules_officer: Person = None
    administrator: Person = None
    auditor: Person = None

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

    def version(self, project: UUID) -> int:
        return self.view(project).line.version

    def recommend(self, project: UUID, disposition=Disposition.RETROFIT, by: Person | None = None, **more):
        given = {"reason": "对照标准，须予处置。", "due": DUE, "seen": self.version(project), "key": self.key(), **more}
        return review.recommend(self.ledger, project, disposition=disposition, by=by or self.reviewer, at=NOW, **given)

    def missing(self, project: UUID, disposition=Disposition.RETROFIT) -> list[str]:
        offered = review.choices(self.ledger, project, by=self.reviewer, today=TODAY).measures[disposition]
        return [b.ref for b in offered[0].rests_on if b.evidence is not Evidence.OFFICIAL]

    def make_official(self, project: UUID, disposition=Disposition.RETROFIT) -> None:
        refs = self.missing(project, disposition)
        if refs:
            page = rules.confirm_page(
                self.ledger, refs, document="发改产业〔2023〕723号", page="附件第3页", day=date(2023, 6, 6), key=self.key(),
                by=self.rules_officer, at=NOW,
            )  # fmt: skip
            rules.countersign(self.ledger, page.id, by=self.second_officer, at=NOW)

    def sign(self, project: UUID, by: Person | None = None, **more) -> dispositions.Decided:
        given = {"seen": self.version(project), "key": self.key(), "at": NOW, **more}
        return dispositions.sign(self.ledger, project, by=by or self.signatory, **given)
