"""What is about to be made, kept before the call that makes it: creating is the one act that is not idempotent.

An intent is a pending link with the moment at which its create was begun, with what a later look needs (a page's title,
the highest issue number of the project), and with the bases that the link will have: when the object is found later,
the register may say something else by then. After an unclear answer the next attempt waits until a late apply must have
happened, then looks, and creates again only when nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mappings.errors import TryLater
from mappings.records import Link

from . import journal
from .database import Database
from .facets import ALL
from .keys import record_key
from .store import Store
from .work import LIVE, mark

SETTLES_AFTER_S = 60.0
"""How long after an unclear create a late apply is still possible: the client's time-out and the site's longest."""


class Intents:
    """`keep_alive` is called before anything is taken back: a process that slept must not keep what another has made in
    its place."""

    def __init__(self, db: Database, keep_alive: Callable[[], None]) -> None:
        self._db = db
        self._keep_alive = keep_alive

    def wait_anew(self, intents: Sequence[Link]) -> list[Link]:
        """The outcome is waited for from now on: of another try that is about to begin, and of one that has ended
        without an answer, for which the client may have waited long."""
        with self._db.write() as conn:
            now = self._db.now(conn)
            again = [replace(intent, intent_at=now) for intent in intents]
            Store(conn).links.put_all(again)
        return again

    def withdraw(self, intents: Sequence[Link]) -> None:
        """The site said no in so many words: nothing was made, so nothing need be looked for."""
        if not intents:
            return
        self._keep_alive()
        with self._db.write() as conn:
            Store(conn).links.put_all(
                [replace(intent, intent_at=None, intent_number=0, base_ours={}, base_theirs={}) for intent in intents]
            )


def check_settled(intent_at: datetime, now: datetime) -> None:
    """Raises TryLater while an earlier create may still take effect."""
    settles_at = intent_at + timedelta(seconds=SETTLES_AFTER_S)
    if now < settles_at:
        wait_s = (settles_at - now).total_seconds()
        raise TryLater("an earlier create may still take effect; looking again later", after_s=wait_s)


def keep(conn: Connection, link: Link, reason: str, now: datetime) -> None:
    """The link of an object that is there, journaled."""
    Store(conn).links.put(replace(link, agreed_at=now))
    journal.append(
        conn,
        who="tieout",
        what=f"{link.role} created",
        record=link.record,
        before=None,
        after=link.key or link.remote_id,
        why=reason,
        at=now,
    )


def look_again(conn: Connection, record: str) -> None:
    """People may have worked on it since it was made: what a poll saw of that, it saw of a stranger."""
    mark(conn, [record_key(record)], lane=LIVE, facets=ALL)
