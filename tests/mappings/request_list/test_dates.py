"""Dates of lists: how they are written, and which of day and month comes first."""

from datetime import date, datetime
from typing import Any

import pytest

from mappings.request_list import ABSENT, CLEAR, DateOrder, ImportOptions, parse_request_list, read_table
from mappings.request_list.dates import (
    NotADate,
    TwoWays,
    decide_orders,
    is_date_pattern,
    order_in_heading,
    parse_date,
    parse_period,
)

from .lists import csv_of, only_row, parse, problems, warnings, xlsx_of

DUE = date(2026, 12, 14)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-14",
        "2026/12/14",
        "2026-12-14T10:00:00Z",
        "2026-12-14 10:00",
        "14/12/2026",
        "14.12.2026",
        "14-12-2026",
        "14.12.26",
        "12/14/2026",
        "14 Dec 2026",
        "14-Dec-2026",
        "14-Dec-26",
        "14th December 2026",
        "Dec 14, 2026",
        "December 14 2026",
        "Mon, 14 Dec 2026",
        "Monday 14.12.2026",
    ],
)
def test_dates_that_can_be_meant_in_one_way_are_read(text: str) -> None:
    assert parse_date(text, None) == DUE


def test_the_calendar_days_of_a_spreadsheet_need_no_order() -> None:
    assert parse_date(datetime(2026, 12, 14), None) == DUE  # noqa: DTZ001 a sheet knows no zones
    assert parse_date(DUE, None) == DUE


def test_a_date_that_can_be_meant_in_two_ways_is_read_in_the_order_of_its_column_only() -> None:
    assert parse_date("03/04/2026", DateOrder.DMY) == date(2026, 4, 3)
    assert parse_date("03/04/2026", DateOrder.MDY) == date(2026, 3, 4)
    with pytest.raises(TwoWays):
        parse_date("03/04/2026", None)


def test_dots_put_the_day_first() -> None:
    assert parse_date("03.04.2026", None) == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31/02/2026", "no calendar has the day"),
        ("2026-13-01", "no calendar has the day"),
        ("2026-02-30", "no calendar has the day"),
        ("46370", "the number by which Excel counts days"),
        ("end of year", "not a date"),
        ("Q4", "not a date"),
        ("14 Foo 2026", "not a date"),
        ("1899-12-31", "cannot be meant"),
        ("14/12/2926", "cannot be meant"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(NotADate, match=reason):
        parse_date(text, DateOrder.DMY)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01 to 2026-12-31",
        "2026-01-01 - 2026-12-31",
        "2026-01-01/2026-12-31",
        "2026-01-01 – 2026-12-31",
        "from 1 Jan 2026 through 31 Dec 2026",
        "Jan 1, 2026 - Dec 31, 2026",
        "01.01.2026-31.12.2026",
        "01/01/2026-12/31/2026",
        "Period: 2026",
        "CY 2026",
    ],
)
def test_periods_have_a_first_and_a_last_day(text: str) -> None:
    assert parse_period(text, None) == (date(2026, 1, 1), date(2026, 12, 31))


def test_a_quarter_and_a_single_day_are_periods() -> None:
    assert parse_period("Q2 2026", None) == (date(2026, 4, 1), date(2026, 6, 30))
    assert parse_period("2026-Q4", None) == (date(2026, 10, 1), date(2026, 12, 31))
    assert parse_period("As of 2026-12-31", None) == (date(2026, 12, 31), date(2026, 12, 31))


# --- the order of a column


def test_one_day_above_twelve_decides_the_whole_column() -> None:
    assert decide_orders({5: ["03/04/2026", "31/12/2026"]}, {}).orders == {5: DateOrder.DMY}
    assert decide_orders({5: ["03/04/2026", "12/31/2026"]}, {}).orders == {5: DateOrder.MDY}


def test_a_column_that_does_not_decide_itself_follows_the_others() -> None:
    assert decide_orders({1: ["03/04/2026"], 2: ["12/31/2026"]}, {}).orders == {1: DateOrder.MDY, 2: DateOrder.MDY}


def test_columns_that_decide_differently_keep_their_own_order() -> None:
    decision = decide_orders({1: ["31/12/2026"], 2: ["12/31/2026"]}, {})
    assert decision.orders == {1: DateOrder.DMY, 2: DateOrder.MDY}


def test_the_ends_of_a_period_decide_too() -> None:
    assert decide_orders({1: ["01/04/2026 - 31/12/2026"], 2: ["03/04/2026"]}, {}).orders[2] == DateOrder.DMY


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("Due (DD/MM/YYYY)", DateOrder.DMY),
        ("Due date mm/dd/yy", DateOrder.MDY),
        ("Due (d.m.yyyy)", DateOrder.DMY),
        ("Due date", None),
        ("Due (YYYY-MM-DD)", None),
    ],
)
def test_a_heading_may_tell_the_order(header: str, order: DateOrder | None) -> None:
    assert order_in_heading(header) == order


def test_a_pattern_is_not_a_date() -> None:
    assert is_date_pattern("dd/mm/yyyy")
    assert is_date_pattern("(YYYY-MM-DD)")
    assert is_date_pattern("TT.MM.JJJJ".replace("T", "d"))
    assert not is_date_pattern("14/12/2026")


# --- dates in a list


def due_of(cell: str, **options: Any) -> object:
    return only_row("Due date", cell, **options)[0].auditor_due_on


def test_a_whole_list_that_decides_nothing_is_a_question_that_the_caller_answers() -> None:
    row, parsed = only_row("Due date", "03/04/2026")
    [question] = parsed.questions
    assert (question.subject, question.option, question.choices) == ("dates", "date_order", ("dmy", "mdy"))
    assert "'03/04/2026'" in question.text
    assert row.auditor_due_on is ABSENT
    assert due_of("03/04/2026", date_order=DateOrder.DMY) == date(2026, 4, 3)
    assert due_of("03/04/2026", date_order=DateOrder.MDY) == date(2026, 3, 4)


def test_the_same_day_and_month_is_no_question() -> None:
    row, parsed = only_row("Due date", "04/04/2026")
    assert (row.auditor_due_on, parsed.questions) == (date(2026, 4, 4), ())


def test_dates_that_contradict_one_another_are_a_question() -> None:
    table = [["ID", "Title", "Due"], ["1", "a", "31/12/2026"], ["2", "b", "12/31/2026"]]
    [question] = parse(table).questions
    assert "contradict" in question.text
    answered = parse(table, date_order=DateOrder.DMY)
    assert answered.questions == ()
    assert "no calendar has the day 12/31/2026" in problems(answered)[0]


def test_the_heading_decides_before_the_cells() -> None:
    row, _ = only_row("Due (MM/DD/YYYY)", "03/04/2026")
    assert row.auditor_due_on == date(2026, 3, 4)


def test_an_impossible_date_names_its_place_what_came_and_what_to_do() -> None:
    _, parsed = only_row("Due date", "31/02/2026")
    [problem] = problems(parsed)
    assert problem == (
        'Row 2, column C "Due date": The date cannot be read: no calendar has the day 31/02/2026 '
        "(came: '31/02/2026'); expected a date such as 2026-12-31. Correct it in the file."
    )


@pytest.mark.parametrize("word", ["TBD", "tbd.", "ASAP", "N/A", "to be confirmed", "Ongoing", "?"])
def test_a_date_that_is_not_known_yet_is_left_open_with_a_warning(word: str) -> None:
    row, parsed = only_row("Due date", word)
    assert row.auditor_due_on is ABSENT
    assert "No date is given yet" in warnings(parsed)[0]


def test_a_blank_date_says_nothing_and_a_dash_empties_it() -> None:
    assert due_of("") is ABSENT
    assert due_of("-") is CLEAR
    assert due_of("(clear)") is CLEAR


def test_german_dates_in_a_semicolon_file_are_day_first() -> None:
    table = [["Nr", "Title", "Due"], ["1", "Prüfung; Teil 1", "03.04.2026"], ["2", "b", "01.12.2026"]]
    parsed = parse_request_list(read_table("liste.csv", csv_of(table, ";", "cp1252")), ImportOptions())
    assert [row.auditor_due_on for row in parsed.rows] == [date(2026, 4, 3), date(2026, 12, 1)]
    assert parsed.rows[0].title == "Prüfung; Teil 1"


def test_native_dates_need_no_question_even_beside_text() -> None:
    content = xlsx_of({"L": [["ID", "Title", "Due"], [1, "a", date(2026, 4, 3)], [2, "b", "2026-04-04"]]})
    parsed = parse_request_list(read_table("list.xlsx", content))
    assert [row.auditor_due_on for row in parsed.rows] == [date(2026, 4, 3), date(2026, 4, 4)]
    assert parsed.questions == ()


def test_a_period_column_gives_both_ends() -> None:
    row, _ = only_row("Period", "2026-01-01 to 2026-12-31")
    assert (row.period_start, row.period_end) == (date(2026, 1, 1), date(2026, 12, 31))


def test_a_period_in_words_is_left_out_with_a_warning() -> None:
    row, parsed = only_row("Period", "the whole audit")
    assert (row.period_start, row.period_end) == (ABSENT, ABSENT)
    assert "The period cannot be read" in warnings(parsed)[0]


def test_a_period_that_ends_before_it_begins_is_a_problem() -> None:
    _, parsed = only_row("Period", "2026-12-31 to 2026-01-01")
    assert "ends before it begins" in problems(parsed)[0]
