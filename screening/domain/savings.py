"""Chapter 5: what an accepted retrofit saves, exactly, where both figures and the output can be put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final

from screening.domain.quantity import SPELLINGS, MeasureUnit, fold

_EXACT: Final = Context(prec=400)
_COAL: Final = frozenset(
    {
        MeasureUnit.KGCE_PER_T, MeasureUnit.KGCE_PER_CASE, MeasureUnit.KGCE_PER_M2, MeasureUnit.KGCE_PER_M3,
        MeasureUnit.GCE_PER_KWH, MeasureUnit.KGCE_PER_GJ, MeasureUnit.KGCE_PER_TOE,
    }
)  # fmt: skip
"""Measures whose product with an output is standard coal."""
_A_YEAR: Final = re.compile(r"(/|每)(年|a)$")


@dataclass(frozen=True, slots=True)
class Sec:
    """A specific energy consumption in a measure as somebody spelled it."""

    amount: Decimal
    measure: str


def saved_tce(before: Sec, after: Sec, output: Decimal, counted_in: str) -> Decimal | None:
    """Standard coal a year, in t, that `output` of the product takes less; negative where it takes more.

    None where the measures do not agree with one another, or with what the output is counted in.
    """
    old, new = SPELLINGS.get(fold(before.measure)), SPELLINGS.get(fold(after.measure))
    per = SPELLINGS.get(fold(f"kgce/{_A_YEAR.sub('', counted_in.strip())}"))
    if old is None or new is None or per is None or not old[0] is new[0] is per[0] or old[0] not in _COAL:
        return None
    less = _EXACT.subtract(_EXACT.multiply(before.amount, old[1]), _EXACT.multiply(after.amount, new[1]))
    return _EXACT.divide(_EXACT.multiply(less, output), _EXACT.multiply(per[1], Decimal(1000)))
