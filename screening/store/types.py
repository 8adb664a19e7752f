"""Column types that mean the same on SQLite and PostgreSQL: exact decimals and enums by value."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class Exact(TypeDecorator[Decimal]):
    """A decimal with `scale` places: NUMERIC on PostgreSQL, a scaled whole number on SQLite.

    Sorts, sums and compares rightly on both; a value with more places is refused (ValueError), never rounded.
    """

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, precision: int = 18, scale: int = 6) -> None:
        super().__init__()
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """NUMERIC where the database has it exactly."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        """Into the database."""
        if value is None:
            return None
        scaled = value.scaleb(self.scale)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimal places")
        if abs(scaled) >= Decimal(10) ** self.precision:
            raise ValueError(f"{value} has more than {self.precision} digits")
        return int(scaled) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        """Out of the database."""
        if value is None:
            return None
        return Decimal(value).scaleb(-self.scale) if dialect.name == "sqlite" else Decimal(value)


class Ordinal(TypeDecorator[int]):
    """The number in whose order rows are kept: on SQLite the row's own, so that reading on needs no index."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """INTEGER, that very word, where it makes the key the row's own number."""
        return dialect.type_descriptor(sa.Integer() if dialect.name == "sqlite" else sa.BigInteger())


def by_value(kind: type[StrEnum], column: str | None = None) -> sa.Enum:
    """An enum kept by its value in a text column that the database checks; `column` where its name differs."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
        values_callable=lambda members: [m.value for m in members],
        name=(column or _snake(kind.__name__)) + "_is_known",
    )


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
