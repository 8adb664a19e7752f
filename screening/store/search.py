"""Words found inside names and codes: the database itself indexes every sign, pair and three of signs of `search`.

A word of up to three signs stands in the index as it is. Of a longer one the index only narrows the projects down to
those that hold all its threes; whether they hold the word is then said by LIKE over the folded text. So a search never
finds anything else than LIKE does, and finds two-character words, which the databases' own full-text indexes pass over.
Triggers (SQLite) and an index on an expression (PostgreSQL) keep it with every write of a project, whoever writes.
Fields are separated by line breaks, which no word contains: no find spans two fields.
"""

# ruff: noqa: S608 - statements are put together of our own names and of parameters that the compiler wrote
from __future__ import annotations

import re
import sqlite3
import unicodedata
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from sqlmodel import col

from screening.domain.quantity import fold
from screening.store.tables import FACETED, ProjectRow

LONGEST = 100
"""Characters of what is searched for."""
WHOLE = 3
"""Signs of the longest piece."""
PAIR = 1 << 21
"""Signs as one number on PostgreSQL: each counts this much more than the next; Unicode ends below."""
OWN = ("project_listed", "project_combination", "project_pieces", "ix_project_pieces")
"""What the names of our own tables and index begin with; Alembic leaves them to us."""

COMBINED = FACETED[:6]
"""The facets but for the banner, of which there are many."""
SORTED = ("code", "name", "enterprise", "class_order", "equivalent_tce", "changed_at")
LISTED = ("id", *FACETED, *SORTED, "search")
"""What lists are filtered and sorted by: the columns that a search looks at."""
_NEW, _NAMES = ", ".join(f"NEW.{name}" for name in LISTED), ", ".join(LISTED)
_COMBINED_NEW = " AND ".join(f"{name} = NEW.{name}" for name in COMBINED)
_COMBINATION = f"(SELECT number FROM project_combination WHERE {_COMBINED_NEW})"
_COMBINE = (
    f"INSERT INTO project_combination ({', '.join(COMBINED)}) SELECT {', '.join(f'NEW.{name}' for name in COMBINED)} "
    f"WHERE NOT EXISTS {_COMBINATION}; "
)
SQLITE = {
    # A number for every combination of facets that there is: a list is counted by it, and the few numbers told apart.
    "project_combination": (
        f"CREATE TABLE project_combination (number INTEGER PRIMARY KEY, {' TEXT NOT NULL, '.join(COMBINED)} TEXT "
        f"NOT NULL, UNIQUE ({', '.join(COMBINED)}))"
    ),
    # What lists need of a project, close together and in the order of the index. FTS5 wants rising numbers, and those
    # of a row without one may change when the file is copied.
    "project_listed": (
        "CREATE TABLE project_listed (number INTEGER PRIMARY KEY, combination INTEGER NOT NULL, "
        "id CHAR(32) NOT NULL UNIQUE REFERENCES project (id), " + ", ".join(LISTED[1:]) + ")"
    ),
    # content='': the words are kept nowhere twice; detail=none: which project, not where in it.
    "project_pieces": (
        "CREATE VIRTUAL TABLE project_pieces USING fts5(pieces, content='', detail=none, tokenize='ascii')"
    ),
    "project_pieces_added": (
        f"CREATE TRIGGER project_pieces_added AFTER INSERT ON project BEGIN {_COMBINE}"
        f"INSERT INTO project_listed (combination, {_NAMES}) VALUES ({_COMBINATION}, {_NEW}); "
        "INSERT INTO project_pieces (rowid, pieces) "
        "SELECT number, pieces(NEW.search) FROM project_listed WHERE id = NEW.id; END"
    ),
    "project_pieces_changed": (
        "CREATE TRIGGER project_pieces_changed AFTER UPDATE OF search ON project WHEN OLD.search <> NEW.search BEGIN "
        "INSERT INTO project_pieces (project_pieces, rowid, pieces) "
        "SELECT 'delete', number, pieces(OLD.search) FROM project_listed WHERE id = OLD.id; "
        "INSERT INTO project_pieces (rowid, pieces) "
        "SELECT number, pieces(NEW.search) FROM project_listed WHERE id = NEW.id; END"
    ),
    "project_listed_changed": (
        f"CREATE TRIGGER project_listed_changed AFTER UPDATE OF {_NAMES} ON project BEGIN {_COMBINE}"
        f"UPDATE project_listed SET combination = {_COMBINATION}, "
        + ", ".join(f"{name} = NEW.{name}" for name in LISTED)
        + " WHERE id = OLD.id; END"
    ),
}
BODY = (
    " DECLARE found bigint[] := '{}'; first bigint; second bigint; sign bigint; one text; BEGIN "
    "FOREACH one IN ARRAY string_to_array(folded, NULL) LOOP "
    "sign := ascii(one); found := found || sign; "
    f"IF second IS NOT NULL THEN found := found || (second * {PAIR} + sign); END IF; "
    f"IF first IS NOT NULL THEN found := found || ((first * {PAIR} + second) * {PAIR} + sign); END IF; "
    "first := second; second := sign; END LOOP; RETURN found; END "
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
    return " ".join({spelled[at : at + width] for width in (4, 8, 12) for at in range(0, len(spelled) - width + 4, 4)})


def prepare(connection: sqlite3.Connection) -> None:
    """Gives a connection to SQLite the function that its triggers call."""
    connection.create_function("pieces", 1, pieces, deterministic=True)


class _Sought(TypeDecorator[list[str]]):
    """Words as each database's index wants to be asked for them: their threes of signs, or what there is of them."""

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
        return sorted({_number(word[at : at + WHOLE]) for word in words for at in range(max(1, len(word) - WHOLE + 1))})


def _number(signs: str) -> int:
    return reduce(lambda number, sign: number * PAIR + ord(sign), signs, 0)


PROJECT = ProjectRow.__table__  # type: ignore[attr-defined]


def _columns(*names: str) -> list[sa.ColumnClause[Any]]:
    return [sa.column(name, PROJECT.c[name].type) for name in names]


LISTED_ON_SQLITE = sa.table(
    "project_listed", sa.column("number", sa.Integer), sa.column("combination", sa.Integer), *_columns(*LISTED)
)
COMBINATIONS = sa.table("project_combination", sa.column("number", sa.Integer), *_columns(*COMBINED))


class _Pieced(FunctionElement[Any]):
    """Whether the project of this number (of `project_listed`) holds all pieces of the words: (number, words)."""

    # No type: for a boolean SQLAlchemy writes "= 1" behind it on SQLite, and no index serves that.
    inherit_cache = True


@compiles(_Pieced, "sqlite")
def _pieced(element: _Pieced, compiler: SQLCompiler, **kwargs: Any) -> str:
    number, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{number} IN (SELECT rowid FROM project_pieces WHERE project_pieces MATCH {words})"


def holding(words: list[str], *, sqlite: bool) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """Where the projects that hold all words are looked up, with the columns LISTED, and under what conditions.

    A word of up to three signs is a piece itself; of a longer one the index knows all pieces: the rest is told by LIKE.
    """
    sought = sa.bindparam(None, words, type_=_Sought())
    if sqlite:
        near: sa.FromClause = LISTED_ON_SQLITE
        pieced: list[Any] = [_Pieced(near.c.number, sought)]
    else:
        # The fence keeps PostgreSQL from making the pieces of row after row, which it takes for the shorter way.
        columns = (PROJECT.c[name] for name in LISTED)
        match = sa.func.pieces(PROJECT.c.search).op("@>")(sought)
        near, pieced = sa.select(*columns).where(match).offset(sa.literal_column("0")).subquery("found"), []
    longer = [near.c.search.contains(word, autoescape=True) for word in words if len(word) > WHOLE]
    return near, [*pieced, *longer]


class _Narrowed(FunctionElement[Any]):
    """Whether the project of this id holds all pieces of the words: (id, words)."""

    inherit_cache = True


@compiles(_Narrowed, "sqlite")
def _narrowed_on_sqlite(element: _Narrowed, compiler: SQLCompiler, **kwargs: Any) -> str:
    key, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    numbers = f"SELECT rowid FROM project_pieces WHERE project_pieces MATCH {words}"
    return f"{key} IN (SELECT id FROM project_listed WHERE number IN ({numbers}))"


@compiles(_Narrowed, "postgresql")
def _narrowed_on_postgresql(element: _Narrowed, compiler: SQLCompiler, **kwargs: Any) -> str:
    key, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{key} IN (SELECT sought.id FROM project AS sought WHERE pieces(sought.search) @> {words} OFFSET 0)"


def narrowed(words: list[str]) -> sa.ColumnElement[bool]:
    """Projects that hold all pieces of the words: what the index can say, always together with `held`."""
    return _Narrowed(col(ProjectRow.id), sa.bindparam(None, words, type_=_Sought()))


def held(words: list[str]) -> sa.ColumnElement[bool]:
    """Projects whose folded text holds all the words."""
    return sa.and_(*(col(ProjectRow.search).contains(word, autoescape=True) for word in words))


def among(projects: sa.FromClause, clause: Any) -> Any:
    """A condition or column of projects, as one of these projects, of which only the columns LISTED are at hand."""
    mine: list[Any] = [part for part in visitors.iterate(clause) if _is_of_project(part)]
    if any(part.name not in projects.c for part in mine):
        return projects.c.id.in_(sa.select(col(ProjectRow.id)).where(clause))

    def placed(part: Any, **_: Any) -> Any:
        return projects.c[part.name] if _is_of_project(part) else None

    replaced: Any = visitors.replacement_traverse  # its overloads know no untyped clause
    return replaced(clause, {}, placed)


def _is_of_project(part: Any) -> bool:
    return isinstance(part, sa.Column) and part.table.name == PROJECT.name


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
        combined = ", ".join(COMBINED)
        connection.exec_driver_sql(
            f"INSERT INTO project_combination ({combined}) SELECT DISTINCT {combined} FROM project"
        )
        connection.exec_driver_sql(
            f"INSERT INTO project_listed (combination, {_NAMES}) SELECT number, {_NAMES} "
            f"FROM project JOIN project_combination USING ({combined}) ORDER BY project.rowid"
        )
        connection.exec_driver_sql(
            "INSERT INTO project_pieces (rowid, pieces) "
            "SELECT number, pieces(search) FROM project_listed ORDER BY number"
        )
        return
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_project_pieces")
    connection.exec_driver_sql(POSTGRESQL_FUNCTION)
    connection.exec_driver_sql(POSTGRESQL_INDEX)
    # Told that a piece stands nearly everywhere, PostgreSQL would rather make the pieces of every row: it is not told.
    connection.exec_driver_sql("ALTER INDEX ix_project_pieces ALTER COLUMN 1 SET STATISTICS 0")


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
