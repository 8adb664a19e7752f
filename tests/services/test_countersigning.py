"""会签: asked by the reviewer, answered by the department; nothing is signed against it or before it answered."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from screening.domain.classification import Disposition
from screening.domain.errors import Refusal
from screening.domain.procedure import COUNTERSIGNING, StepId, StepState
from screening.domain.registry import Industry
from screening.services import dispositions, drafting, procedure, review
from tests.conftest import NOW, TODAY
from tests.services.desks import once
from tests.services.sheets import row

ASKED = StepId.ENERGY_DEPARTMENT
ANSWER = {
    "asked_on": "2026-11-20", "opinion": "agree", "replied_on": "2026-11-23", "by_whom": "包头市能源局王五",
    "number": "包能函〔2026〕9号",
}  # fmt: skip


@pytest.fixture
@once
def project(desks):
    """A recommended retrofit on which the energy department was asked; all other steps are on file."""
    desks.take_in([row(1)])
    found = desks.find("第1")
    desks.recommend(found, countersigned_by=(ASKED,))
    desks.make_official(found)
    desks.take_steps(found, without=tuple(COUNTERSIGNING))
    return found


def answer(desks, project, state=StepState.DONE, **changed):
    facts = {name: text for name, text in {**ANSWER, **changed}.items() if text}
    return procedure.take(
        desks.ledger, project, ASKED, facts=facts, state=state, key=desks.key(), by=desks.regional, at=NOW
    )


def sign(desks, project):
    return dispositions.sign(
        desks.ledger, project, seen=desks.version(project), key=desks.key(), by=desks.signatory, at=NOW
    )


def test_nothing_is_signed_without_the_answer(desks, project) -> None:
    with pytest.raises(Refusal, match="能源主管部门会签"):
        sign(desks, project)
    answer(desks, project)
    assert sign(desks, project).letter.number


def test_remarks_are_kept(desks, project) -> None:
    with pytest.raises(Refusal) as refused:
        answer(desks, project, opinion="remarks")
    assert refused.value.field == "text"
    answer(desks, project, opinion="remarks", text="请同步安排供热替代。")
    told = next(e for e in desks.view(project).history if e.kind == "step_taken").after
    assert (told["step"], told["state"], told["facts"]["text"]) == (ASKED, "done", "请同步安排供热替代。")
    assert sign(desks, project).letter.number


def test_disagreement_blocks_until_the_request_is_withdrawn(desks, project) -> None:
    record = answer(desks, project, opinion="disagree", text="该机组承担民生供热。")
    with pytest.raises(Refusal, match="能源主管部门会签"):
        sign(desks, project)
    procedure.void(desks.ledger, project, record, reason="撤回会签请求。", by=desks.regional, at=NOW)
    answer(
        desks, project, StepState.NOT_REQUIRED, **dict.fromkeys(ANSWER), reason="已由自治区能源局另行同意，撤回请求。"
    )
    assert sign(desks, project).letter.number
    with desks.ledger.reader() as session:
        kept = session.execute(sa.text("SELECT facts FROM procedure_step WHERE step = 'energy_department'")).scalars()
        assert sum("承担民生供热" in facts for facts in kept) == 1, "what the department said stays on file"


@pytest.mark.parametrize("missing", ["asked_on", "opinion", "replied_on", "by_whom", "number"])
def test_an_answer_is_whole(desks, project, missing: str) -> None:
    with pytest.raises(Refusal) as refused:
        answer(desks, project, **{missing: None})
    assert refused.value.field == missing


def test_nobody_answers_before_he_is_asked(desks, project) -> None:
    with pytest.raises(Refusal, match="早于征求意见"):
        answer(desks, project, replied_on="2026-11-19")


def test_coal_power_suggests_the_energy_department(desks, project) -> None:
    offered = review.choices(desks.ledger, project, by=desks.reviewer, today=TODAY)
    assert offered.countersigning == ()
    desks.take_in([row(2, 所属行业="煤电")])
    coal = desks.find("第2")
    assert desks.view(coal).line.industry is Industry.COAL_POWER
    assert review.choices(desks.ledger, coal, by=desks.reviewer, today=TODAY).countersigning == (ASKED,)


def test_who_was_asked_stands_in_the_trail(desks, project) -> None:
    told = next(e for e in desks.view(project).history if e.kind == "disposition_recommended").after
    assert told["countersigned_by"] == [ASKED]
    assert told["disposition"] == Disposition.RETROFIT


def test_departments_agree_again_to_other_words_and_not_to_another_contact(desks, project) -> None:
    answer(desks, project)

    def edit(**parts) -> None:
        sheet = drafting.sheet(desks.ledger, project, by=desks.reviewer, at=NOW)
        drafting.save(
            desks.ledger, project, sheet.tab.part, replace(sheet.texts, **parts), why="按会签意见修改",
            seen=sheet.tab.number, key=desks.key(), by=desks.reviewer, at=NOW,
        )  # fmt: skip

    edit(phone="0472-5550100")
    assert drafting.sheet(desks.ledger, project, by=desks.reviewer, at=NOW).reviewed == ("法制审核", ASKED.words)
    edit(after_facts=("企业承诺分两步改造。",))
    assert drafting.sheet(desks.ledger, project, by=desks.reviewer, at=NOW).reviewed == ()
    told = [e.after["step"] for e in desks.view(project).history if e.kind == "step_voided"]
    assert sorted(told) == sorted((ASKED.value, StepId.LEGAL_REVIEW.value))
    desks.take_steps(project, without=tuple(COUNTERSIGNING))
    with pytest.raises(Refusal, match="能源主管部门会签"):
        sign(desks, project)
    answer(desks, project)
    assert sign(desks, project).letter.number


def test_a_department_that_is_not_asked_any_more_stays_so(desks, project) -> None:
    answer(desks, project, StepState.NOT_REQUIRED, **dict.fromkeys(ANSWER), reason="征求意见未获答复，撤回请求。")
    sheet = drafting.sheet(desks.ledger, project, by=desks.reviewer, at=NOW)
    drafting.save(
        desks.ledger, project, sheet.tab.part, replace(sheet.texts, remark="此件公开发布"), why="补附注",
        seen=sheet.tab.number, key=desks.key(), by=desks.reviewer, at=NOW,
    )  # fmt: skip
    desks.take_steps(project, without=tuple(COUNTERSIGNING))
    assert sign(desks, project).letter.number
