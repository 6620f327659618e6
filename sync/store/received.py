"""What came in from outside and how far it has been read: deliveries, lists, cursors, the ledger of what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from mappings.records import Side
from sync.tables import cursor, delivery, import_file, seen
from sync.upsert import InsertNew, Upsert

from .rows import WANTED, read, row_of

_AT = select(cursor.c.at).where(cursor.c.name == bindparam("named"))
_SET = Upsert(cursor, ("name",), ("at",))
_SEEN = select(seen.c.remote_id, seen.c.changed_at).where(seen.c.side == bindparam("on"), seen.c.remote_id.in_(WANTED))
_MARK = Upsert(seen, ("side", "remote_id"), ("changed_at",))
_NEWEST = select(func.max(seen.c.changed_at)).where(seen.c.side == bindparam("on"))
_LAST = select(func.max(delivery.c.received_at)).where(delivery.c.sender == bindparam("of_sender"))
_FORGET = delete(seen).where(seen.c.changed_at < bindparam("before"))
_RECEIVE = InsertNew(delivery)
_PRUNE = delete(delivery).where(delivery.c.received_at < bindparam("before"))
_SIZES = select(
    delivery.c.received_at,
    func.sum(func.length(delivery.c.body)).over(order_by=delivery.c.received_at.desc()).label("with_newer"),
).subquery()
_TOO_MUCH = select(func.max(_SIZES.c.received_at)).where(_SIZES.c.with_newer > bindparam("most"))
_EMPTY = (
    update(delivery)
    .where(delivery.c.received_at <= bindparam("until"), func.length(delivery.c.body) > 0)
    .values(body=b"")
)
_TAKE = InsertNew(import_file)
_TAKEN = (
    select(import_file)
    .where(import_file.c.audit == bindparam("of_audit"))
    .order_by(import_file.c.imported_at, import_file.c.sha256)
)


class Cursors:
    """Up to when each poll has read."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def get(self, name: str) -> datetime | None:
        return self._conn.scalar(_AT, {"named": name})

    def set(self, name: str, at: datetime) -> None:
        _SET.run(self._conn, [{"name": name, "at": at}])


class Seen:
    """Which changes polls have marked already, so that their overlap costs nothing."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def unseen(self, side: Side, changes: Mapping[str, datetime]) -> list[str]:
        """Those of the ids whose change, at exactly that time, is not in the ledger; sorted."""
        rows = read(self._conn, _SEEN, changes, on=side)
        known = {row["remote_id"]: row["changed_at"] for row in rows}
        return sorted(each for each, changed_at in changes.items() if known.get(each) != changed_at)

    def mark(self, side: Side, changes: Mapping[str, datetime]) -> None:
        rows = ({"side": side, "remote_id": each, "changed_at": changes[each]} for each in sorted(changes))
        _MARK.run(self._conn, rows)

    def newest(self, side: Side) -> datetime | None:
        """When something on a side changed last, as far as the ledger goes back."""
        newest: datetime | None = self._conn.scalar(_NEWEST, {"on": side})
        return newest

    def prune(self, before: datetime) -> int:
        """Forget changes older than any poll will show again; returns how many."""
        return self._conn.execute(_FORGET, {"before": before}).rowcount


class Deliveries:
    """Webhooks as they came, before anything was read out of them."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def add(self, sender: str, delivery_id: str, body_sha256: str, body: bytes, received_at: datetime) -> bool:
        """False when this sender's delivery id, or a body with this hash, was seen before.

        The id stands in an unsigned header, so a replay can change it; a sender without ids gives the hash for one.
        """
        row = {
            "sender": sender,
            "delivery_id": delivery_id,
            "body_sha256": body_sha256,
            "body": body,
            "received_at": received_at,
        }
        return _RECEIVE.run(self._conn, row)

    def last(self, sender: str) -> datetime | None:
        """When this sender was last heard of, as far back as deliveries are kept."""
        last: datetime | None = self._conn.scalar(_LAST, {"of_sender": sender})
        return last

    def prune(self, before: datetime) -> int:
        """Forget deliveries received before this time; returns how many."""
        return self._conn.execute(_PRUNE, {"before": before}).rowcount

    def empty(self, most_bytes: int) -> int:
        """Drop the oldest bodies, so that those that are left have no more bytes than this; returns how many.

        Ids and hashes stay, as by them a delivery that comes again is known."""
        until = self._conn.scalar(_TOO_MUCH, {"most": most_bytes})
        return 0 if until is None else self._conn.execute(_EMPTY, {"until": until}).rowcount


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A list that was taken in, by the hash of its bytes."""

    audit: str
    sha256: str
    file_name: str
    imported_by: str
    imported_at: datetime
    counts: Mapping[str, int]
    """Rows by what became of them: added, changed, unchanged …"""


class Imports:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def add(self, taken: ImportFile) -> bool:
        """False when this audit has taken in the very same bytes before."""
        return _TAKE.run(self._conn, row_of(taken))

    def of(self, audit: str) -> tuple[ImportFile, ...]:
        """Oldest first."""
        return tuple(ImportFile(**row) for row in self._conn.execute(_TAKEN, {"of_audit": audit}).mappings())
