"""Audits whose first plan was shown to somebody, or that somebody let be written without one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from sync.tables import first_plan
from sync.upsert import InsertNew

_SHOWN = select(first_plan.c.audit)
_SHOW = InsertNew(first_plan)


class FirstPlans:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def shown(self) -> frozenset[str]:
        """The keys of the audits for which the sites may be written to."""
        return frozenset(self._conn.execute(_SHOWN).scalars())

    def show(self, audit: str, by: str, how: str, at: datetime) -> bool:
        """True the first time."""
        return _SHOW.run(self._conn, {"audit": audit, "shown_by": by, "how": how, "shown_at": at})
