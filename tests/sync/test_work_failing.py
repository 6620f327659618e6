"""Work that fails: when it is tried again, what it costs, and when it is dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.database import Database
from sync.work import (
    BACKFILL,
    LIVE,
    MOST_CRASHES,
    SWEEP,
    Kin,
    dead,
    release,
    replay,
)
from tests.sync.work_desk import Desk
from tests.virtual_clock import VirtualClock


@pytest.fixture
def desk(timed_database: Database) -> Desk:
    return Desk(timed_database)


def kin_of(*names: str) -> Kin:
    return lambda _conn, _keys: set(names)


def test_a_failure_waits_and_counts_an_attempt_unless_it_was_a_429(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), after_s=30)
    assert desk.claim() == []
    clock.forward(30)
    second = desk.one()
    desk.fail(second, after_s=30, spends_attempt=False)
    clock.forward(30)
    assert (second.attempts, desk.one().attempts) == (2, 2)


def test_a_finished_run_forgets_earlier_attempts(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), after_s=0)
    desk.finish(desk.one())
    desk.mark("record:1")
    assert desk.one().attempts == 1


def test_a_released_key_is_due_at_once_and_has_spent_nothing(desk: Desk) -> None:
    desk.mark("record:1")
    assert release(desk.db, desk.one())
    assert desk.one().attempts == 1


def test_a_live_event_ends_backing_off_and_a_sweep_does_not(desk: Desk) -> None:
    desk.mark("a", "b")
    for each in desk.claim():
        desk.fail(each, after_s=300)
    desk.mark("a", lane=SWEEP)
    desk.mark("b", lane=LIVE)
    assert desk.keys() == ["b"]


def test_a_permanent_failure_is_dead_at_once_with_its_reason(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    assert desk.fail(desk.one(), is_permanent=True)
    clock.forward(10**6)
    assert desk.claim() == []
    with desk.db.read() as conn:
        (letter,) = dead(conn)
    assert (letter.key, letter.error, letter.attempts) == ("record:1", "it broke", 1)
    assert letter.failed_at == clock() - timedelta(seconds=10**6)


@pytest.mark.parametrize(("lane", "is_revived"), [(LIVE, True), (SWEEP, False), (BACKFILL, False)])
def test_the_next_live_event_replays_a_dead_key(desk: Desk, lane: int, is_revived: bool) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), is_permanent=True)
    desk.mark("record:1", lane=lane)
    assert desk.dead() == ([] if is_revived else ["record:1"])
    assert [each.attempts for each in desk.claim()] == ([1] if is_revived else [])


def test_an_event_during_a_run_that_fails_for_good_gives_it_another_try(desk: Desk) -> None:
    desk.mark("record:1")
    got = desk.one()
    desk.mark("record:1")
    desk.fail(got, after_s=0, is_permanent=True)
    assert desk.dead() == []
    desk.fail(desk.one(), is_permanent=True)
    assert desk.dead() == ["record:1"]


def test_dead_keys_are_replayed_by_name_or_all(desk: Desk) -> None:
    desk.mark("a", "b", "c", "d")
    for each in desk.claim(limit=3):
        desk.fail(each, is_permanent=True)
    with desk.db.write() as conn:
        assert replay(conn, ["b", "d", "zz"]) == 1
    assert desk.dead() == ["a", "c"]
    with desk.db.write() as conn:
        assert replay(conn) == 2
    assert sorted(desk.keys()) == ["a", "b", "c", "d"]


def test_a_key_that_kills_its_workers_is_dead_in_the_end_and_others_are_served(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("poison")
    for n in range(MOST_CRASHES):
        assert desk.keys() == ["poison"], n
        clock.forward(60)
    desk.mark("fine")
    assert desk.keys() == []
    assert desk.dead() == ["poison"]
    assert desk.keys() == ["fine"]
    with desk.db.write() as conn:
        replay(conn)
    assert desk.keys() == ["poison"]


def test_of_a_set_that_kills_its_workers_only_the_key_at_fault_dies(desk: Desk, clock: VirtualClock) -> None:
    """durable-work T17. A worker dies whenever it has the poison in hand, and all it has in hand is lost with it."""
    innocent = [f"record:{n:03}" for n in range(199)]
    desk.mark("record:poison", *innocent)
    done: set[str] = set()
    crashes, alone = 0, 0
    while "record:poison" not in desk.dead():
        claims = desk.claim(limit=200)
        if not claims:
            clock.forward(60)
        elif "record:poison" in {each.key for each in claims}:
            crashes, alone = crashes + 1, alone + (len(claims) == 1)
        else:
            desk.finish(*claims)
            done |= {each.key for each in claims}
    assert (crashes, alone) == (MOST_CRASHES + 2, MOST_CRASHES)
    assert done == set(innocent)
    assert desk.dead() == ["record:poison"]


def test_workers_that_are_killed_nine_times_in_one_mirror_accuse_nobody(desk: Desk, clock: VirtualClock) -> None:
    desk.mark(*(f"record:{n:03}" for n in range(200)))
    for _ in range(3 * MOST_CRASHES):
        assert desk.claim(limit=200) != []
        clock.forward(60)
    while claims := desk.claim(limit=200):
        desk.finish(*claims)
    assert desk.dead() == []
    assert desk.counts().waiting == 0


def test_a_mistake_of_ours_counts_for_its_key_alone_and_not_what_a_site_says(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("a", "b")
    for faults in (1, 2, 3):
        claims = {each.key: each for each in desk.claim()}
        assert (claims["a"].faults, claims["b"].faults) == (faults, 1)
        desk.fail(claims["a"], after_s=0, is_fault=True)
        desk.fail(claims["b"], after_s=0)
    desk.fail(next(each for each in desk.claim() if each.key == "a"), after_s=0)
    assert next(each for each in desk.claim() if each.key == "a").faults == 1


def test_since_when_a_key_fails_is_known_until_it_comes_through(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    assert desk.counts().failing == 0
    for failing_s, spends in ((0, True), (40, False), (90, True)):
        got = desk.one()
        assert got.failing_s == failing_s
        clock.forward(10)
        desk.fail(got, after_s=30, spends_attempt=spends)
        clock.forward(40)
        desk.mark("record:1")
    assert desk.counts().failing == 1
    desk.finish(desk.one())
    assert desk.counts().failing == 0
    desk.mark("record:1")
    assert desk.one().failing_s == 0


@pytest.mark.parametrize("how", ["replayed", "marked"])
def test_a_dead_key_that_is_tried_again_has_all_its_time(desk: Desk, clock: VirtualClock, how: str) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), after_s=0)
    clock.forward(86_400)
    desk.fail(desk.one(), is_permanent=True)
    assert desk.counts().failing == 0
    if how == "marked":
        desk.mark("record:1")
    else:
        with desk.db.write() as conn:
            replay(conn)
    assert desk.one().failing_s == 0


def test_failures_in_good_order_are_no_crashes(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    for _ in range(MOST_CRASHES * 2):
        desk.fail(desk.one(), after_s=0)
    assert desk.dead() == []
