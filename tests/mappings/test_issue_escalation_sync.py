"""An escalation on its card: the flag, the label that stands for it, and the priority that goes with it."""

from dataclasses import replace

import pytest

from mappings.actions import EditIssue
from mappings.issue_intake import take_in_issue
from mappings.text import plain
from tests.mappings.issue_desk import assert_at_rest, card_of, desk_of, explanations, task_of
from tests.mappings.paper_world import (
    ADA,
    CORA,
    PAGE_URL,
    REQUEST,
    STRANGER,
    Desk,
    site_words,
)


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
