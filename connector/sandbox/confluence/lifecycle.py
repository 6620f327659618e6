"""Where a page is: in the tree, in the trash, in the archive, gone, or under another page."""

from __future__ import annotations

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, index, webhooks
from connector.sandbox.confluence.content import check_title
from connector.sandbox.confluence.errors import InvalidError, NotFoundError
from connector.sandbox.confluence.state import ADMINISTER, ARCHIVE, DELETE, Page
from connector.sandbox.site import Site


def trash_page(site: Site, by: Account, page_id: str) -> None:
    """To the trash; the pages under it move up to its parent."""
    page = access.page(site, by, page_id)
    access.require(site, by, page, DELETE)
    if page.status == "trashed":
        raise NotFoundError
    for child in site.confluence.children(page_id):
        child.parent_id = page.parent_id
        index.note_page(site, child)
    page.status, page.parent_id = "trashed", None
    _note_everything_on(site, page)
    webhooks.page_event(site, "page_trashed", by, page)


def restore_page(site: Site, by: Account, page_id: str) -> Page:
    """Back from the trash or the archive, under the home page when its parent is gone; the version stays."""
    state = site.confluence
    page = access.editable_page(site, by, page_id)
    was = page.status
    if was == "trashed":
        check_title(site, page.space_id, page.title, page)
        page.parent_id = state.spaces[page.space_id].homepage_id
    page.status = "current"
    _note_everything_on(site, page)
    webhooks.page_event(site, "page_restored", by, page)
    return page


def purge_page(site: Site, by: Account, page_id: str) -> None:
    """Gone for good, with everything on it; only from the trash."""
    state = site.confluence
    page = access.page(site, by, page_id)
    access.require(site, by, page, ADMINISTER)
    if page.status != "trashed":
        raise InvalidError("Only content in the trash can be purged")
    page.status = "deleted"
    webhooks.page_event(site, "page_removed", by, page)
    for task in state.tasks.on(page_id):
        del state.tasks[task.task_id]
    for comment in state.comments.on(page_id):
        del state.comments[comment.content_id]
    for attachment in state.attachments.on(page_id):
        del state.attachments[attachment.content_id]


def archive_page(site: Site, by: Account, page_id: str) -> None:
    """Out of the tree and of search; readable by id, its title stays taken. Pages under it stay where they are."""
    page = access.page(site, by, page_id)
    access.require(site, by, page, ARCHIVE)
    if page.status != "current":
        raise InvalidError(f"Content {page_id} is not current and cannot be archived")
    page.status = "archived"
    _note_everything_on(site, page)
    webhooks.page_event(site, "page_archived", by, page)


def move_page(site: Site, by: Account, page_id: str, parent_id: str) -> Page:
    """Under another page, of the same or another space; the version stays."""
    state = site.confluence
    page = access.editable_page(site, by, page_id)
    target = access.page(site, by, parent_id)
    if target is page or page in state.ancestors(target):
        raise InvalidError("A page cannot be moved under itself or one of its descendants")
    if target.space_id != page.space_id:
        check_title(site, target.space_id, page.title, page)
    old_parent_id, page.parent_id = page.parent_id, parent_id
    page.position = site.next_id("confluence-position")
    for moved in [page, *descendants(site, page)]:
        moved.space_id = target.space_id
        index.note_page(site, moved)
    old_parent = webhooks.parent_reference(old_parent_id)
    webhooks.page_event(site, "page_moved", by, page, oldParent=old_parent)
    return page


def descendants(site: Site, page: Page) -> list[Page]:
    """Everything under a page, parents before children."""
    found: list[Page] = []
    for child in site.confluence.children(page.content_id):
        found += [child, *descendants(site, child)]
    return found


def _note_everything_on(site: Site, page: Page) -> None:
    state = site.confluence
    index.note_page(site, page)
    for comment in state.comments.on(page.content_id):
        index.note_comment(site, comment, is_visible=page.status == "current")
