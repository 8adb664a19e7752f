"""上级表样: the superiors' workbooks of an office: uploaded, marked column by column, filled with any list."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.people import Permission
from screening.services import forms, lists
from screening.services.forms import CELLS, CHOICES, WORDS, FormView, Marks
from screening.services.registry import Filter
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.fields import ActForm, FileField, LineField, SheetForm
from screening.workbook.headers import letters

pages = Guarded("forms", __name__)

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AddForm(ActForm):
    """A superior's form and what the office calls it."""

    name = LineField("名称", description="例如：自治区季度报表。导出时按这个名称选择。")
    file = FileField(
        "表样文件",
        description=f".xlsx，不超过 {forms.LARGEST // 1024 // 1024} MB；留好表头、空白数据行、合计行、落款，不带数据。",
    )


class MarkForm(SheetForm):
    """What each column and cell is for; its boxes come and go with the form."""


class RemoveForm(SheetForm):
    """A form that is no longer needed."""


def _index(form: AddForm) -> str:
    if not form.key.data:
        form.key.data = new_key()
    chosen = Filter.read(request.args)
    return render_template(
        "forms/index.html", form=form, rows=forms.all_forms(ledger(), by=person()), query=chosen.query(page=1),
        conditions=lists.words_of(ledger(), chosen),
    )  # fmt: skip


@pages.get("/forms", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The forms of the office, to be filled with the projects of the filter in the address."""
    return _index(AddForm(formdata=None))


@pages.post("/forms", may=Permission.IMPORT)
def add() -> ResponseReturnValue:
    """Takes a form in; marking it comes next."""
    form = AddForm()
    found = form.file.data if isinstance(form.file.data, FileStorage) else None
    name = Path(found.filename or "").name if found else ""
    status = 422
    valid = form.validate()
    if found is None or not name:
        form.refuse("请选择表样文件。", "file")
    elif not name.lower().endswith(".xlsx"):
        form.refuse(f"“{name}”不是 .xlsx 工作簿。请在表格软件中另存为 .xlsx 后再上传。", "file")
    elif valid:
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "form.xlsx"
                found.save(path)
                key = forms.add_form(
                    ledger(), path, file=name, name=form.name.data or "", key=form.once, by=person(), at=now()
                )
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            status = status_of(refusal)
            form.refuse(refusal.message, refusal.field or "file")
        else:
            return redirect(url_for("forms.show", form=key), 303)
    return _index(form), status


def _show(view: FormView, marks: Marks, form: SheetForm) -> str:
    sheet = next((s for s in view.sheets if s.name == marks.sheet), view.sheets[0])
    return render_template(
        "forms/show.html", view=view, marks=marks, sheet=sheet, form=form, choices=CHOICES, words=WORDS, kinds=CELLS,
        letters=letters,
    )  # fmt: skip


@pages.get("/forms/<uuid:form>", may=Permission.IMPORT)
def show(form: UUID) -> ResponseReturnValue:
    """The first rows of the form, to be marked."""
    view = forms.show_form(ledger(), form, by=person())
    chosen = next((s for s in view.sheets if s.name == request.args.get("sheet")), None)
    marks = view.marks if chosen is None or chosen.name == view.marks.sheet else forms.guess(chosen)
    return _show(view, marks, MarkForm(formdata=None))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0


@pages.post("/forms/<uuid:form>", may=Permission.IMPORT)
def mark(form: UUID) -> ResponseReturnValue:
    """Keeps the marks."""
    view = forms.show_form(ledger(), form, by=person())
    given, typed = request.form, MarkForm()
    columns = {_number(name[7:]): key for name, key in given.items() if name.startswith("column-") and key}
    cells = {kind: given.get(f"cell-{kind}", "") for kind in CELLS}
    marks = Marks(sheet=given.get("sheet", ""), first=_number(given.get("first")), columns=columns, cells=cells)
    status = 422
    if typed.validate():
        try:
            done = forms.map_form(ledger(), form, marks, seen=_number(given.get("seen")), by=person(), at=now())
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            status = status_of(refusal)
            typed.refuse(refusal.message)
        else:
            flash(f"已保存“{done.name}”的标定。", "good")
            return redirect(url_for("forms.show", form=form), 303)
    return _show(view, marks, typed), status


@pages.post("/forms/<uuid:form>/remove", may=Permission.IMPORT)
def remove(form: UUID) -> ResponseReturnValue:
    """Deletes a form."""
    view = forms.show_form(ledger(), form, by=person())
    typed = RemoveForm()
    status = 422
    if typed.validate():
        try:
            name = forms.remove_form(ledger(), form, seen=_number(request.form.get("seen")), by=person(), at=now())
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            status = status_of(refusal)
            typed.refuse(refusal.message)
        else:
            flash(f"已删除表样“{name}”。", "good")
            return redirect(url_for("forms.index"), 303)
    return _show(view, view.marks, typed), status


@pages.get("/forms/<uuid:form>/filled.xlsx", may=Permission.READ)
def filled(form: UUID) -> ResponseReturnValue:
    """The form with the projects of a filter."""
    name, data = forms.fill_form(ledger(), form, Filter.read(request.args), by=person(), today=today())
    answer = Response(data, mimetype=SHEET_TYPE)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name} {today()}.xlsx', safe='')}"
    return answer
