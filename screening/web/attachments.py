"""附件: the scans and documents of a project, listed, uploaded, downloaded and voided."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Permission
from screening.services import attachments, registry
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.fields import ActForm, ChoiceField, FileField, SheetForm, TextField, needed

pages = Guarded("attachments", __name__)

SEALED = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Nothing in a file that came from outside may run, whoever opens it."""


class AddForm(ActForm):
    """A file and what it is about."""

    about = ChoiceField(
        "种类", [(words, words) for words in attachments.ABOUT], validators=[needed("请从列表中选择附件的种类。")]
    )
    file = FileField("文件", description=f"{attachments.TAKEN}，每个不超过 {attachments.LARGEST // 1024 // 1024} MB。")


class VoidForm(SheetForm):
    """Why a file no longer counts."""

    reason = TextField("理由", [needed("请写明作废附件的理由。")])


def folder() -> Path:
    """Where the files lie, outside of anything that is served."""
    found: Path = current_app.config["ATTACHMENTS"]
    return found


def _page(project: UUID, form: AddForm | None = None, wrong: VoidForm | None = None) -> str:
    form = form or AddForm(formdata=None)
    if not form.key.data:
        form.key.data = new_key()
    return render_template(
        "registration/attachments.html",
        view=registry.show(ledger(), project, by=person(), today=today()),
        rows=attachments.of_project(ledger(), project, by=person()),
        form=form,
        wrong=wrong,
        accepted=",".join(attachments.ACCEPTED),
    )


@pages.get("/projects/<uuid:project>/attachments", may=Permission.READ)
def index(project: UUID) -> ResponseReturnValue:
    """The files of a project."""
    return _page(project)


@pages.post("/projects/<uuid:project>/attachments", may=Permission.REGISTER)
def add(project: UUID) -> ResponseReturnValue:
    """Takes a file in."""
    registry.show(ledger(), project, by=person(), today=today())
    form = AddForm()
    found = form.file.data if isinstance(form.file.data, FileStorage) and form.file.data.filename else None
    status = 422
    valid = form.validate()
    if found is None:
        form.refuse("请选择一个文件。", "file")
    elif valid:
        try:
            kept = attachments.add(
                ledger(),
                project,
                found.read(),
                folder=folder(),
                name=found.filename or "",
                about=form.about.data,
                key=form.once,
                by=person(),
                at=now(),
            )
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            status = status_of(refusal)
            form.refuse(refusal.message, refusal.field)
        else:
            flash(f"已上传“{kept.name}”。", "good")
            return redirect(url_for("attachments.index", project=project), 303)
    return _page(project, form), status


@pages.get("/attachments/<uuid:attachment>", may=Permission.READ)
def download(attachment: UUID) -> ResponseReturnValue:
    """The file itself, always to be saved and never opened in the page."""
    view, content = attachments.content(ledger(), attachment, folder=folder(), by=person())
    answer = Response(content, mimetype=view.media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(view.name, safe='')}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = SEALED
    return answer


@pages.post("/attachments/<uuid:attachment>/void", may=Permission.REGISTER)
def void(attachment: UUID) -> ResponseReturnValue:
    """Says that a file no longer counts."""
    form = VoidForm()
    view = attachments.find(ledger(), attachment, by=person())
    status = 422
    if form.validate():
        try:
            attachments.void(ledger(), attachment, reason=form.reason.data, by=person(), at=now())
        except Conflict as refusal:
            status = 409
            form.refuse(refusal.message)
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            form.refuse(refusal.message, refusal.field)
        else:
            flash(f"附件“{view.name}”已作废；文件和记录仍然保留。", "good")
            return redirect(url_for("attachments.index", project=view.project), 303)
    return _page(view.project, wrong=form), status
