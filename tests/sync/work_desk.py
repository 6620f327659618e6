"""A worker's view of the work table, for tests."""

from __future__ import annotations

from typing import Any

from sync.database import Database
from sync.work import (
    Claim,
    WorkCounts,
    claim,
    counts,
    dead,
    fail,
    finish,
    mark,
)


class Desk:
    """A worker's view of the work table, one transaction for each thing it does."""

    def __init__(self, db: Database, name: str = "w1") -> None:
        self.db = db
        self.name = name

    def mark(self, *keys: str, **how: Any) -> None:
        with self.db.write() as conn:
            mark(conn, keys, **how)

    def claim(self, limit: int = 10, lease_s: float = 60, prefix: str | None = None) -> list[Claim]:
        return claim(self.db, worker=self.name, limit=limit, lease_s=lease_s, prefix=prefix)

    def one(self) -> Claim:
        (only,) = self.claim()
        return only

    def keys(self, **how: Any) -> list[str]:
        return [each.key for each in self.claim(**how)]

    def finish(self, *claims: Claim) -> None:
        with self.db.write() as conn:
            for each in claims:
                finish(conn, each)

    def fail(
        self,
        which: Claim,
        *,
        after_s: float = 30,
        spends_attempt: bool = True,
        is_permanent: bool = False,
        is_fault: bool = False,
    ) -> bool:
        return fail(
            self.db,
            which,
            error="it broke",
            after_s=after_s,
            spends_attempt=spends_attempt,
            is_permanent=is_permanent,
            is_fault=is_fault,
        )

    def counts(self) -> WorkCounts:
        with self.db.read() as conn:
            return counts(conn)

    def dead(self) -> list[str]:
        with self.db.read() as conn:
            return [letter.key for letter in dead(conn)]
