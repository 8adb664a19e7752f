"""Referrals: what was replied, and which wait too long."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from screening.domain.classification import Disposition, FindingId
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.objections import ReplyResult
from screening.domain.people import Role
from screening.services import CONSOLE, findings, monitoring, people, replies
from screening.services.replies import Standing
from tests.conftest import NOW, PASSWORD, TODAY
from tests.services.desks import once
from tests.services.sheets import row
from tests.services.test_objections import serve

EMISSION = findings.Told(
    fields={
        "pollutant": "二氧化硫", "measured_on": "2026-11-10", "measured_value": "120", "limit_value": "100",
        "measure_unit": "mg/m³", "limit_standard": "GB 16297—1996", "source_document": "监测报告（2026）第7号",
        "found_on": "2026-11-20", "found_by": "其他机关移送", "statement": "二氧化硫排放浓度超过限值。",
    },
    reference="监测报告（2026）第7号",
)  # fmt: skip


@pytest.fixture
@once
def referred(desks):
    """A served referral to the ecology department."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    findings.enter_finding(
        desks.ledger, project, FindingId.EXCESS_EMISSION, told=EMISSION, seen=desks.version(project), by=desks.reviewer,
        at=NOW,
    )  # fmt: skip
    desks.recommend(project, Disposition.REFER, due=None)
    desks.make_official(project, Disposition.REFER)
    return serve(desks, project)


def reply(desks, letter, days: int = 5, by=None, **changed):
    given = {
        "received_on": TODAY + timedelta(days=days), "organ": "包头市生态环境局", "document": "包环函〔2026〕31号",
        "result": ReplyResult.ACCEPTED, "key": desks.key(), "by": by or desks.office, "at": NOW + timedelta(days=days),
        **changed,
    }  # fmt: skip
    return replies.record(desks.ledger, letter.id, **given)


def listed(desks, on: date) -> list[Standing]:
    return [r.standing for r in replies.referrals(desks.ledger, by=desks.office, today=on).rows]


def overdue(desks, on: date, by) -> int:
    waiting = monitoring.workbench(desks.ledger, by=by, today=on).waiting
    return next(f.count for f in waiting if f.id == "referrals_overdue")


def test_a_referral_waits_and_is_overdue(desks, referred) -> None:
    last = TODAY + timedelta(days=30)
    assert (listed(desks, last), overdue(desks, last, desks.office)) == ([Standing.WAITING], 0)
    late = last + timedelta(days=1)
    assert (listed(desks, late), overdue(desks, late, desks.reviewer)) == ([Standing.OVERDUE], 1)
    (found,) = replies.referrals(desks.ledger, by=desks.office, today=late).rows
    assert (found.line.number, found.served_on, found.expected_by) == (referred.number, TODAY, last)
    assert "生态环境" in found.recipient
    assert "30日（本程序约定" in replies.term(desks.ledger, TODAY)


def test_a_reply_ends_the_waiting(desks, referred) -> None:
    reply(desks, referred)
    late = TODAY + timedelta(days=40)
    assert (listed(desks, late), overdue(desks, late, desks.office)) == ([Standing.ACCEPTED], 0)
    reply(desks, referred, 50, result=ReplyResult.SETTLED, document="包环罚〔2027〕2号", summary="已罚款。")
    found = replies.show(desks.ledger, referred.id, by=desks.office, today=late)
    assert [(r.result, r.document) for r in found.replies] == [
        (ReplyResult.SETTLED, "包环罚〔2027〕2号"), (ReplyResult.ACCEPTED, "包环函〔2026〕31号"),
    ]  # fmt: skip
    told = desks.view(found.line.project).history[0]
    assert (told.kind, told.after["letter"], told.why) == ("reply_received", referred.number, "已罚款。")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"organ": " "}, "organ"), ({"document": ""}, "document"), ({"result": ReplyResult.NOT_ACCEPTED}, "summary"),
        ({"received_on": TODAY + timedelta(days=6)}, "received_on"), ({"summary": "长" * 2001}, "summary"),
        ({"received_on": TODAY - timedelta(days=1)}, "received_on"),
    ],
)  # fmt: skip
def test_a_reply_is_whole(desks, referred, changed, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        reply(desks, referred, **changed)
    assert refused.value.field == field
    assert listed(desks, TODAY) == [Standing.WAITING]


def test_the_same_form_twice_is_one_reply(desks, referred) -> None:
    first = reply(desks, referred, key="k")
    assert reply(desks, referred, key="k") == first
    with pytest.raises(Conflict):
        reply(desks, referred, key="k", by=desks.reviewer)


def test_who_may_and_where(desks, referred) -> None:
    for role in (Role.REGISTRAR, Role.SIGNATORY, Role.LEGAL, Role.AUDITOR):
        with pytest.raises(Forbidden):
            reply(desks, referred, by=getattr(desks, role.value))
    foreign, _ = people.add(
        desks.ledger, "foreign", name="外地", role=Role.OFFICE, scope="150300", password=PASSWORD, by=CONSOLE, at=NOW
    )
    with pytest.raises(NotFound):
        reply(desks, referred, by=foreign)
    assert replies.referrals(desks.ledger, by=foreign, today=TODAY).rows == ()


def test_other_letters_have_no_replies(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = serve(desks, project)
    with pytest.raises(Refusal, match="不是已送达的移送函"):
        reply(desks, letter)
    with pytest.raises(Refusal, match="不是已送达的移送函"):
        replies.show(desks.ledger, letter.id, by=desks.office, today=TODAY)


def test_what_was_replied_stands(desks, referred) -> None:
    reply(desks, referred)
    for statement in ("UPDATE referral_reply SET result = 'settled'", "DELETE FROM referral_reply"):
        with pytest.raises(Refusal, match="只能追加"), desks.ledger.writer() as session:
            session.execute(sa.text(statement))
