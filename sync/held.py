"""The database in the hands of a worker that holds keys: what it writes counts only while they are still its own.

The law: at its very end each transaction looks at the database's clock. While the lease has a good part left, nobody
else can have the keys before the commit; else the lease is renewed in this same transaction, or all of it is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from .database import Database, at_end, now
from .work import Claim, Fenced, extend_in

_LAST = 99
"""The rank of what a transaction does right before its commit."""
SPARE = 4
"""The part of a lease that a transaction must find left: a fourth. PostgreSQL itself ends one that sleeps longer."""


class HeldDatabase(Database):
    """As the database it was made of, while nothing is held. `stopwatch` gives seconds; the machine's sleep counts."""

    def __init__(self, db: Database, lease_s: float, stopwatch: Callable[[], float]) -> None:
        self._db = db
        self.engine, self.url = db.engine, db.url
        self._lease, self._stopwatch = timedelta(seconds=lease_s), stopwatch
        self._claims: Sequence[Claim] = ()
        self._ends_at: datetime
        self._renewed_at = 0.0

    @contextmanager
    def holding(self, claims: Sequence[Claim]) -> Iterator[None]:
        """Within the block all writing is for these claims. Their leases are of one length and one age."""
        self._claims, self._ends_at = claims, min(claim.ends_at for claim in claims)
        self._renewed_at = self._stopwatch()
        try:
            yield
        finally:
            self._claims = ()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Raises Fenced, and keeps nothing, when a claim is somebody else's by now."""
        with self._db.write() as conn:
            if self._claims:
                at_end(conn, _LAST, _make_sure, self)
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._db.read() as conn:
            yield conn

    def keep(self) -> None:
        """Renew the leases when a third of their time is gone; raises Fenced when one is somebody else's by now."""
        if self._claims and self._stopwatch() - self._renewed_at > self._lease.total_seconds() / 3:
            with self._db.write() as conn:
                self._renew_in(conn)
            self._renewed_at = self._stopwatch()

    def make_sure(self, conn: Connection) -> None:
        if now(conn) > self._ends_at - self._lease / SPARE:
            self._renew_in(conn)

    def _renew_in(self, conn: Connection) -> None:
        ends_at = now(conn) + self._lease
        if len(extend_in(conn, self._claims, ends_at)) < len(self._claims):
            raise Fenced("a lease ran out during the run, and somebody else has its key")
        self._ends_at = ends_at


def _make_sure(conn: Connection, helds: list[Any]) -> None:
    for held in helds:
        held.make_sure(conn)
