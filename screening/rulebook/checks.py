"""What must hold between rows: periods that follow each other, unique names, references that lead somewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from typing import TypeVar

from screening.domain.classification import EfficiencyClass
from screening.domain.errors import Refusal
from screening.domain.numbering import KIND, MARK, read_pattern
from screening.domain.quantity import fold
from screening.domain.registry import Stage
from screening.domain.rules import DispositionRow, RegionLevel, Rule, Rulebook, Standard
from screening.rulebook.rows import Names

R = TypeVar("R", bound=Rule)
Say = Callable[[str], None]


def check(book: Rulebook, names: Mapping[str, Names], say: Say) -> None:
    """Tells every contradiction between the rows of a rulebook."""
    _refs(book, say)
    _editions(book, say)
    _names(book, names, say)
    _limits(book, say)
    _carriers(book, say)
    _periods("electricity", book.electricity, say)
    _periods("authority", book.authorities, say)
    for name in dict.fromkeys(p.id for p in book.parameters):
        _periods(f"parameter（{name}）", [p for p in book.parameters if p.id == name], say)
    for name in dict.fromkeys(p.id for p in book.plausibility):
        _periods(f"plausibility（{name}）", [p for p in book.plausibility if p.id == name], say)
    _regions(book, say)
    _measures(book, say)
    _decisions(book.dispositions, say)
    _offices(book, say)


def _refs(book: Rulebook, say: Say) -> None:
    seen: set[str] = set()
    for rule in book.every_rule():
        if rule.id and rule.ref in seen:
            say(f"编号“{rule.ref}”重复，请改用不同的编号或者删去一行。")
        seen.add(rule.ref)


def _follows(said: str, first: date | None, last: date | None, then: date | None, say: Say) -> None:
    """Two periods in a row must neither overlap nor leave days between them."""
    if last is None or then is None or then <= last:
        say(f"{said}的施行期间重叠：前一期间{_period(first, last)}，后一期间自{then or '始'}起。")
    elif then != last + timedelta(days=1):
        say(f"{said}的施行期间有空档：前一期间止于{last}，后一期间自{then}起。")


def _period(first: date | None, last: date | None) -> str:
    return f"{first or '始'}至{last or '今'}"


def _periods(said: str, rows: Sequence[R], say: Say) -> None:
    ordered = sorted(rows, key=lambda r: r.in_force_from or date.min)
    for one, then in pairwise(ordered):
        _follows(f"{said}：{one.id}与{then.id}", one.in_force_from, one.in_force_to, then.in_force_from, say)


def _editions(book: Rulebook, say: Say) -> None:
    ordered = sorted(book.editions, key=lambda e: e.in_force_from)
    for one, then in pairwise(ordered):
        if one.name == then.name:
            say(f"版本“{one.name}”重复，一个版本只写在一个文件中。")
        _follows(
            f"能效水平{one.name}年版与{then.name}年版", one.in_force_from, one.in_force_to, then.in_force_from, say
        )
    called: dict[str, Standard] = {}
    for edition in ordered:
        pairs: dict[tuple[str, str], str] = {}
        for s in edition.standards:
            pair = (fold(s.product), fold(s.variant or ""))
            if pair in pairs:
                say(f"{edition.name}年版的产品“{s.product}”规格“{s.variant or '（无）'}”重复：{pairs[pair]}与{s.id}。")
            pairs[pair] = s.id
            other = called.setdefault(s.id, s)
            if (other.product, other.variant) != (s.product, s.variant):
                say(
                    f"编号“{s.id}”在{other.edition}年版指“{other.product}{other.variant or ''}”，"
                    f"在{s.edition}年版指“{s.product}{s.variant or ''}”，同一编号在各版本中应指同一产品和规格。"
                )
        _bands(edition.standards, say)


def _bands(standards: Sequence[Standard], say: Say) -> None:
    banded: dict[str, list[Standard]] = {}
    for s in standards:
        if s.capacity:
            banded.setdefault(fold(s.product), []).append(s)
    for rows in banded.values():
        for i, one in enumerate(rows):
            for other in rows[i + 1 :]:
                a, b = one.capacity, other.capacity
                if a is None or b is None:
                    continue
                if a.unit != b.unit:
                    say(f"{one.ref}与{other.ref}的能力分档单位不同：{a.unit}与{b.unit}。")
                    continue
                edges = [e for e in (a.low, a.high, b.low, b.high) if e is not None]
                between = [(x + y) / 2 for x, y in pairwise(sorted(edges))]
                tried = [*edges, *between, min(edges) - 1, max(edges) + 1]
                if any(a.holds(e) and b.holds(e) for e in tried):
                    say(f"{one.ref}与{other.ref}的能力分档重叠。")


def _names(book: Rulebook, names: Mapping[str, Names], say: Say) -> None:
    standards = [*(s for e in book.editions for s in e.standards), *book.outside]
    pairs = [*((s.product, s.variant) for s in standards), *((one.product, one.variant) for one in book.limits)]
    variants: dict[str, set[str]] = {}
    for name, variant in pairs:
        found = variants.setdefault(name, set())
        if variant:
            found.add(variant)
    catalogued = {p for entry in book.catalogue for p in (*entry.products, *entry.synonyms)}
    for name, entry in names.items():
        if name not in variants and name not in catalogued:
            say(f"product“{name}”：没有任何规则使用这一产品名称，请改正或者删去。")
        for variant in entry.variants:
            if variant not in variants.get(name, set()):
                say(f"product“{name}”的规格“{variant}”：没有任何规则使用，请改正或者删去。")
    _unique("产品名称", ((p, (p, *(names[p].synonyms if p in names else ()))) for p in {*variants, *names}), say)
    for name, found in variants.items():
        known = names[name].variants if name in names else {}
        _unique(f"产品“{name}”的规格名称", ((v, (v, *known.get(v, ()))) for v in found), say)
    owners: dict[tuple[str, tuple[str, ...]], str] = {}
    for listed in book.catalogue:
        spelled: set[str] = set()
        for name in (*listed.products, *listed.synonyms):
            spelled.update(variants.get(name, set()))
            if name in names:
                spelled.update(v for group in names[name].variants.values() for v in group)
        for unknown in sorted(set(listed.variants) - spelled):
            say(f"{listed.ref} 的“variants”含有“{unknown}”，其产品没有这一规格。")
        for product_name in listed.products:
            other = owners.setdefault((fold(product_name), listed.variants), listed.id)
            if other != listed.id:
                say(f"目录产品“{product_name}”重复：{other}与{listed.id}。")


def _unique(said: str, groups: Iterable[tuple[str, tuple[str, ...]]], say: Say) -> None:
    """No spelling, once folded, may stand twice: neither for two owners nor twice for one."""
    owners: dict[str, str] = {}
    for owner, spellings in sorted(groups):
        for spelling in spellings:
            folded = fold(spelling)
            if folded in owners:
                other = owners[folded]
                between = f"“{other}”与“{owner}”之间" if other != owner else f"“{owner}”之内"
                say(f"{said}或者别名“{spelling}”在{between}重复（全半角、括号、空格和大小写不作区别）。")
            owners.setdefault(folded, owner)


def _limits(book: Rulebook, say: Say) -> None:
    standards = {s.id: s for e in book.editions for s in e.standards}
    seen: dict[tuple[str, str, str, str], str] = {}
    for limit in book.limits:
        for wanted in limit.applies_to:
            standard = standards.get(wanted)
            if standard is None:
                say(f"{limit.ref} 的“applies_to”含有“{wanted}”，没有这一能效水平编号。")
            elif standard.unit is not None and standard.unit is not limit.unit:
                say(f"{limit.ref} 的单位{limit.unit}与所对应的“{wanted}”的单位{standard.unit}不同，不能比较。")
        key = (limit.standard, fold(limit.product), fold(limit.variant or ""), limit.indicator)
        if key in seen:
            say(f"限额标准{limit.standard}的“{limit.product}{limit.variant or ''}”重复：{seen[key]}与{limit.id}。")
        seen[key] = limit.id


def _carriers(book: Rulebook, say: Say) -> None:
    _unique("能源品种名称", ((c.name, (c.name, *c.synonyms)) for c in book.carriers), say)


def _regions(book: Rulebook, say: Say) -> None:
    known = {r.id: r for r in book.regions}
    above = {RegionLevel.LEAGUE: RegionLevel.REGION, RegionLevel.BANNER: RegionLevel.LEAGUE}
    above[RegionLevel.ZONE] = RegionLevel.LEAGUE
    for region in book.regions:
        if region.level is RegionLevel.REGION:
            if region.parent:
                say(f"{region.ref}：自治区没有上级，请删去“parent”。")
            continue
        parent = known.get(region.parent or "")
        if parent is None:
            say(f"{region.ref} 的“parent”写作“{region.parent or ''}”，没有这一区划。")
        elif parent.level is not above[region.level]:
            say(f"{region.ref} 的上级“{parent.name}”级别不符。")
    count = sum(r.level is RegionLevel.REGION for r in book.regions)
    if count != 1:
        say(f"区划中自治区一级有{count}个，应为1个。")
    siblings: dict[tuple[str | None, str], str] = {}
    for region in book.regions:
        key = (region.parent, fold(region.name))
        if key in siblings:
            say(f"区划名称“{region.name}”重复：{siblings[key]}与{region.id}。")
        siblings[key] = region.id


def _measures(book: Rulebook, say: Say) -> None:
    clauses = {c.id for c in book.clauses}
    steps = {s.name for s in book.steps}
    for row in book.measures:
        for name in row.basis:
            if name not in clauses:
                say(f"{row.ref} 的“basis”含有“{name}”，没有这一条款编号。")
        for name in row.needs:
            if name not in steps:
                say(f"{row.ref} 的“needs”含有“{name}”，没有这一步骤。")
        if row.harmful and not row.needs:
            say(f"{row.ref}：不利措施应写明签发前应在卷的材料（needs）。")
        if row.letter not in book.kind_words:
            say(f"{row.ref} 的“letter”{row.letter}没有文号用字（kind_words）。")


def _decisions(rows: Sequence[DispositionRow], say: Say) -> None:
    """Every case must be decided by some row."""
    open_ended = [r for r in rows if r.in_force_to is None]
    for stage, efficiency, findings, overdue in product(
        Stage, EfficiencyClass, ("none", "only_emission", "other"), (False, True)
    ):
        if not any(
            (not r.stages or stage.value in r.stages)
            and (not r.classes or efficiency.value in r.classes)
            and r.findings in ("any", findings)
            and (overdue or not r.overdue)
            for r in open_ended
        ):
            say(
                f"处置判定表没有覆盖：{stage.words}、{efficiency.words}、"
                f"{ {'none': '无确认情形', 'only_emission': '仅超标排放', 'other': '有其他确认情形'}[findings] }。"
            )


def _offices(book: Rulebook, say: Say) -> None:
    known = {r.id: r for r in book.regions}
    offices = {o.code for o in book.offices}
    for office in book.offices:
        if office.code not in known:
            say(f"{office.ref}：没有代码为“{office.code}”的区划。")
    for region in book.regions:
        if region.level in (RegionLevel.REGION, RegionLevel.LEAGUE) and region.id not in offices:
            say(f"office：缺少{region.name}（{region.id}）的机关。")
    _unique("机关代字", ((o.code, (o.mark,)) for o in book.offices), say)
    _unique("文号用字", ((kind, (word,)) for kind, word in book.kind_words.items()), say)
    try:
        pattern = read_pattern(book.number_pattern)
    except Refusal as wrong:
        say(f"number_pattern：{wrong.message}")
    else:
        if MARK not in pattern.text or KIND not in pattern.text:
            say(f"number_pattern 写作“{pattern.text}”，应含有{MARK}和{KIND}，各机关、各文种的文号才不相同。")
