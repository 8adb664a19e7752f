"""Seals: kept by one, set by another, on a letter of their own office, once; and nothing half-done when it fails."""

from __future__ import annotations

import hashlib
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from screening.config import Sealing
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.domain.review import LetterState
from screening.domain.seals import SignatureState
from screening.printing import sealing as drawing
from screening.services import CONSOLE, history, letters, seals
from screening.store import seals as store
from tests.conftest import NOW, TODAY
from tests.letters import seals as made
from tests.services.desks import Desks, once
from tests.services.sheets import row

NOTHING = Sealing()
NEXT_YEAR = TODAY + timedelta(days=365)


@once
def signed(desks: Desks):
    """A signed letter that nobody has printed."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    return desks.sign(project).letter


def keep(
    desks: Desks, *, by=None, key="seal", content=None, first=TODAY, last=NEXT_YEAR, name="包头市发展和改革委员会"
):
    return seals.add(
        desks.ledger, content or made.seal(), name=name, first_day=first, last_day=last, key=key,
        by=by or desks.administrator, at=NOW,
    )  # fmt: skip


def set_(desks: Desks, letter, choice, *, by=None, seen=None, sealing=NOTHING, at=NOW):
    seen = letters.show(desks.ledger, letter.id, by=CONSOLE, today=TODAY).line.version if seen is None else seen
    return seals.set_(
        desks.ledger, letter.id, choice=str(choice), seen=seen, sealing=sealing, by=by or desks.office, at=at
    )


def pdf_of(desks: Desks, letter) -> bytes:
    return letters.render(desks.ledger, letter.id, by=desks.office)


def happened(desks: Desks, kind: str) -> list[history.EventLine]:
    return [e for e in history.trail(desks.ledger, by=desks.auditor, page=1).rows if e.kind.value == kind]


@pytest.fixture
def certified(tmp_path: Path) -> Sealing:
    """A certificate of 包头市."""
    files = made.certificate(tmp_path, first=NOW - timedelta(days=9), last=NOW + timedelta(days=90))
    return Sealing(certificate=files.pkcs12, passphrase=made.PASSPHRASE, office="150200", trusted=files.root)


def test_a_letter_is_sealed_and_signed_by_one_act_and_issued_so_from_then_on(desks, certified) -> None:
    letter, seal = signed(desks), keep(desks)
    plain = pdf_of(desks, letter)
    before = seals.show(desks.ledger, letter.id, sealing=certified, by=desks.office, at=NOW)
    assert before.editions == ()
    assert [words for _, words in before.choices] == ["包头市发展和改革委员会，并加电子签名", "只加电子签名，不盖印模"]

    sealed = set_(desks, letter, seal.id, sealing=certified)

    pdf = pdf_of(desks, letter)
    assert pdf.startswith(plain)
    assert drawing.differences(plain, pdf) is None
    assert [one.how for one in sealed.editions] == ["加盖印模", "电子签名"]
    assert {one.by for one in sealed.editions} == {desks.office.name}
    assert sealed.editions[-1].sha256 == hashlib.sha256(pdf).hexdigest()
    assert sealed.plain_sha256 == hashlib.sha256(plain).hexdigest()
    assert [one.state for one in sealed.signatures] == [SignatureState.VALID]
    assert sealed.choices == ()
    assert letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW) == pdf
    assert letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW) == pdf
    assert {e.after["pdf_sha256"] for e in happened(desks, "letter_printed")} == {sealed.editions[-1].sha256}
    events = happened(desks, "letter_sealed")
    assert [e.after["how"] for e in events] == ["电子签名", "加盖印模"]
    assert {e.who for e in events} == {desks.office.login}
    assert events[1].after["before_sha256"] == sealed.plain_sha256
    assert events[0].after["pdf_sha256"] == sealed.editions[-1].sha256
    (line,) = seals.held(desks.ledger, by=desks.administrator, today=TODAY)
    assert [(use.number, use.by) for use in line.uses] == [(letter.number, desks.office.name)]
    assert history.verify(desks.ledger).ok


def test_the_seal_painted_again_gives_the_same_bytes(sqlite_desks) -> None:
    letter = signed(sqlite_desks)
    plain = pdf_of(sqlite_desks, letter)
    assert seals.again(sqlite_desks.ledger, letter.id, plain, by=sqlite_desks.office) == (plain, True)

    set_(sqlite_desks, letter, keep(sqlite_desks).id)

    pdf = pdf_of(sqlite_desks, letter)
    assert letters.render_again(sqlite_desks.ledger, letter.number, by=sqlite_desks.office) == (pdf, True)


def test_a_seal_is_for_its_own_office_in_its_days_and_once(sqlite_desks) -> None:
    desks = sqlite_desks
    letter = signed(desks)
    region = desks.hire(Role.ADMINISTRATOR, "region_admin", "150000")
    region_office = desks.hire(Role.OFFICE, "region_office", "150000")
    other = keep(desks, by=desks.hire(Role.ADMINISTRATOR, "other_admin", "150300"), key="other")
    above = keep(desks, by=region, key="above")
    seal = keep(desks)
    gone = keep(desks, key="gone", content=made.seal((255, 0, 0)))
    seals.revoke(desks.ledger, gone.id, reason="印章更换", by=desks.administrator, at=NOW)
    later = keep(desks, key="later", content=made.seal((250, 0, 0)), first=TODAY + timedelta(days=1))

    for foreign in (other, above):
        with pytest.raises(NotFound):
            set_(desks, letter, foreign.id)
        with pytest.raises(NotFound):
            seals.picture(desks.ledger, foreign.id, by=desks.office)
        with pytest.raises(NotFound):
            seals.revoke(desks.ledger, foreign.id, reason="试", by=desks.administrator, at=NOW)
    with pytest.raises(Forbidden, match="发文机关"):
        set_(desks, letter, above.id, by=region_office)
    for closed, why in ((gone, "已停用"), (later, "尚未启用")):
        with pytest.raises(Refusal, match=why):
            set_(desks, letter, closed.id)
    with pytest.raises(Refusal, match="已到期"):
        set_(desks, letter, seal.id, at=NOW + timedelta(days=400))
    for nothing in ("", "rubbish", seals.CERTIFICATE, seals.SERVICE):
        with pytest.raises(Refusal):
            set_(desks, letter, nothing)
    for person in (desks.signatory, desks.administrator, desks.reviewer, desks.auditor):
        with pytest.raises(Forbidden, match="文书室"):
            set_(desks, letter, seal.id, by=person)
    with pytest.raises(Conflict, match="最新状态"):
        set_(desks, letter, seal.id, seen=99)
    assert seals.show(desks.ledger, letter.id, sealing=NOTHING, by=desks.office, at=NOW).editions == ()
    assert happened(desks, "letter_sealed") == []

    set_(desks, letter, seal.id)
    with pytest.raises(Refusal, match="不能重复用印"):
        set_(desks, letter, seal.id)


def test_a_printed_letter_is_not_sealed(sqlite_desks) -> None:
    desks = sqlite_desks
    letter, seal = signed(desks), keep(sqlite_desks)
    letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)

    assert letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).line.state is LetterState.PRINTED
    with pytest.raises(Refusal, match="首次印制之前"):
        set_(desks, letter, seal.id)


def test_the_database_itself_refuses_a_foreign_seal_and_a_changed_edition(desks) -> None:
    letter, seal = signed(desks), keep(desks)
    other = keep(desks, by=desks.hire(Role.ADMINISTRATOR, "other_admin", "150300"), key="other")
    plain = hashlib.sha256(pdf_of(desks, letter)).hexdigest()

    def put(**changes) -> None:
        told = {"letter_id": letter.id, "place": 1, "kind": "picture", "seal_id": seal.id, "facts": "{}",
                "before_sha256": plain, "pdf": b"x", "sha256": "1" * 64, "by": desks.office.id, "at": NOW}  # fmt: skip
        with desks.ledger.writer() as session:
            session.add(store.LetterEditionRow(**{**told, **changes}))

    with pytest.raises(Forbidden, match="不属于发文机关"):
        put(seal_id=other.id)
    with pytest.raises(Conflict, match="刚由他人用印"):
        put(before_sha256="2" * 64)
    with pytest.raises(Refusal, match="所用的印章"):
        put(seal_id=None)
    put()
    for statement in ("UPDATE letter_edition SET sha256 = 'x'", "DELETE FROM letter_edition", "DELETE FROM seal",
                      "UPDATE seal SET last_day = first_day"):  # fmt: skip
        with pytest.raises(Refusal, match="不能修改"), desks.ledger.writer() as session:
            session.execute(sa.text(statement))


def test_an_edition_that_was_changed_behind_our_back_is_not_handed_out(sqlite_desks) -> None:
    desks = sqlite_desks
    letter = signed(desks)
    set_(desks, letter, keep(desks).id)
    with desks.ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text("DROP TRIGGER letter_edition_no_update"))
        connection.execute(sa.text("UPDATE letter_edition SET pdf = substr(pdf, 1, 1000)"))

    with pytest.raises(Refusal, match="可能被改动"):
        pdf_of(desks, letter)


def test_a_certificate_that_fails_leaves_the_letter_as_it_was(sqlite_desks, certified, tmp_path) -> None:
    desks = sqlite_desks
    letter, seal = signed(desks), keep(sqlite_desks)
    plain = pdf_of(desks, letter)

    for wrong, why in (
        (Sealing(certificate=certified.certificate, passphrase="x", office="150200"), "口令不对"),
        (Sealing(certificate=tmp_path / "none.p12", office="150200"), "不存在"),
        (Sealing(certificate=tmp_path, office="150200"), "打不开"),
    ):
        with pytest.raises(Refusal, match=why):
            set_(desks, letter, seal.id, sealing=wrong)
        assert pdf_of(desks, letter) == plain
        assert seals.show(desks.ledger, letter.id, sealing=wrong, by=desks.office, at=NOW).editions == ()
    late = NOW + timedelta(days=91)
    with pytest.raises(Refusal, match="过期"):
        set_(desks, letter, seal.id, sealing=certified, at=late)
    foreign = Sealing(certificate=certified.certificate, passphrase=made.PASSPHRASE, office="150000")
    with pytest.raises(Refusal, match="没有设置本机关的签名证书"):
        set_(desks, letter, seals.CERTIFICATE, sealing=foreign)
    assert happened(desks, "letter_sealed") == []

    alone = set_(desks, letter, seal.id, sealing=foreign)
    assert [one.how for one in alone.editions] == ["加盖印模"]  # another office's certificate signs nothing of ours


SERVICE = """
import io, os, sys, pypdf
way, data, out = sys.argv[1], sys.stdin.buffer.read(), io.BytesIO()
assert data.startswith(b"%PDF-"), "no letter came"
if way == "seal":
    assert "SCREENING_CERTIFICATE_PASSPHRASE" not in os.environ and os.environ["SEAL_OFFICE"] == "150200"
    assert os.environ["SEAL_SIZE_MM"] == "42.000" and int(os.environ["SEAL_PAGE"]) > 0
    writer = pypdf.PdfWriter(io.BytesIO(data), incremental=True)
    writer.add_metadata({"/Sealed": os.environ["SEAL_NUMBER"]})
    writer.write(out)
    sys.stdout.buffer.write(out.getvalue())
elif way == "fail":
    sys.exit("证书已吊销")
elif way == "same":
    sys.stdout.buffer.write(data)
elif way == "rubbish":
    sys.stdout.buffer.write(b"<html>")
elif way == "other":
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.remove_page(0)
    writer.write(out)
    sys.stdout.buffer.write(out.getvalue())
elif way == "slow":
    import time
    time.sleep(30)
"""


def test_a_licensed_service_seals_or_is_refused(sqlite_desks, tmp_path, monkeypatch) -> None:
    desks = sqlite_desks
    letter = signed(desks)
    plain = pdf_of(desks, letter)
    (tmp_path / "service.py").write_text(SERVICE, "utf-8")
    monkeypatch.setenv("SCREENING_CERTIFICATE_PASSPHRASE", "secret")

    def way(name: str) -> Sealing:
        return Sealing(program=(sys.executable, str(tmp_path / "service.py"), name))

    for name, why in (
        ("fail", "证书已吊销"), ("same", "没有任何变化"), ("rubbish", "不是 PDF"), ("other", "原有.页"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=why):
            set_(desks, letter, seals.SERVICE, sealing=way(name))
    with pytest.raises(Refusal, match="不能运行"):
        set_(desks, letter, seals.SERVICE, sealing=Sealing(program=(str(tmp_path / "none"),)))
    monkeypatch.setattr(seals, "SECONDS", 0.2)
    with pytest.raises(Refusal, match="没有完成"):
        set_(desks, letter, seals.SERVICE, sealing=way("slow"))
    monkeypatch.undo()
    assert pdf_of(desks, letter) == plain

    sealed = set_(desks, letter, seals.SERVICE, sealing=way("seal"))

    assert [one.how for one in sealed.editions] == ["电子印章服务"]
    assert pdf_of(desks, letter) != plain
    assert drawing.differences(plain, pdf_of(desks, letter)) is None


def test_a_picture_is_kept_once_by_who_may(sqlite_desks) -> None:
    desks = sqlite_desks
    kept = keep(desks)

    assert keep(desks) == kept  # the same form again
    assert seals.picture(desks.ledger, kept.id, by=desks.office) == made.seal()
    with pytest.raises(Conflict):
        keep(desks, content=made.seal((255, 0, 0)))
    with pytest.raises(Refusal, match="已经上传过"):
        keep(desks, key="twice")
    with pytest.raises(Refusal, match="已经过去"):
        keep(desks, key="past", first=TODAY - timedelta(days=9), last=TODAY - timedelta(days=1))
    with pytest.raises(Refusal, match="不是 PNG"):
        keep(desks, key="svg", content=b"<svg><script/></svg>")
    for person in (desks.office, desks.signatory, desks.auditor):
        with pytest.raises(Forbidden, match="系统管理员"):
            keep(desks, by=person, key="by another")
        with pytest.raises(Forbidden, match="系统管理员"):
            seals.revoke(desks.ledger, kept.id, reason="试", by=person, at=NOW)
    with pytest.raises(Refusal, match="理由"):
        seals.revoke(desks.ledger, kept.id, reason=" ", by=desks.administrator, at=NOW)
    seals.revoke(desks.ledger, kept.id, reason="印章更换", by=desks.administrator, at=NOW)
    with pytest.raises(Conflict, match="已由他人停用"):
        seals.revoke(desks.ledger, kept.id, reason="印章更换", by=desks.administrator, at=NOW)
    assert len(happened(desks, "seal_added")) == len(happened(desks, "seal_revoked")) == 1


def test_two_seals_of_one_name_are_told_apart(sqlite_desks) -> None:
    desks = sqlite_desks
    letter = signed(desks)
    keep(desks)
    keep(desks, content=made.seal((200, 30, 30)), key="another")

    shown = seals.show(desks.ledger, letter.id, sealing=NOTHING, by=desks.office, at=NOW)
    choices = [words for _, words in shown.choices]

    assert len(set(choices)) == 2
    assert all("启用，校验值" in words for words in choices)
