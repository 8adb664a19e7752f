"""How each kind of row is read: its keys, their kinds, and the domain object that it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypedDict

from screening.domain.classification import Disposition, EfficiencyClass, FindingId
from screening.domain.grounds import FOUNDED
from screening.domain.plausibility import NEEDS
from screening.domain.quantity import MeasureUnit, fold, read_unit
from screening.domain.registry import FILINGS, Industry, Stage
from screening.domain.rules import (
    SATURDAY,
    Authority,
    CapacityBand,
    Carrier,
    CarrierKind,
    CatalogueEntry,
    Clause,
    Control,
    DeadlineRule,
    DispositionRow,
    ElectricityEquivalent,
    ElectricityFigure,
    Evidence,
    GbLimit,
    MeasureRow,
    Office,
    Parameter,
    Plausibility,
    Region,
    RegionLevel,
    ReviewAuthority,
    Source,
    Standard,
    Step,
    Tariff,
    WorkYear,
)
from screening.rulebook.cells import Table

ID = re.compile(r"[a-z0-9]+(_{1,2}[a-z0-9]+)*", re.ASCII)
CODE = re.compile(r"15\d{4}", re.ASCII)
INDUSTRY_CODE = re.compile(r"\d{4}", re.ASCII)
PER = ("kg", "m3", "kWh", "MJ", "t")
CAPACITY_UNITS = ("t/d", "t", "MW")
FINDINGS = ("none", "only_emission", "other", "any")
GROUNDS = (
    *(f.value for f in FindingId),
    "energy_review_missing",
    "environmental_approval_missing",
    "project_approval_missing",
    "eliminated_equipment",
    "gb_level3",
    "key_user",
    "class_at",
    "class_between",
    "class_below",
)
LETTERS = (
    "PROCEED", "UPGRADE", "KEEP", "RECTIFY", "RETROFIT", "HALT", "RELEASE", "ADVANCE_NOTICE", "HEARING", "REMINDER",
    "ACCEPTED", "NOT_ACCEPTED", "ELIMINATE", "REFER", "RECEIPT", "DATA_REQUEST",
)  # fmt: skip
BASES = ("calorific_tce", "tce")
"""当量值; or the order does not say which, and both must agree."""
RATIO_UNIT = "1"


@dataclass(slots=True)
class Names:
    """Synonyms of one product and of its variants, the same in all editions and for limits and catalogue."""

    product: str
    synonyms: tuple[str, ...]
    variants: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class Context:
    """What the rows of one file share: documents by id, names by product, the file's own source and edition."""

    documents: Mapping[str, Source]
    names: Mapping[str, Names]
    source: Source | None = None
    edition: str = ""
    in_force_from: date | None = None
    in_force_to: date | None = None
    places: dict[int, Table] = field(default_factory=dict)


class Head(TypedDict):
    """The keys that every rule has."""

    ref: str
    id: str
    source: Source
    evidence: Evidence
    in_force_from: date | None
    in_force_to: date | None
    known_until: date | None
    note: str | None


NOWHERE = Source(title="")


def read_source(table: Table, documents: Mapping[str, Source], default: Source | None) -> Source | None:
    """`source` as a document id or as a table; the file's own where the row has none; `clause` refines it."""
    found = default
    value = table.cells.get("source")
    if isinstance(value, dict):
        inner = table.table("source")
        assert inner is not None  # noqa: S101  # the cell is a table, as was just seen
        found = Source(
            title=inner.text("title"),
            number=inner.maybe_text("number"),
            published=inner.day("published"),
            clause=inner.maybe_text("clause"),
            seen=inner.maybe_text("seen"),
        )
        inner.done()
    elif value is not None:
        name = table.text("source")
        if name in documents:
            found = documents[name]
        elif name:
            table.say("source", f"写作“{name}”，没有这一文件，请在 [[document]] 中登记或者改正。")
            found = NOWHERE
    clause = table.maybe_text("clause")
    if found is None:
        return None
    if clause:
        return Source(found.title, found.number, found.published, clause, found.seen)
    return found


def head(table: Table, context: Context, group: str, *, dated_ref: bool = False) -> Head:
    """What every row has; a missing source or evidence is a problem."""
    name = table.text("id")
    if name and not ID.fullmatch(name):
        table.say("id", f"写作“{name}”，应为小写英文、数字和下划线（产品与规格之间用两个下划线）。")
    source = read_source(table, context.documents, context.source)
    if source is None:
        table.say("source", "缺失，应写明来源文件（文件名称、文号、日期、条款）。")
    first, last = table.day("in_force_from"), table.day("in_force_to")
    if first is None:
        first = context.in_force_from
    if last is None:
        last = context.in_force_to
    if first and last and first > last:
        table.say("in_force_to", f"为{last}，早于施行日期{first}。")
    ref = f"{group}/{name}"
    if dated_ref and first:
        ref = f"{ref}/{first}"
    return Head(
        ref=ref,
        id=name,
        source=source or NOWHERE,
        evidence=table.choice("evidence", Evidence) or Evidence.UNVERIFIED,
        in_force_from=first,
        in_force_to=last,
        known_until=table.day("known_until"),
        note=table.maybe_text("note"),
    )


def read_measure_unit(table: Table, *, required: bool) -> MeasureUnit | None:
    """A measure unit in any accepted spelling whose factor is 1."""
    text = table.maybe_text("unit", required=required)
    if text is None:
        return None
    if text == RATIO_UNIT:
        return MeasureUnit.RATIO
    read = read_unit(text)
    if read is None or read[1] != 1:
        table.say("unit", f"写作“{text}”，应为{'、'.join(u.value for u in MeasureUnit)}之一。")
        return None
    return read[0]


def _capacity(table: Table) -> CapacityBand | None:
    inner = table.table("capacity")
    if inner is None:
        return None
    band = CapacityBand(
        unit=inner.word("unit", CAPACITY_UNITS),
        low=inner.number("low"),
        low_included=inner.flag("low_included", default=False),
        high=inner.number("high"),
        high_included=inner.flag("high_included", default=False),
    )
    if band.low is None and band.high is None:
        inner.say(None, "没有上下限，应填写 low 或 high。")
    if band.low is not None and band.high is not None and band.low > band.high:
        inner.say("low", f"为{band.low}，大于上限{band.high}。")
    inner.done()
    return band


def _names(context: Context, product: str, variant: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = context.names.get(product)
    if names is None:
        return (), ()
    return names.synonyms, names.variants.get(variant, ()) if variant else ()


def _industry_code(table: Table, *, required: bool) -> str | None:
    code = table.maybe_text("code", required=required)
    if code and not INDUSTRY_CODE.fullmatch(code):
        table.say("code", f"写作“{code}”，应为四位国民经济行业代码。")
    return code


def read_names(table: Table) -> Names:
    """`[[product]]`: the synonyms of a product and of its variants."""
    variants = {}
    for inner in table.tables("variants"):
        variants[inner.text("name")] = inner.texts("synonyms", required=True)
        inner.done()
    return Names(table.text("name"), table.texts("synonyms"), variants)


def read_standard(table: Table, context: Context, group: str, edition: str) -> Standard:
    """`[[standard]]` of an edition, or `[[outside]]` of another document."""
    common = head(table, context, group)
    product, variant = table.text("product"), table.maybe_text("variant")
    benchmark, baseline = table.number("benchmark"), table.number("baseline")
    if (benchmark is None) is not (baseline is None) and {"benchmark", "baseline"} - table.cells.keys():
        table.say(
            "baseline" if baseline is None else "benchmark", "缺失，标杆水平和基准水平应同时填写，均未见的同时删去。"
        )
    if benchmark is not None and baseline is not None and baseline < benchmark:
        table.say("baseline", f"为{baseline}，小于标杆水平{benchmark}；能耗越低越好，基准水平不得小于标杆水平。")
    product_synonyms, variant_synonyms = _names(context, product, variant)
    return Standard(
        **common,
        edition=edition,
        industry_code=_industry_code(table, required=False),
        field_name=table.text("field"),
        product=product,
        variant=variant,
        product_synonyms=product_synonyms,
        variant_synonyms=variant_synonyms,
        indicator=table.text("indicator"),
        unit=read_measure_unit(table, required=benchmark is not None or baseline is not None),
        benchmark=benchmark,
        baseline=baseline,
        national_target=table.day("national_target"),
        reference_standard=table.maybe_text("reference_standard"),
        capacity=_capacity(table),
    )


def read_limit(table: Table, context: Context) -> GbLimit:
    """`[[limit]]`: the three levels of a mandatory limit standard."""
    common = head(table, context, "limits")
    product, variant = table.text("product"), table.maybe_text("variant")
    product_synonyms, variant_synonyms = _names(context, product, variant)
    levels = tuple(table.number(k) for k in ("level1", "level2", "level3"))
    if all(level is None for level in levels) and not {"level1", "level2", "level3"} & table.cells.keys():
        table.say("level3", "缺失，三个等级至少应填写一个。")
    return GbLimit(
        **common,
        standard=table.text("standard"),
        product=product,
        variant=variant,
        product_synonyms=product_synonyms,
        variant_synonyms=variant_synonyms,
        indicator=table.text("indicator"),
        unit=read_measure_unit(table, required=True) or MeasureUnit.RATIO,
        level1=levels[0],
        level2=levels[1],
        level3=levels[2],
        applies_to=table.texts("applies_to"),
        capacity=_capacity(table),
    )


def read_carrier(table: Table, context: Context) -> Carrier:
    """`[[carrier]]`: an energy carrier and its coefficient."""
    common = head(table, context, "carriers")
    coefficient, lowest, highest = table.number("coefficient"), table.number("lowest"), table.number("highest")
    for key, figure in (("coefficient", coefficient), ("lowest", lowest), ("highest", highest)):
        if figure is not None and figure <= 0:
            table.say(key, f"为{figure}，折标系数应大于零。")
    if (lowest is None) is not (highest is None) and {"lowest", "highest"} - table.cells.keys():
        table.say("highest" if highest is None else "lowest", "缺失，区间的下限和上限应同时填写。")
    if lowest is not None and highest is not None and lowest > highest:
        table.say("highest", f"为{highest}，小于下限{lowest}。")
    return Carrier(
        **common,
        name=table.text("name"),
        synonyms=table.texts("synonyms"),
        kind=table.choice("kind", CarrierKind) or CarrierKind.FUEL,
        per=table.word("per", PER),
        coefficient=coefficient,
        lowest=lowest,
        highest=highest,
        lhv=table.number("lhv"),
    )


def read_electricity(table: Table, context: Context) -> ElectricityEquivalent:
    """`[[electricity]]`: the 等价值 of electricity in a period."""
    common = head(table, context, "electricity", dated_ref=True)
    found = ElectricityEquivalent(
        **common,
        coefficient=table.needed_number("coefficient"),
        year=table.whole("year", required=True) or 0,
        lowest_seen=table.needed_number("lowest_seen"),
        highest_seen=table.needed_number("highest_seen"),
    )
    if not found.lowest_seen <= found.coefficient <= found.highest_seen:
        table.say("coefficient", f"为{found.coefficient}，不在{found.lowest_seen}至{found.highest_seen}之间。")
    return found


def read_electricity_seen(table: Table, context: Context) -> ElectricityFigure:
    """`[[electricity_seen]]`: a figure that somebody uses as 等价值."""
    common = head(table, context, "electricity_seen")
    return ElectricityFigure(
        **common, name=table.text("name"), coefficient=table.number("coefficient"), year=table.whole("year")
    )


def read_catalogue(table: Table, context: Context) -> CatalogueEntry:
    """`[[catalogue]]`: a product of the two-high catalogue with its controls."""
    common = head(table, context, "catalogue")
    industry = table.choice("industry", Industry, required=False)
    products = table.texts("products", required=True)
    synonyms = list(table.texts("synonyms"))
    for product in (*products, *synonyms):
        names = context.names.get(product)
        synonyms.extend(names.synonyms if names else ())
    variants = list(table.texts("variants"))
    for variant in tuple(variants):
        variants.extend(v for p in (*products, *synonyms) for v in _names(context, p, variant)[1])
    control = table.choice("control", Control) or Control.UNKNOWN
    text = table.maybe_text("control_text")
    if text is None and control in (Control.FORBIDDEN, Control.NATIONAL_PLAN, Control.STRICT, Control.DRAFT):
        table.say("control_text", "缺失，有管控的应写明管控要求。")
    known = {fold(p) for p in products}
    return CatalogueEntry(
        **common,
        industry_code=_industry_code(table, required=True) or "",
        industry=industry.value if industry else None,
        products=products,
        synonyms=tuple(s for s in dict.fromkeys(synonyms) if fold(s) not in known),
        variants=tuple(dict.fromkeys(variants)),
        listed=table.choice("listed", Evidence, required=False),
        control=control,
        control_text=text,
        control_evidence=table.choice("control_evidence", Evidence, required=False),
        control_from=table.day("control_from"),
        existing_text=table.maybe_text("existing_text"),
        replacement_text=table.maybe_text("replacement_text"),
        equipment_text=table.maybe_text("equipment_text"),
        cap_text=table.maybe_text("cap_text"),
    )


def read_region(table: Table, context: Context) -> Region:
    """`[[region]]`: a division of the region; its id is its six-digit code."""
    common = head(table, context, "regions")
    if common["id"] and not CODE.fullmatch(common["id"]):
        table.say("id", f"写作“{common['id']}”，应为15开头的六位代码。")
    return Region(
        **common,
        name=table.text("name"),
        level=table.choice("level", RegionLevel) or RegionLevel.BANNER,
        parent=table.maybe_text("parent"),
        intensity_target=table.number("intensity_target"),
        intensity_incentive=table.number("intensity_incentive"),
        key_air=table.maybe_text("key_air"),
        layout=table.maybe_text("layout"),
        is_prefecture=table.flag("is_prefecture", default=False),
    )


def read_authority(table: Table, context: Context) -> ReviewAuthority:
    """`[[authority]]`: who may review in a period."""
    common = head(table, context, "authority")
    thresholds: list[tuple[str, Decimal, Authority]] = []
    for inner in table.tables("thresholds"):
        basis = inner.word("basis", BASES)
        least, level = inner.needed_number("tce"), inner.choice("level", Authority)
        inner.done()
        if level:
            thresholds.append((basis, least, level))
    if [t[1] for t in thresholds] != sorted((t[1] for t in thresholds), reverse=True):
        table.say("thresholds", "没有从大到小排列。")
    excluded = table.words("excluded", tuple(a.value for a in Authority))
    return ReviewAuthority(
        **common,
        thresholds=tuple(thresholds),
        excluded=tuple(Authority(e) for e in excluded if e in {a.value for a in Authority}),
        exempt_tce=table.number("exempt_tce"),
        exempt_gwh=table.number("exempt_gwh"),
    )


def read_disposition(table: Table, context: Context) -> DispositionRow:
    """`[[disposition]]`: a row of the decision table; rows keep the order of the file."""
    common = head(table, context, "dispositions")
    return DispositionRow(
        **common,
        stages=table.words("stages", tuple(s.value for s in Stage)),
        classes=table.words("classes", tuple(c.value for c in EfficiencyClass)),
        findings=table.word("findings", FINDINGS),
        overdue=table.flag("overdue", default=False),
        disposition=table.word("disposition", tuple(d.value for d in Disposition)),
        text=table.text("text"),
    )


def read_measure(table: Table, context: Context) -> MeasureRow:
    """`[[measure]]`: a row of the table of measures."""
    common = head(table, context, "measures")
    return MeasureRow(
        **common,
        disposition=table.word("disposition", tuple(d.value for d in Disposition)),
        grounds=table.words("grounds", GROUNDS),
        stages=table.words("stages", tuple(s.value for s in Stage)),
        instrument=table.text("instrument"),
        organ=table.text("organ"),
        basis=table.texts("basis", required=True),
        letter=table.word("letter", LETTERS),
        harmful=table.flag("harmful"),
        needs=table.texts("needs"),
        chosen_by_person=table.flag("chosen_by_person", default=False),
        filings=table.words("filings", FILINGS),
    )


def read_step(table: Table, context: Context) -> Step:
    """`[[step]]`: what must be on file before a harmful letter is signed."""
    common = head(table, context, "steps")
    return Step(**common, name=table.text("name"), text=table.text("text"))


def read_deadline(table: Table, context: Context) -> DeadlineRule:
    """`[[deadline]]`: the retrofit clock."""
    common = head(table, context, "deadlines")
    return DeadlineRule(
        **common,
        outer_limit_years=table.whole("outer_limit_years", required=True) or 0,
        national_months_ahead=table.whole("national_months_ahead", required=True) or 0,
        exit_months=table.whole("exit_months", required=True) or 0,
        reminders_days=table.wholes("reminders_days"),
    )


def read_parameter(table: Table, context: Context) -> Parameter:
    """`[[parameter]]`: one figure or one day."""
    common = head(table, context, "parameters", dated_ref=True)
    amount, day = table.number("amount"), table.day("day")
    if "amount" not in table.cells and "day" not in table.cells:
        table.say("amount", "缺失，应填写 amount（数值）或 day（日期）。")
    if amount is not None and day is not None:
        table.say("day", "与 amount 同时填写，只应填写其一。")
    return Parameter(**common, amount=amount, day=day, unit=table.maybe_text("unit"))


def read_workyear(table: Table, context: Context) -> WorkYear:
    """`[[workyear]]`: what the holidays of a year make of its working days."""
    common = head(table, context, "workdays")
    year = table.whole("year", required=True) or 0
    off, worked = table.days("off"), table.days("worked")
    for key, days, on_weekend in (("off", off, False), ("worked", worked, True)):
        for day in days:
            if day.year != year:
                table.say(key, f"含{day}，不在{year}年。")
            elif (day.weekday() >= SATURDAY) is not on_weekend:
                table.say(key, f"含{day}，应为{'周六或者周日' if on_weekend else '周一至周五'}。")
    return WorkYear(**common, year=year, off=off, worked=worked)


def read_plausibility(table: Table, context: Context) -> Plausibility:
    """`[[plausibility]]`: a range of the program's own; its id must be one that the program tests, with its figures."""
    common = head(table, context, "plausibility", dated_ref=True)
    low, high, typical = table.number("low"), table.number("high"), table.number("typical")
    factors = table.wholes("factors") if "factors" in table.cells else ()
    given = {k for k in ("low", "high", "typical", "factors") if k in table.cells}
    needed = NEEDS.get(common["id"])
    if needed is None and common["id"]:
        table.say("id", f"写作“{common['id']}”，应为{'、'.join(NEEDS)}之一。")
    for key in sorted(needed - given) if needed else ():
        table.say(key, "缺失，应填写数值。")
    for key in sorted(given - needed) if needed else ():
        table.say(key, "不应填写，该项检查不用这一数值。")
    if low is not None and high is not None and low >= high:
        table.say("high", f"为{high}，不大于下限{low}。")
    for key, figure in (("low", low), ("high", high), ("typical", typical)):
        if figure is not None and figure <= 0:
            table.say(key, f"为{figure}，应大于零。")
    if any(factor <= 1 for factor in factors):
        table.say("factors", f"写作{list(factors)}，应为大于1的整数。")
    if common["evidence"] is Evidence.OFFICIAL:
        table.say("evidence", "写作“official”，合理性范围是本程序的约定，不是官方文本，应为 unverified 或 secondary。")
    return Plausibility(
        **common, low=low, high=high, typical=typical, factors=factors, unit=table.text("unit"), text=table.text("text")
    )


def read_tariff(table: Table, context: Context) -> Tariff:
    """`[[tariff]]`: a surcharge; without `surcharge` the amount was not found."""
    common = head(table, context, "tariffs")
    return Tariff(
        **common,
        scope=table.text("scope"),
        industries=table.texts("industries", required=True),
        class_name=table.maybe_text("class"),
        metric=table.maybe_text("metric"),
        metric_unit=table.maybe_text("metric_unit"),
        above=table.number("above"),
        up_to=table.number("up_to"),
        step=table.number("step"),
        surcharge=table.number("surcharge"),
        surcharge_unit=table.maybe_text("surcharge_unit"),
    )


def read_clause(table: Table, context: Context) -> Clause:
    """`[[clause]]`: a provision that letters and reasons cite."""
    common = head(table, context, "clauses")
    return Clause(**common, text=table.text("text"), founds=table.words("founds", FOUNDED))


def read_office(table: Table, context: Context) -> Office:
    """`[[office]]`: a commission; its id is the code of its division."""
    common = head(table, context, "offices")
    return Office(
        **common,
        code=common["id"],
        name=table.text("name"),
        mark=table.text("mark"),
        reviewing_government=table.text("reviewing_government"),
        court=table.text("court"),
    )
