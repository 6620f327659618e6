"""Giving an adopted issue back: looked at and shown first, then Tieout's words come off the card and the link is ended.

The card is written first and the link ended after it, so that whatever stops half way leaves a link that is live, and
the same command to be given again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mappings.adoption import NAMED
from mappings.context import AuditContext
from mappings.giving_back import FOUND, Return, give_back
from mappings.issue_words import issue_text, managed_labels
from mappings.planned import Change
from mappings.records import Link, LinkRole, LinkState, Record

from . import journal
from .candidates import Candidates
from .database import Database
from .desk import Audit, DeskRefused
from .facets import ALL
from .keys import record_key
from .scene import load_families, request_uid
from .sites import Sites
from .store import Store
from .work import LIVE, mark

ADOPTED = "issue adopted"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Given:
    """An adopted issue, whose it is, and what giving it back does to it."""

    record: Record
    link: Link
    named: str
    """What the auditor's list said of it, before it was adopted."""
    todo: Return


class GivingBack:
    """Gives back issues of one audit's records. Methods raise DeskRefused, and what a site answers."""

    def __init__(self, db: Database, sites: Sites, audit: Audit, *, by: str, reason: str) -> None:
        self._db, self._sites, self._audit = db, sites, audit
        self._by, self._reason = by, reason
        self._candidates = Candidates(db, sites, audit)

    def look(self, key: str) -> Given:
        """Raises DeskRefused for an issue that is not somebody's, or was not adopted."""
        issue = self._candidates.issue(key)
        own = self._sites.own_accounts()
        with self._db.read() as conn:
            store = Store(conn)
            record = self._owner(store, issue.id, issue.key)
            link = store.links.of([record.uid])[record.uid, LinkRole.ISSUE]
            family = load_families(store, [request_uid(record)])[request_uid(record)]
            is_adopted, found = _history(conn, record, issue.id, issue.key)
            self._check(store, record, issue.key, is_adopted=is_adopted)
            ctx = self._audit.context(self._db, conn)
        labels = managed_labels(issue_text(record, family, ctx, ""), link)
        todo = give_back(link, issue, found, own, labels)
        told = tuple(_by_name(change, ctx) for change in todo.changes)
        return Given(record, link, str((found or {}).get("named") or ""), replace(todo, changes=told))

    def carry_out(self, given: Given) -> None:
        """Write the card, if anything is to be written, and end the link; what a run wrote meanwhile comes off, too."""
        self._write(given)
        with self._db.write() as conn:
            self.end(conn, given)
        key = given.link.remote_id or ""
        issue = self._sites.jira.fetch([key]).whole().found.get(key)
        if issue is not None and given.todo.edit.remove_labels & issue.labels:
            self._write(given)

    def end(self, conn: Connection, given: Given) -> None:
        """End the link in the register, journaled. The record is as one that never had an issue."""
        store, record = Store(conn), given.record
        there = store.links.of([record.uid]).get((record.uid, LinkRole.ISSUE))
        if there is None or there.remote_id != given.link.remote_id or there.state is not LinkState.LIVE:
            raise DeskRefused(f"{record.number}: its issue was changed meanwhile; look again")
        store.links.put(Link(record.uid, LinkRole.ISSUE, LinkState.PENDING))
        request = store.records.get([request_uid(record)])[request_uid(record)]
        if given.named and NAMED not in request.extra:
            store.records.put(replace(request, extra={**request.extra, NAMED: given.named}))
        undone = {change.field: change.before for change in given.todo.changes}
        why = self._reason or "it is nobody's counterpart any more"
        what, before = (
            "issue given back",
            {"issue": given.link.key, "taken back": undone, "left": list(given.todo.left)},
        )
        at = self._db.now(conn)
        journal.append(conn, who=self._by, what=what, record=record.uid, before=before, after=None, why=why, at=at)
        relatives = [request.uid, *(task.uid for task in store.records.tasks_of([request.uid])[request.uid])]
        mark(conn, [record_key(uid) for uid in relatives], lane=LIVE, facets=ALL)

    def _write(self, given: Given) -> None:
        edit = given.todo.edit
        if edit.changes or edit.remove_labels or edit.own:
            self._sites.jira.edit(given.link.remote_id or "", edit)

    def _owner(self, store: Store, issue_id: str, key: str) -> Record:
        owners = store.links.by_remote(LinkRole.ISSUE, [issue_id]).get(issue_id, [])
        records = [record for uid, _ in owners for record in store.records.get([uid]).values()]
        mine = [record for record in records if record.audit == self._audit.key]
        if not mine:
            raise DeskRefused(f"{key} is no counterpart of anything in audit {self._audit.key}")
        return mine[0]

    def _check(self, store: Store, record: Record, key: str, *, is_adopted: bool) -> None:
        if not is_adopted:
            raise DeskRefused(f"{key} was not adopted for {record.number}: only what was there before is given back")
        if LinkRole.ISSUE in store.brakes.held():
            raise DeskRefused("a brake is pulled on Jira, so nothing is written there: `tieout brakes`")
        if any(each.role is LinkRole.ISSUE for each in store.conflicts.open([record.uid])):
            raise DeskRefused(f"{record.number} has a conflict that waits for a person: settle it first")


def _by_name(change: Change, ctx: AuditContext) -> Change:
    """An owner as people are called."""
    if change.field != "owner":
        return change
    names = [
        person.name if value and (person := ctx.person_of(str(value))) else value
        for value in (change.before, change.after)
    ]
    return replace(change, before=names[0], after=names[1])


def _history(conn: Connection, record: Record, issue_id: str, key: str) -> tuple[bool, Mapping[str, object] | None]:
    """Whether the issue was adopted for a record, and what the journal kept of it then."""
    is_adopted, found, after = False, None, 0
    while page := journal.entries(conn, record.uid, after, _PAGE):
        for entry in page:
            if entry.what == ADOPTED:
                is_adopted = is_adopted or entry.after == key
            elif entry.what == FOUND and entry.before.get("id") == issue_id:
                is_adopted, found = True, entry.before
        after = page[-1].n
    return is_adopted, found
