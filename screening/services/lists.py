"""Lists to print or to hand on: the ledger as filtered, the efficiency of enterprises, the yearly retrofit plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from screening import printing, workbook
from screening.domain.classification import Disposition, EfficiencyClass
from screening.domain.deadlines import outer_limit
from screening.domain.letters import LetterKind, office_of
from screening.domain.lists import Cell, Column, Group, Listing, Look, distance
from screening.domain.people import Person
from screening.domain.quantity import plain
from screening.domain.registry import Stage, from_facts
from screening.domain.review import RecommendationState
from screening.services import Ledger
from screening.services.deadlinefigures import Figures, Line
from screening.services.deadlines import GROUPS, OUTCOMES, Morning
from screening.services.lines import line, region_name
from screening.services.registry import PER_PAGE, Filter, criteria_of
from screening.services.views import LetterLine, ProjectLine
from screening.store import cases, people
from screening.store import registry as store

LEDGER_TITLE: Final = "两高项目清单"
EFFICIENCY_TITLE: Final = "企业能效清单"
PLAN_TITLE: Final = "年度改造淘汰计划"
DEADLINES_TITLE: Final = "改造期限清单"
LETTERS_TITLE: Final = "文书清单"
UNDATED: Final = "尚未确定期限"
FORMS: Final = ("xlsx", "csv", "pdf")
_CHUNK: Final = 5000

LEDGER_COLUMNS: Final = {
    c.key: c
    for c in (
        Column("code", "项目代码", 90, Look.CODE),
        Column("name", "项目名称", 120),
        Column("enterprise", "建设单位", 110),
        Column("league", "盟市", 42),
        Column("banner", "旗县", 46),
        Column("industry", "行业", 32, Look.SHORT),
        Column("stage", "建设状态", 24, Look.SHORT),
        Column("units", "装置", 24, Look.FIGURE, "套"),
        Column("tce", "年综合能耗", 54, Look.FIGURE, "tce", 2),
        Column("class", "能效分类", 56),
        Column("near", "近线", 22, Look.SHORT),
        Column("findings", "待核实情形", 32, Look.FIGURE, "项"),
        Column("disposition", "拟处置", 56),
        Column("state", "办理环节", 44, Look.SHORT),
        Column("due", "到期日", 54, Look.SHORT),
        Column("changed", "变更日期", 54, Look.SHORT),
    )
}
"""Every column that the list of the ledger can have, in order."""
USUAL: Final = (
    "code",
    "name",
    "enterprise",
    "league",
    "banner",
    "industry",
    "stage",
    "tce",
    "class",
    "disposition",
    "state",
)
EFFICIENCY_COLUMNS: Final = (
    Column("enterprise", "企业", 88),
    Column("name", "项目名称", 88),
    Column("place", "所在地", 44),
    Column("unit_name", "装置", 46),
    Column("product", "产品", 46),
    Column("variant", "工艺规格", 60),
    Column("sec", "单位产品能耗", 44, Look.FIGURE),
    Column("kind", "口径", 22, Look.SHORT),
    Column("unit", "能耗单位", 44, Look.SHORT),
    Column("benchmark", "标杆水平", 44, Look.FIGURE),
    Column("baseline", "基准水平", 44, Look.FIGURE),
    Column("class", "能效分类", 56),
    Column("next", "下一级", 34, Look.SHORT),
    Column("gap", "距下一级", 44, Look.FIGURE),
    Column("percent", "距下一级", 44, Look.FIGURE, "%", 2),
)
PLAN_COLUMNS: Final = (
    Column("code", "项目代码", 74, Look.CODE),
    Column("name", "项目名称", 100),
    Column("enterprise", "建设单位", 95),
    Column("place", "所在地", 46),
    Column("products", "产品", 46),
    Column("tce", "年综合能耗", 50, Look.FIGURE, "tce", 2),
    Column("class", "能效分类", 56),
    Column("measure", "处置和措施", 70),
    Column("due", "到期日", 52, Look.SHORT),
    Column("basis", "期限依据", 58),
    Column("limit", "最长期限", 52, Look.SHORT),
    Column("responsible", "整改责任人", 54, Look.SHORT),
    Column("by", "经办人", 34, Look.SHORT),
)
_EFFICIENCY_NOTE: Final = (
    "距下一级：单位产品能耗减去上一档水平，即低于基准的距基准水平、介于两者之间的距标杆水平；"
    "百分比以该水平为100，四舍五入到两位小数。能耗、水平和差值的单位见“能耗单位”。"
)
_PLAN_NOTE: Final = (
    "列入能效低于基准水平的存量项目和拟处置为淘汰退出的项目，按到期年度分列。"
    "最长期限自送达之日（或者更早的首次列入清单日期）起算三年。"
)
DEADLINE_COLUMNS: Final = (
    Column("name", "项目名称", 120),
    Column("unit", "装置", 54),
    Column("enterprise", "建设单位", 110),
    Column("league", "盟市", 44),
    Column("banner", "旗县", 50),
    Column("letter", "文号", 80),
    Column("start", "起算日", 54, Look.SHORT),
    Column("due", "到期日", 54, Look.SHORT),
    Column("limit", "最长期限", 54, Look.SHORT),
    Column("left", "剩余", 34, Look.FIGURE, "天"),
    Column("left_to_limit", "距最长期限", 40, Look.FIGURE, "天"),
    Column("standing", "情况", 40, Look.SHORT),
    Column("tce", "年综合能耗", 54, Look.FIGURE, "tce", 2),
)
FIGURE_COLUMNS: Final = (
    Column("name", "盟市、行业", 100),
    *(Column(key, words, 46, Look.FIGURE) for key, words in OUTCOMES.items()),
    Column("whole", "合计", 40, Look.FIGURE),
    Column("computed", "可算节能量", 50, Look.FIGURE),
    Column("saved", "年节能量", 70, Look.FIGURE, "tce", 2),
)
LETTER_COLUMNS: Final = (
    Column("number", "文号", 90),
    Column("kind", "文书种类", 70),
    Column("name", "项目名称", 120),
    Column("enterprise", "建设单位", 120),
    Column("state", "状态", 40, Look.SHORT),
    Column("signed_on", "签发日期", 54, Look.SHORT),
    Column("signed_by", "签发人", 40, Look.SHORT),
    Column("served_on", "送达日期", 54, Look.SHORT),
)
_SEC_KINDS: Final = {"design": "设计", "actual": "实际"}
_CHOSEN: Final[dict[str, dict[Any, str]]] = {
    "in_focus": {True: "5万吨标准煤以上", False: "5万吨标准煤以下"},
    "near_line": {True: "近线", False: "不近线"},
    "findings": {True: "有六种情形", False: "无六种情形"},
    "deadline": {
        "overdue": "改造已逾期", "30": "30日内到期", "60": "60日内到期", "90": "90日内到期", "running": "期限计算中",
    },
}  # fmt: skip


def words_of(ledger: Ledger, filters: Filter) -> tuple[str, ...]:
    """The filter in words, one sentence part for each condition; nothing for sorting and paging."""
    found = []
    if filters.q:
        found.append(f"名称、代码、单位含“{filters.q}”")
    for words, code in (("盟市", filters.league), ("旗县", filters.banner)):
        if code:
            found.append(f"{words}：{region_name(ledger, code)}")
    for words, value in (
        ("行业", filters.industry), ("建设状态", filters.stage), ("能效分类", filters.efficiency_class),
        ("拟处置", filters.disposition), ("办理环节", filters.case_state),
    ):  # fmt: skip
        if value is not None:
            found.append(f"{words}：{value.words}")
    for part, said in _CHOSEN.items():
        value = getattr(filters, part)
        if value is not None:
            found.append(said[value])
    if filters.rule:
        found.append(f"依据规则{filters.rule}")
    if filters.picked is not None:
        found.append("勾选的项目")
    if filters.left_out:
        found.append(f"去掉勾选的{len(filters.left_out)}个")
    return tuple(found)


def _listing(
    ledger: Ledger, title: str, columns: Sequence[Column], groups: Iterable[Group], *, by: Person, today: date,
    filters: Filter, **more: Any,
) -> Listing:  # fmt: skip
    conditions = words_of(ledger, filters)
    if not by.scope.endswith("0000"):
        place = region_name(ledger, by.scope)
        conditions = (place, *conditions) if not any(place in c for c in conditions) else conditions
    return Listing(
        title=title,
        office=office_of(ledger.rules, by.scope).name,
        day=today,
        conditions=conditions,
        columns=tuple(columns),
        groups=tuple(groups),
        **more,
    )


# -- the ledger -----------------------------------------------------------------------------------------------------


def ledger_list(ledger: Ledger, filters: Filter, *, by: Person, today: date, columns: Sequence[str] = USUAL) -> Listing:
    """The projects of a filter, all pages of them; `columns` are keys of LEDGER_COLUMNS in order, others are left out.

    The page's one column of places is two here.
    """
    keys = dict.fromkeys(part for key in columns for part in (("league", "banner") if key == "league" else (key,)))
    chosen = [LEDGER_COLUMNS[key] for key in keys if key in LEDGER_COLUMNS]
    with ledger.reader() as session:
        made = store.conditions(criteria_of(filters), by=by, today=today)
        rows = tuple(
            tuple(ledger_cell(line(row, due, ledger), column.key) for column in chosen)
            for row, due in store.page(session, made, sort=filters.sort)
        )
    return _listing(ledger, LEDGER_TITLE, chosen, [Group(None, rows)], by=by, today=today, filters=filters)


def ledger_cell(row: ProjectLine, key: str) -> Cell:
    """What a column of LEDGER_COLUMNS says of a project."""
    then = row.disposition_if_confirmed
    halt = f"已叫停（自{row.halted_on.isoformat()}）；" if row.halted_on else ""
    cells: dict[str, Cell] = {
        "code": row.code,
        "name": row.name,
        "enterprise": row.enterprise,
        "league": row.league_name,
        "banner": row.banner_name,
        "industry": row.industry.words,
        "stage": row.stage.words,
        "units": row.units,
        "tce": row.equivalent_tce,
        "class": row.efficiency_class,
        "near": "近线" if row.near_line else None,
        "findings": row.findings or None,
        "disposition": halt + row.disposition.words + (f"（确认后{then.words}）" if then else ""),
        "state": row.case_state.words,
        "due": row.due,
        "changed": row.changed_at.date(),
    }
    return cells[key]


# -- the efficiency of enterprises ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficiencyPage:
    """One page of the efficiency list: PER_PAGE projects with all their units; `total` counts projects."""

    listing: Listing
    ids: tuple[UUID, ...]
    """The project of each row."""
    total: int
    page: int
    pages: int


def _by_enterprise(filters: Filter) -> str:
    return "enterprise" if filters.sort == "name" else filters.sort


def efficiency_list(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> Listing:
    """Every unit of the projects of a filter, by enterprise: its figure, the levels, its class and how far to go."""
    with ledger.reader() as session:
        made = store.conditions(criteria_of(filters), by=by, today=today)
        rows = tuple(
            cells
            for row, _ in store.page(session, made, sort=_by_enterprise(filters), whole=True)
            for cells in efficiency_rows(ledger, row)
        )
    return _efficiency(ledger, rows, filters, by=by, today=today)


def efficiency_page(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> EfficiencyPage:
    """One page of the same list."""
    with ledger.reader() as session:
        made = store.conditions(criteria_of(filters), by=by, today=today)
        total = store.count(session, made)
        pages = max(1, -(-total // PER_PAGE))
        page = min(filters.page, pages)
        found = [
            (row.id, cells)
            for row, _ in store.page(
                session, made, sort=_by_enterprise(filters), offset=(page - 1) * PER_PAGE, limit=PER_PAGE, whole=True
            )
            for cells in efficiency_rows(ledger, row)
        ]
    return EfficiencyPage(
        listing=_efficiency(ledger, tuple(cells for _, cells in found), filters, by=by, today=today),
        ids=tuple(project for project, _ in found),
        total=total,
        page=page,
        pages=pages,
    )


def _efficiency(
    ledger: Ledger, rows: tuple[tuple[Cell, ...], ...], filters: Filter, *, by: Person, today: date
) -> Listing:
    return _listing(
        ledger, EFFICIENCY_TITLE, EFFICIENCY_COLUMNS, [Group(None, rows)], by=by, today=today, filters=filters,
        counted="套装置",
        notes=(_EFFICIENCY_NOTE,),
    )  # fmt: skip


def efficiency_rows(ledger: Ledger, row: store.ProjectRow) -> Iterator[tuple[Cell, ...]]:
    """A row of EFFICIENCY_COLUMNS for every unit of a project, in their order."""
    place = region_name(ledger, row.banner)
    for unit in json.loads(row.screening)["units"]:
        found = EfficiencyClass(unit["class"])
        sec, benchmark, baseline = (_figure(unit[part]) for part in ("sec", "benchmark", "baseline"))
        gap = distance(found, sec, benchmark, baseline)
        yield (
            row.enterprise, row.name, place, unit["name"], unit["product"], unit["variant"], sec,
            _SEC_KINDS.get(unit["sec_kind"] or "", unit["sec_kind"]), unit["unit"], benchmark, baseline, found,
            gap.level.removesuffix("水平") if gap else None, gap.amount if gap else None, gap.percent if gap else None,
        )  # fmt: skip


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# -- the yearly plan ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan and, group by group, the project of each row."""

    listing: Listing
    ids: tuple[tuple[UUID, ...], ...]


@dataclass(frozen=True, slots=True)
class _Planned:
    project: UUID
    due: date | None
    cells: tuple[Cell, ...]


def plan(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> Plan:
    """Existing projects below the baseline, and all that are to be eliminated, by the year of their due date.

    The due date is the running clock's, else that of the standing recommendation; those without one stand at the end
    under 尚未确定期限.
    """
    with ledger.reader() as session:
        rows = _below(session, filters, by=by, today=today)
        clocks = {project.id: (clock, letter) for clock, letter, project in reversed(cases.clocks(session, by=by))}
        recommended = {}
        for start in range(0, len(rows), _CHUNK):
            keys = [row.id for row in rows[start : start + _CHUNK]]
            recommended.update(cases.newest_recommendations(session, keys))
        people_of = people.names(session, {r.by for r in recommended.values()})
        instruments = {m.ref: m.instrument for m in ledger.rules.measures}
        planned = []
        for row in rows:
            clock, letter = clocks.get(row.id, (None, None))
            standing = recommended.get(row.id)
            if standing and standing.state not in {RecommendationState.OPEN, RecommendationState.SIGNED}:
                standing = None
            facts = from_facts(json.loads(row.facts))
            disposition = Disposition(standing.disposition if standing else row.disposition).words
            chosen = (
                [instruments[ref] for ref in json.loads(standing.measures) if ref in instruments] if standing else []
            )
            due, basis, limit = None, "", None
            if clock and letter:
                due, basis, limit = clock.due, f"已送达 {letter.number}", clock.outer_limit
                disposition = LetterKind(letter.kind).words if not standing else disposition
            elif standing and standing.due:
                due = standing.due
                basis = "已签发，待送达" if standing.state == RecommendationState.SIGNED else "建议，待签发"
                limit = (
                    outer_limit(facts.first_listed.first, ledger.rules.deadline(today)) if facts.first_listed else None
                )
            products = dict.fromkeys(unit.product for unit in facts.units)
            cells: tuple[Cell, ...] = (
                row.code, row.name, row.enterprise, region_name(ledger, row.banner), "、".join(products),
                row.equivalent_tce, EfficiencyClass(row.efficiency_class),
                "：".join([disposition, "、".join(dict.fromkeys(chosen))]).removesuffix("："),
                due, basis or None, limit or ("送达后三年" if due else None), facts.responsible,
                people_of[standing.by].name if standing else None,
            )  # fmt: skip
            planned.append(_Planned(row.id, due, cells))
    planned.sort(key=lambda p: (p.due is None, p.due or today))
    years = dict.fromkeys(_year(p) for p in planned)
    parts = [[p for p in planned if _year(p) == year] for year in years]
    listing = _listing(
        ledger, PLAN_TITLE, PLAN_COLUMNS,
        [Group(year, tuple(p.cells for p in part)) for year, part in zip(years, parts, strict=True)],
        by=by, today=today, filters=filters, grouped_by="计划年度",
        notes=(_PLAN_NOTE,),
    )  # fmt: skip
    return Plan(listing=listing, ids=tuple(tuple(p.project for p in part) for part in parts))


def _year(planned: _Planned) -> str:
    return f"{planned.due.year}年" if planned.due else UNDATED


def _below(session: Session, filters: Filter, *, by: Person, today: date) -> list[store.ProjectRow]:
    """The rows of the plan within the filter, by enterprise, each once."""
    below = replace(filters, efficiency_class=EfficiencyClass.BELOW_BASELINE, stage=filters.stage or Stage.EXISTING)
    wanted = [below]
    if filters.disposition in {None, Disposition.ELIMINATE}:
        wanted.append(replace(filters, disposition=Disposition.ELIMINATE))
    found = {}
    for one in wanted:
        if filters.efficiency_class not in {None, one.efficiency_class}:
            continue
        made = store.conditions(criteria_of(one), by=by, today=today)
        found.update({row.id: row for row, _ in store.page(session, made, sort="enterprise", whole=True)})
    return sorted(found.values(), key=lambda row: (row.enterprise, row.name, str(row.id)))


def plan_list(ledger: Ledger, filters: Filter, *, by: Person, today: date) -> Listing:
    """The plan as it is written and printed."""
    return plan(ledger, filters, by=by, today=today).listing


# -- clocks and letters ---------------------------------------------------------------------------------------------


def deadline_list(ledger: Ledger, view: Morning, *, by: Person, today: date) -> Listing:
    """The terms that the page of deadlines shows, in its order; group by group where they stand so."""
    parts: dict[str, list[tuple[Cell, ...]]] = {}
    for term in view.rows:
        c = term.clock
        title = GROUPS.get(term.group, "首个完整年度已确认") if view.asked.sort == "tce" else ""
        done = c.accepted_on is not None
        standing = "已验收" if done else "▲逾期" if c.overdue else "暂停" if c.stay else None
        parts.setdefault(title, []).append(
            (
                c.project_name, c.unit or None, c.enterprise, c.league_name, c.banner_name, c.letter_number, c.start,
                c.due, c.outer_limit, None if done else c.days_left, None if done else c.left_to_limit, standing,
                c.equivalent_tce,
            )
        )  # fmt: skip
    groups = [Group(title or None, tuple(rows)) for title, rows in parts.items()] or [Group(None, ())]
    found = _listing(
        ledger, DEADLINES_TITLE, DEADLINE_COLUMNS, groups, by=by, today=today, filters=Filter(),
        counted="个期限", grouped_by="分组" if len(groups) > 1 or groups[0].title else None,
        notes=tuple(
            f"{part.words}：{part.sum.count}个期限，年综合能耗合计{part.sum.tce:,.0f}吨标准煤（同一项目只计一次）。"
            for part in view.parts
            if part.sum.count
        ),
    )  # fmt: skip
    return replace(found, conditions=(*found.conditions, *view.asked.words(ledger)))


def deadline_figures_list(ledger: Ledger, view: Figures, *, by: Person, today: date) -> Listing:
    """期限统计 as a list: leagues, industries, the sum."""

    def row(line: Line) -> tuple[Cell, ...]:
        return (line.name, *(count for _, count in line.counts), line.whole, line.computed, line.saved)

    notes = [
        f"{step.words}：中位数{plain(step.median)}天（{step.count}件）。"
        for step in view.steps
        if step.median is not None
    ]
    if view.unknown:
        notes.append(f"另有{view.unknown}个已验收的改造缺少产量、产能或者计量单位不一致，节能量不能计算。")
    if view.by_capacity:
        notes.append(f"其中{view.by_capacity}个没有实际产量，按产能计算节能量。")
    return _listing(
        ledger, "期限统计", FIGURE_COLUMNS,
        [
            Group("按盟市", tuple(row(line) for line in view.leagues)),
            Group("按行业", tuple(row(line) for line in view.industries)),
            Group("合计", (row(view.total),)),
        ],
        by=by, today=today, filters=Filter(), grouped_by="分组", counted="行", notes=tuple(notes),
    )  # fmt: skip


def letter_list(
    ledger: Ledger, letters: Sequence[LetterLine], conditions: Sequence[str], *, by: Person, today: date
) -> Listing:
    """The letters that their page shows, in its order."""
    rows = tuple(
        (
            c.number, c.kind_words, c.project_name, c.enterprise, c.state.words, c.signed_on,
            c.signed_by, c.served_on,
        )
        for c in letters
    )  # fmt: skip
    found = _listing(
        ledger, LETTERS_TITLE, LETTER_COLUMNS, [Group(None, rows)], by=by, today=today, filters=Filter(),
        counted="份文书",
    )  # fmt: skip
    return replace(found, conditions=(*found.conditions, *conditions))


# -- out ------------------------------------------------------------------------------------------------------------


def pdf(listing: Listing, paper: str = "A4") -> bytes:
    """The list on paper, A4 or A3 across."""
    return printing.render_list(listing, paper)


def write(listing: Listing, path: Path) -> None:
    """The list as .xlsx or .csv, figures whole, texts as texts."""
    workbook.write_listing(path, listing)
