"""数据疑点: figures that look wrong, each with a box for the explanation."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.services import plausibility, registry
from screening.web.desk import ledger, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm

pages = Guarded("plausibility", __name__)

BOX = "text-"
"""The name of a box is this and the digest of its warning."""


class ExplainForm(ActForm):
    """The token and the version; the boxes are as many as there are warnings."""

    def __init__(self, **more: object) -> None:
        super().__init__(**more)
        self.wrong: dict[str, str] = {}

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """(id of the box or None, message)."""
        return [*super().problems, *self.wrong.items()]

    def refuse(self, message: str, field: str | None = None) -> None:
        """Puts a refusal at the box that it names, or on top."""
        if field is not None and field.startswith(BOX):
            self.wrong[field] = message
        else:
            super().refuse(message, field)


def _page(project: UUID, form: ExplainForm, typed: dict[str, str]) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    return render_template("plausibility/show.html", view=view, form=form, wrong=form.wrong, typed=typed)


@pages.get("/projects/<uuid:project>/doubts", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The warnings of a project."""
    return _page(project, ExplainForm(formdata=None), {})


@pages.post("/projects/<uuid:project>/doubts", may=Permission.IMPORT)
def explain(project: UUID) -> ResponseReturnValue:
    """Keeps what was written in the boxes."""
    form = ExplainForm()
    typed = {name: text.replace("\r\n", "\n") for name, text in request.form.items() if name.startswith(BOX)}
    if form.validate():
        with form.attempt():
            plausibility.explain(
                ledger(),
                project,
                {name.removeprefix(BOX): text for name, text in typed.items()},
                seen=form.version,
                by=person(),
                at=now(),
            )
            flash("已保存对数据疑点的说明。", "good")
            return redirect(url_for("registry.show", project=project, _anchor="doubts"), 303)
    return _page(project, form, typed), form.status
