"""Tests of scope: who may see and touch what, cell by cell."""
