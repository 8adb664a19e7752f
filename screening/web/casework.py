"""办理: the ways of a case to and fro that need a word of their own, and what was returned why, counted."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.domain.review import MOVES, Move, ReturnReason
from screening.services import casework, registry, returns
from screening.web import review
from screening.web.desk import ledger, now, person, today
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.fields import ActForm, DayField, SheetForm, TextField, needed

pages = Guarded("casework", __name__)

WORDS = {
    Move.WITHDRAW: ("审核通过之前可以撤回。撤回后项目留在台账中，改好后再提交审核。", "说明为什么撤回。"),
    Move.RECALL: ("收回之后案件回到“待提处置建议”，可以重新提出；已为原建议办理的程序不再计入。", "说明为什么收回。"),
    Move.CLOSE: ("结案后不再计算期限。以后仍可重新审核。", "写明依据，如整改已验收合格、验收文件的文号和日期。"),
    Move.REOPEN: ("案件回到审核，可以重新提出处置建议。原决定和文书仍留在卷内。", "写明重新审核的原因和依据。"),
}
"""What an act does, and what is to be written."""
ACTS: dict[Move, Callable[..., object]] = {
    Move.WITHDRAW: casework.withdraw,
    Move.RECALL: casework.recall,
    Move.CLOSE: casework.close,
    Move.REOPEN: casework.reopen,
}
MOST_LISTED = 200


class WhyForm(ActForm):
    """The reason of an act."""

    reason = TextField("理由", [needed("请写明理由。")])


class PeriodForm(SheetForm):
    """From which day to which."""

    class Meta(SheetForm.Meta):
        """It only asks."""

        csrf = False

    first = DayField("从", name="from")
    last = DayField("到", name="to")


@pages.post("/projects/<uuid:project>/submit", may=Permission.IMPORT)
def submit(project: UUID) -> ResponseReturnValue:
    """The registrar hands the project to the reviewers."""
    form = ActForm()
    form.validate()
    casework.submit(ledger(), project, seen=form.version, by=person(), at=now())
    flash("已提交审核。", "good")
    return redirect(url_for("registry.show", project=project), 303)


def _act_page(project: UUID, step: Move, form: WhyForm) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    if step not in view.moves and not form.problems:
        raise Refusal(f"案件现为“{view.line.case_state.words}”，您不能{step.words}。请返回项目页查看下一步。")
    form.seen.data = str(view.line.version)
    effect, hint = WORDS[step]
    return render_template("review/act.html", view=view, step=step, form=form, effect=effect, hint=hint)


Page = Callable[[UUID], ResponseReturnValue]


def _show(step: Move) -> Page:
    def show(project: UUID) -> ResponseReturnValue:
        return _act_page(project, step, WhyForm(formdata=None))

    return show


def _do(step: Move) -> Page:
    def do(project: UUID) -> ResponseReturnValue:
        registry.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
        form = WhyForm()
        if form.validate():
            with form.attempt():
                ACTS[step](ledger(), project, reason=form.reason.data, seen=form.version, by=person(), at=now())
                flash(f"已{step.words}。", "good")
                return redirect(url_for("registry.show", project=project), 303)
        return _act_page(project, step, form), form.status

    return do


for _step in ACTS:
    _may = next(found.permission for (_, move), found in MOVES.items() if move is _step)
    _address, _shown, _done = f"/projects/<uuid:project>/{_step.value}", _show(_step), _do(_step)
    _shown.__name__, _done.__name__ = _step.value, f"{_step.value}_now"
    pages.get(_address, may=_may)(_shown)
    pages.post(_address, may=_may)(_done)


@review.pages.get("/review/returns", may=Permission.READ)
def counted() -> ResponseReturnValue:
    """What went back to its registrar in a period: counted by office, reason and field, and listed."""
    first, last = returns.usual_period(now())
    form = PeriodForm(request.args) if request.args.keys() & {"from", "to"} else PeriodForm(data={})
    if form.first.data is None and not form.first.errors:
        form.first.data = first
    if form.last.data is None and not form.last.errors:
        form.last.data = last
    found: tuple[returns.Return, ...] = ()
    status = 200
    if form.validate():
        try:
            found = returns.returns(ledger(), by=person(), first=form.first.data, last=form.last.data)
        except Refusal as refusal:
            form.last.errors = [refusal.message]
            status = status_of(refusal)
    else:
        status = form.status
    chosen = {name: text for name in ("office", "code", "field") if (text := request.args.get(name))}
    listed = [one for one in found if all(getattr(one, name) == text for name, text in chosen.items())]
    shown = render_template(
        "review/returns.html",
        form=form,
        counts=returns.counted(found),
        codes=[(code, sum(one.code is code for one in found)) for code in ReturnReason],
        total=len(found),
        chosen=chosen,
        listed=listed,
        most=MOST_LISTED,
    )
    return shown, status
