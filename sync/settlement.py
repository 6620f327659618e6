"""Settling a conflict: a person says whose value stays, and the bases move so that the next run carries it out.

To keep ours, what the far side says counts as seen: only the register has moved, and is pushed. To keep theirs, what
the register says counts as seen: only the far side has moved, and is taken. Whoever moves again opens it anew.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from mappings.context import Moves
from mappings.records import Record
from mappings.twins import FIELD

from . import journal
from .database import Database
from .desk import Audit, DeskRefused, find_record
from .facets import ALL
from .keys import record_key
from .scene import request_uid
from .store import Conflict, Store, Taken
from .twins import choose
from .work import LIVE, mark


class Keep(StrEnum):
    """Whose value stays."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Disputed:
    """A conflict, open or settled, and whose it is."""

    record: Record
    conflict: Conflict

    @property
    def name(self) -> str:
        """What tells it from the record's other conflicts: `issue:due`."""
        return f"{self.conflict.role}:{self.conflict.field}"


def open_conflicts(store: Store, audit: str | None = None) -> list[Disputed]:
    """All open conflicts, or those of one audit; oldest first."""
    return _disputed(store, store.conflicts.open(), audit)


def settled_conflicts(store: Store, audit: str | None = None) -> list[Disputed]:
    """Those that are over, by a person or by the law, as they ended."""
    return _disputed(store, store.conflicts.settled(), audit)


def _disputed(store: Store, conflicts: Collection[Conflict], audit: str | None) -> list[Disputed]:
    records = store.records.get([conflict.record for conflict in conflicts])
    found = [Disputed(records[conflict.record], conflict) for conflict in conflicts]
    return [each for each in found if audit in (None, each.record.audit)]


def settle(db: Database, audit: Audit, number: str, field: str | None, keep: Keep, *, by: str) -> Disputed:
    """Keep one side's value for one field of a record. Raises DeskRefused.

    `field` is `due` or `issue:due`; where there is one conflict it may be left out."""
    with db.write() as conn:
        store = Store(conn)
        record = find_record(store, audit.key, number)
        settled = _chosen(store, record, field)
        conflict = settled.conflict
        link = store.links.of([record.uid]).get((record.uid, conflict.role))
        if link is None:
            raise DeskRefused(f"{number} has no {conflict.role} any more, so nothing is left to settle")
        now = db.now(conn)
        if conflict.field == FIELD:
            _choose(conn, conflict, keep, now)
        else:
            moves = Moves(theirs={conflict.field: conflict.theirs})
            if keep is Keep.THEIRS:
                moves = Moves(ours={conflict.field: conflict.ours})
            store.links.put(moves.applied_to(link))
        store.conflicts.settle(conflict.uid, by=by, kept=keep, at=now)
        why = f"{settled.name}: keep {keep}"
        journal.append(
            conn,
            who=by,
            what="conflict settled",
            record=record.uid,
            before={"ours": conflict.ours, "theirs": conflict.theirs},
            after=conflict.ours if keep is Keep.OURS else conflict.theirs,
            why=why,
            at=now,
        )
        mark(conn, [record_key(record.uid), record_key(request_uid(record))], lane=LIVE, facets=ALL)
    return settled


def _choose(conn: Connection, conflict: Conflict, keep: Keep, now: datetime) -> None:
    try:
        choose(conn, conflict, is_ours=keep is Keep.OURS, now=now)
    except Taken as error:
        raise DeskRefused(f"{conflict.theirs} is another record's counterpart by now: keep ours") from error


def _chosen(store: Store, record: Record, field: str | None) -> Disputed:
    found = [Disputed(record, conflict) for conflict in store.conflicts.open([record.uid])]
    if not found:
        raise DeskRefused(f"{record.number} has no open conflict; `tieout conflicts list` shows those that there are")
    fitting = [each for each in found if field in (None, each.name, each.conflict.field)]
    names = ", ".join(each.name for each in found)
    if len(fitting) != 1:
        raise DeskRefused(f"{record.number} has {len(found)} open conflicts; name one with --field: {names}")
    return fitting[0]
