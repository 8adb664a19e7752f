"""领跑者: the applications by year, and the forms in which an application and what became of it are entered."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.frontrunners import ApplicationState, call_of
from screening.domain.lists import Listing
from screening.domain.people import Permission
from screening.services import frontrunners
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import (
    ActForm,
    ChoiceField,
    DayField,
    HiddenField,
    LineField,
    TextField,
    TicksField,
    id_of,
    needed,
)
from screening.web.findings import offer_files
from screening.web.lists import as_file

pages = Guarded("frontrunners", __name__)


class ApplyForm(ActForm):
    """An application, as its document says."""

    year = LineField("申报年度", [needed("请填写申报年度。")])
    product = ChoiceField("产品", validators=[needed("请选择产品。")])
    happened_on = DayField("申报日期", [needed("请填写申报日期。")], description="格式如 2026-11-22。")
    document = LineField("申报文件", [needed("请填写申报文件的名称和文号。")], description="名称和文号。")
    attachments = TicksField("申报材料：本项目的附件", [])


class StepForm(ActForm):
    """What became of it."""

    application = HiddenField()
    state = ChoiceField("结果", [(s.value, s.words) for s in ApplicationState], validators=[needed("请选择结果。")])
    happened_on = DayField("日期", [needed("请填写日期。")])
    document = LineField("文件", [needed("请填写文件的名称和文号。")], description="推荐函、公示名单等的名称和文号。")
    attachments = TicksField("本项目的附件", [])


class VoidForm(ActForm):
    """Why the newest step does not count."""

    application = HiddenField()
    reason = TextField("作废理由", [needed("请写明作废的理由。")])


def _year() -> int | None:
    asked = request.args.get("year") or ""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None


@pages.get("/frontrunners", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The applications within the scope, by year."""
    found, years = frontrunners.listing(ledger(), by=person(), year=_year())
    return render_template(
        "frontrunners/index.html", leaf=leaf(list(found)), years=sorted(years.items(), reverse=True), year=_year(),
        total=sum(years.values()), call=call_of(ledger().rules, today()),
    )  # fmt: skip


def _paper() -> Listing:
    return frontrunners.paper(ledger(), by=person(), today=today(), year=_year())


@pages.get("/frontrunners.pdf", may=Permission.READ)
def pdf() -> ResponseReturnValue:
    """The list on paper."""
    return as_file(_paper(), "pdf")


@pages.get("/frontrunners.xlsx", may=Permission.READ)
def xlsx() -> ResponseReturnValue:
    """The list as a workbook."""
    return as_file(_paper(), "xlsx")


@pages.get("/frontrunners.csv", may=Permission.READ)
def csv() -> ResponseReturnValue:
    """The list as CSV."""
    return as_file(_paper(), "csv")


def _page(
    project: UUID,
    form: ApplyForm | None = None,
    step_form: StepForm | None = None,
    void_form: VoidForm | None = None,
) -> str:
    view = frontrunners.show(ledger(), project, by=person(), today=today())
    wrong = form or step_form or void_form
    form = form or ApplyForm(formdata=None, data={"key": new_key(), "year": str(today().year)})
    form.product.offer((e.product, e.product) for e in view.entries)
    offer_files(form.attachments, ledger(), project, by=person())
    moving = {}
    for one in view.applications:
        if one.state and one.state.next_ones:
            mine = step_form if step_form and step_form.application.data == str(one.id) else None
            moving[one.id] = mine or StepForm(formdata=None, data={"key": new_key(), "application": str(one.id)})
            moving[one.id].state.offer((s.value, s.words) for s in one.state.next_ones)
            offer_files(moving[one.id].attachments, ledger(), project, by=person())
    chosen = request.args.get("application") or (step_form.application.data if step_form else None)
    return render_template(
        "frontrunners/show.html", view=view, form=form, moving=moving, chosen=chosen,
        void_form=void_form or VoidForm(formdata=None), wrong=wrong, call=call_of(ledger().rules, today()),
        met=frontrunners.MET,
    )  # fmt: skip


def _demand_there(project: UUID) -> frontrunners.ProjectView:
    """Foreign is missing before anything else is said."""
    return frontrunners.show(ledger(), project, by=person(), today=today())


@pages.get("/projects/<uuid:project>/frontrunner", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The applications of a project."""
    return _page(project)


@pages.post("/projects/<uuid:project>/frontrunner", may=Permission.RECOMMEND)
def apply(project: UUID) -> ResponseReturnValue:
    """Puts an application on file."""
    there = _demand_there(project)
    form = ApplyForm()
    form.product.offer((e.product, e.product) for e in there.entries)
    offer_files(form.attachments, ledger(), project, by=person())
    if form.validate():
        year = form.year.data
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            form.refuse(f"“{year}”不是年度。请填写如 2026 的四位数字。", "year")
            return _page(project, form), form.status
        with form.attempt():
            frontrunners.apply(
                ledger(), project, year=int(year), product=form.product.data, happened_on=form.happened_on.data,
                document=form.document.data, attachments=form.attachments.ids,
                key=form.once, by=person(), at=now(),
            )  # fmt: skip
            flash("申报已登记。", "good")
            return redirect(url_for("frontrunners.show", project=project), 303)
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/frontrunner/step", may=Permission.RECOMMEND)
def step(project: UUID) -> ResponseReturnValue:
    """Puts what became of an application on file."""
    _demand_there(project)
    form = StepForm()
    offer_files(form.attachments, ledger(), project, by=person())
    if form.validate():
        with form.attempt():
            frontrunners.move(
                ledger(), project, id_of(form.application), ApplicationState(form.state.data),
                happened_on=form.happened_on.data, document=form.document.data,
                attachments=form.attachments.ids, key=form.once, by=person(),
                at=now(),
            )  # fmt: skip
            flash("结果已登记。", "good")
            return redirect(url_for("frontrunners.show", project=project), 303)
    return _page(project, step_form=form), form.status


@pages.post("/projects/<uuid:project>/frontrunner/void", may=Permission.RECOMMEND)
def void(project: UUID) -> ResponseReturnValue:
    """Voids the newest step of an application."""
    _demand_there(project)
    form = VoidForm()
    if form.validate():
        with form.attempt():
            frontrunners.void(
                ledger(), project, id_of(form.application), reason=form.reason.data, by=person(), at=now()
            )
            flash("记录已作废，仍保留在记录中。", "good")
            return redirect(url_for("frontrunners.show", project=project), 303)
    return _page(project, void_form=form), form.status
