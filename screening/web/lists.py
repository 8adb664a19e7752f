"""清单: the ledger as a list, the efficiency of enterprises, the yearly plan; each as page, xlsx, csv and PDF."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from screening.domain.lists import Listing, Look
from screening.domain.people import Permission
from screening.domain.review import LetterState
from screening.services import gaps, letters, lists, registry
from screening.web.desk import leaf, ledger, person, today
from screening.web.doors import Guarded
from screening.web.saved import listed_columns
from screening.web.selection import asked_filter

pages = Guarded("lists", __name__)

TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _handed(data: bytes, title: str, form: str) -> Response:
    """A file to keep; a PDF is shown."""
    answer = Response(data, content_type=TYPES[form])
    way = "inline" if form == "pdf" else "attachment"
    answer.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(f'{title} {today()}.{form}')}"
    return answer


def as_file(listing: Listing, form: str) -> Response:
    """The list in one of the forms; `paper` of the address is A4 or A3."""
    if form == "pdf":
        return _handed(lists.pdf(listing, request.args.get("paper") or "A4"), listing.title, form)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{form}"
        lists.write(listing, path)
        return _handed(path.read_bytes(), listing.title, form)


def _ledger() -> Listing:
    """The list of the ledger page with the columns that its address or the person chose."""
    columns = listed_columns() or lists.USUAL
    return lists.ledger_list(ledger(), asked_filter(), by=person(), today=today(), columns=columns)


@pages.get("/projects.pdf", may=Permission.READ)
def ledger_pdf() -> ResponseReturnValue:
    """The projects of a filter on paper."""
    return as_file(_ledger(), "pdf")


@pages.get("/projects/list.xlsx", may=Permission.READ)
def ledger_xlsx() -> ResponseReturnValue:
    """The projects of a filter, one row each, with their results."""
    return as_file(_ledger(), "xlsx")


@pages.get("/projects/list.csv", may=Permission.READ)
def ledger_csv() -> ResponseReturnValue:
    """The same as CSV."""
    return as_file(_ledger(), "csv")


@pages.get("/projects.csv", may=Permission.READ)
def template_csv() -> ResponseReturnValue:
    """The projects of a filter in the template's columns, which can be imported again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        registry.export(ledger(), path, asked_filter(), by=person(), today=today())
        return _handed(path.read_bytes(), "两高项目台账", "csv")


@pages.get("/lists/efficiency", may=Permission.READ)
def efficiency() -> ResponseReturnValue:
    """企业能效清单."""
    shown = lists.efficiency_page(ledger(), asked_filter(), by=person(), today=today())
    return render_template("lists/efficiency.html", shown=shown, query=asked_filter().query(page=1), Look=Look)


@pages.get("/lists/efficiency.pdf", may=Permission.READ)
def efficiency_pdf() -> ResponseReturnValue:
    """企业能效清单 on paper."""
    return as_file(lists.efficiency_list(ledger(), asked_filter(), by=person(), today=today()), "pdf")


@pages.get("/lists/efficiency.xlsx", may=Permission.READ)
def efficiency_xlsx() -> ResponseReturnValue:
    """企业能效清单 as a workbook."""
    return as_file(lists.efficiency_list(ledger(), asked_filter(), by=person(), today=today()), "xlsx")


@pages.get("/lists/efficiency.csv", may=Permission.READ)
def efficiency_csv() -> ResponseReturnValue:
    """企业能效清单 as CSV."""
    return as_file(lists.efficiency_list(ledger(), asked_filter(), by=person(), today=today()), "csv")


@pages.get("/lists/plan", may=Permission.READ)
def plan() -> ResponseReturnValue:
    """年度改造淘汰计划, the nearest year first."""
    found = lists.plan(ledger(), asked_filter(), by=person(), today=today())
    years = [(group.title, len(group.rows)) for group in found.listing.groups]
    chosen = request.args.get("year")
    rows = [
        (group.title, project, cells)
        for group, ids in zip(found.listing.groups, found.ids, strict=True)
        for project, cells in zip(ids, group.rows, strict=True)
        if chosen in {None, "", group.title}
    ]
    return render_template(
        "lists/plan.html",
        listing=found.listing,
        leaf=leaf(rows),
        years=years,
        chosen=chosen,
        query=asked_filter().query(page=1),
        Look=Look,
    )


@pages.get("/lists/plan.pdf", may=Permission.READ)
def plan_pdf() -> ResponseReturnValue:
    """年度改造淘汰计划 on paper."""
    return as_file(lists.plan_list(ledger(), asked_filter(), by=person(), today=today()), "pdf")


@pages.get("/lists/plan.xlsx", may=Permission.READ)
def plan_xlsx() -> ResponseReturnValue:
    """年度改造淘汰计划 as a workbook."""
    return as_file(lists.plan_list(ledger(), asked_filter(), by=person(), today=today()), "xlsx")


@pages.get("/lists/plan.csv", may=Permission.READ)
def plan_csv() -> ResponseReturnValue:
    """年度改造淘汰计划 as CSV."""
    return as_file(lists.plan_list(ledger(), asked_filter(), by=person(), today=today()), "csv")


@pages.get("/lists/gaps", may=Permission.READ)
def gaps_page() -> ResponseReturnValue:
    """补录间隔统计, office by office."""
    return render_template("lists/gaps.html", listing=gaps.listing(ledger(), by=person(), today=today()))


@pages.get("/lists/gaps.pdf", may=Permission.READ)
def gaps_pdf() -> ResponseReturnValue:
    """补录间隔统计 on paper."""
    return as_file(gaps.listing(ledger(), by=person(), today=today()), "pdf")


@pages.get("/lists/gaps.xlsx", may=Permission.READ)
def gaps_xlsx() -> ResponseReturnValue:
    """补录间隔统计 as a workbook."""
    return as_file(gaps.listing(ledger(), by=person(), today=today()), "xlsx")


@pages.get("/lists/gaps.csv", may=Permission.READ)
def gaps_csv() -> ResponseReturnValue:
    """补录间隔统计 as CSV."""
    return as_file(gaps.listing(ledger(), by=person(), today=today()), "csv")


def _letters() -> Listing:
    """The letters of a state and words."""
    state, words = request.args.get("state"), (request.args.get("q") or "").strip()
    wanted = LetterState(state) if state in set(LetterState) else None
    found = letters.list_letters(ledger(), by=person(), state=wanted, q=words)
    said = [wanted.words] if wanted else []
    if words:
        said.append(f"文号、项目、单位含“{words}”")
    return lists.letter_list(ledger(), found, said, by=person(), today=today())


@pages.get("/letters/list.pdf", may=Permission.READ)
def letters_pdf() -> ResponseReturnValue:
    """文书 on paper."""
    return as_file(_letters(), "pdf")


@pages.get("/letters/list.csv", may=Permission.READ)
def letters_csv() -> ResponseReturnValue:
    """文书 as CSV."""
    return as_file(_letters(), "csv")
