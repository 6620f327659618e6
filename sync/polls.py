"""Asking the sites what changed, which is the truth; webhooks only make it sooner.

A poll reads from a while before the newest change it has seen, because clocks differ and search indexes lag, and a
ledger of what was seen keeps the overlap from being worked on again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mappings.errors import Refused
from mappings.far import Changes
from mappings.records import LinkRole, Side

from .adopt import Adopter
from .database import Database
from .facets import PAGE_COMMENTS, PAGE_FILES
from .keys import record_key
from .sites import Sites
from .store import Store
from .work import LIVE, mark

OVERLAP = timedelta(minutes=10)
"""How far before the newest change seen each poll looks again: index lag and clock skew together."""

FIRST_LOOK = timedelta(days=1)
"""How far back the first poll looks."""

KEPT = timedelta(days=2)
"""How long the ledger remembers a change."""

_FACETS = {"comments": PAGE_COMMENTS, "files": PAGE_FILES}


class Polls:
    """The two polls. Each marks the keys of what changed; neither decides anything."""

    def __init__(self, db: Database, sites: Sites) -> None:
        self._db = db
        self._sites = sites
        self._adopter = Adopter(db, sites)

    def jira(self) -> int:
        """Mark the records whose issues changed, take up issues added under a request; returns how many were new."""
        changes = self._jira_changes(self._since(Side.JIRA))
        strangers: list[str] = []
        with self._db.write() as conn:
            unseen = self._unseen(conn, Side.JIRA, changes)
            known = Store(conn).links.by_remote(LinkRole.ISSUE, unseen)
            mark(conn, _keys(known), lane=LIVE)
            strangers = [id_ for id_ in unseen if id_ not in known]
            self._saw(conn, Side.JIRA, changes)
        self._adopter.look_at(strangers)
        return len(unseen)

    def _jira_changes(self, since: datetime) -> Changes:
        """Of all projects in one search; where Jira refuses one of them, of the others, with an alert for that one."""
        projects = self._sites.projects()
        try:
            return self._sites.jira.changed_since(since, projects)
        except Refused:
            found = [self._changes_of(project, since) for project in projects]
        ids = {id_: at for changes in found for id_, at in changes.ids.items()}
        seen = [changes.seen_until for changes in found if changes.seen_until]
        return Changes(ids, min(seen) if len(seen) == len(found) else None)

    def _changes_of(self, project: str, since: datetime) -> Changes:
        name = f"poll:{project}"
        try:
            changes = self._sites.jira.changed_since(since, [project])
        except Refused as error:
            with self._db.write() as conn:
                text = f"Jira cannot be searched for project {project}: {error}"
                Store(conn).alerts.raise_once(name, text, self._db.now(conn))
            return Changes({}, None)
        with self._db.write() as conn:
            Store(conn).alerts.clear(name)
        return changes

    def confluence(self) -> int:
        """Mark the requests whose pages, page comments or page files changed; returns how many pages were new."""
        changes = self._sites.confluence.changed_since(self._since(Side.CONFLUENCE), self._sites.space_ids())
        with self._db.write() as conn:
            unseen = self._unseen(conn, Side.CONFLUENCE, changes)
            known = Store(conn).links.by_remote(LinkRole.PAGE, unseen)
            for facets, ids in _by_facets(changes, known).items():
                mark(conn, _keys({id_: known[id_] for id_ in ids}), lane=LIVE, facets=facets)
            self._saw(conn, Side.CONFLUENCE, changes)
        return len(unseen)

    def _since(self, side: Side) -> datetime:
        with self._db.read() as conn:
            newest = Store(conn).cursors.get(f"poll:{side}")
            return newest - OVERLAP if newest else self._db.now(conn) - FIRST_LOOK

    def _unseen(self, conn: Connection, side: Side, changes: Changes) -> list[str]:
        return Store(conn).seen.unseen(side, changes.ids)

    def _saw(self, conn: Connection, side: Side, changes: Changes) -> None:
        store = Store(conn)
        store.seen.mark(side, changes.ids)
        newest = store.cursors.get(f"poll:{side}")
        if changes.seen_until and (newest is None or changes.seen_until > newest):
            store.cursors.set(f"poll:{side}", changes.seen_until)
        now = self._db.now(conn)
        store.cursors.set(f"polled:{side}", now)
        store.seen.prune(now - KEPT)


def _keys(known: Mapping[str, Iterable[tuple[str, LinkRole]]]) -> list[str]:
    return sorted({record_key(uid) for records in known.values() for uid, _ in records})


def _by_facets(changes: Changes, ids: Iterable[str]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = {}
    for id_ in ids:
        facets = sum(_FACETS.get(name, 0) for name in changes.facets.get(id_, ()))
        grouped.setdefault(facets, []).append(id_)
    return grouped
