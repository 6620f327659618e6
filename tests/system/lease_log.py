"""Every change of a lease in the work table, written down by the database itself while processes come and go.

A trigger sees each commit of every process in order, which no process that is killed could report.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from sync.database import Database, is_postgres

_TABLE = """
    CREATE TABLE lease_log (
        n {number}, key TEXT, fence_before BIGINT, fence BIGINT, owner_before TEXT, owner TEXT,
        done_before BIGINT, done BIGINT, crashes BIGINT, error TEXT, is_early BOOLEAN, at {moment}
    )
"""
_CHANGED = "OLD.fence <> NEW.fence OR OLD.done <> NEW.done OR OLD.lease_owner IS {differs} NEW.lease_owner"
_NOTE = """
    INSERT INTO lease_log (key, fence_before, fence, owner_before, owner, done_before, done, crashes, error,
                           is_early, at)
    VALUES (NEW.key, OLD.fence, NEW.fence, OLD.lease_owner, NEW.lease_owner, OLD.done, NEW.done, NEW.crashes,
            NEW.last_error,
            OLD.lease_owner IS NOT NULL AND {ends_at} > {now}, {now});
"""
_SQLITE_NOW, _POSTGRES_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')", "clock_timestamp()"
_SQLITE_ENDS_AT = f"substr(OLD.due_at, 1, {len('2026-10-05 09:00:00.123')})"
"""To the millisecond, which is as fine as SQLite's own clock is."""
_SQLITE = (
    _TABLE.format(number="INTEGER PRIMARY KEY AUTOINCREMENT", moment="TEXT"),
    f"""CREATE TRIGGER lease_log AFTER UPDATE ON work WHEN {_CHANGED.format(differs="NOT")}
        BEGIN {_NOTE.format(ends_at=_SQLITE_ENDS_AT, now=_SQLITE_NOW)} END""",
)
_POSTGRES = (
    _TABLE.format(number="BIGSERIAL PRIMARY KEY", moment="TIMESTAMPTZ"),
    f"""CREATE FUNCTION lease_log() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN {_NOTE.format(ends_at="OLD.due_at", now=_POSTGRES_NOW)} RETURN NULL; END $$""",
    f"""CREATE TRIGGER lease_log AFTER UPDATE ON work
        FOR EACH ROW WHEN ({_CHANGED.format(differs="DISTINCT FROM")}) EXECUTE FUNCTION lease_log()""",
)
_SQLITE_AWAY = ("DROP TRIGGER IF EXISTS lease_log", "DROP TABLE IF EXISTS lease_log")
_POSTGRES_AWAY = ("DROP TRIGGER IF EXISTS lease_log ON work", "DROP FUNCTION IF EXISTS lease_log", _SQLITE_AWAY[1])


@dataclass(frozen=True, slots=True)
class Lease:
    """One change of one key's lease."""

    n: int
    key: str
    fence_before: int
    fence: int
    owner_before: str | None
    owner: str | None
    done_before: int
    done: int
    crashes: int
    error: str | None
    is_early: bool
    """Whether the lease before it still stood."""

    @property
    def is_claim(self) -> bool:
        return self.fence != self.fence_before

    @property
    def is_finish(self) -> bool:
        """Whether the run ended well. A periodic key has nothing to be counted as done."""
        return self.owner_before is not None and self.owner is None and self.error is None


@contextmanager
def leases_watched(db: Database) -> Iterator[None]:
    """Every lease is written down within the block, and nothing of it is left in the database after it."""
    begin, end = (_POSTGRES, _POSTGRES_AWAY) if is_postgres(db.engine) else (_SQLITE, _SQLITE_AWAY)
    _run(db, *end, *begin)
    try:
        yield
    finally:
        _run(db, *end)


def leases(db: Database, *, after: int = 0) -> list[Lease]:
    """All changes so far, or those after entry `after`, in the order of their commits for each key."""
    names = ", ".join(Lease.__dataclass_fields__)
    wanted = text(f"SELECT {names} FROM lease_log WHERE n > :after ORDER BY n")
    with db.read() as conn:
        return [Lease(*row) for row in conn.execute(wanted, {"after": after})]


def broken_leases(found: list[Lease]) -> list[Lease]:
    """Those by which two would hold a key at once, a fence would not grow by one, or work be settled by no holder."""
    return [
        each
        for each in found
        if each.fence - each.fence_before not in (0, 1)
        or (each.is_claim and (each.is_early or each.owner is None))
        or (each.done != each.done_before and (each.is_claim or each.owner_before is None))
    ]


def _run(db: Database, *statements: str) -> None:
    with db.write() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)
