"""The case file: time line, dossier as PDF, and a decision computed anew."""

from __future__ import annotations

import hashlib
import io
import re

import pypdf
import pytest
import sqlalchemy as sa

from screening.domain.classification import Disposition
from screening.domain.errors import NotFound, Refusal
from screening.domain.people import Role
from screening.services import casefile, letters
from tests.conftest import NOW, TODAY
from tests.services.sheets import row


@pytest.fixture
def served(sqlite_desks):
    """A case that has come as far as service: (desks, project, letter)."""
    desks = sqlite_desks
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)
    seen = letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).line.version
    letters.serve(
        desks.ledger, letter.id, served_on=TODAY, method="直接送达", receiver="李四", seen=seen, by=desks.office, at=NOW
    )
    return desks, project, letter


def words(pdf: bytes) -> str:
    """All text of a PDF without blanks."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def test_the_time_line_tells_who_did_what_when_and_on_what_paper(served) -> None:
    desks, project, letter = served
    found = casefile.timeline(desks.ledger, project, by=desks.auditor)

    names = [step.name for step in found.steps]
    usual = ["project_registered", "case_accepted", "disposition_recommended", "step_taken", "decision_signed",
             "letter_printed", "letter_served", "clock_started"]  # fmt: skip
    assert [name for name in usual if name in names] == usual
    signed = found.steps[names.index("decision_signed")]
    assert (signed.who, signed.day) == (desks.signatory.name, TODAY.isoformat())
    assert signed.moved == ("待签发", "已签发")
    assert signed.letters == (letter.number,)
    assert signed.after["disposition"] == Disposition.RETROFIT.words
    assert found.letters[letter.number].id == letter.id


def test_the_dossier_holds_the_letters_as_issued_and_is_the_same_each_time(served, tmp_path) -> None:
    desks, project, letter = served
    pdf = casefile.dossier(desks.ledger, project, by=desks.auditor)
    (tmp_path / "案卷.pdf").write_bytes(pdf)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    issued = letters.render(desks.ledger, letter.id, by=desks.auditor)
    original = pypdf.PdfReader(io.BytesIO(issued))

    assert casefile.dossier(desks.ledger, project, by=desks.auditor) == pdf
    own = len(reader.pages) - len(original.pages)
    for made, kept in zip(reader.pages[own:], original.pages, strict=True):
        assert made.get_contents().get_data() == kept.get_contents().get_data()
    assert reader.attachments[f"{letter.number}.pdf"] == [issued]
    assert hashlib.sha256(issued).hexdigest() == letter.sha256
    text = words(pdf)
    contents = re.sub(r"\s", "", reader.pages[1].extract_text())
    for title in ("一、登记信息", "二、决定及其依据", "六、办理经过", "八、附件和证据目录"):
        page = int(re.search(title + r"\.+(\d+)", contents)[1])
        assert title in re.sub(r"\s", "", reader.pages[page - 1].extract_text()), title
    assert re.search(re.escape(letter.number) + r".*?\.+(\d+)", contents)[1] == str(own + 1)
    for said in (
        letter.number,
        letter.sha256,
        desks.signatory.name,
        desks.reviewer.name,
        "951.2",
        f"共{own}页",
        "送达",
    ):
        assert said in text, said


def test_a_decision_is_found_by_number_and_by_code_and_comes_out_the_same(served) -> None:
    desks, _, letter = served
    typed = f" {letter.number.replace('〔', '[').replace('〕', ']')} "
    for code in (letter.number, typed, letter.sha256, letter.sha256[:12].upper()):
        found = casefile.find(desks.ledger, code, by=desks.auditor)
        assert found.letter.id == letter.id
    assert found.decision.rules_version == desks.ledger.rules.version
    assert ("项目名称", "青山第1电石项目") in found.decision.inputs

    desks.take_in([row(1, 实际单位产品能耗="700")])  # what stands now is not what was judged
    again = casefile.recompute(desks.ledger, found.decision.id, by=desks.auditor)
    assert again.same, again.differences
    assert not again.other_rules


def test_a_decision_that_was_tampered_with_does_not_come_out_the_same(served) -> None:
    desks, _, letter = served
    found = casefile.find(desks.ledger, letter.number, by=desks.auditor)
    with desks.ledger.engine.connect().execution_options(writes=True) as connection:
        connection.execute(sa.text("DROP TRIGGER decision_no_update"))
        connection.execute(sa.text("UPDATE decision SET facts = replace(facts, '951.2', '700')"))
        connection.commit()

    again = casefile.recompute(desks.ledger, found.decision.id, by=desks.auditor)
    assert ("能效分类", "BELOW_BASELINE", "AT_BENCHMARK") in again.differences


def test_the_case_file_of_another_place_is_not_there(served) -> None:
    desks, project, letter = served
    stranger = desks.hire(Role.AUDITOR, "stranger", "150100")
    decision = casefile.find(desks.ledger, letter.number, by=desks.auditor).decision.id
    for attempt in (
        lambda: casefile.timeline(desks.ledger, project, by=stranger),
        lambda: casefile.dossier(desks.ledger, project, by=stranger),
        lambda: casefile.find(desks.ledger, letter.number, by=stranger),
        lambda: casefile.find(desks.ledger, letter.sha256, by=stranger),
        lambda: casefile.recompute(desks.ledger, decision, by=stranger),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Refusal):
        casefile.find(desks.ledger, "  ", by=desks.auditor)
