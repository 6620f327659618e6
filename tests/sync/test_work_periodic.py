"""Work that comes round: once in each slot, whoever asks for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.database import Database
from sync.work import (
    MOST_CRASHES,
    every,
)
from tests.sync.work_desk import Desk
from tests.virtual_clock import VirtualClock


@pytest.fixture
def desk(timed_database: Database) -> Desk:
    return Desk(timed_database)


def test_a_periodic_key_runs_once_in_each_slot_however_many_replicas_say_so(desk: Desk, clock: VirtualClock) -> None:
    runs = []
    for _ in range(30):
        for _ in range(3):
            with desk.db.write() as conn:
                every(conn, "poll:jira", 60)
        for each in desk.claim():
            runs.append(clock())
            desk.finish(each)
        clock.forward(20)
    slots = {int(at.timestamp()) // 60 for at in runs}
    assert len(runs) == len(slots) == 10


def test_a_periodic_key_that_is_marked_runs_at_once_and_keeps_its_slots(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.finish(desk.one())
    clock.forward(10)
    assert desk.claim() == []
    desk.mark("poll:jira")
    got = desk.one()
    desk.mark("poll:jira")
    desk.finish(got)
    desk.finish(desk.one())
    assert desk.claim() == []
    clock.forward(50)
    desk.finish(desk.one())


def test_a_mark_for_later_does_not_push_a_slot_back(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.finish(desk.one())
    desk.mark("poll:jira", run_at=clock() + timedelta(hours=1))
    clock.forward(60)
    got = desk.one()
    desk.mark("poll:jira", run_at=clock() + timedelta(hours=1))
    desk.finish(got)
    clock.forward(60)
    desk.finish(desk.one())


def test_missed_slots_are_made_up_once(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.finish(desk.one())
    clock.forward(3600)
    desk.finish(desk.one())
    assert desk.claim() == []


def test_a_periodic_key_never_dies_but_waits_for_its_next_slot(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.fail(desk.one(), is_permanent=True)
    assert (desk.dead(), desk.claim()) == ([], [])
    clock.forward(60)
    for _ in range(MOST_CRASHES + 1):
        desk.claim()
        clock.forward(60)
    assert desk.dead() == []
    assert desk.keys() == ["poll:jira"]


def test_a_shorter_interval_counts_from_now(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 3600)
    desk.finish(desk.one())
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    clock.forward(60)
    assert desk.keys() == ["poll:jira"]
