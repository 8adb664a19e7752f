"""案卷: the time line of a case, its file as one PDF, and a decision found by letter number or check code."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission
from screening.services import casefile
from screening.web.desk import leaf, ledger, person
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.letters import pdf

pages = Guarded("casefile", __name__)
LONGEST = 100


@pages.get("/projects/<uuid:project>/timeline", may=Permission.READ)
def timeline(project: UUID) -> ResponseReturnValue:
    """What happened in the case, the newest first."""
    shown = casefile.timeline(ledger(), project, by=person())
    return render_template("casefile/timeline.html", shown=shown, leaf=leaf(shown.steps[::-1]))


@pages.get("/projects/<uuid:project>/casefile.pdf", may=Permission.READ)
def paper(project: UUID) -> ResponseReturnValue:
    """The whole file, to be printed or kept."""
    made = casefile.dossier(ledger(), project, by=person())
    return pdf(made, "案卷", download="download" in request.args)


@pages.get("/check", may=Permission.READ)
def check() -> ResponseReturnValue:
    """Who decided what under which rules: by the number of a letter or its check code; with `again`, computed anew."""
    code = request.args.get("code", "")[:LONGEST].strip()
    found = again = problem = None
    status = 200
    if "code" in request.args:
        try:
            found = casefile.find(ledger(), code, by=person())
            if "again" in request.args and found.decision is not None:
                again = casefile.recompute(ledger(), found.decision.id, by=person())
        except Refusal as refused:
            problem, status = refused.message, status_of(refused)
    page = render_template("casefile/check.html", code=code, found=found, again=again, problem=problem)
    return page, status
