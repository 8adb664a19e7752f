"""Journey 5 by the pages alone: printed as one run, sent, served row by row; what is refused stays as it was typed."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from screening import clock
from screening.domain.classification import Disposition
from screening.domain.letters import LetterKind
from screening.domain.review import LetterState
from screening.services import dispatch, letters, papers
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.services.test_printruns import signed_by
from tests.web.site import Visitor, sign_in
from tests.web.test_pages import sound

OWN = "一句别人不容易猜到的长密码"
LONG = "包头稀土高新区新材料循环经济产业开发投资建设（集团）股份有限公司第三分公司"
DAY = TODAY.isoformat()


@pytest.fixture
def desks(sqlite_ledger, tmp_path, monkeypatch) -> Desks:
    """An office whose day is the site's."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Desks(sqlite_ledger, tmp_path)


@pytest.fixture
def signed(desks):
    """Three signed letters."""
    return signed_by(desks, [1, 2, 3])


def ticked(page: str, rows) -> str:
    return f"/letters/{page}?" + "&".join(f"pick={one.id.hex}" for one in rows)


def picked(rows) -> dict[str, list[str]]:
    """The hidden boxes of the ticked letters."""
    return {"pick": [one.id.hex for one in rows]}


def printed(desks, rows) -> None:
    for one in rows:
        letters.print_(desks.ledger, one.id, by=desks.office, at=NOW)


def test_a_run_is_started_watched_and_opened(site, desks, signed) -> None:
    office = sign_in(site, "office", OWN).go(ticked("print", signed))
    sound(office.answer.get_data(as_text=True), "choose")

    office.send("/letters/print", receipts="yes", **picked(signed))

    assert "/print-runs/" in office.answer.request.path
    sound(office.answer.get_data(as_text=True), "run")
    assert site.extensions["press"].wait(60)
    office.go(office.answer.request.path)
    assert "已完成" in office.text
    assert office.link("登记寄出、交接").startswith("/letters/send?pick=")
    office.send("/again", reason="")
    assert "请写明再次印制的理由" in office.text


def test_what_is_typed_for_the_wrong_manner_is_not_dropped(site, desks, signed) -> None:
    printed(desks, signed)
    office = sign_in(site, "office", OWN).go(ticked("send", signed))
    numbers = "\n".join(f"EMS00000{n}CN" for n in range(3))

    office.send("/letters/send", manner="handed", numbers=numbers, **picked(signed))

    assert office.status == 422
    assert "却填写了邮件号" in office.page.select_one(".summary").get_text()
    assert office.page.find("textarea", {"name": "numbers"}).get_text().strip() == numbers
    office.send("/letters/send", manner="posted", **picked(signed))
    assert "已登记寄出 3 份" in office.text
    with pytest.raises(dispatch.Refusal, match="两个邮件号"):
        dispatch.paired(
            "\n".join(f"{one.number}\tEMS00000{n}CN" for n, one in enumerate((*signed, signed[0]))),
            dispatch.look(desks.ledger, [one.id for one in signed], states={LetterState.PRINTED}, by=desks.office).rows,
        )


def test_a_row_that_was_overtaken_is_sent_again_as_it_was_typed(site, desks, signed) -> None:
    printed(desks, signed)
    office = sign_in(site, "office", OWN).go(ticked("serve", signed))
    letters.print_(desks.ledger, signed[0].id, by=desks.office, at=NOW)
    typed: dict[str, object] = {**picked(signed)}
    for one in signed[:2]:
        prefix = f"l{one.id.hex}-"
        typed |= {f"{prefix}served_on": DAY, f"{prefix}method": "邮寄送达", f"{prefix}receiver": "张三"}

    office.send("/letters/serve", **typed)

    assert office.status == 422
    assert "不是最新状态" in office.text
    assert f"已登记 1 份：{signed[1].number}" in office.text
    assert office.page.find("input", {"name": f"l{signed[0].id.hex}-receiver"})["value"] == "张三"
    office.send("/letters/serve", **picked([signed[0], signed[2]]))
    assert f"已登记 1 份：{signed[0].number}" in office.text


def test_service_sent_a_second_time_is_not_told_as_done(site, desks, signed) -> None:
    printed(desks, signed)
    first, second = (sign_in(site, "office", OWN).go(ticked("serve", signed[:1])) for _ in range(2))
    prefix = f"l{signed[0].id.hex}-"
    typed = {f"{prefix}served_on": DAY, f"{prefix}method": "邮寄送达", f"{prefix}receiver": "张三"}
    assert "已登记送达 1 份" in first.send("/letters/serve", **typed).text

    second.send("/letters/serve", **typed)

    assert second.status == 409
    assert "现为“已送达”" in second.text
    assert "已登记送达 0 份" not in second.text


def test_the_list_says_why_it_is_empty_and_keeps_the_search(site, desks, signed) -> None:
    office = sign_in(site, "office", OWN).go("/letters?q=第2电石")
    assert "1" in office.page.select(".tabs a")[1].get_text()
    office.go(str(office.page.select(".tabs a")[1]["href"]))
    assert [cell.get_text() for cell in office.page.select("tbody th")] == [signed[1].number]
    office.go("/letters?q=没有这一份")
    sound(office.answer.get_data(as_text=True), "empty")
    assert "没有文号、项目或者单位含“没有这一份”的" in office.text
    assert "没有已作废的文书" in office.go("/letters?state=void").text


def test_the_page_of_a_case_that_is_signed_leads_to_its_letters(site, desks, signed) -> None:
    visitor: Visitor = sign_in(site, "signatory", OWN).go(f"/sign/{signed[0].project}")

    assert visitor.link(signed[0].number) == f"/letters/{signed[0].id}"


def test_a_paper_letter_that_was_refused_says_that_its_scan_must_be_chosen_again(site, desks, signed) -> None:
    office = sign_in(site, "office", OWN).go(f"/projects/{signed[0].project}/letters/late")
    assert "送达回证" not in office.page.select_one("select[name=kind]").get_text()

    office.send(
        "/letters/late", kind="KEEP", number="包发改两高保〔2025〕9号", signed_on="2025-03-01", signatory="老主任",
        origin="BEFORE", scan=(io.BytesIO(b"\x89PNG\r\n\x1a\nscan"), "原件.png"),
    )  # fmt: skip

    assert office.status == 422
    sound(office.answer.get_data(as_text=True), "late")
    assert "1号至8号将不再自动编号" in office.text
    assert "已选的“原件.png”没有保留，请重新选择" in office.text
    assert office.page.find("input", {"name": "signatory"})["value"] == "老主任"


def test_a_paper_letter_shows_no_check_code_and_a_void_one_says_so_on_top(site, desks, signed) -> None:
    project = signed[0].project
    told = papers.PaperLetter(
        kind=LetterKind.KEEP, number="包发改两高保〔2025〕1号", signed_on=date(2025, 3, 1), signatory="老主任",
        addressee="包头某公司", origin=papers.Origin.BEFORE,
    )  # fmt: skip
    paper = papers.enter(
        desks.ledger, project, told, scan=b"\x89PNG\r\n\x1a\nscan", name="原件.png", folder=desks.folder,
        leaves_gap=False, key="paper", by=desks.office, at=NOW,
    )  # fmt: skip
    office = sign_in(site, "office", OWN).go(f"/letters/{paper.letter}")
    sound(office.answer.get_data(as_text=True), "paper")
    assert not {"查验码", "校验值", "用印"} & {one.get_text() for one in office.page.select("dt, h2")}
    line = letters.show(desks.ledger, signed[0].id, by=desks.office, today=TODAY).line
    letters.void(desks.ledger, line.id, reason="单位名称有误", seen=line.version, by=desks.signatory, at=NOW)
    office.go(f"/letters/{line.id}")
    sound(office.answer.get_data(as_text=True), "void")
    assert "已作废，不具有法律效力" in office.page.select_one(".note.warn").get_text()
    assert "单位名称有误" in office.text


def test_the_page_of_a_replaced_letter_names_the_one_in_its_place(site, desks) -> None:
    desks.take_in([row(9, 实际单位产品能耗="850")])
    project = desks.find("第9")
    made = []
    for day in range(2):
        at = NOW + timedelta(minutes=day)
        desks.recommend(project, Disposition.UPGRADE, due=None)
        made.append(desks.sign(project, at=at).letter)
        letters.print_(desks.ledger, made[-1].id, by=desks.office, at=at)
        seen = letters.show(desks.ledger, made[-1].id, by=desks.office, today=TODAY).line.version
        letters.serve(
            desks.ledger, made[-1].id, served_on=TODAY, method="直接送达", receiver="张三", seen=seen, by=desks.office,
            at=at,
        )  # fmt: skip
    office = sign_in(site, "office", OWN).go(f"/letters/{made[0].id}")
    sound(office.answer.get_data(as_text=True), "replaced")
    assert f"已被新的文书替代：{made[1].number}" in office.page.select_one(".title-line").get_text()
    assert office.go(f"/letters/{made[1].id}").page.select_one(".title-line .near") is None
