"""Acceptance 验收: metered, recommended, signed; the first full year confirms it; failure goes back to the old clock."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from screening.domain.acceptance import Standing
from screening.domain.classification import Disposition, EfficiencyClass
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.letters import LetterInputs
from screening.domain.people import Role
from screening.domain.review import CaseState
from screening.services import acceptance, casework, deadlines, letters, objections, review
from screening.wording import compose
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE, Desks, once
from tests.services.sheets import row
from tests.services.test_objections import later, serve

GOOD, BAD = Decimal(850), Decimal(1200)
"""Below and above the baseline of 电石."""


@pytest.fixture
@once
def one(desks: Desks) -> UUID:
    """A project whose retrofit letter was served."""
    desks.take_in([row(1)])
    found = desks.find("第1")
    desks.recommend(found)
    desks.make_official(found)
    serve(desks, found)
    return found


def retrofit(desks: Desks, project: UUID, today: date = TODAY) -> acceptance.RetrofitView:
    return acceptance.show(desks.ledger, project, by=desks.reviewer, today=today).retrofits[0]


def meter(desks: Desks, project: UUID, sec: Decimal = GOOD, days: int = 100, **changed: object) -> UUID:
    at = later(days)
    given = {
        "first_day": at.date() - timedelta(days=4), "last_day": at.date() - timedelta(days=2), "sec": sec,
        "metered_by": "内蒙古节能检测中心", "document": "检测报告（2027）第8号", "key": uuid4().hex,
        "by": desks.reviewer, "at": at, **changed,
    }  # fmt: skip
    return acceptance.meter(desks.ledger, project, retrofit(desks, project).clock, **given)


def decide(desks: Desks, project: UUID, disposition: Disposition, days: int):
    at = later(days)
    seen = desks.version(project)
    review.recommend(
        desks.ledger, project, disposition=disposition, reason="按计量结果。", seen=seen, key=uuid4().hex,
        by=desks.reviewer, at=at,
    )  # fmt: skip
    desks.make_official(project, disposition)
    decided = desks.sign(project, at=at)
    letters.print_(desks.ledger, decided.letter.id, by=desks.office, at=at)
    seen = letters.show(desks.ledger, decided.letter.id, by=desks.office, today=at.date()).line.version
    letters.serve(
        desks.ledger, decided.letter.id, served_on=at.date(), method="直接送达", receiver="张三", seen=seen,
        by=desks.office, at=at,
    )  # fmt: skip
    return decided


def close(desks: Desks, project: UUID, days: int) -> CaseState:
    return casework.close(
        desks.ledger, project, reason="改造已完成。", seen=desks.version(project), by=desks.reviewer, at=later(days)
    )


def offered(desks: Desks, project: UUID, days: int) -> set[Disposition]:
    return set(review.choices(desks.ledger, project, by=desks.reviewer, today=later(days).date()).measures)


def test_a_retrofit_is_accepted_on_its_test_run_and_confirmed_by_the_first_full_year(desks: Desks, one: UUID) -> None:
    assert not {Disposition.ACCEPTED, Disposition.NOT_ACCEPTED} & offered(desks, one, 99)
    meter(desks, one)
    assert retrofit(desks, one).meterings[0].reached is EfficiencyClass.BETWEEN
    assert {Disposition.ACCEPTED, Disposition.NOT_ACCEPTED} <= offered(desks, one, 100)

    decided = decide(desks, one, Disposition.ACCEPTED, 100)

    found = retrofit(desks, one)
    assert (found.standing, found.accepted_on, found.late) == (Standing.TRIED, later(100).date(), False)
    assert deadlines.running(desks.ledger, by=desks.reviewer, today=later(100).date()) == ()
    inputs = letters.show(desks.ledger, decided.letter.id, by=desks.office, today=TODAY).inputs
    assert "试运行计量值" in inputs
    assert "850" in inputs
    with pytest.raises(Refusal, match="首个完整年度"):
        close(desks, one, 101)

    year = later(100).date().year + 1
    end = (date(year + 1, 1, 10) - NOW.date()).days
    meter(desks, one, days=end, first_day=date(year, 1, 1), last_day=date(year, 12, 31))
    decide(desks, one, Disposition.ACCEPTED, end)
    assert retrofit(desks, one).standing is Standing.CONFIRMED
    assert close(desks, one, end + 1) is CaseState.CLOSED


def test_the_letter_speaks_of_the_unit_that_was_metered_alone(desks: Desks) -> None:
    desks.take_in([row(1), row(1, 装置名称="2号电石炉")])
    found = desks.find("第1")
    desks.recommend(found)
    desks.make_official(found)
    serve(desks, found)
    meter(desks, found)

    decided = decide(desks, found, Disposition.ACCEPTED, 100)

    inputs = LetterInputs.from_json(letters.show(desks.ledger, decided.letter.id, by=desks.office, today=TODAY).inputs)
    assert [(u.name, u.ordered) for u in inputs.units] == [("1号电石炉", True), ("2号电石炉", False)]
    assert "试运行计量值" in str(inputs.units[0].sec_kind)
    said = "".join(p.text for p in compose(inputs).body)
    assert "（1号电石炉）改造" in said
    assert "2号电石炉" not in said
    assert "要通过技术改造全部达到国家基准水平" in said, "the clause that fits"


def test_a_failed_year_goes_back_to_the_old_clock(desks: Desks, one: UUID) -> None:
    before = retrofit(desks, one)
    meter(desks, one)
    decide(desks, one, Disposition.ACCEPTED, 100)
    year = later(100).date().year + 1
    end = (date(year + 1, 1, 10) - NOW.date()).days
    meter(desks, one, BAD, days=end, first_day=date(year, 1, 1), last_day=date(year, 12, 31))
    assert Disposition.ACCEPTED not in offered(desks, one, end), "what misses the baseline cannot be accepted"

    decide(desks, one, Disposition.NOT_ACCEPTED, end)

    after = retrofit(desks, one)
    assert (after.standing, after.accepted_on) == (Standing.WAITING, None)
    assert (after.start, after.due, after.outer_limit) == (before.start, before.due, before.outer_limit)
    (clock,) = deadlines.running(desks.ledger, by=desks.reviewer, today=later(end).date())
    assert clock.due == DUE
    with pytest.raises(Refusal, match="还没有验收"):
        close(desks, one, end)


def test_a_failed_test_run_needs_another_one(desks: Desks, one: UUID) -> None:
    meter(desks, one, BAD)
    decide(desks, one, Disposition.NOT_ACCEPTED, 100)
    assert retrofit(desks, one).standing is Standing.WAITING
    assert not {Disposition.ACCEPTED, Disposition.NOT_ACCEPTED} & offered(desks, one, 101), "it was used"
    meter(desks, one, GOOD, days=150)
    decide(desks, one, Disposition.ACCEPTED, 150)
    assert retrofit(desks, one).standing is Standing.TRIED


def test_a_voided_or_revoked_acceptance_lets_the_clock_run_on(desks: Desks, one: UUID) -> None:
    meter(desks, one)
    at = later(100)
    review.recommend(
        desks.ledger, one, disposition=Disposition.ACCEPTED, reason="合格。", seen=desks.version(one), key="k",
        by=desks.reviewer, at=at,
    )  # fmt: skip
    desks.make_official(one, Disposition.ACCEPTED)
    letter = desks.sign(one, at=at).letter
    assert retrofit(desks, one).standing is Standing.TRIED
    seen = letters.show(desks.ledger, letter.id, by=desks.signatory, today=TODAY).line.version
    letters.void(desks.ledger, letter.id, reason="数据录错。", seen=seen, by=desks.signatory, at=at)
    assert retrofit(desks, one).standing is Standing.WAITING
    assert len(deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY)) == 1

    decided = decide(desks, one, Disposition.ACCEPTED, 101)
    objections.revoke(
        desks.ledger, one, decision=decided.decision, effect=objections.Outcome.REVOKED, organ="包头市发展和改革委员会", document="撤销决定（2027）1号",
        ordered_on=later(102).date(), reason="计量造假。", seen=desks.version(one), key="r", by=desks.signatory,
        at=later(102),
    )  # fmt: skip
    assert retrofit(desks, one).standing is Standing.WAITING
    assert len(deadlines.running(desks.ledger, by=desks.reviewer, today=TODAY)) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sec": Decimal(0)}, "应大于0"),
        ({"metered_by": " "}, "请填写计量单位"),
        ({"document": ""}, "请填写计量报告"),
        ({"first_day": TODAY - timedelta(days=9), "last_day": TODAY}, "晚于限期改造文书的送达日"),
        ({"first_day": date(2027, 3, 3), "last_day": date(2027, 3, 1)}, "早于开始日"),
        ({"last_day": date(2030, 1, 1)}, "晚于今天"),
        ({"attachments": (uuid4(),)}, "不属于本项目"),
    ],
)
def test_what_cannot_have_been_metered_is_refused(desks: Desks, one: UUID, changed, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        meter(desks, one, **changed)
    assert retrofit(desks, one).meterings == ()


def test_the_full_year_is_the_first_one_and_full(desks: Desks, one: UUID) -> None:
    meter(desks, one)
    decide(desks, one, Disposition.ACCEPTED, 100)
    year = later(100).date().year
    for first, last, words in (
        (date(year + 1, 1, 1), date(year + 1, 12, 30), "满12个月"),
        (date(year + 1, 2, 1), date(year + 2, 1, 31), "首个完整年度应在"),
        (date(year, 1, 1), date(year, 12, 31), "首个完整年度应在"),
    ):
        with pytest.raises(Refusal, match=words):
            meter(desks, one, days=1200, first_day=first, last_day=last)


def test_who_may_enter_what_and_once(desks: Desks, one: UUID) -> None:
    with pytest.raises(Forbidden):
        meter(desks, one, by=desks.registrar)
    stranger = desks.hire(Role.REVIEWER, "stranger", scope="150300")
    with pytest.raises(NotFound):
        meter(desks, one, by=stranger)
    first = meter(desks, one, key="same")
    assert meter(desks, one, key="same") == first
    with pytest.raises(Conflict):
        meter(desks, one, key="same", by=desks.regional)
    with pytest.raises(NotFound):
        acceptance.void_metering(desks.ledger, one, first, reason="错", by=stranger, at=later(101))
    acceptance.void_metering(desks.ledger, one, first, reason="录错装置", by=desks.reviewer, at=later(101))
    acceptance.void_metering(desks.ledger, one, first, reason="录错装置", by=desks.reviewer, at=later(101))
    assert retrofit(desks, one).meterings[0].void_reason == "录错装置"
    assert Disposition.ACCEPTED not in offered(desks, one, 101)


def test_what_a_decision_rests_on_is_not_voided(desks: Desks, one: UUID) -> None:
    key = meter(desks, one)
    decide(desks, one, Disposition.ACCEPTED, 100)
    with pytest.raises(Refusal, match="不能作废"):
        acceptance.void_metering(desks.ledger, one, key, reason="错", by=desks.reviewer, at=later(101))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE deadline_clock SET accepted_on = '2027-03-01'", "没有签发验收决定"),
        ("UPDATE deadline_clock SET stopped_on = '2027-03-01'", "只有验收通过才能结束"),
        ("UPDATE deadline_clock SET due = '2028-07-01'", "只能"),
        ("UPDATE deadline_clock SET start = '2027-01-01'", "只能"),
        ("DELETE FROM deadline_clock", "只能"),
    ],
)
def test_the_database_ends_no_retrofit_by_hand(desks: Desks, one: UUID, statement: str, message: str) -> None:
    with pytest.raises(Refusal, match=message), desks.ledger.writer() as session:
        session.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("start", "limit", "taken"),
    [
        ("2024-02-29", "2027-02-28", True),
        ("2024-02-29", "2027-03-01", False),
        ("2024-05-01", "2027-05-01", True),
        ("2024-05-01", "2027-05-02", False),
        ("2027-06-01", "2030-01-01", False),
    ],
)
def test_the_database_knows_three_years(desks: Desks, one: UUID, start: str, limit: str, taken: bool) -> None:
    """The last of them starts a new clock for the project that has one: never reset."""
    made = (
        "INSERT INTO deadline_clock (id, project_id, letter_id, start, due, outer_limit, hints, steps, unit, position)"
        f" SELECT '{uuid4().hex if desks.ledger.engine.dialect.name == 'sqlite' else uuid4()}', project_id, letter_id,"
        f" '{start}', '{limit}', '{limit}', '[]', '[]', 'x', 7 FROM deadline_clock"
    )
    if not taken:
        with pytest.raises(Refusal, match=r"三年|重新起算"), desks.ledger.writer() as session:
            session.execute(sa.text(made))
        return
    with desks.ledger.writer() as session:
        session.execute(sa.text(made))
        session.rollback()


def test_another_term_is_another_decision_on_the_same_clock(desks: Desks, one: UUID) -> None:
    before = retrofit(desks, one)
    longer = date(2029, 6, 30)
    desks.recommend(one, due=longer, reason="设备交货推迟，有合同和厂家证明。")
    letter = serve(desks, one, at=later(30), on=later(30).date())

    after = retrofit(desks, one)
    assert (after.start, after.due, after.outer_limit) == (before.start, longer, before.outer_limit)
    said = letters.render(desks.ledger, letter.id, by=desks.office)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(said)).pages).replace("\n", "")
    assert f"（{before.letter_number}）所定的改造期限" in text
    assert "自首份改造文书送达之日起不超过3年" in text
    with pytest.raises(Refusal, match="最长期限"):
        desks.recommend(one, due=before.outer_limit + timedelta(days=1), reason="再延。")


def two_units(desks: Desks) -> UUID:
    """A project with two units below the baseline, ordered by one letter."""
    same = row(9)
    desks.take_in([{**same, "装置名称": "1号炉"}, {**same, "装置名称": "2号炉"}])
    found = desks.find("第9")
    desks.recommend(found)
    desks.make_official(found)
    serve(desks, found)
    return found


def running_units(desks: Desks) -> list[str]:
    return sorted(c.unit for c in deadlines.running(desks.ledger, by=desks.reviewer, today=later(400).date()))


def test_another_order_ends_no_term_of_a_unit_that_it_does_not_name(desks: Desks) -> None:
    project = two_units(desks)
    assert running_units(desks) == ["1号炉", "2号炉"]
    same = {**row(9), "统计年度": "2026"}
    desks.take_in([
        {**same, "装置名称": "1号炉", "实际单位产品能耗": "850"}, {**same, "装置名称": "2号炉", "实际单位产品能耗": "1000"},
    ])  # fmt: skip
    desks.recommend(project, reason="2号炉仍低于基准。")
    desks.make_official(project)
    serve(desks, project, at=later(30), on=later(30).date())

    found = acceptance.show(desks.ledger, project, by=desks.reviewer, today=TODAY).retrofits
    assert sorted(one.unit for one in found) == ["1号炉", "2号炉"]
    assert len({one.letter_number for one in found}) == 2, "the first unit is still bound by the first letter"
    assert {one.standing for one in found} == {Standing.WAITING}, "what the ledger says is no acceptance"


def test_a_closed_case_whose_acceptance_falls_goes_back_to_the_old_clock(desks: Desks, one: UUID) -> None:
    meter(desks, one)
    decide(desks, one, Disposition.ACCEPTED, 100)
    year = later(100).date().year + 1
    end = (date(year + 1, 1, 10) - NOW.date()).days
    meter(desks, one, days=end, first_day=date(year, 1, 1), last_day=date(year, 12, 31))
    decided = decide(desks, one, Disposition.ACCEPTED, end)
    close(desks, one, end)
    objections.revoke(
        desks.ledger, one, decision=decided.decision, effect=objections.Outcome.REVOKED, organ="包头市发展和改革委员会",
        document="撤销决定（2029）1号", ordered_on=later(end + 1).date(), reason="计量造假。",
        seen=desks.version(one), key="r", by=desks.signatory, at=later(end + 1),
    )  # fmt: skip
    assert retrofit(desks, one).standing is Standing.TRIED, "the test run stands, the year is open again"


def test_a_unit_that_left_the_ledger_is_told_and_blocks_nothing(desks: Desks) -> None:
    project = two_units(desks)
    at = later(100)
    clock = next(
        r for r in acceptance.show(desks.ledger, project, by=desks.reviewer, today=TODAY).retrofits if r.unit == "2号炉"
    ).clock
    given = {"first_day": at.date() - timedelta(days=4), "last_day": at.date() - timedelta(days=2), "sec": GOOD,
             "metered_by": "检测中心", "document": "报告", "by": desks.reviewer, "at": at}  # fmt: skip
    acceptance.meter(desks.ledger, project, clock, key="a", **given)
    desks.take_in([{**row(9), "装置名称": "1号炉", "统计年度": "2026", "实际单位产品能耗": "1000"}])

    assert Disposition.ACCEPTED not in offered(desks, project, 101)
    with pytest.raises(Refusal, match="找不到限期改造所指的装置“2号炉”"):
        acceptance.meter(desks.ledger, project, clock, key="b", **given)
