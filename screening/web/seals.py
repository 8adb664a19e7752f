"""印章: the pictures of the office's seals, uploaded and revoked by its administrator, and 用印 onto a letter."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from screening.config import Sealing
from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import letters, seals
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, FileField, LineField, SheetForm, TextField, needed

pages = Guarded("seals", __name__)


class AddForm(ActForm):
    """A seal of the office and from when to when it is used."""

    name = LineField(
        "印章名称", [needed("请填写印章名称。")], description="与印文一致，例如：内蒙古自治区发展和改革委员会。"
    )
    file = FileField(
        "印模图片",
        description="PNG，正方形，边长400至1200像素，红色印模，底色透明，四周不留空白，不超过1 MB；印出来直径42毫米。",
    )
    first_day = DayField("启用日期", [needed("请填写启用日期。")], description="格式如 2026-12-01，含当日。")
    last_day = DayField("停用日期", [needed("请填写停用日期。")], description="含当日；可提前停用。")


class RevokeForm(SheetForm):
    """Why a seal is not used any more."""

    reason = TextField("理由", [needed("请写明停用的理由。")])


class SealForm(ActForm):
    """Which seal is set onto the letter."""

    choice = ChoiceField("印章", validators=[needed("请选择印章。")])


def _sealing() -> Sealing:
    found: Sealing = current_app.config["SEALING"]
    return found


def borne(letter: UUID) -> seals.Sealed:
    """What a letter bears, for its page."""
    return seals.show(ledger(), letter, sealing=_sealing(), by=person(), at=now())


def offered() -> bool:
    """Whether the person could set a seal: told before letters are printed, as afterwards it is too late."""
    return seals.offered(ledger(), sealing=_sealing(), by=person(), today=today())


def _page(form: AddForm | None = None, wrong: RevokeForm | None = None) -> str:
    form = form or AddForm(formdata=None, data={"first_day": today()})
    if not form.key.data:
        form.key.data = new_key()
    rows = seals.held(ledger(), by=person(), today=today())
    return render_template("seals/index.html", rows=rows, form=form, wrong=wrong)


@pages.get("/seals", may=Permission.KEEP_SEALS)
def index() -> ResponseReturnValue:
    """The seals of the administrator's own office, and what they were used for."""
    return _page()


@pages.post("/seals", may=Permission.KEEP_SEALS)
def add() -> ResponseReturnValue:
    """Takes the picture of a seal in."""
    form = AddForm()
    found = form.file.data if isinstance(form.file.data, FileStorage) and form.file.data.filename else None
    valid = form.validate()
    if found is None:
        form.refuse("请选择印模图片。", "file")
    elif valid:
        with form.attempt():
            kept = seals.add(
                ledger(),
                found.read(),
                name=form.name.data,
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已上传印章“{kept.name}”。", "good")
            return redirect(url_for("seals.index"), 303)
    return _page(form), form.status


@pages.get("/seals/<uuid:seal>.png", may=(Permission.KEEP_SEALS, Permission.SEAL))
def picture(seal: UUID) -> ResponseReturnValue:
    """The picture, to those of its office who keep or set it."""
    answer = Response(seals.picture(ledger(), seal, by=person()), mimetype="image/png")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/seals/<uuid:seal>/revoke", may=Permission.KEEP_SEALS)
def revoke(seal: UUID) -> ResponseReturnValue:
    """The seal is used no more."""
    seals.picture(ledger(), seal, by=person())  # another office's is not there, whatever was typed
    form = RevokeForm()
    form.reason.id = f"reason-{seal}"
    if form.validate():
        with form.attempt():
            gone = seals.revoke(ledger(), seal, reason=form.reason.data, by=person(), at=now())
            flash(f"印章“{gone.name}”已停用；已用印的文书不受影响。", "good")
            return redirect(url_for("seals.index"), 303)
    return _page(wrong=form), form.status


def _choosing(letter: UUID, form: SealForm | None = None) -> str:
    view = letters.show(ledger(), letter, by=person(), today=today())
    sealed = borne(letter)
    if not sealed.choices and form is None:
        raise Refusal(
            sealed.closed
            or ("这份文书已用印。" if sealed.editions else "本机关没有可用的印章。请系统管理员在“印章”页面上传印模。")
        )
    if form is None:
        form = SealForm(formdata=None, data={"seen": str(view.line.version)})
        if len(sealed.choices) == 1:
            form.choice.data = sealed.choices[0][0]
    form.choice.offer(sealed.choices)
    pictured = {key for key, _ in sealed.choices if key not in {seals.CERTIFICATE, seals.SERVICE}}
    return render_template("seals/set.html", row=view.line, sealed=sealed, form=form, pictured=pictured)


@pages.get("/letters/<uuid:letter>/seal", may=Permission.SEAL)
def choose(letter: UUID) -> ResponseReturnValue:
    """The seals that may be set onto a letter."""
    return _choosing(letter)


@pages.post("/letters/<uuid:letter>/seal", may=Permission.SEAL)
def set_(letter: UUID) -> ResponseReturnValue:
    """Sets the seal."""
    form = SealForm()
    form.choice.offer(borne(letter).choices)
    if form.validate():
        with form.attempt():
            seals.set_(
                ledger(),
                letter,
                choice=form.choice.data,
                seen=form.version,
                sealing=_sealing(),
                by=person(),
                at=now(),
            )
            flash("已用印。下方是用印后的文书，从现在起印制、下载的都是它。", "good")
            return redirect(url_for("letters.show", letter=letter), 303)
    return _choosing(letter, form), form.status
