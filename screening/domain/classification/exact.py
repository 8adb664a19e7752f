"""Arithmetic that rounds nothing away and the spelling of amounts that have no finite decimal form."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from screening.domain.quantity import plain

EXACT = Context(prec=2000, Emin=-999999, Emax=999999)
_SHOWN = Context(prec=50)
_STEP = Decimal("0.0001")
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


def times(a: Decimal, b: Decimal) -> Decimal:
    """The product with all its digits."""
    return EXACT.multiply(a, b)


def total(amounts: list[Decimal]) -> Decimal:
    """The sum with all its digits."""
    found = Decimal(0)
    for amount in amounts:
        found = EXACT.add(found, amount)
    return found


def to_decimal(amount: Fraction) -> Decimal:
    """The amount exactly where it has at most twelve decimal places, else rounded to four for showing."""
    scaled = amount * 10**12
    if scaled.denominator == 1:
        return Decimal(plain(EXACT.scaleb(Decimal(scaled.numerator), -12)))
    rough = EXACT.divide(Decimal(amount.numerator), Decimal(amount.denominator))
    return rough.quantize(_STEP, rounding=ROUND_HALF_UP, context=EXACT)


def about(part: Decimal, whole: Decimal) -> str:
    """The share for a sentence: 约112.33% where the shown figure is rounded."""
    shown = percent(part, whole)
    exact = EXACT.multiply(part, _HUNDRED) == EXACT.multiply(Decimal(shown.rstrip("%")), whole)
    return shown if exact else f"约{shown}"


def percent(part: Decimal, whole: Decimal) -> str:
    """The part as a share of the whole, as people read it: 112.3%."""
    share = _SHOWN.divide(_SHOWN.multiply(part, _HUNDRED), whole)
    return plain(share.quantize(_CENT, rounding=ROUND_HALF_UP, context=EXACT)) + "%"
