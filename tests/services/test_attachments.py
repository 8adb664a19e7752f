"""Files of projects: what they are is told by their content, their bytes by their hash, and nobody foreign sees them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Happening
from screening.domain.people import Role
from screening.services import attachments, registration, registry
from tests.conftest import NOW
from tests.services.desks import once
from tests.services.sheets import row

SCAN = b"%PDF-1.7\n1 0 obj\n"


def packed(*names: str) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return room.getvalue()


@pytest.fixture
@once
def project(desks):
    desks.take_in([row(1)])
    return desks.find("青山第1")


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "attachments"


def add(desks, project, folder, content=SCAN, name="意见.pdf", key="k1", by=None) -> attachments.Attachment:
    return attachments.add(
        desks.ledger, project, content, folder=folder, name=name, about="节能审查意见", key=key,
        by=by or desks.registrar, at=NOW,
    )  # fmt: skip


TAKEN = [
    (SCAN, "a.pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\nrest", "图.PNG", "image/png"),
    (b"\xff\xd8\xff\xe0rest", "a.jpeg", "image/jpeg"),
    (b"II*\x00rest", "a.tif", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧.doc", "application/x-ole-storage"),
    (packed("[Content_Types].xml", "word/document.xml"), "a.docx", None),
    (packed("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", None),
    (packed("OFD.xml"), "批复.ofd", "application/ofd"),
]
REFUSED = [
    (b"<html><script>alert(1)</script>", "a.pdf", "按内容判断"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "按内容判断"),
    (b"MZ\x90\x00", "a.pdf", "按内容判断"),
    (SCAN, "a.html", "扩展名"),
    (SCAN, "a.png", "扩展名"),
    (SCAN, "scan", "没有扩展名"),
    (packed("a.txt"), "a.docx", "压缩包"),
    (packed("xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsx", "宏"),
    (b"PK\x03\x04broken", "a.docx", "损坏"),
    (b"", "a.pdf", "空的"),
]


@pytest.mark.parametrize(("content", "name", "media"), TAKEN, ids=[t[1] for t in TAKEN])
def test_a_file_is_told_by_its_content(content, name, media) -> None:
    kind = attachments.kind_of(content)

    assert media in {None, kind.media_type}
    assert attachments.clean_name(name, kind).lower() == name.lower()


@pytest.mark.parametrize(("content", "name", "words"), REFUSED, ids=[f"{t[2]}-{t[1]}" for t in REFUSED])
def test_anything_else_is_refused_in_words(sqlite_desks, tmp_path, content, name, words) -> None:
    sqlite_desks.take_in([row(1)])
    with pytest.raises(Refusal, match=words) as refused:
        add(sqlite_desks, sqlite_desks.find("青山第1"), tmp_path / "files", content, name)

    assert refused.value.field == "file"
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/意见.pdf", "意见.pdf"),
        ("C:\\扫描\\意见.pdf", "意见.pdf"),
        ('a"\r\nX: y.pdf', "aX y.pdf"),
        ("\u202efdp.意见.pdf", "fdp.意见.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_made_safe(typed, kept) -> None:
    assert attachments.clean_name(typed, attachments.PDF) == kept


def test_a_file_is_kept_under_its_hash_and_told(desks, project, folder) -> None:
    kept = add(desks, project, folder)

    digest = hashlib.sha256(SCAN).hexdigest()
    assert kept.sha256 == digest
    assert (folder / digest[:2] / digest).read_bytes() == SCAN
    assert [p.name for p in folder.rglob("*") if p.is_file()] == [digest]
    view, content = attachments.content(desks.ledger, kept.id, folder=folder, by=desks.reviewer)
    assert (view.name, content) == ("意见.pdf", SCAN)
    event = registry.history(desks.ledger, project, by=desks.registrar)[0]
    assert event.kind is Happening.ATTACHMENT_ADDED
    assert event.after is not None
    assert event.after["sha256"] == digest


def test_the_same_form_twice_adds_one_file(desks, project, folder) -> None:
    assert add(desks, project, folder).id == add(desks, project, folder).id
    with pytest.raises(Refusal, match="已经上传过"):
        add(desks, project, folder, key="k2")

    assert len(attachments.of_project(desks.ledger, project, by=desks.registrar)) == 1


def test_a_file_that_was_touched_is_not_given_out(desks, project, folder) -> None:
    kept = add(desks, project, folder)
    (folder / kept.sha256[:2] / kept.sha256).write_bytes(SCAN + b"!")

    with pytest.raises(Refusal, match="校验值"):
        attachments.content(desks.ledger, kept.id, folder=folder, by=desks.registrar)


def test_a_large_file_is_refused(sqlite_desks, tmp_path) -> None:
    sqlite_desks.take_in([row(1)])

    with pytest.raises(Refusal, match="20 MB"):
        add(sqlite_desks, sqlite_desks.find("青山第1"), tmp_path, SCAN + bytes(attachments.LARGEST))


def test_a_file_is_voided_with_a_reason_and_stays(desks, project, folder) -> None:
    kept = add(desks, project, folder)
    with pytest.raises(Refusal, match="理由"):
        attachments.void(desks.ledger, kept.id, reason=" ", by=desks.registrar, at=NOW)

    attachments.void(desks.ledger, kept.id, reason="扫描不清", by=desks.registrar, at=NOW)

    with pytest.raises(Conflict):
        attachments.void(desks.ledger, kept.id, reason="扫描不清", by=desks.registrar, at=NOW)
    (there,) = attachments.of_project(desks.ledger, project, by=desks.reviewer)
    assert there.void_reason == "扫描不清"
    assert attachments.content(desks.ledger, kept.id, folder=folder, by=desks.reviewer)[1] == SCAN
    assert add(desks, project, folder, key="k3").id != kept.id


def test_others_find_nothing(desks, project, folder) -> None:
    kept = add(desks, project, folder)
    foreign = desks.hire(Role.REGISTRAR, "foreign", scope="150300")

    for look in (
        lambda: attachments.of_project(desks.ledger, project, by=foreign),
        lambda: attachments.content(desks.ledger, kept.id, folder=folder, by=foreign),
        lambda: attachments.void(desks.ledger, kept.id, reason="理由", by=foreign, at=NOW),
        lambda: add(desks, project, folder, key="k9", by=foreign),
        lambda: registration.opened(desks.ledger, project, by=foreign),
        lambda: registration.copied(desks.ledger, project, by=foreign),
        lambda: registration.strike_off(desks.ledger, project, reason="理由", seen=1, by=foreign, at=NOW),
        lambda: registration.reinstate(desks.ledger, project, reason="理由", seen=1, by=foreign, at=NOW),
    ):
        with pytest.raises(NotFound):
            look()


def test_only_registrars_add_and_void(desks, project, folder) -> None:
    kept = add(desks, project, folder)

    with pytest.raises(Forbidden):
        add(desks, project, folder, key="k5", by=desks.reviewer)
    with pytest.raises(Forbidden):
        attachments.void(desks.ledger, kept.id, reason="理由", by=desks.reviewer, at=NOW)
