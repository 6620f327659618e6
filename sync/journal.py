"""Who did what, before and after, and why: only ever longer, each entry sealed to the one before it.

An entry's hash is SHA-256 over the canonical JSON of its number, the hash before it and all of its columns as they are
stored. A head row beside the journal says how long it is, so that a cut tail shows; whoever can rewrite both is found
only by a head that was kept elsewhere, so print it and keep it. Entries are written when their transaction ends, all
in one go: the head is the one row that every transaction wants, and is so held for a moment only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError

from .canonical import canonical, stamp
from .column_types import storable
from .database import at_end, is_trouble
from .tables import journal, journal_head
from .upsert import InsertNew

_RANK = 2
_HEAD_ID = 1
_GENESIS = "0" * 64
_PAGE = 500
_SECRET = re.compile(r"(?i)token|secret|passw|authorization|cookie|api_?key|credential")
_SEALED = ("n", "previous", "at", "who", "what", "record", "before", "after", "why")


@dataclass(frozen=True, slots=True)
class Entry:
    n: int
    at: datetime
    who: str
    what: str
    record: str | None
    before: Any
    after: Any
    """Whatever was given, as JSON has it."""
    why: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """How long the journal is and the hash of its last entry: what to keep elsewhere."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The first place where the journal is not what was written."""

    n: int
    reason: str


_START = InsertNew(journal_head)
_HEAD = select(journal_head.c.n, journal_head.c.hash).where(journal_head.c.id == _HEAD_ID)
_LOCK_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = update(journal_head).where(journal_head.c.id == _HEAD_ID)
_ADD = insert(journal)
_AFTER = select(journal).where(journal.c.n > bindparam("after_n")).order_by(journal.c.n).limit(bindparam("most"))
_PUT_BACK = (
    select(journal).where(journal.c.what.like("% put back"), journal.c.at >= bindparam("since")).order_by(journal.c.n)
)
_AFTER_OF = _AFTER.where(journal.c.record == bindparam("of_record"))


def append(
    conn: Connection, *, who: str, what: str, record: str | None, before: object, after: object, why: str, at: datetime
) -> None:
    """Add an entry when this transaction commits, with it or not at all. Values under names of secrets are cut."""
    entry = {
        "at": stamp(at),
        "who": storable(who),
        "what": storable(what),
        "record": None if record is None else storable(record),
        "before": canonical(_without_secrets(before)),
        "after": canonical(_without_secrets(after)),
        "why": storable(why),
    }
    at_end(conn, _RANK, _write, entry)


def entries(conn: Connection, record: str | None = None, after: int = 0, limit: int = 200) -> tuple[Entry, ...]:
    """Oldest first, beginning behind entry number `after`; of one record, or of all."""
    values = {"after_n": after, "most": limit}
    if record is None:
        return tuple(_entry(row) for row in conn.execute(_AFTER, values).mappings())
    return tuple(_entry(row) for row in conn.execute(_AFTER_OF, values | {"of_record": record}).mappings())


def put_back(conn: Connection, since: datetime) -> tuple[Entry, ...]:
    """Changes on a site that were not taken and put back, at or after `since`, oldest first."""
    values = {"since": stamp(since)}
    return tuple(_entry(row) for row in conn.execute(_PUT_BACK, values).mappings())


def head(conn: Connection) -> Head:
    row = conn.execute(_HEAD).first()
    return Head(row.n, row.hash) if row else Head(0, _GENESIS)


def verify(conn: Connection, kept: Head | None = None) -> Finding | None:
    """Read the whole journal, a page at a time, and say where it was tampered with; None when it was not.

    `kept` is a head printed earlier: the entry it names must still be there, with that hash.
    """
    last = Head(0, _GENESIS)
    for n, row in enumerate(_rows(conn), start=1):
        reason = _fault(row, n, last.hash)
        if reason is None and kept is not None and n == kept.n and row is not None and row["hash"] != kept.hash:
            reason = "its hash is not the one that was kept elsewhere: the journal was written anew"
        if reason is not None or row is None:
            return Finding(n, reason or "it cannot be read")
        last = Head(n, row["hash"])
    return _tail_fault(last, head(conn), kept)


def _fault(row: RowMapping | None, n: int, previous: str) -> str | None:
    if row is None:
        return "it cannot be read: bytes that are not text"
    if row["n"] != n:
        return f"expected entry {n}, found {row['n']}: entries are missing"
    if any(not isinstance(row[name], str | None) for name in _SEALED[1:]):
        return "a column does not hold text any more"
    if row["previous"] != previous:
        return "it is not sealed to the entry before it"
    return None if row["hash"] == _seal(row) else "it was changed after it was written"


def _tail_fault(last: Head, current: Head, kept: Head | None) -> Finding | None:
    if last != current:
        return Finding(
            min(last.n, current.n) + 1, f"the head says {current.n} entries, there are {last.n}: cut or added"
        )
    if kept is not None and kept.n > last.n:
        return Finding(last.n + 1, f"{kept.n} entries were there when the head was kept, there are {last.n}")
    return None


def _rows(conn: Connection) -> Iterator[RowMapping | None]:
    """All rows by number; None, and no more, at one that cannot be read as text."""
    after, most = 0, _PAGE
    while True:
        try:
            page = conn.execute(_AFTER, {"after_n": after, "most": most}).mappings().all()
        except DBAPIError as error:
            if is_trouble(error):
                raise
            if most == 1:
                yield None
                return
            most = 1  # one by one up to the row that spoils the page
            continue
        yield from page
        if not page:
            return
        after = page[-1]["n"]


def _write(conn: Connection, new: list[dict[str, Any]]) -> None:
    row = conn.execute(_LOCK_HEAD).first()
    if row is None:
        _START.run(conn, {"id": _HEAD_ID, "n": 0, "hash": _GENESIS})
        row = conn.execute(_LOCK_HEAD).one()
    n, previous = row.n, row.hash
    for entry in new:
        n += 1
        entry |= {"n": n, "previous": previous}
        previous = entry["hash"] = _seal(entry)
    conn.execute(_ADD, new)
    conn.execute(_MOVE_HEAD, {"n": n, "hash": previous})


def _seal(row: Mapping[Any, Any]) -> str:
    return sha256(canonical([row[name] for name in _SEALED]).encode()).hexdigest()


def _entry(row: RowMapping) -> Entry:
    plain = dict(row) | {name: json.loads(row[name]) for name in ("before", "after")}
    return Entry(**plain | {"at": datetime.fromisoformat(row["at"])})


def _without_secrets(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: "[cut]" if _SECRET.search(str(name)) else _without_secrets(v) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(each) for each in value]
    return value
