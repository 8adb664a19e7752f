"""What stands in the ledger: the fields, how they are spelled, and what makes two rows one project."""

from __future__ import annotations

from decimal import Decimal

import pytest

from screening.domain.calendar import PartialDate
from screening.domain.registry import FIELDS, PROJECT_FIELDS, UNIT_FIELDS, Industry, Project, Stage, Unit, spell
from tests.domain.worked import project_of


def test_every_field_is_an_attribute_and_every_attribute_a_field() -> None:
    assert {f.key for f in PROJECT_FIELDS} == set(Project.__slots__) - {"units", "uses", "known", "extra"}
    assert {f.key for f in UNIT_FIELDS} == set(Unit.__slots__) - {"row"}
    assert len({f.key for f in FIELDS}) == len(FIELDS)
    assert len({f.header for f in FIELDS}) == len(FIELDS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (True, "是"),
        (False, "否"),
        (Decimal("951.20"), "951.2"),
        (Decimal(-30), "-30"),
        (2025, "2025"),
        (PartialDate(2024, 3), "2024-03"),
        (Stage.EXISTING, "existing"),
        (Industry.COAL_POWER, "coal_power"),
        ("原样", "原样"),
    ],
)
def test_a_value_has_one_spelling(value: object, text: str | None) -> None:
    assert spell(value) == text


def test_one_code_is_one_project() -> None:
    one = project_of({"product": "电石", "code": "2026-150204-04-01-00001X"})
    other = project_of({"product": "硅铁", "code": "2026-150204-04-01-00001x", "name": "别名", "enterprise": "另一家"})

    assert one.identity == other.identity


def test_without_a_code_name_and_enterprise_are_one_project() -> None:
    one = project_of({"product": "电石", "name": "甲项目", "enterprise": "甲公司"})

    assert one.identity == project_of({"product": "硅铁", "name": "甲项目", "enterprise": "甲公司"}).identity
    assert one.identity != project_of({"product": "电石", "name": "甲项目", "enterprise": "乙公司"}).identity
    assert one.identity != project_of({"product": "电石", "name": "乙项目", "enterprise": "甲公司"}).identity
