"""Evidence and what auditors decided on it. Both only grow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from mappings.records import Decision, Evidence, Side
from sync.tables import decision, evidence, evidence_source
from sync.upsert import InsertNew

from .rows import WANTED, Taken, grouped, read, row_of

_OF = select(evidence).where(evidence.c.request.in_(WANTED))
_ALL = select(evidence).order_by(evidence.c.request, evidence.c.file_name, evidence.c.version)
_ADD = insert(evidence)
_PUT = update(evidence).where(evidence.c.uid == bindparam("its_uid"))
_KNOWN = select(evidence_source.c.source_id).where(
    evidence_source.c.side == bindparam("on"), evidence_source.c.source_id.in_(WANTED)
)
_ADD_SOURCE = InsertNew(evidence_source)
_DECISIONS = select(decision).where(decision.c.request.in_(WANTED)).order_by(decision.c.decided_at, decision.c.uid)
_DECIDE = insert(decision)


class EvidenceList:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def of(self, request_uids: Collection[str]) -> dict[str, tuple[Evidence, ...]]:
        """Evidence by request, every asked one there, by file name and version."""
        found = [Evidence(**row) for row in read(self._conn, _OF, request_uids)]
        found.sort(key=lambda each: (each.file_name, each.version))  # databases differ in how they order text
        return grouped(request_uids, ((each.request, each) for each in found))

    def all(self) -> Iterator[Evidence]:
        """All there is, by request, file name and version."""
        return (Evidence(**row) for row in self._conn.execute(_ALL).mappings())

    def add(self, new: Evidence) -> None:
        """Keep a version and where it came from. Raises Taken when this version of this file name is there."""
        try:
            self._conn.execute(_ADD, row_of(new))
        except IntegrityError as error:
            raise Taken(f"evidence {new.file_name} version {new.version} of {new.request}: {error.orig}") from error
        self.add_source(new.side, new.source_id, new.uid)

    def put(self, changed: Evidence) -> None:
        """Keep whether it is released and where its copy is; all else of a piece of evidence never changes."""
        self._conn.execute(
            _PUT,
            {
                "its_uid": changed.uid,
                "is_released": changed.is_released,
                "copy_id": changed.copy_id,
                "copy_version": changed.copy_version,
                "copy_begun_at": changed.copy_begun_at,
                "copied_at": changed.copied_at,
            },
        )

    def known_sources(self, side: Side, source_ids: Iterable[str]) -> set[str]:
        """Those of the attachments that are taken up already."""
        return {row["source_id"] for row in read(self._conn, _KNOWN, source_ids, on=side)}

    def add_source(self, side: Side, source_id: str, evidence_uid: str) -> bool:
        """The same bytes were attached again, here. False when this attachment is known."""
        row = {"side": side, "source_id": source_id, "evidence": evidence_uid}
        return _ADD_SOURCE.run(self._conn, row)


class Decisions:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def of(self, request_uids: Collection[str]) -> dict[str, tuple[Decision, ...]]:
        """Decisions by request, every asked one there, oldest first."""
        rows = read(self._conn, _DECISIONS, request_uids)
        return grouped(request_uids, ((row["request"], Decision(**row)) for row in rows))

    def add(self, new: Decision) -> None:
        self._conn.execute(_DECIDE, row_of(new))
