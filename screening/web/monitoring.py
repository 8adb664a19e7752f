"""工作台: what waits for the person, and the state of the ledger in figures that open their rows."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import chronicle, deadlines, monitoring, registration, reminding
from screening.web.desk import ledger, person, today
from screening.web.doors import Door, Guarded

pages = Guarded("monitoring", __name__)

PAGES = {
    "ledger": "registry.index",
    "review": "review.queue",
    "legal": "procedure.legal",
    "sign": "dispositions.queue",
    "letters": "letters.index",
    "referrals": "replies.index",
    "deadlines": "deadlines.index",
    "rules": "rules.index",
    "confirmations": "rules.confirmations",
}


def address_of(figure: monitoring.Figure) -> str:
    """The page that shows the rows that the figure counts."""
    return url_for(PAGES[figure.page], _external=False, **dict(figure.query))


@pages.get("/", may=Door.SIGNED_IN)
def home() -> ResponseReturnValue:
    """The first page of everybody who may read the ledger; an administrator's is the list of people."""
    if not person().may(Permission.READ):
        return redirect(url_for("system.people"))
    bench = monitoring.workbench(ledger(), by=person(), today=today())
    clocks = deadlines.running(ledger(), by=person(), today=today(), most=6)
    drafts = registration.drafts(ledger(), by=person()) if person().may(Permission.REGISTER) else ()
    news = chronicle.news(ledger(), by=person())
    notices = reminding.unread(ledger(), by=person(), today=today())
    return render_template(
        "monitoring/home.html",
        bench=bench,
        clocks=clocks,
        drafts=drafts,
        news=news,
        notices=notices,
        address_of=address_of,
    )
