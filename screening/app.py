"""`create_app(config)`: the one place where the parts meet."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined

from screening import rulebook
from screening.config import Config
from screening.services import Ledger
from screening.services.press import Press
from screening.web import (
    acceptance,
    attachments,
    bulk,
    casefile,
    casework,
    chasing,
    deadlines,
    deputies,
    desk,
    dispatch,
    dispositions,
    drafting,
    exits,
    failures,
    feeds,
    followups,
    forms,
    frontrunners,
    guide,
    history,
    intake,
    letters,
    lists,
    monitoring,
    numbering,
    objections,
    people,
    plans,
    plausibility,
    printruns,
    procedure,
    registration,
    registry,
    reminding,
    replies,
    review,
    rules,
    safety,
    saved,
    seals,
    selection,
    system,
    verification,
    words,
)

LARGEST_UPLOAD = 32 * 1024 * 1024
"""Bytes of a request; a ledger of 20,000 rows needs about a tenth."""
LARGEST_FORM = 4 * 1024 * 1024
CHAPTERS = (
    monitoring,
    registry,
    saved,
    selection,
    registration,
    history,
    casefile,
    attachments,
    plausibility,
    intake,
    review,
    casework,
    procedure,
    dispositions,
    drafting,
    bulk,
    letters,
    seals,
    followups,
    verification,
    printruns,
    dispatch,
    numbering,
    objections,
    replies,
    deadlines,
    chasing,
    feeds,
    acceptance,
    frontrunners,
    plans,
    exits,
    lists,
    forms,
    rules,
    system,
    people,
    reminding,
    deputies,
    guide,
)


def create_app(config: Config, *, ledger: Ledger | None = None) -> Flask:
    """The site over the ledger of `config.database_url`, or over one that is open already."""
    app = Flask("screening")
    app.config.update(
        SECRET_KEY=config.secret,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        SESSION_COOKIE_NAME="screening",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may stay open over lunch
        WTF_I18N_ENABLED=False,
        BOOTSTRAP_SERVE_LOCAL=True,
        TRUSTED=config.sealing.trusted,
        ATTACHMENTS=config.var / "attachments",  # outside of everything that is served
        SEALING=config.sealing,
        POST=config.post,
    )
    app.extensions["ledger"] = ledger or Ledger.open(config.database_url, rulebook.load(), verify_at=config.verify_at)
    app.extensions["press"] = Press(app.extensions["ledger"], config.var / "print-runs")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # A policy on files and JSON: what a person reads is UTF-8, as it is.
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]
    Bootstrap5(app)
    people.login_manager.init_app(app)
    app.before_request(people.recognise)  # first of all: a refusal, too, is a page for somebody
    safety.install(app)
    failures.install(app)
    words.install(app)
    app.context_processor(lambda: {"now": desk.now(), "periods_past": desk.periods_past})
    for chapter in CHAPTERS:
        app.register_blueprint(chapter.pages)

    return app
