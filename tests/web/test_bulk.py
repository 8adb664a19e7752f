"""签发所选 as pages: ticks, what can be signed and what cannot, one password, the result, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screening import clock
from screening.domain.people import Role
from screening.services import CONSOLE, people
from tests.conftest import NOW
from tests.services.desks import Desks, once
from tests.services.sheets import row
from tests.web.site import PASSWORD, Visitor, filled, sign_in


@pytest.fixture
def desks(sqlite_ledger, tmp_path, quick) -> Desks:
    """An office whose people can come in by the door."""
    return Desks(sqlite_ledger, tmp_path)


@pytest.fixture
def quick(monkeypatch) -> None:
    """The site's day is that of the desks."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signatory(site, ledger, login: str = "qian") -> Visitor:
    people.add(ledger, login, name="钱签发", role=Role.SIGNATORY, scope="150200", password=PASSWORD, by=CONSOLE, at=NOW)
    return sign_in(site, login, PASSWORD)


@pytest.fixture
@once
def queue(desks):
    """Two that can be signed, and one without its steps."""
    desks.take_in([row(n) for n in (1, 2, 3)])
    projects = [desks.find(f"第{n}电石") for n in (1, 2, 3)]
    for project in projects:
        desks.recommend(project)
    for project in projects[:2]:
        desks.take_steps(project)
    desks.make_official(projects[0])
    return projects


def test_two_of_three_are_signed_with_one_password(site, desks, queue) -> None:
    visitor = signatory(site, desks.ledger).go("/sign")
    ticks = [box["value"] for box in visitor.page.find_all("input", {"name": "pick"})]
    assert sorted(ticks) == sorted(project.hex for project in queue)
    visitor.go("/sign/selected?" + "&".join(f"pick={key}" for key in ticks))
    assert "勾选3：2可签发，1缺证据" in visitor.text
    held = visitor.page.find(id="ticked").find_all("tr")[1].get_text(" ")
    assert "青山第3电石项目" in held
    assert "签发前的程序尚未办理" in held

    form = next(f for f in visitor.page.find_all("form") if f["action"] == "/sign/selected" and f["method"] == "post")
    data = {**filled(form), "item": [box["value"] for box in form.find_all("input", {"name": "item"})]}
    wrong = visitor.client.post("/sign/selected", data={**data, "password": "不是这个密码"})
    assert wrong.status_code == 422
    assert "密码不正确" in wrong.get_data(as_text=True)
    together = visitor.client.post("/sign/selected", data={**data, "password": PASSWORD, "way": "all"})
    assert together.status_code == 422
    assert "因此一项也没有签发" in together.get_data(as_text=True)
    assert "青山第3电石项目" in together.get_data(as_text=True)

    pages = []
    for _ in range(2):
        answer = visitor._take(visitor.client.post("/sign/selected", data={**data, "password": PASSWORD}))
        assert answer.status == 200
        assert "勾选 3 项：已签发 2 项，跳过 1 项" in answer.text
        pages.append(answer.page.find(id="signed").get_text(" "))
    assert pages[0] == pages[1]
    assert "钱签发" in pages[0]
    assert pages[0].count("收回签发（作废文号）") == 2


def test_nothing_ticked_leads_back_with_a_word(site, desks) -> None:
    visitor = signatory(site, desks.ledger).go("/sign/selected")
    assert visitor.title == "签发"
    assert "还没有勾选项目" in visitor.text


def test_a_tampered_tick_is_refused(site, desks, queue) -> None:
    visitor = signatory(site, desks.ledger)
    assert visitor.go("/sign/selected?pick=x").status == 422


def test_only_a_signatory_has_ticks(site, desks, queue) -> None:
    people.add(desks.ledger, "kan", name="看", role=Role.OFFICE, scope="150200", password=PASSWORD, by=CONSOLE, at=NOW)
    visitor = sign_in(site, "kan", PASSWORD).go("/sign")
    assert not visitor.page.find("input", {"name": "pick"})
    assert "青山第1电石项目" in visitor.text


def test_the_gaps_of_the_offices_stand_in_a_list(site, desks, queue) -> None:
    visitor = signatory(site, desks.ledger).go("/lists/gaps")
    assert "还没有签发或者送达" in visitor.text
    desks.sign(queue[0], paper_date=NOW.date())
    visitor.go("/lists/gaps")
    cells = [cell.get_text() for cell in visitor.page.find(id="gaps").find("tbody").find_all("td")]
    assert cells == ["1", "0", "0", "0", "0", "0", "—", "—"]
    for form in ("csv", "xlsx", "pdf"):
        assert visitor.client.get(f"/lists/gaps.{form}").status_code == 200


def test_the_day_on_paper_is_asked_and_shown_beside_the_day_of_entry(site, desks, queue, monkeypatch) -> None:
    visitor = signatory(site, desks.ledger)
    later = NOW + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    visitor = sign_in(site, "qian", PASSWORD).go(f"/sign/{queue[0]}")
    visitor.send(f"/sign/{queue[0]}", password=PASSWORD, paper_date="2026-11-26")
    assert visitor.status == 422
    assert "晚于今天" in visitor.text
    visitor.send(f"/sign/{queue[0]}", password=PASSWORD, paper_date="2026-11-24")
    letter = desks.view(queue[0]).letters[0]
    text = visitor.go(f"/letters/{letter.id}").text
    assert "2026-11-24 钱签发 登记 2026-11-25 09:00，晚 1 天" in text
    assert "收回签发（作废文号）" in text
    visitor.send("/void", reason="文号有误，收回")
    assert "文书已作废" in visitor.text
    assert desks.view(queue[0]).line.case_state.value == "returned"
