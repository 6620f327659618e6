"""Who alone may read or update one page."""

from __future__ import annotations

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import RESTRICT, Page
from connector.sandbox.site import Site


def set_restrictions(site: Site, by: Account, page_id: str, restrictions: dict[str, frozenset[str]]) -> Page:
    """Who alone may read or update a page, by account id; an empty set restricts nothing.

    Replaces all that were there, and locks out a caller that does not name itself, as the real one may.
    """
    page = access.editable_page(site, by, page_id)
    access.require(site, by, page, RESTRICT)
    for operation in restrictions:
        if operation not in ("read", "update"):
            raise InvalidError(f"Restrictions can be set on read and update, not on {operation}")
    page.restrictions = {operation: who for operation, who in restrictions.items() if who}
    return page
