from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connector.sandbox.limits import Limits as JirasLimits
from mappings.errors import Throttled
from sync.database import Database, open_database
from sync.limits import ISSUE_PACE, NEAR, SITES, FleetLimits, Pace, allowed_at, holds, prune, push_back
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


# What the clients of the workers ask.


def goes(limits: FleetLimits, issue: str | None = None) -> bool:
    try:
        limits.ask(issue)
    except Throttled:
        return False
    return True


def test_a_site_that_asks_for_time_stops_every_call_of_every_worker(
    timed_database: Database, clock: VirtualClock
) -> None:
    told, other = FleetLimits(timed_database), FleetLimits(timed_database)
    assert goes(other)
    told.hold(30)
    assert not goes(other)
    assert not goes(other, "10001")
    with pytest.raises(Throttled) as caught:
        other.ask(None)
    assert caught.value.after_s == 30
    clock.forward(30)
    assert goes(other)


def test_an_issue_that_takes_no_more_writes_stops_nothing_else(timed_database: Database, clock: VirtualClock) -> None:
    told, other = FleetLimits(timed_database), FleetLimits(timed_database)
    told.refused("10001", 20)
    assert [goes(other, issue) for issue in ("10001", "10002", None)] == [False, True, True]
    clock.forward(20)
    assert goes(other, "10001")


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_jira_is_never_given_cause_to_refuse_a_write_to_one_issue(
    timed_database: Database, clock: VirtualClock, seed: int
) -> None:
    """Two workers in bursts and rests, against the limiter of the sandbox: 20 in 2 s and 100 in 30 s."""
    chance, jira, went = random.Random(seed), JirasLimits(), 0
    workers = [FleetLimits(timed_database) for _ in range(2)]
    for _ in range(400):
        if goes(chance.choice(workers), "10001"):
            went += 1
            assert jira.issue_write("10001", clock()) is None
        clock.forward(chance.choice((0, 0, 0.01, 0.1, 0.1, chance.random(), chance.random() * 4 * seed)))
    assert went > 100


def test_what_is_near_is_kept_for_all_when_the_worker_may_write(timed_database: Database, clock: VirtualClock) -> None:
    heard = FleetLimits(timed_database)
    heard.is_near(600)
    heard.is_near(20)
    with timed_database.read() as conn:
        assert holds(conn, clock()) == {}
    heard.keep()
    with timed_database.read() as conn:
        assert holds(conn, clock()) == {NEAR: clock() + timedelta(seconds=600)}
    assert goes(heard)
    clock.forward(600)
    heard.keep()
    with timed_database.read() as conn:
        assert holds(conn, clock()) == {}


def test_limits_of_long_ago_are_forgotten(timed_database: Database, clock: VirtualClock) -> None:
    limits = FleetLimits(timed_database)
    limits.hold(10)
    assert not goes(limits, "10001")
    clock.forward(20)
    assert goes(limits, "10001")
    clock.forward(86_401)
    hold(timed_database, SITES, clock, 5)
    with timed_database.write() as conn:
        assert prune(conn) == 1
    assert not goes(limits)


def _write_to_one_issue(url: str, went: object, is_told: bool) -> None:
    db = open_database(url)
    limits = FleetLimits(db)
    count = sum(goes(limits, "10001") for _ in range(60))
    if is_told:
        limits.hold(3600)
    went.put(count)  # type: ignore[attr-defined]  # a queue; its type cannot be named under spawn
    db.dispose()


@pytest.mark.long
def test_processes_share_the_pace_of_an_issue_and_a_hold(database: Database, database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    went = spawn.Queue()
    with database.read() as conn:
        began = database.now(conn)
    processes = [spawn.Process(target=_write_to_one_issue, args=(database_url, went, n == 0)) for n in range(3)]
    for process in processes:
        process.start()
    counts = [went.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    with database.read() as conn:
        passed_s = (database.now(conn) - began).total_seconds()
    assert sum(counts) <= ISSUE_PACE.burst + ISSUE_PACE.per_s * passed_s
    assert max(counts) > 0
    assert not goes(FleetLimits(database))
