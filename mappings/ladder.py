"""The escalation ladder as data, and which of its steps is due for a record.

Each step fires once for a version of the due date. After an outage only the highest missed step fires, and none below
one that has fired ever does. The ladder stands on working days and leaves alone what is not the company's turn: that of
the owner, or of the reviewer once the evidence is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from .lifecycle import is_open, owner_clock_runs
from .records import Kind, Priority, Record, RequestStatus, TaskStatus
from .rules import Ladder
from .working_days import WorkCalendar

_LONG_AGO = timedelta(days=1100)
"""Further back repeats are not counted: a date may have been typed with a year of long ago."""


class LadderProblem(ValueError):
    """Steps in an order that cannot be climbed."""


class Told(StrEnum):
    """Who hears of a step. While the evidence is reviewed, the reviewer stands in the owner's place."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    COORDINATOR = "coordinator"
    SPONSOR = "sponsor"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `offset_days` working days from the due date, negative before it. From level 1 on the flag stands."""

    name: str
    offset_days: int
    level: int
    tells: tuple[Told, ...]
    label: str = ""
    raises_priority: bool = False
    adds_manager_watcher: bool = False
    opens_issue: bool = False
    is_digest_only: bool = False
    """To be gathered with others into one message, not a comment of its own."""


def steps_of(ladder: Ladder) -> tuple[Step, ...]:
    """The steps without the repeats, lowest first. Raises LadderProblem when they are not in order."""
    late = (ladder.manager_on, ladder.coordinator_on, ladder.sponsor_on)
    reminders = sorted(set(ladder.remind_on))
    if not all(low < high for low, high in zip((0, *late), late, strict=False)) or any(on > 0 for on in reminders):
        raise LadderProblem(
            "the ladder must rise: remind_on at or before 0, then manager_on, coordinator_on and sponsor_on each "
            f"later than the one before and after 0; got {list(ladder.remind_on)} and {list(late)}"
        )
    if ladder.repeat_every < 1:
        raise LadderProblem(f"repeat_every must be 1 working day or more, got {ladder.repeat_every}")
    return (*_reminders(reminders), *_escalations(ladder))


def due_step(
    record: Record, ladder: Ladder, calendar: WorkCalendar, today: date, fired: frozenset[tuple[int, str]]
) -> Step | None:
    """The step to fire today, or None. `fired` holds (due version, step name) of what has fired for this record.

    `today` is local to the audit. Nothing fires for a record without a date, or while the owner's clock stands."""
    due_on = date_in_force(record)
    if due_on is None or record.clock_stopped_on is not None or not owner_clock_runs(record.kind, record.status):
        return None
    due_on = calendar.add(due_on, record.clock_paused_days)
    reached = [step for step in steps_of(ladder) if _step_on(step, due_on, calendar) <= today]
    if not reached:
        return None
    fired_now = [_offset(name, ladder) for version, name in fired if version == record.due_version]
    highest_fired = max(fired_now, default=None)
    step = reached[-1]
    if step.opens_issue:
        days_late = calendar.count_between(max(due_on, today - _LONG_AGO), today)
        step = _repeated(
            step, ladder, days_late, is_told=highest_fired is not None and highest_fired >= step.offset_days
        )
    return step if highest_fired is None or highest_fired < step.offset_days else None


def climbs_by_itself(record: Record, tasks: Iterable[Record]) -> bool:
    """Whether a record is escalated by its own date. A request with tasks is so only while it is reviewed: until then
    the tasks are late, and after it the auditor is at work."""
    has_tasks = any(task.status != TaskStatus.CANCELLED for task in tasks)
    return record.kind is Kind.TASK or not has_tasks or is_reviewed(record)


def is_reviewed(record: Record) -> bool:
    """Whether a request waits for its reviewer."""
    return record.kind is Kind.REQUEST and record.status == RequestStatus.INTERNAL_REVIEW


def whose_turn(record: Record) -> str | None:
    """Who is to act on it now, where that is known: the owner, and while it is reviewed the reviewer."""
    return record.reviewer if is_reviewed(record) else record.owner


def date_in_force(record: Record) -> date | None:
    """The working date, else the auditor's; pauses are not in it."""
    return record.due_on or record.auditor_due_on


def is_overdue(record: Record, calendar: WorkCalendar, today: date) -> bool:
    """Whether the date in force, moved on by every working day the owner's clock has stood still, lies behind."""
    due_on = date_in_force(record)
    if due_on is None or not is_open(record.kind, record.status):
        return False
    paused = record.clock_paused_days
    if record.clock_stopped_on is not None:
        paused += max(0, calendar.count_between(record.clock_stopped_on, today))
    return calendar.add(due_on, paused) < today


def raised_priority(priority: str) -> str:
    """One step up; the highest stays."""
    ranked = list(Priority)
    return ranked[max(0, ranked.index(Priority(priority)) - 1)]


def lower(record: Record) -> Record:
    """Off the ladder. A priority that somebody has set since it was raised stays as they set it."""
    before = record.priority_before
    was_left_alone = before is not None and record.priority == raised_priority(before)
    return replace(
        record,
        escalation_level=0,
        raised_by=None,
        priority=before if before is not None and was_left_alone else record.priority,
        priority_before=None,
    )


def raise_by_hand(record: Record, by: str) -> Record:
    """Raised by somebody, in Jira or on the page: at least level 1, until it is lowered. Who was first stays."""
    return replace(record, escalation_level=max(1, record.escalation_level), raised_by=record.raised_by or by)


def _reminders(offsets: list[int]) -> tuple[Step, ...]:
    """Early ones are for the owner's digest; the last one tells the reviewer too, the day's own the coordinator."""
    early = [on for on in offsets if on < 0]
    steps = [Step(f"remind{on}", on, 0, (Told.OWNER,), is_digest_only=True) for on in early[:-1]]
    steps += [Step(f"remind{on}", on, 0, (Told.OWNER, Told.REVIEWER), "due-soon") for on in early[-1:]]
    if 0 in offsets:
        steps.append(Step("remind-0", 0, 0, (Told.OWNER, Told.COORDINATOR), "due-soon"))
    return tuple(steps)


def _escalations(ladder: Ladder) -> tuple[Step, ...]:
    """Each does what those below it do, for they may have been missed."""
    to_manager = (Told.OWNER, Told.MANAGER)
    to_coordinator = (*to_manager, Told.COORDINATOR)
    to_sponsor = (*to_coordinator, Told.SPONSOR)
    manager = Step("manager", ladder.manager_on, 1, to_manager, "overdue", adds_manager_watcher=True)
    coordinator = replace(
        manager,
        name="coordinator",
        offset_days=ladder.coordinator_on,
        level=2,
        tells=to_coordinator,
        raises_priority=True,
    )
    sponsor = replace(
        coordinator, name="sponsor", offset_days=ladder.sponsor_on, level=3, tells=to_sponsor, opens_issue=True
    )
    return (manager, coordinator, sponsor)


def _step_on(step: Step, due_on: date, calendar: WorkCalendar) -> date:
    """When a step is due. One on the day itself, or before, counts from the last working day that is not too late."""
    if step.offset_days > 0:
        return calendar.add(due_on, step.offset_days)
    return calendar.add(calendar.on_or_before(due_on), step.offset_days)


def _repeated(sponsor: Step, ladder: Ladder, days_late: int, *, is_told: bool) -> Step:
    """The sponsor's step or its newest repeat, which goes into the digest when the sponsor has been told before."""
    times = (days_late - ladder.sponsor_on) // ladder.repeat_every
    if times < 1:
        return sponsor
    offset = ladder.sponsor_on + times * ladder.repeat_every
    return replace(sponsor, name=f"repeat-{times}", offset_days=offset, opens_issue=not is_told, is_digest_only=is_told)


def _offset(name: str, ladder: Ladder) -> int:
    """Where a step stands that has fired, also one that the ladder no longer has."""
    known = {step.name: step.offset_days for step in steps_of(ladder)}
    if name in known:
        return known[name]
    kind, _, number = name.partition("-")
    times = int(number) if number.isdigit() else 0
    return ladder.sponsor_on + times * ladder.repeat_every if kind == "repeat" else -times
