"""帮助: a short manual."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from screening.web.doors import Door, Guarded

pages = Guarded("guide", __name__)


@pages.get("/help", may=Door.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What each role does where, and what the signs mean."""
    return render_template("guide/index.html")
