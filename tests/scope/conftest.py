"""One ledger and its people for all tests of scope: nothing here is worth making twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from screening.domain.rules import Rulebook
from screening.services import Ledger, people
from tests.scope.world import World, make


@pytest.fixture(scope="session")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, rules: Rulebook) -> Iterator[World]:
    """The region."""
    folder = tmp_path_factory.mktemp("scope")
    path = folder / "ledger.db"
    shutil.copyfile(sqlite_template, path)
    with Ledger.open(f"sqlite:///{path}", rules) as ledger:
        # Cheap hashes while the world is made, and no longer: other tests of this process look at the real ones.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
            made = make(ledger, folder)
        yield made
