"""Writing a list back to the auditor."""

import io
from datetime import date, datetime

import openpyxl
import pytest

from mappings.records import RequestStatus
from mappings.request_list import (
    Action,
    CellChange,
    CurrentValues,
    after_import,
    changed_cells,
    parse_request_list,
    plan_import,
    read_table,
    write_csv,
    write_xlsx,
)
from mappings.request_list.export import STATUS_WORDS
from mappings.request_list.synonyms import Column
from mappings.request_list.words import STATUSES_BY_COLUMN, meaning

from .lists import Table, csv_of, parse, xlsx_of

HEADERS = [
    "ID",
    "Title",
    "Due",
    "Internal status",
    "Auditor status",
    "Date submitted",
    "Evidence link",
    "Response",
    "Mood",
]
TABLE: Table = [
    ["Acme SOC 2"],
    HEADERS,
    ["R-1", "=1+1", "2026-12-14", "Open", "Open", "", "", "", "good"],
    ["R-2", "b"],
]
NOW = CurrentValues(
    status="submitted",
    auditor_due_on=date(2026, 12, 21),
    submitted_on=date(2026, 12, 11),
    evidence_link="https://wiki.acme.example/R-1",
    response="-see page",
)


def test_only_states_dates_links_and_responses_are_written() -> None:
    parsed = parse(TABLE)
    changes = changed_cells(parsed, {"r-1": NOW})
    assert {(change.row, HEADERS[change.index], change.value) for change in changes} == {
        (3, "Due", date(2026, 12, 21)),
        (3, "Internal status", "Submitted"),
        (3, "Auditor status", "Submitted"),
        (3, "Date submitted", date(2026, 12, 11)),
        (3, "Evidence link", "https://wiki.acme.example/R-1"),
        (3, "Response", "-see page"),
    }


def test_a_cell_that_says_the_same_in_other_words_stays() -> None:
    table = [["ID", "Title", "Status", "Date submitted"], ["1", "a", "Uploaded", "11 Dec 2026"]]
    assert changed_cells(parse(table), {"1": CurrentValues("submitted", submitted_on=date(2026, 12, 11))}) == ()


def test_what_the_company_does_among_itself_is_open_to_the_auditor() -> None:
    for status in ("draft", "in_progress", "internal_review"):
        changes = changed_cells(parse(TABLE), {"R-1": CurrentValues(status)})
        assert [HEADERS[change.index] for change in changes] == ["Internal status"], status


@pytest.mark.parametrize("status", list(RequestStatus))
def test_each_written_word_is_read_as_the_state_it_was(status: str) -> None:
    for column in (Column.STATUS, Column.INTERNAL_STATUS, Column.AUDITOR_STATUS):
        assert meaning(STATUSES_BY_COLUMN[column], STATUS_WORDS[status]) == status


def test_csv_goes_back_with_formulas_escaped_and_everything_else_as_it_was() -> None:
    parsed = parse_request_list(read_table("list.csv", csv_of(TABLE, ";")))
    assert parsed.layout is not None
    content = write_csv(parsed.layout.sheet, changed_cells(parsed, {"R-1": NOW}))
    assert content.decode("utf-8-sig").splitlines() == [
        "Acme SOC 2",
        ";".join(HEADERS),
        "R-1;'=1+1;2026-12-21;Submitted;Submitted;2026-12-11;https://wiki.acme.example/R-1;'-see page;good",
        "R-2;b",
    ]


@pytest.mark.parametrize("cell", ["=1", "+A1", "@x", "-cmd", "\tx"])
def test_no_text_goes_out_that_a_spreadsheet_would_take_for_a_formula(cell: str) -> None:
    [sheet] = read_table("list.csv", csv_of([["ID", "Title"], ["1", cell]]))
    assert f"1,'{cell}" in write_csv(sheet, ()).decode("utf-8-sig")


@pytest.mark.parametrize("cell", ["-", "-5", "+3.5%", "a=b"])
def test_numbers_and_dashes_need_no_escape(cell: str) -> None:
    [sheet] = read_table("list.csv", csv_of([["ID", "Title", "x"], ["1", cell, "y"]]))
    assert "'" not in write_csv(sheet, ()).decode("utf-8-sig")


def test_an_exported_list_that_comes_in_again_changes_nothing() -> None:
    parsed = parse(TABLE)
    register = after_import(plan_import(parsed, {}), {})
    assert parsed.layout is not None
    values = {number: CurrentValues("open", evidence_link="=x", response="-y") for number in register}
    content = write_csv(parsed.layout.sheet, changed_cells(parsed, values))
    again = plan_import(parse_request_list(read_table("list.csv", content)), register)
    assert [row.action for row in again.rows] == [Action.UNCHANGED, Action.UNCHANGED]


def test_a_workbook_goes_back_with_its_other_cells_and_sheets_untouched() -> None:
    table: Table = [
        ["ID", "Title", "Due", "Status", "Response", "Sum"],
        ["R-1", "a", date(2026, 12, 14), "Open", None, "=1+1"],
    ]
    content = xlsx_of({"PBC": table, "Notes": [["keep me"]]})
    sheets = read_table("list.xlsx", content)
    parsed = parse_request_list(sheets)
    changes = changed_cells(parsed, {"R-1": NOW})
    workbook = openpyxl.load_workbook(io.BytesIO(write_xlsx(content, sheets[0], changes)))
    assert [cell.value for cell in workbook["PBC"][2]] == [
        "R-1",
        "a",
        datetime(2026, 12, 21),  # noqa: DTZ001 a sheet knows no zones
        "Submitted",
        "'-see page",
        "=1+1",
    ]
    assert workbook["PBC"]["E2"].data_type == "s"
    assert workbook["Notes"]["A1"].value == "keep me"


def test_a_merged_cell_is_left_alone() -> None:
    table: Table = [["ID", "Title", "Status"], ["R-1", "a", "Open"], ["R-2", "b", None]]
    content = xlsx_of({"PBC": table}, merged=["C2:C3"])
    [sheet] = read_table("list.xlsx", content)
    workbook = openpyxl.load_workbook(io.BytesIO(write_xlsx(content, sheet, [CellChange(3, 2, "Submitted")])))
    assert workbook["PBC"]["C2"].value == "Open"


def test_requests_that_are_not_on_the_list_and_lists_without_headings_change_nothing() -> None:
    assert changed_cells(parse(TABLE), {"R-99": NOW}) == ()
    assert changed_cells(parse([["x"], ["y"]]), {"R-1": NOW}) == ()
