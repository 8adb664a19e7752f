"""The command `screening …`: each command parses its words, calls one service and prints.

Exit status: 0 done, 1 done with refusals that are listed, 2 not done.
"""

from __future__ import annotations

import sys

import click

from screening.domain.errors import Refusal


class Commands(click.Group):
    """The top group; turns a refusal into its sentence on stderr and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            click.echo(refusal.message, err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """两高项目台账：筛查、登记、处置、文书、期限。"""
