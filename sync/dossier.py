"""Everything the register knows of one request, gathered for a person who asks about it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mappings.context import Family
from mappings.records import Link, LinkRole, LinkState, Person, Record
from mappings.twins import Fate, fate_of, is_under_way

from . import journal
from .journal import Entry
from .keys import record_key
from .scene import load_families, request_uid
from .settlement import Disputed
from .store import Alert, Store
from .stuck import Letter, Standing, letters, standings

_PAGE = 500
_DONE_TO_IT = ("written", "created", "mended")


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A record's issue or page as the register knows it."""

    record: Record
    link: Link
    why_not: str
    """Why it is not in step; empty when it is."""
    written_at: datetime | None
    """When Tieout last wrote or made it, or agreed with it."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One request with its tasks, and all that hangs on them."""

    family: Family
    people: Mapping[str, Person]
    counterparts: tuple[Counterpart, ...]
    """Of the request and its tasks, in that order; what was never begun is not among them."""
    conflicts: tuple[Disputed, ...]
    alerts: tuple[Alert, ...]
    letters: tuple[Letter, ...]
    failing: Mapping[str, Standing]
    """Records that are not in step and are tried again, by number."""
    entries: tuple[Entry, ...]
    """The newest of the journal, oldest first."""


def gather_dossier(conn: Connection, record: Record, *, most_entries: int) -> Dossier:
    """The dossier of the request that `record` is, or belongs to."""
    store = Store(conn)
    head = request_uid(record)
    family = load_families(store, [head])[head]
    records = {each.uid: each for each in family.records}
    history = _history(conn, records)
    names = {record_key(uid) for uid in records}
    return Dossier(
        family=family,
        people=store.people.all(),
        counterparts=_counterparts(conn, store, records, history),
        conflicts=tuple(Disputed(records[each.record], each) for each in store.conflicts.open(records)),
        alerts=tuple(alert for alert in store.alerts.current() if any(uid in alert.name for uid in records)),
        letters=tuple(letter for letter in letters(conn) if letter.dead.key in names),
        failing=_failing(conn, records),
        entries=tuple(history[-most_entries:]) if most_entries else (),
    )


def _failing(conn: Connection, records: Mapping[str, Record]) -> dict[str, Standing]:
    found = standings(conn, list(records))
    return {records[uid].number: each for uid, each in found.items() if each.failing_since and not each.is_dead}


def _history(conn: Connection, uids: Iterable[str]) -> list[Entry]:
    """Every entry about these records, oldest first."""
    found: list[Entry] = []
    for uid in uids:
        after = 0
        while page := journal.entries(conn, uid, after, _PAGE):
            found += page
            after = page[-1].n
    return sorted(found, key=lambda entry: entry.n)


def _counterparts(
    conn: Connection, store: Store, records: Mapping[str, Record], history: Iterable[Entry]
) -> tuple[Counterpart, ...]:
    links = store.links.of(records)
    work = standings(conn, list(records))
    held = {brake.role: brake.name for brake in store.brakes.all().values() if brake.is_pulled}
    written = {(entry.record, entry.what): entry.at for entry in history}
    found: list[Counterpart] = []
    for record in records.values():
        for role in LinkRole:
            link = links.get((record.uid, role))
            if link is not None and not (role is LinkRole.TWIN and not is_under_way(link)):
                times = [written.get((record.uid, f"{role} {done}")) for done in _DONE_TO_IT]
                last = max((at for at in (*times, link.agreed_at) if at), default=None)
                why_not = _why_not(link, work.get(record.uid), held.get(role, ""))
                found.append(Counterpart(record, link, why_not, last))
    return tuple(found)


def _why_not(link: Link, standing: Standing | None, brake: str) -> str:
    if link.state is LinkState.DETACHED:
        return f"detached: {link.detached_reason}"
    if link.role is LinkRole.TWIN:
        return "one issue too many: `tieout conflicts`" if fate_of(link) is Fate.FOUND else "to be let go"
    if brake:
        return f"brake {brake} is pulled: `tieout brakes`"
    trouble = standing.error if standing is not None and standing.is_wanted else ""
    if link.state is LinkState.PENDING:
        return f"not made yet: {trouble}" if trouble else "not made yet"
    if standing is None or not standing.is_wanted:
        return ""
    return trouble or "waits for its turn"
