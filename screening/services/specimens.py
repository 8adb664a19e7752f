"""Specimen letters of made-up data: screened, decided and composed by the same code as real ones, marked 样张."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from screening import printing, rulebook
from screening.domain.calendar import PartialDate, months_later
from screening.domain.classification import Finding, FindingId, Measure, Screening, screen
from screening.domain.deadlines import outer_limit
from screening.domain.errors import Refusal
from screening.domain.letters import Letter, LetterInputs, LetterKind, inputs_from, number_of, office_of
from screening.domain.registry import FIELDS, Industry, Project, Stage, Unit
from screening.domain.rules import RegionLevel, Rulebook
from screening.wording import compose

_WORDS: Final = ("晟泽", "瀚岳", "朔原", "青岭", "珺越", "堃元", "喆明", "北漠", "蓝旗", "恒垚")
_TRADES: Final = (
    ("电石", Industry.CHEMICAL, "化工", "吨电石", "号电石炉"),
    ("水泥熟料", Industry.BUILDING_MATERIALS, "建材", "吨水泥熟料", "号回转窑"),
    ("硅铁", Industry.STEEL, "冶金", "吨硅铁", "号矿热炉"),
    ("锰硅合金", Industry.STEEL, "合金", "吨锰硅合金", "号矿热炉"),
)
_UNTOLD: Final = frozenset({"eia_date", "eia_number", "approved_capacity", "approved_process", "approved_site"})
_APPROVALS: Final = frozenset({"review_date", "review_number", "review_level", "review_organ", "start_date"})
_DAY: Final = date(2026, 11, 20)
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
                design_sec=sec,
                actual_sec=sec if stage is Stage.EXISTING else None,
                sec_unit=rule.unit.value if rule.unit else None,
                year=2025 if stage is Stage.EXISTING else None,
            )
        )
    halted = kind in {LetterKind.HALT, LetterKind.RELEASE, LetterKind.ADVANCE_NOTICE, LetterKind.HEARING}
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
        actual_equivalent=Decimal(chance.randint(3000, 90000)) if stage is Stage.EXISTING else None,
        start_date=PartialDate(2025, 10, 8) if halted else None,
        review_date=PartialDate(2026, 2, 3) if halted else None,
        review_number="（样张）节能审字〔2026〕18号" if halted else None,
        national_plan=True,
        units=tuple(units),
        known=frozenset(f.key for f in FIELDS) - _UNTOLD - (frozenset() if halted else _APPROVALS),
    )


_PROPOSED = "提出意见，报请本级人民政府责令停业整顿或者关闭"


def _wanted(kind: LetterKind, result: Screening, chance: Random) -> Measure:
    """The measure that the letter carries out; letters that follow up another rest on that one's measure."""
    letter = {
        LetterKind.ADVANCE_NOTICE: LetterKind.HALT,
        LetterKind.HEARING: LetterKind.HALT,
        LetterKind.RELEASE: LetterKind.HALT,
    }.get(kind, kind)
    fit = [m for m in result.measures if m.letter == letter.value] or [
        m for m in result.measures if m.letter == LetterKind.RETROFIT.value
    ]
    fit = fit or list(result.measures)
    if not fit:
        raise Refusal(f"规则中没有发出{kind.words}的措施，不能生成样张。")
    return chance.choice(fit)


def specimen_inputs(kind: LetterKind, seed: int) -> LetterInputs:
    """The closed data of a specimen: the same for the same kind, seed and rules."""
    chance = Random(f"{kind.value}:{seed}")  # noqa: S311  # made-up data, no secret
    book = rulebook.load()
    project = _project(kind, chance, book)
    first = screen(project, book, as_of=_DAY)
    findings = first.findings
    if kind is LetterKind.REFER:
        findings = (Finding(FindingId.EXCESS_EMISSION, "entered", {}, _EMISSION, ()),)
    result = screen(project, book, as_of=_DAY, confirmed=findings)
    measure = _wanted(kind, result, chance)
    office = office_of(book, chance.choice(("150000", project.league)), contact="其其格", phone="0471-0000000")
    termed = kind in {LetterKind.RECTIFY, LetterKind.RETROFIT, LetterKind.REMINDER, LetterKind.NOT_ACCEPTED}
    months = chance.choice((12, 18, 24)) if termed else None
    due = months_later(_DAY, months) if months else None
    earlier = None
    if kind not in _CASES and kind not in {LetterKind.RETROFIT, LetterKind.REFER, LetterKind.DATA_REQUEST}:
        before = LetterKind(measure.letter)
        title = compose(
            inputs_from(result, book, office, measure, due=_DAY, outer_limit=outer_limit(_DAY), missing=())
        ).name
        earlier = f"《{title}》（{number_of(book, office, before, 2026, chance.randint(1, 80))}）"
    if kind is LetterKind.ELIMINATE:
        due = _DAY - timedelta(days=30)
    made = inputs_from(
        result,
        book,
        office,
        measure,
        kind=kind,
        reasons="上述事实有项目资料和现场核查记录证明，依法应予处置"
        if kind in {LetterKind.HALT, LetterKind.RETROFIT}
        else None,
        due=due,
        months=months,
        outer_limit=months_later(_DAY, 24) if kind is LetterKind.ELIMINATE else outer_limit(_DAY),
        number=number_of(book, office, kind, _DAY.year, chance.randint(1, 120)),
        signed_on=_DAY,
        signatory=_PERSON,
        earlier=earlier,
        instrument=_PROPOSED if kind is LetterKind.ELIMINATE else None,
        recipient=office.government if kind is LetterKind.ELIMINATE else None,
        items=("2025年度分品种能源消费量和计量台账", "主要产品产量统计报表", "单位产品能耗计算说明")
        if kind is LetterKind.DATA_REQUEST
        else (),
        reply_days=5 if kind in {LetterKind.ADVANCE_NOTICE, LetterKind.HEARING} else 10,
        missing=(),
        sample=True,
    )
    return _fitted(kind, made)


def _fitted(kind: LetterKind, made: LetterInputs) -> LetterInputs:
    """What no screening of a file can give: units that pass after their retrofit."""
    if kind is LetterKind.ACCEPTED:
        units = tuple(
            replace(u, sec=u.baseline, sec_kind="试运行计量值", class_id="BETWEEN", limit=None) if u.ordered else u
            for u in made.units
        )
        return replace(made, units=units)
    return made


def specimen(kind: LetterKind, seed: int) -> tuple[Letter, bytes]:
    """A specimen letter and its PDF."""
    letter = compose(specimen_inputs(kind, seed))
    return letter, printing.render(letter)
