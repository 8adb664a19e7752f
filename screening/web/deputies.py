"""代理: who stands in for whom, naming and ending it, and the choice of in whose name one acts."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Conflict, Refusal
from screening.domain.people import Person
from screening.services import deputies
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Door, Guarded, local
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, needed

pages = Guarded("deputies", __name__)
CHOSEN = "acts_for"
"""In the session's cookie: the id of the one whom its person acts for."""


class DeputyForm(ActForm):
    """A deputy for a period."""

    principal = ChoiceField("被代理人", validators=[needed("请选择被代理人。")])
    deputy = ChoiceField(
        "代理人", validators=[needed("请选择代理人。")], description="同一机关或其上级机关的在用人员。"
    )
    first_day = DayField("开始日期", [needed("请填写开始日期。")], description="格式如 2026-12-01，含当日。")
    last_day = DayField("结束日期", [needed("请填写结束日期。")], description="含当日；可提前结束。")
    reason = LineField("事由", [needed("请写明代理的事由。")], description="例如：出差、休假。")


def stand_in(own: Person, principals: tuple[Person, ...]) -> Person:
    """In whose name the person of this request acts: his own, or that of one whom he may stand in for today.

    Where that has ended meanwhile, nothing is done in a name that was not meant: an act is refused.
    """
    g.own = own
    g.principals = principals
    chosen = session.get(CHOSEN)
    if chosen is None:
        return own
    principal = next((p for p in g.principals if p.id.hex == chosen), None)
    if principal is not None:
        return deputies.acting(own, principal)
    g.lapsed = True
    return own


def refuse_lapsed() -> None:
    """Before anything is done: the deputyship in whose name this was sent is over."""
    if g.pop("lapsed", False) and request.endpoint not in {"people.sign_out", "deputies.act"}:
        _choose(None)
        if request.method not in {"GET", "HEAD"}:
            raise Conflict("您的代理已到期或者已结束，这次提交没有办理，未保存任何内容。现在以本人身份登录。")
        flash("您的代理已到期或者已结束，现以本人身份办理。", "warn")


def _choose(principal: Person | None) -> None:
    """From now on this session acts so; forms that were shown before are void, as they were meant in another name."""
    wanted = None if principal is None else principal.id.hex
    if session.pop(CHOSEN, None) != wanted:
        session.pop("csrf_token", None)
    if wanted is not None:
        session[CHOSEN] = wanted


def _words(who: Person) -> str:
    region = ledger().rules.regions_by_code.get(who.scope)
    return f"{who.name}（{who.login}，{who.role.words}，{region.name if region else who.scope}）"


def _page(form: DeputyForm | None = None) -> str:
    own: Person = g.own
    form = form or DeputyForm(formdata=None, data={"key": new_key()})
    offered = deputies.choices(ledger(), by=own) if own.id == person().id and not person().stands_for else ()
    _offer(form, offered)
    if len(offered) == 1 and not form.principal.data:
        form.principal.data = offered[0][0].id.hex
    return render_template(
        "deputies/index.html",
        shown=deputies.show(ledger(), by=own, today=today()),
        form=form,
        offered=offered,
    )


def _offer(form: DeputyForm, offered: tuple[tuple[Person, tuple[Person, ...]], ...]) -> None:
    form.principal.offer([(p.id.hex, _words(p)) for p, _ in offered])
    found = {d.id.hex: _words(d) for _, candidates in offered for d in candidates}
    form.deputy.offer(found.items())


@pages.get("/deputies", may=Door.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Who stands in for me, whom I stand in for, and for an administrator the office's."""
    return _page()


@pages.post("/deputies", may=Door.SIGNED_IN)
def name() -> ResponseReturnValue:
    """Names a deputy."""
    if person().stands_for:
        raise Refusal(deputies.SWITCH_BACK)
    form = DeputyForm()
    _offer(form, deputies.choices(ledger(), by=person()))
    if form.validate():
        with form.attempt():
            line = deputies.name(
                ledger(),
                principal=UUID(form.principal.data),
                deputy=UUID(form.deputy.data),
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                reason=form.reason.data,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"{line.first_day}至{line.last_day}由{line.deputy.name}代理{line.principal.name}。", "good")
            return redirect(url_for("deputies.index"), 303)
    return _page(form), form.status


@pages.post("/deputies/<uuid:deputy>/end", may=Door.SIGNED_IN)
def end(deputy: UUID) -> ResponseReturnValue:
    """Ends it at once."""
    deputies.end(ledger(), deputy, by=person(), at=now())
    flash("代理已结束，即时生效。", "good")
    return redirect(url_for("deputies.index"), 303)


@pages.post("/acting", may=Door.SIGNED_IN)
def act() -> ResponseReturnValue:
    """From now on this session acts in one's own name, or for somebody."""
    wanted = request.form.get("principal") or ""
    principal = next((p for p in g.principals if p.id.hex == wanted), None)
    if wanted and principal is None:
        raise Refusal("现在不能代理这位人员：代理尚未开始、已到期或者已结束。请在代理页面查看。", field="principal")
    _choose(principal)
    flash(f"现在代{principal.name}办理，所办事项记两人姓名。" if principal else "现在以本人身份办理。", "good")
    return redirect(local(request.form.get("back")) or url_for("monitoring.home"), 303)
