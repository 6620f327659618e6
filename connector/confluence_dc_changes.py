"""What changed on Confluence Data Center since a moment: by CQL, as there is no list sorted by change.

The index lags by seconds, and its times are to the minute in the zone of the account's profile, which nobody tells; so
it is asked for a span before now, and what came earlier than wanted is left out here. Deletions show nowhere, and a box
that is ticked shows with the next change of its page, or with the sweep.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from connector import confluence_dc_read
from connector.confluence_dc_people import Keys
from connector.confluence_dc_read import PAGE_PARTS, every, page_view
from connector.confluence_shapes import Bean, moment
from connector.jira_read import quoted
from connector.quiet import seen_until
from connector.refusals import answered_at
from connector.session import Wire
from mappings.errors import TryLater
from mappings.far import Changes, PageEntry, PageView

FACETS = {"page": "page", "comment": "comments", "attachment": "files"}
SLACK_MIN = 2


def changed_since(wire: Wire, since: datetime, space_keys: Collection[str]) -> Changes:
    """Pages of the spaces, with what of them changed; `seen_until` is never later than the site's clock at first."""
    if not space_keys:
        return Changes({}, None)
    began_at = _time_there(wire)
    confluence_dc_read.whoami(wire)
    names = ", ".join(quoted(key) for key in sorted(space_keys))
    kinds = ", ".join(FACETS)
    changed = f"lastmodified >= {_moment(since, began_at)} order by lastmodified asc"
    cql = f"space in ({names}) and type in ({kinds}) and {changed}"
    entries: dict[str, PageEntry] = {}
    for bean in every(wire, "/rest/api/content/search", params={"cql": cql, "expand": "version,container"}):
        entry = _entry(bean)
        if entry is not None and entry.changed_at >= since:
            entries[f"{entry.facet}:{bean['id']}"] = entry
    return _changes(entries, began_at)


def made_since(wire: Wire, keys: Keys, site: str, since: datetime, space_key: str) -> Iterator[PageView]:
    """Pages made since, and some that were made a little earlier, newest first; those that are in the index by now."""
    made = f"created >= {_moment(since, _time_there(wire))} order by created desc"
    asked = {"cql": f"space = {quoted(space_key)} and type = page and {made}", "expand": PAGE_PARTS}
    for bean in every(wire, "/rest/api/content/search", params=asked):
        yield page_view(wire, keys, site, bean)


def _time_there(wire: Wire) -> datetime:
    time = answered_at(wire.read("GET", "/rest/api/user/current"))
    if time is None:
        raise TryLater(f"{wire.base_url} does not say what time it has: is something before it that drops Date?")
    return time


def _moment(since: datetime, time_there: datetime) -> str:
    """A moment in CQL's words, or a little earlier."""
    minutes = max(0, math.ceil((time_there - since).total_seconds() / 60)) + SLACK_MIN
    return f'now("-{minutes}m")'


def _entry(bean: Bean) -> PageEntry | None:
    """What changed; None for what hangs on no page, such as a file of a space's own."""
    holder = bean if bean["type"] == "page" else bean.get("container") or {}
    if holder.get("type") != "page":
        return None
    return PageEntry(str(holder["id"]), FACETS[bean["type"]], moment(bean["version"]["when"]))


def _changes(entries: dict[str, PageEntry], began_at: datetime) -> Changes:
    changed_at: dict[str, datetime] = {}
    facets: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries.values():
        changed_at[entry.page_id] = max(entry.changed_at, changed_at.get(entry.page_id, entry.changed_at))
        facets[entry.page_id].add(entry.facet)
    until = seen_until(max(changed_at.values(), default=None), began_at)
    shown = {page_id: frozenset(names) for page_id, names in facets.items()}
    return Changes(changed_at, until, shown, entries, began_at)
