"""Exact amounts: spellings of units, folding of names, plain spelling, and no meeting of two units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from screening.domain.errors import UnitMismatch
from screening.domain.quantity import SPELLINGS, MeasureUnit, Quantity, fold, plain, read_unit
from tests.domain.worked import read

LISTED = read("spellings.toml")


@pytest.mark.parametrize(
    ("text", "unit", "one_is"),
    [pytest.param(t, s["unit"], s["one_is"], id=t) for s in LISTED["spelling"] for t in s["texts"]],
)
def test_a_spelling_names_its_unit_and_factor(text: str, unit: str, one_is: str) -> None:
    assert read_unit(text) == (MeasureUnit(unit), Decimal(one_is))


@pytest.mark.parametrize("text", LISTED["refused"]["texts"])
def test_an_unknown_spelling_names_nothing(text: str) -> None:
    assert read_unit(text) is None


def test_every_factor_is_a_power_of_ten() -> None:
    """Nothing converts by a factor that somebody measured: oil to coal, coal to power, area to mass."""
    for text, (_, factor) in SPELLINGS.items():
        assert factor.normalize().as_tuple().digits == (1,), text


def test_every_unit_of_the_rules_reads_as_itself() -> None:
    for unit in MeasureUnit:
        if unit is not MeasureUnit.RATIO:
            assert read_unit(unit.value) == (unit, Decimal(1)), unit


def test_two_units_never_meet() -> None:
    with pytest.raises(UnitMismatch, match="kgoe/t"):
        _ = Quantity(Decimal(1), MeasureUnit.KGOE_PER_T) <= Quantity(Decimal(2), MeasureUnit.KGCE_PER_T)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("离子膜法液碱≥30%", "离子膜法液碱>=３０％"),
        ("离子膜法液碱≥30%", "离子膜法 液碱 ≧ 30 %"),
        ("500≤生产能力≤800t/d", "500<=生产能力<=800T/D"),
        ("生产能力>800t/d", "生产能力＞800ｔ/ｄ"),
        ("吸水率>10%", "吸水率﹥10％"),
        ("氨碱法(轻质)", "氨碱法（轻质）"),
        ("氨碱法(轻质)", "氨碱法〔轻质〕"),
        ("非优质无烟块煤、型煤", "非优质无烟块煤，型煤"),
        ("铜精矿-阴极铜", "铜精矿—阴极铜"),
        ("铜精矿-阴极铜", "铜精矿－阴极铜"),
        ("kgce/m²", "kgce/m2"),
        ("乙烯和丙烯(MTO)", "乙烯和丙烯（mto）"),
        ("电 石", "电石"),
        ("电\u3000石\u00a0", "电石"),
    ],
)
def test_names_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("离子膜法液碱≥30%", "离子膜法液碱≥45%"),
        ("生产能力>800t/d", "生产能力≥800t/d"),
        ("烟煤", "无烟煤"),
        ("吸水率≤0.5%", "吸水率>0.5%"),
    ],
)
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(some.text(alphabet="电石炉（）()〔〕≥>=≤<、，,;；·²³m㎡０5％%—-～~ \u3000tTｋW", max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(some.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_plain_says_the_same_figure_without_exponent(amount: Decimal) -> None:
    text = plain(amount)

    assert Decimal(text) == amount
    assert set(text) <= set("-.0123456789")
    assert text != "-0"
    assert not text.endswith(".")
    assert plain(Decimal(text)) == text


@pytest.mark.parametrize(
    ("typed", "text"),
    [("13350.0", "13350"), ("13350", "13350"), ("-0.00", "0"), ("0.100", "0.1"), ("1E+3", "1000"), ("-30.0", "-30")],
)
def test_one_figure_has_one_spelling(typed: str, text: str) -> None:
    assert plain(Decimal(typed)) == text
