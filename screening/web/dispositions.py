"""签发: what was recommended, with its letter beside it; another person signs with the password, or returns it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import dispositions, drafting, people, registry
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, DayField, SecretField, TextField, needed

pages = Guarded("dispositions", __name__)


class SignForm(ActForm):
    """The password again: nobody signs at a desk that was left."""

    paper_date = DayField(
        "纸质签发日期", description="先在纸上签发、后在系统登记的，填写纸上的日期，格式如 2026-11-20；当天签发的不填。"
    )
    password = SecretField(
        "您的登录密码",
        [needed("请再次输入您的登录密码。")],
        description="签发前再次核对本人身份。",
        render_kw={"autocomplete": "current-password"},
    )


class ReturnForm(ActForm):
    """Why it goes back."""

    reason = TextField("退回理由", [needed("请写明退回的理由，以及需要补正的内容。")])


def _page(project: UUID, *, sign_form: SignForm | None = None, return_form: ReturnForm | None = None) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    sign_form = sign_form or SignForm(formdata=None, data={"key": new_key()})
    return_form = return_form or ReturnForm(formdata=None)
    sign_form.seen.data = return_form.seen.data = str(view.line.version)
    wrong = next((form for form in (sign_form, return_form) if form.problems), None)
    shown = dispositions.before_signing(ledger(), project, by=person(), at=now())
    open_rules = shown.open_rules if shown else ()
    return render_template(
        "dispositions/show.html",
        view=view,
        shown=shown,
        comments=drafting.waiting(ledger(), project, by=person(), at=now()),
        # What the table of rules says with a link each is not said a second time.
        obstacles=[text for text in view.obstacles if not any(basis.words in text for basis in open_rules)],
        sign_form=sign_form,
        return_form=return_form,
        wrong=wrong,
        open_rules=open_rules,
    )


@pages.get("/sign", may=Permission.READ)
def queue() -> ResponseReturnValue:
    """What waits for a signatory."""
    return render_template("dispositions/queue.html", leaf=leaf(dispositions.to_sign(ledger(), by=person(), at=now())))


@pages.get("/sign/<uuid:project>", may=Permission.SIGN)
def show(project: UUID) -> ResponseReturnValue:
    """One recommendation before its signatory."""
    return _page(project)


@pages.post("/sign/<uuid:project>", may=Permission.SIGN)
def sign(project: UUID) -> ResponseReturnValue:
    """Signs it: decision, number and letter in one go."""
    form = SignForm()
    if form.validate():
        with form.attempt("password"):
            people.check_password(ledger(), person().id, form.password.data, at=now())
            with form.attempt(None):
                done = dispositions.sign(
                    ledger(),
                    project,
                    seen=form.version,
                    key=form.once,
                    by=person(),
                    at=now(),
                    paper_date=form.paper_date.data,
                )
                flash(f"已签发，文号 {'、'.join(letter.number for letter in done.letters)}。", "good")
                return redirect(url_for("letters.show", letter=done.letter.id), 303)
    return _page(project, sign_form=form), form.status


@pages.post("/sign/<uuid:project>/return", may=Permission.SIGN)
def give_back(project: UUID) -> ResponseReturnValue:
    """Sends it back to the reviewer."""
    form = ReturnForm()
    if form.validate():
        with form.attempt():
            dispositions.return_(ledger(), project, reason=form.reason.data, seen=form.version, by=person(), at=now())
            flash("已退回审核员。", "good")
            return redirect(url_for("dispositions.queue"), 303)
    return _page(project, return_form=form), form.status
