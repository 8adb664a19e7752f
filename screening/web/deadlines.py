"""期限: the clocks that run since service, by how near they are and what is at risk; as calendar, bars and figures."""

from __future__ import annotations

import re
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.lists import Listing
from screening.domain.people import Permission
from screening.domain.registry import Industry
from screening.services import deadlinefigures, deadlines, lists, plans, timecharts
from screening.web.desk import leaf, ledger, person, today
from screening.web.doors import Guarded
from screening.web.lists import as_file

pages = Guarded("deadlines", __name__)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def _morning() -> deadlines.Morning:
    return deadlines.morning(ledger(), deadlines.Asked.read(request.args), by=person(), today=today())


@pages.get("/deadlines", may=Permission.READ)
def index() -> ResponseReturnValue:
    """The terms of a group, by what is at risk."""
    view = _morning()
    rows = leaf(view.rows)
    return render_template(
        "deadlines/index.html",
        view=view,
        leaf=rows,
        said=deadlines.last_words(ledger(), rows.rows, today=today()),
        paces=plans.paces(ledger(), [term.clock.id for term in rows.rows], today=today()),
        groups=deadlines.GROUPS,
        sorts=deadlines.SORTS,
        kinds=deadlines.KINDS,
        outcomes=deadlines.OUTCOMES,
        industries=tuple(Industry),
        today=today(),
    )


@pages.get("/deadlines/calendar", may=Permission.READ)
def calendar() -> ResponseReturnValue:
    """A month of the terms."""
    view = _morning()
    return render_template(
        "deadlines/calendar.html", view=view, month=timecharts.month(view.rows, _first_day(), today=today()),
        sorts=deadlines.SORTS, cell=(timecharts.CELL_WIDTH, timecharts.CELL_HEIGHT),
    )  # fmt: skip


def _first_day() -> date:
    asked = request.args.get("month") or f"{today():%Y-%m}"
    found = _MONTH.fullmatch(asked)
    if found is None or not (1900 < int(found[1]) < 2200 and 1 <= int(found[2]) <= 12):
        raise Refusal(f"“{asked}”不是月份。请按 2026-11 的格式填写。", field="month")
    return date(int(found[1]), int(found[2]), 1)


@pages.get("/deadlines/gantt", may=Permission.READ)
def gantt() -> ResponseReturnValue:
    """The terms as bars."""
    view = _morning()
    rows = leaf(view.rows)
    return render_template(
        "deadlines/gantt.html", view=view, leaf=rows, sorts=deadlines.SORTS,
        chart=timecharts.gantt(ledger(), rows.rows, today=today()) if rows.rows else None,
    )  # fmt: skip


@pages.get("/deadlines/figures", may=Permission.READ)
def figures() -> ResponseReturnValue:
    """期限统计."""
    return render_template(
        "deadlines/figures.html", view=deadlinefigures.figures(ledger(), by=person(), today=today()),
        outcomes=deadlines.OUTCOMES,
    )  # fmt: skip


def _figures() -> Listing:
    found = deadlinefigures.figures(ledger(), by=person(), today=today())
    return lists.deadline_figures_list(ledger(), found, by=person(), today=today())


@pages.get("/deadlines/figures.pdf", may=Permission.READ)
def figures_pdf() -> ResponseReturnValue:
    """期限统计 on paper."""
    return as_file(_figures(), "pdf")


@pages.get("/deadlines/figures.csv", may=Permission.READ)
def figures_csv() -> ResponseReturnValue:
    """期限统计 as CSV."""
    return as_file(_figures(), "csv")


def _listing() -> Listing:
    """The terms that the page shows."""
    return lists.deadline_list(ledger(), _morning(), by=person(), today=today())


@pages.get("/deadlines.pdf", may=Permission.READ)
def pdf() -> ResponseReturnValue:
    """期限 on paper."""
    return as_file(_listing(), "pdf")


@pages.get("/deadlines.xlsx", may=Permission.READ)
def xlsx() -> ResponseReturnValue:
    """期限 as a workbook."""
    return as_file(_listing(), "xlsx")


@pages.get("/deadlines.csv", may=Permission.READ)
def csv() -> ResponseReturnValue:
    """期限 as CSV."""
    return as_file(_listing(), "csv")
