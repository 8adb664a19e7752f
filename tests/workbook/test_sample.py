"""The ledgers that are handed out: the sample holds what it promises, and both come from the script."""

from __future__ import annotations

import importlib.util
from collections import Counter
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from screening.domain.classification import EfficiencyClass, Screening, screen
from screening.domain.registry import Industry, Stage, to_facts
from screening.domain.rules import Rulebook
from screening.workbook import Reading
from screening.workbook.cells import credit_code_valid

from .conftest import Read

LEDGERS = Path(__file__).parents[2] / "ledgers"
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_ledgers", LEDGERS / "make.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["make_ledgers"] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def sample(rules: Rulebook) -> Reading:
    from screening import workbook

    return workbook.read(LEDGERS / "sample-ledger.xlsx", rules)


@pytest.fixture(scope="module")
def results(sample: Reading, rules: Rulebook) -> list[Screening]:
    return [screen(p, rules, as_of=DAY) for p in sample.projects]


def test_the_template_is_blank(read: Read) -> None:
    assert read(LEDGERS / "template.xlsx").projects == ()


def test_six_projects_have_faulty_cells(sample: Reading) -> None:
    assert sample.rejected_projects == 6
    assert {r.value for r in sample.rejected} >= {"约900", "2015-02-29", "#DIV/0!", "造纸", "呼和浩特经济技术开发区"}
    assert any("不一致" in r.message for r in sample.rejected)
    assert sample.unknown_columns == ()


def test_it_spans_the_region_and_the_industries(sample: Reading, results: list[Screening]) -> None:
    assert len(sample.projects) == 294
    assert len({p.league for p in sample.projects}) == 12
    assert {p.industry for p in sample.projects} == set(Industry)
    assert {p.stage for p in sample.projects} == set(Stage)
    assert {r.efficiency_class for r in results} == set(EfficiencyClass)
    assert Counter(len(p.units) for p in sample.projects)[2] >= 20
    assert any(u.actual_sec and u.actual_sec < 0 for p in sample.projects for u in p.units)
    assert any(u.near_line for r in results for u in r.units)
    assert sum(bool(p.uses) for p in sample.projects) >= 10
    assert {r.energy.in_focus for r in results} >= {True, False}


def test_every_finding_that_can_be_detected_occurs(results: list[Screening]) -> None:
    found = Counter(f.id.value for r in results for f in r.findings)
    assert set(found) == {"policy_noncompliance", "unlawful_approval", "built_before_approval", "deviates_from_approval",
                          "exceeds_approved_energy"}  # fmt: skip
    assert sum(not r.findings for r in results) > 150
    assert {r.disposition.value for r in results} >= {
        "PROCEED",
        "HALT",
        "RECTIFY",
        "KEEP",
        "UPGRADE",
        "RETROFIT",
        "MANUAL",
    }


def test_nothing_in_it_looks_real(sample: Reading) -> None:
    for project in sample.projects:
        assert "样例" in project.name
        assert "虚构" in project.name
        assert "样例" in project.enterprise
    codes = [p.credit_code for p in sample.projects if p.credit_code]
    assert sum(not credit_code_valid(c) for c in codes) == 3


def test_the_script_makes_the_committed_files(
    tmp_path: Path, maker: ModuleType, read: Read, rules: Rulebook, sample: Reading
) -> None:
    maker.write_sample(tmp_path / "a.xlsx", rules)
    made = read(tmp_path / "a.xlsx")
    assert [to_facts(p) for p in made.projects] == [to_facts(p) for p in sample.projects], (
        "run `make sample` and commit"
    )
    assert made.rejected == sample.rejected
