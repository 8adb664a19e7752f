"""订阅日历: the person's own secret address for a calendar program, and what is fetched under it."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import feeds
from screening.web.desk import ledger, now, person
from screening.web.doors import Door, Guarded
from screening.web.fields import ActForm

pages = Guarded("feeds", __name__)


class FeedForm(ActForm):
    """Makes or ends an address."""


def _page(address: str | None = None) -> str:
    return render_template("deadlines/feed.html", view=feeds.show(ledger(), by=person()), address=address)


@pages.get("/account/calendar", may=Permission.READ)
def index() -> ResponseReturnValue:
    """Whether there is an address; its secret is not shown again."""
    return _page()


@pages.post("/account/calendar", may=Permission.READ)
def renew() -> ResponseReturnValue:
    """A new address, shown this once."""
    form = FeedForm()
    if not form.validate():
        return _page(), form.status
    token = feeds.renew(ledger(), by=person(), at=now())
    outside = ledger().verify_at
    path = url_for("feeds.fetch", token=token)
    address = outside.removesuffix("/verify") + path if outside else url_for("feeds.fetch", token=token, _external=True)
    return _page(address)


@pages.post("/account/calendar/revoke", may=Permission.READ)
def revoke() -> ResponseReturnValue:
    """Ends the address."""
    form = FeedForm()
    if form.validate():
        feeds.revoke(ledger(), by=person(), at=now())
        flash("日历地址已停用。", "good")
    return redirect(url_for("feeds.index"), 303)


@pages.get("/calendar/<token>.ics", may=Door.PUBLIC)
def fetch(token: str) -> ResponseReturnValue:
    """The calendar; whoever does not know the secret learns nothing, not even who has one."""
    answer = Response(feeds.fetch(ledger(), token, at=now()), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = "inline; filename=deadlines.ics"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
