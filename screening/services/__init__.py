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

from screening.domain.people import Person, Role
from screening.store.engine import Ledger
from screening.store.schema import CONSOLE_ID

CONSOLE = Person(CONSOLE_ID, "console", "控制台", Role.REGISTRAR, "150000")
"""Who acts where a command names nobody: a registrar with the region's scope who can never sign in."""

__all__ = ["CONSOLE", "Ledger"]
