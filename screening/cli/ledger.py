"""`import`, `list`, `export` and `audit`: the ledger in, out and proved."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.frame import DAY, actor_of, commands, database_option, format_option, open_ledger, say_json
from screening.domain.errors import Refusal

if TYPE_CHECKING:
    from screening.services.registry import Filter


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@click.option("--yes", is_flag=True, help="确认写入；否则只预览。")
@click.option("--no-submit", is_flag=True, help="新项目写入后先不提交审核。")
@database_option
@format_option
def import_command(file: Path, by: str | None, yes: bool, no_submit: bool, database: str | None, form: str) -> None:
    """导入台账工作簿：预览，加 --yes 则写入。退出码：0 完成；1 有项目被拒绝；2 未完成。"""
    from screening import clock
    from screening.services import intake

    with open_ledger(database) as ledger:
        actor, at = actor_of(ledger, by), clock.now()
        if yes:
            preview = intake.preview_import(ledger, file, file=file.name, by=actor, at=at)
            if preview.batch is not None:
                intake.confirm_import(ledger, preview.batch, for_review=not no_submit, by=actor, at=at)
        else:
            preview = intake.compare(ledger, file, file=file.name, by=actor, at=at)
    if form == "json":
        say_json(
            {
                "new": len(preview.new),
                "changed": len(preview.changed),
                "same": preview.same,
                "rejected": preview.rejected,
                "rejections": [asdict(r) for r in preview.rejections],
                "warnings": [*preview.warnings, *(w for line in preview.new for w in line.warnings)],
                "unknown_columns": list(preview.unknown_columns),
                "written": yes,
            }
        )
    else:
        told = "已写入" if yes else "预览（加 --yes 写入）"
        click.echo(
            f"{told}：新增{len(preview.new)}个，变更{len(preview.changed)}个，"
            f"相同{preview.same}个，拒绝{preview.rejected}个。"
        )
        for changed in preview.changed:
            for change in changed.changes:
                click.echo(f"变更 {changed.name}·{change.words}：{change.old or '空'} → {change.new or '空'}")
        for line in preview.new:
            for warning in line.warnings:
                click.echo(f"提示 {line.name}：{warning}")
        for r in preview.rejections:
            click.echo(f"拒绝 {r.sheet}!{r.cell}（{r.column}）：“{r.value}”。{r.message}")
    sys.exit(1 if preview.rejected or preview.rejections else 0)


def _filter(query: str | None) -> Filter:
    from urllib.parse import parse_qsl

    from screening.services.registry import Filter

    return Filter.read(dict(parse_qsl((query or "").lstrip("?"), keep_blank_values=True)))


@commands.command("list")
@click.option("--filter", "query", default=None, metavar="QUERY", help="台账页面的查询串，如 stage=existing&q=电石。")
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@click.option("--as-of", type=DAY, default=None, help="按哪一天的规则重新筛查；默认为台账所存的结果。")
@database_option
@format_option
def list_command(query: str | None, by: str | None, as_of: date | None, database: str | None, form: str) -> None:
    """列出台账中的项目及其筛查结果。"""
    from screening import clock
    from screening.services import registry

    with open_ledger(database) as ledger:
        found = registry.contract(ledger, _filter(query), by=actor_of(ledger, by), today=clock.today(), as_of=as_of)
    if form == "json":
        say_json(found)
        return
    from screening.domain.classification import Disposition, EfficiencyClass

    for one in found["projects"]:
        kind, disposition = EfficiencyClass(one["class"]), Disposition(one["disposition"])
        halt = f"\t已叫停（自{one['halted_on']}）" if one["halted_on"] else ""
        click.echo(f"{one['project_code'] or '—'}\t{one['name']}\t{kind.shape} {kind.words}\t{disposition.words}{halt}")


@commands.command("export")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="xlsx 或 csv 文件。")
@click.option("--filter", "query", default=None, metavar="QUERY", help="台账页面的查询串。")
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@database_option
def export_command(output: Path, query: str | None, by: str | None, database: str | None) -> None:
    """按模板导出台账，只含该人员能看到的项目。"""
    from screening import clock
    from screening.services import registry

    with open_ledger(database) as ledger:
        count = registry.export(ledger, output, _filter(query), by=actor_of(ledger, by), today=clock.today())
    click.echo(f"已导出{count}个项目：{output}")


@commands.group("audit")
def audit() -> None:
    """变更记录：核对、链首。"""


@audit.command("verify")
@click.option("--head", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="以前留存的链首文件。")
@database_option
@format_option
def audit_verify(head: Path | None, database: str | None, form: str) -> None:
    """重新计算全部变更记录的校验链；不完好时退出码为 1。"""
    from screening.services import history

    kept = None
    if head is not None:
        try:
            data = json.loads(head.read_text("utf-8"))
            kept = history.Head(rows=int(data["rows"]), hash=str(data["hash"]))
        except (ValueError, KeyError, TypeError) as fault:
            raise Refusal(f"“{head}”不是链首文件。请使用 screening audit head 的输出。") from fault
    with open_ledger(database, ready=False) as ledger:
        found = history.verify(ledger, head=kept)
    if form == "json":
        told = {"rows": found.rows, "ok": found.ok, "first_bad": found.first_bad}
        say_json(told if found.ok else {**told, "problem": found.problem})
    else:
        click.echo(f"共{found.rows}条，" + ("完好。" if found.ok else f"有问题：{found.problem}。"))
    sys.exit(0 if found.ok else 1)


@audit.command("head")
@database_option
@format_option
def audit_head(database: str | None, form: str) -> None:
    """显示当前链首；另行保存后可用来核对此前的记录没有被改动。"""
    from screening.services import history

    with open_ledger(database) as ledger:
        found = history.head(ledger)
    if form == "json":
        say_json({"rows": found.rows, "hash": found.hash})
    else:
        click.echo(f"{found.rows} {found.hash}")
