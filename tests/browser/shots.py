"""`make shots`: the main pages over the sample ledger at 1366 x 768, as pictures in shots/, to be looked at."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import test_main_journey as journey
from tests.browser.running import SAMPLE, arrive, bring_in, chromium, running

ROOT = Path(__file__).parent.parent.parent
OUT = ROOT / "shots"


def picture(page: Page, name: str, address: str | None = None, *, whole: bool = False) -> None:
    """One page as it stands on an office screen; `whole` down to its end."""
    if address:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / f"{name}.png", full_page=whole)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    print(f"{name}{'  宽出 ' + str(wide) if wide > 0 else ''}")


def take() -> None:
    """Goes through the main journey and takes a picture at every stop."""
    if SAMPLE is None:
        sys.exit("样例台账不存在：请先运行 make sample")
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site, chromium() as browser:
        door = browser.new_page(viewport={"width": 1366, "height": 768}, base_url=site.address)
        picture(door, "01-登录", "/sign-in")
        registrar = arrive(browser, site, "registrar")
        picture(registrar, "02-工作台-空")
        picture(registrar, "03-台账-空", "/projects")
        picture(registrar, "04-导入", "/import")
        bring_in(registrar, SAMPLE)
        picture(registrar, "05-导入比对")
        picture(registrar, "05-导入比对-全页", whole=True)
        registrar.get_by_role("button", name="确认导入").click()
        picture(registrar, "06-导入完成")
        picture(registrar, "06-台账", "/projects")
        reviewer = arrive(browser, site, "reviewer")
        picture(reviewer, "07-工作台")
        picture(reviewer, "08-台账-筛选", "/projects?class=BELOW_BASELINE&stage=existing&sort=-tce")
        picture(reviewer, "09-审核", "/review")
        project = journey.find_below_baseline(reviewer)
        picture(reviewer, "10-项目")
        picture(reviewer, "10-项目-全页", whole=True)
        reviewer.locator("#next").get_by_role("link", name="审核").click()
        picture(reviewer, "11-审核一项-全页", whole=True)
        reviewer.get_by_role("button", name="提交建议").click()
        picture(reviewer, "12-审核-缺内容")
        reviewer.go_back()
        journey.recommend_here(reviewer)
        signatory = arrive(browser, site, "signatory")
        picture(signatory, "13-签发", "/sign")
        to_rules = journey.refused_for_evidence(signatory, project)
        picture(signatory, "14-签发被拒")
        picture(signatory, "14-签发被拒-全页", whole=True)
        officer, other = arrive(browser, site, "rules_officer"), arrive(browser, site, "rules2")
        picture(officer, "15-规则", "/rules")
        picture(officer, "16-规则-核对", to_rules)
        journey.confirm_by_two(officer, other, to_rules)
        picture(other, "17-规则-复核")
        office, lawyer = arrive(browser, site, "office"), arrive(browser, site, "legal")
        journey.word(reviewer, project)
        picture(reviewer, "36-草稿版本")
        reviewer.go_back()
        picture(reviewer, "36-文书草稿")
        journey.tell(signatory, office, project)
        journey.take_steps(reviewer, project)
        picture(lawyer, "28-法制审核", "/legal")
        journey.review_legality(lawyer, project)
        letter = journey.sign(signatory, project)
        picture(office, "18-文书一份", letter)
        office.get_by_role("button", name="登记印制").click()
        journey.serve(office, letter)
        picture(office, "19-文书送达")
        picture(office, "20-文书", "/letters")
        picture(office, "21-期限", "/deadlines")
        journey.see_clock(reviewer, project)
        picture(reviewer, "22-项目-有期限")
        key = reviewer.url.rsplit("/", 1)[1]
        picture(reviewer, "29-程序清单-全页", f"/procedure/{key}", whole=True)
        picture(reviewer, "30-经过", f"/projects/{key}/timeline")
        picture(reviewer, "31-复议诉讼-全页", f"/projects/{key}/objections", whole=True)
        picture(reviewer, "32-退回统计", "/review/returns")
        picture(reviewer, "33-办理环节表", "/help/moves")
        picture(reviewer, "34-代理", "/deputies")
        picture(reviewer, "35-办理时差", "/lists/gaps")
        reviewer.goto(f"/projects/{key}")
        reviewer.emulate_media(media="print")
        reviewer.pdf(path=OUT / "27-项目-打印.pdf", prefer_css_page_size=True)
        reviewer.emulate_media(media="screen")
        picture(reviewer, "23-帮助", "/help")
        picture(reviewer, "24-没有找到", "/nowhere")
        picture(arrive(browser, site, "administrator"), "25-人员")
        picture(arrive(browser, site, "auditor"), "26-审计记录", "/system/trail?verify=1")


if __name__ == "__main__":
    take()
