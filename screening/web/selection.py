"""Ticked rows of the ledger: carried by the address over paging and sorting, looked at, and acted on in bulk."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import selection
from screening.services.registry import Filter
from screening.services.selection import Selection
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, DayField, TextField, needed

pages = Guarded("selection", __name__)
FILES = {"pdf": "lists.ledger_pdf", "xlsx": "registry.workbook", "list": "lists.ledger_xlsx"}
"""What can be had of ticked rows at once: value of the button -> the file of a filter."""


class TogetherForm(ActForm):
    """One reason for many recommendations that follow what the program proposes."""

    reason = TextField("理由", [needed("请写明理由。")], description="将写入每一条处置建议，供签发人核对。")
    due = DayField(
        "改造（整改）到期日",
        description="限期改造、限期整改的共同到期日，格式如 2027-06-30；不填则按国家目标日期，没有的跳过。",
    )


def asked_selection() -> Selection:
    """What the address says is ticked."""
    query = request.args
    return Selection.read(
        query.getlist("pick"), all_of=query.get("all"), skips=query.getlist("skip"), rows=query.getlist("row")
    )


def asked_filter() -> Filter:
    """The filter of the address, for a file of it: where rows are ticked, these alone."""
    filters, chosen = Filter.read(request.args), asked_selection()
    ticked = "pick" in request.args or "all" in request.args
    return chosen.over(filters) if ticked else filters


def tidied() -> str | None:
    """The address of this page without the help of forms that cannot run a script; None where there is none in it."""
    if "row" not in request.args:
        return None
    return f"{request.path}?{urlencode(_carried(), doseq=True)}"


def _carried(*, page: int | None = None) -> dict[str, object]:
    """Filter, columns and ticks of the address, for another address."""
    query = Filter.read(request.args).query(**({} if page is None else {"page": page}))
    columns = {"columns": request.args["columns"]} if request.args.get("columns") else {}
    return {"sort": "name", **query, **columns, **asked_selection().query()}


@pages.get("/projects/selected", may=Permission.READ)
def show() -> ResponseReturnValue:
    """The ticked rows as they are now; a button of the ledger that asks for a file gets it if none is missing."""
    chosen = asked_selection()
    if not chosen:
        flash("还没有勾选项目。请勾选项目左边的方框，或者选中全部。", "warn")
        return redirect(f"{url_for('registry.index')}?{urlencode(_carried(), doseq=True)}")
    looked = selection.look(ledger(), chosen, Filter.read(request.args), by=person(), today=today())
    carried = _carried(page=1)
    wanted = FILES.get(request.args.get("do", ""))
    if wanted and looked.there and not looked.skipped and not looked.since:
        return redirect(f"{url_for(wanted)}?{urlencode(carried, doseq=True)}")
    return render_template("selection/show.html", looked=looked, carried=urlencode(carried, doseq=True))


@pages.get("/projects/selected/recommend", may=Permission.RECOMMEND)
def together() -> ResponseReturnValue:
    """Which of the ticked rows can be recommended as the program proposes."""
    form = TogetherForm(formdata=None, data={"key": new_key()})
    return _together(form)


def _together(form: TogetherForm) -> str:
    filters = Filter.read(request.args)
    looked = selection.look(ledger(), asked_selection(), filters, by=person(), today=today())
    rows = selection.ready(ledger(), asked_selection(), filters, by=person(), today=today())
    carried = urlencode(_carried(page=1), doseq=True)
    return render_template("selection/together.html", form=form, looked=looked, rows=rows, carried=carried)


@pages.post("/projects/selected/recommend", may=Permission.RECOMMEND)
def recommend() -> ResponseReturnValue:
    """Recommends them one after another, and says what was done and what was not."""
    form = TogetherForm()
    if form.validate():
        with form.attempt():
            done = selection.recommend(
                ledger(),
                ticked_items(request.form.getlist("item")),
                reason=form.reason.data,
                due=form.due.data,
                key=form.once,
                by=person(),
                at=now(),
                today=today(),
            )
            return render_template("selection/done.html", done=_with_gone(done))
    return _together(form), form.status


def _with_gone(done: selection.Done) -> selection.Done:
    """Counts and names those, too, that were ticked one by one and gone before the form was shown."""
    chosen = asked_selection()
    looked = selection.look(ledger(), chosen, Filter.read(request.args), by=person(), today=today())
    told = len(done.done) + len(done.skipped)
    known = {row.project for row in done.skipped}
    gone = [row for row in looked.skipped if row.project is None or row.project not in known]
    if not chosen.picked:
        return done
    missing = max(0, chosen.count - told)
    return replace(done, ticked=told + missing, skipped=(*done.skipped, *gone[:missing]))


def ticked_items(texts: list[str]) -> list[tuple[UUID, int]]:
    """Ticked projects with the versions that the page showed."""
    found = []
    for text in texts:
        key, _, version = text.partition(":")
        try:
            found.append((UUID(key), int(version[:9])))
        except ValueError:
            raise Refusal("勾选的内容有误。请回到台账重新勾选。", field="pick") from None
    return found
