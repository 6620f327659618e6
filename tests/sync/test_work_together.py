"""Several workers at once, on real clocks and real locks; short and bounded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from sync.database import Database, is_postgres
from sync.work import Claim, claim, counts, every, finish, mark

WORKERS = 4
EVENTS = 120
KEYS = [f"record:{n}" for n in range(6)]


# Plans that PostgreSQL may choose when it knows nothing of a table; the limited list is then run again for each row.
UNLUCKY_PLAN = "; ".join(
    f"SET LOCAL enable_{name} = off" for name in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize")
)


@pytest.mark.parametrize("plan", ["SELECT 1", UNLUCKY_PLAN], ids=["chosen plan", "unlucky plan"])
def test_a_claim_takes_no_more_than_its_limit_whatever_the_planner_does(database: Database, plan: str) -> None:
    """A fresh, unanalysed table of 3,000 due keys was once handed out whole to a claim of 20."""
    with database.write() as conn:
        mark(conn, [f"record:{n}" for n in range(3_000)])
        is_planned = is_postgres(conn)
    if is_planned:
        sa.event.listen(database.engine, "begin", lambda conn: conn.exec_driver_sql(plan))
    taken: Counter[str] = Counter()
    for _ in range(20):
        got = claim(database, worker="w", limit=20, lease_s=60)
        assert len(got) == 20
        taken.update(each.key for each in got)
    assert max(taken.values()) == 1


def test_never_two_workers_on_one_key_and_nothing_is_left_behind(
    database: Database, open_again: Callable[[], Database]
) -> None:
    """Producers and workers hammer few keys: no overlap, no mark lost, and all is clean in the end."""
    running: Counter[str] = Counter()
    overlaps: list[str] = []
    guard = threading.Lock()
    produced = threading.Event()

    def produce(db: Database) -> None:
        for n in range(EVENTS):
            with db.write() as conn:  # several keys, in an order of its own, as careless callers do
                mark(conn, [KEYS[n % len(KEYS)], KEYS[-n % len(KEYS)]])

    def run(db: Database, each: Claim) -> None:
        with guard:
            running[each.key] += 1
            if running[each.key] > 1:
                overlaps.append(each.key)
        with db.write() as conn:
            mark(conn, [key for key in KEYS if key > each.key][:1])  # as a task marks its request
            finish(conn, each)
            with guard:
                running[each.key] -= 1

    def work(db: Database, name: str) -> None:
        while True:
            is_last_look = produced.is_set()
            got = claim(db, worker=name, limit=2, lease_s=60)
            for each in got:
                run(db, each)
            if is_last_look and not got:
                return

    shared = [database] * WORKERS if database.url.startswith("sqlite") else [open_again() for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS + 2) as pool:
        producers = [pool.submit(produce, database) for _ in range(2)]
        workers = [pool.submit(work, db, f"w{n}") for n, db in enumerate(shared)]
        for each in producers:
            each.result(60)
        produced.set()
        for each in workers:
            each.result(60)
    assert overlaps == []
    with database.read() as conn:
        left = counts(conn)
        behind = conn.scalar(sa.text("SELECT count(*) FROM work WHERE wanted <> done"))
    assert (left.due, left.waiting, left.leased, left.dead, behind) == (0, 0, 0, 0, 0)


def test_transactions_that_finish_one_key_and_mark_the_other_do_not_lock_each_other_out(
    database: Database, open_again: Callable[[], Database]
) -> None:
    """A request marks its task while the task marks its request: written as they come, that is a deadlock."""
    both = threading.Barrier(2)
    with database.write() as conn:
        mark(conn, ["request", "task"])
    claims = {each.key: each for each in claim(database, worker="w", limit=2, lease_s=60)}

    def run(db: Database, own: str, other: str) -> None:
        if database.url.startswith("postgresql"):
            with db.write() as conn:
                finish(conn, claims[own])
                mark(conn, [other])
                both.wait(10)  # both transactions have done all they do before either ends
        else:  # one writer at a time: nothing to interleave
            with db.write() as conn:
                finish(conn, claims[own])
                mark(conn, [other])

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, database, "request", "task"), pool.submit(run, open_again(), "task", "request")]
        for each in runs:
            each.result(30)
    assert {each.key for each in claim(database, worker="w", limit=9, lease_s=60)} == {"request", "task"}


def test_replicas_fire_a_slot_once(database: Database, open_again: Callable[[], Database]) -> None:
    fired: list[str] = []
    together = threading.Barrier(WORKERS)

    def replica(db: Database, name: str) -> None:
        together.wait(10)
        with db.write() as conn:
            every(conn, "poll:jira", 3600)
        for each in claim(db, worker=name, limit=5, lease_s=60):
            fired.append(each.key)
            with db.write() as conn:
                finish(conn, each)

    with ThreadPoolExecutor(WORKERS) as pool:
        for each in [pool.submit(replica, open_again(), f"w{n}") for n in range(WORKERS)]:
            each.result(30)
    assert fired == ["poll:jira"]
