"""People, words and text in the cells of a list."""

import pytest

from mappings.records import Priority, RequestStatus
from mappings.request_list import ABSENT, CLEAR, person
from mappings.request_list.people import is_same, known_names, parse_people
from mappings.request_list.synonyms import Column
from mappings.request_list.words import PRIORITIES, REQUEST_TYPES, STATUSES, STATUSES_BY_COLUMN, meaning

from .lists import only_row, parse, problems, warnings

PRIYA = person("Priya Nair", "priya.nair@acme.example")
TOMAS = person("Tomas Berg", "tomas.berg@acme.example")

# --- people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("priya.nair@acme.example", [("priya.nair@acme.example", "priya.nair@acme.example")]),
        ("Priya.Nair@ACME.example", [("priya.nair@acme.example", "priya.nair@acme.example")]),
        ("mailto:priya.nair@acme.example", [("priya.nair@acme.example", "priya.nair@acme.example")]),
        ("Priya Nair (priya.nair@acme.example)", [("Priya Nair", "priya.nair@acme.example")]),
        ("Priya Nair <priya.nair@acme.example>", [("Priya Nair", "priya.nair@acme.example")]),
        ('"Nair, Priya" <p@acme.example>', [("Priya Nair", "p@acme.example")]),
        ("Nair, Priya <p@acme.example>", [("Priya Nair", "p@acme.example")]),
        ("Nair, Priya; Berg, Tomas", [("Priya Nair", None), ("Tomas Berg", "tomas.berg@acme.example")]),
        ("Berg, Tomas", [("Tomas Berg", "tomas.berg@acme.example")]),
        ("Tomas Berg", [("Tomas Berg", "tomas.berg@acme.example")]),
        ("tomas berg", [("Tomas Berg", "tomas.berg@acme.example")]),
        ("Priya", [("Priya", None)]),
        ("IT team", [("IT team", None)]),
        ("a@x.example, b@x.example", [("a@x.example", "a@x.example"), ("b@x.example", "b@x.example")]),
        ("a@x.example\nb@x.example", [("a@x.example", "a@x.example"), ("b@x.example", "b@x.example")]),
        (
            "Ann Lee / Bob Ray and Cy Day & Di Fox",
            [("Ann Lee", None), ("Bob Ray", None), ("Cy Day", None), ("Di Fox", None)],
        ),
        ("Ann Lee; Ann Lee", [("Ann Lee", None)]),
        ("=cmd@x.example", [("=cmd@x.example", None)]),
        ("Jürgen Müller-O'Neil <j@x.example>", [("Jürgen Müller-O'Neil", "j@x.example")]),
    ],
)
def test_people_are_read_in_the_ways_lists_name_them(text: str, people: list[tuple[str, str | None]]) -> None:
    assert [(one.name, one.email) for one in parse_people(text, known_names([TOMAS])).people] == people


def test_a_name_that_two_people_have_is_nobodys_e_mail() -> None:
    twins = [person("Li Wei", "one@x.example"), person("Li Wei", "two@x.example")]
    [found] = parse_people("Li Wei", known_names(twins)).people
    assert found.email is None


def test_a_person_is_keyed_by_e_mail_else_by_name() -> None:
    assert person("Priya Nair", "Priya.Nair@acme.example").key == "priya.nair@acme.example"
    assert person("Priya Nair").key == "name:priya nair"


def test_the_same_person_may_be_known_with_and_without_an_e_mail() -> None:
    assert is_same(person("Tomas Berg"), TOMAS)
    assert not is_same(person("Priya Nair"), TOMAS)
    assert not is_same(person("Tomas Berg", "other@x.example"), TOMAS)
    assert is_same(None, None)
    assert not is_same(None, TOMAS)


def test_of_several_the_first_owns_and_the_others_watch() -> None:
    row, parsed = only_row("Owner", "Priya Nair <priya.nair@acme.example>; tomas.berg@acme.example")
    assert row.owner == PRIYA
    assert [one.email for one in row.watchers] == ["tomas.berg@acme.example"]
    assert "Priya Nair becomes the owner" in warnings(parsed)[0]


def test_a_bare_name_is_recognised_by_the_people_the_list_itself_names_with_an_e_mail() -> None:
    table = [["ID", "Title", "Owner"], ["1", "a", "Priya Nair (priya.nair@acme.example)"], ["2", "b", "Priya Nair"]]
    parsed = parse(table)
    assert [row.owner for row in parsed.rows] == [PRIYA, PRIYA]
    assert warnings(parsed) == []


def test_a_bare_name_is_recognised_by_the_people_the_caller_knows_and_else_is_a_warning() -> None:
    assert only_row("Owner", "Tomas Berg", people=(TOMAS,))[0].owner == TOMAS
    row, parsed = only_row("Owner", "Tomas Berg")
    assert row.owner == person("Tomas Berg")
    assert "'Tomas Berg' came without an e-mail" in warnings(parsed)[0]


@pytest.mark.parametrize("text", ["TBD", "n/a", "Unassigned", "?", "; ,"])
def test_nobody_is_nobody(text: str) -> None:
    row, parsed = only_row("Owner", text)
    assert row.owner is ABSENT
    assert "Nobody is named here" in warnings(parsed)[0]


def test_prose_where_people_stand_is_nobody() -> None:
    row, parsed = only_row("Owner", "Please ask whoever looks after this in the office " * 600)
    assert row.owner is ABSENT
    assert warnings(parsed)


def test_an_owner_who_reviews_is_told() -> None:
    table = [["ID", "Title", "Owner", "Reviewer"], ["1", "a", "p@x.example", "P@x.example; q@x.example"]]
    parsed = parse(table)
    assert any("nobody reviews what is their own" in warning for warning in warnings(parsed))
    assert any("Several reviewers" in warning for warning in warnings(parsed))


# --- words


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Draft", "draft"),
        ("Pending", "draft"),
        ("Open", "open"),
        ("Not started", "open"),
        ("To-do", "open"),
        ("Past due", "open"),
        ("No", "open"),
        ("In Progress", "in_progress"),
        ("in_progress", "in_progress"),
        ("3 - In progress", "in_progress"),
        ("On hold", "needs_clarification"),
        ("Submitted", "submitted"),
        ("Done", "submitted"),
        ("Yes", "submitted"),
        ("Follow-up", "returned"),
        ("Accepted", "accepted"),
        ("Complete", "accepted"),
        ("N/A", "not_applicable"),
        ("Cancelled", "withdrawn"),
        ("Canceled.", "withdrawn"),
    ],
)
def test_words_for_states_are_read(text: str, status: str) -> None:
    assert meaning(STATUSES, text) == status


@pytest.mark.parametrize("text", ["???", "Green", "80 %", "Ready for review", "In review", "Open / Accepted"])
def test_a_word_that_could_mean_anything_is_not_guessed_at(text: str) -> None:
    assert meaning(STATUSES_BY_COLUMN[Column.STATUS], text) is None


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("Ready for review", "internal_review", "submitted"),
        ("In review", "internal_review", "submitted"),
        ("Done", "internal_review", "submitted"),
    ],
)
def test_whose_column_it_is_decides_what_review_means(text: str, inside: str, outside: str) -> None:
    assert meaning(STATUSES_BY_COLUMN[Column.INTERNAL_STATUS], text) == inside
    assert meaning(STATUSES_BY_COLUMN[Column.AUDITOR_STATUS], text) == outside


def test_every_word_for_a_state_is_one_of_the_registers() -> None:
    assert {*STATUSES.values()} == {*RequestStatus}
    assert {*PRIORITIES.values()} == {*Priority}


@pytest.mark.parametrize(
    ("text", "priority"),
    [("Critical", "highest"), ("P1", "highest"), ("urgent!", "highest"), ("HIGH", "high"), ("2 - High", "high"),
     ("P2 (High)", "high"), ("normal", "medium"), ("M", "medium"), ("low", "low"), ("P5", "lowest")],
)  # fmt: skip
def test_words_for_priorities_are_read(text: str, priority: str) -> None:
    assert meaning(PRIORITIES, text) == priority


@pytest.mark.parametrize("text", ["1", "Tier 1", "High/Low", "soon"])
def test_a_priority_that_is_not_said_is_left_out_with_a_warning(text: str) -> None:
    row, parsed = only_row("Priority", text)
    assert row.priority is ABSENT
    assert "expected a word for one of: highest, high, medium, low, lowest" in warnings(parsed)[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Population", "population"), ("Full list", "population"), ("P", "population"), ("Sample", "sample"),
     ("S", "sample"), ("Document", "policy"), ("Screenshot", "configuration"), ("Inquiry", "walkthrough"),
     ("Log", "other")],
)  # fmt: skip
def test_words_for_types_are_read(text: str, kind: str) -> None:
    assert meaning(REQUEST_TYPES, text) == kind


# --- states of a list


@pytest.mark.parametrize(
    ("header", "word", "begins_as", "is_imported"),
    [
        ("Status", "Open", "open", False),
        ("Status", "Draft", "draft", False),
        ("Status", "Submitted", "open", False),
        ("Status", "Returned", "open", False),
        ("Status", "N/A", "not_applicable", True),
        ("Status", "Withdrawn", "withdrawn", True),
        ("Status", "Accepted", "open", False),
        ("Auditor status", "Accepted", "open", False),
        ("Internal status", "Accepted", "open", False),
        ("Internal status", "Not applicable", "open", False),
        ("Status", "???", "open", False),
    ],
)
def test_a_new_request_begins_open_unless_the_list_says_that_it_is_none(
    header: str, word: str, begins_as: str, is_imported: bool
) -> None:
    row, _ = only_row(header, word)
    assert (row.first_status, row.is_status_imported) == (begins_as, is_imported)


@pytest.mark.parametrize(
    ("header", "begins_as"), [("Status", "accepted"), ("Auditor status", "accepted"), ("Internal status", "open")]
)
def test_accepted_counts_from_the_auditors_hands_alone_and_is_marked(header: str, begins_as: str) -> None:
    row, _ = only_row(header, "Accepted", source_is_auditor=True)
    assert (row.first_status, row.is_status_imported) == (begins_as, begins_as == "accepted")


def test_no_word_in_a_column_of_the_companys_own_accepts() -> None:
    for word in STATUSES:
        row, _ = only_row("Client status", word, source_is_auditor=True)
        assert row.first_status != "accepted", word


def test_the_auditors_column_speaks_before_the_companys() -> None:
    table = [["ID", "Title", "Client status", "Auditor status"], ["1", "a", "Withdrawn", "Open"]]
    assert parse(table).rows[0].first_status == "open"


def test_progress_made_before_is_kept_as_a_remark() -> None:
    table = [
        ["ID", "Title", "Status", "Date submitted", "Evidence link", "Response"],
        ["1", "a", "Submitted", "2026-11-02", "https://files.acme.example/1", "See folder"],
    ]
    assert parse(table).rows[0].remarks == (
        "Status: Submitted",
        "Date submitted: 2026-11-02",
        "Evidence link: https://files.acme.example/1",
        "Response: See folder",
    )


# --- text


def test_blank_says_nothing_and_a_dash_empties() -> None:
    for text, value in (("", ABSENT), ("   ", ABSENT), ("-", CLEAR), ("–", CLEAR), ("(clear)", CLEAR), ("- a", "- a")):
        assert only_row("Description", text)[0].description == value, text


@pytest.mark.parametrize("text", ["=1+1", "+49 30 123", "-5 items", "@all", "=cmd|' /C calc'!A0"])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    row, parsed = only_row("Description", text)
    assert row.description == text
    assert len(warnings(parsed)) == text.startswith("=")


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#NAME?", "#DIV/0!", "#VALUE!"])
def test_an_error_of_the_spreadsheet_is_left_out_with_a_warning(text: str) -> None:
    row, parsed = only_row("Description", text)
    assert row.description is ABSENT
    assert "Excel shows an error here" in warnings(parsed)[0]


def test_an_error_in_place_of_a_number_is_a_request_without_one() -> None:
    parsed = parse([["ID", "Title"], ["#REF!", "a"]])
    assert "The request has no number" in problems(parsed)[0]


def test_control_characters_go_with_a_warning_and_other_scripts_stay() -> None:
    row, parsed = only_row("Description", "مراجعة ✅\x07 \u200fend")
    assert row.description == "مراجعة ✅ \u200fend"
    assert "Control characters" in warnings(parsed)[0]


def test_a_title_is_one_line() -> None:
    assert parse([["ID", "Title"], ["1", "Access\n  review"]]).rows[0].title == "Access review"


def test_a_title_too_long_for_jira_is_cut_and_stands_whole_in_the_description() -> None:
    long = "word " * 60 + "end"
    parsed = parse([["ID", "Title", "Description"], ["1", long, "more"]])
    [row] = parsed.rows
    assert isinstance(row.title, str)
    assert len(row.title) <= 255
    assert row.title.endswith("word…")
    assert row.description == f"{long}\n\nmore"
    assert "has 303 characters; Jira takes 255" in warnings(parsed)[0]


def test_a_title_of_255_characters_is_whole() -> None:
    assert parse([["ID", "Title"], ["1", "x" * 255]]).rows[0].title == "x" * 255


def test_a_title_cannot_be_emptied() -> None:
    assert "A title cannot be emptied" in problems(parse([["ID", "Title", "Team"], ["1", "-", "IT"]]))[0]


def test_controls_are_parted_and_each_is_named_once() -> None:
    assert only_row("Control ID", "AC-1, AC-2; AC-1\nAC-3")[0].controls == ("AC-1", "AC-2", "AC-3")
    assert only_row("Control ID", "n/a")[0].controls is ABSENT


def test_criteria_that_do_not_exist_are_left_out_with_a_warning() -> None:
    row, parsed = only_row("TSC", "CC6.1; CC9.9")
    assert row.criteria == ("CC6.1",)
    assert "came: 'CC9.9'" in warnings(parsed)[0]
    assert only_row("TSC", "N/A")[0].criteria is ABSENT
