"""催办: what was said about the terms of a project, the small form that logs a call, and reminders for ticked terms."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.chasing import ChaseKind
from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import chasing, followups
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, TextField, VoidForm, id_of, needed
from screening.web.printruns import press
from screening.web.selection import asked_selection

pages = Guarded("chasing", __name__)


class ChaseForm(ActForm):
    """A call, a letter or a visit."""

    clock = ChoiceField("装置", blank=None)
    kind = ChoiceField("方式", [(kind.value, kind.words) for kind in ChaseKind], blank=None)
    day = DayField("日期", [needed("请填写联系日期。")])
    with_whom = LineField("联系人", [needed("请填写联系人。")], description="对方的姓名、职务。")
    said = TextField("所说的内容", [needed("请填写所说的内容。")])
    promised = DayField(
        "承诺日期（选填）", description="对方承诺办成的日期，格式如 2027-03-01；过期没有验收的，列表显示▲。"
    )


class RemindForm(ActForm):
    """Why terms are reminded of again within a week."""

    reason = TextField("再次催告的理由", description="7日内催告过的，写明理由。")


def _page(project: UUID, form: ChaseForm | None = None, void_form: VoidForm | None = None) -> str:
    view = chasing.show(ledger(), project, by=person(), today=today())
    if form is None:
        form = ChaseForm(formdata=None, data={"key": new_key(), "day": today(), "kind": ChaseKind.CALL.value})
        form.clock.data = request.args.get("unit")
    _offer(form, view)
    return render_template(
        "chasing/show.html", view=view, form=form, void_form=void_form or VoidForm(formdata=None),
        wrong=form if form.problems else void_form,
    )  # fmt: skip


def _offer(form: ChaseForm, view: chasing.Chased) -> None:
    form.clock.offer((str(line.id), f"{line.unit or '整个项目'}（{line.due} 到期）") for line in view.clocks)


@pages.get("/projects/<uuid:project>/chases", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """What was said about the terms of a project."""
    return _page(project)


def _clock_of(form: ChaseForm) -> UUID:
    try:
        return UUID(form.clock.data or "")
    except ValueError:
        raise Refusal("请选择期限；该项目没有正在计算的期限时不需要催办。", field="clock") from None


@pages.post("/projects/<uuid:project>/chases", may=chasing.MAY)
def log(project: UUID) -> ResponseReturnValue:
    """Puts a call, letter or visit on file, and goes back to the morning page."""
    view = chasing.show(ledger(), project, by=person(), today=today())
    form = ChaseForm()
    _offer(form, view)
    if form.validate():
        with form.attempt():
            chasing.log(
                ledger(), project, _clock_of(form), kind=ChaseKind(form.kind.data or "call"), day=form.day.data,
                with_whom=form.with_whom.data, said=form.said.data, promised=form.promised.data, key=form.once,
                by=person(), at=now(),
            )  # fmt: skip
            flash(f"已登记催办：{view.project_name}。", "good")
            return redirect(url_for("deadlines.index"), 303)
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/chases/void", may=chasing.MAY)
def void(project: UUID) -> ResponseReturnValue:
    """Voids an entry that was wrong."""
    chasing.show(ledger(), project, by=person(), today=today())
    form = VoidForm()
    if form.validate():
        with form.attempt():
            chasing.void(ledger(), project, id_of(form.entry), reason=form.reason.data, by=person(), at=now())
            flash("催办记录已作废，仍保留在记录中。", "good")
            return redirect(url_for("chasing.show", project=project), 303)
    return _page(project, void_form=form), form.status


def _ticked() -> tuple[UUID, ...]:
    return asked_selection().picked


def _choose(form: RemindForm) -> str:
    keys = _ticked()
    found = followups.due_letters(ledger(), keys, by=person(), today=today()) if keys else ()
    return render_template("chasing/remind.html", form=form, found=found, keys=keys)


@pages.get("/deadlines/remind", may=Permission.SIGN)
def choose() -> ResponseReturnValue:
    """The reminders that would be signed for the ticked terms."""
    if not _ticked():
        flash("还没有勾选期限。请勾选左边的方框后再办理。", "warn")
        return redirect(url_for("deadlines.index"))
    return _choose(RemindForm(formdata=None, data={"key": new_key()}))


@pages.post("/deadlines/remind", may=Permission.SIGN)
def remind() -> ResponseReturnValue:
    """Signs them, and begins the run that prints them."""
    form = RemindForm()
    if form.validate():
        with form.attempt():
            if not _ticked():
                raise Refusal("还没有勾选期限。请返回期限页勾选。", field="reason")
            found = followups.remind_ticked(
                ledger(), _ticked(), reason=form.reason.data or "", key=form.once, by=person(), at=now()
            )
            for one, why in found.failed:
                flash(f"{one.project_name}（{one.number}）没有催告：{why}", "warn")
            if found.done:
                flash(f"已签发 {len(found.done)} 份，已登记催办，正在合成一份印件。", "good")
            if found.run:
                press().wake()
                return redirect(url_for("printruns.show", run=found.run), 303)
            return redirect(url_for("deadlines.index"), 303)
    return _choose(form), form.status
