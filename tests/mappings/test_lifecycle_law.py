"""Both lifecycles, every cell: each state to each state, by each set of roles, under each combination of facts.

The law is stated here a second time, by hand, from auditing practice and the additions that the README marks with a
star. It is not read from the code's own table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations, combinations_with_replacement, product
from typing import Any

import pytest

from mappings.lifecycle import Facts, follow_tasks, judge, lead_tasks
from mappings.records import Kind, Record, RequestStatus, Role, TaskStatus

# from | to | who: Owner, Reviewer, Coordinator, Auditor, System | what must hold
REQUEST_LAW = """
draft                                          | open                | CA  |
open                                           | in_progress         | OC  |
open in_progress internal_review returned      | needs_clarification | ORC | reason
needs_clarification                            | FORMER              | CA  | reason
in_progress                                    | internal_review     | OC  | evidence handed_in
internal_review                                | in_progress         | R   | reason
internal_review                                | submitted           | RC  | evidence approved
in_progress                                    | submitted           | C   | review_off evidence handed_in
submitted                                      | in_progress         | C   | reason
submitted                                      | accepted            | A   | same_evidence
submitted                                      | returned            | A   | reason
returned                                       | in_progress         | OC  |
accepted                                       | returned            | A   | reason
accepted                                       | submitted           | S   | other_evidence
draft open in_progress needs_clarification internal_review submitted returned | not_applicable | A | reason
not_applicable                                 | open                | CA  | reason
draft open in_progress needs_clarification internal_review submitted returned not_applicable | withdrawn | CA | reason
in_progress                                    | open                | OC  |
open returned                                  | internal_review     | OC  | evidence handed_in
internal_review                                | in_progress         | OC  |
needs_clarification                            | in_progress         | C   | reason
internal_review                                | submitted           | C   | review_off evidence handed_in
open returned                                  | in_progress         | S   |
open in_progress returned                      | internal_review     | S   | handed_in
internal_review                                | in_progress         | S   |
"""
TASK_LAW = """
todo                                           | in_progress         | OC  |
todo in_progress                               | blocked             | OC  | reason
in_progress changes_requested                  | ready_for_review    | OC  | evidence
ready_for_review                               | changes_requested   | R   | reason
ready_for_review                               | approved            | R   |
approved                                       | delivered           | S   |
delivered                                      | done                | S   |
delivered                                      | changes_requested   | S   |
done                                           | todo                | S   |
todo in_progress blocked ready_for_review changes_requested approved delivered | cancelled | C | reason
blocked                                        | FORMER              | OC  |
blocked                                        | in_progress         | OC  |
changes_requested                              | blocked             | OC  | reason
in_progress                                    | todo                | OC  |
todo                                           | ready_for_review    | OC  | evidence
ready_for_review                               | in_progress         | OC  |
changes_requested                              | in_progress         | OC  |
cancelled                                      | todo                | CS  |
approved                                       | changes_requested   | R   | reason
approved                                       | ready_for_review    | S   |
ready_for_review                               | delivered           | S   | review_off
done                                           | delivered           | S   |
done                                           | changes_requested   | S   |
todo in_progress blocked ready_for_review changes_requested approved delivered | cancelled | S |
approved                                       | done                | S   | no_request
"""
LAWS = {Kind.REQUEST: REQUEST_LAW, Kind.TASK: TASK_LAW}
STATES: dict[Kind, list[str]] = {Kind.REQUEST: list(RequestStatus), Kind.TASK: list(TaskStatus)}
HALTS = {Kind.REQUEST: "needs_clarification", Kind.TASK: "blocked"}
CAME_FROM = {
    Kind.REQUEST: {"open", "in_progress", "internal_review", "returned"},
    Kind.TASK: {"todo", "in_progress", "changes_requested"},
}
MAYBE_FROM = {Kind.REQUEST: {"open", "in_progress"}, Kind.TASK: {"todo", "in_progress"}}
"""Where it may go when nobody remembers where it came from."""
ROLE_SETS = [frozenset(some) for some in chain.from_iterable(combinations(Role, n) for n in (0, 1, 2, len(Role)))]
"""No rule speaks of more than two: one who may, and the owner, who may not. `test_lifecycle` tries all sets."""
LETTERS = {"O": Role.OWNER, "R": Role.REVIEWER, "C": Role.COORDINATOR, "A": Role.AUDITOR, "S": Role.SYSTEM}


@dataclass(frozen=True)
class Line:
    before: frozenset[str]
    after: str
    who: frozenset[Role]
    needs: frozenset[str]


def lines(law: str) -> list[Line]:
    cells = [[cell.split() for cell in line.split("|")] for line in law.strip().splitlines()]
    return [
        Line(frozenset(b), a[0], frozenset(LETTERS[letter] for letter in w[0]), frozenset(n)) for b, a, w, n in cells
    ]


BY_CELL: Mapping[Kind, Mapping[tuple[str, str], list[Line]]] = {
    kind: {
        (before, after): [line for line in lines(law) if before in line.before and line.after in (after, "FORMER")]
        for before, after in product(STATES[kind], STATES[kind])
    }
    for kind, law in LAWS.items()
}


def holding(facts: Facts) -> frozenset[str]:
    """What holds, in the words of the law."""
    told = {
        "evidence": facts.has_evidence or facts.attests_nothing,
        "reason": facts.has_reason,
        "handed_in": facts.tasks_ready,
        "approved": facts.tasks_approved,
        "review_off": not facts.internal_review,
        "same_evidence": facts.evidence_unchanged,
        "other_evidence": not facts.evidence_unchanged,
        "no_request": not facts.has_request,
    }
    return frozenset(name for name, holds in told.items() if holds)


def is_lawful(kind: Kind, before: str, after: str, roles: frozenset[Role], facts: Facts) -> bool:
    if facts.is_audit_closed or before == after or is_own_review(kind, before, after, roles, facts):
        return False
    if kind is Kind.REQUEST and after == "returned" and Role.AUDITOR not in roles:
        return False
    holds = holding(facts)
    return any(
        line.who & roles and line.needs <= holds and (line.after == after or after in former(kind, facts.status_before))
        for line in BY_CELL[kind][before, after]
    )


def is_own_review(kind: Kind, before: str, after: str, roles: frozenset[Role], facts: Facts) -> bool:
    """Whether it is a review by somebody whose own work it is. What Tieout does by itself is none."""
    if kind is Kind.REQUEST:
        is_review = (before, after) == ("internal_review", "submitted") and facts.internal_review
    else:
        is_review = before in ("ready_for_review", "approved") and after in ("approved", "changes_requested")
    return is_review and Role.OWNER in roles


def former(kind: Kind, status_before: str | None) -> set[str]:
    return MAYBE_FROM[kind] if status_before is None else {status_before} & CAME_FROM[kind]


def all_facts(kind: Kind) -> Iterator[Facts]:
    """Every combination of what may matter to this kind."""
    names = {
        Kind.REQUEST: (
            "has_evidence",
            "has_reason",
            "tasks_ready",
            "tasks_approved",
            "internal_review",
            "evidence_unchanged",
        ),
        Kind.TASK: ("has_evidence", "has_reason", "internal_review", "has_request"),
    }[kind]
    for values in product((False, True), repeat=len(names)):
        held: dict[str, Any] = dict(zip(names, values, strict=True))
        yield replace(Facts(), **held)


def cells(kind: Kind, before: str) -> Iterator[tuple[str, Facts]]:
    memories = [None, *sorted(CAME_FROM[kind]), "accepted"] if before == HALTS[kind] else [None]
    for facts, memory, after in product(all_facts(kind), memories, STATES[kind]):
        yield after, replace(facts, status_before=memory)


@pytest.mark.parametrize(
    ("kind", "before"), [(kind, before) for kind in Kind for before in STATES[kind]], ids=lambda each: str(each)
)
def test_a_move_may_be_made_exactly_when_the_law_says_so(kind: Kind, before: str) -> None:
    wrong = [
        f"{before} to {after} by {sorted(roles)} when {sorted(holding(facts))}, from {facts.status_before}"
        for after, facts in cells(kind, before)
        for roles in ROLE_SETS
        if judge(kind, before, after, roles, facts).is_allowed is not is_lawful(kind, before, after, roles, facts)
    ]
    assert wrong[:5] == []


@pytest.mark.parametrize("kind", list(Kind))
def test_each_line_of_the_law_allows_something(kind: Kind) -> None:
    """A line that nobody can ever use would be a slip of the pen: here, or in the law."""
    generous = [replace(facts, status_before=None) for facts in all_facts(kind)]
    for line in lines(LAWS[kind]):
        afters = MAYBE_FROM[kind] if line.after == "FORMER" else {line.after}
        for before, after, role in product(line.before, afters, line.who):
            usable = any(judge(kind, before, after, frozenset({role}), facts).is_allowed for facts in generous)
            assert usable, f"{before} to {after} by the {role}"


@pytest.mark.parametrize("kind", list(Kind))
def test_an_attested_empty_population_is_as_good_as_evidence_in_every_cell(kind: Kind) -> None:
    for before, after, facts in product(STATES[kind], STATES[kind], all_facts(kind)):
        attested = replace(facts, has_evidence=False, attests_nothing=facts.has_evidence)
        for roles in (frozenset({Role.OWNER}), frozenset({Role.REVIEWER}), frozenset({Role.COORDINATOR})):
            found = judge(kind, before, after, roles, attested).is_allowed
            assert found is judge(kind, before, after, roles, facts).is_allowed


# How a request leads its tasks (rows: what it is now; columns: the task), and how tasks lead their request.

LED = """
                    todo      in_progress blocked   ready_for_review changes_requested approved  delivered         done              cancelled
draft               .         .           .         .                .                 .         .                 .                 .
open                .         .           .         .                .                 .         changes_requested .                 .
in_progress         .         .           .         .                .                 .         changes_requested .                 .
needs_clarification .         .           .         .                .                 .         .                 .                 .
internal_review     .         .           .         .                .                 .         changes_requested .                 .
submitted           .         .           .         delivered        .                 delivered .                 delivered         .
returned            .         .           .         .                .                 .         changes_requested changes_requested .
accepted            .         .           .         .                .                 .         done              .                 .
not_applicable      cancelled cancelled   cancelled cancelled        cancelled         cancelled cancelled         .                 .
withdrawn           cancelled cancelled   cancelled cancelled        cancelled         cancelled cancelled         .                 .
"""  # noqa: E501  a table is read as a table


def record(kind: Kind, status: str, status_before: str | None = None) -> Record:
    return Record("a" * 32, kind, "soc2", "1", "Access list", status, status_before=status_before)


def test_a_request_leads_each_task_as_the_table_says() -> None:
    header, *rows = [line.split() for line in LED.strip("\n").splitlines()]
    table = {(row[0], task): cell for row in rows for task, cell in zip(header, row[1:], strict=True)}
    assert set(table) == set(product(RequestStatus, TaskStatus))
    for (request, task), cell in table.items():
        for before in (None, *RequestStatus):
            comes_back = (request, task, before) == ("open", "cancelled", "not_applicable")
            expected = "todo" if comes_back else None if cell == "." else cell
            found = lead_tasks(request, record(Kind.TASK, task), request_before=before)
            assert found == expected, (request, task, before)


def led_by(request: str, tasks: tuple[str, ...]) -> str | None:
    """Where its tasks bring a request, said in the words of the README. `blocked` stands for a task blocked before it
    was begun, `blocked while begun` for the other."""
    alive = [task for task in tasks if task != "cancelled"]
    if not alive or request not in ("open", "in_progress", "internal_review", "returned"):
        return None
    begun = {"in_progress", "ready_for_review", "approved", "blocked while begun"}
    begun |= set() if request == "returned" else {"changes_requested"}
    if set(alive) <= {"ready_for_review", "approved"}:
        wanted = "internal_review"
    elif request == "internal_review" or set(alive) & begun:
        wanted = "in_progress"
    else:
        return None
    return None if wanted == request else wanted


@pytest.mark.parametrize("request_status", list(RequestStatus))
def test_any_three_tasks_lead_their_request_as_it_is_said(request_status: str) -> None:
    states = [*TaskStatus, "blocked while begun"]
    for number in range(4):
        for tasks in combinations_with_replacement(states, number):
            made = [
                record(Kind.TASK, "blocked", "in_progress")
                if task == "blocked while begun"
                else record(Kind.TASK, task)
                for task in tasks
            ]
            assert follow_tasks(record(Kind.REQUEST, request_status), made) == led_by(request_status, tasks), tasks
