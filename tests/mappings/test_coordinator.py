"""What the coordinator decides: withdrawals, what applies after all, dates. Each with what follows in the family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mappings.context import AuditContext, Family, Intake
from mappings.coordinator import NotAllowed, Word, reinstate, reopen, set_due, settle_later_date, withdraw
from mappings.records import Kind, LinkRole, Record, RequestStatus
from mappings.text import plain
from mappings.working_days import WorkCalendar
from tests.mappings.audit_world import AUDIT, PEOPLE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DUE, LATER, MUCH_LATER = date(2026, 12, 14), date(2026, 12, 18), date(2027, 1, 20)
WORD = Word("dana", "Not in scope.")


def context(**changes: Any) -> AuditContext:
    rule = AUDIT.model_copy(update=changes)
    return AuditContext("SOC2-2026", rule, PEOPLE, WorkCalendar.of(rule), NOW)


def family(request_status: str = "in_progress", *task_statuses: str, **changes: Any) -> Family:
    request = Record("a" * 32, Kind.REQUEST, "SOC2-2026", "R-1", "List", request_status, due_on=DUE, auditor_due_on=DUE)
    tasks = tuple(
        Record(f"{n:032x}", Kind.TASK, "SOC2-2026", f"R-1/{n}", "List", status, parent=request.uid, due_on=DUE)
        for n, status in enumerate(task_statuses, 1)
    )
    return Family(replace(request, **changes), tasks)


def statuses(intake: Intake) -> list[str]:
    return [record.status for record in intake.family.records]


def told(intake: Intake) -> dict[str, str]:
    """What is said, by the number of the record on whose issue it is said."""
    numbers = {record.uid: record.number for record in intake.family.records}
    assert {say.role for say in intake.say} <= {LinkRole.ISSUE}
    return {numbers[say.record]: plain(say.body) for say in intake.say}


def test_a_withdrawal_cancels_what_is_open_and_tells_those_who_work_on_it() -> None:
    before = family("in_progress", "in_progress", "done", is_proposed_withdrawn=True, escalation_level=2)
    intake = withdraw(before, context(), WORD)
    assert statuses(intake) == ["withdrawn", "cancelled", "done"]
    request = intake.family.request
    assert (request.is_proposed_withdrawn, request.escalation_level, request.reason) == (False, 0, "Not in scope.")
    assert list(told(intake)) == ["R-1/1"]
    assert "Not in scope." in told(intake)["R-1/1"]
    note = intake.notes[0]
    assert (note.who, note.before, note.after, note.why) == ("dana", "in_progress", "withdrawn", "Not in scope.")


def test_without_tasks_the_requests_own_issue_tells_of_the_withdrawal() -> None:
    assert list(told(withdraw(family("open"), context(), WORD))) == ["R-1"]


@pytest.mark.parametrize("status", list(RequestStatus))
def test_everything_but_an_acceptance_may_be_withdrawn_once(status: str) -> None:
    if status in ("accepted", "withdrawn"):
        with pytest.raises(NotAllowed):
            withdraw(family(status), context(), WORD)
    else:
        assert statuses(withdraw(family(status), context(), WORD)) == ["withdrawn"]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_withdrawal_needs_a_reason(reason: str) -> None:
    with pytest.raises(NotAllowed, match="a reason"):
        withdraw(family(), context(), Word("dana", reason))


def test_a_proposed_withdrawal_that_is_not_made_leaves_the_request_as_it_is() -> None:
    before = family("open", "todo", is_proposed_withdrawn=True)
    intake = reinstate(before, context(), Word("dana"))
    assert intake.family == before.with_record(replace(before.request, is_proposed_withdrawn=False))
    with pytest.raises(NotAllowed, match="not proposed"):
        reinstate(intake.family, context(), Word("dana"))
    with pytest.raises(NotAllowed, match="new number"):
        reinstate(family("withdrawn"), context(), Word("dana"))


def test_what_applies_after_all_comes_back_with_its_tasks() -> None:
    intake = reopen(family("not_applicable", "cancelled", "done"), context(), WORD)
    assert statuses(intake) == ["open", "todo", "done"]
    assert list(told(intake)) == ["R-1/1"]


@pytest.mark.parametrize(
    ("status", "what"), [("accepted", "return: reason"), ("withdrawn", "new number"), ("open", "not applicable")]
)
def test_nothing_else_is_opened_again(status: str, what: str) -> None:
    with pytest.raises(NotAllowed, match=what):
        reopen(family(status), context(), WORD)


def test_a_granted_date_moves_the_task_and_the_request_that_waits_for_it() -> None:
    before = family("in_progress", "in_progress", "todo")
    asking = replace(before.tasks[0], extension_on=MUCH_LATER)
    intake = settle_later_date(asking, before.with_record(asking), context(), Word("dana", "Agreed."), is_granted=True)
    request, first, second = intake.family.records
    assert (first.due_on, first.extension_on, first.due_version) == (MUCH_LATER, None, 2)
    assert (request.due_on, request.auditor_due_on, request.due_version) == (MUCH_LATER, DUE, 2)
    assert second == before.tasks[1]
    assert told(intake) == {"R-1/1": "The later date was granted: this is due on 2027-01-20. Agreed."}
    assert [(note.what, note.who) for note in intake.notes] == [("extension granted", "dana"), ("due", "tieout")]


def test_a_refused_date_leaves_all_dates_and_is_answered() -> None:
    before = family("in_progress", "in_progress")
    asking = replace(before.tasks[0], extension_on=MUCH_LATER)
    intake = settle_later_date(asking, before.with_record(asking), context(), Word("dana"), is_granted=False)
    assert intake.family == before
    assert told(intake) == {"R-1/1": "The later date 2027-01-20 was not granted: 2026-12-14 stands."}


def test_a_request_that_got_more_time_takes_the_tasks_with_its_date_along() -> None:
    before = family("in_progress", "todo", "todo", "done", extension_on=LATER)
    own = replace(before.tasks[1], due_on=date(2026, 12, 1))
    intake = settle_later_date(before.request, before.with_record(own), context(), Word("dana"), is_granted=True)
    assert [record.due_on for record in intake.family.records] == [LATER, LATER, date(2026, 12, 1), DUE]


def test_nobody_is_granted_what_nobody_asked_for() -> None:
    before = family()
    with pytest.raises(NotAllowed, match="asked"):
        settle_later_date(before.request, before, context(), Word("dana"), is_granted=True)


def test_a_date_the_coordinator_sets_settles_what_the_owner_asked_for() -> None:
    before = family("in_progress", "in_progress")
    asking = replace(before.tasks[0], extension_on=MUCH_LATER)
    intake = set_due(asking, LATER, before.with_record(asking), context(), Word("dana"))
    assert (intake.family.tasks[0].due_on, intake.family.tasks[0].extension_on) == (LATER, None)
    assert told(intake) == {"R-1/1": "The coordinator set the date: this is due on 2026-12-18."}


def test_a_date_nobody_asked_about_is_set_in_silence() -> None:
    before = family("in_progress", "in_progress")
    intake = set_due(before.request, date(2026, 12, 1), before, context(), Word("dana"))
    assert [record.due_on for record in intake.family.records] == [date(2026, 12, 1)] * 2
    assert intake.say == ()
    with pytest.raises(NotAllowed, match="already"):
        set_due(intake.family.request, date(2026, 12, 1), intake.family, context(), Word("dana"))


def test_what_is_late_no_more_comes_off_the_ladder_unless_raised_by_hand() -> None:
    late = date(2026, 11, 2)
    climbed = {"due_on": late, "escalation_level": 2, "priority": "high", "priority_before": "medium"}
    for raised_by, expected in ((None, (0, "medium")), ("dana", (2, "high"))):
        before = family("open", raised_by=raised_by, **climbed)
        after = set_due(before.request, DUE, before, context(), Word("dana")).family.request
        assert (after.escalation_level, after.priority) == expected
    before = family("open", **climbed)
    still_late = set_due(before.request, date(2026, 11, 9), before, context(), Word("dana")).family.request
    assert still_late.escalation_level == 2


def test_a_settled_request_has_no_date_to_set() -> None:
    before = family("accepted")
    with pytest.raises(NotAllowed, match="no date is open"):
        set_due(before.request, LATER, before, context(), Word("dana"))


def test_in_a_closed_audit_nothing_moves() -> None:
    closed = context(is_closed=True)
    before = family("not_applicable", is_proposed_withdrawn=True, extension_on=LATER)
    request = before.request
    acts: tuple[Callable[[], object], ...] = (
        lambda: withdraw(before, closed, WORD),
        lambda: reopen(before, closed, WORD),
        lambda: reinstate(before, closed, WORD),
        lambda: set_due(request, LATER, before, closed, WORD),
        lambda: settle_later_date(request, before, closed, WORD, is_granted=True),
    )
    for act in acts:
        with pytest.raises(NotAllowed, match="closed"):
            act()


def test_what_comes_off_the_ladder_with_its_new_date_is_journaled_with_it() -> None:
    """Its priority goes back, too: the history that found this is seed 5022 of the soak."""
    late = {"due_on": date(2026, 11, 2), "escalation_level": 2, "priority": "highest", "priority_before": "high"}
    before = family("in_progress", **late)
    intake = set_due(before.request, LATER, before, context(), WORD)
    assert intake.family.request.priority == "high"
    assert [(note.what, note.before, note.after) for note in intake.notes] == [
        ("due", "2026-11-02", "2026-12-18"),
        ("escalation", 2, 0),
    ]
