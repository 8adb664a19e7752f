"""Coming in and going out: sign-in, the first change of password, sign-out."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from wtforms.validators import EqualTo, Length

from screening.domain.errors import Refusal
from screening.domain.people import Person
from screening.services import people
from screening.web import deputies
from screening.web.desk import ledger, now, person
from screening.web.doors import Door, Guarded, local
from screening.web.fields import HiddenField, LineField, SecretField, SheetForm, needed

pages = Guarded("people", __name__)
login_manager = LoginManager()
login_manager.session_protection = None  # the session row in the database decides, not the browser's name


class Account(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """What Flask-Login keeps of a signed-in person: the secret of the session row, and who stands behind it."""

    def __init__(self, token: str, who: Person, *, must_change: bool, principals: tuple[Person, ...] = ()) -> None:
        self.token = token
        self.person = who
        self.must_change = must_change
        self.principals = principals

    def get_id(self) -> str:
        """The cookie holds the session's secret, never the person's id."""
        return self.token


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def _load(token: str) -> Account | None:
    found = people.present(ledger(), token, at=now())
    if found is None:
        return None
    return Account(token, found.person, must_change=found.must_change, principals=found.principals)


def recognise() -> None:
    """Puts the person of this request, if any, into `g.person`."""
    g.person, g.must_change, g.scope_name, g.own, g.principals = None, False, None, None, ()
    if request.endpoint in {"static", "bootstrap.static"}:
        return
    if current_user.is_authenticated:
        g.person = deputies.stand_in(current_user.person, current_user.principals)
        g.must_change = current_user.must_change
        region = ledger().rules.regions_by_code.get(g.person.scope)
        g.scope_name = region.name if region else g.person.scope
        deputies.refuse_lapsed()


class SignInForm(SheetForm):
    """Login and password."""

    login = LineField("用户名", [needed("请填写用户名。")], render_kw={"autocomplete": "username"})
    password = SecretField("密码", [needed("请填写密码。")], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class PasswordForm(SheetForm):
    """The old password and the new one, twice."""

    old = SecretField(
        "原密码",
        [needed("请填写现在使用的密码（首次登录时为一次性密码）。")],
        render_kw={"autocomplete": "current-password"},
    )
    new = SecretField(
        "新密码",
        [needed("请填写新密码。"), Length(12, 200, "新密码太短。请填写至少 12 个字符，可用几个词连成一句话。")],
        description="至少 12 个字符，不能与原密码相同。",
        render_kw={"autocomplete": "new-password"},
    )
    again = SecretField(
        "再输一次新密码",
        [needed("请再输一次新密码。"), EqualTo("new", "两次输入的新密码不一致。请重新输入。")],
        render_kw={"autocomplete": "new-password"},
    )


@pages.get("/sign-in", may=Door.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """The door."""
    if g.person:
        return redirect(url_for("monitoring.home"))
    return render_template("people/sign_in.html", form=SignInForm(data={"next": request.args.get("next", "")}))


@pages.post("/sign-in", may=Door.PUBLIC)
def enter() -> ResponseReturnValue:
    """Opens a session."""
    form = SignInForm()
    if not form.validate():
        return render_template("people/sign_in.html", form=form), 422
    try:
        found = people.sign_in(
            ledger(), form.login.data, form.password.data, address=request.remote_addr or "", at=now()
        )
    except Refusal as refusal:
        form.refuse(refusal.message, refusal.field)
        return render_template("people/sign_in.html", form=form), 422
    session.clear()  # nothing of the time before the sign-in is carried over
    login_user(Account(found.token, found.person, must_change=found.must_change))
    if found.must_change:
        return redirect(url_for("people.password"), 303)
    return redirect(local(form.next.data) or url_for("monitoring.home"), 303)


@pages.post("/sign-out", may=Door.OWN_PASSWORD)
def sign_out() -> ResponseReturnValue:
    """Ends the session, here and in the database."""
    people.sign_out(ledger(), current_user.token, at=now())
    logout_user()
    session.clear()
    return redirect(url_for("people.sign_in"), 303)


@pages.get("/password", may=Door.OWN_PASSWORD)
def password() -> ResponseReturnValue:
    """The person's own password."""
    return render_template("people/password.html", form=PasswordForm())


@pages.post("/password", may=Door.OWN_PASSWORD)
def change_password() -> ResponseReturnValue:
    """Changes it; every session ends, this one too, and a new one is opened at once."""
    form = PasswordForm()
    if not form.validate():
        return render_template("people/password.html", form=form), 422
    try:
        people.change_password(ledger(), person().id, old=form.old.data, new=form.new.data, at=now())
        found = people.sign_in(ledger(), person().login, form.new.data, address=request.remote_addr or "", at=now())
    except Refusal as refusal:
        form.refuse(refusal.message, refusal.field)
        return render_template("people/password.html", form=form), 422
    session.clear()
    login_user(Account(found.token, found.person, must_change=found.must_change))
    current_app.logger.info("password changed: %s", found.person.login)
    flash("密码已修改，其他地方的登录均已退出。", "good")
    return redirect(url_for("monitoring.home"), 303)
