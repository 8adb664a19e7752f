"""导入: a workbook is read and compared, shown, and taken in only after a confirmation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from screening.domain.errors import Conflict, Refusal
from screening.domain.people import Permission
from screening.services import registry
from screening.web.desk import ledger, now, person
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.fields import FileField, SheetForm

pages = Guarded("intake", __name__)

SUFFIXES = (".xlsx", ".ods", ".csv", ".xls")


class UploadForm(SheetForm):
    """A workbook."""

    file = FileField(
        "台账文件",
        description="支持 .xlsx、.ods、.csv（UTF-8 或 GB 18030）。"
        "表头按名称识别，列的顺序不限；选好后先比对，不会直接写入。",
    )


class ConfirmForm(SheetForm):
    """Nothing but the token."""


@pages.get("/import", may=Permission.IMPORT)
def upload() -> ResponseReturnValue:
    """Choose a file."""
    return render_template("intake/upload.html", form=UploadForm(), suffixes=",".join(SUFFIXES))


@pages.post("/import", may=Permission.IMPORT)
def compare() -> ResponseReturnValue:
    """Reads the file and compares it with the ledger; the ledger stays as it is."""
    form = UploadForm()
    found: FileStorage | None = form.file.data if isinstance(form.file.data, FileStorage) else None
    name = Path(found.filename or "").name if found else ""
    suffix = Path(name).suffix.lower()
    if form.validate():
        if found is None or not name:
            form.refuse("请选择一个台账文件。", "file")
        elif suffix not in SUFFIXES:
            form.refuse(f"“{name}”不是可导入的文件。请选择 .xlsx、.ods 或 .csv 文件。", "file")
        else:
            try:
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / f"upload{suffix}"
                    found.save(path)
                    preview = registry.preview_import(ledger(), path, file=name[-200:], by=person(), at=now())
            except Refusal as refusal:
                form.refuse(refusal.message, "file")
            else:
                return redirect(url_for("intake.preview", batch=preview.batch), 303)
    return render_template("intake/upload.html", form=form, suffixes=",".join(SUFFIXES)), 422


@pages.get("/import/<uuid:batch>", may=Permission.IMPORT)
def preview(batch: UUID) -> ResponseReturnValue:
    """What confirming would do."""
    shown = registry.show_import(ledger(), batch, by=person())
    return render_template("intake/preview.html", preview=shown, form=ConfirmForm())


@pages.post("/import/<uuid:batch>", may=Permission.IMPORT)
def confirm(batch: UUID) -> ResponseReturnValue:
    """Takes the projects in."""
    form = ConfirmForm()
    try:
        done = registry.confirm_import(ledger(), batch, by=person(), at=now())
    except Conflict as refusal:
        form.refuse(refusal.message)
        shown = registry.show_import(ledger(), batch, by=person())
        return render_template("intake/preview.html", preview=shown, form=form), status_of(refusal)
    flash(
        f"导入完成：新增 {done.new} 个项目，变更 {done.changed} 个，相同 {done.same} 个，未导入 {done.rejected} 个。",
        "warn" if done.rejected else "good",
    )
    if done.rejected:  # the cells to mend stand there, and the way to the ledger
        return redirect(url_for("intake.preview", batch=batch), 303)
    return redirect(url_for("registry.index", sort="-changed"), 303)
