"""The ways of a case on the pages: the queue by state, accept and go on, send back to the field, the table of moves."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from screening.domain.people import GRANTS, Role
from screening.domain.review import MOVES
from tests.web.site import ROWS, Visitor, sheet
from tests.web.test_pages import sound

SMALL = {**ROWS[1], "设计年综合能耗（等价值）": "18000", "设计产能": "10000", "实际产量": "9000"}


def take_in(visit: Callable[..., Visitor], *rows: dict[str, str], untick: bool = False) -> Visitor:
    """The registrar takes projects in."""
    registrar = visit(Role.REGISTRAR)
    registrar.go("/import").send("/import", file=(io.BytesIO(sheet(*rows)), "台账.csv"))
    address = str(registrar.page.find(id="import")["action"])  # type: ignore[index]
    tick = registrar.page.find("input", {"name": "for_review"})
    assert tick is not None
    assert tick.has_attr("checked")
    return registrar.send(address, **({"for_review": []} if untick else {}))


def numbered(count: int) -> list[dict[str, str]]:
    return [
        {**SMALL, "项目代码": f"2016-150204-31-03-1{n:05d}", "项目名称": f"青山区第{n}硅铁炉项目"} for n in range(count)
    ]


def queued(visitor: Visitor) -> list[str]:
    return [str(link["title"]) for link in visitor.page.select("#queue tbody th a")]


def test_the_queue_shows_what_the_level_may_act_on(visit: Callable[..., Visitor]) -> None:
    take_in(visit, *numbered(3))
    banner, league = visit(Role.REVIEWER, "150204"), visit(Role.REVIEWER, "150200")
    tabs = {
        who: [" ".join(a.get_text(" ").split()) for a in visitor.go("/review").page.select("[aria-label=审核状态] a")]
        for who, visitor in (("banner", banner), ("league", league), ("region", visit(Role.REVIEWER)))
    }
    assert tabs["banner"] == ["全部 3", "待旗县核对 3"]
    assert [tab.split()[0] for tab in tabs["league"]] == [
        "全部", "待旗县核对", "待盟市审核", "待提处置建议", "退回重审", "重新审核",
    ]  # fmt: skip
    assert "待自治区审核 0" in tabs["region"]

    names = queued(banner)
    banner.go(banner.link(names[0])).send("/accept")
    assert banner.title == f"审核：{names[1]}"
    assert f"“{names[0]}”已审核，现为“待盟市审核”" in banner.text
    assert league.go("/review?state=checked").text.count("待盟市审核 1") == 1
    assert queued(league) == [names[0]]
    assert league.go("/review?state=x").status == 422


def test_going_through_one_tab_ends_in_the_queue(visit: Callable[..., Visitor]) -> None:
    take_in(visit, *numbered(3))
    reviewer = visit(Role.REVIEWER, "150200").go("/review?state=submitted&doubts=none")
    names = queued(reviewer)
    reviewer.go(reviewer.link(names[0]))
    for name in names[1:]:
        sound(reviewer.answer.get_data(as_text=True), "review")  # type: ignore[union-attr]
        reviewer.send("/accept?state=submitted&doubts=none")
        assert reviewer.title == f"审核：{name}"
    reviewer.send("/accept?state=submitted&doubts=none")
    assert reviewer.title == "审核"
    assert "没有“待旗县核对”的项目" in reviewer.text


def test_what_goes_back_stands_at_its_box(visit: Callable[..., Visitor]) -> None:
    registrar = take_in(visit, *numbered(3))
    reviewer = visit(Role.REVIEWER, "150200").go("/review")
    names = queued(reviewer)
    reviewer.go(reviewer.link(names[0]))
    reviewer.send("/return", why="单位应为 kgce/t。")
    assert reviewer.status == 422
    assert "请选择退回原因" in reviewer.text
    assert "单位应为 kgce/t。" in str(reviewer.page.find("textarea", {"name": "why"}))
    sound(reviewer.answer.get_data(as_text=True), "review")  # type: ignore[union-attr]
    for name in names[:2]:
        reviewer.go("/review").go(reviewer.link(name))
        reviewer.send("/return", code="unclear_unit", field="sec_unit", why="单位应为 kgce/t。")
        assert "已退回登记员补正" in reviewer.text

    registrar.go("/projects").go(registrar.link(names[0]))
    assert "退回：计量单位不清或者有误（能耗单位）。单位应为 kgce/t。" in registrar.text
    assert registrar.link("改正").endswith("/edit#units-0-sec_unit")
    registrar.go(registrar.link("改正"))
    asked = registrar.page.find(id="units-0-sec_unit-asked")
    assert asked is not None
    assert asked.get_text() == "退回：计量单位不清或者有误。单位应为 kgce/t。"
    box = registrar.page.find(attrs={"data-entry": "units-0-sec_unit"})
    assert box is not None
    assert "近90天此栏被退回2次：计量单位不清或者有误" in box.get_text()
    sound(registrar.answer.get_data(as_text=True), "form")  # type: ignore[union-attr]
    assert "近90天此栏被退回2次" in registrar.go("/register").text

    counts = reviewer.go("/review/returns")
    sound(counts.answer.get_data(as_text=True), "returns")  # type: ignore[union-attr]
    rows = [[c.get_text() for c in tr.find_all(["th", "td"])] for tr in counts.page.select("#counts tbody tr")]
    assert rows == [["内蒙古自治区", "计量单位不清或者有误", "能耗单位", "2"]]
    counts.go(str(counts.page.select("#counts tbody a")[0]["href"]))
    assert len(counts.page.select("#listed tbody tr")) == 2
    assert counts.go("/review/returns?from=2020-01-01&to=2020-02-01").text.count("这段时间没有退回的项目")
    for query, said in (("from=x", "不是日期"), ("from=2026-02-01&to=2026-01-01", "早于")):
        counts.go(f"/review/returns?{query}")
        assert counts.status == 422
        assert said in counts.text


def test_what_is_not_submitted_waits_with_the_registrar(visit: Callable[..., Visitor]) -> None:
    registrar = take_in(visit, *numbered(1), untick=True)
    reviewer = visit(Role.REVIEWER, "150200")
    assert queued(reviewer.go("/review")) == []
    registrar.go("/projects").go(registrar.link("硅铁炉"))
    assert "还没有提交审核" in registrar.text
    registrar.send("/submit")
    assert "已提交审核" in registrar.text
    assert len(queued(reviewer.go("/review"))) == 1
    registrar.go(registrar.link("撤回"))
    sound(registrar.answer.get_data(as_text=True), "withdraw")  # type: ignore[union-attr]
    registrar.send("/withdraw", reason="")
    assert registrar.status == 422
    registrar.send("/withdraw", reason="漏了一套装置。")
    assert "由登记员撤回" in registrar.text
    assert queued(reviewer.go("/review")) == []


def test_a_recommendation_is_recalled_from_the_project(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    from tests.web.test_main_journey import project_of, recommend_retrofit

    reviewer, other = visit(Role.REVIEWER), visit(Role.REVIEWER, login="shen2")
    project = project_of(reviewer, "电石炉")
    recommend_retrofit(reviewer, project)
    assert not other.go(f"/projects/{project}").page.find("a", string="收回建议")
    reviewer.go(f"/projects/{project}").go(reviewer.link("收回建议")).send("/recall", reason="漏看一项。")
    assert "已收回处置建议" in reviewer.text
    assert "待提处置建议" in reviewer.text
    assert other.go(f"/projects/{project}/recall").status == 422


def test_two_at_one_record_the_second_is_told_by_whom(visit: Callable[..., Visitor]) -> None:
    take_in(visit, *numbered(2))
    one, other = visit(Role.REVIEWER, "150200"), visit(Role.REVIEWER, "150200", login="shen2")
    name = queued(one.go("/review"))[0]
    one.go(one.link(name))
    other.go("/review").go(other.link(name))
    one.send("/accept")
    other.send("/return", code="other", field="name", why="我写了很久的说明。")
    assert other.status == 409
    assert "审核通过" in other.text
    assert "我写了很久的说明。" in str(other.page.find("textarea", {"name": "why"}))


def test_the_page_of_moves_is_the_table(visit: Callable[..., Visitor]) -> None:
    visitor = visit(Role.ADMINISTRATOR).go("/help")
    visitor.go(visitor.link("办理环节表"))
    sound(visitor.answer.get_data(as_text=True), "moves")  # type: ignore[union-attr]
    written = []
    for body in visitor.page.select("#moves tbody"):
        state = body.find("th").get_text()  # type: ignore[union-attr]
        for tr in body.find_all("tr"):
            written.append((state, *(td.get_text() for td in tr.find_all("td"))))
    expected = {
        (
            before.words,
            move.words,
            "、".join(role.words for role in Role if step.permission in GRANTS[role]),
            step.least.words,
            "、".join(proof.words for proof in step.proofs) or "—",
            "、".join(apart.words for apart in step.apart) or "—",
            "不变" if step.after is before else step.after.words,
        )
        for (before, move), step in MOVES.items()
    }
    assert set(written) == expected
    assert len(written) == len(expected)


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.OFFICE, Role.LEGAL, Role.AUDITOR])
def test_who_may_not_act_is_offered_nothing(visit: Callable[..., Visitor], role: Role) -> None:
    take_in(visit, *numbered(1))
    visitor = visit(role)
    project = visitor.go("/projects").link("硅铁炉")
    visitor.go(project)
    tools = visitor.page.select("#next .tools a, #next .tools button")
    assert [tool.get_text() for tool in tools] == []


def test_a_registration_may_wait_with_the_registrar(visit: Callable[..., Visitor]) -> None:
    from tests.web.test_registration import NEW, press

    registrar = visit(Role.REGISTRAR).go("/register")
    press(registrar, "answers", **NEW)
    tick = registrar.page.find("input", {"name": "for_review"})
    assert tick is not None
    assert tick.has_attr("checked")
    registrar.send("/answers", for_review=[])
    assert "尚未提交审核" in registrar.text
    assert "还没有提交审核" in registrar.text
    registrar.go("/")
    registrar.go(registrar.link("没有提交审核的项目"))
    assert len(registrar.page.select("#ledger tbody tr")) == 1
