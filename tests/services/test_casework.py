"""The ways of a case to and fro through the services: what each leaves behind, who may, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from screening.domain.classification import Disposition
from screening.domain.dispositions import Named, by_hand
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Happening
from screening.domain.people import Role
from screening.domain.registry import EnergyUse
from screening.domain.review import CaseState, ReturnReason
from screening.services import casework, comparison, deadlines, letters, plausibility, registry, returns, review
from screening.store import cases
from tests.conftest import NOW, TODAY
from tests.services.desks import Desks, once
from tests.services.sheets import row

SMALL = {"设计产能": "5", "设计年综合能耗（等价值）": "47000"}
"""Below the focus line, and in proportion."""
BETWEEN_BY_DESIGN = {"建设状态": "在建", "设计单位产品能耗": "900", "实际单位产品能耗": ""}
"""Under construction, and not designed to benchmark: to be rectified."""


@pytest.fixture
@once
def one(desks: Desks):
    """A project of 青山区 that waits for its first look, below the focus line."""
    desks.take_in([row(**SMALL)])
    return desks.find("电石")


def state(desks: Desks, project) -> CaseState:
    return desks.view(project).line.case_state


def moves(desks: Desks, project) -> list[str]:
    with desks.ledger.reader() as session:
        return [move.move.value for move in cases.moves(session, project)]


def step(desks: Desks, act, project, **more):
    given = {"seen": desks.version(project), "at": NOW, **more}
    return act(desks.ledger, project, **given)


def back(desks: Desks, project, **more):
    given = {"code": ReturnReason.UNCLEAR_UNIT, "field": "sec_unit", "reason": "写明是 kgce/t。", "by": desks.reviewer}
    return step(desks, casework.send_back, project, **{**given, **more})


def test_a_case_goes_up_level_by_level(desks: Desks) -> None:
    desks.take_in([row()])
    project = desks.find("电石")
    banner = desks.hire(Role.REVIEWER, "banner", scope="150204")

    assert step(desks, review.accept, project, by=banner) is CaseState.CHECKED
    assert desks.view(project).line.in_focus
    assert step(desks, review.accept, project, by=desks.reviewer) is CaseState.FORWARDED
    with pytest.raises(Forbidden, match="自治区"):
        step(desks, review.accept, project, by=desks.reviewer)
    assert step(desks, review.accept, project, by=desks.regional) is CaseState.ACCEPTED
    assert moves(desks, project) == ["submit", "check", "forward", "accept"]


def test_what_goes_back_says_why_and_comes_back_corrected(desks: Desks, one) -> None:
    assert back(desks, one) is CaseState.CORRECTION
    told = returns.to_correct(desks.ledger, one, by=desks.registrar)
    assert told is not None
    assert (told.code, told.field, told.field_words) == (ReturnReason.UNCLEAR_UNIT, "sec_unit", "能耗单位")
    event = desks.view(one).history[0]
    assert event.kind is Happening.CASE_SENT_BACK
    assert event.after is not None
    assert (event.after["code"], event.after["field"]) == ("unclear_unit", "sec_unit")

    desks.take_in([row(**{**SMALL, "实际单位产品能耗": "930"})])

    assert state(desks, one) is CaseState.SUBMITTED
    assert returns.to_correct(desks.ledger, one, by=desks.registrar) is None
    assert moves(desks, one)[-2:] == ["send_back", "change_facts"]


def test_a_return_needs_code_field_and_reason(desks: Desks, one) -> None:
    for missing, box in (({"code": None}, "code"), ({"field": ""}, "code"), ({"reason": " "}, "reason")):
        with pytest.raises(Refusal) as refused:
            back(desks, one, **missing)
        assert refused.value.field == box
    with pytest.raises(Refusal, match="没有“nonsense”这一栏"):
        back(desks, one, field="nonsense")
    with pytest.raises(Refusal, match="4000"):
        back(desks, one, reason="长" * 4001)
    assert state(desks, one) is CaseState.SUBMITTED


def test_the_field_of_one_unit_is_named(desks: Desks) -> None:
    assert casework.field_words("units-1-actual_sec") == "装置2·实际单位产品能耗"
    assert casework.field_words("uses") == "分品种能源消费"
    assert [casework.field_words(key) for key in ("units-x-actual_sec", "units-1-name", "units-1", "")] == [None] * 4
    desks.take_in([row(1), row(1, 装置名称="2号炉")])
    project = desks.view(desks.find("电石")).project
    offered = casework.fields_of(project)
    assert ("units-1-actual_sec", "装置2·实际单位产品能耗") in offered
    assert all(casework.field_words(key) == words for key, words in offered)


def test_the_registrar_takes_back_and_submits_again(desks: Desks, one) -> None:
    assert step(desks, casework.withdraw, one, by=desks.registrar, reason="漏了一套装置。") is CaseState.WITHDRAWN
    with pytest.raises(Refusal, match="已撤回"):
        step(desks, review.accept, one, by=desks.reviewer)
    assert step(desks, casework.submit, one, by=desks.registrar) is CaseState.SUBMITTED
    step(desks, review.accept, one, by=desks.reviewer)
    with pytest.raises(Refusal, match="不能撤回"):
        step(desks, casework.withdraw, one, by=desks.registrar, reason="太晚了。")
    kinds = [event.kind for event in desks.view(one).history]
    assert kinds[:3] == [Happening.CASE_ACCEPTED, Happening.CASE_SUBMITTED, Happening.CASE_WITHDRAWN]


def test_what_is_taken_in_may_wait_with_the_registrar(desks: Desks) -> None:
    preview = desks.preview([row()])
    registry.confirm_import(desks.ledger, preview.batch, for_review=False, by=desks.registrar, at=NOW)
    project = desks.find("电石")
    assert state(desks, project) is CaseState.REGISTERED
    assert review.queue(desks.ledger, by=desks.reviewer) == ()
    step(desks, casework.submit, project, by=desks.registrar)
    assert [line.line.id for line in review.queue(desks.ledger, by=desks.reviewer)] == [project]


def test_nobody_reviews_what_he_registered(desks: Desks) -> None:
    desks.take_in([row(**SMALL)], by=desks.reviewer)
    project = desks.find("电石")
    for act in (lambda: step(desks, review.accept, project, by=desks.reviewer), lambda: back(desks, project)):
        with pytest.raises(Forbidden, match="由您本人登记"):
            act()
    offered = review.offered(desks.ledger, project, by=desks.reviewer)
    assert (offered.accept, offered.send_back) == (None, False)
    assert "由您本人登记" in (offered.barred or "")


def test_a_recommendation_is_recalled_by_its_maker_alone(desks: Desks, one) -> None:
    desks.recommend(one)
    other = desks.hire(Role.REVIEWER, "other")
    with pytest.raises(Forbidden, match="只能由其本人收回"):
        step(desks, casework.recall, one, by=other, reason="不同意。")
    assert step(desks, casework.recall, one, by=desks.reviewer, reason="漏看一项。") is CaseState.ACCEPTED
    assert desks.view(one).recommendation.state.value == "recalled"
    desks.recommend(one)
    assert state(desks, one) is CaseState.RECOMMENDED


def test_a_recommendation_is_not_recalled_once_somebody_acted_on_it(desks: Desks, one) -> None:
    desks.recommend(one)
    desks.take_steps(one)
    with pytest.raises(Refusal, match="不能再收回"):
        step(desks, casework.recall, one, by=desks.reviewer, reason="漏看一项。")
    desks.make_official(one)
    desks.sign(one)
    with pytest.raises(Refusal, match="已签发"):
        step(desks, casework.recall, one, by=desks.reviewer, reason="漏看一项。")


def serve(desks: Desks, one, disposition: Disposition, **more) -> None:
    """Decides, prints and serves."""
    desks.recommend(one, disposition, **more)
    desks.make_official(one, disposition)
    letter = desks.sign(one).letter.id
    letters.print_(desks.ledger, letter, by=desks.office, at=NOW)
    seen = letters.show(desks.ledger, letter, by=desks.office, today=TODAY).line.version
    letters.serve(
        desks.ledger, letter, served_on=TODAY, method="直接送达", receiver="张三", seen=seen, by=desks.office, at=NOW
    )


def test_no_word_of_a_reviewer_ends_a_retrofit(desks: Desks, one) -> None:
    serve(desks, one, Disposition.RETROFIT)
    with pytest.raises(Refusal, match="只有验收通过才能结束改造期限"):
        step(desks, casework.close, one, by=desks.reviewer, reason="整改已验收。")
    assert (state(desks, one), desks.view(one).clock is not None) == (CaseState.SERVED, True)
    assert len(deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY)) == 1


def test_an_order_to_rectify_ends_no_retrofit(desks: Desks, one) -> None:
    serve(desks, one, Disposition.RETROFIT)
    act = by_hand(Disposition.RECTIFY)
    named = Named(
        instrument="责令更换计量仪表", organ="包头市发展和改革委员会", clause="《中华人民共和国节约能源法》第五十四条"
    )
    serve(desks, one, Disposition.RECTIFY, clause="某条", named={act.ref: named})

    kinds = {clock.letter_number for clock in deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY)}
    assert len(kinds) == 2
    with pytest.raises(Refusal, match="只有验收通过"):
        step(desks, casework.close, one, by=desks.reviewer, reason="整改已核实。")


def test_a_closed_case_has_no_clock_and_can_be_taken_up_again(desks: Desks) -> None:
    desks.take_in([row(9, **BETWEEN_BY_DESIGN, **SMALL)])
    one = desks.find("第9")
    serve(desks, one, Disposition.RECTIFY)
    assert desks.view(one).clock is not None
    assert step(desks, casework.close, one, by=desks.reviewer, reason="整改已核实。") is CaseState.CLOSED
    assert desks.view(one).clock is None
    assert deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY) == ()
    assert step(desks, casework.reopen, one, by=desks.reviewer, reason="又超标。") is CaseState.REOPENED
    assert desks.recommend(one, Disposition.RECTIFY).disposition is Disposition.RECTIFY
    assert len(desks.view(one).letters) == 1


def test_the_same_form_twice_acts_once_another_is_told(desks: Desks, one) -> None:
    seen = desks.version(one)
    for _ in range(2):
        assert step(desks, review.accept, one, by=desks.reviewer, seen=seen) is CaseState.ACCEPTED
    assert moves(desks, one) == ["submit", "accept"]
    with pytest.raises(Conflict, match=f"已由{desks.reviewer.name}.*审核通过"):
        step(desks, review.accept, one, by=desks.regional, seen=seen)
    with pytest.raises(Conflict, match="审核通过"):
        back(desks, one, seen=seen)


def test_what_lies_elsewhere_is_not_there(desks: Desks, one) -> None:
    stranger = desks.hire(Role.REVIEWER, "stranger", scope="150300")
    for act in (lambda: back(desks, one, by=stranger), lambda: step(desks, review.accept, one, by=stranger)):
        with pytest.raises(NotFound):
            act()
    assert returns.returns(desks.ledger, by=stranger, first=TODAY, last=TODAY) == ()


def test_the_queue_is_that_of_the_level_and_goes_round(desks: Desks) -> None:
    desks.take_in([row(n, **SMALL) for n in (1, 2, 3)])
    first, second, third = (line.line.id for line in review.queue(desks.ledger, by=desks.reviewer))
    banner = desks.hire(Role.REVIEWER, "banner", scope="150204")

    assert review.following(desks.ledger, first, by=desks.reviewer) == second
    assert review.following(desks.ledger, third, by=desks.reviewer) == first
    step(desks, review.accept, second, by=banner, at=NOW + timedelta(minutes=1))
    assert review.following(desks.ledger, first, by=banner) == third
    assert review.following(desks.ledger, third, by=desks.reviewer, state=CaseState.CHECKED) == second
    assert review.following(desks.ledger, second, by=desks.reviewer, state=CaseState.CHECKED) is None
    assert review.following(desks.ledger, first, by=desks.reviewer, doubtful=True) is None
    assert review.following(desks.ledger, first, by=desks.reviewer, doubtful=False) == third
    assert [line.line.id for line in review.queue(desks.ledger, by=banner)] == [first, third]


def test_returns_are_counted_and_told_where_they_help(desks: Desks) -> None:
    desks.take_in([row(n, **SMALL) for n in range(1, 6)])
    keys = [line.line.id for line in review.queue(desks.ledger, by=desks.reviewer)]
    for key in keys[:3]:
        back(desks, key)
    back(desks, keys[3], code=ReturnReason.IMPLAUSIBLE, field="units-0-sec_unit", at=NOW - timedelta(days=1))
    back(desks, keys[4], code=ReturnReason.MISSING, field="park")

    found = returns.returns(desks.ledger, by=desks.regional, first=TODAY, last=TODAY)
    assert [(c.office_name, c.code.value, c.field, c.count) for c in returns.counted(found)] == [
        ("包头市", "unclear_unit", "sec_unit", 3), ("包头市", "missing", "park", 1),
    ]  # fmt: skip
    wide = returns.returns(desks.ledger, by=desks.regional, first=TODAY - timedelta(days=1), last=TODAY)
    assert sum(c.count for c in returns.counted(wide)) == len(wide) == 5
    with pytest.raises(Refusal, match="早于"):
        returns.returns(desks.ledger, by=desks.regional, first=TODAY, last=TODAY - timedelta(days=1))
    assert returns.often(desks.ledger, by=desks.registrar, today=TODAY) == {
        "sec_unit": "近90天此栏被退回4次：计量单位不清或者有误3次、数值不合理1次"
    }
    later = TODAY + timedelta(days=90)
    assert returns.often(desks.ledger, by=desks.registrar, today=later) == {}


def test_a_record_is_laid_beside_what_was_accepted(desks: Desks, one) -> None:
    def beside(by=desks.reviewer):
        doubts = plausibility.doubts(desks.ledger, one, by=by, today=TODAY)
        return comparison.beside(desks.ledger, one, doubts, by=by, today=TODAY)

    assert beside().accepted is None
    assert beside().years == ()
    step(desks, review.accept, one, by=desks.reviewer)
    accepted = beside().accepted
    assert accepted is not None
    assert (accepted.by, accepted.changes) == (desks.reviewer.name, ())

    newer = {**SMALL, "统计年度": "2026", "实际单位产品能耗": "400"}
    desks.take_in([row(**newer)])
    found = beside()
    assert found.accepted is not None
    assert {(c.words.split("·")[-1], c.old, c.new) for c in found.accepted.changes} == {
        ("实际单位产品能耗", "951.2", "400"), ("统计年度", "2025", "2026"),
    }  # fmt: skip
    sec = next(pair for pair in found.years if "单位产品能耗" in pair.words)
    assert (str(sec.then), str(sec.now), sec.change) == ("951.2", "400", "-57.9%")
    assert "合理范围" in (sec.outlier or "")

    step(desks, review.accept, one, by=desks.reviewer, forward=True)
    assert len(beside(desks.regional).accepted.changes) == 2  # beside what stood before it was forwarded
    step(desks, review.accept, one, by=desks.regional)
    assert beside(desks.regional).accepted.changes == ()


def test_the_amounts_of_two_years_stand_beside_each_other(desks: Desks) -> None:
    desks.take_in([row()])
    project = desks.view(desks.find("电石")).project
    uses = tuple(
        EnergyUse(basis=basis, year=year, carrier="原煤", amount=Decimal(amount), measure="吨")
        for basis, year, amount in (("实际", 2024, 60), ("实际", 2024, 40), ("实际", 2025, 900), ("设计", 2026, 5))
    )
    believed = next(rule for rule in desks.ledger.rules.plausibility if rule.id == "total_year_on_year")

    pairs = list(comparison.carriers_beside(replace(project, uses=uses), believed))

    assert [(p.words, p.earlier_year, p.then, p.year, p.now, p.change) for p in pairs] == [
        ("原煤", 2024, 100, 2025, 900, "+800%")
    ]
    assert "30%至250%" in (pairs[0].outlier or "")
    assert list(comparison.carriers_beside(replace(project, uses=uses[:2]), believed)) == []


def test_only_the_level_whose_turn_it_is_sends_back(desks: Desks) -> None:
    desks.take_in([row()])
    project = desks.find("电石")
    banner = desks.hire(Role.REVIEWER, "banner", scope="150204")
    step(desks, review.accept, project, by=banner)
    with pytest.raises(Forbidden, match="盟市"):
        back(desks, project, by=banner)
    step(desks, review.accept, project, by=desks.reviewer)
    with pytest.raises(Forbidden, match="自治区"):
        back(desks, project)
    assert not review.offered(desks.ledger, project, by=desks.reviewer).send_back
    assert back(desks, project, by=desks.regional) is CaseState.CORRECTION
