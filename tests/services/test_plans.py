"""Plans: versions that stand, the outer limit at every door, reports with evidence, the pace for other pages."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from screening.domain.classification import Disposition
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Happening
from screening.domain.people import Role
from screening.domain.plans import STEPS, PlanStep
from screening.services import Ledger, attachments, plans
from screening.store.plans import PlanMilestoneRow, PlanRow
from screening.store.violations import explained
from tests.conftest import NOW, TODAY
from tests.services.desks import DUE, Desks, once
from tests.services.sheets import row
from tests.services.test_objections import day, later, serve

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
DAYS = dict(zip(STEPS, (10, 60, 90, 200, 240), strict=True))


@pytest.fixture
def desks(ledger: Ledger, tmp_path: Path) -> Desks:
    """An office of 包头市."""
    return Desks(ledger, tmp_path)


@pytest.fixture
@once
def one(desks: Desks) -> UUID:
    """A project whose retrofit letter was served today."""
    return served(desks, 1)


def served(desks: Desks, number: int, disposition: Disposition = Disposition.RETROFIT, **changed: str) -> UUID:
    desks.take_in([row(number, **changed)])
    project = desks.find(f"第{number}")
    desks.recommend(project, disposition, due=DUE if disposition is Disposition.RETROFIT else None)
    desks.make_official(project, disposition)
    serve(desks, project)
    return project


def view(desks: Desks, project: UUID, days: int = 0) -> plans.HolderView:
    return plans.show(desks.ledger, project, by=desks.reviewer, today=day(days)).holders[0]


def file(desks: Desks, project: UUID, **changed: object) -> int:
    held = view(desks, project)
    given = {
        "measures": "余热回收和电极改造。", "investment": Decimal("1234.56"), "expected_sec": Decimal(820),
        "saving": Decimal("3000.5"), "planned": {step: day(n) for step, n in DAYS.items()},
        "responsible": dict.fromkeys(STEPS, "王工"), "seen": len(held.versions), "key": uuid4().hex,
        "by": desks.reviewer, "at": later(1), **changed,
    }  # fmt: skip
    return plans.file(desks.ledger, project, held.id, **given)[0]


def proof(desks: Desks, project: UUID) -> UUID:
    return attachments.add(
        desks.ledger, project, PDF + uuid4().bytes, folder=desks.folder, name="合同.pdf", about="企业说明",
        key=uuid4().hex, by=desks.registrar, at=NOW,
    ).id  # fmt: skip


def report(desks: Desks, project: UUID, days: int, **changed: object) -> UUID:
    given = {"day": day(days), "said": "按计划推进。", "key": uuid4().hex, "by": desks.reviewer, "at": later(days)}
    return plans.report(desks.ledger, project, view(desks, project).id, **{**given, **changed})


def pace(desks: Desks, project: UUID, days: int):
    with desks.ledger.reader() as session:
        return plans.pace(session, [view(desks, project).id], today=day(days))


def test_a_new_version_keeps_the_old_and_tells_the_difference(desks: Desks, one: UUID) -> None:
    assert file(desks, one) == 1
    with pytest.raises(Refusal, match="变更理由"):
        file(desks, one)
    later_on = {step: day(n + 30) for step, n in DAYS.items()}
    assert file(desks, one, investment=Decimal(1500), planned=later_on, reason="设备到货延迟。") == 2

    held = view(desks, one)
    assert [(v.number, v.investment) for v in held.versions] == [(2, Decimal(1500)), (1, Decimal("1234.56"))]
    changes = {change.words: (change.old, change.new) for change in held.versions[0].changes}
    assert changes["投资（万元）"] == ("1234.56", "1500")
    assert changes["开工（计划日期）"] == (day(90).isoformat(), day(120).isoformat())
    assert "改造措施" not in changes
    assert held.plan.saving == Decimal("3000.5")
    assert held.reaches is not None


def test_a_form_acts_once_and_a_stale_one_not_at_all(desks: Desks, one: UUID) -> None:
    assert file(desks, one, key="a", seen=0) == 1
    assert file(desks, one, key="a", seen=0) == 1
    with pytest.raises(Conflict, match="新版本"):
        file(desks, one, seen=0)

    assert len(view(desks, one).versions) == 1


def test_no_milestone_passes_the_outer_limit_by_any_door(desks: Desks, one: UUID) -> None:
    held = view(desks, one)
    beyond = {**{step: day(n) for step, n in DAYS.items()}, PlanStep.ACCEPTANCE: held.outer_limit + timedelta(days=1)}
    with pytest.raises(Refusal, match="超过最长期限"):
        file(desks, one, planned=beyond)

    after_due = {**beyond, PlanStep.ACCEPTANCE: held.due + timedelta(days=1)}
    assert held.due < held.outer_limit
    file(desks, one, planned=after_due)
    (warning,) = view(desks, one).warnings
    assert "晚于到期日" in warning
    with pytest.raises(Refusal, match="三年"):
        write(desks, held.outer_limit + timedelta(days=1))
    for statement in ("UPDATE retrofit_plan SET saving = 1", "DELETE FROM plan_milestone"):
        with pytest.raises(Refusal, match="只能追加"), explained(), desks.ledger.writer() as session:
            session.execute(sa.text(statement))


def write(desks: Desks, planned: date) -> None:
    """Writes a second version with that milestone past all services."""
    with explained(), desks.ledger.writer() as session:
        made = session.execute(sa.select(PlanRow)).scalar_one()
        copied = {column.name: getattr(made, column.name) for column in PlanRow.__table__.columns}
        other = PlanRow(**{**copied, "id": uuid4(), "key": "b", "number": 2})
        session.add(other)
        session.flush()
        session.add(PlanMilestoneRow(plan_id=other.id, step=PlanStep.FILED, planned=planned, responsible="甲"))
        session.flush()


def test_reports_tell_the_pace_and_a_voided_one_does_not(desks: Desks, one: UUID) -> None:
    assert pace(desks, one, 5) == {}
    file(desks, one)
    found = pace(desks, one, 5)
    assert not next(iter(found.values())).enough
    with pytest.raises(Refusal, match="须有证据"):
        report(desks, one, 90, step=PlanStep.CONTRACT, reached_on=day(90))
    entry = report(
        desks, one, 90, step=PlanStep.CONTRACT, reached_on=day(90), attachments=[proof(desks, one)],
        sec=Decimal("900.5"),
    )  # fmt: skip

    (found,) = pace(desks, one, 90).values()
    assert found.arrives == day(360), "60 days were planned, 90 used: 240 become 360"
    held = view(desks, one, 90)
    assert found == held.pace
    assert held.milestones[1].reached_on == day(90)
    assert held.milestones[1].files[0][1] == "合同.pdf"
    assert held.milestones[0].missed
    with pytest.raises(Refusal, match="已登记达到"):
        report(desks, one, 91, step=PlanStep.CONTRACT, reached_on=day(91), attachments=[proof(desks, one)])
    for reason, words in (("　", "请写明作废的理由"), ("错" * 2001, "共2001字，请不超过2000字")):
        with pytest.raises(Refusal, match=words):
            plans.void_report(desks.ledger, one, entry, reason=reason, by=desks.reviewer, at=later(91))

    for _ in range(2):
        plans.void_report(desks.ledger, one, entry, reason="录错", by=desks.reviewer, at=later(91))
    assert not next(iter(pace(desks, one, 91).values())).enough
    assert view(desks, one).reports[0].void_reason == "录错"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"said": " "}, "请填写进度说明"),
        ({"percent": 0}, "1至100"),
        ({"day": day(11)}, "晚于今天"),
        ({"reached_on": day(3)}, "请选择里程碑"),
        ({"step": PlanStep.START, "reached_on": day(12), "day": day(10)}, "晚于报告日期"),
        ({"step": PlanStep.ACCEPTANCE, "reached_on": day(3)}, "以签发的验收决定为准"),
        ({"sec": Decimal(0)}, "应大于0"),
    ],
)
def test_a_report_that_cannot_be_is_refused(desks: Desks, one: UUID, changed, said: str) -> None:
    file(desks, one)

    with pytest.raises(Refusal, match=said):
        report(desks, one, 10, **changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"measures": ""}, "请填写改造措施"),
        ({"investment": Decimal(-1)}, "不能为负数"),
        ({"saving": Decimal("0.0000001")}, "小数请不超过6位"),
        ({"expected_sec": Decimal(0)}, "应大于0"),
        ({"investment": Decimal(10) ** 11}, "请核对单位"),
        ({"responsible": dict.fromkeys(STEPS[1:], "王工")}, "“方案报送”的责任人"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(desks: Desks, one: UUID, changed, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        file(desks, one, **changed)


def test_only_reviewers_of_the_place_enter_plans(desks: Desks, one: UUID) -> None:
    with pytest.raises(Forbidden):
        file(desks, one, by=desks.office)
    with pytest.raises(NotFound):
        file(desks, one, by=desks.hire(Role.REVIEWER, "chifeng", "150400"))


def test_an_upgrade_has_a_voluntary_plan_without_a_clock(desks: Desks) -> None:
    project = upgraded(desks)
    held = view(desks, project)
    assert (held.clock, held.due, held.outer_limit) == (None, None, None)
    far = {step: date(2035, n, 1) for n, step in enumerate(STEPS, start=1)}
    file(desks, project, planned=far)

    found = view(desks, project)
    assert (found.pace.target, found.warnings) == (date(2035, 5, 1), ())
    assert PlanStep.ACCEPTANCE in found.open_steps
    report(desks, project, 9, step=PlanStep.ACCEPTANCE, reached_on=day(9), attachments=[proof(desks, project)])
    assert view(desks, project).pace.done


def upgraded(desks: Desks) -> UUID:
    """A project between benchmark and baseline whose upgrade letter was served today."""
    return served(desks, 1, Disposition.UPGRADE, 实际单位产品能耗="850")


def test_the_trail_and_the_paper_tell_it(desks: Desks, one: UUID) -> None:
    file(desks, one)
    report(desks, one, 30, percent=10)
    with desks.ledger.reader() as session:
        kinds = session.execute(sa.text("SELECT kind FROM event ORDER BY seq DESC LIMIT 2")).scalars().all()
    assert kinds == [Happening.PROGRESS_REPORTED.value, Happening.PLAN_FILED.value]

    paper = plans.listing(desks.ledger, one, view(desks, one).id, by=desks.reviewer, today=TODAY)
    assert [len(group.rows) for group in paper.groups] == [5, 1]
    assert "1234.56万元" in paper.notes[1]
    (line,) = plans.beside(desks.ledger, one, by=desks.reviewer, today=TODAY)
    assert line.pace is not None
