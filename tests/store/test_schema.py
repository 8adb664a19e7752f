"""The database is what the program's tables say, and says so itself."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from screening.domain.errors import Refusal
from screening.services import Ledger
from screening.store import schema, triggers
from screening.store.violations import MESSAGES, message_of


def test_models_and_migrations_agree(ledger) -> None:
    assert schema.differences(ledger) == []


def test_check_constraints_are_in_the_database(ledger) -> None:
    wanted = {
        (table.name, constraint.name)
        for table in SQLModel.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    inspector = sa.inspect(ledger.engine)
    found = {
        (table.name, constraint["name"])
        for table in SQLModel.metadata.sorted_tables
        for constraint in inspector.get_check_constraints(table.name)
    }

    assert {(table, str(name)) for table, name in wanted} == found


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(schema.configuration()).get_heads()) == 1


def test_upgrading_again_does_nothing(ledger) -> None:
    assert schema.upgrade(ledger) is False
    schema.demand(ledger)


def test_an_empty_database_asks_for_init(tmp_path, rules) -> None:
    with Ledger.open(f"sqlite:///{tmp_path / 'new.db'}", rules) as ledger, pytest.raises(Refusal, match="还没有建立"):
        schema.demand(ledger)


def test_a_newer_database_is_refused(ledger) -> None:
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Refusal, match="比本程序新"):
        schema.upgrade(ledger)


def test_a_lost_trigger_is_missed_and_made_again(ledger) -> None:
    on = " ON event" if ledger.engine.dialect.name == "postgresql" else ""
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text(f"DROP TRIGGER event_no_update{on}"))

    with pytest.raises(Refusal, match="event_no_update"):
        schema.demand(ledger)
    schema.upgrade(ledger)
    schema.demand(ledger)


def test_a_weakened_trigger_is_noticed(sqlite_ledger) -> None:
    with sqlite_ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text("DROP TRIGGER event_no_update"))
        connection.execute(sa.text("CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT 1; END"))
    with sqlite_ledger.engine.connect() as connection:
        assert triggers.missing(connection) == ("event_no_update",)


def test_every_named_constraint_has_its_message() -> None:
    names = set()
    for table in SQLModel.metadata.sorted_tables:
        names |= {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint | sa.UniqueConstraint)}
        names |= {str(i.name) for i in table.indexes if i.unique}
    raised = {"event_is_append_only", "decision_is_final", "letter_is_frozen", "procedure_is_append_only"}
    raised |= set(triggers.CONDITIONS)

    assert {n for n in names if message_of(n) is None} == set()
    assert set(MESSAGES) - names - raised == set()
