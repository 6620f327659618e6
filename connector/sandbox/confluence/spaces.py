"""Making a space, and letting people into it."""

from __future__ import annotations

import re

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import content, pages
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import ADMIN, ANYONE, VIEW, Permission, Space
from connector.sandbox.site import Site

HOME = '<ac:structured-macro ac:name="children"/>'
"""What a new home page shows: the way to the pages below it."""


def create_space(site: Site, by: Account, *, key: str, name: str) -> Space:
    """A space with its home page, administered by who made it."""
    state = site.confluence
    if not re.fullmatch(r"~?[A-Za-z0-9]{1,255}", key):
        raise InvalidError(f"Space key is invalid: {key}")
    if any(space.key.lower() == key.lower() for space in state.spaces.values()):
        raise InvalidError(f"A space already exists with key {key}")
    space = Space(content.new_id(site), key, name, by.account_id, site.now())
    space.permissions[by.account_id] = ADMIN
    state.spaces[space.space_id] = space
    home = pages.create_page(site, by, space_id=space.space_id, title=name, body=HOME, root_level=True)
    space.homepage_id = home.content_id
    return space


def grant(space: Space, account: Account, permissions: frozenset[Permission]) -> None:
    """Set what an account may do in a space; an empty set takes it out."""
    space.permissions[account.account_id] = permissions
    if not permissions:
        del space.permissions[account.account_id]


def open_to_anyone(space: Space) -> None:
    """Make a space public: whoever calls, logged in or not, may look at it."""
    space.permissions[ANYONE] = frozenset({VIEW})
