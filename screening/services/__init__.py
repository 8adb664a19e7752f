"""The use cases, a file per chapter: one function = one use case = one transaction.

Every function takes the ledger first: `ledger: Ledger`, made once by `create_app` or by the command line with
`Ledger.open(database_url, rules)`. A service opens its own `with ledger.reader() as session:` (cannot write) or
`with ledger.writer() as session:` (one transaction, committed at the end, rolled back by any exception) and never
hands a session out. What is not the database is told plainly: `by` is the Person who acts, `at` the moment (aware,
UTC), `today` the calendar day in Asia/Shanghai; `seen` is the version of the record that the person had before the
eyes (another one now: `Conflict`, which names who and when); `key` is an idempotency key of the form (any text that
is unique to one showing of the form): the same key again gives the first result and writes nothing.

What comes back are frozen views, safe to hand to a template. Refusals are `screening.domain.errors.Refusal` and its
kinds: NotFound (also for what lies outside the person's scope), Forbidden, Conflict; `field` names the form field.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screening.services.console import CONSOLE
    from screening.store.engine import Ledger

_HOME = {"Ledger": "screening.store.engine", "CONSOLE": "screening.services.console"}


def __getattr__(name: str) -> Any:
    """Loads what is asked for: a workbook is screened without any database and must not wait for one."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(name)


__all__ = ["CONSOLE", "Ledger"]
