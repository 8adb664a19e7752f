"""Journeys 4, 5 and 7 in Chromium: 25 signed by four clicks, 22 printed by four, two reminded of by four; a deputy."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from screening import clock
from screening.domain.classification import Disposition
from screening.domain.people import Person
from screening.domain.review import LetterState
from screening.domain.rules import Evidence
from screening.services import Ledger, deputies, letters, people, registry, review, rules
from tests.browser.running import PASSWORD, SCREEN, arrive, chromium, enter, running
from tests.services.desks import take_steps
from tests.services.sheets import row, sheet

SLOW = 120
"""Seconds that 25 signatures may take where two tests share two cores; alone they take about ten."""


def of_region(ledger: Ledger, login: str) -> Person:
    return people.find(ledger, login)


def recommended(ledger: Ledger, folder: Path, count: int) -> list[UUID]:
    """That many recommended retrofits: the last lacks its steps, two before it the signatory recommended himself."""
    at = clock.now()
    today = clock.day_of(at)
    who = {login: of_region(ledger, login) for login in ("registrar", "reviewer", "signatory", "legal", "rules2")}
    path = sheet(folder, [row(n) for n in range(1, count + 1)])
    preview = registry.preview_import(ledger, path, file="台账.csv", by=who["registrar"], at=at)
    registry.confirm_import(ledger, preview.batch, by=who["registrar"], at=at)
    deputies.name(
        ledger, principal=who["reviewer"].id, deputy=who["signatory"].id, first_day=today, last_day=today,
        reason="王审核休假", key="deputy", by=who["reviewer"], at=at,
    )  # fmt: skip
    found = []
    for n in range(1, count + 1):
        filters = registry.Filter.read({"q": f"第{n}电石"})
        project = registry.list_projects(ledger, filters, by=who["reviewer"], today=today).rows[0]
        by = deputies.acting(who["signatory"], who["reviewer"]) if count - 3 < n < count else who["reviewer"]
        if n == 1:
            offered = review.choices(ledger, project.id, by=by, today=today).measures[Disposition.RETROFIT]
            refs = [basis.ref for basis in offered[0].rests_on if basis.evidence is not Evidence.OFFICIAL]
            if refs:
                officer = of_region(ledger, "rules_officer")
                page = rules.confirm_page(
                    ledger, refs, document="发改产业〔2023〕723号", page="附件第3页", day=date(2023, 6, 6), key="page",
                    by=officer, at=at,
                )  # fmt: skip
                rules.countersign(ledger, page.id, by=who["rules2"], at=at)
        review.recommend(
            ledger, project.id, disposition=Disposition.RETROFIT, reason="低于基准水平，须限期改造。",
            due=date(today.year + 1, 12, 1), seen=project.version, key=uuid4().hex, by=by, at=at,
        )  # fmt: skip
        if n < count:
            take_steps(ledger, project.id, reviewer=who["reviewer"], legal=who["legal"], at=at)
        found.append(project.id)
    return found


def shot(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png")


def printed_together(page: Page, shots: Path | None) -> None:
    """Journey 5: the office prints what was signed as one PDF by four clicks, and records how it left."""
    page.goto("/letters")
    page.get_by_role("link", name="待印制").click()  # 1
    page.get_by_role("link", name="选中全部 22 份").click()  # 2
    expect(page.locator("[data-count]")).to_have_text("22")
    shot(page, shots, "unprinted")
    page.get_by_role("button", name="印制所选").click()  # 3
    shot(page, shots, "print")
    page.get_by_role("button", name="开始印制").click()  # 4
    shot(page, shots, "printing")
    expect(page.locator("iframe.paper")).to_be_visible(timeout=SLOW * 1000)
    shot(page, shots, "printed")
    numbers = page.locator("#run tbody th").all_inner_texts()
    assert [int(re.sub(r"\D", "", text.split("〕")[1])) for text in numbers] == list(range(1, 23))
    assert page.request.get(f"{page.url}.pdf").body().startswith(b"%PDF-")
    page.get_by_role("link", name="登记寄出、交接").click()
    page.get_by_label("邮件号").fill("\n".join(f"EY{n:09d}CN" for n in range(1, 22)))
    page.get_by_role("button", name="登记 22 份").click()
    expect(page.locator(".summary")).to_contain_text("填写了21个邮件号，所选文书有22份")
    page.get_by_label("邮件号").fill("\n".join(f"{number}\tEY{n:09d}CN" for n, number in enumerate(numbers, 1)))
    shot(page, shots, "posting")
    page.get_by_role("button", name="登记 22 份").click()
    expect(page.locator(".note.good")).to_contain_text("已登记寄出 22 份")
    page.locator("#letters [data-tick]").nth(0).check()
    page.locator("#letters [data-tick]").nth(1).check()
    page.get_by_role("button", name="登记送达").click()
    page.get_by_label("送达日期").nth(0).fill(clock.day_of(clock.now()).isoformat())
    page.get_by_label("送达方式").nth(0).select_option("直接送达")
    page.get_by_label("签收人").nth(0).fill("张三")
    page.get_by_label("送达回证扫描件").nth(0).set_input_files(
        {"name": "回证.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nscan"}
    )
    page.get_by_label("送达日期").nth(1).fill("2026-13-01")
    page.get_by_role("button", name="登记送达").click()
    expect(page.locator(".summary")).to_contain_text("这一天不存在")
    expect(page.locator(".note.good")).to_contain_text("已登记 1 份")
    shot(page, shots, "serving")
    page.goto("/letters?state=served")
    page.locator("#letters tbody th a").first.click()
    expect(page.locator("#sent")).to_contain_text("回证.png")
    expect(page.locator("#sent")).to_contain_text("EY0000000")
    expect(page.locator("#clock")).to_be_visible()
    shot(page, shots, "served")


def chased(page: Page, ledger: Ledger, shots: Path | None) -> None:
    """Journey 7: from the morning page a call is logged by two clicks, and two terms are reminded of by four."""
    today = clock.day_of(clock.now())
    office = people.find(ledger, "office")
    line = next(r for r in letters.list_letters(ledger, by=office, state=LetterState.PRINTED) if r.kind == "RETROFIT")
    letters.serve(
        ledger,
        line.id,
        served_on=today,
        method="直接送达",
        receiver="李四",
        seen=line.version,
        by=office,
        at=clock.now(),
    )
    page.goto("/deadlines")
    expect(page.locator("#clocks .c-name")).to_have_count(2)
    shot(page, shots, "morning")
    page.locator("#clocks").get_by_role("link", name="催办").first.click()  # 1
    page.get_by_label("联系人").fill("王厂长")
    page.get_by_label("所说的内容").fill("炉体已订货，下月到货。")
    shot(page, shots, "call")
    page.get_by_role("button", name="保存").click()  # 2
    expect(page.locator("#clocks .c-said").first).to_contain_text(f"电话 {today}")

    page.locator("#clocks [name=pick]").nth(0).check()  # 1
    page.locator("#clocks [name=pick]").nth(1).check()  # 2
    page.get_by_role("button", name="催告所选").click()  # 3
    shot(page, shots, "reminders")
    page.get_by_role("button", name="签发 2 份并成批印制").click()  # 4
    expect(page.locator("iframe.paper")).to_be_visible(timeout=SLOW * 1000)
    expect(page.locator("#run tbody tr")).to_have_count(2)
    assert page.request.get(f"{page.url}.pdf").body().startswith(b"%PDF-")
    shot(page, shots, "reminded")
    page.goto("/deadlines")
    expect(page.locator("#clocks .c-said").first).to_contain_text(f"发函 {today}")
    expect(page.locator("#clocks .c-said").last).to_contain_text(f"发函 {today}")


def walk(folder: Path, shots: Path | None = None) -> float:
    """The journey; gives the seconds that the signing took."""
    with running(folder) as site, chromium() as browser:
        page = arrive(browser, site, "signatory")
        recommended(site.ledger, folder, 25)
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto("/sign")
        shot(page, shots, "queue")

        page.locator("#queue [data-all]").check()  # 1
        expect(page.locator("[data-ticked]")).to_have_text("已勾选 25 条")
        page.get_by_role("button", name="签发所选").click()  # 2
        expect(page.locator(".note")).to_contain_text("勾选25：22可签发，2为本人所办，1缺证据")
        expect(page.locator("#ticked tbody tr")).to_have_count(25)
        shot(page, shots, "ticked")
        page.get_by_label("您的登录密码").click()  # 3
        page.keyboard.type(PASSWORD)
        shot(page, shots, "password")
        start = time.monotonic()
        page.get_by_role("button", name="签发 22 项").click(timeout=SLOW * 1000, no_wait_after=True)  # 4
        expect(page.get_by_role("heading", level=1)).to_have_text("签发结果", timeout=SLOW * 1000)
        took = time.monotonic() - start
        expect(page.locator(".note")).to_contain_text("勾选 25 项：已签发 22 项，跳过 3 项")
        expect(page.locator("#signed tbody tr")).to_have_count(22)
        numbers = [
            re.sub(r"\D", "", text.split("〕")[1]) for text in page.locator("#signed tbody th").all_inner_texts()
        ]
        assert sorted(map(int, numbers)) == list(range(1, 23))
        expect(page.locator("#skipped li")).to_have_count(3)
        expect(page.locator("#skipped")).to_contain_text("处置建议由您本人提出")
        expect(page.locator("#skipped")).to_contain_text("签发前的程序尚未办理")
        shot(page, shots, "signed")
        page.get_by_role("link", name="收回签发").first.click()
        shot(page, shots, "letter")
        page.goto("/lists/gaps")
        shot(page, shots, "gaps")
        printed_together(arrive(browser, site, "office"), shots)
        chased(page, site.ledger, shots)

        expect(page.locator("#acting")).to_be_visible()
        page.goto("/deputies")
        shot(page, shots, "deputies")
        page.locator("#acting").select_option(label="代王审核")
        page.get_by_role("button", name="切换").click()
        expect(page.locator(".me")).to_contain_text("李签发（代王审核） 审核员")
        shot(page, shots, "acting")
        context = browser.new_context(viewport=SCREEN, locale="zh-CN", base_url=site.address)
        other = context.new_page()
        enter(other, "signatory", PASSWORD)
        expect(other.locator(".me")).not_to_contain_text("（代")
        assert faults == []
        return took


@pytest.mark.browser
def test_twenty_five_by_four_clicks(tmp_path: Path) -> None:
    assert walk(tmp_path) < SLOW
