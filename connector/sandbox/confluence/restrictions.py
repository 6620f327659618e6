"""Who alone may read or update one page: people and groups."""

from __future__ import annotations

from collections.abc import Mapping

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import GROUP, RESTRICT, Page
from connector.sandbox.site import Site

OPERATIONS = ("read", "update")
Holders = Mapping[str, frozenset[str]]


def replace_all(site: Site, by: Account, page_id: str, wanted: Holders) -> Page:
    """Who alone may read or update a page: account ids, or `group:` and a group's id; an empty set restricts nothing.

    Replaces all that were there, and locks out a caller that does not name itself, as the real one may.
    """
    page = _restrictable(site, by, page_id, wanted)
    page.restrictions = {operation: who for operation, who in wanted.items() if who}
    return page


def add(site: Site, by: Account, page_id: str, wanted: Holders) -> Page:
    """More who may; those who might before still may."""
    page = _restrictable(site, by, page_id, wanted)
    for operation, who in wanted.items():
        if who:
            page.restrictions[operation] = page.restrictions.get(operation, frozenset()) | who
    return page


def remove(site: Site, by: Account, page_id: str, operation: str, holder: str) -> Page:
    """One fewer; with the last one gone, nothing is restricted."""
    page = _restrictable(site, by, page_id, {operation: frozenset({holder})})
    left = page.restrictions.get(operation, frozenset()) - {holder}
    page.restrictions = {**page.restrictions, operation: left}
    if not left:
        del page.restrictions[operation]
    return page


def groups(site: Site) -> set[str]:
    """The site's groups, by id, which here is their name."""
    return {group for account in site.accounts.values() for group in account.groups}


def _restrictable(site: Site, by: Account, page_id: str, wanted: Holders) -> Page:
    page = access.editable_page(site, by, page_id)
    access.require(site, by, page, RESTRICT)
    for operation, who in wanted.items():
        if operation not in OPERATIONS:
            raise InvalidError(f"Restrictions can be set on read and update, not on {operation}")
        for holder in who:
            if holder not in site.accounts and holder.removeprefix(GROUP) not in groups(site):
                raise InvalidError(f"There is no user or group {holder.removeprefix(GROUP)}")
    return page
