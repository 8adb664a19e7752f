"""Puts the parts of a screening together and spells the answer out as the contract's document."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from screening.domain.classification.results import Finding, Screening
from screening.domain.registry import Project
from screening.domain.rules import Rulebook


def screen(
    project: Project,
    rulebook: Rulebook,
    *,
    as_of: date,
    edition: str | None = None,
    confirmed: Collection[Finding] = (),
    overdue: bool = False,
) -> Screening:
    """Screens one project as of a day.

    `edition` names the edition of the levels to use instead of the one in force; `confirmed` are the findings that
    people confirmed or entered (only they decide the disposition); `overdue` says that the due date of a served
    retrofit letter passed without acceptance. Pure: same arguments, same answer.
    """
    raise NotImplementedError


def to_document(result: Screening) -> dict[str, object]:
    """One entry of `projects` in the contract (ledger-format §2): plain JSON data, exact decimals as strings."""
    raise NotImplementedError
