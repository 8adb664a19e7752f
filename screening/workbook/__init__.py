"""Spreadsheets in and out: `read` for what offices send, writers for the template, the export and the result.

parts: what the file is made of · sealed: the limited child that opens it · headers, cells, regions, rows, energy: how
it is understood · reading: what comes out · writing: what goes out · lists: lists to hand on ·
marking: the sender's own file with its faults noted · child: what the limited processes may know.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screening.workbook.lists import write_listing
    from screening.workbook.marking import Mark, mark
    from screening.workbook.reading import Batch, CellWarning, Reading, Rejection, UnknownColumns, read, read_batches
    from screening.workbook.writing import write_projects, write_results, write_template

_HOME = dict.fromkeys(
    ("Batch", "CellWarning", "Reading", "Rejection", "UnknownColumns", "read", "read_batches"), "reading"
)
_HOME |= dict.fromkeys(("Mark", "mark"), "marking")
_HOME |= dict.fromkeys(("write_projects", "write_results", "write_template"), "writing")
_HOME |= {"write_listing": "lists"}


def __getattr__(name: str) -> Any:
    """Loads what is asked for: the child process lies in this package too and must start without the rest."""
    if name in _HOME:
        return getattr(import_module(f"screening.workbook.{_HOME[name]}"), name)
    raise AttributeError(name)


__all__ = [
    "Batch",
    "CellWarning",
    "Mark",
    "Reading",
    "Rejection",
    "UnknownColumns",
    "mark",
    "read",
    "read_batches",
    "write_listing",
    "write_projects",
    "write_results",
    "write_template",
]
