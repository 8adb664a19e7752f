"""成批印制: ticked letters, the run with its progress, the one PDF, and printing it again."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.domain.review import LetterState
from screening.services import printruns
from screening.services.press import Press
from screening.services.selection import Selection
from screening.web.desk import ledger, new_key, now, person
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, TextField, needed
from screening.web.seals import offered
from screening.web.selection import asked_selection

pages = Guarded("printruns", __name__)
SIDES = (("duplex", "双面（每份从新的一张开始）"), ("simplex", "单面"))
COPIES = tuple((str(n), f"{n} 份") for n in range(1, printruns.MOST_COPIES + 1))
RECEIPTS = (("no", "不附"), ("yes", "每份文书后附送达回证"))


class RunForm(ActForm):
    """How the letters are printed."""

    sides = ChoiceField("单面、双面", SIDES, blank=None)
    copies = ChoiceField("每份文书印", COPIES, blank=None)
    receipts = ChoiceField("送达回证", RECEIPTS, blank=None)
    reason = TextField("再次印制的理由", description="其中有已印制过的文书，再印记为副本，理由写入记录。")


class AgainForm(ActForm):
    """Why a whole run is printed once more."""

    reason = TextField("再次印制的理由", [needed("请写明再次印制的理由。")], description="每份文书各记一次副本。")


class ProceedForm(ActForm):
    """Lets a run go on."""


def press() -> Press:
    """The thread that makes the files."""
    found: Press = current_app.extensions["press"]
    return found


def ticked_letters() -> tuple[UUID, ...]:
    """The letters that the address says are ticked."""
    wanted = request.args.get("state") or None
    if wanted is not None and wanted not in set(LetterState):
        raise Refusal("没有这种文书状态。请回到文书列表重新勾选。", field="state")
    return printruns.picked(
        ledger(),
        asked_selection(),
        by=person(),
        state=LetterState(wanted) if wanted else None,
        q=request.args.get("q", "").strip()[:100],
    )


def nothing_ticked() -> ResponseReturnValue:
    """Back to the list, with a word."""
    flash(printruns.NOTHING, "warn")
    return redirect(url_for("letters.index", state=request.args.get("state"), q=request.args.get("q")))


def _choose(form: RunForm, keys: tuple[UUID, ...]) -> str:
    looked = printruns.look(ledger(), keys, by=person())
    first = any(not row.printed_at for row in looked.rows) and offered()
    return render_template("printruns/choose.html", form=form, looked=looked, keys=keys, seal_first=first)


@pages.get("/letters/print", may=Permission.SERVE)
def choose() -> ResponseReturnValue:
    """What of the ticked letters would be printed, and how."""
    keys = ticked_letters()
    if not keys:
        return nothing_ticked()
    data = {"key": new_key(), "sides": "duplex", "copies": "1", "receipts": "no"}
    return _choose(RunForm(formdata=None, data=data), keys)


@pages.post("/letters/print", may=Permission.SERVE)
def start() -> ResponseReturnValue:
    """Begins the run and shows how it comes along."""
    form = RunForm()
    keys = Selection.read(request.form.getlist("pick")).picked
    if form.validate():
        with form.attempt():
            run = printruns.start(
                ledger(),
                keys,
                duplex=form.sides.data != "simplex",
                copies=int(form.copies.data or 1),
                receipts=form.receipts.data == "yes",
                reason=form.reason.data or "",
                key=form.once,
                by=person(),
                at=now(),
            )
            press().wake()
            return redirect(url_for("printruns.show", run=run), 303)
    if not keys:
        return nothing_ticked()
    return _choose(form, keys), form.status


@pages.get("/print-runs", may=Permission.SERVE)
def index() -> ResponseReturnValue:
    """The newest runs."""
    return render_template("printruns/index.html", rows=printruns.recent(ledger(), by=person()))


def _page(run: UUID, form: AgainForm | None = None) -> str:
    view = printruns.show(ledger(), run, by=person())
    form = form or AgainForm(formdata=None)
    form.seen.data = str(view.version)
    return render_template("printruns/show.html", view=view, form=form)


@pages.get("/print-runs/<uuid:run>", may=printruns.SEES)
def show(run: UUID) -> ResponseReturnValue:
    """A run: how far it has come, or its PDF."""
    return _page(run)


@pages.get("/print-runs/<uuid:run>.json", may=printruns.SEES)
def state(run: UUID) -> ResponseReturnValue:
    """How far a run has come, for the page's script."""
    line = printruns.state(ledger(), run, by=person())
    return jsonify(
        {"share": line.share, "ready": line.ready, "letters": line.letters - line.left_out,
         "over": bool(line.done_at or line.fault)}
    )  # fmt: skip


@pages.get("/print-runs/<uuid:run>.pdf", may=printruns.SEES)
def paper(run: UUID) -> ResponseReturnValue:
    """The file of a run, read from the disk piece by piece."""
    name, path = printruns.paper(ledger(), run, folder=press().folder, by=person())
    return send_file(
        path,
        mimetype="application/pdf",
        as_attachment="download" in request.args,
        download_name=f"文书印制批次 {name}.pdf",
        conditional=True,
        etag=path.stem,
    )


@pages.post("/print-runs/<uuid:run>/again", may=Permission.SERVE)
def again(run: UUID) -> ResponseReturnValue:
    """Records that the run is printed once more."""
    form = AgainForm()
    if form.validate():
        with form.attempt():
            printruns.again(ledger(), run, reason=form.reason.data, seen=form.version, by=person(), at=now())
            flash("已登记再次印制，每份文书各记一次副本。文件与原来逐字节相同。", "good")
            return redirect(url_for("printruns.show", run=run), 303)
    return _page(run, form), form.status


@pages.post("/print-runs/<uuid:run>/proceed", may=Permission.SERVE)
def proceed(run: UUID) -> ResponseReturnValue:
    """Lets a run go on that stood still."""
    form = ProceedForm()
    if form.validate():
        printruns.proceed(ledger(), run, by=person(), at=now())
        press().wake()
    return redirect(url_for("printruns.show", run=run), 303)
