"""Saved views and ticked rows as pages: names, defaults, links that say it all, ticks over pages without script."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa

from screening.domain.people import Role
from screening.services import Ledger
from screening.store.tables import SavedViewRow
from tests.web.site import ROWS, Visitor, filled, sheet


def shown(visitor: Visitor) -> list[str]:
    return [cell.get_text(strip=True) for cell in visitor.page.select("#ledger tbody th a.clip")]


def asked(visitor: Visitor) -> dict[str, str]:
    assert visitor.answer is not None
    return dict(parse_qsl(urlsplit(visitor.answer.request.url).query))


def keep(visitor: Visitor, name: str, **more: str) -> Visitor:
    return visitor.send("/views", name=name, **more)


def test_a_view_is_kept_opened_and_mailed(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    reviewer = visit(Role.REVIEWER).go("/projects?class=BELOW_BASELINE&sort=-tce&page=1")
    names = shown(reviewer)
    keep(reviewer, "低于基准", shared="y")
    assert "已保存视图“低于基准”，本单位的人都能看到" in reviewer.text
    assert asked(reviewer)["class"] == "BELOW_BASELINE"
    assert asked(reviewer)["sort"] == "-tce"
    assert asked(reviewer)["columns"].startswith("name.enterprise")
    assert shown(reviewer) == names
    assert reviewer.page.select_one(".views-bar a[aria-current]").get_text(strip=True) == "低于基准"

    colleague = visit(Role.OFFICE).go("/projects")
    colleague.go(colleague.link("低于基准"))
    assert shown(colleague) == names
    mailed = reviewer.answer.request.full_path  # type: ignore[union-attr]
    assert shown(visit(Role.LEGAL).go(mailed)) == names
    other = visit(Role.REVIEWER, "150300", "elsewhere").go("/projects")
    assert "低于基准" not in other.page.select_one(".views-bar").get_text()


def test_the_default_view_opens_first_and_all_is_one_click_away(filled_site: Visitor) -> None:
    keep(filled_site.go("/projects?stage=existing"), "存量", default="y")
    assert len(shown(filled_site.go("/projects"))) == 2
    assert asked(filled_site)["stage"] == "existing"
    filled_site.go(filled_site.link("全部项目"))
    assert len(shown(filled_site)) == 3
    filled_site.go("/projects?stage=existing")
    assert len(shown(filled_site.go(filled_site.link("清除")))) == 3

    filled_site.go("/views").send("/views/default", view="")
    assert len(shown(filled_site.go("/projects"))) == 3
    filled_site.go("/views").send("/views/default", view="nothing")
    assert filled_site.status == 400 or "没有这个视图" in filled_site.text


def test_the_same_name_is_asked_about_and_nothing_typed_is_lost(filled_site: Visitor) -> None:
    keep(filled_site.go("/projects?stage=existing"), "我的")
    keep(filled_site.go("/projects?industry=chemical"), "我的", shared="y")
    assert filled_site.status == 409
    assert "您已有视图“我的”" in filled_site.text
    assert "建设状态：存量" in filled_site.text
    form = next(f for f in filled_site.page.find_all("form") if f["action"] == "/views")
    assert (filled(form)["name"], "shared" in filled(form)) == ("我的", True)
    filled_site.send("/views", replace="y")
    assert asked(filled_site)["industry"] == "chemical"
    assert len(filled_site.go("/views").page.select("#views tbody tr")) == 1

    keep(filled_site.go("/projects"), " ")
    assert filled_site.status == 422
    assert "请填写视图的名称" in filled_site.text


def test_renamed_shared_and_removed_on_one_page(visit: Callable[..., Visitor], filled_site: Visitor) -> None:
    keep(filled_site.go("/projects?stage=existing"), "旧名")
    address = next(str(f["action"]) for f in filled_site.go("/views").page.find_all("form") if "/views/" in f["action"])
    view = filled_site.page.select_one("#views tbody a")["href"]
    filled_site.send(str(view), name="新名", shared="y")
    assert "已保存" in filled_site.text
    assert "新名" in visit(Role.REVIEWER).go("/views").text
    assert visit(Role.REVIEWER).client.post(f"{view}/remove").status_code in {400, 404}
    assert address
    filled_site.go("/views").send(f"{view}/remove")
    assert "已删除视图“新名”" in filled_site.text
    assert visit(Role.REVIEWER).go(str(view)).status == 404


@pytest.fixture
def many(filled_site: Visitor) -> Visitor:
    rows = [
        {**ROWS[0], "项目代码": f"2015-150204-26-03-{n:06d}", "项目名称": f"青山第{n:03d}电石项目"}
        for n in range(100, 160)
    ]
    filled_site.go("/import").send("/import", file=(io.BytesIO(sheet(*rows)), "更多.csv"))
    address = next(f["action"] for f in filled_site.page.find_all("form") if "/import/" in str(f.get("action")))
    return filled_site.send(str(address))


def press(visitor: Visitor, ticked: list[str], button: tuple[str, str], action: str = "/projects/selected") -> Visitor:
    """Sends the form around the table as a browser without script does: hidden fields, ticks, one button."""
    form = visitor.page.select_one("form[data-selection]")
    pairs = [(b["name"], b["value"]) for b in form.select("input[type=hidden][name]")]
    pairs += [("pick", key) for key in ticked] + [button]
    answer = visitor.client.get(action, query_string=pairs, follow_redirects=True)
    return visitor._take(answer)


def boxes(visitor: Visitor, *, ticked: bool | None = None) -> list[str]:
    found = visitor.page.select("form[data-selection] input[data-tick]")
    return [str(b["value"]) for b in found if ticked is None or b.has_attr("checked") is ticked]


def test_ticks_survive_paging_and_sorting_without_script(many: Visitor) -> None:
    many.go("/projects?class=BELOW_BASELINE")
    total, first = 61, boxes(many)[:2]
    press(many, first, ("page", "2"), "/projects")
    assert asked(many)["page"] == "2"
    assert "2 条已勾选 ，其中 2 条不在本页" in many.text
    third = boxes(many)[0]
    back = press(many, [third], ("page", "1"), "/projects")
    assert boxes(back, ticked=True) == first
    many.go(many.link("建设单位"))
    assert "3 条已勾选" in many.text

    press(many, boxes(many, ticked=True), ("do", "look"))
    assert "勾选 3 个：可办理 3 个。" in many.text
    answer = many.client.get(many.link("项目清单（xlsx）").replace("list.xlsx", "list.csv"))
    assert len(list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))) == 4

    many.go("/projects?class=BELOW_BASELINE")
    many.go(many.link(f"选中全部 {total} 条"))
    assert len(boxes(many, ticked=True)) == 50
    press(many, boxes(many)[1:], ("page", "2"), "/projects")
    assert f"{total - 1} 条已勾选" in many.text
    assert len(boxes(many, ticked=True)) == 11
    press(many, boxes(many)[:-1], ("page", "1"), "/projects")
    assert len(boxes(many, ticked=True)) == 49
    press(many, boxes(many, ticked=True), ("do", "look"))
    assert f"勾选 {total - 2} 个：可办理 {total - 2} 个。" in many.text
    many.go(many.link("回到台账"))
    assert f"{total - 2} 条已勾选" in many.text
    many.go(next(str(a["href"]) for a in many.page.select(".tabs a") if "全部" in a.text))
    assert "0 条已勾选" in many.text  # all of one filter is not all of another


def test_a_file_of_the_ticked_comes_at_once_and_else_the_reason(many: Visitor) -> None:
    many.go("/projects")
    one, two, *_ = boxes(many)
    press(many, [one, two], ("do", "xlsx"))
    assert many.answer.mimetype.endswith("sheet")  # type: ignore[union-attr]
    assert many.client.get("/projects.pdf", query_string=[("pick", one)]).mimetype == "application/pdf"

    many.go("/projects")
    press(many, [one, "0" * 31 + "1"], ("do", "xlsx"))
    assert "勾选 2 个：可办理 1 个，跳过 1 个" in many.text
    assert "已不在您管辖的台账中" in many.text
    press(many.go("/projects"), [], ("do", "xlsx"))
    assert "还没有勾选项目" in many.text
    many.go("/projects?all=70")
    assert "选中全部时共 70 条，现在符合条件的有 63 条" in many.text
    assert "没有" not in many.go("/projects?pick=x").title
    assert many.status == 400 or "勾选的内容有误" in many.text


def test_a_reviewer_recommends_together(visit: Callable[..., Visitor], many: Visitor) -> None:
    reviewer = visit(Role.REVIEWER).go("/projects?class=BELOW_BASELINE&q=青山第10")
    press(reviewer, boxes(reviewer)[:3], ("do", "look"))
    reviewer.go(reviewer.link("批量提出处置建议"))
    items = [box["value"] for box in reviewer.page.select("input[name=item]")]
    assert len(items) == 3
    reviewer.send(str(reviewer.page.select_one("#content form")["action"]), item=items)
    assert reviewer.status == 422
    assert "请写明理由" in reviewer.text
    tampered = [*items[:2], items[2].split(":")[0] + ":77"]
    action = str(reviewer.page.select_one("#content form")["action"]) + "&pick=" + "0" * 31 + "1"
    reviewer.page.select_one("#content form")["action"] = action
    reviewer.send(action, item=tampered, reason="同意系统建议。", due="2028-06-30")
    assert reviewer.status == 200, reviewer.text
    assert "勾选 4 个：已提出 2 个，跳过 2 个" in reviewer.text, reviewer.text
    assert "已不在您管辖的台账中" in reviewer.text
    assert visit(Role.OFFICE).go("/projects/selected/recommend").status == 403


def test_a_view_whose_values_are_gone_opens_with_a_sentence(filled_site: Visitor, sqlite_ledger: Ledger) -> None:
    keep(filled_site.go("/projects?stage=existing&sort=-tce"), "旧条件", default="y")
    with sqlite_ledger.writer() as session:
        session.execute(sa.update(SavedViewRow).values(query="stage=dreamt&league=159900&sort=-tce"))

    filled_site.go("/projects")
    assert "视图“旧条件”保存的条件已不存在：建设状态“dreamt”、盟市“159900”。" in filled_site.text
    assert asked(filled_site)["sort"] == "-tce"
    assert len(shown(filled_site)) == 3
    assert "已不存在" in filled_site.go("/views").text
