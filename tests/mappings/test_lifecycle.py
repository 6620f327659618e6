"""Every cell of both lifecycles against a table written by hand, and the three rules over everything."""

from dataclasses import replace
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.lifecycle import (
    Facts,
    as_markdown_table,
    follow_tasks,
    is_open,
    is_settled,
    judge,
    lead_tasks,
    owner_clock_runs,
    way_back,
)
from mappings.lifecycle_tables import MOVES, Guard
from mappings.records import Kind, Record, RequestStatus, Role, TaskStatus

LETTERS = {"O": Role.OWNER, "R": Role.REVIEWER, "C": Role.COORDINATOR, "A": Role.AUDITOR, "S": Role.SYSTEM}
STATES: dict[Kind, list[str]] = {Kind.REQUEST: list(RequestStatus), Kind.TASK: list(TaskStatus)}
ROLE_SETS = [frozenset(some) for some in chain.from_iterable(combinations(Role, size) for size in range(len(Role) + 1))]
ALL_HOLD = ("has_evidence", "has_reason", "tasks_ready", "tasks_approved", "evidence_unchanged")
GENEROUS = Facts(has_evidence=True, has_reason=True, tasks_ready=True, tasks_approved=True, evidence_unchanged=True)

# From (rows) to (columns): who may, when all is as it should be and review is on. `-O`: not if they are the owner too.
REQUEST_CELLS = """
            draft open in_progress clarify review submitted returned accepted n/a withdrawn
draft       .     AC   .           .       .      .         .        .        A   AC
open        .     .    OCS         ORC     OCS    .         .        .        A   AC
in_progress .     OC   .           ORC     OCS    .         .        .        A   AC
clarify     .     AC   C           .       .      .         .        .        A   AC
review      .     .    ORCS        ORC     .      RC-O      .        .        A   AC
submitted   .     .    C           .       .      .         A        A        A   AC
returned    .     .    OCS         ORC     OCS    .         .        .        A   AC
accepted    .     .    .           .       .      .         A        .        .   .
n/a         .     AC   .           .       .      .         .        .        .   AC
withdrawn   .     .    .           .       .      .         .        .        .   .
"""
TASK_CELLS = """
                  todo in_progress blocked ready_for_review changes_requested approved delivered done cancelled
todo              .    OC          OC      OC               .                 .        .         .    CS
in_progress       OC   .           OC      OC               .                 .        .         .    CS
blocked           OC   OC          .       .                .                 .        .         .    CS
ready_for_review  .    OC          .       .                R-O               R-O      .         .    CS
changes_requested .    OC          OC      OC               .                 .        .         .    CS
approved          .    .           .       S                R-O               .        S         .    CS
delivered         .    .           .       .                S                 .        .         S    CS
done              S    .           .       .                S                 .        S         .    .
cancelled         CS   .           .       .                .                 .        .         .    .
"""


SHORT = {"clarify": "needs_clarification", "review": "internal_review", "n/a": "not_applicable"}


def expected(table: str) -> dict[tuple[str, str], str]:
    header, *rows = [line.split() for line in table.strip("\n").splitlines()]
    return {
        (SHORT.get(row[0], row[0]), SHORT.get(after, after)): cell
        for row in rows
        for after, cell in zip(header, row[1:], strict=True)
    }


def may(cell: str, roles: frozenset[Role]) -> bool:
    wanted, _, barred = cell.partition("-")
    return any(LETTERS[letter] in roles for letter in wanted if letter != ".") and not any(
        LETTERS[letter] in roles for letter in barred
    )


def disagreements(kind: Kind, table: dict[tuple[str, str], str], facts: Facts) -> list[str]:
    return [
        f"{before} to {after} by {sorted(roles)}: {verdict.why}"
        for (before, after), cell in table.items()
        for roles in ROLE_SETS
        if (verdict := judge(kind, before, after, roles, facts)).is_allowed is not may(cell, roles)
    ]


@pytest.mark.parametrize(
    ("kind", "cells", "came_from"), [(Kind.REQUEST, REQUEST_CELLS, "open"), (Kind.TASK, TASK_CELLS, "todo")]
)
def test_every_cell_is_open_to_exactly_whom_the_table_names(kind: Kind, cells: str, came_from: str) -> None:
    table = expected(cells)
    assert set(table) == set(product(STATES[kind], STATES[kind]))
    facts = replace(GENEROUS, status_before=came_from)
    assert disagreements(kind, table, facts) == []


def test_with_review_switched_off_the_coordinator_submits() -> None:
    table = expected(REQUEST_CELLS) | {("in_progress", "submitted"): "C", ("internal_review", "submitted"): "RC"}
    facts = replace(GENEROUS, status_before="open", internal_review=False)
    assert disagreements(Kind.REQUEST, table, facts) == []


def test_with_review_switched_off_tasks_are_delivered_as_they_were_handed_in() -> None:
    table = expected(TASK_CELLS) | {("ready_for_review", "delivered"): "S"}
    facts = replace(GENEROUS, status_before="todo", internal_review=False)
    assert disagreements(Kind.TASK, table, facts) == []


def test_changed_evidence_opens_an_acceptance_again_and_cannot_be_accepted() -> None:
    table = expected(REQUEST_CELLS) | {("accepted", "submitted"): "S", ("submitted", "accepted"): "."}
    facts = replace(GENEROUS, status_before="open", evidence_unchanged=False)
    assert disagreements(Kind.REQUEST, table, facts) == []


def test_a_controls_task_is_done_when_it_is_approved() -> None:
    table = expected(TASK_CELLS) | {("approved", "done"): "S"}
    facts = replace(GENEROUS, status_before="todo", has_request=False)
    assert disagreements(Kind.TASK, table, facts) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_moves_in_a_closed_audit(kind: Kind) -> None:
    facts = replace(GENEROUS, is_audit_closed=True)
    table = dict.fromkeys(product(STATES[kind], STATES[kind]), ".")
    assert disagreements(kind, table, facts) == []


@pytest.mark.parametrize("came_from", ["open", "in_progress", "internal_review"])
def test_an_answer_brings_a_request_back_to_where_it_was_and_nowhere_else(came_from: str) -> None:
    facts = Facts(has_reason=True, status_before=came_from)
    reached = {
        state
        for state in RequestStatus
        if judge(Kind.REQUEST, "needs_clarification", state, frozenset({Role.AUDITOR}), facts).is_allowed
    }
    assert reached == {came_from, "not_applicable", "withdrawn"}


def test_a_returned_request_is_returned_again_by_an_auditors_answer_but_goes_on_after_the_coordinators() -> None:
    auditor, coordinator = frozenset({Role.AUDITOR}), frozenset({Role.COORDINATOR})
    facts = Facts(has_reason=True, status_before="returned")
    for roles, wanted in [(auditor, "returned"), (coordinator, "in_progress")]:
        assert way_back(Kind.REQUEST, "returned", roles) == wanted
        assert judge(Kind.REQUEST, "needs_clarification", wanted, roles, facts).is_allowed
    assert not judge(Kind.REQUEST, "needs_clarification", "returned", coordinator, facts).is_allowed


@pytest.mark.parametrize("came_from", [None, "accepted", "submitted", "withdrawn", "nonsense"])
def test_a_former_state_that_cannot_be_is_never_gone_back_to(came_from: str | None) -> None:
    facts = Facts(has_reason=True, status_before=came_from)
    assert way_back(Kind.REQUEST, came_from, frozenset({Role.AUDITOR})) == "in_progress"
    for state in ("accepted", "submitted", "returned", "internal_review"):
        roles = frozenset({Role.AUDITOR, Role.COORDINATOR})
        assert not judge(Kind.REQUEST, "needs_clarification", state, roles, facts).is_allowed


@pytest.mark.parametrize("came_from", ["todo", "in_progress", "changes_requested"])
def test_a_block_that_is_gone_brings_a_task_back_to_where_it_was(came_from: str) -> None:
    owner = frozenset({Role.OWNER})
    assert way_back(Kind.TASK, came_from, owner) == came_from
    assert judge(Kind.TASK, "blocked", came_from, owner, Facts(status_before=came_from)).is_allowed
    others = {"todo", "changes_requested"} - {came_from}
    assert not any(judge(Kind.TASK, "blocked", o, owner, Facts(status_before=came_from)).is_allowed for o in others)


@pytest.mark.parametrize(
    ("kind", "before", "after", "role", "fact"),
    [
        (Kind.TASK, "in_progress", "ready_for_review", Role.OWNER, "has_evidence"),
        (Kind.TASK, "todo", "ready_for_review", Role.OWNER, "has_evidence"),
        (Kind.TASK, "todo", "blocked", Role.OWNER, "has_reason"),
        (Kind.TASK, "ready_for_review", "changes_requested", Role.REVIEWER, "has_reason"),
        (Kind.TASK, "todo", "cancelled", Role.COORDINATOR, "has_reason"),
        (Kind.REQUEST, "in_progress", "internal_review", Role.OWNER, "has_evidence"),
        (Kind.REQUEST, "in_progress", "internal_review", Role.OWNER, "tasks_ready"),
        (Kind.REQUEST, "open", "internal_review", Role.SYSTEM, "tasks_ready"),
        (Kind.REQUEST, "internal_review", "submitted", Role.REVIEWER, "tasks_approved"),
        (Kind.REQUEST, "internal_review", "submitted", Role.COORDINATOR, "has_evidence"),
        (Kind.REQUEST, "internal_review", "in_progress", Role.REVIEWER, "has_reason"),
        (Kind.REQUEST, "submitted", "returned", Role.AUDITOR, "has_reason"),
        (Kind.REQUEST, "submitted", "accepted", Role.AUDITOR, "evidence_unchanged"),
        (Kind.REQUEST, "submitted", "in_progress", Role.COORDINATOR, "has_reason"),
        (Kind.REQUEST, "accepted", "returned", Role.AUDITOR, "has_reason"),
        (Kind.REQUEST, "open", "needs_clarification", Role.OWNER, "has_reason"),
        (Kind.REQUEST, "open", "not_applicable", Role.AUDITOR, "has_reason"),
        (Kind.REQUEST, "open", "withdrawn", Role.COORDINATOR, "has_reason"),
    ],
)
def test_a_move_is_refused_for_one_missing_fact(kind: Kind, before: str, after: str, role: Role, fact: str) -> None:
    facts: dict[str, Any] = {name: name != fact for name in ALL_HOLD}
    lacking = Facts(**facts)
    assert not judge(kind, before, after, frozenset({role}), lacking).is_allowed
    assert judge(kind, before, after, frozenset({role}), GENEROUS).is_allowed


def test_an_attested_empty_population_stands_for_evidence() -> None:
    facts = Facts(attests_nothing=True, tasks_ready=True)
    for kind, after in [(Kind.TASK, "ready_for_review"), (Kind.REQUEST, "internal_review")]:
        assert judge(kind, "in_progress", after, frozenset({Role.OWNER}), facts).is_allowed


any_facts = st.builds(
    Facts,
    **{name: st.booleans() for name in Facts.__dataclass_fields__ if name != "status_before"},
    status_before=st.sampled_from([None, *RequestStatus, *TaskStatus]),
)
any_roles = st.sampled_from(ROLE_SETS)


@given(any_facts)
def test_only_an_auditor_accepts_or_returns(facts: Facts) -> None:
    for before, after in product(RequestStatus, ("accepted", "returned")):
        for roles in ROLE_SETS:
            if Role.AUDITOR not in roles:
                assert not judge(Kind.REQUEST, before, after, roles, facts).is_allowed


@given(any_facts)
def test_nobody_reviews_what_they_own_or_without_being_a_reviewer(facts: Facts) -> None:
    reviews = [(before, "approved") for before in TaskStatus] + [("ready_for_review", "changes_requested")]
    for before, after in reviews:
        for roles in ROLE_SETS:
            if Role.REVIEWER not in roles or Role.OWNER in roles:
                assert not judge(Kind.TASK, before, after, roles, facts).is_allowed


@given(any_facts)
def test_with_review_on_a_request_is_submitted_only_from_review_and_never_by_its_owner(facts: Facts) -> None:
    for before, roles in product(RequestStatus, ROLE_SETS):
        verdict = judge(Kind.REQUEST, before, "submitted", roles, facts)
        if facts.internal_review and verdict.is_allowed and before != "accepted":
            assert before == "internal_review"
            assert Role.OWNER not in roles
            assert facts.tasks_approved


@given(any_facts, any_roles)
def test_what_changed_since_its_submission_is_never_accepted(facts: Facts, roles: frozenset[Role]) -> None:
    for before in RequestStatus:
        if judge(Kind.REQUEST, before, "accepted", roles, facts).is_allowed:
            assert before == "submitted"
            assert facts.evidence_unchanged


@given(any_facts, any_roles, st.sampled_from(list(Kind)))
def test_every_verdict_says_why_in_a_sentence(facts: Facts, roles: frozenset[Role], kind: Kind) -> None:
    for before, after in product(STATES[kind], STATES[kind]):
        verdict = judge(kind, before, after, roles, facts)
        assert verdict.why.endswith(".")
        assert "_" not in verdict.why
        assert verdict.after == after
        assert verdict.move is not None or not verdict.is_allowed


def test_refusals_tell_a_person_what_to_do() -> None:
    owner = frozenset({Role.OWNER})
    said = judge(Kind.REQUEST, "internal_review", "accepted", owner, GENEROUS).why
    assert said == "Only an auditor accepts or returns a request, by a comment on its evidence page."
    said = judge(Kind.TASK, "in_progress", "ready_for_review", owner, Facts()).why
    assert said == ("To go from in progress to ready for review, a task needs evidence, or an attested nil population.")
    said = judge(Kind.TASK, "todo", "delivered", owner, GENEROUS).why
    assert said == (
        "A task does not go from todo to delivered: from there it goes to in progress, blocked, cancelled or "
        "ready for review."
    )
    assert judge(Kind.TASK, "todo", "cancelled", owner, GENEROUS).why == (
        "Only the coordinator moves a task from todo to cancelled."
    )
    assert judge(Kind.TASK, "delivered", "done", owner, GENEROUS).why == (
        "Tieout itself moves a task from delivered to done: Its request was accepted."
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_numbers_of_rows_are_unique_and_every_guard_is_in_use(kind: Kind) -> None:
    numbers = [move.number for move in MOVES[kind]]
    assert len(set(numbers)) == len(numbers)
    used = {guard for moves in MOVES.values() for move in moves for guard in move.guards}
    assert used == set(Guard)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_markdown_table_has_each_row_once(kind: Kind) -> None:
    lines = as_markdown_table(kind).splitlines()
    assert len(lines) == len(MOVES[kind]) + 2
    assert {line.count("|") for line in lines} == {7}
    assert all(any(f"| {move.number}{'*' * move.is_ours} |" in line for line in lines) for move in MOVES[kind])


# --- requests and their tasks -------------------------------------------------------------------------------------


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
