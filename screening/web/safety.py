"""What every answer carries and every act must show: headers, a strict content policy, and the same origin."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "object-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; img-src 'self' data:"
)
"""Only what this server sends; Bootstrap's sheet draws its check marks as data: pictures."""
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""The browser's own PDF viewer styles itself inline; nothing else may run in it."""

csrf = CSRFProtect()


def from_elsewhere() -> bool:
    """Whether the browser says that another site sent this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False  # Chromium 78 sends Origin with every POST; a client without either still needs the CSRF token
    return urlsplit(origin).netloc != request.host


def _refuse_from_elsewhere() -> None:
    if request.method in UNSAFE and from_elsewhere():
        abort(400, "cross-site")


def _seal(answer: Response) -> Response:
    headers = answer.headers
    is_pdf = answer.mimetype == "application/pdf"
    headers.setdefault("Content-Security-Policy", PDF_POLICY if is_pdf else PAGE_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
    if request.endpoint not in {"static", "bootstrap.static"}:
        headers["Cache-Control"] = "no-store"
    return answer


def install(app: Flask) -> None:
    """Hangs the checks and the headers on the application."""
    app.before_request(_refuse_from_elsewhere)
    csrf.init_app(app)
    app.after_request(_seal)
