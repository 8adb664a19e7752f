"""The rules on file, for all tests of workbooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from screening import rulebook, workbook
from screening.domain.rules import Rulebook

Read = Callable[[Path], workbook.Reading]


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    return rulebook.load()


@pytest.fixture(scope="session")
def read(rules: Rulebook) -> Read:
    return lambda path: workbook.read(path, rules)
