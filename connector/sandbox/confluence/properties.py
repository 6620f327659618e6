"""Content properties: values a program keeps on a page, comment or attachment, each with its own version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access
from connector.sandbox.confluence.content import new_id
from connector.sandbox.confluence.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    stale_version,
)
from connector.sandbox.confluence.state import COMMENT, Comment, Content, Page, Property
from connector.sandbox.site import Site

MAX_KEY = 255


def create_property(site: Site, by: Account, content: Content, key: str, value: Any) -> Property:
    """A new property; a key that is there already is a ConflictError."""
    _require_update(site, by, content)
    if not key or len(key) > MAX_KEY:
        raise InvalidError(f"A property key must have 1 to {MAX_KEY} characters")
    if any(held.key == key for held in content.properties.values()):
        raise ConflictError(f"Property with key [{key}] already exists")
    made = Property(new_id(site), key, value, 1, by.account_id, site.now())
    content.properties[made.property_id] = made
    return made


def update_property(
    site: Site,
    by: Account,
    content: Content,
    property_id: str,
    *,
    key: str,
    value: Any,
    number: int,
    message: str = "",
) -> Property:
    """A new value; `number` must be the current version plus one, else ConflictError."""
    _require_update(site, by, content)
    held = get_property(content, property_id)
    if key != held.key:
        raise InvalidError(f"The key of a property cannot be changed from [{held.key}] to [{key}]")
    if number != held.number + 1:
        raise stale_version("property", held.number, number)
    made = replace(held, value=value, number=number, author_id=by.account_id, created_at=site.now(), message=message)
    content.properties[property_id] = made
    return made


def delete_property(site: Site, by: Account, content: Content, property_id: str) -> None:
    _require_update(site, by, content)
    del content.properties[get_property(content, property_id).property_id]


def get_property(content: Content, property_id: str) -> Property:
    """One property by id, which changes when the key is deleted and made again."""
    held = content.properties.get(property_id)
    if held is None:
        raise NotFoundError
    return held


def _require_update(site: Site, by: Account, content: Content) -> None:
    """Properties follow the content's own edit permission; on a comment that is the permission to comment."""
    if isinstance(content, Comment):
        access.require(site, by, site.confluence.pages[content.page_id], COMMENT)
    elif isinstance(content, Page) and not access.may_edit(site, by, content):
        raise ForbiddenError(f"User {by.account_id} is not permitted to edit content {content.content_id}")
