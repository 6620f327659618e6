"""Requests and tasks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from mappings.records import Kind, Record, RequestStatus, TaskStatus
from sync.tables import record

from .rows import WANTED, Stale, Taken, grouped, read, row_of

_columns = record.c
_SETTLED = (
    RequestStatus.ACCEPTED,
    RequestStatus.NOT_APPLICABLE,
    RequestStatus.WITHDRAWN,
    TaskStatus.DONE,
    TaskStatus.CANCELLED,
)

_BY_UID = select(record).where(_columns.uid.in_(WANTED))
_BY_NUMBER = select(record).where(
    _columns.audit == bindparam("of_audit"), _columns.kind == Kind.REQUEST, _columns.number.in_(WANTED)
)
_REQUESTS = select(record).where(_columns.audit == bindparam("of_audit"), _columns.kind == Kind.REQUEST)
_BY_PARENT = select(record).where(_columns.parent.in_(WANTED))
_HEADS = select(func.coalesce(_columns.parent, _columns.uid).label("uid")).where(_columns.uid.in_(WANTED))
_UNDER = select(_columns.uid).where(_columns.parent.in_(WANTED))
_OVERDUE = select(record).where(
    _columns.status.not_in(_SETTLED),
    or_(_columns.due_on <= bindparam("until"), _columns.auditor_due_on <= bindparam("until")),
)
_AUDITS = select(_columns.audit).distinct()
_COUNTS = select(_columns.audit, _columns.kind, _columns.status, func.count()).group_by(
    _columns.audit, _columns.kind, _columns.status
)
_ADD = insert(record)
_PUT = (
    update(record)
    .where(_columns.uid == bindparam("its_uid"), _columns.version == bindparam("read_version"))
    .values({column.name: bindparam(column.name) for column in _columns if column.name != "uid"})
)


class Records:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def get(self, uids: Iterable[str]) -> dict[str, Record]:
        """By uid; what does not exist is left out."""
        return {row["uid"]: Record(**row) for row in read(self._conn, _BY_UID, uids)}

    def one(self, uid: str) -> Record | None:
        return self.get([uid]).get(uid)

    def by_number(self, audit: str, numbers: Iterable[str]) -> dict[str, Record]:
        """The audit's requests by their number on the auditor's list; what does not exist is left out."""
        rows = read(self._conn, _BY_NUMBER, numbers, of_audit=audit)
        return {row["number"]: Record(**row) for row in rows}

    def requests(self, audit: str) -> tuple[Record, ...]:
        """All of the audit's requests, as a person would number them: 2 before 10."""
        rows = self._conn.execute(_REQUESTS, {"of_audit": audit}).mappings()
        return _in_order(Record(**row) for row in rows)

    def tasks_of(self, request_uids: Collection[str]) -> dict[str, tuple[Record, ...]]:
        """Tasks by their request, every asked one there, in the order of their numbers."""
        rows = read(self._conn, _BY_PARENT, request_uids)
        tasks = _in_order(Record(**row) for row in rows)
        return grouped(request_uids, ((task.parent or "", task) for task in tasks))

    def kin(self, uids: Iterable[str]) -> set[str]:
        """Everybody in the families of these records, themselves among them."""
        heads = {row["uid"] for row in read(self._conn, _HEADS, uids)}
        return heads | {row["uid"] for row in read(self._conn, _UNDER, heads)}

    def uids(self, audit: str | None = None, kind: Kind | None = None) -> list[str]:
        """Sorted."""
        statement = select(_columns.uid).order_by(_columns.uid)
        if audit is not None:
            statement = statement.where(_columns.audit == audit)
        if kind is not None:
            statement = statement.where(_columns.kind == kind)
        return list(self._conn.scalars(statement))

    def add(self, new: Record) -> None:
        """Raises Taken when the uid, or the number within its audit, is in use."""
        try:
            self._conn.execute(_ADD, row_of(new))
        except IntegrityError as error:
            raise Taken(f"record {new.uid} ({new.audit} {new.number}) cannot be added: {error.orig}") from error

    def put(self, changed: Record) -> Record:
        """Write over the version that was read; the value that comes back has the next version. Raises Stale."""
        following = replace(changed, version=changed.version + 1)
        row = row_of(following)
        row["its_uid"], row["read_version"] = row.pop("uid"), changed.version
        if self._conn.execute(_PUT, row).rowcount == 0:
            raise Stale(f"record {changed.uid}: expected version {changed.version} in the register, read it again")
        return following

    def audits(self) -> set[str]:
        """The keys of those that have records."""
        return set(self._conn.scalars(_AUDITS))

    def counts(self) -> dict[tuple[str, Kind, str], int]:
        """How many records there are by audit, kind and status."""
        rows = self._conn.execute(_COUNTS)
        return {(audit, kind, status): count for audit, kind, status, count in rows}

    def overdue_candidates(self, on_or_before: date) -> tuple[Record, ...]:
        """Records that are not settled and have a date, working or the auditor's, on or before the given one.

        More than are overdue: the ladder knows of stopped clocks, holidays and closed audits.
        """
        rows = self._conn.execute(_OVERDUE, {"until": on_or_before}).mappings()
        return _in_order(Record(**row) for row in rows)


def _in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=lambda each: (each.audit, _natural(each.number), each.uid)))


def _natural(number: str) -> list[tuple[int, int, str]]:
    """Runs of digits count as numbers: `2` before `10`, `7/2` before `7/10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", number)
    return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts]
