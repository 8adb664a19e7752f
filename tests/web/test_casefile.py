"""案卷 on the site: the time line, the file as PDF, and a decision checked by number and code."""

from __future__ import annotations

import io

import pypdf

from screening.domain.people import Role
from tests.services.conftest import sqlite_desks  # noqa: F401  # a fixture
from tests.services.test_casefile import served as case  # noqa: F401  # a fixture


def test_time_line_paper_and_check(case, site, visit) -> None:  # noqa: F811  # the fixture
    _, project, letter = case
    auditor = visit(Role.AUDITOR, "150200", login="checking")

    auditor.go(f"/projects/{project}/timeline")
    assert auditor.status == 200
    assert "签发处置决定" in auditor.text
    assert letter.number in auditor.text
    assert "签发处置决定" in auditor.go(f"/projects/{project}").text
    paper = auditor.client.get(f"/projects/{project}/casefile.pdf")
    assert paper.mimetype == "application/pdf"
    assert len(pypdf.PdfReader(io.BytesIO(paper.data)).pages) > 5

    assert auditor.go("/check").status == 200
    auditor.go("/check?code=没有〔2026〕9号")
    assert auditor.status == 404
    assert "没有这份文书" in auditor.text
    assert auditor.go("/check?code=").status == 422
    for code in (letter.number, letter.sha256[:14]):
        auditor.go(f"/check?code={code}")
        assert auditor.status == 200
        for said in (letter.number, letter.signed_by, "951.2", "规则版本", "办理经过"):
            assert said in auditor.text, said
    again = next(a["href"] for a in auditor.page.find_all("a") if a.get_text() == "重新计算")
    assert "结果相同" in auditor.go(again).text


def test_the_check_of_another_place_finds_nothing(case, visit) -> None:  # noqa: F811
    _, project, letter = case
    stranger = visit(Role.AUDITOR, "150100")

    assert stranger.go(f"/check?code={letter.number}").status == 404
    assert "青山第1" not in stranger.text
    assert stranger.go(f"/projects/{project}/timeline").status == 404
    assert stranger.go(f"/projects/{project}/casefile.pdf").status == 404
