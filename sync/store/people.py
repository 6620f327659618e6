"""People, and the steps of the ladder that were taken for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from mappings.records import Person
from sync.tables import fired_step, person
from sync.upsert import InsertNew, Upsert

from .rows import WANTED, grouped, read, row_of

_ALL = select(person).order_by(person.c.key)
_PUT = Upsert(person, ("key",), ("name", "email", "account_id", "manager"))
_FIRED = select(fired_step).where(fired_step.c.record.in_(WANTED))
_FIRE = InsertNew(fired_step)


class People:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def all(self) -> dict[str, Person]:
        """Everybody, by key."""
        return {row["key"]: Person(**row) for row in self._conn.execute(_ALL).mappings()}

    def put(self, who: Person) -> None:
        _PUT.run(self._conn, [row_of(who)])


class Steps:
    """Steps of the ladder that have fired; each fires once for a record and a version of its due date."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def fired(self, record_uids: Collection[str]) -> dict[str, frozenset[tuple[int, str]]]:
        """(due version, name) by record, every asked one there."""
        rows = read(self._conn, _FIRED, record_uids)
        found = grouped(record_uids, ((row["record"], (row["due_version"], row["name"])) for row in rows))
        return {uid: frozenset(steps) for uid, steps in found.items()}

    def add(self, record: str, due_version: int, name: str, at: datetime) -> bool:
        """False when it has fired before: then it must not fire again."""
        row = {"record": record, "due_version": due_version, "name": name, "fired_at": at}
        return _FIRE.run(self._conn, row)
