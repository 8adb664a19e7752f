"""Seals as pages: the administrator keeps them, the office sets them, the letter's page says what it bears."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from screening import clock
from screening.config import Sealing
from tests.conftest import NOW, TODAY
from tests.letters import seals as made
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.web.site import Visitor, sign_in

OWN = "一句别人不容易猜到的长密码"


@pytest.fixture
def desks(sqlite_ledger, tmp_path, monkeypatch) -> Desks:
    """An office whose day is the site's."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Desks(sqlite_ledger, tmp_path)


def keeper(site) -> Visitor:
    """The administrator, who has uploaded a seal."""
    visitor = sign_in(site, "administrator", OWN).go("/seals")
    return visitor.send(
        "/seals", name="包头市发展和改革委员会", file=(io.BytesIO(made.seal()), "印模.png"),
        last_day=(TODAY + timedelta(days=99)).isoformat(),
    )  # fmt: skip


def test_a_seal_is_uploaded_set_and_shown_with_its_signature(site, desks, tmp_path) -> None:
    files = made.certificate(tmp_path, first=NOW - timedelta(days=9), last=NOW + timedelta(days=90))
    site.config["SEALING"] = Sealing(
        certificate=files.pkcs12, passphrase=made.PASSPHRASE, office="150200", trusted=files.root
    )
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    admin = keeper(site)
    assert "已上传印章“包头市发展和改革委员会”" in admin.text
    assert "还没有用过" in admin.text
    picture = str(admin.page.find("img", {"class": "seal-picture"})["src"])
    assert admin.go(picture).answer.data == made.seal()
    assert admin.answer.headers["Content-Type"] == "image/png"

    office = sign_in(site, "office", OWN).go(f"/letters/{letter.id}")
    assert "尚未用印" in office.text
    office.go(f"/letters/{letter.id}/seal").send("/seal")
    assert "请选择印章" in office.text
    box = office.page.find("select", {"name": "choice"})
    value = next(str(o["value"]) for o in box.find_all("option") if "并加电子签名" in o.get_text())
    office.send("/seal", choice=value)
    assert "已用印" in office.text
    assert "加盖印模 包头市发展和改革委员会" in office.text
    assert "✓ 签名有效" in office.text
    assert office.go(f"/letters/{letter.id}/seal").status == 422
    assert "已用印" in office.text
    assert office.go(f"/letters/{letter.id}.pdf").answer.data.count(b"%%EOF") == 3
    site.config["SEALING"] = Sealing()
    assert "▲ 证书不受信任" in office.go(f"/letters/{letter.id}").text
    timeline = sign_in(site, "auditor", OWN).go(f"/projects/{project}/timeline").text
    assert "文书用印" in timeline or "方式：加盖印模" in timeline

    admin.go("/seals")
    assert letter.number in admin.text
    admin.send("/revoke", reason="")
    assert "请写明停用的理由" in admin.text
    admin.send("/revoke", reason="印章更换")
    assert "已停用" in admin.text
    assert "印章更换" in admin.text
    assert admin.page.find("form", action=lambda a: a and a.endswith("/revoke")) is None


def test_what_is_no_seal_is_refused_beside_its_box(site, desks) -> None:
    admin = sign_in(site, "administrator", OWN).go("/seals")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"

    admin.send(
        "/seals", name="印章", file=(io.BytesIO(svg), "印.png"), last_day=(TODAY + timedelta(days=9)).isoformat()
    )
    assert admin.status == 422
    assert "这不是 PNG 图片" in admin.text
    assert admin.page.find("input", {"name": "name"})["value"] == "印章"
    admin.send("/seals", name="印章", last_day=TODAY.isoformat())
    assert "请选择印模图片" in admin.text
    assert "还没有印模" in admin.text


def test_who_prints_many_is_told_to_seal_first(site, desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    office = sign_in(site, "office", OWN)
    assert "请先在各份文书的页面用印" not in office.go(f"/letters/print?pick={letter.id.hex}").text

    keeper(site)

    assert "请先在各份文书的页面用印" in office.go(f"/letters/print?pick={letter.id.hex}").text
