"""规则: every rule with its figures, source and evidence; a page confirmed by one person, countersigned by another."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.domain.review import PageState
from screening.services import rules
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, DayField, LineField, TextField, needed

pages = Guarded("rules", __name__)


class PageForm(ActForm):
    """A page of an official document, and the rows found on it."""

    document = LineField(
        "官方文件",
        [needed("请填写核对所用官方文件的名称和文号。")],
        description="名称和文号，例如：发改产业〔2023〕723号。",
    )
    page = LineField("页", [needed("请填写附件的页码或表号。")], description="例如：附件 第3页。")
    day = DayField("发布日期", [needed("请填写官方文件的发布日期。")], description="文件上的日期，格式如 2023-07-04。")


class RefuseForm(ActForm):
    """Why the other person does not agree."""

    reason = TextField("不予复核的理由", [needed("请写明哪一条与官方文本不符。")])


def _page(form: PageForm | None = None, ticked: list[str] | None = None) -> str:
    q = request.values.get("q", "").strip()[:100]
    only_open = request.values.get("open") == "1"
    wanted = request.values.getlist("ref")[:200]
    shown = rules.evidence(ledger(), group=request.values.get("group") or None, q=q, only_open=only_open)
    rows = shown.rows
    if wanted:
        rows = tuple(rules.line(ledger(), ref) for ref in dict.fromkeys(wanted))
    return render_template(
        "rules/index.html",
        shown=shown,
        rows=rows,
        wanted=wanted,
        ticked=set(wanted if ticked is None else ticked),
        form=form or PageForm(formdata=None, data={"key": new_key()}),
        q=q,
        only_open=only_open,
        waiting=rules.confirmations(ledger(), state=PageState.WAITING),
        today=today(),
    )


@pages.get("/rules", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The rules of one group, or the rows that an address names."""
    return _page()


@pages.post("/rules/confirm", may=Permission.CONFIRM_RULES)
def confirm() -> ResponseReturnValue:
    """Says that the ticked rows agree with a page of the official text."""
    form = PageForm()
    ticked = request.form.getlist("tick")
    valid = form.validate()
    if not ticked:
        form.refuse("请先在表中勾选这一页上的规则。")
        valid = False
    if valid:
        with form.attempt():
            done = rules.confirm_page(
                ledger(),
                ticked,
                document=form.document.data,
                page=form.page.data,
                day=form.day.data,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已核对 {len(done.refs)} 条，等待另一位规则员或签发人复核。", "good")
            return redirect(url_for("rules.confirmations"), 303)
    return _page(form, ticked), form.status


@pages.get("/rules/confirmations", may=Permission.READ)
def confirmations() -> ResponseReturnValue:
    """The pages confirmed so far."""
    return _confirmations()


def _confirmations(wrong: tuple[UUID, RefuseForm] | None = None) -> str:
    everything = rules.confirmations(ledger())
    waiting = [row for row in everything if row.state is PageState.WAITING]
    return render_template(
        "rules/confirmations.html",
        waiting=waiting,
        lines={ref: rules.line(ledger(), ref) for row in waiting for ref in row.refs},
        done=[row for row in everything if row.state is not PageState.WAITING],
        wrong=wrong,
        empty=RefuseForm(formdata=None),
    )


@pages.post("/rules/confirmations/<uuid:confirmation>/countersign", may=Permission.COUNTERSIGN_RULES)
def countersign(confirmation: UUID) -> ResponseReturnValue:
    """Another person agrees."""
    form = RefuseForm(formdata=None)
    with form.attempt(None):
        done = rules.countersign(ledger(), confirmation, by=person(), at=now())
        flash(f"已复核 {len(done.refs)} 条，自即日起按已核对官方文本使用，相关项目已重新筛查。", "good")
        return redirect(url_for("rules.confirmations"), 303)
    return _confirmations((confirmation, form)), form.status


@pages.post("/rules/confirmations/<uuid:confirmation>/refuse", may=Permission.COUNTERSIGN_RULES)
def refuse(confirmation: UUID) -> ResponseReturnValue:
    """Another person disagrees."""
    form = RefuseForm()
    if form.validate():
        with form.attempt():
            rules.refuse(ledger(), confirmation, reason=form.reason.data, by=person(), at=now())
            flash("已记为不予复核，规则的核实程度不变。", "warn")
            return redirect(url_for("rules.confirmations"), 303)
    return _confirmations((confirmation, form)), form.status
