"""The ladder over days, outages, pauses and changed dates."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.ladder import (
    LadderProblem,
    Told,
    due_step,
    is_overdue,
    lower,
    raise_by_hand,
    raised_priority,
    steps_of,
)
from mappings.lifecycle import owner_clock_runs
from mappings.records import Kind, Record, RequestStatus, TaskStatus
from mappings.rules import Ladder
from mappings.working_days import WorkCalendar

LADDER = Ladder()
CALENDAR = WorkCalendar(ZoneInfo("UTC"), "US")
DUE = date(2026, 6, 17)
"""A Wednesday with no holiday in the fortnight before; Juneteenth (the Friday after) is one."""
NOTHING: frozenset[tuple[int, str]] = frozenset()


def task(status: str = "in_progress", **changes: Any) -> Record:
    record = Record("0" * 32, Kind.TASK, "soc2", "1/1", "t", status, due_on=DUE, due_version=4)
    return replace(record, **changes)


def fires(record: Record, today: date, *fired: str) -> str | None:
    step = due_step(record, LADDER, CALENDAR, today, frozenset((record.due_version, name) for name in fired))
    return step.name if step else None


@pytest.mark.parametrize(
    ("today", "name"),
    [
        (date(2026, 6, 5), None),
        (date(2026, 6, 8), "remind-7"),
        (date(2026, 6, 11), "remind-7"),
        (date(2026, 6, 12), "remind-3"),
        (date(2026, 6, 16), "remind-3"),
        (DUE, "remind-0"),
        (date(2026, 6, 18), "manager"),
        (date(2026, 6, 19), "manager"),
        (date(2026, 6, 22), "manager"),
        (date(2026, 6, 23), "coordinator"),
        (date(2026, 6, 26), "coordinator"),
        (date(2026, 6, 29), "sponsor"),
        (date(2026, 7, 8), "sponsor"),
        (date(2026, 7, 9), "repeat-1"),
        (date(2026, 7, 20), "repeat-2"),
        (date(2026, 12, 31), "repeat-18"),
    ],
)
def test_after_an_outage_the_highest_missed_step_fires(today: date, name: str | None) -> None:
    assert fires(task(), today) == name


def test_the_steps_say_what_they_do() -> None:
    said = [(step.name, step.level, step.tells[-1], step.label, step.is_digest_only) for step in steps_of(LADDER)]
    assert said == [
        ("remind-7", 0, Told.OWNER, "", True),
        ("remind-3", 0, Told.REVIEWER, "due-soon", False),
        ("remind-0", 0, Told.COORDINATOR, "due-soon", False),
        ("manager", 1, Told.MANAGER, "overdue", False),
        ("coordinator", 2, Told.COORDINATOR, "overdue", False),
        ("sponsor", 3, Told.SPONSOR, "overdue", False),
    ]


def test_a_step_does_what_missed_ones_below_it_would_have_done() -> None:
    manager, coordinator, sponsor = steps_of(LADDER)[3:]
    assert (manager.adds_manager_watcher, manager.raises_priority, manager.opens_issue) == (True, False, False)
    assert (coordinator.adds_manager_watcher, coordinator.raises_priority, coordinator.opens_issue) == (
        True,
        True,
        False,
    )
    assert (sponsor.adds_manager_watcher, sponsor.raises_priority, sponsor.opens_issue) == (True, True, True)


@pytest.mark.parametrize(
    ("fired", "opens"), [((), True), (("coordinator",), True), (("sponsor",), False), (("repeat-1",), False)]
)
def test_a_repeat_opens_the_escalation_issue_only_if_the_sponsors_step_was_missed(
    fired: tuple[str, ...], opens: bool
) -> None:
    record = task()
    step = due_step(record, LADDER, CALENDAR, date(2026, 7, 20), frozenset((4, name) for name in fired))
    assert step is not None
    assert (step.name, step.level, step.opens_issue, step.is_digest_only) == ("repeat-2", 3, opens, not opens)


def test_a_step_fires_once_for_each_version_of_the_date() -> None:
    assert fires(task(), DUE, "remind-0") is None
    assert fires(task(), DUE, "remind-7", "remind-3") == "remind-0"
    moved = task(due_version=5)
    assert due_step(moved, LADDER, CALENDAR, DUE, frozenset({(4, "remind-0"), (4, "sponsor")})) is not None


def test_no_step_below_one_that_fired_ever_fires() -> None:
    for today in (date(2026, 6, 8), DUE, date(2026, 6, 18), date(2026, 6, 23)):
        assert fires(task(), today, "sponsor") is None
        assert fires(task(), today, "repeat-3") is None
    assert fires(task(), date(2026, 6, 8), "remind-5") is None
    assert fires(task(), date(2026, 6, 12), "remind-5") == "remind-3"


@pytest.mark.parametrize("due_on", [date(2026, 6, 20), date(2026, 6, 19)])
def test_the_day_of_a_date_on_a_day_off_is_the_working_day_before(due_on: date) -> None:
    assert fires(task(due_on=due_on), date(2026, 6, 18)) == "remind-0"
    assert fires(task(due_on=due_on), date(2026, 6, 22)) == "manager"


def test_without_a_working_date_the_auditors_counts_and_without_any_nothing_does() -> None:
    assert fires(task(due_on=None, auditor_due_on=DUE), DUE) == "remind-0"
    assert fires(task(due_on=date(2026, 7, 1), auditor_due_on=DUE), DUE) is None
    assert fires(task(due_on=None), date(2030, 1, 1)) is None


@pytest.mark.parametrize("due_on", [date(1, 1, 1), date(206, 12, 1), date(9999, 12, 31)])
def test_a_mistyped_year_does_no_harm(due_on: date) -> None:
    step = due_step(task(due_on=due_on), LADDER, CALENDAR, DUE, NOTHING)
    assert (step is None) == (due_on.year == 9999)
    assert is_overdue(task(due_on=due_on), CALENDAR, DUE) == (due_on.year < 2026)


def test_nothing_fires_when_it_is_not_the_owners_turn() -> None:
    long_after = date(2026, 12, 31)
    for kind, states in ((Kind.REQUEST, list[str](RequestStatus)), (Kind.TASK, list[str](TaskStatus))):
        for status in states:
            fired = fires(task(status, kind=kind), long_after)
            assert (fired is not None) is owner_clock_runs(kind, status)
    assert fires(task(clock_stopped_on=date(2026, 6, 1)), long_after) is None


def test_a_pause_moves_every_step_on_by_its_working_days() -> None:
    paused = task(clock_paused_days=2)
    assert fires(paused, date(2026, 6, 18)) == "remind-3"
    assert fires(paused, date(2026, 6, 22)) == "remind-0"
    assert fires(paused, date(2026, 6, 23)) == "manager"


@pytest.mark.parametrize(
    ("record", "today", "overdue"),
    [
        (task(), DUE, False),
        (task(), date(2026, 6, 18), True),
        (task(clock_paused_days=1), date(2026, 6, 18), False),
        (task(clock_stopped_on=date(2026, 6, 16)), date(2026, 7, 31), False),
        (task(clock_stopped_on=date(2026, 6, 18)), date(2026, 7, 31), True),
        (task("done"), date(2026, 7, 31), False),
        (task(due_on=None), date(2026, 7, 31), False),
        (task("draft", kind=Kind.REQUEST), date(2026, 7, 31), False),
        (task("ready_for_review"), date(2026, 7, 31), True),
    ],
)
def test_overdue_is_what_lies_behind_the_date_less_every_pause(record: Record, today: date, overdue: bool) -> None:
    assert is_overdue(record, CALENDAR, today) is overdue


# --- any history ----------------------------------------------------------------------------------------------------

visits = st.lists(st.integers(-20, 60), min_size=1, max_size=30)


@given(visits, st.integers(0, 5), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_in_any_order_of_days_each_step_fires_once_and_the_ladder_never_goes_down(
    days: list[int], paused: int, due_on: date
) -> None:
    record = task(due_on=due_on, clock_paused_days=paused)
    fired: list[tuple[int, str]] = []
    levels = []
    for day in days:
        today = due_on + timedelta(days=day)
        step = due_step(record, LADDER, CALENDAR, today, frozenset(fired))
        if step:
            assert (record.due_version, step.name) not in fired
            fired.append((record.due_version, step.name))
            levels.append((step.level, step.offset_days))
        assert due_step(record, LADDER, CALENDAR, today, frozenset(fired)) is None
    assert levels == sorted(levels)


@given(visits, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_however_often_one_looks_the_highest_step_reached_is_the_same(days: list[int], due_on: date) -> None:
    """Looking every day or only at the end: the last step to fire is the one that is highest on the last day."""
    record = task(due_on=due_on)
    fired: list[tuple[int, str]] = []
    for day in sorted(days):
        step = due_step(record, LADDER, CALENDAR, due_on + timedelta(days=day), frozenset(fired))
        fired += [(record.due_version, step.name)] if step else []
    at_once = due_step(record, LADDER, CALENDAR, due_on + timedelta(days=max(days)), NOTHING)
    assert (fired[-1][1] if fired else None) == (at_once.name if at_once else None)


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8)), max_size=6))
def test_pauses_shift_the_ladder_by_exactly_their_working_days(pauses: list[tuple[int, int]]) -> None:
    """A record that is stopped and started steps no sooner than one that never stops, by the days it stood."""
    today, record = CALENDAR.add(DUE, -10), task()
    for runs, stands in pauses:
        today = CALENDAR.add(today, runs)
        resumed = CALENDAR.add(today, stands)
        record = replace(record, clock_paused_days=record.clock_paused_days + CALENDAR.count_between(today, resumed))
        today = resumed
    unpaused = CALENDAR.add(today, -record.clock_paused_days)
    assert fires(record, today) == fires(task(), unpaused)


# --- raising and lowering -------------------------------------------------------------------------------------------


def test_priorities_rise_one_step_and_the_highest_stays() -> None:
    assert [raised_priority(name) for name in ("lowest", "low", "medium", "high", "highest")] == [
        "low",
        "medium",
        "high",
        "highest",
        "highest",
    ]


def test_lowering_puts_everything_back_but_a_priority_that_somebody_set() -> None:
    raised = task(escalation_level=2, raised_by="acc", priority="high", priority_before="medium")
    assert lower(raised) == task(priority="medium")
    assert lower(replace(raised, priority="low")) == task(priority="low")
    assert lower(task()) == task()


def test_raising_by_hand_is_level_one_and_keeps_what_is_higher_and_who_was_first() -> None:
    assert raise_by_hand(task(), "acc") == task(escalation_level=1, raised_by="acc")
    assert raise_by_hand(task(escalation_level=3), "acc") == task(escalation_level=3, raised_by="acc")
    assert raise_by_hand(raise_by_hand(task(), "acc"), "other").raised_by == "acc"


# --- the ladder of an audit -----------------------------------------------------------------------------------------


def test_a_ladder_of_ones_own() -> None:
    own = Ladder(remind_on=(-1, -10, -5), manager_on=2, coordinator_on=4, sponsor_on=6, repeat_every=1)
    steps = steps_of(own)
    assert [step.name for step in steps] == ["remind-10", "remind-5", "remind-1", "manager", "coordinator", "sponsor"]
    assert [step.tells[-1] for step in steps[:3]] == [Told.OWNER, Told.OWNER, Told.REVIEWER]
    assert [step.name for step in steps_of(Ladder(remind_on=()))] == ["manager", "coordinator", "sponsor"]


@pytest.mark.parametrize(
    "ladder",
    [
        Ladder(remind_on=(1,)),
        Ladder(manager_on=0),
        Ladder(manager_on=3),
        Ladder(coordinator_on=8),
        Ladder(repeat_every=0),
    ],
)
def test_a_ladder_that_does_not_rise_is_refused(ladder: Ladder) -> None:
    with pytest.raises(LadderProblem):
        steps_of(ladder)
