"""How long after the day on paper decisions and services were entered, office by office, within the scope."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.services import gaps, letters, lists
from tests.conftest import NOW, TODAY
from tests.services.sheets import row

DAYS = timedelta(days=1)


@given(st.lists(st.integers(0, 400), min_size=1))
def test_the_median_has_as_many_below_as_above(days) -> None:
    middle = gaps.median(days)
    assert min(days) <= middle <= max(days)
    assert sum(day < middle for day in days) <= len(days) / 2
    assert sum(day > middle for day in days) <= len(days) / 2


def test_every_office_has_its_row(desks, tmp_path) -> None:
    desks.take_in([row(n) for n in (1, 2, 3)])
    signed = []
    for n, late in ((1, 0), (2, 1), (3, 6)):
        project = desks.find(f"第{n}电石")
        desks.recommend(project)
        desks.make_official(project)
        signed.append(desks.sign(project, at=NOW + late * DAYS, paper_date=TODAY))
    letter = signed[0].letter
    letters.print_(desks.ledger, letter.id, by=desks.office, at=NOW)
    letters.serve(
        desks.ledger, letter.id, served_on=TODAY + DAYS, method="直接送达", receiver="王五", seen=2, by=desks.office,
        at=NOW + 5 * DAYS,
    )  # fmt: skip

    found = gaps.listing(desks.ledger, by=desks.auditor, today=TODAY + 6 * DAYS)

    ((office, *figures),) = found.groups[0].rows
    assert "包头市" in office
    assert figures == [3, 2, Decimal(1), 6, 1, 1, Decimal(4), 4]
    line = letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).line
    assert (line.signed_late, line.served_late) == (0, 4)
    for form in ("csv", "xlsx"):
        lists.write(found, tmp_path / f"gaps.{form}")
    assert "签发间隔中位数" in (tmp_path / "gaps.csv").read_text("utf-8-sig")
    stranger = desks.hire(desks.auditor.role, "stranger", scope="150300")
    assert gaps.listing(desks.ledger, by=stranger, today=TODAY).count == 0


@pytest.mark.parametrize(
    ("days", "middle"), [([3], 3), ([0, 1], Decimal("0.5")), ([9, 0, 1], 1), ([0, 0, 7, 8], Decimal("3.5"))]
)
def test_the_median_by_hand(days, middle) -> None:
    assert gaps.median(days) == middle
