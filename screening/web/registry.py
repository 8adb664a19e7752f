"""台账 and 项目: the ledger filtered, sorted and paged by its address, and one project with everything about it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.people import Permission
from screening.domain.registry import PROJECT_FIELDS, UNIT_FIELDS
from screening.domain.review import Move
from screening.services import attachments, casefile, chronicle, dispositions, plans, registry, returns, saved
from screening.services.registry import Filter
from screening.web.boxes import box_of
from screening.web.desk import ledger, new_key, person, today
from screening.web.doors import Guarded
from screening.web.saved import asked_columns
from screening.web.selection import asked_filter, asked_selection, tidied

pages = Guarded("registry", __name__)

FACETS = (
    ("industry", "行业"),
    ("league", "盟市"),
    ("banner", "旗县"),
    ("stage", "建设状态"),
    ("disposition", "拟处置"),
    ("state", "办理环节"),
    ("deadline", "改造期限"),
)
CHIPS = {
    "focus": {"yes": "5万吨标准煤以上", "no": "5万吨标准煤以下"},
    "near": {"yes": "近线", "no": "不近线"},
    "findings": {"yes": "有六种情形", "no": "无六种情形"},
}  # fmt: skip
"""Filters that a link sets and no list of the filter bar shows: query-string name -> value -> words."""
UNSORTED = {"units", "findings", "due"}
"""Columns that the list is not sorted by; of the others, the key is what sorts."""


def chips_of(shown: registry.LedgerPage) -> list[tuple[str, str]]:
    """The filters that no list shows: (query-string name, words), so that nothing is filtered unseen."""
    found = []
    for name, value in shown.filter.query().items():
        if name in CHIPS:
            found.append((name, CHIPS[name].get(value, value)))
        elif name == "rule":
            found.append((name, f"依据规则 {value}"))
    return found


def timeline_of(view: registry.ProjectView) -> tuple[tuple[str, str, str | None, bool], ...]:
    """The approvals as a time line: (day, what, by whom and number, whether it is on file), the earliest first."""
    project = view.project
    steps = (
        ("filing_date", project.filing_kind or "立项", project.filing_organ, project.filing_number),
        ("review_date", "节能审查意见", project.review_organ, project.review_number),
        ("eia_date", "环评批复", None, project.eia_number),
        ("start_date", "开工", None, None),
        ("commissioning_date", "投产", None, None),
        ("acceptance_date", "节能验收", None, None),
    )
    found = []
    for key, what, organ, number in steps:
        day = getattr(project, key)
        details = " ".join(part for part in (organ, number) if part) or None
        if day is not None or details or key in project.known:
            found.append((day, what, details))
    found.sort(key=lambda step: (step[0] is None, step[0].first if step[0] else None) if step[0] else (True, ""))
    return tuple((str(day) if day else "未填", what, details, day is not None) for day, what, details in found)


@pages.get("/projects", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The ledger; without any question in the address, the view that the person wants to see first."""
    kept = saved.desk(ledger(), by=person())
    if kept.default is not None and not request.query_string:
        return redirect(url_for("saved.show", view=kept.default.id))
    if (tidy := tidied()) is not None:
        return redirect(tidy)
    chosen = asked_selection()
    shown = registry.list_projects(ledger(), Filter.read(request.args), by=person(), today=today())
    columns = asked_columns() or kept.columns or saved.USUAL
    return render_template(
        "registry/index.html",
        shown=shown,
        facets=FACETS,
        columns=[(key, saved.COLUMNS[key], "" if key in UNSORTED else key) for key in columns],
        chips=chips_of(shown),
        kept=kept,
        chosen=chosen,
        shown_ids={row.id for row in shown.rows},
        ticked_ids=[row.id for row in shown.rows if chosen.holds(row.id)],
        ticked_all_here=[key.hex for key in dict.fromkeys([*chosen.picked, *(row.id for row in shown.rows)])],
        save_key=new_key(),
        now_shown={"sort": "name", **shown.filter.query(page=1)},
        news={n.project: n.count for n in chronicle.news(ledger(), by=person(), projects=[r.id for r in shown.rows])},
    )


@pages.get("/projects.xlsx", may=Permission.READ)
def workbook() -> ResponseReturnValue:
    """The projects of a filter in the template's columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        registry.export(ledger(), path, asked_filter(), by=person(), today=today())
        data = path.read_bytes()
    answer = Response(data, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    name = quote(f"两高项目台账 {today()}.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@pages.get("/projects/<uuid:project>", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """One project."""
    view = registry.show(ledger(), project, by=person(), today=today())
    story = chronicle.show(ledger(), project, by=person())
    return render_template(
        "registry/show.html",
        view=view,
        story=story,
        to_correct=returns.to_correct(ledger(), project, by=person()),
        box_of=box_of,
        timeline=timeline_of(view),
        walked=casefile.timeline(ledger(), project, by=person(), story=story),
        decisions=dispositions.decisions(ledger(), project, by=person()),
        plans_beside=plans.beside(ledger(), project, by=person(), today=today()),
        attachments=attachments.of_project(ledger(), project, by=person()),
        project_fields=PROJECT_FIELDS,
        unit_fields=UNIT_FIELDS,
        Move=Move,
    )


@pages.get("/api/projects/<uuid:project>.json", may=Permission.READ)
def document(project: UUID) -> ResponseReturnValue:
    """The project as the contract's object (ledger-format §2)."""
    return jsonify(dict(registry.show(ledger(), project, by=person(), today=today()).document))


@pages.get("/api/projects.json", may=Permission.READ)
def documents() -> ResponseReturnValue:
    """The whole object of the contract (ledger-format §2) over the projects of a filter."""
    return jsonify(registry.contract(ledger(), asked_filter(), by=person(), today=today()))
