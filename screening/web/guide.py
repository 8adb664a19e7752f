"""帮助: a short manual."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from screening.domain.people import GRANTS
from screening.domain.review import MOVES, CaseState
from screening.web.doors import Door, Guarded

pages = Guarded("guide", __name__)


@pages.get("/help/moves", may=Door.SIGNED_IN)
def moves() -> ResponseReturnValue:
    """The whole table of moves of a case: what is not here cannot happen."""
    steps = {state: [(move, step) for (before, move), step in MOVES.items() if before is state] for state in CaseState}
    who = {step.permission: [role for role, may in GRANTS.items() if step.permission in may] for step in MOVES.values()}
    return render_template("guide/moves.html", steps=steps, who=who)


@pages.get("/help", may=Door.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What each role does where, and what the signs mean."""
    return render_template("guide/index.html")
