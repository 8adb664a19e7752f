"""What every answer carries, and what an act must show before it is done."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from screening.domain.people import Role
from tests.web.site import PASSWORD, Visitor

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def test_every_page_carries_the_headers(site: Flask, visit: Callable[..., Visitor]) -> None:
    for answer in (site.test_client().get("/sign-in"), visit(Role.REVIEWER).go("/projects").answer):
        assert answer is not None
        for name, value in WANTED.items():
            assert answer.headers[name] == value
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy


def test_every_failure_carries_them_too(visit: Callable[..., Visitor]) -> None:
    answer = visit(Role.REVIEWER).go("/nowhere").answer
    assert answer is not None
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_script(site: Flask, visit: Callable[..., Visitor]) -> None:
    visit(Role.REVIEWER, login="wang")
    client = site.test_client()
    page = Visitor(client).go("/sign-in")
    token = page.page.find("input", {"name": "csrf_token"})
    assert token is not None
    answer = client.post("/sign-in", data={"login": "wang", "password": PASSWORD, "csrf_token": token["value"]})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_act_without_the_token_is_refused(site: Flask) -> None:
    answer = site.test_client().post("/sign-in", data={"login": "a", "password": "b"})
    assert answer.status_code == 400
    assert "未保存任何内容" in answer.get_data(as_text=True)


def test_the_token_of_another_session_is_refused(site: Flask) -> None:
    theirs = Visitor(site.test_client()).go("/sign-in")
    token = theirs.page.find("input", {"name": "csrf_token"})
    assert token is not None
    mine = site.test_client()
    mine.get("/sign-in")
    answer = mine.post("/sign-in", data={"login": "a", "password": "b", "csrf_token": token["value"]})
    assert answer.status_code == 400


def test_every_act_asks_for_the_token(site: Flask, visit: Callable[..., Visitor]) -> None:
    client = visit(Role.SIGNATORY).client
    for rule in site.url_map.iter_rules():
        if "POST" not in rule.methods:
            continue
        with site.test_request_context():
            values = dict.fromkeys(rule.arguments, "00000000-0000-0000-0000-000000000001")
            address = str(rule.build(values)[1])
        assert client.post(address).status_code == 400, address


def test_an_act_from_another_site_is_refused(site: Flask) -> None:
    client = site.test_client()
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ):
        answer = client.post("/sign-in", headers=headers)
        assert answer.status_code == 400
        assert "其他网站" in answer.get_data(as_text=True)


def test_what_is_typed_never_becomes_markup(visit: Callable[..., Visitor]) -> None:
    answer = visit(Role.REVIEWER).go("/projects?q={{7*7}}<script>alert(1)</script>").answer
    assert answer is not None
    text = answer.get_data(as_text=True)
    assert "<script>alert" not in text
    assert "49<" not in text


def test_a_one_use_password_opens_only_the_password_page(site: Flask, sqlite_ledger: object) -> None:
    from screening import clock
    from screening.services import CONSOLE, people

    _, password = people.add(
        sqlite_ledger, "xin", name="新人", role=Role.REVIEWER, scope="150000", by=CONSOLE, at=clock.now()
    )  # type: ignore[arg-type]
    assert password
    from tests.web.site import sign_in

    visitor = sign_in(site, "xin", password)
    assert visitor.title == "修改密码"
    assert visitor.go("/projects").title == "修改密码"
    visitor.send("/password", old=password, new="太短", again="太短")
    assert visitor.status == 422
    visitor.send("/password", old=password, new=PASSWORD, again=PASSWORD)
    assert visitor.title == "工作台"


def test_a_locked_person_hears_why(site: Flask, visit: Callable[..., Visitor]) -> None:
    visit(Role.REVIEWER, login="suo")
    visitor = Visitor(site.test_client()).go("/sign-in")
    for _ in range(5):
        visitor.send("/sign-in", login="suo", password="这不是密码这不是密码")
    visitor.send("/sign-in", login="suo", password=PASSWORD)
    assert visitor.status == 422
    assert "锁定" in visitor.text


def test_signing_out_ends_the_session_in_the_database(visit: Callable[..., Visitor]) -> None:
    visitor = visit(Role.REVIEWER)
    kept = visitor.client.get_cookie("screening")
    assert kept is not None
    visitor.go("/").send("/sign-out")
    assert visitor.title == "登录"
    visitor.client.set_cookie("screening", kept.value)
    assert visitor.go("/projects").title == "登录"
