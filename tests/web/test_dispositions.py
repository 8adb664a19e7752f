"""Recommending and signing on the pages: acts, named choices, the effect, previews of every letter, halts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from screening.domain.people import Role
from tests.web.site import Visitor, filled
from tests.web.test_main_journey import project_of, recommend_retrofit
from tests.web.test_pages import sound


@pytest.fixture
def project(visit: Callable[..., Visitor], filled_site: Visitor) -> str:
    return project_of(visit(Role.REVIEWER), "电石炉")


def test_each_disposition_has_its_effect_in_a_box(visit: Callable[..., Visitor], project: str) -> None:
    page = visit(Role.REVIEWER).go(f"/review/{project}")
    sound(page.answer.get_data(as_text=True), "recommendation")
    boxes = page.page.find_all("textarea", {"name": lambda name: name and name.startswith("effect:")})
    offered = [o["value"] for o in page.page.find("select", {"name": "disposition"}).find_all("option")]
    assert [box["name"] for box in boxes] == [f"effect:{value}" for value in offered]
    assert all(box.text.strip().endswith("。") for box in boxes)


def test_what_a_person_must_name_is_refused_at_its_box(visit: Callable[..., Visitor], project: str) -> None:
    reviewer = visit(Role.REVIEWER)
    page = reviewer.go(f"/review/{project}")
    box = page.page.find("input", {"name": "instrument:by_hand/RECTIFY"})
    assert box is not None
    refused = page.send(
        f"/review/{project}", disposition="RECTIFY", measures="RECTIFY by_hand/RECTIFY", due="2028-06-30",
        reason="须整改。", clause="某条", **{"organ:by_hand/RECTIFY": "包头市工业和信息化局"},
    )  # fmt: skip
    sound(refused.answer.get_data(as_text=True), "refused")
    assert refused.status == 422
    assert "请写明措施、条款" in refused.text
    kept = refused.page.find("input", {"name": "organ:by_hand/RECTIFY"})
    assert kept["value"] == "包头市工业和信息化局", "nothing entered is lost"


def look(page: Visitor, project: str, **typed: str) -> Visitor:
    """Presses the button that previews the letter of the form as it stands."""
    form = next(f for f in page.page.find_all("form") if f["action"].endswith(f"/review/{project}"))
    button = next(b for b in form.find_all("button") if b.get("formaction"))
    address = button["formaction"].split("#")[0]
    return page._take(page.client.post(address, data={**filled(form), **typed}))


def test_a_letter_is_previewed_before_anything_is_written(visit: Callable[..., Visitor], project: str) -> None:
    page = visit(Role.REVIEWER).go(f"/review/{project}")
    shown = look(page, project, due="2028-06-30", reason="高于基准。")
    assert (shown.status, shown.answer.mimetype) == (200, "application/pdf")
    refused = look(visit(Role.REVIEWER).go(f"/review/{project}"), project, due="")
    assert refused.status == 422
    assert "须确定到期日" in refused.text
    assert "现在还不能成文" in refused.text


def test_the_sign_page_lists_contents_and_every_letter(visit: Callable[..., Visitor], project: str) -> None:
    recommend_retrofit(visit(Role.REVIEWER), project)
    signatory = visit(Role.SIGNATORY)
    page = signatory.go(f"/sign/{project}")
    sound(page.answer.get_data(as_text=True), "recommendation")
    assert [row.th.text.strip()[2:] for row in page.page.select("#contents tbody tr")] == [
        "事实", "证据", "依据", "效力", "期限", "权利告知",
    ]  # fmt: skip
    addresses = [link["href"] for link in page.page.select("#drafts a")]
    assert addresses
    for address in addresses:
        assert signatory.go(address).answer.mimetype == "application/pdf"
    assert signatory.go(f"/projects/{project}/draft.pdf?place=7").status == 422
    assert signatory.go(f"/projects/{project}/draft.pdf?place=x").status == 422
