"""What becomes of printed letters on paper: posted or handed over, many at a time, and the scans of their receipts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.review import LetterState, Manner
from screening.services import Ledger, attachments
from screening.services.lines import letter_lines, signature, subject
from screening.services.printruns import in_order, run_name
from screening.services.views import LetterLine
from screening.store import cases, people, trail
from screening.store import printruns as store

MOST: Final = 200
"""Letters of one form."""
TRACKING: Final = re.compile(r"[A-Z0-9-]{6,32}", re.ASCII)
ALLOWED: Final = {LetterState.PRINTED, LetterState.SERVED}
"""Letters that left, or (recorded late) had left before their service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a letter left; `scans` are the files of its receipt: (attachment, name)."""

    manner: Manner
    sent_on: date
    tracking: str | None
    person: str
    by: str
    at: datetime
    scans: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is on record of a letter's paper: how it left, the scans of its service, the print runs that hold it."""

    sent: tuple[Sent, ...]
    scans: tuple[tuple[UUID, str], ...]
    runs: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Ticked letters in the order of their numbers: those that the act fits, and the others with the reason."""

    rows: tuple[LetterLine, ...]
    left_out: tuple[tuple[str, str], ...]


def _demand(by: Person, step: str) -> None:
    if not by.may(Permission.SERVE):
        raise Forbidden(f"{by.role.words}不能{step}。请由文书室办理。")


def look(ledger: Ledger, keys: Sequence[UUID], *, states: set[LetterState], by: Person) -> Looked:
    """The ticked letters that stand in one of `states`, in the order of their numbers, and the others."""
    wanted = tuple(dict.fromkeys(keys))
    if len(wanted) > MOST:
        raise Refusal(f"一次最多登记{MOST}份文书，现勾选{len(wanted)}份。请分批办理。", field="pick")
    with ledger.reader() as session:
        lines = letter_lines(session, sorted(cases.letters_among(session, wanted, by=by), key=in_order))
    return Looked(
        rows=tuple(one for one in lines if one.state in states),
        left_out=(
            *((one.number, f"现为“{one.state.words}”") for one in lines if one.state not in states),
            *((("一份文书", "已不在您管辖的台账中"),) * (len(wanted) - len(lines))),
        ),
    )


def paired(text: str, lines: Sequence[LetterLine]) -> dict[UUID, str]:
    """The numbers of the parcels as pasted from a sheet: one a line in the order of the letters, or 文号 Tab 邮件号.

    Refuses a line too many or too few, a number that is none, two for one letter, one for different addressees.
    """
    told = [line.strip() for line in unicodedata.normalize("NFKC", text).splitlines() if line.strip()]
    columns = [re.split(r"\t+", line) for line in told]
    if told and all(len(cells) > 1 for cells in columns):
        known = {unicodedata.normalize("NFKC", one.number).replace(" ", ""): one.id for one in lines}
        found: dict[UUID, str] = {}
        for place, cells in enumerate(columns, 1):
            number = cells[0].replace(" ", "")
            if number not in known:
                raise Refusal(f"第{place}行的文号“{cells[0]}”不在所选文书中。请核对。", field="numbers")
            if found.get(known[number], cells[-1]) != cells[-1]:
                raise Refusal(f"文号“{cells[0]}”填了两个邮件号，第{place}行的与前面不同。请核对。", field="numbers")
            found[known[number]] = cells[-1]
        missing = [one.number for one in lines if one.id not in found]
        if missing:
            raise Refusal(f"缺少{'、'.join(missing[:5])}的邮件号。请补上。", field="numbers")
    else:
        if len(told) != len(lines):
            raise Refusal(
                f"填写了{len(told)}个邮件号，所选文书有{len(lines)}份。请按左边的次序每行填写一个。", field="numbers"
            )
        found = {one.id: cells[0] for one, cells in zip(lines, columns, strict=True)}
    seen: dict[str, LetterLine] = {}
    for place, one in enumerate(lines, 1):
        number = found[one.id] = found[one.id].replace(" ", "").upper()
        if not TRACKING.fullmatch(number):
            raise Refusal(f"第{place}行的“{number}”不是邮件号。应为6至32位字母、数字。", field="numbers")
        other = seen.setdefault(number, one)
        if other.enterprise != one.enterprise:
            raise Refusal(
                f"邮件号{number}填给了{other.number}和{one.number}，受文单位不同，不能同寄一件。请核对。",
                field="numbers",
            )
    return found


def send(
    ledger: Ledger,
    keys: Sequence[UUID],
    *,
    manner: Manner,
    sent_on: date,
    person: str,
    numbers: str,
    key: str,
    by: Person,
    at: datetime,
) -> int:
    """Records that the letters were posted (each under its number) or handed over, all or none; how many they are.

    The same `key` again records nothing.
    """
    _demand(by, "登记寄出、交接")
    if not person.strip():
        raise Refusal("请填写经办人或者接收人。", field="receiver")
    if sent_on > day_of(at):
        raise Refusal(f"日期{chinese(sent_on)}晚于今天。请在寄出、交接之后登记。", field="sent_on")
    with ledger.writer() as session:
        before = store.dispatched_by(session, key)
        if before:
            if before[0].by != by.id:
                raise Conflict("这份表单已由他人用过。请刷新页面后重新办理。")
            return len(before)
        found = sorted(cases.letters_among(session, tuple(dict.fromkeys(keys)), by=by), key=in_order)
        lines = letter_lines(session, found)
        if not lines or len(lines) > MOST or len(lines) != len(set(keys)):
            raise Refusal("勾选的文书有误，或者不在您的管辖区域内。请回到文书列表重新勾选。", field="pick")
        for one in lines:
            if one.state not in ALLOWED:
                raise Conflict(f"文书{one.number}现为“{one.state.words}”，不能登记{manner.words}。请刷新页面。")
            if sent_on < one.signed_on:
                raise Refusal(
                    f"日期{chinese(sent_on)}早于{one.number}的签发日期{chinese(one.signed_on)}。请核对。",
                    field="sent_on",
                )
        if manner is not Manner.POSTED and numbers.strip():
            raise Refusal(
                f"方式选的是“{manner.words}”，却填写了邮件号。寄出的请改选方式，交接的请删去。", field="numbers"
            )
        tracking = paired(numbers, lines) if manner is Manner.POSTED else {}
        for one in lines:
            session.add(
                store.DispatchRecordRow(
                    id=uuid4(), key=key, letter_id=one.id, manner=manner, sent_on=sent_on,
                    tracking=tracking.get(one.id), person=person.strip(), by=by.id,
                    for_whom=by.stands_for.id if by.stands_for else None, at=at,
                )
            )  # fmt: skip
            trail.record(
                session,
                Event(
                    at=at,
                    who=by,
                    kind=Happening.LETTER_SENT,
                    subject=subject(one.project),
                    after={
                        "letter": one.number,
                        "manner": manner.words,
                        "sent_on": sent_on.isoformat(),
                        "tracking": tracking.get(one.id),
                        "person": person.strip(),
                    },
                ),
            )
        return len(lines)


def scan(
    ledger: Ledger,
    letter: UUID,
    content: bytes,
    *,
    name: str,
    folder: Path,
    key: str,
    by: Person,
    at: datetime,
    of_service: bool = True,
) -> None:
    """Keeps a scanned receipt with the files of the letter's project: of its service, or of its newest dispatch."""
    _demand(by, "上传回证")
    with ledger.reader() as session:
        row, project = cases.letter(session, letter, by=by)
        sent = store.dispatches(session, [letter]).get(letter, [])
        about = attachments.SERVICE_RECEIPT if of_service else attachments.DISPATCH_RECEIPT
        if of_service and row.state is not LetterState.SERVED:
            raise Refusal(f"文书{row.number}还没有登记送达。请先登记送达。", field="file")
        if not of_service and not sent:
            raise Refusal(f"文书{row.number}还没有登记寄出、交接。请先登记。", field="file")
        home = project.id
    file = attachments.receipt(ledger, home, content, folder=folder, name=name, about=about, key=key, by=by, at=at)
    with ledger.writer() as session:
        if not any(one.attachment_id == file for one, _ in store.scans(session, [letter]).get(letter, [])):
            session.add(
                store.LetterScanRow(
                    attachment_id=file, letter_id=letter, dispatch_id=None if of_service else sent[-1].id
                )
            )


def paper(ledger: Ledger, letter: UUID, *, by: Person) -> Paper:
    """What is on record of a letter's paper."""
    with ledger.reader() as session:
        cases.letter(session, letter, by=by)
        sent = store.dispatches(session, [letter]).get(letter, [])
        scans = store.scans(session, [letter]).get(letter, [])
        names = people.names(session, {who for one in sent for who in (one.by, one.for_whom)})
        return Paper(
            sent=tuple(
                Sent(
                    manner=Manner(one.manner),
                    sent_on=one.sent_on,
                    tracking=one.tracking,
                    person=one.person,
                    by=signature(names, one.by, one.for_whom),
                    at=one.at,
                    scans=tuple((file.id, file.name) for scan, file in scans if scan.dispatch_id == one.id),
                )
                for one in sent
            ),
            scans=tuple((file.id, file.name) for scan, file in scans if scan.dispatch_id is None),
            runs=tuple((run.id, run_name(run)) for run in store.runs_of(session, letter, by=by)),
        )
