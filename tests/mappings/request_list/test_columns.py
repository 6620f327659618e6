"""Finding the list in a file, and what its columns mean."""

from typing import Any

import pytest

from mappings.request_list import ImportOptions, parse_request_list, read_table
from mappings.request_list.synonyms import MEANINGS, Column, header_key

from .lists import Table, notes, parse, problems, warnings, xlsx_of


def meanings(headers: list[str], *rows: list[str], **options: Any) -> dict[str, str]:
    return dict(parse([headers, *(rows or [["x"] * len(headers)])], **options).mapping)


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Request ID", "number"),
        ("  request-id ", "number"),
        ("uniqueId", "number"),
        ("No.", "number"),
        ("Nº", "number"),
        ("PBC #", "number"),
        ("Artifact Description", "title"),
        ("What is needed", "description"),
        ("TSC\nRef", "criteria"),
        ("CONTROL_ID", "controls"),
        ("P/S", "request_type"),
        ("As-of date", "period"),
        ("Department", "team"),
        ("Responsible party", "owner"),
        ("Approver", "reviewer"),
        ("dueDate", "auditor_due_on"),
        ("Needed by (dd/mm/yyyy)", "auditor_due_on"),
        ("Prio*", "priority"),
        ("Delivered?", "status"),
        ("Client status", "internal_status"),
        ("Firm status", "auditor_status"),
        ("System/Tool", "system"),
        ("Cadence", "frequency"),
        ("Ticket", "jira_key"),
        ("Favourite colour", "keep"),
    ],
)
def test_headings_are_read_whatever_their_case_blanks_and_punctuation(header: str, meaning: str) -> None:
    headers = [header] if meaning in ("number", "title") else ["ID", "Title", header]
    headers += {"number": ["Title"], "title": ["ID"]}.get(meaning, [])
    assert meanings(headers)[" ".join(header.split())] == meaning


def test_every_meaning_has_a_heading_that_is_surely_it() -> None:
    sure = {found[0].column for found in MEANINGS.values() if found[0].rank == 1}
    assert sure == set(Column)


def test_no_heading_means_two_things_equally_surely_but_item_and_what_can_be_title_or_text() -> None:
    torn = {key for key, found in MEANINGS.items() if len(found) > 1 and found[0].rank == found[1].rank}
    assert torn == {header_key(name) for name in ("Item", "Evidence requested", "Information requested")}


# --- where the list is


def test_titles_above_and_explaining_sheets_are_passed() -> None:
    content = xlsx_of(
        {
            "Instructions": [
                ["Title", "Owner", "Due date", "Status", "Priority"],
                ["what it is", "who", "when", "-", "-"],
            ],
            "Dashboard": [["Status", "Count"], ["Open", 3]],
            "PBC": [["Acme - SOC 2"], ["Period: 2026"], [], ["Ref #", "Item", "Due"], ["R-1", "Access review", "TBD"]],
        }
    )
    parsed = parse_request_list(read_table("list.xlsx", content))
    assert [(row.row, row.number, row.title) for row in parsed.rows] == [(5, "R-1", "Access review")]


def test_a_row_of_groups_above_the_headings_is_not_taken_for_them() -> None:
    table: Table = [
        ["Request", "", "", "Response", ""],
        ["#", "Title", "Due date", "Owner", "Status"],
        ["1", "Access review", "2026-12-01", "Ann Lee <ann@acme.example>", "Open"],
    ]
    parsed = parse(table)
    assert [row.number for row in parsed.rows] == ["1"]
    assert problems(parsed) == []


def test_several_lists_in_a_workbook_are_a_question_until_the_caller_names_one() -> None:
    table = [["ID", "Title"], ["1", "a"]]
    content = xlsx_of({"Round 1": table, "Round 2": [["ID", "Title"], ["2", "b"]]})
    sheets = read_table("list.xlsx", content)
    [question] = parse_request_list(sheets).questions
    assert (question.subject, question.choices) == ("sheet", ("Round 1", "Round 2"))
    assert [row.number for row in parse_request_list(sheets, ImportOptions(sheet="Round 2")).rows] == ["2"]
    [question] = parse_request_list(sheets, ImportOptions(sheet="Round 3")).questions
    assert "no sheet 'Round 3'" in question.text


def test_the_clearly_fuller_list_is_read_and_the_other_named() -> None:
    content = xlsx_of(
        {
            "Samples": [["ID", "Title"], ["1", "a"]],
            "List": [["ID", "Title", "Owner", "Due", "Status"], ["1", "a", "", "", "Open"]],
        }
    )
    parsed = parse_request_list(read_table("list.xlsx", content))
    assert parsed.layout is not None
    assert parsed.layout.sheet.name == "List"
    assert notes(parsed) == ["Only the sheet 'List' is read, not: Samples."]


def test_a_file_without_headings_is_refused_with_what_they_look_like() -> None:
    [problem] = problems(parse([["1", "Access review"], ["2", "Backups"]]))
    assert problem == (
        "No row of headings was found; expected a row with at least a title and one more heading, such as "
        "'Request #', 'Title', 'Owner', 'Due date'. Add the row, or say with the mapping of columns what yours are "
        "called."
    )


def test_headings_with_nothing_below_them_are_refused() -> None:
    [problem] = problems(parse([["ID", "Title"]]))
    assert "no request below the headings on row 1" in problem


# --- two headings for one meaning


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Ref #", "Item", "Details"], {"Ref #": "number", "Item": "title", "Details": "description"}),
        (
            ["PBC #", "Summary", "Information requested"],
            {"PBC #": "number", "Summary": "title", "Information requested": "description"},
        ),
        (
            ["ID", "Evidence requested", "What is needed"],
            {"ID": "number", "Evidence requested": "title", "What is needed": "description"},
        ),
        (["Request ID", "Ref", "Title"], {"Request ID": "number", "Ref": "keep", "Title": "title"}),
        (["ID", "Title", "Owner", "Contact"], {"ID": "number", "Title": "title", "Owner": "owner", "Contact": "keep"}),
        (
            ["ID", "Title", "Control", "Control ID"],
            {"ID": "number", "Title": "title", "Control": "keep", "Control ID": "controls"},
        ),
        (["ID", "Title", "To"], {"ID": "number", "Title": "title", "To": "keep"}),
        (
            ["ID", "Title", "From", "To"],
            {"ID": "number", "Title": "title", "From": "period_start", "To": "period_end"},
        ),
        (["ID", "Title", "Period", "To"], {"ID": "number", "Title": "title", "Period": "period", "To": "keep"}),
        (
            ["ID", "Title", "Notes", "Comments"],
            {"ID": "number", "Title": "title", "Notes": "notes", "Comments": "keep"},
        ),
    ],
)
def test_the_surer_heading_has_the_meaning(headers: list[str], expected: dict[str, str]) -> None:
    parsed = parse([headers, [f"value of {header}" for header in headers]])
    assert dict(parsed.mapping) == expected
    assert parsed.questions == ()


def test_item_is_the_number_when_nothing_else_is_and_its_cells_look_like_numbers() -> None:
    assert meanings(["Item", "Description"], ["1.1", "Access"], ["1.2", "Backups"])["Item"] == "number"
    parsed = parse([["Item", "Description"], ["Access review", "All of it"]], number_missing=True)
    assert parsed.mapping["Item"] == "title"


def test_id_beside_reference_is_a_question_that_the_mapping_answers() -> None:
    table = [["ID", "Reference", "Title"], ["1", "SEC-1", "a"]]
    [question] = parse(table).questions
    assert question.choices == ("ID", "Reference")
    answered = parse(table, columns={"reference": "number", "ID": "keep"})
    assert answered.questions == ()
    assert answered.rows[0].number == "SEC-1"
    assert answered.rows[0].extra == {"ID": "1"}


def test_two_columns_that_could_equally_be_the_owner_are_a_question() -> None:
    table = [["ID", "Title", "Owner", "Assignee"], ["1", "a", "Ann <ann@acme.example>", "Bob <bob@acme.example>"]]
    [question] = parse(table).questions
    assert question.choices == ("Owner", "Assignee")
    assert parse(table, columns={"Assignee": "owner"}).questions == ()


def test_an_empty_or_repeating_column_gives_way_without_a_question() -> None:
    headers = ["ID", "Title", "Owner", "Assignee"]
    empty = parse([headers, ["1", "a", "", "Bob <bob@acme.example>"]])
    assert (empty.mapping["Assignee"], empty.questions) == ("owner", ())
    same = parse([headers, ["1", "a", "b@acme.example", "b@acme.example"]])
    assert (same.mapping["Owner"], same.questions) == ("owner", ())


def test_the_callers_mapping_comes_before_the_words() -> None:
    parsed = parse(
        [["Code", "What", "Owner"], ["1", "a", "x"]], columns={"code": "number", "What": "title", "Owner": "keep"}
    )
    assert (parsed.rows[0].number, parsed.rows[0].title) == ("1", "a")
    assert parsed.rows[0].extra == {"Owner": "x"}


def test_a_mapping_to_a_meaning_that_does_not_exist_is_a_problem() -> None:
    [problem] = problems(parse([["ID", "Title"], ["1", "a"]], columns={"Title": "headline"}))
    assert "'headline'" in problem
    assert "expected one of number, title" in problem


def test_a_mapping_of_a_column_that_is_not_there_is_told() -> None:
    [warning] = warnings(parse([["ID", "Title"], ["1", "a"]], columns={"Wer": "owner"}))
    assert "'Wer'" in warning


def test_the_mapping_that_was_used_gives_the_same_reading_next_time() -> None:
    table = [["Ref #", "Item", "Details", "Mood"], ["1", "a", "b", "c"]]
    first = parse(table)
    assert parse(table, columns=first.mapping).rows == first.rows


def test_without_a_title_the_first_line_of_the_description_is_one() -> None:
    parsed = parse([["#", "Request description"], ["1", "Access review\nAll four quarters"]])
    assert (parsed.rows[0].title, parsed.rows[0].description) == ("Access review", "Access review\nAll four quarters")
    assert "No column holds titles" in warnings(parsed)[0]


def test_without_title_or_description_it_is_asked_which_column_is_one() -> None:
    [question] = parse([["ID", "Owner", "Was"], ["1", "", "Prüfung"]]).questions
    assert (question.subject, question.choices) == ("columns", ("Was",))


# --- columns that are kept


def test_unknown_columns_are_kept_word_for_word() -> None:
    table = [
        ["ID", "Title", "Mood", "", "Mood", "Notes"],
        ["1", "a", "good", "x", "bad", "- b"],
        ["2", "b", "-", "", "", ""],
    ]
    parsed = parse(table)
    assert parsed.rows[0].extra == {"Mood": "good", "Column D": "x", "Mood E": "bad", "Notes": "- b"}
    assert parsed.rows[1].extra == {"Mood": "-"}


# --- rows that are no requests


@pytest.mark.parametrize(
    "row",
    [
        ["ID", "Title", "Owner", "Due date"],
        ["(example)", "Access review", "", ""],
        ["R-0", "Access review (example)", "", ""],
        ["Example: R-0", "Access review", "", ""],
        ["R-001", "short text", "name", "dd/mm/yyyy"],
        ["Access control", "", "", ""],
        ["Total", "12", "", ""],
        ["Total items: 3", "", "", ""],
        ["Grand total", "", "", "3"],
        ["End of list", "", "", ""],
    ],
)
def test_headings_examples_sections_and_totals_among_the_rows_are_passed_with_a_note(row: list[str]) -> None:
    parsed = parse([["ID", "Title", "Owner", "Due date"], ["1", "a", "", ""], row, ["2", "b", "", ""]])
    assert [item.number for item in parsed.rows] == ["1", "2"]
    assert len(notes(parsed)) == 1
    assert problems(parsed) == []


@pytest.mark.parametrize(
    ("number", "title"),
    [
        ("3", "Sample: 25 new people"),
        ("3", "Example of an access review"),
        ("3", "Sample of changes"),
        ("3", "Total number of incidents"),
        ("Follow-up - 08", "Owner"),
    ],
)
def test_requests_that_look_a_little_like_that_are_requests(number: str, title: str) -> None:
    parsed = parse([["ID", "Title", "Owner"], [number, title, ""]])
    assert [(item.number, item.title) for item in parsed.rows] == [(number, title)]


def test_a_wide_merged_row_is_a_section() -> None:
    table: Table = [
        ["Title", "ID", "Owner", "Due"],
        ["Part 1: access", None, None, None],
        ["Access review", "1", None, None],
    ]
    parsed = parse_request_list(read_table("list.xlsx", xlsx_of({"L": table}, merged=["A2:D2"])))
    assert [row.title for row in parsed.rows] == ["Access review"]
