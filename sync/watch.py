"""One alert for all that does not come through, however many records that is, kept true and cleared by itself.

It does not ask what is in the way: a site that is down, one that asks for time again and again, a disk that is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, select

from .database import Database
from .keys import RECORD, TELL
from .store import Store
from .tables import work

NOT_THROUGH = "not-through"
AFTER = timedelta(minutes=15)
"""How long a key may fail before somebody is told."""

_c = work.c
_is_told = (_c.failing_since <= bindparam("before"), _c.is_dead.is_(False), ~_c.key.startswith(TELL))
_HOW_MANY = select(
    func.count(), func.sum(case((_c.key.startswith(RECORD), 1), else_=0)), func.min(_c.failing_since)
).where(*_is_told)
_LAST = select(_c.key, _c.last_error).where(*_is_told).order_by(_c.failed_at.desc(), _c.key).limit(1)


@dataclass(frozen=True, slots=True)
class NotThrough:
    """What has been failing for long, and is tried again."""

    records: int
    others: int
    """Polls and sweeps."""
    since: datetime
    key: str
    """The one that failed last."""
    error: str

    def __str__(self) -> str:
        what = [f"{self.records} record{'s' * (self.records != 1)}"] if self.records else []
        what += [f"{self.others} periodic task{'s' * (self.others != 1)}"] if self.others else []
        return (
            f"{' and '.join(what)} cannot be brought in step since {self.since:%Y-%m-%d %H:%M} UTC. The last reason: "
            f"{self.error} ({self.key}). All is tried again by itself, for two weeks, and nothing is lost meanwhile. "
            "If the reason does not pass, mend it; `tieout status` shows how it goes on."
        )


def not_through(conn: Connection, now: datetime) -> NotThrough | None:
    """What has been failing for a quarter of an hour and is not dead; None when that is nothing."""
    before = {"before": now - AFTER}
    count, records, since = conn.execute(_HOW_MANY, before).one()
    if not count:
        return None
    last = conn.execute(_LAST, before).one()
    return NotThrough(records, count - records, since, last.key, last.last_error or "")


def watch(db: Database) -> None:
    """Raise the alert, bring it up to date, or clear it, as things stand."""
    with db.read() as conn:
        found = not_through(conn, db.now(conn))
        told = {alert.name: alert.text for alert in Store(conn).alerts.current()}.get(NOT_THROUGH)
    wanted = str(found) if found else None
    if wanted == told:
        return
    with db.write() as conn:
        if wanted is None:
            Store(conn).alerts.clear(NOT_THROUGH)
        else:
            Store(conn).alerts.keep(NOT_THROUGH, wanted, db.now(conn))
