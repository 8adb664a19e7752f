"""Seals of an office: their pictures kept and revoked, set onto a letter by one act (用印), and signatures examined.

A letter is issued with an empty seal area. Whoever keeps the seal sets it, letter by letter, before the first print:
the picture is painted under the text, and where a certificate is configured the whole is signed electronically; or a
licensed seal service does both. Each step is an edition of the letter with its own hash, behind the bytes before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.clock import SHANGHAI, day_of
from screening.config import Sealing
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening, canonical
from screening.domain.letters import Letter, LetterInputs
from screening.domain.people import Permission, Person
from screening.domain.review import LetterState
from screening.domain.seals import EditionKind, SignatureState
from screening.services import Ledger
from screening.services.dispositions import finish
from screening.services.lines import signature, subject
from screening.store import cases, people, trail
from screening.store import seals as store
from screening.wording import compose

SECONDS = 60
"""How long a seal service may take for a letter."""
LARGEST = 20 * 1024 * 1024
"""Bytes of what it gives back."""
CERTIFICATE, SERVICE = "certificate", "service"
"""Choices beside the seals of the office: the electronic signature alone, and the licensed service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealUse:
    """A letter that bears a seal, who set it and when."""

    number: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLine:
    """A seal of the office: `state` in words, `usable` where it may be set today, `open` where it can be revoked."""

    id: UUID
    name: str
    sha256: str
    side: int
    first_day: date
    last_day: date
    added_by: str
    added_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    revoke_reason: str | None
    state: str
    usable: bool
    open: bool
    uses: tuple[SealUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionLine:
    """What was done to an issued letter: how in words, with which seal or certificate, by whom, and the hash it has."""

    how: str
    what: str
    by: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """An electronic signature in a PDF: its worth with a sentence, whose it is and when it says it was made."""

    state: SignatureState
    sentence: str
    subject: str | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A letter's seals: what was set, the signatures in it, and for who keeps the seal the choices (value, words).

    `plain_sha256` is of the letter as rendered, with which the sealed file begins; `closed` says why nothing more may
    be set, to one who otherwise could.
    """

    editions: tuple[EditionLine, ...]
    signatures: tuple[SignatureLine, ...]
    choices: tuple[tuple[str, str], ...]
    closed: str | None
    plain_sha256: str


def _demand_keeper(by: Person) -> None:
    if not by.may(Permission.KEEP_SEALS):
        raise Forbidden(f"{by.role.words}不能上传或停用印章。请由本机关的系统管理员办理。")


def add(
    ledger: Ledger, content: bytes, *, name: str, first_day: date, last_day: date, key: str, by: Person, at: datetime
) -> SealLine:
    """Keeps the picture of a seal of the person's own office; the same `key` again gives the first result."""
    from screening.printing import sealing  # noqa: PLC0415  # what draws is loaded only to draw

    _demand_keeper(by)
    name = name.strip()
    if not name:
        raise Refusal("请填写印章名称，例如“内蒙古自治区发展和改革委员会”。", field="name")
    today = day_of(at)
    if last_day < max(first_day, today):
        raise Refusal(f"停用日期{chinese(last_day)}已经过去，或者早于启用日期。请核对。", field="last_day")
    picture = sealing.look(content)
    digest = hashlib.sha256(content).hexdigest()
    with ledger.writer() as session:
        again = store.of_key(session, key)
        if again is not None:
            if (again.added_by, again.sha256) != (by.id, digest):
                raise Conflict("这份表单已用于另一枚印章。请刷新页面后重新上传。")
            return _lines(session, [again], today)[0]
        for other in store.held(session, by=by):
            if other.sha256 == digest and other.revoked_at is None and other.last_day >= today:
                raise Refusal(f"这枚印模已经上传过（{other.name}），内容完全相同，不必重复上传。", field="file")
        row = store.SealRow(
            id=uuid4(), key=key, office=by.scope, name=name, picture=content, sha256=digest, side=picture.side,
            first_day=first_day, last_day=last_day, added_by=by.id, added_at=at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        after = {
            "name": name,
            "office": by.scope,
            "sha256": digest,
            "first_day": first_day.isoformat(),
            "last_day": last_day.isoformat(),
        }
        trail.record(
            session, Event(at=at, who=by, kind=Happening.SEAL_ADDED, subject=f"seal:{row.id}", why=name, after=after)
        )
        return _lines(session, [row], today)[0]


def revoke(ledger: Ledger, seal: UUID, *, reason: str, by: Person, at: datetime) -> SealLine:
    """From now on the seal is set onto no letter; those that bear it keep it."""
    _demand_keeper(by)
    if not reason.strip():
        raise Refusal("请写明停用的理由，例如印章更换、机关更名。", field="reason")
    with ledger.writer() as session:
        row = store.get(session, seal, by=by, lock=True)
        if row.revoked_at is not None:
            raise Conflict("这枚印章已由他人停用。请刷新页面。")
        row.revoked_by, row.revoked_at, row.revoke_reason = by.id, at, reason.strip()
        session.flush()
        before = {"name": row.name, "sha256": row.sha256}
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.SEAL_REVOKED,
                subject=f"seal:{row.id}",
                why=reason.strip(),
                before=before,
            ),
        )
        return _lines(session, [row], day_of(at))[0]


def held(ledger: Ledger, *, by: Person, today: date) -> tuple[SealLine, ...]:
    """The seals of the person's own office with what they were used for, the newest first."""
    with ledger.reader() as session:
        return _lines(session, store.held(session, by=by), today)


def picture(ledger: Ledger, seal: UUID, *, by: Person) -> bytes:
    """The PNG of a seal, compared with its hash; NotFound where it is another office's."""
    with ledger.reader() as session:
        return _picture(store.get(session, seal, by=by))


def _picture(row: store.SealRow) -> bytes:
    if hashlib.sha256(row.picture).hexdigest() != row.sha256:
        raise Refusal(f"印章“{row.name}”的图片与登记的校验值不符，可能被改动，不能使用。请报告审计员。")
    return row.picture


def _lines(session: Session, rows: Sequence[store.SealRow], today: date) -> tuple[SealLine, ...]:
    uses = store.uses(session, [row.id for row in rows])
    used = [each for found in uses.values() for each, _ in found]
    names = people.names(
        session,
        {who for row in rows for who in (row.added_by, row.revoked_by)}
        | {who for each in used for who in (each.by, each.for_whom)},
    )
    found = []
    for row in rows:
        state, usable, open_ = _state(row, today)
        found.append(
            SealLine(
                id=row.id,
                name=row.name,
                sha256=row.sha256,
                side=row.side,
                first_day=row.first_day,
                last_day=row.last_day,
                added_by=names[row.added_by].name,
                added_at=row.added_at,
                revoked_by=names[row.revoked_by].name if row.revoked_by else None,
                revoked_at=row.revoked_at,
                revoke_reason=row.revoke_reason,
                state=state,
                usable=usable,
                open=open_,
                uses=tuple(
                    SealUse(number=number, by=signature(names, each.by, each.for_whom), at=each.at)
                    for each, number in uses.get(row.id, ())
                ),
            )
        )
    return tuple(found)


def _state(row: store.SealRow, today: date) -> tuple[str, bool, bool]:
    """In words, whether it may be set, and whether there is anything left to revoke."""
    if row.revoked_at is not None:
        return "已停用", False, False
    if today > row.last_day:
        return "已到期", False, False
    return ("使用中", True, True) if today >= row.first_day else ("尚未启用", False, True)


def show(ledger: Ledger, letter: UUID, *, sealing: Sealing, by: Person, at: datetime) -> Sealed:
    """What a letter bears, and what may be set onto it."""
    with ledger.reader() as session:
        row, _ = cases.letter(session, letter, by=by)
        rows = store.editions(session, row.id)
        plain, office, settled = row.sha256 or "", row.office, _settled(row, rows)
        names = people.names(session, {who for each in rows for who in (each.by, each.for_whom)})
        lines = tuple(
            EditionLine(
                how=each.kind.words,
                what=_what(json.loads(each.facts)),
                by=signature(names, each.by, each.for_whom),
                at=each.at,
                sha256=each.sha256,
            )
            for each in rows
        )
        newest = store.issued(session, row.id) if rows else None
        pdf = newest.pdf if newest else b""
    choices: tuple[tuple[str, str], ...] = ()
    closed = None
    if by.may(Permission.SEAL) and not rows:
        closed = settled or _foreign(office, by)
        choices = () if closed else _choices(ledger, office, sealing, by=by, today=day_of(at))
    return Sealed(
        editions=lines,
        signatures=signatures(pdf, sealing=sealing, at=at),
        choices=choices,
        closed=closed,
        plain_sha256=plain,
    )


def _what(facts: Mapping[str, Any]) -> str:
    return str(facts.get("seal") or facts.get("certificate") or facts.get("program") or "")


def _settled(row: cases.LetterRow, editions: Sequence[store.LetterEditionRow]) -> str | None:
    """Why nothing more is set onto a letter, whoever asks."""
    if editions:
        return f"文书{row.number}已用印，不能重复用印。"
    if row.state is not LetterState.SIGNED:
        return f"文书{row.number}现为“{row.state.words}”，不能用印：首次印制之前才能用印。"
    return None


def _foreign(office: str, by: Person) -> str | None:
    return None if office == by.scope else "这份文书由其他机关签发，只能由发文机关用印。"


def _told_apart(seal: SealLine) -> str:
    """What of a seal nobody mistakes for another one of the same name."""
    return f"（{chinese(seal.first_day)}启用，校验值{seal.sha256[:8]}）"


def _choices(ledger: Ledger, office: str, sealing: Sealing, *, by: Person, today: date) -> tuple[tuple[str, str], ...]:
    signs = sealing.certificate is not None and sealing.office == office
    also = "，并加电子签名" if signs else ""
    usable = [each for each in held(ledger, by=by, today=today) if each.usable]
    names = Counter(each.name for each in usable)
    found = [(str(each.id), f"{each.name}{_told_apart(each) if names[each.name] > 1 else ''}{also}") for each in usable]
    if signs:
        found.append((CERTIFICATE, "只加电子签名，不盖印模"))
    if sealing.program:
        found.append((SERVICE, "电子印章服务"))
    return tuple(found)


def offered(ledger: Ledger, *, sealing: Sealing, by: Person, today: date) -> bool:
    """Whether this person could set a seal of the own office by the program today."""
    return by.may(Permission.SEAL) and bool(_choices(ledger, by.scope, sealing, by=by, today=today))


@dataclass(frozen=True, slots=True)
class _Made:
    kind: EditionKind
    seal: UUID | None
    facts: dict[str, Any]
    pdf: bytes


def set_(ledger: Ledger, letter: UUID, *, choice: str, seen: int, sealing: Sealing, by: Person, at: datetime) -> Sealed:
    """Sets a seal onto a letter (用印): `choice` is a seal's id, CERTIFICATE or SERVICE.

    All of it is made before anything is written: where signing fails, the letter stays as it was. Refusal for a letter
    that was printed or bears a seal; Forbidden for one of another office; NotFound for another office's seal.
    """
    if not by.may(Permission.SEAL):
        raise Forbidden(f"{by.role.words}不能用印。请由文书室办理。")
    pdf = finish(ledger, letter, by=by)
    with ledger.reader() as session:
        row, _ = cases.letter(session, letter, by=by)
        _demand_open(session, row, seen, by)
        composed = compose(LetterInputs.from_json(row.inputs))
        office, number = row.office, row.number
        stamp = _chosen(session, choice, by, at)
    made = _made(pdf, composed, stamp, choice, sealing, office, number, at)
    with ledger.writer() as session:
        row, project = cases.letter(session, letter, by=by)
        _demand_open(session, row, seen, by)
        if stamp is not None:
            _chosen(session, choice, by, at)
        if not cases.step(session, row, seen=seen, values={"saved_by": by.id, "saved_at": at}):
            raise Conflict(f"文书{number}刚由他人办理，您看到的不是最新状态。请刷新页面。")
        last = hashlib.sha256(pdf).hexdigest()
        for place, each in enumerate(made, 1):
            before, last = last, hashlib.sha256(each.pdf).hexdigest()
            session.add(
                store.LetterEditionRow(
                    id=uuid4(), letter_id=letter, place=place, kind=each.kind, seal_id=each.seal,
                    facts=canonical(each.facts), before_sha256=before, pdf=each.pdf, sha256=last, by=by.id,
                    for_whom=by.stands_for.id if by.stands_for else None, at=at,
                )
            )  # fmt: skip
            session.flush()
            after = {
                "letter": number,
                "how": each.kind.words,
                **{name: value for name, value in each.facts.items() if isinstance(value, str)},
                "before_sha256": before,
                "pdf_sha256": last,
            }
            trail.record(
                session,
                Event(at=at, who=by, kind=Happening.LETTER_SEALED, subject=subject(project.id), after=after),
            )
    return show(ledger, letter, sealing=sealing, by=by, at=at)


def _demand_open(session: Session, row: cases.LetterRow, seen: int, by: Person) -> None:
    if row.version != seen:
        name = people.get(session, row.saved_by).name
        raise Conflict(
            f"文书{row.number}已由{name}于{chinese(day_of(row.saved_at))}办理，您看到的不是最新状态。请刷新页面。"
        )
    foreign = _foreign(row.office, by)
    if foreign:
        raise Forbidden(foreign)
    settled = _settled(row, store.editions(session, row.id))
    if settled:
        raise Refusal(settled)


def _chosen(session: Session, choice: str, by: Person, at: datetime) -> tuple[UUID, str, str, bytes] | None:
    """The seal of a choice that is one, in force on that day: id, name, hash and picture."""
    if choice in {CERTIFICATE, SERVICE}:
        return None
    try:
        key = UUID(choice)
    except ValueError:
        raise Refusal("请选择印章。", field="choice") from None
    row = store.get(session, key, by=by)
    state, usable, _ = _state(row, day_of(at))
    if not usable:
        days = f"{chinese(row.first_day)}至{chinese(row.last_day)}"
        raise Refusal(f"印章“{row.name}”{state}（使用期限{days}），不能用印。请另选。", field="choice")
    return row.id, row.name, row.sha256, _picture(row)


def _made(
    pdf: bytes,
    letter: Letter,
    stamp: tuple[UUID, str, str, bytes] | None,
    choice: str,
    sealing: Sealing,
    office: str,
    number: str,
    at: datetime,
) -> list[_Made]:
    """The editions that an act makes, each on the one before."""
    from screening.printing import sealing as drawing  # noqa: PLC0415  # what draws and signs is loaded only to do so
    from screening.printing import signing  # noqa: PLC0415

    page, seal = drawing.place_of(letter)
    place = drawing.told(page, seal)
    if choice == SERVICE:
        if not sealing.program:
            raise Refusal("没有设置电子印章服务（SCREENING_SEAL_PROGRAM），不能用印。", field="choice")
        told = {"SEAL_OFFICE": office, "SEAL_NUMBER": number, "SEAL_PAGE": place["page"], "SEAL_LEFT_MM": place["left"]}
        told |= {"SEAL_TOP_MM": place["top"], "SEAL_SIZE_MM": place["size"]}
        back = by_service(pdf, sealing.program, told)
        return [_Made(EditionKind.SERVICE, None, {"program": Path(sealing.program[0]).name}, back)]
    found = []
    if stamp is not None:
        key, name, digest, content = stamp
        pdf = drawing.stamp(pdf, drawing.look(content), letter, page, seal)
        found.append(_Made(EditionKind.PICTURE, key, {"seal": name, "seal_sha256": digest, "place": place}, pdf))
    if sealing.certificate is not None and sealing.office == office:
        moment = at.astimezone(SHANGHAI)
        signed = signing.sign(pdf, sealing.certificate, sealing.passphrase, page, seal, moment)
        facts = {"certificate": signed.subject, "fingerprint": signed.fingerprint}
        facts["holds_until"] = chinese(day_of(signed.holds_until))
        found.append(_Made(EditionKind.SIGNATURE, None, facts, signed.pdf))
    elif choice == CERTIFICATE:
        raise Refusal("没有设置本机关的签名证书（SCREENING_CERTIFICATE），不能加电子签名。", field="choice")
    return found


def by_service(pdf: bytes, program: Sequence[str], told: Mapping[str, str]) -> bytes:
    """The letter as a licensed seal service gives it back: PDF in on stdin, sealed PDF out on stdout, status 0.

    What and where is told in the environment (SEAL_OFFICE, SEAL_NUMBER, SEAL_PAGE, SEAL_LEFT_MM, SEAL_TOP_MM,
    SEAL_SIZE_MM). It has SECONDS; what comes back must be the same letter: pages, text and attached data.
    """
    from screening.printing import sealing  # noqa: PLC0415

    name = Path(program[0]).name
    kept = {
        key: os.environ[key] for key in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT") if key in os.environ
    }
    try:
        done = subprocess.run(  # noqa: S603  # the command that the administrator configured
            list(program), input=pdf, capture_output=True, check=False, timeout=SECONDS, env={**kept, **told}
        )  # fmt: skip
    except subprocess.TimeoutExpired as slow:
        raise Refusal(f"电子印章服务“{name}”{SECONDS}秒内没有完成，文书没有用印。请稍后重试或联系服务商。") from slow
    except OSError as missing:
        raise Refusal(
            f"电子印章服务“{name}”不能运行，文书没有用印。请系统管理员核对设置 SCREENING_SEAL_PROGRAM。"
        ) from missing
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[-200:]
        why = f"：{said}" if said else ""
        raise Refusal(f"电子印章服务“{name}”没有完成（返回{done.returncode}）{why}。文书没有用印。")
    back = done.stdout
    problem = _unlike(pdf, back) or sealing.differences(pdf, back)
    if problem:
        raise Refusal(f"电子印章服务“{name}”返回的不是这份文书：{problem}。文书没有用印，请联系服务商。")
    return back


def _unlike(pdf: bytes, back: bytes) -> str | None:
    if not back.startswith(b"%PDF-"):
        return "返回的不是 PDF 文件"
    if len(back) > LARGEST:
        return f"返回的文件超过{LARGEST // 1024 // 1024} MB"
    return "文件没有任何变化，没有盖章" if back == pdf else None


def signatures(pdf: bytes, *, sealing: Sealing, at: datetime) -> tuple[SignatureLine, ...]:
    """Every electronic signature in a PDF, from wherever it comes; empty where there is none."""
    from screening.printing import signing  # noqa: PLC0415

    return tuple(
        SignatureLine(state=each.state, sentence=each.sentence, subject=each.subject, signed_at=each.signed_at)
        for each in signing.examine(pdf, trusted=sealing.trusted, at=at.astimezone(SHANGHAI))
    )


def again(ledger: Ledger, letter: UUID, pdf: bytes, *, by: Person) -> tuple[bytes, bool]:
    """A letter rendered anew with its seal painted anew, and whether that has the hash of the sealed edition.

    Without a picture: the letter as it is, True. A signature cannot be made again: its time has passed.
    """
    from screening.printing import sealing  # noqa: PLC0415

    with ledger.reader() as session:
        row, _ = cases.letter(session, letter, by=by)
        edition = next((each for each in store.editions(session, letter) if each.kind is EditionKind.PICTURE), None)
        if edition is None or edition.seal_id is None:
            return pdf, True
        place, sha256, inputs = json.loads(edition.facts)["place"], edition.sha256, row.inputs
        content = store.picture_of(session, edition)
    made = sealing.stamp(pdf, sealing.look(content), compose(LetterInputs.from_json(inputs)), *sealing.place_in(place))
    return made, hashlib.sha256(made).hexdigest() == sha256
