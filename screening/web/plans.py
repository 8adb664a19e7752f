"""改造计划: the plans of a project's retrofits, version by version, what was reported on the way, and the pace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.domain.plans import STEPS, PlanStep
from screening.domain.quantity import plain
from screening.services import plans
from screening.services.plans import HolderView, PlansView
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import (
    ActForm,
    ChoiceField,
    DayField,
    ExactField,
    HiddenField,
    LineField,
    TextField,
    TicksField,
    id_of,
    needed,
)
from screening.web.findings import offer_files
from screening.web.lists import as_file

pages = Guarded("plans", __name__)


class PlanForm(ActForm):
    """A version of a plan: what is done, what it costs and saves, by when and by whom."""

    holder = HiddenField()
    measures = TextField("改造措施", [needed("请填写改造措施。")])
    investment = ExactField("投资（万元）", [needed("请填写投资，没有的填 0。")])
    expected_sec = ExactField("改造后单位产品能耗", [needed("请填写改造后的单位产品能耗。")])
    saving = ExactField("年节能量（tce）", [needed("请填写年节能量。")])
    reason = TextField("变更理由", [])
    attachments = TicksField("方案、合同等附件", [])


for _step in STEPS:
    setattr(PlanForm, _step.value, DayField(f"{_step.words}：计划日期", [needed(f"请填写“{_step.words}”的计划日期。")]))
    setattr(
        PlanForm, f"{_step.value}_by", LineField(f"{_step.words}：责任人", [needed(f"请填写“{_step.words}”的责任人。")])
    )


class ReportForm(ActForm):
    """What the enterprise reported on a day."""

    holder = HiddenField()
    day = DayField("报告日期", [needed("请填写报告日期。")])
    said = TextField("进度说明", [needed("请填写进度说明。")])
    step = ChoiceField("达到的里程碑（选填）", [(s.value, s.words) for s in STEPS], blank="没有")
    reached_on = DayField("达到日期（选填）")
    percent = LineField("工程进度 %（选填）", description="开工到完工之间已完成的比例，1 至 100。")
    sec = ExactField("目前单位产品能耗（选填）")
    attachments = TicksField("证据：本项目的附件", [])


class VoidForm(ActForm):
    """Which report does not count, and why."""

    holder = HiddenField()
    entry = HiddenField()
    reason = TextField("作废理由", [needed("请写明作废的理由。")])


def _chosen(view: PlansView, wanted: str | None) -> HolderView | None:
    return next((one for one in view.holders if str(one.id) == wanted), view.holders[0] if view.holders else None)


def _page(
    project: UUID,
    form: PlanForm | None = None,
    report_form: ReportForm | None = None,
    void_form: VoidForm | None = None,
) -> str:
    view = plans.show(ledger(), project, by=person(), today=today())
    sent = form or report_form or void_form
    chosen = _chosen(view, sent.holder.data if sent else request.args.get("of"))
    wrong = form or report_form or void_form
    form = form or PlanForm(formdata=None, data=_standing(chosen))
    report_form = report_form or ReportForm(formdata=None, data={"key": new_key(), "day": today()})
    if chosen:
        form.holder.data = report_form.holder.data = str(chosen.id)
        report_form.step.offer((s.value, s.words) for s in chosen.open_steps)
    for one in (form, report_form):
        offer_files(one.attachments, ledger(), project, by=person())
    return render_template(
        "plans/show.html", view=view, chosen=chosen, form=form, report_form=report_form,
        void_form=void_form or VoidForm(formdata=None), wrong=wrong, steps=STEPS,
        editing=wrong is form or request.args.get("edit") or not (chosen and chosen.plan),
    )  # fmt: skip


def _standing(one: HolderView | None) -> dict[str, Any]:
    """The plan that stands, to be changed."""
    data: dict[str, Any] = {"key": new_key(), "seen": 0}
    if one is None or one.plan is None:
        return data
    plan = one.plan
    return {
        **data, "seen": plan.number, "measures": plan.measures, "investment": plain(plan.investment),
        "expected_sec": plain(plan.expected_sec), "saving": plain(plan.saving),
        "attachments": [str(key) for key, _ in plan.files],
        **{step.value: day for step, day in plan.planned.items()},
        **{f"{step.value}_by": who for step, who in plan.responsible.items()},
    }  # fmt: skip


def _demand_there(project: UUID) -> None:
    """Foreign is missing before anything else is said."""
    plans.show(ledger(), project, by=person(), today=today())


@pages.get("/projects/<uuid:project>/plan", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The plans of a project; `of` names the clock or letter."""
    return _page(project)


@pages.get("/projects/<uuid:project>/plan.pdf", may=Permission.READ)
def paper(project: UUID) -> ResponseReturnValue:
    """One plan on paper."""
    chosen = _chosen(plans.show(ledger(), project, by=person(), today=today()), request.args.get("of"))
    if chosen is None or chosen.plan is None:
        flash("还没有登记改造计划，没有可以打印的内容。", "warn")
        return redirect(url_for("plans.show", project=project))
    return as_file(plans.listing(ledger(), project, chosen.id, by=person(), today=today()), "pdf")


@pages.post("/projects/<uuid:project>/plan", may=Permission.RECOMMEND)
def file(project: UUID) -> ResponseReturnValue:
    """Puts a version of a plan on file."""
    _demand_there(project)
    form = PlanForm()
    offer_files(form.attachments, ledger(), project, by=person())
    if form.validate():
        with form.attempt():
            number, warnings = plans.file(
                ledger(), project, id_of(form.holder), measures=form.measures.data, investment=form.investment.data,
                expected_sec=form.expected_sec.data, saving=form.saving.data,
                planned={step: form[step.value].data for step in STEPS},
                responsible={step: form[f"{step.value}_by"].data for step in STEPS}, reason=form.reason.data,
                attachments=form.attachments.ids, seen=form.version,
                key=form.once, by=person(), at=now(),
            )  # fmt: skip
            flash(f"改造计划第 {number} 版已登记。", "good")
            for warning in warnings:
                flash(warning, "warn")
            return redirect(url_for("plans.show", project=project, of=form.holder.data), 303)
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/plan/report", may=Permission.RECOMMEND)
def report(project: UUID) -> ResponseReturnValue:
    """Puts a report on progress on file."""
    _demand_there(project)
    form = ReportForm()
    offer_files(form.attachments, ledger(), project, by=person())
    if form.validate():
        share = form.percent.data or None
        if share and not (share.isascii() and share.isdigit() and len(share) < 4):
            form.refuse(f"“{share}”不是 1 至 100 的整数。", "percent")
            return _page(project, report_form=form), form.status
        with form.attempt():
            plans.report(
                ledger(), project, id_of(form.holder), day=form.day.data, said=form.said.data,
                percent=int(share) if share else None, step=PlanStep(form.step.data) if form.step.data else None,
                reached_on=form.reached_on.data, sec=form.sec.data,
                attachments=form.attachments.ids, key=form.once, by=person(),
                at=now(),
            )  # fmt: skip
            flash("进度已登记。", "good")
            return redirect(url_for("plans.show", project=project, of=form.holder.data), 303)
    return _page(project, report_form=form), form.status


@pages.post("/projects/<uuid:project>/plan/void", may=Permission.RECOMMEND)
def void(project: UUID) -> ResponseReturnValue:
    """Voids a report that was wrong."""
    _demand_there(project)
    form = VoidForm()
    if form.validate():
        with form.attempt():
            plans.void_report(ledger(), project, id_of(form.entry), reason=form.reason.data, by=person(), at=now())
            flash("进度报告已作废，仍保留在记录中。", "good")
            return redirect(url_for("plans.show", project=project, of=form.holder.data), 303)
    return _page(project, void_form=form), form.status
