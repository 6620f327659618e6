"""One alert for all that does not come through, however many records that is, kept true and cleared by itself; and one
for each key that died and could not say so, as its workers died with it.

It does not ask what is in the way: a site that is down, one that asks for time again and again, a disk that is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, select

from .database import Database
from .keys import RECORD, TELL, uid_of
from .store import Store
from .stuck import tell_dead, untold
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
    name: str
    """The one that failed last: a record's number, or a key."""
    error: str

    def __str__(self) -> str:
        what = [f"{self.records} record{'s' * (self.records != 1)}"] if self.records else []
        what += [f"{self.others} periodic task{'s' * (self.others != 1)}"] if self.others else []
        return (
            f"{' and '.join(what)} cannot be brought in step since {self.since:%Y-%m-%d %H:%M} UTC. The last reason: "
            f"{self.error} ({self.name}). All is tried again by itself, for two weeks, and nothing is lost meanwhile. "
            "If the reason does not pass, mend it; `tieout status` shows how it goes on."
        )


def not_through(conn: Connection, now: datetime) -> NotThrough | None:
    """What has been failing for a quarter of an hour and is not dead; None when that is nothing."""
    before = {"before": now - AFTER}
    count, records, since = conn.execute(_HOW_MANY, before).one()
    if not count:
        return None
    last = conn.execute(_LAST, before).one()
    return NotThrough(records, count - records, since, _name(conn, last.key), last.last_error or "")


def _name(conn: Connection, key: str) -> str:
    record = Store(conn).records.get([uid_of(key)]).get(uid_of(key)) if key.startswith(RECORD) else None
    return f"{record.number} in {record.audit}" if record else key


def watch(db: Database) -> None:
    """Raise the alert, bring it up to date, or clear it, as things stand; and tell of what died unseen."""
    with db.read() as conn:
        found = not_through(conn, db.now(conn))
        told = {alert.name: alert.text for alert in Store(conn).alerts.current()}.get(NOT_THROUGH)
        died = [letter.dead.key for letter in untold(conn)]
    wanted = str(found) if found else None
    if wanted == told and not died:
        return
    with db.write() as conn:
        tell_dead(conn, died, db.now(conn))
        if wanted is None:
            Store(conn).alerts.clear(NOT_THROUGH)
        else:
            Store(conn).alerts.keep(NOT_THROUGH, wanted, db.now(conn))
