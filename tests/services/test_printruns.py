"""Print runs by the real pool on both databases: one file, each letter recorded once, whatever stops it half-way."""

from __future__ import annotations

import io
import os
import signal

import pypdf
import pypdfium2 as pdfium
import pytest

from screening.domain.errors import Conflict, Refusal
from screening.domain.review import LetterState
from screening.printing import pool
from screening.services import history, letters, printruns
from screening.services.press import Press
from screening.services.selection import Selection
from screening.store import cases, trail, triggers
from screening.store import printruns as store
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks, once
from tests.services.test_bulk import ready


@once
def signed_by(desks, numbers):
    """Signed retrofits, in the order of their numbers."""
    return [desks.sign(project).letters[0] for project in ready(desks, numbers)]


@pytest.fixture
def one_desk(sqlite_ledger, tmp_path, quick_passwords):
    """The office on one database: what is tried does not lie in the store."""
    return Desks(sqlite_ledger, tmp_path)


def texts_of(pdf: bytes) -> list[str]:
    with pdfium.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def begin(desks, rows, **more):
    given = {"duplex": True, "copies": 1, "receipts": False, "reason": "", "key": desks.key(), **more}
    return printruns.start(desks.ledger, [row.id for row in rows], by=desks.office, at=NOW, **given)


def work(desks, run, tmp_path, **more):
    printruns.work(desks.ledger, run, folder=tmp_path / "runs", now=lambda: NOW, **more)


def printed(desks, rows):
    """State, prints with their copy numbers."""
    with desks.ledger.reader() as session:
        prints = cases.prints(session, [row.id for row in rows])
        states = [cases.letter(session, row.id, by=desks.office)[0].state for row in rows]
    return states, [sorted(one.copy_number for one in prints.get(row.id, ())) for row in rows]


def file_of(desks, run, tmp_path):
    return printruns.paper(desks.ledger, run, folder=tmp_path / "runs", by=desks.office)[1].read_bytes()


def test_one_file_with_a_cover_list_and_its_reprints(desks, tmp_path) -> None:
    signed = signed_by(desks, [1, 2, 3])
    chosen = Selection(all_of=3, left_out=(signed[1].id,))
    keys = printruns.picked(desks.ledger, chosen, by=desks.office)
    assert set(keys) == {signed[0].id, signed[2].id}
    run = begin(desks, reversed(signed), receipts=True, copies=2, key="once")
    assert begin(desks, signed, key="once") == run
    assert printed(desks, signed[:2]) == ([LetterState.SIGNED] * 2, [[], []]), "nothing is printed before it is there"
    with pytest.raises(Refusal, match="还没有印制完成"):
        file_of(desks, run, tmp_path)
    letters.void(desks.ledger, signed[2].id, reason="数据有误。", seen=1, by=desks.signatory, at=NOW)

    work(desks, run, tmp_path)

    assert printed(desks, signed)[1] == [[0], [0], []]
    looked = printruns.look(desks.ledger, [row.id for row in signed], by=desks.office)
    assert [row.number for row in looked.rows] == [row.number for row in signed[:2]]
    assert [(one.number, one.why) for one in looked.left_out] == [(signed[2].number, "已作废")]
    with pytest.raises(Refusal, match="都不能印制"):
        begin(desks, signed[2:])
    data = file_of(desks, run, tmp_path)
    reader = pypdf.PdfReader(io.BytesIO(data))
    texts = texts_of(data)
    view = printruns.show(desks.ledger, run, by=desks.office)
    assert (view.line.share, view.line.fault) == (100, None)
    assert [row.left_out for row in view.rows] == [None, None, "已作废"]
    assert view.line.pages == len(reader.pages)
    marks = [(mark.title, reader.get_destination_page_number(mark)) for mark in reader.outline]
    assert [title for title, _ in marks] == ["印制交接清单", signed[0].number, signed[1].number]
    assert all(page % 2 == 0 for _, page in marks), "every letter starts on the front of a sheet"
    cover = texts[0]
    assert "共 2 份" in cover
    assert "以下 1 份没有印制" in cover
    for row, shown in zip(signed[:2], view.rows[:2], strict=True):
        assert row.number in cover
        first = dict(marks)[row.number]
        whole = shown.pages + shown.pages % 2
        alone = texts_of(letters.render(desks.ledger, row.id, by=desks.office))
        blank = [""] * (shown.pages % 2)
        assert texts[first : first + 2 * whole] == [*alone, *blank] * 2
        receipt = texts[first + 2 * whole]
        assert "送达回证" in receipt
        assert row.number in receipt
        assert shown.sheets == 2 * (whole // 2) + 1

    with pytest.raises(Refusal, match="理由"):
        printruns.again(desks.ledger, run, reason=" ", seen=view.version, by=desks.office, at=NOW)
    later = NOW.replace(hour=5)
    printruns.again(desks.ledger, run, reason="卡纸。", seen=view.version, by=desks.office, at=later)
    with pytest.raises(Conflict):
        printruns.again(desks.ledger, run, reason="卡纸。", seen=view.version, by=desks.office, at=later)
    assert printed(desks, signed)[1] == [[0, 1], [0, 1], []]
    assert [one.reason for one in printruns.show(desks.ledger, run, by=desks.office).reprints] == ["卡纸。"]
    for path in (tmp_path / "runs").iterdir():
        path.unlink()
    assert file_of(desks, run, tmp_path) == data, "a lost file is made again, byte for byte"
    with pytest.raises(Refusal, match="写明理由"):
        begin(desks, signed[:1])
    again = begin(desks, signed[:1], reason="另送一份。", duplex=False)
    work(desks, again, tmp_path)
    assert printed(desks, signed)[1] == [[0, 1, 2], [0, 1], []]
    with desks.ledger.reader() as session:
        assert [event.kind for event in trail.of_subject(session, f"print_run:{run}")] == [
            "print_run_finished", "print_run_started",
        ]  # fmt: skip
    assert history.verify(desks.ledger).ok


def test_a_run_stopped_at_any_step_ends_as_one_that_was_not(one_desk, tmp_path, monkeypatch) -> None:
    desks, signed = one_desk, signed_by(one_desk, [1, 2])
    with desks.ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        # A letter whose bytes are still to be made, as after a race for numbers.
        connection.exec_driver_sql("DROP TRIGGER letter_bytes_stand")
        for row in signed[:1]:
            letter = cases.LetterRow.__table__
            connection.execute(
                letter.update().where(letter.c.id == row.id).values(pdf=None, sha256=None, versions=None)
            )
        triggers.install(connection)
    run = begin(desks, signed, key="once")

    class Killed(BaseException):
        """What no handler of ours catches, as nothing catches a SIGKILL."""

    steps = 0

    def count(function, at):
        def counted(*args, **more):
            nonlocal steps
            steps += 1
            if steps == at:
                raise Killed
            result = function(*args, **more)
            steps += 1
            if steps == at:
                raise Killed
            return result

        return counted

    stops = 0
    for at in range(1, 40):
        steps = 0
        with monkeypatch.context() as patch:
            for home, name in (
                (store, "settle"),
                (cases, "keep_bytes"),
                (store, "digest"),
                (store, "place"),
                (printruns, "record_print"),
            ):
                patch.setattr(home, name, count(getattr(home, name), at))
            try:
                work(desks, run, tmp_path)
            except Killed:
                stops += 1
            else:
                break
        assert begin(desks, signed, key="once") == run
        states, prints = printed(desks, signed)
        assert states == [LetterState.SIGNED] * 2
        assert prints == [[], []], "all are recorded with the end of the run, or none"

    assert stops >= 8
    assert printed(desks, signed) == ([LetterState.PRINTED] * 2, [[0], [0]])
    work(desks, run, tmp_path)
    assert printed(desks, signed)[1] == [[0], [0]]
    assert [path.name for path in (tmp_path / "runs").iterdir() if path.name.startswith(".new")] == []
    assert history.verify(desks.ledger).ok
    for row in signed:
        assert letters.render_again(desks.ledger, row.number, by=desks.office)[1], (
            "the pool's bytes are the letter's own"
        )


def test_the_press_outlives_a_killed_worker_and_a_trouble_with_the_folder(one_desk, tmp_path) -> None:
    desks, signed = one_desk, signed_by(one_desk, [1])
    blocked = tmp_path / "runs"
    blocked.write_text("a file where the folder should be")
    press = Press(desks.ledger, blocked)
    run = begin(desks, signed[:1])
    press.wake()
    assert press.wait(60)
    line = printruns.state(desks.ledger, run, by=desks.office)
    assert "不能写入数据目录" in line.fault
    assert line.share < 100
    assert printed(desks, signed)[1] == [[]]
    blocked.unlink()
    for process in pool.shared().processes():
        os.kill(process, signal.SIGKILL)
    printruns.proceed(desks.ledger, run, by=desks.office, at=NOW)
    press.wake()
    assert press.wait(60)
    assert printruns.state(desks.ledger, run, by=desks.office).done_at
    processes = pool.shared().processes()
    press.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert letters.show(desks.ledger, signed[0].id, by=desks.office, today=TODAY).line.state is LetterState.PRINTED
