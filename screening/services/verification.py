"""Whether a letter on paper or as a PDF is ours: by number and check code for everybody, by its bytes, by its data."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening import clock
from screening.domain.calendar import chinese
from screening.domain.classification import EfficiencyClass, FindingId
from screening.domain.errors import NotFound, Refusal
from screening.domain.letters import FreePlace, LetterKind, code_of
from screening.domain.letters.inputs import LABELS
from screening.domain.numbering import spelled
from screening.domain.objections import Outcome
from screening.domain.people import Permission, Person
from screening.domain.registry import Stage
from screening.domain.review import LetterState
from screening.domain.seals import EditionKind
from screening.printing import opened, signing
from screening.services import Ledger
from screening.services.dispositions import checked
from screening.store import cases, objections
from screening.store import verification as store
from screening.wording.values import GROUND_WORDS

LARGEST: Final = 10_000_000
"""Bytes of a PDF that is looked at; a signed letter has about 0.2 million."""
MOST_ENDS: Final = 40
"""Ends of a PDF's updates that are looked at."""
UNKNOWN: Final = "没有这样的文号和查验码。请对照文书末页下方逐字核对；仍不相符的，请向发文机关核实。"


class Identity(StrEnum):
    """What a file turned out to be."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    DRAFT = "draft"
    SPECIMEN = "specimen"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "unchanged": "本台账签发的原件，未被改动",
            "changed": "与签发的原件不符，已被改动",
            "draft": "草稿，不是签发的文书",
            "specimen": "样张，不是签发的文书",
            "unknown": "不是本台账签发的文书",
        }[self.value]


class Standing(StrEnum):
    """What a letter of ours is worth today."""

    IN_FORCE = "in_force"
    VOID = "void"
    FALLEN = "fallen"
    REPLACED = "replaced"
    RELEASED = "released"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "in_force": "有效",
            "void": "已作废",
            "fallen": "已被撤销或者变更",
            "replaced": "已被新的文书替代",
            "released": "已解除",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What everybody may know who holds the paper: no more than stands on it, and what it is worth today."""

    number: str
    office: str
    signed_on: date
    standing: Standing
    sentence: str
    """What it is worth, with its day where it has one."""
    next: str | None
    """The number of the letter that took its place or released it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact by its name: as the file has it, and as the ledger froze it; None where one of them lacks it."""

    name: str
    file: str | None
    ours: str | None

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.file == self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a PDF is. `letter` and `rows` are for those within whose scope it lies; `paper` for whoever holds it."""

    identity: Identity
    message: str
    paper: Paper | None = None
    letter: UUID | None = None
    state: LetterState | None = None
    rows: tuple[Row, ...] = ()
    seals: tuple[str, ...] = ()
    """What its electronic signatures are worth, a sentence each."""

    @property
    def ours(self) -> bool:
        """Whether it is a letter that this ledger issued, unchanged."""
        return self.identity is Identity.UNCHANGED


# -- the paper --------------------------------------------------------------------------------------------------------


def look_up(ledger: Ledger, number: str, code: str) -> tuple[Paper, UUID]:
    """What the paper with that number and check code is worth; NotFound says the same whatever is wrong."""
    wanted = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", code)).lower()
    with ledger.reader() as session:
        found = _coded(session, spelled(number)[:100], wanted)
        if found is None:
            raise NotFound(UNKNOWN)
        return _paper(session, found), found[0].id


def worth(ledger: Ledger, letter: UUID, *, by: Person) -> Paper:
    """What a letter within the scope is worth today, for its own page."""
    with ledger.reader() as session:
        return _paper(session, cases.letter(session, letter, by=by))


def _coded(session: Session, number: str, code: str) -> cases.Full | None:
    rows = store.numbered(session, number)
    kept = [full for full in rows if hmac.compare_digest(code_of(full[0].inputs).encode(), code.encode())]
    return kept[0] if kept else None


def _paper(session: Session, full: cases.Full) -> Paper:
    row, _ = full
    after = store.next_after(session, row)
    present = _present(session, after)
    fall = objections.revocations(session, [row.decision_id]).get(row.decision_id) if row.decision_id else None
    released = store.release_of(session, row)
    standing, sentence, following = Standing.IN_FORCE, "有效。", None
    if row.state is LetterState.VOID:
        standing, sentence, following = Standing.VOID, "已作废，不具有法律效力。", present
    elif fall is not None:
        effect = Outcome(fall.effect).words.removesuffix("原决定")
        sentence, following = f"所依据的决定已于{chinese(fall.ordered_on)}{effect}。", present
        standing = Standing.FALLEN
    elif after is not None:
        standing, sentence, following = Standing.REPLACED, f"已于{chinese(after.signed_on)}被新的文书替代。", present
    elif released is not None:
        standing, following = Standing.RELEASED, released
        sentence = f"已于{chinese(released.signed_on)}解除。"
    return Paper(
        number=row.number,
        office=json.loads(row.inputs)["office"]["name"],
        signed_on=row.signed_on,
        standing=standing,
        sentence=sentence,
        next=following.number if following else None,
    )


def _present(session: Session, after: cases.LetterRow | None) -> cases.LetterRow | None:
    """The last of the letters that came one in the place of another."""
    seen: set[UUID] = set()
    while after is not None and after.id not in seen:
        seen.add(after.id)
        further = store.next_after(session, after)
        if further is None:
            break
        after = further
    return after


# -- the file ---------------------------------------------------------------------------------------------------------


def examine(
    ledger: Ledger, pdf: bytes, *, by: Person | None, trusted: Path | None = None, at: datetime | None = None
) -> Examination:
    """What the file is; `by` None is anybody, who learns of a letter only what he shows that he has.

    Electronic signatures of an original are examined by the roots in the file `trusted`; those of others are not read.

    Ours and unchanged is only what equals issued bytes from the first to the last one. Refusal for what is no PDF.
    """
    if len(pdf) > LARGEST:
        raise Refusal(
            f"文件超过{LARGEST // 1_000_000} MB 的上限，不会是本台账签发的文书（一份不到1 MB）。请选择收到的原件。"
        )
    if b"%PDF-" not in pdf[:1024]:
        raise Refusal("这不是 PDF 文件。请选择收到的文书原件（.pdf）；纸质文书请输入文号和查验码。")
    found = issued(ledger, pdf, by=by)
    if found is None:
        return _by_data(ledger, pdf, by)
    if not found.ours or signing.SIGN not in pdf:
        return found
    seals = signing.examine(pdf, trusted=trusted, at=at or clock.now())
    return replace(found, seals=tuple(f"{one.state.words}：{one.sentence}" for one in seals))


def issued(ledger: Ledger, pdf: bytes, *, by: Person | None) -> Examination | None:
    """The letter whose issued bytes these are, or begin with; None where there is none."""
    whole = hashlib.sha256(pdf).hexdigest()
    ends = [sha for sha in _ends(pdf) if sha != whole]
    with ledger.reader() as session:
        found = _hashed(session, [whole], by)
        if found is not None:
            checked(found[0])
            message = f"与本台账签发的{found[0].number}逐字节相符{_edition(session, found[0], whole)}。"
            return _judged(session, found, Identity.UNCHANGED, message, pdf, by)
        found = _hashed(session, ends, by)
        if found is not None:
            message = (
                f"开头部分与本台账签发的{found[0].number}相符，但其后的内容不是本台账写入的："
                "签发之后被追加或者改动，不能采信。"
            )
            return _judged(session, found, Identity.CHANGED, message, pdf, by)
    return None


def _edition(session: Session, row: cases.LetterRow, sha256: str) -> str:
    """Which edition of a sealed letter it is."""
    made = store.editions(session, row.id)
    if not made:
        return ""
    order = next((at for at, one in enumerate(made) if one.sha256 == sha256), None)
    if order is None:
        return "（用印、签名之前的底本）"
    return f"（{'、'.join(EditionKind(one.kind).words for one in made[: order + 1])}）"


def _ends(pdf: bytes) -> Iterator[str]:
    """The SHA-256 of the file up to each of its ends: an update is put behind the bytes that were there before."""
    running, at = hashlib.sha256(), 0
    for found in list(re.finditer(rb"%%EOF(?:\r\n|\n|\r)?", pdf))[:MOST_ENDS]:
        bare = found.start() + 5
        for end in (bare, found.end()) if found.end() > bare else (bare,):
            running.update(pdf[at:end])
            at = end
            yield running.copy().hexdigest()


def _within(session: Session, full: cases.Full, by: Person) -> bool:
    try:
        cases.letter(session, full[0].id, by=by)
    except NotFound:
        return False
    return True


def _hashed(session: Session, hashes: list[str], by: Person | None) -> cases.Full | None:
    rows = [full for full in store.hashed(session, hashes) if by is None or _within(session, full, by)]
    return rows[0] if rows else None


def _judged(
    session: Session, full: cases.Full, identity: Identity, message: str, pdf: bytes, by: Person | None
) -> Examination:
    paper = _paper(session, full)
    if paper.standing is not Standing.IN_FORCE:
        message += f"该文书{paper.sentence}" + (f"现行文书：{paper.next}。" if paper.next else "")
    if by is None:
        return Examination(identity=identity, message=message, paper=paper)
    text = opened.carried(pdf).text
    return Examination(
        identity=identity,
        message=message,
        paper=paper,
        letter=full[0].id,
        state=full[0].state,
        rows=tuple(compared(_data(text), json.loads(full[0].inputs))),
    )


def _data(text: str | None) -> dict[str, Any]:
    """The attached data; empty where they are none of ours."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _by_data(ledger: Ledger, pdf: bytes, by: Person | None) -> Examination:
    """What the file says of itself, where its bytes are none that were issued."""
    inside = opened.carried(pdf)
    data = _data(inside.text)
    if inside.fault or not data:
        why = inside.fault or "文件中没有本程序写入的文书数据。"
        return Examination(
            identity=Identity.UNKNOWN,
            message=f"与本台账签发的任何文书都不相符：不是本台账的文书，或者签发后被改动、另存或者打印成了新文件。{why}",
        )
    number = data.get("number")
    if data.get("sample"):
        return Examination(identity=Identity.SPECIMEN, message="这是用虚构数据生成的样张，没有法律效力。")
    if data.get("missing") or not isinstance(number, str) or not data.get("signed_on"):
        return Examination(identity=Identity.DRAFT, message="这是草稿：没有签发，没有法律效力。")
    with ledger.reader() as session:
        same = _coded(session, spelled(number)[:100], code_of(inside.text or ""))
        if same is not None and (by is None or _within(session, same, by)):
            message = (
                f"文件内嵌的数据与{same[0].number}的登记相符，但文件本身不是签发的原件：页面可能被改动，或者被另存。"
                "请以签发机关的原件为准。"
            )
            return _judged(session, same, Identity.CHANGED, message, pdf, by)
        if by is not None:
            mine = [full for full in store.numbered(session, spelled(number)[:100]) if _within(session, full, by)]
            if mine:
                message = f"文件自称{mine[0][0].number}，但内容与本台账签发的原件不符，已被改动。差异见下表。"
                return _judged(session, mine[0], Identity.CHANGED, message, pdf, by)
    return Examination(
        identity=Identity.UNKNOWN,
        message="与本台账签发的任何文书都不相符：不是本台账的文书，或者签发后被改动。",
    )


# -- the facts --------------------------------------------------------------------------------------------------------


def compared(file: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[Row]:
    """The facts of both, row by row, in our order; what only the file has comes last."""
    theirs, kept = dict(_facts(file)), dict(_facts(ours))
    for name, value in kept.items():
        yield Row(name, theirs.get(name), value)
    for name, value in theirs.items():
        if name not in kept:
            yield Row(name, value, None)


def frozen(ledger: Ledger, letter: UUID, *, by: Person) -> tuple[Row, ...]:
    """The frozen facts of a letter within the scope; none where it lies outside."""
    if not by.may(Permission.READ):
        return ()
    with ledger.reader() as session:
        try:
            row, _ = cases.letter(session, letter, by=by)
        except NotFound:
            return ()
        return tuple(Row(name, value, value) for name, value in _facts(json.loads(row.inputs)))


_SPOKEN: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": {one.value: one.words for one in LetterKind},
    "stage": {one.value: one.words for one in Stage},
    "class_id": {one.value: one.words for one in EfficiencyClass},
    "id": {one.value: one.words for one in FindingId},
    "ground": GROUND_WORDS,
    "free.place": {one.value: one.words for one in FreePlace},
}
"""What the program writes for itself, as users read it."""
_NAMED: Final = {"free.place": "位置", "countersigned.office": "部门", "countersigned.name": "会签人"}
"""Fields whose name means something else than in the letter itself."""
_PLACES: Final = {name: place for place, name in enumerate(LABELS)}


def _facts(value: Any, where: str = "", key: str = "") -> Iterator[tuple[str, str]]:
    """Every fact by its Chinese name; what is empty is left out."""
    if isinstance(value, Mapping):
        for name in sorted(value, key=lambda name: (_PLACES.get(name, len(_PLACES)), str(name))):
            inner = f"{key}.{name}" if f"{key}.{name}" in {*_NAMED, *_SPOKEN} else str(name)
            label = _NAMED.get(inner) or LABELS.get(name, str(name))
            yield from _facts(value[name], f"{where}·{label}".lstrip("·"), inner)
    elif isinstance(value, list):
        for order, one in enumerate(value, 1):
            yield from _facts(one, f"{where}{order}", key)
    elif value is True:
        yield where[:200], "是"
    elif value is not None and value is not False and value != "":
        words = _SPOKEN.get(key, {}).get(str(value)) if key in _SPOKEN else str(value)
        yield where[:200], words[:2000] if words else f"“{str(value)[:2000]}”"  # nothing that the program writes
