"""Every page is sound: strict HTML, one heading, labelled boxes, unique ids, nothing inline, and no GET that writes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import Flask

from screening.domain.people import Role
from screening.services import Ledger
from tests.web.site import Visitor

ROOT = Path(__file__).parent.parent.parent


TOKEN = re.compile(r'(name="csrf_token"[^>]*value=")[^"]*')
SOUND: set[str] = set()
"""Pages without their tokens that were looked at already."""


def sound(text: str, name: str) -> BeautifulSoup:
    """Fails unless the page passes a strict parser and the rules of the house."""
    parser = html5lib.HTMLParser(strict=False, tree=html5lib.getTreeBuilder("etree"))
    parser.parse(text)
    assert not parser.errors, f"{name}: {parser.errors[:3]}"
    page = BeautifulSoup(text, "html5lib")
    assert len(page.find_all("h1")) == 1, f"{name}: {len(page.find_all('h1'))} h1"
    assert page.html is not None
    assert page.html["lang"] == "zh-CN"
    for script in page.find_all("script"):
        assert script.get("src"), f"{name}: a script stands in the page"
        assert not script.string
    assert not page.find_all("style"), f"{name}: a style stands in the page"
    for tag in page.find_all(True):
        for attribute in tag.attrs:
            assert attribute != "style", f"{name}: {tag.name} has a style"
            assert not attribute.startswith("on"), f"{name}: {tag.name} has {attribute}"
    ids = [str(tag["id"]) for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"{name}: ids twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    labels = {str(label["for"]) for label in page.find_all("label") if label.get("for")}
    assert labels <= set(ids), f"{name}: labels for nothing: {labels - set(ids)}"
    for box in page.find_all(["input", "select", "textarea"]):
        if box.get("type") in {"hidden", "submit"}:
            continue
        assert box.get("id") in labels or box.get("aria-label"), f"{name}: {box} has no label"
    for table in page.find_all("table"):
        for head in table.find_all("th"):
            assert head.get("scope"), f"{name}: a th without scope"
    for address in (str(tag.get(at)) for tag in page.find_all(True) for at in ("href", "src", "action") if tag.get(at)):
        assert not re.match(r"[a-z]+:|//", address), f"{name}: {address} leads out of the house"
    return page


def addresses(site: Flask, values: dict[str, object]) -> Iterator[str]:
    """Every address that can be opened, with the ids of `values`."""
    for rule in site.url_map.iter_rules():
        if rule.endpoint in {"static", "bootstrap.static"} or "GET" not in rule.methods:
            continue
        with site.test_request_context():
            yield str(rule.build({name: values.get(name, UUID(int=1)) for name in rule.arguments})[1])


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_every_page_is_sound(
    role: Role, site: Flask, visit: Callable[..., Visitor], filled_site: Visitor, sqlite_ledger: Ledger
) -> None:
    filled_site.go("/projects")
    project = UUID(str(filled_site.link("电石炉")).rsplit("/", 1)[1])
    missing = UUID(int=1)
    visitor = visit(role)
    seen = 0
    for address in addresses(site, {"project": project, "batch": missing, "letter": missing}):
        visitor.go(address)
        assert visitor.status in {200, 403, 404, 409, 422}, f"{address}: {visitor.status} {visitor.text}"
        assert visitor.answer is not None
        if visitor.answer.mimetype == "text/html":
            text = TOKEN.sub(r"\1", visitor.answer.get_data(as_text=True))
            if text not in SOUND:  # most refusals are one page
                sound(text, f"{role.value} {address}")
                SOUND.add(text)
            seen += 1
    assert seen >= 10


def test_looking_writes_nothing(
    site: Flask, visit: Callable[..., Visitor], filled_site: Visitor, sqlite_ledger: Ledger
) -> None:
    filled_site.go("/projects")
    project = UUID(str(filled_site.link("电石炉")).rsplit("/", 1)[1])
    visitors = [visit(role) for role in Role]

    def fingerprint() -> str:
        with sqlite_ledger.engine.connect() as connection:
            tables = [
                row[0]
                for row in connection.exec_driver_sql(
                    "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE '%session%' "
                    "AND name NOT LIKE 'event%' ORDER BY name"
                )
            ]
            acts = connection.exec_driver_sql("SELECT seq FROM event WHERE kind <> 'attempt_refused'").all()
            rows = [str(connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()) for table in tables]
        return hashlib.sha256("\n".join([*rows, str(acts)]).encode()).hexdigest()

    before = fingerprint()
    for visitor in visitors:
        for address in addresses(site, {"project": project, "batch": UUID(int=1), "letter": UUID(int=1)}):
            visitor.go(address)
    assert fingerprint() == before


def test_the_sign_in_page_is_sound(site: Flask) -> None:
    sound(site.test_client().get("/sign-in").get_data(as_text=True), "sign-in")


def test_what_cannot_be_read_gets_a_page_with_a_way_out(visit: Callable[..., Visitor]) -> None:
    visitor = visit(Role.REVIEWER)
    for address, status in (
        ("/nowhere", 404),
        ("/projects/00000000-0000-0000-0000-000000000009", 404),
        ("/projects?stage=nonsense", 422),
        ("/system/people", 403),
        ("/deadlines?group=nonsense", 422),
    ):
        visitor.go(address)
        assert visitor.status == status, address
        assert visitor.answer is not None
        sound(visitor.answer.get_data(as_text=True), address)
        assert visitor.page.find("a", string="回到工作台")


def test_an_unforeseen_failure_is_a_page_and_shows_no_insides(
    site: Flask, visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("秘密的内部信息")

    visitor = visit(Role.REVIEWER)
    monkeypatch.setitem(site.view_functions, "guide.index", broken)
    visitor.go("/help")
    assert visitor.status == 500
    assert "秘密" not in visitor.text
    assert "未保存任何内容" in visitor.text
    assert "秘密的内部信息" in caplog.text


def test_a_body_that_is_too_large_is_refused(site: Flask, visit: Callable[..., Visitor]) -> None:
    visitor = visit(Role.REGISTRAR)
    answer = visitor.client.post("/import", data=b"x" * (33 * 1024 * 1024), content_type="text/plain")
    assert answer.status_code in {400, 413}


def test_the_style_sheet_knows_only_what_chromium_78_knows() -> None:
    sheet = (ROOT / "screening/static/screening.css").read_text()
    for unknown in (
        ":focus-visible",
        ":has(",
        ":is(",
        ":where(",
        "color-mix",
        "clamp(",
        "inset:",
        "aspect-ratio",
        "@layer",
    ):
        assert unknown not in sheet, unknown
    for rule in re.findall(r"\{([^}]*)\}", sheet):
        if "display: flex" in rule:
            assert not re.search(r"(?<!grid-)(?<!column-)(?<!row-)\bgap:", rule), rule
    assert "http" not in sheet


def test_scripts_are_small_and_know_only_what_chromium_78_knows() -> None:
    for path in sorted((ROOT / "screening/static").glob("*.js")):
        text = path.read_text()
        assert not re.search(r"\?\.|\?\?|#\w+\s*=|\.at\(|replaceAll|\bawait\b(?=[^\n]*;\s*$)", text), path.name
        assert "http" not in text
        assert "eval" not in text
        assert len(text) < 4000
