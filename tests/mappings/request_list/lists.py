"""Small lists for tests, as files and as they are read."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.styles import Font

from mappings.request_list import (
    ExistingRequest,
    ImportOptions,
    ImportPlan,
    Level,
    ParsedList,
    RequestRow,
    parse_request_list,
    plan_import,
    read_table,
)

Table: TypeAlias = Sequence[Sequence[object]]


def csv_of(table: Table, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(table)
    return stream.getvalue().encode(encoding)


def xlsx_of(
    sheets: Mapping[str, Table], *, hidden: str = "", merged: Sequence[str] = (), struck: Sequence[str] = ()
) -> bytes:
    """A workbook; `merged` are cell ranges of its first sheet, and `struck` cells of it that are crossed out."""
    workbook = Workbook()
    workbook.remove(workbook.active)  # type: ignore[arg-type]  # a new workbook has one
    for name, table in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in table:
            sheet.append(list(row))
        if name == hidden:
            sheet.sheet_state = "hidden"
    for cells in merged:
        workbook.worksheets[0].merge_cells(cells)
    for cell in struck:
        workbook.worksheets[0][cell].font = Font(strike=True)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def parse(table: Table, **options: Any) -> ParsedList:
    return parse_request_list(read_table("list.csv", csv_of(table)), ImportOptions(**options))


def only_row(heading: str, cell: str, **options: Any) -> tuple[RequestRow, ParsedList]:
    """One request with one more column than number and title."""
    parsed = parse([["ID", "Title", heading], ["R-1", "Access review", cell]], **options)
    return parsed.rows[0], parsed


def plan(table: Table, existing: dict[str, ExistingRequest] | None = None, **options: Any) -> ImportPlan:
    return plan_import(parse(table, **options), existing or {})


def told(parsed: ParsedList | ImportPlan, level: Level) -> list[str]:
    return [str(finding) for finding in parsed.findings if finding.level == level]


def warnings(parsed: ParsedList | ImportPlan) -> list[str]:
    return told(parsed, Level.WARNING)


def problems(parsed: ParsedList | ImportPlan) -> list[str]:
    return told(parsed, Level.PROBLEM)


def notes(parsed: ParsedList | ImportPlan) -> list[str]:
    return told(parsed, Level.NOTE)
