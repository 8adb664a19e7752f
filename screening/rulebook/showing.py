"""What holds on a day, as plain data: levels with their limits beside them, and the dated single rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from screening.domain.errors import NotFound
from screening.domain.quantity import fold, plain
from screening.domain.rules import CatalogueEntry, GbLimit, Plausibility, Rule, Rulebook, Standard


def show(rulebook: Rulebook, product: str | None = None, *, as_of: date) -> dict[str, Any]:
    """The rules that hold on a day, of one product (name, synonym or id) or all: JSON data, figures as exact strings.

    `standards` are the levels in force, each with its `limits`; `limits` those that no level of the answer names;
    `outside` levels of other documents, shown only; `catalogue` the two-high rows; `dated` the single rules, where
    no product is named. NotFound where no rule names the product.
    """
    edition = rulebook.edition_on(as_of)
    standards = [s for s in edition.standards if _named(s, product)] if edition else []
    limits = [one for one in rulebook.limits if one.holds(as_of) and (product is None or _named(one, product))]
    outside = [s for s in rulebook.outside if s.holds(as_of) and _named(s, product)]
    catalogue = [c for c in rulebook.catalogue if c.holds(as_of) and _listed(c, product)]
    if product is not None and not (standards or limits or outside or catalogue):
        raise NotFound(_unknown(rulebook, product), field="product")
    beside = {s.id: [one for one in rulebook.limits_by_rule.get(s.id, ()) if one.holds(as_of)] for s in standards}
    taken = {one.ref for found in beside.values() for one in found}
    return {
        "as_of": as_of.isoformat(),
        "version": rulebook.version,
        "edition": None
        if edition is None
        else {
            "name": edition.name,
            "in_force_from": edition.in_force_from.isoformat(),
            "in_force_to": _day(edition.in_force_to),
            "source": edition.source.words,
        },
        "standards": [{**_standard(s), "limits": [_limit(one) for one in beside[s.id]]} for s in standards],
        "limits": [_limit(one) for one in limits if one.ref not in taken],
        "outside": [{**_standard(s), "table": s.edition} for s in outside],
        "catalogue": [_entry(c) for c in catalogue],
        "dated": [] if product is not None else _dated(rulebook, as_of),
    }


def counts(rulebook: Rulebook) -> dict[str, int]:
    """How many rows of each kind are on file."""
    found = {f"{e.name}年版能效水平": len(e.standards) for e in rulebook.editions}
    found["其中数值未见"] = sum(not s.known for e in rulebook.editions for s in e.standards)
    found |= {
        "其他文件的水平": len(rulebook.outside),
        "能耗限额": len(rulebook.limits),
        "能源品种": len(rulebook.carriers),
        "电力等价值": len(rulebook.electricity),
        "目录": len(rulebook.catalogue),
        "区划": len(rulebook.regions),
        "审查权限": len(rulebook.authorities),
        "处置判定": len(rulebook.dispositions),
        "措施": len(rulebook.measures),
        "期限": len(rulebook.deadlines),
        "参数": len(rulebook.parameters),
        "合理性范围": len(rulebook.plausibility),
        "电价": len(rulebook.tariffs),
        "条款": len(rulebook.clauses),
        "机关": len(rulebook.offices),
    }
    return found


def _named(rule: Standard | GbLimit, product: str | None) -> bool:
    if product is None:
        return True
    wanted = fold(product)
    return wanted == rule.id.casefold() or wanted in {fold(n) for n in (rule.product, *rule.product_synonyms)}


def _listed(entry: CatalogueEntry, product: str | None) -> bool:
    return product is None or fold(product) in {fold(n) for n in (*entry.products, *entry.synonyms)}


def _unknown(rulebook: Rulebook, product: str) -> str:
    wanted = fold(product)
    near = sorted({s.product for e in rulebook.editions for s in e.standards if _near(wanted, s)})
    told = f"相近的产品：{'、'.join(near)}。" if near else "不带产品名称的 rules show 列出全部产品。"
    return f"规则中没有产品“{product}”。请按规则的产品名称或者别名填写；{told}"


def _near(wanted: str, standard: Standard) -> bool:
    return any(wanted in n or n in wanted for n in map(fold, (standard.product, *standard.product_synonyms)))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _figure(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "ref": rule.ref,
        "evidence": rule.evidence.value,
        "source": rule.source.words,
        "in_force_from": _day(rule.in_force_from),
        "in_force_to": _day(rule.in_force_to),
        "known_until": _day(rule.known_until),
        "note": rule.note,
    }


def _standard(s: Standard) -> dict[str, Any]:
    return {
        **_rule(s),
        "product": s.product,
        "variant": s.variant,
        "synonyms": list(s.product_synonyms),
        "indicator": s.indicator,
        "unit": s.unit.value if s.unit else None,
        "benchmark": _figure(s.benchmark),
        "baseline": _figure(s.baseline),
        "gap": not s.known,
        "national_target": _day(s.national_target),
    }


def _limit(limit: GbLimit) -> dict[str, Any]:
    return {
        **_rule(limit),
        "standard": limit.standard,
        "product": limit.product,
        "variant": limit.variant,
        "indicator": limit.indicator,
        "unit": limit.unit.value,
        "level1": _figure(limit.level1),
        "level2": _figure(limit.level2),
        "level3": _figure(limit.level3),
    }


def _entry(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        **_rule(entry),
        "products": list(entry.products),
        "industry": entry.industry,
        "listed": entry.listed.value if entry.listed else None,
        "control": entry.control.value,
        "control_text": entry.control_text,
        "control_from": _day(entry.control_from),
        "control_evidence": entry.control_evidence.value if entry.control_evidence else None,
    }


def _range(row: Plausibility) -> str:
    """The figures of a range as people read them."""
    unit = "" if row.unit == "1" else f" {row.unit}"
    parts = [f"{words}{plain(figure)}{unit}" for words, figure in (("不低于", row.low), ("不高于", row.high)) if figure]
    parts += [f"按{plain(row.typical)}{unit}"] if row.typical else []
    parts += [f"倍数{'、'.join(str(factor) for factor in row.factors)}"] if row.factors else []
    return "，".join(parts)


def _dated(rulebook: Rulebook, as_of: date) -> list[dict[str, Any]]:
    """The single rules of the day: name, what it says, and how well it is known."""
    found: list[tuple[str, Rule, str]] = []
    for electricity in rulebook.electricity:
        found.append(("电力等价值", electricity, f"{plain(electricity.coefficient)} kgce/kWh（{electricity.year}年）"))
    for authority in rulebook.authorities:
        split = "；".join(f"{plain(least)}吨标准煤以上：{level.value}" for _, least, level in authority.thresholds)
        barred = "、".join(level.value for level in authority.excluded)
        found.append(("节能审查权限", authority, (split or "分级未见") + (f"；不得由{barred}审查" if barred else "")))
    for deadline in rulebook.deadlines:
        found.append(("改造期限", deadline, f"最长{deadline.outer_limit_years}年（含退出）"))
    for p in rulebook.parameters:
        value = _day(p.day) if p.amount is None else f"{plain(p.amount)}{' ' + p.unit if p.unit else ''}"
        found.append((f"参数 {p.id}", p, value or ""))
    found.extend((f"合理性 {row.id}", row, _range(row)) for row in rulebook.plausibility)
    return [
        {**_rule(rule), "name": name, "says": says, "past": rule.known_until is not None and rule.known_until < as_of}
        for name, rule, says in found
        if rule.holds(as_of)
    ]
