"""Workbooks taken in: compared with the ledger, shown before anything is written, confirmed in one transaction."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import workbook
from screening.clock import day_of
from screening.domain.classification import doubtful
from screening.domain.dispositions import approval_refused, new_approvals
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.people import Permission, Person
from screening.domain.registry import Project, from_facts, to_facts
from screening.domain.review import MOVES, CaseState, Move
from screening.services import Ledger, moves
from screening.services.changes import Facts, FieldChange, changed_parts, differences, merged, orderly, stated
from screening.services.headings import named_columns
from screening.services.lines import region_name, subject
from screening.services.plausibility import year_of
from screening.services.resemblance import Card, alike
from screening.services.rules import overlay
from screening.services.verdicts import columns, judge, search_text
from screening.services.views import Alike, Imported, ImportLine, PastImport, Preview, RejectedCell
from screening.store import cases, imports, trail
from screening.store import registry as store
from screening.workbook import Reading

OUTSIDE = "属于您的管辖区域的旗县"
NAMED_AT_MOST = 3
"""Near duplicates shown for one project."""
MARKABLE = (".xlsx", ".csv")
LISTED_AT_MOST = 20
LONGEST_CORRECTION = 2000
WHOLE_ROW = re.compile(r"第(\d+)行")
APART = "apart"
"""The choice that a new project is one of its own."""


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
            named = region_name(ledger, project.banner)
            refused.append(_refusal(project, sheet, "旗县", named, f"该项目不{OUTSIDE}，不能由您导入。"))
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
        elif before.halted_on and (approvals := new_approvals(old, joined)):
            refused.extend(
                _refusal(project, sheet, f.header, str(joined[f.key]), approval_refused(f, before.halted_on))
                for f in approvals
            )
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


def _key(project_identity: str) -> str:
    return hashlib.sha256(project_identity.encode()).hexdigest()[:12]


Joined = dict[str, dict[str, Any]]
"""Key of a new line -> the projects that it may be: target -> id, version and joined facts of the ledger's."""


def _likenesses(
    ledger: Ledger, session: Session, found: _Comparison, stated_keys: Iterable[str], by: Person
) -> tuple[dict[str, tuple[Alike, ...]], Joined]:
    """What each new project may be instead: not what the file speaks of elsewhere, and nothing voided."""
    elsewhere = set(stated_keys)
    known = (Card(*row) for row in store.names_within(session, by) if row[0] not in elsewhere)
    steps = {step.identity: step for step in found.new}
    cards = [
        Card(s.identity, s.project.code, s.project.name, s.project.enterprise, s.project.banner) for s in found.new
    ]
    pairs = list(alike(known, cards))
    there = store.by_identity(session, {other.identity for _, other, _ in pairs if other.identity not in steps})
    names = {code: region.name for code, region in ledger.rules.regions_by_code.items()}
    shown: dict[str, list[Alike]] = {}
    joined: Joined = {}
    for card, other, why in pairs:
        rows = shown.setdefault(card.identity, [])
        before = there.get(other.identity)
        if len(rows) == NAMED_AT_MOST or (before is not None and before.state is CaseState.VOID):
            continue
        facts = steps[card.identity].facts
        if before is None:
            target = f"file:{_key(other.identity)}"
            changes = differences(steps[other.identity].facts, _one(steps[other.identity].facts, facts), names)
        else:
            target = f"ledger:{before.id}"
            old = json.loads(before.facts)
            both = json.loads(canonical(merged(old, facts)))
            changes = differences(old, both, names)
            joined.setdefault(_key(card.identity), {})[target] = [str(before.id), before.version, both, before.facts]
        rows.append(
            Alike(
                target=target,
                why=why,
                code=other.code,
                name=other.name,
                enterprise=other.enterprise,
                project=before.id if before else None,
                changes=changes,
            )
        )
    return {key: tuple(rows) for key, rows in shown.items()}, joined


def _one(first: Facts, second: Facts) -> Facts:
    """Two statements of the file as one project: the later says more, units of other names stand beside each other."""
    joined: Facts = json.loads(canonical(merged(first, second)))
    spoken = {unit["unit_name"] for unit in second["units"]}
    joined["units"] = [u for u in first["units"] if u["unit_name"] not in spoken] + joined["units"]
    return joined


def _warned(rows: tuple[Alike, ...]) -> tuple[str, ...]:
    if not rows:
        return ()
    told = "；".join(f"{a.name}（{a.enterprise}{'，' + a.code if a.code else ''}）" for a in rows)
    return (f"与下列项目相近，请核对是否为同一项目：{told}。",)


def _doubts(ledger: Ledger, step: _Step, day: date) -> tuple[str, ...]:
    """What looks wrong in a project of the file, also beside the earlier year that the ledger has."""
    old = json.loads(step.before.facts) if step.before else None
    then, now = (None, None) if old is None else (year_of(old), year_of(step.facts))
    earlier = from_facts(old) if old is not None and then is not None and now is not None and then < now else None
    return tuple(hint.text for hint in doubtful(step.project, ledger.rules, as_of=day, earlier=earlier))


def _lines(
    ledger: Ledger, steps: Iterable[_Step], likenesses: Mapping[str, tuple[Alike, ...]], day: date
) -> tuple[ImportLine, ...]:
    regions = ledger.rules.regions_by_code
    return tuple(
        ImportLine(
            key=_key(s.identity),
            code=s.project.code,
            name=s.project.name,
            enterprise=s.project.enterprise,
            league=regions[s.project.league].name,
            banner=regions[s.project.banner].name,
            units=len(s.project.units),
            project=s.before.id if s.before else None,
            changes=s.changes,
            warnings=_warned(likenesses.get(s.identity, ())),
            doubts=_doubts(ledger, s, day),
            alike=likenesses.get(s.identity, ()),
        )
        for s in steps
    )


def _preview(
    ledger: Ledger, session: Session, reading: Reading, *, file: str, by: Person, at: datetime, batch: UUID | None
) -> tuple[Preview, dict[str, Any]]:
    """What is shown, and what a confirmation takes in."""
    found = _compared(ledger, session, reading.projects, reading.sheet, by)
    likenesses, joined = _likenesses(ledger, session, found, map(identity, reading.projects), by)
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
        new=_lines(ledger, found.new, likenesses, day_of(at)),
        changed=_lines(ledger, found.changed, {}, day_of(at)),
        same=found.same,
        rejected=reading.rejected_projects + len({(r.cell, r.project) for r in found.refused}),
        rejections=(*cells, *found.refused),
        warnings=tuple(f"{w.cell} {w.column}：{w.message}" for w in reading.warnings),
        unknown_columns=reading.unknown_columns,
    )
    taken = {
        "new": [[_key(s.identity), s.facts] for s in found.new],
        "changed": [
            [_key(s.identity), str(s.before.id), s.before.version, s.facts, s.before.facts]
            for s in found.changed
            if s.before
        ],
        "joined": joined,
        "same": found.same,
    }
    return preview, taken


def compare(ledger: Ledger, path: Path, *, file: str, by: Person, at: datetime) -> Preview:
    """What importing the workbook at `path` would do (`file` is its name as the person knows it); writes nothing."""
    _demand(by)
    reading = workbook.read(path, ledger.rules, aliases=named_columns(ledger, by=by))
    with ledger.reader() as session:
        return _preview(ledger, session, reading, file=file, by=by, at=at, batch=None)[0]


def preview_import(ledger: Ledger, path: Path, *, file: str, by: Person, at: datetime) -> Preview:
    """Like `compare`, and keeps what was read so that `confirm_import` can take it in; the ledger stays as it is."""
    _demand(by)
    reading = workbook.read(path, ledger.rules, aliases=named_columns(ledger, by=by))
    raw = path.read_bytes()
    batch = uuid4()
    with ledger.reader() as session:
        preview, taken = _preview(ledger, session, reading, file=file, by=by, at=at, batch=batch)
    preview = replace(preview, marked_as=_marked_as(file, path.suffix))
    content = {**taken, "preview": _to_data(preview), "corrections": [], "declined": [], "merges": {}}
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
                digest=hashlib.sha256(raw).hexdigest(),
            )
        )
        session.flush()
        session.add(imports.ImportFileRow(batch_id=batch, suffix=path.suffix.lower(), content=raw))
    return preview


def _marked_as(file: str, suffix: str) -> str | None:
    return f"{Path(file).stem}（已标注）.xlsx" if suffix.lower() in MARKABLE else None


def _to_data(preview: Preview) -> dict[str, Any]:
    data = asdict(preview)
    for part in ("batch", "uploaded_at", "confirmed_at", "undone_at", "declined", "merges", "revision", "marked_as"):
        del data[part]  # columns of their own, or parts of the content that change without the rest
    for line in (*data["new"], *data["changed"]):
        line["project"] = None if line["project"] is None else str(line["project"])
        for other in line["alike"]:
            other["project"] = None if other["project"] is None else str(other["project"])
    return data


def _line(row: dict[str, Any]) -> ImportLine:
    known = {
        "project": UUID(row["project"]) if row["project"] else None,
        "changes": tuple(FieldChange(**c) for c in row["changes"]),
        "warnings": tuple(row["warnings"]),
        "doubts": tuple(row["doubts"]),
        "alike": tuple(
            Alike(
                **{
                    **other,
                    "project": UUID(other["project"]) if other["project"] else None,
                    "changes": tuple(FieldChange(**c) for c in other["changes"]),
                }
            )
            for other in row["alike"]
        ),
    }
    return ImportLine(**{**row, **known})


def _shown(row: imports.ImportBatchRow, content: Mapping[str, Any], suffix: str | None) -> Preview:
    data = content["preview"]
    return Preview(
        batch=row.id,
        file=data["file"],
        sheet=data["sheet"],
        uploaded_at=row.uploaded_at,
        new=tuple(map(_line, data["new"])),
        changed=tuple(map(_line, data["changed"])),
        same=data["same"],
        rejected=data["rejected"],
        rejections=tuple(RejectedCell(**r) for r in data["rejections"]),
        warnings=tuple(data["warnings"]),
        unknown_columns=tuple(data["unknown_columns"]),
        corrected=data["corrected"],
        declined=frozenset(content["declined"]),
        merges=content["merges"],
        revision=row.revision,
        marked_as=_marked_as(row.file, suffix) if suffix else None,
        confirmed_at=row.confirmed_at,
        undone_at=row.undone_at,
    )


def show_import(ledger: Ledger, batch: UUID, *, by: Person) -> Preview:
    """The preview again (only for the person who made it)."""
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        return _shown(row, imports.unpacked(row.content), imports.has_file(session, batch))


def past_imports(ledger: Ledger, *, by: Person) -> tuple[PastImport, ...]:
    """The person's own confirmed imports, the latest first."""
    _demand(by)
    with ledger.reader() as session:
        return tuple(
            PastImport(
                batch=row.id,
                file=row.file,
                confirmed_at=row.confirmed_at or row.uploaded_at,
                done=Imported(batch=row.id, **json.loads(row.result or "{}")),
                undone_at=row.undone_at,
            )
            for row in imports.confirmed(session, by, LISTED_AT_MOST)
        )


def correct_import(
    ledger: Ledger,
    batch: UUID,
    typed: Mapping[int, str],
    *,
    seen: int,
    declined: Collection[str] = (),
    merges: Mapping[str, str] = MappingProxyType({}),
    by: Person,
    at: datetime,
) -> Preview:
    """Reads the kept file again with what was `typed` for cells of the preview (by their place in `rejections`).

    Nothing is written into the ledger; the choices made so far are kept. Conflict where revision `seen` is not the
    present one, NotFound where the file is no longer kept.
    """
    _demand(by)
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        _demand_open(row, seen)
        kept = imports.file_of(session, batch, by=by)
        suffix, raw, file, uploaded = kept.suffix, kept.content, row.file, row.uploaded_at
        content = imports.unpacked(row.content)
    cells = content["preview"]["rejections"]
    corrections = {(sheet, cell): (text, was) for sheet, cell, text, was in content["corrections"]}
    for place, text in typed.items():
        if not 0 <= place < len(cells) or not RejectedCell(**cells[place]).has_box:
            continue
        at_cell = (cells[place]["sheet"], cells[place]["cell"])
        was = corrections[at_cell][1] if at_cell in corrections else cells[place]["value"]
        corrections[at_cell] = (text[:LONGEST_CORRECTION].strip(), was)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(raw)
        texts = {at_cell: text for at_cell, (text, _) in corrections.items()}
        reading = workbook.read(path, ledger.rules, corrections=texts, aliases=named_columns(ledger, by=by))
    with ledger.reader() as session:
        preview, taken = _preview(ledger, session, reading, file=file, by=by, at=at, batch=batch)
    content = {
        **taken,
        "preview": _to_data(replace(preview, corrected=len(corrections))),
        "corrections": [[*cell, text, was] for cell, (text, was) in corrections.items()],
        "declined": sorted(declined),
        "merges": dict(merges),
    }
    packed = imports.packed(content)
    with ledger.writer() as session:
        row = imports.get(session, batch, by=by, lock=True)
        _demand_open(row, seen)
        row.content, row.revision = packed, seen + 1
        shown = _shown(row, content, suffix)
    return replace(shown, uploaded_at=uploaded)


def _demand_open(row: imports.ImportBatchRow, seen: int | None) -> None:
    if row.confirmed_at is not None:
        raise Conflict("这份文件已经导入，不能再改正其中的单元格。请重新上传文件。")
    if seen is not None and row.revision != seen:
        raise Conflict(
            "这份文件刚在另一个窗口重新读取过，您看到的不是最新的比对结果，本次没有写入。请核对下面的内容后再办理。"
        )


def marked_workbook(ledger: Ledger, batch: UUID, *, by: Person) -> tuple[str, bytes]:
    """(file name, bytes) of the uploaded workbook with faulty cells coloured and noted, corrected ones filled in."""
    _demand(by)
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        kept = imports.file_of(session, batch, by=by)
        suffix, raw, file = kept.suffix, kept.content, row.file
        content = imports.unpacked(row.content)
    name = _marked_as(file, suffix)
    if name is None:
        raise Refusal("只有 .xlsx 和 .csv 文件可以标注后下载。请把文件另存为 .xlsx 后重新上传。")
    faulty: dict[tuple[str, str], str] = {}
    for cell in (RejectedCell(**c) for c in content["preview"]["rejections"]):
        row_only = WHOLE_ROW.fullmatch(cell.cell)  # of a project as a whole: its first cell says it
        if cell.has_box or row_only:
            at_cell = (cell.sheet, f"A{row_only[1]}" if row_only else cell.cell)
            faulty[at_cell] = "\n".join(filter(None, (faulty.get(at_cell), cell.message)))
    marks = [
        workbook.Mark(sheet=sheet, cell=cell, text=text, was=was, note=faulty.get((sheet, cell)))
        for sheet, cell, text, was in content["corrections"]
    ]
    corrected = {(mark.sheet, mark.cell) for mark in marks}
    marks += [
        workbook.Mark(sheet=sheet, cell=cell, note=note)
        for (sheet, cell), note in faulty.items()
        if (sheet, cell) not in corrected
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(raw)
        return name, workbook.mark(path, marks)


Taken = tuple[list[Facts], list[tuple[UUID, int, Facts, str]]]
"""New projects' facts; (id, version, facts, former facts) of changed ones."""


def _chosen(content: Mapping[str, Any], declined: Collection[str], merges: Mapping[str, str]) -> Taken:
    """What the person will have of the file."""
    new: dict[str, Facts] = dict(content["new"])
    changed = [
        (UUID(project), version, facts, former)
        for key, project, version, facts, former in content["changed"]
        if key not in declined
    ]
    taken: set[str] = set()
    for key, target in merges.items():
        if key not in new or target == APART:
            continue
        kind, _, other = target.partition(":")
        if kind == "ledger" and target in content["joined"].get(key, {}):
            if other in taken:
                raise Refusal("文件中有两个项目都选择并入台账中的同一个项目。请只保留其中一个，其余改为“分开登记”。")
            taken.add(other)
            project, version, facts, former = content["joined"][key][target]
            changed.append((UUID(project), version, facts, former))
        elif kind == "file" and other in new and other != key:
            if merges.get(other, APART) != APART:
                raise Refusal("一个项目并入的项目又并入了另一个项目。请让它们并入同一个项目。")
            new[other] = _one(new[other], new[key])
        else:
            raise Conflict("要并入的项目已不在比对结果中。请重新核对后再确认。")
        del new[key]
    return list(new.values()), changed


def confirm_import(
    ledger: Ledger,
    batch: UUID,
    *,
    seen: int | None = None,
    declined: Collection[str] = (),
    merges: Mapping[str, str] = MappingProxyType({}),
    for_review: bool = True,
    by: Person,
    at: datetime,
) -> Imported:
    """Takes the previewed projects in, in one transaction; screens each one as of the day of `at`.

    Changed lines whose key is `declined` stay as they are; `merges` says which new lines are a project that is there
    (key -> target). A second call for the same batch gives the first result. Conflict where one of its projects
    changed since, or the file was read again since revision `seen`.
    """
    _demand(by)
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        if row.result is not None:
            return Imported(batch=batch, **json.loads(row.result))
        _demand_open(row, seen)
        content = imports.unpacked(row.content)
        revision, file, digest = row.revision, row.file, row.digest
        new, changed = _chosen(content, declined, merges)
        book = overlay(ledger, session)
        touched = {key: version for key, version, _, _ in changed}
        said = store.findings(session, touched)
        dues = store.retrofit_dues(session, on=day_of(at))
    # Screening is the long part: it is done before the transaction, which then checks that nothing moved.
    day = day_of(at)
    fresh = []
    for facts in new:
        project = from_facts(facts)
        result = judge(project, book, as_of=day).screening
        fresh.append((project, facts, {**project_columns(project, facts), **columns(result)}))
    renewed = []
    for key, version, facts, _ in changed:
        project = from_facts(facts)
        result = judge(project, book, as_of=day, said=said.get(key, ()), due=dues.get(key)).screening
        renewed.append((key, version, facts, {**project_columns(project, facts), **columns(result)}))
    counts = {
        "new": len(fresh),
        "changed": len(renewed),
        "same": content["same"],
        "rejected": content["preview"]["rejected"],
        "declined": sum(1 for key, *_ in content["changed"] if key in declined),
    }
    with ledger.writer() as session:
        row = imports.get(session, batch, by=by, lock=True)
        if row.result is not None:
            return Imported(batch=batch, **json.loads(row.result))
        _demand_open(row, revision)
        registered = _register(session, fresh, for_review=for_review, by=by, at=at)
        change(session, renewed, touched, by=by, at=at)
        done = {
            "new": [str(key) for key in registered],
            "changed": [[str(key), version + 1, former] for key, version, _, former in changed],
        }
        slim = {"preview": content["preview"], "corrections": content["corrections"], "done": done}
        row.content = imports.packed({**slim, "declined": sorted(declined), "merges": dict(merges)})
        row.confirmed_by, row.confirmed_at, row.result = by.id, at, canonical(counts)
        corrected = {f"{sheet}!{cell}": {"was": was, "is": text} for sheet, cell, text, was in content["corrections"]}
        after = {"file": file, "sha256": digest, **counts, **({"corrected": corrected} if corrected else {})}
        trail.record(
            session, Event(at=at, who=by, kind=Happening.LEDGER_IMPORTED, subject=f"import:{batch}", after=after)
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
    session: Session,
    fresh: list[tuple[Project, Facts, dict[str, Any]]],
    *,
    for_review: bool,
    by: Person,
    at: datetime,
) -> list[UUID]:
    rows = []
    for _, facts, values in fresh:
        key = uuid4()
        rows.append(
            {
                **values,
                "id": key,
                "case_state": CaseState.SUBMITTED if for_review else CaseState.REGISTERED,
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
            Event(at=at, who=by, kind=Happening.PROJECT_REGISTERED, subject=subject(key), after=stated(facts)),
        )
    store.insert(session, rows)
    if for_review:
        made = ((row["id"], 1, CaseState.REGISTERED, Move.SUBMIT, CaseState.SUBMITTED) for row in rows)
        moves.record(session, made, by=by, at=at)
    return [row["id"] for row in rows]


def change(
    session: Session,
    renewed: list[tuple[UUID, int, Facts, dict[str, Any]]],
    touched: Mapping[UUID, int],
    *,
    by: Person,
    at: datetime,
    why: str | None = None,
    restoring: bool = False,
) -> None:
    """Writes changed projects (id, version, facts, columns) with their events; Conflict where one moved on.

    A halted project gets no new approval, unless this restores what stood there before.
    """
    if not renewed:
        return
    halted = {} if restoring else store.halts(session, touched)
    present = store.states(session, touched)
    if {key: version for key, (version, _, _) in present.items()} != dict(touched):
        raise Conflict("预览之后，其中的项目已被他人修改。请重新上传文件，核对后再确认。")
    updates = []
    moved = []
    for key, version, facts, values in renewed:
        _, state, old = present[key]
        if key in halted and (approvals := new_approvals(json.loads(old), facts)):
            raise Refusal(f"{facts['name']}：{approval_refused(approvals[0], halted[key])}")
        after = MOVES[state, Move.CHANGE_FACTS].after
        if after is not state or by.stands_for is not None:  # in whose name the facts were stated must stay known
            moved.append((key, version + 1, state, Move.CHANGE_FACTS, after))
        changes = {"changed_by": by.id, "changed_at": at, "saved_by": by.id, "saved_at": at, "case_state": after}
        updates.append((key, version, {**values, **changes}))
        before_parts, after_parts = changed_parts(json.loads(old), facts)
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.PROJECT_CHANGED,
                subject=subject(key),
                why=why,
                before=before_parts,
                after=after_parts,
            ),
        )
    moves.record(session, moved, by=by, at=at)
    store.update(session, updates)
    store.mark_since(session, [key for key, *_ in moved], at)
    returned = [key for key, _, state, _, _ in moved if state is CaseState.RECOMMENDED]
    if returned:
        cases.outdate(session, returned)
        for key in returned:
            trail.record(
                session,
                Event(
                    at=at,
                    who=by,
                    kind=Happening.RECOMMENDATION_OUTDATED,
                    subject=subject(key),
                    why="台账数据变更，处置建议须重新提出。",
                ),
            )
