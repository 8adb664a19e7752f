"""Notices: read on the workbench, sent to the address that a person gives on his account page, watched over."""

from __future__ import annotations

import re
from uuid import UUID

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import mailing, reminding
from screening.web.desk import ledger, now, person
from screening.web.doors import Door, Guarded
from screening.web.fields import LineField, SheetForm

pages = Guarded("reminding", __name__)
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class AccountForm(SheetForm):
    """What a person says of himself."""

    email = LineField(
        "电子邮箱",
        description="期限提醒每天至多一封。不填即不发；例如 zhangsan@example.gov.cn。",
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )


def _account(form: AccountForm) -> str:
    return render_template(
        "people/account.html", form=form, posted=current_app.config["POST"] is not None,
        concerned=reminding.concerned(g.own),
    )  # fmt: skip


@pages.get("/account", may=Door.SIGNED_IN)
def account() -> ResponseReturnValue:
    """The person's own account."""
    return _account(AccountForm(formdata=None, data={"email": mailing.address_of(ledger(), person())}))


@pages.post("/account", may=Door.SIGNED_IN)
def save_account() -> ResponseReturnValue:
    """Keeps the address that notices go to."""
    form = AccountForm()
    if form.validate():
        with form.attempt():
            mailing.set_address(ledger(), form.email.data or "", by=g.own, at=now())
            flash("已保存。" if form.email.data else "已取消电子邮箱，不再发送提醒邮件。", "good")
            return redirect(url_for("reminding.account"), 303)
    return _account(form), form.status


@pages.post("/notices/read", may=reminding.NOTIFIED)
def read() -> ResponseReturnValue:
    """Marks notices as read by this person."""
    named = {text for value in request.form.getlist("notice") for text in value.split() if ID.fullmatch(text)}
    count = reminding.read(ledger(), {UUID(text) for text in named}, by=person(), at=now())
    flash(f"{count}条提醒已标为已阅。" if count else "没有未阅的提醒。", "good")
    return redirect(url_for("monitoring.home"), 303)


@pages.get("/system/mail", may=Permission.ADMINISTER)
def mails() -> ResponseReturnValue:
    """The e-mails that are not known to have arrived."""
    rows = mailing.unsettled(ledger(), by=person(), at=now())
    return render_template("system/mail.html", rows=rows, post=current_app.config["POST"])


@pages.post("/system/mail/<uuid:mail>/again", may=Permission.ADMINISTER)
def release(mail: UUID) -> ResponseReturnValue:
    """Has one of them sent again."""
    mailing.release(ledger(), mail, by=person(), at=now())
    flash("已放行，下一次巡查时重新发送。", "good")
    return redirect(url_for("reminding.mails"), 303)
