"""How a request follows its tasks and leads them, and whose clock runs meanwhile."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.lifecycle import Facts, follow_tasks, is_open, is_settled, judge, lead_tasks, owner_clock_runs
from mappings.records import Kind, Record, RequestStatus, Role, TaskStatus


def record(status: str, kind: Kind = Kind.TASK, status_before: str | None = None) -> Record:
    return Record(
        uid="0" * 32, kind=kind, audit="soc2", number="1", title="t", status=status, status_before=status_before
    )


@pytest.mark.parametrize(
    ("request_status", "tasks", "wanted"),
    [
        ("open", [], None),
        ("open", ["todo", "todo"], None),
        ("open", ["todo", "in_progress"], "in_progress"),
        ("open", ["todo", "ready_for_review"], "in_progress"),
        ("open", ["cancelled", "ready_for_review"], "internal_review"),
        ("open", ["cancelled"], None),
        ("in_progress", ["todo", "todo"], None),
        ("in_progress", ["in_progress"], None),
        ("in_progress", ["approved", "ready_for_review"], "internal_review"),
        ("in_progress", ["approved", "changes_requested"], None),
        ("internal_review", ["approved", "ready_for_review"], None),
        ("internal_review", ["approved", "changes_requested"], "in_progress"),
        ("internal_review", ["approved", "todo"], "in_progress"),
        ("internal_review", ["approved", "blocked"], "in_progress"),
        ("returned", ["changes_requested", "changes_requested"], None),
        ("returned", ["delivered"], None),
        ("returned", ["changes_requested", "in_progress"], "in_progress"),
        ("returned", ["ready_for_review"], "internal_review"),
        ("submitted", ["in_progress"], None),
        ("accepted", ["todo"], None),
        ("needs_clarification", ["in_progress"], None),
        ("not_applicable", ["ready_for_review"], None),
        ("draft", ["in_progress"], None),
    ],
)
def test_a_request_follows_its_tasks(request_status: str, tasks: list[str], wanted: str | None) -> None:
    request = record(request_status, Kind.REQUEST)
    assert follow_tasks(request, [record(status) for status in tasks]) == wanted


@pytest.mark.parametrize(("came_from", "wanted"), [("todo", None), ("in_progress", "in_progress"), (None, None)])
def test_a_blocked_task_has_begun_only_if_work_was_going_on(came_from: str | None, wanted: str | None) -> None:
    assert follow_tasks(record("open", Kind.REQUEST), [record("blocked", status_before=came_from)]) == wanted


@given(st.sampled_from(list(RequestStatus)), st.lists(st.sampled_from(list(TaskStatus)), max_size=5))
def test_what_tasks_bring_a_request_to_is_legal_for_tieout_and_settles_at_once(
    status: RequestStatus, tasks: list[TaskStatus]
) -> None:
    after = follow_tasks(record(status, Kind.REQUEST), [record(task) for task in tasks])
    if after:
        ready = all(task in ("ready_for_review", "approved", "cancelled") for task in tasks)
        verdict = judge(Kind.REQUEST, status, after, frozenset({Role.SYSTEM}), Facts(tasks_ready=ready))
        assert verdict.is_allowed, verdict.why
        assert follow_tasks(record(after, Kind.REQUEST), [record(task) for task in tasks]) is None


@pytest.mark.parametrize(
    ("request_after", "task", "wanted"),
    [
        ("submitted", "approved", "delivered"),
        ("submitted", "ready_for_review", "delivered"),
        ("submitted", "done", "delivered"),
        ("submitted", "cancelled", None),
        ("submitted", "todo", None),
        ("accepted", "delivered", "done"),
        ("accepted", "todo", None),
        ("returned", "delivered", "changes_requested"),
        ("returned", "done", "changes_requested"),
        ("returned", "in_progress", None),
        ("in_progress", "delivered", "changes_requested"),
        ("in_progress", "approved", None),
        ("withdrawn", "in_progress", "cancelled"),
        ("withdrawn", "done", None),
        ("not_applicable", "delivered", "cancelled"),
        ("not_applicable", "cancelled", None),
        ("open", "cancelled", None),
    ],
)
def test_a_request_leads_its_tasks(request_after: str, task: str, wanted: str | None) -> None:
    assert lead_tasks(request_after, record(task)) == wanted


def test_tasks_cancelled_with_a_request_come_back_when_it_applies_after_all() -> None:
    assert lead_tasks("open", record("cancelled"), request_before="not_applicable") == "todo"
    assert lead_tasks("open", record("cancelled"), request_before="in_progress") is None


def test_wherever_a_request_leads_a_task_tieout_may_move_it_and_it_stays() -> None:
    for request_after, status, review in product(RequestStatus, TaskStatus, (True, False)):
        after = lead_tasks(request_after, record(status))
        if after is None or (review and (status, after) == ("ready_for_review", "delivered")):
            continue
        verdict = judge(Kind.TASK, status, after, frozenset({Role.SYSTEM}), Facts(internal_review=review))
        assert verdict.is_allowed, verdict.why
        assert lead_tasks(request_after, record(after)) is None


def test_a_recalled_request_stays_recalled() -> None:
    tasks = [record(lead_tasks("in_progress", record("delivered")) or "") for _ in range(2)]
    assert follow_tasks(record("in_progress", Kind.REQUEST), tasks) is None


def test_the_owners_clock_and_what_is_settled() -> None:
    running = {state for state in RequestStatus if owner_clock_runs(Kind.REQUEST, state)}
    assert running == {"open", "in_progress", "internal_review", "returned"}
    running_tasks = {state for state in TaskStatus if owner_clock_runs(Kind.TASK, state)}
    assert running_tasks == {"todo", "in_progress", "blocked", "changes_requested"}
    assert {state for state in RequestStatus if is_settled(Kind.REQUEST, state)} == {
        "accepted",
        "not_applicable",
        "withdrawn",
    }
    assert {state for state in TaskStatus if is_settled(Kind.TASK, state)} == {"done", "cancelled"}
    assert not is_open(Kind.REQUEST, "draft")
    assert is_open(Kind.REQUEST, "submitted")
    assert not is_open(Kind.TASK, "cancelled")
