"""The register held against its own journal: what changed has an entry that says so, and no entry says it twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from sync.tables import journal, record

Must = Callable[[str, bool, object], None]

TOLD = "each applied change has its entry"
CHAINED = "each status goes on from the one before it"

MEANT = "each entry of a change has its change"

_LIST = frozenset({"request changed by the list", "task follows its request"})
_ESCALATES = frozenset({"escalation", "flag"})
_TELLS: Mapping[str, frozenset[str]] = {
    "status": frozenset({"status"}),
    "owner": frozenset({"owner"}) | _LIST,
    "reviewer": _LIST,
    "title": _LIST,
    "due_on": frozenset({"due", "auditor due date", "extension granted"}) | _LIST,
    "auditor_due_on": frozenset({"auditor due date", "due"}) | _LIST,
    "priority": frozenset({"priority", "status"}) | _ESCALATES | _LIST,
    "raised_by": frozenset({"status"}) | _ESCALATES,
    "is_proposed_withdrawn": frozenset({"proposed as withdrawn", "no longer proposed as withdrawn", "status"}) | _LIST,
}
"""By field of a record, the entries of that record that may tell of its change: a ladder raises priorities, and
settling puts them back."""

_SAYS: Mapping[str, frozenset[str]] = {
    "owner": frozenset({"owner"}),
    "priority": frozenset({"priority", "priority_before", "escalation_level"}),
    "due": frozenset({"due_on", "auditor_due_on", "extension_on"}),
    "auditor due date": frozenset({"due_on", "auditor_due_on", "extension_on"}),
    "status": frozenset({"status"}),
}
"""By entry, the fields of its record one of which must have changed with it: what is told twice for one cause has no
change. A priority that a step of the ladder raised and a person set back at once stands as before, one level higher."""

_NEW_ENTRIES = select(journal).where(journal.c.n > bindparam("after_n")).order_by(journal.c.n)
_VERSIONS = select(record.c.uid, record.c.version)


class Books:
    """Looks at the register after each commit."""

    def __init__(self, must: Must) -> None:
        self._must = must
        self._records: dict[str, dict[str, Any]] = {}
        self._statuses: dict[str, str] = {}
        self._n = 0

    def look(self, conn: Connection) -> None:
        new = conn.execute(_NEW_ENTRIES, {"after_n": self._n}).mappings().all()
        self._n = new[-1]["n"] if new else self._n
        for entry in new:
            self._follow(entry)
        versions = {row.uid: row.version for row in conn.execute(_VERSIONS)}
        moved = [uid for uid, version in versions.items() if self._version(uid) != version]
        for row in conn.execute(select(record).where(record.c.uid.in_(moved))).mappings() if moved else ():
            self._compare(dict(row), [entry for entry in new if entry["record"] == row["uid"]])

    def _version(self, uid: str) -> int:
        known = self._records.get(uid)
        return int(known["version"]) if known else 0

    def _compare(self, row: dict[str, Any], entries: Sequence[RowMapping]) -> None:
        before = self._records.get(row["uid"])
        self._records[row["uid"]] = row
        if before is None:
            return
        moved = {field for field in row if before[field] != row[field]}
        for field in moved & _TELLS.keys():
            facts: object = (row["number"], field, before[field], row[field], [entry["what"] for entry in entries])
            self._must(TOLD, any(entry["what"] in _TELLS[field] for entry in entries), facts)
        for what in _SAYS.keys() & {entry["what"] for entry in entries}:
            told = [entry for entry in entries if entry["what"] == what]
            facts = (row["number"], what, [(entry["before"], entry["after"]) for entry in told], moved)
            self._must(MEANT, _is_back(told) or bool(moved & _SAYS[what]), facts)

    def _follow(self, entry: RowMapping) -> None:
        """The entries of a record's status are a chain: none is missing in it, and none is there twice."""
        if entry["what"] != "status":
            return
        before, after = json.loads(entry["before"]), json.loads(entry["after"])
        known = self._statuses.get(entry["record"])
        self._must(CHAINED, known in (None, before) and before != after, (entry["record"], known, before, after))
        self._statuses[entry["record"]] = after


def _is_back(entries: Sequence[RowMapping]) -> bool:
    """Whether they tell, one after the other, of a way out and back again: a question and its answer in one look."""
    is_chain = all(entry["after"] == later["before"] for entry, later in pairwise(entries))
    return is_chain and len(entries) > 1 and entries[0]["before"] == entries[-1]["after"]
