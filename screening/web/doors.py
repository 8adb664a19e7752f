"""The guarded blueprint: no page opens without a permission that is written beside its address."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from screening.domain.people import Permission

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class Door(Enum):
    """The two doors that ask for no permission: open to all, and open to everybody who is signed in."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    OWN_PASSWORD = "own_password"  # noqa: S105  # a door's name
    """Signed in, even while the one-use password has not been replaced yet."""


May = Permission | Door | tuple[Permission, ...]
"""What a view declares: one permission, several of which one is enough, or a door."""


def allows(may: May) -> bool:
    """Whether the person of this request may pass."""
    if may is Door.PUBLIC:
        return True
    person = g.get("person")
    if person is None:
        return False
    if isinstance(may, Door):
        return True
    wanted = may if isinstance(may, tuple) else (may,)
    return any(person.may(permission) for permission in wanted)


def local(address: str | None) -> str | None:
    """The address when it is a path of this site, so that nobody is sent elsewhere; else None."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in address):
        return None
    return address


def _stop_or_none(may: May) -> Response | None:
    if may is Door.PUBLIC:
        return None
    if g.get("person") is None:
        if request.path.endswith(".json"):
            abort(401)
        wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
        return redirect(url_for("people.sign_in", next=wanted))
    if g.get("must_change") and may is not Door.OWN_PASSWORD:
        return redirect(url_for("people.password"))
    if not allows(may):
        abort(403)
    return None


class Guarded(Blueprint):
    """A blueprint whose `get` and `post` take `may`, a keyword without a default: leaving it out is a TypeError."""

    def get(self, rule: str, *, may: May) -> Callable[[View], View]:  # type: ignore[override]
        """A page that only reads."""
        return self._door(rule, "GET", may)

    def post(self, rule: str, *, may: May) -> Callable[[View], View]:  # type: ignore[override]
        """An act; it never answers to GET."""
        return self._door(rule, "POST", may)

    def _door(self, rule: str, method: str, may: May) -> Callable[[View], View]:
        def hang(view: View) -> View:
            @wraps(view)
            def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
                return _stop_or_none(may) or view(*args, **kwargs)

            guarded.may = may  # type: ignore[attr-defined]
            self.add_url_rule(rule, endpoint=view.__name__, view_func=guarded, methods=[method])
            return view

        return hang

    def route(self, rule: str, **_options: object) -> Callable[[View], View]:  # type: ignore[override]
        """Not offered here: it would open a page without a permission."""
        raise TypeError(f"{rule}: use get(...) or post(...) with may=")
