"""The legal moves of requests and tasks as data: the one table that code, tests and README read.

The numbered rows follow auditing practice; rows marked `is_ours` are what a board's user expects beside them, or what
Tieout itself does when one record follows another. The three rules that no row can loosen are in `mappings.lifecycle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .records import Kind, RequestStatus, Role, TaskStatus

FORMER: Final = "former"
"""Stands in a row's `after` for the state that `needs_clarification` or `blocked` came from."""


class Guard(StrEnum):
    """What must hold for a move besides the role."""

    EVIDENCE = "evidence"
    REASON = "reason"
    TASKS_READY = "tasks_ready"
    TASKS_APPROVED = "tasks_approved"
    REVIEW_OFF = "review_off"
    EVIDENCE_UNCHANGED = "evidence_unchanged"
    EVIDENCE_CHANGED = "evidence_changed"
    NO_REQUEST = "no_request"


@dataclass(frozen=True, slots=True)
class Move:
    """One row: from any of `before` to `after`, by anybody who has one of `roles`, if every guard holds."""

    number: str
    before: frozenset[str]
    after: str
    roles: frozenset[Role]
    guards: tuple[Guard, ...]
    why: str
    is_ours: bool = False


_R = RequestStatus
_T = TaskStatus
_G = Guard

_OWNER = frozenset({Role.OWNER, Role.COORDINATOR})
"""Whatever an owner may do, the coordinator may do for them."""
_REVIEWER = frozenset({Role.REVIEWER})
_COORDINATOR = frozenset({Role.COORDINATOR})
_AUDITOR = frozenset({Role.AUDITOR})
_SYSTEM = frozenset({Role.SYSTEM})

_UNDECIDED = frozenset(_R) - {_R.ACCEPTED, _R.NOT_APPLICABLE, _R.WITHDRAWN}
_UNFINISHED = frozenset(_T) - {_T.DONE, _T.CANCELLED}


def _row(
    number: str, before: set[str] | frozenset[str], after: str, roles: frozenset[Role], why: str, *guards: Guard
) -> Move:
    return Move(number, frozenset(before), after, roles, guards, why)


def _ours(
    number: str, before: set[str] | frozenset[str], after: str, roles: frozenset[Role], why: str, *guards: Guard
) -> Move:
    return Move(number, frozenset(before), after, roles, guards, why, is_ours=True)


REQUEST_MOVES: Final[tuple[Move, ...]] = (
    _row("R2", {_R.DRAFT}, _R.OPEN, _AUDITOR | _COORDINATOR, "The request is sent; its issue and page are made."),
    _row("R3", {_R.OPEN}, _R.IN_PROGRESS, _OWNER, "Work begins."),
    _row(
        "R4",
        {_R.OPEN, _R.IN_PROGRESS, _R.INTERNAL_REVIEW, _R.RETURNED},
        _R.NEEDS_CLARIFICATION,
        _OWNER | _REVIEWER,
        "A question goes to the auditor; the owner's clock stops.",
        _G.REASON,
    ),
    _row(
        "R5",
        {_R.NEEDS_CLARIFICATION},
        FORMER,
        _AUDITOR | _COORDINATOR,
        "The question is answered; the request goes back to where it was.",
        _G.REASON,
    ),
    _row(
        "R6",
        {_R.IN_PROGRESS},
        _R.INTERNAL_REVIEW,
        _OWNER,
        "The evidence is handed in for review.",
        _G.EVIDENCE,
        _G.TASKS_READY,
    ),
    _row("R7", {_R.INTERNAL_REVIEW}, _R.IN_PROGRESS, _REVIEWER, "The reviewer sends it back to the owner.", _G.REASON),
    _row(
        "R8",
        {_R.INTERNAL_REVIEW},
        _R.SUBMITTED,
        _REVIEWER | _COORDINATOR,
        "The reviewed evidence goes to the auditor.",
        _G.EVIDENCE,
        _G.TASKS_APPROVED,
    ),
    _row(
        "R9",
        {_R.IN_PROGRESS},
        _R.SUBMITTED,
        _COORDINATOR,
        "The evidence goes to the auditor without review, which is switched off.",
        _G.REVIEW_OFF,
        _G.EVIDENCE,
        _G.TASKS_READY,
    ),
    _row(
        "R10",
        {_R.SUBMITTED},
        _R.IN_PROGRESS,
        _COORDINATOR,
        "The coordinator recalls it before it is decided.",
        _G.REASON,
    ),
    _row(
        "R11",
        {_R.SUBMITTED},
        _R.ACCEPTED,
        _AUDITOR,
        "The auditor accepts exactly this evidence.",
        _G.EVIDENCE_UNCHANGED,
    ),
    _row("R12", {_R.SUBMITTED}, _R.RETURNED, _AUDITOR, "The auditor wants more or other evidence.", _G.REASON),
    _row("R13", {_R.RETURNED}, _R.IN_PROGRESS, _OWNER, "Work begins again."),
    _row("R14", {_R.ACCEPTED}, _R.RETURNED, _AUDITOR, "The auditor takes an acceptance back.", _G.REASON),
    _row(
        "R15",
        {_R.ACCEPTED},
        _R.SUBMITTED,
        _SYSTEM,
        "The page or a file changed after the acceptance, so it is to be decided again.",
        _G.EVIDENCE_CHANGED,
    ),
    _row("R16", _UNDECIDED, _R.NOT_APPLICABLE, _AUDITOR, "The auditor agrees that it does not apply.", _G.REASON),
    _row(
        "R17",
        {_R.NOT_APPLICABLE},
        _R.OPEN,
        _AUDITOR | _COORDINATOR,
        "It applies after all.",
        _G.REASON,
    ),
    _row(
        "R18",
        _UNDECIDED | {_R.NOT_APPLICABLE},
        _R.WITHDRAWN,
        _AUDITOR | _COORDINATOR,
        "It is off the auditor's list, for good.",
        _G.REASON,
    ),
    _ours("R20", {_R.IN_PROGRESS}, _R.OPEN, _OWNER, "Work is put down again."),
    _ours(
        "R21",
        {_R.OPEN, _R.RETURNED},
        _R.INTERNAL_REVIEW,
        _OWNER,
        "The evidence is handed in, in one step.",
        _G.EVIDENCE,
        _G.TASKS_READY,
    ),
    _ours("R22", {_R.INTERNAL_REVIEW}, _R.IN_PROGRESS, _OWNER, "What was handed in is taken back before its review."),
    _ours(
        "R23",
        {_R.NEEDS_CLARIFICATION},
        _R.IN_PROGRESS,
        _COORDINATOR,
        "The question is settled inside the company and work goes on.",
        _G.REASON,
    ),
    _ours(
        "R24",
        {_R.INTERNAL_REVIEW},
        _R.SUBMITTED,
        _COORDINATOR,
        "What was handed in goes to the auditor without review, which is switched off.",
        _G.REVIEW_OFF,
        _G.EVIDENCE,
        _G.TASKS_READY,
    ),
    _ours("R25", {_R.OPEN, _R.RETURNED}, _R.IN_PROGRESS, _SYSTEM, "One of its tasks was begun."),
    _ours(
        "R26",
        {_R.OPEN, _R.IN_PROGRESS, _R.RETURNED},
        _R.INTERNAL_REVIEW,
        _SYSTEM,
        "All of its tasks are handed in.",
        _G.TASKS_READY,
    ),
    _ours("R27", {_R.INTERNAL_REVIEW}, _R.IN_PROGRESS, _SYSTEM, "One of its tasks fell back."),
)

TASK_MOVES: Final[tuple[Move, ...]] = (
    _row("T1", {_T.TODO}, _T.IN_PROGRESS, _OWNER, "Work begins."),
    _row("T2", {_T.TODO, _T.IN_PROGRESS}, _T.BLOCKED, _OWNER, "Something stands in the way.", _G.REASON),
    _row(
        "T3",
        {_T.IN_PROGRESS, _T.CHANGES_REQUESTED},
        _T.READY_FOR_REVIEW,
        _OWNER,
        "The evidence is handed in.",
        _G.EVIDENCE,
    ),
    _row(
        "T4",
        {_T.READY_FOR_REVIEW},
        _T.CHANGES_REQUESTED,
        _REVIEWER,
        "The reviewer wants something changed.",
        _G.REASON,
    ),
    _row("T5", {_T.READY_FOR_REVIEW}, _T.APPROVED, _REVIEWER, "The reviewer lets it through to the auditor."),
    _row("T6", {_T.APPROVED}, _T.DELIVERED, _SYSTEM, "Its request was submitted."),
    _row("T7", {_T.DELIVERED}, _T.DONE, _SYSTEM, "Its request was accepted."),
    _row("T8", {_T.DELIVERED}, _T.CHANGES_REQUESTED, _SYSTEM, "Its request was returned or recalled."),
    _row("T9", {_T.DONE}, _T.TODO, _SYSTEM, "The next period begins, with new evidence."),
    _row("T10", _UNFINISHED, _T.CANCELLED, _COORDINATOR, "It is not needed.", _G.REASON),
    _ours("T20", {_T.BLOCKED}, FORMER, _OWNER, "The way is clear; the task goes back to where it was."),
    _ours("T21", {_T.BLOCKED}, _T.IN_PROGRESS, _OWNER, "The way is clear and work goes on."),
    _ours("T22", {_T.CHANGES_REQUESTED}, _T.BLOCKED, _OWNER, "Something stands in the way.", _G.REASON),
    _ours("T23", {_T.IN_PROGRESS}, _T.TODO, _OWNER, "Work is put down again."),
    _ours("T24", {_T.TODO}, _T.READY_FOR_REVIEW, _OWNER, "The evidence is handed in, in one step.", _G.EVIDENCE),
    _ours("T25", {_T.READY_FOR_REVIEW}, _T.IN_PROGRESS, _OWNER, "What was handed in is taken back before its review."),
    _ours("T26", {_T.CHANGES_REQUESTED}, _T.IN_PROGRESS, _OWNER, "Work begins again."),
    _ours("T27", {_T.CANCELLED}, _T.TODO, _COORDINATOR | _SYSTEM, "It is needed after all."),
    _ours("T28", {_T.APPROVED}, _T.CHANGES_REQUESTED, _REVIEWER, "The reviewer takes the approval back.", _G.REASON),
    _ours(
        "T29",
        {_T.APPROVED},
        _T.READY_FOR_REVIEW,
        _SYSTEM,
        "The evidence changed, or the one who approved became its owner: it is to be reviewed again.",
    ),
    _ours(
        "T30",
        {_T.READY_FOR_REVIEW},
        _T.DELIVERED,
        _SYSTEM,
        "Its request was submitted without review, which is switched off.",
        _G.REVIEW_OFF,
    ),
    _ours("T31", {_T.DONE}, _T.DELIVERED, _SYSTEM, "Its request's acceptance fell, because the evidence changed."),
    _ours("T32", {_T.DONE}, _T.CHANGES_REQUESTED, _SYSTEM, "Its request's acceptance was taken back."),
    _ours("T33", _UNFINISHED, _T.CANCELLED, _SYSTEM, "Its request was withdrawn or does not apply."),
    _ours("T34", {_T.APPROVED}, _T.DONE, _SYSTEM, "A control's task waits for no auditor's request.", _G.NO_REQUEST),
)

MOVES: Final = {Kind.REQUEST: REQUEST_MOVES, Kind.TASK: TASK_MOVES}

GUARD_WORDS: Final = {
    Guard.EVIDENCE: "attached evidence, or an attached note that there was nothing to show",
    Guard.REASON: "a reason",
    Guard.TASKS_READY: "all tasks handed in",
    Guard.TASKS_APPROVED: "all tasks approved",
    Guard.REVIEW_OFF: "internal review switched off",
    Guard.EVIDENCE_UNCHANGED: "evidence unchanged since submission",
    Guard.EVIDENCE_CHANGED: "changed evidence",
    Guard.NO_REQUEST: "no request behind it",
}
"""What a move needs, in words for the table and for refusals."""
