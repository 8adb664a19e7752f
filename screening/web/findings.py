"""The forms of the six situations: each has its own fields, filled with what is known already, and its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms.fields import Field

from screening.domain.classification import FindingId
from screening.domain.grounds import COMMON, STATEMENT, Detail, Kind
from screening.domain.people import Person
from screening.services import Ledger, attachments, findings
from screening.services.views import FindingView
from screening.web.fields import ActForm, ChoiceField, HiddenField, LineField, TextField, TicksField

Forms = dict[str, "FindingForm"]
"""Digest of a finding -> its form."""


class FindingForm(ActForm):
    """The base of the six forms; `own` are the names of its boxes, `shown` those that the page has.

    `common` are those that all situations have.
    """

    common = tuple(detail.key for detail in COMMON)
    own: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    def told(self) -> findings.Told:
        """What was filled in, as typed."""
        return findings.Told(
            fields={name: str(self[name].data or "") for name in (*self.shown, STATEMENT)},
            attachments=tuple(UUID(value) for value in self["attachments"].data or ()),
            reference=str(self["reference"].data or ""),
        )


def _box(detail: Detail, place: str, *, fixed: bool) -> Field:
    about: dict[str, Any] = {"id": f"{place}-{detail.key}", "description": detail.hint}
    label = detail.label if detail.required or fixed else f"{detail.label}（选填）"
    if fixed:
        return LineField(detail.label, **{**about, "description": ""}, render_kw={"readonly": True})
    if detail.kind is Kind.CHOICE:
        return ChoiceField(label, [(value, value) for value in detail.choices], **about)
    return LineField(label, **about)


def form_of(
    asked: findings.Asked, files: Sequence[attachments.Attachment], place: str, *, entered: bool, posted: bool
) -> FindingForm:
    """The form of one finding; `place` makes the ids of its boxes unique on the page.

    `posted`: it is the one that was sent, so that its boxes hold what was typed.
    """
    boxes: dict[str, Any] = {
        detail.key: _box(detail, place, fixed=bool(asked.fixed.get(detail.key))) for detail in asked.fields
    }
    boxes[STATEMENT] = TextField(
        "事实", id=f"{place}-{STATEMENT}",
        description="写明时间、地点、主体和经过，将原样进入决定和文书；上面已填的数值不必重复。",
    )  # fmt: skip
    boxes["attachments"] = TicksField(
        "证据：本项目的附件",
        [(str(file.id), f"{file.about}：{file.name}") for file in files],
        id=f"{place}-attachments",
    )
    boxes["reference"] = LineField(
        "证据：其他出处", id=f"{place}-reference",
        description="不在附件中的证据，写明名称、编号和存放处。附件和出处至少有一项。",
    )  # fmt: skip
    if not entered:
        boxes["reason"] = TextField(
            "理由", id=f"{place}-reason", description="属实的写明怎样核实；不成立的写明为什么排除。"
        )
    boxes["which"] = HiddenField(id=f"{place}-which")
    boxes["own"] = tuple(detail.key for detail in asked.fields)
    boxes["shown"] = asked.shown
    made = type("FindingForm", (FindingForm,), boxes)
    form: FindingForm = made() if posted else made(formdata=None, data=_first(asked))
    return form


def _first(asked: findings.Asked) -> dict[str, str]:
    return {**asked.suggested, **asked.fixed}


def files_of(ledger: Ledger, project: UUID, *, by: Person) -> list[attachments.Attachment]:
    """The files that can prove something: those that were not voided."""
    return [file for file in attachments.of_project(ledger, project, by=by) if file.voided_at is None]


def offer_files(field: TicksField, ledger: Ledger, project: UUID, *, by: Person) -> None:
    """Lists the files that can prove something as what can be ticked."""
    field.offer((str(file.id), f"{file.about}：{file.name}") for file in files_of(ledger, project, by=by))


def forms_of(ledger: Ledger, project: UUID, shown: Sequence[FindingView], *, by: Person, today: date) -> Forms:
    """The forms of the findings on a page, by digest."""
    files = files_of(ledger, project, by=by)
    return {
        item.which: form_of(
            findings.asked(ledger, project, item.finding.id, item.which, by=by, today=today),
            files, place_of(item.which), entered=False, posted=False,
        )
        for item in shown
    }  # fmt: skip


def sent(
    ledger: Ledger, project: UUID, finding: FindingId, which: str | None, *, by: Person, today: date
) -> FindingForm:
    """The form that was sent, with what was typed."""
    return form_of(
        findings.asked(ledger, project, finding, which, by=by, today=today), files_of(ledger, project, by=by),
        place_of(which), entered=which is None, posted=True,
    )  # fmt: skip


def empty(ledger: Ledger, project: UUID, finding: FindingId, *, by: Person, today: date) -> FindingForm:
    """The form in which a finding is entered, filled with what the ledger knows."""
    return form_of(
        findings.asked(ledger, project, finding, None, by=by, today=today), files_of(ledger, project, by=by),
        place_of(None), entered=True, posted=False,
    )  # fmt: skip


def place_of(which: str | None) -> str:
    """What the ids of a form's boxes begin with."""
    if which is None:
        return "new"
    return f"f{which[:10]}" if which.isalnum() and which.isascii() else "gone"
