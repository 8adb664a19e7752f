"""Who acts where a command names nobody."""

from __future__ import annotations

from screening.domain.people import Person, Role
from screening.store.schema import CONSOLE_ID

CONSOLE = Person(CONSOLE_ID, "console", "控制台", Role.REGISTRAR, "150000")
"""A registrar with the region's scope who can never sign in."""
