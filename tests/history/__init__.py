"""Tests of the trail: what it must catch, and what a person reads in it."""
