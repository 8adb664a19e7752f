"""Scans and documents of a project: told by their content what they are, kept outside the web root, never deleted."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Permission, Person
from screening.domain.review import CaseState
from screening.services import Ledger
from screening.services.lines import subject
from screening.store import attachments as store
from screening.store import people, registry, trail

LARGEST = 20 * 1024 * 1024
"""Bytes of one file."""
LONGEST_NAME = 120
MOST_MEMBERS = 5000
ABOUT = (
    "节能审查意见",
    "节能报告",
    "节能验收报告",
    "核准、备案文件",
    "环评批复",
    "排污许可证",
    "产能置换文件",
    "年度能耗资料",
    "企业说明",
    "其他",
)
"""What a file can be about."""
SERVICE_RECEIPT, DISPATCH_RECEIPT = "送达回证", "寄出、交接凭证"
"""What the office adds itself, with the letter that it belongs to."""


def ticked(session: Session, project: UUID, chosen: Collection[UUID], *, by: Person) -> list[dict[str, str]]:
    """The files that were ticked as evidence; Refusal where one is not the project's, or was voided meanwhile."""
    there = {f.id: f for f in store.of_project(session, project, by=by)}
    found = []
    for key in dict.fromkeys(chosen):
        file = there.get(key)
        if file is None:
            raise Refusal("勾选的附件不属于本项目。请刷新页面后重新勾选。", field="attachments")
        if file.voided_at is not None:
            raise Refusal(f"附件“{file.name}”已作废，不能作为证据。请改选其他附件。", field="attachments")
        found.append({"id": str(file.id), "name": file.name, "sha256": file.sha256})
    return found


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken: its words, its media type, and the endings of its name (the first is the usual)."""

    words: str
    media_type: str
    endings: tuple[str, ...]


PDF = FileType("PDF 文件", "application/pdf", (".pdf",))
_SIGNS: tuple[tuple[bytes, FileType], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", FileType("PNG 图片", "image/png", (".png",))),
    (b"\xff\xd8\xff", FileType("JPEG 图片", "image/jpeg", (".jpg", ".jpeg"))),
    (b"II*\x00", FileType("TIFF 图片", "image/tiff", (".tif", ".tiff"))),
    (b"MM\x00*", FileType("TIFF 图片", "image/tiff", (".tif", ".tiff"))),
    (b"BM", FileType("BMP 图片", "image/bmp", (".bmp",))),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        FileType("Office 97—2003 文档", "application/x-ole-storage", (".doc", ".xls", ".ppt", ".wps", ".et", ".dps")),
    ),
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_PACKED: Mapping[str, FileType] = {
    "word/document.xml": FileType("Word 文档", f"{_OFFICE}.wordprocessingml.document", (".docx",)),
    "xl/workbook.xml": FileType("Excel 工作簿", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",)),
    "ppt/presentation.xml": FileType("PowerPoint 演示文稿", f"{_OFFICE}.presentationml.presentation", (".pptx",)),
    "OFD.xml": FileType("OFD 版式文件", "application/ofd", (".ofd",)),
}
ACCEPTED = tuple(
    dict.fromkeys(ending for kind in (*(k for _, k in _SIGNS), *_PACKED.values()) for ending in kind.endings)
)
"""Endings that the file box offers; what counts is the content."""
TAKEN = "可上传 PDF、OFD、图片（PNG、JPEG、TIFF、BMP）和 Office 文档（Word、Excel、PowerPoint）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a project. `size` in bytes; `void_reason` where it was voided."""

    id: UUID
    project: UUID
    name: str
    about: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime
    void_reason: str | None
    voided_by: str | None
    voided_at: datetime | None


def kind_of(content: bytes) -> FileType:
    """What the bytes are; Refusal where they are nothing that is taken, or hold macros."""
    for sign, kind in _SIGNS:
        if content.startswith(sign):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    raise Refusal(f"按内容判断，这不是可以上传的文件。{TAKEN}；请另存为 PDF 后再上传。", field="file")


def _packed(content: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        raise Refusal("文件已损坏，打不开。请在原软件中打开、重新保存后再上传。", field="file") from broken
    if len(names) > MOST_MEMBERS:
        raise Refusal("文件内部结构异常。请另存为 PDF 后再上传。", field="file")
    if any(PurePath(name).name.casefold() == "vbaproject.bin" for name in names):
        raise Refusal("文件中含有宏，不能上传。请另存为不含宏的格式或 PDF 后再上传。", field="file")
    for mark, kind in _PACKED.items():
        if mark in names:
            return kind
    raise Refusal(f"按内容判断，这是压缩包，不能上传。{TAKEN}；请解压后逐个上传。", field="file")


def clean_name(name: str, kind: FileType) -> str:
    """A name that is safe to show and to save under; Refusal where its ending says something else than the content."""
    bare = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    shown = "".join(sign for sign in bare if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*').strip(" .")
    ending = PurePath(shown).suffix.lower()
    if ending not in kind.endings:
        said = f"文件名以“{ending}”结尾" if ending else "文件名没有扩展名"
        raise Refusal(
            f"按内容判断，这是{kind.words}，{said}。请把扩展名改为 {kind.endings[0]} 后再上传。", field="file"
        )
    stem = PurePath(shown).stem[: LONGEST_NAME - len(ending)] or "附件"
    return stem + ending


def _demand(by: Person) -> None:
    if not by.may(Permission.REGISTER):
        raise Forbidden(f"{by.role.words}不能上传或作废附件。请由登记员办理。")


def add(
    ledger: Ledger,
    project: UUID,
    content: bytes,
    *,
    folder: Path,
    name: str,
    about: str,
    key: str,
    by: Person,
    at: datetime,
) -> Attachment:
    """Keeps a file of the project; `folder` is where all files lie. The same `key` again gives the first result.

    Refusal where the content is nothing that is taken, is too large, or already belongs to the project.
    """
    _demand(by)
    if about not in ABOUT:
        raise Refusal("请从列表中选择附件的种类。", field="about")
    return _taken(ledger, project, content, folder=folder, name=name, about=about, key=key, by=by, at=at)


def receipt(
    ledger: Ledger,
    project: UUID,
    content: bytes,
    *,
    folder: Path,
    name: str,
    about: str,
    key: str,
    by: Person,
    at: datetime,
) -> UUID:
    """Keeps the scanned receipt of a letter, SERVICE_RECEIPT or DISPATCH_RECEIPT; one that is there already is it."""
    if not by.may(Permission.SERVE):
        raise Forbidden(f"{by.role.words}不能上传回证。请由文书室办理。")
    return _taken(ledger, project, content, folder=folder, name=name, about=about, key=key, by=by, at=at, once=False).id


def _taken(
    ledger: Ledger,
    project: UUID,
    content: bytes,
    *,
    folder: Path,
    name: str,
    about: str,
    key: str,
    by: Person,
    at: datetime,
    once: bool = True,
) -> Attachment:
    if not content:
        raise Refusal("文件是空的。请重新选择。", field="file")
    if len(content) > LARGEST:
        size = f"{len(content) / 1024 / 1024:.1f}"
        limit = LARGEST // 1024 // 1024
        raise Refusal(f"文件有 {size} MB，超过 {limit} MB。请降低扫描分辨率或拆成几个文件。", field="file")
    kind = kind_of(content)
    shown = clean_name(name, kind)
    with ledger.reader() as session:
        registry.get(session, project, by=by)
    digest = store.keep(folder, content)  # the long part; bytes that no row names in the end do no harm
    with ledger.writer() as session:
        there = registry.get(session, project, by=by)
        before = store.of_key(session, key)
        if before is not None:
            if before.project_id != project or before.added_by != by.id:
                raise Conflict("这份表单已用于另一个附件。请刷新页面后重新上传。")
            return _view(before, people.names(session, {before.added_by, before.voided_by}))
        if there.case_state is CaseState.VOID:
            raise Refusal("该项目已作废，不能上传附件。", field="file")
        same = [r for r in store.of_project(session, project, by=by) if r.sha256 == digest and r.voided_at is None]
        if same and not once:
            return _view(same[0], people.names(session, {same[0].added_by}))
        if same:
            raise Refusal(f"这个文件已经上传过（{same[0].name}），内容完全相同，不必重复上传。", field="file")
        row = store.AttachmentRow(
            id=uuid4(),
            key=key,
            project_id=project,
            name=shown,
            about=about,
            media_type=kind.media_type,
            size=len(content),
            sha256=digest,
            added_by=by.id,
            added_at=at,
        )
        session.add(row)
        after = {"attachment": str(row.id), "name": shown, "about": about, "sha256": digest, "size": len(content)}
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.ATTACHMENT_ADDED,
                subject=subject(project),
                why=f"{about}：{shown}",
                after=after,
            ),
        )
        return _view(row, people.names(session, {by.id}))


def _view(row: store.AttachmentRow, names: Mapping[UUID | None, people.PersonRow]) -> Attachment:
    return Attachment(
        id=row.id,
        project=row.project_id,
        name=row.name,
        about=row.about,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        added_by=names[row.added_by].name,
        added_at=row.added_at,
        void_reason=row.void_reason,
        voided_by=names[row.voided_by].name if row.voided_by else None,
        voided_at=row.voided_at,
    )


def of_project(ledger: Ledger, project: UUID, *, by: Person) -> tuple[Attachment, ...]:
    """The files of a project, voided ones too, the newest first; NotFound outside the scope."""
    with ledger.reader() as session:
        registry.get(session, project, by=by)
        rows = store.of_project(session, project, by=by)
        names = people.names(session, {r.added_by for r in rows} | {r.voided_by for r in rows})
        return tuple(_view(row, names) for row in rows)


def find(ledger: Ledger, attachment: UUID, *, by: Person) -> Attachment:
    """A file without its bytes; NotFound outside the scope."""
    with ledger.reader() as session:
        row = store.get(session, attachment, by=by)
        return _view(row, people.names(session, {row.added_by, row.voided_by}))


def content(ledger: Ledger, attachment: UUID, *, folder: Path, by: Person) -> tuple[Attachment, bytes]:
    """A file with its bytes, compared with its hash; NotFound outside the scope."""
    view = find(ledger, attachment, by=by)
    found = store.fetch(folder, view.sha256)
    if found is None:
        raise Refusal(
            f"附件“{view.name}”的文件缺失，或者与上传时的校验值不符，不能下载。请联系系统管理员从备份中恢复数据目录。"
        )
    return view, found


def void(ledger: Ledger, attachment: UUID, *, reason: str, by: Person, at: datetime) -> Attachment:
    """Marks a file as no longer valid, with the reason; its bytes stay. Conflict where somebody else did it already."""
    _demand(by)
    reason = reason.strip()
    if not reason:
        raise Refusal("请写明作废附件的理由。", field="reason")
    if len(reason) > 4000:
        raise Refusal(f"文字共{len(reason)}字，请不超过4000字。", field="reason")
    with ledger.writer() as session:
        row = store.get(session, attachment, by=by, lock=True)
        if row.voided_at is not None:
            raise Conflict("该附件已由他人作废。请刷新页面。")
        row.void_reason, row.voided_by, row.voided_at = reason, by.id, at
        session.flush()
        trail.record(
            session,
            Event(
                at=at,
                who=by,
                kind=Happening.ATTACHMENT_VOIDED,
                subject=subject(row.project_id),
                why=reason,
                before={"attachment": str(row.id), "name": row.name, "sha256": row.sha256},
            ),
        )
        return _view(row, people.names(session, {row.added_by, row.voided_by}))
