"""Workbooks taken in: compared with the ledger, shown before anything is written, confirmed in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import workbook
from screening.clock import day_of
from screening.domain.classification import doubtful
from screening.domain.errors import Conflict, Forbidden
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.quantity import fold
from screening.domain.registry import Project, from_facts, to_facts
from screening.domain.review import MOVES, CaseState, Move
from screening.services import Ledger
from screening.services.changes import Facts, FieldChange, changed_parts, differences, merged, orderly, stated
from screening.services.lines import subject
from screening.services.plausibility import year_of
from screening.services.rules import overlay
from screening.services.verdicts import columns, judge, search_text
from screening.services.views import Imported, ImportLine, Preview, RejectedCell
from screening.store import cases, imports, trail
from screening.store import registry as store
from screening.workbook import Reading

OUTSIDE = "属于您的管辖区域的旗县"
NAMED_AT_MOST = 3
"""Near duplicates named in one warning."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What becomes of one project of the file."""

    project: Project
    identity: str
    before: store.Known | None
    facts: Facts
    """As they will stand."""
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A file laid beside the ledger."""

    new: list[_Step]
    changed: list[_Step]
    same: int
    refused: list[RejectedCell]


def identity(project: Project) -> str:
    """The project's identity as one text."""
    return "\x1f".join(project.identity)


def is_empty(session: Session) -> bool:
    """Whether no project is on file."""
    return store.count(session, {}) == 0


def _demand(by: Person) -> None:
    if not by.may(Permission.IMPORT):
        raise Forbidden(f"{by.role.words}不能导入台账。请由登记员或审核员办理。")


def _compared(ledger: Ledger, session: Session, projects: Iterable[Project], sheet: str, by: Person) -> _Comparison:
    by_key: dict[str, Project] = {}
    refused: list[RejectedCell] = []
    for project in projects:
        key = identity(project)
        if not project.banner.startswith(by.scope_prefix):
            refused.append(_refusal(project, sheet, "旗县", project.banner, f"该项目不{OUTSIDE}，不能由您导入。"))
        elif key in by_key:
            refused.append(
                _refusal(project, sheet, "项目代码", project.code or project.name, "文件中有两个相同的项目。")
            )
        else:
            by_key[key] = project
    there = store.by_identity(session, by_key)
    names = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
    new: list[_Step] = []
    changed: list[_Step] = []
    same = 0
    for key, project in by_key.items():
        facts = orderly(to_facts(project))
        before = there.get(key)
        if before is None:
            new.append(_Step(project, key, None, facts, ()))
            continue
        if not before.banner.startswith(by.scope_prefix):
            words = "该项目代码已登记在其他地区的台账中，请与该地区核实后由上级变更。"
            refused.append(_refusal(project, sheet, "项目代码", project.code or project.name, words))
            continue
        if before.state is CaseState.VOID:
            words = "该项目已作废，不再接收变更。确需恢复的，请先在项目页办理“恢复项目”。"
            refused.append(_refusal(project, sheet, "项目代码", project.code or project.name, words))
            continue
        if canonical(facts) == before.facts:  # the usual case of a file that comes again, and the quickest to see
            same += 1
            continue
        old = json.loads(before.facts)
        joined = json.loads(canonical(merged(old, facts)))
        if joined == old:
            same += 1
        else:
            changed.append(_Step(from_facts(joined), key, before, joined, differences(old, joined, names)))
    return _Comparison(new, changed, same, refused)


def _refusal(project: Project, sheet: str, column: str, value: str, message: str) -> RejectedCell:
    row = next((u.row for u in project.units if u.row), None)
    return RejectedCell(
        sheet=sheet,
        cell=f"第{row}行" if row else "",
        column=column,
        value=value,
        expected="a project of your own division, stated once",
        project=project.name,
        message=message,
    )


def _near_duplicates(session: Session, found: _Comparison, by: Person) -> dict[str, tuple[str, ...]]:
    """Identity of a new project -> the projects that look like it: same name nearby, or same owner and like name."""
    seen: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def put(key: str, code: str | None, name: str, enterprise: str, banner: str) -> None:
        words = f"{name}（{enterprise}{'，' + code if code else ''}）"
        for mark in _marks(name, enterprise, banner):
            seen.setdefault(mark, []).append((key, words))

    for row in store.names_within(session, by):
        put(*row)
    for step in found.new:
        p = step.project
        put(step.identity, p.code, p.name, p.enterprise, p.banner)
    warnings: dict[str, tuple[str, ...]] = {}
    for step in found.new:
        p = step.project
        alike = dict.fromkeys(
            words
            for mark in _marks(p.name, p.enterprise, p.banner)
            for key, words in seen[mark]
            if key != step.identity
        )
        if alike:
            told = "；".join(list(alike)[:NAMED_AT_MOST])
            warnings[step.identity] = (f"与下列项目相近，请核对是否为同一项目：{told}。",)
    return warnings


def _marks(name: str, enterprise: str, banner: str) -> tuple[tuple[str, str], ...]:
    bare = fold(name).removesuffix("项目").removesuffix("工程")
    return ((bare, banner), (bare, fold(enterprise)))


def _doubts(ledger: Ledger, step: _Step, day: date) -> tuple[str, ...]:
    """What looks wrong in a project of the file, also beside the earlier year that the ledger has."""
    old = json.loads(step.before.facts) if step.before else None
    then, now = (None, None) if old is None else (year_of(old), year_of(step.facts))
    earlier = from_facts(old) if old is not None and then is not None and now is not None and then < now else None
    return tuple(hint.text for hint in doubtful(step.project, ledger.rules, as_of=day, earlier=earlier))


def _lines(
    ledger: Ledger, steps: Iterable[_Step], warnings: Mapping[str, tuple[str, ...]], day: date
) -> tuple[ImportLine, ...]:
    return tuple(
        ImportLine(
            code=s.project.code,
            name=s.project.name,
            enterprise=s.project.enterprise,
            league=s.project.league,
            banner=s.project.banner,
            units=len(s.project.units),
            project=s.before.id if s.before else None,
            changes=s.changes,
            warnings=warnings.get(s.identity, ()),
            doubts=_doubts(ledger, s, day),
        )
        for s in steps
    )


def _preview(
    ledger: Ledger, session: Session, reading: Reading, *, file: str, by: Person, at: datetime, batch: UUID | None
) -> tuple[Preview, _Comparison]:
    found = _compared(ledger, session, reading.projects, reading.sheet, by)
    cells = tuple(
        RejectedCell(
            sheet=r.sheet,
            cell=r.cell,
            column=r.column,
            value=r.value,
            expected=r.expected,
            project=r.project or "",
            message=r.message,
        )
        for r in reading.rejected
    )
    preview = Preview(
        batch=batch,
        file=file,
        sheet=reading.sheet,
        uploaded_at=at,
        new=_lines(ledger, found.new, _near_duplicates(session, found, by), day_of(at)),
        changed=_lines(ledger, found.changed, {}, day_of(at)),
        same=found.same,
        rejected=reading.rejected_projects + len(found.refused),
        rejections=(*cells, *found.refused),
        warnings=tuple(f"{w.cell} {w.column}：{w.message}" for w in reading.warnings),
        unknown_columns=reading.unknown_columns,
    )
    return preview, found


def compare(ledger: Ledger, path: Path, *, file: str, by: Person, at: datetime) -> Preview:
    """What importing the workbook at `path` would do (`file` is its name as the person knows it); writes nothing."""
    _demand(by)
    reading = workbook.read(path, ledger.rules)
    with ledger.reader() as session:
        return _preview(ledger, session, reading, file=file, by=by, at=at, batch=None)[0]


def preview_import(ledger: Ledger, path: Path, *, file: str, by: Person, at: datetime) -> Preview:
    """Like `compare`, and keeps what was read so that `confirm_import` can take it in; the ledger stays as it is."""
    _demand(by)
    reading = workbook.read(path, ledger.rules)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    batch = uuid4()
    with ledger.reader() as session:
        preview, found = _preview(ledger, session, reading, file=file, by=by, at=at, batch=batch)
    content = {
        "preview": _to_data(preview),
        "new": [s.facts for s in found.new],
        "changed": [[str(s.before.id), s.before.version, s.facts] for s in found.changed if s.before],
        "same": found.same,
    }
    packed = imports.packed(content)
    with ledger.writer() as session:
        imports.drop_unconfirmed(session, by)
        session.add(
            imports.ImportBatchRow(
                id=batch,
                file=file,
                sheet=reading.sheet,
                uploaded_by=by.id,
                uploaded_at=at,
                content=packed,
                digest=digest,
            )
        )
    return preview


def _to_data(preview: Preview) -> dict[str, Any]:
    data = asdict(preview)
    data["batch"], data["uploaded_at"], data["confirmed_at"] = str(preview.batch), preview.uploaded_at.isoformat(), None
    for line in (*data["new"], *data["changed"]):
        line["project"] = None if line["project"] is None else str(line["project"])
    return data


def _from_data(data: Mapping[str, Any], confirmed_at: datetime | None) -> Preview:
    def lines(rows: list[dict[str, Any]]) -> tuple[ImportLine, ...]:
        return tuple(
            ImportLine(
                **{
                    **row,
                    "project": UUID(row["project"]) if row["project"] else None,
                    "changes": tuple(FieldChange(**c) for c in row["changes"]),
                    "warnings": tuple(row["warnings"]),
                    "doubts": tuple(row["doubts"]),
                }
            )
            for row in rows
        )

    return Preview(
        batch=UUID(data["batch"]),
        file=data["file"],
        sheet=data["sheet"],
        uploaded_at=datetime.fromisoformat(data["uploaded_at"]),
        new=lines(data["new"]),
        changed=lines(data["changed"]),
        same=data["same"],
        rejected=data["rejected"],
        rejections=tuple(RejectedCell(**r) for r in data["rejections"]),
        warnings=tuple(data["warnings"]),
        unknown_columns=tuple(data["unknown_columns"]),
        confirmed_at=confirmed_at,
    )


def show_import(ledger: Ledger, batch: UUID, *, by: Person) -> Preview:
    """The preview again (only for the person who made it)."""
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        return _from_data(imports.unpacked(row.content)["preview"], row.confirmed_at)


def confirm_import(ledger: Ledger, batch: UUID, *, by: Person, at: datetime) -> Imported:
    """Takes the previewed projects in, in one transaction; screens each one as of the day of `at`.

    A second call for the same batch gives the first result. Conflict where one of its projects changed since.
    """
    _demand(by)
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        if row.result is not None:
            return Imported(batch=batch, **json.loads(row.result))
        content = imports.unpacked(row.content)
        file, digest = row.file, row.digest
        book = overlay(ledger, session)
        touched = {UUID(key): version for key, version, _ in content["changed"]}
        said = store.findings(session, touched)
        dues = store.dues(session)
    # Screening is the long part: it is done before the transaction, which then checks that nothing moved.
    day = day_of(at)
    fresh = []
    for facts in content["new"]:
        project = from_facts(facts)
        result = judge(project, book, as_of=day).screening
        fresh.append((project, facts, {**project_columns(project, facts), **columns(result)}))
    renewed = []
    for key, version, facts in content["changed"]:
        project = from_facts(facts)
        result = judge(project, book, as_of=day, said=said.get(UUID(key), ()), due=dues.get(UUID(key))).screening
        renewed.append((UUID(key), version, facts, {**project_columns(project, facts), **columns(result)}))
    counts = {
        "new": len(fresh),
        "changed": len(renewed),
        "same": content["same"],
        "rejected": content["preview"]["rejected"],
    }
    with ledger.writer() as session:
        row = imports.get(session, batch, by=by, lock=True)
        if row.result is not None:
            return Imported(batch=batch, **json.loads(row.result))
        _register(session, fresh, by=by, at=at)
        _change(session, renewed, touched, by=by, at=at)
        row.confirmed_by, row.confirmed_at, row.result = by.id, at, canonical(counts)
        after = {"file": file, "sha256": digest, **counts}
        trail.record(
            session, Event(at=at, who=by.login, kind=Happening.LEDGER_IMPORTED, subject=f"import:{batch}", after=after)
        )
    return Imported(batch=batch, **counts)


def project_columns(project: Project, facts: Facts) -> dict[str, Any]:
    """The columns of a project that its facts fill."""
    return {
        "identity": identity(project),
        "code": project.code,
        "name": project.name,
        "enterprise": project.enterprise,
        "credit_code": project.credit_code,
        "league": project.league,
        "banner": project.banner,
        "industry": project.industry,
        "stage": project.stage,
        "units": len(project.units),
        "facts": canonical(facts),
        "search": search_text(project),
    }


def _register(
    session: Session, fresh: list[tuple[Project, Facts, dict[str, Any]]], *, by: Person, at: datetime
) -> None:
    rows = []
    for _, facts, values in fresh:
        key = uuid4()
        rows.append(
            {
                **values,
                "id": key,
                "case_state": CaseState.REGISTERED,
                "state_since": at,
                "registered_by": by.id,
                "registered_at": at,
                "changed_by": by.id,
                "changed_at": at,
                "saved_by": by.id,
                "saved_at": at,
                "version": 1,
            }
        )
        trail.record(
            session,
            Event(at=at, who=by.login, kind=Happening.PROJECT_REGISTERED, subject=subject(key), after=stated(facts)),
        )
    store.insert(session, rows)


def _change(
    session: Session,
    renewed: list[tuple[UUID, int, Facts, dict[str, Any]]],
    touched: Mapping[UUID, int],
    *,
    by: Person,
    at: datetime,
) -> None:
    if not renewed:
        return
    present = store.states(session, touched)
    if {key: version for key, (version, _, _) in present.items()} != dict(touched):
        raise Conflict("预览之后，其中的项目已被他人修改。请重新上传文件，核对后再确认。")
    updates = []
    returned = []
    for key, version, facts, values in renewed:
        _, state, old = present[key]
        after = MOVES[state, Move.CHANGE_FACTS][0]
        if after is not state:
            returned.append(key)
        changes = {"changed_by": by.id, "changed_at": at, "saved_by": by.id, "saved_at": at, "case_state": after}
        updates.append((key, version, {**values, **changes}))
        before_parts, after_parts = changed_parts(json.loads(old), facts)
        trail.record(
            session,
            Event(
                at=at,
                who=by.login,
                kind=Happening.PROJECT_CHANGED,
                subject=subject(key),
                before=before_parts,
                after=after_parts,
            ),
        )
    store.update(session, updates)
    if returned:
        cases.outdate(session, returned)
        for key in returned:
            trail.record(
                session,
                Event(
                    at=at,
                    who=by.login,
                    kind=Happening.RECOMMENDATION_OUTDATED,
                    subject=subject(key),
                    why="台账数据变更，处置建议须重新提出。",
                ),
            )
