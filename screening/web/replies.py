"""移送: the served referrals with what was replied, and those that wait too long."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.objections import ReplyResult
from screening.domain.people import Permission
from screening.services import replies
from screening.services.replies import Standing
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, TextField, needed

pages = Guarded("replies", __name__)


class ReplyForm(ActForm):
    """A reply as its paper says."""

    received_on = DayField("收到日期", [needed("请填写收到回复的日期。")], description="格式如 2026-11-22。")
    organ = LineField("回复机关", [needed("请填写回复机关。")])
    document = LineField("回复文书", [needed("请填写回复文书的名称和文号。")], description="名称和文号。")
    result = ChoiceField("结果", [(r.value, r.words) for r in ReplyResult], validators=[needed("请选择结果。")])
    summary = TextField("回复内容", description="不予受理的，须写明对方的理由。")


def _page(letter: UUID, form: ReplyForm | None = None) -> str:
    view = replies.show(ledger(), letter, by=person(), today=today())
    if form is None:
        form = ReplyForm(formdata=None, data={"key": new_key(), "organ": view.recipient})
    return render_template("objections/reply.html", view=view, form=form, term=replies.term(ledger(), today()))


@pages.get("/referrals", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The served referrals, all or by how they stand."""
    wanted = request.args.get("standing") or None
    if wanted is not None and wanted not in set(Standing):
        raise Refusal("没有这一组移送。请从上方的页签中选择。", field="standing")
    standing = Standing(wanted) if wanted else None
    found = replies.referrals(ledger(), by=person(), today=today())
    return render_template(
        "objections/referrals.html",
        leaf=leaf([row for row in found.rows if standing is None or row.standing is standing]),
        found=found,
        standing=standing,
        standings=tuple(Standing),
    )


@pages.get("/letters/<uuid:letter>/replies", may=Permission.READ)
def show(letter: UUID) -> ResponseReturnValue:
    """One referral with its replies."""
    return _page(letter)


@pages.post("/letters/<uuid:letter>/replies", may=replies.MAY)
def record(letter: UUID) -> ResponseReturnValue:
    """Puts a reply on file."""
    replies.show(ledger(), letter, by=person(), today=today())  # foreign is missing before anything else is said
    form = ReplyForm()
    if form.validate():
        with form.attempt():
            replies.record(
                ledger(), letter, received_on=form.received_on.data, organ=form.organ.data,
                document=form.document.data, result=ReplyResult(form.result.data), summary=form.summary.data,
                key=form.once, by=person(), at=now(),
            )  # fmt: skip
            flash("已登记回复。", "good")
            return redirect(url_for("replies.show", letter=letter), 303)
    return _page(letter, form), form.status
