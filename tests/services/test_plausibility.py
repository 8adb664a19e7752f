"""Warnings of plausibility in the ledger: explained, lapsing with their figures, and no bar to a recommendation."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.services import plausibility, registry
from screening.store import cases
from tests.conftest import NOW, TODAY
from tests.services.desks import once
from tests.services.sheets import row

ODD = {"实际单位产品能耗": "2000"}
"""More than twice the baseline of calcium carbide."""
WHY = "电炉检修后重新开炉，见企业2025年12月能耗报表。"


@pytest.fixture
@once
def project(desks):
    """A project with one figure that nobody believes."""
    desks.take_in([row(1, **ODD)])
    return desks.find("第1")


def doubts(desks, project, by=None):
    return plausibility.doubts(desks.ledger, project, by=by or desks.reviewer, today=TODAY)


def explain(desks, project, text=WHY, by=None, **more):
    (doubt,) = doubts(desks, project)
    given = {"seen": desks.version(project), "at": NOW, **more}
    return plausibility.explain(desks.ledger, project, {doubt.digest: text}, by=by or desks.registrar, **given)


def test_a_warning_waits_for_its_explanation(desks, project) -> None:
    (doubt,) = desks.view(project).doubts

    assert doubt.id == "plausibility_sec_against_levels"
    assert "2000 kgce/t" in doubt.text
    assert doubt.explanation is None


def test_an_explanation_is_kept_with_who_and_when(desks, project) -> None:
    assert explain(desks, project) == 2

    (doubt,) = desks.view(project).doubts
    assert (doubt.explanation.text, doubt.explanation.by, doubt.explanation.at) == (WHY, desks.registrar.name, NOW)
    event = registry.history(desks.ledger, project, by=desks.reviewer)[0]
    assert (event.words, event.who, event.why) == ("说明数据疑点", "registrar", WHY)
    assert event.after["facts"]["actual_sec"] == "2000"
    assert event.after["sentence"] == doubt.text


def test_an_explanation_lapses_when_the_figure_changes_and_holds_again_when_it_comes_back(desks, project) -> None:
    explain(desks, project)
    desks.take_in([row(1, 实际单位产品能耗="2100")])
    (doubt,) = doubts(desks, project)
    assert doubt.explanation is None
    assert [(old.text, "2000" in old.sentence) for old in doubt.lapsed] == [(WHY, True)]

    desks.take_in([row(1, **ODD)])
    (doubt,) = doubts(desks, project)
    assert doubt.explanation.text == WHY
    assert doubt.lapsed == ()


def test_an_explanation_holds_when_another_field_changes(desks, project) -> None:
    explain(desks, project)
    desks.take_in([row(1, **ODD, 备注="另一处变更")])

    assert doubts(desks, project)[0].explanation.text == WHY


def test_a_mended_figure_is_not_doubted(desks, project) -> None:
    explain(desks, project)
    desks.take_in([row(1, 实际单位产品能耗="951.2")])

    assert doubts(desks, project) == ()


def test_the_unexplained_stand_first(desks) -> None:
    desks.take_in([row(1, **ODD, **{"设计年综合能耗（等价值）": "61234.5", "设计年综合能耗（当量值）": "70000"})])
    project = desks.find("第1")
    first, second = doubts(desks, project)
    plausibility.explain(desks.ledger, project, {first.digest: WHY}, seen=1, by=desks.reviewer, at=NOW)

    assert [(d.digest, d.explanation is None) for d in doubts(desks, project)] == [
        (second.digest, True),
        (first.digest, False),
    ]


def test_an_explanation_is_changed_by_writing_it_again(desks, project) -> None:
    explain(desks, project)
    explain(desks, project, "更正：系试生产数据。", at=NOW + timedelta(hours=1))

    (doubt,) = doubts(desks, project)
    assert doubt.explanation.text == "更正：系试生产数据。"
    assert registry.history(desks.ledger, project, by=desks.reviewer)[0].before == {"explanation": WHY}


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_explanation_has_words(desks, project, text: str) -> None:
    with pytest.raises(Refusal, match="没有填写任何说明"):
        explain(desks, project, text)


def test_an_explanation_is_no_book(desks, project) -> None:
    with pytest.raises(Refusal, match="不超过4000字") as refused:
        explain(desks, project, "长" * 4001)
    assert refused.value.field.startswith("text-")


@pytest.mark.parametrize("role", [r for r in Role if r not in {Role.REGISTRAR, Role.REVIEWER}])
def test_only_those_who_state_facts_explain_them(sqlite_desks, role: Role) -> None:
    sqlite_desks.take_in([row(1, **ODD)])
    with pytest.raises(Forbidden):
        explain(
            sqlite_desks, sqlite_desks.find("第1"), by=getattr(sqlite_desks, role.value, None) or sqlite_desks.legal
        )


def test_another_league_sees_and_explains_nothing(desks, project) -> None:
    stranger = desks.hire(Role.REVIEWER, "stranger", scope="150300")
    with pytest.raises(NotFound):
        doubts(desks, project, by=stranger)
    with pytest.raises(NotFound):
        explain(desks, project, by=stranger)


def test_what_changed_meanwhile_is_not_explained(desks, project) -> None:
    (doubt,) = doubts(desks, project)
    desks.take_in([row(1, 实际单位产品能耗="2100")])
    for seen in (1, 2):
        with pytest.raises(Conflict):
            plausibility.explain(desks.ledger, project, {doubt.digest: WHY}, seen=seen, by=desks.registrar, at=NOW)


def test_a_recommendation_over_unexplained_warnings_says_why(desks, project) -> None:
    with pytest.raises(Refusal, match="1条数据疑点尚未说明") as refused:
        desks.recommend(project)
    assert refused.value.field == "despite"

    done = desks.recommend(project, despite="该项不影响分类：取任一合理值均低于基准。")
    assert done.despite == "该项不影响分类：取任一合理值均低于基准。"
    after = registry.history(desks.ledger, project, by=desks.reviewer)[0].after
    assert after["despite"] == done.despite
    assert [("2000 kgce/t" in text) for text in after["unexplained"]] == [True]


def test_once_explained_nothing_more_is_asked(desks, project) -> None:
    explain(desks, project)
    done = desks.recommend(project, despite="多余的话")

    assert done.despite is None
    with desks.ledger.reader() as session:
        assert cases.recommendation(session, project).despite is None


def test_the_earlier_year_comes_from_the_trail(desks) -> None:
    def year(number: str, sec: str, **more: str):
        return row(1, 统计年度=number, 实际单位产品能耗=sec, **more)

    desks.take_in([year("2023", "900")])
    desks.take_in([year("2024", "930")])
    desks.take_in([year("2025", "500", 备注="第一次")])
    desks.take_in([year("2025", "500", 备注="同年更正")])
    project = desks.find("第1")

    (doubt,) = doubts(desks, project)
    assert doubt.id == "plausibility_sec_year_on_year"
    assert (doubt.facts["earlier_year"], doubt.facts["earlier_actual_sec"]) == ("2024", "930")


def test_the_preview_tells_doubts_apart_from_faults(desks) -> None:
    desks.take_in([row(1, 统计年度="2024", 实际单位产品能耗="900")])
    preview = desks.preview([row(1, 统计年度="2025", 实际单位产品能耗="500"), row(2, **ODD), row(3)])

    assert preview.rejections == ()
    assert [len(line.doubts) for line in preview.changed] == [1]
    assert "上一填报年度" in preview.changed[0].doubts[0]
    assert [len(line.doubts) for line in preview.new] == [1, 0]
    again = registry.show_import(desks.ledger, preview.batch, by=desks.registrar)
    assert again == preview


def test_scripts_see_warnings_among_the_hints(desks, project) -> None:
    document = desks.view(project).document

    (hint,) = [h for h in document["hints"] if h["id"].startswith("plausibility_")]
    assert hint["facts"]["expected_high"] == "1880"
    assert json.dumps(hint, ensure_ascii=False)
