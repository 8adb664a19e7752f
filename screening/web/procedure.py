"""程序: the steps before a harmful letter is signed, a page each; the notices; and the queue of the legal review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Field, HiddenField

from screening.domain.errors import NotFound, Refusal
from screening.domain.letters import LetterKind
from screening.domain.people import Permission
from screening.domain.procedure import StepId, StepState
from screening.domain.steps import BY_LAW_ONLY, FILES, NO_CALENDAR, NOT_REQUIRED, Kind, StepField
from screening.services import notices, people, procedure, registry
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, SecretField, TextField, TicksField, needed
from screening.web.letters import pdf

pages = Guarded("procedure", __name__)
LEGAL = StepId.LEGAL_REVIEW


class StepForm(ActForm):
    """The fields of one step; which they are is the domain's business."""

    def told(self) -> dict[str, str]:
        """What was filled in, as the services take it."""
        own = {"seen", "key", "csrf_token"}
        return {field.short_name: _spelled(field.data) for field in self if field.short_name not in own}


class SpareForm(StepForm):
    """Why a step is not required."""

    reason = TextField(NOT_REQUIRED[0].words)
    clause = LineField(NOT_REQUIRED[1].words, description=NOT_REQUIRED[1].hint or "")


class VoidForm(ActForm):
    """Why a step is void; `record` names it."""

    record = HiddenField()
    reason = TextField("作废理由", description="作废的记录仍留在卷内，随后可以重新办理这一步。")


class NoticeForm(ActForm):
    """The password again, as before every signature."""

    password = SecretField(
        "您的登录密码",
        [needed("请再次输入您的登录密码。")],
        description="签发前再次核对本人身份。",
        render_kw={"autocomplete": "current-password"},
    )


def _spelled(data: Any) -> str:
    if data is None or data is False:
        return ""
    if data is True:
        return "yes"
    if isinstance(data, list):
        return " ".join(data)
    return str(data)


def _field(field: StepField) -> Field:
    more: dict[str, Any] = {"description": field.hint or "", "id": f"step-{field.name}"}
    match field.kind:
        case Kind.TEXT:
            return TextField(field.words, **more)
        case Kind.DAY:
            return DayField(field.words, **{**more, "description": field.hint or "格式如 2026-11-22。"})
        case Kind.CHOICE:
            return ChoiceField(field.words, field.choices, **more)
        case Kind.TICK:
            return BooleanField(field.words, **more)
    return LineField(field.words, **more)


def _form_of(sheet: procedure.StepSheet) -> type[StepForm]:
    """The form of a step as it stands for a case: its fields, and the project's files to be ticked as evidence."""
    made: dict[str, Field] = {}
    files = [(str(key), name) for key, name in sheet.attachments]
    for field in sheet.fields:
        if field in NO_CALENDAR and (sheet.about.closes_on or not sheet.about.served_on):
            continue
        made[field.name] = _field(field)
        if sheet.step is StepId.EVIDENCE and files:
            made[f"{FILES}_{field.name}"] = TicksField("证明这一事实的附件", files, id=f"step-{FILES}_{field.name}")
    if sheet.step is not StepId.EVIDENCE and files:
        made[FILES] = TicksField("附件", files, id=f"step-{FILES}")
    return type("ThisStepForm", (StepForm,), made)


def _address(step: StepId, project: UUID, act: str = "") -> str:
    """The legal review has a door of its own."""
    if step is LEGAL:
        return url_for(f"procedure.legal_{act or 'show'}", project=project)
    return url_for(f"procedure.{act or 'show'}", project=project, step=step.value)


def _known(step: str) -> StepId:
    if step not in set(StepId) or step == LEGAL:
        raise NotFound("没有这一步程序。请从程序清单打开。")
    return StepId(step)


def _page(
    project: UUID,
    step: StepId,
    *,
    form: StepForm | None = None,
    spare: SpareForm | None = None,
    void: VoidForm | None = None,
) -> str:
    sheet = procedure.sheet(ledger(), project, step, by=person(), today=today())
    wrong = next((f for f in (form, spare, void) if f is not None and f.problems), None)
    form = form or _form_of(sheet)(formdata=None, data={**sheet.given, "key": new_key()})
    spare = spare or SpareForm(formdata=None, prefix="spare-", data={"key": new_key()})
    void = void or VoidForm(formdata=None, prefix="void-")
    for shown in (form, spare, void):
        shown.seen.data = str(sheet.version)
    view = registry.show(ledger(), project, by=person(), today=today()) if step is LEGAL else None
    return render_template(
        "procedure/step.html",
        sheet=sheet,
        row=sheet.row,
        view=view,
        form=form,
        spare=spare,
        void=void,
        wrong=wrong,
        by_law=step in BY_LAW_ONLY,
        take_at=_address(step, project, "take"),
        void_at=_address(step, project, "void"),
    )


def _take(project: UUID, step: StepId) -> ResponseReturnValue:
    sheet = procedure.sheet(ledger(), project, step, by=person(), today=today())
    spared = request.form.get("spare-act") == "spare"
    form: StepForm = SpareForm(prefix="spare-") if spared else _form_of(sheet)()
    if form.validate():
        with form.attempt():
            procedure.take(
                ledger(),
                project,
                step,
                facts=form.told(),
                state=StepState.NOT_REQUIRED if spared else StepState.DONE,
                seen=form.version,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已登记“{step.words}”。", "good")
            back = url_for("procedure.legal") if step is LEGAL else url_for("procedure.index", project=project)
            return redirect(back, 303)
    if isinstance(form, SpareForm):
        return _page(project, step, spare=form), form.status
    return _page(project, step, form=form), form.status


def _void(project: UUID, step: StepId) -> ResponseReturnValue:
    registry.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
    form = VoidForm(prefix="void-")
    if form.validate():
        with form.attempt():
            procedure.void(
                ledger(), project, _record(form.record.data), reason=form.reason.data or "", by=person(), at=now()
            )
            flash(f"已作废“{step.words}”的办理记录，请重新办理。", "good")
            return redirect(_address(step, project), 303)
    return _page(project, step, void=form), form.status


def _record(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Refusal("没有这条办理记录，或者它已经作废。请从程序清单重新打开。") from None


def checklist_of(project: UUID) -> procedure.Checklist | None:
    """For the pages that show the checklist of a case beside other things."""
    return procedure.checklist(ledger(), project, by=person(), today=today())


@pages.app_context_processor
def _at_hand() -> dict[str, Any]:
    return {"checklist_of": checklist_of, "step_address": _address} if g.get("person") else {}


@pages.get("/procedure/<uuid:project>", may=Permission.READ)
def index(project: UUID) -> ResponseReturnValue:
    """The checklist of a case."""
    view = registry.show(ledger(), project, by=person(), today=today())
    return render_template("procedure/index.html", view=view, list=checklist_of(project))


@pages.get("/procedure/<uuid:project>/steps/<step>", may=Permission.RECOMMEND)
def show(project: UUID, step: str) -> ResponseReturnValue:
    """One step."""
    return _page(project, _known(step))


@pages.post("/procedure/<uuid:project>/steps/<step>", may=Permission.RECOMMEND)
def take(project: UUID, step: str) -> ResponseReturnValue:
    """Puts it on file."""
    return _take(project, _known(step))


@pages.post("/procedure/<uuid:project>/steps/<step>/void", may=Permission.RECOMMEND)
def void(project: UUID, step: str) -> ResponseReturnValue:
    """Voids it."""
    return _void(project, _known(step))


@pages.get("/legal", may=Permission.REVIEW_LEGALITY)
def legal() -> ResponseReturnValue:
    """What waits for the legal review."""
    return render_template("procedure/legal.html", leaf=leaf(procedure.to_review_legally(ledger(), by=person())))


@pages.get("/legal/<uuid:project>", may=Permission.REVIEW_LEGALITY)
def legal_show(project: UUID) -> ResponseReturnValue:
    """The legal review of a case."""
    return _page(project, LEGAL)


@pages.post("/legal/<uuid:project>", may=Permission.REVIEW_LEGALITY)
def legal_take(project: UUID) -> ResponseReturnValue:
    """Puts the opinion on file."""
    return _take(project, LEGAL)


@pages.post("/legal/<uuid:project>/void", may=Permission.REVIEW_LEGALITY)
def legal_void(project: UUID) -> ResponseReturnValue:
    """Voids the opinion."""
    return _void(project, LEGAL)


def _notice_page(project: UUID, form: NoticeForm | None = None) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    found = checklist_of(project)
    shown = form or NoticeForm(formdata=None)
    shown.seen.data = str(view.line.version)
    open_ones = [each for each in found.notices if each.letter is None] if found and found.open else []
    return render_template(
        "procedure/notice.html",
        view=view,
        list=found,
        open_ones=open_ones,
        obstacles=notices.obstacles(ledger(), project, by=person(), at=now()) if open_ones else (),
        form=shown,
        wrong=form if form is not None and form.problems else None,
    )


@pages.get("/procedure/<uuid:project>/notice", may=Permission.SIGN)
def notice(project: UUID) -> ResponseReturnValue:
    """The notices before their signatory."""
    return _notice_page(project)


@pages.post("/procedure/<uuid:project>/notice", may=Permission.SIGN)
def sign_notice(project: UUID) -> ResponseReturnValue:
    """Signs and numbers them."""
    registry.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
    form = NoticeForm()
    if form.validate():
        with form.attempt("password"):
            people.check_password(ledger(), person().id, form.password.data, at=now())
            with form.attempt(None):
                signed = notices.sign(ledger(), project, seen=form.version, by=person(), at=now())
                flash(f"已签发，文号 {'、'.join(letter.number for letter in signed)}。请文书室印制、送达。", "good")
                return redirect(url_for("letters.show", letter=signed[0].id), 303)
    return _notice_page(project, form), form.status


@pages.get("/procedure/<uuid:project>/notice/<kind>.pdf", may=Permission.READ)
def notice_draft(project: UUID, kind: str) -> ResponseReturnValue:
    """The draft of a notice."""
    if kind not in {LetterKind.ADVANCE_NOTICE, LetterKind.HEARING}:
        raise NotFound("没有这种告知书。请从程序清单打开。")
    made = notices.draft(ledger(), project, LetterKind(kind), by=person(), at=now())
    return pdf(made.pdf, f"草稿 {made.kind_words}")
