"""The law that nothing is written to a site for an audit before somebody was shown its first plan, or said yes to none.

The planner heeds it as it heeds a brake; here it is asked what waits for it, and ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from . import journal
from .database import now
from .facets import ALL
from .keys import record_key
from .store import Store
from .work import BACKFILL, mark


def unshown(conn: Connection, audits: Iterable[str]) -> list[str]:
    """Those of the audits that have records and for which nothing may be written yet."""
    store = Store(conn)
    shown = store.first_plans.shown()
    return sorted(audit for audit in audits if audit not in shown and store.records.uids(audit))


def show(conn: Connection, audits: Collection[str], *, by: str, how: str) -> list[str]:
    """Let these audits be written from now on; returns those that were not before, whose records are due now."""
    store, at = Store(conn), now(conn)
    new = [audit for audit in sorted(audits) if store.first_plans.show(audit, by, how, at)]
    for audit in new:
        what, why = "first plan", f"audit {audit}: {how}"
        journal.append(conn, who=by, what=what, record=None, before=None, after=audit, why=why, at=at)
        mark(conn, [record_key(uid) for uid in store.records.uids(audit)], lane=BACKFILL, facets=ALL)
    return new
