"""核对文书: open to everybody, tells no more than the paper, and not too often."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.proxy_headers import proxy_headers_middleware
from werkzeug.test import create_environ

from screening.cli.site import _heard
from screening.domain.people import Role
from screening.services import letters
from screening.web.verification import Turnstile
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.web.site import Visitor


@pytest.fixture
def signed(sqlite_ledger, tmp_path, site):
    desks = Desks(sqlite_ledger, tmp_path)
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    code = letters.show(sqlite_ledger, letter.id, by=desks.office, today=TODAY).code
    return letter, letters.render(sqlite_ledger, letter.id, by=desks.office), code


def test_everybody_may_ask_and_learns_what_the_paper_says(site: Flask, signed, visit) -> None:
    letter, pdf, code = signed
    stranger = Visitor(site.test_client())
    stranger.go("/verify")
    assert stranger.status == 200
    stranger.go("/verify?" + urlencode({"n": letter.number, "c": code}))
    assert stranger.status == 200
    assert "有效" in stranger.text
    assert "发展和改革委员会" in stranger.text
    for secret in (letter.project_name, letter.enterprise, "冻结的数据"):
        assert secret not in stranger.text
    packed = base64.urlsafe_b64encode(letter.number.encode()).rstrip(b"=").decode()
    stranger.go("/verify?" + urlencode({"k": f"{packed}.{code}"}))
    assert letter.number in stranger.text
    stranger.go("/verify?" + urlencode({"n": letter.number, "c": "0" * 12}))
    assert stranger.status == 404
    assert "没有这样的文号和查验码" in stranger.text
    stranger.go("/verify?" + urlencode({"k": "%%%.x"}))
    assert stranger.status == 422

    stranger.go("/verify").send("/verify", file=(io.BytesIO(pdf), "文书.pdf"))
    assert "未被改动" in stranger.text
    assert letter.enterprise not in stranger.text
    stranger.go("/verify").send("/verify", file=(io.BytesIO(b"x"), "x.pdf"))
    assert stranger.status == 422
    assert "不是 PDF" in stranger.text

    office = visit(Role.OFFICE, "150200")
    office.go("/verify").send("/verify", file=(io.BytesIO(pdf + b" "), "文书.pdf"))
    assert "追加" in office.text
    office.go("/verify?" + urlencode({"n": letter.number, "c": code}))
    assert letter.enterprise in office.text


def test_nobody_tries_codes(site: Flask, signed) -> None:
    letter, _, code = signed
    stranger = Visitor(site.test_client())
    for turn in range(30):
        stranger.go("/verify?" + urlencode({"n": letter.number, "c": f"{turn:012x}"}))
        assert stranger.status == 404
    stranger.go("/verify?" + urlencode({"n": letter.number, "c": code}))
    assert stranger.status == 429
    assert "十分钟后" in stranger.text


def test_the_turnstile_opens_again_and_forgets() -> None:
    gate = Turnstile(most=2, within=timedelta(minutes=1), addresses=2)
    assert [gate.passes("a", NOW) for _ in range(3)] == [True, True, False]
    assert gate.passes("a", NOW + timedelta(minutes=2))
    for name in "bcd":
        assert gate.passes(name, NOW)
    assert gate.passes("a", NOW)
    assert gate.passes("a", NOW)


@pytest.mark.parametrize(
    ("tls_in_front", "comes_from", "seen"),
    [
        (True, "127.0.0.1", "203.0.113.9"),
        (True, "198.51.100.7", "198.51.100.7"),
        (False, "127.0.0.1", "127.0.0.1"),
    ],
)
def test_visitors_behind_tls_are_told_apart_and_nobody_forges_an_address(
    tls_in_front: bool, comes_from: str, seen: str
) -> None:
    set_up = Adjustments(**_heard(tls_in_front=tls_in_front))
    found: list[str] = []
    heard = proxy_headers_middleware(
        lambda environ, _: found.append(environ["REMOTE_ADDR"]) or [],
        trusted_proxy=set_up.trusted_proxy,
        trusted_proxy_count=set_up.trusted_proxy_count,
        trusted_proxy_headers=set_up.trusted_proxy_headers,
        clear_untrusted=set_up.clear_untrusted_proxy_headers,
    )

    heard(create_environ(environ_base={"REMOTE_ADDR": comes_from}, headers={"X-Forwarded-For": "203.0.113.9"}), None)

    assert found == [seen]


def test_nothing_typed_is_said_to_be_nothing(site: Flask) -> None:
    stranger = Visitor(site.test_client()).go("/verify?n=&c=")

    assert (stranger.status, "请同时填写文号和查验码" in stranger.text) == (422, True)
