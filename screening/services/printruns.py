"""Print runs: ticked letters as one PDF behind a cover list, made in the background and gone on with after a crash."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pypdf
from sqlalchemy.orm import Session

from screening.clock import day_of
from screening.domain.calendar import chinese
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Event, Happening
from screening.domain.letters import LetterInputs, office_of, receipt_of
from screening.domain.people import Permission, Person
from screening.domain.review import LetterState
from screening.printing import fonts, pool, printrun
from screening.printing.joining import Joined
from screening.services import Ledger, deputies
from screening.services.dispositions import finish
from screening.services.letters import list_letters, record_print
from screening.services.lines import letter_lines, signature
from screening.services.selection import OUTSIDE, Selection
from screening.services.views import LetterLine
from screening.store import cases, people, trail
from screening.store import printruns as store
from screening.wording import compose

SEES: Final = (Permission.SERVE, Permission.SIGN)
"""Who opens a run: the office that prints, and signatories, who have their reminders printed."""
MOST: Final = 500
"""Letters of one run."""
MOST_COPIES: Final = 9
SHOWN: Final = 20
AT_ONCE: Final = 16
"""Letters whose bytes are in memory together."""
NOTHING: Final = "还没有勾选文书。请在文书列表勾选后再办理。"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A ticked letter that is not printed, and why; no number where it lies outside the scope."""

    number: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What would be printed of the ticked letters, in the order of their numbers, and what not."""

    rows: tuple[LetterLine, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def again(self) -> tuple[LetterLine, ...]:
        """Those that were printed before: they become copies, for which a reason is asked."""
        return tuple(row for row in self.rows if row.printed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in a list. `ready` counts letters whose pages are there, `left_out` those that are not printed."""

    id: UUID
    name: str
    at: datetime
    who: str
    duplex: bool
    copies: int
    receipts: bool
    reason: str | None
    letters: int
    ready: int
    left_out: int
    done_at: datetime | None
    pages: int | None
    fault: str | None

    @property
    def share(self) -> int:
        """Of the work, in per cent; the whole only when the file is there."""
        if self.done_at:
            return 100
        return min(99, (self.ready + self.left_out) * 100 // max(1, self.letters))

    @property
    def how(self) -> str:
        """Sides, copies and receipts, in words."""
        return _how(self.duplex, self.copies, self.receipts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A letter of a run with its pages and, over all copies, its sheets."""

    line: LetterLine
    pages: int | None
    sheets: int | None
    left_out: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """The whole run printed once more."""

    at: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run with its letters; `version` counts its prints."""

    line: RunLine
    rows: tuple[Printed, ...]
    reprints: tuple[Reprint, ...]
    version: int


def _how(duplex: bool, copies: int, receipts: bool) -> str:
    sides = "双面" if duplex else "单面"
    return f"{sides}，每份文书 {copies} 份" + ("，各附送达回证" if receipts else "")


def run_name(row: store.PrintRunRow) -> str:
    """How people call it: its day and the beginning of its id."""
    return f"{day_of(row.at):%Y%m%d}-{row.id.hex[:6].upper()}"


def _demand(by: Person) -> None:
    if not by.may(Permission.SERVE):
        raise Forbidden(f"{by.role.words}不能印制文书。请由文书室办理。")


def in_order(full: cases.Full) -> tuple[str, str, int, int]:
    """Letters of one office, kind and year by their running number."""
    row, _ = full
    return row.office, row.kind, row.year, row.serial


def picked(
    ledger: Ledger, chosen: Selection, *, by: Person, state: LetterState | None = None, q: str = ""
) -> tuple[UUID, ...]:
    """The ticked letters: one by one, or all of the filter but those that were left out."""
    if chosen.all_of is None:
        return chosen.picked
    return tuple(row.id for row in list_letters(ledger, by=by, state=state, q=q) if chosen.holds(row.id))


def _obstacle(line: LetterLine) -> str | None:
    if line.state is LetterState.VOID:
        return "已作废"
    if line.scan is not None:
        return "补录的纸质文书，本系统没有可印的文件"
    return f"决定{line.fell}" if line.fell else None


def _few(keys: Sequence[UUID]) -> tuple[UUID, ...]:
    found = tuple(dict.fromkeys(keys))
    if not found:
        raise Refusal(NOTHING, field="pick")
    if len(found) > MOST:
        raise Refusal(f"一批最多印制{MOST}份文书，现勾选{len(found)}份。请分批办理。", field="pick")
    return found


def _sorted(session: Session, keys: Sequence[UUID], *, by: Person) -> tuple[LetterLine, ...]:
    return letter_lines(session, sorted(cases.letters_among(session, keys, by=by), key=in_order))


def look(ledger: Ledger, keys: Sequence[UUID], *, by: Person) -> Looked:
    """The ticked letters as they are now: what a run would print, and what it would leave out."""
    wanted = _few(keys)
    with ledger.reader() as session:
        rows = _sorted(session, wanted, by=by)
    foreign = [LeftOut(number="一份文书", why=OUTSIDE)] * (len(wanted) - len(rows))
    return Looked(
        rows=tuple(row for row in rows if not _obstacle(row)),
        left_out=(*(LeftOut(number=row.number, why=why) for row in rows if (why := _obstacle(row))), *foreign),
    )


def start(
    ledger: Ledger,
    keys: Sequence[UUID],
    *,
    duplex: bool,
    copies: int,
    receipts: bool,
    reason: str,
    key: str,
    by: Person,
    at: datetime,
    own: bool = False,
) -> UUID:
    """Begins a run of these letters in the order of their numbers; the same `key` again gives the same run.

    What cannot be printed is named and left out; a letter that was printed before needs a `reason`. Nothing is
    recorded as printed until the file of the run is there (`work`). `own` letters were signed by `by` in the same
    act: a signatory has his reminders printed.
    """
    if not own:
        _demand(by)
    wanted = _few(keys)
    if not 1 <= copies <= MOST_COPIES:
        raise Refusal(f"每份文书印{copies}份，应为1至{MOST_COPIES}份。", field="copies")
    with ledger.writer() as session:
        again = store.of_key(session, key)
        if again is not None:
            if again.by != by.id:
                raise Conflict("这份表单已由他人用于印制。请刷新页面后重新办理。")
            return again.id
        rows = _sorted(session, wanted, by=by)
        ready = [row for row in rows if not _obstacle(row)]
        if not ready:
            raise Refusal("勾选的文书都不能印制：已作废、所属决定已撤销，或者不在您的管辖区域内。", field="pick")
        if any(row.printed_at for row in ready) and not reason.strip():
            raise Refusal("其中有已印制过的文书，再印记为副本。请写明理由。", field="reason")
        run = store.PrintRunRow(
            id=uuid4(),
            key=key,
            office=by.scope,
            duplex=duplex,
            copies=copies,
            receipts=receipts,
            reason=reason.strip() or None,
            by=by.id,
            for_whom=by.stands_for.id if by.stands_for else None,
            at=at,
        )
        session.add(run)
        session.flush()
        session.add_all(
            store.PrintRunLetterRow(run_id=run.id, place=place, letter_id=row.id, left_out=_obstacle(row))
            for place, row in enumerate(rows, 1)
        )
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.PRINT_RUN_STARTED,
                subject=_subject(run.id),
                why=run.reason,
                after={
                    "run": run_name(run),
                    "how": _how(duplex, copies, receipts),
                    "letters": [row.number for row in ready],
                    "left_out": [f"{row.number}：{why}" for row in rows if (why := _obstacle(row))],
                },
            ),
        )
        return run.id


def begun(ledger: Ledger, key: str, *, by: Person) -> UUID | None:
    """The run that a form of this person with this key began before."""
    with ledger.reader() as session:
        row = store.of_key(session, key)
        return row.id if row is not None and row.by == by.id else None


def _subject(run: UUID) -> str:
    return f"print_run:{run}"


# -- making the file -------------------------------------------------------------------------------------------------


def waiting(ledger: Ledger) -> list[UUID]:
    """The runs that are not finished and do not stand still, the oldest first."""
    with ledger.reader() as session:
        return store.unfinished(session)


def work(
    ledger: Ledger,
    run: UUID,
    *,
    folder: Path,
    now: Callable[[], datetime],
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Goes on with a run from wherever it stands, up to the end; a finished one stays as it is.

    Every step may be the last one before a crash: the letters' bytes and their pages are kept one by one, the file is
    put in its place whole, and then one transaction records the prints and the end of the run. `stopped` is asked
    between letters. What keeps the whole run from going on is noted as its fault, for a person to read.
    """
    try:
        fonts.load()
        by = _starter(ledger, run)
        while by is not None and not stopped():
            _make_letters(ledger, run, by=by, stopped=stopped)
            if stopped() or _finished(ledger, run, folder=folder, by=by, now=now):
                return
    except (Refusal, OSError) as trouble:
        if stopped():
            return
        words = trouble.message if isinstance(trouble, Refusal) else f"不能写入数据目录：{trouble.strerror}。"
        with ledger.writer() as session:
            row = store.held(session, run)
            if row.done_at is None:
                row.fault = words


def _starter(ledger: Ledger, run: UUID) -> Person | None:
    """Who started the run, as he acted then; None where it is finished."""
    with ledger.reader() as session:
        row = store.of_id(session, run)
        if row.done_at is not None:
            return None
        names = people.names(session, {row.by, row.for_whom})
        person = people.person(names[row.by])
        return person if row.for_whom is None else deputies.acting(person, people.person(names[row.for_whom]))


def _make_letters(ledger: Ledger, run: UUID, *, by: Person, stopped: Callable[[], bool]) -> None:
    """Has the bytes of every letter made that has none yet, and counts its pages."""
    with ledger.reader() as session:
        open_ = [
            letter.id
            for listed, letter, _ in store.listed(session, run, by=by)
            if listed.pages is None and listed.left_out is None
        ]

    def make(letter: UUID) -> None:
        if stopped():
            return
        try:
            pages = len(pypdf.PdfReader(io.BytesIO(finish(ledger, letter, by=by))).pages)
            values: dict[str, object] = {"pages": pages}
        except Conflict:
            raise
        except Refusal as refusal:
            if stopped():
                return
            values = {"left_out": refusal.message}
        with ledger.writer() as session:
            store.settle(session, run, letter, **values)

    for _ in pool.shared().spread(make, open_):
        pass


def _finished(ledger: Ledger, run: UUID, *, folder: Path, by: Person, now: Callable[[], datetime]) -> bool:
    """Writes the file and records the prints; False where a letter was voided meanwhile, and is now left out."""
    sha256, pages, versions = _assemble(ledger, run, folder=folder, by=by)
    with ledger.writer() as session:
        row = store.held(session, run)
        if row.done_at is not None:
            return True
        rows = store.listed(session, run, by=by)
        lines = {line.id: line for line in letter_lines(session, [(letter, project) for _, letter, project in rows])}
        fallen = [
            (letter.id, why)
            for listed, letter, _ in rows
            if listed.left_out is None and (why := _obstacle(lines[letter.id]))
        ]
        for key, why in fallen:
            store.settle(session, run, key, left_out=why)
        if fallen or any(letter.version != versions[letter.id] for one, letter, _ in rows if one.left_out is None):
            return False  # voided, or sealed, since the file was written
        at = now()
        for listed, letter, project in rows:
            if listed.left_out is None:
                record_print(session, (letter, project), run=run, reason=row.reason, by=by, at=at)
        row.done_at, row.sha256, row.pages, row.fault = at, sha256, pages, None
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.PRINT_RUN_FINISHED,
                subject=_subject(run),
                after={
                    "run": run_name(row),
                    "letters": sum(listed.left_out is None for listed, _, _ in rows),
                    "left_out": [
                        f"{letter.number}：{listed.left_out}" for listed, letter, _ in rows if listed.left_out
                    ],
                    "pages": pages,
                    "pdf_sha256": sha256,
                },
            ),
        )
    return True


def _assemble(ledger: Ledger, run: UUID, *, folder: Path, by: Person) -> tuple[str, int, dict[UUID, int]]:
    """The file of the run as its letters stand now: its hash, how many pages it has, the versions of the letters."""
    with ledger.reader() as session:
        row = store.of_id(session, run)
        rows = store.listed(session, run, by=by)
        who = signature(people.names(session, {row.by, row.for_whom}), row.by, row.for_whom)
        versions = {letter.id: letter.version for _, letter, _ in rows}
    told = [(listed, letter, LetterInputs.from_json(letter.inputs)) for listed, letter, _ in rows]
    kept = [(listed, letter, inputs) for listed, letter, inputs in told if listed.left_out is None]
    html, style = printrun.cover(
        printrun.Cover(
            office=office_of(ledger.rules, row.office).name,
            run=run_name(row),
            day=chinese(day_of(row.at)),
            who=who,
            how=_how(row.duplex, row.copies, row.receipts),
            reason=row.reason or "",
            entries=tuple(
                printrun.Entry(
                    number=letter.number,
                    kind=inputs.kind.words,
                    addressee=inputs.recipient or inputs.enterprise,
                    pages=listed.pages or 0,
                    sheets=_sheets(row, listed.pages or 0),
                )
                for listed, letter, inputs in kept
            ),
            left_out=tuple((letter.number, listed.left_out or "") for listed, letter, _ in told if listed.left_out),
        )
    )
    workers = pool.shared()

    def papers(one: tuple[UUID, LetterInputs]) -> tuple[bytes, bytes | None]:
        letter, inputs = one
        return finish(ledger, letter, by=by), workers.letter(
            receipt_of(compose(inputs)).to_json()
        ) if row.receipts else None

    with store.writing(folder) as (file, hashes):
        joined = Joined(file, f"文书印制批次 {run_name(row)}")
        joined.add(workers.typeset(html, style), whole_sheets=row.duplex, mark="印制交接清单")
        for group in _groups([(letter.id, inputs) for _, letter, inputs in kept]):
            for (_, inputs), (pdf, receipt) in zip(group, workers.spread(papers, group), strict=True):
                joined.add(pdf, copies=row.copies, whole_sheets=row.duplex, mark=inputs.number)
                if receipt is not None:
                    joined.add(receipt, whole_sheets=row.duplex)
        joined.close()
        pages = joined.pages
    return hashes[0], pages, versions


def _groups(items: Sequence[tuple[UUID, LetterInputs]]) -> Iterator[Sequence[tuple[UUID, LetterInputs]]]:
    for first in range(0, len(items), AT_ONCE):
        yield items[first : first + AT_ONCE]


def _sheets(row: store.PrintRunRow, pages: int) -> int:
    """Sheets of paper of a letter: all its copies, and its receipt on one more."""
    return row.copies * (-(-pages // 2) if row.duplex else pages) + row.receipts


# -- looking at it, and having it again ------------------------------------------------------------------------------


def _line(row: store.PrintRunRow, names: object, counts: tuple[int, int, int]) -> RunLine:
    letters, ready, out = counts
    return RunLine(
        id=row.id,
        name=run_name(row),
        at=row.at,
        who=signature(names, row.by, row.for_whom),  # type: ignore[arg-type]  # the mapping of people.names
        duplex=row.duplex,
        copies=row.copies,
        receipts=row.receipts,
        reason=row.reason,
        letters=letters,
        ready=ready,
        left_out=out,
        done_at=row.done_at,
        pages=row.pages,
        fault=row.fault,
    )


def recent(ledger: Ledger, *, by: Person) -> tuple[RunLine, ...]:
    """The newest runs within the scope."""
    with ledger.reader() as session:
        rows = store.recent(session, by=by, most=SHOWN)
        counts = store.progress(session, [row.id for row in rows])
        names = people.names(session, {who for row in rows for who in (row.by, row.for_whom)})
        return tuple(_line(row, names, counts[row.id]) for row in rows)


def state(ledger: Ledger, run: UUID, *, by: Person) -> RunLine:
    """How far a run has come."""
    with ledger.reader() as session:
        row = store.get(session, run, by=by)
        names = people.names(session, {row.by, row.for_whom})
        return _line(row, names, store.progress(session, [run])[run])


def show(ledger: Ledger, run: UUID, *, by: Person) -> RunView:
    """One run with its letters and reprints."""
    with ledger.reader() as session:
        row = store.get(session, run, by=by)
        rows = store.listed(session, run, by=by)
        prints = store.reprints(session, run)
        names = people.names(session, {row.by, row.for_whom, *(p.by for p in prints)})
        lines = {line.id: line for line in letter_lines(session, [(letter, project) for _, letter, project in rows])}
        later = {p.at: p for p in prints if p.at != row.done_at}
        return RunView(
            line=_line(row, names, store.progress(session, [run])[run]),
            rows=tuple(
                Printed(
                    line=lines[letter.id],
                    pages=listed.pages,
                    sheets=_sheets(row, listed.pages) if listed.pages and not listed.left_out else None,
                    left_out=listed.left_out,
                )
                for listed, letter, _ in rows
            ),
            reprints=tuple(Reprint(at=p.at, who=names[p.by].name, reason=p.reason or "") for p in later.values()),
            version=len(prints) + 1,
        )


def paper(ledger: Ledger, run: UUID, *, folder: Path, by: Person) -> tuple[str, Path]:
    """The name and the file of a finished run, the same bytes as ever; a file that got lost is made again."""
    if not any(by.may(permission) for permission in SEES):
        raise Forbidden(f"{by.role.words}不能查看印制批次。请由文书室办理。")
    with ledger.reader() as session:
        row = store.get(session, run, by=by)
        name, sha256 = run_name(row), row.sha256
        names = people.names(session, {row.by, row.for_whom})
        starter = people.person(names[row.by])
        if row.for_whom is not None:
            starter = deputies.acting(starter, people.person(names[row.for_whom]))
    if sha256 is None:
        raise Refusal("这一批还没有印制完成。请在批次页查看进度。")
    path = store.place(folder, sha256)
    if not path.is_file() or store.digest(path) != sha256:
        again, _, _ = _assemble(ledger, run, folder=folder, by=starter)
        if again != sha256:
            raise Refusal("这一批的文件缺失，重新生成的与原来不同。请联系系统管理员从备份中恢复数据目录。")
    return name, path


def proceed(ledger: Ledger, run: UUID, *, by: Person, at: datetime) -> None:
    """Lets a run go on that stands still."""
    _demand(by)
    with ledger.writer() as session:
        store.get(session, run, by=by)
        row = store.held(session, run)
        if row.done_at is not None or row.fault is None:
            raise Conflict("这一批没有停止，不需要继续。请刷新页面。")
        after = {"run": run_name(row), "continued_after": row.fault}
        row.fault = None
        trail.record(
            session,
            Event(at=at, who=by, kind=Happening.PRINT_RUN_STARTED, subject=_subject(run), after=after),
        )


def again(ledger: Ledger, run: UUID, *, reason: str, seen: int, by: Person, at: datetime) -> None:
    """Records that the whole run is printed once more, each letter as a copy with the reason; its bytes stay."""
    _demand(by)
    if not reason.strip():
        raise Refusal("请写明再次印制的理由。", field="reason")
    with ledger.writer() as session:
        store.get(session, run, by=by)
        row = store.held(session, run)
        if row.done_at is None:
            raise Refusal("这一批还没有印制完成。请在批次页查看进度。")
        if len(store.reprints(session, run)) + 1 != seen:
            raise Conflict("这一批刚再次印制过，您看到的不是最新状态。请刷新页面。")
        rows = [(letter, project) for one, letter, project in store.listed(session, run, by=by) if not one.left_out]
        void = [letter.number for letter, _ in rows if letter.state is LetterState.VOID]
        if void:
            raise Refusal(f"其中{'、'.join(void)}已作废，不能整批重印。请勾选其余文书另行印制。", field="reason")
        if len(rows) != sum(total - out for total, _, out in store.progress(session, [run]).values()):
            raise NotFound("这一批中有不在您管辖区域内的文书，不能由您重印。")
        for full in rows:
            record_print(session, full, run=run, reason=reason.strip(), by=by, at=at)
