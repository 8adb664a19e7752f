"""Words found inside names and codes: the database itself indexes every sign and every pair of signs of `search`.

The index only narrows the projects down to those that hold all pairs of a word; whether they hold the word is then said
by LIKE over the folded text. So an index of pairs can never find anything else than LIKE does, and finds two-character
words, which the databases' own full-text indexes pass over. Triggers (SQLite) and an index on an expression
(PostgreSQL) keep it with every write of a project, whoever writes. Fields are separated by line breaks, which no word
contains: no find spans two fields.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from sqlmodel import col

from screening.domain.quantity import fold
from screening.store.tables import ProjectRow

LONGEST = 100
"""Characters of what is searched for."""
PAIR = 1 << 21
"""A pair of signs as one number on PostgreSQL: the first counts this much; Unicode ends below."""
OWN = ("project_number", "project_pieces", "ix_project_pieces")
"""What the names of our own tables and index begin with; Alembic leaves them to us."""

SQLITE = {
    # FTS5 wants rising numbers, and those of a row without one may change when the file is copied.
    "project_number": (
        "CREATE TABLE project_number (number INTEGER PRIMARY KEY, project_id CHAR(32) NOT NULL UNIQUE "
        "REFERENCES project (id))"
    ),
    # content='': the words are kept nowhere twice; detail=none: which project, not where in it.
    "project_pieces": (
        "CREATE VIRTUAL TABLE project_pieces USING fts5(pieces, content='', detail=none, tokenize='ascii')"
    ),
    # Words that stand nearly everywhere are counted from this index alone.
    "ix_project_pieces_text": (
        "CREATE INDEX ix_project_pieces_text ON project (league, industry, stage, efficiency_class, disposition, "
        "case_state, banner, in_focus, near_line, findings, search, id)"
    ),
    "project_pieces_added": (
        "CREATE TRIGGER project_pieces_added AFTER INSERT ON project BEGIN "
        "INSERT INTO project_number (project_id) VALUES (NEW.id); "
        "INSERT INTO project_pieces (rowid, pieces) "
        "SELECT number, pieces(NEW.search) FROM project_number WHERE project_id = NEW.id; END"
    ),
    "project_pieces_changed": (
        "CREATE TRIGGER project_pieces_changed AFTER UPDATE OF search ON project WHEN OLD.search <> NEW.search BEGIN "
        "INSERT INTO project_pieces (project_pieces, rowid, pieces) "
        "SELECT 'delete', number, pieces(OLD.search) FROM project_number WHERE project_id = OLD.id; "
        "INSERT INTO project_pieces (rowid, pieces) "
        "SELECT number, pieces(NEW.search) FROM project_number WHERE project_id = NEW.id; END"
    ),
}
BODY = (
    " DECLARE found bigint[] := '{}'; before bigint; sign bigint; one text; BEGIN "
    "FOREACH one IN ARRAY string_to_array(folded, NULL) LOOP "
    "sign := ascii(one); found := found || sign; "
    f"IF before IS NOT NULL THEN found := found || (before * {PAIR} + sign); END IF; "
    "before := sign; END LOOP; RETURN found; END "
)
POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION pieces(folded text) RETURNS bigint[] "
    f"LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $${BODY}$$"
)
POSTGRESQL_INDEX = (
    "CREATE INDEX ix_project_pieces ON project USING gin (pieces(search)) "
    # What waits to be sorted in is read through by every search: little may wait.
    "WITH (gin_pending_list_limit = 256)"
)


def words_of(text: str) -> list[str]:
    """What was typed as the folded words that all have to be found; signs that nobody sees are left out."""
    seen = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cs"})
    return list(dict.fromkeys(word for word in map(fold, seen.split()) if word))


def pieces(folded: str) -> str:
    """Every sign and every pair of signs, spelled so that each survives SQLite's tokenizer."""
    # UTF-16 in hexadecimal: four letters a sign (eight for the rare ones, which are two signs here).
    spelled = folded.encode("utf-16-be").hex()
    return " ".join(
        {spelled[at : at + 4] for at in range(0, len(spelled), 4)}
        | {spelled[at : at + 8] for at in range(0, len(spelled) - 4, 4)}
    )


def prepare(connection: sqlite3.Connection) -> None:
    """Gives a connection to SQLite the function that its triggers call."""
    connection.create_function("pieces", 1, pieces, deterministic=True)


class _Sought(TypeDecorator[list[str]]):
    """Words as each database's index wants to be asked for them: all their pairs."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """A query of FTS5, or numbers."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.ARRAY(sa.BigInteger()))

    def process_bind_param(self, value: list[str] | None, dialect: sa.Dialect) -> Any:
        """Into the database."""
        words = value or []
        if dialect.name == "sqlite":
            asked = (pieces(word).split() for word in words)
            return " ".join(sorted({piece for found in asked for piece in found if len(piece) == max(map(len, found))}))
        return sorted(
            {ord(first) * PAIR + ord(second) for word in words for first, second in pairwise(word)}
            | {ord(word) for word in words if len(word) == 1}
        )


class _Holds(FunctionElement[Any]):
    """Whether a project holds all pairs of the words: (id, search, words)."""

    # No type: for a boolean SQLAlchemy writes "= 1" behind it on SQLite, and no index serves that.
    inherit_cache = True


@compiles(_Holds, "sqlite")
def _on_sqlite(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    key, _, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    numbers = f"SELECT rowid FROM project_pieces WHERE project_pieces MATCH {words}"  # noqa: S608  # compiled parameters
    return f"{key} IN (SELECT project_id FROM project_number WHERE number IN ({numbers}))"  # noqa: S608  # the same


@compiles(_Holds, "postgresql")
def _on_postgresql(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    _, search, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"pieces({search}) @> {words}"


def narrowed(words: list[str]) -> sa.ColumnElement[bool]:
    """Projects that hold all pairs of the words: what the index can say, always together with `held`."""
    return _Holds(col(ProjectRow.id), col(ProjectRow.search), sa.bindparam(None, words, type_=_Sought()))


def held(words: list[str]) -> sa.ColumnElement[bool]:
    """Projects whose folded text holds all the words."""
    return sa.and_(*(col(ProjectRow.search).contains(word, autoescape=True) for word in words))


def read_through(words: list[str]) -> sa.ColumnElement[bool]:
    """The same as `held`, asked of all texts at once before any project is looked at."""
    other = aliased(ProjectRow)
    texts = sa.select(col(other.id)).where(*(col(other.search).contains(word, autoescape=True) for word in words))
    return col(ProjectRow.id).in_(texts)


def hits(words: list[str], *, most: int) -> sa.Select[Any]:
    """On SQLite: how many projects the index leaves, counted up to `most`."""
    match = sa.literal_column("project_pieces").op("MATCH")(sa.bindparam(None, words, type_=_Sought()))
    part: sa.Select[Any] = (
        sa.select(sa.literal_column("rowid")).select_from(sa.table("project_pieces")).where(match).limit(most)
    )
    return sa.select(sa.func.count()).select_from(part.subquery())


def install(connection: sa.Connection) -> None:
    """Makes the index where it is not there, or not as we make it, and fills it from the projects."""
    if not missing(connection):
        return
    if connection.dialect.name == "sqlite":
        for name in reversed(SQLITE):
            kind = next(kind for kind in ("TRIGGER", "INDEX", "TABLE") if f"{kind} {name}" in SQLITE[name])
            connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")
        for statement in SQLITE.values():
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("INSERT INTO project_number (project_id) SELECT id FROM project ORDER BY rowid")
        connection.exec_driver_sql(
            "INSERT INTO project_pieces (rowid, pieces) SELECT n.number, pieces(p.search) "
            "FROM project_number n JOIN project p ON p.id = n.project_id ORDER BY n.number"
        )
        return
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_project_pieces")
    connection.exec_driver_sql(POSTGRESQL_FUNCTION)
    connection.exec_driver_sql(POSTGRESQL_INDEX)


def missing(connection: sa.Connection) -> tuple[str, ...]:
    """The parts of the index that are not there or not as we made them."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE name LIKE '%project%'"))
        found = {name: _spaced(sql or "") for name, sql in rows}
        return tuple(name for name, statement in SQLITE.items() if found.get(name) != _spaced(statement))
    bodies = connection.execute(sa.text("SELECT prosrc FROM pg_proc WHERE proname = 'pieces'")).scalars()
    indexes = connection.execute(
        sa.text(
            "SELECT 1 FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid "
            "WHERE c.relname = 'ix_project_pieces' AND i.indisvalid"
        )
    )
    lost = [] if BODY in set(bodies) else ["pieces"]
    return (*lost, *([] if indexes.first() else ["ix_project_pieces"]))


def _spaced(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip()
