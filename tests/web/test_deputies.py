"""Acting for somebody, as pages: chosen in the top bar, for the session, within the period, in both names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screening import clock
from screening.domain.people import Role
from screening.services import CONSOLE, history, people
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.web.site import PASSWORD, Visitor, filled, sign_in

OWN = "一句别人不容易猜到的长密码"


@pytest.fixture
def desks(sqlite_ledger, tmp_path, monkeypatch) -> Desks:
    """An office whose day is the site's."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Desks(sqlite_ledger, tmp_path)


def choose(visitor: Visitor, name: str) -> Visitor:
    """Chooses in the top bar."""
    box = visitor.page.find("select", {"id": "acting"})
    value = next(o["value"] for o in box.find_all("option") if o.get_text() == name)
    return visitor.send("/acting", principal=value)


def named(site, desks, days: int = 3) -> Visitor:
    """The office's clerk, whom the signatory named by the page; back at her own desk."""
    visitor = sign_in(site, "signatory", OWN).go("/deputies")
    assert "还没有代理" in visitor.text
    box = visitor.page.find("select", {"name": "deputy"})
    assert "administrator" not in box.get_text()
    value = next(o["value"] for o in box.find_all("option") if "（office，" in o.get_text())
    visitor.send(
        "/deputies", deputy=value, first_day=TODAY.isoformat(), last_day=(TODAY + timedelta(days=days)).isoformat(),
        reason="到北京出差",
    )  # fmt: skip
    assert visitor.status == 200, visitor.text
    assert "到北京出差" in visitor.page.find(id="mine").get_text(" ")
    return sign_in(site, "office", OWN)


def test_a_deputy_signs_with_the_own_password_in_both_names(site, desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    desks.take_steps(project)
    visitor = named(site, desks)
    assert visitor.go(f"/sign/{project}").status == 403

    choose(visitor.go("/deputies"), f"代{desks.signatory.name}")
    assert f"现在代{desks.signatory.name}办理" in visitor.text
    assert f"{desks.office.name}（代{desks.signatory.name}）" in visitor.text
    visitor.go(f"/sign/{project}").send(f"/sign/{project}", password=OWN)

    assert visitor.status == 200
    assert f"{desks.office.name}（代{desks.signatory.name}）" in visitor.page.find(id="content").get_text(" ")
    event = next(e for e in history.trail(desks.ledger, by=desks.auditor).rows if e.kind.value == "decision_signed")
    assert (event.who, event.stood_in_for) == ("office", "signatory")
    choose(visitor, "本人")
    assert visitor.go(f"/sign/{project}").status == 403
    assert history.verify(desks.ledger).ok


def test_a_form_that_was_shown_in_another_name_is_void(site, desks) -> None:
    visitor = named(site, desks)
    choose(visitor.go("/deputies"), f"代{desks.signatory.name}")
    visitor.go("/password")
    form = next(f for f in visitor.page.find_all("form") if f["action"] == "/password")
    data = {**filled(form), "old": OWN, "new": PASSWORD, "again": PASSWORD}
    choose(visitor.go("/deputies"), "本人")

    answer = visitor.client.post("/password", data=data)

    assert answer.status_code == 400
    assert "未保存任何内容" in answer.get_data(as_text=True)


def test_the_last_day_is_the_last(site, desks, monkeypatch) -> None:
    desks.take_in([row(1)])
    visitor = named(site, desks, days=0)
    choose(visitor.go("/deputies"), f"代{desks.signatory.name}")
    visitor.go("/deputies")
    token = visitor.page.find("input", {"name": "csrf_token"})["value"]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=14, minutes=59))  # 23:59 in Shanghai
    with desks.ledger.writer() as session:
        session.connection().exec_driver_sql("UPDATE person_session SET started_at = ?, last_seen_at = ?", (
            (NOW + timedelta(hours=14, minutes=50)).replace(tzinfo=None).isoformat(" "),
        ) * 2)  # fmt: skip
    assert visitor.go("/sign").status == 200
    assert "（代" in visitor.page.find(class_="acting").get_text()

    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=15, minutes=1))
    answer = visitor.client.post("/projects/columns", data={"csrf_token": token, "column": "name"})
    assert answer.status_code == 409
    assert "这次提交没有办理" in answer.get_data(as_text=True)
    assert not visitor.go("/sign").page.find(class_="acting")


def test_ended_is_ended_at_once_and_said(site, desks) -> None:
    visitor = named(site, desks)
    choose(visitor.go("/deputies"), f"代{desks.signatory.name}")
    assert "切换回本人" in visitor.go("/deputies").text
    assert not visitor.page.find("form", action="/deputies")
    principal = sign_in(site, "signatory", OWN).go("/deputies")
    ends = next(f["action"] for f in principal.page.find_all("form") if str(f["action"]).endswith("/end"))
    principal.send(ends)
    assert "已提前结束" in principal.text

    assert "现以本人身份办理" in visitor.go("/help").text
    assert not visitor.page.find("select", {"id": "acting"})
    assert visitor.go("/sign").status == 200


def test_nobody_acts_for_whom_he_may_not(site, desks) -> None:
    visitor = named(site, desks).go("/deputies")
    token = visitor.page.find("input", {"name": "csrf_token"})["value"]
    for principal in (desks.reviewer.id.hex, desks.administrator.id.hex, "x"):
        answer = visitor.client.post("/acting", data={"csrf_token": token, "principal": principal})
        assert answer.status_code == 422
    assert visitor.go("/system/people").status == 403


def test_the_administrator_names_for_the_office(site, desks) -> None:
    visitor = sign_in(site, "administrator", OWN).go("/deputies")
    box = visitor.page.find("select", {"name": "principal"})
    assert "administrator" not in box.get_text()
    assert "regional" not in box.get_text()
    visitor.send(
        "/deputies", principal=desks.signatory.id.hex, deputy=desks.second_signatory.id.hex,
        first_day=TODAY.isoformat(), last_day=TODAY.isoformat(), reason="休假",
    )  # fmt: skip
    assert "休假" in visitor.page.find(id="office").get_text(" ")
    visitor.send("/deputies", principal=desks.signatory.id.hex, deputy=desks.reviewer.id.hex,
                 first_day=TODAY.isoformat(), last_day=TODAY.isoformat(), reason="再休假")  # fmt: skip
    assert visitor.status == 422
    assert "期间不能重叠" in visitor.text
    assert visitor.page.find("input", {"name": "reason"})["value"] == "再休假"


def test_a_person_kept_out_is_not_acted_for(site, desks) -> None:
    visitor = named(site, desks)
    choose(visitor.go("/deputies"), f"代{desks.signatory.name}")
    people.set_active(desks.ledger, desks.signatory.id, active=False, by=CONSOLE, at=NOW)
    assert "现以本人身份办理" in visitor.go("/help").text
    assert desks.office.role is Role.OFFICE
