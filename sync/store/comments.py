"""What was said, and where it must be said again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from mappings.records import Comment, LinkRole, Side
from sync.tables import comment, comment_copy
from sync.upsert import InsertNew, Upsert

from .rows import WANTED, grouped, read, row_of


@dataclass(frozen=True, slots=True)
class Copy:
    """A comment that must stand on a counterpart of `record`, which need not be the record it was said on."""

    comment: str
    record: str
    role: LinkRole
    remote_id: str | None = None
    """The copy's id there, once it is written."""
    attempted_at: datetime | None = None
    """When a write was last begun; with no `remote_id` its outcome is unknown: look before writing again."""


_OF = select(comment).where(comment.c.record.in_(WANTED)).order_by(comment.c.said_at, comment.c.uid)
_BY_UID = select(comment).where(comment.c.uid.in_(WANTED))
_KNOWN = select(comment.c.origin_id).where(comment.c.side == bindparam("on"), comment.c.origin_id.in_(WANTED))
_COPIES = (
    select(comment_copy)
    .join(comment, comment.c.uid == comment_copy.c.comment)
    .where(comment_copy.c.record.in_(WANTED))
    .order_by(comment.c.said_at, comment.c.uid, comment_copy.c.role)
)
_ADD, _WANT = InsertNew(comment), InsertNew(comment_copy)
_PUT_COPY = Upsert(comment_copy, ("comment", "record", "role"), ("remote_id", "attempted_at"))


class Comments:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def of(self, record_uids: Collection[str]) -> dict[str, tuple[Comment, ...]]:
        """Comments by the record they were said on, every asked one there, oldest first."""
        rows = read(self._conn, _OF, record_uids)
        return grouped(record_uids, ((row["record"], Comment(**row)) for row in rows))

    def by_uid(self, uids: Iterable[str]) -> dict[str, Comment]:
        return {row["uid"]: Comment(**row) for row in read(self._conn, _BY_UID, uids)}

    def add(self, new: Comment) -> bool:
        """False, and nothing is changed, when this comment of that side is known."""
        return _ADD.run(self._conn, row_of(new))

    def known(self, side: Side, origin_ids: Iterable[str]) -> set[str]:
        """Those of the ids that are taken up already."""
        return {row["origin_id"] for row in read(self._conn, _KNOWN, origin_ids, on=side)}

    def copies(self, record_uids: Collection[str]) -> dict[str, tuple[Copy, ...]]:
        """Copies by the record on whose counterpart they belong, every asked one there, oldest comment first."""
        rows = read(self._conn, _COPIES, record_uids)
        return grouped(record_uids, ((row["record"], Copy(**row)) for row in rows))

    def want_copy(self, comment_uid: str, record_uid: str, role: LinkRole) -> None:
        """Ask for a copy; asking again changes nothing."""
        _WANT.run(self._conn, row_of(Copy(comment_uid, record_uid, role)))

    def put_copy(self, changed: Copy) -> None:
        _PUT_COPY.run(self._conn, [row_of(changed)])
