"""The detectable ones of the six situations, and the hints beside them (law page §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from screening.domain.calendar import PartialDate, chinese, months_later
from screening.domain.classification.day import Day
from screening.domain.classification.energy import Sum
from screening.domain.classification.exact import about, percent, times, to_decimal, total
from screening.domain.classification.levels import capacity_of
from screening.domain.classification.results import Basis, Energy, Finding, FindingId, Hint
from screening.domain.quantity import fold, plain
from screening.domain.registry import Industry, Project, Stage, Unit
from screening.domain.rules import (
    Authority,
    CatalogueEntry,
    Control,
    Parameter,
    RegionLevel,
    ReviewAuthority,
    Rule,
    Rulebook,
)

NEW_CAPACITY = ("新建", "扩建")
DETECTED = "detected"
ELIMINATED_EQUIPMENT_CLAUSE = "energy_law_71"


@dataclass(frozen=True, slots=True)
class Case:
    """What the tests look at: the project, its energy, the rules, the day."""

    project: Project
    energy: Energy
    actual: Sum | None
    """Actual energy by carriers, where it could be computed."""
    day: Day

    @property
    def calorific(self) -> Decimal | None:
        """The 当量值 of the design, which is what an organ had to review; never that of the actual use or of a part."""
        if self.energy.basis_of_focus in ("design", "fuel") and self.energy.basis in ("computed", "declared"):
            return self.energy.calorific_tce
        return self.project.design_calorific

    @property
    def equivalent(self) -> Decimal | None:
        """The 等价值 of the design or of the approval."""
        if self.energy.basis_of_focus in ("design", "approved", "fuel") and self.energy.basis != "electricity_only":
            return self.energy.equivalent_tce
        return None

    def says(self, *keys: str) -> bool:
        """Whether the source speaks about any of the fields."""
        return any(k in self.project.known for k in keys)

    def basis(self, *rules: Rule | None) -> tuple[Basis, ...]:
        """The rules as bases, without the missing ones."""
        return self.day.bases(*rules)


def catalogue_of(unit: Unit, rulebook: Rulebook) -> tuple[CatalogueEntry, ...]:
    """The catalogue rows of a unit's product, of whatever process; by product, never by industry code alone."""
    return rulebook.catalogue_by_product.get(fold(unit.product), ())


def _controls(case: Case) -> Iterator[tuple[Unit, CatalogueEntry]]:
    """The units with the rows in force that speak of new capacity of their product and process."""
    for unit in case.project.units:
        for entry in catalogue_of(unit, case.day.rulebook):
            if entry.holds(case.day.as_of) and entry.covers(unit.variant):
                yield unit, entry


def is_coal_power(project: Project, rulebook: Rulebook) -> bool:
    """Whether a unit burns coal for power, by its product."""
    return any(e.industry == "coal_power" for u in project.units for e in catalogue_of(u, rulebook))


def _began(project: Project) -> PartialDate | None:
    """The earliest date on file that shows when the capacity was filed, reviewed or started."""
    dates = [d for d in (project.filing_date, project.review_date, project.start_date) if d]
    return min(dates, key=lambda d: d.last) if dates else None


def _policy(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    if project.equipment_class == "淘汰":
        clause = next((c for c in case.day.rulebook.clauses if c.id == ELIMINATED_EQUIPMENT_CLAUSE), None)
        yield Finding(
            FindingId.POLICY_NONCOMPLIANCE, DETECTED, {"equipment_class": "淘汰"},
            "设备类别填报为淘汰类，属于国家明令淘汰的设备，不符合政策要求。", case.basis(clause),
        )  # fmt: skip
    if project.nature not in NEW_CAPACITY or project.national_plan is True:
        return
    for unit, entry in _controls(case):
        yield from _control(case, unit, entry)
    for unit in project.units:
        if unit.variant is None:
            for entry in catalogue_of(unit, case.day.rulebook):
                if entry.variants and entry.control is Control.FORBIDDEN and entry.holds(case.day.as_of):
                    yield Hint(
                        "control_by_process",
                        f"“{unit.product}”的新增产能管控要求“{entry.control_text}”只涉及部分工艺，"
                        "工艺规格未填写，请核对。",
                        {"product": unit.product, "control": entry.control_text or ""},
                    )


def _control(case: Case, unit: Unit, entry: CatalogueEntry) -> Iterator[Finding | Hint]:
    project = case.project
    told = f"“{unit.product}”的新增产能管控要求为“{entry.control_text}”"
    facts = {"product": unit.product, "control": entry.control_text or ""}
    if entry.control in (Control.DRAFT, Control.STRICT):
        origin = "该要求仅见于征求意见稿，是否执行" if entry.control is Control.DRAFT else "本项目是否属于管控范围"
        yield Hint(f"control_{entry.control.value}", f"{told}（{_known(case, entry)}），{origin}请人工研判。", facts)
        return
    if entry.control not in (Control.FORBIDDEN, Control.NATIONAL_PLAN):
        return
    if project.replacement_number and entry.control_text and "产能置换除外" in entry.control_text:
        yield Hint(
            "capacity_replacement", f"{told}，项目有产能置换文号{project.replacement_number}，请核对置换是否落实。",
            {"replacement_number": project.replacement_number},
        )  # fmt: skip
        return
    since = entry.control_from
    if since is not None and case.day.as_of < since:
        return
    began = _began(project) if project.stage is not Stage.PROPOSED else None
    if since is not None and began is not None and began.last < since:
        if project.stage is Stage.UNDER_CONSTRUCTION:
            yield Hint(
                "before_control",
                f"{told}，自{chinese(since)}起执行；项目在此之前已立项或开工，请人工研判。",
                {"began": str(began)},
            )
        return
    # What is being built now is new capacity now; of what stands already it must be known when it began.
    undated = project.stage is Stage.EXISTING and (began is None or since is None)
    if undated or (since is not None and began is not None and began.first < since):
        from_then = f"自{chinese(since)}起执行" if since else "起始日期不明"
        yield Hint(
            "control_date_unknown",
            f"{told}，{from_then}；{project.stage.words}项目的立项、审查、开工日期不足以判断是否在此之后，请核对。",
            facts,
        )
        return
    if entry.control is Control.NATIONAL_PLAN and not case.says("national_plan"):
        yield Hint("national_plan_not_stated", f"{told}，文件没有“国家规划布局”一栏，是否列入请核对。", facts)
        return
    listed = {False: "登记为未列入", None: "未登记列入"}[project.national_plan]
    yield Finding(
        FindingId.POLICY_NONCOMPLIANCE, DETECTED,
        {
            **facts,
            "nature": project.nature or "",
            "national_plan": "否" if project.national_plan is False else "未登记",
        },
        f"项目建设性质为{project.nature}，{told}，且{listed}国家产业规划布局方案，"
        "不符合政策要求。",
        case.basis(entry),
    )  # fmt: skip


def _plan(case: Case) -> tuple[Basis, ...]:
    """The plan's clause on the six situations, where no rule with a figure is needed."""
    return case.basis(next((c for c in case.day.rulebook.clauses if c.id == "plan_4_3"), None))


def _words(day: PartialDate | None) -> str:
    return "" if day is None else day.words


def _known(case: Case, rule: Rule) -> str:
    """The document of a rule and how well it is known."""
    basis = case.day.basis(rule)
    return f"{basis.words}，{basis.evidence.words}"


_RANK = {level: place for place, level in enumerate(Authority)}


def _competence(
    case: Case, rule: ReviewAuthority | None, given: Authority
) -> tuple[bool | None, str, Authority | None]:
    """Whether that level had authority under the rule (None: not known), why, and the level that was needed.

    A threshold of the basis `calorific_tce` is compared with the 当量值 of the design; one of the basis `tce`, of which
    it is not on file which basis the order means, needs both to agree.
    """
    if rule is None:
        return None, "当日的节能审查权限规则尚未收录", None
    if given in rule.excluded:
        return False, f"{rule.source.words}规定不得由{given.value}审查", None
    calorific, equivalent = case.calorific, case.equivalent
    for basis, least, level in rule.thresholds:
        if _RANK[given] <= _RANK[level]:
            return True, "", level
        figures = (
            [("当量值", calorific)] if basis == "calorific_tce" else [("当量值", calorific), ("等价值", equivalent)]
        )
        known = [(name, figure) for name, figure in figures if figure is not None]
        above = [f"{name}{plain(figure)}吨标准煤" for name, figure in known if figure >= least]
        if above and len(above) == len(figures):
            told = f"设计年综合能耗（{'、'.join(above)}）达到{plain(least)}吨标准煤，应由{level.value}审查"
            return False, f"{rule.source.words}：{told}", level
        # 等价值 is never below 当量值: where it does not reach the figure, neither does the other.
        if equivalent is not None and equivalent < least:
            continue
        if above or len(known) < len(figures):
            why = "计量口径未收录" if above else "设计年综合能耗（当量值）未填写"
            return None, f"{why}，不能判断是否达到{plain(least)}吨标准煤", level
    if given in (Authority.NATION, Authority.REGION):
        return True, "", None
    if not rule.thresholds:
        return None, f"{rule.source.words}的分级权限尚未收录", None
    return None, f"{rule.source.words}规定的界线以下，盟市、旗县的权限划分尚未收录", None


@dataclass(frozen=True, slots=True)
class Competence:
    """Whether a level had authority on every day that a date may mean (None: not known), why, and by which rules."""

    lawful: bool | None
    why: str
    needed: Authority | None
    rules: tuple[ReviewAuthority, ...]


def competence_on(case: Case, given: Authority, dated: PartialDate) -> Competence:
    """What the table of authority says of a level on a day; the same for every day in the date, or not known."""
    rules = (case.day.order_on(dated.first), case.day.order_on(dated.last))
    answers = [_competence(case, rule, given) for rule in rules]
    held = tuple(rule for rule in dict.fromkeys(rules) if rule is not None)
    if all(ok is False for ok, _, _ in answers):
        why = "；".join(dict.fromkeys(w for _, w, _ in answers))
        return Competence(False, why, next((n for _, _, n in answers if n), None), held)
    if all(ok is True for ok, _, _ in answers):
        return Competence(True, "", None, held)
    why = next((w for ok, w, _ in answers if ok is None), "该期间适用的规定前后不一")
    return Competence(None, why, None, held)


def _unlawful(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    if project.review_date is None:
        if project.review_level is not None and case.says("review_date"):
            yield Hint(
                "authority_unknown",
                f"节能审查意见由{project.review_level}出具，日期未登记，当日权限不能确定，请补充日期。",
                {"review_level": project.review_level},
            )
        return
    first, last = project.review_date.first, project.review_date.last
    if project.review_level is not None:
        given = Authority(project.review_level)
        answer = competence_on(case, given, project.review_date)
        facts = {"review_level": given.value, "opinion_date": str(project.review_date)}
        if answer.lawful is False:
            if answer.needed:
                facts["required_level"] = answer.needed.value
            if case.calorific is not None:
                facts["calorific_tce"] = plain(case.calorific)
            yield Finding(
                FindingId.UNLAWFUL_APPROVAL, DETECTED, facts,
                f"节能审查意见由{given.value}于{project.review_date.words}出具，该级当日没有审查权限（{answer.why}），涉嫌违规审批。",
                case.basis(*answer.rules),
            )  # fmt: skip
        elif answer.lawful is None:
            yield Hint(
                "authority_unknown",
                f"节能审查意见由{given.value}于{project.review_date.words}出具，当日权限不能确定：{answer.why}。",
                facts,
            )
    if project.nature in NEW_CAPACITY and project.national_plan is not True:
        for unit, entry in _controls(case):
            yield from _against_prohibition(case, unit, entry, first, last)


def _against_prohibition(
    case: Case, unit: Unit, entry: CatalogueEntry, first: date, last: date
) -> Iterator[Finding | Hint]:
    """Whether an opinion given between two days was given against a prohibition in force."""
    project, since = case.project, entry.control_from
    replaced = bool(project.replacement_number) and "产能置换除外" in (entry.control_text or "")
    if entry.control is not Control.FORBIDDEN or replaced or since is None or last < since:
        return
    facts = {"product": unit.product, "opinion_date": str(project.review_date), "control": entry.control_text or ""}
    if first < since:
        yield Hint(
            "prohibition_order_unclear",
            f"节能审查意见日期{_words(project.review_date)}只登记到月或年，“{unit.product}”自{chinese(since)}起"
            f"“{entry.control_text}”，先后不能确定，请核对。",
            facts,
        )
        return
    yield Finding(
        FindingId.UNLAWFUL_APPROVAL, DETECTED, facts,
        f"节能审查意见于{_words(project.review_date)}出具，当日“{unit.product}”新增产能已被禁止（自{chinese(since)}起"
        f"“{entry.control_text}”），涉嫌违规审批。",
        case.basis(entry),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Paper:
    """An approval that must precede construction."""

    name: str
    fact: str
    dated: PartialDate | None
    number: str | None
    told: bool
    since: Parameter | None
    exempt: Callable[[date], bool]
    rule: Callable[[date], Rule | None]
    """What made the paper necessary on a day: the order on file for that day, else the day the duty began."""


def _exempt_energy(case: Case) -> Callable[[date], bool]:
    def exempt(day: date) -> bool:
        rule = case.day.order_on(day)
        most = case.calorific if case.calorific is not None else case.equivalent
        if rule is None or rule.exempt_tce is None or most is None or most >= rule.exempt_tce:
            return False
        if rule.exempt_gwh is None:
            return True
        if case.project.electricity is not None:
            return times(case.project.electricity, Decimal("0.01")) < rule.exempt_gwh
        # Without a figure for electricity: all of the energy at the lowest coefficient seen would still have to fit.
        lowest = min(case.day.coefficients, default=None)
        if lowest is None or case.equivalent is None:
            return False
        return Fraction(case.equivalent) / Fraction(lowest) / 1000 < Fraction(rule.exempt_gwh)

    return exempt


def _started(case: Case) -> bool | None:
    """Whether construction has begun on the day; None where the date of a proposed project leaves it open."""
    project, start = case.project, case.project.start_date
    if project.stage is not Stage.PROPOSED:
        return True
    if start is None or start.first > case.day.as_of:
        return False
    return True if start.last <= case.day.as_of else None


def _before(case: Case, paper: _Paper) -> Iterator[Finding | Hint]:
    begun = _started(case)
    if not paper.told or begun is False:
        return
    start = case.project.start_date
    since = paper.since.day if paper.since else None
    basis = case.basis(paper.rule(start.first if start else case.day.as_of))
    missing = paper.dated is None and paper.number is None
    if paper.dated is None and not missing:
        yield Hint(f"{paper.fact}_missing", f"{paper.name}文号已登记，日期未登记，不能判断开工是否在先，请补充日期。")
        return
    if start is None:
        if missing and case.project.stage is Stage.UNDER_CONSTRUCTION:
            if not paper.exempt(case.day.as_of):
                yield Finding(
                    FindingId.BUILT_BEFORE_APPROVAL, DETECTED,
                    {"construction_start": "在建，已开工", paper.fact: "未登记"},
                    f"项目在建即已开工，未登记{paper.name}，涉嫌未批先建。", basis,
                )  # fmt: skip
        elif missing:
            commissioned = case.project.commissioning_date
            if commissioned is None or since is None or commissioned.last >= since:
                yield Hint(
                    f"no_{paper.fact}_unknown_start",
                    f"存量项目未登记{paper.name}，开工日期不明，请核对是否属于未批先建。",
                )
        elif case.project.stage is Stage.UNDER_CONSTRUCTION and paper.dated and paper.dated.first > case.day.as_of:
            yield Finding(
                FindingId.BUILT_BEFORE_APPROVAL, DETECTED,
                {"construction_start": "在建，已开工", paper.fact: str(paper.dated)},
                f"项目在建即已开工，{paper.name}日期{paper.dated.words}晚于筛查日{chinese(case.day.as_of)}，涉嫌未批先建。",
                basis,
            )  # fmt: skip
        elif (
            case.project.commissioning_date and paper.dated and case.project.commissioning_date.last < paper.dated.first
        ):
            yield Hint(
                f"commissioned_before_{paper.fact}",
                f"投产日期{case.project.commissioning_date.words}早于{paper.name}日期{paper.dated.words}，开工日期未登记，请核对。",
            )
        return
    facts = {"construction_start": str(start), paper.fact: str(paper.dated) if paper.dated else "未登记"}
    if since and start.last < since:
        return
    exempt = {paper.exempt(start.first), paper.exempt(start.last)}
    if exempt == {True}:
        return
    surely_required = (since is None or start.first >= since) and exempt == {False}
    if missing:
        surely, possibly = True, True
        told = f"项目于{start.words}开工，未登记{paper.name}"
    else:
        assert paper.dated is not None  # noqa: S101  # the case without a date returned above
        surely, possibly = start.last < paper.dated.first, start.first < paper.dated.last
        told = (
            f"项目于{start.words}开工，早于{paper.name}日期{paper.dated.words}"
            if surely
            else f"开工日期{start.words}、{paper.name}日期{paper.dated.words}只登记到月或年"
        )
    if surely and surely_required and begun:
        yield Finding(FindingId.BUILT_BEFORE_APPROVAL, DETECTED, facts, f"{told}，涉嫌未批先建。", basis)
    elif possibly:
        why = "先后不能确定" if not surely else "开工时是否须办理不能确定" if begun else "是否已开工不能确定"
        yield Hint(f"{paper.fact}_order_unclear", f"{told}，{why}，请核对。", facts)


def _came_first(paper: PartialDate | None, start: PartialDate | None) -> bool:
    """Whether the paper was there on the day of the start, whatever days are meant."""
    return paper is not None and start is not None and start.first >= paper.last


def _built_before(case: Case) -> Iterator[Finding | Hint]:
    project, start = case.project, case.project.start_date
    if not _came_first(project.review_date, start):
        yield from _before(
            case,
            _Paper(
                "节能审查意见", "opinion_date", project.review_date, project.review_number,
                case.says("review_date", "review_number"), case.day.parameter("review_required_since"),
                _exempt_energy(case),
                lambda day: (
                    order
                    if (order := case.day.order_on(day)) and order.exempt_tce is not None
                    else case.day.parameter("review_required_since")
                ),
            ),
        )  # fmt: skip
    if not _came_first(project.eia_date, start):
        yield from _before(
            case,
            _Paper(
                "环评批复", "eia_date", project.eia_date, project.eia_number, case.says("eia_date", "eia_number"),
                case.day.parameter("eia_required_since"), lambda _: False,
                lambda _: case.day.parameter("eia_required_since"),
            ),
        )  # fmt: skip
    validity = case.day.parameter("opinion_validity_months")
    if validity and validity.amount and project.review_date and (start or project.stage is Stage.PROPOSED):
        lapse = months_later(project.review_date.last, int(validity.amount))
        known = f"（{_known(case, validity)}）"
        if start and start.first > lapse:
            yield Hint(
                "started_after_lapse",
                f"开工日期{start.words}晚于节能审查意见有效期截止日{chinese(lapse)}{known}，请核对意见是否失效。",
            )
        elif project.stage is Stage.PROPOSED and not _started(case) and case.day.as_of > lapse:
            yield Hint("opinion_lapsed", f"节能审查意见有效期至{chinese(lapse)}{known}，项目尚未开工，意见可能已失效。")


def _built_capacity(case: Case) -> tuple[Decimal, str] | None:
    """The built capacity of all units in their one unit of measure."""
    amounts: list[Decimal] = []
    measures: dict[str, str] = {}
    for unit in case.project.units:
        if case.project.stage is Stage.PROPOSED and unit.built_capacity is None:
            continue
        amount = capacity_of(unit)
        if amount is None:
            continue
        amounts.append(amount)
        measures.setdefault(fold(unit.capacity_unit or ""), unit.capacity_unit or "")
    if not amounts or len(measures) != 1:
        return None
    return total(amounts), next(iter(measures.values()))


def _differs(approved: str, actual: Sequence[str]) -> bool:
    """Whether a text agrees with none of the others: neither equal nor part of one another after folding."""
    wanted = fold(approved)
    return not any(wanted in fold(one) or fold(one) in wanted for one in actual)


def _names_another(approved: str, own: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a text names another variant of the product more closely: 无烟煤 holds 烟煤, but is not it."""
    wanted = fold(approved)

    def longest(names: Sequence[str]) -> int:
        return max((len(fold(one)) for one in names if fold(one) in wanted), default=0)

    return longest(others) > longest(own)


def _deviates(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    built = _built_capacity(case)
    tolerance = case.day.parameter("capacity_tolerance")
    approved = project.approved_capacity
    if built and approved and 0 < approved < built[0] and tolerance and tolerance.amount:
        amount, measure = built
        facts = {"built_capacity": plain(amount), "approved_capacity": plain(approved), "unit": measure}
        told = f"建成产能{plain(amount)}{measure}，批复产能{plain(approved)}{measure}"
        if amount > times(approved, 1 + tolerance.amount):
            yield Finding(
                FindingId.DEVIATES_FROM_APPROVAL,
                DETECTED,
                facts,
                f"{told}，为批复的{about(amount, approved)}，超过允许偏差"
                f"{percent(tolerance.amount, Decimal(1))}，涉嫌批建不符。",
                case.basis(tolerance),
            )
        else:
            within = f"未超过允许偏差{percent(tolerance.amount, Decimal(1))}（{_known(case, tolerance)}）"
            yield Hint(
                "capacity_above_approval", f"{told}，为批复的{about(amount, approved)}，{within}，请关注。", facts
            )
    approved_process = project.approved_process
    variants = {u.variant: _variant_names(case, u) for u in project.units if u.variant} if approved_process else {}
    if approved_process and variants:
        built_process = "、".join(variants)
        apart = [
            v
            for v, (names, others) in variants.items()
            if _differs(approved_process, names) or _names_another(approved_process, names, others)
        ]
        told = f"批复工艺为“{approved_process}”，建设工艺为“{built_process}”"
        facts = {"approved_process": approved_process, "built_process": built_process}
        if len(apart) == len(variants):
            yield Finding(FindingId.DEVIATES_FROM_APPROVAL, DETECTED, facts, f"{told}，涉嫌批建不符。", _plan(case))
        elif apart:
            yield Hint("process_differs", f"{told}，部分装置文字不一致，请核对。", facts)
    if project.approved_site:
        yield from _site(case, project.approved_site)


def _variant_names(case: Case, unit: Unit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All names of the unit's variant in the rules, so that a synonym is no difference, and those of the others."""
    key = ("variant names", unit.product, unit.variant)
    kept = case.day.kept.get(key)
    if kept is None:
        kept = case.day.keep(key, _names_in_rules(case, unit))
    return cast("tuple[tuple[str, ...], tuple[str, ...]]", kept)


def _names_in_rules(case: Case, unit: Unit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wanted = fold(unit.variant or "")
    for edition in reversed(case.day.rulebook.editions):
        standards = edition.by_product.get(fold(unit.product), ())
        named = [tuple(n for n in (s.variant, *s.variant_synonyms) if n) for s in standards]
        own = next((names for names in named if wanted in {fold(n) for n in names}), None)
        if own is not None:
            return own, tuple(n for names in named if names != own for n in names)
    return (unit.variant or "",), ()


def _divisions(case: Case) -> tuple[tuple[str, str, RegionLevel], ...]:
    """Leagues and banners: (name as it is matched, code, level)."""
    kept = case.day.kept.get(("divisions",))
    if kept is None:
        levels = (RegionLevel.BANNER, RegionLevel.LEAGUE)
        found = tuple((fold(r.name), r.id, r.level) for r in case.day.rulebook.regions if r.level in levels)
        kept = case.day.keep(("divisions",), found)
    return cast("tuple[tuple[str, str, RegionLevel], ...]", kept)


def _site(case: Case, approved: str) -> Iterator[Finding | Hint]:
    project = case.project
    regions = case.day.rulebook.regions_by_code
    own = [regions[c].name for c in (project.league, project.banner) if c in regions]
    here = [*own[-1:], *([project.park] if project.park else [])]
    if not _differs(approved, here):
        return
    text = fold(approved)
    named = [(code, level) for name, code, level in _divisions(case) if name in text]
    banners = [code for code, level in named if level is RegionLevel.BANNER]
    leagues = [code for code, level in named if level is RegionLevel.LEAGUE]
    facts = {"approved_site": approved, "built_site": "".join(own) + (project.park or "")}
    elsewhere = banners or leagues
    if elsewhere and all(code not in (project.banner, project.league) for code in elsewhere):
        yield Finding(
            FindingId.DEVIATES_FROM_APPROVAL, DETECTED, facts,
            f"批复建设地点为“{approved}”，登记地点为“{facts['built_site']}”，涉嫌批建不符。", _plan(case),
        )  # fmt: skip
    elif not elsewhere:
        yield Hint(
            "site_differs", f"批复建设地点“{approved}”与登记地点“{facts['built_site']}”文字不一致，请核对。", facts
        )


def _exceeds(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    approved = project.approved_equivalent
    ratio = case.day.parameter("energy_ratio")
    if not approved or approved <= 0 or ratio is None or ratio.amount is None:
        return
    if project.actual_equivalent is not None:
        tried: tuple[Decimal | Fraction, ...] = (project.actual_equivalent,)
        note = "两项均为填报的等价值，视为同一口径和系数年份"
        basis = case.basis(ratio)
    elif case.actual is not None:
        tried = tuple(case.actual.equivalent_at(c) for c in case.day.coefficients)
        basis = (*case.basis(ratio), *case.actual.rests_on.values())
        note = "实际值按能源品种计算，批复值的电力等价值系数未知，已按各种在用系数比较"
    else:
        return
    if not any(one > approved for one in tried):
        return
    actual = tried[0] if isinstance(tried[0], Decimal) else to_decimal(tried[0])
    facts = {
        "actual_tce": plain(actual),
        "approved_tce": plain(approved),
        "ratio": percent(actual, approved),
        "comparison": note,
    }
    told = (
        f"实际年综合能耗{facts['actual_tce']}吨标准煤，批复{plain(approved)}吨标准煤，"
        f"为批复的{about(actual, approved)}（{note}）"
    )
    bound = times(approved, ratio.amount)
    if all(one >= bound for one in tried):
        yield Finding(
            FindingId.EXCEEDS_APPROVED_ENERGY,
            DETECTED,
            facts,
            f"{told}，达到或者超过判定界线（批复的{percent(ratio.amount, Decimal(1))}），涉嫌超批复用能。",
            basis,
        )
    else:
        limit = f"是否达到判定界线（批复的{percent(ratio.amount, Decimal(1))}，{_known(case, ratio)}）"
        some = "取决于电力等价值系数" if any(one >= bound for one in tried) else "尚未达到"
        yield Hint("above_approved_energy", f"{told}，高于批复；{limit}：{some}，请关注。", facts)


def _placement(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    if case.says("park") and project.park is None:
        yield Hint("outside_park", f"园区未填写，视为在园区外。{case.day.cited('plan_3_2_park')}。")
    for unit in project.units:
        entries = catalogue_of(unit, case.day.rulebook)
        if not entries:
            yield Hint(
                "not_in_catalogue", f"产品“{unit.product}”未对应到两高项目目录，是否属于两高项目待人工认定。",
                {"product": unit.product},
            )  # fmt: skip
        elif all(e.listed is None for e in entries):
            yield Hint(
                "catalogue_unknown", f"产品“{unit.product}”是否列入两高项目目录尚无依据，待人工认定。",
                {"product": unit.product},
            )  # fmt: skip
        industries = {e.industry for e in entries if e.industry}
        if industries and project.industry.value not in industries:
            yield Hint(
                "industry_differs", f"所属行业填报为{project.industry.words}，产品“{unit.product}”按目录属于"
                f"{'、'.join(sorted(Industry(i).words for i in industries))}，请核对。",
                {"product": unit.product},
            )  # fmt: skip
        if unit.year is not None and unit.year >= case.day.as_of.year and unit.actual_sec is not None:
            yield Hint("year_not_complete", f"统计年度{unit.year}尚未结束，实际单位产品能耗不是完整年度数据，请核对。")
    if project.operation == "已退出":
        yield Hint("exited", "运行状态为已退出，请核对是否销号。")


def detect(case: Case) -> tuple[tuple[Finding, ...], tuple[Hint, ...]]:
    """All findings that the facts give for every day they may mean, each once, and all hints; in the law's order."""
    findings: dict[tuple[FindingId, str], Finding] = {}
    hints: list[Hint] = []
    for test in (_policy, _unlawful, _built_before, _deviates, _exceeds, _placement):
        for one in test(case):
            if isinstance(one, Finding):
                findings.setdefault((one.id, one.text), one)
            else:
                hints.append(one)
    return tuple(findings.values()), tuple(hints)
