"""Fields on which two sides disagree and a person must choose. Both values are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from mappings.records import Conflict
from sync.tables import conflict
from sync.upsert import InsertNew

from .rows import WANTED, read, row_of

_OPEN = select(conflict).where(conflict.c.settled_at.is_(None)).order_by(conflict.c.opened_at, conflict.c.uid)
_OPEN_OF = _OPEN.where(conflict.c.record.in_(WANTED))
_SETTLED = select(conflict).where(conflict.c.settled_at.is_not(None)).order_by(conflict.c.settled_at, conflict.c.uid)
_ADD = insert(conflict)
_KEEP = InsertNew(conflict)
_RENEW = update(conflict).where(
    conflict.c.record == bindparam("of_record"),
    conflict.c.role == bindparam("of_role"),
    conflict.c.field == bindparam("of_field"),
    conflict.c.settled_at.is_(None),
)
_SETTLE = update(conflict).where(conflict.c.uid == bindparam("its_uid"), conflict.c.settled_at.is_(None))


class Conflicts:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def open(self, record_uids: Iterable[str] | None = None) -> tuple[Conflict, ...]:
        """Conflicts nobody has settled, oldest first; of all records, or of these."""
        if record_uids is None:
            return tuple(Conflict(**row) for row in self._conn.execute(_OPEN).mappings())
        found = [Conflict(**row) for row in read(self._conn, _OPEN_OF, record_uids)]
        return tuple(sorted(found, key=lambda each: (each.opened_at, each.uid)))

    def add(self, new: Conflict) -> bool:
        """Open it. When this field of this counterpart is in conflict already, that one takes the new values: False."""
        values = {"ours": new.ours, "theirs": new.theirs}
        where = {"of_record": new.record, "of_role": new.role, "of_field": new.field}
        if self._conn.execute(_RENEW, values | where).rowcount:
            return False
        self._conn.execute(_ADD, row_of(new))
        return True

    def keep(self, found: Conflict) -> None:
        """What the law made of it: one that is settled ends the open one of its uid, or is kept to be found again."""
        if found.settled_at is None:
            self.add(found)
        elif not self.settle(found.uid, by=found.settled_by or "", kept=found.kept or "", at=found.settled_at):
            _KEEP.run(self._conn, row_of(found))

    def settled(self) -> tuple[Conflict, ...]:
        """Conflicts that are over, by a person or by the law, oldest first."""
        return tuple(Conflict(**row) for row in self._conn.execute(_SETTLED).mappings())

    def settle(self, uid: str, *, by: str, kept: str, at: datetime) -> bool:
        """False when there is no open conflict of this uid: somebody was faster."""
        row = {"its_uid": uid, "settled_at": at, "settled_by": by, "kept": kept}
        return self._conn.execute(_SETTLE, row).rowcount == 1
