"""What each test's own site and ledger would compile anew, templates, addresses and statements, once in a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from screening.domain.rules import Rulebook
from screening.services import Ledger
from screening.store.engine import make_engine, normal_url

Builder = Callable[..., tuple[str, str]]


class Templates(BytecodeCache):
    """Known by name and source."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


class Address(Rule):
    """A rule whose builder of addresses depends on its text alone, as all of ours do."""

    kept: dict[tuple[str, bool], Builder] = {}  # noqa: RUF012 - shared on purpose

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        if self.defaults or self.subdomain or self.host:
            return super()._compile_builder(append_unknown)
        key = (self.rule, append_unknown)
        if key not in self.kept:
            self.kept[key] = super()._compile_builder(append_unknown)
        return self.kept[key]


def remember() -> None:
    """For every site made from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Flask.url_rule_class = Address


FREE: dict[str, list[sa.Engine]] = {}
"""By database, the engines that no test has at the moment."""


@contextmanager
def opened(url: str, rules: Rulebook) -> Iterator[Ledger]:
    """The ledger at that address, by an engine of the program's own that knows the statements of earlier tests.

    Its connections and all else are new.
    """
    wanted = normal_url(url)
    free = FREE.setdefault(wanted.get_backend_name(), [])
    engine = free.pop() if free else _led(wanted)
    engine.url = wanted
    with Ledger(engine, rules) as ledger:
        yield ledger
    free.append(engine)


def _led(url: sa.URL) -> sa.Engine:
    """An engine that connects to where its address says at the moment."""
    engine = make_engine(url)

    @sa.event.listens_for(engine, "do_connect")
    def lead(dialect: Any, _record: object, places: list[Any], given: dict[str, Any]) -> None:
        there, more = dialect.create_connect_args(engine.url)
        places[:] = there
        given.update(more)

    return engine
