"""补录: letters issued on paper, before the program or while it stood still, entered with their own number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening import printing
from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs, LetterKind, office_of, place_of
from screening.domain.numbering import Series, read_number
from screening.domain.people import Permission, Person
from screening.domain.registry import Industry
from screening.domain.review import CaseState, LetterState
from screening.services import Ledger, attachments
from screening.services.dispositions import TIMED
from screening.services.lines import subject
from screening.services.numbering import NUMBERED, demand_own
from screening.store import attachments as files
from screening.store import cases, numbers, trail
from screening.store import registry as store

SCAN = "纸质文书扫描件"


class Origin(StrEnum):
    """Why a letter was issued outside of the program."""

    BEFORE = "系统启用前签发"
    OUTAGE = "系统停用期间签发"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLetter:
    """What stands on the paper: `signatory` and `addressee` as written there, `due` where it sets a term that runs."""

    kind: LetterKind
    number: str
    signed_on: date
    signatory: str
    addressee: str
    origin: Origin
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The letter on record, its number, and where its series goes on."""

    letter: UUID
    number: str
    next: str


def enter(
    ledger: Ledger,
    project: UUID,
    told: PaperLetter,
    *,
    scan: bytes,
    name: str,
    folder: Path,
    leaves_gap: bool,
    key: str,
    by: Person,
    at: datetime,
) -> Entered:
    """Puts a paper letter on record beside the case, waiting for its service to be registered; no case moves.

    It takes its number out of the office's series, which goes on above it. Refused for a number that somebody has,
    for another office's, for a day that has not come or is not of the number's year, and, unless `leaves_gap`, for a
    number past the next one. The same `key` again gives the first result.
    """
    if not by.may(Permission.SERVE):
        raise Forbidden(f"{by.role.words}不能补录文书。请由文书室办理。")
    series, serial = read_number(told.number)
    today = day_of(at)
    with ledger.reader() as session:
        row = store.get(session, project, by=by)
        if not _again(session, row, key):
            _demand(ledger, session, row, told, series, serial, leaves_gap=leaves_gap, by=by, today=today)
    if not 0 < len(scan) <= attachments.LARGEST:
        limit = attachments.LARGEST // 1024 // 1024
        raise Refusal(f"请上传纸质文书的扫描件，不为空，不超过 {limit} MB。", field="scan")
    with refused_at("scan"):
        kind = attachments.kind_of(scan)
        shown = attachments.clean_name(name, kind)
    digest = files.keep(folder, scan)  # the long part; bytes that no row names in the end do no harm
    with ledger.writer() as session:
        row = store.get(session, project, by=by)
        before = _again(session, row, key)
        if before is not None:
            if before.number != series.number(serial) or before.signed_by != by.id:
                raise Conflict("这份表单已用于另一份文书。请刷新页面后重新办理。")
            return Entered(letter=before.id, number=before.number, next=_next(session, series))
        # The counter first: whoever numbers in this series waits from here on.
        last = numbers.last(session, series)
        numbers.claim(session, series, serial, office=by.scope)
        _demand(ledger, session, row, told, series, serial, leaves_gap=leaves_gap, by=by, today=today, last=last)
        file = files.AttachmentRow(
            id=uuid4(), key=key, project_id=row.id, name=shown, about=SCAN, media_type=kind.media_type, size=len(scan),
            sha256=digest, added_by=by.id, added_at=at,
        )  # fmt: skip
        session.add(file)
        session.flush()
        made = _row(ledger, row, told, series, serial, file.id, by=by, at=at)
        session.add(made)
        session.flush()
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.LETTER_ENTERED,
                subject=subject(row.id),
                why=told.origin.value,
                after={
                    "letter": made.number,
                    "kind": told.kind.value,
                    "signed_on": told.signed_on.isoformat(),
                    "signatory": told.signatory,
                    "addressee": told.addressee,
                    "due": told.due.isoformat() if told.due else None,
                    "scan": shown,
                    "scan_sha256": digest,
                    "skipped": max(serial - last - 1, 0),
                },
            ),
        )
        return Entered(letter=made.id, number=made.number, next=_next(session, series))


@contextmanager
def refused_at(field: str) -> Iterator[None]:
    """A refusal of what is in here stands at that field of the form."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.message, field=field) from refusal


def _again(session: Session, row: store.ProjectRow, key: str) -> cases.LetterRow | None:
    """What the same form entered before."""
    return numbers.entered_by_form(session, row.id, key)


def _next(session: Session, series: Series) -> str:
    return series.number(numbers.last(session, series) + 1)


def _demand(
    ledger: Ledger,
    session: Session,
    row: store.ProjectRow,
    told: PaperLetter,
    series: Series,
    serial: int,
    *,
    leaves_gap: bool,
    by: Person,
    today: date,
    last: int | None = None,
) -> None:
    """All that the paper must say and the ledger must not say otherwise."""
    if row.case_state is CaseState.VOID:
        raise Refusal("该项目已作废，不能补录文书。")
    for field, text in (("signatory", told.signatory), ("addressee", told.addressee)):
        if not text.strip():
            raise Refusal("请照纸质文书填写。", field=field)
    if told.kind not in NUMBERED:
        raise Refusal(
            f"{told.kind.words}没有自己的文号。请在它所送达的文书的页面登记送达，并上传扫描件。", field="kind"
        )
    if told.signed_on > today:
        raise Refusal(f"签发日期{chinese(told.signed_on)}晚于今天。请核对纸质文书。", field="signed_on")
    if told.signed_on.year != series.year:
        raise Refusal(
            f"文号是{series.year}年的，签发日期{chinese(told.signed_on)}不在这一年。请核对纸质文书。", field="signed_on"
        )
    printing.demand_printable([("文号", series.head), ("签发人", told.signatory), ("收文单位", told.addressee)])
    demand_own(session, ledger.rules, series.head, by.scope, field="number")
    number = series.number(serial)
    same = numbers.numbered(session, number)
    if same is not None:
        letter, project = same
        seen = store.standing(session, [project.id], by=by)
        whose = f"，属于项目“{project.name}”" if seen else ""
        raise Refusal(
            f"文号{number}已登记（{LetterKind(letter.kind).words}，{chinese(letter.signed_on)}签发{whose}），不能重复。"
            "请核对纸质文书上的文号。",
            field="number",
        )
    if told.due is not None:
        _demand_term(session, row, told, by=by)
    last = numbers.last(session, series) if last is None else last
    if serial > last + 1 and not leaves_gap:
        between = f"{last + 1}号" if serial == last + 2 else f"{last + 1}号至{serial - 1}号"
        reached = f"已登记到{last}号" if last else "还没有登记过文书"
        raise Refusal(
            f"系列{series.text}{reached}，补录{serial}号之后，{between}将不再自动编号，列为空号。"
            "请核对；确实如此的，勾选“允许空号”后再提交。",
            field="leaves_gap",
        )


def _demand_term(session: Session, row: store.ProjectRow, told: PaperLetter, *, by: Person) -> None:
    """A term belongs to a letter that sets one, and no older letter starts a second clock beside a running one."""
    if told.kind not in TIMED:
        raise Refusal(f"{told.kind.words}不设改造、整改期限。请将到期日留空。", field="due")
    if told.due is not None and told.due <= told.signed_on:
        raise Refusal(f"到期日{chinese(told.due)}不在签发日期之后。请核对纸质文书。", field="due")
    for clock, letter, _ in cases.clocks(session, by=by, project=row.id):
        if letter.kind == told.kind.value and clock.start >= told.signed_on:
            raise Refusal(
                f"该项目的期限已按{letter.number}自{chinese(clock.start)}起计算，更早的文书不再另起期限。"
                "请将到期日留空，补录为留存的文书；最长期限因此提前的，请重新提出处置建议。",
                field="due",
            )


def _row(
    ledger: Ledger,
    row: store.ProjectRow,
    told: PaperLetter,
    series: Series,
    serial: int,
    scan: UUID,
    *,
    by: Person,
    at: datetime,
) -> cases.LetterRow:
    office = office_of(ledger.rules, by.scope)
    addressee = told.addressee.strip()
    inputs = LetterInputs(
        kind=told.kind,
        office=office,
        number=series.number(serial),
        enterprise=row.enterprise,
        project=row.name,
        place=place_of(ledger.rules, row.league, row.banner, None),
        industry=Industry(row.industry).words,
        stage=row.stage,
        as_of=told.signed_on,
        rules_version=ledger.rules.version,
        disposition=told.kind.words,
        ground="paper",
        instrument=told.kind.words,
        organ=office.name,
        reasons=told.origin.value,
        due=told.due,
        signed_on=told.signed_on,
        signatory=told.signatory.strip(),
        recipient=None if addressee == row.enterprise else addressee,
    )
    return cases.LetterRow(
        id=uuid4(),
        project_id=row.id,
        office=by.scope,
        kind=told.kind.value,
        series=series.text,
        year=series.year,
        serial=serial,
        number=series.number(serial),
        inputs=inputs.to_json(),
        state=LetterState.PRINTED,
        rules_version=ledger.rules.version,
        signed_by=by.id,
        signed_for=by.stands_for.id if by.stands_for else None,
        signed_at=at,
        signed_on=told.signed_on,
        scan_id=scan,
        saved_by=by.id,
        saved_at=at,
    )
