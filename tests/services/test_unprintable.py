"""Signs that no letter can show: whoever signs is told before, with the field and the sign, and nothing is numbered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.domain.classification import Disposition
from screening.domain.errors import Refusal
from screening.domain.review import ReturnReason
from screening.services import casework, dispositions, followups, letters
from tests.conftest import NOW
from tests.services.desks import Desks
from tests.services.sheets import row
from tests.services.test_dispositions import BUILT_EARLY, confirm, official

ROWS = {
    "a zero-width space in the enterprise": ({"建设单位": "包头市青山\u200b化工有限公司"}, {}, "建设单位", "U+200B"),
    "an emoji in the project": ({"项目名称": "第1😀号电石项目"}, {}, "项目名称", "U+1F600"),
    "a private character in the park": ({"园区": "青山\ue000园区"}, {}, "建设地点", "U+E000"),
    "a direction mark in the reason": ({}, {"reason": "事实\u202e清楚。"}, "处置理由", "U+202E"),
    "a bell in the effect": ({}, {"effect": "该项目即日起\x07停工。"}, "效力", "U+0007"),
}


@pytest.mark.parametrize(("cells", "typed", "field", "sign"), ROWS.values(), ids=ROWS)
def test_the_signatory_is_told_field_and_sign_and_nothing_is_numbered(
    sqlite_desks: Desks, cells: dict[str, str], typed: dict[str, str], field: str, sign: str
) -> None:
    desks = sqlite_desks
    desks.take_in([row(1, **BUILT_EARLY, **cells)])
    project = desks.find("第1")
    confirm(desks, project)
    desks.recommend(project, Disposition.HALT, due=None, **typed)
    official(desks, project)
    desks.take_steps(project)

    shown = dispositions.before_signing(desks.ledger, project, by=desks.signatory, at=NOW)

    assert any(field in text and sign in text for text in shown.obstacles), shown.obstacles
    with pytest.raises(Refusal) as refused:
        desks.sign(project)
    assert field in refused.value.message
    assert sign in refused.value.message
    assert letters.list_letters(desks.ledger, by=desks.signatory) == ()


@pytest.mark.parametrize(
    ("reason", "name", "field", "sign"),
    [("写明计量单位\u200b。", "苏和", "所需资料第1项", "U+200B"), ("写明计量单位。", "苏\u3164和", "签发人", "U+3164")],
)
def test_a_request_for_data_takes_no_number_before_it_can_be_printed(
    sqlite_desks: Desks, reason: str, name: str, field: str, sign: str
) -> None:
    desks = sqlite_desks
    desks.take_in([row(1, 实际单位产品能耗="", 设计单位产品能耗="")])
    project = desks.find("第1")
    casework.send_back(
        desks.ledger, project, code=ReturnReason.UNCLEAR_UNIT, field="sec_unit", reason=reason,
        seen=desks.version(project), by=desks.regional, at=NOW,
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        followups.request(
            desks.ledger, project, seen=desks.version(project), by=replace(desks.signatory, name=name), at=NOW
        )

    assert field in refused.value.message
    assert sign in refused.value.message
    assert letters.list_letters(desks.ledger, by=desks.signatory) == ()
