"""The steps before a harmful letter by pages alone: each by the one who may take it, in its own form."""

from __future__ import annotations

from datetime import date

from tests.web.site import PASSWORD, Visitor
from tests.web.test_pages import sound


def facts_of(step: str, today: date, enterprise: str) -> dict[str, str]:
    """What is typed into the form of a step."""
    day = today.isoformat()
    return {
        "competent_organ": {},
        "two_officers": {
            "inspected_on": day, "officer1": "甲", "number1": "蒙0001", "officer2": "乙", "number2": "蒙0002",
            "record": "检查笔录〔2026〕1号",
        },
        "fact_evidence": {"unit_0": "2025年度能源利用状况报告第3页"},
        "statement_and_defence": {
            "outcome": "received", "received_on": day, "by_whom": "张三", "content": "改造需要停炉。",
            "became": "partly", "answer": "已在期限中考虑。", "not_heavier": "y",
        },
        "legal_review": {"opinion": "agree", "reviewed_on": day, "text": "事实清楚，依据正确，程序合法。"},
        "collective_discussion": {"held_on": day, "participants": "甲、乙、丙", "conclusion": "同意限期改造。"},
        "ninety_days": {"filed_on": day},
        "addressee_checked": {
            "checked_on": day, "name": enterprise, "credit_code": "91150204MA0N3Q1X2Y", "difference": "台账未填代码。",
        },
    }[step]  # fmt: skip


def signed_by_password(visitor: Visitor, action: str) -> Visitor:
    """Sends a form that asks for the password again, as it was set on the first sign-in or since."""
    visitor.send(action, password=PASSWORD)
    return visitor.send(action, password=PASSWORD + "新") if visitor.status == 422 else visitor


def told(signatory: Visitor, office: Visitor, project: str, today: date) -> str:
    """The notice is signed, printed and served; gives its address."""
    signatory.go(f"/procedure/{project}")
    signatory.go(signatory.link("签发告知书"))
    sound(signatory.answer.get_data(as_text=True), "notice")  # type: ignore[union-attr]
    assert signatory.client.get(f"/procedure/{project}/notice/ADVANCE_NOTICE.pdf").data.startswith(b"%PDF")
    signed_by_password(signatory, "/notice")
    assert "已签发，文号" in signatory.text, signatory.text
    assert signatory.answer is not None
    letter = signatory.answer.request.path
    office.go(letter).send("/print")
    office.send("/serve", served_on=today.isoformat(), method="直接送达", receiver="张三")
    assert "已登记送达" in office.text, office.text
    return letter


def take_steps_by_pages(
    reviewer: Visitor, legal: Visitor, signatory: Visitor, office: Visitor, project: str, today: date, enterprise: str
) -> None:
    """Walks through the checklist until nothing is open."""
    told(signatory, office, project, today)
    reviewer.go(f"/procedure/{project}")
    sound(reviewer.answer.get_data(as_text=True), "checklist")  # type: ignore[union-attr]
    addresses = [str(a["href"]) for a in reviewer.page.select("table.steps a.button") if a.get_text() == "办理"]
    assert len(addresses) == 6, reviewer.text
    for address in addresses:
        reviewer.go(address)
        sound(reviewer.answer.get_data(as_text=True), address)  # type: ignore[union-attr]
        step = address.rsplit("/", 1)[1]
        reviewer.send(f"/steps/{step}", **facts_of(step, today, enterprise))
        assert "已登记" in reviewer.text, f"{step}: {reviewer.text}"
    legal.go("/")
    assert "待法制审核 1" in legal.text, legal.text
    legal.go("/legal")
    sound(legal.answer.get_data(as_text=True), "legal queue")  # type: ignore[union-attr]
    legal.go(f"/legal/{project}")
    sound(legal.answer.get_data(as_text=True), "legal review")  # type: ignore[union-attr]
    legal.send(f"/legal/{project}", **facts_of("legal_review", today, enterprise))
    assert "已登记“法制审核”" in legal.text, legal.text
    assert "没有等待法制审核的案件" in legal.text
