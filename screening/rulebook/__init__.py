"""Reads `rules/*.toml` into the domain's rulebook; refuses whatever contradicts itself, all problems at once."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from screening.domain.errors import RulesInvalid
from screening.domain.quantity import plain
from screening.domain.rules import Edition, Rulebook, Source, Standard
from screening.rulebook import rows
from screening.rulebook.cells import Table, number_of
from screening.rulebook.checks import check
from screening.rulebook.rows import Context, Names
from screening.rulebook.showing import counts, show

__all__ = ["FOLDER", "counts", "load", "show"]


def _shipped() -> Path:
    """The rules inside the wheel, or those of the source tree."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "rules_data"
    return inside if inside.is_dir() else package.parent / "rules"


FOLDER = _shipped()

READERS: dict[str, tuple[str, Callable[[Table, Context], Any]]] = {
    "limit": ("limits", rows.read_limit),
    "carrier": ("carriers", rows.read_carrier),
    "electricity": ("electricity", rows.read_electricity),
    "electricity_seen": ("electricity_seen", rows.read_electricity_seen),
    "catalogue": ("catalogue", rows.read_catalogue),
    "region": ("regions", rows.read_region),
    "authority": ("authorities", rows.read_authority),
    "disposition": ("dispositions", rows.read_disposition),
    "measure": ("measures", rows.read_measure),
    "step": ("steps", rows.read_step),
    "deadline": ("deadlines", rows.read_deadline),
    "parameter": ("parameters", rows.read_parameter),
    "workyear": ("workyears", rows.read_workyear),
    "plausibility": ("plausibility", rows.read_plausibility),
    "tariff": ("tariffs", rows.read_tariff),
    "clause": ("clauses", rows.read_clause),
    "office": ("offices", rows.read_office),
}
"""Name of the array of tables -> field of the rulebook, and how a row is read."""

NEEDED = ("carrier", "electricity", "catalogue", "region", "authority", "disposition", "measure", "deadline", "clause")
ORDERED = ("disposition", "measure", "step")
"""Kinds whose order counts: all rows of one kind stand in one file."""

_UNDERSCORE = re.compile(r"(?:^|[=\[,])\s*[+-]?(?:\d+_[\d_]*|0[xob]\w+)(?!\w*\s*=)")
_QUOTED = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*')


@dataclass(slots=True)
class _File:
    """One parsed file: its path inside the folder and its top-level cells."""

    path: str
    cells: dict[str, Any]
    problems: list[str]

    def tables(self, name: str) -> list[Table]:
        """The rows of one kind, each with the words by which a problem names it."""
        found = self.cells.get(name, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self.problems.append(f"{self.path}：“{name}”应写成 [[{name}]] 的行。")
            return []
        return [
            Table(self.path, f"第{i}个 {name}（{row.get('id', row.get('name', '无编号'))}）", row, self.problems)
            for i, row in enumerate(found, 1)
        ]


@dataclass(slots=True)
class _Found:
    """All rows on their way into a rulebook."""

    editions: list[Edition] = field(default_factory=list)
    outside: list[Standard] = field(default_factory=list)
    groups: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name, _ in READERS.values()})
    number_pattern: str = ""
    kind_words: dict[str, str] = field(default_factory=dict)


def load(folder: Path | None = None) -> Rulebook:
    """The rulebook of a folder, the shipped one unless told; RulesInvalid with every problem where it has any.

    The shipped rules are read once in a process.
    """
    return _read(Path(folder)) if folder is not None else _read_shipped()


@cache
def _read_shipped() -> Rulebook:
    return _read(FOLDER)


def _read(folder: Path) -> Rulebook:
    problems: list[str] = []
    files = [f for p in _paths(folder) if (f := _parse(folder, p, problems))]
    if not files and not problems:
        problems.append(f"文件夹“{folder}”中没有规则文件（*.toml）。")
    documents = _documents(files)
    names = _names(files)
    found = _Found()
    for file in files:
        _gather(file, documents, names, found)
    if not files:
        raise RulesInvalid(tuple(problems))
    _one_file_each(files, problems)
    book = _bound(found)
    if not found.editions:
        problems.append("没有任何能效水平版本（[[standard]]）。")
    problems.extend(f"没有任何 [[{name}]] 行。" for name in NEEDED if not found.groups[READERS[name][0]])
    check(book, names, problems.append)
    if problems:
        raise RulesInvalid(tuple(dict.fromkeys(problems)))
    return book


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.toml"), key=lambda p: p.relative_to(folder).as_posix())


def _parse(folder: Path, path: Path, problems: list[str]) -> _File | None:
    name = path.relative_to(folder).as_posix()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        cells = tomllib.loads(text, parse_float=number_of)
    except UnicodeDecodeError:
        problems.append(f"{name}：不是UTF-8编码，请另存为UTF-8。")
        return None
    except OSError as error:
        problems.append(f"{name}：无法读取（{error.strerror}）。")
        return None
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}：不是正确的TOML（{error}）。")
        return None
    if "_" in text or "0x" in text:
        for number, line in enumerate(_QUOTED.sub('""', text).split("\n"), 1):
            if _UNDERSCORE.search(line):
                problems.append(f"{name}：第{number}行“{line.strip()}”，数值应写成普通小数，不用下划线和其他进制。")
    return _File(name, cells, problems)


def _documents(files: list[_File]) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for file in files:
        for table in file.tables("document"):
            name = table.text("id")
            if name in found:
                table.say("id", f"“{name}”重复，请改用不同的编号。")
            found[name] = Source(
                title=table.text("title"),
                number=table.maybe_text("number"),
                published=table.day("published"),
                clause=None,
                seen=table.maybe_text("seen"),
            )
            table.done()
    return found


def _names(files: list[_File]) -> dict[str, Names]:
    found: dict[str, Names] = {}
    for file in files:
        for table in file.tables("product"):
            entry = rows.read_names(table)
            table.done()
            if entry.product in found:
                table.say("name", f"“{entry.product}”重复，一个产品的别名只写在一处。")
            found[entry.product] = entry
    return found


def _gather(file: _File, documents: Mapping[str, Source], names: Mapping[str, Names], found: _Found) -> None:
    top = Table(file.path, "文件开头", file.cells, file.problems)
    top.asked.update(("document", "product", "standard", "outside", *READERS))
    context = Context(documents, names, rows.read_source(top, documents, None) if "source" in file.cells else None)
    top.asked.update(("source", "clause"))
    if "standard" in file.cells:
        found.editions.append(_edition(top, file, context))
    for table in file.tables("outside"):
        found.outside.append(rows.read_standard(table, context, "outside", table.text("table")))
        table.done()
    for kind, (group, read) in READERS.items():
        for table in file.tables(kind):
            found.groups[group].append(read(table, context))
            table.done()
    if pattern := top.maybe_text("number_pattern"):
        found.number_pattern = pattern
    if words := top.table("kind_words"):
        found.kind_words.update({kind: words.text(kind) for kind in words.cells})
        for kind in words.cells:
            if kind not in rows.LETTERS:
                words.say(kind, "不是文书种类。")
    top.done()


def _edition(top: Table, file: _File, context: Context) -> Edition:
    name = top.text("edition")
    first = top.day("in_force_from", required=True)
    last = top.day("in_force_to")
    if context.source is None:
        top.say("source", "缺失，应写明来源文件（文件名称、文号、日期）。")
    if first and last and first > last:
        top.say("in_force_to", f"为{last}，早于施行日期{first}。")
    inner = Context(
        context.documents, context.names, context.source, edition=name, in_force_from=first, in_force_to=last
    )
    standards = []
    for table in file.tables("standard"):
        for key in ("in_force_from", "in_force_to"):
            if key in table.cells:
                table.say(key, "不应填写，施行期间以版本为准。")
        standards.append(rows.read_standard(table, inner, f"levels/{name}", name))
        table.done()
    return Edition(name, first or date.min, last, context.source or rows.NOWHERE, tuple(standards))


def _one_file_each(files: list[_File], problems: list[str]) -> None:
    for kind in ORDERED:
        where = [f.path for f in files if kind in f.cells]
        if len(where) > 1:
            problems.append(f"[[{kind}]] 分写在{'、'.join(where)}中，其行有先后之分，应写在一个文件中。")


def _bound(found: _Found) -> Rulebook:
    groups: dict[str, Any] = {name: tuple(kept) for name, kept in found.groups.items()}
    book = Rulebook(
        version="",
        editions=tuple(sorted(found.editions, key=lambda e: e.in_force_from)),
        outside=tuple(found.outside),
        number_pattern=found.number_pattern,
        kind_words=found.kind_words,
        **groups,
    )
    return replace(book, version=_version(book))


def _version(book: Rulebook) -> str:
    """The hash of all that the rules say: neither file names, nor their order, nor spelling of numbers counts."""
    said: list[Any] = [book.number_pattern, dict(sorted(book.kind_words.items()))]
    said.append([[e.name, _plain(e.in_force_from), _plain(e.in_force_to), _plain(e.source)] for e in book.editions])
    said.extend(sorted((_plain(rule) for rule in book.every_rule()), key=lambda r: str(r["ref"])))
    said.append([[r.ref for r in group] for group in (book.dispositions, book.measures, book.steps)])
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON spells it, every figure exact."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case Decimal():
            return {"figure": plain(value)}
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(v) for v in value]
        case _ if is_dataclass(value):
            return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(type(value))
