"""A ledger of very many made-up projects with plausible Chinese names, written by the store in bulk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from screening import workbook
from screening.domain.history import Event, Happening
from screening.domain.registry import Project, to_facts
from screening.domain.review import CaseState
from screening.domain.rules import RegionLevel
from screening.services import CONSOLE, Ledger
from screening.services.intake import project_columns
from screening.services.verdicts import columns, judge
from screening.store import registry, trail
from tests.bench import screen

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PATTERNS = 88
TOGETHER = 5000
FIRST = "金鑫恒瑞德昌华泰宏兴盛隆永达源通天宇蒙草原北方中亿利君正伊东大唐安康嘉禾凯旋博远晨光众合汇能新奥庆宝鹿神华亨"
SECOND = "泰源盛达能利通祥丰茂辉业诚信和顺联创实华邦捷鼎立峰岳川海洋林森石磊城建工科技材料"
BUSINESS = (
    "化工",
    "冶金",
    "能源",
    "煤业",
    "硅业",
    "铝业",
    "电力",
    "建材",
    "钢铁",
    "焦化",
    "新材料",
    "热电",
    "氯碱",
    "水泥",
)
FORM = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "有限公司分公司", "Co., Ltd.")
WORK = (
    "新建",
    "扩建",
    "技术改造",
    "节能改造",
    "搬迁改造",
    "配套自备电厂",
    "二期",
    "三期",
    "余热发电",
    "循环经济",
    "尾气综合利用",
    "一体化",
)
AMOUNT = ("年产{}万吨", "{}万吨/年", "{}×10⁴t/a", "{} MW", "2×{}MVA矿热炉", "{}KVA")


def projects(rules: Any, number: int, *, seed: int = 1) -> Iterator[tuple[Project, dict[str, Any]]]:
    """Projects with the columns of their screening: names of their own, figures of a few dozen patterns."""
    chance = Random(seed)  # noqa: S311  # the same projects every time
    with tempfile.TemporaryDirectory() as room:
        book = Path(room, "patterns.xlsx")
        screen.write(book, rules, rows=PATTERNS)
        patterns = workbook.read(book, rules).projects
    judged = [(p, columns(judge(p, rules, as_of=AT.date()).screening)) for p in patterns]
    banners = [region for region in rules.regions if region.level is RegionLevel.BANNER]
    for serial in range(number):
        pattern, result = judged[serial % len(judged)]
        banner = chance.choice(banners)
        place = banner.name[:-1] if len(banner.name) > 2 else banner.name
        house = place + chance.choice(FIRST) + chance.choice(SECOND) + chance.choice(BUSINESS)
        amount = chance.choice(AMOUNT).format(chance.choice((5, 10, 12.5, 20, 30, 40, 60, 80, 100, 120, 240, 300)))
        name = f"{house}{amount}{pattern.units[0].product}{chance.choice(WORK)}项目"
        year, kind = 2012 + serial % 15, chance.choice((25, 26, 30, 31, 32, 44))
        yield (
            replace(
                pattern,
                code=f"{year}-{banner.id}-{kind}-{chance.choice(('01', '02', '03'))}-{serial:06d}",
                name=f"{name}（{chance.choice('一二三四五六七八九')}期）" if serial % 7 == 0 else name,
                enterprise=house + chance.choice(FORM),
                credit_code=screen.credit_code(serial),
                league=f"{banner.id[:4]}00",
                banner=banner.id,
                park=f"{place}{chance.choice(('工业园区', '经济技术开发区', '高新区', '化工园区'))}"
                if serial % 3
                else None,
            ),
            result,
        )


def fill(ledger: Ledger, number: int, *, seed: int = 1) -> None:
    """Writes that many projects into the ledger: one in fifty voided, the others at every step of a case."""
    source = enumerate(projects(ledger.rules, number, seed=seed), start=1)
    states = [state for state in CaseState if state is not CaseState.VOID]
    while part := list(islice(source, TOGETHER)):
        with ledger.writer() as session:
            rows = []
            for serial, (project, result) in part:
                void = serial % 50 == 0
                at = AT - timedelta(minutes=serial * 7919 % 500_000)
                rows.append(
                    {
                        **project_columns(project, to_facts(project)),
                        **result,
                        "id": UUID(int=serial * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128),
                        "equivalent_tce": result["equivalent_tce"] and result["equivalent_tce"] + serial % 977,
                        "case_state": CaseState.VOID if void else states[serial % len(states)],
                        "void_reason": "重复登记" if void else None,
                        "state_since": at,
                        "registered_by": CONSOLE.id,
                        "registered_at": at,
                        "changed_by": CONSOLE.id,
                        "changed_at": at,
                        "saved_by": CONSOLE.id,
                        "saved_at": at,
                        "version": 1,
                    }
                )
            registry.insert(session, rows)
            about = {"projects": len(rows)}
            trail.record(
                session,
                Event(at=AT, who=CONSOLE.login, kind=Happening.LEDGER_IMPORTED, subject="ledger", after=about),
            )
