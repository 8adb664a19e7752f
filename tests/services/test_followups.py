"""The letters of the procedure: the receipt that goes with a letter, the request for data, the reminder."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pypdf
import pytest

from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.review import LetterState, ReturnReason
from screening.services import casework, followups, letters
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.services.test_objections import serve


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


def test_a_case_that_went_back_is_asked_for_its_data_once(desks: Desks) -> None:
    desks.take_in([row(1, 实际单位产品能耗="", 设计单位产品能耗="")])
    project = desks.find("第1")
    ledger, signatory = desks.ledger, desks.signatory
    with pytest.raises(Refusal, match="没有退回补正"):
        followups.request_draft(ledger, project, by=signatory, at=NOW)
    casework.send_back(
        ledger, project, code=ReturnReason.UNCLEAR_UNIT, field="sec_unit", reason="写明是 kgce/t。",
        seen=desks.version(project), by=desks.regional, at=NOW,
    )  # fmt: skip

    draft = text_of(followups.request_draft(ledger, project, by=signatory, at=NOW).pdf)
    with pytest.raises(Forbidden):
        followups.request(ledger, project, seen=desks.version(project), by=desks.reviewer, at=NOW)
    made = followups.request(ledger, project, seen=desks.version(project), by=signatory, at=NOW)

    assert "写明是 kgce/t；" in draft
    assert "的能耗资料：" in draft
    assert made.number.endswith("号")
    assert made.kind == "DATA_REQUEST"
    inputs = json.loads(letters.show(ledger, made.id, by=signatory, today=TODAY).inputs)
    assert inputs["reply_days"] == 10
    assert len(inputs["items"]) == 2
    with pytest.raises(Conflict, match=made.number):
        followups.request(ledger, project, seen=desks.version(project), by=signatory, at=NOW)


def test_a_served_letter_has_its_receipt_and_its_reminders(desks: Desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    served = serve(desks, project)
    ledger, signatory = desks.ledger, desks.signatory
    ledger.verify_at = "https://screening.example/verify"

    number, receipt = followups.receipt(ledger, served.id, by=desks.office)
    told = text_of(receipt)
    assert number == served.number
    assert served.number in told
    assert "见证人签名" in told

    seen = letters.show(ledger, served.id, by=signatory, today=TODAY).line.version
    made = followups.remind(ledger, served.id, seen=seen, by=signatory, at=NOW)
    with pytest.raises(Conflict, match="今天已经签发"):
        followups.remind(ledger, served.id, seen=seen, by=signatory, at=NOW)
    with pytest.raises(Conflict, match="有变动"):
        followups.remind(ledger, served.id, seen=seen + 7, by=signatory, at=NOW)
    after = NOW + timedelta(days=5 * 365)
    late = followups.reminder_draft(ledger, served.id, by=signatory, at=after)

    view = letters.show(ledger, made.id, by=signatory, today=TODAY)
    inputs = json.loads(view.inputs)
    assert view.line.state is LetterState.SIGNED
    assert view.clock is None, "a reminder starts no clock"
    assert served.number in inputs["earlier"]
    assert inputs["verify_at"] == ledger.verify_at, "the address of the day on which it is signed"
    assert date.fromisoformat(inputs["due"]) == letters.show(ledger, served.id, by=signatory, today=TODAY).clock.due
    assert "上述期限已经届满" in text_of(late.pdf)
    with pytest.raises(Refusal, match="没有正在计算的期限"):
        followups.reminder_draft(ledger, made.id, by=signatory, at=NOW)
