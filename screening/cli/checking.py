"""`screen` and `deadline`: what the rules say of a file or a day, without a database."""

from __future__ import annotations

import gc
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from screening.cli.frame import DAY, commands, say_json
from screening.domain.errors import Refusal

if TYPE_CHECKING:
    from screening.services.screening import ScreenedFile


@commands.command("screen")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-of", type=DAY, default=None, help="按哪一天的规则筛查，默认今天。")
@click.option("--edition", default=None, help="指定能效水平版本（如 2021、2023），默认按日期确定。")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "xlsx"]), default="table", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path), default=None, help="写入文件；xlsx 必须指定。")
def screen_command(file: Path, as_of: date | None, edition: str | None, form: str, output: Path | None) -> None:
    """筛查一个台账工作簿，不需要数据库。退出码：0 全部读取；1 有项目被拒绝；2 无法使用。"""
    if form == "xlsx" and output is None:
        raise Refusal("输出 xlsx 须用 --output 指定文件名。")
    gc.disable()  # a short life that only builds things: collecting costs a quarter of it
    from screening.workbook.reading import Opened

    with Opened(file) as opened:  # first of all: the file opens while the rest of the program loads
        from screening import clock, rulebook, workbook
        from screening.services import screening as screenings

        rules, day = rulebook.load(), as_of or clock.today()
        if form == "json":
            with _progress() as progress:
                pieces, refused = screenings.screen_to_json(
                    opened, rules, as_of=day, edition=edition, progress=progress
                )
            with output.open("wb") if output else nullcontext(sys.stdout.buffer) as stream:
                stream.writelines(pieces)
            sys.exit(1 if refused else 0)
        with _progress() as progress:
            found = screenings.screen_file(opened, rules, as_of=day, edition=edition, progress=progress)
    if form == "table":
        _print_table(found, output)
    else:
        workbook.write_results(output, found.results, found.rejected, form)
    sys.exit(1 if found.rejected_projects or found.rejected else 0)


def _opened(output: Path | None) -> AbstractContextManager[IO[str]]:
    """The file to write, or standard output, which stays open."""
    return output.open("w", encoding="utf-8") if output else nullcontext(sys.stdout)


class _progress:  # noqa: N801  # reads as a word in `with _progress() as progress`
    """A bar on stderr for workbooks of more than 2,000 projects; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Any:
        return self.report

    def report(self, done: int, count: int) -> None:
        """Moves the bar; makes it the first time it is worth it."""
        if count <= 2000:
            return
        if self.bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self.bar = Progress(console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("筛查", total=count)
        self.bar.update(self.task, completed=done)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


_STYLES = {
    "AT_BENCHMARK": "green",
    "BETWEEN": "blue",
    "BELOW_BASELINE": "bold red",
    "NOT_COVERED": "dim",
    "UNDETERMINED": "magenta",
}


def _print_table(found: ScreenedFile, output: Path | None) -> None:
    """The results as a table for a person: one line per unit, the project's words on its first line."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from screening.domain.quantity import plain
    from screening.services.screening import summary

    table = Table(
        title=f"两高项目筛查 {found.as_of.isoformat()}（能效水平{found.edition or '无生效版本'}）", expand=False
    )
    for name, right in (
        ("行", True), ("项目", False), ("建设单位", False), ("状态", False), ("产品", False), ("单耗", True),
        ("标杆", True), ("基准", True), ("单位", False), ("能效分类", False), ("建议处置", False), ("检出情形", False),
    ):  # fmt: skip
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for result in found.results:
        for position, unit in enumerate(result.units):
            first = position == 0
            found_ids = "、".join(dict.fromkeys(f.id.words for f in result.findings))
            then = result.disposition_if_confirmed
            table.add_row(
                "" if unit.row is None else str(unit.row),
                result.project.name if first else "",
                result.project.enterprise if first else "",
                result.project.stage.words if first else "",
                unit.product + (f"（{unit.variant}）" if unit.variant else ""),
                "—" if unit.sec is None else plain(unit.sec),
                "—" if unit.benchmark is None else plain(unit.benchmark),
                "—" if unit.baseline is None else plain(unit.baseline),
                unit.unit or "",
                Text(
                    f"{unit.efficiency_class.shape} {unit.efficiency_class.words}"
                    + (" ≈临界" if unit.near_line else ""),
                    style=_STYLES[unit.efficiency_class.value],
                ),
                (result.disposition.words + (f"→{then.words}" if then else "")) if first else "",
                found_ids if first else "",
            )
    lines = summary(found)
    with _opened(output) as stream:
        console = Console(file=stream, width=None if stream.isatty() else 200)
        console.print(table)
        console.print(
            f"项目{lines['projects']}个，装置{lines['units']}套，拒绝{lines['rejected']}个。"
            + "；".join(f"{name}{count}" for name, count in _in_words(lines["by_class"]).items() if count)
        )
        for warning in found.warnings:
            console.print(f"提示 {warning.sheet}!{warning.cell}（{warning.column}）：{warning.message}", style="yellow")
        for one in found.rejected:
            console.print(
                f"拒绝 {one.sheet}!{one.cell}（{one.column}）：“{one.value}”。{one.message}",
                style="red",
                highlight=False,
            )


def _in_words(counts: dict[str, int]) -> dict[str, int]:
    from screening.domain.classification import EfficiencyClass

    return {EfficiencyClass(name).words: count for name, count in counts.items()}


@commands.command("deadline")
@click.option("--served", type=DAY, required=True, help="首份改造文书的送达日期。")
@click.option("--years", type=int, default=None, help="改造期限（年）。")
@click.option("--months", type=int, default=None, help="改造期限（月）。")
@click.option("--national", type=DAY, default=None, help="国家目标日期。")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
def deadline_command(served: date, years: int | None, months: int | None, national: date | None, form: str) -> None:
    """计算改造期限，不需要数据库；超过最长期限三年的一律拒绝。"""
    from screening import rulebook
    from screening.domain import deadlines

    if (years is None) == (months is None):
        raise Refusal("请填写 --years 或 --months 其中一项。")
    rule = rulebook.load().deadline(served)
    asked = months if months is not None else (years or 0) * deadlines.YEAR
    clock = deadlines.run_months(served, asked, rule, national=national)
    if form == "text":
        for line in (*clock.steps, *clock.hints):
            click.echo(line)
        return
    say_json(
        {
            "due": clock.due.isoformat(),
            "outer_limit": clock.outer_limit.isoformat(),
            "steps": list(clock.steps),
            "hints": list(clock.hints),
        }
    )
