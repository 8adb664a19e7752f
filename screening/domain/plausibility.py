"""What looks wrong without breaking a rule: figures out of all proportion, each with its range and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import pairwise

from screening.domain.quantity import MeasureUnit, fold, plain, read_unit
from screening.domain.registry import Project, Unit
from screening.domain.rules import Plausibility, Standard

NEEDS: dict[str, set[str]] = {
    "sec_against_levels": {"low", "high"},
    "total_against_capacity": {"low", "high"},
    "total_against_output": {"low", "high"},
    "equivalent_against_calorific": {"low", "high"},
    "electricity_against_total": {"high"},
    "totals_apart": {"low", "high"},
    "capacities_apart": {"low", "high"},
    "capacity_utilisation": {"low", "high"},
    "sec_year_on_year": {"low", "high"},
    "output_year_on_year": {"low", "high"},
    "total_year_on_year": {"low", "high"},
    "identical_over_years": {"high"},
    "unit_mixup": {"factors"},
    "full_load_hours": {"typical"},
    "oil_equivalent": {"typical"},
}
"""The rows that the tests below know -> the figures that each of them has. A row that is absent is not tested."""
PREFIX = "plausibility_"
"""What the ids of these warnings begin with among the hints of a screening."""
EXPECTED = "expected_"
"""What the names of facts begin with that say what was expected; they are no facts of the project."""
IDLE = ("停建", "停产", "已退出")

_EXACT = Context(prec=400, Emin=-999999, Emax=999999)
_SHOWN = Context(prec=6, rounding=ROUND_HALF_UP)
_times = _EXACT.multiply
_ONE = Decimal(1)
_NOTHING = Decimal(0)
_HUNDREDTH = Decimal("0.01")
_DAYS = Decimal(365)

_MANY = {
    "": "1",
    "千": "1000",
    "万": "10000",
    "十万": "100000",
    "百万": "1000000",
    "千万": "10000000",
    "亿": "100000000",
}
_BASES = {
    "t": ("吨", "t"),
    "m2": ("平方米", "m2", "m²", "㎡"),
    "m3": ("立方米", "m3", "m³", "标准立方米", "nm3"),
    "case": ("重量箱", "重箱"),
    "kW": ("千瓦", "kw"),
    "kWh": ("千瓦时", "kwh", "度"),
}
_TIMES = {"": "y", "/年": "y", "/a": "y", "每年": "y", "/日": "d", "/天": "d", "/d": "d", "每日": "d", "每天": "d"}


def _capacity_units() -> dict[str, tuple[str, Decimal, str]]:
    found = {
        fold(f"{many}{name}{time}"): (base, Decimal(factor), kind)
        for base, names in _BASES.items()
        for name in names
        for many, factor in _MANY.items()
        for time, kind in _TIMES.items()
    }
    found |= {fold("兆瓦"): ("kW", Decimal(1000), "y"), fold("MW"): ("kW", Decimal(1000), "y")}
    found |= {fold("日吨"): ("t", _ONE, "d"), fold("kt/a"): ("t", Decimal(1000), "y")}
    return found


CAPACITY_UNITS = _capacity_units()
"""Folded spelling -> (base, exact factor to it, `y` a year or `d` a day)."""

_ENERGY_OF = {
    MeasureUnit.KGCE_PER_T: "t",
    MeasureUnit.KGOE_PER_T: "t",
    MeasureUnit.KWH_PER_T: "t",
    MeasureUnit.KGCE_PER_CASE: "case",
    MeasureUnit.KGCE_PER_M2: "m2",
    MeasureUnit.KGCE_PER_M3: "m3",
    MeasureUnit.GCE_PER_KWH: "kWh",
}
"""Measure unit of a SEC -> the base of the product it is stated for."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A figure that is not believed: `facts` are the project's own figures, and `expected_…` the range, as text."""

    id: str
    text: str
    facts: Mapping[str, str]

    @property
    def stated(self) -> dict[str, str]:
        """The facts that an explanation speaks of: it lapses when one of them changes."""
        return stated(self.facts)


def stated(facts: Mapping[str, str]) -> dict[str, str]:
    """The figures of the project among the facts of a warning."""
    return {name: value for name, value in facts.items() if not name.startswith(EXPECTED)}


_Bounds = tuple[Decimal, Decimal]
MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be compared of a unit: None where it cannot."""

    factor: Decimal | None
    """From the typed SEC to the unit of the rule, where it is not one."""
    band: _Bounds | None
    """The SEC that is believed, in the unit of the rule."""
    days: Decimal | None
    """Output a year in the capacity's own unit for one unit of capacity."""
    design: Decimal | None
    """How many tce one unit of capacity takes at a SEC of one as typed."""
    actual: Decimal | None
    """The same for one unit of output."""


class Yardsticks:
    """The ranges in force on one day, with what is worked out from them once.

    `kwh` and `thermal` are the 等价值 and 当量值 of electricity in kgce/kWh, `case_kg` the mass of a weight case;
    None where they are not on file (what needs them is then not tested).
    """

    def __init__(
        self,
        rows: Iterable[Plausibility],
        *,
        as_of: date,
        kwh: Decimal | None = None,
        thermal: Decimal | None = None,
        case_kg: Decimal | None = None,
    ) -> None:
        self.rows = {row.id: row for row in rows if row.holds(as_of)}
        self.kwh, self.case_kg = kwh, case_kg
        self.thermal = thermal
        mixup = self.rows.get("unit_mixup")
        self.factors = tuple(Decimal(factor) for factor in mixup.factors) if mixup else ()
        self._bounds = {
            name: (row.low, row.high) for name, row in self.rows.items() if row.low is not None and row.high is not None
        }
        self._plans: dict[tuple[str | None, str | None, str | None], Plan] = {}
        self.apart, self.use = self.bounds("capacities_apart"), self.bounds("capacity_utilisation")

    def bounds(self, name: str) -> _Bounds | None:
        """Low and high of a row that has both; None where it is not in force."""
        return self._bounds.get(name)

    def typical(self, name: str) -> Decimal | None:
        """The typical figure of a row."""
        row = self.rows.get(name)
        return row.typical if row else None

    def plan(self, capacity_unit: str | None, sec_unit: str | None, standard: Standard | None) -> Plan:
        """What can be compared of a unit whose figures are stated in these measure units; kept."""
        key = (capacity_unit, sec_unit, standard.ref if standard else None)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= MOST_KEPT:
                self._plans.clear()
            found = self._plans[key] = self._planned(capacity_unit, sec_unit, standard)
        return found

    def _planned(self, capacity_unit: str | None, sec_unit: str | None, standard: Standard | None) -> Plan:
        read = None if sec_unit is None else read_unit(sec_unit)
        same = read is not None and standard is not None and read[0] is standard.unit
        capacity = None if capacity_unit is None else CAPACITY_UNITS.get(fold(capacity_unit))
        estimated = read is not None and capacity_unit is not None and (same or standard is None or not standard.unit)
        return Plan(
            factor=read[1] if read and read[1] != 1 else None,
            band=self._band(standard) if same and standard else None,
            # A capacity of so much a day comes with an output in whole units: 800 吨/日 make 292000 吨.
            days=None if capacity is None or capacity[0] == "kW" else (_DAYS if capacity[2] == "d" else _ONE),
            design=self._estimate(capacity_unit or "", sec_unit or "", of_output=False) if estimated else None,
            actual=self._estimate(capacity_unit or "", sec_unit or "", of_output=True) if estimated else None,
        )

    def _band(self, standard: Standard) -> _Bounds | None:
        row = self.bounds("sec_against_levels")
        if row is None or standard.benchmark is None or standard.baseline is None or standard.benchmark <= 0:
            return None
        return _times(standard.benchmark, row[0]), _times(standard.baseline, row[1])

    def _estimate(self, capacity_unit: str, sec_unit: str, *, of_output: bool) -> Decimal | None:
        capacity, read = CAPACITY_UNITS.get(fold(capacity_unit)), read_unit(sec_unit)
        if capacity is None or read is None:
            return None
        (base, amount, time), (measure, factor) = capacity, read
        wanted = _ENERGY_OF.get(measure)
        oil, hours = self.typical("oil_equivalent"), self.typical("full_load_hours")
        kgce = {
            MeasureUnit.KGOE_PER_T: oil,
            MeasureUnit.KWH_PER_T: self.kwh,
            MeasureUnit.GCE_PER_KWH: Decimal("0.001"),
        }.get(measure, _ONE)
        if wanted is None or kgce is None:
            return None
        found = _times(_times(amount, factor), _times(kgce, Decimal("0.001")))
        if base == "kW" and wanted == "kWh" and hours is not None and not of_output:
            return _times(found, hours)
        if base == "t" and wanted == "case" and self.case_kg:
            found = _EXACT.divide(_times(found, Decimal(1000)), self.case_kg)
        elif base != wanted:
            return None
        return _times(found, _DAYS) if time == "d" and not of_output else found


# --- a project by itself ----------------------------------------------------------------------------------------------


def doubts(project: Project, standards: Sequence[Standard | None], y: Yardsticks) -> list[Doubt]:
    """What looks wrong in a project by itself; `standards` says for each unit which levels it is compared with."""
    found: list[Doubt] = []
    count = len(project.units)
    use = None if project.operation in IDLE else y.use
    design: Decimal | None = _NOTHING
    actual: Decimal | None = _NOTHING
    for position, (unit, standard) in enumerate(zip(project.units, standards, strict=True)):
        plan = y.plan(unit.capacity_unit, unit.sec_unit, standard)
        planned, built, output = unit.design_capacity, unit.built_capacity, unit.output
        told = len(found)
        if plan.band is not None and standard is not None:
            low, high = plan.band
            for key, sec in (("design_sec", unit.design_sec), ("actual_sec", unit.actual_sec)):
                if sec is not None:
                    value = sec if plan.factor is None else _times(sec, plan.factor)
                    if not low <= value <= high:
                        found.append(_sec(unit, _title(unit, position, count), key, value, standard, plan.band, y))
        # Most are what they were planned as: equal figures need no multiplying.
        if built is not None and planned is not None and built != planned and _far(built, planned, y.apart):
            found.append(_capacities(unit, _title(unit, position, count), y))
        if output is not None and use is not None and plan.days is not None:
            full = built if built is not None else planned
            if full is not None and full > 0:
                full = full if plan.days is _ONE else _times(full, plan.days)
                if not _times(full, use[0]) <= output <= _times(full, use[1]):
                    found.append(_utilisation(unit, _title(unit, position, count), full, use, y))
        if len(found) > told:
            design = actual = None  # an estimate from a figure that is not believed would only repeat the warning
            continue
        if design is not None:
            sec = unit.design_sec if unit.design_sec is not None else unit.actual_sec
            design = _added(design, planned if planned is not None else built, sec, plan.design)
        if actual is not None:
            actual = _added(actual, output, unit.actual_sec, plan.actual)
    found.extend(_totals(project, design, actual, y))
    return found


def _far(one: Decimal, other: Decimal, apart: _Bounds | None) -> bool:
    """Whether an amount is out of all proportion to another; nothing is where one of them is not positive."""
    if apart is None or one <= 0 or other <= 0:
        return False
    return not _times(other, apart[0]) <= one <= _times(other, apart[1])


def _added(total: Decimal, amount: Decimal | None, sec: Decimal | None, each: Decimal | None) -> Decimal | None:
    """The estimate with one unit more; None once anything is missing, zero or negative."""
    if amount is None or sec is None or each is None or amount <= 0 or sec <= 0:
        return None
    found = _times(_times(amount, sec), each)
    return found if total is _NOTHING else _EXACT.add(total, found)


def _totals(project: Project, design: Decimal | None, actual: Decimal | None, y: Yardsticks) -> Iterator[Doubt]:
    equivalent, calorific = project.design_equivalent, project.design_calorific
    told: set[str] = set()
    for name, total, words, expected, how in (
        ("total_against_capacity", equivalent, "设计年综合能耗（等价值）", design, "设计产能×单位产品能耗"),
        (
            "total_against_output",
            project.actual_equivalent,
            "实际年综合能耗（等价值）",
            actual,
            "实际产量×实际单位产品能耗",
        ),
    ):
        bounds = y.bounds(name)
        if total is not None and expected is not None and bounds is not None:
            low, high = _times(expected, bounds[0]), _times(expected, bounds[1])
            if not low <= total <= high:
                said = (
                    f"{words}填报{plain(total)}吨标准煤，按{how}估算约{_about(expected)}吨标准煤，"
                    f"合理范围为其{plain(bounds[0])}至{plain(bounds[1])}倍"
                )
                told.add(name)
                yield _doubt(name, said, {"total_tce": plain(total)}, total, (low, high), "吨标准煤", y, also=expected)
    bounds = y.bounds("equivalent_against_calorific")
    if equivalent is not None and calorific is not None and bounds is not None and calorific > 0:
        low, high = _times(calorific, bounds[0]), _times(calorific, bounds[1])
        if not low <= equivalent <= high and not _sells_electricity(project):
            said = (
                f"设计年综合能耗等价值{plain(equivalent)}吨标准煤，"
                + ("小于" if equivalent < low else "远大于")
                + f"当量值{plain(calorific)}吨标准煤，等价值应为当量值的{plain(bounds[0])}至{plain(bounds[1])}倍"
            )
            facts = {"equivalent_tce": plain(equivalent), "calorific_tce": plain(calorific)}
            yield _doubt("equivalent_against_calorific", said, facts, equivalent, (low, high), "吨标准煤", y)
    # One wrong figure is told once: the totals below are compared with the design only while it is believed itself.
    if equivalent is not None and equivalent > 0 and "total_against_capacity" not in told:
        bounds = y.bounds("totals_apart")
        for key, total, words in (
            ("approved_tce", project.approved_equivalent, "批复"),
            ("actual_tce", project.actual_equivalent, "实际"),
        ):
            if total is None or bounds is None or total <= 0 or (words == "实际" and "total_against_output" in told):
                continue
            low, high = _times(equivalent, bounds[0]), _times(equivalent, bounds[1])
            if not low <= total <= high:
                said = (
                    f"{words}年综合能耗（等价值）{plain(total)}吨标准煤，"
                    f"与设计值{plain(equivalent)}吨标准煤相差{plain(bounds[1])}倍以上"
                )
                facts = {key: plain(total), "design_tce": plain(equivalent)}
                yield _doubt("totals_apart", said, facts, total, (low, high), "吨标准煤", y)
    if project.electricity is not None and not told:
        yield from _electricity(project, project.electricity, y)
    if project.uses:
        yield from _identical_uses(project, y)


def _electricity(project: Project, electricity: Decimal, y: Yardsticks) -> Iterator[Doubt]:
    row = y.rows.get("electricity_against_total")
    totals = [
        total
        for total in (project.design_equivalent, project.approved_equivalent, project.actual_equivalent)
        if total is not None
    ]
    if row is None or row.high is None or y.thermal is None or not totals or max(totals) <= 0:
        return
    most = _EXACT.divide(_times(max(totals), row.high), _times(y.thermal, Decimal(10)))  # 万kWh x kgce/kWh = 10 tce
    if electricity > most and not _sells_electricity(project):
        said = (
            f"年用电量{plain(electricity)}万千瓦时，仅按当量值{plain(y.thermal)} kgce/kWh折算就大于"
            f"年综合能耗{plain(max(totals))}吨标准煤"
        )
        facts = {"electricity": plain(electricity), "total_tce": plain(max(totals))}
        yield _doubt(
            "electricity_against_total", said, facts, electricity, (_NOTHING, most), "万千瓦时", y, fit=_HUNDREDTH
        )


def _sells_electricity(project: Project) -> bool:
    """Whether energy is sold on: then the totals are net, and a net total bears no proportion to its parts."""
    return any(use.sold for use in project.uses)


def _identical_uses(project: Project, y: Yardsticks) -> Iterator[Doubt]:
    """The sheet of carriers with two years of 实际 that are the same to the last digit."""
    if "identical_over_years" not in y.rows:
        return
    by_year: dict[int, set[tuple[str, bool, Decimal, str]]] = {}
    for use in project.uses:
        if use.basis == "实际" and use.year is not None:
            by_year.setdefault(use.year, set()).add((use.carrier, use.sold, use.amount, use.measure))
    years = sorted(by_year)
    for earlier, later in pairwise(years):
        if by_year[earlier] == by_year[later]:
            said = f"能源消费中{earlier}年与{later}年的实际消费量逐项相同"
            facts = {"years": f"{earlier}、{later}", "carriers": "、".join(sorted(u[0] for u in by_year[later]))}
            yield Doubt(f"{PREFIX}identical_over_years", _whole(said, "", "identical_over_years", y), facts)


# --- a project beside its earlier year --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure that a project states for two years; `row` is the range that their ratio is believed in."""

    row: str
    words: str
    key: str
    now: Decimal
    year: int
    then: Decimal
    earlier_year: int
    measured: str


def beside_earlier(project: Project, earlier: Project) -> tuple[Pair, ...]:
    """The figures that both years state in the same measure; units match by name, else place."""
    found: list[Pair] = []
    count = len(project.units)
    years: set[tuple[int, int]] = set()
    for position, unit in enumerate(project.units):
        before = _before(unit, position, earlier)
        if before is None or unit.year is None or before.year is None or before.year >= unit.year:
            continue
        years.add((before.year, unit.year))
        title = _title(unit, position, count)
        for row, key, words, of in (
            ("sec_year_on_year", "actual_sec", "实际单位产品能耗", "sec_unit"),
            ("output_year_on_year", "output", "实际产量", "capacity_unit"),
        ):
            now, then = getattr(unit, key), getattr(before, key)
            if now is None or then is None or _unit_of(unit, of) != _unit_of(before, of):
                continue
            measured = getattr(unit, of) or ""
            if key == "output":
                measured = measured.split("/")[0]
            found.append(Pair(row, f"{title}的{words}", key, now, unit.year, then, before.year, measured))
    now, then = project.actual_equivalent, earlier.actual_equivalent
    if years and now is not None and then is not None:
        words = "实际年综合能耗（等价值）"
        first, last = min(years)[0], max(years)[1]
        found.append(Pair("total_year_on_year", words, "actual_tce", now, last, then, first, "吨标准煤"))
    return tuple(found)


def against_earlier(project: Project, earlier: Project, y: Yardsticks) -> list[Doubt]:
    """What looks wrong beside the figures of an earlier year of the same project."""
    pairs = beside_earlier(project, earlier)
    found = [doubt for pair in pairs for doubt in _change(pair, y)]
    same = [f"{pair.words}{plain(pair.now)}" for pair in pairs if pair.now == pair.then]
    row = y.rows.get("identical_over_years")
    if row is not None and row.high is not None and len(same) > row.high:
        first, last = min(pair.earlier_year for pair in pairs), max(pair.year for pair in pairs)
        said = f"{first}年与{last}年的下列实际数据逐位相同：{'；'.join(same)}"
        facts = {"years": f"{first}、{last}", "figures": "；".join(same)}
        found.append(Doubt(f"{PREFIX}identical_over_years", _whole(said, "", row.id, y), facts))
    return found


def _before(unit: Unit, position: int, earlier: Project) -> Unit | None:
    if unit.unit_name is not None:
        named = [u for u in earlier.units if u.unit_name == unit.unit_name]
        if len(named) == 1:
            return named[0] if named[0].product == unit.product else None
    if position < len(earlier.units) and earlier.units[position].product == unit.product:
        return earlier.units[position]
    return None


def _unit_of(unit: Unit, key: str) -> str | None:
    text = getattr(unit, key)
    return None if text is None else fold(text)


def _change(pair: Pair, y: Yardsticks) -> Iterator[Doubt]:
    bounds = y.bounds(pair.row)
    if bounds is None or pair.now <= 0 or pair.then <= 0:
        return
    low, high = _times(pair.then, bounds[0]), _times(pair.then, bounds[1])
    if low <= pair.now <= high:
        return
    said = (
        f"{pair.words}{pair.year}年为{_with(pair.now, pair.measured)}，"
        f"{pair.earlier_year}年为{_with(pair.then, pair.measured)}，"
        f"是上一填报年度的{_share(pair.now, pair.then)}，合理范围为{_percent(bounds[0])}至{_percent(bounds[1])}"
    )
    facts = {"what": pair.words, pair.key: plain(pair.now), "year": str(pair.year)}
    facts |= {f"earlier_{pair.key}": plain(pair.then), "earlier_year": str(pair.earlier_year)}
    yield _doubt(pair.row, said, facts, pair.now, (low, high), pair.measured, y)


# --- the words --------------------------------------------------------------------------------------------------------


def _title(unit: Unit, position: int, count: int) -> str:
    if count == 1:
        return unit.unit_name or f"“{unit.product}”"
    return unit.unit_name or f"第{position + 1}套装置（{unit.product}）"


def _sec(unit: Unit, title: str, key: str, value: Decimal, standard: Standard, band: _Bounds, y: Yardsticks) -> Doubt:
    row = y.bounds("sec_against_levels")
    assert row is not None  # noqa: S101  # there is a band because there is a row
    assert standard.benchmark is not None  # noqa: S101  # and both levels
    assert standard.baseline is not None  # noqa: S101
    kind = "设计" if key == "design_sec" else "实际"
    typed = getattr(unit, key)
    own = _with(typed, unit.sec_unit or "")
    shown = own if typed == value else f"{own}（折合{plain(value)} {standard.unit}）"
    compared = (
        f"低于标杆水平{plain(standard.benchmark)}的{_percent(row[0])}"
        if value < band[0]
        else f"高于基准水平{plain(standard.baseline)}的{_percent(row[1])}"
    )
    said = (
        f"{title}的{kind}单位产品能耗{shown}，{compared}，合理范围为{plain(band[0])}至{plain(band[1])} {standard.unit}"
    )
    facts = {"unit": title, "product": unit.product, key: plain(typed), "sec_unit": unit.sec_unit or ""}
    return _doubt("sec_against_levels", said, facts, value, band, str(standard.unit), y)


def _capacities(unit: Unit, title: str, y: Yardsticks) -> Doubt:
    bounds = y.apart
    assert bounds is not None  # noqa: S101  # the capacities were compared by them
    design, built = unit.design_capacity or _ONE, unit.built_capacity or _ONE
    measured = unit.capacity_unit or ""
    said = (
        f"{title}的实际建成产能{_with(built, measured)}，"
        f"与设计产能{_with(design, measured)}相差{plain(bounds[1])}倍以上"
    )
    facts = {"unit": title, "design_capacity": plain(design), "built_capacity": plain(built), "capacity_unit": measured}
    return _doubt(
        "capacities_apart", said, facts, built, (_times(design, bounds[0]), _times(design, bounds[1])), measured, y
    )


def _utilisation(unit: Unit, title: str, full: Decimal, bounds: _Bounds, y: Yardsticks) -> Doubt:
    output = unit.output or _NOTHING
    capacity = unit.built_capacity if unit.built_capacity is not None else unit.design_capacity
    measured = unit.capacity_unit or ""
    year = f"{unit.year}年" if unit.year else ""
    said = (
        f"{title}{year}实际产量{_with(output, measured.split('/')[0])}，"
        f"为产能{_with(capacity or _NOTHING, measured)}的{_share(output, full)}，"
        f"合理的产能利用率为{_percent(bounds[0])}至{_percent(bounds[1])}"
    )
    facts = {"unit": title, "output": plain(output), "capacity": plain(capacity or _NOTHING), "capacity_unit": measured}
    band = (_times(full, bounds[0]), _times(full, bounds[1]))
    return _doubt("capacity_utilisation", said, facts, output, band, measured.split("/")[0], y)


def _doubt(
    name: str,
    said: str,
    facts: dict[str, str],
    value: Decimal,
    band: _Bounds,
    measured: str,
    y: Yardsticks,
    *,
    also: Decimal | None = None,
    fit: Decimal | None = None,
) -> Doubt:
    """The warning on a row: a mix-up of measure units where the figure fits once multiplied or divided.

    `fit` is the share of the upper bound that a fitting figure must reach where the range has no lower bound.
    """
    lowest = band[0] if fit is None else _times(band[1], fit)
    expected = {f"{EXPECTED}low": _about(band[0]), f"{EXPECTED}high": _about(band[1]), f"{EXPECTED}unit": measured}
    if also is not None:
        expected[f"{EXPECTED}about"] = _about(also)
    for factor in y.factors if value > 0 else ():
        for word, fitted in (("除以", _EXACT.divide(value, factor)), ("乘以", _times(value, factor))):
            if lowest <= fitted <= band[1]:
                guess = f"{word}{plain(factor)}后为{_with(fitted, measured)}，在合理范围之内，疑似计量单位混用"
                expected[f"{EXPECTED}figure"] = plain(fitted)
                text = _whole(said, guess, "unit_mixup", y)
                return Doubt(f"{PREFIX}unit_mixup", text, {"check": name, **facts, **expected})
    return Doubt(f"{PREFIX}{name}", _whole(said, "", name, y), {**facts, **expected})


def _whole(said: str, guess: str, name: str, y: Yardsticks) -> str:
    """The sentence with its guess, how to mend, and what to write otherwise."""
    told = f"{said}；{guess}" if guess else said
    mend = y.rows[name].text.rstrip("。")
    return f"{told}。{mend}；数据属实的，请说明原因。"


def _with(amount: Decimal, measured: str) -> str:
    """A figure with its measure unit; a Chinese one follows without a space."""
    return plain(amount) + (" " if measured[:1].isascii() else "") + measured


def _about(amount: Decimal) -> str:
    """Six figures of an amount, for reading."""
    return plain(_SHOWN.plus(amount))


def _percent(share: Decimal) -> str:
    return plain(_times(share, Decimal(100))) + "%"


def _share(part: Decimal, whole: Decimal) -> str:
    """A part of a whole for a sentence: 19.9%, from ten times on 12.3倍."""
    if part >= _times(whole, Decimal(10)):
        return f"{plain(Context(prec=4, rounding=ROUND_HALF_UP).divide(part, whole))}倍"
    shown = _SHOWN.multiply(_SHOWN.divide(part, whole), Decimal(100))
    return plain(shown.quantize(Decimal("0.1"), ROUND_HALF_UP, _EXACT)) + "%"
