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
    judge,
    way_back,
)
from mappings.lifecycle_tables import MOVES, Guard
from mappings.records import Kind, RequestStatus, Role, TaskStatus

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
    assert said == (
        "To go from in progress to ready for review, a task needs attached evidence, or an attached note that there "
        "was nothing to show."
    )
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
