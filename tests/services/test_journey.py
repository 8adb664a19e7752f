"""The main job end to end on both databases: from a workbook to a served letter and a running clock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from screening.domain.classification import Disposition, EfficiencyClass
from screening.domain.errors import Refusal
from screening.domain.people import Role
from screening.domain.review import CaseState, LetterState
from screening.services import (
    deadlines,
    dispositions,
    history,
    letters,
    monitoring,
    registry,
    review,
    rules,
    verification,
)
from tests.conftest import NOW, TODAY
from tests.services.desks import take_steps
from tests.services.sheets import row, sheet


def test_from_a_workbook_to_a_running_clock(ledger, person, tmp_path) -> None:
    registrar, reviewer, signatory = (person(r, "150200") for r in (Role.REGISTRAR, Role.REVIEWER, Role.SIGNATORY))
    office, officer, second = person(Role.OFFICE, "150200"), person(Role.RULES_OFFICER), person(Role.RULES_OFFICER)
    preview = registry.preview_import(ledger, sheet(tmp_path, [row(1)]), file="台账.csv", by=registrar, at=NOW)
    assert (len(preview.new), len(preview.changed), preview.same, preview.rejected) == (1, 0, 0, 0), preview
    done = registry.confirm_import(ledger, preview.batch, by=registrar, at=NOW)
    assert done.new == 1
    page = registry.list_projects(ledger, registry.Filter.read({"class": "BELOW_BASELINE"}), by=reviewer, today=TODAY)
    assert page.total == 1
    line = page.rows[0]
    assert line.efficiency_class is EfficiencyClass.BELOW_BASELINE
    assert line.disposition is Disposition.RETROFIT
    assert [q.line.id for q in review.queue(ledger, by=reviewer)] == [line.id]
    regional, legal = person(Role.REVIEWER), person(Role.LEGAL)
    assert review.accept(ledger, line.id, seen=1, by=reviewer, at=NOW) is CaseState.FORWARDED
    assert review.accept(ledger, line.id, seen=2, by=regional, at=NOW) is CaseState.ACCEPTED
    view = registry.show(ledger, line.id, by=reviewer, today=TODAY)
    offered = review.choices(ledger, line.id, by=reviewer, today=TODAY)
    assert offered.proposed is Disposition.RETROFIT
    recommended = review.recommend(
        ledger, line.id, disposition=Disposition.RETROFIT, reason="实际能耗高于基准水平。", due=date(2028, 6, 30),
        seen=view.line.version, key="k1", by=reviewer, at=NOW,
    )  # fmt: skip
    assert recommended.due == date(2028, 6, 30)
    view = registry.show(ledger, line.id, by=signatory, today=TODAY)
    assert view.obstacles, "nothing is official yet"
    with pytest.raises(Refusal, match="不能签发"):
        dispositions.sign(ledger, line.id, seen=view.line.version, key="s1", by=signatory, at=NOW)
    draft = letters.preview(ledger, line.id, by=signatory, at=NOW)
    assert draft.missing
    assert draft.pdf.startswith(b"%PDF")
    refs = [b.ref for m in offered.measures[Disposition.RETROFIT] for b in m.rests_on if b.evidence != "official"]
    confirmed = rules.confirm_page(
        ledger,
        refs,
        document="发改产业〔2023〕723号",
        page="附件第3页",
        day=date(2023, 6, 6),
        key="c1",
        by=officer,
        at=NOW,
    )
    with pytest.raises(Refusal, match="本人核对"):
        rules.countersign(ledger, confirmed.id, by=officer, at=NOW)
    rules.countersign(ledger, confirmed.id, by=second, at=NOW)
    with pytest.raises(Refusal, match="程序尚未办理"):
        dispositions.sign(ledger, line.id, seen=view.line.version, key="s0", by=signatory, at=NOW)
    take_steps(ledger, line.id, reviewer=reviewer, legal=legal)
    view = registry.show(ledger, line.id, by=signatory, today=TODAY)
    assert view.obstacles == ()
    assert letters.preview(ledger, line.id, by=signatory, at=NOW).missing == ()
    decided = dispositions.sign(ledger, line.id, seen=view.line.version, key="s1", by=signatory, at=NOW)
    assert decided.letter.number.endswith("〔2026〕1号")
    assert dispositions.sign(ledger, line.id, seen=1, key="s1", by=signatory, at=NOW) == decided
    pdf = letters.print_(ledger, decided.letter.id, by=office, at=NOW)
    assert letters.print_(ledger, decided.letter.id, by=office, at=NOW) == pdf
    assert letters.render_again(ledger, decided.letter.number, by=office) == (pdf, True)
    assert verification.examine(ledger, pdf, by=office).ours
    assert not verification.examine(ledger, pdf + b" ", by=office).ours
    shown = letters.show(ledger, decided.letter.id, by=office, today=TODAY)
    assert (shown.line.state, shown.line.copies) == (LetterState.PRINTED, 1)
    clock = letters.serve(
        ledger, decided.letter.id, served_on=TODAY, method="直接送达", receiver="李四", seen=shown.line.version,
        by=office, at=NOW,
    )  # fmt: skip
    assert clock is not None
    assert (clock.start, clock.due, clock.outer_limit) == (TODAY, date(2028, 6, 30), date(2029, 11, 23))
    assert [c.id for c in deadlines.running(ledger, by=office, today=TODAY)] == [clock.id]
    view = registry.show(ledger, line.id, by=signatory, today=TODAY)
    assert view.line.case_state is CaseState.SERVED
    assert view.clock == clock
    later = TODAY + timedelta(days=900)
    assert deadlines.running(ledger, by=office, today=later)[0].overdue
    bench = monitoring.workbench(ledger, by=office, today=later)
    for figure in (*bench.figures, *bench.by_class, *bench.waiting):
        if figure.page == "ledger":
            filters = registry.Filter.read(figure.query)
            assert registry.list_projects(ledger, filters, by=office, today=later).total == figure.count, figure
    assert history.verify(ledger).ok
