"""Worked cases of whole projects: facts and answers stand in `tests/cases/`, described in its README."""

from __future__ import annotations

import pytest

from tests.domain.worked import CASES, Case, cases_of, differences

FILES = sorted(
    path.name
    for path in CASES.glob("*.toml")
    if path.name not in {"levels.toml", "spellings.toml", "deadlines.toml", "grounds.toml"}
)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{name[:-5]}: {case.id}") for name in FILES for case in cases_of(name)]
)
def test_a_project(case: Case) -> None:
    found = differences(case)

    assert not found, "\n".join(found)
