"""Saying and attaching once: what a site cannot be asked to do only if it is not done yet.

The law: that a try begins is kept before its call. After an unclear answer, or a crash, the next try looks first; and
only when that look began after any late effect of the try before must have shown, it is done again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from mappings.errors import FarSideError, TryLater, Unclear

from .database import Database
from .intents import SETTLES_AFTER_S

T = TypeVar("T")


def do_once(
    db: Database,
    begun_at: datetime | None,
    *,
    find: Callable[[], T | None],
    begin: Callable[[Connection, datetime | None], None],
    act: Callable[[], T],
    keep_alive: Callable[[], None],
) -> T:
    """What `act` made now, or an earlier try made and `find`, which asks the site afresh, shows.

    `begun_at` is when the try before began, None when there was none. `begin` keeps the moment of this one, or None
    when the site said in so many words that nothing was done. Raises TryLater as long as the outcome is open."""
    if begun_at is not None:
        looked_at = _now(db)
        found = find()
        if found is not None:
            return found
        settles_at = begun_at + timedelta(seconds=SETTLES_AFTER_S)
        if looked_at < settles_at:
            wait_s = (settles_at - looked_at).total_seconds()
            raise TryLater("an earlier try may still take effect; looking again later", after_s=wait_s)
    with db.write() as conn:
        begin(conn, db.now(conn))
    keep_alive()
    try:
        return act()
    except FarSideError as error:
        keep_alive()
        with db.write() as conn:
            # A large file is long under way: what is waited for counts from the end of the try.
            begin(conn, db.now(conn) if isinstance(error, Unclear) else None)
        raise


def _now(db: Database) -> datetime:
    with db.read() as conn:
        return db.now(conn)
