"""Every page has a door, and a door asks for a permission; nothing that only reads can write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from screening.domain.people import Permission, Role
from screening.web.doors import Door, Guarded, local
from tests.web.site import Visitor

OPEN_TO_ALL = {"people.sign_in", "people.enter", "verification.page", "verification.file"}
OPEN_TO_EVERYBODY_SIGNED_IN = {"monitoring.home", "guide.index", "guide.moves"} | {
    *(f"deputies.{name}" for name in ("index", "name", "end", "act")),
    "reminding.account",
    "reminding.save_account",
}
OPEN_BEFORE_THE_PASSWORD_IS_CHANGED = {"people.password", "people.change_password", "people.sign_out"}
OPEN_BY_A_SECRET = {"feeds.fetch"}
FILES = {"static", "bootstrap.static"}


def doors(site: Flask) -> dict[str, object]:
    return {name: getattr(view, "may", None) for name, view in site.view_functions.items()}


def test_every_endpoint_declares_who_may(site: Flask) -> None:
    for name, may in doors(site).items():
        if name in FILES:
            continue
        expected = (
            {Door.PUBLIC} if name in OPEN_TO_ALL | OPEN_BY_A_SECRET
            else {Door.SIGNED_IN} if name in OPEN_TO_EVERYBODY_SIGNED_IN
            else {Door.OWN_PASSWORD} if name in OPEN_BEFORE_THE_PASSWORD_IS_CHANGED
            else set(Permission)
        )  # fmt: skip
        asked = may if isinstance(may, tuple) else (may,)
        assert asked, name
        assert set(asked) <= expected, f"{name} is open to {may}"


def test_a_page_without_a_permission_cannot_be_written() -> None:
    pages = Guarded("trial", __name__)
    with pytest.raises(TypeError):
        pages.get("/trial")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        pages.route("/trial")


def test_an_address_reads_or_acts_and_never_both(site: Flask) -> None:
    for rule in site.url_map.iter_rules():
        if rule.endpoint not in FILES:
            assert rule.methods in ({"GET", "HEAD", "OPTIONS"}, {"POST", "OPTIONS"}), rule


def test_nobody_enters_without_signing_in(site: Flask) -> None:
    client = site.test_client()
    for rule in site.url_map.iter_rules():
        if rule.endpoint in FILES | OPEN_TO_ALL | OPEN_BY_A_SECRET or "GET" not in rule.methods:
            continue
        with site.test_request_context():
            values = dict.fromkeys(rule.arguments, "00000000-0000-0000-0000-000000000001")
            address = str(rule.build(values)[1])
        answer = client.get(address)
        if address.endswith(".json"):
            assert answer.status_code == 401, address
            assert answer.is_json
            continue
        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith("/sign-in"), address


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/\nx", "javascript:alert(1)"],
)
def test_nobody_is_sent_elsewhere(address: str) -> None:
    assert local(address) is None


def test_sign_in_leads_to_the_page_that_was_wanted(visit: Callable[..., Visitor], site: Flask) -> None:
    visit(Role.AUDITOR, login="shen")
    fresh = Visitor(site.test_client()).go("/projects?stage=existing")
    assert fresh.title == "登录"
    from tests.web.site import PASSWORD

    fresh.send("/sign-in", login="shen", password=PASSWORD + "新")
    if fresh.status == 422:
        fresh.send("/sign-in", login="shen", password=PASSWORD)
    assert fresh.answer is not None
    assert fresh.answer.request.path == "/projects"


MATRIX = {
    "/": {*Role},
    "/help": {*Role},
    "/projects": {*Role} - {Role.ADMINISTRATOR},
    "/review": {*Role} - {Role.ADMINISTRATOR},
    "/sign": {*Role} - {Role.ADMINISTRATOR},
    "/letters": {*Role} - {Role.ADMINISTRATOR},
    "/deadlines": {*Role} - {Role.ADMINISTRATOR},
    "/rules": {*Role} - {Role.ADMINISTRATOR},
    "/rules/confirmations": {*Role} - {Role.ADMINISTRATOR},
    "/import": {Role.REGISTRAR, Role.REVIEWER},
    "/system/people": {Role.ADMINISTRATOR},
    "/system/trail": {Role.AUDITOR},
}


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_each_role_opens_its_pages_and_no_others(role: Role, visit: Callable[..., Visitor]) -> None:
    visitor = visit(role)
    for address, allowed in MATRIX.items():
        visitor.go(address)
        assert visitor.status == (200 if role in allowed else 403), f"{role} {address}: {visitor.text}"
