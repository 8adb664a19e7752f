"""The drafts of letters on the pages: edited beside the PDF, compared, commented on, and before the signatory."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest

from screening.domain.people import Role
from tests.web.site import Visitor, filled
from tests.web.test_main_journey import project_of, recommend_retrofit
from tests.web.test_pages import sound

OWN = "你单位提交的情况说明已经收悉。"


@pytest.fixture
def drafts(visit: Callable[..., Visitor], filled_site: Visitor) -> str:
    reviewer = visit(Role.REVIEWER)
    project = project_of(reviewer, "电石炉")
    recommend_retrofit(reviewer, project)
    return f"/projects/{project}/drafts"


def test_a_draft_is_edited_beside_its_pdf_and_compared(visit: Callable[..., Visitor], drafts: str) -> None:
    page = visit(Role.REVIEWER).go(drafts)
    sound(page.answer.get_data(as_text=True), "draft")
    before = page.client.get(page.page.find("iframe")["src"]).get_data()

    saved = page.send("/drafts", after_facts=OWN, phone="0472-5550100", why="补充情况说明")

    sound(saved.answer.get_data(as_text=True), "draft")
    assert "已保存为第2版" in saved.text
    assert saved.page.find("textarea", {"name": "after_facts"}).get_text().strip() == OWN
    after = page.client.get(saved.page.find("iframe")["src"])
    assert (after.mimetype, after.get_data() == before) == ("application/pdf", False)
    versions = page.go(f"{drafts}/versions")
    sound(versions.answer.get_data(as_text=True), "versions")
    assert [OWN in ins.get_text() for ins in versions.page.select("#differences .differing ins")] == [True, False]
    restored = versions.send("/restore", why="")
    assert "已恢复，保存为第3版" in restored.text


def test_a_refused_text_stays_on_the_page_and_names_its_paragraph(visit: Callable[..., Visitor], drafts: str) -> None:
    refused = visit(Role.REVIEWER).go(drafts).send("/drafts", after_facts=f"{OWN}\n零\u200b宽", why="补充")

    assert refused.status == 422
    sound(refused.answer.get_data(as_text=True), "refused")
    assert "事实之后的段落第2段" in refused.page.select_one(".summary").get_text()
    assert OWN in refused.page.find("textarea", {"name": "after_facts"}).get_text()


def test_two_editors_see_both_texts(visit: Callable[..., Visitor], drafts: str) -> None:
    late = visit(Role.REVIEWER).go(drafts)
    visit(Role.REVIEWER).go(drafts).send("/drafts", after_facts=OWN, attention="安全环保部", why="先保存")

    refused = late.send("/drafts", after_facts="另一位写的文字。", why="后保存")

    assert refused.status == 409
    sound(refused.answer.get_data(as_text=True), "conflict")
    assert OWN in refused.page.select_one("#theirs del").get_text()
    assert "另一位写的文字。" in refused.page.find("textarea", {"name": "after_facts"}).get_text()
    assert refused.page.find("input", {"name": "attention"})["value"] == "安全环保部", "what only one changed stays"
    assert "已保存为第3版" in refused.send("/drafts").text


def test_others_comment_and_the_signatory_sees_it(visit: Callable[..., Visitor], drafts: str) -> None:
    legal = visit(Role.LEGAL).go(drafts)
    assert legal.page.find("textarea", {"name": "after_facts"}) is None
    about = legal.page.find("select", {"name": "comment-about"}).find_all("option")[2]["value"]
    said = legal.send("/comments", **{"comment-about": about, "comment-text": "请写明范围。", "comment-must": "y"})
    sound(said.answer.get_data(as_text=True), "commented")
    project = drafts.split("/")[2]

    signatory = visit(Role.SIGNATORY).go(f"/sign/{project}")

    sound(signatory.answer.get_data(as_text=True), "sign")
    assert "请写明范围。" in signatory.page.select_one("#comments").get_text()
    assert "1条须先处理的意见" in signatory.page.select_one("#obstacles").get_text()
    reviewer = visit(Role.REVIEWER).go(drafts)
    key = reviewer.page.find("input", {"name": "pick"})["value"]
    answered = reviewer.send("/respond", button=("act", "answer"), pick=key, **{"respond-text": "已写明。"})
    assert "已写明。" in answered.page.select_one("#comments").get_text()
    settled = visit(Role.LEGAL).go(drafts).send("/respond", button=("act", "settle"), pick=key)
    assert "已了结 1 条意见" in settled.text
    assert "须先处理的意见" not in signatory.go(f"/sign/{project}").text


def test_a_comment_on_an_older_version_is_kept_and_made_on_the_newer_one(
    visit: Callable[..., Visitor], drafts: str
) -> None:
    legal = visit(Role.LEGAL).go(drafts)
    visit(Role.REVIEWER).go(drafts).send("/drafts", after_facts=OWN, why="先保存")

    refused = legal.send("/comments", **{"comment-text": "请写明范围。", "comment-must": "y"})

    assert refused.status == 409
    assert "现在显示的是第2版" in refused.page.select_one(".summary").get_text()
    assert "请写明范围。" in refused.page.find("textarea", {"name": "comment-text"}).get_text()
    assert "已提出意见" in refused.send("/comments").text


def test_a_version_is_restored_after_another_one_came(visit: Callable[..., Visitor], drafts: str) -> None:
    visit(Role.REVIEWER).go(drafts).send("/drafts", after_facts=OWN, why="先保存")
    late = visit(Role.REVIEWER).go(f"{drafts}/versions")
    oldest = late.page.select("#taken option")[-1]["value"]
    visit(Role.REVIEWER).go(drafts).send("/drafts", attention="安全环保部", why="再保存")

    refused = late.send("/restore", taken=oldest)

    assert refused.status == 409
    assert "已恢复，保存为第4版" in refused.send("/restore", taken=oldest).text


def test_a_draft_bears_the_words_of_its_own_series(visit: Callable[..., Visitor], drafts: str) -> None:
    page = visit(Role.REVIEWER).go(drafts)
    notice = next(a["href"] for a in page.page.select(".tabs a") if "告知书" in a.get_text())

    for address, words in ((drafts, "内发改两高改〔"), (notice, "内发改两高告〔")):
        pdf = page.client.get(page.go(address).page.find("iframe")["src"]).get_data()
        assert words in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace(" ", "")


def test_the_other_pages_lead_to_the_draft(visit: Callable[..., Visitor], drafts: str) -> None:
    page = visit(Role.REVIEWER).go(f"/projects/{drafts.split('/')[2]}")
    assert page.page.find("a", href=drafts)
    assert page.go(f"/procedure/{drafts.split('/')[2]}").link("文书草稿") == drafts
    assert filled(page.go(drafts).page.find("form", action=drafts))["seen"] == "1"


def test_what_was_typed_while_the_case_moved_on_is_shown_to_be_copied(
    visit: Callable[..., Visitor], drafts: str
) -> None:
    project = drafts.split("/")[2]
    editor, legal = visit(Role.REVIEWER).go(drafts), visit(Role.LEGAL).go(drafts)
    visit(Role.REVIEWER).go(f"/projects/{project}/recall").send("/recall", reason="重新核实。")

    late = editor.send("/drafts", after_facts=OWN, why="补充情况说明")

    assert late.status == 409
    sound(late.answer.get_data(as_text=True), "late")
    assert OWN in late.page.select_one("#kept").get_text()
    assert "没有待签发的文书草稿" in late.text
    assert (
        "请写明范围。"
        in legal.send("/comments", **{"comment-text": "请写明范围。"}).page.select_one("#kept").get_text()
    )
    shown = visit(Role.REVIEWER).go(drafts)
    assert (shown.status, shown.page.select_one("#kept")) == (422, None)
    assert shown.link("项目全貌") == f"/projects/{project}"
