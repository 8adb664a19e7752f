"""Finding the header of a sheet: title rows above, one to three header rows, merged groups, units inside headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from screening.domain.errors import Refusal
from screening.domain.quantity import fold, read_unit
from screening.domain.registry import FIELDS, Field, Kind

SEARCHED_ROWS = 40
SERIAL = {fold(w) for w in ("序号", "No.", "No")}
"""The sheet's own row counter: it changes whenever rows are sorted and is no fact of a project."""

ENERGY_FIELDS: tuple[Field, ...] = (
    Field("code", "项目代码", Kind.CODE),
    Field("name", "项目名称"),
    Field("enterprise", "建设单位"),
    Field("basis", "年度类型", Kind.CHOICE, required=True, choices=("设计", "实际")),
    Field("year", "年度", Kind.YEAR),
    Field("sold", "方向", Kind.CHOICE, choices=("消费", "外供")),
    Field("carrier", "能源品种", required=True),
    Field("amount", "数量", Kind.NUMBER, required=True),
    Field("measure", "单位", required=True),
    Field("heating_value", "低位发热量", Kind.NUMBER),
    Field("feedstock", "用作原料", Kind.YES_NO),
    Field("renewable", "可再生", Kind.YES_NO),
)

_ALIASES = {
    "旗县": ("旗县市区", "旗县区", "旗县/市/区", "旗(县市区)", "旗(县、市、区)", "旗县市、区"),
    "盟市": ("盟/市", "盟(市)"),
}


def _powers(table: dict[str, str]) -> dict[str, Decimal]:
    return {fold(words): Decimal(factor) for words, factor in table.items()}


_COAL = {
    "": ("tce", "吨标准煤", "吨标煤", "t标准煤", "t标煤", "吨ce"),
    "万": ("万tce", "万吨标准煤", "万吨标煤", "万t标准煤"),
}
MEASURES: dict[str, dict[str, Decimal]] = {
    "tce": _powers(
        dict.fromkeys(_COAL[""], "1")
        | dict.fromkeys(_COAL["万"], "10000")
        | dict.fromkeys(("kgce", "千克标准煤", "公斤标准煤", "千克标煤", "公斤标煤"), "0.001")
        | dict.fromkeys(("亿吨标准煤",), "100000000")
    ),
    "万千瓦时": _powers(
        dict.fromkeys(("万千瓦时", "万kWh", "万kW·h", "万度"), "1")
        | dict.fromkeys(("千瓦时", "kWh", "kW·h", "度"), "0.0001")
        | dict.fromkeys(("亿千瓦时", "亿kWh", "亿kW·h", "亿度"), "10000")
        | dict.fromkeys(("兆瓦时", "MWh"), "0.1")
        | dict.fromkeys(("GWh", "吉瓦时", "百万千瓦时"), "100")
    ),
    "万元": _powers({"万元": "1", "元": "0.0001", "亿元": "10000", "千元": "0.1", "百万元": "100", "人民币万元": "1"}),
}
_CAPACITY = re.compile(r"(亿|百万|万|千|k|m)?(.+?)((?:/|每)(?:年|a|y|日|天|d|h|小时))?")
_SCALES = {"亿": "100000000", "百万": "1000000", "万": "10000", "千": "1000", "": "1"}
_BASES = {
    **dict.fromkeys(("吨", "t"), "吨"),
    **dict.fromkeys(("瓦", "w"), "瓦"),
    **dict.fromkeys(("立方米", "m3", "标准立方米", "nm3", "方"), "立方米"),
    **dict.fromkeys(("平方米", "m2", "㎡"), "平方米"),
    **dict.fromkeys(("重量箱", "重箱"), "重量箱"),
    **dict.fromkeys(("千瓦时", "kwh", "度"), "千瓦时"),
    **dict.fromkeys(("件", "条", "块", "台", "套", "炉", "孔"), ""),
}
_TIMES = {"年": "年", "a": "年", "y": "年", "日": "日", "天": "日", "d": "日", "h": "时", "小时": "时"}
_HEATING = {
    **dict.fromkeys(("kj/kg", "kj/m3", "kj/nm3", "千焦/千克", "千焦/立方米"), "1"),
    **dict.fromkeys(("mj/kg", "mj/m3", "mj/nm3", "兆焦/千克", "兆焦/立方米", "gj/t", "吉焦/吨"), "1000"),
}
_IGNORED = {
    fold(w) for w in ("必填", "选填", "可选", "非必填", "单位", "数字", "数值", "填数字", "公历", "如有", "没有则不填")
}
_YEARS = re.compile(r"(?:19|20)\d\d年?度?")
_NUMBERED = re.compile(r"^\(?\d{1,2}\)?[.、,，．)）](?!\d)")
_BRACKETS = str.maketrans("（）［］【】〔〕", "()()()()")
_SEPARATORS = re.compile(r"[,，;；:：、]")
_UNIT_WORD = re.compile(r"^(?:计量)?单位(?:是|为)?")
_TITLE_UNIT = re.compile(r"(?:^|[\s(（])(?:计量|金额)?单位[:：]\s*([^\s)）]+)")


@dataclass(frozen=True, slots=True)
class Label:
    """A header taken apart: `base` folded; `parts` what stands in its brackets, as written and folded."""

    base: str
    parts: tuple[tuple[str, str], ...]


def capacity_unit(text: str) -> tuple[str, str | None, Decimal] | None:
    """(base, time, factor) of a unit of capacity: 万吨/年 -> (吨, 年, 10000); None where it is not understood."""
    folded = fold(text).removesuffix("标准")
    found = _CAPACITY.fullmatch(folded)
    if not found:
        return None
    scale, base, time = found[1] or "", found[2], (found[3] or "").lstrip("/每") or None
    if folded.startswith(("千瓦时", "kwh")):
        scale, base = "", "千瓦时"
    factors = _SCALES | {"k": "1000", "m": "1000000"}
    whole = _BASES.get(base)
    if scale in {"k", "m"} and whole != "瓦":
        whole, scale = _BASES.get(scale + base), ""
    if base.startswith("千") and whole is None:
        whole, scale = _BASES.get(base[1:]), "千万" if scale == "万" else scale
        factors |= {"千万": "10000000"}
    return (whole, _TIMES.get(time) if time else None, Decimal(factors[scale])) if whole else None


@lru_cache(maxsize=4096)
def take_apart(text: str) -> Label:
    """The label of a header cell: spaces, line breaks, bracket width, a trailing * and numbering ignored."""
    flat = re.sub(r"[\s\u200b\ufeff*＊]+", "", text).translate(_BRACKETS)
    flat = _NUMBERED.sub("", flat)
    base, parts, depth, start = "", [], 0, 0
    for at, sign in enumerate(flat):
        if sign == "(":
            depth += 1
            if depth == 1:
                start = at + 1
        elif sign == ")" and depth:
            depth -= 1
            if depth == 0:
                parts.append(flat[start:at])
        elif depth == 0:
            base += sign
    if depth:
        parts.append(flat[start:])
    pieces = [_UNIT_WORD.sub("", p) for part in parts for p in _SEPARATORS.split(part)]
    return Label(fold(base), tuple((p, fold(p)) for p in pieces if p))


@dataclass(frozen=True, slots=True)
class Bound:
    """A column of the sheet bound to a field. `factor` multiplies its figures; `unit` is a unit from the header."""

    field: Field
    column: int
    row: int
    header: str
    factor: Decimal = Decimal(1)
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a header or title cell that its readers should know."""

    row: int
    column: int
    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header that was found: rows are offsets into the sheet's used area."""

    bound: tuple[Bound, ...]
    unknown: tuple[tuple[int, str], ...]
    last_row: int
    notes: tuple[Note, ...]


class _Index:
    """The fields by the base of their header."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = fields
        self.by_base: dict[str, list[tuple[frozenset[str], Field]]] = {}
        for f in fields:
            for header in (f.header, *_ALIASES.get(f.header, ())):
                label = take_apart(header)
                self.by_base.setdefault(label.base, []).append((frozenset(p for _, p in label.parts), f))

    def find(self, label: Label) -> tuple[Field, tuple[tuple[str, str], ...]] | None:
        """The field that a label names, and the parts that are left over (units, remarks)."""
        parts = {_basis(p) for _, p in label.parts}
        fits = [(needed, f) for needed, f in self.by_base.get(label.base, ()) if needed <= parts]
        if fits:
            needed, f = max(fits, key=lambda fit: len(fit[0]))
            return f, tuple(p for p in label.parts if _basis(p[1]) not in needed)
        for sign in "/,:;-":
            base, _, tail = label.base.partition(sign)
            if tail and base in self.by_base and is_unit(tail):
                return self.find(Label(base, (*label.parts, (tail, tail))))
        return None


def _basis(part: str) -> str:
    return {"等价": "等价值", "当量": "当量值", "按等价值": "等价值", "按当量值": "当量值"}.get(part, part)


_BASES_OF_TOTALS = frozenset({"等价值", "当量值"})


def is_unit(folded: str) -> bool:
    """Whether the text is a measure unit that some header may carry."""
    known = any(folded in table for table in MEASURES.values())
    return known or read_unit(folded) is not None or capacity_unit(folded) is not None


LEDGER = _Index(FIELDS)
ENERGY = _Index(ENERGY_FIELDS)
_CAPACITY_KEYS = frozenset({"design_capacity", "approved_capacity", "built_capacity", "output"})
SEC_KEYS = frozenset({"design_sec", "actual_sec"})


def letters(column: int) -> str:
    """The letters of a column, from 0: A, B … Z, AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def place_of(cell: str) -> tuple[int, int]:
    """Row and column from 0 of a cell such as B12."""
    column = 0
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for letter in cell[: len(cell) - len(row)]:
        column = column * 26 + ord(letter) - 64
    return int(row) - 1, column - 1


Grid = Sequence[Sequence[object]]
Merge = tuple[tuple[int, int], tuple[int, int]]


def _texts(rows: Grid, at: int) -> list[str]:
    return [v if isinstance(v, str) else "" for v in rows[at]]


def _filled(texts: list[str], at: int, merges: Sequence[Merge] | None) -> list[str]:
    """A header row with its merged groups spread over their columns; by blank neighbours where merges are not known."""
    spread = list(texts)
    if merges:
        for (top, left), (_, right) in merges:
            if top == at:
                for column in range(left + 1, min(right + 1, len(spread))):
                    spread[column] = spread[column] or texts[left]
        return spread
    last = ""
    for column, text in enumerate(spread):
        last = text.strip() or last
        spread[column] = last
    return spread


@dataclass(frozen=True, slots=True)
class _Match:
    found: Field
    rest: tuple[tuple[str, str], ...]
    group: tuple[tuple[str, str], ...]
    row: int
    text: str
    lower: bool


def whole_header(texts: Iterable[str]) -> str:
    """The cells of a header from top to bottom, groups above included, as one text: what an office says it means."""
    return "".join("".join(text.split()) for text in dict.fromkeys(texts))


def _named(
    index: _Index, stack: Sequence[tuple[int, str]], groups: Sequence[str], aliases: Mapping[str, str]
) -> _Match | None:
    """The field that the office says a column is; a unit in its header still counts."""
    own = [text for _, text in stack]
    for said in (whole_header((*groups, own[-1])), whole_header(own), *reversed(own)):
        if header := aliases.get(fold(said)):
            label = take_apart(header)
            units = [p for text in (*groups, *own) for p in _units_in(text)]
            if found := index.find(Label(label.base, (*label.parts, *units))):
                return _Match(found[0], found[1], (), *stack[-1], len(own) > 1)
    return None


def _units_in(text: str) -> list[tuple[str, str]]:
    label = take_apart(text)
    return [p for p in (*label.parts, (label.base, label.base)) if is_unit(p[1])]


def _match_column(
    index: _Index, own: Sequence[tuple[int, str]], groups: Sequence[str], aliases: Mapping[str, str]
) -> _Match | None:
    """The field of one column: `own` are its (row, text) from top to bottom, `groups` the merged texts above each."""
    stack = [(row, text) for row, text in own if text.strip()]
    if not stack:
        return None
    if aliases and (said := _named(index, stack, groups, aliases)):
        return said
    units: tuple[tuple[str, str], ...] = ()
    if len(stack) > 1:
        tail = take_apart(stack[-1][1])
        bare = ((tail.base, tail.base),) if tail.base and is_unit(tail.base) else ()
        if bare or (not tail.base and tail.parts):
            units = (*bare, *tail.parts)
            stack = stack[:-1]
    above = [g for g in groups if g.strip() and g.strip() != stack[-1][1].strip()]
    row, text = stack[-1]
    label = take_apart(text)
    group_parts = tuple(p for g in above for p in take_apart(g).parts)
    tries = [label]
    for upper in dict.fromkeys([*(t for _, t in reversed(stack[:-1])), *reversed(above)]):
        high = take_apart(upper)
        tries.append(Label(high.base + label.base, (*high.parts, *label.parts)))
        tries.append(Label(label.base + high.base, (*high.parts, *label.parts)))
        if _basis(label.base) in _BASES_OF_TOTALS:
            tries.append(Label(high.base, (*high.parts, *label.parts, (label.base, label.base))))
    if len(above) > 1:
        joined = [take_apart(g) for g in above]
        tries.append(Label("".join(j.base for j in joined) + label.base, label.parts))
    for attempt in tries:
        if found := index.find(attempt):
            own_parts = attempt is not label
            return _Match(found[0], (*found[1], *units), () if own_parts else group_parts, row, text, len(own) > 1)
    return None


def find(
    rows: Grid,
    index: _Index,
    merges: Sequence[Merge] | None,
    at_least: int,
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> Header | None:
    """The header in the first rows of a sheet, or None; Refusal for a doubled column or an unknown unit.

    `rows` is the used area; merges are in its coordinates. `at_least` columns must fit. `aliases`: folded header of an
    office -> the template's.
    """
    best: tuple[int, int, list[_Match | None], int] | None = None
    last = min(len(rows), SEARCHED_ROWS)
    for bottom in range(last):
        if best is not None and bottom > best[1] + 2:
            break
        for height in (1, 2, 3):
            top = bottom - height + 1
            if top < 0 or (height > 1 and not any(t.strip() for t in _texts(rows, bottom))):
                continue
            matches = _match_rows(rows, index, merges, (top, bottom), aliases)
            count = sum(m is not None for m in matches)
            units = height > 1 and _units_row(rows, top, bottom, matches)
            if count < at_least or not (height == 1 or units or any(m and m.row == bottom for m in matches)):
                continue
            grouped = height == 2 and any(m and m.group for m in matches)
            score = count * 4 + (2 if units else 0) + (1 if grouped else 0)
            if best is None or score > best[0]:
                best = (score, bottom, matches, top)
    if best is None:
        return None
    _, bottom, matches, top = best
    return _bind(rows, matches, top, bottom)


def _units_row(rows: Grid, top: int, bottom: int, matches: list[_Match | None]) -> bool:
    """Whether the lowest row holds nothing but units for the columns above it."""
    texts = [t.strip() for t in _texts(rows, bottom)]
    filled = [t for t in texts if t]
    return (
        bottom > top
        and bool(filled)
        and all(isinstance(v, str) for v in rows[bottom])
        and all(is_unit(take_apart(t).base) or not take_apart(t).base or t in {"-", "—", "/"} for t in filled)
        and any(m is not None for m in matches)
    )


def _match_rows(
    rows: Grid,
    index: _Index,
    merges: Sequence[Merge] | None,
    span: tuple[int, int],
    aliases: Mapping[str, str],
) -> list[_Match | None]:
    top, bottom = span
    texts = [_texts(rows, at) for at in range(top, bottom + 1)]
    spread = [
        _filled(["" if _TITLE_UNIT.search(t) else t for t in row], at, merges)
        for row, at in zip(texts[:-1], range(top, bottom), strict=True)
    ]
    matches: list[_Match | None] = []
    for column in range(len(texts[0])):
        own = [(top + i, row[column]) for i, row in enumerate(texts)]
        matches.append(_match_column(index, own, [row[column] for row in spread], aliases))
    return matches


def _bind(rows: Grid, matches: list[_Match | None], top: int, bottom: int) -> Header:
    bound: list[Bound] = []
    unknown: list[tuple[int, str]] = []
    notes: list[Note] = []
    seen: dict[str, Bound] = {}
    for column, match in enumerate(matches):
        if match is None:
            own = [t.strip() for t in (_texts(rows, at)[column] for at in range(top, bottom + 1)) if t.strip()]
            text = re.sub(r"\s+", "", "".join(dict.fromkeys(own)))
            if fold(text) not in SERIAL:
                unknown.append((column, text))
            continue
        factor, unit = _unit(match, column, notes)
        binding = Bound(match.found, column, match.row, match.found.header, factor, unit)
        if match.found.key in seen:
            first = seen[match.found.key]
            raise Doubled(match.found.header, (first.row, first.column), (match.row, column))
        seen[match.found.key] = binding
        bound.append(binding)
    for at in range(top):
        for column, text in enumerate(_texts(rows, at)):
            stated = _TITLE_UNIT.search(text)
            if stated and any(is_unit(fold(piece)) for piece in _SEPARATORS.split(stated[1])):
                message = (
                    f"标题中写有“单位：{stated[1]}”；各栏按表头自己的单位读取（能耗为吨标准煤、电量为万千瓦时、金额为万元），"
                    "未按标题换算，请核对"
                )
                notes.append(Note(at, column, text.strip(), message))
    return Header(tuple(bound), tuple(unknown), bottom, tuple(notes))


class Doubled(Exception):
    """Two columns of the sheet name the same field."""

    def __init__(self, header: str, first: tuple[int, int], second: tuple[int, int]) -> None:
        super().__init__(header)
        self.header, self.first, self.second = header, first, second


class UnknownUnit(Exception):
    """A figure's header carries something in brackets that is no unit of that figure."""

    def __init__(self, header: str, part: str, cell: tuple[int, int], expected: str) -> None:
        super().__init__(header)
        self.header, self.part, self.cell, self.expected = header, part, cell, expected


def _unit(match: _Match, column: int, notes: list[Note]) -> tuple[Decimal, str | None]:
    f = match.found
    if f.kind is not Kind.NUMBER:
        return Decimal(1), None
    factor: Decimal = Decimal(1)
    unit: str | None = None
    stated = False
    for raw, part in match.rest:
        if part in _IGNORED or not part:
            continue
        if _YEARS.fullmatch(part):
            message = f"表头“{match.text.strip()}”中的年份不作为统计年度，请填在“统计年度”栏"
            notes.append(Note(match.row, column, match.text.strip(), message))
            continue
        found = _read_unit(f, raw, part)
        if found is None:
            raise UnknownUnit(match.text.strip(), raw, (match.row, column), _expected(f))
        (factor, unit), stated = found, True
    if not stated:
        for raw, part in match.group:
            if found := _read_unit(f, raw, part):
                factor, unit = found
    return factor, unit


def _read_unit(f: Field, raw: str, part: str) -> tuple[Decimal, str | None] | None:
    """(factor, unit for the unit column) of a unit found in a header; None where it does not fit the field."""
    if f.measure:
        factor = MEASURES[f.measure].get(part)
        return None if factor is None else (factor, None)
    if f.key in SEC_KEYS:
        return (Decimal(1), raw) if read_unit(raw) else None
    if f.key in _CAPACITY_KEYS:
        return (Decimal(1), raw) if capacity_unit(raw) else None
    if f.key == "amount":
        return Decimal(1), raw
    if f.key == "heating_value":
        scale = _HEATING.get(part)
        return None if scale is None else (Decimal(scale), None)
    return None


def _expected(f: Field) -> str:
    if f.measure:
        return "、".join(
            {
                "tce": ("吨标准煤", "万吨标准煤"),
                "万千瓦时": ("万千瓦时", "亿千瓦时", "千瓦时"),
                "万元": ("万元", "亿元", "元"),
            }[f.measure]
        )
    if f.key in SEC_KEYS:
        return "kgce/t、kWh/t、gce/(kW·h) 等能耗单位"
    return "万吨/年、吨/年、吨/日、万千瓦 等产能单位" if f.key in _CAPACITY_KEYS else "kJ/kg、kJ/m3"


def missing(header: Header, fields: Sequence[Field]) -> list[str]:
    """The headers of required columns that the sheet does not have."""
    have = {b.field.key for b in header.bound}
    return [f.header for f in fields if f.required and f.key not in have]


def refuse(sheet: str, origin: tuple[int, int], trouble: Doubled | UnknownUnit) -> Refusal:
    """The sentence for a header that cannot be used, with the sheet's own addresses."""

    def cell(at: tuple[int, int]) -> str:
        return f"{sheet}!{letters(at[1] + origin[1])}{at[0] + origin[0] + 1}"

    if isinstance(trouble, Doubled):
        return Refusal(
            f"表头中“{trouble.header}”出现了两次：{cell(trouble.first)} 和 {cell(trouble.second)}，请删除或改名其中一列"
        )
    return Refusal(
        f"表头 {cell(trouble.cell)}“{trouble.header}”中的“{trouble.part}”不是认识的单位，"
        f"应为{trouble.expected}；请改正表头后重新提交"
    )
