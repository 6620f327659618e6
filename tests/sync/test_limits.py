from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sync.database import Database, open_database
from sync.limits import Pace, allowed_at, push_back
from tests.virtual_clock import VirtualClock

TEN = Pace(per_s=10, burst=5)


def hold(db: Database, name: str, clock: VirtualClock, seconds: float) -> None:
    with db.write() as conn:
        push_back(conn, name, clock() + timedelta(seconds=seconds))


def test_without_a_hold_a_call_may_go(timed_database: Database) -> None:
    assert allowed_at(timed_database, "jira") is None


@pytest.mark.parametrize("pace", [None, TEN])
def test_a_retry_after_holds_everybody_until_it_is_over(
    timed_database: Database, clock: VirtualClock, pace: Pace | None
) -> None:
    hold(timed_database, "jira", clock, 30)
    assert allowed_at(timed_database, "jira", pace=pace) == clock() + timedelta(seconds=30)
    assert allowed_at(timed_database, "confluence", pace=pace) is None
    clock.forward(30)
    assert allowed_at(timed_database, "jira", pace=pace) is None


def test_a_shorter_hold_does_not_end_a_longer_one(timed_database: Database, clock: VirtualClock) -> None:
    hold(timed_database, "jira", clock, 30)
    hold(timed_database, "jira", clock, 10)
    assert allowed_at(timed_database, "jira") == clock() + timedelta(seconds=30)
    hold(timed_database, "jira", clock, 40)
    assert allowed_at(timed_database, "jira") == clock() + timedelta(seconds=40)


def test_after_a_rest_a_burst_may_go_and_then_the_pace_rules(timed_database: Database, clock: VirtualClock) -> None:
    went = []
    for _ in range(300):
        if allowed_at(timed_database, "jira", pace=TEN) is None:
            went.append(clock())
        clock.forward(0.01)
    assert len(went) == TEN.burst + 29
    for start in went:
        within_a_second = [at for at in went if start <= at < start + timedelta(seconds=1)]
        assert len(within_a_second) <= TEN.burst + 10


def test_the_time_given_is_the_first_at_which_a_call_may_go(timed_database: Database, clock: VirtualClock) -> None:
    for _ in range(TEN.burst):
        assert allowed_at(timed_database, "jira", pace=TEN) is None
    at = allowed_at(timed_database, "jira", pace=TEN)
    assert at == clock() + timedelta(seconds=0.1)
    clock.forward(0.099)
    assert allowed_at(timed_database, "jira", pace=TEN) == at
    clock.forward(0.001)
    assert allowed_at(timed_database, "jira", pace=TEN) is None


def test_a_dear_call_takes_more(timed_database: Database) -> None:
    assert allowed_at(timed_database, "jira", cost=4, pace=TEN) is None
    assert allowed_at(timed_database, "jira", cost=2, pace=TEN) is not None
    assert allowed_at(timed_database, "jira", cost=1, pace=TEN) is None


@pytest.mark.parametrize("cost", [0, 6])
def test_a_cost_that_could_never_be_paid_is_refused(timed_database: Database, cost: int) -> None:
    with pytest.raises(ValueError, match="may cost 1 to 5"):
        allowed_at(timed_database, "jira", cost=cost, pace=TEN)


def test_replicas_share_one_limit(database_url: str, clock: VirtualClock) -> None:
    pace = Pace(per_s=10, burst=70)

    def call(db: Database) -> int:
        return sum(allowed_at(db, "jira", pace=pace) is None for _ in range(40))

    opened = [open_database(database_url, clock=clock, is_durable=False) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        went = [each.result(30) for each in [pool.submit(call, db) for db in opened]]
    for db in opened:
        db.dispose()
    assert sum(went) == pace.burst


def test_a_hold_is_seen_by_another_replica(open_again: Callable[[], Database]) -> None:
    ours, theirs = open_again(), open_again()
    with ours.write() as conn:
        until = ours.now(conn) + timedelta(hours=1)
        push_back(conn, "jira", until)
    assert allowed_at(theirs, "jira") == until
