"""Exact decimals and known values, on both databases."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from screening.store.types import Exact, by_value

AMOUNTS = st.decimals(min_value=-(10**11), max_value=10**11, places=6)


@given(AMOUNTS)
def test_a_decimal_comes_back_as_it_went(amount: Decimal) -> None:
    kind = Exact(18, 6)
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        assert kind.process_result_value(kind.process_bind_param(amount, dialect), dialect) == amount


@pytest.mark.parametrize(("amount", "words"), [("0.0000001", "decimal places"), ("1000000000000", "digits")])
def test_what_does_not_fit_is_refused_never_rounded(amount: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Exact(18, 6).process_bind_param(Decimal(amount), sqlite.dialect())


def test_decimals_sort_sum_and_compare(ledger) -> None:
    table = sa.Table("figures", sa.MetaData(), sa.Column("q", Exact(18, 6)), prefixes=["TEMPORARY"])
    figures = [Decimal("12.5"), Decimal(2), Decimal("-0.000001"), Decimal("123456789012.123456")]
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        table.create(connection)
        connection.execute(sa.insert(table), [{"q": f} for f in figures])
        assert connection.execute(sa.select(table.c.q).order_by(table.c.q)).scalars().all() == sorted(figures)
        assert connection.execute(sa.select(sa.func.sum(table.c.q))).scalar() == sum(figures)
        assert connection.execute(sa.select(sa.func.count()).where(table.c.q > Decimal(2))).scalar() == 2


def test_the_database_knows_the_values(ledger) -> None:
    class Colour(StrEnum):
        RED = "red"

    table = sa.Table("colours", sa.MetaData(), sa.Column("c", by_value(Colour)), prefixes=["TEMPORARY"])
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        table.create(connection)
        connection.execute(sa.insert(table), {"c": Colour.RED})
        assert connection.execute(sa.text("SELECT c FROM colours")).scalar() == "red"
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.text("INSERT INTO colours VALUES ('blue')"))
