"""改造计划 on the pages: entered, kept when refused, changed as a new version, reported on, printed."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from screening import clock
from screening.domain.plans import STEPS
from screening.services import Ledger
from tests.conftest import PASSWORD
from tests.services.desks import Desks
from tests.services.test_objections import day, later
from tests.services.test_plans import one, proof, upgraded
from tests.web.site import sign_in
from tests.web.test_pages import sound

__all__ = ["one"]
PLAN = {
    "measures": "余热回收。", "investment": "1234.56", "expected_sec": "820", "saving": "3000.5",
    **{step: day(30 * n).isoformat() for n, step in enumerate(STEPS, start=1)},
    **{f"{step}_by": "王工" for step in STEPS},
}  # fmt: skip


@pytest.fixture
def desks(sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desks:
    """An office of 包头市; the site's clock stands 90 days after the service."""
    monkeypatch.setattr(clock, "now", lambda: later(90))
    return Desks(sqlite_ledger, tmp_path)


def test_a_plan_is_entered_reported_on_and_changed(site: Flask, desks: Desks, one: UUID) -> None:  # a fixture
    reviewer = sign_in(site, "reviewer", PASSWORD).go(f"/projects/{one}/plan")
    sound(reviewer.answer.data, "plan")
    reviewer.send("/plan", **{**PLAN, "acceptance": "2039-01-01"})
    assert reviewer.status == 422
    assert "超过最长期限" in reviewer.text
    assert reviewer.page.find("input", {"name": "start_by"})["value"] == "王工", "nothing typed is lost"
    reviewer.send("/plan", **{**PLAN, "acceptance": "2029-01-01"})
    sound(reviewer.answer.data, "plan")
    assert "第 1 版已登记" in reviewer.text
    assert "晚于到期日" in reviewer.text
    assert "进度报告不足，不能推算" in reviewer.text

    reviewer.send("/plan/report", said="已开工。", percent="两成")
    assert reviewer.status == 422
    assert "不是 1 至 100 的整数" in reviewer.text
    key = proof(desks, one)
    reviewer.go(f"/projects/{one}/plan").send(
        "/plan/report", said="合同已签。", step="contract", reached_on=day(90).isoformat(), attachments=[str(key)]
    )
    sound(reviewer.answer.data, "plan")
    assert "照此进度晚" in reviewer.text
    assert "照此进度晚" in reviewer.go("/deadlines").text
    sound(reviewer.answer.data, "deadlines")
    assert "照此进度晚" in reviewer.go(f"/projects/{one}").text
    sound(reviewer.answer.data, "project")

    reviewer.go(f"/projects/{one}/plan?edit=1")
    sound(reviewer.answer.data, "plan")
    reviewer.send("/plan", saving="2800", reason="按初步设计调整。")
    assert "3000.5" in reviewer.page.find("section", id="versions").text
    reviewer.send("/plan/void", reason="录错")
    assert "已作废" in reviewer.text
    office = sign_in(site, "office", PASSWORD).go(f"/projects/{one}/plan")
    assert not office.page.find("form", action=f"/projects/{one}/plan")
    assert office.go(f"/projects/{one}/plan.pdf").answer.data.startswith(b"%PDF")


def test_an_upgrade_is_voluntary_and_nothing_says_so(site: Flask, desks: Desks) -> None:
    project = upgraded(desks)
    reviewer = sign_in(site, "reviewer", PASSWORD).go(f"/projects/{project}/plan")
    sound(reviewer.answer.data, "plan")
    assert "自愿升级没有法定期限" in reviewer.text

    from tests.services.sheets import row

    desks.take_in([row(2)])
    assert "没有正在计算的改造期限" in reviewer.go(f"/projects/{desks.find('第2')}/plan").text
    assert "没有可以打印的内容" in reviewer.go(f"/projects/{desks.find('第2')}/plan.pdf").text
