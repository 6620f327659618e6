"""A person's edit that a write of ours came upon unseen: it is judged as if both had moved, and never lost silently."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from mappings.merge import AUTHORITY, Authority
from mappings.overtaken import is_cut_short, newest_seen, overtaken, unseen, with_rest
from mappings.records import LinkRole
from mappings.text import plain
from tests.mappings.paper_world import (
    ADA,
    CORA,
    MIA,
    RITA,
    STRANGER,
    TIEOUT,
)
from tests.mappings.races import (
    FIELDS,
    LATER,
    OWN,
    SOONER,
    assert_at_rest,
    by,
    card_of,
    change_register,
    desk_of,
    log,
    race,
    task_of,
)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], []),
        (["T:a>b"], []),
        (["ada:a>x"], []),
        (["T:a>b", "ada:b>x"], []),
        (["ada:a>x", "T:x>b"], ["ada:a>x"]),
        (["ada:a>x", "rita:x>y", "T:y>b"], ["rita:a>y"]),
        (["ada:a>x", "ada:x>a", "T:a>b"], []),
        (["ada:a>x", "T:x>b", "rita:b>z"], ["ada:a>x"]),
        (["T:a>h", "ada:h>x", "T:x>b"], ["ada:h>x"]),
        (["T:a>h", "ada:h>a", "T:a>h", "T:h>b"], ["ada:h>a"]),
        (["ada:a>x", "T:x>h", "rita:h>y", "T:y>b"], ["ada:a>x", "rita:h>y"]),
        (["T:a>h", "T:h>b", "ada:b>x"], []),
    ],
    ids=lambda each: " ".join(each) or "nothing",
)
def test_what_others_made_of_a_field_before_a_write_of_ours_is_found(lines: list[str], found: list[str]) -> None:
    shown = [f"{line.author}:{line.before}>{line.after}" for line in overtaken(log(*lines), OWN)]
    assert shown == found


@pytest.mark.parametrize(("seen", "new"), [(None, 0), (0, 3), (1, 2), (2, 1), (3, 0), (99, 0)])
def test_only_what_came_after_the_entry_judged_last_is_new(seen: int | None, new: int) -> None:
    lines = log("ada:a>x", "T:x>b", "ada:b>y")
    assert unseen(lines, seen) == lines[:new]


def test_entries_of_one_edit_are_seen_or_not_together_and_their_ids_need_not_grow() -> None:
    first, second, third = (replace(line, id=number) for line, number in zip(log("T:a>b"), (900,), strict=True)
                            for number in (900, 17, 17))  # fmt: skip
    assert unseen((third, second, first), 900) == (third, second)
    assert newest_seen((third, second, first), 900) == 17


def test_an_answer_from_before_the_last_one_takes_nothing_back() -> None:
    lines = log("ada:a>x", "T:x>b")
    assert newest_seen(lines, 40) == 40
    assert newest_seen((), None) == 0
    assert newest_seen(lines, None) == 2


def test_a_log_that_was_cut_short_is_read_on_only_where_something_unseen_may_stand_below() -> None:
    paper = card_of(desk_of())
    shown = replace(paper.view, changes=log("ada:a>x", "T:x>b", "ada:b>y")[:2], has_more_changes=True)
    assert [is_cut_short(shown, seen) for seen in (None, 0, 1, 2, 3)] == [False, True, True, False, False]
    assert not is_cut_short(replace(shown, has_more_changes=False), 0)
    assert not is_cut_short(paper.view, 0)


def test_the_rest_of_a_log_is_put_below_and_what_came_since_the_issue_was_read_is_left_for_the_next_look() -> None:
    whole = log("ada:a>x", "T:x>b", "ada:b>y", "ada:y>z")
    shown = replace(card_of(desk_of()).view, changes=whole[1:3], has_more_changes=True)
    assert with_rest(shown, whole).changes == whole[1:]
    assert with_rest(shown, ()).changes == whole[1:3]


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "stopped before it was kept"])
@pytest.mark.parametrize("field", list(FIELDS))
def test_what_the_board_may_say_is_taken_and_written_again(field: str, is_kept: bool) -> None:
    ours, theirs, name, after = FIELDS[field]
    desk = desk_of()
    card_of(desk).say(ADA, "waiting for HR")
    change_register(desk, **ours)
    if field == "status":  # only a card that is under way is blocked
        change_register(desk, status="changes_requested")
        desk.round()
        change_register(desk, status="in_progress")
    card_of(desk).say(ADA, "waiting for HR")
    intake = race(desk, by(ADA, **theirs), is_kept=is_kept)
    assert getattr(task_of(desk), name) == after
    (jira_name,) = theirs
    assert getattr(card_of(desk).view, jira_name) == theirs[jira_name]
    notes = [note for note in intake.notes if note.what == field]
    assert [(note.who, "before it had seen it" in note.why) for note in notes] == [(ADA, True)]
    assert intake.say == ()
    assert_at_rest(desk)


KEPT_OUT: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "summary": ({"title": "Another title"}, {"summary": "do later"}, ADA),
    "description": ({"due_on": SOONER, "description": "Another text."}, {"description": "never mind"}, ADA),
    "due": ({"due_on": SOONER}, {"due_on": LATER}, ADA),
    "no due": ({"due_on": SOONER}, {"due_on": None}, ADA),
    "status": ({"status": "ready_for_review"}, {"status_id": "95"}, STRANGER),
    "priority": ({"priority": "low"}, {"priority": "Blocker"}, ADA),
}


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "stopped before it was kept"])
@pytest.mark.parametrize("name", list(KEPT_OUT))
def test_what_it_may_not_is_kept_out_with_both_values_journaled_and_one_explanation(name: str, is_kept: bool) -> None:
    ours, theirs, who = KEPT_OUT[name]
    field = name.removeprefix("no ")
    desk = desk_of()
    change_register(desk, **ours)
    before = task_of(desk)
    intake = race(desk, by(who, **theirs), is_kept=is_kept)
    assert replace(task_of(desk), extension_on=None) == before
    (note,) = [note for note in intake.notes if note.what == f"{field} put back"]
    assert (note.who, note.before == note.after) == (who, False)
    assert len(intake.say) == 1
    assert_at_rest(desk)


def test_a_later_date_that_was_overtaken_is_remembered_as_asked_for() -> None:
    desk = desk_of()
    change_register(desk, due_on=SOONER)
    intake = race(desk, by(ADA, due_on=LATER))
    assert (task_of(desk).due_on, task_of(desk).extension_on) == (SOONER, LATER)
    assert "is a request for more time" in plain(intake.say[0].body)


def test_of_several_edits_that_were_overtaken_the_last_one_counts() -> None:
    desk = desk_of()
    change_register(desk, owner="rita@acme.example")
    intake = race(desk, by(ADA, assignee=MIA), by(CORA, assignee=CORA))
    assert task_of(desk).owner == "cora@acme.example"
    assert [note.who for note in intake.notes] == [CORA]
    assert_at_rest(desk)


def test_an_edit_taken_back_before_our_write_was_none() -> None:
    desk = desk_of()
    change_register(desk, priority="low")
    intake = race(desk, by(ADA, priority="High"), by(ADA, priority="Medium"))
    assert (task_of(desk).priority, intake.notes) == ("low", ())
    assert_at_rest(desk)


def test_an_edit_that_says_what_we_wrote_is_no_quarrel() -> None:
    desk = desk_of()
    change_register(desk, priority="low", due_on=SOONER)
    intake = race(desk, by(ADA, priority="Low"))
    assert (task_of(desk).priority, intake.notes, intake.say) == ("low", (), ())
    assert_at_rest(desk)


def test_an_edit_after_our_write_is_taken_as_ever() -> None:
    desk = desk_of()
    change_register(desk, owner="rita@acme.example")
    desk.round()
    card_of(desk).edit(ADA, assignee=MIA)
    intake, _ = desk.round()
    assert task_of(desk).owner == "mia@acme.example"
    assert [note.why for note in intake.notes] == ["assigned in Jira"]
    assert_at_rest(desk)


def test_what_was_overtaken_counts_also_when_somebody_else_moved_the_card_after_it() -> None:
    """Ada blocks it, our write unblocks it unseen, a stranger cancels it: that is kept out, and Ada's block stands."""
    desk = desk_of()
    card_of(desk).say(ADA, "waiting for HR")
    change_register(desk, status="changes_requested")
    desk.round()
    change_register(desk, status="in_progress")
    desk.take_in()
    actions = desk.plan()
    card_of(desk).edit(ADA, status_id="30")
    for action in actions:
        desk.issues[action.record].apply(action)
    card_of(desk).edit(STRANGER, status_id="95")
    intake, _ = desk.round()
    assert (task_of(desk).status, card_of(desk).view.status_id) == ("blocked", "30")
    assert len(intake.say) == 1
    assert_at_rest(desk)


def test_a_move_between_two_steps_of_ours_is_found() -> None:
    desk = desk_of("ready_for_review", "internal_review")
    desk.family = desk.family.with_record(replace(task_of(desk), reviewed_by=None))
    change_register(desk, status="changes_requested")
    desk.take_in()
    (move, edit) = desk.plan()
    card = card_of(desk)
    card.edit(TIEOUT, status_id="20")
    card.edit(RITA, status_id="50")
    card.apply(move)
    card.apply(edit)
    intake, _ = desk.round()
    assert [note.who for note in intake.notes if note.what.startswith("status")] == [RITA]
    assert_at_rest(desk)


def test_labels_that_were_changed_meanwhile_are_neither_lost_nor_judged() -> None:
    desk = desk_of()
    change_register(desk, status="changes_requested")
    intake = race(desk, lambda card: card.edit(ADA, labels=card.view.labels | {"quarter-end"}))
    assert {"quarter-end", "changes-requested"} <= card_of(desk).view.labels
    assert (intake.notes, intake.say) == ((), ())
    assert_at_rest(desk)


def test_in_a_closed_audit_what_was_overtaken_is_kept_out() -> None:
    desk = desk_of()
    change_register(desk, owner="rita@acme.example")
    desk.take_in()
    actions = desk.plan()
    card_of(desk).edit(ADA, assignee=MIA)
    for action in actions:
        desk.issues[action.record].apply(action)
    desk.ctx = replace(desk.ctx, rule=desk.ctx.rule.model_copy(update={"is_closed": True}))
    intake, _ = desk.round()
    assert task_of(desk).owner == "rita@acme.example"
    assert len(intake.say) == 1


def test_what_stood_in_the_log_before_anybody_kept_count_is_not_judged_again() -> None:
    desk = desk_of()
    card = card_of(desk)
    card.edit(ADA, assignee=MIA)
    card.edit(TIEOUT, assignee=ADA)
    card.link = replace(card.link, seen_change=None)
    assert_at_rest(desk)
    assert card.link.seen_change == card.view.changes[0].id


@pytest.mark.parametrize(("field", "who"), list(product([*FIELDS, "summary"], [ADA, CORA])))
def test_nothing_that_was_overtaken_goes_unmentioned(field: str, who: str) -> None:
    """Whatever the authority: the person's value stands afterwards, or the journal has it with ours and the reason."""
    ours, theirs = FIELDS[field][:2] if field in FIELDS else KEPT_OUT[field][:2]
    desk = desk_of()
    change_register(desk, **ours)
    intake = race(desk, by(who, **theirs))
    (name,) = theirs
    stands = getattr(card_of(desk).view, name) == theirs[name]
    authority = AUTHORITY[LinkRole.ISSUE, field]
    assert stands or [note for note in intake.notes if note.what == f"{field} put back"]
    assert stands or authority is not Authority.FAR
    assert_at_rest(desk)
