"""Lists as they were really sent, and our own: each is read whole or refused with every reason."""

from datetime import date
from pathlib import Path

import pytest

import mappings.request_list
from mappings.request_list import Action, ExistingRequest, after_import, parse_request_list, plan_import, read_table
from tests.mappings.corpus import recorded

from .lists import notes, problems, warnings

OURS = Path(mappings.request_list.__file__).with_name("sample_requests.csv")


def read(path: Path) -> mappings.request_list.ParsedList:
    return parse_request_list(read_table(path.name, path.read_bytes()))


def assert_second_import_changes_nothing(path: Path) -> dict[str, ExistingRequest]:
    register = after_import(plan_import(read(path), {}), {})
    again = plan_import(read(path), register)
    assert {row.action for row in again.rows} == {Action.UNCHANGED}
    assert (again.withdrawn, again.reinstated) == ((), ())
    return register


@pytest.mark.parametrize("path", recorded("audit_lists", "request_list.xlsx"))
def test_a_list_as_auditors_send_it_is_read_whole(path: Path) -> None:
    parsed = read(path)
    assert (len(parsed.rows), problems(parsed), parsed.questions) == (105, [], ())
    assert len(warnings(parsed)) == 6
    assert all("'TBD'" in warning for warning in warnings(parsed))
    first = parsed.rows[0]
    assert (first.row, first.number, first.criteria, first.team) == (
        6,
        "R-001",
        ("CC6.1", "CC6.2", "CC6.3"),
        "Security",
    )
    assert (first.auditor_due_on, first.request_type) == (date(2026, 12, 8), "policy")
    register = assert_second_import_changes_nothing(path)
    assert {request.status for request in register.values()} == {"open"}


@pytest.mark.parametrize("path", recorded("audit_lists", "request_list_untidy.xlsx"))
def test_a_badly_kept_list_is_refused_with_every_reason_at_once(path: Path) -> None:
    plan = plan_import(read(path), {})
    assert plan.is_refused
    assert [(problem.row, problem.letter) for problem in plan.problems] == [(3, "A"), (5, "B"), (8, "A")]
    assert "rows 2 and 3" in problems(plan)[0]
    told = "\n".join(warnings(plan))
    for word in ("'CC9.9'", "'ASAP'", "'???'", "'Accepted'", "'Complete'", "'=HYPERLINK", "Tomas Berg", "Marco Rossi"):
        assert word in told, word
    assert "Lena Fischer becomes the owner" in told
    by_row = {row.row: row.request for row in plan.rows}
    assert by_row[7].auditor_due_on == date(2026, 4, 3), "31/12/2026 in the same column puts the day first"
    assert by_row[6].first_status == "open"
    assert after_import(plan, {}) == {}


@pytest.mark.parametrize("path", recorded("audit_lists", "tugboat-logic__org_evidence.json"))
def test_an_export_of_another_tool_is_read_and_what_is_not_known_is_kept(path: Path) -> None:
    parsed = read(path)
    assert (len(parsed.rows), problems(parsed), warnings(parsed), parsed.questions) == (105, [], [], ())
    assert (parsed.rows[0].number, parsed.rows[0].frequency) == ("327992", "year")
    assert parsed.rows[0].extra["last_collected"] == "2024-04-03"
    assert_second_import_changes_nothing(path)


@pytest.mark.parametrize("path", recorded("audit_lists", "openlane__*.csv"))
def test_a_template_that_holds_examples_alone_is_refused_as_empty(path: Path) -> None:
    plan = plan_import(read(path), {})
    assert plan.is_refused
    assert "no request below the headings on row 1" in problems(plan)[0]
    assert any("marked as an example" in note for note in notes(plan))


def test_our_own_sample_is_read_whole_with_the_warnings_that_it_is_meant_to_show() -> None:
    parsed = read(OURS)
    assert (len(parsed.rows), problems(parsed), parsed.questions, notes(parsed)) == (48, [], (), [])
    assert sum("Several people are named" in warning for warning in warnings(parsed)) == 3
    assert sum("No date is given yet" in warning for warning in warnings(parsed)) == 1
    assert len(warnings(parsed)) == 4
    register = assert_second_import_changes_nothing(OURS)
    dues = [request.auditor_due_on for request in register.values() if request.auditor_due_on]
    assert date(2026, 12, 1) <= min(dues) <= max(dues) <= date(2027, 2, 28)
    assert {request.team for request in register.values()} == {"Security", "Platform", "People", "IT", "Legal"}
    assert all(day.weekday() < 5 for day in dues)
