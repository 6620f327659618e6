"""The ladder at work: which step fires for whom, what it does to the record, who is told, and how it comes down."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mappings.climbing import climb
from mappings.context import AuditContext, Family, Fired, Intake, Say
from mappings.escalation_issue import close_escalation, draft_escalation
from mappings.ladder import lower, steps_of
from mappings.moves import settle_family
from mappings.records import Kind, Link, LinkRole, LinkState, Record, RequestStatus, TaskStatus
from mappings.text import Mention, Paragraph, plain
from tests.mappings.paper_world import (
    ADA,
    CORA,
    MIA,
    NOW,
    OTHER_TASK,
    REQUEST,
    RITA,
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


def mentioned(say: Say) -> list[str]:
    blocks = [block for block in say.body if isinstance(block, Paragraph)]
    return [run.account_id for block in blocks for run in block.runs if isinstance(run, Mention)]


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
    assert mentioned(say) == [ADA, MIA, CORA]
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


# A review that is late: the tasks are handed in, so it is the request that climbs, and the reviewer's turn.


def in_review(*tasks: str, **changes: Any) -> Family:
    """A late request whose tasks are all handed in."""
    family = late(*(tasks or ("approved",)))
    return family.with_record(replace(family.request, status="internal_review", **changes))


@pytest.mark.parametrize(
    ("days", "step", "level", "priority", "watchers", "opens", "told"),
    [
        (-8, None, 0, "high", (), False, []),
        (-7, "remind-7", 0, "high", (), False, []),
        (-3, "remind-3", 0, "high", (), False, [RITA]),
        (0, "remind-0", 0, "high", (), False, [RITA, CORA]),
        (1, "manager", 1, "high", (), False, [RITA]),
        (3, "coordinator", 2, "highest", (), False, [RITA, CORA]),
        (7, "sponsor", 3, "highest", (), True, [RITA, CORA]),
    ],
)
def test_a_request_whose_tasks_are_all_handed_in_climbs_by_itself_while_its_review_is_late(
    days: int, step: str | None, level: int, priority: str, watchers: tuple[str, ...], opens: bool, told: list[str]
) -> None:
    family = in_review("approved", "ready_for_review", reviewer="rita@acme.example", priority="high")
    intake = climb(family.request, family, days_late(days), NEVER)
    after = intake.family.request
    assert intake.fired == ((Fired(REQUEST.uid, 1, step),) if step else ())
    assert (after.escalation_level, after.priority, after.watchers) == (level, priority, watchers)
    assert intake.wanted_links == (((REQUEST.uid, LinkRole.ESCALATION_ISSUE),) if opens else ())
    assert [account for say in intake.say for account in mentioned(say)] == told
    assert intake.family.tasks == family.tasks, "an owner who has handed in is late no more"


@pytest.mark.parametrize(
    ("status", "climbs"), [("open", False), ("in_progress", False), ("internal_review", True), ("returned", False)]
)
def test_a_request_with_tasks_climbs_by_itself_only_while_it_is_reviewed(status: str, climbs: bool) -> None:
    family = late()
    family = family.with_record(replace(family.request, status=status))
    assert bool(climb(family.request, family, days_late(3), NEVER).fired) is climbs
    assert not climbed(in_review("approved"), days_late(3)).fired


def test_a_slow_review_without_a_named_reviewer_is_the_coordinators() -> None:
    family = in_review(reviewer=None)
    (say,) = climb(family.request, family, days_late(1), NEVER).say
    assert mentioned(say) == [CORA]
    assert "review" in plain(say.body)


def test_the_manager_of_a_slow_reviewer_watches_and_not_the_owners() -> None:
    family = in_review(reviewer="ada@acme.example", owner="rita@acme.example")
    intake = climb(family.request, family, days_late(1), NEVER)
    assert intake.family.request.watchers == ("mia@acme.example",)


def test_a_step_of_the_review_fires_once_and_its_level_outlasts_the_review() -> None:
    family, ctx = in_review(), days_late(3)
    first = climb(family.request, family, ctx, NEVER)
    again = climb(first.family.request, first.family, ctx, frozenset({(1, "coordinator")}))
    assert again == Intake(first.family)
    back = first.family.with_record(replace(first.family.tasks[0], status="changes_requested"))
    after = settle_family(first.family, back, ctx).family.request
    assert (after.status, after.escalation_level) == ("in_progress", 2)
    assert settle_family(back, back, ctx).family.request.escalation_level == 2


def test_what_the_coordinator_lowers_on_a_late_review_stays_low_until_the_next_step() -> None:
    family, ctx = in_review(), days_late(3)
    climbed_by = climb(family.request, family, ctx, NEVER).family
    lowered = climbed_by.with_record(lower(climbed_by.request))
    assert settle_family(climbed_by, lowered, ctx).family.request.escalation_level == 0


def test_a_request_follows_its_task_down_when_the_level_was_the_tasks() -> None:
    family = climbed(late(), days_late(3)).family
    handed_in = family.with_record(replace(family.request, status="internal_review"))
    handed_in = handed_in.with_record(replace(handed_in.tasks[0], status="approved"))
    lowered = handed_in.with_record(lower(handed_in.tasks[0]))
    assert settle_family(handed_in, lowered, days_late(3)).family.request.escalation_level == 0


def test_the_sponsor_gets_one_issue_for_what_was_handed_in_badly_late_and_is_reviewed_late() -> None:
    family = in_review(escalation_level=3)
    family = family.with_record(replace(family.tasks[0], escalation_level=3))
    intake = climb(family.request, family, days_late(8), NEVER)
    assert intake.fired == (Fired(REQUEST.uid, 1, "sponsor"),)
    assert intake.wanted_links == ()


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
