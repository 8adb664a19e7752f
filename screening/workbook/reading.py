"""Reading a spreadsheet: what came out, and the talk with the child process that does the reading."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Self, cast

from screening.domain.calendar import PartialDate
from screening.domain.errors import Refusal
from screening.domain.registry import (
    PROJECT_FIELDS,
    UNIT_FIELDS,
    EnergyUse,
    Field,
    Industry,
    Kind,
    Project,
    Stage,
    Unit,
)
from screening.domain.rules import RegionLevel, Rulebook
from screening.workbook import parts
from screening.workbook.child import environment

WALL_SECONDS = 120
GARBLED = "文件内容异常，读取中断；请在表格软件中重新保存后再提交"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A cell that rejects its project: where (`sheet`, `cell`), what was found, what was expected, how to mend it.

    `expected` is short English for scripts, `message` Chinese for people; `project` is its name (or code), None where
    the row belongs to no project.
    """

    sheet: str
    cell: str
    column: str
    value: str
    expected: str
    project: str | None
    message: str


@dataclass(frozen=True, slots=True)
class CellWarning:
    """A cell that was read but should be looked at."""

    sheet: str
    cell: str
    column: str
    value: str
    project: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a sheet: projects in the order of their first rows; `done` of `total` projects are through."""

    sheet: str
    projects: tuple[Project, ...]
    rejected: tuple[Rejection, ...]
    rejected_projects: int
    warnings: tuple[CellWarning, ...]
    unknown_columns: tuple[str, ...]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole sheet; `rejected` lists cells, `rejected_projects` counts projects."""

    sheet: str
    projects: tuple[Project, ...]
    rejected: tuple[Rejection, ...]
    rejected_projects: int
    warnings: tuple[CellWarning, ...]
    unknown_columns: tuple[str, ...]


Corrections = Mapping[tuple[str, str], str]
"""(sheet, cell such as H37) -> the text that is read there instead of what the file holds."""


Aliases = Mapping[str, str]
"""The header of a column as an office writes it -> the header of the template that it stands for."""


class UnknownColumns(Refusal):
    """Required columns are not found; `headers` are those of `sheet` that nothing is known of, to be mapped."""

    def __init__(self, message: str, *, sheet: str, headers: tuple[str, ...], lacking: tuple[str, ...]) -> None:
        super().__init__(message)
        self.sheet = sheet
        self.headers = headers
        self.lacking = lacking


def read(
    path: Path,
    rulebook: Rulebook,
    *,
    progress: Callable[[int, int], None] | None = None,
    corrections: Corrections = MappingProxyType({}),
    aliases: Aliases = MappingProxyType({}),
) -> Reading:
    """Every project of the workbook; Refusal where the file cannot be used at all (UnknownColumns: unless mapped).

    `progress(done, total)` is told after each batch of projects; `corrections` go through the same readers as cells.
    """
    sheet = ""
    projects: list[Project] = []
    rejected: list[Rejection] = []
    warnings: list[CellWarning] = []
    unknown: tuple[str, ...] = ()
    count = 0
    for batch in read_batches(path, rulebook, corrections, aliases):
        sheet = batch.sheet
        projects += batch.projects
        rejected += batch.rejected
        warnings += batch.warnings
        count += batch.rejected_projects
        unknown = batch.unknown_columns
        if progress:
            progress(batch.done, batch.total)
    return Reading(sheet, tuple(projects), tuple(rejected), count, tuple(warnings), unknown)


Packed = tuple[dict[str, Any], bytes | None]
"""A batch as the child sent it, which travels cheaply to another process; `unpack` makes it a Batch."""


def read_batches(
    path: Path,
    rulebook: Rulebook,
    corrections: Corrections = MappingProxyType({}),
    aliases: Aliases = MappingProxyType({}),
) -> Iterator[Batch]:
    """The same in batches, so that a caller can work on one while the child prepares the next; at least one comes."""
    yield from map(unpack, read_packed(path, rulebook, corrections, aliases))


def read_packed(
    path: Path,
    rulebook: Rulebook,
    corrections: Corrections = MappingProxyType({}),
    aliases: Aliases = MappingProxyType({}),
) -> Iterator[Packed]:
    """The same still packed, for a caller who unpacks in processes of his own."""
    with Opened(path) as opened:
        yield from opened.packed(rulebook, corrections, aliases)


class Opened:
    """A workbook whose child is on its way: it opens the file while the caller gets ready. Leaving it ends the child.

    Refusal where the file is not of a kind that is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._kind = parts.kind_of(self.path)
        self._child = _start(self.path, self._kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._child.wait()

    def packed(
        self,
        rulebook: Rulebook,
        corrections: Corrections = MappingProxyType({}),
        aliases: Aliases = MappingProxyType({}),
    ) -> Iterator[Packed]:
        """Every batch, once."""
        watchdog = threading.Timer(WALL_SECONDS, self._child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            corrected = [(sheet, cell, text) for (sheet, cell), text in corrections.items()]
            _tell(self._child, {**_names(rulebook), "corrections": corrected, "aliases": list(aliases.items())})
            if self._kind != "csv":
                _tell(self._child, {"errors": parts.look(self.path, self._kind).errors})
            yield from _batches(self._child, self.path)
        finally:
            watchdog.cancel()


def _start(path: Path, kind: str) -> subprocess.Popen[bytes]:
    """The child, with the same packages and nothing else of this process; its own errors go nowhere."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter, our own module, a path as one argument
        [sys.executable, "-P", "-m", "screening.workbook.sealed", str(path.resolve()), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )


def _tell(child: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    stdin = cast("IO[bytes]", child.stdin)
    try:
        stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
        stdin.flush()
    except BrokenPipeError:
        pass  # it ended already; its last frame or its exit status says why


_LEVELS = {RegionLevel.LEAGUE: "league", RegionLevel.BANNER: "banner", RegionLevel.ZONE: "zone"}


def _names(rulebook: Rulebook) -> dict[str, Any]:
    """What the child must know of the rules: divisions and the names of energy carriers."""
    return {
        "regions": [(r.id, r.name, _LEVELS[r.level], r.parent) for r in rulebook.regions if r.level in _LEVELS],
        "carriers": {word: carrier.name for word, carrier in rulebook.carriers_by_name.items()},
    }


class _Plain(pickle.Unpickler):
    """Lists, texts and numbers only: the child handled a stranger's file and is not trusted with more."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


def _frames(pipe: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The kind (its first letter) and the pickle of each frame; a frame that was cut off is left out."""
    while len(size := pipe.read(8)) == 8:
        kind, length = pipe.read(1), int.from_bytes(size, "big")
        frame = pipe.read(length)
        if len(frame) == length:
            yield kind, frame


def _plain(frame: bytes) -> Any:
    return _Plain(io.BytesIO(frame)).load()


def _batches(child: subprocess.Popen[bytes], path: Path) -> Iterator[Packed]:
    head: dict[str, Any] = {}
    unknown: dict[str, Any] | None = None
    ended = False
    try:
        for kind, frame in _frames(cast("IO[bytes]", child.stdout)):
            match kind:
                case b"b":
                    yield head, frame
                case b"h":
                    head = _plain(frame)
                    yield head, None
                case b"m":
                    unknown = _plain(frame)
                case b"r" if unknown is not None:
                    names, lacking = tuple(map(str, unknown["headers"])), tuple(map(str, unknown["lacking"]))
                    raise UnknownColumns(_plain(frame), sheet=str(unknown["sheet"]), headers=names, lacking=lacking)
                case b"r":
                    raise Refusal(_plain(frame))
                case b"c":
                    _LOG.error("reading a workbook failed: %s", _plain(frame))
                    raise Refusal("文件内容异常，无法读取；请在表格软件中重新保存后再提交，仍不行请联系管理员")
                case _:
                    ended = True
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError) as garbled:
        raise Refusal(GARBLED) from garbled
    if not ended:
        raise parts.far_off(path) or Refusal(
            "读取该文件需要的内存或时间超过上限（2 GB、60 秒），已中止；请删除表格以外的内容、分成几个文件后再提交"
        )


@lru_cache(maxsize=65536)
def _day(text: str) -> PartialDate:
    return PartialDate.read(text)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


_INDUSTRIES = {i.value: i for i in Industry}
_STAGES = {s.value: s for s in Stage}


def _column(f: Field, values: list[Any]) -> list[Any]:
    """The column as the domain holds it."""
    match f.kind:
        case Kind.NUMBER:
            return [None if v is None else Decimal(v) for v in values]
        case Kind.DATE:
            return [None if v is None else _day(v) for v in values]
        case Kind.YES_NO:
            return [None if v is None else v == "是" for v in values]
        case Kind.INDUSTRY:
            return [_INDUSTRIES[v] for v in values]
        case Kind.STAGE:
            return [_STAGES[v] for v in values]
        case _:
            return values


_PROJECT_KEYS = tuple(f.key for f in PROJECT_FIELDS)
_UNIT_KEYS = tuple(f.key for f in UNIT_FIELDS)


def unpack(packed: Packed) -> Batch:
    """The batch; Refusal where what the child sent makes no sense."""
    head, frame = packed
    try:
        if frame is not None:
            return _batch(head, _plain(frame))
        warnings = tuple(CellWarning(*w) for w in head["warnings"])
        strangers = tuple(Rejection(*r) for r in head["strangers"])
        return Batch(head["sheet"], (), strangers, 0, warnings, tuple(head["unknown"]), 0, head["total"])
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, ArithmeticError) as garbled:
        raise Refusal(GARBLED) from garbled


def _batch(head: dict[str, Any], content: dict[str, Any]) -> Batch:
    known = frozenset(head["known"])
    unit_columns = [_column(f, c) for f, c in zip(UNIT_FIELDS, content["units"], strict=True)]
    units = [
        Unit(row=row, **dict(zip(_UNIT_KEYS, values, strict=True)))
        for row, values in zip(content["rows"], zip(*unit_columns, strict=True), strict=True)
    ]
    project_columns = [_column(f, c) for f, c in zip(PROJECT_FIELDS, content["projects"], strict=True)]
    extra, uses, silent = content["extra"], content["uses"], content["silent"]
    projects: list[Project] = []
    at = 0
    for n, (values, count) in enumerate(zip(zip(*project_columns, strict=True), content["counts"], strict=True)):
        projects.append(
            Project(
                **dict(zip(_PROJECT_KEYS, values, strict=True)),
                units=tuple(units[at : at + count]),
                uses=tuple(_use(u) for u in uses[n]) if n in uses else (),
                known=known - frozenset(silent[n]) if n in silent else known,
                extra=tuple((h, t) for h, t in extra[n]),
            )
        )
        at += count
    rejected = tuple(Rejection(*r) for faults in content["rejected"] for r in faults)
    warnings = tuple(CellWarning(*w) for w in content["warnings"])
    return Batch(
        head["sheet"],
        tuple(projects),
        rejected,
        len(content["rejected"]),
        warnings,
        tuple(head["unknown"]),
        content["done"],
        head["total"],
    )


def _use(row: tuple[Any, ...]) -> EnergyUse:
    basis, year, sold, carrier, amount, measure, heating_value, feedstock, renewable = row
    return EnergyUse(
        basis=basis,
        year=year,
        sold=sold,
        carrier=carrier,
        amount=Decimal(amount),
        measure=measure,
        heating_value=_number(heating_value),
        feedstock=feedstock,
        renewable=renewable,
    )
