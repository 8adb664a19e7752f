"""随文和跟进的文书: the receipt that goes with a letter, the request for data, the reminder of a running term."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import followups
from screening.web import letters
from screening.web.desk import ledger, now, person
from screening.web.doors import Guarded
from screening.web.fields import ActForm

pages = Guarded("followups", __name__)


@pages.get("/letters/<uuid:letter>/receipt.pdf", may=Permission.READ)
def receipt(letter: UUID) -> ResponseReturnValue:
    """The receipt to be printed with the letter."""
    number, data = followups.receipt(ledger(), letter, by=person())
    return letters.pdf(data, f"{number} 送达回证")


@pages.get("/projects/<uuid:project>/request.pdf", may=Permission.READ)
def request_draft(project: UUID) -> ResponseReturnValue:
    """The request for data as signing would make it."""
    made = followups.request_draft(ledger(), project, by=person(), at=now())
    return letters.pdf(made.pdf, f"草稿 {made.kind_words}")


@pages.post("/projects/<uuid:project>/request", may=Permission.SIGN)
def request_(project: UUID) -> ResponseReturnValue:
    """Signs the request for data; it is then printed and served like any letter."""
    form = ActForm()
    form.validate()
    made = followups.request(ledger(), project, seen=form.version, by=person(), at=now())
    flash(f"已签发补充资料通知 {made.number}。由文书室印制并送达。", "good")
    return redirect(url_for("letters.show", letter=made.id), 303)


@pages.get("/letters/<uuid:letter>/reminder.pdf", may=Permission.READ)
def reminder_draft(letter: UUID) -> ResponseReturnValue:
    """The reminder as signing would make it."""
    made = followups.reminder_draft(ledger(), letter, by=person(), at=now())
    return letters.pdf(made.pdf, f"草稿 {made.kind_words}")


@pages.post("/letters/<uuid:letter>/reminder", may=Permission.SIGN)
def remind(letter: UUID) -> ResponseReturnValue:
    """Signs a reminder of the term that runs."""
    form = ActForm()
    form.validate()
    made = followups.remind(ledger(), letter, seen=form.version, by=person(), at=now())
    flash(f"已签发期限提示函 {made.number}。由文书室印制并送达。", "good")
    return redirect(url_for("letters.show", letter=made.id), 303)
