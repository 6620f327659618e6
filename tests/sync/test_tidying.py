"""What would only grow is kept small, and what is needed to know a delivery again is not thrown away."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from sync import keys
from sync.database import Database
from sync.scheduler import periods
from sync.store import Store
from sync.tables import delivery
from sync.tidying import ARRIVES_WITHIN, DELIVERIES_KEPT, tidy
from sync.vault import Vault
from tests.virtual_clock import VirtualClock


def receive(db: Database, number: int, size: int = 10) -> bool:
    with db.write() as conn:
        return Store(conn).deliveries.add("jira", f"d-{number}", f"hash {number}", b"x" * size, db.now(conn))


def sizes(db: Database) -> list[int]:
    """Bytes of each body, oldest first."""
    with db.read() as conn:
        return list(conn.scalars(select(func.length(delivery.c.body)).order_by(delivery.c.received_at)))


def test_it_is_done_every_quarter_of_an_hour() -> None:
    assert periods()[keys.SWEEP_TIDY] == 900


def test_webhooks_are_kept_for_thirty_days(timed_database: Database, clock: VirtualClock, tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    receive(timed_database, 1)
    clock.forward(1)
    receive(timed_database, 2)
    clock.forward(DELIVERIES_KEPT.total_seconds() - 1)
    assert tidy(timed_database, vault) == 0
    clock.forward(1)
    assert tidy(timed_database, vault) == 1
    assert (receive(timed_database, 1), receive(timed_database, 2)) == (True, False)


def test_of_too_many_the_oldest_lose_their_bodies_and_are_known_all_the_same(
    timed_database: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    for number in range(10):
        receive(timed_database, number, size=100)
        clock.forward(1)
    assert tidy(timed_database, Vault(tmp_path), most_bytes=1_000) == 0
    assert tidy(timed_database, Vault(tmp_path), most_bytes=350) == 7
    assert sizes(timed_database) == [0] * 7 + [100] * 3
    assert not any(receive(timed_database, number) for number in range(10))
    assert tidy(timed_database, Vault(tmp_path), most_bytes=350) == 0


def test_one_body_larger_than_all_that_may_be_kept_is_let_go(timed_database: Database, tmp_path: Path) -> None:
    receive(timed_database, 1, size=100)
    assert tidy(timed_database, Vault(tmp_path), most_bytes=99) == 1
    assert sizes(timed_database) == [0]


def test_what_a_killed_process_left_half_written_is_removed_a_day_later(
    timed_database: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    vault, half = Vault(tmp_path), tmp_path / "incoming" / "half"
    half.write_bytes(b"half")
    began = clock().timestamp()
    os.utime(half, (began, began))
    clock.forward(ARRIVES_WITHIN / timedelta(seconds=1))
    assert tidy(timed_database, vault) == 0
    clock.forward(1)
    assert tidy(timed_database, vault) == 1
    assert not half.exists()
