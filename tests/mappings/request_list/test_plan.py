"""What an import would do, and when it is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.request_list import (
    Action,
    ExistingRequest,
    after_import,
    parse_request_list,
    person,
    plan_import,
    read_table,
)

from .lists import Table, notes, parse, plan, problems, warnings, xlsx_of

HEADERS = ["ID", "Title", "Description", "TSC", "Owner", "Due date", "Priority", "Status", "Mood"]
ROW = [
    "R-1",
    "Access review",
    "All quarters",
    "CC6.2",
    "Priya Nair <p@x.example>",
    "2026-12-14",
    "High",
    "Open",
    "good",
]
TOMAS = person("Tomas Berg", "t@x.example")


def registered(table: Table = (HEADERS, ROW), **changed: Any) -> dict[str, ExistingRequest]:
    """The register after an import of `table`, with fields changed since by people."""
    after = after_import(plan(table), {})
    return {number: replace(request, **changed) for number, request in after.items()}


def row_with(**cells: str) -> list[str]:
    return [cells.get(header.split()[0].lower(), cell) for header, cell in zip(HEADERS, ROW, strict=True)]


# --- created, updated, unchanged


def test_a_request_the_register_does_not_have_is_created_with_all_the_list_says() -> None:
    [row] = plan([HEADERS, ROW]).rows
    assert row.action == Action.CREATED
    assert {name: after for name, (_, after) in row.changes.items()} == {
        "title": "Access review",
        "description": "All quarters",
        "criteria": ("CC6.2",),
        "owner": person("Priya Nair", "p@x.example"),
        "auditor_due_on": date(2026, 12, 14),
        "priority": "high",
        "extra: Mood": "good",
    }


def test_a_second_import_of_the_same_list_changes_nothing() -> None:
    again = plan([HEADERS, ROW], registered())
    assert [row.action for row in again.rows] == [Action.UNCHANGED]
    assert again.rows[0].changes == {}


@pytest.mark.parametrize(
    ("cells", "changes"),
    [
        ({"title": "Access reviews"}, {"title": ("Access review", "Access reviews")}),
        ({"due": "2026-12-15"}, {"auditor_due_on": (date(2026, 12, 14), date(2026, 12, 15))}),
        ({"tsc": "CC6.2, CC6.3"}, {"criteria": (("CC6.2",), ("CC6.2", "CC6.3"))}),
        ({"priority": "-"}, {"priority": ("high", "medium")}),
        ({"due": "-"}, {"auditor_due_on": (date(2026, 12, 14), None)}),
        ({"owner": "(clear)"}, {"owner": (person("Priya Nair", "p@x.example"), None)}),
        ({"mood": "bad"}, {"extra: Mood": ("good", "bad")}),
        ({"description": "", "due": "", "owner": "", "mood": ""}, {}),
        ({"due": "TBD"}, {}),
        ({"status": "Submitted"}, {}),
        ({"id": "r-1"}, {}),
    ],
)
def test_a_known_request_changes_where_the_list_says_something_else(
    cells: dict[str, str], changes: dict[str, object]
) -> None:
    [row] = plan([HEADERS, row_with(**cells)], registered()).rows
    assert row.changes == changes
    assert row.action == (Action.UPDATED if changes else Action.UNCHANGED)
    assert row.number == "R-1"


def test_further_owners_are_added_to_those_who_watch_and_nobody_is_taken_away() -> None:
    existing = registered(watchers=(TOMAS,))
    [row] = plan([HEADERS, row_with(owner="p@x.example; t@x.example; s@x.example")], existing).rows
    assert row.changes["watchers"] == ((TOMAS,), (TOMAS, person("s@x.example", "s@x.example")))
    [row] = plan([HEADERS, ROW], existing).rows
    assert row.action == Action.UNCHANGED


# --- people changed the register since


def test_what_the_list_has_not_moved_stays_as_people_have_it_in_the_register() -> None:
    existing = registered(owner=TOMAS, auditor_due_on=date(2027, 1, 4), title="Access review, all of it")
    [row] = plan([HEADERS, ROW], existing).rows
    assert row.action == Action.UNCHANGED


def test_what_only_the_list_moved_is_taken() -> None:
    [row] = plan([HEADERS, row_with(owner="t@x.example")], registered()).rows
    assert row.changes["owner"][1] == person("t@x.example", "t@x.example")


def test_of_an_owner_that_both_moved_jiras_is_kept_and_it_is_said_once() -> None:
    existing = registered(owner=TOMAS)
    table = [HEADERS, row_with(owner="s@x.example")]
    first = plan(table, existing)
    assert first.rows[0].action == Action.UNCHANGED
    assert any("Jira's is kept" in warning for warning in warnings(first))
    assert warnings(plan(table, after_import(first, existing))) == []


def test_of_a_text_that_both_moved_the_auditors_is_taken() -> None:
    [row] = plan([HEADERS, row_with(title="Access review 2026")], registered(title="Reviews")).rows
    assert row.changes["title"] == ("Reviews", "Access review 2026")


def test_an_owner_whose_e_mail_became_known_since_is_the_same_owner() -> None:
    table = [HEADERS, row_with(owner="Tomas Berg")]
    [row] = plan(table, registered(table, owner=TOMAS)).rows
    assert row.action == Action.UNCHANGED
    [row] = plan([HEADERS, row_with(owner="s@x.example")], registered(table, owner=TOMAS)).rows
    assert row.changes["owner"][0] == TOMAS


def test_without_a_memory_of_the_last_import_the_list_is_taken() -> None:
    [row] = plan([HEADERS, ROW], registered(owner=TOMAS, listed={})).rows
    assert row.changes["owner"][0] == TOMAS


# --- states


def test_an_import_moves_no_request_that_is_there_and_says_so() -> None:
    planned = plan([HEADERS, row_with(status="Submitted")], registered(status="in_progress"))
    assert planned.rows[0].action == Action.UNCHANGED
    assert 'Row 2, column H "Status": The register has the request as in_progress' in notes(planned)[0]


def test_a_status_that_was_told_at_the_last_import_is_not_told_again() -> None:
    table = [HEADERS, row_with(status="Accepted")]
    assert len(warnings(plan(table))) == 1
    assert warnings(plan(table, registered(table))) == []


def test_a_new_request_with_progress_begins_open_with_a_note() -> None:
    [note] = notes(plan([HEADERS, row_with(status="Submitted")]))
    assert "begins as open; kept as a remark: 'Status: Submitted'" in note


def test_the_first_state_is_that_of_the_list_where_it_may_be() -> None:
    assert registered([HEADERS, row_with(status="Draft")])["R-1"].status == "draft"
    assert registered([HEADERS, row_with(status="Withdrawn")])["R-1"].status == "withdrawn"


# --- gone and back


def test_open_requests_that_are_gone_from_the_list_are_proposed_as_withdrawn() -> None:
    three: Table = [["ID", "Title"], ["1", "a"], ["2", "b"], ["3", "c"]]
    existing = registered(three) | {"4": ExistingRequest("4", "d", status="accepted")}
    planned = plan(three[:3], existing)
    assert planned.withdrawn == ("3",)
    after = after_import(planned, existing)
    assert [number for number, request in after.items() if request.is_proposed_withdrawn] == ["3"]
    assert plan(three[:3], after).withdrawn == ()
    back = plan(three, after)
    assert back.reinstated == ("3",)
    assert not after_import(back, after)["3"].is_proposed_withdrawn


def test_when_most_are_gone_it_is_asked_whether_it_is_the_right_file() -> None:
    existing = {str(n): ExistingRequest(str(n), f"Request {n}") for n in range(10)}
    planned = plan([["ID", "Title"], ["99", "Other"]], existing)
    assert len(planned.withdrawn) == 10
    assert "10 of the 10 open requests are not in this list" in warnings(planned)[0]


def test_a_withdrawn_number_that_comes_again_is_told() -> None:
    planned = plan([HEADERS, ROW], registered(status="withdrawn"))
    assert any("a number is never used again" in warning for warning in warnings(planned))


# --- all or nothing


def test_one_problem_refuses_the_whole_list_and_every_problem_is_told() -> None:
    table = [
        ["ID", "Title", "Due"],
        ["1", "a", "2026-12-14"],
        ["1", "b", "2026-12-14"],
        ["2", "", "2026-12-14"],
        ["", "c", "2026-12-14"],
        ["3", "d", "2026-02-30"],
    ]
    planned = plan(table)
    assert planned.is_refused
    assert [(problem.row, problem.letter) for problem in planned.problems] == [(3, "A"), (4, "B"), (5, "A"), (6, "C")]
    assert "The number is on rows 2 and 3" in problems(planned)[0]
    assert [row.action for row in planned.rows] == ["created", "refused", "refused", "refused", "refused"]
    assert after_import(planned, {}) == {}


def test_numbers_that_differ_in_case_or_blanks_alone_are_the_same() -> None:
    assert "on rows 2 and 3" in problems(plan([["ID", "Title"], ["R 1", "a"], ["r  1", "b"]]))[0]


def test_an_open_question_refuses_the_list() -> None:
    planned = plan([["ID", "Title", "Due"], ["1", "a", "03/04/2026"]])
    assert planned.is_refused
    assert planned.problems == ()
    assert after_import(planned, {}) == {}


def test_a_known_request_needs_no_title_in_the_list() -> None:
    existing = registered([["ID", "Title"], ["1", "a"]])
    [row] = plan([["ID", "Title", "Team"], ["1", "", "IT"]], existing).rows
    assert (row.action, row.title) == (Action.UPDATED, "a")


# --- lists without numbers


def test_a_list_without_numbers_asks_and_then_numbers_on() -> None:
    table: Table = [["Title", "Team"], ["a", "IT"], ["b", "Legal"]]
    [question] = plan(table).questions
    assert (question.subject, question.option) == ("number", "number_missing")
    planned = plan(table, number_missing=True)
    assert [row.number for row in planned.rows] == ["R-001", "R-002"]
    assert "came without a number and is R-001 from now on" in notes(planned)[0]


def test_a_request_without_a_number_keeps_the_one_it_was_given_whatever_its_place() -> None:
    existing = after_import(plan([["Title", "Team"], ["a", "IT"], ["b", "Legal"]], number_missing=True), {})
    planned = plan([["Title", "Team"], ["new", "IT"], ["b", "Legal"], ["a", "IT"]], existing, number_missing=True)
    assert [(row.number, row.action) for row in planned.rows] == [
        ("R-003", "created"),
        ("R-002", "unchanged"),
        ("R-001", "unchanged"),
    ]


def test_numbers_of_ours_never_meet_the_auditors_or_withdrawn_ones() -> None:
    existing = {"R-007": ExistingRequest("R-007", "gone", status="withdrawn")}
    planned = plan([["ID", "Title"], ["R-009", "a"], ["", "b"]], existing, number_missing=True)
    assert [row.number for row in planned.rows] == ["R-009", "R-010"]


def test_the_plan_is_the_same_however_often_it_is_made() -> None:
    parsed = parse([HEADERS, ROW])
    assert plan_import(parsed, registered()) == plan_import(parsed, registered())


def test_where_it_is_asked_which_column_holds_the_titles_no_row_is_blamed_for_having_none() -> None:
    asked = plan([["ID", "Anforderung", "Due"], ["1", "User list", "2026-12-01"], ["2", "Pen test", "2026-12-01"]])
    assert [question.subject for question in asked.questions] == ["columns"]
    assert problems(asked) == []
    answered = plan([["ID", "Anforderung"], ["1", "User list"], ["2", ""]], columns={"Anforderung": "title"})
    assert [problem.partition(",")[0] for problem in problems(answered)] == ["Row 3"]


def test_a_row_that_is_struck_out_is_pointed_out_and_taken_in() -> None:
    table = [["ID", "Request"], ["1", "User list"], ["2", "Pen test"], ["3", "Minutes"]]
    content = xlsx_of({"PBC": table}, struck=["A2", "B2", "A3"])
    asked = plan_import(parse_request_list(read_table("list.xlsx", content)), {})
    assert [row.action for row in asked.rows] == ["created"] * 3
    [warning] = warnings(asked)
    assert warning.startswith("Row 2: The row is struck out")
