"""Makes and migrates the database, from a source tree or an installed wheel, and says whether it fits the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import autogenerate, command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from screening.domain.errors import Refusal
from screening.domain.history import NOTHING_BEFORE
from screening.domain.people import Role
from screening.store import search, tables, triggers
from screening.store.engine import SQLITE, Ledger

CONSOLE_ID = UUID(int=0)
BEGINNING = datetime(2022, 1, 1, tzinfo=UTC)
MIGRATIONS = Path(__file__).parent / "migrations"


def compared() -> dict[str, Any]:
    """What Alembic looks at when it compares tables and database."""
    return {"compare_type": True, "compare_server_default": True, "include_name": _is_of_the_tables}


def _is_of_the_tables(name: str | None, kind: str, _parents: object) -> bool:
    """The search index looks different on each database: `search` makes it and knows whether it is there."""
    return not (kind in {"table", "index"} and name is not None and name.startswith(search.OWN))


def configuration(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings; no file of its own is needed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    if head is None:
        raise LookupError("no migrations on file")
    return head


def current(ledger: Ledger) -> str | None:
    """The revision that the database is at; None where it is empty."""
    with ledger.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(ledger: Ledger) -> bool:
    """Brings the database to the newest revision, in one transaction; True where anything was done.

    The triggers and what the search needs are made again: a migration that copies a table on SQLite would lose them.
    """
    before = current(ledger)
    known = {s.revision for s in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if before is not None and before not in known:
        raise Refusal(f"数据库的版本（{before}）比本程序新。请安装新版程序后再打开这个台账。")
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.upgrade(configuration(connection), "head")
        _seed(connection)
        triggers.install(connection)
        search.install(connection)
    return before != newest()


def _seed(connection: sa.Connection) -> None:
    """The two rows that every ledger has: the end of the empty chain, and the console, who cannot sign in."""
    head, person = tables.EventHeadRow.__table__, tables.PersonRow.__table__  # type: ignore[attr-defined]
    if connection.execute(sa.select(head.c.id)).first() is None:
        connection.execute(sa.insert(head).values(id=1, seq=0, hash=NOTHING_BEFORE))
    if connection.execute(sa.select(person.c.id).where(person.c.id == CONSOLE_ID)).first() is None:
        connection.execute(
            sa.insert(person).values(
                id=CONSOLE_ID,
                login="console",
                login_folded="console",
                name="控制台",
                role=Role.REGISTRAR,
                scope="150000",
                password_hash="",
                must_change=False,
                active=False,
                failures=0,
                epoch=0,
                added_at=BEGINNING,
            )
        )


def demand(ledger: Ledger) -> None:
    """Refusal unless the database is at the newest revision with its triggers in place."""
    found = current(ledger)
    if found != newest():
        state = "还没有建立" if found is None else "需要升级"
        raise Refusal(f"台账数据库{state}。请先运行 screening init。")
    with ledger.engine.connect() as connection:
        lost, unsearchable = triggers.missing(connection), search.missing(connection)
    if unsearchable:
        names = "、".join(unsearchable)
        raise Refusal(f"台账数据库的查找索引不完整：缺少{names}。请运行 screening init 重建。")
    if lost:
        names = "、".join(lost)
        raise Refusal(
            f"台账数据库缺少保护触发器：{names}。"
            "请运行 screening init 恢复，并运行 screening audit verify 核对变更记录。"
        )


def differences(ledger: Ledger) -> list[Any]:
    """Where the database and the tables of the program differ; empty where they agree."""
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=compared())
        return list(autogenerate.compare_metadata(context, SQLModel.metadata))


def is_sqlite(ledger: Ledger) -> bool:
    """Whether the ledger is a file."""
    return ledger.engine.dialect.name == SQLITE
