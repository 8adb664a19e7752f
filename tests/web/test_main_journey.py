"""The main job by forms alone, without script: from a sheet to a running clock, with every refusal on the way."""

from __future__ import annotations

import io
from collections.abc import Callable

from screening import clock
from screening.domain.calendar import months_later
from screening.domain.people import Role
from tests.web.site import PASSWORD, Visitor, sheet
from tests.web.steps import take_steps_by_pages
from tests.web.test_pages import sound


def project_of(visitor: Visitor, words: str) -> str:
    """The id of the project whose name says so."""
    visitor.go("/projects")
    return visitor.link(words).rsplit("/", 1)[1]


def recommend_retrofit(reviewer: Visitor, project: str) -> Visitor:
    """Recommends RETROFIT with a due date fourteen months ahead."""
    due = months_later(clock.now().astimezone(clock.SHANGHAI).date(), 14)
    return reviewer.go(f"/review/{project}").send(
        f"/review/{project}", disposition="RETROFIT", due=due.isoformat(), reason="1号炉高于基准，能够改造。"
    )


def confirm_everything(officer: Visitor, address: str) -> Visitor:
    """Ticks every row that the address shows and names the page."""
    officer.go(address)
    ticks = [str(box["value"]) for box in officer.page.find_all("input", {"name": "tick"})]
    assert ticks, officer.text
    return officer.send(
        "/rules/confirm", tick=ticks, document="发改产业〔2023〕723号", page="附件 第3页", day="2023-07-04"
    )


def test_from_the_sheet_to_the_clock(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer, signatory, office = visit(Role.REVIEWER), visit(Role.SIGNATORY), visit(Role.OFFICE)
    officer = visit(Role.RULES_OFFICER, login="guize1")
    other_officer = visit(Role.RULES_OFFICER, login="guize2")
    project = project_of(reviewer, "电石炉")

    reviewer.go(f"/projects/{project}")
    assert "低于基准" in reviewer.text
    assert reviewer.page.find("svg", class_="number-line")

    recommend_retrofit(reviewer, project)
    assert "已建议“限期改造”" in reviewer.text, reviewer.text

    signatory.go("/sign")
    assert "项障碍" in signatory.text
    signatory.go(f"/sign/{project}")
    sound(signatory.answer.get_data(as_text=True), "sign")  # type: ignore[union-attr]
    assert "签发前还缺" in signatory.text
    to_rules = signatory.link("去“规则”核对")
    signatory.send(f"/sign/{project}", password="不是这个密码不是这个")
    assert signatory.status == 422
    signatory.send(f"/sign/{project}", password=PASSWORD)
    if "密码" in signatory.title or "密码不正确" in signatory.text:
        signatory.send(f"/sign/{project}", password=PASSWORD + "新")
    assert signatory.status == 422
    assert signatory.title.startswith("签发")

    confirm_everything(officer, to_rules)
    assert "等待另一位" in officer.text, officer.text
    assert "由您本人核对" in officer.text
    assert not officer.page.find_all("form", action=lambda a: a and a.endswith("/countersign"))

    other_officer.go("/rules/confirmations")
    sound(other_officer.answer.get_data(as_text=True), "confirmations")  # type: ignore[union-attr]
    other_officer.send("/countersign")
    assert "已复核" in other_officer.text, other_officer.text

    signatory.go(f"/sign/{project}")
    assert "签发前的程序尚未办理：主管机关权限、二名以上执法人员、事实证据、事先告知书" in signatory.text
    today = clock.now().astimezone(clock.SHANGHAI).date()
    take_steps_by_pages(reviewer, visit(Role.LEGAL), signatory, office, project, today, "包头青山电石有限公司")
    signatory.go(f"/sign/{project}")
    assert "签发前还缺" not in signatory.text, signatory.text
    password = PASSWORD
    signatory.send(f"/sign/{project}", password=password)
    if signatory.status == 422:
        signatory.send(f"/sign/{project}", password=PASSWORD + "新")
    assert "已签发，文号" in signatory.text, signatory.text
    assert signatory.answer is not None
    letter = signatory.answer.request.path.rsplit("/", 1)[1]

    paper = office.client.get(f"/letters/{letter}.pdf")
    assert paper.data.startswith(b"%PDF")
    assert "inline" in paper.headers["Content-Disposition"]
    office.go("/letters?state=signed")
    office.go(office.link("〕")).send("/print")
    assert "已登记印制" in office.text, office.text
    office.send("/serve", served_on="昨天", method="直接送达", receiver="张三")
    assert office.status == 422
    assert "请按 2026-11-22 的格式" in office.text
    office.send("/serve", served_on=today.isoformat(), method="直接送达", receiver="张三")
    assert "已登记送达" in office.text, office.text
    sound(office.answer.get_data(as_text=True), "letter")  # type: ignore[union-attr]

    reviewer.go("/deadlines")
    assert "青山区电石炉项目" in reviewer.text
    reviewer.go(f"/projects/{project}")
    assert "最长期限" in reviewer.text
    assert office.client.get(f"/letters/{letter}.pdf").data == paper.data


def test_nobody_signs_what_he_recommended_and_nobody_acts_beyond_his_role(
    visit: Callable[..., Visitor], filled_site: Visitor
) -> None:
    reviewer, office = visit(Role.REVIEWER), visit(Role.OFFICE)
    project = project_of(reviewer, "电石炉")
    recommend_retrofit(reviewer, project)
    token = reviewer.go("/").page.find("input", {"name": "csrf_token"})
    assert token is not None
    for address in (f"/sign/{project}", f"/sign/{project}/return", "/rules/confirm", "/system/people"):
        assert reviewer.client.post(address, data={"csrf_token": token["value"]}).status_code == 403, address
    assert office.go(f"/review/{project}").status == 403


def test_a_due_date_is_asked_for_and_never_past_the_outer_limit(
    visit: Callable[..., Visitor], filled_site: Visitor
) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    reviewer.go(f"/review/{project}")
    box = reviewer.page.find("input", {"name": "due"})
    assert box is not None
    today = clock.now().astimezone(clock.SHANGHAI).date()
    assert box.get("value", "") != months_later(today, 36).isoformat()
    reviewer.send(f"/review/{project}", disposition="RETROFIT", due="", reason="能改造。")
    assert reviewer.status == 422
    assert "能改造。" in str(reviewer.page.find("textarea", {"name": "reason"}))
    reviewer.send(
        f"/review/{project}", disposition="RETROFIT", due=months_later(today, 40).isoformat(), reason="能改造。"
    )
    assert reviewer.status == 422
    assert "3年" in reviewer.text or "最长期限" in reviewer.text


def test_another_disposition_needs_a_clause(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    reviewer.go(f"/review/{project}").send(
        f"/review/{project}", disposition="UPGRADE", reason="企业已停产。", clause=""
    )
    assert reviewer.status == 422
    assert "条款" in reviewer.text


def test_a_finding_is_confirmed_with_a_reason(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "海勃湾")
    reviewer.go(f"/review/{project}")
    assert "未批先建" in reviewer.text
    action = "/findings/built_before_approval"
    for lacking in ({"reason": ""}, {"reference": ""}, {"found_on": ""}):
        told = {"reason": "开工报告载明2024年3月1日开工。", "reference": "开工报告（2024）3号", **lacking}
        reviewer.send(action, button=("verdict", "confirm"), **told)
        assert reviewer.status == 422, lacking
    reviewer.send(
        action, button=("verdict", "confirm"), reason="开工报告载明2024年3月1日开工。", reference="开工报告（2024）3号",
        found_on="2026-11-20",
    )  # fmt: skip
    assert "已确认“未批先建”" in reviewer.text, reviewer.text
    assert "叫停" in reviewer.text


def test_a_signatory_returns_with_a_reason(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer, signatory = visit(Role.REVIEWER), visit(Role.SIGNATORY)
    project = project_of(reviewer, "电石炉")
    recommend_retrofit(reviewer, project)
    signatory.go(f"/sign/{project}").send("/return", reason="")
    assert signatory.status == 422
    signatory.send("/return", reason="请补充节能监察报告。")
    assert "已退回" in signatory.text
    reviewer.go(f"/review/{project}")
    assert "请补充节能监察报告" in reviewer.text


def test_a_conflict_says_so_and_keeps_what_was_typed(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    one, other = visit(Role.REVIEWER, login="shen1"), visit(Role.REVIEWER, login="shen2")
    project = project_of(one, "海勃湾")
    one.go(f"/review/{project}")
    other.go(f"/review/{project}")
    action = "/findings/built_before_approval"
    one.send(action, button=("verdict", "dismiss"), reason="开工日期登记有误。", reference="开工令")
    other.send(action, button=("verdict", "confirm"), reason="我这里写了很久的理由。", reference="我抄的出处")
    assert other.status == 409
    assert "我这里写了很久的理由。" in str(other.page)
    assert "我抄的出处" in str(other.page)


def test_the_same_sheet_twice_changes_nothing(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    filled_site.go("/import").send("/import", file=(io.BytesIO(sheet()), "台账.csv"))
    assert "没有需要写入的变化" in filled_site.text


def test_a_change_is_shown_before_it_is_written(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    from tests.web.site import ROWS

    changed = {**ROWS[0], "实际单位产品能耗": "930"}
    broken = {**ROWS[1], "实际单位产品能耗": "约1760"}
    filled_site.go("/import").send("/import", file=(io.BytesIO(sheet(changed, broken, ROWS[2])), "台账.csv"))
    assert "951.2" in filled_site.text
    assert "930" in filled_site.text
    assert "约1760" in filled_site.text
    sound(filled_site.answer.get_data(as_text=True), "preview")  # type: ignore[union-attr]
    project = project_of(filled_site, "电石炉")
    filled_site.go(f"/projects/{project}")
    assert "951.2" in filled_site.text


def test_a_file_that_is_no_ledger_is_refused_beside_its_box(visit: Callable[..., Visitor]) -> None:
    registrar = visit(Role.REGISTRAR)
    for name, data in (("台账.txt", b"x"), ("台账.xlsx", b"not a zip"), ("", b"")):
        registrar.go("/import").send("/import", file=(io.BytesIO(data), name))
        assert registrar.status == 422
        assert registrar.page.find(class_="summary")
    assert registrar.go("/projects").text.count("台账还是空的") == 1


def test_what_lies_outside_the_scope_is_not_there(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    region, wuhai = visit(Role.REVIEWER), visit(Role.REVIEWER, "150300")
    project = project_of(region, "电石炉")
    wuhai.go("/projects")
    assert "海勃湾" in wuhai.text
    assert "青山" not in wuhai.text
    missing = wuhai.client.get("/projects/00000000-0000-0000-0000-000000000009")
    for address in (f"/projects/{project}", f"/review/{project}", f"/projects/{project}/draft.pdf"):
        answer = wuhai.client.get(address)
        assert answer.status_code == 404, address
    hidden = wuhai.client.get(f"/projects/{project}").get_data(as_text=True)
    assert len(hidden) == len(missing.get_data(as_text=True))
    answer = wuhai.client.get(f"/api/projects/{project}.json")
    assert answer.status_code == 404
    assert answer.is_json


def test_the_result_as_json_is_the_contracts_object(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    auditor = visit(Role.AUDITOR)
    project = project_of(auditor, "电石炉")
    found = auditor.client.get(f"/api/projects/{project}.json").get_json()
    assert found["class"] == "BELOW_BASELINE"
    assert found["units"][0]["sec"] == "951.2"
    everything = auditor.client.get("/api/projects.json?class=BELOW_BASELINE").get_json()
    assert [p["name"] for p in everything["projects"]] == ["青山区电石炉项目"]
    assert everything["summary"]["by_class"]["BELOW_BASELINE"] == 1


def test_a_filtered_list_leaves_as_a_workbook_that_reads_as_the_same(
    visit: Callable[..., Visitor], filled_site: Visitor
) -> None:
    filled_site.go("/projects?class=BELOW_BASELINE")
    answer = filled_site.client.get(filled_site.link("台账模板（xlsx，可再导入）"))
    assert answer.status_code == 200
    filled_site.go("/import").send("/import", file=(io.BytesIO(answer.data), "导出.xlsx"))
    assert "没有需要写入的变化" in filled_site.text, filled_site.text
    figures = filled_site.page.find(class_="figures")
    assert figures is not None
    assert [int(found.get_text()) for found in figures.find_all("strong")] == [0, 0, 1, 0]


def test_every_filter_in_force_is_seen_and_kept(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    filled_site.go("/projects?findings=yes&focus=yes")
    assert [" ".join(chip.get_text().split()) for chip in filled_site.page.find_all(class_="chip")] == [
        "5万吨标准煤以上 ×",
        "有六种情形 ×",
    ]
    bar = filled_site.page.find("form", class_="filters")
    assert bar is not None
    assert {box["name"] for box in bar.find_all("input", {"type": "hidden"})} >= {"findings", "focus"}


def test_the_figures_of_the_workbench_equal_their_lists(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER).go("/")
    figures = reviewer.page.find(class_="figures")
    assert figures is not None
    bars = [cell.find("a") for cell in reviewer.page.select("table.bars td.number")]
    links = [(a["href"], int(a.find("strong").get_text())) for a in figures.find_all("a")]
    links += [(a["href"], int(a.get_text())) for a in bars if a]
    assert len(links) >= 5
    for address, count in links:
        reviewer.go(str(address))
        if "/projects" in str(address):
            pager = reviewer.page.find(class_="pager")
            total = int("".join(c for c in pager.get_text().split("个")[0] if c.isdigit())) if pager else 0
            assert total == count, address


def test_columns_are_chosen_and_kept(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER).go("/projects")
    assert "2015-150204" not in reviewer.text
    reviewer.go(reviewer.link("列")).send(
        "/projects/columns", order=["tce", "code"], column=["code", "tce", "nonsense"]
    )
    heads = [cell.get_text(strip=True) for cell in reviewer.page.select("#ledger thead th:not(.c-pick)")]
    assert heads == ["项目名称 ▲", "年综合能耗tce", "项目代码"]
    assert "2015-150204-26-03-000001" in reviewer.go("/projects?stage=existing").text

    again = visit(Role.REVIEWER)  # another browser: kept with the person
    assert "2015-150204-26-03-000001" in again.go("/projects").text
    again.go("/projects/columns").send("/projects/columns", order=["tce", "code"], button=("move", "up:code"))
    assert again.title == "台账的列"
    again.go("/projects")
    heads = [cell.get_text(strip=True) for cell in again.page.select("#ledger thead th:not(.c-pick)")]
    assert heads[1] == "项目代码"
    again.go("/projects/columns").send("/projects/columns", button=("usual", "yes"))
    assert len(again.go("/projects").page.select("#ledger thead th:not(.c-pick)")) == 9
