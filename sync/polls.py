"""Asking the sites what changed, which is the truth; webhooks only make it sooner.

A poll reads from a while before the last one's end, because clocks differ and search indexes lag, and a ledger of what
was seen keeps the overlap from being worked on again. All times compared are the site's own. A site whose clock was
set back is asked again from before that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mappings.errors import FarSideError, Refused
from mappings.far import Changes
from mappings.records import LinkRole, Side

from .adopt import Adopter
from .brake import Brakes
from .database import Database
from .facets import PAGE_COMMENTS, PAGE_FILES
from .keys import record_key
from .sites import Sites
from .spaces import MOVED, tell_unseen, told_unseen
from .store import Store
from .work import LIVE, SWEEP, mark

OVERLAP = timedelta(minutes=10)
"""How far before the newest change seen each poll looks again: index lag and clock skew together."""

FIRST_LOOK = timedelta(days=1)
"""How far back the first poll looks."""

TICK = timedelta(seconds=1)
"""Within it, of two changes with one time stamp a poll may have seen only the first."""

UNNAMED = timedelta(minutes=2)
"""For how long a counterpart may be there before the worker that made it has kept its link, or has lost its lease and
whoever comes next looks at it anew."""

KEPT = timedelta(days=2)
"""How long the ledger remembers a change, and longer while the next poll would show it again."""

_FACETS = {"comments": PAGE_COMMENTS, "files": PAGE_FILES}


class Polls:
    """The two polls. Each marks the keys of what changed; neither decides anything."""

    def __init__(self, db: Database, sites: Sites) -> None:
        self._db = db
        self._sites = sites
        self._adopter = Adopter(db, sites)
        self._brakes = Brakes(db, sites)

    def jira(self) -> int:
        """Mark the records whose issues changed, take up issues added under a request; returns how many were new."""
        self._brakes.look_again(LinkRole.ISSUE)
        changes = self._look(Side.JIRA, self._jira_changes)
        with self._db.write() as conn:
            unseen = set(Store(conn).seen.unseen(Side.JIRA, changes.ids))
            known = Store(conn).links.by_remote((LinkRole.ISSUE, LinkRole.TWIN), unseen)
            mark(conn, _keys(known), lane=LIVE)
        strangers = unseen - known.keys()
        try:
            early = self._adopter.look_at(strangers)
        except FarSideError:
            with self._db.write() as conn:  # the next poll looks again, and not at what needs no look
                named = {id_: at for id_, at in changes.ids.items() if id_ in known}
                self._note(conn, Side.JIRA, changes, named)
            raise
        with self._db.write() as conn:
            seen = {id_: at for id_, at in changes.ids.items() if id_ not in early}
            self._saw(conn, Side.JIRA, _until(changes, early), seen, strangers)
        return len(unseen)

    def _jira_changes(self, since: datetime) -> Changes:
        """Of all projects in one search; where Jira refuses one of them, of the others, with an alert for that one."""
        with self._db.read() as conn:  # people may have moved a counterpart to a project of no audit
            projects = sorted({*self._sites.projects(), *Store(conn).links.projects()})
        try:
            changes = self._sites.jira.changed_since(since, projects)
        except Refused:
            found = [self._changes_of(project, since) for project in projects]
        else:
            self._all_is_well()
            return changes
        ids = {id_: at for changes in found for id_, at in changes.ids.items()}
        seen = [changes.seen_until for changes in found if changes.seen_until]
        began = [changes.began_at for changes in found if changes.began_at]
        return Changes(ids, min(seen) if len(seen) == len(found) else None, began_at=min(began, default=None))

    def _all_is_well(self) -> None:
        with self._db.read() as conn:
            over = {alert.name for alert in Store(conn).alerts.current() if alert.name.startswith("poll:")}
        if over:
            with self._db.write() as conn:
                Store(conn).alerts.clear_all(over)

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
        self._brakes.look_again(LinkRole.PAGE)
        spaces = self._sites.spaces(again=told_unseen(self._db))
        shown = {key: id_ for key, id_ in spaces.items() if id_}
        tell_unseen(self._db, shown, spaces.keys() - shown.keys())
        space_ids = sorted(shown.values())
        changes = self._look(Side.CONFLUENCE, lambda since: self._sites.confluence.changed_since(since, space_ids))
        with self._db.write() as conn:
            mark(conn, _elsewhere(conn), lane=SWEEP)
            changed = {name: entry.changed_at for name, entry in changes.entries.items()}
            unseen = [changes.entries[name] for name in Store(conn).seen.unseen(Side.CONFLUENCE, changed)]
            known = Store(conn).links.by_remote(LinkRole.PAGE, {entry.page_id for entry in unseen})
            for facet in {entry.facet for entry in unseen}:
                pages = {entry.page_id for entry in unseen if entry.facet == facet}
                keys = _keys({id_: known[id_] for id_ in pages & known.keys()})
                mark(conn, keys, lane=LIVE, facets=_FACETS.get(facet, 0))
            strangers = {name for name, entry in changes.entries.items() if entry.page_id not in known}
            self._saw(conn, Side.CONFLUENCE, changes, changed, strangers)
        return len({entry.page_id for entry in unseen})

    def _look(self, side: Side, ask: Callable[[datetime], Changes]) -> Changes:
        with self._db.read() as conn:
            cursors, now = Store(conn).cursors, self._db.now(conn)
            newest, polled_at = cursors.get(f"poll:{side}"), cursors.get(f"polled:{side}")
        changes = ask(newest - OVERLAP if newest else now - FIRST_LOOK)
        if not _is_set_back(newest, changes) or changes.began_at is None:
            return changes
        # It was set back since the last poll, so what is new was stamped after that poll by the clock as it goes now.
        passed = max(now - polled_at, timedelta(0)) if polled_at else FIRST_LOOK
        return ask(changes.began_at - passed - OVERLAP)

    def _saw(
        self,
        conn: Connection,
        side: Side,
        changes: Changes,
        changed: Mapping[str, datetime],
        strangers: Collection[str],
    ) -> None:
        store = Store(conn)
        self._note(conn, side, changes, changed, strangers)
        newest = store.cursors.get(f"poll:{side}")
        is_later = changes.seen_until and (newest is None or changes.seen_until > newest)
        if changes.seen_until and (is_later or _is_set_back(newest, changes)):
            store.cursors.set(f"poll:{side}", changes.seen_until)
        now = self._db.now(conn)
        store.cursors.set(f"polled:{side}", now)
        cursors = [store.cursors.get(f"poll:{each}") for each in (Side.JIRA, Side.CONFLUENCE)]
        store.seen.prune(min([now - KEPT, *(at - 2 * OVERLAP for at in cursors if at)]))

    def _note(
        self,
        conn: Connection,
        side: Side,
        changes: Changes,
        changed: Mapping[str, datetime],
        strangers: Collection[str] = (),
    ) -> None:
        """In the ledger, what need not be marked again."""
        over = {name: at for name, at in changed.items() if not _may_be_stamped_again(at, changes)}
        seen = {name: at for name, at in over.items() if name not in strangers or not _may_be_ours(at, changes)}
        Store(conn).seen.mark(side, seen)


def _elsewhere(conn: Connection) -> list[str]:
    """Requests whose pages stand in another space: no list that is read shows what is written on them."""
    names = [alert.name for alert in Store(conn).alerts.current() if alert.name.startswith(MOVED)]
    return [record_key(name.removeprefix(MOVED).partition(":")[0]) for name in names]


def _until(changes: Changes, again: Collection[str]) -> Changes:
    """The same, seen only up to those that are to be looked at again."""
    if not again or changes.seen_until is None:
        return changes
    return replace(changes, seen_until=min(changes.seen_until, *(changes.ids[id_] for id_ in again)))


def _keys(known: Mapping[str, Iterable[tuple[str, LinkRole]]]) -> list[str]:
    return sorted({record_key(uid) for records in known.values() for uid, _ in records})


def _is_set_back(newest: datetime | None, changes: Changes) -> bool:
    """Whether the site's clock stands before the newest change that was seen."""
    return newest is not None and changes.began_at is not None and changes.began_at < newest - TICK


def _may_be_stamped_again(at: datetime, changes: Changes) -> bool:
    """Whether a change may still come that has this very time stamp, so that the ledger would take it for seen."""
    return changes.began_at is not None and changes.began_at <= at < changes.began_at + TICK


def _may_be_ours(at: datetime, changes: Changes) -> bool:
    """Whether a change of what the register does not know may be of something that it is about to know."""
    return changes.began_at is None or at > changes.began_at - UNNAMED
