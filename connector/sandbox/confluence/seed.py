"""The one space a new site has: where the evidence of an audit is shown."""

from __future__ import annotations

from connector.sandbox.accounts import CONFLUENCE_GUESTS, CONFLUENCE_USERS
from connector.sandbox.confluence import spaces
from connector.sandbox.confluence.state import ADMIN, GUEST, MEMBER, Space
from connector.sandbox.site import Site

SPACE_KEY = "SOC2"
SPACE_NAME = "SOC 2 evidence"


def seed_space(site: Site) -> Space:
    """The space SOC2 with its home page, open to every Confluence user and, as their only one, to the guests.

    The first administrator of the site makes it; a site without one is a ValueError.
    """
    maker = next((account for account in site.accounts.values() if account.is_admin), None)
    if maker is None:
        raise ValueError("expected an account with is_admin, found none; add one before seeding the space")
    space = spaces.create_space(site, maker, key=SPACE_KEY, name=SPACE_NAME)
    for account in site.accounts.values():
        if account.is_admin:
            spaces.grant(space, account, ADMIN)
        elif CONFLUENCE_USERS in account.groups:
            spaces.grant(space, account, MEMBER)
        elif CONFLUENCE_GUESTS in account.groups:
            spaces.grant(space, account, GUEST)
    return space
