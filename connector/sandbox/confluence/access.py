"""Who may see and do what: space permissions, then a page's own restrictions.

What a caller may not see is not there (404). What it sees and may not do is forbidden (403) in v1; in v2 it is 404
too, as the document says of each operation, but for creating a page: a recorded site answers 403 to that.
"""

from __future__ import annotations

from connector.sandbox.accounts import Account
from connector.sandbox.confluence.errors import ForbiddenError, LoginError, NotFoundError
from connector.sandbox.confluence.state import ANYONE, EDIT, GROUP, VIEW, Attachment, Comment, Page, Permission, Space
from connector.sandbox.site import Site

NOBODY = Account("", "Anonymous", "")
"""Who calls without a login, where some space is open to anyone."""


def caller(site: Site, actor: Account | None) -> Account:
    """Who calls; LoginError for nobody on a site that shows nothing to anyone."""
    if actor is not None:
        return actor
    if any(ANYONE in space.permissions for space in site.confluence.spaces.values()):
        return NOBODY
    raise LoginError


def held(by: Account, space: Space) -> frozenset[Permission]:
    """All that an account may do in a space: its own grants, and those of anyone."""
    own = space.permissions.get(by.account_id, frozenset()) if by.has_confluence else frozenset()
    given = space.permissions.get(ANYONE)
    return own | given if given else own


def may(by: Account, space: Space, permission: Permission) -> bool:
    """Whether a space grants a permission; an account that has no Confluence has only what anyone has."""
    return permission in held(by, space)


def may_view(site: Site, by: Account, page: Page) -> bool:
    """Whether the account sees the page: the space, and the read restrictions of it and of all above it."""
    state = site.confluence
    if page.status == "deleted" or not may(by, state.spaces[page.space_id], VIEW):
        return False
    return all(_admits(part, "read", by) for part in [page, *state.ancestors(page)])


def may_edit(site: Site, by: Account, page: Page) -> bool:
    space = site.confluence.spaces[page.space_id]
    return may_view(site, by, page) and may(by, space, EDIT) and _admits(page, "update", by)


def space(site: Site, by: Account, space_id: str) -> Space:
    """The space, if the account sees it."""
    found = site.confluence.spaces.get(space_id)
    if found is None or not may(by, found, VIEW):
        raise NotFoundError
    return found


def page(site: Site, by: Account, page_id: str) -> Page:
    """The page in whatever status but deleted, if the account sees it."""
    found = site.confluence.pages.get(page_id)
    if found is None or not may_view(site, by, found):
        raise NotFoundError
    return found


def editable_page(site: Site, by: Account, page_id: str) -> Page:
    found = page(site, by, page_id)
    if not may_edit(site, by, found):
        raise ForbiddenError(f"User {by.account_id} is not permitted to edit content {page_id}")
    return found


def comment(site: Site, by: Account, comment_id: str, kind: str | None = None) -> Comment:
    """The comment, if it is of that kind and its page is seen and not in the trash."""
    found = site.confluence.comments.get(comment_id)
    if found is None or kind not in (None, found.kind):
        raise NotFoundError
    if page(site, by, found.page_id).status == "trashed":
        raise NotFoundError
    return found


def attachment(site: Site, by: Account, attachment_id: str) -> Attachment:
    """The attachment, current or trashed; ids are accepted with and without `att`."""
    wanted = attachment_id if attachment_id.startswith("att") else f"att{attachment_id}"
    found = site.confluence.attachments.get(wanted)
    if found is None:
        raise NotFoundError
    page(site, by, found.page_id)
    return found


def require(site: Site, by: Account, on: Page, permission: Permission) -> None:
    """Refuse with 403 unless the page's space grants the permission."""
    if not may(by, site.confluence.spaces[on.space_id], permission):
        operation, target = permission
        raise ForbiddenError(f"User {by.account_id} is not permitted to {operation} {target} on {on.content_id}")


def _admits(part: Page, operation: str, by: Account) -> bool:
    allowed = part.restrictions.get(operation)
    return not allowed or by.account_id in allowed or any(GROUP + group in allowed for group in by.groups)
