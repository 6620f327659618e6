"""The plan as a coordinator reads it, and as a program does."""

import json
from datetime import date

from mappings.request_list import ExistingRequest, as_json, render, summary

from .lists import plan

TABLE = [
    ["ID", "Title", "Due", "Mood"],
    ["R-1", "Access review", "2026-12-14", "good"],
    ["R-2", "Backups", "TBD", ""],
    ["R-3", "Vendors", "", ""],
]
REGISTER = {
    "R-1": ExistingRequest("R-1", "Access review", auditor_due_on=date(2026, 12, 7), extra={"Mood": "good"}),
    "R-3": ExistingRequest("R-3", "Vendors"),
    "R-9": ExistingRequest("R-9", "Training"),
}


def test_the_report_says_what_happens_to_each_request_and_why() -> None:
    assert render(plan(TABLE, REGISTER)) == (
        "3 requests on the list: 1 new, 1 changed, 1 as before. 1 request no longer on it. 1 warning.\n"
        "\n"
        "Columns: ID → number, Title → title, Due → due date; 1 more column kept as they are.\n"
        "\n"
        "  Row  Number                  Title\n"
        "    2  R-1     changed         Access review\n"
        "         due date: '2026-12-07' → '2026-12-14'\n"
        "    3  R-2     new             Backups\n"
        "         warning: \"Due\": No date is given yet (came: 'TBD').\n"
        "1 more request as before.\n"
        "\n"
        "No longer on the list (to be confirmed as withdrawn):\n"
        "  - R-9\n"
    )


def test_a_refused_list_says_so_first_and_then_what_to_put_right() -> None:
    text = render(plan([["ID", "Title", "Due"], ["1", "a", "03/04/2026"], ["1", "b", ""]]))
    assert text.startswith(
        "2 requests on the list: 1 new, 1 to put right.\n"
        "Nothing is imported: 1 problem and 1 open question. A list comes in whole or not at all.\n"
    )
    assert "To put right in the file:\n  - Row 3, column A \"ID\": The number is on rows 2 and 3 (came: '1');" in text
    assert "To be answered:\n  - Does '03/04/2026' have the day first (dmy) or the month (mdy)?" in text


def test_long_titles_are_cut_in_the_table() -> None:
    text = render(plan([["ID", "Title"], ["1", "word " * 40]]))
    assert max(map(len, text.splitlines())) < 110
    assert "…" in text


def test_an_import_that_changes_nothing_takes_a_few_lines() -> None:
    text = render(plan([["ID", "Title"], ["R-3", "Vendors"]], {"R-3": REGISTER["R-3"]}))
    assert text == "1 request on the list: 1 as before.\n\nColumns: ID → number, Title → title.\n"


def test_the_plan_as_json_holds_the_same() -> None:
    planned = plan(TABLE, REGISTER)
    value = json.loads(json.dumps(as_json(planned)))
    assert value["counts"] == {"created": 1, "updated": 1, "unchanged": 1, "refused": 0}
    assert value["withdrawn"] == ["R-9"]
    assert value["rows"][0]["changes"] == {"auditor_due_on": ["2026-12-07", "2026-12-14"]}
    assert value["rows"][1]["first_status"] == "open"
    assert value["warnings"][0]["text"] == "Row 3, column C \"Due\": No date is given yet (came: 'TBD')."
    assert (value["warnings"][0]["row"], value["warnings"][0]["letter"], value["warnings"][0]["came"]) == (
        3,
        "C",
        "TBD",
    )
    assert value["mapping"] == {"ID": "number", "Title": "title", "Due": "auditor_due_on", "Mood": "keep"}
    assert not value["is_refused"]


def test_the_summary_of_a_question_alone_names_it() -> None:
    assert "Nothing is imported: 1 open question." in summary(plan([["Title", "Team"], ["a", "IT"]]))
