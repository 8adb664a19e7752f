"""The command `screening …`: each command parses its words, calls one service and prints.

Exit status: 0 done, 1 done with refusals that are listed, 2 not done.
"""

from screening.cli import checking, ledger, letters, rules, site  # each adds its commands
from screening.cli.frame import commands

__all__ = ["checking", "commands", "ledger", "letters", "rules", "site"]
