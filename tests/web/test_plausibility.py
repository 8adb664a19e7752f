"""数据疑点 on the pages: told apart from faults, explained in boxes, asked about when recommending over them."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import pytest

from screening.domain.people import Role
from tests.web.site import ROWS, Visitor, sheet
from tests.web.test_pages import sound

ODD = {**ROWS[0], "实际单位产品能耗": "0.9512"}
TWICE = {**ODD, "实际产量": "90000000"}
WHY = "经核对，单位为吨标准煤，下次填报时更正。"


@pytest.fixture
def project(visit: Callable[..., Visitor]) -> str:
    """The address of a project with two figures that nobody believes, brought in by a registrar."""
    registrar = visit(Role.REGISTRAR)
    registrar.go("/import").send("/import", file=(io.BytesIO(sheet(TWICE)), "台账.csv"))
    section = registrar.page.find(id="doubts")
    assert section is not None
    assert "导入后须改正或者说明" in section.get_text()
    assert "乘以1000后为951.2 kgce/t" in section.get_text()
    sound(registrar.answer.get_data(as_text=True), "preview")
    address = next(str(f["action"]) for f in registrar.page.find_all("form") if "/import/" in str(f.get("action")))
    registrar.send(address).go("/projects")
    return registrar.link("电石炉")


def boxes(visitor: Visitor) -> list[str]:
    return [str(box["name"]) for box in visitor.page.find_all("textarea") if str(box["name"]).startswith("text-")]


def test_a_project_shows_its_doubts_apart_from_hints(visit: Callable[..., Visitor], project: str) -> None:
    visitor = visit(Role.LEGAL).go(project)
    section = visitor.page.find(id="doubts")

    assert "有 2 条待说明" in section.get_text()
    assert "不是法定要求" in section.get_text()
    assert "说明疑点" not in section.get_text()  # a reader may not
    assert "疑似计量单位混用" not in visitor.page.find(id="why").get_text()


def test_doubts_are_explained_one_after_the_other(visit: Callable[..., Visitor], project: str) -> None:
    registrar = visit(Role.REGISTRAR).go(project)
    registrar.go(registrar.link("说明疑点"))
    sound(registrar.answer.get_data(as_text=True), "doubts")
    first, second = boxes(registrar)

    registrar.send("/doubts", **{first: WHY})
    assert "已保存对数据疑点的说明" in registrar.text
    assert "有 1 条待说明" in registrar.text
    assert WHY in registrar.text
    registrar.go(f"{project}/doubts")
    assert boxes(registrar) == [second, first]  # what waits stands first


def test_what_was_typed_stays_when_it_is_refused(visit: Callable[..., Visitor], project: str) -> None:
    registrar = visit(Role.REGISTRAR).go(f"{project}/doubts")
    first, second = boxes(registrar)

    registrar.send("/doubts", **{first: "长" * 4001, second: WHY})
    assert registrar.status == 422
    summary = registrar.page.find(class_="summary")
    assert summary.find("a")["href"] == f"#{first}"
    assert registrar.page.find(id=second).get_text() == WHY
    sound(registrar.answer.get_data(as_text=True), "refused")
    registrar.send("/doubts", **{first: "", second: ""})
    assert registrar.status == 422
    assert "没有填写任何说明" in registrar.text


def test_a_stale_page_is_a_conflict_that_keeps_the_words(visit: Callable[..., Visitor], project: str) -> None:
    registrar, reviewer = visit(Role.REGISTRAR).go(f"{project}/doubts"), visit(Role.REVIEWER).go(f"{project}/doubts")
    first, second = boxes(registrar)
    reviewer.send("/doubts", **{first: WHY})

    registrar.send("/doubts", **{second: "另一条的说明"})
    assert registrar.status == 409
    assert registrar.page.find(id=second).get_text() == "另一条的说明"
    registrar.send("/doubts")
    assert "均已说明" in registrar.text


def test_a_reviewer_says_why_he_recommends_over_doubts(visit: Callable[..., Visitor], project: str) -> None:
    reviewer = visit(Role.REVIEWER)
    address = f"/review/{UUID(project.rsplit('/', 1)[1])}"
    reviewer.go(address)
    assert reviewer.page.find(id="doubts").find_previous("h1")
    sound(reviewer.answer.get_data(as_text=True), "review")

    reviewer.send(address, reason="达到标杆水平，继续保持。")
    assert reviewer.status == 422
    assert "2条数据疑点尚未说明" in reviewer.text
    reviewer.send(address, despite="单位之误，不影响分类。")
    assert reviewer.status == 200
    assert "等待另一位签发人签发" in reviewer.text
    assert "单位之误，不影响分类。" in reviewer.go(project).text


def test_nobody_else_may_explain(visit: Callable[..., Visitor], project: str) -> None:
    for role in (Role.LEGAL, Role.SIGNATORY, Role.AUDITOR):
        visitor = visit(role).go(f"{project}/doubts")
        assert visitor.status == 200
        token = visitor.page.find("input", attrs={"name": "csrf_token"})["value"]
        assert visitor.client.post(f"{project}/doubts", data={"csrf_token": token}).status_code == 403
    stranger = visit(Role.REGISTRAR, "150300").go(f"{project}/doubts")
    assert stranger.status == 404


def test_the_queue_marks_and_sorts_by_doubts_that_wait(visit: Callable[..., Visitor], project: str) -> None:
    registrar = visit(Role.REGISTRAR)
    rows = [{**ROWS[0], "项目代码": f"2026-150204-26-03-{n:06d}", "项目名称": f"清楚项目{n}"} for n in (901, 902)]
    registrar.go("/import").send("/import", file=(io.BytesIO(sheet(*rows)), "台账.csv"))
    registrar.send(next(str(f["action"]) for f in registrar.page.find_all("form") if "/import/" in str(f["action"])))
    reviewer = visit(Role.REVIEWER)

    def named(address: str) -> list[str]:
        return [cell.get_text(strip=True) for cell in reviewer.go(address).page.select("#queue tbody th")]

    everything, odd, plain = named("/review"), named("/review?doubts=open"), named("/review?doubts=none")
    sound(reviewer.answer.get_data(as_text=True), "queue")
    assert len(odd) == 1
    assert sorted(odd + plain) == sorted(everything)
    assert {"清楚项目901", "清楚项目902"} <= set(plain)
    assert named("/review?doubts=most")[0] == odd[0]
    assert reviewer.go("/review?doubts=open").page.select_one("#queue .near").get_text() == "2"

    registrar.go(f"{project}/doubts")
    registrar.send("/doubts", **dict.fromkeys(boxes(registrar), WHY))
    assert named("/review?doubts=open") == []
    assert reviewer.go("/review?doubts=x").status == 422


def test_until_when_a_rule_is_known_to_hold_is_said_once_for_a_page(
    visit: Callable[..., Visitor], project: str
) -> None:
    reviewer = visit(Role.REVIEWER)
    for address in ("/projects", "/review", project, project.replace("/projects/", "/review/")):
        page = reviewer.go(address).page
        assert page.select_one("#periods") is not None, address
        assert page.get_text().count("此后是否继续执行请核对") == 1, address
    found = reviewer.client.get(f"/api{project}.json").get_json()
    hints = [one["id"] for one in found["hints"]]
    assert "rule_period_past" in hints
