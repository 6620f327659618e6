"""Mending links: a detached counterpart is taken up again, another one takes its place, or a new one is to be made.

Each only on a person's word, and each after asking the site: what is there is never made twice, and no object becomes
the counterpart of two records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mappings.context import Family
from mappings.far import RemoteComment
from mappings.hearing import uid_for
from mappings.issue_words import issue_text, managed_labels, said_by_issue
from mappings.merge import NOT_AGREED
from mappings.page_words import FIELDS, said_by_page
from mappings.records import Comment, Link, LinkRole, LinkState, Record, Side, Value, Visibility

from . import journal
from .candidates import Candidates
from .database import Database
from .desk import Audit, DeskRefused, find_record
from .facets import ALL
from .keys import record_key
from .planner import has_counterparts
from .scene import load_families, request_uid
from .sites import Sites
from .spaces import moved_name
from .store import Store, Taken
from .stuck import want_told
from .work import LIVE, mark


@dataclass(frozen=True, slots=True)
class Detached:
    """A counterpart that cannot be reached, and whose it is."""

    record: Record
    link: Link


@dataclass(frozen=True, slots=True)
class _Found:
    """An object on a site that is to be a record's counterpart."""

    role: LinkRole
    id: str
    key: str
    url: str
    base_theirs: dict[str, Value]
    ours: tuple[str, ...]
    """The fields on which the register's word is to be written."""
    comments: tuple[RemoteComment, ...]


def detached(store: Store, audit: str | None = None) -> list[Detached]:
    """All detached links, or those of one audit's records, by number."""
    links = store.links.detached()
    records = store.records.get([link.record for link in links])
    found = [Detached(records[link.record], link) for link in links]
    return [each for each in found if audit in (None, each.record.audit)]


class Mender:
    """Mends the links of one audit's records. All methods raise DeskRefused, and what a site answers."""

    def __init__(self, db: Database, sites: Sites, audit: Audit, *, by: str, reason: str) -> None:
        self._db = db
        self._sites = sites
        self._audit = audit
        self._candidates = Candidates(db, sites, audit)
        self._by = by
        self._reason = reason

    def take_up_again(self, number: str) -> list[Link]:
        """Link the very objects that were detached, if they can be read now; what changed there is taken in."""
        mended: list[Link] = []
        record, _, links = self._look(number)
        for link in _detached_in(links, number):
            object_id = link.remote_id or ""
            if link.role is LinkRole.ISSUE:
                issue = self._candidates.issue(object_id, of=link)
                here = replace(link, key=issue.key, url=issue.url)
            else:
                page = self._candidates.page(object_id, of=link)
                here = replace(link, key=page.title, url=page.url)
            mended.append(self._keep(record, link, replace(here, state=LinkState.LIVE, detached_reason="")))
        return mended

    def point_at_issue(self, number: str, key: str) -> Link:
        """Make another issue the record's counterpart. The register's word is written to it."""
        record, family, links = self._look(number)
        link = _detached_of(links, LinkRole.ISSUE, number)
        issue = self._candidates.issue(key)
        if issue.id == link.remote_id:
            return self.take_up_again(number)[0]
        self._candidates.check_issue(record, issue)
        with self._db.read() as conn:
            ctx = self._audit.context(self._db, conn)
        managed = managed_labels(issue_text(record, family, ctx, ""), link)
        theirs = said_by_issue(issue, managed)
        found = _Found(LinkRole.ISSUE, issue.id, issue.key, issue.url, theirs, tuple(theirs), issue.comments)
        return self._replace(record, family, link, found)

    def point_at_page(self, number: str, page_id: str) -> Link:
        """Make another page the request's evidence page. Our parts are written into it; people's text stays."""
        record, family, links = self._look(number)
        link = _detached_of(links, LinkRole.PAGE, number)
        page = self._candidates.page(page_id)
        if page.id == link.remote_id:
            return self.take_up_again(number)[0]
        self._candidates.check_page(record, page)
        comments = self._sites.confluence.comments(page.id)
        theirs = said_by_page(page.title, page.body)
        found = _Found(LinkRole.PAGE, page.id, page.title, page.url, theirs, FIELDS, comments)
        return self._replace(record, family, link, found)

    def recreate(self, number: str, roles: Iterable[LinkRole]) -> list[Link]:
        """Have new counterparts made in the place of those that are gone for good."""
        record, family, links = self._look(number)
        with self._db.read() as conn:
            ctx = self._audit.context(self._db, conn)
        if not has_counterparts(record, ctx):
            what = "the audit is closed" if ctx.rule.is_closed else f"it is {record.status.replace('_', ' ')}"
            raise DeskRefused(f"{number}: {what}, so nothing is made for it any more")
        wanted = set(roles)
        gone = [link for link in _detached_in(links, number) if not wanted or link.role in wanted]
        if not gone:
            raise DeskRefused(
                f"{number} has no detached {' or '.join(sorted(wanted))}; `tieout links` shows what it has"
            )
        for link in gone:
            self._candidates.check_gone(record, link)
        return [self._forget(record, family, link) for link in gone]

    def _look(self, number: str) -> tuple[Record, Family, list[Link]]:
        with self._db.read() as conn:
            store = Store(conn)
            record = find_record(store, self._audit.key, number)
            family = load_families(store, [request_uid(record)])[request_uid(record)]
            links = store.links.of([record.uid])
        return record, family, [link for _, link in sorted(links.items())]

    def _replace(self, record: Record, family: Family, link: Link, found: _Found) -> Link:
        own = self._sites.own_accounts()
        mended = Link(
            record=record.uid,
            role=found.role,
            state=LinkState.LIVE,
            remote_id=found.id,
            key=found.key,
            url=found.url,
            remote_version=0,
            base_ours=dict.fromkeys(found.ours, NOT_AGREED),
            base_theirs=found.base_theirs,
        )
        comments = [comment for comment in found.comments if comment.author not in own]
        return self._keep(record, link, mended, family=family, heard=comments)

    def _forget(self, record: Record, family: Family, link: Link) -> Link:
        return self._keep(record, link, Link(record.uid, link.role, LinkState.PENDING), family=family)

    def _keep(
        self,
        record: Record,
        before: Link,
        after: Link,
        *,
        family: Family | None = None,
        heard: Iterable[RemoteComment] = (),
    ) -> Link:
        """Put the link, if it is still what was looked at. With a `family`, the object is another one than before."""
        try:
            with self._db.write() as conn:
                store = Store(conn)
                if store.links.of([record.uid]).get((record.uid, before.role)) != before:
                    raise DeskRefused(f"{record.number}: its {before.role} was changed meanwhile; look again")
                store.links.put(after)
                for comment in heard:
                    store.comments.add(said_before(record, after.role, comment))
                if family is not None and after.role is LinkRole.PAGE:
                    _put_files_again(store, family)
                store.alerts.clear(f"detached:{record.uid}:{after.role}")
                if family is not None and after.role is LinkRole.PAGE:
                    store.alerts.clear(moved_name(record.uid))
                self._journal(conn, before, after)
                relatives = [each.uid for each in store.records.tasks_of([record.uid])[record.uid]]
                keys = [record_key(uid) for uid in (record.uid, request_uid(record), *relatives)]
                mark(conn, keys, lane=LIVE, facets=ALL)
                want_told(conn, [record.uid])
        except Taken as error:
            raise DeskRefused(f"{after.key} became somebody else's counterpart meanwhile: name another") from error
        return after

    def _journal(self, conn: Connection, before: Link, after: Link) -> None:
        what = f"{after.role} mended" if after.state is LinkState.LIVE else f"{after.role} to be made again"
        old, new = (link.key or link.remote_id for link in (before, after))
        now = self._db.now(conn)
        why = self._reason or f"it was detached: {before.detached_reason}"
        journal.append(
            conn, who=self._by, what=what, record=after.record, before=old, after=new or None, why=why, at=now
        )


def _detached_in(links: Iterable[Link], number: str) -> list[Link]:
    found = [link for link in links if link.state is LinkState.DETACHED]
    if not found:
        raise DeskRefused(f"{number} has no detached counterpart; `tieout links` shows those that there are")
    return found


def _detached_of(links: Iterable[Link], role: LinkRole, number: str) -> Link:
    link = next((link for link in links if link.role is role), None)
    if link is None:
        raise DeskRefused(f"{number} never had a {role}; `tieout sync` makes what is missing")
    if link.state is not LinkState.DETACHED:
        raise DeskRefused(f"the {role} of {number} is {link.key or 'being made'} and is not detached")
    return link


def said_before(record: Record, role: LinkRole, heard: RemoteComment) -> Comment:
    """What stood on an object before it became a counterpart: kept, and neither copied nor obeyed."""
    side = Side.CONFLUENCE if role is LinkRole.PAGE else Side.JIRA
    return Comment(
        uid=uid_for("comment", side, heard.id),
        record=record.uid,
        side=side,
        origin_id=heard.id,
        author=heard.author,
        author_name=heard.author_name,
        visibility=Visibility.AUDITOR if side is Side.CONFLUENCE else Visibility.INTERNAL,
        text=heard.text,
        said_at=heard.created_at,
    )


def _put_files_again(store: Store, family: Family) -> None:
    """The copies were on the page that is gone: every released file is due on the new one."""
    for item in family.evidence:
        if item.copy_id is not None:
            store.evidence.put(replace(item, copy_id=None, copy_version=None, copy_begun_at=None, copied_at=None))
