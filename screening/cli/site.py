"""`init`, `serve`, `tick` and `people`: the site, its clockwork and who may enter."""

from __future__ import annotations

import os
import sys
from datetime import date
from typing import Any

import click

from screening.cli.frame import DAY, commands, database_option, format_option, open_ledger, say_json
from screening.domain.errors import Refusal


@commands.command("init")
@click.option("--demo", is_flag=True, help="另为每种角色各建一人（规则员两人），台账为空时载入样例。")
@database_option
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True)
def init_command(demo: bool, database: str | None, form: str) -> None:
    """建立或升级数据库；首次运行时给出第一位系统管理员的一次性密码。"""
    from screening import clock
    from screening.services import beginning

    with open_ledger(database, ready=False) as ledger:
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


def _heard(*, tls_in_front: bool) -> dict[str, Any]:
    """Who waitress believes the visitors' addresses: the program of this machine that ends TLS, nobody else."""
    if not tls_in_front:
        return {}
    return {
        "trusted_proxy": "127.0.0.1",
        "trusted_proxy_headers": {"x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }


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
    with open_ledger(database) as ledger:
        app = create_app(settings, ledger=ledger)
        try:
            server = waitress.create_server(
                app, host=settings.host, port=settings.port, threads=8, ident=None,
                **_heard(tls_in_front=settings.secure_cookies),
            )  # fmt: skip
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
    with open_ledger(database) as ledger:
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
    with open_ledger(database) as ledger:
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

    with open_ledger(database) as ledger:
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
