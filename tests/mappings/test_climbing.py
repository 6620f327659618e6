"""The ladder at work: which step fires for whom, what it does to the record, who is told, and how it comes down."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mappings.climbing import climb
from mappings.context import AuditContext, Family, Fired, Intake
from mappings.escalation_issue import close_escalation, draft_escalation
from mappings.ladder import steps_of
from mappings.records import Kind, Link, LinkRole, LinkState, Record, RequestStatus, TaskStatus
from mappings.text import Mention, Paragraph, plain
from tests.mappings.paper_world import (
    ADA,
    CORA,
    MIA,
    NOW,
    OTHER_TASK,
    REQUEST,
    TASK,
    TODAY,
    audit_context,
    family_of,
    site_words,
)

CTX = audit_context()
NEVER: frozenset[tuple[int, str]] = frozenset()
DUE = date(2026, 11, 2)
"""A Monday."""


def days_late(days: int) -> AuditContext:
    """The audit, so many working days after the due date (before it where negative)."""
    day = CTX.calendar.add(DUE, days)
    return audit_context(now=NOW + timedelta(days=(day - TODAY).days))


def late(*tasks: str, **changes: Any) -> Family:
    """A request and its tasks, all due on the same day."""
    family = family_of("in_progress", *(tasks or ("in_progress",)))
    for record in family.records:
        family = family.with_record(replace(record, due_on=DUE, **changes))
    return family


def climbed(family: Family, ctx: AuditContext, fired: frozenset[tuple[int, str]] = NEVER) -> Intake:
    return climb(family.tasks[0], family, ctx, fired)


def task_after(intake: Intake) -> Record:
    return intake.family.tasks[0]


@pytest.mark.parametrize(
    ("days", "step", "level", "priority", "watchers", "opens"),
    [
        (-8, None, 0, "medium", (), False),
        (-7, "remind-7", 0, "medium", (), False),
        (-3, "remind-3", 0, "medium", (), False),
        (0, "remind-0", 0, "medium", (), False),
        (1, "manager", 1, "medium", (MIA,), False),
        (2, "manager", 1, "medium", (MIA,), False),
        (3, "coordinator", 2, "high", (MIA,), False),
        (7, "sponsor", 3, "high", (MIA,), True),
        (14, "repeat-1", 3, "high", (MIA,), True),
    ],
)
def test_the_highest_step_that_is_due_fires_with_all_that_those_below_it_do(
    days: int, step: str | None, level: int, priority: str, watchers: tuple[str, ...], opens: bool
) -> None:
    family = late()
    intake = climbed(family, days_late(days))
    after = task_after(intake)
    assert intake.fired == ((Fired(TASK.uid, 1, step),) if step else ())
    assert (after.escalation_level, after.priority) == (level, priority)
    assert tuple(CTX.account_of(key) for key in after.watchers) == watchers
    assert intake.wanted_links == (((TASK.uid, LinkRole.ESCALATION_ISSUE),) if opens else ())
    assert intake.family.request.escalation_level == level
    assert [note.record for note in intake.notes] == ([TASK.uid] if step else [])


@pytest.mark.parametrize("days", range(-8, 30))
def test_no_step_fires_twice_for_a_date(days: int) -> None:
    family, ctx = late(), days_late(days)
    first = climbed(family, ctx)
    fired = frozenset((item.due_version, item.name) for item in first.fired)
    again = climbed(first.family, ctx, fired)
    assert again == Intake(first.family)


def test_a_ladder_climbed_day_by_day_fires_each_step_once_and_tells_once_for_each() -> None:
    family, fired, said, names = late(), NEVER, list[str](), list[str]()
    for days in range(-8, 22):
        intake = climbed(family, days_late(days), fired)
        family = intake.family
        fired |= {(item.due_version, item.name) for item in intake.fired}
        names += [item.name for item in intake.fired]
        said += [say.cause for say in intake.say]
    assert names == ["remind-7", "remind-3", "remind-0", "manager", "coordinator", "sponsor", "repeat-1", "repeat-2"]
    assert len(said) == len(set(said)) == 5, "the first reminder and the repeats go into the digest"
    task = family.tasks[0]
    assert (task.escalation_level, task.priority, task.priority_before) == (3, "high", "medium")
    assert task.watchers == ("mia@acme.example",)


def test_a_new_date_is_climbed_from_its_foot() -> None:
    family = late(due_version=2)
    fired = frozenset((1, step.name) for step in steps_of(CTX.rule.ladder))
    assert climbed(family, days_late(1), fired).fired == (Fired(TASK.uid, 2, "manager"),)


def test_who_is_told_is_spoken_to_on_the_issue() -> None:
    (say,) = climbed(late(), days_late(3)).say
    (block,) = say.body
    assert isinstance(block, Paragraph)
    assert [run.account_id for run in block.runs if isinstance(run, Mention)] == [ADA, MIA, CORA]
    assert (say.record, say.role) == (TASK.uid, LinkRole.ISSUE)


def test_a_priority_is_raised_once_and_a_hand_raised_level_is_no_reason_to_lower() -> None:
    family = late(escalation_level=1, raised_by=ADA)
    intake = climbed(family, days_late(-3))
    assert task_after(intake).escalation_level == 1
    first = climbed(family, days_late(3))
    second = climbed(first.family, days_late(7), frozenset({(1, "coordinator")}))
    assert task_after(second).priority == "high"


@pytest.mark.parametrize("status", list(TaskStatus))
def test_only_what_is_the_owners_turn_climbs(status: TaskStatus) -> None:
    family = late(status)
    runs = status in ("todo", "in_progress", "blocked", "changes_requested")
    assert bool(climbed(family, days_late(3)).fired) is runs


@pytest.mark.parametrize("status", list(RequestStatus))
def test_a_request_without_tasks_climbs_by_itself(status: RequestStatus) -> None:
    family = replace(family_of(status), request=replace(REQUEST, status=status, due_on=DUE))
    runs = status in ("open", "in_progress", "internal_review", "returned")
    intake = climb(family.request, family, days_late(3), NEVER)
    assert [item.name for item in intake.fired] == (["coordinator"] if runs else [])


def test_a_request_with_tasks_is_escalated_through_them_and_one_with_cancelled_ones_only_by_itself() -> None:
    assert climb(late().request, late(), days_late(3), NEVER) == Intake(late())
    alone = late("cancelled")
    intake = climb(alone.request, alone, days_late(3), NEVER)
    assert intake.fired == (Fired(REQUEST.uid, 1, "coordinator"),)
    assert intake.family.request.escalation_level == 2


@pytest.mark.xfail(strict=True, reason="a request's level is its tasks' alone, so a slow review escalates nobody")
def test_a_request_whose_tasks_are_all_handed_in_climbs_by_itself_while_its_review_is_late() -> None:
    family = late("approved")
    waiting = family.with_record(replace(family.request, status="internal_review"))
    assert climb(waiting.request, waiting, days_late(3), NEVER).fired == (Fired(REQUEST.uid, 1, "coordinator"),)


def test_two_tasks_climb_apart_and_the_request_stands_with_the_worst() -> None:
    family = late("in_progress", "todo")
    family = family.with_record(replace(family.tasks[1], due_on=DUE + timedelta(days=2)))
    ctx = days_late(3)
    first = climb(family.tasks[0], family, ctx, NEVER)
    both = first.then(climb(first.family.tasks[1], first.family, ctx, NEVER))
    assert [(item.record, item.name) for item in both.fired] == [(TASK.uid, "coordinator"), (OTHER_TASK.uid, "manager")]
    assert [item.escalation_level for item in both.family.records] == [2, 2, 1]


def test_nothing_climbs_while_a_question_is_with_the_auditor() -> None:
    family = late(clock_stopped_on=DUE)
    assert climbed(family, days_late(7)).fired == ()


def test_nothing_climbs_in_a_closed_audit() -> None:
    ctx = replace(days_late(3), rule=audit_context(is_closed=True).rule)
    assert climbed(late(), ctx) == Intake(late())


def test_an_owner_without_a_manager_or_none_at_all_is_no_hindrance() -> None:
    for owner in (None, "mia@acme.example", "name:ada l."):
        family = late(owner=owner)
        assert task_after(climbed(family, days_late(3))).watchers == ()


# The issue that asks the sponsor to step in.

WORDS = site_words(Kind.REQUEST)
OPENED = Link(TASK.uid, LinkRole.ESCALATION_ISSUE, LinkState.LIVE, "i-9", base_ours={"state": "open"}, base_theirs={})


def test_the_sponsors_issue_says_what_is_late_and_hangs_on_the_records_own() -> None:
    record = replace(TASK, due_on=DUE, status="in_progress")
    action = draft_escalation(record, CTX, WORDS, "SEC-12")
    assert (action.role, action.said) == (LinkRole.ESCALATION_ISSUE, {"state": "open"})
    draft = action.draft
    assert (draft.project, draft.link_to, draft.priority) == ("AUD", "SEC-12", "Highest")
    assert draft.assignee is None, "the sponsor has no account"
    assert "was due on 2026-11-02 and is in progress" in plain(draft.description)
    assert "Ada Lovelace owns it" in plain(draft.description)
    assert draft_escalation(record, CTX, WORDS, "SEC-12") == action


def test_without_a_sponsor_it_is_the_coordinators() -> None:
    assert draft_escalation(TASK, audit_context(sponsor=None), WORDS, None).draft.assignee == CORA


@pytest.mark.parametrize(
    ("status", "level", "closes"),
    [("in_progress", 3, False), ("in_progress", 0, True), ("done", 0, True), ("cancelled", 3, True)],
)
def test_it_is_closed_once_when_the_record_is_settled_or_lowered(status: str, level: int, closes: bool) -> None:
    record = replace(TASK, status=status, escalation_level=level)
    move = close_escalation(record, OPENED, WORDS)
    assert (move is not None) is closes
    if move:
        assert (move.issue_id, move.status_id, move.said) == ("i-9", "90", "closed")
    assert close_escalation(record, replace(OPENED, base_ours={"state": "closed"}), WORDS) is None
    assert close_escalation(record, replace(OPENED, remote_id=None), WORDS) is None
