"""复议诉讼: objections to the decisions on a project, stays by written order, outcomes, and decisions revoked."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.domain.objections import FALLING, STANDING, ObjectionKind, Outcome
from screening.domain.people import Permission
from screening.domain.review import Move
from screening.services import attachments, objections, people
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, SecretField, TextField, needed

pages = Guarded("objections", __name__)

PAPERS = {"list": "papers"}
"""Boxes that suggest the files attached to the project."""


class ObjectForm(ActForm):
    """An objection as the papers of the organ tell it."""

    letter = ChoiceField("针对的文书", blank=None, validators=[needed("请选择被申请复议或者被起诉的文书。")])
    kind = ChoiceField(
        "途径", [(k.value, k.words) for k in ObjectionKind], validators=[needed("请选择行政复议或者行政诉讼。")]
    )
    received_on = DayField(
        "申请（起诉）日期",
        [needed("请填写申请或者起诉的日期。")],
        description="以受理机关收到之日为准，格式如 2026-11-22。",
    )
    objector = LineField("申请人（原告）", [needed("请填写申请人或者原告。")])
    agent = LineField("代理人", description="没有的不填。")
    organ = LineField("受理机关", [needed("请填写复议机关或者法院。")])
    case_number = LineField("案号", description="尚未立案的不填。")
    request = TextField("请求和理由", [needed("请写明请求事项和主要理由。")])
    document = LineField(
        "所依据的文书",
        [needed("请填写受理通知书、应诉通知书等文书的名称和文号。")],
        description="名称和文号；已上传为附件的可直接选择。",
        render_kw=PAPERS,
    )
    late_reason = TextField("超过期限的理由", description="超过法定期限而受理机关仍予受理的必填。")


class StayForm(ActForm):
    """A written order of 停止执行."""

    organ = LineField("作出机关", [needed("请填写作出决定的机关。")], id="stay-organ")
    order_number = LineField(
        "文书和文号", [needed("停止执行须有书面文书：请填写文号。")], id="stay-order", render_kw=PAPERS
    )
    ordered_on = DayField("文书日期", [needed("请填写文书日期。")], id="stay-ordered")
    first_day = DayField("自", [needed("请填写停止执行开始的日期。")], id="stay-first")
    last_day = DayField("至", description="文书没有写明的不填。", id="stay-last")


class LiftForm(ActForm):
    """The order that ends a stay."""

    last_day = DayField("停止执行的最后一日", [needed("请填写停止执行的最后一日。")], id="lift-last")
    document = LineField("恢复执行的文书", [needed("请填写文书的名称和文号。")], id="lift-document", render_kw=PAPERS)


class OutcomeForm(ActForm):
    """An outcome that leaves the decision as it stands."""

    outcome = ChoiceField(
        "结果",
        [(o.value, o.words) for o in STANDING],
        validators=[needed("请选择结果。")],
        description="撤销、变更原决定的，由签发人依据文书办理。调解、和解改变原决定的，按变更办理。",
        id="outcome-outcome",
    )
    outcome_on = DayField("日期", [needed("请填写结果文书的日期。")], id="outcome-on")
    document = LineField("结果文书", [needed("请填写文书的名称和文号。")], id="outcome-document", render_kw=PAPERS)
    note = TextField("说明", id="outcome-note")


class RevokeForm(ActForm):
    """A decision taken out of force; the password again, as for signing."""

    decision = ChoiceField(
        "决定", blank=None, validators=[needed("请选择要撤销或者变更的决定。")], id="revoke-decision"
    )
    effect = ChoiceField("办理", [(o.value, o.words) for o in FALLING], validators=[needed("请选择撤销或者变更。")])
    organ = LineField("作出撤销（变更）的机关", [needed("请填写复议机关、法院或者本机关。")], id="revoke-organ")
    document = LineField("所依据的文书", [needed("请填写文书的名称和文号。")], id="revoke-document", render_kw=PAPERS)
    ordered_on = DayField("文书日期", [needed("请填写文书日期。")], id="revoke-ordered")
    reason = TextField("理由", [needed("请写明理由。")], id="revoke-reason")
    password = SecretField(
        "您的登录密码", [needed("请再次输入您的登录密码。")], render_kw={"autocomplete": "current-password"},
        id="revoke-password",
    )  # fmt: skip


def _letters(view: objections.Contested) -> list[tuple[str, str]]:
    return [
        (str(letter.id), f"{letter.number} {decision.disposition.words}（{letter.served_on}送达）")
        for decision in view.decisions
        if decision.served
        for letter in decision.letters
        if letter.served_on
    ]


def _decisions(view: objections.Contested) -> list[tuple[str, str]]:
    contested = {view.open.letter} if view.open else None
    return [
        (str(d.id), f"{d.letters[0].number} {d.disposition.words}")
        for d in view.decisions
        if d.served and (contested is None or contested & {letter.id for letter in d.letters})
    ]


def _page(project: UUID, wrong: ActForm | None = None) -> str:
    files = attachments.of_project(ledger(), project, by=person())
    papers = tuple(dict.fromkeys(file.name for file in files if file.void_reason is None))
    view = objections.show(ledger(), project, by=person(), today=today(), papers=papers)
    contested = view.open
    first = {
        ObjectForm: {"objector": view.line.enterprise, "organ": view.government},
        StayForm: {"organ": contested.organ if contested else ""},
        LiftForm: {},
        OutcomeForm: {},
        RevokeForm: {"organ": contested.organ if contested else view.office},
    }
    made: dict[str, ActForm] = {}
    for kind, data in first.items():
        form = wrong if isinstance(wrong, kind) else kind(formdata=None, data={"key": new_key(), **data})
        # A conflict shows the present state, with what was typed still in the boxes: sending again is then meant.
        form.seen.data = str(view.line.version)
        made[kind.__name__] = form
    made["ObjectForm"].letter.offer(_letters(view))
    made["RevokeForm"].decision.offer(_decisions(view))
    return render_template("objections/show.html", view=view, forms_of=made, wrong=wrong, Move=Move)


@pages.get("/projects/<uuid:project>/objections", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The decisions on a project, what was objected to them, and what became of it."""
    return _page(project)


def _back(project: UUID, said: str) -> ResponseReturnValue:
    flash(said, "good")
    return redirect(url_for("objections.show", project=project), 303)


@pages.post("/projects/<uuid:project>/objections", may=Permission.RECOMMEND)
def record(project: UUID) -> ResponseReturnValue:
    """Puts an objection on file."""
    view = objections.show(ledger(), project, by=person(), today=today())
    form = ObjectForm()
    form.letter.offer(_letters(view))
    if form.validate():
        with form.attempt():
            objections.record(
                ledger(), project, letter=UUID(form.letter.data), kind=ObjectionKind(form.kind.data),
                received_on=form.received_on.data, objector=form.objector.data, agent=form.agent.data,
                organ=form.organ.data, case_number=form.case_number.data, request=form.request.data,
                document=form.document.data, late_reason=form.late_reason.data, seen=form.version, key=form.once,
                by=person(), at=now(),
            )  # fmt: skip
            return _back(project, "已登记。期限照常计算；有书面停止执行的决定时，请在本页登记。")
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/objections/stay", may=Permission.RECOMMEND)
def stay(project: UUID) -> ResponseReturnValue:
    """Records an order of 停止执行."""
    objections.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
    form = StayForm()
    if form.validate():
        with form.attempt():
            objections.stay(
                ledger(), project, organ=form.organ.data, order_number=form.order_number.data,
                ordered_on=form.ordered_on.data, first_day=form.first_day.data, last_day=form.last_day.data,
                seen=form.version, key=form.once, by=person(), at=now(),
            )  # fmt: skip
            return _back(project, "已登记停止执行：期间不计逾期，到期日和最长期限不变。")
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/objections/lift", may=Permission.RECOMMEND)
def lift(project: UUID) -> ResponseReturnValue:
    """Records the order that ends it."""
    objections.show(ledger(), project, by=person(), today=today())
    form = LiftForm()
    if form.validate():
        with form.attempt():
            objections.lift(
                ledger(), project, last_day=form.last_day.data, document=form.document.data, seen=form.version,
                by=person(), at=now(),
            )  # fmt: skip
            return _back(project, "已登记恢复执行，期限按原到期日计算。")
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/objections/outcome", may=Permission.RECOMMEND)
def conclude(project: UUID) -> ResponseReturnValue:
    """Records an outcome that leaves the decision as it stands."""
    objections.show(ledger(), project, by=person(), today=today())
    form = OutcomeForm()
    if form.validate():
        with form.attempt():
            objections.conclude(
                ledger(), project, outcome=Outcome(form.outcome.data), outcome_on=form.outcome_on.data,
                document=form.document.data, note=form.note.data, seen=form.version, by=person(), at=now(),
            )  # fmt: skip
            return _back(project, "已登记结果，原决定继续有效。")
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/revoke", may=Permission.SIGN)
def revoke(project: UUID) -> ResponseReturnValue:
    """Takes a decision out of force."""
    view = objections.show(ledger(), project, by=person(), today=today())
    form = RevokeForm()
    form.decision.offer(_decisions(view))
    if form.validate():
        with form.attempt("password"):
            people.check_password(ledger(), person().id, form.password.data, at=now())
            with form.attempt():
                objections.revoke(
                    ledger(), project, decision=UUID(form.decision.data), effect=Outcome(form.effect.data),
                    organ=form.organ.data, document=form.document.data, ordered_on=form.ordered_on.data,
                    reason=form.reason.data, seen=form.version, key=form.once, by=person(), at=now(),
                )  # fmt: skip
                return _back(project, "已登记。原决定和文书仍留在卷内；由审核员重新审核。")
    return _page(project, form), form.status
