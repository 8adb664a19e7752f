"""视图 and 列: ways to look at the ledger kept under a name, and the columns that a person chose."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import saved
from screening.services.registry import Filter
from screening.web.desk import ledger, new_key, now, person
from screening.web.doors import Guarded, local
from screening.web.fields import ActForm, HiddenField, LineField

pages = Guarded("saved", __name__)


class SaveForm(ActForm):
    """A name for what the ledger's page shows now; `seen` is the version of the own view that has the name already."""

    name = LineField("名称", description=f"例如：包头市低于基准。不超过{saved.LONGEST_NAME}字。")
    shared = BooleanField("与本单位的人共享")
    default = BooleanField("打开台账时先显示这个视图")
    replace = BooleanField("替换同名视图")
    query = HiddenField()
    columns = HiddenField()


def asked_columns() -> tuple[str, ...] | None:
    """The columns that the address asks for, as a saved view does; None where it leaves them to the person."""
    text = request.args.get("columns", "")
    return saved.ordered(text.split(".")) if text else None


def listed_columns() -> tuple[str, ...] | None:
    """The columns of files and prints: the address's, else the person's own; None where neither says."""
    return asked_columns() or saved.desk(ledger(), by=person()).columns


def address_of(view: saved.View) -> str:
    """Where the view is seen; what it asked for and no longer exists is said on that page."""
    if view.gone:
        flash(
            f"视图“{view.name}”保存的条件已不存在：{'、'.join(view.gone)}。已略去这些条件，显示的项目可能比保存时多。"
            "请调整条件后重新保存这个视图。",
            "warn",
        )
    return f"{url_for('registry.index')}?{urlencode(view.address)}"


def _overview(wrong: tuple[UUID, str] | None = None) -> str:
    return render_template("saved/index.html", desk=saved.desk(ledger(), by=person(), whole=True), wrong=wrong)


@pages.get("/views", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The person's views and those of the office."""
    return _overview()


@pages.post("/views", may=Permission.READ)
def save() -> ResponseReturnValue:
    """Keeps what the ledger's page shows under a name."""
    form = SaveForm()
    filters = Filter.read(dict(parse_qsl(form.query.data or "")))
    if form.validate():
        with form.attempt():
            done = saved.save(
                ledger(),
                name=form.name.data or "",
                filters=filters,
                columns=(form.columns.data or "").split("."),
                shared=form.shared.data,
                default=form.default.data,
                replace=form.version if form.replace.data else None,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已保存视图“{done.name}”{'，本单位的人都能看到' if done.shared else ''}。", "good")
            return redirect(address_of(done), 303)
    taken = saved.named(ledger(), form.name.data or "", by=person())
    form.seen.data = str(taken.version) if taken else ""
    form.key.data = form.key.data or new_key()
    shown = saved.described(ledger(), filters, (form.columns.data or "").split("."))
    return render_template("saved/save.html", form=form, taken=taken, shown=shown), form.status


@pages.get("/views/<uuid:view>", may=Permission.READ)
def show(view: UUID) -> ResponseReturnValue:
    """Opens a view: its filter, order and columns stand in the address from then on."""
    return redirect(address_of(saved.show(ledger(), view, by=person())))


@pages.post("/views/<uuid:view>", may=Permission.READ)
def change(view: UUID) -> ResponseReturnValue:
    """Renames it, shares it, or takes it back."""
    form = SaveForm()
    shown = saved.show(ledger(), view, by=person())
    try:
        saved.change(
            ledger(), view, name=form.name.data or "", shared=form.shared.data, seen=form.version, by=person(), at=now()
        )
    except Refusal as refusal:
        if refusal.field != "name":
            raise
        return _overview((shown.id, refusal.message)), 422
    flash("已保存。", "good")
    return redirect(url_for("saved.index"), 303)


@pages.post("/views/<uuid:view>/remove", may=Permission.READ)
def remove(view: UUID) -> ResponseReturnValue:
    """Removes one's own view."""
    name = saved.remove(ledger(), view, seen=SaveForm().version, by=person(), at=now())
    flash(f"已删除视图“{name}”。台账中的项目没有变化。", "good")
    return redirect(url_for("saved.index"), 303)


@pages.post("/views/default", may=Permission.READ)
def default() -> ResponseReturnValue:
    """Which view the ledger opens with; none where the form names none."""
    text = request.form.get("view", "")
    try:
        chosen = UUID(text) if text else None
    except ValueError:
        raise Refusal("没有这个视图。请从列表中选择。", field="view") from None
    saved.open_with(ledger(), chosen, by=person(), at=now())
    flash("打开台账时将先显示这个视图。" if chosen else "打开台账时将显示全部项目。", "good")
    return redirect(url_for("saved.index"), 303)


@pages.get("/projects/columns", may=Permission.READ)
def columns() -> ResponseReturnValue:
    """Which columns, in which order."""
    shown = asked_columns() or saved.desk(ledger(), by=person()).columns or saved.USUAL
    return render_template(
        "saved/columns.html",
        shown=shown,
        order=(*shown, *(key for key in saved.COLUMNS if key not in shown)),
        words=saved.COLUMNS,
        back=local(request.args.get("back")) or url_for("registry.index", sort="name"),
    )


@pages.post("/projects/columns", may=Permission.READ)
def choose_columns() -> ResponseReturnValue:
    """Keeps the columns with the person: the ticked ones in the order shown, one of them moved, or the usual again."""
    given = [key for key in request.form.getlist("order") if key in saved.COLUMNS]
    order = list(dict.fromkeys(["name", *given, *saved.COLUMNS]))
    ticked = set(request.form.getlist("column"))
    way, _, moved = request.form.get("move", "").partition(":")
    if moved in order:
        place = order.index(moved)
        to = max(1, place - 1) if way == "up" else min(len(order) - 1, place + 1)
        order.insert(to, order.pop(place))
        ticked.add(moved)
    back = local(request.form.get("back")) or url_for("registry.index", sort="name")
    wanted = None if request.form.get("usual") else [key for key in order if key in ticked]
    saved.choose_columns(ledger(), wanted, by=person(), at=now())
    if moved:
        return redirect(url_for("saved.columns", back=back), 303)
    return redirect(back, 303)
