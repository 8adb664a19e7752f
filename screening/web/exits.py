"""淘汰退出: the served exits with what happened since, and the form in which the next step is entered."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.domain.exits import ExitStep
from screening.domain.people import Permission
from screening.services import exits
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import (
    ActForm,
    ChoiceField,
    DayField,
    HiddenField,
    LineField,
    TextField,
    TicksField,
    VoidForm,
    id_of,
    needed,
)
from screening.web.findings import offer_files

pages = Guarded("exits", __name__)


class StepForm(ActForm):
    """What happened, as its document says."""

    letter = HiddenField()
    step = ChoiceField("步骤", [(s.value, s.words) for s in ExitStep], validators=[needed("请选择步骤。")])
    happened_on = DayField("日期", [needed("请填写日期。")], description="格式如 2027-03-01。")
    document = LineField(
        "文书或者记录", [needed("请填写文书或者记录的名称和文号。")], description="批复、决定、拆除记录的名称和文号。"
    )
    note = TextField("说明（选填）")
    attachments = TicksField("证据：本项目的附件", [])


def _page(project: UUID, form: StepForm | None = None, void_form: VoidForm | None = None) -> str:
    found = exits.show(ledger(), project, by=person(), today=today())
    line = exits.line_of(ledger(), project, by=person())
    still = [one for one in found if one.open_steps]
    wanted = form.letter.data if form else None
    chosen = next((one for one in still if str(one.letter) == wanted), still[0] if still else None)
    form = form or StepForm(formdata=None, data={"key": new_key()})
    offer_files(form.attachments, ledger(), project, by=person())
    if chosen:
        form.letter.data = str(chosen.letter)
        form.step.offer((s.value, s.words) for s in chosen.open_steps)
    return render_template(
        "exits/show.html", found=found, line=line, form=form, void_form=void_form or VoidForm(formdata=None),
        chosen=chosen, wrong=form if form.problems else void_form,
    )  # fmt: skip


@pages.get("/exits", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The served exits within the scope."""
    found = exits.listing(ledger(), by=person(), today=today())
    return render_template("exits/index.html", leaf=leaf(list(found)), total=len(found))


@pages.get("/projects/<uuid:project>/exit", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The exits of a project, step by step."""
    return _page(project)


@pages.post("/projects/<uuid:project>/exit", may=Permission.RECOMMEND)
def record(project: UUID) -> ResponseReturnValue:
    """Puts a step on file."""
    exits.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
    form = StepForm()
    offer_files(form.attachments, ledger(), project, by=person())
    if form.validate():
        with form.attempt():
            step = ExitStep(form.step.data)
            exits.record(
                ledger(), project, id_of(form.letter), step, happened_on=form.happened_on.data,
                document=form.document.data, note=form.note.data,
                attachments=form.attachments.ids, key=form.once, by=person(),
                at=now(),
            )  # fmt: skip
            done = step is ExitStep.CARRIED_OUT
            flash("已登记退出完成，改造期限不再计算，可以结案。" if done else f"已登记“{step.words}”。", "good")
            return redirect(url_for("exits.show", project=project), 303)
    return _page(project, form), form.status


@pages.post("/projects/<uuid:project>/exit/void", may=Permission.RECOMMEND)
def void(project: UUID) -> ResponseReturnValue:
    """Voids an entry that was wrong."""
    exits.show(ledger(), project, by=person(), today=today())
    form = VoidForm()
    if form.validate():
        with form.attempt():
            exits.void(ledger(), project, id_of(form.entry), reason=form.reason.data, by=person(), at=now())
            flash("退出记录已作废，仍保留在记录中。", "good")
            return redirect(url_for("exits.show", project=project), 303)
    return _page(project, void_form=form), form.status
