"""The six situations by forms alone, without script: first the situation, then its fields, and nothing typed is lost."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from screening.domain.classification import FindingId
from screening.domain.grounds import fields_of
from screening.domain.people import Role
from tests.web.site import ROWS, Visitor, sheet
from tests.web.test_main_journey import project_of
from tests.web.test_pages import sound

EMISSION = {
    "pollutant": "氮氧化物", "measured_on": "2026-10-08", "measured_value": "250.5", "limit_value": "200",
    "measure_unit": "mg/m³", "limit_standard": "GB 28664-2012", "source_document": "第88号监测报告",
    "found_on": "2026-10-09", "found_by": "其他机关移送", "statement": "经生态环境部门移送。", "reference": "移送函",
}  # fmt: skip
APPROVED = {
    "paper": "节能审查意见", "organ": "某旗发展和改革委员会", "level": "旗县", "document_number": "内发改环资字〔2014〕1号",
    "opinion_date": "2014-05-06", "why": "当日没有审批权限", "found_on": "2026-10-09", "found_by": "材料核查",
    "statement": "经核查。", "reference": "意见原件",
}  # fmt: skip


def boxes(visitor: Visitor, ends: str = "/findings") -> set[str]:
    form = next(f for f in visitor.page.find_all("form") if str(f.get("action", "")).endswith(ends))
    return {str(box["name"]) for box in form.find_all(["input", "select", "textarea"]) if box.get("type") != "hidden"}


@pytest.mark.parametrize("ground", list(FindingId))
def test_each_situation_has_its_own_fields(
    visit: Callable[..., Visitor], filled_site: Visitor, ground: FindingId
) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    reviewer.go(f"/review/{project}")
    assert not reviewer.page.find("form", action=lambda a: str(a).endswith("/findings"))
    reviewer.go(reviewer.link(ground.words))
    sound(reviewer.answer.get_data(as_text=True), ground.value)  # type: ignore[union-attr]
    assert boxes(reviewer) == {*(d.key for d in fields_of(ground)), "statement", "reference"}


def test_an_emission_is_entered(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    reviewer.go(f"/review/{project}?ground=excess_emission")
    reviewer.send("/findings", **{**EMISSION, "measured_value": "150", "reference": "", "found_on": "九月"})
    assert reviewer.status == 422
    sound(reviewer.answer.get_data(as_text=True), "faults")  # type: ignore[union-attr]
    summary = reviewer.page.find(class_="summary")
    assert summary
    assert len(summary.find_all("a")) == 2  # what cannot be read is told first; figures are compared once they can
    for kept in ("150", "九月", "经生态环境部门移送。", "GB 28664-2012"):
        assert kept in str(reviewer.page.find(id="enter")), kept
    reviewer.send("/findings", **{**EMISSION, "measured_value": "150"})
    assert "没有超过限值200mg/m³" in reviewer.text
    reviewer.send("/findings", **EMISSION)
    assert "已录入“超标排放”" in reviewer.text, reviewer.text
    for shown in ("250.5", "为限值的125.25%", "移送函", "没有收录“超标排放”的专门条文"):
        assert shown in reviewer.text, shown
    reviewer.go(f"/projects/{project}")
    sound(reviewer.answer.get_data(as_text=True), "project")  # type: ignore[union-attr]
    for shown in ("为限值的125.25%", "移送函", "第88号监测报告"):
        assert shown in reviewer.text, shown


def test_the_table_of_authority_is_asked_without_writing(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    reviewer.go(f"/review/{project}?ground=unlawful_approval")
    reviewer.send("/findings", button=("look", "yes"), level="", opinion_date="")
    assert reviewer.status == 422
    assert "才能查当日的权限" in reviewer.text
    reviewer.send("/findings", button=("look", "yes"), paper="节能审查意见", level="旗县", opinion_date="2025-10")
    assert reviewer.status == 200
    assert "旗县于2025年10月没有审查权限" in reviewer.text
    assert "系统没有发现六种情形" in reviewer.text
    reviewer.send("/findings", **APPROVED)
    assert reviewer.status == 422
    assert "当日的审批权限未查到，须由人核对" in reviewer.text
    reviewer.send("/findings", **APPROVED, checked="张三对照2010年第6号令原件核对。")
    assert "已录入“违规审批”" in reviewer.text, reviewer.text
    assert "当日的审批权限未查到，须由人核对" in reviewer.text


def test_what_was_detected_stands_in_the_boxes(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "海勃湾")
    reviewer.go(f"/review/{project}")
    start = reviewer.page.find("input", {"name": "construction_start"})
    assert start is not None
    assert (start["value"], start.has_attr("readonly")) == ("2024-03-01", True)
    action = "/findings/built_before_approval"
    proof = {"reason": "核对。", "reference": "开工令"}
    reviewer.send(action, button=("verdict", "confirm"), construction_start="2024-03-05", **proof)
    assert reviewer.status == 422
    assert "程序检出的开工日期为“2024年3月1日”" in reviewer.text
    reviewer.go(f"/review/{project}").send(action, button=("verdict", "dismiss"), reason="", reference="")
    assert reviewer.status == 422
    reviewer.send(action, button=("verdict", "dismiss"), **proof)
    assert "已排除“未批先建”" in reviewer.text


def test_what_was_typed_stays_when_the_finding_is_gone(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "海勃湾")
    reviewer.go(f"/review/{project}")
    mended = {**ROWS[2], "开工日期": "2024-08-01"}
    filled_site.go("/import").send("/import", file=(io.BytesIO(sheet(*ROWS[:2], mended)), "台账.csv"))
    address = next(f["action"] for f in filled_site.page.find_all("form") if "/import/" in str(f.get("action")))
    filled_site.send(str(address))
    reviewer.send(
        "/findings/built_before_approval",
        button=("verdict", "confirm"),
        reason="我写了很久的理由。",
        reference="抄录的出处",
    )
    assert reviewer.status in {409, 422}
    sound(reviewer.answer.get_data(as_text=True), "gone")  # type: ignore[union-attr]
    assert "我写了很久的理由。" in str(reviewer.page)
    assert "抄录的出处" in str(reviewer.page)


def test_no_other_situation_can_be_named(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    assert reviewer.go(f"/review/{project}?ground=anything").status == 200
    reviewer.go(f"/review/{project}?ground=excess_emission")
    reviewer.send("/findings", **EMISSION, finding="anything")
    assert reviewer.status == 422
