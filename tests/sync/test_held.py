"""What a worker writes counts only while the keys that it writes for are its own."""

from __future__ import annotations

import pytest

from sync.database import Database
from sync.held import HeldDatabase
from sync.journal import append, entries
from sync.limits import FleetLimits
from sync.work import Claim, Fenced, claim, mark
from tests.virtual_clock import VirtualClock

from .values import AT

LEASE_S = 60


def claimed(db: Database, worker: str = "one") -> Claim:
    (held,) = claim(db, worker=worker, limit=1, lease_s=LEASE_S)
    return held


@pytest.fixture
def held(timed_database: Database, clock: VirtualClock) -> HeldDatabase:
    with timed_database.write() as conn:
        mark(conn, ["record:1"])
    return HeldDatabase(timed_database, LEASE_S, lambda: clock().timestamp())


def tell(db: Database) -> None:
    with db.write() as conn:
        append(conn, who="one", what="wrote", record=None, before=None, after=None, why="", at=AT)


def told(db: Database) -> int:
    with db.read() as conn:
        return len(entries(conn))


def test_what_is_written_after_another_took_the_key_is_undone(
    held: HeldDatabase, timed_database: Database, clock: VirtualClock
) -> None:
    with held.holding([claimed(timed_database)]):
        tell(held)
        clock.forward(LEASE_S + 1)
        claimed(timed_database, "another")
        with pytest.raises(Fenced):
            tell(held)
    assert told(timed_database) == 1


def test_what_is_written_late_counts_while_nobody_else_has_the_key_and_holds_it_anew(
    held: HeldDatabase, timed_database: Database, clock: VirtualClock
) -> None:
    with held.holding([claimed(timed_database)]):
        clock.forward(LEASE_S + 1)
        tell(held)
    clock.forward(LEASE_S - 1)
    assert claim(timed_database, worker="another", limit=1, lease_s=LEASE_S) == []
    assert told(timed_database) == 1


def test_a_lease_with_little_left_is_renewed_by_the_transaction_that_must_outlast_it(
    held: HeldDatabase, timed_database: Database, clock: VirtualClock
) -> None:
    with held.holding([claimed(timed_database)]):
        clock.forward(LEASE_S - 10)
        tell(held)
    clock.forward(LEASE_S - 1)
    assert claim(timed_database, worker="another", limit=1, lease_s=LEASE_S) == []


def test_who_holds_nothing_writes_as_ever(held: HeldDatabase, timed_database: Database) -> None:
    with held.holding([claimed(timed_database)]):
        pass
    tell(held)
    assert told(timed_database) == 1


def test_a_call_that_was_long_waited_for_is_not_made_once_another_has_the_key(
    held: HeldDatabase, timed_database: Database, clock: VirtualClock
) -> None:
    with held.holding([claimed(timed_database)]):
        held.keep()
        clock.forward(LEASE_S + 1)
        claimed(timed_database, "another")
        with pytest.raises(Fenced):
            FleetLimits(timed_database, is_ours=held.keep).ask("10001")
