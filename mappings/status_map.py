"""How one Jira project shows the states of a request or a task, and what a move of a card there may mean.

Outward each state has one Jira status; inward a status means whichever of its candidate states the lifecycle allows
first. Nothing here ever reads `accepted`, or any other decision of an auditor, out of Jira.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .far import StatusInfo
from .lifecycle import Facts, Verdict, judge, moves_between
from .records import Kind, RequestStatus, Role, TaskStatus
from .rules import StatusNames
from .status_names import DONE, DROPPED, MEANINGS, NEW, READS, SHOWN, UNREADABLE, Shown


class StatusMapProblem(Exception):
    """States that a project has no status for, or names in the mapping file that do not fit; all of them at once."""

    def __init__(self, messages: Sequence[str], lost: Mapping[str, str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = tuple(messages)
        self.lost = lost
        """Of the messages, those about a status of the mapping file that the project does not have, with its name."""


def ids_by_name(statuses: Sequence[StatusInfo]) -> dict[str, str]:
    """By what a mapping file may call a status, in lower case: its name, else its id, which stays when it is renamed.
    Of two of one name the first counts."""
    names = {status.name.casefold(): status.id for status in reversed(statuses)}
    return {**{status.id: status.id for status in statuses}, **names}


@dataclass(frozen=True, slots=True)
class StatusMap:
    """The states of one kind of record in one Jira project. `shown` is state to status id, `read` the way back."""

    kind: Kind
    statuses: Mapping[str, StatusInfo]
    shown: Mapping[str, str]
    read: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    """A sentence for each Jira status that no state is shown as, saying what it is read as and why."""

    def abroad(self, status: str) -> str:
        """The id of the Jira status that a state is shown as."""
        return self.shown[status]

    def agrees(self, status: str, status_id: str) -> bool:
        """Whether a card in `status_id` shows a record in `status` as it is, so that nothing needs to move.

        A card may stay in a column that most naturally means its state; in a done one only if it is shown there."""
        if self.shown[status] == status_id:
            return True
        return not self.is_done(status_id) and self.candidates(status_id)[:1] == (status,)

    def candidates(self, status_id: str) -> tuple[str, ...]:
        """The states that a move into a Jira status may mean, most natural first; none where it means nothing."""
        return self.read.get(status_id, ())

    def is_done(self, status_id: str) -> bool:
        return status_id in self.statuses and self.statuses[status_id].category == DONE

    def name(self, status_id: str) -> str:
        """The status's name in Jira, for sentences."""
        return self.statuses[status_id].name if status_id in self.statuses else status_id


def build_status_map(kind: Kind, names: StatusNames | None, statuses: Sequence[StatusInfo]) -> StatusMap:
    """The map of one project and issue type: by the mapping file's names, then by usual names, then by category.

    Raises StatusMapProblem naming each state, what was tried and what the project has."""
    named = names or StatusNames()
    problems: dict[str, str] = {}
    wanted = _checked_shown(kind, named.request if kind is Kind.REQUEST else named.task, statuses, problems)
    shown = _show(kind, wanted, statuses, problems)
    by_rule = _checked_reads(kind, named.read_request if kind is Kind.REQUEST else named.read_task, statuses, problems)
    if problems:
        raise StatusMapProblem(list(problems), {said: name for said, name in problems.items() if name})
    found = {status.id: _read(kind, status, shown) for status in statuses}
    notes = tuple(
        f"Jira's {status.name!r} is read as {_listed(found[status.id][0])}, by its {found[status.id][1]}."
        for status in statuses
        if found[status.id][1] and status.id not in by_rule
    )
    read = {status_id: states for status_id, (states, _) in found.items()} | by_rule
    return StatusMap(kind, {status.id: status for status in statuses}, shown, read, notes)


def read_move(
    kind: Kind, before: str, status_id: str, status_map: StatusMap, roles: frozenset[Role], facts: Facts
) -> Verdict:
    """What a card's move into `status_id` by somebody with `roles` makes of the record, in `Verdict.after`.

    An owner's Done is `ready_for_review`, a reviewer's is `approved`. Where the card only moved within the record's
    present state, the verdict allows it, with `after` as it was and no `move`. A refusal says the nearest reason."""
    if status_map.agrees(before, status_id):
        return Verdict(True, f"{status_map.name(status_id)} in Jira means the state it is in.", None, before)
    wanted = [state for state in status_map.candidates(status_id) if state != before]
    verdicts = [judge(kind, before, state, roles, facts) for state in wanted]
    for verdict in verdicts:
        if verdict.is_allowed:
            return verdict
    nearest = max(verdicts, key=lambda verdict: _nearness(kind, before, verdict, facts), default=None)
    is_done_request = kind is Kind.REQUEST and status_map.is_done(status_id)
    if nearest and not (is_done_request and _nearness(kind, before, nearest, facts) == 0):
        return nearest
    return Verdict(False, _means_nothing(kind, before, status_id, status_map), None, None)


def _nearness(kind: Kind, before: str, verdict: Verdict, facts: Facts) -> int:
    """How little was missing: a fact (2), a role (1), or there is no such move for anybody (0).

    Of equals, `max` takes the first, the most natural."""
    if verdict.move is not None:
        return 2
    rows = moves_between(kind, before, verdict.after or "", facts.status_before)
    return int(any(row.roles != {Role.SYSTEM} for row in rows))


def _means_nothing(kind: Kind, before: str, status_id: str, status_map: StatusMap) -> str:
    if status_id not in status_map.statuses:
        return f"Jira's status {status_id} is new to Tieout: let it read the project's statuses again."
    name, state = status_map.name(status_id), before.replace("_", " ")
    if kind is Kind.REQUEST and status_map.is_done(status_id):
        return f"A card in {name} does not settle a request: only an auditor does, on its evidence page."
    return f"A {kind} that is {state} does not move by a card's move to {name}."


def _checked_shown(
    kind: Kind, wanted: Mapping[str, str], statuses: Sequence[StatusInfo], problems: dict[str, str]
) -> dict[str, str]:
    """State to status id as the mapping file has it. `problems` are messages, with the name of a status not there."""
    ids = ids_by_name(statuses)
    for state, name in wanted.items():
        if state not in SHOWN[kind]:
            problems[f"{state!r} is not a state of a {kind}: it has {_listed(SHOWN[kind])}"] = ""
        elif name.casefold() not in ids:
            problems[f"{state} is to be shown as {name!r}, which is not there: {_has(statuses)}"] = name
    return {state: ids[name.casefold()] for state, name in wanted.items() if name.casefold() in ids}


def _checked_reads(
    kind: Kind, wanted: Mapping[str, tuple[str, ...]], statuses: Sequence[StatusInfo], problems: dict[str, str]
) -> dict[str, tuple[str, ...]]:
    """Status id to states as the mapping file has it."""
    ids = ids_by_name(statuses)
    for name, states in wanted.items():
        if name.casefold() not in ids:
            problems[f"{name!r} is to be read as {_listed(states)} and is not there: {_has(statuses)}"] = name
        for state in states:
            if state not in SHOWN[kind]:
                problems[f"{name!r} is to be read as {state!r}, which is not a state of a {kind}"] = ""
            elif state in UNREADABLE[kind]:
                problems[f"{name!r} is to be read as {state}, which no move of a card in Jira may yield"] = ""
    return {ids[name.casefold()]: states for name, states in wanted.items() if name.casefold() in ids}


def _show(
    kind: Kind, wanted: Mapping[str, str], statuses: Sequence[StatusInfo], problems: dict[str, str]
) -> dict[str, str]:
    shown: dict[str, str] = {}
    for state, rule in SHOWN[kind].items():
        by_name = wanted.get(state) or _by_name(rule, statuses)
        found = by_name or (shown.get(rule.like) if rule.like else _by_category(rule, statuses))
        if found:
            shown[state] = found
        elif rule.like is None:
            said = (
                f"no Jira status for {state}: looked for {_listed(rule.names)}, then for any of category "
                f"{rule.category!r}; {_has(statuses)}. Name one under `status` in the mapping file"
            )
            problems[said] = ""
    return shown


def _by_name(rule: Shown, statuses: Sequence[StatusInfo]) -> str | None:
    """A status in the wrong half is passed over: one may be called Approved and count as done."""
    fitting = {
        status.name.casefold(): status.id
        for status in reversed(statuses)
        if (status.category == DONE) is (rule.category == DONE)
    }
    return next((fitting[name.casefold()] for name in rule.names if name.casefold() in fitting), None)


def _by_category(rule: Shown, statuses: Sequence[StatusInfo]) -> str | None:
    """The first of the category, one without a usual meaning of its own before others."""
    same = [status for status in statuses if status.category == rule.category]
    plain = [status for status in same if status.name.casefold() not in MEANINGS and not _is_dropped(status)]
    return next((status.id for status in plain + same), None)


def _is_dropped(status: StatusInfo) -> bool:
    return status.name.casefold() in {name.casefold() for name in DROPPED}


def _read(kind: Kind, status: StatusInfo, shown: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """The states that a status may mean and, where no state is shown as it, by what that was found out."""
    shows = [state for state, status_id in shown.items() if status_id == status.id]
    if status.category == DONE:
        by = "name" if _is_dropped(status) else "category"
        return _read_done(kind, _is_dropped(status), shown), "" if shows else by
    for state in shows:
        if state in READS[kind]:
            return READS[kind][state], ""
    by = "name" if status.name.casefold() in MEANINGS else "category"
    usual = MEANINGS["to do"] if status.category == NEW else MEANINGS["in progress"]
    request_state, task_state = MEANINGS.get(status.name.casefold(), usual)
    return READS[kind][request_state if kind is Kind.REQUEST else task_state], "" if shows else by


def _read_done(kind: Kind, is_dropped: bool, shown: Mapping[str, str]) -> tuple[str, ...]:
    """Done is the end of the owner's part, or of the reviewer's; never the auditor's.

    Where a project has no status of its own for `submitted`, a reviewer's Done of what is in review submits it: there
    is no other move of the card to say so."""
    if kind is Kind.TASK:
        return (TaskStatus.CANCELLED,) if is_dropped else (TaskStatus.APPROVED, TaskStatus.READY_FOR_REVIEW)
    if is_dropped:
        return ()
    review, submitted = RequestStatus.INTERNAL_REVIEW, RequestStatus.SUBMITTED
    return (review,) if shown[submitted] != shown[review] else (review, submitted)


def _has(statuses: Sequence[StatusInfo]) -> str:
    there = ", ".join(f"{status.name} ({status.category})" for status in statuses)
    return f"the project has {there or 'no status that Tieout can see'}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"
