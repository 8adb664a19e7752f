"""Tests of the store against real databases."""
