"""The form of a recommendation: a disposition, its acts, what a person names himself, and what it does."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from screening.domain.classification import Disposition, Measure
from screening.domain.dispositions import Named, refers
from screening.domain.procedure import COUNTERSIGNING, StepId
from screening.services import review
from screening.web.desk import new_key
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, TextField, TicksField, needed


class RecommendForm(ActForm):
    """A disposition with its reasons; what belongs to the other dispositions is left aside."""

    disposition = ChoiceField("处置", blank=None, validators=[needed("请选择一种处置。")])
    measures = TicksField("措施")
    due = DayField(
        "改造（整改）到期日",
        description="责令限期的必填。填写确有必要的最短期限，格式如 2027-06-30。",
    )
    reason = TextField(
        "理由", [needed("请写明理由。")], description="写明依据的事实和规则；将显示在项目页，供签发人核对。"
    )
    despite = TextField(
        "未说明疑点的处理",
        description="还有数据疑点没有说明。仍要提出建议的，请写明为什么不影响结论；也可以先说明疑点。",
    )
    clause = LineField(
        "条款", description="改用与系统建议不同的处置时必填，例如：《实施方案》四（三）。改用的理由和条款将一直显示。"
    )

    countersigned_by = TicksField(
        "会签",
        [(step.value, step.words) for step in StepId if step in COUNTERSIGNING],
        description="请哪些部门会签。勾选的部门答复同意之前不能签发；不再需要的，在程序清单写明理由。",
    )

    choices: review.Choices

    def validate_due(self, due: DayField) -> None:
        """A term needs its last day; which days are allowed is the law's business, not the form's."""
        if due.data is None and not due.errors and self.disposition.data in self.choices.needs_due:
            raise ValidationError("请填写到期日：确有必要的最短期限的最后一天。")

    def validate_clause(self, clause: LineField) -> None:
        """Another disposition than the proposed one needs its clause."""
        proposed = self.choices.proposed
        if not clause.data and self.disposition.data != proposed:
            raise ValidationError(f"处置与系统建议“{proposed.words}”不同，请写明所依据的条款。")

    def chosen(self) -> tuple[str, ...]:
        """The measures ticked for the chosen disposition; the value of a tick is `DISPOSITION ref`."""
        wanted = f"{self.disposition.data} "
        return tuple(value[len(wanted) :] for value in self.measures.data or () if value.startswith(wanted))

    def effect(self) -> str | None:
        """The sentence of the chosen disposition."""
        box = self._fields.get(f"effect:{self.disposition.data}")
        return box.data if box is not None else None

    def parts_of(self, measure: Measure) -> list[Any]:
        """The boxes in which a person names parts of an act; none where the table knows it."""
        return [box for part in review.NAMED_FIELDS.values() if (box := self._fields.get(f"{part}:{measure.ref}"))]

    def effect_of(self, disposition: Disposition) -> Any:
        """The box of a disposition's effect."""
        return self._fields[f"effect:{disposition.value}"]

    def named(self) -> dict[str, Named]:
        """What was named, by ref of the act."""
        found: dict[str, dict[str, str]] = {}
        for name, box in self._fields.items():
            part, _, ref = name.partition(":")
            if (
                ref
                and part in review.NAMED_FIELDS.values()
                and box.data
                and box.data != self.choices.recipients.get(ref)
            ):
                found.setdefault(ref, {})[part] = box.data
        return {ref: Named(**parts) for ref, parts in found.items()}

    def told(self) -> dict[str, Any]:
        """What the form says, as the services take it."""
        return {
            "disposition": Disposition(self.disposition.data),
            "reason": self.reason.data or "",
            "clause": self.clause.data or None,
            "measures": self.chosen(),
            "due": self.due.data,
            "named": self.named(),
        }

    def begin(self) -> None:
        """Fills in what the program proposes."""
        choices = self.choices
        self.process(
            data={
                "disposition": choices.proposed.value,
                "due": choices.due,
                "countersigned_by": [step.value for step in choices.countersigning],
                "measures": [f"{d.value} {ref}" for d, refs in choices.asked_for.items() for ref in refs],
                **{f"effect:{d.value}": sentence for d, sentence in choices.effects.items()},
                **{f"organ:{ref}": organ for ref, organ in choices.recipients.items()},
            }
        )
        self.key.data = new_key()


_NAMED_LABELS = {"instrument": "选定的措施", "organ": "实施机关", "clause": "依据的条款"}


def recommend_form(choices: review.Choices) -> RecommendForm:
    """The form with a box for everything that this project's acts leave to a person."""
    boxes: dict[str, Any] = {f"effect:{d.value}": TextField(f"效力（{d.words}）") for d in choices.dispositions}
    for measures in choices.measures.values():
        for measure in measures:
            if measure.chosen_by_person:
                boxes |= {
                    f"{part}:{measure.ref}": LineField(label, render_kw={"list": "clauses"} if part == "clause" else {})
                    for part, label in _NAMED_LABELS.items()
                }
            elif refers(measure):
                boxes[f"organ:{measure.ref}"] = LineField("移送给")
    form: RecommendForm = type("RecommendForm", (RecommendForm,), boxes)()
    form.choices = choices
    if choices.proposed not in choices.dispositions:
        form.disposition.blank = f"请选择（系统建议：{choices.proposed.words}）"  # nothing to carry out as it stands
    form.disposition.offer(
        (d.value, d.words + ("（系统建议）" if d is choices.proposed else "")) for d in choices.dispositions
    )
    form.measures.offer(
        (f"{d.value} {measure.ref}", measure.instrument) for d, rows in choices.measures.items() for measure in rows
    )
    return form
