"""A whole import taken back while nothing was built on it: new projects voided, changed ones as they were before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.registry import from_facts
from screening.domain.review import CaseState, Move, Proofs
from screening.services import Ledger, moves
from screening.services.intake import change, project_columns
from screening.services.lines import subject
from screening.services.rules import overlay
from screening.services.verdicts import columns, judge
from screening.store import imports, trail
from screening.store import registry as store

NAMED_AT_MOST = 5
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What the undoing of an import did; counts are projects."""

    voided: int
    restored: int


def undo_import(ledger: Ledger, batch: UUID, *, reason: str, by: Person, at: datetime) -> Withdrawn:
    """Takes a confirmed import back in one transaction; a second call changes nothing.

    New projects are voided (and may be imported anew), changed ones get their former facts as a new version. Conflict,
    naming projects and reasons, where anything was built on one of them since.
    """
    if not by.may(Permission.IMPORT):
        raise Forbidden(f"{by.role.words}不能撤销导入。请由登记员或审核员办理。")
    reason = reason.strip()
    if not reason:
        raise Refusal("请写明撤销这次导入的理由。", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"文字共{len(reason)}字，请不超过{LONGEST_REASON}字。", field="reason")
    with ledger.reader() as session:
        row = imports.get(session, batch, by=by)
        if row.confirmed_at is None:
            raise Refusal("这份文件尚未写入台账，没有需要撤销的内容。")
        done = imports.unpacked(row.content)["done"]
        gone = Withdrawn(voided=len(done["new"]), restored=len(done["changed"]))
        if row.undone_at is not None:
            return gone
        expected = {UUID(key): 1 for key in done["new"]} | {UUID(key): v for key, v, _ in done["changed"]}
        _demand_untouched(session, expected, since=row.confirmed_at)
        book = overlay(ledger, session)
        said = store.findings(session, expected)
        dues = store.retrofit_dues(session, on=day_of(at))
    renewed = []
    for key, version, former in ((UUID(k), v, json.loads(f)) for k, v, f in done["changed"]):
        project = from_facts(former)
        result = judge(project, book, as_of=day_of(at), said=said.get(key, ()), due=dues.get(key)).screening
        renewed.append((key, version, former, {**project_columns(project, former), **columns(result)}))
    with ledger.writer() as session:
        row = imports.get(session, batch, by=by, lock=True)
        if row.undone_at is not None or row.confirmed_at is None:
            return gone
        _demand_untouched(session, expected, since=row.confirmed_at)
        why = f"撤销导入“{row.file}”：{reason}"
        change(
            session, renewed, {key: version for key, version, _, _ in renewed}, by=by, at=at, why=why, restoring=True
        )
        _void(session, [UUID(key) for key in done["new"]], why, by=by, at=at)
        row.undone_by, row.undone_at, row.undo_reason = by.id, at, reason
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.IMPORT_UNDONE,
                subject=f"import:{batch}",
                why=reason,
                after={"file": row.file, "voided": gone.voided, "restored": gone.restored},
            ),
        )
    return gone


def _demand_untouched(session: Session, expected: Mapping[UUID, int], *, since: datetime) -> None:
    built = imports.built_since(session, expected, since)
    present = store.states(session, expected)
    for key, version in expected.items():
        if key not in built and (key not in present or present[key][0] != version):
            built[key] = "数据已再次变更或办理"
    if not built:
        return
    names = [(json.loads(present[key][2])["name"] if key in present else str(key), why) for key, why in built.items()]
    told = "；".join(f"{name}（{why}）" for name, why in names[:NAMED_AT_MOST])
    more = f"等 {len(names)} 个项目" if len(names) > NAMED_AT_MOST else ""
    raise Conflict(f"导入之后已有后续办理，不能整批撤销：{told}{more}。请逐个项目更正或作废。")


def _void(session: Session, keys: list[UUID], why: str, *, by: Person, at: datetime) -> None:
    """Voids the new projects and lets go of their identity, so that the mended file brings them in anew."""
    values = {"case_state": CaseState.VOID, "state_since": at, "void_reason": why, "saved_by": by.id, "saved_at": at}
    states = {key: state for key, (_, state, _) in store.states(session, keys).items()}
    made = ((key, 2, states[key], Move.STRIKE_OFF, CaseState.VOID) for key in keys)
    moves.record(session, made, by=by, at=at, given=Proofs(reason=why))
    store.update(session, [(key, 1, {**values, "identity": f"void\x1f{key}"}) for key in keys])
    for key in keys:
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.PROJECT_VOIDED,
                subject=subject(key),
                why=why,
                before={"state": states[key].value, "version": 1},
                after={"state": CaseState.VOID.value, "version": 2},
            ),
        )
