"""What tests of pages share: a small ledger sheet, a visitor who fills in forms as they stand on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screening import clock
from screening.services import people

PASSWORD = "春天的草原很绿也很宽阔好看"
HEADERS = (
    "项目代码", "项目名称", "建设单位", "统一社会信用代码", "盟市", "旗县", "园区", "所属行业", "建设状态", "建设性质",
    "装置名称", "主要产品", "工艺规格", "设计产能", "产能单位", "设计单位产品能耗", "实际单位产品能耗", "能耗单位",
    "实际产量", "统计年度", "设计年综合能耗（等价值）", "节能审查文号", "节能审查日期", "开工日期", "法定代表人", "住所", "送达地址",
)  # fmt: skip
ROWS = (
    {"项目代码": "2015-150204-26-03-000001", "项目名称": "青山区电石炉项目", "建设单位": "包头青山电石有限公司",
     "盟市": "包头市", "旗县": "青山区", "所属行业": "化工", "建设状态": "存量", "主要产品": "电石",
     "实际单位产品能耗": "951.2", "能耗单位": "kgce/t", "装置名称": "1号炉"},
    {"项目代码": "2016-150204-31-03-000002", "项目名称": "青山区硅铁炉项目", "建设单位": "包头青山冶金有限公司",
     "盟市": "包头市", "旗县": "青山区", "所属行业": "钢铁", "建设状态": "存量", "主要产品": "硅铁",
     "实际单位产品能耗": "1760", "能耗单位": "kgce/t", "装置名称": "1号炉"},
    {"项目代码": "2023-150302-26-03-000003", "项目名称": "海勃湾电石在建项目", "建设单位": "乌海海勃湾化工有限公司",
     "盟市": "乌海市", "旗县": "海勃湾区", "所属行业": "化工", "建设状态": "在建", "主要产品": "电石",
     "设计单位产品能耗": "804", "能耗单位": "kgce/t", "节能审查文号": "内发改环资字〔2024〕9号",
     "节能审查日期": "2024-06-10", "开工日期": "2024-03-01"},
)  # fmt: skip
FACTS = {
    "统一社会信用代码": "", "园区": "示例工业园区", "建设性质": "新建", "设计产能": "100000", "产能单位": "吨/年",
    "实际产量": "90000", "统计年度": "2025", "设计年综合能耗（等价值）": "95000", "节能审查文号": "内发改环资字〔2014〕1号",
    "节能审查日期": "2014-05-06", "开工日期": "2015-03-01", "法定代表人": "张三", "住所": "示例路1号",
    "送达地址": "示例路1号",
}  # fmt: skip


def sheet(*rows: dict[str, str]) -> bytes:
    """A ledger as CSV: ROWS, or the rows given."""
    lines = [HEADERS, *([{**FACTS, **row}.get(header, "") for header in HEADERS] for row in rows or ROWS)]
    return "\r\n".join(",".join(line) for line in lines).encode()


@dataclass
class Visitor:
    """Somebody at the keyboard: goes to addresses, and sends the forms that the page shows."""

    client: FlaskClient
    answer: TestResponse | None = None
    shown: TestResponse | None = None
    """The last answer that is a page."""
    read: BeautifulSoup | None = None
    """It, where somebody has looked at it: the strict parser takes its time."""

    @property
    def page(self) -> BeautifulSoup:
        """What stands on the screen."""
        if self.read is None:
            self.read = BeautifulSoup(self.shown.get_data(as_text=True) if self.shown else "", "html5lib")
        return self.read

    def go(self, address: str) -> Visitor:
        """Opens an address, and follows where it leads."""
        return self._take(self.client.get(address, follow_redirects=True))

    def send(self, action_ends: str, *, button: tuple[str, str] | None = None, **typed: Any) -> Visitor:
        """Fills in and sends the form whose action ends so, with all its hidden fields as they stand."""
        form = next(f for f in self.page.find_all("form") if str(f.get("action", "")).endswith(action_ends))
        data = {**filled(form), **typed}
        if button:
            data[button[0]] = button[1]
        return self._take(self.client.post(str(form["action"]), data=data, follow_redirects=True))

    def _take(self, answer: TestResponse) -> Visitor:
        self.answer = answer
        if answer.mimetype == "text/html":
            self.shown, self.read = answer, None
        return self

    @property
    def status(self) -> int:
        """The status of the last answer."""
        assert self.answer is not None
        return self.answer.status_code

    @property
    def text(self) -> str:
        """What the page says."""
        return " ".join(self.page.get_text(" ").split())

    @property
    def title(self) -> str:
        """The one heading."""
        heading = self.page.find("h1")
        return " ".join(heading.get_text(" ").split()) if heading else ""

    def link(self, words: str) -> str:
        """The address of the first link in the page's own part that says these words."""
        main = self.page.find(id="content")
        assert main is not None
        found = next(a for a in main.find_all("a") if words in a.get_text(" "))
        return str(found["href"])


def filled(form: Tag) -> dict[str, Any]:
    """The fields of a form as a browser would send them untouched."""
    data: dict[str, Any] = {}
    for box in form.find_all(["input", "select", "textarea"]):
        name = box.get("name")
        if not name or box.get("type") in {"submit", "file"}:
            continue
        if box.name == "select":
            chosen = box.find("option", selected=True) or box.find("option")
            data[str(name)] = str(chosen["value"]) if chosen else ""
        elif box.get("type") == "radio":
            if box.has_attr("checked"):
                data[str(name)] = str(box["value"])
        elif box.get("type") == "checkbox":
            if box.has_attr("checked"):
                data.setdefault(str(name), []).append(str(box["value"]))
        else:
            data[str(name)] = box.get_text() if box.name == "textarea" else str(box.get("value", ""))
    return data


def enter(site: Flask, login: str) -> Visitor:
    """A visitor with an open session, as after the door; the door itself is `sign_in`."""
    found = people.sign_in(site.extensions["ledger"], login, PASSWORD, address="127.0.0.1", at=clock.now())
    client = site.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = found.token, True
    return Visitor(client)


def sign_in(site: Flask, login: str, password: str, address: str = "/sign-in") -> Visitor:
    """A visitor who came in by the door."""
    visitor = Visitor(site.test_client()).go(address)
    return visitor.send("/sign-in", login=login, password=password)
