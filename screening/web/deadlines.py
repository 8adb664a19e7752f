"""期限: the clocks that run since service, the nearest first."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import deadlines
from screening.web.desk import leaf, ledger, person, today
from screening.web.doors import Guarded

pages = Guarded("deadlines", __name__)


@pages.get("/deadlines", may=Permission.READ)
def index() -> ResponseReturnValue:
    """All running clocks, by how near they are."""
    chosen = request.args.get("group") or request.args.get("deadline") or None
    if chosen is not None and chosen not in deadlines.GROUPS:
        raise Refusal("没有这一组期限。请从上方的页签中选择。", field="group")
    clocks = deadlines.running(ledger(), by=person(), today=today())
    counts = {key: sum(deadlines.group(clock) == key for clock in clocks) for key in deadlines.GROUPS}
    rows = [clock for clock in clocks if chosen is None or deadlines.group(clock) == chosen]
    return render_template(
        "deadlines/index.html",
        leaf=leaf(rows),
        chosen=chosen,
        groups=deadlines.GROUPS,
        counts=counts,
        total=len(clocks),
        group_of=deadlines.group,
        today=today(),
    )
