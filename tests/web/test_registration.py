"""登记 without script: the form checked, kept, answered and sent; conflicts, copies, void and files on real pages."""

from __future__ import annotations

import io
from collections.abc import Callable

import html5lib
import pytest
from flask import Flask

from screening.domain.people import Role
from screening.services import Ledger
from tests.web.site import Visitor, filled
from tests.web.test_main_journey import project_of

NEW = {
    "name": "青山第9电石项目", "enterprise": "包头市青山化工有限公司", "league": "包头市", "banner": "青山区",
    "industry": "化工", "stage": "存量", "units-0-product": "电石", "units-0-actual_sec": "951.2",
    "units-0-sec_unit": "kgce/t",
}  # fmt: skip
SCAN = b"%PDF-1.7\n1 0 obj\n"


def press(visitor: Visitor, act: str, **typed: str) -> Visitor:
    return visitor.send("/register", button=("act", act), **typed)


def strict(visitor: Visitor) -> None:
    assert visitor.answer is not None
    html5lib.HTMLParser(strict=True).parse(visitor.answer.get_data(as_text=True))
    assert len(visitor.page.find_all("h1")) == 1
    for box in visitor.page.find_all(["input", "select", "textarea"]):
        if box.get("type") not in {"hidden", "submit"}:
            named = box.get("aria-label") or visitor.page.find("label", attrs={"for": box.get("id")})
            assert named, box


def test_a_project_is_registered_without_script(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR, "150200")
    registrar.go("/register")
    strict(registrar)

    press(registrar, "check", name="青山第9电石项目", **{"units-0-actual_sec": "约951"})
    assert registrar.status == 422
    strict(registrar)
    links = [a["href"] for a in registrar.page.select(".summary a")]
    assert {"#enterprise", "#banner", "#units-0-product", "#units-0-actual_sec"} <= set(links)
    assert all(registrar.page.find(id=link[1:]) for link in links)
    assert "不是一个确定的数字" in registrar.text
    assert registrar.page.find(id="units-0-actual_sec")["value"] == "约951"

    press(registrar, "check", **NEW)
    assert registrar.status == 200
    assert "低于基准" in registrar.page.find(id="results").get_text()

    press(registrar, "add-use")
    press(registrar, "add-use", **{
        "uses-0-carrier": "原煤", "uses-0-amount": "1.2", "uses-0-measure": "万吨", "uses-0-heating_value": "20000",
    })  # fmt: skip
    assert "8,189" in registrar.page.find(id="results").get_text()
    press(registrar, "add-unit")
    assert registrar.page.find(id="units-1-product") is not None
    press(registrar, "drop-unit:1")
    assert registrar.page.find(id="units-1-product") is None

    press(registrar, "answers")
    assert (registrar.status, registrar.title) == (200, "核对后提交：青山第9电石项目")
    strict(registrar)
    assert "现在还没有写入台账" in registrar.text
    registrar.send("/answers")
    assert registrar.title == "青山第9电石项目"
    assert "已登记" in registrar.text
    assert "8,189.0022" in registrar.text
    strict(registrar)


def test_a_product_is_picked_from_what_the_rules_offer(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR, "150200").go("/register")
    press(registrar, "check", **{**NEW, "units-0-product": "聚氯乙烯", "units-0-sec_unit": ""})
    offers = [b["value"] for b in registrar.page.select("button.pick")]
    assert offers

    press(registrar, offers[0])

    assert registrar.page.find(id="units-0-product")["value"] == "聚氯乙烯"
    assert registrar.page.find(id="units-0-variant")["value"]
    registrar.go("/register/products?q=FeSi75")
    assert "硅铁" in registrar.text
    strict(registrar)
    found = registrar.client.get("/register/products.json?q=FeSi75").get_json()
    assert found["products"][0]["product"] == "硅铁"


def test_the_results_come_as_json_while_typing(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR, "150200").go("/register")
    form = registrar.page.find(id="registration")

    answer = registrar.client.post(form["data-check"], data={**filled(form), **NEW, "units-0-output": "许多"})

    found = answer.get_json()
    assert set(found["problems"]) == {"units-0-output"}
    assert "8" not in found["problems"]["units-0-output"][:2]
    assert "综合能耗（当量值）" in found["results"]


def test_a_draft_waits_on_the_workbench_and_can_be_forgotten(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR, "150200").go("/register")
    press(registrar, "draft", name="半个项目", remark="写了一半")
    assert "草稿已保存" in registrar.text
    assert registrar.page.find(id="remark").get_text().strip() == "写了一半"

    registrar.go("/")
    assert "半个项目" in registrar.page.find(id="drafts").get_text()
    other = visit(Role.REGISTRAR, "150200", "another")
    assert "半个项目" not in other.go("/").text
    address = registrar.link("半个项目")
    assert other.go(address).status == 404

    registrar.go("/register/drafts")
    strict(registrar)
    registrar.send("/discard")
    assert "没有草稿" in registrar.text
    assert registrar.go(address).status == 404


def test_a_conflict_shows_both_and_keeps_what_was_typed(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    one, other = visit(Role.REGISTRAR, "150200", "one"), visit(Role.REGISTRAR, "150200", "other")
    project = project_of(one, "电石炉")
    for visitor in (one, other):
        visitor.go(f"/projects/{project}/edit")
        assert visitor.title.startswith("变更：")
    press(one, "answers", remark="甲的备注", park="甲园区")
    assert "甲的备注" in one.page.find(id="changes").get_text()
    one.send("/answers", why="")
    assert one.status == 422
    one.send("/answers", why="企业说明")
    assert "变更已保存" in one.text

    press(other, "answers", remark="乙的备注", phone="0472-1")
    other.send("/answers", why="另有说明")

    assert other.status == 409
    strict(other)
    told = other.page.find(id="differences").get_text(" ")
    assert "甲的备注" in told
    assert "乙的备注" in told
    assert other.page.find(id="remark").get_text().strip() == "乙的备注"
    assert other.page.find(id="park")["value"] == "甲园区"
    assert other.page.find(id="phone")["value"] == "0472-1"
    press(other, "answers")
    other.send("/answers", why="另有说明")
    assert "变更已保存" in other.text
    assert "乙的备注" in other.text
    assert "甲园区" in other.text


def test_sending_the_answers_twice_registers_once(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR, "150200").go("/register")
    press(registrar, "answers", **NEW)
    form = next(f for f in registrar.page.find_all("form") if str(f.get("action")).endswith("/answers"))

    places = {registrar.client.post(form["action"], data=filled(form)).headers["Location"] for _ in range(2)}

    assert len(places) == 1
    assert "共 1 个项目" in registrar.go("/projects").text


def test_a_copy_has_no_code(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    registrar = visit(Role.REGISTRAR, "150200")
    registrar.go(f"/projects/{project_of(registrar, '电石炉')}")

    registrar.go(registrar.link("复制"))

    assert registrar.page.find(id="code")["value"] == ""
    assert registrar.page.find(id="review_number")["value"] == ""
    assert registrar.page.find(id="units-0-actual_sec")["value"] == "951.2"


def test_a_project_is_voided_with_a_reason_and_taken_back(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    registrar = visit(Role.REGISTRAR, "150200")
    project = project_of(registrar, "电石炉")
    registrar.go(f"/projects/{project}").go(registrar.link("作废"))
    strict(registrar)
    registrar.send("/void", reason="")
    assert registrar.status == 422
    registrar.send("/void", reason="重复登记")
    assert "已作废" in registrar.text
    assert "重复登记" in registrar.text
    assert "共 1 个项目" in registrar.go("/projects").text
    assert "电石炉" in registrar.go("/projects?state=void").text

    registrar.go(f"/projects/{project}").go(registrar.link("恢复项目"))
    registrar.send("/reinstate", reason="误作废")

    assert "共 2 个项目" in registrar.go("/projects").text


def test_a_scan_is_uploaded_and_only_ever_downloaded(
    visit: Callable[..., Visitor], filled_site: Visitor, site: Flask
) -> None:
    registrar = visit(Role.REGISTRAR, "150200")
    project = project_of(registrar, "电石炉")
    registrar.go(f"/projects/{project}/attachments")
    strict(registrar)
    registrar.send("/attachments", about="节能审查意见", file=(io.BytesIO(b"<html>"), "意见.pdf"))
    assert registrar.status == 422
    assert "按内容判断" in registrar.text

    registrar.send("/attachments", about="节能审查意见", file=(io.BytesIO(SCAN), "意见.pdf"))

    strict(registrar)
    reviewer = visit(Role.REVIEWER, "150200").go(f"/projects/{project}")
    address = reviewer.link("意见.pdf")
    answer = reviewer.client.get(address)
    assert answer.data == SCAN
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%84%8F")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "static" not in str(site.config["ATTACHMENTS"])
    assert visit(Role.REVIEWER, "150300").client.get(address).status_code == 404
    registrar.send("/void", reason="扫描不清")
    assert "扫描不清" in registrar.text
    assert "意见.pdf" not in reviewer.go(f"/projects/{project}").page.find(id="attachments").get_text()


READS = ("/projects/{}/edit", "/register?from={}", "/projects/{}/void", "/projects/{}/attachments")
ACTS = ("/projects/{}/void", "/projects/{}/reinstate", "/projects/{}/attachments")


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.REVIEWER, Role.AUDITOR])
def test_foreign_is_missing_or_forbidden(
    visit: Callable[..., Visitor], filled_site: Visitor, role: Role, sqlite_ledger: Ledger
) -> None:
    project = project_of(filled_site, "电石炉")
    stranger = visit(role, "150300")
    token = stranger.go("/").page.find("input", {"name": "csrf_token"})
    wanted = {404} if role is Role.REGISTRAR else {403, 404}
    for address in READS:
        assert stranger.client.get(address.format(project)).status_code in wanted, address
    for address in ACTS:
        data = {"csrf_token": token["value"], "reason": "理由", "seen": "1", "about": "其他", "key": "k"}
        assert stranger.client.post(address.format(project), data=data).status_code in wanted, address
    data = {
        "csrf_token": token["value"], "draft": "00000000-0000-0000-0000-000000000001", "project": project, "seen": "1",
        "act": "draft", **NEW,
    }  # fmt: skip
    assert stranger.client.post("/register", data=data).status_code in wanted
    assert stranger.client.post("/register/check.json", data=data).status_code in wanted
