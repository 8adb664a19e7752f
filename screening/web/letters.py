"""文书: drafts before signing, signed letters as issued, their printing and the day of service."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.domain.review import LetterState
from screening.services import dispatch, letters, replies, verification
from screening.services.attachments import LARGEST, TAKEN
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, FileField, LineField, TextField, needed
from screening.web.seals import borne
from screening.web.selection import asked_selection

pages = Guarded("letters", __name__)


class PrintForm(ActForm):
    """A print, the first or a copy."""


class ServeForm(ActForm):
    """Day, manner and receiver of the service, as the receipt says."""

    served_on = DayField(
        "送达日期", [needed("请填写送达回证上的送达日期。")], description="以送达回证为准，格式如 2026-11-22。"
    )
    method = ChoiceField("送达方式", [(m, m) for m in letters.SERVICE_METHODS], validators=[needed("请选择送达方式。")])
    receiver = LineField("签收人", [needed("请填写送达回证上的签收人。")])


class ScanForm(ActForm):
    """The scan of a receipt."""

    of = ChoiceField("种类", [("service", "送达回证"), ("dispatch", "寄出、交接凭证")], blank=None)
    file = FileField("扫描件", description=f"{TAKEN}，每个不超过 {LARGEST // 1024 // 1024} MB。")


class VoidForm(ActForm):
    """Why the letter is void."""

    reason = TextField("作废理由", [needed("请写明作废的理由。")], description="文号不再使用，项目退回审核。")


def pdf(data: bytes, name: str, *, download: bool = False) -> Response:
    """A PDF for the browser's own viewer, or to be saved."""
    answer = Response(data, mimetype="application/pdf")
    kind = "attachment" if download else "inline"
    answer.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}.pdf"
    return answer


def _page(
    letter: UUID,
    *,
    print_form: PrintForm | None = None,
    serve_form: ServeForm | None = None,
    void_form: VoidForm | None = None,
) -> str:
    view = letters.show(ledger(), letter, by=person(), today=today())
    serve_form = serve_form or ServeForm(formdata=None)
    void_form = void_form or VoidForm(formdata=None)
    wrong = next((form for form in (print_form, serve_form, void_form) if form is not None and form.problems), None)
    serve_form.seen.data = void_form.seen.data = str(view.line.version)
    return render_template(
        "papers/show.html",
        view=view,
        sealed=borne(letter),
        paper=dispatch.paper(ledger(), letter, by=person()),
        worth=verification.worth(ledger(), letter, by=person()),
        serve_form=serve_form,
        scan_form=ScanForm(formdata=None, data={"key": new_key()}),
        void_form=void_form,
        wrong=wrong,
    )


@pages.get("/letters", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The letters by state."""
    wanted = request.args.get("state") or None
    if wanted is not None and wanted not in set(LetterState):
        raise Refusal("没有这种文书状态。请从上方的页签中选择。", field="state")
    state = LetterState(wanted) if wanted else None
    everything = letters.list_letters(ledger(), by=person(), q=request.args.get("q", "").strip()[:100])
    rows = leaf([row for row in everything if state is None or row.state is state])
    chosen = asked_selection()
    return render_template(
        "papers/index.html",
        leaf=rows,
        chosen=chosen,
        shown_ids={row.id for row in rows.rows},
        ticked_ids=[row.id for row in rows.rows if chosen.holds(row.id)],
        ticked_all_here=[key.hex for key in dict.fromkeys([*chosen.picked, *(row.id for row in rows.rows)])],
        state=state,
        states=tuple(LetterState),
        counts={each: sum(row.state is each for row in everything) for each in LetterState},
        total=len(everything),
        late_replies=replies.referrals(ledger(), by=person(), today=today()).counted(replies.Standing.OVERDUE),
    )


@pages.get("/letters/<uuid:letter>", may=Permission.READ)
def show(letter: UUID) -> ResponseReturnValue:
    """One letter with its PDF."""
    return _page(letter)


@pages.get("/letters/<uuid:letter>.pdf", may=Permission.READ)
def paper(letter: UUID) -> ResponseReturnValue:
    """The PDF as it was issued."""
    view = letters.show(ledger(), letter, by=person(), today=today())
    data = letters.render(ledger(), letter, by=person())
    return pdf(data, f"{view.line.number} {view.line.kind_words}", download="download" in request.args)


@pages.get("/projects/<uuid:project>/draft.pdf", may=Permission.READ)
def draft(project: UUID) -> ResponseReturnValue:
    """A letter that signing would make: the first, or the one whose `place` is asked for."""
    place = request.args.get("place", "0")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        raise Refusal("没有这份文书。请从签发页打开预览。")
    made = letters.preview(ledger(), project, place=int(place), by=person(), at=now())
    return pdf(made.pdf, f"草稿 {made.kind_words}")


@pages.post("/letters/<uuid:letter>/print", may=Permission.SERVE)
def print_(letter: UUID) -> ResponseReturnValue:
    """Records the printing; the page then shows the paper with the viewer's print button."""
    form = PrintForm()
    if form.validate():
        with form.attempt():
            letters.print_(ledger(), letter, seen=form.version, by=person(), at=now())
            flash("已登记印制。请在下方用阅读器的打印按钮打印；再次印制记为副本。", "good")
            return redirect(url_for("letters.show", letter=letter), 303)
    return _page(letter, print_form=form), form.status


@pages.post("/letters/<uuid:letter>/serve", may=Permission.SERVE)
def serve(letter: UUID) -> ResponseReturnValue:
    """Records the service; a letter with a term starts its clock."""
    form = ServeForm()
    if form.validate():
        with form.attempt():
            clock = letters.serve(
                ledger(),
                letter,
                served_on=form.served_on.data,
                method=form.method.data,
                receiver=form.receiver.data,
                seen=form.version,
                by=person(),
                at=now(),
            )
            if clock:
                flash(f"已登记送达。改造期限自 {clock.start} 起算，{clock.due} 到期。", "good")
            else:
                flash("已登记送达。", "good")
            return redirect(url_for("letters.show", letter=letter), 303)
    return _page(letter, serve_form=form), form.status


@pages.post("/letters/<uuid:letter>/void", may=Permission.SIGN)
def void(letter: UUID) -> ResponseReturnValue:
    """Voids a letter that was not served."""
    form = VoidForm()
    if form.validate():
        with form.attempt():
            letters.void(ledger(), letter, reason=form.reason.data, seen=form.version, by=person(), at=now())
            flash("文书已作废，文号保留不再使用。属于处置决定的，项目已退回审核；告知书请重新签发。", "good")
            return redirect(url_for("letters.show", letter=letter), 303)
    return _page(letter, void_form=form), form.status
