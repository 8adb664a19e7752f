"""The detectable ones of the six situations, and the hints beside them (law page §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from screening.domain.calendar import PartialDate, chinese, months_later
from screening.domain.classification.day import Day
from screening.domain.classification.exact import percent, times, to_decimal, total
from screening.domain.classification.levels import capacity_of
from screening.domain.classification.results import Basis, Energy, Finding, FindingId, Hint
from screening.domain.quantity import fold, plain
from screening.domain.registry import Project, Stage, Unit
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
    actual_at: Callable[[Decimal], Fraction] | None
    """Actual energy by carriers at a coefficient of electricity, where it was computed."""
    day: Day

    def says(self, *keys: str) -> bool:
        """Whether the source speaks about any of the fields."""
        return any(k in self.project.known for k in keys)

    def basis(self, *rules: Rule | None) -> tuple[Basis, ...]:
        """The rules as bases, without the missing ones."""
        return self.day.bases(*rules)


def catalogue_of(unit: Unit, rulebook: Rulebook) -> tuple[CatalogueEntry, ...]:
    """The catalogue rows of a unit's product; by product, never by industry code alone."""
    return rulebook.catalogue_by_product.get(fold(unit.product), ())


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
    if project.nature not in NEW_CAPACITY:
        return
    if project.national_plan is True:
        return
    for unit in project.units:
        for entry in catalogue_of(unit, case.day.rulebook):
            yield from _control(case, unit, entry)


def _control(case: Case, unit: Unit, entry: CatalogueEntry) -> Iterator[Finding | Hint]:
    project = case.project
    told = f"“{unit.product}”的新增产能管控要求为“{entry.control_text}”"
    if entry.control in (Control.DRAFT, Control.STRICT):
        origin = "该要求仅见于征求意见稿" if entry.control is Control.DRAFT else "该要求须人工研判"
        yield Hint(
            f"control_{entry.control.value}", f"{told}，{origin}，请人工核对。",
            {"product": unit.product, "control": entry.control_text or ""},
        )  # fmt: skip
        return
    if entry.control not in (Control.FORBIDDEN, Control.NATIONAL_PLAN):
        return
    if project.replacement_number and entry.control_text and "产能置换除外" in entry.control_text:
        yield Hint(
            "capacity_replacement", f"{told}，项目有产能置换文号{project.replacement_number}，请核对置换是否落实。",
            {"replacement_number": project.replacement_number},
        )  # fmt: skip
        return
    began = _began(project)
    if project.stage is not Stage.PROPOSED and entry.control_from is not None:
        if began is not None and began.last < entry.control_from:
            if project.stage is Stage.UNDER_CONSTRUCTION:
                yield Hint(
                    "before_control",
                    f"{told}，自{chinese(entry.control_from)}起执行；项目在此之前已立项或开工，请人工研判。",
                    {"began": str(began)},
                )  # fmt: skip
            return
        if project.stage is Stage.EXISTING and (began is None or began.first < entry.control_from):
            yield Hint(
                "control_date_unknown",
                f"{told}，自{chinese(entry.control_from)}起执行；"
                "存量项目的立项、开工日期不足以判断是否在此之后，请核对。",
            )
            return
    facts = {
        "product": unit.product, "nature": project.nature or "", "control": entry.control_text or "",
        "national_plan": "否" if project.national_plan is False else "未登记",
    }  # fmt: skip
    yield Finding(
        FindingId.POLICY_NONCOMPLIANCE, DETECTED, facts,
        f"项目建设性质为{project.nature}，{told}，且未登记列入国家产业规划布局方案，不符合政策要求。",
        case.basis(entry),
    )  # fmt: skip


def _rank(level: Authority) -> int:
    return list(Authority).index(level)


def _competence(
    case: Case, rule: ReviewAuthority | None, given: Authority
) -> tuple[bool | None, str, Authority | None]:
    """Whether that level had authority under the rule (None: not known), why, and the level that was needed."""
    if rule is None:
        return None, "当日的节能审查权限规则尚未收录", None
    if given in rule.excluded:
        return False, f"{rule.source.words}规定不得由{given.value}审查", None
    calorific = case.energy.calorific_tce
    equivalent = case.energy.equivalent_tce
    for _, least, level in rule.thresholds:
        if _rank(given) <= _rank(level):
            return True, "", level
        if calorific is not None:
            if calorific >= least:
                told = (
                    f"年综合能耗（当量值）{plain(calorific)}吨标准煤，达到{plain(least)}吨标准煤，应由{level.value}审查"
                )
                return False, f"{rule.source.words}：{told}", level
        elif equivalent is None or equivalent >= least:
            return None, f"年综合能耗（当量值）未填写，不能判断是否达到{plain(least)}吨标准煤", level
    if given in (Authority.NATION, Authority.REGION):
        return True, "", None
    return None, f"{rule.source.words}以下的盟市、旗县权限划分尚未收录", None


def _unlawful(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    if project.review_date is None:
        return
    first, last = project.review_date.first, project.review_date.last
    if project.review_level is not None:
        given = Authority(project.review_level)
        rules = (case.day.order_on(first), case.day.order_on(last))
        answers = [_competence(case, rule, given) for rule in rules]
        facts = {"review_level": given.value, "opinion_date": str(project.review_date)}
        if all(ok is False for ok, _, _ in answers):
            _, why, needed = answers[0]
            if needed:
                facts["required_level"] = needed.value
            if case.energy.calorific_tce is not None:
                facts["calorific_tce"] = plain(case.energy.calorific_tce)
            yield Finding(
                FindingId.UNLAWFUL_APPROVAL, DETECTED, facts,
                f"节能审查意见由{given.value}于{project.review_date}出具，该级当日没有审查权限（{why}），涉嫌违规审批。",
                case.basis(*dict.fromkeys(rules)),
            )  # fmt: skip
        elif any(ok is not True for ok, _, _ in answers):
            why = next(w for ok, w, _ in answers if ok is not True)
            yield Hint(
                "authority_unknown",
                f"节能审查意见由{given.value}于{project.review_date}出具，当日权限不能确定：{why}。",
                facts,
            )
    if project.nature in NEW_CAPACITY and project.national_plan is not True:
        for unit in project.units:
            for entry in catalogue_of(unit, case.day.rulebook):
                barred = entry.control is Control.FORBIDDEN and entry.control_from is not None
                replaced = bool(project.replacement_number) and "产能置换除外" in (entry.control_text or "")
                if barred and not replaced and entry.control_from is not None and first >= entry.control_from:
                    yield Finding(
                        FindingId.UNLAWFUL_APPROVAL, DETECTED,
                        {
                            "product": unit.product,
                            "opinion_date": str(project.review_date),
                            "control": entry.control_text or "",
                        },
                        f"节能审查意见于{project.review_date}出具，当日“{unit.product}”新增产能已被禁止"
                        f"（{entry.control_text}），涉嫌违规审批。",
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
        most = case.energy.calorific_tce if case.energy.calorific_tce is not None else case.energy.equivalent_tce
        if rule is None or rule.exempt_tce is None or most is None or most >= rule.exempt_tce:
            return False
        if rule.exempt_gwh is None:
            return True
        if case.project.electricity is not None:
            return times(case.project.electricity, Decimal("0.01")) < rule.exempt_gwh
        # Without a figure for electricity: all of the energy at the lowest coefficient seen would still have to fit.
        lowest = min(case.day.coefficients, default=None)
        equivalent = case.energy.equivalent_tce
        if lowest is None or equivalent is None:
            return False
        return Fraction(equivalent) / Fraction(lowest) / 1000 < Fraction(rule.exempt_gwh)

    return exempt


def _started(case: Case) -> bool:
    project = case.project
    if project.stage is not Stage.PROPOSED:
        return True
    return project.start_date is not None and project.start_date.last <= case.day.as_of


def _before(case: Case, paper: _Paper) -> Iterator[Finding | Hint]:
    if not paper.told or not _started(case):
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
            yield Hint(
                f"no_{paper.fact}_unknown_start", f"存量项目未登记{paper.name}，开工日期不明，请核对是否属于未批先建。"
            )
        elif (
            case.project.commissioning_date and paper.dated and case.project.commissioning_date.last < paper.dated.first
        ):
            yield Hint(
                f"commissioned_before_{paper.fact}",
                f"投产日期{case.project.commissioning_date}早于{paper.name}日期{paper.dated}，开工日期未登记，请核对。",
            )
        return
    facts = {"construction_start": str(start), paper.fact: str(paper.dated) if paper.dated else "未登记"}
    if since and start.last < since:
        return
    if paper.exempt(start.first) and paper.exempt(start.last):
        return
    surely_required = since is None or start.first >= since
    if missing:
        surely, possibly = True, True
        told = f"项目于{start}开工，未登记{paper.name}"
    else:
        assert paper.dated is not None  # noqa: S101  # the case without a date returned above
        surely, possibly = start.last < paper.dated.first, start.first < paper.dated.last
        told = (
            f"项目于{start}开工，早于{paper.name}日期{paper.dated}"
            if surely
            else (f"开工日期{start}与{paper.name}日期{paper.dated}只登记到月或年")
        )
    if surely and surely_required:
        yield Finding(FindingId.BUILT_BEFORE_APPROVAL, DETECTED, facts, f"{told}，涉嫌未批先建。", basis)
    elif possibly:
        why = "开工时是否须办理不能确定" if surely else "先后不能确定"
        yield Hint(f"{paper.fact}_order_unclear", f"{told}，{why}，请核对。", facts)


def _built_before(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
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
    yield from _before(
        case,
        _Paper(
            "环评批复", "eia_date", project.eia_date, project.eia_number, case.says("eia_date", "eia_number"),
            case.day.parameter("eia_required_since"), lambda _: False,
            lambda _: case.day.parameter("eia_required_since"),
        ),
    )  # fmt: skip
    validity = case.day.parameter("opinion_validity_months")
    if validity and validity.amount and project.review_date:
        lapse = months_later(project.review_date.last, int(validity.amount))
        known = f"（{validity.evidence.words}）"
        if project.start_date and project.start_date.first > lapse:
            yield Hint(
                "started_after_lapse",
                f"开工日期{project.start_date}晚于节能审查意见有效期截止日{chinese(lapse)}{known}，请核对意见是否失效。",
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


def _deviates(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    built = _built_capacity(case)
    tolerance = case.day.parameter("capacity_tolerance")
    if built and project.approved_capacity and project.approved_capacity > 0 and tolerance and tolerance.amount:
        amount, measure = built
        approved = project.approved_capacity
        facts = {"built_capacity": plain(amount), "approved_capacity": plain(approved), "unit": measure}
        told = f"建成产能{plain(amount)}{measure}，批复产能{plain(approved)}{measure}"
        if amount > times(approved, 1 + tolerance.amount):
            yield Finding(
                FindingId.DEVIATES_FROM_APPROVAL,
                DETECTED,
                facts,
                f"{told}，为批复的{percent(amount, approved)}，超过允许偏差"
                f"{percent(tolerance.amount, Decimal(1))}，涉嫌批建不符。",
                case.basis(tolerance),
            )
        elif amount > approved:
            share = percent(amount, approved)
            yield Hint("capacity_above_approval", f"{told}，为批复的{share}，未超过允许偏差，请关注。", facts)
    variants = {u.variant: _variant_names(case, u) for u in project.units if u.variant}
    if project.approved_process and variants:
        approved_process, built_process = project.approved_process, "、".join(variants)
        apart = [v for v, names in variants.items() if _differs(approved_process, names)]
        told = f"批复工艺为“{approved_process}”，建设工艺为“{built_process}”"
        facts = {"approved_process": approved_process, "built_process": built_process}
        if len(apart) == len(variants):
            yield Finding(FindingId.DEVIATES_FROM_APPROVAL, DETECTED, facts, f"{told}，涉嫌批建不符。", ())
        elif apart:
            yield Hint("process_differs", f"{told}，部分装置文字不一致，请核对。", facts)
    if project.approved_site:
        yield from _site(case, project.approved_site)


def _variant_names(case: Case, unit: Unit) -> tuple[str, ...]:
    """All names of the unit's variant in the rules, so that a synonym in the approval is no difference."""
    wanted = fold(unit.variant or "")
    for edition in reversed(case.day.rulebook.editions):
        for standard in edition.by_product.get(fold(unit.product), ()):
            names = tuple(n for n in (standard.variant, *standard.variant_synonyms) if n)
            if wanted in {fold(n) for n in names}:
                return names
    return (unit.variant or "",)


def _site(case: Case, approved: str) -> Iterator[Finding | Hint]:
    project = case.project
    regions = case.day.rulebook.regions_by_code
    own = [regions[c].name for c in (project.league, project.banner) if c in regions]
    here = [*own[-1:], *([project.park] if project.park else [])]
    if not _differs(approved, here):
        return
    text = fold(approved)
    named = [r for r in regions.values() if r.level is RegionLevel.BANNER and fold(r.name) in text]
    facts = {"approved_site": approved, "built_site": "".join(own) + (project.park or "")}
    if named and all(r.id != project.banner for r in named):
        yield Finding(
            FindingId.DEVIATES_FROM_APPROVAL, DETECTED, facts,
            f"批复建设地点为“{approved}”，登记地点为“{facts['built_site']}”，涉嫌批建不符。", (),
        )  # fmt: skip
    elif not named:
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
    elif case.actual_at is not None:
        tried = tuple(case.actual_at(c) for c in case.day.coefficients) or (case.actual_at(Decimal(0)),)
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
        f"为批复的{facts['ratio']}（{note}）"
    )
    bound = times(approved, ratio.amount)
    if all(one >= bound for one in tried):
        yield Finding(
            FindingId.EXCEEDS_APPROVED_ENERGY,
            DETECTED,
            facts,
            f"{told}，达到批复的{percent(ratio.amount, Decimal(1))}，涉嫌超批复用能。",
            case.basis(ratio),
        )
    else:
        yield Hint("above_approved_energy", f"{told}，高于批复，请关注。", facts)


def _placement(case: Case) -> Iterator[Finding | Hint]:
    project = case.project
    if case.says("park") and project.park is None:
        yield Hint("outside_park", "园区未填写，视为在园区外；新建两高项目原则上要进园区。")
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
                "industry_differs", f"所属行业填报为{project.industry.words}，"
                f"产品“{unit.product}”按目录属于其他行业，请核对。",
                {"product": unit.product},
            )  # fmt: skip
        if unit.year is not None and unit.year >= case.day.as_of.year and unit.actual_sec is not None:
            yield Hint("year_not_complete", f"统计年度{unit.year}尚未结束，实际单位产品能耗不是完整年度数据，请核对。")
    if project.operation == "已退出":
        yield Hint("exited", "运行状态为已退出，请核对是否销号。")


def detect(case: Case) -> tuple[tuple[Finding, ...], tuple[Hint, ...]]:
    """All findings that the facts give for every day they may mean, and all hints; each once, in the law's order."""
    findings: list[Finding] = []
    hints: list[Hint] = []
    for test in (_policy, _unlawful, _built_before, _deviates, _exceeds, _placement):
        for one in test(case):
            if isinstance(one, Finding):
                if one not in findings:
                    findings.append(one)
            elif one not in hints:
                hints.append(one)
    return tuple(findings), tuple(hints)
