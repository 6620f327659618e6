"""A process that is killed without warning: what it had not committed is gone, what it held comes back."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable

import pytest

from sync.database import Database, open_database
from sync.journal import append, entries, verify
from sync.store import Store
from sync.work import claim, finish, mark

from .values import AT


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed_while_working(url: str, moment: str) -> None:
    db = open_database(url)
    (held,) = claim(db, worker="victim", limit=1, lease_s=0.2, prefix="record:")
    if moment == "before it began":
        _die()
    with db.write() as conn:
        Store(conn).cursors.set("state", AT)
        append(conn, who="victim", what="wrote", record=None, before=None, after=None, why="", at=AT)
        mark(conn, ["other"])
        finish(conn, held)
        if moment == "before it committed":
            _die()
    _die()


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("before it began", marks=pytest.mark.long),
        "before it committed",
        pytest.param("after it committed", marks=pytest.mark.long),
    ],
)
def test_a_killed_worker_has_done_all_or_nothing(
    database: Database, open_again: Callable[[], Database], moment: str
) -> None:
    with database.write() as conn:
        mark(conn, ["record:1"])
    victim = multiprocessing.get_context("spawn").Process(target=_killed_while_working, args=(database.url, moment))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    is_done = moment == "after it committed"
    again, due = open_again(), list[str]()
    while not due:  # the lease runs on the database's clock and is a fifth of a second
        due = [each.key for each in claim(again, worker="next", limit=9, lease_s=60)]
    with database.read() as conn:
        assert (Store(conn).cursors.get("state") is not None) is is_done
        assert len(entries(conn)) == is_done
        assert verify(conn) is None
    assert due == (["other"] if is_done else ["record:1"])
