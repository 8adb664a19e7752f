"""Specimen letters of made-up data: screened, decided and composed by the same code as real ones, marked 样张."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from screening import printing, rulebook
from screening.domain.calendar import PartialDate, months_later
from screening.domain.classification import Disposition, EfficiencyClass, Finding, FindingId, Measure, screen
from screening.domain.deadlines import outer_limit
from screening.domain.dispositions import Named, as_named, effect_of, findings_of, proposes
from screening.domain.errors import Refusal
from screening.domain.letters import (
    Letter,
    LetterInputs,
    LetterKind,
    LetterUnit,
    Office,
    earlier_of,
    inputs_from,
    notice_from,
    number_of,
    office_of,
    receipt_of,
    reminder_of,
    request_of,
)
from screening.domain.registry import FIELDS, Industry, Project, Stage, Unit
from screening.domain.rules import RegionLevel, Rulebook
from screening.services.verdicts import Verdict, measures_of
from screening.wording import compose

_WORDS: Final = ("晟泽", "瀚岳", "朔原", "青岭", "珺越", "堃元", "喆明", "北漠", "蓝旗", "恒垚")
_TRADES: Final = (
    ("电石", Industry.CHEMICAL, "化工", "吨电石", "号电石炉"),
    ("水泥熟料", Industry.BUILDING_MATERIALS, "建材", "吨水泥熟料", "号回转窑"),
    ("硅铁", Industry.STEEL, "冶金", "吨硅铁", "号矿热炉"),
    ("锰硅合金", Industry.STEEL, "合金", "吨锰硅合金", "号矿热炉"),
    ("粗铅工艺", Industry.NONFERROUS, "铅业", "吨粗铅", "号冶炼炉"),
)
_UNTOLD: Final = frozenset({"eia_date", "eia_number", "approved_capacity", "approved_process", "approved_site"})
_APPROVALS: Final = frozenset({"review_date", "review_number", "review_level", "review_organ", "start_date"})
_DAY: Final = date(2026, 11, 20)
_SERVED: Final = date(2025, 11, 3)
"""When the letter that another one follows up was signed and served."""
_EMISSION: Final = "2026年9月3日至5日在线监测数据显示，该项目主要排放口二氧化硫浓度连续三日超过排污许可限值"
_PERSON: Final = "（样张）"

# what a project must be like for the letter: stage, and how its SEC lies (at, between, below)
_CASES: Final = {
    LetterKind.PROCEED: (Stage.PROPOSED, "at"),
    LetterKind.KEEP: (Stage.EXISTING, "at"),
    LetterKind.UPGRADE: (Stage.EXISTING, "between"),
    LetterKind.RECTIFY: (Stage.UNDER_CONSTRUCTION, "between"),
    LetterKind.HALT: (Stage.UNDER_CONSTRUCTION, "at"),
}


def _project(kind: LetterKind, chance: Random, book: Rulebook) -> Project:
    """A made-up project that calls for the letter."""
    stage, place = _CASES.get(kind, (Stage.EXISTING, "below"))
    if kind is LetterKind.HALT and chance.random() < 0.5:
        stage, place = Stage.PROPOSED, "between"
    product, industry, trade, scale, furnace = chance.choice(_TRADES)
    edition = book.edition_on(_DAY)
    rule = next((s for s in edition.standards if s.product == product and s.known), None) if edition else None
    if rule is None or rule.benchmark is None or rule.baseline is None:
        raise Refusal(f"规则中没有{product}的能效水平，不能生成样张。")
    low, high = rule.benchmark, rule.baseline
    span = high - low
    figures = {
        "at": low - span * chance.randint(0, 30) / 100,
        "between": low + span * chance.randint(20, 90) / 100,
        "below": high + span * chance.randint(5, 60) / 100,
    }
    banner = chance.choice([r for r in book.regions if r.level is RegionLevel.BANNER and r.parent])
    word = chance.choice(_WORDS)
    units = []
    for number in range(1, chance.choice((1, 1, 2, 2, 3, 6)) + 1):
        sec = figures[place if number == 1 or chance.random() < 0.5 else "at"]
        sec = sec.quantize(Decimal("0.1"))
        units.append(
            Unit(
                unit_name=f"{number}{furnace}",
                product=product,
                design_capacity=Decimal(10),
                capacity_unit="万吨/年",
                design_sec=sec,
                actual_sec=sec if stage is Stage.EXISTING else None,
                sec_unit=rule.unit.value if rule.unit else None,
                year=2025 if stage is Stage.EXISTING else None,
            )
        )
    halted = stage is not Stage.PROPOSED and kind in {
        LetterKind.HALT, LetterKind.RELEASE, LetterKind.ADVANCE_NOTICE, LetterKind.HEARING,
    }  # fmt: skip
    return Project(
        code=f"2024-{banner.id}-04-01-{chance.randint(100000, 999999)}",
        name=f"年产{chance.choice((10, 20, 30, 50))}万{scale}项目",
        enterprise=f"{banner.name}{word}{trade}有限公司",
        league=str(banner.parent),
        banner=banner.id,
        park=f"{word}工业园区",
        industry=industry,
        stage=stage,
        nature="新建" if stage is not Stage.EXISTING else None,
        design_equivalent=Decimal(chance.randint(52000, 180000)),
        actual_equivalent=Decimal(chance.choice((4000, 9000, 36000, 90000))) if stage is Stage.EXISTING else None,
        start_date=PartialDate(2025, 10, 8) if halted else None,
        review_date=PartialDate(2026, 2, 3) if halted else None,
        review_number="（样张）节能审字〔2026〕18号" if halted else None,
        national_plan=True,
        units=tuple(units),
        known=frozenset(f.key for f in FIELDS) - _UNTOLD - (frozenset() if halted else _APPROVALS),
    )


# the letter that another one follows up
_FOLLOWS: Final = {
    LetterKind.RELEASE: LetterKind.HALT,
    LetterKind.ELIMINATE: LetterKind.RETROFIT,
    LetterKind.REMINDER: LetterKind.RETROFIT,
    LetterKind.ACCEPTED: LetterKind.RETROFIT,
    LetterKind.NOT_ACCEPTED: LetterKind.RETROFIT,
    LetterKind.RECEIPT: LetterKind.RETROFIT,
}
_ACCEPTANCES: Final = frozenset({LetterKind.ACCEPTED, LetterKind.NOT_ACCEPTED})
_CHOSEN: Final = "建议有关部门限制用能、执行阶梯电价，于最长期限届满前退出"
_ITEMS: Final = ("2025年度分品种能源消费量和计量台账", "主要产品产量统计报表", "单位产品能耗计算说明")


def _measure(letter: LetterKind, verdict: Verdict, book: Rulebook, chance: Random, ground: str = "") -> Measure:
    """A measure of the table that the letter carries out, on that ground where there is one."""
    fit = [m for m in measures_of(verdict, Disposition(letter.value), book) if m.letter == letter.value]
    named = [m for m in fit if not m.chosen_by_person] or fit
    named = [m for m in named if m.ground == ground] or named
    if not named:
        raise Refusal(f"规则中没有发出{letter.words}的措施，不能生成样张。")
    return chance.choice(named)


def specimen_inputs(kind: LetterKind, seed: int) -> LetterInputs:
    """The closed data of a specimen: the same for the same kind, seed and rules."""
    chance = Random(f"{kind.value}:{seed}")  # noqa: S311  # made-up data, no secret
    book = rulebook.load()
    project = _project(kind, chance, book)
    findings = screen(project, book, as_of=_DAY).findings
    if kind is LetterKind.REFER:
        findings = (Finding(FindingId.EXCESS_EMISSION, "entered", {}, _EMISSION, ()),)
    case = _Case(
        Verdict(screen(project, book, as_of=_DAY, confirmed=findings), findings, ()),
        book,
        office_of(book, chance.choice(("150000", project.league)), contact="其其格", phone="0471-0000000"),
        chance,
    )
    made = _letter(kind, case)
    number = number_of(book, case.office, kind, _DAY.year, chance.randint(1, 120))
    if kind is not LetterKind.RECEIPT:  # that one stands under the number and day of the letter it goes with
        made = replace(made, number=number, signed_on=_DAY, signatory=_PERSON)
    return replace(made, missing=(), sample=True)


@dataclass(frozen=True, slots=True)
class _Case:
    """A made-up project as screened, and the office that writes."""

    verdict: Verdict
    book: Rulebook
    office: Office
    chance: Random


def _letter(kind: LetterKind, case: _Case) -> LetterInputs:
    """The letter as the builders of real ones make it, without number and signature."""
    chance, book, result = case.chance, case.book, case.verdict.screening
    if kind is LetterKind.DATA_REQUEST:
        return request_of(result, book, case.office, items=_ITEMS, reply_days=10)
    if kind in {LetterKind.ADVANCE_NOTICE, LetterKind.HEARING}:
        return notice_from(kind, [_decided(LetterKind.HALT, case)], 5)
    if kind not in _FOLLOWS:
        return _decided(kind, case)
    months = chance.choice((12, 18, 24))
    # Closure over a broken limit follows the order that rests on that limit.
    ground = _measure(kind, case.verdict, book, chance).ground if kind is LetterKind.ELIMINATE else ""
    served = replace(
        _decided(_FOLLOWS[kind], case, months_later(_SERVED, months), None, ground),
        number=number_of(book, case.office, _FOLLOWS[kind], _SERVED.year, chance.randint(1, 80)),
        signed_on=_SERVED,
        signatory=_PERSON,
    )
    letter = compose(served)
    if kind is LetterKind.RECEIPT:
        return receipt_of(letter)
    late = chance.random() < 0.5 or kind is LetterKind.ELIMINATE
    due = _DAY - timedelta(days=30) if late else _DAY + timedelta(days=chance.choice((30, 90, 180)))
    if kind is LetterKind.REMINDER:
        return reminder_of(letter, book, as_of=_DAY, due=due, outer_limit=outer_limit(_SERVED, book.deadline(_SERVED)))
    made = _decided(kind, case, due, earlier_of(letter), ground)
    if kind in _ACCEPTANCES:
        metered = "首个完整年度实际值" if "完整年度" in made.instrument else "试运行计量值"
        return replace(made, units=tuple(_metered(u, kind, metered) if u.ordered else u for u in made.units))
    return made


def _metered(unit: LetterUnit, kind: LetterKind, metered: str) -> LetterUnit:
    """A retrofitted unit: at its baseline where it is accepted, else no better than before."""
    if kind is LetterKind.ACCEPTED:
        unit = replace(
            unit, sec=unit.baseline, class_id="BETWEEN", class_words=EfficiencyClass.BETWEEN.words, limit=None
        )
    return replace(unit, sec_kind=metered)


def _decided(
    kind: LetterKind, case: _Case, due: date | None = None, earlier: str | None = None, ground: str = ""
) -> LetterInputs:
    """The letter of a decision, as signing would make it."""
    chance, verdict = case.chance, case.verdict
    result = verdict.screening
    measure = _measure(kind, verdict, case.book, chance, ground)
    if kind in _ACCEPTANCES:
        below = (p for p, u in enumerate(result.units) if u.efficiency_class is EfficiencyClass.BELOW_BASELINE)
        measure = replace(measure, units=tuple(below))
    months = None
    if due is None and kind in {LetterKind.RECTIFY, LetterKind.RETROFIT}:
        months = chance.choice((12, 18, 24))
        due = months_later(_DAY, months)
    if measure.chosen_by_person:
        measure = as_named(measure, Named(instrument=_CHOSEN, organ=case.office.name, clause=measure.basis[0]))
    units = [result.units[place].name or "" for place in measure.units]
    disposition = Disposition(measure.letter)
    made = inputs_from(
        result,
        case.book,
        case.office,
        measure,
        reasons="项目资料和现场核查记录相互印证，事实清楚，依法应予处置" if kind.harmful else None,
        instrument=measure.instrument,
        recipient=case.office.government if proposes(measure) else None,
        findings=findings_of(measure, verdict.confirmed),
        due=due,
        months=months,
        outer_limit=outer_limit(_SERVED if earlier else _DAY, case.book.deadline(_DAY)),
        earlier=earlier,
        effect=effect_of(disposition, (measure,), result.project.stage, units, due),
    )
    return replace(made, disposition=disposition.words)


def specimen(kind: LetterKind, seed: int) -> tuple[Letter, bytes]:
    """A specimen letter and its PDF."""
    letter = compose(specimen_inputs(kind, seed))
    return letter, printing.render(letter)
