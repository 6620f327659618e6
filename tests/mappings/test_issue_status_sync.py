"""Where a card stands on its board: which moves count, whose they must be, and what is put back."""

from dataclasses import replace

import pytest

from mappings.actions import EditIssue, MoveIssue
from mappings.records import Evidence, Person
from mappings.text import plain
from tests.mappings.issue_desk import EARLIER, assert_at_rest, card_of, desk_of, explanations, task_of
from tests.mappings.paper_world import (
    ADA,
    CLARA,
    CORA,
    MIA,
    NOBODY,
    REQUEST,
    RITA,
    SMALL_BOARD,
    STRANGER,
    TASK,
    Desk,
    audit_context,
    evidence,
    family_of,
    on_page,
)


def test_where_the_register_alone_moved_the_card_follows_with_the_transition_first_and_then_one_edit() -> None:
    desk = desk_of()
    moved = replace(task_of(desk), status="ready_for_review", priority="low", due_on=EARLIER, owner="mia@acme.example")
    desk.family = desk.family.with_record(moved)
    intake, actions = desk.round()
    assert intake.say == ()
    writes = [action for action in actions if action.record == TASK.uid]
    assert [type(action) for action in writes] == [MoveIssue, EditIssue]
    view = card_of(desk).view
    assert (view.status_id, view.priority, view.due_on, view.assignee) == ("40", "Low", EARLIER, MIA)
    assert_at_rest(desk)


def test_an_owners_done_is_read_as_handed_in_and_the_card_goes_to_review() -> None:
    desk = desk_of()
    card_of(desk).edit(ADA, status_id="90")
    intake, _ = desk.round()
    assert task_of(desk).status == "ready_for_review"
    assert explanations(intake) == []
    assert card_of(desk).view.status_id == "40"
    assert_at_rest(desk)


def test_an_owners_done_of_what_was_handed_in_when_last_agreed_still_goes_back_to_review() -> None:
    desk = desk_of("ready_for_review", "internal_review")
    desk.family = desk.family.with_record(replace(task_of(desk), status="changes_requested"))
    card_of(desk).edit(ADA, status_id="90")
    desk.round()
    assert task_of(desk).status == "ready_for_review"
    assert card_of(desk).view.status_id == "40"
    assert_at_rest(desk)


@pytest.mark.parametrize("who", [ADA, RITA, CORA, CLARA, STRANGER, NOBODY])
@pytest.mark.parametrize("request_status", ["open", "in_progress", "internal_review", "submitted", "returned"])
def test_no_move_of_a_card_accepts_a_request(who: str, request_status: str) -> None:
    tasks = ("delivered",) if request_status == "submitted" else ("approved",)
    desk = Desk.agreed(
        replace(family_of(request_status, *tasks), evidence=(evidence(is_released=True),)), audit_context()
    )
    desk.issues[REQUEST.uid].edit(who, status_id="90")
    desk.round()
    assert desk.family.request.status != "accepted"
    assert desk.issues[REQUEST.uid].view.status_id != "90"
    assert_at_rest(desk)


@pytest.mark.parametrize("status_id", SMALL_BOARD)
@pytest.mark.parametrize("status", ["todo", "in_progress", "ready_for_review", "approved", "delivered", "done"])
def test_on_a_board_with_three_columns_states_share_them_in_peace(status: str, status_id: str) -> None:
    """Ada moves the card anywhere: whatever comes of it, one run later both sides are at rest."""
    request = {"delivered": "submitted", "done": "accepted"}.get(status, "in_progress")
    desk = desk_of(status, request, board=SMALL_BOARD)
    assert_at_rest(desk)
    card_of(desk).edit(ADA, status_id=status_id)
    desk.round()
    assert desk.words(task_of(desk)).status_map.agrees(task_of(desk).status, card_of(desk).view.status_id)
    assert_at_rest(desk)


def test_a_register_move_within_one_column_writes_no_transition() -> None:
    desk = desk_of(board=SMALL_BOARD)
    desk.family = desk.family.with_record(replace(task_of(desk), status="ready_for_review"))
    _, actions = desk.round()
    assert not [action for action in actions if isinstance(action, MoveIssue) and action.record == TASK.uid]
    assert card_of(desk).link.base_ours["status"] == "ready_for_review"


def test_a_new_owner_may_move_the_card_in_the_same_breath() -> None:
    desk = desk_of("todo", "open")
    card_of(desk).edit(MIA, assignee=MIA, status_id="20")
    intake, _ = desk.round()
    assert (task_of(desk).owner, task_of(desk).status) == ("mia@acme.example", "in_progress")
    assert explanations(intake) == []
    assert desk.family.request.status == "in_progress"
    assert_at_rest(desk)


def test_a_new_owner_whom_nobody_knows_may_too_and_becomes_known() -> None:
    desk = desk_of("todo", "open")
    card_of(desk).edit(STRANGER, assignee=STRANGER, status_id="20")
    card_of(desk).view = replace(card_of(desk).view, assignee_name="Stan Ranger")
    intake, _ = desk.round()
    assert intake.people == (Person(f"account:{STRANGER}", "Stranger", account_id=STRANGER),)
    assert (task_of(desk).owner, task_of(desk).status) == (f"account:{STRANGER}", "in_progress")
    assert_at_rest(desk)
    assert card_of(desk).view.assignee == STRANGER


def test_a_former_owner_may_not_move_the_card_after_giving_it_away() -> None:
    desk = desk_of("in_progress")
    desk.family = replace(desk.family, evidence=())
    card_of(desk).edit(ADA, assignee=MIA, status_id="10")
    intake, _ = desk.round()
    assert (task_of(desk).owner, task_of(desk).status) == ("mia@acme.example", "in_progress")
    assert len(explanations(intake)) == 1


def test_who_approved_the_evidence_and_becomes_its_owner_sends_it_back_to_review() -> None:
    desk = desk_of("approved", "internal_review")
    desk.family = desk.family.with_record(replace(task_of(desk), reviewed_by=RITA))
    card_of(desk).edit(CORA, assignee=RITA)
    intake, _ = desk.round()
    assert (task_of(desk).status, task_of(desk).reviewed_by) == ("ready_for_review", None)
    assert card_of(desk).view.status_id == "40"
    assert [(note.what, note.before, note.after) for note in intake.notes] == [
        ("owner", ADA, RITA),
        ("status", "approved", "ready_for_review"),
    ]
    assert len(explanations(intake)) == 1
    assert_at_rest(desk)


def test_a_card_that_is_moved_to_where_its_state_fell_anyway_has_one_change_of_state_in_the_journal() -> None:
    desk = desk_of("approved", "internal_review")
    desk.family = desk.family.with_record(replace(task_of(desk), reviewed_by=RITA))
    card_of(desk).edit(CORA, assignee=RITA)
    card_of(desk).edit(RITA, status_id="40")
    intake, _ = desk.round()
    assert [(note.before, note.after) for note in intake.notes if note.what == "status"] == [
        ("approved", "ready_for_review")
    ]
    assert_at_rest(desk)


@pytest.mark.parametrize("who", [ADA, RITA])
def test_who_owns_or_collected_evidence_does_not_review_it(who: str) -> None:
    desk = desk_of("ready_for_review", "internal_review")
    desk.family = replace(desk.family, evidence=(evidence(collector=who),))
    card_of(desk).edit(who, status_id="50")
    intake, _ = desk.round()
    assert task_of(desk).status == "ready_for_review"
    assert "somebody else must" in plain(explanations(intake)[0].body)
    assert_at_rest(desk)


@pytest.mark.parametrize(("file", "after"), [(evidence(task=None), "internal_review"), (on_page(), "in_progress")])
def test_what_stands_only_on_the_page_is_no_evidence_that_was_handed_in(file: Evidence, after: str) -> None:
    desk = Desk.agreed(replace(family_of("in_progress"), evidence=(file,)), audit_context(tasks="none"))
    desk.issues[REQUEST.uid].edit(ADA, status_id="40")
    desk.round()
    assert desk.family.request.status == after
    assert_at_rest(desk)


def test_a_reviewer_lets_evidence_through() -> None:
    desk = desk_of("ready_for_review", "internal_review")
    card_of(desk).edit(RITA, status_id="50")
    desk.round()
    assert (task_of(desk).status, task_of(desk).reviewed_by) == ("approved", RITA)
    assert [item.is_released for item in desk.family.evidence] == [True]
    assert_at_rest(desk)
