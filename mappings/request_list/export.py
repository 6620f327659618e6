"""Writes a list back as it came, with nothing but states, dates, links and responses brought up to date.

Text that a spreadsheet program would take for a formula gets an apostrophe before it; reading the list again takes it
off. Formulas of the sheet's own stay what they are in a workbook; in CSV there are none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import openpyxl
from openpyxl.cell import MergedCell

from mappings.records import RequestStatus

from .dates import NotADate, parse_date
from .headings import Heading
from .parse import ParsedList
from .rows import RequestRow
from .synonyms import Column
from .table import Cell, Row, Sheet, cell_text, escaped
from .words import STATUSES_BY_COLUMN, meaning

STATUS_WORDS: Mapping[str, str] = {
    RequestStatus.DRAFT: "Draft",
    RequestStatus.OPEN: "Open",
    RequestStatus.IN_PROGRESS: "In progress",
    RequestStatus.NEEDS_CLARIFICATION: "Needs clarification",
    RequestStatus.INTERNAL_REVIEW: "Internal review",
    RequestStatus.SUBMITTED: "Submitted",
    RequestStatus.RETURNED: "Returned",
    RequestStatus.ACCEPTED: "Accepted",
    RequestStatus.NOT_APPLICABLE: "Not applicable",
    RequestStatus.WITHDRAWN: "Withdrawn",
}
"""The word written for each state; reading it gives the state again."""

_NOT_YET_THE_AUDITORS = (RequestStatus.DRAFT, RequestStatus.IN_PROGRESS, RequestStatus.INTERNAL_REVIEW)


@dataclass(frozen=True, slots=True)
class CurrentValues:
    """What goes back to the auditor about one request. None and empty text leave a cell as it is."""

    status: str
    auditor_due_on: date | None = None
    submitted_on: date | None = None
    accepted_on: date | None = None
    evidence_link: str = ""
    response: str = ""


@dataclass(frozen=True, slots=True)
class CellChange:
    row: int
    """The row's number in the file."""
    index: int
    """The column, counted from 0."""
    value: str | date


def changed_cells(parsed: ParsedList, current: Mapping[str, CurrentValues]) -> tuple[CellChange, ...]:
    """The cells of the list that say something else than `current`, which is by the request's number.

    A cell that says the same in other words stays. Rows without a number, and columns that the list does not have, are
    left alone.
    """
    if parsed.layout is None:
        return ()
    by_key = {number.casefold(): values for number, values in current.items()}
    raw = {row.number: row for row in parsed.layout.rows}
    return tuple(
        CellChange(item.row, heading.index, value)
        for item in parsed.rows
        if (values := by_key.get(item.number.casefold()))
        for heading in parsed.layout.headings
        if (value := _new_value(heading, raw[item.row].cell(heading.index), item, values)) is not None
    )


def _new_value(heading: Heading, cell: Cell, item: RequestRow, values: CurrentValues) -> str | date | None:
    match heading.column:
        case Column.STATUS | Column.INTERNAL_STATUS | Column.AUDITOR_STATUS as column:
            return _status(column, cell, values.status)
        case Column.AUDITOR_DUE_ON:
            return values.auditor_due_on if values.auditor_due_on != item.auditor_due_on else None
        case Column.SUBMITTED_ON:
            return _day(cell, values.submitted_on)
        case Column.ACCEPTED_ON:
            return _day(cell, values.accepted_on)
        case Column.EVIDENCE_LINK:
            return _text(cell, values.evidence_link)
        case Column.RESPONSE:
            return _text(cell, values.response)
        case _:
            return None


def _status(column: Column, cell: Cell, status: str) -> str | None:
    """The word for a state; what the company does among itself is open to the auditor."""
    is_inside = column == Column.AUDITOR_STATUS and status in _NOT_YET_THE_AUDITORS
    told = RequestStatus.OPEN if is_inside else status
    said = meaning(STATUSES_BY_COLUMN[column], cell_text(cell)) if cell_text(cell) else None
    return STATUS_WORDS[told] if said != told else None


def _text(cell: Cell, text: str) -> str | None:
    return text if text and text != cell_text(cell) else None


def _day(cell: Cell, day: date | None) -> date | None:
    try:
        return None if cell is not None and parse_date(cell, None) == day else day
    except NotADate:
        return day


def write_csv(sheet: Sheet, changes: Sequence[CellChange]) -> bytes:
    """The table as CSV with `changes` in it: UTF-8 with its mark (for Excel), the delimiter it came with."""
    values: dict[int, dict[int, str | date]] = {}
    for change in changes:
        values.setdefault(change.row, {})[change.index] = change.value
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=sheet.delimiter)
    writer.writerows(list(_csv_cells(row, values.get(row.number, {}))) for row in sheet.rows)
    return stream.getvalue().encode("utf-8-sig")


def _csv_cells(row: Row, values: Mapping[int, str | date]) -> Iterator[str]:
    for index in range(max([len(row.cells), *(index + 1 for index in values)])):
        cell = values.get(index, row.cell(index))
        yield escaped(cell_text(cell) if isinstance(cell, date) else cell or "")


def write_xlsx(content: bytes, sheet: Sheet, changes: Sequence[CellChange]) -> bytes:
    """The workbook it came in, `content`, with `changes` in the one sheet; all other cells and sheets are untouched."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    target = workbook[sheet.name]
    for change in changes:
        cell = target.cell(change.row, change.index + 1)
        if not isinstance(cell, MergedCell):
            cell.value = change.value if isinstance(change.value, date) else escaped(change.value)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()
