"""The six situations in the ledger: evidence demanded, several of one kind side by side, frozen into the decision."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
import sqlalchemy as sa

from screening.domain.classification import Disposition, FindingId
from screening.domain.errors import Conflict, Forbidden, Refusal
from screening.domain.grounds import Faults
from screening.domain.letters import LetterInputs
from screening.domain.people import Role
from screening.domain.review import FindingState
from screening.services import attachments, findings, letters, registry
from screening.store.tables import FindingRow
from tests.conftest import NOW, TODAY
from tests.services.desks import PROVEN, once
from tests.services.sheets import row
from tests.services.test_decisions import UNLAWFUL

BUILT = FindingId.BUILT_BEFORE_APPROVAL
TWICE = {**UNLAWFUL, "环评日期": "2024-07-01", "环评文号": "包环审〔2024〕3号"}
"""Built before the energy review and before the environmental approval."""
FOUND = {"found_on": "2026-11-20", "found_by": "材料核查", "statement": "经核查属实。"}
EMISSION = {
    **FOUND, "pollutant": "颗粒物", "measured_on": "2026-11-02", "measured_value": "31.05", "limit_value": "30",
    "measure_unit": "mg/m³", "limit_standard": "GB 28666-2012", "source_document": "包环监字（2026）第9号",
}  # fmt: skip
APPROVED = {
    **FOUND, "paper": "节能审查意见", "organ": "青山区发展和改革委员会", "level": "旗县",
    "document_number": "青发改审〔2018〕2号", "opinion_date": "2018-05", "why": "当日没有审批权限",
}  # fmt: skip


def told(reference: str = "监察笔录第12号", files=(), **fields: str) -> findings.Told:
    return findings.Told(fields=fields, attachments=tuple(files), reference=reference)


@pytest.fixture
@once
def project(desks):
    desks.take_in([row(1)])
    return desks.find("第1")


@pytest.fixture
@once
def started(desks):
    """Two findings of one situation."""
    desks.take_in([row(1, **TWICE)])
    return desks.find("第1")


def states(desks, project) -> list[str]:
    return sorted(f.state.value for f in desks.view(project).findings)


def word(desks, act, project, which=None, given=PROVEN, finding=BUILT, **more):
    more = {"reason": "核对属实。", "seen": desks.version(project), "by": desks.reviewer, "at": NOW, **more}
    return act(desks.ledger, project, finding, told=given, which=which, **more)


def enter(desks, project, finding, given, **more):
    more = {"seen": desks.version(project), "by": desks.reviewer, "at": NOW, **more}
    return findings.enter_finding(desks.ledger, project, finding, told=given, **more)


def test_two_findings_of_one_situation_are_judged_each_for_itself(desks, started) -> None:
    one, other = desks.view(started).findings
    assert one.finding.id is other.finding.id is BUILT
    assert one.which != other.which
    word(desks, findings.confirm_finding, started, other.which)
    assert states(desks, started) == ["confirmed", "open"]
    with pytest.raises(Refusal, match="尚未认定"):
        desks.recommend(started, Disposition.HALT)
    word(desks, findings.dismiss_finding, started, one.which)
    view = desks.view(started)
    assert {f.which: f.state for f in view.findings} == {
        other.which: FindingState.CONFIRMED, one.which: FindingState.DISMISSED
    }  # fmt: skip
    assert view.line.disposition is Disposition.HALT


@pytest.mark.parametrize("act", [findings.confirm_finding, findings.dismiss_finding])
def test_no_word_without_reason_and_evidence(desks, started, act) -> None:
    for given, reason, fields in (
        (told("", **PROVEN.fields), "属实。", {"reference"}),
        (told("  ", **PROVEN.fields), " ", {"reference", "reason"}),
        (told(files=[uuid4()], reference="", **PROVEN.fields), "属实。", {"attachments"}),
    ):
        with pytest.raises(Refusal) as refused:
            word(desks, act, started, given=given, reason=reason)
        named = {field for field, _ in getattr(refused.value, "each", [(refused.value.field, "")])}
        assert named == fields
    assert states(desks, started) == ["open", "open"]


def test_files_prove_it_and_a_voided_one_is_marked(desks, started, tmp_path) -> None:
    scan = b"%PDF-1.4 "
    kept = [
        attachments.add(
            desks.ledger, started, scan + name.encode(), folder=tmp_path, name=name, about="其他", key=name,
            by=desks.registrar, at=NOW,
        )
        for name in ("开工令.pdf", "照片.pdf")
    ]  # fmt: skip
    desks.take_in([row(2)])
    foreign = attachments.add(
        desks.ledger, desks.find("第2"), scan + b"x", folder=tmp_path, name="别处.pdf", about="其他", key="x",
        by=desks.registrar, at=NOW,
    )  # fmt: skip
    with pytest.raises(Refusal, match="不属于本项目"):
        word(desks, findings.confirm_finding, started, given=told("", [foreign.id], **PROVEN.fields))
    which = desks.view(started).findings[0].which
    word(desks, findings.confirm_finding, started, which, given=told("", [f.id for f in kept], **PROVEN.fields))
    attachments.void(desks.ledger, kept[1].id, reason="误传。", by=desks.registrar, at=NOW)
    view = next(f for f in desks.view(started).findings if f.which == which)
    assert [(e.words, e.voided) for e in view.evidence] == [("开工令.pdf", False), ("照片.pdf", True)]
    assert "证据：附件“开工令.pdf”；附件“照片.pdf”。" in view.finding.text
    with pytest.raises(Refusal, match=r"照片.*已作废"):
        word(desks, findings.dismiss_finding, started, which, given=told("", [kept[1].id]))


def test_what_was_detected_cannot_be_told_otherwise(desks, started) -> None:
    which = next(f.which for f in desks.view(started).findings if "opinion_date" in f.finding.facts)
    with pytest.raises(Faults, match="程序检出的开工日期为“2024年3月1日”"):
        word(
            desks, findings.confirm_finding, started, which,
            given=told(**{**PROVEN.fields, "construction_start": "2024-03-02"}),
        )  # fmt: skip
    asked = findings.asked(desks.ledger, started, BUILT, which, by=desks.reviewer, today=TODAY)
    assert asked.fixed == {
        "approval": "节能审查意见", "construction_start": "2024-03-01", "approval_date": "2024-06-10"
    }  # fmt: skip
    assert "涉嫌" not in asked.suggested["statement"]


def test_it_stands_in_the_decision_and_the_letter(desks) -> None:
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    word(
        desks, findings.confirm_finding, project,
        given=told(**{
            **FOUND, "statement": "项目于2024年3月1日开工，早于节能审查意见日期2024年6月10日。", "found_by": "现场检查",
            "inspected_on": "2026-11-19", "officers": "巴图、李四",
        }),
    )  # fmt: skip
    said = (
        "项目于2024年3月1日开工，早于节能审查意见日期2024年6月10日。"
        "以上由执法人员巴图、李四于2026年11月19日现场检查发现。证据：监察笔录第12号。"
    )
    view = desks.view(project).findings[0]
    assert view.finding.text == said
    assert ("执法人员", "巴图、李四") in view.on_file
    assert [cited.ref for cited in view.law.cited if "review_order" in cited.ref] == [
        "clauses/review_order_2023_unreviewed"
    ]
    desks.recommend(project, Disposition.HALT)
    desks.make_official(project, Disposition.HALT)
    letter = desks.sign(project).letters[0]
    inputs = LetterInputs.from_json(letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).inputs)
    assert [one.text for one in inputs.findings] == [said]
    with desks.ledger.reader() as session:
        grounds = json.loads(session.execute(sa.text("SELECT grounds FROM decision")).scalar_one())
    assert grounds["findings"][0]["details"]["officers"] == "巴图、李四"
    assert grounds["findings"][0]["evidence"] == ["监察笔录第12号"]


def test_an_emission_is_referred_with_its_figures(desks, project) -> None:
    enter(desks, project, FindingId.EXCESS_EMISSION, told(**EMISSION))
    view = desks.view(project)
    assert view.line.disposition is Disposition.REFER
    assert view.findings[0].finding.text.startswith(
        "经核查属实。2026年11月2日监测，颗粒物排放31.05mg/m³，限值30mg/m³（GB 28666-2012），为限值的103.5%，"
    )
    assert any("没有收录" in gap for gap in view.findings[0].law.gaps)


def test_the_same_is_not_entered_twice_but_another_is(desks, project) -> None:
    enter(desks, project, FindingId.EXCESS_EMISSION, told(**EMISSION))
    with pytest.raises(Refusal, match="已经录入"):
        enter(desks, project, FindingId.EXCESS_EMISSION, told("另一份笔录", **EMISSION))
    enter(desks, project, FindingId.EXCESS_EMISSION, told(**{**EMISSION, "measured_on": "2026-11-03"}))
    first, second = desks.view(project).findings
    word(desks, findings.dismiss_finding, project, first.which, finding=FindingId.EXCESS_EMISSION)
    assert states(desks, project) == ["confirmed", "dismissed"]
    word(desks, findings.dismiss_finding, project, second.which, finding=FindingId.EXCESS_EMISSION)
    assert desks.view(project).line.disposition is Disposition.RETROFIT
    enter(desks, project, FindingId.EXCESS_EMISSION, told(**EMISSION))
    assert states(desks, project) == ["confirmed", "dismissed"]


def test_what_is_detected_is_not_entered_but_its_like_is(desks) -> None:
    desks.take_in([row(1, **UNLAWFUL)])
    project = desks.find("第1")
    with pytest.raises(Refusal, match="程序已检出同样的"):
        enter(
            desks, project, BUILT,
            told(**FOUND, approval="节能审查意见", construction_start="2024-03-01", approval_date="2024-06-10"),
        )  # fmt: skip
    enter(desks, project, BUILT, told(**FOUND, approval="环评批复", construction_start="2024-03-01"))
    assert states(desks, project) == ["confirmed", "open"]


def test_an_approval_is_tested_against_the_table_of_its_day(desks) -> None:
    desks.take_in([row(1, **{"设计年综合能耗（当量值）": "20000"})])
    project = desks.find("第1")
    says = findings.table_says(desks.ledger, project, APPROVED, by=desks.reviewer, today=TODAY)
    assert says.startswith("权限表：旗县于2018年5月没有审查权限")
    assert "2016年第44号" in says
    enter(desks, project, FindingId.UNLAWFUL_APPROVAL, told(**APPROVED))
    assert ("权限表", says) in desks.view(project).findings[0].on_file
    with pytest.raises(Faults, match="有审查权限"):
        enter(desks, project, FindingId.UNLAWFUL_APPROVAL, told(**{**APPROVED, "level": "自治区"}))
    unknown = {**APPROVED, "opinion_date": "2009"}
    with pytest.raises(Faults, match="当日的审批权限未查到，须由人核对"):
        enter(desks, project, FindingId.UNLAWFUL_APPROVAL, told(**unknown))
    enter(desks, project, FindingId.UNLAWFUL_APPROVAL, told(**unknown, checked="张三对照原件核对，该级无权。"))
    kept = [f for f in desks.view(project).findings if ("审批日期", "2009年") in f.on_file]
    assert "未查到" in dict(kept[0].on_file)["权限表"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_written(desks, project) -> None:
    before = desks.version(project)
    with pytest.raises(Faults) as wrong:
        enter(desks, project, FindingId.EXCEEDS_APPROVED_ENERGY, told("", **{**FOUND, "statement": "", "year": "2026"}))
    named = [field for field, _ in wrong.value.each]
    assert named[:2] == ["statement", "reference"]
    assert {"approved_tce", "actual_tce", "basis", "coefficient_year"} <= set(named)
    assert desks.version(project) == before
    assert desks.view(project).findings == ()


def test_who_may_and_only_what_he_saw(desks, started) -> None:
    with pytest.raises(Forbidden):
        word(desks, findings.confirm_finding, started, by=desks.signatory)
    seen = desks.version(started)
    word(desks, findings.confirm_finding, started)
    with pytest.raises(Conflict):
        word(desks, findings.dismiss_finding, started, seen=seen)
    with pytest.raises(Refusal, match="没有检出"):
        word(desks, findings.confirm_finding, started, "0" * 64)
    own = desks.hire(Role.REVIEWER, "own")
    with desks.ledger.writer() as session:
        session.execute(sa.text("UPDATE project SET changed_by = :own"), {"own": _key(desks, own.id)})
    with pytest.raises(Forbidden, match="本人"):
        word(desks, findings.confirm_finding, started, by=own)


def _key(desks, key):
    return str(key) if desks.ledger.engine.dialect.name == "postgresql" else key.hex


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"reference": ""}, "证据"), ({"reason": ""}, "理由"), ({"found_on": None}, "发现日期"), ({}, None)],
)
def test_the_database_too_asks_for_reason_evidence_and_day(desks, project, changed, words) -> None:
    given = {
        "project_id": project, "finding": BUILT, "source": "entered", "state": "confirmed", "digest": "d", "facts": "{}",
        "text": "x", "details": "{}", "found_on": TODAY, "attachments": "[]", "reference": "笔录", "reason": "属实",
        "by": desks.reviewer.id, "at": NOW, **changed,
    }  # fmt: skip
    if words is None:
        with desks.ledger.writer() as session:
            session.add(FindingRow(**given))
        return
    with pytest.raises(Refusal, match=words), desks.ledger.writer() as session:
        session.add(FindingRow(**given))


def test_the_trail_keeps_what_was_told(desks, project) -> None:
    enter(desks, project, FindingId.EXCESS_EMISSION, told(**EMISSION))
    with desks.ledger.reader() as session:
        kept = json.loads(
            session.execute(sa.text("SELECT after FROM event WHERE kind = 'finding_entered'")).scalar_one()
        )
    assert kept["details"]["measured_value"] == "31.05"
    assert kept["evidence"] == {"attachments": [], "reference": "监察笔录第12号"}
    assert registry.history(desks.ledger, project, by=desks.auditor)[0].kind == "finding_entered"
