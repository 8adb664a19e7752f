"""The sheet 能源消费: physical quantities per carrier and year, bound to the projects of the ledger sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from screening.domain.quantity import fold, plain
from screening.workbook.cells import EXACT, Bad, Raw, Read, Reader, read_code, read_text, reader_of, scaled, typed
from screening.workbook.rows import FAULTY, SILENT, Converter, Fault, Table, spread_merges

SHEET = "能源消费"
_MEASURES: dict[str, tuple[tuple[str, ...], str]] = {
    "t": (("t", "吨"), "1"),
    "万t": (("万t", "万吨"), "1"),
    "m3": (("m3", "立方米", "方", "Nm3", "标准立方米", "标立方米", "标方"), "1"),
    "万m3": (("万m3", "万立方米", "万方", "万Nm3", "万标准立方米", "万标立方米", "万标方"), "1"),
    "kWh": (("kWh", "千瓦时", "度", "kW·h"), "1"),
    "万kWh": (("万kWh", "万千瓦时", "万度", "万kW·h"), "1"),
    "MJ": (("MJ", "兆焦", "兆焦耳"), "1"),
    "GJ": (("GJ", "吉焦", "吉焦耳", "百万千焦"), "1"),
}
MEASURES = {fold(word): (measure, Decimal(factor)) for measure, (words, factor) in _MEASURES.items() for word in words}
MEASURES |= {
    fold(word): (measure, Decimal(factor))
    for measure, factor, words in (
        ("t", "0.001", ("kg", "千克", "公斤")),
        ("万kWh", "10000", ("亿kWh", "亿千瓦时", "亿度")),
        ("万m3", "10000", ("亿m3", "亿立方米", "亿方")),
    )
    for word in words
}
FIELDS = ("basis", "year", "sold", "carrier", "amount", "measure", "heating_value", "feedstock", "renewable")


def carrier_reader(names: Mapping[str, str]) -> Reader:
    """The reader of a carrier's name; `names`: folded spelling -> the name of the rules."""

    def read(raw: Raw) -> Read:
        found = read_text(raw)
        if not isinstance(found, str):
            return found
        name = names.get(fold(found))
        if name is None:
            return Bad(
                "energy carrier of the rules", f"“{found}”不是规则中的能源品种，请按填表说明或“选项”表中的名称填写"
            )
        return name

    return read


def read_measure(raw: Raw) -> Read:
    """The spelling of a physical unit that is known; kept as typed, because the amount is converted with it."""
    found = read_text(raw)
    if not isinstance(found, str):
        return found
    if fold(found) not in MEASURES:
        return Bad(
            "one of: t, 万t, m3, 万m3, kWh, 万kWh, MJ, GJ",
            f"“{found}”不是认识的单位，请填 吨、万吨、立方米、万立方米、千瓦时、万千瓦时、兆焦 或 吉焦",
        )
    return found


@dataclass
class Uses:
    """What the sheet gave: rows of `FIELDS` per group of the ledger, faults per group, and rows of no known project."""

    rows: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    strangers: list[Fault] = field(default_factory=list)


class EnergySheet:
    """The converted sheet."""

    def __init__(self, table: Table, carriers: Mapping[str, str]) -> None:
        self.table = table
        self.first = table.header.last_row + 1
        self.bound = {b.field.key: b for b in table.header.bound}
        amount = self.bound.get("amount")
        spread_merges(table, frozenset({amount.column} if amount else ()))
        body = table.rows[self.first :]
        self.count = len(body)
        columns = list(zip(*body, strict=True)) if body else []
        self.raw: dict[str, list[Any]] = {}
        self.columns: dict[str, list[Any]] = {}
        self.converters: dict[str, Converter] = {}
        for key, b in self.bound.items():
            self.raw[key] = list(columns[b.column]) if columns else []
            if key == "carrier":
                reader = carrier_reader(carriers)
            elif key == "measure":
                reader = read_measure
            elif key == "code":
                reader = read_code
            else:
                reader = scaled(reader_of(b.field), b.factor)
            self.converters[key] = Converter(reader)
            self.columns[key] = self.converters[key].convert(self.raw[key])

    def uses(self, groups: Mapping[Any, int], names: Mapping[tuple[str, str], int]) -> Uses:
        """The rows by group; `groups`: folded code -> group, `names`: folded (name, enterprise) -> group."""
        found = Uses()
        last: int | None = None
        at = list(self.columns)
        for i, row in enumerate(zip(*self.columns.values(), strict=True)):
            cells = dict(zip(at, row, strict=True))
            if all(v is None for v in row) or all(cells.get(k) is None for k in ("carrier", "amount", "measure")):
                continue
            group = self._group(cells, groups, names, last)
            if group is None:
                found.strangers.append(self._stranger(i, cells))
                last = None
                continue
            last = group
            if faults := self._faults(i, cells):
                found.faults.setdefault(group, []).extend(faults)
            else:
                found.rows.setdefault(group, []).append(self._use(cells))
        return found

    @staticmethod
    def _group(
        cells: Mapping[str, Any], groups: Mapping[Any, int], names: Mapping[tuple[str, str], int], last: int | None
    ) -> int | None:
        code, name, enterprise = (cells.get(k) for k in ("code", "name", "enterprise"))
        if isinstance(code, str):
            return groups.get(fold(code))
        if isinstance(name, str) and isinstance(enterprise, str):
            return names.get((fold(name), fold(enterprise)))
        return last if code is None and name is None else None

    def _stranger(self, i: int, cells: Mapping[str, Any]) -> Fault:
        key = next((k for k in ("code", "name") if k in self.bound and isinstance(cells.get(k), str)), None)
        column = self.bound[key].column if key else self.bound["code"].column if "code" in self.bound else 0
        value = str(cells[key]) if key else ""
        message = (
            f"台账工作表中没有项目“{value}”，本行无处归属；请核对项目代码"
            if value
            else "本行没有项目代码，无处归属；请补填项目代码"
        )
        return self._fault(
            i, column, "项目代码" if key != "name" else "项目名称", value, "a project of the ledger sheet", message
        )

    def _fault(self, i: int, column: int, header: str, value: str, expected: str, message: str) -> Fault:
        row = self.first + i
        return Fault((1, row, column), self.table.sheet, self.table.cell(row, column), header, value, expected, message)

    def _faults(self, i: int, cells: Mapping[str, Any]) -> list[Fault]:
        faults: list[Fault] = []
        for key in self.columns:
            b = self.bound[key]
            raw = self.raw[key][i]
            if cells[key] is FAULTY:
                bad = self.converters[key].bad[raw]
                faults.append(self._fault(i, b.column, b.header, typed(raw), bad.expected, bad.message))
            elif cells[key] in {None, SILENT} and b.field.required and not (key == "measure" and self._default()):
                message = f"“{b.header}”为必填项，不能空白，请补填"
                faults.append(self._fault(i, b.column, b.header, "", "a value", message))
        return faults

    def _default(self) -> str | None:
        amount = self.bound.get("amount")
        return amount.unit if amount else None

    def _use(self, cells: Mapping[str, Any]) -> tuple[Any, ...]:
        values = use_of(cells, cells.get("measure") or self._default() or "")
        return tuple(values[k] for k in FIELDS)


def use_of(cells: Mapping[str, Any], typed_measure: str) -> dict[str, Any]:
    """The facts of one use from its read cells; the amount is brought exactly to the unit that the ledger keeps."""
    measure, factor = MEASURES[fold(typed_measure)]
    return {
        "basis": cells["basis"],
        "year": cells.get("year"),
        "sold": cells.get("sold") == "外供",
        "carrier": cells["carrier"],
        "amount": plain(EXACT.multiply(Decimal(cells["amount"]), factor)),
        "measure": measure,
        "heating_value": cells.get("heating_value"),
        "feedstock": cells.get("feedstock") == "是",
        "renewable": cells.get("renewable") == "是",
    }


__all__ = ["FIELDS", "MEASURES", "SHEET", "EnergySheet", "Uses", "carrier_reader", "read_measure", "use_of"]
