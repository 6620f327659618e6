"""Who makes something due wakes the workers of its process, once it has committed."""

from __future__ import annotations

import threading

import pytest

from sync.bell import Bell
from sync.database import Database
from sync.store import Store
from sync.work import claim, finish, mark

from .values import AT

FOR_EVER_S = 3600.0


def test_a_ring_between_looking_and_resting_is_not_missed() -> None:
    bell = Bell()
    noted = bell.rung
    bell.ring()
    bell.wait(noted, FOR_EVER_S)


def test_everybody_who_rests_is_woken() -> None:
    bell = Bell()
    resting = [threading.Thread(target=bell.wait, args=(bell.rung, FOR_EVER_S), daemon=True) for _ in range(3)]
    for each in resting:
        each.start()
    bell.ring()
    for each in resting:
        each.join(timeout=30)
    assert not any(each.is_alive() for each in resting)


def test_the_bell_rings_once_for_a_commit_that_makes_something_due(database: Database) -> None:
    before = database.bell.rung
    with database.write() as conn:
        mark(conn, ["record:1", "record:2"])
        assert database.bell.rung == before, "nothing is there yet for a worker to see"
    assert database.bell.rung == before + 1


def test_neither_what_is_undone_nor_what_makes_nothing_due_rings(database: Database) -> None:
    with database.write() as conn:
        mark(conn, ["record:1"])
    before = database.bell.rung

    def fails() -> None:
        with database.write() as conn:
            mark(conn, ["record:2"])
            raise RuntimeError("the caller's own trouble")

    with pytest.raises(RuntimeError, match="the caller"):
        fails()
    with database.write() as conn:
        Store(conn).cursors.set("poll:jira", AT)
    claims = claim(database, worker="w", limit=9, lease_s=60)
    with database.write() as conn:
        finish(conn, *claims)
    assert [each.key for each in claims] == ["record:1"]
    assert database.bell.rung == before
