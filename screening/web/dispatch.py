"""寄出、交接、送达: what becomes of ticked letters on paper, many at a time, with the scans of their receipts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, MultiDict

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.domain.review import LetterState, Manner
from screening.services import attachments, dispatch, letters
from screening.services.selection import Selection
from screening.services.views import LetterLine
from screening.web.attachments import folder
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, FileField, LineField, TextField, needed
from screening.web.letters import ScanForm, ServeForm
from screening.web.printruns import nothing_ticked, ticked_letters

pages = Guarded("dispatch", __name__)
SCAN = f"{attachments.TAKEN}，每个不超过 {attachments.LARGEST // 1024 // 1024} MB。"


class SendForm(ActForm):
    """How and when the ticked letters left the office."""

    manner = ChoiceField("方式", [(m.value, m.words) for m in Manner], blank=None)
    sent_on = DayField("日期", [needed("请填写寄出、交接的日期。")], description="格式如 2026-11-22。")
    receiver = LineField(
        "经办人、接收人", [needed("请填写经办人或者接收人。")], description="寄出的填经办人，交接的填接收人。"
    )
    numbers = TextField(
        "邮件号", description="寄出的，按左边的次序每行一个；可从 Excel 整列粘贴，也可粘贴“文号、邮件号”两列。"
    )
    file = FileField("凭证扫描件（可不传）", description=f"如签收的交接清单，附到每一份文书。{SCAN}")


@dataclass
class Line:
    """A letter with the fields of its own service."""

    letter: LetterLine
    form: ServeForm
    file_id: str


def _uploaded(name: str) -> FileStorage | None:
    found = request.files.get(name)
    return found if found is not None and found.filename else None


def _choose(form: SendForm, keys: tuple[UUID, ...]) -> str:
    looked = dispatch.look(ledger(), keys, states=dispatch.ALLOWED, by=person())
    return render_template("printruns/send.html", form=form, looked=looked, Manner=Manner)


@pages.get("/letters/send", may=Permission.SERVE)
def choose() -> ResponseReturnValue:
    """The ticked letters, and how they leave."""
    keys = ticked_letters()
    if not keys:
        return nothing_ticked()
    data = {"key": new_key(), "sent_on": today(), "receiver": person().name}
    return _choose(SendForm(formdata=None, data=data), keys)


@pages.post("/letters/send", may=Permission.SERVE)
def send() -> ResponseReturnValue:
    """Records that they left, all or none."""
    form = SendForm()
    keys = Selection.read(request.form.getlist("pick")).picked
    if form.validate():
        with form.attempt():
            manner = Manner(form.manner.data)
            file = _uploaded("file")
            content = file.read() if file else b""
            if file:
                attachments.clean_name(file.filename or "", attachments.kind_of(content))
            count = dispatch.send(
                ledger(), keys, manner=manner, sent_on=form.sent_on.data, person=form.receiver.data,
                numbers=form.numbers.data or "", key=form.once, by=person(), at=now(),
            )  # fmt: skip
            if file:
                for key in keys:
                    _keep(key, content, file, once=f"{form.once}:{key}", of_service=False)
            flash(f"已登记{manner.words} {count} 份。", "good")
            return redirect(url_for("letters.index", state="printed"), 303)
    if not keys:
        return nothing_ticked()
    return _choose(form, keys), form.status


def _keep(letter: UUID, content: bytes, file: FileStorage, *, once: str, of_service: bool) -> None:
    dispatch.scan(
        ledger(), letter, content, name=file.filename or "", folder=folder(), key=once, by=person(), at=now(),
        of_service=of_service,
    )  # fmt: skip


def _lines(
    keys: tuple[UUID, ...], typed: MultiDict[str, str] | None = None
) -> tuple[list[Line], list[tuple[str, str]]]:
    looked = dispatch.look(ledger(), keys, states={LetterState.PRINTED}, by=person())
    found = []
    for row in looked.rows:
        prefix = f"l{row.id.hex}-"
        form = ServeForm(formdata=typed, prefix=prefix, meta={"csrf": False}, data={"key": new_key()})
        if typed is None:
            form.seen.data = str(row.version)
        found.append(Line(letter=row, form=form, file_id=f"{prefix}file"))
    return found, list(looked.left_out)


def _serve_page(lines: list[Line], left_out: list[tuple[str, str]], done: list[str]) -> str:
    problems = [
        (anchor, f"{line.letter.number}：{message}") for line in lines for anchor, message in line.form.problems
    ]
    return render_template(
        "printruns/serve.html", lines=lines, left_out=left_out, done=done, wrong={"problems": problems}
    )


@pages.get("/letters/serve", may=Permission.SERVE)
def served() -> ResponseReturnValue:
    """The ticked letters, each with the fields of its service."""
    keys = ticked_letters()
    if not keys:
        return nothing_ticked()
    return _serve_page(*_lines(keys), [])


@pages.post("/letters/serve", may=Permission.SERVE)
def serve() -> ResponseReturnValue:
    """Records the service of each letter whose fields are filled in, each for itself; the others stay as typed."""
    keys = Selection.read(request.form.getlist("pick")).picked
    if not keys:
        return nothing_ticked()
    before, left_out = _lines(keys, request.form)
    done, rest = [], []
    for line in before:
        form = line.form
        if not (form.receiver.data or any(form.served_on.raw_data or ())):
            rest.append(line)
            continue
        file = _uploaded(line.file_id)
        if form.validate():
            with form.attempt():
                content = file.read() if file else b""
                if file:
                    attachments.clean_name(file.filename or "", attachments.kind_of(content))
                letters.serve(
                    ledger(), line.letter.id, served_on=form.served_on.data, method=form.method.data,
                    receiver=form.receiver.data, seen=form.version, by=person(), at=now(),
                )  # fmt: skip
                if file:
                    _keep(line.letter.id, content, file, once=f"{form.once}:{line.letter.id}", of_service=True)
                done.append(line.letter.number)
                continue
            form.seen.data = str(line.letter.version)  # the page shows it as it is now
        rest.append(line)
    if not rest and not done:
        return _serve_page(rest, left_out, done), 409
    if not rest:
        flash(f"已登记送达 {len(done)} 份，有期限的自送达日起计算。", "good")
        return redirect(url_for("letters.index", state="served"), 303)
    wrong = any(line.form.problems for line in rest)
    return _serve_page(rest, left_out, done), 422 if wrong else 200


@pages.post("/letters/<uuid:letter>/scan", may=Permission.SERVE)
def scan(letter: UUID) -> ResponseReturnValue:
    """Keeps the scan of a receipt that came later."""
    dispatch.paper(ledger(), letter, by=person())
    form = ScanForm()
    file = _uploaded("file")
    if form.validate() and file is None:
        raise Refusal("请选择一个文件。", field="file")
    if form.problems or file is None:
        raise Refusal("扫描件没有收到。请回到文书页重新选择文件。", field="file")
    _keep(letter, file.read(), file, once=form.once, of_service=form.of.data == "service")
    flash("已保存扫描件，并列入项目的附件。", "good")
    return redirect(url_for("letters.show", letter=letter), 303)
