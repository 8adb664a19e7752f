"""导入: a workbook is read and compared, shown, and taken in only after a confirmation."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.people import Permission
from screening.services import beginning, headings, registry
from screening.services.intake import APART
from screening.services.views import Preview
from screening.web.desk import asks_for_review, ledger, now, person
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.fields import FileField, SheetForm, TextField
from screening.workbook import UnknownColumns

pages = Guarded("intake", __name__)

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = (".xlsx", ".ods", ".csv", ".xls")


class UploadForm(SheetForm):
    """A workbook."""

    file = FileField(
        "台账文件",
        description="支持 .xlsx、.ods、.csv（UTF-8 或 GB 18030）。"
        "表头按名称识别，列的顺序不限；选好后先比对，不会直接写入。",
    )


class DecideForm(SheetForm):
    """The preview as a form; its boxes `fix-N`, ticks `take` and choices `merge-KEY` come and go with the file."""


class ColumnsForm(SheetForm):
    """A list of headers, each with the field that it names."""


class UndoForm(SheetForm):
    """Taking an import back."""

    reason = TextField("撤销的理由", description="写入变更记录，例如“选错了文件”。")


@pages.get("/import", may=Permission.IMPORT)
def upload() -> ResponseReturnValue:
    """Choose a file, or one of the imports that were."""
    return _upload(UploadForm())


def _upload(form: UploadForm) -> str:
    past = registry.past_imports(ledger(), by=person())
    named = headings.named_columns(ledger(), by=person())
    return render_template("intake/upload.html", form=form, suffixes=",".join(SUFFIXES), past=past, named=named)


def _columns(unknown: UnknownColumns, form: SheetForm) -> str:
    return render_template("intake/columns.html", unknown=unknown, form=form, choices=headings.choices(), given={})


@pages.get("/import/template.xlsx", may=Permission.IMPORT)
def template() -> ResponseReturnValue:
    """The blank template, with its drop-downs and notes."""
    blank = io.BytesIO(beginning.template_path().read_bytes())
    return send_file(blank, mimetype=SHEET_TYPE, as_attachment=True, download_name="两高项目台账（空白模板）.xlsx")


@pages.post("/import/columns", may=Permission.IMPORT)
def columns() -> ResponseReturnValue:
    """Remembers which column of the office's files is which field; the file is then chosen again."""
    form = ColumnsForm()
    given = {h: k or None for h, k in zip(request.form.getlist("header"), request.form.getlist("field"), strict=False)}
    forgets = "forget" in request.form
    chosen = {request.form["forget"]: None} if forgets else {h: k for h, k in given.items() if k}
    try:
        headings.name_columns(ledger(), chosen, by=person(), at=now())
    except Forbidden:
        raise
    except Refusal as refusal:
        form.refuse(refusal.message)
        lacking = tuple(request.form.getlist("lacking"))
        unknown = UnknownColumns("", sheet=request.form.get("sheet", ""), headers=tuple(given), lacking=lacking)
        page = render_template(
            "intake/columns.html", unknown=unknown, form=form, choices=headings.choices(), given=given
        )
        return page, status_of(refusal)
    flash("已忘记这个列名。" if forgets else f"已记住 {len(chosen)} 个列名。请再选择一次文件。", "good")
    return redirect(url_for("intake.upload"), 303)


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
            except UnknownColumns as unknown:
                return _columns(unknown, ColumnsForm()), 422
            except Refusal as refusal:
                form.refuse(refusal.message.replace(path.name, f"“{name}”"), "file")
            else:
                return redirect(url_for("intake.preview", batch=preview.batch), 303)
    return _upload(form), 422


@pages.get("/import/<uuid:batch>", may=Permission.IMPORT)
def preview(batch: UUID) -> ResponseReturnValue:
    """What confirming would do."""
    shown = registry.show_import(ledger(), batch, by=person())
    ticks = request.args.get("ticks")
    if ticks in {"all", "none"}:  # what script does by one box
        keys = frozenset(line.key for line in shown.changed) if ticks == "none" else frozenset[str]()
        shown = replace(shown, declined=keys)
    return _preview(shown, DecideForm())


def _preview(shown: Preview, form: SheetForm, typed: Mapping[int, str] = MappingProxyType({})) -> str:
    return render_template("intake/preview.html", preview=shown, form=form, undo=UndoForm(), typed=typed)


def _same(one: str, other: str) -> bool:
    """A box on a page holds no line ends: spaces do not count."""
    return "".join(one.split()) == "".join(other.split())


@pages.post("/import/<uuid:batch>", may=Permission.IMPORT)
def confirm(batch: UUID) -> ResponseReturnValue:
    """Takes the projects in; where cells were corrected, reads the file again and shows it first."""
    form = DecideForm()
    shown = registry.show_import(ledger(), batch, by=person())
    given = request.form
    seen = int(text) if (text := given.get("seen", "")).isascii() and text.isdigit() and len(text) < 10 else 0
    typed = {
        place: given[f"fix-{place}"]
        for place, cell in enumerate(shown.rejections)
        if f"fix-{place}" in given and not _same(given[f"fix-{place}"], cell.value)
    }
    declined = frozenset(line.key for line in shown.changed) - frozenset(given.getlist("take"))
    merges = {line.key: given.get(f"merge-{line.key}", APART) for line in shown.new if line.alike}
    merges = {key: target for key, target in merges.items() if target != APART}
    chosen: dict[str, Any] = {"seen": seen, "declined": declined, "merges": merges}
    try:
        if (typed or given.get("do") == "reread") and shown.confirmed_at is None:
            again = registry.correct_import(ledger(), batch, typed, **chosen, by=person(), at=now())
            _tell_corrected(again, len(typed), asked=given.get("do") == "reread")
            return redirect(url_for("intake.preview", batch=batch, _anchor="rejected" if again.rejected else None), 303)
        done = registry.confirm_import(ledger(), batch, **chosen, for_review=asks_for_review(), by=person(), at=now())
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        form.refuse(refusal.message)
        shown = registry.show_import(ledger(), batch, by=person())
        if shown.revision == seen:
            shown = replace(shown, declined=declined, merges=merges)
        return _preview(shown, form, typed if shown.revision == seen else {}), status_of(refusal)
    left = f"，未勾选的变更 {done.declined} 个" if done.declined else ""
    if done.new and not asks_for_review():
        left += "；新增的尚未提交审核"
    flash(
        f"导入完成：新增 {done.new} 个项目，变更 {done.changed} 个，相同 {done.same} 个，"
        f"未导入 {done.rejected} 个{left}。",
        "warn" if done.rejected else "good",
    )
    if done.rejected:  # the cells to mend stand there, and the way to the ledger
        return redirect(url_for("intake.preview", batch=batch), 303)
    return redirect(url_for("registry.index", sort="-changed"), 303)


def _tell_corrected(again: Preview, count: int, *, asked: bool) -> None:
    left = f"还有 {len(again.rejections)} 个单元格有问题" if again.rejections else "没有有问题的单元格了"
    first = f"改正了 {count} 个单元格，已重新读取并比对，{left}。" if count else f"已重新读取并比对，{left}。"
    flash(first + ("" if asked else "请核对后再点“确认导入”。"), "warn" if again.rejections else "good")


@pages.get("/import/<uuid:batch>/workbook", may=Permission.IMPORT)
def workbook(batch: UUID) -> ResponseReturnValue:
    """The uploaded workbook with its faulty cells coloured and noted."""
    name, content = registry.marked_workbook(ledger(), batch, by=person())
    return send_file(io.BytesIO(content), mimetype=SHEET_TYPE, as_attachment=True, download_name=name)


@pages.post("/import/<uuid:batch>/undo", may=Permission.IMPORT)
def undo(batch: UUID) -> ResponseReturnValue:
    """Takes a whole import back while nothing was built on it."""
    form = UndoForm()
    if form.validate():
        with form.attempt():
            gone = registry.undo_import(ledger(), batch, reason=form.reason.data or "", by=person(), at=now())
            flash(f"已撤销这次导入：作废新增的 {gone.voided} 个项目，恢复 {gone.restored} 个项目原来的数据。", "good")
            return redirect(url_for("intake.preview", batch=batch), 303)
    shown = registry.show_import(ledger(), batch, by=person())
    page = render_template("intake/preview.html", preview=shown, form=form, undo=form, typed={})
    return page, form.status
