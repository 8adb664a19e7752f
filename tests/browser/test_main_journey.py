"""The main journey in Chromium, by clicks, as the office does it: from the sample ledger to a running clock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from screening import clock
from screening.domain.calendar import months_later
from tests.browser.running import PASSWORD, SAMPLE, Site, arrive, bring_in, chromium, running

LOGINS = (
    "registrar",
    "reviewer",
    "signatory",
    "office",
    "legal",
    "rules_officer",
    "rules2",
    "auditor",
    "administrator",
)


def listen(page: Page, complaints: list[str]) -> None:
    """Collects what the browser complains of: script errors, what the content policy blocked, requests that leave."""
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            complaints.append(f"{page.url}: {said.text}")
            if said.type == "error" and "status of 4" not in said.text
            else None
        ),
    )
    page.on(
        "request",
        lambda asked: (
            complaints.append(asked.url)
            if not asked.url.startswith(
                ("http://127.0.0.1", "data:", "chrome-extension:", "chrome:", "blob:", "about:")
            )
            else None
        ),
    )


@pytest.mark.browser
def test_from_the_sample_ledger_to_a_running_clock(tmp_path: Path) -> None:
    assert SAMPLE is not None
    complaints: list[str] = []
    with running(tmp_path) as site, chromium() as browser:
        pages = {}
        for login in LOGINS:
            pages[login] = arrive(browser, site, login)
            listen(pages[login], complaints)
            expect(pages[login].get_by_role("heading", level=1)).to_have_text(
                "人员" if login == "administrator" else "工作台"
            )
        take_in(pages["registrar"], SAMPLE)
        project = find_below_baseline(pages["reviewer"])
        recommend(pages["reviewer"])
        to_rules = refused_for_evidence(pages["signatory"], project)
        confirm_by_two(pages["rules_officer"], pages["rules2"], to_rules)
        word(pages["reviewer"], project)
        tell(pages["signatory"], pages["office"], project)
        take_steps(pages["reviewer"], project)
        review_legality(pages["legal"], project)
        letter = sign(pages["signatory"], project)
        open_paper(pages["office"], site, letter)
        serve(pages["office"], letter)
        see_clock(pages["reviewer"], project)
        verify_trail(pages["auditor"])
    assert complaints == [], "\n".join(complaints)


def take_in(page: Page, workbook: Path) -> None:
    """The registrar imports, sees what is new and what is wrong, and confirms; the second time nothing is new."""
    bring_in(page, workbook)
    expect(page.get_by_text("现在还没有写入。")).to_be_visible()
    expect(page.locator("#rejected tbody tr").first).to_contain_text(re.compile(r"![A-Z]+\d+"))
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("status").first).to_contain_text("导入完成")
    bring_in(page, workbook)
    expect(page.get_by_text("没有需要写入的变化")).to_be_visible()


def find_below_baseline(page: Page) -> str:
    """The reviewer finds an existing project below baseline by the facets; gives its name."""
    page.get_by_role("link", name="台账", exact=True).click()
    page.get_by_role("link", name=re.compile("低于基准")).first.click()
    page.wait_for_url("**class=BELOW_BASELINE**")  # until loaded: the lists act at once only then
    page.get_by_label("建设状态", exact=True).select_option("existing")
    page.wait_for_url("**stage=existing**")
    page.get_by_label("拟处置", exact=True).select_option("RETROFIT")
    page.wait_for_url("**disposition=RETROFIT**")
    rows = page.locator("#ledger tbody tr").filter(has_not_text="⇒")
    link = rows.first.locator("th a")
    name = link.get_attribute("title") or ""
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("svg.number-line").first).to_be_visible()
    return name


def recommend(page: Page) -> None:
    """The reviewer recommends RETROFIT with a due date."""
    page.locator("#next").get_by_role("link", name="审核").click()
    recommend_here(page)


def recommend_here(page: Page) -> None:
    """Fills in the form of the recommendation as it stands."""
    expect(page.get_by_label("处置", exact=True)).to_have_value("RETROFIT")
    expect(page.get_by_label("条款", exact=True)).to_be_hidden()
    due = months_later(clock.now().astimezone(clock.SHANGHAI).date(), 14)
    page.get_by_label("改造（整改）到期日").fill(due.isoformat())
    page.get_by_label("理由", exact=True).fill("单位产品能耗高于基准水平，企业具备改造条件。")
    page.get_by_role("button", name="提交建议").click()
    expect(page.get_by_role("status").first).to_contain_text("已建议“限期改造”")


def refused_for_evidence(page: Page, project: str) -> str:
    """The signatory is refused: the figure was never checked; gives the address where it is confirmed."""
    page.get_by_role("link", name="签发", exact=True).click()
    page.get_by_role("link", name=project).click()
    expect(page.locator("#obstacles")).to_be_visible()
    page.get_by_label("您的登录密码").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^签发“")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page.locator("#obstacles .actions a").get_attribute("href") or ""


def confirm_by_two(one: Page, other: Page, address: str) -> None:
    """A rules officer ticks the rows of the annex page; another one countersigns."""
    one.goto(address)
    boxes = one.locator("input[data-tick]")
    assert boxes.count() >= 1
    expect(boxes.first).to_be_checked()
    one.get_by_label("官方文件").fill("发改产业〔2023〕723号")
    one.get_by_label("页", exact=True).fill("附件 第3页")
    one.get_by_label("发布日期").fill("2023-07-04")
    one.get_by_role("button", name="核对无误，提交复核").click()
    expect(one.get_by_text("由您本人核对")).to_be_visible()
    other.get_by_role("link", name="规则", exact=True).click()
    other.get_by_role("link", name=re.compile("核对记录")).click()
    other.get_by_role("button", name="与官方文本一致，复核通过").click()
    expect(other.get_by_role("status").first).to_contain_text("已复核")


def word(page: Page, project: str) -> None:
    """The reviewer adds a paragraph to the letter, with its PDF beside it, and sees what changed."""
    page.goto(f"/projects?q={project}")
    page.get_by_role("link", name=project).first.click()
    page.locator("#next").get_by_role("link", name="文书草稿").click()
    expect(page.locator("iframe.paper")).to_be_visible()
    page.get_by_label("事实之后的段落").fill("你单位提交的改造方案说明已经收悉。")
    page.get_by_label("修改说明").fill("回应企业来函")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.get_by_role("status").first).to_contain_text("已保存为第2版")
    page.get_by_role("link", name="版本与差异").click()
    expect(page.locator("#differences .differing ins")).to_contain_text("你单位提交的改造方案说明已经收悉。")


def tell(signatory: Page, office: Page, project: str) -> None:
    """The signatory signs the notice; the office prints and serves it."""
    signatory.get_by_role("link", name="签发", exact=True).click()
    signatory.get_by_role("link", name=project).click()
    signatory.locator("#procedure").get_by_role("link", name="签发告知书").click()
    expect(signatory.locator("#obstacles")).to_have_count(0)
    expect(signatory.locator("iframe.paper")).to_be_visible()
    signatory.get_by_label("您的登录密码").fill(PASSWORD)
    signatory.get_by_role("button", name="签发告知书").click()
    expect(signatory.get_by_role("status").first).to_contain_text("已签发，文号", timeout=30_000)
    office.goto(signatory.url)
    office.get_by_role("button", name="登记印制").click()
    expect(office.get_by_role("status").first).to_contain_text("已登记印制")
    serve(office, signatory.url)


def take_steps(page: Page, project: str) -> None:
    """The reviewer takes each open step from the checklist of the case."""
    page.get_by_label("查找项目").fill(project)
    page.keyboard.press("Enter")
    page.locator("#ledger tbody").get_by_role("link", name=project).click()
    page.locator("#procedure").get_by_role("link", name="程序清单").click()
    day = clock.now().astimezone(clock.SHANGHAI).date().isoformat()
    enterprise = page.locator(".title-line span").first.inner_text()
    for step, typed in (
        ("主管机关权限", {}),
        (
            "二名以上执法人员",
            {
                "检查日期": day, "执法人员一": "甲", "执法人员一证件号": "蒙0001", "执法人员二": "乙",
                "执法人员二证件号": "蒙0002", "检查笔录": "检查笔录〔2026〕1号",
            },
        ),
        ("事实证据", {"能耗": "能源利用状况报告第3页"}),
        ("陈述申辩及答复", {"放弃日期": day, "放弃人": "张三", "书面放弃材料": "放弃陈述申辩声明"}),
        ("集体讨论", {"讨论日期": day, "参加人员": "甲、乙、丙", "讨论结论": "同意限期改造。"}),
        (
            "送达对象核对",
            {
                "核对日期": day, "营业执照上的名称": enterprise, "营业执照上的统一社会信用代码": "91150204MA0N3Q1X2Y",
                "与台账不一致的说明": "以营业执照为准，已告登记员更正。",
            },
        ),
    ):  # fmt: skip
        row = page.locator("table.steps tbody tr").filter(has=page.get_by_role("rowheader", name=step))
        row.get_by_role("link", name="办理").click()
        if step == "陈述申辩及答复":
            page.get_by_label("陈述申辩情况").select_option("waived")
            expect(page.get_by_label("陈述申辩的内容")).to_be_hidden()
        if step == "事实证据":
            for box in page.locator("form textarea[name^=unit_], form input[name^=unit_]").all():
                box.fill(typed["能耗"])
        else:
            for words, text in typed.items():
                page.get_by_label(words, exact=True).fill(text)
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text(f"已登记“{step}”")


def review_legality(page: Page, project: str) -> None:
    """The legal reviewer takes the case from the queue and agrees."""
    page.get_by_role("link", name="法制审核", exact=True).click()
    page.get_by_role("link", name=project).click()
    page.get_by_label("审核意见").select_option("agree")
    page.get_by_label("审核日期").fill(clock.now().astimezone(clock.SHANGHAI).date().isoformat())
    page.get_by_label("意见内容").fill("事实清楚，依据正确，程序合法。")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已登记“法制审核”")


def sign(page: Page, project: str) -> str:
    """The signatory signs; gives the address of the letter."""
    page.get_by_role("link", name="签发", exact=True).click()
    page.get_by_role("link", name=project).click()
    expect(page.locator("#obstacles")).to_have_count(0)
    page.get_by_label("您的登录密码").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^签发“")).click()
    expect(page.get_by_role("status").first).to_contain_text("已签发，文号", timeout=30_000)  # the letter is made now
    return page.url


def open_paper(page: Page, site: Site, letter: str) -> None:
    """The office opens the PDF and prints it."""
    page.goto(letter)
    expect(page.locator("iframe.paper")).to_be_visible()
    paper = page.context.request.get(f"{letter}.pdf")
    assert paper.ok
    assert paper.body().startswith(b"%PDF")
    page.get_by_role("button", name="登记印制").click()
    expect(page.get_by_role("status").first).to_contain_text("已登记印制")
    assert page.context.request.get(f"{letter}.pdf").body() == paper.body()


def serve(page: Page, letter: str) -> None:
    """The office enters the day of service."""
    page.goto(letter)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    page.get_by_label("送达日期").fill(f"{today.year}年{today.month}月{today.day}日")
    page.get_by_label("送达方式").select_option("直接送达")
    page.get_by_label("签收人").fill("张三")
    page.get_by_role("button", name="登记送达").click()
    expect(page.get_by_role("status").first).to_contain_text("已登记送达")


def see_clock(page: Page, project: str) -> None:
    """The clock runs, on 期限 and on the project's page."""
    page.get_by_role("link", name="期限", exact=True).click()
    row = page.locator("#clocks tbody tr").filter(has=page.get_by_role("link", name=project))
    expect(row).to_have_count(1)
    row.get_by_role("link", name=project).click()
    expect(page.locator("#clock")).to_contain_text("最长期限")


def verify_trail(page: Page) -> None:
    """The auditor computes the chain again."""
    page.get_by_role("link", name="系统", exact=True).click()
    page.get_by_role("link", name="校验全链").click()
    expect(page.get_by_role("status").first).to_contain_text("未被改动")
