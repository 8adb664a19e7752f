"""Journey 10 on the pages: an enterprise objects, the order stays the term, a signatory revokes, a new decision follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from screening import clock
from screening.domain.classification import Disposition, FindingId
from screening.services import Ledger, casework, findings, review
from tests.conftest import NOW, PASSWORD
from tests.services.desks import DUE, Desks, once
from tests.services.sheets import row
from tests.services.test_casework import SMALL
from tests.services.test_objections import later, serve
from tests.services.test_replies import EMISSION
from tests.web.site import Visitor, sign_in
from tests.web.test_pages import sound

TYPED = "认定的单位产品能耗与监测报告不符，请求撤销。"
OBJECTION = {
    "kind": "review", "received_on": "2026-12-01", "request": TYPED, "document": "包府复受〔2026〕8号",
    "case_number": "包府复〔2026〕8号", "agent": "王律师",
}  # fmt: skip
STAY = {"order_number": "包府复停〔2026〕3号", "ordered_on": "2026-12-02", "first_day": "2026-12-02"}
REVOKE = {
    "effect": "revoked", "document": "包府复决〔2026〕5号", "ordered_on": "2026-12-03", "reason": "事实不清。",
    "password": PASSWORD,
}  # fmt: skip


@pytest.fixture
def desks(sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desks:
    """An office of 包头市; the site's clock stands ten days after the service."""
    monkeypatch.setattr(clock, "now", lambda: later(10))
    return Desks(sqlite_ledger, tmp_path)


@pytest.fixture
@once
def project(desks: Desks) -> UUID:
    """A project whose retrofit letter was served."""
    desks.take_in([row(1)])
    found = desks.find("第1")
    desks.recommend(found)
    desks.make_official(found)
    serve(desks, found)
    return found


@pytest.fixture
def enter(site: Flask, desks: Desks) -> Callable[[str], Visitor]:
    """enter("reviewer"): somebody of the office at the site."""
    return lambda login: sign_in(site, login, PASSWORD)


def test_the_whole_journey(enter: Callable[[str], Visitor], desks: Desks, project: UUID) -> None:
    reviewer = enter("reviewer").go(f"/projects/{project}")
    reviewer.go(reviewer.link("登记复议、诉讼"))
    sound(reviewer.answer.get_data(as_text=True), "objections")
    assert reviewer.page.find(id="objector")["value"] == "包头市青山化工有限公司"
    assert reviewer.page.find(id="organ")["value"] == "包头市人民政府"
    reviewer.send("/objections", **OBJECTION)
    assert "已登记。期限照常计算" in reviewer.text
    assert "法定期限至 2027-01-22" in reviewer.text
    reviewer.send("/stay", **STAY)
    assert "正在停止执行" in reviewer.text
    sound(reviewer.answer.get_data(as_text=True), "stayed")
    for address in (f"/projects/{project}", "/deadlines?group=stayed"):
        assert "暂停执行，依据包头市人民政府包府复停〔2026〕3号" in reviewer.go(address).text
    assert "没有正在计算的期限" in reviewer.go("/deadlines?group=later").text
    assert not reviewer.go(f"/projects/{project}/objections").page.find(id="revoke"), "that is for a signatory"

    signatory = enter("signatory").go(f"/projects/{project}/objections")
    assert not signatory.page.find(id="record")
    assert not signatory.page.find(id="outcome")
    signatory.send("/revoke", **{**REVOKE, "password": "不是这个密码不是这个密码"})
    assert signatory.status in {401, 422}
    assert "事实不清。" in signatory.text, "what was typed is still there"
    signatory.send("/revoke", **REVOKE)
    assert "原决定和文书仍留在卷内" in signatory.text
    sound(signatory.answer.get_data(as_text=True), "revoked")

    page = reviewer.go(f"/projects/{project}")
    assert "决定已于2026年12月3日撤销" in page.text
    assert "改造期限" not in page.page.find(id="content").get_text().split("处置决定")[0]
    reviewer.go(reviewer.link("重新审核"))
    reviewer.send("/reopen", reason="依复议决定重新办理。")
    at = later(10)
    review.recommend(
        desks.ledger, project, disposition=Disposition.RETROFIT, reason="补充认定后仍须改造。", due=DUE,
        seen=desks.version(project), key="again", by=desks.reviewer, at=at,
    )  # fmt: skip
    second = serve(desks, project, at, at.date())
    page = reviewer.go(f"/projects/{project}/objections")
    assert "承接原决定 包发改两高改〔2026〕1号" in page.text
    assert f"由 {second.number} 重新作出决定" in page.text
    page = reviewer.go(f"/projects/{project}")
    assert "承接原决定 包发改两高改〔2026〕1号" in page.text


def test_a_late_one_keeps_what_was_typed(
    enter: Callable[[str], Visitor], project: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: later(90))
    reviewer = enter("reviewer").go(f"/projects/{project}/objections")
    reviewer.send("/objections", **{**OBJECTION, "received_on": "2027-01-23"})
    assert reviewer.status == 422
    assert "已超过期限" in reviewer.text
    assert TYPED in reviewer.text
    sound(reviewer.answer.get_data(as_text=True), "late")
    reviewer.send("/objections", late_reason="末日为法定节假日，复议机关已受理。")
    assert "超过期限" in reviewer.text
    assert "末日为法定节假日" in reviewer.text


def test_the_decision_stands(enter: Callable[[str], Visitor], project: UUID) -> None:
    reviewer = enter("reviewer").go(f"/projects/{project}/objections")
    reviewer.send("/objections", **OBJECTION)
    reviewer.send("/stay", **STAY)
    reviewer.send("/lift", last_day="2026-12-02", document="包府复恢〔2026〕1号")
    assert "已登记恢复执行" in reviewer.text
    reviewer.send("/outcome", outcome="revoked", outcome_on="2026-12-03", document="包府复决〔2026〕5号")
    assert reviewer.status == 422
    reviewer.send("/outcome", outcome="withdrawn", outcome_on="2026-12-03", document="包府复终〔2026〕5号")
    assert "已登记结果，原决定继续有效" in reviewer.text
    assert "当事人撤回" in reviewer.text
    assert "登记复议、诉讼" in reviewer.go(f"/projects/{project}").text


def test_a_referral_and_its_reply(
    enter: Callable[[str], Visitor], desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    findings.enter_finding(
        desks.ledger, project, FindingId.EXCESS_EMISSION, told=EMISSION, seen=desks.version(project), by=desks.reviewer,
        at=NOW,
    )  # fmt: skip
    desks.recommend(project, Disposition.REFER, due=None)
    desks.make_official(project, Disposition.REFER)
    letter = serve(desks, project)
    office = enter("office").go("/referrals?standing=waiting")
    sound(office.answer.get_data(as_text=True), "referrals")
    assert letter.number in office.text
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=31))
    office = enter("office")  # the old session has ended by then
    assert "逾期未回复的移送 1" in office.go("/").text
    assert "移送回复 逾期 1" in office.go("/letters").text
    office.go("/referrals?standing=overdue").go(office.link(letter.number))
    sound(office.answer.get_data(as_text=True), "reply")
    office.send("/replies", received_on="2026-12-20", document="包环函〔2026〕31号", result="not_accepted")
    assert "请" in office.text
    assert office.status == 422
    assert office.page.find(id="document")["value"] == "包环函〔2026〕31号"
    office.send("/replies", summary="已由自治区生态环境厅立案。")
    assert "已登记回复" in office.text
    assert "逾期未回复的移送 0" in office.go("/").text
    assert "移送回复" in office.go(f"/letters/{letter.id}").text


def test_closed_cases_can_be_contested(enter: Callable[[str], Visitor], desks: Desks) -> None:
    desks.take_in([row(9, **SMALL, 建设状态="在建", 设计单位产品能耗="900", 实际单位产品能耗="")])
    project = desks.find("第9")
    desks.recommend(project, Disposition.RECTIFY)
    desks.make_official(project, Disposition.RECTIFY)
    serve(desks, project)
    casework.close(
        desks.ledger, project, reason="已验收。", seen=desks.version(project), by=desks.reviewer, at=later(1)
    )
    reviewer = enter("reviewer").go(f"/projects/{project}/objections")
    reviewer.send("/objections", **OBJECTION)
    assert "复议诉讼中" in reviewer.text
