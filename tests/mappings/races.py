"""A person and Tieout who write to one issue at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from mappings.context import Intake
from mappings.far import FieldChange
from mappings.records import Record
from tests.mappings.paper_world import (
    MIA,
    NOW,
    TASK,
    TIEOUT,
    Desk,
    Paper,
    audit_context,
    evidence,
    family_of,
)

OWN = frozenset({TIEOUT})

LATER, EARLIER, SOONER = date(2026, 12, 20), date(2026, 11, 12), date(2026, 11, 16)

Act = Callable[[Paper], None]

FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any], str, object]] = {
    "owner": ({"owner": "rita@acme.example"}, {"assignee": MIA}, "owner", "mia@acme.example"),
    "priority": ({"priority": "low"}, {"priority": "High"}, "priority", "high"),
    "due": ({"due_on": SOONER}, {"due_on": EARLIER}, "due_on", EARLIER),
    "status": ({"status": "todo"}, {"status_id": "30"}, "status", "blocked"),
}
"""What the register comes to, what the owner makes of the card meanwhile, and whose word stands."""


def log(*steps: str) -> tuple[FieldChange, ...]:
    """Lines of one field, written oldest first as `who:before>after`; `T` is Tieout. Shown newest first."""
    lines = []
    for number, step in enumerate(steps, start=1):
        who, moved = step.split(":")
        before, after = moved.split(">")
        author = TIEOUT if who == "T" else who
        lines.append(FieldChange("duedate", before, after, author, NOW + timedelta(seconds=number), number))
    return tuple(reversed(lines))


def desk_of(task: str = "in_progress", request: str = "in_progress") -> Desk:
    """A request with one task, in step with its issues, read once."""
    desk = Desk.agreed(replace(family_of(request, task), evidence=(evidence(),)), audit_context())
    desk.round()
    return desk


def card_of(desk: Desk) -> Paper:
    return desk.issues[TASK.uid]


def task_of(desk: Desk) -> Record:
    return desk.family.tasks[0]


def change_register(desk: Desk, **changes: Any) -> None:
    desk.family = desk.family.with_record(replace(task_of(desk), **changes))


def race(desk: Desk, *theirs: Act, is_kept: bool = True) -> Intake:
    """One run in which people act after the issue was read and before it is written; then what the next makes of it.

    Without `is_kept` Tieout was stopped after the write, before it could note it."""
    desk.take_in()
    actions = desk.plan()
    link = card_of(desk).link
    for act in theirs:
        act(card_of(desk))
    for action in actions:
        desk.issues[action.record].apply(action)
    if not is_kept:
        card_of(desk).link = link
    intake, _ = desk.round()
    return intake


def by(who: str, **changes: Any) -> Act:
    return lambda card: card.edit(who, **changes)


def assert_at_rest(desk: Desk) -> None:
    for _ in range(2):
        before = desk.family
        intake, actions = desk.round()
        assert (actions, intake.say, intake.family, intake.notes) == ([], (), before, ())
