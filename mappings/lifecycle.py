"""Who may move a request or a task from one state to another, and how the two lead each other.

Three rules hold whatever the tables or settings say: only an auditor accepts or returns; a reviewer is neither the
owner nor the collector of the evidence; an acceptance is of exactly the evidence that was submitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .lifecycle_tables import FORMER, GUARD_WORDS, MOVES, Guard, Move
from .records import Kind, Record, RequestStatus, Role, TaskStatus
from .roles import roles_of as roles_of

_R = RequestStatus
_T = TaskStatus

AUDIT_IS_CLOSED = "The audit is closed: nothing in it moves until the coordinator opens it again."
SETTLED = {
    Kind.REQUEST: frozenset({_R.ACCEPTED, _R.NOT_APPLICABLE, _R.WITHDRAWN}),
    Kind.TASK: frozenset({_T.DONE, _T.CANCELLED}),
}
CLOCK_RUNS = {
    Kind.REQUEST: frozenset({_R.OPEN, _R.IN_PROGRESS, _R.INTERNAL_REVIEW, _R.RETURNED}),
    Kind.TASK: frozenset({_T.TODO, _T.IN_PROGRESS, _T.BLOCKED, _T.CHANGES_REQUESTED}),
}
"""A task's clock stops when it is handed in: a slow review is the request's, which climbs the ladder by itself then."""

_HALTS = {Kind.REQUEST: _R.NEEDS_CLARIFICATION, Kind.TASK: _T.BLOCKED}
_UNKNOWN_FORMER = {
    Kind.REQUEST: frozenset({_R.OPEN, _R.IN_PROGRESS}),
    Kind.TASK: frozenset({_T.TODO, _T.IN_PROGRESS}),
}
_FORMER_STATES = {
    kind: frozenset[str]().union(*(move.before for move in MOVES[kind] if move.after == halt))
    for kind, halt in _HALTS.items()
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at. The defaults refuse: what the caller does not know does not hold."""

    has_evidence: bool = False
    attests_nothing: bool = False
    """The owner attests that there is nothing to show (an empty population)."""
    has_reason: bool = False
    tasks_ready: bool = False
    """Every task that is not cancelled is handed in or approved; true for a request without tasks."""
    tasks_approved: bool = False
    """Every task that is not cancelled is approved; true for a request without tasks."""
    internal_review: bool = True
    """The audit's switch."""
    is_audit_closed: bool = False
    evidence_unchanged: bool = False
    """Page and files are those that were submitted."""
    status_before: str | None = None
    """`Record.status_before`."""
    has_request: bool = True
    """False for the task of a control that no request asks for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a move may be made. `why` is a sentence for a person; `after` is the state that was judged.

    `move` is the row that allows it or, in a refusal, the row whose guard failed; None when no row fits the role."""

    is_allowed: bool
    why: str
    move: Move | None = None
    after: str | None = None


def judge(kind: Kind, before: str, after: str, roles: frozenset[Role], facts: Facts) -> Verdict:
    """Whether somebody with `roles` may move a record from `before` to `after`."""
    if facts.is_audit_closed:
        return Verdict(False, AUDIT_IS_CLOSED, None, after)
    if before == after:
        return Verdict(False, f"The {kind} is {_words(after)} already.", None, after)
    if broken := _broken_rule(kind, before, after, roles, facts):
        return Verdict(False, broken, None, after)
    return _judge_by_rows(kind, before, after, roles, facts)


def moves_between(kind: Kind, before: str, after: str, status_before: str | None = None) -> tuple[Move, ...]:
    """The rows from `before` to `after`, whoever may use them."""
    return tuple(
        move
        for move in MOVES[kind]
        if before in move.before
        and (move.after == after or (move.after == FORMER and after in _ways_back(kind, status_before)))
    )


def way_back(kind: Kind, status_before: str | None, roles: frozenset[Role]) -> str:
    """Where a record goes when its question is answered or its block is gone.

    That is where it came from, except that only an auditor puts a request back to `returned`: from others it goes on
    to `in_progress`."""
    came_from = status_before if status_before in _FORMER_STATES[kind] else None
    if came_from is None or (came_from == _R.RETURNED and Role.AUDITOR not in roles):
        return _R.IN_PROGRESS if kind is Kind.REQUEST else _T.IN_PROGRESS
    return came_from


def follow_tasks(request: Record, tasks: Sequence[Record]) -> str | None:
    """The state to which its tasks bring a request, or None when they bring it nowhere.

    Tasks lead from `open`, `in_progress`, `internal_review` and `returned`, and no further than `internal_review`."""
    live = [task for task in tasks if task.status != _T.CANCELLED]
    if request.status not in CLOCK_RUNS[Kind.REQUEST] or not live:
        return None
    if all(task.status in (_T.READY_FOR_REVIEW, _T.APPROVED) for task in live):
        wanted: str | None = _R.INTERNAL_REVIEW
    elif request.status == _R.INTERNAL_REVIEW or any(_is_begun(task, request) for task in live):
        wanted = _R.IN_PROGRESS
    else:
        wanted = None
    return None if wanted == request.status else wanted


def lead_tasks(request_after: str, task: Record, *, request_before: str | None = None) -> str | None:
    """The state to which its request brings a task, or None when the task stays.

    Depends on the present states alone, so it may be asked again at any time; only a task that was cancelled with its
    request needs `request_before` to come back. A recalled request sends its tasks to `changes_requested`: were they
    still handed in, `follow_tasks` would bring the request straight back to review."""
    match request_after, task.status:
        case _R.SUBMITTED, (_T.APPROVED | _T.READY_FOR_REVIEW | _T.DONE):
            return _T.DELIVERED
        case _R.ACCEPTED, _T.DELIVERED:
            return _T.DONE
        case ((_R.OPEN | _R.IN_PROGRESS | _R.INTERNAL_REVIEW), _T.DELIVERED):
            return _T.CHANGES_REQUESTED
        case _R.RETURNED, (_T.DELIVERED | _T.DONE):
            return _T.CHANGES_REQUESTED
        case ((_R.WITHDRAWN | _R.NOT_APPLICABLE), status) if status not in SETTLED[Kind.TASK]:
            return _T.CANCELLED
        case _R.OPEN, _T.CANCELLED if request_before == _R.NOT_APPLICABLE:
            return _T.TODO
    return None


def owner_clock_runs(kind: Kind, status: str) -> bool:
    """Whether time counts against the owner: work is wanted, and it is their turn."""
    return status in CLOCK_RUNS[kind]


def is_settled(kind: Kind, status: str) -> bool:
    """Whether nothing more is expected of anybody."""
    return status in SETTLED[kind]


def is_open(kind: Kind, status: str) -> bool:
    """Whether something is still expected: sent, and not settled."""
    return status != _R.DRAFT and not is_settled(kind, status)


def as_markdown_table(kind: Kind) -> str:
    """The moves as the README shows them; a star marks the rows that are ours."""
    lines = ["| # | from | to | who | needs | |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(kind, move))} |" for move in MOVES[kind]]
    return "\n".join(lines) + "\n"


def _judge_by_rows(kind: Kind, before: str, after: str, roles: frozenset[Role], facts: Facts) -> Verdict:
    rows = moves_between(kind, before, after, facts.status_before)
    if not rows:
        return Verdict(False, _no_such_move(kind, before, after), None, after)
    fitting = [row for row in rows if row.roles & roles]
    if not fitting:
        return Verdict(False, _not_your_move(kind, before, after, rows), None, after)
    lacks = {row.number: _missing(row, facts) for row in fitting}
    for row in fitting:
        if not lacks[row.number]:
            return Verdict(True, row.why, row, after)
    return Verdict(False, _needs(kind, before, after, lacks[fitting[0].number]), fitting[0], after)


def _broken_rule(kind: Kind, before: str, after: str, roles: frozenset[Role], facts: Facts) -> str | None:
    """What is wrong by the three rules, read from the states alone so that no row of a table can loosen them."""
    if kind is Kind.REQUEST and after in (_R.ACCEPTED, _R.RETURNED) and Role.AUDITOR not in roles:
        return "Only an auditor accepts or returns a request, by a comment on its evidence page."
    if _is_review(kind, before, after, facts):
        if Role.OWNER in roles:
            return "Nobody reviews evidence that they own or collected: somebody else must."
        if not roles & _reviewers(kind):
            return f"Only a reviewer who neither owns nor collected the evidence moves a {kind} on from review."
    if kind is Kind.REQUEST and (before, after) == (_R.SUBMITTED, _R.ACCEPTED) and not facts.evidence_unchanged:
        return "The evidence is not what was submitted: an acceptance is of exactly what the auditor saw."
    return None


def _is_review(kind: Kind, before: str, after: str, facts: Facts) -> bool:
    if kind is Kind.REQUEST:
        return (before, after) == (_R.INTERNAL_REVIEW, _R.SUBMITTED) and facts.internal_review
    reviewed = before in (_T.READY_FOR_REVIEW, _T.APPROVED)
    return after == _T.APPROVED or (reviewed and after == _T.CHANGES_REQUESTED)


def _reviewers(kind: Kind) -> frozenset[Role]:
    """The coordinator may hand a reviewed request over, but does not review a task for a reviewer."""
    return frozenset({Role.REVIEWER, Role.COORDINATOR} if kind is Kind.REQUEST else {Role.REVIEWER})


def _ways_back(kind: Kind, status_before: str | None) -> frozenset[str]:
    return frozenset({status_before}) & _FORMER_STATES[kind] if status_before else _UNKNOWN_FORMER[kind]


def _missing(move: Move, facts: Facts) -> list[Guard]:
    """The guards of `move` that do not hold."""
    holds = {
        Guard.EVIDENCE: facts.has_evidence or facts.attests_nothing,
        Guard.REASON: facts.has_reason,
        Guard.TASKS_READY: facts.tasks_ready,
        Guard.TASKS_APPROVED: facts.tasks_approved,
        Guard.REVIEW_OFF: not facts.internal_review,
        Guard.EVIDENCE_UNCHANGED: facts.evidence_unchanged,
        Guard.EVIDENCE_CHANGED: not facts.evidence_unchanged,
        Guard.NO_REQUEST: not facts.has_request,
    }
    return [guard for guard in move.guards if not holds[guard]]


def _is_begun(task: Record, request: Record) -> bool:
    """Changes that the auditor asked for are not begun by being asked for."""
    if task.status == _T.CHANGES_REQUESTED:
        return request.status != _R.RETURNED
    if task.status == _T.BLOCKED:
        return task.status_before == _T.IN_PROGRESS
    return task.status in (_T.IN_PROGRESS, _T.READY_FOR_REVIEW, _T.APPROVED)


def _no_such_move(kind: Kind, before: str, after: str) -> str:
    onward = dict.fromkeys(
        _words(move.after) for move in MOVES[kind] if before in move.before and move.roles != {Role.SYSTEM}
    )
    ways = f"from there it goes to {_either(list(onward))}" if onward else "there it stays, or Tieout moves it itself"
    return f"A {kind} does not go from {_words(before)} to {_words(after)}: {ways}."


def _not_your_move(kind: Kind, before: str, after: str, rows: Sequence[Move]) -> str:
    people = sorted({role for row in rows for role in row.roles} - {Role.SYSTEM}, key=list(Role).index)
    step = f"a {kind} from {_words(before)} to {_words(after)}"
    if not people:
        return f"Tieout itself moves {step}: {rows[0].why}"
    return f"Only the {_either([role.value for role in people])} moves {step}."


def _needs(kind: Kind, before: str, after: str, lacks: list[Guard]) -> str:
    first = {Guard.REASON: "a reason, given first (in Jira by a comment)"}
    wanted = " and ".join(first.get(guard, GUARD_WORDS[guard]) for guard in lacks)
    return f"To go from {_words(before)} to {_words(after)}, a {kind} needs {wanted}."


def _cells(kind: Kind, move: Move) -> tuple[str, ...]:
    states: list[str] = [*(RequestStatus if kind is Kind.REQUEST else TaskStatus)]
    return (
        move.number + ("*" if move.is_ours else ""),
        ", ".join(_words(state) for state in states if state in move.before),
        _words(move.after),
        ", ".join(role.value for role in Role if role in move.roles),
        "; ".join(GUARD_WORDS[guard] for guard in move.guards),
        move.why,
    )


def _words(status: str) -> str:
    return "the state it came from" if status == FORMER else status.replace("_", " ")


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
