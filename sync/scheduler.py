"""The clock: APScheduler's jobs do nothing but ask the work table for the periodic keys whose slot has come.

The slots are kept in the table, so that of several replicas each tick is fired by one.
"""

from __future__ import annotations

from collections.abc import Mapping

from apscheduler.schedulers.background import BackgroundScheduler

from . import keys
from .clock import heed
from .database import Database, StoreTrouble
from .work import LIVE, SWEEP, every

POLL_S = 60
LADDER_S = 900
ALL_S = 86_400
TIDY_S = 900
OVERVIEW_S = 3600


def periods(poll_s: int = POLL_S) -> Mapping[str, int]:
    """Seconds between the slots of each periodic key."""
    return {
        keys.POLL_JIRA: poll_s,
        keys.POLL_CONFLUENCE: poll_s,
        keys.SWEEP_LADDER: LADDER_S,
        keys.SWEEP_ALL: ALL_S,
        keys.SWEEP_TIDY: TIDY_S,
        keys.SWEEP_OVERVIEW: OVERVIEW_S,
    }


def enqueue_periodic(db: Database, wanted: Mapping[str, int]) -> None:
    """Have every periodic key in the table, due at its next slot."""
    with db.write() as conn:
        heed(conn)
        for key, interval_s in sorted(wanted.items()):
            every(conn, key, interval_s, lane=SWEEP if key.startswith(keys.SWEEP) else LIVE)


def start_scheduler(db: Database, wanted: Mapping[str, int], *, tick_s: float = 5.0) -> BackgroundScheduler:
    """A running scheduler; stop it with `.shutdown()`."""
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    scheduler.add_job(_tick, "interval", seconds=tick_s, args=(db, wanted), id="periodic")
    scheduler.start()
    return scheduler


def _tick(db: Database, wanted: Mapping[str, int]) -> None:
    try:
        enqueue_periodic(db, wanted)
    except StoreTrouble:
        return  # the database's own log tells of it, once; the next tick does all that this one could have done
