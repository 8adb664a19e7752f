"""变更记录: a project's history field by field, two moments compared, what is new; the head of the trail as a file."""

from __future__ import annotations

from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import chronicle
from screening.services import history as trail
from screening.web.desk import leaf, ledger, now, person, today
from screening.web.doors import Guarded, local

pages = Guarded("history", __name__)
LONGEST = 18
"""Digits of a number that the database can hold."""


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST):
        raise Refusal("请从列表中选择要比较的时点。", field=field)
    return int(text)


@pages.get("/projects/<uuid:project>/history", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """Who changed which field, when, from what to what, why, and from where."""
    asked = [request.args.get(name, "") for name in ("from", "to")]
    between = (_number(asked[0], "from"), _number(asked[1], "to")) if all(asked) else None
    shown = chronicle.show(ledger(), project, by=person(), field=request.args.get("field") or None, between=between)
    return render_template("history/show.html", shown=shown, leaf=leaf(shown.entries), chosen=asked)


@pages.post("/projects/<uuid:project>/history/seen", may=Permission.READ)
def seen(project: UUID) -> ResponseReturnValue:
    """Marks the history as seen up to the event that the page ended with."""
    seq = _number(request.form.get("seq", "0"), "seq")
    chronicle.mark_seen(ledger(), project, seq=seq, by=person(), at=now())
    return redirect(local(request.form.get("back")) or url_for("history.show", project=project), 303)


@pages.get("/system/trail/head.json", may=Permission.AUDIT)
def head() -> ResponseReturnValue:
    """The head of the chain, to be kept elsewhere: `screening audit verify --head` reads this file."""
    found = trail.head(ledger())
    answer = jsonify({"rows": found.rows, "hash": found.hash})
    answer.headers["Content-Disposition"] = f"attachment; filename=trail-head-{today()}-{found.rows}.json"
    return answer
