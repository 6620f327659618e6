"""When a side is taken for broken: how much is too much, and what an object that says nothing looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mappings.brakes import came_without_body, is_too_many, issue_says_nothing, page_says_nothing
from mappings.far import FieldChange, IssueView, PageView
from mappings.records import Link, LinkRole, LinkState, Value

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("there", "let_go"),
    [(2, 2), (3, 2), (4, 2), (5, 2), (6, 3), (12, 6), (19, 9), (20, 10), (21, 10), (500, 10), (10_000, 10)],
)
def test_how_many_may_go_at_once(there: int, let_go: int) -> None:
    assert not is_too_many(let_go, there)
    assert is_too_many(let_go + 1, there)


LABELS = ("soc2", "tieout", "tieout-" + "a" * 32)
SAID: dict[str, Value] = {
    "summary": "R-001", "description": "what is asked", "labels": LABELS, "due": "2026-12-14", "owner": "priya",
    "priority": "High",
}  # fmt: skip
LINK = Link("a" * 32, LinkRole.ISSUE, LinkState.LIVE, "10001", base_theirs=SAID)
ISSUE = IssueView(
    id="10001", key="AUD-1", project="AUD", status_id="1", is_done=False, summary="R-001",
    description="what is asked", due_on=date(2026, 12, 14), assignee="priya", assignee_name="Priya", priority="High",
    labels=frozenset({*LABELS, "mine"}), is_flagged=False, updated_at=AT,
)  # fmt: skip
EMPTIED: dict[str, tuple[str, dict[str, Any]]] = {
    "description": ("description", {"description": ""}),
    "labels": ("labels", {"labels": frozenset({"mine"})}),
    "due": ("duedate", {"due_on": None}),
    "owner": ("assignee", {"assignee": None}),
    "priority": ("priority", {"priority": None}),
}


def emptied(*fields: str) -> IssueView:
    return replace(ISSUE, **{name: value for field in fields for name, value in EMPTIED[field][1].items()})


def by_somebody(issue: IssueView, *fields: str) -> IssueView:
    """With the lines of the change log that a person leaves, newest first."""
    lines = [FieldChange(EMPTIED[f][0], "before", "mine" if f == "labels" else None, "priya", AT) for f in fields]
    return replace(issue, changes=tuple(lines))


def test_an_issue_that_says_what_it_said_is_well() -> None:
    assert not issue_says_nothing(ISSUE, LINK)
    moved = replace(ISSUE, description="something else", due_on=date(2027, 1, 1), assignee="tomas", status_id="9")
    assert not issue_says_nothing(moved, LINK)


@pytest.mark.parametrize("field", EMPTIED)
def test_a_field_that_somebody_emptied_is_that_persons_deed(field: str) -> None:
    assert not issue_says_nothing(by_somebody(emptied(field), field), LINK)


@pytest.mark.parametrize("field", EMPTIED)
def test_a_field_that_nobody_emptied_is_lost(field: str) -> None:
    assert issue_says_nothing(emptied(field), LINK)


@pytest.mark.parametrize("field", EMPTIED)
def test_a_trace_of_something_else_is_no_trace(field: str) -> None:
    set_once = FieldChange(EMPTIED[field][0], None, " ".join(LABELS), "priya", AT)
    assert issue_says_nothing(replace(emptied(field), changes=(set_once,)), LINK)


def test_an_issue_of_which_everything_was_cleared_says_nothing_whoever_did_it() -> None:
    everything = ("description", "labels", "due", "owner")
    assert issue_says_nothing(by_somebody(emptied(*everything), *everything), LINK)


def test_a_field_that_never_said_anything_is_not_missed() -> None:
    quiet = replace(LINK, base_theirs={**SAID, "due": None, "owner": None, "labels": (), "description": ""})
    assert not issue_says_nothing(emptied("due", "owner", "labels", "description"), quiet)


PAGE_LINK = Link("a" * 32, LinkRole.PAGE, LinkState.LIVE, "9", remote_version=3, base_ours={"rendered": "f"})
PAGE = PageView("9", "1", "R-001", '<p>our notes</p>id="tieout-facts"', 3, "current", "bot", AT)


@pytest.mark.parametrize(("body", "is_bare"), [("", True), ("<p>our notes</p>", True), (PAGE.body, False)])
def test_a_page_without_any_of_our_parts_says_nothing(body: str, is_bare: bool) -> None:
    assert page_says_nothing(replace(PAGE, body=body), PAGE_LINK) == is_bare


def test_a_page_on_which_nothing_was_written_yet_is_not_missed() -> None:
    assert not page_says_nothing(replace(PAGE, body=""), replace(PAGE_LINK, base_ours={}))


@pytest.mark.parametrize(
    ("version", "body", "is_broken"), [(3, "", True), (3, " \n", True), (4, "", False), (3, "<p/>", False)]
)
def test_a_blank_body_in_a_version_that_had_one_is_a_broken_answer(version: int, body: str, is_broken: bool) -> None:
    assert came_without_body(replace(PAGE, version=version, body=body), PAGE_LINK) == is_broken
