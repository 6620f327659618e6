"""Confluence's lists, and who stands behind an account id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connector.bounds import pages
from connector.confluence_shapes import Bean
from connector.refusals import Reply
from connector.session import Wire
from mappings.errors import Gone

NAMES_SIZE = 250
NOBODY = "(unknown)"


def every(
    wire: Wire, template: str, *, path: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None
) -> Iterator[Bean]:
    """All results of a v2 list, page after page, as far as the reader goes."""
    for reply in replies(wire, template, path=path, params=params):
        yield from reply.body["results"]


def replies(
    wire: Wire, template: str, *, path: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None
) -> Iterator[Reply]:
    """The answers of a v2 list. Of the link to the next one only the query counts: its path has `/wiki` or has not."""
    following: Mapping[str, Any] | None = params
    for _ in pages(f"the list {template}"):
        reply = wire.read("GET", template, path=path, params=following)
        yield reply
        link = (reply.body.get("_links") or {}).get("next")
        if not link:
            return
        following = _query(link)


def _query(link: str) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(urlsplit(link).query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return query


class Names:
    """Display names by account id, asked for once each."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def look_up(self, wire: Wire, account_ids: Collection[str]) -> Mapping[str, str]:
        """A name for each id, 250 unknown ones a call; `(unknown)` where Confluence shows none."""
        unknown = sorted({account_id for account_id in account_ids if account_id} - self._names.keys())
        for start in range(0, len(unknown), NAMES_SIZE):
            block = unknown[start : start + NAMES_SIZE]
            self._names |= dict.fromkeys(block, NOBODY) | _names(wire, block)
        return {account_id: self._names.get(account_id, NOBODY) for account_id in account_ids}


def _names(wire: Wire, account_ids: list[str]) -> dict[str, str]:
    try:
        body = wire.ask("/wiki/api/v2/users-bulk", json={"accountIds": account_ids})
    except Gone:  # the documented answer to an account that may not view profiles: names are a courtesy
        return {}
    return {bean["accountId"]: bean.get("displayName") or bean.get("publicName") or NOBODY for bean in body["results"]}
