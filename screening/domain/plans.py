"""Chapter 5, the plan of a retrofit: its milestones, how far it has come, and when it arrives at this pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from screening.domain.calendar import chinese, months_later
from screening.domain.errors import Refusal

WHOLE: Final = 100
"""Per cent."""


class PlanStep(StrEnum):
    """The milestones of a plan, in their order."""

    FILED = "filed"
    CONTRACT = "contract"
    START = "start"
    FINISH = "finish"
    ACCEPTANCE = "acceptance"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "filed": "方案报送", "contract": "签订合同", "start": "开工", "finish": "完工", "acceptance": "验收",
        }[self.value]  # fmt: skip


STEPS: Final = tuple(PlanStep)


@dataclass(frozen=True, slots=True)
class Pace:
    """When a retrofit arrives if it goes on as it went so far; `arrives` is None where too little was reported.

    `months_late` counts begun months after the target (the due date, or a voluntary plan's own last day). `why` are
    sentences: what was reached when, and the arithmetic.
    """

    target: date
    arrives: date | None
    months_late: int
    past_limit: bool
    """Beyond the outer limit of three years."""
    done: bool
    why: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether enough was reported to say anything."""
        return self.arrives is not None

    @property
    def late(self) -> bool:
        """Whether it arrives after the target."""
        return self.months_late > 0

    @property
    def words(self) -> str:
        """One sentence for lists."""
        if self.arrives is None:
            return "进度报告不足，不能推算"
        if self.done:
            return f"已于{chinese(self.arrives)}达到验收" + (f"，晚{self.months_late}个月" if self.late else "")
        if not self.late:
            return "照此进度可按期完成"
        limit = "，超过最长期限" if self.past_limit else ""
        return f"照此进度晚{self.months_late}个月（约{chinese(self.arrives)}）{limit}"


def demand(planned: Mapping[PlanStep, date], *, due: date | None, outer_limit: date | None) -> tuple[str, ...]:
    """Refuses milestones that are missing, out of order or beyond the outer limit; warns of those beyond the due date.

    A voluntary plan has neither due date nor outer limit: its own last day is its target.
    """
    before: PlanStep | None = None
    warnings = []
    for step in STEPS:
        day = planned.get(step)
        if day is None:
            raise Refusal(f"请填写“{step.words}”的计划日期。", field=step.value)
        if before is not None and day < planned[before]:
            raise Refusal(
                f"“{step.words}”的计划日期{chinese(day)}早于“{before.words}”的{chinese(planned[before])}。请核对先后。",
                field=step.value,
            )
        if outer_limit is not None and day > outer_limit:
            raise Refusal(
                f"“{step.words}”的计划日期{chinese(day)}超过最长期限{chinese(outer_limit)}"
                f"（《实施方案》四（三）：淘汰时限不超过3年）。请填写不晚于该日的日期。",
                field=step.value,
            )
        if due is not None and day > due:
            warnings.append(f"“{step.words}”的计划日期{chinese(day)}晚于到期日{chinese(due)}，到期未验收即为逾期。")
        before = step
    return tuple(warnings)


def pace(
    planned: Mapping[PlanStep, date],
    reached: Mapping[PlanStep, date],
    shares: Sequence[tuple[date, int]] = (),
    *,
    start: date,
    today: date,
    due: date | None = None,
    outer_limit: date | None = None,
) -> Pace:
    """The arrival at the pace so far: time used since service over time planned for it, times the whole planned time.

    What counts is the furthest milestone reached (not the filing of the plan, which is paper), or a reported share of
    the works between start and finish; and the first milestone whose planned day has passed unreached: it is taken as
    reached today at the earliest. Being early promises nothing: the arrival is never put before the planned one.
    """
    target = due or planned[PlanStep.ACCEPTANCE]
    end = planned[PlanStep.ACCEPTANCE]
    if (done := reached.get(PlanStep.ACCEPTANCE)) is not None:
        return _told(target, done, outer_limit, done=True, why=(f"验收已于{chinese(done)}达到。",))
    # (planned for, reached on, what)
    points = [(planned[step], on, f"“{step.words}”") for step, on in reached.items() if step is not PlanStep.FILED]
    works = planned[PlanStep.FINISH] - planned[PlanStep.START]
    points += [
        (planned[PlanStep.START] + timedelta(days=works.days * share // WHOLE), on, f"工程进度{share}%")
        for on, share in shares
    ]
    points = [point for point in points if point[0] > start]
    if not points:
        return Pace(
            target, None, 0, False, False,
            ("除方案报送外还没有报告达到里程碑或者工程进度，不能推算。",),
        )  # fmt: skip
    furthest = max(points, key=lambda point: (point[0], -point[1].toordinal()))
    ahead = [step for step in STEPS if step not in reached and start < planned[step] < today]
    ahead = [step for step in ahead if planned[step] > furthest[0]]
    told = [furthest]
    if ahead:
        told.append((planned[ahead[0]], today, f"“{ahead[0].words}”"))
    whole = (end - start).days
    arrives, why = end, []
    for place, (plan, on, what) in enumerate(told):
        used, meant = (on - start).days, (plan - start).days
        needed = -(-whole * used // meant) if used > meant else whole
        arrival = _after(start, needed)
        said = f"计划{chinese(plan)}（送达后{meant}天）"
        why.append(
            f"{what}{said}，{'实际' + chinese(on) if place == 0 else '至今未达到，最早按今天'}（{max(used, 0)}天）"
            + (
                f"：照此进度，原定{whole}天约需{needed}天，约{chinese(arrival)}完成。"
                if used > meant
                else "：不慢于计划。"
            )
        )
        arrives = max(arrives, arrival)
    if arrives == end:
        why.append(
            f"按计划{chinese(end)}验收" + ("，不晚于到期日。" if end <= target else f"，晚于到期日{chinese(target)}。")
        )
    return _told(target, arrives, outer_limit, done=False, why=tuple(why))


def _after(start: date, days: int) -> date:
    """The day so many days on, or the last there is."""
    return date.fromordinal(min(start.toordinal() + days, date.max.toordinal()))


def _told(target: date, arrives: date, outer_limit: date | None, *, done: bool, why: tuple[str, ...]) -> Pace:
    past = outer_limit is not None and arrives > outer_limit
    return Pace(target, arrives, months_between(target, arrives), past, done, why)


def months_between(target: date, arrives: date) -> int:
    """The begun months from one day to a later one; 0 where it is not later."""
    if arrives <= target:
        return 0
    months = (arrives.year - target.year) * 12 + arrives.month - target.month
    if arrives.year == date.max.year:
        return max(months, 1)
    return months if months and months_later(target, months) >= arrives else months + 1
