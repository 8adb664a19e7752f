"""Chapter 5, objections: 行政复议 and 行政诉讼 against a served decision, stays of it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from screening.domain.calendar import chinese, months_later
from screening.domain.errors import Refusal
from screening.domain.rules import Parameter, Rulebook


class ObjectionKind(StrEnum):
    """The two ways of contesting a decision."""

    REVIEW = "review"
    SUIT = "suit"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"review": "行政复议", "suit": "行政诉讼"}[self.value]


class Outcome(StrEnum):
    """What became of an objection."""

    UPHELD = "upheld"
    REVOKED = "revoked"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "upheld": "维持原决定",
            "revoked": "撤销原决定",
            "changed": "变更原决定",
            "withdrawn": "当事人撤回",
            "settled": "调解、和解结案",
        }[self.value]

    @property
    def decision_stands(self) -> bool:
        """Whether the first decision stays in force as it was made."""
        return self in STANDING


STANDING: Final = (Outcome.UPHELD, Outcome.WITHDRAWN, Outcome.SETTLED)
"""Outcomes that leave the decision as it was made; a settlement that changes it is a change."""
FALLING: Final = (Outcome.REVOKED, Outcome.CHANGED)
"""Outcomes after which the decision no longer stands, and the case is looked at again."""


class ReplyResult(StrEnum):
    """What the organ to which a case was referred (移送) answered."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    SETTLED = "settled"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"accepted": "已受理", "not_accepted": "不予受理", "settled": "已办结"}[self.value]


@dataclass(frozen=True, slots=True)
class Term:
    """The last day on which an objection is in time, and how it was counted."""

    last_day: date
    words: str

    def late(self, received_on: date) -> bool:
        """Whether it came after the last day."""
        return received_on > self.last_day


def term(kind: ObjectionKind, served_on: date, rules: Rulebook, *, reviewed_on: date | None = None) -> Term:
    """Until when a decision that was served on a day may be contested; the day itself is not counted.

    `reviewed_on` is the day of a review decision on the same matter: a suit then has its own, shorter term. Refusal
    where the rules know no term for that day.
    """
    if kind is ObjectionKind.REVIEW:
        days = _known(rules, "review_days", served_on)
        return Term(
            served_on + timedelta(days=int(days.amount or 0)),
            f"自送达之日{chinese(served_on)}起{days.amount}日（{days.source.words}）",
        )
    if reviewed_on is not None:
        days = _known(rules, "litigation_after_review_days", reviewed_on)
        return Term(
            reviewed_on + timedelta(days=int(days.amount or 0)),
            f"自复议决定之日{chinese(reviewed_on)}起{days.amount}日（{days.source.words}）",
        )
    months = _known(rules, "litigation_months", served_on)
    return Term(
        months_later(served_on, int(months.amount or 0)),
        f"自送达之日{chinese(served_on)}起{months.amount}个月（{months.source.words}）",
    )


def reply_days(rules: Rulebook, day: date) -> Parameter:
    """After how many days without a reply a referral is called overdue."""
    return _known(rules, "referral_reply_days", day)


def _known(rules: Rulebook, name: str, day: date) -> Parameter:
    found = rules.parameter(name, day)
    if found is None or found.amount is None:
        raise Refusal(f"规则中没有{chinese(day)}有效的参数“{name}”，不能计算期限。请由规则员补充。")
    return found
