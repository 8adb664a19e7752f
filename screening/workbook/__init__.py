"""Spreadsheets in and out: `read` for what offices send, writers for the template, the export and the result.

parts: what the file is made of · sealed: the limited child that opens it · headers, cells, regions, rows, energy: how
it is understood · reading: what comes out.
"""

from screening.workbook.reading import Batch, CellWarning, Reading, Rejection, read, read_batches

__all__ = ["Batch", "CellWarning", "Reading", "Rejection", "read", "read_batches"]
