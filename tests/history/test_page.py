"""The page of a project's history, and the head of the trail that leaves the machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import quote

from screening.domain.history import Event, Happening
from screening.domain.people import Role
from screening.services import Ledger, history
from screening.store import trail
from tests.conftest import NOW
from tests.web.conftest import filled_site, site, visit  # noqa: F401  # fixtures
from tests.web.site import ROWS, Visitor, sheet
from tests.web.test_main_journey import project_of
from tests.web.test_pages import sound


def test_what_is_new_is_marked_until_it_is_seen(visit: Callable[..., Visitor], filled_site: Visitor) -> None:  # noqa: F811
    reader = visit(Role.LEGAL)
    project = project_of(reader, "电石炉")
    address = f"/projects/{project}/history"
    reader.go(address)
    assert "还没有看过" in reader.text
    reader.send("/history/seen")
    assert "没有他人的新记录" in reader.text

    changed = sheet({**ROWS[0], "实际单位产品能耗": "800"}, *ROWS[1:])
    filled_site.go("/import").send("/import", file=(io.BytesIO(changed), "更正.csv"))
    forms = filled_site.page.find_all("form")
    filled_site.send(next(str(f["action"]) for f in forms if "确认" in f.get_text()))

    others = visit(Role.OFFICE)
    for place in ("/", f"/projects?q={quote('电石炉')}"):
        row = next(link for link in reader.go(place).page.find_all("a") if "1 项新" in link.get_text())
        assert project in str(row["href"]), place
        assert "项新" not in others.go(place).text, "others never looked: nothing is new to them"
    reader.go(f"/projects/{project}")
    assert "他人有 1 项新记录" in reader.text
    marked = [mark.get_text() for mark in reader.page.find_all("mark")]
    assert marked == ["800", "800"], "told above, and marked where it stands"
    assert reader.answer is not None
    sound(reader.answer.get_data(as_text=True), address)

    reader.go(address)
    assert "他人有 1 项新记录" in reader.text
    assert "951.2 → 800" in reader.text
    assert "导入：更正.csv" in reader.text
    assert reader.answer is not None
    sound(reader.answer.get_data(as_text=True), address)
    moments = [str(option["value"]) for option in reader.page.select("#history-from option")][1:]
    reader.go(f"{address}?from={moments[-1]}&to={moments[0]}")
    assert "两个时点的比较" in reader.text
    assert "低于基准 达到标杆" in reader.text
    reader.go(f"/projects/{project}").send("/history/seen")
    assert reader.answer is not None
    assert reader.answer.request.path == f"/projects/{project}", "back where the button was"
    for place in ("/", "/projects", f"/projects/{project}"):
        assert "项新" not in reader.go(place).text, place
        assert not reader.page.select("mark"), place
    for wrong in ("from=x&to=1", "from=1&to=99999", f"from={moments[0]}&to={moments[0]}"):
        assert reader.go(f"{address}?{wrong}").status in {404, 422}


def test_a_long_history_is_shown_in_pages(
    visit: Callable[..., Visitor],  # noqa: F811
    filled_site: Visitor,  # noqa: F811
    sqlite_ledger: Ledger,
) -> None:
    project = project_of(filled_site, "电石炉")
    with sqlite_ledger.writer() as session:
        for number in range(60):
            trail.record(
                session,
                Event(at=NOW, who="registrar", kind=Happening.WARNING_EXPLAINED, subject=f"project:{project}", why=f"第{number}次说明"),
            )  # fmt: skip
    reader = visit(Role.LEGAL).go(f"/projects/{project}/history")
    assert "第59次说明" in reader.text
    assert "第5次说明" not in reader.text
    assert reader.answer is not None
    sound(reader.answer.get_data(as_text=True), "history")
    reader.go(f"/projects/{project}/history?page=2")
    assert "第5次说明" in reader.text
    assert "首次登记" in reader.text
    assert "第59次说明" not in reader.text


def test_the_head_is_a_file_that_verify_takes(visit: Callable[..., Visitor], sqlite_ledger: Ledger) -> None:  # noqa: F811
    auditor = visit(Role.AUDITOR)
    answer = auditor.client.get(auditor.go("/system/trail").link("下载链首"))

    kept = history.Head(**json.loads(answer.data))
    assert "attachment" in answer.headers["Content-Disposition"]
    assert history.verify(sqlite_ledger, head=kept).ok
    assert not history.verify(sqlite_ledger, head=history.Head(rows=kept.rows + 50, hash=kept.hash)).ok
