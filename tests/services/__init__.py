"""Tests of the services against real databases."""
