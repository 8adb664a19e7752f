"""验收: the retrofits of a project, what was metered on them, and the form in which a metered run is entered."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import acceptance
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import (
    ActForm,
    DayField,
    ExactField,
    HiddenField,
    LineField,
    TicksField,
    VoidForm,
    id_of,
    needed,
)
from screening.web.findings import offer_files

pages = Guarded("acceptance", __name__)


class MeteringForm(ActForm):
    """What was metered on one unit, as its report says."""

    clock = HiddenField()
    first_day = DayField("计量开始日", [needed("请填写计量开始日。")], description="格式如 2027-03-01。")
    last_day = DayField("计量结束日", [needed("请填写计量结束日。")])
    sec = ExactField("单位产品能耗", [needed("请填写计量得到的单位产品能耗。")])
    metered_by = LineField("检测机构", [needed("请填写检测机构。")], description="出具计量、检测报告的机构。")
    document = LineField("报告", [needed("请填写报告的名称和文号。")], description="名称和文号。")
    attachments = TicksField("证据：本项目的附件", [])


def _page(project: UUID, form: MeteringForm | None = None, void_form: VoidForm | None = None) -> str:
    view = acceptance.show(ledger(), project, by=person(), today=today())
    wanted = request.args.get("unit") or (form.clock.data if form else None)
    still = [one for one in view.retrofits if one.stage is not None]
    chosen = next((one for one in still if str(one.clock) == wanted), still[0] if still else None)
    if form is None:
        form = MeteringForm(formdata=None, data={"key": new_key()})
        form.clock.data = str(chosen.clock) if chosen else ""
    offer_files(form.attachments, ledger(), project, by=person())
    return render_template(
        "acceptance/show.html", view=view, form=form, void_form=void_form or VoidForm(formdata=None), chosen=chosen,
        still=still, wrong=form if form.problems else void_form,
    )  # fmt: skip


@pages.get("/projects/<uuid:project>/acceptance", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The retrofits of a project with what was metered."""
    return _page(project)


@pages.post("/projects/<uuid:project>/acceptance", may=Permission.RECOMMEND)
def meter(project: UUID) -> ResponseReturnValue:
    """Puts a metered run on file."""
    acceptance.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
    form = MeteringForm()
    offer_files(form.attachments, ledger(), project, by=person())
    if form.validate():
        with form.attempt():
            acceptance.meter(
                ledger(), project, id_of(form.clock), first_day=form.first_day.data, last_day=form.last_day.data,
                sec=form.sec.data, metered_by=form.metered_by.data, document=form.document.data,
                attachments=form.attachments.ids, key=form.once, by=person(),
                at=now(),
            )  # fmt: skip
            flash("已登记计量。请提出“改造验收通过”或者“改造验收不通过”的建议，由签发人决定。", "good")
            return redirect(url_for("acceptance.show", project=project), 303)
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/acceptance/void", may=Permission.RECOMMEND)
def void(project: UUID) -> ResponseReturnValue:
    """Voids an entry that was wrong."""
    acceptance.show(ledger(), project, by=person(), today=today())
    form = VoidForm()
    if form.validate():
        with form.attempt():
            acceptance.void_metering(
                ledger(), project, id_of(form.entry), reason=form.reason.data, by=person(), at=now()
            )
            flash("计量记录已作废，仍保留在记录中。", "good")
            return redirect(url_for("acceptance.show", project=project), 303)
    return _page(project, void_form=form), form.status
