"""What is to happen later stays as far off as it was, though the database's clock was put back.

All that waits, waits for a time of that clock: leases, retries, what a site asked for. Put back by an hour, it would
all come an hour late. (Put forward, it comes early, which harms nobody.)
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Connection, Table, bindparam, select, update

from .database import now
from .store import Store
from .tables import pause, rate_limit, work

log = logging.getLogger(__name__)

SEEN = "clock"
PUT_BACK = timedelta(minutes=1)
"""Less is a clock being trimmed."""

WAITING: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (work, "key", ("due_at", "run_at")),
    (rate_limit, "name", ("held_until", "full_at")),
    (pause, "site", ("paused_at",)),
)
"""Tables whose rows wait, with the name of their key and of their times; the first says whether it is still to come."""


def heed(conn: Connection) -> timedelta:
    """Move what waits back by as much as the clock was since this was last called; returns how much that is."""
    cursors, moment = Store(conn).cursors, now(conn)
    last = cursors.get(SEEN)
    cursors.set(SEEN, moment)
    if last is None or moment > last - PUT_BACK:
        return timedelta(0)
    back = last - moment
    rows = sum(_move(conn, *each, back) for each in WAITING)
    log.warning("the database's clock was put back", extra={"by_s": back.total_seconds(), "moved": rows})
    return back


def _move(conn: Connection, table: Table, key: str, times: tuple[str, ...], back: timedelta) -> int:
    its_key, columns = table.c[key], [table.c[name] for name in times]
    rows = conn.execute(select(its_key, *columns).where(columns[0] > now(conn)).order_by(its_key)).all()
    move = update(table).where(its_key == bindparam("its")).values({name: bindparam(f"to_{name}") for name in times})
    for row in rows:
        moved = {f"to_{name}": at and at - back for name, at in zip(times, row[1:], strict=True)}
        conn.execute(move, moved | {"its": row[0]})
    return len(rows)
