"""The command `screening …`: each command parses its words, calls one service and prints.

Exit status: 0 done, 1 done with refusals that are listed, 2 not done.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from screening.domain.errors import Refusal

Command = TypeVar("Command", bound=Callable[..., Any])

if TYPE_CHECKING:
    from screening.domain.people import Person
    from screening.services import Ledger
    from screening.services.registry import Filter
    from screening.services.screening import ScreenedFile


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
    """The top group; turns a refusal into its sentence on stderr and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            click.echo(refusal.message, err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """两高项目台账：筛查、登记、处置、文书、期限。"""


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


@commands.group("fonts")
def fonts() -> None:
    """文书字体：准备、检查。"""


@fonts.command("check")
@click.option("--quiet", is_flag=True, help="只用退出码回答，不打印。")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True)
def fonts_check(quiet: bool, form: str) -> None:
    """每种字体用的是哪个文件、收字多少、缺什么、怎么办。退出码：0 就绪；1 单位的字体有不能用的；2 不能生成文书。"""
    from dataclasses import asdict

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
def _ledger(database: str | None, *, ready: bool = True) -> Iterator[Ledger]:
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


def _actor(ledger: Ledger, login: str | None) -> Person:
    from screening.services import CONSOLE, people

    return CONSOLE if login is None else people.find(ledger, login)


@commands.command("init")
@click.option("--demo", is_flag=True, help="另为每种角色各建一人（规则员两人），台账为空时载入样例。")
@database_option
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True)
def init_command(demo: bool, database: str | None, form: str) -> None:
    """建立或升级数据库；首次运行时给出第一位系统管理员的一次性密码。"""
    from screening import clock
    from screening.services import beginning

    with _ledger(database, ready=False) as ledger:
        begun = beginning.initialise(ledger, at=clock.now(), demonstration=demo)
    if form == "json":
        say_json(
            {
                "migrated": begun.migrated,
                "revision": begun.revision,
                "rescreened": begun.rescreened,
                "sample": begun.sample,
                "people": [
                    {"login": p.login, "name": p.name, "role": p.role.value, "password": p.password}
                    for p in begun.people
                ],
            }
        )
        return
    click.echo("数据库已建立或升级。" if begun.migrated else "数据库已是最新版本。")
    if begun.rescreened:
        click.echo(f"规则有更新，重新筛查了{begun.rescreened}个项目。")
    if begun.sample:
        click.echo(f"已载入样例台账：{begun.sample}个项目（虚构）。")
    if begun.people:
        click.echo("一次性密码（只显示这一次，首次登录须修改）：")
        for person in begun.people:
            click.echo(f"  {person.login:<12}{person.password}   {person.name}")


@commands.command("serve")
@database_option
def serve_command(database: str | None) -> None:
    """运行网站（waitress）；PORT 改端口，按 Ctrl-C 停止。"""
    import logging
    import signal

    import waitress

    from screening import config
    from screening.app import create_app
    from screening.printing import fonts
    from screening.services.ticking import Clockwork

    settings = config.read(os.environ, database_url=database)
    if problems := fonts.problems():
        raise Refusal("".join(problems))
    with _ledger(database) as ledger:
        app = create_app(settings, ledger=ledger)
        try:
            server = waitress.create_server(app, host=settings.host, port=settings.port, threads=8, ident=None)
        except OSError as fault:
            raise Refusal(
                f"不能在 {settings.address} 运行：{fault.strerror or fault}。请用 PORT=端口 另选一个端口。"
            ) from fault
        logging.getLogger("waitress").setLevel(logging.ERROR)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        port = getattr(server, "effective_port", settings.port)
        click.echo(f"网站已运行：http://{settings.host}:{port}  按 Ctrl-C 停止。")
        sys.stdout.flush()
        press = app.extensions["press"]
        press.wake()  # what a crash left unfinished
        clockwork = Clockwork(ledger, settings.post, settings.var)
        clockwork.start()
        try:
            server.run()
        finally:
            clockwork.stop()
            press.close()
        server.close()
    click.echo("网站已停止。")


@commands.command("tick")
@click.option("--today", type=DAY, default=None, help="巡查到哪一天，默认今天；补办一年以上的须写明。")
@database_option
@format_option
def tick_command(today: date | None, database: str | None, form: str) -> None:
    """每日巡查：到期、逾期、提醒、意见失效、久未登录；补上漏掉的日子，重复运行没有影响。"""
    from screening import clock, config
    from screening.services import ticking

    post = config.read(os.environ, database_url=database).post
    with _ledger(database) as ledger:
        ticked = ticking.tick(ledger, post, today=today or clock.today(), sure=today is not None)
    done = ticked.swept
    if form == "json":
        days = [day.isoformat() for day in done.days]
        say_json(
            {
                "busy": done.busy,
                "days": days,
                "screened": done.screened,
                "notices": done.notices,
                "mails_written": ticked.written,
                "mails_sent": ticked.sent,
            }
        )
    elif done.busy:
        click.echo("另一次巡查正在进行，本次没有做任何事。")
    else:
        period = done.days[0].isoformat() + (f"至{done.days[-1].isoformat()}" if done.days[1:] else "")
        click.echo(
            f"已巡查{period}：重新筛查{done.screened}个项目，生成提醒{done.notices}条，发出邮件{ticked.sent}封。"
        )


@commands.group("people")
def people_group() -> None:
    """人员：添加、列出。"""


@people_group.command("add")
@click.argument("login")
@click.option("--name", required=True, help="姓名。")
@click.option("--role", required=True, help="角色：registrar、reviewer、signatory、office、legal、rules_officer 等。")
@click.option("--scope", required=True, help="管辖区域代码：150000、盟市代码或旗县代码。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读取密码；否则生成一次性密码。")
@database_option
@format_option
def people_add(
    login: str, name: str, role: str, scope: str, password_stdin: bool, database: str | None, form: str
) -> None:
    """添加一位人员。"""
    from screening import clock
    from screening.domain.people import Role
    from screening.services import CONSOLE, people

    if role not in set(Role):
        raise Refusal(f"没有名为“{role}”的角色。可用的角色：{'、'.join(f'{r.value}（{r.words}）' for r in Role)}。")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with _ledger(database) as ledger:
        person, given = people.add(
            ledger, login, name=name, role=Role(role), scope=scope, password=password, by=CONSOLE, at=clock.now()
        )
    if form == "json":
        say_json(
            {
                "login": person.login,
                "name": person.name,
                "role": person.role.value,
                "scope": person.scope,
                "password": given,
            }
        )
        return
    click.echo(f"已添加{person.role.words}{person.name}（{person.login}）。")
    if given:
        click.echo(f"一次性密码（只显示这一次，首次登录须修改）：{given}")


@people_group.command("list")
@database_option
@format_option
def people_list(database: str | None, form: str) -> None:
    """列出人员。"""
    from screening import clock
    from screening.services import CONSOLE, people

    with _ledger(database) as ledger:
        found = people.list_people(ledger, by=CONSOLE, at=clock.now())
    if form == "json":
        say_json(
            [
                {
                    "login": line.person.login,
                    "name": line.person.name,
                    "role": line.person.role.value,
                    "scope": line.person.scope,
                    "active": line.active,
                }
                for line in found
            ]
        )
        return
    for line in found:
        state = "" if line.active else "（已停用）"
        click.echo(f"{line.person.login:<16}{line.person.role.words}\t{line.scope_name}\t{line.person.name}{state}")


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

    with _ledger(database) as ledger:
        actor, at = _actor(ledger, by), clock.now()
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

    with _ledger(database) as ledger:
        shown = numbering.register(ledger, by=_actor(ledger, by), today=clock.today(), year=year).listing
    if form == "json":
        keys = [column.key for column in shown.columns]
        say_json([
            {"series": series, **dict(zip(keys, (str(c) if isinstance(c, date) else c for c in cells), strict=True))}
            for series, cells in shown.rows()
        ])  # fmt: skip
        return
    for _, cells in shown.rows():
        click.echo("\t".join("" if cell is None else str(cell) for cell in cells))


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

    with _ledger(database) as ledger:
        found = registry.contract(ledger, _filter(query), by=_actor(ledger, by), today=clock.today(), as_of=as_of)
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

    with _ledger(database) as ledger:
        count = registry.export(ledger, output, _filter(query), by=_actor(ledger, by), today=clock.today())
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
    with _ledger(database, ready=False) as ledger:
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

    with _ledger(database) as ledger:
        found = history.head(ledger)
    if form == "json":
        say_json({"rows": found.rows, "hash": found.hash})
    else:
        click.echo(f"{found.rows} {found.hash}")


@letters.command("render")
@click.argument("number")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写入的 PDF 文件。")
@click.option("--by", default=None, metavar="LOGIN", help="以谁的名义；默认为控制台（全区范围）。")
@database_option
def letters_render(number: str, output: Path, by: str | None, database: str | None) -> None:
    """由冻结的数据重新生成文书，并与签发时的文件逐字节比较；不一致时退出码为 1。"""
    from screening.services import letters as issued

    with _ledger(database) as ledger:
        actor = _actor(ledger, by)
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
    with _ledger(database) as ledger:
        found = verification.examine(ledger, file.read_bytes(), by=_actor(ledger, by), trusted=trusted)
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
        for text in found.seals:
            click.echo(f"  {text}")
        for row in found.rows:
            if found.ours:
                click.echo(f"  {row.name}：{row.ours}")
            elif not row.same:
                click.echo(f"  {row.name}：文件为“{row.file or ''}”，台账为“{row.ours or ''}”")
    sys.exit(0 if found.ours else 1)
