"""An office at work on each database."""

from __future__ import annotations

import pytest

from tests.services.desks import Desks


@pytest.fixture
def desks(ledger, tmp_path, quick_passwords) -> Desks:
    """An office of 包头市 on each database."""
    return Desks(ledger, tmp_path)


@pytest.fixture
def sqlite_desks(sqlite_ledger, tmp_path, quick_passwords) -> Desks:
    """The same on SQLite alone, for what is not about the database."""
    return Desks(sqlite_ledger, tmp_path)
