"""签发所选: the ticked recommendations, each with what stands in its way; one password; what became of each."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import bulk, people
from screening.services.bulk import NOTHING, Way
from screening.services.selection import Selection
from screening.web.desk import ledger, new_key, now, person
from screening.web.dispositions import SignForm
from screening.web.doors import Guarded
from screening.web.fields import ChoiceField
from screening.web.selection import ticked_items

pages = Guarded("bulk", __name__)


class TogetherForm(SignForm):
    """One password for all that is signed."""

    way = ChoiceField("办理方式", [(way.value, way.words) for way in Way], blank=None)


def _page(form: TogetherForm, picked: Selection) -> str:
    looked = bulk.look(ledger(), picked.picked, by=person(), at=now())
    return render_template("bulk/sign.html", form=form, looked=looked)


@pages.get("/sign/selected", may=Permission.SIGN)
def look() -> ResponseReturnValue:
    """What of the ticked can be signed, and what cannot and why."""
    picked = Selection.read(request.args.getlist("pick"))
    if not picked:
        flash(NOTHING, "warn")
        return redirect(url_for("dispositions.queue"))
    return _page(TogetherForm(formdata=None, data={"key": new_key(), "way": Way.EACH.value}), picked)


@pages.post("/sign/selected", may=Permission.SIGN)
def sign() -> ResponseReturnValue:
    """Signs them, and says what was signed and what was not."""
    form = TogetherForm()
    items = ticked_items(request.form.getlist("item"))
    if form.validate():
        with form.attempt("password"):
            people.check_password(ledger(), person().id, form.password.data, at=now())
            with form.attempt():
                done = bulk.sign_ticked(
                    ledger(),
                    items,
                    way=Way(form.way.data),
                    key=form.once,
                    by=person(),
                    at=now(),
                    paper_date=form.paper_date.data,
                )
                return render_template("bulk/signed.html", done=done)
    return _page(form, Selection(picked=tuple(project for project, _ in items))), form.status
