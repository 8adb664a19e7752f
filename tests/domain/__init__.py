"""Tests of the law: worked cases kept as data in `tests/cases/`, and properties that hold for every project."""
