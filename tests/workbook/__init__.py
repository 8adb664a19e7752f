"""Workbooks as offices send them, made by the tests themselves, and what must come out of each."""
