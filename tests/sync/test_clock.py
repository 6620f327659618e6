"""The database's clock put back: what waits goes on waiting as long as it had to, and not an hour longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync import keys
from sync.clock import heed
from sync.database import Database
from sync.limits import allowed_at, push_back
from sync.scheduler import enqueue_periodic, periods
from sync.store import Store
from sync.work import Claim, claim, extend, fail, finish, mark
from tests.virtual_clock import VirtualClock

HOUR_S = 3_600


def due(db: Database) -> list[str]:
    return sorted(each.key for each in claim(db, worker="w", limit=99, lease_s=60))


def take(db: Database, key: str) -> Claim:
    with db.write() as conn:
        mark(conn, [key])
    (held,) = claim(db, worker="w", limit=1, lease_s=60, prefix=key)
    return held


def tick(db: Database) -> None:
    enqueue_periodic(db, periods())


@pytest.fixture
def db(timed_database: Database) -> Database:
    """One in which the clock has ticked, and the periodic keys have run."""
    tick(timed_database)
    for each in claim(timed_database, worker="w", limit=99, lease_s=60):
        with timed_database.write() as conn:
            finish(conn, each)
    return timed_database


def test_what_is_to_be_tried_again_is_tried_when_it_would_have_been(db: Database, clock: VirtualClock) -> None:
    fail(db, take(db, "record:1"), error="x", after_s=30, spends_attempt=True, is_permanent=False)
    clock.forward(-HOUR_S)
    tick(db)
    assert due(db) == []
    clock.forward(30)
    assert due(db) == ["record:1"]


def test_a_dead_workers_key_comes_back_when_its_lease_would_have_ended(db: Database, clock: VirtualClock) -> None:
    take(db, "record:1")
    clock.forward(-HOUR_S)
    tick(db)
    clock.forward(59)
    assert "record:1" not in due(db)
    clock.forward(1)
    assert "record:1" in due(db)


def test_a_living_worker_keeps_its_lease_and_finishes(db: Database, clock: VirtualClock) -> None:
    held = take(db, "record:1")
    clock.forward(-HOUR_S)
    tick(db)
    assert due(db) == []
    assert extend(db, [held], 60) == [held]
    with db.write() as conn:
        finish(conn, held)


def test_a_site_that_asked_for_half_a_minute_gets_that(db: Database, clock: VirtualClock) -> None:
    with db.write() as conn:
        push_back(conn, "atlassian", db.now(conn) + timedelta(seconds=30))
    clock.forward(-HOUR_S)
    tick(db)
    assert allowed_at(db, "atlassian") == clock.now + timedelta(seconds=30)


def test_a_site_that_is_paused_is_asked_again_in_its_time(db: Database, clock: VirtualClock) -> None:
    with db.write() as conn:
        Store(conn).pauses.pause("sign-in", "401", db.now(conn))
    clock.forward(-HOUR_S)
    tick(db)
    with db.read() as conn:
        assert Store(conn).pauses.paused()["sign-in"].paused_at == clock.now


def test_polls_go_on(db: Database, clock: VirtualClock) -> None:
    clock.forward(-HOUR_S)
    tick(db)
    clock.forward(60)
    assert {keys.POLL_JIRA, keys.POLL_CONFLUENCE} <= set(due(db))


def test_of_several_replicas_one_moves_what_waits(db: Database, clock: VirtualClock) -> None:
    fail(db, take(db, "record:1"), error="x", after_s=30, spends_attempt=True, is_permanent=False)
    clock.forward(-HOUR_S)
    with db.write() as conn:
        assert heed(conn) == timedelta(hours=1)
    with db.write() as conn:
        assert heed(conn) == timedelta(0)
    clock.forward(29)
    assert due(db) == []


@pytest.mark.parametrize("seconds", [-1, -59, 1, HOUR_S])
def test_a_clock_that_is_trimmed_or_put_forward_moves_nothing(db: Database, clock: VirtualClock, seconds: int) -> None:
    fail(db, take(db, "record:1"), error="x", after_s=2 * HOUR_S, spends_attempt=True, is_permanent=False)
    clock.forward(seconds)
    tick(db)
    clock.forward(2 * HOUR_S - seconds - 1)
    assert "record:1" not in due(db)
