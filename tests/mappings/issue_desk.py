"""A request with one task and their issues, in step: where tests of one issue's sync begin."""

from dataclasses import replace
from datetime import date
from typing import Any

from mappings.context import Intake, Say
from mappings.records import LinkRole, Record
from tests.mappings.paper_world import (
    TASK,
    Desk,
    Paper,
    audit_context,
    evidence,
    family_of,
    is_silent,
)

LATER = date(2026, 12, 20)
EARLIER = date(2026, 11, 12)


def desk_of(task: str = "in_progress", request: str = "in_progress", **options: Any) -> Desk:
    """A request with one task, in step with its issues."""
    family = replace(family_of(request, task), evidence=(evidence(),))
    return Desk.agreed(family, audit_context(), **options)


def card_of(desk: Desk) -> Paper:
    return desk.issues[TASK.uid]


def task_of(desk: Desk) -> Record:
    return desk.family.tasks[0]


def explanations(intake: Intake) -> list[Say]:
    return [say for say in intake.say if say.record == TASK.uid and say.role is LinkRole.ISSUE]


def assert_at_rest(desk: Desk) -> None:
    """The next run takes nothing in and writes nothing."""
    before = desk.family
    intake, actions = desk.round()
    assert is_silent(intake, before)
    assert actions == []
