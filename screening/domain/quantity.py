"""Exact amounts and their measure units; nothing is rounded and no unit converts silently."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from screening.domain.errors import UnitMismatch


class MeasureUnit(StrEnum):
    """The measure units in which the levels and limits are stated."""

    KGCE_PER_T = "kgce/t"
    KGOE_PER_T = "kgoe/t"
    KGOE_PER_T_FACTOR = "kgoe/(t·能量因数)"
    KWH_PER_T = "kWh/t"
    KGCE_PER_CASE = "kgce/重量箱"
    KGCE_PER_M2 = "kgce/m²"
    KGCE_PER_M3 = "kgce/m³"
    KGCE_PER_TOE = "kgce/toe"
    GCE_PER_KWH = "gce/(kW·h)"
    KGCE_PER_GJ = "kgce/GJ"
    RATIO = "1"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount of one measure unit; comparing two units raises UnitMismatch."""

    amount: Decimal
    unit: MeasureUnit

    def __le__(self, other: Quantity) -> bool:
        if self.unit is not other.unit:
            raise UnitMismatch(f"计量单位不同，不能比较：{self.unit} 与 {other.unit}")
        return self.amount <= other.amount


@lru_cache(maxsize=65536)
def plain(amount: Decimal) -> str:
    """The shortest exact spelling: no exponent, no trailing zeros, no negative zero."""
    if amount == 0:
        return "0"
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_SPACES = re.compile(r"\s+")
_SIGNS = str.maketrans(
    {
        "〔": "(",
        "〕": ")",
        "【": "(",
        "】": ")",
        "[": "(",
        "]": ")",
        "「": "(",
        "」": ")",
        "—": "-",
        "–": "-",
        "－": "-",
        "−": "-",
        "～": "~",
        "﹥": ">",
        "﹤": "<",
        "≧": "≥",
        "≦": "≤",
        "⩾": "≥",
        "⩽": "≤",
        "·": "",
        "・": "",
        "•": "",
        "²": "2",
        "³": "3",
        "、": ",",
        "，": ",",
        "；": ";",
        "：": ":",
    }
)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """A name as it is matched: width, case, brackets, spaces, dots and signs folded; figures keep their digits."""
    wide = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    return _SPACES.sub("", wide).replace(">=", "≥").replace("<=", "≤").casefold()


def _spellings() -> dict[str, tuple[MeasureUnit, Decimal]]:
    """Every accepted spelling of a measure unit with the exact factor to the unit of the rules."""
    masses = {"kg": "0.001", "千克": "0.001", "公斤": "0.001", "t": "1", "吨": "1", "万吨": "10000", "万t": "10000"}
    coals = {
        "gce": "0.001",
        "克标准煤": "0.001",
        "克标煤": "0.001",
        "kgce": "1",
        "千克标准煤": "1",
        "千克标煤": "1",
        "公斤标准煤": "1",
        "公斤标煤": "1",
        "tce": "1000",
        "吨标准煤": "1000",
        "吨标煤": "1000",
        "万tce": "10000000",
        "万吨标准煤": "10000000",
        "万吨标煤": "10000000",
    }
    powers = {
        "kwh": "1",
        "千瓦时": "1",
        "度": "1",
        "万kwh": "10000",
        "万千瓦时": "10000",
        "mwh": "1000",
        "兆瓦时": "1000",
    }
    found: dict[str, tuple[MeasureUnit, Decimal]] = {}

    def put(spelling: str, unit: MeasureUnit, factor: Decimal) -> None:
        found[fold(spelling)] = (unit, factor)

    for coal, c in coals.items():
        for mass, m in masses.items():
            put(f"{coal}/{mass}", MeasureUnit.KGCE_PER_T, Decimal(c) / Decimal(m))
        for power, p in powers.items():
            put(f"{coal}/{power}", MeasureUnit.GCE_PER_KWH, Decimal(c) * 1000 / Decimal(p))
        put(f"{coal}/(kw·h)", MeasureUnit.GCE_PER_KWH, Decimal(c) * 1000)
        put(f"{coal}/kw.h", MeasureUnit.GCE_PER_KWH, Decimal(c) * 1000)
        for area in ("m²", "平方米", "平米", "㎡"):
            put(f"{coal}/{area}", MeasureUnit.KGCE_PER_M2, Decimal(c))
        for volume in ("m³", "立方米", "标准立方米", "nm3"):
            put(f"{coal}/{volume}", MeasureUnit.KGCE_PER_M3, Decimal(c))
        for case in ("重量箱", "重箱"):
            put(f"{coal}/{case}", MeasureUnit.KGCE_PER_CASE, Decimal(c))
        for heat, h in {"gj": "1", "吉焦": "1", "mj": "0.001", "兆焦": "0.001"}.items():
            put(f"{coal}/{heat}", MeasureUnit.KGCE_PER_GJ, Decimal(c) / Decimal(h))
        for oil in ("toe", "吨标准油", "吨标油"):
            put(f"{coal}/{oil}", MeasureUnit.KGCE_PER_TOE, Decimal(c))
    for power, p in powers.items():
        for mass, m in masses.items():
            put(f"{power}/{mass}", MeasureUnit.KWH_PER_T, Decimal(p) / Decimal(m))
    put("kW·h/t", MeasureUnit.KWH_PER_T, Decimal(1))
    put("kW.h/t", MeasureUnit.KWH_PER_T, Decimal(1))
    oils = {
        "goe": "0.001",
        "kgoe": "1",
        "千克标准油": "1",
        "千克标油": "1",
        "公斤标油": "1",
        "toe": "1000",
        "吨标准油": "1000",
        "吨标油": "1000",
    }
    for oil, o in oils.items():
        for mass, m in masses.items():
            put(f"{oil}/{mass}", MeasureUnit.KGOE_PER_T, Decimal(o) / Decimal(m))
        for mass in ("t", "吨"):
            put(f"{oil}/({mass}·能量因数)", MeasureUnit.KGOE_PER_T_FACTOR, Decimal(o))
            put(f"{oil}/{mass}·能量因数", MeasureUnit.KGOE_PER_T_FACTOR, Decimal(o))
            put(f"{oil}/({mass}.能量因数)", MeasureUnit.KGOE_PER_T_FACTOR, Decimal(o))
    return found


SPELLINGS = _spellings()


def read_unit(text: str) -> tuple[MeasureUnit, Decimal] | None:
    """The measure unit that `text` names and the exact factor to it, or None where it is unknown."""
    return SPELLINGS.get(fold(text))
