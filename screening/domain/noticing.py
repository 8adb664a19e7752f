"""Chapter 5, automatic notices: which are due of a running clock on a day, and how far the e-mail about them is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from screening.domain.errors import Refusal

OVERDUE, STAYED, LAPSED, DORMANT = "overdue", "stayed", "lapsed", "dormant"
"""What a notice is of, where it is not a number of days before the due date."""
LONGEST_ADDRESS = 254
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    re.ASCII,
)
"""An address as mail programs take it without quoting: no blanks, no line breaks, no brackets, no second @."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    DEADLINE = "deadline"
    APPROVAL = "approval"
    ACCOUNT = "account"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"deadline": "期限", "approval": "节能审查意见", "account": "账户"}[self.value]


class MailState(StrEnum):
    """How far the e-mail of a person and a day is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"waiting": "待发送", "claimed": "已取出发送，结果不明", "sent": "已发送", "refused": "被拒收"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is due: of what (`subject`, `threshold`, which name it once and for all), and for which day."""

    subject: str
    threshold: str
    day: date


def of_clock(
    subject: str, due: date, *, known: date, first: date, today: date, days: Iterable[int], stayed: bool
) -> Iterator[Due]:
    """The notices of a running clock that are due by `today`, made or not.

    `known` is the day on which the ledger learnt of the clock: what lay before it is not made up for. `first` is the
    first day that was ever swept. A stay pauses the notice of being overdue, and is told instead.
    """
    for ahead in sorted(days, reverse=True):
        day = due - timedelta(days=ahead)
        if max(known, first - timedelta(days=1)) < day <= today:
            yield Due(subject, str(ahead), day)
    if today > due:
        yield Due(subject, STAYED if stayed else OVERDUE, today)


def address(text: str) -> str:
    """A person's e-mail address as it may stand in a header and an envelope; Refusal says what is wrong."""
    found = text.strip(" ")
    if not found.isascii() or ADDRESS.fullmatch(found) is None or "." not in found.rpartition("@")[2]:
        raise Refusal(
            f"“{found[:80]}”不是电子邮箱地址。请填写一个地址，例如 zhangsan@example.gov.cn，不含空格、换行、中文。",
            field="email",
        )
    if len(found) > LONGEST_ADDRESS or len(found.partition("@")[0]) > 64:
        raise Refusal(
            f"电子邮箱地址为{len(found)}个字符，最多{LONGEST_ADDRESS}个（@之前最多64个）。请核对。", field="email"
        )
    return found


RETRIES = (timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24))
"""How long the next attempt waits after the first, second … temporary failure; after the last one it is given up."""


def wait_after(tries: int) -> timedelta | None:
    """The back-off after that many attempts; None where they were enough."""
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None
