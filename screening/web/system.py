"""系统: people for the administrator, the append-only trail and its head for the auditor."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.history import Happening
from screening.domain.people import Permission, Role
from screening.domain.rules import RegionLevel
from screening.services import history, mailing, reminding
from screening.services import people as staff
from screening.web.desk import ledger, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ChoiceField, LineField, SheetForm, needed

pages = Guarded("system", __name__)


class PersonForm(SheetForm):
    """A new person; the one-use password is made by the program and shown once."""

    login = LineField("用户名", [needed("请填写用户名。")], description="用于登录，小写字母和数字，例如：zhangsan。")
    name = LineField("姓名", [needed("请填写姓名。")])
    role = ChoiceField("角色", [(r.value, r.words) for r in Role], validators=[needed("请选择角色。")])
    scope = ChoiceField("管辖范围", validators=[needed("请选择管辖范围。")])


def _scopes() -> list[tuple[str, str]]:
    regions = [r for r in ledger().rules.regions if r.level is not RegionLevel.ZONE]
    names = {r.id: r.name for r in regions}
    found = []
    for region in sorted(regions, key=lambda r: r.id):
        if not region.id.startswith(person().scope_prefix):
            continue
        inside = names.get(region.parent or "", "") if region.level is RegionLevel.BANNER else ""
        found.append((region.id, f"{inside} {region.name}".strip()))
    return found


def _people(form: PersonForm | None = None, handed: tuple[str, str] | None = None) -> str:
    form = form or PersonForm(formdata=None)
    form.scope.offer(_scopes())
    rows = staff.list_people(ledger(), by=person(), at=now())
    return render_template(
        "system/people.html", rows=rows, form=form, handed=handed, now=now(),
        idle=reminding.accounts(ledger(), by=person(), today=today()),
        mails=sum(mail.may_release for mail in mailing.unsettled(ledger(), by=person(), at=now())),
    )  # fmt: skip


@pages.get("/system/people", may=Permission.ADMINISTER)
def people() -> ResponseReturnValue:
    """Everybody, and the form for one more."""
    return _people()


@pages.post("/system/people", may=Permission.ADMINISTER)
def add() -> ResponseReturnValue:
    """Adds a person and shows the one-use password, once."""
    form = PersonForm()
    form.scope.offer(_scopes())
    if form.validate():
        with form.attempt():
            added, password = staff.add(
                ledger(),
                form.login.data,
                name=form.name.data,
                role=Role(form.role.data),
                scope=form.scope.data,
                by=person(),
                at=now(),
            )
            return _people(handed=(added.login, password or ""))
    return _people(form), form.status


@pages.post("/system/people/<uuid:who>/password", may=Permission.ADMINISTER)
def reset(who: UUID) -> ResponseReturnValue:
    """Gives a new one-use password, shown once."""
    password = staff.reset_password(ledger(), who, by=person(), at=now())
    login = next(
        (row.person.login for row in staff.list_people(ledger(), by=person(), at=now()) if row.person.id == who), ""
    )
    return _people(handed=(login, password))


@pages.post("/system/people/<uuid:who>/active", may=Permission.ADMINISTER)
def set_active(who: UUID) -> ResponseReturnValue:
    """Lets a person in or keeps him out."""
    active = request.form.get("active") == "yes"
    staff.set_active(ledger(), who, active=active, by=person(), at=now())
    flash("已启用。" if active else "已停用，其登录已全部退出。", "good")
    return redirect(url_for("system.people"), 303)


@pages.get("/system/trail", may=Permission.AUDIT)
def trail() -> ResponseReturnValue:
    """The append-only trail, its head, and whether the chain holds."""
    number = request.args.get("page", "1")
    kind = request.args.get("kind") or None
    if kind is not None and kind not in set(Happening):
        raise Refusal("没有这种记录。请从列表中选择。", field="kind")
    shown = history.trail(
        ledger(),
        by=person(),
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1,
        kind=Happening(kind) if kind else None,
        q=request.args.get("q", "").strip()[:100],
    )
    verified = history.verify(ledger()) if request.args.get("verify") == "1" else None
    return render_template(
        "system/trail.html",
        shown=shown,
        kind=kind,
        kinds=tuple(Happening),
        head=history.head(ledger()),
        verified=verified,
    )
