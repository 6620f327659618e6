"""Somebody else's object that has a counterpart's id: ids are each site's own, and the mapping file names another site.

A site that has a new address shows the objects it had, with what Tieout left on them. Where the address is the one that
a link knows, its id is enough: people may take away all that Tieout wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from .far import Fetched, IssueView, PageView
from .records import Link, marker

View = TypeVar("View", IssueView, PageView)


def without_strangers(fetched: Fetched[View], links: Iterable[Link]) -> Fetched[View]:
    """What came for these links, with those objects among the missing that are none of theirs."""
    strange = {
        link.remote_id: f"what has its id on {_host(view.url)} is not what Tieout knows: is that another site?"
        for link in links
        if link.remote_id and (view := fetched.found.get(link.remote_id)) and _is_strange(view, link)
    }
    if not strange:
        return fetched
    found = {id_: view for id_, view in fetched.found.items() if id_ not in strange}
    return replace(fetched, found=found, missing={**fetched.missing, **strange})


def _is_strange(view: IssueView | PageView, link: Link) -> bool:
    is_elsewhere = bool(view.url and link.url) and _host(view.url) != _host(link.url)
    return is_elsewhere and not _has_our_mark(view, link.record)


def _has_our_mark(view: IssueView | PageView, uid: str) -> bool:
    if isinstance(view, PageView):
        return uid in view.body
    return view.made_for == uid or marker(uid) in view.labels


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
