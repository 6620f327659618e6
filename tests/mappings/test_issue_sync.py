"""One record and its Jira issue: what is taken from the board, what is put back and why, and what is then written."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.actions import EditIssue, MoveIssue
from mappings.context import Intake, Say
from mappings.issue_intake import take_in_issue
from mappings.records import Evidence, LinkRole, Person, Record
from mappings.text import plain
from tests.mappings.paper_world import (
    ADA,
    AUDITORS,
    CLARA,
    CORA,
    MIA,
    NOBODY,
    PAGE_URL,
    REQUEST,
    RITA,
    SMALL_BOARD,
    STRANGER,
    TASK,
    WORKING,
    Desk,
    Paper,
    audit_context,
    evidence,
    family_of,
    is_silent,
    on_page,
    site_words,
)

LATER = date(2026, 12, 20)
EARLIER = date(2026, 11, 12)


def desk_of(task: str = "in_progress", request: str = "in_progress", **options: object) -> Desk:
    """A request with one task, in step with its issues."""
    family = replace(family_of(request, task), evidence=(evidence(),))
    return Desk.agreed(family, audit_context(), **options)  # type: ignore[arg-type]  # the tests' own values


def card_of(desk: Desk) -> Paper:
    return desk.issues[TASK.uid]


def task_of(desk: Desk) -> Record:
    return desk.family.tasks[0]


def explanations(intake: Intake) -> list[Say]:
    return [say for say in intake.say if say.record == TASK.uid and say.role is LinkRole.ISSUE]


def assert_at_rest(desk: Desk) -> None:
    """The next run takes nothing in and writes nothing."""
    before = desk.family
    intake, actions = desk.round()
    assert is_silent(intake, before)
    assert actions == []


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
    ours: dict[str, object], theirs: dict[str, object], after: tuple[str, object]
) -> None:
    desk = desk_of()
    desk.family = desk.family.with_record(replace(task_of(desk), **ours))  # type: ignore[arg-type]
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


def test_the_label_escalate_raises_and_the_coordinator_lowers_it_with_the_flag() -> None:
    desk = desk_of()
    card_of(desk).edit(ADA, labels=card_of(desk).view.labels | {"escalate"})
    desk.round()
    assert (task_of(desk).escalation_level, task_of(desk).raised_by) == (1, ADA)
    assert_at_rest(desk)
    card_of(desk).edit(CORA, labels=card_of(desk).view.labels - {"escalate"})
    desk.round()
    assert (task_of(desk).escalation_level, task_of(desk).raised_by) == (0, None)
    assert_at_rest(desk)


@pytest.mark.parametrize(("task", "request_status"), [("done", "accepted"), ("cancelled", "open")])
def test_what_is_settled_is_not_escalated(task: str, request_status: str) -> None:
    desk = desk_of(task, request_status)
    card_of(desk).edit(ADA, is_flagged=True)
    intake, _ = desk.round()
    assert (task_of(desk).escalation_level, card_of(desk).view.is_flagged) == (0, False)
    assert len(explanations(intake)) == 1
    assert_at_rest(desk)


def test_a_flag_that_somebody_else_takes_away_is_put_back() -> None:
    desk = desk_of()
    card_of(desk).edit(CORA, is_flagged=True)
    desk.round()
    card_of(desk).edit(STRANGER, is_flagged=False)
    intake, _ = desk.round()
    assert card_of(desk).view.is_flagged
    assert len(explanations(intake)) == 1
    assert_at_rest(desk)


def test_the_coordinator_does_not_lower_a_request_whose_tasks_are_late() -> None:
    desk = desk_of()
    family = desk.family.with_record(replace(task_of(desk), escalation_level=2))
    desk = Desk.agreed(replace(family, request=replace(family.request, escalation_level=2)), desk.ctx)
    desk.issues[REQUEST.uid].edit(CORA, is_flagged=False)
    intake, _ = desk.round()
    assert desk.issues[REQUEST.uid].view.is_flagged
    assert ["A task of this request is escalated" in plain(say.body) for say in intake.say] == [True]
    assert_at_rest(desk)


def test_who_changed_what_may_not_be_is_spoken_to() -> None:
    desk = desk_of()
    card_of(desk).edit(ADA, summary="do later")
    assert plain(explanations(desk.take_in())[0].body).startswith("@Ada Lovelace: The change of the summary")


def test_of_priorities_that_a_site_does_not_tell_apart_the_higher_is_meant() -> None:
    desk = desk_of()
    few = {"highest": "Urgent", "high": "High", "medium": "Medium", "low": "Low", "lowest": "Low"}
    words = replace(site_words(), priority_names=few)
    card_of(desk).edit(ADA, priority="Low")
    paper = card_of(desk)
    taken = take_in_issue(task_of(desk), paper.link, paper.view, desk.family, desk.ctx, words, PAGE_URL)
    assert taken.family.tasks[0].priority == "low"


def test_lowering_in_the_register_takes_flag_and_label_off_the_card() -> None:
    desk = desk_of()
    card_of(desk).edit(ADA, labels=card_of(desk).view.labels | {"escalate"}, is_flagged=True)
    desk.round()
    lowered = replace(task_of(desk), escalation_level=0, raised_by=None)
    desk.family = desk.family.with_record(lowered)
    desk.round()
    assert not card_of(desk).view.is_flagged
    assert "escalate" not in card_of(desk).view.labels
    assert_at_rest(desk)


def test_on_a_site_without_flags_the_label_stands_for_it_both_ways() -> None:
    desk = desk_of(has_flag=False)
    card_of(desk).edit(ADA, labels=card_of(desk).view.labels | {"escalate"})
    desk.round()
    assert task_of(desk).raised_by == ADA
    assert_at_rest(desk)
    desk.family = desk.family.with_record(replace(task_of(desk), escalation_level=0, raised_by=None))
    desk.round()
    assert "escalate" not in card_of(desk).view.labels
    assert_at_rest(desk)
    desk.family = desk.family.with_record(replace(task_of(desk), escalation_level=1))
    _, actions = desk.round()
    assert "escalate" in card_of(desk).view.labels
    assert not any("is_flagged" in action.edit.changes for action in actions if isinstance(action, EditIssue))
    assert_at_rest(desk)
