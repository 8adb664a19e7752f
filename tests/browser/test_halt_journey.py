"""Journey 6 in Chromium: a project is halted in seven clicks, and from then on nothing approves it, by page or POST."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from screening import clock
from screening.domain.people import Person, Role
from screening.services import dispositions, registry, rules
from screening.store.tables import PersonRow
from tests.browser.running import PASSWORD, Site, arrive, chromium, running
from tests.services.desks import take_steps
from tests.services.sheets import row, sheet

BUDGET = 7
NAME = "青山第1电石项目"
FACTS = {
    "建设状态": "在建",
    "设计单位产品能耗": "800",
    "实际单位产品能耗": "",
    "立项方式": "核准",
    "开工日期": "2024-03-01",
}


class Hand:
    """Clicks, and counts them."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()


def known(site: Site, login: str) -> Person:
    with site.ledger.reader() as session:
        found = session.execute(sa.select(PersonRow).where(PersonRow.login == login)).scalar_one()
        return Person(found.id, found.login, found.name, Role(found.role), found.scope)


def prepare(site: Site, project: UUID) -> None:
    """What others do between recommendation and signing: the rules are checked, the steps put on file."""
    now = clock.now()
    shown = dispositions.before_signing(site.ledger, project, by=known(site, "signatory"), at=now)
    assert shown is not None
    page = rules.confirm_page(
        site.ledger, [b.ref for b in shown.open_rules], document="正式文本", page="第3页",
        day=now.astimezone(clock.SHANGHAI).date(), key="page", by=known(site, "rules_officer"), at=now,
    )  # fmt: skip
    rules.countersign(site.ledger, page.id, by=known(site, "rules2"), at=now)
    take_steps(site.ledger, project, reviewer=known(site, "reviewer"), legal=known(site, "legal"), at=now)


@pytest.mark.browser
def test_a_project_is_halted_in_seven_clicks_and_stays_halted(tmp_path: Path) -> None:
    hand = Hand()
    with running(tmp_path) as site, chromium() as browser:
        registrar = known(site, "registrar")
        file = sheet(tmp_path, [row(1, **FACTS)])
        batch = registry.preview_import(site.ledger, file, file="台账.csv", by=registrar, at=clock.now()).batch
        registry.confirm_import(site.ledger, batch, by=registrar, at=clock.now())
        reviewer, signatory, writer = (arrive(browser, site, login) for login in ("reviewer", "signatory", "registrar"))
        reviewer.goto("/projects")
        address = reviewer.get_by_role("link", name=NAME).get_attribute("href") or ""
        project = UUID(address.rsplit("/", 1)[1])

        recommend(reviewer, hand, address)
        prepare(site, project)
        sign(signatory, hand)
        assert hand.clicks <= BUDGET, f"{hand.clicks} clicks"
        stays_halted(reviewer, writer, project)


def recommend(page: Page, hand: Hand, address: str) -> None:
    """The reviewer enters the ground with its evidence, sees effect and letter, and recommends the halt."""
    page.goto(address)
    hand.click(page.locator("#next").get_by_role("link", name="审核"))
    hand.click(page.locator("#enter").get_by_role("link", name="未批先建"))
    page.get_by_label("开工时没有的手续").select_option("节能审查意见")
    page.get_by_label("开工日期").fill("2024-03-01")
    page.get_by_label("发现日期").fill(clock.now().astimezone(clock.SHANGHAI).date().isoformat())
    page.get_by_label("发现方式").select_option("台账数据比对")
    page.locator("#new-statement").fill("项目于2024年3月1日开工，至今未取得节能审查意见。")
    page.locator("#new-reference").fill("节能监察现场笔录（2026）第12号")
    hand.click(page.get_by_role("button", name="录入“未批先建”"))
    expect(page.get_by_role("status").first).to_contain_text("未批先建")

    form = page.locator("#recommend")
    expect(form.get_by_label("处置", exact=True)).to_have_value("HALT")
    expect(form.locator("textarea:visible").last).to_have_value(
        "自送达之日起，该项目停止建设；解除叫停之前，不办理该项目的各项审批手续，不作出准予推进、保持或者鼓励升级的处理。"
    )
    form.get_by_label("理由", exact=True).fill("未取得节能审查意见即开工建设。")
    with page.expect_response(lambda answer: answer.url.endswith("/trial")) as shown:
        hand.click(form.get_by_role("button", name="预览文书", exact=True))
    assert shown.value.headers["content-type"] == "application/pdf"
    hand.click(form.get_by_role("button", name="提交建议"))
    expect(page.get_by_role("status").first).to_contain_text("已建议“叫停”")


def sign(page: Page, hand: Hand) -> None:
    """Another person sees what the decision contains and its letter beside it, and signs."""
    page.goto("/sign")
    hand.click(page.get_by_role("link", name=NAME))
    expect(page.locator("#contents tbody tr")).to_have_count(6)
    expect(page.locator("#contents")).not_to_contain_text("✖")
    expect(page.locator("#drafts li")).to_have_count(1)
    expect(page.locator("#obstacles")).to_have_count(0)
    page.get_by_label("您的登录密码").fill(PASSWORD)
    hand.click(page.get_by_role("button", name="签发“叫停”"))
    expect(page.get_by_role("status").first).to_contain_text("已签发，文号", timeout=30_000)


def stays_halted(reviewer: Page, writer: Page, project: UUID) -> None:
    """The halt shows at once; no page offers an approval, and no POST or form brings one in."""
    reviewer.goto("/projects")
    expect(reviewer.locator("#ledger tbody tr")).to_contain_text("已叫停（自")
    reviewer.goto(f"/projects/{project}")
    expect(reviewer.locator(".title-line")).to_contain_text("已叫停（自")
    token = reviewer.locator('input[name="csrf_token"]').first.get_attribute("value") or ""
    answer = reviewer.request.post(
        f"/review/{project}",
        form={
            "csrf_token": token,
            "disposition": "PROCEED",
            "reason": "放行。",
            "clause": "某条",
            "seen": "99",
            "key": "x",
        },
        headers={"Referer": reviewer.url},
    )
    assert answer.status in {409, 422}
    writer.goto(f"/projects/{project}/edit")
    writer.get_by_label("节能审查文号").fill("内发改审〔2026〕9号")
    writer.get_by_role("button", name="核对").first.click()
    expect(writer.get_by_role("alert")).to_contain_text("起叫停，解除之前不能登记新的或者变更后的“节能审查文号”")
