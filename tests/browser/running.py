"""A real site for the browser: waitress on a free port, a real database, the sample ledger, a person for every role."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from waitress import create_server

from screening import clock, rulebook
from screening.app import create_app
from screening.config import Config
from screening.domain.people import Role
from screening.services import CONSOLE, Ledger, people
from screening.store import schema

SAMPLE = next(iter(sorted((Path(__file__).parent.parent.parent / "ledgers").glob("*sample*.xlsx"))), None)
CHROMIUM = "/usr/bin/chromium"
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip
SCREEN = {"width": 1366, "height": 768}
PASSWORD = "春天的草原很绿也很宽阔好看"
NAMES = {
    Role.REGISTRAR: "白登记", Role.REVIEWER: "王审核", Role.SIGNATORY: "李签发", Role.OFFICE: "赵文书",
    Role.LEGAL: "孙法制", Role.RULES_OFFICER: "周规则", Role.AUDITOR: "吴审计", Role.ADMINISTRATOR: "郑管理",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """Where the site answers, and one-use passwords by login (the role's name; a second rules officer `rules2`)."""

    address: str
    ledger: Ledger
    passwords: dict[str, str]


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """The site over a new database in `folder`, as long as the block lasts."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    with Ledger.open(url, rulebook.load()) as ledger:
        schema.upgrade(ledger)
        passwords = {}
        for role, login in [*((role, role.value) for role in Role), (Role.RULES_OFFICER, "rules2")]:
            name = NAMES[role] if login != "rules2" else "钱规则"
            _, password = people.add(ledger, login, name=name, role=role, scope="150000", by=CONSOLE, at=clock.now())
            passwords[login] = password or ""
        config = Config(database_url=url, host="127.0.0.1", port=0, var=folder, secret="b" * 40, secure_cookies=False)
        server = create_server(create_app(config, ledger=ledger), host="127.0.0.1", port=0, threads=8)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield Site(f"http://127.0.0.1:{server.effective_port}", ledger, passwords)
        finally:
            server.trigger.pull_trigger(server.close)  # in the server's own thread, between two turns of its loop
            thread.join(5)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


def arrive(browser: Browser, site: Site, login: str) -> Page:
    """A window of its own for a person, who signs in for the first time and changes the password."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN", base_url=site.address)
    context.set_default_timeout(15_000)
    page = context.new_page()
    enter(page, login, site.passwords[login])
    page.get_by_label("原密码").fill(site.passwords[login])
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次新密码").fill(PASSWORD)
    page.get_by_role("button", name="保存新密码").click()
    return page


def enter(page: Page, login: str, password: str) -> None:
    """Signs in at the door."""
    page.goto("/sign-in")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def bring_in(page: Page, workbook: Path) -> None:
    """Imports a workbook: four clicks and the file."""
    page.get_by_role("link", name="导入", exact=True).first.click()
    page.get_by_label("台账文件").set_input_files(workbook)
    page.get_by_role("button", name="读取并比对").click()
