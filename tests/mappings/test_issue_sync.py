"""One record and its Jira issue: what is taken from the board, what is put back and why, and what is then written."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.actions import EditIssue, MoveIssue
from mappings.text import plain
from tests.mappings.issue_desk import EARLIER, LATER, assert_at_rest, card_of, desk_of, explanations, task_of
from tests.mappings.paper_world import (
    ADA,
    AUDITORS,
    CORA,
    MIA,
    NOBODY,
    STRANGER,
    TASK,
    WORKING,
    is_silent,
)


def test_an_agreed_record_has_nothing_to_take_in_and_nothing_to_write() -> None:
    for status in ("todo", "in_progress", "approved", "done"):
        assert_at_rest(desk_of(status, "accepted" if status == "done" else "in_progress"))


@pytest.mark.parametrize(
    ("change", "field", "before", "after"),
    [
        ({"assignee": MIA}, "owner", "ada@acme.example", "mia@acme.example"),
        ({"assignee": None}, "owner", "ada@acme.example", None),
        ({"priority": "High"}, "priority", "medium", "high"),
        ({"due_on": EARLIER}, "due_on", WORKING, EARLIER),
        ({"due_on": AUDITORS}, "due_on", WORKING, AUDITORS),
        ({"status_id": "10"}, "status", "in_progress", "todo"),
        ({"status_id": "40"}, "status", "in_progress", "ready_for_review"),
        ({"is_flagged": True}, "raised_by", None, ADA),
    ],
)
def test_what_the_board_may_decide_is_taken_and_its_base_moves(
    change: dict[str, object], field: str, before: object, after: object
) -> None:
    desk = desk_of()
    assert getattr(task_of(desk), field) == before
    card_of(desk).edit(ADA, **change)
    intake = desk.take_in()
    assert getattr(task_of(desk), field) == after
    assert explanations(intake) == []
    assert (intake.notes[0].record, intake.notes[0].who) == (TASK.uid, ADA)
    desk.round()
    assert_at_rest(desk)


@pytest.mark.parametrize(
    ("change", "who", "said"),
    [
        ({"summary": "do later"}, ADA, "from the auditor's list"),
        ({"description": "whatever"}, ADA, "from the auditor's list"),
        ({"labels": frozenset({"tieout"})}, ADA, "from the auditor's list"),
        ({"due_on": None}, ADA, "can be moved, but not taken away"),
        ({"due_on": LATER}, ADA, "is a request for more time"),
        ({"status_id": "40"}, STRANGER, "Only the owner or coordinator"),
        ({"status_id": "95"}, ADA, "Only the coordinator"),
        ({"status_id": "40"}, NOBODY, "Only the owner or coordinator"),
        ({"priority": "Blocker"}, ADA, "does not know the priority"),
    ],
)
def test_what_it_may_not_is_put_back_with_one_explanation(change: dict[str, object], who: str, said: str) -> None:
    desk = desk_of()
    (name,) = change
    agreed = getattr(card_of(desk).view, name)
    card_of(desk).edit(who, **change)
    before = task_of(desk)
    intake, actions = desk.round()
    assert len(explanations(intake)) == 1
    assert said in plain(explanations(intake)[0].body)
    assert replace(task_of(desk), extension_on=None) == before
    assert [action.record for action in actions if isinstance(action, EditIssue | MoveIssue)] == [TASK.uid]
    assert getattr(card_of(desk).view, name) == agreed
    assert [note.what.endswith("put back") for note in intake.notes] == [True]
    assert_at_rest(desk)


def test_the_same_change_read_twice_has_the_same_cause_and_a_second_change_another() -> None:
    first, again, second = desk_of(), desk_of(), desk_of()
    for desk in (first, again, second):
        card_of(desk).edit(STRANGER, status_id="40")
    causes = [explanations(desk.take_in())[0].cause for desk in (first, again)]
    card_of(second).edit(STRANGER, status_id="20")
    card_of(second).edit(STRANGER, status_id="40")
    assert causes[0] == causes[1]
    assert explanations(second.take_in())[0].cause != causes[0]


def test_two_changes_that_may_not_be_are_two_causes() -> None:
    desk = desk_of()
    card_of(desk).edit(ADA, summary="do later", due_on=None)
    intake, actions = desk.round()
    assert len({say.cause for say in explanations(intake)}) == 2
    edits = [action for action in actions if isinstance(action, EditIssue)]
    assert [sorted(edit.edit.changes) for edit in edits] == [["due_on", "summary"]]


def test_a_later_date_than_the_auditors_is_remembered_as_asked_for() -> None:
    desk = desk_of()
    card_of(desk).edit(ADA, due_on=LATER)
    intake, _ = desk.round()
    said = plain(explanations(intake)[0].body)
    assert (
        f"Cora Hale settles it by setting the date here or with `tieout request grant {task_of(desk).number}`" in said
    )
    assert "Until then, 2026-11-20 stands" in said
    assert (task_of(desk).due_on, task_of(desk).extension_on) == (WORKING, LATER)
    assert card_of(desk).view.due_on == WORKING


def test_the_coordinator_may_set_a_later_date_at_once() -> None:
    desk = desk_of()
    card_of(desk).edit(CORA, due_on=LATER)
    desk.round()
    assert (task_of(desk).due_on, task_of(desk).due_version) == (LATER, 2)
    assert_at_rest(desk)


def test_only_what_is_agreed_moves_its_base() -> None:
    desk = desk_of()
    bases = card_of(desk).link
    card_of(desk).edit(ADA, priority="Low", summary="do later")
    desk.take_in()
    link = card_of(desk).link
    changed = {name for name in link.base_theirs if link.base_theirs[name] != bases.base_theirs[name]}
    assert changed == {"priority"}
    assert (link.base_ours["priority"], link.base_theirs["priority"]) == ("low", "Low")
    assert link.base_ours["summary"] == bases.base_ours["summary"]


def test_where_both_sides_came_to_the_same_only_the_base_moves() -> None:
    desk = desk_of()
    desk.family = desk.family.with_record(replace(task_of(desk), priority="high"))
    card_of(desk).edit(ADA, priority="High")
    intake, actions = desk.round()
    assert (intake.notes, actions) == ((), [])
    assert card_of(desk).link.base_ours["priority"] == "high"
    assert_at_rest(desk)


@pytest.mark.parametrize(
    ("ours", "theirs", "after"),
    [
        ({"priority": "low"}, {"priority": "High"}, ("priority", "high")),
        ({"owner": "rita@acme.example"}, {"assignee": MIA}, ("owner", "mia@acme.example")),
        ({"due_on": date(2026, 11, 16)}, {"due_on": EARLIER}, ("due_on", EARLIER)),
        ({"status": "todo"}, {"status_id": "30"}, ("status", "todo")),
    ],
)
def test_where_both_moved_apart_the_fields_authority_decides(
    ours: dict[str, Any], theirs: dict[str, Any], after: tuple[str, object]
) -> None:
    desk = desk_of()
    desk.family = desk.family.with_record(replace(task_of(desk), **ours))
    card_of(desk).edit(ADA, **theirs)
    desk.round()
    assert getattr(task_of(desk), after[0]) == after[1]
    assert_at_rest(desk)


def test_a_block_is_taken_with_the_owners_words_as_its_reason() -> None:
    desk = desk_of()
    card_of(desk).say(ADA, "waiting for HR")
    card_of(desk).edit(ADA, status_id="30")
    desk.round()
    assert (task_of(desk).status, task_of(desk).reason) == ("blocked", "waiting for HR")
    assert_at_rest(desk)


def test_labels_of_people_are_neither_compared_nor_touched() -> None:
    desk = desk_of()
    view = card_of(desk).view
    card_of(desk).edit(ADA, labels=view.labels | {"quarter-end", "zed"})
    before = desk.family
    intake, actions = desk.round()
    assert is_silent(intake, before)
    assert actions == []
    desk.family = desk.family.with_record(replace(task_of(desk), status="changes_requested"))
    desk.round()
    assert card_of(desk).view.labels == view.labels | {"quarter-end", "zed", "changes-requested"}


def test_a_label_of_ours_that_is_over_is_taken_away_again() -> None:
    desk = desk_of("changes_requested", "returned")
    assert "changes-requested" in card_of(desk).view.labels
    card_of(desk).edit(ADA, status_id="20")
    desk.round()
    assert "changes-requested" not in card_of(desk).view.labels
    assert_at_rest(desk)
