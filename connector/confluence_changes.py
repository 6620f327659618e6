"""What changed on Confluence since a moment, from lists sorted by change: five calls when nothing has.

Confluence reports nothing by itself. Pages, footer comments, inline comments and files each have a list with the
newest change first, read until something older comes; ticked tasks can be asked for by time. Deletions show nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from connector import confluence_read
from connector import confluence_shapes as shapes
from connector.confluence_lists import replies
from connector.confluence_shapes import Bean
from connector.quiet import seen_until
from connector.refusals import answered_at
from connector.session import Wire
from mappings.errors import Gone
from mappings.far import Changes, PageEntry

LIST_SIZE = 100
V2 = "/wiki/api/v2"
PAGE, COMMENTS, FILES = "page", "comments", "files"
COMMENT_LISTS = ("footer-comments", "inline-comments")
MOST_ANCESTORS = 20
MOST_SPACES = 100
"""So many space ids the list of pages takes in one call."""


def changed_since(wire: Wire, since: datetime, space_ids: Collection[str]) -> Changes:
    """Pages of the spaces, with what of them changed. Comments and files are listed for the whole site, so pages of
    other spaces may be among them: the caller knows its pages.

    `seen_until` is never later than the site's clock at the first call: what changes while the later lists are read
    must be seen by the next poll.
    """
    if not space_ids:
        return Changes({}, None)
    sweep = _Sweep(wire, since)
    ordered = sorted(space_ids)
    for start in range(0, len(ordered), MOST_SPACES):
        listed = {"space-id": ",".join(ordered[start : start + MOST_SPACES]), "status": confluence_read.SHOWN}
        sweep.note(PAGE, sweep.newest_first(f"{V2}/pages", listed), lambda bean: str(bean["id"]))
        sweep.note_tasks(listed["space-id"])
    for name in COMMENT_LISTS:
        sweep.note(COMMENTS, sweep.newest_first(f"{V2}/{name}"), lambda bean, name=name: _page_of(wire, name, bean))
    sweep.note(FILES, sweep.newest_first(f"{V2}/attachments"), lambda bean: bean.get("pageId"))
    if not sweep.has_seen_pages:
        confluence_read.whoami(wire)  # every space has its home page: no page at all is how nobody sees it
    return sweep.changes()


class _Sweep:
    """One pass over the lists, collecting pages by id."""

    def __init__(self, wire: Wire, since: datetime) -> None:
        self._wire, self._since = wire, since
        self._changed_at: dict[str, datetime] = {}
        self._facets: defaultdict[str, set[str]] = defaultdict(set)
        self._entries: dict[str, PageEntry] = {}
        self._begun_at: datetime | None = None
        self.has_seen_pages = False

    def newest_first(self, template: str, params: Mapping[str, Any] | None = None) -> Iterator[Bean]:
        """The entries changed at or after `since`."""
        asked = {**(params or {}), "sort": "-modified-date", "limit": LIST_SIZE}
        for reply in replies(self._wire, template, params=asked):
            self._begun_at = self._begun_at or answered_at(reply)
            for bean in reply.body["results"]:
                self.has_seen_pages = self.has_seen_pages or "spaceId" in bean
                if shapes.moment(bean["version"]["createdAt"]) < self._since:
                    return
                yield bean

    def note(self, facet: str, beans: Iterator[Bean], page_of: Any) -> None:
        for bean in beans:
            page_id = page_of(bean)
            if page_id:
                self._add(f"{facet}:{bean['id']}", str(page_id), facet, shapes.moment(bean["version"]["createdAt"]))

    def note_tasks(self, space_ids: str) -> None:
        """Pages on which a box was ticked. (One that was cleared again is seen with the next change of its page.)"""
        since_ms = int(self._since.timestamp() * 1000)
        asked = {"space-id": space_ids, "completed-at-from": since_ms, "limit": LIST_SIZE}
        for reply in replies(self._wire, f"{V2}/tasks", params=asked):
            for bean in reply.body["results"]:
                if bean.get("pageId") and bean.get("completedAt"):
                    name, page_id = f"task:{bean['id']}", str(bean["pageId"])
                    self._add(name, page_id, PAGE, shapes.moment(bean["completedAt"]))

    def changes(self) -> Changes:
        newest = max(self._changed_at.values(), default=None)
        until = seen_until(newest, self._begun_at)
        facets = {page_id: frozenset(names) for page_id, names in self._facets.items()}
        return Changes(self._changed_at, until, facets, self._entries, self._begun_at)

    def _add(self, name: str, page_id: str, facet: str, changed_at: datetime) -> None:
        self._entries[name] = PageEntry(page_id, facet, changed_at)
        self._changed_at[page_id] = max(changed_at, self._changed_at.get(page_id, changed_at))
        self._facets[page_id].add(facet)


def _page_of(wire: Wire, name: str, bean: Bean) -> str | None:
    """The page a comment is on; a reply may name only what it answers."""
    for _ in range(MOST_ANCESTORS):
        if bean.get("pageId") or not bean.get("parentCommentId"):
            return bean.get("pageId")
        try:
            bean = wire.get(f"{V2}/{name}/{{comment}}", path={"comment": str(bean["parentCommentId"])})
        except Gone:  # deleted in between, and its replies with it
            return None
    return None
