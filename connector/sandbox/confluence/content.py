"""What every piece of content must satisfy, and where its ids come from."""

from __future__ import annotations

import uuid

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.errors import InvalidError, TooLargeError
from connector.sandbox.confluence.state import Page
from connector.sandbox.site import Site

MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_TITLE = 255
TITLE_TAKEN = "A page with this title already exists: A page already exists with the same TITLE in this space"


def new_id(site: Site) -> str:
    """An id for any content: pages, comments, attachments, properties and labels share one sequence."""
    return str(site.next_id("confluence-content"))


def new_uuid(site: Site) -> str:
    """A repeatable uuid, such as the editor's ids and comment markers have."""
    return str(uuid.UUID(int=site.rng.getrandbits(128), version=4))


def checked_body(body: str) -> str:
    """The body, if it is storage format of at most 5 MB."""
    if len(body.encode()) > MAX_BODY_BYTES:
        raise TooLargeError("The request is too large in size (over 5 MB)")
    try:
        storage.validate(body)
    except storage.StorageInvalidError as error:
        raise InvalidError(f"Error parsing xhtml: {error}") from error
    return body


def check_title(site: Site, space_id: str, title: str, own: Page | None) -> None:
    """Refuse an empty title, one that is too long, and one another page of the space holds."""
    if not title.strip():
        raise InvalidError("title must be provided when content status is 'current'")
    if len(title) > MAX_TITLE:
        raise InvalidError(f"Title cannot be longer than {MAX_TITLE} characters.")
    holder = site.confluence.page_titled(space_id, title)
    if holder is not None and holder is not own:
        raise InvalidError(TITLE_TAKEN)
