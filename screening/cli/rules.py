"""`rules`: the rulebook checked and shown."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from screening.cli.frame import DAY, commands, say_json
from screening.domain.errors import Refusal


@commands.group("rules")
def rules_group() -> None:
    """规则：检查规则文件，显示某日有效的规则。"""


@rules_group.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def rules_check(folder: Path | None, form: str) -> None:
    """检查规则文件（默认为随附的规则）。退出码：0 无误；1 有误，逐条列出；2 无法使用。"""
    from screening import rulebook
    from screening.domain.errors import RulesInvalid

    if folder is not None and not folder.is_dir():
        raise Refusal(f"“{folder}”不是文件夹。请指定含有规则文件（*.toml）的文件夹。")
    try:
        book = rulebook.load(folder)
    except RulesInvalid as invalid:
        if form == "json":
            say_json({"ok": False, "problems": list(invalid.problems)})
        else:
            for problem in invalid.problems:
                click.echo(problem)
            click.echo(f"规则文件有误：{len(invalid.problems)}处。", err=True)
        sys.exit(1)
    counted = rulebook.counts(book)
    if form == "json":
        say_json({"ok": True, "version": book.version, "counts": counted, "problems": []})
        return
    click.echo(f"规则无误。版本：{book.version}")
    click.echo("，".join(f"{name}{count}行" for name, count in counted.items()) + "。")


@rules_group.command("show")
@click.argument("product", required=False)
@click.option("--as-of", type=DAY, default=None, help="哪一天有效的规则，默认今天。")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def rules_show(product: str | None, as_of: date | None, form: str) -> None:
    """显示某日有效的规则；给出产品时只显示该产品（名称、别名或编号）。"""
    from screening import clock, rulebook

    shown = rulebook.show(rulebook.load(), product, as_of=as_of or clock.today())
    if form == "json":
        say_json(shown)
    else:
        _print_rules(shown)


def _print_rules(shown: dict[str, Any]) -> None:
    """The rules of a day as tables: levels with their limits, then the single rules."""
    from rich.console import Console
    from rich.table import Table

    from screening.domain.rules import Evidence

    console = Console(width=None if sys.stdout.isatty() else 240, highlight=False)

    def known(row: dict[str, Any]) -> str:
        past = row["known_until"] is not None and row["known_until"] < shown["as_of"]
        return Evidence(row["evidence"]).words + (f"；已知有效至{row['known_until']}" if past else "")

    def table(title: str, names: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        if not rows:
            return
        made = Table(title=title, title_justify="left")
        for name in names:
            made.add_column(name, overflow="fold", justify="right" if name in {"标杆", "基准"} else "left")
        for row in rows:
            made.add_row(*row)
        console.print(made)

    def levels(limit: dict[str, Any]) -> str:
        figures = "/".join(limit[key] or "—" for key in ("level1", "level2", "level3"))
        return f"{limit['standard']} {limit['variant'] or ''} {limit['indicator']} {figures}"

    edition = shown["edition"]
    if edition is None:
        console.print(f"{shown['as_of']}没有生效的能效标杆水平和基准水平。")
    table(
        f"{shown['as_of']} 能效水平：{edition['name']}年版，{edition['source']}" if edition else "",
        ("编号", "产品", "规格", "单位", "标杆", "基准", "GB限额1/2/3级（另一套要求）", "核实程度", "来源"),
        [
            (
                s["id"], s["product"], s["variant"] or "", s["unit"] or "", s["benchmark"] or "—", s["baseline"] or "—",
                "\n".join(map(levels, s["limits"])), ("数值未见；" if s["gap"] else "") + known(s), s["source"],
            )
            for s in shown["standards"]
        ],
    )  # fmt: skip
    table(
        "其他文件的水平（只作显示，不参与分类）",
        ("编号", "产品", "指标", "标杆", "基准", "核实程度", "来源"),
        [
            (
                s["id"], s["product"], s["indicator"], s["benchmark"] or "—", s["baseline"] or "—",
                ("数值未见；" if s["gap"] else "") + known(s), s["source"],
            )
            for s in shown["outside"]
        ],
    )  # fmt: skip
    table(
        "没有对应能效水平的能耗限额",
        ("编号", "产品", "限额1/2/3级", "单位", "核实程度"),
        [(g["id"], g["product"], levels(g), g["unit"], known(g)) for g in shown["limits"]],
    )
    table(
        "两高项目目录",
        ("编号", "产品", "是否列入", "新增产能管控", "管控自", "管控要求", "来源"),
        [
            (
                c["id"], "、".join(c["products"]),
                "未见，待人工认定" if c["listed"] is None else Evidence(c["listed"]).words,
                c["control_text"] or "未见", c["control_from"] or "",
                "" if c["control_evidence"] is None else Evidence(c["control_evidence"]).words, c["source"],
            )
            for c in shown["catalogue"]
        ],
    )  # fmt: skip
    table(
        "其他规则",
        ("规则", "内容", "核实程度", "来源"),
        [(d["name"], d["says"], known(d), d["source"]) for d in shown["dated"]],
    )
    console.print(f"规则版本：{shown['version']}")
