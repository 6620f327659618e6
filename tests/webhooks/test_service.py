"""What a service that starts asks its workers for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from sync.database import Database
from sync.keys import SWEEP_CHECK
from sync.tables import work
from sync.work import claim, finish
from webhooks.service import running

from .installation import Installation


def periodic(db: Database) -> dict[str, tuple[int, datetime]]:
    """How often each periodic key comes, in seconds, and when it is due."""
    with db.read() as conn:
        rows = conn.execute(select(work.c.key, work.c.every_s, work.c.due_at).where(work.c.every_s.is_not(None)))
        return {key: (every_s, due_at) for key, every_s, due_at in rows}


def due(db: Database) -> set[str]:
    with db.read() as conn:
        now = db.now(conn)
    return {key for key, (_, due_at) in periodic(db).items() if due_at <= now}


def test_everything_that_the_clock_brings_is_there_from_the_start_and_a_look_at_the_set_up_at_each(
    installation: Installation,
) -> None:
    wiring = installation.wiring()
    with running(wiring, ("scheduler",), poll_s=60, workers=0):
        assert {key: every_s for key, (every_s, _) in periodic(wiring.database).items()} == {
            "poll:jira": 60,
            "poll:confluence": 60,
            "sweep:ladder": 900,
            "sweep:all": 86_400,
            "sweep:tidy": 900,
            "sweep:check": 3_600,
            "sweep:overview": 3_600,
        }
        assert due(wiring.database) == periodic(wiring.database).keys()
    claims = claim(wiring.database, worker="a worker", limit=99, lease_s=60)
    with wiring.database.write() as conn:
        finish(conn, *claims)
    with running(wiring, ("scheduler",), poll_s=86_400, workers=0):
        assert SWEEP_CHECK in due(wiring.database)
