"""What every command shares: the top group, its options, the ledger that it opens, the person it acts for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from screening.domain.errors import Refusal

if TYPE_CHECKING:
    from screening.domain.people import Person
    from screening.services import Ledger


Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A calendar day written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or the sentence that says how to write it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}”不是日期。请按 YYYY-MM-DD 填写，例如 2026-11-22。", param, ctx)


DAY = Day()


def say_json(data: object) -> None:
    """Prints one JSON object in UTF-8."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


class Commands(click.Group):
    """The top group; turns a refusal, or a file that cannot be used, into a sentence on stderr and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            click.echo(refusal.message, err=True)
            sys.exit(2)
        except OSError as fault:
            if not fault.filename:
                raise
            click.echo(f"文件 {fault.filename} 无法读写（{fault.strerror}）。请核对路径、权限和磁盘空间。", err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """两高项目台账：筛查、登记、处置、文书、期限。"""


def database_option(command: Command) -> Command:
    """Adds --database to a command."""
    words = "数据库地址（sqlite:///… 或 postgresql://…），默认取环境变量 DATABASE_URL，再默认为 var/ledger.db。"
    return click.option("--database", default=None, metavar="URL", help=words)(command)


def format_option(command: Command) -> Command:
    """Adds --format to a command; JSON unless a person asks for words."""
    return click.option(
        "--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True, help="输出形式。"
    )(command)


@contextmanager
def open_ledger(database: str | None, *, ready: bool = True) -> Iterator[Ledger]:
    """The ledger of --database or DATABASE_URL; `ready`: it must have been made and migrated."""
    from sqlalchemy.exc import OperationalError

    from screening import config, rulebook
    from screening.services import Ledger
    from screening.store import schema

    settings = config.read(os.environ, database_url=database)
    try:
        with Ledger.open(settings.database_url, rulebook.load(), verify_at=settings.verify_at) as ledger:
            if ready:
                schema.demand(ledger)
            yield ledger
    except OperationalError as fault:
        raise Refusal(f"打不开数据库：{str(fault.orig).strip()}。请检查地址、权限和磁盘空间。") from fault


def actor_of(ledger: Ledger, login: str | None) -> Person:
    """The person of --by; the console, which sees the whole region, where nobody is named."""
    from screening.services import CONSOLE, people

    return CONSOLE if login is None else people.find(ledger, login)
