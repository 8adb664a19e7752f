"""`fonts`, `letters`, `numbers` and `verify-letter`: letters and all that makes them."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from screening.cli.frame import actor_of, commands, database_option, format_option, open_ledger, say_json
from screening.domain.errors import Refusal


@commands.group("fonts")
def fonts() -> None:
    """文书字体：准备、检查。"""


@fonts.command("check")
@click.option("--quiet", is_flag=True, help="只用退出码回答，不打印。")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True)
def fonts_check(quiet: bool, form: str) -> None:
    """每种字体用的是哪个文件、收字多少、缺什么、怎么办。退出码：0 就绪；1 单位的字体有不能用的；2 不能生成文书。"""

    from screening.printing import fonts as prepared

    found = prepared.problems()
    if quiet:
        sys.exit(2 if found else 0)
    ready = None if found else prepared.load()
    roles = prepared.checks(ready) if ready else ()
    notes = ready.notes if ready else ()
    if form == "json":
        office = prepared.office_folder()
        say_json(
            {
                "ready": not found,
                "folder": str(prepared.folder()),
                "office_folder": str(office) if office else None,
                "roles": [asdict(one) for one in roles],
                "notes": list(notes),
                "problems": list(found),
            }
        )
    else:
        for one in roles:
            whose = "单位字体" if one.office else "本程序字体"
            click.echo(f"{one.words}：{one.family}（{whose}，{one.file}，SHA-256 {one.sha256[:12]}）")
            told = f"  GB2312 汉字 {one.gb2312}/6763，GBK 汉字 {one.gbk}/20902，其他汉字 {one.beyond}"
            click.echo(f"{told}，缺：{''.join(one.missing)}" if one.missing else told)
        for text in (*notes, *found):
            click.echo(text, err=True)
        if ready:
            click.echo(f"字体就绪：{prepared.folder()}。字体没有的字由后备宋体显示；后备也没有的，文书不予生成。")
    if found:
        sys.exit(2)
    sys.exit(1 if notes else 0)


@fonts.command("build")
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
def fonts_build(source: Path) -> None:
    """从解开的 Debian 软件包（texlive-lang-chinese、fonts-noto-cjk）准备字体。"""
    from screening.printing import fontmaking
    from screening.printing import fonts as prepared

    fontmaking.build(source, prepared.folder(), say=click.echo)


@commands.group("letters")
def letters() -> None:
    """文书：样张、重新生成。"""


@letters.command("sample")
@click.argument("kind")
@click.option("--seed", type=int, default=1, show_default=True, help="同一个数给出同一份样张。")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写入的 PDF 文件。")
def letters_sample(kind: str, seed: int, output: Path) -> None:
    """用虚构数据生成一份文书样张（KIND 如 HALT、RETROFIT、PROCEED），与真实文书走同一条路径。"""
    from screening.domain.letters import LetterKind
    from screening.services.specimens import specimen

    try:
        wanted = LetterKind(kind.upper())
    except ValueError as unknown:
        names = "、".join(f"{k.value}（{k.words}）" for k in LetterKind)
        raise Refusal(f"没有名为“{kind}”的文书种类。可用的种类：{names}。") from unknown
    letter, data = specimen(wanted, seed)
    output.write_bytes(data)
    click.echo(f"{letter.name}：{output}（{len(data) / 1000:.0f} KB，样张）")


@letters.command("render")
@click.argument("number")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写入的 PDF 文件。")
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@database_option
def letters_render(number: str, output: Path, by: str | None, database: str | None) -> None:
    """由冻结的数据重新生成文书，并与签发时的文件逐字节比较；不一致时退出码为 1。"""
    from screening.services import letters as issued

    with open_ledger(database) as ledger:
        actor = actor_of(ledger, by)
        pdf, same = issued.render_again(ledger, number, by=actor)
        changed = issued.versions_changed(ledger, number, by=actor)
    output.write_bytes(pdf)
    click.echo(f"{number}：{output}，" + ("与签发时逐字节相同。" if same else "与签发时的文件不同。"))
    for name, then, now in changed:
        click.echo(f"  {name}：签发时 {then[:16]}，现在 {now[:16]}")
    if changed:
        click.echo("程序或者字体与签发时不同，重新生成的文件可以有差别；以签发时保存的文件为准。")
    elif not same:
        click.echo("程序和字体没有变化，文件却不同：请运行 screening audit verify 并报告审计员。")
    sys.exit(0 if same else 1)


@commands.group("numbers")
def numbers_group() -> None:
    """文号登记簿。"""


@numbers_group.command("list")
@click.option("--year", type=int, default=None, help="只列这一年的文号。")
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@database_option
@format_option
def numbers_list(year: int | None, by: str | None, database: str | None, form: str) -> None:
    """列出已编的全部文号，含作废、补录的和空号。"""
    from screening import clock
    from screening.services import numbering

    with open_ledger(database) as ledger:
        shown = numbering.register(ledger, by=actor_of(ledger, by), today=clock.today(), year=year).listing
    if form == "json":
        keys = [column.key for column in shown.columns]
        say_json([
            {"series": series, **dict(zip(keys, (str(c) if isinstance(c, date) else c for c in cells), strict=True))}
            for series, cells in shown.rows()
        ])  # fmt: skip
        return
    for _, cells in shown.rows():
        click.echo("\t".join("" if cell is None else str(cell) for cell in cells))


@commands.command("verify-letter")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@database_option
@format_option
def verify_letter(file: Path, by: str | None, database: str | None, form: str) -> None:
    """核对一份 PDF 是否为本台账签发且未被改动、现在是否有效；不是原件时退出码为 1。"""
    from screening import config
    from screening.services import verification

    trusted = config.read(os.environ, database_url=database).sealing.trusted
    with open_ledger(database) as ledger:
        found = verification.examine(ledger, file.read_bytes(), by=actor_of(ledger, by), trusted=trusted)
    paper = found.paper
    if form == "json":
        say_json(
            {
                "ours": found.ours,
                "identity": found.identity.value,
                "number": paper.number if paper else None,
                "state": found.state.value if found.state else None,
                "standing": paper.standing.value if paper else None,
                "replaced_by": paper.next if paper else None,
                "message": found.message,
                "seals": list(found.seals),
                "facts": [{"name": r.name, "file": r.file, "ledger": r.ours, "same": r.same} for r in found.rows],
            }
        )
    else:
        click.echo(f"{found.identity.words}。{found.message}")
        if paper:
            following = f"现行文书：{paper.next}。" if paper.next else ""
            click.echo(f"  台账中的{paper.number}：{paper.sentence}{following}")
        for text in found.seals:
            click.echo(f"  {text}")
        for row in found.rows:
            if found.ours:
                click.echo(f"  {row.name}：{row.ours}")
            elif not row.same:
                click.echo(f"  {row.name}：文件为“{row.file or ''}”，台账为“{row.ours or ''}”")
    sys.exit(0 if found.ours else 1)
