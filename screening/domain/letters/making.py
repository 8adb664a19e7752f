"""From a screening and a decision to the closed data of a letter."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any, Final

from screening.domain.calendar import chinese, months_later
from screening.domain.classification.results import (
    EfficiencyClass,
    Finding,
    GbVerdict,
    Measure,
    Screening,
    UnitVerdict,
)
from screening.domain.dispositions import CLASS_GROUNDS
from screening.domain.errors import NotFound
from screening.domain.grounds import stated
from screening.domain.letters.inputs import (
    LetterFinding,
    LetterInputs,
    LetterKind,
    LetterUnit,
    Office,
    Provision,
    Remedies,
)
from screening.domain.letters.letter import Letter
from screening.domain.numbering import read_pattern
from screening.domain.quantity import plain
from screening.domain.registry import Unit
from screening.domain.rules import Clause, Evidence, RegionLevel, Rulebook

_UNITS: Final = {
    "kgce/t": "千克标准煤/吨",
    "kgoe/t": "千克标准油/吨",
    "kgoe/(t·能量因数)": "千克标准油/（吨·能量因数）",
    "kWh/t": "千瓦时/吨",
    "kgce/重量箱": "千克标准煤/重量箱",
    "kgce/m²": "千克标准煤/平方米",
    "kgce/m³": "千克标准煤/立方米",
    "kgce/toe": "千克标准煤/吨标准油",
    "gce/(kW·h)": "克标准煤/千瓦时",
    "kgce/GJ": "千克标准煤/吉焦",
}


def unit_words(unit: str | None) -> str | None:
    """A measure unit as letters spell it; an unknown one stays as it is."""
    return _UNITS.get(unit, unit) if unit else None


_AUTONOMOUS: Final = re.compile("(?:达斡尔族|族)?自治旗$|联合旗$")


def office_of(rulebook: Rulebook, code: str, *, contact: str | None = None, phone: str | None = None) -> Office:
    """The commission of a division (region, league or banner) with its mark and the government that reviews it.

    The region's and the leagues' are in the rules; a banner's is derived from its name.
    """
    for row in rulebook.offices:
        if row.code == code:
            return Office(
                code=code, name=row.name, mark=row.mark, government=row.reviewing_government, court=row.court,
                contact=contact, phone=phone,
            )  # fmt: skip
    region = rulebook.regions_by_code.get(code)
    if region is None or region.level is not RegionLevel.BANNER:
        raise NotFound(f"没有代码为{code}的盟市或者旗县，无法确定发文机关。", field="office")
    short = _AUTONOMOUS.sub("", region.name)
    if short == region.name and len(short) > 2:
        short = short[:-1]
    return Office(
        code=code,
        name=f"{region.name}发展和改革委员会",
        mark=f"{short}发改",
        government=f"{region.name}人民政府",
        contact=contact,
        phone=phone,
    )


def number_of(rulebook: Rulebook, office: Office, kind: LetterKind, year: int, number: int) -> str:
    """The document number by the rules' own pattern, one series per office, kind and year: 内发改两高停〔2026〕7号."""
    pattern = read_pattern(rulebook.number_pattern, field="number_pattern")
    return pattern.series(office.mark, rulebook.kind_words[kind.value], year).number(number)


def place_of(rulebook: Rulebook, league: str, banner: str, park: str | None) -> str:
    """鄂尔多斯市达拉特旗XX园区."""
    names = [r.name for code in (league, banner) if (r := rulebook.regions_by_code.get(code))]
    return "".join(names) + (park or "")


def provisions(rulebook: Rulebook, measure: Measure, day: date) -> tuple[Provision, ...]:
    """The clauses of a measure with what they say; what one clause says in several places stands together.

    One that is not in force on `day` says so in its `fault`, and stops the letter.
    """
    said: dict[str, list[Clause]] = {words: [] for words in measure.basis}
    for basis in measure.rests_on:
        row = rulebook.rules_by_ref.get(basis.ref)
        if isinstance(row, Clause) and row.source.words in said:
            said[row.source.words].append(row)
    return tuple(
        Provision(
            clause=words,
            text="".join(row.text for row in rows) or None,
            fault=next((fault for row in rows if (fault := _not_in_force(row, day))), None),
        )
        for words, rows in said.items()
    )


CITED: Final = {
    LetterKind.PROCEED: ("plan_4_3_new",),
    LetterKind.KEEP: ("plan_4_3_ledger",),
    LetterKind.UPGRADE: ("plan_4_3_between",),
    LetterKind.RECTIFY: ("plan_4_5_tariff",),
    LetterKind.RETROFIT: ("plan_4_3_exit", "plan_4_5_tariff"),
    LetterKind.REMINDER: (
        "energy_law_72",
        "enforcement_law_53",
        "enforcement_law_54",
        "plan_4_3_exit",
        "plan_4_5_tariff",
    ),
}
"""Kind -> the clauses (ids in rules/clauses.toml) that its template cites beside the basis."""
_REVIEW_CLAUSES: Final = ("review_law_20", "review_law_2017_9")
_SUIT_CLAUSES: Final = ("litigation_law_46",)


def _not_in_force(clause: Clause, day: date) -> str | None:
    """Why a clause cannot be cited on that day; one without a first day counts from its publication."""
    first = clause.in_force_from or clause.source.published
    if first and day < first:
        return f"自{chinese(first)}起施行，文书日期为{chinese(day)}"
    if clause.in_force_to and clause.in_force_to < day:
        return f"{chinese(clause.in_force_to)}以后不再施行，文书日期为{chinese(day)}"
    return None


def cited_by(rulebook: Rulebook, kind: LetterKind, day: date) -> tuple[Provision, ...]:
    """The clauses that the words of a kind of letter cite, as the rules have them on that day."""
    rows = (next((c for c in rulebook.clauses if c.id == name), None) for name in CITED.get(kind, ()))
    return tuple(
        Provision(clause=row.source.words, text=row.text, rule=row.id, fault=_not_in_force(row, day))
        for row in rows
        if row is not None
    )


def _contesting(rulebook: Rulebook, day: date) -> tuple[Clause | None, Clause | None]:
    """The clauses on review and suit that are in force on that day."""

    def found(names: Collection[str]) -> Clause | None:
        return next((c for c in rulebook.clauses if c.id in names and _not_in_force(c, day) is None), None)

    return found(_REVIEW_CLAUSES), found(_SUIT_CLAUSES)


def remedies_of(rulebook: Rulebook, office: Office, day: date) -> Remedies | None:
    """Where and until when a decision of that office can be contested, by the law of that day; None if not known."""
    review, suit = _contesting(rulebook, day)
    days, months = rulebook.parameter("review_days", day), rulebook.parameter("litigation_months", day)
    if not (review and suit and days and days.amount and months and months.amount):
        return None
    return Remedies(
        government=office.government,
        review_days=int(days.amount),
        review_clause=review.source.words,
        suit_months=int(months.amount),
        suit_clause=suit.source.words,
    )


def what_is_missing(measure: Measure) -> tuple[str, ...]:
    """Why a harmful letter on this measure must stay a draft (law page §7); empty where nothing keeps it."""
    if not measure.harmful:
        return ()
    return tuple(
        dict.fromkeys(
            f"{b.words}：{b.evidence.words}，须由规则员对照官方文本核对，并由另一人复核确认。"
            for b in measure.rests_on
            if b.evidence is not Evidence.OFFICIAL
        )
    )


def _limit_words(verdict: GbVerdict, unit: str | None) -> str | None:
    if verdict.reached is None:
        return None
    words = unit_words(verdict.unit) or unit or ""
    if verdict.reached == 0 and verdict.level3 is not None:
        return f"对照{verdict.standard}，高于3级（限定值）{plain(verdict.level3)}{words}，未达到强制性能耗限额标准"
    return f"对照{verdict.standard}，达到{verdict.reached}级" if verdict.reached else None


def _sec_kind(verdict: UnitVerdict, year: int | None) -> str | None:
    if verdict.sec is None:
        return None
    if verdict.sec_kind == "actual":
        return f"{year}年度实际值" if year else "实际值"
    return "设计值"


_ISO_DAY: Final = re.compile(r"(?<!\d)(\d{4})-(\d{2})(?:-(\d{2}))?(?![\d-])")


def confirmed_words(finding: Finding) -> str:
    """A confirmed finding as a letter states it: no longer a suspicion, days in Chinese."""
    if finding.details:
        return finding.text  # a person told it, and no figure of his is taken for a day

    def chinese_day(found: re.Match[str]) -> str:
        year, month, day = found.groups()
        return f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")

    return _ISO_DAY.sub(chinese_day, stated(finding.text))


def letter_units(
    result: Screening, rulebook: Rulebook, ordered: Collection[int], *, capacities: bool = False
) -> tuple[LetterUnit, ...]:
    """The units of a screening as a letter prints them; `ordered` are the positions that the order names."""
    found = []
    for position, verdict in enumerate(result.units):
        unit = result.project.units[position] if position < len(result.project.units) else None
        edition = rulebook.edition_named(verdict.edition) if verdict.edition else None
        rule = rulebook.rules_by_ref.get(verdict.ref) if verdict.ref else None
        limits = [s for g in verdict.limits if (s := _limit_words(g, verdict.unit))]
        source = rule.source if rule else edition.source if edition else None
        found.append(
            LetterUnit(
                name=verdict.name,
                product=verdict.product,
                variant=verdict.variant,
                sec=None if verdict.sec is None else plain(verdict.sec),
                sec_kind=_sec_kind(verdict, unit.year if unit else None),
                unit=unit_words(verdict.unit),
                benchmark=None if verdict.benchmark is None else plain(verdict.benchmark),
                baseline=None if verdict.baseline is None else plain(verdict.baseline),
                class_id=verdict.efficiency_class.value,
                class_words=verdict.efficiency_class.words,
                document=source.words if source and verdict.benchmark is not None else None,
                evidence=verdict.evidence.words
                if verdict.evidence and verdict.evidence is not Evidence.OFFICIAL
                else None,
                limit=limits[0] if limits else None,
                ordered=position in ordered,
                capacity=_capacity(unit) if unit and capacities else None,
            )
        )
    return tuple(found)


def _capacity(unit: Unit) -> str | None:
    """What a unit can make, as built where that is known: 10万吨/年."""
    amount = unit.built_capacity or unit.design_capacity
    return f"{plain(amount)}{unit.capacity_unit or ''}" if amount else None


def _energy(result: Screening) -> str | None:
    """The project's equivalent energy use in tce a year, to a hundredth."""
    found = result.energy.equivalent_tce
    return None if found is None else plain(round(found, 2))


def _copied_to(rulebook: Rulebook, office: Office, result: Screening, *, proposal: bool) -> tuple[str, ...]:
    """The lower offices concerned; nobody where the letter goes up: that is not copied downwards (公文处理工作条例)."""
    if proposal:
        return ()
    codes = [c for c in (result.project.league, result.project.banner) if c in rulebook.regions_by_code]
    if office.code in codes:
        codes = codes[codes.index(office.code) + 1 :]
    return tuple(office_of(rulebook, code).name for code in codes)


def organ_referred_to(office: Office, result: Screening, measure: Measure) -> str:
    """The organ that a matter is referred to, by name where it follows from the office or the file."""
    if "生态环境" in measure.organ:
        place = office.name.removesuffix("发展和改革委员会")
        return f"{place}生态环境厅" if place.endswith("自治区") else f"{place}生态环境局"
    return result.project.review_organ or measure.organ


_SHORT_OF: Final = {
    LetterKind.RETROFIT: {EfficiencyClass.BELOW_BASELINE},
    LetterKind.ELIMINATE: {EfficiencyClass.BELOW_BASELINE},
    LetterKind.UPGRADE: {EfficiencyClass.BETWEEN},
    LetterKind.RECTIFY: {EfficiencyClass.BETWEEN, EfficiencyClass.BELOW_BASELINE},
    LetterKind.HALT: {EfficiencyClass.BETWEEN, EfficiencyClass.BELOW_BASELINE},
}


def _months(kind: LetterKind, signed: date, due: date | None) -> int | None:
    """The whole months from signing that reach the due day: the printed period never ends before that day does."""
    if due is None or due <= signed or kind not in {LetterKind.RETROFIT, LetterKind.RECTIFY, LetterKind.HALT}:
        return None
    return next(n for n in count(1) if months_later(signed, n) >= due)


def inputs_from(
    result: Screening,
    rulebook: Rulebook,
    office: Office,
    measure: Measure,
    *,
    kind: LetterKind | None = None,
    reasons: str | None = None,
    findings: Collection[Finding] | None = None,
    due: date | None = None,
    months: int | None = None,
    outer_limit: date | None = None,
    exit_months: int | None = None,
    number: str | None = None,
    signed_on: date | None = None,
    signatory: str | None = None,
    clause: str | None = None,
    instrument: str | None = None,
    copies_to: Collection[str] | None = None,
    recipient: str | None = None,
    earlier: str | None = None,
    items: Collection[str] = (),
    reply_days: int | None = None,
    missing: Collection[str] | None = None,
    effect: str | None = None,
    sample: bool = False,
) -> LetterInputs:
    """The closed data of the letter that carries `measure` out.

    `kind` is the measure's letter unless given; `findings` the confirmed ones (those of the screening unless given);
    `missing` what `what_is_missing(measure)` says unless given; `clause` one more clause that a person named;
    `instrument` the words that a person chose where the rules leave the instrument to a person; copies go to the
    lower offices concerned unless given, of a proposal to the government to nobody. Pure; refuses nothing:
    `compose` does.
    """
    kind = kind or LetterKind(measure.letter)
    project = result.project
    named = set(measure.units) or {
        position
        for position, verdict in enumerate(result.units)
        if verdict.efficiency_class in _SHORT_OF.get(kind, set())
    }
    targets = [v.national_target for p, v in enumerate(result.units) if v.national_target and p in named]
    counted = result.findings if findings is None else findings
    proposal = kind is LetterKind.ELIMINATE and recipient is not None
    return LetterInputs(
        kind=kind,
        office=office,
        number=number,
        enterprise=project.enterprise,
        credit_code=project.credit_code,
        project=project.name,
        project_code=project.code,
        place=place_of(rulebook, project.league, project.banner, project.park),
        industry=project.industry.words,
        stage=project.stage.value,
        as_of=result.as_of,
        edition=result.edition,
        rules_version=result.rules_version,
        units=letter_units(result, rulebook, named, capacities=proposal),
        findings=tuple(LetterFinding(id=f.id.value, words=f.id.words, text=confirmed_words(f)) for f in counted),
        disposition=result.disposition.words,
        ground=measure.ground,
        instrument=instrument or ("" if measure.chosen_by_person else measure.instrument),
        organ=measure.organ,
        harmful=measure.harmful,
        basis=provisions(rulebook, measure, result.as_of) + ((Provision(clause=clause),) if clause else ()),
        reasons=reasons,
        due=due,
        months=months or _months(kind, result.as_of, due),
        outer_limit=outer_limit,
        exit_months=exit_months,
        first_listed=project.first_listed.first if project.first_listed and project.first_listed.exact else None,
        national_target=min(targets) if targets else None,
        # A proposal to somebody else decides nothing yet, and there is nothing to contest.
        remedies=remedies_of(rulebook, office, result.as_of)
        if (measure.harmful or kind.harmful) and recipient is None
        else None,
        signed_on=signed_on,
        signatory=signatory,
        copies_to=_copied_to(rulebook, office, result, proposal=proposal) if copies_to is None else tuple(copies_to),
        recipient=recipient or (organ_referred_to(office, result, measure) if kind is LetterKind.REFER else None),
        earlier=earlier,
        items=tuple(items),
        reply_days=reply_days,
        missing=what_is_missing(measure) if missing is None else tuple(missing),
        sample=sample,
        by_person=measure.chosen_by_person and instrument is not None,
        effect=effect,
        cited=cited_by(rulebook, kind, result.as_of),
        energy_tce=_energy(result) if proposal else None,
    )


# --- letters that follow up another, or go before it ---------------------------------------------------------------


def earlier_of(letter: Letter) -> str:
    """A letter as another one names it: 《关于责令…的决定》（内发改两高改〔2026〕3号）."""
    return f"《{letter.name}》（{letter.number}）"


_UNSIGNED: Final[dict[str, Any]] = {
    "number": None, "signed_on": None, "signatory": None, "free": (), "countersigned": (), "attention": None,
    "remark": None, "effect": None, "copies_to": (), "remedies": None, "missing": (), "energy_tce": None,
}  # fmt: skip
"""What a letter that is made from another one does not take over."""


_FINE: Final = re.compile(r"，处[^，。；]*罚款")


def _announced(letter: LetterInputs) -> str:
    """The measure of a letter as its notice tells it, with its term; a fine, whose amount is open, is not among it."""
    words = letter.instrument.rstrip("。；，")
    if not letter.by_person and _FINE.search(words):
        words = f"{_FINE.sub('', words)}（依法应当给予罚款的，另行告知）"
    if letter.kind is LetterKind.ELIMINATE:  # its due day is that of the retrofit, which has passed
        exit_by = letter.outer_limit if letter.recipient is None else None
        return words + (f"，于{chinese(exit_by)}前停止使用并完成退出" if exit_by else "")
    term = "改造" if letter.kind is LetterKind.RETROFIT else "整改"
    return words + (f"，{term}期限至{chinese(letter.due)}" if letter.due else "")


def notice_from(kind: LetterKind, letters: Sequence[LetterInputs], days: int) -> LetterInputs:
    """The notice (ADVANCE_NOTICE, HEARING) before a decision: the facts, the basis and every measure of its letters.

    `letters` are the harmful ones of the decision, at least one; `days` the working days for an answer.
    """
    first = letters[0]
    ordered = {place for each in letters for place, unit in enumerate(each.units) if unit.ordered}
    measures = [_announced(each) for each in letters]
    numbered = "；".join(f"（{'一二三四五六七八九十'[n]}）{words}" for n, words in enumerate(measures[:10]))
    return replace(
        first,
        **_UNSIGNED
        | {
            "missing": tuple(dict.fromkeys(text for each in letters for text in each.missing)),
            "attention": None if first.recipient else first.attention,
        },
        kind=kind,
        instrument=measures[0] if len(measures) == 1 else numbered,
        findings=tuple(dict.fromkeys(found for each in letters for found in each.findings)),
        basis=tuple(dict.fromkeys(clause for each in letters for clause in each.basis)),
        cited=(),
        units=tuple(replace(unit, ordered=place in ordered) for place, unit in enumerate(first.units)),
        ground=next((each.ground for each in letters if each.ground in CLASS_GROUNDS), first.ground),
        reply_days=days,
        recipient=None,
    )


def reminder_of(
    served: Letter, rulebook: Rulebook, *, as_of: date, due: date, outer_limit: date | None
) -> LetterInputs:
    """REMINDER: that the term of a served letter (RETROFIT, RECTIFY) nears its end, or the call to perform after it.

    `as_of` is the day on which it is written, `due` and `outer_limit` those of the running clock. Number, day and
    signatory are given on signing.
    """
    kind = LetterKind.REMINDER
    return replace(
        served.inputs,
        **_UNSIGNED,
        kind=kind,
        as_of=as_of,
        due=due,
        outer_limit=outer_limit,
        months=None,
        findings=(),
        reasons=None,
        earlier=earlier_of(served),
        disposition="限期改造" if served.inputs.kind is LetterKind.RETROFIT else "限期整改",
        cited=cited_by(rulebook, kind, as_of),
    )


def receipt_of(served: Letter) -> LetterInputs:
    """RECEIPT (送达回证) of a numbered letter, under its number and day, for the one that it is sent to."""
    inputs = served.inputs
    return replace(
        inputs,
        **_UNSIGNED | {"number": inputs.number, "signed_on": inputs.signed_on, "signatory": inputs.signatory},
        kind=LetterKind.RECEIPT,
        enterprise=inputs.recipient or inputs.enterprise,
        earlier=earlier_of(served),
    )


def request_of(
    result: Screening, rulebook: Rulebook, office: Office, *, items: Collection[str], reply_days: int | None
) -> LetterInputs:
    """DATA_REQUEST (补正): asks for what is missing before a project can be judged; orders nothing.

    `items` say what is wanted, one each; `reply_days` the working days for it, None for "soon".
    """
    asked = Measure(
        ref="", ground="", instrument="补充资料", organ=office.name, basis=(), letter=LetterKind.DATA_REQUEST.value,
        harmful=False, needs=(), chosen_by_person=False, evidence=Evidence.OFFICIAL, units=(), rests_on=(),
    )  # fmt: skip
    return inputs_from(
        result, rulebook, office, asked, findings=(), items=items, reply_days=reply_days, copies_to=(), missing=()
    )
