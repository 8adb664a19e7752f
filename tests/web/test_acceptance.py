"""验收 on the pages: a metered run is entered, kept when refused, voided; the case is closed only once confirmed."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from screening import clock
from screening.services import Ledger
from tests.conftest import PASSWORD
from tests.services.desks import Desks, once
from tests.services.sheets import row
from tests.services.test_objections import later, serve
from tests.web.site import Visitor, sign_in
from tests.web.test_pages import sound

RUN = {
    "first_day": "2027-03-01", "last_day": "2027-03-03", "sec": "850", "metered_by": "内蒙古节能检测中心",
    "document": "检测报告（2027）第8号",
}  # fmt: skip


@pytest.fixture
def desks(sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desks:
    """An office of 包头市; the site's clock stands 110 days after the service."""
    monkeypatch.setattr(clock, "now", lambda: later(110))
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


def test_a_metered_run_is_entered_and_voided(site: Flask, desks: Desks, project: UUID) -> None:
    reviewer = sign_in(site, "reviewer", PASSWORD).go(f"/projects/{project}")
    assert "改造经验收通过后才能结案" in reviewer.text
    assert not reviewer.page.find("a", string="结案")
    reviewer.go(f"/projects/{project}/acceptance")
    sound(reviewer.answer.data, "acceptance")
    assert "还没有登记计量" in reviewer.text

    reviewer.send("/acceptance", **{**RUN, "last_day": "2027-02-03"})
    assert reviewer.status == 422
    assert "早于开始日" in reviewer.text
    assert reviewer.page.find("input", {"name": "document"})["value"] == RUN["document"], "nothing typed is lost"
    reviewer.send("/acceptance", **RUN)
    sound(reviewer.answer.data, "acceptance")
    assert "介于标杆和基准之间" in reviewer.text

    reviewer.go(f"/review/{project}")
    assert "改造验收通过" in reviewer.text
    reviewer.go(f"/projects/{project}/acceptance").send("/acceptance/void", reason="")
    assert reviewer.status == 422
    reviewer.send("/acceptance/void", reason="录错装置")
    assert "已作废" in reviewer.text
    assert "改造验收通过" not in reviewer.go(f"/review/{project}").text


def test_others_look_and_do_not_touch(site: Flask, desks: Desks, project: UUID) -> None:
    office: Visitor = sign_in(site, "office", PASSWORD).go(f"/projects/{project}/acceptance")
    sound(office.answer.data, "acceptance")
    assert office.status == 200
    assert not office.page.find("button", string="登记计量")


def test_a_project_without_a_retrofit_says_so(site: Flask, desks: Desks) -> None:
    desks.take_in([row(2)])
    reviewer = sign_in(site, "reviewer", PASSWORD).go(f"/projects/{desks.find('第2')}/acceptance")
    sound(reviewer.answer.data, "acceptance")
    assert "没有正在计算或者已验收的限期改造" in reviewer.text
